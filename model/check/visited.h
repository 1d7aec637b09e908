/* SPDX-License-Identifier: MIT */
/*
 * The set of states that have been seen. Of a state it keeps a fingerprint of
 * 56 bits in one of 4096 tables that 12 further bits choose, and beside it in
 * the same word which of its steps have been taken care of. With `exact` it
 * keeps the form of the state as well, and compares that.
 */
#ifndef GROUPBUF_MODEL_CHECK_VISITED_H
#define GROUPBUF_MODEL_CHECK_VISITED_H

#include <stdbool.h>

#include "file.h"
#include "hash.h"

#define CK_SHARD_BITS	    12U
#define CK_SHARDS	    (1U << CK_SHARD_BITS)
#define CK_FINGERPRINT_BITS (56U + CK_SHARD_BITS)
#define CK_MASK_BITS	    8U
#define CK_MASK_ALL	    0xffU

/* A table sorted by fingerprint: every entry stands at or behind the place its value asks for. */
struct ck_shard {
	uint64_t *slot;	 /* fingerprint << 8 | mask, 0 if empty */
	uint64_t *where; /* exact: place of the form in the arena */
	uint32_t n, cap;
	uint32_t pad; /* places behind the last of cap, for what was pushed there */
};

struct ck_visited {
	struct ck_shard *shard;
	bool exact;
	uint64_t n;
	uint64_t bytes;
	unsigned char *forms; /* exact: length and bytes of every form */
	uint64_t forms_used, forms_room;
};

bool ck_visited_init(struct ck_visited *v, bool exact);
void ck_visited_free(struct ck_visited *v);

/* The word of a state, or NULL; good until the next insertion. Its low 8 bits are the mask. */
uint64_t *ck_visited_find(const struct ck_visited *v, struct ck_hash h, const void *form, size_t n);

/* Adds a state that is not there; mask is not 0. False if there is no memory. */
bool ck_visited_insert(struct ck_visited *v, struct ck_hash h, const void *form, size_t n, uint8_t mask);

/* Fetches what ck_visited_find is going to look at. */
void ck_visited_prefetch(const struct ck_visited *v, struct ck_hash h);

/* To a file and back; false if that fails. */
bool ck_visited_save(const struct ck_visited *v, struct ck_file *f);
bool ck_visited_load(struct ck_visited *v, struct ck_file *f);

#endif
