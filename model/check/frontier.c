/* SPDX-License-Identifier: MIT */
#include "frontier.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void ck_frontier_init(struct ck_frontier *f)
{
	*f = (struct ck_frontier){.spill.fd = -1};
}

void ck_frontier_free(struct ck_frontier *f)
{
	for (uint32_t i = 0; i < f->n; i++) {
		for (uint32_t k = 0; k < f->bucket[i].n; k++)
			free(f->bucket[i].segment[k].data);
		free(f->bucket[i].segment);
	}
	free(f->bucket);
	free(f->spill.free);
}

static bool have_bucket(struct ck_frontier *f, uint32_t level)
{
	const uint32_t n = level + level / 2 + 8;
	struct ck_bucket *bucket;

	if (level < f->n)
		return true;
	if (level >= UINT32_MAX / 2)
		return false;
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

static size_t need_of(size_t bytes)
{
	return padded(bytes) + padded(sizeof(struct ck_entry));
}

static unsigned char *new_data(struct ck_frontier *f, size_t room)
{
	unsigned char *data = malloc(room);

	if (!data)
		return NULL;
	f->held += room;
	f->held_peak = f->held > f->held_peak ? f->held : f->held_peak;
	return data;
}

static void drop_data(struct ck_frontier *f, struct ck_segment *s)
{
	free(s->data);
	s->data = NULL;
	f->held -= s->room;
}

/* One more segment, of at least `need` bytes. */
static bool add_segment(struct ck_frontier *f, struct ck_bucket *b, size_t need)
{
	struct ck_segment s = {.room = need > CK_SEGMENT ? need : CK_SEGMENT};

	if (!b->segment || b->n == b->room) {
		const uint32_t room = b->room * 2 + 4;
		struct ck_segment *list = realloc(b->segment, room * sizeof(*list));

		if (!list)
			return false;
		b->segment = list;
		b->room = room;
	}
	s.data = new_data(f, s.room);
	if (!s.data)
		return false;
	b->segment[b->n++] = s;
	return true;
}

static struct ck_segment *top_of(const struct ck_bucket *b)
{
	return b->n ? &b->segment[b->n - 1] : NULL;
}

bool ck_frontier_reserve(struct ck_frontier *f, uint32_t level, size_t bytes)
{
	const size_t need = need_of(bytes);
	struct ck_segment *top;

	if (!have_bucket(f, level))
		return false;
	top = top_of(&f->bucket[level]);
	if (top && top->data && top->room - top->used >= need)
		return true;
	if (top && top->data && !top->used) { /* only the top one may be empty: those below may go to the file */
		drop_data(f, top);
		f->bucket[level].n--;
	}
	return add_segment(f, &f->bucket[level], need);
}

bool ck_frontier_push(struct ck_frontier *f, uint32_t level, const struct ck_entry *entry, const void *packed)
{
	const size_t bytes = (size_t)entry->bytes + entry->form;
	struct ck_segment *s;

	if (!ck_frontier_reserve(f, level, bytes))
		return false;
	s = top_of(&f->bucket[level]);
	memcpy(s->data + s->used, packed, bytes);
	memcpy(s->data + s->used + padded(bytes), entry, sizeof(*entry));
	s->used += need_of(bytes);
	f->bucket[level].entries++;
	f->entries++;
	f->bytes += need_of(bytes);
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

/* ---- the file for what does not fit ---- */

static uint64_t slots_of(const struct ck_segment *s)
{
	return (s->room + CK_SEGMENT - 1) / CK_SEGMENT;
}

bool ck_frontier_use_file(struct ck_frontier *f, FILE *file)
{
	f->spill.room = 64;
	f->spill.free = malloc(f->spill.room * sizeof(*f->spill.free));
	f->spill.fd = fileno(file);
	return f->spill.free;
}

/* Places for a segment at the end of the file; that all of them can be given back later is made sure of now. */
static bool new_slots(struct ck_spill *sp, uint64_t n, uint64_t *where)
{
	if (sp->slots + n > sp->room) {
		const uint64_t room = (sp->slots + n) * 2;
		uint64_t *list = realloc(sp->free, room * sizeof(*list));

		if (!list)
			return false;
		sp->free = list;
		sp->room = room;
	}
	*where = sp->slots;
	sp->slots += n;
	return true;
}

static bool write_all(int fd, const unsigned char *data, size_t n, off_t at)
{
	while (n) {
		const ssize_t done = pwrite(fd, data, n, at);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		data += done;
		at += done;
		n -= (size_t)done;
	}
	return true;
}

static bool read_all(int fd, unsigned char *data, size_t n, off_t at)
{
	while (n) {
		const ssize_t done = pread(fd, data, n, at);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		data += done;
		at += done;
		n -= (size_t)done;
	}
	return true;
}

static off_t offset_of(uint64_t where)
{
	return (off_t)(where * CK_SEGMENT);
}

static bool write_out(struct ck_frontier *f, struct ck_segment *s)
{
	struct ck_spill *sp = &f->spill;

	if (sp->n_free && slots_of(s) == 1)
		s->where = sp->free[--sp->n_free];
	else if (!new_slots(sp, slots_of(s), &s->where))
		return false;
	if (!write_all(sp->fd, s->data, s->used, offset_of(s->where))) {
		sp->fd = sp->written ? sp->fd : -1;
		for (uint64_t i = 0; i < slots_of(s); i++)
			sp->free[sp->n_free++] = s->where + i;
		return false;
	}
	sp->written += s->used;
	drop_data(f, s);
	return true;
}

bool ck_frontier_spill(struct ck_frontier *f)
{
	if (f->spill.fd < 0)
		return false;
	for (uint32_t i = f->n; i-- > 0;) {
		struct ck_bucket *b = &f->bucket[i];

		/* the top one stays */
		if (b->spilled + 1 >= b->n)
			continue;
		if (!write_out(f, &b->segment[b->spilled]))
			return false;
		b->spilled++;
		return true;
	}
	return false;
}

static bool read_in(struct ck_frontier *f, struct ck_segment *s)
{
	unsigned char *data = new_data(f, s->room);

	if (!data)
		return false;
	s->data = data;
	if (!read_all(f->spill.fd, data, s->used, offset_of(s->where))) {
		drop_data(f, s);
		return false;
	}
	for (uint64_t i = 0; i < slots_of(s); i++)
		f->spill.free[f->spill.n_free++] = s->where + i;
	return true;
}

const void *ck_frontier_pop(struct ck_frontier *f, uint32_t level, struct ck_entry *entry)
{
	struct ck_bucket *b = &f->bucket[level];
	struct ck_segment *s = top_of(b);

	while (!s->used) {
		drop_data(f, s);
		b->n--;
		s = top_of(b);
	}
	if (!s->data) {
		if (!read_in(f, s))
			return NULL;
		b->spilled--;
	}
	s->used -= padded(sizeof(*entry));
	memcpy(entry, s->data + s->used, sizeof(*entry));
	s->used -= padded((size_t)entry->bytes + entry->form);
	b->entries--;
	f->entries--;
	f->bytes -= need_of((size_t)entry->bytes + entry->form);
	return s->data + s->used;
}

/* The bytes of a segment where they are, or a copy of them in *own: not all of them have to be in memory. */
static const unsigned char *look_at(const struct ck_frontier *f, const struct ck_segment *s, unsigned char **own)
{
	if (s->data)
		return s->data;
	*own = malloc(s->room);
	return *own && read_all(f->spill.fd, *own, s->used, offset_of(s->where)) ? *own : NULL;
}

static bool each_of(const struct ck_frontier *f, const struct ck_segment *s, ck_frontier_fn *each, void *user)
{
	unsigned char *own = NULL;
	const unsigned char *data = look_at(f, s, &own);
	struct ck_entry entry;

	for (size_t at = data ? s->used : 0; at;) {
		at -= padded(sizeof(entry));
		memcpy(&entry, data + at, sizeof(entry));
		at -= padded((size_t)entry.bytes + entry.form);
		each(user, &entry, data + at);
	}
	free(own);
	return data;
}

bool ck_frontier_each(const struct ck_frontier *f, ck_frontier_fn *each, void *user)
{
	bool ok = true;

	for (uint32_t i = 0; ok && i < f->n; i++)
		for (uint32_t k = f->bucket[i].n; ok && k-- > 0;)
			ok = each_of(f, &f->bucket[i].segment[k], each, user);
	return ok;
}

/* ---- to a file and back ---- */

static bool save_segment(const struct ck_frontier *f, const struct ck_segment *s, struct ck_file *file)
{
	unsigned char *own = NULL;
	const unsigned char *data = look_at(f, s, &own);
	const bool ok = data && ck_put(file, &s->used, sizeof(s->used)) && ck_put(file, data, s->used);

	free(own);
	return ok;
}

bool ck_frontier_save(const struct ck_frontier *f, struct ck_file *file)
{
	bool ok = ck_put(file, &f->n, sizeof(f->n)) && ck_put(file, &f->entries, sizeof(f->entries)) &&
		  ck_put(file, &f->bytes, sizeof(f->bytes)) && ck_put(file, &f->peak, sizeof(f->peak));

	for (uint32_t i = 0; ok && i < f->n; i++) {
		const struct ck_bucket *b = &f->bucket[i];

		ok = ck_put(file, &b->entries, sizeof(b->entries)) && ck_put(file, &b->n, sizeof(b->n));
		for (uint32_t k = 0; ok && k < b->n; k++)
			ok = save_segment(f, &b->segment[k], file);
	}
	return ok;
}

static bool load_segment(struct ck_frontier *f, struct ck_bucket *b, struct ck_file *file)
{
	size_t used;

	if (!ck_get(file, &used, sizeof(used)) || !ck_may_hold(file, used, 1) || !add_segment(f, b, used))
		return false;
	top_of(b)->used = used;
	return ck_get(file, top_of(b)->data, used);
}

bool ck_frontier_load(struct ck_frontier *f, struct ck_file *file, uint64_t most)
{
	uint32_t n = 0;
	bool ok = ck_get(file, &n, sizeof(n)) && ck_get(file, &f->entries, sizeof(f->entries)) &&
		  ck_get(file, &f->bytes, sizeof(f->bytes)) && ck_get(file, &f->peak, sizeof(f->peak));

	/* each has a few bytes in the file */
	ok = ok && ck_may_hold(file, n, sizeof(uint64_t)) && (!n || have_bucket(f, n - 1));
	for (uint32_t i = 0; ok && i < n; i++) {
		uint32_t segments = 0;

		ok = ck_get(file, &f->bucket[i].entries, sizeof(f->bucket[i].entries)) &&
		     ck_get(file, &segments, sizeof(segments));
		while (ok && segments--) {
			ok = load_segment(f, &f->bucket[i], file);
			while (most && f->held > most && ck_frontier_spill(f))
				;
		}
	}
	return ok;
}
