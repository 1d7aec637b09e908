/* SPDX-License-Identifier: MIT */
/* A trace in canonical form: world, program, observations. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "trace/printer.h"

const char *gb_print_label(const struct gb_trace *trace, uint32_t sqe)
{
	return sqe < trace->n_sqes ? trace->sqes[sqe].label : "?";
}

static void print_ring(struct gb_text *text, const struct gb_trace *trace)
{
	static const struct gb_flag_name names[] = {
#define X(name, bit) {1U << (bit), #name},
		GB_SETUP_FLAG_LIST(X)
#undef X
	};

	gb_text_add(text, "ring");
	if (trace->entries_given)
		gb_text_add(text, " entries=%" PRIu32, trace->entries);
	if (trace->cq_given)
		gb_text_add(text, " cq=%" PRIu32, trace->cq_entries);
	if (trace->flags_given) {
		gb_text_add(text, " flags=");
		gb_text_add_flags(text, trace->setup_flags, names, sizeof(names) / sizeof(names[0]));
	}
	gb_text_add(text, "\n");
}

static void print_object(struct gb_text *text, const struct gb_object *object)
{
	static const char *const kinds[] = {
		[GB_FILE] = "file", [GB_PIPE] = "pipe",	  [GB_SOCK] = "sock", [GB_LESSOR] = "lessor",
		[GB_MEM] = "mem",   [GB_BLOCK] = "block", [GB_UBLK] = "ublk", [GB_LISTEN] = "listen"};
	static const struct gb_flag_name flags[] = {
#define X(name, bit) {1U << (bit), #name},
		GB_UBLK_FLAG_LIST(X)
#undef X
	};

	gb_text_add(text, "%s %s", kinds[object->kind], object->name);
	if (object->kind == GB_FILE || object->kind == GB_MEM || object->kind == GB_BLOCK)
		gb_text_add(text, " size=%" PRIu64, object->size);
	if (object->fill_given && object->fill == GB_FILL_SEQ)
		gb_text_add(text, " fill=seq");
	else if (object->fill_given)
		gb_text_add(text, " fill=0x%02x", (unsigned int)object->fill);
	if (object->direct)
		gb_text_add(text, " direct=1");
	gb_print_file_class(text, &object->file);
	if (object->type_given)
		gb_text_add(text, " type=%s", object->dgram ? "dgram" : "stream");
	if (object->sndbuf)
		gb_text_add(text, " sndbuf=%" PRIu64, object->sndbuf);
	if (object->zc_given)
		gb_text_add(text, " zc=%s", object->zc == GB_ZC_COPY ? "copy" : "hold");
	if (object->inq_given)
		gb_text_add(text, " inq=%d", object->inq);
	if (object->connected_given)
		gb_text_add(text, " connected=%d", !object->unconnected);
	if (object->backlog_given)
		gb_text_add(text, " backlog=%" PRIu32, object->backlog);
	if (object->kind == GB_UBLK)
		gb_text_add(text, " depth=%" PRIu32, object->depth);
	if (object->flags_given) {
		gb_text_add(text, " flags=");
		gb_text_add_flags(text, object->flags, flags, sizeof(flags) / sizeof(flags[0]));
	}
	gb_text_add(text, "\n");
}

void gb_print_world(struct gb_text *text, const struct gb_trace *trace)
{
	if (trace->title)
		gb_text_add(text, "title %s\n", trace->title);
	if (trace->ring_given)
		print_ring(text, trace);
	for (uint32_t i = 0; i < trace->n_objects; i++)
		print_object(text, &trace->objects[i]);
}

char *gb_trace_print(const struct gb_trace *trace)
{
	struct gb_text text = {0};

	gb_print_world(&text, trace);
	for (uint32_t i = 0; i < trace->n_stmts; i++) {
		gb_print_stmt(&text, trace, &trace->stmts[i]);
		gb_text_add(&text, "\n");
	}
	if (text.len && (trace->n_expect || trace->n_seen || trace->n_props))
		gb_text_add(&text, "\n");
	for (uint32_t i = 0; i < trace->n_expect; i++) {
		gb_print_obs(&text, trace, &trace->expect[i]);
		gb_text_add(&text, "\n");
	}
	for (uint32_t i = 0; i < trace->n_seen; i++) {
		gb_print_seen(&text, trace, &trace->seen[i]);
		gb_text_add(&text, "\n");
	}
	for (uint32_t i = 0; i < trace->n_props; i++) {
		gb_print_prop(&text, trace, &trace->props[i]);
		gb_text_add(&text, "\n");
	}
	return gb_text_take(&text);
}

char *gb_stmt_print(const struct gb_trace *trace, const struct gb_stmt *stmt)
{
	struct gb_text text = {0};

	gb_print_stmt(&text, trace, stmt);
	return gb_text_take(&text);
}

char *gb_obs_print(const struct gb_trace *trace, const struct gb_obs *obs)
{
	struct gb_text text = {0};

	gb_print_obs(&text, trace, obs);
	return gb_text_take(&text);
}

char *gb_seen_print(const struct gb_trace *trace, const struct gb_seen *seen)
{
	struct gb_text text = {0};

	gb_print_seen(&text, trace, seen);
	return gb_text_take(&text);
}

char *gb_prop_print(const struct gb_trace *trace, const struct gb_prop *prop)
{
	struct gb_text text = {0};

	gb_print_prop(&text, trace, prop);
	return gb_text_take(&text);
}
