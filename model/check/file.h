/* SPDX-License-Identifier: MIT */
/* A checkpoint being written or read: its bytes, their sum, and whether something went wrong. */
#ifndef GROUPBUF_MODEL_CHECK_FILE_H
#define GROUPBUF_MODEL_CHECK_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include "hash.h"

struct ck_file {
	FILE *f;
	struct ck_hash sum;
	size_t size; /* bytes of the file, no array is larger; 0: not known */
};

/* Both return false if it did not work. */
bool ck_put(struct ck_file *file, const void *data, size_t size);
bool ck_get(struct ck_file *file, void *data, size_t size);

/* Can n elements of so many bytes be in the file? */
bool ck_may_hold(const struct ck_file *file, uint64_t n, size_t size);

/* An array from the file, malloced; NULL if that fails. Room for at least one byte. */
void *ck_get_array(struct ck_file *file, size_t size);

#endif
