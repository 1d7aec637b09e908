/* SPDX-License-Identifier: MIT */
#include "play.h"

static void on_event(void *user, const struct gb_event *ev)
{
	struct play *p = user;
	const struct play_listener *l = p->listener;

	gb_watch_event(&p->watch, ev);
	if (l->event)
		l->event(l->user, ev);
	for (; p->violations < gb_monitor_count(p->watch.monitor); p->violations++)
		if (l->violation)
			l->violation(l->user, &gb_monitor_list(p->watch.monitor)[p->violations]);
}

static uint32_t choose(void *user, const struct gb_choice *choice)
{
	struct play *p = user;
	uint32_t taken = p->schedule ? gb_replay_choose(&p->replay, choice) : picks_next(&p->picks);

	if (taken >= choice->n)
		taken = 0;
	if (p->listener->choice && !p->replay.diverged)
		p->listener->choice(p->listener->user, gb_world_steps(p->world), choice, taken);
	return taken;
}

enum gb_status play_open(struct play *p, struct gb_error *err)
{
	struct gb_config config = p->config;
	enum gb_status status;

	config.strategy = GB_STRATEGY_CALLBACK;
	config.choose = choose;
	config.choose_user = p;
	config.event = on_event;
	config.event_user = p;
	p->observer = gb_observer_new(p->trace);
	p->watch = (struct gb_watch){.trace = p->trace, .observer = p->observer, .monitor = gb_monitor_new(p->trace)};
	if (!p->observer || !p->watch.monitor)
		return gb_error_set(err, GB_NO_MEMORY, 0, 0, "no memory left");
	status = gb_world_create(p->trace, &config, &p->world, err);
	if (status == GB_OK && p->seeded)
		status = picks_collect(&p->picks, p->trace, &config, err);
	return status;
}

void play_close(struct play *p)
{
	if (p->world)
		gb_world_destroy(p->world);
	gb_monitor_free(p->watch.monitor);
	gb_observer_free(p->observer);
	picks_free(&p->picks);
}

void play_run(struct play *p, const struct play_listener *listener)
{
	p->state = GB_RUNNING;
	p->listener = listener;
	p->violations = 0;
	p->watch.told = 0;
	p->picks.next = 0;
	p->replay = (struct gb_replay){.schedule = p->schedule, .trace = p->trace};
	gb_world_reset(p->world);
	gb_observer_reset(p->observer);
	gb_monitor_reset(p->watch.monitor);
	do
		p->state = gb_world_step(p->world);
	while (p->state == GB_RUNNING && !p->replay.diverged);
	p->steps = gb_world_steps(p->world);
	gb_watch_finish(&p->watch, p->state);
	for (; p->violations < gb_monitor_count(p->watch.monitor); p->violations++)
		if (listener->violation)
			listener->violation(listener->user, &gb_monitor_list(p->watch.monitor)[p->violations]);
}
