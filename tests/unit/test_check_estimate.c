/* SPDX-License-Identifier: MIT */
/* The estimate of how much a search has seen: near the truth, the same for all threads, and without a trace. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "groupbuf/check.h"

#include "check/sample.h"

/* Few enough that the sample has to be thinned out. */
#define EFFORT 6000U

static struct gb_trace *read_trace(const char *name)
{
	static char text[1 << 16];
	char path[512];
	struct gb_trace *trace = NULL;
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), GB_SOURCE_DIR "/traces/%s", name);
	f = fopen(path, "r");
	assert_non_null(f);
	n = fread(text, 1, sizeof(text), f);
	fclose(f);
	assert_int_equal(gb_trace_parse(text, n, &trace, NULL), GB_OK);
	return trace;
}

static struct gb_check *new_check(const struct gb_trace *trace, const struct gb_check_config *config)
{
	struct gb_check *check = NULL;

	assert_int_equal(gb_check_new(trace, config, &check, NULL), GB_OK);
	return check;
}

static uint64_t states_of(const struct gb_trace *trace, struct gb_check_config config)
{
	struct gb_check *check = new_check(trace, &config);
	uint64_t n;

	assert_int_equal(gb_check_run(check), GB_CHECK_COMPLETE);
	n = gb_check_stats(check).at.states;
	assert_true(gb_check_stats(check).at.fraction == 1);
	assert_true(gb_check_estimate(check, EFFORT) == 1);
	gb_check_free(check);
	return n;
}

/* A search that has seen about that many per cent. */
static struct gb_check *part_of(const struct gb_trace *trace, struct gb_check_config config, uint64_t states,
				unsigned percent)
{
	struct gb_check *check;

	config.max_states = states * percent / 100;
	check = new_check(trace, &config);
	assert_int_equal(gb_check_run(check), GB_CHECK_MAX_STATES);
	return check;
}

/* How far off the estimate is, as a factor from 1. */
static double off(const struct gb_trace *trace, struct gb_check_config config, uint64_t states, unsigned percent)
{
	struct gb_check *check = part_of(trace, config, states, percent);
	const double truth = (double)gb_check_stats(check).at.states / (double)states;
	double says;

	assert_true(gb_check_stats(check).at.fraction == 0);
	says = gb_check_estimate(check, EFFORT);
	assert_true(says > 0 && says < 1);
	assert_true(gb_check_stats(check).at.fraction == says);
	gb_check_free(check);
	return says > truth ? says / truth : truth / says;
}

static void is_near_the_truth(void **state)
{
	static const char *const names[] = {"conformance/wait/wait-1-0154.trace",
					    "conformance/cancel/cancel-1-0107.trace",
					    "conformance/nop/nop-1-0038.trace"};
	static const unsigned points[] = {8, 20, 50};
	struct gb_check_config config;
	unsigned n = 0, good = 0;

	(void)state;
	gb_check_defaults(&config);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct gb_trace *trace = read_trace(names[i]);

		for (int order = GB_CHECK_PREEMPTIONS; order <= GB_CHECK_LIFO; order++) {
			uint64_t states;

			config.order = (enum gb_check_order)order;
			states = states_of(trace, config);
			for (size_t k = 0; k < sizeof(points) / sizeof(points[0]); k++) {
				const double factor = off(trace, config, states, points[k]);

				n++;
				good += factor < 2;
			}
		}
		gb_trace_free(trace);
	}
	assert_int_equal(n, 27);
	assert_true(good >= 25);
}

/* Without the set of visited states the space is a tree, with steps that lead to the same state counted apart. */
static void trees_as_well(void **state)
{
	struct gb_trace *trace = read_trace("scenarios/failing-leg.trace");
	struct gb_check_config config;
	uint64_t states;

	(void)state;
	gb_check_defaults(&config);
	config.order = GB_CHECK_LIFO;
	config.reductions = GB_CHECK_COMMUTE | GB_CHECK_SYMMETRY;
	states = states_of(trace, config);
	assert_true(states > 10000);
	for (unsigned percent = 10; percent < 100; percent += 20)
		assert_true(off(trace, config, states, percent) < 2);
	gb_trace_free(trace);
}

static bool ask_always(void *user, const struct gb_check_progress *progress)
{
	struct gb_check **check = user;

	assert_true(gb_check_estimate(*check, 500) == progress->fraction);
	return false;
}

struct report {
	uint64_t states, transitions, steps, outcomes, claims, vacuous;
	double fraction;
};

static struct report report_of(const struct gb_trace *trace, struct gb_check_config config, bool ask)
{
	struct report r = {0};
	struct gb_check *check;

	config.stop = ask ? ask_always : NULL;
	config.user = &check;
	check = new_check(trace, &config);
	gb_check_run(check);
	r.fraction = gb_check_estimate(check, EFFORT);
	assert_true(gb_check_judge(check));
	r.states = gb_check_stats(check).at.states;
	r.transitions = gb_check_stats(check).at.transitions;
	r.steps = gb_check_stats(check).at.steps;
	r.outcomes = gb_check_outcome_count(check);
	r.claims = gb_check_claim_count(check);
	for (uint32_t i = 0; i < r.claims; i++)
		r.vacuous += gb_check_claim_at(check, i)->verdict == GB_CHECK_VACUOUS;
	gb_check_free(check);
	return r;
}

static bool same_report(const struct report *a, const struct report *b)
{
	return a->states == b->states && a->transitions == b->transitions && a->steps == b->steps &&
	       a->outcomes == b->outcomes && a->claims == b->claims && a->vacuous == b->vacuous &&
	       a->fraction == b->fraction;
}

static void leaves_no_trace(void **state)
{
	struct gb_trace *trace = read_trace("conformance/lease/lease-1-0048.trace");
	struct gb_check_config config;
	struct report plain, asked;

	(void)state;
	gb_check_defaults(&config);
	for (int exact = 0; exact < 2; exact++) {
		config.exact = exact;
		config.max_states = 600;
		plain = report_of(trace, config, false);
		asked = report_of(trace, config, true);
		assert_true(plain.fraction > 0 && plain.fraction < 1);
		assert_true(same_report(&plain, &asked));
		config.jobs = 3;
		asked = report_of(trace, config, true);
		assert_true(same_report(&plain, &asked));
		config.jobs = 1;
		config.max_states = 0;
		plain = report_of(trace, config, false);
		asked = report_of(trace, config, true);
		assert_true(same_report(&plain, &asked));
	}
	gb_trace_free(trace);
}

static unsigned char *saved(struct gb_check *check, size_t *n)
{
	FILE *f = tmpfile();
	unsigned char *bytes;

	assert_non_null(f);
	assert_true(gb_check_save(check, f));
	*n = (size_t)ftell(f);
	bytes = malloc(*n);
	assert_non_null(bytes);
	rewind(f);
	assert_int_equal(fread(bytes, 1, *n, f), *n);
	fclose(f);
	return bytes;
}

/* Nothing of what a checkpoint holds has changed but the estimate, and with it the checksum. */
static void changes_one_number(void **state)
{
	struct gb_trace *trace = read_trace("conformance/lease/lease-1-0048.trace");
	struct gb_check_config config;
	struct gb_check *check;
	unsigned char *before, *after;
	size_t n, same, differ = 0;

	(void)state;
	gb_check_defaults(&config);
	config.order = GB_CHECK_DEPTH; /* it has come to no end yet, as the sample will */
	config.max_states = 100;
	check = new_check(trace, &config);
	gb_check_run(check);
	assert_int_equal(gb_check_stats(check).terminals, 0);
	before = saved(check, &n);
	assert_true(gb_check_estimate(check, EFFORT) > 0);
	after = saved(check, &same);
	assert_int_equal(n, same);
	for (size_t i = 0; i < n; i++)
		differ += before[i] != after[i];
	assert_in_range(differ, 1, sizeof(double) + 16);
	free(before);
	free(after);
	gb_check_free(check);
	gb_trace_free(trace);
}

static void is_not_known_beyond_a_bound(void **state)
{
	struct gb_trace *trace = read_trace("conformance/lease/lease-1-0048.trace");
	struct gb_check_config config;
	struct gb_check *check;

	(void)state;
	gb_check_defaults(&config);
	config.max_level = 1;
	check = new_check(trace, &config);
	assert_int_equal(gb_check_run(check), GB_CHECK_MAX_LEVEL);
	assert_true(gb_check_estimate(check, EFFORT) == 0);
	gb_check_free(check);
	gb_trace_free(trace);
}

/* What gb_check_save wrote. */
static struct gb_check *again(const struct gb_trace *trace, const struct gb_check_config *config,
			      struct gb_check *check)
{
	FILE *f = tmpfile();

	assert_non_null(f);
	assert_true(gb_check_save(check, f));
	gb_check_free(check);
	rewind(f);
	assert_int_equal(gb_check_load(trace, config, f, &check, NULL), GB_OK);
	fclose(f);
	return check;
}

static void survives_a_checkpoint(void **state)
{
	struct gb_trace *trace = read_trace("conformance/lease/lease-1-0048.trace");
	struct gb_check_config config;
	struct gb_check *check;
	double says;

	(void)state;
	gb_check_defaults(&config);
	config.max_states = 600;
	check = new_check(trace, &config);
	gb_check_run(check);
	says = gb_check_estimate(check, EFFORT);
	check = again(trace, &config, check);
	assert_true(gb_check_stats(check).at.fraction == says);
	assert_true(gb_check_estimate(check, EFFORT) == says);
	gb_check_free(check);
	gb_trace_free(trace);
}

/* A shard says how much of its part it has seen; together they say it of all parts. */
static void shards_add_up(void **state)
{
	struct gb_trace *trace = read_trace("conformance/lease/lease-1-0049.trace");
	struct gb_check *part[2];
	double seen = 0, all = 0, says;

	(void)state;
	for (uint32_t i = 0; i < 2; i++) {
		struct gb_check_config config;
		uint64_t states;

		gb_check_defaults(&config);
		config.shard = i + 1;
		config.shards = 2;
		states = states_of(trace, config);
		part[i] = part_of(trace, config, states, 50); /* behind the common beginning */
		gb_check_estimate(part[i], EFFORT);
		seen += (double)gb_check_stats(part[i]).at.states;
		all += (double)states;
		part[i] = again(trace, &config, part[i]);
	}
	assert_int_equal(gb_check_merge(part[0], part[1], NULL), GB_OK);
	says = gb_check_estimate(part[0], EFFORT);
	assert_true(says == gb_check_stats(part[0]).at.fraction);
	assert_true(says > seen / all / 2 && says < seen / all * 2);
	gb_check_free(part[0]);
	gb_check_free(part[1]);
	gb_trace_free(trace);
}

/* ---- the sample alone ---- */

/* A layer of `n` states into which `degree` edges go, one from each of `n` states of which every `part`-th is taken. */
static double guess(uint64_t n, uint32_t degree, uint32_t part)
{
	struct ck_sampled state = {.packed = (unsigned char[1]){0}, .bytes = 1};
	struct ck_sample s;
	double states;

	assert_true(ck_sample_init(&s, 8, 1.5, false));
	for (uint64_t i = 0; i < n; i++) {
		if (ck_sample_key(i) % part)
			continue;
		for (uint32_t k = 0; k < degree; k++) {
			const uint64_t to = (i + k * (n / degree)) % n;

			state.key = ck_sample_key(to + n);
			ck_sample_meet(&s, (struct ck_hash){to + 1, 1}, 7, &state, (struct ck_from){part, 0});
		}
	}
	assert_true(s.layer[7].pool[CK_FOUND].n < 40); /* more are not kept */
	states = ck_sample_states(&s, &s.layer[7]);
	ck_sample_free(&s);
	return states;
}

static void counts_layers(void **state)
{
	(void)state;
	assert_true(guess(6000, 3, 1) == 6000);
	for (uint32_t degree = 1; degree <= 4; degree++) {
		for (uint32_t part = 2; part <= 16; part *= 2) {
			const double n = guess(48000, degree, part);

			assert_true(n > 48000 * 0.85 && n < 48000 * 1.15);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_layers),	 cmocka_unit_test(is_near_the_truth),
		cmocka_unit_test(trees_as_well),	 cmocka_unit_test(leaves_no_trace),
		cmocka_unit_test(changes_one_number),	 cmocka_unit_test(is_not_known_beyond_a_bound),
		cmocka_unit_test(survives_a_checkpoint), cmocka_unit_test(shards_add_up),
	};

	return cmocka_run_group_tests_name("estimate of a search", tests, NULL, NULL);
}
