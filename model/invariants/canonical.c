/* SPDX-License-Identifier: MIT */
/* The part of the state that the future can tell apart. */
#include <string.h>

#include "mon.h"

/* Is the request freed, and every member of its group? */
static bool unit_is_over(const struct gb_monitor *m, const struct mon_req *r)
{
	if (!(r->bits & MON_FREED))
		return false;
	for (const struct mon_req *q = mon_ref(m, r->first); q; q = mon_ref(m, q->next_member))
		if (!(q->bits & MON_FREED))
			return false;
	return true;
}

/*
 * A chain of which everything is freed says nothing about what is to come but
 * that: no request of it appears in an event any more, unless by a defect that
 * a request without a past shows as well.
 */
static bool chain_is_over(const struct gb_monitor *m, struct mon_req *head)
{
	for (const struct mon_req *r = head; r; r = mon_ref(m, r->next))
		if (!unit_is_over(m, r))
			return false;
	return true;
}

static void forget(const struct gb_monitor *m, unsigned char *out, const struct mon_req *r)
{
	/* that it was still put off when it was cancelled is judged at the end (I55) */
	const struct mon_req settled = {
		.bits = r->bits & (MON_INIT | MON_FINAL | MON_FREED | MON_DEFERRED),
		.seq = r->bits & MON_DEFERRED ? r->seq : 0,
	};

	memcpy(out + m->at.reqs + mon_index(m, r) * sizeof(settled), &settled, sizeof(settled));
}

/* Room behind the form, see gb_monitor_canonical. */
_Static_assert(sizeof(struct mon_req) <= MON_MOMENTS * sizeof(uint32_t) + 2 * sizeof(struct gb_violation),
	       "the requests do not fit behind the form");

static uint16_t renamed(const uint16_t *rename, uint16_t ref)
{
	return ref ? (uint16_t)(rename[ref - 1U] + 1) : 0;
}

/* What a request has lived through, with the place in the program of another one that is like it. */
static void move(const struct mon_req *from, const struct mon_req *place, const uint16_t *rename, struct mon_req *to)
{
	struct mon_req r = *from;

	r.flags = place->flags;
	r.seq = place->seq;
	r.init_err = place->init_err;
	r.next_member = place->next_member;
	r.pend_next = renamed(rename, from->pend_next);
	r.broken_by = renamed(rename, from->broken_by);
	r.cut_by = renamed(rename, from->cut_by);
	r.cut_group = renamed(rename, from->cut_group);
	*to = r;
}

/*
 * The form at `out`, renamed: what members have lived through changes places,
 * the order of the program stays. A form lies anywhere, so nothing is pointed to.
 */
static void rename_all(const struct gb_monitor *m, const uint16_t *rename, unsigned char *out, const unsigned char *old)
{
	const size_t pair = 2 * sizeof(uint64_t);
	struct mon_state s;

	memcpy(&s, out, sizeof(s));
	s.pend_first = renamed(rename, s.pend_first);
	s.pend_last = renamed(rename, s.pend_last);
	s.last_final = renamed(rename, s.last_final);
	memcpy(out, &s, sizeof(s));
	for (uint32_t i = 0; i < m->trace->n_sqes; i++) {
		const uint32_t to = rename[i];
		struct mon_req from, place, moved;

		memcpy(&from, old + i * sizeof(from), sizeof(from));
		memcpy(&place, old + to * sizeof(place), sizeof(place));
		move(&from, &place, rename, &moved);
		memcpy(out + m->at.reqs + to * sizeof(moved), &moved, sizeof(moved));
		memcpy(out + m->at.violated + to * pair, m->base + m->at.violated + i * pair, pair);
	}
}

size_t gb_monitor_signature(const struct gb_monitor *m, uint32_t sqe, const uint16_t *names, void *to)
{
	const struct mon_req none = {0};
	struct mon_req r;

	move(mon_req(m, sqe), &none, names, &r);
	memcpy(to, &r, sizeof(r));
	memcpy((unsigned char *)to + sizeof(r), m->base + m->at.violated + 2 * sizeof(uint64_t) * sqe,
	       2 * sizeof(uint64_t));
	return sizeof(r) + 2 * sizeof(uint64_t);
}

size_t gb_monitor_canonical(const struct gb_monitor *monitor, const uint16_t *rename, void *to)
{
	const struct mon_req *last = mon_ref(monitor, mon_state(monitor)->last_final);
	unsigned char *out = to;
	struct mon_state s = *mon_state(monitor);

	memcpy(out, monitor->base, monitor->at.judged);
	/* whose CQE came last counts until its share of the group is dropped, right behind it */
	if (!last || !last->leader || last->bits & MON_COUNTED)
		s.last_final = 0;
	s.n_violations = 0;
	memcpy(out, &s, sizeof(s));
	for (uint32_t i = 0; i < monitor->trace->n_sqes; i++) {
		struct mon_req *r = mon_req(monitor, i);

		/* members and followers go with the head of their chain */
		if (r->leader || r->head || !chain_is_over(monitor, r))
			continue;
		for (const struct mon_req *unit = r; unit; unit = mon_ref(monitor, unit->next)) {
			for (const struct mon_req *q = mon_ref(monitor, unit->first); q;
			     q = mon_ref(monitor, q->next_member))
				forget(monitor, out, q);
			forget(monitor, out, unit);
		}
	}
	if (rename) {
		/* behind the form there is room for its requests as they were */
		unsigned char *old = out + monitor->at.judged;

		memcpy(old, out + monitor->at.reqs, sizeof(struct mon_req) * monitor->trace->n_sqes);
		rename_all(monitor, rename, out, old);
	}
	return monitor->at.judged;
}
