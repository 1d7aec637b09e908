/* SPDX-License-Identifier: MIT */
/* Numbers, results and hashes. */
#include <inttypes.h>
#include <string.h>

#include "trace/reader.h"

/* Sign and size of a number as it is written. */
struct number {
	bool negative;
	bool big; /* more than 64 bits */
	uint64_t size;
};

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

/* Decimal or 0x...; false if it is not a number at all. */
static bool scan(const char *p, size_t len, struct number *out)
{
	const char *end = p + len;
	unsigned int base = 10;

	*out = (struct number){0};
	if (p < end && *p == '-') {
		out->negative = true;
		p++;
	}
	if (end - p > 2 && p[0] == '0' && (p[1] == 'x' || p[1] == 'X')) {
		base = 16;
		p += 2;
	}
	if (p == end)
		return false;
	for (; p < end; p++) {
		unsigned int d = (unsigned int)digit(*p);

		if (d >= base)
			return false;
		if (out->size > (UINT64_MAX - d) / base)
			out->big = true;
		else
			out->size = out->size * base + d;
	}
	return true;
}

static bool in_range(const struct number *n, int64_t min, uint64_t max)
{
	if (n->big)
		return false;
	if (!n->negative || !n->size)
		return n->size <= max && (min <= 0 || n->size >= (uint64_t)min);
	return min < 0 && n->size <= -(uint64_t)min;
}

bool gb_read_number(struct gb_reader *r, const struct gb_word *w, int64_t min, uint64_t max, uint64_t *out)
{
	struct number n;

	if (!scan(w->p, w->len, &n))
		return gb_fail(r, w->column, "%s is not a number; expected %" PRId64 " to %" PRIu64, GB_QUOTE(w), min,
			       max);
	if (!in_range(&n, min, max))
		return gb_fail(r, w->column, "%s is out of range; expected %" PRId64 " to %" PRIu64, GB_QUOTE(w), min,
			       max);
	*out = n.negative ? -n.size : n.size;
	return true;
}

bool gb_read_u32(struct gb_reader *r, const struct gb_word *w, uint32_t min, uint32_t max, uint32_t *out)
{
	uint64_t value = 0;

	if (!gb_read_number(r, w, min, max, &value))
		return false;
	*out = (uint32_t)value;
	return true;
}

bool gb_read_i32(struct gb_reader *r, const struct gb_word *w, int32_t *out)
{
	uint64_t value = 0;

	if (!gb_read_number(r, w, INT32_MIN, INT32_MAX, &value))
		return false;
	*out = (int32_t)(int64_t)value;
	return true;
}

static const struct gb_keyword errnos[] = {
#define X(name, number) {"-" #name, (number)},
	GB_ERRNO_LIST(X)
#undef X
};

/* The result of a request or system call: a number or -ENAME. */
bool gb_read_result(struct gb_reader *r, const struct gb_word *w, int32_t *out)
{
	const size_t n = sizeof(errnos) / sizeof(errnos[0]);
	uint32_t value;

	if (w->len && gb_is_name_char(w->p[0], true))
		return gb_fail(r, w->column, "%s is no result; expected a number or a negative errno like -EINVAL",
			       GB_QUOTE(w));
	if (w->len < 2 || w->p[0] != '-' || !gb_is_name_char(w->p[1], true))
		return gb_read_i32(r, w, out);
	if (!gb_read_keyword(r, "errno", w, errnos, n, &value))
		return false;
	*out = -(int32_t)value;
	return true;
}

bool gb_read_hash(struct gb_reader *r, const struct gb_word *w, uint64_t *out)
{
	uint64_t hash = 0;

	for (size_t i = 0; i < w->len; i++) {
		int d = digit(w->p[i]);

		if (d > 15)
			return gb_fail(r, w->column, "%s is not a hash; expected 16 hexadecimal digits", GB_QUOTE(w));
		hash = hash << 4 | (unsigned int)d;
	}
	if (w->len != 16)
		return gb_fail(r, w->column, "%s is not a hash; expected 16 hexadecimal digits", GB_QUOTE(w));
	*out = hash;
	return true;
}
