/* SPDX-License-Identifier: MIT */
/*
 * Every allocation of a check fails once: it says so, or does without and
 * finds the same; and nothing is leaked (LeakSanitizer looks on).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "groupbuf/check.h"

#include "no_memory.h"

static const char text[] = "lessor dev\n"
			   "sqe l LEASE fd=dev dir=dest len=16 flags=SQE_GROUP\n"
			   "sqe n NOP flags=ASYNC|GROUP_BUF\n"
			   "submit\n"
			   "reap\n"
			   "cqe n 0\n"
			   "seen 1 n:0 l:0\n"
			   "exists n.cqe = 1\n";

static const char lone[] = "sqe lead NOP flags=SQE_GROUP\nsubmit\nreap\n";

static const char stated[] = "sqe lead NOP flags=SQE_GROUP\nsubmit\nsqe other NOP flags=SQE_GROUP\nsubmit\n"
			     "hazard leak at io_ring_exit_work\ninvariant I3 violated: lead, a leader\n"
			     "invariant I3 violated\ninvariant I6 violated\n";

struct numbers {
	uint64_t states, outcomes, claims;
	double schedules, explored;
};

/* What it has explored is then not known, and has to be estimated. */
static bool stop(void *user, const struct gb_check_progress *progress)
{
	(void)user;
	return !progress->frontier;
}

/* A whole check; false if it could not be done. */
static bool attempt(const struct gb_trace *trace, bool exact, bool stopped, struct numbers *out)
{
	struct gb_check_config config;
	struct gb_check *check = NULL;
	enum gb_status status;
	bool ok;

	gb_check_defaults(&config);
	config.exact = exact;
	config.stop = stopped ? stop : NULL;
	status = gb_check_new(trace, &config, &check, NULL);
	assert_true(status == GB_OK || status == GB_NO_MEMORY);
	assert_true((status == GB_OK) == (check != NULL));
	if (!check)
		return false;
	ok = gb_check_run(check) != GB_CHECK_OUT_OF_MEMORY && gb_check_judge(check) &&
	     (!stopped || gb_check_count(check));
	for (uint32_t i = 0; ok && i < gb_check_outcome_count(check); i++) {
		struct gb_schedule *schedule = gb_check_schedule(check, gb_check_outcome_at(check, i)->path);

		ok = schedule;
		gb_schedule_free(schedule);
	}
	*out = (struct numbers){gb_check_stats(check).at.states, gb_check_outcome_count(check),
				gb_check_claim_count(check), gb_check_stats(check).schedules,
				gb_check_stats(check).explored};
	gb_check_free(check);
	return ok;
}

static void every_failure(const char *trace_text, bool exact, bool stopped)
{
	struct gb_trace *trace = NULL;
	struct numbers want = {0}, got = {0};
	bool done = false;

	assert_int_equal(gb_trace_parse(trace_text, strlen(trace_text), &trace, NULL), GB_OK);
	assert_true(attempt(trace, exact, stopped, &want));
	assert_true(want.claims > 0);
	for (int i = 0; !done; i++) {
		bool ok;

		assert_true(i < 100000);
		failed = false;
		until_failure = i;
		ok = attempt(trace, exact, stopped, &got);
		until_failure = -1;
		assert_true(ok || failed);
		assert_true(!ok || memcmp(&want, &got, sizeof(want)) == 0);
		done = !failed;
		assert_true(!done || i > 0); /* or the linker did not wrap */
	}
	gb_trace_free(trace);
}

static void checks(void **state)
{
	(void)state;
	every_failure(text, false, false);
	every_failure(text, true, false);
	every_failure(lone, false, false);
	every_failure(lone, false, true);
	every_failure(stated, false, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(checks),
	};

	return cmocka_run_group_tests_name("check without memory", tests, NULL, NULL);
}
