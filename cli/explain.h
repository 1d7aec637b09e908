/* SPDX-License-Identifier: MIT */
/*
 * `groupbuf explain`: one run as a story. A form of it (text is the only one so
 * far) listens to the run, which has been played once before for its facts.
 */
#ifndef GROUPBUF_CLI_EXPLAIN_H
#define GROUPBUF_CLI_EXPLAIN_H

#include <stdbool.h>
#include <stdio.h>

#include "explain_facts.h"
#include "play.h"
#include "run.h"

struct explain_options {
	struct run_options run; /* which run it is */
	bool all;		/* every event and every choice */
	bool help;
};

/* A run that is to be told: its facts are collected. */
struct story {
	struct play *play;
	struct facts facts;
};

/* Tells the run in `file`; the exit code. */
int explain_file(const struct explain_options *options, const char *file);

/* How much of a story is wanted as text. */
struct explain_text {
	bool all;
	bool colour;
	const char *indent; /* in front of every line */
	/*
	 * The last so many lines up to where this invariant or hazard ("I3",
	 * "hazard leak at io_ring_exit_work of lead") came up, up to the end if
	 * it does not or is NULL. 0: the whole story.
	 */
	uint32_t last;
	const char *until;
};

/* Step by step; false if there is no memory. */
bool explain_steps(FILE *out, struct story *story, const struct explain_text *how);

/* The summary behind it: requests, leases, block requests, what the trace says about it. */
void explain_end(FILE *out, const struct story *story, const char *file);

#endif
