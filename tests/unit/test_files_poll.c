/* SPDX-License-Identifier: MIT */
/* Multishot polls and updates (S8.22 to S8.25, S3.10), SHUTDOWN (S8.10), CLOSE (S8.38). */
#include "rules.h"

#define MULTI "fd=p.r op_flags=1 len=1"

/* S8.24: each event is a CQE with MORE; the poll goes on. A 6.18 host shows the same row. */
static void multishot(void **state)
{
	(void)state;
	CQES("pipe p;sqe q POLL_ADD " MULTI ";submit;write p.w 1;reap;write p.w 1;reap;close p.w;reap;"
	     "sqe r POLL_REMOVE target=q;submit",
	     "q=1+2:POLL_MULTI q=1+2:POLL_MULTI q=17+2:POLL_MULTI r=0:POLL_REMOVED q=-125:POLL_TAKEN");
	/* an event that is there already comes through task work too, not inline */
	CQES("pipe p;write p.w 1;sqe q POLL_ADD " MULTI ";sqe n NOP;submit", "n=0 q=1+2:POLL_MULTI");
	/* only what was asked for */
	CQES("sock s;sqe q POLL_ADD fd=s.0 op_flags=1 len=1;submit;read s.1 1;write s.1 5;reap", "got:s.1=-11 q=1+2");
	/* a file that cannot be waited for completes inline, once */
	CQES("file f size=1;sqe q POLL_ADD fd=f op_flags=1 len=1;submit", "q=1:POLL_READY");
	/* two events before the task work runs are one CQE with what is there then (S3.10, S3.11) */
	CQES(DTR "pipe p;sqe q POLL_ADD " MULTI ";submit;write p.w 1;close p.w;reap", "q=17+2");
	/* ... and none if it has gone again */
	CQES(DTR "pipe p;sqe q POLL_ADD " MULTI ";submit;write p.w 1;write p.w 1;read p.r 2;reap", "got:p.r=2");
}

/* S8.22: MULTI cannot be silent; S5.13: an event that does not fit ends the poll with an overflowing CQE. */
static void multishot_ends(void **state)
{
	(void)state;
	CQES("pipe p;sqe q POLL_ADD " MULTI " flags=CQE_SKIP_SUCCESS;submit", "q=-22:PREP_POLL_SKIP");
	CQES("pipe p;sqe q POLL_ADD fd=p.r op_flags=1 len=2;submit", "q=-22:PREP_POLL_FLAGS");
	CQES("ring entries=2 cq=2;pipe p;sqe q POLL_ADD " MULTI ";submit;sqe a NOP;sqe b NOP;submit;write p.w 1;"
	     "write p.w 1;reap",
	     "a=0 b=0 q=1:POLL_EVENT");
	CQES("pipe p;sqe q POLL_ADD " MULTI ";submit;sqe c ASYNC_CANCEL target=q;submit", "c=0 q=-125:POLL_CANCELED");
	EVENTS("pipe p;sqe q POLL_ADD " MULTI ";submit;exit", "cqe", "cqe(q)=-125:POLL_TASK_DEAD");
}

/* I40: a leader's auxiliary CQEs come before its members run; the final one is the last of the group. */
static void multishot_leader(void **state)
{
	(void)state;
	CQES("pipe p;sqe q POLL_ADD " MULTI " flags=SQE_GROUP;sqe m NOP;submit;write p.w 1;reap;"
	     "sqe c ASYNC_CANCEL target=q;submit",
	     "q=1+2:POLL_MULTI c=0 m=-125:LEADER_FAILED q=-125:POLL_CANCELED");
}

/* S8.25: new events, a new user_data, both; what does not fit together is refused. */
static void updates(void **state)
{
	(void)state;
	CQES("sock s;sqe q POLL_ADD fd=s.0 op_flags=1;submit;sqe r POLL_REMOVE target=q len=2 "
	     "op_flags=0x2000;submit;reap;"
	     "write s.1 3;reap;shutdown s.1",
	     "r=0:POLL_UPDATED q=8208:POLL_EVENT");
	CQES("pipe p;sqe n NOP;sqe q POLL_ADD fd=p.r op_flags=1;submit;sqe r POLL_REMOVE target=q new=n len=4;submit;"
	     "write p.w 1;reap;sqe x POLL_REMOVE target=q;submit",
	     "n=0 r=0:POLL_UPDATED n=1:POLL_EVENT x=-2:POLL_NOT_FOUND");
	/* the event asked for now is there: the poll completes, after the update */
	CQES("sock s;sqe q POLL_ADD fd=s.0 op_flags=1;submit;sqe r POLL_REMOVE target=q len=2 op_flags=4;submit",
	     "r=0 q=4:POLL_READY");
	/* a multishot one stays one */
	CQES("sock s;sqe q POLL_ADD fd=s.0 op_flags=1 len=1;submit;sqe r POLL_REMOVE target=q len=2 op_flags=4;submit",
	     "r=0 q=4+2:POLL_MULTI");
	CQES("sqe a NOP;sqe r POLL_REMOVE target=a len=1;submit", "a=0 r=-22:PREP_POLL_UPDATE");
	CQES("sqe a NOP;sqe r POLL_REMOVE target=a len=8;submit", "a=0 r=-22:PREP_POLL_UPDATE");
	CQES("sqe a NOP;sqe r POLL_REMOVE target=a len=4 op_flags=1;submit", "a=0 r=-22:PREP_POLL_NO_UPDATE");
	CQES("sqe a NOP;sqe r POLL_REMOVE target=a new=a len=2;submit", "a=0 r=-22:PREP_POLL_NO_UPDATE");
	/* just firing: its task work is queued (DTR keeps it there) */
	CQES(DTR "pipe p;sqe q POLL_ADD fd=p.r op_flags=1;submit;write p.w 1;sqe r POLL_REMOVE target=q;submit",
	     "r=-114:POLL_FIRING q=1");
}

/* S3.9, S3.10: exclusive waiters stand behind all others; one event wakes the others and the first of them. */
static void exclusive(void **state)
{
	(void)state;
	CQES("pipe p;sqe a POLL_ADD fd=p.r op_flags=0x10000001;sqe b POLL_ADD fd=p.r op_flags=0x10000001;"
	     "sqe c POLL_ADD fd=p.r op_flags=1;submit;write p.w 1;reap;sqe n NOP;submit;reap;write p.w 1;reap",
	     "c=1 a=1 n=0 b=1");
	/* who does not want the event does not use it up */
	CQES("sock s;sqe a POLL_ADD fd=s.0 op_flags=0x10002000;sqe b POLL_ADD fd=s.0 op_flags=0x10000001;submit;"
	     "write s.1 1;reap;shutdown s.1",
	     "b=1 a=8208");
	/* a hang-up is for everybody */
	CQES("pipe p;sqe a POLL_ADD fd=p.r op_flags=0x10000001;sqe b POLL_ADD fd=p.r op_flags=0x10000001;submit;close "
	     "p.w",
	     "a=16 b=16");
}

/* S8.10: runs in io-wq; what the socket answers is no failure, a file that is none is (a 6.18 host agrees). */
static void shutdowns(void **state)
{
	(void)state;
	CQES("sock s;sqe a SHUTDOWN fd=s.0 len=2 flags=IO_LINK;sqe n NOP;sqe b NOP;submit;reap;write s.1 1",
	     "b=0 a=0:SHUTDOWN_DONE n=0 wrote:s.1=-32");
	CQES("sock s;sqe a SHUTDOWN fd=s.0 len=7 flags=IO_LINK;sqe n NOP;submit", "a=-22:SHUTDOWN_HOW n=0");
	CQES("file f size=1;sqe a SHUTDOWN fd=f len=2 flags=IO_LINK;sqe n NOP;submit",
	     "a=-88:SHUTDOWN_NOT_A_SOCKET n=-125");
	/* one direction only */
	CQES("sock s;sqe a SHUTDOWN fd=s.0 len=1;submit;reap;write s.0 1;write s.1 1;read s.0 1;read s.1 1",
	     "a=0 wrote:s.0=-32 got:s.0=1 got:s.1=0");
	CQES("sock s;sqe a SHUTDOWN fd=s.0 len=0;submit;reap;write s.1 1;read s.0 1;write s.0 1;read s.1 1",
	     "a=0 wrote:s.1=-32 got:s.0=0 got:s.1=1");
	CQES(ALL "sock s;sqe a SHUTDOWN fd=s.0 off=1;sqe b SHUTDOWN fd=s.0 addr=1;sqe c SHUTDOWN fd=s.0 op_flags=1;"
		 "sqe d SHUTDOWN fd=s.0 buf_index=1;submit",
	     "a=-22:PREP_SHUTDOWN b=-22 c=-22 d=-22");
	/* it wakes who waits there */
	CQES("mem m size=64;sock s;sqe r RECV fd=s.1 addr=m len=9;submit;sqe a SHUTDOWN fd=s.0 len=1;submit",
	     "{ a=0 r=0:RECV_EOF }");
}

/* S8.38 */
static void closes(void **state)
{
	(void)state;
	CQES("pipe p;sqe a CLOSE fd=p.w;sqe b NOP;submit;reap;read p.r 1;write p.w 1",
	     "a=0:CLOSE_DONE b=0 got:p.r=0 wrote:p.w=-9");
	/* errors set FAIL */
	CQES("sqe a CLOSE fd=77 flags=IO_LINK;sqe b NOP;submit", "a=-9:CLOSE_BAD_FD b=-125");
	CQES("pipe p;sqe a CLOSE fd=p.w flags=IO_LINK;sqe b CLOSE fd=p.w;submit", "a=0 b=-9");
	CQES("pipe p;sqe a CLOSE fd=p.w flags=FIXED_FILE;submit", "a=-9:PREP_CLOSE_FIXED");
	CQES(ALL "pipe p;sqe a CLOSE fd=p.w off=1;sqe b CLOSE fd=p.w addr=1;sqe c CLOSE fd=p.w len=1;"
		 "sqe d CLOSE fd=p.w op_flags=1;sqe e CLOSE fd=p.w buf_index=1;submit",
	     "a=-22:PREP_CLOSE b=-22 c=-22 d=-22 e=-22");
	/* a flush method: from io-wq only */
	CQES("file f size=1 flush=1;sqe a CLOSE fd=f;sqe b NOP;submit", "b=0 a=0:CLOSE_DONE");
	/* who waits on the file holds it: the end is closed when that is over */
	CQES("mem m size=64;pipe p;sqe r READ fd=p.r addr=m len=4;sqe a CLOSE fd=p.r;submit;write p.w 4;reap;write p.w "
	     "4",
	     "a=0 r=4 wrote:p.w=-32");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(multishot), cmocka_unit_test(multishot_ends), cmocka_unit_test(multishot_leader),
		cmocka_unit_test(updates),   cmocka_unit_test(exclusive),      cmocka_unit_test(shutdowns),
		cmocka_unit_test(closes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
