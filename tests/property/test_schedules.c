/* SPDX-License-Identifier: MIT */
/*
 * The number of schedules a check stands for, against one run after the other:
 * in all, with a bound of preemptions, with a bound of decisions. It must not depend
 * on how the search went about it.
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
#include "support/tape.h"

#define BOUNDS 24U

/* ---- every run, one after the other ---- */

/* A run, and what the bounds ask about. */
struct counted {
	struct tape tape;
	struct gb_alternative last; /* who took the last step but for interrupts */
	bool any;
	uint32_t preemptions;
};

static bool is_interrupt(const struct gb_alternative *alt)
{
	return alt->kind == GB_ACTOR_IRQ || alt->kind == GB_ACTOR_TIMER;
}

static bool is_last(const struct counted *t, const struct gb_alternative *alt)
{
	return t->any && t->last.kind == alt->kind && t->last.index == alt->index;
}

static enum gb_run_state run(struct gb_world *world, struct counted *t)
{
	enum gb_run_state state = GB_RUNNING;

	gb_world_reset(world);
	t->tape.at = t->preemptions = 0;
	t->any = false;
	while (state == GB_RUNNING) {
		struct gb_choice choice;
		const uint32_t n = gb_world_enabled(world, &choice), at = t->tape.at;
		const struct gb_alternative *who;
		bool goes_on = false;

		state = gb_world_step(world);
		if (!n)
			continue;
		who = &choice.alt[n > 1 ? t->tape.value[at] : 0];
		for (uint32_t i = 0; i < n; i++)
			goes_on = goes_on || is_last(t, &choice.alt[i]);
		t->preemptions += goes_on && !is_interrupt(who) && !is_last(t, who);
		if (!is_interrupt(who)) {
			t->last = *who;
			t->any = true;
		}
	}
	return state;
}

/* How many there are: in all, with at most so many preemptions, with at most so many decisions. */
struct counts {
	uint32_t all, preemptions[BOUNDS], decisions[BOUNDS];
};

/* False if there are more than `most`. */
static bool count_runs(const struct gb_trace *trace, bool time_races, uint32_t most, struct counts *out)
{
	struct counted c = {.tape.n = 0};
	const struct gb_config config = {.strategy = GB_STRATEGY_CALLBACK,
					 .choose = tape_choose,
					 .choose_user = &c.tape,
					 .time_races = time_races};
	struct gb_world *world = world_of(trace, &config);
	bool more = true;

	*out = (struct counts){0};
	for (; more && out->all < most; out->all++) {
		if (run(world, &c) == GB_EXHAUSTED)
			break;
		for (uint32_t k = c.preemptions; k < BOUNDS; k++)
			out->preemptions[k]++;
		for (uint32_t k = c.tape.at; k < BOUNDS; k++)
			out->decisions[k]++;
		more = tape_next(&c.tape);
	}
	gb_world_destroy(world);
	return !more;
}

/* ---- the same by the check ---- */

static struct gb_check_stats stats_of(const struct gb_trace *trace, const struct gb_check_config *config)
{
	struct gb_check_stats stats;
	struct gb_check *check;

	assert_int_equal(gb_check_new(trace, config, &check, NULL), GB_OK);
	assert_true(gb_check_run(check) != GB_CHECK_OUT_OF_MEMORY);
	assert_true(gb_check_count(check));
	stats = gb_check_stats(check);
	gb_check_free(check);
	return stats;
}

static void same_count(const char *name, const char *what, uint32_t bound, const struct gb_check_stats *stats,
		       uint32_t runs)
{
	if (stats->schedules != runs || stats->schedules_error != 0)
		fail_msg("%s\n%s %u: %.17g schedules, error %g, not %u", name, what, bound, stats->schedules,
			 stats->schedules_error, runs);
	if (stats->explored != 1)
		fail_msg("%s\n%s %u: %g of them explored", name, what, bound, stats->explored);
}

static void compare_counts(const char *name, const struct gb_trace *trace, bool time_races, const struct counts *runs,
			   uint64_t seed)
{
	struct gb_check_config config;
	struct gb_check_stats stats;

	gb_check_defaults(&config);
	config.time_races = time_races;
	config.order = (enum gb_check_order)(seed % 3);
	config.reductions = seed % 2 ? GB_CHECK_ALL_REDUCTIONS : GB_CHECK_VISITED;
	config.outcomes = seed % 5 ? GB_CHECK_ORDER : GB_CHECK_NONE;
	stats = stats_of(trace, &config);
	same_count(name, "in all", 0, &stats, runs->all);
	config.max_level = (uint32_t)(seed % 4);
	config.order = GB_CHECK_PREEMPTIONS;
	stats = stats_of(trace, &config);
	same_count(name, "preemptions", config.max_level, &stats,
		   stats.end == GB_CHECK_COMPLETE ? runs->all : runs->preemptions[config.max_level]);
	config.max_level = (uint32_t)(seed % BOUNDS);
	config.order = GB_CHECK_DEPTH;
	stats = stats_of(trace, &config);
	same_count(name, "decisions", config.max_level, &stats,
		   stats.end == GB_CHECK_COMPLETE ? runs->all : runs->decisions[config.max_level]);
}

static void small_traces(void **state)
{
	const uint64_t programs = build_is_slow() ? 60 : 400;
	uint64_t compared = 0, runs = 0, many = 0;
	struct counts counts;

	(void)state;
	for (uint64_t seed = 1; seed <= programs; seed++) {
		const bool time_races = seed % 7 == 3;
		char *text = random_program(seed);
		struct gb_trace *trace = random_trace(seed);

		if (trace && count_runs(trace, time_races, build_is_slow() ? 200 : 1000, &counts) && counts.all > 1) {
			compare_counts(text, trace, time_races, &counts, seed);
			compared++;
			runs += counts.all;
			many += counts.all > 50;
		}
		gb_trace_free(trace);
		free(text);
	}
	print_message("%lu programs, %lu runs, of %lu more than 50\n", (unsigned long)compared, (unsigned long)runs,
		      (unsigned long)many);
	assert_true(compared * 8 > programs && many);
}

/* What random programs of this size hardly ever have: I/O outcomes that are choices, members that are alike. */
static const char *const made[] = {
	"file f size=64 outcomes=any\nmem m size=64\nsqe a READ fd=f off=0 addr=m len=32\nsubmit\n",
	"file f size=64 nowait=1 outcomes=short,error\nmem m size=64\nsqe a READ fd=f off=0 addr=m len=32\nsubmit\n",
	("lessor d\nsqe l LEASE fd=d dir=dest len=16 mode=any flags=SQE_GROUP\nsqe m NOP "
	 "flags=GROUP_BUF\nsubmit\nreap\n"),
	"sqe l NOP flags=SQE_GROUP\nsqe m NOP flags=ASYNC|SQE_GROUP\nsqe n NOP flags=ASYNC\nsubmit\n",
	"sqe t TIMEOUT ms=5\nsqe u TIMEOUT ms=5\nsubmit\nsqe n NOP\nsubmit\nreap\n",
};

#define MADE (sizeof(made) / sizeof(made[0]))

static void made_traces(void **state)
{
	uint64_t compared = 0, runs = 0;

	(void)state;
	for (uint32_t i = 0; i < 2 * MADE; i++) {
		struct gb_trace *trace = trace_of("made", made[i / 2], strlen(made[i / 2]));
		struct counts counts;

		if (count_runs(trace, i % 2, build_is_slow() ? 600 : 10000, &counts)) {
			compare_counts(made[i / 2], trace, i % 2, &counts, i);
			compared++;
			runs += counts.all;
		}
		gb_trace_free(trace);
	}
	print_message("%lu traces, %lu runs\n", (unsigned long)compared, (unsigned long)runs);
	assert_true(compared >= 4);
}

static bool at_once(void *user, const struct gb_check_progress *progress)
{
	(void)user;
	(void)progress;
	return true;
}

/* Too many runs to be repeated, but a bound that nothing reaches makes it count other states: who acted last is one
 * more of their marks, and workers and members keep their names. */
static void twice(const char *name, const struct gb_trace *trace, uint64_t *compared)
{
	struct gb_check_config config;
	struct gb_check_stats stats, again;

	gb_check_defaults(&config);
	config.stop = at_once;
	stats = stats_of(trace, &config);
	if (stats.schedules_error > 0)
		return;
	config.max_level = 1000000;
	config.stop = at_once;
	again = stats_of(trace, &config);
	if (again.schedules_error > 0)
		return;
	if (again.schedules != stats.schedules)
		fail_msg("%s: %.17g schedules, and %.17g", name, stats.schedules, again.schedules);
	++*compared;
}

static void large_traces(void **state)
{
	struct corpus corpus = {0};
	uint64_t compared = 0;

	(void)state;
	corpus_add_room(&corpus, "tutorial");
	for (uint32_t i = 0; i < MADE; i++) {
		struct gb_trace *trace = trace_of("made", made[i], strlen(made[i]));

		twice(made[i], trace, &compared);
		gb_trace_free(trace);
	}
	for (size_t i = build_is_slow() ? 10 : 0; i < corpus.n; i++)
		twice(corpus.list[i].name, corpus.list[i].trace, &compared);
	print_message("%lu traces\n", (unsigned long)compared);
	assert_true(compared > 6);
	corpus_free(&corpus);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_traces),
		cmocka_unit_test(made_traces),
		cmocka_unit_test(large_traces),
	};

	return cmocka_run_group_tests_name("schedules", tests, NULL, NULL);
}
