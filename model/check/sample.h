/* SPDX-License-Identifier: MIT */
/*
 * A sample of the states a search has not seen, and how many there are. The
 * graph of states has layers: one for each number of steps taken. What waits
 * to be explored leads to states of later layers; of those of a layer some are kept, each
 * stands for as many as it was taken of, and leads on.
 *
 * How many states a layer has follows from the edges into it, each as often as
 * the state it comes from stands for, and from how many edges go into one
 * state. That shows in edges of the sample that meet. How often they do so
 * depends on whether the other states with an edge to the same one are in the sample as well, and that
 * is likelier than for any other state: they are siblings, so to say, found by the
 * same state one layer before.
 */
#ifndef GROUPBUF_MODEL_CHECK_SAMPLE_H
#define GROUPBUF_MODEL_CHECK_SAMPLE_H

#include <stdbool.h>
#include <stdint.h>

#include "hash.h"

/* A state that may be explored. */
struct ck_sampled {
	uint64_t key; /* random: the lowest are taken */
	unsigned char *packed;
	uint32_t bytes;
	uint8_t mask; /* steps to explore */
};

struct ck_pool {
	struct ck_sampled *list;
	uint32_t n, room;
};

enum ck_kind {
	CK_FOUND, /* by the sample */
	CK_WAITS, /* in the frontier */
	CK_KINDS,
};

/* The states after so many steps. */
struct ck_layer {
	uint64_t edges; /* of the sample into it */
	double weight;	/* edges they stand for */
	double kin;	/* the sum of ck_from.kin */
	uint64_t found; /* states they lead to */
	uint64_t most;	/* found ones with a higher key are not kept */
	struct ck_pool pool[CK_KINDS];
	bool done;
};

/* A state that was found, and in which layer. */
struct ck_met {
	struct ck_hash hash; /* a is 0: empty */
	uint32_t layer;
};

/* Where an edge comes from. */
struct ck_from {
	double weight; /* states this one stands for */
	double kin;    /* the share of those found in its layer that were taken; 0: it waited */
};

struct ck_sample {
	uint32_t width; /* states of a layer that are taken */
	struct ck_layer *layer;
	uint32_t n_layers;
	struct ck_met *met;
	uint32_t mask, n_met;
	double degree; /* edges into one state, as far as it is known */
	bool tree;     /* no two edges lead to the same state */
	bool no_memory;
};

/* `degree` is a first guess. False if there is no memory. */
bool ck_sample_init(struct ck_sample *sample, uint32_t width, double degree, bool tree);
void ck_sample_free(struct ck_sample *sample);

/* A number from one that may be regular. */
uint64_t ck_sample_key(uint64_t number);

/* Keeps a state that waits, of layer `index`. */
void ck_sample_wait(struct ck_sample *sample, uint32_t index, const struct ck_sampled *state);

/* An edge to a state that has not been seen. Only the first to a state needs its packed form; without it the edge
 * counts if the state is known. */
void ck_sample_meet(struct ck_sample *sample, struct ck_hash hash, uint32_t index, const struct ck_sampled *state,
		    struct ck_from from);

/* How many states a layer has, when everything that leads there is in. */
double ck_sample_states(struct ck_sample *sample, const struct ck_layer *layer);

#endif
