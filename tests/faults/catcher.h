/* SPDX-License-Identifier: MIT */
/* Those who have to notice a fault, each by itself. */
#ifndef GB_TESTS_CATCHER_H
#define GB_TESTS_CATCHER_H

#include <stdbool.h>
#include <stdint.h>

#include "groupbuf/fault.h"
#include "support/corpus.h"

/* What gave a fault away, in words: "lease/lease-1-0004", "I32 in run 17". */
#define CATCH_TEXT 96

/* X(id, name, doc): the cheapest first. */
#define CATCHER_LIST(X)                                                                    \
	X(traces, "traces", "a line of tutorial/, scenarios/, defects/, ublk/ or rules/")  \
	X(corpus, "corpus", "a visible line of conformance/, what a real kernel answered") \
	X(hazard, "hazard", "programs: a hazard, no end, or a second CQE")                 \
	X(invariant, "invariants", "programs: a violated invariant")                       \
	X(spec, "spec", "programs: what the specification does not allow")                 \
	X(fuzz, "fuzz", "the fuzzer, 20,000 runs: any of the three above")

enum catcher {
#define X(id, name, doc) CATCHER_##id,
	CATCHER_LIST(X)
#undef X
		CATCHERS,
};

/*
 * Before anything: runs without a fault and keeps what is found then, which is
 * not to be taken for the doing of a fault.
 */
void catch_traces_prepare(void);
void catch_corpus_prepare(void);
void catch_random_prepare(void);
void catch_fuzz_prepare(void);

/* Runs with the fault until something is found; says what, and returns true if so. */
/* The traces of catch_traces. */
const struct corpus *catch_traces_strict(void);
bool catch_traces(enum gb_fault fault, char text[CATCH_TEXT]);
bool catch_corpus(enum gb_fault fault, char text[CATCH_TEXT]);
bool catch_hazard(enum gb_fault fault, char text[CATCH_TEXT]);
bool catch_invariant(enum gb_fault fault, char text[CATCH_TEXT]);
bool catch_spec(enum gb_fault fault, char text[CATCH_TEXT]);
bool catch_fuzz(enum gb_fault fault, char text[CATCH_TEXT]);

#endif
