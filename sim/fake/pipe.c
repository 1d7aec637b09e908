/* SPDX-License-Identifier: MIT */
/* Pipes: fs/pipe.c without its locks and sleeps (S7.15). */
#include "fake/fake.h"
#include "groupbuf/abi.h"
#include "world/emit.h"
#include "world/state.h"

#define WAKE_IN	 (GB_POLLIN | GB_POLLRDNORM)
#define WAKE_OUT (GB_POLLOUT | GB_POLLWRNORM)

static bool pipe_full(const struct gb_pipe *p)
{
	return p->count >= GB_PIPE_SLOTS;
}

/* The k-th slot in use, oldest first. */
static unsigned int pipe_slot(const struct gb_pipe *p, unsigned int k)
{
	return (p->head + k) % GB_PIPE_SLOTS;
}

/* pipe_update_tail: the oldest slot is used up. */
static void pipe_drop_slot(struct gb_world *w, struct gb_pipe *p)
{
	unsigned int slot = pipe_slot(p, 0);

	gb_page_put(w, p->page[slot]);
	p->page[slot] = p->off[slot] = p->len[slot] = 0;
	p->head = (uint8_t)pipe_slot(p, 1);
	p->count--;
}

/* Moves slots into the iterator until one of the two is used up, or a fault. */
static int64_t pipe_drain(struct gb_world *w, struct gb_pipe *p, struct iov_iter *i)
{
	int64_t ret = 0;

	while (p->count) {
		unsigned int slot = pipe_slot(p, 0);
		uint32_t chars = gb_min(p->len[slot], i->count);

		/* a short copy is not taken out of the slot, though the iterator has moved */
		if (copy_to_iter(w, gb_page_data(w, p->page[slot]) + p->off[slot], chars, i) < chars)
			return ret ? ret : -GB_EFAULT;
		ret += chars;
		p->off[slot] = (uint16_t)(p->off[slot] + chars);
		p->len[slot] = (uint16_t)(p->len[slot] - chars);
		if (!p->len[slot])
			pipe_drop_slot(w, p);
		if (!i->count)
			break;
	}
	return ret || (!p->writers && !GB_FAULT(w, PIPE_EOF_BLOCKS)) ? ret : -GB_EAGAIN;
}

static int64_t pipe_read(struct gb_world *w, struct gb_file *f, struct iov_iter *i, bool slept)
{
	struct gb_pipe *p = gb_pipe(w, f->index);
	bool was_full = pipe_full(p);
	int64_t ret;

	if (!i->count)
		return 0;
	ret = pipe_drain(w, p, i);
	if (was_full && !GB_FAULT(w, PIPE_READ_WAKES_NOBODY))
		gb_wake_up(w, &p->wr_wait, WAKE_OUT);
	if (slept && p->count)
		gb_wake_up(w, &p->rd_wait, WAKE_IN);
	return ret;
}

int64_t gb_pipe_read(struct gb_world *w, struct gb_file *f, struct iov_iter *i)
{
	return pipe_read(w, f, i, false);
}

int64_t gb_pipe_read_slept(struct gb_world *w, struct gb_file *f, struct iov_iter *i)
{
	return pipe_read(w, f, i, true);
}

/*
 * The remainder modulo the page size goes into the last slot if there is one
 * and the remainder fits behind its bytes. Bytes moved, or -GB_EFAULT.
 */
static int64_t pipe_merge(struct gb_world *w, struct gb_pipe *p, struct iov_iter *i)
{
	uint32_t chars = i->count % GB_PAGE_SIZE, end;
	unsigned int slot;

	if (!chars || !p->count)
		return 0;
	slot = pipe_slot(p, p->count - 1U);
	end = (uint32_t)p->off[slot] + p->len[slot];
	if (end + chars > GB_PAGE_SIZE)
		return 0;
	if (copy_from_iter(w, gb_page_data(w, p->page[slot]) + end, chars, i) < chars)
		return -GB_EFAULT;
	p->len[slot] = (uint16_t)(p->len[slot] + chars);
	return chars;
}

/* Takes free slots, a page each, until everything is in. `ret` bytes are in already. */
static int64_t pipe_fill(struct gb_world *w, struct gb_pipe *p, struct iov_iter *i, int64_t ret)
{
	while (i->count) {
		unsigned int slot = pipe_slot(p, p->count);
		uint16_t page;
		uint32_t copied;

		if (pipe_full(p))
			return ret ? ret : -GB_EAGAIN;
		page = gb_page_get(w);
		if (!page)
			return ret ? ret : -GB_ENOMEM;
		/* the slot is taken before the copy: a fault leaves it behind, empty */
		p->page[slot] = page;
		p->off[slot] = p->len[slot] = 0;
		p->count++;
		copied = copy_from_iter(w, gb_page_data(w, page), GB_PAGE_SIZE, i);
		if (copied < GB_PAGE_SIZE && i->count)
			return ret ? ret : -GB_EFAULT;
		p->len[slot] = (uint16_t)copied;
		ret += copied;
	}
	return ret;
}

static int64_t pipe_write(struct gb_world *w, struct gb_file *f, struct iov_iter *i, bool slept)
{
	struct gb_pipe *p = gb_pipe(w, f->index);
	bool was_empty = !p->count, sleeps_on;
	int64_t ret = 0;

	if (!i->count)
		return 0;
	if (!p->readers)
		ret = -GB_EPIPE;
	else if (!slept)
		ret = pipe_merge(w, p, i);
	if (ret >= 0)
		ret = pipe_fill(w, p, i, ret);
	/* poll_usage: a write that ends wakes the readers whatever came of it */
	sleeps_on = slept && i->count && (ret >= 0 || ret == -GB_EAGAIN);
	if (was_empty || !sleeps_on)
		gb_wake_up(w, &p->rd_wait, WAKE_IN);
	if (slept && !pipe_full(p))
		gb_wake_up(w, &p->wr_wait, WAKE_OUT);
	return ret;
}

int64_t gb_pipe_write(struct gb_world *w, struct gb_file *f, struct iov_iter *i)
{
	return pipe_write(w, f, i, false);
}

int64_t gb_pipe_write_slept(struct gb_world *w, struct gb_file *f, struct iov_iter *i)
{
	return pipe_write(w, f, i, true);
}

/* pipe_poll */
uint32_t gb_pipe_poll(const struct gb_world *w, const struct gb_file *f)
{
	const struct gb_pipe *p = gb_pipe(w, f->index);

	if (f->kind == GB_FK_PIPE_READ)
		return (p->count ? WAKE_IN : 0) | (p->writers ? 0 : GB_POLLHUP);
	return (pipe_full(p) ? 0 : WAKE_OUT) | (p->readers ? 0 : GB_POLLERR);
}

/* pipe_release: wakes everybody when one side is gone and the other is not. */
void gb_pipe_release(struct gb_world *w, struct gb_file *f)
{
	struct gb_pipe *p = gb_pipe(w, f->index);

	if (f->kind == GB_FK_PIPE_READ)
		p->readers--;
	else
		p->writers--;
	if (!p->readers != !p->writers) {
		gb_wake_up(w, &p->rd_wait, 0);
		gb_wake_up(w, &p->wr_wait, 0);
	}
	/* free_pipe_info */
	while (!p->readers && !p->writers && p->count)
		pipe_drop_slot(w, p);
}

uint64_t gb_pipe_unread(const struct gb_world *w, const struct gb_file *f, uint64_t *hash)
{
	const struct gb_pipe *p = gb_pipe(w, f->index);
	uint64_t n = 0;

	for (unsigned int k = 0; f->kind == GB_FK_PIPE_READ && k < p->count; k++) {
		unsigned int slot = pipe_slot(p, k);

		*hash = gb_fnv(*hash, gb_page_data(w, p->page[slot]) + p->off[slot], p->len[slot]);
		n += p->len[slot];
	}
	return n;
}
