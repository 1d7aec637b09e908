/* SPDX-License-Identifier: MIT */
/* Observations as a digest: the lines `run` would print, in order or as a sum, without printing them. */
#include "groupbuf/room.h"

#include "search.h"

static struct ck_hash digest_of(const struct gb_event *ev, uint64_t x, uint64_t y)
{
	struct ck_hash h = {(uint64_t)ev->type, ev->req};

	ck_hash_add(&h, x, y);
	return h;
}

static void add_line(struct ck_worker *w, struct ck_hash h)
{
	ck_hash_add(&h, CK_K2, CK_K3);
	if (w->check->outcomes == GB_CHECK_ORDER) {
		ck_hash_add(&w->ctx.story, h.a, h.b);
		if (w->check->division)
			ck_division_note(&w->ctx, CK_BY_LINE, h);
	} else if (w->check->outcomes == GB_CHECK_RESULTS) {
		w->ctx.side.a += h.a;
		w->ctx.side.b += h.b;
	}
}

/* A line whose place among the others counts. */
static void in_order(struct ck_worker *w, const struct gb_event *ev, uint64_t x, uint64_t y)
{
	add_line(w, digest_of(ev, x, y));
}

/* A line that stands in a place of its own. */
static void anywhere(struct ck_worker *w, const struct gb_event *ev, uint64_t x, uint64_t y)
{
	struct ck_hash h = digest_of(ev, x, y);

	if (w->check->outcomes == GB_CHECK_NONE)
		return;
	ck_hash_add(&h, (uint64_t)ev->c, ev->d);
	w->ctx.side.a += h.a;
	w->ctx.side.b += h.b;
}

/* With outcomes NONE only what a property asks about makes a difference. */
static void relevant(struct ck_worker *w, const struct gb_event *ev, uint64_t x, uint64_t y)
{
	struct ck_hash h;

	if (w->check->outcomes != GB_CHECK_NONE || ev->req >= w->check->trace->n_sqes || !w->check->relevant[ev->req])
		return;
	h = digest_of(ev, x, y);
	w->ctx.side.a += h.a;
	w->ctx.side.b += h.b;
}

static void find(struct ck_worker *w, struct ck_finding finding)
{
	struct ck_chunk *to = w->to;
	struct ck_finding *list;

	if (!to)
		return;
	list = gb_room_for(to->finding, to->n_findings, &to->findings_room, sizeof(*list));
	if (!list) {
		to->no_memory = true;
		return;
	}
	to->finding = list;
	finding.path = w->edge;
	list[to->n_findings++] = finding;
}

/* A text that is compared by `run`; static. */
static uint64_t word_of(const char *text)
{
	uint64_t word = 0;

	for (const char *s = text; s && *s; s++)
		word = word * 31 + (unsigned char)*s;
	return word;
}

/* Adds it to what went wrong in this run. Members that are alike share a name: no line names them. */
static void add_wrong(struct ck_worker *w, struct ck_finding *f, struct ck_hash what)
{
	if (!w->check->n_lines)
		return;
	ck_hash_add(&what, (uint64_t)f->kind << 32 | f->id, ck_symmetry_first(w->check, f->req));
	w->ctx.wrong.a += what.a;
	w->ctx.wrong.b += what.b;
	f->run = w->ctx.wrong;
}

struct ck_finding ck_hazard_finding(const struct gb_event *ev)
{
	return (struct ck_finding){
		.kind = GB_CLAIM_HAZARD,
		.id = (uint32_t)ev->a,
		.req = ev->req,
		.function = ev->function ? ev->function : "?",
		.stops = ev->b != 0,
		.text = ev->text,
	};
}

struct ck_finding ck_violation_finding(const struct gb_violation *v)
{
	return (struct ck_finding){.kind = GB_CLAIM_INVARIANT, .id = v->invariant, .req = v->req, .violation = *v};
}

static void hazard(struct ck_worker *w, const struct gb_event *ev)
{
	struct ck_finding f = ck_hazard_finding(ev);
	const struct ck_hash what = {word_of(f.function), word_of(f.text)};

	add_line(w, digest_of(ev, (uint64_t)ev->a ^ what.a, what.b));
	add_wrong(w, &f, what);
	w->ctx.hazards++;
	find(w, f);
}

static void reap(struct ck_worker *w, const struct gb_event *ev)
{
	in_order(w, ev, (uint64_t)ev->a, (uint64_t)ev->b);
	relevant(w, ev, (uint64_t)ev->a, w->check->positions ? w->ctx.reaped : 0);
	w->ctx.reaped++;
}

/* What the sentence of a violation says but for its steps and whose it is. */
static struct ck_hash said_by(const struct gb_violation *v)
{
	struct ck_hash h = {v->sentence, v->other};

	ck_hash_add(&h, (uint64_t)v->n[0], (uint64_t)v->n[1]);
	return h;
}

void ck_watch_violations(struct ck_worker *w)
{
	const uint32_t n = gb_monitor_count(w->monitor);

	for (; w->violations < n; w->violations++) {
		struct ck_finding f = ck_violation_finding(&gb_monitor_list(w->monitor)[w->violations]);
		struct ck_hash line = said_by(&f.violation);

		add_wrong(w, &f, line);
		ck_hash_add(&line, f.id, (uint64_t)f.req << 32 | UINT32_MAX);
		add_line(w, line);
		find(w, f);
	}
}

void ck_watch(void *user, const struct gb_event *ev)
{
	struct ck_worker *w = user;
	const uint64_t a = (uint64_t)ev->a, b = (uint64_t)ev->b;

	if (w->monitor)
		gb_monitor_event(w->monitor, ev);
	if (w->monitor && gb_monitor_count(w->monitor) > w->violations)
		ck_watch_violations(w);
	if (w->check->division && ev->type == GB_EV_CQE)
		ck_division_note(&w->ctx, CK_BY_POST, digest_of(ev, a, b));
	switch (ev->type) {
	case GB_EV_REAP:
		reap(w, ev);
		break;
	case GB_EV_SUBMITTED:
		if (a != b)
			in_order(w, ev, a, 0);
		break;
	case GB_EV_REGISTERED:
		if (a)
			in_order(w, ev, a, 0);
		break;
	case GB_EV_STUCK:
		in_order(w, ev, 0, 0);
		break;
	case GB_EV_GOT:
		in_order(w, ev, a << 32 ^ b, (uint64_t)ev->c);
		break;
	case GB_EV_WROTE:
		if (b != (uint64_t)ev->c)
			in_order(w, ev, a, b);
		break;
	case GB_EV_LEASE:
		if (!a)
			anywhere(w, ev, 0, 0);
		break;
	case GB_EV_ACK:
		anywhere(w, ev, a, b);
		relevant(w, ev, a, 0);
		break;
	case GB_EV_BLK_DONE:
	case GB_EV_BLK_FINAL:
	case GB_EV_FINAL:
		anywhere(w, ev, a, b);
		break;
	case GB_EV_HAZARD:
		hazard(w, ev);
		break;
	default:
		break;
	}
}
