/* SPDX-License-Identifier: MIT */
/*
 * What a search over all schedules needs of a world beyond snapshots: a form of
 * its state that does not depend on the way there, and what a step touched.
 */
#ifndef GROUPBUF_EXPLORE_H
#define GROUPBUF_EXPLORE_H

#include <stddef.h>
#include <stdint.h>

#include "groupbuf/world.h"

/* What gb_world_canonical may leave out. */
enum gb_canonical_flags {
	/*
	 * What CQEs say that nobody has taken yet, but for their number: nothing
	 * depends on it but REAP events. For a search whose own memory of the
	 * CQEs posted is a set.
	 */
	GB_CANONICAL_CQ_UNORDERED = 1U,
};

/* The most bytes gb_world_canonical writes for this world. */
size_t gb_world_canonical_capacity(const struct gb_world *world);

/*
 * Writes the canonical form of the state and returns its length. Two worlds of
 * the same trace and variant with equal forms have the same futures: for every
 * sequence of choices, named by actor and request, the same events but for
 * step numbers, times and reasons (the reason of an event is for people, no
 * behaviour depends on it). Not in it: step count, random state, the
 * bookkeeping of the default order, the numbering of tables by allocation,
 * absolute time where only distances matter. Contents are in it as hashes of
 * 128 bits. `rename` is a permutation that maps SQE indices to the names they
 * get (symmetry); NULL is the identity: if form(s, rename) == form(t, NULL),
 * then t does what s does with every SQE renamed, provided that renaming leaves
 * the rest of the trace as it is. Not to be called by two threads for one world.
 */
size_t gb_world_canonical(const struct gb_world *world, const uint16_t *rename, uint32_t flags, unsigned char *to);

/*
 * What one step read and wrote, as sets of shared things (a list, a file, a
 * request, the CQ ring, ...); things may share a bit, which only makes more
 * steps look dependent. Two steps of different actors with footprints that do
 * not conflict commute: taken in either order they lead to the same canonical
 * state.
 */
struct gb_footprint {
	uint64_t read[4], write[4];
};

/* The footprint of the step taken last. */
void gb_world_footprint(const struct gb_world *world, struct gb_footprint *out);

#endif
