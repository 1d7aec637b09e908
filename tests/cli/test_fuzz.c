/* SPDX-License-Identifier: MIT */
/* `groupbuf fuzz` as a user meets it. */
#include "cli.h"

#include <dirent.h>
#include <jansson.h>
#include <stdbool.h>

/* Quick: hazards alone. */
#define HUNT "fuzz --seed 4 --runs 150 --judge hazard "

static void test_finds_the_same_twice(void **state)
{
	char *first;

	(void)state;
	assert_int_equal(groupbuf(HUNT), 1);
	assert_non_null(strstr(out_text, "\ndefect ") ? out_text : strstr(out_text, "defect "));
	assert_non_null(strstr(out_text, "\nruns 150, event streams "));
	/* no time on standard output */
	assert_null(strstr(out_text, "/s"));
	assert_non_null(strstr(err_text, "runs/s"));
	first = strdup(out_text);
	assert_int_equal(groupbuf(HUNT), 1);
	assert_string_equal(out_text, first);
	assert_int_equal(groupbuf("fuzz --seed 5 --runs 150 --judge hazard"), 1);
	assert_string_not_equal(out_text, first);
	free(first);
}

/* What it prints says what is known; so do kinds of findings. */
static void test_known(void **state)
{
	(void)state;
	assert_int_equal(groupbuf(HUNT), 1);
	write_file("known", out_text);
	assert_int_equal(groupbuf(HUNT "--known known"), 0);
	assert_non_null(strstr(out_text, " (known)\n"));
	write_file("kinds", "# all there are\nhazard leak at io_ring_exit_work\n"
			    "hazard ack-missing at io_lease_group_kbuf\nhazard ack-missing at io_drop_group_buf\n"
			    "hazard stale-iterator at io_req_zero_remained\nhazard null-deref at io_use_group_kbuf\n"
			    "hazard failed-request-runs at io_issue_sqe\nhazard leak at ublk_provide_io_buf\n"
			    "hazard data-overwritten at io_req_zero_remained\n");
	assert_int_equal(groupbuf(HUNT "--known kinds"), 0);
	write_file("one", "hazard leak at io_ring_exit_work\n");
	assert_int_equal(groupbuf(HUNT "--known one"), 1);
	assert_int_equal(groupbuf("fuzz --runs 1 --known nothing"), 2);
	write_file("bad", "defect 0123456789abcdef\n\ndefect 012\n");
	expect("fuzz --runs 1 --known bad", 2, "", "bad:3:8: expected the name of a defect");
	write_file("bad", "defect xyz\n");
	expect("fuzz --runs 1 --known bad", 2, "", "bad:1:8: ");
	write_file("bad", "leak\n");
	expect("fuzz --runs 1 --known bad", 2, "", "bad:1:1: expected 'defect NAME'");
}

/* Every trace it writes is one that `run` agrees with. */
static void test_files(void **state)
{
	char line[512];
	DIR *dir;
	int n = 0;

	(void)state;
	assert_int_equal(groupbuf(HUNT "--out found"), 1);
	assert_int_equal(groupbuf(HUNT "--out found"), 1); /* into a directory that is there */
	dir = opendir("found");
	assert_non_null(dir);
	for (const struct dirent *e = readdir(dir); e; e = readdir(dir)) {
		const size_t length = strlen(e->d_name);
		char *text;

		if (length != 16 + 6 || strcmp(e->d_name + 16, ".trace") != 0)
			continue;
		snprintf(line, sizeof(line), "found/%s", e->d_name);
		text = read_whole(line);
		assert_non_null(strstr(text, "title "));
		assert_non_null(strstr(text, "# found by groupbuf " GB_VERSION " fuzz --seed 4 --strategy random "));
		assert_non_null(strstr(text, "\nhazard "));
		free(text);
		snprintf(line, sizeof(line), "run -q found/%s", e->d_name);
		assert_int_equal(groupbuf(line), 0);
		n++;
	}
	closedir(dir);
	assert_true(n >= 2);
	assert_int_equal(groupbuf("fuzz --runs 1 --out /proc/none"), 2);
	assert_non_null(strstr(err_text, "/proc/none: "));
	/* a directory in which nothing can be made */
	write_file("plain", "");
	assert_int_equal(groupbuf(HUNT "--out plain"), 2);
	assert_non_null(strstr(err_text, "plain/"));
}

/* Every finding of the specification that the head of a trace names is one that the command it names shows. */
static bool shows_its_findings(const char *file)
{
	char *text = read_whole(file), *command = strstr(text, "\n# groupbuf run ");
	json_t *answer, *found;
	bool any = false;
	char line[512];

	assert_non_null(command);
	command += strlen("\n# groupbuf ");
	snprintf(line, sizeof(line), "%.*s --json", (int)strcspn(command, "\n"), command);
	if (!strstr(line, " --spec ")) {
		free(text);
		return false;
	}
	assert_int_equal(groupbuf(line), 1);
	answer = json_loads(out_text, 0, NULL);
	found = json_object_get(answer, "specification");
	assert_true(json_array_size(found) > 0);
	for (char *at = strtok(text, "\n"); at; at = strtok(NULL, "\n")) {
		char rule[32], name[64];
		bool has = false;

		if (sscanf(at, "# specification %31s %63s", rule, name) != 2)
			continue;
		for (size_t i = 0; i < json_array_size(found); i++)
			has = has ||
			      strcmp(json_string_value(json_object_get(json_array_get(found, i), "name")), name) == 0;
		if (!has)
			fail_msg("groupbuf %s does not show %s %s\n%s", line, rule, name, out_text);
		any = true;
	}
	json_decref(answer);
	free(text);
	return any;
}

/* What only the specification finds can be seen again. */
static void test_specification(void **state)
{
	DIR *dir;
	int n = 0;

	(void)state;
	assert_int_equal(groupbuf("fuzz --seed 1 --runs 400 --judge specification --variant one-lease --out spec"), 1);
	assert_int_equal(chdir("spec"), 0);
	dir = opendir(".");
	assert_non_null(dir);
	for (const struct dirent *e = readdir(dir); e; e = readdir(dir))
		if (strstr(e->d_name, ".trace"))
			n += shows_its_findings(e->d_name);
	closedir(dir);
	assert_int_equal(chdir(".."), 0);
	assert_true(n >= 3);
}

static void test_json(void **state)
{
	int n = 0;
	json_t *last = NULL;

	(void)state;
	assert_int_equal(groupbuf(HUNT "--json"), 1);
	for (char *line = strtok(out_text, "\n"); line; line = strtok(NULL, "\n")) {
		json_decref(last);
		last = json_loads(line, 0, NULL);
		assert_non_null(last);
		n++;
		if (json_object_get(last, "runs"))
			continue;
		assert_int_equal(strlen(json_string_value(json_object_get(last, "defect"))), 16);
		assert_true(json_array_size(json_object_get(last, "findings")) > 0);
		assert_true(json_is_array(json_object_get(last, "repaired_by")));
		assert_non_null(strstr(json_string_value(json_object_get(last, "program")), "sqe "));
		assert_non_null(strstr(json_string_value(json_object_get(last, "observed")), "hazard "));
	}
	assert_int_equal(json_integer_value(json_object_get(last, "runs")), 150);
	assert_int_equal(json_integer_value(json_object_get(last, "defects")), n - 1);
	json_decref(last);
}

static void test_the_rest(void **state)
{
	(void)state;
	assert_int_equal(groupbuf("fuzz --seconds 1 --judge endless"), 0);
	assert_non_null(strstr(out_text, "defects 0, known 0\n"));
	assert_int_equal(groupbuf("fuzz --runs 64 --judge hazard --variant repaired --strategy pct --max-sqes 4"), 0);
	assert_int_equal(groupbuf("fuzz --runs 20 --judge hazard,invariant --variant lone-leader-einval"), 1);
	expect("fuzz --help", 0, NULL, "");
	assert_non_null(strstr(out_text, "--known FILE"));
	expect("--help", 0, NULL, "");
	assert_non_null(strstr(out_text, "fuzz"));
}

static void test_bad_arguments(void **state)
{
	(void)state;
	expect("fuzz file.trace", 2, "", "groupbuf fuzz: 'file.trace': programs are made, not read");
	expect("fuzz --runs 0", 2, "", "groupbuf fuzz: --runs '0': expected a number from 1 to 2^64 - 1\n");
	expect("fuzz --runs x", 2, "", "--runs 'x'");
	expect("fuzz --runs 99999999999999999999", 2, "", "--runs");
	expect("fuzz --seconds -1", 2, "", "--seconds '-1'");
	expect("fuzz --seed 1x", 2, "", "--seed '1x': expected a number from 0 to 2^64 - 1\n");
	expect("fuzz --strategy best", 2, "", "--strategy 'best': expected random or pct\n");
	expect("fuzz --max-sqes 0", 2, "", "--max-sqes '0': expected a number from 1 to 256\n");
	expect("fuzz --max-sqes 257", 2, "", "--max-sqes '257'");
	expect("fuzz --judge jury", 2, "",
	       "--judge 'jury': expected some of hazard, endless, invariant, specification\n");
	expect("fuzz --judge hazard,", 2, "", "--judge");
	expect("fuzz --variant v10", 2, "", "--variant 'v10': no such variant");
	expect("fuzz --nonsense", 2, "", "Try 'groupbuf fuzz --help'.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_finds_the_same_twice),
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_specification),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_the_rest),
		cmocka_unit_test(test_bad_arguments),
	};

	return cmocka_run_group_tests(tests, enter_scratch, leave_scratch);
}
