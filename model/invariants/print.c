/* SPDX-License-Identifier: MIT */
/* A violation in words. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mon.h"

static const char *const sentences[MON_SAYS] = {
#define X(id, sentence) [MON_SAY_##id] = (sentence),
#include "say.def"
#undef X
};

/* Text that grows; `room` counts what would be needed once it is full. */
struct text {
	char *at;
	size_t n, room;
};

static void put(struct text *t, const char *s)
{
	const size_t n = strlen(s);

	if (t->at && t->n + n < t->room)
		memcpy(t->at + t->n, s, n + 1);
	t->n += n;
}

static void put_number(struct text *t, int64_t n)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%" PRId64, n);
	put(t, digits);
}

static void put_label(struct text *t, const struct gb_trace *trace, uint32_t req)
{
	put(t, req < trace->n_sqes ? trace->sqes[req].label : "?");
}

static void put_placeholder(struct text *t, const struct gb_trace *trace, const struct gb_violation *v, char which)
{
	switch (which) {
	case 'r':
		put_label(t, trace, v->req);
		break;
	case 'o':
		put_label(t, trace, v->other);
		break;
	case 'a':
	case 'b':
		put_number(t, v->n[which == 'b']);
		break;
	case 's':
	case 't':
		put(t, "(step ");
		put_number(t, (int64_t)v->step[which == 't']);
		put(t, ")");
		break;
	case 'k':
		put(t, v->n[0] >= 0 && v->n[0] < (int64_t)trace->n_blkreqs ? trace->blkreqs[v->n[0]].label : "?");
		break;
	default:
		break;
	}
}

static void write_text(struct text *t, const struct gb_trace *trace, const struct gb_violation *v)
{
	const char *s = v->sentence < MON_SAYS ? sentences[v->sentence] : "";

	t->n = 0;
	put(t, v->invariant < mon_rows ? mon_table[v->invariant].info.number : "?");
	put(t, " violated: ");
	for (; *s; s++) {
		const char plain[2] = {*s, '\0'};

		if (*s == '%' && s[1])
			put_placeholder(t, trace, v, *++s);
		else
			put(t, plain);
	}
}

char *gb_violation_print(const struct gb_trace *trace, const struct gb_violation *violation)
{
	struct text t = {0};

	write_text(&t, trace, violation);
	t.room = t.n + 1;
	t.at = malloc(t.room);
	if (t.at)
		write_text(&t, trace, violation);
	return t.at;
}

/* Length of the " (step 12)" at s; 0 if it is none. */
static size_t step_at(const char *s)
{
	static const char begin[] = " (step ";
	size_t n = sizeof(begin) - 1;

	if (strncmp(s, begin, n) != 0 || s[n] < '0' || s[n] > '9')
		return 0;
	n += strspn(s + n, "0123456789");
	return s[n] == ')' ? n + 1 : 0;
}

void gb_violation_strip(char *text)
{
	char *to = text;

	for (const char *from = text; *from;) {
		const size_t n = step_at(from);

		if (n)
			from += n;
		else
			*to++ = *from++;
	}
	*to = '\0';
}
