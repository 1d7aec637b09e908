/* SPDX-License-Identifier: MIT */
/*
 * What the kernel side touches, without a kernel: user memory, bvecs over
 * leased pages with shadow bytes, iov_iter, and files (regular files, pipes,
 * sockets, the lessor device). All calls are non-blocking primitives: what
 * would block says -EAGAIN and changes nothing; who waits, waits in a wait
 * queue and is woken through gb_wake_up.
 */
#ifndef GROUPBUF_SIM_FAKE_H
#define GROUPBUF_SIM_FAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "groupbuf/trace.h"

struct gb_world;
struct io_kiocb;

#define GB_PAGE_SIZE  4096U
#define GB_PIPE_SLOTS 16U
#define GB_POISON     0xA5U

/* User memory: mem k begins at GB_USER_BASE + k * GB_USER_STRIDE; nothing else is mapped. */
#define GB_USER_BASE   0x100000000000ULL
#define GB_USER_STRIDE 0x000100000000ULL
#define GB_TASK_SIZE   0x7ffffffff000ULL /* first implausible user address (access_ok) */

/* What SQE k says with iov= lies here, readable only: a struct msghdr, then the iovec array. */
#define GB_UVEC_BASE   0x7f0000000000ULL
#define GB_UVEC_STRIDE 0x8000ULL
#define GB_UVEC_ARRAY  64U

#define MAX_RW_COUNT 0x7ffff000U /* no transfer moves more */
#define UIO_MAXIOV   1024U

/* Returned by a file that completes later from an interrupt (EIOCBQUEUED). */
#define GB_EIOCBQUEUED 529

/* Byte i of the `seq` pattern: (7*i + i/256) mod 165. */
static inline unsigned char gb_seq_byte(uint64_t i)
{
	return (unsigned char)((7U * i + i / 256U) % 165U);
}

/* FNV-1a-64, to be started with GB_FNV_START. */
#define GB_FNV_START 0xcbf29ce484222325ULL
uint64_t gb_fnv(uint64_t hash, const unsigned char *bytes, uint64_t n);

/* Bytes `at` to `at + n` of the `seq` pattern. */
void gb_seq_fill(unsigned char *to, uint64_t at, uint32_t n);

/*
 * A run of bytes in the arena: content of a file or of user memory. There is
 * one per object: that of object k has index k + 1, other kinds leave theirs
 * zero. User memory is mapped up to `cap`, which is the size rounded up to
 * whole pages; a file can grow up to it.
 */
struct gb_area {
	uint32_t bytes; /* offset for gb_bytes() */
	uint32_t cap;	/* bytes there is room for */
	uint32_t size;	/* bytes in use: file size, or size of the mem */
	uint32_t cache; /* page cache: where the first page's uint64_t is, offset for gb_bytes(); */
	uint32_t pages; /* pages it knows, those behind are there */
};

/* A 4096-byte page of the pool, for pipe slots and socket queues. */
struct gb_page {
	uint16_t next; /* free list or queue, index + 1 */
	unsigned char data[GB_PAGE_SIZE];
};

/*
 * Takes a page from the pool (index + 1). The pool is sized so that there
 * always is one; 0 if not, which ends a transfer with -GB_ENOMEM or short.
 */
uint16_t gb_page_get(struct gb_world *w);
void gb_page_put(struct gb_world *w, uint16_t page);
/* Bytes of a taken page. */
unsigned char *gb_page_data(const struct gb_world *w, uint16_t page);

/* Shadow bits, one per byte, eight to a byte: sets lo to hi - 1, asks whether all of them are set. */
void gb_shadow_set(unsigned char *bits, uint32_t lo, uint32_t hi);
bool gb_shadow_all(const unsigned char *bits, uint32_t lo, uint32_t hi);

/* A wait queue: doubly linked list of waiters (io_uring/poll.h), newest first. */
struct wait_queue_head {
	uint16_t first;
};

/*
 * Wakes the waiters of a queue for the events in `mask` (0 = all): implemented
 * by io_uring/poll.c and io-wq.c, called here after a state change.
 */
void gb_wake_up(struct gb_world *w, struct wait_queue_head *wq, uint32_t mask);

/* ---- iov_iter (section 7.1) ---- */

/*
 * UBUF, IOVEC and BVEC are the kernel's. The outside has two of its own, so that it
 * takes the same road through pipes and sockets as a request does: SEQ is a
 * source of `seq` bytes, HASH a destination that hashes what it is given.
 */
enum iter_type { ITER_NONE, ITER_UBUF, ITER_IOVEC, ITER_BVEC, ITER_SEQ, ITER_HASH };
enum { ITER_DEST = 0, ITER_SOURCE = 1 };

/* One segment of a leased or registered buffer; every bvec of a lease lies in a page of its own. */
struct bio_vec {
	uint32_t bytes; /* where its bytes are: offset for gb_bytes() */
	uint32_t bv_len;
};

/* One segment of user memory, as the kernel copied it. */
struct iovec_seg {
	uint64_t iov_base;
	uint32_t iov_len; /* the limit of a transfer keeps it that small */
};

struct iov_iter {
	uint8_t iter_type;
	uint8_t data_source; /* ITER_DEST or ITER_SOURCE */
	uint16_t lease;	     /* BVEC: whose buffer; 0: a registered one */
	uint16_t owner;	     /* index + 1 of the SQE on whose behalf it moves, for events */
	uint16_t nr_segs;    /* segments left, the current one included */
	uint32_t seg;	     /* BVEC, IOVEC: index of the current segment for gb_bvec(), gb_uvec() */
	uint32_t iov_offset; /* offset in the current segment; other types: bytes done */
	uint32_t count;	     /* bytes left */
	uint64_t ubuf;	     /* UBUF: user address of the start; HASH: the hash so far */
};

struct iov_iter_state {
	uint32_t iov_offset;
	uint32_t count;
	uint16_t nr_segs;
};

void iov_iter_ubuf(struct iov_iter *i, unsigned int direction, uint64_t user, uint32_t count);
void iov_iter_bvec(struct iov_iter *i, unsigned int direction, uint16_t lease, uint32_t seg, uint16_t nr_segs,
		   uint32_t count);
/* An iterator over nr_segs segments of the table of iovecs, from `seg` on. */
void iov_iter_init(struct iov_iter *i, unsigned int direction, uint32_t seg, uint16_t nr_segs, uint32_t count);
void iov_iter_seq(struct iov_iter *i, uint32_t count);
void iov_iter_hash(struct iov_iter *i, uint32_t count);
/* S7.2; needs the world because segment lengths lie in the arena. */
void iov_iter_advance(const struct gb_world *w, struct iov_iter *i, uint32_t n);
/* S7.4: walks back by n bytes, at most to the start, and gives them back to the count. */
void iov_iter_revert(const struct gb_world *w, struct iov_iter *i, uint32_t n);
void iov_iter_truncate(struct iov_iter *i, uint32_t count);
void iov_iter_reexpand(struct iov_iter *i, uint32_t count);
void iov_iter_save_state(const struct iov_iter *i, struct iov_iter_state *state);
void iov_iter_restore(struct iov_iter *i, const struct iov_iter_state *state);
static inline uint32_t iov_iter_count(const struct iov_iter *i)
{
	return i->count;
}
/* S7.5: true for DEST. */
static inline bool iov_iter_is_dest(const struct iov_iter *i)
{
	return i->data_source == ITER_DEST;
}
/*
 * S7.3: copy n bytes from `from` into the iterator / from the iterator into
 * `to`, zero n bytes. Capped to the count; user memory that is not mapped
 * ends the copy early; the iterator advances by the bytes done, which are
 * returned; one of the wrong direction copies nothing, as in the kernel. A
 * bvec iterator marks shadow bytes, emits IO or ZERO events and reports
 * use-after-free (and touches nothing) if the buffer has gone back already,
 * uninitialised-read if bytes nobody wrote are read out of a DEST buffer,
 * wild-pointer if its count outlives its segments.
 *
 * Events: one per call, about the bytes lo <= x < hi counted from the start
 * of the leased buffer. IO: c = 1 if the buffer was written, d = lease. ZERO:
 * c = 0 and d = lease, or, of user memory, c = 1, lo and hi in the mem and
 * d = its object.
 */
uint32_t copy_to_iter(struct gb_world *w, const unsigned char *from, uint32_t n, struct iov_iter *i);
uint32_t copy_from_iter(struct gb_world *w, unsigned char *to, uint32_t n, struct iov_iter *i);
uint32_t iov_iter_zero(struct gb_world *w, uint32_t n, struct iov_iter *i);

/* access_ok: is [addr, addr + len) a plausible user range? */
bool gb_access_ok(uint64_t addr, uint64_t len);
/* Bytes of user memory at addr, at most n, that are mapped; *bytes is where they are. */
uint32_t gb_user_bytes(const struct gb_world *w, uint64_t addr, uint32_t n, unsigned char **bytes);
/* The user address of an `addr=` field. */
uint64_t gb_user_addr(const struct gb_addr *addr);
/* sqe.addr: that, or where the iov= of the SQE lies. */
uint64_t gb_sqe_addr(const struct gb_world *w, const struct gb_sqe *sqe);
/* Reads one word of user memory (get_user); false if it is not mapped. */
bool gb_user_word(const struct gb_world *w, uint64_t addr, uint64_t *word);
/* Writes n bytes to user memory (copy_to_user); false if not all of it is mapped. */
bool gb_copy_to_user(const struct gb_world *w, uint64_t addr, const unsigned char *from, uint32_t n);

/* S8.5: why an iovec cannot be imported. */
enum gb_import { GB_IMPORT_OK, GB_IMPORT_COUNT, GB_IMPORT_FAULT, GB_IMPORT_LEN, GB_IMPORT_ADDR };

/*
 * __import_iovec: copies `nr` segments at user address `uvec` to the table of
 * iovecs, from index `seg` on (there is room for UIO_MAXIOV, or for as many as
 * the SQE has), and makes *i of them. One segment becomes a UBUF.
 */
enum gb_import import_iovec(const struct gb_world *w, unsigned int direction, uint64_t uvec, uint64_t nr, uint32_t seg,
			    struct iov_iter *i);
/* import_ubuf: false if the range is implausible. */
bool import_ubuf(unsigned int direction, uint64_t addr, uint64_t len, struct iov_iter *i);

/* ---- the leased buffer (S6.1) ---- */

enum gb_lease_state { GB_LEASE_NEW, GB_LEASE_OUT, GB_LEASE_BACK };

/*
 * struct io_mapped_buf and what the world knows about it. One per command that
 * can lease: of a block request that several groups lease, each has its own,
 * over the same bytes.
 */
struct gb_lease {
	uint32_t seg;	   /* first bvec */
	uint16_t nr_bvecs; /* 0: pbvec is NULL */
	uint16_t sqe;	   /* the command, index + 1 */
	uint32_t offset;   /* where the buffer begins in the first bvec */
	uint32_t len;
	uint8_t dir;	       /* ITER_DEST or ITER_SOURCE */
	uint8_t kbuf;	       /* kernel-buffer mark */
	uint8_t kbuf_ack;      /* has the give-back callback */
	uint8_t state;	       /* enum gb_lease_state */
	uint16_t leases, acks; /* how often leased and given back */
	uint32_t bytes;	       /* where offset + len bytes begin: the bvecs' bytes lie there back to back */
	uint32_t written;      /* shadow: one bit per byte, set once written */
	uint32_t skip;	       /* shadow bits in front of those of the first bvec */
	uint16_t rq;	       /* ublk: the block request, 0: a lessor's buffer */
};

/* Marks bytes lo <= x < hi, counted from the first bvec's start, as written; were all of them? Out of range is cut. */
void gb_lease_mark(const struct gb_world *w, const struct gb_lease *lease, int64_t lo, int64_t hi);
bool gb_lease_written(const struct gb_world *w, const struct gb_lease *lease, int64_t lo, int64_t hi);
/* Bytes of the buffer still never written (S: `untouched`): value still GB_POISON. */
uint32_t gb_lease_untouched(const struct gb_world *w, const struct gb_lease *lease);
uint64_t gb_lease_hash(const struct gb_world *w, const struct gb_lease *lease);

/* ---- files (section 7.5) ---- */

enum gb_file_kind {
	GB_FK_NONE,
	GB_FK_REGULAR,
	GB_FK_PIPE_READ,
	GB_FK_PIPE_WRITE,
	GB_FK_SOCK,
	GB_FK_LESSOR,
	GB_FK_UBLK,
	GB_FK_RING,	 /* the ring itself */
	GB_FK_PEER_WAIT, /* no file: where those sleep whose connect() waits for a listener */
};

enum {
	GB_FMODE_READ = 1,
	GB_FMODE_WRITE = 2,
	GB_FMODE_NOWAIT = 4, /* REQ_F_SUPPORT_NOWAIT */
	GB_FMODE_STREAM = 8, /* no position */
	GB_FMODE_CAN_READ_ITER = 16,
	GB_FMODE_POLL = 32, /* has a poll method */
	GB_FMODE_REG = 64,  /* S_ISREG: REQ_F_ISREG */
	GB_FMODE_DIRECT = 128,
	GB_FMODE_OPEN = 256,	/* not closed yet */
	GB_FMODE_BLK = 512,	/* S_ISBLK */
	GB_FMODE_RASYNC = 1024, /* FOP_BUFFER_RASYNC: a callback when a missing page has arrived */
	GB_FMODE_WASYNC = 2048, /* FOP_BUFFER_WASYNC */
	GB_FMODE_FLUSH = 8192,	/* has a flush method */
	GB_FMODE_APPEND = 4096, /* O_APPEND */
};

/* An open file description; one per end of an object. */
struct gb_file {
	uint8_t kind;	/* enum gb_file_kind */
	uint8_t object; /* index into gb_trace.objects */
	uint8_t end;
	uint16_t mode;	/* GB_FMODE_* */
	uint16_t index; /* area, pipe or sock it stands for */
	uint8_t spent;	/* what goes wrong once has gone wrong */
	uint16_t users; /* requests that hold it (gb_file_get): a close is put off until they are gone */
	uint64_t f_pos;
};

/* A pipe: a ring of slots, each a page of its own (a slot with a page may be empty: fault in pipe_write). */
struct gb_pipe {
	uint16_t page[GB_PIPE_SLOTS]; /* ring of slots, index + 1 */
	uint16_t off[GB_PIPE_SLOTS], len[GB_PIPE_SLOTS];
	uint8_t head, count;
	uint8_t readers, writers;
	struct wait_queue_head rd_wait, wr_wait;
};

/* sk_state of a stream socket; those of datagram sockets stay as they are built. */
enum gb_sock_state { GB_SOCK_ESTABLISHED, GB_SOCK_CLOSE, GB_SOCK_LISTEN };

/* A listener's connections that nobody has accepted yet. */
struct gb_accept_queue {
	uint16_t backlog; /* there may be one more than that */
	uint16_t count;
	uint16_t first, last; /* sockets, through gb_sock.accept_next */
	struct wait_queue_head peer_wait;
};

/* One end of a socket pair, with what was sent to it and not received yet; or a listener. */
struct gb_sock {
	uint16_t peer;		      /* the other end; 0: none */
	uint16_t first, last;	      /* pages of the queue, index + 1 */
	uint16_t first_off, last_len; /* consumed of the first page, used of the last */
	uint32_t queued;	      /* unread bytes */
	uint32_t sndbuf;	      /* limit of the bytes queued at the peer; 0: none */
	uint8_t dgram;
	uint8_t shut; /* GB_SHUT_* of this end */
	uint8_t closed;
	uint16_t err;  /* sk_err: ECONNRESET once, if the peer closed with unread bytes */
	uint8_t state; /* enum gb_sock_state */
	uint8_t zc;    /* enum gb_zero_copy: of what is sent from here */
	uint8_t inq;   /* says how many bytes a receive leaves */
	uint16_t accept_next;
	uint16_t zc_first, zc_last; /* zero-copy sends whose bytes lie here, through io_kiocb.list_next */
	uint32_t taken;		    /* bytes that have left the queue so far */
	struct gb_accept_queue accept;
	struct wait_queue_head wait;
	/* datagrams: lengths of the queued messages, a ring of dg_cap */
	uint16_t dg_head, dg_count;
	uint32_t dg_area; /* where u32 lengths are: offset for gb_bytes() */
	uint32_t dg_cap;
};
enum { GB_SHUT_RD = 1, GB_SHUT_WR = 2 };

/*
 * Regular buffered file. *pos is advanced by what was moved. Reads end at the
 * size; writes grow the file, filling a gap with zeros, and stop at the area's
 * capacity with -GB_EFBIG. A fault with nothing moved is -GB_EFAULT.
 */
int64_t gb_regular_read(struct gb_world *w, struct gb_file *f, uint64_t *pos, struct iov_iter *i);
int64_t gb_regular_write(struct gb_world *w, struct gb_file *f, uint64_t *pos, struct iov_iter *i);

/* What the trace says of a file; standard input is a plain one. */
const struct gb_file_class *gb_file_class_of(const struct gb_world *w, const struct gb_file *f);

/* How long a page of the cache, and a direct transfer, take. */
#define GB_DISK_US 1000

/* One call of a file's read or write method (struct kiocb), and what it leaves behind. */
struct kiocb {
	uint64_t ki_pos;
	bool nowait;	  /* IOCB_NOWAIT: -GB_EAGAIN rather than a wait; else the caller waits until due_us */
	bool noio;	  /* IOCB_NOIO: does not even start reading */
	uint32_t most;	  /* outcomes=: moves at most so many bytes, 0: any number; */
	int32_t err;	  /* fails with this errno, 0: does not */
	uint64_t due_us;  /* when the page arrives that ended the read, 0 if none is on its way */
	int64_t result;	  /* after -GB_EIOCBQUEUED: what the completion reports */
	uint32_t shorted; /* the iterator is cut by so many bytes; the caller gives them back (iov_iter_reexpand) */
	bool inside;	  /* the completion comes before that, inside the submission, */
	bool later;	  /* outcomes=: or does not, though the device is one that does it */
	bool unmoved;	  /* the iterator does not show what was moved (S7.14) */
};

/*
 * Buffered reads through the page cache (filemap_read): bytes up to the first
 * page that is not there, which is then read in; -GB_EAGAIN if that is the
 * first one. Writes do not wait. What the trace says goes wrong goes wrong.
 */
int64_t gb_buffered_read(struct gb_world *w, struct gb_file *f, struct kiocb *k, struct iov_iter *i);
int64_t gb_buffered_write(struct gb_world *w, struct gb_file *f, struct kiocb *k, struct iov_iter *i);
/* Fills in what the cache holds at the start. */
void gb_cache_init(const struct gb_world *w, const struct gb_area *area, const struct gb_file_class *c);

/*
 * Direct I/O (S7.14): -GB_EIOCBQUEUED, or what is known at once: end of file,
 * a refusal, a fault.
 */
int64_t gb_direct_read(struct gb_world *w, struct gb_file *f, struct kiocb *k, struct iov_iter *i);
int64_t gb_direct_write(struct gb_world *w, struct gb_file *f, struct kiocb *k, struct iov_iter *i);

/*
 * S7.15, pipe_read and pipe_write of a caller that has not slept in them. Bytes
 * moved, 0 at end of file, -GB_EAGAIN when it would block, -GB_EPIPE,
 * -GB_EFAULT. A write moves what fits (maybe less than asked); -GB_EAGAIN if
 * nothing fits.
 *
 * As in fs/pipe.c, a write first puts its remainder modulo the page size into
 * the last slot, if there is one and all of the remainder fits there; the rest
 * takes free slots. A read of a full pipe wakes the writers, even if no slot
 * got free; every write wakes the readers, even one that failed (poll_usage).
 */
int64_t gb_pipe_read(struct gb_world *w, struct gb_file *f, struct iov_iter *i);
int64_t gb_pipe_write(struct gb_world *w, struct gb_file *f, struct iov_iter *i);

/*
 * The same calls going on after they slept, in an io-wq worker: a write does
 * not fill up the last slot, and the next waiter of the own side is woken if
 * bytes (or a free slot) are left.
 */
int64_t gb_pipe_read_slept(struct gb_world *w, struct gb_file *f, struct iov_iter *i);
int64_t gb_pipe_write_slept(struct gb_world *w, struct gb_file *f, struct iov_iter *i);

/*
 * AF_UNIX socket primitives. send: bytes queued at the peer. Stream: as many
 * as sndbuf leaves room for. Datagram: the whole message, as long as less than
 * sndbuf is queued; -GB_EMSGSIZE if it is larger than sndbuf. -GB_EPIPE after
 * a shutdown, or a close of a stream peer; a closed datagram peer refuses once
 * (-GB_ECONNREFUSED, and what it had sent is lost), then there is none
 * (-GB_ENOTCONN).
 *
 * recv: bytes, 0 at end of file, -GB_EAGAIN, once -GB_ECONNRESET; dgram: one
 * message, the rest of which is dropped (*trunc). peek leaves the bytes there.
 * *more: bytes are left. A stream receive of 0 bytes waits for data like any
 * other; read() of 0 bytes does not come here. A fault moves nothing of a
 * stream, and loses a datagram.
 *
 * Writable (POLLOUT, and the wake-up of senders when bytes are taken out) is
 * unix_writable: four times the bytes queued at the peer do not exceed sndbuf.
 */
int64_t gb_sock_send(struct gb_world *w, struct gb_file *f, struct iov_iter *i);
int64_t gb_sock_recv(struct gb_world *w, struct gb_file *f, struct iov_iter *i, bool peek, bool *trunc, bool *more);

/* Bytes left for a receive of a socket that says so, 1 at the end of the stream (tcp_inq_hint); -1 if it does not. */
int64_t gb_sock_inq(const struct gb_world *w, const struct gb_file *f);

/*
 * The bytes just sent by `f` on behalf of a zero-copy send were copied
 * (false), or lie at the peer, which will tell when they are gone: the one who
 * waits for that is the notification `notif`.
 */
bool gb_sock_zc_hold(struct gb_world *w, const struct gb_file *f, struct io_kiocb *notif);

/*
 * listen.c. connect: `f` to the listener `l`, where the file `accepted` is the
 * other end of the connection. 0, -GB_EAGAIN if the listener's queue is full,
 * -GB_ECONNREFUSED, -GB_EISCONN, -GB_EINVAL if f listens itself, -GB_EPROTOTYPE
 * for a datagram socket. accept: the index of the oldest connection's file,
 * which is open from now on; -GB_EAGAIN, -GB_EINVAL if it does not listen, or no
 * more (gb_sock_shut says which), -GB_EOPNOTSUPP for a datagram socket.
 */
int gb_sock_connect(struct gb_world *w, const struct gb_file *f, const struct gb_file *l);
int gb_sock_accept(struct gb_world *w, const struct gb_file *l);
/* A listener is closed: so are the connections nobody has accepted. */
void gb_listen_release(struct gb_world *w, struct gb_sock *l);
/* The file that stands for a socket. */
uint16_t gb_sock_file(const struct gb_world *w, uint16_t sock);
/* unix_release_sock. `embryo`: a connection nobody has accepted. */
void gb_sock_release_sock(struct gb_world *w, struct gb_sock *s, bool embryo);

/* Length of the first message at a datagram socket, 0 if there is none; of a stream as well. */
uint32_t gb_sock_message(const struct gb_world *w, const struct gb_file *f);

/* Bytes of one skb of a stream: a large send is queued and announced in pieces of this size. */
#define GB_SKB_MAX 36544U

/* Poll mask (GB_POLL*) of a file now; files without poll method answer IN|OUT|RDNORM|WRNORM. */
uint32_t gb_file_poll(const struct gb_world *w, const struct gb_file *f);
/* The queue a poll of this file waits on, NULL if it has none. */
struct wait_queue_head *gb_file_wait_queue(struct gb_world *w, const struct gb_file *f);

/*
 * shutdown(SHUT_RDWR) and close by the outside; a negative errno or 0. The
 * descriptor is gone at once (GB_FMODE_OPEN); what it stood for is released
 * when no request holds it any more.
 */
int gb_file_shutdown(struct gb_world *w, struct gb_file *f);
int gb_file_close(struct gb_world *w, struct gb_file *f);
/* A request takes and drops its reference on a file (fget, fput). */
void gb_file_get(struct gb_file *f);
void gb_file_put(struct gb_world *w, struct gb_file *f);
/* The release method of one kind, called by the above. */
void gb_pipe_release(struct gb_world *w, struct gb_file *f);
void gb_sock_release(struct gb_world *w, struct gb_file *f);

/* Poll mask, hash of the unread bytes and shutdown of one kind. */
uint32_t gb_pipe_poll(const struct gb_world *w, const struct gb_file *f);
uint32_t gb_sock_poll(const struct gb_world *w, const struct gb_file *f);
uint64_t gb_pipe_unread(const struct gb_world *w, const struct gb_file *f, uint64_t *hash);
uint64_t gb_sock_unread(const struct gb_world *w, const struct gb_file *f, uint64_t *hash);
void gb_sock_shutdown(struct gb_world *w, struct gb_file *f);
/* shutdown(2) with a set of GB_SHUT_*. */
void gb_sock_shut(struct gb_world *w, struct gb_file *f, uint8_t mask);

/*
 * The outside's write of n `seq` bytes, and its read of up to n bytes, never
 * blocking: bytes or a negative errno; *hash is FNV-1a-64 of the bytes read, 0 if none.
 */
int64_t gb_outside_write(struct gb_world *w, struct gb_file *f, uint32_t n);
int64_t gb_outside_read(struct gb_world *w, struct gb_file *f, uint32_t n, uint64_t *hash);

/* Number of unread bytes of an end and their hash, for `final`; 0 for a closed one. */
uint64_t gb_file_unread(struct gb_world *w, const struct gb_file *f, uint64_t *hash);

static inline uint32_t gb_min(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

#endif
