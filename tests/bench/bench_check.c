/* SPDX-License-Identifier: MIT */
/*
 * The explorer on a group of members that are punted, with and without its
 * reductions and the monitor: steps, transitions and states a second of one
 * core, bytes of a state; and what a step and a transition (one decision and
 * the steps that follow from it) cost against a memcpy and a hash of a state's
 * bytes. `bench-check ROW [STATES]` does one row, for a profiler.
 */
#include "groupbuf/check.h"
#include "groupbuf/explore.h"

#include "bench.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { STATES = 300000 };

static struct gb_trace *group_trace(void)
{
	struct bench_text t = {0};

	bench_line(&t, "sqe l NOP flags=SQE_GROUP\nsqe a NOP flags=SQE_GROUP|ASYNC\nsqe b NOP flags=SQE_GROUP|ASYNC");
	bench_line(&t, "sqe c NOP flags=SQE_GROUP|ASYNC\nsqe d NOP flags=ASYNC\nsubmit\nreap");
	return bench_parse(&t);
}

/* Seconds of processor time: the machine may be busy. */
static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

/* A copy and a hash of the bytes of a state, one in the middle of a run: what no search can do without. */
static double copy_and_hash(const struct gb_trace *trace)
{
	enum { TIMES = 200000 };
	struct gb_world *world = bench_world(trace);
	uint64_t half;
	size_t size;

	bench_run(world);
	half = gb_world_steps(world) / 2;
	gb_world_reset(world);
	while (gb_world_steps(world) < half)
		gb_world_step(world);
	size = gb_world_size(world);

	unsigned char *from = calloc(1, size), *to = calloc(1, size);
	uint64_t sum = 0;
	double start;

	if (!from || !to)
		bench_die("no memory left");
	gb_world_snapshot(world, from);
	start = now();
	for (int k = 0; k < TIMES; k++) {
		memcpy(to, from, size);
		to[k % 64]++;
		sum += XXH3_64bits(to, size);
	}
	__asm__ volatile("" : : "r"(sum));
	start = (now() - start) / TIMES;
	printf("%-34s %6zu bytes %9.0f ns\n", "memcpy and XXH3 of a state", size, start * 1e9);
	free(from);
	free(to);
	gb_world_destroy(world);
	return start;
}

struct row {
	const char *name;
	uint32_t reductions;
	bool invariants;
};

static void measure(const struct gb_trace *trace, const struct row *row, uint32_t states, double least)
{
	struct gb_check_config config;
	struct gb_check_stats s;
	struct gb_check *check;
	struct gb_error err;
	double seconds;

	gb_check_defaults(&config);
	config.order = GB_CHECK_LIFO;
	config.reductions = row->reductions;
	config.invariants = row->invariants;
	config.max_states = states;
	if (gb_check_new(trace, &config, &check, &err) != GB_OK)
		bench_die(err.text);
	seconds = now();
	gb_check_run(check);
	seconds = now() - seconds;
	s = gb_check_stats(check);
	printf("%-30s %6.2f M steps/s %5.2f M transitions/s %5.2f M states/s %5.1f B/state %5.1f x %5.1f x\n",
	       row->name, (double)s.at.steps / seconds / 1e6, (double)s.at.transitions / seconds / 1e6,
	       (double)s.at.states / seconds / 1e6, (double)s.visited_bytes / (double)s.at.states,
	       seconds / (double)s.at.steps / least, seconds / (double)s.at.transitions / least);
	if (states != STATES)
		printf("%lu transitions, %lu steps\n", (unsigned long)s.at.transitions, (unsigned long)s.at.steps);
	gb_check_free(check);
}

static const struct row rows[] = {
	{"visited alone, no invariants", GB_CHECK_VISITED, false},
	{"visited alone", GB_CHECK_VISITED, true},
	{"all reductions, no invariants", GB_CHECK_ALL_REDUCTIONS, false},
	{"all reductions", GB_CHECK_ALL_REDUCTIONS, true},
	{"none (a tree)", 0, true},
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

int main(int argc, char **argv)
{
	struct gb_trace *trace = group_trace();
	const unsigned long only = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
	const unsigned long states = argc > 2 ? strtoul(argv[2], NULL, 10) : STATES;
	double least = 1;

	if (!only) {
		puts("check, one core; x: cost of a step, of a transition, against memcpy and XXH3");
		least = copy_and_hash(trace);
	}
	for (unsigned long k = 0; k < ROWS; k++)
		if (!only || k + 1 == only)
			measure(trace, &rows[k], (uint32_t)states, least);
	gb_trace_free(trace);
	return 0;
}
