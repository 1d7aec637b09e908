/* SPDX-License-Identifier: MIT */
/*
 * A snapshot taken anywhere, put back and run on, gives the same events: for
 * every step of every trace of the corpus, in the default order and under one
 * random seed, in a world at another address that was full of rubbish. In slow
 * builds every snapshot is followed for a few steps only, and every STRIDE-th
 * to the end, unless GB_FULL is set.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/corpus.h"

#define STRIDE	16U
#define FEW	4U
#define RUBBISH 0xa5
#define SEED	1U

/* One trace under one strategy: the run as it was recorded, and what the checks need. */
struct run {
	const char *name;
	const struct gb_trace *trace;
	struct gb_config config; /* without a sink */
	struct event_log log;
	uint64_t steps;
	void *rubbish, *block; /* as much as the largest snapshot */
	size_t *first;	       /* per step: how many events came before it */
	size_t room;
	enum gb_run_state end;
};

/* Sums over the corpus, for the last line. */
static uint64_t snapshots, to_the_end, steps_run;

static struct gb_world *world_with(const struct run *run, gb_event_fn event, void *user)
{
	struct gb_config config = run->config;

	config.event = event;
	config.event_user = user;
	return world_of(run->trace, &config);
}

static void note_step(struct run *run)
{
	if (run->steps == run->room) {
		run->room = run->room ? run->room * 2 : 256;
		run->first = realloc(run->first, run->room * sizeof(*run->first));
		assert_non_null(run->first);
	}
	run->first[run->steps] = run->log.n;
}

/* Records the run, and that a world put back to its start repeats it. */
static void record(struct run *run)
{
	struct gb_world *world = world_with(run, log_event, &run->log);
	struct event_log again;

	for (run->steps = 0;; run->steps++) {
		note_step(run);
		run->end = gb_world_step(world);
		if (run->end != GB_RUNNING)
			break;
	}
	if (run->end == GB_EXHAUSTED)
		fail_msg("%s does not end", run->name);
	run->steps++;
	note_step(run);
	assert_int_equal(gb_world_steps(world), run->steps);

	again = run->log;
	run->log = (struct event_log){0};
	gb_world_reset(world);
	assert_int_equal(gb_world_steps(world), 0);
	assert_int_equal(gb_world_run(world), run->end);
	gb_world_destroy(world);
	if (run->log.n != again.n)
		fail_msg("%s: %zu events, after a reset %zu", run->name, again.n, run->log.n);
	for (size_t k = 0; k < again.n; k++)
		if (!same_event(&again.list[k], &run->log.list[k]))
			fail_msg("%s: event %zu is another after a reset", run->name, k + 1);
	log_free(&again);
}

/* Takes a snapshot into the end of a block, so that a sanitizer sees any byte too many. */
static const void *take(const struct run *run, const struct gb_world *world, size_t *size)
{
	const size_t room = gb_world_capacity(world);
	char *snapshot;

	*size = gb_world_size(world);
	if (*size > room)
		fail_msg("%s: a snapshot of %zu bytes, the world has %zu", run->name, *size, room);
	snapshot = (char *)run->block + (room - *size);
	gb_world_snapshot(world, snapshot);
	snapshots++;
	return snapshot;
}

/* Goes on from the snapshot of step k in `world`, whose sink is `follower`, for n steps. */
static void check_from(const struct run *run, struct gb_world *world, struct follower *follower, const void *from,
		       size_t size, uint64_t k, uint64_t n)
{
	char what[64];

	gb_world_restore(world, run->rubbish, gb_world_capacity(world));
	gb_world_restore(world, from, size);
	*follower = (struct follower){.log = &run->log, .next = run->first[k]};
	assert_int_equal(gb_world_steps(world), k);
	assert_int_equal(gb_world_size(world), size);
	for (uint64_t i = k; i < k + n; i++)
		assert_int_equal(gb_world_step(world), i + 1 < run->steps ? GB_RUNNING : run->end);
	snprintf(what, sizeof(what), "from step %lu of %lu", (unsigned long)k, (unsigned long)run->steps);
	follower_check(follower, run->first[k + n], run->name, what);
	to_the_end += k + n == run->steps;
	steps_run += n;
}

static bool full(void)
{
	return getenv("GB_FULL") || !build_is_slow();
}

/* Every step of a run. */
static void check_run(struct run *run, uint64_t offset)
{
	struct follower follower = {.log = &run->log};
	struct follower ahead = {.log = &run->log};
	struct gb_world *leader = world_with(run, follow_event, &ahead);
	struct gb_world *other = world_with(run, follow_event, &follower);

	run->rubbish = malloc(gb_world_capacity(leader));
	run->block = malloc(gb_world_capacity(leader));
	assert_non_null(run->rubbish);
	assert_non_null(run->block);
	memset(run->rubbish, RUBBISH, gb_world_capacity(leader));
	for (uint64_t k = 0; k <= run->steps; k++) {
		const uint64_t left = run->steps - k;
		size_t size;
		const void *snapshot = take(run, leader, &size);

		check_from(run, other, &follower, snapshot, size, k,
			   full() || left < FEW || k % STRIDE == offset % STRIDE ? left : FEW);
		/* the leader goes on from it too: taking a snapshot changes nothing, nor does putting it back */
		gb_world_restore(leader, snapshot, size);
		gb_world_step(leader);
	}
	follower_check(&ahead, run->log.n, run->name, "a snapshot at every step");
	free(run->rubbish);
	free(run->block);
	gb_world_destroy(leader);
	gb_world_destroy(other);
}

/* Calls check for every trace, in the default order and under one seed. */
static void for_all(void (*check)(struct run *run, uint64_t n))
{
	struct corpus corpus = {0};
	uint64_t n = 0;

	corpus_add_all(&corpus);
	for (size_t k = 0; k < corpus.n; k++) {
		for (unsigned int random = 0; random < 2; random++) {
			const struct corpus_trace *t = &corpus.list[k];
			struct run run = {.name = t->name, .trace = t->trace, .config = t->config};

			run.config.strategy = random ? GB_STRATEGY_RANDOM : GB_STRATEGY_DEFAULT;
			run.config.seed = SEED + k;
			record(&run);
			check(&run, n++);
			log_free(&run.log);
			free(run.first);
		}
	}
	corpus_free(&corpus);
}

static void every_step(void **state)
{
	(void)state;
	for_all(check_run);
	print_message("%lu snapshots put back, %lu of them run to the end (%s), %lu steps\n", (unsigned long)snapshots,
		      (unsigned long)to_the_end, full() ? "all" : "a sample, GB_FULL=1 takes all",
		      (unsigned long)steps_run);
	assert_true(snapshots > 100000);
}

/* ---- two worlds side by side ---- */

struct runner {
	pthread_t thread;
	pthread_barrier_t *start;
	struct gb_world *world;
	struct follower follower;
};

static void *run_thread(void *user)
{
	struct runner *runner = user;

	pthread_barrier_wait(runner->start);
	for (unsigned int turn = 0; turn < 4; turn++) {
		gb_world_reset(runner->world);
		runner->follower.next = 0;
		gb_world_run(runner->world);
	}
	return NULL;
}

/* Two runs of different traces at the same time. */
static void run_both(const struct run *const run[2])
{
	struct runner runner[2] = {0};
	pthread_barrier_t start;

	assert_int_equal(pthread_barrier_init(&start, NULL, 2), 0);
	for (size_t k = 0; k < 2; k++) {
		runner[k].start = &start;
		runner[k].follower.log = &run[k]->log;
		runner[k].world = world_with(run[k], follow_event, &runner[k].follower);
		assert_int_equal(pthread_create(&runner[k].thread, NULL, run_thread, &runner[k]), 0);
	}
	for (size_t k = 0; k < 2; k++) {
		assert_int_equal(pthread_join(runner[k].thread, NULL), 0);
		follower_check(&runner[k].follower, run[k]->log.n, run[k]->name, "in a thread");
		gb_world_destroy(runner[k].world);
	}
	pthread_barrier_destroy(&start);
}

/* Of eight runs two are taken: a sanitizer keeps memory for each thread there ever was. */
static void check_threads(struct run *run, uint64_t n)
{
	static struct run first;

	if (n % 8 == 0) {
		first = *run;
		run->log = (struct event_log){0};
	} else if (n % 8 == 3) {
		run_both((const struct run *const[]){&first, run});
		log_free(&first.log);
	}
}

static void two_threads(void **state)
{
	(void)state;
	for_all(check_threads);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_step),
		cmocka_unit_test(two_threads),
	};

	return cmocka_run_group_tests_name("snapshot", tests, NULL, NULL);
}
