/* SPDX-License-Identifier: MIT */
/* The canonical form of open files, pipes, sockets, and of contents of any kind. */
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "world/canon.h"

_Static_assert(sizeof(struct gb_file) == 24, "see canon_put_files");
_Static_assert(sizeof(struct gb_pipe) == 104, "see put_pipe");
_Static_assert(sizeof(struct gb_sock) == 64, "see put_sock");
_Static_assert(sizeof(struct gb_area) == 20, "see put_area");

/* ---- contents ---- */

static void put_hash(struct gb_canon *c, const unsigned char *bytes, uint32_t n)
{
	XXH128_canonical_t hash;

	XXH128_canonicalFromHash(&hash, XXH3_128bits(bytes, n));
	memcpy(c->at, hash.digest, GB_CANON_HASH);
	c->at += GB_CANON_HASH;
}

void canon_put_bytes(struct gb_canon *c, const unsigned char *bytes, uint32_t n)
{
	canon_put(c, n);
	if (n > GB_CANON_HASH) {
		put_hash(c, bytes, n);
		return;
	}
	memcpy(c->at, bytes, n);
	c->at += n;
}

void canon_put_changed(struct gb_canon *c, uint32_t offset, uint32_t n)
{
	const struct gb_world *w = c->w;
	const unsigned char *now = gb_bytes(w, offset);

	if (!n)
		return;
	/* a rebuilt world does not know its beginning */
	if (w->start_size && !memcmp(now, w->start + w->at.bytes + offset, n))
		canon_put(c, 0);
	else
		canon_put_bytes(c, now, n);
}

/* A page of the cache: there, missing, there since a read ended (which matters if that failed), or on its way. */
static void put_cached_page(struct gb_canon *c, uint64_t due_us)
{
	uint64_t now = gb_state(c->w)->now_us;

	if (!due_us || due_us == UINT64_MAX)
		canon_put(c, due_us ? 1 : 0);
	else
		canon_put(c, due_us > now ? 3 + (due_us - now) : 2);
}

static void put_area(struct gb_canon *c, const struct gb_area *area)
{
	const uint64_t *cache = (const uint64_t *)(const void *)gb_bytes(c->w, area->cache);

	canon_put(c, area->size);
	canon_put_changed(c, area->bytes, area->cap);
	for (uint32_t page = 0; page < area->pages; page++)
		put_cached_page(c, cache[page]);
}

void canon_put_areas(struct gb_canon *c)
{
	for (uint32_t k = 0; k < c->w->trace->n_objects; k++) {
		const struct gb_area *area = gb_area(c->w, k + 1);

		if (area->cap)
			put_area(c, area);
	}
}

/* ---- pipes ---- */

/* Slots from the oldest on: where they lie in the ring and in the pool is of no account. */
static void put_pipe(struct gb_canon *c, const struct gb_pipe *p)
{
	canon_put(c, p->readers);
	canon_put(c, p->writers);
	canon_put(c, p->count);
	for (unsigned int k = 0; k < p->count; k++) {
		unsigned int slot = (p->head + k) % GB_PIPE_SLOTS;

		canon_put(c, p->off[slot]);
		canon_put_bytes(c, gb_page_data(c->w, p->page[slot]) + p->off[slot], p->len[slot]);
	}
	CANON_PUT_LIST(c, p->rd_wait.first, wait_next);
	CANON_PUT_LIST(c, p->wr_wait.first, wait_next);
}

/* ---- sockets ---- */

/* The queue in pieces of a page, as a receive copies it. */
static void put_queue(struct gb_canon *c, const struct gb_sock *s)
{
	uint32_t off = s->first_off;

	canon_put(c, off);
	for (uint16_t page = s->first; page; page = gb_page(c->w, page - 1U)->next, off = 0) {
		uint32_t end = page == s->last ? s->last_len : GB_PAGE_SIZE;

		canon_put_bytes(c, gb_page_data(c->w, page) + off, end - off);
	}
}

/* Sends that wait until their bytes have been read, with what is still in front of their end. */
static void put_held(struct gb_canon *c, const struct gb_sock *s)
{
	for (uint16_t k = s->zc_first; k; k = io_req(c->w, k)->list_next) {
		canon_put(c, canon_ref(c, k));
		canon_put_signed(c, (int32_t)(io_req(c->w, k)->cmd.notif.end - s->taken));
	}
	canon_put(c, 0);
}

/* Connections nobody has accepted, and who waits for room among them. */
static void put_accept_queue(struct gb_canon *c, const struct gb_accept_queue *q)
{
	for (uint16_t k = q->first; k; k = gb_sock(c->w, k)->accept_next)
		canon_put(c, k);
	canon_put(c, 0);
	CANON_PUT_LIST(c, q->peer_wait.first, wait_next);
}

static void put_sock(struct gb_canon *c, const struct gb_sock *s)
{
	const uint64_t field[] = {s->shut, s->closed, s->err, s->peer, s->state, s->queued, s->dg_count};
	uint32_t n;

	CANON_PUT_SPARSE(c, field);
	if (s->first)
		put_queue(c, s);
	for (uint32_t k = 0; k < s->dg_count; k++) {
		memcpy(&n, gb_bytes(c->w, s->dg_area + (s->dg_head + k) % s->dg_cap * (uint32_t)sizeof(n)), sizeof(n));
		canon_put(c, n);
	}
	CANON_PUT_LIST(c, s->wait.first, wait_next);
	put_held(c, s);
	if (s->state == GB_SOCK_LISTEN)
		put_accept_queue(c, &s->accept);
}

/* ---- open files ---- */

void canon_put_files(struct gb_canon *c)
{
	const struct gb_world *w = c->w;

	for (uint32_t k = 1; k <= w->at.n_files; k++) {
		const struct gb_file *f = gb_file(w, k);
		const uint64_t field[] = {!(f->mode & GB_FMODE_OPEN), f->users, f->f_pos, f->spent};

		CANON_PUT_SPARSE(c, field);
	}
	for (uint32_t k = 1; k <= w->at.n_pipes; k++)
		put_pipe(c, gb_pipe(w, k));
	for (uint32_t k = 1; k <= w->at.n_socks; k++)
		put_sock(c, gb_sock(w, k));
}
