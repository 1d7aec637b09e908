/* SPDX-License-Identifier: MIT */
#include "file.h"

#include <stdlib.h>

/* Order counts: pieces are summed up one after the other. */
static void add_sum(struct ck_file *file, const void *data, size_t size)
{
	const struct ck_hash h = ck_hash_bytes(data, size, 1);

	ck_hash_add(&file->sum, h.a, h.b);
}

bool ck_put(struct ck_file *file, const void *data, size_t size)
{
	if (!size)
		return true;
	add_sum(file, data, size);
	return fwrite(data, size, 1, file->f) == 1;
}

bool ck_get(struct ck_file *file, void *data, size_t size)
{
	if (!size)
		return true;
	if (fread(data, size, 1, file->f) != 1)
		return false;
	add_sum(file, data, size);
	return true;
}

bool ck_may_hold(const struct ck_file *file, uint64_t n, size_t size)
{
	return n <= (file->size ? file->size : SIZE_MAX / 2) / size;
}

void *ck_get_array(struct ck_file *file, size_t size)
{
	void *data = size < SIZE_MAX / 2 && (!file->size || size <= file->size) ? malloc(size + 1) : NULL;

	if (data && !ck_get(file, data, size)) {
		free(data);
		return NULL;
	}
	return data;
}
