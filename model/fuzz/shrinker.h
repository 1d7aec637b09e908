/* SPDX-License-Identifier: MIT */
/* Shrinks a program that shows a finding to its canonical form. */
#ifndef GB_MODEL_SHRINKER_H
#define GB_MODEL_SHRINKER_H

#include "runner.h"

struct shrinker_task {
	const char *text; /* the program as gb_trace_print has it, without a title */
	struct gb_finding finding;
	uint32_t variant;
	uint32_t repairs; /* of shrinker_repairs */
	const struct order *order;
	uint32_t max_runs;
};

/* text and picks are malloced. */
struct shrunk {
	char *text;
	uint8_t *picks; /* NULL: the default order shows it */
	uint32_t n_picks;
	uint32_t repairs;
	uint32_t runs; /* made */
	bool no_memory;
};

/* False if the program does not show the finding, or there is no memory; then there is nothing to free. */
bool shrinker_run(struct runner *runner, const struct shrinker_task *task, struct shrunk *out);

/* Switches that together make the finding go away, as few as it takes; 0 if all of them do not. False: no memory. */
bool shrinker_repairs(struct runner *runner, const struct gb_trace *trace, const struct shrinker_task *task,
		      uint32_t *out, uint32_t *runs);

#endif
