/* SPDX-License-Identifier: MIT */
/* Section 9.1 of semantics.md: ASYNC_CANCEL. */
#include "rules.h"

#define WORLD "pipe p;pipe q;sock s;lessor dev;file f size=4096;file d size=64 direct=1;mem m size=4096;"
#define READ  " READ fd=p.r addr=m len=16"
#define RECV  " RECV fd=s.0 addr=m len=16"
#define NEXT  " flags=IO_LINK;sqe n NOP;"
#define CUT   " flags=IO_LINK;submit;" /* a chain cut by the end of the batch: its worker really blocks */

/* cancel_flags */
#define ANY_ONE	 " op_flags=4"
#define ALL_OF	 " op_flags=1"
#define BY_FD	 " op_flags=2"
#define BY_OP	 " op_flags=32"
#define ALL_FD	 " op_flags=3"
#define ALL_OP	 " op_flags=33"
#define OP_READ	 " len=22"
#define OP_RECV	 " len=27"
#define OP_TIMER " len=11"

static void test_S8_7_prep(void **state)
{
	(void)state;
	CQES(ALL "sqe a ASYNC_CANCEL addr=1 flags=BUFFER_SELECT;sqe b ASYNC_CANCEL addr=1 off=1;"
		 "sqe c ASYNC_CANCEL addr=1 op_flags=64;sqe d ASYNC_CANCEL op_flags=6;sqe e ASYNC_CANCEL op_flags=36;"
		 "sqe f ASYNC_CANCEL addr=1 ioprio=1;submit",
	     "a=-95:NO_BUFFER_SELECT b=-22:PREP_CANCEL_FIELDS c=-22:PREP_CANCEL_FLAGS d=-22:PREP_CANCEL_FLAGS "
	     "e=-22:PREP_CANCEL_FLAGS f=-22:BAD_IOPRIO");
}

/* ---- keys ---- */

static void test_S9_1_by_user_data(void **state)
{
	(void)state;
	CQES(WORLD "sqe a" READ ";sqe b" READ ";submit;sqe c ASYNC_CANCEL target=b;submit", "c=0:CANCEL_DONE b=-125");
	CQES(WORLD "sqe a" READ ";sqe b" READ ";submit;sqe c ASYNC_CANCEL target=b op_flags=16;submit", "c=0 b=-125");
	CQES(WORLD "sqe a" READ ";submit;sqe c ASYNC_CANCEL addr=77;submit", "c=-2:CANCEL_NOT_FOUND");
}

static void test_S9_1_by_file(void **state)
{
	(void)state;
	/* one of them, all of them */
	CQES(WORLD "sqe a" READ ";sqe b" RECV ";sqe x" READ ";submit;sqe c ASYNC_CANCEL fd=s.0" BY_FD ";submit",
	     "c=0 b=-125");
	CQES(WORLD "sqe a" READ ";sqe b" RECV ";sqe x" READ ";submit;sqe c ASYNC_CANCEL fd=p.r" BY_FD ";submit",
	     "c=0 a=-125");
	CQES(WORLD "sqe a" READ ";sqe b" RECV ";sqe x" READ ";submit;sqe c ASYNC_CANCEL fd=p.r" ALL_FD ";submit",
	     "c=2:CANCEL_COUNT a=-125 x=-125");
	/* the other end is another file */
	CQES(WORLD "sqe a" READ ";submit;sqe c ASYNC_CANCEL fd=p.w" BY_FD ";submit", "c=-2");
	/* no such file, and no table of fixed ones */
	CQES(ALL WORLD "sqe a" READ ";submit;sqe c ASYNC_CANCEL fd=99" BY_FD NEXT
		       "sqe e ASYNC_CANCEL fd=p.r op_flags=10;sqe g ASYNC_CANCEL fd=p.r flags=FIXED_FILE" BY_FD
		       ";submit",
	     "c=-9:CANCEL_BAD_FD e=-9:CANCEL_BAD_FD g=-9:CANCEL_BAD_FD n=-125");
}

static void test_S9_1_by_opcode(void **state)
{
	(void)state;
	CQES(WORLD "sqe a" READ ";sqe b" RECV ";submit;sqe c ASYNC_CANCEL" OP_RECV BY_OP ";submit", "c=0 b=-125");
	CQES(WORLD "sqe a" READ ";sqe b" READ ";sqe y TIMEOUT ms=900;submit;sqe c ASYNC_CANCEL" OP_READ ALL_OP
		   ";submit",
	     "c=2 a=-125 b=-125");
	CQES(WORLD "sqe a" READ ";sqe y TIMEOUT ms=900;submit;sqe c ASYNC_CANCEL" OP_TIMER BY_OP ";submit",
	     "c=0 y=-125:TIMEOUT_CANCELED");
}

static void test_S9_1_combinations_must_all_match(void **state)
{
	(void)state;
	/* FD and OP; FD and USERDATA; OP and USERDATA */
	CQES(WORLD "sqe a" READ ";sqe b" RECV ";submit;sqe c ASYNC_CANCEL fd=p.r" OP_RECV " op_flags=34;submit",
	     "c=-2");
	CQES(WORLD "sqe a" READ ";sqe b" RECV ";submit;sqe c ASYNC_CANCEL fd=s.0" OP_RECV " op_flags=34;submit",
	     "c=0 b=-125");
	CQES(WORLD "sqe a" READ ";sqe b" READ ";submit;sqe c ASYNC_CANCEL fd=p.r target=b op_flags=18;submit",
	     "c=0 b=-125");
	CQES(WORLD "sqe a" READ ";sqe b" READ ";submit;sqe c ASYNC_CANCEL fd=s.0 target=b op_flags=18;submit", "c=-2");
	CQES(WORLD "sqe a" READ ";sqe b" RECV ";submit;sqe c ASYNC_CANCEL target=a" OP_RECV " op_flags=48;submit",
	     "c=-2");
}

static void test_S9_1_any_and_all(void **state)
{
	(void)state;
	CQES(WORLD "sqe y TIMEOUT ms=900;sqe a" READ ";sqe b" RECV ";submit;sqe c ASYNC_CANCEL" ANY_ONE ";submit",
	     "c=3 a=-125 b=-125 y=-125");
	CQES(WORLD "sqe a" READ ";submit;sqe c ASYNC_CANCEL target=a" ALL_OF ";submit", "c=1 a=-125");
	/* nothing found is no failure there */
	CQES("sqe c ASYNC_CANCEL" ANY_ONE NEXT "submit", "c=0:CANCEL_COUNT n=0");
	CQES("sqe c ASYNC_CANCEL addr=77" ALL_OF NEXT "submit", "c=0 n=0");
	CQES("sqe c ASYNC_CANCEL addr=77" NEXT "submit", "c=-2 n=-125");
}

static void test_S9_2_timeouts_have_no_file(void **state)
{
	(void)state;
	CQES(WORLD "sqe y TIMEOUT ms=900;sqe a" READ ";submit;sqe c ASYNC_CANCEL fd=p.r" ALL_FD ";submit",
	     "c=1 a=-125");
}

/* ---- what happens to a match ---- */

static void test_S9_4_the_cancel_comes_first(void **state)
{
	(void)state;
	EVENTS(WORLD "sqe a" READ ";submit;sqe c ASYNC_CANCEL target=a;submit", "cancel+ tw_add cqe",
	       "tw_add(a)=POLL cancel(a,c)=0,0,0 cqe(c)=0 cqe(a)=-125");
	SPLIT(DTR WORLD "sqe a" READ ";submit;sqe c ASYNC_CANCEL target=a;submit", "s: none s: c=0 / a=-125");
}

static void test_S9_5_polled(void **state)
{
	struct run r;

	(void)state;
	CQES(WORLD "sqe a" READ NEXT "submit;sqe c ASYNC_CANCEL target=a;submit", "c=0 a=-125:POLL_CANCELED n=-125");
	/* woken but not yet run: still there, and the data stays where it is */
	run(&r, DTR WORLD "sqe a" READ ";submit;write p.w 16;sqe c ASYNC_CANCEL target=a;submit");
	run_cqes(&r, "c=0 a=-125:POLL_CANCELED");
	run_bytes(&r, "p.r", "seq@0:16");
	run_free(&r);
	/* and twice */
	CQES(DTR WORLD "sqe a" READ ";submit;sqe c ASYNC_CANCEL target=a;sqe e ASYNC_CANCEL target=a;submit",
	     "c=0 e=0 a=-125");
	CQES(DTR WORLD "sqe a" READ ";submit;sqe c ASYNC_CANCEL" ANY_ONE ";sqe e ASYNC_CANCEL" ANY_ONE ";submit",
	     "c=1 e=1 a=-125");
}

static void test_S9_5_pending_in_io_wq(void **state)
{
	(void)state;
	CQES("sqe a NOP flags=ASYNC|IO_LINK;sqe n NOP;sqe c ASYNC_CANCEL target=a;submit",
	     "c=0 a=-125:WORK_CANCELED n=-125");
	CQES("sqe a NOP flags=ASYNC|IO_HARDLINK;sqe n NOP;sqe c ASYNC_CANCEL target=a;submit", "c=0 a=-125 n=0");
	/* counted already, because of its timeout */
	CQES(WORLD "sqe a" READ " flags=ASYNC|IO_LINK;sqe t LINK_TIMEOUT ms=900;submit;write p.w 16;wait 2",
	     "a=16 t=-125");
	/* hashed items too, wherever in the queue */
	CQES(WORLD "sqe a WRITE fd=f addr=m len=4 flags=ASYNC;sqe b WRITE fd=f addr=m len=4;sqe e NOP flags=ASYNC;"
		   "sqe c ASYNC_CANCEL target=b;submit",
	     "c=0 {b=-125 a=4 e=0}");
}

static void test_S9_3_all_pending_items_are_one_step(void **state)
{
	(void)state;
	CQES("sqe a NOP flags=ASYNC;sqe b NOP flags=ASYNC;sqe e NOP flags=ASYNC;sqe c ASYNC_CANCEL" ANY_ONE ";submit",
	     "c=1 {a=-125 b=-125 e=-125}");
	CQES(WORLD "sqe z" READ ";sqe a NOP flags=ASYNC;sqe b" READ
		   " flags=ASYNC;sqe y TIMEOUT ms=900;sqe c ASYNC_CANCEL" ANY_ONE ";submit",
	     "c=3 {a=-125 b=-125 z=-125 y=-125}");
}

static void test_S9_5_running_in_io_wq(void **state)
{
	struct run r;

	(void)state;
	CQES(WORLD "sqe a" READ CUT "sqe c ASYNC_CANCEL target=a" NEXT "submit",
	     "c=-114:CANCEL_RUNNING n=-125 a=-4:INTERRUPTED");
	/* flagged, but not counted */
	CQES(WORLD "sqe a" READ CUT "sqe c ASYNC_CANCEL target=a" ALL_OF ";submit", "c=0 a=-4");
	CQES(WORLD "sqe a" READ CUT "sqe z" READ ";submit;sqe c ASYNC_CANCEL" ANY_ONE ";submit", "c=1 {a=-4 z=-125}");
	/* one of two */
	CQES(WORLD "sqe a" READ CUT "sqe b READ fd=q.r addr=m len=16" CUT "sqe c ASYNC_CANCEL" OP_READ BY_OP
		   ";submit;wait 2;write q.w 16",
	     "c=-114 a=-4 b=16");
	/* the whole chain goes with it */
	run(&r, WORLD "sqe a" READ " flags=IO_LINK;sqe n NOP flags=IO_LINK;submit;sqe c ASYNC_CANCEL target=a;submit");
	run_cqes(&r, "c=-114 a=-4 n=-125");
	run_free(&r);
}

static void test_S9_5_running_and_about_to_park(void **state)
{
	/* found running before it has armed its poll: flagged, and the next time in io-wq it ends; or polled, or
	 * pending */
	(void)state;
	SEEDS(60, WORLD "sqe a" READ " flags=ASYNC;sqe c ASYNC_CANCEL target=a flags=ASYNC;submit;write p.w 16",
	      "{c=0 a=-125} | {c=-114 a=-125} | {c=-114 a=16} | {c=-2 a=16} | {c=-114 a=-4}");
}

static void test_S9_5_not_found(void **state)
{
	(void)state;
	/* chained */
	CQES(WORLD "sqe a" READ NEXT "submit;sqe c ASYNC_CANCEL target=n;submit;write p.w 16", "c=-2 a=16 n=0");
	/* group-waiting, leader-parked */
	CQES(WORLD "sqe a" READ " flags=SQE_GROUP;sqe b NOP;submit;sqe c ASYNC_CANCEL target=b;submit;write p.w 16",
	     "c=-2 b=0 a=16");
	CQES(WORLD "sqe a NOP flags=SQE_GROUP;sqe b" READ ";submit;sqe c ASYNC_CANCEL target=a;submit;write p.w 16",
	     "c=-2 b=16 a=0");
	/* queued as task work */
	CQES(DTR "sqe a NOP flags=IO_LINK;sqe b NOP;submit;sqe c ASYNC_CANCEL target=b;submit", "a=0 c=-2 b=0");
	/* in a driver: a direct file, a command */
	CQES(WORLD "sqe a READ fd=d addr=m len=16;submit;sqe c ASYNC_CANCEL target=a;submit", "c=-2 a=16");
	CQES(WORLD "sqe a LEASE fd=dev dir=dest len=8 mode=async flags=SQE_GROUP;sqe b NOP;submit;"
		   "sqe c ASYNC_CANCEL target=a;submit",
	     "c=-2 b=0 a=0");
	/* a linked timeout, and one that has fired */
	CQES(WORLD "sqe z" READ
		   " flags=IO_LINK;sqe t LINK_TIMEOUT ms=20;submit;sqe c ASYNC_CANCEL target=t;submit;write p.w 16",
	     "c=-2 z=16 t=-125");
	CQES("sqe y TIMEOUT ms=1;submit;wait 1;sqe c ASYNC_CANCEL target=y;submit", "y=-62 c=-2");
}

static void test_S9_5_a_timeout(void **state)
{
	(void)state;
	CQES("sqe y TIMEOUT ms=900" NEXT "submit;sqe c ASYNC_CANCEL target=y;submit",
	     "c=0 y=-125:TIMEOUT_CANCELED n=-125");
	CQES("sqe y TIMEOUT ms=900 off=1;submit;sqe c ASYNC_CANCEL target=y;submit", "c=0 y=-125");
}

/* ---- 9.6, 9.7 groups ---- */

static void test_S9_6_groups(void **state)
{
	(void)state;
	CQES(WORLD "sqe a" READ
		   " flags=SQE_GROUP;sqe b NOP flags=SQE_GROUP;sqe e NOP;submit;sqe c ASYNC_CANCEL target=a;submit",
	     "c=0 b=-125:LEADER_FAILED e=-125:LEADER_FAILED a=-125:POLL_CANCELED");
	/* a member takes the rest of the chain with it, not the other members */
	CQES(WORLD "sqe a NOP flags=SQE_GROUP|IO_LINK;sqe b" READ " flags=SQE_GROUP;sqe e" RECV ";sqe n NOP;submit;"
		   "sqe c ASYNC_CANCEL target=b;submit;write s.1 16",
	     "c=0 b=-125 e=16 a=0 n=-125");
}

static void test_S9_7_members_queued_on_dtr(void **state)
{
	(void)state;
	CQES(DTR WORLD "sqe a NOP flags=SQE_GROUP;sqe b" READ ";submit;sqe c ASYNC_CANCEL target=b;submit;reap;"
		       "sqe e ASYNC_CANCEL target=b;submit",
	     "c=-2 e=0 b=-125 a=0");
}

/* A cancel inside of links and groups is like any other request. */
static void test_S9_4_as_member_and_leader(void **state)
{
	(void)state;
	CQES(WORLD "sqe z" READ ";submit;sqe L NOP flags=SQE_GROUP;sqe c ASYNC_CANCEL target=z;submit",
	     "{[c=0 L=0] z=-125}");
	CQES(WORLD "sqe z" READ ";submit;sqe c ASYNC_CANCEL target=z flags=SQE_GROUP;sqe m NOP;submit",
	     "{[m=0 c=0] z=-125}");
	CQES(WORLD "sqe z" READ ";submit;sqe c ASYNC_CANCEL target=z flags=ASYNC;submit", "{c=0 z=-125}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_S8_7_prep),
		cmocka_unit_test(test_S9_1_by_user_data),
		cmocka_unit_test(test_S9_1_by_file),
		cmocka_unit_test(test_S9_1_by_opcode),
		cmocka_unit_test(test_S9_1_combinations_must_all_match),
		cmocka_unit_test(test_S9_1_any_and_all),
		cmocka_unit_test(test_S9_2_timeouts_have_no_file),
		cmocka_unit_test(test_S9_4_the_cancel_comes_first),
		cmocka_unit_test(test_S9_5_polled),
		cmocka_unit_test(test_S9_5_pending_in_io_wq),
		cmocka_unit_test(test_S9_3_all_pending_items_are_one_step),
		cmocka_unit_test(test_S9_5_running_in_io_wq),
		cmocka_unit_test(test_S9_5_running_and_about_to_park),
		cmocka_unit_test(test_S9_5_not_found),
		cmocka_unit_test(test_S9_5_a_timeout),
		cmocka_unit_test(test_S9_6_groups),
		cmocka_unit_test(test_S9_7_members_queued_on_dtr),
		cmocka_unit_test(test_S9_4_as_member_and_leader),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
