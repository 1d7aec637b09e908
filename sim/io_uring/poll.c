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

/* add_wait_queue_exclusive: behind all others. */
static void io_wait_queue_add_tail(const struct gb_world *w, struct wait_queue_head *wq, struct io_kiocb *req)
{
	uint16_t last = wq->first;

	while (last && io_req(w, last)->wait_next)
		last = io_req(w, last)->wait_next;
	req->wait_next = 0;
	req->wait_prev = last;
	if (last)
		io_req(w, last)->wait_next = io_req_ref(w, req);
	else
		wq->first = io_req_ref(w, req);
}

void io_wait_queue_add(struct gb_world *w, struct io_kiocb *req, bool blocked)
{
	struct wait_queue_head *wq = gb_file_wait_queue(w, gb_file(w, req->file));

	req->wait_file = req->file;
	req->wait_blocked = blocked;
	if (blocked)
		req->wait_exclusive = 0;
	if (req->wait_exclusive) {
		io_wait_queue_add_tail(w, wq, req);
		return;
	}
	req->wait_prev = 0;
	req->wait_next = wq->first;
	if (wq->first)
		io_req(w, wq->first)->wait_prev = io_req_ref(w, req);
	wq->first = io_req_ref(w, req);
}

void io_wait_queue_add_exclusive(struct gb_world *w, struct io_kiocb *req, uint16_t file)
{
	req->wait_file = file;
	req->wait_blocked = 1;
	req->wait_exclusive = 1;
	io_wait_queue_add_tail(w, gb_file_wait_queue(w, gb_file(w, file)), req);
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
	if (req->poll_owned < UINT8_MAX)
		req->poll_owned++;
	return req->poll_owned == 1;
}

void io_poll_multishot_retry(struct io_kiocb *req)
{
	io_poll_get_ownership(req);
}

static void __io_poll_execute(struct gb_world *w, struct io_kiocb *req, uint32_t mask)
{
	io_req_set_res(req, (int32_t)mask, 0);
	io_req_task_work_add(w, req, IO_TW_POLL);
}

/* Does the poll end with its first event (EPOLLONESHOT)? */
static bool io_poll_oneshot(const struct io_kiocb *req)
{
	return req->opcode == IORING_OP_POLL_ADD ? !req->cmd.poll.multi : !(req->flags & REQ_F_APOLL_MULTISHOT);
}

/* S3.10; false if the event is not what the request waits for. */
static bool io_poll_wake(struct gb_world *w, struct io_kiocb *req, uint32_t mask)
{
	if ((mask && !(mask & (req->poll_events & ~GB_POLLPRI))) || (!mask && GB_FAULT(w, HANGUP_WAKES_NOBODY)))
		return false;
	gb_emit(w, GB_EV_WAKE, gb_label(req), GB_NO_REQ, mask, 0, 0, 0);
	if (!io_poll_get_ownership(req))
		return true;
	if (mask && (io_poll_oneshot(req) || GB_FAULT(w, SECOND_WAKE_LOST)))
		io_wait_queue_del(w, req);
	__io_poll_execute(w, req, mask);
	return true;
}

/* __wake_up_common: the first exclusive waiter that takes the event ends it, unless everybody is meant. */
void gb_wake_up(struct gb_world *w, struct wait_queue_head *wq, uint32_t mask)
{
	uint16_t k = wq->first;

	while (k) {
		struct io_kiocb *req = io_req(w, k);
		bool last = req->wait_exclusive && mask;

		k = req->wait_next;
		if (req->wait_blocked)
			io_wq_wake_blocked(w, req);
		else if (!io_poll_wake(w, req, mask))
			continue;
		if (last)
			return;
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

	req->poll_events = (events & IO_POLL_EVENTS) | IO_POLL_UNMASK;
	req->wait_exclusive = events & GB_POLLEXCLUSIVE ? 1 : 0;
	req->poll_mask = gb_file_poll(w, f) & req->poll_events;
	if (req->poll_mask && (io_poll_oneshot(req) || !gb_file_wait_queue(w, f)))
		return IO_APOLL_READY;
	if (!gb_file_wait_queue(w, f))
		return IO_APOLL_ABORTED;
	req->poll_owned = 0;
	req->poll_canceled = 0;
	io_wait_queue_add(w, req, false);
	io_poll_req_insert(w, req);
	if (GB_FAULT(w, FILE_PUT_EARLY) && req->flags & REQ_F_POLLED && !(req->flags & REQ_F_FIXED_FILE))
		gb_file_put(w, gb_file(w, req->file));
	gb_emit(w, GB_EV_ARM_POLL, gb_label(req), GB_NO_REQ, req->poll_events, 0, 0, 0);
	/* a multishot poll takes the event that is there from task work, as all others */
	if (req->poll_mask && io_poll_get_ownership(req))
		__io_poll_execute(w, req, req->poll_mask);
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
	if (req->flags & REQ_F_CLEAR_POLLIN)
		events &= ~GB_POLLIN;
	events |= def->poll_exclusive ? GB_POLLEXCLUSIVE : 0;
	req->flags |= REQ_F_POLLED;
	return __io_arm_poll_handler(w, req, events);
}

/* ---- task work ---- */

enum { IOU_POLL_DONE, IOU_POLL_NO_ACTION, IOU_POLL_REMOVE_POLL_USE_RES, IOU_POLL_REISSUE, IOU_POLL_REQUEUE };

/* S8.24: the CQE of one event; one that does not fit ends the poll, and overflows as its last (S5.13). */
static int io_poll_multi_event(struct gb_world *w, struct io_kiocb *req)
{
	int32_t mask = (int32_t)((uint32_t)req->cqe_res & req->poll_events);

	if (mask) {
		gb_why(w, req, GB_R_POLL_MULTI, NULL, 0, 0);
		if (GB_FAULT(w, MULTISHOT_POLL_ENDS))
			return IOU_POLL_REMOVE_POLL_USE_RES;
		if (!io_post_aux_cqe(w, req, mask, GB_FAULT(w, MULTISHOT_WITHOUT_MORE) ? 0 : IORING_CQE_F_MORE))
			return IOU_POLL_REMOVE_POLL_USE_RES;
	}
	return IOU_POLL_NO_ACTION;
}

/* S5.13: a multishot request that is no poll is issued for an event. */
static int io_poll_issue(struct gb_world *w, struct io_kiocb *req)
{
	int ret = io_issue_sqe(w, req, IO_URING_F_NONBLOCK | IO_URING_F_MULTISHOT | IO_URING_F_COMPLETE_DEFER);

	if (ret == IOU_STOP_MULTISHOT)
		return IOU_POLL_REMOVE_POLL_USE_RES;
	if (ret == IOU_REQUEUE)
		return IOU_POLL_REQUEUE;
	return ret < 0 ? ret : IOU_POLL_NO_ACTION;
}

/* One event of a request that stays armed; *again if it has to be looked at once more. */
static int io_poll_event(struct gb_world *w, struct io_kiocb *req, bool *again)
{
	if (req->opcode == IORING_OP_POLL_ADD)
		return io_poll_multi_event(w, req);
	if (!req->cqe_res)
		return IOU_POLL_NO_ACTION;
	/* a hang-up, without the wake-ups that came so far */
	if ((uint32_t)req->cqe_res & (GB_POLLHUP | GB_POLLRDHUP) && req->poll_owned != 1) {
		req->poll_owned = 1;
		*again = true;
	}
	return io_poll_issue(w, req);
}

/* S3.11: what the wake-up means; a negative errno ends the request. */
static int io_poll_check_events(struct gb_world *w, struct io_kiocb *req)
{
	uint8_t owned;
	bool again;
	int ret;

	if (io_should_terminate_tw(w) && !GB_FAULT(w, POLL_OF_DEAD_TASK_EFAULT))
		return gb_why(w, req, GB_R_POLL_TASK_DEAD, NULL, 0, 0);
	do {
		again = false;
		if (req->poll_canceled && !GB_FAULT(w, CANCELED_POLL_RUNS_ON))
			return gb_why(w, req, GB_R_POLL_CANCELED, NULL, 0, 0);
		if (req->poll_owned > 1)
			req->cqe_res = 0;
		/* the first mask is lost or was none: look again */
		if (!req->cqe_res)
			req->cqe_res = (int32_t)(gb_file_poll(w, gb_file(w, req->file)) & req->poll_events);
		if (io_poll_oneshot(req))
			return req->cqe_res ? IOU_POLL_DONE : IOU_POLL_REISSUE;
		owned = req->poll_owned;
		ret = io_poll_event(w, req, &again);
		if (ret != IOU_POLL_NO_ACTION)
			return ret;
		req->cqe_res = 0;
	} while (again || req->poll_owned != owned);
	req->poll_owned = 0;
	return IOU_POLL_NO_ACTION;
}

/* The end of a POLL_ADD. */
static void io_poll_add_done(struct gb_world *w, struct io_kiocb *req, int ret)
{
	if (ret < 0) {
		io_req_set_res(req, ret, 0);
		req_set_fail(w, req);
	} else {
		gb_why(w, req, GB_R_POLL_EVENT, NULL, 0, 0);
		io_req_set_res(req, req->cqe_res & (GB_FAULT(w, POLL_MASK_UNFILTERED) ? -1 : (int32_t)req->poll_events),
			       0);
	}
	io_req_complete_defer(w, req);
}

void io_poll_task_func(struct gb_world *w, struct io_kiocb *req)
{
	int ret = io_poll_check_events(w, req);

	if (ret == IOU_POLL_NO_ACTION)
		return;
	if (ret == IOU_POLL_REQUEUE) {
		__io_poll_execute(w, req, 0);
		return;
	}
	io_wait_queue_del(w, req);
	io_poll_hash_eject(w, req);
	gb_emit(w, GB_EV_DISARM_POLL, gb_label(req), GB_NO_REQ, 0, 0, 0, 0);
	if (req->opcode == IORING_OP_POLL_ADD && ret != IOU_POLL_REISSUE)
		io_poll_add_done(w, req, ret);
	else if (ret == IOU_POLL_REMOVE_POLL_USE_RES)
		io_req_complete_defer(w, req);
	else if (ret >= 0)
		io_req_task_submit(w, req);
	else
		io_req_defer_failed(w, req, ret);
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

		if (!io_cancel_req_match(w, req, cd))
			continue;
		*victim = req;
		io_poll_cancel_req(w, req);
		return 0;
	}
	return -GB_ENOENT;
}

/* ---- POLL_ADD, POLL_REMOVE ---- */

/* io_poll_parse_events */
static uint32_t io_poll_parse_events(const struct gb_sqe *sqe)
{
	return sqe->op_flags & (IO_POLL_EVENTS | GB_POLLEXCLUSIVE);
}

int io_poll_add_prep(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe)
{
	if (sqe->buf_index || sqe->off || gb_user_addr(&sqe->addr))
		return gb_why(w, req, GB_R_PREP_POLL_FIELDS, NULL, 0, 0);
	if (sqe->len & ~IORING_POLL_ADD_MULTI)
		return gb_why(w, req, GB_R_PREP_POLL_FLAGS, NULL, sqe->len, 0);
	if (sqe->len & IORING_POLL_ADD_MULTI && req->flags & REQ_F_CQE_SKIP)
		return gb_why(w, req, GB_R_PREP_POLL_SKIP, NULL, 0, 0);
	req->cmd.poll = (struct io_poll_cmd){
		.events = io_poll_parse_events(sqe),
		.multi = sqe->len & IORING_POLL_ADD_MULTI ? 1 : 0,
	};
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
	const uint32_t updates = IORING_POLL_UPDATE_EVENTS | IORING_POLL_UPDATE_USER_DATA;
	bool new_data = sqe->off || sqe->given & 1U << GB_F_new;

	if (sqe->buf_index)
		return gb_why(w, req, GB_R_PREP_POLL_REMOVE, NULL, 0, 0);
	if (sqe->len & ~(updates | IORING_POLL_ADD_MULTI) || sqe->len == IORING_POLL_ADD_MULTI)
		return gb_why(w, req, GB_R_PREP_POLL_UPDATE, NULL, sqe->len, 0);
	if ((!(sqe->len & IORING_POLL_UPDATE_USER_DATA) && new_data) ||
	    (!(sqe->len & IORING_POLL_UPDATE_EVENTS) && sqe->op_flags))
		return gb_why(w, req, GB_R_PREP_POLL_NO_UPDATE, NULL, 0, 0);
	req->cmd.poll_update = (struct io_poll_update){
		.target = gb_sqe_target(sqe),
		.new_data = sqe->new_data == GB_NO_TARGET ? 0 : (uint16_t)(sqe->new_data + 1),
		.flags = sqe->len & updates,
		.events = io_poll_parse_events(sqe),
	};
	return 0;
}

/* The poll of S8.25, NULL if there is none. */
static struct io_kiocb *io_poll_find(const struct gb_world *w, uint16_t target)
{
	for (uint16_t k = gb_ctx(w)->cancel_first; k; k = io_req(w, k)->poll_next) {
		struct io_kiocb *req = io_req(w, k);

		if ((req->opcode == IORING_OP_POLL_ADD || GB_FAULT(w, POLL_REMOVE_TAKES_READS)) &&
		    req->sqe + 1 == target)
			return req;
	}
	return NULL;
}

/*
 * S8.25, an update: arms the poll again, or completes it with the event that is
 * there. It cannot be refused: a file without a queue was never armed.
 */
static void io_poll_update(struct gb_world *w, struct io_kiocb *preq, const struct io_poll_update *upd)
{
	if (upd->flags & IORING_POLL_UPDATE_EVENTS && !GB_FAULT(w, POLL_UPDATE_KEEPS_EVENTS))
		preq->cmd.poll.events = (preq->cmd.poll.events & ~0xffffU) | (upd->events & 0xffffU);
	if (upd->flags & IORING_POLL_UPDATE_USER_DATA && upd->new_data)
		preq->sqe = (uint16_t)(upd->new_data - 1);
	if (io_poll_add(w, preq, 0) == IOU_OK)
		io_req_task_work_add(w, preq, IO_TW_COMPLETE);
}

/* S8.25 */
int io_poll_remove(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags)
{
	const struct io_poll_update *upd = &req->cmd.poll_update;
	struct io_kiocb *preq = io_poll_find(w, upd->target);

	(void)issue_flags;
	if (!preq)
		return gb_why(w, req, GB_R_POLL_NOT_FOUND, NULL, 0, 0);
	if (!io_poll_get_ownership(preq))
		return gb_why(w, req, GB_R_POLL_FIRING, NULL, 0, 0);
	io_wait_queue_del(w, preq);
	io_poll_hash_eject(w, preq);
	io_req_set_res(req, 0, 0);
	if (upd->flags) {
		gb_why(w, req, GB_R_POLL_UPDATED, preq, 0, 0);
		io_poll_update(w, preq, upd);
		return IOU_OK;
	}
	gb_why(w, req, GB_R_POLL_REMOVED, preq, 0, 0);
	req_set_fail(w, preq);
	io_req_set_res(preq, gb_why(w, preq, GB_R_POLL_TAKEN, req, 0, 0), 0);
	io_req_task_work_add(w, preq, IO_TW_COMPLETE);
	return IOU_OK;
}
