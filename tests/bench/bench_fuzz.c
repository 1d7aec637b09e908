/* SPDX-License-Identifier: MIT */
/*
 * Fuzzing: runs a minute of programs of up to 12 SQEs with every judge on, and
 * where the time goes, found by leaving things out.
 */
#include "groupbuf/fuzz.h"

#include "bench.h"

enum { RUNS = 2000, ROUNDS = 9 };

static void fuzz(uint32_t judges, struct bench_sample *sample, uint64_t *first)
{
	const struct gb_fuzz_config config = {.seed = 1, .judges = judges};
	struct gb_fuzz *fuzzer = gb_fuzz_new(&config);
	struct gb_fuzz_run run;
	struct gb_error err;
	uint64_t start;

	if (!fuzzer)
		bench_die("no memory left");
	start = bench_now();
	for (int k = 0; k < RUNS; k++)
		if (gb_fuzz_run(fuzzer, (*first)++, &run, &err) != GB_OK)
			bench_die(err.text);
	bench_add(sample, start, bench_now(), RUNS);
	gb_fuzz_free(fuzzer);
}

static void generate(struct bench_sample *sample, uint64_t *first)
{
	const struct gb_fuzz_config config = {.seed = 1};
	struct gb_fuzz *fuzzer = gb_fuzz_new(&config);
	const uint64_t start = bench_now();

	if (!fuzzer)
		bench_die("no memory left");
	for (int k = 0; k < RUNS; k++)
		gb_fuzz_generate(fuzzer, (*first)++);
	bench_add(sample, start, bench_now(), RUNS);
	gb_fuzz_free(fuzzer);
}

/* Building a world in the memory of the one before, and from new memory. */
static void build(bool reuse, struct bench_sample *sample, uint64_t *first)
{
	const struct gb_fuzz_config config = {.seed = 1};
	const struct gb_config world_config = {.strategy = GB_STRATEGY_DEFAULT};
	struct gb_fuzz *fuzzer = gb_fuzz_new(&config);
	struct gb_world *world = NULL;
	struct gb_error err;
	uint64_t ns = 0;

	if (!fuzzer)
		bench_die("no memory left");
	for (int k = 0; k < RUNS; k++) {
		const struct gb_trace *trace = gb_fuzz_generate(fuzzer, (*first)++);
		const uint64_t start = bench_now();

		if (gb_world_rebuild(&world, trace, &world_config, &err) != GB_OK)
			bench_die(err.text);
		if (!reuse) {
			gb_world_destroy(world);
			world = NULL;
		}
		ns += bench_now() - start;
	}
	bench_add(sample, 0, ns, RUNS);
	gb_world_destroy(world);
	gb_fuzz_free(fuzzer);
}

int main(void)
{
	struct bench_sample all = {0}, hazards = {0}, monitor = {0}, spec = {0}, gen = {0}, again = {0}, anew = {0};
	uint64_t at[7] = {0};

	for (int r = 0; r < ROUNDS; r++) {
		fuzz(GB_JUDGE_ALL, &all, &at[0]);
		fuzz(1U << GB_JUDGE_HAZARD, &hazards, &at[1]);
		fuzz(1U << GB_JUDGE_INVARIANT, &monitor, &at[2]);
		fuzz(1U << GB_JUDGE_SPECIFICATION, &spec, &at[3]);
		generate(&gen, &at[4]);
		build(true, &again, &at[5]);
		build(false, &anew, &at[6]);
	}
	bench_head("fuzzing, programs of up to 12 SQEs");
	bench_print("one run, all judges", &all);
	bench_print("hazards alone", &hazards);
	bench_print("the monitor alone", &monitor);
	bench_print("the specification alone", &spec);
	bench_print("the program, not run", &gen);
	bench_print("its world, in memory that is there", &again);
	bench_print("its world, from new memory", &anew);
	printf("%-46s %9s %9.0f\n", "runs a minute, all judges", "", 60e9 / bench_median(&all));
	return 0;
}
