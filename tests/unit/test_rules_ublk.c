/* SPDX-License-Identifier: MIT */
/* Section 10 of semantics.md: ublk devices, their block requests and zero copy. */
#include "rules.h"

#define ZC	   " flags=SUPPORT_ZERO_COPY|USER_COPY;"
#define DEV	   "ublk dev depth=1" ZC
#define DEV2	   "ublk dev depth=2" ZC
#define FILES	   "file f size=8192;pipe p;sock s;"
#define FETCH(tag) "sqe F" #tag " UBLK_FETCH fd=dev tag=" #tag ";"
/* A device that has fetched all of its tags. */
#define READY  FILES DEV FETCH(0) "submit;"
#define READY2 FILES DEV2 FETCH(0) FETCH(1) "submit;"
/* The leader L, its members behind it. */
#define GROUP		"sqe L UBLK_PROVIDE fd=dev tag=0 flags=SQE_GROUP;"
#define BUF		" flags=GROUP_BUF;"
#define BUF_MORE	" flags=GROUP_BUF|SQE_GROUP;"
#define COMMIT(c, more) "sqe " c " UBLK_COMMIT_AND_FETCH fd=dev tag=0 res=" more ";submit;"

/* ---- what became of a block request ---- */

static const struct gb_event *blk_event(const struct run *r, enum gb_event_type type, const char *label)
{
	for (size_t i = r->n; i--;) {
		const struct gb_event *ev = &r->event[i];

		if (ev->type == type && !strcmp(r->trace->blkreqs[ev->d].label, label))
			return ev;
	}
	return NULL;
}

/* `RES after CQEs`, or `refs=N` if it was never completed. */
#define run_blk(r, label, expected) run_blk_at((r), (label), (expected), __FILE__, __LINE__)

static void run_blk_at(struct run *r, const char *label, const char *expected, const char *file, int line)
{
	const struct gb_event *done = blk_event(r, GB_EV_BLK_DONE, label);
	const struct gb_event *last = blk_event(r, GB_EV_BLK_FINAL, label);
	struct text t = {.n = 0};

	if (done)
		text_add(&t, "%" PRId64 " after %" PRId64, done->a, done->b);
	else if (last)
		text_add(&t, "refs=%" PRId64, last->a);
	if (done && last && last->a)
		text_add(&t, " refs=%" PRId64, last->a);
	if (!strcmp(t.s, expected))
		return;
	print_error("%s\nexpected %s: %s\nobserved %s: %s\n", r->program, label, expected, label, t.s);
	run_free(r);
	_fail(file, line);
}

static void run_blk_bytes(const struct run *r, const char *label, const char *bytes)
{
	const struct gb_event *last = blk_event(r, GB_EV_BLK_FINAL, label);

	assert_non_null(last);
	if ((uint64_t)last->c != bytes_hash(bytes))
		fail_msg("%s\n%s does not hold %s", r->program, label, bytes);
}

#define BLK_VARIANT(variant, program, label, expected)   \
	do {                                             \
		struct run _r;                           \
		run_variant(&_r, (program), 0, variant); \
		run_blk(&_r, (label), (expected));       \
		run_free(&_r);                           \
	} while (0)

#define BLK(program, label, expected) BLK_VARIANT(0, program, label, expected)

/* ---- 10.2 the slot state machine ---- */

static void test_S10_5_common_checks(void **state)
{
	(void)state;
	/* each check, together with what a later one would refuse as well */
	CQES(READY "sqe a UBLK_FETCH fd=dev tag=9 q_id=1;submit", "a=-22:UBLK_BAD_QUEUE");
	CQES(READY "sqe a UBLK_FETCH fd=dev tag=1;submit", "a=-22:UBLK_BAD_TAG");
	CQES(READY "sqe a UBLK_FETCH fd=dev tag=0;submit", "a=-16:UBLK_ACTIVE");
	CQES(READY "sqe a UBLK_NEED_GET_DATA fd=dev tag=0;submit", "a=-16:UBLK_ACTIVE");
	CQES(READY "sqe a UBLK_CMD fd=dev tag=0 cmd_op=0xC0104120;submit", "a=-16:UBLK_ACTIVE");
	CQES(READY COMMIT("a", "0"), "a=-16:UBLK_ACTIVE");
	CQES(READY "blkreq r dev read len=512;sqe a UBLK_NEED_GET_DATA fd=dev tag=0;submit",
	     "F0=0 a=-22:UBLK_GET_DATA");
	CQES(FILES DEV "sqe a UBLK_CMD fd=dev tag=0 cmd_op=0xC0104122;submit", "a=-22:UBLK_GET_DATA");
	CQES(FILES DEV "sqe a UBLK_CMD fd=dev tag=0 cmd_op=0xC0104130;submit", "a=-95:UBLK_ENCODING");
	CQES(FILES DEV "sqe a UBLK_CMD fd=dev tag=0 cmd_op=0xC0107530;submit", "a=-22:UBLK_BAD_COMMAND");
	/* the old encoding is the bare number */
	CQES(FILES DEV "sqe a UBLK_CMD fd=dev tag=0 cmd_op=0x20;submit;blkreq r dev flush", "a=0:UBLK_DISPATCHED");
}

static void test_S10_5_other_files(void **state)
{
	(void)state;
	CQES(FILES "sqe a UBLK_FETCH fd=f tag=0;submit", "a=-95:CMD_NO_METHOD");
	CQES(FILES "sqe a UBLK_FETCH fd=99 tag=0;submit", "a=-9:NO_FILE");
	CQES("lessor dev;sqe a UBLK_PROVIDE fd=dev tag=0;submit", "a=-95:CMD_BAD_OP");
}

static void test_S10_6_fetch(void **state)
{
	(void)state;
	/* in the driver until a block request comes, which is after the last tag was fetched */
	CQES(READY "reap ms=5", "");
	EVENTS(FILES DEV2 "blkreq r dev read len=512;" FETCH(0) "submit;reap ms=5;" FETCH(1) "submit",
	       "issue blk_new blk_dispatch", "blk_new=0 issue(F0)=1 issue(F1)=1 blk_dispatch(F0)=0");
	CQES(READY "blkreq r dev read len=512", "F0=0:UBLK_DISPATCHED");
	CQES(READY "blkreq r dev read len=512;sqe a UBLK_FETCH fd=dev tag=0;submit", "F0=0 a=-16:UBLK_QUEUE_READY");
	CQES(FILES DEV "mem m size=64;sqe a UBLK_FETCH fd=dev tag=0 addr=m;submit", "a=-22:UBLK_FETCH_ADDR");
}

static void test_S10_6_commit(void **state)
{
	(void)state;
	CQES(FILES DEV COMMIT("a", "0"), "a=-22:UBLK_NOT_OWNED");
	CQES(READY "mem m size=64;blkreq r dev read len=512;" COMMIT("a", "512 addr=m"), "F0=0 a=-22:UBLK_COMMIT_ADDR");
	/* the slot is active again and takes the next request */
	CQES(READY "blkreq q dev flush;" COMMIT("a", "0") "blkreq r dev flush", "F0=0 a=0:UBLK_DISPATCHED");
}

static void test_S10_6_provide(void **state)
{
	(void)state;
	CQES(READY GROUP "sqe a READ fd=f len=1" BUF "submit", "a=-125:LEADER_FAILED L=-16:UBLK_ACTIVE");
	/* providing does not change the slot */
	CQES(READY "blkreq r dev read len=512;" GROUP "sqe a NOP;submit;" COMMIT("c", "512"),
	     "F0=0 a=0 L=0:UBLK_PROVIDED");
}

static void test_S10_6_requests_wait_for_tags(void **state)
{
	static const char program[] = READY2 "blkreq a dev flush;blkreq b dev flush;blkreq c dev flush;"
					     "sqe C1 UBLK_COMMIT_AND_FETCH fd=dev tag=1 res=0;submit";

	(void)state;
	EVENTS(program, "blk_queue blk_dispatch blk_done",
	       "blk_queue=0 blk_dispatch(F0)=0 blk_queue=1 blk_dispatch(F1)=1 blk_done=0 blk_queue=1 "
	       "blk_dispatch(C1)=1");
	BLK(program, "b", "0 after 2");
	BLK(program, "c", "refs=1");
}

static void test_S10_6_one_item_of_task_work_for_all(void **state)
{
	(void)state;
	/* the second request comes before the daemon has run: it finds the item of the first */
	EVENTS(DTR "ublk dev depth=2" ZC FETCH(0) FETCH(1) "submit;blkreq a dev flush;blkreq b dev flush;reap",
	       "tw_add blk_dispatch", "tw_add(F0)=CMD blk_dispatch(F0)=0 blk_dispatch(F1)=1");
}

static void test_S10_7_commands_from_a_worker(void **state)
{
	(void)state;
	EVENTS(FILES DEV "sqe F UBLK_FETCH fd=dev tag=0 flags=ASYNC;submit;reap ms=5;blkreq r dev read len=512",
	       "issue@ tw_run blk_dispatch@", "issue(F)@io-wq tw_run(F)=CMD tw_run(F)=CMD blk_dispatch(F)@task-work");
	CQES(FILES DEV "sqe F UBLK_FETCH fd=dev tag=7 flags=ASYNC;submit", "F=-22:UBLK_BAD_TAG");
	/* a leader */
	EVENTS(READY "blkreq r dev read len=512;sqe L UBLK_PROVIDE fd=dev tag=0 flags=SQE_GROUP|ASYNC;"
		     "sqe a READ fd=f len=512" BUF "submit;reap",
	       "issue@ lease@ cqe",
	       "issue(F0)@app cqe(F0)=0:UBLK_DISPATCHED issue(L)@io-wq lease(L)@task-work issue(a)@task-work "
	       "issue(a)@io-wq cqe(a)=512:RW_FULL cqe(L)=0:UBLK_PROVIDED");
}

/* ---- 10.3 the buffer ---- */

static void test_S10_8_one_bio(void **state)
{
	(void)state;
	/* at the bio's current segment, as far into it as has been done */
	EVENTS(READY "blkreq r dev read len=4096;" COMMIT("C", "512"), "blk_dispatch+",
	       "blk_dispatch(F0)=0,0,4096 blk_dispatch(C)=0,512,3584");
	EVENTS(READY "blkreq r dev read len=4096 segs=4;" COMMIT("C", "1536"), "blk_dispatch+",
	       "blk_dispatch(F0)=0,0,4096 blk_dispatch(C)=0,512,2560");
	EVENTS(READY "blkreq r dev read len=4096 segs=4;" COMMIT("C", "2048"), "blk_dispatch+",
	       "blk_dispatch(F0)=0,0,4096 blk_dispatch(C)=0,0,2048");
}

static void test_S10_8_several_bios(void **state)
{
	(void)state;
	/* a fresh array begins with what is left of its first segment */
	EVENTS(READY "blkreq r dev read len=4096 bios=2048,2048;" COMMIT("C", "512"), "blk_dispatch+",
	       "blk_dispatch(F0)=0,0,4096 blk_dispatch(C)=0,0,3584");
	/* of several bios the last one alone is left */
	EVENTS(READY "blkreq r dev read len=4096 bios=2048,2048;" COMMIT("C", "2560"), "blk_dispatch+",
	       "blk_dispatch(F0)=0,0,4096 blk_dispatch(C)=0,512,1536");
}

/* Commits n bytes of a WRITE in three ways to lay it out; what is left comes out right each time. */
static void test_S10_8_what_is_left(void **state)
{
	static const char *const layout[] = {"", " segs=3", " bios=1024,512,2560", " bios=1536,2560 segs=3"};
	static const uint32_t n[] = {100, 512, 1024, 1500, 2000, 3000};

	(void)state;
	for (size_t i = 0; i < sizeof(layout) / sizeof(layout[0]); i++) {
		for (size_t k = 0; k < sizeof(n) / sizeof(n[0]); k++) {
			char program[512], bytes[64];
			struct run r;

			snprintf(program, sizeof(program),
				 "file o size=0;" DEV FETCH(0) "submit;blkreq r dev write len=4096%s;" COMMIT("C", "%u")
					 GROUP "sqe a WRITE fd=o len=%u" BUF "submit;reap;" COMMIT("D", "%u"),
				 layout[i], n[k], 4096 - n[k], 4096 - n[k]);
			snprintf(bytes, sizeof(bytes), "seq@%u:%u", n[k], 4096 - n[k]);
			run(&r, program);
			run_bytes(&r, "o", bytes);
			run_bytes(&r, "L", bytes);
			run_blk(&r, "r", "0 after 4");
			run_free(&r);
		}
	}
}

static void test_S10_8_members_across_segments(void **state)
{
	struct run r;

	(void)state;
	run(&r, READY "blkreq r dev read len=8192 bios=512,3584,2048,2048;" GROUP
		      "sqe a READ fd=f off=1000 len=5000" BUF_MORE "sqe b READ fd=f off=6000 addr=5000 len=3192" BUF
		      "submit;reap;" COMMIT("C", "8192"));
	run_cqes(&r, "F0=0 a=5000 b=2192 L=0");
	run_blk(&r, "r", "0 after 4");
	run_blk_bytes(&r, "r", "seq@1000:5000 seq@6000:2192 x0:1000");
	run_free(&r);
}

static void test_S10_8_dir(void **state)
{
	(void)state;
	CQES(READY "blkreq r dev read len=512;" GROUP "sqe a WRITE fd=f len=512" BUF_MORE "sqe b SEND fd=s.0 len=8" BUF
		   "submit",
	     "F0=0 a=-22:IMPORT_DIRECTION b=-22:IMPORT_DIRECTION L=0");
	CQES(READY "blkreq r dev write len=512;" GROUP "sqe a READ fd=f len=512" BUF "submit",
	     "F0=0 a=-22:IMPORT_DIRECTION L=0");
}

static void test_S10_8_no_data(void **state)
{
	(void)state;
	CQES(READY "blkreq r dev flush;" GROUP "sqe a NOP;submit", "F0=0 a=-125 L=-22:UBLK_NO_DATA");
	CQES(READY "blkreq r dev discard len=1048576;" GROUP "sqe a NOP;submit", "F0=0 a=-125 L=-22:UBLK_NO_DATA");
	/* the refusal comes before the reference is taken */
	BLK(READY "blkreq r dev flush;" GROUP "sqe a NOP;submit;" COMMIT("C", "0"), "r", "0 after 3");
}

/* ---- 10.4 lease, references, completion ---- */

static void test_S10_10_refusals(void **state)
{
	(void)state;
	CQES("ublk dev depth=1 flags=USER_COPY;" FETCH(0) "submit;blkreq r dev read len=512;" GROUP "sqe a NOP;submit",
	     "F0=0 a=-125 L=-22:UBLK_NO_ZERO_COPY");
	CQES("ublk dev depth=1 flags=USER_COPY;" GROUP "sqe a NOP;submit", "a=-125 L=-22:UBLK_NO_ZERO_COPY");
	CQES(DEV GROUP "sqe a NOP;submit", "a=-125 L=-22:UBLK_NO_REQUEST");
}

static void test_S10_11_references(void **state)
{
	(void)state;
	EVENTS(READY "blkreq r dev read len=512;" GROUP "sqe a NOP;submit;" COMMIT("C", "512"),
	       "blk_ref lease ack blk_done", "blk_ref=1 blk_ref=2 lease(L)=0 ack(L)=3 blk_ref=1 blk_ref=0 blk_done=0");
}

static void test_S10_12_commit_before_the_group_is_finished(void **state)
{
	static const char program[] =
		READY "blkreq r dev read len=512;" GROUP "sqe a READ fd=p.r len=512" BUF "submit;" COMMIT(
			"C",
			"512") "sqe M UBLK_PROVIDE fd=dev tag=0 flags=SQE_GROUP;sqe b NOP;submit;write p.w 512;reap";
	struct run r;

	(void)state;
	run(&r, program);
	run_cqes(&r, "F0=0 b=-125 M=-16:UBLK_ACTIVE a=512 L=0");
	run_events(&r, "blk_ref ack blk_done", "blk_ref=1 blk_ref=2 blk_ref=1 ack(L)=5 blk_ref=0 blk_done=0");
	run_blk(&r, "r", "0 after 5");
	run_blk_bytes(&r, "r", "seq@0:512");
	run_free(&r);
}

static void test_S10_13_two_groups_one_tag(void **state)
{
	static const char program[] =
		READY "blkreq r dev read len=1024;" GROUP "sqe a READ fd=f len=512" BUF
		      "sqe M UBLK_PROVIDE fd=dev tag=0 flags=SQE_GROUP;sqe b READ fd=f off=512 addr=512 len=512" BUF
		      "submit;reap;" COMMIT("C", "1024");
	struct run r;

	(void)state;
	run(&r, program);
	run_cqes(&r, "F0=0 a=512 L=0 b=512 M=0");
	run_events(
		&r, "blk_ref lease ack",
		"blk_ref=1 blk_ref=2 lease(L)=0 blk_ref=3 lease(M)=0 ack(L)=5 blk_ref=2 ack(M)=5 blk_ref=1 blk_ref=0");
	run_blk(&r, "r", "0 after 5");
	run_blk_bytes(&r, "r", "seq@0:1024");
	run_free(&r);
}

static void test_S10_13_in_any_order(void **state)
{
	static const char program[] = READY
		"blkreq r dev read len=1024;" GROUP "sqe a READ fd=f len=512" BUF
		"sqe M UBLK_PROVIDE fd=dev tag=0 flags=SQE_GROUP;sqe b READ fd=f off=512 addr=512 len=512" BUF COMMIT(
			"C", "1024") "reap";

	(void)state;
	for (uint64_t seed = 0; seed <= 200; seed++) {
		struct run r;

		run_variant(&r, program, seed, 0);
		run_cqes(&r, "F0=0 { [ a=512 L=0 ] [ b=512 M=0 ] }");
		run_blk(&r, "r", "0 after 5");
		run_blk_bytes(&r, "r", "seq@0:1024");
		run_free(&r);
	}
}

static void test_S10_14_a_refused_lease_keeps_the_reference(void **state)
{
	static const char alone[] =
		READY "blkreq r dev read len=512;sqe L UBLK_PROVIDE fd=dev tag=0;submit;" COMMIT("C", "512");
	static const char member[] = READY
		"blkreq r dev read len=512;sqe a NOP flags=SQE_GROUP;sqe L UBLK_PROVIDE fd=dev tag=0;submit;" COMMIT(
			"C", "512");
	const uint32_t puts = 1U << GB_VARIANT_LEASE_REFUSED_PUTS;

	(void)state;
	/* the request never ends, and so the driver keeps the fetch command for ever */
	CQES(alone, "!leak(L) F0=0 L=-22:LEASE_NOT_LEADER !leak(C)");
	BLK(alone, "r", "refs=1");
	CQES(member, "!leak(L) F0=0 L=-22:LEASE_NOT_LEADER a=0 !leak(C)");
	BLK(member, "r", "refs=1");
	REPAIRED(LEASE_REFUSED_PUTS, alone, "F0=0 L=-22:LEASE_NOT_LEADER");
	BLK_VARIANT(puts, alone, "r", "0 after 2");
	BLK_VARIANT(puts, member, "r", "0 after 3");
}

static void test_S10_15_completion(void **state)
{
	(void)state;
	BLK(READY "blkreq r dev read len=512;" COMMIT("C", "0"), "r", "-5 after 1");
	BLK(READY "blkreq r dev read len=512;" COMMIT("C", "-28"), "r", "-28 after 1");
	BLK(READY "blkreq r dev write len=512;" COMMIT("C", "-22"), "r", "-22 after 1");
	BLK(READY "blkreq r dev write len=512;" COMMIT("C", "512"), "r", "0 after 1");
	BLK(READY "blkreq r dev write len=512;" COMMIT("C", "9999"), "r", "0 after 1");
	BLK(READY "blkreq r dev flush;" COMMIT("C", "7"), "r", "0 after 1");
	BLK(READY "blkreq r dev discard len=4096;" COMMIT("C", "0"), "r", "0 after 1");
	BLK(READY "blkreq r dev discard len=4096;" COMMIT("C", "-95"), "r", "-95 after 1");
	/* errno_to_blk_status in block/blk-core.c of 6.12: what it does not list is an I/O error */
	BLK(READY "blkreq r dev flush;" COMMIT("C", "-1"), "r", "-5 after 1");
}

static void test_S10_15_the_rest_is_dispatched_again(void **state)
{
	(void)state;
	EVENTS(READY "blkreq r dev write len=4096;" COMMIT("C", "512") COMMIT("D", "0") COMMIT("E", "3584"),
	       "blk_requeue blk_dispatch+ blk_done",
	       "blk_dispatch(F0)=0,0,4096 blk_requeue=512 blk_dispatch(C)=0,512,3584 blk_requeue=512 "
	       "blk_dispatch(D)=0,512,3584 blk_done=0");
}

static void test_S10_16_the_result_is_believed(void **state)
{
	struct run r;

	(void)state;
	run(&r, READY "blkreq r dev read len=512;" COMMIT("C", "512"));
	run_blk(&r, "r", "0 after 1");
	run_blk_bytes(&r, "r", "xa5:512");
	run_free(&r);
	/* a READ member zeroes the tail of its own range, nobody the rest */
	run(&r, READY "blkreq r dev read len=512;" GROUP "sqe a READ fd=f off=8092 addr=100 len=200" BUF
		      "submit;reap;" COMMIT("C", "512"));
	run_blk(&r, "r", "0 after 3");
	run_blk_bytes(&r, "r", "xa5:100 seq@8092:100 x0:100 xa5:212");
	run_free(&r);
}

/* ---- 10.5 abort ---- */

static void test_S10_17_killed_with_a_pending_member(void **state)
{
	static const char program[] =
		READY2 "blkreq r dev read len=512;" GROUP "sqe a READ fd=p.r len=512" BUF "submit;reap;exit";

	(void)state;
	EVENTS(program, "cqe blk_ref ack blk_done",
	       "blk_ref=1 cqe(F0)=0:UBLK_DISPATCHED blk_ref=2 blk_ref=1 cqe(F1)=-19:UBLK_SERVER_GONE "
	       "cqe(a)=-125:POLL_TASK_DEAD cqe(L)=0:UBLK_PROVIDED ack(L)=4 blk_ref=0 blk_done=-5");
	BLK(program, "r", "-5 after 4");
}

static void test_S10_17_killed(void **state)
{
	(void)state;
	/* what the server has, and a commit that is too late for a request with a lease is not */
	BLK(READY2 "blkreq r dev read len=512;exit", "r", "-5 after 1");
	BLK(READY2 "blkreq r dev flush;exit", "r", "-5 after 1");
	BLK(READY2 "blkreq r dev read len=512;" GROUP "sqe a READ fd=p.r len=512" BUF
		   "submit;" COMMIT("C", "512") "exit",
	    "r", "0 after 4");
	/* no command is left to be cancelled: only the block layer's timeout, after 30 s, would end it */
	BLK(READY "blkreq r dev read len=512;exit", "r", "refs=1");
	/* a device that never started has nothing to abort */
	EVENTS(DEV2 "blkreq r dev read len=512;" FETCH(0) "submit;exit", "cqe blk_done",
	       "cqe(F0)=-19:UBLK_SERVER_GONE");
	/* the newest command first */
	EVENTS(DEV2 FETCH(1) FETCH(0) "submit;exit", "cqe",
	       "cqe(F0)=-19:UBLK_SERVER_GONE cqe(F1)=-19:UBLK_SERVER_GONE");
}

static void test_S10_17_killed_before_the_daemon_ran(void **state)
{
	static const char program[] = DTR DEV2 FETCH(0) FETCH(1) "submit;blkreq r dev read len=512;exit";

	(void)state;
	EVENTS(program, "blk_dispatch cqe blk_done", "cqe(F1)=-19 blk_done=-5 cqe(F0)=-19");
	BLK("ring flags=SINGLE_ISSUER|DEFER_TASKRUN;ublk dev depth=2 flags=USER_RECOVERY;mem m size=512;"
	    "sqe a UBLK_FETCH fd=dev tag=0 addr=m;sqe b UBLK_FETCH fd=dev tag=1 addr=m;submit;blkreq r dev read "
	    "len=512;exit",
	    "r", "refs=0");
}

static void test_S10_18_the_rest_of_a_partial_commit(void **state)
{
	static const char program[] = READY2 "blkreq r dev read len=1024;" GROUP "sqe a READ fd=p.r len=512" BUF
					     "submit;" COMMIT("C", "512") "exit";

	(void)state;
	/* the commit counts, but what is left of the request is a new one for the driver */
	EVENTS(program, "blk_requeue blk_dispatch blk_done", "blk_dispatch(F0)=0 blk_requeue=512 blk_done=-5");
}

#define RECOVERY "ublk dev depth=2 flags=SUPPORT_ZERO_COPY|USER_COPY|USER_RECOVERY"
#define REISSUE	 RECOVERY "|USER_RECOVERY_REISSUE"

static void test_S10_17_recovery(void **state)
{
	static const char end[] = "blkreq r dev read len=512;exit";
	static const char leased[] = ";file f size=512;pipe p;" FETCH(0)
		FETCH(1) "submit;blkreq r dev read len=512;" GROUP "sqe a READ fd=p.r len=512" BUF "submit;exit";
	char program[1024];

	(void)state;
	snprintf(program, sizeof(program), RECOVERY ";" FETCH(0) FETCH(1) "submit;%s", end);
	BLK(program, "r", "-5 after 1");
	/* requeued, if the drop was the last */
	snprintf(program, sizeof(program), REISSUE ";" FETCH(0) FETCH(1) "submit;%s", end);
	BLK(program, "r", "refs=0");
	EVENTS(program, "blk_requeue blk_done", "blk_requeue=0");
	snprintf(program, sizeof(program), REISSUE "%s", leased);
	BLK(program, "r", "-5 after 4");
}

static void test_S10_18_new_requests(void **state)
{
	(void)state;
	BLK(DEV2 FETCH(0) FETCH(1) "submit;exit;blkreq d dev flush;blkreq e dev flush", "d", "-5 after 2");
	BLK(DEV2 FETCH(0) FETCH(1) "submit;exit;blkreq d dev flush;blkreq e dev flush", "e", "-5 after 2");
	BLK(RECOVERY ";" FETCH(0) FETCH(1) "submit;exit;blkreq d dev flush", "d", "refs=0");
	/* with every tag at the server nothing tells the driver that it is gone: a new one waits for a tag */
	BLK(READY "blkreq a dev flush;exit;blkreq b dev flush", "b", "refs=0");
}

static void test_S10_18_requests_that_wait_for_a_tag(void **state)
{
	/* a and b wait for the daemon, c for a tag */
	static const char program[] = DTR DEV2 FETCH(0) FETCH(1) "submit;blkreq a dev flush;blkreq b dev flush;"
								 "blkreq c dev flush;exit";

	(void)state;
	BLK(program, "a", "-5 after 0");
	BLK(program, "c", "-5 after 0");
}

static void test_S10_5_not_the_daemon(void **state)
{
	static const char program[] =
		READY2 "blkreq r dev flush;sqe C UBLK_COMMIT_AND_FETCH fd=dev tag=0 res=0 flags=ASYNC;"
		       "submit;exit";
	bool seen = false;

	(void)state;
	/* a worker hands the command to the daemon, which is gone by then */
	for (uint64_t seed = 1; seed <= 200; seed++) {
		struct run r;

		run_variant(&r, program, seed, 0);
		for (size_t i = 0; i < r.n; i++)
			seen |= r.event[i].type == GB_EV_CQE && r.event[i].reason == GB_R_UBLK_NOT_DAEMON;
		run_free(&r);
	}
	assert_true(seen);
}

/* ---- devices that copy ---- */

#define COPY	 "ublk dev depth=1;mem m size=4096 fill=0x11;mem n size=4096 fill=0x22;"
#define FETCH_M	 "sqe F UBLK_FETCH fd=dev tag=0 addr=m;submit;"
#define GET_DATA "ublk dev depth=1 flags=NEED_GET_DATA;mem m size=4096 fill=0x11;"

static void test_copy(void **state)
{
	struct run r;

	(void)state;
	CQES(COPY FETCH(0) "submit", "F0=-22:UBLK_FETCH_ADDR");
	run(&r, COPY FETCH_M "blkreq w dev write len=1024;" COMMIT(
			"C", "1024 addr=n") "blkreq r dev read len=512;" COMMIT("D", "512 addr=n") "reap");
	run_cqes(&r, "F=0 C=0");
	run_bytes(&r, "m", "seq@0:1024 x11:3072");
	run_blk(&r, "w", "0 after 1");
	run_blk(&r, "r", "0 after 2");
	run_blk_bytes(&r, "r", "x22:512");
	run_free(&r);
	/* no more than the server says is copied */
	run(&r, COPY FETCH_M "blkreq r dev read len=1024;" COMMIT("C", "512 addr=n"));
	run_blk(&r, "r", "refs=1");
	run_blk_bytes(&r, "r", "x22:512 xa5:512");
	run_free(&r);
	CQES(COPY FETCH_M "blkreq r dev read len=512;" COMMIT("C", "512"), "F=0 C=-22:UBLK_COMMIT_ADDR");
}

static void test_S10_2_need_get_data(void **state)
{
	static const char asked[] = GET_DATA FETCH(0) "submit;blkreq w dev write len=512;reap ms=1;";
	char program[512];
	struct run r;

	(void)state;
	snprintf(program, sizeof(program),
		 "%ssqe G UBLK_NEED_GET_DATA fd=dev tag=0 addr=m;submit;reap;" COMMIT("C", "512"), asked);
	run(&r, program);
	run_cqes(&r, "F0=1:UBLK_WANTS_BUFFER G=0:UBLK_DISPATCHED");
	run_bytes(&r, "m", "seq@0:512 x11:3584");
	run_blk(&r, "w", "0 after 2");
	run_free(&r);
	/* nothing else is taken meanwhile */
	snprintf(program, sizeof(program), "%s" COMMIT("C", "512"), asked);
	CQES(program, "F0=1 C=-22:UBLK_GET_DATA");
	/* a READ needs its buffer with the commit */
	CQES(GET_DATA FETCH(0) "submit;blkreq r dev read len=512;" COMMIT("C", "512"), "F0=0 C=-22:UBLK_COMMIT_ADDR");
	/* user copy switches it off */
	CQES("ublk dev depth=1 flags=NEED_GET_DATA|USER_COPY;" FETCH(0) "submit;blkreq w dev write len=512",
	     "F0=0:UBLK_DISPATCHED");
	/* killed while it waits for the data */
	BLK("ublk dev depth=2 flags=NEED_GET_DATA;" FETCH(0) FETCH(1) "submit;blkreq w dev write len=512;exit", "w",
	    "-5 after 1");
}

/* ---- 12.8, through ublk ---- */

static void row(const char *members, const char *cqes, const char *bytes)
{
	char program[1024];
	struct run r;

	snprintf(program, sizeof(program),
		 "file e size=8192;" READY "blkreq r dev read len=4096;reap ms=1;write p.w 16;write s.1 16;" GROUP
		 "%ssubmit;reap;" COMMIT("C", "4096"),
		 members);
	run(&r, program);
	run_cqes(&r, cqes);
	run_blk_bytes(&r, "r", bytes);
	run_free(&r);
}

static void test_12_8_block_reads(void **state)
{
	(void)state;
	row("sqe a READ fd=f len=4096" BUF, "F0=0 a=4096 L=0", "seq@0:4096");
	row("sqe a READ fd=f off=8092 len=4096" BUF, "F0=0 a=100 L=0", "seq@8092:100 x0:3996");
	row("sqe a READ fd=p.r len=4096" BUF, "F0=0 a=16 L=0", "seq@0:16 x0:4080");
	row("sqe a RECV fd=s.0 addr=8 len=100" BUF, "F0=0 a=16 L=0", "xa5:8 seq@0:16 x0:84 xa5:3988");
	row("sqe a READ fd=f addr=4086 len=20" BUF, "F0=0 a=-14 L=0", "xa5:4096");
	row("sqe a READ fd=f addr=4097 len=0" BUF, "F0=0 a=-14 L=0", "xa5:4096");
	row("sqe a READ fd=f addr=4096 len=0" BUF, "F0=0 a=0 L=0", "xa5:4096");
	row("sqe a WRITE fd=f len=4096" BUF, "F0=0 a=-22 L=0", "xa5:4096");
	row("sqe a READ fd=f len=2048" BUF_MORE "sqe b READ fd=f off=2048 addr=2048 len=2048" BUF,
	    "F0=0 a=2048 b=2048 L=0", "seq@0:4096");
}

static void test_12_8_block_write(void **state)
{
	struct run r;

	(void)state;
	run(&r, "file o size=0;" READY "blkreq w dev write len=4096;" GROUP "sqe a SEND fd=s.0 len=64" BUF_MORE
		"sqe b WRITE fd=o len=4096" BUF "submit;reap;" COMMIT("C", "4096"));
	run_cqes(&r, "F0=0 a=64 b=4096 L=0");
	run_bytes(&r, "o", "seq@0:4096");
	run_bytes(&r, "s.1", "seq@0:64");
	run_blk(&r, "w", "0 after 4");
	run_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_S10_5_common_checks),
		cmocka_unit_test(test_S10_5_other_files),
		cmocka_unit_test(test_S10_5_not_the_daemon),
		cmocka_unit_test(test_S10_6_fetch),
		cmocka_unit_test(test_S10_6_commit),
		cmocka_unit_test(test_S10_6_provide),
		cmocka_unit_test(test_S10_6_requests_wait_for_tags),
		cmocka_unit_test(test_S10_6_one_item_of_task_work_for_all),
		cmocka_unit_test(test_S10_7_commands_from_a_worker),
		cmocka_unit_test(test_S10_8_one_bio),
		cmocka_unit_test(test_S10_8_several_bios),
		cmocka_unit_test(test_S10_8_what_is_left),
		cmocka_unit_test(test_S10_8_members_across_segments),
		cmocka_unit_test(test_S10_8_dir),
		cmocka_unit_test(test_S10_8_no_data),
		cmocka_unit_test(test_S10_10_refusals),
		cmocka_unit_test(test_S10_11_references),
		cmocka_unit_test(test_S10_12_commit_before_the_group_is_finished),
		cmocka_unit_test(test_S10_13_two_groups_one_tag),
		cmocka_unit_test(test_S10_13_in_any_order),
		cmocka_unit_test(test_S10_14_a_refused_lease_keeps_the_reference),
		cmocka_unit_test(test_S10_15_completion),
		cmocka_unit_test(test_S10_15_the_rest_is_dispatched_again),
		cmocka_unit_test(test_S10_16_the_result_is_believed),
		cmocka_unit_test(test_S10_17_killed_with_a_pending_member),
		cmocka_unit_test(test_S10_17_killed),
		cmocka_unit_test(test_S10_17_killed_before_the_daemon_ran),
		cmocka_unit_test(test_S10_17_recovery),
		cmocka_unit_test(test_S10_18_new_requests),
		cmocka_unit_test(test_S10_18_the_rest_of_a_partial_commit),
		cmocka_unit_test(test_S10_18_requests_that_wait_for_a_tag),
		cmocka_unit_test(test_copy),
		cmocka_unit_test(test_S10_2_need_get_data),
		cmocka_unit_test(test_12_8_block_reads),
		cmocka_unit_test(test_12_8_block_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
