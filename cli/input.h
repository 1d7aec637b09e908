/* SPDX-License-Identifier: MIT */
/* Where traces come from: files, directories, standard input. */
#ifndef GROUPBUF_CLI_INPUT_H
#define GROUPBUF_CLI_INPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "groupbuf/trace.h"

/* The files to work on. Zero it. */
struct inputs {
	char **name;
	size_t n, room;
};

/*
 * Adds what the arguments behind the options mean: files, standard input (-), or every
 * *.trace below a directory, sorted by bytes. It is an error if there are none. Complains about what cannot be
 * listed and returns the exit code.
 */
int inputs_given(int argc, char **argv, struct inputs *inputs);
void inputs_free(struct inputs *inputs);

/* The bytes of a file, malloced, or NULL after a complaint. */
char *input_read(const char *name, size_t *size);

/*
 * Reads a trace, without what it states of its runs if `forget` is set. One
 * without a statement is refused: nothing would be run, and all would be well.
 * The exit code; what is wrong with the trace is in *err and not told yet, its
 * status is GB_OK if the file could not be read, which is.
 */
int input_trace(const char *name, bool forget, struct gb_trace **trace, struct gb_error *err);

#endif
