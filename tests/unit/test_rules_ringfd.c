/* SPDX-License-Identifier: MIT */
/* The ring as a file of its own requests: polling it, and tracking what holds it (I61, S9.8). */
#include "rules.h"

#define PIPE "pipe p;mem m size=64;"
#define READ " READ fd=p.r addr=m len=16"
#define POLL " POLL_ADD fd=ring op_flags=1"
/* A leader that has the ring's file and is done, and a member that waits. */
#define D4 PIPE "sqe L POLL_ADD fd=ring op_flags=4 flags=SQE_GROUP;sqe b" READ ";submit;"

static void test_polling(void **state)
{
	(void)state;
	/* the next CQE is the event */
	CQES("sqe q" POLL ";submit;reap;sqe n NOP;submit", "n=0 q=1:POLL_EVENT");
	/* room in the queue there is, unless it is full */
	CQES("sqe q POLL_ADD fd=ring op_flags=4;submit", "q=4:POLL_READY");
	CQES("ring entries=1;sqe q POLL_ADD fd=ring op_flags=5;submit;reap;sqe n NOP;submit", "q=4:POLL_READY n=0");
	CQES("sqe n NOP;submit;sqe q" POLL ";submit", "n=0 q=1:POLL_READY");
	/* its own CQE would be the next event: a multishot poll ends with its first one */
	CQES("sqe q" POLL " len=1;submit;reap;sqe n NOP;submit;sqe o NOP;submit", "n=0 q=1 o=0");
	CQES("sqe q" POLL ";submit;reap;sqe k ASYNC_CANCEL target=q;submit", "k=0 q=-125:POLL_CANCELED");
	/* local task work is an event as well */
	SPLIT(DTR PIPE "sqe q" POLL ";sqe r" READ ";submit;write p.w 16;reap", "s: none / r=16 q=1");
}

static void test_what_the_ring_cannot(void **state)
{
	(void)state;
	/* it is waited for first: nobody knows whether a read would block */
	CQES(PIPE "sqe a READ fd=ring addr=m len=8;submit;reap;sqe n NOP;submit", "n=0 a=-22:RW_NO_METHOD");
	CQES(PIPE "sqe a WRITE fd=ring addr=m len=8;submit", "a=-22:RW_NO_METHOD");
	CQES(PIPE "sqe a RECV fd=ring addr=m len=8;submit", "a=-88:RECV_NOT_A_SOCKET");
	CQES("sqe a UBLK_FETCH fd=ring tag=0;submit", "a=-95:CMD_NO_METHOD");
	CQES("sqe a FSYNC fd=ring;submit", "a=-22:FSYNC_NO_METHOD");
	CQES("sqe a CLOSE fd=ring;submit", "a=-9:CLOSE_BAD_FD");
	CQES("register files ring;sqe a NOP;submit", "a=0");
	EVENTS("register files ring", "registered", "registered=-9");
	CQES(ALL "sqe q" POLL ";submit;reap;sqe k ASYNC_CANCEL fd=ring op_flags=2;submit", "k=0 q=-125:POLL_CANCELED");
}

static void test_the_ring_stays_open(void **state)
{
	(void)state;
	/* a request on the ring holds it beyond the close, until the process exits and cancels it */
	EVENTS("sqe q" POLL ";submit;exit", "dying free task_exit stuck", "task_exit=0 dying=0 free(q)=0");
	EVENTS("sqe n NOP;submit;exit", "dying free", "free(n)=0 dying=0");
	EVENTS(PIPE "sqe q" POLL " flags=IO_LINK;sqe n NOP;sqe r" READ ";submit;exit", "dying free",
	       "dying=0 free(q)=0 free(n)=0 free(r)=0");
	EVENTS(DTR "sqe q" POLL ";submit;exit", "dying free stuck", "dying=0 free(q)=0");
	EVENTS("ring flags=SQPOLL;sqe q" POLL ";submit;reap;exit", "dying free stuck", "dying=0 free(q)=0");
}

static void test_S9_8_task_exit(void **state)
{
	(void)state;
	/* only what holds the ring is cancelled and waited for */
	CQES(PIPE "sqe q" POLL ";sqe r" READ ";submit;die;reap;write p.w 16;reap",
	     "q=-125:POLL_CANCELED r=-125:POLL_TASK_DEAD");
	CQES(PIPE "sqe L" POLL " flags=SQE_GROUP;sqe b" READ ";submit;die;reap",
	     "b=-125:LEADER_FAILED L=-125:POLL_CANCELED");
	CQES(PIPE "sqe L NOP flags=SQE_GROUP;sqe b" POLL ";submit;die;reap", "b=-125:POLL_CANCELED L=0");
	CQES(PIPE "sqe a READ fd=ring addr=m len=8 flags=ASYNC;submit;reap;die;reap", "a=-125:POLL_CANCELED");
	CQES(DTR PIPE "sqe q" POLL ";sqe r" READ ";submit;die;reap", "q=-125:POLL_CANCELED");
}

static void test_D4_a_leader_nobody_finds(void **state)
{
	struct run r;

	(void)state;
	run(&r, D4 "die;reap");
	run_cqes(&r, "stuck !leak(L)");
	run_free(&r);
	CQES(D4 "exit", "stuck !leak(L)");
	CQES(DTR D4 "reap;exit", "stuck !leak(L)");
	/* what the member waits for comes in time */
	CQES(D4 "write p.w 16;die;reap", "b=16 L=4");
	/* while the task waits, the outside goes on: here it does not, for the trace is the task's */
	CQES(PIPE "sqe L POLL_ADD fd=ring op_flags=4 flags=SQE_GROUP;sqe b TIMEOUT ms=100;submit;die;reap",
	     "b=-62 L=4");
	/* exec cancels everything, the member included */
	CQES(D4 "exec;reap", "b=-125:POLL_CANCELED L=4:POLL_READY");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_polling),
		cmocka_unit_test(test_what_the_ring_cannot),
		cmocka_unit_test(test_the_ring_stays_open),
		cmocka_unit_test(test_S9_8_task_exit),
		cmocka_unit_test(test_D4_a_leader_nobody_finds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
