/* SPDX-License-Identifier: MIT */
/* `file`, `block` and `mem`: what holds bytes, and the classes of files (7.5 of semantics.md). */
#include <inttypes.h>
#include <string.h>

#include "trace/reader.h"

/* The keys `mem` has come first, then those of `block`, then those of `file` alone. */
enum {
	KEY_SIZE,
	KEY_FILL,
	KEY_DIRECT,
	KEY_CACHED,
	KEY_COLD,
	KEY_ERR,
	KEY_SHORT,
	KEY_ONCE,
	KEY_OUTCOMES,
	KEY_RAM,
	KEY_NOWAIT,
	KEY_RASYNC,
	KEY_WASYNC,
	KEY_ITER,
	KEY_POLL,
	KEY_APPEND,
	KEY_FLUSH,
	N_KEYS,
};

static const struct gb_keyword mem_keys[] = {{"size", KEY_SIZE}, {"fill", KEY_FILL}};

static const struct gb_keyword block_keys[] = {{"size", KEY_SIZE},	  {"fill", KEY_FILL}, {"direct", KEY_DIRECT},
					       {"cached", KEY_CACHED},	  {"cold", KEY_COLD}, {"err", KEY_ERR},
					       {"short", KEY_SHORT},	  {"once", KEY_ONCE}, {"ram", KEY_RAM},
					       {"outcomes", KEY_OUTCOMES}};

static const struct gb_keyword file_keys[] = {
	{"size", KEY_SIZE},	{"fill", KEY_FILL},	{"direct", KEY_DIRECT}, {"cached", KEY_CACHED},
	{"cold", KEY_COLD},	{"err", KEY_ERR},	{"short", KEY_SHORT},	{"once", KEY_ONCE},
	{"nowait", KEY_NOWAIT}, {"rasync", KEY_RASYNC}, {"wasync", KEY_WASYNC}, {"iter", KEY_ITER},
	{"poll", KEY_POLL},	{"append", KEY_APPEND}, {"flush", KEY_FLUSH},	{"outcomes", KEY_OUTCOMES}};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool read_size(struct gb_reader *r, const struct gb_word *w, struct gb_object *object)
{
	uint32_t number;

	object->size_given = true;
	if (!gb_read_u32(r, w, object->kind != GB_FILE, GB_MAX_BYTES, &number))
		return false;
	object->size = number;
	if (object->kind == GB_BLOCK && number % GB_SECTOR)
		return gb_fail(r, w->column, "a block device of %" PRIu32 " bytes; expected a multiple of %u", number,
			       GB_SECTOR);
	return true;
}

static bool read_fill(struct gb_reader *r, const struct gb_word *w, struct gb_object *object)
{
	uint32_t byte;

	object->fill_given = true;
	if (gb_word_is(w, "seq"))
		return true;
	if (!w->len || w->p[0] < '0' || w->p[0] > '9')
		return gb_fail(r, w->column, "%s is no pattern; expected seq or a byte, 0x00 to 0xff", GB_QUOTE(w));
	if (!gb_read_u32(r, w, 0, 255, &byte))
		return false;
	object->fill = (int)byte;
	return true;
}

/* `A-B`: whole pages, but for an end at the end of the file, which check_class looks at. */
static bool read_range(struct gb_reader *r, const struct gb_word *w, struct gb_range *range)
{
	const char *dash = memchr(w->p, '-', w->len);
	struct gb_word lo, hi;

	if (!dash)
		return gb_fail(r, w->column, "%s is no range; expected A-B, bytes A to B - 1", GB_QUOTE(w));
	lo = gb_part(w, 0, (size_t)(dash - w->p));
	hi = gb_part(w, lo.len + 1, w->len - lo.len - 1);
	if (!gb_read_u32(r, &lo, 0, GB_MAX_BYTES, &range->lo) || !gb_read_u32(r, &hi, 0, GB_MAX_BYTES, &range->hi))
		return false;
	if (range->lo >= range->hi)
		return gb_fail(r, w->column, "range %s is empty; expected A-B with A below B", GB_QUOTE(w));
	return true;
}

static bool read_cached(struct gb_reader *r, const struct gb_word *w, struct gb_file_class *c)
{
	size_t from = 0;

	while (from <= w->len) {
		const char *comma = memchr(w->p + from, ',', w->len - from);
		size_t len = comma ? (size_t)(comma - w->p) - from : w->len - from;
		struct gb_word part = gb_part(w, from, len);

		if (c->n_cached == GB_MAX_RANGES)
			return gb_fail(r, part.column, "too many ranges; expected at most %u", GB_MAX_RANGES);
		if (!read_range(r, &part, &c->cached[c->n_cached++]))
			return false;
		from += len + 1;
	}
	return true;
}

/* What stands before an '@', and the number behind it, 0 if there is none. */
static bool read_at(struct gb_reader *r, const struct gb_word *w, struct gb_word *head, uint32_t *at)
{
	const char *sign = memchr(w->p, '@', w->len);
	struct gb_word tail;

	*at = 0;
	*head = gb_part(w, 0, sign ? (size_t)(sign - w->p) : w->len);
	if (!sign)
		return true;
	tail = gb_part(w, head->len + 1, w->len - head->len - 1);
	return gb_read_u32(r, &tail, 0, GB_MAX_BYTES, at);
}

static bool read_err(struct gb_reader *r, const struct gb_word *w, struct gb_file_class *c)
{
	struct gb_word head;

	if (!read_at(r, w, &head, &c->err_at) || !gb_read_result(r, &head, &c->err))
		return false;
	if (c->err >= 0 || c->err < -GB_MAX_ERRNO)
		return gb_fail(r, w->column, "%s is no error; expected a negative errno like -EIO", GB_QUOTE(&head));
	return true;
}

static bool read_short(struct gb_reader *r, const struct gb_word *w, struct gb_file_class *c)
{
	struct gb_word head;

	return read_at(r, w, &head, &c->short_at) && gb_read_u32(r, &head, 1, GB_MAX_BYTES, &c->most);
}

/* `any`, or names with commas between them. */
static bool read_outcomes(struct gb_reader *r, const struct gb_word *w, struct gb_file_class *c)
{
	static const struct gb_keyword names[] = {
		{"inline", GB_OUTCOME_INLINE}, {"block", GB_OUTCOME_BLOCK}, {"async", GB_OUTCOME_ASYNC},
		{"short", GB_OUTCOME_SHORT},   {"error", GB_OUTCOME_ERROR},
	};
	size_t from = 0;

	c->outcomes = GB_OUTCOMES_ANY;
	if (gb_word_is(w, "any"))
		return true;
	c->outcomes = 0;
	while (from <= w->len) {
		const char *comma = memchr(w->p + from, ',', w->len - from);
		size_t len = comma ? (size_t)(comma - w->p) - from : w->len - from;
		struct gb_word part = gb_part(w, from, len);
		uint32_t outcome;

		if (!gb_read_keyword(r, "outcome", &part, names, COUNT(names), &outcome))
			return false;
		c->outcomes |= (uint8_t)(1U << outcome);
		from += len + 1;
	}
	return true;
}

/* The flags, each with what `=1` means; rasync and iter are on unless taken away. */
static bool read_flag(struct gb_reader *r, const struct gb_word *w, struct gb_object *object, uint32_t key)
{
	struct gb_file_class *c = &object->file;
	bool *const flags[N_KEYS] = {[KEY_DIRECT] = &object->direct, [KEY_COLD] = &c->cold,
				     [KEY_ONCE] = &c->once,	     [KEY_RAM] = &c->ram,
				     [KEY_NOWAIT] = &c->nowait,	     [KEY_RASYNC] = &c->no_rasync,
				     [KEY_WASYNC] = &c->wasync,	     [KEY_ITER] = &c->no_iter,
				     [KEY_POLL] = &c->poll,	     [KEY_APPEND] = &c->append,
				     [KEY_FLUSH] = &c->flush};
	bool on = key == KEY_RASYNC || key == KEY_ITER;
	uint32_t number;

	if (!gb_read_u32(r, w, 0, 1, &number))
		return false;
	*flags[key] = (number != 0) != on;
	return true;
}

static bool read_pair(struct gb_reader *r, struct gb_object *object, uint32_t key, const struct gb_word *value)
{
	switch (key) {
	case KEY_SIZE:
		return read_size(r, value, object);
	case KEY_FILL:
		return read_fill(r, value, object);
	case KEY_CACHED:
		return read_cached(r, value, &object->file);
	case KEY_ERR:
		return read_err(r, value, &object->file);
	case KEY_SHORT:
		return read_short(r, value, &object->file);
	case KEY_OUTCOMES:
		return read_outcomes(r, value, &object->file);
	default:
		return read_flag(r, value, object, key);
	}
}

/* Which classes there are not; in the order of the messages. */
static bool check_class(struct gb_reader *r, const struct gb_object *o, const struct gb_word *verb)
{
	const struct gb_file_class *c = &o->file;
	bool cache = c->cold || c->n_cached;
	const struct {
		bool wrong;
		const char *text;
	} rules[] = {
		{c->cold && c->n_cached, "cold= and cached= exclude each other"},
		{o->direct && cache, "direct=1 goes past the page cache; expected neither cold= nor cached="},
		{o->direct && c->nowait, "direct=1 includes nowait=1"},
		{c->no_iter && (o->direct || cache || c->nowait),
		 "iter=0 has neither direct=1, nor nowait=1, nor a page cache"},
		{c->no_rasync && !c->nowait, "rasync=0 needs nowait=1"},
		{c->wasync && !c->nowait, "wasync=1 needs nowait=1"},
		{c->poll && !c->no_iter, "poll=1 needs iter=0"},
		{c->ram && !o->direct, "ram=1 needs direct=1"},
		{c->once && !c->err && !c->most, "once=1 needs err= or short="},
	};

	for (size_t i = 0; i < COUNT(rules); i++)
		if (rules[i].wrong)
			return gb_fail(r, verb->column, "there is no such %s: %s", gb_kind_name(o->kind),
				       rules[i].text);
	for (uint32_t k = 0; k < c->n_cached; k++) {
		const struct gb_range *range = &c->cached[k];

		if (range->lo % GB_CACHE_PAGE || (range->hi % GB_CACHE_PAGE && range->hi != o->size))
			return gb_fail(r, verb->column,
				       "cached=%" PRIu32 "-%" PRIu32
				       " does not consist of pages; expected multiples of %u",
				       range->lo, range->hi, GB_CACHE_PAGE);
	}
	return true;
}

static bool read_bytes(struct gb_reader *r, enum gb_object_kind kind, const struct gb_word *verb)
{
	const struct gb_pairs of_kind[] = {[GB_FILE] = {file_keys, COUNT(file_keys), NULL, 0},
					   [GB_MEM] = {mem_keys, COUNT(mem_keys), NULL, 0},
					   [GB_BLOCK] = {block_keys, COUNT(block_keys), NULL, 0}};
	struct gb_pairs pairs = of_kind[kind];
	struct gb_object *object = gb_new_object(r, kind, verb);
	struct gb_word value;
	enum gb_item item;
	uint32_t key;

	if (!object)
		return false;
	while ((item = gb_next_item(r, &pairs, &key, &value)) == GB_ITEM_PAIR)
		if (!read_pair(r, object, key, &value))
			return false;
	if (item == GB_ITEM_ERROR)
		return false;
	if (!object->size_given)
		return gb_fail(r, verb->column, "%s %s has no size; expected size=N", gb_kind_name(kind), object->name);
	return check_class(r, object, verb);
}

bool gb_read_file(struct gb_reader *r, const struct gb_word *verb)
{
	return read_bytes(r, GB_FILE, verb);
}

bool gb_read_block(struct gb_reader *r, const struct gb_word *verb)
{
	return read_bytes(r, GB_BLOCK, verb);
}

bool gb_read_mem(struct gb_reader *r, const struct gb_word *verb)
{
	return read_bytes(r, GB_MEM, verb);
}
