/* SPDX-License-Identifier: MIT */
/* Input that nobody would write: each must give one clean error, in linear time. */
#include "trace_test.h"

#include "trace/reader.h" /* gb_quote */

/* A text of `n` times a format that takes the count. */
static char *many(const char *format, size_t n, size_t *size)
{
	size_t room = n * (strlen(format) + 16) + 1;
	char *text = malloc(room);
	size_t len = 0;

	assert_non_null(text);
	for (size_t i = 0; i < n; i++)
		len += (size_t)snprintf(text + len, room - len, format, (unsigned int)i);
	*size = len;
	return text;
}

static void check_many(const char *format, size_t n, const struct broken *expected)
{
	size_t size;
	char *text = many(format, n, &size);

	check_error(text, size, expected);
	free(text);
}

static void bytes(void **state)
{
	static const struct {
		const char *text;
		size_t size;
		struct broken error;
	} list[] = {
#define BYTES(text, line, column, what)                                         \
	{                                                                       \
		(text), sizeof(text) - 1,                                       \
		{                                                               \
			(text), GB_BAD_INPUT, (line), (column), "byte \\x" what \
		}                                                               \
	}
		BYTES("\0", 1, 1, "00 is of a control character; expected text"),
		BYTES("sqe a NOP\0\n", 1, 10, "00 is of a control character; expected text"),
		BYTES("submit\nsqe\0 a NOP", 2, 4, "00 is of a control character; expected text"),
		BYTES("# a comment \0", 1, 13, "00 is of a control character; expected text"),
		BYTES("sub\rmit", 1, 4, "0d is of a control character; expected text"),
		BYTES("submit\r\r\n", 1, 7, "0d is of a control character; expected text"),
		BYTES("title \x1b[2J", 1, 7, "1b is of a control character; expected text"),
		BYTES("title \x7f", 1, 7, "7f is of a control character; expected text"),
		BYTES("title \x80", 1, 7, "80 is no UTF-8; expected text"),
		BYTES("title \xc3", 1, 7, "c3 is no UTF-8; expected text"),
		BYTES("title \xc3(", 1, 7, "c3 is no UTF-8; expected text"),
		BYTES("title \xc0\x80", 1, 7, "c0 is no UTF-8; expected text"),		      /* overlong */
		BYTES("title \xc2\x9b", 1, 7, "c2 is of a control character; expected text"), /* a control character */
		BYTES("title \xe0\x80\xaf", 1, 7, "e0 is no UTF-8; expected text"),	      /* overlong */
		BYTES("title \xed\xa0\x80", 1, 7, "ed is no UTF-8; expected text"),	      /* half of a pair */
		BYTES("title \xf0\x80\x80\xaf", 1, 7, "f0 is no UTF-8; expected text"),	      /* overlong */
		BYTES("title \xf4\x90\x80\x80", 1, 7, "f4 is no UTF-8; expected text"), /* beyond the last character */
		BYTES("title \xf0\x9f\x98\x80\xff", 1, 11, "ff is no UTF-8; expected text"), /* behind a good one */
#undef BYTES
	};

	(void)state;
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		check_error(list[i].text, list[i].size, &list[i].error);
}

/* Words are shown escaped and cut. */
static void words(void **state)
{
	static const struct broken list[] = {
		{"sqe \xc3\xa9 NOP", GB_BAD_INPUT, 1, 5, "'\\xc3\\xa9' is not a name; *"},
		{"sqe a NOP len=\xc3\xa9", GB_BAD_INPUT, 1, 15, "len=\\xc3\\xa9 is not a number; *"},
		{"%s%n", GB_BAD_INPUT, 1, 1, "unknown statement '%s%n'; *"},
	};
	const struct gb_word control = {"\x01\x02\x03\x04\x05\x06\x07\x08\x0b\x0e\x0f\x10\x11\x12\x13\x14", 16, 1, 0};

	(void)state;
	CHECK_BROKEN(list);
	assert_string_equal(GB_QUOTE(&control),
			    "'\\x01\\x02\\x03\\x04\\x05\\x06\\x07\\x08\\x0b\\x0e\\x0f\\x10\\x11\\x12...'");
}

/* 10 MB without a line end: as one word, as a number, as a name, as fields, as an expression. */
static void long_lines(void **state)
{
	static const struct {
		const char *head;
		char fill;
		uint32_t column;
		const char *text;
	} list[] = {
		{"", 'x', 1,
		 "unknown statement 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...'; expected title, *"},
		{"sqe a NOP len=", '9', 15,
		 "len=999999999999999999999999999999999999999999999999999... is out of range; *"},
		{"sqe ", 'y', 5, "the name 'yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy...' is too long; *"},
		{"sqe a NOP ", '=', 11, "unknown key ''; *"},
		{"forall ", '(', 108, "the expression is nested too deeply; expected at most 100 levels"},
		{"sqe a NOP flags=", '|', 17, "unknown sqe flag ''; *"},
		{"sqe a NOP flags=", '0', 10000017, ""},
		{"file ", '.', 6, "'.........................................................' is not a name; *"},
		{"seen 1 ", ':', 8, "'' is not declared; *"},
		{"invariant I", '1', 10000012, "the line ends too early; expected 'violated'"},
		{"title ", 't', 0, ""},
		{"", ' ', 0, ""},
		{"# ", '#', 0, ""},
	};
	const size_t n = 10000000;
	char *text = malloc(n + 32);

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		const struct broken expected = {list[i].head, GB_BAD_INPUT, 1, list[i].column, list[i].text};
		size_t len = strlen(list[i].head);

		memcpy(text, list[i].head, len);
		memset(text + len, list[i].fill, n);
		text[len + n] = '\0';
		if (list[i].text[0])
			check_error(text, len + n, &expected);
		else
			gb_trace_free(read_good(text));
	}
	free(text);
}

static void too_much(void **state)
{
	static const struct broken sqes = {"", GB_BAD_INPUT, 60001, 1,
					   "too many SQEs; expected at most 60000 in a trace"};
	static const struct broken lines = {"", GB_BAD_INPUT, 1000001, 1,
					    "the trace is too long; expected at most 1000000 lines"};
	static const struct broken objects = {"", GB_BAD_INPUT, 65, 1,
					      "too many objects; expected at most 64 in a trace"};
	static const struct broken text = {"", GB_BAD_INPUT, 0, 0,
					   "the trace is too long; expected at most 16777216 bytes"};

	(void)state;
	check_many("sqe a%u NOP\n", 100000, &sqes);
	check_many("sqe a NOP\n", 100000, &sqes);
	check_many("submit\n", 1000001, &lines);
	check_many("\n", 3000000, &lines);
	check_many("pipe p%u\n", 100, &objects);
	check_many("################\n", 1000000, &text);
}

/* What is within the limits works, and in no time. */
static void much(void **state)
{
	size_t size, n;
	char *text = many("sqe a_label_that_has_a_long_beginning_in_common_with_others_%u ASYNC_CANCEL "
			  "target=a_label_that_has_a_long_beginning_in_common_with_others_0\nsubmit\n",
			  GB_MAX_SQES, &size);
	struct gb_trace *trace = read_good(text);

	(void)state;
	n = trace->n_sqes;
	assert_int_equal(n, GB_MAX_SQES);
	assert_int_equal(trace->sqes[n - 1].target, 0);
	gb_trace_free(trace);
	free(text);

	text = many("submit\n", 1000000, &size);
	trace = read_good(text);
	assert_int_equal(trace->n_stmts, 1000000);
	gb_trace_free(trace);
	free(text);

	text = many("stuck\n", 1000000, &size);
	trace = read_good(text);
	assert_int_equal(trace->n_expect, 1000000);
	gb_trace_free(trace);
	free(text);
}

/* All labels the same: the second one is the error, however many follow. */
static void same_labels(void **state)
{
	static const struct broken twice = {"", GB_BAD_INPUT, 2, 5,
					    "label 'a' is already used in line 1; expected another name"};

	(void)state;
	check_many("sqe a NOP\n", GB_MAX_SQES, &twice);
}

/* Requests may well wait for each other's end, or cancel themselves. */
static void cycles(void **state)
{
	struct gb_trace *trace = read_good("sqe a ASYNC_CANCEL target=b\nsqe b ASYNC_CANCEL target=a\n"
					   "sqe c ASYNC_CANCEL target=c\n");

	(void)state;
	assert_true(trace->sqes[0].target == 1 && trace->sqes[1].target == 0 && trace->sqes[2].target == 2);
	gb_trace_free(trace);
}

static void no_error_wanted(void **state)
{
	struct gb_trace *trace = NULL;

	(void)state;
	assert_int_equal(gb_trace_parse("x", 1, &trace, NULL), GB_BAD_INPUT);
	assert_null(trace);
	assert_int_equal(gb_trace_parse("sqe a TEE", 9, &trace, NULL), GB_NOT_SIMULATED);
	assert_null(trace);
}

/* Errors are for terminals too: cut, and without control characters. */
static void error_text(void **state)
{
	char text[600];
	struct gb_error err;

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(gb_error_set(&err, GB_LIMIT, 3, 4, "\x1b[2J%s", text), GB_LIMIT);
	assert_true(err.status == GB_LIMIT && err.line == 3 && err.column == 4);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	assert_memory_equal(err.text, "?[2Jxxx", 7);
	assert_int_equal(gb_error_set(NULL, GB_NO_MEMORY, 0, 0, "nobody listens"), GB_NO_MEMORY);
}

static const char sample[] = "title A\nring entries=4 cq=8 flags=SUBMIT_ALL|CLAMP\nfile f size=10 fill=0x3c direct=1\n"
			     "pipe p\nsock s type=dgram sndbuf=9\nlessor dev\nmem m size=8\n"
			     "sock t zc=hold inq=1 connected=0\nlisten l backlog=2\n"
			     "sqe a LEASE fd=dev dir=dest len=9 offset=1 segs=2 mode=async res=-5 flags=SQE_GROUP\n"
			     "sqe b READ fd=p.r off=-1 addr=m+4 len=5 op_flags=0x10 flags=GROUP_BUF|IO_LINK\n"
			     "sqe c ASYNC_CANCEL target=a\nsqe d TIMEOUT ms=3\nsubmit\nwait 2\nreap ms=5\n"
			     "sqe e CONNECT fd=t.1 to=l\nsqe f ACCEPT fd=l file_index=1\nsqe g READ fd=ring\n"
			     "connect t.1 l\nconnected t.1 -11\n"
			     "write p.w 3\nread s.0 4\nshutdown s.1\nclose p.r\n"
			     "register restrictions register_op=FILES sqe_op=NOP,READ sqe_flags_allowed=ASYNC\n"
			     "register enable\ndie\nexit\nregistered -16\n"
			     "cqe a -5 flags=0x2\nsubmitted 1\nstuck\n"
			     "ack a leases=1 acks=1 after=2 bytes=0123456789abcdef untouched=0\n"
			     "got s.0 4 0123456789abcdef\nwrote p.w 1\nfinal f size=1 0123456789abcdef\n"
			     "final p.0 bytes=3 0123456789abcdef\nhazard leak at io_free: x y\n"
			     "invariant I5 violated: x\nseen 2 a:1 b:-22\n"
			     "forall !(a.cqe < b.cqe | a.res = -EIO) & b.acks >= 0x1\n";

/* Reads whatever it is; what is good must come out of the printer and in again the same. */
static bool survive(const char *text, size_t size)
{
	char *copy = malloc(size + 1); /* exactly that large: a sanitizer sees the byte behind it */
	struct gb_trace *trace, *again;
	char *first, *second;
	struct gb_error err;

	assert_non_null(copy);
	memcpy(copy, text, size);
	copy = realloc(copy, size ? size : 1);
	if (gb_trace_parse(copy, size, &trace, &err) != GB_OK) {
		free(copy);
		assert_non_null(strstr(err.text, err.status == GB_NOT_SIMULATED ? "simulated" : "; expected "));
		assert_true(err.line && err.column);
		return false;
	}
	free(copy);
	first = gb_trace_print(trace);
	again = read_good(first);
	second = gb_trace_print(again);
	assert_string_equal(first, second);
	gb_trace_free(trace);
	gb_trace_free(again);
	free(first);
	free(second);
	return true;
}

static void cut_anywhere(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof(sample); n++)
		survive(sample, n);
	assert_true(survive(sample, sizeof(sample) - 1));
}

/* A generator of our own: the same changes on every machine. */
static uint32_t next(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(*seed >> 33);
}

static void changed_anywhere(void **state)
{
	static const char bytes[] = " \n\t=|+-.:#()!&<>0179aefsxFX_\r\0\xff";
	unsigned int good = 0;
	uint64_t seed = 1;

	(void)state;
	for (unsigned int i = 0; i < 30000; i++) {
		char text[sizeof(sample)];
		uint32_t changes = 1 + next(&seed) % 3;

		memcpy(text, sample, sizeof(sample));
		while (changes--) {
			size_t at = next(&seed) % (sizeof(sample) - 1), from = next(&seed) % (sizeof(sample) - 1);
			size_t n = next(&seed) % 8;

			if (next(&seed) % 2 && at + n < sizeof(sample) && from + n < sizeof(sample))
				memmove(text + at, text + from, n);
			else
				text[at] = bytes[next(&seed) % sizeof(bytes)];
		}
		good += survive(text, sizeof(sample) - 1);
	}
	assert_in_range(good, 100, 29000); /* both kinds were tried */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes),
		cmocka_unit_test(words),
		cmocka_unit_test(long_lines),
		cmocka_unit_test(too_much),
		cmocka_unit_test(much),
		cmocka_unit_test(same_labels),
		cmocka_unit_test(cycles),
		cmocka_unit_test(error_text),
		cmocka_unit_test(no_error_wanted),
		cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(changed_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
