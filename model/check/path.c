/* SPDX-License-Identifier: MIT */
/* Back from a node of the search to the choices that lead there. */
#include <stdlib.h>
#include <string.h>

#include "search.h"

void ck_picks_add(struct ck_picks *p, uint32_t pick)
{
	if (p->n == p->room) {
		const uint32_t room = p->room * 2 + 64;
		uint32_t *list = realloc(p->list, room * sizeof(*list));

		if (!list) {
			p->no_memory = true;
			return;
		}
		p->list = list;
		p->room = room;
	}
	p->list[p->n++] = pick;
}

void ck_picks_drop(struct ck_picks *p, uint32_t n)
{
	p->n = p->n < n ? p->n : n;
}

/* The edges of a path, the first one last. */
static void edges_of(const struct gb_check *c, struct gb_check_path path, struct ck_picks *edges)
{
	ck_picks_add(edges, path.edge);
	for (uint32_t node = path.state; !edges->no_memory;) {
		const uint32_t parent = c->log->parent[node >> 16][node & 0xffff];

		if (parent == CK_NO_NODE)
			break;
		ck_picks_add(edges, c->log->edge[node >> 16][node & 0xffff]);
		node = parent;
	}
}

/* Follows one edge; what is chosen on it is recorded. */
static void follow(struct ck_worker *w, uint32_t edge)
{
	const uint32_t pick = edge >> CK_EDGE_BITS, before = w->record->n;
	struct gb_choice choice;
	enum gb_run_state state;

	gb_world_enabled(w->world, &choice);
	w->blob.size = ck_worker_save(w, w->blob.bytes);
	w->odo = (struct ck_odometer){0};
	for (uint32_t nth = edge & ((1U << CK_EDGE_BITS) - 1);; nth--) {
		ck_worker_edge(w, &choice, pick, &state);
		if (!nth || !ck_odometer_next(&w->odo))
			break;
		ck_worker_again(w);
		ck_picks_drop(w->record, before);
	}
}

static bool picks_of(struct gb_check *c, struct gb_check_path path, struct ck_picks *picks)
{
	struct ck_worker *w = &c->worker[0];
	struct ck_picks edges = {0};

	edges_of(c, path, &edges);
	gb_world_reset(w->world);
	if (w->monitor)
		gb_monitor_reset(w->monitor);
	w->violations = 0;
	w->ctx = (struct ck_ctx){0};
	w->record = picks;
	for (uint32_t i = edges.n; !edges.no_memory && i-- > 0;)
		follow(w, edges.list[i]);
	w->record = NULL;
	free(edges.list);
	return !edges.no_memory && !picks->no_memory;
}

/* A run along the picks. */
struct repeat_run {
	const struct ck_repeat *repeat;
	struct ck_picks picks;
	uint32_t at;
	bool stopped;
};

static uint32_t choose(void *user, const struct gb_choice *choice)
{
	struct repeat_run *r = user;
	const uint32_t taken = r->at < r->picks.n ? r->picks.list[r->at++] : 0;

	if (r->repeat->choice && !r->repeat->choice(r->repeat->choice_user, choice, taken))
		r->stopped = true;
	return taken;
}

/* Up to the end, or where the path ends and something would have to be chosen. */
static enum gb_run_state run_along(struct gb_world *world, const struct repeat_run *r)
{
	struct gb_choice choice;
	enum gb_run_state state;

	do
		state = gb_world_step(world);
	while (state == GB_RUNNING && (r->at < r->picks.n || gb_world_enabled(world, &choice) < 2));
	return state;
}

bool ck_path_repeat(struct gb_check *c, struct gb_check_path path, const struct ck_repeat *repeat,
		    enum gb_run_state *state)
{
	struct repeat_run run = {.repeat = repeat};
	const struct gb_config config = {
		.strategy = GB_STRATEGY_CALLBACK,
		.choose = choose,
		.choose_user = &run,
		.event = repeat->event,
		.event_user = repeat->event_user,
		.variant = c->config.variant,
		.fault = c->config.fault,
		.time_races = c->config.time_races,
		.standard_input = c->config.standard_input,
		.standard_input_size = c->config.standard_input_size,
	};
	struct gb_world *world = NULL;
	bool ok = picks_of(c, path, &run.picks) && gb_world_create(c->trace, &config, &world, NULL) == GB_OK;

	if (ok)
		*state = run_along(world, &run);
	if (world)
		gb_world_destroy(world);
	free(run.picks.list);
	return ok && !run.stopped;
}

bool gb_check_replay(struct gb_check *c, struct gb_check_path path, gb_event_fn event, void *user)
{
	const struct ck_repeat repeat = {.event = event, .event_user = user};
	enum gb_run_state state;

	return ck_path_repeat(c, path, &repeat, &state);
}

struct recorder {
	const struct gb_trace *trace;
	struct gb_schedule *schedule;
};

static bool record(void *user, const struct gb_choice *choice, uint32_t taken)
{
	struct recorder *r = user;

	return gb_schedule_add(r->schedule, r->trace, choice, taken);
}

struct gb_schedule *gb_check_schedule(struct gb_check *c, struct gb_check_path path)
{
	struct recorder r = {c->trace, gb_schedule_new()};
	const struct ck_repeat repeat = {.choice = record, .choice_user = &r};
	enum gb_run_state state;

	if (r.schedule && ck_path_repeat(c, path, &repeat, &state))
		return r.schedule;
	gb_schedule_free(r.schedule);
	return NULL;
}
