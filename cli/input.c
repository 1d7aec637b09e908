/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "input.h"

/* More than any trace can need; what is longer is not a trace. */
#define MAX_TRACE_BYTES ((size_t)256 << 20)

static const char out_of_memory[] = "no memory left";

/* Takes name over, which may be NULL after a failed allocation. */
static int add_name(struct inputs *in, char *name)
{
	if (name && in->n == in->room) {
		size_t room = in->room ? in->room * 2 : 64;
		char **names = realloc(in->name, room * sizeof(*names));

		if (names) {
			in->name = names;
			in->room = room;
		}
	}
	if (!name || in->n == in->room) {
		cli_complain("groupbuf", "%s", out_of_memory);
		free(name);
		return CODE_LIMIT;
	}
	in->name[in->n++] = name;
	return CODE_OK;
}

static char *join(const char *directory, const char *name)
{
	size_t n = strlen(directory);
	char *path = malloc(n + strlen(name) + 2);

	if (!path)
		return NULL;
	while (n > 1 && directory[n - 1] == '/')
		n--;
	memcpy(path, directory, n);
	if (directory[n - 1] != '/')
		path[n++] = '/';
	strcpy(path + n, name);
	return path;
}

static bool is_trace(const char *name)
{
	const size_t n = strlen(name);

	return n > 6 && strcmp(name + n - 6, ".trace") == 0;
}

static int walk(struct inputs *in, const char *directory);

/* A symbolic link to a file is followed, one to a directory is not: it may lead back up. */
static int walk_entry(struct inputs *in, char *path)
{
	struct stat st;

	if (!path)
		return add_name(in, NULL);
	if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		const int code = walk(in, path);

		free(path);
		return code;
	}
	if (is_trace(path) && !(stat(path, &st) == 0 && S_ISDIR(st.st_mode)))
		return add_name(in, path);
	free(path);
	return CODE_OK;
}

static int walk(struct inputs *in, const char *directory)
{
	DIR *dir = opendir(directory);
	int code = CODE_OK;

	if (!dir) {
		cli_complain(directory, "%s", strerror(errno));
		return CODE_BAD;
	}
	for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			code = cli_worse(code, walk_entry(in, join(directory, entry->d_name)));
	closedir(dir);
	return code;
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int add(struct inputs *inputs, const char *argument)
{
	const size_t before = inputs->n;
	struct stat st;
	int code;

	if (strcmp(argument, "-") == 0 || stat(argument, &st) != 0 || !S_ISDIR(st.st_mode))
		return add_name(inputs, strdup(argument));
	code = walk(inputs, argument);
	if (inputs->n == before && code == CODE_OK) {
		cli_complain(argument, "no *.trace in this directory or below");
		code = CODE_BAD;
	}
	if (inputs->n > before)
		qsort(inputs->name + before, inputs->n - before, sizeof(*inputs->name), by_bytes);
	return code;
}

int inputs_given(int argc, char **argv, struct inputs *in)
{
	int code = CODE_OK;

	if (optind == argc) {
		cli_complain(argv[0], "no FILE given");
		return cli_usage(argv[0]);
	}
	for (int i = optind; i < argc; i++)
		code = cli_worse(code, add(in, argv[i]));
	return code;
}

void inputs_free(struct inputs *inputs)
{
	for (size_t i = 0; i < inputs->n; i++)
		free(inputs->name[i]);
	free(inputs->name);
}

/* Everything up to the end of the file; NULL with a message in *why. */
static char *read_all(FILE *f, size_t *size, const char **why)
{
	size_t room = 64 << 10;
	char *text = malloc(room);
	size_t n = 0;

	for (*why = out_of_memory; text; room *= 2) {
		n += fread(text + n, 1, room - n, f);
		*size = n;
		if (n < room && !ferror(f))
			return text;
		*why = ferror(f) ? strerror(errno) : "too long for a trace";
		if (ferror(f) || room >= MAX_TRACE_BYTES)
			break;
		*why = out_of_memory;

		char *more = realloc(text, room * 2);

		if (!more)
			break;
		text = more;
	}
	free(text);
	return NULL;
}

char *input_read(const char *name, size_t *size)
{
	const bool is_stdin = strcmp(name, "-") == 0;
	const char *why = NULL;
	char *text = NULL;
	FILE *f = is_stdin ? stdin : fopen(name, "rb");

	if (!f)
		why = strerror(errno);
	else
		text = read_all(f, size, &why);
	if (f && !is_stdin)
		fclose(f);
	if (!text)
		cli_complain(name, "%s", why);
	return text;
}

int input_trace(const char *name, bool forget, struct gb_trace **trace, struct gb_error *err)
{
	size_t size = 0;
	char *text = input_read(name, &size);
	enum gb_status status;

	*trace = NULL;
	*err = (struct gb_error){0};
	if (!text)
		return CODE_BAD;
	status = gb_trace_parse(text, size, trace, err);
	free(text);
	if (status == GB_OK && !(*trace)->n_stmts)
		status = gb_error_set(err, GB_BAD_INPUT, 0, 0,
				      "no statement; expected a program, as 'sqe a NOP' and 'submit'");
	if (status != GB_OK)
		return cli_code(status);
	if (forget)
		gb_trace_forget(*trace);
	return CODE_OK;
}
