/* SPDX-License-Identifier: MIT */
/* SQEs that wait, and those that end the waiting. */
#include "gen.h"

/* Aims at `last`, at any label there is, or at the SQE itself. */
static void aim(struct gen *g, struct gb_sqe *sqe, uint32_t last)
{
	const uint32_t n = g->trace->n_sqes;

	if (last != GB_NO_TARGET && !gen_once_in(g, 3))
		GIVE(sqe, target, last);
	else
		GIVE(sqe, target, gen_below(g, n));
}

void gen_poll(struct gen *g, struct gb_sqe *sqe, bool group_buf)
{
	static const uint32_t events[] = {GB_POLLIN,  GB_POLLIN, GB_POLLOUT,   GB_POLLIN | GB_POLLEXCLUSIVE,
					  GB_POLLHUP, 0,	 GB_POLLRDHUP, UINT32_MAX};
	static const uint32_t updates[] = {IORING_POLL_UPDATE_EVENTS, IORING_POLL_UPDATE_USER_DATA,
					   IORING_POLL_UPDATE_EVENTS | IORING_POLL_UPDATE_USER_DATA};
	const uint32_t index = g->trace->n_sqes - 1;

	(void)group_buf;
	if (sqe->opcode == IORING_OP_POLL_REMOVE) {
		aim(g, sqe, g->last_poll);
		if (gen_once_in(g, 2)) {
			GIVE(sqe, len, GEN_PICK(g, updates));
			sqe->new_data = gen_below(g, index + 1);
			sqe->given |= 1U << GB_F_new;
			GIVE(sqe, op_flags, GEN_PICK(g, events));
		}
		return;
	}
	g->last_poll = index;
	if (g->pipe == GEN_NONE && g->sock == GEN_NONE)
		gen_any_fd(g, sqe);
	else if (g->sock == GEN_NONE || (g->pipe != GEN_NONE && gen_once_in(g, 2)))
		gen_fd(g, sqe, g->pipe, (uint8_t)gen_below(g, 2));
	else
		gen_fd(g, sqe, g->sock, (uint8_t)gen_below(g, 2));
	GIVE(sqe, op_flags, GEN_PICK(g, events));
	if (gen_once_in(g, 4))
		GIVE(sqe, len, IORING_POLL_ADD_MULTI);
	else if (gen_nonsense(g))
		GIVE(sqe, len, gen_below(g, 16));
}

static const uint32_t times[] = {0, 1, 1, 2, 5, 30, 100, 300};

/*
 * A program reaps until nothing comes any more, so nothing may come for ever:
 * a multishot timeout has a count, and nobody updates it, for that takes the
 * count away.
 */
static void gen_timeout_add(struct gen *g, struct gb_sqe *sqe)
{
	static const uint32_t flags[] = {
		IORING_TIMEOUT_ABS,	      IORING_TIMEOUT_BOOTTIME,
		IORING_TIMEOUT_REALTIME,      IORING_TIMEOUT_ETIME_SUCCESS,
		IORING_TIMEOUT_ETIME_SUCCESS, IORING_TIMEOUT_BOOTTIME | IORING_TIMEOUT_REALTIME};

	g->last_timeout = g->trace->n_sqes - 1;
	if (gen_has(g, GEN_MULTISHOT) && gen_once_in(g, 3) && sqe->opcode == IORING_OP_TIMEOUT) {
		GIVE(sqe, op_flags, IORING_TIMEOUT_MULTISHOT | (gen_once_in(g, 4) ? IORING_TIMEOUT_ETIME_SUCCESS : 0));
		GIVE(sqe, off, 1 + gen_below(g, 4));
		return;
	}
	if (sqe->opcode == IORING_OP_TIMEOUT && gen_once_in(g, 3))
		GIVE(sqe, off, gen_below(g, 4));
	if (gen_once_in(g, 6))
		GIVE(sqe, op_flags, GEN_PICK(g, flags));
	/* prep wants one timespec */
	if (gen_nonsense(g))
		GIVE(sqe, len, gen_below(g, 3));
}

void gen_timeout(struct gen *g, struct gb_sqe *sqe, bool group_buf)
{
	static const uint32_t updates[] = {IORING_TIMEOUT_UPDATE, IORING_LINK_TIMEOUT_UPDATE,
					   IORING_TIMEOUT_UPDATE | IORING_LINK_TIMEOUT_UPDATE};

	(void)group_buf;
	GIVE(sqe, ms, GEN_PICK(g, times));
	if (sqe->opcode != IORING_OP_TIMEOUT_REMOVE) {
		gen_timeout_add(g, sqe);
		return;
	}
	aim(g, sqe, g->last_timeout);
	if (!gen_has(g, GEN_MULTISHOT) && gen_once_in(g, 2))
		GIVE(sqe, op_flags, GEN_PICK(g, updates));
}

void gen_cancel(struct gen *g, struct gb_sqe *sqe, bool group_buf)
{
	static const uint32_t flags[] = {IORING_ASYNC_CANCEL_ALL,
					 IORING_ASYNC_CANCEL_FD,
					 IORING_ASYNC_CANCEL_FD,
					 IORING_ASYNC_CANCEL_ANY,
					 IORING_ASYNC_CANCEL_ALL | IORING_ASYNC_CANCEL_FD,
					 IORING_ASYNC_CANCEL_FD | IORING_ASYNC_CANCEL_FD_FIXED,
					 IORING_ASYNC_CANCEL_USERDATA,
					 IORING_ASYNC_CANCEL_OP,
					 IORING_ASYNC_CANCEL_OP | IORING_ASYNC_CANCEL_ALL,
					 1U << 6};

	(void)group_buf;
	if (gen_once_in(g, 2)) {
		/* `len=` is the opcode of ASYNC_CANCEL_OP, `fd=` the file of _FD */
		GIVE(sqe, op_flags, GEN_PICK(g, flags));
		if (sqe->op_flags & IORING_ASYNC_CANCEL_OP)
			GIVE(sqe, len, g->trace->sqes[gen_below(g, g->trace->n_sqes)].opcode);
		if (sqe->op_flags & IORING_ASYNC_CANCEL_FD_FIXED) {
			const struct gb_fd slot = {.number = (int32_t)gen_below(g, 3)};

			GIVE(sqe, fd, slot);
		} else if (sqe->op_flags & IORING_ASYNC_CANCEL_FD) {
			gen_any_fd(g, sqe);
		}
		if (!(sqe->op_flags & IORING_ASYNC_CANCEL_USERDATA) && gen_once_in(g, 2))
			return;
	}
	aim(g, sqe, gen_once_in(g, 3) ? GB_NO_TARGET : gen_once_in(g, 2) ? g->last_timeout : g->last_poll);
}

void gen_ublk(struct gen *g, struct gb_sqe *sqe, enum gb_ublk_command command)
{
	static const uint32_t cmd_op[] = {0,
#define X(id, name, cmd) (cmd),
					  GB_UBLK_COMMAND_LIST(X)
#undef X
	};
	static const int32_t results[] = {512, 4096, 0, -GB_EIO, 100};

	sqe->opcode = IORING_OP_URING_CMD;
	sqe->ublk = (uint8_t)command;
	sqe->cmd_op = cmd_op[command];
	GIVE(sqe, fd, gen_object_fd(g->ublk, 0));
	GIVE(sqe, tag, (uint16_t)gen_below(g, g->trace->objects[g->ublk].depth + gen_nonsense(g)));
	if (gen_nonsense(g))
		GIVE(sqe, q_id, (uint16_t)gen_below(g, 2));
	if (command == GB_UBLK_COMMIT)
		GIVE(sqe, res, GEN_PICK(g, results));
	if (command == GB_UBLK_RAW)
		GIVE(sqe, cmd_op, gen_once_in(g, 2) ? cmd_op[1 + gen_below(g, 4)] & 0xff : gen_below(g, 1U << 31));
	if (!(g->trace->objects[g->ublk].flags & UBLK_F_USER_COPY) || gen_nonsense(g))
		GIVE(sqe, addr, gen_mem(g, 0));
}
