/* SPDX-License-Identifier: MIT */
/* Statements of the program. */
#include <inttypes.h>

#include "trace/printer.h"

static void print_addr(struct gb_text *text, const struct gb_trace *trace, const struct gb_addr *addr)
{
	if (!addr->is_mem) {
		gb_text_add(text, "%" PRIu64, addr->value);
		return;
	}
	gb_text_add(text, "%s", addr->mem < trace->n_objects ? trace->objects[addr->mem].name : "?");
	if (addr->value)
		gb_text_add(text, "+%" PRIu64, addr->value);
}

void gb_print_ranges(struct gb_text *text, const struct gb_trace *trace, const struct gb_segment *range, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		gb_text_add(text, "%s", i ? "," : "");
		print_addr(text, trace, &range[i].addr);
		gb_text_add(text, range[i].len == UINT64_MAX ? ":-1" : ":%" PRIu64, range[i].len);
	}
}

static void print_flags(struct gb_text *text, const struct gb_sqe *sqe)
{
	const struct gb_flag_name names[] = {
#define X(name, bit) {1U << (bit), IOSQE_##name == IOSQE_IO_DRAIN && sqe->group_buf_spelling ? "GROUP_BUF" : #name},
		GB_SQE_FLAG_LIST(X)
#undef X
	};

	gb_text_add_flags(text, sqe->flags, names, sizeof(names) / sizeof(names[0]));
}

/* Flag words are hexadecimal as soon as that looks different. */
static void print_word(struct gb_text *text, uint32_t word)
{
	gb_text_add(text, word < 10 ? "%" PRIu32 : "0x%" PRIx32, word);
}

static const char *dir_name(enum gb_lease_dir dir)
{
	return dir == GB_DIR_SOURCE ? "source" : "dest";
}

static const char *mode_name(enum gb_lease_mode mode)
{
	static const char *const names[] = {
#define X(name) #name,
		GB_LEASE_MODE_LIST(X)
#undef X
	};

	return names[mode];
}

/* The fields that name something; false if it is none of them. */
static bool print_name(struct gb_text *text, const struct gb_trace *trace, const struct gb_sqe *sqe,
		       enum gb_sqe_field field)
{
	char name[GB_FD_SIZE];

	switch (field) {
	case GB_F_fd:
		gb_text_add(text, "%s", gb_fd_name(trace, sqe->fd, name, sizeof(name)));
		return true;
	case GB_F_to:
		gb_text_add(text, "%s", trace->objects[sqe->to].name);
		return true;
	case GB_F_target:
	case GB_F_new:
		gb_text_add(text, "%s", gb_print_label(trace, field == GB_F_target ? sqe->target : sqe->new_data));
		return true;
	default:
		return false;
	}
}

static void print_value(struct gb_text *text, const struct gb_trace *trace, const struct gb_sqe *sqe,
			enum gb_sqe_field field)
{
	switch (field) {
	case GB_F_fd:
	case GB_F_to:
	case GB_F_target:
	case GB_F_new:
		break;
	case GB_F_dir:
		gb_text_add(text, "%s", dir_name(sqe->dir));
		break;
	case GB_F_ms:
		gb_text_add(text, "%" PRIu32, sqe->ms);
		break;
	case GB_F_off:
		gb_text_add(text, sqe->off == UINT64_MAX ? "-1" : "%" PRIu64, sqe->off);
		break;
	case GB_F_addr:
		print_addr(text, trace, &sqe->addr);
		break;
	case GB_F_iov:
		gb_print_ranges(text, trace, sqe->iov, sqe->n_iov);
		break;
	case GB_F_len:
		gb_text_add(text, "%" PRIu32, sqe->len);
		break;
	case GB_F_offset:
	case GB_F_segs:
		gb_text_add(text, "%" PRIu32, field == GB_F_offset ? sqe->offset : sqe->segs);
		break;
	case GB_F_mode:
		gb_text_add(text, "%s", mode_name(sqe->mode));
		break;
	case GB_F_tag:
	case GB_F_q_id:
		gb_text_add(text, "%u", (unsigned int)(field == GB_F_tag ? sqe->tag : sqe->q_id));
		break;
	case GB_F_cmd_op:
		print_word(text, sqe->cmd_op);
		break;
	case GB_F_res:
		gb_text_add(text, "%" PRId32, sqe->res);
		break;
	case GB_F_op_flags:
	case GB_F_ioprio:
		print_word(text, field == GB_F_op_flags ? sqe->op_flags : sqe->ioprio);
		break;
	case GB_F_file_index:
		print_word(text, sqe->file_index);
		break;
	case GB_F_buf_index:
	case GB_F_buf_group:
		gb_text_add(text, "%u", (unsigned int)sqe->buf_index);
		break;
	case GB_F_flags:
		print_flags(text, sqe);
		break;
	case GB_F_COUNT:
		break;
	}
}

static void print_sqe(struct gb_text *text, const struct gb_trace *trace, const struct gb_sqe *sqe)
{
	static const char *const fields[] = {
#define X(name) #name,
		GB_SQE_FIELD_LIST(X)
#undef X
	};
	const char *opcode = gb_opcode_name(sqe);

	gb_text_add(text, "sqe %s %s", sqe->label, opcode ? opcode : "BAD");
	for (unsigned int i = 0; i < GB_F_COUNT; i++) {
		if (!(sqe->given & 1U << i))
			continue;
		gb_text_add(text, " %s=", fields[i]);
		if (!print_name(text, trace, sqe, (enum gb_sqe_field)i))
			print_value(text, trace, sqe, (enum gb_sqe_field)i);
	}
}

static void print_blkreq(struct gb_text *text, const struct gb_trace *trace, const struct gb_blkreq *blk)
{
	static const char *const ops[] = {
#define X(name) #name,
		GB_BLK_OP_LIST(X)
#undef X
	};

	gb_text_add(text, "blkreq %s %s %s", blk->label, trace->objects[blk->object].name, ops[blk->op]);
	if (blk->off_given)
		gb_text_add(text, " off=%" PRIu64, blk->off);
	if (blk->len_given)
		gb_text_add(text, " len=%" PRIu32, blk->len);
	for (uint32_t i = 0; blk->bios && i < blk->n_bios; i++)
		gb_text_add(text, "%s%" PRIu32, i ? "," : " bios=", blk->bios[i]);
	if (blk->segs)
		gb_text_add(text, " segs=%" PRIu32, blk->segs);
}

/* `buffers` and `provide`. */
static void print_buffers(struct gb_text *text, const struct gb_trace *trace, const struct gb_stmt *stmt)
{
	switch (stmt->kind) {
	case GB_STMT_BUFFERS:
		gb_text_add(text, "buffers %u entries=%" PRIu32 "%s", (unsigned int)stmt->bgid, stmt->n,
			    stmt->inc ? " inc=1" : "");
		break;
	default:
		gb_text_add(text, "provide %u ", (unsigned int)stmt->bgid);
		gb_print_ranges(text, trace, stmt->range, stmt->n_list);
		if (stmt->bid_given)
			gb_text_add(text, " bid=%u", (unsigned int)stmt->bid);
		if (stmt->n_given)
			gb_text_add(text, " n=%" PRIu32, stmt->n);
		break;
	}
}

void gb_print_stmt(struct gb_text *text, const struct gb_trace *trace, const struct gb_stmt *stmt)
{
	static const char *const verbs[] = {
		[GB_STMT_SQE] = "sqe",	   [GB_STMT_SUBMIT] = "submit",	    [GB_STMT_WAIT] = "wait",
		[GB_STMT_REAP] = "reap",   [GB_STMT_WRITE] = "write",	    [GB_STMT_READ] = "read",
		[GB_STMT_DIE] = "die",	   [GB_STMT_EXEC] = "exec",	    [GB_STMT_EXIT] = "exit",
		[GB_STMT_CLOSE] = "close", [GB_STMT_SHUTDOWN] = "shutdown",
	};
	char name[GB_FD_SIZE];

	switch (stmt->kind) {
	case GB_STMT_SQE:
		if (stmt->sqe < trace->n_sqes)
			print_sqe(text, trace, &trace->sqes[stmt->sqe]);
		break;
	case GB_STMT_BLKREQ:
		if (stmt->sqe < trace->n_blkreqs)
			print_blkreq(text, trace, &trace->blkreqs[stmt->sqe]);
		break;
	case GB_STMT_SUBMIT:
	case GB_STMT_EXIT:
	case GB_STMT_DIE:
	case GB_STMT_EXEC:
		gb_text_add(text, "%s", verbs[stmt->kind]);
		break;
	case GB_STMT_REGISTER:
		gb_print_register(text, trace, stmt);
		break;
	case GB_STMT_WAIT:
		gb_text_add(text, "wait %" PRIu32, stmt->n);
		break;
	case GB_STMT_REAP:
		gb_text_add(text, stmt->n_given ? "reap ms=%" PRIu32 : "reap", stmt->n);
		break;
	case GB_STMT_WRITE:
	case GB_STMT_READ:
		gb_text_add(text, "%s %s %" PRIu32, verbs[stmt->kind], gb_fd_name(trace, stmt->end, name, sizeof(name)),
			    stmt->n);
		break;
	case GB_STMT_SHUTDOWN:
	case GB_STMT_CLOSE:
		gb_text_add(text, "%s %s", verbs[stmt->kind], gb_fd_name(trace, stmt->end, name, sizeof(name)));
		break;
	case GB_STMT_CONNECT:
		gb_text_add(text, "connect %s %s", gb_fd_name(trace, stmt->end, name, sizeof(name)),
			    trace->objects[stmt->n].name);
		break;
	case GB_STMT_BUFFERS:
	case GB_STMT_PROVIDE:
		print_buffers(text, trace, stmt);
		break;
	}
}
