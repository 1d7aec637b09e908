/* SPDX-License-Identifier: MIT */
/* Regular files, buffered: generic_file_read_iter and generic_file_write_iter. */
#include <string.h>

#include "fake/fake.h"
#include "world/state.h"

/* filemap_read */
int64_t gb_regular_read(struct gb_world *w, struct gb_file *f, uint64_t *pos, struct iov_iter *i)
{
	const struct gb_area *area = gb_area(w, f->index);
	uint32_t at, n;

	if (!i->count || *pos >= area->size)
		return 0;
	at = (uint32_t)*pos;
	n = copy_to_iter(w, gb_bytes(w, area->bytes + at), gb_min(i->count, area->size - at), i);
	*pos += n;
	return n ? (int64_t)n : -GB_EFAULT;
}

/* generic_perform_write; the gap behind the old end reads as zeros. */
int64_t gb_regular_write(struct gb_world *w, struct gb_file *f, uint64_t *pos, struct iov_iter *i)
{
	struct gb_area *area = gb_area(w, f->index);
	uint32_t at, n;

	if (!i->count)
		return 0;
	if (*pos >= area->cap)
		return -GB_EFBIG;
	at = (uint32_t)*pos;
	n = copy_from_iter(w, gb_bytes(w, area->bytes + at), gb_min(i->count, area->cap - at), i);
	if (!n)
		return -GB_EFAULT;
	if (at > area->size)
		memset(gb_bytes(w, area->bytes + area->size), 0, at - area->size);
	if (at + n > area->size)
		area->size = at + n;
	*pos += n;
	return n;
}
