/* SPDX-License-Identifier: MIT */
/* io-wq with workers that sleep in a file: S3.14, S3.15, S3.21, S9.3, S9.5. */
#include "rules.h"

#define MEM "mem m size=65536 fill=0x00;"

/* How many workers took an item in the default order. */
static uint32_t workers(const char *program, const char *cqes)
{
	uint32_t most = 0;
	struct run r;

	run(&r, program);
	run_cqes(&r, cqes);
	for (size_t i = 0; i < r.n; i++) {
		if (r.event[i].type == GB_EV_WORK && r.event[i].actor_index > most)
			most = r.event[i].actor_index;
	}
	run_free(&r);
	return most;
}

/* S3.15: plain punts go one after the other as long as the worker does not sleep; ASYNC ones each get a worker. */
static void plain_and_concurrent(void **state)
{
	(void)state;
	assert_int_equal(workers(MEM "file f size=64;sqe a READ fd=f addr=m len=8;sqe b READ fd=f addr=m len=8;"
				     "sqe c READ fd=f addr=m len=8;submit",
				 "a=8 b=8 c=8"),
			 1);
	/* a worker that sleeps on its page lets another begin */
	assert_int_equal(workers(MEM "file f size=64 cold=1;file g size=64;sqe a READ fd=f addr=m len=8;"
				     "sqe b READ fd=g addr=m len=8;submit",
				 "b=8 a=8"),
			 2);
	assert_int_equal(workers(MEM "file f size=64 cold=1;file g size=64 cold=1;file h size=64;"
				     "sqe a READ fd=f addr=m len=8;sqe b READ fd=g addr=m len=8;"
				     "sqe c READ fd=h addr=m len=8;submit",
				 "c=8 { a=8 b=8 }"),
			 3);
}

/* S1.6: the bound account has as many workers as the ring has entries, four at most on one CPU. */
static void bound_limit(void **state)
{
	(void)state;
	assert_int_equal(workers("ring entries=2;" MEM "file f size=64 cold=1;file g size=64 cold=1;file h size=64;"
				 "sqe a READ fd=f addr=m len=8;sqe b READ fd=g addr=m len=8;submit;"
				 "sqe c READ fd=h addr=m len=8;submit",
				 "{ a=8 b=8 c=8 }"),
			 2);
	/* the unbound one is not concerned: a sleeping bound worker does not keep a socket's item back */
	CQES("ring entries=1;" MEM "file f size=64 cold=1;sock s;sqe a READ fd=f addr=m len=8;submit;"
	     "sqe b SEND fd=s.0 addr=m len=8 flags=ASYNC;submit",
	     "b=8 a=8");
}

/* S3.14: writes to one file never overlap and keep their order, ASYNC or not, whatever the schedule. */
static void hashed(void **state)
{
	(void)state;
	SEEDS(60,
	      "mem o size=64 fill=0xee;" MEM "file f size=4;sqe a WRITE fd=f addr=o len=4 flags=ASYNC;"
	      "sqe b WRITE fd=f addr=m len=4 flags=ASYNC;sqe c WRITE fd=f addr=o len=4 flags=ASYNC;submit",
	      "a=4 b=4 c=4");
}

/* S9.5: pending is failed; running on a page is EALREADY and goes on to its end, nothing interrupts it. */
static void cancel_bound(void **state)
{
	(void)state;
	CQES("ring entries=1;" MEM "file f size=64 cold=1;file g size=64;sqe a READ fd=f addr=m len=8;submit;"
	     "sqe b READ fd=g addr=m len=8;submit;sqe x ASYNC_CANCEL target=b;submit;"
	     "sqe y ASYNC_CANCEL target=a;submit",
	     "x=0:CANCEL_DONE b=-125:WORK_CANCELED y=-114:CANCEL_RUNNING a=8");
}

/* __io_wq_worker_cancel: what a worker has taken along with an item of the same hash is found there, and fails. */
static void cancel_taken_along(void **state)
{
	uint32_t found = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 300; seed++) {
		struct run r;

		run_variant(&r,
			    MEM "file f size=4;sqe a WRITE fd=f addr=m len=4;sqe b WRITE fd=f addr=m len=4;"
				"sqe c WRITE fd=f addr=m len=4;submit;sqe x ASYNC_CANCEL target=c;submit",
			    seed, 0);
		/* found by the cancellation before any worker had it as its item, and not pending any more */
		for (size_t i = 0; i < r.n; i++) {
			const struct gb_event *ev = &r.event[i];

			if (ev->req == GB_NO_REQ || strcmp(run_label(&r, ev->req), "c") != 0)
				continue;
			if (ev->type == GB_EV_WORK)
				break;
			found += ev->type == GB_EV_CANCEL && ev->a == -GB_EALREADY;
		}
		run_free(&r);
	}
	assert_true(found > 0);
}

/* ---- S3.21: who drops the last reference ---- */

/* A gb_choose_fn: the kind of actor that `user` points to acts only when nobody else can. */
static uint32_t choose_others(void *user, const struct gb_choice *choice)
{
	const enum gb_actor_kind *late = user;

	for (uint32_t k = 0; k < choice->n; k++)
		if (choice->alt[k].kind != *late)
			return k;
	return 0;
}

/* Who issues the last request if one kind of actor is late. */
static enum gb_actor_kind issuer(const char *program, enum gb_actor_kind late, const char *cqes)
{
	struct gb_config config = {.strategy = GB_STRATEGY_CALLBACK, .choose = choose_others, .choose_user = &late};
	enum gb_actor_kind by = GB_ACTOR_EXIT;
	struct run r;

	run_config(&r, program, config);
	run_cqes(&r, cqes);
	for (size_t i = 0; i < r.n; i++)
		if (r.event[i].type == GB_EV_ISSUE)
			by = r.event[i].actor;
	run_free(&r);
	return by;
}

#define READ_A(flags) MEM "file f size=8;sqe a READ fd=f addr=m len=8 flags=" flags ";"

/*
 * There is no choice of its own for this race: the worker's last step and the
 * task work of the completion come in either order, and each outcome follows.
 */
static void last_reference(void **state)
{
	static const struct {
		const char *program, *cqes;
		enum gb_actor_kind worker_late, task_late; /* who issues the last request then */
	} rows[] = {
		/* the completion goes through task work (S5.12), so either side can be the last */
		{DTR READ_A("IO_LINK") "sqe b NOP;submit", "a=8 b=0", GB_ACTOR_WORKER, GB_ACTOR_TW},
		{READ_A("IO_LINK|SQE_GROUP") "sqe m NOP;sqe b NOP;submit", "m=0 a=8 b=0", GB_ACTOR_WORKER, GB_ACTOR_TW},
		{MEM "pipe p;sqe a READ fd=p.w addr=m len=8 flags=IO_HARDLINK|ASYNC;sqe b NOP;submit", "a=-9 b=0",
		 GB_ACTOR_WORKER, GB_ACTOR_TW},
		/* the device is slower than any worker */
		{MEM "file f size=8 direct=1;sqe a READ fd=f addr=m len=8 flags=IO_LINK|ASYNC;sqe b NOP;submit",
		 "a=8 b=0", GB_ACTOR_TW, GB_ACTOR_TW},
		/* S3.22: the worker posts itself, so it is always the last */
		{READ_A("IO_LINK") "sqe b NOP;submit", "a=8 b=0", GB_ACTOR_WORKER, GB_ACTOR_WORKER},
		/* what task work starts goes to io-wq again if it is ASYNC */
		{DTR READ_A("IO_LINK") "sqe b NOP flags=ASYNC;submit", "a=8 b=0", GB_ACTOR_WORKER, GB_ACTOR_WORKER},
	};

	(void)state;
	for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
		assert_int_equal(issuer(rows[k].program, GB_ACTOR_WORKER, rows[k].cqes), rows[k].worker_late);
		assert_int_equal(issuer(rows[k].program, GB_ACTOR_APP, rows[k].cqes), rows[k].task_late);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_and_concurrent),
		cmocka_unit_test(bound_limit),
		cmocka_unit_test(hashed),
		cmocka_unit_test(cancel_bound),
		cmocka_unit_test(cancel_taken_along),
		cmocka_unit_test(last_reference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
