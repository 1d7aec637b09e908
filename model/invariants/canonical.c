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
	const struct mon_req settled = {.bits = r->bits & (MON_INIT | MON_FINAL | MON_FREED)};

	memcpy(out + m->at.reqs + mon_index(m, r) * sizeof(settled), &settled, sizeof(settled));
}

size_t gb_monitor_canonical(const struct gb_monitor *monitor, void *to)
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
	return monitor->at.judged;
}
