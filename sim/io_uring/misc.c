/* SPDX-License-Identifier: MIT */
/* Small opcodes: NOP, FSYNC, URING_CMD (8.1, 8.3, 8.8 of semantics.md). */
#include "io_uring/io_uring.h"

/* A trace's res= stands for IORING_NOP_INJECT_RESULT with the result in sqe.len. */
int io_nop_prep(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe)
{
	bool inject = sqe->given & (1U << GB_F_res);

	if (sqe->op_flags & ~IORING_NOP_INJECT_RESULT)
		return gb_why(w, req, GB_R_PREP_NOP_FLAGS, NULL, sqe->op_flags, 0);
	req->cmd.nop.result = 0;
	if (inject)
		req->cmd.nop.result = sqe->res;
	else if (sqe->op_flags)
		req->cmd.nop.result = (int32_t)sqe->len;
	return 0;
}

int io_nop(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags)
{
	int32_t res = req->cmd.nop.result;

	(void)issue_flags;
	if (res < 0 && !GB_FAULT(w, NOP_ERROR_IS_NO_FAILURE))
		req_set_fail(w, req);
	if (res)
		gb_why(w, req, GB_R_NOP_INJECTED, NULL, res, 0);
	io_req_set_res(req, res, 0);
	return IOU_OK;
}

/* S8.10 */
int io_fsync_prep(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe)
{
	if (gb_user_addr(&sqe->addr) || sqe->buf_index)
		return gb_why(w, req, GB_R_PREP_FSYNC_FIELDS, NULL, 0, 0);
	if (sqe->op_flags & ~IORING_FSYNC_DATASYNC)
		return gb_why(w, req, GB_R_PREP_FSYNC_FLAGS, NULL, sqe->op_flags, 0);
	if (sqe->off > INT64_MAX)
		return gb_why(w, req, GB_R_PREP_FSYNC_OFF, NULL, 0, 0);
	req->cmd.sync.flags = sqe->op_flags;
	req->flags |= REQ_F_FORCE_ASYNC;
	return 0;
}

/* Only regular files have something to synchronise; an error sets no FAIL. */
int io_fsync(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags)
{
	int ret;

	(void)issue_flags;
	if (gb_file(w, req->file)->kind == GB_FK_REGULAR)
		ret = gb_why(w, req, GB_R_FSYNC_DONE, NULL, 0, 0);
	else
		ret = gb_why(w, req, GB_R_FSYNC_NO_METHOD, NULL, 0, 0);
	if (ret < 0 && (gb_variant(w, GB_VARIANT_FSYNC_FAILS) || GB_FAULT(w, FSYNC_ERROR_IS_FAILURE)))
		req_set_fail(w, req);
	io_req_set_res(req, ret, 0);
	return IOU_OK;
}

/* S8.35 */
int io_uring_cmd_prep(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe)
{
	if (sqe->op_flags & ~IORING_URING_CMD_FIXED)
		return gb_why(w, req, GB_R_PREP_CMD_FLAGS, NULL, sqe->op_flags, 0);
	req->buf_index = sqe->buf_index;
	if (sqe->op_flags & IORING_URING_CMD_FIXED && !io_req_set_imu(w, req))
		return gb_why(w, req, GB_R_PREP_CMD_FIXED, NULL, sqe->buf_index, 0);
	req->cmd.uring = (struct io_uring_cmd){0};
	return 0;
}

/* S8.36 */
int io_uring_cmd(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags)
{
	bool ublk = gb_file(w, req->file)->kind == GB_FK_UBLK && w->trace->sqes[req->sqe].ublk;
	int ret;

	if (!ublk && gb_file(w, req->file)->kind != GB_FK_LESSOR)
		return gb_why(w, req, GB_R_CMD_NO_METHOD, NULL, 0, 0);
	if (gb_ctx(w)->flags & IORING_SETUP_IOPOLL)
		return gb_why(w, req, GB_R_CMD_IOPOLL, NULL, 0, 0);
	ret = ublk ? ublk_ch_uring_cmd(w, req, issue_flags) : gb_lessor_cmd(w, req);
	if (ret == -GB_EIOCBQUEUED)
		return IOU_ISSUE_SKIP_COMPLETE;
	if (ret < 0)
		req_set_fail(w, req);
	io_req_set_res(req, ret, 0);
	return IOU_OK;
}
