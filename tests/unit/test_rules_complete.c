/* SPDX-License-Identifier: MIT */
/* Section 5 of semantics.md: the flush, groups, links. */
#include "rules.h"

#define PIPE "pipe p;mem m size=64;"
#define READ " READ fd=p.r addr=m len=16"

/* ---- 5.1 the flush ---- */

static void test_S5_2_what_follows_a_flush_is_queued_in_order(void **state)
{
	(void)state;
	/* CQEs, then counted timeouts, then drains, then successors and members in list order */
	EVENTS(ALL "sqe y TIMEOUT ms=900 off=2;sqe a NOP flags=IO_LINK;sqe b NOP;sqe c NOP flags=SQE_GROUP;sqe d NOP;"
		   "sqe e NOP;submit",
	       "cqe flush tw_add qmember",
	       "cqe(a)=0 cqe(e)=0 flush=2 tw_add(y)=COMPLETE tw_add(b)=SUBMIT qmember(d)=0 tw_add(d)=SUBMIT "
	       "cqe(y)=0 cqe(b)=0 cqe(d)=0 cqe(c)=0 flush=6");
	EVENTS(ALL PIPE "sqe z" READ
			" flags=IO_LINK;sqe n NOP;sqe y TIMEOUT ms=900 off=1;sqe d NOP flags=IO_DRAIN;submit;"
			"write p.w 16;wait 3",
	       "defer release cqe tw_add",
	       "defer(d)=3 tw_add(z)=POLL cqe(z)=16 tw_add(y)=COMPLETE tw_add(n)=SUBMIT cqe(y)=0 cqe(n)=0 release(d)=3 "
	       "tw_add(d)=SUBMIT cqe(d)=0 tw_add(d)=COMPLETE");
}

static void test_S5_3_the_end_of_a_leader(void **state)
{
	(void)state;
	/* the successor is queued, then the buffer goes back, then the request is freed */
	EVENTS("lessor dev;sqe L LEASE fd=dev dir=dest len=64 flags=SQE_GROUP|IO_LINK;sqe m NOP;sqe n NOP;submit",
	       "cqe flush tw_add ack free",
	       "tw_add(m)=SUBMIT cqe(m)=0 cqe(L)=0 flush=2 free(m)=0 tw_add(n)=SUBMIT ack(L)=2 free(L)=0 cqe(n)=0 "
	       "flush=3 "
	       "free(n)=0");
}

static void test_S5_4_a_successor_never_runs_in_the_flush_that_starts_it(void **state)
{
	(void)state;
	SPLIT(DTR "sqe a NOP flags=IO_LINK;sqe b NOP;sqe c NOP flags=IO_LINK;sqe d NOP;submit", "s: a=0 c=0 / b=0 d=0");
}

static void test_S5_5_freed_requests_are_used_again(void **state)
{
	struct text t = {.n = 0};

	(void)state;
	for (int i = 0; i < 20; i++)
		text_add(&t, "sqe a%d NOP;submit;", i);
	CQES(t.s,
	     "a0=0 a1=0 a2=0 a3=0 a4=0 a5=0 a6=0 a7=0 a8=0 a9=0 a10=0 a11=0 a12=0 a13=0 a14=0 a15=0 a16=0 a17=0 a18=0 "
	     "a19=0");
}

static void test_S5_6_fail_hooks(void **state)
{
	(void)state;
	CQES("sock s;mem m size=64;sqe a RECV fd=s.0 addr=m len=32 op_flags=0x100;submit;write s.1 10;shutdown s.1",
	     "a=10");
}

static void test_S5_12_who_posts_what_a_worker_completed(void **state)
{
	(void)state;
	EVENTS("sqe a NOP flags=ASYNC;submit", "cqe@", "cqe(a)@io-wq");
	EVENTS(DTR "sqe a NOP flags=ASYNC;submit", "cqe@", "cqe(a)@task-work");
	EVENTS("sqe a NOP flags=SQE_GROUP;sqe b NOP flags=ASYNC;submit", "cqe@", "cqe(b)@task-work cqe(a)@task-work");
}

/* ---- 5.3 groups ---- */

static void test_S5_14_the_leader_waits_for_its_members(void **state)
{
	(void)state;
	EVENTS("sqe a NOP flags=SQE_GROUP;sqe b NOP flags=SQE_GROUP;sqe c NOP;submit", "done first grp cqe",
	       "grp(a)=1 grp(a)=2 grp(a)=3 done(a)=0 grp(a)=2 first(a)=0 done(b)=0 done(c)=0 cqe(b)=0 grp(a)=1 "
	       "cqe(c)=0 "
	       "grp(a)=0 cqe(a)=0");
}

static void test_S5_15_a_failed_member_undoes_the_leaders_skip(void **state)
{
	(void)state;
	EVENTS(ALL "sqe a NOP flags=SQE_GROUP|CQE_SKIP_SUCCESS;sqe b NOP res=-5 flags=SQE_GROUP;sqe c NOP;submit",
	       "cqe skip fail", "fail(b)=0 cqe(b)=-5 fail(a)=0 cqe(c)=0 cqe(a)=0");
	EVENTS(ALL "sqe a NOP flags=SQE_GROUP|CQE_SKIP_SUCCESS;sqe b NOP;submit", "cqe skip", "cqe(b)=0 skip(a)=0");
	/* but a failing FSYNC is no failure */
	EVENTS(ALL PIPE "sqe a NOP flags=SQE_GROUP|CQE_SKIP_SUCCESS;sqe b FSYNC fd=p.r;submit", "cqe skip",
	       "cqe(b)=-22 skip(a)=0");
}

static void test_S5_16_the_group_part_runs_once(void **state)
{
	(void)state;
	EVENTS("sqe a NOP flags=SQE_GROUP;sqe b NOP flags=SQE_GROUP;sqe c NOP;submit", "first qmember free",
	       "first(a)=0 qmember(b)=0 qmember(c)=0 free(b)=0 free(c)=0 free(a)=0");
}

static void test_S5_17_the_fate_of_members(void **state)
{
	(void)state;
	/* its own failure first, then the leader's, else it runs */
	EVENTS(ALL "sqe a NOP flags=SQE_GROUP;sqe b BAD flags=SQE_GROUP;sqe c NOP;submit", "qmember+ tw_add",
	       "qmember(b,a)=-22,0,0:BAD_OPCODE tw_add(b)=CANCEL qmember(c,a)=-125,0,0:LEADER_FAILED tw_add(c)=CANCEL");
	EVENTS(ALL "sqe a NOP res=-7 flags=SQE_GROUP;sqe b NOP;submit", "qmember tw_add",
	       "qmember(b)=-125:LEADER_FAILED tw_add(b)=CANCEL");
	EVENTS(ALL "sqe a NOP flags=SQE_GROUP;sqe b NOP flags=SQE_GROUP;sqe c NOP flags=ASYNC;submit",
	       "qmember punt issue", "issue(a)=1 qmember(b)=0 qmember(c)=0 issue(b)=1 punt(c)=0 issue(c)=1");
}

static void test_S5_18_members_start_when_the_leader_is_done(void **state)
{
	(void)state;
	EVENTS(PIPE "sqe a" READ " flags=SQE_GROUP;sqe b NOP flags=SQE_GROUP;sqe c NOP;submit;write p.w 16",
	       "issue done", "issue(a)=1 issue(a)=2 done(a)=16 issue(b)=1 done(b)=0 issue(c)=1 done(c)=0");
	/* a short read is a failure, so members are cancelled */
	CQES(PIPE "sqe a" READ " flags=SQE_GROUP;sqe b NOP flags=SQE_GROUP;sqe c NOP;submit;write p.w 10",
	     "b=-125:LEADER_FAILED c=-125:LEADER_FAILED a=10:RW_SHORT");
	/* the leader's own result stays */
	CQES(ALL "sqe a NOP res=3 flags=SQE_GROUP;sqe b NOP res=-9;submit", "b=-9 a=3:NOP_INJECTED");
}

#define GROUP_THEN(leader, member, link) \
	ALL "sqe a NOP res=" leader " flags=SQE_GROUP|" link ";sqe b NOP res=" member ";sqe n NOP;submit"

static void test_S5_19_the_successor_of_a_group(void **state)
{
	(void)state;
	CQES(GROUP_THEN("0", "0", "IO_LINK"), "b=0 a=0 n=0");
	CQES(GROUP_THEN("0", "-5", "IO_LINK"), "b=-5 a=0 n=-125");
	CQES(GROUP_THEN("-6", "0", "IO_LINK"), "b=-125 a=-6 n=-125:LINK_BROKEN");
	CQES(GROUP_THEN("0", "-5", "IO_HARDLINK"), "b=-5 a=0 n=0");
	/* a failing leader cancels its members even with HARDLINK */
	CQES(GROUP_THEN("-6", "0", "IO_HARDLINK"), "b=-125 a=-6 n=0");
}

/* ---- 5.4 links ---- */

static void test_S5_21_disarming(void **state)
{
	struct run r;

	(void)state;
	/* not armed, because the target did not get a file: removed */
	CQES("mem m size=64;sqe z READ fd=99 addr=m len=16 flags=IO_LINK;sqe t LINK_TIMEOUT ms=5 flags=IO_LINK;sqe n "
	     "NOP;"
	     "submit",
	     "z=-9 t=-125:LTIMEOUT_UNARMED n=-125:LINK_BROKEN");
	/* armed and stopped in time; its completion is queued before the successor */
	run(&r, "sqe z NOP flags=IO_LINK;sqe t LINK_TIMEOUT ms=5 flags=IO_LINK;sqe n NOP;submit");
	run_cqes(&r, "z=0 t=-125:LTIMEOUT_DISARMED n=0");
	run_events(&r, "tw_add", "tw_add(t)=COMPLETE tw_add(n)=SUBMIT {}");
	run_free(&r);
}

static void test_S5_22_a_silent_timeout(void **state)
{
	(void)state;
	CQES("sqe z NOP flags=IO_LINK;sqe t LINK_TIMEOUT ms=5 flags=IO_LINK|CQE_SKIP_SUCCESS;sqe n NOP;submit",
	     "z=0 n=0");
	CQES("sqe z NOP res=-5 flags=IO_LINK;sqe t LINK_TIMEOUT ms=5 flags=IO_LINK|CQE_SKIP_SUCCESS;sqe n NOP;submit",
	     "z=-5 n=-125");
}

static void test_S5_23_who_is_silent_in_a_broken_chain(void **state)
{
	(void)state;
	CQES(ALL "sqe a NOP res=-5 flags=IO_LINK|CQE_SKIP_SUCCESS;sqe b NOP flags=IO_LINK;sqe c NOP;submit",
	     "a=-5:NOP_INJECTED");
	CQES(ALL
	     "sqe a NOP res=-5 flags=IO_LINK;sqe b NOP flags=IO_LINK|CQE_SKIP_SUCCESS;sqe c NOP flags=CQE_SKIP_SUCCESS;"
	     "submit",
	     "a=-5 b=-125 c=-125");
	EVENTS(ALL "sqe a NOP res=-5 flags=IO_LINK|CQE_SKIP_SUCCESS;sqe b NOP flags=IO_LINK;sqe c NOP;submit",
	       "tw_add skip", "tw_add(b)=FAIL_LINKS skip(b)=-125 skip(c)=-125");
}

static void test_S5_24_own_codes_survive(void **state)
{
	(void)state;
	CQES(ALL "sqe a BAD flags=IO_LINK;sqe b NOP ioprio=7 flags=IO_LINK;sqe c NOP;submit",
	     "a=-22:BAD_OPCODE b=-22:BAD_IOPRIO c=-125:LINK_BROKEN");
}

static void test_S5_24_the_rest_of_a_broken_chain_does_not_fail_its_own_successors_again(void **state)
{
	(void)state;
	EVENTS(ALL "sqe a NOP res=-5 flags=IO_LINK;sqe b NOP flags=IO_LINK;sqe c NOP flags=IO_LINK;sqe d NOP;submit",
	       "tw_add cqe", "cqe(a)=-5 tw_add(b)=FAIL_LINKS cqe(b)=-125 cqe(c)=-125 cqe(d)=-125");
}

#define BROKEN_BEFORE_GROUP(flags)                                                                                 \
	ALL "sqe a NOP res=-5 flags=IO_LINK" flags ";sqe b NOP flags=IO_LINK|SQE_GROUP;sqe c NOP flags=SQE_GROUP;" \
	    "sqe d NOP;sqe e NOP;submit"

static void test_S5_25_what_is_chained_behind_a_group_posts_first(void **state)
{
	(void)state;
	CQES(BROKEN_BEFORE_GROUP(""),
	     "a=-5 e=-125:LINK_BROKEN c=-125:GROUP_OF_BROKEN_LINK d=-125:GROUP_OF_BROKEN_LINK b=-125:LINK_BROKEN");
}

static void test_S5_26_groups_in_a_silent_chain_post(void **state)
{
	(void)state;
	CQES(BROKEN_BEFORE_GROUP("|CQE_SKIP_SUCCESS"), "a=-5 c=-125 d=-125 b=-125");
}

static void test_S5_28_only_the_failing_ones_hardlink_counts(void **state)
{
	(void)state;
	CQES(ALL "sqe a NOP res=-5 flags=IO_HARDLINK;sqe b NOP;submit", "a=-5 b=0");
	CQES(ALL "sqe a NOP res=-5 flags=IO_LINK;sqe b NOP flags=IO_HARDLINK;sqe c NOP;submit", "a=-5 b=-125 c=-125");
	CQES(ALL "sqe a NOP res=-5 flags=IO_LINK|IO_HARDLINK;sqe b NOP;submit", "a=-5 b=0");
}

static void test_S5_29_what_counts_as_failure(void **state)
{
	(void)state;
	CQES(PIPE "sqe a FSYNC fd=p.r flags=IO_LINK;sqe b NOP;submit", "a=-22:FSYNC_NO_METHOD b=0");
	REPAIRED(FSYNC_FAILS, PIPE "sqe a FSYNC fd=p.r flags=IO_LINK;sqe b NOP;submit", "a=-22 b=-125");
	CQES(PIPE "write p.w 8;sqe a" READ " flags=IO_LINK;sqe b NOP;submit", "a=8:RW_SHORT b=-125");
	CQES("sock s;mem m size=64;write s.1 8;sqe a RECV fd=s.0 addr=m len=16 flags=IO_LINK;sqe b NOP;submit",
	     "a=8:RECV_DONE b=0");
	/* the full count is none, and neither is a positive result of a NOP */
	CQES("file f size=64;mem m size=64;sqe a READ fd=f addr=m len=16 flags=IO_LINK;sqe b NOP;submit", "a=16 b=0");
	CQES("sqe a NOP res=9 flags=IO_LINK;sqe b NOP;submit", "a=9 b=0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_S5_2_what_follows_a_flush_is_queued_in_order),
		cmocka_unit_test(test_S5_3_the_end_of_a_leader),
		cmocka_unit_test(test_S5_4_a_successor_never_runs_in_the_flush_that_starts_it),
		cmocka_unit_test(test_S5_5_freed_requests_are_used_again),
		cmocka_unit_test(test_S5_6_fail_hooks),
		cmocka_unit_test(test_S5_12_who_posts_what_a_worker_completed),
		cmocka_unit_test(test_S5_14_the_leader_waits_for_its_members),
		cmocka_unit_test(test_S5_15_a_failed_member_undoes_the_leaders_skip),
		cmocka_unit_test(test_S5_16_the_group_part_runs_once),
		cmocka_unit_test(test_S5_17_the_fate_of_members),
		cmocka_unit_test(test_S5_18_members_start_when_the_leader_is_done),
		cmocka_unit_test(test_S5_19_the_successor_of_a_group),
		cmocka_unit_test(test_S5_21_disarming),
		cmocka_unit_test(test_S5_22_a_silent_timeout),
		cmocka_unit_test(test_S5_23_who_is_silent_in_a_broken_chain),
		cmocka_unit_test(test_S5_24_own_codes_survive),
		cmocka_unit_test(test_S5_24_the_rest_of_a_broken_chain_does_not_fail_its_own_successors_again),
		cmocka_unit_test(test_S5_25_what_is_chained_behind_a_group_posts_first),
		cmocka_unit_test(test_S5_26_groups_in_a_silent_chain_post),
		cmocka_unit_test(test_S5_28_only_the_failing_ones_hardlink_counts),
		cmocka_unit_test(test_S5_29_what_counts_as_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
