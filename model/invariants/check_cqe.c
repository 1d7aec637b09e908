/* SPDX-License-Identifier: MIT */
/* Completion entries and failure across requests (E and F of invariants.md). */
#include "mon.h"

/* Of a leader: does this event post, or skip, its CQE? */
static bool leader_ends(const struct gb_monitor *m, const struct gb_event *ev, const struct mon_req *r)
{
	return r->members && !(r->bits & MON_FINAL) && (ev->type == GB_EV_SKIP || mon_is_final(m, ev));
}

void mon_check_I36(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	if (leader_ends(m, ev, r))
		MON_JUDGE(m, r->finals == r->members, MON_SAY_LEADER_NOT_LAST, .req = r, .n = {r->finals, r->members});
}

void mon_check_I37(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	const struct mon_state *s = mon_state(m);

	if (ev->type == GB_EV_GRP) {
		const struct mon_req *last = mon_ref(m, s->last_final);

		if (r->bits & MON_SHARE && r->bits & MON_CLOSED)
			MON_JUDGE(m, last && last->leader == mon_ref_of(m, r), MON_SAY_COUNTED_BEFORE_CQE, .req = r);
	} else if (r->bits & MON_PENDING && (ev->type == GB_EV_SKIP || mon_is_final(m, ev))) {
		MON_JUDGE(m, s->pend_first == mon_ref_of(m, r), MON_SAY_CQE_ORDER, .req = r,
			  .other = mon_ref(m, s->pend_first));
	}
}

void mon_check_I38(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	if (ev->type == GB_EV_CQE && leader_ends(m, ev, r))
		MON_JUDGE(m, r->bits & MON_DONE && ev->a == r->done_res, MON_SAY_LEADER_RES, .req = r, .since = r,
			  .moment = MON_AT_DONE, .n = {ev->a, r->done_res});
}

void mon_check_I39(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	if (!leader_ends(m, ev, r) || !(mon_sqe(m, r)->flags & IOSQE_CQE_SKIP_SUCCESS))
		return;
	if (ev->type == GB_EV_SKIP)
		MON_JUDGE(m, !(r->bits & MON_FAIL), MON_SAY_FAILED_SILENT, .req = r, .since = r, .moment = MON_AT_FAIL);
	else
		MON_JUDGE(m, r->bits & MON_FAIL || r->cut_by, MON_SAY_NOT_SKIPPED, .req = r);
}

void mon_check_I40(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	if (mon_is_final(m, ev))
		return;
	if (ev->b & IORING_CQE_F_NOTIF)
		MON_JUDGE(m, r->bits & MON_FINAL, MON_SAY_NOTIF_EARLY, .req = r);
	else if (r->bits & MON_LEADER)
		MON_JUDGE(m, !(r->bits & MON_FIRST), MON_SAY_AUX_LATE, .req = r, .since = r, .moment = MON_AT_QUEUED);
}

void mon_check_I41(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	const struct mon_req *by = mon_ref(m, mon_unit(m, r)->cut_by);

	if (!by || !(mon_sqe(m, by)->flags & IOSQE_CQE_SKIP_SUCCESS))
		return;
	MON_JUDGE(m, ev->type == GB_EV_SKIP || !mon_is_final(m, ev), MON_SAY_NOT_SILENT, .req = r, .other = by,
		  .since = by, .moment = MON_AT_FINAL);
}

void mon_check_I42(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	const struct mon_state *s = mon_state(m);

	if (ev->d || s->overflow)
		MON_JUDGE(m, ev->d || !s->overflow, MON_SAY_OVERTAKES, .req = r, .n = {s->overflow});
}

/* ---- F ---- */

void mon_check_I43(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	const struct mon_req *leader = mon_ref(m, r->leader);

	if (!leader || !(r->bits & MON_QUEUED) || !r->fate)
		return;
	if (ev->type == GB_EV_ISSUE)
		MON_JUDGE(m, false, MON_SAY_CANCELED_RUNS, .req = r, .other = leader, .since = r,
			  .moment = MON_AT_QUEUED);
	else if (!(r->bits & MON_DONE))
		MON_JUDGE(m, ev->a == r->fate, MON_SAY_CANCELED_RES, .req = r, .other = leader, .n = {ev->a, r->fate});
}

void mon_check_I44(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	if (leader_ends(m, ev, r) && r->failed_members)
		MON_JUDGE(m, r->bits & MON_FAIL, MON_SAY_LEADER_UNMARKED, .req = r, .n = {r->failed_members});
}

void mon_check_I45(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	const struct mon_req *last = mon_ref(m, mon_state(m)->last_final);

	(void)ev;
	if (!last || !last->leader || last->bits & MON_COUNTED)
		return;
	MON_JUDGE(m, last->leader == mon_ref_of(m, r), MON_SAY_SIDEWAYS, .req = r, .other = last, .since = last,
		  .moment = MON_AT_FINAL);
}

/* The group a chain element that is being handed over waited for; NULL if it is no such moment. */
static struct mon_req *group_before(const struct gb_monitor *m, const struct gb_event *ev, const struct mon_req *r)
{
	struct mon_req *before;

	if (!r->prev || r->bits & MON_STARTED)
		return NULL;
	if (ev->type == GB_EV_TW_ADD && ev->a != MON_TW_SUBMIT && ev->a != MON_TW_FAIL_LINKS)
		return NULL;
	before = mon_before(m, r);
	return before && before->members ? before : NULL;
}

void mon_check_I46(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	struct mon_req *leader = group_before(m, ev, r);
	bool fails = ev->type == GB_EV_TW_ADD && ev->a == MON_TW_FAIL_LINKS, due;

	if (!leader)
		return;
	due = leader->bits & MON_FAIL &&
	      (leader->bits & MON_CHAIN_BAD || !(mon_sqe(m, leader)->flags & IOSQE_IO_HARDLINK));
	MON_JUDGE(m, fails == due, due ? MON_SAY_CHAIN_GOES_ON : MON_SAY_CHAIN_CUT, .req = r, .other = leader,
		  .since = leader, .moment = MON_AT_FAIL);
}

void mon_check_I48(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	struct mon_req *unit = mon_unit(m, r);
	const struct mon_req *group = mon_ref(m, mon_head(m, r)->cut_group);

	if (!unit->cut_by || !mon_is_final(m, ev))
		return;
	MON_REFUTE(m, group && unit->pos > group->pos, MON_SAY_BEHIND_GROUP, .req = group, .other = r);
	if (unit->members && !(unit->bits & MON_ISSUED))
		MON_JUDGE(m, ev->a == (r->bits & MON_ASSIGNED ? r->fail_res : -GB_ECANCELED), MON_SAY_CUT_RES, .req = r,
			  .other = unit, .n = {ev->a});
}

void mon_check_I49(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	const struct mon_req *leader = group_before(m, ev, r);

	if (leader)
		MON_JUDGE(m, !leader->grp && leader->finals == leader->members, MON_SAY_NEXT_EARLY, .req = r,
			  .other = leader, .n = {leader->finals, leader->members});
}
