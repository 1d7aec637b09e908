/* SPDX-License-Identifier: MIT */
/* The part of a world that holds iovecs, provided and registered buffers. */
#include <string.h>

#include "io_uring/io_uring.h"
#include "world/build.h"

uint32_t gb_sqe_uvecs(const struct gb_sqe *sqe)
{
	switch (sqe->opcode) {
	case IORING_OP_READV:
	case IORING_OP_WRITEV:
		return sqe->len < UIO_MAXIOV ? sqe->len : UIO_MAXIOV;
	case IORING_OP_SENDMSG:
	case IORING_OP_SENDMSG_ZC:
	case IORING_OP_RECVMSG:
		/* without iov= the memory at addr= decides, when the time comes */
		return sqe->iov && sqe->n_iov < UIO_MAXIOV ? sqe->n_iov : UIO_MAXIOV;
	case IORING_OP_SEND:
	case IORING_OP_RECV:
		/* provided buffers; a send takes even one from there */
		if (!(sqe->flags & IOSQE_BUFFER_SELECT))
			return 0;
		return sqe->ioprio & IORING_RECVSEND_BUNDLE ? PEEK_MAX_IMPORT : 1;
	default:
		return 0;
	}
}

uint64_t gb_sqe_bytes(const struct gb_sqe *sqe, uint64_t max)
{
	uint64_t n = 0;

	if (sqe->iov) {
		for (uint32_t k = 0; k < sqe->n_iov; k++)
			n += sqe->iov[k].len < max ? sqe->iov[k].len : max;
		return n;
	}
	if (gb_sqe_uvecs(sqe) && !(sqe->flags & IOSQE_BUFFER_SELECT))
		return gb_sqe_uvecs(sqe) * max;
	/* a selected buffer may be longer than what was asked for */
	return sqe->len < max && !(sqe->flags & IOSQE_BUFFER_SELECT) ? sqe->len : max;
}

/* Buffers a PROVIDE_BUFFERS makes if it is well-formed. */
static uint32_t provided(const struct gb_sqe *sqe)
{
	if (sqe->opcode != IORING_OP_PROVIDE_BUFFERS || sqe->fd.is_object || sqe->fd.number <= 0)
		return 0;
	return sqe->fd.number <= 65536 ? (uint32_t)sqe->fd.number : 0;
}

/* One bit per buffer group that can come to exist. */
struct group_set {
	uint64_t bits[65536 / 64];
	bool any;
};

static void groups_add(struct group_set *set, uint16_t bgid)
{
	if (!set->any)
		memset(set->bits, 0, sizeof(set->bits));
	set->any = true;
	set->bits[bgid / 64] |= UINT64_C(1) << bgid % 64;
}

static void groups_collect(struct group_set *set, const struct gb_trace *trace)
{
	set->any = false;
	for (uint32_t k = 0; k < trace->n_sqes; k++)
		if (trace->sqes[k].opcode == IORING_OP_PROVIDE_BUFFERS)
			groups_add(set, trace->sqes[k].buf_index);
	for (uint32_t k = 0; k < trace->n_stmts; k++)
		if (trace->stmts[k].kind == GB_STMT_BUFFERS)
			groups_add(set, trace->stmts[k].bgid);
}

/* The first group from `bgid` on, 65536 if there is none. */
static uint32_t groups_next(const struct group_set *set, uint32_t bgid)
{
	while (set->any && bgid < 65536) {
		if (set->bits[bgid / 64] >> bgid % 64 & 1)
			return bgid;
		bgid += set->bits[bgid / 64] >> bgid % 64 ? 1 : 64 - bgid % 64;
	}
	return 65536;
}

void gb_plan_buffers(struct gb_buffer_plan *p, const struct gb_trace *trace)
{
	struct group_set set;

	memset(p, 0, sizeof(*p));
	for (uint32_t k = 0; k < trace->n_sqes; k++) {
		p->uvecs += gb_sqe_uvecs(&trace->sqes[k]);
		p->kbufs += provided(&trace->sqes[k]);
	}
	for (uint32_t k = 0; k < trace->n_stmts; k++) {
		const struct gb_stmt *stmt = &trace->stmts[k];

		p->rings += stmt->kind == GB_STMT_BUFFERS ? stmt->n : 0;
		p->imus += stmt->range && stmt->kind == GB_STMT_REGISTER ? stmt->n_list : 0;
		p->slots += stmt->fds ? stmt->n_list : 0;
	}
	groups_collect(&set, trace);
	for (uint32_t bgid = groups_next(&set, 0); bgid < 65536; bgid = groups_next(&set, bgid + 1))
		p->lists++;
}

void gb_build_buffers(struct gb_world *w)
{
	const struct gb_trace *trace = w->trace;
	uint32_t uvecs = 0, rings = 0, imus = 0, slots = 0, lists = 0;
	struct group_set set;

	for (uint32_t k = 0; k < trace->n_sqes; k++) {
		w->uvec_of[k] = uvecs;
		uvecs += gb_sqe_uvecs(&trace->sqes[k]);
	}
	for (uint32_t k = 0; k < trace->n_stmts; k++) {
		const struct gb_stmt *stmt = &trace->stmts[k];
		uint32_t *next = NULL;

		if (stmt->kind == GB_STMT_BUFFERS)
			next = &rings;
		else if (stmt->range && stmt->kind == GB_STMT_REGISTER)
			next = &imus;
		else if (stmt->fds)
			next = &slots;
		if (next) {
			w->place_of[k] = *next;
			*next += stmt->kind == GB_STMT_BUFFERS ? stmt->n : stmt->n_list;
		}
	}
	groups_collect(&set, trace);
	for (uint32_t bgid = groups_next(&set, 0); bgid < 65536; bgid = groups_next(&set, bgid + 1))
		gb_buffer_list(w, ++lists)->bgid = (uint16_t)bgid;
}
