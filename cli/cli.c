/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

/* How bad a code is; the order is that of the manual, not of the numbers. */
static int rank(int code)
{
	static const int by_rank[] = {CODE_OK, CODE_CANNOT, CODE_LIMIT, CODE_FAILED, CODE_BAD};
	int i = 0;

	while (by_rank[i] != code && by_rank[i] != CODE_BAD)
		i++;
	return i;
}

int cli_worse(int a, int b)
{
	return rank(b) > rank(a) ? b : a;
}

int cli_code(enum gb_status status)
{
	switch (status) {
	case GB_OK:
		return CODE_OK;
	case GB_BAD_INPUT:
		return CODE_BAD;
	case GB_NOT_SIMULATED:
		return CODE_CANNOT;
	case GB_LIMIT:
	case GB_NO_MEMORY:
		break;
	}
	return CODE_LIMIT;
}

void cli_complain(const char *who, const char *fmt, ...)
{
	va_list args;

	fflush(stdout);
	fprintf(stderr, "%s: ", who);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
}

int cli_complain_at(const char *file, const struct gb_error *err)
{
	char where[32] = "";

	if (err->line)
		snprintf(where, sizeof(where), ":%u:%u", (unsigned)err->line, (unsigned)err->column);
	fflush(stdout);
	fprintf(stderr, "%s%s: %s\n", file, where, err->text);
	return cli_code(err->status);
}

int cli_usage(const char *command)
{
	fprintf(stderr, "Try '%s --help'.\n", command);
	return CODE_BAD;
}

int cli_wrong(const char *command, const char *option, const char *argument, const char *fmt, ...)
{
	va_list args;

	fflush(stdout);
	fprintf(stderr, "%s: --%s '%s': ", command, option, argument);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	return cli_usage(command);
}

int cli_number(const char *command, const char *option, const char *argument, uint64_t min, uint64_t max, uint64_t *out)
{
	const int base = argument[0] == '0' && (argument[1] == 'x' || argument[1] == 'X') ? 16 : 10;
	char *end = NULL;

	errno = 0;
	/* strtoull takes blanks and signs */
	if (*argument >= '0' && *argument <= '9')
		*out = strtoull(argument, &end, base);
	if (end && !errno && !*end && *out >= min && *out <= max)
		return CODE_OK;
	if (max == UINT64_MAX)
		return cli_wrong(command, option, argument, "expected a number from %" PRIu64 " to 2^64 - 1", min);
	return cli_wrong(command, option, argument, "expected a number from %" PRIu64 " to %" PRIu64, min, max);
}

/* The place of a word of n bytes among the names, or that of their end. */
static uint32_t find_name(const char *const *names, const char *word, size_t n)
{
	uint32_t i = 0;

	while (names[i] && (strlen(names[i]) != n || memcmp(names[i], word, n) != 0))
		i++;
	return i;
}

/* "expected a, b or c", "expected some of a, b, c" */
static int wrong_name(const char *command, const char *option, const char *argument, const char *const *names,
		      bool several)
{
	char list[512] = "";
	size_t n = 0;

	for (uint32_t i = 0; names[i] && n < sizeof(list); i++)
		n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%s",
				      !i	     ? ""
				      : names[i + 1] ? ", "
				      : several	     ? ", "
						     : " or ",
				      names[i]);
	return cli_wrong(command, option, argument, "expected %s%s", several ? "some of " : "", list);
}

int cli_name(const char *command, const char *option, const char *argument, const char *const *names, uint32_t *out)
{
	const uint32_t i = find_name(names, argument, strlen(argument));

	if (!names[i])
		return wrong_name(command, option, argument, names, false);
	*out = i;
	return CODE_OK;
}

int cli_names(const char *command, const char *option, const char *argument, const char *const *names, uint32_t *out)
{
	for (const char *at = argument;; at++) {
		const size_t n = strcspn(at, ",");
		const uint32_t i = find_name(names, at, n);

		if (!names[i])
			return wrong_name(command, option, argument, names, true);
		*out |= 1U << i;
		at += n;
		if (!*at)
			return CODE_OK;
	}
}

int cli_finish(int code)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	fprintf(stderr, "groupbuf: standard output: %s\n", strerror(errno));
	return CODE_BAD;
}
