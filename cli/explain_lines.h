/* SPDX-License-Identifier: MIT */
/*
 * The lines of a story as text, in columns. What is as in the line before is
 * left out, and a choice is a line that waits until it shows what came of it.
 */
#ifndef GROUPBUF_CLI_EXPLAIN_LINES_H
#define GROUPBUF_CLI_EXPLAIN_LINES_H

#include "explain.h"

/* A line that is being put together. */
struct line {
	char mark;	     /* ' ', '*' about what went wrong, '!' went wrong, '?' a choice */
	const char *subject; /* NULL: there is no line */
	char *text;
	uint64_t step, time_us;
	char actor[32];
};

struct lines {
	const struct explain_text *how;
	FILE *out;
	unsigned int label_width;
	struct line line;
	struct line choice; /* who goes on, told in front of the first thing he does */
	struct gb_alternative chosen;
	/* what was printed last */
	uint64_t step, time_us;
	char actor[32];
	uint64_t n, skip; /* so many, of which the first `skip` are not printed */
	bool no_memory;
};

/* Task work is run by the task. */
enum gb_actor_kind line_run_as(enum gb_actor_kind kind);

/* Ends the line before, and tells the choice that waits if it is this actor who was chosen. */
void line_begin(struct lines *l, const struct gb_event *ev, char mark, const char *subject);

/* Adds to the line; `between` stands in front of it unless it is the first. Takes text over; NULL is no memory. */
void line_add(struct lines *l, const char *between, char *text);

/* One more thing that `subject` does: in the same line if that is about it too and has room. Takes text over. */
void line_say(struct lines *l, const struct gb_event *ev, char mark, const char *subject, char *text);

/* Prints the line that is being put together, if there is one. */
void line_end(struct lines *l);

/* The line is a choice of an actor, which waits. */
void line_keep_choice(struct lines *l, const struct gb_alternative *chosen);

/* Whoever was chosen before did nothing worth telling. */
void line_drop_choice(struct lines *l);

void line_free(struct lines *l);

#endif
