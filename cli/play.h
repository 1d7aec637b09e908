/* SPDX-License-Identifier: MIT */
/*
 * One run of a trace for whoever tells it: it can be played as often as needed,
 * the same each time, with every choice, event and violated invariant in order.
 */
#ifndef GROUPBUF_CLI_PLAY_H
#define GROUPBUF_CLI_PLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "groupbuf/monitor.h"
#include "groupbuf/observe.h"
#include "groupbuf/schedule.h"
#include "groupbuf/world.h"

#include "picks.h"

/* Who listens. Any function may be NULL. */
struct play_listener {
	void *user;
	/* Before the choice is carried out, in step `step`. */
	void (*choice)(void *user, uint64_t step, const struct gb_choice *choice, uint32_t taken);
	gb_event_fn event;
	/* Behind the event that shows it, or behind the last one. */
	void (*violation)(void *user, const struct gb_violation *violation);
};

/* Zero it, set the first part, and call play_open. */
struct play {
	const struct gb_trace *trace;
	struct gb_config config;	    /* chooser and sink are those of the player */
	const struct gb_schedule *schedule; /* NULL: the kernel-like order, or config.seed */
	bool seeded;

	/* After play_run: how it ended, what was observed, how far the schedule went. */
	enum gb_run_state state;
	uint64_t steps;
	struct gb_observer *observer;
	struct gb_replay replay;

	struct gb_watch watch;
	struct gb_world *world;
	struct picks picks;
	const struct play_listener *listener;
	uint32_t violations; /* told to the listener */
};

/* Allocates what a run needs; play_close in any case. */
enum gb_status play_open(struct play *play, struct gb_error *err);
void play_close(struct play *play);

/* Runs to the end, or to where the schedule no longer fits (replay.diverged). */
void play_run(struct play *play, const struct play_listener *listener);

#endif
