/* SPDX-License-Identifier: MIT */
/* Fewer words, fewer parts of words, smaller numbers. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "shrink.h"

/* ---- words ---- */

static bool try_cut_word(struct shrink *s, uint32_t i, uint32_t k)
{
	if (!shrink_begin(s))
		return false;
	line_cut(&s->next.line[i], k, 1);
	return shrink_try(s);
}

static bool try_cut_two(struct shrink *s, uint32_t i, uint32_t k, uint32_t j, uint32_t l)
{
	if (!shrink_begin(s))
		return false;
	line_cut(&s->next.line[i], k, 1);
	line_cut(&s->next.line[j], l - (i == j && l > k), 1);
	return shrink_try(s);
}

static bool try_word(struct shrink *s, uint32_t i, uint32_t k, const char *word)
{
	if (!shrink_begin(s))
		return false;
	s->next.line[i].word[k] = word;
	return shrink_try(s);
}

/* The word without the part of a list that begins at `from`; separators are | and ,. */
static const char *without_part(struct pool *pool, const char *word, size_t from)
{
	const size_t n = strcspn(word + from, "|,");
	const bool last = !word[from + n];
	const bool first = from == 0 || word[from - 1] == '=';
	const size_t begin = last && !first ? from - 1 : from;
	const size_t end = from + n + (first && !last) + (!first && !last);

	return pool_print(pool, "%.*s%s", (int)begin, word, word + end);
}

static bool cut_parts(struct shrink *s, uint32_t i, uint32_t k)
{
	const char *word = s->now.line[i].word[k];
	const char *value = strchr(word, '=');
	size_t at = value ? (size_t)(value - word) + 1 : 0;

	if (!strpbrk(word, "|,") || strlen(word) > 400)
		return false;
	while (at <= strlen(word)) {
		if (try_word(s, i, k, without_part(&s->pool, word, at)))
			return true;
		at += strcspn(word + at, "|,") + 1;
	}
	return false;
}

/* All pairs of words that can be cut; words 0 of a line, and a name behind it, cannot. */
static bool two_words(struct shrink *s)
{
	for (uint32_t i = 0; i < s->now.n; i++)
		for (uint32_t k = 2; k < s->now.line[i].n; k++)
			for (uint32_t j = i; j < s->now.n; j++)
				for (uint32_t l = j == i ? k + 1 : 2; l < s->now.line[j].n; l++)
					if (try_cut_two(s, i, k, j, l))
						return true;
	return false;
}

bool shrink_words(struct shrink *s)
{
	uint32_t words = 0;
	bool any = false;

	for (uint32_t i = 0; i < s->now.n; i++) {
		for (uint32_t k = s->now.line[i].n; k-- > 1;) {
			any |= try_cut_word(s, i, k);
			if (k >= s->now.line[i].n)
				continue;
			while (cut_parts(s, i, k))
				any = true;
		}
		words += s->now.line[i].n;
	}
	return any || (words < 100 && two_words(s));
}

/* ---- numbers ---- */

/* Sizes at which something changes come before those in between. */
static const uint64_t round_numbers[] = {0, 1, 2, 3, 4, 5, 8, 16, 64, 100, 512, 1024, 2048, 4096, 4097, 8192};
#define ROUND (sizeof(round_numbers) / sizeof(round_numbers[0]))

static const char *with_number(struct pool *pool, const char *word, const struct number *number, uint64_t value)
{
	const char *tail = word + number->at + number->n;

	/* "m+0" is m, and "=-0" is =0 */
	if (!value && number_is_negative(word, number))
		return pool_print(pool, "%.*s0%s", (int)number->at - 1, word, tail);
	if (!value && number->at && word[number->at - 1] == '+')
		return pool_print(pool, "%.*s%s", (int)number->at - 1, word, tail);
	if (number->hex && value > 9)
		return pool_print(pool, "%.*s0x%" PRIx64 "%s", (int)number->at, word, value, tail);
	return pool_print(pool, "%.*s%" PRIu64 "%s", (int)number->at, word, value, tail);
}

/* Gives the number a new value wherever the program has it, or in this place only. */
static bool try_value(struct shrink *s, uint32_t i, uint32_t k, const struct number *number, uint64_t value, bool all)
{
	const char *word = s->now.line[i].word[k];
	struct number other;

	if (!shrink_begin(s))
		return false;
	s->next.line[i].word[k] = with_number(&s->pool, word, number, value);
	for (uint32_t j = 0; all && j < s->next.n; j++)
		for (uint32_t l = 1; l < s->next.line[j].n; l++)
			for (size_t at = 0; number_find(s->next.line[j].word[l], at, &other); at = other.at + 1)
				if (other.value == number->value)
					s->next.line[j].word[l] =
						with_number(&s->pool, s->next.line[j].word[l], &other, value);
	return shrink_try(s);
}

static bool lower(struct shrink *s, uint32_t i, uint32_t k, const struct number *number, bool all)
{
	const uint64_t value = number->value;

	for (size_t r = 0; r < ROUND && round_numbers[r] < value; r++)
		if (try_value(s, i, k, number, round_numbers[r], all))
			return true;
	for (int bit = 63; number->hex && bit >= 0; bit--)
		if (value >> bit & 1 && try_value(s, i, k, number, value & ~(UINT64_C(1) << bit), all))
			return true;
	for (uint64_t step = value / 2; step && value > 8; step /= 2)
		if (try_value(s, i, k, number, value - step, all))
			return true;
	return false;
}

static bool lower_word(struct shrink *s, uint32_t i, uint32_t k, bool all)
{
	struct number number;
	bool any = false;

	for (size_t at = 0; k < s->now.line[i].n && number_find(s->now.line[i].word[k], at, &number);) {
		if (lower(s, i, k, &number, all))
			any = true;
		else
			at = number.at + number.n;
	}
	return any;
}

bool shrink_numbers(struct shrink *s)
{
	bool any = false;

	for (int all = 1; all >= 0; all--)
		for (uint32_t i = 0; i < s->now.n; i++)
			for (uint32_t k = 1; i < s->now.n && k < s->now.line[i].n; k++)
				any |= lower_word(s, i, k, all);
	return any;
}
