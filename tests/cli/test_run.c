/* SPDX-License-Identifier: MIT */
/* `groupbuf run`: what it prints and how it ends. */
#include "cli.h"

#include <sys/stat.h>

static const char good[] = "file f size=10\n"
			   "sqe a NOP flags=IO_LINK\n"
			   "sqe b NOP res=-5 flags=IO_LINK\n"
			   "sqe c NOP\n"
			   "submit\n"
			   "reap\n"
			   "\n"
			   "cqe a 0\n"
			   "cqe b -5\n"
			   "cqe c -125\n";
static const char observed[] = "cqe a 0\ncqe b -5\ncqe c -125\n";

/* The FNV-1a-64 of a file of 10 `seq` bytes, so that the end state can be stated by hand. */
static void final_line(char *line, size_t size)
{
	uint64_t h = 0xcbf29ce484222325U;

	for (unsigned int i = 0; i < 10; i++)
		h = (h ^ (7 * i % 165)) * 0x100000001b3U;
	snprintf(line, size, "final f size=10 %016llx\n", (unsigned long long)h);
}

static int make_files(void **state)
{
	char *bad;

	if (enter_scratch(state) != 0)
		return 1;
	write_file("good.trace", good);
	bad = strdup(good);
	strstr(bad, "cqe b -5")[7] = '7';
	write_file("fails.trace", bad);
	free(bad);
	write_file("broken.trace", "sqe a NOP\nsqe b NOPE\nsubmit\n");
	return 0;
}

static void prints_observations_and_verdict(void **state)
{
	char text[512];
	char line[64];

	(void)state;
	final_line(line, sizeof(line));
	snprintf(text, sizeof(text), "%s%sok good.trace\n", observed, line);
	expect("run good.trace", 0, text, "");
	snprintf(text, sizeof(text), "%s%s", observed, line);
	expect("run --bare good.trace", 0, text, "");
	expect("run --quiet good.trace", 0, "ok good.trace\n", "");
	expect("run -q good.trace good.trace", 0, "ok good.trace\nok good.trace\n", "");
}

static void shows_the_first_difference(void **state)
{
	char text[512];
	char line[64];

	(void)state;
	final_line(line, sizeof(line));
	snprintf(text, sizeof(text), "%s%sfails.trace:9: expected  cqe b -7  |  observed  cqe b -5\nFAIL fails.trace\n",
		 observed, line);
	expect("run fails.trace", 1, text, "");
	expect("run --quiet fails.trace", 1, "FAIL fails.trace\n", "");
	write_file("more.trace", "sqe a NOP\nsubmit\nreap\ncqe a 0\ncqe a 0\n");
	expect("run more.trace", 1,
	       "cqe a 0\nmore.trace:5: expected  cqe a 0  |  observed  (nothing more)\nFAIL more.trace\n", "");
	write_file("less.trace", "sqe a NOP\nsqe b NOP\nsubmit\nreap\ncqe a 0\n");
	expect("run less.trace", 1,
	       "cqe a 0\ncqe b 0\nless.trace: expected  (nothing more)  |  observed  cqe b 0\nFAIL less.trace\n", "");
}

static void bare_output_makes_a_trace_pass(void **state)
{
	(void)state;
	write_file("new.trace", "file f size=10\nsqe a NOP flags=IO_LINK\nsqe b NOP res=-5 flags=IO_LINK\n"
				"sqe c NOP\nsubmit\nreap\n");
	expect("run --bare new.trace >>new.trace", 0, "", "");
	expect("run -q new.trace", 0, "ok new.trace\n", "");
	expect("run --bare --why new.trace >>commented.txt; cat new.trace | grep -v cqe | grep -v final >w.trace; "
	       "cat commented.txt >>w.trace",
	       0, "", "");
	expect("run -q w.trace", 0, "ok w.trace\n", "");
}

static void why_gives_reasons(void **state)
{
	(void)state;
	expect("run --why --bare good.trace", 0, NULL, "");
	assert_non_null(strstr(out_text, "cqe c -125   # "));
	assert_non_null(strstr(out_text, "b"));
	assert_non_null(strstr(out_text, "(S"));
}

static void events_are_told(void **state)
{
	(void)state;
	expect("run --events good.trace", 0, NULL, "");
	assert_non_null(strstr(out_text, "the application takes the CQE of c: -125"));
	assert_non_null(strstr(out_text, "io_uring_enter: submit 3"));
	assert_non_null(strstr(out_text, "\nok good.trace\n"));
}

static void bad_input_has_a_place(void **state)
{
	(void)state;
	expect("run broken.trace", 2, "", "broken.trace:2:7: ");
	expect("run nowhere.trace", 2, "", "nowhere.trace: No such file or directory");
	expect("run broken.trace good.trace -q", 2, "ok good.trace\n", "broken.trace:2:7: ");
	expect("run --quiet fails.trace broken.trace good.trace", 2, "FAIL fails.trace\nok good.trace\n",
	       "broken.trace:2:7: ");
}

static void standard_input(void **state)
{
	(void)state;
	expect("run -q - <good.trace", 0, "ok -\n", "");
	expect("run -q - < broken.trace", 2, "", "-:2:7: ");
	expect("run -q -- - <good.trace", 0, "ok -\n", "");
	expect("run -q - - <good.trace", 2, "ok -\n", "-: no statement"); /* the second finds it read */
}

static void options_end(void **state)
{
	(void)state;
	write_file("-q", good);
	expect("run -q -- -q", 0, "ok -q\n", "");
	expect("run -q -- --help", 2, "", "--help: No such file");
}

static void wrong_arguments(void **state)
{
	static const char *const lines[] = {
		"",
		"frobnicate",
		"--frobnicate",
		"run",
		"run --frobnicate good.trace",
		"run --bare --quiet good.trace",
		"run --events --bare good.trace",
		"run --seed good.trace",
		"run --seed= good.trace",
		"run --seed=-1 good.trace",
		"run --seed=1x good.trace",
		"run --seed=18446744073709551616 good.trace",
		"run --variant=nope good.trace",
		"run --variant=v9,, good.trace",
		"run --variant= good.trace",
		"run --seed 1 --replay x good.trace",
		"run --replay x good.trace good.trace",
		"run --save-schedule x good.trace fails.trace",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		expect(lines[i], 2, "", "groupbuf");
		assert_non_null(strstr(err_text, "--help'"));
	}
}

static void help_and_version(void **state)
{
	(void)state;
	expect("--help", 0, NULL, "");
	assert_non_null(strstr(out_text, "Usage: groupbuf COMMAND"));
	assert_non_null(strstr(out_text, "\n  run "));
	assert_non_null(strstr(out_text, "77"));
	expect("run --help", 0, NULL, "");
	assert_non_null(strstr(out_text, "Usage: groupbuf run"));
	assert_non_null(strstr(out_text, "--save-schedule"));
	assert_non_null(strstr(out_text, "lone-leader-einval"));
	expect("run nowhere.trace --help", 0, NULL, "");
	expect("--version", 0, "groupbuf " GB_VERSION "\n", "");
}

static void directories(void **state)
{
	(void)state;
	assert_int_equal(mkdir("d", 0700), 0);
	assert_int_equal(mkdir("d/b", 0700), 0);
	assert_int_equal(mkdir("d/empty", 0700), 0);
	assert_int_equal(mkdir("d/z.trace", 0700), 0);
	write_file("d/b/x.trace", good);
	write_file("d/b.trace", good);
	write_file("d/a.trace", good);
	write_file("d/Z.trace", good);
	write_file("d/notes.txt", "not a trace");
	write_file("d/.trace", good);
	assert_int_equal(symlink("..", "d/b/up"), 0);
	assert_int_equal(symlink("..", "d/b/up.trace"), 0);
	assert_int_equal(symlink("../../good.trace", "d/b/link.trace"), 0);
	expect("run -q d", 0,
	       "ok d/.trace\nok d/Z.trace\nok d/a.trace\nok d/b.trace\nok d/b/link.trace\nok d/b/x.trace\n", "");
	expect("run -q d/b//", 0, "ok d/b/link.trace\nok d/b/x.trace\n", "");
	expect("run -q d/empty good.trace", 2, "ok good.trace\n", "d/empty: no *.trace");
	expect("run -q d/z.trace", 2, "", "d/z.trace: no *.trace");
	assert_int_equal(symlink("nowhere", "d/empty/dangling.trace"), 0);
	expect("run -q d/empty", 2, "", "d/empty/dangling.trace: No such file");
}

static void output_that_does_not_get_through(void **state)
{
	(void)state;
	expect("run good.trace >/dev/full", 2, "", "standard output: ");
	expect("--help >/dev/full", 2, "", "standard output: ");
}

static void seeds_repeat(void **state)
{
	char *first;

	(void)state;
	expect("run --events --seed 7 good.trace", groupbuf("run -q --seed 7 good.trace"), NULL, "");
	first = out_text;
	out_text = NULL;
	groupbuf("run --events --seed=0x7 good.trace");
	assert_string_equal(first, out_text);
	free(first);
}

/* A trace whose choices matter: three requests for io-wq. */
static const char workers[] = "sqe a NOP flags=ASYNC\nsqe b NOP flags=ASYNC\nsqe c NOP flags=ASYNC\nsubmit\nreap\n";

static void schedules_are_followed(void **state)
{
	(void)state;
	write_file("w.trace", workers);
	for (int seed = 0; seed < 8; seed++) {
		char line[256];
		char *free_run;

		snprintf(line, sizeof(line), "run --events --seed %d w.trace", seed);
		expect(line, 0, NULL, "");
		free_run = out_text;
		out_text = NULL;
		snprintf(line, sizeof(line), "run --events --seed %d --save-schedule s.txt w.trace", seed);
		expect(line, 0, free_run, "");
		expect("run --events --replay s.txt --save-schedule t.txt w.trace", 0, free_run, "");
		free(free_run);
		assert_int_equal(system("grep -v '^#' s.txt >s1; grep -v '^#' t.txt | cmp - s1"), 0);
		assert_int_equal(system("grep -qE '^actor [^ ]+ of ' s.txt && grep -q \"seed\" s.txt"), 0);
	}
}

static void schedules_that_do_not_fit(void **state)
{
	(void)state;
	write_file("w.trace", workers);
	expect("run -q --save-schedule s.txt w.trace", 0, "ok w.trace\n", "");
	expect("run --bare --save-schedule - w.trace", 0, NULL, "");
	assert_non_null(strstr(out_text, "# groupbuf schedule of w.trace\n# variant v9, kernel-like order\n"));
	expect("run -q --save-schedule - w.trace | grep -v ^ok | " GB_BINARY " run -q --replay - w.trace", 0,
	       "ok w.trace\n", "");
	expect("run -q --save-schedule /dev/full w.trace", 2, "ok w.trace\n", "/dev/full: No space left");
	write_file("s.txt", "# nothing chosen\n");
	expect("run -q --replay s.txt w.trace", 0, "ok w.trace\n", "s.txt: note: 0 choices of ");
	write_file("s.txt", "\nactor nobody:x\n");
	expect("run -q --replay s.txt w.trace", 2, "DIVERGED w.trace\n", "s.txt:2:7: the run parts from the schedule");
	write_file("s.txt", "actor\n");
	expect("run -q --replay s.txt w.trace", 2, "", "s.txt:1:6: ");
	expect("run -q --replay nowhere.txt w.trace", 2, "", "nowhere.txt: No such file");
	expect("run -q --save-schedule nowhere/s.txt w.trace", 2, "ok w.trace\n", "nowhere/s.txt: No such file");
	assert_int_equal(groupbuf("run -q --save-schedule s.txt w.trace && echo actor app >>s.txt"), 0);
	expect("run -q --replay s.txt w.trace", 0, "ok w.trace\n", "s.txt: note: the run ended after ");
}

/* What the head of a schedule says is told if the run is another one. */
static void schedules_of_other_runs(void **state)
{
	(void)state;
	write_file("w.trace", workers);
	expect("run -q --variant one-lease,lone-leader-einval --save-schedule s.txt w.trace", 0, NULL, "");
	expect("run -q --variant lone-leader-einval,one-lease --replay s.txt w.trace", 0, NULL, "");
	expect("run -q --replay s.txt w.trace", 0, "ok w.trace\n",
	       "s.txt: note: it was made with --variant one-lease,lone-leader-einval, this run has v9\n");
	expect("run -q --time-races --replay s.txt --variant lone-leader-einval,one-lease w.trace", 0, NULL,
	       "s.txt: note: it was made without --time-races, this run is with\n");
	expect("run -q --seed 3 --time-races --save-schedule s.txt w.trace", 0, NULL, "");
	expect("run -q --time-races --replay s.txt w.trace", 0, NULL, "");
	groupbuf("run -q --replay s.txt w.trace");
	assert_non_null(strstr(err_text, "s.txt: note: it was made with --time-races, this run is without\n"));
	write_file("s.txt", "# variant nonsense; by hand\n#variant\n# variant ");
	groupbuf("run -q --replay s.txt w.trace");
	assert_non_null(strstr(err_text, "s.txt: note: it was made with --variant nonsense, this run has v9\n"));
	assert_int_equal(groupbuf("check --witness 1 --schedules . w.trace"), 0);
	expect("run -q --replay w.witness-1.schedule w.trace", 0, "ok w.trace\n", "");
}

/* A trace that states a defect, under a design that has it no more. */
static void without_expectations(void **state)
{
	(void)state;
	write_file("lone.trace", "sqe a NOP flags=SQE_GROUP\nsubmit\nreap\n\nhazard leak at io_ring_exit_work\n"
				 "invariant I3 violated\ninvariant I6 violated\ninvariant I60 violated\ncqe none\n");
	expect("run -q lone.trace", 0, "ok lone.trace\n", "");
	expect("run -q --variant repaired lone.trace", 1, "FAIL lone.trace\n", "");
	expect("run --variant repaired --ignore-expected lone.trace", 0, "cqe a -22\nok lone.trace\n", "");
	expect("run -q --ignore-expected lone.trace", 1, "FAIL lone.trace\n", ""); /* the hazard */
	expect("check -q --variant repaired --schedules - lone.trace", 1, NULL, "");
	expect("check -q --variant repaired --ignore-expected lone.trace", 0, "Observation lone Always 1 0\n", "");
	expect("check -q --ignore-expected --schedules - lone.trace", 1, NULL, "");
	expect("check -q --ignore-expected --variant repaired --shard 1/1 --checkpoint c lone.trace", 0, NULL, "");
	expect("merge -q --ignore-expected lone.trace c", 0, "Observation lone Always 1 0\n", "");
	expect("merge -q lone.trace c", 2, "", "c: the checkpoint is of another trace or version");
}

static void variants(void **state)
{
	(void)state;
	expect("run --variant v8 good.trace", 2, "",
	       "no such variant; expected v9, repaired, or some of lone-leader-einval, ");
	expect("run -q --variant v9 good.trace", 0, "ok good.trace\n", "");
	expect("run -q --variant lone-leader-einval,one-lease good.trace", 0, "ok good.trace\n", "");
	write_file("lone.trace", "sqe a NOP flags=SQE_GROUP\nsubmit\nreap\ncqe none\n");
	expect("run -q --visible lone.trace", 0, "ok lone.trace\n", "");
	expect("run -q lone.trace", 1, "FAIL lone.trace\n", "");
	write_file("repaired.trace", "sqe a NOP flags=SQE_GROUP\nsubmit\nreap\ncqe a -22\n");
	expect("run -q --variant=lone-leader-einval repaired.trace", 0, "ok repaired.trace\n", "");
}

/* A member whose opcode has no use for a group buffer: nothing but the specification minds (D32). */
static void asks_the_specification(void **state)
{
	static const char text[] = "file f size=100\nmem m size=64\nlessor dev\n"
				   "sqe lead LEASE fd=dev dir=dest len=64 flags=SQE_GROUP\n"
				   "sqe vec READV fd=f off=0 iov=m:10 flags=GROUP_BUF\n"
				   "submit\nreap\n";

	(void)state;
	write_file("vector.trace", text);
	expect("run -q vector.trace", 0, "ok vector.trace\n", "");
	expect("run -q --spec vector.trace", 1, "FAIL vector.trace\n", "");
	assert_int_equal(groupbuf("run --spec vector.trace"), 1);
	assert_non_null(strstr(out_text, "\nspecification I66: vec "));
	assert_non_null(strstr(out_text, " (D32)\nFAIL vector.trace\n"));
	assert_int_equal(groupbuf("run --spec --bare vector.trace"), 1);
	assert_null(strstr(out_text, "specification"));
	assert_int_equal(groupbuf("run --spec --json vector.trace"), 1);
	assert_non_null(strstr(out_text, "\"specification\":[{\"finding\":\"I66: vec "));
	assert_non_null(strstr(out_text, "\"rule\":\"I66\",\"name\":\"IGNORES_VECTOR\",\"v9\":\"D32\"}]"));
	assert_non_null(strstr(out_text, "\"verdict\":\"fail\""));
	expect("run -q --spec good.trace", 0, "ok good.trace\n", ""); /* and it finds nothing where nothing is wrong */
	assert_int_equal(groupbuf("run --spec --json good.trace"), 0);
	assert_non_null(strstr(out_text, "\"specification\":[]"));
	assert_int_equal(groupbuf("run --json good.trace"), 0);
	assert_null(strstr(out_text, "\"specification\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prints_observations_and_verdict),
		cmocka_unit_test(shows_the_first_difference),
		cmocka_unit_test(asks_the_specification),
		cmocka_unit_test(bare_output_makes_a_trace_pass),
		cmocka_unit_test(why_gives_reasons),
		cmocka_unit_test(events_are_told),
		cmocka_unit_test(bad_input_has_a_place),
		cmocka_unit_test(standard_input),
		cmocka_unit_test(options_end),
		cmocka_unit_test(wrong_arguments),
		cmocka_unit_test(help_and_version),
		cmocka_unit_test(directories),
		cmocka_unit_test(output_that_does_not_get_through),
		cmocka_unit_test(seeds_repeat),
		cmocka_unit_test(schedules_are_followed),
		cmocka_unit_test(schedules_that_do_not_fit),
		cmocka_unit_test(schedules_of_other_runs),
		cmocka_unit_test(without_expectations),
		cmocka_unit_test(variants),
	};

	return cmocka_run_group_tests_name("cli run", tests, make_files, leave_scratch);
}
