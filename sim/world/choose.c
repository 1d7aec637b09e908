/* SPDX-License-Identifier: MIT */
/* Everything that is not determined goes through here. */
#include "world/emit.h"

/* splitmix64: small, well mixed, and the same everywhere. */
static uint64_t gb_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

uint32_t gb_choose(struct gb_world *w, const struct gb_choice *choice)
{
	struct gb_state *s = gb_state(w);
	uint32_t taken = 0;

	if (choice->n > 1) {
		switch (w->config.strategy) {
		case GB_STRATEGY_DEFAULT:
			break;
		case GB_STRATEGY_RANDOM:
			taken = (uint32_t)((gb_random(&s->rng) >> 32) * choice->n >> 32);
			break;
		case GB_STRATEGY_CALLBACK:
			taken = w->config.choose(w->config.choose_user, choice);
			if (taken >= choice->n)
				taken = 0;
			break;
		}
		gb_emit(w, GB_EV_CHOICE, GB_NO_REQ, GB_NO_REQ, choice->kind, choice->n, taken, 0);
	}
	return taken;
}
