/* SPDX-License-Identifier: MIT */
/* Text that grows, and the parts of a trace printed into it. */
#ifndef GB_TRACE_PRINTER_H
#define GB_TRACE_PRINTER_H

#include "groupbuf/trace.h"

/* Text so far; after a failed allocation it takes no more and gb_text_take returns NULL. */
struct gb_text {
	char *p;
	size_t len, room;
	bool failed;
};

/* text.c */
void gb_text_add(struct gb_text *text, const char *fmt, ...) GB_PRINTF(2, 3);
char *gb_text_take(struct gb_text *text);

/* A set of named bits as NAME|NAME, what has no name as a number behind it. */
struct gb_flag_name {
	uint32_t bit;
	const char *name;
};
void gb_text_add_flags(struct gb_text *text, uint32_t flags, const struct gb_flag_name *names, size_t n);

/* Lines without newline. */
void gb_print_world(struct gb_text *text, const struct gb_trace *trace);
void gb_print_stmt(struct gb_text *text, const struct gb_trace *trace, const struct gb_stmt *stmt);
void gb_print_ranges(struct gb_text *text, const struct gb_trace *trace, const struct gb_segment *range, uint32_t n);
void gb_print_register(struct gb_text *text, const struct gb_trace *trace, const struct gb_stmt *stmt);
void gb_print_obs(struct gb_text *text, const struct gb_trace *trace, const struct gb_obs *obs);
void gb_print_seen(struct gb_text *text, const struct gb_trace *trace, const struct gb_seen *seen);
void gb_print_prop(struct gb_text *text, const struct gb_trace *trace, const struct gb_prop *prop);

/* printer_file.c: the fields of a file class that differ from what they are if not given. */
void gb_print_file_class(struct gb_text *text, const struct gb_file_class *c);

/* Label of an SQE, "?" if there is no such SQE. */
const char *gb_print_label(const struct gb_trace *trace, uint32_t sqe);

/* Room for the longest descriptor, and that of an end that is reported as a number ("p.0"). */
#define GB_FD_SIZE (GB_MAX_NAME + 16)

#endif
