/* SPDX-License-Identifier: MIT */
/* The shape of a program: taste, batches, chains, groups, and what happens between them. */
#include <stddef.h>

#include "gen.h"

void gen_taste(struct gen *g)
{
	static const uint32_t nonsense[] = {0, 200, 60, 20};
	static const uint8_t often[] = {
#define X(name, often) (often),
		GEN_FEATURE_LIST(X)
#undef X
	};

	for (uint32_t k = 0; k < GEN_FEATURES; k++)
		if (often[k] && gen_once_in(g, often[k]))
			g->features |= 1U << k;
	if (!gen_once_in(g, 10))
		g->features |= 1U << GEN_GROUPS;
	if (!gen_once_in(g, 3))
		g->features |= 1U << GEN_LESSOR;
	/* bytes need something to move to */
	if (!(g->features & (1U << GEN_FILES | 1U << GEN_BLOCK | 1U << GEN_PIPE | 1U << GEN_SOCK)))
		g->features |= 1U << (gen_once_in(g, 2) ? GEN_FILES : GEN_SOCK);
	g->nonsense = GEN_PICK(g, nonsense);
	gen_weights(g);
}

/* Flags that neither chains nor groups are made of. */
static void side_flags(struct gen *g, struct gb_sqe *sqe, bool member)
{
	if (gen_has(g, GEN_ASYNC) && gen_once_in(g, 4))
		sqe->flags |= IOSQE_ASYNC;
	if (gen_has(g, GEN_SKIP) && gen_once_in(g, member ? 24 : 5))
		sqe->flags |= IOSQE_CQE_SKIP_SUCCESS;
	if (gen_has(g, GEN_DRAIN) && !member && gen_once_in(g, 6))
		sqe->flags |= IOSQE_IO_DRAIN;
	if (gen_nonsense(g))
		sqe->flags ^= (uint8_t)(1U << gen_below(g, 8));
}

static void end_sqe(struct gb_sqe *sqe)
{
	if (sqe->flags)
		sqe->given |= 1U << GB_F_flags;
}

/* One member; `more` if the group goes on behind it. */
static bool member(struct gen *g, bool more)
{
	const bool group_buf = gen_once_in(g, g->leased ? 16 : 6) != g->leased;
	struct gb_sqe *sqe = group_buf && !gen_once_in(g, 6) ? gen_member(g) : gen_sqe(g, group_buf);

	if (!sqe)
		return false;
	if (group_buf) {
		sqe->flags |= IOSQE_IO_DRAIN;
		sqe->group_buf_spelling = true;
	}
	if (more)
		sqe->flags |= IOSQE_SQE_GROUP;
	side_flags(g, sqe, true);
	if (gen_once_in(g, 60))
		sqe->flags |= gen_once_in(g, 2) ? IOSQE_IO_LINK : IOSQE_IO_HARDLINK;
	end_sqe(sqe);
	return true;
}

/* A leader and its members. Seldom is it left open, for the end of the batch to close. */
static void group(struct gen *g, uint8_t link)
{
	static const uint32_t sizes[] = {1, 1, 1, 2, 2, 3, 3, 4, 5};
	uint32_t members = gen_once_in(g, 60) ? 0 : GEN_PICK(g, sizes);
	const bool open = gen_once_in(g, 30);
	struct gb_sqe *sqe = gen_once_in(g, 5) ? NULL : gen_lease(g);

	if (!sqe)
		sqe = gen_sqe(g, false);
	if (!sqe)
		return;
	sqe->flags |= (uint8_t)(IOSQE_SQE_GROUP | link);
	side_flags(g, sqe, false);
	end_sqe(sqe);
	while (members && member(g, open || (members > 1 && gen_rooms(g) > 1)))
		members--;
	g->leased = false;
}

static void single(struct gen *g, uint8_t link)
{
	struct gb_sqe *sqe = gen_sqe(g, false);

	if (!sqe)
		return;
	sqe->flags |= link;
	side_flags(g, sqe, false);
	end_sqe(sqe);
}

static void unit(struct gen *g, uint8_t link)
{
	if (gen_has(g, GEN_GROUPS) && !gen_once_in(g, 3) && (gen_rooms(g) > 1 || gen_once_in(g, 10)))
		group(g, link);
	else
		single(g, link);
}

/* Several units in a chain, or one that is none. */
static void chain(struct gen *g)
{
	uint32_t n = gen_has(g, GEN_CHAINS) && gen_once_in(g, 2) ? 1 + gen_below(g, 3) : 0;

	for (; n && gen_room(g); n--) {
		const bool hard = gen_has(g, GEN_HARDLINKS) && gen_once_in(g, 3);

		unit(g, hard ? IOSQE_IO_HARDLINK : IOSQE_IO_LINK);
	}
	/* a chain may be left open as well */
	if (!gen_once_in(g, 20))
		unit(g, 0);
}

static void submit(struct gen *g)
{
	if (!g->gone && !g->closed && draft_stmt(g->draft, GB_STMT_SUBMIT) && g->enabled)
		g->queued = 0;
}

/* The outside connects to the listener. */
static void connects(struct gen *g)
{
	struct gb_stmt *stmt = draft_stmt(g->draft, GB_STMT_CONNECT);

	if (!stmt)
		return;
	stmt->end = gen_object_fd(g->sock, (uint8_t)gen_below(g, 2));
	stmt->n = g->listen;
}

static void outside(struct gen *g)
{
	static const uint32_t bytes[] = {1, 5, 16, 100, 512, 2000, 4096};
	const bool pipe = g->pipe != GEN_NONE && (g->sock == GEN_NONE || gen_once_in(g, 2));
	const uint8_t object = pipe ? g->pipe : g->sock;
	const uint32_t what = gen_below(g, 16);
	struct gb_stmt *stmt;
	uint8_t end = (uint8_t)gen_below(g, 2);

	if (object == GEN_NONE)
		return;
	if (g->listen != GEN_NONE && g->sock != GEN_NONE && gen_once_in(g, 2)) {
		connects(g);
		return;
	}
	if (what < 9)
		stmt = draft_stmt(g->draft, GB_STMT_WRITE);
	else if (what < 13)
		stmt = draft_stmt(g->draft, GB_STMT_READ);
	else
		stmt = draft_stmt(g->draft, what == 13 && !pipe ? GB_STMT_SHUTDOWN : GB_STMT_CLOSE);
	if (!stmt)
		return;
	if (what < 13) {
		end = pipe ? what < 9 : end;
		stmt->n = GEN_PICK(g, bytes);
		stmt->n_given = true;
	}
	stmt->end = gen_object_fd(object, end);
}

static void take_cqes(struct gen *g)
{
	static const uint32_t times[] = {0, 1, 3, 20, 60, 100};
	const bool waits = gen_once_in(g, 3);
	struct gb_stmt *stmt;

	if (g->closed)
		return;
	stmt = draft_stmt(g->draft, waits ? GB_STMT_WAIT : GB_STMT_REAP);
	if (!stmt)
		return;
	stmt->n = waits ? 1 + gen_below(g, 3) : 60;
	stmt->n_given = waits;
	if (!waits && gen_once_in(g, 2)) {
		stmt->n = GEN_PICK(g, times);
		stmt->n_given = true;
	}
}

static void between(struct gen *g)
{
	if (gen_has(g, GEN_OUTSIDE) && gen_once_in(g, 2))
		outside(g);
	if (gen_once_in(g, 4))
		take_cqes(g);
	if (!g->enabled && gen_once_in(g, 4) && !g->gone && !g->closed) {
		struct gb_stmt *stmt = draft_stmt(g->draft, GB_STMT_REGISTER);

		if (stmt)
			stmt->n = IORING_REGISTER_ENABLE_RINGS;
		g->enabled = g->enabled || stmt;
	}
}

/* The ring is closed, or its task goes away, at any point. */
static void end_early(struct gen *g)
{
	const bool gone = gen_has(g, GEN_GONE) && gen_once_in(g, 2) && !(g->trace->setup_flags & IORING_SETUP_SQPOLL);

	if (g->closed || (gone && g->gone))
		return;
	if (gone && draft_stmt(g->draft, gen_once_in(g, 2) ? GB_STMT_DIE : GB_STMT_EXEC))
		g->gone = true;
	else if (!gone && draft_stmt(g->draft, GB_STMT_EXIT))
		g->closed = true;
}

static void batches(struct gen *g)
{
	while (gen_room(g)) {
		chain(g);
		if (gen_has(g, GEN_BATCHES) ? gen_once_in(g, 2) : gen_once_in(g, 10))
			submit(g);
		if (gen_once_in(g, gen_has(g, GEN_BATCHES) ? 2 : 6))
			between(g);
		if (gen_once_in(g, gen_has(g, GEN_GONE) ? 16 : 60))
			end_early(g);
		/* a full queue ends the batch, wherever the group was */
		if (g->queued >= g->sq_entries)
			submit(g);
		if (g->queued >= g->sq_entries)
			break;
	}
}

void gen_program(struct draft *draft, uint64_t random, uint32_t max_sqes)
{
	struct gen g = {
		.random = random,
		.draft = draft,
		.trace = &draft->trace,
		.sq_entries = 64,
		.last_timeout = GB_NO_TARGET,
		.last_poll = GB_NO_TARGET,
	};

	draft_clear(draft);
	g.sqes = 1 + gen_below(&g, max_sqes);
	gen_taste(&g);
	gen_world(&g);
	gen_prelude(&g);
	batches(&g);
	if (!gen_once_in(&g, 10))
		submit(&g);
	for (uint32_t k = gen_below(&g, 5); k; k--) {
		if (gen_has(&g, GEN_OUTSIDE) && gen_once_in(&g, 2))
			outside(&g);
		else
			take_cqes(&g);
	}
	if (gen_once_in(&g, 4))
		end_early(&g);
	if (gen_has(&g, GEN_OUTSIDE) && gen_once_in(&g, 4))
		outside(&g);
}
