/* SPDX-License-Identifier: MIT */
/* SQPOLL rings: S4.2, S11.2, S11.9, S11.10. */
#include "rules.h"

#define SQ    "ring entries=16 flags=SQPOLL|SUBMIT_ALL;"
#define SQONE "ring entries=16 flags=SQPOLL;"
#define FILES "file f size=64 direct=1;pipe p;mem m size=64;"

/* Every event of a type is the SQ thread's, and there is one. */
static void only_by_thread(const char *program, enum gb_event_type type)
{
	struct run r;
	uint32_t n = 0;

	run(&r, program);
	for (size_t i = 0; i < r.n; i++) {
		if (r.event[i].type != type)
			continue;
		assert_int_equal(r.event[i].actor, GB_ACTOR_SQ_THREAD);
		n++;
	}
	assert_int_not_equal(n, 0);
	run_free(&r);
}

/* S11.9: the thread submits, completes and runs task work; the application enters for none of it. */
static void test_who_does_what(void **state)
{
	(void)state;
	only_by_thread(SQ "sqe a NOP;submit;reap;", GB_EV_INIT);
	only_by_thread(SQ "sqe a NOP flags=IO_LINK;sqe b NOP;submit;reap;", GB_EV_TW_RUN);
	only_by_thread(SQ FILES "sqe a READ fd=p.r addr=m len=16;submit;reap;write p.w 16;reap;", GB_EV_TW_RUN);
	only_by_thread(SQ FILES "sqe a READ fd=f addr=m len=16;submit;reap;", GB_EV_CQE);
	EVENTS(SQ "sqe a NOP;submit;sqe b NOP;submit;reap;", "enter init cqe",
	       "enter=0 init(a)=0 init(b)=0 cqe(a)=0 cqe(b)=0 enter=0 enter=0");
}

/* The order of 12.1 to 12.4 is that of a default ring, whatever else comes in between. */
static void test_order(void **state)
{
	(void)state;
	SEEDS(20, SQ "sqe a NOP flags=IO_LINK;sqe b NOP;sqe c NOP;submit;reap;", "a=0 c=0 b=0");
	SEEDS(20, SQ "sqe a NOP flags=SQE_GROUP;sqe b NOP flags=SQE_GROUP;sqe c NOP;sqe d NOP;submit;reap;",
	      "d=0 b=0 c=0 a=0");
	SEEDS(20,
	      SQ "sqe a NOP flags=SQE_GROUP|IO_LINK;sqe b NOP flags=SQE_GROUP;sqe c NOP res=-5;sqe d NOP;submit;reap;",
	      "b=0 c=-5 a=0 d=-125");
	SEEDS(20,
	      SQ "pipe p;mem m size=64;sqe z READ fd=p.r addr=m len=16;sqe a NOP flags=IO_DRAIN;submit;write p.w 16;"
		 "reap;",
	      "z=16 a=0");
	SEEDS(20,
	      SQ "lessor dev;file f size=64;sqe l LEASE fd=dev dir=dest len=64 flags=SQE_GROUP;"
		 "sqe a READ fd=f len=64 flags=GROUP_BUF;submit;reap;",
	      "a=64 l=0");
}

/* io_uring_enter returns to_submit: nobody learns that a batch stopped early; the thread takes the rest next round. */
static void test_submit_returns_all(void **state)
{
	(void)state;
	SEEDS(20, SQONE "sqe a BAD;sqe b NOP;sqe c NOP;submit;reap;", "a=-22 b=0 c=0");
	CQES("ring entries=16;sqe a BAD;sqe b NOP;sqe c NOP;submit;reap;", "submitted:1 a=-22");
}

/* A batch is what the thread finds: chains may be cut where the application did not cut them. */
static void test_batches_are_the_threads(void **state)
{
	uint32_t cut = 0, whole = 0;

	(void)state;
	for (uint64_t seed = 1; seed < 60; seed++) {
		struct run r;

		/* two submits, one chain: only if the thread comes in between the first is a batch of its own */
		run_variant(&r, SQ "sqe a NOP flags=IO_LINK;submit;sqe b NOP;submit;reap;", seed, 0);
		for (size_t i = 0; i < r.n; i++) {
			cut += r.event[i].type == GB_EV_PUNT;
			whole += r.event[i].type == GB_EV_LINK;
		}
		run_cqes(&r, "{ a=0 b=0 }");
		run_free(&r);
	}
	assert_int_not_equal(cut, 0);
	assert_int_not_equal(whole, 0);
}

/* S11.10: after a second with nothing to do the thread sleeps, and wants to be woken; until then it sees the tail. */
static void test_need_wakeup(void **state)
{
	(void)state;
	EVENTS(SQ "sqe a NOP;submit;reap ms=900;sqe b NOP;submit;reap ms=10;", "enter+ cqe",
	       "enter=0,1,1 cqe(a)=0 enter=0,1,1 enter=0,1,1 cqe(b)=0 enter=0,1,1 enter=0,1,1");
	EVENTS(SQ "sqe a NOP;submit;reap ms=1100;sqe b NOP;submit;reap ms=10;", "enter+ cqe",
	       "enter=0,1,1 cqe(a)=0 enter=0,1,1 enter=0,0,0 cqe(b)=0 enter=0,1,1 enter=0,1,1");
	/* task work wakes it by itself */
	CQES(SQ FILES "sqe a READ fd=p.r addr=m len=16;submit;reap ms=1500;write p.w 16;reap;", "a=16");
}

/* S11.9: 32 items a round, then it looks at the queue again; each portion is flushed by itself. */
static void test_tw_cap(void **state)
{
	char program[4096] = "ring entries=64 flags=SQPOLL|SUBMIT_ALL;pipe p;";
	struct run r;
	int64_t flushed[8] = {0};
	uint32_t n = 0;

	(void)state;
	for (int i = 0; i < 40; i++)
		snprintf(program + strlen(program), 64, "sqe a%d POLL_ADD fd=p.r op_flags=1;", i);
	strcat(program, "submit;reap;write p.w 16;reap;");
	run(&r, program);
	for (size_t i = 0; i < r.n; i++) {
		if (r.event[i].type == GB_EV_FLUSH && n < 8)
			flushed[n++] = r.event[i].a;
	}
	run_free(&r);
	assert_int_equal(n, 2);
	assert_int_equal(flushed[0], 32);
	assert_int_equal(flushed[1], 40);
}

/* SQ_WAIT: the application waits for room in the queue. */
static void test_queue_full(void **state)
{
	(void)state;
	SEEDS(20,
	      "ring entries=2 flags=SQPOLL|SUBMIT_ALL;sqe a NOP;sqe b NOP;submit;sqe c NOP;sqe d NOP;submit;sqe e NOP;"
	      "submit;reap;",
	      "a=0 b=0 c=0 d=0 e=0");
}

/* S5.11: the overflow is flushed by an enter of the application, which submit does because of the flag. */
static void test_overflow(void **state)
{
	(void)state;
	CQES("ring entries=2 cq=2 flags=SQPOLL|SUBMIT_ALL;sqe a NOP;sqe b NOP;submit;sqe c NOP;submit;reap;",
	     "a=0 b=0 c=0");
}

/* S11.9: with IOPOLL the thread polls, and waiting is waiting. */
static void test_with_iopoll(void **state)
{
	(void)state;
	only_by_thread("ring entries=16 flags=SQPOLL|IOPOLL|SUBMIT_ALL;" FILES
		       "sqe a READ fd=f addr=m len=16;submit;reap;",
		       GB_EV_CQE);
	SEEDS(20,
	      "ring entries=16 flags=SQPOLL|IOPOLL|SUBMIT_ALL;" FILES
	      "sqe a READ fd=f addr=m len=16 flags=IO_LINK;sqe b READ fd=f addr=m len=16 flags=ASYNC;submit;reap;",
	      "a=16 b=16");
	EVENTS("ring entries=16 flags=SQPOLL|IOPOLL|SUBMIT_ALL;" FILES
	       "sqe a READ fd=f addr=m len=16;submit;reap ms=0;exit;",
	       "dying done free hazard", "dying=0 done(a)=16 free(a)=0");
}

/* S9.11: the thread takes nothing more from a dying ring, and runs what is left. */
static void test_ring_exit(void **state)
{
	(void)state;
	EVENTS(SQ FILES "sqe a READ fd=p.r addr=m len=16 flags=IO_LINK;sqe b NOP;submit;reap;exit;",
	       "dying done free hazard", "dying=0 done(a)=-125 free(a)=0 done(b)=-125 free(b)=0");
	EVENTS(SQ "sqe a NOP;submit;exit;", "init done hazard", "");
}

/* S11.3: disabled, the thread submits nothing; enabled, it is woken. */
static void test_disabled(void **state)
{
	(void)state;
	CQES("ring entries=16 flags=SQPOLL|R_DISABLED;sqe a NOP;submit;reap;register enable;reap;", "a=0");
	CQES("ring entries=16 flags=SQPOLL|R_DISABLED;pipe p;sqe a NOP;submit;register enable;reap ms=1500;"
	     "register enable;sqe b NOP;submit;reap;",
	     "a=0 b=0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who_does_what),	   cmocka_unit_test(test_order),
		cmocka_unit_test(test_submit_returns_all), cmocka_unit_test(test_batches_are_the_threads),
		cmocka_unit_test(test_need_wakeup),	   cmocka_unit_test(test_tw_cap),
		cmocka_unit_test(test_queue_full),	   cmocka_unit_test(test_overflow),
		cmocka_unit_test(test_with_iopoll),	   cmocka_unit_test(test_ring_exit),
		cmocka_unit_test(test_disabled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
