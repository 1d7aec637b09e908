/* SPDX-License-Identifier: MIT */
/*
 * The life of a request after its submission: issue, completion, the two-pass
 * flush, groups and links (sections 3 and 5 of semantics.md).
 */
#include <string.h>

#include "io_uring/io_uring.h"

/* ---- failure marks ---- */

static void io_req_mark_fail(struct gb_world *w, struct io_kiocb *req)
{
	req->flags |= REQ_F_FAIL;
	if (req->flags & REQ_F_CQE_SKIP && !GB_FAULT(w, FAILURE_STAYS_SILENT)) {
		req->flags &= ~REQ_F_CQE_SKIP;
		req->flags |= REQ_F_SKIP_LINK_CQES;
	}
}

void req_set_fail(struct gb_world *w, struct io_kiocb *req)
{
	if (!(req->flags & REQ_F_FAIL))
		gb_emit(w, GB_EV_FAIL, gb_label(req), GB_NO_REQ, req->cqe_res, 0, 0, 0);
	io_req_mark_fail(w, req);
}

void req_fail_link_node(struct gb_world *w, struct io_kiocb *req, int res)
{
	/* also of one that had failed: its result is another one now */
	gb_emit(w, GB_EV_FAIL, gb_label(req), GB_NO_REQ, res, 1, 0, 0);
	io_req_mark_fail(w, req);
	io_req_set_res(req, res, 0);
}

void io_req_complete_defer(struct gb_world *w, struct io_kiocb *req)
{
	gb_emit_why(w, GB_EV_DONE, req, GB_NO_REQ, req->cqe_res, !!(req->flags & REQ_F_FAIL), 0, 0);
	comp_list_push(w, &gb_ctx(w)->submit_state.compl_reqs, req);
}

void io_req_defer_failed(struct gb_world *w, struct io_kiocb *req, int res)
{
	const struct io_issue_def *def = &io_issue_defs[req->opcode];

	io_req_set_res(req, res, io_put_kbuf(w, req, res, 0));
	req_set_fail(w, req);
	if (def->fail)
		def->fail(w, req);
	io_req_complete_defer(w, req);
}

/* ---- references ---- */

void io_req_set_refcount(struct gb_world *w, struct io_kiocb *req, uint16_t n)
{
	req->flags |= REQ_F_REFCOUNT;
	req->refs = n;
	gb_emit(w, GB_EV_REQ_REF, gb_label(req), GB_NO_REQ, n, 0, 0, 0);
}

void req_ref_get(struct gb_world *w, struct io_kiocb *req)
{
	req->refs++;
	gb_emit(w, GB_EV_REQ_REF, gb_label(req), GB_NO_REQ, req->refs, 0, 0, 0);
}

bool req_ref_put_and_test(struct gb_world *w, struct io_kiocb *req)
{
	if (!(req->flags & REQ_F_REFCOUNT) || GB_FAULT(w, REFERENCES_IGNORED))
		return true;
	if (!req->refs) {
		gb_hazard(w, GB_HAZARD_REFCOUNT_UNDERFLOW, "req_ref_put_and_test", gb_label(req),
			  "a reference is dropped that nobody holds");
		return false;
	}
	req->refs--;
	gb_emit(w, GB_EV_REQ_REF, gb_label(req), GB_NO_REQ, req->refs, 0, 0, 0);
	return !req->refs;
}

/* ---- the request cache ---- */

struct io_kiocb *io_alloc_req(struct gb_world *w)
{
	struct io_ring_ctx *ctx = gb_ctx(w);
	struct io_kiocb *req;

	if (ctx->free_list) {
		req = io_req(w, ctx->free_list);
		ctx->free_list = req->comp_next;
	} else {
		/* the table has room for every SQE of the trace at once */
		req = io_req(w, ++ctx->reqs_used);
		/* a new page of the slab, whatever lies behind a snapshot that was put back */
		memset(req, 0, sizeof(*req));
	}
	ctx->refs++;
	return req;
}

/* Faults only: an ack that is forgotten, or that came too early. */
static bool io_fault_no_ack(const struct gb_world *w, const struct io_kiocb *req)
{
	if (GB_FAULT(w, ACK_NEVER) || (GB_FAULT(w, ACK_IF_ALL_WELL) && req->flags & REQ_F_FAIL))
		return true;
	if (GB_FAULT(w, ACK_WHEN_LEADER_DONE) && gb_lease(w, req->buf)->state == GB_LEASE_BACK)
		return true;
	if (GB_FAULT(w, ACK_BEFORE_LAST_MEMBER) && gb_lease(w, req->buf)->state == GB_LEASE_BACK)
		return true;
	return GB_FAULT(w, ACK_BEFORE_LEADER_CQE) && gb_lease(w, req->buf)->state == GB_LEASE_BACK;
}

/* S5.7 */
static void io_clean_op(struct gb_world *w, struct io_kiocb *req)
{
	if (req->flags & REQ_F_GROUP_BUF && !io_fault_no_ack(w, req))
		io_drop_group_buf(w, req);
	if (req->flags & REQ_F_GROUP_BUF && GB_FAULT(w, ACK_TWICE))
		io_drop_group_buf(w, req);
	if (req->flags & REQ_F_BUFFER_SELECTED)
		io_put_kbuf(w, req, 0, 0);
	if (req->flags & REQ_F_NEED_CLEANUP)
		io_send_zc_cleanup(w, req);
	if (req->flags & REQ_F_INFLIGHT)
		io_req_untrack_inflight(w, req);
	req->flags &= ~IO_REQ_CLEAN_FLAGS;
}

/* S5.3 (e) to (h) */
static void io_recycle_req(struct gb_world *w, struct io_kiocb *req)
{
	struct io_ring_ctx *ctx = gb_ctx(w);

	if (req->flags & IO_REQ_CLEAN_FLAGS)
		io_clean_op(w, req);
	if (req->file)
		gb_file_put(w, gb_file(w, req->file));
	req->file = 0;
	/* that of a notification is nobody's: its label is the send's */
	if (!(req->flags & REQ_F_NOTIF))
		gb_emit(w, GB_EV_FREE, gb_label(req), GB_NO_REQ, 0, 0, 0, 0);
	req->buf_owner = IO_BUF_STALE;
	req->opcode = GB_OP_BAD;
	req->comp_next = ctx->free_list;
	ctx->free_list = io_req_ref(w, req);
	ctx->refs--;
}

void io_free_req(struct gb_world *w, struct io_kiocb *req)
{
	req->flags &= ~REQ_F_REFCOUNT;
	if (!GB_FAULT(w, SILENT_FREE_POSTS))
		req->flags |= REQ_F_CQE_SKIP;
	io_req_task_work_add(w, req, IO_TW_COMPLETE);
}

/* ---- CQEs ---- */

static bool io_cq_full(const struct gb_world *w)
{
	const struct io_ring_ctx *ctx = gb_ctx(w);

	return (ctx->overflow_count && !GB_FAULT(w, OVERFLOW_OVERTAKEN)) ||
	       ctx->cached_cq_tail - gb_state(w)->app.cq_head >= ctx->cq_entries;
}

/* The next free place of the ring. */
static struct io_cqe *io_get_cqe(const struct gb_world *w)
{
	struct io_ring_ctx *ctx = gb_ctx(w);

	return gb_cqe(w, ctx->cached_cq_tail++ & ctx->cq_mask);
}

/* Field by field: this is the hottest copy there is. */
static void io_write_cqe(struct io_cqe *cqe, const struct io_kiocb *req, int32_t res, uint32_t cflags)
{
	cqe->sqe = req->sqe;
	cqe->reason = req->reason;
	cqe->reason_req = req->reason_req;
	cqe->res = res;
	cqe->flags = cflags;
	cqe->reason_n[0] = req->reason_n[0];
	cqe->reason_n[1] = req->reason_n[1];
}

void io_fill_cqe_req(struct gb_world *w, const struct io_kiocb *req)
{
	struct io_ring_ctx *ctx = gb_ctx(w);
	bool full = io_cq_full(w);
	struct io_cqe *cqe;

	ctx->posted++;
	if (!full) {
		cqe = io_get_cqe(w);
	} else {
		cqe = gb_overflow_cqe(w, (ctx->overflow_first + ctx->overflow_count) % w->at.n_overflow);
		ctx->overflow_count += !GB_FAULT(w, OVERFLOW_DROPPED);
		ctx->sq_flags |= GB_FAULT(w, OVERFLOW_FLAG_NOT_SET) ? 0 : IORING_SQ_CQ_OVERFLOW;
	}
	io_write_cqe(cqe, req, req->cqe_res, req->cqe_fd_or_flags);
	gb_emit_why(w, GB_EV_CQE, req, GB_NO_REQ, cqe->res, cqe->flags, ctx->posted, full);
}

bool io_post_aux_cqe(struct gb_world *w, struct io_kiocb *req, int32_t res, uint32_t cflags)
{
	struct io_ring_ctx *ctx = gb_ctx(w);

	if (ctx->submit_state.compl_reqs.first)
		io_submit_flush_completions(w);
	if (!GB_FAULT(w, AUX_CQE_NOT_COUNTED))
		ctx->cq_extra++;
	if (io_cq_full(w))
		return false;
	ctx->posted++;
	io_write_cqe(io_get_cqe(w), req, res, cflags);
	gb_emit_why(w, GB_EV_CQE, req, GB_NO_REQ, res, cflags, ctx->posted, 0);
	io_commit_cqring_flush(w);
	return true;
}

void io_cqring_do_overflow_flush(struct gb_world *w)
{
	struct io_ring_ctx *ctx = gb_ctx(w);

	while (ctx->overflow_count && ctx->cached_cq_tail - gb_state(w)->app.cq_head < ctx->cq_entries) {
		*io_get_cqe(w) = *gb_overflow_cqe(w, ctx->overflow_first);
		ctx->overflow_first = (ctx->overflow_first + 1) % w->at.n_overflow;
		ctx->overflow_count--;
	}
	if (!ctx->overflow_count)
		ctx->sq_flags &= ~IORING_SQ_CQ_OVERFLOW;
	io_commit_cqring_flush(w);
}

void io_commit_cqring_flush(struct gb_world *w)
{
	struct io_ring_ctx *ctx = gb_ctx(w);

	if (ctx->cq_tail != ctx->cached_cq_tail) {
		ctx->cq_tail = ctx->cached_cq_tail;
		gb_emit(w, GB_EV_FLUSH, GB_NO_REQ, GB_NO_REQ, ctx->cq_tail, 0, 0, 0);
	}
	gb_app_wake(w);
	if (ctx->poll_wq.first)
		io_poll_wq_wake(w);
	if (ctx->timeout_list.first)
		io_flush_timeouts(w);
	if (ctx->drain_active)
		io_queue_deferred(w);
}

/* ---- groups ---- */

static void io_post_or_skip(struct gb_world *w, const struct io_kiocb *req)
{
	if (!(req->flags & REQ_F_CQE_SKIP))
		io_fill_cqe_req(w, req);
	else
		gb_emit_why(w, GB_EV_SKIP, req, GB_NO_REQ, req->cqe_res, 0, 0, 0);
}

static void io_group_put(struct gb_world *w, struct io_kiocb *leader)
{
	leader->grp_refs--;
	gb_emit(w, GB_EV_GRP, gb_label(leader), GB_NO_REQ, leader->grp_refs, 0, 0, 0);
}

/* S5.15: a member has failed. */
static void io_group_fail(struct gb_world *w, struct io_kiocb *leader)
{
	if (GB_FAULT(w, LEADER_SKIP_NOT_UNDONE))
		leader->flags |= REQ_F_FAIL;
	else if (!GB_FAULT(w, MEMBER_FAILURE_STAYS_BELOW))
		req_set_fail(w, leader);
	if (GB_FAULT(w, MEMBER_FAILURE_CHANGES_RESULT))
		leader->cqe_res = -GB_ECANCELED;
}

/* Faults only: gives the buffer back before its time. */
static void io_group_ack_early(struct gb_world *w, struct io_kiocb *leader)
{
	if (leader->flags & REQ_F_GROUP_BUF && leader->buf_owner == IO_BUF_GRP_BUF &&
	    gb_lease(w, leader->buf)->state == GB_LEASE_OUT)
		io_drop_group_buf(w, leader);
}

/* S5.14, S5.15: pass 1 for a request of a group. */
static void io_complete_group_req(struct gb_world *w, struct io_kiocb *req)
{
	struct io_kiocb *leader;

	if (req_is_group_leader(req)) {
		io_group_put(w, req);
		if (GB_FAULT(w, LEADER_CQE_FIRST))
			io_post_or_skip(w, req);
		return;
	}
	leader = io_req_at(w, req->grp);
	if (GB_FAULT(w, LEADER_CQE_BEFORE_LAST_MEMBER) && leader->grp_refs == 1)
		io_post_or_skip(w, leader);
	io_post_or_skip(w, req);
	if (req->flags & REQ_F_FAIL)
		io_group_fail(w, leader);
	io_group_put(w, leader);
	if (leader->grp_refs == 1 && GB_FAULT(w, ACK_BEFORE_LAST_MEMBER))
		io_group_ack_early(w, leader);
	if (!leader->grp_refs && GB_FAULT(w, ACK_BEFORE_LEADER_CQE))
		io_group_ack_early(w, leader);
	if (leader->grp_refs && !GB_FAULT(w, BACK_POINTER_KEPT))
		req->grp = 0;
	if (GB_FAULT(w, LEADER_CQE_FIRST))
		return;
	if (!leader->grp_refs && !GB_FAULT(w, LEADER_CQE_BEFORE_LAST_MEMBER))
		io_post_or_skip(w, leader);
}

/* S5.17 */
static void io_queue_group_members(struct gb_world *w, struct io_kiocb *leader)
{
	struct io_kiocb *member = io_req_at(w, leader->grp);

	leader->grp = 0;
	gb_emit(w, GB_EV_FIRST, gb_label(leader), GB_NO_REQ, 0, 0, 0, 0);
	while (member) {
		struct io_kiocb *next = io_req_at(w, member->grp);
		bool grp_buf = member->flags & REQ_F_GROUP_BUF;
		int err = 0;

		member->grp = io_req_ref(w, leader);
		if (member->flags & REQ_F_FAIL)
			err = GB_FAULT(w, MEMBER_ERRNO_LOST) ? -GB_ECANCELED : member->cqe_res;
		else if (grp_buf && (member->flags & REQ_F_BUF_NODE) &&
			 !(GB_FAULT(w, MEMBER_BUF_NODE_LATE) && leader->flags & REQ_F_FAIL))
			err = gb_why(w, member, GB_R_MEMBER_BUF_NODE, NULL, 0, 0);
		else if (leader->flags & REQ_F_FAIL && !GB_FAULT(w, MEMBERS_OF_FAILED_LEADER_RUN))
			err = gb_why(w, member, GB_R_LEADER_FAILED, leader, leader->cqe_res, 0);
		gb_emit_why(w, GB_EV_QMEMBER, member, gb_label(leader), err, 0, 0, 0);
		if (err) {
			io_req_task_queue_fail(w, member, err);
		} else {
			if (grp_buf && !GB_FAULT(w, IMPORTED_MARK_STALE))
				io_req_mark_group_buf(member, false);
			(GB_FAULT(w, MEMBERS_INLINE) ? io_queue_sqe : io_req_task_queue)(w, member);
		}
		member = next;
	}
}

void io_fail_group_members(struct gb_world *w, struct io_kiocb *leader)
{
	for (struct io_kiocb *m = io_req_at(w, leader->grp); m; m = io_req_at(w, m->grp)) {
		if (m->flags & REQ_F_FAIL && !GB_FAULT(w, BROKEN_GROUP_ERRNO_LOST))
			continue;
		req_fail_link_node(w, m, gb_why(w, m, GB_R_GROUP_OF_BROKEN_LINK, leader, 0, 0));
	}
}

/* ---- links ---- */

/* S5.23 */
static void io_fail_links(struct gb_world *w, struct io_kiocb *req)
{
	struct io_kiocb *first = io_req_at(w, req->link);

	if (!first)
		return;
	for (struct io_kiocb *l = first; l; l = io_req_at(w, l->link)) {
		if (req->flags & REQ_F_SKIP_LINK_CQES && !GB_FAULT(w, SILENCE_LOST))
			l->flags |= REQ_F_CQE_SKIP;
		else if (!GB_FAULT(w, SKIP_KEPT_IN_BROKEN_CHAIN))
			l->flags &= ~REQ_F_CQE_SKIP;
		if (!(l->flags & REQ_F_FAIL) && req->cqe_res < 0)
			gb_why(w, l, GB_R_LINK_BROKEN, req, req->cqe_res, 0);
		else if (!(l->flags & REQ_F_FAIL))
			gb_why(w, l, GB_R_LINK_BROKEN_BY_MARK, req, req->cqe_res, 0);
	}
	if (!GB_FAULT(w, FAILED_REQUEST_SUCCEEDED_BY_TWO))
		req->link = 0;
	io_req_task_work_add(w, first, IO_TW_FAIL_LINKS);
}

bool io_disarm_next(struct gb_world *w, struct io_kiocb *req)
{
	bool posted = io_disarm_linked_timeouts(w, req);

	if ((req->flags & REQ_F_FAIL) && !(req->flags & REQ_F_HARDLINK && !GB_FAULT(w, HARDLINK_BROKEN)) &&
	    !GB_FAULT(w, LINK_NOT_BROKEN)) {
		posted |= req->link != 0;
		io_fail_links(w, req);
	}
	return posted;
}

struct io_kiocb *io_req_find_next(struct gb_world *w, struct io_kiocb *req)
{
	struct io_kiocb *next;

	if (req->flags & IO_DISARM_MASK)
		io_disarm_next(w, req);
	next = io_req_at(w, req->link);
	req->link = 0;
	return next;
}

/* ---- the flush ---- */

/* S5.16: true if the request goes on through S5.3 (b) to (h). */
static bool io_prep_free_group_req(struct gb_world *w, struct io_kiocb *req, struct io_kiocb **leader)
{
	struct io_kiocb *lead;

	if (!GB_FAULT(w, GROUP_MARK_KEPT) || req_is_group_leader(req))
		req->flags &= ~REQ_F_GROUP;
	if (req_is_group_leader(req)) {
		if (GB_FAULT(w, ACK_WHEN_LEADER_DONE))
			io_group_ack_early(w, req);
		io_queue_group_members(w, req);
		return GB_FAULT(w, LEADER_FREED_WITH_MEMBERS_OUT);
	}
	if (!GB_FAULT(w, MEMBER_ACKS))
		req->flags &= ~REQ_F_GROUP_BUF;
	lead = io_req_at(w, req->grp);
	if (lead) {
		req->grp = 0;
		lead->flags &= ~REQ_F_GROUP_LEADER;
		*leader = lead;
	}
	return true;
}

/* S5.3 (b) to (h) */
static void io_free_batch_req(struct gb_world *w, struct io_kiocb *req)
{
	if (!req_ref_put_and_test(w, req))
		return;
	if (req->flags & IO_REQ_LINK_FLAGS) {
		struct io_kiocb *next = io_req_find_next(w, req);

		if (next)
			io_req_task_queue(w, next);
	}
	io_recycle_req(w, req);
}

static void io_free_batch_list(struct gb_world *w, uint16_t first)
{
	while (first) {
		struct io_kiocb *req = io_req(w, first);
		struct io_kiocb *leader = NULL;

		first = req->comp_next;
		if ((req->flags & REQ_F_GROUP) && !io_prep_free_group_req(w, req, &leader))
			continue;
		io_free_batch_req(w, req);
		if (leader)
			io_free_batch_req(w, leader);
	}
}

void io_submit_flush_completions(struct gb_world *w)
{
	struct io_ring_ctx *ctx = gb_ctx(w);
	struct io_submit_state *state = &ctx->submit_state;
	uint16_t first = state->compl_reqs.first;

	if (!first && !state->cq_flush)
		return;
	for (uint16_t k = first; k; k = io_req(w, k)->comp_next) {
		struct io_kiocb *req = io_req(w, k);

		if (req->flags & REQ_F_GROUP)
			io_complete_group_req(w, req);
		else
			io_post_or_skip(w, req);
	}
	io_commit_cqring_flush(w);
	state->compl_reqs = (struct io_list){0, 0};
	state->cq_flush = false;
	io_free_batch_list(w, first);
}

void io_req_complete_post(struct gb_world *w, struct io_kiocb *req)
{
	struct io_ring_ctx *ctx = gb_ctx(w);

	/* only the submitter task may post, and groups are counted under the ring lock */
	if ((ctx->lockless_cq && !GB_FAULT(w, WORKER_POSTS_DEFER_TASKRUN)) ||
	    (req->flags & REQ_F_GROUP && !GB_FAULT(w, WORKER_POSTS_GROUP))) {
		io_req_task_work_add(w, req, IO_TW_COMPLETE);
		return;
	}
	gb_emit_why(w, GB_EV_DONE, req, GB_NO_REQ, req->cqe_res, !!(req->flags & REQ_F_FAIL), 0, 0);
	io_post_or_skip(w, req);
	if (!GB_FAULT(w, WORKER_CQE_NOT_PUBLISHED))
		io_commit_cqring_flush(w);
	/* the worker holds a reference, so this is never the last one */
	req_ref_put_and_test(w, req);
}

/* ---- issue ---- */

bool io_assign_file(struct gb_world *w, struct io_kiocb *req)
{
	int32_t fd = (int32_t)req->cqe_fd_or_flags;
	uint16_t mode;

	if (req->file || !io_issue_defs[req->opcode].needs_file)
		return true;
	if (req->flags & REQ_F_FIXED_FILE && !GB_FAULT(w, FIXED_SLOT_AS_FD))
		req->file = io_file_get_fixed(w, (uint32_t)fd);
	else
		req->file = gb_fd_file(w, fd);
	if (!req->file)
		return false;
	/* of a slot it is the table's node that holds it, until the request is gone */
	if (!(req->flags & REQ_F_FIXED_FILE && GB_FAULT(w, FIXED_FILE_PUT)))
		gb_file_get(gb_file(w, req->file));
	if (gb_file(w, req->file)->kind == GB_FK_RING)
		io_req_track_inflight(w, req);
	mode = gb_file(w, req->file)->mode;
	if (mode & GB_FMODE_NOWAIT)
		req->flags |= REQ_F_SUPPORT_NOWAIT;
	if (mode & GB_FMODE_REG)
		req->flags |= REQ_F_ISREG;
	if (mode & GB_FMODE_POLL)
		req->flags |= REQ_F_CAN_POLL;
	gb_emit(w, GB_EV_FILE, gb_label(req), GB_NO_REQ, fd, req->file, 0, 0);
	return true;
}

/* Counts the issue and forgets how an earlier attempt ended. */
static void io_note_issue(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags)
{
	if (!req->nr_issued && (req->flags & REQ_F_FAIL))
		gb_hazard(w, GB_HAZARD_FAILED_REQUEST_RUNS, "io_issue_sqe", gb_label(req),
			  "a request that failed before it ran is executed");
	req->nr_issued++;
	req->reason = GB_R_DONE;
	gb_emit(w, GB_EV_ISSUE, gb_label(req), GB_NO_REQ, req->nr_issued, issue_flags, 0, 0);
}

int io_issue_sqe(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags)
{
	const struct io_issue_def *def = &io_issue_defs[req->opcode];
	struct io_kiocb *ltimeout = NULL;
	int ret;

	if (def->needs_file && !io_assign_file(w, req)) {
		ret = gb_why(w, req, GB_R_NO_FILE, NULL, (int32_t)req->cqe_fd_or_flags, 0);
		return GB_FAULT(w, BAD_FD_ENOENT) ? -GB_ENOENT : ret;
	}
	if (req->flags & REQ_F_ARM_LTIMEOUT)
		ltimeout = io_prep_linked_timeout(w, req);
	else if (req->flags & REQ_F_LTIMEOUT_DUE)
		ltimeout = io_linked_timeout(w, req);
	req->flags &= ~REQ_F_LTIMEOUT_DUE;
	if (!req->resumed)
		io_note_issue(w, req, issue_flags);
	ret = def->issue(w, req, issue_flags);
	if (ret == IOU_OK) {
		if (issue_flags & IO_URING_F_COMPLETE_DEFER)
			io_req_complete_defer(w, req);
		else
			ret = IOU_COMPLETE;
	} else if (ret == IOU_ISSUE_SKIP_COMPLETE) {
		ret = 0;
		if (gb_ctx(w)->flags & IORING_SETUP_IOPOLL && def->iopoll_queue)
			io_iopoll_req_issued(w, req);
	}
	/* a handler that sleeps has not returned yet */
	if (ltimeout && ret == IOU_BLOCKED)
		req->flags |= REQ_F_LTIMEOUT_DUE;
	else if (ltimeout)
		io_queue_linked_timeout(w, ltimeout);
	return ret;
}

/* S3.6 */
static void io_queue_async(struct gb_world *w, struct io_kiocb *req, int ret)
{
	if (ret != -GB_EAGAIN || (req->flags & REQ_F_NOWAIT && !GB_FAULT(w, NOWAIT_WAITS)) ||
	    GB_FAULT(w, EAGAIN_IS_FINAL)) {
		io_req_defer_failed(w, req, ret);
		return;
	}
	switch (io_arm_poll_handler(w, req, 0)) {
	case IO_APOLL_READY:
		if (!GB_FAULT(w, READY_POLL_LOST))
			io_req_task_queue(w, req);
		break;
	case IO_APOLL_ABORTED:
		io_queue_iowq(w, req);
		break;
	default:
		break;
	}
}

void io_queue_sqe(struct gb_world *w, struct io_kiocb *req)
{
	int ret = io_issue_sqe(w, req, IO_URING_F_NONBLOCK | IO_URING_F_COMPLETE_DEFER);

	if (ret)
		io_queue_async(w, req, ret);
	if (GB_FAULT(w, CQE_INSIDE_BATCH) && gb_state(w)->actor == GB_ACTOR_APP)
		io_submit_flush_completions(w);
}

/* S3.14 */
static void io_prep_async_work(struct gb_world *w, struct io_kiocb *req)
{
	const struct io_issue_def *def = &io_issue_defs[req->opcode];
	const struct gb_file *f = req->file ? gb_file(w, req->file) : NULL;

	req->work_flags = 0;
	req->work_hash = 0;
	if (req->flags & REQ_F_FORCE_ASYNC)
		req->work_flags |= IO_WQ_WORK_CONCURRENT;
	if (f && (f->mode & GB_FMODE_REG)) {
		if ((def->hash_reg_file && !(f->mode & GB_FMODE_DIRECT)) || gb_ctx(w)->flags & IORING_SETUP_IOPOLL) {
			req->work_flags |= IO_WQ_WORK_HASHED;
			req->work_hash = GB_FAULT(w, PUNT_NOT_HASHED) ? 0 : req->file;
		}
	} else if (def->unbound_nonreg_file && !(f && f->mode & GB_FMODE_BLK)) {
		req->work_flags |= IO_WQ_WORK_UNBOUND;
	}
}

void io_prep_async_link(struct gb_world *w, struct io_kiocb *req)
{
	for (; req; req = io_req_at(w, req->link))
		io_prep_async_work(w, req);
}

void io_queue_iowq(struct gb_world *w, struct io_kiocb *req)
{
	/* a failure is left for the worker to report */
	io_assign_file(w, req);
	io_prep_async_link(w, req);
	io_wq_enqueue(w, req);
}
