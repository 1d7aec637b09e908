/* SPDX-License-Identifier: MIT */
/*
 * The traces people read: every line of them holds, hazards included (rules/ are
 * those that neither people nor a real kernel have met); those of tutorial/,
 * scenarios/ and ublk/ have no hazard in any order that is tried, give every
 * buffer back and end every block request; those of defects/aNN name the switch
 * that repairs them, and repaired they violate no invariant.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "groupbuf/monitor.h"
#include "groupbuf/observe.h"
#include "support/corpus.h"

#define SEEDS	  100U
#define MAX_LINES 50 /* about a screen */

static const struct {
	const char *name, *doc;
} switches[GB_VARIANT_COUNT] = {
#define X(id, name, doc) [GB_VARIANT_##id] = {(name), (doc)},
	GB_VARIANT_LIST(X)
#undef X
};

/* A trace with what is needed to run it again and again. */
struct subject {
	char path[300];
	char *text;
	struct gb_trace *trace;
	struct gb_observer *observer;
	struct gb_watch watch;
};

static void subject_open(struct subject *s, const char *room, const char *file)
{
	size_t size;

	snprintf(s->path, sizeof(s->path), "traces/%s/%s", room, file);
	s->text = corpus_read(s->path, &size);
	s->trace = trace_of(s->path, s->text, size);
	s->observer = gb_observer_new(s->trace);
	s->watch = (struct gb_watch){.trace = s->trace, .observer = s->observer, .monitor = gb_monitor_new(s->trace)};
	assert_non_null(s->observer);
	assert_non_null(s->watch.monitor);
}

static void subject_close(struct subject *s)
{
	gb_monitor_free(s->watch.monitor);
	gb_observer_free(s->observer);
	gb_trace_free(s->trace);
	free(s->text);
}

/* One run; seed 0 is the default order. */
static void subject_run(struct subject *s, uint32_t variant, uint64_t seed)
{
	const struct gb_config config = {
		.strategy = seed ? GB_STRATEGY_RANDOM : GB_STRATEGY_DEFAULT,
		.seed = seed,
		.event = gb_watch_event,
		.event_user = &s->watch,
		.variant = variant,
	};
	struct gb_world *world = world_of(s->trace, &config);
	enum gb_run_state state;

	gb_observer_reset(s->observer);
	gb_monitor_reset(s->watch.monitor);
	s->watch.told = 0;
	state = gb_world_run(world);
	if (state != GB_FINISHED && state != GB_DEAD)
		fail_msg("%s: the run does not come to an end", s->path);
	gb_watch_finish(&s->watch, state);
	gb_world_destroy(world);
}

static uint32_t count_of(const struct subject *s, enum gb_obs_kind kind)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < gb_observer_count(s->observer); i++)
		n += gb_observer_list(s->observer)[i].kind == kind;
	return n;
}

/* Calls `check` for every trace of traces/ROOM; there must be `least` of them. */
static void each(const char *room, size_t least, void (*check)(struct subject *s))
{
	char path[64];
	size_t n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/traces/%s", GB_SOURCE_DIR, room);
	dir = opendir(path);
	assert_non_null(dir);
	for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
		struct subject s;

		if (!strstr(entry->d_name, ".trace"))
			continue;
		subject_open(&s, room, entry->d_name);
		check(&s);
		subject_close(&s);
		n++;
	}
	closedir(dir);
	if (n < least)
		fail_msg("traces/%s has %zu traces, not %zu", room, n, least);
}

/* ---- every line holds ---- */

static void holds(struct subject *s)
{
	int lines = 0;
	struct gb_diff diff;

	for (const char *at = s->text; *at; at++)
		lines += *at == '\n';
	if (lines > MAX_LINES || !s->trace->title || !s->trace->n_expect || !strstr(s->text, "\n# "))
		fail_msg("%s: needs a title, comments, expectations, and no more than %d lines", s->path, MAX_LINES);
	subject_run(s, 0, 0);
	diff = gb_observer_compare(s->observer, false);
	if (diff.differs) {
		char *expected = diff.expected ? gb_obs_print(s->trace, diff.expected) : NULL;
		char *observed = diff.observed ? gb_obs_print(s->trace, diff.observed) : NULL;

		fail_msg("%s: expected '%s', observed '%s'", s->path, expected ? expected : "nothing",
			 observed ? observed : "nothing");
	}
	/* comparing leaves out kinds of lines that a trace does not state at all; these state everything */
	if (!count_of(s, GB_OBS_HAZARD) && s->trace->n_expect != gb_observer_count(s->observer))
		fail_msg("%s: states %u lines of %u", s->path, s->trace->n_expect, gb_observer_count(s->observer));
}

static void the_tutorial_holds(void **state)
{
	(void)state;
	each("tutorial", 10, holds);
}

static void the_scenarios_hold(void **state)
{
	(void)state;
	each("scenarios", 6, holds);
}

static void the_ublk_traces_hold(void **state)
{
	(void)state;
	each("ublk", 8, holds);
}

static void the_rules_hold(void **state)
{
	(void)state;
	each("rules", 30, holds);
}

static void the_net_traces_hold(void **state)
{
	(void)state;
	each("net", 5, holds);
}

static void the_defects_hold(void **state)
{
	(void)state;
	each("defects", 9, holds);
}

/* ---- in other orders ---- */

static void harmless(struct subject *s)
{
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		subject_run(s, 0, seed);
		for (uint32_t i = 0; i < gb_observer_count(s->observer); i++) {
			const struct gb_obs *obs = &gb_observer_list(s->observer)[i];

			if (obs->kind == GB_OBS_HAZARD)
				fail_msg("%s: seed %u: hazard %s: %s", s->path, (unsigned int)seed, obs->word,
					 obs->text);
			if (obs->kind == GB_OBS_ACK && obs->leases != obs->acks)
				fail_msg("%s: seed %u: %u leases, %u acks", s->path, (unsigned int)seed, obs->leases,
					 obs->acks);
			if (obs->kind == GB_OBS_BLK && (!obs->done || obs->refs))
				fail_msg("%s: seed %u: a block request is left", s->path, (unsigned int)seed);
		}
	}
}

static void no_order_does_harm(void **state)
{
	(void)state;
	each("tutorial", 10, harmless);
	each("scenarios", 6, harmless);
	each("ublk", 8, harmless);
}

/* ---- the defects and their repairs ---- */

/*
 * What the application sees of each repaired defect, the first number of the ack line's `untouched`, or -1, and the
 * invariants that are violated still.
 */
static const struct repaired {
	const char *name, *cqes;
	int untouched;
	const char *violated;
} repaired[] = {
	{"a01-lone-leader", "lead -22,member 0,", -1, NULL},
	{"a02-lost-chain", "first 0,one 0,lead 0,", -1, NULL},
	/* the head of the chain runs all the same: I17 is not what the switch repairs */
	{"a03-failed-leader-runs", "first 0,bad -22,good -125,lead -125,last -125,", -1, "I17 violated"},
	{"a04-null-deref", "recv -22,lead 0,", -1, NULL},
	{"a04-wild-pointer", "one 0,first 0,recv -22,lead 0,", 16, NULL},
	{"a05-user-memory-zeroed", "recv -14,lead 0,", 64, NULL},
	{"a06-direct-bio-not-advanced", "read 512,lead 0,", 0, NULL},
	{"a07-refused-lease", "fetch 0,alone -22,", -1, NULL},
	{"a08-double-lease", "one -125,lead -22,", 16, NULL},
	{"a10-fsync-is-no-failure", "sync -22,next -125,sync2 -22,lead 0,next2 -125,", -1, NULL},
	{"a11-error-leaves-tail", "read -29,lead 0,", 0, NULL},
};

/* The switch a trace names in its comments, as `--variant NAME`. */
static uint32_t switch_of(const struct subject *s)
{
	const char *at = strstr(s->text, "--variant ");
	size_t n;

	if (!at) {
		fail_msg("%s: names no --variant", s->path);
		return 0;
	}
	at += strlen("--variant ");
	n = strcspn(at, "` \n");
	for (uint32_t i = 0; i < GB_VARIANT_COUNT; i++) {
		if (strlen(switches[i].name) == n && !memcmp(switches[i].name, at, n))
			return i;
	}
	fail_msg("%s: no variant has the name %.*s", s->path, (int)n, at);
	return 0;
}

static void check_repaired(const struct subject *s, const struct repaired *r)
{
	char cqes[512] = "";
	int untouched = -1;

	for (uint32_t i = 0; i < gb_observer_count(s->observer); i++) {
		const struct gb_obs *obs = &gb_observer_list(s->observer)[i];
		size_t n = strlen(cqes);

		if (obs->kind == GB_OBS_CQE)
			snprintf(cqes + n, sizeof(cqes) - n, "%s %d,", s->trace->sqes[obs->sqe].label, obs->res);
		else if (obs->kind == GB_OBS_ACK)
			untouched = (int)obs->untouched;
	}
	if (count_of(s, GB_OBS_HAZARD))
		fail_msg("%s: the repaired variant has a hazard", s->path);
	for (uint32_t i = 0; i < gb_observer_count(s->observer); i++) {
		const struct gb_obs *obs = &gb_observer_list(s->observer)[i];

		if (obs->kind == GB_OBS_INVARIANT &&
		    (!r->violated || strncmp(obs->text, r->violated, strlen(r->violated)) != 0))
			fail_msg("%s: the repaired variant: %s", s->path, obs->text);
	}
	assert_string_equal(cqes, r->cqes);
	assert_int_equal(untouched, r->untouched);
}

static void repairable(struct subject *s)
{
	const char *name = strrchr(s->path, '/') + 1;
	const long number = strtol(name + 1, NULL, 10);
	uint32_t which;

	/* the others show what no switch repairs, or what another trace has repaired */
	if (*name != 'a')
		return;
	which = switch_of(s);

	/* a05-... goes with a switch that says A5: and a title that does */
	if (strtol(switches[which].doc + 1, NULL, 10) != number || strtol(s->trace->title + 1, NULL, 10) != number)
		fail_msg("%s: number, title and switch (%s) do not agree", s->path, switches[which].doc);
	subject_run(s, 1U << which, 0);
	assert_true(gb_observer_compare(s->observer, false).differs);
	for (size_t i = 0; i < sizeof(repaired) / sizeof(repaired[0]); i++) {
		if (!strncmp(name, repaired[i].name, strlen(repaired[i].name))) {
			check_repaired(s, &repaired[i]);
			return;
		}
	}
	fail_msg("%s: add what its repaired variant shows to the table above", s->path);
}

static void every_defect_has_a_repair(void **state)
{
	(void)state;
	each("defects", 9, repairable);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_tutorial_holds),	cmocka_unit_test(the_scenarios_hold),
		cmocka_unit_test(the_ublk_traces_hold), cmocka_unit_test(the_rules_hold),
		cmocka_unit_test(the_net_traces_hold),	cmocka_unit_test(the_defects_hold),
		cmocka_unit_test(no_order_does_harm),	cmocka_unit_test(every_defect_has_a_repair),
	};

	return cmocka_run_group_tests_name("traces", tests, NULL, NULL);
}
