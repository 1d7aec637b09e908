/* SPDX-License-Identifier: MIT */
/* splitmix64: small, well mixed, and the same on every machine. */
#ifndef GROUPBUF_RANDOM_H
#define GROUPBUF_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

static inline uint64_t random_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/* A number below n; 0 for n = 0. */
static inline uint32_t random_below(uint64_t *state, uint32_t n)
{
	return (uint32_t)((random_next(state) >> 32) * n >> 32);
}

/* One time in n. */
static inline bool random_once_in(uint64_t *state, uint32_t n)
{
	return random_below(state, n) == 0;
}

/* The state of run k of a seed, whatever came before; `salt` keeps program and schedule apart. */
static inline uint64_t random_of_run(uint64_t seed, uint64_t run, uint64_t salt)
{
	uint64_t state = seed;
	uint64_t mixed = random_next(&state);

	state = mixed ^ run;
	mixed = random_next(&state);
	state = mixed ^ salt;
	return random_next(&state);
}

#endif
