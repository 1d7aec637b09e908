/* SPDX-License-Identifier: MIT */
/* Two changes at a time, when the program is so small that all of them can be tried. */
#include <stdlib.h>

#include "edits.h"
#include "shrink.h"

#define MAX_EDITS 400U

/* Tries edit k of `now` with each one of what it leaves. */
static bool with_all(struct shrink *s, const struct edit *first, struct lines *half, struct edit *second)
{
	uint32_t n;

	if (!lines_assign(half, &s->now)) {
		s->no_memory = true;
		return false;
	}
	if (!edits_make(half, &s->pool, first))
		return false;
	n = edits_list(half, second, MAX_EDITS);
	for (uint32_t k = 0; k < n; k++) {
		if (!shrink_begin(s))
			return false;
		if (!lines_assign(&s->next, half)) {
			s->no_memory = true;
			return false;
		}
		if (edits_make(&s->next, &s->pool, &second[k]) && shrink_try(s))
			return true;
	}
	return false;
}

/* One change alone. */
static bool alone(struct shrink *s, const struct edit *list, uint32_t n)
{
	for (uint32_t k = 0; k < n; k++) {
		if (!shrink_begin(s))
			return false;
		if (edits_make(&s->next, &s->pool, &list[k]) && shrink_try(s))
			return true;
	}
	return false;
}

bool shrink_pairs(struct shrink *s)
{
	struct edit *first = malloc(2 * MAX_EDITS * sizeof(*first));
	struct lines half = {0};
	const uint32_t n = first ? edits_list(&s->now, first, MAX_EDITS) : 0;
	bool any = false;

	if (!first)
		s->no_memory = true;
	any = alone(s, first, n);
	for (uint32_t k = 0; k < n && !any && !s->any_order; k++)
		any = with_all(s, &first[k], &half, first + MAX_EDITS);
	lines_free(&half);
	free(first);
	return any;
}
