/* SPDX-License-Identifier: MIT */
/* ACCEPT and CONNECT (S8.38 of semantics.md). */
#include "io_uring/io_uring.h"

#define ACCEPT_FLAGS (IORING_ACCEPT_MULTISHOT | IORING_ACCEPT_DONTWAIT | IORING_ACCEPT_POLL_FIRST)

/* ---- ACCEPT ---- */

int io_accept_prep(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe)
{
	uint32_t slot = sqe->file_index;

	if (sqe->len || sqe->buf_index)
		return gb_why(w, req, GB_R_PREP_ACCEPT_FIELDS, NULL, 0, 0);
	if (sqe->ioprio & ~ACCEPT_FLAGS)
		return gb_why(w, req, GB_R_PREP_ACCEPT_IOPRIO, NULL, sqe->ioprio, 0);
	if (slot && sqe->op_flags & GB_SOCK_CLOEXEC)
		return gb_why(w, req, GB_R_PREP_ACCEPT_CLOEXEC, NULL, 0, 0);
	if (slot && sqe->ioprio & IORING_ACCEPT_MULTISHOT && slot != IORING_FILE_INDEX_ALLOC)
		return gb_why(w, req, GB_R_PREP_ACCEPT_ONE_SLOT, NULL, slot - 1, 0);
	if (sqe->op_flags & ~(GB_SOCK_CLOEXEC | GB_SOCK_NONBLOCK))
		return gb_why(w, req, GB_R_PREP_ACCEPT_FLAGS, NULL, sqe->op_flags, 0);
	req->cmd.accept = (struct io_accept){.file_slot = slot, .iou_flags = sqe->ioprio};
	if (sqe->ioprio & IORING_ACCEPT_MULTISHOT)
		req->flags |= REQ_F_APOLL_MULTISHOT;
	if (sqe->ioprio & IORING_ACCEPT_DONTWAIT)
		req->flags |= REQ_F_NOWAIT;
	return 0;
}

/* The reason of what the socket answered: there is no connection, or will never be one. */
static int io_accept_error(struct gb_world *w, struct io_kiocb *req, int err)
{
	const struct gb_file *f = gb_file(w, req->file);

	switch (-err) {
	case GB_EAGAIN:
		return gb_why(w, req, GB_R_ACCEPT_WOULD_BLOCK, NULL, 0, 0);
	case GB_EINTR:
		return gb_why(w, req, GB_R_ACCEPT_INTERRUPTED, NULL, 0, 0);
	case GB_ENOTSOCK:
		return gb_why(w, req, GB_R_ACCEPT_NOT_A_SOCKET, NULL, 0, 0);
	case GB_EOPNOTSUPP:
		return gb_why(w, req, GB_R_ACCEPT_NO_METHOD, NULL, 0, 0);
	default:
		if (gb_sock(w, f->index)->state != GB_SOCK_LISTEN)
			return gb_why(w, req, GB_R_ACCEPT_NOT_LISTENING, NULL, 0, 0);
		return gb_why(w, req, GB_R_ACCEPT_SHUT, NULL, 0, 0);
	}
}

/* do_accept: a file, a negative errno, or IOU_BLOCKED in a worker that has to sleep. */
static int do_accept(struct gb_world *w, struct io_kiocb *req, bool nonblock)
{
	const struct gb_file *f = gb_file(w, req->file);
	int ret = f->kind == GB_FK_SOCK ? gb_sock_accept(w, f) : -GB_ENOTSOCK;

	if (ret != -GB_EAGAIN || nonblock)
		return ret;
	if (io_wq_interrupted(w, req))
		return -GB_EINTR;
	io_wait_queue_add_exclusive(w, req, req->file);
	return IOU_BLOCKED;
}

/* The descriptor, or slot, of an accepted file. What finds no slot is closed again. */
static int io_accept_install(struct gb_world *w, struct io_kiocb *req, uint16_t file)
{
	uint32_t slot = req->cmd.accept.file_slot;
	int ret;

	if (!slot) {
		gb_why(w, req, GB_R_ACCEPT_DONE, NULL, GB_FD_BASE + file, 0);
		return GB_FD_BASE + file;
	}
	ret = io_fixed_fd_install(w, file, slot);
	if (ret < 0)
		gb_file_close(w, gb_file(w, file));
	switch (ret) {
	case -GB_ENFILE:
		return gb_why(w, req, GB_R_ACCEPT_NO_SLOT, NULL, 0, 0);
	case -GB_ENXIO:
		return gb_why(w, req, GB_R_ACCEPT_NO_TABLE, NULL, 0, 0);
	case -GB_EINVAL:
		return gb_why(w, req, GB_R_ACCEPT_BAD_SLOT, NULL, slot - 1, 0);
	default:
		gb_why(w, req, GB_R_ACCEPT_SLOT, NULL, slot == IORING_FILE_INDEX_ALLOC ? ret : (int64_t)slot - 1, 0);
		return ret;
	}
}

/* Ours: the handler is to accept once more. */
#define IO_ACCEPT_AGAIN 2

/* AF_UNIX does not say whether there are more, so a multishot request asks until there are none. */
static int io_accept_once(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags)
{
	bool nonblock = issue_flags & IO_URING_F_NONBLOCK;
	int ret = do_accept(w, req, nonblock);

	req->resumed = 0;
	if (ret == IOU_BLOCKED)
		return ret;
	if (ret < 0) {
		ret = io_accept_error(w, req, ret);
		if (ret == -GB_EAGAIN && nonblock && !(req->cmd.accept.iou_flags & IORING_ACCEPT_DONTWAIT))
			return issue_flags & IO_URING_F_MULTISHOT ? IOU_ISSUE_SKIP_COMPLETE : ret;
		req_set_fail(w, req);
	} else {
		/* as posted, one that finds no slot is no failure */
		ret = io_accept_install(w, req, (uint16_t)ret);
	}
	if (!(req->flags & REQ_F_APOLL_MULTISHOT)) {
		io_req_set_res(req, ret, 0);
		return IOU_OK;
	}
	if (ret < 0)
		return ret;
	if (io_post_aux_cqe(w, req, ret, IORING_CQE_F_MORE))
		return IO_ACCEPT_AGAIN;
	io_req_set_res(req, ret, 0);
	return issue_flags & IO_URING_F_MULTISHOT ? IOU_STOP_MULTISHOT : IOU_OK;
}

int io_accept(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags)
{
	int ret;

	if (!req->resumed && !(req->flags & REQ_F_POLLED) && req->cmd.accept.iou_flags & IORING_ACCEPT_POLL_FIRST)
		return gb_why(w, req, GB_R_ACCEPT_POLL_FIRST, NULL, 0, 0);
	do
		ret = io_accept_once(w, req, issue_flags);
	while (ret == IO_ACCEPT_AGAIN);
	return ret;
}

/* ---- CONNECT ---- */

int io_connect_prep(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe)
{
	if (sqe->len || sqe->buf_index || sqe->op_flags)
		return gb_why(w, req, GB_R_PREP_CONNECT_FIELDS, NULL, 0, 0);
	req->cmd.connect.listener = w->file_of[2 * sqe->to];
	req->flags |= REQ_F_ASYNC_DATA;
	return 0;
}

static int io_connect_reason(struct gb_world *w, struct io_kiocb *req, int err)
{
	const struct gb_file *l = gb_file(w, req->cmd.connect.listener);

	switch (-err) {
	case 0:
		return gb_why(w, req, GB_R_CONNECT_DONE, NULL, 0, 0);
	case GB_EAGAIN:
		return gb_why(w, req, GB_R_CONNECT_FULL, NULL, 0, 0);
	case GB_EINTR:
		return gb_why(w, req, GB_R_CONNECT_INTERRUPTED, NULL, 0, 0);
	case GB_ENOTSOCK:
		return gb_why(w, req, GB_R_CONNECT_NOT_A_SOCKET, NULL, 0, 0);
	case GB_EPROTOTYPE:
		return gb_why(w, req, GB_R_CONNECT_TYPE, NULL, 0, 0);
	case GB_EISCONN:
		return gb_why(w, req, GB_R_CONNECT_CONNECTED, NULL, 0, 0);
	case GB_EINVAL:
		return gb_why(w, req, GB_R_CONNECT_LISTENS, NULL, 0, 0);
	default:
		if (gb_sock(w, l->index)->closed)
			return gb_why(w, req, GB_R_CONNECT_CLOSED, NULL, 0, 0);
		return gb_why(w, req, GB_R_CONNECT_SHUT, NULL, 0, 0);
	}
}

/* __sys_connect_file; in a worker it waits for room in the listener's queue (unix_wait_for_peer). */
static int do_connect(struct gb_world *w, struct io_kiocb *req, bool nonblock)
{
	const struct gb_file *f = gb_file(w, req->file), *l = gb_file(w, req->cmd.connect.listener);
	int ret = f->kind == GB_FK_SOCK ? gb_sock_connect(w, f, l) : -GB_ENOTSOCK;

	if (ret != -GB_EAGAIN || nonblock)
		return ret;
	if (io_wq_interrupted(w, req))
		return -GB_EINTR;
	io_wait_queue_add_exclusive(w, req, w->file_of[2 * l->object + 1]);
	return IOU_BLOCKED;
}

int io_connect(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags)
{
	int ret = do_connect(w, req, issue_flags & IO_URING_F_NONBLOCK);

	req->resumed = 0;
	if (ret == IOU_BLOCKED)
		return IOU_BLOCKED;
	io_connect_reason(w, req, ret);
	if (ret == -GB_EAGAIN)
		return ret;
	if (ret < 0)
		req_set_fail(w, req);
	io_req_set_res(req, ret, 0);
	return IOU_OK;
}
