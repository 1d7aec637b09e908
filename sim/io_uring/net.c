/* SPDX-License-Identifier: MIT */
/* SEND and RECV (8.4 of semantics.md). */
#include "io_uring/io_uring.h"

#define SENDMSG_FLAGS (IORING_RECVSEND_POLL_FIRST | IORING_RECVSEND_BUNDLE)
#define RECVMSG_FLAGS (IORING_RECVSEND_POLL_FIRST | IORING_RECV_MULTISHOT | IORING_RECVSEND_BUNDLE)

/* ---- prep ---- */

static void io_sr_setup(struct io_kiocb *req, const struct gb_sqe *sqe, uint32_t msg_flags)
{
	req->cmd.sr = (struct io_sr_msg){
		.addr = gb_user_addr(&sqe->addr),
		.len = sqe->len,
		.msg_flags = msg_flags,
		.flags = sqe->ioprio,
	};
	req->flags |= REQ_F_ASYNC_DATA;
	if (msg_flags & GB_MSG_DONTWAIT)
		req->flags |= REQ_F_NOWAIT;
}

/* The user iterator; false if the address is implausible. */
static bool io_sr_import_ubuf(struct io_kiocb *req, unsigned int dir)
{
	struct io_sr_msg *sr = &req->cmd.sr;

	if (!gb_access_ok(sr->addr, sr->len))
		return false;
	iov_iter_ubuf(&sr->iter, dir, sr->addr, sr->len);
	sr->iter.owner = (uint16_t)(req->sqe + 1);
	return true;
}

int io_send_prep(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe)
{
	req->cmd.sr.done_io = 0;
	if ((int32_t)sqe->len < 0)
		return gb_why(w, req, GB_R_PREP_SEND_LEN, NULL, 0, 0);
	if (sqe->ioprio & ~SENDMSG_FLAGS)
		return gb_why(w, req, GB_R_PREP_SEND_FLAGS, NULL, sqe->ioprio, 0);
	if (sqe->ioprio & IORING_RECVSEND_BUNDLE && !(req->flags & REQ_F_BUFFER_SELECT))
		return gb_why(w, req, GB_R_PREP_SEND_BUNDLE, NULL, 0, 0);
	io_sr_setup(req, sqe, sqe->op_flags | GB_MSG_NOSIGNAL);
	if (req->flags & REQ_F_BUFFER_SELECT || io_use_group_buf(req))
		return 0;
	if (!io_sr_import_ubuf(req, ITER_SOURCE))
		return gb_why(w, req, GB_R_PREP_SEND_ADDR, NULL, 0, 0);
	return 0;
}

int io_recv_prep(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe)
{
	req->cmd.sr.done_io = 0;
	if (sqe->off)
		return gb_why(w, req, GB_R_PREP_RECV_FIELDS, NULL, 0, 0);
	if ((int32_t)sqe->len < 0)
		return gb_why(w, req, GB_R_PREP_RECV_LEN, NULL, 0, 0);
	if (sqe->ioprio & ~RECVMSG_FLAGS)
		return gb_why(w, req, GB_R_PREP_RECV_FLAGS, NULL, sqe->ioprio, 0);
	if (sqe->ioprio & IORING_RECV_MULTISHOT &&
	    (!(req->flags & REQ_F_BUFFER_SELECT) || sqe->op_flags & GB_MSG_WAITALL || sqe->len))
		return gb_why(w, req, GB_R_PREP_RECV_MULTISHOT, NULL, 0, 0);
	io_sr_setup(req, sqe, sqe->op_flags);
	if (req->flags & REQ_F_BUFFER_SELECT)
		return 0;
	if (!io_sr_import_ubuf(req, ITER_DEST))
		return gb_why(w, req, GB_R_PREP_RECV_ADDR, NULL, 0, 0);
	return 0;
}

/* ---- what both have in common ---- */

static bool io_sr_poll_first(const struct io_kiocb *req)
{
	return !(req->flags & REQ_F_POLLED) && req->cmd.sr.flags & IORING_RECVSEND_POLL_FIRST;
}

/* S8.14: is a partial transfer to be continued? */
static bool io_net_retry(const struct gb_world *w, const struct io_kiocb *req)
{
	const struct gb_file *f = gb_file(w, req->file);

	return req->cmd.sr.msg_flags & GB_MSG_WAITALL && !gb_sock(w, f->index)->dgram;
}

/* A call in a worker that has to sleep; `done` bytes of it are moved. */
static int64_t io_sr_block(struct gb_world *w, struct io_kiocb *req)
{
	if (io_wq_interrupted(w, req))
		return -GB_EINTR;
	io_wait_queue_add(w, req, true);
	return IOU_BLOCKED;
}

/*
 * The blocking form of a socket call: it goes on until `want_all` is served or
 * something moved, whatever sleeps lie between.
 */
static int64_t io_sr_blocking(struct gb_world *w, struct io_kiocb *req, int64_t ret, bool want_all)
{
	struct io_sr_msg *sr = &req->cmd.sr;

	if (ret > 0)
		sr->blocked += (uint32_t)ret;
	if (ret == -GB_EAGAIN || (ret > 0 && want_all && iov_iter_count(&sr->iter)))
		ret = io_sr_block(w, req);
	if (ret != IOU_BLOCKED && sr->blocked) {
		ret = sr->blocked;
		sr->blocked = 0;
	}
	return ret;
}

/* S8.14: notes the progress of a transfer that goes on after a poll. */
static void io_sr_progress(struct io_kiocb *req, int64_t n)
{
	req->cmd.sr.len -= (uint32_t)n;
	req->cmd.sr.addr += (uint64_t)n;
	req->cmd.sr.done_io += (uint32_t)n;
}

void io_sendrecv_fail(struct gb_world *w, struct io_kiocb *req)
{
	if (!req->cmd.sr.done_io)
		return;
	gb_why(w, req, GB_R_SR_PARTIAL, NULL, req->cmd.sr.done_io, 0);
	io_req_set_res(req, (int32_t)req->cmd.sr.done_io, 0);
}

/* ---- SEND ---- */

static int64_t io_do_send(struct gb_world *w, struct io_kiocb *req, bool nonblock)
{
	int64_t ret = gb_sock_send(w, gb_file(w, req->file), &req->cmd.sr.iter);

	return nonblock ? ret : io_sr_blocking(w, req, ret, true);
}

static int io_send_finish(struct gb_world *w, struct io_kiocb *req, int64_t ret)
{
	struct io_sr_msg *sr = &req->cmd.sr;
	uint32_t asked = sr->done_io + sr->len;

	if (ret >= 0)
		ret += sr->done_io;
	else if (sr->done_io)
		ret = sr->done_io;
	if (ret >= 0)
		gb_why(w, req, GB_R_SEND_DONE, NULL, ret, asked);
	else
		gb_why(w, req, GB_R_SEND_ERROR, NULL, ret, 0);
	io_req_set_res(req, (int32_t)ret, 0);
	return IOU_OK;
}

int io_send(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags)
{
	struct io_sr_msg *sr = &req->cmd.sr;
	bool nonblock = issue_flags & IO_URING_F_NONBLOCK || sr->msg_flags & GB_MSG_DONTWAIT;
	int64_t ret, min_ret = 0;

	if (!req->resumed) {
		if (gb_file(w, req->file)->kind != GB_FK_SOCK)
			return gb_why(w, req, GB_R_SEND_NOT_A_SOCKET, NULL, 0, 0);
		if (io_sr_poll_first(req))
			return gb_why(w, req, GB_R_SEND_POLL_FIRST, NULL, 0, 0);
		if (req->flags & REQ_F_BUFFER_SELECT)
			return gb_why(w, req, GB_R_SEND_NO_BUFFERS, NULL, req->buf_index, 0);
		if (io_use_group_buf(req)) {
			ret = io_import_group_buf(w, req, ITER_SOURCE, &sr->iter, sr->addr, sr->len);
			if (ret)
				return (int)ret;
		}
	}
	if (sr->msg_flags & GB_MSG_WAITALL)
		min_ret = (int64_t)iov_iter_count(&sr->iter) + sr->blocked;
	ret = io_do_send(w, req, nonblock);
	req->resumed = 0;
	if (ret == IOU_BLOCKED)
		return IOU_BLOCKED;
	if (ret < min_ret) {
		if (ret == -GB_EAGAIN && issue_flags & IO_URING_F_NONBLOCK)
			return gb_why(w, req, GB_R_SEND_WOULD_BLOCK, NULL, 0, 0);
		if (ret > 0 && io_net_retry(w, req)) {
			io_sr_progress(req, ret);
			return -GB_EAGAIN;
		}
		req_set_fail(w, req);
	}
	return io_send_finish(w, req, ret);
}

/* ---- RECV ---- */

static int64_t io_do_recv(struct gb_world *w, struct io_kiocb *req, bool nonblock, bool *trunc)
{
	struct io_sr_msg *sr = &req->cmd.sr;
	bool peek = sr->msg_flags & GB_MSG_PEEK, more = false;
	int64_t ret = gb_sock_recv(w, gb_file(w, req->file), &sr->iter, peek, trunc, &more);

	return nonblock ? ret : io_sr_blocking(w, req, ret, sr->msg_flags & GB_MSG_WAITALL && !peek);
}

/* S6.18, S8.16: the end of a receive, whatever it was. */
static int io_recv_finish(struct gb_world *w, struct io_kiocb *req, int64_t ret)
{
	struct io_sr_msg *sr = &req->cmd.sr;

	io_req_set_res(req, (int32_t)ret, 0);
	if (io_use_group_kbuf(w, req))
		io_req_zero_remained(w, req, &sr->iter);
	return IOU_OK;
}

static int64_t io_recv_result(struct gb_world *w, struct io_kiocb *req, int64_t ret)
{
	const struct io_sr_msg *sr = &req->cmd.sr;
	uint32_t asked = sr->done_io + sr->len;

	if (ret > 0)
		ret += sr->done_io;
	else if (sr->done_io)
		ret = sr->done_io;
	if (ret > 0 || !asked)
		gb_why(w, req, GB_R_RECV_DONE, NULL, ret, asked);
	else if (!ret)
		gb_why(w, req, GB_R_RECV_EOF, NULL, 0, 0);
	else
		gb_why(w, req, GB_R_RECV_ERROR, NULL, ret, 0);
	return ret;
}

/* The buffer of a receive that has none of its own. */
static int io_recv_buffer(struct gb_world *w, struct io_kiocb *req)
{
	struct io_sr_msg *sr = &req->cmd.sr;

	if (req->flags & REQ_F_BUFFER_SELECT)
		return gb_why(w, req, GB_R_RECV_NO_BUFFERS, NULL, req->buf_index, 0);
	if (!io_use_group_buf(req))
		return 0;
	return io_import_group_buf(w, req, ITER_DEST, &sr->iter, sr->addr, sr->len);
}

int io_recv(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags)
{
	struct io_sr_msg *sr = &req->cmd.sr;
	bool nonblock = issue_flags & IO_URING_F_NONBLOCK || sr->msg_flags & GB_MSG_DONTWAIT;
	int64_t ret, min_ret = 0;
	bool trunc = false;

	if (!req->resumed) {
		if (io_sr_poll_first(req))
			return gb_why(w, req, GB_R_RECV_POLL_FIRST, NULL, 0, 0);
		if (gb_file(w, req->file)->kind != GB_FK_SOCK)
			return gb_why(w, req, GB_R_RECV_NOT_A_SOCKET, NULL, 0, 0);
		ret = io_recv_buffer(w, req);
		if (ret) {
			req_set_fail(w, req);
			return io_recv_finish(w, req, ret);
		}
	}
	if (sr->msg_flags & GB_MSG_WAITALL)
		min_ret = (int64_t)iov_iter_count(&sr->iter) + sr->blocked;
	ret = io_do_recv(w, req, nonblock, &trunc);
	req->resumed = 0;
	if (ret == IOU_BLOCKED)
		return IOU_BLOCKED;
	if (ret < min_ret) {
		if (ret == -GB_EAGAIN && issue_flags & IO_URING_F_NONBLOCK)
			return gb_why(w, req, GB_R_RECV_WOULD_BLOCK, NULL, 0, 0);
		if (ret > 0 && io_net_retry(w, req)) {
			io_sr_progress(req, ret);
			return -GB_EAGAIN;
		}
		req_set_fail(w, req);
	} else if (sr->msg_flags & GB_MSG_WAITALL && trunc) {
		req_set_fail(w, req);
	}
	return io_recv_finish(w, req, io_recv_result(w, req, ret));
}
