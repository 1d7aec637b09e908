/* SPDX-License-Identifier: MIT */
/* ASYNC_CANCEL and the cancel rounds of a dying ring (section 9 of semantics.md). */
#include "io_uring/io_uring.h"

#define CANCEL_FLAGS                                                                                                 \
	(IORING_ASYNC_CANCEL_ALL | IORING_ASYNC_CANCEL_FD | IORING_ASYNC_CANCEL_ANY | IORING_ASYNC_CANCEL_FD_FIXED | \
	 IORING_ASYNC_CANCEL_USERDATA | IORING_ASYNC_CANCEL_OP)

/* The keys of S9.1. */
static bool io_cancel_key_match(const struct gb_world *w, const struct io_kiocb *req, const struct io_cancel_data *cd)
{
	const uint32_t keys = IORING_ASYNC_CANCEL_FD | IORING_ASYNC_CANCEL_OP;
	bool by_user_data = cd->flags & IORING_ASYNC_CANCEL_USERDATA || !(cd->flags & keys);

	if (cd->tracked)
		return req->flags & REQ_F_INFLIGHT;
	if (cd->everything || cd->flags & IORING_ASYNC_CANCEL_ANY)
		return true;
	if (cd->flags & IORING_ASYNC_CANCEL_FD && req->file != cd->file && !GB_FAULT(w, CANCEL_FD_IGNORED))
		return false;
	if (cd->flags & IORING_ASYNC_CANCEL_OP && req->opcode != cd->opcode && !GB_FAULT(w, CANCEL_OP_IGNORED))
		return false;
	return !by_user_data || req->sqe + 1 == cd->sqe;
}

bool io_cancel_req_match(const struct gb_world *w, struct io_kiocb *req, const struct io_cancel_data *cd)
{
	if (!io_cancel_key_match(w, req, cd))
		return false;
	if (cd->flags & (IORING_ASYNC_CANCEL_ALL | IORING_ASYNC_CANCEL_ANY)) {
		if (req->cancel_seq == cd->seq)
			return false;
		req->cancel_seq = cd->seq;
	}
	return true;
}

/* S9.2 */
int io_try_cancel(struct gb_world *w, const struct io_cancel_data *cd, struct io_kiocb **victim)
{
	bool all = cd->flags & (IORING_ASYNC_CANCEL_ALL | IORING_ASYNC_CANCEL_ANY);
	int wq = io_wq_cancel(w, cd, all, victim);
	int ret;

	if (!wq)
		return 0;
	/* what runs in a worker may have armed a poll meanwhile */
	if (GB_FAULT(w, CANCEL_TIMEOUTS_FIRST) && !(cd->flags & IORING_ASYNC_CANCEL_FD) &&
	    !io_timeout_cancel(w, cd, victim))
		return 0;
	ret = io_poll_cancel(w, cd, victim);
	if (ret == -GB_ENOENT && !(cd->flags & IORING_ASYNC_CANCEL_FD))
		ret = io_timeout_cancel(w, cd, victim);
	if (ret == -GB_ENOENT && !all)
		ret = wq;
	return ret;
}

int io_async_cancel_prep(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe)
{
	uint32_t flags = sqe->op_flags;

	if (req->flags & REQ_F_BUFFER_SELECT || sqe->off)
		return gb_why(w, req, GB_R_PREP_CANCEL_FIELDS, NULL, 0, 0);
	if (flags & ~CANCEL_FLAGS ||
	    (flags & IORING_ASYNC_CANCEL_ANY && flags & (IORING_ASYNC_CANCEL_FD | IORING_ASYNC_CANCEL_OP)))
		return gb_why(w, req, GB_R_PREP_CANCEL_FLAGS, NULL, flags, 0);
	req->cmd.cancel = (struct io_cancel){
		.target = gb_sqe_target(sqe),
		.fd = sqe->flags & IOSQE_FIXED_FILE || flags & IORING_ASYNC_CANCEL_FD_FIXED ? gb_sqe_fd_raw(w, sqe)
											    : gb_sqe_fd(w, sqe),
		.flags = flags,
		.opcode = (uint8_t)sqe->len,
	};
	return 0;
}

/* S9.3: ALL and ANY go on until nothing is found; the count is the result. */
static int io_async_cancel_all(struct gb_world *w, struct io_kiocb *req, const struct io_cancel_data *cd)
{
	struct io_kiocb *victim = NULL;
	int n = GB_FAULT(w, CANCEL_ALL_COUNTS_ONE_MORE);

	while (!(GB_FAULT(w, CANCEL_ALL_STOPS) && n) && io_try_cancel(w, cd, &victim) != -GB_ENOENT) {
		gb_emit(w, GB_EV_CANCEL, gb_label(victim), gb_label(req), 0, 0, 0, 0);
		n++;
	}
	gb_why(w, req, GB_R_CANCEL_COUNT, NULL, n, 0);
	return n;
}

static int io_async_cancel_one(struct gb_world *w, struct io_kiocb *req, const struct io_cancel_data *cd)
{
	struct io_kiocb *victim = NULL;
	int ret = io_try_cancel(w, cd, &victim);

	if (GB_FAULT(w, CANCEL_MISS_IS_SUCCESS) && ret == -GB_ENOENT)
		ret = 0;
	if (GB_FAULT(w, CANCEL_RUNNING_IS_SUCCESS) && ret == -GB_EALREADY)
		ret = 0;
	gb_emit(w, GB_EV_CANCEL, gb_label(victim), gb_label(req), ret, 0, 0, 0);
	switch (ret) {
	case 0:
		return gb_why(w, req, GB_R_CANCEL_DONE, victim, 0, 0);
	case -GB_EALREADY:
		return gb_why(w, req, GB_R_CANCEL_RUNNING, victim, 0, 0);
	default:
		return gb_why(w, req, GB_R_CANCEL_NOT_FOUND, NULL, 0, 0);
	}
}

int io_async_cancel(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags)
{
	const struct io_cancel *cancel = &req->cmd.cancel;
	struct io_cancel_data cd = {
		.sqe = cancel->target,
		.flags = cancel->flags,
		.opcode = cancel->opcode,
		.seq = ++gb_ctx(w)->cancel_seq,
	};
	int ret;

	(void)issue_flags;
	if (cd.flags & IORING_ASYNC_CANCEL_FD) {
		bool fixed = req->flags & REQ_F_FIXED_FILE || cd.flags & IORING_ASYNC_CANCEL_FD_FIXED;

		cd.file = fixed ? io_file_get_fixed(w, (uint32_t)cancel->fd) : gb_fd_file(w, cancel->fd);
	}
	if (cd.flags & IORING_ASYNC_CANCEL_FD && !cd.file)
		ret = gb_why(w, req, GB_R_CANCEL_BAD_FD, NULL, cancel->fd, 0);
	else if (cd.flags & (IORING_ASYNC_CANCEL_ALL | IORING_ASYNC_CANCEL_ANY))
		ret = io_async_cancel_all(w, req, &cd);
	else
		ret = io_async_cancel_one(w, req, &cd);
	if (ret < 0 && !GB_FAULT(w, CANCEL_MISS_IS_NO_FAILURE))
		req_set_fail(w, req);
	io_req_set_res(req, ret, 0);
	return IOU_OK;
}

/* S9.12, the deferred list. */
static bool io_cancel_defer_files(struct gb_world *w)
{
	struct io_ring_ctx *ctx = gb_ctx(w);
	bool any = ctx->defer_list.first;
	struct io_kiocb *req;

	while ((req = wq_list_pop(w, &ctx->defer_list)))
		io_req_task_queue_fail(w, req, gb_why(w, req, GB_R_DRAIN_CANCELED, NULL, 0, 0));
	return any;
}

bool io_uring_try_cancel_requests(struct gb_world *w)
{
	const struct io_cancel_data cd = {.everything = true};
	const struct io_ring_ctx *ctx = gb_ctx(w);
	struct io_kiocb *victim = NULL;
	bool any = !GB_FAULT(w, EXIT_SPARES_WORKERS) && io_wq_cancel(w, &cd, true, &victim) != -GB_ENOENT;

	if (ctx->iopoll_list.first && !(ctx->flags & IORING_SETUP_SQPOLL)) {
		while (io_do_iopoll(w))
			any = true;
		/* the kernel goes round here until the device is done */
		if (ctx->iopoll_list.first)
			return any;
	}
	any |= !GB_FAULT(w, EXIT_SPARES_DEFERRED) && io_cancel_defer_files(w);
	for (uint16_t k = gb_ctx(w)->cancel_first; k; k = io_req(w, k)->poll_next) {
		if (!io_req(w, k)->poll_canceled && !GB_FAULT(w, EXIT_SPARES_POLLS))
			any |= io_poll_cancel_req(w, io_req(w, k));
	}
	any |= !GB_FAULT(w, EXIT_SPARES_COMMANDS) && io_uring_try_cancel_uring_cmd(w);
	any |= !GB_FAULT(w, EXIT_SPARES_TIMEOUTS) && io_kill_timeouts(w) != 0;
	return any;
}
