/* SPDX-License-Identifier: MIT */
/* S8.38 of semantics.md: ACCEPT, CONNECT, and listening sockets. */
#include "rules.h"

/* c.0 is descriptor 65539 (the listener is 65537 and 65538), d.0 65541. */
#define WORLD  "listen l;sock c connected=0;sock d connected=0;mem m size=256;"
#define ONE    "listen l backlog=0;sock c connected=0;sock d connected=0;sock e connected=0;mem m size=256;"
#define ACCEPT " ACCEPT fd=l"
#define TO(s)  " CONNECT fd=" s ".1 to=l"

static void test_S8_38_accept(void **state)
{
	(void)state;
	CQES(WORLD "connect c.1 l;sqe a" ACCEPT ";submit", "a=65539:ACCEPT_DONE");
	/* nobody there: it waits */
	CQES(WORLD "sqe a" ACCEPT ";submit;reap;connect c.1 l", "a=65539:ACCEPT_DONE");
	EVENTS(WORLD "sqe a" ACCEPT ";submit;connect c.1 l;exit", "issue arm_poll wake connected",
	       "issue(a)=1 arm_poll(a)=8315 wake(a)=195 connected=257 issue(a)=2");
	/* in the order of the connections, and both ends work, what was sent before included */
	CQES(WORLD "connect c.1 l;write c.1 5;connect d.1 l;sqe a" ACCEPT
		   " flags=IO_LINK;sqe r RECV fd=c.0 addr=m len=9 "
		   "flags=IO_LINK;sqe b" ACCEPT " flags=IO_LINK;sqe s SEND fd=d.0 addr=m len=5;submit;reap;read d.1 9",
	     "a=65539 r=5 b=65541 s=5 got:d.1=5");
	/* its descriptor is not open before */
	CQES(WORLD "connect c.1 l;sqe r RECV fd=c.0 addr=m len=9;submit", "r=-9:NO_FILE");
	CQES(WORLD "sqe a" ACCEPT " ioprio=2;submit", "a=-11:ACCEPT_WOULD_BLOCK");
	CQES(WORLD "connect c.1 l;sqe a" ACCEPT " ioprio=4;submit", "a=65539:ACCEPT_DONE");
	EVENTS(WORLD "connect c.1 l;sqe a" ACCEPT " ioprio=4;submit;exit", "issue", "issue(a)=1 issue(a)=2");
}

static void test_S8_38_accept_errors(void **state)
{
	(void)state;
	CQES("pipe p;sqe a ACCEPT fd=p.r;submit", "a=-88:ACCEPT_NOT_A_SOCKET");
	CQES("sock s type=dgram;sqe a ACCEPT fd=s.0;submit", "a=-95:ACCEPT_NO_METHOD");
	CQES("sock s;sqe a ACCEPT fd=s.0 flags=IO_LINK;sqe n NOP;submit", "a=-22:ACCEPT_NOT_LISTENING n=-125");
	CQES(WORLD "shutdown l;sqe a" ACCEPT ";submit", "a=-22:ACCEPT_SHUT");
	CQES(WORLD "sqe a" ACCEPT ";submit;shutdown l", "a=-22:ACCEPT_SHUT");
	/* those that are there already are accepted all the same */
	CQES(WORLD "connect c.1 l;shutdown l;sqe a" ACCEPT ";submit", "a=65539");
	CQES(WORLD "close l;sqe a" ACCEPT ";submit", "a=-9:NO_FILE");
	/* a listener neither sends nor receives, nor can it be written */
	CQES(WORLD "sqe a SEND fd=l addr=m len=1;sqe b RECV fd=l addr=m len=1;sqe p POLL_ADD fd=l op_flags=5;submit;"
		   "reap;connect c.1 l",
	     "a=-107 b=-22 p=1");
	CQES(WORLD
	     "sqe a SEND fd=c.1 addr=m len=1;sqe b RECV fd=c.1 addr=m len=1;sqe p POLL_ADD fd=c.1 op_flags=4;submit",
	     "a=-107 b=-22 p=20");
}

static void test_S8_38_accept_prep(void **state)
{
	(void)state;
	CQES(ALL WORLD "sqe a" ACCEPT " len=1;sqe b" ACCEPT " buf_index=1;sqe c" ACCEPT " ioprio=8;sqe d" ACCEPT
		       " file_index=1 op_flags=0x80000;sqe e" ACCEPT " file_index=2 ioprio=1;sqe f" ACCEPT
		       " op_flags=1;submit",
	     "a=-22:PREP_ACCEPT_FIELDS b=-22:PREP_ACCEPT_FIELDS c=-22:PREP_ACCEPT_IOPRIO d=-22:PREP_ACCEPT_CLOEXEC "
	     "e=-22:PREP_ACCEPT_ONE_SLOT f=-22:PREP_ACCEPT_FLAGS");
	CQES(WORLD "connect c.1 l;sqe a" ACCEPT " op_flags=0x80800;submit", "a=65539");
}

static void test_S8_38_multishot(void **state)
{
	(void)state;
	CQES(WORLD "connect c.1 l;sqe a" ACCEPT
		   " ioprio=1;submit;connect d.1 l;reap;sqe k ASYNC_CANCEL target=a;submit",
	     "a=65539+2 a=65541+2 k=0 a=-125:POLL_CANCELED");
	CQES(WORLD "connect c.1 l;connect d.1 l;sqe a" ACCEPT " ioprio=1;submit", "a=65539+2 a=65541+2");
	CQES(WORLD "sqe a" ACCEPT " ioprio=1;submit;shutdown l", "a=-22:ACCEPT_SHUT");
	/* no room for its CQE: the last one, which overflows */
	CQES("ring entries=1 cq=1;" WORLD "sqe n NOP;submit;connect c.1 l;sqe a" ACCEPT " ioprio=1;submit",
	     "n=0 a=65539:ACCEPT_DONE");
	CQES(WORLD "sqe a" ACCEPT " ioprio=1 flags=ASYNC;submit;reap;connect c.1 l", "a=65539+2");
}

static void test_S8_38_slots(void **state)
{
	struct run r;

	(void)state;
	CQES(WORLD "register files -1,-1;connect c.1 l;write c.1 5;sqe a" ACCEPT
		   " file_index=2 flags=IO_LINK;sqe r RECV "
		   "fd=1 addr=m len=9 flags=FIXED_FILE;submit",
	     "a=0:ACCEPT_SLOT r=5");
	CQES(WORLD "pipe p;register files p.r,-1;connect c.1 l;sqe a" ACCEPT " file_index=0xffffffff;submit",
	     "a=1:ACCEPT_SLOT");
	CQES(WORLD "register files -1,-1;connect c.1 l;connect d.1 l;sqe a" ACCEPT
		   " file_index=0xffffffff ioprio=1;submit",
	     "a=0+2 a=1+2");
	/* a descriptor is what it has not */
	CQES(WORLD "register files -1;connect c.1 l;sqe a" ACCEPT " file_index=1;submit;sqe r RECV fd=c.0 addr=m len=1;"
		   "submit",
	     "a=0 r=-9:NO_FILE");
	/* what finds no slot is closed, which the other end sees; as posted, that is no failure */
	run(&r,
	    WORLD "connect c.1 l;write c.1 1;sqe a" ACCEPT " file_index=1 flags=IO_LINK;sqe n NOP;submit;read c.1 1");
	run_cqes(&r, "got:c.1=-104 a=-6:ACCEPT_NO_TABLE n=0");
	run_free(&r);
	CQES(WORLD "register files -1;connect c.1 l;sqe a" ACCEPT " file_index=2;submit;read c.1 1",
	     "got:c.1=0 a=-22:ACCEPT_BAD_SLOT");
	CQES(WORLD "listen z;register files z;connect c.1 l;sqe a" ACCEPT " file_index=0xffffffff;submit;read c.1 1",
	     "got:c.1=0 a=-23:ACCEPT_NO_SLOT");
	/* one that ends a multishot request */
	CQES(WORLD "register files -1;connect c.1 l;connect d.1 l;sqe a" ACCEPT
		   " file_index=0xffffffff ioprio=1;submit;"
		   "read d.1 1",
	     "got:d.1=0 a=0+2 a=-23:ACCEPT_NO_SLOT");
	/* what was in the slot lives as long as its requests */
	CQES(WORLD
	     "sock s;register files s.0;connect c.1 l;sqe r RECV fd=0 addr=m len=1 flags=FIXED_FILE;submit;sqe a" ACCEPT
	     " file_index=1;submit;close s.0;reap;write s.1 1;reap;write s.1 1",
	     "a=0 r=1 wrote:s.1=-32");
}

static void test_S8_38_close_a_slot(void **state)
{
	(void)state;
#define CLOSE0 "sqe k CLOSE fd=0 file_index=1"
	/* the other end sees it once no request has the file */
	CQES("sock s;mem m size=64;register files s.0;close s.0;sqe r RECV fd=0 addr=m len=1 flags=FIXED_FILE;submit;"
	     "reap;" CLOSE0 ";submit;write s.1 1;reap;write s.1 1",
	     "k=0:CLOSE_SLOT r=1 wrote:s.1=-32");
	CQES("sock s;register files s.0;" CLOSE0 " flags=IO_LINK;sqe r RECV fd=0 flags=FIXED_FILE;submit;write s.1 1",
	     "k=0 r=-9:NO_FILE");
	CQES("sqe n NOP;" CLOSE0 " flags=IO_LINK;sqe x NOP;submit", "n=0 k=-6:CLOSE_NO_TABLE x=-125");
	CQES("register files -1;" CLOSE0 ";submit", "k=-9:CLOSE_EMPTY_SLOT");
	CQES("register files -1;sqe k CLOSE fd=0 file_index=2;submit", "k=-22:CLOSE_BAD_SLOT");
	CQES("pipe p;register files p.r;sqe k CLOSE fd=p.r file_index=1;submit", "k=-22:PREP_CLOSE_BOTH");
	CQES("pipe p;register files p.r;sqe k CLOSE file_index=1;submit", "k=-22:PREP_CLOSE_BOTH");
	/* with the ring the table goes */
	CQES("sock s;register files s.0;close s.0;write s.1 1;exit;write s.1 1", "wrote:s.1=-32");
#undef CLOSE0
}

/* S3.9: what reads the error queue does not wait for data, though for their normal band. */
static void test_S3_9_errqueue(void **state)
{
	(void)state;
	EVENTS("sock s;mem m size=64;sqe a RECV fd=s.0 addr=m len=1 op_flags=0x2000;sqe b RECV fd=s.0 addr=m "
	       "len=1;submit;"
	       "exit",
	       "arm_poll", "arm_poll(a)=8314 arm_poll(b)=8315");
}

static void test_S3_9_exclusive(void **state)
{
	(void)state;
	/* one connection wakes one of them, the one that waits longest */
	EVENTS(WORLD "sqe a" ACCEPT ";sqe b" ACCEPT ";submit;connect c.1 l;exit", "wake", "wake(a)=195");
	CQES(WORLD "sqe a" ACCEPT ";sqe b" ACCEPT ";submit;connect c.1 l;reap;connect d.1 l", "a=65539 b=65541");
	/* a poll is none of them, and hears of it first */
	EVENTS(WORLD "sqe a" ACCEPT ";sqe p POLL_ADD fd=l op_flags=1;submit;connect c.1 l;exit", "wake",
	       "wake(p)=195 wake(a)=195");
	CQES(WORLD "sqe a" ACCEPT " flags=ASYNC;sqe b" ACCEPT " flags=ASYNC;submit;reap;connect c.1 l;connect d.1 l",
	     "{a=65539 b=65541} | {a=65541 b=65539}");
}

static void test_S8_38_connect(void **state)
{
	(void)state;
	CQES(WORLD "sqe a" TO("c") ";sqe b" ACCEPT ";submit", "a=0:CONNECT_DONE b=65539");
	CQES(WORLD "sqe a" ACCEPT ";sqe b" TO("c") ";submit", "b=0:CONNECT_DONE a=65539");
	CQES(WORLD "sqe a" TO("c") " flags=IO_LINK;sqe s SEND fd=c.1 addr=m len=9;submit;sqe b" ACCEPT
				   ";submit;read c.0 9",
	     "got:c.0=9 a=0 s=9 b=65539");
	CQES(WORLD "sqe a" TO("c") ";sqe b" TO("c") ";submit", "a=0 b=-106:CONNECT_CONNECTED");
	CQES(WORLD "sqe a CONNECT fd=l to=l flags=IO_LINK;sqe n NOP;submit", "a=-22:CONNECT_LISTENS n=-125");
	CQES(WORLD "sock s;sqe a CONNECT fd=s.0 to=l;submit", "a=-106:CONNECT_CONNECTED");
	CQES(WORLD "sock s type=dgram;sqe a CONNECT fd=s.0 to=l;submit", "a=-91:CONNECT_TYPE");
	CQES(WORLD "pipe p;sqe a CONNECT fd=p.r to=l;submit", "a=-88:CONNECT_NOT_A_SOCKET");
	CQES(WORLD "close l;sqe a" TO("c") ";submit", "a=-111:CONNECT_CLOSED");
	CQES(WORLD "shutdown l;sqe a" TO("c") ";submit", "a=-111:CONNECT_SHUT");
	CQES(ALL WORLD "sqe a" TO("c") " len=1;sqe b" TO("c") " buf_index=1;sqe d" TO("c") " op_flags=1;submit",
	     "a=-22:PREP_CONNECT_FIELDS b=-22:PREP_CONNECT_FIELDS d=-22:PREP_CONNECT_FIELDS");
}

static void test_S8_38_backlog(void **state)
{
	struct run r;

	(void)state;
	/* backlog=0 has room for one; the socket can be written, so it tries until it is left to a worker (S3.8) */
	run(&r, ONE "connect c.1 l;sqe a" TO("d") ";submit;reap;sqe b" ACCEPT ";submit;reap");
	run_cqes(&r, "b=65539 a=0:CONNECT_DONE");
	run_events(&r, "punt", "punt(a)=1");
	run_free(&r);
	/* room for one wakes one */
	CQES(ONE "connect c.1 l;sqe a" TO("d") " flags=ASYNC;sqe b" TO("e") " flags=ASYNC;submit;reap;sqe x" ACCEPT
									    ";submit;reap;sqe y" ACCEPT ";submit;reap",
	     "x=65539 a=0 y=65541 b=0 | x=65539 b=0 y=65543 a=0");
	/* cancelled while it waits in the worker */
	CQES(ONE "connect c.1 l;sqe a" TO("d") ";submit;reap;sqe k ASYNC_CANCEL target=a;submit;reap",
	     "k=-114:CANCEL_RUNNING a=-4:CONNECT_INTERRUPTED");
	/* the listener goes */
	CQES(ONE "connect c.1 l;sqe a" TO("d") ";submit;reap;close l;reap", "a=-111:CONNECT_CLOSED");
	CQES(ONE "connect c.1 l;connect d.1 l;sqe a" ACCEPT ";submit", "a=65539");
}

static void test_the_outside(void **state)
{
	struct run r;

	(void)state;
	run(&r, ONE "connect c.1 l;connect d.1 l;connect c.1 l;close l;connect e.1 l");
	run_events(&r, "connected+",
		   "connected=257,0,0 connected=513,-11,0 connected=257,-11,0 "
		   "connected=769,-111,0");
	run_free(&r);
	/* a listener that is closed resets those nobody has accepted */
	CQES(WORLD "connect c.1 l;close l;read c.1 1;read c.1 1", "got:c.1=-104 got:c.1=0");
	CQES(WORLD "connect c.1 l;close c.1;sqe a" ACCEPT " flags=IO_LINK;sqe r RECV fd=c.0 addr=m len=9;submit",
	     "a=65539 r=0:RECV_EOF");
	CQES(WORLD "write c.1 5;read c.1 5", "wrote:c.1=-107 got:c.1=-22");
	CQES(WORLD "write c.0 5;read c.0 5", "wrote:c.0=-9 got:c.0=-9");
}

static void test_groups_and_ends(void **state)
{
	(void)state;
	CQES(WORLD "sqe L" ACCEPT " flags=SQE_GROUP;sqe x NOP;submit;reap;connect c.1 l", "x=0 L=65539");
	CQES(WORLD "sqe L NOP flags=SQE_GROUP;sqe x" ACCEPT " flags=GROUP_BUF;submit;reap;connect c.1 l",
	     "x=65539 L=0");
	CQES(WORLD "sqe a" ACCEPT ";sqe t NOP;submit;exit;connect c.1 l", "");
	CQES(WORLD "sqe a" ACCEPT ";submit;die;connect c.1 l;reap", "a=-125:POLL_TASK_DEAD");
	CQES(ONE "connect c.1 l;sqe a" TO("d") ";submit;reap;die;reap", "a=-4:CONNECT_INTERRUPTED");
	/* a blocking accept in a worker: the poll could not be armed any more */
	SEEDS(100, WORLD "sqe a" ACCEPT ";sqe b" ACCEPT " flags=ASYNC;submit;connect c.1 l;connect d.1 l;wait 2",
	      "{a=65539 b=65541} | {a=65541 b=65539}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_S8_38_accept),	  cmocka_unit_test(test_S8_38_accept_errors),
		cmocka_unit_test(test_S8_38_accept_prep), cmocka_unit_test(test_S8_38_multishot),
		cmocka_unit_test(test_S8_38_slots),	  cmocka_unit_test(test_S8_38_close_a_slot),
		cmocka_unit_test(test_S3_9_errqueue),	  cmocka_unit_test(test_S3_9_exclusive),
		cmocka_unit_test(test_S8_38_connect),	  cmocka_unit_test(test_S8_38_backlog),
		cmocka_unit_test(test_the_outside),	  cmocka_unit_test(test_groups_and_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
