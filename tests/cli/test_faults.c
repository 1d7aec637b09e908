/* SPDX-License-Identifier: MIT */
/* `--fault`: only the command that the tests build knows it. */
#include "cli.h"

#define TRACE                                    \
	"title x\n"                              \
	"sqe a NOP flags=SQE_GROUP\nsqe b NOP\n" \
	"submit\nreap\n"                         \
	"cqe b 0\ncqe a 0\n"

static void the_command_knows_no_faults(void **state)
{
	(void)state;
	write_file("a.trace", TRACE);
	expect("run --quiet a.trace", 0, "ok a.trace\n", "");
	expect("run --quiet --fault leader-cqe-first a.trace", 2, "", "unrecognized option '--fault'");
	expect("run --help", 0, NULL, "");
	assert_null(strstr(out_text, "fault "));
}

static void the_faulty_one_does(void **state)
{
#ifdef GB_FAULTS_BINARY
	groupbuf_binary = GB_FAULTS_BINARY;
	expect("run --quiet a.trace", 0, "ok a.trace\n", "");
	expect("run --bare --fault leader-cqe-first a.trace", 1,
	       "invariant I36 violated: leader a posts (step 5) when 0 of 1 members have\ncqe a 0\ncqe b 0\n", "");
	expect("run --quiet --fault leader-cqe-first a.trace", 1, "FAIL a.trace\n", "");
	expect("run --fault nonsense a.trace", 2, "", "--fault 'nonsense': no such fault");
	expect("run --help", 0, NULL, "");
	assert_non_null(strstr(out_text, "--fault NAME"));
	groupbuf_binary = GB_BINARY;
#else
	(void)state;
	skip();
#endif
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_command_knows_no_faults),
		cmocka_unit_test(the_faulty_one_does),
	};

	return cmocka_run_group_tests_name("cli-faults", tests, enter_scratch, leave_scratch);
}
