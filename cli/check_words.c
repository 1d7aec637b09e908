/* SPDX-License-Identifier: MIT */
/* The words of a report that text and JSON share. */
#include <inttypes.h>
#include <math.h>

#include "check.h"
#include "cli.h"

const char *check_end_name(const struct gb_check_stats *stats)
{
	switch (stats->end) {
	case GB_CHECK_COMPLETE:
		return "complete";
	case GB_CHECK_STOPPED:
		return "stopped";
	case GB_CHECK_MAX_STATES:
		return "bound of states";
	case GB_CHECK_MAX_LEVEL:
		return stats->order == GB_CHECK_DEPTH ? "bound of depth" : "bound of preemptions";
	case GB_CHECK_FIRST:
		return "first violation";
	case GB_CHECK_STEP_LIMIT:
		return "a run without end";
	case GB_CHECK_MAX_MEMORY:
		return "bound of memory";
	case GB_CHECK_OUT_OF_MEMORY:
		break;
	}
	return "out of memory";
}

const char *check_seen(double fraction, char *buf, size_t size)
{
	const double percent = fraction * 100;

	if (percent >= 1)
		snprintf(buf, size, ", seen about %.0f %% of the states", percent);
	else
		snprintf(buf, size, "%s", percent > 0 ? ", seen less than 1 % of the states" : "");
	return buf;
}

const char *check_verdict_name(enum gb_check_verdict verdict)
{
	switch (verdict) {
	case GB_CHECK_HOLDS:
		return "holds";
	case GB_CHECK_VIOLATED:
		return "violated";
	case GB_CHECK_UNDECIDED:
		return "undecided";
	case GB_CHECK_VACUOUS:
		break;
	}
	return "vacuous";
}

/* One that is put together of all parts has neither option. */
static bool is_part(const struct check_run *r)
{
	return r->stats.shards > 1 && (r->opt->checkpoint || r->opt->resume);
}

const char *check_word(const struct check_run *r, int code)
{
	if (code == CODE_OK)
		return is_part(r) ? "Ok so far" : "Ok";
	return code == CODE_FAILED ? "No" : "Undecided";
}

const char *check_decided(const struct check_run *r, char *buf, size_t size)
{
	const uint32_t level = r->stats.at.level;
	const char *unit = r->stats.order == GB_CHECK_DEPTH ? "decision" : "preemption";
	uint32_t done = level - 1;

	if (r->stats.end == GB_CHECK_COMPLETE) {
		snprintf(buf, size, "all schedules%s", is_part(r) ? " of this part" : "");
		return buf;
	}
	if (r->stats.end == GB_CHECK_MAX_LEVEL)
		done = gb_check_config_of(r->check)->max_level;
	else if (!level)
		return NULL;
	if (r->stats.order == GB_CHECK_LIFO || r->stats.shards)
		return NULL;
	snprintf(buf, size, "all schedules with at most %" PRIu32 " %s%s", done, unit, done == 1 ? "" : "s");
	return buf;
}

const char *check_schedules(const struct gb_check_stats *s, char *buf, size_t size)
{
	if (!(s->schedules_error > 0) && s->schedules < CHECK_WHOLE)
		snprintf(buf, size, s->schedules > 0 ? "%.0f" : "not counted", s->schedules);
	else if (!isfinite(s->schedules))
		snprintf(buf, size, "more than %.0e", s->schedules_least);
	else if (!(s->schedules_error > 0))
		snprintf(buf, size, "%.3e", s->schedules);
	else if (!isfinite(s->schedules_error))
		snprintf(buf, size, "at least %.1e (sure to 95 %%), perhaps far more", s->schedules_least);
	else
		snprintf(buf, size, "about %.1e, standard error %.0f %%", s->schedules, ceil(s->schedules_error * 100));
	return buf;
}

/* The observation of a trace without properties: how many outcomes are what it states, or free of violations. */
static void observe_trace(const struct check_run *r, struct check_observation *out)
{
	const struct gb_check_claim *first = gb_check_claim_count(r->check) ? gb_check_claim_at(r->check, 0) : NULL;

	if (first && first->kind == GB_CLAIM_EXPECTED) {
		out->yes = first->yes;
		out->no = first->no;
		return;
	}
	for (uint32_t i = 0; i < gb_check_outcome_count(r->check); i++) {
		if (gb_check_outcome_at(r->check, i)->expected)
			out->yes++;
		else
			out->no++;
	}
}

bool check_observation(const struct check_run *r, uint32_t i, struct check_observation *out)
{
	uint32_t properties = 0;
	bool decided = r->stats.end == GB_CHECK_COMPLETE && !is_part(r);

	*out = (struct check_observation){0};
	for (uint32_t k = 0; k < gb_check_claim_count(r->check); k++) {
		const struct gb_check_claim *claim = gb_check_claim_at(r->check, k);

		if (claim->kind != GB_CLAIM_PROPERTY || properties++ != i)
			continue;
		out->yes = claim->yes;
		out->no = claim->no;
		decided = claim->verdict != GB_CHECK_UNDECIDED && !is_part(r);
	}
	if (i && i >= properties)
		return false;
	if (!properties)
		observe_trace(r, out);
	out->property = properties > 1 ? i + 1 : 0;
	/* some is some, whatever else there may be */
	out->word = !decided && !(out->yes && out->no) ? "Undecided"
		    : !out->yes			       ? "Never"
		    : out->no			       ? "Sometimes"
						       : "Always";
	return true;
}
