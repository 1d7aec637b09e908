/* SPDX-License-Identifier: MIT */
/* The same input gives the same bytes: twice, under every seed (`x ci` compares the builds). */
#include "cli.h"

/* Runs a line and keeps its output. */
static char *output_of(const char *arguments)
{
	char *text;

	assert_true(groupbuf(arguments) < 128);
	text = out_text;
	out_text = NULL;
	return text;
}

static void same(const char *arguments)
{
	char *first = output_of(arguments);
	char *second = output_of(arguments);

	assert_true(strlen(first) > 0);
	if (strcmp(first, second) != 0)
		fail_msg("groupbuf %s says something else the second time", arguments);
	free(first);
	free(second);
}

static int make_files(void **state)
{
	if (enter_scratch(state) != 0)
		return 1;
	write_file("a.trace",
		   "ring entries=32 flags=DEFER_TASKRUN|SINGLE_ISSUER\nfile f size=5000\nfile g size=0\npipe p\nlessor "
		   "dev\n"
		   "sqe l LEASE fd=dev dir=dest len=4096 mode=async flags=SQE_GROUP\n"
		   "sqe m READ fd=f off=0 addr=0 len=4096 flags=GROUP_BUF|SQE_GROUP\n"
		   "sqe n READ fd=f off=4000 addr=0 len=4096 flags=GROUP_BUF|ASYNC|SQE_GROUP\n"
		   "sqe o NOP\nsqe q NOP flags=ASYNC\nsqe r NOP flags=ASYNC|IO_LINK\nsqe s NOP\nsubmit\nreap\n");
	return 0;
}

static void twice(void **state)
{
	(void)state;
	same("run --events --why a.trace");
	same("run --events --json a.trace");
	for (int seed = 0; seed < 5; seed++) {
		char line[64];

		snprintf(line, sizeof(line), "run --events --seed %d a.trace", seed);
		same(line);
	}
}

static void whole_corpus_twice(void **state)
{
	(void)state;
	if (access(GB_SOURCE_DIR "/traces/conformance/nop", R_OK) != 0)
		skip();
	same("run --visible " GB_SOURCE_DIR "/traces/conformance/nop");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(twice),
		cmocka_unit_test(whole_corpus_twice),
	};

	return cmocka_run_group_tests_name("cli deterministic", tests, make_files, leave_scratch);
}
