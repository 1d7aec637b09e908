/* SPDX-License-Identifier: MIT */
/* What a check found goes to a file and comes back, and the findings of the parts are those of the whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "groupbuf/check.h"

#define PARTS 3U

/* A leader that is lost (A1) among workers, so that hazards and invariants are found in many runs. */
static const char lost[] = "sqe a NOP flags=ASYNC\n"
			   "sqe b NOP flags=ASYNC\n"
			   "sqe c ASYNC_CANCEL target=a\n"
			   "sqe lead NOP flags=SQE_GROUP\n"
			   "submit\n"
			   "reap\n"
			   "never a.cqe < b.cqe\n"
			   "exists a.res = -ECANCELED & !(b.res < 0) | c.acks > 0\n"
			   "forall a.res != -ENOENT & a.ack <= 0\n";

static struct gb_trace *read_trace(const char *text)
{
	struct gb_trace *trace;

	assert_int_equal(gb_trace_parse(text, strlen(text), &trace, NULL), GB_OK);
	return trace;
}

static struct gb_check_config defaults(void)
{
	struct gb_check_config config;

	gb_check_defaults(&config);
	return config;
}

static struct gb_check *explore(const struct gb_trace *trace, const struct gb_check_config *config)
{
	struct gb_check *check;

	assert_int_equal(gb_check_new(trace, config, &check, NULL), GB_OK);
	gb_check_run(check);
	return check;
}

/* Takes the check away and brings it back. */
static struct gb_check *through_a_file(struct gb_check *check, const struct gb_trace *trace)
{
	const struct gb_check_config config = defaults();
	FILE *f = tmpfile();
	struct gb_check *back;

	assert_non_null(f);
	assert_true(gb_check_save(check, f));
	gb_check_free(check);
	rewind(f);
	assert_int_equal(gb_check_load(trace, &config, f, &back, NULL), GB_OK);
	fclose(f);
	return back;
}

/* Both judged: the same outcomes and claims. Returns how many hazards and invariants were found. */
static uint32_t same_findings(const struct gb_check *a, const struct gb_check *b)
{
	uint32_t found = 0;

	assert_int_equal(gb_check_outcome_count(a), gb_check_outcome_count(b));
	for (uint32_t i = 0; i < gb_check_outcome_count(a); i++) {
		const struct gb_check_outcome *one = gb_check_outcome_at(a, i), *other = gb_check_outcome_at(b, i);

		assert_int_equal(one->n, other->n);
		for (uint32_t k = 0; k < one->n; k++)
			assert_string_equal(one->line[k], other->line[k]);
	}
	assert_int_equal(gb_check_claim_count(a), gb_check_claim_count(b));
	for (uint32_t i = 0; i < gb_check_claim_count(a); i++) {
		const struct gb_check_claim *one = gb_check_claim_at(a, i), *other = gb_check_claim_at(b, i);

		assert_int_equal(one->kind, other->kind);
		assert_int_equal(one->verdict, other->verdict);
		assert_string_equal(one->text, other->text);
		assert_int_equal(one->has_path, other->has_path);
		found += one->kind >= GB_CLAIM_HAZARD && one->verdict == GB_CHECK_VIOLATED;
	}
	return found;
}

static void parts_are_the_whole(void **state)
{
	struct gb_trace *trace = read_trace(lost);
	struct gb_check_config config = defaults();
	struct gb_check *whole = explore(trace, &config), *part[PARTS];

	(void)state;
	assert_true(gb_check_judge(whole));
	config.shards = PARTS;
	for (config.shard = 1; config.shard <= PARTS; config.shard++)
		part[config.shard - 1] = through_a_file(explore(trace, &config), trace);
	for (uint32_t i = 1; i < PARTS; i++)
		assert_int_equal(gb_check_merge(part[0], part[i], NULL), GB_OK);
	assert_true(gb_check_judge(part[0]));
	assert_true(same_findings(whole, part[0]) >= 2);
	for (uint32_t i = 0; i < PARTS; i++)
		gb_check_free(part[i]);
	gb_check_free(whole);
	gb_trace_free(trace);
}

/* Stopped again and again, each time with what was found so far in a file. */
static void goes_on_from_a_file(void **state)
{
	struct gb_trace *trace = read_trace(lost);
	struct gb_check_config config = defaults();
	struct gb_check *whole = explore(trace, &config), *check;

	(void)state;
	config.max_states = gb_check_stats(whole).at.states / 2;
	check = explore(trace, &config);
	assert_int_equal(gb_check_stats(check).end, GB_CHECK_MAX_STATES);
	check = through_a_file(check, trace);
	assert_int_equal(gb_check_run(check), GB_CHECK_COMPLETE);
	check = through_a_file(check, trace);
	assert_true(gb_check_judge(whole) && gb_check_judge(check));
	assert_true(same_findings(whole, check) >= 2);
	assert_int_equal(gb_check_stats(whole).at.states, gb_check_stats(check).at.states);
	gb_check_free(check);
	gb_check_free(whole);
	gb_trace_free(trace);
}

/* Leaders alone in their batches: lost, one by one. */
static char *lone_leaders(uint32_t n, const char *stated)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	for (uint32_t i = 0; i < n; i++)
		fprintf(f, "sqe l%u NOP flags=SQE_GROUP\nsubmit\n", (unsigned)i);
	fprintf(f, "reap\n%s", stated);
	fclose(f);
	return text;
}

/* How many violations of hazards there are, and of I6, each with its label; what is stated apart. */
struct count {
	uint32_t hazards, invariants, expected, beyond, more;
	char labels[256];
};

static struct count count_findings(const char *text, enum gb_check_outcomes outcomes, bool visible)
{
	struct gb_trace *trace = read_trace(text);
	struct gb_check_config config = defaults();
	struct gb_check *check;
	struct count n = {0};

	config.visible = visible;
	config.outcomes = outcomes;
	check = through_a_file(explore(trace, &config), trace);
	assert_true(gb_check_judge(check));
	for (uint32_t i = 0; i < gb_check_claim_count(check); i++) {
		const struct gb_check_claim *claim = gb_check_claim_at(check, i);

		if (claim->kind < GB_CLAIM_HAZARD || !claim->has_path)
			continue;
		n.expected += claim->expected;
		n.more += claim->more;
		if (claim->verdict != GB_CHECK_VIOLATED)
			continue;
		n.beyond += claim->beyond;
		n.hazards += claim->kind == GB_CLAIM_HAZARD;
		n.invariants += claim->kind == GB_CLAIM_INVARIANT;
		assert_true(claim->req < trace->n_sqes);
		if (claim->kind == GB_CLAIM_HAZARD && strlen(n.labels) < 200)
			strcat(n.labels, trace->sqes[claim->req].label);
	}
	gb_check_free(check);
	gb_trace_free(trace);
	return n;
}

static struct count count_lone(uint32_t leaders, const char *stated)
{
	char *text = lone_leaders(leaders, stated);
	const struct count n = count_findings(text, GB_CHECK_ORDER, false);

	free(text);
	return n;
}

#define ONE_OF_EACH "invariant I3 violated\ninvariant I6 violated\ninvariant I60 violated\n"

/* A line for one request hides none of another. */
static void lines_stand_for_one_request(void **state)
{
	struct count n = count_lone(2, "");

	(void)state;
	assert_int_equal(n.hazards, 2);
	assert_int_equal(n.invariants, 6);
	assert_int_equal(n.expected + n.beyond, 0);
	assert_string_equal(n.labels, "l0l1");
	n = count_lone(1, "hazard leak at io_ring_exit_work of l0\n" ONE_OF_EACH);
	assert_int_equal(n.hazards + n.invariants, 0);
	assert_int_equal(n.expected, 4);
	/* the second leader is one too many of each kind; without a label nobody knows which */
	n = count_lone(2, "hazard leak at io_ring_exit_work of l0\n" ONE_OF_EACH);
	assert_string_equal(n.labels, "l1");
	assert_int_equal(n.invariants, 6);
	assert_int_equal(n.beyond, 7);
	assert_int_equal(n.expected, 1);
	n = count_lone(
		2,
		"hazard leak at io_ring_exit_work\nhazard leak at io_ring_exit_work of l0\n" ONE_OF_EACH ONE_OF_EACH);
	assert_int_equal(n.hazards + n.invariants, 0);
	n = count_lone(2, "hazard leak at io_ring_exit_work of l1\nhazard leak at io_ring_exit_work: another story\n");
	assert_string_equal(n.labels, "l0");
	/* steps are no part of what is stated: other schedules have others */
	n = count_lone(2,
		       "invariant I6 violated: l1 (step 99) never posts its CQE\ninvariant I6 violated: l0 never posts "
		       "its CQE\n");
	assert_int_equal(n.invariants, 4);
	n = count_lone(
		2, "invariant I6 violated: l1 never posts its CQE\ninvariant I6 violated: l1 never posts its CQE\n");
	assert_int_equal(n.invariants, 5);
	assert_int_equal(n.beyond, 1);
}

static void findings_are_bounded(void **state)
{
	const struct count n = count_lone(20, "");
	char *text = lone_leaders(2, "");
	const struct count visible = count_findings(text, GB_CHECK_ORDER, true);

	(void)state;
	assert_int_equal(n.hazards, 16);
	assert_int_equal(n.invariants, 3 * 16);
	/* of the last invariant the monitor keeps no more than that */
	assert_int_equal(n.more, 3);
	/* a real kernel survives all of it */
	assert_int_equal(visible.hazards + visible.invariants, 0);
	assert_int_equal(visible.expected, 4);
	free(text);
}

/* Which request goes wrong is a matter of the schedule: what is stated of one is not stated of the other. */
static void lines_are_about_every_schedule(void **state)
{
	static const char either[] = "lessor d\nfile f size=1 nowait=1 outcomes=inline,error\n"
				     "sqe l LEASE fd=d dir=dest len=2 flags=SQE_GROUP\n"
				     "sqe a READ fd=f len=1 addr=0 flags=GROUP_BUF|SQE_GROUP\n"
				     "sqe b READ fd=f len=1 addr=1 flags=GROUP_BUF\nsubmit\nreap\n";
	static const char of_a[] = "invariant I87 violated: a has filled 0 of its 1 bytes of the buffer of l, "
				   "and the rest is not zeroed\n";
	static const char *const lines[] = {"", "invariant I87 violated\n", of_a};
	static const uint32_t violations[3][3] = {{2, 2, 1}, {2, 0, 0}, {1, 0, 1}};

	(void)state;
	for (int one = 0; one < 3; one++) {
		for (int other = 0; other < 3; other++) {
			char text[1024];
			struct count n;

			snprintf(text, sizeof(text), "%s%s%s", either, lines[one], lines[other]);
			n = count_findings(text, GB_CHECK_ORDER, false);
			assert_int_equal(n.hazards, 0);
			if (n.invariants != violations[one][other])
				fail_msg("%s: %u violations", text, (unsigned)n.invariants);
		}
	}
}

/* Members that are alike are not if a line names one of them. */
static void lines_tell_members_apart(void **state)
{
	static const char program[] = "lessor d\npipe p\nsqe l LEASE fd=d dir=dest len=8 flags=SQE_GROUP\n"
				      "sqe a READ fd=p.r len=4 addr=0 flags=GROUP_BUF|SQE_GROUP|ASYNC\n"
				      "sqe b READ fd=p.r len=4 addr=0 flags=GROUP_BUF|ASYNC\nsubmit\nwrite p.w 4\n";
	char text[1024];

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct count n;

		snprintf(text, sizeof(text), "%s%s%s", program, i ? "invariant I87 violated" : "",
			 i == 2 ? ": a has filled 0 of its 4 bytes of the buffer of l, and the rest is not zeroed"
				: "");
		n = count_findings(text, GB_CHECK_NONE, false);
		assert_int_equal(n.invariants, i != 1);
		assert_int_equal(n.expected, i != 0);
	}
}

static void strangers_are_refused(void **state)
{
	struct gb_trace *trace = read_trace(lost), *other = read_trace("sqe a NOP\nsubmit\nreap\n");
	struct gb_check_config config = defaults();
	struct gb_check *part, *stranger;

	(void)state;
	config.shards = 2;
	config.shard = 1;
	part = explore(trace, &config);
	config.shard = 2;
	stranger = explore(other, &config);
	assert_int_equal(gb_check_merge(part, stranger, NULL), GB_BAD_INPUT);
	gb_check_free(stranger);
	gb_check_free(part);
	gb_trace_free(other);
	gb_trace_free(trace);
}

/* A file that ends too early, or of another trace, is no search. */
static void broken_files_are_refused(void **state)
{
	struct gb_trace *trace = read_trace(lost), *other = read_trace("sqe a NOP\nsubmit\nreap\n");
	const struct gb_check_config config = defaults();
	struct gb_check *check = explore(trace, &config), *back;
	char *bytes = NULL;
	size_t size;
	FILE *f = open_memstream(&bytes, &size);

	(void)state;
	assert_non_null(f);
	assert_true(gb_check_save(check, f));
	fclose(f);
	for (size_t n = 1; n < size; n += 1 + size / 997) {
		f = fmemopen(bytes, n, "rb");
		assert_non_null(f);
		assert_int_equal(gb_check_load(trace, &config, f, &back, NULL), GB_BAD_INPUT);
		fclose(f);
	}
	f = fmemopen(bytes, size, "rb");
	assert_non_null(f);
	assert_int_equal(gb_check_load(other, &config, f, &back, NULL), GB_BAD_INPUT);
	fclose(f);
	free(bytes);
	gb_check_free(check);
	gb_trace_free(other);
	gb_trace_free(trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_are_the_whole),
		cmocka_unit_test(goes_on_from_a_file),
		cmocka_unit_test(lines_stand_for_one_request),
		cmocka_unit_test(findings_are_bounded),
		cmocka_unit_test(lines_are_about_every_schedule),
		cmocka_unit_test(lines_tell_members_apart),
		cmocka_unit_test(strangers_are_refused),
		cmocka_unit_test(broken_files_are_refused),
	};

	return cmocka_run_group_tests_name("check findings", tests, NULL, NULL);
}
