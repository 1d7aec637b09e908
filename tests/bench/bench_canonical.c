/* SPDX-License-Identifier: MIT */
/*
 * What a search over all schedules pays for a transition: restore, one step,
 * canonical form and its hash, against a copy and a hash of the state's bytes.
 */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "groupbuf/explore.h"

#include "bench.h"

enum { TIMES = 2000 };

static struct gb_trace *nops_trace(void)
{
	struct bench_text t = {0};

	for (int k = 0; k < 10; k++)
		bench_line(&t, "sqe n%d NOP flags=ASYNC\n", k);
	bench_line(&t, "submit\nwait 10");
	return bench_parse(&t);
}

static struct gb_trace *group_trace(void)
{
	struct bench_text t = {0};

	bench_line(&t, "file f size=4096\nlessor dev\n");
	bench_line(&t, "sqe l LEASE fd=dev dir=dest len=4096 segs=4 flags=SQE_GROUP\n");
	for (int k = 0; k < 4; k++)
		bench_line(&t, "sqe m%d READ fd=f off=0 addr=%d len=1024 flags=GROUP_BUF%s\n", k, k * 1024,
			   k < 3 ? "|SQE_GROUP" : "");
	bench_line(&t, "submit\nwait 5");
	return bench_parse(&t);
}

/* Keeps the compiler from seeing that nobody looks at the result. */
static void used(XXH128_hash_t hash)
{
	__asm__ volatile("" : : "r"(hash.low64 ^ hash.high64) : "memory");
}

static void measure(const char *name, struct gb_trace *trace, bool footprints)
{
	const struct gb_config config = {.strategy = GB_STRATEGY_RANDOM, .footprints = footprints};
	struct bench_sample search = {0}, copy = {0}, steps = {0};
	struct gb_world *world;
	size_t size, length = 0;
	char line[96];

	if (gb_world_create(trace, &config, &world, NULL) != GB_OK)
		bench_die("no world");
	bench_run(world);
	const uint64_t half = gb_world_steps(world) / 2;
	gb_world_reset(world);
	while (gb_world_steps(world) < half)
		gb_world_step(world);
	size = gb_world_size(world);
	unsigned char *from = malloc(size), *to = malloc(size), *form = malloc(gb_world_canonical_capacity(world));
	if (!from || !to || !form)
		bench_die("no memory left");
	gb_world_snapshot(world, from);
	for (int r = 0; r < BENCH_ROUNDS; r++) {
		uint64_t start = bench_now();

		for (int k = 0; k < TIMES; k++) {
			gb_world_restore(world, from, size);
			gb_world_step(world);
			length = gb_world_canonical(world, NULL, 0, form);
			used(XXH3_128bits(form, length));
		}
		bench_add(&search, start, bench_now(), TIMES);
		start = bench_now();
		for (int k = 0; k < TIMES; k++) {
			memcpy(to, from, size);
			used(XXH3_128bits(to, size));
		}
		bench_add(&copy, start, bench_now(), TIMES);
		start = bench_now();
		for (int k = 0; k < TIMES; k++) {
			gb_world_restore(world, from, size);
			gb_world_step(world);
		}
		bench_add(&steps, start, bench_now(), TIMES);
	}
	snprintf(line, sizeof(line), "%s%s: %zu bytes, form of %zu", name, footprints ? ", footprints" : "", size,
		 length);
	bench_print(line, &search);
	bench_print("  of it restore + step", &steps);
	bench_print("  memcpy + XXH3 of the state", &copy);
	printf("%-46s %9s %9.2f\n", "  ratio", "", bench_median(&search) / bench_median(&copy));
	free(from);
	free(to);
	free(form);
	gb_world_destroy(world);
}

int main(void)
{
	struct gb_trace *nops = nops_trace(), *group = group_trace();

	bench_head("a transition of a search");
	measure("10 NOPs", nops, false);
	measure("10 NOPs", nops, true);
	measure("lease, 4 members", group, false);
	measure("lease, 4 members", group, true);
	gb_trace_free(nops);
	gb_trace_free(group);
	return 0;
}
