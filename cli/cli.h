/* SPDX-License-Identifier: MIT */
/* What the commands share: exit codes and the way to complain. */
#ifndef GROUPBUF_CLI_H
#define GROUPBUF_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "groupbuf/error.h"

/* Exit codes (interface.md). */
enum {
	CODE_OK = 0,
	CODE_FAILED = 1, /* an expectation, a property, an unexpected hazard */
	CODE_BAD = 2,	 /* bad arguments or bad input */
	CODE_LIMIT = 3,	 /* no verdict */
	CODE_CANNOT = 77,
};

/* Of several files the worst counts: 2 over 1 over 3 over 77 over 0. */
int cli_worse(int a, int b);

/* The exit code of a library call that failed. */
int cli_code(enum gb_status status);

/* A line on stderr, behind everything that is already on stdout: `WHO: message`. */
void cli_complain(const char *who, const char *fmt, ...) GB_PRINTF(2, 3);

/* The same for an error with its place: `FILE:LINE:COLUMN: message`. Returns the exit code. */
int cli_complain_at(const char *file, const struct gb_error *err);

/* Points to the help of a command after a wrong argument; returns CODE_BAD. */
int cli_usage(const char *command);

/* Says what is wrong with the argument of an option; returns CODE_BAD. */
int cli_wrong(const char *command, const char *option, const char *argument, const char *fmt, ...) GB_PRINTF(4, 5);

/*
 * The argument of an option; each returns CODE_OK, or complains and says what
 * is possible. A number is decimal, or hexadecimal behind 0x. Names end in NULL;
 * of several, with commas between, each adds its bit.
 */
int cli_number(const char *command, const char *option, const char *argument, uint64_t min, uint64_t max,
	       uint64_t *out);
int cli_name(const char *command, const char *option, const char *argument, const char *const *names, uint32_t *out);
int cli_names(const char *command, const char *option, const char *argument, const char *const *names, uint32_t *out);

/* Flushes stdout; the exit code, worsened if the output did not get through. */
int cli_finish(int code);

/* The commands; argv[0] is "groupbuf COMMAND". */
int cmd_run(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_merge(int argc, char **argv);
int cmd_invariants(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_fuzz(int argc, char **argv);

#endif
