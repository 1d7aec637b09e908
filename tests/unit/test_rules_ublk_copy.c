/* SPDX-License-Identifier: MIT */
/* S10.19 of semantics.md: a ublk server without zero copy reads and writes the character device. */
#include "rules.h"

#define DEV                                                                                                       \
	"ublk dev depth=2 flags=USER_COPY;mem m size=8192;sqe F UBLK_FETCH fd=dev tag=0;sqe G UBLK_FETCH fd=dev " \
	"tag=1;submit;"
#define AT	"0x80000000"
#define AT_100	"0x80000064"
#define AT_TAG1 "0x82000000"
#define IN	"sqe c WRITE fd=dev addr=m "
#define OUT	"sqe c READ fd=dev addr=m "
#define DONE(n) "sqe d UBLK_COMMIT_AND_FETCH fd=dev tag=0 res=" n ";submit"
#define WAIT	";submit;wait 1;"

/* The bytes of the last block request at the end, and how many of them nobody has written. */
static void blk_bytes(struct run *r, const char *bytes, int64_t untouched)
{
	const struct gb_event *last = NULL;

	for (size_t i = 0; i < r->n; i++)
		if (r->event[i].type == GB_EV_BLK_FINAL)
			last = &r->event[i];
	assert_non_null(last);
	if (last && (uint64_t)last->c != bytes_hash(bytes))
		fail_msg("%s\nthe block request does not hold %s", r->program, bytes);
	if (last && last->b != untouched)
		fail_msg("%s\n%d bytes of the block request are untouched", r->program, (int)last->b);
}

static void test_S10_19_a_read_is_written_to(void **state)
{
	struct run r;

	(void)state;
	run(&r, DEV "blkreq q dev read len=1024;wait 1;" IN "len=1024 off=" AT WAIT DONE("1024"));
	run_cqes(&r, "F=0 c=1024:RW_FULL");
	run_events(&r, "blk_ref blk_done", "blk_ref=1 blk_ref=2 blk_ref=1 blk_ref=0 blk_done=0");
	blk_bytes(&r, "seq@0:1024", 0);
	run_free(&r);
	/* any part, from any byte on; what is not written stays as it was */
	run(&r, DEV "blkreq q dev read len=1024;wait 1;" IN "len=50 off=" AT_100 WAIT DONE("1024"));
	run_cqes(&r, "F=0 c=50:RW_FULL");
	blk_bytes(&r, "xa5:100 seq@0:50 xa5:874", 974);
	run_free(&r);
}

static void test_S10_19_a_write_is_read(void **state)
{
	struct run r;

	(void)state;
	run(&r, DEV "blkreq q dev write len=1024;wait 1;" OUT "len=200 off=" AT_100 WAIT DONE("1024"));
	run_cqes(&r, "F=0 c=200:RW_FULL");
	run_bytes(&r, "m", "seq@100:200 seq@200:7992");
	run_free(&r);
	/* each tag has its place */
	run(&r, DEV "blkreq p dev read len=512;blkreq q dev write len=512;wait 2;" OUT "len=512 off=" AT_TAG1 WAIT);
	run_cqes(&r, "F=0 G=0 c=512:RW_FULL");
	run_free(&r);
}

static void test_S10_19_vectors(void **state)
{
	struct run r;

	(void)state;
	run(&r, DEV "blkreq q dev write len=512;wait 1;sqe c READV fd=dev iov=m+4000:100,m:50 off=" AT WAIT);
	run_cqes(&r, "F=0 c=150:RW_FULL");
	run_bytes(&r, "m", "seq@100:50 seq@50:3950 seq@0:100 seq@4100:4092");
	run_free(&r);
	run(&r, DEV "blkreq q dev read len=512;wait 1;sqe c WRITEV fd=dev iov=m+7:3,m:5 off=" AT WAIT DONE("512"));
	run_cqes(&r, "F=0 c=8:RW_FULL");
	blk_bytes(&r, "seq@7:3 seq@0:5 xa5:504", 504);
	run_free(&r);
}

static void test_S10_19_ends(void **state)
{
	(void)state;
	/* what does not fit is not moved, and a short transfer is a failure */
	CQES(DEV "blkreq q dev read len=512;wait 1;" IN "len=600 off=" AT " flags=IO_LINK;sqe n NOP;submit",
	     "F=0 c=512:RW_SHORT n=-125");
	CQES(DEV "blkreq q dev write len=512;wait 1;" OUT "len=600 off=" AT_100 ";submit", "F=0 c=412:RW_SHORT");
	CQES(DEV "blkreq q dev write len=512;wait 1;" OUT "len=1 off=0x80000200;submit", "F=0 c=0:RW_SHORT");
	CQES(DEV "blkreq q dev write len=512;wait 1;sqe c READ fd=dev addr=m+8000 len=500 off=" AT ";submit",
	     "F=0 c=192:RW_SHORT");
}

static void test_S10_19_refusals(void **state)
{
	(void)state;
#define Q "blkreq q dev write len=512;wait 1;"
	/* the order of the checks: each case fails a later one as well */
	CQES(DEV "register buffers m:4096;" Q "sqe c READ_FIXED fd=dev addr=m len=64 off=0;submit",
	     "F=0 c=-13:UBLK_COPY_KERNEL");
	CQES(DEV Q OUT "len=64 off=0;submit", "F=0 c=-22:UBLK_COPY_QUEUE");
	CQES(DEV Q OUT "len=64 off=0x20084000000;submit", "F=0 c=-22:UBLK_COPY_QUEUE");
	CQES("ublk dev depth=1;mem m size=64;sqe F UBLK_FETCH fd=dev tag=0 addr=m;submit;" OUT "len=64 off=" AT_TAG1
	     ";submit",
	     "c=-22:UBLK_COPY_TAG");
	CQES("ublk dev depth=1;mem m size=64;" OUT "len=64 off=" AT ";submit", "c=-22:UBLK_NO_USER_COPY");
	CQES(DEV OUT "len=64 off=" AT ";submit", "c=-22:UBLK_COPY_NO_REQUEST");
	CQES(DEV "blkreq q dev flush;wait 1;" OUT "len=64 off=0x80000001;submit", "F=0 c=-22:UBLK_COPY_NO_DATA");
	CQES(DEV Q IN "len=64 off=0x80000201;submit", "F=0 c=-22:UBLK_COPY_OFFSET");
	CQES(DEV Q IN "len=64 off=" AT ";submit", "F=0 c=-13:UBLK_COPY_DIRECTION");
	CQES(DEV "blkreq q dev read len=512;wait 1;" OUT "len=64 off=" AT ";submit", "F=0 c=-13:UBLK_COPY_DIRECTION");
	/* a leased buffer is one of the kernel */
	CQES(DEV "lessor l;" Q "sqe L LEASE fd=l dir=dest len=64 flags=SQE_GROUP;sqe c READ fd=dev len=64 off=" AT
		 " flags=GROUP_BUF;submit",
	     "F=0 c=-13:UBLK_COPY_KERNEL L=0");
#undef Q
}

static void test_S10_19_the_reference_is_the_last(void **state)
{
	struct run r;

	(void)state;
	/* a request that is over has none to give, and its tag goes on */
	run(&r, DEV "blkreq q dev write len=512;wait 1;" DONE("512") ";" OUT "len=64 off=" AT ";submit");
	run_cqes(&r, "F=0 c=-22:UBLK_COPY_NO_REQUEST");
	run_free(&r);
	/* after a partial commit the place is that of what is left */
	run(&r, DEV "blkreq q dev write len=1024;wait 1;" DONE("512") ";wait 1;" OUT "len=600 off=" AT ";submit");
	run_cqes(&r, "F=0 d=0 c=512:RW_SHORT");
	run_bytes(&r, "m", "seq@512:512 seq@512:7680");
	run_free(&r);
}

/* A refused copy holds nothing; a request the server has not been given yet cannot be copied, nor ended by it. */
static void test_S10_19_references(void **state)
{
	unsigned int refused = 0;

	(void)state;
	EVENTS(DEV "blkreq q dev write len=512;wait 1;" IN "len=64 off=" AT WAIT DONE("512"), "blk_ref blk_done",
	       "blk_ref=1 blk_ref=2 blk_ref=1 blk_ref=0 blk_done=0");
	for (uint64_t seed = 0; seed < 400; seed++) {
		struct run r;
		bool queued = false;

		run_variant(&r, DEV OUT "len=512 flags=ASYNC off=" AT ";submit;blkreq q dev write len=512;reap;", seed,
			    0);
		for (size_t i = 0; i < r.n; i++) {
			const struct gb_event *ev = &r.event[i];

			queued |= ev->type == GB_EV_BLK_QUEUE;
			if (ev->type == GB_EV_BLK_REF && ev->a == 1)
				queued = false;
			/* between the arrival and the server's task work */
			refused += queued && ev->type == GB_EV_ISSUE && ev->actor == GB_ACTOR_WORKER;
			if (ev->type == GB_EV_BLK_DONE && !ev->a)
				fail_msg("%s\nseed %u: a copy has ended the block request", r.program,
					 (unsigned int)seed);
		}
		run_free(&r);
	}
	assert_true(refused > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_S10_19_a_read_is_written_to),
		cmocka_unit_test(test_S10_19_a_write_is_read),
		cmocka_unit_test(test_S10_19_vectors),
		cmocka_unit_test(test_S10_19_ends),
		cmocka_unit_test(test_S10_19_refusals),
		cmocka_unit_test(test_S10_19_the_reference_is_the_last),
		cmocka_unit_test(test_S10_19_references),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
