/* SPDX-License-Identifier: MIT */
/*
 * A search in parts, put together again, and one with little memory, against
 * the search as a whole.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "groupbuf/check.h"
#include "support/corpus.h"
#include "support/program.h"

#define MOST_STATES 5000U

/* What a search says: outcomes with their counts, verdicts. */
struct said {
	char **line;
	size_t n;
	struct gb_check_stats stats;
};

static void say(struct said *s, const char *text)
{
	s->line = realloc(s->line, (s->n + 1) * sizeof(*s->line));
	assert_non_null(s->line);
	s->line[s->n] = strdup(text);
	assert_non_null(s->line[s->n++]);
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void say_outcome(struct said *s, const struct gb_check_outcome *o, bool counts)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	fprintf(f, "%lu ends in state %d:", counts ? (unsigned long)o->count : 0, (int)o->state);
	for (uint32_t k = 0; k < o->n; k++)
		fprintf(f, " %s;", o->line[k]);
	fclose(f);
	say(s, text);
	free(text);
}

/* Which of several invariants that hold was put to the test depends on the way through the space. */
static void say_claim(struct said *s, const struct gb_check_claim *claim)
{
	const bool vacuous = claim->verdict == GB_CHECK_VACUOUS && claim->kind == GB_CLAIM_INVARIANT;
	char text[512];

	snprintf(text, sizeof(text), "%s: %d, %lu of %lu", claim->text, vacuous ? GB_CHECK_HOLDS : (int)claim->verdict,
		 (unsigned long)claim->yes, (unsigned long)(claim->yes + claim->no));
	say(s, text);
}

static struct said said_by(struct gb_check *check, bool counts)
{
	struct said s = {0};

	assert_true(gb_check_judge(check));
	s.stats = gb_check_stats(check);
	for (uint32_t i = 0; i < gb_check_outcome_count(check); i++)
		say_outcome(&s, gb_check_outcome_at(check, i), counts);
	for (uint32_t i = 0; i < gb_check_claim_count(check); i++)
		say_claim(&s, gb_check_claim_at(check, i));
	if (s.n)
		qsort(s.line, s.n, sizeof(*s.line), by_bytes);
	return s;
}

static void forget(struct said *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->line[i]);
	free(s->line);
}

static void same(uint64_t seed, const char *what, const struct said *a, const struct said *b)
{
	for (size_t i = 0; i < a->n || i < b->n; i++) {
		const char *x = i < a->n ? a->line[i] : "(nothing)", *y = i < b->n ? b->line[i] : "(nothing)";

		if (strcmp(x, y) != 0)
			fail_msg("program %lu, %s: the first that differs:\n%s\nand\n%s", (unsigned long)seed, what, x,
				 y);
	}
}

static struct gb_check *search(const struct gb_trace *trace, const struct gb_check_config *config)
{
	struct gb_check *check;
	struct gb_error err;

	assert_int_equal(gb_check_new(trace, config, &check, &err), GB_OK);
	return check;
}

/* ---- parts ---- */

/* Through a file: what was found so far, and what is to be done. */
static struct gb_check *to_file_and_back(const struct gb_trace *trace, const struct gb_check_config *config,
					 struct gb_check *check)
{
	FILE *file = tmpfile();
	struct gb_check *back;
	struct gb_error err;

	assert_non_null(file);
	assert_true(gb_check_save(check, file));
	gb_check_free(check);
	rewind(file);
	assert_int_equal(gb_check_load(trace, config, file, &back, &err), GB_OK);
	fclose(file);
	return back;
}

static bool stop_once(void *user, const struct gb_check_progress *progress)
{
	uint32_t *left = user;

	(void)progress;
	return *left && !--*left;
}

/* One part, which is interrupted after so many batches, written, read, and goes on. */
static struct gb_check *part_of(const struct gb_trace *trace, struct gb_check_config config, uint32_t i, uint32_t n,
				uint32_t batches)
{
	struct gb_check *check;

	config.shard = i;
	config.shards = n;
	config.stop = stop_once;
	config.user = &batches;
	check = search(trace, &config);
	if (gb_check_run(check) == GB_CHECK_STOPPED) {
		check = to_file_and_back(trace, &config, check);
		gb_check_run(check);
	}
	return check;
}

/* The parts of the search and what they say together; the states of the largest. */
static struct said in_parts(const struct gb_trace *trace, const struct gb_check_config *config, uint32_t n,
			    uint32_t batches, uint64_t *largest)
{
	struct gb_check *part[8];
	struct said s;
	struct gb_error err;

	*largest = 0;
	for (uint32_t i = 0; i < n; i++) {
		uint64_t states;

		part[i] = part_of(trace, *config, i + 1, n, batches * (i + 1));
		states = gb_check_stats(part[i]).at.states;
		*largest = states > *largest ? states : *largest;
		if (i)
			assert_int_equal(gb_check_merge(part[0], part[i], &err), GB_OK);
	}
	s = said_by(part[0], config->outcomes == GB_CHECK_ORDER);
	for (uint32_t i = 0; i < n; i++)
		gb_check_free(part[i]);
	return s;
}

struct totals {
	uint64_t programs, divided, whole, sum;
	uint64_t same_states, ordered;
};

static void compare_parts(uint64_t seed, const struct gb_trace *trace, struct totals *t)
{
	static const enum gb_check_outcomes outcomes[] = {GB_CHECK_ORDER, GB_CHECK_NONE, GB_CHECK_ORDER,
							  GB_CHECK_ORDER};
	struct gb_check_config config;
	struct gb_check *check;
	struct said whole, parts;
	uint64_t largest;
	char what[64];
	uint32_t n = 2 + seed % 4;

	gb_check_defaults(&config);
	config.outcomes = outcomes[seed % 4];
	config.order = (enum gb_check_order)(seed / 4 % 3);
	config.exact = seed % 5 == 0;
	config.max_states = MOST_STATES;
	check = search(trace, &config);
	if (gb_check_run(check) == GB_CHECK_COMPLETE && gb_check_stats(check).at.states > 600) {
		if (config.order != GB_CHECK_LIFO && seed / 12 % 3 == 0) { /* once more, with a bound */
			config.max_level = gb_check_stats(check).at.level / 2;
			gb_check_free(check);
			check = search(trace, &config);
			gb_check_run(check);
		}
		config.max_states = 0;
		whole = said_by(check, config.outcomes == GB_CHECK_ORDER);
		parts = in_parts(trace, &config, n, (uint32_t)(seed / 36 % 3) * 4, &largest);
		snprintf(what, sizeof(what), "order %d, bound %u, exact %d, %u parts", config.order, config.max_level,
			 config.exact, n);
		assert_int_equal(whole.stats.end, parts.stats.end);
		same(seed, what, &whole, &parts);
		t->programs++;
		t->whole += whole.stats.at.states;
		t->sum += parts.stats.at.states;
		t->divided += largest < parts.stats.at.states;
		if (config.outcomes == GB_CHECK_ORDER) {
			t->ordered++;
			t->same_states += whole.stats.at.states == parts.stats.at.states &&
					  whole.stats.at.transitions == parts.stats.at.transitions &&
					  whole.stats.terminals == parts.stats.terminals;
		}
		forget(&whole);
		forget(&parts);
	}
	gb_check_free(check);
}

static void parts_of_programs(void **state)
{
	const uint64_t programs = build_is_slow() ? 40 : 250;
	struct totals t = {0};

	(void)state;
	for (uint64_t seed = 1; seed <= programs; seed++) {
		struct gb_trace *trace = random_trace(seed);

		if (trace)
			compare_parts(seed, trace, &t);
		gb_trace_free(trace);
	}
	print_message(
		"%lu programs, %lu divided, states %lu, in parts %lu; by order %lu, of these without overlap %lu\n",
		(unsigned long)t.programs, (unsigned long)t.divided, (unsigned long)t.whole, (unsigned long)t.sum,
		(unsigned long)t.ordered, (unsigned long)t.same_states);
	assert_true(t.programs * 40 > programs && t.divided * 5 > t.programs);
	assert_true(t.same_states * 10 >= t.ordered * 8);
}

/* ---- memory ---- */

static void compare_memory(uint64_t seed, const struct gb_trace *trace, uint64_t *spilled, uint64_t *stopped)
{
	struct gb_check_config config;
	struct gb_check *check;
	struct said whole, little;

	gb_check_defaults(&config);
	config.order = (enum gb_check_order)(seed % 3);
	config.exact = seed % 4 == 0;
	config.max_states = MOST_STATES;
	check = search(trace, &config);
	gb_check_run(check);
	whole = said_by(check, true);
	gb_check_free(check);
	config.max_memory = whole.stats.memory_peak - whole.stats.frontier_peak + whole.stats.frontier_peak / 4;
	config.spill = tmpfile();
	assert_non_null(config.spill);
	check = search(trace, &config);
	if (gb_check_run(check) == GB_CHECK_MAX_MEMORY) {
		/* with more memory it goes on */
		*stopped += 1;
		config.max_memory = 0;
		check = to_file_and_back(trace, &config, check);
		gb_check_run(check);
	}
	little = said_by(check, true);
	*spilled += little.stats.spilled_bytes > 0;
	assert_int_equal(whole.stats.end, little.stats.end);
	assert_int_equal(whole.stats.at.states, little.stats.at.states);
	assert_int_equal(whole.stats.at.transitions, little.stats.at.transitions);
	assert_int_equal(whole.stats.at.steps, little.stats.at.steps);
	assert_int_equal(whole.stats.at.level, little.stats.at.level);
	assert_int_equal(whole.stats.depth, little.stats.depth);
	assert_int_equal(whole.stats.frontier_peak, little.stats.frontier_peak);
	same(seed, "little memory", &whole, &little);
	gb_check_free(check);
	fclose(config.spill);
	forget(&whole);
	forget(&little);
}

static void little_memory(void **state)
{
	const uint64_t programs = build_is_slow() ? 20 : 120;
	uint64_t spilled = 0, stopped = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= programs; seed++) {
		struct gb_trace *trace = random_trace(seed);

		if (trace)
			compare_memory(seed, trace, &spilled, &stopped);
		gb_trace_free(trace);
	}
	print_message("%lu programs, %lu with a file, %lu stopped\n", (unsigned long)programs, (unsigned long)spilled,
		      (unsigned long)stopped);
	assert_true(spilled * 10 > programs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_of_programs),
		cmocka_unit_test(little_memory),
	};

	return cmocka_run_group_tests_name("divided", tests, NULL, NULL);
}
