/* SPDX-License-Identifier: MIT */
#include "explain_facts.h"

#include <stdlib.h>

static struct fact_request *request(const struct facts *f, uint32_t sqe)
{
	return sqe < f->trace->n_sqes ? &f->request[sqe] : NULL;
}

static struct fact_act act(const struct gb_event *ev)
{
	return (struct fact_act){ev->step, ev->actor, ev->actor_index};
}

/* ---- steps that matter ---- */

const struct fact_mark *facts_mark(const struct facts *f, uint64_t step)
{
	for (uint32_t i = 0; step && i < f->n_marks; i++)
		if (f->mark[i].step == step)
			return &f->mark[i];
	return NULL;
}

static void mark(struct facts *f, uint64_t step, bool named)
{
	struct fact_mark *m = (struct fact_mark *)facts_mark(f, step);

	if (m)
		m->named = m->named || named;
	else if (step && f->n_marks < FACT_MARKS)
		f->mark[f->n_marks++] = (struct fact_mark){step, named};
}

/* The last steps that were about a request, and about the leader of its group. */
static void mark_recent(struct facts *f, uint32_t sqe)
{
	for (const struct fact_request *r = request(f, sqe); r; r = request(f, r->leader))
		for (uint32_t i = 0; i < FACT_RECENT; i++)
			mark(f, r->recent[i], false);
}

static void on_violation(void *user, const struct gb_violation *v)
{
	struct facts *f = user;

	mark(f, v->step[0], true);
	mark(f, v->step[1], true);
	mark_recent(f, v->req);
	mark_recent(f, v->other);
}

static void note_recent(struct facts *f, const struct gb_event *ev, uint32_t sqe)
{
	struct fact_request *r = request(f, sqe);

	if (!r || ev->type == GB_EV_FILE || ev->type == GB_EV_REQ_REF || ev->type == GB_EV_REAP ||
	    (r->n_recent && r->recent[(r->n_recent - 1) % FACT_RECENT] == ev->step))
		return;
	r->recent[r->n_recent++ % FACT_RECENT] = ev->step;
}

/* ---- leases ---- */

/* The lease of a buffer that is the youngest; NULL if there is none. */
static struct fact_lease *lease_of(const struct facts *f, uint64_t buffer)
{
	for (uint32_t i = f->n_leases; i-- > 0;)
		if (f->lease[i].buffer == buffer)
			return &f->lease[i];
	return NULL;
}

static void note_lease(struct facts *f, const struct gb_event *ev)
{
	struct fact_lease *l = lease_of(f, ev->d);

	if (l && l->leader == ev->req && !l->error && !ev->a) {
		l->leases++;
		return;
	}
	if (f->n_leases == f->leases_room) {
		const uint32_t room = f->leases_room ? f->leases_room * 2 : 8;
		struct fact_lease *more = realloc(f->lease, room * sizeof(*more));

		f->no_memory = f->no_memory || !more;
		if (!more)
			return;
		f->lease = more;
		f->leases_room = room;
	}
	f->lease[f->n_leases++] = (struct fact_lease){.buffer = ev->d,
						      .leader = ev->req,
						      .len = ev->b,
						      .dir = ev->c,
						      .error = ev->a,
						      .leased = act(ev),
						      .leases = !ev->a,
						      .last_holder = GB_NO_REQ};
}

static void note_ack(struct facts *f, const struct gb_event *ev)
{
	struct fact_lease *l = lease_of(f, ev->d);

	if (!l)
		return;
	if (!l->acks++) {
		l->back = act(ev);
		l->after = ev->a;
		l->untouched = ev->b;
	}
}

/* The last reference to a group is gone: all leases of its leader have their last holder. */
static void note_last_put(struct facts *f, const struct gb_event *ev)
{
	for (uint32_t i = 0; i < f->n_leases; i++) {
		struct fact_lease *l = &f->lease[i];

		if (l->leader != ev->req || l->last_put.step)
			continue;
		l->last_put = act(ev);
		l->last_holder = f->last_posted;
	}
}

/* ---- requests ---- */

static void note_issue(struct fact_request *r, const struct gb_event *ev)
{
	if (!r->issues++)
		r->first_issue = act(ev);
	r->last_issue = act(ev);
}

static void note_end(struct facts *f, struct fact_request *r, const struct gb_event *ev)
{
	r->last = *ev;
	f->last_posted = ev->req;
	if (ev->type == GB_EV_SKIP) {
		r->silent = true;
		return;
	}
	r->cqes++;
	r->position = ev->c;
}

static void note_request(struct facts *f, struct fact_request *r, const struct gb_event *ev)
{
	switch (ev->type) {
	case GB_EV_INIT:
		r->begun = true;
		break;
	case GB_EV_JOIN:
		r->leader = ev->other;
		if (request(f, ev->other))
			request(f, ev->other)->members++;
		break;
	case GB_EV_LINK:
		r->behind = ev->other;
		break;
	case GB_EV_ISSUE:
		note_issue(r, ev);
		break;
	case GB_EV_GRP:
		r->grp_refs = ev->a;
		if (!ev->a)
			note_last_put(f, ev);
		break;
	case GB_EV_IMPORT:
		r->imported = act(ev);
		r->import_result = ev->a;
		break;
	case GB_EV_LEASE:
		note_lease(f, ev);
		break;
	case GB_EV_ACK:
		note_ack(f, ev);
		break;
	case GB_EV_CQE:
	case GB_EV_SKIP:
		note_end(f, r, ev);
		break;
	case GB_EV_FREE:
		r->freed = true;
		break;
	default:
		break;
	}
}

static void note_blk(struct facts *f, const struct gb_event *ev)
{
	struct fact_blk *b = ev->d < f->trace->n_blkreqs ? &f->blk[ev->d] : NULL;

	if (!b)
		return;
	if (ev->type == GB_EV_BLK_NEW)
		b->arrived = act(ev);
	else if (ev->type == GB_EV_BLK_QUEUE)
		b->tag = ev->a;
	else if (ev->type == GB_EV_BLK_REF || ev->type == GB_EV_BLK_FINAL)
		b->refs = ev->a;
	else if (ev->type == GB_EV_BLK_DONE) {
		b->done = act(ev);
		b->result = ev->a;
	}
}

static void on_event(void *user, const struct gb_event *ev)
{
	struct facts *f = user;
	struct fact_request *r = request(f, ev->req);

	note_recent(f, ev, ev->req);
	if (ev->type == GB_EV_HAZARD) {
		f->hazards++;
		mark_recent(f, ev->req);
		mark(f, ev->step, true);
	}
	if (ev->type >= GB_EV_BLK_NEW && ev->type <= GB_EV_BLK_FINAL)
		note_blk(f, ev);
	else if (r)
		note_request(f, r, ev);
}

bool facts_new(struct facts *f, const struct gb_trace *trace)
{
	*f = (struct facts){.trace = trace, .last_posted = GB_NO_REQ};
	f->request = calloc(trace->n_sqes ? trace->n_sqes : 1, sizeof(*f->request));
	f->blk = calloc(trace->n_blkreqs ? trace->n_blkreqs : 1, sizeof(*f->blk));
	for (uint32_t i = 0; f->request && i < trace->n_sqes; i++)
		f->request[i].leader = f->request[i].behind = GB_NO_REQ;
	return f->request && f->blk;
}

void facts_free(struct facts *f)
{
	free(f->request);
	free(f->blk);
	free(f->lease);
}

struct play_listener facts_listener(struct facts *f)
{
	return (struct play_listener){.user = f, .event = on_event, .violation = on_violation};
}
