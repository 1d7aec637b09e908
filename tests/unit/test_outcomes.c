/* SPDX-License-Identifier: MIT */
/* `outcomes=` and `mode=any`: which outcomes are offered where, and what comes of each (docs/trace-language-files.md).
 */
#include "rules.h"

#define MEM "mem m size=65536 fill=0x00;"

/* Takes one outcome of one request, alternative 0 of all other choices. */
struct chooser {
	uint32_t outcome;
	uint32_t offered; /* bit set, of the first choice of an outcome */
	uint32_t asked;
};

static uint32_t choose(void *user, const struct gb_choice *choice)
{
	struct chooser *c = user;
	uint32_t taken = 0;

	if (choice->kind != GB_CHOICE_OUTCOME)
		return 0;
	for (uint32_t k = 0; k < choice->n; k++) {
		if (!c->asked)
			c->offered |= 1U << choice->alt[k].kind;
		if (choice->alt[k].kind == c->outcome)
			taken = k;
	}
	c->asked++;
	return taken;
}

/* Runs with an outcome; what was offered is returned. */
static uint32_t run_outcome(struct run *r, const char *program, uint32_t outcome)
{
	struct chooser chooser = {.outcome = outcome};
	struct gb_config config = {.event = run_event,
				   .event_user = r,
				   .strategy = GB_STRATEGY_CALLBACK,
				   .choose = choose,
				   .choose_user = &chooser};
	struct gb_world *world;

	run_read(r, program);
	assert_int_equal(gb_world_create(r->trace, &config, &world, NULL), GB_OK);
	r->state = gb_world_run(world);
	gb_world_destroy(world);
	assert_int_equal(r->state, GB_FINISHED);
	assert_true(chooser.asked <= 1);
	return chooser.offered;
}

static uint32_t count(const struct run *r, enum gb_event_type type, enum gb_actor_kind actor)
{
	uint32_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		n += r->event[i].type == type && r->event[i].actor == actor;
	return n;
}

/* Everything about one outcome: its CQEs, and how often the request was issued and went to io-wq. */
static void check(const char *program, enum gb_outcome outcome, const char *cqes, uint32_t issued, uint32_t punted)
{
	struct run r;
	uint32_t offered = run_outcome(&r, program, outcome);
	uint32_t issues = 0, punts = 0;

	assert_true(offered >> outcome & 1);
	run_cqes(&r, cqes);
	for (size_t i = 0; i < r.n; i++) {
		issues += r.event[i].type == GB_EV_ISSUE;
		punts += r.event[i].type == GB_EV_PUNT;
	}
	assert_int_equal(issues, issued);
	assert_int_equal(punts, punted);
	run_free(&r);
}

static void offered(const char *program, uint32_t expected)
{
	struct run r;

	assert_int_equal(run_outcome(&r, program, GB_OUTCOME_AS_IS), expected);
	run_free(&r);
}

#define BIT(outcome) (1U << GB_OUTCOME_##outcome)

/* What a file, or a call, cannot do is not offered. */
static void what_is_offered(void **state)
{
	const uint32_t bad = BIT(AS_IS) | BIT(SHORT) | BIT(ERROR);

	(void)state;
	offered(MEM "file f size=512 outcomes=any;sqe a READ fd=f addr=m len=512;submit",
		bad | BIT(BLOCK) | BIT(ASYNC));
	offered(MEM "file f size=512 outcomes=any;sqe a WRITE fd=f addr=m len=512;submit", bad | BIT(ASYNC));
	offered(MEM "file f size=512 direct=1 outcomes=any;sqe a READ fd=f addr=m len=512;submit",
		bad | BIT(INLINE) | BIT(BLOCK));
	offered(MEM "file f size=512 direct=1 outcomes=any;sqe a READ fd=f addr=m len=512 flags=ASYNC;submit",
		bad | BIT(INLINE));
	offered(MEM "block d size=2048 direct=1 ram=1 outcomes=any;sqe a READ fd=d addr=m len=512;submit",
		BIT(AS_IS) | BIT(ERROR) | BIT(BLOCK) | BIT(ASYNC));
	offered(MEM "file f size=512 iter=0 outcomes=any;sqe a READ fd=f addr=m len=512;submit", bad);
	offered(MEM "file f size=512 nowait=1 outcomes=short;sqe a READ fd=f addr=m len=512;submit",
		BIT(AS_IS) | BIT(SHORT));
	/* a single byte is not cut, and a transfer of nothing is no choice */
	offered(MEM "file f size=512 outcomes=short,error;sqe a READ fd=f addr=m len=1;submit",
		BIT(AS_IS) | BIT(ERROR));
	offered(MEM "file f size=512 outcomes=any;sqe a READ fd=f addr=m len=0;submit", 0);
	offered(MEM "file f size=512;sqe a READ fd=f addr=m len=512;submit", 0);
}

/* S7.8: the page is missing: a callback, or a worker that sleeps; an RWF_NOWAIT request ends with EAGAIN. */
static void block(void **state)
{
	(void)state;
	check(MEM "file f size=512 nowait=1 outcomes=block;sqe a READ fd=f addr=m len=512;submit", GB_OUTCOME_BLOCK,
	      "a=512:RW_FULL", 2, 0);
	check(MEM "file f size=512 nowait=1 rasync=0 outcomes=block;sqe a READ fd=f addr=m len=512;submit",
	      GB_OUTCOME_BLOCK, "a=512:RW_FULL", 2, 1);
	check(MEM "file f size=512 outcomes=block;sqe a READ fd=f addr=m len=512;submit", GB_OUTCOME_BLOCK,
	      "a=512:RW_FULL", 2, 1);
	check(MEM "file f size=512 nowait=1 outcomes=block;sqe a READ fd=f addr=m len=512 op_flags=8;submit",
	      GB_OUTCOME_BLOCK, "a=-11:RW_WOULD_BLOCK", 1, 0);
	check(MEM "file f size=512 nowait=1 wasync=1 outcomes=block;sqe a WRITE fd=f addr=m len=512;submit",
	      GB_OUTCOME_BLOCK, "a=512", 2, 1);
	check(MEM "file f size=512 direct=1 outcomes=block;sqe a READ fd=f addr=m len=512;submit", GB_OUTCOME_BLOCK,
	      "a=512", 2, 1);
}

/* An interrupt completes it: the NOP behind it in the batch is first; inside the submission it is not. */
static void async_and_inline(void **state)
{
	struct run r;

	(void)state;
	check(MEM "file f size=512 nowait=1 outcomes=async;sqe a READ fd=f addr=m len=512;sqe b NOP;submit",
	      GB_OUTCOME_ASYNC, "b=0 a=512:RW_FULL", 2, 0);
	check(MEM "file f size=512 nowait=1 wasync=1 outcomes=async;sqe a WRITE fd=f addr=m len=512;sqe b NOP;submit",
	      GB_OUTCOME_ASYNC, "b=0 a=512", 2, 0);
	check(MEM "block d size=2048 direct=1 ram=1 outcomes=async;sqe a READ fd=d addr=m len=512;sqe b NOP;submit",
	      GB_OUTCOME_ASYNC, "b=0 a=512", 2, 0);
	run_outcome(&r, MEM "file f size=512 nowait=1 outcomes=async;sqe a READ fd=f addr=m len=512;submit",
		    GB_OUTCOME_ASYNC);
	assert_int_equal(count(&r, GB_EV_TW_ADD, GB_ACTOR_IRQ), 1);
	run_free(&r);
	run_outcome(&r, MEM "file f size=512 direct=1 outcomes=inline;sqe a READ fd=f addr=m len=512;submit",
		    GB_OUTCOME_INLINE);
	run_cqes(&r, "a=512");
	assert_int_equal(count(&r, GB_EV_TW_ADD, GB_ACTOR_IRQ), 0);
	run_free(&r);
	/* a fault is known at once */
	check(MEM "file f size=512 nowait=1 outcomes=async;sqe a READ fd=f addr=4096 len=512;submit", GB_OUTCOME_ASYNC,
	      "a=-14", 1, 0);
}

/* Half of what was asked for, in sectors where the device has them; and -EIO, which breaks a chain. */
static void short_and_error(void **state)
{
	(void)state;
	check(MEM "file f size=512 outcomes=short;sqe a READ fd=f addr=m len=100 flags=IO_LINK;sqe b NOP;submit",
	      GB_OUTCOME_SHORT, "a=50:RW_SHORT b=-125", 2, 1);
	/* a nonblocking read of a regular file goes on behind the first part (S7.8) */
	check(MEM "file f size=512 nowait=1 outcomes=short;sqe a READ fd=f addr=m len=100;submit", GB_OUTCOME_SHORT,
	      "a=100", 1, 0);
	check(MEM "block d size=2048 direct=1 outcomes=short;sqe a READ fd=d addr=m len=1536;submit", GB_OUTCOME_SHORT,
	      "a=512", 1, 0);
	check(MEM "file f size=512 iter=0 outcomes=short;sqe a READ fd=f addr=m len=100;submit", GB_OUTCOME_SHORT,
	      "a=50", 2, 1);
	check(MEM "file f size=512 outcomes=error;sqe a READ fd=f addr=m len=100 flags=IO_LINK;sqe b NOP;submit",
	      GB_OUTCOME_ERROR, "a=-5:RW_ERROR b=-125", 2, 1);
	check(MEM "file f size=512 direct=1 outcomes=error;sqe a WRITE fd=f addr=m len=100;submit", GB_OUTCOME_ERROR,
	      "a=-5", 1, 0);
}

/* A lessor that may answer at once, later, or with a failure. */
static void lessor(void **state)
{
	const char *program =
		"lessor l;file f size=512;sqe L LEASE fd=l dir=dest len=512 mode=any res=3 flags=SQE_GROUP;"
		"sqe a READ fd=f addr=0 len=512 flags=GROUP_BUF;sqe b NOP;submit";
	struct run r;

	(void)state;
	assert_int_equal(run_outcome(&r, program, GB_LEASE_sync),
			 1U << GB_LEASE_sync | 1U << GB_LEASE_async | 1U << GB_LEASE_fail_after);
	run_cqes(&r, "b=0 a=512 L=3");
	run_free(&r);
	run_outcome(&r, program, GB_LEASE_async);
	run_cqes(&r, "b=0 a=512 L=3");
	assert_int_equal(count(&r, GB_EV_TW_ADD, GB_ACTOR_IRQ), 1);
	run_free(&r);
	run_outcome(&r, program, GB_LEASE_fail_after);
	run_cqes(&r, "b=0 a=-125 L=-5");
	run_free(&r);
}

/* ---- time ---- */

/* Takes the first timer or interrupt whenever it can. */
static uint32_t hurry(void *user, const struct gb_choice *choice)
{
	(void)user;
	for (uint32_t k = 0; k < choice->n && choice->kind == GB_CHOICE_ACTOR; k++)
		if (choice->alt[k].kind == GB_ACTOR_TIMER)
			return k;
	return 0;
}

/* A timeout of a second expires before a NOP of the same batch is taken, if time may pass while somebody can act. */
static void time_races(void **state)
{
	(void)state;
	for (unsigned int races = 0; races < 2; races++) {
		struct run r;
		struct gb_config config = {.event = run_event,
					   .event_user = &r,
					   .strategy = GB_STRATEGY_CALLBACK,
					   .choose = hurry,
					   .time_races = races};
		struct gb_world *world;

		run_read(&r, "sqe a TIMEOUT ms=1000;sqe b NOP;sqe c NOP flags=ASYNC;submit;wait 3");
		assert_int_equal(gb_world_create(r.trace, &config, &world, NULL), GB_OK);
		assert_int_equal(gb_world_run(world), GB_FINISHED);
		gb_world_destroy(world);
		run_cqes(&r, races ? "{ a=-62 b=0 c=0 }" : "b=0 c=0 stuck");
		run_free(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_offered), cmocka_unit_test(block),  cmocka_unit_test(async_and_inline),
		cmocka_unit_test(short_and_error), cmocka_unit_test(lessor), cmocka_unit_test(time_races),
	};

	return cmocka_run_group_tests_name("outcomes", tests, NULL, NULL);
}
