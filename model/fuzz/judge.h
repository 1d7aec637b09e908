/* SPDX-License-Identifier: MIT */
/*
 * Judges watch a run event by event and say in the end what they have found.
 * One table; a judge is added there.
 */
#ifndef GB_MODEL_JUDGE_H
#define GB_MODEL_JUDGE_H

#include "groupbuf/event.h"
#include "groupbuf/fuzz.h"

/* What was found so far in a run, each kind once. */
struct findings {
	uint32_t n;
	struct gb_finding list[GB_MAX_FINDINGS];
};

/* Adds a finding unless one of its kind is there; the surplus of a run that has too many is dropped. */
void findings_add(struct findings *findings, const struct gb_finding *finding);

/* A set of judges, with their state. */
struct judges;

struct judges *judges_new(uint32_t kinds);
void judges_free(struct judges *judges);

/* The next run is one of this trace; false if there is no memory. Judges of `kinds` alone watch it. */
bool judges_begin(struct judges *judges, const struct gb_trace *trace, uint32_t kinds);
void judges_event(struct judges *judges, const struct gb_event *event);
/* The run is over. */
void judges_finish(struct judges *judges, enum gb_run_state state);
const struct findings *judges_findings(const struct judges *judges);

#endif
