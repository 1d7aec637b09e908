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
	GB_CANONICAL_CQ_UNORDERED = 1U, /* the order of CQEs that nobody has taken yet */
};

/* The most bytes gb_world_canonical writes for this world. */
size_t gb_world_canonical_capacity(const struct gb_world *world);

/*
 * Writes the canonical form of the state and returns its length. Two worlds of
 * the same trace and variant with equal forms have the same futures: for every
 * sequence of choices, named by actor and request, the same events but for
 * step numbers. Not in it: step count, random state, the bookkeeping of the
 * default order, the numbering of tables by allocation, absolute time where
 * only distances matter. `rename` maps SQE indices to the names they get
 * (symmetry); NULL is the identity.
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
