/* SPDX-License-Identifier: MIT */
/*
 * Random programs under random schedules: nothing crashes (the sanitizers
 * watch), every run ends, no hazard comes up that even the patch as posted
 * cannot cause, and without groups none at all. GB_RUNS and GB_FIRST choose
 * other programs than the test's.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/corpus.h"
#include "support/program.h"

#define RUNS	     20000U
#define PROGRAMS_SUM 0x403df78d9ed4f24dULL

/* What no schedule of no program may show. */
static const enum gb_hazard_kind forbidden[] = {
	GB_HAZARD_REFCOUNT_UNDERFLOW, GB_HAZARD_DOUBLE_ACK, GB_HAZARD_USE_AFTER_FREE,
	GB_HAZARD_WRONG_SLOT,	      GB_HAZARD_ACK_EARLY,
};

/* One run, as the sink sees it. */
struct watch {
	struct gb_observer *observer;
	uint32_t *cqes, *notified; /* per SQE */
	const struct gb_trace *trace;
	const char *wrong; /* the first thing that must not be */
	bool groups;	   /* there may be a group in the trace */
	bool renames;	   /* and an update of user_data, which puts two CQEs under one label */
};

static uint64_t seen_hazards[GB_HAZARD_COUNT];
static uint64_t seen_ops[256];

static void watch_event(void *user, const struct gb_event *event)
{
	struct watch *w = user;

	gb_observer_event(w->observer, event);
	if (event->type == GB_EV_ISSUE && event->req < w->trace->n_sqes)
		seen_ops[w->trace->sqes[event->req].opcode]++;
	if (event->type == GB_EV_CQE) {
		const struct gb_sqe *sqe = &w->trace->sqes[event->req];
		const bool multishot = sqe->opcode == IORING_OP_TIMEOUT && sqe->op_flags & IORING_TIMEOUT_MULTISHOT;

		/* a zero-copy send has two: its result, which may be without its MORE, and the notification */
		if (event->b & IORING_CQE_F_NOTIF) {
			if (w->notified[event->req]++ && !w->wrong)
				w->wrong = "two notifications of one request";
		} else if (!(event->b & IORING_CQE_F_MORE) && w->cqes[event->req]++ && !multishot && !w->renames &&
			   !w->wrong)
			w->wrong = "two CQEs of one request";
	}
	if (event->type != GB_EV_HAZARD)
		return;
	seen_hazards[event->a]++;
	/*
	 * On a DEFER_TASKRUN ring the exit worker moves a request on once in 50 ms; what needs more than four such
	 * moves outlasts the end of the run, which then calls it lost.
	 */
	if (event->a == GB_HAZARD_LEAK && w->trace->setup_flags & IORING_SETUP_DEFER_TASKRUN)
		return;
	if (!w->groups && !w->wrong)
		w->wrong = "a hazard without a group";
	for (size_t k = 0; k < sizeof(forbidden) / sizeof(forbidden[0]); k++)
		if ((enum gb_hazard_kind)event->a == forbidden[k] && !w->wrong)
			w->wrong = gb_hazard_name(forbidden[k]);
}

/* Runs a trace once, and again without a listener if `deaf`; what is wrong with that, or NULL. */
static const char *run(const struct gb_trace *trace, struct gb_config config, bool deaf)
{
	struct watch w = {.trace = trace, .observer = gb_observer_new(trace)};
	struct gb_world *world;
	enum gb_run_state end;
	uint64_t steps;

	for (uint32_t k = 0; k < trace->n_sqes; k++) {
		const struct gb_sqe *sqe = &trace->sqes[k];

		w.groups = w.groups || sqe->flags & IOSQE_SQE_GROUP;
		w.renames =
			w.renames || (sqe->opcode == IORING_OP_POLL_REMOVE && sqe->len & IORING_POLL_UPDATE_USER_DATA);
	}
	w.cqes = calloc(trace->n_sqes + 1, sizeof(*w.cqes));
	assert_non_null(w.observer);
	w.notified = calloc(trace->n_sqes + 1, sizeof(*w.notified));
	assert_non_null(w.cqes);
	assert_non_null(w.notified);
	config.event = watch_event;
	config.event_user = &w;
	world = world_of(trace, &config);
	end = gb_world_run(world);
	steps = gb_world_steps(world);
	gb_observer_finish(w.observer);
	gb_observer_compare(w.observer, false);
	gb_world_destroy(world);
	if (end == GB_EXHAUSTED && !w.wrong)
		w.wrong = "no end";
	gb_observer_free(w.observer);
	free(w.cqes);
	free(w.notified);
	if (w.wrong || !deaf)
		return w.wrong;
	config.event = NULL;
	world = world_of(trace, &config);
	if (gb_world_run(world) != end || gb_world_steps(world) != steps)
		w.wrong = "another run when nobody listens";
	gb_world_destroy(world);
	return w.wrong;
}

/* The default order, and one of four others. */
static const char *run_both(const struct gb_trace *trace, uint64_t seed)
{
	struct priorities priorities;
	struct gb_config config = {.seed = seed, .standard_input = "0123456789", .standard_input_size = 10};
	const char *wrong = run(trace, config, seed % 8 == 0);

	if (wrong)
		return wrong;
	config.strategy = GB_STRATEGY_RANDOM;
	if (seed % 4 == 1) {
		priorities_init(&priorities, seed);
		config.strategy = GB_STRATEGY_CALLBACK;
		config.choose = priorities_choose;
		config.choose_user = &priorities;
	} else if (seed % 4 == 2) {
		config.variant = (uint32_t)random_next(&seed) & ((1U << GB_VARIANT_COUNT) - 1);
	}
	return run(trace, config, seed % 8 == 3);
}

/* Reads and runs a text. A text that is refused is fine. */
static const char *run_text(const char *text, uint64_t seed, bool *refused)
{
	struct gb_trace *trace;
	struct gb_error err;
	const char *wrong;

	*refused = gb_trace_parse(text, strlen(text), &trace, &err) != GB_OK;
	if (*refused)
		return NULL;
	wrong = run_both(trace, seed);
	gb_trace_free(trace);
	return wrong;
}

/* Leaves out line by line what is not needed to go wrong in the same way. */
static void shrink(char *text, uint64_t seed, const char *wrong)
{
	bool less = true;

	while (less) {
		less = false;
		for (char *line = text; *line;) {
			const char *end = strchr(line, '\n') + 1;
			const size_t n = (size_t)(end - line);
			char *cut = malloc(strlen(text) + 1);
			bool refused;

			assert_non_null(cut);
			memcpy(cut, text, (size_t)(line - text));
			strcpy(cut + (line - text), end);
			if (run_text(cut, seed, &refused) == wrong) {
				strcpy(text, cut);
				less = true;
			} else {
				line += n;
			}
			free(cut);
		}
	}
}

static uint64_t from_environment(const char *name, uint64_t otherwise)
{
	const char *value = getenv(name);

	return value ? strtoull(value, NULL, 0) : otherwise;
}

static void random_programs(void **state)
{
	const uint64_t first = from_environment("GB_FIRST", 0);
	const uint64_t runs = from_environment("GB_RUNS", RUNS);
	uint64_t bad = 0, refusals = 0;

	(void)state;
	for (uint64_t seed = first; seed < first + runs && bad < 5; seed++) {
		char *text = random_program(seed);
		bool refused;
		const char *wrong = run_text(text, seed, &refused);

		refusals += refused;
		if (wrong) {
			shrink(text, seed, wrong);
			print_error("program %" PRIu64 ": %s\n%s\n", seed, wrong, text);
			bad++;
		}
		free(text);
	}
	print_message("%" PRIu64 " programs, %" PRIu64 " of them refused\n", runs, refusals);
	for (size_t k = 0; k < GB_HAZARD_COUNT; k++)
		if (seen_hazards[k])
			print_message("%10" PRIu64 " %s\n", seen_hazards[k], gb_hazard_name((enum gb_hazard_kind)k));
	assert_int_equal(bad, 0);
	/* the generator has to be worth its time */
	assert_true(refusals * 10 < runs);
}

/* Every opcode that is simulated was issued. */
static void every_opcode(void **state)
{
	static const enum io_uring_op ops[] = {
		IORING_OP_NOP,	    IORING_OP_READ,	   IORING_OP_WRITE,	   IORING_OP_FSYNC,
		IORING_OP_POLL_ADD, IORING_OP_POLL_REMOVE, IORING_OP_TIMEOUT,	   IORING_OP_TIMEOUT_REMOVE,
		IORING_OP_SEND,	    IORING_OP_RECV,	   IORING_OP_ASYNC_CANCEL, IORING_OP_URING_CMD,
		IORING_OP_SHUTDOWN, IORING_OP_CLOSE,
	};

	(void)state;
	for (size_t k = 0; k < sizeof(ops) / sizeof(ops[0]); k++)
		assert_true(seen_ops[ops[k]] > 0);
}

/* A program can be named by its seed only if every compiler makes the same of it. Another generator, another sum. */
static void same_everywhere(void **state)
{
	uint64_t sum = 0xcbf29ce484222325ULL;

	(void)state;
	for (uint64_t seed = 0; seed < 1000; seed++) {
		char *text = random_program(seed);

		for (const char *c = text; *c; c++)
			sum = (sum ^ (unsigned char)*c) * 0x100000001b3ULL;
		free(text);
	}
	if (sum != PROGRAMS_SUM)
		fail_msg("the sum of 1000 programs is 0x%016" PRIx64, sum);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_programs),
		cmocka_unit_test(every_opcode),
		cmocka_unit_test(same_everywhere),
	};

	return cmocka_run_group_tests_name("smoke", tests, NULL, NULL);
}
