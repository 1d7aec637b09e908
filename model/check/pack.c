/* SPDX-License-Identifier: MIT */
/*
 * A state as its difference to the start: the number of bytes, then a mask for
 * every line of eight words, a bit for each word that differs, then those words.
 */
#include <string.h>

#include "frontier.h"

#define WORD sizeof(uint64_t)
#define LINE (CK_LINE / WORD) /* words, a bit each in a byte */

static size_t lines_of(size_t size)
{
	return (size + CK_LINE - 1) / (CK_LINE);
}

size_t ck_pack_bound(size_t size)
{
	return sizeof(uint32_t) + lines_of(size) * (1 + CK_LINE);
}

/* The n words of a line that differ, to `to`; returns what is behind them. */
static unsigned char *pack_line(const unsigned char *bytes, const unsigned char *base, size_t n, unsigned char *to,
				unsigned char *mask)
{
	unsigned int which = 0;

	for (unsigned int k = 0; k < n; k++) {
		uint64_t now, old;

		memcpy(&now, bytes + k * WORD, WORD);
		memcpy(&old, base + k * WORD, WORD);
		/* no branch: which words change is not to be guessed */
		memcpy(to, &now, WORD);
		to += now != old ? WORD : 0;
		which |= (unsigned int)(now != old) << k;
	}
	*mask = (unsigned char)which;
	return to;
}

/* Compilers make a few instructions of it: the size is known. */
static bool same_line(const unsigned char *a, const unsigned char *b)
{
	return memcmp(a, b, CK_LINE) == 0;
}

static const unsigned char *line_of(const struct ck_pieces *p, size_t i)
{
	const size_t at = i * CK_LINE;

	return at < p->head_size ? p->head + at : p->body + (at - p->head_size);
}

/* All lines from `first` on. */
static unsigned char *pack_lines(const struct ck_pieces *p, const unsigned char *base, size_t first, unsigned char *out,
				 unsigned char *masks)
{
	const size_t words = (p->head_size + p->body_size) / WORD;

	for (size_t i = first; i < words / LINE; i++) {
		masks[i] = 0;
		if (!same_line(line_of(p, i), base + i * CK_LINE))
			out = pack_line(line_of(p, i), base + i * CK_LINE, LINE, out, &masks[i]);
	}
	if (words % LINE)
		out = pack_line(line_of(p, words / LINE), base + words / LINE * CK_LINE, words % LINE, out,
				&masks[words / LINE]);
	return out;
}

size_t ck_pack(const unsigned char *bytes, size_t size, const unsigned char *base, unsigned char *to)
{
	const struct ck_pieces whole = {NULL, 0, bytes, (size + WORD - 1) / WORD * WORD};
	const uint32_t total = (uint32_t)size;
	unsigned char *masks = to + sizeof(total);

	memcpy(to, &total, sizeof(total));
	return (size_t)(pack_lines(&whole, base, 0, masks + lines_of(size), masks) - to);
}

size_t ck_pack_child(const struct ck_pieces *child, const unsigned char *base, const struct ck_unpacked *parent,
		     unsigned char *to)
{
	const size_t size = child->head_size + child->body_size;
	const size_t known = (size < parent->size ? size : parent->size) / CK_LINE;
	const uint32_t total = (uint32_t)size;
	unsigned char *masks = to + sizeof(total), *out = masks + lines_of(size);
	size_t from = 0; /* lines from here on are as the parent's, and have not been written yet */

	memcpy(to, &total, sizeof(total));
	memcpy(masks, parent->packed + sizeof(total), known);
	for (size_t i = 0; i <= known; i++) {
		const unsigned char *line = line_of(child, i);
		size_t same;

		if (i < known && same_line(line, parent->bytes + i * CK_LINE))
			continue;
		same = parent->line[i] - parent->line[from];
		memcpy(out, parent->packed + parent->line[from], same);
		out += same;
		from = i + 1;
		if (i < known)
			out = pack_line(line, base + i * CK_LINE, LINE, out, &masks[i]);
	}
	return (size_t)(pack_lines(child, base, known, out, masks) - to);
}

void ck_unpack(const unsigned char *packed, const unsigned char *base, struct ck_unpacked *to)
{
	const unsigned char *masks = packed + sizeof(uint32_t), *in;
	uint32_t size;
	size_t lines;

	memcpy(&size, packed, sizeof(size));
	lines = lines_of(size);
	in = masks + lines;
	to->packed = packed;
	to->size = size;
	memcpy(to->bytes, base, (size + WORD - 1) / WORD * WORD);
	for (size_t i = 0; i < lines; i++) {
		to->line[i] = (uint32_t)(in - packed);
		for (unsigned int mask = masks[i]; mask; mask &= mask - 1, in += WORD)
			memcpy(to->bytes + (i * LINE + (size_t)__builtin_ctz(mask)) * WORD, in, WORD);
	}
	to->line[lines] = (uint32_t)(in - packed);
}

size_t ck_unpacked_lines(size_t size)
{
	return lines_of(size) + 1;
}

size_t ck_squeeze_bound(size_t n)
{
	return 1 + n + n / WORD;
}

size_t ck_squeeze(const unsigned char *bytes, size_t n, unsigned char *to)
{
	const size_t rest = n % WORD;
	unsigned char *out = to;

	*out++ = (unsigned char)rest;
	for (size_t at = 0; at + WORD <= n; at += WORD) {
		unsigned char *mask = out++;

		*mask = 0;
		for (unsigned int k = 0; k < WORD; k++) {
			const unsigned int there = bytes[at + k] != 0;

			*out = bytes[at + k];
			out += there;
			*mask |= (unsigned char)(there << k);
		}
	}
	memcpy(out, bytes + n - rest, rest);
	return (size_t)(out - to) + rest;
}
