/* SPDX-License-Identifier: MIT */
/* Where traces come from: files, directories, standard input. */
#ifndef GROUPBUF_CLI_INPUT_H
#define GROUPBUF_CLI_INPUT_H

#include <stddef.h>

/* The files to work on. Zero it. */
struct inputs {
	char **name;
	size_t n, room;
};

/*
 * Adds what an argument means: a file, standard input (-), or every *.trace
 * below a directory, sorted by bytes. Complains about what cannot be listed
 * and returns the exit code.
 */
int inputs_add(struct inputs *inputs, const char *argument);
void inputs_free(struct inputs *inputs);

/* The bytes of a file, malloced, or NULL after a complaint. */
char *input_read(const char *name, size_t *size);

#endif
