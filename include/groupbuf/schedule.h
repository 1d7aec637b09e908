/* SPDX-License-Identifier: MIT */
/*
 * Schedules: the choices of one run in order, as text that a person can read
 * and edit. One choice a line,
 *
 *     KIND TAKEN of ALTERNATIVE ALTERNATIVE ...
 *
 * the alternatives as they were, the default first; `of` and what follows may
 * be left out. `#` starts a comment. An alternative is an actor with its
 * number and the request it is about (`app`, `io-wq.1:b`, `task-work:c`), or
 * the number of an outcome (`0:b`); a second one of the same name ends in /2.
 */
#ifndef GROUPBUF_SCHEDULE_H
#define GROUPBUF_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "groupbuf/error.h"
#include "groupbuf/trace.h"
#include "groupbuf/world.h"

struct gb_schedule;

/* An empty schedule; NULL if there is no memory. */
struct gb_schedule *gb_schedule_new(void);
void gb_schedule_free(struct gb_schedule *schedule);

/* Reads a schedule; on failure *out is NULL and *err says where and why. */
enum gb_status gb_schedule_parse(const char *text, size_t size, struct gb_schedule **out, struct gb_error *err);

/* Adds the choice made; false if there is no memory. */
bool gb_schedule_add(struct gb_schedule *schedule, const struct gb_trace *trace, const struct gb_choice *choice,
		     uint32_t taken);

uint32_t gb_schedule_count(const struct gb_schedule *schedule);

/* The text of a schedule, malloced; NULL if there is no memory. */
char *gb_schedule_print(const struct gb_schedule *schedule);

/* Name of the i-th alternative of a choice in buf; returns buf. 128 bytes are always enough. */
const char *gb_alternative_name(const struct gb_trace *trace, const struct gb_choice *choice, uint32_t i, char *buf,
				size_t size);

/* Follows a schedule. Zero it and set the first two. */
struct gb_replay {
	const struct gb_schedule *schedule;
	const struct gb_trace *trace;
	uint32_t asked;	       /* choices the run came to */
	bool diverged;	       /* one of them was not the schedule's; from there on the default is taken */
	struct gb_error error; /* where, if it diverged */
};

/* A gb_choose_fn; `user` is the replay. Behind the schedule's end the default is taken. */
uint32_t gb_replay_choose(void *user, const struct gb_choice *choice);

#endif
