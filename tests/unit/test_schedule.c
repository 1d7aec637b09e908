/* SPDX-License-Identifier: MIT */
/* Schedules: text, names of alternatives, following one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "groupbuf/schedule.h"

static struct gb_trace *trace;

static int make_trace(void **state)
{
	static const char text[] = "sqe a NOP\nsqe b NOP\nsubmit\n";

	(void)state;
	return gb_trace_parse(text, strlen(text), &trace, NULL) != GB_OK;
}

static int free_trace(void **state)
{
	(void)state;
	gb_trace_free(trace);
	return 0;
}

static const struct gb_choice actors = {
	.kind = GB_CHOICE_ACTOR,
	.n = 5,
	.alt = {{GB_ACTOR_APP, 0, GB_NO_REQ},
		{GB_ACTOR_TW, 0, 0},
		{GB_ACTOR_WORKER, 0, 1},
		{GB_ACTOR_WORKER, 12, GB_NO_REQ},
		{GB_ACTOR_TW, 0, 0}},
};
static const struct gb_choice outcomes = {
	.kind = GB_CHOICE_OUTCOME,
	.n = 2,
	.alt = {{0, 0, 1}, {1, 0, 1}},
};

static struct gb_schedule *parse(const char *text)
{
	struct gb_schedule *s = NULL;
	struct gb_error err = {0};

	if (gb_schedule_parse(text, strlen(text), &s, &err) != GB_OK)
		fail_msg("%u:%u: %s", err.line, err.column, err.text);
	return s;
}

static void names(void **state)
{
	static const char *const expected[] = {"app", "task-work:a", "io-wq.0:b", "io-wq.12", "task-work:a/2"};
	char buf[128];

	(void)state;
	for (uint32_t i = 0; i < actors.n; i++)
		assert_string_equal(gb_alternative_name(trace, &actors, i, buf, sizeof(buf)), expected[i]);
	assert_string_equal(gb_alternative_name(trace, &outcomes, 1, buf, sizeof(buf)), "1:b");
}

static void written_and_read_again(void **state)
{
	static const char expected[] = "actor io-wq.12 of app task-work:a io-wq.0:b io-wq.12 task-work:a/2\n"
				       "outcome 1:b of 0:b 1:b\n"
				       "actor app of app task-work:a io-wq.0:b io-wq.12 task-work:a/2\n";
	struct gb_schedule *s = gb_schedule_new();
	struct gb_schedule *again;
	char *text;

	(void)state;
	assert_true(gb_schedule_add(s, trace, &actors, 3));
	assert_true(gb_schedule_add(s, trace, &outcomes, 1));
	assert_true(gb_schedule_add(s, trace, &actors, 0));
	text = gb_schedule_print(s);
	assert_string_equal(text, expected);
	again = parse(text);
	free(text);
	assert_int_equal(gb_schedule_count(again), 3);
	text = gb_schedule_print(again);
	assert_string_equal(text, expected);
	free(text);
	gb_schedule_free(again);
	gb_schedule_free(s);
}

static void what_people_write(void **state)
{
	struct gb_schedule *s =
		parse("# a comment\n\n  actor\tapp   of task-work:a  app # why\r\noutcome 1\n outcome 0");
	char *text = gb_schedule_print(s);

	(void)state;
	assert_string_equal(text, "actor app of task-work:a app\noutcome 1\noutcome 0\n");
	free(text);
	gb_schedule_free(s);
}

static void mistakes(void **state)
{
	static const struct {
		const char *text;
		uint32_t line, column;
		const char *what;
	} rows[] = {
		{"acto app\n", 1, 1, "'acto'"},
		{"actor app\n\n  who a\n", 3, 3, "'who'"},
		{"actor\n", 1, 6, "missing"},
		{"actor # app\n", 1, 7, "missing"},
		{"actor app from app\n", 1, 11, "expected 'of'"},
		{"actor app of\n", 1, 7, "not among"},
		{"outcome 2 of 0 1\n", 1, 9, "'2'"},
		{"\x01\xff\x7f", 1, 1, "'\?\?\?'"},
		{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 1, 1, "aaa...'"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct gb_schedule *s = (struct gb_schedule *)1;
		struct gb_error err = {0};

		assert_int_equal(gb_schedule_parse(rows[i].text, strlen(rows[i].text), &s, &err), GB_BAD_INPUT);
		assert_null(s);
		if (err.line != rows[i].line || err.column != rows[i].column || !strstr(err.text, rows[i].what))
			fail_msg("row %zu: %u:%u: %s", i, err.line, err.column, err.text);
	}
}

static void followed_by_name(void **state)
{
	/* The alternatives were others when it was written; the names count. */
	struct gb_schedule *s = parse("actor io-wq.0:b of app io-wq.0:b\nactor task-work:a/2\noutcome 1:b\n");
	struct gb_replay r = {.schedule = s, .trace = trace};

	(void)state;
	assert_int_equal(gb_replay_choose(&r, &actors), 2);
	assert_int_equal(gb_replay_choose(&r, &actors), 4);
	assert_int_equal(gb_replay_choose(&r, &outcomes), 1);
	assert_int_equal(gb_replay_choose(&r, &outcomes), 0);
	assert_int_equal(r.asked, 4);
	assert_false(r.diverged);
	gb_schedule_free(s);
}

static void divergence_is_named(void **state)
{
	struct gb_schedule *s = parse("actor app\nactor io-wq.0:b\nactor io-wq.7\nactor io-wq.12\n");
	struct gb_schedule *t = parse("outcome 0\n");
	struct gb_replay r = {.schedule = s, .trace = trace};

	(void)state;
	assert_int_equal(gb_replay_choose(&r, &actors), 0);
	assert_int_equal(gb_replay_choose(&r, &actors), 2);
	assert_int_equal(gb_replay_choose(&r, &actors), 0);
	assert_true(r.diverged);
	assert_int_equal(r.error.status, GB_BAD_INPUT);
	assert_int_equal(r.error.line, 3);
	assert_int_equal(r.error.column, 7);
	assert_non_null(strstr(r.error.text, "actor of app task-work:a io-wq.0:b"));
	assert_int_equal(gb_replay_choose(&r, &actors), 0); /* the default from there on */
	assert_int_equal(r.error.line, 3);

	r = (struct gb_replay){.schedule = t, .trace = trace};
	assert_int_equal(gb_replay_choose(&r, &actors), 0);
	assert_true(r.diverged);
	gb_schedule_free(s);
	gb_schedule_free(t);
}

static void many_alternatives_fit(void **state)
{
	struct gb_choice wide = {.kind = GB_CHOICE_ACTOR, .n = GB_MAX_ALTERNATIVES};
	struct gb_schedule *s = gb_schedule_new();
	struct gb_schedule *other = parse("actor nobody\n");
	struct gb_replay r = {.schedule = other, .trace = trace};
	char *text;

	(void)state;
	for (uint32_t i = 0; i < wide.n; i++)
		wide.alt[i] = (struct gb_alternative){GB_ACTOR_WORKER, (uint16_t)i, 0};
	for (int i = 0; i < 200; i++)
		assert_true(gb_schedule_add(s, trace, &wide, 63));
	text = gb_schedule_print(s);
	assert_non_null(strstr(text, " io-wq.63:a\n"));
	free(text);
	assert_int_equal(gb_replay_choose(&r, &wide), 0);
	assert_true(r.diverged);
	gb_schedule_free(s);
	gb_schedule_free(other);
	gb_schedule_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(written_and_read_again),
		cmocka_unit_test(what_people_write),
		cmocka_unit_test(mistakes),
		cmocka_unit_test(followed_by_name),
		cmocka_unit_test(divergence_is_named),
		cmocka_unit_test(many_alternatives_fit),
	};

	return cmocka_run_group_tests_name("schedule", tests, make_trace, free_trace);
}
