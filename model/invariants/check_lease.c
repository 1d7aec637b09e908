/* SPDX-License-Identifier: MIT */
/* Zeroing the rest, giving back, the ublk lessor, shared storage (L to O of invariants.md). */
#include <string.h>

#include "mon.h"

void mon_check_I87(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	const struct mon_req *leader = mon_ref(m, r->leader);
	uint32_t end = r->lo + r->len;

	(void)ev;
	if (!(r->bits & MON_IMPORTED) || r->bits & (MON_DONE | MON_RAGGED) || !r->len || !leader ||
	    leader->lease_dir != GB_DIR_DEST)
		return;
	MON_JUDGE(m, r->io_hi >= end || (r->zero_hi >= end && r->zero_lo <= r->io_hi), MON_SAY_TAIL, .req = r,
		  .other = leader, .n = {(int64_t)r->io_hi - r->lo, r->len});
}

void mon_check_I88(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	if (ev->type == GB_EV_HAZARD)
		MON_REFUTE(m, ev->a == GB_HAZARD_OVERWRITTEN, MON_SAY_DATA_ZEROED, .req = r);
	else if (r->bits & MON_IMPORTED && !(r->bits & MON_DONE) && r->zero_hi > r->zero_lo)
		MON_JUDGE(m, ev->a <= 0 || r->zero_lo >= r->lo + ev->a, MON_SAY_DATA_ZEROED, .req = r, .since = r,
			  .moment = MON_AT_ACK);
}

void mon_check_I88a(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	if (!r->leader || !(r->flags & MON_F_GROUP_BUF))
		return;
	MON_JUDGE(m, !ev->c, MON_SAY_USER_ZEROED, .req = r, .n = {ev->a, ev->b});
	MON_REFUTE(m, !ev->c && (ev->a < r->lo || ev->b > (int64_t)r->lo + r->len), MON_SAY_ZERO_OUTSIDE, .req = r,
		   .n = {ev->a, ev->b});
}

void mon_check_I88b(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	const struct mon_req *leader = mon_ref(m, r->leader);
	bool writes = ev->type == GB_EV_ZERO ? !ev->c : ev->c;

	if (!leader || (ev->type == GB_EV_ZERO && ev->c))
		return;
	MON_JUDGE(m, writes == (leader->lease_dir == GB_DIR_DEST), MON_SAY_WRITES_SOURCE, .req = r, .other = leader);
}

/* ---- M ---- */

void mon_check_I89(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	switch ((int)ev->type) {
	case GB_EV_ACK:
		MON_JUDGE(m, r->bits & MON_LEASED, MON_SAY_ACK_UNLEASED, .req = r);
		break;
	case GB_EV_HAZARD:
		MON_REFUTE(m, ev->a == GB_HAZARD_DOUBLE_ACK, MON_SAY_ACK_UNLEASED, .req = r);
		MON_REFUTE(m,
			   ev->a == GB_HAZARD_ACK_MISSING && ev->function &&
				   !strcmp(ev->function, "io_lease_group_kbuf"),
			   MON_SAY_NO_ACK, .req = r, .since = r, .moment = MON_AT_BUFFER);
		break;
	default:
		for (uint32_t i = 0; i < m->trace->n_sqes; i++)
			MON_REFUTE(m, mon_req(m, i)->bits & MON_LEASED, MON_SAY_NO_ACK, .req = mon_req(m, i),
				   .since = mon_req(m, i), .moment = MON_AT_BUFFER);
		break;
	}
}

void mon_check_I90(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	const struct mon_req *leader = mon_ref(m, r->leader);

	if (ev->type == GB_EV_ACK)
		MON_JUDGE(m, r->bits & MON_FIRST && r->finals == r->members && !r->grp, MON_SAY_ACK_EARLY, .req = r,
			  .n = {r->finals, r->members});
	else if (leader && r->bits & MON_IMPORTED)
		MON_REFUTE(m, !(leader->bits & MON_LEASED), MON_SAY_IO_AFTER_ACK, .req = r, .other = leader,
			   .since = leader, .moment = MON_AT_ACK);
}

void mon_check_I91(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	uint8_t opcode = mon_sqe(m, r)->opcode;

	(void)ev;
	if (r->leader && r->flags & MON_F_GROUP_BUF && (opcode == IORING_OP_SEND_ZC || opcode == IORING_OP_SENDMSG_ZC))
		MON_JUDGE(m, false, MON_SAY_ZERO_COPY, .req = r);
}

void mon_check_I92(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	(void)ev;
	MON_JUDGE(m, r->bits & MON_FINAL, MON_SAY_ACK_BEFORE_CQE, .req = r);
}

void mon_check_I94(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	MON_JUDGE(m,
		  ev->actor == GB_ACTOR_APP || ev->actor == GB_ACTOR_TW || ev->actor == GB_ACTOR_SQ_THREAD ||
			  ev->actor == GB_ACTOR_FALLBACK || ev->actor == GB_ACTOR_EXIT,
		  MON_SAY_NO_LOCK, .req = r);
}

void mon_check_I96(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	const struct mon_blk *b = mon_blk(m, (uint32_t)ev->d);

	(void)r;
	if (b->begun)
		MON_JUDGE(m, !b->live, MON_SAY_BLK_LEASED, .n = {(int64_t)ev->d, b->live});
}

/* ---- N ---- */

static const struct gb_object *device_of(const struct gb_monitor *m, const struct mon_req *r)
{
	const struct gb_sqe *sqe = mon_sqe(m, r);

	if (sqe->ublk != GB_UBLK_PROVIDE || !sqe->fd.is_object || sqe->flags & IOSQE_FIXED_FILE)
		return NULL;
	return m->trace->objects[sqe->fd.object].kind == GB_UBLK ? &m->trace->objects[sqe->fd.object] : NULL;
}

void mon_check_I99(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	const struct gb_object *device = device_of(m, r);

	if (device && !(device->flags & UBLK_F_SUPPORT_ZERO_COPY) && !(r->bits & MON_DONE))
		MON_JUDGE(m, ev->a < 0, MON_SAY_NO_ZERO_COPY, .req = r);
}

void mon_check_I100(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	if (!ev->a && mon_sqe(m, r)->ublk && mon_state(m)->last_blk)
		MON_JUDGE(m, mon_blk(m, mon_state(m)->last_blk - 1U)->server, MON_SAY_NOT_OWNED, .req = r,
			  .n = {mon_state(m)->last_blk - 1});
}

void mon_check_I101(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	const struct mon_blk *b = mon_blk(m, (uint32_t)ev->d);
	bool up, down;

	(void)r;
	switch (ev->type) {
	case GB_EV_BLK_REF:
		up = ev->a == b->refs + 1LL;
		down = ev->a == b->refs - 1LL && (b->acked || b->refused || b->raised || b->server);
		MON_JUDGE(m, up || down, MON_SAY_BLK_COUNT, .n = {(int64_t)ev->d, ev->a});
		break;
	case GB_EV_BLK_DONE:
		MON_REFUTE(m, b->refs, MON_SAY_BLK_HELD, .n = {(int64_t)ev->d, b->refs});
		break;
	default:
		MON_REFUTE(m, ev->a, MON_SAY_BLK_NEVER, .n = {(int64_t)ev->d, ev->a});
		break;
	}
}

void mon_check_I102(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	const struct gb_object *device = device_of(m, r);
	const struct gb_sqe *sqe = mon_sqe(m, r);

	if (!device || r->bits & MON_DONE || !(r->bits & MON_LEADER) || !(r->bits & MON_ISSUED) || sqe->q_id ||
	    r->flags & (MON_F_SELECT | MON_F_BUF_NODE) || !(device->flags & UBLK_F_SUPPORT_ZERO_COPY))
		return;
	for (uint32_t i = 0; i < m->trace->n_blkreqs; i++) {
		const struct mon_blk *b = mon_blk(m, i);

		if (b->server && b->live > (r->bits & MON_LEASED ? 1 : 0) && b->tag == sqe->tag &&
		    m->trace->blkreqs[i].object == sqe->fd.object)
			MON_JUDGE(m, ev->a != -GB_EINVAL && ev->a != -GB_EBUSY, MON_SAY_ONE_GROUP_ONLY, .req = r,
				  .n = {i, ev->a});
	}
}

void mon_check_I103(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	uint16_t blk = mon_state(m)->last_blk;

	if (!ev->a && mon_sqe(m, r)->ublk && blk)
		MON_JUDGE(m, (ev->c == GB_DIR_DEST) == (m->trace->blkreqs[blk - 1].op == GB_BLK_read), MON_SAY_BLK_DIR,
			  .req = r, .n = {blk - 1, ev->c});
}

/* ---- O ---- */

void mon_check_I104(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	if (ev->type == GB_EV_HAZARD)
		MON_REFUTE(m, ev->a == GB_HAZARD_WRONG_SLOT, MON_SAY_WRONG_SLOT, .req = r);
	else
		mon_exercise(m);
}

void mon_check_I105(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	if (ev->type == GB_EV_HAZARD)
		MON_REFUTE(m,
			   ev->a == GB_HAZARD_WILD_POINTER && ev->function &&
				   !strcmp(ev->function, "io_use_group_kbuf"),
			   MON_SAY_STALE_SLOT, .req = r);
	else
		MON_JUDGE(m, !((uint64_t)ev->a & MON_F_OLD_LIFE), MON_SAY_OLD_FLAGS, .req = r);
}
