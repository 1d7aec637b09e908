/* SPDX-License-Identifier: MIT */
/* Steps of the unreduced tree of schedules, for counting. */
#include <stdlib.h>
#include <string.h>

#include "groupbuf/explore.h"

#include "layers.h"

static bool is_interrupt(const struct gb_alternative *alt)
{
	return alt->kind == GB_ACTOR_IRQ || alt->kind == GB_ACTOR_TIMER;
}

static bool is_last(const struct ck_place *place, const struct gb_alternative *alt)
{
	return alt->kind + 1 == place->last_kind && alt->index == place->last_index;
}

/* Does somebody else act although the one that took the last step could go on? As the search counts it (split). */
static bool preempts(const struct ck_place *place, const struct gb_choice *choice, uint32_t pick)
{
	bool goes_on = false;

	for (uint32_t i = 0; i < choice->n; i++)
		goes_on = goes_on || is_last(place, &choice->alt[i]);
	return goes_on && !is_interrupt(&choice->alt[pick]) && !is_last(place, &choice->alt[pick]);
}

static void note(struct ck_place *place, const struct gb_alternative *who)
{
	place->app += who->kind == GB_ACTOR_APP;
	place->work += who->kind == GB_ACTOR_WORKER;
	if (is_interrupt(who))
		return;
	place->last_kind = (uint8_t)(who->kind + 1);
	place->last_index = who->index;
}

static void add_act(struct ck_acts *acts, const struct gb_alternative *who, const struct ck_odometer *odo)
{
	struct ck_act *act;

	if (acts->n == acts->room) {
		const uint32_t room = acts->room * 2 + 64;
		struct ck_act *list = realloc(acts->list, room * sizeof(*list));

		if (!list) {
			acts->no_memory = true;
			return;
		}
		acts->list = list;
		acts->room = room;
	}
	act = &acts->list[acts->n++];
	*act = (struct ck_act){.who = *who, .asked = (uint8_t)odo->at};
	memcpy(act->outcome, odo->value, odo->at);
}

enum ck_target ck_layers_edge(struct ck_layers *l, uint32_t n, uint32_t pick, struct ck_place *place,
			      struct ck_acts *acts)
{
	struct ck_worker *w = &l->tree->worker[0];
	struct gb_choice choice;
	enum gb_run_state state;

	w->odo.at = 0;
	w->at_blob = false;
	place->decisions += n > 1;
	do {
		n = gb_world_enabled(w->world, &choice);
		if (n > 1)
			place->preempted += preempts(place, &choice, pick);
		if (n)
			note(place, &choice.alt[pick]);
		state = n ? gb_world_take(w->world, &choice, pick) : gb_world_step(w->world);
		l->steps++;
		if (acts && n)
			add_act(acts, &choice.alt[pick], &w->odo);
		if (state != GB_RUNNING)
			break;
		pick = 0;
	} while (!w->odo.at && gb_world_enabled(w->world, &choice) < 2);
	place->decisions += w->odo.at;
	place->level = (uint32_t)gb_world_steps(w->world);
	if (w->odo.full || state == GB_EXHAUSTED)
		return CK_LIMIT;
	return state == GB_RUNNING ? CK_STATE : CK_END;
}

/* The edge of a node once more; what is asked on it is counted through as it was. */
static void repeat_edge(struct ck_layers *l, uint32_t edge, struct ck_acts *acts)
{
	struct ck_worker *w = &l->tree->worker[0];
	const uint32_t before = acts->n;
	struct ck_place place = {0};
	struct gb_choice choice;
	const uint32_t n = gb_world_enabled(w->world, &choice);

	w->blob.size = ck_worker_save(w, w->blob.bytes);
	w->odo = (struct ck_odometer){0};
	for (uint32_t nth = edge & ((1U << CK_EDGE_BITS) - 1);; nth--) {
		ck_layers_edge(l, n, edge >> CK_EDGE_BITS, &place, acts);
		if (!nth || !ck_odometer_next(&w->odo))
			return;
		ck_worker_again(w);
		acts->n = before;
	}
}

bool ck_layers_acts(struct ck_layers *l, struct ck_drawn drawn, struct ck_acts *acts)
{
	struct ck_worker *w = &l->tree->worker[0];
	struct ck_picks edges = {0};

	acts->n = 0;
	ck_picks_add(&edges, drawn.edge);
	for (uint32_t node = drawn.node; l->node[node].parent != CK_NO_NODE; node = l->node[node].parent)
		ck_picks_add(&edges, l->node[node].edge);
	gb_world_reset(w->world);
	w->ctx = (struct ck_ctx){0};
	for (uint32_t i = edges.n; !edges.no_memory && !acts->no_memory && i-- > 0;)
		repeat_edge(l, edges.list[i], acts);
	free(edges.list);
	return !edges.no_memory && !acts->no_memory;
}
