/* SPDX-License-Identifier: MIT */
/*
 * Iovecs (S8.5, S6.13), provided buffers (8.10), registered buffers (S8.6) and
 * registered files, and how they exclude the leased group buffer. What needs no
 * group was tried on a host kernel (6.18) and is as it answered there, except
 * SOCK_NONEMPTY, which AF_UNIX learned after 6.12.
 */
#include "rules.h"

#define WORLD	"sock s;sock d type=dgram;file f size=1000;pipe p;lessor dev;mem m size=8192 fill=0xEE;"
#define LEGACY	"sqe pb PROVIDE_BUFFERS fd=2 addr=m len=64 off=5 buf_group=7;submit;"
#define RING	"buffers 7 entries=4;provide 7 m:64 bid=5 n=2;"
#define PICK	" buf_group=7 flags=BUFFER_SELECT"
#define FIXED	"register buffers m:100,m+4096:4096;"
#define LEASE	"sqe L LEASE fd=dev dir=dest len=4096 flags=SQE_GROUP;"
#define WAITALL " op_flags=0x100"

/* ---- iovecs ---- */

static void test_S8_5_prep_of_vectors(void **state)
{
	(void)state;
	CQES(ALL WORLD "sqe a READV fd=f iov=m:16 len=1025;sqe b READV fd=f iov=m:16,m:-1;sqe c READV fd=f iov=m:-1;"
		       "sqe d READV fd=f iov=m:16,0x8000000000000000:1;sqe e READV fd=f iov=0x8000000000000000:1;"
		       "sqe g READV fd=f addr=64 len=2;sqe h WRITEV fd=f iov=m:16 len=2;submit",
	     "a=-22:IOVEC_COUNT b=-22:IOVEC_LEN c=-22:IOVEC_LEN d=-14:IOVEC_ADDR e=-14:IOVEC_ADDR g=-14:IOVEC_FAULT "
	     "h=-14:IOVEC_FAULT");
	/* an iovec of nothing is none of these */
	CQES(WORLD "sqe a READV fd=f addr=m len=0;submit", "a=0");
}

static void test_S8_5_the_iovec_may_lie_in_user_memory(void **state)
{
	(void)state;
	/* 0xEE.. is negative as a length */
	CQES(WORLD "sqe a READV fd=f addr=m len=1;submit", "a=-22:IOVEC_LEN");
	CQES("mem z size=4096 fill=0x00;" WORLD "sqe a READV fd=f addr=z len=2;submit", "a=0");
	/* two segments of which the second lies behind the end of the memory */
	CQES("mem z size=4096 fill=0x00;" WORLD "sqe a READV fd=f addr=z+4080 len=2;submit", "a=-14:IOVEC_FAULT");
}

static void test_S7_3_vectors_move_through_their_segments(void **state)
{
	struct run r;

	(void)state;
	run(&r, WORLD "sqe a READV fd=f iov=m+10:20,m:0,m+100:50;submit;reap;"
		      "sqe b WRITEV fd=f off=500 iov=m+100:50,m+10:20;submit;reap");
	run_cqes(&r, "a=70 b=70");
	run_bytes(&r, "m", "xEE:10 seq@0:20 xEE:70 seq@20:50 xEE:8042");
	run_bytes(&r, "f", "seq@0:500 seq@20:50 seq@0:20 seq@570:430");
	run_free(&r);
}

static void test_S7_3_a_fault_ends_a_vector(void **state)
{
	struct run r;

	(void)state;
	/* the mapping ends behind 8192 bytes */
	run(&r, WORLD "sqe a READV fd=f iov=m+8182:20,m:10;submit");
	run_cqes(&r, "a=10:RW_SHORT");
	run_bytes(&r, "m", "xEE:8182 seq@0:10");
	run_free(&r);
	CQES(WORLD "sqe a READV fd=f iov=64:20,m:10;submit", "a=-14:RW_FAULT");
}

static void test_S7_4_retries_of_vectors_begin_where_they_were(void **state)
{
	struct run r;

	(void)state;
	/* a chain cut by the end of the batch: its worker sleeps with the pipe full, in front of the second segment */
	run(&r,
	    "pipe p;mem m size=131072;sqe a WRITEV fd=p.w iov=m:65536,m:100 flags=IO_LINK;submit;reap;read p.r 65536;"
	    "reap;read p.r 200");
	run_cqes(&r, "got:p.r=65536 { a=65636 got:p.r=100 }");
	run_free(&r);
}

static void test_S7_8_a_vector_goes_on_in_the_segment_it_reached(void **state)
{
	struct run r;

	(void)state;
	/* the first page is cached: the read stops in the middle of the second segment and goes on there */
	run(&r, "file g size=9000 nowait=1 cached=0-4096;mem m size=16384 fill=0xEE;"
		"sqe a READV fd=g iov=m:1000,m+2000:6000,m+9000:2000;submit");
	run_cqes(&r, "a=9000");
	run_bytes(&r, "m", "seq@0:1000 xEE:1000 seq@1000:6000 xEE:1000 seq@7000:2000 xEE:5384");
	run_free(&r);
}

static void test_S6_13_vectors_with_the_group_buffer(void **state)
{
	(void)state;
	/* addr, the iovec's address, is the offset; the count is the length */
	CQES(WORLD LEASE "sqe a READV fd=f iov=m:16 flags=GROUP_BUF;submit", "a=-14:IMPORT_OFFSET L=0");
	CQES(WORLD "sqe L NOP flags=SQE_GROUP;sqe a READV fd=f iov=m:16 flags=GROUP_BUF;submit",
	     "a=-22:IMPORT_NO_LEASE L=0");
	/* prep has looked at the iovec all the same (D31) */
	CQES(WORLD LEASE "sqe a READV fd=f addr=64 len=16 flags=GROUP_BUF;submit", "a=-14:IOVEC_FAULT L=-125");
}

/* ---- messages ---- */

static void test_S8_11_prep_of_messages(void **state)
{
	(void)state;
	CQES(ALL WORLD "sqe a SENDMSG fd=s.0 iov=m:16 off=1;sqe b SENDMSG fd=s.0 iov=m:16 ioprio=16;"
		       "sqe c SENDMSG fd=s.0 iov=m:16 ioprio=2;sqe e SENDMSG fd=s.0 addr=64;"
		       "sqe g RECVMSG fd=s.0 iov=m:16 off=1;sqe h RECVMSG fd=s.0 iov=m:16 ioprio=16;"
		       "sqe i RECVMSG fd=s.0 addr=64;sqe j RECVMSG fd=s.0 iov=m:-1;submit",
	     "a=-22:PREP_SENDMSG_FIELDS b=-22:PREP_SENDMSG_BUNDLE c=-22:PREP_SEND_FLAGS e=-14:PREP_MSG_FAULT "
	     "g=-22:PREP_RECV_FIELDS h=-22:PREP_RECVMSG_BUNDLE i=-14:PREP_MSG_FAULT j=-22:IOVEC_LEN");
	/* not a socket comes before POLL_FIRST in both, unlike in RECV */
	CQES(WORLD "sqe a RECVMSG fd=p.r iov=m:16 ioprio=1;submit", "a=-88:RECVMSG_NOT_A_SOCKET");
	CQES(WORLD "sqe a SENDMSG fd=p.w iov=m:16 ioprio=1;submit", "a=-88:SEND_NOT_A_SOCKET");
	EVENTS(WORLD "sqe a RECVMSG fd=s.0 iov=m:16 ioprio=1;submit;write s.1 16", "issue arm_poll cqe",
	       "issue(a)=1 arm_poll(a)=8315 issue(a)=2 cqe(a)=16");
}

static void test_S8_14_messages(void **state)
{
	struct run r;

	(void)state;
	run(&r, WORLD "sqe a SENDMSG fd=s.1 iov=m+4096:30,m+4096:20;submit;reap;read s.0 10;"
		      "sqe b RECVMSG fd=s.0 iov=m:10,m+100:100;submit;reap");
	run_cqes(&r, "a=50 got:s.0=10 b=40:RECV_DONE");
	run_free(&r);
	/* MSG_WAITALL goes on in the second segment, and the progress counts if it is cut off */
	CQES(WORLD "sqe b RECVMSG fd=s.0 iov=m:10,m+100:100" WAITALL ";submit;write s.1 30;reap;write s.1 80;reap",
	     "b=110");
	CQES(WORLD "sqe b RECVMSG fd=s.0 iov=m:10,m+100:100" WAITALL ";submit;write s.1 30;reap;close s.1;reap",
	     "b=30");
}

static void test_S8_15_truncated_messages(void **state)
{
	(void)state;
	/* the rest of the datagram is lost; without MSG_WAITALL that is no failure */
	CQES(WORLD "write d.1 100;sqe a RECVMSG fd=d.0 iov=m:10,m+64:20 flags=IO_LINK;sqe n NOP;submit", "a=30 n=0");
	CQES(WORLD "write d.1 100;sqe a RECVMSG fd=d.0 iov=m:10,m+64:20 flags=IO_LINK" WAITALL ";sqe n NOP;submit",
	     "a=30 n=-125");
	/* with MSG_TRUNC the result is the length it had */
	CQES(WORLD "write d.1 100;sqe a RECVMSG fd=d.0 iov=m:10 op_flags=0x20;submit", "a=100");
	CQES(WORLD "write d.1 100;sqe a RECV fd=d.0 addr=m len=10 op_flags=0x20;submit", "a=100");
}

static void test_S6_18_recvmsg_zeroes_user_memory(void **state)
{
	struct run r;

	(void)state;
	/* D22: 16 of 100 bytes come, the lease is untouched, the user's bytes behind them are zeroed */
	run(&r, WORLD LEASE "sqe a RECVMSG fd=s.0 iov=m:10,m+100:90 flags=GROUP_BUF;submit;write s.1 16");
	run_cqes(&r, "!user-memory-zeroed(a) a=16 L=0");
	run_bytes(&r, "m", "seq@0:10 xEE:90 seq@10:6 x00:84 xEE:8002");
	run_free(&r);
	/* the repaired variant leaves it alone */
	run_variant(&r, WORLD LEASE "sqe a RECVMSG fd=s.0 iov=m:100 flags=GROUP_BUF;submit;write s.1 16", 0,
		    1U << GB_VARIANT_ZERO_ONLY_LEASE);
	run_cqes(&r, "a=16 L=0");
	run_bytes(&r, "m", "seq@0:16 xEE:8176");
	run_free(&r);
	/* SENDMSG takes no notice of the flag */
	CQES(WORLD LEASE "sqe a SENDMSG fd=s.0 iov=m:10 flags=GROUP_BUF;submit", "a=10 L=0");
}

static void test_S6_19_recvmsg_without_a_lease(void **state)
{
	(void)state;
	CQES(WORLD "write s.1 16;sqe L NOP flags=SQE_GROUP;sqe a RECVMSG fd=s.0 iov=m:100 flags=GROUP_BUF;submit",
	     "!null-deref(a)");
}

/* ---- PROVIDE_BUFFERS, REMOVE_BUFFERS ---- */

static void test_S8_39_prep_of_provide(void **state)
{
	(void)state;
	CQES(ALL WORLD "sqe a PROVIDE_BUFFERS fd=1 addr=m len=1 op_flags=1;sqe b PROVIDE_BUFFERS fd=0 addr=m len=1;"
		       "sqe c PROVIDE_BUFFERS fd=65537 addr=m len=1;sqe e PROVIDE_BUFFERS fd=-1 addr=m len=1;"
		       "sqe g PROVIDE_BUFFERS fd=1 addr=m;sqe h PROVIDE_BUFFERS fd=2 addr=0xffffffffffffffff len=1;"
		       "sqe i PROVIDE_BUFFERS fd=2 addr=0xfffffffffffffff0 len=1;"
		       "sqe j PROVIDE_BUFFERS fd=1 addr=m len=1 off=65536;sqe k PROVIDE_BUFFERS fd=2 addr=m len=1 "
		       "off=65535;submit",
	     "a=-22:PREP_PROVIDE_FIELDS b=-7:PREP_PROVIDE_COUNT c=-7:PREP_PROVIDE_COUNT e=-7:PREP_PROVIDE_COUNT "
	     "g=-22:PREP_PROVIDE_LEN h=-75:PREP_PROVIDE_OVERFLOW i=-14:PREP_PROVIDE_ADDR j=-7:PREP_PROVIDE_BID "
	     "k=-22:PREP_PROVIDE_LAST_BID");
	CQES(WORLD RING "sqe a PROVIDE_BUFFERS fd=1 addr=m len=1 buf_group=7 flags=IO_LINK;sqe n NOP;submit",
	     "a=-22:PROVIDE_RING n=-125");
}

static void test_S8_40_remove(void **state)
{
	(void)state;
	CQES(ALL WORLD
	     "sqe a REMOVE_BUFFERS fd=1 len=1;sqe b REMOVE_BUFFERS fd=0;sqe c REMOVE_BUFFERS fd=1 buf_group=9;"
	     "submit",
	     "a=-22:PREP_REMOVE_FIELDS b=-22:PREP_REMOVE_COUNT c=-2:REMOVE_NO_GROUP");
	CQES(WORLD LEGACY "sqe a REMOVE_BUFFERS fd=1 buf_group=7;sqe b REMOVE_BUFFERS fd=5 buf_group=7;"
			  "sqe c REMOVE_BUFFERS fd=5 buf_group=7;sqe r READ fd=f len=8" PICK ";submit",
	     "pb=0 a=1 b=1 c=0 r=-105");
	CQES(WORLD RING "sqe a REMOVE_BUFFERS fd=1 buf_group=7;submit", "a=-22:REMOVE_RING");
}

/* ---- selection ---- */

static void test_S8_41_a_buffer_is_taken_from_the_front(void **state)
{
	struct run r;

	(void)state;
	run(&r, ALL WORLD LEGACY "write s.1 300;sqe a RECV fd=s.0 len=16" PICK ";sqe b RECV fd=s.0" PICK
				 ";sqe c RECV fd=s.0" PICK ";submit");
	/* flags: BUFFER and the id above; no length is the whole buffer; ENOBUFS comes without one */
	run_cqes(&r, "pb=0 a=16+50001 b=64+60001 c=-105:RECV_NO_BUFFERS");
	run_bytes(&r, "m", "seq@0:16 xEE:48 seq@16:64 xEE:8064");
	run_free(&r);
	CQES(ALL WORLD RING "write s.1 300;sqe a RECV fd=s.0 len=16" PICK ";sqe b RECV fd=s.0" PICK
			    ";sqe c RECV fd=s.0" PICK ";submit",
	     "a=16+50001 b=64+60001 c=-105:RECV_NO_BUFFERS");
}

static void test_S8_41_every_opcode_selects(void **state)
{
	(void)state;
	CQES(ALL WORLD RING "write s.1 30;sqe a READ fd=f len=16" PICK ";sqe b RECVMSG fd=s.0 iov=m:16" PICK ";submit",
	     "b=16+60001 a=16+50001");
	CQES(ALL WORLD RING "write p.w 30;sqe a READV fd=p.r iov=m:16" PICK ";sqe b SEND fd=s.0 len=16" PICK ";submit",
	     "a=16+50001 b=16+60001");
	/* of an iovec only the length is taken, so there has to be one segment; RECVMSG may have none */
	CQES(ALL WORLD RING "write s.1 30;sqe a READV fd=f iov=m:1,m:2" PICK ";sqe b READV fd=f addr=64 len=1" PICK
			    ";sqe c RECVMSG fd=s.0 iov=m:1,m:2" PICK ";submit",
	     "a=-22:PREP_RWV_SELECT b=-14:PREP_RWV_SELECT_FAULT c=-22:PREP_MSG_SELECT");
	/* SEND of an unknown group is ENOENT, of an empty one ENOBUFS; the others do not tell */
	CQES(ALL WORLD "buffers 7 entries=1;sqe a SEND fd=s.0 len=16 buf_group=8 flags=BUFFER_SELECT;"
		       "sqe b SEND fd=s.0 len=16" PICK ";sqe c RECVMSG fd=s.0 iov=m:16" PICK ";submit",
	     "a=-2:SEND_NO_GROUP b=-105:SEND_NO_BUFFERS c=-105:RECVMSG_NO_BUFFERS");
	/* a ring may hold nonsense */
	CQES(ALL WORLD
	     "buffers 7 entries=4;provide 7 0x8000000000000000:16 n=3;write s.1 16;sqe a READ fd=p.r len=8" PICK
	     ";sqe b SEND fd=s.0" PICK ";sqe c RECV fd=s.0" PICK ";submit",
	     "a=-14:RW_BUFFER_ADDR b=-14+1:SEND_BUFFER_ADDR c=-14:RECV_BUFFER_ADDR");
}

static void test_S8_8_EAGAIN_of_a_read(void **state)
{
	(void)state;
	/* the legacy buffer is kept for the retry: another one gets the second, and that has none left for a third */
	CQES(ALL WORLD LEGACY "sqe a READ fd=p.r len=16" PICK ";sqe b READ fd=f len=8" PICK
			      ";sqe c READ fd=f len=8" PICK ";submit;reap;write p.w 16",
	     "pb=0 c=-105 b=8+60001 a=16+50001");
	/* the ring gets it back */
	CQES(ALL WORLD RING "sqe a READ fd=p.r len=16" PICK ";submit;write s.1 64;sqe b RECV fd=s.0 len=8" PICK
			    ";sqe c RECV fd=s.0 len=8" PICK ";submit;reap;write p.w 16",
	     "b=8+50001 c=8+60001 a=-105:RW_NO_BUFFERS");
}

static void test_S8_8_EAGAIN_of_a_receive(void **state)
{
	(void)state;
	/* either kind goes back, so another request may take it meanwhile */
	CQES(ALL WORLD "sock t;" LEGACY "sqe a RECV fd=s.0 len=16" PICK
		       ";submit;write t.1 64;sqe b RECV fd=t.0 len=8" PICK ";sqe c RECV fd=t.0 len=8" PICK
		       ";submit;reap;write s.1 16",
	     "pb=0 b=8+50001 c=8+60001 a=-105");
	CQES(ALL WORLD "sock t;" RING "sqe a RECV fd=s.0 len=16" PICK
		       ";submit;write t.1 64;sqe b RECV fd=t.0 len=8" PICK ";submit;reap;write s.1 16",
	     "b=8+50001 a=16+60001");
}

static void test_S5_6_a_failure_reports_the_buffer(void **state)
{
	(void)state;
	/* a READ that waits with a legacy buffer is cancelled: the buffer is gone, and its id in the CQE */
	CQES(ALL WORLD LEGACY "sqe a READ fd=p.r len=16" PICK ";submit;reap;sqe x ASYNC_CANCEL target=a;submit;reap;"
			      "sqe b REMOVE_BUFFERS fd=9 buf_group=7;submit",
	     "pb=0 x=0 a=-125+50001 b=1");
	/* a ring one was not held */
	CQES(ALL WORLD RING "sqe a READ fd=p.r len=16" PICK ";submit;reap;sqe x ASYNC_CANCEL target=a;submit;reap",
	     "x=0 a=-125");
}

static void test_S8_41_workers_consume_at_selection(void **state)
{
	(void)state;
	/* the worker's read sleeps with its buffer, the next one in the ring goes to the other */
	CQES(ALL WORLD RING "sqe a READ fd=p.r len=16 buf_group=7 flags=BUFFER_SELECT|ASYNC;submit;reap;"
			    "write s.1 64;sqe b RECV fd=s.0 len=8" PICK ";submit;reap;write p.w 16",
	     "b=8+60001 a=16+50001");
	/* a file that cannot be polled as well: the worker goes on with what was taken before */
	EVENTS(ALL WORLD RING "sqe a READ fd=f len=16" PICK ";submit", "select cqe", "select(a)=5 cqe(a)=16");
}

static void test_S8_41_incremental_rings(void **state)
{
	(void)state;
	/* BUF_MORE (16) says that the buffer goes on */
	CQES(WORLD "buffers 7 entries=2 inc=1;provide 7 m:40 bid=3;write s.1 100;sqe a RECV fd=s.0 len=16" PICK
		   ";sqe b RECV fd=s.0 len=16" PICK ";sqe c RECV fd=s.0 len=16" PICK ";submit",
	     "a=16+30011 b=16+30011 c=8+30001");
}

static void test_provide_puts_buffers_back(void **state)
{
	(void)state;
	CQES(WORLD "buffers 7 entries=1;provide 7 m:8 bid=1;write s.1 100;sqe a RECV fd=s.0" PICK
		   ";submit;provide 7 m+64:16 bid=2;sqe b RECV fd=s.0" PICK ";submit",
	     "a=8+10001 b=16+20001");
	/* the group exists as a legacy one with buffers: the ring is refused, what is put into it is lost */
	EVENTS(WORLD LEGACY RING "sqe b REMOVE_BUFFERS fd=9 buf_group=7;submit", "registered cqe",
	       "cqe(pb)=0 registered=-17 cqe(b)=2");
}

/* ---- multishot ---- */

static void test_S5_13_multishot_receive(void **state)
{
	(void)state;
	/* MORE (2) on all but the last, which says why it ended */
	CQES(WORLD "buffers 7 entries=4;provide 7 m:64 bid=1 n=4;sqe a RECV fd=s.0 ioprio=2" PICK
		   ";submit;write s.1 10;reap;write s.1 20;reap;close s.1;reap",
	     "a=10+10003 a=20+20003 a=0");
	CQES(WORLD RING "sqe a RECV fd=s.0 ioprio=2" PICK ";submit;write s.1 200;reap",
	     "a=64+50003 a=64+60003 a=-105:RECV_NO_BUFFERS");
	/* what is there before it is issued comes through the poll as well */
	CQES(DTR WORLD RING "write s.1 10;sqe a RECV fd=s.0 ioprio=2" PICK
			    ";submit;reap;sqe x ASYNC_CANCEL target=a;submit;reap",
	     "a=10+50003 x=0 a=-125");
	/* from a worker it waits for its file */
	CQES(WORLD RING
	     "sqe a RECV fd=s.0 ioprio=2 buf_group=7 flags=BUFFER_SELECT|ASYNC;submit;reap;write s.1 10;reap;"
	     "shutdown s.1;reap",
	     "a=10+50003 a=0");
}

static void test_S5_13_multishot_goes_on_after_many(void **state)
{
	struct text t = {.n = 0};
	struct run r;
	size_t n = 0;

	(void)state;
	/* POLL_FIRST arms while the data is there: that counts as the first event. 32 rounds are one turn */
	text_add(&t, "ring entries=64;" WORLD "buffers 7 entries=64;provide 7 m:1 n=64;");
	text_add(&t, "write s.1 40;sqe a RECV fd=s.0 ioprio=3" PICK ";submit;reap;shutdown s.1;reap");
	run(&r, t.s);
	for (size_t k = 0; k < r.n; k++)
		n += r.event[k].type == GB_EV_REAP;
	assert_int_equal(n, 41);
	run_events(&r, "tw_run", "tw_run(a)=POLL tw_run(a)=POLL tw_run(a)=POLL");
	run_free(&r);
}

static void test_S8_14_a_partial_receive_keeps_its_buffer(void **state)
{
	struct run r;

	(void)state;
	run(&r, WORLD RING "sqe a RECV fd=s.0 len=40 buf_group=7 flags=BUFFER_SELECT" WAITALL
			   ";submit;write s.1 30;reap;write s.1 10;sqe b RECV fd=s.0 len=8" PICK
			   ";submit;write s.1 8;reap");
	run_cqes(&r, "a=40+50001 b=8+60001");
	run_bytes(&r, "m", "seq@0:30 seq@0:10 xEE:24 seq@0:8 xEE:8120");
	run_free(&r);
}

static void test_S5_13_a_full_ring_ends_multishot(void **state)
{
	(void)state;
	CQES("ring entries=1 cq=1;" WORLD RING "sqe a RECV fd=s.0 ioprio=2" PICK
	     ";submit;write s.1 64;write s.1 64;reap",
	     "a=64+50003 a=64+60001");
}

static void test_S5_13_multishot_messages(void **state)
{
	struct run r;

	(void)state;
	/* a header of 16 bytes: no name, no control data, the length, the flags */
	run(&r, WORLD RING "sqe a RECVMSG fd=d.0 iov=m:0 ioprio=2" PICK ";submit;write d.1 10;reap;write d.1 100;reap");
	run_cqes(&r, "a=26+50003 a=64+60003 a=-105:RECVMSG_NO_BUFFERS");
	run_bytes(&r, "m", "x00:8 x0a:1 x00:7 seq@0:10 xEE:38 x00:8 x30:1 x00:3 x20:1 x00:3 seq@0:48 xEE:8064");
	run_free(&r);
	CQES(WORLD "buffers 7 entries=1;provide 7 m:8;sqe a RECVMSG fd=d.0 iov=m:0 ioprio=2" PICK
		   ";submit;write d.1 10",
	     "a=-14:RECVMSG_BUFFER_SMALL");
	CQES(WORLD "buffers 7 entries=1;provide 7 64:32;sqe a RECVMSG fd=d.0 iov=m:0 ioprio=2" PICK
		   ";submit;write d.1 10",
	     "a=-14:RECV_ERROR");
}

static void test_S3_18_read_multishot(void **state)
{
	(void)state;
	CQES(ALL WORLD "sqe a READ_MULTISHOT fd=p.r;sqe b READ_MULTISHOT fd=p.r addr=m" PICK
		       ";sqe c READ_MULTISHOT fd=f" PICK ";submit",
	     "a=-22:PREP_MSHOT_SELECT b=-22:PREP_MSHOT_FIELDS c=-77:MSHOT_NO_POLL");
	CQES(WORLD RING "sqe a READ_MULTISHOT fd=p.r" PICK ";submit;write p.w 10;reap;write p.w 100;reap",
	     "a=10+50003 a=64+60003 a=-105");
	CQES(WORLD RING "sqe a READ_MULTISHOT fd=p.r" PICK ";submit;write p.w 10;reap;close p.w;reap",
	     "a=10+50003 a=0:MSHOT_EOF");
	CQES(WORLD RING "sqe a READ_MULTISHOT fd=f buf_group=7 flags=BUFFER_SELECT|ASYNC;submit",
	     "a=-77:MSHOT_WORKER_NO_POLL");
	CQES(WORLD RING "sqe a READ_MULTISHOT fd=p.w" PICK ";submit", "a=-9:RW_MODE");
}

/* ---- registered buffers and files ---- */

static void test_S8_6_registered_buffers(void **state)
{
	struct run r;

	(void)state;
	run(&r, ALL WORLD FIXED "sqe a READ_FIXED fd=f addr=m+4196 len=50 buf_index=1;"
				"sqe b READ_FIXED fd=f addr=m len=1 buf_index=2;sqe c READ_FIXED fd=f addr=m+90 len=11;"
				"sqe e WRITE_FIXED fd=f addr=m+4000 len=100 buf_index=1;"
				"sqe g READ_FIXED fd=f addr=0xffffffffffffffff len=4;submit;reap;"
				"sqe h WRITE_FIXED fd=f off=500 addr=m+4196 len=50 buf_index=1;submit");
	run_cqes(&r, "{ a=50 b=-14:PREP_RW_FIXED c=-14:PREP_RW_FIXED_RANGE e=-14:PREP_RW_FIXED_RANGE "
		     "g=-14:PREP_RW_FIXED_RANGE } h=50");
	run_bytes(&r, "m", "xEE:4196 seq@0:50 xEE:3946");
	run_bytes(&r, "f", "seq@0:500 seq@0:50 seq@550:450");
	run_free(&r);
	/* only once, and only memory that is there */
	EVENTS(WORLD FIXED "register buffers m:1", "registered", "registered=0 registered=-16");
	EVENTS(WORLD "register buffers m:8193;register buffers 64:1;register buffers m:0", "registered",
	       "registered=-14 registered=-14 registered=-14");
}

static void test_S5_17_registered_and_group_buffer(void **state)
{
	(void)state;
	CQES(WORLD FIXED LEASE "sqe a READ_FIXED fd=f addr=m len=16 flags=GROUP_BUF;submit",
	     "a=-22:MEMBER_BUF_NODE L=0");
	/* before the look at the leader (I24) */
	CQES(WORLD FIXED "sqe L NOP res=-5 flags=SQE_GROUP;sqe a READ_FIXED fd=f addr=m len=16 flags=GROUP_BUF;submit",
	     "a=-22:MEMBER_BUF_NODE L=-5");
	/* S5.27: in a chain that failed the member has failed already */
	CQES(WORLD FIXED "sqe x NOP res=-5 flags=IO_LINK;sqe L NOP flags=SQE_GROUP;"
			 "sqe a READ_FIXED fd=f addr=m len=16 flags=GROUP_BUF;submit",
	     "x=-5 a=-125:GROUP_OF_BROKEN_LINK L=-125");
	/* without the flag it is a member like any other */
	CQES(WORLD FIXED LEASE "sqe a READ_FIXED fd=f addr=m len=16;submit", "a=16 L=0");
}

static void test_S6_3_a_leader_with_a_buffer_of_its_own(void **state)
{
	(void)state;
	CQES(WORLD FIXED "sqe L LEASE fd=dev dir=dest len=4096 op_flags=1 flags=SQE_GROUP;"
			 "sqe a READ fd=f len=16 flags=GROUP_BUF;submit",
	     "a=-125 L=-22:LEASE_LEADER_BUFFER");
	CQES(WORLD FIXED "sqe L LEASE fd=dev dir=dest len=4096 op_flags=1 buf_index=2 flags=SQE_GROUP;sqe a NOP;submit",
	     "a=-125 L=-14:PREP_CMD_FIXED");
}

static void test_I104_the_buffer_word_has_one_owner(void **state)
{
	(void)state;
	/* the leader's registered buffer is read as the lease it does not have (S6.19): the mark in it says "no" */
	CQES(WORLD FIXED "write s.1 16;sqe L READ_FIXED fd=f addr=m len=16 flags=SQE_GROUP;"
			 "sqe a RECVMSG fd=s.0 iov=m+200:100 flags=GROUP_BUF;submit",
	     "!wrong-slot(a) a=16 L=16");
	/* a legacy buffer has left the word by then */
	CQES(WORLD LEGACY "write s.1 16;sqe L READ fd=f len=16 buf_group=7 flags=BUFFER_SELECT|SQE_GROUP;"
			  "sqe a RECVMSG fd=s.0 iov=m+200:100 flags=GROUP_BUF;submit",
	     "!null-deref(a)");
}

static void test_registered_files(void **state)
{
	(void)state;
	CQES(ALL WORLD "register files f,-1,s.0;sqe a READ fd=0 addr=m len=16 flags=FIXED_FILE;"
		       "sqe b READ fd=1 addr=m len=16 flags=FIXED_FILE;sqe c READ fd=3 addr=m len=16 flags=FIXED_FILE;"
		       "sqe e READ fd=-1 addr=m len=16 flags=FIXED_FILE;submit",
	     "b=-9:NO_FILE c=-9:NO_FILE e=-9:NO_FILE a=16");
	/* the slot keeps a file that is closed */
	CQES(WORLD "register files p.r;write p.w 16;close p.r;sqe a READ fd=0 addr=m len=16 flags=FIXED_FILE;submit",
	     "a=16");
	CQES(WORLD "register files p.r;sqe z READ fd=0 addr=m len=16 flags=FIXED_FILE;submit;reap;"
		   "sqe x ASYNC_CANCEL fd=0 op_flags=10;submit",
	     "x=0 z=-125");
	EVENTS(WORLD "register files 99;register files f;register files f", "registered",
	       "registered=-9 registered=0 registered=-16");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_S8_5_prep_of_vectors),
		cmocka_unit_test(test_S8_5_the_iovec_may_lie_in_user_memory),
		cmocka_unit_test(test_S7_3_vectors_move_through_their_segments),
		cmocka_unit_test(test_S7_3_a_fault_ends_a_vector),
		cmocka_unit_test(test_S7_4_retries_of_vectors_begin_where_they_were),
		cmocka_unit_test(test_S7_8_a_vector_goes_on_in_the_segment_it_reached),
		cmocka_unit_test(test_S6_13_vectors_with_the_group_buffer),
		cmocka_unit_test(test_S8_11_prep_of_messages),
		cmocka_unit_test(test_S8_14_messages),
		cmocka_unit_test(test_S8_15_truncated_messages),
		cmocka_unit_test(test_S6_18_recvmsg_zeroes_user_memory),
		cmocka_unit_test(test_S6_19_recvmsg_without_a_lease),
		cmocka_unit_test(test_S8_39_prep_of_provide),
		cmocka_unit_test(test_S8_40_remove),
		cmocka_unit_test(test_S8_41_a_buffer_is_taken_from_the_front),
		cmocka_unit_test(test_S8_41_every_opcode_selects),
		cmocka_unit_test(test_S8_8_EAGAIN_of_a_read),
		cmocka_unit_test(test_S8_8_EAGAIN_of_a_receive),
		cmocka_unit_test(test_S5_6_a_failure_reports_the_buffer),
		cmocka_unit_test(test_S8_41_workers_consume_at_selection),
		cmocka_unit_test(test_S8_41_incremental_rings),
		cmocka_unit_test(test_provide_puts_buffers_back),
		cmocka_unit_test(test_S5_13_multishot_receive),
		cmocka_unit_test(test_S5_13_multishot_goes_on_after_many),
		cmocka_unit_test(test_S8_14_a_partial_receive_keeps_its_buffer),
		cmocka_unit_test(test_S5_13_a_full_ring_ends_multishot),
		cmocka_unit_test(test_S5_13_multishot_messages),
		cmocka_unit_test(test_S3_18_read_multishot),
		cmocka_unit_test(test_S8_6_registered_buffers),
		cmocka_unit_test(test_S5_17_registered_and_group_buffer),
		cmocka_unit_test(test_S6_3_a_leader_with_a_buffer_of_its_own),
		cmocka_unit_test(test_I104_the_buffer_word_has_one_owner),
		cmocka_unit_test(test_registered_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
