/* SPDX-License-Identifier: MIT */
/*
 * Which of two programs is simpler. A total order without infinite descent:
 * every step of the shrinker goes down in it, so it ends, and those who come
 * from different programs tend to the same bottom.
 */
#ifndef GB_MODEL_COST_H
#define GB_MODEL_COST_H

#include "lines.h"

struct cost {
	uint32_t lines;
	uint32_t rank;	/* of statements and opcodes: NOP is simpler than LEASE */
	uint32_t parts; /* words, flags of words, elements of lists */
	uint64_t value; /* sum of the numbers */
	size_t length;
	uint64_t places; /* how far down declarations stand */
};

void cost_of(const struct lines *lines, const char *text, struct cost *cost);

/* Negative if a is simpler. The texts decide last. */
int cost_compare(const struct cost *a, const char *a_text, const struct cost *b, const char *b_text);

/* Place of a statement or an opcode in the order of simplicity. */
uint32_t rank_of_word(const char *word);

/* The digits of a number within a word. */
struct number {
	size_t at, n;
	bool hex;
	uint64_t value;
};

/* Does a sign stand before it, not a dash? */
bool number_is_negative(const char *word, const struct number *number);

/* The first number in `word` at or behind `from`; false if there is none. */
bool number_find(const char *word, size_t from, struct number *number);

#endif
