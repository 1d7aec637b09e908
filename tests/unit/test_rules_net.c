/* SPDX-License-Identifier: MIT */
/* Section 8.4 of semantics.md: SEND and RECV. */
#include "rules.h"

#define WORLD	"sock s;file f size=64;pipe p;mem m size=8192 fill=0xEE;"
#define SMALL	"sock s sndbuf=4096;mem m size=16384 fill=0xEE;" /* takes 4096 bytes */
#define WAITALL " op_flags=0x100"
#define NEXT	" flags=IO_LINK;sqe n NOP;"
#define CUT	" flags=IO_LINK;submit;" /* a chain cut by the end of the batch: its worker really blocks */

static void test_S8_11_prep_of_send(void **state)
{
	(void)state;
	CQES(ALL WORLD
	     "sqe a SEND fd=s.0 addr=m len=16 ioprio=2;sqe b SEND fd=s.0 addr=m len=16 ioprio=16;"
	     "sqe c SEND fd=s.0 addr=m len=0x80000000;sqe d SEND fd=s.0 addr=0xffffffffffff0000 len=16;submit",
	     "a=-22:PREP_SEND_FLAGS b=-22:PREP_SEND_BUNDLE c=-22:PREP_SEND_LEN d=-14:PREP_SEND_ADDR");
	/* the length comes first, then the flags */
	CQES(WORLD "sqe a SEND fd=s.0 addr=m len=0x80000000 ioprio=2;submit", "a=-22:PREP_SEND_LEN");
	CQES(WORLD "sqe a SEND fd=s.0 addr=m len=16 flags=BUFFER_SELECT;submit", "a=-2:SEND_NO_GROUP");
}

static void test_S8_11_prep_of_recv(void **state)
{
	(void)state;
	CQES(ALL WORLD "sqe a RECV fd=s.0 addr=m len=16 off=1;sqe b RECV fd=s.0 addr=m len=0x80000000;"
		       "sqe c RECV fd=s.0 addr=m len=16 ioprio=8;sqe d RECV fd=s.0 addr=m ioprio=2;"
		       "sqe e RECV fd=s.0 addr=0xffffffffffff0000 len=16;submit",
	     "a=-22:PREP_RECV_FIELDS b=-22:PREP_RECV_LEN c=-22:PREP_RECV_FLAGS d=-22:PREP_RECV_MULTISHOT "
	     "e=-14:PREP_RECV_ADDR");
	CQES(ALL WORLD "sqe a RECV fd=s.0 len=16 ioprio=2 flags=BUFFER_SELECT;"
		       "sqe b RECV fd=s.0 ioprio=2 op_flags=0x100 flags=BUFFER_SELECT;submit",
	     "a=-22:PREP_RECV_MSHOT_LEN b=-22:PREP_RECV_WAITALL");
	CQES(WORLD "sqe a RECV fd=s.0 len=16 flags=BUFFER_SELECT|IO_LINK;sqe n NOP;submit",
	     "a=-105:RECV_NO_BUFFERS n=-125");
}

static void test_S8_12_order_at_issue(void **state)
{
	(void)state;
	CQES(WORLD "sqe a SEND fd=p.w addr=m len=16 ioprio=1;submit", "a=-88:SEND_NOT_A_SOCKET");
	CQES(WORLD "sqe a RECV fd=p.r addr=m len=16;submit", "a=-88:RECV_NOT_A_SOCKET");
	/* RECV looks at POLL_FIRST before: it waits for the pipe, and a file that cannot be waited for is EAGAIN for
	 * good */
	CQES(WORLD "sqe a RECV fd=p.r addr=m len=16 ioprio=1;submit;write p.w 4", "a=-88:RECV_NOT_A_SOCKET");
	CQES(WORLD "sqe a RECV fd=f addr=m len=16 ioprio=1;submit", "a=-11:RECV_POLL_FIRST");
}

static void test_S8_12_poll_first(void **state)
{
	(void)state;
	EVENTS(WORLD "sqe a RECV fd=s.0 addr=m len=16 ioprio=1;submit;write s.1 16", "issue arm_poll cqe",
	       "issue(a)=1 arm_poll(a)=8315 issue(a)=2 cqe(a)=16");
	/* ready already: once more through task work */
	EVENTS(WORLD "sqe a SEND fd=s.0 addr=m len=16 ioprio=1;submit", "issue tw_add cqe",
	       "issue(a)=1 tw_add(a)=SUBMIT issue(a)=2 cqe(a)=16");
}

static void test_S8_14_success_may_be_short(void **state)
{
	struct run r;

	(void)state;
	CQES(WORLD "write s.1 10;sqe a RECV fd=s.0 addr=m len=16" NEXT "submit", "a=10:RECV_DONE n=0");
	CQES(SMALL "sqe a SEND fd=s.0 addr=m len=8192" NEXT "submit", "a=4096:SEND_DONE n=0");
	run(&r, WORLD "sqe a SEND fd=s.0 addr=m len=16;submit");
	run_cqes(&r, "a=16:SEND_DONE");
	run_bytes(&r, "s.1", "xEE:16");
	run_free(&r);
	CQES(WORLD "sqe a RECV fd=s.0 addr=m len=0;submit;write s.1 4", "a=0:RECV_DONE");
}

static void test_S8_14_eagain_waits(void **state)
{
	(void)state;
	EVENTS(WORLD "sqe a RECV fd=s.0 addr=m len=16;submit;write s.1 16", "issue arm_poll",
	       "issue(a)=1 arm_poll(a)=8315 issue(a)=2");
	EVENTS(SMALL "write s.0 4096;sqe a SEND fd=s.0 addr=m len=16;submit;read s.1 4096", "issue arm_poll",
	       "issue(a)=1 arm_poll(a)=8510 issue(a)=2");
	CQES(WORLD "sqe a RECV fd=s.0 addr=m len=16 op_flags=0x40;submit", "a=-11:RECV_WOULD_BLOCK");
	CQES(SMALL "write s.0 4096;sqe a SEND fd=s.0 addr=m len=16 op_flags=0x40;submit", "a=-11:SEND_WOULD_BLOCK");
}

static void test_S8_14_waitall_goes_on(void **state)
{
	struct run r;

	(void)state;
	run(&r, WORLD "sqe a RECV fd=s.0 addr=m len=20" WAITALL NEXT "submit;write s.1 8;write s.1 8;write s.1 8");
	run_cqes(&r, "a=20:RECV_DONE n=0");
	run_events(&r, "issue", "issue(a)=1 issue(a)=2 issue(a)=3 issue(a)=4 issue(n)=1");
	run_bytes(&r, "m", "seq@0:8 seq@0:8 seq@0:4 xEE:8172");
	run_free(&r);
	CQES(SMALL "sqe a SEND fd=s.0 addr=m len=10000" WAITALL NEXT "submit;read s.1 4096;read s.1 4096;read s.1 4096",
	     "got:s.1=4096 got:s.1=4096 got:s.1=1808 a=10000:SEND_DONE n=0");
}

static void test_S8_15_a_truncated_message(void **state)
{
	(void)state;
	CQES("sock s type=dgram;mem m size=64;write s.1 16;sqe a RECV fd=s.0 addr=m len=8" WAITALL NEXT "submit",
	     "a=8:RECV_DONE n=-125");
	CQES("sock s type=dgram;mem m size=64;write s.1 16;sqe a RECV fd=s.0 addr=m len=8" NEXT "submit",
	     "a=8:RECV_DONE n=0");
}

static void test_S8_16_end_of_file(void **state)
{
	(void)state;
	CQES(WORLD "shutdown s.1;sqe a RECV fd=s.0 addr=m len=16" NEXT "submit", "a=0:RECV_EOF n=0");
	CQES(WORLD "shutdown s.1;sqe a RECV fd=s.0 addr=m len=16" WAITALL NEXT "submit", "a=0:RECV_EOF n=-125");
	/* after partial progress the progress counts, with FAIL */
	CQES(WORLD "sqe a RECV fd=s.0 addr=m len=16" WAITALL NEXT "submit;write s.1 5;shutdown s.1",
	     "a=5:RECV_DONE n=-125");
	CQES(WORLD "sqe a RECV fd=s.0 addr=m len=16;submit;close s.1", "a=0:RECV_EOF");
}

static void test_S8_16_errors(void **state)
{
	(void)state;
	CQES(WORLD "shutdown s.1;sqe a SEND fd=s.0 addr=m len=16;submit", "a=-32:SEND_ERROR");
	CQES(WORLD "close s.1;sqe a SEND fd=s.0 addr=m len=16" WAITALL NEXT "submit", "a=-32:SEND_ERROR n=-125");
	CQES(WORLD "write s.0 4;close s.1;sqe a RECV fd=s.0 addr=m len=16;submit", "a=-104:RECV_ERROR");
	/* progress replaces the error */
	CQES(SMALL "sqe a SEND fd=s.0 addr=m len=8192" WAITALL NEXT "submit;shutdown s.1", "a=4096:SEND_DONE n=-125");
	/* a failing send without MSG_WAITALL is one all the same: r < min = 0 */
	CQES(WORLD "shutdown s.1;sqe a SEND fd=s.0 addr=m len=16" NEXT "submit", "a=-32 n=-125");
	CQES(WORLD "sqe a SEND fd=s.0 addr=0x1000 len=16;submit", "a=-14:SEND_ERROR");
	CQES(WORLD "write s.1 8;sqe a RECV fd=s.0 addr=0x1000 len=16;submit", "a=-14:RECV_ERROR");
}

static void test_S8_18_datagrams_are_never_continued(void **state)
{
	(void)state;
	CQES("sock s type=dgram;mem m size=64;sqe a RECV fd=s.0 addr=m len=16" WAITALL NEXT "submit;write s.1 8",
	     "a=8:RECV_DONE n=-125");
	CQES("sock s type=dgram sndbuf=4096;mem m size=8192;sqe a SEND fd=s.0 addr=m len=5000;submit",
	     "a=-90:SEND_ERROR");
	CQES(ALL "sock s type=dgram;mem m size=64;close s.1;sqe a SEND fd=s.0 addr=m len=5;sqe b SEND fd=s.0 addr=m "
		 "len=5;submit",
	     "a=-111:SEND_ERROR b=-107:SEND_ERROR");
}

static void test_S8_18_messages_are_kept_apart(void **state)
{
	CQES("sock s type=dgram;mem m size=64;write s.1 8;write s.1 5;sqe a RECV fd=s.0 addr=m len=64;"
	     "sqe b RECV fd=s.0 addr=m len=64;submit",
	     "a=8 b=5");
	/* peeking leaves it there */
	CQES("sock s type=dgram;mem m size=64;write s.1 8;sqe a RECV fd=s.0 addr=m len=64 op_flags=2;"
	     "sqe b RECV fd=s.0 addr=m len=64;submit",
	     "a=8 b=8");
	(void)state;
}

/* ---- blocking in a worker ---- */

static void test_S8_19_a_blocking_receive(void **state)
{
	(void)state;
	CQES(WORLD "sqe a RECV fd=s.0 addr=m len=16" CUT "write s.1 5", "a=5:RECV_DONE");
	/* MSG_WAITALL waits in the call itself */
	CQES(WORLD "sqe a RECV fd=s.0 addr=m len=16" WAITALL CUT "write s.1 5;write s.1 11", "a=16:RECV_DONE");
	EVENTS(WORLD "sqe a RECV fd=s.0 addr=m len=16" WAITALL CUT "write s.1 5;write s.1 11", "issue arm_poll",
	       "issue(a)=1");
	/* ended early: EAGAIN after progress is final */
	CQES(WORLD
	     "sqe a RECV fd=s.0 addr=m len=16 op_flags=0x100 flags=IO_LINK;sqe n NOP flags=IO_LINK;submit;write s.1 5;"
	     "shutdown s.1",
	     "a=5:SR_PARTIAL n=-125");
	CQES(WORLD "sqe a RECV fd=s.0 addr=m len=16" CUT "shutdown s.1", "a=0:RECV_EOF");
}

static void test_S8_19_a_blocking_send(void **state)
{
	(void)state;
	/* a blocking send takes everything, with or without MSG_WAITALL */
	CQES(SMALL "sqe a SEND fd=s.0 addr=m len=8192" CUT "read s.1 4096;read s.1 8192",
	     "got:s.1=4096 got:s.1=4096 a=8192:SEND_DONE");
	CQES(SMALL "sqe a SEND fd=s.0 addr=m len=8192 op_flags=0x100" CUT "read s.1 4096;read s.1 8192",
	     "got:s.1=4096 got:s.1=4096 a=8192:SEND_DONE");
	/* MSG_DONTWAIT does not wait in a worker either */
	CQES(SMALL "sqe a SEND fd=s.0 addr=m len=8192 op_flags=0x40" CUT "read s.1 4096",
	     "got:s.1=4096 a=4096:SEND_DONE");
}

static void test_S9_5_a_signal_interrupts_a_blocking_call(void **state)
{
	(void)state;
	CQES(WORLD "sqe a RECV fd=s.0 addr=m len=16" CUT "sqe c ASYNC_CANCEL target=a;submit", "c=-114 a=-4");
	CQES(SMALL "write s.0 4096;sqe a SEND fd=s.0 addr=m len=16" CUT "sqe c ASYNC_CANCEL target=a;submit",
	     "c=-114 a=-4");
	CQES(WORLD "sqe a RECV fd=s.0 addr=m len=16" WAITALL CUT "write s.1 5;sqe c ASYNC_CANCEL target=a;submit",
	     "c=-114 a=5:SR_PARTIAL");
	CQES(SMALL "sqe a SEND fd=s.0 addr=m len=8192" CUT "sqe c ASYNC_CANCEL target=a;submit",
	     "c=-114 a=4096:SEND_DONE");
}

static void test_S8_20_a_cancelled_request_reports_its_progress(void **state)
{
	(void)state;
	CQES(WORLD "sqe a RECV fd=s.0 addr=m len=16" WAITALL NEXT
		   "submit;write s.1 5;sqe c ASYNC_CANCEL target=a;submit",
	     "c=0 a=5:SR_PARTIAL n=-125");
	CQES(WORLD "sqe a RECV fd=s.0 addr=m len=16" WAITALL NEXT "submit;sqe c ASYNC_CANCEL target=a;submit",
	     "c=0 a=-125:POLL_CANCELED n=-125");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_S8_11_prep_of_send),
		cmocka_unit_test(test_S8_11_prep_of_recv),
		cmocka_unit_test(test_S8_12_order_at_issue),
		cmocka_unit_test(test_S8_12_poll_first),
		cmocka_unit_test(test_S8_14_success_may_be_short),
		cmocka_unit_test(test_S8_14_eagain_waits),
		cmocka_unit_test(test_S8_14_waitall_goes_on),
		cmocka_unit_test(test_S8_15_a_truncated_message),
		cmocka_unit_test(test_S8_16_end_of_file),
		cmocka_unit_test(test_S8_16_errors),
		cmocka_unit_test(test_S8_18_datagrams_are_never_continued),
		cmocka_unit_test(test_S8_18_messages_are_kept_apart),
		cmocka_unit_test(test_S8_19_a_blocking_receive),
		cmocka_unit_test(test_S8_19_a_blocking_send),
		cmocka_unit_test(test_S9_5_a_signal_interrupts_a_blocking_call),
		cmocka_unit_test(test_S8_20_a_cancelled_request_reports_its_progress),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
