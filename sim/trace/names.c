/* SPDX-License-Identifier: MIT */
/* What numbers are called. */
#include <stdio.h>

#include "groupbuf/trace.h"

const char *gb_opcode_name(const struct gb_sqe *sqe)
{
	static const char *const ublk[] = {
#define X(id, name, cmd_op) [GB_UBLK_##id] = (name),
		GB_UBLK_COMMAND_LIST(X)
#undef X
	};

	if (sqe->lease)
		return "LEASE";
	if (sqe->ublk)
		return ublk[sqe->ublk];
	switch (sqe->opcode) {
#define X(name, number) \
	case (number):  \
		return #name;
		GB_OPCODE_LIST(X)
#undef X
	case GB_OP_BAD:
		return "BAD";
	default:
		return NULL;
	}
}

const char *gb_errno_name(int number)
{
	switch (number) {
#define X(name, value) \
	case (value):  \
		return #name;
		GB_ERRNO_LIST(X)
#undef X
	default:
		return NULL;
	}
}

const char *gb_fd_name(const struct gb_trace *trace, struct gb_fd fd, char *buf, size_t size)
{
	const struct gb_object *object;

	if (fd.is_ring) {
		snprintf(buf, size, "ring");
		return buf;
	}
	if (!fd.is_object || fd.object >= trace->n_objects) {
		snprintf(buf, size, "%d", (int)fd.number);
		return buf;
	}
	object = &trace->objects[fd.object];
	if (object->kind == GB_PIPE)
		snprintf(buf, size, "%s.%c", object->name, fd.end ? 'w' : 'r');
	else if (object->kind == GB_SOCK)
		snprintf(buf, size, "%s.%c", object->name, fd.end ? '1' : '0');
	else
		snprintf(buf, size, "%s", object->name);
	return buf;
}
