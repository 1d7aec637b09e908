/* SPDX-License-Identifier: MIT */
/* IOPOLL rings: S2.6 step 9, S3.5, S3.14, S5.1, S5.12, S6.16, S8.7, S8.36, S11.9. */
#include "rules.h"

#define POLL  "ring entries=16 flags=IOPOLL|SUBMIT_ALL;"
#define POLLD "ring entries=16 flags=IOPOLL|SUBMIT_ALL|SINGLE_ISSUER|DEFER_TASKRUN;"
#define FILES "file f size=64 direct=1;mem m size=64;"

/* S2.6 step 9: what can be submitted at all. */
static void test_opcodes(void **state)
{
	(void)state;
	CQES(POLL "file f size=64 direct=1;sock s;mem m size=64;"
		  "sqe a NOP;sqe b FSYNC fd=f;sqe c POLL_ADD fd=s.0 op_flags=1;sqe d POLL_REMOVE target=c;"
		  "sqe e TIMEOUT ms=5;sqe g TIMEOUT_REMOVE target=e;sqe h ASYNC_CANCEL target=c;"
		  "sqe i SEND fd=s.0 addr=m len=4;sqe j RECV fd=s.0 addr=m len=4;submit;reap;",
	     "a=0 b=-22:NOT_POLLABLE c=-22:NOT_POLLABLE d=-22:NOT_POLLABLE e=-22:NOT_POLLABLE g=-22:NOT_POLLABLE "
	     "h=-22:NOT_POLLABLE i=-22:NOT_POLLABLE j=-22:NOT_POLLABLE");
	/* it comes after the check of ioprio (step 8) and before prep (step 12) */
	CQES(POLL "file f size=64;sqe a FSYNC fd=f ioprio=1;sqe b FSYNC fd=f buf_index=1;submit;reap;",
	     "a=-22:BAD_IOPRIO b=-22:NOT_POLLABLE");
	/* as a member it fails the group, as any failed init does (S2.26) */
	CQES(POLL "file f size=64;sqe a NOP flags=SQE_GROUP;sqe b FSYNC fd=f flags=SQE_GROUP;sqe c NOP;submit;reap;",
	     "b=-22:NOT_POLLABLE c=-125 a=-125:GROUP_ASSEMBLY");
	/* a command whose device cannot be polled (S8.36): no lease ever gets onto such a ring */
	CQES(POLL "lessor dev;sqe a LEASE fd=dev dir=dest len=64 flags=SQE_GROUP;sqe b NOP;submit;reap;",
	     "b=-125 a=-95:CMD_IOPOLL");
}

/* S8.7: only direct files, checked after mode and flags. */
static void test_files(void **state)
{
	(void)state;
	CQES(POLL
	     "file f size=64;pipe p;sock s;mem m size=64;sqe a READ fd=f addr=m len=4;sqe b WRITE fd=f addr=m len=4;"
	     "sqe c READ fd=p.r addr=m len=4;sqe d READ fd=s.0 addr=m len=4;sqe e READ fd=p.w addr=m len=4;"
	     "sqe g READ fd=77 addr=m len=4;submit;reap;",
	     "a=-95:RW_NOT_POLLABLE b=-95:RW_NOT_POLLABLE c=-95:RW_NOT_POLLABLE d=-95:RW_NOT_POLLABLE e=-9:RW_MODE "
	     "g=-9:NO_FILE");
	/* RWF_HIPRI is at home here */
	CQES(POLL FILES "sqe a READ fd=f addr=m len=16 op_flags=1;submit;reap;", "a=16:RW_FULL");
	CQES(ALL FILES "sqe a READ fd=f addr=m len=16 op_flags=1;submit;reap;", "a=-22:RW_HIPRI");
}

/* S3.5, S5.1: nothing completes before somebody polls; no interrupt, no task work. */
static void test_completes_by_polling(void **state)
{
	const char *program =
		POLL FILES "sqe a READ fd=f addr=m len=16;sqe b WRITE fd=f addr=m len=16 off=32;submit;reap;";

	(void)state;
	SPLIT(program, "s: none / a=16:RW_FULL b=16:RW_FULL");
	EVENTS(program, "tw_add", "");
}

static void test_nobody_polls(void **state)
{
	struct run r;

	(void)state;
	/* the task is gone, the other holder only looks: the device is done and nobody asks it */
	run(&r, POLL FILES "sqe a READ fd=f addr=m len=16;submit;die;reap;exit;");
	run_cqes(&r, "");
	run_events(&r, "dying cqe free", "dying=0 cqe(a)=16:RW_FULL free(a)=0");
	run_free(&r);
}

/* io_do_iopoll takes the first that is done and those done directly behind it. */
static void test_order(void **state)
{
	(void)state;
	SEEDS(20,
	      POLL FILES "sqe a READ fd=f addr=m len=16;sqe b READ fd=f addr=m len=16;sqe c READ fd=f addr=m len=16;"
			 "submit;reap;",
	      "a=16 b=16 c=16");
	/* an error of the file itself is in front: it is done when it is issued */
	CQES(POLL FILES "sqe a READ fd=f addr=m len=16;sqe b WRITE fd=f addr=1 len=16;submit;reap;",
	     "b=-14:RW_FAULT a=16");
}

/* What is not done yet stays on the list, also directly behind one that is. */
static void test_not_done_stays(void **state)
{
	struct run r;

	(void)state;
	run(&r, POLL FILES "sqe a READ fd=f addr=m len=16;sqe b WRITE fd=f addr=1 len=16;submit;reap;");
	for (size_t i = 0; i < r.n; i++) {
		if (r.event[i].type == GB_EV_CQE)
			assert_int_equal(r.event[i].time_us, strcmp(run_label(&r, r.event[i].req), "a") ? 0 : 1000);
	}
	run_free(&r);
}

/* No failure mark whatever the count (io_complete_rw_iopoll): a short read does not break a chain, as it does
 * elsewhere. */
static void test_no_failure_mark(void **state)
{
	(void)state;
	CQES(POLL FILES "sqe a READ fd=f addr=m len=32 off=48 flags=IO_LINK;sqe b NOP;submit;reap;",
	     "a=16:RW_SHORT b=0");
	CQES(ALL FILES "sqe a READ fd=f addr=m len=32 off=48 flags=IO_LINK;sqe b NOP;submit;reap;",
	     "a=16:RW_SHORT b=-125");
	CQES(POLL FILES "sqe a WRITE fd=f addr=1 len=16 flags=IO_LINK;sqe b NOP;submit;reap;", "a=-14:RW_FAULT b=0");
	CQES(POLL FILES "sqe a NOP flags=SQE_GROUP;sqe b READ fd=f addr=m len=32 off=48;submit;reap;",
	     "b=16:RW_SHORT a=0");
}

/* S11.9: inline groups as on a default ring (12.2, 12.4); members that are polled for too. */
static void test_groups(void **state)
{
	(void)state;
	SEEDS(10, POLL "sqe a NOP flags=SQE_GROUP;sqe b NOP flags=SQE_GROUP;sqe c NOP;sqe d NOP;submit;reap;",
	      "d=0 b=0 c=0 a=0");
	SEEDS(10, POLL "sqe a NOP flags=SQE_GROUP res=-5;sqe b NOP flags=SQE_GROUP;sqe c NOP;submit;reap;",
	      "b=-125 c=-125 a=-5");
	SEEDS(10,
	      POLL FILES "sqe a READ fd=f addr=m len=16 flags=SQE_GROUP|IO_LINK;sqe b NOP flags=SQE_GROUP;"
			 "sqe c READ fd=f addr=m len=16;sqe d NOP;submit;reap;",
	      "b=0 c=16 a=16 d=0");
	SEEDS(10,
	      POLLD FILES "sqe a READ fd=f addr=m len=16 flags=SQE_GROUP|IO_LINK;sqe b NOP flags=SQE_GROUP;"
			  "sqe c READ fd=f addr=m len=16;sqe d NOP;submit;reap;",
	      "b=0 c=16 a=16 d=0");
}

/* S3.14: hashed whatever the opcode; S5.12: through task work; the worker's request is polled for like any other. */
static void test_io_wq(void **state)
{
	(void)state;
	EVENTS(POLL FILES "sqe a READ fd=f addr=m len=16 flags=ASYNC;sqe b NOP flags=ASYNC;submit;reap;",
	       "punt+ tw_add cqe", "punt(a)=0,1,0 punt(b)=0,0,0 tw_add(b)=COMPLETE cqe(b)=0 cqe(a)=16:RW_FULL");
	SEEDS(20,
	      POLL FILES
	      "sqe a READ fd=f addr=m len=16 flags=ASYNC;sqe b WRITE fd=f addr=m len=16 flags=ASYNC;submit;reap;",
	      "{ a=16 b=16 }");
}

/* A poll waits for nothing that is not issued: the application has to ask again. */
static void test_waits_in_vain(void **state)
{
	(void)state;
	CQES(POLL "sqe a NOP;submit;wait 2;", "a=0 stuck");
	CQES(POLL FILES "sqe a READ fd=f addr=m len=16;submit;wait 1;", "a=16");
	/* CQEs that are there already are not polled for (io_iopoll_check) */
	EVENTS(POLL FILES "sqe a NOP;sqe b READ fd=f addr=m len=16;submit;wait 1;reap;", "cqe",
	       "cqe(a)=0 cqe(b)=16:RW_FULL");
}

/* S11.7, S5.11: the flush of the overflow comes first. */
static void test_overflow(void **state)
{
	(void)state;
	CQES("ring entries=2 cq=2 flags=IOPOLL|SUBMIT_ALL;sqe a NOP;sqe b NOP;submit;sqe c NOP;sqe d NOP;submit;reap;",
	     "a=0 b=0 c=0 d=0");
}

/* S9.12: the exit worker polls until the list is empty. */
static void test_ring_exit(void **state)
{
	(void)state;
	EVENTS(POLL FILES "sqe a READ fd=f addr=m len=16 flags=IO_LINK;sqe b NOP;submit;exit;",
	       "dying done free hazard", "dying=0 done(a)=16 free(a)=0 done(b)=-14 free(b)=0");
	CQES(POLL FILES "sqe a READ fd=f addr=m len=16;submit;exec;reap;", "a=16");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_opcodes),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_completes_by_polling),
		cmocka_unit_test(test_nobody_polls),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_not_done_stays),
		cmocka_unit_test(test_no_failure_mark),
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_io_wq),
		cmocka_unit_test(test_waits_in_vain),
		cmocka_unit_test(test_overflow),
		cmocka_unit_test(test_ring_exit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
