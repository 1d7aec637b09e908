/* SPDX-License-Identifier: MIT */
/* The observer and the comparison, fed with events made by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "groupbuf/observe.h"
#include "groupbuf/reason.h"

/* A trace and an observer of it. */
struct fixture {
	struct gb_trace *trace;
	struct gb_observer *observer;
};

static const char program[] = "file f size=10\n"
			      "pipe p\n"
			      "lessor dev\n"
			      "mem m size=20\n"
			      "sqe a NOP\n"
			      "sqe b NOP\n"
			      "sqe c NOP\n"
			      "submit\n"
			      "reap\n";

static void start(struct fixture *f, const char *expectations)
{
	struct gb_error err = {0};
	char text[1024];

	snprintf(text, sizeof(text), "%s%s", program, expectations);
	if (gb_trace_parse(text, strlen(text), &f->trace, &err) != GB_OK)
		fail_msg("%u:%u: %s", err.line, err.column, err.text);
	f->observer = gb_observer_new(f->trace);
	assert_non_null(f->observer);
}

static void stop(struct fixture *f)
{
	gb_observer_free(f->observer);
	gb_trace_free(f->trace);
}

static void feed(struct fixture *f, enum gb_event_type type, uint32_t req, int64_t a, int64_t b, int64_t c)
{
	const struct gb_event ev = {
		.type = type, .req = req, .other = GB_NO_REQ, .reason_req = GB_NO_REQ, .a = a, .b = b, .c = c};

	gb_observer_event(f->observer, &ev);
}

static void reap(struct fixture *f, uint32_t req, int32_t res)
{
	feed(f, GB_EV_REAP, req, res, 0, 0);
}

static void hazard(struct fixture *f, enum gb_hazard_kind kind, bool stops)
{
	const struct gb_event ev = {.type = GB_EV_HAZARD,
				    .req = 0,
				    .other = GB_NO_REQ,
				    .a = kind,
				    .b = stops,
				    .function = "io_free_batch_list",
				    .text = "a went wrong"};

	gb_observer_event(f->observer, &ev);
}

/* The observations as text, one per line. */
static void expect_lines(struct fixture *f, const char *expected)
{
	char text[2048] = "";

	for (uint32_t i = 0; i < gb_observer_count(f->observer); i++) {
		char *line = gb_obs_print(f->trace, &gb_observer_list(f->observer)[i]);

		assert_non_null(line);
		assert_true(strlen(text) + strlen(line) + 2 < sizeof(text));
		strcat(text, line);
		strcat(text, "\n");
		free(line);
	}
	assert_string_equal(text, expected);
}

/* Ends the run and compares. */
static struct gb_diff verdict(struct fixture *f, bool visible)
{
	gb_observer_finish(f->observer);
	return gb_observer_compare(f->observer, visible);
}

static void nothing_happens(void **state)
{
	struct fixture f;

	(void)state;
	start(&f, "");
	assert_false(verdict(&f, false).differs);
	expect_lines(&f, "cqe none\n");
	stop(&f);
}

static void lines_in_their_order(void **state)
{
	struct fixture f;

	(void)state;
	start(&f, "");
	feed(&f, GB_EV_ACK, 2, 3, 40, 0x1234); /* acks and end states come at the end whenever they happen */
	feed(&f, GB_EV_LEASE, 0, 0, 100, 0);
	feed(&f, GB_EV_LEASE, 1, -22, 100, 0); /* refused: no line */
	feed(&f, GB_EV_SUBMITTED, GB_NO_REQ, 3, 3, 0);
	feed(&f, GB_EV_SUBMITTED, GB_NO_REQ, 1, 3, 0);
	reap(&f, 1, -125);
	feed(&f, GB_EV_REAP, 0, 7, 2, 0);
	feed(&f, GB_EV_GOT, GB_NO_REQ, 1 << 8, 5, 0x7369579ebfc4233b);
	feed(&f, GB_EV_GOT, GB_NO_REQ, 1 << 8, -11, 0);
	feed(&f, GB_EV_WROTE, GB_NO_REQ, 1 << 8 | 1, 10, 10); /* took everything: no line */
	feed(&f, GB_EV_WROTE, GB_NO_REQ, 1 << 8 | 1, 4, 10);
	feed(&f, GB_EV_STUCK, GB_NO_REQ, 0, 0, 0);
	feed(&f, GB_EV_ACK, 0, 2, 0, -1);
	feed(&f, GB_EV_FINAL, GB_NO_REQ, 0, 10, 0x10);
	feed(&f, GB_EV_FINAL, GB_NO_REQ, 1 << 8, 6, 0x11);
	feed(&f, GB_EV_FINAL, GB_NO_REQ, 3 << 8, 20, 0x12);
	gb_observer_finish(f.observer);
	expect_lines(&f, "submitted 1\n"
			 "cqe b -125\n"
			 "cqe a 7 flags=0x2\n"
			 "got p.r 5 7369579ebfc4233b\n"
			 "got p.r -11 0000000000000000\n"
			 "wrote p.w 4\n"
			 "stuck\n"
			 "ack a leases=1 acks=1 after=2 bytes=ffffffffffffffff untouched=0\n"
			 "ack c leases=0 acks=1 after=3 bytes=0000000000001234 untouched=40\n"
			 "final f size=10 0000000000000010\n"
			 "final p.0 bytes=6 0000000000000011\n"
			 "final m 0000000000000012\n");
	stop(&f);
}

static void second_lease_and_ack_are_counted(void **state)
{
	struct fixture f;

	(void)state;
	start(&f, "");
	feed(&f, GB_EV_LEASE, 0, 0, 100, 0);
	feed(&f, GB_EV_LEASE, 0, 0, 100, 0);
	feed(&f, GB_EV_ACK, 0, 1, 2, 3);
	feed(&f, GB_EV_ACK, 0, 9, 9, 9);
	feed(&f, GB_EV_LEASE, 9, 0, 100, 0); /* not an SQE of this trace */
	reap(&f, 0, 0);
	gb_observer_finish(f.observer);
	expect_lines(&f, "cqe a 0\nack a leases=2 acks=2 after=1 bytes=0000000000000003 untouched=2\n");
	stop(&f);
}

static void reset_forgets(void **state)
{
	struct fixture f;

	(void)state;
	start(&f, "");
	for (int i = 0; i < 100; i++)
		reap(&f, 0, i);
	feed(&f, GB_EV_LEASE, 0, 0, 100, 0);
	hazard(&f, GB_HAZARD_NULL_DEREF, true);
	gb_observer_finish(f.observer);
	assert_int_equal(gb_observer_count(f.observer), 101);
	gb_observer_reset(f.observer);
	assert_int_equal(gb_observer_count(f.observer), 0);
	reap(&f, 2, 1);
	assert_false(verdict(&f, false).differs);
	expect_lines(&f, "cqe c 1\n");
	stop(&f);
}

static void death_ends_the_story(void **state)
{
	struct fixture f;

	(void)state;
	start(&f, "");
	feed(&f, GB_EV_LEASE, 0, 0, 100, 0);
	hazard(&f, GB_HAZARD_NULL_DEREF, true);
	assert_true(verdict(&f, true).differs);
	expect_lines(&f, "hazard null-deref at io_free_batch_list of a: a went wrong\n");
	stop(&f);
}

static void reason_behind_a_cqe(void **state)
{
	const struct gb_event ev = {.type = GB_EV_REAP, .req = 1, .a = -125, .reason = 1, .reason_req = 0};
	struct fixture f;

	(void)state;
	start(&f, "");
	reap(&f, 0, 0);
	gb_observer_event(f.observer, &ev);
	gb_observer_finish(f.observer);
	assert_null(gb_observer_why(f.observer, 0));
	assert_non_null(gb_observer_why(f.observer, 1));
	assert_int_equal(gb_observer_why(f.observer, 1)->a, -125);
	assert_null(gb_observer_why(f.observer, 2));
	stop(&f);
}

static void reasons_are_sentences(void **state)
{
	char text[512];
	struct fixture f;

	(void)state;
	start(&f, "");
	for (unsigned int i = 0; i < GB_R_COUNT; i++) {
		const struct gb_event ev = {.reason = (uint16_t)i, .reason_req = 0, .reason_n = {-GB_ECANCELED, 4096}};

		gb_reason_text(f.trace, &ev, text, sizeof(text));
		assert_null(strchr(text, '%'));
		assert_true(i == 0 ? !*text : strstr(text, gb_reason_info(i)->rule) != NULL);
		assert_true(i == 0 || text[strlen(text) - 1] == ')');
	}
	assert_string_equal(gb_reason_info(GB_R_COUNT)->name, "NONE");
	assert_string_equal(gb_reason_info(0)->sentence, "");
	stop(&f);
}

static void reason_is_cut(void **state)
{
	const struct gb_event ev = {.reason = 1, .reason_req = GB_NO_REQ};
	char text[8] = "xxxxxxx";
	struct fixture f;

	(void)state;
	start(&f, "");
	gb_reason_text(f.trace, &ev, text, sizeof(text));
	assert_int_equal(strlen(text), 7);
	gb_reason_text(f.trace, &ev, text, 1);
	assert_string_equal(text, "");
	text[0] = 'x';
	gb_reason_text(f.trace, &ev, text, 0);
	assert_int_equal(text[0], 'x');
	stop(&f);
}

/* One row: what is expected, what the run showed, whether it agrees. */
struct row {
	const char *expect;
	const char *run; /* letters: a b c reap with 0, A B C with -125, h a hazard, d death, s short submit, k stuck, l
			    lease, f m finals */
	bool visible;
	bool differs;
	int expected, observed; /* indices of the lines that differ; -1 none */
};

static void play(struct fixture *f, const char *run)
{
	for (; *run; run++) {
		if (*run == 'h')
			hazard(f, GB_HAZARD_LEAK, false);
		else if (*run == 'd')
			hazard(f, GB_HAZARD_NULL_DEREF, true);
		else if (*run == 's')
			feed(f, GB_EV_SUBMITTED, GB_NO_REQ, 1, 3, 0);
		else if (*run == 'k')
			feed(f, GB_EV_STUCK, GB_NO_REQ, 0, 0, 0);
		else if (*run == 'l')
			feed(f, GB_EV_LEASE, 0, 0, 100, 0);
		else if (*run == 'f')
			feed(f, GB_EV_FINAL, GB_NO_REQ, 0, 10, 0x10);
		else if (*run == 'm')
			feed(f, GB_EV_FINAL, GB_NO_REQ, 3 << 8, 20, 0x12);
		else if (*run >= 'a')
			reap(f, (uint32_t)(*run - 'a'), 0);
		else
			reap(f, (uint32_t)(*run - 'A'), -125);
	}
}

#define SHORT "submitted 1\ncqe a 0\n"
#define FINAL "final f size=10 0000000000000010\n"
#define ACK   "ack a leases=1 acks=0 after=0 bytes=0000000000000000 untouched=0\n"
#define LEAK  "hazard leak at io_free_batch_list: a went wrong\n"
#define OF_A  "hazard leak at io_free_batch_list of a\n"
#define OF_B  "hazard leak at io_free_batch_list of b: a went wrong\n"
#define DEATH "hazard null-deref at io_free_batch_list\n"

static const struct row rows[] = {
	/* in order, exactly */
	{"cqe a 0\ncqe b -125\n", "aB", false, false, -1, -1},
	{"cqe a 0\ncqe b -125\n", "Ba", false, true, 0, 0},
	{"cqe a 0\ncqe b -125\n", "ab", false, true, 1, 1},
	{"cqe a 0\ncqe b -125\n", "a", false, true, 1, -1},
	{"cqe a 0\n", "ab", false, true, -1, 1},
	{"cqe none\n", "", false, false, -1, -1},
	{"cqe none\n", "a", false, true, 0, 0},
	{"cqe a 0\n", "", false, true, 0, 0},
	{SHORT, "sa", false, false, -1, -1},
	{SHORT, "a", false, true, 0, 0},
	{"cqe a 0\n", "sa", false, true, 0, 0},
	{"stuck\n", "k", false, true, -1, 1}, /* and `cqe none`, which the trace does not state */
	{"cqe none\n", "k", false, true, 0, 0},
	/* acks and end states only if the trace states them, then all of them */
	{"cqe a 0\n", "alf", false, false, -1, -1},
	{"cqe a 0\n" ACK, "alf", false, false, -1, -1},
	{"cqe a 0\n" ACK FINAL, "alf", false, false, -1, -1},
	{"cqe a 0\n" FINAL, "alf", false, true, 1, 1},
	{"cqe a 0\n" FINAL, "af", false, false, -1, -1},
	{"cqe a 0\n" ACK FINAL, "al", false, true, 2, -1},
	{FINAL, "abf", false, false, -1, -1},
	/* hazards */
	{"", "ah", false, true, -1, 1},
	{"", "ah", true, false, -1, -1},
	{"", "ad", true, true, -1, 1},
	{"cqe a 0\n", "ah", false, true, -1, 1},
	{"cqe a 0\n", "ah", true, false, -1, -1},
	{"cqe a 0\n" LEAK, "ah", false, false, -1, -1},
	{"cqe a 0\n" LEAK, "a", false, true, 1, -1},
	{"cqe a 0\n" OF_A, "ah", false, false, -1, -1},
	{"cqe a 0\n" OF_B, "ah", false, true, 1, 1},
	{"cqe a 0\n" LEAK, "a", true, false, -1, -1},
	{"cqe a 0\ncqe b 0\n", "ad", true, true, 1, 1},
	{DEATH, "aBd", true, false, -1, -1},
	{DEATH, "aBd", false, false, -1, -1},
	{DEATH, "hBd", false, false, -1, -1},
	{DEATH, "aB", true, true, 0, 0},
	{"cqe b -125\n" DEATH, "aBcd", false, false, -1, -1},
	{"cqe b -125\n" DEATH, "acd", false, true, 0, 0},
	{"cqe b -125\ncqe a 0\n" DEATH, "aBd", false, true, 1, 2},
	{DEATH DEATH, "d", false, true, 1, -1},
	/* any of the orders seen */
	{"seen 1 a:0 b:0\nseen 2 b:0 a:0\n", "ba", false, false, -1, -1},
	{"seen 1 a:0 b:0\nseen 2 b:0 a:0\n", "sbalf", false, false, -1, -1},
	{"seen 1 a:0 b:0\nseen 2 b:0 a:0\n", "bah", false, true, -1, 2},
	{"seen 1 a:0 b:0\nseen 2 b:0 a:0\n", "bah", true, false, -1, -1},
	{"seen 1 a:0 b:0\n" FINAL, "abf", false, false, -1, -1},
	{"seen 1 a:0 b:0\n" FINAL, "ab", false, true, 0, -1},
	{"seen 1 a:0 b:0\nsubmitted 1\n", "asb", false, false, -1, -1},
	{"seen 1 a:0 b:0\ncqe b 0\ncqe a 0\n", "ba", false, false, -1, -1}, /* seen is for the checker */
	{"seen 1 a:0 b:0\ncqe b 0\ncqe a 0\n", "ab", false, true, 0, 0},
};

static void comparison_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];
		struct fixture f;
		struct gb_diff d;

		start(&f, r->expect);
		play(&f, r->run);
		d = verdict(&f, r->visible);
		if (d.differs != r->differs || d.expected != (r->expected < 0 ? NULL : &f.trace->expect[r->expected]) ||
		    d.observed != (r->observed < 0 ? NULL : &gb_observer_list(f.observer)[r->observed]) ||
		    (d.observed && d.observed_index != (uint32_t)r->observed))
			fail_msg("row %zu: '%s' against '%s'", i, r->expect, r->run);
		stop(&f);
	}
}

static void longest_order_is_shown(void **state)
{
	struct fixture f;
	struct gb_diff d;

	(void)state;
	start(&f, "seen 1 b:0 a:0 c:0\nseen 2 a:0 b:0 c:0\nseen 1 c:0 a:0 b:0\n");
	play(&f, "asbB");
	d = verdict(&f, true);
	assert_true(d.differs);
	assert_int_equal(d.expected->sqe, 2);
	assert_int_equal(d.expected->pos.line, 11);
	assert_int_equal(d.observed->sqe, 1);
	assert_int_equal(d.observed_index, 3);
	stop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_happens),
		cmocka_unit_test(lines_in_their_order),
		cmocka_unit_test(second_lease_and_ack_are_counted),
		cmocka_unit_test(reset_forgets),
		cmocka_unit_test(death_ends_the_story),
		cmocka_unit_test(reason_behind_a_cqe),
		cmocka_unit_test(reasons_are_sentences),
		cmocka_unit_test(reason_is_cut),
		cmocka_unit_test(comparison_table),
		cmocka_unit_test(longest_order_is_shown),
	};

	return cmocka_run_group_tests_name("observe", tests, NULL, NULL);
}
