/* SPDX-License-Identifier: MIT */
/* Every statement of the trace language: what the reader makes of it, and its canonical form. */
#include "trace_test.h"

static void empty(void **state)
{
	struct gb_trace *trace = NULL;
	struct gb_error err = {.status = GB_LIMIT};

	(void)state;
	assert_int_equal(gb_trace_parse(NULL, 0, &trace, &err), GB_OK);
	assert_int_equal(err.status, GB_OK);
	assert_int_equal(trace->entries, 64);
	assert_int_equal(trace->cq_entries, 0);
	assert_int_equal(trace->setup_flags, 0);
	assert_false(trace->ring_given);
	assert_int_equal(trace->n_stmts + trace->n_sqes + trace->n_objects + trace->n_expect, 0);
	gb_trace_free(trace);
	gb_trace_free(NULL);
	check_canonical("", "");
	check_canonical("\n\n # nothing\n", "");
}

static void layout(void **state)
{
	static const char expected[] = "sqe a NOP len=3\nsubmit\n\ncqe a 0\n";

	(void)state;
	check_canonical("sqe a NOP len=3\nsubmit\ncqe a 0", expected);
	check_canonical("\t sqe\ta   NOP \t len=3  \n\n  submit#now\ncqe a 0 # done", expected);
	check_canonical("sqe a NOP len=3\r\nsubmit\r\n\r\ncqe a 0\r\n", expected);
	check_canonical("\xef\xbb\xbfsqe a NOP len=0x3\nsubmit # \xc3\xa9\ncqe a 0\r", expected);
	check_canonical("sqe a NOP len=0003\ncqe a 0\nsubmit", expected); /* observations may stand anywhere */
}

static void title(void **state)
{
	struct gb_trace *trace = read_good("  title   One  line, \xe2\x82\xac = 5 # but no comment \n");

	(void)state;
	assert_string_equal(trace->title, "One  line, \xe2\x82\xac = 5");
	gb_trace_free(trace);
	check_canonical("submit\ntitle T", "title T\nsubmit\n");
}

static void ring(void **state)
{
	struct gb_trace *trace = read_good("# first\nring cq=8 flags=SINGLE_ISSUER|DEFER_TASKRUN entries=3");

	(void)state;
	assert_true(trace->ring_given && trace->entries_given && trace->cq_given && trace->flags_given);
	assert_int_equal(trace->entries, 3);
	assert_int_equal(trace->cq_entries, 8);
	assert_int_equal(trace->setup_flags,
			 IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_CQSIZE);
	assert_int_equal(trace->ring_pos.line, 2);
	assert_int_equal(trace->ring_pos.column, 1);
	gb_trace_free(trace);

	check_canonical("ring", "ring\n");
	check_canonical("ring cq=4 entries=4", "ring entries=4 cq=4\n");
	check_canonical("ring entries=4 cq=4 flags=CQSIZE", "ring entries=4 cq=4 flags=CQSIZE\n");
	check_canonical("ring entries=3 cq=3", "ring entries=3 cq=3\n"); /* both are rounded up to 4 */
	check_canonical("ring flags=0", "ring flags=0\n");
	check_canonical("ring flags=0x80|COOP_TASKRUN|TASKRUN_FLAG",
			"ring flags=SUBMIT_ALL|COOP_TASKRUN|TASKRUN_FLAG\n");
	check_canonical("ring entries=32768 cq=65536", "ring entries=32768 cq=65536\n");
	check_canonical("ring entries=4294967295 cq=4294967295 flags=CLAMP",
			"ring entries=4294967295 cq=4294967295 flags=CQSIZE|CLAMP\n");
}

static void objects(void **state)
{
	struct gb_trace *trace = read_good("file f size=10000 fill=seq\n"
					   "file g-2 fill=0x3C size=0x10 direct=1\n"
					   "pipe p\nsock s\nsock t sndbuf=4096 type=dgram\n"
					   "lessor dev\nmem m size=8192 fill=0\nfile _h size=0 direct=0");
	const struct gb_object *o = trace->objects;

	(void)state;
	assert_int_equal(trace->n_objects, 8);
	assert_true(o[0].kind == GB_FILE && o[0].size == 10000 && o[0].fill == GB_FILL_SEQ && o[0].fill_given);
	assert_string_equal(o[1].name, "g-2");
	assert_true(o[1].size == 16 && o[1].fill == 0x3c && o[1].direct && o[1].size_given);
	assert_true(o[1].pos.line == 2 && o[1].pos.column == 1);
	assert_int_equal(o[2].kind, GB_PIPE);
	assert_true(o[3].kind == GB_SOCK && !o[3].dgram && !o[3].sndbuf && !o[3].type_given);
	assert_true(o[4].kind == GB_SOCK && o[4].dgram && o[4].sndbuf == 4096 && o[4].type_given);
	assert_int_equal(o[5].kind, GB_LESSOR);
	assert_true(o[6].kind == GB_MEM && o[6].size == 8192 && o[6].fill == 0);
	assert_true(o[7].fill == GB_FILL_SEQ && !o[7].fill_given && !o[7].direct);
	gb_trace_free(trace);

	check_canonical("mem m fill=7 size=1", "mem m size=1 fill=0x07\n");
	check_canonical("file f direct=1 fill=seq size=16777216", "file f size=16777216 fill=seq direct=1\n");
	check_canonical("sock s type=stream sndbuf=1", "sock s type=stream sndbuf=1\n");
	check_canonical("file aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa size=1",
			"file aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa size=1\n");
}

static void sqe_fields(void **state)
{
	struct gb_trace *trace = read_good("pipe p\nmem m size=4096\n"
					   "sqe a READ fd=p.w addr=m+100 len=4294967295 off=-1 op_flags=0x100 "
					   "ioprio=65535 buf_index=7 flags=IO_LINK|GROUP_BUF|0x80\n"
					   "sqe b NOP\n");
	const struct gb_sqe *a = &trace->sqes[0], *b = &trace->sqes[1];

	(void)state;
	assert_string_equal(a->label, "a");
	assert_true(a->opcode == IORING_OP_READ && !a->lease);
	assert_true(a->fd.is_object && a->fd.object == 0 && a->fd.end == 1);
	assert_true(a->addr.is_mem && a->addr.mem == 1 && a->addr.value == 100);
	assert_int_equal(a->len, UINT32_MAX);
	assert_true(a->off == UINT64_MAX);
	assert_int_equal(a->op_flags, 0x100);
	assert_int_equal(a->ioprio, UINT16_MAX);
	assert_int_equal(a->buf_index, 7);
	assert_int_equal(a->flags, IOSQE_IO_LINK | IOSQE_IO_DRAIN | IOSQE_SQE_GROUP);
	assert_true(a->group_buf_spelling);
	assert_true(a->pos.line == 3 && a->pos.column == 1);
	assert_int_equal(a->given, 1U << GB_F_fd | 1U << GB_F_addr | 1U << GB_F_len | 1U << GB_F_off |
					   1U << GB_F_op_flags | 1U << GB_F_ioprio | 1U << GB_F_buf_index |
					   1U << GB_F_flags);
	assert_true(!b->fd.is_object && b->fd.number == -1 && !b->given && b->target == GB_NO_TARGET && b->segs == 1);
	assert_true(trace->stmts[1].kind == GB_STMT_SQE && trace->stmts[1].sqe == 1);
	gb_trace_free(trace);

	check_canonical("sqe a NOP flags=SQE_GROUP|IO_DRAIN|4 res=-ECANCELED ioprio=0x10 op_flags=9 buf_index=3",
			"sqe a NOP res=-125 op_flags=9 ioprio=0x10 buf_index=3 flags=IO_DRAIN|IO_LINK|SQE_GROUP\n");
	check_canonical("sqe a NOP flags=0", "sqe a NOP flags=0\n");
	check_canonical("sqe a NOP flags=255", "sqe a NOP flags=FIXED_FILE|IO_DRAIN|IO_LINK|IO_HARDLINK|ASYNC|"
					       "BUFFER_SELECT|CQE_SKIP_SUCCESS|SQE_GROUP\n");
	check_canonical("sqe a BAD res=5", "sqe a BAD res=5\n");
	check_canonical("sqe a READ fd=-1 addr=0xffffffffffffffff off=18446744073709551615",
			"sqe a READ fd=-1 off=-1 addr=18446744073709551615\n");
	check_canonical("sqe a READ fd=99 off=18446744073709551614", "sqe a READ fd=99 off=18446744073709551614\n");
	check_canonical("mem m size=1\nsqe a READ addr=m+0", "mem m size=1\nsqe a READ addr=m\n");
	check_canonical("mem m-1 size=1\nsqe a READ addr=m-1+0x10", "mem m-1 size=1\nsqe a READ addr=m-1+16\n");
}

static void sqe_opcodes(void **state)
{
	static const char text[] = "sqe a NOP\nsqe b READ\nsqe c WRITE\nsqe d READ\nsqe e WRITE\nsqe f READ_FIXED\n"
				   "sqe g WRITE_FIXED\nsqe h FSYNC\nsqe i POLL_ADD\nsqe j POLL_REMOVE target=i\n"
				   "sqe k TIMEOUT ms=5\nsqe l TIMEOUT_REMOVE target=k\n"
				   "sqe m TIMEOUT_REMOVE ms=7 op_flags=2\nsqe n LINK_TIMEOUT ms=86400000\n"
				   "sqe o ASYNC_CANCEL target=z\nsqe p ASYNC_CANCEL addr=1\nsqe q SEND\nsqe r RECV\n"
				   "sqe s SEND\nsqe t RECV\nsqe u BAD\nsqe z NOP\n";
	struct gb_trace *trace = read_good(text);

	(void)state;
	assert_int_equal(trace->sqes[9].target, 8);
	assert_int_equal(trace->sqes[14].target, 21); /* of a later line */
	assert_int_equal(trace->sqes[12].ms, 7);
	assert_int_equal(trace->sqes[20].opcode, GB_OP_BAD);
	gb_trace_free(trace);
	check_canonical(text,
			"sqe a NOP\nsqe b READ\nsqe c WRITE\nsqe d READ\nsqe e WRITE\nsqe f READ_FIXED\n"
			"sqe g WRITE_FIXED\nsqe h FSYNC\nsqe i POLL_ADD\nsqe j POLL_REMOVE target=i\n"
			"sqe k TIMEOUT ms=5\nsqe l TIMEOUT_REMOVE target=k\nsqe m TIMEOUT_REMOVE ms=7 op_flags=2\n"
			"sqe n LINK_TIMEOUT ms=86400000\nsqe o ASYNC_CANCEL target=z\nsqe p ASYNC_CANCEL addr=1\n"
			"sqe q SEND\nsqe r RECV\nsqe s SEND\nsqe t RECV\nsqe u BAD\nsqe z NOP\n");
}

static void leases(void **state)
{
	struct gb_trace *trace = read_good("lessor d\nlessor dev\n"
					   "sqe a LEASE mode=fail_after segs=4 offset=512 len=12000 dir=source fd=dev\n"
					   "sqe b LEASE dir=dest fd=d len=1\n"
					   "sqe c LEASE dir=dest fd=d len=1048575 offset=1 segs=256\n");
	const struct gb_sqe *a = &trace->sqes[0], *b = &trace->sqes[1];

	(void)state;
	assert_true(a->lease && a->opcode == IORING_OP_URING_CMD && a->fd.object == 1);
	assert_true(a->dir == GB_DIR_SOURCE && a->mode == GB_LEASE_fail_after);
	assert_true(a->segs == 4 && a->offset == 512 && a->len == 12000);
	assert_true(b->dir == GB_DIR_DEST && b->mode == GB_LEASE_sync && b->segs == 1 && b->offset == 0);
	gb_trace_free(trace);

	check_canonical("lessor d\nsqe a LEASE flags=SQE_GROUP res=5 mode=sync segs=4 offset=0 len=16384 dir=dest fd=d",
			"lessor d\nsqe a LEASE fd=d dir=dest len=16384 offset=0 segs=4 mode=sync res=5 "
			"flags=SQE_GROUP\n");
	for (enum gb_lease_mode mode = GB_LEASE_sync; mode <= GB_LEASE_twice; mode++) {
		static const char *const names[] = {"sync",   "async",	  "fail_after", "no_ack",
						    "no_vec", "not_kbuf", "twice"};
		char text[96];

		snprintf(text, sizeof(text), "lessor d\nsqe a LEASE fd=d dir=dest len=1 mode=%s\n", names[mode]);
		check_canonical(text, text);
	}
}

static void program(void **state)
{
	static const char text[] = "pipe p\nsock s\nsubmit\nwait 3\nreap\nreap ms=25\nwrite p.w 200\nwrite s.1 0\n"
				   "read p.r 16777216\nread s.0 1\nshutdown s.1\nclose p.r\nexit\nclose s.0\n";
	struct gb_trace *trace = read_good(text);
	const struct gb_stmt *s = trace->stmts;

	(void)state;
	assert_int_equal(trace->n_stmts, 12);
	assert_true(s[0].kind == GB_STMT_SUBMIT && s[0].pos.line == 3 && s[0].pos.column == 1);
	assert_true(s[1].kind == GB_STMT_WAIT && s[1].n == 3);
	assert_true(s[2].kind == GB_STMT_REAP && s[2].n == 60 && !s[2].n_given);
	assert_true(s[3].kind == GB_STMT_REAP && s[3].n == 25 && s[3].n_given);
	assert_true(s[4].kind == GB_STMT_WRITE && s[4].n == 200 && s[4].end.object == 0 && s[4].end.end == 1);
	assert_true(s[5].end.is_object && s[5].end.object == 1 && s[5].end.end == 1);
	assert_true(s[6].kind == GB_STMT_READ && s[6].n == GB_MAX_BYTES && s[6].end.end == 0);
	assert_true(s[8].kind == GB_STMT_SHUTDOWN && s[9].kind == GB_STMT_CLOSE && s[10].kind == GB_STMT_EXIT);
	gb_trace_free(trace);
	check_canonical(text, text);
	check_canonical("reap ms=60", "reap ms=60\n");
}

/* A batch may fill the queue again after each submit, and only then. */
static void batches(void **state)
{
	(void)state;
	check_canonical("ring entries=1\nsqe a NOP\nsubmit\nsqe b NOP\nsubmit\nsqe c NOP\n",
			"ring entries=1\nsqe a NOP\nsubmit\nsqe b NOP\nsubmit\nsqe c NOP\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty),       cmocka_unit_test(layout),  cmocka_unit_test(title),
		cmocka_unit_test(ring),	       cmocka_unit_test(objects), cmocka_unit_test(sqe_fields),
		cmocka_unit_test(sqe_opcodes), cmocka_unit_test(leases),  cmocka_unit_test(program),
		cmocka_unit_test(batches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
