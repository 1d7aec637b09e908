/* SPDX-License-Identifier: MIT */
/* How the library reports bad input: one line with its place, never printed by the library itself. */
#ifndef GROUPBUF_ERROR_H
#define GROUPBUF_ERROR_H

#include <stdint.h>

/* What a failing call means for the exit code of the command. */
enum gb_status {
	GB_OK = 0,
	GB_BAD_INPUT = 2,      /* the input is wrong: exit code 2 */
	GB_LIMIT = 3,	       /* a limit was reached before a verdict: exit code 3 */
	GB_NOT_SIMULATED = 77, /* correct, but not simulated (yet): exit code 77 */
	GB_NO_MEMORY = 100,    /* the host has no memory left */
};

/* Place and text of one error. line and column count from 1; 0 means no place. */
struct gb_error {
	enum gb_status status;
	uint32_t line;
	uint32_t column;
	char text[256];
};

#if defined(__GNUC__)
#define GB_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
#else
#define GB_PRINTF(fmt, first)
#endif

/*
 * Fills *err (which may be NULL) and returns status, so that a function can
 * end with `return gb_error_set(...)`. Text beyond the field is cut.
 */
enum gb_status gb_error_set(struct gb_error *err, enum gb_status status, uint32_t line, uint32_t column,
			    const char *fmt, ...) GB_PRINTF(5, 6);

#endif
