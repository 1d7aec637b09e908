/* SPDX-License-Identifier: MIT */
/*
 * Agreement with the real kernel, folder by folder (all, or those named as
 * arguments): the default order gives what a trace states, or the trace is
 * listed with a reason; and some schedule gives every order a trace states.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/corpus.h"

#define LIST "traces/conformance/listed.txt"
#define MANY 20000U /* so many schedules are tried for an order */
#define FEW  400U   /* and for one that is said to be out of reach, or when all is lost */

/* The kinds of lines; the list itself explains them. */
enum entry_kind { LISTED, RACES, FLOOR, ENTRY_KINDS };

static const char *const kind_words[ENTRY_KINDS] = {"listed", "races", "floor"};

/* `order` counts the `seen` lines of a trace from 1; 0 is the one order of a trace without. */
struct entry {
	enum entry_kind kind;
	char name[64];
	uint32_t order; /* RACES */
	size_t floor;	/* FLOOR */
	unsigned int line;
	bool used;
};

static struct {
	struct entry entry[256];
	size_t n;
} list;

/* Per cent of the traces with one stated order that pass in the default order, where the list has no floor. */
static const unsigned int percent[GB_CORPUS_FOLDERS] = {98, 98, 98, 97, 97, 97, 98, 97};

/* What a folder came to. */
struct tally {
	size_t fixed, passed, orders, races;
	uint32_t most; /* schedules tried for one order */
	char where[64];
	size_t failed;
};

/* ---- the list ---- */

static void read_line(const char *line, unsigned int at)
{
	struct entry e = {.kind = ENTRY_KINDS, .line = at};
	char word[16] = "";
	int done = 0;
	char *rest;

	if (sscanf(line, "%15s %63s %n", word, e.name, &done) < 2)
		fail_msg(LIST ":%u: expected a kind and a name", at);
	for (unsigned int k = 0; k < ENTRY_KINDS; k++) {
		if (strcmp(word, kind_words[k]) == 0)
			e.kind = (enum entry_kind)k;
	}
	rest = (char *)line + done;
	if (e.kind == RACES)
		e.order = (uint32_t)strtoul(rest, &rest, 10);
	if (e.kind == FLOOR)
		e.floor = strtoul(rest, &rest, 10);
	else if (strspn(rest, " ") == strlen(rest))
		fail_msg(LIST ":%u: the reason is missing", at);
	if (e.kind == ENTRY_KINDS || list.n == sizeof(list.entry) / sizeof(list.entry[0]))
		fail_msg(LIST ":%u: '%s' is no kind of line, or there are too many", at, word);
	list.entry[list.n++] = e;
}

static int read_list(void **state)
{
	size_t size;
	char *text = corpus_read(LIST, &size);
	unsigned int at = 0;

	(void)state;
	for (char *line = text, *end; *line; line = end) {
		end = line + strcspn(line, "\n");
		if (*end)
			*end++ = '\0';
		at++;
		if (*line && *line != '#')
			read_line(line, at);
	}
	free(text);
	return 0;
}

/* The list has names without ".trace". */
static bool is_name(const char *name, const char *trace)
{
	const size_t n = strlen(name);

	return strncmp(name, trace, n) == 0 && (!trace[n] || strcmp(trace + n, ".trace") == 0);
}

static struct entry *find(enum entry_kind kind, const char *trace, uint32_t order)
{
	for (size_t k = 0; k < list.n; k++) {
		struct entry *e = &list.entry[k];

		if (e->kind == kind && e->order == order && is_name(e->name, trace)) {
			e->used = true;
			return e;
		}
	}
	return NULL;
}

/* ---- running ---- */

static void run(const struct corpus_trace *t, struct gb_observer *observer, struct gb_config config)
{
	struct gb_world *world;

	config.event = gb_observer_event;
	config.event_user = observer;
	world = world_of(t->trace, &config);
	gb_observer_reset(observer);
	gb_world_run(world);
	gb_observer_finish(observer);
	gb_world_destroy(world);
}

static const struct gb_obs *next_cqe(const struct gb_obs *obs, const struct gb_obs *end)
{
	while (obs < end && obs->kind != GB_OBS_CQE)
		obs++;
	return obs;
}

/* The CQEs of a `seen` line, labels and results, and no others. */
static bool gives_seen(const struct gb_observer *observer, const struct gb_seen *seen)
{
	const struct gb_obs *obs = gb_observer_list(observer);
	const struct gb_obs *end = obs + gb_observer_count(observer);
	uint32_t k = 0;

	for (obs = next_cqe(obs, end); obs < end; obs = next_cqe(obs + 1, end), k++)
		if (k == seen->n || obs->sqe != seen->cqe[k].sqe || obs->res != seen->cqe[k].res)
			return false;
	return k == seen->n;
}

static bool gives(const struct gb_observer *observer, const struct corpus_trace *t, uint32_t order)
{
	if (order)
		return gives_seen(observer, &t->trace->seen[order - 1]);
	return !gb_observer_compare(observer, true).differs;
}

/*
 * Looks for a schedule that gives an order: the default, then random choices
 * and random priorities in turn. Returns how many it took, 0 if it found none.
 */
static uint32_t search(const struct corpus_trace *t, struct gb_observer *observer, uint32_t order, uint32_t limit)
{
	for (uint32_t k = 0; k <= limit; k++) {
		struct priorities priorities;
		struct gb_config config = t->config;

		if (k & 1) {
			priorities_init(&priorities, k / 2);
			config.strategy = GB_STRATEGY_CALLBACK;
			config.choose = priorities_choose;
			config.choose_user = &priorities;
		} else if (k) {
			config.strategy = GB_STRATEGY_RANDOM;
			config.seed = k / 2;
		}
		run(t, observer, config);
		if (gives(observer, t, order))
			return k + 1;
	}
	return 0;
}

/* ---- the two questions ---- */

static void check_default(const struct corpus_trace *t, struct gb_observer *observer, struct tally *tally)
{
	const bool listed = find(LISTED, t->name, 0) || find(RACES, t->name, 0);
	struct gb_diff diff;

	if (t->trace->n_seen)
		return;
	tally->fixed++;
	run(t, observer, t->config);
	diff = gb_observer_compare(observer, true);
	tally->passed += !diff.differs;
	if (diff.differs != listed) {
		print_error("%s: the default order gives what it states: %s; listed: %s\n", t->name,
			    diff.differs ? "no" : "yes", listed ? "yes" : "no");
		tally->failed++;
	}
}

static void check_order(const struct corpus_trace *t, struct gb_observer *observer, uint32_t order, struct tally *tally)
{
	const bool races = find(RACES, t->name, order);
	const uint32_t tries = search(t, observer, order, races || tally->failed > 3 ? FEW : MANY);

	tally->orders++;
	tally->races += races;
	if (tries > tally->most) {
		tally->most = tries;
		snprintf(tally->where, sizeof(tally->where), "%.63s", t->name);
	}
	if (races == !tries)
		return;
	print_error("%s: order %u is %s\n", t->name, order,
		    races ? "listed as a race with time, and a schedule without gives it"
			  : "out of reach of every schedule tried");
	tally->failed++;
}

static size_t floor_of(const char *folder, size_t fixed)
{
	const struct entry *e = find(FLOOR, folder, 0);
	size_t k = 0;

	while (strcmp(corpus_folders[k], folder) != 0)
		k++;
	return e ? e->floor : (fixed * percent[k] + 99) / 100;
}

static void check_folder(void **state)
{
	const char *folder = *state;
	struct corpus corpus = {0};
	struct tally tally = {0};
	size_t floor;

	corpus_add(&corpus, folder);
	for (size_t k = 0; k < corpus.n; k++) {
		const struct corpus_trace *t = &corpus.list[k];
		struct gb_observer *observer = gb_observer_new(t->trace);

		assert_non_null(observer);
		check_default(t, observer, &tally);
		for (uint32_t order = t->trace->n_seen ? 1 : 0; order <= t->trace->n_seen; order++)
			check_order(t, observer, order, &tally);
		gb_observer_free(observer);
	}
	floor = floor_of(folder, tally.fixed);
	print_message("%s: %zu of %zu traces with one stated order pass in the default order (floor %zu)\n", folder,
		      tally.passed, tally.fixed, floor);
	print_message("%s: %zu of %zu stated orders reached; the longest search took %u schedules (%s)\n", folder,
		      tally.orders - tally.races - tally.failed, tally.orders, tally.most, tally.where);
	corpus_free(&corpus);
	assert_true(tally.passed >= floor);
	assert_int_equal(tally.failed, 0);
}

/* Every line is about a trace that is there, and is still needed. */
static void check_list(void **state)
{
	size_t stale = 0;

	(void)state;
	for (size_t k = 0; k < list.n; k++) {
		if (list.entry[k].used)
			continue;
		print_error(LIST ":%u: nothing asks for this line\n", list.entry[k].line);
		stale++;
	}
	assert_int_equal(stale, 0);
}

int main(int argc, char **argv)
{
	struct CMUnitTest tests[GB_CORPUS_FOLDERS + 1] = {0};
	size_t n = 0;

	for (size_t k = 0; k < GB_CORPUS_FOLDERS; k++) {
		bool wanted = argc < 2;

		for (int a = 1; a < argc; a++)
			wanted = wanted || strcmp(argv[a], corpus_folders[k]) == 0;
		if (wanted)
			tests[n++] = (struct CMUnitTest){corpus_folders[k], check_folder, NULL, NULL,
							 (void *)corpus_folders[k]};
	}
	if (argc < 2)
		tests[n++] = (struct CMUnitTest){"the list", check_list, NULL, NULL, NULL};
	return _cmocka_run_group_tests("conformance", tests, n, read_list, NULL);
}
