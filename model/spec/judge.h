/* SPDX-License-Identifier: MIT */
/*
 * What the files of the specification share: what was seen of each request,
 * and its place in groups and chains.
 */
#ifndef GB_MODEL_SPEC_JUDGE_H
#define GB_MODEL_SPEC_JUDGE_H

#include "groupbuf/spec.h"

#define SPEC_NONE   UINT32_MAX /* no request */
#define SPEC_NEVER  UINT64_MAX /* a moment that did not come */
#define SPEC_POISON 0xA5       /* what a leased byte holds that nobody wrote */

/* What may be is neither known to be so nor not to be so. */
enum tri { NO, YES, MAYBE };

static inline enum tri tri_or(enum tri a, enum tri b)
{
	if (a == YES || b == YES)
		return YES;
	return a == MAYBE || b == MAYBE ? MAYBE : NO;
}

/* What an observer saw of one request. Moments are numbers of events, from 1. */
struct fact {
	uint64_t init_at, issued_at, done_at, posted_at; /* SPEC_NEVER; posted_at also for a silent completion */
	uint64_t ack_at, touched_at;			 /* its buffer went back; it touched its leader's buffer */
	uint64_t notified_at;				 /* of a zero-copy send */
	int64_t untouched;
	uint64_t hash;	/* at the ack */
	uint64_t off;	/* of the import */
	int64_t pos;	/* of the final CQE */
	int64_t zeroed; /* bytes of user memory */
	int32_t init_err;
	int32_t done_res, res; /* of the operation, of the final CQE or the silence */
	uint32_t order;	       /* place among the SQEs consumed, from 0 */
	uint32_t batch;
	uint32_t finals, imports; /* final CQEs, accepted imports */
	uint32_t leases, acks;
	uint32_t lease_len, import_len, selected;
	uint32_t bufs;	     /* registered buffers when it was read */
	uint16_t restricted; /* index of the restrictions then in force, plus 1 */
	int16_t import_err, lease_err;
	uint8_t lease_dir, import_dir;
	bool silent; /* completed without a CQE */
	bool import_seen, lease_seen, select_seen;
	bool writes; /* wrote into its leader's buffer */
};

/* Where a request stands, by the rules of assembly. */
struct place {
	uint32_t leader;	    /* of its group: itself if it leads one; SPEC_NONE */
	uint32_t members;	    /* leader: how many */
	uint32_t first, last, next; /* leader: first and last member; member: the next one */
	uint32_t link, prev, head;  /* chain: behind it, in front of it, first of all */
	uint32_t closer;	    /* leader or head: the SQE that closed the group or chain */
	int32_t err;		    /* what it ends with if its assembly failed */
	bool failed;		    /* by its own initialisation, or by that of its group */
	bool chain_failed;	    /* head: something of the chain failed; culprit */
	uint32_t culprit;
	bool wants_buf, node;	  /* asks for the group buffer; holds a registered one */
	bool drains, drains_next; /* waits for all that was submitted before; because the unit before drained */
	bool cut;		  /* leader: the end of the batch closed the group */
	bool dead, silenced;	  /* the chain was cancelled in front of it; and made silent */
	bool unsure;		  /* or neither, for the failure is one that the kernel forgets */
};

/* What is known of a request before any run. */
struct static_fact {
	bool hunted; /* something may cancel it */
	bool loose;  /* judged in order and count only */
};

/* One submission. */
struct batch {
	uint32_t first, n; /* SQEs consumed, as places in the order */
	int64_t ret;	   /* what the call returned, INT64_MIN if it did not return */
	uint64_t given;	   /* SQEs queued so far */
};

struct conduct;

struct gb_spec {
	const struct gb_trace *trace;
	struct fact *fact;
	struct place *place;
	struct static_fact *known;
	uint32_t *order;
	struct batch *batch;
	struct gb_spec_finding *list;
	struct conduct *conduct;      /* conduct.h */
	unsigned char *bytes, *marks; /* scratch for one leased buffer */
	uint32_t longest;	      /* bytes of each */
	bool *pure;		      /* object: nobody writes to it */
	uint32_t n, room, n_list;     /* SQEs; findings there is room for, and found */
	uint32_t consumed, batches;
	uint64_t now, ending_at; /* event; since when the ring or the task is going away */
	uint64_t given;
	uint32_t next_register; /* statement */
	uint32_t bufs;
	uint16_t restrict_seen, restricted; /* restrictions set, and in force */
	uint32_t dead_in;		    /* request in which the machine died */
	bool dead, drain_disabled;
	bool hunt_all, poison; /* cancels of anything; 0xA5 may be data */
	bool blind;	       /* groups cannot be told from outside: SQPOLL cut one */
	enum gb_run_state state;
};

/* Adds a finding, unless the request is judged loosely; those that do not fit are dropped. */
void spec_find(struct gb_spec *s, enum gb_spec_rule_id rule, uint32_t req, uint32_t other, int64_t a, int64_t b);

/* ---- init.c: what initialisation gives (S2.6, section 8) ---- */

struct init_context {
	bool group_open, drain_disabled;
	uint32_t chain_last; /* last of the open chain, SPEC_NONE */
};

/* What may come out: `exact`, or if `any` is set 0 or an errno of the fields (check_init). */
struct init_rule {
	int32_t exact;
	bool any;
	bool drain_left; /* a member's IO_DRAIN was not translated */
	bool drained;	 /* the check of IO_DRAIN was passed: the ring drains */
	bool skip_seen;	 /* CQE_SKIP_SUCCESS was seen: no drain on this ring any more */
};

struct init_rule spec_init(const struct gb_spec *s, uint32_t r, const struct init_context *c);

/* ---- assembly.c: groups and chains from flags alone ---- */

void spec_assemble(struct gb_spec *s);

/* ---- results.c: opcodes ---- */

/* Does an operation that ended so count as failed (I47)? */
enum tri spec_failure(const struct gb_spec *s, uint32_t r, int32_t res);
/* Does the kernel forget to count failures of this request once it runs? The rule that finds it, or GB_SPEC_RULES. */
enum gb_spec_rule_id spec_forgets_failure(const struct gb_spec *s, uint32_t r);
/* Judges what an issued operation ended with. */
void spec_result(struct gb_spec *s, uint32_t r);
/* Does this opcode read into a buffer, write from one? */
bool spec_fills(uint8_t opcode);
bool spec_drains_buf(uint8_t opcode);
bool spec_needs_file(uint8_t opcode);
bool spec_notifies(uint8_t opcode);
/* May the request have been cancelled, or come too late for its task? */
bool spec_hunted(const struct gb_spec *s, uint32_t r);
bool spec_late(const struct gb_spec *s, uint32_t r);
/* Bytes the request asks for; false if that cannot be told. */
bool spec_asked(const struct gb_spec *s, uint32_t r, uint64_t *n);

/* ---- fate.c, posting.c, order.c, buffer.c: the rules ---- */

void spec_fates(struct gb_spec *s);
/* I44: a group has failed if its leader or any member has. `known` leaves out what the kernel forgets. */
enum tri spec_unit_failure(const struct gb_spec *s, uint32_t unit, bool known);
void spec_postings(struct gb_spec *s);
/* Does r, or something it waits for, wait for a driver for ever? */
bool spec_waits(const struct gb_spec *s, uint32_t r);
void spec_orders(struct gb_spec *s);
void spec_buffers(struct gb_spec *s);
/* The result of an import, by the table of the design. */
int spec_import_due(const struct gb_spec *s, uint32_t r, enum gb_spec_rule_id *rule);

/* ---- small questions ---- */

static inline bool spec_is_leader(const struct gb_spec *s, uint32_t r)
{
	return s->place[r].leader == r;
}

static inline bool spec_is_member(const struct gb_spec *s, uint32_t r)
{
	return s->place[r].leader != SPEC_NONE && s->place[r].leader != r;
}

static inline bool spec_issued(const struct gb_spec *s, uint32_t r)
{
	return s->fact[r].issued_at != SPEC_NEVER;
}

static inline bool spec_completed(const struct gb_spec *s, uint32_t r)
{
	return s->fact[r].posted_at != SPEC_NEVER;
}

static inline bool spec_linked(const struct gb_sqe *sqe)
{
	return sqe->flags & (IOSQE_IO_LINK | IOSQE_IO_HARDLINK);
}

#endif
