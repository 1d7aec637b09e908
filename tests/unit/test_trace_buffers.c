/* SPDX-License-Identifier: MIT */
/* The language of buffers: iov=, `register`, `buffers` and `provide`, good and broken. */
#include "trace_test.h"

#define MEM "mem m size=64\n"

static void canonical(void **state)
{
	const char *text = "file f size=1\npipe p\nmem m size=64\n"
			   "register buffers m:16,m+16:32\nregister files f,-1,p.r,7\n"
			   "buffers 7 entries=4 inc=1\nbuffers 0 entries=32768\n"
			   "provide 7 m:16\nprovide 7 m+16:4294967295 bid=65535 n=3\n"
			   "sqe a READV fd=f iov=m:1,m+5:-1,0:0 len=2000\n"
			   "sqe b RECVMSG fd=p.r iov=99:18446744073709551614 buf_group=7 flags=BUFFER_SELECT\n"
			   "sqe c PROVIDE_BUFFERS fd=3 off=5 addr=m len=16 buf_index=9\n";

	(void)state;
	check_canonical(text, text);
	check_canonical(MEM "buffers 0x7 inc=0 entries=1\nprovide 7 m:0x10 n=1 bid=0\n",
			MEM "buffers 7 entries=1\nprovide 7 m:16 bid=0 n=1\n");
}

static void what_was_read(void **state)
{
	struct gb_trace *trace = read_good(MEM "sqe a WRITEV iov=m:1,m+5:2,8:3\nsqe b SENDMSG iov=m:1 len=7\n"
					       "sqe c READV iov=m:1 len=9\n");

	(void)state;
	/* the count follows from the array, but not for messages */
	assert_int_equal(trace->sqes[0].len, 3);
	assert_int_equal(trace->sqes[1].len, 7);
	assert_int_equal(trace->sqes[2].len, 9);
	assert_int_equal(trace->sqes[0].n_iov, 3);
	assert_true(trace->sqes[0].iov[1].addr.is_mem);
	assert_int_equal(trace->sqes[0].iov[1].addr.value, 5);
	assert_int_equal(trace->sqes[0].iov[2].len, 3);
	gb_trace_free(trace);
}

static void broken_lists(void **state)
{
	static const struct broken list[] = {
		{MEM "sqe a READV iov=m", GB_BAD_INPUT, 2, 17, "'m' has no length; expected ADDR:LEN"},
		{MEM "sqe a READV iov=", GB_BAD_INPUT, 2, 17, "*"},
		{MEM "sqe a READV iov=m:1,", GB_BAD_INPUT, 2, 21, "*"},
		{MEM "sqe a READV iov=m:1,,m:1", GB_BAD_INPUT, 2, 21, "*"},
		{MEM "sqe a READV iov=m:1x", GB_BAD_INPUT, 2, 19, "'1x' is not a number; *"},
		{MEM "sqe a READV iov=m:-2", GB_BAD_INPUT, 2, 19, "'-2' is out of range; *"},
		{MEM "sqe a READV iov=x:1", GB_BAD_INPUT, 2, 17, "*"},
		{MEM "sqe a READV iov=m:1 addr=m", GB_BAD_INPUT, 2, 26,
		 "addr= is where the array of iov= lies; expected one of them"},
		{MEM "sqe a READ iov=m:1", GB_BAD_INPUT, 2, 12,
		 "READ has no iov=; expected it only on READV, WRITEV, SENDMSG, RECVMSG, SENDMSG_ZC"},
		{MEM "sqe a READ buf_index=1 buf_group=1", GB_BAD_INPUT, 2, 34,
		 "buf_group= is another name of buf_index=; expected one of them"},
	};

	(void)state;
	CHECK_BROKEN(list);
}

static void broken_statements(void **state)
{
	static const struct broken list[] = {
		{"register", GB_BAD_INPUT, 1, 9, "the line ends too early; expected what to register"},
		{"register bufers", GB_BAD_INPUT, 1, 10, "unknown registration 'bufers' (did you mean buffers?); *"},
		{"register buffers", GB_BAD_INPUT, 1, 17, "*"},
		{"register files", GB_BAD_INPUT, 1, 15, "*"},
		{"register files x", GB_BAD_INPUT, 1, 16, "'x' is not declared; *"},
		{"register files 1,", GB_BAD_INPUT, 1, 18, "*"},
		{"register files 1 2", GB_BAD_INPUT, 1, 18, "unexpected '2'; expected the end of the line"},
		{"buffers", GB_BAD_INPUT, 1, 8, "the line ends too early; expected the number of a buffer group"},
		{"buffers 65536 entries=1", GB_BAD_INPUT, 1, 9, "*"},
		{"buffers 7", GB_BAD_INPUT, 1, 1, "the ring has no size; expected entries=N"},
		{"buffers 7 entries=3", GB_BAD_INPUT, 1, 19,
		 "entries=3 is not a power of two, io_register_pbuf_ring refuses it"},
		{"buffers 7 entries=65536", GB_BAD_INPUT, 1, 19, "*"},
		{"buffers 7 entries=1 inc=2", GB_BAD_INPUT, 1, 25, "*"},
		{"buffers 7 size=1", GB_BAD_INPUT, 1, 11, "unknown key 'size'; expected entries, inc"},
		{MEM "provide 7 m:1", GB_BAD_INPUT, 2, 1,
		 "buffer group 7 has no ring; expected 'buffers 7 entries=N' before"},
		{MEM "buffers 7 entries=1\nprovide 7", GB_BAD_INPUT, 3, 10, "*"},
		{MEM "buffers 7 entries=1\nprovide x", GB_BAD_INPUT, 3, 9, "*"},
		{MEM "buffers 7 entries=1\nprovide 7 m:1,m:2", GB_BAD_INPUT, 3, 15,
		 "the list is too long; expected at most 1 elements"},
		{MEM "buffers 7 entries=1\nprovide 7 m:-1", GB_BAD_INPUT, 3, 11,
		 "a buffer of a ring has at most 4294967295 bytes"},
		{MEM "buffers 7 entries=1\nprovide 7 m:1 n=0", GB_BAD_INPUT, 3, 17, "*"},
		{MEM "buffers 7 entries=1\nprovide 7 m:1 bid=65536", GB_BAD_INPUT, 3, 19, "*"},
		{"exit\nregister files 1", GB_BAD_INPUT, 2, 1, "the ring is closed since line 1; *"},
		{"exit\nbuffers 1 entries=1", GB_BAD_INPUT, 2, 1, "the ring is closed since line 1; *"},
		{"exit\nprovide 1 1:1", GB_BAD_INPUT, 2, 1, "the ring is closed since line 1; *"},
	};

	(void)state;
	CHECK_BROKEN(list);
}

/* A list of n elements behind `head`; the status of reading it. */
static enum gb_status read_list(const char *head, const char *element, uint32_t n)
{
	size_t size = strlen(head) + n * (strlen(element) + 1) + 2, len = 0;
	char *text = malloc(size);
	struct gb_trace *trace;
	struct gb_error err;

	assert_non_null(text);
	len = (size_t)snprintf(text, size, "%s", head);
	for (uint32_t k = 0; k < n; k++)
		len += (size_t)snprintf(text + len, size - len, "%s%s", k ? "," : "", element);
	(void)gb_trace_parse(text, len, &trace, &err);
	gb_trace_free(trace);
	free(text);
	return err.status;
}

static void limits(void **state)
{
	(void)state;
	assert_int_equal(read_list(MEM "sqe a READV iov=", "m:1", GB_MAX_IOV), GB_OK);
	assert_int_equal(read_list(MEM "sqe a READV iov=", "m:1", GB_MAX_IOV + 1), GB_BAD_INPUT);
	assert_int_equal(read_list(MEM "register buffers ", "m:1", GB_MAX_REG), GB_OK);
	assert_int_equal(read_list(MEM "register buffers ", "m:1", GB_MAX_REG + 1), GB_BAD_INPUT);
	assert_int_equal(read_list("register files ", "-1", GB_MAX_REG), GB_OK);
	assert_int_equal(read_list("register files ", "-1", GB_MAX_REG + 1), GB_BAD_INPUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(canonical),	     cmocka_unit_test(what_was_read), cmocka_unit_test(broken_lists),
		cmocka_unit_test(broken_statements), cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
