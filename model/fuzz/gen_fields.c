/* SPDX-License-Identifier: MIT */
/* Fields that several opcodes share: descriptors, positions, buffers. */
#include "gen.h"

struct gb_fd gen_object_fd(uint8_t object, uint8_t end)
{
	return (struct gb_fd){.is_object = true, .object = object, .end = end};
}

struct gb_addr gen_mem(const struct gen *g, uint64_t offset)
{
	return (struct gb_addr){.is_mem = true, .mem = g->mem, .value = offset};
}

void gen_fd(struct gen *g, struct gb_sqe *sqe, uint8_t object, uint8_t end)
{
	struct gb_fd fd = {.number = 99};

	if (g->reg_files && gen_once_in(g, 3)) {
		fd.number = (int32_t)gen_below(g, g->reg_files + gen_nonsense(g));
		sqe->flags |= IOSQE_FIXED_FILE;
	} else if (object != GEN_NONE) {
		fd = gen_object_fd(object, end);
	}
	GIVE(sqe, fd, fd);
}

/* Any end of any object. */
void gen_any_fd(struct gen *g, struct gb_sqe *sqe)
{
	const uint32_t k = gen_below(g, g->trace->n_objects);
	const enum gb_object_kind kind = g->trace->objects[k].kind;
	const bool two = kind == GB_PIPE || kind == GB_SOCK;

	if (kind == GB_MEM)
		gen_fd(g, sqe, GEN_NONE, 0);
	else
		gen_fd(g, sqe, (uint8_t)k, (uint8_t)(two ? gen_below(g, 2) : 0));
}

void gen_wrong_fd(struct gen *g, struct gb_sqe *sqe)
{
	static const int32_t numbers[] = {-1, 0, 1, 99, INT32_MAX, INT32_MIN};
	struct gb_fd fd = {.number = GEN_PICK(g, numbers)};

	if (gen_once_in(g, 8))
		fd = (struct gb_fd){.is_ring = true, .number = -1};
	if (!fd.is_ring && gen_once_in(g, 2))
		gen_any_fd(g, sqe);
	else
		GIVE(sqe, fd, fd);
}

void gen_off(struct gen *g, struct gb_sqe *sqe, uint32_t usual)
{
	static const uint64_t extremes[] = {
		UINT64_MAX, INT64_MAX,	1ULL << 63,	   INT64_MAX - 15,
		UINT32_MAX, 1ULL << 32, GB_MAX_BYTES - 1U, GB_MAX_BYTES,
	};

	if (gen_nonsense(g) || gen_once_in(g, 24))
		GIVE(sqe, off, GEN_PICK(g, extremes));
	else if (gen_once_in(g, 3))
		GIVE(sqe, off, gen_below(g, usual));
}

static const uint32_t lens[] = {0, 1, 2, 16, 100, 512, 512, 1024, 4096, 4096, 6000};

static uint32_t any_len(struct gen *g)
{
	static const uint32_t extremes[] = {0x7ffff000, 0x7fffffff, 0x80000000, UINT32_MAX};

	return gen_nonsense(g) ? GEN_PICK(g, extremes) : GEN_PICK(g, lens);
}

/* A range of the leased buffer: mostly within it, sometimes just not. */
static void lease_range(struct gen *g, struct gb_sqe *sqe)
{
	const uint32_t total = g->leased ? g->lease_len : 512;
	const uint32_t at = gen_once_in(g, 2) ? 0 : gen_below(g, total + 1);
	struct gb_addr addr = {.value = at};
	uint32_t len = total - at;

	if (gen_once_in(g, 3))
		len = gen_below(g, len + 1);
	else if (gen_once_in(g, 12))
		len += 1 + gen_below(g, 512);
	if (gen_once_in(g, 24))
		addr.value = total + gen_below(g, 2);
	else if (gen_once_in(g, 40) && g->mem != GEN_NONE)
		addr = gen_mem(g, 0);
	GIVE(sqe, addr, addr);
	GIVE(sqe, len, len);
}

/* addr= and len=. */
void gen_range(struct gen *g, struct gb_sqe *sqe, bool group_buf)
{
	static const uint64_t wild[] = {0, 1, 4096, 0x7fffffffffff, UINT64_MAX, 1ULL << 63};
	const uint32_t reach = gen_once_in(g, 10) ? 20000 : 2048;
	struct gb_addr addr = {0};

	if (group_buf && !gen_nonsense(g)) {
		lease_range(g, sqe);
		return;
	}
	if (gen_nonsense(g) || g->mem == GEN_NONE)
		addr.value = GEN_PICK(g, wild);
	else
		addr = gen_mem(g, gen_once_in(g, 2) ? 0 : gen_below(g, reach));
	GIVE(sqe, addr, addr);
	GIVE(sqe, len, any_len(g));
}

void gen_iov(struct gen *g, struct gb_sqe *sqe)
{
	const uint32_t n = 1 + gen_below(g, 3);
	struct gb_segment *iov = draft_segments(g->draft, n);

	if (!iov || gen_nonsense(g)) {
		gen_range(g, sqe, false);
		return;
	}
	for (uint32_t k = 0; k < n; k++) {
		if (g->mem != GEN_NONE && !gen_nonsense(g))
			iov[k].addr = gen_mem(g, gen_below(g, 2048));
		iov[k].len = any_len(g);
	}
	GIVE(sqe, iov, iov);
	sqe->n_iov = n;
	if (gen_nonsense(g))
		GIVE(sqe, len, gen_below(g, n + 3));
	else if (sqe->opcode == IORING_OP_READV || sqe->opcode == IORING_OP_WRITEV)
		sqe->len = n;
}

void gen_op_flags(struct gen *g, struct gb_sqe *sqe, const uint32_t *list, uint32_t n)
{
	if (gen_nonsense(g))
		GIVE(sqe, op_flags, 1U << gen_below(g, 32));
	else if (gen_once_in(g, 5))
		GIVE(sqe, op_flags, list[gen_below(g, n)]);
}

/* BUFFER_SELECT, from one of the groups there are. */
void gen_select(struct gen *g, struct gb_sqe *sqe)
{
	if (!gen_has(g, GEN_SELECT) || gen_once_in(g, 3))
		return;
	sqe->flags |= IOSQE_BUFFER_SELECT;
	sqe->buf_index = g->has_ring_group && gen_once_in(g, 2) ? g->ring_group : g->legacy_group;
	sqe->given |= 1U << GB_F_buf_group;
}
