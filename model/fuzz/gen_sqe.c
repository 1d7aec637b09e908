/* SPDX-License-Identifier: MIT */
/* One SQE of a kind the taste likes. */
#include <stddef.h>

#include "gen.h"

static void gen_nop(struct gen *g, struct gb_sqe *sqe, bool group_buf)
{
	static const int32_t results[] = {-1, -GB_EIO, -GB_ECANCELED, 1, 7};

	(void)group_buf;
	if (gen_once_in(g, 3))
		GIVE(sqe, res, GEN_PICK(g, results));
	if (gen_nonsense(g))
		GIVE(sqe, op_flags, gen_below(g, 4));
}

static void gen_bad(struct gen *g, struct gb_sqe *sqe, bool group_buf)
{
	(void)g;
	(void)sqe;
	(void)group_buf;
}

static void gen_fsync(struct gen *g, struct gb_sqe *sqe, bool group_buf)
{
	static const uint32_t flags[] = {IORING_FSYNC_DATASYNC};

	(void)group_buf;
	gen_any_fd(g, sqe);
	gen_op_flags(g, sqe, flags, GEN_COUNT(flags));
}

static void gen_shutdown(struct gen *g, struct gb_sqe *sqe, bool group_buf)
{
	(void)group_buf;
	if (g->sock == GEN_NONE || gen_nonsense(g))
		gen_any_fd(g, sqe);
	else
		gen_fd(g, sqe, g->sock, (uint8_t)gen_below(g, 2));
	if (!gen_once_in(g, 3))
		GIVE(sqe, len, gen_below(g, 4));
}

static void gen_close(struct gen *g, struct gb_sqe *sqe, bool group_buf)
{
	(void)group_buf;
	gen_any_fd(g, sqe);
	if (gen_nonsense(g))
		gen_off(g, sqe, 10);
}

static void gen_provide(struct gen *g, struct gb_sqe *sqe, bool group_buf)
{
	const struct gb_fd n = {.number = (int32_t)(gen_nonsense(g) ? gen_below(g, 3) : 1 + gen_below(g, 3))};

	(void)group_buf;
	GIVE(sqe, fd, n);
	sqe->buf_index = gen_once_in(g, 10) && g->has_ring_group ? g->ring_group : g->legacy_group;
	sqe->given |= 1U << GB_F_buf_group;
	if (sqe->opcode == IORING_OP_REMOVE_BUFFERS)
		return;
	GIVE(sqe, addr, gen_mem(g, gen_below(g, 1024)));
	GIVE(sqe, len, 1 + gen_below(g, 512));
	if (gen_once_in(g, 2))
		GIVE(sqe, off, gen_nonsense(g) ? 65535 : gen_below(g, 4));
}

/* A lease where there is a lessor, else what a lone command is. */
static void make_lease(struct gen *g, struct gb_sqe *sqe)
{
	static const uint32_t lengths[] = {1, 16, 100, 512, 512, 1024, 4096, 6000};
	static const enum gb_lease_mode modes[] = {GB_LEASE_sync,	GB_LEASE_sync,	   GB_LEASE_sync,
						   GB_LEASE_sync,	GB_LEASE_async,	   GB_LEASE_async,
						   GB_LEASE_fail_after, GB_LEASE_twice,	   GB_LEASE_no_ack,
						   GB_LEASE_no_vec,	GB_LEASE_not_kbuf, GB_LEASE_any};
	const uint32_t len = GEN_PICK(g, lengths);
	const enum gb_lease_mode mode = GEN_PICK(g, modes);
	uint32_t segs;

	sqe->opcode = IORING_OP_URING_CMD;
	sqe->lease = true;
	GIVE(sqe, fd, gen_object_fd(g->lessor, 0));
	GIVE(sqe, dir, gen_once_in(g, 2) ? GB_DIR_DEST : GB_DIR_SOURCE);
	GIVE(sqe, len, len);
	if (gen_once_in(g, 4))
		GIVE(sqe, offset, 1 + gen_below(g, 600));
	segs = (len + sqe->offset + GB_MAX_SEG_LEN - 1) / GB_MAX_SEG_LEN + (gen_once_in(g, 3) ? gen_below(g, 4) : 0);
	if (segs > 1)
		GIVE(sqe, segs, segs);
	if (mode != GB_LEASE_sync)
		GIVE(sqe, mode, mode);
	if (gen_once_in(g, 6) || (mode == GB_LEASE_fail_after && gen_once_in(g, 2)))
		GIVE(sqe, res, -(int32_t)gen_below(g, 20));
	if (gen_nonsense(g))
		GIVE(sqe, op_flags, gen_below(g, 4));
	if (gen_nonsense(g))
		GIVE(sqe, buf_index, (uint16_t)gen_below(g, 2));
}

static void gen_lone_lease(struct gen *g, struct gb_sqe *sqe, bool group_buf)
{
	(void)group_buf;
	if (g->lessor == GEN_NONE)
		sqe->opcode = IORING_OP_NOP;
	else
		make_lease(g, sqe);
}

static void gen_ublk_any(struct gen *g, struct gb_sqe *sqe, bool group_buf)
{
	static const enum gb_ublk_command commands[] = {GB_UBLK_COMMIT,	 GB_UBLK_COMMIT,  GB_UBLK_COMMIT,
							GB_UBLK_PROVIDE, GB_UBLK_PROVIDE, GB_UBLK_GET_DATA,
							GB_UBLK_FETCH,	 GB_UBLK_RAW};

	(void)group_buf;
	if (g->ublk == GEN_NONE)
		sqe->opcode = IORING_OP_NOP;
	else
		gen_ublk(g, sqe, GEN_PICK(g, commands));
}

/* Every kind, how often it is taken where the taste has nothing against it, and who makes it. */
static const struct {
	uint8_t opcode;
	uint8_t often;
	enum gen_feature needs; /* GEN_FEATURES: none */
	void (*make)(struct gen *g, struct gb_sqe *sqe, bool group_buf);
} ops[] = {
	{IORING_OP_NOP, 8, GEN_FEATURES, gen_nop},
	{IORING_OP_READ, 8, GEN_FEATURES, gen_rw},
	{IORING_OP_WRITE, 8, GEN_FEATURES, gen_rw},
	{IORING_OP_READV, 2, GEN_FEATURES, gen_rw},
	{IORING_OP_WRITEV, 2, GEN_FEATURES, gen_rw},
	{IORING_OP_READ_FIXED, 4, GEN_REG_BUFFERS, gen_rw},
	{IORING_OP_WRITE_FIXED, 4, GEN_REG_BUFFERS, gen_rw},
	{IORING_OP_READ_MULTISHOT, 2, GEN_SELECT, gen_rw},
	{IORING_OP_SEND, 6, GEN_SOCK, gen_net},
	{IORING_OP_RECV, 6, GEN_SOCK, gen_net},
	{IORING_OP_SENDMSG, 2, GEN_SOCK, gen_net},
	{IORING_OP_RECVMSG, 2, GEN_SOCK, gen_net},
	{IORING_OP_SEND_ZC, 2, GEN_SOCK, gen_net},
	{IORING_OP_SENDMSG_ZC, 1, GEN_SOCK, gen_net},
	{IORING_OP_ACCEPT, 8, GEN_LISTEN, gen_connect},
	{IORING_OP_CONNECT, 6, GEN_LISTEN, gen_connect},
	{IORING_OP_POLL_ADD, 4, GEN_FEATURES, gen_poll},
	{IORING_OP_POLL_REMOVE, 2, GEN_FEATURES, gen_poll},
	{IORING_OP_TIMEOUT, 3, GEN_FEATURES, gen_timeout},
	{IORING_OP_TIMEOUT_REMOVE, 1, GEN_FEATURES, gen_timeout},
	{IORING_OP_LINK_TIMEOUT, 3, GEN_CHAINS, gen_timeout},
	{IORING_OP_ASYNC_CANCEL, 3, GEN_FEATURES, gen_cancel},
	{IORING_OP_SHUTDOWN, 1, GEN_SOCK, gen_shutdown},
	{IORING_OP_CLOSE, 1, GEN_FEATURES, gen_close},
	{IORING_OP_FSYNC, 2, GEN_FEATURES, gen_fsync},
	{IORING_OP_PROVIDE_BUFFERS, 4, GEN_SELECT, gen_provide},
	{IORING_OP_REMOVE_BUFFERS, 1, GEN_SELECT, gen_provide},
	{IORING_OP_URING_CMD, 1, GEN_LESSOR, gen_lone_lease},
	{IORING_OP_URING_CMD, 8, GEN_UBLK, gen_ublk_any},
	{GB_OP_BAD, 1, GEN_FEATURES, gen_bad},
};

_Static_assert(GEN_COUNT(ops) <= GEN_MAX_OPS, "a weight for each kind");

void gen_weights(struct gen *g)
{
	static const uint8_t likes[] = {0, 1, 1, 2, 5};

	g->weights = 0;
	for (uint32_t k = 0; k < GEN_COUNT(ops); k++) {
		const bool there = ops[k].needs == GEN_FEATURES || gen_has(g, ops[k].needs);

		g->weight[k] = there ? (uint8_t)(ops[k].often * GEN_PICK(g, likes)) : 0;
		g->weights += g->weight[k];
	}
	/* something has to be */
	g->weight[0]++;
	g->weights++;
}

uint32_t gen_rooms(const struct gen *g)
{
	const uint32_t queue = g->sq_entries - g->queued, wanted = g->sqes - g->trace->n_sqes;

	if (g->gone || g->closed || g->trace->n_stmts == g->draft->max_stmts)
		return 0;
	return queue < wanted ? queue : wanted;
}

bool gen_room(const struct gen *g)
{
	return gen_rooms(g) > 0;
}

/* Words that belong to every SQE, as noise. */
static void noise(struct gen *g, struct gb_sqe *sqe)
{
	if (gen_nonsense(g))
		GIVE(sqe, ioprio, (uint16_t)(gen_once_in(g, 2) ? 1U << gen_below(g, 4) : gen_below(g, 65536)));
	if (gen_nonsense(g) && !(sqe->given & (1U << GB_F_buf_group)))
		GIVE(sqe, buf_index, (uint16_t)gen_below(g, 3));
	/* BUNDLE is not simulated */
	sqe->ioprio &= (uint16_t)~IORING_RECVSEND_BUNDLE;
}

struct gb_sqe *gen_sqe(struct gen *g, bool group_buf)
{
	uint32_t at = gen_below(g, g->weights);
	struct gb_sqe *sqe;
	uint32_t k = 0;

	if (!gen_room(g))
		return NULL;
	sqe = draft_sqe(g->draft);
	while (at >= g->weight[k])
		at -= g->weight[k++];
	sqe->opcode = ops[k].opcode;
	ops[k].make(g, sqe, group_buf);
	noise(g, sqe);
	g->queued++;
	return sqe;
}

struct gb_sqe *gen_lease(struct gen *g)
{
	const bool ublk = g->ublk != GEN_NONE && (g->lessor == GEN_NONE || gen_once_in(g, 2));
	struct gb_sqe *sqe;

	if (!gen_room(g) || (g->lessor == GEN_NONE && g->ublk == GEN_NONE))
		return NULL;
	sqe = draft_sqe(g->draft);
	if (ublk) {
		const struct gb_blkreq *blk = &g->trace->blkreqs[0];

		gen_ublk(g, sqe, GB_UBLK_PROVIDE);
		g->dest = !g->trace->n_blkreqs || blk->op == GB_BLK_read;
		g->lease_len = g->trace->n_blkreqs ? blk->len : 512;
	} else {
		make_lease(g, sqe);
		g->dest = sqe->dir == GB_DIR_DEST;
		g->lease_len = sqe->len;
	}
	g->leased = true;
	g->queued++;
	return sqe;
}

/* A member that moves bytes of the leased buffer, in the direction it has. */
struct gb_sqe *gen_member(struct gen *g)
{
	const bool dest = gen_once_in(g, 16) ? !g->dest : g->dest;
	const bool net = g->sock != GEN_NONE && gen_once_in(g, 2);
	struct gb_sqe *sqe;

	if (!gen_room(g))
		return NULL;
	sqe = draft_sqe(g->draft);
	if (net)
		sqe->opcode = dest ? IORING_OP_RECV : IORING_OP_SEND;
	else
		sqe->opcode = dest ? IORING_OP_READ : IORING_OP_WRITE;
	if (net)
		gen_net(g, sqe, true);
	else
		gen_rw(g, sqe, true);
	noise(g, sqe);
	g->queued++;
	return sqe;
}
