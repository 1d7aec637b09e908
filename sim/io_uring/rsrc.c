/* SPDX-License-Identifier: MIT */
/* Registered buffers and files (S8.6, S8.35, S11.16). */
#include "io_uring/io_uring.h"

#define MAX_BUFFER (1ULL << 30)

/* io_buffer_validate and the pinning: the whole range has to be mapped. */
static int io_sqe_buffer_register(struct gb_world *w, const struct gb_segment *range, uint32_t index)
{
	struct io_mapped_ubuf *imu = gb_imu(w, index);
	uint64_t addr = gb_user_addr(&range->addr);
	unsigned char *bytes;

	if (!range->len || range->len > MAX_BUFFER || gb_user_bytes(w, addr, (uint32_t)range->len, &bytes) < range->len)
		return -GB_EFAULT;
	*imu = (struct io_mapped_ubuf){
		.ubuf = addr,
		.len = (uint32_t)range->len,
		.seg = w->at.reg_bvecs + index,
		.nr_bvecs = 1,
	};
	*gb_bvec(w, imu->seg) = (struct bio_vec){.bytes = (uint32_t)(bytes - gb_bytes(w, 0)), .bv_len = imu->len};
	return 0;
}

int io_sqe_buffers_register(struct gb_world *w, const struct gb_stmt *stmt, uint32_t first)
{
	struct io_ring_ctx *ctx = gb_ctx(w);

	if (ctx->nr_user_bufs)
		return -GB_EBUSY;
	for (uint32_t k = 0; k < stmt->n_list; k++) {
		int ret = io_sqe_buffer_register(w, &stmt->range[k], first + k);

		if (ret)
			return ret;
	}
	ctx->user_bufs = first;
	ctx->nr_user_bufs = stmt->n_list;
	return 0;
}

bool io_req_set_imu_bare(struct gb_world *w, struct io_kiocb *req)
{
	const struct io_ring_ctx *ctx = gb_ctx(w);

	if (req->buf_index >= ctx->nr_user_bufs)
		return false;
	req->buf = ctx->user_bufs + req->buf_index + 1;
	req->buf -= GB_FAULT(w, FIXED_BUFFER_OF_NEIGHBOUR) && req->buf_index;
	req->buf_owner = IO_BUF_IMU;
	return true;
}

bool io_req_set_imu(struct gb_world *w, struct io_kiocb *req)
{
	if (!io_req_set_imu_bare(w, req))
		return false;
	req->flags |= REQ_F_BUF_NODE;
	return true;
}

bool io_import_fixed(struct gb_world *w, struct io_kiocb *req, unsigned int dir, struct iov_iter *iter, uint64_t addr,
		     uint32_t len)
{
	const struct io_mapped_ubuf *imu = gb_imu(w, req->buf - 1);
	uint64_t off = addr - imu->ubuf;

	if (addr + len < addr || addr < imu->ubuf ||
	    (addr + len > imu->ubuf + imu->len && !GB_FAULT(w, FIXED_RANGE_UNCHECKED)))
		return false;
	iov_iter_bvec(iter, dir, 0, imu->seg, imu->nr_bvecs, (uint32_t)off + len);
	iter->owner = (uint16_t)(req->sqe + 1);
	iov_iter_advance(w, iter, (uint32_t)off);
	return true;
}

/* ---- files ---- */

int io_sqe_files_register(struct gb_world *w, const struct gb_stmt *stmt, uint32_t first)
{
	struct io_ring_ctx *ctx = gb_ctx(w);

	if (ctx->nr_user_files)
		return -GB_EBUSY;
	for (uint32_t k = 0; k < stmt->n_list; k++) {
		const struct gb_fd *fd = &stmt->fds[k];
		uint16_t file = 0;

		if (fd->is_object)
			file = gb_fd_file(w, GB_FD_BASE + w->file_of[2 * fd->object + fd->end]);
		/* -1 leaves the slot empty; the ring itself is refused */
		if (!file && (fd->is_object || fd->is_ring || fd->number != -1))
			return -GB_EBADF;
		*gb_file_slot(w, first + k) = file;
	}
	for (uint32_t k = 0; k < stmt->n_list; k++)
		if (*gb_file_slot(w, first + k))
			gb_file_get(gb_file(w, *gb_file_slot(w, first + k)));
	ctx->user_files = first;
	ctx->nr_user_files = stmt->n_list;
	return 0;
}

uint16_t io_file_get_fixed(const struct gb_world *w, uint32_t slot)
{
	const struct io_ring_ctx *ctx = gb_ctx(w);

	return slot < ctx->nr_user_files ? *gb_file_slot(w, ctx->user_files + slot) : 0;
}

/* io_file_bitmap_get, from the first slot on; the slot, or -ENFILE. */
static int io_free_slot(const struct gb_world *w)
{
	const struct io_ring_ctx *ctx = gb_ctx(w);

	for (uint32_t k = 0; k < ctx->nr_user_files; k++)
		if (!*gb_file_slot(w, ctx->user_files + k))
			return (int)k;
	return -GB_ENFILE;
}

int io_fixed_fd_install(struct gb_world *w, uint16_t file, uint32_t file_slot)
{
	const struct io_ring_ctx *ctx = gb_ctx(w);
	int alloc = file_slot == IORING_FILE_INDEX_ALLOC ? io_free_slot(w) : 0;
	uint32_t slot = file_slot == IORING_FILE_INDEX_ALLOC ? (uint32_t)alloc : file_slot - 1;
	uint16_t old;

	if (alloc < 0)
		return alloc;
	if (!ctx->nr_user_files)
		return -GB_ENXIO;
	if (slot >= ctx->nr_user_files)
		return -GB_EINVAL;
	old = *gb_file_slot(w, ctx->user_files + slot);
	*gb_file_slot(w, ctx->user_files + slot) = file;
	gb_file_get(gb_file(w, file));
	/* no descriptor names it */
	gb_file(w, file)->mode &= (uint16_t)~GB_FMODE_OPEN;
	if (old)
		gb_file_put(w, gb_file(w, old));
	return alloc;
}

int io_fixed_fd_remove(struct gb_world *w, uint32_t slot)
{
	const struct io_ring_ctx *ctx = gb_ctx(w);
	uint16_t *at, file;

	if (!ctx->nr_user_files)
		return -GB_ENXIO;
	if (slot >= ctx->nr_user_files)
		return -GB_EINVAL;
	at = gb_file_slot(w, ctx->user_files + slot);
	if (!*at)
		return -GB_EBADF;
	file = *at;
	if (!GB_FAULT(w, CLOSE_SLOT_STAYS))
		*at = 0;
	if (!GB_FAULT(w, CLOSE_SLOT_KEEPS_FILE))
		gb_file_put(w, gb_file(w, file));
	return 0;
}

void io_sqe_files_unregister(struct gb_world *w)
{
	struct io_ring_ctx *ctx = gb_ctx(w);

	for (uint32_t k = 0; k < ctx->nr_user_files; k++)
		io_fixed_fd_remove(w, k);
	ctx->nr_user_files = 0;
}
