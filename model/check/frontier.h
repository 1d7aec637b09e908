/* SPDX-License-Identifier: MIT */
/*
 * States that wait to be explored: in buckets by level, the newest of a bucket
 * first. Each lies there as its difference to the start of the trace.
 */
#ifndef GROUPBUF_MODEL_CHECK_FRONTIER_H
#define GROUPBUF_MODEL_CHECK_FRONTIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "file.h"
#include "hash.h"

/* One waiting state; its bytes follow apart. */
struct ck_entry {
	struct ck_hash hash;
	double weight;	/* share of the search tree that is below it */
	uint32_t node;	/* how it was reached */
	uint32_t bytes; /* of its packed form */
	uint32_t form;	/* of its exact form behind that, or 0 */
	uint8_t mask;	/* steps to explore */
	bool waits;	/* and of those only what the visited set has not marked by then */
};

struct ck_segment {
	struct ck_segment *below;
	size_t used, room;
	_Alignas(16) unsigned char data[];
};

struct ck_bucket {
	struct ck_segment *top;
	uint64_t entries;
};

struct ck_frontier {
	struct ck_bucket *bucket;
	uint32_t n; /* buckets */
	uint32_t lowest;
	uint64_t entries, bytes, peak;
};

void ck_frontier_free(struct ck_frontier *f);

/* Adds an entry with entry->bytes + entry->form bytes; false if there is no memory. */
bool ck_frontier_push(struct ck_frontier *f, uint32_t level, const struct ck_entry *entry, const void *packed);

/* The lowest level with entries; false if there are none. */
bool ck_frontier_lowest(struct ck_frontier *f, uint32_t *level);

/* The newest entry of a level, which must have one, and its bytes, good until the next push. */
const void *ck_frontier_pop(struct ck_frontier *f, uint32_t level, struct ck_entry *entry);

/* Every entry and its bytes, in the order in which they would be popped. */
typedef void ck_frontier_fn(void *user, const struct ck_entry *entry, const unsigned char *packed);
void ck_frontier_each(const struct ck_frontier *f, ck_frontier_fn *each, void *user);

bool ck_frontier_save(const struct ck_frontier *f, struct ck_file *file);
/* Into an empty frontier. */
bool ck_frontier_load(struct ck_frontier *f, struct ck_file *file);

/*
 * The difference of `size` bytes to those of `base`, behind whose end are
 * zeros. Both are padded with zeros to whole words of 8 bytes. Returns its length, at most
 * ck_pack_bound(size).
 */
size_t ck_pack(const unsigned char *bytes, size_t size, const unsigned char *base, unsigned char *to);
size_t ck_pack_bound(size_t size);

/* Puts the bytes back; returns their number. */
size_t ck_unpack(const unsigned char *packed, size_t length, const unsigned char *base, unsigned char *bytes);

#endif
