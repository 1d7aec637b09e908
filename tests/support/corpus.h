/* SPDX-License-Identifier: MIT */
/* The corpus in memory, and runs of its traces recorded event by event. */
#ifndef GB_TESTS_CORPUS_H
#define GB_TESTS_CORPUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "groupbuf/observe.h"
#include "groupbuf/random.h"
#include "groupbuf/trace.h"
#include "groupbuf/world.h"

struct corpus_trace {
	char *name; /* "nop/nop-1-0000.trace" */
	char *text;
	size_t size;
	struct gb_trace *trace;
	struct gb_config config; /* of the machine it comes from: the default order, no sink */
	char *standard_input;
};

/* Traces in the order of their names. */
struct corpus {
	struct corpus_trace *list;
	size_t n, room;
};

/* The folders of traces/conformance. */
#define GB_CORPUS_FOLDERS 8
extern const char *const corpus_folders[GB_CORPUS_FOLDERS];

/* Adds every trace of traces/ROOM ("tutorial"), in the order of their names. The test fails if there is none. */
void corpus_add_room(struct corpus *corpus, const char *room);
/* Adds every trace of a folder. The test fails if there is none, or one is broken. */
void corpus_add(struct corpus *corpus, const char *folder);
/* Adds every trace of every folder. */
void corpus_add_all(struct corpus *corpus);
void corpus_free(struct corpus *corpus);

/* The bytes of a file of the repository, terminated; the test fails if it cannot be read. */
char *corpus_read(const char *path, size_t *size);

/* Reads a trace that must be good; `name` is for the message. */
struct gb_trace *trace_of(const char *name, const char *text, size_t size);

/* A world that must come into being. */
struct gb_world *world_of(const struct gb_trace *trace, const struct gb_config *config);

/* The events of one run. */
struct event_log {
	struct gb_event *list;
	size_t n, room;
};

/* A gb_event_fn; `user` is the log. */
void log_event(void *user, const struct gb_event *event);
void log_free(struct event_log *log);

/* True if two events carry the same numbers and the same words; where they lie in memory does not matter. */
bool same_event(const struct gb_event *a, const struct gb_event *b);

/* Follows a recorded run. It only counts, so that a thread may use it; follower_check says what went wrong. */
struct follower {
	const struct event_log *log;
	size_t next;	   /* the event that has to come */
	bool differs;	   /* another one came */
	size_t differs_at; /* at this place */
};

/* A gb_event_fn; `user` is the follower. */
void follow_event(void *user, const struct gb_event *event);

/* The test fails unless exactly the log's events up to `end` came. */
void follower_check(const struct follower *follower, size_t end, const char *name, const char *what);

/*
 * Every actor has a random priority, the highest acts, and at a few random
 * moments it falls below all others (probabilistic concurrency testing). What
 * takes an actor that is held up for long, uniform choices hardly ever find.
 */
struct priorities {
	uint64_t random;
	uint32_t of[8][64]; /* by kind and number of the actor */
	uint32_t lowest;
	uint32_t choices; /* made so far */
	uint32_t change[4];
};

void priorities_init(struct priorities *priorities, uint64_t seed);
/* A gb_choose_fn; `user` is the priorities. */
uint32_t priorities_choose(void *user, const struct gb_choice *choice);

/* Does a sanitizer, or no optimisation at all, make this build slow? */
bool build_is_slow(void);

#endif
