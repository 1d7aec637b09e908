/* SPDX-License-Identifier: MIT */
/* Order of execution inside a group, counting and freeing (C and D of invariants.md). */
#include "mon.h"

void mon_check_I20(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	struct mon_req *leader = mon_ref(m, r->leader);

	switch (ev->type) {
	case GB_EV_FIRST:
		MON_JUDGE(m, r->bits & MON_DONE, MON_SAY_FIRST_EARLY, .req = r);
		break;
	case GB_EV_QMEMBER:
		MON_JUDGE(m, leader && leader->bits & MON_FIRST, MON_SAY_QUEUED_EARLY, .req = r, .other = leader);
		break;
	default:
		if (leader)
			MON_JUDGE(m, r->bits & MON_QUEUED, MON_SAY_RUNS_EARLY, .req = r, .other = leader);
		break;
	}
}

void mon_check_I21(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	(void)ev;
	MON_JUDGE(m, !mon_state(m)->pending, MON_SAY_QUEUED_IN_PASS_1, .req = r,
		  .other = mon_ref(m, mon_state(m)->pend_first));
}

void mon_check_I22(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	const struct mon_req *leader = mon_ref(m, r->leader);

	if (!leader)
		return;
	if (ev->type == GB_EV_QMEMBER)
		MON_JUDGE(m, leader->next_queued == mon_ref_of(m, r), MON_SAY_QUEUE_ORDER, .req = r,
			  .other = mon_ref(m, leader->next_queued));
	else
		MON_JUDGE(m, !(r->bits & MON_TW_DUE), MON_SAY_INLINE_MEMBER, .req = r, .since = r,
			  .moment = MON_AT_QUEUED);
}

/* S5.17: what a member is queued with. */
static int32_t fate_of(const struct mon_req *r, const struct mon_req *leader)
{
	if (r->bits & MON_FAIL)
		return r->fail_res;
	if (r->flags & MON_F_GROUP_BUF && r->flags & MON_F_BUF_NODE)
		return -GB_EINVAL;
	return leader->bits & MON_FAIL ? -GB_ECANCELED : 0;
}

void mon_check_I24(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	const struct mon_req *leader = mon_ref(m, r->leader);
	int32_t due;

	if (!leader)
		return;
	due = fate_of(r, leader);
	MON_JUDGE(m, ev->a == due, MON_SAY_FATE, .req = r, .other = leader, .n = {ev->a, due});
}

void mon_check_I25(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	const struct mon_req *leader = mon_ref(m, r->leader);

	if (!leader || r->bits & MON_FAIL || (leader->done_res < 0) == !!(leader->bits & MON_FAIL))
		return;
	MON_JUDGE(m, (leader->bits & MON_FAIL) ? ev->a != 0 : ev->a != -GB_ECANCELED, MON_SAY_FATE_BY_MARK, .req = r,
		  .other = leader, .since = leader, .moment = MON_AT_DONE, .n = {leader->done_res, ev->a});
}

void mon_check_I26(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	bool orphan = ev->actor == GB_ACTOR_FALLBACK || (mon_state(m)->dying && ev->actor == GB_ACTOR_TW);

	if (!orphan)
		return;
	if (ev->type == GB_EV_ISSUE)
		MON_JUDGE(m, false, MON_SAY_ISSUED_DYING, .req = r);
	else if (r->leader && r->bits & MON_QUEUED && !r->fate && !(r->bits & (MON_ISSUED | MON_DONE)))
		MON_JUDGE(m, ev->a == -GB_EFAULT || ev->a == -GB_ECANCELED || ev->a == -GB_EBADF, MON_SAY_DYING_RES,
			  .req = r, .n = {ev->a});
}

void mon_check_I27(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	bool worker = ev->actor == GB_ACTOR_WORKER, own;

	if (!r->leader || ev->a != 1)
		return;
	own = mon_sqe(m, r)->flags & IOSQE_ASYNC || mon_always_async(mon_sqe(m, r)->opcode);
	MON_JUDGE(m, worker == own, MON_SAY_ASYNC, .req = r, .other = mon_ref(m, r->leader));
}

void mon_check_I28(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	const int64_t n = ev->a;
	bool ok;

	if (!(r->bits & MON_CLOSED))
		ok = n == r->grp + 1 && n == r->members + 1;
	else if (!(r->bits & MON_SHARE))
		ok = n == r->grp - 1 && n >= 0 && r->bits & MON_DONE;
	else
		ok = n == r->grp - 1 && n >= 0 && r->finals >= r->members - n;
	MON_JUDGE(m, ok, MON_SAY_COUNT, .req = r, .n = {r->grp, n});
}

/* Does whoever acts hold the ring lock? */
static bool holds_lock(const struct gb_event *ev)
{
	return ev->actor == GB_ACTOR_APP || ev->actor == GB_ACTOR_TW || ev->actor == GB_ACTOR_SQ_THREAD ||
	       ev->actor == GB_ACTOR_FALLBACK || ev->actor == GB_ACTOR_EXIT;
}

void mon_check_I29(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	MON_JUDGE(m, holds_lock(ev), MON_SAY_NO_LOCK, .req = r);
}

void mon_check_I30(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	if (ev->type == GB_EV_FIRST)
		MON_REFUTE(m, r->bits & MON_FIRST, MON_SAY_FIRST_TWICE, .req = r, .since = r, .moment = MON_AT_QUEUED);
	else if (ev->type == GB_EV_QMEMBER)
		MON_REFUTE(m, r->bits & MON_QUEUED, MON_SAY_QUEUED_TWICE, .req = r, .since = r,
			   .moment = MON_AT_QUEUED);
	else if (ev->type == GB_EV_FREE && r->bits & MON_REFS && mon_unit(m, r)->members)
		mon_exercise(m);
	else if (ev->type == GB_EV_GRP && r->bits & MON_SHARE) {
		const struct mon_req *last = mon_ref(m, mon_state(m)->last_final);

		MON_REFUTE(m, last && last->leader == mon_ref_of(m, r) && last->bits & MON_COUNTED,
			   MON_SAY_COUNTED_TWICE, .req = last, .other = r, .since = last, .moment = MON_AT_FINAL);
	}
}

void mon_check_I31(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	if (mon_unit(m, r)->members && mon_is_final(m, ev))
		MON_JUDGE(m, ev->actor != GB_ACTOR_WORKER, MON_SAY_WORKER_POSTS, .req = r);
}

void mon_check_I32(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	(void)ev;
	if (r->members)
		MON_JUDGE(m, r->bits & MON_FIRST && r->finals == r->members, MON_SAY_FREED_EARLY, .req = r,
			  .n = {r->finals, r->members});
}

void mon_check_I33(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	(void)ev;
	if (!r->members)
		return;
	if (r->bits & MON_REFS)
		mon_exercise(m);
	MON_REFUTE(m, r->grp || (r->bits & MON_REFS && r->refs), MON_SAY_FREED_COUNTED, .req = r,
		   .n = {r->grp, r->refs});
}

void mon_check_I35(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	const struct mon_req *leader = mon_ref(m, r->leader);

	if (ev->type == GB_EV_HAZARD)
		MON_REFUTE(m, leader && ev->a == GB_HAZARD_USE_AFTER_FREE, MON_SAY_LEADER_GONE, .req = r,
			   .other = leader);
	else if (leader)
		MON_JUDGE(m, !(leader->bits & MON_FREED), MON_SAY_LEADER_GONE, .req = r, .other = leader,
			  .since = leader, .moment = MON_AT_FREE);
}
