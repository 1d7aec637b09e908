/* SPDX-License-Identifier: MIT */
/*
 * The machine that traces/conformance was recorded on: what its traces met
 * there and do not say. The tests use this as well; the library knows nothing
 * of it.
 */
#ifndef GROUPBUF_CLI_RECORDED_H
#define GROUPBUF_CLI_RECORDED_H

#include <stdint.h>

/* Bytes recorded_stdin can write. */
#define RECORDED_STDIN_MAX 32768U

/*
 * The traces of the corpus were run by a program that read their list from its
 * standard input, a regular file; a request whose descriptor the kernel
 * overwrote with 0 (S2.29) reads that list. If `path` ends in a name of the
 * corpus, KIND-SEED-NNNN.trace, writes the list of that kind to buf, which
 * holds RECORDED_STDIN_MAX bytes, and returns its length; else returns 0.
 */
uint32_t recorded_stdin(const char *path, char *buf);

#endif
