/* SPDX-License-Identifier: MIT */
/* `register` statements. */
#include "trace/printer.h"

/* A number and its name. */
struct name {
	uint32_t number;
	const char *name;
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct name opcodes[] = {
#define X(name, number) {(number), #name},
	GB_OPCODE_LIST(X)
#undef X
};

static const struct name register_ops[] = {
#define X(name, number) {(number), #name},
	GB_REGISTER_OP_LIST(X)
#undef X
};

static const struct gb_flag_name sqe_flags[] = {
#define X(name, bit) {1U << (bit), #name},
	GB_SQE_FLAG_LIST(X)
#undef X
};

static void print_set(struct gb_text *text, uint64_t set, const struct name *names, size_t n)
{
	const char *comma = "";

	for (size_t i = 0; i < n; i++) {
		if (!(set >> names[i].number & 1))
			continue;
		gb_text_add(text, "%s%s", comma, names[i].name);
		comma = ",";
	}
}

static void print_restrictions(struct gb_text *text, const struct gb_restrictions *res)
{
	static const char *const keys[] = {
#define X(name) #name,
		GB_RESTRICTION_LIST(X)
#undef X
	};

	for (unsigned int key = 0; key < GB_RESTRICTION_COUNT; key++) {
		if (!(res->given & 1U << key))
			continue;
		gb_text_add(text, " %s=", keys[key]);
		if (key == GB_RESTRICTION_register_op)
			print_set(text, res->register_op, register_ops, COUNT(register_ops));
		else if (key == GB_RESTRICTION_sqe_op)
			print_set(text, res->sqe_op, opcodes, COUNT(opcodes));
		else
			gb_text_add_flags(text,
					  key == GB_RESTRICTION_sqe_flags_allowed ? res->sqe_flags_allowed
										  : res->sqe_flags_required,
					  sqe_flags, COUNT(sqe_flags));
	}
}

void gb_print_register(struct gb_text *text, const struct gb_trace *trace, const struct gb_stmt *stmt)
{
	static const struct name calls[] = {
#define X(word, name) {IORING_REGISTER_##name, #word},
		GB_REGISTER_LIST(X)
#undef X
	};

	char name[GB_FD_SIZE];

	gb_text_add(text, "register");
	for (size_t i = 0; i < COUNT(calls); i++)
		if (calls[i].number == stmt->n)
			gb_text_add(text, " %s", calls[i].name);
	if (stmt->n_list)
		gb_text_add(text, " ");
	if (stmt->n == IORING_REGISTER_BUFFERS)
		gb_print_ranges(text, trace, stmt->range, stmt->n_list);
	for (uint32_t i = 0; stmt->n == IORING_REGISTER_FILES && i < stmt->n_list; i++)
		gb_text_add(text, "%s%s", i ? "," : "", gb_fd_name(trace, stmt->fds[i], name, sizeof(name)));
	if (stmt->n == IORING_REGISTER_RESTRICTIONS && stmt->arg < trace->n_restrictions)
		print_restrictions(text, &trace->restrictions[stmt->arg]);
}
