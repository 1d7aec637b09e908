/* SPDX-License-Identifier: MIT */
/* READ and WRITE on every class of file of S7.5: rules S7.6 to S7.14, S6.15 to S6.17, S3.8. */
#include "rules.h"

#define MEM  "mem m size=65536 fill=0x00;"
#define DEST "lessor l;sqe L LEASE fd=l dir=dest len=4096 flags=SQE_GROUP;"
#define SRC  "lessor l;sqe L LEASE fd=l dir=source len=4096 flags=SQE_GROUP;"

static uint32_t count_events(const struct run *r, enum gb_event_type type, const char *label)
{
	uint32_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		n += r->event[i].type == type && !strcmp(run_label(r, r->event[i].req), label);
	return n;
}

/* Runs, checks the CQEs, how often `label` was issued and punted, and the bytes of one thing. */
static void check(const char *program, const char *cqes, const char *label, uint32_t issued, uint32_t punted,
		  const char *name, const char *bytes)
{
	struct run r;

	run(&r, program);
	run_cqes(&r, cqes);
	assert_int_equal(count_events(&r, GB_EV_ISSUE, label), issued);
	assert_int_equal(count_events(&r, GB_EV_PUNT, label), punted);
	run_bytes(&r, name, bytes);
	run_free(&r);
}

/* S7.5, S7.8: a buffered read that the page cache can serve completes inline, before the NOP behind it in the batch. */
static void cache_hit(void **state)
{
	(void)state;
	check(MEM "file f size=5000 nowait=1;sqe a READ fd=f addr=m len=5000;sqe b NOP;submit", "a=5000:RW_FULL b=0",
	      "a", 1, 0, "m", "seq@0:5000 x00:60536");
	check(MEM
	      "file f size=9000 nowait=1 cached=4096-9000;sqe a READ fd=f off=4096 addr=m len=4904;sqe b NOP;submit",
	      "a=4904 b=0", "a", 1, 0, "m", "seq@4096:4904 x00:60632");
	check(MEM "block d size=8192;sqe a READ fd=d addr=m len=8192;sqe b NOP;submit", "a=8192 b=0", "a", 1, 0, "m",
	      "seq@0:8192 x00:57344");
}

/* S7.8: a miss waits for a callback and is issued again through task work; no worker, however much was there before. */
static void cache_miss(void **state)
{
	(void)state;
	check(MEM "file f size=8192 nowait=1 cold=1;sqe a READ fd=f addr=m len=8192;sqe b NOP;submit",
	      "b=0 a=8192:RW_FULL", "a", 2, 0, "m", "seq@0:8192 x00:57344");
	/* the retried part counts for itself: pieces are no failure (S7.9), so the chain goes on */
	check(MEM "file f size=12288 nowait=1 cached=0-4096;"
		  "sqe a READ fd=f addr=m len=12288 flags=IO_LINK;sqe c NOP;sqe b NOP;submit",
	      "b=0 a=12288:RW_FULL c=0", "a", 2, 0, "m", "seq@0:12288 x00:53248");
	/* a hole between two cached pages */
	check(MEM "file f size=12288 nowait=1 cached=0-4096,8192-12288;sqe a READ fd=f addr=m len=12288;submit",
	      "a=12288", "a", 2, 0, "m", "seq@0:12288 x00:53248");
	/* once read in, it stays */
	check(MEM "file f size=4096 nowait=1 cold=1;sqe a READ fd=f addr=m len=4096;submit;wait 1;"
		  "sqe c READ fd=f addr=m len=4096;sqe b NOP;submit",
	      "a=4096 c=4096 b=0", "c", 1, 0, "m", "seq@0:4096 x00:61440");
	check(MEM "block d size=8192 cold=1;sqe a READ fd=d addr=m len=8192;submit", "a=8192", "a", 2, 0, "m",
	      "seq@0:8192 x00:57344");
}

/* S7.8: without async page support a miss goes to io-wq, where the worker sleeps until the page is there. */
static void miss_without_callback(void **state)
{
	(void)state;
	check(MEM "file f size=8192 nowait=1 rasync=0 cold=1;sqe a READ fd=f addr=m len=8192;submit", "a=8192", "a", 2,
	      1, "m", "seq@0:8192 x00:57344");
	/* bytes_done of the inline part and what the worker adds */
	check(MEM "file f size=12288 nowait=1 rasync=0 cached=0-4096;"
		  "sqe a READ fd=f addr=m len=12288 flags=IO_LINK;sqe b NOP;submit",
	      "a=12288:RW_FULL b=0", "a", 2, 1, "m", "seq@0:12288 x00:53248");
	/* a file without nowait is never tried inline (S7.6), cached or not */
	check(MEM "file f size=8192 cached=0-4096;sqe a READ fd=f addr=m len=8192;submit", "a=8192", "a", 2, 1, "m",
	      "seq@0:8192 x00:57344");
}

/* S7.7: RWF_NOWAIT is final, and IOCB_NOIO does not even start the reading. */
static void rwf_nowait(void **state)
{
	(void)state;
	check(MEM "file f size=8192 nowait=1 cold=1;sqe a READ fd=f addr=m len=8192 op_flags=8;submit;reap;"
		  "sqe b READ fd=f addr=m len=8192 op_flags=8;submit",
	      "a=-11:RW_WOULD_BLOCK b=-11", "a", 1, 0, "m", "x00:65536");
	/* a short read is final too */
	check(MEM "file f size=8192 nowait=1 cached=0-4096;sqe a READ fd=f addr=m len=8192 op_flags=8;submit",
	      "a=4096:RW_SHORT", "a", 1, 0, "m", "seq@0:4096 x00:61440");
	CQES(MEM "file f size=10;sqe a READ fd=f addr=m len=10 op_flags=8;submit", "a=-95:RW_FLAGS");
}

/*
 * S8.7: rw_flags. A 6.18 host answers the same, but for 0x80, which has got a
 * meaning there; and so it does to the offset on a socket.
 */
static void rw_flags(void **state)
{
	(void)state;
	CQES(MEM "file f size=10 nowait=1;sqe a READ fd=f addr=m len=10 op_flags=0x80;submit", "a=-95:RW_FLAGS");
	CQES(MEM "file f size=10 nowait=1;sqe a READ fd=f addr=m len=10 op_flags=0x40;submit", "a=-95:RW_FLAGS");
	CQES(MEM "file f size=10 nowait=1;sqe a READ fd=f addr=m len=10 op_flags=0x30;submit", "a=-22:RW_APPEND_BOTH");
	CQES(MEM "file f size=10 nowait=1;sqe a READ fd=f addr=m len=10 op_flags=1;submit", "a=-22:RW_HIPRI");
	CQES(MEM "sock s;sqe a READ fd=s.0 off=1 addr=m len=10;submit", "a=-29:RW_ERROR");
	CQES(MEM "sock s;sqe a WRITE fd=s.0 off=1 addr=m len=10;submit", "a=-29:RW_ERROR");
}

/* S7.12: O_APPEND and RWF_APPEND write at the end, RWF_NOAPPEND takes the first back; a gap reads as zeros. */
static void appending(void **state)
{
	(void)state;
	check(MEM "file f size=100 append=1;sqe a WRITE fd=f addr=m len=4;submit", "a=4", "a", 2, 1, "f",
	      "seq@0:100 x00:4");
	check(MEM "file f size=100;sqe a WRITE fd=f addr=m len=4 op_flags=0x10;submit", "a=4", "a", 2, 1, "f",
	      "seq@0:100 x00:4");
	check(MEM "file f size=100 append=1;sqe a WRITE fd=f addr=m len=4 op_flags=0x20;submit", "a=4", "a", 2, 1, "f",
	      "x00:4 seq@4:96");
	check("mem o size=4096 fill=0xff;file f size=4;sqe a WRITE fd=f off=10 addr=o len=2;submit", "a=2", "a", 2, 1,
	      "f", "seq@0:4 x00:6 xff:2");
}

/* S7.12: buffered writes go to io-wq, unless the file system can do better. */
static void write_paths(void **state)
{
	(void)state;
	check(MEM "file f size=100 nowait=1;sqe a WRITE fd=f addr=m len=50;sqe b NOP;submit", "b=0 a=50", "a", 2, 1,
	      "f", "x00:50 seq@50:50");
	check(MEM "file f size=100 nowait=1 wasync=1;sqe a WRITE fd=f addr=m len=50;sqe b NOP;submit", "a=50 b=0", "a",
	      1, 0, "f", "x00:50 seq@50:50");
	/* a buffered block device is asked, and says EOPNOTSUPP, which is taken for EAGAIN (S7.8) */
	check(MEM "block d size=512;sqe a WRITE fd=d addr=m len=50;sqe b NOP;submit", "b=0 a=50", "a", 2, 1, "d",
	      "x00:50 seq@50:462");
	/* what is written is in the page cache */
	check(MEM "file f size=8192 nowait=1 wasync=1 cold=1;sqe a WRITE fd=f addr=m+4096 len=4096;"
		  "sqe b READ fd=f addr=m len=4096;submit",
	      "a=4096 b=4096", "b", 1, 0, "f", "x00:4096 seq@4096:4096");
}

/* S7.9 to S7.11: short reads of a regular file go on inline; what a blocking one gets is final. */
static void short_reads(void **state)
{
	(void)state;
	check(MEM "file f size=4096 nowait=1 short=1000;sqe a READ fd=f addr=m len=4096 flags=IO_LINK;sqe b NOP;submit",
	      "a=4096:RW_FULL b=0", "a", 1, 0, "m", "seq@0:4096 x00:61440");
	check(MEM "file f size=4096 short=1000;sqe a READ fd=f addr=m len=4096 flags=IO_LINK;sqe b NOP;submit",
	      "a=1000:RW_SHORT b=-125", "a", 2, 1, "m", "seq@0:1000 x00:64536");
	/* end of file after a piece: the piece counts, with FAIL (S7.9, v = 0) */
	check(MEM "file f size=4096 nowait=1;sqe a READ fd=f off=4000 addr=m len=4096 flags=IO_LINK;sqe b NOP;submit",
	      "a=96:RW_SHORT b=-125", "a", 1, 0, "m", "seq@4000:96 x00:65440");
	check(MEM "file f size=4096 nowait=1;sqe a READ fd=f off=4096 addr=m len=10;submit", "a=0:RW_SHORT", "a", 1, 0,
	      "m", "x00:65536");
	/* once=1: only the first call is short, short=N@OFF: only those from there on */
	check(MEM "file f size=4096 short=10 once=1;sqe a READ fd=f addr=m len=50;submit;wait 1;"
		  "sqe b READ fd=f addr=m len=50;submit",
	      "a=10 b=50", "b", 2, 1, "m", "seq@0:50 x00:65486");
	CQES(MEM "file f size=4096 short=10@100;sqe a READ fd=f addr=m len=150;submit;wait 1;"
		 "sqe b READ fd=f off=100 addr=m len=150;submit",
	     "a=150 b=10");
}

/* S7.10, S8.9: an error with nothing done is the result; after a piece the piece is, and FAIL stays. */
static void read_errors(void **state)
{
	(void)state;
	CQES(MEM "file f size=4096 nowait=1 err=-EIO;sqe a READ fd=f addr=m len=9 flags=IO_LINK;sqe b NOP;submit",
	     "a=-5:RW_ERROR b=-125");
	CQES(MEM
	     "file f size=4096 nowait=1 err=-EIO@1000;sqe a READ fd=f addr=m len=4096 flags=IO_LINK;sqe b NOP;submit",
	     "a=1000:RW_PARTIAL b=-125");
	/* in a worker the first piece is a short read already */
	CQES(MEM "file f size=4096 err=-EIO@1000;sqe a READ fd=f addr=m len=4096;submit", "a=1000:RW_SHORT");
	/* pages that arrive with an error: the callback's retry cannot use them, the worker's says why */
	check(MEM "file f size=8192 nowait=1 cold=1 err=-EIO@4096;sqe a READ fd=f addr=m len=8192;submit",
	      "a=4096:RW_PARTIAL", "a", 3, 1, "m", "seq@0:4096 x00:61440");
	check(MEM "file f size=8192 nowait=1 cold=1 err=-EIO;sqe a READ fd=f addr=m len=8192;submit", "a=-5:RW_ERROR",
	      "a", 3, 1, "m", "x00:65536");
	CQES(MEM "file f size=4096 nowait=1 err=-EINVAL;sqe a READ fd=f addr=m len=9;submit", "a=-22");
}

/* S6.16, A11: a short read zeroes the rest of its range, a synchronous error nothing, not even after a piece. */
static void zeroing(void **state)
{
	(void)state;
	check(DEST "file f size=1000 nowait=1;sqe a READ fd=f addr=0 len=4096 flags=GROUP_BUF;submit", "a=1000 L=0",
	      "a", 1, 0, "L", "seq@0:1000 x00:3096");
	check(DEST "file f size=4096 nowait=1 err=-EIO;sqe a READ fd=f addr=0 len=4096 flags=GROUP_BUF;submit",
	      "a=-5 L=0", "a", 1, 0, "L", "xa5:4096");
	check(DEST "file f size=4096 nowait=1 err=-EIO@1000;sqe a READ fd=f addr=0 len=4096 flags=GROUP_BUF;submit",
	      "a=1000:RW_PARTIAL L=0", "a", 1, 0, "L", "seq@0:1000 xa5:3096");
	/* import once: retries go on with the member's own iterator (S6.12) */
	check(DEST "file f size=4096 nowait=1 short=100;sqe a READ fd=f addr=96 len=4000 flags=GROUP_BUF;submit",
	      "a=4000 L=0", "a", 1, 0, "L", "xa5:96 seq@0:4000");
	check(DEST "file f size=4096 nowait=1 cold=1;sqe a READ fd=f addr=96 len=4000 flags=GROUP_BUF;submit",
	      "a=4000 L=0", "a", 2, 0, "L", "xa5:96 seq@0:4000");
}

/* S7.12: a short write is retried from a worker; there it is final, with bytes_done as the result and FAIL. */
static void short_writes(void **state)
{
	(void)state;
	check("mem o size=4096 fill=0xee;file f size=10 nowait=1 wasync=1 short=4 once=1;"
	      "sqe a WRITE fd=f addr=o len=10 flags=IO_LINK;sqe b NOP;submit",
	      "a=10:RW_FULL b=0", "a", 2, 1, "f", "xee:10");
	check("mem o size=4096 fill=0xee;file f size=10 nowait=1 wasync=1 short=4;"
	      "sqe a WRITE fd=f addr=o len=10 flags=IO_LINK;sqe b NOP;submit",
	      "a=8:RW_PARTIAL b=-125", "a", 2, 1, "f", "xee:8 seq@8:2");
	check("mem o size=4096 fill=0xee;file f size=10 short=4;sqe a WRITE fd=f addr=o len=10;submit",
	      "a=4:RW_PARTIAL", "a", 2, 1, "f", "xee:4 seq@4:6");
	check("mem o size=4096 fill=0xee;file f size=10 err=-ENOSPC@4;sqe a WRITE fd=f addr=o len=10;submit",
	      "a=4:RW_PARTIAL", "a", 2, 1, "f", "xee:4 seq@4:6");
	/* an error with nothing done comes through the completion callback */
	CQES("mem o size=4096;file f size=10 err=-ENOSPC;sqe a WRITE fd=f addr=o len=10;submit", "a=-28:RW_ERROR");
	CQES("mem o size=4096;block d size=512;sqe a WRITE fd=d off=512 addr=o len=10;submit", "a=-28");
	CQES("mem o size=4096;block d size=512;sqe a WRITE fd=d off=508 addr=o len=10;submit", "a=4:RW_PARTIAL");
}

/* S6.15: a file without iterator methods. User memory works, in a worker; kernel buffers are refused there. */
static void without_iterators(void **state)
{
	(void)state;
	check(MEM "file f size=100 iter=0;sqe a READ fd=f off=10 addr=m len=100;submit", "a=90:RW_SHORT", "a", 2, 1,
	      "m", "seq@10:90 x00:65446");
	check(MEM "file f size=100 iter=0;sqe a WRITE fd=f off=10 addr=m len=90;submit", "a=90", "a", 2, 1, "f",
	      "seq@0:10 x00:90");
	check(DEST "file f size=4096 iter=0;sqe a READ fd=f addr=0 len=4096 flags=GROUP_BUF;submit",
	      "a=-95:RW_NO_KBUF L=0", "a", 2, 1, "L", "xa5:4096");
	check(SRC "file f size=4096 iter=0;sqe a WRITE fd=f addr=0 len=4096 flags=GROUP_BUF;submit",
	      "a=-95:RW_NO_KBUF L=0", "a", 2, 1, "f", "seq@0:4096");
}

/* S3.8, S3.12: one that claims to be readable all the time is tried 128 times inline, then by a worker. */
static void retry_limit(void **state)
{
	(void)state;
	check(MEM "file f size=100 iter=0 poll=1;sqe a READ fd=f addr=m len=100;submit", "a=100", "a", 129, 1, "m",
	      "seq@0:100 x00:65436");
	check(DEST "file f size=4096 iter=0 poll=1;sqe a READ fd=f addr=0 len=4096 flags=GROUP_BUF;submit",
	      "a=-95:RW_NO_KBUF L=0", "a", 129, 1, "L", "xa5:4096");
	check(SRC "file f size=4096 iter=0 poll=1;sqe a WRITE fd=f addr=0 len=4096 flags=GROUP_BUF;submit",
	      "a=-95:RW_NO_KBUF L=0", "a", 129, 1, "f", "seq@0:4096");
	/* S3.19: ASYNC tries once without blocking, poll does not take it, then blocking */
	check(MEM "file f size=100 iter=0 poll=1;sqe a READ fd=f addr=m len=100 flags=ASYNC;submit", "a=100", "a", 2, 1,
	      "m", "seq@0:100 x00:65436");
}

/* S7.14, iomap: consumed at submission, moved back so that what lies beyond the end is left. */
static void direct_file(void **state)
{
	(void)state;
	check(DEST "file f size=1000 direct=1;sqe a READ fd=f addr=0 len=4096 flags=GROUP_BUF;submit",
	      "a=1000:RW_SHORT L=0", "a", 1, 0, "L", "seq@0:1000 x00:3096");
	check(DEST "file f size=4096 direct=1 err=-EIO@2048;sqe a READ fd=f addr=0 len=4096 flags=GROUP_BUF;submit",
	      "a=-5:RW_ERROR L=0", "a", 1, 0, "L", "xa5:4096");
	/* the device is short of what it was asked for: the iterator is used up, nothing is zeroed */
	check(DEST "file f size=4096 direct=1 short=512;sqe a READ fd=f addr=0 len=4096 flags=GROUP_BUF;submit",
	      "a=512:RW_SHORT L=0", "a", 1, 0, "L", "seq@0:512 xa5:3584");
	/* at the end of the file the answer is known at once (a 6.18 host with ext4 says 0 as well) */
	check(MEM "file f size=1000 direct=1;sqe a READ fd=f off=1000 addr=m len=10;sqe b NOP;submit", "a=0 b=0", "a",
	      1, 0, "m", "x00:65536");
	/* an interrupt's EAGAIN is no reason to issue it again (S7.13): it is not the submitting task */
	CQES(MEM "file f size=1000 direct=1 err=-EAGAIN;sqe a READ fd=f addr=m len=10;submit", "a=-11");
	/* transfers that nobody can pin */
	CQES("file f size=1000 direct=1;sqe a READ fd=f addr=4096 len=10;submit", "a=-14:RW_FAULT");
	CQES("mem m size=4096;file f size=8192 direct=1;sqe a READ fd=f addr=m len=8192;submit", "a=4096:RW_SHORT");
	check("mem o size=4096 fill=0xee;file f size=10 direct=1;sqe a WRITE fd=f off=8 addr=o len=8;submit", "a=8",
	      "a", 1, 0, "f", "seq@0:8 xee:8");
}

/* S7.14, block device, one bio: the iterator is not advanced at all, so zeroing begins at the start. */
static void direct_block(void **state)
{
	(void)state;
	check(DEST "block d size=4096 direct=1;sqe a READ fd=d addr=0 len=4096 flags=GROUP_BUF;submit",
	      "a=4096:RW_FULL L=0", "a", 1, 0, "L", "seq@0:4096");
	/* completes later: everything is zeroed, what was read and what not */
	check(DEST "block d size=512 direct=1;sqe a READ fd=d addr=0 len=4096 flags=GROUP_BUF;submit",
	      "!data-overwritten(a) a=512:RW_SHORT L=0", "a", 1, 0, "L", "x00:4096");
	/* inside the submission the iterator is cut to the device's size (obs): only what was read is zeroed */
	check(DEST "block d size=512 direct=1 ram=1;sqe a READ fd=d addr=0 len=4096 flags=GROUP_BUF;submit",
	      "!data-overwritten(a) a=512:RW_SHORT L=0", "a", 1, 0, "L", "x00:512 xa5:3584");
	check(DEST "block d size=4096 direct=1 err=-EIO@512;sqe a READ fd=d addr=0 len=4096 flags=GROUP_BUF;submit",
	      "a=-5:RW_ERROR L=0", "a", 1, 0, "L", "x00:4096");
	/* user memory is pinned through the iterator, which advances; nothing of it is zeroed */
	check(MEM "block d size=512 direct=1;sqe a READ fd=d addr=m len=4096;submit", "a=512:RW_SHORT", "a", 1, 0, "m",
	      "seq@0:512 x00:65024");
	/* writes zero nothing (S6.20) */
	check(SRC "block d size=512 direct=1;sqe a WRITE fd=d addr=0 len=4096 flags=GROUP_BUF;submit",
	      "a=512:RW_SHORT L=0", "a", 1, 0, "d", "seq@0:512");
	CQES(MEM "block d size=512 direct=1;sqe a WRITE fd=d off=512 addr=m len=512;submit", "a=-28");
	CQES(MEM "block d size=512 direct=1;sqe a READ fd=d off=512 addr=m len=512;submit", "a=0");
	CQES(MEM "block d size=512 direct=1;sqe a READ fd=d addr=m len=0;submit", "a=0:RW_FULL");
	CQES(MEM "block d size=512 direct=1;sqe a WRITE fd=d addr=m len=0;submit", "a=0:RW_FULL");
}

/* A6: repaired, the iterator shows what was moved, and the tail is what is zeroed. */
static void direct_block_repaired(void **state)
{
	struct run r;

	(void)state;
	for (int ram = 0; ram < 2; ram++) {
		run_variant(&r,
			    ram ? DEST "block d size=512 direct=1 ram=1;sqe a READ fd=d len=4096 flags=GROUP_BUF;submit"
				: DEST "block d size=512 direct=1;sqe a READ fd=d len=4096 flags=GROUP_BUF;submit",
			    0, 1U << GB_VARIANT_DIRECT_ITER_CONSUMED);
		run_cqes(&r, "a=512:RW_SHORT L=0");
		/* cut to the device's size the iterator is used up: there is no tail to see inside the submission */
		run_bytes(&r, "L", ram ? "seq@0:512 xa5:3584" : "seq@0:512 x00:3584");
		run_free(&r);
	}
}

/* blkdev_dio_invalid: whole sectors only. */
static void direct_block_alignment(void **state)
{
	(void)state;
	CQES(MEM "block d size=4096 direct=1;sqe a READ fd=d off=1 addr=m len=512;submit", "a=-22:RW_ALIGN");
	CQES(MEM "block d size=4096 direct=1;sqe a READ fd=d addr=m len=100;submit", "a=-22:RW_ALIGN");
	CQES(MEM "block d size=4096 direct=1;sqe a READ fd=d addr=m+1 len=512;submit", "a=-22:RW_ALIGN");
	CQES(DEST "block d size=4096 direct=1;sqe a READ fd=d addr=100 len=512 flags=GROUP_BUF;submit",
	     "a=-22:RW_ALIGN L=0");
	/* over segments: the last one begins anew */
	CQES("lessor l;block d size=4096 direct=1;sqe L LEASE fd=l dir=dest len=2048 segs=2 flags=SQE_GROUP;"
	     "sqe a READ fd=d addr=512 len=1536 flags=GROUP_BUF;submit",
	     "a=1536 L=0");
	CQES("lessor l;block d size=4096 direct=1;sqe L LEASE fd=l dir=dest len=2000 segs=2 flags=SQE_GROUP;"
	     "sqe a READ fd=d addr=0 len=1536 flags=GROUP_BUF;submit",
	     "a=-22:RW_ALIGN L=0");
}

/* S7.13: EAGAIN inside the submission is tried again by a worker; there it is final. */
static void reissue(void **state)
{
	(void)state;
	check(DEST
	      "block d size=4096 direct=1 ram=1 err=-EAGAIN once=1;sqe a READ fd=d len=4096 flags=GROUP_BUF;submit",
	      "a=4096:RW_FULL L=0", "a", 2, 1, "L", "seq@0:4096");
	CQES(MEM "block d size=4096 direct=1 ram=1 err=-EAGAIN;sqe a READ fd=d addr=m len=4096;submit",
	     "a=-11:RW_WOULD_BLOCK");
	check("mem o size=4096 fill=0xee;block d size=512 direct=1 ram=1 err=-EAGAIN once=1;"
	      "sqe a WRITE fd=d addr=o len=512;submit",
	      "a=512:RW_FULL", "a", 2, 1, "d", "xee:512");
	/* RWF_NOWAIT: final at once */
	CQES(MEM "block d size=4096 direct=1 ram=1 err=-EAGAIN;sqe a READ fd=d addr=m len=4096 op_flags=8;submit",
	     "a=-11");
}

/* S9.13: a read that waits for its page when the ring dies is waited for, then fails with EFAULT; its lease goes back.
 */
static void ring_dies(void **state)
{
	struct run r;

	(void)state;
	run(&r, DEST "file f size=4096 nowait=1 cold=1;sqe a READ fd=f len=4096 flags=GROUP_BUF;submit;exit");
	run_events(&r, "done", "done(L)=0 done(a)=-14");
	run_events(&r, "ack", "ack(L)=2");
	run_free(&r);
}

/* Whatever the order of steps, a cold read ends once with the same bytes. */
static void any_order(void **state)
{
	(void)state;
	SEEDS(40,
	      DEST "file f size=4096 nowait=1 cached=0-4096;file g size=8192 cold=1;"
		   "sqe a READ fd=f len=2048 flags=GROUP_BUF|SQE_GROUP;"
		   "sqe b READ fd=g addr=2048 off=2048 len=2048 flags=GROUP_BUF;submit",
	      "{ a=2048 b=2048 } L=0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cache_hit),
		cmocka_unit_test(cache_miss),
		cmocka_unit_test(miss_without_callback),
		cmocka_unit_test(rwf_nowait),
		cmocka_unit_test(rw_flags),
		cmocka_unit_test(appending),
		cmocka_unit_test(write_paths),
		cmocka_unit_test(short_reads),
		cmocka_unit_test(read_errors),
		cmocka_unit_test(zeroing),
		cmocka_unit_test(short_writes),
		cmocka_unit_test(without_iterators),
		cmocka_unit_test(retry_limit),
		cmocka_unit_test(direct_file),
		cmocka_unit_test(direct_block),
		cmocka_unit_test(direct_block_repaired),
		cmocka_unit_test(direct_block_alignment),
		cmocka_unit_test(reissue),
		cmocka_unit_test(ring_dies),
		cmocka_unit_test(any_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
