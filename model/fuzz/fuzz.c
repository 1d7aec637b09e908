/* SPDX-License-Identifier: MIT */
/* Run k of a seed. */
#include <stdlib.h>
#include <string.h>

#include "fuzzer.h"
#include "gen.h"

/* What is drawn from a seed and a run number apart from each other. */
enum { SALT_PROGRAM = 1, SALT_ORDER };

struct gb_fuzz {
	struct gb_fuzz_config config;
	struct draft *draft;
	struct runner *runner;
};

struct gb_fuzz *gb_fuzz_new(const struct gb_fuzz_config *config)
{
	struct gb_fuzz *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->config = *config;
	if (!f->config.max_sqes)
		f->config.max_sqes = GB_FUZZ_SQES;
	if (f->config.max_sqes > GB_FUZZ_MAX_SQES)
		f->config.max_sqes = GB_FUZZ_MAX_SQES;
	if (!f->config.judges)
		f->config.judges = GB_JUDGE_ALL;
	f->draft = draft_new(f->config.max_sqes);
	f->runner = runner_new(f->config.judges, f->config.fault);
	if (!f->draft || !f->runner) {
		gb_fuzz_free(f);
		return NULL;
	}
	return f;
}

void gb_fuzz_free(struct gb_fuzz *f)
{
	if (!f)
		return;
	draft_free(f->draft);
	runner_free(f->runner);
	free(f);
}

const struct gb_trace *gb_fuzz_generate(struct gb_fuzz *f, uint64_t k)
{
	gen_program(f->draft, random_of_run(f->config.seed, k, SALT_PROGRAM), f->config.max_sqes);
	return &f->draft->trace;
}

struct order fuzz_order(const struct gb_fuzz *f, uint64_t k)
{
	struct order order = {.kind = f->config.strategy == GB_FUZZ_PCT ? ORDER_PCT : ORDER_RANDOM,
			      .seed = random_of_run(f->config.seed, k, SALT_ORDER)};

	if (order.seed % 4 == 0)
		order.kind = ORDER_DEFAULT;
	return order;
}

enum gb_status gb_fuzz_run(struct gb_fuzz *f, uint64_t k, struct gb_fuzz_run *out, struct gb_error *err)
{
	const struct order order = fuzz_order(f, k);
	const struct gb_trace *trace = gb_fuzz_generate(f, k);
	const struct findings *findings;
	enum gb_status status;

	memset(out, 0, sizeof(*out));
	out->run = k;
	status = runner_run(f->runner, trace, f->config.variant, &order, f->config.judges, err);
	if (status != GB_OK)
		return status;
	findings = runner_findings(f->runner);
	out->state = runner_state(f->runner);
	out->steps = runner_steps(f->runner);
	out->stream = runner_stream(f->runner);
	out->n = findings->n;
	memcpy(out->finding, findings->list, findings->n * sizeof(findings->list[0]));
	return GB_OK;
}

const uint8_t *gb_fuzz_picks(const struct gb_fuzz *f, uint32_t *n)
{
	return runner_picks(f->runner, n);
}
