/* SPDX-License-Identifier: MIT */
/* `groupbuf run`: its options, and one trace of it. */
#ifndef GROUPBUF_CLI_RUN_H
#define GROUPBUF_CLI_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "groupbuf/schedule.h"

struct run_options {
	bool bare, quiet, visible, why, events, json, help;
	bool seeded, time_races, ignore_expected;
	uint64_t seed;
	uint32_t variant;
	uint32_t fault;			    /* enum gb_fault, in a build with GB_FAULTS */
	const char *variant_name;	    /* as given, for the head of a schedule */
	const char *replay_file;	    /* NULL: no replay */
	const struct gb_schedule *schedule; /* of replay_file */
	const char *save_file;		    /* NULL: nothing is saved */
};

/* Runs the trace in `file` and prints what is asked for; returns the exit code. */
int run_file(const struct run_options *options, const char *file);

#endif
