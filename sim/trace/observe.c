/* SPDX-License-Identifier: MIT */
/* From events to observations. */
#include <stdlib.h>
#include <string.h>

#include "trace/observer.h"

bool gb_word_stops(const char *word)
{
#define X(id, name, stops)             \
	if (strcmp(word, (name)) == 0) \
		return (stops) != 0;
	GB_HAZARD_LIST(X)
#undef X
	return false;
}

static bool grow(struct gb_obs_list *list)
{
	uint32_t room = list->room ? list->room * 2 : 32;
	struct gb_obs *obs = realloc(list->obs, room * sizeof(*obs));

	if (!obs)
		return false;
	list->obs = obs;

	struct gb_event *why = realloc(list->why, room * sizeof(*why));

	if (!why)
		return false;
	list->why = why;
	list->room = room;
	return true;
}

/* Takes over what obs owns. */
static void append(struct gb_observer *o, struct gb_obs_list *list, struct gb_obs obs, const struct gb_event *why)
{
	if (list->n == list->room && !grow(list)) {
		o->no_memory = true;
		gb_obs_clear(&obs);
		return;
	}
	list->obs[list->n] = obs;
	list->why[list->n] = why ? *why : (struct gb_event){0};
	list->n++;
}

static void clear_list(struct gb_obs_list *list)
{
	for (uint32_t i = 0; i < list->n; i++)
		gb_obs_clear(&list->obs[i]);
	list->n = 0;
}

static void free_list(struct gb_obs_list *list)
{
	clear_list(list);
	free(list->obs);
	free(list->why);
}

static struct gb_obs *seen_line(const struct gb_seen *line)
{
	struct gb_obs *obs = calloc(line->n ? line->n : 1, sizeof(*obs));

	for (uint32_t i = 0; obs && i < line->n; i++) {
		obs[i].kind = GB_OBS_CQE;
		obs[i].sqe = line->cqe[i].sqe;
		obs[i].res = line->cqe[i].res;
		obs[i].pos = line->pos;
	}
	return obs;
}

struct gb_observer *gb_observer_new(const struct gb_trace *trace)
{
	struct gb_observer *o = calloc(1, sizeof(*o));

	if (!o)
		return NULL;
	o->trace = trace;
	o->ack_of = calloc(trace->n_sqes ? trace->n_sqes : 1, sizeof(*o->ack_of));
	o->seen = calloc(trace->n_seen ? trace->n_seen : 1, sizeof(struct gb_obs *));

	o->blk = calloc(trace->n_blkreqs ? trace->n_blkreqs : 1, sizeof(*o->blk));

	bool ok = o->ack_of && o->seen && o->blk;

	for (uint32_t i = 0; ok && i < trace->n_seen; i++) {
		o->seen[i] = seen_line(&trace->seen[i]);
		ok = o->seen[i] != NULL;
	}
	if (!ok) {
		gb_observer_free(o);
		return NULL;
	}
	return o;
}

void gb_observer_free(struct gb_observer *observer)
{
	if (!observer)
		return;
	for (uint32_t i = 0; observer->seen && i < observer->trace->n_seen; i++)
		free(observer->seen[i]);
	free(observer->seen);
	free(observer->ack_of);
	free(observer->blk);
	free_list(&observer->lines);
	free_list(&observer->acks);
	free_list(&observer->blks);
	free_list(&observer->finals);
	free(observer);
}

void gb_observer_reset(struct gb_observer *observer)
{
	clear_list(&observer->lines);
	clear_list(&observer->acks);
	clear_list(&observer->blks);
	clear_list(&observer->finals);
	memset(observer->ack_of, 0, observer->trace->n_sqes * sizeof(*observer->ack_of));
	memset(observer->blk, 0, observer->trace->n_blkreqs * sizeof(*observer->blk));
	observer->any_cqe = false;
	observer->dead = false;
	observer->no_memory = false;
}

/* Events name an end of an object in one number. */
static struct gb_fd end_of(int64_t packed)
{
	return (struct gb_fd){
		.is_object = true,
		.object = (uint8_t)((uint64_t)packed >> 8),
		.end = (uint8_t)packed,
		.number = -1,
	};
}

/* The ack line of a leader, made at its first lease; NULL if there is no memory or no such SQE. */
static struct gb_obs *ack_line(struct gb_observer *o, uint32_t leader)
{
	if (leader >= o->trace->n_sqes)
		return NULL;
	if (!o->ack_of[leader]) {
		uint32_t n = o->acks.n;

		append(o, &o->acks, (struct gb_obs){.kind = GB_OBS_ACK, .sqe = leader}, NULL);
		if (o->acks.n == n)
			return NULL;
		o->ack_of[leader] = o->acks.n;
	}
	return &o->acks.obs[o->ack_of[leader] - 1];
}

static void on_lease(struct gb_observer *o, const struct gb_event *ev)
{
	struct gb_obs *line = ev->a == 0 ? ack_line(o, ev->req) : NULL;

	if (line)
		line->leases++;
}

static void on_ack(struct gb_observer *o, const struct gb_event *ev)
{
	struct gb_obs *line = ack_line(o, ev->req);

	if (!line)
		return;
	/* The first ack is the moment the owner may use the buffer; a second one is counted only. */
	if (line->acks++ == 0) {
		line->after = (uint32_t)ev->a;
		line->untouched = (uint64_t)ev->b;
		line->hash = (uint64_t)ev->c;
	}
}

static void on_hazard(struct gb_observer *o, const struct gb_event *ev)
{
	struct gb_obs obs = {
		.kind = GB_OBS_HAZARD,
		.word = strdup(gb_hazard_name((enum gb_hazard_kind)ev->a)),
		.function = strdup(ev->function ? ev->function : "?"),
		.of = ev->req < o->trace->n_sqes ? ev->req + 1 : 0,
		.text = ev->text ? strdup(ev->text) : NULL,
	};

	if (!obs.word || !obs.function || (ev->text && !obs.text)) {
		o->no_memory = true;
		gb_obs_clear(&obs);
		return;
	}
	append(o, &o->lines, obs, ev);
	if (ev->b)
		o->dead = true;
}

static void on_reap(struct gb_observer *o, const struct gb_event *ev)
{
	struct gb_obs obs = {.kind = GB_OBS_CQE, .sqe = ev->req, .res = (int32_t)ev->a, .flags = (uint32_t)ev->b};

	o->any_cqe = true;
	append(o, &o->lines, obs, ev);
}

static void on_outside(struct gb_observer *o, const struct gb_event *ev)
{
	struct gb_obs obs = {.kind = GB_OBS_GOT, .end = end_of(ev->a), .res = (int32_t)ev->b};

	if (ev->type == GB_EV_WROTE) {
		if (ev->b == ev->c)
			return;
		obs.kind = GB_OBS_WROTE;
	} else {
		obs.hash = (uint64_t)ev->c;
	}
	append(o, &o->lines, obs, ev);
}

static void on_final(struct gb_observer *o, const struct gb_event *ev)
{
	struct gb_obs obs = {.kind = GB_OBS_FINAL, .end = end_of(ev->a), .hash = (uint64_t)ev->c};

	/* The line of a mem does not state its size, so it must not count. */
	if (obs.end.object >= o->trace->n_objects || o->trace->objects[obs.end.object].kind != GB_MEM)
		obs.bytes = (uint64_t)ev->b;
	append(o, &o->finals, obs, ev);
}

static void on_blk_done(struct gb_observer *o, const struct gb_event *ev)
{
	if (ev->d >= o->trace->n_blkreqs)
		return;
	o->blk[ev->d].done = true;
	o->blk[ev->d].res = (int32_t)ev->a;
	o->blk[ev->d].after = (uint32_t)ev->b;
}

static void on_blk_final(struct gb_observer *o, const struct gb_event *ev)
{
	struct gb_obs obs;

	if (ev->d >= o->trace->n_blkreqs)
		return;
	obs = o->blk[ev->d];
	obs.kind = GB_OBS_BLK;
	obs.blk = (uint32_t)ev->d;
	obs.refs = (uint32_t)ev->a;
	/* The line of any other operation does not state its bytes, so they must not count. */
	if (o->trace->blkreqs[ev->d].op == GB_BLK_read) {
		obs.untouched = (uint64_t)ev->b;
		obs.hash = (uint64_t)ev->c;
	}
	append(o, &o->blks, obs, ev);
}

void gb_observer_event(void *user, const struct gb_event *event)
{
	struct gb_observer *o = user;

	switch (event->type) {
	case GB_EV_REAP:
		on_reap(o, event);
		break;
	case GB_EV_SUBMITTED:
		if (event->a != event->b)
			append(o, &o->lines, (struct gb_obs){.kind = GB_OBS_SUBMITTED, .res = (int32_t)event->a},
			       event);
		break;
	case GB_EV_REGISTERED:
		if (event->a)
			append(o, &o->lines, (struct gb_obs){.kind = GB_OBS_REGISTERED, .res = (int32_t)event->a},
			       event);
		break;
	case GB_EV_STUCK:
		append(o, &o->lines, (struct gb_obs){.kind = GB_OBS_STUCK}, event);
		break;
	case GB_EV_CONNECTED:
		if (event->b)
			append(o, &o->lines,
			       (struct gb_obs){
				       .kind = GB_OBS_CONNECTED, .end = end_of(event->a), .res = (int32_t)event->b},
			       event);
		break;
	case GB_EV_GOT:
	case GB_EV_WROTE:
		on_outside(o, event);
		break;
	case GB_EV_LEASE:
		on_lease(o, event);
		break;
	case GB_EV_ACK:
		on_ack(o, event);
		break;
	case GB_EV_BLK_DONE:
		on_blk_done(o, event);
		break;
	case GB_EV_BLK_FINAL:
		on_blk_final(o, event);
		break;
	case GB_EV_FINAL:
		on_final(o, event);
		break;
	case GB_EV_HAZARD:
		on_hazard(o, event);
		break;
	default:
		break;
	}
}

void gb_observer_invariant(struct gb_observer *observer, char *text)
{
	if (text)
		append(observer, &observer->lines, (struct gb_obs){.kind = GB_OBS_INVARIANT, .text = text}, NULL);
	else
		observer->no_memory = true;
}

/* Moves the i-th observation of a list behind the lines. */
static void move(struct gb_observer *o, const struct gb_obs_list *from, uint32_t i)
{
	append(o, &o->lines, from->obs[i], &from->why[i]);
}

void gb_observer_finish(struct gb_observer *observer)
{
	/* A dead machine has no end state, and who knows what would have come. */
	if (observer->dead)
		return;
	if (!observer->any_cqe)
		append(observer, &observer->lines, (struct gb_obs){.kind = GB_OBS_CQE_NONE}, NULL);
	/* "The order of the leases" is that of the LEASE lines: a drained one may lease late. */
	for (uint32_t i = 0; i < observer->trace->n_sqes && observer->acks.n; i++)
		if (observer->ack_of[i])
			move(observer, &observer->acks, observer->ack_of[i] - 1);
	for (uint32_t i = 0; i < observer->blks.n; i++)
		move(observer, &observer->blks, i);
	for (uint32_t i = 0; i < observer->finals.n; i++)
		move(observer, &observer->finals, i);
	observer->acks.n = observer->blks.n = observer->finals.n = 0;
}

uint32_t gb_observer_count(const struct gb_observer *observer)
{
	return observer->lines.n;
}

const struct gb_obs *gb_observer_list(const struct gb_observer *observer)
{
	return observer->lines.obs;
}

bool gb_observer_failed(const struct gb_observer *observer)
{
	return observer->no_memory;
}

const struct gb_event *gb_observer_hazard(const struct gb_observer *observer, uint32_t i)
{
	const bool is = i < observer->lines.n && observer->lines.obs[i].kind == GB_OBS_HAZARD;

	return is ? &observer->lines.why[i] : NULL;
}

const struct gb_event *gb_observer_why(const struct gb_observer *observer, uint32_t i)
{
	return i < observer->lines.n && observer->lines.why[i].reason ? &observer->lines.why[i] : NULL;
}
