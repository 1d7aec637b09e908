/* SPDX-License-Identifier: MIT */
#include "sample.h"

#include <stdlib.h>
#include <string.h>

#define MOST_LAYERS (1U << 20)
#define MOST_DEGREE 64.0

/*
 * Where a layer has been thinned out: how likely it is that a state with an edge to the same
 * one is in the sample, if all that were found are. Fitted to the corpus, docs/check.md.
 */
#define KIN 0.8

/* Edges that meet are expected to be so many from layers before; they weigh like that many of the layer itself. */
#define FEW	   1.0
#define FEW_LAYERS 8.0

static bool fail(struct ck_sample *s)
{
	s->no_memory = true;
	return false;
}

uint64_t ck_sample_key(uint64_t number)
{
	return ck_fold(number * CK_K2 ^ CK_K0, CK_K1);
}

bool ck_sample_init(struct ck_sample *s, uint32_t width, double degree, bool tree)
{
	*s = (struct ck_sample){.width = width, .degree = degree > 1 ? degree : 1, .tree = tree, .mask = 1023};
	s->met = calloc(s->mask + 1UL, sizeof(*s->met));
	return s->met;
}

static void free_pool(struct ck_pool *pool)
{
	for (uint32_t i = 0; i < pool->n; i++)
		free(pool->list[i].packed);
	free(pool->list);
}

void ck_sample_free(struct ck_sample *s)
{
	for (uint32_t i = 0; i < s->n_layers; i++)
		for (uint32_t k = 0; k < CK_KINDS; k++)
			free_pool(&s->layer[i].pool[k]);
	free(s->layer);
	free(s->met);
}

/* Runs that are longer than any sensible one end up in one layer. */
static struct ck_layer *layer_of(struct ck_sample *s, uint32_t index)
{
	struct ck_layer *layer;
	uint32_t n;

	index = index < MOST_LAYERS ? index : MOST_LAYERS - 1;
	if (index < s->n_layers)
		return &s->layer[index];
	n = index + index / 2 + 16;
	layer = realloc(s->layer, n * sizeof(*layer));
	if (!layer) {
		fail(s);
		return NULL;
	}
	memset(layer + s->n_layers, 0, (n - s->n_layers) * sizeof(*layer));
	for (uint32_t i = s->n_layers; i < n; i++)
		layer[i].most = UINT64_MAX;
	s->layer = layer;
	s->n_layers = n;
	return &layer[index];
}

static bool keep(struct ck_sample *s, struct ck_pool *pool, const struct ck_sampled *state)
{
	struct ck_sampled *kept;

	if (pool->n == pool->room) {
		const uint32_t room = pool->room * 2 + 16;
		struct ck_sampled *list = realloc(pool->list, room * sizeof(*list));

		if (!list)
			return fail(s);
		pool->list = list;
		pool->room = room;
	}
	kept = &pool->list[pool->n];
	*kept = *state;
	kept->packed = malloc(state->bytes);
	if (!kept->packed)
		return fail(s);
	memcpy(kept->packed, state->packed, state->bytes);
	pool->n++;
	return true;
}

void ck_sample_wait(struct ck_sample *s, uint32_t index, const struct ck_sampled *state)
{
	struct ck_layer *layer = layer_of(s, index);

	if (layer)
		keep(s, &layer->pool[CK_WAITS], state);
}

/* ---- states that were found ---- */

static struct ck_met *place_of(const struct ck_sample *s, struct ck_hash hash)
{
	uint32_t at = (uint32_t)hash.a & s->mask;

	while (s->met[at].hash.a && (s->met[at].hash.a != hash.a || s->met[at].hash.b != hash.b))
		at = (at + 1) & s->mask;
	return &s->met[at];
}

static bool grow(struct ck_sample *s)
{
	struct ck_met *old = s->met;
	const uint32_t n = s->mask + 1;
	struct ck_met *met = calloc(2UL * n, sizeof(*met));

	if (!met)
		return fail(s);
	s->met = met;
	s->mask = 2 * n - 1;
	for (uint32_t i = 0; i < n; i++)
		if (old[i].hash.a)
			*place_of(s, old[i].hash) = old[i];
	free(old);
	return true;
}

/* Keeps a state with a low key; if that are far more than will be taken, fewer from now on. */
static void keep_found(struct ck_sample *s, struct ck_layer *layer, const struct ck_sampled *state)
{
	struct ck_pool *pool = &layer->pool[CK_FOUND];

	if (state->key > layer->most || !keep(s, pool, state))
		return;
	while (pool->n > 2 * s->width + 16) {
		uint32_t n = 0;

		layer->most /= 2;
		for (uint32_t i = 0; i < pool->n; i++) {
			if (pool->list[i].key <= layer->most)
				pool->list[n++] = pool->list[i];
			else
				free(pool->list[i].packed);
		}
		pool->n = n;
	}
}

void ck_sample_meet(struct ck_sample *s, struct ck_hash hash, uint32_t index, const struct ck_sampled *state,
		    struct ck_from from)
{
	struct ck_layer *layer;
	struct ck_met *met;

	hash.a |= !hash.a;
	if (s->n_met >= s->mask / 2 && !grow(s))
		return;
	met = place_of(s, hash);
	if (!met->hash.a && !state->packed)
		return;
	layer = layer_of(s, met->hash.a ? met->layer : index);
	/* a state to which there are ways of different lengths is counted where it was found */
	if (!layer || layer->done)
		return;
	layer->edges++;
	layer->weight += from.weight;
	layer->kin += from.kin;
	if (met->hash.a)
		return;
	*met = (struct ck_met){hash, index};
	s->n_met++;
	layer->found++;
	keep_found(s, layer, state);
}

/* ---- how many there are ---- */

/* How likely one of d edges is in a sample of that share: 1 - (1 - share)^d, linear between whole d. */
static double is_found(double share, double d)
{
	const uint32_t whole = (uint32_t)d;
	double none = 1;

	for (uint32_t i = 0; i < whole; i++)
		none *= 1 - share;
	return 1 - none * (1 - (d - whole) * share);
}

/* Edges into one state, of which some that meet are `found` of 1 edge of the sample. */
static double degree_of(double share, double found)
{
	double low = 1, high = MOST_DEGREE;

	for (uint32_t i = 0; i < 40; i++) {
		const double d = (low + high) / 2;

		if (is_found(share, d) > found * share * d)
			low = d;
		else
			high = d;
	}
	return (low + high) / 2;
}

double ck_sample_states(struct ck_sample *s, const struct ck_layer *layer)
{
	const double edges = (double)layer->edges, found = (double)layer->found;
	double share, expected, meet, degree, states;

	if (!layer->edges || s->tree)
		return layer->weight;
	share = edges / layer->weight;
	if (share > 0.9999)
		return found;
	share += (1 - share) * KIN * layer->kin / edges;
	/* few edges tell little: then what is known from before counts as well */
	expected = edges * (1 - is_found(share, s->degree) / (share * s->degree));
	meet = expected * (edges - found + FEW) / (expected + FEW);
	meet = meet < 0.99 * edges ? meet : 0.99 * edges;
	degree = degree_of(share, 1 - meet / edges);
	s->degree += (degree - s->degree) * meet / (meet + FEW_LAYERS);
	states = layer->weight / degree;
	return states > found ? states : found;
}
