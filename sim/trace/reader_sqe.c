/* SPDX-License-Identifier: MIT */
/* `sqe LABEL OP [field=value]...` */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "trace/reader.h"
#include "trace/simulated.h"

#define OP_LEASE    0x100U /* URING_CMD on a lessor */
#define GROUP_BUF   0x100U /* IO_DRAIN as members call it */
#define OP_UBLK	    0x200U /* URING_CMD on a ublk device: this and enum gb_ublk_command */
#define MAX_SEG_LEN GB_MAX_SEG_LEN

/* Opcodes a trace may use. */
static const struct gb_keyword opcodes[] = {
#define X(name) {#name, IORING_OP_##name},
	GB_SIMULATED_OPCODES(X)
#undef X
		{"LEASE", OP_LEASE},
#define X(id, name, cmd_op) {(name), OP_UBLK | GB_UBLK_##id},
	GB_UBLK_COMMAND_LIST(X)
#undef X
		{"BAD", GB_OP_BAD},
};

/* Opcodes there are. */
static const struct gb_keyword kernel_opcodes[] = {
#define X(name, number) {#name, (number)},
	GB_OPCODE_LIST(X)
#undef X
};

static const struct gb_keyword sqe_flags[] = {
#define X(name, bit) {#name, 1U << (bit)},
	GB_SQE_FLAG_LIST(X)
#undef X
		{"GROUP_BUF", IOSQE_IO_DRAIN | GROUP_BUF},
};

static const struct gb_keyword fields[] = {
#define X(name) {#name, GB_F_##name},
	GB_SQE_FIELD_LIST(X)
#undef X
};

static const struct gb_keyword dirs[] = {{"dest", GB_DIR_DEST}, {"source", GB_DIR_SOURCE}};

static const struct gb_keyword modes[] = {
#define X(name) {#name, GB_LEASE_##name},
	GB_LEASE_MODE_LIST(X)
#undef X
};

static const uint32_t ublk_cmd_op[] = {
#define X(id, name, cmd_op) [GB_UBLK_##id] = (cmd_op),
	GB_UBLK_COMMAND_LIST(X)
#undef X
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Fields that only some opcodes have; all others are raw words of every SQE. */
static const struct {
	enum gb_sqe_field field;
	uint32_t opcode;
} special[] = {{GB_F_res, IORING_OP_NOP},
	       {GB_F_res, OP_LEASE},
	       {GB_F_res, GB_OP_BAD},
	       {GB_F_ms, IORING_OP_TIMEOUT},
	       {GB_F_ms, IORING_OP_LINK_TIMEOUT},
	       {GB_F_ms, IORING_OP_TIMEOUT_REMOVE},
	       {GB_F_target, IORING_OP_ASYNC_CANCEL},
	       {GB_F_target, IORING_OP_TIMEOUT_REMOVE},
	       {GB_F_target, IORING_OP_POLL_REMOVE},
	       {GB_F_new, IORING_OP_POLL_REMOVE},
	       {GB_F_iov, IORING_OP_READV},
	       {GB_F_iov, IORING_OP_WRITEV},
	       {GB_F_iov, IORING_OP_SENDMSG},
	       {GB_F_iov, IORING_OP_RECVMSG},
	       {GB_F_iov, IORING_OP_SENDMSG_ZC},
	       {GB_F_to, IORING_OP_CONNECT},
	       {GB_F_file_index, IORING_OP_ACCEPT},
	       {GB_F_file_index, IORING_OP_CLOSE},
	       {GB_F_dir, OP_LEASE},
	       {GB_F_offset, OP_LEASE},
	       {GB_F_segs, OP_LEASE},
	       {GB_F_mode, OP_LEASE},
	       {GB_F_res, OP_UBLK | GB_UBLK_COMMIT},
	       {GB_F_res, OP_UBLK | GB_UBLK_RAW},
	       {GB_F_cmd_op, OP_UBLK | GB_UBLK_RAW},
#define X(id, name, cmd_op) {GB_F_tag, OP_UBLK | GB_UBLK_##id}, {GB_F_q_id, OP_UBLK | GB_UBLK_##id},
	       GB_UBLK_COMMAND_LIST(X)
#undef X
};

/* An SQE while it is read. */
struct context {
	struct gb_sqe *sqe;
	struct gb_word op;
	uint32_t opcode;	     /* OP_LEASE for a lease */
	uint32_t column[GB_F_COUNT]; /* of the values */
};

static const char *opcode_name(uint32_t opcode)
{
	for (size_t i = 0; i < COUNT(opcodes); i++)
		if (opcodes[i].value == opcode)
			return opcodes[i].name;
	return "?";
}

/* A field must be one that the opcode has. */
static bool check_applies(struct gb_reader *r, const struct context *c, enum gb_sqe_field field,
			  const struct gb_word *value)
{
	char names[128] = "";
	size_t used = 0;

	for (size_t i = 0; i < COUNT(special); i++) {
		if (special[i].field != field)
			continue;
		if (special[i].opcode == c->opcode)
			return true;
		used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s", used ? ", " : "",
					 opcode_name(special[i].opcode));
	}
	if (!used)
		return true;
	return gb_fail(r, value->column - (uint32_t)value->prefix, "%s has no %s=; expected it only on %s",
		       opcode_name(c->opcode), fields[field].name, names);
}

/* -1, the file's own position, is what programs write; other negative offsets are not worth a spelling. */
static bool read_off(struct gb_reader *r, const struct gb_word *w, uint64_t *off)
{
	return gb_read_number(r, w, -1, UINT64_MAX, off);
}

static bool read_u16(struct gb_reader *r, const struct gb_word *w, uint16_t *out)
{
	uint32_t value;

	if (!gb_read_u32(r, w, 0, UINT16_MAX, &value))
		return false;
	*out = (uint16_t)value;
	return true;
}

static bool read_sqe_flags(struct gb_reader *r, const struct gb_word *w, struct gb_sqe *sqe)
{
	uint32_t bits;

	if (!gb_read_flags(r, "sqe flag", w, sqe_flags, COUNT(sqe_flags), UINT8_MAX, &bits))
		return false;
	sqe->flags = (uint8_t)(bits & UINT8_MAX);
	sqe->group_buf_spelling = bits & GROUP_BUF;
	return true;
}

static bool read_dir(struct gb_reader *r, const struct gb_word *w, struct gb_sqe *sqe)
{
	uint32_t value;

	if (!gb_read_keyword(r, "direction", w, dirs, COUNT(dirs), &value))
		return false;
	sqe->dir = (enum gb_lease_dir)value;
	return true;
}

static bool read_mode(struct gb_reader *r, const struct gb_word *w, struct gb_sqe *sqe)
{
	uint32_t value;

	if (!gb_read_keyword(r, "mode", w, modes, COUNT(modes), &value))
		return false;
	sqe->mode = (enum gb_lease_mode)value;
	return true;
}

static bool read_field(struct gb_reader *r, const struct context *c, enum gb_sqe_field field, const struct gb_word *w)
{
	struct gb_sqe *sqe = c->sqe;

	switch (field) {
	case GB_F_fd:
		return gb_read_fd(r, w, &sqe->fd);
	case GB_F_to:
		return gb_read_listener(r, w, &sqe->to);
	case GB_F_target:
		return gb_read_label(r, w, &sqe->target);
	case GB_F_new:
		return gb_read_label(r, w, &sqe->new_data);
	case GB_F_dir:
		return read_dir(r, w, sqe);
	case GB_F_ms:
		return gb_read_u32(r, w, 0, GB_MAX_MS, &sqe->ms);
	case GB_F_off:
		return read_off(r, w, &sqe->off);
	case GB_F_addr:
		return gb_read_addr(r, w, &sqe->addr);
	case GB_F_iov:
		return gb_read_ranges(r, w, GB_MAX_IOV, &sqe->iov, &sqe->n_iov);
	case GB_F_len:
		return gb_read_u32(r, w, c->opcode == OP_LEASE, UINT32_MAX, &sqe->len);
	case GB_F_offset:
		return gb_read_u32(r, w, 0, GB_MAX_SEGS * MAX_SEG_LEN, &sqe->offset);
	case GB_F_segs:
		return gb_read_u32(r, w, 1, GB_MAX_SEGS, &sqe->segs);
	case GB_F_mode:
		return read_mode(r, w, sqe);
	case GB_F_tag:
		return read_u16(r, w, &sqe->tag);
	case GB_F_q_id:
		return read_u16(r, w, &sqe->q_id);
	case GB_F_cmd_op:
		return gb_read_u32(r, w, 0, UINT32_MAX, &sqe->cmd_op);
	case GB_F_res:
		return gb_read_result(r, w, &sqe->res);
	case GB_F_op_flags:
		return gb_read_u32(r, w, 0, UINT32_MAX, &sqe->op_flags);
	case GB_F_ioprio:
		return read_u16(r, w, &sqe->ioprio);
	case GB_F_buf_index:
	case GB_F_buf_group:
		return read_u16(r, w, &sqe->buf_index);
	case GB_F_file_index:
		return gb_read_u32(r, w, 0, UINT32_MAX, &sqe->file_index);
	case GB_F_flags:
		return read_sqe_flags(r, w, sqe);
	case GB_F_COUNT:
		break;
	}
	return true;
}

static bool missing(struct gb_reader *r, const struct context *c, enum gb_sqe_field field, const char *what)
{
	if (c->sqe->given & 1U << field)
		return true;
	return gb_fail(r, c->op.column, "%s has no %s=; expected %s", opcode_name(c->opcode), fields[field].name, what);
}

static bool check_lease(struct gb_reader *r, const struct context *c)
{
	const struct gb_sqe *sqe = c->sqe;
	uint64_t total = (uint64_t)sqe->offset + sqe->len;
	const struct gb_object *object;

	if (!missing(r, c, GB_F_fd, "a lessor") || !missing(r, c, GB_F_dir, "dir=dest or dir=source") ||
	    !missing(r, c, GB_F_len, "the bytes of the buffer"))
		return false;
	object = sqe->fd.is_object ? &r->trace->objects[sqe->fd.object] : NULL;
	if (!object || object->kind != GB_LESSOR)
		return gb_fail(r, c->column[GB_F_fd], "fd= of LEASE is %s; expected a lessor",
			       object ? gb_kind_article(object->kind) : "a number");
	if (total > (uint64_t)GB_MAX_SEGS * MAX_SEG_LEN)
		return gb_fail(r, c->column[GB_F_len], "offset and len make %" PRIu64 " bytes; expected at most %u",
			       total, GB_MAX_SEGS * MAX_SEG_LEN);
	if (total > (uint64_t)sqe->segs * MAX_SEG_LEN)
		return gb_fail(r, c->column[GB_F_len],
			       "offset and len make %" PRIu64 " bytes, too many for segs=%" PRIu32
			       " of at most %u bytes each; expected segs=%" PRIu64 " or more",
			       total, sqe->segs, MAX_SEG_LEN, (total + MAX_SEG_LEN - 1) / MAX_SEG_LEN);
	return true;
}

/* The buffer of a command is used long after prep, so it must be there: only memory that is. */
static bool check_ublk(struct gb_reader *r, const struct context *c)
{
	const struct gb_sqe *sqe = c->sqe;

	if (!missing(r, c, GB_F_fd, "a ublk device") || !missing(r, c, GB_F_tag, "the tag it is about"))
		return false;
	if (sqe->ublk == GB_UBLK_COMMIT && !missing(r, c, GB_F_res, "the result of the block request"))
		return false;
	if (sqe->ublk == GB_UBLK_RAW && !missing(r, c, GB_F_cmd_op, "the number of the command"))
		return false;
	if (!sqe->addr.is_mem && sqe->addr.value)
		return gb_fail(r, c->column[GB_F_addr], "addr= of %s is a number; expected a mem, or 0",
			       opcode_name(c->opcode));
	if (sqe->addr.is_mem && sqe->addr.value >= r->trace->objects[sqe->addr.mem].size)
		return gb_fail(r, c->column[GB_F_addr], "addr= of %s lies behind its mem; expected less than %" PRIu64,
			       opcode_name(c->opcode), r->trace->objects[sqe->addr.mem].size);
	return true;
}

/* The buffer word has two names, and an iovec lies where addr= would point. */
static bool check_buffers(struct gb_reader *r, const struct context *c)
{
	struct gb_sqe *sqe = c->sqe;

	if (sqe->given & 1U << GB_F_buf_index && sqe->given & 1U << GB_F_buf_group)
		return gb_fail(r, c->column[GB_F_buf_group],
			       "buf_group= is another name of buf_index=; expected one of them");
	if (!sqe->iov)
		return true;
	if (sqe->given & 1U << GB_F_addr)
		return gb_fail(r, c->column[GB_F_addr], "addr= is where the array of iov= lies; expected one of them");
	if (!(sqe->given & 1U << GB_F_len) && (sqe->opcode == IORING_OP_READV || sqe->opcode == IORING_OP_WRITEV))
		sqe->len = sqe->n_iov;
	return true;
}

/* What an opcode cannot do without. */
static bool check_complete(struct gb_reader *r, const struct context *c)
{
	const struct gb_sqe *sqe = c->sqe;

	if (sqe->ublk)
		return check_ublk(r, c);
	switch (c->opcode) {
	case OP_LEASE:
		return check_lease(r, c);
	case IORING_OP_TIMEOUT:
	case IORING_OP_LINK_TIMEOUT:
		return missing(r, c, GB_F_ms, "a time in milliseconds");
	case IORING_OP_CONNECT:
		return missing(r, c, GB_F_to, "a listening socket");
	case IORING_OP_TIMEOUT_REMOVE:
		if (sqe->op_flags & (IORING_TIMEOUT_UPDATE | IORING_LINK_TIMEOUT_UPDATE) &&
		    !missing(r, c, GB_F_ms, "the new time of the update"))
			return false;
		break;
	default:
		break;
	}
	if (sqe->given & 1U << GB_F_target && sqe->given & 1U << GB_F_addr)
		return gb_fail(r, c->column[GB_F_addr],
			       "addr= is the user_data that target= names; expected one of them");
	return true;
}

static bool read_label(struct gb_reader *r, struct gb_sqe *sqe)
{
	struct gb_word label;
	uint32_t first;

	if (!gb_want_word(r, &label, "a label") || !gb_check_name(r, &label))
		return false;
	if (gb_word_is(&label, "none"))
		return gb_fail(r, label.column, "'none' is no label, because of 'cqe none'; expected another name");
	if (gb_find_label(r, &label, &first) && first < r->trace->n_sqes)
		return gb_fail(r, label.column, "label %s is already used in line %" PRIu32 "; expected another name",
			       GB_QUOTE(&label), r->trace->sqes[first].pos.line);
	sqe->label = gb_copy(r, label.p, label.len);
	return sqe->label != NULL;
}

static bool read_opcode(struct gb_reader *r, struct context *c)
{
	uint32_t known;

	if (!gb_want_word(r, &c->op, "an opcode"))
		return false;
	if (!gb_find_keyword(&c->op, opcodes, COUNT(opcodes), &c->opcode)) {
		if (!gb_find_keyword(&c->op, kernel_opcodes, COUNT(kernel_opcodes), &known))
			return gb_unknown(r, "opcode", &c->op, opcodes, COUNT(opcodes));
		if (known == IORING_OP_URING_CMD)
			return gb_not_simulated(
				r, c->op.column,
				"opcode URING_CMD is not simulated but as LEASE, the command of a lessor, and UBLK_*");
		return gb_not_simulated(r, c->op.column, "opcode %s is not simulated yet", kernel_opcodes[known].name);
	}
	c->sqe->lease = c->opcode == OP_LEASE;
	if (c->opcode & OP_UBLK) {
		c->sqe->ublk = (uint8_t)(c->opcode & ~OP_UBLK);
		c->sqe->cmd_op = ublk_cmd_op[c->sqe->ublk];
	}
	c->sqe->opcode = (uint8_t)(c->opcode >= OP_LEASE ? IORING_OP_URING_CMD : c->opcode);
	return true;
}

static bool read_fields(struct gb_reader *r, struct context *c)
{
	struct gb_pairs pairs = {fields, COUNT(fields), NULL, 0};
	struct gb_word value;
	enum gb_item item;
	uint32_t key;

	while ((item = gb_next_item(r, &pairs, &key, &value)) == GB_ITEM_PAIR) {
		enum gb_sqe_field field = (enum gb_sqe_field)key;

		c->column[field] = value.column;
		if (!check_applies(r, c, field, &value) || !read_field(r, c, field, &value))
			return false;
	}
	c->sqe->given = pairs.given;
	return item == GB_ITEM_END && check_complete(r, c) && check_buffers(r, c);
}

/* The queue must take it. What a batch that stopped early leaves behind is not known here. */
static bool check_room(struct gb_reader *r, const struct gb_word *verb)
{
	if (!gb_check_open(r, verb) || !gb_check_task(r, verb))
		return false;
	if (r->batch == r->sq_entries)
		return gb_fail(r, verb->column,
			       "the submission queue has %" PRIu32 " entries; expected a 'submit' before this SQE",
			       r->sq_entries);
	r->batch++;
	return true;
}

bool gb_read_sqe(struct gb_reader *r, const struct gb_word *verb)
{
	struct gb_trace *trace = r->trace;
	struct context c = {0};
	struct gb_stmt *stmt;

	if (!check_room(r, verb))
		return false;
	c.sqe = gb_room(r, trace->sqes, trace->n_sqes, &r->sqes_room, sizeof(*c.sqe));
	if (!c.sqe)
		return false;
	trace->sqes = c.sqe;
	c.sqe += trace->n_sqes;
	*c.sqe = (struct gb_sqe){.fd = {.number = -1},
				 .segs = 1,
				 .target = GB_NO_TARGET,
				 .new_data = GB_NO_TARGET,
				 .pos = {r->line, verb->column}};
	if (!read_label(r, c.sqe))
		return false;
	stmt = gb_new_stmt(r, GB_STMT_SQE, verb);
	if (stmt)
		stmt->sqe = trace->n_sqes;
	trace->n_sqes++; /* from here on the label is the trace's to free */
	return stmt && read_opcode(r, &c) && read_fields(r, &c);
}
