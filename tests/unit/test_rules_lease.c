/* SPDX-License-Identifier: MIT */
/* Section 6 of semantics.md: lease, import, zeroing, ack. */
#include "rules.h"

#define WORLD	    "lessor dev;file f size=8192;pipe p;pipe q;sock s;mem m size=4096 fill=0xEE;"
#define LEASE(more) "sqe L LEASE fd=dev dir=dest flags=SQE_GROUP " more ";"
#define BUF	    " flags=GROUP_BUF"
#define BUF_MORE    " flags=GROUP_BUF|SQE_GROUP;"

/* ---- 6.2 lease ---- */

static void test_S6_3_refusals(void **state)
{
	(void)state;
	CQES(WORLD "sqe L LEASE fd=dev dir=dest len=64;submit", "L=-22:LEASE_NOT_LEADER");
	CQES(WORLD LEASE("len=64 mode=no_ack") "sqe a NOP;submit", "a=-125:LEADER_FAILED L=-22:LEASE_NO_ACK");
	CQES(WORLD LEASE("len=64 mode=no_vec") "sqe a NOP;submit", "a=-125:LEADER_FAILED L=-22:LEASE_NO_VEC");
	CQES(WORLD LEASE("len=64 mode=not_kbuf") "sqe a NOP;submit", "a=-125:LEADER_FAILED L=-22:LEASE_NOT_KBUF");
}

static void test_S6_3_success(void **state)
{
	(void)state;
	/* LEASE: err, len, dir */
	EVENTS(WORLD LEASE("len=64 res=5") "sqe a NOP;submit", "lease+ ack cqe",
	       "lease(L)=0,64,0 cqe(a)=0 cqe(L)=5:CMD_DONE ack(L)=2");
	EVENTS(WORLD "sqe L LEASE fd=dev dir=source len=64 flags=SQE_GROUP;sqe a NOP;submit", "lease+ ack",
	       "lease(L)=0,64,1 ack(L)=2");
	EVENTS(WORLD LEASE("len=64 mode=no_ack") "sqe a NOP;submit", "lease+ ack", "lease(L)=-22,64,0:LEASE_NO_ACK");
}

static void test_S6_4_a_second_lease_loses_the_first(void **state)
{
	static const char twice[] = WORLD LEASE("len=64 mode=twice") "sqe a NOP;submit";

	(void)state;
	CQES(twice, "!ack-missing(L) a=0 L=0");
	REPAIRED(ONE_LEASE, twice, "a=-125 L=-22:LEASE_AGAIN");
}

static void test_S6_5_members_cannot_lease(void **state)
{
	(void)state;
	CQES(WORLD "sqe a NOP flags=SQE_GROUP;sqe L LEASE fd=dev dir=dest len=64;submit", "L=-22:LEASE_NOT_LEADER a=0");
}

static void test_S6_6_a_leader_that_fails_after_leasing(void **state)
{
	struct run r;

	(void)state;
	run(&r, WORLD LEASE("len=64 mode=fail_after") "sqe a READ fd=f len=64" BUF ";submit");
	run_cqes(&r, "a=-125:LEADER_FAILED L=-5:CMD_DONE");
	run_events(&r, "ack import", "ack(L)=2");
	run_bytes(&r, "L", "xa5:64");
	run_free(&r);
	CQES(WORLD LEASE("len=64 mode=fail_after res=-19") "sqe a NOP;submit", "a=-125 L=-19");
}

static void test_S6_6_a_command_that_completes_later(void **state)
{
	(void)state;
	EVENTS(WORLD LEASE("len=64 mode=async res=3") "sqe a READ fd=p.r len=16" BUF ";submit;write p.w 16",
	       "lease first import cqe ack", "lease(L)=0 first(L)=0 import(a)=0 cqe(a)=16 cqe(L)=3 ack(L)=2");
	/* no member starts before */
	EVENTS(WORLD LEASE("len=64 mode=async res=-5") "sqe a READ fd=f len=16" BUF ";submit", "import cqe ack",
	       "cqe(a)=-125 cqe(L)=-5 ack(L)=2");
}

/* ---- 6.3, 6.4 import ---- */

static void test_S6_7_what_the_flag_excludes(void **state)
{
	(void)state;
	CQES(WORLD LEASE("len=64") "sqe a READ fd=f len=16 flags=GROUP_BUF|BUFFER_SELECT;submit",
	     "a=-22:GROUP_BUF_AND_SELECT L=-22:MEMBER_FLAGS");
	/* on the leader it is a drain */
	EVENTS(WORLD
	       "sqe z READ fd=p.r addr=m len=16;sqe L LEASE fd=dev dir=dest len=64 flags=SQE_GROUP|IO_DRAIN;sqe a NOP;"
	       "submit;write p.w 16",
	       "defer lease", "defer(L)=1 lease(L)=0");
}

static void test_S6_8_nobody_has_to_lease(void **state)
{
	(void)state;
	CQES(WORLD "sqe L NOP flags=SQE_GROUP;sqe a READ fd=p.r len=16" BUF ";submit", "a=-22:IMPORT_NO_LEASE L=0");
	CQES(WORLD "sqe L NOP flags=SQE_GROUP;sqe a NOP" BUF ";submit", "a=0 L=0");
}

static void test_S6_9_order_of_the_checks(void **state)
{
	(void)state;
	/* the lease before the direction, the direction before offset and length, the offset before the length */
	CQES(WORLD "sqe L NOP flags=SQE_GROUP;sqe a WRITE fd=p.w addr=9999 len=16" BUF ";submit",
	     "a=-22:IMPORT_NO_LEASE L=0");
	CQES(WORLD LEASE("len=64") "sqe a WRITE fd=p.w addr=9999 len=16" BUF ";submit", "a=-22:IMPORT_DIRECTION L=0");
	CQES(WORLD LEASE("len=64") "sqe a READ fd=p.r addr=65 len=16" BUF ";submit", "a=-14:IMPORT_OFFSET L=0");
	CQES(WORLD LEASE("len=64") "sqe a READ fd=p.r addr=64 len=1" BUF ";submit", "a=-14:IMPORT_LENGTH L=0");
	CQES(WORLD LEASE("len=64") "sqe a READ fd=p.r len=65" BUF ";submit", "a=-14:IMPORT_LENGTH L=0");
	CQES(WORLD "sqe L LEASE fd=dev dir=source len=64 flags=SQE_GROUP;sqe a READ fd=p.r len=16" BUF ";submit",
	     "a=-22:IMPORT_DIRECTION L=0");
}

static void test_S6_10_at_the_very_end(void **state)
{
	(void)state;
	CQES(WORLD LEASE("len=64") "sqe a READ fd=p.r addr=64 len=0" BUF ";submit", "a=0 L=0");
	/* nothing overflows: the sum would be 8 */
	CQES(WORLD LEASE("len=64") "sqe a READ fd=p.r addr=16 len=0xfffffff8" BUF ";submit", "a=-14:IMPORT_LENGTH L=0");
	/* an offset that is no plausible address fails in prep of READ, RECV; SEND has no such iterator */
	CQES(ALL WORLD LEASE("len=64") "sqe a READ fd=p.r addr=0xffffffffffff0000 len=16" BUF ";submit",
	     "a=-14:PREP_RW_ADDR L=-125");
	CQES(ALL WORLD LEASE("len=64") "sqe a RECV fd=s.0 addr=0xffffffffffff0000 len=16" BUF ";submit",
	     "a=-14:PREP_RECV_ADDR L=-125");
	CQES(ALL WORLD "sqe L LEASE fd=dev dir=source len=64 flags=SQE_GROUP;"
		       "sqe a SEND fd=s.0 addr=0xffffffffffff0000 len=16" BUF ";submit",
	     "a=-14:IMPORT_OFFSET L=0");
}

static void test_S6_11_the_iterator(void **state)
{
	struct run r;

	(void)state;
	/* 100 bytes that begin 28 into the first of 4 segments of 32: the read straddles two borders */
	run(&r,
	    WORLD "write p.w 64;" LEASE("len=100 offset=28 segs=4") "sqe a READ fd=p.r addr=2 len=50" BUF ";submit");
	run_cqes(&r, "a=50 L=0");
	run_bytes(&r, "L", "xa5:2 seq@0:50 xa5:48");
	run_free(&r);
	run(&r, WORLD "sqe L LEASE fd=dev dir=source len=100 offset=28 segs=4 flags=SQE_GROUP;"
		      "sqe a WRITE fd=p.w addr=2 len=50" BUF ";submit;read p.r 50");
	run_cqes(&r, "got:p.r=50 a=50 L=0");
	run_free(&r);
	run(&r, WORLD "sqe L LEASE fd=dev dir=source len=100 offset=28 segs=4 flags=SQE_GROUP;"
		      "sqe a WRITE fd=p.w addr=2 len=50" BUF ";submit");
	run_bytes(&r, "p.r", "seq@2:50");
	run_free(&r);
}

static void test_S6_12_an_import_happens_once(void **state)
{
	struct run r;

	(void)state;
	run(&r, WORLD LEASE("len=64") "sqe a RECV fd=s.0 len=48 op_flags=0x100" BUF ";submit;write s.1 16;write s.1 16;"
				      "write s.1 16");
	run_cqes(&r, "a=48 L=0");
	run_events(&r, "import issue", "issue(L)=1 issue(a)=1 import(a)=0 issue(a)=2 issue(a)=3 issue(a)=4");
	run_bytes(&r, "L", "seq@0:16 seq@0:16 seq@0:16 xa5:16");
	run_free(&r);
	/* inline without nowait, then in a worker */
	run(&r, WORLD LEASE("len=64") "sqe a READ fd=f len=64" BUF ";submit");
	run_events(&r, "import punt", "import(a)=0 punt(a)=0");
	run_bytes(&r, "L", "seq@0:64");
	run_free(&r);
}

static void test_S6_12_overlapping_members(void **state)
{
	struct run r;

	(void)state;
	run(&r, WORLD "write p.w 32;write q.w 16;" LEASE("len=64") "sqe a READ fd=p.r len=32" BUF_MORE
								   "sqe b READ fd=q.r addr=16 len=16" BUF ";submit");
	run_cqes(&r, "a=32 b=16 L=0");
	run_events(&r, "io+", "io(a)=0,32,1 io(b)=16,32,1");
	run_bytes(&r, "L", "seq@0:16 seq@0:16 xa5:32");
	run_free(&r);
}

/* ---- 6.5 where opcodes import ---- */

static void test_S6_5_order_inside_the_opcodes(void **state)
{
	(void)state;
	/* READ, WRITE: behind the file, before its mode */
	CQES(WORLD LEASE("len=64") "sqe a READ fd=99 addr=65" BUF ";submit", "a=-9:NO_FILE L=0");
	CQES(WORLD LEASE("len=64") "sqe a READ fd=p.w addr=65" BUF ";submit", "a=-14:IMPORT_OFFSET L=0");
	CQES(WORLD LEASE("len=64") "sqe a READ fd=p.w len=16" BUF ";submit", "a=-9:RW_MODE L=0");
	/* SEND: socket, POLL_FIRST, import */
	CQES(WORLD LEASE("len=64") "sqe a SEND fd=p.r len=16" BUF ";submit", "a=-88:SEND_NOT_A_SOCKET L=0");
	EVENTS(WORLD LEASE("len=64") "sqe a SEND fd=s.0 ioprio=1 len=16" BUF ";submit", "issue import",
	       "issue(L)=1 issue(a)=1 issue(a)=2 import(a)=-22:IMPORT_DIRECTION");
	/* RECV: POLL_FIRST, socket, import */
	CQES(WORLD LEASE("len=64") "sqe a RECV fd=p.r addr=65 len=16" BUF ";submit", "a=-88:RECV_NOT_A_SOCKET L=0");
	EVENTS(WORLD LEASE("len=64") "sqe a RECV fd=s.0 ioprio=1 len=16" BUF ";submit;write s.1 16",
	       "issue import arm_poll", "issue(L)=1 issue(a)=1 arm_poll(a)=8315 issue(a)=2 import(a)=0");
}

static void test_S6_5_opcodes_that_ignore_the_flag(void **state)
{
	struct run r;

	(void)state;
	run(&r, WORLD LEASE("len=64") "sqe a NOP" BUF_MORE "sqe b POLL_ADD fd=p.w op_flags=4" BUF_MORE
				      "sqe c FSYNC fd=f" BUF_MORE "sqe d TIMEOUT ms=1" BUF_MORE
				      "sqe e ASYNC_CANCEL addr=77" BUF ";submit");
	run_cqes(&r, "a=0 b=4 e=-2 c=0 d=-62 L=0");
	run_bytes(&r, "L", "xa5:64");
	run_free(&r);
}

/* ---- 6.6 zeroing ---- */

static void test_S6_16_a_short_read_is_filled_with_zeros(void **state)
{
	struct run r;

	(void)state;
	run(&r, WORLD "write p.w 10;" LEASE("len=64 segs=3") "sqe a READ fd=p.r addr=4 len=40" BUF ";submit");
	run_cqes(&r, "a=10:RW_SHORT L=0");
	run_events(&r, "zero+ io+", "io(a)=4,14,1 zero(a)=14,44,0");
	run_bytes(&r, "L", "xa5:4 seq@0:10 x00:30 xa5:20");
	run_free(&r);
	/* end of file */
	run(&r, WORLD LEASE("len=64") "sqe a READ fd=f off=8180 len=64" BUF ";submit");
	run_cqes(&r, "a=12 L=0");
	run_bytes(&r, "L", "seq@8180:12 x00:52");
	run_free(&r);
	run(&r, WORLD "close p.w;" LEASE("len=64") "sqe a READ fd=p.r len=64" BUF ";submit");
	run_cqes(&r, "a=0 L=0");
	run_bytes(&r, "L", "x00:64");
	run_free(&r);
}

static void test_S6_16_a_synchronous_error_leaves_the_tail(void **state)
{
	struct run r;

	(void)state;
	run(&r, WORLD LEASE("len=64") "sqe a READ fd=p.r len=64 op_flags=8" BUF ";submit");
	run_cqes(&r, "a=-11 L=0");
	run_bytes(&r, "L", "xa5:64");
	run_free(&r);
	run(&r, WORLD LEASE("len=64") "sqe a READ fd=p.r len=64" BUF ";submit;sqe c ASYNC_CANCEL target=a;submit");
	run_cqes(&r, "c=0 a=-125 L=0");
	run_bytes(&r, "L", "xa5:64");
	run_free(&r);
}

static void test_S6_16_a_repaired_kernel_zeroes_the_tail(void **state)
{
	static const char failing[] = WORLD LEASE("len=64") "sqe a READ fd=s.0 off=8 len=64" BUF ";submit";
	struct run r;

	(void)state;
	run(&r, failing);
	run_cqes(&r, "a=-29 L=0");
	run_bytes(&r, "L", "xa5:64");
	run_free(&r);
	run_variant(&r, failing, 0, 1U << GB_VARIANT_ERROR_ZEROES);
	run_cqes(&r, "a=-29 L=0");
	run_bytes(&r, "L", "x00:64");
	run_free(&r);
}

static void test_S8_35_commands(void **state)
{
	(void)state;
	CQES(ALL WORLD "sqe L LEASE fd=dev dir=dest len=64 op_flags=2 flags=SQE_GROUP;sqe a NOP;submit",
	     "a=-125 L=-22:PREP_CMD_FLAGS");
	CQES(ALL WORLD "sqe L LEASE fd=dev dir=dest len=64 op_flags=1 flags=SQE_GROUP;sqe a NOP;submit",
	     "a=-125 L=-14:PREP_CMD_FIXED");
	/* a failed leader finds descriptor 0 instead of its device */
	CQES(ALL WORLD "sqe z NOP flags=IO_LINK;sqe L LEASE fd=dev dir=dest len=64 flags=SQE_GROUP|IO_LINK;"
		       "sqe a BAD flags=SQE_GROUP;sqe b NOP;sqe n NOP;submit",
	     "!failed-request-runs(L) z=0 a=-22 b=-125 L=-95:CMD_NO_METHOD n=-125");
}

static void test_S6_17_a_direct_read_consumes_at_submission(void **state)
{
	struct run r;

	(void)state;
	run(&r, "lessor dev;file f size=100 direct=1;" LEASE("len=64") "sqe a READ fd=f off=90 len=64" BUF ";submit");
	run_cqes(&r, "a=10 L=0");
	run_bytes(&r, "L", "seq@90:10 x00:54");
	run_free(&r);
	run(&r, "lessor dev;file f size=100 direct=1;" LEASE("len=64") "sqe a READ fd=f off=20 len=64" BUF ";submit");
	run_cqes(&r, "a=64 L=0");
	run_events(&r, "zero", "");
	run_bytes(&r, "L", "seq@20:64");
	run_free(&r);
}

static void test_S6_18_a_receive_zeroes_when_it_finishes(void **state)
{
	struct run r;

	(void)state;
	run(&r, WORLD LEASE("len=64") "sqe a RECV fd=s.0 len=40" BUF ";submit;write s.1 16");
	run_cqes(&r, "a=16 L=0");
	run_bytes(&r, "L", "seq@0:16 x00:24 xa5:24");
	run_free(&r);
	/* after an error too, and after the end of file in the middle */
	run(&r,
	    WORLD LEASE("len=64") "sqe a RECV fd=s.0 len=40 op_flags=0x100" BUF ";submit;write s.1 16;shutdown s.1");
	run_cqes(&r, "a=16 L=0");
	run_bytes(&r, "L", "seq@0:16 x00:24 xa5:24");
	run_free(&r);
	run(&r, "lessor dev;sock s type=dgram;" LEASE("len=64") "sqe a RECV fd=s.0 len=40" BUF ";submit;write s.1 16");
	run_bytes(&r, "L", "seq@0:16 x00:24 xa5:24");
	run_free(&r);
	/* not by the fail hook */
	run(&r, WORLD LEASE("len=64") "sqe a RECV fd=s.0 len=40 op_flags=0x100" BUF
				      ";submit;write s.1 16;sqe c ASYNC_CANCEL target=a;submit");
	run_cqes(&r, "c=0 a=16:SR_PARTIAL L=0");
	run_bytes(&r, "L", "seq@0:16 xa5:48");
	run_free(&r);
}

static void test_S6_19_a_receive_whose_import_failed(void **state)
{
	static const char refused[] = WORLD LEASE("len=64") "sqe a RECV fd=s.0 addr=60 len=40" BUF ";submit";
	static const char none[] = WORLD "sqe L NOP flags=SQE_GROUP;sqe a RECV fd=s.0 len=40" BUF ";submit";
	struct run r;

	(void)state;
	CQES(refused, "!stale-iterator(a) a=-14:IMPORT_LENGTH L=0");
	REPAIRED(ZERO_ONLY_LEASE, refused, "a=-14 L=0");
	run(&r, none);
	run_cqes(&r, "!null-deref(a)");
	assert_int_equal(r.state, GB_DEAD);
	run_free(&r);
	REPAIRED(NO_LEASE_EINVAL, none, "a=-22:IMPORT_NO_LEASE L=0");
}

/* The word of the leader that leased nothing holds what an earlier request left there. */
static void test_S6_19_a_stale_buffer_word(void **state)
{
	struct run r;

	(void)state;
	run(&r, WORLD LEASE("len=64") "sqe a NOP;submit;reap;sqe x NOP flags=SQE_GROUP;sqe y RECV fd=s.0 len=40" BUF
				      ";submit;exit");
	run_cqes(&r, "a=0 L=0 !wild-pointer(y)");
	assert_int_equal(r.state, GB_DEAD);
	run_free(&r);
}

static void test_S6_20_senders_never_zero(void **state)
{
	(void)state;
	EVENTS("lessor dev;pipe p;sock s;sqe L LEASE fd=dev dir=source len=64 flags=SQE_GROUP;sqe a WRITE fd=p.w "
	       "len=64" BUF_MORE "sqe b SEND fd=s.0 len=64" BUF ";submit",
	       "zero io+", "io(a)=0,64,0 io(b)=0,64,0");
}

/* ---- 6.7 ack ---- */

static void test_S6_21_the_ack_comes_after_the_cqes(void **state)
{
	(void)state;
	EVENTS(WORLD LEASE("len=64") "sqe a NOP flags=SQE_GROUP;sqe b READ fd=p.r len=16" BUF ";submit;write p.w 16",
	       "cqe flush ack free",
	       "cqe(a)=0 flush=1 free(a)=0 cqe(b)=16 cqe(L)=0 flush=3 free(b)=0 ack(L)=3 free(L)=0");
}

static void test_S6_21_who_still_holds_the_leader(void **state)
{
	(void)state;
	/* its linked timeout fires while members run, and lets go again */
	EVENTS(WORLD "sqe L LEASE fd=dev dir=dest len=64 flags=SQE_GROUP|IO_LINK;sqe a READ fd=p.r len=16" BUF
		     ";sqe t LINK_TIMEOUT ms=5;submit;wait 1;write p.w 16",
	       "cqe req_ref ack",
	       "req_ref(L)=1 req_ref(t)=2 req_ref(t)=1 req_ref(L)=2 req_ref(L)=1 cqe(t)=-2 req_ref(t)=0 cqe(a)=16 "
	       "cqe(L)=0 "
	       "req_ref(L)=0 ack(L)=3");
	/* a worker that ran the leader has let go long before */
	EVENTS(WORLD LEASE("len=64") "sqe a NOP;submit", "req_ref", "");
}

static void test_S6_21_an_async_leader(void **state)
{
	(void)state;
	SEEDS(20, WORLD "sqe L LEASE fd=dev dir=dest len=64 flags=SQE_GROUP|ASYNC;sqe a NOP;submit", "a=0 L=0");
	EVENTS(WORLD "sqe L LEASE fd=dev dir=dest len=64 flags=SQE_GROUP|ASYNC;sqe a NOP;submit", "req_ref cqe ack",
	       "req_ref(L)=2 req_ref(L)=1 cqe(a)=0 cqe(L)=0 req_ref(L)=0 ack(L)=2");
}

static void test_S6_22_every_lease_is_acked_once(void **state)
{
	static const char *const members[] = {
		"sqe a READ fd=p.r len=16" BUF,			  /* waits for ever */
		"sqe a READ fd=p.w len=16" BUF,			  /* fails */
		"sqe a BAD",					  /* never runs */
		"sqe a RECV fd=s.0 len=40 op_flags=0x100" BUF,	  /* waits for ever */
		"sqe a TIMEOUT ms=100000",			  /* too long */
		"sqe a READ fd=p.r len=16 flags=GROUP_BUF|ASYNC", /* waits, punted */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		for (uint64_t seed = 0; seed < 6; seed++) {
			struct text t = {.n = 0};
			size_t acks = 0, leases = 0;
			struct run r;

			text_add(&t, "%s" WORLD LEASE("len=64%s") "%s;submit;exit", seed & 1 ? DTR : ALL,
				 seed > 3 ? " mode=async" : "", members[i]);
			run_variant(&r, t.s, seed, 0);
			for (size_t k = 0; k < r.n; k++) {
				acks += r.event[k].type == GB_EV_ACK;
				leases += r.event[k].type == GB_EV_LEASE && !r.event[k].a;
				assert_int_not_equal(r.event[k].type, GB_EV_HAZARD);
			}
			assert_int_equal(acks, leases);
			run_free(&r);
		}
	}
}

static void test_S6_23_cqes_are_visible_before_the_ack(void **state)
{
	(void)state;
	EVENTS(WORLD LEASE("len=64") "sqe a NOP;submit", "cqe flush ack", "cqe(a)=0 cqe(L)=0 flush=2 ack(L)=2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_S6_3_refusals),
		cmocka_unit_test(test_S6_3_success),
		cmocka_unit_test(test_S6_4_a_second_lease_loses_the_first),
		cmocka_unit_test(test_S6_5_members_cannot_lease),
		cmocka_unit_test(test_S6_6_a_leader_that_fails_after_leasing),
		cmocka_unit_test(test_S6_6_a_command_that_completes_later),
		cmocka_unit_test(test_S6_7_what_the_flag_excludes),
		cmocka_unit_test(test_S6_8_nobody_has_to_lease),
		cmocka_unit_test(test_S6_9_order_of_the_checks),
		cmocka_unit_test(test_S6_10_at_the_very_end),
		cmocka_unit_test(test_S6_11_the_iterator),
		cmocka_unit_test(test_S6_12_an_import_happens_once),
		cmocka_unit_test(test_S6_12_overlapping_members),
		cmocka_unit_test(test_S6_5_order_inside_the_opcodes),
		cmocka_unit_test(test_S6_5_opcodes_that_ignore_the_flag),
		cmocka_unit_test(test_S6_16_a_short_read_is_filled_with_zeros),
		cmocka_unit_test(test_S6_16_a_synchronous_error_leaves_the_tail),
		cmocka_unit_test(test_S6_16_a_repaired_kernel_zeroes_the_tail),
		cmocka_unit_test(test_S8_35_commands),
		cmocka_unit_test(test_S6_17_a_direct_read_consumes_at_submission),
		cmocka_unit_test(test_S6_18_a_receive_zeroes_when_it_finishes),
		cmocka_unit_test(test_S6_19_a_receive_whose_import_failed),
		cmocka_unit_test(test_S6_19_a_stale_buffer_word),
		cmocka_unit_test(test_S6_20_senders_never_zero),
		cmocka_unit_test(test_S6_21_the_ack_comes_after_the_cqes),
		cmocka_unit_test(test_S6_21_who_still_holds_the_leader),
		cmocka_unit_test(test_S6_21_an_async_leader),
		cmocka_unit_test(test_S6_22_every_lease_is_acked_once),
		cmocka_unit_test(test_S6_23_cqes_are_visible_before_the_ack),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
