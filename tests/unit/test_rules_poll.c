/* SPDX-License-Identifier: MIT */
/* Section 8.5 of semantics.md: POLL_ADD and POLL_REMOVE. */
#include "rules.h"

#define WORLD "pipe p;sock s;file f size=64;lessor dev;mem m size=64;"
#define FULL  "write p.w 65536;"

static void test_S8_22_prep(void **state)
{
	(void)state;
	CQES(ALL WORLD "sqe a POLL_ADD fd=p.r op_flags=1 buf_index=1;sqe b POLL_ADD fd=p.r op_flags=1 off=1;"
		       "sqe c POLL_ADD fd=p.r op_flags=1 addr=m;sqe d POLL_ADD fd=p.r op_flags=1 len=16;"
		       "sqe e POLL_ADD fd=p.r op_flags=1 ioprio=1;submit",
	     "a=-22:PREP_POLL_FIELDS b=-22:PREP_POLL_FIELDS c=-22:PREP_POLL_FIELDS d=-22:PREP_POLL_FLAGS "
	     "e=-22:BAD_IOPRIO");
}

static void test_S8_23_there_already(void **state)
{
	(void)state;
	CQES(WORLD "write p.w 4;sqe a POLL_ADD fd=p.r op_flags=1 flags=IO_LINK;sqe b POLL_ADD fd=p.w op_flags=5;submit",
	     "a=1:POLL_READY b=4:POLL_READY");
	/* all that is asked for and there, and what nobody has to ask for */
	CQES(WORLD "write p.w 4;close p.w;sqe a POLL_ADD fd=p.r op_flags=0x41;submit", "a=81"); /* IN RDNORM HUP */
	CQES(WORLD "close p.r;sqe a POLL_ADD fd=p.w op_flags=1;submit", "a=8");			/* ERR */
}

static void test_S8_23_armed(void **state)
{
	struct run r;

	(void)state;
	run(&r, WORLD "sqe a POLL_ADD fd=p.r op_flags=1;submit;write p.w 4");
	run_cqes(&r, "a=1:POLL_EVENT");
	run_events(&r, "arm_poll tw_add", "arm_poll(a)=8249 tw_add(a)=POLL"); /* IN, ERR HUP NVAL RDHUP */
	run_free(&r);
	CQES(WORLD "sqe a POLL_ADD fd=p.r op_flags=0x41;submit;write p.w 4", "a=65"); /* IN RDNORM */
	CQES(WORLD "sqe a POLL_ADD fd=p.r op_flags=0;submit;write p.w 4;wait 1;close p.w", "stuck a=16");
	CQES(WORLD FULL "sqe a POLL_ADD fd=p.w op_flags=4;submit;read p.r 4096", "got:p.r=4096 a=4");
	CQES(WORLD "sqe a POLL_ADD fd=s.0 op_flags=1;submit;write s.1 4", "a=1");
	CQES(WORLD "sqe a POLL_ADD fd=s.0 op_flags=0x2000;submit;write s.1 4;shutdown s.1", "a=8208"); /* HUP RDHUP */
}

static void test_S8_23_files_that_cannot_be_polled(void **state)
{
	(void)state;
	CQES(WORLD "sqe a POLL_ADD fd=f op_flags=5 flags=IO_LINK;sqe b POLL_ADD fd=f op_flags=1 flags=IO_LINK;"
		   "sqe c POLL_ADD fd=f op_flags=2;submit",
	     "a=5:POLL_READY b=1:POLL_READY c=-22:POLL_NOTHING");
	CQES(WORLD "sqe a POLL_ADD fd=dev op_flags=0x145 flags=IO_LINK;sqe b NOP;submit", "a=325 b=0");
	CQES(WORLD "sqe c POLL_ADD fd=f op_flags=2 flags=IO_LINK;sqe n NOP;submit", "c=-22 n=-125");
}

static void test_S8_23_success_never_fails(void **state)
{
	(void)state;
	CQES(WORLD "sqe a POLL_ADD fd=p.r op_flags=1 flags=IO_LINK;sqe n NOP;submit;close p.w", "a=16 n=0");
	CQES(WORLD "sqe a POLL_ADD fd=p.r op_flags=1 flags=IO_LINK;sqe n NOP;submit;sqe c ASYNC_CANCEL target=a;submit",
	     "c=0 a=-125:POLL_CANCELED n=-125");
	/* as a member, with the leader's fate */
	CQES(WORLD "sqe L NOP flags=SQE_GROUP;sqe a POLL_ADD fd=p.r op_flags=1;submit;write p.w 4", "a=1 L=0");
}

static void test_S8_23_in_a_worker(void **state)
{
	(void)state;
	EVENTS(WORLD "sqe a POLL_ADD fd=p.r op_flags=1 flags=ASYNC;submit;write p.w 4", "punt arm_poll cqe",
	       "punt(a)=1 arm_poll(a)=8249 cqe(a)=1");
	CQES(WORLD "write p.w 4;sqe a POLL_ADD fd=p.r op_flags=1 flags=ASYNC;submit", "a=1");
}

/* What woke a poll is its result, though it may be gone; the wait queue is served newest first. */
static void test_S8_23_a_poll_reports_what_woke_it(void **state)
{
	(void)state;
	EVENTS(DTR WORLD
	       "sqe a POLL_ADD fd=p.r op_flags=1;sqe b POLL_ADD fd=p.r op_flags=1;submit;write p.w 4;read p.r 4",
	       "cqe", "cqe(b)=1 cqe(a)=1");
}

static void test_S8_25_poll_remove(void **state)
{
	struct run r;

	(void)state;
	run(&r,
	    WORLD "sqe a POLL_ADD fd=p.r op_flags=1 flags=IO_LINK;sqe n NOP;submit;sqe c POLL_REMOVE target=a;submit");
	run_cqes(&r, "c=0:POLL_REMOVED a=-125:POLL_TAKEN n=-125");
	run_events(&r, "tw_add", "tw_add(a)=COMPLETE tw_add(n)=FAIL_LINKS");
	run_free(&r);
	/* the file of the SQE is not looked at */
	CQES(WORLD "sqe a POLL_ADD fd=p.r op_flags=1;submit;sqe c POLL_REMOVE fd=p.w target=a;submit", "c=0 a=-125");
}

static void test_S8_25_only_polls_are_found(void **state)
{
	(void)state;
	CQES(WORLD "sqe a READ fd=p.r addr=m len=4;submit;sqe c POLL_REMOVE target=a flags=IO_LINK;sqe n "
		   "NOP;submit;write p.w 4",
	     "c=-2:POLL_NOT_FOUND n=-125 a=4");
	CQES(WORLD "sqe c POLL_REMOVE addr=77;submit", "c=-2");
	CQES(WORLD "sqe a POLL_ADD fd=p.r op_flags=1;submit;write p.w 4;sqe c POLL_REMOVE target=a;submit", "a=1 c=-2");
}

static void test_S8_25_a_poll_that_is_just_firing(void **state)
{
	(void)state;
	CQES(DTR WORLD "sqe a POLL_ADD fd=p.r op_flags=1;submit;write p.w 4;sqe c POLL_REMOVE target=a;submit",
	     "c=-114:POLL_FIRING a=1");
}

static void test_S8_25_prep(void **state)
{
	(void)state;
	CQES(ALL "sqe a POLL_REMOVE addr=1 buf_index=1;sqe b POLL_REMOVE addr=1 len=1;sqe c POLL_REMOVE addr=1 off=1;"
		 "sqe d POLL_REMOVE addr=1 op_flags=1;submit",
	     "a=-22:PREP_POLL_REMOVE b=-22:PREP_POLL_UPDATE c=-22:PREP_POLL_NO_UPDATE d=-22:PREP_POLL_NO_UPDATE");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_S8_22_prep),
		cmocka_unit_test(test_S8_23_there_already),
		cmocka_unit_test(test_S8_23_armed),
		cmocka_unit_test(test_S8_23_files_that_cannot_be_polled),
		cmocka_unit_test(test_S8_23_success_never_fails),
		cmocka_unit_test(test_S8_23_in_a_worker),
		cmocka_unit_test(test_S8_23_a_poll_reports_what_woke_it),
		cmocka_unit_test(test_S8_25_poll_remove),
		cmocka_unit_test(test_S8_25_only_polls_are_found),
		cmocka_unit_test(test_S8_25_a_poll_that_is_just_firing),
		cmocka_unit_test(test_S8_25_prep),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
