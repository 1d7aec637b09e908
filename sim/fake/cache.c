/* SPDX-License-Identifier: MIT */
/*
 * Buffered files with a page cache: mm/filemap.c with a number for each page,
 * 0 if it is there, else the moment when it has been read in.
 */
#include "fake/fake.h"
#include "groupbuf/abi.h"
#include "world/state.h"

#define ABSENT UINT64_MAX

static uint64_t *page_due(const struct gb_world *w, const struct gb_area *area, uint64_t page)
{
	return (uint64_t *)(void *)gb_bytes(w, area->cache) + page;
}

const struct gb_file_class *gb_file_class_of(const struct gb_world *w, const struct gb_file *f)
{
	static const struct gb_file_class plain;

	return f->object < w->trace->n_objects ? &w->trace->objects[f->object].file : &plain;
}

void gb_cache_init(const struct gb_world *w, const struct gb_area *area, const struct gb_file_class *c)
{
	for (uint32_t page = 0; page < area->pages; page++)
		*page_due(w, area, page) = ABSENT;
	for (uint32_t k = 0; k < c->n_cached; k++) {
		uint32_t end = (c->cached[k].hi + GB_PAGE_SIZE - 1) / GB_PAGE_SIZE;

		for (uint32_t page = c->cached[k].lo / GB_PAGE_SIZE; page < end && page < area->pages; page++)
			*page_due(w, area, page) = 0;
	}
}

/* folio_test_uptodate, for a device that reads without errors */
static bool page_there(const struct gb_world *w, const struct gb_area *area, uint64_t page)
{
	return page >= area->pages || *page_due(w, area, page) <= gb_state(w)->now_us;
}

/* page_cache_sync_readahead: what is missing of [pos, pos + n) is on its way from now on. */
static void read_in(const struct gb_world *w, const struct gb_area *area, uint64_t pos, uint32_t n)
{
	for (uint64_t page = pos / GB_PAGE_SIZE; page <= (pos + n - 1) / GB_PAGE_SIZE && page < area->pages; page++) {
		if (*page_due(w, area, page) == ABSENT)
			*page_due(w, area, page) = gb_state(w)->now_us + GB_DISK_US;
	}
}

/* Bytes of [pos, pos + n) up to the first page that is missing. */
static uint32_t bytes_there(const struct gb_world *w, const struct gb_area *area, uint64_t pos, uint32_t n)
{
	uint64_t end = pos;

	while (end < pos + n && page_there(w, area, end / GB_PAGE_SIZE))
		end = (end / GB_PAGE_SIZE + 1) * GB_PAGE_SIZE;
	return gb_min(n, (uint32_t)(end - pos));
}

/* Bytes of n that a call at pos may move, or the error that it ends with. */
static int64_t file_outcome(const struct gb_world *w, struct gb_file *f, const struct kiocb *k, uint32_t n)
{
	const struct gb_file_class *c = gb_file_class_of(w, f);
	uint64_t pos = k->ki_pos;

	if (k->err)
		return k->err;
	if (k->most)
		n = gb_min(n, k->most);
	if (f->spent)
		return n;
	if (c->err && pos >= c->err_at) {
		f->spent = c->once;
		return c->err;
	}
	if (c->most && pos >= c->short_at && n > c->most) {
		f->spent = c->once;
		n = c->most;
	}
	return c->err && pos + n > c->err_at ? (int64_t)(c->err_at - pos) : n;
}

/* A page that was read in with an error is not up to date: only who may wait reads it again and sees why. */
static bool read_failed(const struct gb_world *w, const struct gb_file *f, uint64_t pos)
{
	const struct gb_area *area = gb_area(w, f->index);
	const struct gb_file_class *c = gb_file_class_of(w, f);

	return c->err && !f->spent && pos >= c->err_at && pos / GB_PAGE_SIZE < area->pages &&
	       *page_due(w, area, pos / GB_PAGE_SIZE);
}

int64_t gb_buffered_read(struct gb_world *w, struct gb_file *f, struct kiocb *k, struct iov_iter *i)
{
	const struct gb_area *area = gb_area(w, f->index);
	uint32_t count = i->count, there, n;
	int64_t ret;

	k->due_us = 0;
	if (!count || k->ki_pos >= area->size)
		return 0;
	n = gb_min(count, area->size - (uint32_t)k->ki_pos);
	there = bytes_there(w, area, k->ki_pos, n);
	if (there < n && !k->noio) {
		read_in(w, area, k->ki_pos + there, n - there);
		k->due_us = *page_due(w, area, (k->ki_pos + there) / GB_PAGE_SIZE);
	}
	if (!there || (k->nowait && read_failed(w, f, k->ki_pos)))
		return -GB_EAGAIN;
	ret = file_outcome(w, f, k, there);
	if (ret < (int64_t)there)
		k->due_us = 0;
	if (ret < 0)
		return ret;
	iov_iter_truncate(i, (uint32_t)ret);
	ret = gb_regular_read(w, f, &k->ki_pos, i);
	if (ret >= 0 && i->count)
		k->due_us = 0;
	iov_iter_reexpand(i, count - (ret > 0 ? (uint32_t)ret : 0));
	return ret;
}

int64_t gb_buffered_write(struct gb_world *w, struct gb_file *f, struct kiocb *k, struct iov_iter *i)
{
	const struct gb_area *area = gb_area(w, f->index);
	bool block = f->mode & GB_FMODE_BLK;
	uint64_t pos = k->ki_pos;
	uint32_t count = i->count;
	int64_t ret;

	if (!count)
		return 0;
	if (block && pos >= area->size)
		return -GB_ENOSPC;
	if (block && k->nowait) /* blkdev_write_iter */
		return -GB_EOPNOTSUPP;
	ret = file_outcome(w, f, k, count);
	if (ret < 0)
		return ret;
	iov_iter_truncate(i, (uint32_t)ret);
	ret = gb_regular_write(w, f, &k->ki_pos, i);
	iov_iter_reexpand(i, count - (ret > 0 ? (uint32_t)ret : 0));
	for (uint64_t page = pos / GB_PAGE_SIZE; ret > 0 && page <= (k->ki_pos - 1) / GB_PAGE_SIZE; page++)
		if (page < area->pages)
			*page_due(w, area, page) = 0;
	return ret;
}
