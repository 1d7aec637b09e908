/* SPDX-License-Identifier: MIT */
/* The one place where an error is filled in. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "groupbuf/error.h"
#include "trace/reader.h"

void gb_error_vset(struct gb_error *err, enum gb_status status, uint32_t line, uint32_t column, const char *fmt,
		   va_list args)
{
	if (!err)
		return;
	err->status = status;
	err->line = line;
	err->column = column;
	if (vsnprintf(err->text, sizeof(err->text), fmt, args) < 0)
		err->text[0] = '\0';
	/* Whoever prints this may have a terminal: nothing of the input may reach it as a control character. */
	for (char *p = err->text; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';
}

enum gb_status gb_error_set(struct gb_error *err, enum gb_status status, uint32_t line, uint32_t column,
			    const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	gb_error_vset(err, status, line, column, fmt, args);
	va_end(args);
	return status;
}
