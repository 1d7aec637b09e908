/* SPDX-License-Identifier: MIT */
/* Asking for the group buffer, leasing and importing it (I, J and K of invariants.md). */
#include <string.h>

#include "mon.h"

/* Opcodes that can work on a leased buffer; the vector forms take the numbers of their iovec for it. */
static bool capable(uint8_t opcode)
{
	return opcode == IORING_OP_READ || opcode == IORING_OP_WRITE || opcode == IORING_OP_SEND ||
	       opcode == IORING_OP_RECV || opcode == IORING_OP_READV || opcode == IORING_OP_WRITEV;
}

static bool is_read(uint8_t opcode)
{
	return opcode == IORING_OP_READ || opcode == IORING_OP_READV || opcode == IORING_OP_RECV;
}

void mon_check_I63(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	const uint64_t flags = (uint64_t)ev->a;
	bool asked = mon_sqe(m, r)->flags & IOSQE_IO_DRAIN, group = mon_state(m)->group;

	MON_REFUTE(m, flags & MON_F_GROUP_BUF && !(group && asked), MON_SAY_TRANSLATED, .req = r);
	if (asked && !ev->b)
		MON_JUDGE(m, flags & (group ? MON_F_GROUP_BUF : MON_F_DRAIN), MON_SAY_NOT_TRANSLATED, .req = r);
}

void mon_check_I64(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	uint8_t flags = mon_sqe(m, r)->flags;

	if (mon_state(m)->group && flags & IOSQE_IO_DRAIN && flags & IOSQE_BUFFER_SELECT)
		MON_JUDGE(m, ev->b < 0, MON_SAY_SELECTS, .req = r);
}

void mon_check_I65(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	if (!(r->flags & MON_F_GROUP_BUF) || !(r->flags & MON_F_BUF_NODE))
		return;
	MON_JUDGE(m, ev->a < 0, MON_SAY_HAS_NODE, .req = r);
}

void mon_check_I66(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	(void)ev;
	if (r->leader && r->flags & MON_F_GROUP_BUF)
		MON_JUDGE(m, capable(mon_sqe(m, r)->opcode), MON_SAY_INCAPABLE, .req = r);
}

/* Of a member: is there a lease it could use? */
static bool lease_of(const struct gb_monitor *m, const struct mon_req *r, struct mon_req **leader)
{
	*leader = mon_ref(m, r->leader);
	return *leader && (*leader)->bits & MON_LEASED && !((*leader)->bits & MON_FREED);
}

void mon_check_I67(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	struct mon_req *leader;

	if (!r->leader || lease_of(m, r, &leader))
		return;
	switch (ev->type) {
	case GB_EV_IMPORT:
		MON_JUDGE(m, ev->a == -GB_EINVAL, MON_SAY_NO_LEASE, .req = r, .other = leader, .n = {ev->a});
		break;
	case GB_EV_DONE:
		if (r->bits & MON_REFUSED && !(leader->bits & MON_EVER_LEASED))
			MON_JUDGE(m, ev->a == -GB_EINVAL, MON_SAY_NO_LEASE, .req = r, .other = leader, .n = {ev->a});
		break;
	default:
		MON_REFUTE(m, ev->function && !strcmp(ev->function, "io_use_group_kbuf"), MON_SAY_NO_LEASE_READ,
			   .req = r, .other = leader);
		break;
	}
}

void mon_check_I68(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	const struct gb_sqe *sqe = mon_sqe(m, r);

	/* where user memory lies, and an iovec, the events do not say */
	MON_JUDGE(m, ev->c == sqe->len, MON_SAY_IMPORT_ARGS, .req = r, .n = {ev->c, sqe->len});
	MON_REFUTE(m, !sqe->addr.is_mem && !sqe->iov && (uint64_t)ev->b != sqe->addr.value, MON_SAY_IMPORT_ARGS,
		   .req = r, .n = {ev->b, (int64_t)sqe->addr.value});
}

void mon_check_I69(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	if ((uint64_t)ev->a & MON_F_GROUP_BUF && capable(mon_sqe(m, r)->opcode))
		MON_JUDGE(m, ev->b != -GB_EFAULT, MON_SAY_PREP_FAULT, .req = r);
}

void mon_check_I70(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	const struct gb_sqe *sqe = mon_sqe(m, r);

	if (!(r->bits & MON_IMPORTED) || r->bits & MON_DONE || !sqe->fd.is_object || sqe->flags & IOSQE_FIXED_FILE)
		return;
	if (m->trace->objects[sqe->fd.object].kind == GB_FILE && m->trace->objects[sqe->fd.object].file.no_iter)
		MON_JUDGE(m, ev->a < 0, MON_SAY_NO_ITER, .req = r, .n = {ev->a});
}

/* ---- J ---- */

void mon_check_I71(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	if (!(r->bits & MON_LEADER))
		MON_JUDGE(m, ev->a == -GB_EINVAL, MON_SAY_NO_LEADER_LEASES, .req = r, .n = {ev->a});
}

void mon_check_I72(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	if (r->flags & (MON_F_SELECT | MON_F_BUF_NODE))
		MON_JUDGE(m, ev->a < 0, MON_SAY_LEASES_WITH_BUFFER, .req = r);
}

void mon_check_I73(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	const struct gb_sqe *sqe = mon_sqe(m, r);
	bool half = sqe->mode == GB_LEASE_no_ack || sqe->mode == GB_LEASE_no_vec || sqe->mode == GB_LEASE_not_kbuf;

	if (sqe->lease && half)
		MON_JUDGE(m, ev->a < 0, MON_SAY_HALF_LEASED, .req = r);
}

void mon_check_I74(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	if (!ev->a)
		MON_JUDGE(m, r->bits & MON_ISSUED && !(r->bits & MON_DONE), MON_SAY_LEASE_WINDOW, .req = r);
}

/* Does this hazard say that a lease replaced another? */
static bool replaces(const struct gb_event *ev)
{
	return ev->type == GB_EV_HAZARD && ev->a == GB_HAZARD_ACK_MISSING && ev->function &&
	       !strcmp(ev->function, "io_lease_group_kbuf");
}

void mon_check_I75(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	if (r->bits & MON_LEASED && (ev->type == GB_EV_LEASE || replaces(ev)))
		MON_JUDGE(m, ev->type == GB_EV_LEASE && ev->a < 0, MON_SAY_SECOND_LEASE, .req = r, .since = r,
			  .moment = MON_AT_BUFFER);
}

void mon_check_I77(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	if (ev->type == GB_EV_LEASE) {
		if (ev->a < 0 && mon_sqe(m, r)->ublk)
			mon_exercise(m);
		return;
	}
	MON_REFUTE(m, r->bits & MON_LEASE_REFUSED && mon_blk(m, r->blk)->refused, MON_SAY_REF_KEPT, .req = r,
		   .since = r, .moment = MON_AT_BUFFER);
}

void mon_check_I78(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	const struct mon_req *leader = mon_ref(m, r->leader);

	if (leader && leader->bits & MON_EVER_LEASED && leader->bits & MON_FAIL)
		MON_JUDGE(m, ev->a < 0, MON_SAY_FAILED_LEASE, .req = r, .other = leader);
}

/* ---- K ---- */

void mon_check_I80(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	struct mon_req *leader;

	MON_JUDGE(m, lease_of(m, r, &leader) || ev->a == -GB_EINVAL, MON_SAY_NO_LEASE, .req = r, .other = leader,
		  .n = {ev->a});
}

void mon_check_I81(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	struct mon_req *leader;
	uint64_t own = is_read(mon_sqe(m, r)->opcode) ? GB_DIR_DEST : GB_DIR_SOURCE;

	if (lease_of(m, r, &leader))
		MON_JUDGE(m, ev->d == own && (own == leader->lease_dir || ev->a == -GB_EINVAL), MON_SAY_DIRECTION,
			  .req = r, .other = leader);
}

void mon_check_I82(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	const uint64_t off = (uint64_t)ev->b, len = (uint64_t)ev->c;
	struct mon_req *leader;
	bool inside;

	if (!lease_of(m, r, &leader) || ev->d != leader->lease_dir || r->flags & MON_F_BUF_NODE)
		return;
	inside = off <= leader->lease_len && len <= leader->lease_len - off;
	MON_JUDGE(m, ev->a == (inside ? 0 : -GB_EFAULT), MON_SAY_BOUNDS, .req = r, .other = leader,
		  .n = {ev->a, leader->lease_len});
}

void mon_check_I83(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	const struct mon_req *leader = mon_ref(m, r->leader);

	if (r->bits & MON_IMPORTED && leader)
		MON_JUDGE(m, ev->a >= r->lo && ev->b <= (int64_t)r->lo + r->len && ev->d == leader->lease,
			  MON_SAY_OTHER_BYTES, .req = r, .other = leader, .n = {ev->a, ev->b});
}

void mon_check_I84(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	if (ev->type == GB_EV_IMPORT)
		MON_REFUTE(m, !ev->a && r->bits & MON_IMPORTED, MON_SAY_IMPORTED_TWICE, .req = r, .since = r,
			   .moment = MON_AT_BUFFER);
	else if (r->bits & MON_IMPORTED)
		MON_JUDGE(m, ev->a == r->io_hi, MON_SAY_BYTES_SKIPPED, .req = r, .n = {ev->a, r->io_hi});
}

void mon_check_I85(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	const struct gb_sqe *sqe = mon_sqe(m, r);
	bool net = sqe->opcode == IORING_OP_RECV;

	if (!(r->bits & MON_IMPORTED) || r->bits & MON_DONE || ev->a <= 0)
		return;
	/* MSG_TRUNC counts what did not fit, MSG_PEEK takes nothing */
	if (!(net && sqe->op_flags & (GB_MSG_TRUNC | GB_MSG_PEEK)))
		MON_JUDGE(m, (int64_t)r->io_hi - r->lo >= ev->a, MON_SAY_BYTES_MISSING, .req = r,
			  .n = {ev->a, (int64_t)r->io_hi - r->lo});
}

void mon_check_I86(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	if (ev->type == GB_EV_IMPORT)
		mon_exercise(m);
	else
		MON_REFUTE(m, r->bits & MON_REFUSED, MON_SAY_REFUSED_TOUCHES, .req = r, .since = r,
			   .moment = MON_AT_BUFFER, .n = {ev->a, ev->b});
}
