/* SPDX-License-Identifier: MIT */
/* Names of files, memory, pipe and socket ends. */
#include <string.h>

#include "trace/reader.h"

#define MAX_ADDR ((1ULL << 47) - 1) /* user space ends there */

/* What each kind of object is called, and its ends. */
static const struct {
	const char *name;
	const char *article;
	const char *end[2]; /* NULL: no ends */
} kinds[] = {
	[GB_FILE] = {"file", "a file", {NULL, NULL}},
	[GB_PIPE] = {"pipe", "a pipe", {"r", "w"}},
	[GB_SOCK] = {"sock", "a socket pair", {"0", "1"}},
	[GB_LESSOR] = {"lessor", "a lessor", {NULL, NULL}},
	[GB_MEM] = {"mem", "user memory", {NULL, NULL}},
	[GB_BLOCK] = {"block", "a block device", {NULL, NULL}},
	[GB_UBLK] = {"ublk", "a ublk device", {NULL, NULL}},
	[GB_LISTEN] = {"listen", "a listening socket", {NULL, NULL}},
};

const char *gb_kind_name(enum gb_object_kind kind)
{
	return kinds[kind].name;
}

const char *gb_kind_article(enum gb_object_kind kind)
{
	return kinds[kind].article;
}

int gb_find_object(const struct gb_trace *trace, const char *name, size_t len)
{
	for (uint32_t i = 0; i < trace->n_objects; i++) {
		const char *known = trace->objects[i].name;

		if (strlen(known) == len && memcmp(known, name, len) == 0)
			return (int)i;
	}
	return -1;
}

static bool undeclared(struct gb_reader *r, const struct gb_word *w, const char *expected)
{
	struct gb_suggestion meant = {0};

	for (uint32_t i = 0; i < r->trace->n_objects; i++)
		gb_suggest(&meant, w, r->trace->objects[i].name);
	if (meant.name)
		return gb_fail(r, w->column, "%s is not declared (did you mean %s?); expected %s", GB_QUOTE(w),
			       meant.name, expected);
	return gb_fail(r, w->column, "%s is not declared; expected %s", GB_QUOTE(w), expected);
}

/* NAME or NAME.END; how the ends may be called differs. */
static bool read_name(struct gb_reader *r, const struct gb_word *w, bool numbered, const char *expected,
		      struct gb_fd *fd)
{
	const char *dot = memchr(w->p, '.', w->len);
	struct gb_word name = gb_part(w, 0, dot ? (size_t)(dot - w->p) : w->len);
	int index = gb_find_object(r->trace, name.p, name.len);
	const struct gb_object *object;
	struct gb_word end;

	if (index < 0)
		return undeclared(r, &name, expected);
	object = &r->trace->objects[index];
	*fd = (struct gb_fd){.is_object = true, .object = (uint8_t)index, .number = -1};
	if (!kinds[object->kind].end[0]) {
		if (dot)
			return gb_fail(r, w->column, "%s is %s and has no ends; expected %s", object->name,
				       kinds[object->kind].article, object->name);
		return true;
	}
	end = dot ? gb_part(w, name.len + 1, w->len - name.len - 1) : gb_part(w, w->len, 0);
	for (unsigned int i = 0; i < 2; i++) {
		if (gb_word_is(&end, kinds[object->kind].end[i]) || (numbered && gb_word_is(&end, i ? "1" : "0"))) {
			fd->end = (uint8_t)i;
			return true;
		}
	}
	return gb_fail(r, w->column, "%s names no end of %s %s; expected %s.%s or %s.%s", GB_QUOTE(w),
		       gb_kind_name(object->kind), object->name, object->name, kinds[object->kind].end[0], object->name,
		       kinds[object->kind].end[1]);
}

/* A descriptor: an object or end, or a number. */
bool gb_read_fd(struct gb_reader *r, const struct gb_word *w, struct gb_fd *fd)
{
	static const char *expected = "a file, a pipe or socket end, a lessor, 'ring' or a number";

	if (!w->len)
		return gb_fail(r, w->column, "%s names nothing; expected %s", GB_QUOTE(w), expected);
	if (!gb_is_name_char(w->p[0], true)) {
		*fd = (struct gb_fd){0};
		return gb_read_i32(r, w, &fd->number);
	}
	if (gb_word_is(w, "ring")) {
		*fd = (struct gb_fd){.is_ring = true, .number = -1};
		return true;
	}
	if (!read_name(r, w, false, expected, fd))
		return false;
	if (r->trace->objects[fd->object].kind == GB_MEM)
		return gb_fail(r, w->column, "%s is user memory; expected %s", GB_QUOTE(w), expected);
	return true;
}

/* A number, MEM or MEM+N. */
bool gb_read_addr(struct gb_reader *r, const struct gb_word *w, struct gb_addr *addr)
{
	const char *plus = memchr(w->p, '+', w->len);
	struct gb_word name = gb_part(w, 0, plus ? (size_t)(plus - w->p) : w->len);
	struct gb_word offset;
	int index;

	*addr = (struct gb_addr){0};
	if (!w->len || !gb_is_name_char(w->p[0], true))
		return gb_read_number(r, w, 0, UINT64_MAX, &addr->value);
	index = gb_find_object(r->trace, name.p, name.len);
	if (index < 0)
		return undeclared(r, &name, "a mem, a mem with +N behind it, or a number");
	if (r->trace->objects[index].kind != GB_MEM)
		return gb_fail(r, w->column, "%s is %s; expected a mem, a mem with +N behind it, or a number",
			       GB_QUOTE(&name), kinds[r->trace->objects[index].kind].article);
	addr->is_mem = true;
	addr->mem = (uint8_t)index;
	if (!plus)
		return true;
	offset = gb_part(w, name.len + 1, w->len - name.len - 1);
	return gb_read_number(r, &offset, 0, MAX_ADDR, &addr->value);
}

/* An end that the outside holds; or, if it may be one, a listening socket. */
bool gb_read_end(struct gb_reader *r, const struct gb_word *w, bool listener, struct gb_fd *fd)
{
	enum gb_object_kind kind;

	if (!read_name(r, w, false, "a pipe or socket end", fd))
		return false;
	kind = r->trace->objects[fd->object].kind;
	if (kind != GB_PIPE && kind != GB_SOCK && !(listener && kind == GB_LISTEN))
		return gb_fail(r, w->column, "%s is %s; expected a pipe or socket end", GB_QUOTE(w),
			       kinds[kind].article);
	return true;
}

/* What has an end state. A pipe's unread bytes are reported as its end 0. */
bool gb_read_final_name(struct gb_reader *r, const struct gb_word *w, struct gb_fd *fd)
{
	static const char *expected = "a file, a mem, a pipe or socket end";
	enum gb_object_kind kind;

	if (!read_name(r, w, true, expected, fd))
		return false;
	kind = r->trace->objects[fd->object].kind;
	if (kind == GB_LESSOR || kind == GB_UBLK || kind == GB_LISTEN)
		return gb_fail(r, w->column, "%s is %s, which has no end state; expected %s", GB_QUOTE(w),
			       kinds[kind].article, expected);
	return true;
}

/* A listening socket. */
bool gb_read_listener(struct gb_reader *r, const struct gb_word *w, uint8_t *object)
{
	static const char *expected = "a listening socket";
	struct gb_fd fd = {0};
	enum gb_object_kind kind;

	if (!read_name(r, w, false, expected, &fd))
		return false;
	kind = r->trace->objects[fd.object].kind;
	*object = fd.object;
	return kind == GB_LISTEN ||
	       gb_fail(r, w->column, "%s is %s; expected %s", GB_QUOTE(w), kinds[kind].article, expected);
}
