/* SPDX-License-Identifier: MIT */
/* Sections 3.3 to 3.5 of semantics.md: punting, workers, references. */
#include "rules.h"

#define PIPE "pipe p;mem m size=64;"
#define FILE "file f size=4096;mem m size=4096;"
#define READ " READ fd=p.r addr=m len=16"

/* accounts */
#define BOUND	"0"
#define UNBOUND "1"

static void test_S3_13_the_file_is_assigned_when_punted(void **state)
{
	(void)state;
	EVENTS(PIPE "write p.w 16;sqe a" READ " flags=ASYNC;submit", "file@ punt work",
	       "file(a)@app punt(a)=" UNBOUND " work(a)=0");
	/* a failure is left to the worker */
	EVENTS(PIPE "sqe a READ fd=99 addr=m len=16 flags=ASYNC;submit", "file punt work issue cqe",
	       "punt(a)=" UNBOUND " work(a)=0 cqe(a)=-9:WORKER_NO_FILE");
}

static void test_S3_14_accounts(void **state)
{
	static const struct {
		const char *sqe, *account;
	} rows[] = {
		{"NOP", BOUND},
		{"READ fd=f addr=m len=16", BOUND},
		{"READ fd=p.r addr=m len=16", UNBOUND},
		{"WRITE fd=p.w addr=m len=16", UNBOUND},
		{"RECV fd=s.0 addr=m len=16", UNBOUND},
		{"SEND fd=s.0 addr=m len=16", UNBOUND},
		{"POLL_ADD fd=p.w op_flags=4", UNBOUND},
		{"POLL_ADD fd=f op_flags=4", BOUND},
		{"FSYNC fd=p.r", BOUND},
		{"FSYNC fd=f", BOUND},
		{"TIMEOUT ms=1", BOUND},
		{"ASYNC_CANCEL addr=77", BOUND},
		{"LEASE fd=dev dir=dest len=16", BOUND},
		{"READ fd=99 addr=m len=16", UNBOUND}, /* no file and marked */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text t = {.n = 0}, expected = {.n = 0};

		text_add(&t, "file f size=64;pipe p;sock s;lessor dev;mem m size=64;sqe a %s flags=ASYNC;submit;exit",
			 rows[i].sqe);
		text_add(&expected, "punt(a)=%s", rows[i].account);
		EVENTS(t.s, "punt", expected.s);
	}
}

/* True if the (only) PUNT of `label` says hashed. */
static bool punted_hashed(const char *program, const char *label)
{
	bool hashed = false;
	struct run r;

	run(&r, program);
	for (size_t i = 0; i < r.n; i++) {
		if (r.event[i].type == GB_EV_PUNT && !strcmp(run_label(&r, r.event[i].req), label))
			hashed = r.event[i].b != 0;
	}
	run_free(&r);
	return hashed;
}

static void test_S3_14_hashing(void **state)
{
	(void)state;
	assert_true(punted_hashed(FILE "sqe a WRITE fd=f addr=m len=16;submit", "a"));
	assert_true(punted_hashed(FILE "sqe a WRITE fd=f addr=m len=16 flags=ASYNC;submit", "a"));
	assert_false(punted_hashed(FILE "sqe a READ fd=f addr=m len=16;submit", "a"));
	assert_false(punted_hashed(FILE "sqe a FSYNC fd=f;submit", "a"));
	assert_false(punted_hashed(PIPE "sqe a WRITE fd=p.w addr=m len=16 flags=ASYNC;submit", "a"));
	assert_false(punted_hashed(
		"file f size=64 direct=1;mem m size=64;sqe a WRITE fd=f addr=m len=16 flags=ASYNC;submit", "a"));
}

static void test_S3_14_writes_of_a_file_run_one_at_a_time(void **state)
{
	static const char three[] = FILE "sqe a WRITE fd=f addr=m len=16 flags=ASYNC;"
					 "sqe b WRITE fd=f addr=m+16 len=16 flags=ASYNC;"
					 "sqe c WRITE fd=f addr=m+32 len=16 flags=ASYNC;submit";
	struct run r;

	(void)state;
	SEEDS(20, three, "a=16 b=16 c=16");
	for (uint64_t seed = 0; seed < 20; seed++) {
		run_variant(&r, three, seed, 0);
		run_events(&r, "work work_put",
			   "work(a)=0 work_put(a)=0 work(b)=0 work_put(b)=0 work(c)=0 work_put(c)=0");
		run_free(&r);
	}
	/* other files and reads do not care */
	SEEDS(20,
	      FILE "file g size=64;sqe a WRITE fd=f addr=m len=16;sqe b WRITE fd=g addr=m len=16;"
		   "sqe c READ fd=f addr=m+64 len=16;submit",
	      "{a=16 b=16 c=16}");
}

/* An item whose hash is busy is skipped; items of that hash are taken together. */
static void test_S3_15_busy_hashes_are_skipped(void **state)
{
	(void)state;
	SEEDS(20,
	      FILE "sqe a WRITE fd=f addr=m len=16 flags=ASYNC;sqe b WRITE fd=f addr=m len=16;"
		   "sqe c NOP flags=ASYNC;sqe d WRITE fd=f addr=m len=16;submit",
	      "{[a=16 b=16 d=16] c=0}");
	SEEDS(20,
	      FILE "file g size=64;sqe a WRITE fd=f addr=m len=16;sqe b WRITE fd=g addr=m len=16;"
		   "sqe c WRITE fd=f addr=m len=16;sqe d WRITE fd=g addr=m len=16;submit",
	      "{[a=16 c=16] [b=16 d=16]}");
}

static void test_S3_15_plain_items_are_serialised(void **state)
{
	static const char four[] = FILE "sqe a READ fd=f addr=m len=16;sqe b READ fd=f addr=m len=16;"
					"sqe c READ fd=f addr=m len=16;sqe d READ fd=f addr=m len=16;submit";
	struct run r;

	(void)state;
	run(&r, four);
	run_cqes(&r, "a=16 b=16 c=16 d=16");
	run_events(&r, "work work_put",
		   "work(a)=0 work_put(a)=0 work(b)=0 work_put(b)=0 work(c)=0 work_put(c)=0 work(d)=0 work_put(d)=0");
	run_free(&r);
	SEEDS(60, four, "a=16 b=16 c=16 d=16");
	/* ASYNC ones are not: chance finds every order of two */
	SEEDS(20, "sqe a NOP flags=ASYNC;sqe b NOP flags=ASYNC;sqe c NOP flags=ASYNC;submit", "{a=0 b=0 c=0}");
}

static bool some_seed_shows(const char *program, const char *expected)
{
	bool found = false;

	for (uint64_t seed = 1; seed <= 200 && !found; seed++) {
		struct text t = {.n = 0};
		struct run r;

		run_variant(&r, program, seed, 0);
		for (size_t i = 0; i < r.n; i++) {
			if (r.event[i].type == GB_EV_REAP && run_word(&r, &r.event[i], &t))
				text_add(&t, " ");
		}
		found = words_match(expected, t.s);
		run_free(&r);
	}
	return found;
}

static void test_S3_15_async_items_run_in_parallel(void **state)
{
	static const char two[] = "sqe a NOP flags=ASYNC;sqe b NOP flags=ASYNC;submit";

	(void)state;
	assert_true(some_seed_shows(two, "a=0 b=0"));
	assert_true(some_seed_shows(two, "b=0 a=0"));
}

static void test_S1_6_the_bound_account_is_as_large_as_the_sq(void **state)
{
	(void)state;
	SEEDS(40, "ring entries=1;sqe a NOP flags=ASYNC;submit;sqe b NOP flags=ASYNC;submit", "a=0 b=0");
}

/* A chain cut by the end of the batch is not ASYNC: its worker really blocks. */
#define BLOCKED(label, end) "sqe " label " READ fd=" end " addr=m len=16 flags=IO_LINK;submit;"

static void test_S3_15_a_sleeping_worker_lets_another_start(void **state)
{
	struct run r;

	(void)state;
	run(&r, PIPE "pipe q;" BLOCKED("a", "p.r") BLOCKED("b", "q.r") "write q.w 16;wait 1;write p.w 16");
	run_cqes(&r, "b=16 a=16");
	run_events(&r, "issue arm_poll", "issue(a)=1 issue(b)=1");
	run_free(&r);
	/* whoever comes first: the second item may be queued before the first worker sleeps */
	SEEDS(60, PIPE "pipe q;" BLOCKED("a", "p.r") BLOCKED("b", "q.r") "write q.w 16;wait 1;write p.w 16",
	      "b=16 a=16");
	/* a chain that a worker goes on with blocks it just as well */
	CQES(PIPE "pipe q;sqe a READ fd=p.r addr=m len=16 flags=IO_LINK|ASYNC;sqe b NOP;submit;" BLOCKED(
		     "c", "q.r") "write q.w 16;wait 1;write p.w 16",
	     "c=16 a=16 b=0");
}

static void test_S3_16_references_of_an_item(void **state)
{
	(void)state;
	EVENTS("sqe a NOP flags=ASYNC;submit", "req_ref work work_put",
	       "work(a)=0 req_ref(a)=2 req_ref(a)=1 work_put(a)=0 req_ref(a)=0");
	/* counted already: because of its timeout, and because of the first time it was punted */
	EVENTS(PIPE "sqe a" READ " flags=ASYNC|IO_LINK;sqe t LINK_TIMEOUT ms=900;submit;write p.w 16",
	       "req_ref work work_put cqe",
	       "work(a)=0 req_ref(a)=2 req_ref(t)=2 req_ref(t)=1 work_put(a)=0 req_ref(a)=1 "
	       "work(a)=0 req_ref(a)=2 cqe(a)=16 req_ref(a)=1 work_put(a)=0 req_ref(a)=0 cqe(t)=-125 req_ref(t)=0");
}

static void test_S3_17_cancelled_before_it_starts(void **state)
{
	/* with one bound worker b is still queued when the cancel comes, or has been run */
	static const char program[] = "ring entries=4;sqe a NOP flags=ASYNC;sqe b NOP flags=ASYNC|IO_LINK;sqe n NOP;"
				      "sqe c ASYNC_CANCEL target=b;submit";

	(void)state;
	CQES(program, "c=0:CANCEL_DONE a=0 b=-125:WORK_CANCELED n=-125");
	assert_true(some_seed_shows(program, "{a=0 [c=-114 b=-125:WORK_FLAGGED n=-125]}"));
	assert_true(some_seed_shows(program, "{a=0 b=0 n=0 c=-2}"));
}

static void test_S3_19_async_and_pollable_is_tried_without_blocking(void **state)
{
	(void)state;
	/* armed: the worker lets go; then once more */
	EVENTS(PIPE "sqe a" READ " flags=ASYNC;submit;write p.w 16", "work issue arm_poll work_put wake punt",
	       "punt(a)=1 work(a)=0 issue(a)=1 arm_poll(a)=8315 work_put(a)=0 wake(a)=65 punt(a)=1 work(a)=0 "
	       "issue(a)=2 "
	       "work_put(a)=0");
	/* not armed, because it is ready: blocking at once */
	EVENTS("sock s;mem m size=64;write s.1 16;sqe a RECV fd=s.0 addr=m len=16 ioprio=1 flags=ASYNC;submit",
	       "punt issue arm_poll cqe", "punt(a)=1 issue(a)=1 issue(a)=2 cqe(a)=16");
	/* everything else blocks straight away */
	EVENTS(PIPE BLOCKED("a", "p.r") "write p.w 16", "punt issue arm_poll wake cqe",
	       "punt(a)=1 issue(a)=1 wake(a)=0 cqe(a)=16");
}

static void test_S3_20_eagain_in_a_worker_is_final(void **state)
{
	struct run r;

	(void)state;
	run(&r, PIPE "sqe a" READ " op_flags=8 flags=ASYNC|IO_LINK;sqe b NOP;submit");
	run_cqes(&r, "a=-11 b=-125");
	run_events(&r, "tw_add arm_poll", "tw_add(a)=CANCEL tw_add(b)=FAIL_LINKS {}");
	run_free(&r);
	CQES("sock s;mem m size=64;sqe a RECV fd=s.0 addr=m len=16 op_flags=0x40 flags=ASYNC;submit", "a=-11");
}

static void test_S3_20_errors_of_a_worker_come_through_tw(void **state)
{
	(void)state;
	EVENTS(FILE "pipe p;sqe a READ fd=p.w addr=m len=16 flags=ASYNC;submit", "tw_add cqe@",
	       "tw_add(a)=CANCEL cqe(a)@task-work:RW_MODE");
}

static void test_S3_21_a_worker_runs_the_whole_chain(void **state)
{
	struct run r;

	(void)state;
	run(&r, "sqe a NOP flags=ASYNC|IO_LINK;sqe b NOP flags=IO_LINK;sqe c NOP;submit");
	run_events(&r, "work cqe@", "work(a)=0 cqe(a)@io-wq work(b)=0 cqe(b)@io-wq work(c)=0 cqe(c)@io-wq");
	run_cqes(&r, "a=0 b=0 c=0");
	run_free(&r);
	/* on DTR rings and in groups the completion is the last to let go */
	EVENTS(DTR "sqe a NOP flags=ASYNC|IO_LINK;sqe b NOP;submit", "work cqe@",
	       "work(a)=0 cqe(a)@task-work cqe(b)@task-work");
	EVENTS("sqe a NOP flags=ASYNC|IO_LINK|SQE_GROUP;sqe m NOP;sqe b NOP;submit", "work cqe@",
	       "work(a)=0 cqe(m)@task-work cqe(a)@task-work cqe(b)@task-work");
	/* whoever it is, the order is the chain's */
	SEEDS(20, "sqe a NOP flags=ASYNC|IO_LINK;sqe b NOP flags=IO_LINK;sqe c NOP;submit", "a=0 b=0 c=0");
	SEEDS(20, "sqe a NOP flags=ASYNC|IO_LINK;sqe b NOP res=-5 flags=IO_LINK|ASYNC;sqe c NOP;submit",
	      "a=0 b=-5 c=-125");
}

static void test_S3_21_a_worker_with_more_of_the_same_hash_hands_on(void **state)
{
	struct run r;

	(void)state;
	/* b was taken together with a, so the rest of a's chain is queued again */
	run(&r, FILE "sqe a WRITE fd=f addr=m len=16 flags=IO_LINK;sqe n NOP;sqe b WRITE fd=f addr=m len=16;submit");
	run_events(&r, "punt", "punt(a)=0 punt(b)=0 punt(n)=0");
	run_cqes(&r, "{[a=16 n=0] b=16}");
	run_free(&r);
	/* the file of a successor is not known when its item is prepared, so it is not hashed */
	EVENTS(FILE "sqe a NOP flags=ASYNC|IO_LINK;sqe b WRITE fd=f addr=m len=16 flags=IO_LINK;sqe c NOP;submit",
	       "punt work", "punt(a)=0 work(a)=0 work(b)=0 work(c)=0");
}

static void test_S2_29_a_failed_leader_in_a_workers_chain(void **state)
{
	static const char program[] = ALL "sqe a NOP flags=IO_LINK|ASYNC;sqe b NOP flags=IO_LINK|SQE_GROUP;"
					  "sqe c BAD flags=SQE_GROUP;sqe d NOP;sqe e NOP;submit";

	(void)state;
	CQES(program, "!failed-request-runs(b) a=0 c=-22 d=-125 b=0 e=-125");
	REPAIRED(FAILED_LEADER_STAYS, program, "a=0 c=-22 d=-125 b=-125 e=-125");
}

static void test_S3_22_a_worker_posts_and_the_request_is_freed_silently(void **state)
{
	(void)state;
	EVENTS("sqe a NOP flags=ASYNC;submit", "cqe@ tw_add skip free",
	       "cqe(a)@io-wq tw_add(a)=COMPLETE skip(a)=0 free(a)=0");
	/* its own CQE_SKIP: silent from the beginning, and freed all the same */
	EVENTS("sqe a NOP flags=ASYNC|CQE_SKIP_SUCCESS;submit", "cqe@ free", "free(a)=0");
}

static void test_S3_23_without_a_count_the_completion_frees(void **state)
{
	(void)state;
	EVENTS("sqe a NOP;submit", "req_ref cqe free", "cqe(a)=0 free(a)=0");
}

static void test_S3_24_a_fired_timeout_holds_its_target(void **state)
{
	(void)state;
	EVENTS(PIPE "sqe z" READ " flags=IO_LINK;sqe t LINK_TIMEOUT ms=5;submit", "req_ref fire cqe free",
	       "req_ref(z)=1 req_ref(t)=2 req_ref(t)=1 fire(t)=0 req_ref(z)=2 req_ref(z)=1 cqe(t)=-62 req_ref(t)=0 "
	       "free(t)=0 "
	       "cqe(z)=-125 req_ref(z)=0 free(z)=0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_S3_13_the_file_is_assigned_when_punted),
		cmocka_unit_test(test_S3_14_accounts),
		cmocka_unit_test(test_S3_14_hashing),
		cmocka_unit_test(test_S3_14_writes_of_a_file_run_one_at_a_time),
		cmocka_unit_test(test_S3_15_busy_hashes_are_skipped),
		cmocka_unit_test(test_S3_15_plain_items_are_serialised),
		cmocka_unit_test(test_S3_15_async_items_run_in_parallel),
		cmocka_unit_test(test_S1_6_the_bound_account_is_as_large_as_the_sq),
		cmocka_unit_test(test_S3_15_a_sleeping_worker_lets_another_start),
		cmocka_unit_test(test_S3_16_references_of_an_item),
		cmocka_unit_test(test_S3_17_cancelled_before_it_starts),
		cmocka_unit_test(test_S3_19_async_and_pollable_is_tried_without_blocking),
		cmocka_unit_test(test_S3_20_eagain_in_a_worker_is_final),
		cmocka_unit_test(test_S3_20_errors_of_a_worker_come_through_tw),
		cmocka_unit_test(test_S3_21_a_worker_runs_the_whole_chain),
		cmocka_unit_test(test_S3_21_a_worker_with_more_of_the_same_hash_hands_on),
		cmocka_unit_test(test_S2_29_a_failed_leader_in_a_workers_chain),
		cmocka_unit_test(test_S3_22_a_worker_posts_and_the_request_is_freed_silently),
		cmocka_unit_test(test_S3_23_without_a_count_the_completion_frees),
		cmocka_unit_test(test_S3_24_a_fired_timeout_holds_its_target),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
