/* SPDX-License-Identifier: MIT */
/* The leased group buffer: lease, import, zeroing, ack (section 6 of semantics.md). */
#include "io_uring/io_uring.h"

/* S6.3 */
int io_lease_group_kbuf(struct gb_world *w, struct io_kiocb *req, uint16_t lease)
{
	const struct gb_lease *buf = gb_lease(w, lease);

	if (!req_is_group_leader(req))
		return gb_why(w, req, GB_R_LEASE_NOT_LEADER, NULL, 0, 0);
	if (req->flags & (REQ_F_BUFFER_SELECT | REQ_F_BUF_NODE))
		return gb_why(w, req, GB_R_LEASE_LEADER_BUFFER, NULL, 0, 0);
	if (gb_variant(w, GB_VARIANT_ONE_LEASE) && req->flags & REQ_F_GROUP_BUF)
		return gb_why(w, req, GB_R_LEASE_AGAIN, NULL, 0, 0);
	if (!buf->kbuf_ack)
		return gb_why(w, req, GB_R_LEASE_NO_ACK, NULL, 0, 0);
	if (!buf->nr_bvecs)
		return gb_why(w, req, GB_R_LEASE_NO_VEC, NULL, 0, 0);
	if (!buf->kbuf)
		return gb_why(w, req, GB_R_LEASE_NOT_KBUF, NULL, 0, 0);
	req->buf = lease;
	req->buf_owner = IO_BUF_GRP_BUF;
	req->flags |= REQ_F_GROUP_BUF;
	return 0;
}

void io_req_mark_group_buf(struct io_kiocb *req, bool imported)
{
	req->buf = imported;
	req->buf_owner = IO_BUF_IMPORTED;
}

/* The part of an import that concerns the buffer: direction, bounds, iterator (S6.9, S6.11). */
static int io_import_kbuf(struct gb_world *w, struct io_kiocb *req, struct io_kiocb *leader, unsigned int dir,
			  struct iov_iter *iter, uint64_t off, uint32_t len)
{
	const struct gb_lease *buf = gb_lease(w, leader->buf);

	if (dir != buf->dir)
		return gb_why(w, req, GB_R_IMPORT_DIRECTION, leader, 0, 0);
	if (off > buf->len)
		return gb_why(w, req, GB_R_IMPORT_OFFSET, leader, (int64_t)off, buf->len);
	if (len > buf->len - off)
		return gb_why(w, req, GB_R_IMPORT_LENGTH, leader, len, buf->len);
	iov_iter_bvec(iter, dir, leader->buf, buf->seg, buf->nr_bvecs, buf->offset + (uint32_t)off + len);
	iter->owner = (uint16_t)(req->sqe + 1);
	iov_iter_advance(w, iter, buf->offset + (uint32_t)off);
	return 0;
}

int io_import_group_buf(struct gb_world *w, struct io_kiocb *req, unsigned int dir, struct iov_iter *iter,
			uint64_t buf_off, uint32_t len)
{
	struct io_kiocb *leader;
	int ret;

	if (!req_is_group_member(req)) {
		ret = gb_why(w, req, GB_R_IMPORT_NOT_MEMBER, NULL, 0, 0);
	} else {
		leader = io_req_at(w, req->grp);
		if (!leader || !(leader->flags & REQ_F_GROUP_BUF))
			ret = gb_why(w, req, GB_R_IMPORT_NO_LEASE, leader, 0, 0);
		else if (req->flags & REQ_F_BUF_NODE)
			ret = gb_why(w, req, GB_R_IMPORT_BUF_NODE, NULL, 0, 0);
		else if (req->buf)
			return 0;
		else
			ret = io_import_kbuf(w, req, leader, dir, iter, buf_off, len);
	}
	gb_emit_ret(w, GB_EV_IMPORT, req, ret, (int64_t)buf_off, len, dir);
	if (!ret)
		io_req_mark_group_buf(req, true);
	return ret;
}

/*
 * S6.19: the kernel follows the leader's buffer word without asking whether
 * there is a lease; what it finds is whatever the word held in an earlier life.
 */
bool io_use_group_kbuf(struct gb_world *w, struct io_kiocb *req)
{
	const struct io_kiocb *leader;

	if (!io_use_group_buf(req))
		return false;
	leader = io_req_at(w, req->grp);
	if (!leader)
		return false;
	if (leader->buf_owner == IO_BUF_GRP_BUF)
		return gb_lease(w, leader->buf)->kbuf;
	if (gb_variant(w, GB_VARIANT_NO_LEASE_EINVAL))
		return false;
	if (leader->buf)
		gb_hazard(w, GB_HAZARD_WILD_POINTER, "io_use_group_kbuf", gb_label(req),
			  "the leader has leased nothing and its buffer word is left over from another use");
	else
		gb_hazard(w, GB_HAZARD_NULL_DEREF, "io_use_group_kbuf", gb_label(req), "the leader has leased nothing");
	return false;
}

/* S6.16 to S6.20 */
void io_req_zero_remained(struct gb_world *w, struct io_kiocb *req, struct iov_iter *iter)
{
	uint32_t left = iov_iter_count(iter);

	if (!iov_iter_is_dest(iter) || !left)
		return;
	if (iter->iter_type == ITER_UBUF) {
		if (gb_variant(w, GB_VARIANT_ZERO_ONLY_LEASE))
			return;
		gb_hazard(w, GB_HAZARD_STALE_ITERATOR, "io_req_zero_remained", gb_label(req),
			  "the iterator of prep is still there: user memory is zeroed instead of the lease");
	}
	iov_iter_zero(w, left, iter);
}

/* S6.21 */
void io_drop_group_buf(struct gb_world *w, struct io_kiocb *req)
{
	if (req->buf_owner != IO_BUF_GRP_BUF) {
		gb_hazard(w, GB_HAZARD_WRONG_SLOT, "io_drop_group_buf", gb_label(req),
			  "the buffer word is read as a lease, but it is none");
		return;
	}
	gb_lessor_ack(w, req->buf);
	if (gb_lease(w, req->buf)->rq)
		ublk_io_buf_ack(w, req->buf);
}
