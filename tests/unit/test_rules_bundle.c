/* SPDX-License-Identifier: MIT */
/* BUNDLE: several provided buffers for one SEND or RECV (S8.11, S8.41). */
#include "rules.h"

/* m is sent, r is received into; group 1 lies in m, group 2 in r. */
#define MEM   "sock s;mem m size=8192;mem r size=8192 fill=0xEE;"
#define INQ   "sock s inq=1;mem m size=8192;mem r size=8192 fill=0xEE;"
#define RINGS "buffers 1 entries=8;buffers 2 entries=8;"
#define TX    "sqe a SEND fd=s.0 ioprio=16 buf_group=1 flags=BUFFER_SELECT"
#define RX    "sqe b RECV fd=s.1 ioprio=16 buf_group=2 flags=BUFFER_SELECT"
/* CQE flags: 1 is BUFFER, with the id in the upper half; 2 MORE, 4 SOCK_NONEMPTY, 16 BUF_MORE. */

static void test_S8_41_send(void **state)
{
	struct run r;

	(void)state;
	/* everything there is, in one call and one CQE, which names the first one */
	run(&r, MEM RINGS "provide 1 m+64:100 bid=5 n=4;" TX ";submit;read s.1 4096");
	run_cqes(&r, "got:s.1=400 a=400+50001:SEND_DONE");
	run_events(&r, "select", "select(a)=5");
	run_free(&r);
	/* len ends in front of the buffer that is too long for it, and is forgotten for the rest */
	CQES(MEM RINGS "provide 1 m:100 n=4;" TX " len=150;submit", "a=100+3 a=300+10001");
	/* more buffers than one call takes come as another CQE */
	CQES(MEM "buffers 1 entries=512;provide 1 m:10 n=300;" TX ";submit",
	     "a=2560+3:SEND_DONE a=440+1000001:SEND_DONE");
	/* buffers of different lengths */
	run(&r, MEM RINGS "provide 1 m:10;provide 1 m+1000:3 bid=1;provide 1 m+500:7 bid=2;" TX ";submit");
	run_cqes(&r, "a=20+1");
	run_bytes(&r, "s.1", "seq@0:10 seq@1000:3 seq@500:7");
	run_free(&r);
	/* legacy buffers come one by one, each with its CQE */
	CQES(MEM "sqe p PROVIDE_BUFFERS fd=3 addr=m len=50 off=7 buf_group=1;" TX ";submit",
	     "p=0 a=50+70003 a=50+80003 a=50+90001");
}

static void test_S8_41_send_ends(void **state)
{
	(void)state;
	CQES(MEM TX ";submit", "a=-2:SEND_NO_GROUP");
	CQES(MEM RINGS TX ";submit", "a=-105:SEND_NO_BUFFERS");
	/* without room: what went before the wait is one CQE with all of it, and the bundle ends there */
	CQES("sock s sndbuf=4096;mem m size=16384;" RINGS "provide 1 m:2048 n=4;" TX ";submit;read s.1 4096;reap;"
	     "read s.1 4096",
	     "got:s.1=4096 a=8192+1:SEND_DONE got:s.1=4096");
	CQES("sock s sndbuf=4096;mem m size=16384;" RINGS "provide 1 m:2048 n=4;" TX
	     ";submit;sqe c ASYNC_CANCEL target=a;"
	     "submit",
	     "c=0 a=4096+1:SR_PARTIAL");
	CQES(MEM RINGS "close s.1;provide 1 m:100 n=4;" TX ";submit", "a=-32+1:SEND_ERROR");
	/* a worker runs none: it may wait for its file, which can be written already */
	CQES(MEM RINGS
	     "provide 1 m:100 n=4;sqe a SEND fd=s.0 ioprio=16 buf_group=1 flags=BUFFER_SELECT|ASYNC;submit;reap",
	     "a=-125:MSHOT_WORKER");
	CQES("ring cq=1 entries=1;" MEM "buffers 1 entries=512;provide 1 m:10 n=300;" TX ";submit;reap",
	     "a=2560+3 a=440+1000001");
	/* the CQ is full: the bundle ends with what it has */
	CQES("ring cq=1 entries=1;" MEM "buffers 1 entries=1024;provide 1 m:4 n=700;sqe n NOP;submit;" TX
	     ";submit;reap",
	     "n=0 a=1024+1");
}

static void test_S8_41_incremental(void **state)
{
	(void)state;
	CQES(MEM "buffers 1 entries=4 inc=1;provide 1 m:100 n=2;" TX " len=150;submit", "a=150+11");
	CQES(MEM "buffers 2 entries=4 inc=1;provide 2 r:100 n=2;write s.0 150;" RX " len=150;submit", "b=150+11");
	/* what is left of the second one comes next */
	CQES(MEM "buffers 2 entries=4 inc=1;provide 2 r:100 n=2;write s.0 150;" RX " len=120;sqe c RECV fd=s.1 "
		 "ioprio=16 buf_group=2 flags=BUFFER_SELECT;submit",
	     "b=120+11 c=30+10011");
}

static void test_S8_41_receive(void **state)
{
	struct run r;

	(void)state;
	/* len says how many buffers are worth a look */
	run(&r, MEM RINGS "provide 2 r:64 bid=3 n=8;write s.0 300;" RX " len=200;submit");
	run_cqes(&r, "b=192+30001:RECV_DONE");
	run_bytes(&r, "r", "seq@0:192 xee:8000");
	run_free(&r);
	CQES(MEM RINGS "provide 2 r:64 bid=3 n=8;write s.0 70;" RX " len=192;submit;sqe c RECV fd=s.1 ioprio=16 "
		       "buf_group=2 flags=BUFFER_SELECT;submit;write s.0 10",
	     "b=70+30001 c=10+50001");
	/* AF_UNIX does not say how much is there, so without len it is one buffer */
	CQES(MEM RINGS "provide 2 r:64 n=8;write s.0 300;" RX ";submit", "b=64+1");
	CQES(MEM RX ";submit", "b=-2:RECV_NO_GROUP");
	CQES(MEM RINGS RX ";submit", "b=-105:RECV_NO_BUFFERS");
	CQES(MEM RINGS "provide 2 0xffff800000000000:64;write s.0 300;" RX ";submit", "b=-14:RECV_BUFFER_ADDR");
	CQES(MEM "sqe p PROVIDE_BUFFERS fd=2 addr=r len=50 off=7 buf_group=2;write s.0 80;" RX " len=80;submit",
	     "p=0 b=50+70001");
	/* nothing there: the buffers stay where they are */
	CQES(MEM RINGS "provide 2 r:64 n=2;" RX
		       " len=128;sqe c RECV fd=s.1 len=9 buf_group=2 flags=BUFFER_SELECT;submit;"
		       "write s.0 8",
	     "c=8+1");
	/* a worker takes one at a time */
	CQES(MEM RINGS "provide 2 r:64 n=8;write s.0 300;sqe b RECV fd=s.1 len=200 ioprio=16 buf_group=2 "
		       "flags=BUFFER_SELECT|ASYNC;submit;wait 1",
	     "b=64+1");
	/* MSG_WAITALL does not go on behind several buffers */
	CQES(MEM RINGS "provide 2 r:64 n=8;write s.0 100;" RX " len=200 op_flags=0x100;submit;reap", "b=100+1");
}

static void test_S8_41_receive_more(void **state)
{
	struct run r;

	(void)state;
	/* a socket that says what is left: the bundle goes on once, in the same CQE */
	run(&r, INQ RINGS "provide 2 r:64 n=8;write s.0 300;" RX ";submit");
	run_cqes(&r, "b=256+5:RECV_DONE");
	run_bytes(&r, "r", "seq@0:256 xee:7936");
	run_free(&r);
	CQES(INQ RINGS "provide 2 r:64 n=3;write s.0 300;" RX ";submit", "b=192+5:RECV_DONE");
	CQES(INQ RINGS "provide 2 r:64 n=8;write s.0 300;" RX " len=128;submit", "b=256+5");
	/* not behind a buffer that is cut */
	CQES(INQ RINGS "provide 2 r:64 n=8;write s.0 300;" RX " len=100;submit", "b=64+5");
	CQES(INQ "write s.0 30;sqe b RECV fd=s.1 addr=r len=10;submit", "b=10+4");
	CQES(INQ "write s.0 10;sqe b RECV fd=s.1 addr=r len=10;submit", "b=10");
	/* behind the last byte comes the end */
	CQES(INQ "write s.0 10;shutdown s.0;sqe b RECV fd=s.1 addr=r len=10;submit", "b=10+4");
}

static void test_S8_41_multishot(void **state)
{
	(void)state;
#define MSHOT "sqe b RECV fd=s.1 ioprio=18 buf_group=2 flags=BUFFER_SELECT"
	CQES(INQ RINGS "provide 2 r:64 n=8;" MSHOT ";submit;write s.0 200;reap;write s.0 10",
	     "b=192+7 b=8+30003 b=10+40003");
	CQES(INQ RINGS "provide 2 r:64 n=2;" MSHOT ";submit;write s.0 200", "b=128+5");
	CQES(MEM RINGS "provide 2 r:64 n=8;" MSHOT ";submit;write s.0 100", "b=64+3 b=36+10003");
	/* a plain multishot receive asks again only if there is more */
	CQES(INQ RINGS "provide 2 r:64 n=8;sqe b RECV fd=s.1 ioprio=2 buf_group=2 flags=BUFFER_SELECT;submit;"
		       "write s.0 100;reap",
	     "b=64+7 b=36+10003");
#undef MSHOT
}

static void test_S8_11_prep(void **state)
{
	(void)state;
	CQES(MEM "sqe a SEND fd=s.0 addr=m len=8 ioprio=16;submit", "a=-22:PREP_SEND_BUNDLE");
	/* a receive without buffer select has nothing to bundle */
	CQES(MEM "write s.1 8;sqe a RECV fd=s.0 addr=r len=8 ioprio=16;submit", "a=8");
	CQES(MEM "sqe a SENDMSG fd=s.0 iov=m:8 ioprio=16;submit", "a=-22:PREP_SENDMSG_BUNDLE");
}

static void test_groups(void **state)
{
	(void)state;
	CQES(MEM RINGS
	     "provide 1 m:100 n=4;sqe L SEND fd=s.0 ioprio=16 buf_group=1 flags=BUFFER_SELECT|SQE_GROUP;sqe x NOP;"
	     "submit",
	     "x=0 L=400+1");
	CQES(MEM RINGS "provide 1 m:100 n=4;sqe L NOP flags=SQE_GROUP;sqe x SEND fd=s.0 ioprio=16 buf_group=1 "
		       "flags=BUFFER_SELECT;submit",
	     "x=400+1 L=0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_S8_41_send),	   cmocka_unit_test(test_S8_41_send_ends),
		cmocka_unit_test(test_S8_41_incremental),  cmocka_unit_test(test_S8_41_receive),
		cmocka_unit_test(test_S8_41_receive_more), cmocka_unit_test(test_S8_41_multishot),
		cmocka_unit_test(test_S8_11_prep),	   cmocka_unit_test(test_groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
