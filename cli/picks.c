/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "picks.h"

static void collect(void *user, const struct gb_event *ev)
{
	struct picks *p = user;

	if (ev->type != GB_EV_CHOICE || p->no_memory)
		return;
	if (p->n == p->room) {
		uint32_t room = p->room ? p->room * 2 : 64;
		uint32_t *taken = realloc(p->taken, room * sizeof(*taken));

		p->no_memory = !taken;
		if (!taken)
			return;
		p->taken = taken;
		p->room = room;
	}
	p->taken[p->n++] = (uint32_t)ev->c;
}

enum gb_status picks_collect(struct picks *picks, const struct gb_trace *trace, const struct gb_config *config,
			     struct gb_error *err)
{
	struct gb_config random = *config;
	struct gb_world *world;
	enum gb_status status;

	random.strategy = GB_STRATEGY_RANDOM;
	random.event = collect;
	random.event_user = picks;
	status = gb_world_create(trace, &random, &world, err);
	if (status != GB_OK)
		return status;
	gb_world_run(world);
	gb_world_destroy(world);
	return picks->no_memory ? gb_error_set(err, GB_NO_MEMORY, 0, 0, "no memory left") : GB_OK;
}

uint32_t picks_next(struct picks *picks)
{
	return picks->next < picks->n ? picks->taken[picks->next++] : 0;
}

void picks_free(struct picks *picks)
{
	free(picks->taken);
}
