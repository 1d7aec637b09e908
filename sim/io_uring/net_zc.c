/* SPDX-License-Identifier: MIT */
/*
 * SEND_ZC and SENDMSG_ZC (8.4, I91 of semantics.md and invariants.md): as SEND,
 * with a second CQE that says when the memory may be used again. The group
 * buffer bit is ignored (6.5).
 */
#include "io_uring/io_uring.h"

#define IO_ZC_FLAGS_VALID (IORING_RECVSEND_POLL_FIRST | IORING_RECVSEND_FIXED_BUF | IORING_SEND_ZC_REPORT_USAGE)

/* ---- prep ---- */

/* What of a message or a fixed buffer does not go together with the rest. */
static int io_send_zc_fields(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe)
{
	bool fixed = sqe->ioprio & IORING_RECVSEND_FIXED_BUF;

	if (fixed) {
		req->buf_index = sqe->buf_index;
		if (!io_req_set_imu_bare(w, req))
			return gb_why(w, req, GB_R_PREP_ZC_FIXED, NULL, sqe->buf_index, 0);
	}
	if (req->opcode == IORING_OP_SEND_ZC)
		return 0;
	if (sqe->off)
		return gb_why(w, req, GB_R_PREP_ZC_MSG_FIELDS, NULL, 0, 0);
	if (fixed)
		return gb_why(w, req, GB_R_PREP_ZC_MSG_FIXED, NULL, 0, 0);
	return 0;
}

/* From the notification on every end of the request has a second CQE, a refusal as well. */
int io_send_zc_prep(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe)
{
	struct io_sr_msg *zc = &req->cmd.sr;
	uint16_t notif;
	int ret;

	*zc = (struct io_sr_msg){0};
	if (req->flags & REQ_F_CQE_SKIP)
		return gb_why(w, req, GB_R_PREP_ZC_SKIP, NULL, 0, 0);
	notif = io_req_ref(w, io_alloc_notif(w, req, sqe->ioprio & IORING_SEND_ZC_REPORT_USAGE));
	zc->notif = notif;
	req->flags |= REQ_F_NEED_CLEANUP;
	if (sqe->ioprio & ~IO_ZC_FLAGS_VALID)
		return gb_why(w, req, GB_R_PREP_ZC_FLAGS, NULL, sqe->ioprio, 0);
	ret = io_send_zc_fields(w, req, sqe);
	if (ret)
		return ret;
	io_sr_setup(w, req, sqe, sqe->op_flags | GB_MSG_NOSIGNAL);
	zc->notif = notif;
	if (req->opcode == IORING_OP_SENDMSG_ZC)
		return io_msg_copy_hdr(w, req, ITER_SOURCE);
	return io_sr_import_ubuf(req, ITER_SOURCE) ? 0 : gb_why(w, req, GB_R_PREP_ZC_ADDR, NULL, 0, 0);
}

/* ---- issue ---- */

/* io_send_zc_import: once, in front of the first byte. */
static int io_send_zc_import(struct gb_world *w, struct io_kiocb *req)
{
	struct io_sr_msg *zc = &req->cmd.sr;

	if (req->opcode == IORING_OP_SENDMSG_ZC || zc->done_io)
		return 0;
	if (!(zc->flags & IORING_RECVSEND_FIXED_BUF)) {
		io_sr_import_ubuf(req, ITER_SOURCE);
		return 0;
	}
	if (req->buf_owner != IO_BUF_IMU) {
		/* A9: the mark of the group buffer, which is ignored, shares the word with the pointer */
		gb_hazard(w, GB_HAZARD_WILD_POINTER, "io_import_fixed", gb_label(req),
			  "the imported mark has overwritten the pointer to the registered buffer");
		return gb_why(w, req, GB_R_ZC_WILD_BUFFER, NULL, 0, 0);
	}
	if (!io_import_fixed(w, req, ITER_SOURCE, &zc->iter, zc->addr, zc->len))
		return gb_why(w, req, GB_R_ZC_FIXED_RANGE, NULL, req->buf_index, 0);
	return 0;
}

/* The checks in front of a send, not made again by a worker that slept in it. */
static int io_send_zc_start(struct gb_world *w, struct io_kiocb *req)
{
	const struct gb_file *f = gb_file(w, req->file);

	if (f->kind != GB_FK_SOCK)
		return gb_why(w, req, GB_R_ZC_NOT_A_SOCKET, NULL, 0, 0);
	if (!gb_sock(w, f->index)->zc)
		return gb_why(w, req, GB_R_ZC_NO_SUPPORT, NULL, 0, 0);
	if (io_sr_poll_first(w, req))
		return gb_why(w, req, GB_R_ZC_POLL_FIRST, NULL, 0, 0);
	if (!req->cmd.sr.notif) {
		/* S2.29: refused before it got one, and executed all the same */
		gb_hazard(w, GB_HAZARD_NULL_DEREF, "io_send_zc", gb_label(req), "the request has no notification");
		return gb_why(w, req, GB_R_ZC_NO_NOTIF, NULL, 0, 0);
	}
	return io_send_zc_import(w, req);
}

/* One call of the socket: its bytes are copied, or the notification waits for them. */
static int64_t io_do_send_zc(struct gb_world *w, struct io_kiocb *req, bool nonblock)
{
	struct io_sr_msg *zc = &req->cmd.sr;
	struct io_kiocb *notif = io_req(w, zc->notif);
	struct gb_file *f = gb_file(w, req->file);
	int64_t ret = gb_sock_send(w, f, &zc->iter);

	if (ret > 0 && !gb_sock_zc_hold(w, f, notif)) {
		io_tx_ubuf_get(notif);
		io_tx_ubuf_complete(w, notif, true, false);
	}
	return nonblock ? ret : io_sr_blocking(w, req, ret, true);
}

static int io_send_zc_finish(struct gb_world *w, struct io_kiocb *req, int64_t ret, unsigned int issue_flags)
{
	struct io_sr_msg *zc = &req->cmd.sr;
	uint32_t asked = zc->done_io + zc->len;

	if (ret >= 0)
		ret += zc->done_io;
	else if (zc->done_io)
		ret = zc->done_io;
	if (ret >= 0)
		gb_why(w, req, GB_R_ZC_DONE, NULL, ret, asked);
	else
		gb_why(w, req, GB_R_ZC_ERROR, NULL, ret, 0);
	/* a worker leaves it to the cleanup, which comes behind the CQE */
	if (!(issue_flags & IO_URING_F_UNLOCKED)) {
		io_notif_flush(w, io_req(w, zc->notif));
		zc->notif = 0;
		req->flags &= ~REQ_F_NEED_CLEANUP;
	}
	io_req_set_res(req, (int32_t)ret, IORING_CQE_F_MORE);
	return IOU_OK;
}

int io_send_zc(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags)
{
	struct io_sr_msg *zc = &req->cmd.sr;
	bool nonblock = issue_flags & IO_URING_F_NONBLOCK || zc->msg_flags & GB_MSG_DONTWAIT;
	int64_t ret, min_ret = 0;

	if (!req->resumed) {
		ret = io_send_zc_start(w, req);
		if (ret)
			return (int)ret;
	}
	if (zc->msg_flags & GB_MSG_WAITALL)
		min_ret = (int64_t)iov_iter_count(&zc->iter) + zc->blocked;
	ret = io_do_send_zc(w, req, nonblock);
	req->resumed = 0;
	if (ret == IOU_BLOCKED)
		return IOU_BLOCKED;
	if (ret < min_ret) {
		if (ret == -GB_EAGAIN && issue_flags & IO_URING_F_NONBLOCK)
			return gb_why(w, req, GB_R_ZC_WOULD_BLOCK, NULL, 0, 0);
		if (ret > 0 && io_net_retry(w, req)) {
			io_sr_progress(w, req, ret);
			return -GB_EAGAIN;
		}
		req_set_fail(w, req);
	}
	return io_send_zc_finish(w, req, ret, issue_flags);
}

void io_send_zc_fail(struct gb_world *w, struct io_kiocb *req)
{
	io_sendrecv_fail(w, req);
	if (req->flags & REQ_F_NEED_CLEANUP)
		req->cqe_fd_or_flags |= IORING_CQE_F_MORE;
}

void io_send_zc_cleanup(struct gb_world *w, struct io_kiocb *req)
{
	struct io_sr_msg *zc = &req->cmd.sr;

	if (zc->notif)
		io_notif_flush(w, io_req(w, zc->notif));
	zc->notif = 0;
}
