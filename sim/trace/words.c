/* SPDX-License-Identifier: MIT */
/* A line in words, and a word in an error text. */
#include <stdio.h>
#include <string.h>

#include "trace/reader.h"

bool gb_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Not <ctype.h>: the language does not depend on the locale. */
bool gb_is_name_char(char c, bool first)
{
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_')
		return true;
	return !first && ((c >= '0' && c <= '9') || c == '-');
}

bool gb_word_is(const struct gb_word *w, const char *s)
{
	return strlen(s) == w->len && memcmp(s, w->p, w->len) == 0;
}

bool gb_next_word(struct gb_reader *r, struct gb_word *w)
{
	while (r->p < r->line_end && gb_is_blank(*r->p))
		r->p++;
	w->p = r->p;
	w->column = (uint32_t)(r->p - r->line_start) + 1;
	w->prefix = 0;
	while (r->p < r->line_end && !gb_is_blank(*r->p))
		r->p++;
	w->len = (size_t)(r->p - w->p);
	return w->len != 0;
}

bool gb_want_word(struct gb_reader *r, struct gb_word *w, const char *expected)
{
	if (gb_next_word(r, w))
		return true;
	return gb_fail(r, w->column, "the line ends too early; expected %s", expected);
}

bool gb_want_end(struct gb_reader *r)
{
	struct gb_word w;

	if (!gb_next_word(r, &w))
		return true;
	return gb_fail(r, w.column, "unexpected %s; expected the end of the line", GB_QUOTE(&w));
}

/* The rest of the line as one word, blanks and all. */
struct gb_word gb_rest(struct gb_reader *r)
{
	struct gb_word w;

	gb_next_word(r, &w);
	r->p = r->line_end;
	w.len = (size_t)(r->line_end - w.p);
	return w;
}

struct gb_word gb_part(const struct gb_word *w, size_t from, size_t len)
{
	return (struct gb_word){w->p + from, len, w->column + (uint32_t)from, 0};
}

bool gb_check_name(struct gb_reader *r, const struct gb_word *w)
{
	for (size_t i = 0; i < w->len; i++)
		if (!gb_is_name_char(w->p[i], i == 0))
			return gb_fail(r, w->column,
				       "%s is not a name; expected a letter or '_', then letters, digits, '_' and '-'",
				       GB_QUOTE(w));
	if (w->len > GB_MAX_NAME)
		return gb_fail(r, w->column, "the name %s is too long; expected at most %u characters", GB_QUOTE(w),
			       GB_MAX_NAME);
	return true;
}

const char *gb_quote(char buf[static GB_QUOTE_SIZE], const struct gb_word *w)
{
	const char *p = w->p - w->prefix;
	const char *end = w->p + w->len;
	const char *mark = w->prefix ? "" : "'";
	const size_t room = GB_QUOTE_SIZE - sizeof("\\x00...'");
	size_t n = (size_t)snprintf(buf, GB_QUOTE_SIZE, "%s", mark);

	for (; p < end && n < room; p++) {
		unsigned char c = (unsigned char)*p;

		if (c > ' ' && c < 0x7f)
			buf[n++] = *p;
		else
			n += (size_t)snprintf(buf + n, GB_QUOTE_SIZE - n, c == ' ' ? " " : "\\x%02x", (unsigned int)c);
	}
	snprintf(buf + n, GB_QUOTE_SIZE - n, "%s%s", p < end ? "..." : "", mark);
	return buf;
}
