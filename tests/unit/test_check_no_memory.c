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

struct numbers {
	uint64_t states, outcomes, claims;
};

/* Asked once it does without, or says nothing. */
static bool ask(void *user, const struct gb_check_progress *progress)
{
	struct gb_check **check = user;

	if (progress->states < 8)
		gb_check_estimate(*check, 1);
	return false;
}

/* A whole check; false if it could not be done. */
static bool attempt(const struct gb_trace *trace, bool exact, struct numbers *out)
{
	struct gb_check_config config;
	struct gb_check *check = NULL;
	enum gb_status status;
	bool ok;

	gb_check_defaults(&config);
	config.exact = exact;
	config.stop = ask;
	config.user = &check;
	status = gb_check_new(trace, &config, &check, NULL);
	assert_true(status == GB_OK || status == GB_NO_MEMORY);
	assert_true((status == GB_OK) == (check != NULL));
	if (!check)
		return false;
	ok = gb_check_run(check) != GB_CHECK_OUT_OF_MEMORY && gb_check_judge(check);
	for (uint32_t i = 0; ok && i < gb_check_outcome_count(check); i++) {
		struct gb_schedule *schedule = gb_check_schedule(check, gb_check_outcome_at(check, i)->path);

		ok = schedule;
		gb_schedule_free(schedule);
	}
	*out = (struct numbers){gb_check_stats(check).at.states, gb_check_outcome_count(check),
				gb_check_claim_count(check)};
	gb_check_free(check);
	return ok;
}

static void every_failure(const char *trace_text, bool exact)
{
	struct gb_trace *trace = NULL;
	struct numbers want = {0}, got = {0};
	bool done = false;

	assert_int_equal(gb_trace_parse(trace_text, strlen(trace_text), &trace, NULL), GB_OK);
	assert_true(attempt(trace, exact, &want));
	assert_true(want.claims > 0);
	for (int i = 0; !done; i++) {
		bool ok;

		assert_true(i < 100000);
		failed = false;
		until_failure = i;
		ok = attempt(trace, exact, &got);
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
	every_failure(text, false);
	every_failure(text, true);
	every_failure(lone, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(checks),
	};

	return cmocka_run_group_tests_name("check without memory", tests, NULL, NULL);
}
