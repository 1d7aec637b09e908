/* SPDX-License-Identifier: MIT */
/*
 * Has a search that did not end explored a schedule? It is followed through the
 * states of the search. Where that takes a step at once because it commutes with what the others do before
 * it, the step is taken out of the rest of the schedule. If at every state the next step
 * has been explored, the schedule has been; if something does not fit, nobody knows.
 */
#include <stdlib.h>
#include <string.h>

#include "groupbuf/explore.h"

#include "layers.h"

/* A step of a schedule that was marked in the visited set; those that wait in the frontier are marked as well. */
struct step {
	struct ck_hash hash;
	uint32_t schedule;
	uint8_t mark;
};

struct ck_explored {
	struct gb_check *check;
	struct ck_layers *layers;
	struct ck_acts acts; /* the rest of the schedule that is followed */
	struct ck_picks picks;
	struct step *step;
	uint32_t n, room;
	bool *is; /* per schedule */
	uint32_t schedules;
	uint32_t *table; /* of steps by hash: index + 1 */
	uint32_t mask;
	bool no_memory;
};

struct ck_explored *ck_explored_new(struct gb_check *check, struct ck_layers *layers)
{
	struct ck_explored *e = calloc(1, sizeof(*e));

	if (e) {
		e->check = check;
		e->layers = layers;
	}
	return e;
}

void ck_explored_free(struct ck_explored *e)
{
	if (!e)
		return;
	free(e->acts.list);
	free(e->picks.list);
	free(e->step);
	free(e->is);
	free(e->table);
	free(e);
}

/* ---- one schedule ---- */

static bool is_same(const struct gb_alternative *a, const struct gb_alternative *b)
{
	return a->kind == b->kind && a->index == b->index && a->req == b->req;
}

/* Notes that the search has to have explored alternative `pick` of the state it is in; false if it has not. */
static bool need(struct ck_explored *e, uint32_t pick)
{
	struct step s = {.schedule = e->schedules};
	const uint64_t *slot = ck_state_mark(&e->check->worker[0], pick, &s.hash, &s.mark);

	if (!slot || (~*slot & s.mark))
		return false;
	if (e->n == e->room) {
		struct step *list = realloc(e->step, (e->room * 2UL + 256) * sizeof(*list));

		if (!list) {
			e->no_memory = true;
			return false;
		}
		e->step = list;
		e->room = e->room * 2 + 256;
	}
	e->step[e->n++] = s;
	return true;
}

/* Takes the first step of an actor out of the rest of the schedule; false if there is none, or one before it counts. */
static bool take_act(struct ck_explored *e, const struct gb_alternative *who, bool only, struct ck_act *out)
{
	struct ck_acts *a = &e->acts;

	for (uint32_t i = 0; i < (only && a->n ? 1 : a->n); i++) {
		if (!is_same(&a->list[i].who, who))
			continue;
		*out = a->list[i];
		memmove(&a->list[i], &a->list[i + 1], (a->n - i - 1) * sizeof(*a->list));
		a->n--;
		return true;
	}
	return false;
}

/* One step of the world beside, the one the search took next; `at` is the place in the picks it recorded. */
static bool follow_step(struct ck_explored *e, uint32_t *at, struct ck_act *act)
{
	struct ck_worker *beside = &e->layers->tree->worker[0];
	struct gb_choice choice;
	const uint32_t n = gb_world_enabled(beside->world, &choice);
	uint32_t pick = 0;

	act->asked = 0;
	if (n > 1) {
		if (*at >= e->picks.n || e->picks.list[*at] >= n)
			return false;
		pick = e->picks.list[(*at)++];
	}
	if (n && !take_act(e, &choice.alt[pick], n < 2, act))
		return false;
	beside->odo = (struct ck_odometer){.n = act->asked};
	memcpy(beside->odo.value, act->outcome, act->asked);
	beside->at_blob = false;
	if (n)
		gb_world_take(beside->world, &choice, pick);
	else
		gb_world_step(beside->world);
	return beside->odo.at == act->asked;
}

/*
 * Along one edge of the search. What is asked is asked in its last step; so it
 * is taken once to see which step that is, and once more with the answers of
 * the schedule.
 */
static bool follow_edge(struct ck_explored *e, const struct gb_choice *choice, uint32_t pick, enum ck_target *target)
{
	struct ck_worker *w = &e->check->worker[0];
	const struct gb_world *beside = e->layers->tree->worker[0].world;
	struct ck_act act = {.asked = 0};
	enum gb_run_state state;
	uint32_t at = 0;

	w->blob.size = ck_worker_save(w, w->blob.bytes);
	w->odo = (struct ck_odometer){0};
	e->picks.n = 0;
	w->record = &e->picks;
	*target = ck_worker_edge(w, choice, pick, &state);
	w->record = NULL;
	while (gb_world_steps(beside) < gb_world_steps(w->world))
		if (!follow_step(e, &at, &act))
			return false;
	if (!act.asked)
		return true;
	ck_worker_again(w);
	w->odo = (struct ck_odometer){.n = act.asked};
	memcpy(w->odo.value, act.outcome, act.asked);
	*target = ck_worker_edge(w, choice, pick, &state);
	return gb_world_steps(beside) == gb_world_steps(w->world);
}

/* The alternative that is the next step of the schedule; n if it is none of them. */
static uint32_t next_pick(const struct ck_explored *e, const struct gb_choice *choice, uint32_t n)
{
	uint32_t i = 0;

	if (n < 2)
		return 0;
	while (i < n && e->acts.n && !is_same(&choice->alt[i], &e->acts.list[0].who))
		i++;
	return i;
}

static bool follow(struct ck_explored *e)
{
	struct ck_worker *w = &e->check->worker[0];
	enum ck_target target = CK_STATE;

	gb_world_reset(e->layers->tree->worker[0].world);
	gb_world_reset(w->world);
	if (w->monitor)
		gb_monitor_reset(w->monitor);
	w->violations = 0;
	w->ctx = (struct ck_ctx){0};
	for (bool first = true; target == CK_STATE; first = false) {
		struct gb_choice choice;
		const uint32_t n = gb_world_enabled(w->world, &choice);
		const uint32_t pick = next_pick(e, &choice, n);

		if (n && pick == n)
			return false;
		/* the start is in no set; every search has explored it before it looks whether to stop */
		if (!first && !need(e, pick))
			return false;
		if (!follow_edge(e, &choice, pick, &target))
			return false;
	}
	return target == CK_END && !e->acts.n;
}

bool ck_explored_add(struct ck_explored *e)
{
	bool *is = realloc(e->is, (e->schedules + CK_DRAWN) * sizeof(*is));

	if (!is)
		return false;
	e->is = is;
	for (uint32_t i = 0; i < CK_DRAWN; i++) {
		const uint32_t before = e->n;

		if (!ck_layers_acts(e->layers, e->layers->drawn[i], &e->acts))
			return false;
		is[e->schedules] = follow(e);
		if (!is[e->schedules])
			e->n = before;
		e->schedules++;
	}
	return !e->no_memory && !e->picks.no_memory;
}

/* ---- what waits ---- */

static bool make_table(struct ck_explored *e)
{
	for (e->mask = 1023; e->mask < 2 * e->n;)
		e->mask = e->mask * 2 + 1;
	e->table = calloc(e->mask + 1UL, sizeof(*e->table));
	for (uint32_t i = 0; e->table && i < e->n; i++) {
		uint32_t at = (uint32_t)e->step[i].hash.a & e->mask;

		while (e->table[at])
			at = (at + 1) & e->mask;
		e->table[at] = i + 1;
	}
	return e->table;
}

/* What of a state waits has not been explored. */
static void exclude(void *user, const struct ck_entry *entry, const unsigned char *packed)
{
	struct ck_explored *e = user;

	(void)packed;
	if (entry->waits) /* what has not been marked */
		return;
	for (uint32_t at = (uint32_t)entry->hash.a & e->mask; e->table[at]; at = (at + 1) & e->mask) {
		const struct step *s = &e->step[e->table[at] - 1];

		if (s->hash.a == entry->hash.a && s->hash.b == entry->hash.b && (s->mark & entry->mask))
			e->is[s->schedule] = false;
	}
}

bool ck_explored_end(struct ck_explored *e)
{
	if (!make_table(e))
		return false;
	/* of a batch that was taken nothing counts before all of it is stored */
	for (uint32_t i = 0; i < e->check->n_items; i++)
		exclude(e, &e->check->item[i].entry, NULL);
	return ck_frontier_each(&e->check->frontier, exclude, e);
}

bool ck_explored_is(const struct ck_explored *e, uint32_t i)
{
	return e->is[i];
}
