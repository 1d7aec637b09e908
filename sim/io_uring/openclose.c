/* SPDX-License-Identifier: MIT */
/* CLOSE and SHUTDOWN (S8.10 and S8.38 of semantics.md). */
#include "io_uring/io_uring.h"

int io_close_prep(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe)
{
	if (sqe->off || gb_user_addr(&sqe->addr) || sqe->len || sqe->op_flags || sqe->buf_index)
		return gb_why(w, req, GB_R_PREP_CLOSE, NULL, 0, 0);
	if (req->flags & REQ_F_FIXED_FILE)
		return gb_why(w, req, GB_R_PREP_CLOSE_FIXED, NULL, 0, 0);
	if (sqe->file_index && gb_sqe_fd_raw(w, sqe))
		return gb_why(w, req, GB_R_PREP_CLOSE_BOTH, NULL, 0, 0);
	req->cmd.close = (struct io_close){.fd = gb_sqe_fd(w, sqe), .file_slot = sqe->file_index};
	return 0;
}

/* io_close_fixed: takes a file out of its slot. */
static int io_close_fixed(struct gb_world *w, struct io_kiocb *req)
{
	uint32_t slot = req->cmd.close.file_slot - 1;

	switch (io_fixed_fd_remove(w, slot)) {
	case -GB_ENXIO:
		return gb_why(w, req, GB_R_CLOSE_NO_TABLE, NULL, 0, 0);
	case -GB_EINVAL:
		return gb_why(w, req, GB_R_CLOSE_BAD_SLOT, NULL, slot, 0);
	case -GB_EBADF:
		return gb_why(w, req, GB_R_CLOSE_EMPTY_SLOT, NULL, slot, 0);
	default:
		return gb_why(w, req, GB_R_CLOSE_SLOT, NULL, slot, 0);
	}
}

/* What the descriptor stood for lives on as long as a request holds it. */
int io_close(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags)
{
	int32_t fd = req->cmd.close.fd;
	uint16_t file = gb_fd_file(w, fd);
	int ret;

	if (req->cmd.close.file_slot) {
		ret = io_close_fixed(w, req);
		if (ret < 0)
			req_set_fail(w, req);
	} else if (!file || gb_file(w, file)->kind == GB_FK_RING) {
		ret = gb_why(w, req, GB_R_CLOSE_BAD_FD, NULL, fd, 0);
		req_set_fail(w, req);
	} else if (issue_flags & IO_URING_F_NONBLOCK && gb_file(w, file)->mode & GB_FMODE_FLUSH) {
		return gb_why(w, req, GB_R_CLOSE_FLUSH, NULL, 0, 0);
	} else {
		ret = gb_file_close(w, gb_file(w, file));
		gb_why(w, req, GB_R_CLOSE_DONE, NULL, fd, 0);
	}
	io_req_set_res(req, ret, 0);
	return IOU_OK;
}

int io_shutdown_prep(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe)
{
	if (sqe->off || gb_user_addr(&sqe->addr) || sqe->op_flags || sqe->buf_index)
		return gb_why(w, req, GB_R_PREP_SHUTDOWN, NULL, 0, 0);
	req->cmd.shutdown.how = sqe->len;
	req->flags |= REQ_F_FORCE_ASYNC;
	return 0;
}

/* What the socket answers is a result, whatever it is, and no failure (S8.10). */
int io_shutdown(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags)
{
	uint32_t how = req->cmd.shutdown.how;
	struct gb_file *f = gb_file(w, req->file);

	(void)issue_flags;
	if (f->kind != GB_FK_SOCK)
		return gb_why(w, req, GB_R_SHUTDOWN_NOT_A_SOCKET, NULL, 0, 0);
	if (how > 2) {
		io_req_set_res(req, gb_why(w, req, GB_R_SHUTDOWN_HOW, NULL, how, 0), 0);
		return IOU_OK;
	}
	gb_sock_shut(w, f, (uint8_t)(how + 1));
	io_req_set_res(req, gb_why(w, req, GB_R_SHUTDOWN_DONE, NULL, 0, 0), 0);
	return IOU_OK;
}
