/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "groupbuf/monitor.h"
#include "groupbuf/spec.h"

#include "judge.h"

struct judges {
	uint32_t kinds;	 /* there are */
	uint32_t active; /* watch this run */
	void *state[GB_JUDGES];
	struct findings findings;
};

/* ---- findings ---- */

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
	case GB_JUDGE_INVARIANT:
		snprintf(buf, size, "invariant %s at %s", gb_invariant_at(f->what)->number, f->function);
		break;
	case GB_JUDGE_SPECIFICATION:
		snprintf(buf, size, "specification %s %s", gb_spec_rule_at(f->what)->number,
			 gb_spec_rule_at(f->what)->name);
		break;
	default:
		snprintf(buf, size, "endless");
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

/* ---- the judges ---- */

/* One that keeps nothing: the world tells its hazards itself. */
static void *hazard_new(const struct gb_trace *trace)
{
	return (void *)(uintptr_t)trace;
}

static void nothing_free(void *state)
{
	(void)state;
}

static void no_finish(void *state, enum gb_run_state end, struct findings *out)
{
	(void)state;
	(void)end;
	(void)out;
}

static void endless_finish(void *state, enum gb_run_state end, struct findings *out)
{
	const struct gb_finding finding = {.judge = GB_JUDGE_ENDLESS, .function = "", .known = "", .req = GB_NO_REQ};

	(void)state;
	if (end == GB_EXHAUSTED)
		findings_add(out, &finding);
}

static void *monitor_new(const struct gb_trace *trace)
{
	return gb_monitor_new(trace);
}

static void monitor_free(void *state)
{
	gb_monitor_free(state);
}

static void monitor_finish(void *state, enum gb_run_state end, struct findings *out)
{
	const struct gb_violation *list;

	gb_monitor_finish(state, end);
	list = gb_monitor_list(state);
	for (uint32_t k = 0; k < gb_monitor_count(state); k++) {
		const struct gb_invariant *info = gb_invariant_at(list[k].invariant);
		const struct gb_finding finding = {.judge = GB_JUDGE_INVARIANT,
						   .what = list[k].invariant,
						   .function = info->function,
						   .known = info->broken,
						   .req = list[k].req};

		findings_add(out, &finding);
	}
}

static void *spec_new(const struct gb_trace *trace)
{
	return gb_spec_new(trace);
}

static void spec_free(void *state)
{
	gb_spec_free(state);
}

static void spec_finish(void *state, enum gb_run_state end, struct findings *out)
{
	const uint32_t n = gb_spec_judge(state, end);
	const struct gb_spec_finding *list = gb_spec_list(state);

	for (uint32_t k = 0; k < n; k++) {
		const struct gb_finding finding = {.judge = GB_JUDGE_SPECIFICATION,
						   .what = list[k].rule,
						   .function = "",
						   .known = gb_spec_rule_at(list[k].rule)->known,
						   .req = list[k].req};

		findings_add(out, &finding);
	}
}

static const struct judge {
	void *(*new)(const struct gb_trace *trace);
	void (*free)(void *state);
	gb_event_fn event; /* NULL: has no use for events */
	void (*finish)(void *state, enum gb_run_state end, struct findings *out);
} table[GB_JUDGES] = {
	[GB_JUDGE_HAZARD] = {hazard_new, nothing_free, NULL, no_finish},
	[GB_JUDGE_ENDLESS] = {hazard_new, nothing_free, NULL, endless_finish},
	[GB_JUDGE_INVARIANT] = {monitor_new, monitor_free, gb_monitor_event, monitor_finish},
	[GB_JUDGE_SPECIFICATION] = {spec_new, spec_free, gb_spec_event, spec_finish},
};

/* ---- a run ---- */

struct judges *judges_new(uint32_t kinds)
{
	struct judges *j = calloc(1, sizeof(*j));

	if (j)
		j->kinds = kinds;
	return j;
}

static void dismiss(struct judges *j)
{
	for (uint32_t k = 0; k < GB_JUDGES; k++) {
		if (j->state[k])
			table[k].free(j->state[k]);
		j->state[k] = NULL;
	}
}

void judges_free(struct judges *j)
{
	if (j)
		dismiss(j);
	free(j);
}

bool judges_begin(struct judges *j, const struct gb_trace *trace, uint32_t kinds)
{
	dismiss(j);
	j->active = j->kinds & kinds;
	j->findings.n = 0;
	for (uint32_t k = 0; k < GB_JUDGES; k++) {
		if (!(j->active >> k & 1))
			continue;
		j->state[k] = table[k].new(trace);
		if (!j->state[k])
			return false;
	}
	return true;
}

void judges_event(struct judges *j, const struct gb_event *ev)
{
	for (uint32_t k = 0; k < GB_JUDGES; k++)
		if (j->state[k] && table[k].event)
			table[k].event(j->state[k], ev);
	if (ev->type == GB_EV_HAZARD && j->active & 1U << GB_JUDGE_HAZARD) {
		const struct gb_finding finding = {.judge = GB_JUDGE_HAZARD,
						   .what = (uint32_t)ev->a,
						   .function = ev->function,
						   .known = "",
						   .req = ev->req};

		findings_add(&j->findings, &finding);
	}
}

void judges_finish(struct judges *j, enum gb_run_state state)
{
	for (uint32_t k = 0; k < GB_JUDGES; k++)
		if (j->state[k])
			table[k].finish(j->state[k], state, &j->findings);
	/* the trace may be gone before the next run */
	dismiss(j);
}

const struct findings *judges_findings(const struct judges *j)
{
	return &j->findings;
}
