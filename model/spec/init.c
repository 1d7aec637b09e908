/* SPDX-License-Identifier: MIT */
/* What the initialisation of an SQE gives: the checks of S2.6, in their order. */
#include "judge.h"

#define MAX_RW_COUNT 0x7ffff000U
#define USER_TOP     0x7ffffffff000ULL /* no user address lies beyond */

/* Columns B, P and L of the capability table of section 8. */
static bool has_buffer_select(uint8_t op)
{
	return op == IORING_OP_READV || op == IORING_OP_READ || op == IORING_OP_READ_MULTISHOT ||
	       op == IORING_OP_SEND || op == IORING_OP_RECV || op == IORING_OP_RECVMSG;
}

static bool has_ioprio(uint8_t op)
{
	return (op >= IORING_OP_READV && op <= IORING_OP_WRITEV) || op == IORING_OP_READ_FIXED ||
	       op == IORING_OP_WRITE_FIXED || op == IORING_OP_SENDMSG || op == IORING_OP_RECVMSG ||
	       op == IORING_OP_READ || op == IORING_OP_WRITE || op == IORING_OP_SEND || op == IORING_OP_RECV ||
	       op == IORING_OP_ACCEPT || op == IORING_OP_SEND_ZC || op == IORING_OP_SENDMSG_ZC;
}

static bool has_iopoll(uint8_t op)
{
	return (op <= IORING_OP_WRITEV) || op == IORING_OP_READ_FIXED || op == IORING_OP_WRITE_FIXED ||
	       op == IORING_OP_READ || op == IORING_OP_WRITE || op == IORING_OP_PROVIDE_BUFFERS ||
	       op == IORING_OP_REMOVE_BUFFERS || op == IORING_OP_URING_CMD;
}

/* S2.6 step 6 */
static bool restricted(const struct gb_spec *s, uint32_t r)
{
	const struct gb_sqe *sqe = &s->trace->sqes[r];
	const struct gb_restrictions *res;

	if (!s->fact[r].restricted)
		return false;
	res = &s->trace->restrictions[s->fact[r].restricted - 1];
	return !(res->sqe_op >> sqe->opcode & 1) || res->sqe_flags_required & ~(uint32_t)sqe->flags ||
	       (sqe->flags & ~(res->sqe_flags_allowed | res->sqe_flags_required));
}

/* S8.3: levels without a class, and classes there are not. */
static bool bad_priority(uint16_t ioprio)
{
	unsigned int class = ioprio >> 13;

	return class ? class > 3 : (ioprio & 7U) != 0;
}

static struct init_rule refuse_if(bool bad)
{
	return (struct init_rule){.exact = bad ? -GB_EINVAL : 0};
}

/* An address that cannot be a user's. */
static bool far(const struct gb_sqe *sqe, uint64_t len)
{
	return !sqe->addr.is_mem && (sqe->addr.value > USER_TOP || len > USER_TOP - sqe->addr.value);
}

/* S8.3, S8.4 */
static struct init_rule prep_rw(const struct gb_sqe *sqe)
{
	if (bad_priority(sqe->ioprio))
		return refuse_if(true);
	if (sqe->flags & IOSQE_BUFFER_SELECT)
		return refuse_if(false);
	return (struct init_rule){.exact =
					  far(sqe, sqe->len < MAX_RW_COUNT ? sqe->len : MAX_RW_COUNT) ? -GB_EFAULT : 0};
}

/* S8.11; a SEND that uses the group buffer builds no user iterator (6.5). */
static struct init_rule prep_send(const struct gb_sqe *sqe, bool group_buf)
{
	bool select = sqe->flags & IOSQE_BUFFER_SELECT;

	if ((int32_t)sqe->len < 0 || sqe->ioprio & ~(IORING_RECVSEND_POLL_FIRST | IORING_RECVSEND_BUNDLE) ||
	    (sqe->ioprio & IORING_RECVSEND_BUNDLE && !select))
		return refuse_if(true);
	return (struct init_rule){.exact = !select && !group_buf && far(sqe, sqe->len) ? -GB_EFAULT : 0};
}

static struct init_rule prep_recv(const struct gb_sqe *sqe)
{
	const uint16_t known = IORING_RECVSEND_POLL_FIRST | IORING_RECV_MULTISHOT | IORING_RECVSEND_BUNDLE;
	bool select = sqe->flags & IOSQE_BUFFER_SELECT, multishot = sqe->ioprio & IORING_RECV_MULTISHOT;

	if (sqe->off || (int32_t)sqe->len < 0 || sqe->ioprio & ~known ||
	    (multishot && (!select || sqe->op_flags & GB_MSG_WAITALL || sqe->len)))
		return refuse_if(true);
	return (struct init_rule){.exact = !select && far(sqe, sqe->len) ? -GB_EFAULT : 0};
}

/* S8.31: where a link timeout may stand; its fields are judged loosely. */
static struct init_rule prep_link_timeout(const struct gb_spec *s, const struct init_context *c)
{
	if (c->group_open || c->chain_last == SPEC_NONE ||
	    s->trace->sqes[c->chain_last].opcode == IORING_OP_LINK_TIMEOUT)
		return (struct init_rule){.exact = -GB_EINVAL};
	return (struct init_rule){.any = true};
}

/* S2.6 step 12, section 8. */
static struct init_rule prep(const struct gb_spec *s, uint32_t r, const struct init_context *c)
{
	const struct gb_sqe *sqe = &s->trace->sqes[r];
	bool addr = sqe->addr.is_mem || sqe->addr.value;

	switch (sqe->opcode) {
	case IORING_OP_NOP:
		return refuse_if(sqe->op_flags & ~IORING_NOP_INJECT_RESULT);
	case IORING_OP_READ:
	case IORING_OP_WRITE:
		return prep_rw(sqe);
	case IORING_OP_SEND:
		return prep_send(sqe, c->group_open && sqe->flags & IOSQE_IO_DRAIN);
	case IORING_OP_RECV:
		return prep_recv(sqe);
	case IORING_OP_FSYNC:
		return refuse_if(addr || sqe->buf_index || sqe->op_flags & ~IORING_FSYNC_DATASYNC ||
				 (int64_t)sqe->off < 0);
	case IORING_OP_POLL_ADD:
		return refuse_if(sqe->buf_index || sqe->off || addr || sqe->len & ~IORING_POLL_ADD_MULTI ||
				 (sqe->len && sqe->flags & IOSQE_CQE_SKIP_SUCCESS));
	case IORING_OP_LINK_TIMEOUT:
		return prep_link_timeout(s, c);
	case IORING_OP_URING_CMD:
		if (sqe->op_flags & ~IORING_URING_CMD_FIXED)
			return refuse_if(true);
		return (struct init_rule){.exact = sqe->op_flags && sqe->buf_index >= s->fact[r].bufs ? -GB_EFAULT : 0};
	default:
		return (struct init_rule){.any = true};
	}
}

struct init_rule spec_init(const struct gb_spec *s, uint32_t r, const struct init_context *c)
{
	const struct gb_sqe *sqe = &s->trace->sqes[r];
	bool drain = sqe->flags & IOSQE_IO_DRAIN, select = sqe->flags & IOSQE_BUFFER_SELECT;
	bool drained = drain && !c->group_open;
	struct init_rule rule = {.drain_left = drain};

	if (sqe->opcode >= IORING_OP_LAST) { /* 1 */
		rule.exact = -GB_EINVAL;
		return rule;
	}
	if (select && !has_buffer_select(sqe->opcode)) { /* 3 */
		rule.exact = -GB_EOPNOTSUPP;
		return rule;
	}
	rule.skip_seen = sqe->flags & IOSQE_CQE_SKIP_SUCCESS; /* 4 */
	if (drain && c->group_open && select) {		      /* 5a */
		rule.exact = -GB_EINVAL;
		return rule;
	}
	if (drained && (c->drain_disabled || rule.skip_seen)) { /* 5c */
		rule.exact = -GB_EOPNOTSUPP;
		return rule;
	}
	if (restricted(s, r)) /* 6 */
		rule = (struct init_rule){.exact = -GB_EACCES};
	else if ((sqe->ioprio && !has_ioprio(sqe->opcode)) || /* 8, 9 */
		 (s->trace->setup_flags & IORING_SETUP_IOPOLL && !has_iopoll(sqe->opcode)))
		rule = refuse_if(true);
	else
		rule = prep(s, r, c); /* 12 */
	rule.drained = drained;
	rule.skip_seen = sqe->flags & IOSQE_CQE_SKIP_SUCCESS;
	return rule;
}
