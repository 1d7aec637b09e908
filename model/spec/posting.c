/* SPDX-License-Identifier: MIT */
/* Who posts a CQE, who keeps silent, and what is lost (I3, I6, I8, I38, I39, I41). */
#include "judge.h"

static enum tri silence_due(const struct gb_spec *s, uint32_t r)
{
	const struct place *p = &s->place[r];
	bool skip = s->trace->sqes[r].flags & IOSQE_CQE_SKIP_SUCCESS;

	if (s->known[r].loose || p->unsure)
		return MAYBE;
	if (s->trace->sqes[r].opcode == IORING_OP_LINK_TIMEOUT && !s->fact[r].init_err)
		return skip || p->silenced ? MAYBE : NO;
	if (p->silenced)
		return YES;
	if (p->dead || p->failed || spec_is_member(s, r) || !skip)
		return NO;
	switch (spec_unit_failure(s, r, true)) {
	case NO:
		return YES;
	case YES:
		return NO;
	default:
		return MAYBE;
	}
}

/* Is there a command in the group of r, or in front of it in the chain, that its driver never gives back (I97)? */
bool spec_waits(const struct gb_spec *s, uint32_t r)
{
	uint32_t unit = spec_is_member(s, r) ? s->place[r].leader : r;

	for (uint32_t u = unit; u != SPEC_NONE; u = s->place[u].prev) {
		uint32_t m = spec_is_leader(s, u) ? s->place[u].first : SPEC_NONE;

		if (s->trace->sqes[u].ublk && spec_issued(s, u) && s->fact[u].done_at == SPEC_NEVER)
			return true;
		for (; m != SPEC_NONE; m = s->place[m].next)
			if (s->trace->sqes[m].ublk && spec_issued(s, m) && s->fact[m].done_at == SPEC_NEVER)
				return true;
	}
	return false;
}

/* A leader that is done and holds the ring open, which is never closed then (I61); NONE if there is none. */
static uint32_t keeps_ring_open(const struct gb_spec *s)
{
	for (uint32_t k = 0; k < s->n; k++)
		if (s->trace->sqes[k].fd.is_ring && spec_is_leader(s, k) && s->fact[k].done_at != SPEC_NEVER &&
		    !spec_completed(s, k))
			return k;
	return SPEC_NONE;
}

/* Which of the known ways to lose a request this is. */
static void lost(struct gb_spec *s, uint32_t r)
{
	uint32_t unit = spec_is_member(s, r) ? s->place[r].leader : r, last = unit, lone = SPEC_NONE;
	bool refused = false, held = false; /* a lease was refused; one is still out */

	for (uint32_t u = s->place[unit].head; u != SPEC_NONE; u = s->place[u].link) {
		if (lone == SPEC_NONE && spec_is_leader(s, u) && !s->place[u].members)
			lone = u;
		last = u;
	}
	for (uint32_t k = 0; k < s->n && s->trace->sqes[r].ublk; k++) {
		refused |= s->fact[k].lease_seen && s->fact[k].lease_err;
		held |= s->fact[k].leases > s->fact[k].acks;
	}
	if (s->place[last].cut && s->place[last].prev != SPEC_NONE && !spec_linked(&s->trace->sqes[last]) &&
	    !spec_completed(s, s->place[unit].head))
		spec_find(s, GB_SPEC_LOST_CHAIN, r, last, 0, 0);
	else if (lone != SPEC_NONE)
		spec_find(s, GB_SPEC_LOST_LONE, r, lone, 0, 0);
	else if (refused && !held)
		spec_find(s, GB_SPEC_LOST_FETCH, r, SPEC_NONE, 0, 0);
	else if (keeps_ring_open(s) != SPEC_NONE)
		spec_find(s, GB_SPEC_LOST_TRACKED, r, keeps_ring_open(s), 0, 0);
	else
		spec_find(s, spec_waits(s, r) ? GB_SPEC_LOST_WAITING : GB_SPEC_LOST, r, SPEC_NONE, 0, 0);
}

/* The failure behind which r keeps silent. */
static uint32_t silencer(const struct gb_spec *s, uint32_t r)
{
	uint32_t u = spec_is_member(s, r) ? s->place[r].leader : r;

	while (s->place[u].prev != SPEC_NONE && s->place[u].silenced)
		u = s->place[u].prev;
	return u;
}

static void judge_posting(struct gb_spec *s, uint32_t r)
{
	const struct fact *f = &s->fact[r];

	if (!spec_completed(s, r)) {
		if (s->state == GB_FINISHED && !s->blind)
			lost(s, r);
		return;
	}
	if (f->finals > 1)
		spec_find(s, GB_SPEC_TWICE, r, SPEC_NONE, f->finals, 0);
	if (spec_issued(s, r) && f->done_at != SPEC_NEVER && f->res != f->done_res)
		spec_find(s, GB_SPEC_OWN_RESULT, r, SPEC_NONE, f->res, f->done_res);
	if (s->blind)
		return;
	switch (silence_due(s, r)) {
	case NO:
		if (f->silent)
			spec_find(s, GB_SPEC_SILENT, r, SPEC_NONE, f->res, 0);
		break;
	case YES:
		if (f->silent)
			break;
		if (!s->place[r].silenced)
			spec_find(s, GB_SPEC_POSTS, r, SPEC_NONE, f->res, 0);
		else
			spec_find(s, s->place[r].leader != SPEC_NONE ? GB_SPEC_POSTS_GROUP : GB_SPEC_POSTS_SILENT, r,
				  silencer(s, r), f->res, 0);
		break;
	default:
		break;
	}
}

void spec_postings(struct gb_spec *s)
{
	for (uint32_t k = 0; k < s->consumed; k++)
		judge_posting(s, s->order[k]);
}
