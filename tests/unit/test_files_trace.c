/* SPDX-License-Identifier: MIT */
/* `file` and `block` with their classes: read, printed, and refused. */
#include "trace_test.h"

static void canonical(void **state)
{
	(void)state;
	check_canonical("file f nowait=1 cold=1 rasync=0 size=4096", "file f size=4096 nowait=1 rasync=0 cold=1\n");
	check_canonical("file f size=8192 cached=0-4096,4096-8192 wasync=1 nowait=1",
			"file f size=8192 nowait=1 wasync=1 cached=0-4096,4096-8192\n");
	check_canonical("file f size=9 iter=0 poll=1 append=1", "file f size=9 iter=0 poll=1 append=1\n");
	check_canonical("file f size=9 err=-5 short=3@0 once=1 direct=0 iter=1 rasync=1 nowait=0 cold=0",
			"file f size=9 err=-EIO short=3 once=1\n");
	check_canonical("file f outcomes=any size=9", "file f size=9 outcomes=any\n");
	check_canonical("file f size=9 outcomes=error,short,async,block,inline", "file f size=9 outcomes=any\n");
	check_canonical("block d size=512 outcomes=error,block once=1 err=-EIO",
			"block d size=512 err=-EIO once=1 outcomes=block,error\n");
	check_canonical("file f size=9 err=-EIO@3 short=3@7", "file f size=9 err=-EIO@3 short=3@7\n");
	check_canonical("file f size=9 err=-4000", "file f size=9 err=-4000\n");
	check_canonical("block d fill=0x01 ram=1 direct=1 size=512", "block d size=512 fill=0x01 direct=1 ram=1\n");
	check_canonical("block d size=512 cached=0-512\n\nfinal d size=512 0000000000000001",
			"block d size=512 cached=0-512\n\nfinal d size=512 0000000000000001\n");
}

static const struct broken broken_files[] = {
	{"block d", GB_BAD_INPUT, 1, 1, "block d has no size; expected size=N"},
	{"block d size=0", GB_BAD_INPUT, 1, 14, "size=0 is out of range; expected 1 to 16777216"},
	{"block d size=100", GB_BAD_INPUT, 1, 14, "a block device of 100 bytes; expected a multiple of 512"},
	{"block d size=512 nowait=1", GB_BAD_INPUT, 1, 18, "unknown key 'nowait'; expected size, fill, *"},
	{"mem m size=512 direct=1", GB_BAD_INPUT, 1, 16, "unknown key 'direct'; expected size, fill"},
	{"file f size=1 nowait=2", GB_BAD_INPUT, 1, 22, "nowait=2 is out of range; expected 0 to 1"},
	{"file f size=1 cached=", GB_BAD_INPUT, 1, 22, "'' is no range; expected A-B, bytes A to B - 1"},
	{"file f size=1 cached=0-1,", GB_BAD_INPUT, 1, 26, "'' is no range; expected A-B, bytes A to B - 1"},
	{"file f size=1 cached=x-1", GB_BAD_INPUT, 1, 22, "'x' is not a number; expected 0 to 16777216"},
	{"file f size=1 cached=0-16777217", GB_BAD_INPUT, 1, 24, "'16777217' is out of range; expected 0 to 16777216"},
	{"file f size=1 cached=1-1", GB_BAD_INPUT, 1, 22, "range '1-1' is empty; expected A-B with A below B"},
	{"file f size=1 cached=0-1,0-1,0-1,0-1,0-1,0-1,0-1,0-1,0-1", GB_BAD_INPUT, 1, 54,
	 "too many ranges; expected at most 8"},
	{"file f size=9000 cached=1-4096", GB_BAD_INPUT, 1, 1,
	 "cached=1-4096 does not consist of pages; expected multiples of 4096"},
	{"file f size=9000 cached=0-4097", GB_BAD_INPUT, 1, 1,
	 "cached=0-4097 does not consist of pages; expected multiples of 4096"},
	{"file f size=1 err=5", GB_BAD_INPUT, 1, 19, "'5' is no error; expected a negative errno like -EIO"},
	{"file f size=1 err=-4096", GB_BAD_INPUT, 1, 19, "'-4096' is no error; expected a negative errno like -EIO"},
	{"file f size=1 err=-EIO@", GB_BAD_INPUT, 1, 24, "'' is not a number; expected 0 to 16777216"},
	{"file f size=1 err=-EFOO", GB_BAD_INPUT, 1, 19, "unknown errno '-EFOO'*"},
	{"file f size=1 short=0", GB_BAD_INPUT, 1, 21, "'0' is out of range; expected 1 to 16777216"},
	{"file f size=1 short=1@x", GB_BAD_INPUT, 1, 23, "'x' is not a number; expected 0 to 16777216"},
	{"file f size=1 cold=1 cached=0-1", GB_BAD_INPUT, 1, 1,
	 "there is no such file: cold= and cached= exclude each other"},
	{"block f size=512 direct=1 cold=1", GB_BAD_INPUT, 1, 1,
	 "there is no such block: direct=1 goes past the page cache; expected neither cold= nor cached="},
	{"file f size=1 direct=1 nowait=1", GB_BAD_INPUT, 1, 1, "there is no such file: direct=1 includes nowait=1"},
	{"file f size=1 iter=0 cold=1", GB_BAD_INPUT, 1, 1,
	 "there is no such file: iter=0 has neither direct=1, nor nowait=1, nor a page cache"},
	{"file f size=1 rasync=0", GB_BAD_INPUT, 1, 1, "there is no such file: rasync=0 needs nowait=1"},
	{"file f size=1 wasync=1", GB_BAD_INPUT, 1, 1, "there is no such file: wasync=1 needs nowait=1"},
	{"file f size=1 poll=1", GB_BAD_INPUT, 1, 1, "there is no such file: poll=1 needs iter=0"},
	{"block d size=512 ram=1", GB_BAD_INPUT, 1, 1, "there is no such block: ram=1 needs direct=1"},
	{"file f size=1 outcomes=", GB_BAD_INPUT, 1, 24, "unknown outcome ''*"},
	{"file f size=1 outcomes=any,short", GB_BAD_INPUT, 1, 24, "unknown outcome 'any'*"},
	{"file f size=1 outcomes=short,", GB_BAD_INPUT, 1, 30, "unknown outcome ''*"},
	{"file f size=1 outcomes=shrt", GB_BAD_INPUT, 1, 24, "unknown outcome 'shrt' (did you mean short?)*"},
	{"mem m size=1 outcomes=any", GB_BAD_INPUT, 1, 14, "unknown key 'outcomes'; expected size, fill"},
	{"file f size=1 once=1", GB_BAD_INPUT, 1, 1, "there is no such file: once=1 needs err= or short="},
};

static void refused(void **state)
{
	(void)state;
	CHECK_BROKEN(broken_files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(canonical), cmocka_unit_test(refused)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
