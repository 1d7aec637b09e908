/* SPDX-License-Identifier: MIT */
/*
 * NOP requests a second, in batches of 32 on a default ring: simulated with
 * events off, and by the kernel of this machine through liburing, in turns so
 * that both see the same weather.
 */
#include "bench.h"
#include "host.h"

enum { BATCH = 32, BATCHES = 60, RUNS = 20 };

/* The simulated run ends with a last reap, the end of the ring and the end state; 1920 requests share that. */
static struct gb_trace *nop_trace(void)
{
	struct bench_text t = {0};

	for (int b = 0; b < BATCHES; b++) {
		for (int i = 0; i < BATCH; i++)
			bench_line(&t, "sqe n%d_%d NOP", b, i);
		bench_line(&t, "submit\nwait %d", BATCH);
	}
	return bench_parse(&t);
}

static void simulated(struct gb_world *world, struct bench_sample *sample)
{
	const uint64_t start = bench_now();

	for (int r = 0; r < RUNS; r++)
		bench_run(world);
	bench_add(sample, start, bench_now(), (double)RUNS * BATCHES * BATCH);
}

static void host(struct bench_sample *sample)
{
	const uint64_t start = bench_now();

	if (!host_nops(RUNS * BATCHES, BATCH))
		bench_die("the kernel did not take the NOPs");
	bench_add(sample, start, bench_now(), (double)RUNS * BATCHES * BATCH);
}

int main(void)
{
	struct bench_sample sim = {0}, kernel = {0}, ratio = {0};
	struct gb_trace *trace = nop_trace();
	struct gb_world *world = bench_world(trace);
	const bool compare = host_open();

	for (int r = 0; r < BENCH_ROUNDS; r++) {
		simulated(world, &sim);
		if (!compare)
			continue;
		host(&kernel);
		/* round by round, for the machine may run faster and slower in the course of this */
		ratio.ns[ratio.n++] = kernel.ns[r] / sim.ns[r];
	}
	bench_head("NOP, batches of 32, default ring");
	bench_print("simulated, per request", &sim);
	if (compare) {
		bench_print("kernel through liburing, per request", &kernel);
		printf("%-46s %9s %9.2f times the kernel's rate\n", "ratio, median of the rounds", "",
		       bench_median(&ratio));
		host_close();
	} else {
		fprintf(stderr, "bench: no io_uring here, or built without liburing: nothing to compare with\n");
	}
	gb_world_destroy(world);
	gb_trace_free(trace);
	return compare ? 0 : BENCH_CANNOT;
}
