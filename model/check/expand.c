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

/* Ranks among the names that differ; returns how many those are. */
static uint32_t rank_shared(const uint64_t *name, uint32_t n, uint8_t *rank)
{
	bool again[GB_MAX_ALTERNATIVES]; /* an alternative before it has the same name */
	uint32_t names = 0;

	for (uint32_t i = 0; i < n; i++) {
		again[i] = false;
		for (uint32_t k = 0; k < i; k++)
			again[i] |= name[k] == name[i];
		names += !again[i];
	}
	for (uint32_t i = 0; i < n; i++) {
		rank[i] = 0;
		for (uint32_t k = 0; k < n; k++)
			rank[i] = (uint8_t)(rank[i] + (!again[k] && name[k] < name[i]));
	}
	return names;
}

/*
 * The bit of each alternative: the rank of its name among those there are.
 * Actors go by name, not by number: workers are numbered as they were created.
 * Those who share a name share the bit and are taken together. Returns the bits
 * of all, or 0 if there are more names than a mask has bits.
 */
static uint8_t find_bits(const struct ck_worker *w, const struct gb_choice *choice, uint8_t *bit)
{
	uint64_t name[GB_MAX_ALTERNATIVES];
	uint8_t rank[GB_MAX_ALTERNATIVES];
	uint32_t names = choice->n;
	bool shared = false;

	for (uint32_t i = 0; i < choice->n; i++) {
		const uint64_t own = (uint64_t)choice->alt[i].kind << 32 | name_of(w, &choice->alt[i]);
		uint8_t below = 0;

		for (uint32_t k = 0; k < i; k++) {
			below = (uint8_t)(below + (name[k] < own));
			rank[k] = (uint8_t)(rank[k] + (name[k] > own));
			shared |= name[k] == own;
		}
		name[i] = own;
		rank[i] = below;
	}
	if (shared)
		names = rank_shared(name, choice->n, rank);
	if (names > CK_MASK_BITS)
		return 0;
	for (uint32_t i = 0; i < choice->n; i++)
		bit[i] = (uint8_t)(1U << rank[i]);
	return (uint8_t)((1U << names) - 1);
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
	const struct gb_choice *choice = &w->choice;
	uint8_t bit[GB_MAX_ALTERNATIVES], all, now = 0;
	bool goes_on = false;

	r->now = CK_MASK_ALL;
	r->later = 0;
	all = choice->n < 2 ? 0 : find_bits(w, choice, bit);
	if (!all)
		return;
	r->now = all;
	if (w->check->config.order != GB_CHECK_PREEMPTIONS)
		return;
	for (uint32_t i = 0; i < choice->n; i++) {
		const bool last = is_last(w, &choice->alt[i]);

		goes_on = goes_on || last;
		if (last || is_interrupt(&choice->alt[i]))
			now |= bit[i];
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
	const size_t from = w->check->n_lines ? 0 : offsetof(struct ck_ctx, story);
	const size_t own = offsetof(struct ck_ctx, hazards) - from;
	struct ck_ctx ctx = w->ctx;
	size_t n = own;

	if (w->check->outcomes != GB_CHECK_NONE || !w->check->positions)
		ctx.reaped = 0;
	memcpy(w->form, (const unsigned char *)&ctx + from, own);
	if (w->monitor)
		n += gb_monitor_canonical(w->monitor, w->rename, w->form + n);
	return n + gb_world_canonical(w->world, w->rename, w->check->canonical, w->form + n);
}

const uint64_t *ck_state_mark(struct ck_worker *w, uint32_t pick, struct ck_hash *hash, uint8_t *mark)
{
	uint8_t bit[GB_MAX_ALTERNATIVES];
	struct gb_choice choice;
	size_t form;

	gb_world_enabled(w->world, &choice);
	ck_symmetry_names(w);
	form = write_form(w);
	*hash = ck_hash_bytes(w->form, form, 0);
	if (w->check->config.exact)
		form = ck_squeeze(w->form, form, w->exact);
	*mark = choice.n > 1 && find_bits(w, &choice, bit) ? bit[pick] : CK_MASK_ALL;
	return ck_visited_find(&w->check->visited, *hash, w->exact, form);
}

static void store(struct ck_worker *w, struct ck_result *r, size_t form)
{
	struct ck_chunk *to = w->to;
	const size_t size = w->head + gb_world_size(w->world);
	const struct ck_pieces child = {w->next, w->head, gb_world_bytes(w->world), gb_world_size(w->world)};
	const bool exact = w->check->config.exact;

	if (!have_bytes(to, ck_pack_bound(size) + (exact ? form : 0)))
		return;
	ck_worker_save_head(w, w->next);
	r->at = to->used;
	r->bytes = (uint32_t)ck_pack_child(&child, w->check->start, &w->blob, to->bytes + to->used);
	to->used += r->bytes;
	if (exact) {
		r->form = (uint32_t)form;
		memcpy(to->bytes + to->used, w->exact, form);
		to->used += form;
	}
}

/*
 * Has this thread reached the state before in this batch, with all steps that
 * are to be taken now? What came first is stored first, and claims them.
 */
static bool is_recent(struct ck_worker *w, const struct ck_result *r)
{
	struct ck_recent *recent = &w->recent[r->hash.a % CK_RECENT];

	if (w->check->config.exact)
		return false;
	if (recent->batch != w->check->batch || recent->hash.a != r->hash.a || recent->hash.b != r->hash.b)
		*recent = (struct ck_recent){r->hash, w->check->batch, 0};
	if (!(r->now & ~recent->now))
		return true;
	recent->now |= r->now;
	return false;
}

/* Takes back what store has done. */
static void forget(struct ck_worker *w, struct ck_result *r)
{
	w->to->used -= r->bytes + r->form;
	r->bytes = r->form = 0;
}

/*
 * A table that is larger does not fit into caches: then the state is stored
 * while its place in the table is on its way, even if it turns out to be known.
 */
#define CK_CACHED 50000U /* states */

static void reached_state(struct ck_worker *w, struct ck_result *r)
{
	const struct gb_check *c = w->check;
	const uint64_t *slot;
	size_t form;

	ck_symmetry_names(w);
	split(w, r);
	r->group = c->division ? ck_division_group(c, &w->ctx) : 0;
	if (!(c->config.reductions & GB_CHECK_VISITED)) {
		store(w, r, 0);
		return;
	}
	form = write_form(w);
	r->hash = ck_hash_bytes(w->form, form, 0);
	if (c->config.exact)
		form = ck_squeeze(w->form, form, w->exact);
	if (is_recent(w, r))
		return;
	ck_visited_prefetch(&c->visited, r->hash);
	if (c->visited.n > CK_CACHED)
		store(w, r, form);
	slot = ck_visited_find(&c->visited, r->hash, w->exact, form);
	if (slot && !(r->now & ~*slot))
		forget(w, r);
	else if (!r->bytes)
		store(w, r, form);
}

/* Seldom is there one that no run before has put to the test. */
static void note_exercised(struct ck_worker *w)
{
	const uint64_t *set = gb_monitor_exercised_set(w->monitor);

	if (!(set[0] & ~w->exercised_set[0]) && !(set[1] & ~w->exercised_set[1]))
		return;
	for (uint32_t i = 0; gb_invariant_at(i); i++)
		w->exercised[i] = w->exercised[i] || gb_monitor_exercised(w->monitor, i);
	w->exercised_set[0] |= set[0];
	w->exercised_set[1] |= set[1];
}

static void reached_end(struct ck_worker *w, struct ck_result *r, enum gb_run_state state)
{
	if (w->monitor) {
		gb_monitor_finish(w->monitor, state);
		ck_watch_violations(w);
		note_exercised(w);
	}
	r->state = (uint8_t)state;
	r->hash = w->ctx.story;
	ck_hash_add(&r->hash, w->ctx.side.a, w->ctx.side.b);
	ck_hash_add(&r->hash, (uint64_t)state, 0);
}

/* One run along the edge w->edge; false if it cannot be told from others. */
static bool follow(struct ck_worker *w, uint16_t item, const struct gb_choice *choice, uint32_t pick)
{
	enum gb_run_state state;
	const enum ck_target target = ck_worker_edge(w, choice, pick, &state);
	struct ck_result *r = new_result(w->to);

	if (!r)
		return false;
	r->item = item;
	r->edge = (uint16_t)w->edge.edge;
	r->depth = w->ctx.depth;
	r->steps = (uint32_t)gb_world_steps(w->world);
	r->target = (uint8_t)(w->odo.full ? CK_LIMIT : target);
	if (r->target == CK_STATE)
		reached_state(w, r);
	else if (target != CK_STATE)
		reached_end(w, r, state);
	return !w->odo.full;
}

/* Every way to take alternative `pick`. */
static void explore(struct ck_worker *w, uint16_t item, const struct gb_choice *choice, uint32_t pick)
{
	uint32_t nth = 0;

	w->odo = (struct ck_odometer){0};
	do {
		w->odo.full = nth == (1U << CK_EDGE_BITS) - 1;
		w->edge.edge = CK_EDGE(pick, nth++);
		ck_worker_again(w);
		if (!follow(w, item, choice, pick))
			return;
	} while (ck_odometer_next(&w->odo));
}

static void expand(struct ck_worker *w, uint16_t item)
{
	const struct ck_item *it = &w->check->item[item];
	struct gb_choice choice;
	uint8_t bit[GB_MAX_ALTERNATIVES];
	bool all;
	uint32_t n;

	ck_worker_load(w, w->check->packed + it->at);
	w->edge.state = it->entry.node;
	n = gb_world_enabled(w->world, &choice);
	if (n < 2) {
		explore(w, item, &choice, 0);
		return;
	}
	all = it->entry.mask == CK_MASK_ALL;
	if (!all) {
		ck_symmetry_names(w);
		all = !find_bits(w, &choice, bit);
	}
	for (uint32_t i = 0; i < n; i++)
		if (all || it->entry.mask & bit[i])
			explore(w, item, &choice, i);
}

void ck_expand(struct ck_worker *w, uint32_t index)
{
	const struct gb_check *c = w->check;
	struct ck_chunk *to = w->to = &w->check->chunk[index];

	to->n = 0;
	to->used = 0;
	to->n_findings = 0;
	to->steps = 0;
	to->no_memory = false;
	for (uint32_t i = index * CK_CHUNK; i < (index + 1) * CK_CHUNK && i < c->n_items; i++)
		expand(w, (uint16_t)i);
	w->to = NULL;
}
