/* SPDX-License-Identifier: MIT */
/*
 * From an SQE to a request that runs: initialisation, assembly of links and
 * groups, drain (section 2 of semantics.md).
 */
#include <string.h>

#include "io_uring/io_uring.h"

/* ---- drain (2.7) ---- */

/* S2.36: number of the first SQE of the chain. */
static uint32_t io_get_sequence(const struct gb_world *w, const struct io_kiocb *req)
{
	uint32_t seq = gb_ctx(w)->cached_sq_head;

	for (; req; req = io_req_at(w, req->link))
		seq -= req_is_group_leader(req) && !GB_FAULT(w, DRAIN_SEQUENCE_WITHOUT_MEMBERS)
			       ? (uint32_t)req->grp_refs
			       : 1;
	return seq;
}

/* S2.37 */
static bool req_need_defer(const struct gb_world *w, const struct io_kiocb *req, uint32_t seq)
{
	const struct io_ring_ctx *ctx = gb_ctx(w);

	return (req->flags & REQ_F_IO_DRAIN) && seq + ctx->cq_extra != ctx->cached_cq_tail;
}

void io_queue_deferred(struct gb_world *w)
{
	struct io_ring_ctx *ctx = gb_ctx(w);

	while (ctx->defer_list.first) {
		struct io_kiocb *req = io_req(w, ctx->defer_list.first);

		if (req_need_defer(w, req, req->defer_seq) && !GB_FAULT(w, DRAIN_RELEASES_ALL))
			return;
		wq_list_pop(w, &ctx->defer_list);
		gb_emit(w, GB_EV_RELEASE, gb_label(req), GB_NO_REQ, req->defer_seq, 0, 0, 0);
		io_req_task_queue(w, req);
	}
}

/* S2.38 */
static void io_drain_req(struct gb_world *w, struct io_kiocb *req)
{
	struct io_ring_ctx *ctx = gb_ctx(w);
	uint32_t seq = io_get_sequence(w, req);

	if (!req_need_defer(w, req, seq) && (!ctx->defer_list.first || GB_FAULT(w, DRAIN_OVERTAKES))) {
		ctx->drain_active = GB_FAULT(w, DRAIN_STAYS_ACTIVE);
		io_req_task_queue(w, req);
		return;
	}
	io_prep_async_link(w, req);
	req->defer_seq = seq;
	gb_emit(w, GB_EV_DEFER, gb_label(req), GB_NO_REQ, seq, 0, 0, 0);
	wq_list_push(w, &ctx->defer_list, req);
}

/* S2.34 */
static void io_init_req_drain(struct gb_world *w)
{
	struct io_ring_ctx *ctx = gb_ctx(w);
	struct io_kiocb *head = io_req_at(w, ctx->submit_state.link.head);

	ctx->drain_active = true;
	if (head) {
		if (!GB_FAULT(w, DRAIN_NOT_ON_HEAD))
			head->flags |= REQ_F_IO_DRAIN | REQ_F_FORCE_ASYNC;
		ctx->drain_next = !GB_FAULT(w, DRAIN_NEXT_LOST);
	}
}

/* ---- dispatch (2.4) ---- */

/* S2.19, S2.20 */
static void io_queue_sqe_fallback(struct gb_world *w, struct io_kiocb *req)
{
	gb_emit(w, GB_EV_START, gb_label(req), GB_NO_REQ, 1, 0, 0, 0);
	if (req->flags & REQ_F_FAIL) {
		if (!GB_FAULT(w, FAILED_HARDLINK_GOES_ON))
			req->flags &= ~REQ_F_HARDLINK;
		req->flags |= REQ_F_LINK;
		io_req_defer_failed(w, req, req->cqe_res);
	} else if (gb_ctx(w)->drain_active) {
		io_drain_req(w, req);
	} else {
		io_queue_iowq(w, req);
	}
}

static void io_link_append(struct gb_world *w, struct io_submit_chain *link, struct io_kiocb *req)
{
	struct io_kiocb *last = io_req(w, link->last);

	gb_emit(w, GB_EV_LINK, gb_label(req), gb_label(last), 0, 0, 0, 0);
	last->link = io_req_ref(w, req);
	link->last = last->link;
}

/* S2.10 to S2.12: the request to issue inline now, NULL if there is none. */
static struct io_kiocb *io_link_sqe(struct gb_world *w, struct io_kiocb *req)
{
	const uint64_t link_flags = GB_FAULT(w, HARDLINK_ENDS_CHAIN) ? REQ_F_LINK : IO_REQ_LINK_FLAGS;
	struct io_submit_chain *link = &gb_ctx(w)->submit_state.link;
	bool chained = link->head;

	if (chained) {
		io_link_append(w, link, req);
		if (req->flags & link_flags)
			return NULL;
		req = io_req(w, link->head);
		link->head = 0;
	} else if (req->flags & link_flags) {
		link->head = link->last = io_req_ref(w, req);
		return NULL;
	}
	if (!(req->flags & (REQ_F_FORCE_ASYNC | REQ_F_FAIL)))
		return req;
	if (GB_FAULT(w, ASYNC_HEAD_INLINE) && chained && !(req->flags & REQ_F_FAIL))
		return req;
	if (GB_FAULT(w, GROUP_HEAD_ASYNC_LOST) && req_is_group_leader(req) && !(req->flags & REQ_F_FAIL))
		return req;
	io_queue_sqe_fallback(w, req);
	return NULL;
}

/* S2.13, S2.14, S2.21: takes a failed request into the chain; what ends the batch is returned. */
static int io_submit_fail_link(struct gb_world *w, struct io_kiocb *req, const struct io_kiocb *culprit, int ret)
{
	struct io_submit_chain *link = &gb_ctx(w)->submit_state.link;
	struct io_kiocb *head = io_req_at(w, link->head);

	if (head && !(head->flags & REQ_F_FAIL) && !(GB_FAULT(w, BROKEN_CHAIN_RUNS) && culprit == req) &&
	    !(GB_FAULT(w, LAST_MEMBER_SPARES_HEAD) && culprit != req)) {
		bool last_member = culprit != req;
		int err = last_member ? gb_why(w, head, GB_R_CHAIN_OF_GROUP, culprit, 0, 0)
				      : gb_why(w, head, GB_R_CHAIN_ASSEMBLY, req, req->cqe_res, 0);

		req_fail_link_node(w, head, GB_FAULT(w, BROKEN_CHAIN_ERRNO) ? ret : err);
	}
	if (head && !GB_FAULT(w, FAILED_REQUEST_LEFT_OUT))
		io_link_append(w, link, req);
	if (req->flags & IO_REQ_LINK_FLAGS) {
		if (!head)
			link->head = link->last = io_req_ref(w, req);
		return GB_FAULT(w, BATCH_STOPS_INSIDE_CHAIN) ? ret : 0;
	}
	link->head = 0;
	io_queue_sqe_fallback(w, head ? head : req);
	return GB_FAULT(w, BATCH_NOT_STOPPED) ? 0 : ret;
}

/* ---- groups (2.5) ---- */

static void io_group_close(struct gb_world *w, struct io_kiocb *leader, bool by_batch_end)
{
	gb_ctx(w)->submit_state.group = (struct io_submit_chain){0, 0};
	gb_emit(w, GB_EV_CLOSE_GROUP, gb_label(leader), GB_NO_REQ, leader->grp_refs - 1, by_batch_end, 0, 0);
}

/* S2.24 */
static uint64_t io_member_refused_flags(const struct gb_world *w, const struct io_kiocb *leader)
{
	uint64_t refused = IO_REQ_LINK_FLAGS | REQ_F_IO_DRAIN | REQ_F_CQE_SKIP;

	if (GB_FAULT(w, MEMBER_MAY_LINK))
		refused &= ~IO_REQ_LINK_FLAGS;
	if (GB_FAULT(w, MEMBER_MAY_SKIP))
		refused &= ~REQ_F_CQE_SKIP;
	if (GB_FAULT(w, MEMBER_FLAGS_COME_SECOND) && leader->flags & REQ_F_FAIL)
		refused = 0;
	return refused;
}

/* S2.22 to S2.24: the request that goes on through link assembly, NULL while a group is open. */
static struct io_kiocb *io_group_sqe(struct gb_world *w, struct io_kiocb *req)
{
	struct io_submit_chain *group = &gb_ctx(w)->submit_state.group;
	struct io_kiocb *leader = io_req_at(w, group->head);

	if (!leader) {
		if (!(req->flags & REQ_F_GROUP))
			return req;
		group->head = group->last = io_req_ref(w, req);
		req->grp = 0;
		req->grp_refs = GB_FAULT(w, GROUP_COUNT_STARTS_AT_TWO) ? 2 : 1;
		req->flags |= REQ_F_GROUP_LEADER;
		gb_emit(w, GB_EV_OPEN, gb_label(req), GB_NO_REQ, 0, 0, 0, 0);
		gb_emit(w, GB_EV_GRP, gb_label(req), GB_NO_REQ, req->grp_refs, 0, 0, 0);
		return NULL;
	}
	if (req->flags & io_member_refused_flags(w, leader))
		req_fail_link_node(w, leader, gb_why(w, leader, GB_R_MEMBER_FLAGS, req, 0, 0));
	if (!GB_FAULT(w, LAST_MEMBER_NOT_COUNTED) || req->flags & REQ_F_GROUP)
		leader->grp_refs++;
	io_req(w, group->last)->grp = io_req_ref(w, req);
	group->last = io_req_ref(w, req);
	req->grp = 0;
	gb_emit(w, GB_EV_JOIN, gb_label(req), gb_label(leader), 0, 0, 0, 0);
	gb_emit(w, GB_EV_GRP, gb_label(leader), GB_NO_REQ, leader->grp_refs, 0, 0, 0);
	if (req->flags & REQ_F_GROUP)
		return NULL;
	if (!GB_FAULT(w, LAST_MEMBER_NOT_MARKED))
		req->flags |= REQ_F_GROUP;
	io_group_close(w, leader, false);
	return leader;
}

/* S2.26 to S2.28 */
static struct io_kiocb *io_submit_fail_group(struct gb_world *w, struct io_kiocb *req)
{
	struct io_kiocb *leader = io_req_at(w, gb_ctx(w)->submit_state.group.head);

	if (leader && !(leader->flags & REQ_F_FAIL) && !GB_FAULT(w, FAILED_MEMBER_SPARES_LEADER)) {
		int err = gb_why(w, leader, GB_R_GROUP_ASSEMBLY, req, req->cqe_res, 0);

		req_fail_link_node(w, leader, GB_FAULT(w, LEADER_ERRNO_OF_MEMBER) ? req->cqe_res : err);
	}
	return io_group_sqe(w, req);
}

/* A request whose initialisation failed takes its place all the same. */
static int io_submit_fail_init(struct gb_world *w, struct io_kiocb *req, int ret)
{
	struct io_kiocb *culprit = req;

	req_fail_link_node(w, req, ret);
	if (gb_ctx(w)->submit_state.group.head || (req->flags & REQ_F_GROUP)) {
		req = io_submit_fail_group(w, req);
		if (!req)
			return 0;
	}
	return io_submit_fail_link(w, req, culprit, ret);
}

/* ---- initialisation (2.2) ---- */

/* S2.8 */
static int io_init_fail_req(struct io_kiocb *req, int err)
{
	memset(&req->cmd, 0, sizeof(req->cmd));
	return err;
}

/* S2.6 steps 3 to 5, for SQEs with one of the rarer flags. */
static int io_init_req_flags(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe)
{
	struct io_ring_ctx *ctx = gb_ctx(w);

	if (sqe->flags & IOSQE_BUFFER_SELECT) {
		if (!io_issue_defs[req->opcode].buffer_select && !GB_FAULT(w, BUFFER_SELECT_UNCHECKED))
			return gb_why(w, req, GB_R_NO_BUFFER_SELECT, NULL, 0, 0);
		req->buf_index = sqe->buf_index;
	}
	if (sqe->flags & IOSQE_CQE_SKIP_SUCCESS && !GB_FAULT(w, SKIP_KEEPS_DRAIN))
		ctx->drain_disabled = true;
	if (!(sqe->flags & IOSQE_IO_DRAIN))
		return 0;
	if (ctx->submit_state.group.head && !(GB_FAULT(w, DRAIN_DISABLED_HITS_MEMBER) && ctx->drain_disabled)) {
		if (sqe->flags & IOSQE_BUFFER_SELECT && !GB_FAULT(w, GROUP_BUF_WITH_SELECT))
			return gb_why(w, req, GB_R_GROUP_BUF_AND_SELECT, NULL, 0, 0);
		if (!GB_FAULT(w, MEMBER_KEEPS_DRAIN))
			req->flags &= ~REQ_F_IO_DRAIN;
		req->flags |= REQ_F_GROUP_BUF;
		return 0;
	}
	if (ctx->drain_disabled)
		return gb_why(w, req, GB_R_DRAIN_DISABLED, NULL, 0, 0);
	io_init_req_drain(w);
	return 0;
}

static bool io_check_restriction(const struct gb_world *w, uint8_t opcode, uint8_t flags)
{
	const struct io_restrictions *res = &gb_ctx(w)->restrictions;

	if (!(res->sqe_op >> opcode & 1) && !GB_FAULT(w, RESTRICTED_OPCODE_TAKEN))
		return false;
	if (res->sqe_flags_required & ~flags && !GB_FAULT(w, REQUIRED_FLAGS_OPTIONAL))
		return false;
	return !(flags & ~(res->sqe_flags_allowed | res->sqe_flags_required)) || GB_FAULT(w, RESTRICTED_FLAGS_TAKEN);
}

/* S2.6 steps 6 and 7 */
static int io_init_req_slow(struct gb_world *w, struct io_kiocb *req, uint8_t flags)
{
	struct io_ring_ctx *ctx = gb_ctx(w);

	if (ctx->restricted && !io_check_restriction(w, req->opcode, flags))
		return gb_why(w, req, GB_R_RESTRICTED, NULL, 0, 0);
	if (ctx->drain_active && !GB_FAULT(w, DRAIN_WITHOUT_ASYNC))
		req->flags |= REQ_F_FORCE_ASYNC;
	if (ctx->drain_next && (!ctx->submit_state.link.head || GB_FAULT(w, DRAIN_NEXT_IN_CHAIN))) {
		ctx->drain_next = false;
		ctx->drain_active = true;
		req->flags |= REQ_F_IO_DRAIN | REQ_F_FORCE_ASYNC;
	}
	return 0;
}

/* S2.6 steps 8 and 9 */
static int io_init_req_allowed(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe,
			       const struct io_issue_def *def)
{
	if (sqe->ioprio && !def->ioprio && !GB_FAULT(w, IOPRIO_UNCHECKED))
		return gb_why(w, req, GB_R_BAD_IOPRIO, NULL, 0, 0);
	if (gb_ctx(w)->flags & IORING_SETUP_IOPOLL && !def->iopoll && !GB_FAULT(w, IOPOLL_UNCHECKED))
		return gb_why(w, req, GB_R_NOT_POLLABLE, NULL, 0, 0);
	return 0;
}

/*
 * What prep refuses may run all the same (A3), with what it left unwritten. In
 * the kernel that is the rest of some earlier request; here it is nothing, so
 * that it does not depend on who had the memory before. A prep that takes
 * something begins with nothing by itself.
 */
static int io_prep_again(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe,
			 const struct io_issue_def *def, int ret)
{
	if (req->flags & REQ_F_NEED_CLEANUP)
		return ret;
	memset(&req->cmd, 0, sizeof(req->cmd));
	return def->prep(w, req, sqe);
}

/* S2.6: the checks, in their order. */
static int io_init_req(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe)
{
	const struct io_ring_ctx *ctx = gb_ctx(w);
	const struct io_issue_def *def;
	int ret;

	memset(req, 0, offsetof(struct io_kiocb, comp_next));
	req->sqe = req->origin = (uint16_t)(sqe - w->trace->sqes);
	req->flags = sqe->flags;
	req->opcode = sqe->opcode;
	if (req->opcode >= IORING_OP_LAST) {
		req->opcode = IORING_OP_NOP;
		ret = gb_why(w, req, GB_R_BAD_OPCODE, NULL, sqe->opcode, 0);
		return io_init_fail_req(req, GB_FAULT(w, BAD_OPCODE_EOPNOTSUPP) ? -GB_EOPNOTSUPP : ret);
	}
	def = &io_issue_defs[req->opcode];
	if (sqe->flags & (unsigned int)~SQE_COMMON_FLAGS) {
		ret = io_init_req_flags(w, req, sqe);
		if (ret)
			return io_init_fail_req(req, ret);
	}
	if (ctx->drain_active || ctx->drain_next || ctx->restricted) {
		ret = io_init_req_slow(w, req, sqe->flags);
		if (ret)
			return io_init_fail_req(req, ret);
	}
	if (sqe->ioprio || ctx->flags & IORING_SETUP_IOPOLL) {
		ret = io_init_req_allowed(w, req, sqe, def);
		if (ret)
			return io_init_fail_req(req, ret);
	}
	if (def->needs_file)
		req->cqe_fd_or_flags =
			(uint32_t)(sqe->flags & IOSQE_FIXED_FILE ? gb_sqe_fd_raw(w, sqe) : gb_sqe_fd(w, sqe));
	ret = def->prep(w, req, sqe);
	return ret ? io_prep_again(w, req, sqe, def, ret) : 0;
}

int io_submit_sqe(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe)
{
	const struct io_submit_state *state = &gb_ctx(w)->submit_state;
	int ret = io_init_req(w, req, sqe);

	gb_emit_why(w, GB_EV_INIT, req, GB_NO_REQ, (int64_t)req->flags, ret, 0, 0);
	if (ret)
		return io_submit_fail_init(w, req, ret);
	if (state->group.head || (req->flags & REQ_F_GROUP)) {
		req = io_group_sqe(w, req);
		if (!req)
			return 0;
	}
	if (state->link.head || (req->flags & (IO_REQ_LINK_FLAGS | REQ_F_FORCE_ASYNC | REQ_F_FAIL))) {
		req = io_link_sqe(w, req);
		if (!req)
			return 0;
	}
	gb_emit(w, GB_EV_START, gb_label(req), GB_NO_REQ, 0, 0, 0, 0);
	io_queue_sqe(w, req);
	return 0;
}

/* ---- leftovers (2.6) ---- */

/* S2.33: a group that the end of the batch closes. */
static void io_submit_group_end(struct gb_world *w)
{
	struct io_submit_state *state = &gb_ctx(w)->submit_state;
	struct io_kiocb *leader = io_req(w, state->group.head);
	bool alone = leader->grp_refs == 1;

	io_group_close(w, leader, true);
	if (alone) {
		req_fail_link_node(w, leader, gb_why(w, leader, GB_R_LONE_LEADER, NULL, 0, 0));
		if (gb_variant(w, GB_VARIANT_LONE_LEADER_EINVAL))
			leader->flags &= ~(REQ_F_GROUP | REQ_F_GROUP_LEADER);
	}
	if (!state->link.head) {
		io_queue_sqe_fallback(w, leader);
		return;
	}
	/* as posted, a head that could be issued inline is forgotten here */
	leader = io_link_sqe(w, leader);
	if (leader && gb_variant(w, GB_VARIANT_CUT_CHAIN_DISPATCH))
		io_queue_sqe_fallback(w, leader);
}

void io_submit_state_end(struct gb_world *w)
{
	struct io_submit_state *state = &gb_ctx(w)->submit_state;

	if (state->group.head && !GB_FAULT(w, CUT_GROUP_FORGOTTEN))
		io_submit_group_end(w);
	if (state->link.head && GB_FAULT(w, CUT_CHAIN_INLINE) && !(io_req(w, state->link.head)->flags & REQ_F_FAIL))
		io_queue_sqe(w, io_req(w, state->link.head));
	else if (state->link.head)
		io_queue_sqe_fallback(w, io_req(w, state->link.head));
	gb_emit(w, GB_EV_BATCH_END, GB_NO_REQ, GB_NO_REQ, 0, 0, 0, 0);
	io_submit_flush_completions(w);
}
