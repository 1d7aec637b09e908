/* SPDX-License-Identifier: MIT */
/*
 * Symmetry: members of a group that are alike may change places, so of the
 * states that differ by that only one is explored. Each state gets names for
 * them, sorted by what it says of each; where two cannot be told apart by that
 * their order is left alone, which costs reduction, never soundness.
 */
#include <stdlib.h>
#include <string.h>

#include "groupbuf/explore.h"

#include "search.h"

/* ---- who is alike ---- */

/* Does anything name this SQE besides its place in the group? */
static bool is_named(const struct gb_check *c, uint32_t sqe)
{
	const struct gb_trace *t = c->trace;

	if (c->relevant[sqe] || ck_stated_names(c, sqe) || t->sqes[sqe].target != GB_NO_TARGET ||
	    t->sqes[sqe].new_data != GB_NO_TARGET || t->sqes[sqe].ublk || t->sqes[sqe].lease || t->sqes[sqe].n_iov)
		return true;
	for (uint32_t i = 0; i < t->n_sqes; i++)
		if (t->sqes[i].target == sqe || t->sqes[i].new_data == sqe)
			return true;
	return false;
}

static bool same_fd(struct gb_fd a, struct gb_fd b)
{
	return a.is_object == b.is_object && a.is_ring == b.is_ring && a.object == b.object && a.end == b.end &&
	       a.number == b.number;
}

static bool same_addr(const struct gb_addr *a, const struct gb_addr *b)
{
	return a->is_mem == b->is_mem && a->mem == b->mem && a->value == b->value;
}

/* Everything but the label, and the flag that the last member lacks. */
static bool are_alike(const struct gb_sqe *a, const struct gb_sqe *b)
{
	return a->opcode == b->opcode && same_fd(a->fd, b->fd) && a->off == b->off && a->len == b->len &&
	       same_addr(&a->addr, &b->addr) && ((a->flags ^ b->flags) & ~IOSQE_SQE_GROUP) == 0 &&
	       a->op_flags == b->op_flags && a->ioprio == b->ioprio && a->buf_index == b->buf_index &&
	       a->file_index == b->file_index && a->res == b->res && a->ms == b->ms && a->to == b->to &&
	       ((a->given ^ b->given) & ~(1U << GB_F_flags)) == 0;
}

/* The last SQE of the group that `leader` opens, or the leader if the statements between are not all SQEs. */
static uint32_t group_end(const struct gb_trace *t, uint32_t stmt)
{
	const uint32_t leader = t->stmts[stmt].sqe;

	for (uint32_t i = stmt + 1; i < t->n_stmts && t->stmts[i].kind == GB_STMT_SQE; i++) {
		const uint32_t last = t->stmts[i].sqe;

		if (!(t->sqes[last].flags & IOSQE_SQE_GROUP))
			return last;
	}
	return leader;
}

static void add_classes(struct gb_check *c, uint32_t leader, uint32_t last, uint32_t *used)
{
	const struct gb_trace *t = c->trace;

	for (uint32_t a = leader + 1; a <= last; a++) {
		struct ck_class *class = &c->classes[c->n_classes];
		bool known = is_named(c, a);

		for (uint32_t i = 0; i < *used && !known; i++)
			known = c->members[i] == a;
		*class = (struct ck_class){leader, last, *used, 0};
		for (uint32_t b = a; b <= last && !known; b++)
			if (are_alike(&t->sqes[a], &t->sqes[b]) && !is_named(c, b))
				c->members[*used + class->n++] = (uint16_t)b;
		if (class->n < 2)
			continue;
		*used += class->n;
		c->n_classes++;
	}
}

bool ck_symmetry_find(struct gb_check *c)
{
	const struct gb_trace *t = c->trace;
	uint32_t used = 0;

	/* an order of CQEs tells members apart */
	if (!(c->config.reductions & GB_CHECK_SYMMETRY) || c->outcomes != GB_CHECK_NONE)
		return true;
	c->classes = calloc(t->n_sqes + 1UL, sizeof(*c->classes));
	c->members = calloc(t->n_sqes + 1UL, sizeof(*c->members));
	if (!c->classes || !c->members)
		return false;
	for (uint32_t i = 0; i < t->n_stmts; i++) {
		const struct gb_stmt *stmt = &t->stmts[i];
		uint32_t last;

		if (stmt->kind != GB_STMT_SQE || !(t->sqes[stmt->sqe].flags & IOSQE_SQE_GROUP))
			continue;
		last = group_end(t, i);
		add_classes(c, stmt->sqe, last, &used);
		i += last - stmt->sqe;
	}
	return true;
}

uint32_t ck_symmetry_first(const struct gb_check *c, uint32_t sqe)
{
	for (uint32_t i = 0; i < c->n_classes; i++) {
		const uint16_t *member = c->members + c->classes[i].first;

		for (uint32_t k = 0; k < c->classes[i].n; k++)
			if (member[k] == sqe)
				return member[0];
	}
	return sqe;
}

/* ---- names ---- */

static struct ck_hash signature(struct ck_worker *w, uint32_t sqe)
{
	size_t n = 0;

	if (w->monitor)
		n = gb_monitor_signature(w->monitor, sqe, w->names, w->form);
	n += gb_world_signature(w->world, sqe, w->names, w->check->canonical, w->form + n);
	return ck_hash_bytes(w->form, n, 0);
}

static bool hash_before(struct ck_hash a, struct ck_hash b)
{
	return a.a != b.a ? a.a < b.a : a.b < b.b;
}

static void sort_class(struct ck_worker *w, const struct ck_class *class)
{
	const uint16_t *member = w->check->members + class->first;

	for (uint32_t i = 0; i < w->check->trace->n_sqes; i++)
		w->names[i] = (uint16_t)i;
	for (uint32_t i = 0; i < class->n; i++)
		w->names[member[i]] = member[1];
	for (uint32_t i = 0; i < class->n; i++) {
		struct ck_alike own = {.sqe = member[i]};
		uint32_t at = i;

		w->names[member[i]] = member[0];
		own.hash = signature(w, member[i]);
		w->names[member[i]] = member[1];
		for (; at && hash_before(own.hash, w->alike[at - 1].hash); at--)
			w->alike[at] = w->alike[at - 1];
		w->alike[at] = own;
	}
	for (uint32_t i = 0; i < class->n; i++)
		w->rename[w->alike[i].sqe] = member[i];
}

void ck_symmetry_names(struct ck_worker *w)
{
	const struct gb_check *c = w->check;

	if (!c->n_classes)
		return;
	for (uint32_t i = 0; i < c->trace->n_sqes; i++)
		w->rename[i] = (uint16_t)i;
	for (uint32_t i = 0; i < c->n_classes; i++)
		if (gb_world_members_queued(w->world, c->classes[i].leader, c->classes[i].last))
			sort_class(w, &c->classes[i]);
}
