/* SPDX-License-Identifier: MIT */
/*
 * What a search over all schedules needs of a world beyond snapshots: a form of
 * its state that does not depend on the way there, and what a step touched.
 */
#ifndef GROUPBUF_EXPLORE_H
#define GROUPBUF_EXPLORE_H

#include <stdbool.h>
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
	/*
	 * Which io-wq worker is which. Worlds with equal forms then have the same
	 * steps but for the numbers of workers, in events and alternatives, and
	 * the order in which one step wakes several of them; a worker with a
	 * request is to be named by that. Without effect on a trace that cancels
	 * whichever request it finds first, for the kernel asks the oldest worker.
	 */
	GB_CANONICAL_WORKERS = 2U,
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
 * Writes what of the state concerns the request of one SQE: the request itself,
 * and its places on all lists and in all queues. `names` are names as for
 * gb_world_canonical, but several SQEs may share one. Requests that a
 * permutation of alike SQEs takes into each other get equal bytes under names
 * that tell none of the others apart; so sorting by them finds the permutation.
 */
size_t gb_world_signature(const struct gb_world *world, uint32_t sqe, const uint16_t *names, uint32_t flags,
			  unsigned char *to);

/*
 * True once the members of the group that SQE `leader` leads and SQE `last`
 * closes have been queued: from then on members that are alike can change
 * places, for nothing remembers their order but the lists they are on (S5.17).
 */
bool gb_world_members_queued(const struct gb_world *world, uint32_t leader, uint32_t last);

/*
 * gb_world_step for whoever knows already who can act: `choice` is what
 * gb_world_enabled has said of this state, with n > 0, and its alternative
 * `taken` acts. Nobody is asked about that, with any strategy.
 */
enum gb_run_state gb_world_take(struct gb_world *world, const struct gb_choice *choice, uint32_t taken);

/*
 * What one step read and wrote, as sets of shared things (a list, a file, a
 * request, the CQ ring, ...); things may share a bit, which only makes more
 * steps look dependent. Two steps of different actors that can both be taken
 * in a state and have footprints without a conflict (neither writes what the
 * other reads or writes) commute: each can still be taken after the other and
 * does the same, and in either order they lead to the same canonical state.
 * `read` holds what was written as well. Steps that end the world, and those
 * of rings with IOPOLL or SQPOLL, with ublk devices, or on their way out, read
 * and write everything.
 */
struct gb_footprint {
	uint64_t read[4], write[4];
};

static inline bool gb_footprint_conflict(const struct gb_footprint *a, const struct gb_footprint *b)
{
	uint64_t both = 0;

	for (unsigned int k = 0; k < 4; k++)
		both |= (a->write[k] & (b->read[k] | b->write[k])) | (b->write[k] & a->read[k]);
	return both;
}

/*
 * The footprint of the step that gb_world_step took last, in a world made with
 * gb_config.footprints; else nothing. It is no part of a snapshot.
 */
void gb_world_footprint(const struct gb_world *world, struct gb_footprint *out);

/* Whether the next steps record their footprints, in a world made with gb_config.footprints. It does at first. */
void gb_world_record_footprints(struct gb_world *world, bool on);

/*
 * A part of the footprint of the step of `alt`, known before it is taken. If
 * this conflicts with something, so does the footprint.
 */
void gb_world_reach(struct gb_world *world, const struct gb_alternative *alt, struct gb_footprint *out);

/*
 * False if the step of `alt` touches what gb_world_future always names, so that
 * it need not be asked: a quick look before a long one.
 */
bool gb_world_may_be_alone(struct gb_world *world, const struct gb_alternative *alt);

/*
 * What all actors but the one of `alt` can read and write before that one takes
 * the step it can take now, in any order. If the footprint of that step does
 * not conflict with it, the step is a persistent set by itself: it suffices to
 * go on with it alone (with all its outcomes, none of which may conflict), since
 * whatever others do first commutes with it. Only
 * events of the step are then seen before, not after, what others do; a hazard
 * of theirs that stops the world comes after the step and not instead of it.
 * Does not change the world. alt is an alternative of the choice of an actor.
 */
void gb_world_future(struct gb_world *world, const struct gb_alternative *alt, struct gb_footprint *out);

#endif
