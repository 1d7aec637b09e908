/* SPDX-License-Identifier: MIT */
/* TIMEOUT, TIMEOUT_REMOVE, LINK_TIMEOUT (8.6 of semantics.md). */
#include "io_uring/io_uring.h"

#define TIMEOUT_FLAGS                                                                                            \
	(IORING_TIMEOUT_ABS | IORING_TIMEOUT_BOOTTIME | IORING_TIMEOUT_REALTIME | IORING_TIMEOUT_ETIME_SUCCESS | \
	 IORING_TIMEOUT_MULTISHOT)

static bool io_is_timeout_noseq(const struct io_kiocb *req)
{
	return !req->cmd.timeout.off || (req->cmd.timeout.flags & IORING_TIMEOUT_MULTISHOT);
}

/* ---- TIMEOUT ---- */

/*
 * When a timer of `us` expires (hrtimer_start): from now on, or, with ABS, by
 * the clock, which begins at 0 with the trace, whichever clock that is. A
 * moment that is over expires at once.
 */
static uint64_t io_timer_expires(const struct gb_world *w, uint64_t us, uint32_t flags)
{
	uint64_t now = gb_state(w)->now_us;

	if (!(flags & IORING_TIMEOUT_ABS) || GB_FAULT(w, TIMEOUT_ABS_RELATIVE))
		return now + us;
	if (us < now && GB_FAULT(w, TIMEOUT_ABS_PAST_LOST))
		return now + (1ULL << 40);
	return us > now ? us : now;
}

static void io_timer_start(struct gb_world *w, struct io_kiocb *req, enum io_event_kind kind)
{
	const struct io_timeout *t = &req->cmd.timeout;
	uint64_t at = io_timer_expires(w, t->period_us, t->flags);

	gb_timer_add(w, req, kind, at);
	gb_emit(w, GB_EV_ARM_TIMER, gb_label(req), GB_NO_REQ, (int64_t)((at - gb_state(w)->now_us) / 1000), 0, 0, 0);
}

/* S8.26 */
static int __io_timeout_prep(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe)
{
	uint32_t flags = sqe->op_flags;
	uint32_t clocks = flags & (IORING_TIMEOUT_BOOTTIME | IORING_TIMEOUT_REALTIME);

	if (sqe->buf_index || (sqe->given & 1U << GB_F_len && sqe->len != 1))
		return gb_why(w, req, GB_R_PREP_TIMEOUT_FIELDS, NULL, 0, 0);
	if (flags & ~TIMEOUT_FLAGS || (clocks & (clocks - 1)) ||
	    (flags & IORING_TIMEOUT_MULTISHOT && flags & IORING_TIMEOUT_ABS))
		return gb_why(w, req, GB_R_PREP_TIMEOUT_FLAGS, NULL, flags, 0);
	req->cmd.timeout = (struct io_timeout){
		.period_us = (uint64_t)sqe->ms * 1000,
		.off = (uint32_t)sqe->off,
		.repeats = (int32_t)sqe->off,
		.flags = flags,
	};
	req->flags |= REQ_F_ASYNC_DATA;
	return 0;
}

int io_timeout_prep(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe)
{
	return __io_timeout_prep(w, req, sqe);
}

/* S8.31 */
int io_link_timeout_prep(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe)
{
	const struct io_submit_state *state = &gb_ctx(w)->submit_state;
	struct io_kiocb *last = io_req_at(w, state->link.head ? state->link.last : 0);
	int ret;

	if (sqe->off)
		return gb_why(w, req, GB_R_PREP_LTIMEOUT_OFF, NULL, 0, 0);
	ret = __io_timeout_prep(w, req, sqe);
	if (ret)
		return ret;
	if (state->group.head && !GB_FAULT(w, LINK_TIMEOUT_IN_GROUP))
		return gb_why(w, req, GB_R_PREP_LTIMEOUT_GROUP, NULL, 0, 0);
	if (!last)
		return gb_why(w, req, GB_R_PREP_LTIMEOUT_ALONE, NULL, 0, 0);
	if (last->opcode == IORING_OP_LINK_TIMEOUT)
		return gb_why(w, req, GB_R_PREP_LTIMEOUT_TWICE, NULL, 0, 0);
	req->cmd.timeout.head = state->link.last;
	last->flags |= REQ_F_ARM_LTIMEOUT;
	return 0;
}

/* Where a counted timeout goes: sorted by target, pure timers at the tail (S8.28). */
static void io_timeout_insert(struct gb_world *w, struct io_kiocb *req)
{
	struct io_list *list = &gb_ctx(w)->timeout_list;
	uint32_t tail = gb_ctx(w)->cq_last_tm_flush;
	struct io_kiocb *after = NULL;

	if (io_is_timeout_noseq(req) || GB_FAULT(w, TIMEOUT_LIST_UNSORTED)) {
		timeout_list_push(w, list, req);
		return;
	}
	for (uint16_t k = list->first; k; k = io_req(w, k)->list_next) {
		struct io_kiocb *t = io_req(w, k);

		if (io_is_timeout_noseq(t))
			break;
		if (req->cmd.timeout.off >= t->cmd.timeout.target_seq - tail)
			after = t;
	}
	if (!after) {
		timeout_list_push_front(w, list, req);
		return;
	}
	req->list_next = after->list_next;
	after->list_next = io_req_ref(w, req);
	if (!req->list_next)
		list->last = after->list_next;
}

int io_timeout(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags)
{
	struct io_ring_ctx *ctx = gb_ctx(w);
	struct io_timeout *t = &req->cmd.timeout;

	(void)issue_flags;
	if (!io_is_timeout_noseq(req)) {
		uint32_t tail = ctx->cached_cq_tail - ctx->cq_timeouts;

		t->target_seq = tail + t->off + GB_FAULT(w, TIMEOUT_COUNT_OFF_BY_ONE);
		ctx->cq_last_tm_flush = tail;
	}
	io_timeout_insert(w, req);
	io_timer_start(w, req, IO_EVENT_TIMEOUT);
	return IOU_ISSUE_SKIP_COMPLETE;
}

/* S8.28 */
void io_flush_timeouts(struct gb_world *w)
{
	struct io_ring_ctx *ctx = gb_ctx(w);
	uint32_t seq = ctx->cached_cq_tail - ctx->cq_timeouts;
	uint16_t k = ctx->timeout_list.first;

	while (k) {
		struct io_kiocb *req = io_req(w, k);
		const struct io_timeout *t = &req->cmd.timeout;

		k = req->list_next;
		if (io_is_timeout_noseq(req))
			break;
		if (seq - ctx->cq_last_tm_flush < t->target_seq - ctx->cq_last_tm_flush)
			break;
		gb_timer_del(w, req);
		timeout_list_remove(w, &ctx->timeout_list, req);
		ctx->cq_timeouts++;
		io_req_set_res(req, gb_why(w, req, GB_R_TIMEOUT_COUNT, NULL, t->off, 0), 0);
		io_req_task_work_add(w, req, IO_TW_COMPLETE);
	}
	ctx->cq_last_tm_flush = seq;
}

void io_timeout_fn(struct gb_world *w, struct io_kiocb *req)
{
	struct io_ring_ctx *ctx = gb_ctx(w);

	gb_emit(w, GB_EV_FIRE, gb_label(req), GB_NO_REQ, 0, 0, 0, 0);
	timeout_list_remove(w, &ctx->timeout_list, req);
	ctx->cq_timeouts += !GB_FAULT(w, TIMEOUT_DOES_NOT_COUNT);
	if ((!(req->cmd.timeout.flags & IORING_TIMEOUT_ETIME_SUCCESS) && !GB_FAULT(w, TIMEOUT_IS_NO_FAILURE)) ||
	    GB_FAULT(w, ETIME_SUCCESS_IGNORED))
		req_set_fail(w, req);
	io_req_set_res(req, gb_why(w, req, GB_R_TIMEOUT_FIRED, NULL, 0, 0), 0);
	io_req_task_work_add(w, req, IO_TW_TIMEOUT_COMPLETE);
}

/* True once a timeout has nothing more to do; a multishot one goes on. */
static bool io_timeout_finish(struct io_timeout *t)
{
	if (!(t->flags & IORING_TIMEOUT_MULTISHOT))
		return true;
	return t->off && !--t->repeats;
}

void io_timeout_complete(struct gb_world *w, struct io_kiocb *req)
{
	struct io_timeout *t = &req->cmd.timeout;

	if (!io_timeout_finish(t) && io_post_aux_cqe(w, req, -GB_ETIME, IORING_CQE_F_MORE)) {
		timeout_list_push(w, &gb_ctx(w)->timeout_list, req);
		gb_timer_add(w, req, IO_EVENT_TIMEOUT, gb_state(w)->now_us + t->period_us);
		return;
	}
	io_req_complete_defer(w, req);
}

int io_timeout_cancel(struct gb_world *w, const struct io_cancel_data *cd, struct io_kiocb **victim)
{
	struct io_list *list = &gb_ctx(w)->timeout_list;

	for (uint16_t k = list->first; k; k = io_req(w, k)->list_next) {
		struct io_kiocb *req = io_req(w, k);

		if (!io_cancel_req_match(w, req, cd))
			continue;
		*victim = req;
		gb_timer_del(w, req);
		timeout_list_remove(w, list, req);
		gb_why(w, req, GB_R_TIMEOUT_CANCELED, NULL, 0, 0);
		io_req_task_queue_fail(w, req, GB_FAULT(w, CANCELED_TIMEOUT_ENOENT) ? -GB_ENOENT : -GB_ECANCELED);
		return 0;
	}
	return -GB_ENOENT;
}

uint32_t io_kill_timeouts(struct gb_world *w)
{
	struct io_ring_ctx *ctx = gb_ctx(w);
	struct io_kiocb *req;
	uint32_t n = 0;

	while ((req = timeout_list_pop(w, &ctx->timeout_list))) {
		gb_timer_del(w, req);
		req_set_fail(w, req);
		ctx->cq_timeouts++;
		io_req_set_res(req, gb_why(w, req, GB_R_TIMEOUT_KILLED, NULL, 0, 0), 0);
		io_req_task_work_add(w, req, IO_TW_COMPLETE);
		n++;
	}
	return n;
}

/* ---- TIMEOUT_REMOVE ---- */

int io_timeout_remove_prep(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe)
{
	const uint32_t update = IORING_TIMEOUT_UPDATE | IORING_LINK_TIMEOUT_UPDATE;
	const uint32_t known = sqe->op_flags & update ? update | IORING_TIMEOUT_ABS : 0;

	if ((req->flags & (REQ_F_FIXED_FILE | REQ_F_BUFFER_SELECT)) || sqe->buf_index || sqe->len ||
	    (sqe->op_flags & ~known))
		return gb_why(w, req, GB_R_PREP_TIMEOUT_REM, NULL, 0, 0);
	req->cmd.timeout_rem = (struct io_timeout_rem){
		.target = gb_sqe_target(sqe),
		.flags = sqe->op_flags,
		.period_us = (uint64_t)sqe->ms * 1000,
	};
	return 0;
}

static struct io_kiocb *io_timeout_find(struct gb_world *w, const struct io_list *list, uint16_t target)
{
	for (uint16_t k = list->first; k; k = io_req(w, k)->list_next)
		if (io_req(w, k)->sqe + 1 == target)
			return io_req(w, k);
	return NULL;
}

/* S8.30, the update forms. */
static int io_timeout_update(struct gb_world *w, struct io_kiocb *req)
{
	const struct io_timeout_rem *tr = &req->cmd.timeout_rem;
	struct io_ring_ctx *ctx = gb_ctx(w);
	bool linked = tr->flags & IORING_LINK_TIMEOUT_UPDATE;
	struct io_kiocb *t = io_timeout_find(w, linked ? &ctx->ltimeout_list : &ctx->timeout_list, tr->target);

	if (!t)
		return gb_why(w, req, GB_R_TIMEOUT_UPDATE_NOT_FOUND, NULL, 0, 0);
	gb_timer_del(w, t);
	t->cmd.timeout.period_us = tr->period_us;
	if (!linked) {
		/* an updated timeout is a pure timer from now on */
		timeout_list_remove(w, &ctx->timeout_list, t);
		t->cmd.timeout.off = 0;
		timeout_list_push(w, &ctx->timeout_list, t);
	}
	gb_timer_add(w, t, linked ? IO_EVENT_LINK_TIMEOUT : IO_EVENT_TIMEOUT,
		     io_timer_expires(w, tr->period_us, tr->flags));
	return gb_why(w, req, GB_R_TIMEOUT_UPDATED, t, 0, 0);
}

int io_timeout_remove(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags)
{
	struct io_cancel_data cd = {.sqe = req->cmd.timeout_rem.target};
	struct io_kiocb *victim = NULL;
	int ret;

	(void)issue_flags;
	if (req->cmd.timeout_rem.flags & IORING_TIMEOUT_UPDATE)
		ret = io_timeout_update(w, req);
	else if (!GB_FAULT(w, TIMEOUT_REMOVE_SPARES) && io_timeout_cancel(w, &cd, &victim))
		ret = gb_why(w, req, GB_R_TIMEOUT_NOT_FOUND, NULL, 0, 0);
	else
		ret = gb_why(w, req, GB_R_TIMEOUT_REMOVED, victim, 0, 0);
	if (ret < 0)
		req_set_fail(w, req);
	io_req_set_res(req, ret, 0);
	return IOU_OK;
}

/* ---- LINK_TIMEOUT ---- */

/* S8.32: it is only reached as the head of a chain whose target was refused. */
int io_link_timeout_issue(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags)
{
	(void)issue_flags;
	return gb_why(w, req, GB_R_LTIMEOUT_ISSUED, NULL, 0, 0);
}

struct io_kiocb *io_linked_timeout(const struct gb_world *w, const struct io_kiocb *req)
{
	struct io_kiocb *t = io_req_at(w, req->link);

	return t && t->opcode == IORING_OP_LINK_TIMEOUT ? t : NULL;
}

struct io_kiocb *io_prep_linked_timeout(struct gb_world *w, struct io_kiocb *req)
{
	struct io_kiocb *t = io_linked_timeout(w, req);

	if (!t)
		return NULL;
	req->flags &= ~REQ_F_ARM_LTIMEOUT;
	req->flags |= REQ_F_LINK_TIMEOUT;
	if (!(req->flags & REQ_F_REFCOUNT))
		io_req_set_refcount(w, req, 1);
	io_req_set_refcount(w, t, 2);
	return t;
}

void io_queue_linked_timeout(struct gb_world *w, struct io_kiocb *req)
{
	struct io_timeout *t = &req->cmd.timeout;

	if (t->head) {
		timeout_list_push(w, &gb_ctx(w)->ltimeout_list, req);
		if (!GB_FAULT(w, LINK_TIMEOUT_NEVER_FIRES))
			io_timer_start(w, req, IO_EVENT_LINK_TIMEOUT);
	}
	if (req_ref_put_and_test(w, req))
		io_free_req(w, req);
}

static void io_remove_next_linked(struct gb_world *w, struct io_kiocb *req)
{
	struct io_kiocb *next = io_req(w, req->link);

	req->link = next->link;
	next->link = 0;
}

bool io_disarm_linked_timeouts(struct gb_world *w, struct io_kiocb *req)
{
	struct io_kiocb *t = io_linked_timeout(w, req);

	if (req->flags & REQ_F_ARM_LTIMEOUT) {
		req->flags &= ~REQ_F_ARM_LTIMEOUT;
		if (!t)
			return false;
		io_remove_next_linked(w, req);
		io_req_set_res(t, gb_why(w, t, GB_R_LTIMEOUT_UNARMED, req, 0, 0), 0);
	} else if ((req->flags & REQ_F_LINK_TIMEOUT) && t && !GB_FAULT(w, LINK_TIMEOUT_NOT_DISARMED)) {
		io_remove_next_linked(w, req);
		t->cmd.timeout.head = 0;
		gb_timer_del(w, t);
		timeout_list_remove(w, &gb_ctx(w)->ltimeout_list, t);
		io_req_set_res(t, gb_why(w, t, GB_R_LTIMEOUT_DISARMED, req, 0, 0), 0);
	} else {
		return false;
	}
	io_req_task_work_add(w, t, IO_TW_COMPLETE);
	return true;
}

void io_link_timeout_fn(struct gb_world *w, struct io_kiocb *req)
{
	struct io_timeout *t = &req->cmd.timeout;
	struct io_kiocb *prev = io_req_at(w, t->head);

	gb_emit(w, GB_EV_FIRE, gb_label(req), GB_NO_REQ, 0, 0, 0, 0);
	t->head = 0;
	if (prev) {
		io_remove_next_linked(w, prev);
		if (prev->refs)
			req_ref_get(w, prev);
		else
			prev = NULL;
	}
	timeout_list_remove(w, &gb_ctx(w)->ltimeout_list, req);
	t->prev = io_req_ref(w, prev);
	io_req_task_work_add(w, req, IO_TW_LINK_TIMEOUT);
}

/* S8.32 */
void io_req_task_link_timeout(struct gb_world *w, struct io_kiocb *req)
{
	struct io_kiocb *prev = io_req_at(w, req->cmd.timeout.prev);
	int ret = -GB_ENOENT;

	if (!prev) {
		io_req_set_res(req, gb_why(w, req, GB_R_LTIMEOUT_LATE, NULL, 0, 0), 0);
		io_req_complete_defer(w, req);
		return;
	}
	if (!io_should_terminate_tw(w)) {
		struct io_cancel_data cd = {.sqe = (uint16_t)(prev->sqe + !GB_FAULT(w, LINK_TIMEOUT_WRONG_TARGET))};
		struct io_kiocb *victim = NULL;

		ret = io_try_cancel(w, &cd, &victim);
		gb_emit(w, GB_EV_CANCEL, gb_label(prev), gb_label(req), ret, 0, 0, 0);
	}
	if (ret && !GB_FAULT(w, LINK_TIMEOUT_ALWAYS_ETIME))
		gb_why(w, req, GB_R_LTIMEOUT_MISSED, prev, 0, 0);
	else
		ret = gb_why(w, req, GB_R_LTIMEOUT_FIRED, prev, 0, 0);
	io_req_set_res(req, ret, 0);
	io_req_complete_defer(w, req);
	if (req_ref_put_and_test(w, prev))
		io_free_req(w, prev);
}
