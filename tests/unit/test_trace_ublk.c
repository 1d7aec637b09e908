/* SPDX-License-Identifier: MIT */
/* The trace language of ublk: devices, commands, block requests, and what becomes of those. */
#include "groupbuf/observe.h"
#include "trace_test.h"

#define DEV   "ublk d depth=1\n"
#define BLK   DEV "blkreq r d read len=512\n"
#define FLUSH DEV "blkreq r d flush\n"

static void canonical(void **state)
{
	(void)state;
	check_canonical(
		"ublk d  flags=USER_COPY|SUPPORT_ZERO_COPY depth=0x10\nublk e depth=4096\nublk f depth=1 flags=0\n",
		"ublk d depth=16 flags=SUPPORT_ZERO_COPY|USER_COPY\nublk e depth=4096\nublk f depth=1 flags=0\n");
	check_canonical(DEV "mem m size=8\nsqe a UBLK_FETCH tag=0 fd=d\n"
			    "sqe b UBLK_COMMIT_AND_FETCH res=-EIO addr=m+7 tag=65535 fd=d q_id=3\n"
			    "sqe c UBLK_NEED_GET_DATA fd=d tag=1 addr=m\n"
			    "sqe e UBLK_PROVIDE fd=d tag=1 flags=SQE_GROUP\n"
			    "sqe f UBLK_CMD fd=d tag=1 cmd_op=0x20 res=9\n",
			DEV "mem m size=8\nsqe a UBLK_FETCH fd=d tag=0\n"
			    "sqe b UBLK_COMMIT_AND_FETCH fd=d addr=m+7 tag=65535 q_id=3 res=-5\n"
			    "sqe c UBLK_NEED_GET_DATA fd=d addr=m tag=1\n"
			    "sqe e UBLK_PROVIDE fd=d tag=1 flags=SQE_GROUP\n"
			    "sqe f UBLK_CMD fd=d tag=1 cmd_op=0x20 res=9\n");
	check_canonical(DEV "blkreq a d read segs=2 bios=1024,0x400 len=2048 off=512\nblkreq b d write len=1048576\n"
			    "blkreq c d flush\nblkreq e d discard off=0 len=1073741824\n",
			DEV "blkreq a d read off=512 len=2048 bios=1024,1024 segs=2\nblkreq b d write len=1048576\n"
			    "blkreq c d flush\nblkreq e d discard off=0 len=1073741824\n");
	check_canonical(DEV "blkreq r d read len=512\nblkreq w d write len=512\n"
			    "blk r untouched=1 bytes=00000000000000ff refs=2 after=3 res=-EIO done=1\n"
			    "blk w done=0 res=0 after=0 refs=0\n",
			DEV "blkreq r d read len=512\nblkreq w d write len=512\n\n"
			    "blk r done=1 res=-5 after=3 refs=2 bytes=00000000000000ff untouched=1\n"
			    "blk w done=0 res=0 after=0 refs=0\n");
}

static void fields(void **state)
{
	struct gb_trace *t = read_good(DEV "sqe a UBLK_PROVIDE fd=d tag=3 q_id=1\n"
					   "blkreq r d read off=1024 len=6144 bios=2048,4096 segs=3\n");
	const struct gb_blkreq *r = &t->blkreqs[0];

	(void)state;
	assert_int_equal(t->objects[0].kind, GB_UBLK);
	assert_int_equal(t->objects[0].depth, 1);
	assert_int_equal(t->sqes[0].opcode, IORING_OP_URING_CMD);
	assert_int_equal(t->sqes[0].cmd_op, UBLK_U_IO_PROVIDE_IO_BUF);
	assert_false(t->sqes[0].lease);
	assert_true(t->sqes[0].tag == 3 && t->sqes[0].q_id == 1);
	assert_true(r->off == 1024 && r->len == 6144 && r->n_bios == 2 && r->op == GB_BLK_read);
	/* whole sectors, the first ones one more */
	assert_int_equal(gb_blkreq_segs(r, 0), 3);
	assert_int_equal(gb_blkreq_seg_len(r, 0, 0), 1024);
	assert_int_equal(gb_blkreq_seg_len(r, 0, 1), 512);
	assert_int_equal(gb_blkreq_seg_len(r, 0, 2), 512);
	assert_int_equal(gb_blkreq_seg_len(r, 1, 0), 1536);
	assert_int_equal(gb_blkreq_seg_len(r, 1, 2), 1024);
	assert_int_equal(t->stmts[1].kind, GB_STMT_BLKREQ);
	gb_trace_free(t);
}

static void devices(void **state)
{
	static const struct broken list[] = {
		{"ublk d", GB_BAD_INPUT, 1, 1, "ublk d has no depth; expected depth=N, the tags of its queue"},
		{"ublk d depth=0", GB_BAD_INPUT, 1, 14, "*"},
		{"ublk d depth=4097", GB_BAD_INPUT, 1, 14, "*"},
		{"ublk d depth=1 depth=2", GB_BAD_INPUT, 1, 16, "depth= is given twice; expected it once"},
		{"ublk d depth=1 flags=ZEROCOPY", GB_BAD_INPUT, 1, 22, "unknown ublk flag 'ZEROCOPY'*"},
		{"ublk d depth=1 flags=0x200", GB_BAD_INPUT, 1, 22,
		 "ublk flags 0x200 do not exist; expected none beyond 0x1ff"},
		{"ublk d depth=1 flags=SUPPORT_ZERO_COPY", GB_BAD_INPUT, 1, 22,
		 "ADD_DEV refuses these flags: SUPPORT_ZERO_COPY needs USER_COPY; expected both (S10.1)"},
		{"ublk d flags=USER_COPY|UNPRIVILEGED_DEV depth=1", GB_BAD_INPUT, 1, 14,
		 "ADD_DEV refuses these flags: UNPRIVILEGED_DEV excludes USER_COPY; expected one of them (S10.1)"},
		{"ublk d depth=1 flags=ZONED", GB_NOT_SIMULATED, 1, 22, "ublk flag ZONED is not simulated"},
		{"ublk d depth=1\nublk d depth=1", GB_BAD_INPUT, 2, 6, "'d' is already declared in line 1*"},
		{"ublk d depth=1 x", GB_BAD_INPUT, 1, 16, "unexpected 'x'; expected KEY=VALUE*"},
		{DEV "final d bytes=1 0000000000000000", GB_BAD_INPUT, 2, 7,
		 "'d' is a ublk device, which has no end state*"},
		{DEV "write d 1", GB_BAD_INPUT, 2, 7, "'d' is a ublk device; expected a pipe or socket end"},
		{DEV "sqe L LEASE fd=d dir=dest len=1", GB_BAD_INPUT, 2, 16,
		 "fd= of LEASE is a ublk device; expected a lessor"},
	};

	(void)state;
	CHECK_BROKEN(list);
}

static void commands(void **state)
{
	static const struct broken list[] = {
		{"sqe a UBLK_FETCH tag=0", GB_BAD_INPUT, 1, 7, "UBLK_FETCH has no fd=; expected a ublk device"},
		{DEV "sqe a UBLK_FETCH fd=d", GB_BAD_INPUT, 2, 7,
		 "UBLK_FETCH has no tag=; expected the tag it is about"},
		{DEV "sqe a UBLK_COMMIT_AND_FETCH fd=d tag=0", GB_BAD_INPUT, 2, 7,
		 "UBLK_COMMIT_AND_FETCH has no res=; expected the result of the block request"},
		{DEV "sqe a UBLK_CMD fd=d tag=0", GB_BAD_INPUT, 2, 7,
		 "UBLK_CMD has no cmd_op=; expected the number of the command"},
		{DEV "sqe a UBLK_FETCH fd=d tag=65536", GB_BAD_INPUT, 2, 27, "*"},
		{DEV "sqe a UBLK_FETCH fd=d tag=0 cmd_op=1", GB_BAD_INPUT, 2, 29,
		 "UBLK_FETCH has no cmd_op=; expected it only on UBLK_CMD"},
		{DEV "sqe a UBLK_FETCH fd=d tag=0 res=1", GB_BAD_INPUT, 2, 29, "UBLK_FETCH has no res=*"},
		{DEV "sqe a NOP tag=0", GB_BAD_INPUT, 2, 11, "NOP has no tag=; expected it only on UBLK_FETCH*"},
		{DEV "sqe a UBLK_FETCH fd=d tag=0 addr=1", GB_BAD_INPUT, 2, 34,
		 "addr= of UBLK_FETCH is a number; expected a mem, or 0"},
		{DEV "mem m size=8\nsqe a UBLK_FETCH fd=d tag=0 addr=m+8", GB_BAD_INPUT, 3, 34,
		 "addr= of UBLK_FETCH lies behind its mem; expected less than 8"},
		{DEV "sqe a UBLK_FETHC fd=d tag=0", GB_BAD_INPUT, 2, 7,
		 "unknown opcode 'UBLK_FETHC' (did you mean UBLK_FETCH?)*"},
	};

	(void)state;
	CHECK_BROKEN(list);
}

static void block_requests(void **state)
{
	static const struct broken list[] = {
		{DEV "blkreq", GB_BAD_INPUT, 2, 7, "the line ends too early; expected a label"},
		{DEV "blkreq 1", GB_BAD_INPUT, 2, 8, "'1' is not a name*"},
		{DEV "blkreq r", GB_BAD_INPUT, 2, 9, "the line ends too early; expected a ublk device"},
		{DEV "blkreq r x read", GB_BAD_INPUT, 2, 10, "'x' is not declared; expected a ublk device"},
		{DEV "pipe p\nblkreq r p read", GB_BAD_INPUT, 3, 10, "'p' is a pipe; expected a ublk device"},
		{DEV "blkreq r d", GB_BAD_INPUT, 2, 11,
		 "the line ends too early; expected read, write, flush or discard"},
		{DEV "blkreq r d raed", GB_BAD_INPUT, 2, 12, "unknown block operation 'raed' (did you mean read?)*"},
		{DEV "blkreq r d read", GB_BAD_INPUT, 2, 12, "read has no length; expected len=N"},
		{DEV "blkreq r d discard off=0", GB_BAD_INPUT, 2, 12, "discard has no length; expected len=N"},
		{DEV "blkreq r d read len=100", GB_BAD_INPUT, 2, 21, "*"},
		{DEV "blkreq r d read len=513", GB_BAD_INPUT, 2, 21,
		 "len=513 is no whole number of sectors; expected a multiple of 512"},
		{DEV "blkreq r d read len=1049088", GB_BAD_INPUT, 2, 21, "*"},
		{DEV "blkreq r d read off=100 len=512", GB_BAD_INPUT, 2, 21, "off=100 is no whole number of sectors*"},
		{DEV "blkreq r d flush len=512", GB_BAD_INPUT, 2, 12,
		 "flush takes no further words; expected the end of the line"},
		{DEV "blkreq r d discard len=512 segs=1", GB_BAD_INPUT, 2, 33,
		 "discard carries no data; expected no bios= and no segs="},
		{DEV "blkreq r d discard len=512 bios=512", GB_BAD_INPUT, 2, 33, "discard carries no data*"},
		{DEV "blkreq r d read len=1024 bios=512", GB_BAD_INPUT, 2, 31,
		 "the bios make 512 bytes; expected the 1024 bytes of len="},
		{DEV "blkreq r d read len=1024 bios=512,", GB_BAD_INPUT, 2, 35, "*"},
		{DEV "blkreq r d read len=1024 bios=512,500,12", GB_BAD_INPUT, 2, 35, "*"},
		{DEV "blkreq r d read len=1024 segs=3", GB_BAD_INPUT, 2, 31,
		 "a bio of 1024 bytes cannot have 3 segments; expected 512 to 4096 bytes in each"},
		{DEV "blkreq r d read len=8192 segs=1", GB_BAD_INPUT, 2, 31,
		 "a bio of 8192 bytes cannot have 1 segments; expected 512 to 4096 bytes in each"},
		{DEV "blkreq r d read len=262144 bios=131072,131072 segs=200", GB_BAD_INPUT, 2, 52,
		 "400 segments are too many; expected at most 256"},
		{BLK "blkreq r d flush", GB_BAD_INPUT, 3, 8,
		 "label 'r' is already used in line 2; expected another name"},
		{DEV "blkreq a d flush\nsqe a NOP", GB_BAD_INPUT, 2, 8,
		 "label 'a' is that of an sqe; expected another name"},
		{DEV "blkreq r d read len=512 size=1", GB_BAD_INPUT, 2, 25, "unknown key 'size'*"},
	};

	(void)state;
	CHECK_BROKEN(list);
}

static void observations(void **state)
{
	static const struct broken list[] = {
		{BLK "blk", GB_BAD_INPUT, 3, 4, "the line ends too early; expected the label of a block request"},
		{BLK "blk x done=1", GB_BAD_INPUT, 3, 5,
		 "'x' is not declared; expected the label of a blkreq in front of this line"},
		{BLK "blk r", GB_BAD_INPUT, 3, 5, "the line ends too early; expected done="},
		{BLK "blk r done=2", GB_BAD_INPUT, 3, 12, "*"},
		{BLK "blk r done=1", GB_BAD_INPUT, 3, 12, "the line ends too early; expected res="},
		{BLK "blk r done=1 res=0 after=1 refs=0", GB_BAD_INPUT, 3, 33,
		 "the line ends too early; expected bytes="},
		{BLK "blk r done=1 res=0 after=1 refs=0 bytes=0000000000000000", GB_BAD_INPUT, 3, 41,
		 "the line ends too early; expected untouched="},
		{FLUSH "blk r done=1 res=0 after=1", GB_BAD_INPUT, 3, 26, "the line ends too early; expected refs="},
		{FLUSH "blk r done=1 res=0 after=1 refs=0 bytes=0000000000000000", GB_BAD_INPUT, 3, 35,
		 "unknown key 'bytes'*"},
		{FLUSH "blk r done=1 done=1", GB_BAD_INPUT, 3, 14, "done= is given twice; expected it once"},
		{FLUSH "blk r 1", GB_BAD_INPUT, 3, 7, "unexpected '1'*"},
	};

	(void)state;
	CHECK_BROKEN(list);
}

/* Too many block requests, and too many bios. */
static void limits(void **state)
{
	const size_t n = GB_MAX_BLKREQS + 1;
	char *text = malloc(32 + 32 * n), *at = text;
	struct broken b = {NULL, GB_BAD_INPUT, (uint32_t)n + 1, 1,
			   "too many block requests; expected at most 4096 in a trace"};

	(void)state;
	assert_non_null(text);
	at += sprintf(at, DEV);
	for (size_t i = 0; i < n; i++)
		at += sprintf(at, "blkreq r%zu d flush\n", i);
	check_error(text, (size_t)(at - text), &b);
	at = text + sprintf(text, DEV "blkreq r d read len=131584 bios=512");
	for (size_t i = 0; i < GB_MAX_SEGS; i++)
		at += sprintf(at, ",512");
	b = (struct broken){NULL, GB_BAD_INPUT, 2, 32 + 4 * GB_MAX_SEGS + 1, "too many bios; expected at most 256"};
	check_error(text, (size_t)(at - text), &b);
	free(text);
}

/* Every number of a `blk` line counts, but those a line does not state. */
static void equality(void **state)
{
	struct gb_obs a = {
		.kind = GB_OBS_BLK, .done = true, .res = 1, .after = 2, .refs = 3, .hash = 4, .untouched = 5};
	struct gb_obs b[7];

	(void)state;
	for (size_t i = 0; i < 7; i++)
		b[i] = a;
	assert_true(gb_obs_equal(&a, &b[0]));
	b[0].blk = 1;
	b[1].done = false;
	b[2].res = 0;
	b[3].after = 0;
	b[4].refs = 0;
	b[5].hash = 0;
	b[6].untouched = 0;
	for (size_t i = 0; i < 7; i++)
		assert_false(gb_obs_equal(&a, &b[i]));
}

static void observer(void **state)
{
	struct gb_trace *t = read_good(DEV "blkreq r d read len=512\nblkreq f d flush\n"
					   "blk r done=1 res=-5 after=7 refs=1 bytes=0000000000000009 untouched=8\n"
					   "blk f done=0 res=0 after=0 refs=2\n");
	struct gb_observer *o = gb_observer_new(t);
	const struct gb_event events[] = {
		{.type = GB_EV_BLK_DONE, .a = -5, .b = 7, .d = 0},
		{.type = GB_EV_BLK_DONE, .a = -5, .b = 7, .d = 2}, /* no such block request */
		{.type = GB_EV_BLK_FINAL, .a = 1, .b = 8, .c = 9, .d = 0},
		{.type = GB_EV_BLK_FINAL, .a = 2, .b = 8, .c = 9, .d = 1}, /* no data: they do not count */
		{.type = GB_EV_BLK_FINAL, .a = 2, .b = 8, .c = 9, .d = 2},
	};

	(void)state;
	assert_non_null(o);
	for (size_t round = 0; round < 2; round++) {
		for (size_t i = round; i < sizeof(events) / sizeof(events[0]); i++)
			gb_observer_event(o, &events[i]);
		gb_observer_finish(o);
		/* `cqe none` and the two */
		assert_int_equal(gb_observer_count(o), 3);
		/* the second time the first event is missing, and nothing of the first run is left */
		assert_true(gb_observer_compare(o, false).differs == (round == 1));
		gb_observer_reset(o);
	}
	gb_observer_free(o);
	gb_trace_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(canonical), cmocka_unit_test(fields),	       cmocka_unit_test(devices),
		cmocka_unit_test(commands),  cmocka_unit_test(block_requests), cmocka_unit_test(observations),
		cmocka_unit_test(limits),    cmocka_unit_test(equality),       cmocka_unit_test(observer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
