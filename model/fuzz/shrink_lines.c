/* SPDX-License-Identifier: MIT */
/* Fewer lines, and lines in their natural order. */
#include <string.h>

#include "edits.h"
#include "shrink.h"

static bool try_cut(struct shrink *s, uint32_t from, uint32_t n)
{
	if (!shrink_begin(s))
		return false;
	lines_cut(&s->next, from, n);
	return shrink_try(s);
}

static bool try_cut_named(struct shrink *s, uint32_t at, bool users)
{
	struct line gone;

	if (!shrink_begin(s))
		return false;
	gone = s->next.line[at];
	if (gone.n < 2 || (users && !line_declares(&gone)))
		return false;
	lines_cut(&s->next, at, 1);
	if (users)
		edits_cut_users(&s->next, gone.word[1]);
	else
		edits_cut_words(&s->next, &gone);
	return shrink_try(s);
}

static bool one_line(struct shrink *s, uint32_t at)
{
	return try_cut(s, at, 1) || try_cut_named(s, at, false) || try_cut_named(s, at, true);
}

/* Two lines that need each other, or that only together are too many. */
static bool two_lines(struct shrink *s)
{
	for (uint32_t i = s->now.n; i--;) {
		for (uint32_t k = i; k--;) {
			struct line second, first;

			if (!shrink_begin(s))
				return false;
			second = s->next.line[i];
			first = s->next.line[k];
			lines_cut(&s->next, i, 1);
			lines_cut(&s->next, k, 1);
			edits_cut_words(&s->next, &second);
			edits_cut_words(&s->next, &first);
			if (shrink_try(s))
				return true;
		}
	}
	return false;
}

#define PAIRS_UP_TO 24U /* lines */

bool shrink_lines(struct shrink *s)
{
	bool any = false;

	for (uint32_t n = s->now.n / 2; n > 1; n /= 2)
		for (uint32_t from = s->now.n; from >= n;) {
			from -= n;
			any |= try_cut(s, from, n);
			from = from < s->now.n ? from : s->now.n;
		}
	for (uint32_t at = s->now.n; at--;) {
		any |= one_line(s, at);
		at = at < s->now.n ? at : s->now.n;
	}
	if (s->now.n <= PAIRS_UP_TO)
		any |= two_lines(s);
	return any;
}

static bool try_move(struct shrink *s, uint32_t from, uint32_t to)
{
	struct line line;

	if (!shrink_begin(s))
		return false;
	line = s->next.line[from];
	lines_cut(&s->next, from, 1);
	memmove(s->next.line + to + 1, s->next.line + to, (s->next.n - to) * sizeof(line));
	s->next.line[to] = line;
	s->next.n++;
	return shrink_try(s);
}

static bool try_swap(struct shrink *s, uint32_t i, uint32_t k)
{
	struct line line;

	if (!shrink_begin(s))
		return false;
	line = s->next.line[i];
	s->next.line[i] = s->next.line[k];
	s->next.line[k] = line;
	return shrink_try(s);
}

bool shrink_order(struct shrink *s)
{
	bool any = false;

	for (uint32_t i = 0; i < s->now.n; i++) {
		for (uint32_t k = 0; k < s->now.n; k++) {
			if (i != k)
				any |= try_move(s, i, k);
			if (i < k)
				any |= try_swap(s, i, k);
		}
	}
	return any;
}
