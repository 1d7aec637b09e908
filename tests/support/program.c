/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "groupbuf/abi.h"

#include "support/corpus.h"
#include "support/program.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct program {
	FILE *out;
	uint64_t random;
	uint32_t sqes;	  /* labels a0, a1, ... given out */
	bool group;	  /* the last SQE was in a group that goes on */
	uint32_t entries; /* of the SQ */
	uint32_t queued;
	uint32_t last_timeout, last_poll; /* their labels */
	bool groups;			  /* has groups at all */
	bool multishot;			  /* has multishot timeouts; else it has updates of timeouts */
	bool net;			  /* has zero-copy sends, bundles, listeners and requests on the ring */
	unsigned int taste;		  /* how much nonsense this program has, 0 to 3 */
};

static uint32_t below(struct program *p, uint32_t n)
{
	return random_below(&p->random, n);
}

/* One time in n. */
static bool once_in(struct program *p, uint32_t n)
{
	return below(p, n) == 0;
}

/* True for nonsense, as often as the program's taste has it. */
static bool nonsense(struct program *p)
{
	static const uint32_t often[] = {1000, 60, 20, 6};

	return once_in(p, often[p->taste]);
}

#define PICK(p, list) ((list)[below((p), COUNT(list))])

/* One random number per call: compilers differ in the order of arguments. */
static void put(struct program *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void put(struct program *p, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vfprintf(p->out, fmt, args);
	va_end(args);
}

/* ---- the world ---- */

static void put_ring(struct program *p)
{
	static const char *const flags[] = {
		"0",
		"0",
		"SUBMIT_ALL",
		"COOP_TASKRUN",
		"COOP_TASKRUN|SUBMIT_ALL",
		"COOP_TASKRUN|TASKRUN_FLAG",
		"DEFER_TASKRUN|SINGLE_ISSUER",
		"DEFER_TASKRUN|SINGLE_ISSUER|SUBMIT_ALL",
		"DEFER_TASKRUN|SINGLE_ISSUER|TASKRUN_FLAG",
		"DEFER_TASKRUN|SINGLE_ISSUER|COOP_TASKRUN",
		"SINGLE_ISSUER",
		"CLAMP|SUBMIT_ALL",
		"R_DISABLED|NO_SQARRAY",
		"SQPOLL",
		"SQPOLL|SQ_AFF|SUBMIT_ALL",
		"IOPOLL",
		"IOPOLL|DEFER_TASKRUN|SINGLE_ISSUER",
	};
	static const uint32_t entries[] = {1, 2, 4, 8, 16, 32, 32, 32, 64, 100};

	p->entries = PICK(p, entries);
	put(p, "ring entries=%u flags=%s", p->entries, PICK(p, flags));
	if (once_in(p, 4))
		put(p, " cq=%u", p->entries + below(p, 3 * p->entries));
	put(p, "\n");
	while (p->entries & (p->entries - 1))
		p->entries++;
}

static void put_objects(struct program *p)
{
	static const uint32_t sizes[] = {0, 1, 100, 4095, 4096, 4097, 10000, 20000};

	put(p, "file f size=%u", PICK(p, sizes));
	put(p, "%s\n", once_in(p, 3) ? " direct=1" : "");
	put(p, "file g size=%u fill=0x3c\n", PICK(p, sizes));
	put(p, "pipe p\n");
	put(p, "sock s%s", once_in(p, 4) ? " type=dgram" : "");
	if (once_in(p, 4))
		put(p, " sndbuf=%u", 1 + below(p, 9000));
	put(p, "\nlessor dev\nmem m size=%u fill=0\n", 1 + below(p, 20000));
}

/* The sockets of a program that has them, and what is registered for them. */
static void put_net_objects(struct program *p)
{
	const bool dgram = once_in(p, 5);

	put(p, "sock z%s", dgram ? " type=dgram" : !once_in(p, 3) ? " inq=1" : "");
	put(p, " zc=%s", once_in(p, 3) ? "copy" : "hold");
	if (once_in(p, 3))
		put(p, " sndbuf=%u", 1 + below(p, 9000));
	put(p, "\nlisten l backlog=%u\n", below(p, 3));
	put(p, "sock b connected=0\nsock c connected=0\nsock d connected=0\n");
	put(p, "buffers 1 entries=%u", 1U << below(p, 6));
	put(p, "%s\n", once_in(p, 3) ? " inc=1" : "");
	if (once_in(p, 2))
		put(p, "register buffers m:1,m:1\n");
	if (once_in(p, 2))
		put(p, "register files %s\n", once_in(p, 2) ? "-1,-1" : "s.0,-1");
}

/* ---- SQEs ---- */

static void put_number(struct program *p, const char *name, uint32_t usual)
{
	static const uint64_t extremes[] = {
		0, 1, 4095, 4096, 8191, 65535, 65536, 0x7ffff000, 0x7fffffff, 0x80000000, 0xffffffff,
	};

	put(p, " %s=%" PRIu64, name, nonsense(p) ? PICK(p, extremes) : below(p, usual));
}

static void put_off(struct program *p, uint32_t usual)
{
	static const char *const extremes[] = {
		"-1",	      "0x7fffffffffffffff", "0xffffffffffffffff", "0x8000000000000000", "0x7ffffffffffffff0",
		"0xffffffff", "0x100000000",	    "16777215",		  "16777216",
	};

	if (nonsense(p) || once_in(p, 30))
		put(p, " off=%s", PICK(p, extremes));
	else
		put(p, " off=%u", once_in(p, 2) ? 0 : below(p, usual));
}

/* Aims at the last request of a kind, at any, or at none. */
static void put_target(struct program *p, uint32_t last)
{
	if (!once_in(p, 3)) {
		put(p, " target=a%u", last);
		return;
	}
	put(p, " target=a%u", p->sqes && !once_in(p, 20) ? below(p, p->sqes + 1) : p->sqes);
}

/* Buffers: user memory, an offset in the group buffer, or anywhere. */
static void put_addr(struct program *p, bool group_buf)
{
	static const char *const wild[] = {
		"0", "1", "4096", "0x7fffffffffff", "0xffffffffffffffff", "0x8000000000000000"};

	if (nonsense(p))
		put(p, " addr=%s", PICK(p, wild));
	else if (group_buf)
		put(p, " addr=%u", once_in(p, 2) ? 0 : below(p, 9000));
	else if (once_in(p, 2))
		put(p, " addr=m");
	else
		put(p, " addr=m+%u", below(p, once_in(p, 10) ? 30000 : 4096));
}

static void put_len(struct program *p)
{
	static const uint32_t lens[] = {0, 1, 5, 10, 100, 512, 512, 4096, 4096, 8192, 12000, 20000};
	static const uint32_t extremes[] = {0x7ffff000, 0x7fffffff, 0x80000000, 0xffffffff};

	put(p, " len=%u", nonsense(p) ? PICK(p, extremes) : PICK(p, lens));
}

static void put_op_flags(struct program *p, const uint32_t *list, uint32_t n)
{
	if (nonsense(p))
		put(p, " op_flags=0x%x", once_in(p, 2) ? 1U << below(p, 32) : (uint32_t)random_next(&p->random));
	else if (once_in(p, 4))
		put(p, " op_flags=0x%x", list[below(p, n)]);
}

static void put_lease(struct program *p)
{
	static const char *const modes[] = {"sync",	  "sync",   "sync",   "sync",	  "async", "async",
					    "fail_after", "no_ack", "no_vec", "not_kbuf", "twice"};
	static const uint32_t lens[] = {1, 100, 512, 1000, 4096, 6000, 8192, 12000};
	const uint32_t len = PICK(p, lens);
	const uint32_t offset = once_in(p, 2) ? 0 : below(p, 600);

	put(p, " LEASE fd=dev dir=%s len=%u offset=%u", once_in(p, 2) ? "dest" : "source", len, offset);
	put(p, " segs=%u", (len + offset + 4095) / 4096 + below(p, 3));
	put(p, " mode=%s", PICK(p, modes));
	if (once_in(p, 5))
		put(p, " res=%d", (int)below(p, 20) - 10);
	if (nonsense(p))
		put(p, " op_flags=%u", below(p, 4));
}

static void put_rw(struct program *p, bool write, bool group_buf)
{
	static const uint32_t flags[] = {GB_RWF_HIPRI, GB_RWF_NOWAIT, GB_RWF_APPEND, GB_RWF_DSYNC, GB_RWF_SYNC};
	static const char *const readable[] = {"f", "f", "g", "p.r", "s.0", "s.1"};
	static const char *const writable[] = {"f", "g", "g", "p.w", "s.0", "s.1"};
	static const char *const wrong[] = {"p.r", "p.w", "dev", "0", "99"};

	put(p, " %s%s", write ? "WRITE" : "READ", once_in(p, 20) ? "_FIXED" : "");
	if (nonsense(p) || once_in(p, 20))
		put(p, " fd=%s", PICK(p, wrong));
	else
		put(p, " fd=%s", write ? PICK(p, writable) : PICK(p, readable));
	put_off(p, 11000);
	put_addr(p, group_buf);
	put_len(p);
	put_op_flags(p, flags, COUNT(flags));
}

static void put_sr(struct program *p, bool send, bool group_buf)
{
	static const uint32_t flags[] = {GB_MSG_WAITALL, GB_MSG_DONTWAIT, GB_MSG_PEEK, GB_MSG_NOSIGNAL,
					 GB_MSG_WAITALL | GB_MSG_DONTWAIT};
	static const char *const wrong[] = {"f", "p.r", "dev", "99"};

	put(p, " %s fd=%s", send ? "SEND" : "RECV", nonsense(p) ? PICK(p, wrong) : once_in(p, 2) ? "s.0" : "s.1");
	put_addr(p, group_buf);
	put_len(p);
	put_op_flags(p, flags, COUNT(flags));
	if (nonsense(p))
		put_off(p, 100);
}

/*
 * A program reaps until nothing comes any more, so nothing may come forever: a
 * multishot timeout has a count, and nobody updates it, for that takes the
 * count away.
 */
static void put_timeout(struct program *p, const char *op, bool remove)
{
	static const uint32_t flags[] = {IORING_TIMEOUT_ABS,
					 IORING_TIMEOUT_BOOTTIME,
					 IORING_TIMEOUT_REALTIME,
					 IORING_TIMEOUT_ETIME_SUCCESS,
					 0x80,
					 IORING_TIMEOUT_BOOTTIME | IORING_TIMEOUT_REALTIME};
	static const uint32_t updates[] = {IORING_TIMEOUT_UPDATE, IORING_LINK_TIMEOUT_UPDATE,
					   IORING_TIMEOUT_UPDATE | IORING_LINK_TIMEOUT_UPDATE};
	static const uint32_t times[] = {0, 1, 2, 5, 30, 60, 200, 500};

	put(p, " %s ms=%u", op, PICK(p, times));
	if (remove)
		put_target(p, p->last_timeout);
	else
		p->last_timeout = p->sqes;
	if (!remove && p->multishot && once_in(p, 3)) {
		put(p, " op_flags=%u", IORING_TIMEOUT_MULTISHOT | (once_in(p, 4) ? IORING_TIMEOUT_ETIME_SUCCESS : 0));
		put(p, " off=%u", 1 + below(p, 5));
		return;
	}
	if (once_in(p, 3))
		put(p, " off=%u", below(p, 4));
	/* the bit of multishot is not among these */
	if (remove && !p->multishot && !once_in(p, 3))
		put(p, " op_flags=0x%x", PICK(p, updates));
	else if (once_in(p, 10))
		put(p, " op_flags=0x%x", PICK(p, flags));
	if (nonsense(p))
		put_number(p, "len", 4);
}

static void put_poll(struct program *p, bool remove)
{
	static const char *const ends[] = {"p.r", "p.w", "s.0", "s.1", "f", "dev", "99"};
	static const uint32_t events[] = {
		GB_POLLIN,  GB_POLLOUT, GB_POLLIN | GB_POLLOUT, GB_POLLIN | 1U << 28,
		GB_POLLHUP, 0,		GB_POLLRDHUP,		0xffffffff,
	};
	static const uint32_t updates[] = {IORING_POLL_UPDATE_EVENTS, IORING_POLL_UPDATE_USER_DATA,
					   IORING_POLL_UPDATE_EVENTS | IORING_POLL_UPDATE_USER_DATA};

	if (remove) {
		put(p, " POLL_REMOVE");
		put_target(p, p->last_poll);
	} else {
		p->last_poll = p->sqes;
		put(p, " POLL_ADD fd=%s", PICK(p, ends));
		put(p, " op_flags=0x%x", PICK(p, events));
	}
	if (remove && once_in(p, 2)) {
		put(p, " len=%u", PICK(p, updates));
		put(p, " new=a%u", below(p, p->sqes + 1));
		put(p, " op_flags=%u", PICK(p, events));
	} else if (once_in(p, 4)) {
		put(p, " len=%u", IORING_POLL_ADD_MULTI);
	} else if (nonsense(p)) {
		put_number(p, "len", 16);
	}
	if (nonsense(p))
		put_off(p, 10);
}

/* SHUTDOWN or CLOSE. */
static void put_end(struct program *p)
{
	static const char *const ends[] = {"s.0", "s.1", "p.r", "p.w", "f", "dev", "99"};

	if (once_in(p, 2)) {
		put(p, " SHUTDOWN fd=%s", nonsense(p) ? PICK(p, ends) : once_in(p, 2) ? "s.0" : "s.1");
		put(p, " len=%u", below(p, 4));
	} else {
		put(p, " CLOSE fd=%s", PICK(p, ends));
	}
	if (nonsense(p))
		put_off(p, 10);
}

static void put_cancel(struct program *p)
{
	static const uint32_t flags[] = {IORING_ASYNC_CANCEL_ALL,
					 IORING_ASYNC_CANCEL_FD,
					 IORING_ASYNC_CANCEL_ANY,
					 IORING_ASYNC_CANCEL_ALL | IORING_ASYNC_CANCEL_FD,
					 IORING_ASYNC_CANCEL_USERDATA,
					 IORING_ASYNC_CANCEL_OP,
					 64};
	static const char *const ends[] = {"p.r", "p.w", "s.0", "s.1", "f", "99"};

	put(p, " ASYNC_CANCEL");
	if (!once_in(p, 6))
		put_target(p, once_in(p, 2) ? p->last_timeout : p->last_poll);
	else if (nonsense(p))
		put(p, " addr=m");
	if (once_in(p, 4)) {
		put(p, " op_flags=0x%x", PICK(p, flags));
		put(p, " fd=%s", PICK(p, ends));
	}
	if (nonsense(p))
		put_number(p, "len", 60);
}

static void put_nop(struct program *p)
{
	put(p, " NOP");
	if (once_in(p, 3))
		put(p, " res=%d", (int)below(p, 20) - 10);
	if (nonsense(p))
		put_number(p, "op_flags", 4);
}

static void put_fsync(struct program *p)
{
	static const char *const files[] = {"f", "g", "p.r", "dev", "99"};
	static const uint32_t flags[] = {IORING_FSYNC_DATASYNC};

	put(p, " FSYNC fd=%s", PICK(p, files));
	put_op_flags(p, flags, COUNT(flags));
}

static void put_zc(struct program *p)
{
	static const uint32_t flags[] = {GB_MSG_WAITALL, GB_MSG_DONTWAIT};
	static const uint32_t ioprio[] = {IORING_RECVSEND_POLL_FIRST, IORING_SEND_ZC_REPORT_USAGE,
					  IORING_RECVSEND_FIXED_BUF, IORING_RECV_MULTISHOT};
	static const char *const wrong[] = {"s.0", "p.w", "l", "b.1", "99", "ring"};
	const bool msg = once_in(p, 4);

	put(p, " %s fd=%s", msg ? "SENDMSG_ZC" : "SEND_ZC",
	    nonsense(p) || once_in(p, 10) ? PICK(p, wrong)
	    : once_in(p, 3)		  ? "z.1"
					  : "z.0");
	if (msg)
		put(p, " iov=m:%u,m+10:%u", below(p, 5000), below(p, 5000));
	else
		put_addr(p, false);
	if (!msg)
		put_len(p);
	put_op_flags(p, flags, COUNT(flags));
	if (once_in(p, 3))
		put(p, " ioprio=%u", PICK(p, ioprio));
}

static void put_bundle(struct program *p)
{
	const bool send = once_in(p, 2);
	const bool multishot = !send && once_in(p, 3);

	put(p, " %s fd=z.%u", send ? "SEND" : "RECV", below(p, 2));
	put(p, " buf_group=%u", nonsense(p) ? 2 : 1);
	put(p, " ioprio=%u", IORING_RECVSEND_BUNDLE | (multishot ? IORING_RECV_MULTISHOT : 0));
	if (!multishot && !once_in(p, 3))
		put(p, " len=%u", below(p, 300));
	if (!multishot && once_in(p, 5))
		put(p, " op_flags=%u", GB_MSG_WAITALL);
}

static void put_accept(struct program *p)
{
	static const char *const slots[] = {"1", "2", "3", "0xffffffff", "0xffffffff"};
	static const char *const wrong[] = {"s.0", "z.0", "p.r", "b.1", "99"};

	if (once_in(p, 2)) {
		put(p, " CONNECT fd=%s to=l", nonsense(p) ? PICK(p, wrong) : once_in(p, 2) ? "b.1" : "c.1");
		return;
	}
	put(p, " ACCEPT fd=%s", nonsense(p) ? PICK(p, wrong) : "l");
	if (once_in(p, 3))
		put(p, " ioprio=%u", 1U << below(p, 4));
	if (once_in(p, 4))
		put(p, " file_index=%s", PICK(p, slots));
	if (nonsense(p))
		put(p, " op_flags=0x%x", once_in(p, 2) ? GB_SOCK_CLOEXEC : 1U);
}

/* True if the SQE selects buffers. */
static bool put_net(struct program *p)
{
	static const char *const ring[] = {"POLL_ADD fd=ring op_flags=1", "POLL_ADD fd=ring op_flags=4",
					   "READ fd=ring addr=m len=8", "WRITE fd=ring addr=m len=8"};

	switch (below(p, 6)) {
	case 0:
	case 1:
		put_zc(p);
		return false;
	case 2:
	case 3:
		put_bundle(p);
		return true;
	case 4:
		put_accept(p);
		return false;
	default:
		put(p, " %s", PICK(p, ring));
		return false;
	}
}

static void put_op(struct program *p, bool group_buf)
{
	const uint32_t what = below(p, 24);

	if (what < 4)
		put_nop(p);
	else if (what < 11)
		put_rw(p, what < 7, group_buf);
	else if (what < 16)
		put_sr(p, what < 13, group_buf);
	else if (what < 18)
		put_poll(p, once_in(p, 4));
	else if (what == 18)
		put_timeout(p, "TIMEOUT", false);
	else if (what == 19 && once_in(p, 3))
		put_timeout(p, "TIMEOUT_REMOVE", true);
	else if (what == 19)
		put_timeout(p, "LINK_TIMEOUT", false);
	else if (what == 20)
		put_cancel(p);
	else if (what == 21)
		put_fsync(p);
	else if (what == 22 && once_in(p, 6))
		put(p, " BAD");
	else if (what == 22 && once_in(p, 2))
		put_end(p);
	else
		put_lease(p);
}

/* Flags that make groups and chains likely; or any eight bits. */
static void put_flags(struct program *p, bool group_buf, bool select)
{
	uint32_t flags = 0;

	if (nonsense(p)) {
		put(p, " flags=0x%x", below(p, p->groups ? 256 : 128));
		return;
	}
	if (p->groups && (p->group ? !once_in(p, 3) : once_in(p, 3)))
		flags |= IOSQE_SQE_GROUP;
	if (!p->group && once_in(p, 5))
		flags |= once_in(p, 3) ? IOSQE_IO_HARDLINK : IOSQE_IO_LINK;
	if (group_buf || (!p->group && once_in(p, 12)))
		flags |= IOSQE_IO_DRAIN;
	if (once_in(p, 6))
		flags |= IOSQE_ASYNC;
	if (once_in(p, 12))
		flags |= IOSQE_CQE_SKIP_SUCCESS;
	if (select || once_in(p, 60))
		flags |= IOSQE_BUFFER_SELECT;
	p->group = flags & IOSQE_SQE_GROUP;
	if (flags)
		put(p, " flags=0x%x", flags);
}

static void put_sqe(struct program *p)
{
	const bool group_buf = p->group && !once_in(p, 3);
	bool net = false;
	uint32_t flags;

	put(p, "sqe a%u", p->sqes);
	if (p->groups && !p->group && once_in(p, 4)) {
		/* the beginning of a leased group */
		put_lease(p);
		flags = IOSQE_SQE_GROUP;
		if (once_in(p, 6))
			flags |= IOSQE_IO_LINK;
		if (once_in(p, 6))
			flags |= IOSQE_ASYNC;
		put(p, " flags=0x%x", flags);
		p->group = true;
	} else if (p->net && once_in(p, 3)) {
		net = true;
		put_flags(p, group_buf, put_net(p));
	} else {
		put_op(p, group_buf);
		put_flags(p, group_buf, false);
	}
	if (!net && (nonsense(p) || once_in(p, 60)))
		put(p, " ioprio=%u", once_in(p, 2) ? 1U << below(p, 6) : below(p, 65536));
	if (!net && nonsense(p))
		put(p, " buf_index=%u", below(p, 65536));
	put(p, "\n");
	p->sqes++;
	p->queued++;
}

/* ---- the program ---- */

static void put_submit(struct program *p)
{
	put(p, "submit\n");
	p->queued = 0;
	/* a new batch begins with new chains and groups, whatever the old one left open */
	p->group = false;
}

static void put_outside(struct program *p)
{
	static const char *const written[] = {"p.w", "s.0", "s.1"};
	static const char *const read[] = {"p.r", "s.0", "s.1"};
	static const char *const closed[] = {"p.r", "p.w", "s.0", "s.1"};
	static const uint32_t bytes[] = {1, 5, 10, 100, 200, 4096, 70000};

	switch (below(p, 8)) {
	case 0:
	case 1:
	case 2:
	case 3:
		put(p, "write %s", PICK(p, written));
		put(p, " %u\n", PICK(p, bytes));
		break;
	case 4:
	case 5:
		put(p, "read %s", PICK(p, read));
		put(p, " %u\n", PICK(p, bytes));
		break;
	case 6:
		put(p, "shutdown s.%u\n", below(p, 2));
		break;
	default:
		put(p, "close %s\n", PICK(p, closed));
		break;
	}
}

/* What the outside does in a program that has listeners, and the buffers it gives. */
static void put_net_outside(struct program *p)
{
	static const char *const written[] = {"z.0", "z.1", "b.1", "d.1"};
	static const char *const closed[] = {"l", "z.0", "z.1", "b.1", "d.1"};

	switch (below(p, 10)) {
	case 0:
	case 1:
		put(p, "connect %s l\n", once_in(p, 2) ? "d.1" : "b.1");
		break;
	case 2:
	case 3:
	case 4:
		put(p, "write %s", PICK(p, written));
		put(p, " %u\n", below(p, 700));
		break;
	case 5:
	case 6:
		put(p, "read %s", PICK(p, written));
		put(p, " %u\n", below(p, 5000));
		break;
	case 7:
	case 8:
		put(p, "provide 1 m:%u", below(p, 300));
		put(p, " n=%u\n", 1 + below(p, 4));
		break;
	default:
		put(p, "%s ", once_in(p, 2) ? "shutdown" : "close");
		put(p, "%s\n", PICK(p, closed));
		break;
	}
}

static void put_wait(struct program *p)
{
	if (once_in(p, 3))
		put(p, "wait %u\n", 1 + below(p, 4));
	else if (once_in(p, 2))
		put(p, "reap ms=%u\n", below(p, 100));
	else
		put(p, "reap\n");
}

char *random_program(uint64_t seed)
{
	struct program p = {.random = seed};
	char *text = NULL;
	size_t size;
	uint32_t statements;

	p.out = open_memstream(&text, &size);
	if (!p.out)
		abort();
	p.taste = below(&p, 4);
	p.groups = !once_in(&p, 5);
	p.multishot = once_in(&p, 3);
	p.net = once_in(&p, 3);
	put_ring(&p);
	put_objects(&p);
	if (p.net)
		put_net_objects(&p);
	statements = 3 + below(&p, 40);
	for (uint32_t k = 0; k < statements; k++) {
		const uint32_t what = below(&p, 16);

		if (what < 10 && p.queued < p.entries)
			put_sqe(&p);
		else if (what < 12)
			put_submit(&p);
		else if (what < 14 && p.net && once_in(&p, 2))
			put_net_outside(&p);
		else if (what < 14)
			put_outside(&p);
		else
			put_wait(&p);
	}
	if (!once_in(&p, 4))
		put_submit(&p);
	for (uint32_t k = below(&p, 6); k; k--)
		(once_in(&p, 2) ? put_outside : put_wait)(&p);
	if (once_in(&p, 2))
		put(&p, "exit\n");
	if (fclose(p.out) != 0)
		abort();
	return text;
}

struct gb_trace *random_trace(uint64_t seed)
{
	char *text = random_program(seed);
	struct gb_trace *trace = NULL;
	struct gb_error err;

	if (gb_trace_parse(text, strlen(text), &trace, &err) != GB_OK)
		trace = NULL;
	free(text);
	return trace;
}

uint64_t programs_asked(uint64_t programs)
{
	const char *asked = getenv("GB_PROGRAMS");

	return asked ? strtoull(asked, NULL, 10) : programs;
}

void each_program(uint64_t programs, program_fn *fn, void *user)
{
	for (uint64_t seed = 1; seed <= programs; seed++) {
		struct gb_trace *trace = random_trace(seed);
		char name[32];

		snprintf(name, sizeof(name), "program %" PRIu64, seed);
		if (trace)
			fn(user, name, trace, seed);
		gb_trace_free(trace);
	}
}
