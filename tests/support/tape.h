/* SPDX-License-Identifier: MIT */
/* Every run of a trace, one after the other: the choices of one, counted through like an odometer. */
#ifndef GB_TESTS_TAPE_H
#define GB_TESTS_TAPE_H

#include <stdbool.h>
#include <stdint.h>

#include "groupbuf/world.h"

#define TAPE_LENGTH 1024U

/* Zero is the first run; `at` has to be 0 when a run begins, and is the number of its choices at its end. */
struct tape {
	uint32_t value[TAPE_LENGTH], base[TAPE_LENGTH];
	uint32_t n, at;
};

/* A gb_choose_fn; `user` is a struct tape. */
uint32_t tape_choose(void *user, const struct gb_choice *choice);

/* On to the choices of the next run; false behind the last. */
bool tape_next(struct tape *tape);

#endif
