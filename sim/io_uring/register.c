/* SPDX-License-Identifier: MIT */
/* io_uring_register: restrictions and the enabling of a ring (S11.3, S11.17), and what rsrc.c and kbuf.c register. */
#include "io_uring/io_uring.h"

static int io_register_restrictions(struct gb_world *w, const struct gb_restrictions *arg)
{
	struct io_ring_ctx *ctx = gb_ctx(w);

	if (!(ctx->flags & IORING_SETUP_R_DISABLED))
		return -GB_EBADFD;
	if (ctx->restrictions.registered && !GB_FAULT(w, RESTRICTIONS_TWICE))
		return -GB_EBUSY;
	ctx->restrictions = (struct io_restrictions){
		.sqe_op = arg->sqe_op,
		.register_op = arg->register_op,
		.sqe_flags_allowed = (uint8_t)arg->sqe_flags_allowed,
		.sqe_flags_required = (uint8_t)arg->sqe_flags_required,
		.registered = true,
	};
	return 0;
}

static int io_register_enable_rings(struct gb_world *w)
{
	struct io_ring_ctx *ctx = gb_ctx(w);

	if (!(ctx->flags & IORING_SETUP_R_DISABLED))
		return -GB_EBADFD;
	ctx->restricted = ctx->restrictions.registered;
	ctx->flags &= ~(uint32_t)IORING_SETUP_R_DISABLED;
	io_sq_thread_wake(w);
	return 0;
}

int io_uring_register(struct gb_world *w, const struct gb_stmt *stmt, uint32_t place)
{
	const struct io_ring_ctx *ctx = gb_ctx(w);
	uint32_t op = gb_register_op(stmt);

	if (ctx->restricted && !(ctx->restrictions.register_op >> op & 1))
		return -GB_EACCES;
	switch (op) {
	case IORING_REGISTER_RESTRICTIONS:
		return io_register_restrictions(w, &w->trace->restrictions[stmt->arg]);
	case IORING_REGISTER_BUFFERS:
		return io_sqe_buffers_register(w, stmt, place);
	case IORING_REGISTER_FILES:
		return io_sqe_files_register(w, stmt, place);
	case IORING_REGISTER_PBUF_RING:
		return io_register_pbuf_ring(w, stmt, place);
	default:
		return io_register_enable_rings(w);
	}
}
