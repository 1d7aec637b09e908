/* SPDX-License-Identifier: MIT */
/*
 * What does not change the meaning of a trace does not change its run: doing
 * it twice, printing and reading it, another order of its key=value pairs,
 * other labels. Over the corpus and random programs, in the default order and
 * under one random seed.
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

#define PROGRAMS  2000U
#define MAX_WORDS 4000

/* ---- another spelling ---- */

/* The label at the other end of the trace. Whoever looks at names will be fooled. */
static const char *other_label(const struct gb_trace *trace, const char *label, size_t n)
{
	for (uint32_t k = 0; k < trace->n_sqes; k++)
		if (strncmp(trace->sqes[k].label, label, n) == 0 && !trace->sqes[k].label[n])
			return trace->sqes[trace->n_sqes - 1 - k].label;
	return NULL;
}

/* Words of a line that name a label: the second of some lines, target= and new=, and those of `seen` before the colon.
 */
static void put_renamed(FILE *out, const struct gb_trace *trace, char *const *word, size_t k)
{
	static const char *const verbs[] = {"sqe", "cqe", "ack"};
	static const char *const pairs[] = {"target=", "new="};
	const char *begin = word[k], *label = NULL;
	size_t n = strlen(begin);

	for (size_t v = 0; v < sizeof(verbs) / sizeof(verbs[0]); v++)
		if (k == 1 && strcmp(word[0], verbs[v]) == 0)
			label = other_label(trace, begin, n);
	for (size_t v = 0; v < sizeof(pairs) / sizeof(pairs[0]); v++) {
		const size_t skip = strlen(pairs[v]);

		if (strcmp(word[0], "sqe") != 0 || strncmp(begin, pairs[v], skip) != 0)
			continue;
		fputs(pairs[v], out);
		begin += skip;
		n -= skip;
		label = other_label(trace, begin, n);
		break;
	}
	if (strcmp(word[0], "seen") == 0 && k >= 2) {
		n = strcspn(begin, ":");
		label = other_label(trace, begin, n);
	}
	fputs(label ? label : begin, out);
	if (label)
		fputs(begin + n, out);
}

/* Shuffles the pairs, which stand last in the lines that have them. */
static void shuffle(char **word, size_t n, uint64_t *random)
{
	size_t first = n;

	while (first > 1 && strchr(word[first - 1], '='))
		first--;
	for (size_t k = n; k > first + 1; k--) {
		const size_t i = first + random_below(random, (uint32_t)(k - first));
		char *swap = word[i];

		word[i] = word[k - 1];
		word[k - 1] = swap;
	}
}

/* The text with its labels exchanged, or its pairs shuffled if `random` is given; malloced. */
static char *respell(const char *text, const struct gb_trace *trace, uint64_t *random)
{
	static char *word[MAX_WORDS];
	char *copy = strdup(text), *respelled = NULL, *rest = NULL;
	size_t size;
	FILE *out = open_memstream(&respelled, &size);

	assert_non_null(copy);
	assert_non_null(out);
	for (char *line = copy, *end; *line; line = end) {
		size_t n = 0;

		end = line + strcspn(line, "\n");
		if (*end)
			*end++ = '\0';
		for (char *w = *line == '#' ? NULL : strtok_r(line, " ", &rest); w; w = strtok_r(NULL, " ", &rest)) {
			assert_true(n < MAX_WORDS);
			word[n++] = w;
		}
		/* observations are lines of their own kind: their pairs stay where they are */
		if (random && n && strcmp(word[0], "ack") != 0 && strcmp(word[0], "final") != 0)
			shuffle(word, n, random);
		for (size_t k = 0; k < n; k++) {
			if (random)
				fputs(word[k], out);
			else
				put_renamed(out, trace, word, k);
			fputc(k + 1 < n ? ' ' : '\n', out);
		}
	}
	assert_int_equal(fclose(out), 0);
	free(copy);
	return respelled;
}

/* ---- runs ---- */

struct result {
	struct event_log log;
	struct gb_observer *observer;
	char *observations;
	bool differs;
};

static void result_event(void *user, const struct gb_event *event)
{
	struct result *r = user;

	log_event(&r->log, event);
	gb_observer_event(r->observer, event);
}

static char *print_observations(const struct gb_trace *trace, const struct gb_observer *observer)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	for (uint32_t k = 0; k < gb_observer_count(observer); k++) {
		char *line = gb_obs_print(trace, &gb_observer_list(observer)[k]);

		assert_non_null(line);
		fprintf(out, "%s\n", line);
		free(line);
	}
	assert_int_equal(fclose(out), 0);
	return text;
}

static struct result run(const struct gb_trace *trace, struct gb_config config)
{
	struct result r = {.observer = gb_observer_new(trace)};
	struct gb_world *world;

	assert_non_null(r.observer);
	config.event = result_event;
	config.event_user = &r;
	world = world_of(trace, &config);
	gb_world_run(world);
	gb_world_destroy(world);
	gb_observer_finish(r.observer);
	r.differs = gb_observer_compare(r.observer, true).differs;
	r.observations = print_observations(trace, r.observer);
	gb_observer_free(r.observer);
	return r;
}

static void result_free(struct result *r)
{
	log_free(&r->log);
	free(r->observations);
}

/* Runs `trace` and compares with the result of another spelling; `same_names` if the texts have to agree too. */
static void check(const char *name, const char *what, const struct gb_trace *trace, struct gb_config config,
		  const struct result *expected, bool same_names)
{
	struct result r = run(trace, config);

	if (r.log.n != expected->log.n)
		fail_msg("%s, %s: %zu events instead of %zu", name, what, r.log.n, expected->log.n);
	for (size_t k = 0; k < r.log.n; k++)
		if (!same_event(&r.log.list[k], &expected->log.list[k]))
			fail_msg("%s, %s: event %zu is another", name, what, k + 1);
	if (same_names && strcmp(r.observations, expected->observations) != 0)
		fail_msg("%s, %s: other observations:\n%s\ninstead of\n%s", name, what, r.observations,
			 expected->observations);
	if (r.differs != expected->differs)
		fail_msg("%s, %s: another verdict", name, what);
	result_free(&r);
}

static void check_text(const char *name, const char *what, char *text, struct gb_config config,
		       const struct result *expected, bool same_names)
{
	struct gb_trace *trace;

	assert_non_null(text);
	trace = trace_of(name, text, strlen(text));
	check(name, what, trace, config, expected, same_names);
	gb_trace_free(trace);
	free(text);
}

static void check_all(const char *name, const char *text, const struct gb_trace *trace, struct gb_config config)
{
	uint64_t random = config.seed;
	struct result expected = run(trace, config);

	check(name, "the second time", trace, config, &expected, true);
	check_text(name, "printed and read again", gb_trace_print(trace), config, &expected, true);
	check_text(name, "pairs in another order", respell(text, trace, &random), config, &expected, true);
	check_text(name, "other labels", respell(text, trace, NULL), config, &expected, false);
	result_free(&expected);
}

static void corpus_again(void **state)
{
	struct corpus corpus = {0};

	(void)state;
	corpus_add_all(&corpus);
	for (size_t k = 0; k < corpus.n; k++) {
		const struct corpus_trace *t = &corpus.list[k];
		struct gb_config config = t->config;

		check_all(t->name, t->text, t->trace, config);
		config.strategy = GB_STRATEGY_RANDOM;
		config.seed = k;
		check_all(t->name, t->text, t->trace, config);
	}
	corpus_free(&corpus);
}

static void programs_again(void **state)
{
	uint64_t taken = 0;

	(void)state;
	for (uint64_t seed = 0; seed < PROGRAMS; seed++) {
		const struct gb_config config = {.strategy = seed & 1 ? GB_STRATEGY_RANDOM : GB_STRATEGY_DEFAULT,
						 .seed = seed};
		char *text = random_program(seed);
		struct gb_trace *trace;
		struct gb_error err;
		char name[40];

		snprintf(name, sizeof(name), "program %" PRIu64, seed);
		if (gb_trace_parse(text, strlen(text), &trace, &err) == GB_OK) {
			check_all(name, text, trace, config);
			taken++;
		}
		gb_trace_free(trace);
		free(text);
	}
	assert_true(taken > PROGRAMS / 2);
}

/* The spellings really differ; a test of nothing but copies would pass. */
static void really_respelled(void **state)
{
	static const char text[] = "sqe a NOP flags=ASYNC res=1 ioprio=0\n# a comment\nsqe b ASYNC_CANCEL target=a\n"
				   "submit\ncqe a 1\nseen 2 b:0 a:1\n";
	struct gb_trace *trace = trace_of("text", text, strlen(text));
	uint64_t random = 1;
	char *pairs = respell(text, trace, &random);
	char *labels = respell(text, trace, NULL);

	(void)state;
	assert_string_equal(labels,
			    "sqe b NOP flags=ASYNC res=1 ioprio=0\nsqe a ASYNC_CANCEL target=b\nsubmit\ncqe b 1\n"
			    "seen 2 a:0 b:1\n");
	assert_non_null(strstr(pairs, "sqe a NOP "));
	assert_null(strstr(pairs, "flags=ASYNC res=1 ioprio=0"));
	assert_int_equal(strlen(pairs), strlen(text) - strlen("# a comment\n"));
	free(pairs);
	free(labels);
	gb_trace_free(trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(really_respelled),
		cmocka_unit_test(corpus_again),
		cmocka_unit_test(programs_again),
	};

	return cmocka_run_group_tests_name("roundtrip run", tests, NULL, NULL);
}
