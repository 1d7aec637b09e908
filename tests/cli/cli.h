/* SPDX-License-Identifier: MIT */
/* Runs the command as a user does and keeps what it said. */
#ifndef GROUPBUF_TESTS_CLI_H
#define GROUPBUF_TESTS_CLI_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* What the last command said. A scratch directory is the current one. */
static char *out_text, *err_text;
static char scratch[64];
/* The command; a test may want another build of it. */
static const char *groupbuf_binary = GB_BINARY;

static inline char *read_whole(const char *name)
{
	FILE *f = fopen(name, "rb");
	char *text = NULL;
	size_t n = 0;

	assert_non_null(f);
	for (size_t room = 1 << 16;; room *= 2) {
		text = realloc(text, room + 1);
		assert_non_null(text);
		n += fread(text + n, 1, room - n, f);
		if (n < room)
			break;
	}
	text[n] = '\0';
	fclose(f);
	return text;
}

static inline void write_bytes(const char *name, const char *bytes, size_t size)
{
	FILE *f = fopen(name, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, size, f), size);
	assert_int_equal(fclose(f), 0);
}

static inline void write_file(const char *name, const char *text)
{
	write_bytes(name, text, strlen(text));
}

/* Runs `groupbuf ARGUMENTS` (a piece of shell) and returns its exit code; 1000 + n if signal n ended it. */
static inline int groupbuf(const char *arguments)
{
	char line[2048];
	int status;

	assert_true((size_t)snprintf(line, sizeof(line), "{ %s %s ; } </dev/null >.out 2>.err", groupbuf_binary,
				     arguments) < sizeof(line));
	status = system(line); /* NOLINT(cert-env33-c): the shell's redirections are wanted */
	free(out_text);
	free(err_text);
	out_text = read_whole(".out");
	err_text = read_whole(".err");
	if (WIFSIGNALED(status))
		return 1000 + WTERMSIG(status);
	return WEXITSTATUS(status) >= 128 ? 1000 + WEXITSTATUS(status) - 128 : WEXITSTATUS(status);
}

/* The same, checked: code, all of stdout, and a part of stderr ("" for none at all). */
static inline void expect(const char *arguments, int code, const char *out, const char *err)
{
	const int got = groupbuf(arguments);

	if (got != code || (out && strcmp(out, out_text) != 0) || (*err ? !strstr(err_text, err) : *err_text))
		fail_msg("groupbuf %s: exit code %d, not %d\n--- stdout\n%s--- stderr\n%s", arguments, got, code,
			 out_text, err_text);
}

static inline int enter_scratch(void **state)
{
	(void)state;
	strcpy(scratch, "/tmp/groupbuf-test-XXXXXX");
	return !mkdtemp(scratch) || chdir(scratch) != 0;
}

static inline int leave_scratch(void **state)
{
	char line[128];

	(void)state;
	free(out_text);
	free(err_text);
	out_text = err_text = NULL;
	snprintf(line, sizeof(line), "rm -rf '%s'", scratch);
	return chdir("/") != 0 || system(line) != 0; /* NOLINT(cert-env33-c) */
}

#endif
