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
	bool spec; /* asks the specification as well */
	uint64_t seed;
	uint32_t variant;
	uint32_t fault;			    /* enum gb_fault, in a build with GB_FAULTS */
	const char *variant_name;	    /* as given, for the head of a schedule */
	const char *replay_file;	    /* NULL: no replay */
	const struct gb_schedule *schedule; /* of replay_file */
	const char *save_file;		    /* NULL: nothing is saved */
};

/* The options that say which run it is, and their values for getopt_long: --seed is 's'. */
enum { RUN_OPT_REPLAY = 256, RUN_OPT_SAVE, RUN_OPT_TIME_RACES, RUN_OPT_VARIANT, RUN_OPT_FAULT };
#ifdef GB_FAULTS
#define RUN_FAULT_OPTION {"fault", required_argument, NULL, RUN_OPT_FAULT},
#else
#define RUN_FAULT_OPTION
#endif

/* One of them, with its argument in optarg; the exit code. */
int run_set_value(const char *command, struct run_options *options, int option);

/* Reads options->replay_file, if there is one; the schedule is the caller's to free. The exit code. */
int run_load_schedule(struct run_options *options, struct gb_schedule **schedule);

/* Runs the trace in `file` and prints what is asked for; returns the exit code. */
int run_file(const struct run_options *options, const char *file);

#endif
