/* SPDX-License-Identifier: MIT */
/* `groupbuf check` and `groupbuf merge`: what they print and how they end. */
#include "cli.h"

#include <signal.h>
#include <sys/stat.h>

#include <jansson.h>

/* Two orders, both possible. */
static const char two[] = "title two orders\n"
			  "sqe a NOP flags=ASYNC\n"
			  "sqe b NOP\n"
			  "submit\n"
			  "reap\n"
			  "\n"
			  "cqe b 0\n"
			  "cqe a 0\n";

/* A large space. */
static const char large[] = "sqe l NOP flags=SQE_GROUP\n"
			    "sqe a NOP flags=SQE_GROUP|ASYNC\n"
			    "sqe b NOP flags=SQE_GROUP|ASYNC\n"
			    "sqe c NOP flags=SQE_GROUP|ASYNC\n"
			    "sqe d NOP flags=SQE_GROUP|ASYNC\n"
			    "sqe e NOP flags=ASYNC\n"
			    "submit\n"
			    "reap\n";

static int make_files(void **state)
{
	char text[512];

	if (enter_scratch(state) != 0)
		return 1;
	write_file("two.trace", two);
	write_file("large.trace", large);
	snprintf(text, sizeof(text), "%sexists a.cqe = 1\n", two);
	write_file("exists.trace", text);
	snprintf(text, sizeof(text), "%sforall a.cqe > b.cqe\nnever a.res < 0\n", two);
	write_file("forall.trace", text);
	write_file("wrong.trace", "sqe a NOP\nsubmit\nreap\n\ncqe a -5\n");
	write_file("lone.trace", "sqe lead NOP flags=SQE_GROUP\nsubmit\nreap\n");
	write_file("broken.trace", "sqe a NOPE\n");
	return 0;
}

/* The last command said this, somewhere. */
static void said(const char *text)
{
	if (!strstr(out_text, text))
		fail_msg("'%s' is missing in\n%s", text, out_text);
}

static void run(const char *arguments, int code)
{
	const int got = groupbuf(arguments);

	if (got != code)
		fail_msg("groupbuf %s: exit code %d, not %d\n%s%s", arguments, got, code, out_text, err_text);
}

static void says_what_can_happen(void **state)
{
	(void)state;
	run("check two.trace", 0);
	said("Test two.trace\n\"two orders\"\nOutcomes 2\n");
	said("*> cqe b 0; cqe a 0\n");
	said(":> cqe a 0; cqe b 0\n");
	said("  holds      two.trace:7: what the trace states  (1 of 2 outcomes)\n");
	said("Search complete: all schedules decided\n");
	said("\nOk\nObservation two Sometimes 1 1\n");
	expect("check -q two.trace", 0, "Observation two Sometimes 1 1\n", "");
	expect("check -q two.trace exists.trace", 0,
	       "Observation two Sometimes 1 1\nObservation exists Sometimes 1 1\n", "");
}

static void says_what_is_violated(void **state)
{
	static const char tails[] =
		"lessor d\nfile f size=1 err=-EIO\nfile g size=1 outcomes=error\n"
		"sqe l LEASE fd=d dir=dest len=2 flags=SQE_GROUP\nsqe a READ fd=f len=1 addr=0 "
		"flags=GROUP_BUF|SQE_GROUP\nsqe b READ fd=g len=1 addr=1 flags=GROUP_BUF\nsubmit\nreap\n\n";
	static const char tail_of_a[] = "invariant I87 violated: a has filled 0 of its 1 bytes of the buffer of l, and "
					"the rest is not zeroed (step 21)\n";
	char text[1024];

	(void)state;
	run("check forall.trace", 1);
	said("  violated   forall.trace:9: forall a.cqe > b.cqe  (1 of 2 outcomes)\n");
	said("  holds      forall.trace:10: never a.res < 0  (0 of 2 outcomes)\n");
	said("Counterexample of forall a.cqe > b.cqe: forall.violation-1.schedule\n");
	said("the application reaps a 0, b 0\n");
	said("  The whole story: groupbuf explain --replay forall.violation-1.schedule forall.trace\n");
	said("\nNo\nObservation forall#1 Sometimes 1 1\nObservation forall#2 Never 0 2\n");
	run("run --replay forall.violation-1.schedule --bare forall.trace", 1); /* not the order it states */
	assert_string_equal(out_text, "cqe a 0\ncqe b 0\n");
	run("check wrong.trace", 1);
	said("  violated   wrong.trace:5: what the trace states  (0 of 1 outcomes)\n");
	run("check --schedules - lone.trace", 1);
	said("  violated   hazard leak at io_ring_exit_work of lead\n");
	said("  violated   I3 of lead: ");
	assert_int_not_equal(access("lone.violation-1.schedule", F_OK), 0);
	/* what run prints is stated, sentence included, and is about one request; other schedules have other steps */
	snprintf(text, sizeof(text), "%s%scqe a -5\ncqe b 1\ncqe l 0\n", tails, tail_of_a);
	write_file("steps.trace", text);
	run("run steps.trace", 0);
	run("check --schedules - steps.trace", 1);
	said("  expected   I87 violated: ");
	said("  violated   I87 of b: what a filling member has not filled of the range it imported is zeroed  (beyond "
	     "what "
	     "the trace states)\n");
	snprintf(text, sizeof(text), "%s%sinvariant I87 violated\ncqe a -5\ncqe b -5\ncqe l 0\n", tails, tail_of_a);
	write_file("steps.trace", text);
	run("check steps.trace", 0);
	write_file("stated.trace", "sqe lead NOP flags=SQE_GROUP\nsubmit\nreap\n\nhazard leak at io_ring_exit_work\n"
				   "invariant I3 violated\ninvariant I6 violated\ninvariant I60 violated\n");
	run("check stated.trace", 0); /* what is stated fails nothing, and does not hold either */
	said("  expected   hazard leak at io_ring_exit_work  (as stated)\n");
	said("  expected   I3 violated: a leader alone posts one CQE, -EINVAL  (as stated)\n");
	said(" 0 violated, 3 violated as expected, ");
	run("check --variant lone-leader-einval lone.trace", 0);
	run("check --first --shortest --no-invariants lone.trace", 1);
	for (int i = 0; i < 3; i++) {
		static const char *const property[] = {"forall a.cqe > 1", "never a.cqe = 1", "exists a.cqe > 1"};

		snprintf(text, sizeof(text), "%s%s\n", large, property[i]);
		write_file("property.trace", text);
		run("check --first --schedules - --max-states 20000 property.trace", i < 2 ? 1 : 3);
		said(i < 2 ? "Search first violation: " : "Search bound of states: ");
		run("check --first --schedules - --max-states 20000 --outcomes none property.trace", i < 2 ? 1 : 3);
		said(i < 2 ? "Search first violation: " : "Search bound of states: ");
	}
}

static void shows_witnesses(void **state)
{
	(void)state;
	assert_int_equal(mkdir("kept", 0777), 0);
	run("check --witness 2 --schedules kept two.trace", 0);
	said("Witness of outcome 1: kept/two.witness-1.schedule\n");
	said("Witness of outcome 2: kept/two.witness-2.schedule\n");
	run("run --bare --replay kept/two.witness-1.schedule two.trace", 1); /* the same */
	assert_string_equal(out_text, "cqe a 0\ncqe b 0\n");
	run("run --bare --replay kept/two.witness-2.schedule two.trace", 0);
	assert_string_equal(out_text, "cqe b 0\ncqe a 0\n");
	assert_int_equal(mkdir("full", 0777), 0);
	assert_int_equal(mkdir("full/two.witness-1.schedule", 0777), 0);
	run("check --witness 1 --schedules full two.trace", 0);
	assert_non_null(strstr(err_text, "full/two.witness-1.schedule: "));
}

static void lets_time_race(void **state)
{
	(void)state;
	write_file("race.trace", "sqe t TIMEOUT ms=1\nsubmit\nsqe n NOP\nsubmit\nreap\nexists t.cqe < n.cqe\n");
	run("check --schedules - race.trace", 1);
	run("check --time-races --witness 2 --schedules kept race.trace", 0);
	run("run --bare --replay kept/race.witness-1.schedule --time-races race.trace", 0);
	said("cqe ");
	/* one of the two orders has the timer first, which needs the option to be replayed */
	run("run --bare --replay kept/race.witness-2.schedule --time-races race.trace", 0);
	said("cqe t -62\ncqe n 0\n");
	run("run --bare --replay kept/race.witness-2.schedule race.trace", 2);
}

static void counts_schedules(void **state)
{
	char forty[2048] = "ring entries=64\n";

	(void)state;
	run("check two.trace", 0);
	said(", outcomes by order\n  schedules 52506\n");
	run("check --preemptions 1 two.trace", 3);
	said("  schedules 15 with at most 1 preemption\n");
	run("check --depth 12 two.trace", 0);
	said("  schedules 52506\n");
	run("check --depth 8 two.trace", 3);
	said("  schedules 42 with at most 8 decisions\n");
	run("check --max-states 1 large.trace", 3);
	said("  schedules at least ");
	said(" (sure to 95 %), perhaps far more, of those drawn at random none is explored\n");
	run("check --max-states 1 " GB_SOURCE_DIR "/traces/conformance/lease/lease-1-0034.trace", 3);
	said("  schedules about ");
	said(", standard error ");
	write_file("half.trace", "file f size=64 outcomes=short,error,async\nmem m size=64\n"
				 "sqe a READ fd=f off=0 addr=m len=32\nsqe b NOP flags=ASYNC\nsubmit\nreap\n");
	run("check --no-reduction=commute,symmetry --max-states 11000 half.trace", 3);
	said("  schedules 17436569784, at least ");
	said(" % of them explored, standard error ");
	run("check --max-states 1 --no-reduction=visited half.trace", 3);
	said("  schedules 17436569784\n");
	for (int i = 0; i < 40; i++)
		snprintf(forty + strlen(forty), sizeof(forty) - strlen(forty), "sqe a%d NOP flags=ASYNC\n", i);
	strcat(forty, "submit\nreap\n");
	write_file("forty.trace", forty);
	run("check --max-states 1 forty.trace", 3);
	said("  schedules more than 5e+148\n");
	run("check -j --max-states 1 forty.trace", 3);
	said("\"schedules\":null");
	run("check -j --max-states 1 large.trace", 3);
	said("\"schedules\":null");
	said("\"schedules_error\":null");
	said("\"schedules_least\":");
}

static void keeps_to_bounds(void **state)
{
	(void)state;
	run("check --max-states 2000 large.trace", 3);
	said("Search bound of states: ");
	said(", seen less than 1 % of the states\n");
	said("\nUndecided\n");
	run("check --visible --max-states 2000 " GB_SOURCE_DIR "/traces/conformance/nop/nop-1-0038.trace", 3);
	said(", seen about ");
	said(" % of the states\n");
	run("check --max-seconds 0.05 --order newest large.trace", 3);
	said("Search stopped: nothing is decided\n");
	run("check --preemptions 1 large.trace", 3);
	said("Search bound of preemptions: all schedules with at most 1 preemption decided\n");
	run("check --depth 12 large.trace", 3);
	said("Search bound of depth: all schedules with at most 12 decisions decided\n");
	run("check --max-states 10 forall.trace", 3);
	said("Search bound of states: nothing is decided\n");
	said("Observation forall#1 Undecided 0 0\n");
}

/* Nothing that shapes the way through the space shapes the report. */
static void gives_the_same_report(void **state)
{
	char *one;

	(void)state;
	run("check -i exists.trace", 0);
	one = strdup(out_text);
	run("check -i --jobs 3 exists.trace", 0);
	assert_string_equal(one, out_text);
	free(one);
	run("check --preemptions 2 --schedules - large.trace", 3);
	one = strdup(out_text);
	run("check --preemptions 2 --schedules - -J 2 large.trace", 3);
	assert_string_equal(one, out_text);
	free(one);
	for (int i = 0; i < 6; i++) {
		static const char *const options[] = {"--exact",
						      "--order depth",
						      "--order newest",
						      "--no-reduction=commute",
						      "--no-reduction=commute,symmetry",
						      "--outcomes order"};
		char line[128];

		snprintf(line, sizeof(line), "check -q %s forall.trace", options[i]);
		expect(line, 1, "Observation forall#1 Sometimes 1 1\nObservation forall#2 Never 0 2\n", "");
	}
	run("check --outcomes none exists.trace", 0);
	said(":> a.cqe = 1\n");
	run("check --outcomes results two.trace", 0);
	said("Outcomes 1\n");
}

/* A run in which the kernel dies is another outcome than one that comes to its end, even if they take the same CQEs. */
static void tells_the_dead_apart(void **state)
{
	(void)state;
	write_file("dead.trace",
		   "file f size=8 nowait=1 outcomes=inline,error\nmem m size=8\nsock s\n"
		   "sqe r READ fd=f off=0 len=8 addr=m flags=IO_LINK\n"
		   "sqe lead NOP flags=SQE_GROUP\nsqe recv RECV fd=s.1 len=16 addr=0 flags=GROUP_BUF\nsubmit\n"
		   "sqe x NOP flags=CQE_SKIP_SUCCESS\nsubmit\n\n"
		   "hazard null-deref at io_use_group_kbuf\ninvariant I67 violated\nexists x.cqe = 0\n");
	expect("check -q --schedules - --outcomes none dead.trace", 0, "Observation dead Always 1 0\n", "");
}

/* Outcomes without an order answer nothing that depends on it by the run they happen to have seen. */
static void knows_what_an_order_is_needed_for(void **state)
{
	/* two requests come to post under one label; the last CQE is either one's */
	static const char twice[] = "pipe p\nmem m size=8\nsqe q POLL_ADD fd=p.r op_flags=1\nsubmit\n"
				    "sqe u POLL_REMOVE target=q len=4 new=n\nsubmit\nreap\n"
				    "sqe n NOP flags=ASYNC\nsqe w WRITE fd=p.w len=1 addr=m flags=ASYNC\n"
				    "submit\nwait 3\nforall n.res = 1\n";
	char text[512];

	(void)state;
	write_file("twice.trace", twice);
	expect("check -q --schedules - twice.trace", 1, "Observation twice Sometimes 3 3\n", "");
	expect("check -q --schedules - --outcomes none twice.trace", 1, "Observation twice Sometimes 1 1\n", "");
	expect("check --outcomes results twice.trace", 2, "",
	       "twice.trace: a 'seen' line or a property asks for the order");
	expect("check --outcomes results forall.trace", 2, "", "asks for the order");
	snprintf(text, sizeof(text),
		 "sqe a NOP flags=ASYNC\nsqe b NOP\nsubmit\nreap\n\nseen 1 a:0 b:0\nseen 1 b:0 a:0\n");
	write_file("seen.trace", text);
	run("check seen.trace", 0);
	run("check --outcomes none seen.trace", 0);
	expect("check --outcomes results seen.trace", 2, "", "asks for the order");
	write_file("other.trace", "sqe a NOP flags=ASYNC\nsqe b NOP\nsubmit\nreap\n\ncqe a 0\ncqe b 0\n");
	run("check --outcomes results other.trace", 0);
	run("check --outcomes results two.trace", 0);
}

static void goes_on_from_a_checkpoint(void **state)
{
	char *whole;

	(void)state;
	run("check --outcomes none two.trace", 0);
	run("check exists.trace", 0);
	whole = strdup(out_text);
	run("check --max-states 5 --checkpoint saved exists.trace", 3);
	run("check --resume saved exists.trace", 0);
	assert_string_equal(whole, out_text);
	free(whole);
	run("check --max-states 5 --checkpoint repaired --variant repaired exists.trace", 3);
	run("check --variant repaired --resume repaired exists.trace", 0);
	expect("check --variant repaired --resume saved exists.trace", 2, "",
	       "saved: the search was begun with another --variant\n");
	expect("check --depth 99 --resume saved exists.trace", 2, "",
	       "saved: the search was begun with another --order\n");
	expect("check --exact --resume saved exists.trace", 2, "", "another --exact\n");
	expect("check --outcomes none --resume saved exists.trace", 2, "", "another --outcomes\n");
	expect("check --no-reduction=commute --resume saved exists.trace", 2, "", "another --no-reduction\n");
	expect("check --no-invariants --resume saved exists.trace", 2, "", "another --no-invariants\n");
	expect("check --visible --resume saved exists.trace", 2, "", "another --visible\n");
	expect("check --time-races --resume saved exists.trace", 2, "", "another --time-races\n");
	expect("check --shard 1/2 --checkpoint c --resume saved exists.trace", 2, "", "another --shard\n");
	expect("check --time-races --resume saved exists.trace", 2, "", "another --time-races\n");
	expect("check --resume saved two.trace", 2, "", "saved: the checkpoint is of another trace or version\n");
	expect("check --resume two.trace two.trace", 2, "", "two.trace: no checkpoint of this version\n");
	expect("check --resume missing two.trace", 2, "", "missing: No such file");
	run("check --max-states 5 --checkpoint no/where exists.trace", 3 - 1);
	run("check --max-states 5 --checkpoint . exists.trace", 2);
	assert_non_null(strstr(err_text, ".: no regular file\n"));
}

/* What lay beyond the bound of a search is in no file: it is decided up to that bound, whatever is asked for later. */
static void keeps_its_bound(void **state)
{
	char *whole;

	(void)state;
	run("check --schedules - --preemptions 1 --checkpoint bounded large.trace", 3);
	said("all schedules with at most 1 preemption decided\n");
	whole = strdup(out_text);
	run("check --schedules - --resume bounded large.trace", 3);
	assert_string_equal(out_text, whole);
	run("check --schedules - --preemptions 1 --resume bounded large.trace", 3);
	assert_string_equal(out_text, whole);
	expect("check --preemptions 5 --resume bounded large.trace", 2, "", "another --preemptions\n");
	/* where nothing has been left out yet another bound can be had */
	run("check --schedules - --preemptions 3 --max-states 5 --checkpoint bounded large.trace", 3);
	run("check --schedules - --preemptions 1 --resume bounded large.trace", 3);
	assert_string_equal(out_text, whole);
	free(whole);
	run("check -q --schedules - --preemptions 1 --shard 1/2 --checkpoint bounded.1 large.trace", 3);
	run("check -q --schedules - --preemptions 1 --shard 2/2 --checkpoint bounded.2 large.trace", 3);
	run("merge --schedules - large.trace bounded.1 bounded.2", 3);
	said("schedules 32 with at most 1 preemption\n");
	/* the bound shapes how a search is divided */
	run("check -q --schedules - --preemptions 2 --shard 2/2 --checkpoint bounded.2 large.trace", 3);
	expect("merge large.trace bounded.1 bounded.2", 2, "", "bounded.2: this is a part of another search\n");
}

static void refuses_broken_checkpoints(void **state)
{
	struct stat st;
	char *bytes;

	(void)state;
	run("check --max-states 5 --checkpoint saved exists.trace", 3);
	assert_int_equal(stat("saved", &st), 0);
	bytes = read_whole("saved");
	for (off_t at = 16; at < st.st_size; at += at < 600 ? 7 : st.st_size / 60 + 1) {
		bytes[at] ^= 0x10;
		write_bytes("bent", bytes, (size_t)st.st_size);
		expect("check --resume bent exists.trace", 2, "", "bent: ");
		bytes[at] ^= 0x10;
	}
	write_bytes("cut", bytes, (size_t)st.st_size - 9);
	expect("check --resume cut exists.trace", 2, "", "cut: the checkpoint is broken\n");
	free(bytes);
}

/* What has to wait goes to a file, and nobody can tell. */
static void keeps_to_its_memory(void **state)
{
	static const char wide[] =
		"check --schedules - --max-states 10000 " GB_SOURCE_DIR "/traces/conformance/lease/lease-1-0233.trace";
	json_error_t error;
	json_t *report, *search;
	char line[256];
	char *whole;

	(void)state;
	run(wide, 1);
	whole = strdup(out_text);
	snprintf(line, sizeof(line), "%s --max-memory 10M", wide);
	run(line, 1);
	assert_string_equal(whole, out_text);
	free(whole);
	snprintf(line, sizeof(line), "%s --max-memory 10M -j --time", wide);
	run(line, 1);
	report = json_loads(out_text, 0, &error);
	assert_non_null(report);
	search = json_object_get(report, "search");
	assert_true(json_integer_value(json_object_get(search, "frontier_bytes")) > 18000000);
	assert_true(json_integer_value(json_object_get(search, "memory_bytes")) < 15000000);
	assert_true(json_integer_value(json_object_get(search, "spilled_bytes")) > 15000000);
	json_decref(report);
	/* what has been seen does not fit either: it stops, and goes on with more */
	run("check --schedules - --preemptions 3 large.trace", 3);
	whole = strdup(out_text);
	run("check --schedules - --preemptions 3 --max-memory 800K --checkpoint small large.trace", 3);
	said("Search bound of memory: ");
	run("check --schedules - --preemptions 3 --max-memory 1G --resume small large.trace", 3);
	assert_string_equal(whole, out_text);
	free(whole);
}

/* The bytes of a checkpoint mean something to the sources that wrote it only. */
static void knows_its_checkpoints(void **state)
{
	struct stat st;
	char *bytes;

	(void)state;
	run("check --max-states 5 --checkpoint saved exists.trace", 3);
	assert_int_equal(stat("saved", &st), 0);
	bytes = read_whole("saved");
	bytes[20] ^= 1; /* of the hash of the sources */
	write_bytes("other", bytes, (size_t)st.st_size);
	free(bytes);
	expect("check --resume other exists.trace", 2, "", "other: the checkpoint is of another build of groupbuf\n");
}

static void puts_parts_together(void **state)
{
	(void)state;
	for (int i = 1; i <= 3; i++) {
		char line[128];

		snprintf(line, sizeof(line), "check --shard %d/3 --checkpoint part.%d --schedules - forall.trace", i,
			 i);
		groupbuf(line);
		said(" of this part decided\n");
		said("\nObservation forall#2 Undecided ");
	}
	expect("merge -q --schedules - forall.trace part.1 part.2 part.3", 1,
	       "Observation forall#1 Sometimes 1 1\nObservation forall#2 Never 0 2\n", "");
	run("merge -j forall.trace part.1 part.2 part.3", 1);
	run("merge -i forall.trace part.1 part.2 part.3", 1);
	said("Outcomes 2\n");
	expect("merge forall.trace part.1 part.2", 2, "", "part.1: is one of 3 parts, 2 are given\n");
	expect("merge forall.trace part.1 part.2 part.2", 2, "", "part.2: this part is given twice\n");
	expect("merge forall.trace part.1 part.1 part.2", 2, "", "part.1: this part is given twice\n");
	groupbuf("check --shard 3/3 --no-reduction=commute --checkpoint part.other --schedules - forall.trace");
	expect("merge forall.trace part.1 part.2 part.other", 2, "", "part.other: this is a part of another search\n");
	groupbuf("check --max-states 5 --checkpoint saved forall.trace");
	expect("merge forall.trace saved", 2, "", "saved: is no part of a search (check --shard)\n");
	/* a part that was stopped and went on is written whole, without --shard being said again */
	run("check -q --max-states 20 --shard 1/1 --checkpoint stopped --schedules - large.trace", 3);
	run("check -q --max-states 40 --resume stopped --checkpoint stopped --schedules - large.trace", 3);
	expect("merge forall.trace part.1 part.2 missing", 2, "", "missing: No such file");
	expect("merge two.trace part.1 part.2 part.3", 2, "", "another trace");
	expect("merge forall.trace", 2, "", "a trace and the parts of its check are needed");
	expect("merge --wrong", 2, "", "Try 'groupbuf merge --help'");
	run("merge --help", 0);
}

/* Outcomes with their counts and how many states, of a report; sorted, for parts find them in another order. */
static char *numbers_of(const char *command)
{
	char line[512];
	char *text;

	snprintf(line, sizeof(line),
		 "{ %s ; } 2>/dev/null | grep -E '^[0-9]+ |states [0-9]' | sed 's/, depth.*//' | sort >numbers",
		 command);
	assert_int_equal(system(line), 0); /* NOLINT(cert-env33-c) */
	text = read_whole("numbers");
	assert_true(strlen(text) > 100);
	return text;
}

#define DIVIDED GB_SOURCE_DIR "/traces/defects/d07-member-takes-drain.trace"

static void whole_report(const char *trace, const char *merged)
{
	char line[256];
	char *a, *b;

	snprintf(line, sizeof(line), "%s check --schedules - %s", GB_BINARY, trace);
	a = numbers_of(line);
	snprintf(line, sizeof(line), "cat %s", merged);
	b = numbers_of(line);
	assert_string_equal(a, b);
	free(a);
	free(b);
}

/* The script of the manual, with GNU parallel if there is one. */
static void runs_parts_in_parallel(void **state)
{
	int status;

	(void)state;
	if (system("command -v parallel >/dev/null 2>&1") != 0) /* NOLINT(cert-env33-c) */
		skip();
	status = system("GROUPBUF=" GB_BINARY " " GB_SOURCE_DIR /* NOLINT(cert-env33-c) */
			"/docs/check-shards.sh 3 two.trace >script.out 2>script.err");
	free(out_text);
	out_text = read_whole("script.out");
	assert_int_equal(status, 0);
	said("Outcomes 2\n");
	said("Observation two Sometimes 1 1\n");
	/* large enough to be divided: nothing of the report differs but how deep paths were, and in which level */
	status = system("GROUPBUF=" GB_BINARY " PARTS=divided " GB_SOURCE_DIR "/docs/check-shards.sh 3 " DIVIDED
			" >script.out 2>script.err"); /* NOLINT(cert-env33-c) */
	assert_int_equal(status, 0);
	whole_report(DIVIDED, "script.out");
}

static void writes_json(void **state)
{
	json_error_t error;
	json_t *report;

	(void)state;
	run("check -j --time --witness 1 forall.trace", 1);
	report = json_loads(out_text, 0, &error);
	assert_non_null(report);
	assert_string_equal(json_string_value(json_object_get(report, "verdict")), "no");
	assert_int_equal(json_array_size(json_object_get(report, "outcomes")), 2);
	assert_true(json_array_size(json_object_get(report, "claims")) > 50);
	assert_string_equal(json_string_value(json_object_get(json_object_get(report, "search"), "end")), "complete");
	assert_int_equal(json_integer_value(json_object_get(json_object_get(report, "search"), "schedules")), 52506);
	assert_true(json_number_value(json_object_get(json_object_get(report, "search"), "explored")) == 1);
	assert_non_null(json_object_get(json_array_get(json_object_get(report, "outcomes"), 0), "schedule"));
	json_decref(report);
	groupbuf("check -j broken.trace");
	report = json_loads(out_text, 0, &error);
	assert_non_null(report);
	assert_string_equal(json_string_value(json_object_get(report, "verdict")), "bad-input");
	assert_int_equal(json_integer_value(json_object_get(report, "column")), 7);
	json_decref(report);
	run("check -j --max-states 100 large.trace", 3);
	report = json_loads(out_text, 0, &error);
	assert_non_null(report);
	assert_string_equal(json_string_value(json_object_get(report, "verdict")), "undecided");
	json_decref(report);
}

static void answers_signals(void **state)
{
	char line[512];

	(void)state;
	snprintf(line, sizeof(line),
		 "%s check --schedules - large.trace >sig.out 2>sig.err & p=$!; sleep 1; kill -USR1 $p; sleep 1; "
		 "kill -INT $p; wait $p; echo $? >sig.code",
		 GB_BINARY);
	/* a shell that is not interactive has its children ignore SIGINT */
	snprintf(line + strlen(line), sizeof(line) - strlen(line), "; true");
	assert_int_equal(system(line), 0); /* NOLINT(cert-env33-c) */
	free(out_text);
	out_text = read_whole("sig.err");
	said("large: ");
	said(" to explore, ");
	free(out_text);
	out_text = read_whole("sig.code");
	assert_string_equal(out_text, "3\n");
	free(out_text);
	out_text = read_whole("sig.out");
	said("Search stopped: ");
}

/* A batch system sends it, and `timeout` twice. */
static void is_told_to_end(void **state)
{
	(void)state;
	run("--version >version; timeout -s TERM 1 " GB_BINARY " check --schedules - --checkpoint told large.trace",
	    124);
	said("Search stopped: ");
	assert_non_null(strstr(err_text, "large.trace: stopping; the report needs some seconds\n"));
	run("check -q --max-states 1 --resume told large.trace", 3);
}

static void refuses_arguments(void **state)
{
	(void)state;
	expect("check", 2, "", "groupbuf check: no FILE given\n");
	expect("check --checkpoint nowhere/x two.trace", 2, "", "nowhere/x: No such file or directory\n");
	expect("check --checkpoint . two.trace", 2, "", ".: no regular file\n");
	expect("check --schedules nowhere two.trace", 2, "", "nowhere: No such file or directory\n");
	expect("check --schedules two.trace two.trace", 2, "", "two.trace: Not a directory\n");
	expect("check --order up two.trace", 2, "", "--order 'up': expected preemptions, depth or newest\n");
	expect("check --outcomes all two.trace", 2, "", "--outcomes 'all': expected order, results or none\n");
	expect("check --no-reduction=visited,all two.trace", 2, "",
	       "--no-reduction 'visited,all': expected some of visited, commute, symmetry\n");
	expect("check --max-states -1 two.trace", 2, "", "--max-states '-1': expected a number from 1 to 2^64 - 1\n");
	expect("check --max-states 0 two.trace", 2, "", "--max-states '0': expected a number from 1 to 2^64 - 1\n");
	expect("check --jobs 0 two.trace", 2, "", "--jobs '0': expected a number from 1 to 1024\n");
	expect("check --max-memory 0 two.trace", 2, "", "--max-memory '0'");
	expect("check --max-memory 1T two.trace", 2, "", "--max-memory '1T': expected a number of bytes, K, M or G");
	expect("check --max-memory 1Gi two.trace", 2, "", "--max-memory '1Gi'");
	expect("check --max-memory 99999999999G two.trace", 2, "", "--max-memory '99999999999G'");
	expect("check --max-memory much two.trace", 2, "", "--max-memory 'much'");
	expect("check --max-seconds soon two.trace", 2, "", "--max-seconds 'soon'");
	expect("check --max-seconds 1x two.trace", 2, "", "--max-seconds '1x'");
	expect("check --jobs 9999 two.trace", 2, "", "--jobs '9999'");
	expect("check --depth x two.trace", 2, "", "--depth 'x'");
	expect("check --preemptions x two.trace", 2, "", "--preemptions 'x'");
	expect("check --witness x two.trace", 2, "", "--witness 'x'");
	expect("check --shard 3/2 --checkpoint c two.trace", 2, "", "--shard '3/2'");
	expect("check --shard 1/2 two.trace", 2, "", "--shard needs --checkpoint");
	expect("check --variant v8 two.trace", 2, "", "--variant 'v8': no such variant");
	expect("check --depth 2 --preemptions 2 two.trace", 2, "", "only one of --depth and --preemptions");
	expect("check --preemptions 2 --order depth two.trace", 2, "", "--preemptions needs --order preemptions");
	expect("check --shortest --preemptions 2 two.trace", 2, "", "--preemptions needs --order preemptions");
	expect("check --depth 2 --order newest two.trace", 2, "", "--depth needs --order depth");
	expect("check -q -j two.trace", 2, "", "only one of --quiet and --json");
	expect("check --resume c two.trace large.trace", 2, "", "one trace at a time");
	expect("check --nonsense two.trace", 2, "", "Try 'groupbuf check --help'");
	expect("check broken.trace", 2, "", "broken.trace:1:7: ");
	expect("check missing.trace", 2, "", "missing.trace: No such file");
	run("check --help", 0);
	said("Usage: groupbuf check");
	run("check - <two.trace", 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_what_can_happen),
		cmocka_unit_test(says_what_is_violated),
		cmocka_unit_test(shows_witnesses),
		cmocka_unit_test(lets_time_race),
		cmocka_unit_test(counts_schedules),
		cmocka_unit_test(keeps_to_bounds),
		cmocka_unit_test(gives_the_same_report),
		cmocka_unit_test(tells_the_dead_apart),
		cmocka_unit_test(knows_what_an_order_is_needed_for),
		cmocka_unit_test(goes_on_from_a_checkpoint),
		cmocka_unit_test(keeps_its_bound),
		cmocka_unit_test(refuses_broken_checkpoints),
		cmocka_unit_test(keeps_to_its_memory),
		cmocka_unit_test(knows_its_checkpoints),
		cmocka_unit_test(puts_parts_together),
		cmocka_unit_test(runs_parts_in_parallel),
		cmocka_unit_test(writes_json),
		cmocka_unit_test(answers_signals),
		cmocka_unit_test(is_told_to_end),
		cmocka_unit_test(refuses_arguments),
	};

	return cmocka_run_group_tests_name("check", tests, make_files, leave_scratch);
}
