/* SPDX-License-Identifier: MIT */
/* The state of a shrinking, shared by its passes. */
#ifndef GB_MODEL_SHRINK_H
#define GB_MODEL_SHRINK_H

#include "cost.h"
#include "runner.h"

#define SHRINK_SEEN 65536U

struct shrink {
	struct runner *runner;
	struct pool pool;
	struct gb_finding finding;
	uint32_t variant; /* the design that has the defect */
	uint32_t repairs; /* switches that together repair it; 0: not even all of them do */
	struct lines now; /* the simplest program so far */
	char *now_text;
	size_t now_room;
	struct cost now_cost;
	/* the schedule that shows it */
	bool any_order; /* the default order does not show it */
	uint8_t *picks;
	uint32_t n_picks;
	/* the candidate */
	struct lines next;
	char *next_text;
	size_t next_room;
	uint64_t *seen; /* hashes of candidates that were not good, SHRINK_SEEN of them at most */
	uint32_t n_seen;
	uint32_t runs, max_runs;
	bool no_memory;
};

/* Makes `next` a copy of `now`, to be changed and tried. False when it is time to stop. */
bool shrink_begin(struct shrink *s);

/* True if `next` is simpler and still shows the defect; then it has become `now`. */
bool shrink_try(struct shrink *s);

/* Passes: each true if it made the program simpler. */
bool shrink_lines(struct shrink *s); /* whole lines */
bool shrink_words(struct shrink *s); /* words and parts of words */
bool shrink_ops(struct shrink *s);   /* other opcodes, other statements */
bool shrink_numbers(struct shrink *s);
bool shrink_names(struct shrink *s); /* other objects */
bool shrink_order(struct shrink *s); /* the order of lines */
bool shrink_pairs(struct shrink *s); /* two changes at a time */

#endif
