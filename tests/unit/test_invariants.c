/* SPDX-License-Identifier: MIT */
/*
 * Every checker of the monitor is seen to fail, and not to fail: on events
 * written by hand, which no simulation has made. Where a script or a trace has
 * {one|two}, `one` is honest and `two` breaks the invariant of the row.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "groupbuf/monitor.h"
#include "groupbuf/reason.h"

#include "unit/invariants_table.h"

/* ---- the language of the scripts ---- */

/* The text with its first or second alternatives. */
static char *expand(const char *text, bool second)
{
	char *out = calloc(1, strlen(text) + 1);
	size_t n = 0;
	int part = 0; /* 1: in the first alternative, 2: in the second */

	assert_non_null(out);
	for (const char *s = text; *s; s++) {
		if (*s == '{')
			part = 1;
		else if (*s == '|' && part)
			part = 2;
		else if (*s == '}')
			part = 0;
		else if (!part || (part == 2) == second)
			out[n++] = *s;
	}
	return out;
}

static uint32_t label_of(const struct gb_trace *t, const char *name, size_t len)
{
	for (uint32_t i = 0; i < t->n_sqes; i++)
		if (strlen(t->sqes[i].label) == len && !memcmp(t->sqes[i].label, name, len))
			return i;
	if (len != 1 || *name != '-')
		fail_msg("no SQE is called %.*s", (int)len, name);
	return GB_NO_REQ;
}

/* TYPE[@ACTOR] */
static void read_type(struct gb_event *ev, const char *word)
{
	const size_t len = strcspn(word, "@");
	int type = 0, actor = GB_ACTOR_TW;

	while (type < GB_EV_COUNT && (strlen(gb_event_name((enum gb_event_type)type)) != len ||
				      memcmp(gb_event_name((enum gb_event_type)type), word, len) != 0))
		type++;
	if (type == GB_EV_COUNT)
		fail_msg("no event is called %s", word);
	if (word[len] == '@')
		for (actor = 0; strcmp(gb_actor_name((enum gb_actor_kind)actor), word + len + 1) != 0;)
			assert_true(++actor <= GB_ACTOR_EXIT);
	ev->type = (enum gb_event_type)type;
	ev->actor = (enum gb_actor_kind)actor;
}

/* A number, !REASON, or =FUNCTION. */
static void read_rest(struct gb_event *ev, const char *word, unsigned int k)
{
	static char function[64];
	unsigned int reason = 1;

	if (*word == '!') {
		while (strcmp(gb_reason_info(reason)->name, word + 1) != 0)
			assert_true(++reason < GB_R_COUNT);
		ev->reason = (uint16_t)reason;
	} else if (*word == '=') {
		snprintf(function, sizeof(function), "%s", word + 1);
		ev->function = function;
	} else if (k < 3) {
		*(k == 0 ? &ev->a : k == 1 ? &ev->b : &ev->c) = strtoll(word, NULL, 0);
	} else {
		ev->d = strtoull(word, NULL, 0);
	}
}

/* TYPE[@ACTOR] REQ[>OTHER] [A [B [C [D]]]] [!REASON] [=FUNCTION] */
static struct gb_event read_event(const struct gb_trace *t, char *text, uint64_t step)
{
	struct gb_event ev = {.step = step, .req = GB_NO_REQ, .other = GB_NO_REQ, .reason_req = GB_NO_REQ};
	char *save = NULL, *word = strtok_r(text, " \n\t", &save);
	const char *other;

	read_type(&ev, word);
	word = strtok_r(NULL, " \n\t", &save);
	if (!word)
		return ev;
	other = strchr(word, '>');
	ev.req = label_of(t, word, other ? (size_t)(other - word) : strlen(word));
	if (other)
		ev.other = label_of(t, other + 1, strlen(other + 1));
	for (unsigned int k = 0; (word = strtok_r(NULL, " \n\t", &save)); k++)
		read_rest(&ev, word, k);
	return ev;
}

/* Plays a script; `finish` in it closes the ring and ends the run. */
static void play(struct gb_monitor *m, const struct gb_trace *t, char *script)
{
	char *save = NULL;
	uint64_t step = 0;

	for (char *line = strtok_r(script, ";", &save); line; line = strtok_r(NULL, ";", &save)) {
		struct gb_event ev;

		line += strspn(line, " \n\t");
		if (!*line)
			continue;
		if (!strcmp(line, "finish")) {
			ev = (struct gb_event){
				.step = ++step, .type = GB_EV_DYING, .req = GB_NO_REQ, .other = GB_NO_REQ};
			gb_monitor_event(m, &ev);
			gb_monitor_finish(m, GB_FINISHED);
			continue;
		}
		ev = read_event(t, line, ++step);
		gb_monitor_event(m, &ev);
	}
}

/* ---- the rows ---- */

static struct gb_trace *trace_of(const char *text)
{
	struct gb_error err = {0};
	struct gb_trace *t = NULL;

	if (gb_trace_parse(text, strlen(text), &t, &err) != GB_OK)
		fail_msg("%s\n%s", text, err.text);
	return t;
}

static uint32_t number_of(const char *name)
{
	uint32_t i = 0;

	while (gb_invariant_at(i) && strcmp(gb_invariant_at(i)->number, name) != 0)
		i++;
	if (!gb_invariant_at(i))
		fail_msg("there is no %s", name);
	return i;
}

/* The violations as one text. */
static void list(const struct gb_monitor *m, const struct gb_trace *t, char *out, size_t size)
{
	size_t n = 0;

	*out = '\0';
	for (uint32_t i = 0; i < gb_monitor_count(m) && n < size; i++) {
		char *line = gb_violation_print(t, &gb_monitor_list(m)[i]);

		assert_non_null(line);
		n += (size_t)snprintf(out + n, size - n, "\n  %s", line);
		free(line);
	}
}

/* Plays one half of a row; false, and a message, if it does not do what it is there for. */
static bool check(const struct row *row, bool breaks)
{
	const uint32_t number = number_of(row->number);
	char *text = expand(row->trace, breaks), *script = expand(row->script, breaks), said[4096];
	struct gb_trace *t = trace_of(text);
	struct gb_monitor *m = gb_monitor_new(t);
	const char *wrong = NULL;
	bool violated = false;

	assert_non_null(m);
	play(m, t, script);
	list(m, t, said, sizeof(said));
	for (uint32_t i = 0; i < gb_monitor_count(m); i++)
		violated |= gb_monitor_list(m)[i].invariant == number;
	if (breaks && !violated)
		wrong = "is not violated";
	else if (breaks && !gb_monitor_exercised(m, number))
		wrong = "is violated and not exercised";
	else if (!breaks && gb_monitor_count(m))
		wrong = "the honest half violates";
	else if (!breaks && row->tests && !gb_monitor_exercised(m, number))
		wrong = "the honest half does not test it";
	if (wrong)
		print_error("%s: %s%s\n  %s\n", row->number, wrong, said, row->script);
	gb_monitor_free(m);
	gb_trace_free(t);
	free(script);
	free(text);
	return !wrong;
}

static void every_checker_fails_and_passes(void **state)
{
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < n_rows; i++) {
		ok &= check(&rows[i], true);
		ok &= check(&rows[i], false);
	}
	assert_true(ok);
}

/* Every invariant that is decided has a row, and one whose honest half tests it unless it only ever refutes. */
static void every_checker_has_a_row(void **state)
{
	(void)state;
	for (uint32_t i = 0; gb_invariant_at(i); i++) {
		const struct gb_invariant *v = gb_invariant_at(i);
		size_t n = 0;

		for (size_t k = 0; k < n_rows; k++)
			n += !strcmp(rows[k].number, v->number);
		if (!n == !v->undecided)
			fail_msg("%s: %zu rows, %s", v->number, n, v->undecided ? v->undecided : "decided");
	}
}

static void a_violation_is_told_once(void **state)
{
	char script[] = "init a 0 0; start a; issue a 1; done a 0 0; cqe a 0 0 1; cqe a 0 0 2; cqe a 0 0 3";
	struct gb_trace *t = trace_of("sqe a NOP\nsubmit\n");
	struct gb_monitor *m = gb_monitor_new(t);
	char said[256];

	(void)state;
	play(m, t, script);
	list(m, t, said, sizeof(said));
	assert_string_equal(said, "\n  I6 violated: a posts a second last CQE (step 6), the first (step 5)");
	gb_monitor_reset(m);
	assert_int_equal(gb_monitor_count(m), 0);
	gb_monitor_finish(m, GB_DEAD);
	gb_monitor_finish(m, GB_FINISHED);
	gb_monitor_finish(m, GB_FINISHED);
	assert_int_equal(gb_monitor_count(m), 0);
	gb_monitor_free(m);
	gb_trace_free(t);
}

/* What the events name, a trace need not have. */
static void strange_events_are_survived(void **state)
{
	struct gb_trace *t = trace_of("sqe a NOP flags=SQE_GROUP\nsqe b NOP\nsubmit\n");
	struct gb_monitor *m = gb_monitor_new(t);

	(void)state;
	for (int type = 0; type < GB_EV_COUNT; type++) {
		for (uint32_t k = 0; k < 27; k++) {
			const uint32_t names[] = {0, 1, GB_NO_REQ};
			const struct gb_event ev = {
				.step = k,
				.type = (enum gb_event_type)type,
				.req = k % 3 == 2 && k > 20 ? 77 : names[k % 3],
				.other = names[k / 3 % 3],
				.a = (int)k - 13,
				.b = k % 4,
				.d = k % 5 ? k : UINT64_MAX,
			};

			gb_monitor_event(m, &ev);
		}
	}
	gb_monitor_finish(m, GB_FINISHED);
	assert_true(gb_monitor_count(m) > 10);
	assert_null(gb_invariant_at(1000));
	assert_false(gb_monitor_exercised(m, 1000));
	gb_monitor_free(m);
	gb_monitor_free(NULL);
	gb_trace_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_checker_fails_and_passes),
		cmocka_unit_test(every_checker_has_a_row),
		cmocka_unit_test(a_violation_is_told_once),
		cmocka_unit_test(strange_events_are_survived),
	};

	return cmocka_run_group_tests_name("invariants", tests, NULL, NULL);
}
