/* SPDX-License-Identifier: MIT */
/* Violations among the observations, each at its place in the run. */
#include "mon.h"

static void tell(struct gb_watch *w)
{
	for (; w->told < gb_monitor_count(w->monitor); w->told++) {
		char *text = gb_violation_print(w->trace, &gb_monitor_list(w->monitor)[w->told]);

		if (w->stripped && text)
			gb_violation_strip(text);
		gb_observer_invariant(w->observer, text);
	}
}

void gb_watch_event(void *user, const struct gb_event *event)
{
	struct gb_watch *w = user;

	gb_monitor_event(w->monitor, event);
	gb_observer_event(w->observer, event);
	if (w->told != gb_monitor_count(w->monitor))
		tell(w);
}

void gb_watch_finish(struct gb_watch *watch, enum gb_run_state state)
{
	gb_monitor_finish(watch->monitor, state);
	tell(watch);
	gb_observer_finish(watch->observer);
}
