/* SPDX-License-Identifier: MIT */
/* The names of the tables in event.h. */
#include "groupbuf/event.h"
#include "world/emit.h"

const char *gb_event_name(enum gb_event_type type)
{
	static const char *const names[] = {
#define X(id, name, ...) name,
		GB_EVENT_LIST(X)
#undef X
	};

	return type < GB_EV_COUNT ? names[type] : "?";
}

const char *gb_actor_name(enum gb_actor_kind kind)
{
	static const char *const names[] = {
#define X(id, name) name,
		GB_ACTOR_LIST(X)
#undef X
	};

	return kind < sizeof(names) / sizeof(names[0]) ? names[kind] : "?";
}

const char *gb_hazard_name(enum gb_hazard_kind kind)
{
	static const char *const names[] = {
#define X(id, name, stops) name,
		GB_HAZARD_LIST(X)
#undef X
	};

	return kind < GB_HAZARD_COUNT ? names[kind] : "?";
}

bool gb_hazard_stops(enum gb_hazard_kind kind)
{
	static const bool stop[] = {
#define X(id, name, stops) stops,
		GB_HAZARD_LIST(X)
#undef X
	};

	return stop[kind];
}
