/* SPDX-License-Identifier: MIT */
/* Events, observations and verdicts as text and as JSON. */
#ifndef GROUPBUF_CLI_SHOW_H
#define GROUPBUF_CLI_SHOW_H

#include <jansson.h>
#include <stdio.h>

#include "groupbuf/observe.h"
#include "groupbuf/trace.h"

/* An event as one line: step, time in ms, actor, name, sentence. */
void show_event(FILE *out, const struct gb_trace *trace, const struct gb_event *ev);

/* The i-th observation as a line, with its reason behind it if `why`. */
void show_observation(FILE *out, const struct gb_trace *trace, const struct gb_observer *observer, uint32_t i,
		      bool why);

/* Expected and observed side by side, with the place of the expectation. */
void show_diff(FILE *out, const char *file, const struct gb_trace *trace, const struct gb_diff *diff);

/* A file name in a comment. */
void show_name(FILE *out, const char *name);

/* The same as JSON objects; NULL if there is no memory. */
json_t *json_event(const struct gb_trace *trace, const struct gb_event *ev);
json_t *json_observation(const struct gb_trace *trace, const struct gb_observer *observer, uint32_t i, bool why);
json_t *json_diff(const struct gb_trace *trace, const struct gb_diff *diff);

/* Prints the line of a file that was not run. */
void json_not_run(const char *file, const struct gb_error *err);

/* A string that may not be UTF-8; such bytes become U+FFFD. */
json_t *json_text(const char *text);

#endif
