/* SPDX-License-Identifier: MIT */
#include "frontier.h"

#include <stdlib.h>
#include <string.h>

#define SEGMENT ((size_t)1 << 18)

void ck_frontier_free(struct ck_frontier *f)
{
	for (uint32_t i = 0; i < f->n; i++) {
		while (f->bucket[i].top) {
			struct ck_segment *below = f->bucket[i].top->below;

			free(f->bucket[i].top);
			f->bucket[i].top = below;
		}
	}
	free(f->bucket);
}

static bool have_bucket(struct ck_frontier *f, uint32_t level)
{
	const uint32_t n = level + level / 2 + 8;
	struct ck_bucket *bucket;

	if (level < f->n)
		return true;
	bucket = realloc(f->bucket, n * sizeof(*bucket));
	if (!bucket)
		return false;
	memset(bucket + f->n, 0, (n - f->n) * sizeof(*bucket));
	f->bucket = bucket;
	f->n = n;
	return true;
}

static size_t padded(size_t n)
{
	return (n + 15U) & ~(size_t)15U;
}

static bool have_room(struct ck_bucket *b, size_t need)
{
	const size_t room = need > SEGMENT ? need : SEGMENT;
	struct ck_segment *s;

	if (b->top && b->top->room - b->top->used >= need)
		return true;
	s = malloc(sizeof(*s) + room);
	if (!s)
		return false;
	s->below = b->top;
	s->used = 0;
	s->room = room;
	b->top = s;
	return true;
}

bool ck_frontier_push(struct ck_frontier *f, uint32_t level, const struct ck_entry *entry, const void *packed)
{
	const size_t bytes = (size_t)entry->bytes + entry->form;
	const size_t need = padded(bytes) + padded(sizeof(*entry));
	struct ck_segment *s;

	if (!have_bucket(f, level) || !have_room(&f->bucket[level], need))
		return false;
	s = f->bucket[level].top;
	memcpy(s->data + s->used, packed, bytes);
	memcpy(s->data + s->used + padded(bytes), entry, sizeof(*entry));
	s->used += need;
	f->bucket[level].entries++;
	f->entries++;
	f->bytes += need;
	f->peak = f->bytes > f->peak ? f->bytes : f->peak;
	if (f->lowest > level)
		f->lowest = level;
	return true;
}

bool ck_frontier_lowest(struct ck_frontier *f, uint32_t *level)
{
	while (f->lowest < f->n && !f->bucket[f->lowest].entries)
		f->lowest++;
	*level = f->lowest;
	return f->lowest < f->n;
}

const void *ck_frontier_pop(struct ck_frontier *f, uint32_t level, struct ck_entry *entry)
{
	struct ck_bucket *b = &f->bucket[level];
	struct ck_segment *s = b->top;

	while (!s->used) {
		b->top = s->below;
		free(s);
		s = b->top;
	}
	s->used -= padded(sizeof(*entry));
	memcpy(entry, s->data + s->used, sizeof(*entry));
	s->used -= padded((size_t)entry->bytes + entry->form);
	b->entries--;
	f->entries--;
	f->bytes -= padded((size_t)entry->bytes + entry->form) + padded(sizeof(*entry));
	return s->data + s->used;
}

void ck_frontier_each(const struct ck_frontier *f, ck_frontier_fn *each, void *user)
{
	struct ck_entry entry;

	for (uint32_t i = f->lowest; i < f->n; i++) {
		for (const struct ck_segment *s = f->bucket[i].top; s; s = s->below) {
			for (size_t at = s->used; at;) {
				at -= padded(sizeof(entry));
				memcpy(&entry, s->data + at, sizeof(entry));
				at -= padded((size_t)entry.bytes + entry.form);
				each(user, &entry, s->data + at);
			}
		}
	}
}

/* ---- to a file and back ---- */

/* The oldest segment first, so that loading builds the same stack. */
static bool save_segments(const struct ck_segment *s, struct ck_file *file, uint32_t depth)
{
	bool ok = true;

	for (uint32_t i = depth; ok && i-- > 0;) {
		const struct ck_segment *at = s;

		for (uint32_t k = 0; k < i; k++)
			at = at->below;
		ok = ck_put(file, &at->used, sizeof(at->used)) && ck_put(file, at->data, at->used);
	}
	return ok;
}

bool ck_frontier_save(const struct ck_frontier *f, struct ck_file *file)
{
	bool ok = ck_put(file, &f->n, sizeof(f->n)) && ck_put(file, &f->entries, sizeof(f->entries)) &&
		  ck_put(file, &f->bytes, sizeof(f->bytes)) && ck_put(file, &f->peak, sizeof(f->peak));

	for (uint32_t i = 0; ok && i < f->n; i++) {
		const struct ck_bucket *b = &f->bucket[i];
		uint32_t depth = 0;

		for (const struct ck_segment *s = b->top; s; s = s->below)
			depth++;
		ok = ck_put(file, &b->entries, sizeof(b->entries)) && ck_put(file, &depth, sizeof(depth)) &&
		     save_segments(b->top, file, depth);
	}
	return ok;
}

static bool load_segment(struct ck_bucket *b, struct ck_file *file)
{
	struct ck_segment *s;
	size_t used;

	if (!ck_get(file, &used, sizeof(used)) || used > SIZE_MAX / 2)
		return false;
	s = malloc(sizeof(*s) + (used > SEGMENT ? used : SEGMENT));
	if (!s)
		return false;
	s->below = b->top;
	s->used = used;
	s->room = used > SEGMENT ? used : SEGMENT;
	b->top = s;
	return ck_get(file, s->data, used);
}

bool ck_frontier_load(struct ck_frontier *f, struct ck_file *file)
{
	uint32_t n = 0;
	bool ok = ck_get(file, &n, sizeof(n)) && ck_get(file, &f->entries, sizeof(f->entries)) &&
		  ck_get(file, &f->bytes, sizeof(f->bytes)) && ck_get(file, &f->peak, sizeof(f->peak));

	ok = ok && (!n || have_bucket(f, n - 1));
	for (uint32_t i = 0; ok && i < n; i++) {
		uint32_t depth = 0;

		ok = ck_get(file, &f->bucket[i].entries, sizeof(f->bucket[i].entries)) &&
		     ck_get(file, &depth, sizeof(depth));
		while (ok && depth--)
			ok = load_segment(&f->bucket[i], file);
	}
	return ok;
}

/* ---- packing ---- */

/* A run of words that differ from those of the base. */
struct run {
	uint16_t skip, n;
};

#define WORD sizeof(uint64_t)

size_t ck_pack_bound(size_t size)
{
	const size_t words = (size + WORD - 1) / WORD;

	return sizeof(uint32_t) + words * (WORD + sizeof(struct run)) + 2 * sizeof(struct run);
}

/* Words from `at` on that are equal; whole lines at once. */
static size_t equal_words(const unsigned char *a, const unsigned char *b, size_t at, size_t words)
{
	const size_t from = at;

	while (at + 8 <= words && memcmp(a + at * WORD, b + at * WORD, 8 * WORD) == 0)
		at += 8;
	while (at < words && memcmp(a + at * WORD, b + at * WORD, WORD) == 0)
		at++;
	return at - from;
}

size_t ck_pack(const unsigned char *bytes, size_t size, const unsigned char *base, unsigned char *to)
{
	const size_t words = (size + WORD - 1) / WORD;
	const uint32_t total = (uint32_t)size;
	size_t out = sizeof(total);

	memcpy(to, &total, sizeof(total));
	for (size_t at = 0; at < words;) {
		const size_t skip = equal_words(bytes, base, at, words);
		struct run run = {(uint16_t)(skip < UINT16_MAX ? skip : UINT16_MAX), 0};
		unsigned char *head = to + out;

		at += run.skip;
		if (at == words)
			break;
		out += sizeof(run);
		while (at < words && run.n < UINT16_MAX && memcmp(bytes + at * WORD, base + at * WORD, WORD) != 0) {
			memcpy(to + out, bytes + at * WORD, WORD);
			out += WORD;
			run.n++;
			at++;
		}
		memcpy(head, &run, sizeof(run));
	}
	return out;
}

size_t ck_unpack(const unsigned char *packed, size_t length, const unsigned char *base, unsigned char *bytes)
{
	uint32_t size;
	size_t at = 0;

	memcpy(&size, packed, sizeof(size));
	memcpy(bytes, base, (size + WORD - 1) / WORD * WORD);
	for (size_t in = sizeof(size); in < length;) {
		struct run run;

		memcpy(&run, packed + in, sizeof(run));
		in += sizeof(run);
		at += run.skip;
		memcpy(bytes + at * WORD, packed + in, run.n * WORD);
		in += run.n * WORD;
		at += run.n;
	}
	return size;
}
