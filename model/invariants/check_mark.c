/* SPDX-License-Identifier: MIT */
/* What marks a failure, opcode by opcode (I47, section 8 of semantics.md). */
#include "mon.h"

enum mark { MARK_NO, MARK_YES, MARK_ANY };

/* S8.2: fewer bytes than asked for. A provided buffer may have shortened what is asked for. */
static enum mark of_rw(const struct gb_sqe *sqe, const struct mon_req *r, int64_t res)
{
	uint64_t asked = sqe->len;

	if (sqe->iov) {
		asked = 0;
		for (uint32_t i = 0; i < sqe->n_iov; i++)
			asked += sqe->iov[i].len;
	}
	if (r->flags & MON_F_SELECT || asked >= INT32_MAX)
		return MARK_ANY;
	return (uint64_t)res < asked ? MARK_YES : MARK_NO;
}

/* S8.14, S8.15 */
static enum mark of_net(const struct gb_sqe *sqe, const struct mon_req *r, int64_t res)
{
	if (!(sqe->op_flags & GB_MSG_WAITALL))
		return MARK_NO;
	if (r->flags & MON_F_SELECT || sqe->iov || sqe->opcode == IORING_OP_SENDMSG || sqe->opcode == IORING_OP_RECVMSG)
		return MARK_ANY;
	return (uint64_t)res < sqe->len ? MARK_YES : MARK_ANY;
}

static enum mark mark_of(const struct gb_monitor *m, const struct mon_req *r, int64_t res)
{
	const struct gb_sqe *sqe = mon_sqe(m, r);

	switch (sqe->opcode) {
	case IORING_OP_READ:
	case IORING_OP_WRITE:
	case IORING_OP_READV:
	case IORING_OP_WRITEV:
	case IORING_OP_READ_FIXED:
	case IORING_OP_WRITE_FIXED:
		/* a ring that polls marks nothing (S6.16) */
		if (m->trace->setup_flags & IORING_SETUP_IOPOLL)
			return MARK_ANY;
		return res < 0 ? MARK_YES : of_rw(sqe, r, res);
	case IORING_OP_READ_MULTISHOT:
		return MARK_ANY;
	case IORING_OP_SEND:
	case IORING_OP_RECV:
	case IORING_OP_SENDMSG:
	case IORING_OP_RECVMSG:
		return res < 0 ? MARK_YES : of_net(sqe, r, res);
	case IORING_OP_TIMEOUT:
		if (res == -GB_ETIME)
			return sqe->op_flags & IORING_TIMEOUT_ETIME_SUCCESS ? MARK_NO : MARK_YES;
		return res < 0 ? MARK_YES : MARK_NO;
	case IORING_OP_NOP:
	case IORING_OP_FSYNC:
	case IORING_OP_POLL_ADD:
	case IORING_OP_ASYNC_CANCEL:
		return res < 0 ? MARK_YES : MARK_NO;
	default:
		return res < 0 ? MARK_YES : MARK_ANY;
	}
}

void mon_check_I47(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	enum mark due;

	if (!(r->bits & MON_ISSUED) || r->bits & (MON_DONE | MON_ASSIGNED))
		return;
	due = mark_of(m, r, ev->a);
	if (due != MARK_ANY)
		MON_JUDGE(m, !!ev->b == (due == MARK_YES), due == MARK_YES ? MON_SAY_NOT_MARKED : MON_SAY_MARKED,
			  .req = r, .n = {ev->a});
}
