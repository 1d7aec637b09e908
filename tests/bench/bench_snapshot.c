/* SPDX-License-Identifier: MIT */
/*
 * Snapshot and restore against memcpy of the same bytes there and back, in
 * the middle of a small run and of one that has touched a lot of memory.
 */
#include "bench.h"

enum { TIMES = 2000 };

static struct gb_trace *small_trace(void)
{
	struct bench_text t = {0};

	bench_line(&t,
		   "sqe a NOP flags=IO_LINK\nsqe b NOP flags=SQE_GROUP\nsqe c NOP flags=SQE_GROUP\nsqe d NOP\nsubmit");
	return bench_parse(&t);
}

static struct gb_trace *large_trace(void)
{
	struct bench_text t = {0};

	bench_line(&t, "file f size=65536\nlessor dev");
	for (int g = 0; g < 16; g++) {
		bench_line(&t, "sqe l%d LEASE fd=dev dir=dest len=16384 segs=4 flags=SQE_GROUP", g);
		bench_line(&t, "sqe m%d READ fd=f off=0 addr=0 len=16384 flags=GROUP_BUF", g);
	}
	bench_line(&t, "submit");
	return bench_parse(&t);
}

static uint64_t steps_of(struct gb_world *world)
{
	bench_run(world);
	return gb_world_steps(world);
}

/* Keeps the compiler from seeing that nobody looks at the copy. */
static void used(const void *p)
{
	__asm__ volatile("" : : "r"(p) : "memory");
}

static void measure(const char *name, struct gb_trace *trace)
{
	struct bench_sample snapshot = {0}, copy = {0};
	struct gb_world *world = bench_world(trace);
	const uint64_t half = steps_of(world) / 2;
	char *to, *plain, line[64];
	size_t size;

	gb_world_reset(world);
	while (gb_world_steps(world) < half)
		gb_world_step(world);
	size = gb_world_size(world);
	to = calloc(1, size);
	plain = calloc(1, size);
	if (!to || !plain)
		bench_die("no memory left");
	for (int r = 0; r < BENCH_ROUNDS; r++) {
		uint64_t start = bench_now();

		for (int k = 0; k < TIMES; k++) {
			gb_world_snapshot(world, to);
			used(to);
			gb_world_restore(world, to, size);
			used(to);
		}
		bench_add(&snapshot, start, bench_now(), TIMES);
		start = bench_now();
		for (int k = 0; k < TIMES; k++) {
			memcpy(plain, to, size);
			used(plain);
			memcpy(to, plain, size);
			used(to);
		}
		bench_add(&copy, start, bench_now(), TIMES);
	}
	snprintf(line, sizeof(line), "%s, %zu bytes: snapshot + restore", name, size);
	bench_print(line, &snapshot);
	bench_print("  two memcpy of as many bytes", &copy);
	printf("%-46s %9s %9.2f\n", "  ratio", "", bench_median(&snapshot) / bench_median(&copy));
	free(plain);
	free(to);
	gb_world_destroy(world);
	gb_trace_free(trace);
}

int main(void)
{
	bench_head("snapshot and restore");
	measure("small", small_trace());
	measure("large", large_trace());
	return 0;
}
