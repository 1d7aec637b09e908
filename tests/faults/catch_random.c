/* SPDX-License-Identifier: MIT */
/*
 * The random programs of tests/support: a hazard, a program without an end or
 * a second CQE that the same program does not have without the fault.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "groupbuf/world.h"

#include "faults/catcher.h"
#include "support/corpus.h"
#include "support/program.h"

#define PROGRAMS  400U
#define MAX_STEPS 20000U
#define MAX_SQES  512U

/* What a run showed: a bit per kind of hazard and the two below. */
#define NO_END	     (1U << GB_HAZARD_COUNT)
#define SECOND_CQE   (2U << GB_HAZARD_COUNT)
#define MUST_NOT(id) (1U << GB_HAZARD_##id)

struct program_run {
	struct gb_trace *trace;
	uint32_t seen; /* without a fault, in the default order */
};

static struct program_run program[PROGRAMS];

/* Hazards that V9 as posted has in no program and no order (tests/property/test_smoke.c). */
static const uint32_t never = MUST_NOT(REFCOUNT_UNDERFLOW) | MUST_NOT(DOUBLE_ACK) | MUST_NOT(USE_AFTER_FREE) |
			      MUST_NOT(WRONG_SLOT) | MUST_NOT(ACK_EARLY) | NO_END | SECOND_CQE;

struct watch {
	const struct gb_trace *trace;
	uint32_t seen;
	uint8_t cqes[MAX_SQES];
};

static void watch_event(void *user, const struct gb_event *event)
{
	struct watch *w = user;

	if (event->type == GB_EV_HAZARD)
		w->seen |= 1U << event->a;
	if (event->type != GB_EV_CQE || event->req >= MAX_SQES || event->b & IORING_CQE_F_MORE)
		return;
	if (w->cqes[event->req]++)
		w->seen |= SECOND_CQE;
}

static uint32_t run(const struct gb_trace *trace, enum gb_fault fault, uint64_t seed)
{
	struct watch w = {.trace = trace};
	const struct gb_config config = {
		.strategy = seed ? GB_STRATEGY_RANDOM : GB_STRATEGY_DEFAULT,
		.seed = seed,
		.event = watch_event,
		.event_user = &w,
		.max_steps = MAX_STEPS,
		.fault = fault,
	};
	struct gb_world *world = world_of(trace, &config);

	if (gb_world_run(world) == GB_EXHAUSTED)
		w.seen |= NO_END;
	gb_world_destroy(world);
	return w.seen;
}

void catch_random_prepare(void)
{
	for (uint64_t seed = 1, n = 0; n < PROGRAMS; seed++) {
		char *text = random_program(seed);
		struct gb_trace *trace = NULL;
		struct gb_error err;

		assert_non_null(text);
		if (gb_trace_parse(text, strlen(text), &trace, &err) == GB_OK) {
			program[n].trace = trace;
			program[n++].seen = run(trace, GB_FAULT_NONE, 0);
		}
		free(text);
	}
}

static const char *name_of(uint32_t seen)
{
	for (uint32_t k = 0; k < GB_HAZARD_COUNT; k++)
		if (seen & 1U << k)
			return gb_hazard_name((enum gb_hazard_kind)k);
	return seen & NO_END ? "no end" : "a second CQE";
}

bool catch_hazard(enum gb_fault fault, char text[CATCH_TEXT])
{
	for (uint32_t k = 0; k < PROGRAMS; k++) {
		uint32_t found = run(program[k].trace, fault, 0) & ~program[k].seen;

		if (!found)
			found = run(program[k].trace, fault, k + 1) & never & ~program[k].seen;
		if (!found)
			continue;
		snprintf(text, CATCH_TEXT, "%s in program %u", name_of(found), (unsigned int)k);
		return true;
	}
	return false;
}
