/* SPDX-License-Identifier: MIT */
/*
 * Conduct: rules that a single step can break, whatever the run comes to.
 * Where gb_spec judges what is left in the end, this looks at events as they
 * come. Each file has rules of one kind; all share what is known of a request.
 */
#ifndef GB_MODEL_CONDUCT_H
#define GB_MODEL_CONDUCT_H

#include "judge.h"

/* What conduct remembers of a request. */
struct manner {
	uint64_t issue_step, poll_step; /* of the last issue; when it was disarmed */
	uint32_t issues;
	uint32_t issue_flags;
	uint32_t leader, rank;	      /* member: queued as the rank-th of this leader, SPEC_NONE */
	uint32_t queued_members, ran; /* leader: how many were queued, and have run */
	uint32_t steps;		      /* cancellation: that succeeded */
	uint32_t held;		      /* provided buffer it holds, index + 1 */
	uint32_t selected;	      /* id of the last one it selected */
	int32_t attempt;	      /* linked timeout: what its cancellation gave */
	uint32_t guarded;	      /* linked timeout: whom it tried to cancel, SPEC_NONE */
	bool armed;		      /* waits for an event of its file */
	bool queued;		      /* member: queued to run, and has not run yet */
	bool dead_run;		      /* it ran first for a task that was gone */
	bool file;		      /* its file has been looked up */
	bool after_timeout;	      /* cancellation: has taken a timeout */
	bool removed;		      /* timeout: taken away */
	bool failed;		      /* before it was issued */
	bool has_selected;
};

/* A provided buffer. */
struct provided {
	uint32_t bid, len;
};

/* A group of them: those not handed out yet are first to last of `list`, which grows to both sides. */
struct provided_group {
	uint16_t bgid;
	bool ring, sure;
	uint32_t first, last, entries;
};

/* A block request of a ublk device. */
struct block {
	uint32_t done;	   /* bytes that are served */
	int32_t committed; /* result */
	uint32_t refs;
	bool dispatched, has_result;
};

struct conduct {
	struct manner *manner; /* per SQE */
	struct provided *list;
	struct provided_group *group;
	struct block *block; /* per block request */
	uint32_t *owner;     /* per tag: block request + 1 */
	struct gb_spec_finding *found;
	uint32_t n_found, room, n_groups, list_room, tags;
	uint32_t current; /* request whose issue or task work runs, SPEC_NONE */
	uint64_t current_step;
	bool in_batch, early; /* the submitting task reads SQEs; it has posted a CQE meanwhile */
	uint32_t early_req;
	bool renamed;	 /* the trace changes the user_data or events of polls */
	bool ending;	 /* the ring or its task is going away */
	bool restricted; /* restrictions have been registered */
};

/* False if there is no memory. */
bool conduct_new(struct gb_spec *s);
void conduct_free(struct gb_spec *s);
void conduct_reset(struct gb_spec *s);
void conduct_event(struct gb_spec *s, const struct gb_event *ev);
/* Hands over what was found. */
void conduct_judge(struct gb_spec *s);

/* Notes a finding. */
void conduct_find(struct gb_spec *s, enum gb_spec_rule_id rule, uint32_t req, uint32_t other, int64_t a, int64_t b);

/* The event is one of request `m`. */
void conduct_poll(struct gb_spec *s, const struct gb_event *ev, struct manner *m);
void conduct_cancel(struct gb_spec *s, const struct gb_event *ev);
void conduct_buffers(struct gb_spec *s, const struct gb_event *ev, struct manner *m);
void conduct_buffers_reset(struct gb_spec *s);
/* An event of a block request. */
void conduct_block(struct gb_spec *s, const struct gb_event *ev);

static inline bool spec_is_write(uint8_t opcode)
{
	return opcode == IORING_OP_WRITE || opcode == IORING_OP_WRITEV || opcode == IORING_OP_WRITE_FIXED;
}

static inline bool spec_is_read(uint8_t opcode)
{
	return opcode == IORING_OP_READ || opcode == IORING_OP_READV || opcode == IORING_OP_READ_FIXED;
}

static inline bool spec_is_message(uint8_t opcode)
{
	return opcode == IORING_OP_SEND || opcode == IORING_OP_RECV || opcode == IORING_OP_SENDMSG ||
	       opcode == IORING_OP_RECVMSG;
}

#endif
