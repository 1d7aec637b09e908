/* SPDX-License-Identifier: MIT */
/*
 * Footprints (groupbuf/explore.h): what a step wrote is among what it was said
 * to touch, and two steps whose footprints do not conflict commute.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/explored.h"
#include "support/program.h"

struct sums {
	uint64_t traces, states, steps, pairs, independent;
	uint64_t workers, workers_independent; /* pairs of two workers */
	uint64_t alone;			       /* states where one step is enough */
	uint64_t walks;			       /* taken around such steps */
	uint64_t choices;		       /* states with more than one step */
};

/* One step of a state, with its footprint. */
struct move {
	struct gb_alternative alt;
	struct taken taken;
	struct gb_footprint footprint;
};

static void print_footprint(const char *what, const struct gb_footprint *f)
{
	print_message("%s reads %016" PRIx64 " %016" PRIx64 " %016" PRIx64 " %016" PRIx64 "\n", what, f->read[0],
		      f->read[1], f->read[2], f->read[3]);
	print_message("%s writes %016" PRIx64 " %016" PRIx64 " %016" PRIx64 " %016" PRIx64 "\n", what, f->write[0],
		      f->write[1], f->write[2], f->write[3]);
}

static void print_move(const struct explored *e, const struct move *m)
{
	print_message("%s.%u of %s", gb_actor_name(m->alt.kind), m->alt.index, e->name);
	for (size_t k = 0; k < m->taken.log.n; k++)
		print_message(" %s", gb_event_name(m->taken.log.list[k].type));
	print_message("\n");
	print_footprint("  it", &m->footprint);
}

static void make_move(struct explored *e, const struct gb_alternative *alt, uint64_t seed, struct move *m)
{
	m->alt = *alt;
	explored_step(e, alt, seed, &m->taken);
	gb_world_footprint(e->world, &m->footprint);
	for (size_t k = 0; k < 4; k++) {
		if (!(m->footprint.write[k] & ~m->footprint.read[k]))
			continue;
		print_move(e, m);
		fail_msg("%s: a step has written what it was not said to touch", e->name);
	}
}

/* Takes one step and then the other; the form is in e->form. */
static void take_both(struct explored *e, uint32_t number, const struct move *first, const struct move *second,
		      uint64_t seed)
{
	struct taken a, b;

	explored_go(e, &e->states[number]);
	explored_step(e, &first->alt, seed, &a);
	explored_step(e, &second->alt, seed, &b);
	/* what each could choose from is another thing */
	a.asked = first->taken.asked;
	b.asked = second->taken.asked;
	if (!same_step(&a, &first->taken, NULL) || !same_step(&b, &second->taken, NULL)) {
		print_move(e, first);
		print_move(e, second);
		fail_msg("%s: steps said to be independent do something else in the other order", e->name);
	}
	taken_free(&a);
	taken_free(&b);
	explored_form(e, NULL);
}

static void check_commute(struct explored *e, uint32_t number, const struct move *a, const struct move *b,
			  uint64_t seed)
{
	unsigned char *form;
	size_t length;

	take_both(e, number, a, b, seed);
	length = e->length;
	form = malloc(length);
	assert_non_null(form);
	memcpy(form, e->form, length);
	take_both(e, number, b, a, seed);
	if (length != e->length || memcmp(form, e->form, length) != 0) {
		print_move(e, a);
		print_move(e, b);
		fail_msg("%s: steps said to be independent lead elsewhere in the other order", e->name);
	}
	free(form);
}

/* All pairs of steps of a state. */
static void check_pairs(struct explored *e, uint32_t number, const struct move *moves, uint32_t n, uint64_t seed,
			struct sums *sums)
{
	for (uint32_t i = 0; i < n; i++) {
		for (uint32_t k = i + 1; k < n; k++) {
			bool workers = moves[i].alt.kind == GB_ACTOR_WORKER && moves[k].alt.kind == GB_ACTOR_WORKER;
			bool independent = !gb_footprint_conflict(&moves[i].footprint, &moves[k].footprint);

			sums->pairs++;
			sums->workers += workers;
			if (!independent)
				continue;
			sums->independent++;
			sums->workers_independent += workers;
			check_commute(e, number, &moves[i], &moves[k], seed);
		}
	}
}

/* ---- steps that suffice alone ---- */

#define WALK 12U /* steps of others */

/* A step of anybody but `a`; false if there is none. */
static bool step_of_others(struct explored *e, const struct gb_alternative *a, uint64_t *random,
			   struct gb_alternative *taken)
{
	struct state here = {.size = gb_world_size(e->world), .run = e->run};
	struct enabled enabled;
	struct taken step;
	uint32_t n = 0;

	here.snapshot = malloc(here.size);
	assert_non_null(here.snapshot);
	gb_world_snapshot(e->world, here.snapshot);
	explored_enabled(e, &here, &enabled);
	free(here.snapshot);
	for (uint32_t k = 0; k < enabled.n; k++)
		if (enabled.alt[k].kind != a->kind || enabled.alt[k].index != a->index)
			enabled.alt[n++] = enabled.alt[k];
	/* if a is the only one there is no choice, and a it is */
	if (!n || enabled.n == 1)
		return false;
	*taken = enabled.alt[random_below(random, n)];
	explored_step(e, taken, e->answers, &step);
	taken_free(&step);
	return step.run == GB_RUNNING;
}

/* Others take a few steps before `a`, or after it: that must make no difference. */
static void check_alone(struct explored *e, uint32_t number, const struct move *a, uint64_t seed, struct sums *sums)
{
	struct gb_alternative walk[WALK];
	struct taken late, step;
	unsigned char *form;
	size_t length;
	uint32_t n = 0;

	explored_go(e, &e->states[number]);
	while (n < WALK && step_of_others(e, &a->alt, &seed, &walk[n]))
		n++;
	if (e->run != GB_RUNNING)
		return;
	explored_step(e, &a->alt, e->answers, &late);
	late.asked = a->taken.asked;
	explored_form(e, NULL);
	length = e->length;
	form = malloc(length);
	assert_non_null(form);
	memcpy(form, e->form, length);
	explored_go(e, &e->states[number]);
	explored_step(e, &a->alt, e->answers, &step);
	taken_free(&step);
	for (uint32_t k = 0; k < n; k++) {
		explored_step(e, &walk[k], e->answers, &step);
		taken_free(&step);
	}
	explored_form(e, NULL);
	if (!same_step(&late, &a->taken, NULL) || length != e->length || memcmp(form, e->form, length) != 0) {
		print_move(e, a);
		for (uint32_t k = 0; k < n; k++)
			print_message("  %s.%u\n", gb_actor_name(walk[k].kind), walk[k].index);
		fail_msg("%s: a step said to suffice alone depends on what others do before it", e->name);
	}
	taken_free(&late);
	free(form);
	sums->walks++;
}

/* Is there a step that suffices, and does it? */
static void check_persistent(struct explored *e, uint32_t number, const struct move *moves, uint32_t n, uint64_t seed,
			     struct sums *sums)
{
	bool alone = false;

	sums->choices += n > 1;
	for (uint32_t k = 0; n > 1 && k < n; k++) {
		struct gb_footprint future;

		explored_go(e, &e->states[number]);
		gb_world_future(e->world, &moves[k].alt, &future);
		if (gb_footprint_conflict(&moves[k].footprint, &future))
			continue;
		alone = true;
		check_alone(e, number, &moves[k], seed + k, sums);
	}
	sums->alone += alone;
}

static void expand(struct explored *e, uint32_t number, uint64_t *random, struct sums *sums)
{
	static struct move moves[GB_MAX_ALTERNATIVES];
	/* the same answers to all other choices, whatever the order */
	const uint64_t seed = e->answers;
	struct enabled enabled;

	e->states[number].expanded = true;
	explored_enabled(e, &e->states[number], &enabled);
	for (uint32_t k = 0; k < enabled.n; k++) {
		explored_go(e, &e->states[number]);
		make_move(e, &enabled.alt[k], seed, &moves[k]);
		sums->steps++;
		explored_form(e, NULL);
		if (!explored_find(e, e->form, e->length))
			explored_add(e);
	}
	check_pairs(e, number, moves, enabled.n, seed, sums);
	check_persistent(e, number, moves, enabled.n, random_next(random), sums);
	for (uint32_t k = 0; k < enabled.n; k++)
		taken_free(&moves[k].taken);
}

static void explore(const char *name, const struct gb_trace *trace, const struct gb_config *config, uint32_t limit,
		    uint64_t seed, struct sums *sums)
{
	struct gb_config mine = *config;
	uint64_t random = seed;
	struct explored e;
	uint32_t number;

	mine.footprints = true;
	explored_init(&e, name, trace, &mine, 0);
	e.answers = seed;
	for (uint32_t k = 0; k < limit && explored_next(&e, k, &random, &number); k++)
		expand(&e, number, &random, sums);
	sums->traces++;
	sums->states += e.n;
	explored_free(&e);
}

static void print_sums(const char *what, const struct sums *s)
{
	print_message("%s: %" PRIu64 " traces, %" PRIu64 " states, %" PRIu64 " steps, %" PRIu64 " pairs, %" PRIu64
		      " independent; of two workers %" PRIu64 ", %" PRIu64 " independent\n",
		      what, s->traces, s->states, s->steps, s->pairs, s->independent, s->workers,
		      s->workers_independent);
	print_message("%s: %" PRIu64 " states with a choice, in %" PRIu64 " one step is enough; %" PRIu64 " walks\n",
		      what, s->choices, s->alone, s->walks);
}

static void one_program(void *user, const char *name, const struct gb_trace *trace, uint64_t seed)
{
	explore(name, trace, &(struct gb_config){0}, 100, seed, user);
}

static void random_programs(void **state)
{
	struct sums sums = {0};

	(void)state;
	each_program(programs_asked(build_is_slow() ? 60 : 1000), one_program, &sums);
	print_sums("random programs", &sums);
	assert_true(sums.independent * 20 > sums.pairs);
}

static void corpus_traces(void **state)
{
	struct corpus corpus = {0};
	struct sums sums = {0};

	(void)state;
	corpus_add_all(&corpus);
	for (size_t k = 0; k < corpus.n; k += build_is_slow() ? 20 : 1)
		explore(corpus.list[k].name, corpus.list[k].trace, &corpus.list[k].config, 100, k, &sums);
	corpus_free(&corpus);
	print_sums("corpus", &sums);
	assert_true(sums.independent * 20 > sums.pairs);
}

/* Traces with choices beside those of the actors; every step is taken with a few answers. */
static void open_choices(void **state)
{
	struct sums sums = {0};

	(void)state;
	for (size_t k = 0; open_traces[k]; k++) {
		struct gb_trace *trace = trace_of("open trace", open_traces[k], strlen(open_traces[k]));

		for (uint64_t seed = 1; seed <= (build_is_slow() ? 2 : 20); seed++)
			explore("open trace", trace, &(struct gb_config){.time_races = seed % 3 == 0}, 400, seed,
				&sums);
		gb_trace_free(trace);
	}
	print_sums("open traces", &sums);
	assert_true(sums.states > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_programs),
		cmocka_unit_test(corpus_traces),
		cmocka_unit_test(open_choices),
	};

	return cmocka_run_group_tests_name("footprint", tests, NULL, NULL);
}
