/* SPDX-License-Identifier: MIT */
/*
 * Every trace of the repository under the explorer, within a budget of states:
 * what a trace states can happen, and so can every order that a real kernel
 * showed (`seen`); not because some seed found it. And no schedule violates an
 * invariant that V9 is not known to break. What the budget is too small for is
 * counted, and the largest are named.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "groupbuf/check.h"
#include "groupbuf/monitor.h"
#include "support/corpus.h"

#define LIST "traces/conformance/listed.txt"

static char *list_text;

static int read_list(void **state)
{
	size_t size;

	(void)state;
	list_text = corpus_read(LIST, &size);
	return 0;
}

static int free_list(void **state)
{
	(void)state;
	free(list_text);
	return 0;
}

/* `races TRACE ORDER` of the list: an order in which time was real. Such traces are explored with --time-races. */
static bool races(const char *name)
{
	char line[128];

	snprintf(line, sizeof(line), "\nraces %.*s ", (int)(strlen(name) - strlen(".trace")), name);
	return strstr(list_text, line);
}

/* How many states may be looked at: of any trace, and of one that has not shown yet what it has to. */
struct budget {
	uint64_t any, wanted;
};

/* What the traces came to. */
struct sums {
	size_t traces, complete, seen, skipped, broken;
	uint64_t states;
	char largest[3][96]; /* of those that were skipped, by how many states there are at least */
	uint64_t size[3];
};

struct search {
	struct gb_check *check;
	uint64_t until;
};

static bool enough(void *user, const struct gb_check_progress *progress)
{
	const struct search *s = user;

	return progress->states >= s->until;
}

static const struct gb_check_claim *find_claim(const struct gb_check *check, enum gb_check_claim_kind kind,
					       uint32_t nth)
{
	for (uint32_t i = 0; i < gb_check_claim_count(check); i++) {
		const struct gb_check_claim *claim = gb_check_claim_at(check, i);

		if (claim->kind == kind && !nth--)
			return claim;
	}
	return NULL;
}

/* Is everything found that has to be? What the search has ruled out fails the test. */
static bool all_found(const struct gb_check *check, const struct corpus_trace *t)
{
	const struct gb_check_claim *claim = find_claim(check, GB_CLAIM_EXPECTED, 0);
	bool all = true;

	if (claim && claim->verdict == GB_CHECK_VIOLATED)
		fail_msg("%s: what it states cannot happen", t->name);
	all = !claim || claim->verdict == GB_CHECK_HOLDS;
	for (uint32_t i = 0; i < t->trace->n_seen; i++) {
		claim = find_claim(check, GB_CLAIM_SEEN, i);
		assert_non_null(claim);
		if (claim->verdict == GB_CHECK_VIOLATED)
			fail_msg("%s: order %u cannot happen", t->name, i + 1);
		all = all && claim->verdict == GB_CHECK_HOLDS;
	}
	return all;
}

/* An invariant that V9 keeps must be kept by every schedule; how many others are not? */
static size_t invariants_broken(const struct gb_check *check, const struct corpus_trace *t)
{
	size_t broken = 0;

	for (uint32_t i = 0; i < gb_check_claim_count(check); i++) {
		const struct gb_check_claim *claim = gb_check_claim_at(check, i);

		if (claim->kind != GB_CLAIM_INVARIANT || claim->verdict != GB_CHECK_VIOLATED)
			continue;
		if (!claim->invariant || !*claim->invariant->broken)
			fail_msg("%s: a schedule violates %s", t->name, claim->text);
		broken++;
	}
	return broken;
}

static void note_skipped(struct sums *sums, const char *name, uint64_t states)
{
	sums->skipped++;
	for (size_t k = 0; k < 3; k++) {
		if (states <= sums->size[k])
			continue;
		for (size_t i = 2; i > k; i--) {
			sums->size[i] = sums->size[i - 1];
			strcpy(sums->largest[i], sums->largest[i - 1]);
		}
		sums->size[k] = states;
		snprintf(sums->largest[k], sizeof(sums->largest[k]), "%s", name);
		return;
	}
}

/* Explores to the end, or until the budget is spent. */
static void check_trace(const struct corpus_trace *t, struct budget budget, struct sums *sums)
{
	struct search s = {.until = 1000};
	struct gb_check_config config;
	enum gb_check_end end;
	struct gb_error err;
	bool found;

	gb_check_defaults(&config);
	config.visible = true;
	config.standard_input = t->config.standard_input;
	config.standard_input_size = t->config.standard_input_size;
	config.time_races = races(t->name);
	config.stop = enough;
	config.user = &s;
	assert_int_equal(gb_check_new(t->trace, &config, &s.check, &err), GB_OK);
	for (;; s.until *= 4) {
		end = gb_check_run(s.check);
		assert_int_not_equal(end, GB_CHECK_OUT_OF_MEMORY);
		assert_true(gb_check_judge(s.check));
		found = all_found(s.check, t);
		if (end == GB_CHECK_COMPLETE || s.until >= (found ? budget.any : budget.wanted))
			break;
	}
	sums->traces++;
	sums->complete += end == GB_CHECK_COMPLETE;
	sums->states += gb_check_stats(s.check).at.states;
	sums->broken += invariants_broken(s.check, t);
	sums->seen += found ? t->trace->n_seen : 0;
	if (!found && end != GB_CHECK_COMPLETE)
		note_skipped(sums, t->name, gb_check_stats(s.check).at.states);
	gb_check_free(s.check);
}

static void print_sums(const struct sums *sums)
{
	print_message("%zu traces, %zu to their end, %lu states, %zu orders of `seen` lines confirmed, %zu skipped; "
		      "%zu times V9 breaks an invariant\n",
		      sums->traces, sums->complete, (unsigned long)sums->states, sums->seen, sums->skipped,
		      sums->broken);
	for (size_t k = 0; k < 3 && sums->size[k]; k++)
		print_message("  %s: more than %lu states\n", sums->largest[k], (unsigned long)sums->size[k]);
}

static void orders_that_were_seen(void **state)
{
	struct corpus corpus = {0};
	struct sums sums = {0};
	size_t lines = 0;

	(void)state;
	corpus_add_all(&corpus);
	for (size_t k = 0; k < corpus.n; k++) {
		const struct corpus_trace *t = &corpus.list[k];

		if (!t->trace->n_seen || (build_is_slow() && k % 4))
			continue;
		lines += t->trace->n_seen;
		check_trace(t, build_is_slow() ? (struct budget){1000, 4000} : (struct budget){1000, 256000}, &sums);
	}
	print_sums(&sums);
	assert_true(sums.seen * 10 >= lines * (build_is_slow() ? 5 : 8));
	corpus_free(&corpus);
}

static void whole_corpus(void **state)
{
	struct corpus corpus = {0};
	struct sums sums = {0};

	(void)state;
	corpus_add_all(&corpus);
	for (size_t k = 0; k < corpus.n; k += build_is_slow() ? 10 : 1)
		check_trace(&corpus.list[k],
			    build_is_slow() ? (struct budget){1000, 1000} : (struct budget){4000, 64000}, &sums);
	print_sums(&sums);
	/* the default order comes early, so nearly every trace is decided */
	assert_true(sums.skipped * (build_is_slow() ? 3 : 50) < sums.traces);
	corpus_free(&corpus);
}

/* What is written by hand: nothing of it may be left open but what is named here. */
static void traces_by_hand(void **state)
{
	static const char *const rooms[] = {"tutorial", "scenarios", "ublk", "net", "rules", "defects"};
	struct corpus corpus = {0};
	struct sums sums = {0};

	(void)state;
	for (size_t k = 0; k < sizeof(rooms) / sizeof(rooms[0]); k++)
		corpus_add_room(&corpus, rooms[k]);
	for (size_t k = 0; k < corpus.n; k += build_is_slow() ? 4 : 1)
		check_trace(&corpus.list[k],
			    build_is_slow() ? (struct budget){1000, 1000} : (struct budget){16000, 64000}, &sums);
	print_sums(&sums);
	assert_true(sums.skipped * (build_is_slow() ? 3 : 30) < sums.traces);
	corpus_free(&corpus);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(orders_that_were_seen),
		cmocka_unit_test(whole_corpus),
		cmocka_unit_test(traces_by_hand),
	};

	return cmocka_run_group_tests_name("check", tests, read_list, free_list);
}
