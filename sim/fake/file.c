/* SPDX-License-Identifier: MIT */
/* Open files of any kind: polling, closing, and what the outside does with them. */
#include "fake/fake.h"
#include "groupbuf/abi.h"
#include "io_uring/io_uring.h"

#define DEFAULT_POLLMASK (GB_POLLIN | GB_POLLOUT | GB_POLLRDNORM | GB_POLLWRNORM)

static bool is_pipe(const struct gb_file *f)
{
	return f->kind == GB_FK_PIPE_READ || f->kind == GB_FK_PIPE_WRITE;
}

/* vfs_poll */
uint32_t gb_file_poll(const struct gb_world *w, const struct gb_file *f)
{
	if (is_pipe(f))
		return gb_pipe_poll(w, f);
	if (f->kind == GB_FK_RING)
		return io_uring_poll(w);
	return f->kind == GB_FK_SOCK ? gb_sock_poll(w, f) : DEFAULT_POLLMASK;
}

struct wait_queue_head *gb_file_wait_queue(struct gb_world *w, const struct gb_file *f)
{
	switch (f->kind) {
	case GB_FK_PIPE_READ:
		return &gb_pipe(w, f->index)->rd_wait;
	case GB_FK_PIPE_WRITE:
		return &gb_pipe(w, f->index)->wr_wait;
	case GB_FK_SOCK:
		return &gb_sock(w, f->index)->wait;
	case GB_FK_PEER_WAIT:
		return &gb_sock(w, f->index)->accept.peer_wait;
	case GB_FK_RING:
		return &gb_ctx(w)->poll_wq;
	default:
		return NULL;
	}
}

/* __fput: nobody has the file any more. */
static void file_release(struct gb_world *w, struct gb_file *f)
{
	if (is_pipe(f))
		gb_pipe_release(w, f);
	else if (f->kind == GB_FK_SOCK)
		gb_sock_release(w, f);
	else if (f->kind == GB_FK_RING)
		io_uring_release(w);
}

void gb_file_get(struct gb_file *f)
{
	f->users++;
}

void gb_file_put(struct gb_world *w, struct gb_file *f)
{
	f->users--;
	if (!f->users && !(f->mode & GB_FMODE_OPEN))
		file_release(w, f);
}

/* close(2) */
int gb_file_close(struct gb_world *w, struct gb_file *f)
{
	if (!(f->mode & GB_FMODE_OPEN))
		return -GB_EBADF;
	f->mode &= (uint16_t)~GB_FMODE_OPEN;
	if (!f->users)
		file_release(w, f);
	return 0;
}

/* shutdown(2) */
int gb_file_shutdown(struct gb_world *w, struct gb_file *f)
{
	if (!(f->mode & GB_FMODE_OPEN))
		return -GB_EBADF;
	if (f->kind != GB_FK_SOCK)
		return -GB_ENOTSOCK;
	gb_sock_shutdown(w, f);
	return 0;
}

int64_t gb_outside_write(struct gb_world *w, struct gb_file *f, uint32_t n)
{
	struct iov_iter i;

	if (!(f->mode & GB_FMODE_OPEN))
		return -GB_EBADF;
	iov_iter_seq(&i, n);
	if (f->kind == GB_FK_PIPE_WRITE)
		return gb_pipe_write(w, f, &i);
	return f->kind == GB_FK_SOCK ? gb_sock_send(w, f, &i) : -GB_EBADF;
}

int64_t gb_outside_read(struct gb_world *w, struct gb_file *f, uint32_t n, uint64_t *hash)
{
	struct iov_iter i;
	bool trunc, more;
	int64_t ret = -GB_EBADF;

	*hash = 0;
	if (!(f->mode & GB_FMODE_OPEN))
		return ret;
	iov_iter_hash(&i, n);
	if (f->kind == GB_FK_PIPE_READ)
		ret = gb_pipe_read(w, f, &i);
	else if (f->kind == GB_FK_SOCK) /* sock_read_iter: a read of nothing is nothing */
		ret = n ? gb_sock_recv(w, f, &i, false, &trunc, &more) : 0;
	if (ret > 0)
		*hash = i.ubuf;
	return ret;
}

uint64_t gb_file_unread(struct gb_world *w, const struct gb_file *f, uint64_t *hash)
{
	*hash = GB_FNV_START;
	if (!(f->mode & GB_FMODE_OPEN))
		return 0;
	if (is_pipe(f))
		return gb_pipe_unread(w, f, hash);
	return f->kind == GB_FK_SOCK ? gb_sock_unread(w, f, hash) : 0;
}
