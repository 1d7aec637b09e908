/* SPDX-License-Identifier: MIT */
/* Direct I/O: fs/iomap/direct-io.c and block/fops.c, as far as S7.14 tells them apart. */
#include "fake/fake.h"
#include "groupbuf/abi.h"
#include "world/emit.h"

/* What the device reports for a transfer of n bytes: it fails or succeeds as a whole. */
static int64_t device_outcome(const struct gb_world *w, struct gb_file *f, const struct kiocb *k, uint32_t n)
{
	const struct gb_file_class *c = gb_file_class_of(w, f);
	uint64_t pos = k->ki_pos;

	if (k->err)
		return k->err;
	if (k->most && n > k->most)
		return k->most;
	if (f->spent)
		return n;
	if (c->err && pos + n > c->err_at) {
		f->spent = c->once;
		return c->err;
	}
	if (c->most && pos >= c->short_at && n > c->most) {
		f->spent = c->once;
		return c->most;
	}
	return n;
}

/* blkdev_dio_invalid: position, length and memory in whole sectors */
static bool misaligned(const struct gb_world *w, uint64_t pos, const struct iov_iter *i)
{
	uint32_t left = i->count, skip = i->iov_offset;

	if ((pos | i->count) % GB_SECTOR)
		return true;
	if (i->iter_type == ITER_UBUF)
		return (i->ubuf + skip) % GB_SECTOR;
	for (uint32_t k = 0; left && k < i->nr_segs; k++, skip = 0) {
		uint32_t n = gb_min(left, gb_bvec(w, i->seg + k)->bv_len - skip);

		if ((n | skip) % GB_SECTOR)
			return true;
		left -= n;
	}
	return false;
}

/* The data of a transfer of n bytes of which the device moves `moved`. Bytes that could be, fewer after a fault. */
static uint32_t move_data(struct gb_world *w, struct gb_file *f, uint64_t pos, const struct iov_iter *i, uint32_t n,
			  int64_t moved)
{
	struct iov_iter data = *i, pinned = *i;
	unsigned char *at;
	int64_t ret;

	if (i->iter_type == ITER_UBUF) /* what is not mapped cannot be pinned */
		n = gb_user_bytes(w, pinned.ubuf + pinned.iov_offset, n, &at);
	iov_iter_truncate(&data, moved > 0 ? gb_min(n, (uint32_t)moved) : 0);
	if (i->data_source == ITER_DEST)
		ret = gb_regular_read(w, f, &pos, &data);
	else
		ret = gb_regular_write(w, f, &pos, &data);
	(void)ret; /* the device's word counts */
	return n;
}

/* A transfer of n bytes, to which the iterator is cut. */
static int64_t direct_submit(struct gb_world *w, struct gb_file *f, struct kiocb *k, struct iov_iter *i)
{
	bool block = f->mode & GB_FMODE_BLK;
	uint32_t pinned;

	if (block && misaligned(w, k->ki_pos, i))
		return -GB_EINVAL;
	k->result = device_outcome(w, f, k, i->count);
	pinned = move_data(w, f, k->ki_pos, i, i->count, k->result);
	if (!pinned)
		return -GB_EFAULT;
	if (k->result > (int64_t)pinned)
		k->result = pinned;
	/* __blkdev_direct_IO_async saves itself the advance of a kernel buffer */
	k->unmoved = block && i->iter_type == ITER_BVEC && !gb_variant(w, GB_VARIANT_DIRECT_ITER_CONSUMED);
	k->inside = !k->later && (k->inside || gb_file_class_of(w, f)->ram);
	if (!k->unmoved)
		iov_iter_advance(w, i, pinned);
	return -GB_EIOCBQUEUED;
}

int64_t gb_direct_read(struct gb_world *w, struct gb_file *f, struct kiocb *k, struct iov_iter *i)
{
	const struct gb_area *area = gb_area(w, f->index);
	uint32_t count = i->count;
	int64_t ret;

	if (!count || k->ki_pos >= area->size)
		return 0;
	/* iomap moves the iterator back to the end of the file, a block device cuts it before */
	iov_iter_truncate(i, area->size - (uint32_t)k->ki_pos);
	k->shorted = count - i->count;
	ret = direct_submit(w, f, k, i);
	return ret;
}

int64_t gb_direct_write(struct gb_world *w, struct gb_file *f, struct kiocb *k, struct iov_iter *i)
{
	const struct gb_area *area = gb_area(w, f->index);
	uint32_t count = i->count;

	if (!count)
		return 0;
	if (k->ki_pos >= area->cap)
		return f->mode & GB_FMODE_BLK ? -GB_ENOSPC : -GB_EFBIG;
	iov_iter_truncate(i, area->cap - (uint32_t)k->ki_pos);
	k->shorted = count - i->count;
	return direct_submit(w, f, k, i);
}
