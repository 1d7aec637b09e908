/* SPDX-License-Identifier: MIT */
/*
 * Conduct: provided buffers (S8.39 to S8.41). Which buffer comes next is known
 * as long as a group is used by plain RECVs alone: others keep or consume
 * buffers at moments of their own.
 */
#include "conduct.h"

#define UNLOCKED 2U

static struct provided_group *group_of(struct gb_spec *s, uint16_t bgid)
{
	struct conduct *c = s->conduct;

	for (uint32_t k = 0; k < c->n_groups; k++)
		if (c->group[k].bgid == bgid)
			return &c->group[k];
	return NULL;
}

static struct provided_group *group_made(struct gb_spec *s, uint16_t bgid)
{
	struct conduct *c = s->conduct;
	struct provided_group *g = group_of(s, bgid);

	if (g)
		return g;
	g = &c->group[c->n_groups++];
	*g = (struct provided_group){.bgid = bgid, .sure = true};
	return g;
}

static bool plain_recv(const struct gb_sqe *sqe)
{
	return sqe->opcode == IORING_OP_RECV && !(sqe->ioprio & IORING_RECV_MULTISHOT) &&
	       !(sqe->op_flags & (GB_MSG_WAITALL | GB_MSG_PEEK));
}

/* All groups of a trace share the list, so only the first one that is filled is known. */
static void put(struct gb_spec *s, struct provided_group *g, uint32_t bid, uint32_t len)
{
	struct conduct *c = s->conduct;

	for (uint32_t k = 0; k < c->n_groups; k++)
		if (&c->group[k] != g && c->group[k].last > c->group[k].first)
			g->sure = false;
	if (!g->sure || g->last == c->list_room) {
		g->sure = false;
		return;
	}
	c->list[g->last++] = (struct provided){.bid = bid, .len = len};
}

void conduct_buffers_reset(struct gb_spec *s)
{
	const struct gb_trace *trace = s->trace;

	s->conduct->n_groups = 0;
	for (uint32_t k = 0; k < trace->n_stmts; k++) {
		const struct gb_stmt *stmt = &trace->stmts[k];
		struct provided_group *g;

		if (stmt->kind != GB_STMT_BUFFERS && stmt->kind != GB_STMT_PROVIDE)
			continue;
		g = group_made(s, stmt->bgid);
		/* registered twice, or bit by bit: not known */
		g->sure = g->sure && !(stmt->kind == GB_STMT_BUFFERS && (g->ring || stmt->inc));
		g->ring |= stmt->kind == GB_STMT_BUFFERS;
		if (stmt->kind == GB_STMT_BUFFERS)
			g->entries = stmt->n;
		/* more than it holds at once: the first ones are overwritten unless they are used in time */
		g->sure = g->sure && !(stmt->kind == GB_STMT_PROVIDE && g->last - g->first + stmt->n > g->entries);
		for (uint32_t n = 0; stmt->kind == GB_STMT_PROVIDE && n < stmt->n && g->sure; n++)
			put(s, g, stmt->bid + n, (uint32_t)stmt->range->len);
	}
	for (uint32_t k = 0; k < s->n; k++) {
		const struct gb_sqe *sqe = &trace->sqes[k];
		struct provided_group *g = group_of(s, sqe->buf_index);

		if (sqe->opcode == IORING_OP_PROVIDE_BUFFERS && g && g->ring)
			g->sure = false;
		if (sqe->flags & IOSQE_BUFFER_SELECT && !plain_recv(sqe))
			group_made(s, sqe->buf_index)->sure = false;
	}
}

static void selected(struct gb_spec *s, const struct gb_event *ev, struct manner *m)
{
	struct provided_group *g = group_of(s, s->trace->sqes[ev->req].buf_index);
	const struct provided *next;

	if (!ev->c)
		return;
	m->has_selected = true;
	m->selected = (uint32_t)ev->a;
	if (!g || !g->sure || g->first == g->last)
		return;
	next = &s->conduct->list[g->first];
	if (next->bid != m->selected) {
		conduct_find(s, GB_SPEC_BUFFER_ORDER, ev->req, SPEC_NONE, ev->a, next->bid);
		g->sure = false;
		return;
	}
	if (ev->b > next->len)
		conduct_find(s, GB_SPEC_BUFFER_LENGTH, ev->req, SPEC_NONE, ev->b, next->len);
	/* a worker uses a ring's buffer up at once */
	m->held = g->ring && m->issue_flags & UNLOCKED ? 0 : g->first + 1;
	g->first++;
}

/* S8.8: a receive that has to wait, or ends with nothing, gives its buffer back to the front. */
static void given_back(struct gb_spec *s, const struct gb_event *ev, struct manner *m)
{
	struct provided_group *g = group_of(s, s->trace->sqes[ev->req].buf_index);

	if (!m->held || !g)
		return;
	/* others took buffers meanwhile: where it goes back to is a list of its own */
	if (g->first != m->held)
		g->sure = false;
	else
		g->first--;
	m->held = 0;
}

static void provided(struct gb_spec *s, const struct gb_sqe *sqe)
{
	struct provided_group *g = group_made(s, sqe->buf_index);

	for (int32_t k = 0; !sqe->fd.is_object && k < sqe->fd.number && g->sure; k++)
		put(s, g, (uint32_t)sqe->off + (uint32_t)k, sqe->len);
}

/* S8.40 */
static void removed(struct gb_spec *s, const struct gb_event *ev)
{
	const struct gb_sqe *sqe = &s->trace->sqes[ev->req];
	struct provided_group *g = group_of(s, sqe->buf_index);
	uint32_t n;

	if (!g || !g->sure || ev->a < 0 || sqe->fd.is_object || g->ring)
		return;
	n = g->last - g->first < (uint32_t)sqe->fd.number ? g->last - g->first : (uint32_t)sqe->fd.number;
	if (ev->a != n)
		conduct_find(s, GB_SPEC_BUFFER_COUNT, ev->req, SPEC_NONE, ev->a, n);
	g->first += n;
}

void conduct_buffers(struct gb_spec *s, const struct gb_event *ev, struct manner *m)
{
	const struct gb_sqe *sqe = &s->trace->sqes[ev->req];

	switch (ev->type) {
	case GB_EV_SELECT:
		selected(s, ev, m);
		break;
	case GB_EV_ISSUE:
		if (sqe->opcode == IORING_OP_PROVIDE_BUFFERS)
			provided(s, sqe);
		/* in a worker it is done with before anybody hears of it */
		if (sqe->opcode == IORING_OP_REMOVE_BUFFERS && ev->b & UNLOCKED)
			group_made(s, sqe->buf_index)->sure = false;
		break;
	case GB_EV_ARM_POLL:
	case GB_EV_TW_ADD:
	case GB_EV_PUNT:
		given_back(s, ev, m);
		break;
	case GB_EV_DONE:
		if (sqe->opcode == IORING_OP_REMOVE_BUFFERS && m->issue_step == ev->step)
			removed(s, ev);
		if (ev->a <= 0)
			given_back(s, ev, m);
		m->held = 0;
		break;
	case GB_EV_CQE:
		if (sqe->flags & IOSQE_BUFFER_SELECT && ev->b & IORING_CQE_F_BUFFER && m->has_selected &&
		    (uint32_t)ev->b >> IORING_CQE_BUFFER_SHIFT != m->selected && !s->conduct->renamed)
			conduct_find(s, GB_SPEC_BUFFER_ID, ev->req, SPEC_NONE, ev->b >> IORING_CQE_BUFFER_SHIFT,
				     m->selected);
		break;
	default:
		break;
	}
}
