/* SPDX-License-Identifier: MIT */
/* SQEs that move bytes: files, pipes, sockets. */
#include "gen.h"

static bool is_write(uint8_t opcode)
{
	return opcode == IORING_OP_WRITE || opcode == IORING_OP_WRITEV || opcode == IORING_OP_WRITE_FIXED;
}

/* Something that can be read or written, of the kinds this program has. */
static void rw_target(struct gen *g, struct gb_sqe *sqe)
{
	struct {
		uint8_t object, end;
	} list[6];
	uint32_t n = 0, k;

	for (k = 0; k < 2; k++)
		if (g->file[k] != GEN_NONE)
			list[n].object = g->file[k], list[n++].end = 0;
	if (g->block != GEN_NONE)
		list[n].object = g->block, list[n++].end = 0;
	if (g->pipe != GEN_NONE)
		list[n].object = g->pipe, list[n++].end = is_write(sqe->opcode);
	if (g->sock != GEN_NONE)
		list[n].object = g->sock, list[n++].end = (uint8_t)gen_below(g, 2);
	if (!n || gen_nonsense(g)) {
		gen_wrong_fd(g, sqe);
		return;
	}
	k = gen_below(g, n);
	gen_fd(g, sqe, list[k].object, list[k].end);
}

/* addr= and len= in a registered buffer. */
static void fixed_range(struct gen *g, struct gb_sqe *sqe)
{
	const uint16_t index = (uint16_t)gen_below(g, g->reg_buffers + (g->reg_buffers == 0 || gen_nonsense(g)));
	uint32_t k = 0;

	GIVE(sqe, buf_index, index);
	gen_range(g, sqe, false);
	while (k < g->trace->n_stmts && !g->trace->stmts[k].range)
		k++;
	if (k == g->trace->n_stmts || index >= g->trace->stmts[k].n_list || gen_once_in(g, 8))
		return;
	GIVE(sqe, addr, g->trace->stmts[k].range[index].addr);
	GIVE(sqe, len, gen_below(g, (uint32_t)(g->trace->stmts[k].range[index].len & 8191) + 1));
}

void gen_rw(struct gen *g, struct gb_sqe *sqe, bool group_buf)
{
	static const uint32_t flags[] = {GB_RWF_NOWAIT, GB_RWF_NOWAIT, GB_RWF_APPEND, GB_RWF_NOAPPEND,
					 GB_RWF_HIPRI,	GB_RWF_DSYNC,  GB_RWF_SYNC};

	rw_target(g, sqe);
	if (sqe->fd.is_object && g->trace->objects[sqe->fd.object].kind == GB_BLOCK && gen_once_in(g, 2))
		GIVE(sqe, off, GB_SECTOR * gen_below(g, 17));
	else if (!sqe->fd.is_object || g->trace->objects[sqe->fd.object].kind != GB_PIPE || gen_nonsense(g))
		gen_off(g, sqe, 8192);
	switch (sqe->opcode) {
	case IORING_OP_READ_MULTISHOT:
		gen_select(g, sqe);
		break;
	case IORING_OP_READ_FIXED:
	case IORING_OP_WRITE_FIXED:
		fixed_range(g, sqe);
		break;
	case IORING_OP_READV:
	case IORING_OP_WRITEV:
		gen_iov(g, sqe);
		break;
	default:
		gen_range(g, sqe, group_buf);
		if (sqe->opcode == IORING_OP_READ && (!group_buf || gen_nonsense(g)))
			gen_select(g, sqe);
		break;
	}
	gen_op_flags(g, sqe, flags, GEN_COUNT(flags));
}

void gen_net(struct gen *g, struct gb_sqe *sqe, bool group_buf)
{
	static const uint32_t flags[] = {
		GB_MSG_WAITALL,	 GB_MSG_WAITALL, GB_MSG_DONTWAIT, GB_MSG_PEEK,
		GB_MSG_NOSIGNAL, GB_MSG_TRUNC,	 GB_MSG_OOB,	  GB_MSG_WAITALL | GB_MSG_DONTWAIT};
	const bool zero_copy = sqe->opcode == IORING_OP_SEND_ZC || sqe->opcode == IORING_OP_SENDMSG_ZC;
	const bool receive = sqe->opcode == IORING_OP_RECV || sqe->opcode == IORING_OP_RECVMSG;

	if (g->sock == GEN_NONE || gen_nonsense(g))
		gen_wrong_fd(g, sqe);
	else
		gen_fd(g, sqe, g->sock, (uint8_t)gen_below(g, 2));
	if (sqe->opcode == IORING_OP_SENDMSG || sqe->opcode == IORING_OP_RECVMSG || sqe->opcode == IORING_OP_SENDMSG_ZC)
		gen_iov(g, sqe);
	else
		gen_range(g, sqe, group_buf);
	if (!group_buf || gen_nonsense(g))
		gen_select(g, sqe);
	if (sqe->opcode == IORING_OP_SEND_ZC && g->reg_buffers && !(sqe->flags & IOSQE_BUFFER_SELECT) &&
	    gen_once_in(g, 2)) {
		GIVE(sqe, ioprio, IORING_RECVSEND_FIXED_BUF);
		fixed_range(g, sqe);
	} else if (zero_copy && gen_once_in(g, 3)) {
		GIVE(sqe, ioprio, IORING_SEND_ZC_REPORT_USAGE);
	} else if (gen_once_in(g, 8))
		GIVE(sqe, ioprio, IORING_RECVSEND_POLL_FIRST);
	else if (receive && sqe->flags & IOSQE_BUFFER_SELECT && gen_once_in(g, 3))
		GIVE(sqe, ioprio, IORING_RECV_MULTISHOT);
	else if (gen_nonsense(g))
		GIVE(sqe, ioprio, (uint16_t)(1U << gen_below(g, 4)));
	gen_op_flags(g, sqe, flags, GEN_COUNT(flags));
}

/* ACCEPT and CONNECT. */
void gen_connect(struct gen *g, struct gb_sqe *sqe, bool group_buf)
{
	(void)group_buf;
	if (sqe->opcode == IORING_OP_ACCEPT) {
		gen_fd(g, sqe, g->listen, 0);
		if (g->reg_files && gen_once_in(g, 2))
			GIVE(sqe, file_index, gen_once_in(g, 2) ? UINT32_MAX : 1 + gen_below(g, g->reg_files + 1));
		if (gen_once_in(g, 4))
			GIVE(sqe, ioprio, (uint16_t)(1U << gen_below(g, 3)));
		return;
	}
	if (g->sock == GEN_NONE || gen_nonsense(g))
		gen_any_fd(g, sqe);
	else
		gen_fd(g, sqe, g->sock, (uint8_t)gen_below(g, 2));
	GIVE(sqe, to, g->listen);
}
