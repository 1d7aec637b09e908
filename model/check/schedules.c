/* SPDX-License-Identifier: MIT */
/* How many schedules a search stands for: exactly where that is cheap, else an estimate with its error. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "layers.h"

#define LEAST_STEPS 300000U  /* for the exact number */
#define MOST_STEPS  4000000U /* the same for large searches, which have an eighth of their own steps */
#define ALL_PASSES  900000U  /* for all passes of an estimate, if it is more than for the exact number */
#define MOST_BYTES  (64U << 20)
#define LEARNING    3U /* of them, that only show what is to be kept */
#define WIDEST	    4096U
#define NARROWEST   4U

/* The steps it may take. A number of the search, so that threads and checkpoints make no difference. */
static uint64_t effort(const struct gb_check *c)
{
	const uint64_t steps = c->stats.at.steps / 8;

	return steps < LEAST_STEPS ? LEAST_STEPS : steps > MOST_STEPS ? MOST_STEPS : steps;
}

/* The steps of a pass that keeps one state of each layer. */
static uint64_t one_wide(struct ck_layers *l)
{
	l->width = 1;
	return ck_layers_pass(l) ? l->steps : 0;
}

/* Mean and standard error, as a fraction of the mean. */
static void summarize(const double *x, uint32_t n, double *mean, double *error)
{
	double sum = 0;

	for (uint32_t i = 0; i < n; i++)
		sum += x[i];
	*mean = sum / n;
	sum = 0;
	for (uint32_t i = 0; i < n; i++) {
		const double d = x[i] / *mean - 1;
		const double square = d * d; /* apart from the sum: no machine is to fuse them */

		sum += square;
	}
	*error = sqrt(sum / (n * (n - 1)));
}

/* Did it explore all that is counted? */
static bool is_whole(const struct gb_check *c)
{
	if (c->config.shards && !c->merged)
		return false;
	return c->stats.end == GB_CHECK_COMPLETE || c->stats.end == GB_CHECK_MAX_LEVEL;
}

/* Can be told of a single schedule whether it has been explored? */
static bool can_tell(const struct gb_check *c)
{
	/* by depth, what is beyond the bound is marked as if it waited */
	return c->config.reductions & GB_CHECK_VISITED && !c->config.shards &&
	       (c->config.order != GB_CHECK_DEPTH || c->config.max_level == UINT32_MAX);
}

/* What all the passes of an estimate have shown. */
struct passes {
	struct ck_layers *layers;
	struct ck_explored *explored; /* NULL: nobody asks */
	double total[CK_PASSES];
	double luck[CK_PASSES];
};

static bool make_passes(struct gb_check *c, struct passes *p)
{
	const uint64_t most = effort(c) > ALL_PASSES ? effort(c) : ALL_PASSES;
	struct ck_layers *l = p->layers;
	uint64_t width, steps;

	l->max_steps = 8 * most;
	steps = one_wide(l);
	if (!steps)
		return false;
	width = most / CK_PASSES / steps;
	l->width = (uint32_t)(width < NARROWEST ? NARROWEST : width > WIDEST ? WIDEST : width);
	l->keep_nodes = true;
	for (uint32_t i = 0; i < CK_PASSES; i++) {
		l->draw = p->explored && i >= LEARNING ? CK_DRAWN : 0;
		if (!ck_layers_pass(l) ||
		    (l->draw && !(l->total > 0))) /* beyond a bound all that was kept: none to draw */
			return false;
		p->total[i] = l->total;
		if (l->draw && !ck_explored_add(p->explored)) {
			l->no_memory = true;
			return false;
		}
		ck_layers_learn(l);
		p->luck[i] = l->luck;
	}
	return !l->no_memory;
}

static void summarize_total(struct gb_check *c, const struct passes *p)
{
	const double *total = p->total + LEARNING;
	const uint32_t n = CK_PASSES - LEARNING;
	struct gb_check_stats *s = &c->stats;

	summarize(total, n, &s->schedules, &s->schedules_error);
	if (!(s->schedules > 0)) { /* all that was kept led beyond a bound */
		s->schedules = s->schedules_error = 0;
		return;
	}
	s->schedules_least = ck_tail_least(total, n, s->schedules);
	if (!ck_tail_is_light(total, p->luck + LEARNING, n))
		s->schedules_error = INFINITY;
}

/* The share of what was drawn: each pass counts by its total. */
static bool summarize_explored(struct gb_check *c, struct passes *p)
{
	double sum = 0, all = 0, error = 0, part[CK_PASSES];

	if (!ck_explored_end(p->explored))
		return false;
	for (uint32_t i = LEARNING; i < CK_PASSES; i++) {
		uint32_t n = 0;

		for (uint32_t k = 0; k < CK_DRAWN; k++)
			n += ck_explored_is(p->explored, (i - LEARNING) * CK_DRAWN + k);
		part[i] = p->total[i] * n / CK_DRAWN;
		sum += part[i];
		all += p->total[i];
	}
	if (!(all > 0)) {
		c->stats.explored = -1;
		return true;
	}
	c->stats.explored = sum / all;
	for (uint32_t i = LEARNING; i < CK_PASSES; i++) {
		const double mean = p->total[i] * c->stats.explored;
		const double d = (part[i] - mean) / all;
		const double square = d * d;

		error += square;
	}
	c->stats.explored_error = sqrt(error * (CK_PASSES - LEARNING) / (CK_PASSES - LEARNING - 1));
	if (!ck_tail_is_light(p->total + LEARNING, p->luck + LEARNING, CK_PASSES - LEARNING))
		c->stats.explored_error = INFINITY;
	return true;
}

/* What is not exact: the number, unless it is known, and the share of it that was explored. */
static bool estimate(struct gb_check *c, struct ck_layers *l, bool known)
{
	struct passes p = {.layers = l};
	bool ok;

	if (!is_whole(c) && can_tell(c)) {
		p.explored = ck_explored_new(c, l);
		l->no_memory = !p.explored;
	}
	ok = !l->no_memory && make_passes(c, &p);
	if (ok && !known)
		summarize_total(c, &p);
	if (ok && p.explored)
		l->no_memory = !summarize_explored(c, &p);
	ck_explored_free(p.explored);
	return ok;
}

bool gb_check_count(struct gb_check *c)
{
	struct ck_layers l;
	bool ok = ck_layers_init(&l, c);
	bool exact;

	c->stats.schedules = c->stats.schedules_error = c->stats.schedules_least = c->stats.explored_error = 0;
	c->stats.explored = is_whole(c) ? 1 : -1;
	l.max_steps = effort(c);
	l.max_bytes = MOST_BYTES;
	exact = ok && ck_layers_pass(&l);
	if (exact)
		c->stats.schedules = c->stats.schedules_least = l.total;
	if (ok && exact ? !is_whole(c) && can_tell(c) : l.over)
		estimate(c, &l, exact);
	if (l.huge) {
		c->stats.schedules = INFINITY;
		c->stats.schedules_least = CK_TOO_MANY / (l.thinned ? CK_DOUBT : 1);
	}
	ok = ok && !l.no_memory;
	ck_layers_free(&l);
	return ok;
}
