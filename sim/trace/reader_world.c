/* SPDX-License-Identifier: MIT */
/* The world: title, ring, and the objects. */
#include <inttypes.h>
#include <string.h>

#include "trace/reader.h"
#include "trace/simulated.h"

bool gb_read_title(struct gb_reader *r, const struct gb_word *verb)
{
	struct gb_word text = gb_rest(r);

	if (r->trace->title)
		return gb_fail(r, verb->column, "the trace already has a title; expected one 'title' line");
	if (!text.len)
		return gb_fail(r, text.column, "the line ends too early; expected the text of the title");
	r->trace->title = gb_copy(r, text.p, text.len);
	return r->trace->title != NULL;
}

static const struct gb_keyword setup_flags[] = {
#define X(name, bit) {#name, 1U << (bit)},
	GB_SETUP_FLAG_LIST(X)
#undef X
};

#define N_SETUP_FLAGS (sizeof(setup_flags) / sizeof(setup_flags[0]))

/* What io_uring_create refuses (S11.2): with `flag` set, of `others` all or none must be, or at least one. */
static const struct {
	uint32_t flag;
	enum { NEEDS_ONE, EXCLUDES } rule;
	uint32_t others;
	const char *text;
} setup_rules[] = {
	{IORING_SETUP_SQPOLL, EXCLUDES,
	 IORING_SETUP_COOP_TASKRUN | IORING_SETUP_TASKRUN_FLAG | IORING_SETUP_DEFER_TASKRUN,
	 "SQPOLL excludes COOP_TASKRUN, TASKRUN_FLAG and DEFER_TASKRUN"},
	{IORING_SETUP_TASKRUN_FLAG, NEEDS_ONE, IORING_SETUP_COOP_TASKRUN | IORING_SETUP_DEFER_TASKRUN,
	 "TASKRUN_FLAG needs COOP_TASKRUN or DEFER_TASKRUN"},
	{IORING_SETUP_DEFER_TASKRUN, NEEDS_ONE, IORING_SETUP_SINGLE_ISSUER, "DEFER_TASKRUN needs SINGLE_ISSUER"},
	{IORING_SETUP_SQ_AFF, NEEDS_ONE, IORING_SETUP_SQPOLL, "SQ_AFF needs SQPOLL"},
	{IORING_SETUP_REGISTERED_FD_ONLY, NEEDS_ONE, IORING_SETUP_NO_MMAP, "REGISTERED_FD_ONLY needs NO_MMAP"},
};

static bool check_setup_flags(struct gb_reader *r, uint32_t flags, uint32_t column)
{
	const uint32_t known = (1U << N_SETUP_FLAGS) - 1;

	if (flags & ~known)
		return gb_fail(r, column,
			       "ring flags 0x%" PRIx32 " do not exist; expected none beyond 0x%" PRIx32 " (S11.1)",
			       flags & ~known, known);
	for (size_t i = 0; i < sizeof(setup_rules) / sizeof(setup_rules[0]); i++) {
		bool others = flags & setup_rules[i].others;

		if ((flags & setup_rules[i].flag) && others == (setup_rules[i].rule == EXCLUDES))
			return gb_fail(r, column, "io_uring_setup refuses these flags: %s; expected others (S11.2)",
				       setup_rules[i].text);
	}
	for (size_t i = 0; i < N_SETUP_FLAGS; i++)
		if (flags & setup_flags[i].value & ~(uint32_t)GB_SIMULATED_SETUP_FLAGS)
			return gb_not_simulated(r, column, "ring flag %s is not simulated yet", setup_flags[i].name);
	return true;
}

/* A number of ring entries as the kernel takes it: 0 if it refuses, else rounded up to a power of two. */
static uint32_t ring_size(uint32_t entries, uint32_t max, bool clamp)
{
	uint32_t size = 1;

	if (entries > max)
		return clamp ? max : 0;
	while (entries && size < entries)
		size *= 2;
	return entries ? size : 0;
}

static bool check_ring_sizes(struct gb_reader *r, uint32_t entries_column, uint32_t cq_column)
{
	const struct gb_trace *trace = r->trace;
	bool clamp = trace->setup_flags & IORING_SETUP_CLAMP;
	uint32_t cq;

	r->sq_entries = ring_size(trace->entries, IORING_MAX_ENTRIES, clamp);
	if (!r->sq_entries)
		return gb_fail(r, entries_column,
			       "entries=%" PRIu32 " is refused by io_uring_setup; expected 1 to %u, or more with the "
			       "flag CLAMP (S11.1)",
			       trace->entries, IORING_MAX_ENTRIES);
	if (!(trace->setup_flags & IORING_SETUP_CQSIZE))
		return true;
	cq = ring_size(trace->cq_entries, IORING_MAX_CQ_ENTRIES, clamp);
	if (!cq)
		return gb_fail(r, cq_column,
			       "a CQ of %" PRIu32 " entries is refused by io_uring_setup; expected cq=1 to cq=%u, or "
			       "more with the flag CLAMP (S11.1)",
			       trace->cq_entries, IORING_MAX_CQ_ENTRIES);
	if (cq < r->sq_entries)
		return gb_fail(r, cq_column,
			       "a CQ of %" PRIu32 " entries is smaller than the SQ; expected at least %" PRIu32
			       " (S11.1)",
			       cq, r->sq_entries);
	return true;
}

enum { RING_ENTRIES, RING_CQ, RING_FLAGS };

static bool read_ring_pair(struct gb_reader *r, uint32_t key, const struct gb_word *value)
{
	struct gb_trace *trace = r->trace;

	switch (key) {
	case RING_ENTRIES:
		trace->entries_given = true;
		return gb_read_u32(r, value, 0, UINT32_MAX, &trace->entries);
	case RING_CQ:
		trace->cq_given = true;
		return gb_read_u32(r, value, 0, UINT32_MAX, &trace->cq_entries);
	default:
		trace->flags_given = true;
		return gb_read_flags(r, "ring flag", value, setup_flags, N_SETUP_FLAGS, UINT32_MAX,
				     &trace->setup_flags);
	}
}

bool gb_read_ring(struct gb_reader *r, const struct gb_word *verb)
{
	static const struct gb_keyword keys[] = {{"entries", RING_ENTRIES}, {"cq", RING_CQ}, {"flags", RING_FLAGS}};
	struct gb_pairs pairs = {keys, 3, NULL, 0};
	struct gb_trace *trace = r->trace;
	uint32_t column[] = {verb->column, 0, verb->column};
	struct gb_word value;
	enum gb_item item;
	uint32_t key;

	if (trace->ring_given)
		return gb_fail(r, verb->column,
			       "the ring is already set up in line %" PRIu32 "; expected one 'ring' line",
			       trace->ring_pos.line);
	if (r->program_line)
		return gb_fail(r, verb->column,
			       "the program has begun in line %" PRIu32 "; expected 'ring' in front of it",
			       r->program_line);
	trace->ring_given = true;
	trace->ring_pos = (struct gb_pos){r->line, verb->column};
	while ((item = gb_next_item(r, &pairs, &key, &value)) == GB_ITEM_PAIR) {
		column[key] = value.column;
		if (!read_ring_pair(r, key, &value))
			return false;
	}
	if (item == GB_ITEM_ERROR)
		return false;
	if (trace->cq_given)
		trace->setup_flags |= IORING_SETUP_CQSIZE;
	return check_setup_flags(r, trace->setup_flags, column[RING_FLAGS]) &&
	       check_ring_sizes(r, column[RING_ENTRIES], column[trace->cq_given ? RING_CQ : RING_FLAGS]);
}

struct gb_object *gb_new_object(struct gb_reader *r, enum gb_object_kind kind, const struct gb_word *verb)
{
	struct gb_trace *trace = r->trace;
	struct gb_object *object;
	struct gb_word name;
	int known;

	if (!gb_want_word(r, &name, "a name") || !gb_check_name(r, &name))
		return NULL;
	if (gb_word_is(&name, "ring")) {
		gb_fail(r, name.column, "'ring' is the ring itself, because of fd=ring; expected another name");
		return NULL;
	}
	known = gb_find_object(trace, name.p, name.len);
	if (known >= 0) {
		gb_fail(r, name.column, "%s is already declared in line %" PRIu32 "; expected another name",
			GB_QUOTE(&name), trace->objects[known].pos.line);
		return NULL;
	}
	if (trace->n_objects == GB_MAX_OBJECTS) {
		gb_fail(r, verb->column, "too many objects; expected at most %u in a trace", GB_MAX_OBJECTS);
		return NULL;
	}
	object = gb_room(r, trace->objects, trace->n_objects, &r->objects_room, sizeof(*object));
	if (!object)
		return NULL;
	trace->objects = object;
	object += trace->n_objects;
	*object = (struct gb_object){.kind = kind, .fill = GB_FILL_SEQ, .pos = {r->line, verb->column}};
	object->name = gb_copy(r, name.p, name.len);
	if (!object->name)
		return NULL;
	trace->n_objects++;
	return object;
}

bool gb_read_pipe(struct gb_reader *r, const struct gb_word *verb)
{
	return gb_new_object(r, GB_PIPE, verb) != NULL;
}

bool gb_read_lessor(struct gb_reader *r, const struct gb_word *verb)
{
	return gb_new_object(r, GB_LESSOR, verb) != NULL;
}
