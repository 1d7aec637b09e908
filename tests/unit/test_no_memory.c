/* SPDX-License-Identifier: MIT */
/*
 * Every allocation of the library fails once: the call must say so, leak
 * nothing (LeakSanitizer looks on) and work again afterwards.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "groupbuf/fuzz.h"
#include "groupbuf/monitor.h"
#include "groupbuf/schedule.h"
#include "groupbuf/spec.h"
#include "groupbuf/world.h"

#include "no_memory.h"

static const char text[] = "title a little of everything\n"
			   "ring entries=8 flags=DEFER_TASKRUN|SINGLE_ISSUER\n"
			   "file f size=100\n"
			   "pipe p\n"
			   "sock s\n"
			   "lessor dev\n"
			   "mem m size=100\n"
			   "sqe l LEASE fd=dev dir=dest len=4096 segs=2 flags=SQE_GROUP|IO_LINK\n"
			   "sqe r READ fd=f off=0 len=100 addr=0 flags=GROUP_BUF\n"
			   "sqe n NOP res=-5 flags=ASYNC\n"
			   "sqe a ASYNC_CANCEL target=n\n"
			   "submit\n"
			   "write p.w 10\n"
			   "reap\n"
			   "seen 1 l:0 r:100\n"
			   "cqe r 100\n"
			   "hazard leak at io_free_batch_list: some text\n"
			   "final f size=100 e252983e5a73e9df\n"
			   "forall l.cqe > r.cqe & !(n.res = -EIO | a.acks < 1)\n"
			   "exists l.ack = 3\n";

/* Calls `attempt` with the first, the second, ... allocation failing until it comes through. */
static void every_failure(bool (*attempt)(struct gb_trace *trace))
{
	struct gb_trace *trace = NULL;
	bool done = false;

	assert_int_equal(gb_trace_parse(text, strlen(text), &trace, NULL), GB_OK);
	for (int i = 0; !done; i++) {
		bool ok;

		assert_true(i < 10000);
		failed = false;
		until_failure = i;
		ok = attempt(trace);
		until_failure = -1;
		assert_true(ok != failed);
		done = !failed;
		assert_true(!done || i > 0); /* or the linker did not wrap */
	}
	gb_trace_free(trace);
}

static bool parse(struct gb_trace *unused)
{
	struct gb_error err = {0};
	struct gb_trace *trace = NULL;
	const enum gb_status status = gb_trace_parse(text, strlen(text), &trace, &err);

	(void)unused;
	if (status == GB_OK) {
		gb_trace_free(trace);
		return true;
	}
	assert_int_equal(status, GB_NO_MEMORY);
	assert_int_equal(err.status, GB_NO_MEMORY);
	assert_null(trace);
	return false;
}

static bool print(struct gb_trace *trace)
{
	char *printed = gb_trace_print(trace);
	const bool ok = printed != NULL;

	free(printed);
	return ok;
}

static bool print_observations(struct gb_trace *trace)
{
	for (uint32_t i = 0; i < trace->n_expect; i++) {
		char *line = gb_obs_print(trace, &trace->expect[i]);

		free(line);
		if (!line)
			return false;
	}
	return true;
}

static bool observe(struct gb_trace *trace)
{
	const struct gb_event reap = {.type = GB_EV_REAP, .req = 1, .a = 100};
	const struct gb_event lease = {.type = GB_EV_LEASE, .req = 0, .b = 4096};
	const struct gb_event final = {.type = GB_EV_FINAL, .b = 100, .c = (int64_t)0xe252983e5a73e9df};
	const struct gb_event hazard = {
		.type = GB_EV_HAZARD, .a = GB_HAZARD_LEAK, .function = "io_free_batch_list", .text = "some text"};
	struct gb_observer *o = gb_observer_new(trace);
	bool ok = o != NULL;

	if (!ok)
		return false;
	for (int i = 0; i < 40; i++)
		gb_observer_event(o, &reap);
	gb_observer_event(o, &lease);
	gb_observer_event(o, &final);
	gb_observer_event(o, &hazard);
	gb_observer_finish(o);

	const struct gb_diff diff = gb_observer_compare(o, false);

	/* With an observation missing there is no verdict: it differs without a line to show. */
	ok = diff.observed != NULL || diff.expected != NULL;
	assert_true(diff.differs);
	assert_true(!ok || gb_observer_count(o) == 43);
	gb_observer_free(o);
	return ok;
}

/* A violation that cannot be told leaves no verdict. */
static bool watch(struct gb_trace *trace)
{
	const struct gb_event cqe = {.type = GB_EV_CQE, .req = 1, .other = GB_NO_REQ};
	struct gb_watch w = {.trace = trace, .observer = gb_observer_new(trace), .monitor = gb_monitor_new(trace)};
	bool ok = w.observer && w.monitor;

	if (ok) {
		gb_watch_event(&w, &cqe);
		gb_watch_event(&w, &cqe);
		gb_watch_finish(&w, GB_FINISHED);

		const struct gb_diff diff = gb_observer_compare(w.observer, false);

		assert_true(diff.differs);
		ok = diff.observed != NULL || diff.expected != NULL;
		assert_true(!ok || gb_observer_list(w.observer)[0].kind == GB_OBS_INVARIANT);
	}
	gb_monitor_free(w.monitor);
	gb_observer_free(w.observer);
	return ok;
}

static bool write_schedule(struct gb_trace *trace)
{
	const struct gb_choice choice = {.n = 2, .alt = {{GB_ACTOR_APP, 0, GB_NO_REQ}, {GB_ACTOR_TW, 0, 1}}};
	struct gb_schedule *s = gb_schedule_new();
	bool ok = s != NULL;

	for (uint32_t i = 0; ok && i < 70; i++)
		ok = gb_schedule_add(s, trace, &choice, i % 2);
	gb_schedule_free(s);
	return ok;
}

static bool read_schedule(struct gb_trace *trace)
{
	static const char schedule[] = "actor app of app task-work:r\noutcome 1\nactor app\n";
	struct gb_schedule *s = NULL;
	const enum gb_status status = gb_schedule_parse(schedule, strlen(schedule), &s, NULL);

	(void)trace;
	gb_schedule_free(s);
	assert_true(status == GB_OK || status == GB_NO_MEMORY);
	assert_true((status == GB_OK) == (s != NULL));
	return status == GB_OK;
}

static bool build_world(struct gb_trace *trace)
{
	const struct gb_config config = {0};
	struct gb_world *world = NULL;
	const enum gb_status status = gb_world_create(trace, &config, &world, NULL);

	assert_true(status == GB_OK || status == GB_NO_MEMORY);
	assert_true((status == GB_OK) == (world != NULL));
	if (world) {
		/* A run allocates nothing, so none of it can fail. */
		until_failure = 0;
		gb_world_run(world);
		assert_false(failed);
		until_failure = -1;
		gb_world_destroy(world);
	}
	return status == GB_OK;
}

static bool specify(struct gb_trace *trace)
{
	struct gb_spec *spec = gb_spec_new(trace);
	const struct gb_event lease = {.type = GB_EV_LEASE, .req = 0, .b = 4096};

	if (!spec)
		return false;
	/* Watching and judging allocate nothing. */
	until_failure = 0;
	for (int i = 0; i < 40; i++)
		gb_spec_event(spec, &lease);
	gb_spec_judge(spec, GB_FINISHED);
	gb_spec_reset(spec);
	assert_false(failed);
	until_failure = -1;
	gb_spec_free(spec);
	return true;
}

static void specifying(void **state)
{
	(void)state;
	every_failure(specify);
}

static void parsing(void **state)
{
	(void)state;
	every_failure(parse);
}

static void printing(void **state)
{
	(void)state;
	every_failure(print);
	every_failure(print_observations);
}

static void observing(void **state)
{
	(void)state;
	every_failure(observe);
	every_failure(watch);
}

static void schedules(void **state)
{
	(void)state;
	every_failure(write_schedule);
	every_failure(read_schedule);
}

static void worlds(void **state)
{
	(void)state;
	every_failure(build_world);
}

/* ---- fuzzing ---- */

static bool hunt_once(void)
{
	const struct gb_fuzz_config config = {.seed = 4, .max_sqes = 4};
	struct gb_hunt *hunt = gb_hunt_new(&config);
	enum gb_status status = hunt ? GB_OK : GB_NO_MEMORY;
	struct gb_error err;

	for (int k = 0; status == GB_OK && k < 8; k++)
		status = gb_hunt_run(hunt, &err);
	assert_true(status == GB_OK || status == GB_NO_MEMORY);
	gb_hunt_free(hunt);
	return status == GB_OK;
}

static bool shrink_once(void)
{
	const struct gb_shrink_task task = {.program = "sock s\nsqe a NOP flags=SQE_GROUP\nsubmit\nsqe b NOP\nsubmit\n",
					    .finding = {.judge = GB_JUDGE_HAZARD,
							.what = GB_HAZARD_LEAK,
							.function = "io_ring_exit_work",
							.known = ""}};
	struct gb_defect defect;
	struct gb_error err;
	const enum gb_status status = gb_shrink(&task, &defect, &err);

	assert_true(status == GB_OK || status == GB_NO_MEMORY);
	gb_defect_clear(&defect);
	return status == GB_OK;
}

/* There are too many allocations to let every one fail: the first ones do, then fewer and fewer. */
static void fuzzing(void **state)
{
	bool (*const calls[])(void) = {hunt_once, shrink_once};

	(void)state;
	for (size_t c = 0; c < 2; c++) {
		bool done = false;

		for (int i = 0; !done; i += 1 + i / 16) {
			bool ok;

			failed = false;
			until_failure = i;
			ok = calls[c]();
			until_failure = -1;
			/* an observer makes do with what it has */
			assert_true(ok || failed);
			done = !failed;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parsing),   cmocka_unit_test(printing), cmocka_unit_test(observing),
		cmocka_unit_test(schedules), cmocka_unit_test(worlds),	 cmocka_unit_test(specifying),
		cmocka_unit_test(fuzzing),
	};

	return cmocka_run_group_tests_name("no memory", tests, NULL, NULL);
}
