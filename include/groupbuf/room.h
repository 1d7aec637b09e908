/* SPDX-License-Identifier: MIT */
/* Arrays that grow. */
#ifndef GROUPBUF_ROOM_H
#define GROUPBUF_ROOM_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/*
 * Room for one element more in an array of n elements of `size` bytes with
 * space for *room, which is the array or has moved; NULL if there is no memory, and
 * then the array is as it was.
 */
static inline void *gb_room_for(void *array, uint32_t n, uint32_t *room, size_t size)
{
	const uint32_t more = *room ? 2 * *room : 16;
	void *moved;

	if (n < *room)
		return array;
	if (more <= n || more > SIZE_MAX / size)
		return NULL;
	moved = realloc(array, more * size);
	if (moved)
		*room = more;
	return moved;
}

#endif
