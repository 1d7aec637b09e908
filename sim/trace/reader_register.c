/* SPDX-License-Identifier: MIT */
/* `register WHAT [key=value]...` */
#include <string.h>

#include "trace/reader.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct gb_keyword calls[] = {
#define X(word, name) {#word, IORING_REGISTER_##name},
	GB_REGISTER_LIST(X)
#undef X
};

static const struct gb_keyword restriction_keys[] = {
#define X(name) {#name, GB_RESTRICTION_##name},
	GB_RESTRICTION_LIST(X)
#undef X
};

static const struct gb_keyword opcodes[] = {
#define X(name, number) {#name, (number)},
	GB_OPCODE_LIST(X)
#undef X
};

static const struct gb_keyword register_ops[] = {
#define X(name, number) {#name, (number)},
	GB_REGISTER_OP_LIST(X)
#undef X
};

static const struct gb_keyword sqe_flags[] = {
#define X(name, bit) {#name, 1U << (bit)},
	GB_SQE_FLAG_LIST(X)
#undef X
};

/* Names with ',' between them, as a set of bits. */
static bool read_set(struct gb_reader *r, const char *what, const struct gb_word *w, const struct gb_keyword *table,
		     size_t n, uint64_t *set)
{
	size_t from = 0;

	while (from <= w->len) {
		const char *comma = memchr(w->p + from, ',', w->len - from);
		size_t len = comma ? (size_t)(comma - w->p) - from : w->len - from;
		struct gb_word part = gb_part(w, from, len);
		uint32_t value;

		if (!gb_read_keyword(r, what, &part, table, n, &value))
			return false;
		*set |= UINT64_C(1) << value;
		from += len + 1;
	}
	return true;
}

static bool read_restriction(struct gb_reader *r, struct gb_restrictions *res, enum gb_restriction_key key,
			     const struct gb_word *value)
{
	switch (key) {
	case GB_RESTRICTION_register_op:
		return read_set(r, "register opcode", value, register_ops, COUNT(register_ops), &res->register_op);
	case GB_RESTRICTION_sqe_op:
		return read_set(r, "opcode", value, opcodes, COUNT(opcodes), &res->sqe_op);
	case GB_RESTRICTION_sqe_flags_allowed:
		return gb_read_flags(r, "sqe flag", value, sqe_flags, COUNT(sqe_flags), UINT8_MAX,
				     &res->sqe_flags_allowed);
	default:
		return gb_read_flags(r, "sqe flag", value, sqe_flags, COUNT(sqe_flags), UINT8_MAX,
				     &res->sqe_flags_required);
	}
}

static bool read_restrictions(struct gb_reader *r, struct gb_stmt *stmt)
{
	struct gb_trace *trace = r->trace;
	struct gb_pairs pairs = {restriction_keys, COUNT(restriction_keys), NULL, 0};
	struct gb_restrictions *res =
		gb_room(r, trace->restrictions, trace->n_restrictions, &r->restrictions_room, sizeof(*res));
	struct gb_word value;
	enum gb_item item;
	uint32_t key;

	if (!res)
		return false;
	trace->restrictions = res;
	stmt->arg = trace->n_restrictions++;
	res += stmt->arg;
	*res = (struct gb_restrictions){0};
	while ((item = gb_next_item(r, &pairs, &key, &value)) == GB_ITEM_PAIR)
		if (!read_restriction(r, res, (enum gb_restriction_key)key, &value))
			return false;
	res->given = pairs.given;
	return item == GB_ITEM_END;
}

bool gb_read_register(struct gb_reader *r, const struct gb_word *verb)
{
	struct gb_stmt *stmt = gb_task_stmt(r, GB_STMT_REGISTER, verb);
	struct gb_word what, list;

	if (!stmt || !gb_want_word(r, &what, "what to register") ||
	    !gb_read_keyword(r, "registration", &what, calls, COUNT(calls), &stmt->n))
		return false;
	r->enabled |= stmt->n == IORING_REGISTER_ENABLE_RINGS;
	switch (stmt->n) {
	case IORING_REGISTER_RESTRICTIONS:
		return read_restrictions(r, stmt);
	case IORING_REGISTER_BUFFERS:
		return gb_want_word(r, &list, "ADDR:LEN with commas between them") &&
		       gb_read_ranges(r, &list, GB_MAX_REG, &stmt->range, &stmt->n_list);
	case IORING_REGISTER_FILES:
		return gb_want_word(r, &list, "descriptors with commas between them") &&
		       gb_read_fds(r, &list, GB_MAX_REG, &stmt->fds, &stmt->n_list);
	default:
		return true;
	}
}
