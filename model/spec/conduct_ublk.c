/* SPDX-License-Identifier: MIT */
/* Conduct: what becomes of a block request (S10.8, S10.11, S10.15, S10.17). */
#include "conduct.h"

#define COMMIT_AND_FETCH 0x21

static uint32_t *owner_of(struct gb_spec *s, uint8_t object, uint32_t tag)
{
	return &s->conduct->owner[(size_t)object * s->conduct->tags + tag];
}

static bool one_segment(const struct gb_blkreq *blk)
{
	return blk->n_bios <= 1 && gb_blk_has_data(blk->op) && gb_blkreq_segs(blk, 0) == 1;
}

static void dispatched(struct gb_spec *s, const struct gb_event *ev, const struct gb_blkreq *blk, struct block *b)
{
	b->dispatched = true;
	b->has_result = false;
	if ((uint32_t)ev->a < s->conduct->tags)
		*owner_of(s, blk->object, (uint32_t)ev->a) = (uint32_t)ev->d + 1;
	if (one_segment(blk) && ev->b != b->done)
		conduct_find(s, GB_SPEC_BLK_OFFSET, GB_NO_REQ, SPEC_NONE, ev->b, b->done);
}

/* The server's reference goes: the command that runs says with which result. */
static void reference(struct gb_spec *s, const struct gb_event *ev, struct block *b)
{
	const uint32_t r = s->conduct->current;
	const struct gb_sqe *sqe = r < s->n ? &s->trace->sqes[r] : NULL;

	const bool dropped = ev->a + 1 == b->refs;

	b->refs = (uint32_t)ev->a;
	if (!dropped || s->conduct->current_step != ev->step || !sqe || !sqe->ublk ||
	    (sqe->cmd_op & 0xff) != COMMIT_AND_FETCH || b->has_result || !sqe->fd.is_object ||
	    sqe->tag >= s->conduct->tags || *owner_of(s, sqe->fd.object, sqe->tag) != (uint32_t)ev->d + 1)
		return;
	b->has_result = true;
	b->committed = sqe->res;
}

/* S10.15: what is left of it after the bytes that were committed. */
static uint32_t left_of(const struct gb_blkreq *blk, const struct block *b)
{
	const uint32_t left = blk->len - b->done;

	return (uint32_t)b->committed < left ? left - (uint32_t)b->committed : 0;
}

static void ended(struct gb_spec *s, const struct gb_event *ev, const struct gb_blkreq *blk, const struct block *b)
{
	bool good = !ev->a;

	if (!b->dispatched)
		return;
	if (!b->has_result) { /* only the server's end can have ended it */
		if (good)
			conduct_find(s, GB_SPEC_BLK_RESULT, GB_NO_REQ, SPEC_NONE, (int64_t)ev->d, ev->a);
		return;
	}
	if (s->conduct->ending || !(s->trace->objects[blk->object].flags & UBLK_F_USER_COPY))
		return;
	if (b->committed < 0 || (!b->committed && blk->op == GB_BLK_read))
		good = !good;
	else if (gb_blk_has_data(blk->op) && left_of(blk, b))
		good = false;
	if (!good)
		conduct_find(s, GB_SPEC_BLK_RESULT, GB_NO_REQ, SPEC_NONE, (int64_t)ev->d, ev->a);
}

static void requeued(struct gb_spec *s, const struct gb_event *ev, const struct gb_blkreq *blk, struct block *b)
{
	const uint32_t due = b->has_result && b->committed > 0 ? b->done + (uint32_t)b->committed : b->done;

	if (b->has_result && !s->conduct->ending && s->trace->objects[blk->object].flags & UBLK_F_USER_COPY &&
	    ev->a != due)
		conduct_find(s, GB_SPEC_BLK_RESULT, GB_NO_REQ, SPEC_NONE, (int64_t)ev->d, ev->a);
	b->done = (uint32_t)ev->a;
	b->has_result = false;
}

void conduct_block(struct gb_spec *s, const struct gb_event *ev)
{
	const struct gb_blkreq *blk;
	struct block *b;

	if (ev->d >= s->trace->n_blkreqs)
		return;
	blk = &s->trace->blkreqs[ev->d];
	b = &s->conduct->block[ev->d];
	if (ev->type == GB_EV_BLK_DISPATCH)
		dispatched(s, ev, blk, b);
	else if (ev->type == GB_EV_BLK_REF)
		reference(s, ev, b);
	else if (ev->type == GB_EV_BLK_REQUEUE)
		requeued(s, ev, blk, b);
	else
		ended(s, ev, blk, b);
}
