/* SPDX-License-Identifier: MIT */
/* Whether two observations say the same. */
#include <string.h>

#include "groupbuf/trace.h"

static bool same_fd(struct gb_fd a, struct gb_fd b)
{
	if (a.is_object != b.is_object || a.is_ring != b.is_ring)
		return false;
	return a.is_object ? a.object == b.object && a.end == b.end : a.number == b.number;
}

static bool same_string(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Without a text on one side, any will do. */
static bool same_text(const char *a, const char *b)
{
	return !a || !b || strcmp(a, b) == 0;
}

/* "I32 violated" is the same as "I32 violated: whatever". */
static bool same_invariant(const char *a, const char *b)
{
	size_t n;

	if (same_text(a, b))
		return true;
	n = strcspn(a, ":");
	if (n != strcspn(b, ":") || strncmp(a, b, n) != 0)
		return false;
	return !a[n] || !b[n];
}

bool gb_obs_equal(const struct gb_obs *a, const struct gb_obs *b)
{
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case GB_OBS_CQE:
		return a->sqe == b->sqe && a->res == b->res && a->flags == b->flags;
	case GB_OBS_CQE_NONE:
	case GB_OBS_STUCK:
		return true;
	case GB_OBS_SUBMITTED:
	case GB_OBS_REGISTERED:
		return a->res == b->res;
	case GB_OBS_ACK:
		return a->sqe == b->sqe && a->leases == b->leases && a->acks == b->acks && a->after == b->after &&
		       a->hash == b->hash && a->untouched == b->untouched;
	case GB_OBS_GOT:
		return same_fd(a->end, b->end) && a->res == b->res && a->hash == b->hash;
	case GB_OBS_WROTE:
	case GB_OBS_CONNECTED:
		return same_fd(a->end, b->end) && a->res == b->res;
	case GB_OBS_FINAL:
		return same_fd(a->end, b->end) && a->bytes == b->bytes && a->hash == b->hash;
	case GB_OBS_BLK:
		return a->blk == b->blk && a->done == b->done && a->res == b->res && a->after == b->after &&
		       a->refs == b->refs && a->hash == b->hash && a->untouched == b->untouched;
	case GB_OBS_HAZARD:
		return same_string(a->word, b->word) && same_string(a->function, b->function) &&
		       (!a->of || !b->of || a->of == b->of) && same_text(a->text, b->text);
	case GB_OBS_INVARIANT:
		return same_invariant(a->text, b->text);
	}
	return false;
}
