/* SPDX-License-Identifier: MIT */
/* Section 4 of semantics.md: task work. */
#include "rules.h"

#define PIPE "pipe p;mem m size=64;"
#define READ " READ fd=p.r addr=m len=16"

/* GETEVENTS is c of ENTER: a submit asks for events only if the ring's flags say so (S4.2, S5.11). */

static void test_S4_2_taskrun_flag(void **state)
{
	(void)state;
	EVENTS("ring entries=8 flags=SINGLE_ISSUER|DEFER_TASKRUN|TASKRUN_FLAG;sqe a NOP flags=IO_LINK;sqe b NOP;submit;"
	       "sqe c NOP;submit;sqe d NOP;submit;wait 4;exit",
	       "enter+ cqe", "enter=2,0,0 cqe(a)=0 enter=1,0,1 cqe(c)=0 cqe(b)=0 enter=1,0,0 cqe(d)=0");
	EVENTS("ring entries=8 flags=SINGLE_ISSUER|DEFER_TASKRUN;sqe a NOP flags=IO_LINK;sqe b NOP;submit;sqe c NOP;"
	       "submit;wait 2;exit",
	       "enter+", "enter=2,0,0 enter=1,0,0");
	/* a submit without SQEs enters for the flag alone */
	EVENTS("ring entries=8 flags=SINGLE_ISSUER|DEFER_TASKRUN|TASKRUN_FLAG;sqe a NOP flags=IO_LINK;sqe b NOP;submit;"
	       "submit;submit;wait 2;exit",
	       "enter+ cqe", "enter=2,0,0 cqe(a)=0 enter=0,0,1 cqe(b)=0");
	/* on a normal ring it is gone when the system call returns */
	EVENTS("ring entries=8 flags=COOP_TASKRUN|TASKRUN_FLAG;sqe a NOP flags=IO_LINK;sqe b NOP;submit;sqe c "
	       "NOP;submit",
	       "enter+ cqe", "enter=2,0,0 cqe(a)=0 cqe(b)=0 enter=1,0,0 cqe(c)=0 enter=0,1,1");
}

static void test_S4_3_everything_is_done_when_the_call_returns(void **state)
{
	static const char chain[] =
		"sqe a NOP flags=IO_LINK;sqe b NOP flags=IO_LINK|SQE_GROUP;sqe c NOP;sqe d NOP;submit";
	struct text coop = {.n = 0};

	(void)state;
	EVENTS(chain, "cqe leave", "cqe(a)=0 cqe(c)=0 cqe(b)=0 cqe(d)=0 leave=4 leave=0");
	text_add(&coop, "ring entries=8 flags=COOP_TASKRUN;%s", chain);
	EVENTS(coop.s, "cqe leave", "cqe(a)=0 cqe(c)=0 cqe(b)=0 cqe(d)=0 leave=4 leave=0");
}

static void test_S4_3_any_system_call_runs_it(void **state)
{
	static const char program[] = PIPE "sqe a" READ " flags=IO_LINK;sqe b NOP;submit;write p.w 16;write p.w 8";

	(void)state;
	EVENTS(program, "cqe wrote", "wrote=1 cqe(a)=16 cqe(b)=0 wrote=1");
	EVENTS("ring entries=8 flags=COOP_TASKRUN;pipe p;mem m size=64;sqe a" READ ";submit;write p.w 16;write p.w 8",
	       "cqe wrote", "wrote=1 cqe(a)=16 wrote=1");
}

static void test_S4_3_all_items_then_one_flush(void **state)
{
	(void)state;
	EVENTS("sqe a NOP flags=IO_LINK;sqe b NOP;sqe c NOP flags=IO_LINK;sqe d NOP;submit", "tw_run issue cqe",
	       "issue(a)=1 issue(c)=1 cqe(a)=0 cqe(c)=0 tw_run(b)=SUBMIT issue(b)=1 tw_run(d)=SUBMIT issue(d)=1 "
	       "cqe(b)=0 "
	       "cqe(d)=0");
}

static void test_S4_4_dtr_runs_nothing_without_getevents(void **state)
{
	(void)state;
	SPLIT(DTR PIPE "sqe a" READ " flags=IO_LINK;sqe b NOP;submit;write p.w 16;sqe c NOP;submit;write p.w 8",
	      "s: none s: c=0 / a=16 / b=0");
}

static void test_S4_5_items_run_in_fifo_order(void **state)
{
	(void)state;
	EVENTS(DTR "sqe a NOP flags=SQE_GROUP;sqe b NOP flags=SQE_GROUP;sqe c NOP flags=SQE_GROUP;sqe d NOP;submit",
	       "tw_run", "tw_run(b)=SUBMIT tw_run(c)=SUBMIT tw_run(d)=SUBMIT");
}

/* A chain of four: x is there to raise the TASKRUN flag, so that the submit has GETEVENTS with min 0. */
static void test_S4_7_how_far_a_chain_comes(void **state)
{
	(void)state;
	SPLIT(DTR "sqe a NOP flags=IO_LINK;sqe b NOP flags=IO_LINK;sqe c NOP flags=IO_LINK;sqe d NOP;submit",
	      "s: a=0 / b=0 / c=0 / d=0");
	SPLIT("ring entries=8 flags=SUBMIT_ALL|SINGLE_ISSUER|DEFER_TASKRUN|TASKRUN_FLAG;"
	      "sqe x NOP flags=IO_LINK;sqe y NOP;submit;"
	      "sqe a NOP flags=IO_LINK;sqe b NOP flags=IO_LINK;sqe c NOP flags=IO_LINK;sqe d NOP;submit",
	      "s: x=0 s: a=0 y=0 b=0 c=0 / d=0");
	/* leader and members need a single run, a linked successor one more */
	SPLIT(DTR "sqe a NOP flags=SQE_GROUP|IO_LINK;sqe b NOP flags=SQE_GROUP;sqe c NOP;sqe d NOP;submit",
	      "s: none / b=0 c=0 a=0 / d=0");
}

static void test_S4_12_a_dying_ring_answers_efault(void **state)
{
	(void)state;
	EVENTS(DTR "sqe a NOP flags=IO_LINK;sqe b NOP flags=IO_LINK;sqe c NOP;submit;exit", "cqe",
	       "cqe(a)=0 cqe(b)=-14:TASK_DYING cqe(c)=-125:LINK_BROKEN");
	EVENTS(DTR "sqe a NOP flags=SQE_GROUP;sqe b NOP;submit;exit", "cqe", "cqe(b)=-14:TASK_DYING cqe(a)=0");
}

static void test_S4_12_fail_is_not_checked(void **state)
{
	(void)state;
	CQES(ALL "sqe a NOP flags=IO_LINK;sqe b NOP flags=SQE_GROUP|IO_LINK;sqe c BAD flags=SQE_GROUP;sqe d NOP;"
		 "sqe e NOP;submit",
	     "!failed-request-runs(b) a=0 c=-22 d=-125 b=0 e=-125");
}

static void test_S4_13_cancelled_requests_keep_their_code_in_a_dying_ring(void **state)
{
	(void)state;
	EVENTS(DTR "sqe a NOP res=-5 flags=SQE_GROUP;sqe b NOP;submit;exit", "cqe",
	       "cqe(b)=-125:LEADER_FAILED cqe(a)=-5");
}

static void test_S4_14_completions_keep_their_result(void **state)
{
	(void)state;
	/* what a worker has finished comes through task work of the dying ring */
	EVENTS(DTR "sqe a NOP res=7 flags=ASYNC;submit;exit", "tw_add cqe", "tw_add(a)=COMPLETE cqe(a)=7 {}");
}

static void test_S4_15_local_work_moves_when_the_ring_dies(void **state)
{
	(void)state;
	EVENTS(DTR "sqe a NOP flags=IO_LINK;sqe b NOP;submit;exit", "tw_add+ dying tw_run",
	       "tw_add(b)=SUBMIT,1,0 dying=0 tw_run(b)=SUBMIT");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_S4_2_taskrun_flag),
		cmocka_unit_test(test_S4_3_everything_is_done_when_the_call_returns),
		cmocka_unit_test(test_S4_3_any_system_call_runs_it),
		cmocka_unit_test(test_S4_3_all_items_then_one_flush),
		cmocka_unit_test(test_S4_4_dtr_runs_nothing_without_getevents),
		cmocka_unit_test(test_S4_5_items_run_in_fifo_order),
		cmocka_unit_test(test_S4_7_how_far_a_chain_comes),
		cmocka_unit_test(test_S4_12_a_dying_ring_answers_efault),
		cmocka_unit_test(test_S4_12_fail_is_not_checked),
		cmocka_unit_test(test_S4_13_cancelled_requests_keep_their_code_in_a_dying_ring),
		cmocka_unit_test(test_S4_14_completions_keep_their_result),
		cmocka_unit_test(test_S4_15_local_work_moves_when_the_ring_dies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
