/* SPDX-License-Identifier: MIT */
/* Conduct: who may do what, and when. */
#include <stdlib.h>
#include <string.h>

#include "conduct.h"

#define NONBLOCK (1U << 31) /* of the issue flags (S1.9) */

/* ---- life ---- */

static uint32_t provided_room(const struct gb_trace *trace)
{
	uint32_t n = 2;

	for (uint32_t k = 0; k < trace->n_sqes; k++)
		if (trace->sqes[k].opcode == IORING_OP_PROVIDE_BUFFERS && !trace->sqes[k].fd.is_object &&
		    trace->sqes[k].fd.number > 0 && trace->sqes[k].fd.number <= 65536)
			n += (uint32_t)trace->sqes[k].fd.number;
	for (uint32_t k = 0; k < trace->n_stmts; k++)
		if (trace->stmts[k].kind == GB_STMT_PROVIDE)
			n += trace->stmts[k].n;
	return n;
}

bool conduct_new(struct gb_spec *s)
{
	const struct gb_trace *trace = s->trace;
	struct conduct *c = calloc(1, sizeof(*c));

	s->conduct = c;
	if (!c)
		return false;
	c->room = s->n + 16;
	c->list_room = provided_room(trace);
	c->tags = 1;
	for (uint32_t k = 0; k < trace->n_objects; k++)
		if (trace->objects[k].depth > c->tags)
			c->tags = trace->objects[k].depth;
	for (uint32_t k = 0; k < s->n; k++)
		c->renamed |= trace->sqes[k].opcode == IORING_OP_POLL_REMOVE && trace->sqes[k].len;
	c->manner = calloc((size_t)s->n + 1, sizeof(*c->manner));
	c->found = calloc(c->room, sizeof(*c->found));
	c->list = calloc(c->list_room, sizeof(*c->list));
	c->group = calloc((size_t)s->n + trace->n_stmts + 1, sizeof(*c->group));
	c->block = calloc((size_t)trace->n_blkreqs + 1, sizeof(*c->block));
	c->owner = calloc((size_t)c->tags * (trace->n_objects + 1), sizeof(*c->owner));
	return c->manner && c->found && c->list && c->group && c->block && c->owner;
}

void conduct_free(struct gb_spec *s)
{
	struct conduct *c = s->conduct;

	if (!c)
		return;
	free(c->manner);
	free(c->found);
	free(c->list);
	free(c->group);
	free(c->block);
	free(c->owner);
	free(c);
}

void conduct_reset(struct gb_spec *s)
{
	struct conduct *c = s->conduct;

	for (uint32_t k = 0; k < s->n; k++)
		c->manner[k] = (struct manner){.leader = SPEC_NONE, .guarded = SPEC_NONE};
	memset(c->block, 0, ((size_t)s->trace->n_blkreqs + 1) * sizeof(*c->block));
	memset(c->owner, 0, (size_t)c->tags * (s->trace->n_objects + 1) * sizeof(*c->owner));
	c->n_found = 0;
	c->current = SPEC_NONE;
	c->in_batch = c->early = c->ending = c->restricted = false;
	conduct_buffers_reset(s);
}

void conduct_find(struct gb_spec *s, enum gb_spec_rule_id rule, uint32_t req, uint32_t other, int64_t a, int64_t b)
{
	struct conduct *c = s->conduct;

	if (c->n_found < c->room)
		c->found[c->n_found++] =
			(struct gb_spec_finding){.rule = (uint16_t)rule, .req = req, .other = other, .n = {a, b}};
}

void conduct_judge(struct gb_spec *s)
{
	const struct conduct *c = s->conduct;

	for (uint32_t k = 0; k < c->n_found && s->n_list < s->room; k++) {
		const struct gb_spec_finding *f = &c->found[k];

		/* a bundle takes several buffers and names the first */
		if (f->rule == GB_SPEC_BUFFER_ID && f->req < s->n &&
		    s->trace->sqes[f->req].ioprio & IORING_RECVSEND_BUNDLE)
			continue;
		s->list[s->n_list++] = *f;
	}
}

/* ---- who posts, and when (S2.5, S5.12) ---- */

static void posted(struct gb_spec *s, const struct gb_event *ev)
{
	struct conduct *c = s->conduct;

	if (ev->actor == GB_ACTOR_WORKER && s->trace->setup_flags & (IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_IOPOLL))
		conduct_find(s, GB_SPEC_WORKER_POSTS, ev->req, SPEC_NONE, 0, 0);
	if (ev->actor != GB_ACTOR_APP || !c->in_batch)
		return;
	/* S5.1: what a multishot posts flushes what came before it */
	if (ev->b & IORING_CQE_F_MORE) {
		c->in_batch = c->early = false;
		return;
	}
	c->early = true;
	c->early_req = ev->req;
}

static void read_next(struct gb_spec *s, const struct gb_event *ev)
{
	struct conduct *c = s->conduct;

	if (ev->actor == GB_ACTOR_APP && c->in_batch && c->early) {
		conduct_find(s, GB_SPEC_EARLY_POST, c->early_req, SPEC_NONE, 0, 0);
		c->in_batch = false;
	}
}

/* ---- members (S5.17, S4.12) ---- */

static void queued(struct gb_spec *s, const struct gb_event *ev, struct manner *m)
{
	struct manner *leader = ev->other < s->n ? &s->conduct->manner[ev->other] : NULL;

	if (!leader)
		return;
	m->leader = ev->other;
	m->rank = leader->queued_members++;
	m->queued = true;
}

/* I22, until the task goes away: then work moves from list to list. */
static void runs(struct gb_spec *s, const struct gb_event *ev, struct manner *m)
{
	struct manner *leader;

	m->dead_run = m->queued && ev->actor == GB_ACTOR_FALLBACK;
	if (!m->queued)
		return;
	m->queued = false;
	leader = &s->conduct->manner[m->leader];
	if (m->rank != leader->ran && !s->conduct->ending && ev->actor != GB_ACTOR_FALLBACK)
		conduct_find(s, GB_SPEC_MEMBER_ORDER, ev->req, m->leader, m->rank + 1LL, leader->ran + 1LL);
	leader->ran++;
}

/* ---- issue and its end ---- */

/* A buffered regular file that cannot be read, or written, without waiting (S7.5). */
static bool always_waits(const struct gb_spec *s, const struct gb_sqe *sqe)
{
	const struct gb_object *o;

	if (!sqe->fd.is_object || sqe->flags & IOSQE_FIXED_FILE)
		return false;
	o = &s->trace->objects[sqe->fd.object];
	if (o->kind != GB_FILE || o->direct || o->file.poll)
		return false;
	return !o->file.nowait || (spec_is_write(sqe->opcode) && !o->file.wasync);
}

static bool is_pipe_or_sock(const struct gb_spec *s, const struct gb_sqe *sqe)
{
	if (!sqe->fd.is_object || sqe->flags & IOSQE_FIXED_FILE)
		return false;
	return s->trace->objects[sqe->fd.object].kind == GB_PIPE || s->trace->objects[sqe->fd.object].kind == GB_SOCK;
}

static void done(struct gb_spec *s, const struct gb_event *ev, const struct manner *m)
{
	const struct gb_sqe *sqe = &s->trace->sqes[ev->req];
	const bool inside = m->issues && m->issue_step == ev->step && m->issue_flags & NONBLOCK;
	const bool rw = spec_is_read(sqe->opcode) || spec_is_write(sqe->opcode);

	if (rw && inside && ev->a >= 0 && always_waits(s, sqe))
		conduct_find(s, GB_SPEC_INLINE, ev->req, SPEC_NONE, 0, 0);
	if (spec_is_write(sqe->opcode) && inside && ev->a == -GB_EPIPE && is_pipe_or_sock(s, sqe))
		conduct_find(s, GB_SPEC_ERROR_INLINE, ev->req, SPEC_NONE, ev->a, 0);
	if (spec_is_message(sqe->opcode) && sqe->ioprio & IORING_RECVSEND_POLL_FIRST && m->issues == 1 && ev->a >= 0 &&
	    !s->fact[ev->req].finals)
		conduct_find(s, GB_SPEC_POLL_FIRST, ev->req, SPEC_NONE, ev->a, 0);
	if (m->poll_step && m->poll_step == ev->step && ev->a == -GB_EFAULT && m->issue_step != ev->step)
		conduct_find(s, GB_SPEC_DEAD_POLL, ev->req, SPEC_NONE, ev->a, 0);
	if (m->dead_run && ev->a == -GB_ECANCELED && m->leader != SPEC_NONE && m->attempt == 0)
		conduct_find(s, GB_SPEC_DEAD_MEMBER, ev->req, m->leader, ev->a, 0);
}

/* S3.14 */
static void punted(struct gb_spec *s, const struct gb_event *ev, const struct manner *m)
{
	const struct gb_sqe *sqe = &s->trace->sqes[ev->req];

	if (!m->file || ev->b || !spec_is_write(sqe->opcode) || !sqe->fd.is_object || sqe->flags & IOSQE_FIXED_FILE)
		return;
	if (s->trace->objects[sqe->fd.object].kind == GB_FILE && !s->trace->objects[sqe->fd.object].direct)
		conduct_find(s, GB_SPEC_HASHED, ev->req, SPEC_NONE, 0, 0);
}

/* ---- events ---- */

static void of_request(struct gb_spec *s, const struct gb_event *ev, struct manner *m)
{
	struct conduct *c = s->conduct;

	switch (ev->type) {
	case GB_EV_INIT:
		read_next(s, ev);
		break;
	case GB_EV_CQE:
		posted(s, ev);
		break;
	case GB_EV_QMEMBER:
		queued(s, ev, m);
		m->attempt = (int32_t)ev->a;
		break;
	case GB_EV_TW_RUN:
		c->current = ev->req;
		c->current_step = ev->step;
		runs(s, ev, m);
		break;
	case GB_EV_ISSUE:
		c->current = ev->req;
		c->current_step = ev->step;
		m->issues++;
		m->issue_step = ev->step;
		m->issue_flags = (uint32_t)ev->b;
		break;
	case GB_EV_FAIL:
		m->failed |= !m->issues;
		break;
	case GB_EV_FILE:
		m->file = true;
		break;
	case GB_EV_PUNT:
		punted(s, ev, m);
		break;
	case GB_EV_DONE:
		done(s, ev, m);
		break;
	default:
		break;
	}
	conduct_poll(s, ev, m);
	conduct_buffers(s, ev, m);
}

static void registered(struct gb_spec *s, const struct gb_event *ev)
{
	if (ev->b != IORING_REGISTER_RESTRICTIONS || ev->a)
		return;
	if (s->conduct->restricted)
		conduct_find(s, GB_SPEC_RESTRICTED_AGAIN, GB_NO_REQ, SPEC_NONE, 0, 0);
	s->conduct->restricted = true;
}

void conduct_event(struct gb_spec *s, const struct gb_event *ev)
{
	struct conduct *c = s->conduct;

	switch (ev->type) {
	case GB_EV_ENTER:
		c->in_batch = ev->a > 0;
		c->early = false;
		break;
	case GB_EV_LEAVE:
		c->in_batch = false;
		break;
	case GB_EV_DYING:
	case GB_EV_TASK_EXIT:
		c->ending = true;
		break;
	case GB_EV_REGISTERED:
		registered(s, ev);
		break;
	case GB_EV_CANCEL:
		conduct_cancel(s, ev);
		break;
	case GB_EV_BLK_DISPATCH:
	case GB_EV_BLK_REF:
	case GB_EV_BLK_REQUEUE:
	case GB_EV_BLK_DONE:
		conduct_block(s, ev);
		break;
	default:
		if (ev->req < s->n)
			of_request(s, ev, &c->manner[ev->req]);
		break;
	}
}
