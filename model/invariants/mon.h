/* SPDX-License-Identifier: MIT */
/*
 * The monitor's memory: what it mirrors of a run, all of it learned from
 * events, and how a checker speaks. Requests are named by the index of their
 * SQE; in fields that may name none it is index + 1, 0 meaning none.
 */
#ifndef GB_MODEL_INVARIANTS_MON_H
#define GB_MODEL_INVARIANTS_MON_H

#include "groupbuf/monitor.h"

/* Bits of an INIT event's flags, REQ_F_* (S1.7). */
#define MON_F_DRAIN	  (1ULL << 1)
#define MON_F_LINK	  (3ULL << 2) /* LINK, HARDLINK */
#define MON_F_FORCE_ASYNC (1ULL << 4)
#define MON_F_SELECT	  (1ULL << 5)
#define MON_F_CQE_SKIP	  (1ULL << 6)
#define MON_F_BUF_NODE	  (1ULL << 38)
#define MON_F_GROUP_BUF	  (1ULL << 39)
/* What only a life that has begun can have: FAIL, POLLED, BUFFER_SELECTED, REFCOUNT, GROUP_LEADER. */
#define MON_F_OLD_LIFE (1ULL << 8 | 1ULL << 14 | 1ULL << 15 | 1ULL << 19 | 1ULL << 37)

/* `function` of TW_ADD and TW_RUN events (S4.1). */
enum { MON_TW_SUBMIT = 1, MON_TW_FAIL_LINKS = 6 };

/* Where a request is in its life; each bit is set by one event. */
enum mon_bit {
	MON_INIT = 1U << 0,
	MON_LEADER = 1U << 1,	 /* OPEN */
	MON_CLOSED = 1U << 2,	 /* CLOSE of its group */
	MON_CUT_GROUP = 1U << 3, /* closed by the end of the batch */
	MON_STARTED = 1U << 4,	 /* START */
	MON_ISSUED = 1U << 5,	 /* ISSUE */
	MON_FAIL = 1U << 6,	 /* marked failed */
	MON_ASSIGNED = 1U << 7,	 /* failed from outside: fail_res */
	MON_DONE = 1U << 8,	 /* DONE */
	MON_FIRST = 1U << 9,	 /* FIRST */
	MON_QUEUED = 1U << 10,	 /* QMEMBER */
	MON_TW_DUE = 1U << 11,	 /* queued, its task work has not run yet */
	MON_FINAL = 1U << 12,	 /* its last CQE, or the SKIP in its place */
	MON_SILENT = 1U << 13,	 /* SKIP */
	MON_FREED = 1U << 14,	 /* FREE */
	MON_LEASED = 1U << 15,	 /* holds a lease that has not been acked */
	MON_EVER_LEASED = 1U << 16,
	MON_IMPORTED = 1U << 17,
	MON_REFUSED = 1U << 18,	      /* an import was refused */
	MON_CANCELED = 1U << 19,      /* CANCEL with result 0 */
	MON_DRAIN = 1U << 20,	      /* carries the drain mark */
	MON_DEFERRED = 1U << 21,      /* DEFER without RELEASE so far */
	MON_SHARE = 1U << 22,	      /* the leader's own share of the count is dropped */
	MON_COUNTED = 1U << 23,	      /* the member's share is dropped */
	MON_REFS = 1U << 24,	      /* REQ_REF: the count in refs is valid */
	MON_RAGGED = 1U << 25,	      /* its bytes did not come in one piece */
	MON_LEASE_REFUSED = 1U << 28, /* a refused lease whose reference is still held */
	MON_CHAIN_BAD = 1U << 29,     /* head: it failed while the chain was put together */
	MON_PENDING = 1U << 30,	      /* on the completion list */
};

/* Moments a violation can point back to. */
enum mon_moment {
	MON_AT_INIT,
	MON_AT_FAIL,
	MON_AT_ISSUE,
	MON_AT_DONE,
	MON_AT_QUEUED, /* QMEMBER; of a leader FIRST */
	MON_AT_FINAL,
	MON_AT_FREE,
	MON_AT_BUFFER, /* LEASE; of a member IMPORT */
	MON_AT_ACK,    /* of a member its last ZERO */
	MON_AT_CLOSE,
	MON_MOMENTS,
};

struct mon_req {
	uint64_t flags; /* of INIT */
	uint32_t bits;	/* enum mon_bit */
	uint32_t seq;	/* SQEs consumed before it */
	int32_t init_err, fail_res, due_fail, done_res, fate;
	int32_t grp;		   /* leader: the count of its group as last told */
	uint16_t leader;	   /* of a member */
	uint16_t first, last;	   /* leader: its members */
	uint16_t next_member;	   /* member */
	uint16_t next_queued;	   /* leader: the member whose turn is next */
	uint16_t members, finals;  /* leader: members, those with their last CQE */
	uint16_t failed_members;   /* leader: done with the failure mark */
	uint16_t prev, next, head; /* chain */
	uint16_t pos;		   /* place in the chain */
	uint16_t pend_next;	   /* completion list */
	uint16_t broken_by;	   /* head: a leader of the chain that failed when its group was put together */
	uint16_t cut_by;	   /* the request whose failure cut the chain in front of it */
	uint16_t cut_group;	   /* head: the first cut group that has not posted yet */
	uint16_t refs;		   /* REQ_REF */
	uint16_t lease_dir;	   /* of LEASE */
	uint16_t blk;		   /* leader: the block request whose data are leased */
	uint16_t zero[3];	   /* no padding: what is copied is compared as bytes */
	uint32_t lease_len, lease; /* of LEASE: bytes, number of the buffer */
	uint32_t lo, len;	   /* member: its range, once imported */
	uint32_t io_hi;		   /* bytes up to here were moved */
	uint32_t zero_lo, zero_hi; /* and these zeroed */
};

/* A block request. */
struct mon_blk {
	uint32_t refs;	  /* as last told */
	uint16_t live;	  /* leases that are out */
	uint16_t raised;  /* references taken for a lease that is being asked for, or for a user copy */
	uint16_t refused; /* of those, refused: to be dropped */
	uint16_t acked;	  /* leases that are back, their references still to be dropped */
	uint16_t tag;
	uint8_t server; /* the server holds its reference */
	uint8_t begun;	/* has been dispatched */
};

/* The fixed part of the state; everything in it can be judged by. */
struct mon_state {
	uint32_t consumed; /* SQEs so far */
	uint32_t posted;   /* CQEs so far, overflown ones included */
	uint32_t overflow; /* of those, in the overflow list */
	uint32_t n_violations;
	uint32_t pending; /* requests on the completion list */
	uint16_t pend_first, pend_last;
	uint16_t group;			 /* leader of the open group */
	uint16_t chain_head, chain_last; /* the open chain */
	uint16_t unstarted;		 /* ready for execution, not handed over yet */
	uint16_t must_link;		 /* has to be chained behind chain_last */
	uint16_t must_join;		 /* has to open a group, or join the open one */
	uint16_t last_final;		 /* whose last CQE came last */
	uint16_t last_blk;		 /* whose references changed last */
	uint8_t group_done;		 /* the last member of the open group is in */
	uint8_t drain_next;		 /* the next unit drains */
	uint8_t skip_used;		 /* the ring has seen CQE_SKIP_SUCCESS */
	uint8_t dying, execing;
	uint8_t done;	 /* gb_monitor_finish was called */
	uint8_t zero[2]; /* no padding */
};

/* How a violation is told (say.def). */
enum mon_say {
#define X(id, sentence) MON_SAY_##id,
#include "say.def"
#undef X
	MON_SAYS,
};

/* Offsets of the parts of the state, which is one block: state, violated, exercised, requests, block requests, ... */
struct mon_layout {
	size_t violated;  /* uint64_t[2 * (n_sqes + 1)]: invariants violated by each request, the last: by none */
	size_t reqs;	  /* struct mon_req[n_sqes] */
	size_t blks;	  /* struct mon_blk[n_blkreqs] */
	size_t judged;	  /* end of what future verdicts depend on */
	size_t exercised; /* uint64_t[2] */
	size_t steps;	  /* uint32_t[n_sqes][MON_MOMENTS] */
	size_t list;	  /* struct gb_violation[room] */
	size_t end;
	uint32_t room;
};

#define MON_MAX_CHECKS 32U
#define MON_FINISH     GB_EV_COUNT /* the event of gb_monitor_finish */

struct gb_monitor {
	const struct gb_trace *trace;
	unsigned char *base;
	struct mon_layout at;
	uint8_t *blind; /* per SQE: its user_data may come to mean another request */
	uint8_t checks[GB_EV_COUNT + 1][MON_MAX_CHECKS];
	uint8_t n_checks[GB_EV_COUNT + 1];
	/* of the event that is being judged, meaningless between events */
	const struct gb_event *event;
	uint32_t current; /* invariant */
};

/* One row of the table. */
typedef void (*mon_check_fn)(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r);

struct mon_row {
	struct gb_invariant info;
	mon_check_fn check;
	uint8_t on[8]; /* event types + 1 */
};

extern const struct mon_row mon_table[];
extern const uint32_t mon_rows;

static inline struct mon_state *mon_state(const struct gb_monitor *m)
{
	return (struct mon_state *)(void *)m->base;
}

static inline struct mon_req *mon_req(const struct gb_monitor *m, uint32_t index)
{
	return (struct mon_req *)(void *)(m->base + m->at.reqs) + index;
}

/* The request behind index + 1; NULL for 0. */
static inline struct mon_req *mon_ref(const struct gb_monitor *m, uint16_t ref)
{
	return ref ? mon_req(m, ref - 1U) : (struct mon_req *)0;
}

static inline uint16_t mon_ref_of(const struct gb_monitor *m, const struct mon_req *r)
{
	return (uint16_t)(r - mon_req(m, 0) + 1);
}

static inline uint32_t mon_index(const struct gb_monitor *m, const struct mon_req *r)
{
	return (uint32_t)(r - mon_req(m, 0));
}

static inline const struct gb_sqe *mon_sqe(const struct gb_monitor *m, const struct mon_req *r)
{
	return &m->trace->sqes[r - mon_req(m, 0)];
}

static inline struct mon_blk *mon_blk(const struct gb_monitor *m, uint32_t index)
{
	return (struct mon_blk *)(void *)(m->base + m->at.blks) + index;
}

static inline uint32_t *mon_steps(const struct gb_monitor *m, uint32_t index)
{
	return (uint32_t *)(void *)(m->base + m->at.steps) + (size_t)index * MON_MOMENTS;
}

/* The leader of a member, or the request itself: what stands in a chain. */
static inline struct mon_req *mon_unit(const struct gb_monitor *m, struct mon_req *r)
{
	return r->leader ? mon_ref(m, r->leader) : r;
}

static inline struct mon_req *mon_head(const struct gb_monitor *m, struct mon_req *r)
{
	struct mon_req *unit = mon_unit(m, r);

	return unit->head ? mon_ref(m, unit->head) : unit;
}

/* The unit a chain element waits for: what stands in front of it, linked timeouts left out. */
struct mon_req *mon_before(const struct gb_monitor *m, const struct mon_req *r);

/* Is this CQE the last of its request, and not the notification of a zero-copy send? */
bool mon_is_final(const struct gb_monitor *m, const struct gb_event *ev);

/* Of a member: was its SQE's flag one that members must not carry (S2.24)? */
bool mon_forbidden(const struct mon_req *r);

/* Does the opcode always run in io-wq, whatever the SQE says? */
bool mon_always_async(uint8_t opcode);

/* Updates the mirror after the event has been judged (mirror.c). */
void mon_mirror(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r);

/* The types mon_mirror does something with, a set of GB_EV_BITs. */
uint64_t mon_mirrored(void);

/* What a violation is made of; everything may be left out but `say`. */
struct mon_case {
	enum mon_say say;
	const struct mon_req *req, *other;
	const struct mon_req *since; /* whose earlier moment shows it */
	enum mon_moment moment;
	int64_t n[2];
};

void mon_violate(struct gb_monitor *m, const struct mon_case *c);

static inline void mon_exercise(const struct gb_monitor *m)
{
	((uint64_t *)(void *)(m->base + m->at.exercised))[m->current / 64] |= 1ULL << m->current % 64;
}

/* `bad` violates the invariant; if it is false, nothing has been tested. */
#define MON_REFUTE(m, bad, ...)                                                         \
	do {                                                                            \
		if (bad)                                                                \
			mon_violate((m), &(const struct mon_case){.say = __VA_ARGS__}); \
	} while (0)

/* The invariant has been put to the test; unless `ok`, it is violated. */
#define MON_JUDGE(m, ok, ...)                                                           \
	do {                                                                            \
		mon_exercise(m);                                                        \
		if (!(ok))                                                              \
			mon_violate((m), &(const struct mon_case){.say = __VA_ARGS__}); \
	} while (0)

/* The checkers; docs/invariants.md says which event makes each look. */
#define X(id, broken, rule, function, statement, ...) \
	void mon_check_##id(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r);
#define U(id, broken, rule, function, statement, why)
#include "table.def"
#undef U
#undef X

#endif
