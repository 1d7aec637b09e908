/* SPDX-License-Identifier: MIT */
/* What follows from a state: every alternative of the actor, and of what is asked on the way. */
#include <stdlib.h>
#include <string.h>

#include "groupbuf/explore.h"

#include "search.h"

/* ---- steps of a state as bits ---- */

/* The name of the request an alternative is about. */
static uint32_t name_of(const struct ck_worker *w, const struct gb_alternative *a)
{
	return w->rename && a->req != GB_NO_REQ ? w->rename[a->req] : a->req;
}

/* Actors by name, not by number: workers are numbered as they were created. */
static bool comes_before(const struct ck_worker *w, const struct gb_alternative *a, const struct gb_alternative *b)
{
	return a->kind != b->kind ? a->kind < b->kind : name_of(w, a) < name_of(w, b);
}

/* How many names come before that of an alternative. */
static uint32_t rank_of(const struct ck_worker *w, const struct gb_choice *choice, uint32_t i)
{
	uint32_t rank = 0;

	for (uint32_t k = 0; k < choice->n; k++) {
		bool first = comes_before(w, &choice->alt[k], &choice->alt[i]);

		for (uint32_t j = 0; j < k && first; j++)
			first = choice->alt[j].kind != choice->alt[k].kind || choice->alt[j].req != choice->alt[k].req;
		rank += first;
	}
	return rank;
}

/* The bit of a name. Those who share one are taken together. */
static uint8_t bit_of(const struct ck_worker *w, const struct gb_choice *choice, uint32_t i)
{
	return (uint8_t)(1U << rank_of(w, choice, i));
}

/* The bits of all names, or 0 if there are more than a mask has. */
static uint8_t bits_of(const struct ck_worker *w, const struct gb_choice *choice)
{
	uint32_t bits = 0;

	for (uint32_t i = 0; i < choice->n; i++)
		bits |= 1U << rank_of(w, choice, i);
	return bits <= CK_MASK_ALL ? (uint8_t)bits : 0;
}

static bool is_last(const struct ck_worker *w, const struct gb_alternative *alt)
{
	return alt->kind + 1 == w->ctx.last_kind && alt->index == w->ctx.last_index;
}

static bool is_interrupt(const struct gb_alternative *alt)
{
	return alt->kind == GB_ACTOR_IRQ || alt->kind == GB_ACTOR_TIMER;
}

/*
 * The steps of the state the worker is in: those to take now, and those that
 * cost a preemption, for the one that took the last step could go on. Where they have no bits of
 * their own none is put off.
 */
static void split(struct ck_worker *w, struct ck_result *r)
{
	struct gb_choice choice;
	uint8_t now = 0;
	bool goes_on = false;

	gb_world_enabled(w->world, &choice);
	r->now = CK_MASK_ALL;
	r->later = 0;
	if (choice.n < 2 || !bits_of(w, &choice))
		return;
	r->now = bits_of(w, &choice);
	if (w->check->config.order != GB_CHECK_PREEMPTIONS)
		return;
	for (uint32_t i = 0; i < choice.n; i++) {
		goes_on = goes_on || is_last(w, &choice.alt[i]);
		if (is_interrupt(&choice.alt[i]) || is_last(w, &choice.alt[i]))
			now |= bit_of(w, &choice, i);
	}
	if (!goes_on)
		return;
	r->later = r->now & (uint8_t)~now;
	r->now = now;
}

/* ---- results ---- */

static struct ck_result *new_result(struct ck_chunk *to)
{
	if (to->n == to->room) {
		const uint32_t room = to->room * 2 + 64;
		struct ck_result *list = realloc(to->result, room * sizeof(*list));

		if (!list) {
			to->no_memory = true;
			return NULL;
		}
		to->result = list;
		to->room = room;
	}
	to->result[to->n] = (struct ck_result){0};
	return &to->result[to->n++];
}

/* Room for n more bytes of a chunk. */
static bool have_bytes(struct ck_chunk *to, size_t n)
{
	unsigned char *bytes;

	if (to->size - to->used >= n)
		return true;
	bytes = realloc(to->bytes, to->size * 2 + n);
	if (!bytes) {
		to->no_memory = true;
		return false;
	}
	to->bytes = bytes;
	to->size = to->size * 2 + n;
	return true;
}

/* What makes two states the same. */
static size_t write_form(struct ck_worker *w)
{
	const size_t own = offsetof(struct ck_ctx, hazards);
	struct ck_ctx ctx = w->ctx;
	size_t n = own;

	if (w->check->outcomes != GB_CHECK_NONE || !w->check->positions)
		ctx.reaped = 0;
	memcpy(w->form, &ctx, own);
	if (w->monitor)
		n += gb_monitor_canonical(w->monitor, w->rename, w->form + n);
	return n + gb_world_canonical(w->world, w->rename, w->check->canonical, w->form + n);
}

static void store(struct ck_worker *w, struct ck_result *r, size_t form)
{
	struct ck_chunk *to = w->to;
	const size_t size = w->head + gb_world_size(w->world);
	const bool exact = w->check->config.exact;

	if (!have_bytes(to, ck_pack_bound(size) + (exact ? form : 0)))
		return;
	ck_worker_save(w, w->next);
	memset(w->next + size, 0, 8);
	r->at = to->used;
	r->bytes = (uint32_t)ck_pack(w->next, size, w->check->start, to->bytes + to->used);
	to->used += r->bytes;
	if (exact) {
		r->form = (uint32_t)form;
		memcpy(to->bytes + to->used, w->form, form);
		to->used += form;
	}
}

static void reached_state(struct ck_worker *w, struct ck_result *r)
{
	const struct gb_check *c = w->check;
	const uint64_t *slot;
	size_t form;

	ck_symmetry_names(w);
	split(w, r);
	if (!(c->config.reductions & GB_CHECK_VISITED)) {
		store(w, r, 0);
		return;
	}
	form = write_form(w);
	r->hash = ck_hash_bytes(w->form, form, 0);
	slot = ck_visited_find(&c->visited, r->hash, w->form, form);
	if (!slot || (r->now & ~*slot & CK_MASK_ALL))
		store(w, r, form);
}

static void reached_end(struct ck_worker *w, struct ck_result *r, enum gb_run_state state)
{
	if (w->monitor) {
		gb_monitor_finish(w->monitor, state);
		ck_watch_violations(w);
		for (uint32_t i = 0; gb_invariant_at(i); i++)
			w->exercised[i] = w->exercised[i] || gb_monitor_exercised(w->monitor, i);
	}
	r->state = (uint8_t)state;
	r->hash = w->ctx.story;
	ck_hash_add(&r->hash, w->ctx.side.a, w->ctx.side.b);
	ck_hash_add(&r->hash, (uint64_t)state, 0);
}

/* One run along the edge w->edge; false if it cannot be told from others. */
static bool follow(struct ck_worker *w, uint16_t item, uint32_t n, uint32_t pick)
{
	enum gb_run_state state;
	const enum ck_target target = ck_worker_edge(w, n, pick, &state);
	struct ck_result *r = new_result(w->to);

	if (!r)
		return false;
	r->item = item;
	r->edge = (uint16_t)w->edge.edge;
	r->depth = w->ctx.depth;
	r->steps = (uint32_t)gb_world_steps(w->world);
	r->target = (uint8_t)(w->odo.full ? CK_LIMIT : target);
	if (target == CK_STATE)
		reached_state(w, r);
	else
		reached_end(w, r, state);
	return !w->odo.full;
}

/* Every way to take alternative `pick`. */
static void explore(struct ck_worker *w, uint16_t item, uint32_t n, uint32_t pick)
{
	uint32_t nth = 0;

	w->odo = (struct ck_odometer){0};
	do {
		w->odo.full = nth == (1U << CK_EDGE_BITS) - 1;
		w->edge.edge = CK_EDGE(pick, nth++);
		ck_worker_again(w);
		if (!follow(w, item, n, pick))
			return;
	} while (ck_odometer_next(&w->odo));
}

static void expand(struct ck_worker *w, uint16_t item)
{
	const struct ck_item *it = &w->check->item[item];
	struct gb_choice choice;
	uint64_t bits; /* alternatives to take, as they stand in the choice */
	bool all;
	uint32_t n;

	ck_worker_load(w, w->check->packed + it->at, it->entry.bytes);
	w->edge.state = it->entry.node;
	n = gb_world_enabled(w->world, &choice);
	if (n < 2) {
		explore(w, item, n, 0);
		return;
	}
	all = it->entry.mask == CK_MASK_ALL;
	bits = 0;
	if (!all) {
		ck_symmetry_names(w);
		for (uint32_t i = 0; i < n; i++)
			bits |= (uint64_t)((it->entry.mask & bit_of(w, &choice, i)) != 0) << i;
	}
	for (uint32_t i = 0; i < n; i++)
		if (all || bits >> i & 1U)
			explore(w, item, n, i);
}

void ck_expand(struct ck_worker *w, uint32_t index)
{
	const struct gb_check *c = w->check;
	struct ck_chunk *to = w->to = &w->check->chunk[index];

	to->n = 0;
	to->used = 0;
	to->n_findings = 0;
	to->steps = 0;
	for (uint32_t i = index * CK_CHUNK; i < (index + 1) * CK_CHUNK && i < c->n_items; i++)
		expand(w, (uint16_t)i);
	w->to = NULL;
}
