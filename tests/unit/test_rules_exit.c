/* SPDX-License-Identifier: MIT */
/* Section 9.2 of semantics.md: the ring is closed while requests are pending. */
#include "rules.h"

#define WORLD "lessor dev;pipe p;pipe q;sock s;file f size=4096;file d size=64 direct=1;mem m size=4096;"
#define READ  " READ fd=p.r addr=m len=16"
#define CUT   " flags=IO_LINK;submit;" /* a chain cut by the end of the batch: its worker really blocks */

/* What is posted though nobody can see it any more, in both kinds of rings; and nothing is lost, nothing freed twice.
 */
static void check_exit(const char *program, const char *expected)
{
	const char *const rings[] = {ALL, DTR};

	for (size_t ring = 0; ring < 2; ring++) {
		for (uint64_t seed = 0; seed <= 8; seed++) {
			struct text t = {.n = 0};
			unsigned int freed[16] = {0};
			struct run r;

			text_add(&t, "%s" WORLD "%s", rings[ring], program);
			run_variant(&r, t.s, seed, 0);
			run_events(&r, "cqe hazard", expected);
			for (size_t i = 0; i < r.n; i++) {
				if (r.event[i].type == GB_EV_FREE)
					freed[r.event[i].req]++;
			}
			for (uint32_t i = 0; i < r.trace->n_sqes; i++)
				assert_int_equal(freed[i], 1);
			run_free(&r);
		}
	}
}

static void test_S9_13_polled(void **state)
{
	(void)state;
	check_exit("sqe a" READ ";submit;reap;exit", "cqe(a)=-125:POLL_TASK_DEAD");
	check_exit("sqe a POLL_ADD fd=p.r op_flags=1;submit;reap;exit", "cqe(a)=-125:POLL_TASK_DEAD");
	check_exit("sqe a RECV fd=s.0 addr=m len=16 op_flags=0x100;submit;write s.1 5;reap;exit",
		   "cqe(a)=5:SR_PARTIAL");
	/* woken, and then it is too late */
	check_exit("sqe a" READ " flags=ASYNC;submit;reap;exit", "cqe(a)=-125:POLL_TASK_DEAD");
}

static void test_S9_13_chained(void **state)
{
	(void)state;
	/* behind one that fails */
	check_exit("sqe a" READ " flags=IO_LINK;sqe b NOP flags=IO_LINK;sqe c NOP;submit;reap;exit",
		   "cqe(a)=-125 cqe(b)=-125:LINK_BROKEN cqe(c)=-125:LINK_BROKEN");
	/* behind a hardlink the turn comes, but too late */
	check_exit("sqe a" READ " flags=IO_HARDLINK;sqe b NOP flags=IO_LINK;sqe c NOP;submit;reap;exit",
		   "cqe(a)=-125 cqe(b)=-14:TASK_DYING cqe(c)=-125:LINK_BROKEN");
	/* behind one that succeeds in the meantime: a direct file cannot be cancelled */
	check_exit("sqe a READ fd=d addr=m len=16 flags=IO_LINK;sqe b NOP;submit;exit",
		   "cqe(a)=16 cqe(b)=-14:TASK_DYING");
}

static void test_S9_13_deferred(void **state)
{
	(void)state;
	check_exit("sqe z" READ ";sqe a NOP flags=IO_DRAIN;sqe b NOP;submit;reap;exit",
		   "{cqe(a)=-125:DRAIN_CANCELED cqe(b)=-125:DRAIN_CANCELED cqe(z)=-125}");
	/* a chain with a group in it */
	check_exit(
		"sqe z" READ
		";sqe a NOP flags=IO_DRAIN|IO_LINK;sqe b NOP flags=SQE_GROUP|IO_LINK;sqe c NOP;sqe d NOP;submit;"
		"reap;exit",
		"{[cqe(a)=-125:DRAIN_CANCELED cqe(d)=-125 cqe(c)=-125:GROUP_OF_BROKEN_LINK cqe(b)=-125] cqe(z)=-125}");
}

static void test_S9_13_timeouts(void **state)
{
	(void)state;
	check_exit("sqe y TIMEOUT ms=90000;submit;exit", "cqe(y)=-125:TIMEOUT_KILLED");
	check_exit("sqe y TIMEOUT ms=90000 off=5;submit;exit", "cqe(y)=-125:TIMEOUT_KILLED");
	check_exit("sqe y TIMEOUT ms=90000 flags=IO_LINK;sqe n NOP;submit;exit", "cqe(y)=-125 cqe(n)=-125");
	/* linked ones are dealt with through their targets */
	check_exit("sqe z" READ " flags=IO_LINK;sqe t LINK_TIMEOUT ms=90000 flags=IO_LINK;sqe n NOP;submit;reap;exit",
		   "cqe(z)=-125 {cqe(t)=-125:LTIMEOUT_DISARMED cqe(n)=-125:LINK_BROKEN}");
}

/* The timer fires after the close: its target is beyond cancelling. */
static void test_S8_32_a_linked_timeout_in_a_dying_ring(void **state)
{
	(void)state;
	EVENTS(WORLD "sqe L LEASE fd=dev dir=dest len=8 mode=async flags=SQE_GROUP|IO_LINK;sqe m NOP;sqe t "
		     "LINK_TIMEOUT ms=1;submit;"
		     "exit",
	       "cqe", "cqe(t)=-2:LTIMEOUT_MISSED cqe(m)=-14 cqe(L)=0");
}

static void test_S9_13_io_wq(void **state)
{
	(void)state;
	/* pending, or just run */
	check_exit("sqe a NOP flags=ASYNC;submit;exit", "cqe(a)=-125 | cqe(a)=0");
	/* asleep in a worker: the signal ends it */
	check_exit("sqe a" READ CUT "reap;exit", "cqe(a)=-4:INTERRUPTED");
	check_exit("sqe a" READ " flags=IO_LINK;sqe b NOP flags=IO_LINK;submit;reap;exit", "cqe(a)=-4 cqe(b)=-125");
	check_exit("write q.w 65536;sqe a WRITE fd=q.w addr=m len=16" CUT "reap;exit", "cqe(a)=-4:INTERRUPTED");
	check_exit("sqe a RECV fd=s.0 addr=m len=16 op_flags=0x100" CUT "write s.1 3;reap;exit", "cqe(a)=3:SR_PARTIAL");
}

static void test_S9_13_in_a_driver(void **state)
{
	(void)state;
	/* waited for */
	check_exit("sqe a READ fd=d addr=m len=16;submit;exit", "cqe(a)=16:RW_FULL");
	check_exit("sqe L LEASE fd=dev dir=dest len=8 mode=async flags=SQE_GROUP;sqe m NOP;submit;exit",
		   "cqe(m)=-14:TASK_DYING cqe(L)=0");
}

static void test_S9_13_queued_as_task_work(void **state)
{
	(void)state;
	EVENTS(DTR "sqe a NOP flags=IO_LINK;sqe b NOP;submit;exit", "cqe", "cqe(a)=0 cqe(b)=-14:TASK_DYING");
	EVENTS(DTR "sqe a NOP res=-3 flags=IO_LINK;sqe b NOP;submit;exit", "cqe", "cqe(a)=-3 cqe(b)=-125:LINK_BROKEN");
	/* woken before the close */
	EVENTS(DTR WORLD "sqe a" READ ";submit;write p.w 16;exit", "cqe", "cqe(a)=-125:POLL_TASK_DEAD");
	EVENTS(DTR WORLD "sqe a POLL_ADD fd=p.r op_flags=1;submit;write p.w 16;exit", "cqe",
	       "cqe(a)=-125:POLL_TASK_DEAD");
}

static void test_S9_13_groups(void **state)
{
	(void)state;
	/* group-waiting: the leader fails */
	check_exit("sqe a" READ " flags=SQE_GROUP;sqe b NOP flags=SQE_GROUP;sqe c NOP;submit;reap;exit",
		   "{cqe(b)=-125:LEADER_FAILED cqe(c)=-125:LEADER_FAILED} cqe(a)=-125");
	/* leader-parked: completes with its last member */
	check_exit("sqe a NOP flags=SQE_GROUP;sqe b" READ ";submit;reap;exit", "cqe(b)=-125 cqe(a)=0");
	check_exit("sqe a NOP flags=SQE_GROUP|IO_LINK;sqe b" READ ";sqe n NOP;submit;reap;exit",
		   "cqe(b)=-125 cqe(a)=0 cqe(n)=-125");
	/* members that had no turn yet; local work moves over newest first (S4.15) */
	EVENTS(DTR "sqe a NOP flags=SQE_GROUP;sqe b NOP flags=SQE_GROUP;sqe c NOP;submit;exit", "cqe",
	       "cqe(c)=-14:TASK_DYING cqe(b)=-14:TASK_DYING cqe(a)=0");
}

static void test_S9_12_order_of_a_round(void **state)
{
	(void)state;
	/* io-wq, the deferred list, polls, timeouts */
	EVENTS(WORLD "sqe w READ fd=q.r addr=m len=16" CUT "reap;sqe y TIMEOUT ms=90000;sqe z" READ
		     ";sqe d NOP flags=IO_DRAIN;submit;exit",
	       "cqe", "{cqe(w)=-4 [cqe(d)=-125:DRAIN_CANCELED cqe(z)=-125 cqe(y)=-125:TIMEOUT_KILLED]}");
}

static void test_S9_14_acks_come_before_the_ring_is_gone(void **state)
{
	(void)state;
	EVENTS(WORLD
	       "sqe L LEASE fd=dev dir=dest len=8 flags=SQE_GROUP;sqe a READ fd=p.r len=8 flags=GROUP_BUF;submit;exit",
	       "dying cqe ack", "dying=0 cqe(a)=-125 cqe(L)=0 ack(L)=2");
	/* a member in a driver delays it */
	EVENTS(WORLD
	       "sqe L LEASE fd=dev dir=dest len=8 flags=SQE_GROUP;sqe a READ fd=d len=8 flags=GROUP_BUF;submit;exit",
	       "dying cqe ack", "dying=0 cqe(a)=8 cqe(L)=0 ack(L)=2");
}

static void test_S9_11_what_is_left_at_the_end_is_reaped_and_closed(void **state)
{
	(void)state;
	/* without an exit of its own a trace is reaped once more before the close */
	CQES(WORLD "sqe a NOP;submit", "a=0");
	CQES(WORLD "sqe a NOP;submit;exit", "");
}

static void test_S2_33_what_the_posted_code_loses(void **state)
{
	(void)state;
	CQES(ALL "sqe a NOP flags=SQE_GROUP;submit;exit", "!leak(a)");
	CQES(ALL "sqe a NOP flags=IO_LINK;sqe b NOP flags=SQE_GROUP;sqe c NOP flags=SQE_GROUP;submit;exit",
	     "!leak(a) !leak(b) !leak(c)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_S9_13_polled),
		cmocka_unit_test(test_S9_13_chained),
		cmocka_unit_test(test_S9_13_deferred),
		cmocka_unit_test(test_S9_13_timeouts),
		cmocka_unit_test(test_S8_32_a_linked_timeout_in_a_dying_ring),
		cmocka_unit_test(test_S9_13_io_wq),
		cmocka_unit_test(test_S9_13_in_a_driver),
		cmocka_unit_test(test_S9_13_queued_as_task_work),
		cmocka_unit_test(test_S9_13_groups),
		cmocka_unit_test(test_S9_12_order_of_a_round),
		cmocka_unit_test(test_S9_14_acks_come_before_the_ring_is_gone),
		cmocka_unit_test(test_S9_11_what_is_left_at_the_end_is_reaped_and_closed),
		cmocka_unit_test(test_S2_33_what_the_posted_code_loses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
