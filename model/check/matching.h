/* SPDX-License-Identifier: MIT */
/*
 * Which line of a trace stands for which hazard or violation of a run: a
 * matching of as many as can be. What may be left over in one of them is what
 * the trace does not state, whichever the order.
 */
#ifndef GROUPBUF_MODEL_CHECK_MATCHING_H
#define GROUPBUF_MODEL_CHECK_MATCHING_H

#include <stdbool.h>
#include <stdint.h>

#include "groupbuf/trace.h"

struct ck_matching {
	const struct gb_obs **line, **wrong;
	uint32_t n_lines, n_wrong;
	uint32_t *wrong_of; /* line: 1 + what it stands for, 0 */
	uint32_t *line_of;  /* wrong: 1 + its line, 0 */
	uint32_t *from;	    /* line: 1 + whose search has come to it, 0 */
	bool *dead;	    /* line: a search that came to it found no line that is free */
	uint32_t *queue;    /* of a search */
	bool *left;	    /* wrong: it may be that no line is left for it */
};

/* Room for so many of both, none of which are there yet; false if there is no memory. To be freed all the same. */
bool ck_matching_init(struct ck_matching *m, uint32_t lines, uint32_t wrong);
void ck_matching_free(struct ck_matching *m);

/* Fills in `left`. */
void ck_matching_find(struct ck_matching *m);

#endif
