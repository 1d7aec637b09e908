/* SPDX-License-Identifier: MIT */
/* SEND_ZC and SENDMSG_ZC: two CQEs (I40), their order, and what becomes of them when things go wrong. */
#include "rules.h"

#define SOCK "sock s zc=hold;mem m size=16384;"
#define COPY "sock s zc=copy;mem m size=16384;"
#define ZC   " SEND_ZC fd=s.0 addr=m len=100"
#define MSG  " SENDMSG_ZC fd=s.0 iov=m:60,m+100:40"
/* CQE flags: 2 is MORE, 8 is NOTIF. */

static void test_two_cqes(void **state)
{
	struct run r;

	(void)state;
	/* the memory is in use until the peer has read the last byte */
	run(&r, SOCK "sqe a" ZC ";submit;reap;read s.1 99;reap;read s.1 1;reap");
	run_cqes(&r, "a=100+2:ZC_DONE got:s.1=99 got:s.1=1 a=0+8:NOTIF_DONE");
	run_free(&r);
	/* a network that copies needs it no longer than the call */
	CQES(COPY "sqe a" ZC ";submit;reap;read s.1 100", "a=100+2:ZC_DONE a=0+8:NOTIF_DONE got:s.1=100");
	/* what comes first in the queue is told first, whatever the order of reading */
	CQES(SOCK "sqe a" ZC ";sqe b" ZC ";submit;read s.1 150;reap;read s.1 50",
	     "got:s.1=150 a=100+2 b=100+2 a=0+8 got:s.1=50 b=0+8");
	CQES(SOCK "sqe a" MSG ";submit;read s.1 200", "got:s.1=100 a=100+2:ZC_DONE a=0+8:NOTIF_DONE");
	/* nothing sent: nobody has anything */
	CQES(SOCK "sqe a SEND_ZC fd=s.0 addr=m;submit", "a=0+2:ZC_DONE a=0+8:NOTIF_DONE");
	/* a request reads it */
	CQES(SOCK "sqe a" ZC ";sqe r RECV fd=s.1 addr=m+8192 len=100;submit", "a=100+2 r=100 a=0+8");
	CQES("sock s type=dgram zc=hold;mem m size=4096;sqe a" ZC ";sqe b" ZC ";submit;read s.1 10;reap;read s.1 1",
	     "got:s.1=10 a=100+2 b=100+2 a=0+8 got:s.1=1 b=0+8");
}

static void test_the_peer_goes(void **state)
{
	(void)state;
	CQES(SOCK "sqe a" ZC ";submit;close s.1", "a=100+2 a=0+8");
	CQES(SOCK "sqe a" ZC ";submit;exit;read s.1 100", "got:s.1=100");
	/* one that never reads keeps the ring alive, and that is no leak */
	CQES(SOCK "sqe a" ZC ";submit", "a=100+2");
}

static void test_report_usage(void **state)
{
	(void)state;
	CQES(SOCK "sqe a" ZC " ioprio=8;submit;read s.1 100", "got:s.1=100 a=100+2 a=0+8:NOTIF_DONE");
	CQES(COPY "sqe a" ZC " ioprio=8;submit", "a=100+2 a=-2147483648+8:NOTIF_COPIED");
	CQES(SOCK "sqe a SEND_ZC fd=s.0 addr=m ioprio=8;submit", "a=0+2 a=-2147483648+8:NOTIF_COPIED");
}

static void test_prep(void **state)
{
	(void)state;
	/* no notification yet: one CQE */
	CQES(SOCK "sqe a" ZC " flags=CQE_SKIP_SUCCESS;submit", "a=-22:PREP_ZC_SKIP");
	/* from then on two, as for every failure */
	CQES(SOCK "sqe a" ZC " ioprio=16;submit", "a=-22+2:PREP_ZC_FLAGS a=0+8");
	CQES(SOCK "sqe a" ZC " ioprio=4 buf_index=0;submit", "a=-14+2:PREP_ZC_FIXED a=0+8");
	CQES(SOCK "sqe a" MSG " off=1;submit", "a=-22+2:PREP_ZC_MSG_FIELDS a=0+8");
	CQES(SOCK "register buffers m:4096;sqe a" MSG " ioprio=4;submit", "a=-22+2:PREP_ZC_MSG_FIXED a=0+8");
	CQES(SOCK "sqe a SEND_ZC fd=s.0 addr=0xffff800000000000 len=8;submit", "a=-14+2:PREP_ZC_ADDR a=0+8");
	CQES(SOCK "sqe a SENDMSG_ZC fd=s.0 addr=1;submit", "a=-14+2:PREP_MSG_FAULT a=0+8");
	/* no buffer select, and a drain that a group buffer is not */
	CQES(SOCK "sqe a" ZC " flags=BUFFER_SELECT;submit", "a=-95:NO_BUFFER_SELECT");
	CQES("ring flags=IOPOLL;" SOCK "sqe a" ZC ";submit", "a=-22:NOT_POLLABLE");
}

static void test_issue_errors(void **state)
{
	(void)state;
	CQES("pipe p;mem m size=64;sqe a SEND_ZC fd=p.w addr=m len=8;submit", "a=-88+2:ZC_NOT_A_SOCKET a=0+8");
	/* AF_UNIX: no zero copy at all */
	CQES("sock s;mem m size=4096;sqe a" ZC ";submit", "a=-95+2:ZC_NO_SUPPORT a=0+8");
	CQES("sock s;mem m size=4096;sqe a" MSG ";submit", "a=-95+2:ZC_NO_SUPPORT a=0+8");
	CQES(SOCK "sqe a SEND_ZC fd=77 addr=m len=8;submit", "a=-9+2:NO_FILE a=0+8");
	CQES(SOCK "close s.1;sqe a" ZC " flags=IO_LINK;sqe n NOP;submit", "a=-32+2:ZC_ERROR a=0+8 n=-125");
	CQES(SOCK "sqe a SEND_ZC fd=s.0 addr=0x1000 len=8;submit", "a=-14+2:ZC_ERROR a=0+8");
	CQES(SOCK "sqe a" ZC " op_flags=0x40 ioprio=1;submit", "a=-11+2:ZC_POLL_FIRST a=0+8");
}

static void test_fixed_buffer(void **state)
{
	struct run r;

	(void)state;
	run(&r, SOCK "register buffers m+16:4096;sqe a SEND_ZC fd=s.0 addr=m+100 len=50 ioprio=4 buf_index=0;submit");
	run_cqes(&r, "a=50+2");
	run_bytes(&r, "s.1", "seq@100:50");
	run_free(&r);
	CQES(SOCK "register buffers m+16:64;sqe a SEND_ZC fd=s.0 addr=m len=50 ioprio=4 buf_index=0;submit",
	     "a=-14+2:ZC_FIXED_RANGE a=0+8");
}

static void test_retries(void **state)
{
	(void)state;
	/* WAITALL in pieces: one notification, when the last byte is gone */
	CQES("sock s sndbuf=4096 zc=hold;mem m size=16384;sqe a SEND_ZC fd=s.0 addr=m len=9000 op_flags=0x100;submit;"
	     "read s.1 4096;reap;read s.1 4096;reap;read s.1 807;reap;read s.1 1",
	     "got:s.1=4096 got:s.1=4096 a=9000+2:ZC_DONE got:s.1=807 got:s.1=1 a=0+8");
	CQES("sock s sndbuf=4096 zc=hold;mem m size=16384;sqe a SEND_ZC fd=s.0 addr=m len=9000;submit", "a=4096+2");
	/* cancelled while it waits: what it has sent counts, and is told of */
	CQES("sock s sndbuf=4096 zc=hold;mem m size=16384;sqe a SEND_ZC fd=s.0 addr=m len=9000 op_flags=0x100;submit;"
	     "sqe c ASYNC_CANCEL target=a;submit;reap;read s.1 4096",
	     "c=0 a=4096+2:SR_PARTIAL got:s.1=4096 a=0+8");
	CQES(SOCK "sqe a" ZC " ioprio=1;submit;read s.1 100", "got:s.1=100 a=100+2 a=0+8");
	/* in a worker the flush comes with the cleanup, behind the CQE */
	EVENTS(COPY "sqe a" ZC " flags=ASYNC;submit;wait 2;exit", "cqe tw_add@",
	       "cqe(a)=100:ZC_DONE tw_add(a)@io-wq tw_add(a)@task-work cqe(a)=0:NOTIF_DONE");
	CQES("sock s sndbuf=64 zc=hold;mem m size=4096;sqe a SEND_ZC fd=s.0 addr=m len=200 op_flags=0x100 flags=ASYNC;"
	     "submit;reap;read s.1 64;reap;read s.1 64;reap;read s.1 64;reap;read s.1 64",
	     "got:s.1=64 got:s.1=64 got:s.1=64 a=200+2 got:s.1=8 a=0+8");
}

static void test_chains(void **state)
{
	(void)state;
	CQES(COPY "sqe a" ZC " flags=IO_LINK;sqe b NOP;submit", "a=100+2 {b=0 a=0+8}");
	/* a chain that breaks: as posted, the notification comes without its MORE */
	CQES(COPY "sqe a NOP res=-5 flags=IO_LINK;sqe b" ZC ";submit", "a=-5 b=-125:LINK_BROKEN b=0+8");
	CQES(COPY "sqe a" ZC " flags=IO_LINK;sqe b BAD;submit", "a=-125+2:CHAIN_ASSEMBLY {b=-22 a=0+8}");
	/* a drain counts CQEs, and nobody has told it of the notification: as posted it waits for ever */
	CQES(COPY "sqe a" ZC ";submit;reap;sqe d NOP flags=IO_DRAIN;submit", "a=100+2 a=0+8");
}

static void test_D9_leader(void **state)
{
	(void)state;
	/* the notification is no part of the group, and comes before the CQE that announces it */
	CQES(COPY "sqe L" ZC " flags=SQE_GROUP;sqe b NOP;submit", "L=0+8 b=0 L=100+2");
	CQES(COPY "pipe p;sqe L" ZC " flags=SQE_GROUP;sqe b READ fd=p.r addr=m len=8;submit;reap;write p.w 8",
	     "L=0+8:NOTIF_DONE b=8 L=100+2:ZC_DONE");
	CQES(SOCK "pipe p;sqe L" ZC " flags=SQE_GROUP;sqe b READ fd=p.r addr=m len=8;submit;read s.1 100;reap;"
		  "write p.w 8",
	     "got:s.1=100 L=0+8:NOTIF_DONE b=8 L=100+2:ZC_DONE");
	/* a failing one has not flushed it: the cleanup does, which is the leader's last step */
	CQES("sock s;mem m size=4096;sqe L" ZC " flags=SQE_GROUP;sqe b NOP;submit",
	     "b=-125:LEADER_FAILED L=-95+2:ZC_NO_SUPPORT L=0+8");
}

static void test_D30_members(void **state)
{
	struct run r;

	(void)state;
	/* the bit is ignored, the user's memory is sent */
	run(&r, SOCK "lessor dev;sqe L LEASE fd=dev dir=source len=4096 flags=SQE_GROUP;sqe b SEND_ZC fd=s.0 addr=m+50 "
		     "len=10 flags=GROUP_BUF;submit");
	run_cqes(&r, "b=10+2 L=0");
	run_bytes(&r, "s.1", "seq@50:10");
	run_free(&r);
	CQES(SOCK "sqe L NOP flags=SQE_GROUP;sqe b" ZC " flags=GROUP_BUF|SQE_GROUP;sqe c" MSG " flags=GROUP_BUF;submit",
	     "b=100+2 c=100+2 L=0");
	/* a member that fails */
	CQES("sock s;mem m size=4096;sqe L NOP flags=SQE_GROUP|IO_LINK;sqe b" ZC ";sqe n NOP;submit",
	     "b=-95+2 L=0 {b=0+8 n=-125}");
	/* A9: the mark and the pointer to the registered buffer share a word */
	CQES(SOCK "register buffers m:4096;sqe L NOP flags=SQE_GROUP;sqe b" ZC " ioprio=4 flags=GROUP_BUF;submit",
	     "!wild-pointer(b)");
	CQES(SOCK "register buffers m:4096;sqe L NOP flags=SQE_GROUP;sqe b" ZC " ioprio=4;submit", "b=100+2 L=0");
	/* S2.29: executed although it was refused, without a notification */
	CQES(SOCK "register files s.0;sqe a NOP flags=IO_LINK;sqe L SEND_ZC fd=0 addr=m len=100 "
		  "flags=SQE_GROUP|CQE_SKIP_SUCCESS|FIXED_FILE;sqe b NOP;submit",
	     "!failed-request-runs(L) !null-deref(L)");
}

static void test_rings(void **state)
{
	(void)state;
	SPLIT(DTR COPY "sqe a" ZC ";submit;reap", "s: a=100+2 / a=0+8");
	CQES("ring entries=4 flags=SQPOLL;" COPY "sqe a" ZC ";submit;reap", "a=100+2 a=0+8");
	/* overflow keeps the order */
	CQES("ring entries=1 cq=1;" COPY "sqe a" ZC ";submit;reap", "a=100+2 a=0+8");
	CQES(SOCK "sqe a" ZC ";submit;die;read s.1 100;reap", "got:s.1=100 a=100+2 a=0+8");
	SEEDS(200, SOCK "sqe a" ZC " flags=ASYNC;sqe b" ZC ";submit;wait 2;read s.1 300;reap",
	      "{[a=100+2 a=0+8] [b=100+2 b=0+8] got:s.1=200}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two_cqes),     cmocka_unit_test(test_the_peer_goes),
		cmocka_unit_test(test_report_usage), cmocka_unit_test(test_prep),
		cmocka_unit_test(test_issue_errors), cmocka_unit_test(test_fixed_buffer),
		cmocka_unit_test(test_retries),	     cmocka_unit_test(test_chains),
		cmocka_unit_test(test_D9_leader),    cmocka_unit_test(test_D30_members),
		cmocka_unit_test(test_rings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
