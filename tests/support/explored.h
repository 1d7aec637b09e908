/* SPDX-License-Identifier: MIT */
/* Some of the states of a trace, told apart by their canonical forms, and what single steps lead to. */
#ifndef GB_TESTS_EXPLORED_H
#define GB_TESTS_EXPLORED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "groupbuf/explore.h"

#include "support/corpus.h"

/* A state: how to get back to it, and its form. */
struct state {
	unsigned char *snapshot, *form;
	size_t size, length;
	enum gb_run_state run;
	bool expanded;
};

/* The alternatives of a state, in the order of their names. */
struct enabled {
	struct gb_alternative alt[GB_MAX_ALTERNATIVES];
	uint32_t n;
};

/* What a step did. */
struct taken {
	struct event_log log;
	struct enabled asked; /* the alternatives the world had; none if it had no choice */
	enum gb_run_state run;
};

struct explored {
	const char *name;
	const struct gb_trace *trace;
	struct gb_world *world;
	struct taken *taken;	      /* of the step being taken, NULL: nobody wants to know */
	struct gb_alternative wanted; /* who is to act */
	uint64_t random;	      /* answers all other choices */
	uint64_t answers;	      /* what a test begins `random` with */
	bool ask_only;
	enum gb_run_state run; /* of the world as it is now */
	uint32_t flags;	       /* of the canonical form */
	unsigned char *form;   /* of the world as it is now */
	size_t length;
	struct state *states;
	uint32_t n, room;
	uint32_t *index; /* hash table of states, number + 1 */
	uint32_t index_size;
};

/* The world of a trace, at its start, which is state 0. */
void explored_init(struct explored *e, const char *name, const struct gb_trace *trace, const struct gb_config *config,
		   uint32_t flags);
void explored_free(struct explored *e);

/* Puts a state back. */
void explored_go(struct explored *e, const struct state *s);
/* The canonical form of the world as it is, in e->form. */
void explored_form(struct explored *e, const uint16_t *rename);
/* The state with this form, NULL if there is none. */
struct state *explored_find(struct explored *e, const unsigned char *form, size_t length);
/* Adds the world as it is, whose form is in e->form. */
struct state *explored_add(struct explored *e);
/* Is the world as it is, byte for byte, what a state was? */
bool explored_same_bytes(const struct explored *e, const struct state *s);

/* What a state can go on with; one entry of kind UINT8_MAX if there is no choice. Leaves the world in that state. */
void explored_enabled(struct explored *e, const struct state *s, struct enabled *enabled);
/* One step of that actor; *taken is filled in, its log is the caller's to free. Choices but that of the actor follow
 * `seed`. */
void explored_step(struct explored *e, const struct gb_alternative *alt, uint64_t seed, struct taken *taken);

/* The state to look at as the k-th, newest and random ones in turn: deep and wide. False if all have been expanded. */
bool explored_next(struct explored *e, uint32_t k, uint64_t *random, uint32_t *number);

/* Traces in which much is left open: outcomes, timers, polls, cancellations; ended by NULL. */
extern const char *const open_traces[];

/* Did two steps do the same, but for step numbers, times and reasons? `rename` maps the SQEs of a's; NULL: as they are.
 */
bool same_step(const struct taken *a, const struct taken *b, const uint16_t *rename);
void taken_free(struct taken *taken);

#endif
