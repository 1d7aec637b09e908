/* SPDX-License-Identifier: MIT */
/* SEND and RECV (8.4 of semantics.md). */
#include "io_uring/io_uring.h"

#define SENDMSG_FLAGS (IORING_RECVSEND_POLL_FIRST | IORING_RECVSEND_BUNDLE)
#define RECVMSG_FLAGS (IORING_RECVSEND_POLL_FIRST | IORING_RECV_MULTISHOT | IORING_RECVSEND_BUNDLE)

/* ---- prep ---- */

void io_sr_setup(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe, uint32_t msg_flags)
{
	req->cmd.sr = (struct io_sr_msg){
		.addr = gb_sqe_addr(w, sqe),
		.len = sqe->len,
		.msg_flags = msg_flags,
		.flags = sqe->ioprio,
		.buf_group = req->buf_index,
		.nr_iovs = 1,
	};
	req->flags |= REQ_F_ASYNC_DATA;
	if (msg_flags & GB_MSG_DONTWAIT)
		req->flags |= REQ_F_NOWAIT;
}

/* The user iterator; false if the address is implausible. */
bool io_sr_import_ubuf(struct io_kiocb *req, unsigned int dir)
{
	struct io_sr_msg *sr = &req->cmd.sr;

	if (!import_ubuf(dir, sr->addr, sr->len, &sr->iter))
		return false;
	sr->iter.owner = (uint16_t)(req->sqe + 1);
	return true;
}

/*
 * io_msg_copy_hdr: the msghdr and its iovec, of which buffer select takes the
 * length only. Names and control data are not simulated.
 */
int io_msg_copy_hdr(struct gb_world *w, struct io_kiocb *req, unsigned int dir)
{
	struct io_sr_msg *sr = &req->cmd.sr;
	uint64_t iov, nr, len = 0;
	int ret;

	if (!gb_user_word(w, sr->addr, &iov) || !gb_user_word(w, sr->addr + 16, &iov) ||
	    !gb_user_word(w, sr->addr + 24, &nr) || !gb_user_word(w, sr->addr + 48, &len))
		return gb_why(w, req, GB_R_PREP_MSG_FAULT, NULL, 0, 0);
	if (!(req->flags & REQ_F_BUFFER_SELECT)) {
		ret = io_import_vec(w, req, dir, iov, nr, &sr->iter);
		sr->len = iov_iter_count(&sr->iter);
		return ret;
	}
	len = 0;
	if (nr > 1)
		return gb_why(w, req, GB_R_PREP_MSG_SELECT, NULL, (int64_t)nr, 0);
	if (nr && !gb_user_word(w, iov + 8, &len))
		return gb_why(w, req, GB_R_PREP_MSG_SELECT_FAULT, NULL, 0, 0);
	sr->len = (uint32_t)len;
	return 0;
}

int io_send_prep(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe)
{
	bool msg = req->opcode == IORING_OP_SENDMSG;

	req->cmd.sr.done_io = 0;
	if (msg && sqe->off)
		return gb_why(w, req, GB_R_PREP_SENDMSG_FIELDS, NULL, 0, 0);
	if ((int32_t)sqe->len < 0)
		return gb_why(w, req, GB_R_PREP_SEND_LEN, NULL, 0, 0);
	if (sqe->ioprio & ~SENDMSG_FLAGS)
		return gb_why(w, req, GB_R_PREP_SEND_FLAGS, NULL, sqe->ioprio, 0);
	if (sqe->ioprio & IORING_RECVSEND_BUNDLE && msg)
		return gb_why(w, req, GB_R_PREP_SENDMSG_BUNDLE, NULL, 0, 0);
	if (sqe->ioprio & IORING_RECVSEND_BUNDLE && !(req->flags & REQ_F_BUFFER_SELECT))
		return gb_why(w, req, GB_R_PREP_SEND_BUNDLE, NULL, 0, 0);
	io_sr_setup(w, req, sqe, sqe->op_flags | GB_MSG_NOSIGNAL);
	if (sqe->ioprio & IORING_RECVSEND_BUNDLE) {
		req->cmd.sr.msg_flags |= GB_MSG_WAITALL;
		req->flags |= REQ_F_MULTISHOT;
	}
	if (msg)
		return io_msg_copy_hdr(w, req, ITER_SOURCE);
	if (req->flags & REQ_F_BUFFER_SELECT || (io_use_group_buf(req) && !GB_FAULT(w, SEND_IMPORTS_NOTHING)))
		return 0;
	if (!io_sr_import_ubuf(req, ITER_SOURCE))
		return gb_why(w, req, GB_R_PREP_SEND_ADDR, NULL, 0, 0);
	return 0;
}

/* S8.11: what a multishot receive cannot be. */
static int io_recv_mshot_prep(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe)
{
	if (!(req->flags & REQ_F_BUFFER_SELECT))
		return gb_why(w, req, GB_R_PREP_RECV_MULTISHOT, NULL, 0, 0);
	if (sqe->op_flags & GB_MSG_WAITALL)
		return gb_why(w, req, GB_R_PREP_RECV_WAITALL, NULL, 0, 0);
	if (req->opcode == IORING_OP_RECV && sqe->len)
		return gb_why(w, req, GB_R_PREP_RECV_MSHOT_LEN, NULL, 0, 0);
	req->flags |= REQ_F_APOLL_MULTISHOT;
	return 0;
}

int io_recv_prep(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe)
{
	bool msg = req->opcode == IORING_OP_RECVMSG;
	int ret;

	req->cmd.sr.done_io = 0;
	if (sqe->off)
		return gb_why(w, req, GB_R_PREP_RECV_FIELDS, NULL, 0, 0);
	if ((int32_t)sqe->len < 0)
		return gb_why(w, req, GB_R_PREP_RECV_LEN, NULL, 0, 0);
	if (sqe->ioprio & ~RECVMSG_FLAGS)
		return gb_why(w, req, GB_R_PREP_RECV_FLAGS, NULL, sqe->ioprio, 0);
	io_sr_setup(w, req, sqe, sqe->op_flags);
	if (sqe->op_flags & GB_MSG_ERRQUEUE)
		req->flags |= REQ_F_CLEAR_POLLIN;
	if (sqe->ioprio & IORING_RECV_MULTISHOT) {
		ret = io_recv_mshot_prep(w, req, sqe);
		if (ret)
			return ret;
	}
	if (sqe->ioprio & IORING_RECVSEND_BUNDLE && msg)
		return gb_why(w, req, GB_R_PREP_RECVMSG_BUNDLE, NULL, 0, 0);
	if (msg)
		return io_msg_copy_hdr(w, req, ITER_DEST);
	if (req->flags & REQ_F_BUFFER_SELECT)
		return 0;
	if (!io_sr_import_ubuf(req, ITER_DEST))
		return gb_why(w, req, GB_R_PREP_RECV_ADDR, NULL, 0, 0);
	return 0;
}

/* ---- what both have in common ---- */

bool io_sr_poll_first(const struct gb_world *w, const struct io_kiocb *req)
{
	if (GB_FAULT(w, POLL_FIRST_IGNORED))
		return false;
	return !(req->flags & REQ_F_POLLED) && req->cmd.sr.flags & IORING_RECVSEND_POLL_FIRST;
}

/* S8.14: is a partial transfer to be continued? */
bool io_net_retry(const struct gb_world *w, const struct io_kiocb *req)
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
int64_t io_sr_blocking(struct gb_world *w, struct io_kiocb *req, int64_t ret, bool want_all)
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
void io_sr_progress(const struct gb_world *w, struct io_kiocb *req, int64_t n)
{
	req->cmd.sr.len -= (uint32_t)n;
	req->cmd.sr.addr += (uint64_t)n;
	req->cmd.sr.done_io += GB_FAULT(w, WAITALL_PROGRESS_LOST) ? 0 : (uint32_t)n;
}

/* io_net_kbuf_can_retry: what a partial receive has filled must stay its own. */
static bool io_net_kbuf_can_retry(const struct gb_world *w, const struct io_kiocb *req, uint32_t bl)
{
	if (!(req->flags & REQ_F_BUFFERS_COMMIT))
		return true;
	return !(gb_buffer_list(w, bl)->flags & IOBL_INC) && req->cmd.sr.iter.iter_type == ITER_UBUF;
}

/* Goes on with the same buffer after a poll, which nobody else may have meanwhile. */
static int io_net_kbuf_recycle(struct gb_world *w, struct io_kiocb *req, uint32_t bl, int64_t len)
{
	req->flags |= REQ_F_BL_NO_RECYCLE;
	if (req->flags & REQ_F_BUFFERS_COMMIT)
		io_kbuf_commit(w, req, bl, len, io_bundle_nbufs(w, req, len));
	return -GB_EAGAIN;
}

/* A multishot request, or a bundle, has posted one of its CQEs: it begins anew. */
static void io_mshot_prep_retry(struct io_kiocb *req)
{
	struct io_sr_msg *sr = &req->cmd.sr;

	req->flags &= ~REQ_F_BL_EMPTY;
	sr->done_io = 0;
	sr->retry_flags = 0;
	sr->len = 0;
	req->buf_index = sr->buf_group;
}

void io_sendrecv_fail(struct gb_world *w, struct io_kiocb *req)
{
	if (!req->cmd.sr.done_io || GB_FAULT(w, PARTIAL_SEND_FAILS))
		return;
	gb_why(w, req, GB_R_SR_PARTIAL, NULL, req->cmd.sr.done_io, 0);
	req->cqe_res = (int32_t)req->cmd.sr.done_io;
}

/* ---- SEND ---- */

static int64_t io_do_send(struct gb_world *w, struct io_kiocb *req, bool nonblock)
{
	int64_t ret = gb_sock_send(w, gb_file(w, req->file), &req->cmd.sr.iter);

	return nonblock ? ret : io_sr_blocking(w, req, ret, true);
}

/* Ours: the handler is to try once more. */
#define IO_SR_AGAIN 2

/* The end of a send, or of one of the CQEs of a bundle. */
static int io_send_finish(struct gb_world *w, struct io_kiocb *req, int64_t ret, uint32_t bl)
{
	struct io_sr_msg *sr = &req->cmd.sr;
	uint32_t asked = sr->done_io + sr->len;
	bool bundle = sr->flags & IORING_RECVSEND_BUNDLE;
	uint32_t cflags;

	if (ret >= 0)
		ret += sr->done_io;
	else if (sr->done_io)
		ret = sr->done_io;
	if (ret >= 0)
		gb_why(w, req, GB_R_SEND_DONE, NULL, ret, asked);
	else
		gb_why(w, req, GB_R_SEND_ERROR, NULL, ret, 0);
	cflags = io_put_kbufs(w, req, ret, bl, bundle ? io_bundle_nbufs(w, req, ret) : 1);
	/* one that had to wait goes no further, nor one that has used up its group */
	if (bundle && ret > 0 && !(req->flags & (REQ_F_BL_EMPTY | REQ_F_POLLED)) &&
	    io_post_aux_cqe(w, req, (int32_t)ret, cflags | IORING_CQE_F_MORE)) {
		io_mshot_prep_retry(req);
		return IO_SR_AGAIN;
	}
	io_req_set_res(req, (int32_t)ret, cflags);
	return IOU_OK;
}

/* The iterator over n segments that a selection has found; false if the address of a single one is implausible. */
static bool io_sr_import_iovs(const struct gb_world *w, struct io_kiocb *req, unsigned int dir,
			      const struct buf_sel_arg *arg, int n)
{
	struct io_sr_msg *sr = &req->cmd.sr;

	if (n == 1) {
		sr->addr = gb_uvec(w, arg->iovs)->iov_base;
		return io_sr_import_ubuf(req, dir);
	}
	iov_iter_init(&sr->iter, dir, arg->iovs, (uint16_t)n, arg->out_len);
	sr->iter.owner = (uint16_t)(req->sqe + 1);
	return true;
}

/* The provided buffers of a send. */
static int io_send_select(struct gb_world *w, struct io_kiocb *req, struct io_br_sel *sel, unsigned int issue_flags)
{
	struct io_sr_msg *sr = &req->cmd.sr;
	struct buf_sel_arg arg = {
		.iovs = w->uvec_of[req->sqe],
		.max_len = sr->len ? gb_min(sr->len, INT32_MAX) : INT32_MAX,
		.nr_iovs = 1,
		.expand = sr->flags & IORING_RECVSEND_BUNDLE,
	};
	int n = io_buffers_select(w, req, &arg, sel, issue_flags);

	if (n == -GB_ENOENT)
		return gb_why(w, req, GB_R_SEND_NO_GROUP, NULL, req->buf_index, 0);
	if (n < 0)
		return gb_why(w, req, GB_R_SEND_NO_BUFFERS, NULL, req->buf_index, 0);
	sr->len = arg.out_len;
	return io_sr_import_iovs(w, req, ITER_SOURCE, &arg, n) ? 0 : gb_why(w, req, GB_R_SEND_BUFFER_ADDR, NULL, 0, 0);
}

/* The buffer of a send that has none of its own. */
static int io_send_buffer(struct gb_world *w, struct io_kiocb *req, struct io_br_sel *sel, unsigned int issue_flags)
{
	struct io_sr_msg *sr = &req->cmd.sr;

	if (req->opcode == IORING_OP_SENDMSG)
		return 0;
	if (io_do_buffer_select(req))
		return io_send_select(w, req, sel, issue_flags);
	return io_use_group_buf(req) && !GB_FAULT(w, SEND_IMPORTS_NOTHING)
		       ? io_import_group_buf(w, req, ITER_SOURCE, &sr->iter, sr->addr, sr->len)
		       : 0;
}

/* One round of io_send. */
static int io_send_once(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags)
{
	struct io_sr_msg *sr = &req->cmd.sr;
	bool nonblock = issue_flags & IO_URING_F_NONBLOCK || sr->msg_flags & GB_MSG_DONTWAIT;
	struct io_br_sel sel = {0};
	int64_t ret, min_ret = 0;

	if (!req->resumed) {
		ret = io_send_buffer(w, req, &sel, issue_flags);
		if (ret)
			return (int)ret;
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
			io_sr_progress(w, req, ret);
			return io_net_kbuf_recycle(w, req, sel.bl, ret);
		}
		req_set_fail(w, req);
	}
	return io_send_finish(w, req, ret, sel.bl);
}

int io_send(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags)
{
	int ret;

	if (!req->resumed) {
		if (gb_file(w, req->file)->kind != GB_FK_SOCK)
			return gb_why(w, req, GB_R_SEND_NOT_A_SOCKET, NULL, 0, 0);
		if (io_sr_poll_first(w, req))
			return gb_why(w, req, GB_R_SEND_POLL_FIRST, NULL, 0, 0);
	}
	do
		ret = io_send_once(w, req, issue_flags);
	while (ret == IO_SR_AGAIN);
	return ret;
}

/* ---- RECV, RECVMSG ---- */

#define MULTISHOT_MAX_RETRY 32

/* struct io_uring_recvmsg_out, which a multishot RECVMSG puts in front of the data */
#define RECVMSG_OUT_SIZE 16U

/* One attempt to receive. */
struct io_recv_try {
	struct io_br_sel sel;
	uint64_t header;  /* multishot RECVMSG: where its header goes, 0: it has none */
	int64_t ret;	  /* of the socket */
	int64_t consumed; /* bytes of the buffer that are used */
	int64_t inq;	  /* bytes the socket says are left; -1: it does not say */
	bool trunc;	  /* the message was longer */
	bool mshot_finished;
};

static int64_t io_do_recv(struct gb_world *w, struct io_kiocb *req, bool nonblock, struct io_recv_try *t)
{
	struct io_sr_msg *sr = &req->cmd.sr;
	bool peek = sr->msg_flags & GB_MSG_PEEK, more = false;
	uint32_t message = gb_sock_message(w, gb_file(w, req->file));
	int64_t ret = gb_sock_recv(w, gb_file(w, req->file), &sr->iter, peek, &t->trunc, &more);

	/* the length the message had, wherever it went */
	if (t->trunc && ret >= 0 && req->cmd.sr.msg_flags & GB_MSG_TRUNC)
		ret = message;
	t->inq = ret >= 0 ? gb_sock_inq(w, gb_file(w, req->file)) : -1;
	return nonblock ? ret : io_sr_blocking(w, req, ret, sr->msg_flags & GB_MSG_WAITALL && !peek);
}

#define CQE_F_MASK (IORING_CQE_F_SOCK_NONEMPTY | IORING_CQE_F_MORE)

/*
 * The buffers of a bundle are used up. It goes on once, for the same CQE, if
 * it was filled and the socket has more.
 */
static int io_recv_bundle(struct gb_world *w, struct io_kiocb *req, const struct io_recv_try *t, int64_t ret,
			  uint32_t *cflags)
{
	struct io_sr_msg *sr = &req->cmd.sr;
	int64_t this_ret = ret - sr->done_io;

	*cflags |= io_put_kbufs(w, req, t->consumed, t->sel.bl, io_bundle_nbufs(w, req, t->consumed));
	if (sr->retry_flags & IO_SR_MSG_RETRY)
		*cflags = req->cqe_fd_or_flags | (*cflags & CQE_F_MASK);
	if (req->flags & REQ_F_BL_EMPTY || sr->retry_flags || t->inq <= 1 || this_ret <= 0 || iov_iter_count(&sr->iter))
		return IOU_OK;
	req->cqe_fd_or_flags = *cflags & ~CQE_F_MASK;
	sr->len = (uint32_t)t->inq;
	sr->done_io += (uint32_t)this_ret;
	sr->retry_flags |= IO_SR_MSG_RETRY;
	return IO_SR_AGAIN;
}

/* S5.13: one of the CQEs of a multishot receive is posted: what it goes on with. */
static int io_recv_mshot_next(struct io_kiocb *req, const struct io_recv_try *t, unsigned int issue_flags)
{
	struct io_sr_msg *sr = &req->cmd.sr;
	int again = IOU_ISSUE_SKIP_COMPLETE;

	io_mshot_prep_retry(req);
	/* known to have more, or unknown */
	if (t->inq) {
		if (sr->nr_multishot_loops++ < MULTISHOT_MAX_RETRY)
			return IO_SR_AGAIN;
		sr->nr_multishot_loops = 0;
		again = IOU_REQUEUE;
	}
	return issue_flags & IO_URING_F_MULTISHOT ? again : -GB_EAGAIN;
}

/* S6.18, S8.16: the end of a receive, whatever it was, or of one of its CQEs. */
static int io_recv_finish(struct gb_world *w, struct io_kiocb *req, const struct io_recv_try *t, int64_t ret,
			  unsigned int issue_flags)
{
	struct io_sr_msg *sr = &req->cmd.sr;
	uint32_t cflags = t->inq > 0 ? IORING_CQE_F_SOCK_NONEMPTY : 0;
	bool bundle_ends = false;

	if (sr->flags & IORING_RECVSEND_BUNDLE) {
		if (io_recv_bundle(w, req, t, ret, &cflags) == IO_SR_AGAIN)
			return IO_SR_AGAIN;
		bundle_ends = req->flags & REQ_F_BL_EMPTY;
	} else {
		cflags |= io_put_kbuf(w, req, t->consumed, t->sel.bl);
	}
	if (req->flags & REQ_F_APOLL_MULTISHOT && !t->mshot_finished && !bundle_ends &&
	    io_post_aux_cqe(w, req, (int32_t)ret, cflags | IORING_CQE_F_MORE))
		return io_recv_mshot_next(req, t, issue_flags);
	io_req_set_res(req, (int32_t)ret, cflags);
	if (io_use_group_kbuf(w, req))
		io_req_zero_remained(w, req, &sr->iter);
	return issue_flags & IO_URING_F_MULTISHOT ? IOU_STOP_MULTISHOT : IOU_OK;
}

static int64_t io_recv_result(struct gb_world *w, struct io_kiocb *req, const struct io_recv_try *t)
{
	const struct io_sr_msg *sr = &req->cmd.sr;
	uint32_t asked = sr->done_io + sr->len;
	int64_t ret = t->ret;

	if (ret > 0)
		ret += sr->done_io;
	else if (sr->done_io)
		ret = sr->done_io;
	else
		io_kbuf_recycle(w, req, t->sel.bl);
	if (ret > 0 || (!ret && !asked))
		gb_why(w, req, GB_R_RECV_DONE, NULL, ret, asked);
	else if (!ret)
		gb_why(w, req, GB_R_RECV_EOF, NULL, 0, 0);
	else
		gb_why(w, req, GB_R_RECV_ERROR, NULL, ret, 0);
	return ret;
}

/* S8.14: less came than has to; a return other than IOU_OK leaves the handler. */
static int io_recv_short(struct gb_world *w, struct io_kiocb *req, const struct io_recv_try *t,
			 unsigned int issue_flags)
{
	if (t->ret == -GB_EAGAIN && issue_flags & IO_URING_F_NONBLOCK) {
		io_kbuf_recycle(w, req, t->sel.bl);
		if (issue_flags & IO_URING_F_MULTISHOT)
			return IOU_ISSUE_SKIP_COMPLETE;
		return gb_why(w, req, GB_R_RECV_WOULD_BLOCK, NULL, 0, 0);
	}
	if (t->ret > 0 && io_net_retry(w, req) && io_net_kbuf_can_retry(w, req, t->sel.bl)) {
		io_sr_progress(w, req, t->ret);
		return io_net_kbuf_recycle(w, req, t->sel.bl, t->ret);
	}
	req_set_fail(w, req);
	return IOU_OK;
}

/* What follows the socket call of either form. */
static int io_recv_done(struct gb_world *w, struct io_kiocb *req, const struct io_recv_try *t, int64_t min_ret,
			unsigned int issue_flags)
{
	int ret;

	if (t->ret < (GB_FAULT(w, WAITALL_IGNORED) ? 0 : min_ret)) {
		ret = io_recv_short(w, req, t, issue_flags);
		if (ret != IOU_OK)
			return ret;
	} else if ((req->cmd.sr.msg_flags & GB_MSG_WAITALL && t->trunc && !GB_FAULT(w, TRUNCATED_RECV_IS_NO_FAILURE)) ||
		   (GB_FAULT(w, SHORT_RECV_IS_FAILURE) && iov_iter_count(&req->cmd.sr.iter))) {
		req_set_fail(w, req);
	}
	return io_recv_finish(w, req, t, io_recv_result(w, req, t), issue_flags);
}

/*
 * The provided buffers of a receive: several for a bundle, unless a worker
 * asks, from whom others could take them. 0 or a negative errno.
 */
static int io_recv_buf_select(struct gb_world *w, struct io_kiocb *req, struct io_recv_try *t, unsigned int issue_flags)
{
	struct io_sr_msg *sr = &req->cmd.sr;
	struct buf_sel_arg arg = {
		.iovs = w->uvec_of[req->sqe],
		.max_len = sr->len,
		.nr_iovs = sr->nr_iovs,
		.expand = true,
	};
	int n;

	if (issue_flags & IO_URING_F_UNLOCKED || !(sr->flags & IORING_RECVSEND_BUNDLE)) {
		t->sel = io_buffer_select(w, req, &sr->len, issue_flags);
		if (!t->sel.addr)
			return -GB_ENOBUFS;
		sr->len = gb_min(sr->len, MAX_RW_COUNT);
		sr->addr = t->sel.addr;
		return io_sr_import_ubuf(req, ITER_DEST) ? 0 : -GB_EFAULT;
	}
	n = io_buffers_peek(w, req, &arg, &t->sel);
	if (n < 0)
		return n;
	if (arg.expanded)
		sr->nr_iovs = (uint16_t)n;
	if (arg.partial_map)
		sr->retry_flags |= IO_SR_MSG_PARTIAL_MAP;
	if (n == 1)
		sr->len = gb_uvec(w, arg.iovs)->iov_len;
	return io_sr_import_iovs(w, req, ITER_DEST, &arg, n) ? 0 : -GB_EFAULT;
}

/* The buffer of a receive that has none of its own. */
static int io_recv_buffer(struct gb_world *w, struct io_kiocb *req, struct io_recv_try *t, unsigned int issue_flags)
{
	struct io_sr_msg *sr = &req->cmd.sr;

	if (!io_do_buffer_select(req))
		return io_use_group_buf(req) ? io_import_group_buf(w, req, ITER_DEST, &sr->iter, sr->addr, sr->len) : 0;
	switch (io_recv_buf_select(w, req, t, issue_flags)) {
	case 0:
		return 0;
	case -GB_ENOENT:
		return gb_why(w, req, GB_R_RECV_NO_GROUP, NULL, req->buf_index, 0);
	case -GB_ENOBUFS:
		return gb_why(w, req, GB_R_RECV_NO_BUFFERS, NULL, req->buf_index, 0);
	default:
		return gb_why(w, req, GB_R_RECV_BUFFER_ADDR, NULL, 0, 0);
	}
}

/* One round of io_recv. */
static int io_recv_once(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags)
{
	struct io_sr_msg *sr = &req->cmd.sr;
	bool nonblock = issue_flags & IO_URING_F_NONBLOCK || sr->msg_flags & GB_MSG_DONTWAIT;
	struct io_recv_try t = {.inq = -1, .mshot_finished = true};
	int64_t min_ret = 0;
	uint32_t len;

	if (!req->resumed) {
		t.ret = t.consumed = io_recv_buffer(w, req, &t, issue_flags);
		if (t.ret) {
			int64_t ret = sr->done_io ? sr->done_io : t.ret;

			req_set_fail(w, req);
			if (!sr->done_io)
				io_kbuf_recycle(w, req, t.sel.bl);
			return io_recv_finish(w, req, &t, ret, issue_flags);
		}
	}
	if (sr->msg_flags & GB_MSG_WAITALL)
		min_ret = (int64_t)iov_iter_count(&sr->iter) + sr->blocked;
	len = req->flags & REQ_F_BUFFER_SELECT ? iov_iter_count(&sr->iter) + sr->blocked : sr->len;
	t.ret = io_do_recv(w, req, nonblock, &t);
	t.consumed = t.ret > 0 ? gb_min((uint32_t)t.ret, len) : t.ret;
	req->resumed = 0;
	t.mshot_finished = t.ret <= 0;
	return t.ret == IOU_BLOCKED ? IOU_BLOCKED : io_recv_done(w, req, &t, min_ret, issue_flags);
}

int io_recv(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags)
{
	int ret;

	if (!req->resumed) {
		if (io_sr_poll_first(w, req))
			return gb_why(w, req, GB_R_RECV_POLL_FIRST, NULL, 0, 0);
		if (gb_file(w, req->file)->kind != GB_FK_SOCK)
			return gb_why(w, req, GB_R_RECV_NOT_A_SOCKET, NULL, 0, 0);
	}
	do
		ret = io_recv_once(w, req, issue_flags);
	while (ret == IO_SR_AGAIN);
	return ret;
}

/* The provided buffer of a message; a multishot one begins with a header. */
static int io_recvmsg_buffer(struct gb_world *w, struct io_kiocb *req, struct io_recv_try *t, unsigned int issue_flags)
{
	struct io_sr_msg *sr = &req->cmd.sr;
	uint32_t len = sr->len;

	if (!io_do_buffer_select(req))
		return 0;
	t->sel = io_buffer_select(w, req, &len, issue_flags);
	if (!t->sel.addr)
		return gb_why(w, req, GB_R_RECVMSG_NO_BUFFERS, NULL, req->buf_index, 0);
	len = gb_min(len, MAX_RW_COUNT);
	if (req->flags & REQ_F_APOLL_MULTISHOT) {
		if (len < RECVMSG_OUT_SIZE) {
			io_kbuf_recycle(w, req, t->sel.bl);
			return gb_why(w, req, GB_R_RECVMSG_BUFFER_SMALL, NULL, RECVMSG_OUT_SIZE, 0);
		}
		t->header = t->sel.addr;
		len -= RECVMSG_OUT_SIZE;
	}
	iov_iter_ubuf(&sr->iter, ITER_DEST, t->sel.addr + (t->header ? RECVMSG_OUT_SIZE : 0), len);
	sr->iter.owner = (uint16_t)(req->sqe + 1);
	return 0;
}

static void put_le32(unsigned char *to, uint32_t value)
{
	for (uint32_t k = 0; k < 4; k++, value >>= 8)
		to[k] = (unsigned char)value;
}

/* io_recvmsg_multishot, behind the socket call: no name, no control data, the length, the flags. */
static int64_t io_recvmsg_header(struct gb_world *w, struct io_kiocb *req, struct io_recv_try *t)
{
	unsigned char out[RECVMSG_OUT_SIZE] = {0};

	t->mshot_finished = t->ret <= 0;
	if (t->ret < 0)
		return t->ret;
	put_le32(out + 8, (uint32_t)t->ret);
	put_le32(out + 12, t->trunc ? GB_MSG_TRUNC : 0);
	if (gb_copy_to_user(w, t->header, out, sizeof(out)))
		return RECVMSG_OUT_SIZE + t->ret;
	t->mshot_finished = true;
	return gb_why(w, req, GB_R_RECVMSG_HEADER, NULL, 0, 0);
}

/* One round of io_recvmsg. */
static int io_recvmsg_once(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags)
{
	struct io_sr_msg *sr = &req->cmd.sr;
	bool nonblock = issue_flags & IO_URING_F_NONBLOCK || sr->msg_flags & GB_MSG_DONTWAIT;
	struct io_recv_try t = {.inq = -1, .mshot_finished = true};
	int64_t min_ret = 0;
	int ret;

	if (!req->resumed) {
		ret = io_recvmsg_buffer(w, req, &t, issue_flags);
		if (ret)
			return ret;
	}
	if (sr->msg_flags & GB_MSG_WAITALL)
		min_ret = (int64_t)iov_iter_count(&sr->iter) + sr->blocked;
	t.ret = io_do_recv(w, req, nonblock, &t);
	req->resumed = 0;
	if (t.ret == IOU_BLOCKED)
		return IOU_BLOCKED;
	if (t.header)
		t.ret = io_recvmsg_header(w, req, &t);
	t.consumed = t.ret;
	return io_recv_done(w, req, &t, min_ret, issue_flags);
}

int io_recvmsg(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags)
{
	int ret;

	if (!req->resumed) {
		if (gb_file(w, req->file)->kind != GB_FK_SOCK)
			return gb_why(w, req, GB_R_RECVMSG_NOT_A_SOCKET, NULL, 0, 0);
		if (io_sr_poll_first(w, req))
			return gb_why(w, req, GB_R_RECVMSG_POLL_FIRST, NULL, 0, 0);
	}
	do
		ret = io_recvmsg_once(w, req, issue_flags);
	while (ret == IO_SR_AGAIN);
	return ret;
}
