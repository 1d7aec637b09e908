/* SPDX-License-Identifier: MIT */
/* Kinds of rings: S2.6 step 6, S11.1 to S11.3, S11.17, S4.2 and S4.6 with TASKRUN_FLAG. */
#include "trace_test.h"

#include "rules.h"

#define OFF "ring entries=8 flags=R_DISABLED|SUBMIT_ALL;"

/* S5.10, S11.2, S11.11, S11.14: larger entries and other places for them change the layout and nothing else. */
static void test_layout_flags(void **state)
{
	static const char *const flags[] = {"CQE32", "SQE128", "CQE32|SQE128", "NO_SQARRAY", "NO_MMAP"};
	char program[512];

	(void)state;
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		snprintf(program, sizeof(program),
			 "ring entries=2 cq=2 flags=SUBMIT_ALL|%s;lessor dev;file f size=64;"
			 "sqe l LEASE fd=dev dir=dest len=64 flags=SQE_GROUP|IO_LINK;sqe a READ fd=f len=64 "
			 "flags=GROUP_BUF;"
			 "submit;sqe b NOP res=-5;submit;reap;",
			 flags[i]);
		CQES(program, "a=64 l=0 b=-5");
	}
}

/* S11.3, S11.17: as long as it is disabled enter answers EBADFD and takes nothing. Tried on a 6.18 host: the same. */
static void test_disabled(void **state)
{
	(void)state;
	CQES(OFF "sqe a NOP;submit;reap;register enable;submit;reap;", "submitted:-77 submitted:1 a=0");
	CQES(OFF "sqe a NOP;submit;wait 1;", "submitted:-77 stuck");
	/* nothing queued: liburing does not enter at all */
	CQES(OFF "submit;register enable;sqe a NOP;submit;reap;", "a=0");
	/* what was queued before it was enabled is one batch with what comes later */
	EVENTS(OFF "sqe a NOP flags=IO_LINK;submit;register enable;sqe b NOP;submit;reap;", "link+ submitted+",
	       "submitted=-77,1,0 link(b,a)=0,0,0 submitted=2,1,0");
}

static void check_registered(const char *program, const char *expected)
{
	struct run r;
	struct text t = {.n = 0};

	run(&r, program);
	for (size_t i = 0; i < r.n; i++) {
		if (r.event[i].type == GB_EV_REGISTERED)
			text_add(&t, "%d ", (int)r.event[i].a);
	}
	run_expect(&r, expected, t.s);
	run_free(&r);
}

/* S11.17: only before enabling (EBADFD), once (EBUSY); later a restricted ring refuses what was not allowed (EACCES).
 */
static void test_register(void **state)
{
	(void)state;
	check_registered("sqe a NOP;submit;register enable;register restrictions sqe_op=NOP;", "-77 -77");
	check_registered(OFF "register enable;register enable;register restrictions;", "0 -77 -77");
	check_registered(OFF "register restrictions;register restrictions sqe_op=NOP;register enable;register enable;",
			 "0 -16 0 -13");
	check_registered(OFF "register restrictions register_op=ENABLE_RINGS;register enable;register enable;"
			     "register restrictions;",
			 "0 0 -77 -13");
}

/* S2.6 step 6 */
static void test_restrictions(void **state)
{
	(void)state;
	CQES(OFF "file f size=16;mem m size=16;register restrictions sqe_op=NOP,READ;register enable;"
		 "sqe a NOP;sqe b READ fd=f addr=m len=16;sqe c WRITE fd=f addr=m len=16;sqe d BAD;submit;reap;",
	     "a=0 c=-13:RESTRICTED d=-22:BAD_OPCODE b=16");
	CQES(OFF "register restrictions sqe_op=NOP sqe_flags_allowed=ASYNC sqe_flags_required=IO_LINK;register enable;"
		 "sqe a NOP;sqe b NOP flags=IO_LINK|IO_HARDLINK;sqe c NOP flags=IO_LINK;submit;reap;",
	     "a=-13:RESTRICTED b=-13:RESTRICTED c=-125");
	CQES(OFF "register restrictions sqe_op=NOP sqe_flags_allowed=IO_LINK;register enable;"
		 "sqe a NOP flags=IO_LINK;sqe b NOP;sqe c NOP flags=ASYNC;submit;reap;",
	     "a=0 c=-13:RESTRICTED b=0");
	/* no restrictions registered: enabling restricts nothing */
	CQES(OFF "register enable;sqe a NOP flags=ASYNC;submit;reap;", "a=0");
	/* without 128 among the flags no group gets through; each SQE is on its own then */
	CQES(OFF "register restrictions sqe_op=NOP sqe_flags_allowed=IO_LINK;register enable;"
		 "sqe a NOP flags=SQE_GROUP;sqe b NOP flags=SQE_GROUP;sqe c NOP;submit;reap;",
	     "b=-13:RESTRICTED c=-125 a=-13:RESTRICTED");
	CQES(OFF "register restrictions sqe_op=NOP sqe_flags_allowed=SQE_GROUP;register enable;"
		 "sqe a NOP flags=SQE_GROUP;sqe b NOP flags=SQE_GROUP;sqe c NOP;submit;reap;",
	     "b=0 c=0 a=0");
}

/* S2.7: side effects of earlier steps stay, and what comes later is not reached. */
static void test_restrictions_in_order(void **state)
{
	(void)state;
	/* step 4 before it: drain is off for good */
	CQES(OFF "register restrictions sqe_op=NOP sqe_flags_allowed=IO_DRAIN;register enable;"
		 "sqe a NOP flags=CQE_SKIP_SUCCESS;sqe b NOP flags=IO_DRAIN;submit;reap;",
	     "a=-13:RESTRICTED b=-95:DRAIN_DISABLED");
	/* step 3 before it, step 8 behind it */
	CQES(OFF "register restrictions sqe_op=READ;register enable;sqe a NOP flags=BUFFER_SELECT;sqe b NOP ioprio=1;"
		 "submit;reap;",
	     "a=-95:NO_BUFFER_SELECT b=-13:RESTRICTED");
	/* step 5: a refused drain leaves the ring draining, so what follows goes to a worker (step 7) */
	EVENTS(OFF "register restrictions sqe_op=NOP;register enable;sqe a NOP flags=IO_DRAIN;sqe b NOP;submit;reap;",
	       "punt", "punt(b)=0");
	/* a member's drain flag asks for the buffer, but the restriction sees what the SQE says */
	CQES(OFF "register restrictions sqe_op=NOP sqe_flags_allowed=SQE_GROUP;register enable;"
		 "sqe a NOP flags=SQE_GROUP;sqe b NOP flags=SQE_GROUP|GROUP_BUF;sqe c NOP;submit;reap;",
	     "b=-13:RESTRICTED c=-125 a=-125");
}

/* S4.2: TASKRUN is set from the first item of task work until it is taken; submit then enters with GETEVENTS (S4.6). */
static void test_taskrun_flag(void **state)
{
	(void)state;
	/* the second submit has nothing to submit; it enters because of the flag and advances the chain by one link
	 * (S4.7) */
	SPLIT("ring entries=8 flags=SINGLE_ISSUER|DEFER_TASKRUN|TASKRUN_FLAG;"
	      "sqe a NOP flags=IO_LINK;sqe b NOP flags=IO_LINK;sqe c NOP;submit;submit;reap;",
	      "s: a=0 / b=0 / c=0");
	EVENTS("ring entries=8 flags=SINGLE_ISSUER|DEFER_TASKRUN|TASKRUN_FLAG;"
	       "sqe a NOP flags=IO_LINK;sqe b NOP;submit;submit;submit;reap ms=0;",
	       "enter+ cqe", "enter=2,0,0 cqe(a)=0 enter=0,0,1 cqe(b)=0 enter=0,1,1 enter=0,1,1");
	EVENTS("ring entries=8 flags=SINGLE_ISSUER|DEFER_TASKRUN;"
	       "sqe a NOP flags=IO_LINK;sqe b NOP;submit;submit;submit;reap ms=0;",
	       "enter+ cqe", "enter=2,0,0 cqe(a)=0 enter=0,1,1 cqe(b)=0 enter=0,1,1 enter=0,1,1");
	/* on a COOP_TASKRUN ring the enter itself runs it on the way out, so the flag is gone by then */
	EVENTS("ring entries=8 flags=COOP_TASKRUN|TASKRUN_FLAG;sqe a NOP flags=IO_LINK;sqe b NOP;submit;submit;reap "
	       "ms=0;",
	       "enter+ cqe", "enter=2,0,0 cqe(a)=0 cqe(b)=0 enter=0,1,1 enter=0,1,1");
}

/* S11.1: what the sizes come to, seen by when the CQ ring is full. */
static void test_sizes(void **state)
{
	(void)state;
	/* entries=3 is 4, so the CQ has 8: the ninth overflows */
	EVENTS("ring entries=3 flags=SUBMIT_ALL;sqe a NOP;sqe b NOP;sqe c NOP;sqe d NOP;submit;sqe e NOP;sqe f NOP;"
	       "sqe g NOP;sqe h NOP;submit;sqe i NOP;submit;reap ms=0;",
	       "enter+", "enter=4,0,0 enter=4,0,0 enter=1,0,0 enter=0,1,1 enter=0,1,1 enter=0,1,1");
	/* CLAMP takes the largest there is */
	CQES("ring entries=40000 cq=100000 flags=CLAMP;sqe a NOP;submit;reap;", "a=0");
	CQES("ring entries=4 cq=5;sqe a NOP;submit;reap;", "a=0");
	CQES("ring entries=4 cq=3;sqe a NOP;submit;reap;", "a=0");
}

static const struct broken refused[] = {
	{"ring entries=0", GB_BAD_INPUT, 1, 14, "entries=0 is refused by io_uring_setup*"},
	{"ring entries=32769", GB_BAD_INPUT, 1, 14, "entries=32769 is refused*"},
	{"ring entries=0 flags=CLAMP", GB_BAD_INPUT, 1, 14, "entries=0 is refused*"},
	{"ring entries=4 cq=0 flags=CLAMP", GB_BAD_INPUT, 1, 19, "a CQ of 0 entries is refused*"},
	{"ring entries=4 cq=65537", GB_BAD_INPUT, 1, 19, "a CQ of 65537 entries is refused*"},
	{"ring entries=4 cq=2", GB_BAD_INPUT, 1, 19, "a CQ of 2 entries is smaller than the SQ*"},
	{"ring flags=SQPOLL|DEFER_TASKRUN|SINGLE_ISSUER", GB_BAD_INPUT, 1, 12, "io_uring_setup refuses these flags*"},
	{"ring flags=SQPOLL|COOP_TASKRUN", GB_BAD_INPUT, 1, 12, "io_uring_setup refuses these flags*"},
	{"ring flags=SQ_AFF", GB_BAD_INPUT, 1, 12, "io_uring_setup refuses these flags: SQ_AFF needs SQPOLL*"},
	{"register", GB_BAD_INPUT, 1, 9, "the line ends too early; expected what to register"},
	{"register rings", GB_BAD_INPUT, 1, 10, "unknown registration 'rings'*"},
	{"register enable now", GB_BAD_INPUT, 1, 17, "unexpected 'now'*"},
	{"register restrictions NOP", GB_BAD_INPUT, 1, 23, "unexpected 'NOP'; expected KEY=VALUE*"},
	{"register restrictions sqe_op=", GB_BAD_INPUT, 1, 30, "unknown opcode*"},
	{"register restrictions sqe_op=NOP,", GB_BAD_INPUT, 1, 34, "unknown opcode*"},
	{"register restrictions sqe_op=NOP,NOPE", GB_BAD_INPUT, 1, 34, "unknown opcode 'NOPE' (did you mean NOP?)*"},
	{"register restrictions register_op=ENABLE", GB_BAD_INPUT, 1, 35, "unknown register opcode*"},
	{"register restrictions sqe_flags_allowed=LINK", GB_BAD_INPUT, 1, 41, "unknown sqe flag*"},
	{"register restrictions sqe_flags_required=256", GB_BAD_INPUT, 1, 42, "*"},
	{"register restrictions sqe_op=NOP sqe_op=NOP", GB_BAD_INPUT, 1, 34, "sqe_op= is given twice*"},
	{"registered", GB_BAD_INPUT, 1, 11, "the line ends too early; expected an error"},
	{"registered EBUSY", GB_BAD_INPUT, 1, 12, "'EBUSY' is no result*"},
	{"exit\nregister enable", GB_BAD_INPUT, 2, 1, "the ring is closed since line 1*"},
	{"exit\ndie", GB_BAD_INPUT, 2, 1, "the ring is closed since line 1*"},
	{"die\ndie", GB_BAD_INPUT, 2, 1, "the submitting task is gone since line 1*"},
	{"die\nexec", GB_BAD_INPUT, 2, 1, "the submitting task is gone since line 1*"},
	{"exec\nsubmit", GB_BAD_INPUT, 2, 1, "the submitting task is gone since line 1*"},
	{"die\nsqe a NOP", GB_BAD_INPUT, 2, 1, "the submitting task is gone since line 1*"},
	{"die\nregister enable", GB_BAD_INPUT, 2, 1, "the submitting task is gone since line 1*"},
	{"die 1", GB_BAD_INPUT, 1, 5, "unexpected '1'*"},
	{"ring flags=SQPOLL\ndie", GB_NOT_SIMULATED, 2, 1, "'die' is not simulated on an SQPOLL ring yet"},
	{"ring entries=1 flags=R_DISABLED\nsqe a NOP\nsubmit\nsqe b NOP", GB_BAD_INPUT, 4, 1,
	 "the submission queue has 1 entries*"},
};

static void test_refused(void **state)
{
	(void)state;
	CHECK_BROKEN(refused);
}

static void test_printed(void **state)
{
	(void)state;
	check_canonical("ring flags=R_DISABLED\nregister   restrictions sqe_flags_required=4 sqe_op=READ,NOP "
			"register_op=ENABLE_RINGS,BUFFERS sqe_flags_allowed=IO_LINK|0x80\nregister enable\nexec\n"
			"registered -EBUSY\nregistered -13\n",
			"ring flags=R_DISABLED\nregister restrictions register_op=BUFFERS,ENABLE_RINGS sqe_op=NOP,READ "
			"sqe_flags_allowed=IO_LINK|SQE_GROUP sqe_flags_required=IO_LINK\nregister enable\nexec\n\n"
			"registered -16\nregistered -13\n");
	check_canonical("register restrictions\ndie\nreap\nexit\n", "register restrictions\ndie\nreap\nexit\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layout_flags),
		cmocka_unit_test(test_disabled),
		cmocka_unit_test(test_register),
		cmocka_unit_test(test_restrictions),
		cmocka_unit_test(test_restrictions_in_order),
		cmocka_unit_test(test_taskrun_flag),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
