/* SPDX-License-Identifier: MIT */
/* Words of a fixed set: flags, fields, keys; and what was meant by one that is not of the set. */
#include <stdio.h>
#include <string.h>

#include "trace/reader.h"

#define MAX_MEANT 24 /* longer words are not a slip of the finger */

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Insertions, deletions, replacements and swaps of neighbours between two words, whatever their case. */
static size_t distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t rows[3][MAX_MEANT + 1];
	size_t *before = rows[0], *last = rows[1], *row = rows[2];

	for (size_t j = 0; j <= b_len; j++)
		before[j] = last[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t *oldest = before;

		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			bool differ = upper(a[i - 1]) != upper(b[j - 1]);

			row[j] = smaller(smaller(last[j], row[j - 1]) + 1, last[j - 1] + differ);
			if (i > 1 && j > 1 && upper(a[i - 1]) == upper(b[j - 2]) && upper(a[i - 2]) == upper(b[j - 1]))
				row[j] = smaller(row[j], before[j - 2] + 1);
		}
		before = last;
		last = row;
		row = oldest;
	}
	return last[b_len];
}

void gb_suggest(struct gb_suggestion *best, const struct gb_word *w, const char *name)
{
	size_t len = strlen(name);
	size_t d;

	if (w->len > MAX_MEANT || len > MAX_MEANT)
		return;
	d = distance(w->p, w->len, name, len);
	/* Half of a short word wrong is another word. */
	if (d > 2 || d * 2 > w->len || d * 2 > len || (best->name && best->distance <= d))
		return;
	*best = (struct gb_suggestion){name, d};
}

bool gb_find_keyword(const struct gb_word *w, const struct gb_keyword *table, size_t n, uint32_t *value)
{
	for (size_t i = 0; i < n; i++) {
		if (gb_word_is(w, table[i].name)) {
			*value = table[i].value;
			return true;
		}
	}
	return false;
}

/* The names of a table, as many as fit. */
static void list_names(char *buf, size_t size, const struct gb_keyword *table, size_t n)
{
	size_t used = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		const char *comma = i ? ", " : "";
		size_t len = strlen(comma) + strlen(table[i].name);

		if (used + len + sizeof(", ...") > size) {
			snprintf(buf + used, size - used, ", ...");
			return;
		}
		used += (size_t)snprintf(buf + used, size - used, "%s%s", comma, table[i].name);
	}
}

bool gb_unknown(struct gb_reader *r, const char *what, const struct gb_word *w, const struct gb_keyword *table,
		size_t n)
{
	const struct gb_word word = gb_part(w, 0, w->len); /* without its "key=" */
	struct gb_suggestion meant = {0};
	char head[GB_QUOTE_SIZE + 96];
	char names[sizeof(r->error.text)];
	int used;

	for (size_t i = 0; i < n; i++)
		gb_suggest(&meant, w, table[i].name);
	used = snprintf(head, sizeof(head), "unknown %s %s%s%s%s; expected ", what, GB_QUOTE(&word),
			meant.name ? " (did you mean " : "", meant.name ? meant.name : "", meant.name ? "?)" : "");
	list_names(names, sizeof(names) - (size_t)used, table, n);
	return gb_fail(r, w->column, "%s%s", head, names);
}

bool gb_read_keyword(struct gb_reader *r, const char *what, const struct gb_word *w, const struct gb_keyword *table,
		     size_t n, uint32_t *value)
{
	return gb_find_keyword(w, table, n, value) || gb_unknown(r, what, w, table, n);
}

/* Flag names and numbers up to max, with '|' between them. */
bool gb_read_flags(struct gb_reader *r, const char *what, const struct gb_word *w, const struct gb_keyword *table,
		   size_t n, uint32_t max, uint32_t *value)
{
	size_t from = 0;

	*value = 0;
	while (from <= w->len) {
		const char *bar = memchr(w->p + from, '|', w->len - from);
		size_t len = bar ? (size_t)(bar - w->p) - from : w->len - from;
		struct gb_word part = gb_part(w, from, len);
		uint32_t bits = 0;
		bool ok;

		if (len && part.p[0] >= '0' && part.p[0] <= '9')
			ok = gb_read_u32(r, &part, 0, max, &bits);
		else
			ok = gb_read_keyword(r, what, &part, table, n, &bits);
		if (!ok)
			return false;
		*value |= bits;
		from += len + 1;
	}
	return true;
}

/* The next word of the line: a pair, a word of its own, or nothing. */
enum gb_item gb_next_item(struct gb_reader *r, struct gb_pairs *pairs, uint32_t *key, struct gb_word *value)
{
	struct gb_word w, name;
	const char *equals;

	if (!gb_next_word(r, &w))
		return GB_ITEM_END;
	equals = memchr(w.p, '=', w.len);
	if (!equals && pairs->bare) {
		*value = w;
		return GB_ITEM_BARE;
	}
	if (!equals) {
		char names[128];

		list_names(names, sizeof(names), pairs->keys, pairs->n);
		gb_fail(r, w.column, "unexpected %s; expected KEY=VALUE with one of the keys %s", GB_QUOTE(&w), names);
		return GB_ITEM_ERROR;
	}
	if (!pairs->n) {
		gb_fail(r, w.column, "unexpected %s; expected %s", GB_QUOTE(&w), pairs->bare);
		return GB_ITEM_ERROR;
	}
	name = gb_part(&w, 0, (size_t)(equals - w.p));
	*value = gb_part(&w, name.len + 1, w.len - name.len - 1);
	value->prefix = name.len + 1;
	if (!gb_read_keyword(r, "key", &name, pairs->keys, pairs->n, key))
		return GB_ITEM_ERROR;
	if (pairs->given & 1U << *key) {
		gb_fail(r, w.column, "%s= is given twice; expected it once", pairs->keys[*key].name);
		return GB_ITEM_ERROR;
	}
	pairs->given |= 1U << *key;
	return GB_ITEM_PAIR;
}
