/* SPDX-License-Identifier: MIT */
/* `groupbuf run --json`: one object a line, valid and stable. */
#include "cli.h"

#include <jansson.h>

static int make_files(void **state)
{
	if (enter_scratch(state) != 0)
		return 1;
	write_file("a.trace", "title words\nfile f size=10\npipe p\nlessor dev\n"
			      "sqe lead LEASE fd=dev dir=dest len=100 flags=SQE_GROUP\n"
			      "sqe m READ fd=f off=0 addr=0 len=10 flags=GROUP_BUF\nsqe n NOP res=-5\nsubmit\nreap\n"
			      "write p.w 5\nread p.r 3\n");
	write_file("fail.trace", "sqe a NOP\nsubmit\nreap\ncqe a 1\n");
	write_file("bad.trace", "sqe a NOP\nwhat\n");
	return 0;
}

/* Line number i of the output as an object. */
static json_t *line_of(size_t i)
{
	const char *s = out_text;
	json_error_t err;
	json_t *object;

	while (i--)
		s = strchr(s, '\n') + 1;
	object = json_loadb(s, strcspn(s, "\n"), JSON_REJECT_DUPLICATES, &err);
	if (!object)
		fail_msg("%s at column %d of %.200s", err.text, err.column, s);
	return object;
}

static const char *text_of(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return json_is_string(value) ? json_string_value(value) : "(no string)";
}

static void observations(void **state)
{
	json_t *object, *first, *list;
	char *bare;

	(void)state;
	groupbuf("run --bare a.trace");
	bare = out_text;
	out_text = NULL;
	expect("run --json --why a.trace", 0, NULL, "");
	object = line_of(0);
	assert_string_equal(text_of(object, "file"), "a.trace");
	assert_string_equal(text_of(object, "verdict"), "ok");
	assert_null(json_object_get(object, "events"));
	list = json_object_get(object, "observations");
	for (size_t i = 0; i < json_array_size(list); i++)
		assert_non_null(strstr(bare, text_of(json_array_get(list, i), "line")));
	first = json_array_get(list, 0);
	assert_string_equal(text_of(first, "kind"), "cqe");
	assert_string_equal(text_of(first, "label"), "n");
	assert_int_equal(json_integer_value(json_object_get(first, "res")), -5);
	assert_true(json_is_string(json_object_get(first, "why")));
	json_decref(object);
	free(bare);
}

static void events(void **state)
{
	json_t *object, *list;
	json_int_t step = 0;
	size_t reaps = 0;

	(void)state;
	expect("run --json --events a.trace", 0, NULL, "");
	object = line_of(0);
	list = json_object_get(object, "events");
	assert_true(json_array_size(list) > 10);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *ev = json_array_get(list, i);
		const json_int_t now = json_integer_value(json_object_get(ev, "step"));

		assert_true(now >= step);
		step = now;
		assert_true(json_is_string(json_object_get(ev, "actor")));
		reaps += strcmp(text_of(ev, "event"), "reap") == 0;
		if (strcmp(text_of(ev, "event"), "got") == 0) {
			assert_string_equal(text_of(ev, "end"), "p.r");
			assert_int_equal(strlen(text_of(ev, "hash")), 16);
		}
	}
	assert_int_equal(reaps, 3);
	json_decref(object);
}

static void every_file_has_its_line(void **state)
{
	json_t *object;

	(void)state;
	expect("run --json bad.trace fail.trace a.trace", 2, NULL, "bad.trace:2:1: ");
	object = line_of(0);
	assert_string_equal(text_of(object, "verdict"), "bad-input");
	assert_int_equal(json_integer_value(json_object_get(object, "line")), 2);
	assert_int_equal(json_integer_value(json_object_get(object, "column")), 1);
	json_decref(object);
	object = line_of(1);
	assert_string_equal(text_of(object, "verdict"), "fail");
	assert_string_equal(text_of(json_object_get(object, "difference"), "expected"), "cqe a 1");
	assert_string_equal(text_of(json_object_get(object, "difference"), "observed"), "cqe a 0");
	assert_int_equal(json_integer_value(json_object_get(json_object_get(object, "difference"), "at_line")), 4);
	json_decref(object);
	object = line_of(2);
	assert_string_equal(text_of(object, "verdict"), "ok");
	json_decref(object);
}

static void names_that_are_not_utf8(void **state)
{
	json_t *object;

	(void)state;
	write_file("\xe4\xc3\xa4\"\\.trace", "sqe a NOP\nsubmit\nreap\n");
	expect("run --json *\\\"*.trace", 0, NULL, "");
	object = line_of(0);
	assert_string_equal(text_of(object, "file"), "\xef\xbf\xbd\xc3\xa4\"\\.trace");
	json_decref(object);
}

static void a_hazard_in_json(void **state)
{
	json_t *object;

	(void)state;
	write_file("lone.trace", "sqe a NOP flags=SQE_GROUP\nsubmit\nreap\n");
	expect("run --json --events lone.trace", 1, NULL, "");
	object = line_of(0);
	assert_string_equal(text_of(json_object_get(object, "difference"), "expected"), "(no string)");
	assert_memory_equal(text_of(json_object_get(object, "difference"), "observed"), "hazard ", 7);
	json_decref(object);
}

static void a_schedule_that_parts(void **state)
{
	json_t *object;

	(void)state;
	write_file("w.trace", "sqe a NOP flags=ASYNC\nsqe b NOP flags=ASYNC\nsubmit\nreap\n");
	write_file("s", "actor nobody\n");
	expect("run --json --events --replay s w.trace", 2, NULL, "s:1:7: ");
	object = line_of(0);
	assert_string_equal(text_of(object, "verdict"), "diverged");
	json_decref(object);
}

/* Block requests have names too, in events and at the end; only what was read has bytes. */
static void block_requests(void **state)
{
	json_t *object, *list, *at;

	(void)state;
	write_file("ublk.trace", "ublk d depth=2\nmem m size=512\nsqe a UBLK_FETCH fd=d tag=0 addr=m\n"
				 "sqe b UBLK_FETCH fd=d tag=1 addr=m\nsubmit\nblkreq r d read len=512\n"
				 "blkreq w d flush\nsqe c UBLK_COMMIT_AND_FETCH fd=d tag=1 addr=m res=-EIO\nsubmit\n");
	expect("run --json --events ublk.trace", 0, NULL, "");
	object = line_of(0);
	list = json_object_get(object, "observations");
	at = json_array_get(list, json_array_size(list) - 3);
	assert_string_equal(text_of(at, "kind"), "blk");
	assert_string_equal(text_of(at, "blk"), "r");
	assert_string_equal(text_of(at, "hash"), "a96097cce9746d25");
	/* the server is gone by then */
	assert_true(json_is_true(json_object_get(at, "done")));
	assert_int_equal(json_integer_value(json_object_get(at, "untouched")), 512);
	at = json_array_get(list, json_array_size(list) - 2);
	assert_string_equal(text_of(at, "blk"), "w");
	assert_true(json_is_true(json_object_get(at, "done")));
	assert_int_equal(json_integer_value(json_object_get(at, "res")), -5);
	assert_null(json_object_get(at, "hash"));
	list = json_object_get(object, "events");
	for (size_t i = 0; i < json_array_size(list); i++) {
		at = json_array_get(list, i);
		if (!strcmp(text_of(at, "event"), "blk_done"))
			break;
	}
	assert_string_equal(text_of(at, "blk"), "w");
	json_decref(object);
	expect("run --events ublk.trace", 0, NULL, "");
	assert_non_null(strstr(out_text, "block request w is completed: -5\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(observations),
		cmocka_unit_test(events),
		cmocka_unit_test(every_file_has_its_line),
		cmocka_unit_test(names_that_are_not_utf8),
		cmocka_unit_test(a_hazard_in_json),
		cmocka_unit_test(block_requests),
		cmocka_unit_test(a_schedule_that_parts),
	};

	return cmocka_run_group_tests_name("cli json", tests, make_files, leave_scratch);
}
