/* SPDX-License-Identifier: MIT */
/*
 * The labels of a trace, collected before anything else is read. They are kept
 * sorted: looking one up takes a few comparisons whatever the names are, and
 * nothing depends on the order of a hash table.
 */
#include <stdlib.h>
#include <string.h>

#include "trace/reader.h"

static int compare(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t len = a_len < b_len ? a_len : b_len;
	int order = memcmp(a, b, len);

	if (order)
		return order;
	return a_len < b_len ? -1 : a_len > b_len;
}

static int by_name(const void *left, const void *right)
{
	const struct gb_label *a = left, *b = right;
	int order = compare(a->p, a->len, b->p, b->len);

	if (order)
		return order;
	return a->sqe < b->sqe ? -1 : a->sqe > b->sqe;
}

static const char *skip_blanks(const char *p, const char *end)
{
	while (p < end && gb_is_blank(*p))
		p++;
	return p;
}

/* If the line is an SQE, its label; broken ones come out somehow, the second pass reports them. */
static bool label_of(const char *p, const char *end, struct gb_label *label)
{
	p = skip_blanks(p, end);
	if (end - p < 4 || memcmp(p, "sqe", 3) != 0 || !gb_is_blank(p[3]))
		return false;
	p = skip_blanks(p + 3, end);
	label->p = p;
	while (p < end && gb_is_name_char(*p, false))
		p++;
	label->len = (uint32_t)(p - label->p);
	return true;
}

bool gb_collect_labels(struct gb_reader *r)
{
	uint32_t line = 1;
	uint32_t room = 0;
	const char *newline;

	for (const char *p = r->text; p < r->text_end; p = newline + 1, line++) {
		struct gb_label label = {NULL, 0, r->n_labels};
		struct gb_label *moved;

		newline = memchr(p, '\n', (size_t)(r->text_end - p));
		if (!newline)
			newline = r->text_end - 1; /* p then is text_end: the loop ends */
		if (!label_of(p, newline + (*newline != '\n'), &label))
			continue;
		if (r->n_labels == GB_MAX_SQES) {
			r->line = line;
			return gb_fail(r, 1, "too many SQEs; expected at most %u in a trace", GB_MAX_SQES);
		}
		moved = gb_room(r, r->labels, r->n_labels, &room, sizeof(*moved));
		if (!moved)
			return false;
		r->labels = moved;
		r->labels[r->n_labels++] = label;
	}
	if (r->n_labels)
		qsort(r->labels, r->n_labels, sizeof(*r->labels), by_name);
	return true;
}

/* The first SQE that has this label. */
bool gb_find_label(const struct gb_reader *r, const struct gb_word *w, uint32_t *sqe)
{
	uint32_t low = 0, high = r->n_labels;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		const struct gb_label *label = &r->labels[middle];

		if (compare(label->p, label->len, w->p, w->len) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == r->n_labels || compare(r->labels[low].p, r->labels[low].len, w->p, w->len) != 0)
		return false;
	*sqe = r->labels[low].sqe;
	return true;
}

bool gb_read_label(struct gb_reader *r, const struct gb_word *w, uint32_t *sqe)
{
	if (gb_find_label(r, w, sqe))
		return true;
	return gb_fail(r, w->column, "%s is not declared; expected the label of an sqe", GB_QUOTE(w));
}
