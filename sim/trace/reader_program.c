/* SPDX-License-Identifier: MIT */
/* The program besides its SQEs: entering the ring, and the outside. */
#include <inttypes.h>

#include "trace/reader.h"

struct gb_stmt *gb_new_stmt(struct gb_reader *r, enum gb_stmt_kind kind, const struct gb_word *verb)
{
	struct gb_trace *trace = r->trace;
	struct gb_stmt *stmt = gb_room(r, trace->stmts, trace->n_stmts, &r->stmts_room, sizeof(*stmt));

	if (!stmt)
		return NULL;
	trace->stmts = stmt;
	stmt += trace->n_stmts++;
	*stmt = (struct gb_stmt){.kind = kind, .pos = {r->line, verb->column}, .end = {.number = -1}};
	if (!r->program_line)
		r->program_line = r->line;
	return stmt;
}

bool gb_check_open(struct gb_reader *r, const struct gb_word *verb)
{
	return !r->exit_line ||
	       gb_fail(r, verb->column, "the ring is closed since line %" PRIu32 "; expected %s in front of 'exit'",
		       r->exit_line, GB_QUOTE(verb));
}

bool gb_check_task(struct gb_reader *r, const struct gb_word *verb)
{
	return !r->gone_line ||
	       gb_fail(r, verb->column,
		       "the submitting task is gone since line %" PRIu32 "; expected %s in front of that line",
		       r->gone_line, GB_QUOTE(verb));
}

/* A statement that needs the ring. */
static struct gb_stmt *ring_stmt(struct gb_reader *r, enum gb_stmt_kind kind, const struct gb_word *verb)
{
	return gb_check_open(r, verb) ? gb_new_stmt(r, kind, verb) : NULL;
}

struct gb_stmt *gb_task_stmt(struct gb_reader *r, enum gb_stmt_kind kind, const struct gb_word *verb)
{
	return gb_check_task(r, verb) ? ring_stmt(r, kind, verb) : NULL;
}

bool gb_read_submit(struct gb_reader *r, const struct gb_word *verb)
{
	/* a ring that is not enabled leaves them in the queue */
	if (!(r->trace->setup_flags & IORING_SETUP_R_DISABLED) || r->enabled)
		r->batch = 0;
	return gb_task_stmt(r, GB_STMT_SUBMIT, verb) != NULL;
}

bool gb_read_wait(struct gb_reader *r, const struct gb_word *verb)
{
	struct gb_stmt *stmt = ring_stmt(r, GB_STMT_WAIT, verb);
	struct gb_word w;

	if (!stmt || !gb_want_word(r, &w, "a number of CQEs"))
		return false;
	stmt->n_given = true;
	return gb_read_u32(r, &w, 1, UINT32_MAX, &stmt->n);
}

bool gb_read_reap(struct gb_reader *r, const struct gb_word *verb)
{
	static const struct gb_keyword keys[] = {{"ms", 0}};
	struct gb_pairs pairs = {keys, 1, NULL, 0};
	struct gb_stmt *stmt = ring_stmt(r, GB_STMT_REAP, verb);
	struct gb_word value;
	enum gb_item item;
	uint32_t key;

	if (!stmt)
		return false;
	stmt->n = 60;
	while ((item = gb_next_item(r, &pairs, &key, &value)) == GB_ITEM_PAIR) {
		stmt->n_given = true;
		if (!gb_read_u32(r, &value, 0, GB_MAX_MS, &stmt->n))
			return false;
	}
	return item == GB_ITEM_END;
}

/* `write END N` and `read END N`; wrong is the pipe end that cannot do it. */
static bool read_transfer(struct gb_reader *r, enum gb_stmt_kind kind, unsigned int wrong, const struct gb_word *verb)
{
	struct gb_stmt *stmt = gb_new_stmt(r, kind, verb);
	const struct gb_object *object;
	struct gb_word end, n;

	if (!stmt || !gb_want_word(r, &end, "a pipe or socket end") || !gb_read_end(r, &end, false, &stmt->end))
		return false;
	object = &r->trace->objects[stmt->end.object];
	if (object->kind == GB_PIPE && stmt->end.end == wrong)
		return gb_fail(r, end.column, "%s is the %s end; expected %s.%s", GB_QUOTE(&end),
			       wrong ? "write" : "read", object->name, wrong ? "r" : "w");
	if (!gb_want_word(r, &n, "a number of bytes"))
		return false;
	stmt->n_given = true;
	return gb_read_u32(r, &n, 0, GB_MAX_BYTES, &stmt->n);
}

bool gb_read_write(struct gb_reader *r, const struct gb_word *verb)
{
	return read_transfer(r, GB_STMT_WRITE, 0, verb);
}

bool gb_read_read(struct gb_reader *r, const struct gb_word *verb)
{
	return read_transfer(r, GB_STMT_READ, 1, verb);
}

bool gb_read_shutdown(struct gb_reader *r, const struct gb_word *verb)
{
	struct gb_stmt *stmt = gb_new_stmt(r, GB_STMT_SHUTDOWN, verb);
	struct gb_word end;

	if (!stmt || !gb_want_word(r, &end, "a socket end") || !gb_read_end(r, &end, true, &stmt->end))
		return false;
	if (r->trace->objects[stmt->end.object].kind == GB_PIPE)
		return gb_fail(r, end.column, "%s is a pipe end; expected a socket end", GB_QUOTE(&end));
	return true;
}

bool gb_read_close(struct gb_reader *r, const struct gb_word *verb)
{
	struct gb_stmt *stmt = gb_new_stmt(r, GB_STMT_CLOSE, verb);
	struct gb_word end;

	return stmt && gb_want_word(r, &end, "a pipe or socket end") && gb_read_end(r, &end, true, &stmt->end);
}

bool gb_read_exit(struct gb_reader *r, const struct gb_word *verb)
{
	if (r->exit_line)
		return gb_fail(r, verb->column, "the ring is closed since line %" PRIu32 "; expected one 'exit'",
			       r->exit_line);
	if (!gb_new_stmt(r, GB_STMT_EXIT, verb))
		return false;
	r->exit_line = r->line;
	return true;
}

static bool read_gone(struct gb_reader *r, enum gb_stmt_kind kind, const struct gb_word *verb)
{
	if (!gb_task_stmt(r, kind, verb))
		return false;
	if (r->trace->setup_flags & IORING_SETUP_SQPOLL)
		return gb_not_simulated(r, verb->column, "%s is not simulated on an SQPOLL ring yet", GB_QUOTE(verb));
	r->gone_line = r->line;
	return true;
}

bool gb_read_die(struct gb_reader *r, const struct gb_word *verb)
{
	return read_gone(r, GB_STMT_DIE, verb);
}

bool gb_read_exec(struct gb_reader *r, const struct gb_word *verb)
{
	return read_gone(r, GB_STMT_EXEC, verb);
}
