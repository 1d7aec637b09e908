/* SPDX-License-Identifier: MIT */
/* `groupbuf explain`: what it tells, that check tells the same, and how it ends. */
#include "cli.h"

#include <dirent.h>

#define TRACES GB_SOURCE_DIR "/traces/"

/* Two members race on two files, and one of them may fail. */
static const char race[] = "title whose read is first\n"
			   "file f size=4096\n"
			   "file g size=4096 outcomes=error\n"
			   "lessor dev\n"
			   "sqe lead LEASE fd=dev dir=dest len=8192 segs=2 flags=SQE_GROUP\n"
			   "sqe low READ fd=f off=0 len=4096 addr=0 flags=GROUP_BUF|SQE_GROUP|ASYNC\n"
			   "sqe high READ fd=g off=0 len=4096 addr=4096 flags=GROUP_BUF|ASYNC\n"
			   "submit\n"
			   "reap\n"
			   "forall low.cqe < high.cqe\n";

static int make_files(void **state)
{
	if (enter_scratch(state) != 0)
		return 1;
	write_file("race.trace", race);
	write_file("fails.trace", "title not what it says\nsqe a NOP\nsubmit\nreap\n\ncqe a -5\n");
	write_file("broken.trace", "sqe a NOP\nsqe b NOPE\nsubmit\n");
	write_file("timer.trace", "sqe t TIMEOUT ms=1\nsubmit\nsqe n NOP\nsubmit\nreap\nforall t.cqe > n.cqe\n");
	return 0;
}

static void run(const char *arguments, int code)
{
	const int got = groupbuf(arguments);

	if (got != code)
		fail_msg("groupbuf %s: exit code %d, not %d\n%s%s", arguments, got, code, out_text, err_text);
}

/* The last command said these, in this order; the place behind the last of them. */
static const char *said_in_order(const char *const *texts)
{
	const char *at = out_text ? out_text : "";

	for (; *texts; texts++) {
		const char *found = strstr(at, *texts);

		if (!found)
			fail_msg("'%s' is missing, or not in its place, in\n%s", *texts, out_text);
		else
			at = found + strlen(*texts);
	}
	return at;
}

static unsigned int count(const char *text, const char *what)
{
	unsigned int n = 0;

	for (const char *at = strstr(text, what); at; at = strstr(at + 1, what))
		n++;
	return n;
}

static void tells_who_does_what(void **state)
{
	static const char *const story[] = {
		"08-lease-and-import.trace\n\"A leader leases a buffer, its members fill it\"\n",
		"variant v9, kernel-like order\n\n",
		"      3  app         lead  leads a group from here on (io_group_sqe), grp_refs 1\n",
		"joins the group of lead (io_group_sqe), grp_refs of lead 1 -> 2\n",
		"      5  app         high  joins",
		"leases a buffer of 8192 bytes to its group, dir=dest (io_lease_group_kbuf)\n",
		"has completed, so its members may start (io_queue_group_members): low, high\n",
		"      9  task-work   low   is issued: READ (io_issue_sqe)\n",
		"imports 3000 bytes at offset 0 of the buffer of lead (io_import_group_buf)\n",
		"goes to io-wq (io_queue_iowq)\n",
		"?    10  io-wq.1           comes first here; app could have\n",
		"     11  io-wq.1     low   is issued again (io_issue_sqe)\n",
		"low   writes bytes 0 to 3000 of the leased buffer\n",
		"low   is done with 3000, all 3000 bytes transferred (S7.9, kiocb_done)\n",
		"low   posts CQE 1: 3000, grp_refs of lead 2 -> 1\n",
		"high  posts CQE 2: 5192, grp_refs of lead 1 -> 0\n",
		"lead  posts CQE 3: 0\n",
		"lead  gives the buffer back to the lessor, CQEs published: 3 (io_drop_group_buf)\n",
		"the application reaps low 3000, high 5192, lead 0\n",
		"-- 120.000 ms\n",
		"\nRequests\n    lead  LEASE, leads 2 members; issued in step 5 (app)\n",
		"          CQE 3: 0, the device's result (S8.37, io_uring_cmd_done)\n",
		"    low   READ, member of lead; issued in step 9 (task-work) and step 11 (io-wq.1)\n",
		"          CQE 1: 3000, all 3000 bytes transferred (S7.9, kiocb_done)\n",
		"\nLeases\n    lead  8192 bytes, dir=dest, leased in step 5 (app)\n",
		"          imported by low in step 9, high in step 15\n",
		"          last reference put by the completion of high in step 24 (task-work)\n",
		"          given back in step 24 (task-work) after 3 CQEs\n",
		"\nVerdict\n    all as the trace states it\n",
		NULL,
	};

	(void)state;
	run("explain " TRACES "tutorial/08-lease-and-import.trace", 0);
	assert_string_equal(said_in_order(story), "");
	assert_null(strchr(out_text, '\033')); /* colour is for terminals */
	assert_null(strstr(out_text, "is freed"));
	assert_null(strchr(out_text, '*'));
	assert_null(strchr(out_text, '!'));
	run("explain --text --all " TRACES "tutorial/08-lease-and-import.trace", 0);
	assert_non_null(strstr(out_text, "low   is freed (io_free_batch_list)\n"));
	assert_non_null(strstr(out_text, "is taken by the worker (io_worker_handle_work)\n"));
	assert_non_null(strstr(out_text, "goes on here; app could have come first\n"));
}

static void tells_where_it_broke(void **state)
{
	static const char *const story[] = {
		"Steps that matter for what went wrong have a *",
		"      2  app               io_uring_enter: 2 to submit, min_complete 0\n",
		"*     4  app         one   is taken from the SQ ring: READ",
		"!                    lead  hazard ack-missing at io_lease_group_kbuf: a second lease replaces the ",
		"first",
		"!                    lead  I75 broken: a leader holds one lease at most\n",
		"!                          lead leases again (step 4), its lease (step 4) is still out\n",
		"!                          rule S6.4, io_lease_group_kbuf; V9 as posted breaks it: D36; the trace ",
		"states it\n",
		"I89 broken: every lease goes back exactly once\n",
		"      8  task-work   one   is issued: READ",
		"\nVerdict\n    violated: I75, I89\n    hazards: 1\n    all as the trace states it\n",
		NULL,
	};

	(void)state;
	run("explain " TRACES "defects/a08-double-lease.trace", 0);
	said_in_order(story);
	run("explain --variant one-lease " TRACES "defects/a08-double-lease.trace", 0);
	assert_non_null(strstr(out_text, "variant one-lease, kernel-like order"));
	assert_null(strstr(out_text, "broken"));
	assert_non_null(strstr(out_text, ": expected  ")); /* the trace states the defect */
	/* what only the end shows */
	run("explain " TRACES "defects/a01-lone-leader.trace", 0);
	assert_non_null(strstr(out_text, "I3 broken, as the end shows: a leader alone posts one CQE, -EINVAL\n"));
	assert_non_null(strstr(out_text, "lead    NOP; never issued\n            NO completion, never freed\n"));
	write_file("half.trace", "sqe lead NOP flags=SQE_GROUP\nsubmit\nreap\n\nhazard leak at io_ring_exit_work\n");
	run("explain half.trace", 0);
	assert_int_equal(count(out_text, "the trace states it"), 1); /* the hazard, none of the invariants */
	run("explain " TRACES "defects/a04-null-deref.trace", 0);
	assert_non_null(strstr(out_text, "-- the\n                           kernel dies here\n"));
	assert_non_null(strstr(out_text, "    the kernel died: what was in flight then has no end\n"));
	assert_non_null(strstr(out_text, "no completion when the kernel died\n"));
}

/* Runs the command that the report names behind "The whole story: ". */
static void run_what_check_names(void)
{
	const char *at = strstr(out_text, "  The whole story: groupbuf ");
	char *command;

	assert_non_null(at);
	at += strlen("  The whole story: groupbuf ");
	command = strndup(at, strcspn(at, "\n"));
	run(command, 0);
	free(command);
}

/* The column of the actor in a line, without blanks. */
static void who_of(const char *line, char *who)
{
	int n = 0;

	for (int k = 9; k < 19 && line[k] && line[k] != '\n' && line[k] != ' '; k++)
		who[n++] = line[k];
	who[n] = '\0';
}

static void tells_a_counterexample(void **state)
{
	static const char *const report[] = {
		"Counterexample of forall low.cqe < high.cqe: race.violation-1.schedule\n          ... ",
		" lines before\n",
		"low   posts CQE 2: 4096, grp_refs of lead 1 -> 0\n",
		"the application reaps high -EIO, low 4096, lead 0\n",
		"  The whole story: groupbuf explain --replay race.violation-1.schedule race.trace\n",
		"Counterexample of I87",
		": race.violation-2.schedule\n",
		"  ?                    high  turns out error; could have been: as its file has it\n",
		"  !                    high  I87 broken: ",
		"V9 as posted breaks it: ",
		"  The whole story: groupbuf explain --replay race.violation-2.schedule race.trace\n",
		NULL,
	};
	static const char *const story[] = {
		"variant v9, schedule race.violation-2.schedule",
		"leads a group from here on",
		"\n     12  io-wq.1     low   is issued: READ", /* not about what goes wrong */
		"\n*    24  io-wq.1     high  is issued: READ", /* about it */
		"high  turns out error; could have been: as its file has it\n",
		"\n*    29  task-work   high  has its task work run (io_req_task_cancel)\n", /* its step is named */
		"high  is done with -EIO, the file answered -EIO (S7.10, io_iter_do_read)\n",
		"high  I87 broken: ",
		"high  posts CQE",
		"4096 of its bytes never written\n",
		"    violated: I87\n",
		"race.trace: expected  (nothing more)  |  observed  invariant I87 violated: ",
		"    forall low.cqe < high.cqe -- ",
		" in this run: low.cqe = ",
		NULL,
	};
	char who[16];

	(void)state;
	run("check race.trace", 1);
	said_in_order(report);
	who_of(strstr(out_text, "lines before\n") + strlen("lines before\n") + 2, who);
	assert_string_not_equal(who, ""); /* the first line of several has all columns */
	run_what_check_names();
	assert_non_null(strstr(out_text, "-- false in this run: low.cqe = 2, high.cqe = 1\n"));
	run("explain --replay race.violation-2.schedule race.trace", 0);
	said_in_order(story);
	assert_null(strstr(out_text, "the trace states it"));
	run("explain race.trace", 0);
	assert_non_null(strstr(out_text, "high  turns out as its file has it; could have been: error\n"));
	/* no file, no command: more of it at once */
	run("check --schedules - race.trace", 1);
	assert_null(strstr(out_text, "The whole story"));
	assert_non_null(strstr(out_text, "leads a group from here on"));
}

/* Options that a replay needs are in the command, and names a shell would take apart are quoted. */
static void names_the_whole_command(void **state)
{
	(void)state;
	run("check --time-races --variant one-lease timer.trace", 1);
	assert_non_null(strstr(out_text,
			       "  The whole story: groupbuf explain --time-races --variant one-lease --replay "
			       "timer.violation-1.schedule timer.trace\n"));
	run_what_check_names();
	assert_non_null(strstr(out_text, "variant one-lease, schedule timer.violation-1.schedule"));
	assert_non_null(strstr(out_text, ", time races\n"));
	assert_non_null(strstr(out_text, "timer       "));
	assert_non_null(strstr(out_text, "forall t.cqe > n.cqe -- false in this run: t.cqe = 1, n.cqe = 2\n"));
	run("explain --replay timer.violation-1.schedule timer.trace", 2); /* it needs the option */
	write_file("it's a race.trace", race);
	run("check \"it's a race.trace\"", 1);
	run_what_check_names();
}

/* Behind a choice of an actor stands what that actor does. */
static void chosen_ones_act(void **state)
{
	char line[64], chosen[16], next[16];
	unsigned int choices = 0;

	(void)state;
	for (int seed = 0; seed < 30; seed++) {
		snprintf(line, sizeof(line), "explain --seed %d race.trace", seed);
		run(line, 0);
		for (const char *at = strstr(out_text, "\n?"); at; at = strstr(at + 1, "\n?")) {
			const char *behind = strchr(at + 1, '\n') + 1;

			who_of(at + 1, chosen);
			who_of(behind, next);
			if (!*chosen || strncmp(behind, "        --", 10) == 0 || *behind == '?')
				continue;
			choices++;
			if (*next && strcmp(next, chosen) != 0 && strcmp(next, "task-work") != 0)
				fail_msg("seed %d: %s was chosen, %s acts\n%s", seed, chosen, next, out_text);
			if (strcmp(next, "task-work") == 0)
				assert_string_equal(chosen, "app");
		}
	}
	assert_true(choices > 50);
}

static void follows_seeds_and_schedules(void **state)
{
	char *first;

	(void)state;
	run("explain --seed 3 race.trace", 0);
	assert_non_null(strstr(out_text, "variant v9, seed 3\n"));
	first = strdup(strstr(out_text, "   step"));
	run("run --seed 3 --save-schedule three.schedule --quiet race.trace", groupbuf("run --seed 3 -q race.trace"));
	run("explain --replay three.schedule race.trace", 0);
	assert_string_equal(strstr(out_text, "   step"), first);
	free(first);
	write_file("short.schedule", "actor app\n");
	run("explain --replay short.schedule race.trace", 0);
	assert_non_null(strstr(out_text, "schedule short.schedule, 1 of "));
	assert_non_null(strstr(out_text, " choices, then kernel-like order\n"));
	write_file("long.schedule", "actor app\nactor app\n");
	run("explain --replay long.schedule fails.trace", 0);
	assert_non_null(strstr(out_text, "schedule long.schedule, 1 of its 2 choices\n"));
	write_file("wrong.schedule", "actor io-wq.7\n");
	expect("explain --replay wrong.schedule race.trace", 2, "", "wrong.schedule:1:7: ");
}

static void says_how_it_ends(void **state)
{
	(void)state;
	run("explain fails.trace", 0); /* the story is told; run judges */
	assert_non_null(strstr(out_text, "fails.trace:6: expected  cqe a -5  |  observed  cqe a 0\n"));
	run("explain broken.trace fails.trace", 2);
	assert_non_null(strstr(err_text, "broken.trace:2:7: "));
	assert_non_null(strstr(out_text, "\"not what it says\""));
	expect("explain nowhere.trace", 2, "", "nowhere.trace: ");
	expect("explain", 2, "", "no FILE given");
	run("explain --ignore-expected fails.trace", 0);
	assert_null(strstr(out_text, "expected  cqe"));
	expect("explain --html x.html fails.trace", 2, "", "--help");
	expect("explain --seed x fails.trace", 2, "", "expected a number");
	expect("explain --variant x fails.trace", 2, "", "no such variant");
	expect("explain --seed 1 --replay short.schedule fails.trace", 2, "", "both say what to choose");
	expect("explain --replay short.schedule fails.trace race.trace", 2, "", "belongs to one trace, not to 2");
	expect("explain --replay nowhere.schedule fails.trace", 2, "", "nowhere.schedule: ");
	run("explain --help", 0);
	assert_non_null(strstr(out_text, "Usage: groupbuf explain [OPTION]... FILE...\n"));
	run("explain - <fails.trace", 0);
	write_file("nothing.trace", "reap\n");
	run("explain nothing.trace", 0);
	assert_non_null(strstr(out_text, "the trace states nothing\n"));
	assert_null(strstr(out_text, "Requests"));
}

/* No number of members, of CQEs at once, and no label breaks the columns' memory. */
static void large_and_odd_traces(void **state)
{
	FILE *f = fopen("large.trace", "w");

	(void)state;
	assert_non_null(f);
	fputs("ring entries=1024\nsqe lead NOP flags=SQE_GROUP\n", f);
	for (int i = 0; i < 500; i++)
		fprintf(f, "sqe a-label-that-is-as-long-as-can-be-%d NOP%s\n", i, i < 499 ? " flags=SQE_GROUP" : "");
	fputs("submit\nreap\n", f);
	assert_int_equal(fclose(f), 0);
	run("explain large.trace", 0);
	assert_non_null(
		strstr(out_text,
		       "(io_queue_group_members):\n                           a-label-that-is-as-long-as-can-be-0, "));
	assert_non_null(strstr(out_text, "and\n                           492 more\n"));
	assert_non_null(strstr(out_text, "and 493 more\n")); /* reaped, with the leader */
	assert_int_equal(count(out_text, " posts CQE "), 501);
	run("explain --all large.trace", 0);
}

/* Every trace can be told, and its story has each CQE of the run once. */
static void tells_every_trace(void **state)
{
	static const char *const rooms[] = {"tutorial", "scenarios", "ublk", "net", "rules", "defects"};
	char line[600];

	(void)state;
	for (size_t i = 0; i < sizeof(rooms) / sizeof(rooms[0]); i++) {
		DIR *dir;
		unsigned int n = 0;

		snprintf(line, sizeof(line), TRACES "%s", rooms[i]);
		dir = opendir(line);
		assert_non_null(dir);
		for (const struct dirent *e = readdir(dir); e; e = readdir(dir)) {
			unsigned int cqes;

			if (!strstr(e->d_name, ".trace"))
				continue;
			snprintf(line, sizeof(line), "explain " TRACES "%s/%s", rooms[i], e->d_name);
			run(line, 0);
			assert_string_equal(err_text, "");
			cqes = count(out_text, "  posts CQE ") + count(out_text, "; posts CQE ");
			snprintf(line, sizeof(line), "run --events " TRACES "%s/%s", rooms[i], e->d_name);
			run(line, 0);
			if (count(out_text, "  cqe          ") != cqes)
				fail_msg("%s: the story has %u CQEs\n%s", line, cqes, out_text);
			n++;
		}
		closedir(dir);
		assert_true(n >= 5);
	}
}

static void tells_the_corpus(void **state)
{
	(void)state;
	if (access(TRACES "conformance/nop", R_OK) != 0)
		skip();
	run("explain " TRACES "conformance >/dev/null", 0);
	assert_string_equal(err_text, "");
}

static void twice_the_same(void **state)
{
	char *first;

	(void)state;
	run("explain --seed 5 --all race.trace " TRACES "scenarios", 0);
	first = strdup(out_text);
	run("explain --seed 5 --all race.trace " TRACES "scenarios", 0);
	assert_string_equal(first, out_text);
	free(first);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_who_does_what),	  cmocka_unit_test(tells_where_it_broke),
		cmocka_unit_test(tells_a_counterexample), cmocka_unit_test(names_the_whole_command),
		cmocka_unit_test(chosen_ones_act),	  cmocka_unit_test(follows_seeds_and_schedules),
		cmocka_unit_test(says_how_it_ends),	  cmocka_unit_test(large_and_odd_traces),
		cmocka_unit_test(tells_every_trace),	  cmocka_unit_test(tells_the_corpus),
		cmocka_unit_test(twice_the_same),
	};

	return cmocka_run_group_tests_name("cli explain", tests, make_files, leave_scratch);
}
