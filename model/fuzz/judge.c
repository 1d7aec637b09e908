/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judge.h"

struct judges {
	uint32_t kinds;	 /* there are */
	uint32_t active; /* watch this run */
	struct findings findings;
};

bool gb_finding_same(const struct gb_finding *a, const struct gb_finding *b)
{
	return a->judge == b->judge && a->what == b->what && strcmp(a->function, b->function) == 0;
}

const char *gb_finding_name(const struct gb_finding *f, char *buf, size_t size)
{
	switch (f->judge) {
	case GB_JUDGE_HAZARD:
		snprintf(buf, size, "hazard %s at %s", gb_hazard_name((enum gb_hazard_kind)f->what), f->function);
		break;
	case GB_JUDGE_ENDLESS:
		snprintf(buf, size, "endless: no end after %u steps", GB_FUZZ_MAX_STEPS);
		break;
	default:
		snprintf(buf, size, "?");
		break;
	}
	return buf;
}

void findings_add(struct findings *findings, const struct gb_finding *finding)
{
	for (uint32_t k = 0; k < findings->n; k++)
		if (gb_finding_same(&findings->list[k], finding))
			return;
	if (findings->n < GB_MAX_FINDINGS)
		findings->list[findings->n++] = *finding;
}

struct judges *judges_new(uint32_t kinds)
{
	struct judges *j = calloc(1, sizeof(*j));

	if (j)
		j->kinds = kinds;
	return j;
}

void judges_free(struct judges *j)
{
	free(j);
}

bool judges_begin(struct judges *j, const struct gb_trace *trace, uint32_t kinds)
{
	(void)trace;
	j->active = j->kinds & kinds;
	j->findings.n = 0;
	return true;
}

void judges_event(struct judges *j, const struct gb_event *ev)
{
	struct gb_finding finding;

	if (ev->type != GB_EV_HAZARD || !(j->active & 1U << GB_JUDGE_HAZARD))
		return;
	finding = (struct gb_finding){
		.judge = GB_JUDGE_HAZARD, .what = (uint32_t)ev->a, .function = ev->function, .req = ev->req};
	findings_add(&j->findings, &finding);
}

bool judges_finish(struct judges *j, enum gb_run_state state)
{
	const struct gb_finding endless = {.judge = GB_JUDGE_ENDLESS, .function = "", .req = GB_NO_REQ};

	if (state == GB_EXHAUSTED && j->active & 1U << GB_JUDGE_ENDLESS)
		findings_add(&j->findings, &endless);
	return true;
}

const struct findings *judges_findings(const struct judges *j)
{
	return &j->findings;
}
