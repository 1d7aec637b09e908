/* SPDX-License-Identifier: MIT */
/* Waiting for an event of a file: armed polls, POLL_ADD, POLL_REMOVE (3.2 and 8.5 of semantics.md). */
#include "io_uring/io_uring.h"

/* How often a request may arm before it is left to a worker (S3.8). */
#define APOLL_MAX_RETRY 127

/* Reported whether asked for or not. */
#define IO_POLL_UNMASK (GB_POLLERR | GB_POLLHUP | GB_POLLNVAL | GB_POLLRDHUP)

/* Event bits a request can ask for. */
#define IO_POLL_EVENTS                                                                                                 \
	(GB_POLLIN | GB_POLLPRI | GB_POLLOUT | GB_POLLERR | GB_POLLHUP | GB_POLLNVAL | GB_POLLRDNORM | GB_POLLRDBAND | \
	 GB_POLLWRNORM | GB_POLLWRBAND | GB_POLLMSG | GB_POLLRDHUP)

/* ---- wait queues ---- */

void io_wait_queue_add(struct gb_world *w, struct io_kiocb *req, bool blocked)
{
	struct wait_queue_head *wq = gb_file_wait_queue(w, gb_file(w, req->file));

	req->wait_file = req->file;
	req->wait_blocked = blocked;
	req->wait_prev = 0;
	req->wait_next = wq->first;
	if (wq->first)
		io_req(w, wq->first)->wait_prev = io_req_ref(w, req);
	wq->first = io_req_ref(w, req);
}

void io_wait_queue_del(struct gb_world *w, struct io_kiocb *req)
{
	if (!req->wait_file)
		return;
	if (req->wait_prev)
		io_req(w, req->wait_prev)->wait_next = req->wait_next;
	else
		gb_file_wait_queue(w, gb_file(w, req->wait_file))->first = req->wait_next;
	if (req->wait_next)
		io_req(w, req->wait_next)->wait_prev = req->wait_prev;
	req->wait_file = 0;
	req->wait_next = req->wait_prev = 0;
}

/* True if this call took ownership (io_poll_get_ownership). */
static bool io_poll_get_ownership(struct io_kiocb *req)
{
	if (req->poll_owned) {
		req->poll_owned = 2;
		return false;
	}
	req->poll_owned = 1;
	return true;
}

static void __io_poll_execute(struct gb_world *w, struct io_kiocb *req, uint32_t mask)
{
	io_req_set_res(req, (int32_t)mask, 0);
	io_req_task_work_add(w, req, IO_TW_POLL);
}

/* S3.10 */
static void io_poll_wake(struct gb_world *w, struct io_kiocb *req, uint32_t mask)
{
	if (mask && !(mask & (req->poll_events & ~GB_POLLPRI)))
		return;
	gb_emit(w, GB_EV_WAKE, gb_label(req), GB_NO_REQ, mask, 0, 0, 0);
	if (!io_poll_get_ownership(req))
		return;
	if (mask)
		io_wait_queue_del(w, req);
	__io_poll_execute(w, req, mask);
}

void gb_wake_up(struct gb_world *w, struct wait_queue_head *wq, uint32_t mask)
{
	uint16_t k = wq->first;

	while (k) {
		struct io_kiocb *req = io_req(w, k);

		k = req->wait_next;
		if (req->wait_blocked)
			io_wq_wake_blocked(w, req);
		else
			io_poll_wake(w, req, mask);
	}
}

/* ---- the cancel table, in the order of arming ---- */

static void io_poll_req_insert(struct gb_world *w, struct io_kiocb *req)
{
	struct io_ring_ctx *ctx = gb_ctx(w);
	uint16_t ref = io_req_ref(w, req);

	req->poll_hashed = 1;
	req->poll_next = 0;
	req->poll_prev = ctx->cancel_last;
	if (ctx->cancel_last)
		io_req(w, ctx->cancel_last)->poll_next = ref;
	else
		ctx->cancel_first = ref;
	ctx->cancel_last = ref;
}

static void io_poll_hash_eject(struct gb_world *w, struct io_kiocb *req)
{
	struct io_ring_ctx *ctx = gb_ctx(w);

	if (!req->poll_hashed)
		return;
	req->poll_hashed = 0;
	if (req->poll_prev)
		io_req(w, req->poll_prev)->poll_next = req->poll_next;
	else
		ctx->cancel_first = req->poll_next;
	if (req->poll_next)
		io_req(w, req->poll_next)->poll_prev = req->poll_prev;
	else
		ctx->cancel_last = req->poll_prev;
	req->poll_next = req->poll_prev = 0;
}

/* ---- arming ---- */

/*
 * Waits for `events`; READY with the mask in req->poll_mask if one is there,
 * ABORTED if the file has no wait queue (__io_arm_poll_handler).
 */
static int __io_arm_poll_handler(struct gb_world *w, struct io_kiocb *req, uint32_t events)
{
	const struct gb_file *f = gb_file(w, req->file);

	req->poll_events = events | IO_POLL_UNMASK;
	req->poll_mask = gb_file_poll(w, f) & req->poll_events;
	if (req->poll_mask)
		return IO_APOLL_READY;
	if (!gb_file_wait_queue(w, f))
		return IO_APOLL_ABORTED;
	req->poll_owned = 0;
	req->poll_canceled = 0;
	io_wait_queue_add(w, req, false);
	io_poll_req_insert(w, req);
	gb_emit(w, GB_EV_ARM_POLL, gb_label(req), GB_NO_REQ, req->poll_events, 0, 0, 0);
	return IO_APOLL_OK;
}

int io_arm_poll_handler(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags)
{
	const struct io_issue_def *def = &io_issue_defs[req->opcode];
	uint32_t events = GB_POLLERR | GB_POLLPRI;

	(void)issue_flags;
	if (!def->pollin && !def->pollout)
		return IO_APOLL_ABORTED;
	if (!(req->flags & REQ_F_CAN_POLL))
		return IO_APOLL_ABORTED;
	if (!(req->flags & REQ_F_POLLED))
		req->poll_retries = APOLL_MAX_RETRY;
	else if (!req->poll_retries)
		return IO_APOLL_ABORTED;
	req->poll_retries--;
	events |= def->pollin ? GB_POLLIN | GB_POLLRDNORM : GB_POLLOUT | GB_POLLWRNORM;
	req->flags |= REQ_F_POLLED;
	return __io_arm_poll_handler(w, req, events);
}

/* ---- task work ---- */

enum { IOU_POLL_DONE, IOU_POLL_REISSUE };

/* S3.11: what the wake-up means; a negative errno ends the request. */
static int io_poll_check_events(struct gb_world *w, struct io_kiocb *req)
{
	if (io_should_terminate_tw(w))
		return gb_why(w, req, GB_R_POLL_TASK_DEAD, NULL, 0, 0);
	if (req->poll_canceled)
		return gb_why(w, req, GB_R_POLL_CANCELED, NULL, 0, 0);
	if (req->poll_owned > 1)
		req->cqe_res = 0;
	if (!req->cqe_res) {
		/* the first mask is lost or was none: look again */
		req->cqe_res = (int32_t)(gb_file_poll(w, gb_file(w, req->file)) & req->poll_events);
		if (!req->cqe_res)
			return IOU_POLL_REISSUE;
	}
	return IOU_POLL_DONE;
}

void io_poll_task_func(struct gb_world *w, struct io_kiocb *req)
{
	int ret = io_poll_check_events(w, req);

	io_wait_queue_del(w, req);
	io_poll_hash_eject(w, req);
	gb_emit(w, GB_EV_DISARM_POLL, gb_label(req), GB_NO_REQ, 0, 0, 0, 0);
	if (req->opcode != IORING_OP_POLL_ADD) {
		if (ret >= 0)
			io_req_task_submit(w, req);
		else
			io_req_defer_failed(w, req, ret);
		return;
	}
	if (ret == IOU_POLL_REISSUE) {
		io_req_task_submit(w, req);
		return;
	}
	if (ret < 0) {
		io_req_set_res(req, ret, 0);
		req_set_fail(w, req);
	} else {
		gb_why(w, req, GB_R_POLL_EVENT, NULL, 0, 0);
		io_req_set_res(req, (int32_t)((uint32_t)req->cqe_res & req->poll_events), 0);
	}
	io_req_complete_defer(w, req);
}

bool io_poll_cancel_req(struct gb_world *w, struct io_kiocb *req)
{
	req->poll_canceled = 1;
	if (io_poll_get_ownership(req))
		__io_poll_execute(w, req, 0);
	return true;
}

int io_poll_cancel(struct gb_world *w, const struct io_cancel_data *cd, struct io_kiocb **victim)
{
	for (uint16_t k = gb_ctx(w)->cancel_first; k; k = io_req(w, k)->poll_next) {
		struct io_kiocb *req = io_req(w, k);

		if (!io_cancel_req_match(req, cd))
			continue;
		*victim = req;
		io_poll_cancel_req(w, req);
		return 0;
	}
	return -GB_ENOENT;
}

/* ---- POLL_ADD, POLL_REMOVE ---- */

int io_poll_add_prep(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe)
{
	if (sqe->buf_index || sqe->off || gb_user_addr(&sqe->addr))
		return gb_why(w, req, GB_R_PREP_POLL_FIELDS, NULL, 0, 0);
	if (sqe->len)
		return gb_why(w, req, GB_R_PREP_POLL_FLAGS, NULL, sqe->len, 0);
	req->cmd.poll.events = sqe->op_flags & IO_POLL_EVENTS;
	return 0;
}

int io_poll_add(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags)
{
	(void)issue_flags;
	switch (__io_arm_poll_handler(w, req, req->cmd.poll.events)) {
	case IO_APOLL_OK:
		return IOU_ISSUE_SKIP_COMPLETE;
	case IO_APOLL_READY:
		gb_why(w, req, GB_R_POLL_READY, NULL, 0, 0);
		io_req_set_res(req, (int32_t)req->poll_mask, 0);
		return IOU_OK;
	default:
		return gb_why(w, req, GB_R_POLL_NOTHING, NULL, 0, 0);
	}
}

int io_poll_remove_prep(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe)
{
	if (sqe->buf_index || sqe->len || sqe->off || sqe->op_flags)
		return gb_why(w, req, GB_R_PREP_POLL_REMOVE, NULL, 0, 0);
	req->cmd.poll_update.target = gb_sqe_target(sqe);
	return 0;
}

/* S8.25 */
int io_poll_remove(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags)
{
	uint16_t target = req->cmd.poll_update.target;
	struct io_kiocb *preq = NULL;
	int ret;

	(void)issue_flags;
	for (uint16_t k = gb_ctx(w)->cancel_first; k && !preq; k = io_req(w, k)->poll_next) {
		if (io_req(w, k)->opcode == IORING_OP_POLL_ADD && io_req(w, k)->sqe + 1 == target)
			preq = io_req(w, k);
	}
	if (!preq) {
		ret = gb_why(w, req, GB_R_POLL_NOT_FOUND, NULL, 0, 0);
	} else if (!io_poll_get_ownership(preq)) {
		ret = gb_why(w, req, GB_R_POLL_FIRING, NULL, 0, 0);
	} else {
		io_wait_queue_del(w, preq);
		io_poll_hash_eject(w, preq);
		req_set_fail(w, preq);
		io_req_set_res(preq, gb_why(w, preq, GB_R_POLL_TAKEN, req, 0, 0), 0);
		io_req_task_work_add(w, preq, IO_TW_COMPLETE);
		ret = gb_why(w, req, GB_R_POLL_REMOVED, preq, 0, 0);
	}
	if (ret < 0)
		req_set_fail(w, req);
	io_req_set_res(req, ret, 0);
	return IOU_OK;
}
