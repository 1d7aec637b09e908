/* SPDX-License-Identifier: MIT */
/* `groupbuf check`: its options, and one trace of it. */
#ifndef GROUPBUF_CLI_CHECK_H
#define GROUPBUF_CLI_CHECK_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "groupbuf/check.h"

struct check_options {
	struct gb_check_config config;
	double max_seconds;    /* 0: no bound */
	uint32_t witnesses;    /* outcomes of which a schedule is wanted */
	const char *schedules; /* directory for schedule files, NULL: the current one, "-": none */
	bool list_invariants, quiet, json, time, help, ignore_expected;
	const char *checkpoint, *resume;
	bool ordered, by_depth, by_preemptions; /* --order or --shortest, --depth, --preemptions were given */
	bool by_outcomes;			/* --outcomes was given */
};

/* One trace being checked. */
struct check_run {
	const struct check_options *opt;
	const char *file;
	char *name; /* of the file, without directories and ".trace" */
	struct gb_trace *trace;
	struct gb_check *check;
	FILE *spill; /* of the search, for what is above --max-memory */
	struct gb_check_stats stats;
	double started, seconds;
	double shown, kept; /* when progress was shown, a checkpoint was written */
	double estimated;   /* when it was estimated how much has been seen */
	bool interrupted, on_terminal;
	uint32_t saved;		/* schedule files written */
	struct gb_check **part; /* merge: findings of the whole point into them */
	uint32_t n_parts;
};

enum { CHECK_IGNORE_EXPECTED = 512 }; /* an option that `merge` has as well, but no letter */

/* An option without an argument; false if it is none of `check`. */
bool check_set_flag(struct check_options *options, int option);

/* Can what is to be written be? Better told before a search than hours later. Returns an exit code. */
int check_find_places(const struct check_options *options);

/* Checks the trace in `file` and prints the report; returns the exit code. */
int check_file(const struct check_options *options, const char *file);

/* Catches SIGINT (stop and report) and SIGUSR1 (say how far it is). */
void check_catch_signals(void);
bool check_was_interrupted(void);

/* gb_check_config.stop: limits, signals, progress. `user` is a struct check_run. */
bool check_watch(void *user, const struct gb_check_progress *progress);
double check_clock(void);

/* Reads the trace and finds its name; and frees everything again. */
int check_open(struct check_run *run, struct gb_error *err);
void check_close(struct check_run *run);

/* Judges and reports; returns the exit code. */
int check_report(struct check_run *run);

/* A number of bytes, with a suffix K, M or G; false if it is none. */
bool check_parse_size(const char *text, uint64_t *out);
/* A temporary file in $TMPDIR, /var/tmp or /tmp that vanishes when it is closed; NULL if none can be had. */
FILE *check_spill_file(void);

/* The report. */
void check_print_text(struct check_run *run, int code);
void check_print_json(struct check_run *run, int code);

/* ", seen about 12 % of the states", in buf; nothing if that is not known. */
const char *check_seen(double fraction, char *buf, size_t size);

/* What a run without an answer says. */
const char *check_end_name(const struct gb_check_stats *stats);
/* The last word of a report. */
const char *check_word(const struct check_run *run, int code);
const char *check_verdict_name(enum gb_check_verdict verdict);
/* "all schedules with fewer than 3 preemptions"; NULL if nothing can be said. */
const char *check_decided(const struct check_run *run, char *buf, size_t size);

/* Below this a number of schedules is a whole one to the last digit. */
#define CHECK_WHOLE 9007199254740992.0
/* "4594047704", "about 6.2e+12, standard error 17 %", "at least 6.2e+12 (sure to 95 %), perhaps far more", "not
 * counted". */
const char *check_schedules(const struct gb_check_stats *stats, char *buf, size_t size);

/* Always, Sometimes, Never or Undecided, with how many outcomes say so and how many not. */
struct check_observation {
	const char *word;
	uint64_t yes, no;
	uint32_t property; /* which one, from 1, if there are several; else 0 */
};
/* The i-th `Observation` line; false behind the last. */
bool check_observation(const struct check_run *run, uint32_t i, struct check_observation *out);

/* Writes the schedule of a path to a file of its own; its name, malloced, or NULL after a complaint. */
char *check_save_schedule(struct check_run *run, const char *what, struct gb_check_path path, bool violation);

/* What is to be told of a path. */
struct check_telling {
	const char *schedule; /* its file, for the command that tells everything; NULL if there is none */
	const char *until;    /* the invariant or hazard it is about; NULL: to the end of the run */
};
/* The last steps of a path in the words of `explain`. */
void check_tell(struct check_run *run, FILE *out, struct gb_check_path path, const struct check_telling *what);

#endif
