/* SPDX-License-Identifier: MIT */
/* The traces with expectations: what holds without the fault must hold with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "groupbuf/monitor.h"

#include "faults/catcher.h"
#include "support/corpus.h"

/* Ways of a trace to go wrong without end are cut short here; honest ones need far fewer steps. */
#define MAX_STEPS 20000U

/* Traces, and which of them hold without a fault. */
struct shelf {
	struct corpus corpus;
	struct gb_watch *watch;
	bool *holds;
	bool visible;
};

static struct shelf strict, conformance;

static bool holds(const struct shelf *s, size_t k, enum gb_fault fault)
{
	const struct corpus_trace *t = &s->corpus.list[k];
	struct gb_watch *w = &s->watch[k];
	struct gb_config config = t->config;
	struct gb_world *world;
	enum gb_run_state state;

	config.event = gb_watch_event;
	config.event_user = w;
	config.fault = fault;
	config.max_steps = MAX_STEPS;
	world = world_of(t->trace, &config);
	gb_observer_reset(w->observer);
	gb_monitor_reset(w->monitor);
	w->told = 0;
	state = gb_world_run(world);
	gb_watch_finish(w, state);
	gb_world_destroy(world);
	return state != GB_EXHAUSTED && !gb_observer_compare(w->observer, s->visible).differs;
}

static void prepare(struct shelf *s)
{
	s->watch = calloc(s->corpus.n, sizeof(*s->watch));
	s->holds = calloc(s->corpus.n, sizeof(*s->holds));
	assert_non_null(s->watch);
	assert_non_null(s->holds);
	for (size_t k = 0; k < s->corpus.n; k++) {
		const struct gb_trace *t = s->corpus.list[k].trace;

		s->watch[k] =
			(struct gb_watch){.trace = t, .observer = gb_observer_new(t), .monitor = gb_monitor_new(t)};
		assert_non_null(s->watch[k].observer);
		assert_non_null(s->watch[k].monitor);
		s->holds[k] = holds(s, k, GB_FAULT_NONE);
	}
}

static bool first_broken(const struct shelf *s, enum gb_fault fault, char text[CATCH_TEXT])
{
	for (size_t k = 0; k < s->corpus.n; k++) {
		if (!s->holds[k] || holds(s, k, fault))
			continue;
		snprintf(text, CATCH_TEXT, "%s", s->corpus.list[k].name);
		*strrchr(text, '.') = '\0';
		return true;
	}
	return false;
}

void catch_traces_prepare(void)
{
	static const char *const rooms[] = {"tutorial", "scenarios", "defects", "ublk", "rules"};

	for (size_t k = 0; k < sizeof(rooms) / sizeof(rooms[0]); k++)
		corpus_add_room(&strict.corpus, rooms[k]);
	prepare(&strict);
	for (size_t k = 0; k < strict.corpus.n; k++)
		if (!strict.holds[k])
			fail_msg("%s does not hold without a fault", strict.corpus.list[k].name);
}

const struct corpus *catch_traces_strict(void)
{
	return &strict.corpus;
}

bool catch_traces(enum gb_fault fault, char text[CATCH_TEXT])
{
	return first_broken(&strict, fault, text);
}

void catch_corpus_prepare(void)
{
	conformance.visible = true;
	corpus_add_all(&conformance.corpus);
	prepare(&conformance);
}

bool catch_corpus(enum gb_fault fault, char text[CATCH_TEXT])
{
	return first_broken(&conformance, fault, text);
}
