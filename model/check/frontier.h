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

/* Every entry, in no order. */
void ck_frontier_each(const struct ck_frontier *f, void (*each)(void *user, const struct ck_entry *entry), void *user);

bool ck_frontier_save(const struct ck_frontier *f, struct ck_file *file);
/* Into an empty frontier. */
bool ck_frontier_load(struct ck_frontier *f, struct ck_file *file);

#define CK_LINE 64U /* bytes that are looked at together */

/*
 * The difference of `size` bytes to those of `base`, behind whose end are
 * zeros. Both are padded with zeros to whole words of 8 bytes. Returns its length, at most
 * ck_pack_bound(size).
 */
size_t ck_pack(const unsigned char *bytes, size_t size, const unsigned char *base, unsigned char *to);
size_t ck_pack_bound(size_t size);

/* A state that has been unpacked, and where in the packed form each of its lines begins. */
struct ck_unpacked {
	unsigned char *bytes;
	size_t size;
	const unsigned char *packed;
	uint32_t *line;
};

/* Entries of `line` for a state of that size. */
size_t ck_unpacked_lines(size_t size);

/* Puts the bytes back. */
void ck_unpack(const unsigned char *packed, const unsigned char *base, struct ck_unpacked *to);

/* A state in two pieces; the first one is whole lines, the second whole words. */
struct ck_pieces {
	const unsigned char *head;
	size_t head_size;
	const unsigned char *body;
	size_t body_size;
};

/* ck_pack of a state that differs little from one that has been unpacked, whose packed form is still there. */
size_t ck_pack_child(const struct ck_pieces *child, const unsigned char *base, const struct ck_unpacked *parent,
		     unsigned char *to);

/* Bytes without those that are 0, so that no two sequences look alike; at most ck_squeeze_bound(n). */
size_t ck_squeeze(const unsigned char *bytes, size_t n, unsigned char *to);
size_t ck_squeeze_bound(size_t n);

#endif
