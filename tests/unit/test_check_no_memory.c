/* SPDX-License-Identifier: MIT */
/*
 * Every allocation of a check fails once: it says so, or does without and
 * finds the same; and nothing is leaked (LeakSanitizer looks on).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
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

static bool same_numbers(const struct numbers *a, const struct numbers *b)
{
	return a->states == b->states && a->outcomes == b->outcomes && a->claims == b->claims &&
	       a->schedules == b->schedules && a->explored == b->explored;
}

/*
 * Asked once it does without an estimate, or says nothing. If it is stopped before its end, what it has explored is not
 * known, and has to be estimated.
 */
static bool ask(void *user, const struct gb_check_progress *progress)
{
	struct gb_check **check = user;

	if (progress->states < 8)
		gb_check_estimate(*check, 1);
	return false;
}

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
	config.stop = stopped ? stop : ask;
	config.user = &check;
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
		assert_true(!ok || same_numbers(&want, &got));
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

/* ---- running out of memory on the way ---- */

/* Some thousand states in several batches. */
static const char wide[] = "sqe l NOP flags=SQE_GROUP\n"
			   "sqe a NOP flags=SQE_GROUP|ASYNC\n"
			   "sqe b NOP flags=SQE_GROUP|ASYNC\n"
			   "sqe c NOP flags=ASYNC\n"
			   "sqe d NOP flags=ASYNC\n"
			   "submit\n"
			   "reap\n";

struct whole {
	struct gb_check_stats stats;
	uint64_t counts, paths; /* of the outcomes */
};

static struct whole whole_of(struct gb_check *check)
{
	struct whole w = {.stats = gb_check_stats(check)};

	assert_true(gb_check_judge(check));
	for (uint32_t i = 0; i < gb_check_outcome_count(check); i++) {
		const struct gb_check_outcome *o = gb_check_outcome_at(check, i);

		w.counts += o->count * (i + 1);
		w.paths += ((uint64_t)o->path.state << 16 | o->path.edge) * (i + 1);
	}
	return w;
}

static struct gb_check *through_a_file(const struct gb_trace *trace, const struct gb_check_config *config,
				       struct gb_check *check)
{
	FILE *file = tmpfile();
	struct gb_check *back;

	assert_non_null(file);
	assert_true(gb_check_save(check, file));
	gb_check_free(check);
	rewind(file);
	assert_int_equal(gb_check_load(trace, config, file, &back, NULL), GB_OK);
	fclose(file);
	return back;
}

/* The n-th allocation of the search fails; what it has is reported, and it goes on to the same end. False if none did.
 */
static bool goes_on(const struct gb_trace *trace, const struct gb_check_config *config, int n, const struct whole *want)
{
	struct gb_check *check;
	struct whole got;
	enum gb_check_end end;

	assert_int_equal(gb_check_new(trace, config, &check, NULL), GB_OK);
	failed = false;
	until_failure = n;
	end = gb_check_run(check);
	until_failure = -1;
	if (failed) {
		assert_int_equal(end, GB_CHECK_OUT_OF_MEMORY);
		assert_true(gb_check_judge(check));
		if (n % 2)
			check = through_a_file(trace, config, check);
		end = gb_check_run(check);
	}
	assert_int_equal(end, GB_CHECK_MAX_LEVEL);
	got = whole_of(check);
	assert_int_equal(got.stats.at.states, want->stats.at.states);
	assert_int_equal(got.stats.at.transitions, want->stats.at.transitions);
	assert_int_equal(got.stats.at.steps, want->stats.at.steps);
	assert_int_equal(got.stats.revisits, want->stats.revisits);
	assert_int_equal(got.stats.depth, want->stats.depth);
	assert_int_equal(got.counts, want->counts);
	assert_int_equal(got.paths, want->paths);
	gb_check_free(check);
	return failed;
}

static void every_step_goes_on(void **state)
{
	struct gb_trace *trace = NULL;
	struct gb_check_config config;
	struct gb_check *check;
	struct whole want;
	int n = 0, tried = 0;

	(void)state;
	assert_int_equal(gb_trace_parse(wide, strlen(wide), &trace, NULL), GB_OK);
	gb_check_defaults(&config);
	config.max_level = 4;
	assert_int_equal(gb_check_new(trace, &config, &check, NULL), GB_OK);
	assert_int_equal(gb_check_run(check), GB_CHECK_MAX_LEVEL);
	want = whole_of(check);
	assert_true(want.stats.at.states > 2000);
	gb_check_free(check);
	for (; goes_on(trace, &config, n, &want); n += n < 40 ? 1 : n / 16)
		tried++;
	assert_true(tried > 40);
	gb_trace_free(trace);
}

/* What the claims say. */
static uint64_t claims_of(struct gb_check *check)
{
	uint64_t sum = 0;

	assert_true(gb_check_judge(check));
	for (uint32_t i = 0; i < gb_check_claim_count(check); i++) {
		const struct gb_check_claim *claim = gb_check_claim_at(check, i);

		sum = sum * 31 + (uint64_t)claim->verdict * 4 + claim->has_path * 2U + claim->beyond;
	}
	return sum;
}

static const char leak[] = "sqe lead NOP flags=SQE_GROUP\nsubmit\nreap\nhazard leak at io_ring_exit_work\n";

/* Once memory is back, no finding is missing because it was being looked into when there was none. */
static void findings_go_on(void **state)
{
	struct gb_check_config config;
	struct gb_trace *trace = NULL;
	struct gb_check *check;
	uint64_t want = 0;
	int tried = 0;

	(void)state;
	assert_int_equal(gb_trace_parse(leak, strlen(leak), &trace, NULL), GB_OK);
	gb_check_defaults(&config);
	config.invariants = false;		 /* they find more on the same edge */
	for (int n = -1; n < 1 || failed; n++) { /* the first without a failure */
		assert_int_equal(gb_check_new(trace, &config, &check, NULL), GB_OK);
		failed = false;
		until_failure = n;
		while (gb_check_run(check) == GB_CHECK_OUT_OF_MEMORY)
			tried++;
		until_failure = -1;
		want = n < 0 ? claims_of(check) : want;
		assert_int_equal(claims_of(check), want);
		gb_check_free(check);
	}
	assert_true(tried > 5);
	gb_trace_free(trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(checks),
		cmocka_unit_test(every_step_goes_on),
		cmocka_unit_test(findings_go_on),
	};

	return cmocka_run_group_tests_name("check without memory", tests, NULL, NULL);
}
