/* SPDX-License-Identifier: MIT */
/* The language of sockets, good and broken: keys of `sock`, `listen`, `connect`, to=, file_index=, fd=ring. */
#include "groupbuf/world.h"

#include "trace_test.h"

#define WORLD "listen l\nsock c connected=0\npipe p\n"

static void canonical(void **state)
{
	const char *text = "sock s type=stream sndbuf=9 zc=copy inq=1 connected=1\nsock t zc=hold inq=0\n"
			   "sock c connected=0\nlisten l backlog=0\nlisten k\n"
			   "sqe a ACCEPT fd=l ioprio=1 file_index=0xffffffff\nsqe b CONNECT fd=c.1 to=k\n"
			   "sqe d SENDMSG_ZC fd=s.0 iov=16:1\nsqe e POLL_ADD fd=ring op_flags=1\n"
			   "register files ring,l\n"
			   "connect c.1 l\nshutdown l\nclose k\n"
			   "\ncqe a 65539 flags=0x2\nconnected c.1 -11\n";

	(void)state;
	check_canonical(text, text);
	check_canonical("sock s connected=0 inq=0x1 zc=copy type=stream\nlisten l backlog=0x10\n",
			"sock s type=stream zc=copy inq=1 connected=0\nlisten l backlog=16\n");
}

static void what_was_read(void **state)
{
	struct gb_trace *trace = read_good("sock s\nlisten l\nsock c zc=hold connected=0\nsqe a CONNECT fd=c.1 to=l\n"
					   "sqe b READ fd=ring\nsqe d ACCEPT fd=l file_index=3\nconnect c.1 l\n");

	(void)state;
	assert_int_equal(trace->objects[1].kind, GB_LISTEN);
	assert_int_equal(trace->objects[1].backlog, GB_SOMAXCONN);
	assert_true(trace->objects[2].unconnected && trace->objects[2].zc == GB_ZC_HOLD && !trace->objects[2].inq);
	assert_true(!trace->objects[0].unconnected && trace->objects[0].zc == GB_ZC_NONE);
	assert_int_equal(trace->sqes[0].to, 1);
	assert_true(trace->sqes[1].fd.is_ring && !trace->sqes[1].fd.is_object && trace->sqes[1].fd.number == -1);
	assert_int_equal(trace->sqes[2].file_index, 3);
	assert_int_equal(trace->stmts[3].kind, GB_STMT_CONNECT);
	assert_true(trace->stmts[3].end.object == 2 && trace->stmts[3].end.end == 1 && trace->stmts[3].n == 1);
	gb_trace_free(trace);
}

static void broken_world(void **state)
{
	static const struct broken list[] = {
		{"sock s zc=yes", GB_BAD_INPUT, 1, 11, "unknown zero copy 'yes'; expected copy, hold"},
		{"sock s zc=", GB_BAD_INPUT, 1, 11, "*"},
		{"sock s inq=2", GB_BAD_INPUT, 1, 12, "inq=2 is out of range; expected 0 to 1"},
		{"sock s connected=-1", GB_BAD_INPUT, 1, 18, "*"},
		{"sock s connected=0 connected=0", GB_BAD_INPUT, 1, 20, "*"},
		{"sock s type=dgram inq=1", GB_BAD_INPUT, 1, 23,
		 "inq=1 on a datagram socket; expected it only on type=stream"},
		{"sock s connected=0 type=dgram", GB_BAD_INPUT, 1, 18,
		 "connected=0 on a datagram socket; expected it only on type=stream"},
		{"listen", GB_BAD_INPUT, 1, 7, "the line ends too early; expected a name"},
		{"listen l backlog=4097", GB_BAD_INPUT, 1, 18, "backlog=4097 is out of range; expected 0 to 4096"},
		{"listen l bogus=1", GB_BAD_INPUT, 1, 10, "unknown key 'bogus'; expected backlog"},
		{"listen l 5", GB_BAD_INPUT, 1, 10, "unexpected '5'; expected KEY=VALUE with one of the keys backlog"},
		{"listen l\nlisten l", GB_BAD_INPUT, 2, 8, "'l' is already declared in line 1; expected another name"},
		{"pipe ring", GB_BAD_INPUT, 1, 6,
		 "'ring' is the ring itself, because of fd=ring; expected another name"},
	};

	(void)state;
	CHECK_BROKEN(list);
}

static void broken_program(void **state)
{
	static const struct broken list[] = {
		{WORLD "sqe a CONNECT fd=c.1", GB_BAD_INPUT, 4, 7, "CONNECT has no to=; expected a listening socket"},
		{WORLD "sqe a CONNECT fd=c.1 to=p.r", GB_BAD_INPUT, 4, 25,
		 "to=p.r is a pipe; expected a listening socket"},
		{WORLD "sqe a CONNECT fd=c.1 to=x", GB_BAD_INPUT, 4, 25,
		 "'x' is not declared; expected a listening socket"},
		{WORLD "sqe a CONNECT fd=c.1 to=", GB_BAD_INPUT, 4, 25, "*"},
		{WORLD "sqe a CONNECT fd=c.1 to=l.0", GB_BAD_INPUT, 4, 25,
		 "l is a listening socket and has no ends; expected l"},
		{WORLD "sqe a ACCEPT fd=l to=l", GB_BAD_INPUT, 4, 19, "ACCEPT has no to=; expected it only on CONNECT"},
		{WORLD "sqe a READ fd=p.r file_index=1", GB_BAD_INPUT, 4, 19,
		 "READ has no file_index=; expected it only on ACCEPT, CLOSE"},
		{WORLD "sqe a ACCEPT fd=l file_index=4294967296", GB_BAD_INPUT, 4, 30, "*"},
		{WORLD "sqe a SEND_ZC fd=c.1 iov=1:1", GB_BAD_INPUT, 4, 22, "*"},
		{WORLD "sqe a SOCKET", GB_NOT_SIMULATED, 4, 7, "opcode SOCKET is not simulated yet"},
		{WORLD "sqe a LISTEN", GB_NOT_SIMULATED, 4, 7, "opcode LISTEN is not simulated yet"},
		{WORLD "sqe a LEASE fd=ring dir=dest len=1", GB_BAD_INPUT, 4, 16,
		 "fd= of LEASE is a number; expected a lessor"},
		{WORLD "connect", GB_BAD_INPUT, 4, 8, "the line ends too early; expected a socket end"},
		{WORLD "connect p.r l", GB_BAD_INPUT, 4, 9, "'p.r' is a pipe end; expected a socket end"},
		{WORLD "connect l l", GB_BAD_INPUT, 4, 9, "'l' is a listening socket; expected a pipe or socket end"},
		{WORLD "connect c.1", GB_BAD_INPUT, 4, 12, "the line ends too early; expected a listening socket"},
		{WORLD "connect c.1 p.r", GB_BAD_INPUT, 4, 13, "'p.r' is a pipe; expected a listening socket"},
		{WORLD "connect c.1 l l", GB_BAD_INPUT, 4, 15, "*"},
		{WORLD "connect ring l", GB_BAD_INPUT, 4, 9, "*"},
		{WORLD "write l 1", GB_BAD_INPUT, 4, 7, "'l' is a listening socket; expected a pipe or socket end"},
		{WORLD "shutdown p.r", GB_BAD_INPUT, 4, 10, "'p.r' is a pipe end; expected a socket end"},
		{WORLD "register files ringo", GB_BAD_INPUT, 4, 16, "*"},
	};

	(void)state;
	CHECK_BROKEN(list);
}

static void broken_observations(void **state)
{
	static const struct broken list[] = {
		{WORLD "connected", GB_BAD_INPUT, 4, 10, "the line ends too early; expected a socket end"},
		{WORLD "connected c.1", GB_BAD_INPUT, 4, 14, "the line ends too early; expected an error"},
		{WORLD "connected c.1 x", GB_BAD_INPUT, 4, 15, "*"},
		{WORLD "connected c.1 -11 5", GB_BAD_INPUT, 4, 19, "*"},
		{WORLD "final l bytes=1 0123456789abcdef", GB_BAD_INPUT, 4, 7,
		 "'l' is a listening socket, which has no end state; expected a file, a mem, a pipe or socket end"},
	};

	(void)state;
	CHECK_BROKEN(list);
}

/* More SQEs and notifications than request numbers. */
static void too_many_notifications(void **state)
{
	const struct gb_config config = {0};
	char *text = malloc(2000000), *at = text;
	struct gb_world *world;
	struct gb_trace *trace;
	struct gb_error err;

	(void)state;
	assert_non_null(text);
	at += sprintf(at, "ring entries=32768\nsock s\n");
	for (int k = 0; k < 30001; k++)
		at += sprintf(at, "sqe a%d SEND_ZC fd=s.0\n", k);
	assert_int_equal(gb_trace_parse(text, (size_t)(at - text), &trace, &err), GB_OK);
	assert_int_equal(gb_world_create(trace, &config, &world, &err), GB_BAD_INPUT);
	assert_null(world);
	assert_string_equal(err.text,
			    "the trace has more SQEs and notifications than a world holds; expected at most 60000");
	gb_trace_free(trace);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(canonical),	       cmocka_unit_test(what_was_read),
		cmocka_unit_test(broken_world),	       cmocka_unit_test(broken_program),
		cmocka_unit_test(broken_observations), cmocka_unit_test(too_many_notifications),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
