/* SPDX-License-Identifier: MIT */
/* Input nobody should write. It may be refused, with a place; it must never crash. */
#include "cli.h"

/* Every file must end in 2 with its name and a place on stderr. */
static void refused(const char *name, const char *bytes, size_t size)
{
	char line[256];
	char place[128];

	write_bytes(name, bytes, size);
	snprintf(line, sizeof(line), "run %s", name);
	snprintf(place, sizeof(place), "%s:", name);
	expect(line, 2, "", place);
	assert_true(err_text[strlen(err_text) - 1] == '\n');
	assert_true(strlen(err_text) < 1000);
	for (const char *s = err_text; *s; s++)
		assert_true(*s == '\n' || ((unsigned char)*s >= ' ' && *s != 0x7f));
}

static void text_refused(const char *text)
{
	refused("t.trace", text, strlen(text));
}

static void empty_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		static const char *const texts[] = {"", "\n\n# nothing\n", "title t\nfile f size=1\n", "sqe a NOP\n"};
		const int code = i < 3 ? 2 : 0;

		write_file("e.trace", texts[i]);
		expect("run -q e.trace", code, code ? "" : "ok e.trace\n",
		       code ? "e.trace: no statement; expected" : "");
		expect("check -q e.trace", code, code ? "" : "Observation e Always 1 0\n",
		       code ? "e.trace: no statement; expected" : "");
	}
	expect("run /dev/null", 2, "", "/dev/null: no statement");
	expect("check --json /dev/null", 2,
	       "{\"file\":\"/dev/null\",\"verdict\":\"bad-input\",\"line\":0,\"column\":0,\"error\":\"no statement; "
	       "expected "
	       "a program, as 'sqe a NOP' and 'submit'\"}\n",
	       "no statement");
}

static void binary_files(void **state)
{
	char bytes[4096];
	uint32_t x = 1;

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++) {
		x = x * 1664525 + 1013904223;
		bytes[i] = (char)(x >> 24);
	}
	refused("bin.trace", bytes, sizeof(bytes));
	refused("nul.trace", "sqe a NOP\n\0\n", 12);
	refused("nul.trace", "sqe a\0b NOP\n", 12);
	refused("latin.trace", "sqe \xe4 NOP\n\xff\n", 12);
	expect("run " GB_BINARY, 2, "", ":1:");
	expect("run /proc/self/mem", 2, "", "/proc/self/mem: ");
}

static void line_of_10_mb(void **state)
{
	const size_t size = 10 << 20;
	char *text = malloc(size + 1);

	(void)state;
	assert_non_null(text);
	memset(text, 'x', size);
	refused("long.trace", text, size);
	memset(text, ' ', size);
	memcpy(text + size - 8, "\nsubmit\n", 8);
	write_bytes("long.trace", text, size);
	expect("run -q long.trace", 0, "ok long.trace\n", "");
	text[0] = '#';
	write_bytes("long.trace", text, size);
	expect("run -q long.trace", 0, "ok long.trace\n", "");
	expect("check -q long.trace", 0, NULL, "");
	memcpy(text, "sqe a NOP flags=", 16);
	memset(text + 16, '|', size - 16);
	refused("long.trace", text, size);
	free(text);
}

static void hundred_thousand_sqes(void **state)
{
	FILE *f = fopen("many.trace", "w");

	(void)state;
	assert_non_null(f);
	for (int i = 0; i < 100000; i++)
		fprintf(f, "sqe n%d NOP\n", i);
	fputs("submit\nreap\n", f);
	fclose(f);
	expect("run many.trace", 2, "", "many.trace:60001:");
}

static void as_many_sqes_as_allowed(void **state)
{
	FILE *f = fopen("most.trace", "w");

	(void)state;
	assert_non_null(f);
	fputs("ring entries=32768\n", f);
	for (int i = 0; i < 60000; i++)
		fprintf(f, "sqe n%d NOP\n%s", i, i % 10000 == 9999 ? "submit\nreap\n" : "");
	fclose(f);
	expect("run -q most.trace", 0, "ok most.trace\n", "");
}

static void numbers_out_of_range(void **state)
{
	static const char *const lines[] = {
		"ring entries=0\n",
		"ring entries=4294967297\n",
		"ring entries=99999999999999999999999\n",
		"ring entries=64 cq=18446744073709551616\n",
		"file f size=18446744073709551615\n",
		"file f size=-1\n",
		"file f size=1 fill=0x1ff\n",
		"sqe a NOP flags=256\n",
		"sqe a NOP flags=0x\n",
		"sqe a NOP flags=\n",
		"sqe a NOP len=0x100000000\n",
		"sqe a NOP res=2147483648\n",
		"sqe a NOP res=-2147483649\n",
		"sqe a NOP ioprio=65536\n",
		"sqe a NOP off=18446744073709551616\n",
		"sqe a TIMEOUT ms=99999999999\n",
		"lessor d\nsqe a LEASE fd=d dir=dest len=1 segs=4294967295\n",
		"lessor d\nsqe a LEASE fd=d dir=dest len=1 segs=0\n",
		"lessor d\nsqe a LEASE fd=d dir=dest len=4294967295 offset=4294967295\n",
		"pipe p\nwrite p.w 99999999999\n",
		"reap ms=99999999999\n",
		"wait 4294967296\n",
		"sqe a NOP\ncqe a 99999999999\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		text_refused(lines[i]);
}

static void names_that_do_not_work(void **state)
{
	static const char *const lines[] = {
		"sqe a NOP\nsqe a NOP\n",
		"file f size=1\nfile f size=1\n",
		"file f size=1\npipe f\n",
		"sqe a READ fd=f len=1\n",
		"sqe a ASYNC_CANCEL target=b\n",
		"pipe p\nsqe a READ fd=p.x len=1\n",
		"pipe p\nsqe a READ fd=p len=1\n",
		"sqe a NOP\ncqe b 0\n",
		"sqe\n",
		"sqe a\n",
		"sqe a NOP a=b=c\n",
		"sqe a NOP len=1 len=2\n",
		"sqe a NOP flags=IO_LINK|\n",
		"sqe a NOP flags=IO_LINK|NONSENSE\n",
		"forall (((((\n",
		"forall a.cqe <\n",
		"sqe a NOP\nforall a.cqe < b.cqe\n",
		"seen x a:0\n",
		"submit now\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		text_refused(lines[i]);
}

static void cycles_of_targets(void **state)
{
	(void)state;
	write_file("c.trace", "sqe a ASYNC_CANCEL target=b\nsqe b ASYNC_CANCEL target=c\nsqe c ASYNC_CANCEL target=a\n"
			      "sqe d ASYNC_CANCEL target=d\nsubmit\nreap\n");
	assert_true(groupbuf("run c.trace") < 1000); /* legal for the language; the simulator may not know it yet */
}

static void deep_expression(void **state)
{
	const size_t depth = 200000;
	char *text = malloc(2 * depth + 64);
	size_t n;

	(void)state;
	assert_non_null(text);
	n = (size_t)sprintf(text, "sqe a NOP\nforall ");
	memset(text + n, '(', depth);
	n += depth;
	n += (size_t)sprintf(text + n, "a.res = 0");
	memset(text + n, ')', depth);
	n += depth;
	text[n++] = '\n';
	write_bytes("deep.trace", text, n);
	assert_true(groupbuf("run deep.trace") <= 77);
	free(text);
}

static void hostile_schedules(void **state)
{
	char *text = malloc(1 << 20);

	(void)state;
	assert_non_null(text);
	write_file("t.trace", "sqe a NOP flags=ASYNC\nsubmit\nreap\n");
	memset(text, 'x', 1 << 20);
	write_bytes("s", text, 1 << 20);
	expect("run --replay s t.trace", 2, "", "s:1:1: 'xxx");
	memset(text, 0, 1 << 20);
	write_bytes("s", text, 1 << 20);
	expect("run --replay s t.trace", 2, "", "s:1:1: '\?\?\?");
	memset(text, '\n', 1 << 20);
	write_bytes("s", text, 1 << 20);
	expect("run -q --replay s t.trace", 0, "ok t.trace\n", "note");
	free(text);
	expect("run --replay . t.trace", 2, "", ".: Is a directory");
	expect("run --replay " GB_BINARY " t.trace", 2, "", ":1:1: ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_files),
		cmocka_unit_test(binary_files),
		cmocka_unit_test(line_of_10_mb),
		cmocka_unit_test(hundred_thousand_sqes),
		cmocka_unit_test(as_many_sqes_as_allowed),
		cmocka_unit_test(numbers_out_of_range),
		cmocka_unit_test(names_that_do_not_work),
		cmocka_unit_test(cycles_of_targets),
		cmocka_unit_test(deep_expression),
		cmocka_unit_test(hostile_schedules),
	};

	return cmocka_run_group_tests_name("cli hostile", tests, enter_scratch, leave_scratch);
}
