/* SPDX-License-Identifier: MIT */
/* Lists of buffers and files, rings of provided buffers. */
#include <inttypes.h>
#include <string.h>

#include "trace/reader.h"

#define MAX_RING 32768U /* io_register_pbuf_ring */

/* ADDR:LEN; -1 is a length the kernel refuses. */
static bool read_segment(struct gb_reader *r, const struct gb_word *w, struct gb_segment *range)
{
	const char *colon = memchr(w->p, ':', w->len);
	struct gb_word addr, len;

	if (!colon)
		return gb_fail(r, w->column, "%s has no length; expected ADDR:LEN", GB_QUOTE(w));
	addr = gb_part(w, 0, (size_t)(colon - w->p));
	len = gb_part(w, addr.len + 1, w->len - addr.len - 1);
	return gb_read_addr(r, &addr, &range->addr) && gb_read_number(r, &len, -1, UINT64_MAX, &range->len);
}

/* The next element of a list with commas, which begins at *from. */
static struct gb_word next_element(const struct gb_word *list, size_t *from)
{
	const char *comma = memchr(list->p + *from, ',', list->len - *from);
	struct gb_word w = gb_part(list, *from, comma ? (size_t)(comma - list->p) - *from : list->len - *from);

	*from += w.len + 1;
	return w;
}

static bool too_long(struct gb_reader *r, const struct gb_word *element, uint32_t max)
{
	return gb_fail(r, element->column, "the list is too long; expected at most %" PRIu32 " elements", max);
}

bool gb_read_ranges(struct gb_reader *r, const struct gb_word *w, uint32_t max, struct gb_segment **list, uint32_t *n)
{
	uint32_t room = 0;

	for (size_t from = 0; from <= w->len;) {
		struct gb_word element = next_element(w, &from);
		struct gb_segment *moved;

		if (*n == max)
			return too_long(r, &element, max);
		moved = gb_room(r, *list, *n, &room, sizeof(**list));
		if (!moved)
			return false;
		*list = moved;
		if (!read_segment(r, &element, &moved[(*n)++]))
			return false;
	}
	return true;
}

bool gb_read_fds(struct gb_reader *r, const struct gb_word *w, uint32_t max, struct gb_fd **list, uint32_t *n)
{
	uint32_t room = 0;

	for (size_t from = 0; from <= w->len;) {
		struct gb_word element = next_element(w, &from);
		struct gb_fd *moved;

		if (*n == max)
			return too_long(r, &element, max);
		moved = gb_room(r, *list, *n, &room, sizeof(**list));
		if (!moved)
			return false;
		*list = moved;
		if (!gb_read_fd(r, &element, &moved[(*n)++]))
			return false;
	}
	return true;
}

static bool read_bgid(struct gb_reader *r, struct gb_stmt *stmt)
{
	struct gb_word w;
	uint32_t bgid;

	if (!gb_want_word(r, &w, "the number of a buffer group") || !gb_read_u32(r, &w, 0, UINT16_MAX, &bgid))
		return false;
	stmt->bgid = (uint16_t)bgid;
	return true;
}

bool gb_read_buffers(struct gb_reader *r, const struct gb_word *verb)
{
	static const struct gb_keyword keys[] = {{"entries", 0}, {"inc", 1}};
	struct gb_pairs pairs = {keys, 2, NULL, 0};
	struct gb_stmt *stmt = gb_task_stmt(r, GB_STMT_BUFFERS, verb);
	struct gb_word value;
	enum gb_item item;
	uint32_t key, inc;

	if (!stmt || !read_bgid(r, stmt))
		return false;
	while ((item = gb_next_item(r, &pairs, &key, &value)) == GB_ITEM_PAIR) {
		if (key == 1) {
			if (!gb_read_u32(r, &value, 0, 1, &inc))
				return false;
			stmt->inc = inc;
			continue;
		}
		if (!gb_read_u32(r, &value, 1, MAX_RING, &stmt->n))
			return false;
		if (stmt->n & (stmt->n - 1))
			return gb_fail(r, value.column, "%s is not a power of two, io_register_pbuf_ring refuses it",
				       GB_QUOTE(&value));
	}
	if (item == GB_ITEM_ERROR)
		return false;
	if (!stmt->n)
		return gb_fail(r, verb->column, "the ring has no size; expected entries=N");
	r->rings[stmt->bgid / 8] |= (unsigned char)(1U << stmt->bgid % 8);
	return true;
}

bool gb_read_provide(struct gb_reader *r, const struct gb_word *verb)
{
	static const struct gb_keyword keys[] = {{"bid", 0}, {"n", 1}};
	struct gb_pairs pairs = {keys, 2, NULL, 0};
	struct gb_stmt *stmt = gb_task_stmt(r, GB_STMT_PROVIDE, verb);
	struct gb_word buffer, value;
	enum gb_item item;
	uint32_t key, number;

	if (!stmt || !read_bgid(r, stmt))
		return false;
	if (!(r->rings[stmt->bgid / 8] & 1U << stmt->bgid % 8))
		return gb_fail(r, verb->column, "buffer group %u has no ring; expected 'buffers %u entries=N' before",
			       (unsigned int)stmt->bgid, (unsigned int)stmt->bgid);
	if (!gb_want_word(r, &buffer, "ADDR:LEN") || !gb_read_ranges(r, &buffer, 1, &stmt->range, &stmt->n_list))
		return false;
	if (stmt->range->len > UINT32_MAX)
		return gb_fail(r, buffer.column, "a buffer of a ring has at most %u bytes", UINT32_MAX);
	stmt->n = 1;
	while ((item = gb_next_item(r, &pairs, &key, &value)) == GB_ITEM_PAIR) {
		if (!gb_read_u32(r, &value, key, key ? MAX_RING : UINT16_MAX, &number))
			return false;
		if (key) {
			stmt->n = number;
			stmt->n_given = true;
		} else {
			stmt->bid = (uint16_t)number;
			stmt->bid_given = true;
		}
	}
	return item == GB_ITEM_END;
}
