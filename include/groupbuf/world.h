/* SPDX-License-Identifier: MIT */
/*
 * A simulated machine that runs one trace. All of its state lies in one arena
 * without pointers: a snapshot is one memcpy, and two worlds can run in two
 * threads. Everything that is not determined goes through the chooser;
 * everything that happens leaves as events.
 */
#ifndef GROUPBUF_WORLD_H
#define GROUPBUF_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "groupbuf/event.h"
#include "groupbuf/fault.h"
#include "groupbuf/trace.h"

struct gb_world;

/*
 * X(ID, name, doc): switches of a design variant. In `v9`, the patch as
 * posted, all are off; each repairs one defect of appendix A.
 */
#define GB_VARIANT_LIST(X)                                                                                           \
	X(LONE_LEADER_EINVAL, "lone-leader-einval", "A1: a leader alone at the end of a batch posts EINVAL")         \
	X(CUT_CHAIN_DISPATCH, "cut-chain-dispatch",                                                                  \
	  "A2: a chain whose last group is cut by the end of the batch is dispatched")                               \
	X(FAILED_LEADER_STAYS, "failed-leader-stays-failed",                                                         \
	  "A3: a failed leader behind a good chain head is not executed")                                            \
	X(NO_LEASE_EINVAL, "no-lease-einval", "A4: RECV and RECVMSG with the flag and no lease are refused")         \
	X(ZERO_ONLY_LEASE, "zero-only-lease", "A5: only leased memory is ever zeroed")                               \
	X(DIRECT_ITER_CONSUMED, "direct-iter-consumed", "A6: direct block reads consume the iterator at submission") \
	X(LEASE_REFUSED_PUTS, "lease-refused-puts", "A7: a refused lease gives the block request back")              \
	X(ONE_LEASE, "one-lease", "A8: a second lease on a leader is refused")                                       \
	X(FSYNC_FAILS, "fsync-fails", "A10: a failing FSYNC breaks its chain")                                       \
	X(ERROR_ZEROES, "error-zeroes", "A11: a synchronous read error zeroes the tail")

enum gb_variant_switch {
#define X(id, name, doc) GB_VARIANT_##id,
	GB_VARIANT_LIST(X)
#undef X
		GB_VARIANT_COUNT,
};

/* X(ID, name): kinds of choice points. */
#define GB_CHOICE_LIST(X)                                                         \
	X(ACTOR, "actor")     /* who takes the next step; so also S3.21's race */ \
	X(OUTCOME, "outcome") /* how an I/O turns out */

enum gb_choice_kind {
#define X(id, name) GB_CHOICE_##id,
	GB_CHOICE_LIST(X)
#undef X
};

#define GB_MAX_ALTERNATIVES 64U

/* One alternative; what it means depends on the kind of choice. */
struct gb_alternative {
	uint8_t kind;	/* ACTOR: enum gb_actor_kind; else the number of the alternative */
	uint16_t index; /* ACTOR: which worker; TIMER, IRQ: 0 */
	uint32_t req;	/* the request concerned, or GB_NO_REQ */
};

/* A choice to be made among n alternatives; 0 is what the kernel would most likely do. */
struct gb_choice {
	enum gb_choice_kind kind;
	uint32_t n;
	struct gb_alternative alt[GB_MAX_ALTERNATIVES];
};

enum gb_strategy {
	GB_STRATEGY_DEFAULT,  /* always alternative 0 */
	GB_STRATEGY_RANDOM,   /* uniform, from config.seed */
	GB_STRATEGY_CALLBACK, /* config.choose decides */
};

/* Returns the alternative to take, below choice->n. */
typedef uint32_t (*gb_choose_fn)(void *user, const struct gb_choice *choice);

struct gb_config {
	enum gb_strategy strategy;
	uint64_t seed;
	gb_choose_fn choose;
	void *choose_user;
	gb_event_fn event; /* NULL: events off */
	void *event_user;
	uint64_t heard;	  /* set of GB_EV_BITs: the events to be sent; 0: all. For speed: others may come too */
	uint32_t variant; /* bit set of enum gb_variant_switch; 0 = v9 */
	const char *standard_input; /* what descriptor 0 reads, a regular file; NULL: it is empty */
	uint32_t standard_input_size;
	uint64_t max_steps; /* 0: the built-in bound, far above any honest trace */
	uint32_t fault;	    /* enum gb_fault: a mistake to be made; ignored in a build without GB_FAULTS */
	/*
	 * Time is no order: every interrupt that is to come, and the first timer,
	 * are alternatives, the last ones, of every choice of an actor. Kernels
	 * whose devices are faster, or whose CPU is slower, show these orders too.
	 */
	bool time_races;
	bool footprints; /* gb_world_step records what gb_world_footprint tells (explore.h) */
};

/*
 * Builds the world of `trace`, which must outlive it. All memory a run needs
 * is allocated here.
 */
enum gb_status gb_world_create(const struct gb_trace *trace, const struct gb_config *config, struct gb_world **out,
			       struct gb_error *err);
void gb_world_destroy(struct gb_world *world);

/*
 * The same in the memory of *world, a world or NULL, for whoever runs many
 * short traces once each: nothing is allocated if they are no larger than those
 * before. Such a world cannot be reset. On failure *world is destroyed and NULL.
 */
enum gb_status gb_world_rebuild(struct gb_world **world, const struct gb_trace *trace, const struct gb_config *config,
				struct gb_error *err);

/* Puts the world back to its start, with the same trace and configuration; for those of gb_world_create. */
void gb_world_reset(struct gb_world *world);

enum gb_run_state {
	GB_RUNNING,
	GB_FINISHED,  /* the trace is over and the end state has been reported */
	GB_DEAD,      /* a hazard stopped the world where the kernel would have died */
	GB_EXHAUSTED, /* config.max_steps was reached */
};

/* One step of one actor, or the choice of the actor and its step. */
enum gb_run_state gb_world_step(struct gb_world *world);

/*
 * Who could take the next step: the choice gb_world_step is going to make, the
 * default first. Returns how many; with 1 nobody is asked, with 0 the clock
 * moves. Means nothing once the world has stopped.
 */
uint32_t gb_world_enabled(const struct gb_world *world, struct gb_choice *choice);

/* Steps until the world stops. */
enum gb_run_state gb_world_run(struct gb_world *world);

/* Steps taken so far. */
uint64_t gb_world_steps(const struct gb_world *world);

/* Bytes of a snapshot taken now; it grows while a run touches more pages. */
size_t gb_world_size(const struct gb_world *world);

/* The largest size a snapshot of this world can have. */
size_t gb_world_capacity(const struct gb_world *world);

/* Copies the state into `to` (gb_world_size bytes); may be taken between any two steps. */
void gb_world_snapshot(const struct gb_world *world, void *to);

/* Where the bytes of a snapshot lie, good until the next step or restore. */
const void *gb_world_bytes(const struct gb_world *world);

/*
 * Puts a snapshot of this world, or of another one made from an equal trace
 * and configuration, back. Sink, chooser and trace stay those of `world`.
 */
void gb_world_restore(struct gb_world *world, const void *from, size_t size);

#endif
