/* SPDX-License-Identifier: MIT */
/*
 * The canonical form of a request: struct io_kiocb without its lists, which
 * are written where they begin, and without what the SQE says already.
 *
 * Not in it: reason, reason_n and reason_req, which are told and never asked
 * for; cancel_seq, for every ASYNC_CANCEL has a number of its own; worker,
 * which is the one whose `cur` it is; poll_mask, written before it is read in
 * the same step; iter.owner, which is the request itself.
 */
#include "io_uring/io_uring.h"
#include "world/canon.h"

/* Who adds a field to one of these has to write it below, or to say above why not. */
_Static_assert(sizeof(struct io_kiocb) == 208, "a request has changed: see canon_put_req");
_Static_assert(sizeof(struct io_rw) == 88, "see canon_put_rw");
_Static_assert(sizeof(struct io_sr_msg) == 72, "see canon_put_sr");
_Static_assert(sizeof(struct io_timeout) == 32, "see canon_put_timeout");
_Static_assert(sizeof(struct iov_iter) == 32, "see canon_put_iter");
_Static_assert(sizeof(struct io_uring_cmd) == 4, "see canon_put_cmd");

/* A request that takes its buffers from a group has one only between selection and completion. */
static bool has_buffer(const struct io_kiocb *req)
{
	return !(req->flags & REQ_F_BUFFER_SELECT) || req->flags & (REQ_F_BUFFER_SELECTED | REQ_F_BUFFER_RING);
}

/* A segment as seen from where the segments of the iterator begin, as far as that depends on an SQE. */
static uint32_t iter_seg(const struct gb_canon *c, const struct io_kiocb *req, const struct iov_iter *i)
{
	if (i->iter_type == ITER_IOVEC)
		return i->seg - c->w->uvec_of[req->origin];
	return i->lease ? i->seg - gb_lease(c->w, i->lease)->seg : i->seg;
}

/* The segments prep has copied from memory, which may have said something else since. */
static void put_uvecs(struct gb_canon *c, const struct io_kiocb *req, const struct iov_iter *i)
{
	uint32_t first = c->w->uvec_of[req->origin];

	if (c->w->trace->sqes[req->origin].iov)
		return;
	for (uint32_t k = first; k < i->seg + i->nr_segs && k < c->w->at.n_uvecs; k++) {
		canon_put(c, gb_uvec(c->w, k)->iov_base);
		canon_put(c, gb_uvec(c->w, k)->iov_len);
	}
}

static void put_iter(struct gb_canon *c, const struct io_kiocb *req, const struct iov_iter *i)
{
	const uint64_t field[] = {
		i->iter_type,
		i->data_source,
		i->lease ? canon_lease(c, i->lease) : 0,
		i->nr_segs,
		canon_signed((int64_t)iter_seg(c, req, i)),
		i->iov_offset,
		i->count,
		i->iter_type == ITER_UBUF ? i->ubuf : 0,
	};

	CANON_PUT_SPARSE(c, field);
	if (i->iter_type == ITER_IOVEC)
		put_uvecs(c, req, i);
}

static void put_iter_state(struct gb_canon *c, const struct iov_iter_state *s)
{
	const uint64_t field[] = {s->iov_offset, s->count, s->nr_segs};

	CANON_PUT_SPARSE(c, field);
}

/* An address that begins as the SQE's: how far it has moved. One of a selected buffer: where it is. */
static uint64_t addr_moved(const struct gb_canon *c, const struct io_kiocb *req, uint64_t addr)
{
	if (!has_buffer(req))
		return 0;
	if (req->flags & REQ_F_BUFFER_SELECT)
		return addr;
	return canon_signed((int64_t)(addr - gb_sqe_addr(c->w, &c->w->trace->sqes[req->origin])));
}

static void canon_put_rw(struct gb_canon *c, const struct io_kiocb *req)
{
	const struct gb_sqe *sqe = &c->w->trace->sqes[req->origin];
	const struct io_rw *rw = &req->cmd.rw;
	const uint64_t field[] = {
		addr_moved(c, req, rw->addr),
		canon_signed((int64_t)(rw->pos - sqe->off)),
		canon_signed((int64_t)rw->len - sqe->len),
		rw->bytes_done,
		rw->blocked,
		req->event == IO_EVENT_RW_DONE ? canon_signed(rw->result) : 0,
		rw->cur_pos,
		rw->unmoved,
		rw->chosen,
	};

	/* prep got as far as to fill it in */
	canon_put(c, !!(req->flags & REQ_F_ASYNC_DATA));
	if (!(req->flags & REQ_F_ASYNC_DATA))
		canon_put(c, rw->rw_flags);
	CANON_PUT_SPARSE(c, field);
	if (has_buffer(req)) {
		put_iter(c, req, &rw->iter);
		put_iter_state(c, &rw->iter_state);
	}
}

static void canon_put_sr(struct gb_canon *c, const struct io_kiocb *req)
{
	const struct gb_sqe *sqe = &c->w->trace->sqes[req->origin];
	const struct io_sr_msg *sr = &req->cmd.sr;
	const uint64_t field[] = {
		addr_moved(c, req, sr->addr),
		canon_signed((int64_t)sr->len - sqe->len),
		sr->done_io,
		sr->blocked,
		sr->nr_multishot_loops,
		sr->retry_flags,
		sr->nr_iovs,
		sr->notif != 0,
	};

	canon_put(c, !!(req->flags & REQ_F_ASYNC_DATA));
	if (!(req->flags & REQ_F_ASYNC_DATA)) {
		canon_put(c, sr->msg_flags);
		canon_put(c, sr->flags);
	}
	CANON_PUT_SPARSE(c, field);
	/* SENDMSG takes no buffer from a group, and uses what is there */
	if (has_buffer(req) || req->opcode == IORING_OP_SENDMSG)
		put_iter(c, req, &sr->iter);
}

/* Where its bytes end is written with the socket that holds them. */
static void canon_put_notif(struct gb_canon *c, const struct io_notif_data *nd)
{
	const uint64_t field[] = {nd->refs, nd->zc_report, nd->zc_used, nd->zc_copied, nd->held};

	CANON_PUT_SPARSE(c, field);
}

static void canon_put_timeout(struct gb_canon *c, const struct io_kiocb *req)
{
	const struct gb_sqe *sqe = &c->w->trace->sqes[req->origin];
	const struct io_timeout *t = &req->cmd.timeout;
	const uint64_t field[] = {
		canon_signed((int64_t)(t->period_us - (uint64_t)sqe->ms * 1000)),
		canon_signed((int64_t)t->off - (uint32_t)sqe->off),
		t->target_seq,
		canon_signed((int64_t)t->repeats - (int32_t)sqe->off),
		canon_signed((int64_t)t->flags - sqe->op_flags),
		canon_ref(c, t->head),
		canon_ref(c, t->prev),
	};

	CANON_PUT_SPARSE(c, field);
}

/* What of its command data a request keeps besides what the SQE says. */
enum keeps { KEEPS_UNKNOWN, KEEPS_NOTHING, KEEPS_RW, KEEPS_SR, KEEPS_TIMEOUT, KEEPS_POLL, KEEPS_CMD };

static enum keeps keeps_of(uint8_t opcode)
{
	switch (opcode) {
	case IORING_OP_READ:
	case IORING_OP_WRITE:
	case IORING_OP_READV:
	case IORING_OP_WRITEV:
	case IORING_OP_READ_FIXED:
	case IORING_OP_WRITE_FIXED:
	case IORING_OP_READ_MULTISHOT:
		return KEEPS_RW;
	case IORING_OP_SEND:
	case IORING_OP_SENDMSG:
	case IORING_OP_RECV:
	case IORING_OP_RECVMSG:
	case IORING_OP_SEND_ZC:
	case IORING_OP_SENDMSG_ZC:
		return KEEPS_SR;
	case IORING_OP_TIMEOUT:
	case IORING_OP_LINK_TIMEOUT:
		return KEEPS_TIMEOUT;
	case IORING_OP_POLL_ADD:
		return KEEPS_POLL;
	case IORING_OP_URING_CMD:
		return KEEPS_CMD;
	case IORING_OP_NOP:
	case IORING_OP_FSYNC:
	case IORING_OP_CLOSE:
	case IORING_OP_SHUTDOWN:
	case IORING_OP_ASYNC_CANCEL:
	case IORING_OP_POLL_REMOVE:
	case IORING_OP_TIMEOUT_REMOVE:
	case IORING_OP_PROVIDE_BUFFERS:
	case IORING_OP_REMOVE_BUFFERS:
	case IORING_OP_ACCEPT:
	case IORING_OP_CONNECT:
		return KEEPS_NOTHING;
	default:
		return KEEPS_UNKNOWN;
	}
}

bool canon_knows(uint8_t opcode)
{
	return keeps_of(opcode) != KEEPS_UNKNOWN;
}

static void canon_put_cmd(struct gb_canon *c, const struct io_kiocb *req)
{
	if (req->flags & REQ_F_NOTIF) {
		canon_put_notif(c, &req->cmd.notif);
		return;
	}
	switch (keeps_of(req->opcode)) {
	case KEEPS_RW:
		canon_put_rw(c, req);
		break;
	case KEEPS_SR:
		canon_put_sr(c, req);
		break;
	case KEEPS_TIMEOUT:
		canon_put_timeout(c, req);
		break;
	case KEEPS_POLL:
		/* an update may change them */
		canon_put(c, req->cmd.poll.events);
		break;
	case KEEPS_CMD:
		canon_put(c, req->cmd.uring.task_work_cb);
		canon_put(c, req->cmd.uring.cancelable);
		canon_put(c, req->cmd.uring.tag);
		break;
	case KEEPS_NOTHING:
	case KEEPS_UNKNOWN:
		break;
	}
}

/* The buffer word, as far as its owner makes something of it; a stale one is followed or not (S6.19). */
static uint64_t buffer_word(const struct gb_canon *c, const struct io_kiocb *req)
{
	switch (req->buf_owner) {
	case IO_BUF_GRP_BUF:
		return canon_lease(c, req->buf);
	case IO_BUF_STALE:
	case IO_BUF_KBUF:
		return req->buf != 0;
	default:
		return req->buf;
	}
}

void canon_put_req(struct gb_canon *c, const struct io_kiocb *req)
{
	const bool armed = req->wait_file || req->poll_hashed || req->tw_func == IO_TW_POLL;
	const bool select = req->flags & (REQ_F_BUFFER_SELECT | REQ_F_BUFFER_SELECTED | REQ_F_BUFFER_RING);
	const uint64_t small =
		req->resumed | (uint64_t)req->work_flags << 8 | (uint64_t)req->work_pending << 16 |
		(uint64_t)req->wait_blocked << 24 | (uint64_t)(req->wait_file ? req->wait_exclusive : 0) << 32 |
		(uint64_t)req->poll_hashed << 40 | (uint64_t)req->poll_owned << 48 | (uint64_t)req->poll_canceled << 56;
	const uint32_t numbers =
		(uint32_t)(select ? req->buf_index : 0) | (uint32_t)req->tw_func << 16 | (uint32_t)req->buf_owner << 24;
	unsigned char *at = c->at;

	at = canon_word(at, req->flags);
	at = canon_word(at, canon_pair((uint32_t)req->cqe_res, req->cqe_fd_or_flags));
	at = canon_word(at, canon_pair((uint32_t)req->grp_refs, req->nr_issued));
	at = canon_word(at, canon_pair(canon_ref(c, req->link), canon_ref(c, req->grp)));
	at = canon_word(at, (uint64_t)req->file | (uint64_t)req->refs << 16 | (uint64_t)req->work_hash << 32 |
				    (uint64_t)req->wait_file << 48);
	at = canon_word(at, canon_pair(buffer_word(c, req), armed ? req->poll_events : 0));
	at = canon_word(at, canon_pair(req->sqe == req->origin ? 0 : canon_sqe(c, req->sqe), numbers));
	at = canon_word(at, small);
	*at++ = req->poll_retries;
	*at++ = req->event;
	c->at = at;
	if (req->buf_owner == IO_BUF_KBUF && req->buf)
		canon_put_kbuf(c, req->buf);
	canon_put_cmd(c, req);
}
