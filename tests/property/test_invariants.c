/* SPDX-License-Identifier: MIT */
/*
 * The monitor over everything there is: no run of the corpus, of the traces or
 * of a random program violates an invariant that the table does not name as
 * broken by V9; what it names is shown by a trace of traces/defects; and a
 * monitor put back judges as the one it was taken from.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "groupbuf/monitor.h"
#include "support/corpus.h"
#include "support/program.h"

/* How often each invariant was put to the test, and how often it was violated. */
#define MAX_INVARIANTS 128
static size_t exercised[MAX_INVARIANTS], broken[MAX_INVARIANTS];

/* What is broken with every switch of --variant on: nothing repairs it, or not all of it. */
static const char *const unrepaired[] = {"I12", "I13", "I17", "I27", "I40", "I41", "I47",
					 "I48", "I51", "I53", "I66", "I69", "I87", "I91"};

static bool may_break(const char *number, uint32_t variant)
{
	for (size_t k = 0; k < sizeof(unrepaired) / sizeof(unrepaired[0]); k++)
		if (!strcmp(number, unrepaired[k]))
			return true;
	return !variant;
}

static void judge(const char *name, const struct gb_trace *t, const struct gb_monitor *m, uint64_t seed,
		  uint32_t variant)
{
	for (uint32_t i = 0; gb_invariant_at(i); i++) {
		assert_true(i < MAX_INVARIANTS);
		exercised[i] += gb_monitor_exercised(m, i);
	}
	for (uint32_t i = 0; i < gb_monitor_count(m); i++) {
		const struct gb_violation *v = &gb_monitor_list(m)[i];

		broken[v->invariant]++;
		if (!*gb_invariant_at(v->invariant)->broken ||
		    !may_break(gb_invariant_at(v->invariant)->number, variant))
			fail_msg("%s, seed %u: %s", name, (unsigned int)seed, gb_violation_print(t, v));
	}
}

/* The default order and `seeds` others. */
static void run(const char *name, const struct gb_trace *t, struct gb_config config, uint64_t seeds)
{
	struct gb_monitor *m = gb_monitor_new(t);
	struct gb_error err = {0};
	struct gb_world *world;

	assert_non_null(m);
	config.event = gb_monitor_event;
	config.event_user = m;
	for (uint64_t seed = 0; seed <= seeds; seed++) {
		config.strategy = seed ? GB_STRATEGY_RANDOM : GB_STRATEGY_DEFAULT;
		config.seed = seed;
		if (gb_world_create(t, &config, &world, &err) != GB_OK)
			break;
		gb_monitor_reset(m);
		gb_monitor_finish(m, gb_world_run(world));
		judge(name, t, m, seed, config.variant);
		gb_world_destroy(world);
	}
	gb_monitor_free(m);
}

static void the_corpus_breaks_what_is_documented(void **state)
{
	static const char *const rooms[] = {"tutorial", "scenarios", "defects", "ublk", "rules", "net"};
	struct corpus corpus = {0};

	(void)state;
	corpus_add_all(&corpus);
	for (size_t i = 0; i < sizeof(rooms) / sizeof(rooms[0]); i++)
		corpus_add_room(&corpus, rooms[i]);
	for (size_t i = 0; i < corpus.n; i++) {
		const struct corpus_trace *c = &corpus.list[i];
		struct gb_config repaired = c->config;

		repaired.variant = (1U << GB_VARIANT_COUNT) - 1;
		run(c->name, c->trace, c->config, build_is_slow() ? 1 : 5);
		run(c->name, c->trace, repaired, build_is_slow() ? 0 : 3);
	}
	corpus_free(&corpus);
}

static void random_programs_break_what_is_documented(void **state)
{
	const uint64_t n = build_is_slow() ? 400 : 4000;
	const struct gb_config config = {0}, repaired = {.variant = (1U << GB_VARIANT_COUNT) - 1};
	size_t programs = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= n; seed++) {
		struct gb_trace *t = random_trace(seed);
		char name[32];

		snprintf(name, sizeof(name), "program %u", (unsigned int)seed);
		if (!t)
			continue;
		run(name, t, config, 2);
		run(name, t, repaired, 1);
		gb_trace_free(t);
		programs++;
	}
	assert_true(programs > n / 2);
}

/* What no trace of the corpus puts to the test is not watched at all. */
static void every_invariant_is_put_to_the_test(void **state)
{
	(void)state;
	for (uint32_t i = 0; gb_invariant_at(i); i++) {
		const struct gb_invariant *v = gb_invariant_at(i);

		if (!v->undecided != (exercised[i] != 0))
			fail_msg("%s is put to the test %zu times", v->number, exercised[i]);
	}
}

/* ---- what is broken has a trace ---- */

/* Does the text contain the whole word, "D3" but not "D30"? */
static bool has_word(const char *text, const char *word, size_t len)
{
	for (const char *at = strstr(text, word); at; at = strstr(at + 1, word))
		if (at[len] < '0' || at[len] > '9')
			return true;
	return false;
}

/* True if the trace states a violation of an invariant that is broken by one of `ids` ("D1, A1"). */
static bool shows(const char *trace, const char *ids)
{
	char path[128];
	size_t size;
	char *text;
	bool any = false;

	snprintf(path, sizeof(path), "traces/defects/%s.trace", trace);
	text = corpus_read(path, &size);
	for (uint32_t i = 0; gb_invariant_at(i); i++) {
		char line[64], list[128], *save = NULL;

		snprintf(line, sizeof(line), "\ninvariant %s violated", gb_invariant_at(i)->number);
		snprintf(list, sizeof(list), "%s", gb_invariant_at(i)->broken);
		for (char *id = strtok_r(list, ", ", &save); id; id = strtok_r(NULL, ", ", &save))
			any |= *id != 't' && strstr(text, line) && has_word(ids, id, strlen(id));
	}
	free(text);
	return any;
}

/* One row: | ids | what | traces |. */
static void check_row(char *row)
{
	char *save = NULL, *ids = strtok_r(row, "|", &save), *what = strtok_r(NULL, "|", &save);
	char *traces = strtok_r(NULL, "|", &save);

	assert_non_null(what);
	assert_non_null(traces);
	for (char *name = strtok_r(traces, ",; ", &save); name; name = strtok_r(NULL, ",; ", &save))
		if (strlen(name) > 4 && strchr("adi", *name) && name[1] >= '0' && name[1] <= '9' && !shows(name, ids))
			fail_msg("traces/defects/%s does not show %s", name, ids);
}

static void the_documented_defects_have_traces(void **state)
{
	size_t size, rows = 0;
	char *text = corpus_read("docs/broken.txt", &size), *save = NULL;
	char *copy = strdup(text);

	(void)state;
	assert_non_null(copy);
	for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (strncmp(line, "| D", 3) != 0 && strncmp(line, "| A", 3) != 0 && strncmp(line, "| S", 3) != 0)
			continue;
		check_row(line);
		rows++;
	}
	assert_true(rows > 15);
	for (uint32_t i = 0; gb_invariant_at(i); i++) {
		char list[128];

		snprintf(list, sizeof(list), "%s", gb_invariant_at(i)->broken);
		save = NULL;
		for (char *id = strtok_r(list, ", ", &save); id; id = strtok_r(NULL, ", ", &save))
			if (*id != 't' && !has_word(text, id, strlen(id)) && !gb_invariant_at(i)->undecided)
				fail_msg("%s: docs/broken.txt does not explain %s", gb_invariant_at(i)->number, id);
	}
	free(copy);
	free(text);
}

/* An invariant the table calls broken has been seen broken. */
static void what_is_called_broken_is_seen_broken(void **state)
{
	(void)state;
	for (uint32_t i = 0; gb_invariant_at(i); i++) {
		const struct gb_invariant *v = gb_invariant_at(i);
		bool due = *v->broken && !v->undecided;

		if (due != (broken[i] != 0))
			fail_msg("%s (%s) was seen broken %zu times", v->number, v->broken, broken[i]);
	}
}

/* ---- saving ---- */

static void same_violations(const char *name, const struct gb_monitor *a, const struct gb_monitor *b)
{
	if (gb_monitor_count(a) != gb_monitor_count(b) ||
	    (gb_monitor_count(a) &&
	     memcmp(gb_monitor_list(a), gb_monitor_list(b), gb_monitor_count(a) * sizeof(struct gb_violation)) != 0))
		fail_msg("%s: a monitor put back judges otherwise", name);
}

static void check_saving(const struct corpus_trace *t)
{
	struct gb_monitor *whole = gb_monitor_new(t->trace), *half = gb_monitor_new(t->trace);
	size_t size = gb_monitor_size(whole), n;
	unsigned char *saved = malloc(size), *form[2] = {malloc(size), malloc(size)};
	struct event_log log = {0};
	struct gb_config config = t->config;
	struct gb_world *world;
	enum gb_run_state end;

	config.event = log_event;
	config.event_user = &log;
	world = world_of(t->trace, &config);
	end = gb_world_run(world);
	gb_world_destroy(world);
	for (size_t i = 0; i < log.n; i++) {
		gb_monitor_event(whole, &log.list[i]);
		if (i == log.n / 2)
			gb_monitor_save(whole, saved);
		/* leaves traces that loading has to cover */
		if (i < log.n * 3 / 4)
			gb_monitor_event(half, &log.list[i]);
	}
	gb_monitor_load(half, saved);
	for (size_t i = log.n / 2 + 1; i < log.n; i++)
		gb_monitor_event(half, &log.list[i]);
	n = gb_monitor_canonical(whole, NULL, form[0]);
	assert_true(n <= size);
	assert_int_equal(gb_monitor_canonical(half, NULL, form[1]), n);
	assert_memory_equal(form[0], form[1], n);
	gb_monitor_finish(whole, end);
	gb_monitor_finish(half, end);
	same_violations(t->name, whole, half);
	log_free(&log);
	free(saved);
	free(form[0]);
	free(form[1]);
	gb_monitor_free(whole);
	gb_monitor_free(half);
}

static void a_monitor_put_back_judges_the_same(void **state)
{
	struct corpus corpus = {0};

	(void)state;
	corpus_add_all(&corpus);
	corpus_add_room(&corpus, "ublk");
	for (size_t i = 0; i < corpus.n; i++)
		check_saving(&corpus.list[i]);
	corpus_free(&corpus);
}

/* The order in which independent requests were dealt with is no part of the form, nor are steps. */
static void the_form_forgets_the_way(void **state)
{
	static const char text[] =
		"sqe a NOP flags=ASYNC\nsqe b NOP flags=ASYNC\nsqe c NOP flags=ASYNC\nsubmit\nreap\n";
	struct gb_trace *t = trace_of("three", text, strlen(text));
	struct gb_monitor *m = gb_monitor_new(t);
	unsigned char *form[2] = {malloc(gb_monitor_size(m)), malloc(gb_monitor_size(m))};

	(void)state;
	for (uint64_t seed = 1; seed <= 50; seed++) {
		const struct gb_config config = {
			.strategy = GB_STRATEGY_RANDOM, .seed = seed, .event = gb_monitor_event, .event_user = m};
		struct gb_world *world = world_of(t, &config);
		size_t n;

		gb_monitor_reset(m);
		gb_world_run(world);
		gb_world_destroy(world);
		n = gb_monitor_canonical(m, NULL, form[seed != 1]);
		assert_memory_equal(form[0], form[seed != 1], n);
	}
	free(form[0]);
	free(form[1]);
	gb_monitor_free(m);
	gb_trace_free(t);
}

int main(void)
{
	/* what the first two count, the others look at */
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_corpus_breaks_what_is_documented),
		cmocka_unit_test(random_programs_break_what_is_documented),
		cmocka_unit_test(every_invariant_is_put_to_the_test),
		cmocka_unit_test(what_is_called_broken_is_seen_broken),
		cmocka_unit_test(the_documented_defects_have_traces),
		cmocka_unit_test(a_monitor_put_back_judges_the_same),
		cmocka_unit_test(the_form_forgets_the_way),
	};

	return cmocka_run_group_tests_name("invariants", tests, NULL, NULL);
}
