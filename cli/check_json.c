/* SPDX-License-Identifier: MIT */
/* The report of a check as one JSON object. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "cli.h"
#include "show.h"

static json_t *number(uint64_t n)
{
	return json_integer((json_int_t)n);
}

static json_t *schedule_of(struct check_run *r, struct gb_check_path path)
{
	struct gb_schedule *schedule = gb_check_schedule(r->check, path);
	char *text = schedule ? gb_schedule_print(schedule) : NULL;
	json_t *value = text ? json_text(text) : NULL;

	gb_schedule_free(schedule);
	free(text);
	return value;
}

static json_t *outcomes_of(struct check_run *r)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < gb_check_outcome_count(r->check); i++) {
		const struct gb_check_outcome *o = gb_check_outcome_at(r->check, i);
		json_t *object = json_object();
		json_t *lines = json_array();

		for (uint32_t k = 0; k < o->n; k++)
			json_array_append_new(lines, json_text(o->line[k]));
		json_object_set_new(object, "lines", lines);
		json_object_set_new(object, "count", number(o->count));
		json_object_set_new(object, "expected", json_boolean(o->expected));
		json_object_set_new(object, "dead", json_boolean(o->state == GB_DEAD));
		if (i < r->opt->witnesses)
			json_object_set_new(object, "schedule", schedule_of(r, o->path));
		json_array_append_new(list, object);
	}
	return list;
}

static json_t *claim_of(struct check_run *r, const struct gb_check_claim *claim)
{
	static const char *const kinds[] = {"expected", "seen", "property", "hazard", "invariant"};
	json_t *object = json_object();

	json_object_set_new(object, "kind", json_string(kinds[claim->kind]));
	json_object_set_new(object, "text", json_text(claim->text));
	if (claim->invariant)
		json_object_set_new(object, "statement", json_text(claim->invariant->statement));
	json_object_set_new(object, "verdict", json_string(check_verdict_name(claim->verdict)));
	if (claim->pos.line)
		json_object_set_new(object, "line", number(claim->pos.line));
	if (claim->kind <= GB_CLAIM_PROPERTY) {
		json_object_set_new(object, "yes", number(claim->yes));
		json_object_set_new(object, "no", number(claim->no));
	}
	if (claim->kind >= GB_CLAIM_HAZARD)
		json_object_set_new(object, "came_up", json_boolean(claim->has_path));
	if (claim->invariant)
		json_object_set_new(object, "invariant", json_text(claim->invariant->number));
	if (claim->req < r->trace->n_sqes)
		json_object_set_new(object, "label", json_text(r->trace->sqes[claim->req].label));
	if (claim->beyond)
		json_object_set_new(object, "beyond_stated", json_true());
	if (claim->more)
		json_object_set_new(object, "more", json_true());
	if (claim->detail)
		json_object_set_new(object, "detail", json_text(claim->detail));
	if (claim->verdict == GB_CHECK_VIOLATED && claim->has_path)
		json_object_set_new(object, "schedule", schedule_of(r, claim->path));
	return object;
}

/* null: it cannot be told. */
static json_t *finite(double x)
{
	return isfinite(x) ? json_real(x) : json_null();
}

/* null: it cannot be told; whole if it is exact. */
static json_t *schedules_of(const struct gb_check_stats *s)
{
	if (!(s->schedules > 0) || !isfinite(s->schedules) || !isfinite(s->schedules_error))
		return json_null();
	if (!(s->schedules_error > 0) && s->schedules < CHECK_WHOLE)
		return number((uint64_t)s->schedules);
	return json_real(s->schedules);
}

static json_t *search_of(const struct check_run *r)
{
	const struct gb_check_stats *s = &r->stats;
	char buf[96];
	const char *decided = check_decided(r, buf, sizeof(buf));
	json_t *object = json_object();

	json_object_set_new(object, "end", json_string(check_end_name(s)));
	json_object_set_new(object, "time_races", json_boolean(gb_check_config_of(r->check)->time_races));
	json_object_set_new(object, "decided", decided ? json_string(decided) : json_null());
	json_object_set_new(object, "states", number(s->at.states));
	json_object_set_new(object, "transitions", number(s->at.transitions));
	json_object_set_new(object, "steps", number(s->at.steps));
	json_object_set_new(object, "ends", number(s->terminals));
	json_object_set_new(object, "schedules", schedules_of(s));
	json_object_set_new(object, "schedules_error", finite(s->schedules_error));
	json_object_set_new(object, "schedules_least", finite(s->schedules_least));
	json_object_set_new(object, "explored", s->explored < 0 ? json_null() : json_real(s->explored));
	json_object_set_new(object, "explored_error", finite(s->explored_error));
	json_object_set_new(object, "depth", number(s->depth));
	json_object_set_new(object, "level", number(s->at.level));
	json_object_set_new(object, "to_explore", number(s->at.frontier));
	json_object_set_new(object, "fraction", s->at.fraction > 0 ? json_real(s->at.fraction) : json_null());
	json_object_set_new(object, "fingerprint_bits", number(s->fingerprint_bits));
	json_object_set_new(object, "collision", json_real(s->collision));
	json_object_set_new(object, "reductions", number(s->reductions));
	if (r->opt->time) {
		json_object_set_new(object, "seconds", json_real(r->seconds));
		json_object_set_new(object, "visited_bytes", number(s->visited_bytes));
		json_object_set_new(object, "log_bytes", number(s->log_bytes));
		json_object_set_new(object, "frontier_bytes", number(s->frontier_peak));
		json_object_set_new(object, "spilled_bytes", number(s->spilled_bytes));
		json_object_set_new(object, "memory_bytes", number(s->memory_peak));
	}
	return object;
}

static json_t *observations_of(const struct check_run *r)
{
	struct check_observation o;
	json_t *list = json_array();

	for (uint32_t i = 0; check_observation(r, i, &o); i++) {
		json_t *object = json_object();

		json_object_set_new(object, "word", json_string(o.word));
		json_object_set_new(object, "yes", number(o.yes));
		json_object_set_new(object, "no", number(o.no));
		json_array_append_new(list, object);
	}
	return list;
}

void check_print_json(struct check_run *r, int code)
{
	json_t *object = json_object();
	json_t *claims = json_array();

	for (uint32_t i = 0; i < gb_check_claim_count(r->check); i++)
		json_array_append_new(claims, claim_of(r, gb_check_claim_at(r->check, i)));
	json_object_set_new(object, "file", json_text(r->file));
	json_object_set_new(object, "verdict",
			    json_string(code == CODE_OK	      ? "ok"
					: code == CODE_FAILED ? "no"
							      : "undecided"));
	json_object_set_new(object, "outcomes", outcomes_of(r));
	json_object_set_new(object, "claims", claims);
	json_object_set_new(object, "search", search_of(r));
	json_object_set_new(object, "observations", observations_of(r));
	json_dumpf(object, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(object);
}
