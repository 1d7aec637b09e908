/* SPDX-License-Identifier: MIT */
/* Connected pairs of AF_UNIX sockets: net/unix/af_unix.c with bytes for skbs. */
#include <string.h>

#include "fake/fake.h"
#include "groupbuf/abi.h"
#include "io_uring/io_uring.h"

#define WAKE_IN	      (GB_POLLIN | GB_POLLPRI | GB_POLLRDNORM | GB_POLLRDBAND) /* sock_def_readable */
#define WAKE_OUT      (GB_POLLOUT | GB_POLLWRNORM | GB_POLLWRBAND)	       /* unix_write_space */
#define SHUTDOWN_MASK (GB_SHUT_RD | GB_SHUT_WR)

/* ---- the receive queue: a list of pages ---- */

static void queue_reset(struct gb_sock *s)
{
	s->first = s->last = s->first_off = s->last_len = 0;
	s->queued = 0;
}

/* Frees the pages from `page` on. */
static void queue_free(struct gb_world *w, uint16_t page)
{
	while (page) {
		uint16_t next = gb_page(w, page - 1U)->next;

		gb_page_put(w, page);
		page = next;
	}
}

/* Appends an empty page; false if there is none. */
static bool queue_grow(struct gb_world *w, struct gb_sock *s)
{
	uint16_t page = gb_page_get(w);

	if (!page)
		return false;
	if (s->last)
		gb_page(w, s->last - 1U)->next = page;
	else
		s->first = page;
	s->last = page;
	s->last_len = 0;
	return true;
}

/* Appends all of n bytes of the iterator, or none: -GB_EFAULT, -GB_ENOMEM. */
static int64_t queue_append(struct gb_world *w, struct gb_sock *s, struct iov_iter *i, uint32_t n)
{
	struct gb_sock old = *s;
	int64_t err = -GB_EFAULT;
	uint32_t done = 0;

	while (done < n) {
		uint32_t part, copied;

		if ((!s->last || s->last_len == GB_PAGE_SIZE) && !queue_grow(w, s)) {
			err = -GB_ENOMEM;
			break;
		}
		part = gb_min(n - done, GB_PAGE_SIZE - s->last_len);
		copied = copy_from_iter(w, gb_page_data(w, s->last) + s->last_len, part, i);
		s->last_len = (uint16_t)(s->last_len + copied);
		done += copied;
		if (copied < part)
			break;
	}
	s->queued += done;
	if (done == n)
		return n;
	if (old.last) {
		queue_free(w, gb_page(w, old.last - 1U)->next);
		gb_page(w, old.last - 1U)->next = 0;
	} else {
		queue_free(w, s->first);
	}
	*s = old;
	return err;
}

/* Bytes in the page at hand, of which `off` are used up. */
static uint32_t queue_run(const struct gb_sock *s, uint16_t page, uint32_t off)
{
	return (page == s->last ? s->last_len : GB_PAGE_SIZE) - off;
}

/* Copies the first n bytes out, leaving them there; bytes done. */
static uint32_t queue_peek(struct gb_world *w, const struct gb_sock *s, struct iov_iter *i, uint32_t n)
{
	uint32_t done = 0, off = s->first_off;

	for (uint16_t page = s->first; done < n; page = gb_page(w, page - 1U)->next, off = 0) {
		uint32_t part = gb_min(n - done, queue_run(s, page, off));
		uint32_t copied = copy_to_iter(w, gb_page_data(w, page) + off, part, i);

		done += copied;
		if (copied < part)
			break;
	}
	return done;
}

/* ---- zero-copy sends ---- */

/* Bytes have left the queue: the memory of sends that lay in front of here is nobody's business any more. */
static void sock_zc_release(struct gb_world *w, struct gb_sock *s)
{
	while (s->zc_first) {
		struct io_kiocb *notif = io_req(w, s->zc_first);

		if ((int32_t)(notif->cmd.notif.end - s->taken) > 0)
			return;
		s->zc_first = notif->list_next;
		if (!s->zc_first)
			s->zc_last = 0;
		notif->cmd.notif.held = 0;
		io_tx_ubuf_complete(w, notif, true, true);
	}
}

/* Takes a notification out of the queue, wherever it stands. */
static void sock_zc_del(struct gb_world *w, struct gb_sock *s, const struct io_kiocb *notif)
{
	uint16_t prev = 0;

	for (uint16_t k = s->zc_first; k; prev = k, k = io_req(w, k)->list_next) {
		if (k != io_req_ref(w, notif))
			continue;
		if (prev)
			io_req(w, prev)->list_next = notif->list_next;
		else
			s->zc_first = notif->list_next;
		if (s->zc_last == k)
			s->zc_last = prev;
		return;
	}
}

bool gb_sock_zc_hold(struct gb_world *w, const struct gb_file *f, struct io_kiocb *notif)
{
	const struct gb_sock *from = gb_sock(w, f->index);
	struct gb_sock *s = gb_sock(w, from->peer);

	if (from->zc != GB_ZC_HOLD)
		return false;
	/* a send in pieces waits for its last one */
	if (notif->cmd.notif.held)
		sock_zc_del(w, s, notif);
	else
		io_tx_ubuf_get(notif);
	notif->cmd.notif.held = 1;
	notif->cmd.notif.end = s->taken + s->queued;
	notif->list_next = 0;
	if (s->zc_last)
		io_req(w, s->zc_last)->list_next = io_req_ref(w, notif);
	else
		s->zc_first = io_req_ref(w, notif);
	s->zc_last = io_req_ref(w, notif);
	return true;
}

/* Drops the first n bytes. */
static void queue_drop(struct gb_world *w, struct gb_sock *s, uint32_t n)
{
	s->queued -= n;
	s->taken += n;
	if (!s->queued) {
		queue_free(w, s->first);
		queue_reset(s);
		return;
	}
	while (n) {
		uint32_t run = queue_run(s, s->first, s->first_off);
		uint16_t page = s->first;

		if (n < run) {
			s->first_off = (uint16_t)(s->first_off + n);
			return;
		}
		n -= run;
		s->first = gb_page(w, page - 1U)->next;
		s->first_off = 0;
		gb_page_put(w, page);
	}
}

/* ---- lengths of datagrams ---- */

static unsigned char *dgram_len_at(const struct gb_world *w, const struct gb_sock *s, uint32_t k)
{
	return gb_bytes(w, s->dg_area + (s->dg_head + k) % s->dg_cap * (uint32_t)sizeof(uint32_t));
}

static void dgram_push(const struct gb_world *w, struct gb_sock *s, uint32_t n)
{
	memcpy(dgram_len_at(w, s, s->dg_count), &n, sizeof(n));
	s->dg_count++;
}

static uint32_t dgram_first(const struct gb_world *w, const struct gb_sock *s)
{
	uint32_t n;

	memcpy(&n, dgram_len_at(w, s, 0), sizeof(n));
	return n;
}

static void dgram_pop(struct gb_world *w, struct gb_sock *s)
{
	queue_drop(w, s, dgram_first(w, s));
	sock_zc_release(w, s);
	s->dg_head = (uint16_t)((s->dg_head + 1U) % s->dg_cap);
	s->dg_count--;
}

/* skb_queue_purge of the receive queue */
static void sock_purge(struct gb_world *w, struct gb_sock *s)
{
	queue_free(w, s->first);
	s->taken += s->queued;
	queue_reset(s);
	s->dg_head = s->dg_count = 0;
	sock_zc_release(w, s);
}

/* ---- room ---- */

/* unix_peer; NULL for a datagram socket that has lost it. */
static struct gb_sock *sock_peer(const struct gb_world *w, const struct gb_sock *s)
{
	return s->peer ? gb_sock(w, s->peer) : NULL;
}

/* unix_writable: four times what waits at the peer does not exceed the buffer. */
static bool sock_writable(const struct gb_world *w, const struct gb_sock *s)
{
	const struct gb_sock *other = sock_peer(w, s);

	if (s->state == GB_SOCK_LISTEN)
		return false;
	if (!other)
		return true;
	if (s->dgram && !other->closed && other->dg_count >= other->dg_cap)
		return false;
	return !s->sndbuf || (uint64_t)other->queued * 4U <= s->sndbuf;
}

/* unix_write_space of whom the dropped bytes came from. Without a limit nobody waits for room. */
static void sock_write_space(struct gb_world *w, const struct gb_sock *s)
{
	struct gb_sock *other = sock_peer(w, s);

	if (other && (other->sndbuf || other->dgram) && sock_writable(w, other))
		gb_wake_up(w, &other->wait, WAKE_OUT);
}

/* ---- send ---- */

/* unix_stream_sendmsg: piece by piece, each all or nothing. */
static int64_t stream_send(struct gb_world *w, struct gb_sock *s, struct iov_iter *i)
{
	struct gb_sock *other = sock_peer(w, s);
	int64_t sent = 0, ret = 0;

	if (!other)
		return -GB_ENOTCONN;
	if (s->shut & GB_SHUT_WR)
		return -GB_EPIPE;
	while (i->count) {
		uint32_t n = gb_min(i->count, GB_SKB_MAX);

		if (s->sndbuf)
			n = gb_min(n, s->sndbuf > other->queued ? s->sndbuf - other->queued : 0);
		ret = n ? queue_append(w, other, i, n) : -GB_EAGAIN;
		if (ret < 0)
			break;
		sent += n;
		gb_wake_up(w, &other->wait, WAKE_IN);
	}
	return sent ? sent : ret;
}

/* The peer is dead: unix_dgram_disconnected loses what it had sent. */
static int64_t dgram_refused(struct gb_world *w, struct gb_sock *s)
{
	sock_purge(w, s);
	s->peer = 0;
	return -GB_ECONNREFUSED;
}

/* unix_dgram_sendmsg */
static int64_t dgram_send(struct gb_world *w, struct gb_sock *s, struct iov_iter *i)
{
	struct gb_sock *other = sock_peer(w, s);
	uint32_t n = i->count;
	int64_t ret;

	if (!other)
		return -GB_ENOTCONN;
	if (s->sndbuf && n > s->sndbuf)
		return -GB_EMSGSIZE;
	if (s->shut & GB_SHUT_WR)
		return -GB_EPIPE;
	if (other->closed)
		return dgram_refused(w, s);
	if (other->shut & GB_SHUT_RD)
		return -GB_EPIPE;
	if ((s->sndbuf && other->queued >= s->sndbuf) || other->dg_count >= other->dg_cap)
		return -GB_EAGAIN;
	ret = queue_append(w, other, i, n);
	if (ret < 0)
		return ret;
	dgram_push(w, other, n);
	gb_wake_up(w, &other->wait, WAKE_IN);
	return ret;
}

int64_t gb_sock_send(struct gb_world *w, struct gb_file *f, struct iov_iter *i)
{
	struct gb_sock *s = gb_sock(w, f->index);

	return s->dgram ? dgram_send(w, s, i) : stream_send(w, s, i);
}

/* ---- receive ---- */

/* Copies n bytes out, or none: -GB_EFAULT with the iterator put back (__skb_datagram_iter). */
static int64_t queue_copy(struct gb_world *w, const struct gb_sock *s, struct iov_iter *i, uint32_t n)
{
	uint32_t done = queue_peek(w, s, i, n);

	if (done == n)
		return n;
	iov_iter_revert(w, i, done);
	return -GB_EFAULT;
}

/* unix_stream_read_generic; the order of the endings is that of POSIX 1003.1g. */
static int64_t stream_recv(struct gb_world *w, struct gb_sock *s, struct iov_iter *i, bool peek)
{
	int64_t ret;

	if (s->state != GB_SOCK_ESTABLISHED)
		return -GB_EINVAL;
	if (!s->queued) {
		if (s->err) {
			ret = -(int64_t)s->err;
			s->err = 0;
			return ret;
		}
		return s->shut & GB_SHUT_RD ? 0 : -GB_EAGAIN;
	}
	ret = queue_copy(w, s, i, gb_min(i->count, s->queued));
	if (ret > 0 && !peek) {
		queue_drop(w, s, (uint32_t)ret);
		sock_zc_release(w, s);
		sock_write_space(w, s);
	}
	return ret;
}

/*
 * __unix_dgram_recvmsg. After a shutdown it says 0 where the kernel's
 * nonblocking call says EAGAIN and its blocking one 0: a request ends with 0
 * either way, by way of io-wq.
 */
static int64_t dgram_recv(struct gb_world *w, struct gb_sock *s, struct iov_iter *i, bool peek, bool *trunc)
{
	uint32_t n;
	int64_t ret;

	if (!s->dg_count)
		return s->shut & GB_SHUT_RD ? 0 : -GB_EAGAIN;
	n = dgram_first(w, s);
	*trunc = n > i->count;
	ret = queue_copy(w, s, i, gb_min(i->count, n));
	if (!peek) {
		dgram_pop(w, s);
		sock_write_space(w, s);
	}
	return ret;
}

uint32_t gb_sock_message(const struct gb_world *w, const struct gb_file *f)
{
	const struct gb_sock *s = gb_sock(w, f->index);

	return s->dgram && s->dg_count ? dgram_first(w, s) : 0;
}

int64_t gb_sock_recv(struct gb_world *w, struct gb_file *f, struct iov_iter *i, bool peek, bool *trunc, bool *more)
{
	struct gb_sock *s = gb_sock(w, f->index);
	int64_t ret;

	*trunc = false;
	ret = s->dgram ? dgram_recv(w, s, i, peek, trunc) : stream_recv(w, s, i, peek);
	*more = s->dgram ? s->dg_count != 0 : s->queued != 0;
	return ret;
}

/* ---- poll, shutdown, close ---- */

/* unix_poll, unix_dgram_poll */
uint32_t gb_sock_poll(const struct gb_world *w, const struct gb_file *f)
{
	const struct gb_sock *s = gb_sock(w, f->index);
	uint32_t mask = 0;

	if (s->err)
		mask |= GB_POLLERR;
	if (s->shut == SHUTDOWN_MASK || s->state == GB_SOCK_CLOSE)
		mask |= GB_POLLHUP;
	if (s->shut & GB_SHUT_RD)
		mask |= GB_POLLRDHUP | GB_POLLIN | GB_POLLRDNORM;
	if (s->queued || s->dg_count || s->accept.count)
		mask |= GB_POLLIN | GB_POLLRDNORM;
	if (sock_writable(w, s))
		mask |= WAKE_OUT;
	return mask;
}

/* unix_shutdown: a stream peer is shut down the other way, a datagram peer is not. */
void gb_sock_shut(struct gb_world *w, struct gb_file *f, uint8_t mask)
{
	struct gb_sock *s = gb_sock(w, f->index), *other = sock_peer(w, s);

	s->shut |= mask;
	gb_wake_up(w, &s->wait, 0);
	if (other && !other->closed && !s->dgram) {
		other->shut |= (uint8_t)((mask & GB_SHUT_RD ? GB_SHUT_WR : 0) | (mask & GB_SHUT_WR ? GB_SHUT_RD : 0));
		gb_wake_up(w, &other->wait, 0);
	}
}

void gb_sock_shutdown(struct gb_world *w, struct gb_file *f)
{
	gb_sock_shut(w, f, SHUTDOWN_MASK);
}

/* A stream peer learns of it, and of bytes nobody will read any more. */
void gb_sock_release_sock(struct gb_world *w, struct gb_sock *s, bool embryo)
{
	struct gb_sock *other = sock_peer(w, s);
	bool unread = s->queued != 0 || embryo;

	s->shut = SHUTDOWN_MASK;
	s->closed = 1;
	sock_purge(w, s);
	if (!other || other->closed)
		return;
	if (!s->dgram) {
		other->shut = SHUTDOWN_MASK;
		if (unread)
			other->err = GB_ECONNRESET;
		gb_wake_up(w, &other->wait, 0);
	}
	sock_write_space(w, s);
}

void gb_sock_release(struct gb_world *w, struct gb_file *f)
{
	struct gb_sock *s = gb_sock(w, f->index);

	gb_sock_release_sock(w, s, false);
	if (s->state == GB_SOCK_LISTEN)
		gb_listen_release(w, s);
}

int64_t gb_sock_inq(const struct gb_world *w, const struct gb_file *f)
{
	const struct gb_sock *s = gb_sock(w, f->index);

	if (!s->inq)
		return -1;
	return s->queued ? s->queued : (s->shut & GB_SHUT_RD) != 0;
}

uint64_t gb_sock_unread(const struct gb_world *w, const struct gb_file *f, uint64_t *hash)
{
	const struct gb_sock *s = gb_sock(w, f->index);
	uint32_t off = s->first_off;

	for (uint16_t page = s->first; page; page = gb_page(w, page - 1U)->next, off = 0)
		*hash = gb_fnv(*hash, gb_page_data(w, page) + off, queue_run(s, page, off));
	return s->queued;
}
