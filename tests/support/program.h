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

/* How many programs a test takes: so many, or as many as GB_PROGRAMS asks for. */
uint64_t programs_asked(uint64_t programs);

/* Calls it for the first `programs` of them that are traces, from seed 1 on. */
typedef void program_fn(void *user, const char *name, const struct gb_trace *trace, uint64_t seed);
void each_program(uint64_t programs, program_fn *fn, void *user);

#endif
