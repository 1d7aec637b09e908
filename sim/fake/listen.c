/* SPDX-License-Identifier: MIT */
/* Listening AF_UNIX stream sockets: connect and accept (net/unix/af_unix.c). */
#include "fake/fake.h"
#include "groupbuf/abi.h"
#include "world/state.h"

#define WAKE_IN (GB_POLLIN | GB_POLLPRI | GB_POLLRDNORM | GB_POLLRDBAND) /* sock_def_readable */

uint16_t gb_sock_file(const struct gb_world *w, uint16_t sock)
{
	uint16_t k = 1;

	while (gb_file(w, k)->kind != GB_FK_SOCK || gb_file(w, k)->index != sock)
		k++;
	return k;
}

/* unix_recvq_full: one more than the backlog says. */
static bool accept_queue_full(const struct gb_sock *l)
{
	return l->accept.count > l->accept.backlog;
}

static void accept_push(const struct gb_world *w, struct gb_accept_queue *q, uint16_t sock)
{
	gb_sock(w, sock)->accept_next = 0;
	if (q->last)
		gb_sock(w, q->last)->accept_next = sock;
	else
		q->first = sock;
	q->last = sock;
	q->count++;
}

static uint16_t accept_pop(const struct gb_world *w, struct gb_accept_queue *q)
{
	uint16_t sock = q->first;

	q->first = gb_sock(w, sock)->accept_next;
	if (!q->first)
		q->last = 0;
	q->count--;
	return sock;
}

/* The other end of a pair, which a connection brings into being. */
static uint16_t sock_twin(const struct gb_world *w, const struct gb_file *f)
{
	return gb_file(w, w->file_of[2 * f->object + !f->end])->index;
}

/* unix_stream_connect, from the lookup of the address on; a closed listener has none. */
int gb_sock_connect(struct gb_world *w, const struct gb_file *f, const struct gb_file *l)
{
	struct gb_sock *s = gb_sock(w, f->index), *other = gb_sock(w, l->index);
	uint16_t twin = sock_twin(w, f);

	if (other->closed)
		return -GB_ECONNREFUSED;
	if (s->dgram)
		return -GB_EPROTOTYPE;
	if (other->shut & GB_SHUT_RD)
		return -GB_ECONNREFUSED;
	if (accept_queue_full(other))
		return -GB_EAGAIN;
	if (s->state == GB_SOCK_ESTABLISHED)
		return -GB_EISCONN;
	if (s->state == GB_SOCK_LISTEN)
		return -GB_EINVAL;
	s->state = gb_sock(w, twin)->state = GB_SOCK_ESTABLISHED;
	s->peer = twin;
	gb_sock(w, twin)->peer = f->index;
	accept_push(w, &other->accept, twin);
	gb_wake_up(w, &other->wait, WAKE_IN);
	return 0;
}

/* unix_accept */
int gb_sock_accept(struct gb_world *w, const struct gb_file *l)
{
	struct gb_sock *s = gb_sock(w, l->index);
	uint16_t file;

	if (s->dgram)
		return -GB_EOPNOTSUPP;
	if (s->state != GB_SOCK_LISTEN)
		return -GB_EINVAL;
	if (!s->accept.count)
		return s->shut & GB_SHUT_RD ? -GB_EINVAL : -GB_EAGAIN;
	file = gb_sock_file(w, accept_pop(w, &s->accept));
	gb_wake_up(w, &s->accept.peer_wait, GB_POLLOUT);
	gb_file(w, file)->mode |= GB_FMODE_OPEN;
	return file;
}

void gb_listen_release(struct gb_world *w, struct gb_sock *l)
{
	gb_wake_up(w, &l->accept.peer_wait, 0);
	while (l->accept.count)
		gb_sock_release_sock(w, gb_sock(w, accept_pop(w, &l->accept)), true);
}
