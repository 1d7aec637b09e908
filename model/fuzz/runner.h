/* SPDX-License-Identifier: MIT */
/* One run of a trace under a schedule, judged and hashed; memory is kept from run to run. */
#ifndef GB_MODEL_RUNNER_H
#define GB_MODEL_RUNNER_H

#include "judge.h"

/* How the choices are made. */
struct order {
	enum { ORDER_DEFAULT, ORDER_RANDOM, ORDER_PCT, ORDER_PICKS } kind;
	uint64_t seed;	      /* RANDOM, PCT */
	const uint8_t *picks; /* PICKS: alternatives to take, then the default; must not be the runner's */
	uint32_t n;
};

struct runner;

/* `fault` is that of all its runs. */
struct runner *runner_new(uint32_t judges, uint32_t fault);
void runner_free(struct runner *runner);

/* `judges` is a bit set, as in gb_fuzz_config. */
enum gb_status runner_run(struct runner *runner, const struct gb_trace *trace, uint32_t variant,
			  const struct order *order, uint32_t judges, struct gb_error *err);

/* What there is to say about the last run. */
enum gb_run_state runner_state(const struct runner *runner);
uint64_t runner_steps(const struct runner *runner);
uint64_t runner_stream(const struct runner *runner);
const struct findings *runner_findings(const struct runner *runner);
const uint8_t *runner_picks(const struct runner *runner, uint32_t *n);

#endif
