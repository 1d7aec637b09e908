/* SPDX-License-Identifier: MIT */
/* What the files of the kernel side offer each other. */
#ifndef GROUPBUF_SIM_IO_URING_H
#define GROUPBUF_SIM_IO_URING_H

#include "world/emit.h"
#include "world/list.h"

/* ---- opdef.c: the capability table of section 8 ---- */

struct io_issue_def {
	const char *name;
	uint8_t known; /* the kernel has it */
	uint8_t needs_file, pollin, pollout, hash_reg_file, unbound_nonreg_file, buffer_select, ioprio, poll_exclusive;
	uint8_t iopoll, iopoll_queue; /* IOPOLL rings take it, and poll for it once it is issued */
	int (*prep)(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe);
	int (*issue)(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags);
	void (*fail)(struct gb_world *w, struct io_kiocb *req);
};

/* The row of an opcode; opcodes above the table have none. */
extern const struct io_issue_def io_issue_defs[IORING_OP_LAST];

/* ---- io_uring.c ---- */

static inline bool req_is_group_leader(const struct io_kiocb *req)
{
	return req->flags & REQ_F_GROUP_LEADER;
}

static inline bool req_is_group_member(const struct io_kiocb *req)
{
	return (req->flags & REQ_F_GROUP) && !req_is_group_leader(req);
}

/* Variant failed-leader-stays-failed: is this a request that must not be executed (A3)? */
static inline bool io_req_stays_failed(const struct gb_world *w, const struct io_kiocb *req)
{
	return (req->flags & REQ_F_FAIL) && !req->nr_issued && gb_variant(w, GB_VARIANT_FAILED_LEADER_STAYS);
}

/* Sets a result; overwrites the descriptor if the file has not been looked up (S1.2). */
static inline void io_req_set_res(struct io_kiocb *req, int32_t res, uint32_t cflags)
{
	req->cqe_res = res;
	req->cqe_fd_or_flags = cflags;
}

/* S1.11: marks a failure; a skipped CQE becomes a silent rest of the chain instead. */
void req_set_fail(struct gb_world *w, struct io_kiocb *req);
/* S1.12 */
void req_fail_link_node(struct gb_world *w, struct io_kiocb *req, int res);
/* S5.6: completes with a failure, in the context that holds the ring lock. */
void io_req_defer_failed(struct gb_world *w, struct io_kiocb *req, int res);
/* S5.1: appends to the completion list. */
void io_req_complete_defer(struct gb_world *w, struct io_kiocb *req);
/* S5.2: the two passes. */
void io_submit_flush_completions(struct gb_world *w);
/* __io_commit_cqring_flush with the publishing in front of it (S5.2). */
void io_commit_cqring_flush(struct gb_world *w);
/* S5.12: completion from a worker. */
void io_req_complete_post(struct gb_world *w, struct io_kiocb *req);
/* Posts a CQE, or puts it on the overflow list (S5.11). */
void io_fill_cqe_req(struct gb_world *w, const struct io_kiocb *req);
/* S5.13: a CQE of a multishot request; false if it does not fit. */
bool io_post_aux_cqe(struct gb_world *w, struct io_kiocb *req, int32_t res, uint32_t cflags);
/* Moves overflown CQEs to the ring as far as they fit (S5.11). */
void io_cqring_do_overflow_flush(struct gb_world *w);
/* S5.9: the last reference went outside the ring lock. */
void io_free_req(struct gb_world *w, struct io_kiocb *req);
/* S5.20, S5.21: the request to run next, NULL if none. */
struct io_kiocb *io_req_find_next(struct gb_world *w, struct io_kiocb *req);
bool io_disarm_next(struct gb_world *w, struct io_kiocb *req);
/* S5.24, the part for groups. */
void io_fail_group_members(struct gb_world *w, struct io_kiocb *leader);
/* S3.1 */
void io_queue_sqe(struct gb_world *w, struct io_kiocb *req);
/* S3.2 to S3.5; issues and completes a request that answers OK. */
int io_issue_sqe(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags);
/* S3.2: looks the file up; false if there is none. */
bool io_assign_file(struct gb_world *w, struct io_kiocb *req);
/* S3.13 */
void io_queue_iowq(struct gb_world *w, struct io_kiocb *req);
/* S3.14 for every request of the chain. */
void io_prep_async_link(struct gb_world *w, struct io_kiocb *req);

/* Reference counting (S3.23): true if that was the last one. */
bool req_ref_put_and_test(struct gb_world *w, struct io_kiocb *req);
void req_ref_get(struct gb_world *w, struct io_kiocb *req);
void io_req_set_refcount(struct gb_world *w, struct io_kiocb *req, uint16_t n);

struct io_kiocb *io_alloc_req(struct gb_world *w);

/* ---- submit.c (section 2) ---- */

/* Takes one SQE (S2.2); an error that ends the batch of a ring without SUBMIT_ALL is returned (S2.21). */
int io_submit_sqe(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe);
/* S2.32, S2.33, S2.5 */
void io_submit_state_end(struct gb_world *w);
/* S2.39 */
void io_queue_deferred(struct gb_world *w);

/* ---- register.c ---- */

/* The registration of a statement; 0 or a negative errno. */
int io_uring_register(struct gb_world *w, const struct gb_stmt *stmt, uint32_t place);
static inline uint32_t gb_register_op(const struct gb_stmt *stmt)
{
	return stmt->kind == GB_STMT_BUFFERS ? IORING_REGISTER_PBUF_RING : stmt->n;
}

/* ---- iopoll.c (S11.9) ---- */

/* An issued request waits to be polled for. */
void io_iopoll_req_issued(struct gb_world *w, struct io_kiocb *req);
/* The device is done; nobody knows before it is asked. */
void io_complete_rw_iopoll(struct gb_world *w, struct io_kiocb *req, int64_t res);
/* Completes the first of the requests whose device is done, and those done directly behind it; their number. */
uint32_t io_do_iopoll(struct gb_world *w);
/* Is there one that io_do_iopoll would complete? */
bool io_iopoll_done(const struct gb_world *w);
/* True if waiting for CQEs means polling, by the waiter itself. */
static inline bool io_syscall_iopoll(const struct io_ring_ctx *ctx)
{
	return (ctx->flags & (IORING_SETUP_IOPOLL | IORING_SETUP_SQPOLL)) == IORING_SETUP_IOPOLL;
}

/* ---- sqpoll.c (S11.9) ---- */

/* How long the thread spins with nothing to do: sq_thread_idle when the application gives none. */
#define GB_SQ_THREAD_IDLE_US 1000000U

bool io_sq_thread_runnable(const struct gb_world *w);
void io_sq_thread_step(struct gb_world *w);
/* When it goes to sleep if nothing comes, UINT64_MAX if it is not about to; and that this moment has come. */
uint64_t io_sq_thread_idle(const struct gb_world *w);
void io_sq_thread_sleep(struct gb_world *w);
/* Something came that it sees while it spins (an entry), or that wakes it even when it sleeps. */
void io_sq_thread_see(struct gb_world *w);
void io_sq_thread_wake(struct gb_world *w);

/* ---- tw.c (section 4) ---- */

void io_req_task_work_add(struct gb_world *w, struct io_kiocb *req, enum io_tw_func func);
/* Queues a request for issue from task work. */
void io_req_task_queue(struct gb_world *w, struct io_kiocb *req);
/* S4.12: the submit item itself, also called by a woken poll. */
void io_req_task_submit(struct gb_world *w, struct io_kiocb *req);
/* S4.13: stores the result and queues the failure. */
void io_req_task_queue_fail(struct gb_world *w, struct io_kiocb *req, int res);
/* Runs the task work of one request. */
void io_run_tw_func(struct gb_world *w, struct io_kiocb *req);
/* S4.11 */
bool io_should_terminate_tw(const struct gb_world *w);
/* S4.10: hands the list of an exiting task over as a whole. */
void io_fallback_tw(struct gb_world *w);
/* flush_delayed_work: the fallback work is due at once; false if there is none. */
bool io_flush_fallback(struct gb_world *w);
bool io_fallback_due(const struct gb_world *w);
/* The fallback work itself. */
void io_fallback_req_func(struct gb_world *w);
/* S4.15: moves the list of a closed DTR ring to the task's normal list. */
void io_move_task_work_from_local(struct gb_world *w);
/* True if task work waits that the submitting task would run by itself. */
bool io_task_work_pending(const struct gb_world *w);

/* ---- poll.c ---- */

enum { IO_APOLL_OK, IO_APOLL_ABORTED, IO_APOLL_READY };
/* A multishot handler wants to be called again by the task work that called it. */
void io_poll_multishot_retry(struct io_kiocb *req);
int io_arm_poll_handler(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags);
void io_poll_task_func(struct gb_world *w, struct io_kiocb *req);
int io_poll_add_prep(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe);
int io_poll_add(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags);
int io_poll_remove_prep(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe);
int io_poll_remove(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags);
/* Marks an armed poll cancelled and queues its tw; false if a waker was first. */
bool io_poll_cancel_req(struct gb_world *w, struct io_kiocb *req);
/* Puts a request into, or takes it out of, the wait queue of its file. */
void io_wait_queue_add(struct gb_world *w, struct io_kiocb *req, bool blocked);
void io_wait_queue_del(struct gb_world *w, struct io_kiocb *req);
/* A worker sleeps, exclusively, in the queue of `file`, which may be another than that of the request. */
void io_wait_queue_add_exclusive(struct gb_world *w, struct io_kiocb *req, uint16_t file);

/* ---- timeout.c ---- */

int io_timeout_prep(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe);
int io_link_timeout_prep(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe);
int io_timeout(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags);
int io_timeout_remove_prep(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe);
int io_timeout_remove(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags);
int io_link_timeout_issue(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags);
void io_flush_timeouts(struct gb_world *w);
/* The linked timeout directly behind req, NULL if there is none. */
struct io_kiocb *io_linked_timeout(const struct gb_world *w, const struct io_kiocb *req);
/* Prepares the linked timeout behind req (S3.3), NULL if there is none. */
struct io_kiocb *io_prep_linked_timeout(struct gb_world *w, struct io_kiocb *req);
void io_queue_linked_timeout(struct gb_world *w, struct io_kiocb *req);
/* S5.21 (1) and (2); true if one was completed. */
bool io_disarm_linked_timeouts(struct gb_world *w, struct io_kiocb *req);
void io_req_task_link_timeout(struct gb_world *w, struct io_kiocb *req);
void io_timeout_complete(struct gb_world *w, struct io_kiocb *req);
/* A timer expires. */
void io_timeout_fn(struct gb_world *w, struct io_kiocb *req);
void io_link_timeout_fn(struct gb_world *w, struct io_kiocb *req);
/* S9.12: number of timeouts killed. */
uint32_t io_kill_timeouts(struct gb_world *w);

/* ---- cancel.c ---- */

/* What a cancellation looks for (S9.1). */
struct io_cancel_data {
	uint16_t sqe; /* user_data: index of the SQE */
	uint16_t file;
	uint32_t flags;
	uint8_t opcode;
	uint32_t seq;	 /* ALL, ANY: a request is dealt with once */
	bool everything; /* S9.12: all requests of the ring */
	bool tracked;	 /* of these only what holds a ring's file; in a chain, only its head can have one already */
};

int io_async_cancel_prep(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe);
int io_async_cancel(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags);
bool io_cancel_req_match(const struct gb_world *w, struct io_kiocb *req, const struct io_cancel_data *cd);
/* S9.2, S9.3 for one match. */
int io_try_cancel(struct gb_world *w, const struct io_cancel_data *cd, struct io_kiocb **victim);
int io_poll_cancel(struct gb_world *w, const struct io_cancel_data *cd, struct io_kiocb **victim);
int io_timeout_cancel(struct gb_world *w, const struct io_cancel_data *cd, struct io_kiocb **victim);
/* S9.12: one round; true if it did something. */
bool io_uring_try_cancel_requests(struct gb_world *w);

/* ---- io-wq.c ---- */

void io_wq_enqueue(struct gb_world *w, struct io_kiocb *req);
/* One step of worker k. */
void io_wq_worker_step(struct gb_world *w, uint16_t k);
static inline bool io_wq_worker_runnable(const struct io_worker *worker)
{
	return worker->phase != IO_WORKER_UNUSED && worker->phase != IO_WORKER_IDLE &&
	       worker->phase != IO_WORKER_BLOCKED;
}

/* S9.8: takes no more work; wakes or signals every worker, all of which then leave; are some still there? */
void io_wq_exit_start(struct gb_world *w);
void io_wq_exit_workers(struct gb_world *w);
bool io_wq_alive(const struct gb_world *w);
/* Fails what no worker was left for. */
void io_wq_destroy(struct gb_world *w);
/* True if a signal forbids the worker of req to sleep. */
bool io_wq_interrupted(const struct gb_world *w, const struct io_kiocb *req);
/* Wakes a worker that sleeps in the operation of req. */
void io_wq_wake_blocked(struct gb_world *w, struct io_kiocb *req);
/* S9.2, S9.3: -ENOENT, 0 (removed from the queue) or -EALREADY (was running, signalled). */
int io_wq_cancel(struct gb_world *w, const struct io_cancel_data *cd, bool all, struct io_kiocb **victim);

/* ---- timers.c (world): events of requests that come with time ---- */

void gb_timer_add(struct gb_world *w, struct io_kiocb *req, enum io_event_kind kind, uint64_t at_us);
/* Takes a pending event away; false if there was none. */
bool gb_timer_del(struct gb_world *w, struct io_kiocb *req);
/* Whose doing the event is: a timer's or an interrupt's. */
enum gb_actor_kind gb_timer_actor(const struct io_kiocb *req);
/* The event of this request happens. */
void gb_timer_fire(struct gb_world *w, struct io_kiocb *req);

/* ---- kbuf.c (section 6) ---- */

int io_import_group_buf(struct gb_world *w, struct io_kiocb *req, unsigned int dir, struct iov_iter *iter,
			uint64_t buf_off, uint32_t len);
int io_lease_group_kbuf(struct gb_world *w, struct io_kiocb *req, uint16_t lease);
void io_drop_group_buf(struct gb_world *w, struct io_kiocb *req);
bool io_use_group_kbuf(struct gb_world *w, struct io_kiocb *req);
void io_req_zero_remained(struct gb_world *w, struct io_kiocb *req, struct iov_iter *iter);
static inline bool io_use_group_buf(const struct io_kiocb *req)
{
	return req->flags & REQ_F_GROUP_BUF;
}
void io_req_mark_group_buf(struct io_kiocb *req, bool imported);

/*
 * Provided buffers (S8.41). io_buffer_select: takes one for a receive or read
 * of *len bytes (0: as long as it is), which becomes its length; no address if
 * there is none.
 */
struct io_br_sel io_buffer_select(struct gb_world *w, struct io_kiocb *req, uint32_t *len, unsigned int issue_flags);
/* Moves the head of a ring behind what was used; false if its first buffer goes on. */
bool io_kbuf_commit(struct gb_world *w, struct io_kiocb *req, uint32_t bl, int64_t len, uint16_t nr);
/* Gives a buffer back unused, if that can be. */
bool io_kbuf_recycle(struct gb_world *w, struct io_kiocb *req, uint32_t bl);
/* The buffer, or the first `nr` of a bundle, is used up: the CQE flags that say which. */
uint32_t io_put_kbufs(struct gb_world *w, struct io_kiocb *req, int64_t len, uint32_t bl, uint16_t nr);
static inline uint32_t io_put_kbuf(struct gb_world *w, struct io_kiocb *req, int64_t len, uint32_t bl)
{
	return io_put_kbufs(w, req, len, bl, 1);
}
/* The group of that number, 0 if the kernel knows none; the first entry of a ring; the first legacy buffer. */
uint32_t io_buffer_get_list(const struct gb_world *w, uint16_t bgid);
struct io_uring_buf *io_ring_head_to_buf(const struct gb_world *w, const struct io_buffer_list *bl);
uint64_t io_provided_buffer_select(struct gb_world *w, struct io_kiocb *req, uint32_t *len, struct io_buffer_list *bl);
static inline bool io_do_buffer_select(const struct io_kiocb *req)
{
	return req->flags & REQ_F_BUFFER_SELECT && !(req->flags & (REQ_F_BUFFER_SELECTED | REQ_F_BUFFER_RING));
}
int io_provide_buffers_prep(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe);
int io_provide_buffers(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags);
int io_remove_buffers_prep(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe);
int io_remove_buffers(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags);
/* Registers a buffer ring whose entries begin at `ring` of their table. */
int io_register_pbuf_ring(struct gb_world *w, const struct gb_stmt *stmt, uint32_t ring);
void gb_buf_ring_add(struct gb_world *w, const struct gb_stmt *stmt);

/* ---- bundle.c (S8.41) ---- */

#define PEEK_MAX_IMPORT 256U /* buffers of one bundle */

/* What a selection of several buffers is asked for, and what it found (struct buf_sel_arg). */
struct buf_sel_arg {
	uint32_t iovs;	  /* where its segments go in the table of iovecs */
	uint32_t max_len; /* bytes, 0: it does not matter */
	uint32_t out_len; /* bytes found */
	uint16_t nr_iovs; /* segments there is room for */
	bool expand;	  /* KBUF_MODE_EXPAND: more room can be had, up to PEEK_MAX_IMPORT */
	bool expanded;
	bool partial_map; /* the last buffer is larger than what was left of max_len */
};

/*
 * Takes buffers of a group: a number of segments, -ENOENT without the group,
 * -ENOBUFS without a buffer. `select` uses them up at once (a send), `peek` only
 * looks (a receive).
 */
int io_buffers_select(struct gb_world *w, struct io_kiocb *req, struct buf_sel_arg *arg, struct io_br_sel *sel,
		      unsigned int issue_flags);
int io_buffers_peek(struct gb_world *w, struct io_kiocb *req, struct buf_sel_arg *arg, struct io_br_sel *sel);
/* Buffers of a bundle that `len` bytes have used. */
uint16_t io_bundle_nbufs(const struct gb_world *w, const struct io_kiocb *req, int64_t len);

/* ---- notif.c: notifications of zero-copy sends ---- */

/* A new one for a send, which holds its first reference. */
struct io_kiocb *io_alloc_notif(struct gb_world *w, const struct io_kiocb *req, bool report);
/* The send drops its reference: its memory is free again once nobody has the bytes. */
void io_notif_flush(struct gb_world *w, struct io_kiocb *notif);
static inline void io_tx_ubuf_get(struct io_kiocb *notif)
{
	notif->cmd.notif.refs++;
}
/* A reference goes: by bytes that are gone (`skb`), which were sent from where they lay (`success`) or copied. */
void io_tx_ubuf_complete(struct gb_world *w, struct io_kiocb *notif, bool skb, bool success);
/* The task work of the last one. */
void io_notif_tw_complete(struct gb_world *w, struct io_kiocb *notif);

/* ---- net.c, for net_zc.c ---- */

int io_msg_copy_hdr(struct gb_world *w, struct io_kiocb *req, unsigned int dir);
bool io_sr_import_ubuf(struct io_kiocb *req, unsigned int dir);
void io_sr_setup(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe, uint32_t msg_flags);
bool io_sr_poll_first(const struct gb_world *w, const struct io_kiocb *req);
bool io_net_retry(const struct gb_world *w, const struct io_kiocb *req);
int64_t io_sr_blocking(struct gb_world *w, struct io_kiocb *req, int64_t ret, bool want_all);
void io_sr_progress(const struct gb_world *w, struct io_kiocb *req, int64_t n);

/* ---- ringfd.c: the ring as a file ---- */

uint32_t io_uring_poll(const struct gb_world *w);
/* Something has come into the ring: wakes those that poll it. */
void io_poll_wq_wake(struct gb_world *w);
/* io_req_track_inflight, and the end of it. */
void io_req_track_inflight(struct gb_world *w, struct io_kiocb *req);
void io_req_untrack_inflight(struct gb_world *w, struct io_kiocb *req);
/* A round of io_uring_cancel_generic without "cancel all": true if it did something. */
bool io_uring_cancel_tracked(struct gb_world *w);
/* The hazard for each request that an exiting task waits for in vain. */
void io_report_tracked(struct gb_world *w);
/* The last reference on the ring's file is gone (S9.11). */
void io_uring_release(struct gb_world *w);

/* ---- rsrc.c ---- */

int io_sqe_buffers_register(struct gb_world *w, const struct gb_stmt *stmt, uint32_t first);
int io_sqe_files_register(struct gb_world *w, const struct gb_stmt *stmt, uint32_t first);
/* Attaches the registered buffer buf_index; false if there is none. */
bool io_req_set_imu(struct gb_world *w, struct io_kiocb *req);
/* The same without REQ_F_BUF_NODE, as zero-copy sends do it. */
bool io_req_set_imu_bare(struct gb_world *w, struct io_kiocb *req);
/* Puts a file into a slot (from 0), or into a free one (ALLOC); the slot, or -ENXIO, -ENFILE, -EINVAL. */
int io_fixed_fd_install(struct gb_world *w, uint16_t file, uint32_t file_slot);
/* Empties a slot (from 0): 0, -ENXIO without a table, -EINVAL beyond it, -EBADF if it is empty. */
int io_fixed_fd_remove(struct gb_world *w, uint32_t slot);
/* The table goes, with the ring. */
void io_sqe_files_unregister(struct gb_world *w);
/* An iterator over a part of the attached buffer; false if it is no part of it. */
bool io_import_fixed(struct gb_world *w, struct io_kiocb *req, unsigned int dir, struct iov_iter *iter, uint64_t addr,
		     uint32_t len);
/* The file of a slot, 0 if it is empty or none. */
uint16_t io_file_get_fixed(const struct gb_world *w, uint32_t slot);

/* ---- iovec.c ---- */

/* S8.5: imports an iovec of user space; -EINVAL or -EFAULT with the reason. */
int io_import_vec(struct gb_world *w, struct io_kiocb *req, unsigned int dir, uint64_t uvec, uint64_t nr,
		  struct iov_iter *iter);

/* ---- opcodes ---- */

int io_nop_prep(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe);
int io_nop(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags);
int io_prep_read(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe);
int io_prep_write(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe);
int io_prep_readv(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe);
int io_prep_writev(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe);
int io_prep_read_fixed(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe);
int io_prep_write_fixed(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe);
int io_read_mshot_prep(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe);
int io_read_mshot(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags);
int io_read(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags);
int io_write(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags);
void io_rw_fail(struct gb_world *w, struct io_kiocb *req);
void io_req_rw_complete(struct gb_world *w, struct io_kiocb *req);
/* A missing page of a buffered file has arrived (S7.8). */
void io_async_buf_func(struct gb_world *w, struct io_kiocb *req);
void io_complete_rw_irq(struct gb_world *w, struct io_kiocb *req);

/* outcome.c: how a transfer turns out, asked once per request; AS_IS unless its file has `outcomes=`. */
enum gb_outcome io_rw_outcome(struct gb_world *w, struct io_kiocb *req, bool nonblock, bool write);
/* It has turned out like that: whatever follows is as the file is. */
void io_rw_outcome_done(struct io_kiocb *req);
/* The call is to turn out short, with an error, or inside the submission. */
void io_rw_set_outcome(const struct gb_world *w, struct io_kiocb *req, enum gb_outcome outcome, struct kiocb *k);
/* The mode of a lessor's command, chosen if it is `any`. */
enum gb_lease_mode gb_lessor_mode(struct gb_world *w, const struct io_kiocb *req, const struct gb_sqe *sqe);
int io_fsync_prep(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe);
int io_fsync(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags);
int io_send_prep(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe);
int io_recv_prep(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe);
int io_send(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags);
int io_recv(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags);
int io_recvmsg(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags);
void io_sendrecv_fail(struct gb_world *w, struct io_kiocb *req);
int io_send_zc_prep(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe);
int io_send_zc(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags);
void io_send_zc_fail(struct gb_world *w, struct io_kiocb *req);
void io_send_zc_cleanup(struct gb_world *w, struct io_kiocb *req);
int io_accept_prep(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe);
int io_accept(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags);
int io_connect_prep(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe);
int io_connect(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags);
int io_shutdown_prep(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe);
int io_shutdown(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags);
int io_close_prep(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe);
int io_close(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags);
int io_uring_cmd_prep(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe);
int io_uring_cmd(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags);

/* ---- uring_cmd.c (section 8.8) ---- */

/* S8.37: a command ends, inline or, without COMPLETE_DEFER, through task work. */
void io_uring_cmd_done(struct gb_world *w, struct io_kiocb *req, int32_t res, unsigned int issue_flags);
/* The driver takes part in the cancel rounds of a dying ring. */
void io_uring_cmd_mark_cancelable(struct gb_world *w, struct io_kiocb *req);
/* The driver wants to go on in the submitting task. */
void io_uring_cmd_complete_in_task(struct gb_world *w, struct io_kiocb *req, enum io_uring_cmd_cb cb);
void io_uring_cmd_work(struct gb_world *w, struct io_kiocb *req);
/* S9.12: true if a command was completed or the driver gave requests back. */
bool io_uring_try_cancel_uring_cmd(struct gb_world *w);

/* ---- fake/lessor.c ---- */

/* Leases the buffer to the group of req, with the event and what is to be known of the lease. */
int gb_lease_to_group(struct gb_world *w, struct io_kiocb *req, uint16_t index);
int gb_lessor_cmd(struct gb_world *w, struct io_kiocb *req);
void gb_lessor_done(struct gb_world *w, struct io_kiocb *req);
/* The give-back callback. */
void gb_lessor_ack(struct gb_world *w, uint16_t index);

/* Wakes the submitting task if it sleeps in io_cqring_wait (app.c). */
void gb_app_wake(struct gb_world *w);

#endif
