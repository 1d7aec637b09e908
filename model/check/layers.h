/* SPDX-License-Identifier: MIT */
/*
 * The unreduced tree of schedules, layer by layer; a layer is as many steps.
 * Every state has as weight the number of ways that lead to it. States with the same
 * future are one, with the sum of their weights, and where a run ends its
 * weight is added to the total. So the total is the number of schedules, as
 * long as no layer has more states than are kept. One that has is thinned out
 * at random: a state is kept with a probability p, and its weight divided by
 * p, so the total is right on average.
 */
#ifndef GROUPBUF_MODEL_CHECK_LAYERS_H
#define GROUPBUF_MODEL_CHECK_LAYERS_H

#include "search.h"

#define CK_TOO_MANY 1e150 /* schedules; beyond, their squares are no numbers any more */

/* What is told of a state beside its form. */
struct ck_place {
	uint32_t level;	     /* steps taken */
	uint32_t app, work;  /* of them by the application, by workers */
	uint32_t able;	     /* how many of which kind can act: a number for each combination */
	uint32_t decisions;  /* so far; counted with a bound only */
	uint32_t preempted;  /* preemptions so far, likewise */
	uint16_t last_index; /* who took the last step but for interrupts: its number, and its kind + 1 */
	uint8_t last_kind;
};

/* A state that waits for its layer. */
struct ck_particle {
	struct ck_hash hash;
	double weight;
	double factor; /* 1/p */
	unsigned char *packed;
	uint32_t bytes;
	struct ck_place place;
	uint32_t parent, edge;	/* one way there, drawn by weight */
	uint32_t order;		/* of its creation */
	uint32_t link, n_links; /* all of them */
};

/* A state that was kept. */
struct ck_layer_node {
	struct ck_hash hash;
	double value;  /* an estimate of the schedules that go on from it */
	double weight; /* the ways that lead to it and to what it stands for */
	double factor;
	struct ck_place place;
	uint32_t parent, edge;
	uint32_t link, n_links; /* parents of everything it stands for, as often as there are ways */
};

/* What states like one another led to. */
struct ck_cell {
	uint64_t key; /* 0: empty */
	double sum;   /* of the squares of their values */
	double n;
};

struct ck_cells {
	struct ck_cell *cell;
	uint32_t n, mask;
};

/* The end of a schedule: the last state and the edge from there. */
struct ck_drawn {
	uint32_t node, edge;
};

#define CK_DRAWN 32U /* schedules drawn in one pass */

struct ck_layers {
	struct gb_check *tree; /* a search that is never run: its world, its start, its names for alike members */
	struct gb_trace trace; /* without properties, which would tell members apart */
	uint32_t max_decisions, max_preemptions; /* UINT32_MAX: no bound */
	uint32_t width;				 /* states kept of a layer; 0: all */
	uint64_t max_steps, max_bytes;		 /* of a pass */
	bool keep_nodes;			 /* for learning, and for schedules to be drawn */
	struct ck_cells cells;
	uint64_t random;
	/* a pass */
	double total;
	double luck; /* by ck_layers_learn: the largest share of total that hangs on one state that could have been left
			out */
	uint64_t steps, bytes;
	bool thinned;
	bool over;    /* max_steps or max_bytes were reached */
	bool huge;    /* it is more than CK_TOO_MANY */
	bool endless; /* a run came to no end, or asked more than can be counted */
	bool no_memory;
	uint32_t created;
	struct ck_particle *waiting; /* of all later layers */
	uint32_t n_waiting, waiting_room;
	struct ck_particle *now; /* the layer */
	uint32_t n_now, now_room;
	struct ck_layer_node *node;
	uint32_t n_nodes, nodes_room;
	uint32_t *link;
	uint32_t n_links, links_room;
	uint32_t draw; /* schedules to draw in a pass, at most CK_DRAWN: each with the same probability */
	struct ck_drawn drawn[CK_DRAWN];
	unsigned char *packed; /* room */
	double *score;
	uint32_t score_room;
};

/* For the schedules of the space `check` explores; false if there is no memory. */
bool ck_layers_init(struct ck_layers *layers, const struct gb_check *check);
void ck_layers_free(struct ck_layers *layers);

/* One pass from the start; false unless its total is what it should be: see over, endless and no_memory. */
bool ck_layers_pass(struct ck_layers *layers);

/* ---- edge.c: along an edge ---- */

/* A step of a schedule: who took it, and how what was asked in it turned out. */
struct ck_act {
	struct gb_alternative who;
	uint8_t asked;
	uint8_t outcome[CK_MAX_ASKED];
};

struct ck_acts {
	struct ck_act *list;
	uint32_t n, room;
	bool no_memory;
};

/*
 * Takes alternative `pick` of n (0 and 1: nobody is asked) and goes on past
 * steps that need no decision. `acts`, if not NULL, gets the steps. CK_LIMIT: no end.
 */
enum ck_target ck_layers_edge(struct ck_layers *layers, uint32_t n, uint32_t pick, struct ck_place *place,
			      struct ck_acts *acts);

/* The steps of a schedule that was drawn in the last pass; false if there is no memory. */
bool ck_layers_acts(struct ck_layers *layers, struct ck_drawn drawn, struct ck_acts *acts);

/* ---- explored.c ---- */

/*
 * Of schedules drawn, those of which it is certain that the search has explored
 * them, or others in their place that its reductions take for the same.
 */
struct ck_explored;
struct ck_explored *ck_explored_new(struct gb_check *check, struct ck_layers *layers);
void ck_explored_free(struct ck_explored *explored);
/* Looks at those of the last pass; false if there is no memory. */
bool ck_explored_add(struct ck_explored *explored);
/* Behind the last pass: takes out what still waits to be explored; false if there is no memory. */
bool ck_explored_end(struct ck_explored *explored);
/* Then: has the i-th schedule of all that were drawn been explored? */
bool ck_explored_is(const struct ck_explored *explored, uint32_t i);

/* ---- thin.c ---- */

/* Draws `width` states of a layer. */
void ck_layers_thin(struct ck_layers *layers);
/* Learns from a pass what its states led to, and how much of it was luck. */
void ck_layers_learn(struct ck_layers *layers);

/* ---- tail.c ---- */

#define CK_PASSES 8U   /* of an estimate, at most */
#define CK_DOUBT  20.0 /* once in so many times a bound may be wrong */

/* A lower bound by the totals x of n passes and their mean, which is not 0. */
double ck_tail_least(const double *x, uint32_t n, double mean);
/* Can a standard error be told of n passes, by their totals and by the luck in each? */
bool ck_tail_is_light(const double *total, const double *luck, uint32_t n);

/* A fraction below 1. */
double ck_layers_random(struct ck_layers *layers);

#endif
