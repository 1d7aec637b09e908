/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
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

int cli_finish(int code)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	fprintf(stderr, "groupbuf: standard output: %s\n", strerror(errno));
	return CODE_BAD;
}
