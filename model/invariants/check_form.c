/* SPDX-License-Identifier: MIT */
/* Forming a group, and who gets which errno (A and B of invariants.md). */
#include "mon.h"

/* The SQE read last that has not opened or joined a group although it has to; NULL if there is none. */
static struct mon_req *missing(const struct gb_monitor *m)
{
	return mon_ref(m, mon_state(m)->must_join);
}

void mon_check_I1(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	const struct mon_state *s = mon_state(m);
	struct mon_req *late = missing(m);

	switch (ev->type) {
	case GB_EV_OPEN:
		MON_JUDGE(m, late == r && !s->group, MON_SAY_OPENS, .req = r);
		break;
	case GB_EV_JOIN:
		MON_JUDGE(m, late == r && s->group && ev->other == s->group - 1U, MON_SAY_JOINS, .req = r,
			  .other = mon_req(m, ev->other));
		break;
	case GB_EV_CLOSE_GROUP:
		MON_JUDGE(m, s->group == mon_ref_of(m, r) && s->group_done == !ev->b, MON_SAY_CLOSES, .req = r,
			  .since = r, .moment = MON_AT_INIT);
		break;
	default:
		MON_REFUTE(m, late && !late->init_err, MON_SAY_NOT_JOINED, .req = late, .since = late,
			   .moment = MON_AT_INIT);
		MON_REFUTE(m, s->group && s->group_done, MON_SAY_NOT_CLOSED, .req = mon_ref(m, s->group),
			   .since = mon_ref(m, s->group), .moment = MON_AT_INIT);
		break;
	}
}

void mon_check_I2(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	struct mon_req *open = mon_ref(m, mon_state(m)->group);

	if (ev->type == GB_EV_BATCH_END)
		MON_REFUTE(m, open, MON_SAY_OPEN_AT_END, .req = open, .since = open, .moment = MON_AT_INIT);
	else if (ev->type == GB_EV_CLOSE_GROUP && ev->b)
		mon_exercise(m);
	else if (ev->type == GB_EV_JOIN)
		MON_REFUTE(m, mon_req(m, ev->other)->bits & MON_CLOSED, MON_SAY_JOINS_CLOSED, .req = r,
			   .other = mon_req(m, ev->other), .since = mon_req(m, ev->other), .moment = MON_AT_CLOSE);
}

static bool alone(const struct mon_req *r)
{
	return r->bits & MON_LEADER && r->bits & MON_CLOSED && !r->members;
}

void mon_check_I3(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	if (ev->type == GB_EV_CQE) {
		/* behind a head that was not failed with it, see I17; a linked timeout, see I13 */
		if ((r->prev && !(mon_head(m, r)->bits & MON_CHAIN_BAD)) ||
		    mon_sqe(m, r)->opcode == IORING_OP_LINK_TIMEOUT)
			return;
		if (alone(r) && mon_is_final(m, ev))
			MON_JUDGE(m, ev->a == -GB_EINVAL, MON_SAY_ALONE_RES, .req = r, .n = {ev->a});
		return;
	}
	for (uint32_t i = 0; i < m->trace->n_sqes; i++) {
		struct mon_req *q = mon_req(m, i);

		if (alone(q))
			MON_JUDGE(m, q->bits & MON_FINAL, MON_SAY_ALONE_LOST, .req = q, .since = q,
				  .moment = MON_AT_CLOSE);
	}
}

void mon_check_I4(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	const struct mon_state *s = mon_state(m);

	if (ev->type == GB_EV_OPEN)
		MON_REFUTE(m, s->group, MON_SAY_NESTED, .req = r, .other = mon_ref(m, s->group));
	else if (mon_sqe(m, r)->flags & IOSQE_SQE_GROUP)
		MON_JUDGE(m, !(r->bits & MON_LEADER), MON_SAY_NESTED, .req = r, .other = mon_req(m, ev->other));
}

void mon_check_I5(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	const struct mon_state *s = mon_state(m);
	struct mon_req *due = mon_ref(m, s->must_link);

	if (ev->type == GB_EV_LINK) {
		struct mon_req *before = mon_req(m, ev->other);

		if ((r->bits | before->bits) & MON_LEADER)
			mon_exercise(m);
		MON_REFUTE(m, r->leader || before->leader || due != r || s->chain_last != mon_ref_of(m, before),
			   MON_SAY_WRONG_EDGE, .req = r, .other = before);
		MON_REFUTE(m, r->bits & MON_LEADER && !(r->bits & MON_CLOSED), MON_SAY_WRONG_EDGE, .req = r,
			   .other = before);
	} else {
		MON_REFUTE(m, due, MON_SAY_NO_EDGE, .req = due, .since = due, .moment = MON_AT_INIT);
	}
}

/* Is the request to say nothing because a failed one in front of it says nothing more? */
static bool silenced(const struct gb_monitor *m, struct mon_req *r)
{
	const struct mon_req *by = mon_ref(m, mon_unit(m, r)->cut_by);

	return by && mon_sqe(m, by)->flags & IOSQE_CQE_SKIP_SUCCESS;
}

static void check_lost(struct gb_monitor *m)
{
	for (uint32_t i = 0; i < m->trace->n_sqes; i++) {
		const struct mon_req *q = mon_req(m, i);

		if (!(q->bits & MON_INIT))
			continue;
		MON_JUDGE(m, q->bits & MON_FINAL, MON_SAY_NO_CQE, .req = q, .since = q, .moment = MON_AT_INIT);
		MON_REFUTE(m, !(q->bits & MON_FREED), MON_SAY_NOT_FREED, .req = q, .since = q, .moment = MON_AT_INIT);
	}
}

void mon_check_I6(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	bool skip;

	if (!r) {
		check_lost(m);
		return;
	}
	skip = mon_sqe(m, r)->flags & IOSQE_CQE_SKIP_SUCCESS;
	switch (ev->type) {
	case GB_EV_CQE:
		if (!mon_is_final(m, ev))
			break;
		MON_REFUTE(m, r->bits & MON_FINAL, MON_SAY_SECOND_CQE, .req = r, .since = r, .moment = MON_AT_FINAL);
		MON_REFUTE(m, skip && !(r->bits & (MON_FAIL | MON_LEADER)) && !mon_unit(m, r)->cut_by,
			   MON_SAY_NOT_SKIPPED, .req = r);
		break;
	case GB_EV_SKIP:
		MON_REFUTE(m, !(r->bits & MON_FINAL) && !skip && !silenced(m, r), MON_SAY_SWALLOWED, .req = r);
		break;
	case GB_EV_FREE:
		MON_REFUTE(m, r->bits & MON_FREED, MON_SAY_FREED_TWICE, .req = r, .since = r, .moment = MON_AT_FREE);
		MON_REFUTE(m, !(r->bits & MON_FINAL), MON_SAY_FREED_UNTOLD, .req = r);
		break;
	default:
		break;
	}
}

void mon_check_I7(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	struct mon_req *unit = mon_unit(m, r);

	(void)ev;
	if (unit->bits & MON_LEADER)
		MON_JUDGE(m, unit->bits & MON_CLOSED, MON_SAY_ISSUED_OPEN, .req = r, .other = unit);
}

void mon_check_I8(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	const struct mon_state *s = mon_state(m);
	struct mon_req *due = mon_ref(m, s->unstarted);

	switch (ev->type) {
	case GB_EV_START:
		MON_REFUTE(m, due != r, MON_SAY_STARTED_TWICE, .req = r);
		break;
	case GB_EV_CLOSE_GROUP:
		if (ev->b && s->chain_head)
			mon_exercise(m);
		break;
	case GB_EV_INIT:
		MON_REFUTE(m, due && !s->chain_head, MON_SAY_NOT_STARTED, .req = due, .since = due,
			   .moment = MON_AT_INIT);
		break;
	default:
		MON_REFUTE(m, due, MON_SAY_NOT_STARTED, .req = due, .since = due, .moment = MON_AT_INIT);
		break;
	}
}

void mon_check_I9(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	struct mon_req *late = missing(m);

	if (ev->type == GB_EV_OPEN || ev->type == GB_EV_JOIN) {
		if (r->init_err)
			mon_exercise(m);
		return;
	}
	MON_REFUTE(m, late && late->init_err, MON_SAY_NOT_JOINED, .req = late, .since = late, .moment = MON_AT_INIT);
}

/* A member with one of `flags` fails its leader with -EINVAL, and is cancelled itself. */
static void check_forbidden(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r, uint64_t flags)
{
	if (ev->type == GB_EV_CQE) {
		if (r->leader && r->flags & flags && mon_forbidden(r) && !r->init_err && mon_is_final(m, ev))
			MON_JUDGE(m, ev->a == -GB_ECANCELED, MON_SAY_FORBIDDEN_RES, .req = r, .n = {ev->a});
		return;
	}
	for (struct mon_req *q = mon_ref(m, r->first); q; q = mon_ref(m, q->next_member)) {
		if (q->flags & flags && mon_forbidden(q))
			MON_JUDGE(m, r->bits & MON_ASSIGNED && r->fail_res == -GB_EINVAL, MON_SAY_FORBIDDEN, .req = r,
				  .other = q);
	}
}

void mon_check_I10(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	check_forbidden(m, ev, r, MON_F_LINK);
}

void mon_check_I11(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	check_forbidden(m, ev, r, MON_F_CQE_SKIP);
}

void mon_check_I12(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	(void)ev;
	if (mon_sqe(m, r)->flags & IOSQE_IO_DRAIN)
		mon_exercise(m);
	MON_REFUTE(m, r->flags & MON_F_DRAIN && !r->init_err, MON_SAY_MEMBER_DRAINS, .req = r,
		   .other = mon_req(m, ev->other));
}

void mon_check_I13(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	const struct mon_req *target = mon_ref(m, r->prev);

	if (mon_sqe(m, r)->opcode != IORING_OP_LINK_TIMEOUT)
		return;
	if (ev->type == GB_EV_OPEN)
		MON_JUDGE(m, r->init_err, MON_SAY_TIMEOUT_LEADS, .req = r);
	else if (ev->type == GB_EV_INIT && mon_state(m)->group)
		MON_JUDGE(m, ev->b < 0, MON_SAY_TIMEOUT_MEMBER, .req = r);
	else if (ev->type == GB_EV_ARM_TIMER && target && target->bits & MON_LEADER)
		MON_JUDGE(m, false, MON_SAY_TIMEOUT_LEADER, .req = r, .other = target);
}

void mon_check_I14(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	const struct mon_req *leader = mon_ref(m, r->leader);

	if (!leader)
		return;
	if (ev->type == GB_EV_ISSUE)
		MON_REFUTE(m, leader->due_fail, MON_SAY_REFUSED_RUNS, .req = r, .other = leader, .since = leader,
			   .moment = MON_AT_FAIL);
	else if (r->init_err && mon_is_final(m, ev))
		MON_JUDGE(m, ev->a == r->init_err, MON_SAY_OWN_ERRNO, .req = r, .n = {ev->a, r->init_err});
}

void mon_check_I15(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	struct mon_req *late = missing(m), *open = mon_ref(m, mon_state(m)->group);

	if (ev->type == GB_EV_CQE) {
		/* behind a head that was not failed with it, see I17 */
		if (r->prev && !(mon_head(m, r)->bits & MON_CHAIN_BAD))
			return;
		if (r->bits & MON_LEADER && r->init_err && r->members && !(r->bits & MON_ISSUED) && mon_is_final(m, ev))
			MON_JUDGE(m, ev->a == r->due_fail, MON_SAY_OWN_ERRNO, .req = r, .n = {ev->a, r->due_fail});
		return;
	}
	MON_REFUTE(m, late && open && open != late && open->init_err, MON_SAY_NOT_JOINED, .req = late, .since = late,
		   .moment = MON_AT_INIT);
}

void mon_check_I16(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	(void)ev;
	if (!r->members || (!r->due_fail && !(r->bits & MON_ASSIGNED)))
		return;
	MON_JUDGE(m, r->fail_res == r->due_fail, MON_SAY_LEADER_ERRNO, .req = r, .since = r, .moment = MON_AT_FAIL,
		  .n = {r->fail_res, r->due_fail});
}

void mon_check_I17(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	struct mon_req *head = mon_head(m, r);
	struct mon_req *leader = mon_ref(m, head->broken_by);

	if (!leader)
		return;
	if (ev->type == GB_EV_START)
		MON_JUDGE(m, r->bits & MON_ASSIGNED, MON_SAY_HEAD_NOT_FAILED, .req = leader, .other = r,
			  .since = leader, .moment = MON_AT_FAIL);
	else
		MON_REFUTE(m, leader != r, MON_SAY_CHAIN_RUNS, .req = leader, .other = r, .since = leader,
			   .moment = MON_AT_FAIL);
}

void mon_check_I18(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	if (!(r->bits & MON_ASSIGNED))
		return;
	if (ev->type == GB_EV_ISSUE)
		MON_REFUTE(m, !(r->bits & MON_ISSUED), MON_SAY_FAILED_RUNS, .req = r, .since = r, .moment = MON_AT_FAIL,
			   .n = {r->fail_res});
	else
		mon_exercise(m);
}

void mon_check_I19(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	const struct mon_req *head = mon_head(m, r);

	if (head == r || !(head->bits & MON_CHAIN_BAD) || !(mon_sqe(m, head)->flags & IOSQE_IO_HARDLINK))
		return;
	/* a linked timeout leaves its chain, and takes along what it leads (I13) */
	if (mon_sqe(m, mon_unit(m, r))->opcode == IORING_OP_LINK_TIMEOUT)
		return;
	MON_JUDGE(m, ev->type != GB_EV_ISSUE, MON_SAY_HARD_RUNS, .req = r, .other = head, .since = head,
		  .moment = MON_AT_FAIL);
}
