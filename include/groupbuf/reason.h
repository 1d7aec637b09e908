/* SPDX-License-Identifier: MIT */
/* A reason behind every result: one code per distinct cause (see reason.def). */
#ifndef GROUPBUF_REASON_H
#define GROUPBUF_REASON_H

#include <stddef.h>

#include "groupbuf/event.h"
#include "groupbuf/trace.h"

enum gb_reason {
	GB_R_NONE = 0,
#define X(id, err, sentence, function, rule) GB_R_##id,
#include "groupbuf/reason.def"
#undef X
	GB_R_COUNT,
};

/* One row of the table. */
struct gb_reason_info {
	const char *name;     /* "LINK_BROKEN" */
	int err;	      /* positive errno; 0: success or a result of its own */
	const char *sentence; /* %r: label of the other request, %a %b: numbers, %e: errno name of a */
	const char *function; /* kernel function */
	const char *rule;     /* rule of semantics.md: "S5.23" */
};

/* The row of a reason; never NULL, row 0 for anything out of range. */
const struct gb_reason_info *gb_reason_info(unsigned int reason);

/*
 * The sentence with its placeholders filled in and "(rule, function)" behind
 * it, into buf, always terminated; returns buf.
 */
const char *gb_reason_text(const struct gb_trace *trace, const struct gb_event *event, char *buf, size_t size);

#endif
