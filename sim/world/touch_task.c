/* SPDX-License-Identifier: MIT */
/* What a step of the submitting task may touch. */
#include "world/touch_parts.h"

/* Does prep read memory of the application? */
static bool reads_memory(const struct gb_sqe *sqe)
{
	switch (sqe->opcode) {
	case IORING_OP_READV:
	case IORING_OP_WRITEV:
	case IORING_OP_SENDMSG:
	case IORING_OP_RECVMSG:
		return true;
	default:
		return false;
	}
}

/* An SQE that only joins a chain or group, or a single one that goes to io-wq or is issued. */
static void touch_submit(struct gb_world *w, struct gb_footprint *f)
{
	const struct io_ring_ctx *ctx = gb_ctx(w);
	const struct gb_sqe *sqe = &w->trace->sqes[ctx->cached_sq_head];
	const uint8_t joins = IOSQE_IO_LINK | IOSQE_IO_HARDLINK | IOSQE_SQE_GROUP;
	struct gb_issue i = {.sqe = sqe, .file = gb_fd_file(w, gb_sqe_fd(w, sqe))};

	if ((ctx->submit_state.link.head || ctx->submit_state.group.head) && !(sqe->flags & joins)) {
		gb_touch_everything(f);
		return;
	}
	if (sqe->flags & (IOSQE_IO_DRAIN | IOSQE_FIXED_FILE) || ctx->drain_active || ctx->drain_next ||
	    sqe->opcode == IORING_OP_LINK_TIMEOUT ||
	    (ctx->submit_state.group.head && !(sqe->flags & IOSQE_SQE_GROUP))) {
		gb_touch_everything(f);
		return;
	}
	gb_touch(f->read, GB_T_APP);
	gb_touch(f->read, GB_T_SQ);
	gb_touch(f->read, GB_T_FREE);
	gb_touch(f->read, GB_T_REG);
	gb_touch(f->read, GB_T_DEFER);
	gb_touch_sqe(f->read, ctx->cached_sq_head);
	gb_touch(f->read, GB_T_BUF + ctx->cached_sq_head % 32U);
	/* a new request may have been another's before */
	if (ctx->free_list)
		gb_touch_buf(f->read, io_req(w, ctx->free_list));
	gb_touch_req(f->read, io_req_at(w, ctx->submit_state.link.head));
	gb_touch_req(f->read, io_req_at(w, ctx->submit_state.link.last));
	gb_touch_req(f->read, io_req_at(w, ctx->submit_state.group.head));
	gb_touch_req(f->read, io_req_at(w, ctx->submit_state.group.last));
	if (reads_memory(sqe))
		gb_touch_memory(w, f, false);
	if (sqe->flags & joins)
		return;
	if (sqe->fd.is_object)
		gb_touch_file(f->read, w->file_of[2 * sqe->fd.object + sqe->fd.end]);
	/* what prep refuses is completed at once */
	gb_touch(f->read, GB_T_COMPL);
	gb_touch_wait(w, f);
	gb_touch_handler(w, f, &i);
}

/* Can the item wake or create a worker, so that the task gives way behind it? */
static bool tw_may_wake(const struct io_kiocb *req)
{
	return req->tw_func != IO_TW_CANCEL && req->tw_func != IO_TW_COMPLETE && req->tw_func != IO_TW_RW_COMPLETE &&
	       req->tw_func != IO_TW_FAIL_LINKS;
}

/* io_req_tw_fail_links: all of a broken chain, and the members of its groups. */
static void touch_fail_links(const struct gb_world *w, struct gb_footprint *f, const struct io_kiocb *req)
{
	for (; req; req = io_req_at(w, req->link)) {
		gb_touch_result(f->read, req);
		if (!req_is_group_leader(req))
			continue;
		for (const struct io_kiocb *m = io_req_at(w, req->grp); m; m = io_req_at(w, m->grp))
			gb_touch_result(f->read, m);
	}
}

/* The item of task work that is next, or the flush behind the last. */
static void touch_app_tw(struct gb_world *w, struct gb_footprint *f)
{
	const struct gb_app *app = &gb_state(w)->app;
	const struct io_kiocb *req = io_req_at(w, app->tw.batch.first);

	gb_touch(f->read, GB_T_APP);
	if (!req) {
		if (!app->tw.local || app->tw.run <= app->tw.min_events)
			gb_touch(f->read, GB_T_TW);
		gb_touch_flush(w, f);
		return;
	}
	gb_touch(f->read, GB_T_DYING);
	gb_touch(f->read, GB_T_COMPL);
	switch ((enum io_tw_func)req->tw_func) {
	case IO_TW_SUBMIT:
		gb_touch_queue_sqe(w, f, req);
		break;
	case IO_TW_CANCEL:
	case IO_TW_COMPLETE:
	case IO_TW_RW_COMPLETE:
		gb_touch_result(f->read, req);
		if (req->flags & (REQ_F_BUFFER_SELECTED | REQ_F_BUFFER_RING))
			gb_touch(f->read, GB_T_KBUFS);
		break;
	case IO_TW_FAIL_LINKS:
		touch_fail_links(w, f, req);
		break;
	default:
		gb_touch_everything(f);
		break;
	}
	if (app->tw.local)
		return;
	gb_touch(f->read, GB_T_RESCHED);
	if (!gb_state(w)->need_resched && !tw_may_wake(req))
		return;
	/* if it has to give way it flushes, with this item */
	gb_touch_flush(w, f);
	gb_touch_free(w, f, req);
	gb_touch(f->read, GB_T_FREE);
	gb_touch_commit(w, f);
}

static void touch_statement(struct gb_world *w, struct gb_footprint *f)
{
	uint32_t pc = gb_state(w)->app.pc;

	if (pc >= w->trace->n_stmts) {
		gb_touch_everything(f);
		return;
	}
	gb_touch(f->read, GB_T_APP);
	/* an interrupt for task work comes between two statements */
	if (!(gb_ctx(w)->flags & (IORING_SETUP_COOP_TASKRUN | IORING_SETUP_DEFER_TASKRUN)))
		gb_touch(f->read, GB_T_TW);
	switch (w->trace->stmts[pc].kind) {
	case GB_STMT_SQE:
		gb_touch(f->read, GB_T_SQ);
		break;
	case GB_STMT_SUBMIT:
		/* flags in the ring may ask for a look at completions */
		if (gb_ctx(w)->flags & IORING_SETUP_TASKRUN_FLAG)
			gb_touch(f->read, GB_T_TW);
		gb_touch(f->read, GB_T_CQ);
		gb_touch(f->read, GB_T_SQ);
		gb_touch(f->read, GB_T_REG);
		break;
	case GB_STMT_WAIT:
	case GB_STMT_REAP:
		break;
	default:
		gb_touch_everything(f);
		break;
	}
}

/* Is the wait over as far as the ring goes? Nobody else takes CQEs away. */
static bool has_enough(const struct gb_world *w, uint32_t target)
{
	const struct io_ring_ctx *ctx = gb_ctx(w);

	/* and those to come of other requests find room */
	if (ctx->overflow_count || ctx->cached_cq_tail - gb_state(w)->app.cq_head + ctx->reqs_used > ctx->cq_entries)
		return false;
	return (int32_t)(ctx->cq_tail - target) >= 0;
}

/* io_cqring_wait: a look at the ring. */
static void touch_wait_look(struct gb_world *w, struct gb_footprint *f)
{
	const struct gb_app *app = &gb_state(w)->app;
	const bool first = app->phase == GB_APP_WAIT_CHECK;

	if (has_enough(w, first ? app->cq_head + app->min_complete : app->cq_target))
		return;
	gb_touch(f->read, GB_T_CQ);
	/* overflown CQEs may be moved */
	if (gb_ctx(w)->overflow_count)
		gb_touch_commit(w, f);
}

/* Will it not sleep, whatever is added? */
static bool stays_awake(const struct gb_world *w)
{
	const struct io_ring_ctx *ctx = gb_ctx(w);

	return ctx->work_llist.first || ctx->task_list.first || has_enough(w, gb_state(w)->app.cq_target);
}

/* The stages of a wait and of the way back to user space: what each looks at. */
static void touch_wait_stage(struct gb_world *w, struct gb_footprint *f)
{
	const struct gb_app *app = &gb_state(w)->app;
	const bool local = gb_ctx(w)->flags & IORING_SETUP_DEFER_TASKRUN;

	gb_touch(f->read, GB_T_APP);
	switch ((enum gb_app_phase)app->phase) {
	case GB_APP_SUBMITTED:
		if (app->getevents && app->to_submit)
			gb_touch(f->read, GB_T_TW);
		break;
	case GB_APP_WAIT:
		gb_touch(f->read, GB_T_TW);
		break;
	case GB_APP_WAIT_CHECK:
	case GB_APP_WAIT_AFTER:
		touch_wait_look(w, f);
		break;
	case GB_APP_RETURN:
		gb_touch(f->read, GB_T_RESCHED);
		if (!local && !gb_state(w)->need_resched)
			gb_touch(f->read, GB_T_TW);
		break;
	case GB_APP_TAKE:
		gb_touch(f->read, GB_T_CQ);
		break;
	case GB_APP_WAIT_SCHEDULE:
		if (stays_awake(w))
			break;
		/* fallthrough */
	default:
		gb_touch(f->read, GB_T_WAKE);
		gb_touch(f->read, GB_T_TW);
		gb_touch(f->read, GB_T_CQ);
		break;
	}
}

void gb_touch_app_step(struct gb_world *w, struct gb_footprint *f)
{
	const struct io_ring_ctx *ctx = gb_ctx(w);

	switch ((enum gb_app_phase)gb_state(w)->app.phase) {
	case GB_APP_USER:
		touch_statement(w, f);
		break;
	case GB_APP_SUBMIT:
		touch_submit(w, f);
		break;
	case GB_APP_SUBMIT_END:
		if (ctx->submit_state.link.head || ctx->submit_state.group.head)
			gb_touch_everything(f);
		gb_touch(f->read, GB_T_APP);
		gb_touch(f->read, GB_T_SQ);
		gb_touch_flush(w, f);
		break;
	case GB_APP_TW:
		touch_app_tw(w, f);
		break;
	case GB_APP_SUBMITTED:
	case GB_APP_WAIT:
	case GB_APP_WAIT_CHECK:
	case GB_APP_WAIT_SCHEDULE:
	case GB_APP_SLEEP:
	case GB_APP_WAIT_WOKEN:
	case GB_APP_WAIT_AFTER:
	case GB_APP_RETURN:
	case GB_APP_TAKE:
		touch_wait_stage(w, f);
		break;
	default:
		gb_touch_everything(f);
		break;
	}
}
