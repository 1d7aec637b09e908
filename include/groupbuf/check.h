/* SPDX-License-Identifier: MIT */
/*
 * The explorer: every schedule and every I/O outcome of one trace. It says
 * which outcomes there are, with a schedule for each, and of every property of
 * the trace whether it holds. What it reports does not depend on the number of
 * threads.
 */
#ifndef GROUPBUF_CHECK_H
#define GROUPBUF_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "groupbuf/error.h"
#include "groupbuf/monitor.h"
#include "groupbuf/schedule.h"
#include "groupbuf/trace.h"
#include "groupbuf/world.h"

struct gb_check;

/* In which order states are explored. It changes no verdict of a search that ends. */
enum gb_check_order {
	GB_CHECK_PREEMPTIONS, /* those that need fewer preemptions first */
	GB_CHECK_DEPTH,	      /* those that need fewer decisions first: witnesses are the shortest */
	GB_CHECK_LIFO,	      /* the newest first: the smallest frontier */
};

/* What makes two executions different outcomes. */
enum gb_check_outcomes {
	GB_CHECK_ORDER,	  /* every line of observation, in its order */
	GB_CHECK_RESULTS, /* the lines, in whatever order; refused if anything asks for an order */
	GB_CHECK_NONE,	  /* only what the properties ask about */
};

/* Reductions; all are on by default. */
enum gb_check_reduction {
	GB_CHECK_VISITED = 1U,	/* a state that has been seen is not explored again */
	GB_CHECK_COMMUTE = 2U,	/* a step that commutes with all the others can do is taken at once */
	GB_CHECK_SYMMETRY = 4U, /* io-wq workers that are alike may change places */
};
#define GB_CHECK_ALL_REDUCTIONS 7U

/* How far a search is. */
struct gb_check_progress {
	uint64_t states;      /* stored */
	uint64_t transitions; /* from one state to the next */
	uint64_t steps;	      /* of actors */
	uint64_t frontier;    /* states that wait to be explored */
	uint64_t outcomes;    /* distinct ones so far */
	uint32_t level;	      /* preemptions or decisions being explored; all below are done */
	double fraction;      /* of the space that has been seen, by the last gb_check_estimate; 0: not known */
};

struct gb_check_config {
	uint32_t variant;
	uint32_t fault;		    /* see gb_config */
	const char *standard_input; /* see gb_config */
	uint32_t standard_input_size;
	bool time_races; /* see gb_config: devices and timers keep no time */
	enum gb_check_order order;
	enum gb_check_outcomes outcomes;
	uint32_t reductions;	/* bit set of enum gb_check_reduction */
	bool exact;		/* keeps whole states: no two can be mistaken for one */
	uint32_t jobs;		/* threads, 0: one */
	uint64_t max_states;	/* 0: no bound */
	uint64_t max_memory;	/* bytes of the search; 0: no bound */
	FILE *spill;		/* empty, to read and write: for waiting states above max_memory; NULL: none */
	uint32_t max_level;	/* preemptions or decisions, by the order; UINT32_MAX: no bound */
	bool invariants;	/* watches the invariants */
	bool visible;		/* no invariant, and no hazard that a real kernel survives, counts */
	bool first;		/* stops at the first violation: a hazard, an invariant, a forall or never */
	uint32_t shard, shards; /* explores the shard-th of so many parts, from 1; 0: everything */
	/* Asked between batches of states, by the thread that runs the search; true: stop. */
	bool (*stop)(void *user, const struct gb_check_progress *progress);
	void *user;
};

/* The configuration of `groupbuf check` without options. */
void gb_check_defaults(struct gb_check_config *config);

/* A search of `trace`, which must outlive it. */
enum gb_status gb_check_new(const struct gb_trace *trace, const struct gb_check_config *config, struct gb_check **out,
			    struct gb_error *err);
void gb_check_free(struct gb_check *check);

/* The configuration it has: of a search that was loaded, what shapes it is that of the file. */
const struct gb_check_config *gb_check_config_of(const struct gb_check *check);

/* Why a search ended. */
enum gb_check_end {
	GB_CHECK_COMPLETE,	/* everything has been explored */
	GB_CHECK_STOPPED,	/* stop said so */
	GB_CHECK_MAX_STATES,	/* config.max_states */
	GB_CHECK_MAX_LEVEL,	/* config.max_level: there was more beyond it */
	GB_CHECK_FIRST,		/* a violation was found, and config.first */
	GB_CHECK_STEP_LIMIT,	/* complete, but a run came to the bound of steps of a world */
	GB_CHECK_OUT_OF_MEMORY, /* the host has no more; called again, it goes on as if nothing had happened */
	GB_CHECK_MAX_MEMORY,	/* config.max_memory, and nothing more could be moved to config.spill */
};

/* Explores. Called again, it goes on where it stopped. */
enum gb_check_end gb_check_run(struct gb_check *check);

/*
 * Estimates the share of the states of the space that has been seen, by exploring a
 * sample of what is left: about `transitions` of them, 0: as many as a
 * tenth of those of the search, 50,000 at least. May be called from `stop`, and does not
 * change what the search finds. Sets progress.fraction, and returns it: 1 if the
 * search is complete; 0 if it is not known: there is no memory, or what is left is beyond config.max_level.
 * A bound that was not reached does not count: the space is the whole one, of a shard what it has to do.
 */
double gb_check_estimate(struct gb_check *check, uint64_t transitions);

/*
 * The whole of a search as bytes of a file, which only the same version on a
 * machine of the same kind can read. False if writing fails; errno says why.
 */
bool gb_check_save(const struct gb_check *check, FILE *file);

/*
 * A search as it was saved, of the same trace. What shapes the search comes
 * from the file; jobs, bounds, first and stop from `config`. Broken files are refused.
 */
enum gb_status gb_check_load(const struct gb_trace *trace, const struct gb_check_config *config, FILE *file,
			     struct gb_check **out, struct gb_error *err);

/*
 * Adds what another shard of the same search found. `into` can then be judged,
 * not run. GB_BAD_INPUT if they do not belong together, or it is there already.
 */
enum gb_status gb_check_merge(struct gb_check *into, const struct gb_check *from, struct gb_error *err);

/* Numbers of the report. */
struct gb_check_stats {
	struct gb_check_progress at;
	enum gb_check_end end;
	uint64_t revisits;  /* transitions to a state that was known */
	uint64_t terminals; /* transitions that end a run */
	/*
	 * By gb_check_count; 0 before, and where it cannot be told. Complete schedules, that is sequences of
	 * all decisions as gb_check_schedule writes them, of the space within the bound of the search, without any
	 * reduction; INFINITY: too many for a number, see schedules_least.
	 */
	double schedules;
	double schedules_error; /* standard error as a fraction; 0: exact; INFINITY: an error cannot be told, it may be
				   far too low */
	double schedules_least; /* it is more, but once in 20 times; the number itself if it is exact */
	double explored;	/* the share of them that is known to be explored; negative: it cannot be told */
	double explored_error;	/* its standard error; INFINITY: cannot be told */
	uint32_t depth;		/* decisions of the longest path */
	uint64_t frontier_peak; /* bytes */
	uint64_t visited_bytes; /* of the set of states and the paths to them */
	uint64_t log_bytes;	/* of these, those of the paths */
	uint64_t spilled_bytes; /* of waiting states written to config.spill, all together */
	uint64_t memory_peak;	/* bytes held between two batches, of everything that grows with the search */
	uint32_t fingerprint_bits; /* of a state; 0: exact */
	double collision;	   /* bound of the probability that two states were taken for one */
	enum gb_check_order order;
	enum gb_check_outcomes outcomes;
	uint32_t shards;     /* 0: it is no part of a search */
	uint32_t reductions; /* those in effect */
	bool level_is_exact; /* "every schedule with fewer than `level`" holds for schedules, not for their classes */
};
struct gb_check_stats gb_check_stats(const struct gb_check *check);

/*
 * Counts the schedules of the statistics. After gb_check_run; false if there is
 * no memory. It takes about as long as 300,000 steps, or an eighth of the search
 * if that is more, at most 4 million; if the number has to be estimated, as long again and not less than 900,000 steps.
 */
bool gb_check_count(struct gb_check *check);

/* A path of the search. */
struct gb_check_path {
	uint32_t state; /* the number of its last state */
	uint32_t edge;	/* what was decided there */
};

/* The choices of a path as a schedule; NULL if there is no memory. To be freed by the caller. */
struct gb_schedule *gb_check_schedule(struct gb_check *check, struct gb_check_path path);

/* Repeats a path for its events, as far as it goes. False if there is no memory. */
bool gb_check_replay(struct gb_check *check, struct gb_check_path path, gb_event_fn event, void *user);

/* One distinct outcome. */
struct gb_check_outcome {
	struct gb_check_path path; /* a schedule that gives it */
	uint64_t count;		   /* transitions that end in it */
	enum gb_run_state state;
	uint32_t n;    /* lines of observation */
	char **line;   /* as `run` prints them */
	bool *holds;   /* per property of the trace: is its expression true */
	bool *seen;    /* per `seen` line: is it this order */
	bool expected; /* it is what the trace states; not by GB_CHECK_ORDER: it came to an end */
};

/*
 * Finds the text of every outcome by repeating one schedule of each, and
 * judges the properties. After gb_check_run; false if there is no memory.
 */
bool gb_check_judge(struct gb_check *check);

uint32_t gb_check_outcome_count(const struct gb_check *check);
const struct gb_check_outcome *gb_check_outcome_at(const struct gb_check *check, uint32_t i);

enum gb_check_verdict {
	GB_CHECK_HOLDS,
	GB_CHECK_VIOLATED,
	GB_CHECK_UNDECIDED, /* the search did not end, and so far nothing decides it */
	GB_CHECK_VACUOUS,   /* nothing put it to the test */
};

enum gb_check_claim_kind {
	GB_CLAIM_EXPECTED,  /* what the trace states can happen */
	GB_CLAIM_SEEN,	    /* a `seen` line can happen */
	GB_CLAIM_PROPERTY,  /* forall, exists, never */
	GB_CLAIM_HAZARD,    /* a hazard that came up */
	GB_CLAIM_INVARIANT, /* an invariant */
};

/* One thing the check decided. */
struct gb_check_claim {
	enum gb_check_claim_kind kind;
	enum gb_check_verdict verdict;
	char *text;			      /* "never a.cqe < b.cqe", "I32", "hazard leak at io_free_req of a" */
	char *detail;			      /* a sentence of what went wrong, or NULL */
	struct gb_pos pos;		      /* of its line, if it has one */
	uint64_t yes, no;		      /* outcomes in which it is true, and not */
	bool expected;			      /* HAZARD, INVARIANT: the trace states it, or it does not count */
	uint32_t req;			      /* HAZARD, INVARIANT violated: the SQE it is about, or GB_NO_REQ */
	bool beyond;			      /* the trace states others of its kind, or fewer in one run */
	bool more;			      /* and of more requests than there are claims for */
	const struct gb_invariant *invariant; /* INVARIANT */
	bool has_path;			      /* the next is a witness of a violation, or of what can happen */
	struct gb_check_path path;
};

/*
 * In the order of the trace: expectations, seen lines, properties; then hazards
 * that came up; then invariants, one claim for each that holds, and for one that does not one for
 * every request that violates it (at most 16) besides one for all that the trace states.
 */
uint32_t gb_check_claim_count(const struct gb_check *check);
const struct gb_check_claim *gb_check_claim_at(const struct gb_check *check, uint32_t i);

/*
 * Is the expression of a property true of a finished run, whatever its
 * quantifier? `values` gets the value of each of its nodes (prop->n).
 */
enum gb_status gb_check_property(const struct gb_trace *trace, const struct gb_prop *prop,
				 const struct gb_observer *observer, int64_t *values, bool *is_true);

#endif
