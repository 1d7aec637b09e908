/* SPDX-License-Identifier: MIT */
/* What an operation may end with, opcode by opcode, and which of it is a failure (I47). */
#include "judge.h"

#define MAX_RW_COUNT 0x7ffff000ULL

/* The largest result. */
enum most { ZERO, ASKED, EVENTS, ANY };

/* Errnos: those of a transfer, of a socket. An opcode's own ones stand in its row. */
#define ERRNOS 16
#define OF_TRANSFER                                                                                                   \
	{                                                                                                             \
		GB_EBADF, GB_EINVAL, GB_EOPNOTSUPP, GB_EAGAIN, GB_EFAULT, GB_ESPIPE, GB_EFBIG, GB_ENOSPC, GB_ENOBUFS, \
			GB_EPIPE, GB_EOVERFLOW, GB_EMSGSIZE, GB_ENOTCONN, GB_ECONNRESET, GB_ECONNREFUSED, GB_EACCES   \
	}
#define OF_SOCKET                                                                                                 \
	{                                                                                                         \
		GB_ENOTSOCK, GB_EINVAL, GB_EOPNOTSUPP, GB_EAGAIN, GB_EFAULT, GB_EPIPE, GB_ENOBUFS, GB_ECONNRESET, \
			GB_ENOTCONN, GB_EMSGSIZE, GB_ENOENT, GB_EISCONN, GB_ECONNREFUSED                          \
	}

/* One row of the table of docs/specification.md. */
struct row {
	uint8_t op;
	enum most most;
	bool file, fills, drains; /* needs a file; moves bytes into a buffer, out of one */
	uint8_t errnos[ERRNOS];
	const char *words;
};

static const struct row table[] = {
	{IORING_OP_NOP, ANY, false, false, false, {0}, "exactly `res=`, 0 without it"},
	{IORING_OP_READ, ASKED, true, true, false, OF_TRANSFER, "0 to the bytes asked for, or an errno of a transfer"},
	{IORING_OP_READV, ASKED, true, true, false, OF_TRANSFER, "as READ"},
	{IORING_OP_READ_FIXED, ASKED, true, true, false, OF_TRANSFER, "as READ"},
	{IORING_OP_READ_MULTISHOT, ANY, true, true, false, OF_TRANSFER, "in order and count only"},
	{IORING_OP_WRITE, ASKED, true, false, true, OF_TRANSFER, "as READ"},
	{IORING_OP_WRITEV, ASKED, true, false, true, OF_TRANSFER, "as READ"},
	{IORING_OP_WRITE_FIXED, ASKED, true, false, true, OF_TRANSFER, "as READ"},
	{IORING_OP_SEND, ASKED, true, false, true, OF_SOCKET, "0 to the bytes asked for, or an errno of a socket"},
	{IORING_OP_SENDMSG, ASKED, true, false, true, OF_SOCKET, "as SEND"},
	{IORING_OP_SEND_ZC, ASKED, true, false, true, OF_SOCKET, "as SEND; the notification comes behind it"},
	{IORING_OP_SENDMSG_ZC, ASKED, true, false, true, OF_SOCKET, "as SEND_ZC"},
	{IORING_OP_ACCEPT,
	 ANY,
	 true,
	 false,
	 false,
	 {GB_EINVAL, GB_ENOTSOCK, GB_EOPNOTSUPP, GB_EAGAIN, GB_ENFILE, GB_EBADF, GB_ENXIO},
	 "a descriptor or slot, or an errno of accept; multishot in order and count only"},
	{IORING_OP_CONNECT,
	 ZERO,
	 true,
	 false,
	 false,
	 {GB_EINVAL, GB_ENOTSOCK, GB_EOPNOTSUPP, GB_EAGAIN, GB_EFAULT, GB_EISCONN, GB_ECONNREFUSED, GB_EALREADY,
	  GB_EINPROGRESS, GB_EPROTOTYPE},
	 "0 or an errno of connect"},
	{IORING_OP_RECV, ASKED, true, true, false, OF_SOCKET,
	 "as SEND, more with MSG_TRUNC; multishot in order and count only"},
	{IORING_OP_RECVMSG, ASKED, true, true, false, OF_SOCKET, "as RECV"},
	{IORING_OP_FSYNC, ZERO, true, false, false, {GB_EINVAL, GB_EIO}, "0, EINVAL, EIO"},
	{IORING_OP_SHUTDOWN,
	 ZERO,
	 true,
	 false,
	 false,
	 {GB_ENOTSOCK, GB_EINVAL, GB_ENOTCONN},
	 "0, ENOTSOCK, EINVAL, ENOTCONN"},
	{IORING_OP_CLOSE, ZERO, false, false, false, {GB_EBADF, GB_EAGAIN}, "0, EBADF"},
	{IORING_OP_POLL_ADD,
	 EVENTS,
	 true,
	 false,
	 false,
	 {GB_EINVAL},
	 "a mask of events, or EINVAL; multishot in order and count only"},
	{IORING_OP_POLL_REMOVE,
	 ANY,
	 false,
	 false,
	 false,
	 {GB_ENOENT, GB_EALREADY, GB_ECANCELED},
	 "0, ENOENT, EALREADY, or the result of the update"},
	{IORING_OP_TIMEOUT,
	 ZERO,
	 false,
	 false,
	 false,
	 {GB_ETIME},
	 "ETIME, or 0 if it counts; multishot in order and count only"},
	{IORING_OP_TIMEOUT_REMOVE,
	 ZERO,
	 false,
	 false,
	 false,
	 {GB_ENOENT, GB_EALREADY, GB_EINVAL},
	 "0, ENOENT, EALREADY"},
	{IORING_OP_LINK_TIMEOUT,
	 ZERO,
	 false,
	 false,
	 false,
	 {GB_ETIME, GB_ENOENT, GB_EALREADY, GB_ECANCELED},
	 "never issued: ETIME, ENOENT, EALREADY, ECANCELED"},
	{IORING_OP_ASYNC_CANCEL,
	 ANY,
	 false,
	 false,
	 false,
	 {GB_ENOENT, GB_EALREADY, GB_EBADF},
	 "a count, ENOENT, EALREADY, EBADF"},
	{IORING_OP_PROVIDE_BUFFERS, ZERO, false, false, false, {GB_EINVAL, GB_ENOMEM}, "0, EINVAL, ENOMEM"},
	{IORING_OP_REMOVE_BUFFERS, ANY, false, false, false, {GB_EINVAL, GB_ENOENT}, "a count, EINVAL, ENOENT"},
	{IORING_OP_URING_CMD,
	 ANY,
	 true,
	 false,
	 false,
	 {GB_EINVAL, GB_EOPNOTSUPP, GB_EBUSY, GB_ENODEV, GB_EIO, GB_EAGAIN, GB_ENOMEM},
	 "a lease exactly; a ublk command 0, 1, or an errno of the driver"},
};

static const struct row *row_of(uint8_t op)
{
	for (uint32_t k = 0; k < sizeof(table) / sizeof(table[0]); k++)
		if (table[k].op == op)
			return &table[k];
	return NULL;
}

const char *gb_spec_opcode_rule(uint8_t opcode)
{
	const struct row *row = row_of(opcode);

	return row ? row->words : NULL;
}

bool spec_fills(uint8_t opcode)
{
	const struct row *row = row_of(opcode);

	return row && row->fills;
}

bool spec_drains_buf(uint8_t opcode)
{
	const struct row *row = row_of(opcode);

	return row && row->drains;
}

bool spec_needs_file(uint8_t opcode)
{
	const struct row *row = row_of(opcode);

	return row && row->file;
}

bool spec_notifies(uint8_t opcode)
{
	return opcode == IORING_OP_SEND_ZC || opcode == IORING_OP_SENDMSG_ZC;
}

bool spec_hunted(const struct gb_spec *s, uint32_t r)
{
	return s->hunt_all || s->known[r].hunted;
}

bool spec_late(const struct gb_spec *s, uint32_t r)
{
	const struct fact *f = &s->fact[r];
	uint64_t over = f->done_at != SPEC_NEVER ? f->done_at : f->posted_at;

	return over > s->ending_at;
}

/* ---- lengths ---- */

bool spec_asked(const struct gb_spec *s, uint32_t r, uint64_t *n)
{
	const struct gb_sqe *sqe = &s->trace->sqes[r];
	const struct fact *f = &s->fact[r];

	*n = sqe->len;
	if (s->known[r].loose)
		return false;
	if (sqe->flags & IOSQE_BUFFER_SELECT) {
		*n = f->selected;
		return f->select_seen;
	}
	if (s->place[r].wants_buf && f->imports) {
		*n = f->import_len;
	} else if (sqe->opcode == IORING_OP_READV || sqe->opcode == IORING_OP_WRITEV ||
		   sqe->opcode == IORING_OP_SENDMSG || sqe->opcode == IORING_OP_SENDMSG_ZC ||
		   sqe->opcode == IORING_OP_RECVMSG) {
		*n = 0;
		for (uint32_t k = 0; k < sqe->n_iov; k++)
			*n += sqe->iov[k].len;
		if (!sqe->iov || sqe->given & 1U << GB_F_len)
			return false;
	}
	if (*n > MAX_RW_COUNT)
		*n = MAX_RW_COUNT;
	return true;
}

/* ---- I47 ---- */

enum gb_spec_rule_id spec_forgets_failure(const struct gb_spec *s, uint32_t r)
{
	switch (s->trace->sqes[r].opcode) {
	case IORING_OP_FSYNC:
		return GB_SPEC_NO_FAILURE;
	case IORING_OP_SHUTDOWN:
		return GB_SPEC_NO_FAILURE_ABI;
	case IORING_OP_ACCEPT: /* what fails is putting it into a slot */
		return s->trace->sqes[r].file_index ? GB_SPEC_NO_FAILURE_ABI : GB_SPEC_RULES;
	case IORING_OP_READ:
	case IORING_OP_WRITE:
	case IORING_OP_READ_FIXED:
	case IORING_OP_WRITE_FIXED:
	case IORING_OP_READV:
	case IORING_OP_WRITEV:
		return s->trace->setup_flags & IORING_SETUP_IOPOLL ? GB_SPEC_NO_FAILURE_IOPOLL : GB_SPEC_RULES;
	default:
		return GB_SPEC_RULES;
	}
}

/* S8.14: only MSG_WAITALL makes a short transfer a failure. */
static enum tri short_message(const struct gb_spec *s, uint32_t r, int32_t res)
{
	const struct gb_sqe *sqe = &s->trace->sqes[r];
	uint64_t asked;

	if (!(sqe->op_flags & GB_MSG_WAITALL))
		return NO;
	if (!spec_asked(s, r, &asked) || sqe->op_flags & (GB_MSG_TRUNC | GB_MSG_PEEK) ||
	    sqe->flags & IOSQE_BUFFER_SELECT || !sqe->fd.is_object || s->trace->objects[sqe->fd.object].dgram)
		return MAYBE;
	return (uint64_t)res < asked ? YES : NO;
}

enum tri spec_failure(const struct gb_spec *s, uint32_t r, int32_t res)
{
	const struct gb_sqe *sqe = &s->trace->sqes[r];
	uint64_t asked;

	if (s->known[r].loose)
		return MAYBE;
	if (sqe->opcode == IORING_OP_TIMEOUT && res == -GB_ETIME)
		return sqe->op_flags & IORING_TIMEOUT_ETIME_SUCCESS ? NO : YES;
	if (res < 0)
		return YES;
	switch (sqe->opcode) {
	case IORING_OP_READ:
	case IORING_OP_READV:
	case IORING_OP_READ_FIXED:
	case IORING_OP_WRITE:
	case IORING_OP_WRITEV:
	case IORING_OP_WRITE_FIXED:
		if (!spec_asked(s, r, &asked))
			return MAYBE;
		return (uint64_t)res == asked ? NO : YES;
	case IORING_OP_SEND:
	case IORING_OP_SENDMSG:
	case IORING_OP_SEND_ZC:
	case IORING_OP_SENDMSG_ZC:
	case IORING_OP_RECV:
	case IORING_OP_RECVMSG:
		return short_message(s, r, res);
	default:
		return NO;
	}
}

/* ---- allowed results ---- */

/* An errno that the world of the trace injects. */
static bool injected(const struct gb_spec *s, const struct gb_sqe *sqe, int32_t res)
{
	for (uint32_t k = 0; k < s->trace->n_objects; k++) {
		const struct gb_file_class *class = &s->trace->objects[k].file;
		const bool its = sqe->fd.is_object && sqe->fd.object == k;

		/* a slot of registered files may hold any of them */
		if ((its || sqe->flags & IOSQE_FIXED_FILE) &&
		    (class->err == res || (class->outcomes && res == -GB_EIO)))
			return true;
	}
	return false;
}

static bool errno_allowed(const struct gb_spec *s, uint32_t r, const struct row *row, int32_t res)
{
	if (injected(s, &s->trace->sqes[r], res))
		return true;
	if (res == -GB_ECANCELED || res == -GB_EINTR)
		return spec_hunted(s, r) || spec_late(s, r) || row->op == IORING_OP_LINK_TIMEOUT;
	if (res == -GB_EFAULT && spec_late(s, r))
		return true;
	for (uint32_t k = 0; k < ERRNOS && row->errnos[k]; k++)
		if (res == -row->errnos[k])
			return true;
	return false;
}

static bool count_allowed(const struct gb_spec *s, uint32_t r, const struct row *row, int32_t res)
{
	uint64_t asked;

	switch (row->most) {
	case ZERO:
		return res == 0;
	case ASKED:
		return !spec_asked(s, r, &asked) || (uint64_t)res <= asked || s->trace->sqes[r].op_flags & GB_MSG_TRUNC;
	case EVENTS:
		return res > 0;
	default:
		return true;
	}
}

/* S6.3, I71, I73, I75: what a lease gives; *again if only its repetition is refused. */
static int32_t lease_due(const struct gb_spec *s, uint32_t r, bool *again)
{
	const struct gb_sqe *sqe = &s->trace->sqes[r];
	bool given = sqe->given & 1U << GB_F_res;

	*again = false;
	if (!spec_is_leader(s, r) || sqe->op_flags & IORING_URING_CMD_FIXED)
		return -GB_EINVAL;
	switch (sqe->mode) {
	case GB_LEASE_no_ack:
	case GB_LEASE_no_vec:
	case GB_LEASE_not_kbuf:
		return -GB_EINVAL;
	case GB_LEASE_twice:
		*again = true;
		return -GB_EINVAL;
	case GB_LEASE_fail_after:
		return given ? sqe->res : -GB_EIO;
	default:
		return sqe->res;
	}
}

static void lease_result(struct gb_spec *s, uint32_t r, int32_t res)
{
	const struct gb_sqe *sqe = &s->trace->sqes[r];
	bool again;
	int32_t due = lease_due(s, r, &again);

	if (s->trace->setup_flags & IORING_SETUP_IOPOLL)
		due = -GB_EOPNOTSUPP;
	/* mode=any may fail; a slot of registered files may hold anything */
	if (res == -GB_EIO && due == sqe->res && sqe->mode == GB_LEASE_any)
		return;
	if (res != due && !(sqe->flags & IOSQE_FIXED_FILE))
		spec_find(s, again ? GB_SPEC_LEASE_TWICE : GB_SPEC_LEASE, r, SPEC_NONE, res, due);
}

static int32_t nop_due(const struct gb_sqe *sqe)
{
	if (sqe->given & 1U << GB_F_res)
		return sqe->res;
	return sqe->op_flags ? (int32_t)sqe->len : 0;
}

/* Did the import of the leader's buffer decide the result (S6.14)? */
static bool import_decides(const struct gb_spec *s, uint32_t r)
{
	return s->fact[r].import_seen && !s->fact[r].imports;
}

void spec_result(struct gb_spec *s, uint32_t r)
{
	const struct gb_sqe *sqe = &s->trace->sqes[r];
	/* an unknown opcode has become NOP (S2.6 step 1); it can only run by a defect that has been found */
	const struct row *row = row_of(sqe->opcode);
	int32_t res = s->fact[r].done_res;

	if (!row || s->known[r].loose)
		return;
	if (sqe->opcode == IORING_OP_NOP) {
		if (res != nop_due(sqe) && !(spec_late(s, r) && res < 0) &&
		    !(spec_hunted(s, r) && res == -GB_ECANCELED))
			spec_find(s, GB_SPEC_EXACT, r, SPEC_NONE, res, nop_due(sqe));
	} else if (sqe->lease) {
		lease_result(s, r, res);
	} else if (import_decides(s, r)) {
		if (res != s->fact[r].import_err)
			spec_find(s, GB_SPEC_IMPORT_RESULT, r, s->place[r].leader, res, s->fact[r].import_err);
	} else if (res < 0 ? !errno_allowed(s, r, row, res) : !count_allowed(s, r, row, res)) {
		spec_find(s, GB_SPEC_RESULT, r, SPEC_NONE, res, 0);
	}
}
