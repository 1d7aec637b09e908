/* SPDX-License-Identifier: MIT */
/*
 * Fuzzing: random programs under random schedules, judged by everything that
 * can judge a run. Run k of a seed is the same on every machine, whatever ran
 * before it.
 */
#ifndef GROUPBUF_FUZZ_H
#define GROUPBUF_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "groupbuf/error.h"
#include "groupbuf/trace.h"
#include "groupbuf/world.h"

/* X(ID, name): how a run's choices are made. One run in four keeps the default order. */
#define GB_FUZZ_STRATEGY_LIST(X)                                 \
	X(RANDOM, "random") /* uniform among the alternatives */ \
	X(PCT, "pct")	    /* priorities of the actors, changed a few times */

enum gb_fuzz_strategy {
#define X(id, name) GB_FUZZ_##id,
	GB_FUZZ_STRATEGY_LIST(X)
#undef X
		GB_FUZZ_STRATEGIES,
};

/* X(ID, name): who judges. */
#define GB_JUDGE_LIST(X)                                                             \
	X(HAZARD, "hazard")	  /* what the simulated kernel found itself doing */ \
	X(ENDLESS, "endless")	  /* a run that does not end */                      \
	X(INVARIANT, "invariant") /* groupbuf/monitor.h */                           \
	X(SPECIFICATION, "specification")

enum gb_judge_kind {
#define X(id, name) GB_JUDGE_##id,
	GB_JUDGE_LIST(X)
#undef X
		GB_JUDGES,
};

#define GB_JUDGE_ALL ((1U << GB_JUDGES) - 1U)

#define GB_FUZZ_MAX_SQES  256U
#define GB_MAX_FINDINGS	  16U	 /* of one run */
#define GB_FUZZ_MAX_STEPS 20000U /* of one run; none that ends by itself needs so many */
#define GB_FUZZ_SQES	  12U	 /* unless something else is asked for */

/*
 * Something that must not be. Two findings are of one kind if judge, what and
 * function agree. The strings are static.
 */
struct gb_finding {
	enum gb_judge_kind judge;
	uint32_t what;	      /* enum gb_hazard_kind, index of an invariant, enum gb_spec_rule_id */
	const char *function; /* kernel function, "" if the judge names none */
	const char
		*known; /* where V9 is known to do it, "D3", as the judge has it; "" if nowhere. See gb_defect_cause */
	uint32_t req;	/* the SQE it is about, or GB_NO_REQ */
};

/* "hazard leak at io_ring_exit_work", "invariant I32 at io_...", "specification I43 MEMBER_RUNS" in buf; returns buf.
 * 128 bytes are enough. */
const char *gb_finding_name(const struct gb_finding *finding, char *buf, size_t size);

/* True if both are of one kind. */
bool gb_finding_same(const struct gb_finding *a, const struct gb_finding *b);

struct gb_fuzz_config {
	uint64_t seed;
	enum gb_fuzz_strategy strategy;
	uint32_t max_sqes; /* of a program; 0: GB_FUZZ_SQES, at most GB_FUZZ_MAX_SQES */
	uint32_t variant;  /* bit set of enum gb_variant_switch; 0 = v9 */
	uint32_t judges;   /* bit set of enum gb_judge_kind; 0: all */
	uint32_t fault;	   /* as gb_config.fault; shrinking knows none */
};

/* One run and what was found in it. */
struct gb_fuzz_run {
	uint64_t run;
	enum gb_run_state state;
	uint64_t steps;
	uint64_t stream; /* hash of the events, each with everything but its texts */
	uint32_t n;
	struct gb_finding finding[GB_MAX_FINDINGS];
};

struct gb_fuzz;

/* A new fuzzer; NULL if there is no memory. */
struct gb_fuzz *gb_fuzz_new(const struct gb_fuzz_config *config);
void gb_fuzz_free(struct gb_fuzz *fuzz);

/*
 * Generates run k, runs and judges it. GB_NO_MEMORY if there is none. Anything
 * unexpected has been found if out->n is not 0.
 */
enum gb_status gb_fuzz_run(struct gb_fuzz *fuzz, uint64_t k, struct gb_fuzz_run *out, struct gb_error *err);

/*
 * Generates run k and does not run it. The trace belongs to the fuzzer, is
 * good until its next run, and must not be freed or changed.
 */
const struct gb_trace *gb_fuzz_generate(struct gb_fuzz *fuzz, uint64_t k);

/* The choices of the last run, each the number of the alternative taken; *n of them. */
const uint8_t *gb_fuzz_picks(const struct gb_fuzz *fuzz, uint32_t *n);

/* ---- shrinking ---- */

/*
 * A defect: the simplest program that shows a finding, in a form that does not
 * depend on the program it was found with. All strings are malloced.
 */
struct gb_defect {
	uint64_t name; /* hash of the program */
	uint32_t n_findings;
	struct gb_finding findings[GB_MAX_FINDINGS]; /* the one it was shrunk for, then what else the program shows */
	uint32_t gone;				     /* findings that those switches make go away, a bit each */
	uint32_t repairs;  /* switches that together make it go away, as few as it takes; 0: all do not */
	char *program;	   /* in the trace language, without observations */
	char *observed;	   /* what a run of it shows, the lines of an expectation */
	char *schedule;	   /* gb_schedule_print; NULL: the default order shows it */
	uint32_t shrinks;  /* runs it took to find the program */
	uint64_t run;	   /* of the fuzzer that found it */
	uint64_t programs; /* that were shrunk to this one */
};

/* Is a finding one of the defects on record for V9 as posted? */
enum gb_cause {
	GB_CAUSE_NONE,	   /* no */
	GB_CAUSE_POSSIBLE, /* what is found is what it does; whether it is the cause is not known */
	GB_CAUSE_SURE,	   /* and the switch that repairs it makes the finding go away */
};

/* Which ones finding k is or may be, "D1, D2", in buf, for which 64 bytes are enough. */
enum gb_cause gb_defect_cause(const struct gb_defect *defect, uint32_t k, char *buf, size_t size);

/* Frees what a defect owns, not the structure. */
void gb_defect_clear(struct gb_defect *defect);

/* What to shrink: a program, and a finding that it shows. */
struct gb_shrink_task {
	const char *program; /* in the trace language */
	struct gb_finding finding;
	uint32_t variant;
	const uint8_t *picks; /* choices that show it, if the default order does not */
	uint32_t n_picks;
	uint32_t max_runs; /* 0: GB_SHRINK_RUNS */
};
#define GB_SHRINK_RUNS 100000U

/*
 * Shrinks. GB_BAD_INPUT if the program cannot be read or does not show the
 * finding, GB_NO_MEMORY if there is none; then *out is cleared.
 */
enum gb_status gb_shrink(const struct gb_shrink_task *task, struct gb_defect *out, struct gb_error *err);

/* ---- a hunt: run after run, and each defect once ---- */

struct gb_hunt;

struct gb_hunt_stats {
	uint64_t runs;
	uint64_t streams;    /* different event streams */
	uint64_t found;	     /* runs with a finding */
	uint64_t other_runs; /* made to repair and to shrink */
};

struct gb_hunt *gb_hunt_new(const struct gb_fuzz_config *config);
void gb_hunt_free(struct gb_hunt *hunt);

/* The next run, from 0. The same number of runs finds the same defects in the same order. */
enum gb_status gb_hunt_run(struct gb_hunt *hunt, struct gb_error *err);

struct gb_hunt_stats gb_hunt_stats(const struct gb_hunt *hunt);

/* The i-th defect, in the order in which they were found; NULL behind the last one. */
const struct gb_defect *gb_hunt_defect(const struct gb_hunt *hunt, uint32_t i);

/* ---- strategies, for gb_config.choose ---- */

/* Uniform choices. Set random to the seed. */
struct gb_uniform {
	uint64_t random;
};
uint32_t gb_uniform_choose(void *user, const struct gb_choice *choice);

/*
 * Probabilistic concurrency testing (Burckhardt and others, 2010): every actor
 * has a random priority, the highest acts, and at `depth` - 1 random moments
 * the one that acts falls below all others. Finds a defect that needs `depth`
 * ordered steps with probability 1/(actors * choices^(depth - 1)).
 */
#define GB_PCT_DEPTH 4U
struct gb_pct {
	uint64_t seed;
	uint32_t depth;			/* 1 to GB_PCT_DEPTH */
	uint32_t choices;		/* made so far */
	uint32_t change[GB_PCT_DEPTH];	/* before which choice */
	uint32_t lowered[GB_PCT_DEPTH]; /* actors that fell, the last one is the lowest */
	uint32_t n_lowered;
};

/* Draws the priorities and the moments of change among the first `length` choices. */
void gb_pct_init(struct gb_pct *pct, uint64_t seed, uint32_t depth, uint32_t length);
uint32_t gb_pct_choose(void *user, const struct gb_choice *choice);

#endif
