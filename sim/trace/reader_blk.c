/* SPDX-License-Identifier: MIT */
/* ublk devices, their block requests, and what becomes of those. */
#include <inttypes.h>
#include <string.h>

#include "trace/reader.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define MAX_SEG_LEN GB_MAX_SEG_LEN
#define MAX_DATA    (GB_MAX_SEGS * MAX_SEG_LEN)

/* ---- ublk NAME depth=N [flags=F|F] ---- */

static const struct gb_keyword ublk_flags[] = {
#define X(name, bit) {#name, 1U << (bit)},
	GB_UBLK_FLAG_LIST(X)
#undef X
};

/* What ADD_DEV refuses (S10.1). */
static bool check_ublk_flags(struct gb_reader *r, uint32_t flags, uint32_t column)
{
	const uint32_t known = (1U << COUNT(ublk_flags)) - 1;

	if (flags & ~known)
		return gb_fail(r, column, "ublk flags 0x%" PRIx32 " do not exist; expected none beyond 0x%" PRIx32,
			       flags & ~known, known);
	if ((flags & UBLK_F_SUPPORT_ZERO_COPY) && !(flags & UBLK_F_USER_COPY))
		return gb_fail(r, column,
			       "ADD_DEV refuses these flags: SUPPORT_ZERO_COPY needs USER_COPY; expected both (S10.1)");
	if ((flags & UBLK_F_UNPRIVILEGED_DEV) && (flags & UBLK_F_USER_COPY))
		return gb_fail(r, column,
			       "ADD_DEV refuses these flags: UNPRIVILEGED_DEV excludes USER_COPY; expected one of them "
			       "(S10.1)");
	if (flags & UBLK_F_ZONED)
		return gb_not_simulated(r, column, "ublk flag ZONED is not simulated");
	return true;
}

enum { UBLK_DEPTH, UBLK_FLAGS };

bool gb_read_ublk(struct gb_reader *r, const struct gb_word *verb)
{
	static const struct gb_keyword keys[] = {{"depth", UBLK_DEPTH}, {"flags", UBLK_FLAGS}};
	struct gb_pairs pairs = {keys, COUNT(keys), NULL, 0};
	struct gb_object *object = gb_new_object(r, GB_UBLK, verb);
	uint32_t column = verb->column;
	struct gb_word value;
	enum gb_item item;
	uint32_t key;

	if (!object)
		return false;
	while ((item = gb_next_item(r, &pairs, &key, &value)) == GB_ITEM_PAIR) {
		if (key == UBLK_DEPTH && !gb_read_u32(r, &value, 1, UBLK_MAX_QUEUE_DEPTH, &object->depth))
			return false;
		if (key == UBLK_DEPTH)
			continue;
		object->flags_given = true;
		column = value.column;
		if (!gb_read_flags(r, "ublk flag", &value, ublk_flags, COUNT(ublk_flags), UINT32_MAX, &object->flags))
			return false;
	}
	if (item == GB_ITEM_ERROR)
		return false;
	if (!object->depth)
		return gb_fail(r, verb->column, "ublk %s has no depth; expected depth=N, the tags of its queue",
			       object->name);
	return check_ublk_flags(r, object->flags, column);
}

/* ---- blkreq LABEL NAME OP [off=N] [len=N] [bios=N,N] [segs=N] ---- */

uint32_t gb_blkreq_segs(const struct gb_blkreq *blk, uint32_t bio)
{
	if (!gb_blk_has_data(blk->op))
		return 0;
	return blk->segs ? blk->segs : (gb_blkreq_bio(blk, bio) + MAX_SEG_LEN - 1) / MAX_SEG_LEN;
}

uint32_t gb_blkreq_seg_len(const struct gb_blkreq *blk, uint32_t bio, uint32_t seg)
{
	uint32_t sectors = gb_blkreq_bio(blk, bio) / GB_SECTOR;
	uint32_t segs = gb_blkreq_segs(blk, bio);

	return segs ? (sectors / segs + (seg < sectors % segs)) * GB_SECTOR : 0;
}

static bool check_sectors(struct gb_reader *r, const struct gb_word *w, uint64_t n)
{
	if (n % GB_SECTOR == 0)
		return true;
	return gb_fail(r, w->column, "%s is no whole number of sectors; expected a multiple of %u", GB_QUOTE(w),
		       GB_SECTOR);
}

/* LEN,LEN,... */
static bool read_bios(struct gb_reader *r, const struct gb_word *w, struct gb_blkreq *blk)
{
	uint32_t room = 0;

	for (size_t from = 0; from <= w->len;) {
		const char *comma = memchr(w->p + from, ',', w->len - from);
		size_t len = comma ? (size_t)(comma - w->p) - from : w->len - from;
		struct gb_word part = gb_part(w, from, len);
		uint32_t *bios;

		if (blk->n_bios == GB_MAX_SEGS)
			return gb_fail(r, part.column, "too many bios; expected at most %u", GB_MAX_SEGS);
		bios = gb_room(r, blk->bios, blk->n_bios, &room, sizeof(*bios));
		if (!bios)
			return false;
		blk->bios = bios;
		if (!gb_read_u32(r, &part, GB_SECTOR, MAX_DATA, &bios[blk->n_bios]) ||
		    !check_sectors(r, &part, bios[blk->n_bios]))
			return false;
		blk->n_bios++;
		from += len + 1;
	}
	return true;
}

enum { BLK_OFF, BLK_LEN, BLK_BIOS, BLK_SEGS, BLK_KEYS };

static bool read_blkreq_pair(struct gb_reader *r, struct gb_blkreq *blk, uint32_t key, const struct gb_word *value)
{
	switch (key) {
	case BLK_OFF:
		blk->off_given = true;
		return gb_read_number(r, value, 0, INT64_MAX, &blk->off) && check_sectors(r, value, blk->off);
	case BLK_LEN:
		blk->len_given = true;
		return gb_read_u32(r, value, GB_SECTOR, gb_blk_has_data(blk->op) ? MAX_DATA : UINT32_MAX, &blk->len) &&
		       check_sectors(r, value, blk->len);
	case BLK_BIOS:
		return read_bios(r, value, blk);
	default:
		return gb_read_u32(r, value, 1, GB_MAX_SEGS, &blk->segs);
	}
}

/* The bios have to make up the request, and the segments the bios. */
static bool check_bios(struct gb_reader *r, const struct gb_blkreq *blk, const uint32_t column[BLK_KEYS])
{
	uint64_t sum = 0, segs = 0;

	for (uint32_t i = 0; i < blk->n_bios; i++) {
		uint32_t len = gb_blkreq_bio(blk, i), n = gb_blkreq_segs(blk, i);

		if (n > len / GB_SECTOR || (uint64_t)n * MAX_SEG_LEN < len)
			return gb_fail(r, column[BLK_SEGS],
				       "a bio of %" PRIu32 " bytes cannot have %" PRIu32
				       " segments; expected %u to %u bytes in each",
				       len, n, GB_SECTOR, MAX_SEG_LEN);
		sum += len;
		segs += n;
	}
	if (sum != blk->len)
		return gb_fail(r, column[BLK_BIOS],
			       "the bios make %" PRIu64 " bytes; expected the %" PRIu32 " bytes of len=", sum,
			       blk->len);
	if (segs > GB_MAX_SEGS)
		return gb_fail(r, column[BLK_SEGS], "%" PRIu64 " segments are too many; expected at most %u", segs,
			       GB_MAX_SEGS);
	return true;
}

static bool check_blkreq(struct gb_reader *r, struct gb_blkreq *blk, uint32_t given, const uint32_t column[BLK_KEYS],
			 uint32_t op_column)
{
	static const char *const names[] = {
#define X(name) #name,
		GB_BLK_OP_LIST(X)
#undef X
	};
	uint32_t data = 1U << BLK_BIOS | 1U << BLK_SEGS;

	if (blk->op == GB_BLK_flush && given)
		return gb_fail(r, op_column, "flush takes no further words; expected the end of the line");
	if (!gb_blk_has_data(blk->op) && given & data)
		return gb_fail(r, column[given & 1U << BLK_BIOS ? BLK_BIOS : BLK_SEGS],
			       "%s carries no data; expected no bios= and no segs=", names[blk->op]);
	if (blk->op != GB_BLK_flush && !blk->len)
		return gb_fail(r, op_column, "%s has no length; expected len=N", names[blk->op]);
	if (!blk->n_bios)
		blk->n_bios = 1;
	return !gb_blk_has_data(blk->op) || check_bios(r, blk, column);
}

static bool find_blkreq(const struct gb_trace *trace, const struct gb_word *w, uint32_t *index)
{
	for (*index = 0; *index < trace->n_blkreqs; ++*index)
		if (gb_word_is(w, trace->blkreqs[*index].label))
			return true;
	return false;
}

static bool read_blk_label(struct gb_reader *r, struct gb_blkreq *blk)
{
	struct gb_word label;
	uint32_t first;

	if (!gb_want_word(r, &label, "a label") || !gb_check_name(r, &label))
		return false;
	if (find_blkreq(r->trace, &label, &first))
		return gb_fail(r, label.column, "label %s is already used in line %" PRIu32 "; expected another name",
			       GB_QUOTE(&label), r->trace->blkreqs[first].pos.line);
	if (gb_find_label(r, &label, &first))
		return gb_fail(r, label.column, "label %s is that of an sqe; expected another name", GB_QUOTE(&label));
	blk->label = gb_copy(r, label.p, label.len);
	return blk->label != NULL;
}

static bool read_blk_device(struct gb_reader *r, struct gb_blkreq *blk)
{
	struct gb_word name;
	int index;

	if (!gb_want_word(r, &name, "a ublk device"))
		return false;
	index = gb_find_object(r->trace, name.p, name.len);
	if (index < 0)
		return gb_fail(r, name.column, "%s is not declared; expected a ublk device", GB_QUOTE(&name));
	if (r->trace->objects[index].kind != GB_UBLK)
		return gb_fail(r, name.column, "%s is %s; expected a ublk device", GB_QUOTE(&name),
			       gb_kind_article(r->trace->objects[index].kind));
	blk->object = (uint8_t)index;
	return true;
}

/* What stands behind the device. */
static bool read_blk_rest(struct gb_reader *r, struct gb_blkreq *blk)
{
	static const struct gb_keyword ops[] = {
#define X(name) {#name, GB_BLK_##name},
		GB_BLK_OP_LIST(X)
#undef X
	};
	static const struct gb_keyword keys[] = {
		{"off", BLK_OFF}, {"len", BLK_LEN}, {"bios", BLK_BIOS}, {"segs", BLK_SEGS}};
	struct gb_pairs pairs = {keys, COUNT(keys), NULL, 0};
	uint32_t column[BLK_KEYS];
	struct gb_word op, value;
	enum gb_item item;
	uint32_t key, number;

	if (!gb_want_word(r, &op, "read, write, flush or discard") ||
	    !gb_read_keyword(r, "block operation", &op, ops, COUNT(ops), &number))
		return false;
	blk->op = (enum gb_blk_op)number;
	for (key = 0; key < BLK_KEYS; key++)
		column[key] = op.column;
	while ((item = gb_next_item(r, &pairs, &key, &value)) == GB_ITEM_PAIR) {
		column[key] = value.column;
		if (!read_blkreq_pair(r, blk, key, &value))
			return false;
	}
	return item == GB_ITEM_END && check_blkreq(r, blk, pairs.given, column, op.column);
}

bool gb_read_blkreq(struct gb_reader *r, const struct gb_word *verb)
{
	struct gb_trace *trace = r->trace;
	struct gb_blkreq *blk;
	struct gb_stmt *stmt;

	if (trace->n_blkreqs == GB_MAX_BLKREQS)
		return gb_fail(r, verb->column, "too many block requests; expected at most %u in a trace",
			       GB_MAX_BLKREQS);
	blk = gb_room(r, trace->blkreqs, trace->n_blkreqs, &r->blkreqs_room, sizeof(*blk));
	if (!blk)
		return false;
	trace->blkreqs = blk;
	blk += trace->n_blkreqs;
	*blk = (struct gb_blkreq){.pos = {r->line, verb->column}};
	if (!read_blk_label(r, blk))
		return false;
	stmt = gb_new_stmt(r, GB_STMT_BLKREQ, verb);
	if (stmt)
		stmt->sqe = trace->n_blkreqs;
	trace->n_blkreqs++; /* from here on the label is the trace's to free */
	return stmt && read_blk_device(r, blk) && read_blk_rest(r, blk);
}

/* ---- blk LABEL done=0|1 res=N after=N refs=N [bytes=H untouched=N] ---- */

enum { OBS_DONE, OBS_RES, OBS_AFTER, OBS_REFS, OBS_BYTES, OBS_UNTOUCHED, OBS_COUNT };

static bool read_blk_pair(struct gb_reader *r, struct gb_obs *obs, uint32_t key, const struct gb_word *value)
{
	uint32_t number;

	switch (key) {
	case OBS_DONE:
		if (!gb_read_u32(r, value, 0, 1, &number))
			return false;
		obs->done = number != 0;
		return true;
	case OBS_RES:
		return gb_read_result(r, value, &obs->res);
	case OBS_AFTER:
		return gb_read_u32(r, value, 0, UINT32_MAX, &obs->after);
	case OBS_REFS:
		return gb_read_u32(r, value, 0, UINT32_MAX, &obs->refs);
	case OBS_BYTES:
		return gb_read_hash(r, value, &obs->hash);
	default:
		return gb_read_number(r, value, 0, UINT64_MAX, &obs->untouched);
	}
}

/* Only the data of a block READ can change, so only they are stated. */
bool gb_read_blk(struct gb_reader *r, const struct gb_word *verb)
{
	static const struct gb_keyword keys[] = {{"done", OBS_DONE},   {"res", OBS_RES},
						 {"after", OBS_AFTER}, {"refs", OBS_REFS},
						 {"bytes", OBS_BYTES}, {"untouched", OBS_UNTOUCHED}};
	struct gb_pairs pairs = {keys, OBS_COUNT, NULL, 0};
	struct gb_obs *obs = gb_new_obs(r, GB_OBS_BLK, verb);
	struct gb_word label, value;
	enum gb_item item;
	uint32_t key;

	if (!obs || !gb_want_word(r, &label, "the label of a block request"))
		return false;
	if (!find_blkreq(r->trace, &label, &obs->blk))
		return gb_fail(r, label.column,
			       "%s is not declared; expected the label of a blkreq in front of this line",
			       GB_QUOTE(&label));
	if (r->trace->blkreqs[obs->blk].op != GB_BLK_read)
		pairs.n = OBS_BYTES;
	value = label;
	while ((item = gb_next_item(r, &pairs, &key, &value)) == GB_ITEM_PAIR)
		if (!read_blk_pair(r, obs, key, &value))
			return false;
	if (item == GB_ITEM_ERROR)
		return false;
	for (key = 0; key < pairs.n; key++)
		if (!(pairs.given & 1U << key))
			return gb_fail(r, value.column, "the line ends too early; expected %s=", keys[key].name);
	return true;
}
