/* SPDX-License-Identifier: MIT */
/* Leased group buffers (section 6 of semantics.md) and provided buffers (8.10). */
#include "io_uring/io_uring.h"

/* S6.3 */
int io_lease_group_kbuf(struct gb_world *w, struct io_kiocb *req, uint16_t lease)
{
	const struct gb_lease *buf = gb_lease(w, lease);

	if (!req_is_group_leader(req) && !GB_FAULT(w, LEASE_BY_MEMBER))
		return gb_why(w, req, GB_R_LEASE_NOT_LEADER, NULL, 0, 0);
	if (req->flags &
	    (GB_FAULT(w, LEASE_WITH_REGISTERED_BUFFER) ? REQ_F_BUFFER_SELECT : REQ_F_BUFFER_SELECT | REQ_F_BUF_NODE))
		return gb_why(w, req, GB_R_LEASE_LEADER_BUFFER, NULL, 0, 0);
	if (gb_variant(w, GB_VARIANT_ONE_LEASE) && req->flags & REQ_F_GROUP_BUF)
		return gb_why(w, req, GB_R_LEASE_AGAIN, NULL, 0, 0);
	if (!buf->kbuf_ack && !GB_FAULT(w, LEASE_WITHOUT_ACK))
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

	if (dir != buf->dir && !GB_FAULT(w, IMPORT_DIRECTION_IGNORED))
		return gb_why(w, req, GB_R_IMPORT_DIRECTION, leader, 0, 0);
	if (GB_FAULT(w, IMPORT_BOUNDS_EINVAL) && (off > buf->len || len > buf->len - off))
		return -GB_EINVAL;
	if (off > buf->len || (GB_FAULT(w, IMPORT_OFFSET_OFF_BY_ONE) && off == buf->len))
		return gb_why(w, req, GB_R_IMPORT_OFFSET, leader, (int64_t)off, buf->len);
	if (len > buf->len - off + GB_FAULT(w, IMPORT_LENGTH_OFF_BY_ONE))
		return gb_why(w, req, GB_R_IMPORT_LENGTH, leader, len, buf->len);
	iov_iter_bvec(iter, dir, (uint16_t)leader->buf, buf->seg, buf->nr_bvecs, buf->offset + (uint32_t)off + len);
	iter->owner = (uint16_t)(req->sqe + 1);
	if (GB_FAULT(w, IMPORT_WITHOUT_OFFSET) ||
	    (GB_FAULT(w, IMPORT_SECOND_SEGMENT) && buf->offset + off >= gb_bvec(w, buf->seg)->bv_len)) {
		iter->count -= buf->offset;
		iov_iter_advance(w, iter, (uint32_t)off);
		return 0;
	}
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
			ret = GB_FAULT(w, IMPORT_WITHOUT_LEASE) ? 0
								: gb_why(w, req, GB_R_IMPORT_NO_LEASE, leader, 0, 0);
		else if (req->flags & REQ_F_BUF_NODE)
			ret = gb_why(w, req, GB_R_IMPORT_BUF_NODE, NULL, 0, 0);
		else if (req->buf && !GB_FAULT(w, IMPORT_AGAIN))
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
	if (leader->buf_owner == IO_BUF_IMU) {
		/* the same structure, so the kernel reads a mark that says "user memory" */
		gb_hazard(w, GB_HAZARD_WRONG_SLOT, "io_use_group_kbuf", gb_label(req),
			  "the leader has leased nothing, its registered buffer is read as the lease");
		return false;
	}
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

	if ((!iov_iter_is_dest(iter) && !GB_FAULT(w, WRITE_ZEROES)) || !left)
		return;
	if (GB_FAULT(w, READ_TAIL_NOT_ZEROED) && io_issue_defs[req->opcode].fail == io_rw_fail)
		return;
	if (GB_FAULT(w, RECV_TAIL_NOT_ZEROED) && io_issue_defs[req->opcode].fail == io_sendrecv_fail)
		return;
	if (GB_FAULT(w, ZERO_TOO_FAR))
		iter->count = left += 8;
	if (iter->iter_type == ITER_UBUF || iter->iter_type == ITER_IOVEC) {
		if (gb_variant(w, GB_VARIANT_ZERO_ONLY_LEASE))
			return;
		if (req->opcode == IORING_OP_RECVMSG)
			gb_hazard(w, GB_HAZARD_USER_MEMORY_ZEROED, "io_req_zero_remained", gb_label(req),
				  "the iterator is that of the user's iovec: its rest is zeroed instead of the lease");
		else
			gb_hazard(w, GB_HAZARD_STALE_ITERATOR, "io_req_zero_remained", gb_label(req),
				  "the iterator of prep is still there: user memory is zeroed instead of the lease");
	}
	iov_iter_zero(w, left - GB_FAULT(w, ZERO_ONE_SHORT), iter);
}

/* S6.21 */
void io_drop_group_buf(struct gb_world *w, struct io_kiocb *req)
{
	if (req->buf_owner != IO_BUF_GRP_BUF) {
		gb_hazard(w, GB_HAZARD_WRONG_SLOT, "io_drop_group_buf", gb_label(req),
			  "the buffer word is read as a lease, but it is none");
		return;
	}
	gb_lessor_ack(w, (uint16_t)req->buf);
	if (gb_lease(w, req->buf)->rq)
		ublk_io_buf_ack(w, (uint16_t)req->buf);
}

/* ---- provided buffers (S8.39 to S8.41) ---- */

/* The place of a group in the table, where every group the trace can make has one; 0 if there is none. */
static uint32_t io_buffer_list_slot(const struct gb_world *w, uint16_t bgid)
{
	uint32_t lo = 1, hi = w->at.n_lists + 1;

	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;

		if (gb_buffer_list(w, mid)->bgid < bgid)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo <= w->at.n_lists && gb_buffer_list(w, lo)->bgid == bgid ? lo : 0;
}

/* The group of that number, 0 if the kernel knows none. */
uint32_t io_buffer_get_list(const struct gb_world *w, uint16_t bgid)
{
	uint32_t slot = io_buffer_list_slot(w, bgid);

	return gb_buffer_list(w, slot)->flags ? slot : 0;
}

struct io_uring_buf *io_ring_head_to_buf(const struct gb_world *w, const struct io_buffer_list *bl)
{
	return gb_ring_buf(w, bl->ring + (bl->head & bl->mask));
}

/* Takes `len` bytes off the front of a ring that is consumed incrementally; false if its first buffer goes on. */
static bool io_kbuf_inc_commit(const struct gb_world *w, struct io_buffer_list *bl, uint32_t len)
{
	if (!len)
		return false;
	while (len) {
		struct io_uring_buf *buf = io_ring_head_to_buf(w, bl);
		uint32_t part = gb_min(len, buf->len);

		if (buf->len > part || !part) {
			buf->addr += part;
			buf->len -= part;
			return false;
		}
		buf->len = 0;
		bl->head++;
		len -= part;
	}
	return true;
}

bool io_kbuf_commit(struct gb_world *w, struct io_kiocb *req, uint32_t ref, int64_t len, uint16_t nr)
{
	struct io_buffer_list *bl = gb_buffer_list(w, ref);

	if (!(req->flags & REQ_F_BUFFERS_COMMIT))
		return true;
	req->flags &= ~REQ_F_BUFFERS_COMMIT;
	if (len < 0)
		return true;
	if (bl->flags & IOBL_INC && !GB_FAULT(w, INCREMENTAL_BUFFER_WHOLE))
		return io_kbuf_inc_commit(w, bl, (uint32_t)len);
	if (GB_FAULT(w, RING_HEAD_MOVED_TWICE))
		nr = 2;
	if (GB_FAULT(w, RING_HEAD_NOT_MOVED))
		nr = 0;
	bl->head = (uint16_t)(bl->head + nr);
	return true;
}

/* The legacy buffer in the buffer word; the word may be read only under its owner (I104). */
static struct io_buffer *io_req_kbuf(const struct gb_world *w, struct io_kiocb *req)
{
	struct io_buffer *buf = gb_kbuf(w, req->buf);

	req->flags &= ~REQ_F_BUFFER_SELECTED;
	req->buf_index = buf->bgid;
	req->buf = 0;
	return buf;
}

static void io_kbuf_drop_legacy(const struct gb_world *w, struct io_kiocb *req)
{
	io_req_kbuf(w, req);
}

/* Back to the front of its group, if that is still there and still is a legacy one. */
static void io_kbuf_recycle_legacy(const struct gb_world *w, struct io_kiocb *req)
{
	uint32_t ref = req->buf;
	struct io_buffer *buf = io_req_kbuf(w, req);
	uint32_t list = io_buffer_get_list(w, buf->bgid);
	struct io_buffer_list *bl = gb_buffer_list(w, list);

	if (!list || bl->flags & IOBL_BUF_RING)
		return;
	if (GB_FAULT(w, RECYCLED_TO_THE_TAIL) && bl->last) {
		buf->next = 0;
		gb_kbuf(w, bl->last)->next = ref;
		bl->last = ref;
		return;
	}
	buf->next = bl->first;
	bl->first = ref;
	if (!buf->next)
		bl->last = ref;
}

bool io_kbuf_recycle(struct gb_world *w, struct io_kiocb *req, uint32_t bl)
{
	if (req->flags & REQ_F_BL_NO_RECYCLE || GB_FAULT(w, SELECTED_BUFFER_KEPT))
		return false;
	if (req->flags & REQ_F_BUFFER_SELECTED) {
		io_kbuf_recycle_legacy(w, req);
		return true;
	}
	if (!(req->flags & REQ_F_BUFFER_RING) || !bl)
		return false;
	req->buf_index = gb_buffer_list(w, bl)->bgid;
	req->flags &= ~(REQ_F_BUFFER_RING | REQ_F_BUFFERS_COMMIT);
	return true;
}

/* Takes the first legacy buffer; its address, 0 if there is none. */
uint64_t io_provided_buffer_select(struct gb_world *w, struct io_kiocb *req, uint32_t *len, struct io_buffer_list *bl)
{
	struct io_buffer *buf = gb_kbuf(w, bl->first);

	if (!bl->first)
		return 0;
	req->buf = bl->first;
	req->buf_owner = IO_BUF_KBUF;
	bl->first = buf->next;
	if (!bl->first) {
		bl->last = 0;
		req->flags |= REQ_F_BL_EMPTY;
	}
	if (!*len || (*len > buf->len && !GB_FAULT(w, SELECTED_LENGTH_UNCHECKED)))
		*len = buf->len;
	req->flags |= REQ_F_BUFFER_SELECTED;
	req->buf_index = buf->bid;
	return buf->addr;
}

static struct io_br_sel io_ring_buffer_select(struct gb_world *w, struct io_kiocb *req, uint32_t *len, uint32_t ref,
					      unsigned int issue_flags)
{
	struct io_buffer_list *bl = gb_buffer_list(w, ref);
	struct io_br_sel sel = {0};
	const struct io_uring_buf *buf;

	if (bl->head == bl->tail)
		return sel;
	if ((uint16_t)(bl->head + 1U) == bl->tail)
		req->flags |= REQ_F_BL_EMPTY;
	buf = io_ring_head_to_buf(w, bl);
	if (!*len || *len > buf->len)
		*len = buf->len;
	req->flags |= REQ_F_BUFFER_RING | REQ_F_BUFFERS_COMMIT;
	req->buf_index = buf->bid;
	sel.bl = ref;
	sel.addr = buf->addr;
	/* nobody keeps the ring still for a worker, nor for what completes by itself */
	if (issue_flags & IO_URING_F_UNLOCKED || !(req->flags & REQ_F_CAN_POLL)) {
		if (!io_kbuf_commit(w, req, ref, *len, 1))
			req->flags |= REQ_F_BUF_MORE;
		sel.bl = 0;
	}
	return sel;
}

struct io_br_sel io_buffer_select(struct gb_world *w, struct io_kiocb *req, uint32_t *len, unsigned int issue_flags)
{
	uint32_t ref = io_buffer_get_list(w, req->buf_index);
	struct io_br_sel sel = {0};

	if (!ref)
		return sel;
	if (gb_buffer_list(w, ref)->flags & IOBL_BUF_RING)
		sel = io_ring_buffer_select(w, req, len, ref, issue_flags);
	else
		sel.addr = io_provided_buffer_select(w, req, len, gb_buffer_list(w, ref));
	gb_emit(w, GB_EV_SELECT, gb_label(req), GB_NO_REQ, req->buf_index, *len, sel.addr != 0, sel.addr);
	return sel;
}

uint32_t io_put_kbufs(struct gb_world *w, struct io_kiocb *req, int64_t len, uint32_t bl, uint16_t nr)
{
	uint32_t ret = IORING_CQE_F_BUFFER | (uint32_t)req->buf_index << IORING_CQE_BUFFER_SHIFT;
	bool whole = true;

	if (!(req->flags & (REQ_F_BUFFER_RING | REQ_F_BUFFER_SELECTED)))
		return 0;
	if (GB_FAULT(w, BUFFER_ID_NOT_REPORTED))
		ret = IORING_CQE_F_BUFFER;
	if (!(req->flags & REQ_F_BUFFER_RING)) {
		io_kbuf_drop_legacy(w, req);
		return ret;
	}
	if (bl) {
		whole = io_kbuf_commit(w, req, bl, len, nr);
		req->buf_index = gb_buffer_list(w, bl)->bgid;
	}
	if (!whole || req->flags & REQ_F_BUF_MORE)
		ret |= IORING_CQE_F_BUF_MORE;
	req->flags &= ~(REQ_F_BUFFER_RING | REQ_F_BUF_MORE);
	return ret;
}

/* ---- PROVIDE_BUFFERS, REMOVE_BUFFERS ---- */

#define MAX_BIDS_PER_BGID 65536U

int io_provide_buffers_prep(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe)
{
	struct io_provide_buf *p = &req->cmd.pbuf;
	int32_t n = gb_sqe_fd_raw(w, sqe);

	if (sqe->op_flags)
		return gb_why(w, req, GB_R_PREP_PROVIDE_FIELDS, NULL, 0, 0);
	if (n <= 0 || (uint32_t)n > MAX_BIDS_PER_BGID)
		return gb_why(w, req, GB_R_PREP_PROVIDE_COUNT, NULL, n, 0);
	p->addr = gb_user_addr(&sqe->addr);
	p->len = sqe->len;
	p->nbufs = (uint32_t)n;
	if (!p->len)
		return gb_why(w, req, GB_R_PREP_PROVIDE_LEN, NULL, 0, 0);
	if (p->addr + (uint64_t)p->len * p->nbufs < p->addr)
		return gb_why(w, req, GB_R_PREP_PROVIDE_OVERFLOW, NULL, 0, 0);
	if (!gb_access_ok(p->addr, (uint64_t)p->len * p->nbufs))
		return gb_why(w, req, GB_R_PREP_PROVIDE_ADDR, NULL, 0, 0);
	if (sqe->off > UINT16_MAX)
		return gb_why(w, req, GB_R_PREP_PROVIDE_BID, NULL, 0, 0);
	if (sqe->off + p->nbufs > MAX_BIDS_PER_BGID)
		return gb_why(w, req, GB_R_PREP_PROVIDE_LAST_BID, NULL, 0, 0);
	p->bgid = sqe->buf_index;
	p->bid = (uint16_t)sqe->off;
	return 0;
}

static void io_add_buffers(struct gb_world *w, const struct io_provide_buf *p, struct io_buffer_list *bl)
{
	for (uint32_t k = 0; k < p->nbufs; k++) {
		uint32_t ref = ++gb_ctx(w)->kbufs_used;

		*gb_kbuf(w, ref) = (struct io_buffer){
			.addr = p->addr + (uint64_t)k * p->len,
			.len = gb_min(p->len, MAX_RW_COUNT),
			.bid = (uint16_t)(p->bid + (GB_FAULT(w, PROVIDED_IDS_ALL_EQUAL) ? 0 : k)),
			.bgid = p->bgid,
		};
		if (bl->last)
			gb_kbuf(w, bl->last)->next = ref;
		else
			bl->first = ref;
		bl->last = ref;
	}
}

int io_provide_buffers(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags)
{
	struct io_buffer_list *bl = gb_buffer_list(w, io_buffer_list_slot(w, req->cmd.pbuf.bgid));
	int ret = 0;

	(void)issue_flags;
	bl->flags |= IOBL_EXISTS;
	if (bl->flags & IOBL_BUF_RING)
		ret = gb_why(w, req, GB_R_PROVIDE_RING, NULL, bl->bgid, 0);
	else
		io_add_buffers(w, &req->cmd.pbuf, bl);
	if (ret < 0)
		req_set_fail(w, req);
	io_req_set_res(req, ret, 0);
	return IOU_OK;
}

int io_remove_buffers_prep(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe)
{
	int32_t n = gb_sqe_fd_raw(w, sqe);

	if (sqe->op_flags || gb_user_addr(&sqe->addr) || sqe->len || sqe->off)
		return gb_why(w, req, GB_R_PREP_REMOVE_FIELDS, NULL, 0, 0);
	if (n <= 0 || (uint32_t)n > MAX_BIDS_PER_BGID)
		return gb_why(w, req, GB_R_PREP_REMOVE_COUNT, NULL, n, 0);
	req->cmd.pbuf = (struct io_provide_buf){.nbufs = (uint32_t)n, .bgid = sqe->buf_index};
	return 0;
}

static int __io_remove_buffers(struct gb_world *w, struct io_buffer_list *bl, uint32_t nbufs)
{
	uint32_t n = 0;

	for (; bl->first && n < nbufs; n++)
		bl->first = gb_kbuf(w, bl->first)->next;
	if (!bl->first)
		bl->last = 0;
	return (int)n;
}

int io_remove_buffers(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags)
{
	uint32_t ref = io_buffer_get_list(w, req->cmd.pbuf.bgid);
	struct io_buffer_list *bl = gb_buffer_list(w, ref);
	int ret;

	(void)issue_flags;
	if (!ref) {
		ret = gb_why(w, req, GB_R_REMOVE_NO_GROUP, NULL, req->cmd.pbuf.bgid, 0);
	} else if (bl->flags & IOBL_BUF_RING) {
		ret = gb_why(w, req, GB_R_REMOVE_RING, NULL, bl->bgid, 0);
	} else {
		ret = __io_remove_buffers(w, bl, req->cmd.pbuf.nbufs - GB_FAULT(w, REMOVE_BUFFERS_ONE_LESS));
		gb_why(w, req, GB_R_REMOVE_DONE, NULL, ret, 0);
	}
	if (ret < 0)
		req_set_fail(w, req);
	io_req_set_res(req, ret, 0);
	return IOU_OK;
}

/* ---- buffer rings ---- */

int io_register_pbuf_ring(struct gb_world *w, const struct gb_stmt *stmt, uint32_t ring)
{
	struct io_buffer_list *bl = gb_buffer_list(w, io_buffer_list_slot(w, stmt->bgid));

	if (bl->flags & IOBL_BUF_RING || bl->first)
		return -GB_EEXIST;
	*bl = (struct io_buffer_list){
		.bgid = stmt->bgid,
		.flags = (uint16_t)(IOBL_EXISTS | IOBL_BUF_RING | (stmt->inc ? IOBL_INC : 0)),
		.mask = (uint16_t)(stmt->n - 1),
		.ring = ring,
	};
	return 0;
}

/* io_uring_buf_ring_add and _advance: what the application does in user space. */
void gb_buf_ring_add(struct gb_world *w, const struct gb_stmt *stmt)
{
	struct io_buffer_list *bl = gb_buffer_list(w, io_buffer_list_slot(w, stmt->bgid));
	uint64_t addr = gb_user_addr(&stmt->range->addr);

	/* a ring whose registration was refused is memory like any other */
	if (!(bl->flags & IOBL_BUF_RING))
		return;
	for (uint32_t k = 0; k < stmt->n; k++, bl->tail++)
		*gb_ring_buf(w, bl->ring + (bl->tail & bl->mask)) = (struct io_uring_buf){
			.addr = addr + k * stmt->range->len,
			.len = (uint32_t)stmt->range->len,
			.bid = (uint16_t)(stmt->bid + k),
		};
}
