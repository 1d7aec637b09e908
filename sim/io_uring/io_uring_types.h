/* SPDX-License-Identifier: MIT */
/* The objects of section 1 of semantics.md, in the arena: indices instead of pointers, 0 for NULL. */
#ifndef GROUPBUF_SIM_IO_URING_TYPES_H
#define GROUPBUF_SIM_IO_URING_TYPES_H

#include <stdbool.h>
#include <stdint.h>

#include "fake/fake.h"
#include "groupbuf/abi.h"

/* REQ_F_* (S1.7); bits 0 to 7 are those of the SQE. */
#define REQ_F_FIXED_FILE      (1ULL << 0)
#define REQ_F_IO_DRAIN	      (1ULL << 1)
#define REQ_F_LINK	      (1ULL << 2)
#define REQ_F_HARDLINK	      (1ULL << 3)
#define REQ_F_FORCE_ASYNC     (1ULL << 4)
#define REQ_F_BUFFER_SELECT   (1ULL << 5)
#define REQ_F_CQE_SKIP	      (1ULL << 6)
#define REQ_F_GROUP	      (1ULL << 7)
#define REQ_F_FAIL	      (1ULL << 8)
#define REQ_F_INFLIGHT	      (1ULL << 9)
#define REQ_F_NOWAIT	      (1ULL << 11)
#define REQ_F_LINK_TIMEOUT    (1ULL << 12)
#define REQ_F_NEED_CLEANUP    (1ULL << 13)
#define REQ_F_POLLED	      (1ULL << 14)
#define REQ_F_BUFFER_SELECTED (1ULL << 15)
#define REQ_F_BUFFER_RING     (1ULL << 16)
#define REQ_F_REISSUE	      (1ULL << 17)
#define REQ_F_REFCOUNT	      (1ULL << 19)
#define REQ_F_ARM_LTIMEOUT    (1ULL << 20)
#define REQ_F_ASYNC_DATA      (1ULL << 21)
#define REQ_F_SKIP_LINK_CQES  (1ULL << 22)
#define REQ_F_MULTISHOT	      (1ULL << 25)
#define REQ_F_APOLL_MULTISHOT (1ULL << 26)
#define REQ_F_CLEAR_POLLIN    (1ULL << 27)
#define REQ_F_SUPPORT_NOWAIT  (1ULL << 29)
#define REQ_F_ISREG	      (1ULL << 30)
#define REQ_F_CAN_POLL	      (1ULL << 32)
#define REQ_F_BL_EMPTY	      (1ULL << 33)
#define REQ_F_BL_NO_RECYCLE   (1ULL << 34)
#define REQ_F_BUFFERS_COMMIT  (1ULL << 35)
#define REQ_F_BUF_MORE	      (1ULL << 36)
#define REQ_F_GROUP_LEADER    (1ULL << 37)
#define REQ_F_BUF_NODE	      (1ULL << 38)
#define REQ_F_GROUP_BUF	      (1ULL << 39)
/* Ours: the operation sleeps, and its issue has a linked timeout to start when it returns (S3.3). */
#define REQ_F_LTIMEOUT_DUE (1ULL << 63)

/* Ours: a notification, which the kernel tells from a NOP by nothing at all. */
#define REQ_F_NOTIF (1ULL << 63)

/* Flag sets (S1.8). */
#define IO_REQ_LINK_FLAGS (REQ_F_LINK | REQ_F_HARDLINK)
#define IO_REQ_CLEAN_FLAGS                                                                               \
	(REQ_F_BUFFER_SELECTED | REQ_F_NEED_CLEANUP | REQ_F_POLLED | REQ_F_INFLIGHT | REQ_F_ASYNC_DATA | \
	 REQ_F_GROUP_BUF)
#define IO_DISARM_MASK	 (REQ_F_ARM_LTIMEOUT | REQ_F_LINK_TIMEOUT | REQ_F_FAIL)
#define SQE_COMMON_FLAGS (IOSQE_FIXED_FILE | IOSQE_IO_LINK | IOSQE_IO_HARDLINK | IOSQE_ASYNC)

/* Issue flags (S1.9). */
#define IO_URING_F_COMPLETE_DEFER 1U
#define IO_URING_F_UNLOCKED	  2U
#define IO_URING_F_MULTISHOT	  4U
#define IO_URING_F_IOWQ		  8U
#define IO_URING_F_NONBLOCK	  (1U << 31)

/* Return codes of an issue handler (S1.9). */
#define IOU_OK			0
#define IOU_ISSUE_SKIP_COMPLETE (-529)
#define IOU_STOP_MULTISHOT	(-125)
#define IOU_REQUEUE		(-3072)
/* Ours: the handler is done and a worker has to complete the request in a step of its own. */
#define IOU_COMPLETE 1
/* Ours: the handler would sleep here; the worker waits and calls it again. */
#define IOU_BLOCKED (-3073)

/* What a request's task work does (S4.1): GB_TW_LIST of groupbuf/event.h. */
enum io_tw_func {
#define X(id, function) IO_TW_##id,
	GB_TW_LIST(X)
#undef X
};

/*
 * Who owns the buffer word (S1.2, I104). The kernel has no such tag; reading
 * the word under another owner than the one that wrote it is a hazard.
 */
enum io_buf_owner { IO_BUF_STALE, IO_BUF_GRP_BUF, IO_BUF_IMPORTED, IO_BUF_IMU, IO_BUF_KBUF };

/* Where an armed event of a request is kept in gb_timers. */
enum io_event_kind {
	IO_EVENT_NONE,
	IO_EVENT_TIMEOUT,
	IO_EVENT_LINK_TIMEOUT,
	IO_EVENT_CMD_DONE,
	IO_EVENT_RW_DONE,
	IO_EVENT_PAGE
};

/* io-wq item flags (S3.14). */
#define IO_WQ_WORK_CANCEL     1U
#define IO_WQ_WORK_HASHED     2U
#define IO_WQ_WORK_UNBOUND    4U
#define IO_WQ_WORK_CONCURRENT 8U

/* ---- buffers (S8.41, kbuf.h and rsrc.h) ---- */

#define IOBL_EXISTS   1U
#define IOBL_BUF_RING 2U
#define IOBL_INC      4U

/* A group of provided buffers. */
struct io_buffer_list {
	uint16_t bgid;
	uint16_t flags;	     /* IOBL_* */
	uint16_t head, tail; /* ring: next to hand out, behind the last one */
	uint16_t mask;
	uint32_t ring;	      /* ring: its first entry */
	uint32_t first, last; /* legacy: the free buffers, in order */
};

/* A legacy provided buffer. */
struct io_buffer {
	uint64_t addr;
	uint32_t len;
	uint32_t next;
	uint16_t bid;
	uint16_t bgid;
};

/* An entry of a buffer ring. */
struct io_uring_buf {
	uint64_t addr;
	uint32_t len;
	uint16_t bid;
};

/* A registered buffer. */
struct io_mapped_ubuf {
	uint64_t ubuf;
	uint32_t len;
	uint32_t seg; /* first bvec */
	uint16_t nr_bvecs;
};

/* What a selection found: the address, 0 if there was none, and the ring whose head still has to move. */
struct io_br_sel {
	uint64_t addr;
	uint32_t bl;
};

struct io_provide_buf {
	uint64_t addr;
	uint32_t len;
	uint32_t nbufs;
	uint16_t bgid;
	uint16_t bid;
};

struct io_nop {
	int32_t result;
};

struct io_rw {
	uint64_t addr;
	uint64_t pos;
	uint32_t len;
	uint32_t rw_flags;
	uint32_t bytes_done;
	uint32_t blocked; /* bytes a blocking write has moved before it had to sleep */
	int32_t result;	  /* direct: what the interrupt will report */
	uint8_t cur_pos;  /* REQ_F_CUR_POS */
	uint8_t unmoved;  /* direct: the iterator does not show what was moved */
	uint8_t chosen;	  /* outcomes=: enum gb_outcome + 1, 0 before the choice */
	struct iov_iter iter;
	struct iov_iter_state iter_state;
};

struct io_sr_msg {
	uint64_t addr;
	uint32_t len;
	uint32_t msg_flags;
	uint32_t done_io;
	uint32_t blocked; /* bytes a blocking call has moved before it had to sleep */
	uint16_t flags;	  /* sqe.ioprio */
	uint16_t buf_group;
	uint8_t nr_multishot_loops;
	uint8_t retry_flags; /* IO_SR_MSG_* */
	uint16_t nr_iovs;    /* segments the iovec of a bundle has room for */
	uint16_t notif;	     /* zero copy: the notification, 0: flushed already */
	struct iov_iter iter;
};

/* The notification of a zero-copy send (struct io_notif_data). */
struct io_notif_data {
	uint16_t refs;	   /* uarg.refcnt: the send itself, and its bytes at the peer */
	uint8_t zc_report; /* REPORT_USAGE */
	uint8_t zc_used, zc_copied;
	uint8_t held; /* its bytes lie at a peer */
	uint32_t end; /* up to where in all that the peer gets to read */
};

struct io_accept {
	uint32_t file_slot; /* slot + 1, IORING_FILE_INDEX_ALLOC, or 0: a descriptor */
	uint16_t iou_flags; /* sqe.ioprio */
};

struct io_connect {
	uint16_t listener; /* file that stands for the address */
};

/* A bundle goes on: once, and not behind a buffer that was not used whole. */
#define IO_SR_MSG_RETRY	      1U
#define IO_SR_MSG_PARTIAL_MAP 2U

struct io_sync {
	uint32_t flags;
};

struct io_poll_cmd {
	uint32_t events;
	uint8_t multi;
	uint32_t result;
};

struct io_poll_update {
	uint16_t target;   /* SQE index + 1, 0: none */
	uint16_t new_data; /* the same; user_data the poll gets */
	uint32_t flags;
	uint32_t events;
};

struct io_timeout {
	uint64_t period_us;
	uint32_t off;
	uint32_t target_seq;
	int32_t repeats;
	uint32_t flags;
	uint16_t head; /* linked: the request it guards; 0 once disarmed or fired */
	uint16_t prev; /* linked, fired: the request it has to cancel, referenced */
};

struct io_timeout_rem {
	uint16_t target;
	uint32_t flags;
	uint64_t period_us;
};

struct io_close {
	int32_t fd;
	uint32_t file_slot; /* slot + 1 of the registered files, 0: a descriptor */
};

struct io_shutdown {
	uint32_t how;
};

/* What the task work of a command does (task_work_cb). */
enum io_uring_cmd_cb { IO_CMD_ISSUE, IO_CMD_DISPATCH };

struct io_uring_cmd {
	uint8_t task_work_cb; /* enum io_uring_cmd_cb */
	uint8_t cancelable;   /* on the ring's list */
	uint16_t tag;	      /* ublk */
};

struct io_cancel {
	uint16_t target;
	int32_t fd;
	uint32_t flags;
	uint8_t opcode;
};

/*
 * struct io_kiocb (S1.2, S1.3). What a new request has to find cleared stands
 * first, up to `comp_next`; what follows is written before it is read, but for
 * the buffer word, which the kernel does not clear either.
 */
struct io_kiocb {
	uint64_t flags; /* REQ_F_* */
	int32_t cqe_res;
	uint32_t cqe_fd_or_flags; /* the descriptor until the file is assigned, then the CQE flags */
	uint16_t sqe;		  /* user_data: index of the SQE in the trace */
	uint8_t opcode;
	uint8_t tw_func;   /* enum io_tw_func; not NONE while on a tw list */
	uint16_t file;	   /* 0: not looked up yet */
	uint8_t buf_owner; /* enum io_buf_owner */
	uint8_t resumed;   /* the worker goes on inside the operation it slept in */
	uint16_t link;	   /* next of the chain */
	uint16_t grp;	   /* leader: first member; member: next member, later its leader */
	uint16_t refs;	   /* with REQ_F_REFCOUNT */
	uint16_t reason;   /* why it ends as it does */
	int32_t grp_refs;
	uint32_t nr_issued;
	int32_t reason_n[2];
	uint16_t reason_req; /* SQE index + 1 */
	uint16_t worker;     /* io-wq worker that runs it, 0: none */
	uint16_t work_hash;  /* file the item is hashed by, 0: not hashed */
	uint16_t wait_file;  /* in whose wait queue it is, 0: none */
	uint8_t work_flags;
	uint8_t work_pending; /* in an io-wq queue */
	uint8_t wait_blocked; /* a worker sleeps in the operation (else: poll) */
	uint8_t poll_hashed;  /* in the cancel table */
	uint8_t poll_owned;   /* a waker has queued its tw; 2: more wakers came since */
	union {
		uint8_t poll_canceled;
		uint8_t iopoll_completed; /* IOPOLL: the device is done with it */
	};
	uint8_t poll_retries; /* how often it may still arm */
	uint8_t event;	      /* enum io_event_kind: a timer or interrupt to come */
	uint32_t cancel_seq;  /* the last ASYNC_CANCEL that dealt with it */
	uint32_t poll_events;

	uint16_t comp_next; /* completion list, free list */
	uint16_t tw_next;
	uint16_t wq_next; /* io-wq queue; or the defer list */
	uint16_t wait_next, wait_prev;
	uint16_t poll_next, poll_prev; /* cancel table, in the order of arming */
	uint16_t event_next;
	uint16_t list_next; /* timeout_list, ltimeout_list or cancelable_uring_cmd */
	uint16_t buf_index;
	uint8_t wait_exclusive; /* in a wait queue: a wake-up stops behind it */
	uint16_t origin;	/* the SQE it was made of, whatever user_data it has now */
	uint32_t buf;		/* the buffer word: index of the lease, imported mark, registered or legacy buffer */
	uint32_t poll_mask;
	uint32_t defer_seq;
	uint64_t event_us;
	union {
		struct io_nop nop;
		struct io_rw rw;
		struct io_sr_msg sr;
		struct io_sync sync;
		struct io_poll_cmd poll;
		struct io_poll_update poll_update;
		struct io_timeout timeout;
		struct io_timeout_rem timeout_rem;
		struct io_cancel cancel;
		struct io_close close;
		struct io_shutdown shutdown;
		struct io_uring_cmd uring;
		struct io_provide_buf pbuf;
		struct io_notif_data notif;
		struct io_accept accept;
		struct io_connect connect;
	} cmd;
};

/* One CQE, with its reason. */
struct io_cqe {
	uint16_t sqe;
	uint16_t reason;
	uint16_t reason_req;
	uint16_t zero; /* no padding: equal worlds are equal bytes */
	int32_t res;
	uint32_t flags;
	int32_t reason_n[2];
};

/* A FIFO of requests through one of their next fields. */
struct io_list {
	uint16_t first, last;
};

struct io_submit_chain {
	uint16_t head, last;
};

struct io_submit_state {
	struct io_list compl_reqs;
	struct io_submit_chain link;
	struct io_submit_chain group;
	bool cq_flush;
};

/* What a ring may be used for (S2.6 step 6, S11.17). */
struct io_restrictions {
	uint64_t sqe_op, register_op; /* bit per opcode */
	uint8_t sqe_flags_allowed, sqe_flags_required;
	bool registered;
};

struct io_ring_ctx {
	uint32_t flags; /* IORING_SETUP_* */
	uint32_t sq_entries, cq_entries;
	uint32_t cq_mask; /* of the stored ring, which may be smaller than cq_entries */
	uint32_t cached_sq_head;
	uint32_t cached_cq_tail;
	uint32_t cq_tail; /* published */
	uint32_t cq_extra;
	uint32_t sq_flags;
	uint32_t overflow_first, overflow_count;
	uint32_t cq_timeouts;
	uint32_t cq_last_tm_flush;
	uint32_t posted; /* CQEs of any kind so far, overflown ones included */
	bool drain_active, drain_next, drain_disabled;
	bool restricted; /* the restrictions are in force: the ring has been enabled */
	bool task_complete;
	bool lockless_cq;
	bool dying;
	struct io_submit_state submit_state;
	uint32_t cancel_seq; /* ASYNC_CANCELs so far */
	struct io_list defer_list;
	struct io_list task_list;  /* tctx: normal task work, in FIFO order */
	struct io_list work_llist; /* DTR: local task work, in FIFO order */
	struct io_list timeout_list;
	struct io_list ltimeout_list;
	struct io_list cancelable_uring_cmd; /* the newest first */
	uint16_t cancel_first, cancel_last;  /* armed polls in the order of arming */
	uint16_t free_list;
	uint16_t reqs_used;		    /* high-water mark of the request table */
	uint32_t refs;			    /* allocated requests */
	struct io_list fallback_llist;	    /* task work of a task that is gone, in the order in which it will run */
	uint32_t kbufs_used;		    /* legacy buffers made so far */
	uint32_t user_bufs, nr_user_bufs;   /* registered buffers: first entry of their table, number */
	uint32_t user_files, nr_user_files; /* registered files */
	uint64_t fallback_us;		    /* when the fallback worker takes it */
	uint32_t fallback_since;
	struct io_list iopoll_list; /* issued requests that have to be polled for (through comp_next) */
	struct io_restrictions restrictions;
	uint64_t exit_us;		/* next round of the exit worker, while dying */
	struct wait_queue_head poll_wq; /* who polls the ring's descriptor */
	uint32_t inflight_tracked;	/* tctx: requests that hold a ring's file */
	bool exit_due;			/* the exit worker is runnable */
	uint32_t exit_since;
};

/* ---- the SQ thread (S11.9) ---- */

enum io_sq_phase {
	IO_SQ_NONE,	  /* no SQPOLL ring */
	IO_SQ_ROUND,	  /* at the start of a round */
	IO_SQ_SUBMIT,	  /* about to take an SQE */
	IO_SQ_SUBMIT_END, /* leftovers and the flush */
	IO_SQ_TW,	  /* running task work */
	IO_SQ_SPIN,	  /* looks for something to do */
	IO_SQ_SLEEP,	  /* asleep: NEED_WAKEUP is set */
};

struct io_sq_data {
	uint8_t phase; /* enum io_sq_phase */
	bool spin;     /* this round has done something */
	bool taken;    /* this round has taken the list of task work */
	uint32_t left; /* SQEs of this round */
	uint32_t tw;   /* items of task work run in this round */
	struct io_list retry_list;
	uint64_t idle_us; /* when it falls asleep if nothing comes */
	uint32_t since;
};

/* ---- io-wq (S1.6, S3.15) ---- */

enum { IO_WQ_ACCT_BOUND, IO_WQ_ACCT_UNBOUND, IO_WQ_ACCT_NR };

struct io_wq_acct {
	struct io_list work_list;
	uint16_t nr_workers, max_workers;
	uint16_t nr_running;
};

enum io_worker_phase {
	IO_WORKER_UNUSED,
	IO_WORKER_IDLE,	    /* asleep, waiting for work */
	IO_WORKER_PICK,	    /* about to take the next item */
	IO_WORKER_SUBMIT,   /* has an item: about to issue it */
	IO_WORKER_BLOCKED,  /* asleep inside the operation */
	IO_WORKER_COMPLETE, /* the operation is over: about to complete the request */
	IO_WORKER_PUT,	    /* the item is done: about to drop its reference */
};

struct io_worker {
	uint8_t phase; /* enum io_worker_phase */
	uint8_t acct;
	bool free;	/* on the free list: enqueuers wake it instead of creating another */
	bool running;	/* counted in nr_running */
	bool fresh;	/* the item has not been issued yet */
	bool signalled; /* a cancellation interrupts the next sleep */
	uint32_t since; /* when it became runnable */
	uint16_t free_next;
	uint16_t cur;	      /* request */
	uint16_t hash;	      /* file whose items it serialises */
	struct io_list chain; /* items of the same hash taken together */
};

struct io_wq {
	struct io_wq_acct acct[IO_WQ_ACCT_NR];
	uint16_t free_list;  /* idle or new workers, newest first */
	uint16_t nr_workers; /* used entries of the worker table */
	bool exiting;	     /* IO_WQ_BIT_EXIT: takes nothing more, its workers are on their way out */
};

/* Timers and interrupts to come, sorted by time, then by arming. */
struct gb_timers {
	uint16_t first;
};

#endif
