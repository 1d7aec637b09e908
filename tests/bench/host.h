/* SPDX-License-Identifier: MIT */
/* The kernel of this machine; a file of its own because liburing.h and groupbuf/abi.h define the same names. */
#ifndef GROUPBUF_TESTS_BENCH_HOST_H
#define GROUPBUF_TESTS_BENCH_HOST_H

#include <stdbool.h>

/* A ring of 64 entries without flags; false if this machine, or this build, has no io_uring. */
bool host_open(void);
void host_close(void);

/* Submits `batch` NOPs and takes their CQEs, `batches` times over; false if that failed. */
bool host_nops(unsigned int batches, unsigned int batch);

#endif
