/* SPDX-License-Identifier: MIT */
/*
 * The ring is closed while a request is in each state of S9.13 (S9.11 to
 * S9.14); and a CQ ring that is full (S5.11, S5.13, S2.37, S11.7).
 */
#include "rules.h"

#define LEASE  "lessor dev;pipe p;file f size=64;mem m size=64;"
#define LEADER "sqe l LEASE fd=dev dir=dest len=64 flags=SQE_GROUP"
#define MEMBER "sqe m1 READ fd=p.r len=16 flags=GROUP_BUF;"

/* The results after the close, the acks, and that nothing is lost. */
#define AT_EXIT(program, expected) EVENTS(program, "dying done ack hazard", expected)

/* Deferred head: ECANCELED, its chain and the groups in it too (S5.24); behind the polled one, or before it. */
static void test_deferred(void **state)
{
	(void)state;
	AT_EXIT(ALL LEASE "sqe z READ fd=p.r addr=m len=16;sqe a NOP flags=IO_DRAIN|IO_LINK;" LEADER "|IO_LINK;" MEMBER
			  "sqe b NOP;submit;exit;",
		"dying=0 { done(z)=-125 [ done(a)=-125 done(l)=-125 done(b)=-125 done(m1)=-125 ] }");
	AT_EXIT(ALL LEASE
		"sqe z READ fd=p.r addr=m len=16;sqe l LEASE fd=dev dir=dest len=64 flags=SQE_GROUP|IO_DRAIN;" MEMBER
		"submit;exit;",
		"dying=0 { done(z)=-125 [ done(l)=-125 done(m1)=-125 ] }");
}

/* Chained: ECANCELED if its predecessor fails, EFAULT if that succeeded and it was tw-submitted. */
static void test_chained(void **state)
{
	(void)state;
	AT_EXIT(ALL LEASE "sqe z READ fd=p.r addr=m len=16 flags=IO_LINK;sqe b NOP;submit;exit;",
		"dying=0 done(z)=-125 done(b)=-125");
	AT_EXIT(ALL LEASE "sqe z READ fd=p.r addr=m len=16 flags=IO_HARDLINK;sqe b NOP;submit;exit;",
		"dying=0 done(z)=-125 done(b)=-14");
	AT_EXIT(ALL LEASE "sqe l LEASE fd=dev dir=dest len=64 mode=async flags=SQE_GROUP|IO_LINK;sqe a NOP;sqe b NOP;"
			  "submit;exit;",
		"dying=0 done(l)=0 done(a)=-14 ack(l)=2 done(b)=-125");
}

/* A chain that takes a round of the exit worker for each of its requests is waited for (S9.11). */
static void test_long_chain(void **state)
{
	(void)state;
	AT_EXIT("ring flags=SINGLE_ISSUER|DEFER_TASKRUN;sqe a NOP flags=IO_HARDLINK;sqe b NOP flags=IO_HARDLINK;"
		"sqe c NOP flags=IO_HARDLINK;sqe d NOP flags=IO_HARDLINK;sqe e NOP flags=IO_HARDLINK;"
		"sqe f NOP flags=IO_HARDLINK;sqe g NOP flags=IO_HARDLINK;sqe h NOP;submit;exit;",
		"done(a)=0 dying=0 done(b)=-14 done(c)=-14 done(d)=-14 done(e)=-14 done(f)=-14 done(g)=-14 "
		"done(h)=-14");
}

/* Polled: ECANCELED; as a member, a leader, a POLL_ADD. */
static void test_polled(void **state)
{
	(void)state;
	AT_EXIT(ALL LEASE LEADER ";" MEMBER "submit;exit;", "done(l)=0 dying=0 done(m1)=-125 ack(l)=2");
	AT_EXIT(ALL LEASE
		"sqe a READ fd=p.r addr=m len=16 flags=SQE_GROUP;sqe b NOP flags=SQE_GROUP;sqe c NOP;submit;exit;",
		"dying=0 done(a)=-125 done(b)=-125 done(c)=-125");
	AT_EXIT(ALL LEASE "sqe a POLL_ADD fd=p.r op_flags=1;submit;exit;", "dying=0 done(a)=-125");
}

/* Timeouts: ECANCELED; a linked one through its target (S9.12). */
static void test_timeouts(void **state)
{
	(void)state;
	AT_EXIT(ALL LEASE "sqe a TIMEOUT ms=1000;sqe b TIMEOUT ms=1000 off=5;submit;exit;",
		"dying=0 { done(a)=-125 done(b)=-125 }");
	AT_EXIT(ALL LEASE "sqe a READ fd=p.r addr=m len=16 flags=IO_LINK;sqe t LINK_TIMEOUT ms=1000;submit;exit;",
		"dying=0 done(a)=-125 done(t)=-125");
}

/* io-wq: what pends fails with ECANCELED, what runs ends with what the signal makes of it. */
static void test_io_wq(void **state)
{
	uint32_t pending = 0, run_out = 0;

	(void)state;
	AT_EXIT(ALL LEASE "sqe a READ fd=p.r addr=m len=16 flags=IO_LINK;submit;reap ms=1;exit;", "dying=0 done(a)=-4");
	for (uint64_t seed = 0; seed < 80; seed++) {
		struct run r;

		run_variant(&r, ALL LEASE LEADER ";sqe a FSYNC fd=f;submit;exit;", seed, 0);
		for (size_t i = 0; i < r.n; i++) {
			const struct gb_event *ev = &r.event[i];

			if (ev->type == GB_EV_DONE && !strcmp(run_label(&r, ev->req), "a")) {
				pending += ev->a == -GB_ECANCELED;
				run_out += !ev->a;
				assert_true(ev->a == -GB_ECANCELED || ev->a == -GB_EFAULT || !ev->a);
			}
		}
		run_events(&r, "ack hazard", "ack(l)=2");
		run_free(&r);
	}
	assert_int_not_equal(pending, 0);
	assert_int_not_equal(run_out, 0);
}

/* In the driver: waited for, whatever it is. */
static void test_in_driver(void **state)
{
	(void)state;
	AT_EXIT(ALL "file f size=64 direct=1;mem m size=64;sqe a READ fd=f addr=m len=16 flags=IO_LINK;sqe b "
		    "NOP;submit;exit;",
		"dying=0 done(a)=16 done(b)=-14");
	AT_EXIT(ALL "lessor dev;file f size=64 direct=1;" LEADER ";sqe a READ fd=f len=64 flags=GROUP_BUF;submit;exit;",
		"done(l)=0 dying=0 done(a)=64 ack(l)=2");
}

/* A submission that waits as task work: EFAULT; a group member then too (group-waiting, the leader having succeeded).
 */
static void test_tw_pending(void **state)
{
	(void)state;
	AT_EXIT(DTR "sqe a NOP flags=IO_LINK;sqe b NOP flags=IO_LINK;sqe c NOP;submit;exit;",
		"done(a)=0 dying=0 done(b)=-14 done(c)=-125");
	AT_EXIT(DTR LEASE LEADER ";" MEMBER "submit;exit;", "done(l)=0 dying=0 done(m1)=-14 ack(l)=2");
	/* and one that was to be failed anyway keeps its errno (S4.13) */
	AT_EXIT(DTR LEASE "sqe l LEASE fd=dev dir=dest len=64 res=-5 flags=SQE_GROUP;" MEMBER "submit;exit;",
		"done(l)=-5 dying=0 done(m1)=-125 ack(l)=2");
}

/* Group-waiting: ECANCELED because the leader failed, EFAULT because it succeeded in a dying ring. */
static void test_group_waiting(void **state)
{
	(void)state;
	AT_EXIT(ALL LEASE "sqe l READ fd=p.r addr=m len=16 flags=SQE_GROUP;sqe a NOP;submit;exit;",
		"dying=0 done(l)=-125 done(a)=-125");
	AT_EXIT(ALL LEASE "sqe l LEASE fd=dev dir=dest len=64 mode=async flags=SQE_GROUP;" MEMBER "submit;exit;",
		"dying=0 done(l)=0 done(m1)=-14 ack(l)=2");
}

/* Leader-parked: unaffected, completes with its last member; a slow one holds it up (S9.14). */
static void test_leader_parked(void **state)
{
	(void)state;
	EVENTS(ALL LEASE "file g size=64 direct=1;" LEADER ";sqe a READ fd=g len=64 flags=SQE_GROUP|GROUP_BUF;" MEMBER
			 "submit;exit;",
	       "dying cqe ack free hazard",
	       "dying=0 cqe(m1)=-125 free(m1)=0 cqe(a)=64 cqe(l)=0 free(a)=0 ack(l)=3 free(l)=0");
}

/* As many acks as leases, and no hazard: nothing leaked, nothing given back twice. */
static void check_balance(const struct run *r)
{
	int balance = 0;

	for (size_t i = 0; i < r->n; i++) {
		balance += r->event[i].type == GB_EV_LEASE && !r->event[i].a;
		balance -= r->event[i].type == GB_EV_ACK;
		assert_true(r->event[i].type != GB_EV_HAZARD);
	}
	assert_int_equal(balance, 0);
}

/* Whatever the order, each lease comes back once and no request stays. */
static void test_any_order(void **state)
{
	static const char *const programs[] = {
		ALL LEASE LEADER ";" MEMBER "submit;exit;",
		ALL LEASE LEADER "|ASYNC;" MEMBER "submit;exit;",
		ALL LEASE LEADER ";sqe m1 READ fd=p.r len=16 flags=GROUP_BUF|ASYNC;submit;exit;",
		DTR LEASE LEADER "|IO_LINK;" MEMBER "sqe b NOP;submit;exit;",
		DTR LEASE LEADER "|ASYNC|IO_LINK;" MEMBER "sqe b NOP flags=ASYNC;submit;write p.w 16;exit;",
		ALL LEASE LEADER "|IO_LINK;" MEMBER "sqe t LINK_TIMEOUT ms=1;submit;exit;",
		"ring entries=8 flags=SQPOLL|SUBMIT_ALL;" LEASE LEADER ";" MEMBER "submit;wait 1;exit;",
		ALL LEASE LEADER ";" MEMBER "submit;die;write p.w 16;exit;",
		ALL LEASE LEADER ";" MEMBER "submit;exec;exit;",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		for (uint64_t seed = 0; seed < 40; seed++) {
			struct run r;

			run_variant(&r, programs[i], seed, 0);
			check_balance(&r);
			run_free(&r);
		}
	}
}

/* S9.14, its exception: what the posted code has lost (A1, A2) stays lost, and is reported once each. */
static void test_lost(void **state)
{
	(void)state;
	CQES(ALL LEASE "sqe l LEASE fd=dev dir=dest len=64 flags=SQE_GROUP;submit;exit;", "!leak(l)");
	CQES(ALL LEASE "sqe a NOP flags=IO_LINK;" LEADER ";sqe b NOP flags=SQE_GROUP;submit;exit;",
	     "{ !leak(a) !leak(l) !leak(b) }");
}

/* ---- a full CQ ring ---- */

#define SMALL "ring entries=2 cq=2 flags=SUBMIT_ALL;"

/* S5.11: the order is kept, also by those that would fit again. */
static void test_overflow_order(void **state)
{
	(void)state;
	CQES(SMALL "sqe a NOP;sqe b NOP;submit;sqe c NOP;sqe d NOP;submit;sqe e NOP;submit;reap;",
	     "a=0 b=0 c=0 d=0 e=0");
	/* while one is on the list, the next goes there too, although the application has made room (I42) */
	CQES(SMALL
	     "sqe a NOP;sqe b NOP;submit;sqe c TIMEOUT ms=5;submit;sqe d NOP;submit;wait 1;sqe e NOP;submit;reap;",
	     "a=0 b=0 d=0 e=0 c=-62");
}

/* S5.11: only an enter with GETEVENTS brings them; submit is one because of the flag. */
static void test_overflow_flush(void **state)
{
	(void)state;
	EVENTS(SMALL "sqe a NOP;sqe b NOP;submit;sqe c NOP;submit;wait 2;submit;reap ms=0;", "enter+ flush reap",
	       "enter=2,0,0 flush=2 enter=1,0,0 reap(a)=0 reap(b)=0 enter=0,0,1 flush=3 reap(c)=0 enter=0,1,1 "
	       "enter=0,1,1");
	/* the flag goes with the last of them */
	EVENTS(SMALL
	       "sqe a NOP;sqe b NOP;submit;sqe c NOP;sqe d NOP;submit;sqe e NOP;submit;wait 1;submit;wait 1;submit;"
	       "wait 1;submit;submit;reap ms=0;",
	       "enter+",
	       "enter=2,0,0 enter=2,0,0 enter=1,0,1 enter=0,0,1 enter=0,0,1 enter=0,0,1 enter=0,1,1 enter=0,1,1");
}

/* I36 and I42: groups and links overflow like anything else. */
static void test_overflow_groups(void **state)
{
	(void)state;
	SEEDS(20,
	      "ring entries=8 cq=8 flags=SUBMIT_ALL;sqe x1 NOP;sqe x2 NOP;sqe x3 NOP;sqe x4 NOP;sqe x5 NOP;sqe x6 NOP;"
	      "submit;sqe a NOP flags=SQE_GROUP|IO_LINK;sqe b NOP flags=SQE_GROUP;sqe c NOP flags=SQE_GROUP;sqe d NOP;"
	      "sqe e NOP;submit;reap;",
	      "x1=0 x2=0 x3=0 x4=0 x5=0 x6=0 b=0 c=0 d=0 a=0 e=0");
}

/* S2.37: an overflown CQE counts for a drain once it is moved to the ring. */
static void test_overflow_drain(void **state)
{
	(void)state;
	EVENTS(SMALL "sqe a NOP;sqe b NOP;submit;sqe c NOP;sqe d NOP flags=IO_DRAIN;submit;wait 2;reap;",
	       "defer release reap issue",
	       "issue(a)=1 issue(b)=1 issue(c)=1 defer(d)=3 reap(a)=0 reap(b)=0 release(d)=3 issue(d)=1 reap(c)=0 "
	       "reap(d)=0");
}

/* S5.13: a multishot CQE that does not fit ends the multishot; its final CQE overflows. */
static void test_overflow_multishot(void **state)
{
	(void)state;
	/* three expire at once, and two CQEs fit */
	CQES(SMALL "sqe t1 TIMEOUT ms=5 off=2 op_flags=0x40;sqe t2 TIMEOUT ms=5 off=2 op_flags=0x40;submit;"
		   "sqe t3 TIMEOUT ms=5 off=2 op_flags=0x40;submit;reap;",
	     "t1=-62+2 t2=-62+2 t3=-62 t1=-62 t2=-62");
}

/* Found by the fuzzer: a chain that takes longer than the 200 ms is not lost, as the exit worker goes on with it. */
static void test_long_chain_is_not_lost(void **state)
{
	(void)state;
	SEEDS(400,
	      "ring flags=SINGLE_ISSUER|DEFER_TASKRUN;sqe a NOP flags=IO_HARDLINK|SQE_GROUP;sqe b NOP;"
	      "sqe c NOP flags=IO_LINK;sqe d NOP flags=IO_LINK|SQE_GROUP;sqe e NOP;submit;exit",
	      "");
}

/* Found by the fuzzer: a ring that its own request keeps open is never torn down, and the run ends all the same. */
static void test_own_ring(void **state)
{
	(void)state;
	CQES("ring flags=SINGLE_ISSUER|DEFER_TASKRUN;sqe a WRITE fd=ring;submit;exit", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_long_chain_is_not_lost),
		cmocka_unit_test(test_own_ring),
		cmocka_unit_test(test_deferred),
		cmocka_unit_test(test_chained),
		cmocka_unit_test(test_long_chain),
		cmocka_unit_test(test_polled),
		cmocka_unit_test(test_timeouts),
		cmocka_unit_test(test_io_wq),
		cmocka_unit_test(test_in_driver),
		cmocka_unit_test(test_tw_pending),
		cmocka_unit_test(test_group_waiting),
		cmocka_unit_test(test_leader_parked),
		cmocka_unit_test(test_any_order),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_overflow_order),
		cmocka_unit_test(test_overflow_flush),
		cmocka_unit_test(test_overflow_groups),
		cmocka_unit_test(test_overflow_drain),
		cmocka_unit_test(test_overflow_multishot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
