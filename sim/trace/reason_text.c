/* SPDX-License-Identifier: MIT */
/* The table of reasons, and a reason as a sentence. */
#include <inttypes.h>
#include <stdio.h>

#include "groupbuf/reason.h"

static const struct gb_reason_info table[GB_R_COUNT] = {
	[GB_R_NONE] = {"NONE", 0, "", "", ""},
#define X(id, err, sentence, function, rule) [GB_R_##id] = {#id, (err), (sentence), (function), (rule)},
#include "groupbuf/reason.def"
#undef X
};

const struct gb_reason_info *gb_reason_info(unsigned int reason)
{
	return &table[reason < GB_R_COUNT ? reason : GB_R_NONE];
}

/* Where the text goes; what does not fit is cut. */
struct out {
	char *buf;
	size_t size, n;
};

static void put(struct out *o, char c)
{
	if (o->n + 1 < o->size)
		o->buf[o->n++] = c;
}

static void put_text(struct out *o, const char *text)
{
	while (*text)
		put(o, *text++);
}

static void put_number(struct out *o, int64_t number)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%" PRId64, number);
	put_text(o, digits);
}

static void put_hex(struct out *o, int64_t number)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%" PRIx64, (uint64_t)number);
	put_text(o, digits);
}

static void put_errno(struct out *o, int64_t result)
{
	const char *name = result < 0 && result >= -4095 ? gb_errno_name((int)-result) : NULL;

	if (!name) {
		put_number(o, result);
		return;
	}
	put(o, '-');
	put_text(o, name);
}

static void put_placeholder(struct out *o, const struct gb_trace *trace, const struct gb_event *ev, char which)
{
	switch (which) {
	case 'r':
		put_text(o, ev->reason_req < trace->n_sqes ? trace->sqes[ev->reason_req].label : "?");
		break;
	case 'a':
		put_number(o, ev->reason_n[0]);
		break;
	case 'b':
		put_number(o, ev->reason_n[1]);
		break;
	case 'x':
		put_hex(o, ev->reason_n[0]);
		break;
	case 'e':
		put_errno(o, ev->reason_n[0]);
		break;
	default: /* a percent sign of its own */
		put(o, which);
		break;
	}
}

const char *gb_reason_text(const struct gb_trace *trace, const struct gb_event *event, char *buf, size_t size)
{
	const struct gb_reason_info *info = gb_reason_info(event->reason);
	struct out o = {.buf = buf, .size = size};

	if (!size)
		return buf;
	for (const char *s = info->sentence; *s; s++) {
		if (*s == '%' && s[1])
			put_placeholder(&o, trace, event, *++s);
		else
			put(&o, *s);
	}
	if (*info->sentence) {
		put_text(&o, " (");
		put_text(&o, info->rule);
		put_text(&o, ", ");
		put_text(&o, info->function);
		put(&o, ')');
	}
	buf[o.n] = '\0';
	return buf;
}
