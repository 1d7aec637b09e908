/* SPDX-License-Identifier: MIT */
/*
 * The explorer on a group of members that are punted, with and without its
 * reductions and the monitor: steps, transitions and states a second of one
 * core, bytes of a state; and what a transition costs against a memcpy and a hash
 * of a state's bytes.
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

/* A copy and a hash of a state's bytes: what no search can do without. */
static double copy_and_hash(const struct gb_trace *trace)
{
	enum { TIMES = 200000 };
	struct gb_world *world = bench_world(trace);
	const size_t size = gb_world_size(world);
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

static void measure(const struct gb_trace *trace, const char *name, uint32_t reductions, bool invariants, double least)
{
	struct gb_check_config config;
	struct gb_check_stats s;
	struct gb_check *check;
	struct gb_error err;
	double seconds;

	gb_check_defaults(&config);
	config.order = GB_CHECK_LIFO;
	config.reductions = reductions;
	config.invariants = invariants;
	config.max_states = STATES;
	if (gb_check_new(trace, &config, &check, &err) != GB_OK)
		bench_die(err.text);
	seconds = now();
	gb_check_run(check);
	seconds = now() - seconds;
	s = gb_check_stats(check);
	printf("%-34s %9.0f steps/s %9.0f transitions/s %9.0f states/s %5.1f B/state %5.1f x\n", name,
	       (double)s.at.steps / seconds, (double)s.at.transitions / seconds, (double)s.at.states / seconds,
	       (double)s.visited_bytes / (double)s.at.states, seconds / (double)s.at.steps / least);
	gb_check_free(check);
}

int main(void)
{
	struct gb_trace *trace = group_trace();
	double least;

	bench_head("check, one core; x: cost of a step against memcpy and XXH3");
	least = copy_and_hash(trace);
	measure(trace, "visited alone, no invariants", GB_CHECK_VISITED, false, least);
	measure(trace, "visited alone", GB_CHECK_VISITED, true, least);
	measure(trace, "all reductions, no invariants", GB_CHECK_ALL_REDUCTIONS, false, least);
	measure(trace, "all reductions", GB_CHECK_ALL_REDUCTIONS, true, least);
	measure(trace, "none (a tree)", 0, true, least);
	gb_trace_free(trace);
	return 0;
}
