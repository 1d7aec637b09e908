/* SPDX-License-Identifier: MIT */
/*
 * Which states of a layer are kept. The best probability is proportional to the
 * weight of a state times the number of schedules that go on from it. What that
 * number is for states like it, earlier passes have shown; where they were wrong
 * the result varies more, but is right on average all the same. A class of states whose numbers vary
 * much counts for more: the square root of their mean square stands for them.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "groupbuf/random.h"

#include "layers.h"

double ck_layers_random(struct ck_layers *l)
{
	return (double)(random_next(&l->random) >> 11) / 9007199254740992.0;
}

/* ---- what states like this one led to ---- */

#define GRAINS                                                                                                 \
	5U /* from coarse to fine: the layer, the steps of the application, who can act, those of workers, all \
	    */

static void keys_of(const struct ck_place *place, struct ck_hash hash, uint64_t key[GRAINS])
{
	key[0] = ck_fold(place->level + CK_K0, CK_K1);
	key[1] = ck_fold(key[0] ^ CK_K2, place->app + CK_K3);
	key[2] = ck_fold(key[1] ^ CK_K2, place->able + CK_K3);
	key[3] = ck_fold(key[2] ^ CK_K2, place->work + CK_K3);
	key[4] = hash.a;
	for (uint32_t i = 0; i < GRAINS; i++)
		key[i] |= 1;
}

/* The cell of a key, or the empty place where it belongs. */
static struct ck_cell *cell_of(const struct ck_cells *c, uint64_t key)
{
	uint32_t at = (uint32_t)(key >> 32) & c->mask;

	while (c->cell[at].key && c->cell[at].key != key)
		at = (at + 1) & c->mask;
	return &c->cell[at];
}

static bool grow_cells(struct ck_cells *c)
{
	const struct ck_cells old = *c;

	c->mask = c->cell ? c->mask * 2 + 1 : 1023;
	c->cell = calloc(c->mask + 1UL, sizeof(*c->cell));
	if (!c->cell) {
		*c = old;
		return false;
	}
	for (uint32_t i = 0; old.cell && i <= old.mask; i++)
		if (old.cell[i].key)
			*cell_of(c, old.cell[i].key) = old.cell[i];
	free(old.cell);
	return true;
}

static void add_value(struct ck_layers *l, uint64_t key, double square)
{
	struct ck_cells *c = &l->cells;
	struct ck_cell *cell;

	if (c->n * 2UL >= c->mask && !grow_cells(c)) {
		l->no_memory = true;
		return;
	}
	cell = cell_of(c, key);
	c->n += !cell->key;
	cell->key = key;
	cell->sum += square;
	cell->n++;
}

/* A state that led to nothing that was kept counts as well; hence the mean of the coarser class, as if seen once. */
static double guess(const struct ck_layers *l, const struct ck_particle *p)
{
	uint64_t key[GRAINS];
	double mean = 0;

	if (!l->cells.cell)
		return 1;
	keys_of(&p->place, p->hash, key);
	for (uint32_t i = 0; i < GRAINS; i++) {
		const struct ck_cell *cell = cell_of(&l->cells, key[i]);
		const double before = mean;

		mean = (cell->sum + before) / (cell->n + (before > 0));
		if (!(mean > 0))
			return 1;
	}
	return sqrt(mean);
}

/* How much of the total hangs on this state, and could have been missed. */
static void note_luck(struct ck_layers *l, const struct ck_layer_node *n)
{
	const double share = n->weight * n->value / l->total * (1 - 1 / n->factor);

	if (share > l->luck)
		l->luck = share;
}

/* Parents stand before their children, so a child is done when its value goes to them. */
void ck_layers_learn(struct ck_layers *l)
{
	l->luck = 0;
	for (uint32_t i = l->n_nodes; i-- > 0;) {
		const struct ck_layer_node *n = &l->node[i];
		const double value = n->value * n->factor, square = n->value * n->value;
		uint64_t key[GRAINS];

		for (uint32_t k = n->link; k < n->link + n->n_links; k++)
			if (l->link[k] != CK_NO_NODE)
				l->node[l->link[k]].value += value;
		note_luck(l, n);
		keys_of(&n->place, n->hash, key);
		for (uint32_t k = 0; k < GRAINS; k++)
			add_value(l, key[k], square);
	}
}

/* ---- drawing ---- */

static int by_size(const void *x, const void *y)
{
	const double a = *(const double *)x, b = *(const double *)y;

	return a > b ? -1 : a < b;
}

/* Scores from `limit` on are kept for certain; the others with a probability of score/limit. */
static double limit_of(const struct ck_layers *l, double *sorted)
{
	double rest = 0;
	uint32_t sure = 0;

	memcpy(sorted, l->score, l->n_now * sizeof(*sorted));
	qsort(sorted, l->n_now, sizeof(*sorted), by_size);
	for (uint32_t i = 0; i < l->n_now; i++)
		rest += sorted[i];
	for (; sure + 1 < l->width && sorted[sure] * (double)(l->width - sure) > rest; sure++)
		rest -= sorted[sure];
	return rest / (double)(l->width - sure);
}

static bool have_scores(struct ck_layers *l)
{
	double *score;

	if (l->score_room >= 2 * l->n_now)
		return true;
	score = realloc(l->score, 2UL * l->n_now * sizeof(*score));
	if (!score) {
		l->no_memory = true;
		return false;
	}
	l->score = score;
	l->score_room = 2 * l->n_now;
	return true;
}

void ck_layers_thin(struct ck_layers *l)
{
	double limit, at = ck_layers_random(l);
	uint32_t n = 0;

	if (!l->width || l->n_now <= l->width || !have_scores(l))
		return;
	l->thinned = true;
	for (uint32_t i = 0; i < l->n_now; i++)
		l->score[i] = l->now[i].weight * guess(l, &l->now[i]);
	limit = limit_of(l, l->score + l->n_now);
	/* one draw for all: of a class of neighbours as many are kept as should be, or one more */
	for (uint32_t i = 0; i < l->n_now; i++) {
		struct ck_particle *p = &l->now[i];

		if (l->score[i] < limit) {
			at += l->score[i] / limit;
			if (at < 1) {
				l->bytes -= p->bytes;
				free(p->packed);
				continue;
			}
			at -= 1;
			p->factor = limit / l->score[i];
			p->weight *= p->factor;
		}
		l->now[n++] = *p;
	}
	l->n_now = n;
}
