/* SPDX-License-Identifier: MIT */
/*
 * The event stream: the only output of a simulation. Every observable step is
 * one typed event; text, JSON, observations and invariants are readers of it.
 */
#ifndef GROUPBUF_EVENT_H
#define GROUPBUF_EVENT_H

#include <stdint.h>

/* X(ID, name): who acted. */
#define GB_ACTOR_LIST(X)                                                                    \
	X(APP, "app")		  /* the submitting task, in user space or a system call */ \
	X(TW, "task-work")	  /* the submitting task, running task work */              \
	X(SQ_THREAD, "sq-thread") /* the thread of an SQPOLL ring */                        \
	X(WORKER, "io-wq")	  /* an io-wq worker */                                     \
	X(IRQ, "irq")		  /* an interrupt: asynchronous completion */               \
	X(TIMER, "timer")	  /* an expiring timer */                                   \
	X(FALLBACK, "fallback")	  /* the kernel worker that runs orphaned task work */      \
	X(OUTSIDE, "outside")	  /* whoever is at the other end of a pipe or socket */     \
	X(EXIT, "exit")		  /* the worker that tears a ring down */

enum gb_actor_kind {
#define X(id, name) GB_ACTOR_##id,
	GB_ACTOR_LIST(X)
#undef X
};

/*
 * X(ID, name, a, b, c, d, sentence): the event types. a to d name the numbers
 * the event carries ("" = unused); `req` is the request it is about and
 * `other` a second one. In the sentence %r is req, %o other, %a to %d the
 * numbers, %k the block request d, %x a number in hex (of d), %f the function,
 * %w the reason. JSON keys, text and documentation are generated from this
 * table.
 */
#define GB_EVENT_LIST(X)                                                                                      \
	X(ENTER, "enter", "to_submit", "min_complete", "flags", "", "io_uring_enter: submit %a, wait for %b") \
	X(LEAVE, "leave", "ret", "", "", "", "io_uring_enter returns %a")                                     \
	X(INIT, "init", "flags", "err", "", "", "%r is initialised%w")                                        \
	X(OPEN, "open", "", "", "", "", "%r opens a group")                                                   \
	X(JOIN, "join", "", "", "", "", "%r joins the group of %o")                                           \
	X(CLOSE_GROUP, "close", "members", "by_batch_end", "", "", "the group of %r closes with %a members")  \
	X(BATCH_END, "batch_end", "", "", "", "", "the batch of SQEs is over")                                \
	X(LINK, "link", "", "", "", "", "%r is chained behind %o")                                            \
	X(START, "start", "path", "", "", "", "%r is handed over for execution")                              \
	X(DEFER, "defer", "sequence", "", "", "", "%r waits for a drain")                                     \
	X(RELEASE, "release", "sequence", "", "", "", "%r is released from the drain list")                   \
	X(FILE, "file", "fd", "file", "", "", "%r has its file")                                              \
	X(ISSUE, "issue", "nth", "issue_flags", "", "", "%r is issued")                                       \
	X(FAIL, "fail", "err", "assigned", "", "", "%r is marked failed%w")                                   \
	X(DONE, "done", "res", "fail", "", "", "%r is done: %a%w")                                            \
	X(PUNT, "punt", "account", "hashed", "", "", "%r goes to io-wq")                                      \
	X(WORK, "work", "", "", "", "", "a worker takes %r")                                                  \
	X(WORK_PUT, "work_put", "", "", "", "", "the worker is done with %r")                                 \
	X(TW_ADD, "tw_add", "function", "local", "", "", "task work is queued for %r")                        \
	X(TW_RUN, "tw_run", "function", "", "", "", "task work of %r runs")                                   \
	X(FALLBACK, "fallback", "", "", "", "", "task work of %r moves to the fallback list")                 \
	X(ARM_POLL, "arm_poll", "events", "", "", "", "%r waits for an event of its file")                    \
	X(WAKE, "wake", "mask", "", "", "", "%r is woken")                                                    \
	X(DISARM_POLL, "disarm_poll", "", "", "", "", "%r no longer waits")                                   \
	X(ARM_TIMER, "arm_timer", "ms", "", "", "", "the timer of %r starts")                                 \
	X(FIRE, "fire", "", "", "", "", "the timer of %r fires")                                              \
	X(CANCEL, "cancel", "result", "", "", "", "%o tries to cancel %r: %a")                                \
	X(FIRST, "first", "", "", "", "", "leader %r has completed, its members may start")                   \
	X(QMEMBER, "qmember", "fate", "", "", "", "member %r of %o is queued%w")                              \
	X(GRP, "grp", "refs", "", "", "", "group count of %r is %a")                                          \
	X(REQ_REF, "req_ref", "refs", "", "", "", "%r has %a references")                                     \
	X(CQE, "cqe", "res", "flags", "pos", "overflow", "CQE of %r: %a%w")                                   \
	X(SKIP, "skip", "res", "", "", "", "%r completes silently with %a%w")                                 \
	X(FLUSH, "flush", "tail", "", "", "", "completions are published")                                    \
	X(FREE, "free", "", "", "", "", "%r is freed")                                                        \
	X(SELECT, "select", "bid", "len", "found", "addr", "%r takes provided buffer %a, %b bytes")           \
	X(LEASE, "lease", "err", "len", "dir", "buf", "%r leases a buffer of %b bytes%w")                     \
	X(IMPORT, "import", "err", "off", "len", "dir", "%r imports %c bytes at %b%w")                        \
	X(IO, "io", "lo", "hi", "write", "buf", "%r touches bytes %a to %b of the leased buffer")             \
	X(ZERO, "zero", "lo", "hi", "user", "buf", "the rest of %r's range is zeroed")                        \
	X(ACK, "ack", "after", "untouched", "hash", "buf", "the buffer of %r goes back")                      \
	X(REAP, "reap", "res", "flags", "pos", "", "the application takes the CQE of %r: %a%w")               \
	X(SUBMITTED, "submitted", "ret", "given", "", "", "submitted %a of %b")                               \
	X(STUCK, "stuck", "", "", "", "", "the application waits in vain")                                    \
	X(GOT, "got", "end", "res", "hash", "", "the outside reads %b")                                       \
	X(WROTE, "wrote", "end", "res", "asked", "", "the outside writes %b of %c")                           \
	X(CONNECTED, "connected", "end", "res", "", "", "the outside connects: %b")                           \
	X(FINAL, "final", "end", "bytes", "hash", "", "end state")                                            \
	X(BLK_NEW, "blk_new", "op", "off", "len", "blk", "block request %k arrives")                          \
	X(BLK_QUEUE, "blk_queue", "tag", "", "", "blk", "block request %k gets tag %a")                       \
	X(BLK_DISPATCH, "blk_dispatch", "tag", "offset", "len", "blk", "block request %k goes to the server") \
	X(BLK_REF, "blk_ref", "refs", "", "", "blk", "block request %k has %a references")                    \
	X(BLK_REQUEUE, "blk_requeue", "done", "", "", "blk", "block request %k is queued again")              \
	X(BLK_DONE, "blk_done", "res", "after", "", "blk", "block request %k is completed: %a")               \
	X(BLK_FINAL, "blk_final", "refs", "untouched", "hash", "blk", "end state of block request %k")        \
	X(CLOCK, "clock", "us", "", "", "", "time passes")                                                    \
	X(CHOICE, "choice", "kind", "n", "taken", "", "choice %c of %b")                                      \
	X(REGISTERED, "registered", "ret", "", "", "", "io_uring_register returns %a")                        \
	X(TASK_EXIT, "task_exit", "exec", "", "", "", "the submitting task exits")                            \
	X(DYING, "dying", "", "", "", "", "the ring is being closed")                                         \
	X(HAZARD, "hazard", "kind", "stops", "", "", "hazard %h at %f: %t")

enum gb_event_type {
#define X(id, ...) GB_EV_##id,
	GB_EVENT_LIST(X)
#undef X
		GB_EV_COUNT,
};

/* Its bit in a set of types. */
#define GB_EV_BIT(id) (1ULL << GB_EV_##id)

/* X(ID, name, stops): what a kernel must not do; stops = the real kernel dies there. */
#define GB_HAZARD_LIST(X)                                \
	X(NULL_DEREF, "null-deref", 1)                   \
	X(USE_AFTER_FREE, "use-after-free", 1)           \
	X(WILD_POINTER, "wild-pointer", 1)               \
	X(DOUBLE_ACK, "double-ack", 0)                   \
	X(ACK_MISSING, "ack-missing", 0)                 \
	X(ACK_EARLY, "ack-early", 0)                     \
	X(REFCOUNT_UNDERFLOW, "refcount-underflow", 0)   \
	X(LEAK, "leak", 0)                               \
	X(UNINITIALISED_READ, "uninitialised-read", 0)   \
	X(STALE_ITERATOR, "stale-iterator", 0)           \
	X(USER_MEMORY_ZEROED, "user-memory-zeroed", 0)   \
	X(OVERWRITTEN, "data-overwritten", 0)            \
	X(FAILED_REQUEST_RUNS, "failed-request-runs", 0) \
	X(WRONG_SLOT, "wrong-slot", 0)

enum gb_hazard_kind {
#define X(id, name, stops) GB_HAZARD_##id,
	GB_HAZARD_LIST(X)
#undef X
		GB_HAZARD_COUNT,
};

/* X(ID, function): what a request's task work does (S4.1); the number `function` of TW_ADD and TW_RUN. */
#define GB_TW_LIST(X)                               \
	X(NONE, "")                                 \
	X(SUBMIT, "io_req_task_submit")             \
	X(CANCEL, "io_req_task_cancel")             \
	X(COMPLETE, "io_req_task_complete")         \
	X(RW_COMPLETE, "io_req_rw_complete")        \
	X(POLL, "io_poll_task_func")                \
	X(FAIL_LINKS, "io_req_tw_fail_links")       \
	X(LINK_TIMEOUT, "io_req_task_link_timeout") \
	X(TIMEOUT_COMPLETE, "io_timeout_complete")  \
	X(CMD, "io_uring_cmd_work")                 \
	X(NOTIF, "io_notif_tw_complete")

#define GB_NO_REQ UINT32_MAX

/*
 * One event. `req` and `other` are indices into gb_trace.sqes or GB_NO_REQ.
 * The meaning of a to d is that of the table. The strings are static.
 */
struct gb_event {
	uint64_t step;	  /* number of the step, from 1 */
	uint64_t time_us; /* virtual clock, microseconds */
	enum gb_event_type type;
	enum gb_actor_kind actor;
	uint32_t actor_index; /* which worker */
	uint32_t req, other;
	uint16_t reason;     /* enum gb_reason, 0 if none */
	uint32_t reason_req; /* %r of the reason's sentence, or GB_NO_REQ */
	int64_t reason_n[2]; /* %a, %b of the reason's sentence */
	int64_t a, b, c;
	uint64_t d;
	const char *function; /* kernel function (HAZARD) */
	const char *text;     /* HAZARD: what happened */
};

/* Receives every event in order; must not keep the pointer. */
typedef void (*gb_event_fn)(void *user, const struct gb_event *event);

/* Name of an event type, an actor, a hazard as in the tables above. */
const char *gb_event_name(enum gb_event_type type);
const char *gb_actor_name(enum gb_actor_kind kind);
const char *gb_hazard_name(enum gb_hazard_kind kind);

#endif
