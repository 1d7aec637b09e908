/* SPDX-License-Identifier: MIT */
/* Hashes of 128 bits: a running one for words as they come, and XXH3 for forms of states. The same on every machine of
 * its byte order. */
#ifndef GROUPBUF_MODEL_CHECK_HASH_H
#define GROUPBUF_MODEL_CHECK_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct ck_hash {
	uint64_t a, b;
};

__extension__ typedef unsigned __int128 ck_u128;

/* Both halves of the product, folded. */
static inline uint64_t ck_fold(uint64_t x, uint64_t y)
{
	const ck_u128 p = (ck_u128)x * y;

	return (uint64_t)p ^ (uint64_t)(p >> 64);
}

/* Odd constants with about as many ones as zeros; nothing else is asked of them. */
#define CK_K0 0x9e3779b97f4a7c15ULL
#define CK_K1 0xc2b2ae3d27d4eb4fULL
#define CK_K2 0xd6e8feb86659fd93ULL
#define CK_K3 0xa0761d6478bd642fULL

/* Adds two words to a running hash, in order. */
static inline void ck_hash_add(struct ck_hash *h, uint64_t x, uint64_t y)
{
	const uint64_t a = h->a;

	h->a = ck_fold(a ^ x ^ CK_K0, y ^ CK_K1) + h->b;
	h->b = ck_fold(h->b ^ y ^ CK_K2, x ^ CK_K3) + (a << 1 | a >> 63);
}

/* XXH3 of 128 bits. */
struct ck_hash ck_hash_bytes(const void *data, size_t n, uint64_t seed);

#endif
