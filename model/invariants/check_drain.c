/* SPDX-License-Identifier: MIT */
/* Drain and sequence numbers, cancellation and exit (G and H of invariants.md). */
#include "groupbuf/reason.h"

#include "mon.h"

void mon_check_I50(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	MON_JUDGE(m, ev->a == r->seq, MON_SAY_SEQUENCE, .req = r, .n = {ev->a, r->seq});
}

void mon_check_I51(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	if (ev->a != 1 || !(r->bits & MON_DRAIN) || r->leader || r->bits & MON_ASSIGNED)
		return;
	if (r->bits & MON_LEADER)
		mon_exercise(m);
	for (uint32_t i = 0; i < m->trace->n_sqes; i++) {
		const struct mon_req *q = mon_req(m, i);

		if (!(q->bits & MON_INIT) || q->seq >= r->seq)
			continue;
		if (q->bits & MON_LEADER)
			mon_exercise(m);
		MON_REFUTE(m, !(q->bits & MON_FINAL), MON_SAY_BARRIER, .req = r, .other = q);
	}
}

/* Did the initialisation get as far as the step at which a postponed drain is consumed (S2.6)? */
static bool reached_drain(const struct gb_event *ev)
{
	return ev->reason != GB_R_BAD_OPCODE && ev->reason != GB_R_NO_BUFFER_SELECT &&
	       ev->reason != GB_R_DRAIN_DISABLED && ev->reason != GB_R_RESTRICTED;
}

void mon_check_I52(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	const struct mon_state *s = mon_state(m);

	if (ev->type == GB_EV_START) {
		if (r->bits & MON_DRAIN)
			MON_JUDGE(m, ev->a == 1, MON_SAY_DRAIN_INLINE, .req = r);
		return;
	}
	if (s->drain_next && !s->chain_head && !s->group && reached_drain(ev))
		MON_JUDGE(m, (uint64_t)ev->a & MON_F_DRAIN, MON_SAY_NEXT_NOT_DRAINED, .req = r);
}

void mon_check_I53(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	bool asked = mon_sqe(m, r)->flags & IOSQE_IO_DRAIN;

	if (ev->type == GB_EV_INIT) {
		if (mon_state(m)->drain_next && !mon_state(m)->chain_head)
			mon_exercise(m);
		return;
	}
	MON_REFUTE(m, r->flags & MON_F_DRAIN && (!asked || !r->init_err), MON_SAY_MEMBER_TAKES_DRAIN, .req = r,
		   .other = mon_req(m, ev->other));
}

void mon_check_I54(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	const struct mon_state *s = mon_state(m);
	uint8_t flags = mon_sqe(m, r)->flags;

	if (!(flags & IOSQE_IO_DRAIN) || !(s->skip_used || flags & IOSQE_CQE_SKIP_SUCCESS))
		return;
	if (s->group)
		MON_JUDGE(m, ev->reason != GB_R_DRAIN_DISABLED, MON_SAY_GROUP_BUF_REFUSED, .req = r);
	else
		MON_JUDGE(m, ev->b < 0, MON_SAY_DRAIN_AFTER_SKIP, .req = r);
}

void mon_check_I55(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	if (ev->type == GB_EV_DEFER) {
		mon_exercise(m);
		return;
	}
	(void)r;
	for (uint32_t i = 0; i < m->trace->n_sqes; i++) {
		const struct mon_req *lost = mon_req(m, i);

		if (!(lost->bits & MON_INIT) || lost->bits & MON_FINAL)
			continue;
		for (uint32_t k = 0; k < m->trace->n_sqes; k++) {
			const struct mon_req *q = mon_req(m, k);

			MON_REFUTE(m, q->bits & MON_DEFERRED && q->seq > lost->seq, MON_SAY_DRAIN_FOR_EVER, .req = q,
				   .other = lost);
		}
	}
}

/* ---- H ---- */

void mon_check_I56(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	const struct mon_req *leader = mon_ref(m, r->leader);

	if (ev->type == GB_EV_QMEMBER) {
		if (leader && leader->bits & MON_CANCELED)
			MON_JUDGE(m, ev->a != 0, MON_SAY_MEMBER_OF_CANCELED, .req = r, .other = leader);
	} else if (r->members && r->bits & MON_CANCELED && mon_is_final(m, ev)) {
		MON_JUDGE(m, ev->a == -GB_ECANCELED || (ev->a > 0 && r->bits & MON_FAIL), MON_SAY_CANCELED_LEADER,
			  .req = r, .n = {ev->a});
	}
}

/* What the canceller of a CANCEL event that found nothing aims at; NULL if that is no request of ours. */
static struct mon_req *aim(const struct gb_monitor *m, const struct gb_event *ev)
{
	uint32_t target;

	if (ev->req != GB_NO_REQ || ev->other >= m->trace->n_sqes)
		return NULL;
	target = m->trace->sqes[ev->other].target;
	return target < m->trace->n_sqes ? mon_req(m, target) : NULL;
}

static bool found(const struct gb_event *ev)
{
	return ev->a == 0 || ev->a == -GB_EALREADY;
}

void mon_check_I57(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	const struct mon_req *q = r ? r : aim(m, ev);

	if (q && q->leader && !(q->bits & MON_QUEUED))
		MON_JUDGE(m, !r || !found(ev), MON_SAY_WAITING_FOUND, .req = q, .n = {ev->a});
}

void mon_check_I58(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	const struct mon_req *q = r ? r : aim(m, ev);

	/* a worker that has not let go yet is still found running */
	if (q && q->members && q->bits & MON_FIRST && !(q->bits & MON_FINAL))
		MON_JUDGE(m, !r || ev->a != 0, MON_SAY_PARKED_FOUND, .req = q, .since = q, .moment = MON_AT_QUEUED,
			  .n = {ev->a});
}

void mon_check_I59(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	if (r->leader && r->bits & MON_CANCELED && !(r->bits & MON_DONE))
		MON_JUDGE(m, ev->b, MON_SAY_CANCELED_UNMARKED, .req = r, .n = {ev->a});
}

void mon_check_I60(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	(void)ev;
	(void)r;
	if (!mon_state(m)->dying)
		return;
	mon_exercise(m);
	for (uint32_t i = 0; i < m->trace->n_sqes; i++) {
		const struct mon_req *q = mon_req(m, i);

		if (!(q->bits & MON_INIT))
			continue;
		MON_REFUTE(m, q->bits & MON_LEASED, MON_SAY_CLOSED_LEASED, .req = q, .since = q,
			   .moment = MON_AT_BUFFER);
		MON_REFUTE(m, !(q->bits & MON_FREED), MON_SAY_CLOSED_LEFT, .req = q, .since = q, .moment = MON_AT_INIT);
	}
}

void mon_check_I62(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	(void)r;
	if (ev->type == GB_EV_TASK_EXIT) {
		if (ev->a)
			mon_exercise(m);
		return;
	}
	for (uint32_t i = 0; mon_state(m)->execing && i < m->trace->n_sqes; i++) {
		const struct mon_req *q = mon_req(m, i);

		MON_REFUTE(m, q->bits & MON_INIT && !(q->bits & MON_FREED), MON_SAY_EXEC_WAITS, .req = q);
	}
}
