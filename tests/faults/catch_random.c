/* SPDX-License-Identifier: MIT */
/*
 * The programs of traces/, whatever they expect, and the random ones of
 * tests/support, judged by hazards, by the monitor or by the specification. V9 as posted breaks rules of its own, so a
 * finding counts if the same program in the same, the default, order does not have it without the fault; in another
 * order only if no run without a fault ever has it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "groupbuf/monitor.h"
#include "groupbuf/spec.h"
#include "groupbuf/world.h"

#include "faults/catcher.h"
#include "support/corpus.h"
#include "support/program.h"

#define PROGRAMS    500U
#define BASE_ORDERS 3U /* random ones of each program without a fault */
#define MAX_STEPS   20000U
#define MAX_SQES    512U
#define MAX_KINDS   256U /* of findings of one judge */

enum judge { JUDGE_HAZARD, JUDGE_INVARIANT, JUDGE_SPEC, JUDGES };

/* Kinds of findings behind those of hazards. */
enum { NO_END = GB_HAZARD_COUNT, SECOND_CQE };

struct kinds {
	bool has[MAX_KINDS];
};

static struct {
	struct gb_trace *trace;
	struct gb_monitor *monitor;
	struct gb_spec *spec;
	struct kinds base[JUDGES]; /* in the default order without a fault */
} program[PROGRAMS];

static struct kinds base_ever[JUDGES];

/* ---- one run ---- */

struct watch {
	uint32_t program;
	bool with[JUDGES];
	struct kinds found[JUDGES];
	uint8_t cqes[MAX_SQES];
};

static void watch_event(void *user, const struct gb_event *event)
{
	struct watch *w = user;

	if (w->with[JUDGE_INVARIANT])
		gb_monitor_event(program[w->program].monitor, event);
	if (w->with[JUDGE_SPEC])
		gb_spec_event(program[w->program].spec, event);
	if (event->type == GB_EV_HAZARD)
		w->found[JUDGE_HAZARD].has[event->a] = true;
	if (event->type == GB_EV_CQE && event->req < MAX_SQES && !(event->b & IORING_CQE_F_MORE) &&
	    w->cqes[event->req]++)
		w->found[JUDGE_HAZARD].has[SECOND_CQE] = true;
}

static void judge_invariants(struct watch *w, enum gb_run_state state)
{
	struct gb_monitor *m = program[w->program].monitor;

	gb_monitor_finish(m, state);
	for (uint32_t k = 0; k < gb_monitor_count(m); k++)
		w->found[JUDGE_INVARIANT].has[gb_monitor_list(m)[k].invariant] = true;
}

/* What the table calls a known deviation of V9 is none of ours. */
static void judge_spec(struct watch *w, enum gb_run_state state)
{
	struct gb_spec *s = program[w->program].spec;
	const uint32_t n = gb_spec_judge(s, state);

	for (uint32_t k = 0; k < n; k++) {
		const uint32_t rule = gb_spec_list(s)[k].rule;

		w->found[JUDGE_SPEC].has[rule] = !*gb_spec_rule_at(rule)->known;
	}
}

/* Seed 0 is the default order. */
static void run(struct watch *w, enum gb_fault fault, uint64_t seed)
{
	const struct gb_config config = {
		.strategy = seed ? GB_STRATEGY_RANDOM : GB_STRATEGY_DEFAULT,
		.seed = seed,
		.event = watch_event,
		.event_user = w,
		.max_steps = MAX_STEPS,
		.fault = fault,
	};
	struct gb_world *world = world_of(program[w->program].trace, &config);
	enum gb_run_state state;

	memset(w->cqes, 0, sizeof(w->cqes));
	memset(w->found, 0, sizeof(w->found));
	gb_monitor_reset(program[w->program].monitor);
	gb_spec_reset(program[w->program].spec);
	state = gb_world_run(world);
	gb_world_destroy(world);
	w->found[JUDGE_HAZARD].has[NO_END] = state == GB_EXHAUSTED;
	if (w->with[JUDGE_INVARIANT])
		judge_invariants(w, state);
	if (w->with[JUDGE_SPEC])
		judge_spec(w, state);
}

/* ---- without a fault ---- */

static void prepare_program(uint32_t k, struct gb_trace *trace)
{
	struct watch w = {.program = k, .with = {true, true, true}};

	program[k].trace = trace;
	program[k].monitor = gb_monitor_new(trace);
	program[k].spec = gb_spec_new(trace);
	assert_non_null(program[k].monitor);
	assert_non_null(program[k].spec);
	for (uint64_t seed = 0; seed <= BASE_ORDERS; seed++) {
		run(&w, GB_FAULT_NONE, seed);
		for (size_t j = 0; j < JUDGES; j++)
			for (size_t kind = 0; kind < MAX_KINDS; kind++)
				base_ever[j].has[kind] |= w.found[j].has[kind];
		if (!seed)
			memcpy(program[k].base, w.found, sizeof(w.found));
	}
}

void catch_random_prepare(void)
{
	/* what only some order of some program has, if any */
	static const enum gb_hazard_kind of_v9[] = {GB_HAZARD_NULL_DEREF,	  GB_HAZARD_WILD_POINTER,
						    GB_HAZARD_ACK_MISSING,	  GB_HAZARD_LEAK,
						    GB_HAZARD_UNINITIALISED_READ, GB_HAZARD_STALE_ITERATOR,
						    GB_HAZARD_USER_MEMORY_ZEROED, GB_HAZARD_OVERWRITTEN,
						    GB_HAZARD_FAILED_REQUEST_RUNS};
	const struct corpus *corpus;
	uint32_t n = 0;

	for (size_t k = 0; k < sizeof(of_v9) / sizeof(of_v9[0]); k++)
		base_ever[JUDGE_HAZARD].has[of_v9[k]] = true;
	for (uint32_t k = 0; gb_invariant_at(k); k++)
		base_ever[JUDGE_INVARIANT].has[k] = *gb_invariant_at(k)->broken;
	corpus = catch_traces_strict();
	for (size_t k = 0; k < corpus->n; k++)
		prepare_program(n++, corpus->list[k].trace);
	for (uint64_t seed = 1; n < PROGRAMS; seed++) {
		char *text = random_program(seed);
		struct gb_trace *trace = NULL;
		struct gb_error err;

		assert_non_null(text);
		if (gb_trace_parse(text, strlen(text), &trace, &err) == GB_OK)
			prepare_program(n++, trace);
		free(text);
	}
}

/* ---- with a fault ---- */

static const char *kind_name(enum judge judge, uint32_t kind)
{
	if (judge == JUDGE_INVARIANT)
		return gb_invariant_at(kind)->number;
	if (judge == JUDGE_SPEC)
		return gb_spec_rule_at(kind)->name;
	if (kind < GB_HAZARD_COUNT)
		return gb_hazard_name((enum gb_hazard_kind)kind);
	return kind == NO_END ? "no end" : "a second CQE";
}

/* The first kind that was found and is not known; MAX_KINDS if there is none. */
static uint32_t news(const struct kinds *found, const struct kinds *known, const struct kinds *more)
{
	uint32_t kind = 0;

	while (kind < MAX_KINDS && (!found->has[kind] || known->has[kind] || (more && more->has[kind])))
		kind++;
	return kind;
}

static bool catch_judge(enum judge judge, enum gb_fault fault, char text[CATCH_TEXT])
{
	for (uint32_t k = 0; k < PROGRAMS; k++) {
		struct watch w = {.program = k};
		const struct kinds *base = &program[k].base[judge];
		uint32_t kind;

		w.with[judge] = true;
		run(&w, fault, 0);
		kind = news(&w.found[judge], base, NULL);
		if (kind == MAX_KINDS) {
			run(&w, fault, k + 1);
			kind = news(&w.found[judge], base, &base_ever[judge]);
		}
		if (kind == MAX_KINDS)
			continue;
		snprintf(text, CATCH_TEXT, "%s in program %u", kind_name(judge, kind), (unsigned int)k);
		return true;
	}
	return false;
}

bool catch_hazard(enum gb_fault fault, char text[CATCH_TEXT])
{
	return catch_judge(JUDGE_HAZARD, fault, text);
}

bool catch_invariant(enum gb_fault fault, char text[CATCH_TEXT])
{
	return catch_judge(JUDGE_INVARIANT, fault, text);
}

bool catch_spec(enum gb_fault fault, char text[CATCH_TEXT])
{
	return catch_judge(JUDGE_SPEC, fault, text);
}
