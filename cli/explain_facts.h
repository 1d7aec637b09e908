/* SPDX-License-Identifier: MIT */
/*
 * What a run came to, request by request and lease by lease, collected while
 * it is played once: forms of `explain` that need to know the end before they
 * begin, and their summaries, read this.
 */
#ifndef GROUPBUF_CLI_EXPLAIN_FACTS_H
#define GROUPBUF_CLI_EXPLAIN_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "play.h"

#define FACT_RECENT 4U

/* Who did something, and when. Step 0: it did not happen. */
struct fact_act {
	uint64_t step;
	enum gb_actor_kind actor;
	uint32_t actor_index;
};

struct fact_request {
	uint32_t leader, behind; /* of its group; in its chain; GB_NO_REQ */
	uint32_t members;
	int64_t grp_refs;
	uint32_t issues;
	struct fact_act first_issue, last_issue;
	bool begun, freed;
	uint32_t cqes; /* posted */
	bool silent;   /* has completed without a CQE */
	int64_t position;
	struct gb_event last; /* the last CQE, or what stands for it */
	struct fact_act imported;
	int64_t import_result;
	uint64_t recent[FACT_RECENT]; /* steps that were about it, a ring */
	uint32_t n_recent;
};

struct fact_lease {
	uint64_t buffer; /* number of the events */
	uint32_t leader;
	int64_t len, dir;
	int64_t error;
	struct fact_act leased, last_put, back;
	uint32_t last_holder; /* whose completion put the last reference to the group */
	uint32_t leases, acks;
	int64_t after, untouched;
};

struct fact_blk {
	struct fact_act arrived, done;
	int64_t tag, refs, result;
};

/* A step that a violation or a hazard is about. `named`: its sentence names it. */
struct fact_mark {
	uint64_t step;
	bool named;
};
#define FACT_MARKS 512U

struct facts {
	const struct gb_trace *trace;
	struct fact_request *request; /* one per SQE */
	struct fact_blk *blk;	      /* one per block request */
	struct fact_lease *lease;
	uint32_t n_leases, leases_room;
	struct fact_mark mark[FACT_MARKS];
	uint32_t n_marks;
	uint32_t hazards;
	uint32_t last_posted; /* the request whose CQE came last */
	bool no_memory;
};

/* False if there is no memory. */
bool facts_new(struct facts *facts, const struct gb_trace *trace);
void facts_free(struct facts *facts);

/* The listener that collects; play_run it once. */
struct play_listener facts_listener(struct facts *facts);

/* NULL if the step is not marked. */
const struct fact_mark *facts_mark(const struct facts *facts, uint64_t step);

#endif
