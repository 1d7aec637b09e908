/* SPDX-License-Identifier: MIT */
/* The leased buffer, struct io_mapped_buf (S6.1), and what is known of its bytes. */
#include "fake/fake.h"
#include "world/state.h"

/* Cuts lo <= x < hi to the bytes of the lease; false if nothing is left. */
static bool lease_cut(const struct gb_lease *lease, int64_t *lo, int64_t *hi)
{
	int64_t end = (int64_t)lease->offset + lease->len;

	if (*lo < 0)
		*lo = 0;
	if (*hi > end)
		*hi = end;
	return *lo < *hi;
}

void gb_lease_mark(const struct gb_world *w, const struct gb_lease *lease, int64_t lo, int64_t hi)
{
	if (lease_cut(lease, &lo, &hi))
		gb_shadow_set(gb_bytes(w, lease->written), lease->skip + (uint32_t)lo, lease->skip + (uint32_t)hi);
}

bool gb_lease_written(const struct gb_world *w, const struct gb_lease *lease, int64_t lo, int64_t hi)
{
	return !lease_cut(lease, &lo, &hi) ||
	       gb_shadow_all(gb_bytes(w, lease->written), lease->skip + (uint32_t)lo, lease->skip + (uint32_t)hi);
}

uint32_t gb_lease_untouched(const struct gb_world *w, const struct gb_lease *lease)
{
	const unsigned char *bytes = gb_bytes(w, lease->bytes + lease->offset);
	uint32_t n = 0;

	for (uint32_t k = 0; k < lease->len; k++)
		n += bytes[k] == GB_POISON;
	return n;
}

uint64_t gb_lease_hash(const struct gb_world *w, const struct gb_lease *lease)
{
	return gb_fnv(GB_FNV_START, gb_bytes(w, lease->bytes + lease->offset), lease->len);
}
