/* SPDX-License-Identifier: MIT */
/* The observer's memory, shared by the half that collects and the half that compares. */
#ifndef GB_TRACE_OBSERVER_H
#define GB_TRACE_OBSERVER_H

#include "groupbuf/observe.h"

/* Observations with the event behind each, growing together. */
struct gb_obs_list {
	struct gb_obs *obs;
	struct gb_event *why;
	uint32_t n, room;
};

struct gb_observer {
	const struct gb_trace *trace;
	struct gb_obs_list lines; /* what happens while the trace runs; after finish: everything */
	struct gb_obs_list acks;  /* one per leader, in the order in which they leased */
	struct gb_obs_list blks;  /* one per block request that ran, in the order of their lines */
	struct gb_obs_list finals;
	uint32_t *ack_of;     /* per SQE: its index in acks + 1, 0 if it never leased */
	struct gb_obs **seen; /* per `seen` line: its CQEs as observations, so that a diff can point to one */
	struct gb_obs *blk;   /* per block request: what is known of it */
	bool any_cqe;
	bool dead;	/* a hazard stopped the world */
	bool no_memory; /* an observation is missing */
};

#endif
