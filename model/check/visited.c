/* SPDX-License-Identifier: MIT */
#include "visited.h"

#include <stdlib.h>

#define NEAR 8U /* no more than there are places behind the last one of a table */

bool ck_visited_init(struct ck_visited *v, bool exact)
{
	*v = (struct ck_visited){.exact = exact};
	v->shard = calloc(CK_SHARDS, sizeof(*v->shard));
	return v->shard;
}

void ck_visited_free(struct ck_visited *v)
{
	for (uint32_t i = 0; v->shard && i < CK_SHARDS; i++) {
		free(v->shard[i].slot);
		free(v->shard[i].where);
	}
	free(v->shard);
	free(v->forms);
}

static struct ck_shard *shard_of(const struct ck_visited *v, struct ck_hash h)
{
	return &v->shard[h.b >> (64 - CK_SHARD_BITS)];
}

/* Where a word would like to stand: its fingerprint as a fraction of the table. */
static uint32_t home(uint64_t word, uint32_t cap)
{
	return (uint32_t)((ck_u128)(word & ~(uint64_t)CK_MASK_ALL) * cap >> 64);
}

static bool same_form(const struct ck_visited *v, uint64_t where, const void *form, size_t n)
{
	uint32_t length;

	memcpy(&length, v->forms + where, sizeof(length));
	return length == n && memcmp(v->forms + where + sizeof(length), form, n) == 0;
}

/* Is the fingerprint among the first places it could be at? Without a branch for each, for they are a gamble. */
static uint64_t *find_near(uint64_t *slot, uint64_t print)
{
	uint64_t *found = NULL;

	for (unsigned int k = NEAR; k-- > 0;)
		found = (slot[k] | CK_MASK_ALL) == print ? &slot[k] : found;
	/* an empty place looks like the fingerprint 0, which would stand before it */
	return found && *found ? found : NULL;
}

uint64_t *ck_visited_find(const struct ck_visited *v, struct ck_hash h, const void *form, size_t n)
{
	const struct ck_shard *s = shard_of(v, h);
	const uint64_t print = h.a | CK_MASK_ALL;
	uint32_t i;

	if (!s->n)
		return NULL;
	i = home(h.a, s->cap);
	if (!v->exact) {
		uint64_t *found = find_near(&s->slot[i], print);
		const uint64_t last = s->slot[i + NEAR - 1];

		if (found || !last || last > print)
			return found;
		i += NEAR;
	}
	for (; s->slot[i] && (s->slot[i] | CK_MASK_ALL) <= print; i++)
		if ((s->slot[i] | CK_MASK_ALL) == print && (!v->exact || same_form(v, s->where[i], form, n)))
			return &s->slot[i];
	return NULL;
}

void ck_visited_prefetch(const struct ck_visited *v, struct ck_hash h)
{
	const struct ck_shard *s = shard_of(v, h);

	if (s->n)
		__builtin_prefetch(&s->slot[home(h.a, s->cap)]);
}

static uint32_t places(const struct ck_shard *s)
{
	return s->cap ? s->cap + s->pad : 0;
}

static uint64_t table_bytes(const struct ck_visited *v, const struct ck_shard *s)
{
	return (uint64_t)places(s) * (v->exact ? 2 : 1) * sizeof(*s->slot);
}

/* Moves the entries of a table to one that is empty; false if some do not fit. */
static bool move_entries(const struct ck_shard *s, struct ck_shard *to)
{
	uint32_t at = 0;

	for (uint32_t i = 0; i < places(s); i++) {
		if (!s->slot[i])
			continue;

		const uint32_t want = home(s->slot[i], to->cap);

		at = at > want ? at : want;
		if (at >= places(to) - 1)
			return false;
		if (to->where)
			to->where[at] = s->where[i];
		to->slot[at++] = s->slot[i];
	}
	return true;
}

/* A table of `cap` places with the same entries, and as many behind them as it takes; false if there is no memory. */
static bool rebuild(struct ck_visited *v, struct ck_shard *s, uint32_t cap, uint32_t pad)
{
	for (;; pad *= 2) {
		struct ck_shard to = {calloc(cap + pad, sizeof(*to.slot)), NULL, s->n, cap, pad};

		if (v->exact)
			to.where = calloc(cap + pad, sizeof(*to.where));
		if (to.slot && (to.where || !v->exact) && move_entries(s, &to)) {
			free(s->slot);
			free(s->where);
			v->bytes += table_bytes(v, &to) - table_bytes(v, s);
			*s = to;
			return true;
		}
		free(to.slot);
		free(to.where);
		if (!to.slot || (v->exact && !to.where))
			return false;
	}
}

/* Small steps, so that a table is never less than four fifths full once it has grown. */
static bool grow(struct ck_visited *v, struct ck_shard *s)
{
	return rebuild(v, s, s->cap + s->cap / 8 + 8, s->pad ? s->pad : 8);
}

static bool keep_form(struct ck_visited *v, const void *form, size_t n, uint64_t *where)
{
	const uint32_t length = (uint32_t)n;

	if (v->forms_room - v->forms_used < n + sizeof(length)) {
		const uint64_t room = v->forms_room * 2 + n + 4096;
		unsigned char *forms = realloc(v->forms, room);

		if (!forms)
			return false;
		v->bytes += room - v->forms_room;
		v->forms = forms;
		v->forms_room = room;
	}
	*where = v->forms_used;
	memcpy(v->forms + v->forms_used, &length, sizeof(length));
	memcpy(v->forms + v->forms_used + sizeof(length), form, n);
	v->forms_used += n + sizeof(length);
	return true;
}

/* Puts a word where it belongs and moves what stands behind it; false if the end of the table is reached. */
static bool put(struct ck_shard *s, uint64_t word, uint64_t where)
{
	const uint64_t end = places(s) - 1;
	uint32_t i = home(word, s->cap);
	uint32_t last;

	while (s->slot[i] && (s->slot[i] | CK_MASK_ALL) < (word | CK_MASK_ALL))
		i++;
	for (last = i; s->slot[last];)
		last++;
	if (last >= end)
		return false;
	memmove(s->slot + i + 1, s->slot + i, (last - i) * sizeof(*s->slot));
	s->slot[i] = word;
	if (s->where) {
		memmove(s->where + i + 1, s->where + i, (last - i) * sizeof(*s->where));
		s->where[i] = where;
	}
	s->n++;
	return true;
}

bool ck_visited_insert(struct ck_visited *v, struct ck_hash h, const void *form, size_t n, uint8_t mask)
{
	struct ck_shard *s = shard_of(v, h);
	const uint64_t word = (h.a & ~(uint64_t)CK_MASK_ALL) | mask;
	uint64_t where = 0;

	if (v->exact && !keep_form(v, form, n, &where))
		return false;
	if (s->n >= s->cap - s->cap / 10 && !grow(v, s))
		return false;
	while (!put(s, word, where))
		if (!rebuild(v, s, s->cap, s->pad * 2))
			return false;
	v->n++;
	return true;
}

bool ck_visited_save(const struct ck_visited *v, struct ck_file *f)
{
	bool ok = ck_put(f, &v->n, sizeof(v->n)) && ck_put(f, &v->forms_used, sizeof(v->forms_used)) &&
		  ck_put(f, v->forms, v->forms_used);

	for (uint32_t i = 0; ok && i < CK_SHARDS; i++) {
		const struct ck_shard *s = &v->shard[i];
		const size_t size = places(s) * sizeof(*s->slot);

		ok = ck_put(f, &s->n, sizeof(s->n)) && ck_put(f, &s->cap, sizeof(s->cap)) &&
		     ck_put(f, &s->pad, sizeof(s->pad)) && ck_put(f, s->slot, size) &&
		     (!v->exact || ck_put(f, s->where, size));
	}
	return ok;
}

bool ck_visited_load(struct ck_visited *v, struct ck_file *f)
{
	bool ok = ck_get(f, &v->n, sizeof(v->n)) && ck_get(f, &v->forms_used, sizeof(v->forms_used));

	v->forms = ok ? ck_get_array(f, v->forms_used) : NULL;
	v->forms_room = v->bytes = v->forms_used;
	ok = v->forms;
	for (uint32_t i = 0; ok && i < CK_SHARDS; i++) {
		struct ck_shard *s = &v->shard[i];

		ok = ck_get(f, &s->n, sizeof(s->n)) && ck_get(f, &s->cap, sizeof(s->cap)) &&
		     ck_get(f, &s->pad, sizeof(s->pad));
		if (!ok || !s->cap)
			continue;

		const size_t size = places(s) * sizeof(*s->slot);

		s->slot = ck_get_array(f, size);
		s->where = s->slot && v->exact ? ck_get_array(f, size) : NULL;
		v->bytes += size * (v->exact ? 2 : 1);
		ok = s->slot && (s->where || !v->exact);
	}
	return ok;
}
