/* SPDX-License-Identifier: MIT */
/* Sections 5.2 and 11.1, 11.2 of semantics.md: a full CQ, ring sizes, waiting. */
#include "rules.h"

#define PIPE "pipe p;mem m size=64;"
#define READ " READ fd=p.r addr=m len=16"
#define FOUR "ring entries=4 cq=4 flags=CQSIZE|SUBMIT_ALL;"

static void test_S5_11_order_is_kept(void **state)
{
	(void)state;
	CQES(FOUR "sqe a NOP;sqe b NOP;sqe c NOP;submit;sqe d NOP;sqe e NOP;sqe f NOP;submit;sqe g NOP;submit",
	     "a=0 b=0 c=0 d=0 e=0 f=0 g=0");
	/* what is published, when; the fifth waits until somebody has taken the first four */
	EVENTS(FOUR "sqe a NOP;sqe b NOP;sqe c NOP;sqe d NOP;submit;sqe e NOP;sqe f NOP;submit;reap", "flush reap",
	       "flush=4 reap(a)=0 reap(b)=0 reap(c)=0 reap(d)=0 flush=6 reap(e)=0 reap(f)=0");
}

static void test_S5_11_pending_overflow_makes_all_overflow(void **state)
{
	(void)state;
	/* there is room again when g comes, but e has not been moved yet */
	EVENTS(FOUR "sqe a NOP;sqe b NOP;sqe c NOP;sqe d NOP;submit;sqe e NOP;submit;wait 1;sqe g NOP;submit;reap",
	       "cqe flush reap",
	       "cqe(a)=0 cqe(b)=0 cqe(c)=0 cqe(d)=0 flush=4 cqe(e)=0 reap(a)=0 cqe(g)=0 flush=5 reap(b)=0 reap(c)=0 "
	       "reap(d)=0 "
	       "reap(e)=0 flush=6 reap(g)=0");
}

static void test_S5_11_the_flag_makes_submit_ask_for_events(void **state)
{
	(void)state;
	/* e overflows; the submit of g moves both, because two CQEs were taken; h finds the ring full again */
	EVENTS(FOUR "sqe a NOP;sqe b NOP;sqe c NOP;sqe d NOP;submit;sqe e NOP;submit;wait 2;sqe g NOP;submit;sqe h NOP;"
		    "submit;reap;exit",
	       "enter+ flush",
	       "enter=4,0,0 flush=4 enter=1,0,0 enter=1,0,1 flush=6 enter=1,0,0 enter=0,1,1 flush=7 enter=0,1,1");
}

static void test_S5_11_groups_and_links_overflow_like_anything(void **state)
{
	(void)state;
	CQES(FOUR "sqe a NOP;sqe b NOP;sqe c NOP;submit;sqe L NOP flags=SQE_GROUP|IO_LINK;sqe m NOP "
		  "flags=SQE_GROUP;sqe k NOP;"
		  "sqe n NOP;submit",
	     "a=0 b=0 c=0 m=0 k=0 L=0 n=0");
	CQES("lessor dev;ring entries=1 cq=1 flags=CQSIZE;sqe a NOP;submit;sqe b NOP;submit;sqe c NOP;submit",
	     "a=0 b=0 c=0");
}

static void test_S5_11_overflow_while_the_application_sleeps(void **state)
{
	(void)state;
	/* six timers in one moment, room for four */
	CQES(FOUR "sqe a TIMEOUT ms=5;sqe b TIMEOUT ms=5;sqe c TIMEOUT ms=5;submit;"
		  "sqe d TIMEOUT ms=5;sqe e TIMEOUT ms=5;sqe f TIMEOUT ms=5;submit",
	     "a=-62 b=-62 c=-62 d=-62 e=-62 f=-62");
	EVENTS(FOUR "sqe a TIMEOUT ms=5;sqe b TIMEOUT ms=5;sqe c TIMEOUT ms=5;submit;"
		    "sqe d TIMEOUT ms=5;sqe e TIMEOUT ms=5;sqe f TIMEOUT ms=5;submit;wait 6;exit",
	       "flush leave", "leave=3 leave=3 flush=4 leave=0 flush=6 leave=0");
}

static void test_S2_37_drain_counts_what_is_in_the_ring(void **state)
{
	(void)state;
	EVENTS(FOUR
	       "sqe a NOP;sqe b NOP;sqe c NOP;sqe d NOP;submit;sqe e NOP;submit;sqe f NOP flags=IO_DRAIN;submit;reap",
	       "defer flush reap release cqe",
	       "cqe(a)=0 cqe(b)=0 cqe(c)=0 cqe(d)=0 flush=4 cqe(e)=0 defer(f)=5 reap(a)=0 reap(b)=0 reap(c)=0 "
	       "reap(d)=0 flush=5 "
	       "release(f)=5 {[cqe(f)=0 flush=6] reap(e)=0} reap(f)=0");
}

static void test_S5_13_a_multishot_that_finds_no_room_ends(void **state)
{
	(void)state;
	CQES("ring entries=1 cq=2 flags=CQSIZE;sqe t TIMEOUT ms=0 off=9 op_flags=64 flags=IO_LINK;submit;wait 3",
	     "t=-62+2 t=-62+2 t=-62");
	/* what it posted has no SQE of its own, which drain has to know */
	CQES("sqe t TIMEOUT ms=1 off=3 op_flags=64;submit;wait 3;sqe d NOP flags=IO_DRAIN;submit;wait 1",
	     "t=-62+2 t=-62+2 t=-62 d=0");
	EVENTS(PIPE "sqe z" READ
		    ";sqe t TIMEOUT ms=1 off=3 op_flags=64;submit;wait 3;sqe d NOP flags=IO_DRAIN;submit;write p.w 16",
	       "defer release cqe", "cqe(t)=-62 cqe(t)=-62 cqe(t)=-62 defer(d)=2 cqe(z)=16 release(d)=2 cqe(d)=0");
}

static void test_S5_1_a_multishot_flushes_what_was_before_it(void **state)
{
	/* b's completion waits for the end of the batch of task work, but the extra CQE comes behind it */
	(void)state;
	EVENTS(DTR PIPE "sqe t TIMEOUT ms=5 off=2 op_flags=64;sqe y TIMEOUT ms=5;submit;wait 3", "cqe+",
	       "cqe(t)=-62,2,1 cqe(y)=-62,0,2 cqe(t)=-62,0,3");
	EVENTS(DTR PIPE "sqe y TIMEOUT ms=5;sqe t TIMEOUT ms=5 off=2 op_flags=64;submit;wait 3", "tw_run cqe+ flush",
	       "tw_run(y)=TIMEOUT_COMPLETE tw_run(t)=TIMEOUT_COMPLETE cqe(y)=-62,0,1 flush=1 cqe(t)=-62,2,2 flush=2 "
	       "tw_run(t)=TIMEOUT_COMPLETE cqe(t)=-62,0,3 flush=3");
}

/* ---- 11.1 sizes ---- */

static void test_S11_1_sizes(void **state)
{
	(void)state;
	/* rounded up to a power of two; the CQ is twice as large */
	CQES("ring entries=3;sqe a NOP;sqe b NOP;sqe c NOP;sqe d NOP;submit", "a=0 b=0 c=0 d=0");
	EVENTS("ring entries=1;sqe a NOP;submit;sqe b NOP;submit;sqe c NOP;submit;reap", "flush",
	       "flush=2 flush=3 | flush=1 flush=2 flush=3");
	EVENTS("ring entries=3 cq=5 flags=CQSIZE;sqe a NOP;sqe b NOP;sqe c NOP;sqe d NOP;submit;sqe e NOP;sqe f "
	       "NOP;sqe g NOP;"
	       "sqe h NOP;submit;sqe i NOP;submit;reap",
	       "flush", "flush=4 flush=8 flush=9");
	CQES("ring entries=100000 cq=1000000 flags=CLAMP|CQSIZE;sqe a NOP;submit", "a=0");
	CQES("ring entries=100000 flags=CLAMP;sqe a NOP;submit", "a=0");
}

/* ---- 11.2 io_uring_enter, waiting ---- */

static void test_S11_6_a_short_batch_returns_at_once(void **state)
{
	(void)state;
	/* the TASKRUN flag asks for events, but b has to wait for the next call */
	SPLIT("ring entries=8 flags=SINGLE_ISSUER|DEFER_TASKRUN|TASKRUN_FLAG;sqe a NOP flags=IO_LINK;sqe b NOP;submit;"
	      "sqe c BAD;sqe d NOP;submit",
	      "s: a=0 s: c=-22 / b=0");
	EVENTS("sqe c BAD;sqe d NOP;submit;submit;exit", "enter leave submitted+",
	       "enter=2 leave=1 submitted=1,2,0 enter=1 leave=1 submitted=1,0,0");
}

static void test_S11_7_waiting(void **state)
{
	(void)state;
	CQES(PIPE "sqe a" READ ";submit;wait 1", "stuck");
	CQES(PIPE "sqe a NOP;sqe z" READ ";submit;wait 2;write p.w 16", "a=0 stuck z=16");
	CQES("wait 1", "stuck");
	CQES("sqe a TIMEOUT ms=399;submit;wait 1", "a=-62");
	CQES("sqe a TIMEOUT ms=401;submit;wait 1;wait 1", "stuck a=-62");
	/* wait takes as many as it was told */
	EVENTS("sqe a NOP;sqe b NOP;sqe c NOP;submit;wait 2;sqe d NOP;submit;reap", "reap submitted",
	       "submitted=3 reap(a)=0 reap(b)=0 submitted=1 "
	       "reap(c)=0 reap(d)=0");
	EVENTS(PIPE "sqe z" READ ";submit;reap ms=10;write p.w 16", "clock wrote+",
	       "clock=10000 wrote=1,16,16 clock=70000");
}

/* ---- worlds ---- */

static void test_a_world_has_its_limits(void **state)
{
	struct gb_config config = {.max_steps = 3};
	struct text t = {.n = 0};
	struct gb_world *world;
	struct gb_error err;
	struct run r;

	(void)state;
	text_add(&t, "sock s;");
	for (int i = 0; i < 17; i++)
		text_add(&t, "write s.0 16777216;");
	run_read(&r, t.s);
	assert_int_equal(gb_world_create(r.trace, &config, &world, &err), GB_BAD_INPUT);
	assert_null(world);
	run_free(&r);
	/* nobody listens, and it does not come to its end either */
	run_read(&r, "file f size=10;sqe a NOP;submit");
	assert_int_equal(gb_world_create(r.trace, &config, &world, &err), GB_OK);
	assert_int_equal(gb_world_run(world), GB_EXHAUSTED);
	assert_int_equal(gb_world_step(world), GB_EXHAUSTED);
	assert_int_equal(gb_world_steps(world), 3);
	gb_world_destroy(world);
	config.max_steps = 0;
	assert_int_equal(gb_world_create(r.trace, &config, &world, &err), GB_OK);
	assert_int_equal(gb_world_run(world), GB_FINISHED);
	gb_world_destroy(world);
	gb_world_destroy(NULL);
	run_free(&r);
}

static void test_S11_7_task_work_runs_before_the_look_at_the_ring(void **state)
{
	(void)state;
	/* an event that comes while the application sleeps */
	EVENTS("lessor dev;sqe L LEASE fd=dev dir=dest len=8 mode=async flags=SQE_GROUP;sqe m NOP;submit;wait 2;exit",
	       "enter tw_run cqe leave",
	       "enter=2 leave=2 enter=0 tw_run(L)=COMPLETE tw_run(m)=SUBMIT cqe(m)=0 cqe(L)=0 leave=0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_S5_11_order_is_kept),
		cmocka_unit_test(test_S5_11_pending_overflow_makes_all_overflow),
		cmocka_unit_test(test_S5_11_the_flag_makes_submit_ask_for_events),
		cmocka_unit_test(test_S5_11_groups_and_links_overflow_like_anything),
		cmocka_unit_test(test_S5_11_overflow_while_the_application_sleeps),
		cmocka_unit_test(test_S2_37_drain_counts_what_is_in_the_ring),
		cmocka_unit_test(test_S5_13_a_multishot_that_finds_no_room_ends),
		cmocka_unit_test(test_S5_1_a_multishot_flushes_what_was_before_it),
		cmocka_unit_test(test_S11_1_sizes),
		cmocka_unit_test(test_S11_6_a_short_batch_returns_at_once),
		cmocka_unit_test(test_S11_7_waiting),
		cmocka_unit_test(test_a_world_has_its_limits),
		cmocka_unit_test(test_S11_7_task_work_runs_before_the_look_at_the_ring),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
