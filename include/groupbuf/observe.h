/* SPDX-License-Identifier: MIT */
/*
 * Observations: what a run shows, in the words of the trace language, made
 * from the event stream alone; and their comparison with what a trace expects.
 */
#ifndef GROUPBUF_OBSERVE_H
#define GROUPBUF_OBSERVE_H

#include "groupbuf/event.h"
#include "groupbuf/trace.h"

struct gb_observer;

/* A new observer of runs of `trace`; NULL if there is no memory. */
struct gb_observer *gb_observer_new(const struct gb_trace *trace);
void gb_observer_free(struct gb_observer *observer);

/* Of a hazard's name: whether the kernel dies there. */
bool gb_word_stops(const char *word);

/* Forgets everything seen, for the next run. */
void gb_observer_reset(struct gb_observer *observer);

/* A gb_event_fn; `user` is the observer. */
void gb_observer_event(void *user, const struct gb_event *event);

/*
 * Adds an `invariant` observation at this point of the run, which somebody
 * else has made; `text` is malloced, what stands behind "invariant ", and
 * belongs to the observer from now on. NULL says that there was no memory for it.
 */
void gb_observer_invariant(struct gb_observer *observer, char *text);

/*
 * Ends the run: orders the end state and adds `cqe none` if that is due.
 * Then list and count are the observations in their order; they belong to the
 * observer. reason texts: see gb_observer_why.
 */
void gb_observer_finish(struct gb_observer *observer);
uint32_t gb_observer_count(const struct gb_observer *observer);
const struct gb_obs *gb_observer_list(const struct gb_observer *observer);

/* True if there was no memory for an observation, which is missing. */
bool gb_observer_failed(const struct gb_observer *observer);

/* The event of the i-th observation's reason, for --why; NULL if it has none. */
const struct gb_event *gb_observer_why(const struct gb_observer *observer, uint32_t i);

/* The event of the i-th observation if it is a hazard, else NULL. */
const struct gb_event *gb_observer_hazard(const struct gb_observer *observer, uint32_t i);

/* Where expectation and observation part ways. */
struct gb_diff {
	bool differs;
	const struct gb_obs *expected; /* NULL: nothing more was expected */
	const struct gb_obs *observed; /* NULL: nothing more was observed */
	uint32_t observed_index;       /* index of observed in gb_observer_list */
};

/*
 * Compares the finished run with the trace's expectations. A trace without
 * observation lines expects nothing in particular, but no hazard. With
 * `visible` only what a real kernel shows counts. After a hazard that stops
 * the world, which the trace states, only the lines it states are compared.
 * `seen` lines alone: any of the orders, and then only CQEs count.
 */
struct gb_diff gb_observer_compare(const struct gb_observer *observer, bool visible);

#endif
