/* SPDX-License-Identifier: MIT */
/*
 * The submitting task exits while somebody else keeps the ring open: 12.7,
 * S9.8 to S9.10, S4.10, S4.11. The other holder looks at the CQ ring only.
 */
#include "rules.h"

#define WORLD  ALL "pipe p;mem m size=64;"
#define WORLDD DTR "pipe p;mem m size=64;"
#define Z      "sqe z READ fd=p.r addr=m len=16"
#define A_READ "sqe a READ fd=p.r addr=m len=16 flags="
#define EVENT  "submit;reap;die;write p.w 16;reap;"

/* 12.7, row by row; no order of anything changes it. */
static void test_cheat_sheet(void **state)
{
	(void)state;
	SEEDS(20, WORLD A_READ "IO_LINK;sqe b NOP;" EVENT, "a=-125:POLL_TASK_DEAD b=-125:LINK_BROKEN");
	SEEDS(20, WORLD "sqe a NOP flags=SQE_GROUP;sqe b READ fd=p.r addr=m len=16 flags=SQE_GROUP;sqe c NOP;" EVENT,
	      "c=0 b=-125:POLL_TASK_DEAD a=0");
	SEEDS(20, WORLD A_READ "SQE_GROUP;sqe b NOP flags=SQE_GROUP;sqe c NOP;" EVENT,
	      "c=-125:LEADER_FAILED b=-125:LEADER_FAILED a=-125:POLL_TASK_DEAD");
	SEEDS(20, WORLD A_READ "SQE_GROUP|IO_LINK;sqe b NOP flags=SQE_GROUP;sqe c NOP;sqe d NOP;" EVENT,
	      "c=-125 b=-125 a=-125 d=-125:LINK_BROKEN");
	SEEDS(20, WORLD Z ";sqe a NOP flags=IO_DRAIN;sqe b NOP;" EVENT,
	      "z=-125:POLL_TASK_DEAD b=-14:TASK_DYING a=-14:TASK_DYING");
}

/* S4.10: one at a time comes newest first, about a tick after the event; each run of the worker is one batch. */
static void test_fallback_order(void **state)
{
	(void)state;
	/* three polls on one pipe are woken newest first (S3.10), so the fallback hands them out in order of arming */
	CQES(WORLD "sqe a POLL_ADD fd=p.r op_flags=1;sqe b POLL_ADD fd=p.r op_flags=1;"
		   "sqe c POLL_ADD fd=p.r op_flags=1;" EVENT,
	     "a=-125 b=-125 c=-125");
	EVENTS(WORLD Z ";" EVENT, "fallback cqe", "fallback(z)=0 cqe(z)=-125:POLL_TASK_DEAD");
	/* the tick: nothing within a reap that is shorter than one, all within the next */
	EVENTS(WORLD Z ";submit;die;write p.w 16;reap ms=1;read p.r 1;reap;", "fallback got cqe",
	       "fallback(z)=0 got=0 cqe(z)=-125:POLL_TASK_DEAD");
}

/* S4.10, the other half: what the task leaves behind when it exits is moved as a whole and stays FIFO. */
static void test_exit_moves_whole_list(void **state)
{
	(void)state;
	/* two workers are interrupted while the task waits for them to leave */
	EVENTS(WORLD "pipe q;" A_READ "IO_LINK;submit;sqe b READ fd=q.r addr=m len=16 flags=IO_LINK;submit;"
		     "reap ms=1;die;reap;",
	       "tw_add fallback cqe",
	       "tw_add(b)=CANCEL tw_add(a)=CANCEL fallback(a)=0 fallback(b)=0 cqe(b)=-4:INTERRUPTED "
	       "cqe(a)=-4:INTERRUPTED");
}

/* S9.10: timeouts fire normally. */
static void test_timeouts_fire(void **state)
{
	(void)state;
	CQES(WORLD "sqe t TIMEOUT ms=20;submit;die;reap;", "t=-62:TIMEOUT_FIRED");
	/* a linked timeout that fires does not cancel any more (S4.11); its target stays */
	CQES(WORLD A_READ "IO_LINK;sqe t LINK_TIMEOUT ms=20;submit;die;reap;", "t=-2:LTIMEOUT_MISSED");
}

/* S4.12 and S5.17: members behind a leader that completes well are not issued; I26: the group completes all the same.
 */
static void test_members_are_not_issued(void **state)
{
	(void)state;
	/* the leader's command completes 2 ms later, after the task is gone */
	CQES(ALL "lessor dev;file f size=64;"
		 "sqe l LEASE fd=dev dir=dest len=64 mode=async flags=SQE_GROUP;"
		 "sqe a READ fd=f len=64 flags=SQE_GROUP|GROUP_BUF;sqe b NOP;submit;die;reap;",
	     "b=-14:TASK_DYING a=-14:TASK_DYING l=0");
	EVENTS(ALL "lessor dev;file f size=64;"
		   "sqe l LEASE fd=dev dir=dest len=64 mode=async flags=SQE_GROUP;"
		   "sqe a READ fd=f len=64 flags=SQE_GROUP|GROUP_BUF;sqe b NOP;submit;die;reap;",
	       "issue lease ack hazard", "issue(l)=1 lease(l)=0 ack(l)=3");
	/* those that were to be failed anyway keep their errno */
	CQES(ALL "lessor dev;sqe l LEASE fd=dev dir=dest len=64 mode=async res=-5 flags=SQE_GROUP;"
		 "sqe a NOP;submit;die;reap;",
	     "a=-125:LEADER_FAILED l=-5");
}

/* S6.22: the lease of a group whose member waits comes back through the fallback worker, once. */
static void test_ack_in_fallback(void **state)
{
	(void)state;
	EVENTS(ALL "lessor dev;pipe p;sqe l LEASE fd=dev dir=dest len=64 flags=SQE_GROUP;"
		   "sqe a READ fd=p.r len=16 flags=GROUP_BUF;submit;die;write p.w 16;reap;",
	       "lease task_exit fallback cqe ack hazard",
	       "lease(l)=0 task_exit=0 fallback(a)=0 cqe(a)=-125:POLL_TASK_DEAD cqe(l)=0:CMD_DONE ack(l)=2");
}

/* S9.8: what a worker sleeps in is interrupted, what is bound and begins now is run, what is unbound is not. */
static void test_io_wq(void **state)
{
	(void)state;
	/* a chain cut by the end of the batch is issued by a worker, which sleeps in the read */
	CQES(WORLD A_READ "IO_LINK;submit;reap ms=1;die;reap;", "a=-4:INTERRUPTED");
	/* a write that has moved something reports it */
	CQES(ALL "sock s sndbuf=64;mem m size=256;sqe a WRITE fd=s.0 addr=m len=256 flags=IO_LINK;submit;reap ms=1;"
		 "die;reap;",
	     "a=64");
	for (uint64_t seed = 0; seed < 40; seed++) {
		struct run r;

		run_variant(&r, WORLD "file f size=64;sqe f FSYNC fd=f;submit;die;reap;", seed, 0);
		run_cqes(&r, "f=0");
		run_free(&r);
		/* before the exit the worker parks the read; during the exit it does not begin it */
		run_variant(&r, WORLD A_READ "ASYNC;submit;die;write p.w 16;reap;", seed, 0);
		run_cqes(&r, "a=-125");
		run_free(&r);
	}
}

/* S9.8: what may wait for ever is flagged before a worker begins it; what it sleeps in already is interrupted. */
static void test_io_wq_unbound(void **state)
{
	uint32_t flagged = 0, interrupted = 0;

	(void)state;
	for (uint64_t seed = 0; seed < 60; seed++) {
		struct run r;

		run_variant(&r, WORLD A_READ "IO_LINK;submit;die;reap;", seed, 0);
		for (size_t i = 0; i < r.n; i++) {
			if (r.event[i].type != GB_EV_REAP)
				continue;
			flagged += r.event[i].a == -GB_ECANCELED && r.event[i].reason == GB_R_WORK_FLAGGED;
			interrupted += r.event[i].a == -GB_EINTR;
		}
		run_free(&r);
	}
	assert_int_not_equal(flagged, 0);
	assert_int_not_equal(interrupted, 0);
	assert_int_equal(flagged + interrupted, 60);
}

/* S9.8: an item without a worker, here because its account has no room for another, fails. */
static void test_io_wq_pending(void **state)
{
	(void)state;
	CQES("ring entries=1 flags=SUBMIT_ALL;pipe p;pipe q;mem m size=64;"
	     "sqe a READ fd=p.r addr=m len=16 flags=IO_LINK;submit;"
	     "sqe b READ fd=q.r addr=m len=16 flags=IO_LINK;submit;reap ms=1;die;reap;",
	     "{ a=-4:INTERRUPTED b=-4:INTERRUPTED }");
}

/* S4.15: on a DTR ring the work of a dead submitter waits for the close, which hands it to the fallback worker. */
static void test_defer_taskrun(void **state)
{
	(void)state;
	CQES(WORLDD A_READ "IO_LINK;sqe b NOP;" EVENT, "");
	EVENTS(WORLDD A_READ "IO_LINK;sqe b NOP;" EVENT "exit", "dying fallback free",
	       "dying=0 fallback(a)=0 free(a)=0 fallback(b)=0 free(b)=0");
	EVENTS(DTR "lessor dev;pipe p;sqe l LEASE fd=dev dir=dest len=64 flags=SQE_GROUP;"
		   "sqe a READ fd=p.r len=16 flags=GROUP_BUF;submit;reap ms=1;die;write p.w 16;reap;",
	       "dying ack hazard", "dying=0 ack(l)=2");
}

/* S9.11 after S9.8: whoever closes the ring last, every request ends and every lease comes back once. */
static void test_close_by_the_other(void **state)
{
	(void)state;
	EVENTS(ALL "lessor dev;pipe p;sqe l LEASE fd=dev dir=dest len=64 flags=SQE_GROUP;"
		   "sqe a READ fd=p.r len=16 flags=GROUP_BUF;submit;die;exit;",
	       "task_exit dying done ack free hazard",
	       "done(l)=0 task_exit=0 dying=0 done(a)=-125 free(a)=0 ack(l)=2 free(l)=0");
}

/* The other holder waits for CQEs in vain, or finds them. */
static void test_the_other_waits(void **state)
{
	(void)state;
	CQES(WORLD Z ";submit;die;wait 1;", "stuck");
	CQES(WORLD "sqe t TIMEOUT ms=300;submit;die;wait 1;", "t=-62");
	CQES(WORLD Z ";sqe t TIMEOUT ms=300;submit;die;wait 2;write p.w 16;wait 1;", "t=-62 stuck z=-125");
}

/* S9.9: exec cancels everything and waits for it; nothing is issued for the dead, but it is a live task that runs tw.
 */
static void test_exec(void **state)
{
	(void)state;
	CQES(WORLD A_READ "IO_LINK;sqe b NOP;submit;exec;reap;", "a=-125:POLL_CANCELED b=-125");
	CQES(WORLD A_READ "IO_HARDLINK;sqe b NOP;submit;exec;reap;", "a=-125:POLL_CANCELED b=0");
	CQES(WORLD Z ";sqe a NOP flags=IO_DRAIN;sqe t TIMEOUT ms=1000;submit;exec;reap;",
	     "a=-125:DRAIN_CANCELED t=-125 z=-125");
	CQES(WORLD "sqe t TIMEOUT ms=1000;submit;exec;reap;", "t=-125:TIMEOUT_KILLED");
	CQES(WORLD A_READ "IO_LINK;submit;reap ms=1;exec;reap;", "a=-4:INTERRUPTED");
	/* its own DTR work is run (S9.12) */
	CQES(WORLDD "sqe a NOP flags=IO_LINK;sqe b NOP flags=IO_LINK;sqe c NOP;submit;exec;reap;", "a=0 b=0 c=0");
	/* in-driver: waited for */
	EVENTS(ALL
	       "lessor dev;sqe l LEASE fd=dev dir=dest len=64 mode=async flags=SQE_GROUP;sqe a NOP;submit;exec;reap;",
	       "task_exit cqe ack", "task_exit=1 cqe(a)=0 cqe(l)=0:CMD_DONE ack(l)=2");
	/* io-wq takes nothing more: a successor that wants a worker does not get one */
	CQES(WORLD A_READ "IO_HARDLINK;sqe b NOP flags=ASYNC;submit;exec;reap;", "a=-125 b=-125:WORK_CANCELED");
}

/* I62: with a lost request (A1) exec never returns. */
static void test_exec_hangs(void **state)
{
	(void)state;
	CQES(ALL "sqe a NOP flags=SQE_GROUP;submit;exec;reap;", "stuck !leak(a)");
}

/* A worker that waits for a page is not interrupted (found by the fuzzer: it waited twice at a time, for ever). */
static void test_page_comes(void **state)
{
	(void)state;
	SEEDS(20, ALL "file f size=16 nowait=1 rasync=0 cold=1;mem m size=16;sqe a READ fd=f addr=m len=16;submit;die;",
	      "a=16");
	CQES(ALL "file f size=16 nowait=1 rasync=0 cold=1;mem m size=16;sqe a READ fd=f addr=m len=16;submit;exec;",
	     "a=16");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cheat_sheet),
		cmocka_unit_test(test_fallback_order),
		cmocka_unit_test(test_exit_moves_whole_list),
		cmocka_unit_test(test_timeouts_fire),
		cmocka_unit_test(test_members_are_not_issued),
		cmocka_unit_test(test_ack_in_fallback),
		cmocka_unit_test(test_io_wq),
		cmocka_unit_test(test_io_wq_unbound),
		cmocka_unit_test(test_io_wq_pending),
		cmocka_unit_test(test_defer_taskrun),
		cmocka_unit_test(test_close_by_the_other),
		cmocka_unit_test(test_the_other_waits),
		cmocka_unit_test(test_exec),
		cmocka_unit_test(test_exec_hangs),
		cmocka_unit_test(test_page_comes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
