/* SPDX-License-Identifier: MIT */
/* What the reader says about broken programs. */
#include "trace_test.h"

static const struct broken broken_labels_and_opcodes[] = {
	{"sqe", GB_BAD_INPUT, 1, 4, "the line ends too early; expected a label"},
	{"sqe a", GB_BAD_INPUT, 1, 6, "the line ends too early; expected an opcode"},
	{"sqe a NOP x", GB_BAD_INPUT, 1, 11,
	 "unexpected 'x'; expected KEY=VALUE with one of the keys fd, to, target, new, dir*"},
	{"sqe 1 NOP", GB_BAD_INPUT, 1, 5,
	 "'1' is not a name; expected a letter or '_', then letters, digits, '_' and '-'"},
	{"sqe none NOP", GB_BAD_INPUT, 1, 5, "'none' is no label, because of 'cqe none'; expected another name"},
	{"sqe a NOP\nsqe b NOP\nsqe a NOP", GB_BAD_INPUT, 3, 5,
	 "label 'a' is already used in line 1; expected another name"},
	{"sqe a RAED", GB_BAD_INPUT, 1, 7, "unknown opcode 'RAED' (did you mean READ?); expected NOP, READ, *"},
	{"sqe a read", GB_BAD_INPUT, 1, 7, "unknown opcode 'read' (did you mean READ?); expected NOP, READ, *"},
	{"sqe a XYZZY", GB_BAD_INPUT, 1, 7, "unknown opcode 'XYZZY'; expected NOP, READ, *"},
	{"sqe a 22", GB_BAD_INPUT, 1, 7, "unknown opcode '22'; expected NOP, READ, *"},
	{"sqe a MADVISE", GB_NOT_SIMULATED, 1, 7, "opcode MADVISE is not simulated yet"},
	{"sqe a URING_CMD fd=1", GB_NOT_SIMULATED, 1, 7,
	 "opcode URING_CMD is not simulated but as LEASE, the command of a lessor, and UBLK_*"},
};

static const struct broken broken_fields[] = {
	{"sqe a NOP =3", GB_BAD_INPUT, 1, 11, "unknown key ''; expected fd, to, target, new, dir*"},
	{"sqe a NOP lne=3", GB_BAD_INPUT, 1, 11,
	 "unknown key 'lne' (did you mean len?); expected fd, to, target, new, dir*"},
	{"sqe a NOP len=1 len=2", GB_BAD_INPUT, 1, 17, "len= is given twice; expected it once"},
	{"sqe a NOP len=70000000000", GB_BAD_INPUT, 1, 15, "len=70000000000 is out of range; expected 0 to 4294967295"},
	{"sqe a NOP len=-1", GB_BAD_INPUT, 1, 15, "len=-1 is out of range; expected 0 to 4294967295"},
	{"sqe a NOP len=0x", GB_BAD_INPUT, 1, 15, "len=0x is not a number; expected 0 to 4294967295"},
	{"sqe a NOP len=12a", GB_BAD_INPUT, 1, 15, "len=12a is not a number; expected 0 to 4294967295"},
	{"sqe a NOP len=1e3", GB_BAD_INPUT, 1, 15, "len=1e3 is not a number; expected 0 to 4294967295"},
	{"sqe a NOP off=-2", GB_BAD_INPUT, 1, 15, "off=-2 is out of range; expected -1 to 18446744073709551615"},
	{"sqe a NOP off=99999999999999999999999", GB_BAD_INPUT, 1, 15,
	 "off=99999999999999999999999 is out of range; expected -1 to 18446744073709551615"},
	{"sqe a NOP flags=256", GB_BAD_INPUT, 1, 17, "'256' is out of range; expected 0 to 255"},
	{"sqe a NOP flags=IO_LINK|IO_LNK", GB_BAD_INPUT, 1, 25,
	 "unknown sqe flag 'IO_LNK' (did you mean IO_LINK?); expected FIXED_FILE, IO_DRAIN, IO_LINK, IO_HARDLINK, "
	 "ASYNC, BUFFER_SELECT, CQE_SKIP_SUCCESS, SQE_GROUP, GROUP_BUF"},
	{"sqe a NOP ioprio=65536", GB_BAD_INPUT, 1, 18, "ioprio=65536 is out of range; expected 0 to 65535"},
	{"sqe a NOP buf_index=-1", GB_BAD_INPUT, 1, 21, "buf_index=-1 is out of range; expected 0 to 65535"},
	{"sqe a NOP op_flags=0x100000000", GB_BAD_INPUT, 1, 20,
	 "op_flags=0x100000000 is out of range; expected 0 to 4294967295"},
	{"sqe a NOP res=2147483648", GB_BAD_INPUT, 1, 15,
	 "res=2147483648 is out of range; expected -2147483648 to 2147483647"},
	{"sqe a NOP res=-ENOPE", GB_BAD_INPUT, 1, 15,
	 "unknown errno '-ENOPE' (did you mean -ENOMEM?); expected -EPERM, -ENOENT, *"},
	{"sqe a NOP res=-ECANCELLED", GB_BAD_INPUT, 1, 15,
	 "unknown errno '-ECANCELLED' (did you mean -ECANCELED?); expected -EPERM, -ENOENT, *"},
	{"sqe a NOP res=ECANCELED", GB_BAD_INPUT, 1, 15,
	 "res=ECANCELED is no result; expected a number or a negative errno like -EINVAL"},
	{"file f size=1\nsqe a READ fd=f res=1", GB_BAD_INPUT, 2, 17,
	 "READ has no res=; expected it only on NOP, LEASE, BAD, UBLK_COMMIT_AND_FETCH, UBLK_CMD"},
	{"sqe a NOP ms=3", GB_BAD_INPUT, 1, 11,
	 "NOP has no ms=; expected it only on TIMEOUT, LINK_TIMEOUT, TIMEOUT_REMOVE"},
	{"sqe a NOP dir=dest", GB_BAD_INPUT, 1, 11, "NOP has no dir=; expected it only on LEASE"},
	{"sqe a NOP target=a", GB_BAD_INPUT, 1, 11,
	 "NOP has no target=; expected it only on ASYNC_CANCEL, TIMEOUT_REMOVE, POLL_REMOVE"},
	{"sqe a READ fd=x", GB_BAD_INPUT, 1, 15,
	 "'x' is not declared; expected a file, a pipe or socket end, a lessor, 'ring' or a number"},
	{"file data size=1\nsqe a READ fd=dta", GB_BAD_INPUT, 2, 15,
	 "'dta' is not declared (did you mean data?); expected a file, a pipe or socket end, a lessor, 'ring' or a "
	 "number"},
	{"sqe a READ fd=", GB_BAD_INPUT, 1, 15,
	 "fd= names nothing; expected a file, a pipe or socket end, a lessor, 'ring' or a number"},
	{"sqe a READ fd=2147483648", GB_BAD_INPUT, 1, 15,
	 "fd=2147483648 is out of range; expected -2147483648 to 2147483647"},
	{"sqe a READ fd=.r", GB_BAD_INPUT, 1, 15, "fd=.r is not a number; expected -2147483648 to 2147483647"},
	{"file f size=1\nsqe a READ fd=f.0", GB_BAD_INPUT, 2, 15, "f is a file and has no ends; expected f"},
	{"pipe p\nsqe a READ fd=p", GB_BAD_INPUT, 2, 15, "fd=p names no end of pipe p; expected p.r or p.w"},
	{"pipe p\nsqe a READ fd=p.0", GB_BAD_INPUT, 2, 15, "fd=p.0 names no end of pipe p; expected p.r or p.w"},
	{"sock s\nsqe a READ fd=s.r", GB_BAD_INPUT, 2, 15, "fd=s.r names no end of sock s; expected s.0 or s.1"},
	{"mem m size=1\nsqe a READ fd=m", GB_BAD_INPUT, 2, 15,
	 "fd=m is user memory; expected a file, a pipe or socket end, a lessor, 'ring' or a number"},
	{"sqe a READ addr=m", GB_BAD_INPUT, 1, 17,
	 "'m' is not declared; expected a mem, a mem with +N behind it, or a number"},
	{"file f size=1\nsqe a READ addr=f", GB_BAD_INPUT, 2, 17,
	 "'f' is a file; expected a mem, a mem with +N behind it, or a number"},
	{"mem m size=1\nsqe a READ addr=m+", GB_BAD_INPUT, 2, 19, "'' is not a number; expected 0 to 140737488355327"},
	{"mem m size=1\nsqe a READ addr=m-1", GB_BAD_INPUT, 2, 17,
	 "'m-1' is not declared; expected a mem, a mem with +N behind it, or a number"},
	{"mem m size=1\nsqe a READ addr=m+0x800000000000", GB_BAD_INPUT, 2, 19,
	 "'0x800000000000' is out of range; expected 0 to 140737488355327"},
	{"sqe a READ addr=", GB_BAD_INPUT, 1, 17, "addr= is not a number; expected 0 to 18446744073709551615"},
	{"sqe a TIMEOUT off=1", GB_BAD_INPUT, 1, 7, "TIMEOUT has no ms=; expected a time in milliseconds"},
	{"sqe a LINK_TIMEOUT", GB_BAD_INPUT, 1, 7, "LINK_TIMEOUT has no ms=; expected a time in milliseconds"},
	{"sqe a TIMEOUT ms=86400001", GB_BAD_INPUT, 1, 18, "ms=86400001 is out of range; expected 0 to 86400000"},
	{"sqe a TIMEOUT_REMOVE target=a op_flags=2", GB_BAD_INPUT, 1, 7,
	 "TIMEOUT_REMOVE has no ms=; expected the new time of the update"},
	{"sqe a ASYNC_CANCEL target=b", GB_BAD_INPUT, 1, 27, "target=b is not declared; expected the label of an sqe"},
	{"sqe a ASYNC_CANCEL target=a addr=1", GB_BAD_INPUT, 1, 34,
	 "addr= is the user_data that target= names; expected one of them"},
};

static const struct broken broken_leases[] = {
	{"lessor d\nsqe a LEASE fd=d len=1", GB_BAD_INPUT, 2, 7, "LEASE has no dir=; expected dir=dest or dir=source"},
	{"lessor d\nsqe a LEASE fd=d dir=dest", GB_BAD_INPUT, 2, 7,
	 "LEASE has no len=; expected the bytes of the buffer"},
	{"sqe a LEASE dir=dest len=1", GB_BAD_INPUT, 1, 7, "LEASE has no fd=; expected a lessor"},
	{"file f size=1\nsqe a LEASE fd=f dir=dest len=1", GB_BAD_INPUT, 2, 16,
	 "fd= of LEASE is a file; expected a lessor"},
	{"sqe a LEASE fd=9 dir=dest len=1", GB_BAD_INPUT, 1, 16, "fd= of LEASE is a number; expected a lessor"},
	{"lessor d\nsqe a LEASE fd=d dir=up len=1", GB_BAD_INPUT, 2, 22,
	 "unknown direction 'up'; expected dest, source"},
	{"lessor d\nsqe a LEASE fd=d dir=dest len=0", GB_BAD_INPUT, 2, 31,
	 "len=0 is out of range; expected 1 to 4294967295"},
	{"lessor d\nsqe a LEASE fd=d dir=dest len=4096 offset=1", GB_BAD_INPUT, 2, 31,
	 "offset and len make 4097 bytes, too many for segs=1 of at most 4096 bytes each; expected segs=2 or more"},
	{"lessor d\nsqe a LEASE fd=d dir=dest len=8192 segs=257", GB_BAD_INPUT, 2, 41,
	 "segs=257 is out of range; expected 1 to 256"},
	{"lessor d\nsqe a LEASE fd=d dir=dest len=1048576 offset=1 segs=256", GB_BAD_INPUT, 2, 31,
	 "offset and len make 1048577 bytes; expected at most 1048576"},
	{"lessor d\nsqe a LEASE fd=d dir=dest len=4000 offset=1048577", GB_BAD_INPUT, 2, 43,
	 "offset=1048577 is out of range; expected 0 to 1048576"},
	{"lessor d\nsqe a LEASE fd=d dir=dest len=8192 segs=2 mode=asynk", GB_BAD_INPUT, 2, 48,
	 "unknown mode 'asynk' (did you mean async?); expected sync, async, fail_after, no_ack, no_vec, not_kbuf, "
	 "twice, any"},
};

static const struct broken broken_statements[] = {
	{"ring entries=2\nsqe a NOP\nsqe b NOP\nsqe c NOP", GB_BAD_INPUT, 4, 1,
	 "the submission queue has 2 entries; expected a 'submit' before this SQE"},
	{"ring entries=3\nsqe a NOP\nsqe b NOP\nsqe c NOP\nsqe d NOP\nsubmit\nsqe e NOP\nsqe f NOP\nsqe g NOP\nsqe h "
	 "NOP\n  sqe i NOP",
	 GB_BAD_INPUT, 11, 3, "the submission queue has 4 entries; expected a 'submit' before this SQE"},
	{"exit\nsqe a NOP", GB_BAD_INPUT, 2, 1, "the ring is closed since line 1; expected 'sqe' in front of 'exit'"},
	{"exit\nsubmit", GB_BAD_INPUT, 2, 1, "the ring is closed since line 1; expected 'submit' in front of 'exit'"},
	{"exit\nexit", GB_BAD_INPUT, 2, 1, "the ring is closed since line 1; expected one 'exit'"},
	{"exit\nwait 1", GB_BAD_INPUT, 2, 1, "the ring is closed since line 1; expected 'wait' in front of 'exit'"},
	{"submit now", GB_BAD_INPUT, 1, 8, "unexpected 'now'; expected the end of the line"},
	{"wait", GB_BAD_INPUT, 1, 5, "the line ends too early; expected a number of CQEs"},
	{"wait 0", GB_BAD_INPUT, 1, 6, "'0' is out of range; expected 1 to 4294967295"},
	{"wait x", GB_BAD_INPUT, 1, 6, "'x' is not a number; expected 1 to 4294967295"},
	{"reap 5", GB_BAD_INPUT, 1, 6, "unexpected '5'; expected KEY=VALUE with one of the keys ms"},
	{"reap ms=", GB_BAD_INPUT, 1, 9, "ms= is not a number; expected 0 to 86400000"},
	{"reap ms=86400001", GB_BAD_INPUT, 1, 9, "ms=86400001 is out of range; expected 0 to 86400000"},
	{"write", GB_BAD_INPUT, 1, 6, "the line ends too early; expected a pipe or socket end"},
	{"write x 1", GB_BAD_INPUT, 1, 7, "'x' is not declared; expected a pipe or socket end"},
	{"file f size=1\nwrite f 1", GB_BAD_INPUT, 2, 7, "'f' is a file; expected a pipe or socket end"},
	{"pipe p\nwrite p.r 1", GB_BAD_INPUT, 2, 7, "'p.r' is the read end; expected p.w"},
	{"pipe p\nread p.w 1", GB_BAD_INPUT, 2, 6, "'p.w' is the write end; expected p.r"},
	{"pipe p\nwrite p.w", GB_BAD_INPUT, 2, 10, "the line ends too early; expected a number of bytes"},
	{"pipe p\nwrite p.w 16777217", GB_BAD_INPUT, 2, 11, "'16777217' is out of range; expected 0 to 16777216"},
	{"pipe p\nwrite p 1", GB_BAD_INPUT, 2, 7, "'p' names no end of pipe p; expected p.r or p.w"},
	{"pipe p\nshutdown p.r", GB_BAD_INPUT, 2, 10, "'p.r' is a pipe end; expected a socket end"},
	{"lessor d\nclose d", GB_BAD_INPUT, 2, 7, "'d' is a lessor; expected a pipe or socket end"},
	{"close", GB_BAD_INPUT, 1, 6, "the line ends too early; expected a pipe or socket end"},
};

static void labels_and_opcodes(void **state)
{
	(void)state;
	CHECK_BROKEN(broken_labels_and_opcodes);
}

static void fields(void **state)
{
	(void)state;
	CHECK_BROKEN(broken_fields);
}

static void leases(void **state)
{
	(void)state;
	CHECK_BROKEN(broken_leases);
}

static void statements(void **state)
{
	(void)state;
	CHECK_BROKEN(broken_statements);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(labels_and_opcodes),
		cmocka_unit_test(fields),
		cmocka_unit_test(leases),
		cmocka_unit_test(statements),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
