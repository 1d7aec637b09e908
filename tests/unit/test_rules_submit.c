/* SPDX-License-Identifier: MIT */
/* Section 2 of semantics.md: the batch, initialisation, links, groups, leftovers, drain. */
#include "rules.h"

#define PIPE "pipe p;mem m size=64;"
#define Z    "sqe z READ fd=p.r addr=m len=16" /* waits until data arrives */
#define SOON "submit;write p.w 16"

/* ---- 2.1 the batch ---- */

static void test_S2_1_nothing_pending(void **state)
{
	(void)state;
	CQES("submit;sqe a NOP;submit;submit", "a=0");
	/* not even an io_uring_enter that could flush something */
	EVENTS(DTR "sqe a NOP flags=IO_LINK;sqe b NOP;submit;submit;reap", "enter cqe",
	       "enter=2 cqe(a)=0 enter=0 cqe(b)=0 enter=0 enter=0");
}

static void test_S2_3_a_failed_sqe_ends_the_batch(void **state)
{
	(void)state;
	CQES("sqe a BAD;sqe b NOP;submit;submit", "submitted:1 submitted:1 a=-22 b=0");
	CQES(ALL "sqe a BAD;sqe b NOP;submit", "a=-22 b=0");
}

static void test_S2_5_all_are_issued_before_the_first_cqe(void **state)
{
	(void)state;
	EVENTS("sqe a NOP;sqe b NOP;sqe c NOP;submit", "issue cqe",
	       "issue(a)=1 issue(b)=1 issue(c)=1 cqe(a)=0 cqe(b)=0 cqe(c)=0");
}

/* ---- 2.2 initialisation ---- */

/* Each pair of failures shows which check comes first. */
static void test_S2_6_order_of_the_checks(void **state)
{
	static const struct {
		const char *before, *sqe, *after, *expected;
	} pairs[] = {
		/* step 1 before 3, 8, 12 */
		{"", "sqe x BAD flags=BUFFER_SELECT", "", "x=-22:BAD_OPCODE"},
		{"", "sqe x BAD ioprio=7", "", "x=-22:BAD_OPCODE"},
		/* step 3 before 5a, 5c, 8 */
		{"sqe a NOP flags=SQE_GROUP;", "sqe x NOP flags=BUFFER_SELECT|IO_DRAIN", "",
		 "x=-95:NO_BUFFER_SELECT a=-22:MEMBER_FLAGS"},
		{"sqe a NOP flags=CQE_SKIP_SUCCESS;", "sqe x NOP flags=BUFFER_SELECT|IO_DRAIN", "",
		 "x=-95:NO_BUFFER_SELECT"},
		{"", "sqe x NOP flags=BUFFER_SELECT ioprio=7", "", "x=-95:NO_BUFFER_SELECT"},
		/* step 3 before 4: such a CQE_SKIP does not disable drain */
		{"", "sqe x NOP flags=BUFFER_SELECT|CQE_SKIP_SUCCESS", ";submit;reap;sqe y NOP flags=IO_DRAIN",
		 "x=-95:NO_BUFFER_SELECT y=0"},
		/* step 4 before 5c */
		{"", "sqe x NOP flags=CQE_SKIP_SUCCESS|IO_DRAIN", "", "x=-95:DRAIN_DISABLED"},
		/* step 5a before 12, 5c before 8 and 12 */
		{"sqe a NOP flags=SQE_GROUP;", "sqe x READ fd=99 ioprio=0xffff flags=BUFFER_SELECT|IO_DRAIN", "",
		 "x=-22:GROUP_BUF_AND_SELECT a=-22:MEMBER_FLAGS"},
		{"sqe a NOP flags=CQE_SKIP_SUCCESS;", "sqe x NOP ioprio=7 flags=IO_DRAIN", "", "x=-95:DRAIN_DISABLED"},
		{"sqe a NOP flags=CQE_SKIP_SUCCESS;", "sqe x NOP op_flags=0x80 flags=IO_DRAIN", "",
		 "x=-95:DRAIN_DISABLED"},
		/* step 5b: drain_disabled is irrelevant to members */
		{"sqe a NOP flags=CQE_SKIP_SUCCESS|SQE_GROUP;", "sqe x NOP flags=IO_DRAIN", "", "x=0"},
		/* step 8 before 12, and 12 before the file is looked up */
		{"", "sqe x NOP ioprio=7 op_flags=0x80", "", "x=-22:BAD_IOPRIO"},
		{"", "sqe x READ fd=99 ioprio=0xffff addr=0xffffffffffff0000 len=1", "", "x=-22:PREP_RW_IOPRIO"},
		{"", "sqe x READ fd=99 addr=0xffffffffffff0000 len=1", "", "x=-14:PREP_RW_ADDR"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct text t = {.n = 0};

		text_add(&t, ALL "%s%s%s;submit", pairs[i].before, pairs[i].sqe, pairs[i].after);
		CQES(t.s, pairs[i].expected);
	}
}

static void test_S2_7_effects_of_earlier_steps_stay(void **state)
{
	(void)state;
	/* the ring drains although the SQE that asked for it failed: b goes the long way */
	EVENTS(ALL "sqe a NOP ioprio=7 flags=IO_DRAIN;sqe b NOP;sqe c NOP;submit", "cqe punt",
	       "cqe(a)=-22:BAD_IOPRIO cqe(c)=0 punt(b)=0 cqe(b)=0");
	CQES(ALL "sqe a NOP ioprio=7 flags=CQE_SKIP_SUCCESS;sqe b NOP flags=IO_DRAIN;submit",
	     "a=-22:BAD_IOPRIO b=-95:DRAIN_DISABLED");
	CQES(ALL "sqe a NOP flags=SQE_GROUP;sqe b BAD flags=IO_DRAIN;submit", "b=-22:BAD_OPCODE a=-22:MEMBER_FLAGS");
}

static void test_S2_9_files_are_looked_up_at_issue(void **state)
{
	(void)state;
	CQES(PIPE "sqe a READ fd=99 addr=m len=16;submit", "a=-9:NO_FILE");
	CQES(PIPE "sqe a READ fd=p.r addr=m len=16 flags=FIXED_FILE;submit", "a=-9:NO_FILE");
	CQES(PIPE "close p.r;sqe a READ fd=p.r addr=m len=16;submit", "a=-9:NO_FILE");
}

/* ---- 2.3, 2.4: links ---- */

static void test_S2_10_a_chain_ends_with_its_terminator(void **state)
{
	(void)state;
	EVENTS("sqe a NOP flags=IO_LINK;sqe b NOP;sqe c NOP flags=IO_HARDLINK;sqe d NOP;submit", "link+",
	       "link(b,a)=0,0,0 link(d,c)=0,0,0");
}

static void test_S2_11_only_the_heads_flags_matter(void **state)
{
	(void)state;
	EVENTS("sqe a NOP flags=IO_LINK;sqe b NOP flags=ASYNC;submit", "start punt", "start(a)=0 punt(b)=0");
	EVENTS("sqe a NOP flags=IO_LINK|ASYNC;sqe b NOP;submit", "start punt", "start(a)=1 punt(a)=0");
}

static void test_S2_12_unlinked(void **state)
{
	(void)state;
	EVENTS("sqe a NOP;sqe b NOP;submit", "init issue", "init(a)=0 issue(a)=1 init(b)=0 issue(b)=1");
	EVENTS("sqe a NOP flags=ASYNC;submit", "start punt", "start(a)=1 punt(a)=0");
	EVENTS("sqe a BAD;submit", "start punt issue", "start(a)=1");
}

static void test_S2_13_a_failed_element_fails_the_head(void **state)
{
	struct run r;

	(void)state;
	run(&r, ALL "sqe a NOP flags=IO_LINK;sqe b BAD flags=IO_LINK;sqe c NOP;submit");
	run_cqes(&r, "a=-125:CHAIN_ASSEMBLY b=-22:BAD_OPCODE c=-125:LINK_BROKEN");
	run_events(&r, "issue", "");
	run_free(&r);
	/* a failed head keeps its code */
	CQES(ALL "sqe a NOP flags=IO_LINK;sqe b BAD flags=IO_LINK;sqe c NOP ioprio=7;submit",
	     "a=-125:CHAIN_ASSEMBLY b=-22:BAD_OPCODE c=-22:BAD_IOPRIO");
}

static void test_S2_14_a_failed_head(void **state)
{
	(void)state;
	CQES(ALL "sqe a BAD flags=IO_LINK;sqe b NOP flags=IO_LINK;sqe c NOP;submit",
	     "a=-22:BAD_OPCODE b=-125:LINK_BROKEN c=-125:LINK_BROKEN");
}

static void test_S2_15_head_first_the_rest_through_one_tw(void **state)
{
	EVENTS(ALL "sqe a NOP flags=IO_LINK;sqe b BAD flags=IO_LINK;sqe c NOP flags=IO_LINK;sqe d BAD;submit",
	       "cqe tw_add", "cqe(a)=-125 tw_add(b)=FAIL_LINKS cqe(b)=-22 cqe(c)=-125 cqe(d)=-22");
	(void)state;
}

static void test_S2_16_skip_and_failed_assembly(void **state)
{
	(void)state;
	CQES(ALL "sqe a NOP flags=IO_LINK|CQE_SKIP_SUCCESS;sqe b BAD flags=IO_LINK;sqe c NOP;submit",
	     "a=-125:CHAIN_ASSEMBLY");
	CQES(ALL "sqe a NOP flags=IO_LINK;sqe b BAD flags=IO_LINK|CQE_SKIP_SUCCESS;sqe c NOP flags=CQE_SKIP_SUCCESS;"
		 "submit",
	     "a=-125 b=-22 c=-125");
}

static void test_S2_18_async_elements_go_to_io_wq_from_tw(void **state)
{
	(void)state;
	EVENTS(ALL "sqe a NOP flags=IO_LINK;sqe b NOP flags=ASYNC|IO_LINK;sqe c NOP;submit", "tw_run punt",
	       "tw_run(b)=SUBMIT punt(b)=0 {tw_run(b)=COMPLETE tw_run(c)=COMPLETE}");
}

static void test_S2_20_a_failed_hardlink_head_fails_the_chain(void **state)
{
	(void)state;
	CQES(ALL "sqe a BAD flags=IO_HARDLINK;sqe b NOP flags=IO_HARDLINK;sqe c NOP;submit",
	     "a=-22 b=-125:LINK_BROKEN c=-125:LINK_BROKEN");
	CQES(ALL "sqe a NOP flags=IO_HARDLINK;sqe b BAD flags=IO_HARDLINK;sqe c NOP;submit",
	     "a=-125:CHAIN_ASSEMBLY b=-22 c=-125");
	/* the stray LINK of an unlinked one is harmless */
	CQES(ALL "sqe a BAD;sqe b NOP;submit", "a=-22 b=0");
}

static void test_S2_21_what_stops_a_batch(void **state)
{
	(void)state;
	/* an unlinked request, the end of a chain, the last member of an unlinked group */
	CQES("sqe a BAD;sqe x NOP;submit", "submitted:1 a=-22");
	CQES("sqe a NOP flags=IO_LINK;sqe b NOP flags=IO_LINK;sqe c BAD;sqe x NOP;submit",
	     "submitted:3 a=-125 b=-125 c=-22");
	CQES("sqe a NOP flags=SQE_GROUP;sqe b BAD;sqe x NOP;submit", "submitted:2 b=-22 a=-125");
	/* not: inside a chain or group, the last member of a linked group */
	CQES("sqe a NOP flags=IO_LINK;sqe b BAD flags=IO_LINK;sqe c NOP;sqe x NOP;submit", "a=-125 x=0 b=-22 c=-125");
	CQES("sqe a BAD flags=IO_LINK;sqe b NOP;sqe x NOP;submit", "a=-22 x=0 b=-125");
	CQES("sqe a NOP flags=SQE_GROUP;sqe b BAD flags=SQE_GROUP;sqe c NOP;sqe x NOP;submit",
	     "x=0 b=-22 c=-125 a=-125");
	CQES("sqe a BAD flags=SQE_GROUP;sqe b NOP;sqe x NOP;submit", "x=0 b=-125 a=-22");
	CQES("sqe a NOP flags=SQE_GROUP|IO_LINK;sqe b NOP flags=SQE_GROUP;sqe c BAD;sqe x NOP;sqe y NOP;submit",
	     "y=0 b=-125 c=-22 a=-125 x=-125");
	/* a member that is merely not allowed has not failed its initialisation */
	CQES("sqe a NOP flags=SQE_GROUP;sqe b NOP flags=IO_LINK|SQE_GROUP;sqe c NOP;sqe x NOP;submit",
	     "x=0 b=-125 c=-125 a=-22");
}

/* ---- 2.5 groups ---- */

static void test_S2_22_the_leader_stands_for_the_group_in_a_chain(void **state)
{
	(void)state;
	EVENTS(ALL "sqe a NOP flags=IO_LINK;sqe b NOP flags=IO_LINK|SQE_GROUP;sqe c NOP flags=SQE_GROUP;sqe d NOP;"
		   "sqe e NOP;submit",
	       "link+ open join+ start",
	       "open(b)=0 join(c,b)=0,0,0 join(d,b)=0,0,0 link(b,a)=0,0,0 link(e,b)=0,0,0 start(a)=0");
}

static void test_S2_23_members_count(void **state)
{
	(void)state;
	EVENTS("sqe a NOP flags=SQE_GROUP;sqe b NOP flags=SQE_GROUP;sqe c NOP;submit", "grp close",
	       "grp(a)=1 grp(a)=2 grp(a)=3 close(a)=2 grp(a)=2 grp(a)=1 grp(a)=0");
	EVENTS("sqe a NOP flags=SQE_GROUP;sqe b NOP;submit", "close", "close(a)=1");
	/* no nesting: after the last member the next GROUP flag opens another group */
	EVENTS("sqe a NOP flags=SQE_GROUP;sqe b NOP;sqe c NOP flags=SQE_GROUP;sqe d NOP;submit", "open join+",
	       "open(a)=0 join(b,a)=0,0,0 open(c)=0 join(d,c)=0,0,0");
}

static void test_S2_24_flags_of_members(void **state)
{
	static const char *const forbidden[] = {"IO_LINK", "IO_HARDLINK", "CQE_SKIP_SUCCESS"};

	(void)state;
	for (size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++) {
		struct text t = {.n = 0};

		text_add(&t, ALL "sqe a NOP flags=SQE_GROUP;sqe b NOP flags=SQE_GROUP|%s;sqe c NOP;submit",
			 forbidden[i]);
		CQES(t.s, "b=-125:LEADER_FAILED c=-125:LEADER_FAILED a=-22:MEMBER_FLAGS");
		t.n = 0;
		text_add(&t, ALL "sqe a NOP flags=SQE_GROUP;sqe b NOP flags=%s;sqe d NOP;submit", forbidden[i]);
		CQES(t.s, "d=0 b=-125:LEADER_FAILED a=-22:MEMBER_FLAGS");
	}
	/* an earlier code of the leader is overwritten */
	CQES(ALL "sqe a NOP flags=SQE_GROUP;sqe b BAD flags=SQE_GROUP;sqe c NOP flags=IO_LINK;submit",
	     "b=-22:BAD_OPCODE c=-125 a=-22:MEMBER_FLAGS");
	CQES(ALL "lessor dev;sqe a NOP flags=BUFFER_SELECT|SQE_GROUP;sqe c NOP flags=IO_LINK;submit",
	     "c=-125 a=-22:MEMBER_FLAGS");
	/* allowed: ASYNC, FIXED_FILE, the group buffer */
	CQES(ALL
	     "sqe a NOP flags=SQE_GROUP;sqe b NOP flags=SQE_GROUP|FIXED_FILE|GROUP_BUF;sqe c NOP flags=ASYNC;submit",
	     "b=0 c=0 a=0");
}

static void test_S2_24_flags_of_leaders(void **state)
{
	(void)state;
	CQES(ALL "sqe a NOP flags=SQE_GROUP|CQE_SKIP_SUCCESS;sqe b NOP;submit", "b=0");
	CQES(ALL "sqe a NOP flags=SQE_GROUP|IO_DRAIN;sqe b NOP;submit", "b=0 a=0");
	CQES(ALL "sqe a NOP flags=SQE_GROUP|ASYNC;sqe b NOP;submit", "b=0 a=0");
	CQES(ALL "sqe a NOP flags=SQE_GROUP|IO_HARDLINK;sqe b NOP;sqe c NOP;submit", "b=0 a=0 c=0");
}

static void test_S2_25_a_leader_failed_in_assembly_fails_the_group(void **state)
{
	(void)state;
	CQES(ALL "sqe a NOP flags=SQE_GROUP;sqe b BAD flags=SQE_GROUP;sqe c NOP;submit",
	     "b=-22:BAD_OPCODE c=-125:LEADER_FAILED a=-125:GROUP_ASSEMBLY");
}

static void test_S2_26_members_that_fail_their_initialisation(void **state)
{
	(void)state;
	CQES(ALL "sqe a NOP flags=SQE_GROUP;sqe b NOP ioprio=7;submit", "b=-22:BAD_IOPRIO a=-125:GROUP_ASSEMBLY");
	CQES(ALL "sqe a NOP flags=SQE_GROUP;sqe b NOP flags=BUFFER_SELECT;submit",
	     "b=-95:NO_BUFFER_SELECT a=-125:GROUP_ASSEMBLY");
	CQES(ALL "sqe a NOP flags=SQE_GROUP;sqe b BAD flags=IO_DRAIN;submit", "b=-22:BAD_OPCODE a=-22:MEMBER_FLAGS");
	CQES(ALL PIPE "sqe a NOP flags=SQE_GROUP;sqe b READ fd=p.r flags=BUFFER_SELECT|IO_DRAIN;submit",
	     "b=-22:GROUP_BUF_AND_SELECT a=-22:MEMBER_FLAGS");
	CQES(ALL "sqe a NOP flags=SQE_GROUP;sqe b LINK_TIMEOUT ms=5;submit",
	     "b=-22:PREP_LTIMEOUT_GROUP a=-125:GROUP_ASSEMBLY");
	/* two of them: the leader keeps the first code */
	CQES(ALL "sqe a NOP flags=SQE_GROUP;sqe b BAD flags=SQE_GROUP;sqe c NOP ioprio=7;submit",
	     "b=-22 c=-22 a=-125:GROUP_ASSEMBLY");
}

static void test_S2_27_a_leader_that_fails_its_initialisation(void **state)
{
	(void)state;
	CQES(ALL "sqe a BAD flags=SQE_GROUP;sqe b NOP flags=SQE_GROUP;sqe c NOP;submit",
	     "b=-125:LEADER_FAILED c=-125:LEADER_FAILED a=-22:BAD_OPCODE");
	/* a failing member does not change the code of a failed leader */
	CQES(ALL "sqe a BAD flags=SQE_GROUP;sqe b NOP ioprio=7;submit", "b=-22:BAD_IOPRIO a=-22:BAD_OPCODE");
}

static void test_S2_28_a_failing_last_member_fails_the_chain(void **state)
{
	(void)state;
	CQES(ALL "sqe a NOP flags=IO_LINK;sqe b NOP flags=IO_LINK|SQE_GROUP;sqe c NOP flags=SQE_GROUP;sqe d BAD;"
		 "sqe e NOP;submit",
	     "a=-125:CHAIN_OF_GROUP e=-125 c=-125:GROUP_OF_BROKEN_LINK d=-22:BAD_OPCODE b=-125:GROUP_ASSEMBLY");
}

#define CHAIN_WITH_BAD_MEMBER                                                                                  \
	"sqe a NOP flags=IO_LINK;sqe b NOP flags=IO_LINK|SQE_GROUP;sqe c BAD flags=SQE_GROUP;sqe d NOP;sqe e " \
	"NOP;submit"

static void test_S2_29_a_failed_leader_behind_a_good_head_runs(void **state)
{
	(void)state;
	CQES(ALL CHAIN_WITH_BAD_MEMBER, "!failed-request-runs(b) a=0 c=-22 d=-125 b=0 e=-125");
	CQES(ALL "sqe a NOP flags=IO_LINK;sqe b NOP flags=IO_HARDLINK|SQE_GROUP;sqe c BAD flags=SQE_GROUP;sqe d NOP;"
		 "sqe e NOP;submit",
	     "!failed-request-runs(b) a=0 c=-22 d=-125 b=0 e=0");
	/* a leader with a bad opcode runs as a NOP */
	CQES(ALL "sqe a NOP flags=IO_LINK;sqe b BAD flags=IO_LINK|SQE_GROUP;sqe c NOP;sqe e NOP;submit",
	     "!failed-request-runs(b) a=0 c=-125 b=0 e=-125");
	REPAIRED(FAILED_LEADER_STAYS, ALL CHAIN_WITH_BAD_MEMBER, "a=0 c=-22 d=-125 b=-125 e=-125");
}

/* Its descriptor has become 0, or slot 0, of which there is none. */
static void test_S2_29_a_failed_leader_reads_from_descriptor_0(void **state)
{
	(void)state;
	EVENTS(ALL PIPE "sqe a NOP flags=IO_LINK;sqe b READ fd=p.r addr=m len=16 flags=IO_LINK|SQE_GROUP;"
			"sqe c BAD flags=SQE_GROUP;sqe d NOP;sqe e NOP;submit",
	       "file", "file(b)=0");
	CQES(ALL PIPE "sqe a NOP flags=IO_LINK;sqe b READ fd=p.r addr=m len=16 flags=IO_LINK|SQE_GROUP|FIXED_FILE;"
		      "sqe c BAD flags=SQE_GROUP;sqe d NOP;sqe e NOP;submit",
	     "a=0 c=-22 d=-125 b=-9:NO_FILE e=-125");
}

static void test_S2_30_a_failed_leader_at_the_head(void **state)
{
	(void)state;
	CQES(ALL "sqe a NOP flags=IO_LINK|SQE_GROUP;sqe b BAD flags=SQE_GROUP;sqe c NOP;sqe d NOP;submit",
	     "b=-22 c=-125:LEADER_FAILED a=-125:GROUP_ASSEMBLY d=-125:LINK_BROKEN");
}

static void test_S2_31_an_async_leader(void **state)
{
	(void)state;
	EVENTS(ALL "sqe a NOP flags=SQE_GROUP|ASYNC;sqe b NOP;submit", "start punt", "start(a)=1 punt(a)=0");
	EVENTS(ALL "sqe a NOP flags=IO_LINK;sqe b NOP flags=SQE_GROUP|ASYNC;sqe c NOP;submit", "start punt",
	       "start(a)=0 punt(b)=0");
}

/* ---- 2.6 leftovers ---- */

static void test_S2_32_an_open_chain(void **state)
{
	struct run r;

	(void)state;
	run(&r, "sqe a NOP flags=IO_LINK;sqe b NOP flags=IO_LINK;submit");
	run_events(&r, "start punt", "start(a)=1 punt(a)=0");
	run_cqes(&r, "a=0 b=0");
	run_free(&r);
	CQES(ALL "sqe a BAD flags=IO_LINK;sqe b NOP flags=IO_LINK;submit", "a=-22 b=-125");
}

static void test_S2_33_an_open_group(void **state)
{
	struct run r;

	(void)state;
	run(&r, "sqe a NOP flags=SQE_GROUP;sqe b NOP flags=SQE_GROUP;submit");
	run_events(&r, "close+ punt", "close(a)=1,1,0 punt(a)=0");
	run_cqes(&r, "b=0 a=0");
	run_free(&r);
	run(&r, "sqe a NOP flags=SQE_GROUP|IO_LINK;sqe b NOP flags=SQE_GROUP;submit");
	run_events(&r, "link punt", "punt(a)=0");
	run_cqes(&r, "b=0 a=0");
	run_free(&r);
}

#define A_THEN(flags) ALL "sqe a NOP flags=IO_LINK" flags ";"

static void test_S2_33_an_open_group_in_an_open_chain(void **state)
{
	static const char lost[] = A_THEN("") "sqe b NOP flags=SQE_GROUP;sqe c NOP flags=SQE_GROUP;submit";

	(void)state;
	CQES(A_THEN("") "sqe b NOP flags=SQE_GROUP|IO_LINK;sqe c NOP flags=SQE_GROUP;submit", "a=0 c=0 b=0");
	CQES(lost, "!leak(a) !leak(b) !leak(c)");
	REPAIRED(CUT_CHAIN_DISPATCH, lost, "a=0 c=0 b=0");
	CQES(A_THEN("|ASYNC") "sqe b NOP flags=SQE_GROUP;sqe c NOP flags=SQE_GROUP;submit", "a=0 c=0 b=0");
	CQES(ALL "sqe a BAD flags=IO_LINK;sqe b NOP flags=SQE_GROUP;sqe c NOP flags=SQE_GROUP;submit",
	     "a=-22 c=-125 b=-125");
}

static void test_S2_33_a_leader_alone(void **state)
{
	static const char alone[] = ALL "sqe a NOP flags=SQE_GROUP;submit";

	(void)state;
	CQES(alone, "!leak(a)");
	REPAIRED(LONE_LEADER_EINVAL, alone, "a=-22:LONE_LEADER");
	CQES(A_THEN("") "sqe b NOP flags=SQE_GROUP|IO_LINK;submit", "!failed-request-runs(b) a=0 !leak(b)");
	CQES(A_THEN("") "sqe b NOP flags=SQE_GROUP;submit", "!leak(a) !leak(b)");
	CQES(A_THEN("|ASYNC") "sqe b NOP flags=SQE_GROUP;submit", "!failed-request-runs(b) a=0 !leak(b)");
}

/* ---- 2.7 drain ---- */

static void test_S2_34_a_drain_inside_a_chain(void **state)
{
	/* the head drains, and so does the first SQE behind the chain */
	(void)state;
	EVENTS(ALL PIPE Z ";sqe a NOP flags=IO_LINK;sqe b NOP flags=IO_DRAIN;sqe c NOP;" SOON, "defer release cqe",
	       "defer(a)=1 defer(c)=3 cqe(z)=16 release(a)=1 cqe(a)=0 cqe(b)=0 release(c)=3 cqe(c)=0");
}

static void test_S2_34_the_sqe_behind_such_a_chain_drains(void **state)
{
	/* also if the chain itself had nothing to wait for and ended the drain */
	(void)state;
	EVENTS(ALL "sqe a NOP flags=IO_LINK;sqe b NOP flags=IO_DRAIN;sqe c NOP;sqe d NOP;submit", "defer release cqe",
	       "defer(c)=2 defer(d)=3 cqe(a)=0 cqe(b)=0 release(c)=2 release(d)=3 {cqe(c)=0 cqe(d)=0}");
}

static void test_S2_35_drain_active_forces_async(void **state)
{
	(void)state;
	/* members too */
	EVENTS(ALL PIPE Z ";sqe a NOP flags=SQE_GROUP|IO_DRAIN;sqe b NOP;" SOON, "punt", "punt(a)=0 punt(b)=0");
	/* the first request after a finished drain still goes the long way, the second one does not */
	EVENTS(ALL PIPE Z ";sqe a NOP flags=IO_DRAIN;" SOON ";reap;sqe b NOP;submit;reap;sqe c NOP;submit",
	       "defer punt cqe", "defer(a)=1 cqe(z)=16 punt(a)=0 cqe(a)=0 punt(b)=0 cqe(b)=0 cqe(c)=0");
}

static void test_S2_36_sequence_of_a_chain(void **state)
{
	(void)state;
	EVENTS(ALL PIPE Z
	       ";sqe a NOP flags=IO_LINK|IO_DRAIN;sqe b NOP flags=IO_LINK|SQE_GROUP;sqe c NOP flags=SQE_GROUP;"
	       "sqe d NOP;sqe e NOP;" SOON,
	       "defer", "defer(a)=1");
}

static void test_S2_37_a_drain_waits_for_whole_groups(void **state)
{
	struct run r;

	(void)state;
	run(&r, ALL PIPE "sqe a NOP flags=SQE_GROUP;" Z " flags=SQE_GROUP;sqe c NOP;sqe d NOP flags=IO_DRAIN;" SOON);
	run_cqes(&r, "c=0 z=16 a=0 d=0");
	run_events(&r, "defer release", "defer(d)=3 release(d)=3");
	run_free(&r);
	/* without a drain flag nothing waits */
	EVENTS(ALL PIPE Z ";sqe d NOP;" SOON, "defer cqe", "cqe(d)=0 cqe(z)=16");
}

static void test_S2_38_queuing_while_a_drain_is_active(void **state)
{
	(void)state;
	EVENTS(ALL "sqe a NOP flags=IO_DRAIN;sqe b NOP;submit", "defer tw_add punt cqe",
	       "tw_add(a)=SUBMIT cqe(b)=0 punt(a)=0 cqe(a)=0 tw_add(a)=COMPLETE");
	/* requests without the flag queue up behind a pending drain */
	EVENTS(ALL PIPE Z ";sqe a NOP flags=IO_DRAIN;sqe b NOP;" SOON, "defer release",
	       "defer(a)=1 defer(b)=2 release(a)=1 release(b)=2");
}

static void test_S2_39_the_next_drain_checks_for_itself(void **state)
{
	(void)state;
	SEEDS(20, ALL PIPE Z ";sqe a NOP flags=IO_DRAIN;sqe b NOP flags=IO_DRAIN;" SOON, "z=16 a=0 b=0");
	EVENTS(ALL PIPE Z ";sqe a NOP flags=IO_DRAIN;sqe b NOP flags=IO_DRAIN;" SOON, "release cqe",
	       "cqe(z)=16 release(a)=1 cqe(a)=0 release(b)=2 cqe(b)=0");
}

static void test_S2_40_released_together_in_any_order(void **state)
{
	(void)state;
	SEEDS(20, ALL PIPE Z ";sqe a NOP flags=IO_DRAIN;sqe b NOP flags=IO_LINK;sqe c NOP;" SOON,
	      "z=16 {a=0 [b=0 c=0]}");
	/* b waits for the release of the draining group only */
	SEEDS(20,
	      ALL PIPE "pipe q;" Z
		       ";sqe a NOP flags=IO_DRAIN|SQE_GROUP;sqe m1 READ fd=q.r addr=m len=16;sqe b NOP;" SOON
		       ";wait 2;write q.w 16",
	      "z=16 b=0 m1=16 a=0");
}

static void test_S2_41_members_are_never_deferred(void **state)
{
	(void)state;
	EVENTS(ALL PIPE Z ";sqe a NOP flags=IO_DRAIN|SQE_GROUP;sqe b NOP flags=SQE_GROUP;sqe c NOP;" SOON, "defer",
	       "defer(a)=1");
}

static void test_S2_42_drain_and_cancel(void **state)
{
	(void)state;
	EVENTS(ALL PIPE Z ";sqe a NOP flags=IO_DRAIN;submit;sqe x ASYNC_CANCEL target=z;submit;write p.w 16",
	       "defer cancel", "defer(a)=1 defer(x)=2 cancel=-2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_S2_1_nothing_pending),
		cmocka_unit_test(test_S2_3_a_failed_sqe_ends_the_batch),
		cmocka_unit_test(test_S2_5_all_are_issued_before_the_first_cqe),
		cmocka_unit_test(test_S2_6_order_of_the_checks),
		cmocka_unit_test(test_S2_7_effects_of_earlier_steps_stay),
		cmocka_unit_test(test_S2_9_files_are_looked_up_at_issue),
		cmocka_unit_test(test_S2_10_a_chain_ends_with_its_terminator),
		cmocka_unit_test(test_S2_11_only_the_heads_flags_matter),
		cmocka_unit_test(test_S2_12_unlinked),
		cmocka_unit_test(test_S2_13_a_failed_element_fails_the_head),
		cmocka_unit_test(test_S2_14_a_failed_head),
		cmocka_unit_test(test_S2_15_head_first_the_rest_through_one_tw),
		cmocka_unit_test(test_S2_16_skip_and_failed_assembly),
		cmocka_unit_test(test_S2_18_async_elements_go_to_io_wq_from_tw),
		cmocka_unit_test(test_S2_20_a_failed_hardlink_head_fails_the_chain),
		cmocka_unit_test(test_S2_21_what_stops_a_batch),
		cmocka_unit_test(test_S2_22_the_leader_stands_for_the_group_in_a_chain),
		cmocka_unit_test(test_S2_23_members_count),
		cmocka_unit_test(test_S2_24_flags_of_members),
		cmocka_unit_test(test_S2_24_flags_of_leaders),
		cmocka_unit_test(test_S2_25_a_leader_failed_in_assembly_fails_the_group),
		cmocka_unit_test(test_S2_26_members_that_fail_their_initialisation),
		cmocka_unit_test(test_S2_27_a_leader_that_fails_its_initialisation),
		cmocka_unit_test(test_S2_28_a_failing_last_member_fails_the_chain),
		cmocka_unit_test(test_S2_29_a_failed_leader_behind_a_good_head_runs),
		cmocka_unit_test(test_S2_29_a_failed_leader_reads_from_descriptor_0),
		cmocka_unit_test(test_S2_30_a_failed_leader_at_the_head),
		cmocka_unit_test(test_S2_31_an_async_leader),
		cmocka_unit_test(test_S2_32_an_open_chain),
		cmocka_unit_test(test_S2_33_an_open_group),
		cmocka_unit_test(test_S2_33_an_open_group_in_an_open_chain),
		cmocka_unit_test(test_S2_33_a_leader_alone),
		cmocka_unit_test(test_S2_34_a_drain_inside_a_chain),
		cmocka_unit_test(test_S2_34_the_sqe_behind_such_a_chain_drains),
		cmocka_unit_test(test_S2_35_drain_active_forces_async),
		cmocka_unit_test(test_S2_36_sequence_of_a_chain),
		cmocka_unit_test(test_S2_37_a_drain_waits_for_whole_groups),
		cmocka_unit_test(test_S2_38_queuing_while_a_drain_is_active),
		cmocka_unit_test(test_S2_39_the_next_drain_checks_for_itself),
		cmocka_unit_test(test_S2_40_released_together_in_any_order),
		cmocka_unit_test(test_S2_41_members_are_never_deferred),
		cmocka_unit_test(test_S2_42_drain_and_cancel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
