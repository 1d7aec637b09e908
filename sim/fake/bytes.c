/* SPDX-License-Identifier: MIT */
/* Bytes: hashes, the `seq` pattern, shadow bits and the page pool. */
#include <string.h>

#include "fake/fake.h"
#include "world/state.h"

#define FNV_PRIME 0x100000001b3ULL

uint64_t gb_fnv(uint64_t hash, const unsigned char *bytes, uint64_t n)
{
	for (uint64_t k = 0; k < n; k++)
		hash = (hash ^ bytes[k]) * FNV_PRIME;
	return hash;
}

void gb_seq_fill(unsigned char *to, uint64_t at, uint32_t n)
{
	uint32_t value = gb_seq_byte(at);

	for (uint32_t k = 0; k < n; k++) {
		to[k] = (unsigned char)value;
		at++;
		value += at % 256U ? 7U : 8U;
		if (value >= 165U)
			value -= 165U;
	}
}

/* The bits of one shadow byte that stand for lo <= x < hi, which lie in it. */
static unsigned char shadow_mask(uint32_t lo, uint32_t hi)
{
	return (unsigned char)((0xFFU << lo % 8U) & (0xFFU >> (7U - (hi - 1U) % 8U)));
}

void gb_shadow_set(unsigned char *bits, uint32_t lo, uint32_t hi)
{
	uint32_t first = lo / 8U, last;

	if (lo >= hi)
		return;
	last = (hi - 1U) / 8U;
	if (first == last) {
		bits[first] |= shadow_mask(lo, hi);
		return;
	}
	bits[first] |= shadow_mask(lo, first * 8U + 8U);
	memset(bits + first + 1, 0xFF, last - first - 1U);
	bits[last] |= shadow_mask(last * 8U, hi);
}

/* Are n whole shadow bytes set? */
static bool shadow_bytes_all(const unsigned char *bits, uint32_t n)
{
	uint64_t word;

	for (; n >= sizeof(word); n -= (uint32_t)sizeof(word), bits += sizeof(word)) {
		memcpy(&word, bits, sizeof(word));
		if (word != UINT64_MAX)
			return false;
	}
	for (; n; n--, bits++)
		if (*bits != 0xFF)
			return false;
	return true;
}

bool gb_shadow_all(const unsigned char *bits, uint32_t lo, uint32_t hi)
{
	uint32_t first = lo / 8U, last;
	unsigned char mask;

	if (lo >= hi)
		return true;
	last = (hi - 1U) / 8U;
	mask = shadow_mask(lo, first == last ? hi : first * 8U + 8U);
	if ((bits[first] & mask) != mask)
		return false;
	if (first == last)
		return true;
	mask = shadow_mask(last * 8U, hi);
	return (bits[last] & mask) == mask && shadow_bytes_all(bits + first + 1, last - first - 1U);
}

uint16_t gb_page_get(struct gb_world *w)
{
	struct gb_state *s = gb_state(w);
	uint16_t page = s->page_free;

	if (page)
		s->page_free = gb_page(w, page - 1U)->next;
	else if (s->pages_used < w->at.n_pages && s->pages_used < UINT16_MAX)
		page = (uint16_t)++s->pages_used;
	else
		return 0;
	gb_page(w, page - 1U)->next = 0;
	return page;
}

void gb_page_put(struct gb_world *w, uint16_t page)
{
	struct gb_state *s = gb_state(w);

	gb_page(w, page - 1U)->next = s->page_free;
	s->page_free = page;
}

unsigned char *gb_page_data(const struct gb_world *w, uint16_t page)
{
	return gb_page(w, page - 1U)->data;
}
