/* SPDX-License-Identifier: MIT */
/* What the tests of the trace language share. */
#ifndef GB_TESTS_TRACE_TEST_H
#define GB_TESTS_TRACE_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "groupbuf/trace.h"

/* One broken trace and its one error. A text that ends in '*' is the beginning of the expected one. */
struct broken {
	const char *trace;
	enum gb_status status;
	uint32_t line, column;
	const char *text;
};

/* Reads a trace that must be good. */
static inline struct gb_trace *read_good(const char *text)
{
	struct gb_trace *trace = NULL;
	struct gb_error err;

	if (gb_trace_parse(text, strlen(text), &trace, &err) != GB_OK)
		fail_msg("%u:%u: %s\nin\n%s", err.line, err.column, err.text, text);
	assert_non_null(trace);
	assert_int_equal(err.status, GB_OK);
	return trace;
}

/* The trace must come out as `printed`, and that again as itself. */
static inline void check_canonical(const char *text, const char *printed)
{
	struct gb_trace *trace = read_good(text);
	char *first = gb_trace_print(trace);
	struct gb_trace *again;
	char *second;

	assert_non_null(first);
	assert_string_equal(first, printed);
	again = read_good(first);
	second = gb_trace_print(again);
	assert_non_null(second);
	assert_string_equal(second, first);
	free(first);
	free(second);
	gb_trace_free(trace);
	gb_trace_free(again);
}

static inline bool same_error(const char *text, const char *expected)
{
	size_t len = strlen(expected);

	if (len && expected[len - 1] == '*')
		return strncmp(text, expected, len - 1) == 0;
	return strcmp(text, expected) == 0;
}

static inline void check_error(const char *text, size_t size, const struct broken *b)
{
	/* A copy of its own: a sanitizer then sees any byte read behind it. */
	char *copy = malloc(size ? size : 1);
	struct gb_trace none, *trace = &none;
	struct gb_error err;
	enum gb_status status;

	assert_non_null(copy);
	memcpy(copy, text, size);
	status = gb_trace_parse(copy, size, &trace, &err);
	free(copy);
	if (status != b->status || err.status != b->status || err.line != b->line || err.column != b->column ||
	    !same_error(err.text, b->text))
		fail_msg("\n%.200s\nexpected %d at %u:%u: %s\n     got %d at %u:%u: %s", text, b->status, b->line,
			 b->column, b->text, status, err.line, err.column, err.text);
	assert_null(trace);
}

static inline void check_broken(const struct broken *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		check_error(list[i].trace, strlen(list[i].trace), &list[i]);
}

#define CHECK_BROKEN(list) check_broken((list), sizeof(list) / sizeof((list)[0]))

#endif
