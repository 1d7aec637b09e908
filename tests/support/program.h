/* SPDX-License-Identifier: MIT */
/* Random traces as text: every statement, every simulated opcode, flags and numbers that make sense or not. */
#ifndef GB_TESTS_PROGRAM_H
#define GB_TESTS_PROGRAM_H

#include <stdint.h>

/* The trace of a seed, always the same; malloced. A few are refused by the reader, as they should be. */
char *random_program(uint64_t seed);

#endif
