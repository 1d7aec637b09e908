/* SPDX-License-Identifier: MIT */
/* Sections 7.2 to 7.5 and 8.1 to 8.3 of semantics.md: NOP, READ, WRITE, FSYNC. */
#include "rules.h"

#define WORLD "file f size=100;file d size=100 direct=1;pipe p;sock s;lessor dev;mem m size=4096 fill=0xEE;"
#define CUT   " flags=IO_LINK;submit;" /* a chain cut by the end of the batch: its worker really blocks */
#define FULL  "write p.w 65536;"       /* a pipe holds 16 pages */

/* ---- 8.1, 8.3 ---- */

static void test_S8_1_nop(void **state)
{
	(void)state;
	CQES(ALL "sqe a NOP;sqe b NOP res=7;sqe c NOP res=-7;sqe d NOP op_flags=1 len=9;sqe e NOP op_flags=2;submit",
	     "a=0:DONE b=7:NOP_INJECTED c=-7:NOP_INJECTED d=9:NOP_INJECTED e=-22:PREP_NOP_FLAGS");
	/* the length is a signed number */
	CQES("sqe a NOP op_flags=1 len=0xfffffffb flags=IO_LINK;sqe b NOP;submit", "a=-5 b=-125");
}

static void test_S8_10_fsync(void **state)
{
	(void)state;
	CQES(ALL WORLD "sqe a FSYNC fd=f addr=m;sqe b FSYNC fd=f buf_index=1;sqe c FSYNC fd=f op_flags=2;"
		       "sqe d FSYNC fd=f off=-1;submit",
	     "a=-22:PREP_FSYNC_FIELDS b=-22:PREP_FSYNC_FIELDS c=-22:PREP_FSYNC_FLAGS d=-22:PREP_FSYNC_OFF");
	EVENTS(WORLD "sqe a FSYNC fd=f op_flags=1 off=4 len=8;submit", "punt cqe", "punt(a)=0 cqe(a)=0:FSYNC_DONE");
	CQES(WORLD "sqe a FSYNC fd=p.r flags=IO_LINK;sqe b FSYNC fd=99 flags=IO_LINK;sqe c NOP;submit",
	     "a=-22:FSYNC_NO_METHOD b=-9:WORKER_NO_FILE c=-125");
	CQES(WORLD "sqe a NOP flags=SQE_GROUP|IO_LINK;sqe b FSYNC fd=s.0;sqe c NOP;submit", "b=-22 a=0 c=0");
}

/* ---- prep ---- */

static void test_S8_3_ioprio(void **state)
{
	(void)state;
	/* class 1 to 3 with any level; none with a level; class 4 is none */
	CQES(ALL WORLD "sqe a READ fd=p.r addr=m len=0 ioprio=0x2007;sqe b READ fd=p.r addr=m len=0 ioprio=0x6000;"
		       "sqe c READ fd=p.r addr=m len=0 ioprio=7;sqe d READ fd=p.r addr=m len=0 ioprio=0x8000;"
		       "sqe e WRITE fd=p.w addr=m len=0 ioprio=0x8000;sqe h READ fd=p.r addr=m len=0 ioprio=8;submit",
	     "{a=0 b=0 h=0 c=-22:PREP_RW_IOPRIO d=-22:PREP_RW_IOPRIO e=-22:PREP_RW_IOPRIO}");
}

static void test_S8_3_the_current_position(void **state)
{
	struct run r;

	(void)state;
	run(&r, WORLD
	    "sqe a READ fd=f off=-1 addr=m len=10;submit;reap;sqe b READ fd=f off=-1 addr=m+10 len=10;submit;"
	    "reap;sqe c READ fd=f off=50 addr=m+20 len=5;submit;reap;sqe d READ fd=f off=-1 addr=m+25 len=5;submit");
	run_cqes(&r, "a=10 b=10 c=5 d=5");
	run_bytes(&r, "m", "seq@0:20 seq@50:5 seq@20:5 xEE:4066");
	run_free(&r);
	run(&r,
	    WORLD "sqe a WRITE fd=f off=-1 addr=m len=10 flags=IO_LINK;sqe b WRITE fd=f off=-1 addr=m len=5;submit");
	run_cqes(&r, "a=10 b=5");
	run_bytes(&r, "f", "xEE:15 seq@15:85");
	run_free(&r);
	/* streams have none */
	CQES(WORLD "write p.w 16;sqe a READ fd=p.r off=-1 addr=m len=16;submit", "a=16");
}

static void test_S8_4_addresses_and_lengths(void **state)
{
	struct run r;

	(void)state;
	CQES(ALL WORLD
	     "sqe a READ fd=f addr=0xffffffffffff0000 len=16;sqe b WRITE fd=f addr=0xffffffffffff0000 len=16;submit",
	     "a=-14:PREP_RW_ADDR b=-14:PREP_RW_ADDR");
	/* the length is capped, the file short */
	CQES(WORLD "sqe a READ fd=f addr=m len=0xffffffff;submit", "a=100:RW_SHORT");
	/* nothing is mapped there */
	CQES(WORLD "sqe a READ fd=f addr=0x1000 len=16;submit", "a=-14:RW_FAULT");
	CQES(WORLD "sqe a WRITE fd=f addr=0x1000 len=16;submit", "a=-14:RW_FAULT");
	CQES(WORLD "write p.w 16;sqe a READ fd=p.r addr=0x1000 len=16;submit", "a=-14:RW_FAULT");
	CQES(WORLD "sqe a WRITE fd=p.w addr=0x1000 len=16;submit", "a=-14:RW_FAULT");
	/* a fault half way leaves a short count */
	run(&r, WORLD "sqe a READ fd=f addr=m+4090 len=16 flags=IO_LINK;sqe b NOP;submit");
	run_cqes(&r, "a=6:RW_SHORT b=-125");
	run_bytes(&r, "m", "xEE:4090 seq@0:6");
	run_free(&r);
}

static void test_S8_6_fixed_buffers(void **state)
{
	(void)state;
	CQES(ALL WORLD "sqe a READ_FIXED fd=f addr=m len=16;sqe b WRITE_FIXED fd=f addr=m len=16 buf_index=3;submit",
	     "a=-14:PREP_RW_FIXED b=-14:PREP_RW_FIXED");
}

/* ---- 7.2 reading ---- */

static void test_S7_6_order_of_the_checks(void **state)
{
	(void)state;
	CQES(WORLD "sqe a READ fd=p.w addr=m len=16 flags=BUFFER_SELECT;submit", "a=-105:RW_NO_BUFFERS");
	CQES(WORLD "sqe a READ fd=p.w addr=m len=16 op_flags=0x80;submit", "a=-9:RW_MODE");
	CQES(WORLD "sqe a READ fd=p.r addr=m len=16 op_flags=0x81;submit", "a=-95:RW_FLAGS");
	CQES(WORLD "sqe a READ fd=p.r addr=m len=16 op_flags=1 off=0x8000000000000000;submit", "a=-22:RW_HIPRI");
	CQES(WORLD "sqe a READ fd=f addr=m len=16 off=0x8000000000000000;submit", "a=-22:RW_POSITION");
	/* a file without nowait goes to a worker first, so the position is looked at there */
	EVENTS(WORLD "sqe a READ fd=f addr=m len=16 off=0x8000000000000000;submit", "punt issue",
	       "issue(a)=1 punt(a)=0 issue(a)=2");
	EVENTS(WORLD "sqe a READ fd=p.r addr=m len=16 off=0x8000000000000000;submit", "punt cqe",
	       "cqe(a)=-22:RW_POSITION");
}

static void test_S8_7_rw_flags(void **state)
{
	(void)state;
	CQES(WORLD "sqe a READ fd=p.r addr=m len=16 op_flags=0x40;submit", "a=-95:RW_FLAGS");
	CQES(WORLD "sqe a READ fd=p.r addr=m len=16 op_flags=0x30;submit", "a=-22:RW_APPEND_BOTH");
	CQES(WORLD "sqe a READ fd=p.r addr=m len=16 op_flags=0xb0;submit", "a=-95:RW_FLAGS");
	CQES(WORLD "sqe a READ fd=f addr=m len=16 op_flags=6;submit", "a=16"); /* DSYNC, SYNC */
	CQES(WORLD "sqe a READ fd=f addr=m len=16 op_flags=8;submit", "a=-95:RW_FLAGS");
	CQES(WORLD "sqe a READ fd=d addr=m len=16 op_flags=8;submit", "a=16");
}

static void test_S8_7_other_errors(void **state)
{
	(void)state;
	CQES(WORLD "sqe a READ fd=dev addr=m len=16;submit", "a=-22:RW_NO_METHOD");
	CQES(WORLD "sqe a WRITE fd=dev addr=m len=16;submit", "a=-22:RW_NO_METHOD");
	CQES(WORLD "sqe a READ fd=s.0 off=8 addr=m len=16;submit", "a=-29:RW_ERROR");
	CQES(WORLD "sqe a WRITE fd=s.0 off=8 addr=m len=16;submit", "a=-29:RW_ERROR");
	CQES(WORLD "sqe a WRITE fd=f off=0x8000000000000000 addr=m len=16;submit", "a=-22:RW_WRITE_POSITION");
	CQES(WORLD "sqe a WRITE fd=f off=0x10000000000 addr=m len=16;submit", "a=-27:RW_TOO_BIG"); /* of this world */
}

static void test_S7_9_short_and_full(void **state)
{
	(void)state;
	CQES(WORLD "sqe a READ fd=f off=90 addr=m len=16 flags=IO_LINK;sqe b NOP;submit", "a=10:RW_SHORT b=-125");
	CQES(WORLD "sqe a READ fd=f off=100 addr=m len=16 flags=IO_LINK;sqe b NOP;submit", "a=0:RW_SHORT b=-125");
	CQES(WORLD "sqe a READ fd=f off=84 addr=m len=16 flags=IO_LINK;sqe b NOP;submit", "a=16:RW_FULL b=0");
	CQES(WORLD "sqe a READ fd=f off=200 addr=m len=0 flags=IO_LINK;sqe b NOP;submit", "a=0:RW_FULL b=0");
}

static void test_S7_10_synchronous_errors(void **state)
{
	(void)state;
	/* inline, without task work */
	EVENTS(WORLD "sqe a READ fd=p.w addr=m len=16;submit", "tw_add cqe", "cqe(a)=-9");
}

static void test_S7_11_pipes_and_sockets_do_not_wait_for_more(void **state)
{
	struct run r;

	(void)state;
	run(&r, WORLD "write p.w 10;sqe a READ fd=p.r addr=m len=16;submit;write p.w 6");
	run_cqes(&r, "a=10:RW_SHORT");
	run_bytes(&r, "p.r", "seq@0:6");
	run_free(&r);
	CQES(WORLD "write s.1 10;sqe a READ fd=s.0 addr=m len=16 flags=IO_LINK;sqe b NOP;submit",
	     "a=10:RW_SHORT b=-125");
	CQES(WORLD "sqe a READ fd=s.0 addr=m len=16;submit;write s.1 20;read s.0 20", "got:s.0=4 a=16:RW_FULL");
	CQES(WORLD "sqe a READ fd=s.0 addr=m len=0;submit", "a=0:RW_FULL");
}

/* ---- 7.3 writing ---- */

static void test_S7_12_buffered_writes_go_to_io_wq(void **state)
{
	struct run r;

	(void)state;
	run(&r, WORLD "sqe a WRITE fd=f off=95 addr=m len=10;submit");
	run_events(&r, "issue punt", "issue(a)=1 punt(a)=0 issue(a)=2");
	run_cqes(&r, "a=10:RW_FULL");
	run_bytes(&r, "f", "seq@0:95 xEE:10");
	run_free(&r);
	/* behind the end: zeros in between */
	run(&r, WORLD "sqe a WRITE fd=f off=110 addr=m len=10;submit");
	run_bytes(&r, "f", "seq@0:100 x00:10 xEE:10");
	run_free(&r);
}

static void test_S7_12_append(void **state)
{
	struct run r;

	(void)state;
	run(&r, WORLD "sqe a WRITE fd=f off=3 addr=m len=4 op_flags=0x10 flags=IO_LINK;"
		      "sqe b WRITE fd=f addr=m len=4 op_flags=0x10;submit");
	run_cqes(&r, "a=4 b=4");
	run_bytes(&r, "f", "seq@0:100 xEE:8");
	run_free(&r);
	/* reading does not care */
	run(&r, WORLD "sqe a READ fd=f off=3 addr=m len=4 op_flags=0x10;submit");
	run_bytes(&r, "m", "seq@3:4 xEE:4092");
	run_free(&r);
}

static void test_S7_12_errors_come_through_task_work(void **state)
{
	(void)state;
	EVENTS(WORLD "close p.r;sqe a WRITE fd=p.w addr=m len=16 flags=IO_LINK;sqe b NOP;submit", "tw_add cqe",
	       "tw_add(a)=RW_COMPLETE cqe(a)=-32:RW_PIPE_BROKEN tw_add(b)=FAIL_LINKS cqe(b)=-125");
	EVENTS(WORLD "sqe a WRITE fd=p.r addr=m len=16;submit", "tw_add cqe", "cqe(a)=-9:RW_MODE");
}

static void test_S7_12_a_short_write_of_a_file_is_final_in_a_worker(void **state)
{
	struct run r;

	(void)state;
	run(&r, WORLD "sqe a WRITE fd=f addr=m+4090 len=16 flags=IO_LINK;sqe b NOP;submit");
	run_cqes(&r, "a=6:RW_PARTIAL b=-125");
	run_events(&r, "tw_add punt", "punt(a)=0 tw_add(a)=CANCEL tw_add(b)=FAIL_LINKS");
	run_bytes(&r, "f", "xEE:6 seq@6:94");
	run_free(&r);
}

static void test_S7_12_a_short_write_of_a_pipe_is_final(void **state)
{
	(void)state;
	CQES("pipe p;mem m size=70000;sqe a WRITE fd=p.w addr=m len=70000 flags=IO_LINK;sqe b NOP;submit",
	     "a=65536:RW_SHORT b=-125");
	CQES(WORLD FULL "sqe a WRITE fd=p.w addr=m len=100;submit;read p.r 4096", "got:p.r=4096 a=100:RW_FULL");
	CQES(WORLD FULL "sqe a WRITE fd=p.w addr=m len=100 op_flags=8;submit", "a=-11:RW_WOULD_BLOCK");
}

/* ---- 7.4 direct files ---- */

static void test_S7_13_direct_files_complete_from_an_interrupt(void **state)
{
	struct run r;

	(void)state;
	run(&r,
	    WORLD "sqe a READ fd=d off=10 addr=m len=16 flags=IO_LINK;sqe b WRITE fd=d addr=m len=16;sqe n NOP;submit");
	run_cqes(&r, "n=0 a=16 b=16");
	run_events(&r, "punt issue tw_add@ tw_add",
		   "issue(a)=1 issue(n)=1 tw_add(a)@irq tw_add(b)@task-work issue(b)=1 tw_add(b)@irq");
	run_bytes(&r, "d", "seq@10:16 seq@16:84");
	run_free(&r);
	/* an end of file is short, and so a failure */
	CQES(WORLD "sqe a READ fd=d off=90 addr=m len=16 flags=IO_LINK;sqe b NOP;submit", "a=10:RW_SHORT b=-125");
	/* errors do not take that way */
	CQES(WORLD "sqe a READ fd=d addr=0x1000 len=16;sqe b WRITE fd=d addr=0x1000 len=16;submit", "{a=-14 b=-14}");
	SEEDS(20, WORLD "sqe a READ fd=d addr=m len=16 flags=ASYNC;sqe b READ fd=d addr=m len=16;submit",
	      "{a=16 b=16}");
}

/* ---- 7.5 pipes ---- */

static void test_S7_15_reading_a_pipe(void **state)
{
	(void)state;
	CQES(WORLD "close p.w;sqe a READ fd=p.r addr=m len=16;submit", "a=0:RW_SHORT");
	CQES(WORLD
	     "write p.w 5;close p.w;sqe a READ fd=p.r addr=m len=16;submit;reap;sqe b READ fd=p.r addr=m len=16;submit",
	     "a=5 b=0");
	CQES(WORLD "sqe a READ fd=p.r addr=m len=16;submit;close p.w", "a=0:RW_SHORT");
	CQES(WORLD "sqe a READ fd=p.r addr=m len=0;submit", "a=0:RW_FULL");
}

static void test_S7_15_writing_a_pipe(void **state)
{
	(void)state;
	CQES(WORLD FULL "sqe a WRITE fd=p.w addr=m len=16;submit;close p.r", "a=-32:RW_PIPE_BROKEN");
	CQES(WORLD "sqe a WRITE fd=p.w addr=m len=0;submit", "a=0:RW_FULL");
}

/* ---- blocking in a worker ---- */

static void test_S3_15_a_blocking_read(void **state)
{
	struct run r;

	(void)state;
	run(&r, WORLD "sqe a READ fd=p.r addr=m len=16" CUT "write p.w 10");
	run_cqes(&r, "a=10:RW_SHORT");
	run_events(&r, "issue wake arm_poll", "issue(a)=1 wake(a)=0");
	run_free(&r);
	CQES(WORLD "sqe a READ fd=p.r addr=m len=16" CUT "close p.w", "a=0:RW_SHORT");
	CQES(WORLD "sqe a READ fd=s.0 addr=m len=16" CUT "write s.1 16", "a=16:RW_FULL");
	CQES(WORLD "sqe a READ fd=s.0 addr=m len=16" CUT "shutdown s.1", "a=0:RW_SHORT");
}

static void test_S3_15_a_blocking_write_goes_on_until_all_is_written(void **state)
{
	struct run r;

	(void)state;
	run(&r, "pipe p;mem m size=70000;sqe a WRITE fd=p.w addr=m len=70000" CUT "read p.r 65536;read p.r 65536");
	run_cqes(&r, "got:p.r=65536 got:p.r=4464 a=70000:RW_FULL");
	run_free(&r);
	CQES("sock s sndbuf=4096;mem m size=8192;sqe a WRITE fd=s.0 addr=m len=8192" CUT "read s.1 4096;read s.1 8192",
	     "got:s.1=4096 got:s.1=4096 a=8192:RW_FULL");
	/* what is written when the reader goes counts */
	CQES("pipe p;mem m size=70000;sqe a WRITE fd=p.w addr=m len=70000 flags=IO_LINK;sqe b NOP "
	     "flags=IO_LINK;submit;close p.r",
	     "a=65536:RW_SHORT b=-125");
}

static void test_S9_5_a_signal_interrupts_a_blocking_transfer(void **state)
{
	(void)state;
	CQES(WORLD "sqe a READ fd=p.r addr=m len=16" CUT "sqe c ASYNC_CANCEL target=a;submit",
	     "c=-114 a=-4:INTERRUPTED");
	CQES(WORLD FULL "sqe a WRITE fd=p.w addr=m len=16" CUT "sqe c ASYNC_CANCEL target=a;submit",
	     "c=-114 a=-4:INTERRUPTED");
	/* partial progress counts */
	CQES("pipe p;mem m size=70000;sqe a WRITE fd=p.w addr=m len=70000" CUT "sqe c ASYNC_CANCEL target=a;submit",
	     "c=-114 a=65536:RW_SHORT");
	CQES("sock s sndbuf=4096;mem m size=8192;sqe a WRITE fd=s.0 addr=m len=8192" CUT
	     "sqe c ASYNC_CANCEL target=a;submit",
	     "c=-114 a=4096:RW_SHORT");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_S8_1_nop),
		cmocka_unit_test(test_S8_10_fsync),
		cmocka_unit_test(test_S8_3_ioprio),
		cmocka_unit_test(test_S8_3_the_current_position),
		cmocka_unit_test(test_S8_4_addresses_and_lengths),
		cmocka_unit_test(test_S8_6_fixed_buffers),
		cmocka_unit_test(test_S7_6_order_of_the_checks),
		cmocka_unit_test(test_S8_7_rw_flags),
		cmocka_unit_test(test_S8_7_other_errors),
		cmocka_unit_test(test_S7_9_short_and_full),
		cmocka_unit_test(test_S7_10_synchronous_errors),
		cmocka_unit_test(test_S7_11_pipes_and_sockets_do_not_wait_for_more),
		cmocka_unit_test(test_S7_12_buffered_writes_go_to_io_wq),
		cmocka_unit_test(test_S7_12_append),
		cmocka_unit_test(test_S7_12_errors_come_through_task_work),
		cmocka_unit_test(test_S7_12_a_short_write_of_a_file_is_final_in_a_worker),
		cmocka_unit_test(test_S7_12_a_short_write_of_a_pipe_is_final),
		cmocka_unit_test(test_S7_13_direct_files_complete_from_an_interrupt),
		cmocka_unit_test(test_S7_15_reading_a_pipe),
		cmocka_unit_test(test_S7_15_writing_a_pipe),
		cmocka_unit_test(test_S3_15_a_blocking_read),
		cmocka_unit_test(test_S3_15_a_blocking_write_goes_on_until_all_is_written),
		cmocka_unit_test(test_S9_5_a_signal_interrupts_a_blocking_transfer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
