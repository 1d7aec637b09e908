/* SPDX-License-Identifier: MIT */
/* What the reader says about broken declarations. */
#include "trace_test.h"

static const struct broken broken_title_and_statements[] = {
	{"tile x", GB_BAD_INPUT, 1, 1, "unknown statement 'tile' (did you mean title?); expected title, ring, *"},
	{"  frobnicate a b", GB_BAD_INPUT, 1, 3, "unknown statement 'frobnicate'; expected title, ring, *"},
	{"sqe: a NOP", GB_BAD_INPUT, 1, 1, "unknown statement 'sqe:' (did you mean sqe?); expected title, ring, *"},
	{"title", GB_BAD_INPUT, 1, 6, "the line ends too early; expected the text of the title"},
	{"title a\ntitle b", GB_BAD_INPUT, 2, 1, "the trace already has a title; expected one 'title' line"},
};

static const struct broken broken_ring[] = {
	{"ring entries", GB_BAD_INPUT, 1, 6,
	 "unexpected 'entries'; expected KEY=VALUE with one of the keys entries, cq, flags"},
	{"ring size=3", GB_BAD_INPUT, 1, 6, "unknown key 'size'; expected entries, cq, flags"},
	{"ring entries=32 entries=32", GB_BAD_INPUT, 1, 17, "entries= is given twice; expected it once"},
	{"ring entries=0", GB_BAD_INPUT, 1, 14,
	 "entries=0 is refused by io_uring_setup; expected 1 to 32768, or more with the flag CLAMP (S11.1)"},
	{"ring entries=32769", GB_BAD_INPUT, 1, 14,
	 "entries=32769 is refused by io_uring_setup; expected 1 to 32768, or more with the flag CLAMP (S11.1)"},
	{"ring entries=40000 flags=SUBMIT_ALL", GB_BAD_INPUT, 1, 14,
	 "entries=40000 is refused by io_uring_setup; expected 1 to 32768, or more with the flag CLAMP (S11.1)"},
	{"ring entries=x", GB_BAD_INPUT, 1, 14, "entries=x is not a number; expected 0 to 4294967295"},
	{"ring entries=4294967296", GB_BAD_INPUT, 1, 14,
	 "entries=4294967296 is out of range; expected 0 to 4294967295"},
	{"ring flags=", GB_BAD_INPUT, 1, 12, "unknown ring flag ''; expected IOPOLL, SQPOLL, *"},
	{"ring flags=SUBMIT_ALL||CLAMP", GB_BAD_INPUT, 1, 23, "unknown ring flag ''; expected IOPOLL, SQPOLL, *"},
	{"ring flags=SUBMITALL", GB_BAD_INPUT, 1, 12,
	 "unknown ring flag 'SUBMITALL' (did you mean SUBMIT_ALL?); expected IOPOLL, SQPOLL, *"},
	{"ring flags=submit_all|IO_LINK", GB_BAD_INPUT, 1, 12,
	 "unknown ring flag 'submit_all' (did you mean SUBMIT_ALL?); expected IOPOLL, SQPOLL, *"},
	{"ring flags=DEFER_TASKRUN", GB_BAD_INPUT, 1, 12,
	 "io_uring_setup refuses these flags: DEFER_TASKRUN needs SINGLE_ISSUER; expected others (S11.2)"},
	{"ring entries=8 flags=SUBMIT_ALL|TASKRUN_FLAG", GB_BAD_INPUT, 1, 22,
	 "io_uring_setup refuses these flags: TASKRUN_FLAG needs COOP_TASKRUN or DEFER_TASKRUN; expected others "
	 "(S11.2)"},
	{"ring flags=REGISTERED_FD_ONLY", GB_BAD_INPUT, 1, 12,
	 "io_uring_setup refuses these flags: REGISTERED_FD_ONLY needs NO_MMAP; expected others (S11.2)"},
	{"ring flags=SQPOLL|COOP_TASKRUN", GB_BAD_INPUT, 1, 12,
	 "io_uring_setup refuses these flags: SQPOLL excludes COOP_TASKRUN, TASKRUN_FLAG and DEFER_TASKRUN; expected "
	 "others (S11.2)"},
	{"ring flags=SQ_AFF", GB_BAD_INPUT, 1, 12,
	 "io_uring_setup refuses these flags: SQ_AFF needs SQPOLL; expected others (S11.2)"},
	{"ring flags=SUBMIT_ALL|ATTACH_WQ", GB_NOT_SIMULATED, 1, 12, "ring flag ATTACH_WQ is not simulated yet"},
	{"ring flags=0x20", GB_NOT_SIMULATED, 1, 12, "ring flag ATTACH_WQ is not simulated yet"},
	{"ring flags=0x20000", GB_BAD_INPUT, 1, 12,
	 "ring flags 0x20000 do not exist; expected none beyond 0x1ffff (S11.1)"},
	{"ring flags=CQSIZE", GB_BAD_INPUT, 1, 12,
	 "a CQ of 0 entries is refused by io_uring_setup; expected cq=1 to cq=65536, or more with the flag CLAMP "
	 "(S11.1)"},
	{"ring entries=32 cq=0", GB_BAD_INPUT, 1, 20,
	 "a CQ of 0 entries is refused by io_uring_setup; expected cq=1 to cq=65536, or more with the flag CLAMP "
	 "(S11.1)"},
	{"ring entries=32 cq=16", GB_BAD_INPUT, 1, 20,
	 "a CQ of 16 entries is smaller than the SQ; expected at least 32 (S11.1)"},
	{"ring entries=32 cq=65537", GB_BAD_INPUT, 1, 20,
	 "a CQ of 65537 entries is refused by io_uring_setup; expected cq=1 to cq=65536, or more with the flag CLAMP "
	 "(S11.1)"},
	{"ring cq=-1", GB_BAD_INPUT, 1, 9, "cq=-1 is out of range; expected 0 to 4294967295"},
	{"ring entries=4\nring entries=4", GB_BAD_INPUT, 2, 1,
	 "the ring is already set up in line 1; expected one 'ring' line"},
	{"sqe a NOP\nring entries=4", GB_BAD_INPUT, 2, 1,
	 "the program has begun in line 1; expected 'ring' in front of it"},
	{"submit\n\nring", GB_BAD_INPUT, 3, 1, "the program has begun in line 1; expected 'ring' in front of it"},
};

static const struct broken broken_objects[] = {
	{"file", GB_BAD_INPUT, 1, 5, "the line ends too early; expected a name"},
	{"file 9f size=1", GB_BAD_INPUT, 1, 6,
	 "'9f' is not a name; expected a letter or '_', then letters, digits, '_' and '-'"},
	{"file f", GB_BAD_INPUT, 1, 1, "file f has no size; expected size=N"},
	{"file f size=", GB_BAD_INPUT, 1, 13, "size= is not a number; expected 0 to 16777216"},
	{"file f size=16777217", GB_BAD_INPUT, 1, 13, "size=16777217 is out of range; expected 0 to 16777216"},
	{"file f size=1 fill=sq", GB_BAD_INPUT, 1, 20, "fill=sq is no pattern; expected seq or a byte, 0x00 to 0xff"},
	{"file f size=1 fill=256", GB_BAD_INPUT, 1, 20, "fill=256 is out of range; expected 0 to 255"},
	{"file f size=1 fill=-1", GB_BAD_INPUT, 1, 20, "fill=-1 is no pattern; expected seq or a byte, 0x00 to 0xff"},
	{"file f size=1 direct=2", GB_BAD_INPUT, 1, 22, "direct=2 is out of range; expected 0 to 1"},
	{"file f size=1 sizes=2", GB_BAD_INPUT, 1, 15,
	 "unknown key 'sizes' (did you mean size?); expected size, fill, direct, *"},
	{"file f 10", GB_BAD_INPUT, 1, 8,
	 "unexpected '10'; expected KEY=VALUE with one of the keys size, fill, direct, *"},
	{"file f size=1\nmem f size=1", GB_BAD_INPUT, 2, 5, "'f' is already declared in line 1; expected another name"},
	{"file f.r size=1", GB_BAD_INPUT, 1, 6,
	 "'f.r' is not a name; expected a letter or '_', then letters, digits, '_' and '-'"},
	{"file aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa size=1", GB_BAD_INPUT, 1, 6,
	 "the name 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...' is too long; expected at most 63 "
	 "characters"},
	{"mem m size=0", GB_BAD_INPUT, 1, 12, "size=0 is out of range; expected 1 to 16777216"},
	{"mem m size=1 direct=1", GB_BAD_INPUT, 1, 14, "unknown key 'direct'; expected size, fill"},
	{"pipe", GB_BAD_INPUT, 1, 5, "the line ends too early; expected a name"},
	{"pipe p q", GB_BAD_INPUT, 1, 8, "unexpected 'q'; expected the end of the line"},
	{"lessor dev size=3", GB_BAD_INPUT, 1, 12, "unexpected 'size=3'; expected the end of the line"},
	{"sock s type=raw", GB_BAD_INPUT, 1, 13, "unknown socket type 'raw'; expected stream, dgram"},
	{"sock s type=stream sndbuf=0", GB_BAD_INPUT, 1, 27, "sndbuf=0 is out of range; expected 1 to 16777216"},
	{"sock s stream", GB_BAD_INPUT, 1, 8,
	 "unexpected 'stream'; expected KEY=VALUE with one of the keys type, sndbuf, zc, inq, connected"},
};

static void title_and_statements(void **state)
{
	(void)state;
	CHECK_BROKEN(broken_title_and_statements);
}

static void ring(void **state)
{
	(void)state;
	CHECK_BROKEN(broken_ring);
}

static void objects(void **state)
{
	(void)state;
	CHECK_BROKEN(broken_objects);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(title_and_statements),
		cmocka_unit_test(ring),
		cmocka_unit_test(objects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
