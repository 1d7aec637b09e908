/* SPDX-License-Identifier: MIT */
/* Conduct: polls, cancellation, timeouts (8.5, 8.6, 9.1). */
#include "conduct.h"

/* Reported whether asked for or not. */
#define ALWAYS (GB_POLLERR | GB_POLLHUP | GB_POLLNVAL | GB_POLLRDHUP)

static bool is_multishot_poll(const struct gb_sqe *sqe)
{
	return sqe->opcode == IORING_OP_POLL_ADD && sqe->len & IORING_POLL_ADD_MULTI;
}

static bool may_wait(const struct gb_sqe *sqe)
{
	if (sqe->flags & IOSQE_BUFFER_SELECT)
		return true; /* multishots wait by nature */
	if (spec_is_read(sqe->opcode) || spec_is_write(sqe->opcode))
		return !(sqe->op_flags & GB_RWF_NOWAIT);
	return !spec_is_message(sqe->opcode) || !(sqe->op_flags & GB_MSG_DONTWAIT);
}

/* S8.23, S8.24 */
static void poll_posted(struct gb_spec *s, const struct gb_event *ev)
{
	const struct gb_sqe *sqe = &s->trace->sqes[ev->req];
	const bool waits = sqe->fd.is_object && (s->trace->objects[sqe->fd.object].kind == GB_PIPE ||
						 s->trace->objects[sqe->fd.object].kind == GB_SOCK);

	if (s->conduct->renamed || ev->a <= 0 || s->conduct->manner[ev->req].failed)
		return;
	if ((uint32_t)ev->a & ~(sqe->op_flags | ALWAYS))
		conduct_find(s, GB_SPEC_EVENTS, ev->req, SPEC_NONE, ev->a, sqe->op_flags);
	if (is_multishot_poll(sqe) && !(ev->b & IORING_CQE_F_MORE) && !ev->d && waits &&
	    !(sqe->flags & IOSQE_FIXED_FILE) && !(s->trace->setup_flags & IORING_SETUP_SQPOLL) && !s->conduct->ending)
		conduct_find(s, GB_SPEC_MULTISHOT_ENDS, ev->req, SPEC_NONE, ev->a, 0);
}

/* What ANY, FD or OP ask for; a fixed file is not looked into. */
static bool asks_for(const struct gb_spec *s, uint32_t cancel, uint32_t r, bool *sure)
{
	const struct gb_sqe *c = &s->trace->sqes[cancel], *t = &s->trace->sqes[r];
	const uint32_t by = c->op_flags;

	*sure = !((c->flags | t->flags) & IOSQE_FIXED_FILE) && !(by & IORING_ASYNC_CANCEL_FD_FIXED);
	if (by & IORING_ASYNC_CANCEL_ANY)
		return true;
	if (by & IORING_ASYNC_CANCEL_OP && t->opcode != (uint8_t)c->len)
		return false;
	if (by & IORING_ASYNC_CANCEL_FD && c->fd.is_object && t->fd.is_object &&
	    (t->fd.object != c->fd.object || t->fd.end != c->fd.end))
		return false;
	/* descriptors that are not objects are no files; what waits has one */
	if (by & IORING_ASYNC_CANCEL_FD && (!c->fd.is_object || !t->fd.is_object))
		*sure = false;
	return by & IORING_ASYNC_CANCEL_USERDATA || !(by & (IORING_ASYNC_CANCEL_FD | IORING_ASYNC_CANCEL_OP))
		       ? c->target == r
		       : true;
}

/* S9.3: nothing that waits and is meant may be left. */
static void nothing_left(struct gb_spec *s, uint32_t cancel)
{
	bool sure;

	for (uint32_t r = 0; r < s->n; r++) {
		if (s->conduct->manner[r].armed && asks_for(s, cancel, r, &sure) && sure)
			conduct_find(s, GB_SPEC_CANCEL_LEFT, r, cancel, 0, 0);
	}
}

static void cancel_done(struct gb_spec *s, const struct gb_event *ev, const struct manner *m)
{
	const struct gb_sqe *sqe = &s->trace->sqes[ev->req];

	if (!(sqe->op_flags & (IORING_ASYNC_CANCEL_ALL | IORING_ASYNC_CANCEL_ANY)) || ev->a < 0 || !m->issues)
		return;
	if (ev->a != m->steps)
		conduct_find(s, GB_SPEC_CANCEL_COUNT, ev->req, SPEC_NONE, ev->a, m->steps);
	if (m->issue_step == ev->step && !s->conduct->renamed)
		nothing_left(s, ev->req);
}

static void timeout_removed(struct gb_spec *s, const struct gb_event *ev)
{
	const struct gb_sqe *sqe = &s->trace->sqes[ev->req];

	if (!ev->a && !sqe->op_flags && sqe->target < s->n)
		s->conduct->manner[sqe->target].removed = true;
}

static void linked_done(struct gb_spec *s, const struct gb_event *ev, const struct manner *m)
{
	const int32_t due = m->attempt ? m->attempt : -GB_ETIME;

	if (m->guarded != SPEC_NONE && ev->a != due)
		conduct_find(s, GB_SPEC_LTIMEOUT_RESULT, ev->req, m->guarded, ev->a, due);
}

void conduct_poll(struct gb_spec *s, const struct gb_event *ev, struct manner *m)
{
	const struct gb_sqe *sqe = &s->trace->sqes[ev->req];

	switch (ev->type) {
	case GB_EV_ARM_POLL:
		m->armed = true;
		if (!may_wait(sqe) && !s->conduct->renamed)
			conduct_find(s, GB_SPEC_NOWAIT_WAITS, ev->req, SPEC_NONE, 0, 0);
		break;
	case GB_EV_DISARM_POLL:
		m->armed = false;
		m->poll_step = ev->step;
		break;
	case GB_EV_FIRE:
		if (m->removed)
			conduct_find(s, GB_SPEC_REMOVED_FIRES, ev->req, SPEC_NONE, 0, 0);
		break;
	case GB_EV_CQE:
		if (sqe->opcode == IORING_OP_POLL_ADD)
			poll_posted(s, ev);
		break;
	case GB_EV_DONE:
		m->armed = false;
		if (sqe->opcode == IORING_OP_ASYNC_CANCEL)
			cancel_done(s, ev, m);
		else if (sqe->opcode == IORING_OP_TIMEOUT_REMOVE)
			timeout_removed(s, ev);
		else if (sqe->opcode == IORING_OP_LINK_TIMEOUT)
			linked_done(s, ev, m);
		break;
	default:
		break;
	}
}

/* An attempt of a linked timeout on its target. */
static void attempt(struct gb_spec *s, const struct gb_event *ev)
{
	struct manner *m = &s->conduct->manner[ev->other];

	m->attempt = (int32_t)ev->a;
	m->guarded = ev->req;
	if (ev->a == -GB_ENOENT && ev->req < s->n && s->conduct->manner[ev->req].armed && !s->conduct->renamed)
		conduct_find(s, GB_SPEC_LTIMEOUT_BLIND, ev->req, ev->other, 0, 0);
}

void conduct_cancel(struct gb_spec *s, const struct gb_event *ev)
{
	struct manner *m;
	bool sure;

	if (ev->other >= s->n)
		return;
	if (s->trace->sqes[ev->other].opcode == IORING_OP_LINK_TIMEOUT) {
		attempt(s, ev);
		return;
	}
	m = &s->conduct->manner[ev->other];
	if (ev->a)
		return;
	m->steps++;
	if (ev->req >= s->n || s->conduct->renamed)
		return;
	if (!asks_for(s, ev->other, ev->req, &sure) && sure)
		conduct_find(s, GB_SPEC_CANCEL_MATCH, ev->req, ev->other, 0, 0);
	if (s->conduct->manner[ev->req].armed && m->after_timeout)
		conduct_find(s, GB_SPEC_CANCEL_ORDER, ev->req, ev->other, 0, 0);
	m->after_timeout |= s->trace->sqes[ev->req].opcode == IORING_OP_TIMEOUT;
	s->conduct->manner[ev->req].armed = false;
}
