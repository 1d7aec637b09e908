/* SPDX-License-Identifier: MIT */
/* What a step may touch, told from who acts and where he is. */
#include "world/touch.h"
#include "io_uring/io_uring.h"

/* ---- what several steps have in common ---- */

/* io_req_task_work_add */
static void touch_tw_add(struct gb_footprint *f)
{
	gb_touch(f->read, GB_T_TW);
	gb_touch(f->read, GB_T_WAKE);
	gb_touch(f->read, GB_T_DYING);
}

/* io_wq_enqueue, and the worker it wakes or creates */
static void touch_enqueue(const struct gb_world *w, struct gb_footprint *f)
{
	const struct io_wq *wq = &gb_state(w)->wq;

	gb_touch(f->read, GB_T_WQ);
	gb_touch(f->read, GB_T_IDLE);
	gb_touch(f->read, GB_T_DYING);
	gb_touch(f->read, GB_T_RESCHED);
	gb_touch_worker(f->read, wq->nr_workers + 1U);
	for (uint16_t k = wq->free_list; k; k = gb_worker(w, k)->free_next)
		gb_touch_worker(f->read, k);
	touch_tw_add(f);
}

/* gb_wake_up */
static void touch_waiters(const struct gb_world *w, struct gb_footprint *f, uint16_t first)
{
	for (uint16_t k = first; k; k = io_req(w, k)->wait_next) {
		const struct io_kiocb *req = io_req(w, k);

		gb_touch_req(f->read, req);
		if (req->wait_blocked)
			gb_touch_worker(f->read, req->worker);
		gb_touch(f->read, GB_T_RESCHED);
		touch_tw_add(f);
	}
}

/* A file, and both ends of the pipe or socket it stands for with everybody who waits there. */
static void touch_stream(struct gb_world *w, struct gb_footprint *f, uint16_t file)
{
	uint32_t object = gb_file(w, file)->object;

	gb_touch_file(f->read, file);
	if (!gb_file_wait_queue(w, gb_file(w, file)))
		return;
	for (uint32_t end = 0; end < 2; end++) {
		uint16_t k = w->file_of[2 * object + end];

		gb_touch_file(f->read, k);
		touch_waiters(w, f, gb_file_wait_queue(w, gb_file(w, k))->first);
	}
}

static void touch_contents(struct gb_footprint *f, uint32_t area, bool write)
{
	gb_touch_area(f->read, area);
	if (write)
		gb_touch_area(f->write, area);
}

static void touch_memory(const struct gb_world *w, struct gb_footprint *f, bool write)
{
	for (uint32_t k = 0; k < w->trace->n_objects; k++)
		if (w->trace->objects[k].kind == GB_MEM)
			touch_contents(f, k + 1, write);
}

static void touch_user(const struct gb_world *w, struct gb_footprint *f, uint64_t addr, bool write)
{
	uint64_t object = (addr - GB_USER_BASE) / GB_USER_STRIDE;

	if (addr >= GB_USER_BASE && object < w->trace->n_objects)
		touch_contents(f, (uint32_t)object + 1, write);
}

static void touch_leased(struct gb_footprint *f, uint32_t lease, bool write)
{
	gb_touch_lease(f->read, lease);
	if (write)
		gb_touch_lease(f->write, lease);
}

/* Bytes off to off + len of a leased buffer. */
static void touch_leased_part(const struct gb_world *w, struct gb_footprint *f, uint32_t index, uint64_t off,
			      uint32_t len, bool write)
{
	const struct gb_lease *lease = gb_lease(w, index);
	uint32_t part, last;

	if (!len || off >= lease->len || len > lease->len - off) {
		touch_leased(f, index, write);
		return;
	}
	part = (uint32_t)(off * GB_LEASE_PARTS / lease->len);
	last = (uint32_t)((off + len - 1) * GB_LEASE_PARTS / lease->len);
	for (; part <= last; part++) {
		uint32_t bit = GB_T_LEASE + (index * GB_LEASE_PARTS + part) % 32;

		gb_touch(f->read, bit);
		if (write)
			gb_touch(f->write, bit);
	}
}

/* The buffer a member to come may be given: its leader is one of the SQEs in front of it. */
static void touch_group_leases(const struct gb_world *w, struct gb_footprint *f, const struct gb_sqe *sqe, bool write)
{
	for (const struct gb_sqe *s = sqe; s > w->trace->sqes && s[-1].flags & IOSQE_SQE_GROUP; s--)
		if (w->lease_of[s - 1 - w->trace->sqes])
			touch_leased(f, w->lease_of[s - 1 - w->trace->sqes], write);
}

/* Requests linked behind one, their timeouts, and what their start or failure takes. */
static void touch_links(const struct gb_world *w, struct gb_footprint *f, const struct io_kiocb *req)
{
	if (!req->link)
		return;
	for (const struct io_kiocb *l = io_req_at(w, req->link); l; l = io_req_at(w, l->link))
		gb_touch_req(f->read, l);
	gb_touch(f->read, GB_T_TIMERS);
	gb_touch(f->read, GB_T_TIMEOUTS);
	touch_tw_add(f);
}

/* ---- completion ---- */

/* io_commit_cqring_flush */
static void touch_commit(const struct gb_world *w, struct gb_footprint *f)
{
	const struct io_ring_ctx *ctx = gb_ctx(w);

	gb_touch(f->read, GB_T_CQ);
	gb_touch(f->read, GB_T_WAKE);
	gb_touch(f->read, GB_T_TIMEOUTS);
	gb_touch(f->read, GB_T_DEFER);
	for (uint16_t k = ctx->timeout_list.first; k; k = io_req(w, k)->list_next) {
		gb_touch_req(f->read, io_req(w, k));
		gb_touch(f->read, GB_T_TIMERS);
		touch_tw_add(f);
	}
	for (uint16_t k = ctx->defer_list.first; k; k = io_req(w, k)->wq_next) {
		gb_touch_req(f->read, io_req(w, k));
		touch_tw_add(f);
	}
}

/* The end of a request: what it holds goes back. */
static void touch_free(struct gb_world *w, struct gb_footprint *f, const struct io_kiocb *req)
{
	gb_touch_req(f->read, req);
	touch_links(w, f, req);
	/* its members are queued */
	if (req_is_group_leader(req))
		touch_tw_add(f);
	if (req->file && !(gb_file(w, req->file)->mode & GB_FMODE_OPEN))
		touch_stream(w, f, req->file);
	else
		gb_touch_file(f->read, req->file);
	gb_touch_buf(f->read, req);
	if (req->flags & REQ_F_GROUP_BUF && req->buf_owner == IO_BUF_GRP_BUF)
		touch_leased(f, req->buf, false);
	if (req->flags & (REQ_F_BUFFER_SELECTED | REQ_F_BUFFER_RING))
		gb_touch(f->read, GB_T_KBUFS);
	for (const struct io_kiocb *m = io_req_at(w, req->grp); m;
	     m = req_is_group_leader(m) ? NULL : io_req_at(w, m->grp)) {
		gb_touch_req(f->read, m);
		gb_touch_buf(f->read, m);
		if (req_is_group_leader(m)) {
			touch_links(w, f, m);
			gb_touch_file(f->read, m->file);
			if (m->buf_owner == IO_BUF_GRP_BUF)
				touch_leased(f, m->buf, false);
		}
	}
}

void gb_touch_end(struct gb_world *w, struct gb_footprint *f, const struct io_kiocb *req)
{
	gb_touch(f->read, GB_T_COMPL);
	gb_touch(f->read, GB_T_FREE);
	touch_free(w, f, req);
	touch_commit(w, f);
	touch_tw_add(f);
}

/* io_submit_flush_completions */
static void touch_flush(struct gb_world *w, struct gb_footprint *f)
{
	const struct io_submit_state *state = &gb_ctx(w)->submit_state;

	gb_touch(f->read, GB_T_COMPL);
	if (!state->compl_reqs.first && !state->cq_flush)
		return;
	for (uint16_t k = state->compl_reqs.first; k; k = io_req(w, k)->comp_next)
		touch_free(w, f, io_req(w, k));
	gb_touch(f->read, GB_T_FREE);
	touch_commit(w, f);
}

/* ---- issue ---- */

/* The memory a transfer goes to or comes from. */
static void touch_buffer(const struct gb_world *w, struct gb_footprint *f, const struct gb_issue *i, bool write)
{
	const struct io_kiocb *leader = i->req && req_is_group_member(i->req) ? io_req_at(w, i->req->grp) : NULL;
	const bool plain = i->sqe->opcode == IORING_OP_READ || i->sqe->opcode == IORING_OP_WRITE ||
			   i->sqe->opcode == IORING_OP_SEND || i->sqe->opcode == IORING_OP_RECV;

	if (i->req)
		gb_touch_buf(f->read, i->req);
	if (leader && i->req->flags & REQ_F_GROUP_BUF) {
		gb_touch_buf(f->read, leader);
		if (leader->buf_owner == IO_BUF_GRP_BUF)
			touch_leased_part(w, f, leader->buf, plain ? gb_sqe_addr(w, i->sqe) : 0,
					  plain ? i->sqe->len : 0, write);
	} else if (!i->req && i->sqe->flags & IOSQE_IO_DRAIN) {
		touch_group_leases(w, f, i->sqe, write);
	}
	if (i->sqe->flags & IOSQE_BUFFER_SELECT) {
		gb_touch(f->read, GB_T_KBUFS);
		touch_memory(w, f, true);
	} else if (plain) {
		touch_user(w, f, gb_sqe_addr(w, i->sqe), write);
	} else {
		gb_touch(f->read, GB_T_REG);
		touch_memory(w, f, write);
	}
}

/* A call that may sleep in a worker, or wait through a poll. */
static void touch_wait(const struct gb_world *w, struct gb_footprint *f)
{
	gb_touch(f->read, GB_T_POLLS);
	touch_enqueue(w, f);
}

static void touch_disk(const struct gb_world *w, struct gb_footprint *f, uint16_t file, bool write)
{
	const struct gb_file *disk = gb_file(w, file);
	const struct gb_area *area = gb_area(w, disk->index);

	gb_touch_file(f->read, file);
	touch_contents(f, disk->index, write || area->pages);
	if (disk->mode & GB_FMODE_DIRECT || area->pages || gb_file_class_of(w, disk)->outcomes) {
		gb_touch(f->read, GB_T_TIMERS);
		touch_enqueue(w, f);
	}
}

static void touch_transfer(struct gb_world *w, struct gb_footprint *f, const struct gb_issue *i, bool write)
{
	touch_buffer(w, f, i, !write);
	touch_tw_add(f);
	if (!i->file)
		return;
	if (gb_file(w, i->file)->kind == GB_FK_REGULAR) {
		touch_disk(w, f, i->file, write);
		return;
	}
	touch_stream(w, f, i->file);
	touch_wait(w, f);
}

/* The handler of an opcode. */
void gb_touch_handler(struct gb_world *w, struct gb_footprint *f, const struct gb_issue *i)
{
	switch (i->sqe->opcode) {
	case IORING_OP_NOP:
		break;
	case IORING_OP_READ:
	case IORING_OP_READV:
	case IORING_OP_READ_FIXED:
		touch_transfer(w, f, i, false);
		break;
	case IORING_OP_WRITE:
	case IORING_OP_WRITEV:
	case IORING_OP_WRITE_FIXED:
	case IORING_OP_SEND:
	case IORING_OP_SENDMSG:
		touch_transfer(w, f, i, true);
		break;
	case IORING_OP_RECV:
	case IORING_OP_RECVMSG:
		/* a multishot one posts CQEs from here */
		if (i->sqe->ioprio & IORING_RECV_MULTISHOT)
			gb_touch_everything(f);
		else
			touch_transfer(w, f, i, false);
		break;
	case IORING_OP_FSYNC:
		gb_touch_file(f->read, i->file);
		break;
	case IORING_OP_URING_CMD:
		if (!i->sqe->lease)
			gb_touch_everything(f);
		gb_touch_file(f->read, i->file);
		touch_leased(f, w->lease_of[i->sqe - w->trace->sqes], false);
		gb_touch(f->read, GB_T_BUF + (uint32_t)(i->sqe - w->trace->sqes) % 32);
		gb_touch(f->read, GB_T_TIMERS);
		break;
	case IORING_OP_TIMEOUT:
		gb_touch(f->read, GB_T_CQ);
		gb_touch(f->read, GB_T_TIMEOUTS);
		gb_touch(f->read, GB_T_TIMERS);
		break;
	case IORING_OP_POLL_ADD:
		touch_tw_add(f);
		gb_touch(f->read, GB_T_POLLS);
		if (i->file)
			touch_stream(w, f, i->file);
		break;
	case IORING_OP_PROVIDE_BUFFERS:
	case IORING_OP_REMOVE_BUFFERS:
		gb_touch(f->read, GB_T_KBUFS);
		break;
	default:
		gb_touch_everything(f);
		break;
	}
}

/* io_assign_file: the file a request has or will find. */
static uint16_t touch_assign(const struct gb_world *w, struct gb_footprint *f, const struct io_kiocb *req)
{
	int32_t fd = (int32_t)req->cqe_fd_or_flags;

	if (req->file || !io_issue_defs[req->opcode].needs_file)
		return req->file;
	if (req->flags & REQ_F_FIXED_FILE) {
		gb_touch(f->read, GB_T_REG);
		return io_file_get_fixed(w, (uint32_t)fd);
	}
	gb_touch_file(f->read, fd >= GB_FD_BASE ? (uint32_t)(fd - GB_FD_BASE) : w->stdin_file);
	return gb_fd_file(w, fd);
}

/* io_issue_sqe, by a worker or inline */
static void touch_issue(struct gb_world *w, struct gb_footprint *f, const struct io_kiocb *req)
{
	struct gb_issue i = {.sqe = &w->trace->sqes[req->origin], .req = req};

	gb_touch_req(f->read, req);
	i.file = touch_assign(w, f, req);
	if (req->flags & (REQ_F_ARM_LTIMEOUT | REQ_F_LINK_TIMEOUT))
		touch_links(w, f, req);
	gb_touch_handler(w, f, &i);
}

/* io_queue_iowq */
static void touch_punt(const struct gb_world *w, struct gb_footprint *f, const struct io_kiocb *req)
{
	gb_touch_req(f->read, req);
	gb_touch_file(f->read, touch_assign(w, f, req));
	for (const struct io_kiocb *l = io_req_at(w, req->link); l; l = io_req_at(w, l->link))
		gb_touch_req(f->read, l);
	touch_enqueue(w, f);
}

/* io_req_task_submit */
static void touch_queue_sqe(struct gb_world *w, struct gb_footprint *f, const struct io_kiocb *req)
{
	gb_touch(f->read, GB_T_DYING);
	gb_touch(f->read, GB_T_COMPL);
	/* one that cannot be tried without waiting goes there as well */
	if (req->flags & REQ_F_FORCE_ASYNC || req->opcode != IORING_OP_NOP)
		touch_punt(w, f, req);
	if (req->flags & REQ_F_FORCE_ASYNC)
		return;
	touch_issue(w, f, req);
	gb_touch(f->read, GB_T_POLLS);
	if (req->flags & (REQ_F_BUFFER_SELECTED | REQ_F_BUFFER_RING))
		gb_touch(f->read, GB_T_KBUFS);
}

/* ---- the submitting task ---- */

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
		touch_memory(w, f, false);
	if (sqe->flags & joins)
		return;
	if (sqe->fd.is_object)
		gb_touch_file(f->read, w->file_of[2 * sqe->fd.object + sqe->fd.end]);
	/* what prep refuses is completed at once */
	gb_touch(f->read, GB_T_COMPL);
	touch_wait(w, f);
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
		touch_flush(w, f);
		return;
	}
	gb_touch(f->read, GB_T_DYING);
	gb_touch(f->read, GB_T_COMPL);
	switch ((enum io_tw_func)req->tw_func) {
	case IO_TW_SUBMIT:
		touch_queue_sqe(w, f, req);
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
	touch_flush(w, f);
	touch_free(w, f, req);
	gb_touch(f->read, GB_T_FREE);
	touch_commit(w, f);
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
		touch_commit(w, f);
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

static void touch_app_step(struct gb_world *w, struct gb_footprint *f)
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
		touch_flush(w, f);
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

/* ---- workers ---- */

static void touch_pick(const struct gb_world *w, struct gb_footprint *f, uint16_t index)
{
	const struct io_wq *wq = &gb_state(w)->wq;

	gb_touch(f->read, GB_T_WQ);
	gb_touch(f->read, GB_T_IDLE);
	gb_touch(f->read, GB_T_DYING);
	for (uint16_t k = wq->acct[gb_worker(w, index)->acct].work_list.first; k; k = io_req(w, k)->wq_next)
		gb_touch_req(f->read, io_req(w, k));
}

/* The last reference is dropped: what is linked behind goes on, and the request is freed. */
static void touch_last_put(const struct gb_world *w, struct gb_footprint *f, const struct io_kiocb *req)
{
	touch_tw_add(f);
	if (!req->link)
		return;
	touch_links(w, f, req);
	touch_enqueue(w, f);
}

static void touch_put(struct gb_world *w, struct gb_footprint *f, const struct io_worker *worker)
{
	const struct io_kiocb *req = io_req(w, worker->cur);

	gb_touch_refs(f->read, req);
	gb_touch_req(f->read, io_req_at(w, worker->chain.first));
	if (worker->hash)
		gb_touch(f->read, GB_T_WQ);
	/* not the last reference: whoever has that goes on */
	if (req->refs > 1)
		return;
	gb_touch_req(f->read, req);
	touch_last_put(w, f, req);
}

static void touch_complete(const struct gb_world *w, struct gb_footprint *f, const struct io_kiocb *req)
{
	gb_touch_req(f->read, req);
	if (gb_ctx(w)->lockless_cq || req->flags & REQ_F_GROUP)
		touch_tw_add(f);
	else
		touch_commit(w, f);
}

/* Are all references those of workers? One may still have to let go when another has got the request again. */
static bool is_held_by_workers(const struct gb_world *w, const struct io_kiocb *req)
{
	uint32_t holders = 0;

	for (uint32_t k = 1; k <= gb_state(w)->wq.nr_workers; k++)
		holders += gb_worker(w, k)->cur == io_req_ref(w, req);
	return req->refs <= holders;
}

bool gb_touch_work(struct gb_world *w, struct gb_footprint *f, const struct io_kiocb *req, enum io_worker_phase phase)
{
	const bool by_task = gb_ctx(w)->lockless_cq || req->flags & REQ_F_GROUP;
	/* what a worker lets the task complete the task lets go of */
	const bool last = phase == IO_WORKER_PUT ? is_held_by_workers(w, req) : !by_task;

	gb_touch_refs(f->read, req);
	if (phase < IO_WORKER_PUT || last)
		gb_touch_req(f->read, req);
	if (phase < IO_WORKER_COMPLETE) {
		gb_touch(f->read, GB_T_DYING);
		touch_tw_add(f);
		touch_issue(w, f, req);
	}
	if (phase < IO_WORKER_PUT)
		touch_complete(w, f, req);
	if (last)
		touch_last_put(w, f, req);
	return last && req->link;
}

static void touch_worker_step(struct gb_world *w, struct gb_footprint *f, uint16_t index)
{
	const struct io_worker *worker = gb_worker(w, index);

	gb_touch_worker(f->read, index);
	/* it is counted from its first step on */
	if (!worker->running)
		gb_touch(f->read, GB_T_WQ);
	switch ((enum io_worker_phase)worker->phase) {
	case IO_WORKER_PICK:
		touch_pick(w, f, index);
		break;
	case IO_WORKER_SUBMIT:
		gb_touch(f->read, GB_T_DYING);
		touch_tw_add(f);
		touch_issue(w, f, io_req(w, worker->cur));
		break;
	case IO_WORKER_COMPLETE:
		touch_complete(w, f, io_req(w, worker->cur));
		break;
	case IO_WORKER_PUT:
		touch_put(w, f, worker);
		break;
	default:
		gb_touch_everything(f);
		break;
	}
}

/* ---- timers and interrupts ---- */

void gb_touch_event(struct gb_world *w, struct gb_footprint *f, const struct io_kiocb *req)
{
	const struct gb_issue i = {.sqe = &w->trace->sqes[req->origin], .req = req};

	gb_touch(f->read, GB_T_TIMERS);
	gb_touch_req(f->read, req);
	touch_tw_add(f);
	switch ((enum io_event_kind)req->event) {
	case IO_EVENT_TIMEOUT:
		gb_touch(f->read, GB_T_TIMEOUTS);
		gb_touch(f->read, GB_T_CQ);
		break;
	case IO_EVENT_LINK_TIMEOUT:
		gb_touch(f->read, GB_T_TIMEOUTS);
		gb_touch_req(f->read, io_req_at(w, req->cmd.timeout.head));
		break;
	case IO_EVENT_RW_DONE:
		/* the rest of the buffer may be zeroed */
		touch_buffer(w, f, &i, true);
		gb_touch_file(f->read, req->file);
		break;
	case IO_EVENT_PAGE:
		if (req->worker)
			gb_touch_worker(f->read, req->worker);
		gb_touch(f->read, GB_T_RESCHED);
		break;
	case IO_EVENT_CMD_DONE:
		gb_touch(f->read, GB_T_TIMEOUTS);
		break;
	default:
		gb_touch_everything(f);
		break;
	}
}

bool gb_touch_unknown(const struct gb_world *w)
{
	const uint32_t rare = IORING_SETUP_SQPOLL | IORING_SETUP_IOPOLL | IORING_SETUP_R_DISABLED;

	/* what has more than two actors on the ring, or is on its way out, is not looked into */
	return gb_ctx(w)->flags & rare || gb_ctx(w)->dying || gb_state(w)->app.gone || gb_state(w)->wq.exiting ||
	       w->intricate;
}

void gb_touch_step(struct gb_world *w, enum gb_actor_kind kind, uint16_t index, struct gb_footprint *f)
{
	if (gb_touch_unknown(w)) {
		gb_touch_everything(f);
		return;
	}
	switch (kind) {
	case GB_ACTOR_APP:
		touch_app_step(w, f);
		break;
	case GB_ACTOR_WORKER:
		touch_worker_step(w, f, index);
		break;
	case GB_ACTOR_IRQ:
	case GB_ACTOR_TIMER:
		/* which of them it is is not told here */
		if (w->config.time_races)
			gb_touch_everything(f);
		else
			gb_touch_event(w, f, io_req(w, gb_state(w)->timers.first));
		break;
	default:
		gb_touch_everything(f);
		break;
	}
}
