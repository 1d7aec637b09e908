/* SPDX-License-Identifier: MIT */
/* The partial order of issues and completions (I7, I20, I36, I49, I51). */
#include "judge.h"

/* When a unit is over: the request, or a leader and all its members. */
static uint64_t unit_over(const struct gb_spec *s, uint32_t unit)
{
	uint64_t over = s->fact[unit].posted_at;

	if (!spec_is_leader(s, unit))
		return over;
	for (uint32_t m = s->place[unit].first; m != SPEC_NONE; m = s->place[m].next)
		if (s->fact[m].posted_at > over)
			over = s->fact[m].posted_at;
	return over;
}

/* I7: nothing runs while its group or chain is being read. */
static void order_of_assembly(struct gb_spec *s, uint32_t r)
{
	uint32_t unit = spec_is_member(s, r) ? s->place[r].leader : r;
	uint32_t head = s->place[unit].head;
	uint32_t closer = head == SPEC_NONE ? SPEC_NONE : s->place[head].closer;

	if (spec_issued(s, r) && closer != SPEC_NONE && s->fact[r].issued_at < s->fact[closer].init_at)
		spec_find(s, GB_SPEC_EARLY_ISSUE, r, closer, 0, 0);
}

/* I20, I36, S5.15 */
static void order_of_group(struct gb_spec *s, uint32_t leader)
{
	const struct fact *l = &s->fact[leader];
	uint32_t last = SPEC_NONE;
	bool loose = false;

	for (uint32_t m = s->place[leader].first; m != SPEC_NONE; m = s->place[m].next) {
		const struct fact *f = &s->fact[m];

		loose |= s->known[m].loose;
		if (s->known[m].loose)
			continue;
		if (spec_issued(s, m) && f->issued_at < l->done_at)
			spec_find(s, GB_SPEC_MEMBER_EARLY, m, leader, 0, 0);
		if (spec_completed(s, leader) && l->posted_at < f->posted_at)
			spec_find(s, GB_SPEC_LEADER_LAST, leader, m, 0, 0);
		if (last == SPEC_NONE || f->posted_at > s->fact[last].posted_at)
			last = m;
	}
	if (!loose && last != SPEC_NONE && l->finals && s->fact[last].finals &&
	    l->posted_at > s->fact[last].posted_at && l->pos != s->fact[last].pos + 1)
		spec_find(s, GB_SPEC_BACK_TO_BACK, leader, last, l->pos, s->fact[last].pos);
}

/* I40: what a zero-copy send ends with comes first, then that nobody needs its memory. */
static void order_of_notification(struct gb_spec *s, uint32_t r)
{
	const struct fact *f = &s->fact[r];

	if (f->notified_at != SPEC_NEVER && f->notified_at < f->posted_at)
		spec_find(s, spec_is_leader(s, r) ? GB_SPEC_NOTIFIED_LEADER : GB_SPEC_NOTIFIED, r, SPEC_NONE, 0, 0);
}

/* I49, B7, D45 */
static void order_of_link(struct gb_spec *s, uint32_t r, uint32_t before)
{
	uint64_t over = unit_over(s, before);
	bool dead = s->place[r].dead && spec_is_leader(s, before) && s->place[before].prev != SPEC_NONE;

	if (spec_issued(s, r) && s->fact[r].issued_at < over)
		spec_find(s, GB_SPEC_NEXT_EARLY, r, before, 0, 0);
	if (spec_completed(s, r) && s->fact[r].posted_at < over)
		spec_find(s, dead ? GB_SPEC_CHAIN_ORDER_GROUP : GB_SPEC_CHAIN_ORDER, r, before, 0, 0);
}

static void order_of_chain(struct gb_spec *s, uint32_t head)
{
	uint32_t before = head;

	for (uint32_t r = s->place[head].link; r != SPEC_NONE; r = s->place[r].link) {
		if (s->trace->sqes[r].opcode == IORING_OP_LINK_TIMEOUT)
			continue;
		order_of_link(s, r, before);
		before = r;
	}
}

/*
 * S2.37 counts CQEs and does not ask whose they are: what fails when it is
 * submitted behind a drain does not wait for it, and counts.
 */
static bool counted_wrong(const struct gb_spec *s, uint32_t r)
{
	/* nor does it ask whether a CQE is a notification */
	for (uint32_t k = 0; k < s->consumed; k++)
		if (s->fact[s->order[k]].notified_at < s->fact[r].issued_at)
			return true;
	for (uint32_t k = s->fact[r].order + 1; k < s->consumed; k++)
		if (s->fact[s->order[k]].posted_at < s->fact[r].issued_at)
			return true;
	return false;
}

static void judge_drain(struct gb_spec *s, uint32_t r, uint32_t late)
{
	enum gb_spec_rule_id rule = s->place[r].drains_next ? GB_SPEC_DRAIN_NEXT : GB_SPEC_DRAIN_EARLY;

	if (!s->place[r].drains || s->place[r].failed || !spec_issued(s, r) ||
	    s->fact[r].issued_at >= s->fact[late].posted_at)
		return;
	spec_find(s, counted_wrong(s, r) ? GB_SPEC_DRAIN_COUNT : rule, r, late, 0, 0);
}

/* I51, I53: before a unit that drains, everything submitted earlier has completed. */
static void order_of_drain(struct gb_spec *s)
{
	uint32_t late = SPEC_NONE; /* of what was read so far, the last to complete */

	for (uint32_t k = 0; k < s->consumed; k++) {
		uint32_t r = s->order[k];

		/* of a request that is judged loosely nobody can say when it is over */
		if (s->known[r].loose)
			return;
		if (late != SPEC_NONE)
			judge_drain(s, r, late);
		if (late == SPEC_NONE || s->fact[r].posted_at > s->fact[late].posted_at)
			late = r;
	}
}

void spec_orders(struct gb_spec *s)
{
	if (s->blind)
		return;
	for (uint32_t k = 0; k < s->consumed; k++) {
		uint32_t r = s->order[k];

		if (s->known[r].loose)
			continue;
		order_of_assembly(s, r);
		order_of_notification(s, r);
		if (spec_is_leader(s, r))
			order_of_group(s, r);
		if (s->place[r].head == r)
			order_of_chain(s, r);
	}
	order_of_drain(s);
}
