/* SPDX-License-Identifier: MIT */
/*
 * The monitor: every invariant of invariants.md that the event stream can
 * decide, watched while a world runs. It reads events and nothing else.
 */
#ifndef GROUPBUF_MONITOR_H
#define GROUPBUF_MONITOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "groupbuf/event.h"
#include "groupbuf/observe.h"
#include "groupbuf/trace.h"
#include "groupbuf/world.h"

struct gb_monitor;

/* One invariant of the table, which `groupbuf invariants` and docs/ print. */
struct gb_invariant {
	const char *number;    /* "I32", "I88a" */
	const char *statement; /* one line */
	const char *rule;      /* rules of semantics.md, "S5.14" */
	const char *function;  /* kernel function that keeps or breaks it */
	const char *undecided; /* NULL if the monitor decides it, else why it cannot */
	const char *broken;    /* where V9 as posted does not keep it: "D3", "A10"; "" if it does */
};

/* The i-th invariant, in the order of their numbers; NULL behind the last one. */
const struct gb_invariant *gb_invariant_at(uint32_t i);

/* A violation: which invariant, and the events that show it. */
struct gb_violation {
	uint16_t invariant;  /* index for gb_invariant_at */
	uint16_t sentence;   /* which of the sentences of gb_violation_print tells it */
	uint32_t req, other; /* SQEs, or GB_NO_REQ */
	uint64_t step[2];    /* steps of the events that show it: the last one, an earlier one; 0: none */
	int64_t n[2];	     /* numbers of the text */
};

/* A new monitor for runs of `trace`, which must outlive it; NULL if there is no memory. */
struct gb_monitor *gb_monitor_new(const struct gb_trace *trace);
void gb_monitor_free(struct gb_monitor *monitor);

/* Forgets everything seen, for the next run. */
void gb_monitor_reset(struct gb_monitor *monitor);

/* A gb_event_fn; `user` is the monitor. */
void gb_monitor_event(void *user, const struct gb_event *event);

/* The types of events that make a difference to a monitor, a set of GB_EV_BITs. */
uint64_t gb_monitor_hears(const struct gb_monitor *monitor);

/* The run is over in this state: what can only be judged at the end is judged. */
void gb_monitor_finish(struct gb_monitor *monitor, enum gb_run_state state);

/* Violations so far, each invariant and request at most once, in the order of their events. */
uint32_t gb_monitor_count(const struct gb_monitor *monitor);
const struct gb_violation *gb_monitor_list(const struct gb_monitor *monitor);

/* True if invariant i has been put to the test in this run, whatever came of it. */
bool gb_monitor_exercised(const struct gb_monitor *monitor, uint32_t i);
/* The same of all invariants: a set in two words. */
const uint64_t *gb_monitor_exercised_set(const struct gb_monitor *monitor);

/*
 * The rest of an observation line, "I32 violated: b completed (step 12) after a
 * was freed (step 9)", malloced; NULL if there is no memory.
 */
char *gb_violation_print(const struct gb_trace *trace, const struct gb_violation *violation);

/* Takes every " (step N)" out of such a text: what is left is the same in all runs that violate it in the same way. */
void gb_violation_strip(char *text);

/*
 * The monitor's state is one block without pointers, so that whoever puts a
 * world back puts the monitor back with it: bytes, save, load.
 */
size_t gb_monitor_size(const struct gb_monitor *monitor);
void gb_monitor_save(const struct gb_monitor *monitor, void *to);
void gb_monitor_load(struct gb_monitor *monitor, const void *from);

/*
 * The same without the violations so far, but for their number, for whoever has
 * told them: bytes, where they lie, and load. The list is meaningless up to that number then.
 */
size_t gb_monitor_brief_size(const struct gb_monitor *monitor);
const void *gb_monitor_brief(const struct gb_monitor *monitor);
void gb_monitor_load_brief(struct gb_monitor *monitor, const void *from);

/*
 * Writes what the future verdicts depend on (at most gb_monitor_size bytes; no
 * step numbers, times, or other traces of the way there) and returns its
 * length. Monitors of equal forms judge every future alike. The violations so
 * far are part of it. `rename` maps SQE indices to the names they get, NULL is
 * the identity: members of one group that are alike, and have been queued, may
 * change places.
 */
size_t gb_monitor_canonical(const struct gb_monitor *monitor, const uint16_t *rename, void *to);

/* What the form has of one SQE, under names that several may share; at most gb_monitor_size bytes. */
size_t gb_monitor_signature(const struct gb_monitor *monitor, uint32_t sqe, const uint16_t *names, void *to);

/*
 * A monitor and an observer of the same run: each violation becomes an
 * `invariant` observation at its place. Both belong to the caller, who resets
 * them and sets told to 0 before each run.
 */
struct gb_watch {
	const struct gb_trace *trace;
	struct gb_observer *observer;
	struct gb_monitor *monitor;
	uint32_t told; /* violations that are observations already */
	bool stripped; /* without their steps, see gb_violation_strip */
};

/* A gb_event_fn; `user` is the watch. */
void gb_watch_event(void *user, const struct gb_event *event);

/* Finishes the monitor, tells what it says, and finishes the observer. */
void gb_watch_finish(struct gb_watch *watch, enum gb_run_state state);

#endif
