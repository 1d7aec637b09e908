/* SPDX-License-Identifier: MIT */
/*
 * A state as its difference to the start: the number of bytes, then a mask for
 * every line of eight words, a bit for each word that differs, then those words.
 */
#include <string.h>

#include "frontier.h"

#define WORD sizeof(uint64_t)
#define LINE 8U /* words, a bit each in a byte */

static size_t lines_of(size_t size)
{
	return (size + LINE * WORD - 1) / (LINE * WORD);
}

size_t ck_pack_bound(size_t size)
{
	return sizeof(uint32_t) + lines_of(size) * (1 + LINE * WORD);
}

/* The n words of a line that differ, to `to`; returns what is behind them. */
static unsigned char *pack_line(const unsigned char *bytes, const unsigned char *base, unsigned int n,
				unsigned char *to, unsigned char *mask)
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

static bool same_line(const unsigned char *a, const unsigned char *b)
{
	uint64_t x[LINE], y[LINE], differs = 0;

	memcpy(x, a, sizeof(x));
	memcpy(y, b, sizeof(y));
	for (unsigned int k = 0; k < LINE; k++)
		differs |= x[k] ^ y[k];
	return !differs;
}

size_t ck_pack(const unsigned char *bytes, size_t size, const unsigned char *base, unsigned char *to)
{
	const size_t words = (size + WORD - 1) / WORD, lines = lines_of(size);
	const uint32_t total = (uint32_t)size;
	unsigned char *masks = to + sizeof(total), *out = masks + lines;

	memcpy(to, &total, sizeof(total));
	for (size_t i = 0; i < words / LINE; i++) {
		const size_t at = i * LINE * WORD;

		masks[i] = 0;
		if (!same_line(bytes + at, base + at))
			out = pack_line(bytes + at, base + at, LINE, out, &masks[i]);
	}
	if (words % LINE) {
		const size_t at = words / LINE * LINE * WORD;

		out = pack_line(bytes + at, base + at, words % LINE, out, &masks[lines - 1]);
	}
	return (size_t)(out - to);
}

size_t ck_unpack(const unsigned char *packed, const unsigned char *base, unsigned char *bytes)
{
	const unsigned char *masks = packed + sizeof(uint32_t), *in;
	uint32_t size;

	memcpy(&size, packed, sizeof(size));
	in = masks + lines_of(size);
	memcpy(bytes, base, (size + WORD - 1) / WORD * WORD);
	for (size_t i = 0; i < lines_of(size); i++) {
		for (unsigned int mask = masks[i]; mask; mask &= mask - 1, in += WORD)
			memcpy(bytes + (i * LINE + (size_t)__builtin_ctz(mask)) * WORD, in, WORD);
	}
	return size;
}
