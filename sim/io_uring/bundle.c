/* SPDX-License-Identifier: MIT */
/* Several provided buffers at once: what SEND selects and a RECV with BUNDLE peeks at (S8.41). */
#include "io_uring/io_uring.h"

/* Buffers that are worth a look: those there are, or as many of the first one's size as max_len takes. */
static uint32_t ring_avail(const struct gb_world *w, const struct io_buffer_list *bl, uint32_t max_len)
{
	uint32_t avail = gb_min((uint16_t)(bl->tail - bl->head), UIO_MAXIOV);
	uint32_t len = io_ring_head_to_buf(w, bl)->len, needed;

	if (!avail || !max_len)
		return avail;
	if (!len)
		return 0;
	needed = (uint32_t)(((uint64_t)max_len + len - 1) / len);
	return gb_min(avail, gb_min(needed, PEEK_MAX_IMPORT));
}

/* The bytes of one buffer that a bundle takes; false if it ends in front of it. */
static bool ring_buf_len(const struct io_buffer_list *bl, const struct io_uring_buf *buf, struct buf_sel_arg *arg,
			 bool first, uint32_t *len)
{
	*len = buf->len;
	if (*len <= arg->max_len)
		return true;
	*len = arg->max_len;
	if (bl->flags & IOBL_INC)
		return true;
	arg->partial_map = true;
	return first;
}

/* io_ring_buffers_peek: number of segments, or a negative errno. */
static int io_ring_buffers_peek(struct gb_world *w, struct io_kiocb *req, struct buf_sel_arg *arg,
				const struct io_buffer_list *list)
{
	struct io_buffer_list bl = *list; /* only looks: its head moves on */
	uint32_t avail = ring_avail(w, &bl, arg->max_len), n = 0, len;

	if (!avail)
		return -GB_ENOBUFS;
	arg->expanded = arg->expand && arg->max_len && avail > arg->nr_iovs;
	if (arg->expanded || avail < arg->nr_iovs)
		arg->nr_iovs = (uint16_t)avail;
	if (!arg->max_len)
		arg->max_len = INT32_MAX;
	req->buf_index = io_ring_head_to_buf(w, &bl)->bid;
	while (n < arg->nr_iovs && ring_buf_len(&bl, io_ring_head_to_buf(w, &bl), arg, !n, &len)) {
		*gb_uvec(w, arg->iovs + n++) =
			(struct iovec_seg){.iov_base = io_ring_head_to_buf(w, &bl)->addr, .iov_len = len};
		arg->out_len += len;
		arg->max_len -= len;
		bl.head++;
		if (!arg->max_len)
			break;
	}
	if (bl.head == bl.tail)
		req->flags |= REQ_F_BL_EMPTY;
	req->flags |= REQ_F_BUFFER_RING;
	return (int)n;
}

/* Legacy buffers come one by one; the length asked for is that of `len`. */
static int io_provided_buffers_select(struct gb_world *w, struct io_kiocb *req, struct buf_sel_arg *arg, uint32_t len,
				      struct io_buffer_list *bl)
{
	uint64_t addr = io_provided_buffer_select(w, req, &len, bl);

	if (!addr)
		return -GB_ENOBUFS;
	*gb_uvec(w, arg->iovs) = (struct iovec_seg){.iov_base = addr, .iov_len = len};
	arg->out_len = len;
	return 1;
}

static void emit_select(struct gb_world *w, const struct io_kiocb *req, const struct buf_sel_arg *arg, int n)
{
	gb_emit(w, GB_EV_SELECT, gb_label(req), GB_NO_REQ, req->buf_index, arg->out_len, n > 0,
		n > 0 ? gb_uvec(w, arg->iovs)->iov_base : 0);
}

int io_buffers_select(struct gb_world *w, struct io_kiocb *req, struct buf_sel_arg *arg, struct io_br_sel *sel,
		      unsigned int issue_flags)
{
	uint32_t ref = io_buffer_get_list(w, req->buf_index);
	struct io_buffer_list *bl = gb_buffer_list(w, ref);
	int n;

	*sel = (struct io_br_sel){.bl = ref};
	if (!ref)
		return -GB_ENOENT;
	if (bl->flags & IOBL_BUF_RING) {
		n = io_ring_buffers_peek(w, req, arg, bl);
		/* a send keeps what it has mapped */
		if (n > 0) {
			req->flags |= REQ_F_BUFFERS_COMMIT | REQ_F_BL_NO_RECYCLE;
			if (!io_kbuf_commit(w, req, ref, arg->out_len, (uint16_t)n))
				req->flags |= REQ_F_BUF_MORE;
		}
	} else {
		/* as posted, the length asked for does not count here */
		n = io_provided_buffers_select(w, req, arg, 0, bl);
	}
	if (issue_flags & IO_URING_F_UNLOCKED)
		sel->bl = 0;
	emit_select(w, req, arg, n);
	return n;
}

int io_buffers_peek(struct gb_world *w, struct io_kiocb *req, struct buf_sel_arg *arg, struct io_br_sel *sel)
{
	uint32_t ref = io_buffer_get_list(w, req->buf_index);
	struct io_buffer_list *bl = gb_buffer_list(w, ref);
	int n;

	*sel = (struct io_br_sel){0};
	if (!ref)
		return -GB_ENOENT;
	if (bl->flags & IOBL_BUF_RING) {
		n = io_ring_buffers_peek(w, req, arg, bl);
		if (n > 0)
			req->flags |= REQ_F_BUFFERS_COMMIT;
		sel->bl = ref;
	} else {
		n = io_provided_buffers_select(w, req, arg, arg->max_len, bl);
	}
	emit_select(w, req, arg, n);
	return n;
}

uint16_t io_bundle_nbufs(const struct gb_world *w, const struct io_kiocb *req, int64_t len)
{
	const struct io_sr_msg *sr = &req->cmd.sr;
	uint32_t iovs = w->uvec_of[req->sqe];
	uint16_t n = 0;

	if (len <= 0)
		return 0;
	if (sr->iter.iter_type != ITER_IOVEC)
		return 1;
	for (; len > 0; n++)
		len -= gb_uvec(w, iovs + n)->iov_len;
	return n;
}
