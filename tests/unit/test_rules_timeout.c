/* SPDX-License-Identifier: MIT */
/* Section 8.6 of semantics.md: TIMEOUT, TIMEOUT_REMOVE, LINK_TIMEOUT. */
#include "rules.h"

#define PIPE "pipe p;mem m size=64;"
#define READ " READ fd=p.r addr=m len=16"
#define NEXT " flags=IO_LINK;sqe n NOP;"

/* ---- TIMEOUT ---- */

static void test_S8_26_prep(void **state)
{
	(void)state;
	CQES(ALL "sqe a TIMEOUT ms=1 buf_index=1;sqe b TIMEOUT ms=1 len=2;sqe c TIMEOUT ms=1 op_flags=0x80;"
		 "sqe d TIMEOUT ms=1 op_flags=2;sqe e TIMEOUT ms=1 op_flags=12;sqe f TIMEOUT ms=1 op_flags=65;submit",
	     "a=-22:PREP_TIMEOUT_FIELDS b=-22:PREP_TIMEOUT_FIELDS c=-22:PREP_TIMEOUT_FLAGS d=-22:PREP_TIMEOUT_FLAGS "
	     "e=-22:PREP_TIMEOUT_FLAGS f=-22:PREP_TIMEOUT_FLAGS");
	/* one clock is fine, and so is the length the kernel wants */
	CQES(ALL "sqe a TIMEOUT ms=1 op_flags=4;sqe b TIMEOUT ms=2 op_flags=8 len=1;submit", "a=-62 b=-62");
}

static void test_S8_27_a_pure_timer(void **state)
{
	(void)state;
	CQES("sqe a TIMEOUT ms=5" NEXT "submit", "a=-62:TIMEOUT_FIRED n=-125");
	CQES("sqe a TIMEOUT ms=5 op_flags=32" NEXT "submit", "a=-62:TIMEOUT_FIRED n=0");
	CQES("sqe a TIMEOUT ms=30;sqe b TIMEOUT ms=10;sqe c TIMEOUT ms=20;submit;wait 3", "b=-62 c=-62 a=-62");
	EVENTS("sqe a TIMEOUT ms=7;submit;wait 1", "arm_timer clock fire cqe",
	       "arm_timer(a)=7 clock=7000 fire(a)=0 cqe(a)=-62 clock=67000");
	/* at once, and in a worker */
	CQES("sqe a TIMEOUT ms=0;submit;wait 1", "a=-62");
	CQES("sqe a TIMEOUT ms=5 flags=ASYNC;submit;wait 1", "a=-62");
}

static void test_S8_27_absolute_time(void **state)
{
	(void)state;
	/* the clock begins with the trace, whichever clock it is */
	EVENTS("sqe r TIMEOUT ms=7;submit;wait 1;sqe a TIMEOUT ms=9 op_flags=1;sqe b TIMEOUT ms=10 op_flags=5;"
	       "sqe c TIMEOUT ms=11 op_flags=9;submit;wait 3;exit",
	       "arm_timer clock fire",
	       "arm_timer(r)=7 clock=7000 fire(r)=0 arm_timer(a)=2 arm_timer(b)=3 arm_timer(c)=4 clock=9000 fire(a)=0 "
	       "clock=10000 fire(b)=0 clock=11000 fire(c)=0");
	/* a moment that is over is now */
	EVENTS("sqe r TIMEOUT ms=7;submit;wait 1;sqe a TIMEOUT ms=3 op_flags=1" NEXT "submit;wait 2;exit",
	       "arm_timer clock fire reap",
	       "arm_timer(r)=7 clock=7000 fire(r)=0 reap(r)=-62:TIMEOUT_FIRED arm_timer(a)=0 fire(a)=0 "
	       "reap(a)=-62:TIMEOUT_FIRED reap(n)=-125:LINK_BROKEN");
	/* linked ones and updates */
	EVENTS(PIPE "sqe r TIMEOUT ms=7;submit;wait 1;sqe z" READ " flags=IO_LINK;sqe l LINK_TIMEOUT ms=8 op_flags=1;"
		    "submit;wait 2;exit",
	       "arm_timer reap",
	       "arm_timer(r)=7 reap(r)=-62:TIMEOUT_FIRED arm_timer(l)=1 reap(l)=-62:LTIMEOUT_FIRED "
	       "reap(z)=-125:POLL_CANCELED");
	EVENTS("sqe r TIMEOUT ms=7;submit;wait 1;sqe a TIMEOUT ms=100;sqe u TIMEOUT_REMOVE target=a ms=12 op_flags=3;"
	       "submit;wait 2;exit",
	       "clock reap",
	       "clock=7000 reap(r)=-62:TIMEOUT_FIRED reap(u)=0:TIMEOUT_UPDATED clock=12000 "
	       "reap(a)=-62:TIMEOUT_FIRED");
}

static void test_S8_27_a_timer_that_counts(void **state)
{
	(void)state;
	CQES("sqe y TIMEOUT ms=500 off=2" NEXT "sqe a NOP;submit;sqe b NOP;submit", "a=0 b=0 y=0:TIMEOUT_COUNT n=0");
	/* those that came before it was issued do not count */
	CQES("sqe a NOP;sqe b NOP;submit;sqe y TIMEOUT ms=500 off=1;submit;sqe c NOP;submit", "a=0 b=0 c=0 y=0");
	/* the time comes first */
	CQES("sqe y TIMEOUT ms=5 off=2" NEXT "sqe a NOP;submit;wait 3", "a=0 y=-62:TIMEOUT_FIRED n=-125");
}

static void test_S8_28_sorted_by_target(void **state)
{
	(void)state;
	/* every commit looks; timeouts themselves do not count */
	CQES("sqe x TIMEOUT ms=500 off=3;sqe y TIMEOUT ms=500 off=1;sqe z TIMEOUT ms=500 off=2;sqe p TIMEOUT "
	     "ms=400;submit;"
	     "sqe a NOP;submit;sqe b NOP;submit;sqe c NOP;submit;wait 7",
	     "a=0 y=0 b=0 z=0 c=0 x=0 p=-62");
	/* equal ones in the order of their issue, all in one commit */
	CQES("sqe x TIMEOUT ms=500 off=2;sqe y TIMEOUT ms=500 off=2;sqe z TIMEOUT ms=500 off=1;sqe a NOP;sqe b "
	     "NOP;submit",
	     "a=0 b=0 z=0 x=0 y=0");
	/* a pure timer in front does not hide the counted ones */
	CQES("sqe p TIMEOUT ms=50;submit;sqe y TIMEOUT ms=500 off=1;submit;sqe a NOP;submit;wait 3", "a=0 y=0 p=-62");
}

static void test_S8_28_timeouts_do_not_count(void **state)
{
	(void)state;
	CQES("sqe y TIMEOUT ms=500 off=1;sqe z TIMEOUT ms=5;submit;wait 1;sqe a NOP;submit;wait 2", "z=-62 a=0 y=0");
}

static void test_S8_29_a_timeout_wakes_the_waiter_without_a_cqe(void **state)
{
	(void)state;
	EVENTS(DTR "sqe a TIMEOUT ms=5 flags=SQE_GROUP;sqe b NOP;submit;wait 2", "enter fire cqe leave",
	       "enter=2 leave=2 enter=0 fire(a)=0 leave=0 enter=0 cqe(b)=-125 cqe(a)=-62 leave=0 enter=0 leave=0");
}

static void test_S8_26_multishot(void **state)
{
	struct run r;

	(void)state;
	/* so many times, the last one without MORE */
	run(&r, "sqe y TIMEOUT ms=5 off=3 op_flags=64" NEXT "submit;wait 4");
	run_cqes(&r, "y=-62+2 y=-62+2 y=-62 n=-125");
	run_events(&r, "fire clock", "clock=5000 fire(y)=0 clock=10000 fire(y)=0 clock=15000 fire(y)=0 clock=75000");
	run_free(&r);
	CQES("sqe y TIMEOUT ms=5 off=1 op_flags=96" NEXT "submit;wait 2", "y=-62 n=0");
	/* without end, until somebody ends it */
	CQES("sqe y TIMEOUT ms=5 op_flags=64;submit;wait 2;sqe c TIMEOUT_REMOVE target=y;submit",
	     "y=-62+2 y=-62+2 c=0 y=-125");
	/* the count is no completion count */
	CQES("sqe y TIMEOUT ms=50 off=1 op_flags=64;sqe a NOP;sqe b NOP;submit;wait 3", "a=0 b=0 y=-62");
}

/* ---- TIMEOUT_REMOVE ---- */

static void test_S8_30_prep(void **state)
{
	(void)state;
	CQES(ALL "sqe a TIMEOUT_REMOVE addr=1 flags=FIXED_FILE;sqe b TIMEOUT_REMOVE addr=1 buf_index=1;"
		 "sqe c TIMEOUT_REMOVE addr=1 len=1;sqe d TIMEOUT_REMOVE addr=1 op_flags=1;"
		 "sqe e TIMEOUT_REMOVE addr=1 op_flags=6 ms=1;sqe f TIMEOUT_REMOVE addr=1 flags=BUFFER_SELECT;submit",
	     "a=-22:PREP_TIMEOUT_REM b=-22:PREP_TIMEOUT_REM c=-22:PREP_TIMEOUT_REM d=-22:PREP_TIMEOUT_REM "
	     "e=-22:PREP_TIMEOUT_REM f=-95:NO_BUFFER_SELECT");
}

static void test_S8_30_remove(void **state)
{
	struct run r;

	(void)state;
	run(&r, "sqe y TIMEOUT ms=500" NEXT "submit;sqe c TIMEOUT_REMOVE target=y;submit");
	run_cqes(&r, "c=0:TIMEOUT_REMOVED y=-125:TIMEOUT_CANCELED n=-125");
	run_events(&r, "tw_add", "tw_add(y)=CANCEL tw_add(n)=FAIL_LINKS");
	run_free(&r);
	CQES("sqe c TIMEOUT_REMOVE addr=77" NEXT "submit", "c=-2:TIMEOUT_NOT_FOUND n=-125");
	CQES("sqe y TIMEOUT ms=5;submit;wait 1;sqe c TIMEOUT_REMOVE target=y;submit", "y=-62 c=-2");
	/* an update bit without UPDATE removes as well */
	CQES("sqe y TIMEOUT ms=500;submit;sqe c TIMEOUT_REMOVE target=y op_flags=16 ms=1;submit",
	     "c=0:TIMEOUT_REMOVED y=-125");
	/* linked timeouts are not in that list */
	CQES(PIPE "sqe z" READ
		  " flags=IO_LINK;sqe t LINK_TIMEOUT ms=20;submit;sqe c TIMEOUT_REMOVE target=t;submit;wait 3",
	     "c=-2 t=-62 z=-125");
}

static void test_S8_30_update(void **state)
{
	(void)state;
	CQES("sqe y TIMEOUT ms=5;sqe x TIMEOUT ms=50;submit;sqe c TIMEOUT_REMOVE target=y op_flags=2 "
	     "ms=100;submit;wait 3",
	     "c=0:TIMEOUT_UPDATED x=-62 y=-62");
	CQES("sqe c TIMEOUT_REMOVE addr=77 op_flags=2 ms=1" NEXT "submit", "c=-2:TIMEOUT_UPDATE_NOT_FOUND n=-125");
	/* it counts no longer */
	CQES("sqe y TIMEOUT ms=500 off=2;submit;sqe c TIMEOUT_REMOVE target=y op_flags=2 ms=20;submit;sqe a "
	     "NOP;submit;wait 3",
	     "c=0 a=0 y=-62");
}

static void test_S8_30_update_of_a_linked_timeout(void **state)
{
	(void)state;
	CQES(PIPE "sqe z" READ
		  " flags=IO_LINK;sqe t LINK_TIMEOUT ms=500;submit;sqe c TIMEOUT_REMOVE target=t op_flags=18 ms=5;"
		  "submit;sqe x TIMEOUT ms=50;submit;wait 4",
	     "c=0:TIMEOUT_UPDATED t=-62 z=-125 x=-62");
	CQES(PIPE "sqe z" READ
		  " flags=IO_LINK;sqe t LINK_TIMEOUT ms=50;submit;sqe c TIMEOUT_REMOVE target=t op_flags=2 ms=5;"
		  "submit;wait 3",
	     "c=-2 t=-62 z=-125");
}

/* ---- LINK_TIMEOUT ---- */

static void test_S8_31_prep(void **state)
{
	(void)state;
	CQES(ALL "sqe a NOP flags=IO_LINK;sqe t LINK_TIMEOUT ms=5 off=1;submit", "a=-125 t=-22:PREP_LTIMEOUT_OFF");
	CQES(ALL "sqe t LINK_TIMEOUT ms=5;submit", "t=-22:PREP_LTIMEOUT_ALONE");
	CQES(ALL "sqe t LINK_TIMEOUT ms=5" NEXT "submit", "t=-22:PREP_LTIMEOUT_ALONE n=-125");
	CQES(ALL "sqe a NOP flags=IO_LINK;sqe t LINK_TIMEOUT ms=5 flags=IO_LINK;sqe u LINK_TIMEOUT ms=5;submit",
	     "a=-125 t=-125 u=-22:PREP_LTIMEOUT_TWICE");
	CQES(ALL "sqe L NOP flags=SQE_GROUP;sqe t LINK_TIMEOUT ms=5;submit", "t=-22:PREP_LTIMEOUT_GROUP L=-125");
	CQES(ALL "sqe a NOP flags=IO_LINK;sqe t LINK_TIMEOUT ms=5 op_flags=0x80;submit",
	     "a=-125 t=-22:PREP_TIMEOUT_FLAGS");
}

static void test_S8_31_behind_a_closed_group(void **state)
{
	(void)state;
	EVENTS(ALL "sqe a NOP flags=SQE_GROUP|IO_LINK;sqe b NOP;sqe t LINK_TIMEOUT ms=5;submit", "arm_timer link+ cqe",
	       "link(t,a)=0,0,0 arm_timer(t)=5 cqe(b)=0 cqe(a)=0 cqe(t)=-125");
}

/* It may lead a group: no group is open when it is prepared. Stopped, it has not failed, and its members run. */
static void test_S8_31_as_a_leader(void **state)
{
	(void)state;
	CQES(ALL "sqe a NOP flags=IO_LINK;sqe t LINK_TIMEOUT ms=5 flags=SQE_GROUP;sqe m NOP;submit", "a=0 m=0 t=-125");
	CQES(ALL "sqe a NOP flags=IO_LINK;sqe t LINK_TIMEOUT ms=5 flags=SQE_GROUP|IO_LINK;sqe m NOP;sqe n NOP;submit",
	     "a=0 {[m=0 t=-125] n=0}");
}

static void test_S8_32_the_target_was_first(void **state)
{
	(void)state;
	CQES("sqe z NOP flags=IO_LINK;sqe t LINK_TIMEOUT ms=5;submit", "z=0 t=-125:LTIMEOUT_DISARMED");
	CQES("sqe z NOP res=-5 flags=IO_LINK;sqe t LINK_TIMEOUT ms=5;submit", "z=-5 t=-125:LTIMEOUT_DISARMED");
	CQES(PIPE "sqe z" READ " flags=IO_LINK;sqe t LINK_TIMEOUT ms=20;submit;write p.w 16",
	     "z=16 t=-125:LTIMEOUT_DISARMED");
	CQES(PIPE "sqe z" READ " flags=IO_LINK;sqe t LINK_TIMEOUT ms=20;submit;sqe c ASYNC_CANCEL target=z;submit",
	     "c=0 z=-125 t=-125");
	CQES(ALL "sqe a NOP res=-5 flags=IO_LINK;sqe z NOP flags=IO_LINK;sqe t LINK_TIMEOUT ms=5;submit",
	     "a=-5 z=-125 t=-125:LINK_BROKEN");
	/* in a worker */
	CQES("sqe z NOP flags=IO_LINK|ASYNC;sqe t LINK_TIMEOUT ms=5;submit", "z=0 t=-125");
}

static void test_S8_32_missed(void **state)
{
	(void)state;
	/* leader parked */
	CQES(PIPE "sqe a NOP flags=SQE_GROUP|IO_LINK;sqe b" READ ";sqe t LINK_TIMEOUT ms=5;submit;wait 1;write p.w 16",
	     "t=-2:LTIMEOUT_MISSED b=16 a=0");
	/* in a driver */
	CQES("lessor dev;sqe a LEASE fd=dev dir=dest len=8 mode=async flags=SQE_GROUP|IO_LINK;sqe b NOP;"
	     "sqe t LINK_TIMEOUT ms=1 flags=IO_LINK;sqe n NOP;submit",
	     "t=-2:LTIMEOUT_MISSED b=0 a=0 n=0");
	/* not started: the timer starts when the handler of the target returns */
	CQES(PIPE "sqe a" READ
		  " flags=IO_LINK;sqe z NOP flags=IO_LINK;sqe t LINK_TIMEOUT ms=5;submit;wait 1;write p.w 16;wait 3",
	     "stuck a=16 z=0 t=-125");
}

static void test_S8_33_order_when_it_fires(void **state)
{
	(void)state;
	CQES(PIPE "sqe z" READ
		  " flags=IO_LINK;sqe t LINK_TIMEOUT ms=5 flags=IO_LINK;sqe n NOP flags=IO_LINK;sqe k NOP;submit",
	     "t=-62:LTIMEOUT_FIRED z=-125:POLL_CANCELED n=-125:LINK_BROKEN k=-125:LINK_BROKEN");
	CQES(PIPE "sqe z" READ " flags=IO_HARDLINK;sqe t LINK_TIMEOUT ms=5 flags=IO_LINK;sqe n NOP;submit",
	     "t=-62 z=-125 n=0");
	/* a timer is cancelled like a poll */
	CQES("sqe z TIMEOUT ms=500 flags=IO_LINK;sqe t LINK_TIMEOUT ms=5;submit", "t=-62 z=-125:TIMEOUT_CANCELED");
	CQES(PIPE "sqe z POLL_ADD fd=p.r op_flags=1 flags=IO_LINK;sqe t LINK_TIMEOUT ms=5;submit",
	     "t=-62 z=-125:POLL_CANCELED");
	/* a leader takes its members along */
	CQES(PIPE "sqe z" READ
		  " flags=SQE_GROUP|IO_LINK;sqe b NOP;sqe t LINK_TIMEOUT ms=5 flags=IO_LINK;sqe n NOP;submit",
	     "t=-62 b=-125 z=-125 n=-125");
}

static void test_S8_34_the_chain_goes_on_behind_the_timeout(void **state)
{
	(void)state;
	CQES(PIPE "sqe z" READ
		  " flags=IO_LINK;sqe t LINK_TIMEOUT ms=20 flags=IO_LINK;sqe n NOP flags=IO_LINK;sqe k NOP;submit;"
		  "write p.w 16",
	     "z=16 t=-125 n=0 k=0");
	CQES(PIPE "sqe z" READ " flags=IO_LINK;sqe t LINK_TIMEOUT ms=20 flags=IO_LINK;sqe y" READ " flags=IO_LINK;"
		  "sqe u LINK_TIMEOUT ms=20;submit;write p.w 16",
	     "z=16 t=-125 u=-62 y=-125");
	/* a timeout that is silent takes nobody's place */
	CQES(PIPE "sqe z" READ " flags=IO_LINK;sqe t LINK_TIMEOUT ms=5 flags=IO_LINK|CQE_SKIP_SUCCESS;sqe n NOP;submit",
	     "z=-125 n=-125");
}

/* The target finished, but in a worker that still holds it when the timer fires. */
static void test_S8_32_any_order_of_the_race(void **state)
{
	(void)state;
	SEEDS(60, "sqe z NOP flags=IO_LINK|ASYNC;sqe t LINK_TIMEOUT ms=0;submit",
	      "{z=0 t=-125} | {z=0 t=-2} | {z=0 t=-114} | {z=0 t=-62}");
	SEEDS(40, PIPE "sqe z" READ " flags=IO_LINK;sqe t LINK_TIMEOUT ms=0;submit", "{t=-62 z=-125}");
}

/* Found by the fuzzer: a worker that had slept within a later issue armed the timeout again. */
static void test_S3_3_armed_once(void **state)
{
	(void)state;
	EVENTS("file f size=16 cold=1;mem m size=16;sqe a READ fd=f addr=m len=16 flags=IO_LINK;"
	       "sqe b LINK_TIMEOUT ms=20;submit",
	       "arm_timer cqe", "arm_timer(b)=20 cqe(a)=16 cqe(b)=-125");
	/* a worker that sleeps in the first issue arms it when that is over */
	EVENTS("file f size=16 cold=1;mem m size=16;sqe a READ fd=f addr=m len=16 flags=IO_LINK|ASYNC;"
	       "sqe b LINK_TIMEOUT ms=20;submit",
	       "arm_timer cqe", "arm_timer(b)=20 cqe(a)=16 cqe(b)=-125");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_S3_3_armed_once),
		cmocka_unit_test(test_S8_26_prep),
		cmocka_unit_test(test_S8_27_a_pure_timer),
		cmocka_unit_test(test_S8_27_absolute_time),
		cmocka_unit_test(test_S8_27_a_timer_that_counts),
		cmocka_unit_test(test_S8_28_sorted_by_target),
		cmocka_unit_test(test_S8_28_timeouts_do_not_count),
		cmocka_unit_test(test_S8_29_a_timeout_wakes_the_waiter_without_a_cqe),
		cmocka_unit_test(test_S8_26_multishot),
		cmocka_unit_test(test_S8_30_prep),
		cmocka_unit_test(test_S8_30_remove),
		cmocka_unit_test(test_S8_30_update),
		cmocka_unit_test(test_S8_30_update_of_a_linked_timeout),
		cmocka_unit_test(test_S8_31_prep),
		cmocka_unit_test(test_S8_31_behind_a_closed_group),
		cmocka_unit_test(test_S8_31_as_a_leader),
		cmocka_unit_test(test_S8_32_the_target_was_first),
		cmocka_unit_test(test_S8_32_missed),
		cmocka_unit_test(test_S8_33_order_when_it_fires),
		cmocka_unit_test(test_S8_34_the_chain_goes_on_behind_the_timeout),
		cmocka_unit_test(test_S8_32_any_order_of_the_race),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
