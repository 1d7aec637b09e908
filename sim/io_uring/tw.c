/* SPDX-License-Identifier: MIT */
/* Task work: queueing and what each item does (section 4 of semantics.md). */
#include "io_uring/io_uring.h"

#define GB_TICK_US 4000 /* a jiffy: how long the fallback work is delayed */

/* ---- the fallback list (S4.10) ---- */

static void io_fallback_add(struct gb_world *w, struct io_kiocb *req)
{
	struct io_ring_ctx *ctx = gb_ctx(w);

	gb_emit(w, GB_EV_FALLBACK, gb_label(req), GB_NO_REQ, 0, 0, 0, 0);
	if (!ctx->fallback_llist.first) {
		ctx->fallback_us = gb_state(w)->now_us + GB_TICK_US;
		ctx->fallback_since = ++gb_state(w)->wake_seq;
	}
	if (GB_FAULT(w, FALLBACK_FIFO))
		tw_list_push(w, &ctx->fallback_llist, req);
	else
		tw_list_push_front(w, &ctx->fallback_llist, req);
}

void io_fallback_tw(struct gb_world *w)
{
	struct io_ring_ctx *ctx = gb_ctx(w);
	struct io_list newest_first = {0, 0};
	struct io_kiocb *req;

	/* both lists hand out what came last first, so two of them make it FIFO */
	while ((req = tw_list_pop(w, &ctx->task_list)))
		(GB_FAULT(w, EXIT_LIST_REVERSED) ? tw_list_push : tw_list_push_front)(w, &newest_first, req);
	while ((req = tw_list_pop(w, &newest_first)))
		io_fallback_add(w, req);
}

bool io_flush_fallback(struct gb_world *w)
{
	struct io_ring_ctx *ctx = gb_ctx(w);

	if (!ctx->fallback_llist.first)
		return false;
	ctx->fallback_us = gb_state(w)->now_us;
	ctx->fallback_since = ++gb_state(w)->wake_seq;
	return true;
}

bool io_fallback_due(const struct gb_world *w)
{
	const struct io_ring_ctx *ctx = gb_ctx(w);

	return ctx->fallback_llist.first && ctx->fallback_us <= gb_state(w)->now_us;
}

void io_fallback_req_func(struct gb_world *w)
{
	struct io_ring_ctx *ctx = gb_ctx(w);
	struct io_list batch = ctx->fallback_llist;
	struct io_kiocb *req;

	ctx->fallback_llist = (struct io_list){0, 0};
	while ((req = tw_list_pop(w, &batch)))
		io_run_tw_func(w, req);
	io_submit_flush_completions(w);
}

/* ---- queueing ---- */

static void io_req_normal_work_add(struct gb_world *w, struct io_kiocb *req)
{
	bool front = GB_FAULT(w, TASK_WORK_LIFO) || (GB_FAULT(w, MEMBERS_IN_REVERSE) && req_is_group_member(req));

	if (gb_state(w)->app.gone)
		io_fallback_add(w, req);
	else if (front)
		tw_list_push_front(w, &gb_ctx(w)->task_list, req);
	else
		tw_list_push(w, &gb_ctx(w)->task_list, req);
}

void io_req_task_work_add(struct gb_world *w, struct io_kiocb *req, enum io_tw_func func)
{
	struct io_ring_ctx *ctx = gb_ctx(w);
	bool local = ctx->flags & IORING_SETUP_DEFER_TASKRUN && !GB_FAULT(w, DEFER_TASKRUN_IGNORED);

	req->tw_func = (uint8_t)func;
	gb_emit(w, GB_EV_TW_ADD, gb_label(req), GB_NO_REQ, func, local, 0, 0);
	if (local) {
		bool first = !ctx->work_llist.first;

		tw_list_push(w, &ctx->work_llist, req);
		if (first && ctx->poll_wq.first)
			io_poll_wq_wake(w);
	} else {
		io_req_normal_work_add(w, req);
	}
	if (ctx->flags & IORING_SETUP_TASKRUN_FLAG && !GB_FAULT(w, TASKRUN_FLAG_NOT_SET))
		ctx->sq_flags |= IORING_SQ_TASKRUN;
	io_sq_thread_wake(w);
	gb_app_wake(w);
}

void io_req_task_queue(struct gb_world *w, struct io_kiocb *req)
{
	io_req_task_work_add(w, req, IO_TW_SUBMIT);
}

void io_req_task_queue_fail(struct gb_world *w, struct io_kiocb *req, int res)
{
	io_req_set_res(req, res, 0);
	io_req_task_work_add(w, req, IO_TW_CANCEL);
}

bool io_task_work_pending(const struct gb_world *w)
{
	const struct io_ring_ctx *ctx = gb_ctx(w);

	return ctx->task_list.first && !(ctx->flags & IORING_SETUP_SQPOLL);
}

bool io_should_terminate_tw(const struct gb_world *w)
{
	/* a kernel worker never issues on behalf of the task */
	return gb_ctx(w)->dying || (gb_state(w)->actor == GB_ACTOR_FALLBACK && !GB_FAULT(w, FALLBACK_RUNS_REQUESTS));
}

void io_req_task_submit(struct gb_world *w, struct io_kiocb *req)
{
	int err;

	if (io_should_terminate_tw(w)) {
		err = gb_why(w, req, GB_R_TASK_DYING, NULL, 0, 0);
		io_req_defer_failed(w, req, GB_FAULT(w, DEAD_SUBMIT_ECANCELED) ? -GB_ECANCELED : err);
	} else if (io_req_stays_failed(w, req))
		io_req_defer_failed(w, req, req->cqe_res);
	else if (req->flags & REQ_F_FORCE_ASYNC && !GB_FAULT(w, TASK_WORK_FORGETS_ASYNC))
		io_queue_iowq(w, req);
	else
		io_queue_sqe(w, req);
}

/* S5.24 */
static void io_req_tw_fail_links(struct gb_world *w, struct io_kiocb *link)
{
	while (link) {
		struct io_kiocb *next = io_req_at(w, link->link);

		link->link = 0;
		io_req_set_res(link,
			       (link->flags & REQ_F_FAIL) && !GB_FAULT(w, BROKEN_LINK_ERRNO_LOST) ? link->cqe_res
												  : -GB_ECANCELED,
			       0);
		if (req_is_group_leader(link) && !GB_FAULT(w, BROKEN_LINK_SPARES_MEMBERS))
			io_fail_group_members(w, link);
		io_req_complete_defer(w, link);
		link = next;
	}
}

void io_run_tw_func(struct gb_world *w, struct io_kiocb *req)
{
	enum io_tw_func func = req->tw_func;

	req->tw_func = IO_TW_NONE;
	gb_emit(w, GB_EV_TW_RUN, gb_label(req), GB_NO_REQ, func, 0, 0, 0);
	switch (func) {
	case IO_TW_SUBMIT:
		io_req_task_submit(w, req);
		break;
	case IO_TW_CANCEL:
		io_req_defer_failed(w, req, req->cqe_res);
		break;
	case IO_TW_COMPLETE:
		io_req_complete_defer(w, req);
		break;
	case IO_TW_RW_COMPLETE:
		io_req_rw_complete(w, req);
		break;
	case IO_TW_POLL:
		io_poll_task_func(w, req);
		break;
	case IO_TW_FAIL_LINKS:
		io_req_tw_fail_links(w, req);
		break;
	case IO_TW_LINK_TIMEOUT:
		io_req_task_link_timeout(w, req);
		break;
	case IO_TW_TIMEOUT_COMPLETE:
		io_timeout_complete(w, req);
		break;
	case IO_TW_CMD:
		io_uring_cmd_work(w, req);
		break;
	case IO_TW_NOTIF:
		io_notif_tw_complete(w, req);
		break;
	case IO_TW_NONE:
		break;
	}
}

void io_move_task_work_from_local(struct gb_world *w)
{
	struct io_ring_ctx *ctx = gb_ctx(w);
	struct io_list turned = {0, 0};
	struct io_kiocb *req;

	/* the list is handed over newest first, so it runs in reverse */
	while (!GB_FAULT(w, LOCAL_WORK_STRANDED) && (req = tw_list_pop(w, &ctx->work_llist)))
		tw_list_push_front(w, &turned, req);
	while ((req = tw_list_pop(w, &turned)))
		io_req_normal_work_add(w, req);
}
