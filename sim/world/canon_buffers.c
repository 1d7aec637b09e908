/* SPDX-License-Identifier: MIT */
/* The canonical form of provided and registered buffers, leases and block requests. */
#include "io_uring/io_uring.h"
#include "world/canon.h"

_Static_assert(sizeof(struct io_buffer_list) == 24, "see put_buffer_list");
_Static_assert(sizeof(struct io_buffer) == 24, "see put_legacy");
_Static_assert(sizeof(struct gb_lease) == 40, "see put_lease");
_Static_assert(sizeof(struct ublk_io) == 24, "see put_ublk_io");
_Static_assert(sizeof(struct ublk_rq) == 56, "see put_ublk_rq");
_Static_assert(sizeof(struct ublk_queue) == 24, "see put_ublk_queue");

/* ---- provided buffers ---- */

/* A legacy buffer is what it says; where it lies in the table is an accident. */
void canon_put_kbuf(struct gb_canon *c, uint32_t ref)
{
	const struct io_buffer *buf = gb_kbuf(c->w, ref);

	canon_put(c, buf->addr);
	canon_put(c, buf->len);
	canon_put(c, buf->bid);
	canon_put(c, buf->bgid);
}

/* Buffers that one PROVIDE_BUFFERS makes lie one behind the other: the first, and how many there are. */
static void put_legacy(struct gb_canon *c, uint32_t first)
{
	uint32_t ref = first;

	while (ref) {
		const struct io_buffer *buf = gb_kbuf(c->w, ref), *next;
		uint32_t n = 1;

		for (; buf->next; buf = next, n++) {
			next = gb_kbuf(c->w, buf->next);
			if (next->addr != buf->addr + buf->len || next->len != buf->len || next->bid != buf->bid + 1)
				break;
		}
		canon_put(c, n);
		canon_put_kbuf(c, ref);
		ref = buf->next;
	}
	canon_put(c, 0);
}

/* Of a ring, what can be handed out; where it lies in the ring is of no account. */
static void put_ring(struct gb_canon *c, const struct io_buffer_list *bl)
{
	canon_put(c, bl->ring);
	canon_put(c, (uint16_t)(bl->tail - bl->head));
	for (uint16_t k = bl->head; k != bl->tail; k++) {
		const struct io_uring_buf *buf = gb_ring_buf(c->w, bl->ring + (k & bl->mask));

		canon_put(c, buf->addr);
		canon_put(c, buf->len);
		canon_put(c, buf->bid);
		/* a tail that has overtaken the head: the entries repeat */
		if ((uint16_t)(k - bl->head) == bl->mask)
			break;
	}
}

static void put_buffer_list(struct gb_canon *c, const struct io_buffer_list *bl)
{
	canon_put(c, bl->flags);
	if (bl->flags & IOBL_BUF_RING)
		put_ring(c, bl);
	else
		put_legacy(c, bl->first);
}

void canon_put_buffers(struct gb_canon *c)
{
	const struct gb_world *w = c->w;
	const struct io_ring_ctx *ctx = gb_ctx(w);

	for (uint32_t k = 1; k <= w->at.n_lists; k++)
		put_buffer_list(c, gb_buffer_list(w, k));
	if (w->at.n_imus) {
		canon_put(c, ctx->nr_user_bufs);
		canon_put(c, ctx->user_bufs);
	}
	if (!w->at.n_slots)
		return;
	canon_put(c, ctx->nr_user_files);
	for (uint32_t k = 0; k < ctx->nr_user_files; k++)
		canon_put(c, *gb_file_slot(w, ctx->user_files + k));
}

/* ---- leases ---- */

/* A lessor's buffer is that of its command; that of a block request is what it was when it was leased. */
static void put_lease(struct gb_canon *c, uint16_t index)
{
	const struct gb_world *w = c->w;
	const struct gb_lease *lease = gb_lease(w, index);
	const uint64_t field[] = {lease->state, lease->leases, lease->acks,    lease->rq,
				  lease->dir,	lease->kbuf,   lease->kbuf_ack};
	const struct gb_sqe *sqe = &w->trace->sqes[lease->sqe - 1U];
	uint32_t total = sqe->offset + sqe->len;

	CANON_PUT_SPARSE(c, field);
	if (lease->rq) {
		const uint64_t place[] = {lease->seg, lease->nr_bvecs, lease->offset, lease->len, lease->skip};

		CANON_PUT_SPARSE(c, place);
	}
	if (sqe->lease) {
		canon_put_changed(c, lease->bytes, total);
		canon_put_changed(c, lease->written, (total + 7) / 8);
	}
}

void canon_put_leases(struct gb_canon *c)
{
	const struct gb_world *w = c->w;
	const uint16_t *sqe_of = c->rename ? c->req_of + w->trace->n_sqes : NULL;

	if (!w->at.n_leases)
		return;
	for (uint32_t k = 0; k < w->trace->n_sqes; k++) {
		uint32_t sqe = sqe_of ? sqe_of[k] : k;

		if (w->lease_of[sqe])
			put_lease(c, w->lease_of[sqe]);
	}
}

/* ---- ublk ---- */

static void put_ublk_io(struct gb_canon *c, const struct ublk_io *io)
{
	const uint64_t field[] = {
		io->flags, canon_signed(io->res), io->flags & UBLK_IO_FLAG_ACTIVE ? canon_ref(c, io->cmd) : 0, io->rq,
		io->addr,
	};

	CANON_PUT_SPARSE(c, field);
}

static void put_rq_list(struct gb_canon *c, const struct ublk_rq_list *list)
{
	for (uint16_t k = list->first; k; k = gb_ublk_rq(c->w, k)->next)
		canon_put(c, k);
	canon_put(c, 0);
}

static void put_ublk_queue(struct gb_canon *c, const struct ublk_queue *q)
{
	canon_put(c, q->nr_io_ready);
	canon_put(c, q->canceling);
	put_rq_list(c, &q->waiting);
	put_rq_list(c, &q->io_cmds);
	for (uint32_t tag = 0; tag < q->q_depth; tag++)
		put_ublk_io(c, gb_ublk_io(c->w, q->ios + tag));
}

static void put_ublk_rq(struct gb_canon *c, const struct ublk_rq *rq, const struct gb_blkreq *blk)
{
	const uint64_t field[] = {rq->state,	    rq->tag,	    rq->done,	  rq->refs,   rq->buf.seg,
				  rq->buf.nr_bvecs, rq->buf.offset, rq->buf.skip, rq->buf.len};

	CANON_PUT_SPARSE(c, field);
	if (!rq->nr_bvecs)
		return;
	canon_put_changed(c, rq->bytes, blk->len);
	canon_put_changed(c, rq->written, blk->len / 8);
	/* the array of its own, which old leases and iterators may still lead to */
	for (uint32_t k = rq->fresh; blk->n_bios > 1 && k < rq->fresh + rq->nr_bvecs; k++) {
		canon_put(c, gb_bvec(c->w, k)->bytes);
		canon_put(c, gb_bvec(c->w, k)->bv_len);
	}
}

void canon_put_ublk(struct gb_canon *c)
{
	const struct gb_world *w = c->w;

	for (uint32_t k = 1; k <= w->at.n_ublks; k++)
		put_ublk_queue(c, gb_ublk(w, k));
	for (uint32_t k = 1; k <= w->at.n_ublk_rqs; k++)
		put_ublk_rq(c, gb_ublk_rq(w, k), &w->trace->blkreqs[k - 1]);
}
