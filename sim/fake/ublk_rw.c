/* SPDX-License-Identifier: MIT */
/* pread and pwrite on the character device of ublk: user copy (S10.19). */
#include "io_uring/io_uring.h"

/* Where the data of a request lie: the queue above the tag above the byte. */
#define UBLKSRV_IO_BUF_OFFSET 0x80000000ULL
#define UBLK_IO_BUF_BITS      25
#define UBLK_TAG_OFF	      UBLK_IO_BUF_BITS
#define UBLK_TAG_BITS	      16
#define UBLK_QID_OFF	      (UBLK_TAG_OFF + UBLK_TAG_BITS)
#define UBLK_QID_BITS	      12

/* `bits` bits of a position from bit `from` on. One in front of the data names a queue nobody has. */
static uint32_t pos_field(uint64_t pos, uint32_t from, uint32_t bits)
{
	return (uint32_t)((pos - UBLKSRV_IO_BUF_OFFSET) >> from & ((1ULL << bits) - 1));
}

/* Is the iterator one over addresses of user space? */
static bool user_backed_iter(const struct iov_iter *i)
{
	return i->iter_type == ITER_UBUF || i->iter_type == ITER_IOVEC;
}

static const struct gb_blkreq *rq_decl(const struct gb_world *w, const struct ublk_rq *rq)
{
	return &w->trace->blkreqs[rq - gb_ublk_rq(w, 1)];
}

/* Does a position name a request that the driver may look for? 0, or the errno with its reason. */
static int ublk_check_pos(struct gb_world *w, struct io_kiocb *req, uint64_t pos, const struct iov_iter *iter)
{
	const struct ublk_queue *q = gb_ublk(w, gb_file(w, req->file)->index);
	uint32_t queue = pos_field(pos, UBLK_QID_OFF, UBLK_QID_BITS);
	uint32_t tag = pos_field(pos, UBLK_TAG_OFF, UBLK_TAG_BITS);

	if (!user_backed_iter(iter))
		return gb_why(w, req, GB_R_UBLK_COPY_KERNEL, NULL, 0, 0);
	if (queue)
		return gb_why(w, req, GB_R_UBLK_COPY_QUEUE, NULL, queue, 0);
	if (tag >= q->q_depth)
		return gb_why(w, req, GB_R_UBLK_COPY_TAG, NULL, tag, q->q_depth);
	if (!(q->flags & UBLK_F_USER_COPY) && !GB_FAULT(w, UBLK_COPY_WITHOUT_FLAG))
		return gb_why(w, req, GB_R_UBLK_NO_USER_COPY, NULL, 0, 0);
	return 0;
}

/* May `rq`, the request of `tag`, be copied from byte `off` on? 0, or the errno with its reason. */
static int ublk_check_req(struct gb_world *w, struct io_kiocb *req, const struct ublk_rq *rq, uint32_t off,
			  const struct iov_iter *iter)
{
	const struct gb_blkreq *blk = rq_decl(w, rq);
	uint32_t bytes = blk->len - rq->done;

	if (!gb_blk_has_data(blk->op))
		return gb_why(w, req, GB_R_UBLK_COPY_NO_DATA, NULL, rq->tag, 0);
	if (off > bytes)
		return gb_why(w, req, GB_R_UBLK_COPY_OFFSET, NULL, off, bytes);
	if ((blk->op == GB_BLK_read) == iov_iter_is_dest(iter) && !GB_FAULT(w, UBLK_COPY_DIRECTION_UNCHECKED))
		return gb_why(w, req, GB_R_UBLK_COPY_DIRECTION, NULL, rq->tag, 0);
	return 0;
}

/* ublk_check_and_get_req: the request behind a position, NULL with the errno in *err. */
static struct ublk_rq *ublk_check_and_get_req(struct gb_world *w, struct io_kiocb *req, uint64_t pos,
					      const struct iov_iter *iter, int *err)
{
	const struct ublk_queue *q = gb_ublk(w, gb_file(w, req->file)->index);
	uint32_t tag = pos_field(pos, UBLK_TAG_OFF, UBLK_TAG_BITS);
	uint16_t ref;

	*err = ublk_check_pos(w, req, pos, iter);
	if (*err)
		return NULL;
	ref = gb_ublk_io(w, q->ios + tag)->rq;
	if (!ref || !gb_ublk_rq(w, ref)->refs) {
		*err = gb_why(w, req, GB_R_UBLK_COPY_NO_REQUEST, NULL, tag, 0);
		return NULL;
	}
	ublk_get_req_ref(w, gb_ublk_rq(w, ref));
	*err = ublk_check_req(w, req, gb_ublk_rq(w, ref), pos_field(pos, 0, UBLK_IO_BUF_BITS), iter);
	if (!*err)
		return gb_ublk_rq(w, ref);
	if (!GB_FAULT(w, UBLK_COPY_KEEPS_REFERENCE))
		ublk_put_req_ref(w, gb_ublk_rq(w, ref));
	return NULL;
}

/* ublk_copy_user_pages: up to the end of the request or of the mapped memory. */
static uint32_t ublk_copy(struct gb_world *w, const struct ublk_rq *rq, uint32_t off, struct iov_iter *iter)
{
	uint32_t n = gb_min(iov_iter_count(iter), rq_decl(w, rq)->len - rq->done - off);
	unsigned char *bytes = gb_bytes(w, rq->bytes + rq->done + off);

	if (iov_iter_is_dest(iter))
		return copy_to_iter(w, bytes, n, iter);
	n = copy_from_iter(w, bytes, n, iter);
	gb_shadow_set(gb_bytes(w, rq->written), rq->done + off, rq->done + off + n);
	return n;
}

int64_t ublk_ch_rw_iter(struct gb_world *w, struct io_kiocb *req, uint64_t pos, struct iov_iter *iter)
{
	int err;
	struct ublk_rq *rq = ublk_check_and_get_req(w, req, pos, iter, &err);
	uint32_t n;

	if (!rq)
		return err;
	n = ublk_copy(w, rq, GB_FAULT(w, UBLK_COPY_IGNORES_OFFSET) ? 0 : pos_field(pos, 0, UBLK_IO_BUF_BITS), iter);
	ublk_put_req_ref(w, rq);
	return n;
}
