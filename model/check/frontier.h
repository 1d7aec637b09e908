/* SPDX-License-Identifier: MIT */
/*
 * States that wait to be explored: in buckets by level, the newest of a bucket
 * first. Each lies there as its difference to the start of the trace. What is
 * needed last can be moved to a file; the order does not depend on it.
 */
#ifndef GROUPBUF_MODEL_CHECK_FRONTIER_H
#define GROUPBUF_MODEL_CHECK_FRONTIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "file.h"
#include "hash.h"

#define CK_SEGMENT ((size_t)1 << 18)

/* One waiting state; its bytes follow apart. */
struct ck_entry {
	struct ck_hash hash;
	uint32_t node;	/* how it was reached */
	uint32_t bytes; /* of its packed form */
	uint32_t form;	/* of its exact form behind that, or 0 */
	uint8_t mask;	/* steps to explore */
	uint8_t later;	/* ARRIVES: and those one level higher */
	bool waits;	/* of the steps only those that the visited set has not marked by then */
	bool arrives;	/* it is not in the visited set yet */
	uint64_t group; /* before the search is divided */
};

/* Entries one behind the other. */
struct ck_segment {
	unsigned char *data; /* NULL: they are in the file */
	size_t used, room;
	uint64_t where; /* place in the file, in CK_SEGMENT bytes */
};

/* A stack of segments, of which the lowest are in the file. */
struct ck_bucket {
	struct ck_segment *segment;
	uint32_t n, room, spilled;
	uint64_t entries;
};

/* The file for what does not fit into memory. It is the caller's, and nobody else's as long as the frontier lives. */
struct ck_spill {
	int fd; /* -1: there is none, or it failed */
	uint64_t slots;
	uint64_t *free; /* places nobody uses */
	uint64_t n_free, room;
	uint64_t written; /* bytes, all together */
};

struct ck_frontier {
	struct ck_bucket *bucket;
	uint32_t n; /* buckets */
	uint32_t lowest;
	uint64_t entries, bytes, peak; /* bytes: of all entries */
	uint64_t held, held_peak;      /* bytes of the segments in memory */
	struct ck_spill spill;
};

/* Without a file: everything stays in memory. */
void ck_frontier_init(struct ck_frontier *f);
/* Has a file from now on; false if there is no memory. */
bool ck_frontier_use_file(struct ck_frontier *f, FILE *file);
void ck_frontier_free(struct ck_frontier *f);

/* Makes room for one entry of so many bytes: pushing it next cannot fail. False if there is no memory. */
bool ck_frontier_reserve(struct ck_frontier *f, uint32_t level, size_t bytes);

/* Adds an entry with entry->bytes + entry->form bytes; false if there is no memory. */
bool ck_frontier_push(struct ck_frontier *f, uint32_t level, const struct ck_entry *entry, const void *packed);

/* The lowest level with entries; false if there are none. */
bool ck_frontier_lowest(struct ck_frontier *f, uint32_t *level);

/*
 * The newest entry of a level, which must have one, and its bytes, good until
 * the next push. Pushed back at once it fits in any case. NULL if there is no
 * memory to read it from the file, or that fails: then nothing has changed.
 */
const void *ck_frontier_pop(struct ck_frontier *f, uint32_t level, struct ck_entry *entry);

/*
 * Moves the segment that is needed last from memory to the file. False if there
 * is none that could go, no file, or writing fails.
 */
bool ck_frontier_spill(struct ck_frontier *f);

/*
 * Every entry and its bytes, good until the function returns, in the order in
 * which they would be popped. False if there is no memory to read the file, or that fails.
 */
typedef void ck_frontier_fn(void *user, const struct ck_entry *entry, const unsigned char *packed);
bool ck_frontier_each(const struct ck_frontier *f, ck_frontier_fn *each, void *user);

bool ck_frontier_save(const struct ck_frontier *f, struct ck_file *file);
/* Into an empty frontier; what is more than `most` bytes (0: no bound) goes to its file. */
bool ck_frontier_load(struct ck_frontier *f, struct ck_file *file, uint64_t most);

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
