/* SPDX-License-Identifier: MIT */
/* Two ways to choose at random. */
#include "groupbuf/fuzz.h"
#include "groupbuf/random.h"

uint32_t gb_uniform_choose(void *user, const struct gb_choice *choice)
{
	struct gb_uniform *u = user;

	return random_below(&u->random, choice->n);
}

void gb_pct_init(struct gb_pct *p, uint64_t seed, uint32_t depth, uint32_t length)
{
	*p = (struct gb_pct){.seed = seed, .depth = depth < 1 ? 1 : depth > GB_PCT_DEPTH ? GB_PCT_DEPTH : depth};
	for (uint32_t k = 0; k + 1 < p->depth; k++)
		p->change[k] = random_below(&seed, length);
}

static uint32_t actor_of(const struct gb_alternative *alt)
{
	return (uint32_t)alt->kind << 16 | alt->index;
}

/* Those that fell are below all others, the last one lowest. */
static uint64_t priority(const struct gb_pct *p, uint32_t actor)
{
	uint64_t state = p->seed ^ ((uint64_t)actor + 1) * 0x9e3779b97f4a7c15ULL;

	for (uint32_t k = p->n_lowered; k; k--)
		if (p->lowered[k - 1] == actor)
			return GB_PCT_DEPTH - k;
	return random_next(&state) | GB_PCT_DEPTH;
}

static uint32_t highest(const struct gb_pct *p, const struct gb_choice *choice)
{
	uint64_t best = 0;
	uint32_t taken = 0;

	for (uint32_t k = 0; k < choice->n; k++) {
		const uint64_t own = priority(p, actor_of(&choice->alt[k]));

		if (!k || own > best) {
			best = own;
			taken = k;
		}
	}
	return taken;
}

uint32_t gb_pct_choose(void *user, const struct gb_choice *choice)
{
	struct gb_pct *p = user;
	const uint32_t now = p->choices++;

	if (choice->kind != GB_CHOICE_ACTOR)
		return (uint32_t)(p->seed >> now % 32) % choice->n;
	for (uint32_t k = 0; k + 1 < p->depth; k++)
		if (p->change[k] == now && p->n_lowered < GB_PCT_DEPTH)
			p->lowered[p->n_lowered++] = actor_of(&choice->alt[highest(p, choice)]);
	return highest(p, choice);
}
