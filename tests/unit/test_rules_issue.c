/* SPDX-License-Identifier: MIT */
/* Sections 3.1 and 3.2 of semantics.md: inline issue, arming a poll, waking up. */
#include "rules.h"

#define PIPE "pipe p;mem m size=64;"
#define READ " READ fd=p.r addr=m len=16"

/* poll events as one number each, in the order they are added up */
#define IN_EVENTS  "8315" /* IN RDNORM, PRI ERR HUP NVAL RDHUP */
#define OUT_EVENTS "8510" /* OUT WRNORM, PRI ERR HUP NVAL RDHUP */

static void test_S3_2_the_file_is_looked_up_when_the_turn_comes(void **state)
{
	(void)state;
	/* b names an end that is closed while a still waits */
	CQES(PIPE "pipe q;sqe a READ fd=q.r addr=m len=16 flags=IO_LINK;sqe b" READ ";submit;close p.r;write q.w 16",
	     "a=16 b=-9:NO_FILE");
	EVENTS(PIPE "write p.w 16;sqe a NOP flags=IO_LINK;sqe b" READ ";submit", "cqe file@",
	       "cqe(a)=0 file(b)@task-work cqe(b)=16");
}

static void test_S3_2_no_file_comes_before_the_linked_timeout(void **state)
{
	struct run r;

	(void)state;
	run(&r, PIPE "sqe a READ fd=99 addr=m len=16 flags=IO_LINK;sqe t LINK_TIMEOUT ms=5;submit");
	run_cqes(&r, "a=-9:NO_FILE t=-125:LTIMEOUT_UNARMED");
	run_events(&r, "arm_timer req_ref", "");
	run_free(&r);
}

static void test_S3_3_a_linked_timeout_is_armed_after_the_handler(void **state)
{
	(void)state;
	EVENTS("sqe z NOP flags=IO_LINK;sqe t LINK_TIMEOUT ms=5;submit", "req_ref issue done arm_timer cqe",
	       "req_ref(z)=1 req_ref(t)=2 issue(z)=1 done(z)=0 arm_timer(t)=5 req_ref(t)=1 cqe(z)=0 req_ref(z)=0 "
	       "done(t)=-125 cqe(t)=-125 req_ref(t)=0");
	EVENTS(PIPE "sqe z" READ " flags=IO_LINK;sqe t LINK_TIMEOUT ms=5;submit;write p.w 16",
	       "issue arm_timer arm_poll", "issue(z)=1 arm_timer(t)=5 arm_poll(z)=" IN_EVENTS " issue(z)=2");
}

static void test_S3_6_an_error_completes_as_failed(void **state)
{
	(void)state;
	EVENTS(PIPE "sqe a READ fd=p.w addr=m len=16 flags=IO_LINK;sqe b NOP;submit", "issue fail cqe arm_poll punt",
	       "issue(a)=1 fail(a)=-9 cqe(a)=-9:RW_MODE cqe(b)=-125:LINK_BROKEN");
}

static void test_S3_6_eagain_arms_a_poll_or_punts(void **state)
{
	(void)state;
	/* armed */
	EVENTS(PIPE "sqe a" READ ";submit;write p.w 16", "issue arm_poll punt",
	       "issue(a)=1 arm_poll(a)=" IN_EVENTS " issue(a)=2");
	/* READY: through task work */
	EVENTS("sock s;mem m size=64;write s.1 16;sqe a RECV fd=s.0 addr=m len=16 ioprio=1;submit",
	       "issue arm_poll punt tw_add", "issue(a)=1 tw_add(a)=SUBMIT issue(a)=2");
	/* ABORTED: io-wq */
	EVENTS("file f size=64;mem m size=64;sqe a READ fd=f addr=m len=16;submit", "issue arm_poll punt",
	       "issue(a)=1 punt(a)=0 issue(a)=2");
}

static void test_S3_6_nowait_makes_eagain_final(void **state)
{
	struct run r;

	(void)state;
	run(&r, PIPE "sqe a" READ " op_flags=8 flags=IO_LINK;sqe b NOP;submit");
	run_cqes(&r, "a=-11:RW_WOULD_BLOCK b=-125");
	run_events(&r, "arm_poll punt", "");
	run_free(&r);
	CQES("sock s;mem m size=64;sqe a RECV fd=s.0 addr=m len=16 op_flags=0x40;submit", "a=-11:RECV_WOULD_BLOCK");
	/* O_NONBLOCK files are polled all the same; there is no nowait on a file that lacks it */
	CQES("file f size=64;mem m size=64;sqe a READ fd=f addr=m len=16 op_flags=8;submit", "a=-95:RW_FLAGS");
}

static void test_S3_7_partial_progress_replaces_the_error(void **state)
{
	(void)state;
	CQES(PIPE "sock s;sqe a RECV fd=s.0 addr=m len=32 op_flags=0x100 flags=IO_LINK;sqe b NOP;submit;write s.1 10;"
		  "sqe c ASYNC_CANCEL target=a;submit",
	     "c=0 a=10:SR_PARTIAL b=-125");
}

static void test_S3_8_ready_is_not_waited_for(void **state)
{
	struct run r;

	(void)state;
	run(&r, PIPE "write p.w 4;sqe a POLL_ADD fd=p.r op_flags=1;submit");
	run_cqes(&r, "a=1:POLL_READY");
	run_events(&r, "arm_poll", "");
	run_free(&r);
}

/* A request that is woken in vain again and again arms 127 times and then goes to a worker. */
static void test_S3_8_no_more_than_127_times(void **state)
{
	struct text t = {.n = 0};
	size_t armed = 0, punted = 0;
	struct run r;

	(void)state;
	text_add(&t, "pipe p;mem m size=64;sqe x READ fd=p.r addr=m len=1;submit;");
	for (int i = 0; i < 130; i++)
		text_add(&t, "sqe y%d READ fd=p.r addr=m len=1;submit;write p.w 1;", i);
	text_add(&t, "write p.w 1");
	run(&r, t.s);
	for (size_t i = 0; i < r.n; i++) {
		if (strcmp(run_label(&r, r.event[i].req), "x") != 0)
			continue;
		if (r.event[i].type == GB_EV_ARM_POLL)
			armed++;
		if (r.event[i].type == GB_EV_PUNT) {
			assert_int_equal(armed, 127);
			punted++;
		}
	}
	assert_int_equal(armed, 127);
	assert_int_equal(punted, 1);
	run_free(&r);
}

static void test_S3_9_events_waited_for(void **state)
{
	(void)state;
	EVENTS(PIPE "sock s;sqe a" READ ";sqe b RECV fd=s.0 addr=m len=16;submit", "arm_poll",
	       "arm_poll(a)=" IN_EVENTS " arm_poll(b)=" IN_EVENTS);
	EVENTS("sock s sndbuf=4096;mem m size=8192;sqe a SEND fd=s.0 addr=m len=4096;sqe b SEND fd=s.0 addr=m len=4096;"
	       "submit;read s.1 8192",
	       "arm_poll cqe", "arm_poll(b)=" OUT_EVENTS " cqe(a)=4096 cqe(b)=4096");
}

static void test_S3_10_only_matching_events_wake(void **state)
{
	struct run r;

	(void)state;
	/* the socket is full; bytes coming in are not what q waits for, room is */
	run(&r, "sock s sndbuf=4096;write s.0 4096;sqe q POLL_ADD fd=s.0 op_flags=4;submit;write s.1 8;read s.1 4096");
	run_events(&r, "wake cqe", "wake(q)=772 cqe(q)=4");
	run_cqes(&r, "got:s.1=4096 q=4:POLL_EVENT");
	run_free(&r);
}

static void test_S3_10_further_wake_ups_only_count(void **state)
{
	struct run r;

	(void)state;
	/* two closes wake without a mask before the task looks: it asks the file what is the matter */
	run(&r, DTR "sock s;sqe q POLL_ADD fd=s.0 op_flags=1;submit;shutdown s.1;shutdown s.0");
	run_events(&r, "wake tw_add", "wake(q)=0 tw_add(q)=POLL wake(q)=0");
	run_cqes(&r, "q=8209"); /* IN HUP RDHUP */
	run_free(&r);
}

static void test_S3_11_a_wake_up_issues_again(void **state)
{
	(void)state;
	EVENTS(PIPE "sqe a" READ ";submit;write p.w 16", "arm_poll wake disarm_poll issue tw_run",
	       "issue(a)=1 arm_poll(a)=" IN_EVENTS " wake(a)=65 tw_run(a)=POLL disarm_poll(a)=0 issue(a)=2");
	/* a request that wants io-wq goes back there */
	EVENTS(PIPE "sqe a" READ " flags=ASYNC;submit;write p.w 16", "punt arm_poll issue",
	       "punt(a)=1 issue(a)=1 arm_poll(a)=" IN_EVENTS " punt(a)=1 issue(a)=2");
}

static void test_S3_11_in_vain(void **state)
{
	(void)state;
	/* the wait queue is served newest first: b reads, a looks again and waits on */
	EVENTS(PIPE "sqe a" READ ";sqe b" READ ";submit;write p.w 16;write p.w 8", "wake issue cqe",
	       "issue(a)=1 issue(b)=1 wake(b)=65 wake(a)=65 issue(b)=2 issue(a)=2 cqe(b)=16 wake(a)=65 issue(a)=3 "
	       "cqe(a)=8");
}

static void test_S3_11_cancelled(void **state)
{
	(void)state;
	CQES(PIPE "sqe a" READ " flags=IO_LINK;sqe b NOP;submit;sqe c ASYNC_CANCEL target=a;submit",
	     "c=0 a=-125:POLL_CANCELED b=-125:LINK_BROKEN");
	EVENTS(PIPE "sqe a" READ ";submit;exit", "cqe", "cqe(a)=-125:POLL_TASK_DEAD");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_S3_2_the_file_is_looked_up_when_the_turn_comes),
		cmocka_unit_test(test_S3_2_no_file_comes_before_the_linked_timeout),
		cmocka_unit_test(test_S3_3_a_linked_timeout_is_armed_after_the_handler),
		cmocka_unit_test(test_S3_6_an_error_completes_as_failed),
		cmocka_unit_test(test_S3_6_eagain_arms_a_poll_or_punts),
		cmocka_unit_test(test_S3_6_nowait_makes_eagain_final),
		cmocka_unit_test(test_S3_7_partial_progress_replaces_the_error),
		cmocka_unit_test(test_S3_8_ready_is_not_waited_for),
		cmocka_unit_test(test_S3_8_no_more_than_127_times),
		cmocka_unit_test(test_S3_9_events_waited_for),
		cmocka_unit_test(test_S3_10_only_matching_events_wake),
		cmocka_unit_test(test_S3_10_further_wake_ups_only_count),
		cmocka_unit_test(test_S3_11_a_wake_up_issues_again),
		cmocka_unit_test(test_S3_11_in_vain),
		cmocka_unit_test(test_S3_11_cancelled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
