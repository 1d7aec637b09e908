/* SPDX-License-Identifier: MIT */
/* iov_iter (S7.1 to S7.5): the types and what moves through them. */
#include <string.h>

#include "fake/fake.h"
#include "world/emit.h"
#include "world/state.h"

void iov_iter_ubuf(struct iov_iter *i, unsigned int direction, uint64_t user, uint32_t count)
{
	*i = (struct iov_iter){
		.iter_type = ITER_UBUF,
		.data_source = (uint8_t)direction,
		.nr_segs = 1,
		.count = count,
		.ubuf = user,
	};
}

void iov_iter_bvec(struct iov_iter *i, unsigned int direction, uint16_t lease, uint32_t seg, uint16_t nr_segs,
		   uint32_t count)
{
	*i = (struct iov_iter){
		.iter_type = ITER_BVEC,
		.data_source = (uint8_t)direction,
		.lease = lease,
		.seg = seg,
		.nr_segs = nr_segs,
		.count = count,
	};
}

void iov_iter_init(struct iov_iter *i, unsigned int direction, uint32_t seg, uint16_t nr_segs, uint32_t count)
{
	*i = (struct iov_iter){
		.iter_type = ITER_IOVEC,
		.data_source = (uint8_t)direction,
		.seg = seg,
		.nr_segs = nr_segs,
		.count = count,
	};
}

void iov_iter_seq(struct iov_iter *i, uint32_t count)
{
	*i = (struct iov_iter){.iter_type = ITER_SEQ, .data_source = ITER_SOURCE, .nr_segs = 1, .count = count};
}

void iov_iter_hash(struct iov_iter *i, uint32_t count)
{
	*i = (struct iov_iter){
		.iter_type = ITER_HASH,
		.data_source = ITER_DEST,
		.nr_segs = 1,
		.count = count,
		.ubuf = GB_FNV_START,
	};
}

static bool segmented(const struct iov_iter *i)
{
	return i->iter_type == ITER_BVEC || i->iter_type == ITER_IOVEC;
}

/* Segments in the table an iterator walks through. */
static uint32_t table_size(const struct gb_world *w, const struct iov_iter *i)
{
	return i->iter_type == ITER_BVEC ? w->at.n_bvecs : w->at.n_uvecs;
}

static uint32_t seg_len(const struct gb_world *w, const struct iov_iter *i)
{
	return i->iter_type == ITER_BVEC ? gb_bvec(w, i->seg)->bv_len : gb_uvec(w, i->seg)->iov_len;
}

/* Is there a current segment? A stale iterator must not lead out of the table. */
static bool has_seg(const struct gb_world *w, const struct iov_iter *i)
{
	return i->nr_segs && i->seg < table_size(w, i);
}

static void next_seg(struct iov_iter *i)
{
	i->iov_offset = 0;
	i->seg++;
	i->nr_segs--;
}

/* iov_iter_bvec_advance and its twin: lands on the segment that holds the next byte, over empty ones. */
static void seg_advance(const struct gb_world *w, struct iov_iter *i, uint32_t n)
{
	uint64_t left = (uint64_t)n + i->iov_offset;

	while (has_seg(w, i) && left >= seg_len(w, i)) {
		left -= seg_len(w, i);
		i->seg++;
		i->nr_segs--;
	}
	/* past the last segment there is nothing to be in */
	i->iov_offset = i->nr_segs ? (uint32_t)left : 0;
}

/* iov_iter_advance */
void iov_iter_advance(const struct gb_world *w, struct iov_iter *i, uint32_t n)
{
	n = gb_min(n, i->count);
	if (segmented(i)) {
		if (!i->count)
			return;
		seg_advance(w, i, n);
	} else {
		i->iov_offset += n;
	}
	i->count -= n;
}

/* Where the segments of an iterator begin, as far as is known. */
static uint32_t first_seg(const struct gb_world *w, const struct iov_iter *i)
{
	return i->lease ? gb_lease(w, i->lease)->seg : 0;
}

/* iov_iter_revert */
void iov_iter_revert(const struct gb_world *w, struct iov_iter *i, uint32_t n)
{
	uint32_t first, step;

	for (first = first_seg(w, i);;) {
		step = gb_min(n, i->iov_offset);
		i->iov_offset -= step;
		i->count += step;
		n -= step;
		if (!n || !segmented(i) || i->seg <= first || i->seg > table_size(w, i))
			return;
		i->seg--;
		i->nr_segs++;
		i->iov_offset = seg_len(w, i);
	}
}

void iov_iter_truncate(struct iov_iter *i, uint32_t count)
{
	i->count = gb_min(i->count, count);
}

void iov_iter_reexpand(struct iov_iter *i, uint32_t count)
{
	i->count = count;
}

void iov_iter_save_state(const struct iov_iter *i, struct iov_iter_state *state)
{
	state->iov_offset = i->iov_offset;
	state->count = i->count;
	state->nr_segs = i->nr_segs;
}

/* iov_iter_restore: the segment moves by the difference of the segments left. */
void iov_iter_restore(struct iov_iter *i, const struct iov_iter_state *state)
{
	i->iov_offset = state->iov_offset;
	i->count = state->count;
	if (segmented(i))
		i->seg = (uint32_t)((int64_t)i->seg - (state->nr_segs - i->nr_segs));
	i->nr_segs = state->nr_segs;
}

/* What happens to the bytes an iterator passes over. */
struct move {
	const char *function;	   /* kernel function, for hazards */
	const unsigned char *from; /* copied into the iterator, or */
	unsigned char *to;	   /* copied out of it, or neither: zeroed */
};

static void move_run(const struct move *m, unsigned char *at, uint32_t done, uint32_t n)
{
	if (m->from)
		memcpy(at, m->from + done, n);
	else if (m->to)
		memcpy(m->to + done, at, n);
	else
		memset(at, 0, n);
}

/* The label of whom the iterator works for, as events carry it. */
static uint32_t iter_owner(const struct iov_iter *i)
{
	return i->owner ? i->owner - 1U : GB_NO_REQ;
}

static void bvec_hazard(struct gb_world *w, const struct iov_iter *i, enum gb_hazard_kind kind, const struct move *m,
			const char *text)
{
	gb_hazard(w, kind, m->function, iter_owner(i), text);
}

/* Shadow bits, hazards and the event of n bytes that begin `at` bytes behind the lease's first bvec. */
static void bvec_account(struct gb_world *w, const struct iov_iter *i, const struct move *m, int64_t at, uint32_t n)
{
	const struct gb_lease *lease = gb_lease(w, i->lease);
	int64_t lo = at - lease->offset, hi = lo + n;

	if (!m->to)
		gb_lease_mark(w, lease, at, at + n);
	else if (lease->dir == ITER_DEST && !gb_lease_written(w, lease, at, at + n))
		bvec_hazard(w, i, GB_HAZARD_UNINITIALISED_READ, m, "reads bytes of the leased buffer nobody wrote");
	if (m->from || m->to)
		gb_emit(w, GB_EV_IO, iter_owner(i), GB_NO_REQ, lo, hi, m->from != NULL, i->lease);
	else
		gb_emit(w, GB_EV_ZERO, iter_owner(i), GB_NO_REQ, lo, hi, 0, i->lease);
}

/* Moves n bytes, at most the count, through a segment iterator. */
static uint32_t bvec_move(struct gb_world *w, struct iov_iter *i, const struct move *m, uint32_t n)
{
	uint32_t done = 0, begin = 0;

	if (i->lease && gb_lease(w, i->lease)->state == GB_LEASE_BACK) {
		bvec_hazard(w, i, GB_HAZARD_USE_AFTER_FREE, m, "touches a leased buffer that was given back");
		return 0;
	}
	while (done < n && has_seg(w, i)) {
		const struct bio_vec *bv = gb_bvec(w, i->seg);
		uint32_t part = i->iov_offset < bv->bv_len ? gb_min(n - done, bv->bv_len - i->iov_offset) : 0;

		if (part) {
			if (!done)
				begin = bv->bytes + i->iov_offset;
			move_run(m, gb_bytes(w, bv->bytes + i->iov_offset), done, part);
		}
		done += part;
		i->iov_offset += part;
		if (i->iov_offset >= bv->bv_len)
			next_seg(i);
	}
	i->count -= done;
	if (done && i->lease)
		bvec_account(w, i, m, (int64_t)begin - gb_lease(w, i->lease)->bytes, done);
	if (done < n)
		bvec_hazard(w, i, GB_HAZARD_WILD_POINTER, m, "the iterator runs past its last segment");
	return done;
}

/* Moves n bytes at a user address, `begin` bytes into the move; fewer if the memory ends early. */
static uint32_t user_move(struct gb_world *w, const struct iov_iter *i, const struct move *m, uint64_t addr,
			  uint32_t begin, uint32_t n)
{
	unsigned char *at;
	uint32_t done = gb_user_bytes(w, addr, n, &at);
	uint64_t object = (addr - GB_USER_BASE) / GB_USER_STRIDE, lo = (addr - GB_USER_BASE) % GB_USER_STRIDE;

	if (!done)
		return 0;
	move_run(m, at, begin, done);
	if (!m->from && !m->to)
		gb_emit(w, GB_EV_ZERO, iter_owner(i), GB_NO_REQ, (int64_t)lo, (int64_t)lo + done, 1, object);
	return done;
}

static uint32_t ubuf_move(struct gb_world *w, struct iov_iter *i, const struct move *m, uint32_t n)
{
	uint32_t done = user_move(w, i, m, i->ubuf + i->iov_offset, 0, n);

	i->iov_offset += done;
	i->count -= done;
	return done;
}

/* The same through several pieces of user memory; a fault ends it where it is. */
static uint32_t iovec_move(struct gb_world *w, struct iov_iter *i, const struct move *m, uint32_t n)
{
	uint32_t done = 0;

	while (done < n && has_seg(w, i)) {
		const struct iovec_seg *iov = gb_uvec(w, i->seg);
		uint32_t part = gb_min(n - done, iov->iov_len - i->iov_offset);
		uint32_t moved = part ? user_move(w, i, m, iov->iov_base + i->iov_offset, done, part) : 0;

		done += moved;
		i->iov_offset += moved;
		if (i->iov_offset >= iov->iov_len)
			next_seg(i);
		if (moved < part)
			break;
	}
	i->count -= done;
	return done;
}

/* The ends of the outside: a source of `seq` bytes, a destination that hashes. */
static uint32_t outside_move(struct iov_iter *i, const struct move *m, uint32_t n)
{
	if (i->iter_type == ITER_SEQ && m->to)
		gb_seq_fill(m->to, i->iov_offset, n);
	else if (i->iter_type == ITER_HASH && m->from)
		i->ubuf = gb_fnv(i->ubuf, m->from, n);
	else
		return 0;
	i->iov_offset += n;
	i->count -= n;
	return n;
}

static uint32_t iter_move(struct gb_world *w, struct iov_iter *i, const struct move *m, uint32_t n)
{
	n = gb_min(n, i->count);
	if (!n)
		return 0;
	switch (i->iter_type) {
	case ITER_UBUF:
		return ubuf_move(w, i, m, n);
	case ITER_IOVEC:
		return iovec_move(w, i, m, n);
	case ITER_BVEC:
		return bvec_move(w, i, m, n);
	default:
		return outside_move(i, m, n);
	}
}

/* _copy_to_iter */
uint32_t copy_to_iter(struct gb_world *w, const unsigned char *from, uint32_t n, struct iov_iter *i)
{
	struct move m = {.function = "copy_to_iter", .from = from};

	return i->data_source == ITER_DEST ? iter_move(w, i, &m, n) : 0;
}

/* _copy_from_iter */
uint32_t copy_from_iter(struct gb_world *w, unsigned char *to, uint32_t n, struct iov_iter *i)
{
	struct move m = {.function = "copy_from_iter"};

	m.to = to;
	return i->data_source == ITER_SOURCE ? iter_move(w, i, &m, n) : 0;
}

/* iov_iter_zero: does not ask for the direction. */
uint32_t iov_iter_zero(struct gb_world *w, uint32_t n, struct iov_iter *i)
{
	struct move m = {.function = "iov_iter_zero"};

	return iter_move(w, i, &m, n);
}

/* ---- import ---- */

bool import_ubuf(unsigned int direction, uint64_t addr, uint64_t len, struct iov_iter *i)
{
	uint32_t n = len < MAX_RW_COUNT ? (uint32_t)len : MAX_RW_COUNT;

	if (!gb_access_ok(addr, n))
		return false;
	iov_iter_ubuf(i, direction, addr, n);
	return true;
}

/* copy_iovec_from_user, one segment */
static enum gb_import copy_seg(const struct gb_world *w, uint64_t uvec, uint64_t *base, uint64_t *len)
{
	if (!gb_user_word(w, uvec, base) || !gb_user_word(w, uvec + 8, len))
		return GB_IMPORT_FAULT;
	return *len > INT64_MAX ? GB_IMPORT_LEN : GB_IMPORT_OK;
}

enum gb_import import_iovec(const struct gb_world *w, unsigned int direction, uint64_t uvec, uint64_t nr, uint32_t seg,
			    struct iov_iter *i)
{
	uint32_t total = 0;
	bool implausible = false;
	enum gb_import ret;
	uint64_t base, len;

	if (nr > UIO_MAXIOV)
		return GB_IMPORT_COUNT;
	if (nr == 1) {
		ret = copy_seg(w, uvec, &base, &len);
		if (ret == GB_IMPORT_OK && !import_ubuf(direction, base, len, i))
			ret = GB_IMPORT_ADDR;
		return ret;
	}
	for (uint32_t k = 0; k < nr; k++) {
		ret = copy_seg(w, uvec + 16ULL * k, &base, &len);
		if (ret != GB_IMPORT_OK)
			return ret;
		implausible |= !gb_access_ok(base, len);
		if (len > MAX_RW_COUNT - total)
			len = MAX_RW_COUNT - total;
		*gb_uvec(w, seg + k) = (struct iovec_seg){.iov_base = base, .iov_len = (uint32_t)len};
		total += (uint32_t)len;
	}
	if (implausible)
		return GB_IMPORT_ADDR;
	iov_iter_init(i, direction, seg, (uint16_t)nr, total);
	return GB_IMPORT_OK;
}
