/* SPDX-License-Identifier: MIT */
/*
 * How much of the space a search has seen: it explores a sample of what is
 * left, sample.h, with the workers and the batches of the search itself, of which
 * nothing else comes. No random number, no thread and no clock makes a difference.
 */
#include <stdlib.h>
#include <string.h>

#include "sample.h"
#include "search.h"

#define LEAST	    50000U /* transitions, */
#define PART	    10U	   /* or that part of those of the search, if it is more */
#define FIRST_WIDTH 16U	   /* of a pass that shows how many transitions a width takes */
#define MOST_WIDTH  65536U
#define WAITING	    32U /* so many for each of the width are taken of those that wait */
#define OVERDRAWN   4U	/* a pass that takes so many times what it should is given up */

struct probe {
	struct gb_check *check;
	struct ck_sample sample;
	struct ck_from from[CK_BATCH]; /* by item of the batch */
	uint64_t number;	       /* of entries and edges, from 1 */
	uint64_t most;		       /* entries of the frontier with a higher key are left out */
	uint64_t waiting;	       /* those that are not */
	uint64_t transitions, limit;
	double states; /* not seen */
};

/* ---- the frontier ---- */

/* A state in no set yet: it has been found, and waits to be counted. */
static void meet_arriving(struct probe *p, struct ck_hash hash, struct ck_sampled *state)
{
	const struct ck_from from = {.weight = 0x1p64 / ((double)p->most + 1)};

	state->key = ck_sample_key(hash.a);
	state->mask = CK_MASK_ALL;
	ck_sample_meet(&p->sample, hash, (uint32_t)gb_world_steps(p->check->worker[0].world), state, from);
}

static void add_waiting(void *user, const struct ck_entry *entry, const unsigned char *packed)
{
	struct probe *p = user;
	struct ck_worker *w = &p->check->worker[0];
	struct ck_sampled state = {ck_sample_key(++p->number), NULL, entry->bytes, entry->mask};
	const uint64_t *slot = NULL;

	if (state.key > p->most || p->sample.no_memory)
		return;
	p->waiting++;
	if (entry->waits || entry->arrives)
		slot = ck_visited_find(&p->check->visited, entry->hash, packed + entry->bytes, entry->form);
	if (slot)
		state.mask &= (uint8_t) ~*slot;
	if (!state.mask)
		return;
	ck_worker_load(w, packed);
	state.packed = (unsigned char *)packed;
	if (entry->arrives && !slot)
		meet_arriving(p, entry->hash, &state);
	else
		ck_sample_wait(&p->sample, (uint32_t)gb_world_steps(w->world), &state);
}

static void take_waiting(struct probe *p)
{
	const double entries = (double)p->check->frontier.entries;
	const double want = (double)WAITING * p->sample.width;

	p->most = want < entries ? (uint64_t)(want / entries * 0x1p64) : UINT64_MAX;
	if (!ck_frontier_each(&p->check->frontier, add_waiting, p))
		p->sample.no_memory = true;
}

/* ---- expanding ---- */

static void meet(struct probe *p, const struct ck_chunk *chunk, const struct ck_result *r)
{
	const struct gb_check *c = p->check;
	struct ck_hash hash = r->hash;
	struct ck_sampled state = {.bytes = r->bytes, .mask = CK_MASK_ALL};

	if (r->bytes)
		state.packed = chunk->bytes + r->at;
	if (p->sample.tree)
		hash = (struct ck_hash){++p->number, 0};
	else if (r->bytes && ck_visited_find(&c->visited, hash, chunk->bytes + r->at + r->bytes, r->form))
		return;
	state.key = ck_sample_key(hash.a);
	ck_sample_meet(&p->sample, hash, r->steps, &state, p->from[r->item]);
}

static bool flush(struct probe *p)
{
	struct gb_check *c = p->check;
	const uint32_t chunks = (c->n_items + CK_CHUNK - 1) / CK_CHUNK;

	c->batch++;
	ck_team_expand(c);
	for (uint32_t k = 0; k < chunks; k++) {
		const struct ck_chunk *chunk = &c->chunk[k];

		p->sample.no_memory = p->sample.no_memory || chunk->no_memory;
		p->transitions += chunk->n;
		for (uint32_t i = 0; i < chunk->n && !p->sample.no_memory; i++)
			if (chunk->result[i].target == CK_STATE)
				meet(p, chunk, &chunk->result[i]);
	}
	c->n_items = 0;
	c->packed_used = 0;
	return !p->sample.no_memory;
}

static bool expand(struct probe *p, const struct ck_sampled *state, struct ck_from from)
{
	struct gb_check *c = p->check;
	const size_t need = (state->bytes + 15U) & ~15U;
	struct ck_item *item;

	if ((c->n_items == CK_BATCH && !flush(p)) || !ck_batch_room(c, need))
		return false;
	item = &c->item[c->n_items];
	*item = (struct ck_item){.entry = {.bytes = state->bytes, .mask = state->mask}, .at = c->packed_used};
	memcpy(c->packed + item->at, state->packed, state->bytes);
	c->packed_used += need;
	p->from[c->n_items++] = from;
	return true;
}

/* ---- layers ---- */

static int by_key(const void *a, const void *b)
{
	const struct ck_sampled *x = a, *y = b;

	return (x->key > y->key) - (x->key < y->key);
}

/* How many states of each kind are taken, in proportion to what they stand for. */
static void divide(const struct probe *p, const struct ck_layer *layer, const double stand[], uint32_t take[])
{
	const double width = p->sample.width, found = width * stand[CK_FOUND] / (stand[CK_FOUND] + stand[CK_WAITS]);
	const double want[CK_KINDS] = {found, width - found};

	for (uint32_t k = 0; k < CK_KINDS; k++) {
		const uint32_t n = layer->pool[k].n, other = layer->pool[1 - k].n;
		/* what the other kind does not need is left for this one */
		const double may = want[k] + (want[1 - k] > other ? want[1 - k] - other : 0);

		take[k] = may < n ? (uint32_t)may : n;
		if (n && !take[k])
			take[k] = 1;
	}
}

static bool expand_pool(struct probe *p, struct ck_pool *pool, uint32_t take, struct ck_from from)
{
	bool ok = true;

	if (pool->n)
		qsort(pool->list, pool->n, sizeof(*pool->list), by_key);
	for (uint32_t i = 0; ok && i < take; i++)
		ok = expand(p, &pool->list[i], from);
	return ok;
}

static void drop_pool(struct ck_pool *pool)
{
	for (uint32_t i = 0; i < pool->n; i++)
		free(pool->list[i].packed);
	pool->n = 0;
}

static bool expand_layer(struct probe *p, uint32_t index)
{
	struct ck_layer layer = p->sample.layer[index]; /* it may move while others come into being */
	double stand[CK_KINDS];
	uint32_t take[CK_KINDS];
	bool ok = true;

	p->sample.layer[index].done = true;
	stand[CK_FOUND] = ck_sample_states(&p->sample, &layer);
	stand[CK_WAITS] = 0;
	if (layer.pool[CK_WAITS].n)
		stand[CK_WAITS] = layer.pool[CK_WAITS].n * ((double)p->check->frontier.entries / (double)p->waiting);
	p->states += stand[CK_FOUND];
	if (!layer.pool[CK_FOUND].n && !layer.pool[CK_WAITS].n)
		return true;
	divide(p, &layer, stand, take);
	for (uint32_t k = 0; ok && k < CK_KINDS; k++) {
		const struct ck_from from = {
			.weight = take[k] ? stand[k] / take[k] : 0,
			.kin = k == CK_FOUND && take[k] ? take[k] / (double)layer.found : 0,
		};

		ok = expand_pool(p, &layer.pool[k], take[k], from);
	}
	ok = ok && flush(p);
	for (uint32_t k = 0; k < CK_KINDS; k++)
		drop_pool(&p->sample.layer[index].pool[k]);
	return ok;
}

/* ---- passes ---- */

/* One pass through all layers; false if there is no memory. */
static bool pass(struct probe *p, uint32_t width)
{
	const struct gb_check_stats *s = &p->check->stats;
	const double into = (double)(s->at.transitions - s->terminals);
	bool ok = ck_sample_init(&p->sample, width, into / ((double)s->at.states + 1),
				 !(p->check->config.reductions & GB_CHECK_VISITED));

	p->number = p->waiting = p->transitions = 0;
	p->states = 0;
	if (ok)
		take_waiting(p);
	ok = ok && !p->sample.no_memory;
	for (uint32_t i = 0; ok && i < p->sample.n_layers && p->transitions < p->limit; i++)
		ok = expand_layer(p, i);
	ck_sample_free(&p->sample);
	p->check->n_items = 0;
	p->check->packed_used = 0;
	return ok;
}

/* A first pass shows what a width costs, the second has the width that may be had. */
static bool make_passes(struct probe *p, uint64_t transitions)
{
	uint64_t width;

	p->limit = transitions * OVERDRAWN;
	if (!pass(p, FIRST_WIDTH))
		return false;
	width = p->transitions ? transitions * FIRST_WIDTH / p->transitions : 0;
	width = width < MOST_WIDTH ? width : MOST_WIDTH;
	return width <= FIRST_WIDTH || pass(p, (uint32_t)width);
}

/* What the sample puts to the test the search has not. */
static bool keep_exercised(const struct gb_check *c, bool **kept)
{
	const size_t n = ck_invariants();

	*kept = malloc(c->jobs * n + 1);
	for (uint32_t i = 0; *kept && i < c->jobs; i++)
		memcpy(*kept + i * n, c->worker[i].exercised, n * sizeof(**kept));
	return *kept;
}

static void put_back_exercised(struct gb_check *c, const bool *kept)
{
	const size_t n = ck_invariants();

	for (uint32_t i = 0; i < c->jobs; i++) {
		memcpy(c->worker[i].exercised, kept + i * n, n * sizeof(*kept));
		memset(c->worker[i].exercised_set, 0, sizeof(c->worker[i].exercised_set));
	}
}

double gb_check_estimate(struct gb_check *c, uint64_t transitions)
{
	const uint64_t part = c->stats.at.transitions / PART;
	struct probe *p;
	bool *exercised;

	/* before a search is divided nobody knows what is its own; half a batch is still to be stored */
	if (c->merged || c->division || c->taken || c->n_items || !c->frontier.entries)
		return c->stats.at.fraction;
	p = calloc(1, sizeof(*p));
	if (p && keep_exercised(c, &exercised)) {
		p->check = c;
		c->n_items = 0;
		c->packed_used = 0;
		if (make_passes(p, transitions ? transitions : part > LEAST ? part : LEAST))
			c->space = (double)c->stats.at.states + p->states;
		put_back_exercised(c, exercised);
		free(exercised);
	}
	free(p);
	ck_fraction(c);
	return c->stats.at.fraction;
}
