/* SPDX-License-Identifier: MIT */
/* Random traces as text: every statement, every simulated opcode, flags and numbers that make sense or not. */
#ifndef GB_TESTS_PROGRAM_H
#define GB_TESTS_PROGRAM_H

#include <stdint.h>

#include "groupbuf/trace.h"

/* The trace of a seed, always the same; malloced. A few are refused by the reader, as they should be. */
char *random_program(uint64_t seed);

/* The same as it is read, to be freed with gb_trace_free; NULL if it is refused. */
struct gb_trace *random_trace(uint64_t seed);

#endif
