/* SPDX-License-Identifier: MIT */
/*
 * The machine of the corpus: what its traces met there and do not say.
 */
#ifndef GROUPBUF_CORPUS_H
#define GROUPBUF_CORPUS_H

#include <stdint.h>

/* Bytes gb_corpus_stdin can write. */
#define GB_CORPUS_STDIN_MAX 32768U

/*
 * The traces of the corpus were run by a program that read their list from its
 * standard input, a regular file; a request whose descriptor the kernel
 * overwrote with 0 (S2.29) reads that list. If `path` ends in a name of the
 * corpus, KIND-SEED-NNNN.trace, writes the list of that kind to buf, which
 * holds GB_CORPUS_STDIN_MAX bytes, and returns its length; else returns 0.
 */
uint32_t gb_corpus_stdin(const char *path, char *buf);

#endif
