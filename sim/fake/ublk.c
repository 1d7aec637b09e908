/* SPDX-License-Identifier: MIT */
/*
 * The driver of ublk devices with V9's zero copy: slots and commands, dispatch
 * of block requests, their buffers, references, completion and abort.
 */
#include <string.h>

#include "io_uring/io_uring.h"

static struct ublk_queue *ublk_queue_of(const struct gb_world *w, const struct io_kiocb *req)
{
	return gb_ublk(w, gb_file(w, req->file)->index);
}

static struct ublk_io *ublk_slot(const struct gb_world *w, const struct ublk_queue *q, uint32_t tag)
{
	return gb_ublk_io(w, q->ios + tag);
}

static const struct gb_blkreq *ublk_rq_decl(const struct gb_world *w, const struct ublk_rq *rq)
{
	return &w->trace->blkreqs[rq - gb_ublk_rq(w, 1)];
}

static uint16_t ublk_rq_ref(const struct gb_world *w, const struct ublk_rq *rq)
{
	return (uint16_t)(rq - gb_ublk_rq(w, 0));
}

/* Index of the request as events carry it. */
static uint64_t ublk_rq_label(const struct gb_world *w, const struct ublk_rq *rq)
{
	return (uint64_t)(rq - gb_ublk_rq(w, 1));
}

static uint32_t blk_rq_bytes(const struct gb_world *w, const struct ublk_rq *rq)
{
	return ublk_rq_decl(w, rq)->len - rq->done;
}

static bool ublk_queue_ready(const struct ublk_queue *q)
{
	return q->nr_io_ready == q->q_depth;
}

static void rq_list_push(const struct gb_world *w, struct ublk_rq_list *list, struct ublk_rq *rq)
{
	uint16_t ref = ublk_rq_ref(w, rq);

	rq->next = 0;
	if (list->last)
		gb_ublk_rq(w, list->last)->next = ref;
	else
		list->first = ref;
	list->last = ref;
}

static struct ublk_rq *rq_list_pop(const struct gb_world *w, struct ublk_rq_list *list)
{
	struct ublk_rq *rq = list->first ? gb_ublk_rq(w, list->first) : NULL;

	if (rq) {
		list->first = rq->next;
		if (!list->first)
			list->last = 0;
	}
	return rq;
}

/* ---- the buffer (S10.8) ---- */

/* The bio that holds the first byte not completed yet; *start is where it begins. */
static uint32_t rq_first_bio(const struct gb_blkreq *blk, uint32_t done, uint32_t *start)
{
	uint32_t bio = 0;

	*start = 0;
	while (bio + 1 < blk->n_bios && *start + gb_blkreq_bio(blk, bio) <= done)
		*start += gb_blkreq_bio(blk, bio++);
	return bio;
}

/* All segments that are left, in an array of their own; the first one is cut. */
static void ublk_fresh_array(const struct gb_world *w, struct ublk_rq *rq, uint32_t cut)
{
	for (uint32_t k = 0; k < rq->buf.nr_bvecs; k++)
		*gb_bvec(w, rq->fresh + k) = *gb_bvec(w, rq->buf.seg + k);
	gb_bvec(w, rq->fresh)->bytes += cut;
	gb_bvec(w, rq->fresh)->bv_len -= cut;
	rq->buf.seg = rq->fresh;
	rq->buf.offset = 0;
	rq->buf.skip = rq->done;
}

static void ublk_init_zero_copy_buffer(const struct gb_world *w, struct ublk_rq *rq)
{
	const struct gb_blkreq *blk = ublk_rq_decl(w, rq);
	uint32_t bio_start, at = 0, seg = 0;
	uint32_t bio = rq_first_bio(blk, rq->done, &bio_start);

	rq->buf = (struct ublk_buf){.len = blk_rq_bytes(w, rq)};
	if (!rq->nr_bvecs)
		return;
	while (at + gb_bvec(w, rq->seg + seg)->bv_len <= rq->done)
		at += gb_bvec(w, rq->seg + seg++)->bv_len;
	rq->buf.seg = rq->seg + seg;
	rq->buf.nr_bvecs = (uint16_t)(rq->nr_bvecs - seg);
	rq->buf.offset = GB_FAULT(w, UBLK_REMAINDER_OFFSET) ? 0 : rq->done - at;
	rq->buf.skip = at;
	if (bio + 1 < blk->n_bios)
		ublk_fresh_array(w, rq, rq->done - at);
}

/* ---- completion (S10.11, S10.15) ---- */

static void ublk_start_waiting(struct gb_world *w, struct ublk_queue *q);
static void ublk_queue_rq(struct gb_world *w, struct ublk_queue *q, struct ublk_rq *rq);

/* What the block layer makes of a driver's errno: those it does not know become I/O errors. */
static int32_t blk_status_of(int32_t err)
{
	static const uint16_t known[] = {GB_EOPNOTSUPP, GB_ETIMEDOUT, GB_ENOSPC, GB_ENOMEM,    GB_EBUSY,
					 GB_EAGAIN,	GB_ENODEV,    GB_ETIME,	 GB_EOVERFLOW, GB_EINVAL};

	for (uint32_t k = 0; k < sizeof(known) / sizeof(known[0]); k++) {
		if (err == -(int32_t)known[k])
			return err;
	}
	return -GB_EIO;
}

/* blk_mq_end_request: the block layer has it back, and its tag is free. */
static void ublk_end_request(struct gb_world *w, struct ublk_rq *rq, int32_t res)
{
	struct ublk_queue *q = gb_ublk(w, rq->queue);
	bool had_tag = rq->state == UBLK_RQ_STARTED;

	rq->state = UBLK_RQ_ENDED;
	gb_emit(w, GB_EV_BLK_DONE, GB_NO_REQ, GB_NO_REQ, res, gb_ctx(w)->cq_tail, 0, ublk_rq_label(w, rq));
	if (!had_tag)
		return;
	ublk_slot(w, q, rq->tag)->rq = 0;
	ublk_start_waiting(w, q);
}

static void blk_mq_requeue_request(struct gb_world *w, struct ublk_rq *rq)
{
	gb_emit(w, GB_EV_BLK_REQUEUE, GB_NO_REQ, GB_NO_REQ, rq->done, 0, 0, ublk_rq_label(w, rq));
	rq->state = UBLK_RQ_REQUEUED;
}

/* Without user copy the server's buffer is copied now; bytes of the request that are served. */
static uint32_t ublk_unmap_io(struct gb_world *w, const struct ublk_queue *q, struct ublk_rq *rq,
			      const struct ublk_io *io)
{
	uint32_t n = blk_rq_bytes(w, rq);
	unsigned char *from;

	if (q->flags & UBLK_F_USER_COPY || ublk_rq_decl(w, rq)->op != GB_BLK_read)
		return n;
	n = gb_user_bytes(w, io->addr, gb_min(n, (uint32_t)io->res), &from);
	memcpy(gb_bytes(w, rq->bytes + rq->done), from, n);
	return n;
}

/* The rest of a request that is served in part is dispatched again. */
static void blk_update_request(struct gb_world *w, struct ublk_rq *rq, uint32_t n)
{
	struct ublk_queue *q = gb_ublk(w, rq->queue);

	rq->done += gb_min(n, blk_rq_bytes(w, rq));
	if (!blk_rq_bytes(w, rq) || GB_FAULT(w, UBLK_REST_DROPPED)) {
		ublk_end_request(w, rq, 0);
		return;
	}
	blk_mq_requeue_request(w, rq);
	ublk_queue_rq(w, q, rq);
}

static void ublk_complete_rq(struct gb_world *w, struct ublk_rq *rq)
{
	const struct ublk_queue *q = gb_ublk(w, rq->queue);
	struct ublk_io *io = ublk_slot(w, q, rq->tag);
	enum gb_blk_op op = ublk_rq_decl(w, rq)->op;

	if (!io->res && op == GB_BLK_read && !GB_FAULT(w, UBLK_EMPTY_READ_SUCCEEDS))
		io->res = -GB_EIO;
	if (io->flags & UBLK_IO_FLAG_ABORTED)
		ublk_end_request(w, rq, -GB_EIO);
	else if (io->res < 0)
		ublk_end_request(w, rq, blk_status_of(io->res));
	else if (!gb_blk_has_data(op))
		ublk_end_request(w, rq, 0);
	else
		blk_update_request(w, rq, gb_min(ublk_unmap_io(w, q, rq, io), (uint32_t)io->res));
}

static void ublk_rq_refs(struct gb_world *w, struct ublk_rq *rq, uint32_t refs)
{
	rq->refs = refs;
	gb_emit(w, GB_EV_BLK_REF, GB_NO_REQ, GB_NO_REQ, refs, 0, 0, ublk_rq_label(w, rq));
}

void ublk_get_req_ref(struct gb_world *w, struct ublk_rq *rq)
{
	ublk_rq_refs(w, rq, rq->refs + 1);
}

void ublk_put_req_ref(struct gb_world *w, struct ublk_rq *rq)
{
	ublk_rq_refs(w, rq, rq->refs - 1);
	if (!rq->refs)
		ublk_complete_rq(w, rq);
}

/* ---- the server is gone (S10.17, S10.18) ---- */

static void ublk_abort_rq(struct gb_world *w, const struct ublk_queue *q, struct ublk_rq *rq)
{
	if (q->flags & UBLK_F_USER_RECOVERY)
		blk_mq_requeue_request(w, rq);
	else
		ublk_end_request(w, rq, -GB_EIO);
}

static void ublk_fail_req(struct gb_world *w, const struct ublk_queue *q, struct ublk_rq *rq)
{
	const uint32_t reissue = UBLK_F_USER_RECOVERY | UBLK_F_USER_RECOVERY_REISSUE;

	/* one that waits for its data has not been given a reference yet */
	if (rq->refs)
		ublk_rq_refs(w, rq, rq->refs - 1);
	if (rq->refs)
		return;
	if ((q->flags & reissue) == reissue)
		blk_mq_requeue_request(w, rq);
	else
		ublk_complete_rq(w, rq);
}

/* The first cancelled command aborts what the server has; false if that was done, or there is no disk yet. */
static bool ublk_abort_requests(struct gb_world *w, struct ublk_queue *q)
{
	if (q->canceling || !ublk_queue_ready(q))
		return false;
	q->canceling = true;
	for (uint32_t tag = 0; tag < q->q_depth; tag++) {
		struct ublk_io *io = ublk_slot(w, q, tag);

		if (io->flags & UBLK_IO_FLAG_ACTIVE || !io->rq)
			continue;
		if (!GB_FAULT(w, UBLK_ABORT_NOT_MARKED))
			io->flags |= UBLK_IO_FLAG_ABORTED;
		if (!GB_FAULT(w, UBLK_ABORT_LOSES_REQUEST))
			ublk_fail_req(w, q, gb_ublk_rq(w, io->rq));
	}
	ublk_start_waiting(w, q);
	return true;
}

bool ublk_uring_cmd_cancel_fn(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags)
{
	struct ublk_queue *q = ublk_queue_of(w, req);
	struct ublk_io *io = ublk_slot(w, q, req->cmd.uring.tag);
	bool any = ublk_abort_requests(w, q);

	/* a request that waits for the daemon still needs the command */
	if ((io->rq && gb_ublk_rq(w, io->rq)->state == UBLK_RQ_STARTED) || GB_FAULT(w, UBLK_FETCH_NOT_COMPLETED))
		return any;
	io_uring_cmd_done(w, req, gb_why(w, req, GB_R_UBLK_SERVER_GONE, NULL, req->cmd.uring.tag, 0), issue_flags);
	return true;
}

/* ---- dispatch (S10.6) ---- */

/* Without user copy the data of a WRITE are copied to the server; bytes copied. */
static uint32_t ublk_map_io(const struct gb_world *w, const struct ublk_queue *q, const struct ublk_rq *rq,
			    const struct ublk_io *io)
{
	uint32_t n = blk_rq_bytes(w, rq);
	unsigned char *to;

	if (q->flags & UBLK_F_USER_COPY || ublk_rq_decl(w, rq)->op != GB_BLK_write)
		return n;
	n = gb_user_bytes(w, io->addr, n, &to);
	memcpy(to, gb_bytes(w, rq->bytes + rq->done), n);
	return n;
}

/* Ends the fetch command with the news for the server. */
static void ubq_complete_io_cmd(struct gb_world *w, struct ublk_io *io, int32_t res, unsigned int issue_flags)
{
	io->flags |= UBLK_IO_FLAG_OWNED_BY_SRV;
	io->flags &= (uint8_t)~UBLK_IO_FLAG_ACTIVE;
	io_uring_cmd_done(w, io_req(w, io->cmd), res, issue_flags);
}

/* True if the server has to say first where the data shall go. */
static bool ublk_ask_for_buffer(const struct gb_world *w, const struct ublk_queue *q, const struct ublk_rq *rq,
				struct ublk_io *io)
{
	/* USER_COPY switches NEED_GET_DATA off (S10.1) */
	if (!(q->flags & UBLK_F_NEED_GET_DATA) || q->flags & UBLK_F_USER_COPY ||
	    ublk_rq_decl(w, rq)->op != GB_BLK_write)
		return false;
	io->flags ^= UBLK_IO_FLAG_NEED_GET_DATA;
	return io->flags & UBLK_IO_FLAG_NEED_GET_DATA;
}

static void ublk_rq_task_work(struct gb_world *w, struct ublk_queue *q, struct ublk_rq *rq, unsigned int issue_flags)
{
	struct ublk_io *io = ublk_slot(w, q, rq->tag);
	struct io_kiocb *cmd = io_req(w, io->cmd);
	uint32_t mapped;

	if (io_should_terminate_tw(w)) {
		ublk_abort_rq(w, q, rq);
		return;
	}
	if (ublk_ask_for_buffer(w, q, rq, io)) {
		gb_why(w, cmd, GB_R_UBLK_WANTS_BUFFER, NULL, rq->tag, 0);
		ubq_complete_io_cmd(w, io, UBLK_IO_RES_NEED_GET_DATA, issue_flags);
		return;
	}
	mapped = ublk_map_io(w, q, rq, io);
	ublk_init_zero_copy_buffer(w, rq);
	gb_emit(w, GB_EV_BLK_DISPATCH, gb_label(cmd), GB_NO_REQ, rq->tag, rq->buf.offset, mapped, ublk_rq_label(w, rq));
	ublk_rq_refs(w, rq, 1);
	gb_why(w, cmd, GB_R_UBLK_DISPATCHED, NULL, rq->tag, mapped);
	ubq_complete_io_cmd(w, io, UBLK_IO_RES_OK, issue_flags);
}

/* One item of task work serves all requests that came up to then. */
void ublk_rq_task_work_cb(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags)
{
	struct ublk_queue *q = ublk_queue_of(w, req);
	struct ublk_rq_list batch = q->io_cmds;
	struct ublk_rq *rq;

	q->io_cmds = (struct ublk_rq_list){0, 0};
	while ((rq = rq_list_pop(w, &batch)))
		ublk_rq_task_work(w, q, rq, issue_flags);
}

static void ublk_queue_cmd(struct gb_world *w, struct ublk_queue *q, struct ublk_rq *rq)
{
	bool first = !q->io_cmds.first;

	rq_list_push(w, &q->io_cmds, rq);
	if (first)
		io_uring_cmd_complete_in_task(w, io_req(w, ublk_slot(w, q, rq->tag)->cmd), IO_CMD_DISPATCH);
}

static void ublk_queue_rq(struct gb_world *w, struct ublk_queue *q, struct ublk_rq *rq)
{
	rq->state = UBLK_RQ_STARTED;
	if (q->canceling)
		ublk_abort_rq(w, q, rq);
	else
		ublk_queue_cmd(w, q, rq);
}

/* A free tag, the lowest; q_depth if there is none. */
static uint32_t ublk_free_tag(const struct gb_world *w, const struct ublk_queue *q)
{
	uint32_t tag = 0;

	while (tag < q->q_depth && ublk_slot(w, q, tag)->rq)
		tag++;
	return tag;
}

/* The block layer hands over what waits, as far as there are tags; to a dead disk all of it. */
static void ublk_start_waiting(struct gb_world *w, struct ublk_queue *q)
{
	while (q->waiting.first && ublk_queue_ready(q)) {
		uint32_t tag = ublk_free_tag(w, q);
		struct ublk_rq *rq;

		if (q->canceling) {
			if (q->flags & UBLK_F_USER_RECOVERY)
				return;
			ublk_abort_rq(w, q, rq_list_pop(w, &q->waiting));
			continue;
		}
		if (tag == q->q_depth)
			return;
		rq = rq_list_pop(w, &q->waiting);
		rq->tag = (uint16_t)tag;
		ublk_slot(w, q, tag)->rq = ublk_rq_ref(w, rq);
		gb_emit(w, GB_EV_BLK_QUEUE, GB_NO_REQ, GB_NO_REQ, tag, 0, 0, ublk_rq_label(w, rq));
		ublk_queue_rq(w, q, rq);
	}
}

void gb_ublk_new_rq(struct gb_world *w, uint16_t index)
{
	struct ublk_rq *rq = gb_ublk_rq(w, index);
	const struct gb_blkreq *blk = ublk_rq_decl(w, rq);
	struct ublk_queue *q = gb_ublk(w, rq->queue);

	gb_emit(w, GB_EV_BLK_NEW, GB_NO_REQ, GB_NO_REQ, blk->op, (int64_t)blk->off, blk->len, ublk_rq_label(w, rq));
	rq->state = UBLK_RQ_WAITING;
	rq_list_push(w, &q->waiting, rq);
	ublk_start_waiting(w, q);
}

/* ---- the lease (S10.10) ---- */

static void ublk_fill_lease(const struct gb_world *w, struct gb_lease *lease, const struct ublk_rq *rq)
{
	lease->seg = rq->buf.seg;
	lease->nr_bvecs = rq->buf.nr_bvecs;
	lease->offset = rq->buf.offset;
	lease->len = rq->buf.len;
	lease->dir = (ublk_rq_decl(w, rq)->op == GB_BLK_read) != GB_FAULT(w, UBLK_DIRECTION_SWAPPED) ? ITER_DEST
												     : ITER_SOURCE;
	lease->kbuf = lease->kbuf_ack = 1;
	lease->bytes = rq->bytes + rq->buf.skip;
	lease->written = rq->written;
	lease->skip = rq->buf.skip;
	lease->rq = ublk_rq_ref(w, rq);
}

static int ublk_provide_io_buf(struct gb_world *w, struct io_kiocb *req, const struct ublk_queue *q,
			       const struct ublk_io *io)
{
	uint16_t index = w->lease_of[req->sqe];
	struct ublk_rq *rq = gb_ublk_rq(w, io->rq);
	int ret;

	if (!(q->flags & UBLK_F_SUPPORT_ZERO_COPY) && !GB_FAULT(w, UBLK_ZERO_COPY_UNCHECKED))
		return gb_why(w, req, GB_R_UBLK_NO_ZERO_COPY, NULL, 0, 0);
	if (!io->rq || !rq->refs)
		return gb_why(w, req, GB_R_UBLK_NO_REQUEST, NULL, req->cmd.uring.tag, 0);
	if (!rq->buf.nr_bvecs)
		return gb_why(w, req, GB_R_UBLK_NO_DATA, NULL, req->cmd.uring.tag, 0);
	if (!GB_FAULT(w, UBLK_LEASE_TAKES_NO_REFERENCE))
		ublk_get_req_ref(w, rq);
	ublk_fill_lease(w, gb_lease(w, index), rq);
	ret = gb_lease_to_group(w, req, index);
	if (!ret)
		return gb_why(w, req, GB_R_UBLK_PROVIDED, NULL, req->cmd.uring.tag, 0);
	if (gb_variant(w, GB_VARIANT_LEASE_REFUSED_PUTS))
		ublk_put_req_ref(w, rq);
	else
		gb_hazard(w, GB_HAZARD_LEAK, "ublk_provide_io_buf", gb_label(req),
			  "the lease is refused, but its reference on the block request is kept");
	return ret;
}

void ublk_io_buf_ack(struct gb_world *w, uint16_t lease)
{
	struct ublk_rq *rq = gb_ublk_rq(w, gb_lease(w, lease)->rq);

	if (GB_FAULT(w, UBLK_ACK_OVERWRITES_RESULT))
		ublk_slot(w, gb_ublk(w, rq->queue), rq->tag)->res = 0;
	if (!GB_FAULT(w, UBLK_ACK_KEEPS_REFERENCE))
		ublk_put_req_ref(w, rq);
}

/* ---- commands (S10.5, S10.6) ---- */

static int ublk_keep_cmd(struct gb_world *w, struct io_kiocb *req, struct ublk_io *io, uint64_t addr)
{
	io->cmd = io_req_ref(w, req);
	io->flags |= UBLK_IO_FLAG_ACTIVE;
	io->addr = addr;
	io_uring_cmd_mark_cancelable(w, req);
	return -GB_EIOCBQUEUED;
}

/* With user copy there is no buffer; without it there has to be one, unless the driver asks for it later. */
static bool ublk_addr_ok(const struct ublk_queue *q, uint64_t addr, bool may_be_late)
{
	if (q->flags & UBLK_F_USER_COPY)
		return !addr;
	return addr || (may_be_late && q->flags & UBLK_F_NEED_GET_DATA);
}

static int ublk_fetch(struct gb_world *w, struct io_kiocb *req, struct ublk_queue *q, struct ublk_io *io, uint64_t addr)
{
	/* a slot the server owns comes after this: it needs a queue that is ready */
	if (ublk_queue_ready(q))
		return gb_why(w, req, GB_R_UBLK_QUEUE_READY, NULL, 0, 0);
	if (!ublk_addr_ok(q, addr, true))
		return gb_why(w, req, GB_R_UBLK_FETCH_ADDR, NULL, 0, 0);
	ublk_keep_cmd(w, req, io, addr);
	q->nr_io_ready++;
	ublk_start_waiting(w, q);
	return -GB_EIOCBQUEUED;
}

static int ublk_commit_and_fetch(struct gb_world *w, struct io_kiocb *req, const struct ublk_queue *q,
				 struct ublk_io *io, uint64_t addr)
{
	struct ublk_rq *rq = gb_ublk_rq(w, io->rq);

	if (!(io->flags & UBLK_IO_FLAG_OWNED_BY_SRV))
		return gb_why(w, req, GB_R_UBLK_NOT_OWNED, NULL, req->cmd.uring.tag, 0);
	if (!ublk_addr_ok(q, addr, ublk_rq_decl(w, rq)->op != GB_BLK_read))
		return gb_why(w, req, GB_R_UBLK_COMMIT_ADDR, NULL, 0, 0);
	ublk_keep_cmd(w, req, io, addr);
	io->flags &= (uint8_t)~UBLK_IO_FLAG_OWNED_BY_SRV;
	io->res = w->trace->sqes[req->sqe].res;
	if (GB_FAULT(w, UBLK_COMMIT_COMPLETES))
		rq->refs = 1;
	ublk_put_req_ref(w, rq);
	return -GB_EIOCBQUEUED;
}

static int ublk_get_data(struct gb_world *w, struct io_kiocb *req, struct ublk_queue *q, struct ublk_io *io,
			 uint64_t addr)
{
	ublk_keep_cmd(w, req, io, addr);
	ublk_queue_cmd(w, q, gb_ublk_rq(w, io->rq));
	return -GB_EIOCBQUEUED;
}

/* S10.5; 0 if the command may go on. */
static int ublk_check_cmd(struct gb_world *w, struct io_kiocb *req, const struct ublk_queue *q)
{
	const struct gb_sqe *sqe = &w->trace->sqes[req->sqe];
	bool get_data = (sqe->cmd_op & 0xff) == (UBLK_U_IO_NEED_GET_DATA & 0xff);
	uint32_t type = sqe->cmd_op >> 8 & 0xff;
	const struct ublk_io *io;

	if (sqe->q_id)
		return gb_why(w, req, GB_R_UBLK_BAD_QUEUE, NULL, sqe->q_id, 0);
	if (ublk_queue_ready(q) && io_should_terminate_tw(w))
		return gb_why(w, req, GB_R_UBLK_NOT_DAEMON, NULL, 0, 0);
	if (sqe->tag >= q->q_depth)
		return gb_why(w, req, GB_R_UBLK_BAD_TAG, NULL, sqe->tag, q->q_depth);
	io = ublk_slot(w, q, sqe->tag);
	if (io->flags & UBLK_IO_FLAG_ACTIVE && !GB_FAULT(w, UBLK_ACTIVE_UNCHECKED))
		return gb_why(w, req, GB_R_UBLK_ACTIVE, NULL, sqe->tag, 0);
	if (get_data != !!(io->flags & UBLK_IO_FLAG_NEED_GET_DATA))
		return gb_why(w, req, GB_R_UBLK_GET_DATA, NULL, sqe->tag, 0);
	if (type && type != 'u')
		return gb_why(w, req, GB_R_UBLK_ENCODING, NULL, 0, 0);
	return 0;
}

static int ublk_run_cmd(struct gb_world *w, struct io_kiocb *req)
{
	const struct gb_sqe *sqe = &w->trace->sqes[req->sqe];
	struct ublk_queue *q = ublk_queue_of(w, req);
	int ret = ublk_check_cmd(w, req, q);
	uint64_t addr = gb_user_addr(&sqe->addr);
	struct ublk_io *io;

	if (ret)
		return ret;
	io = ublk_slot(w, q, sqe->tag);
	req->cmd.uring.tag = sqe->tag;
	switch (sqe->cmd_op & 0xff) {
	case UBLK_U_IO_FETCH_REQ & 0xff:
		return ublk_fetch(w, req, q, io, addr);
	case UBLK_U_IO_COMMIT_AND_FETCH_REQ & 0xff:
		return ublk_commit_and_fetch(w, req, q, io, addr);
	case UBLK_U_IO_NEED_GET_DATA & 0xff:
		return ublk_get_data(w, req, q, io, addr);
	case UBLK_U_IO_PROVIDE_IO_BUF & 0xff:
		return ublk_provide_io_buf(w, req, q, io);
	default:
		return gb_why(w, req, GB_R_UBLK_BAD_COMMAND, NULL, sqe->cmd_op & 0xff, 0);
	}
}

int ublk_ch_uring_cmd(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags)
{
	if (!(issue_flags & IO_URING_F_UNLOCKED))
		return ublk_run_cmd(w, req);
	io_uring_cmd_complete_in_task(w, req, IO_CMD_ISSUE);
	return -GB_EIOCBQUEUED;
}

void ublk_ch_uring_cmd_cb(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags)
{
	int ret = ublk_run_cmd(w, req);

	if (ret != -GB_EIOCBQUEUED)
		io_uring_cmd_done(w, req, ret, issue_flags);
}
