/* SPDX-License-Identifier: MIT */
#include "hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

struct ck_hash ck_hash_bytes(const void *data, size_t n, uint64_t seed)
{
	const XXH128_hash_t h = XXH3_128bits_withSeed(data, n, seed);

	return (struct ck_hash){h.low64, h.high64};
}
