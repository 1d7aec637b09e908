/* SPDX-License-Identifier: MIT */
/*
 * The canonical form (groupbuf/explore.h) against what it promises. Soundness
 * is tested step by step: wherever two worlds that differ have equal forms,
 * every step either can take does the same in both and leads to equal forms
 * again; so by induction do all sequences of steps.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/explored.h"
#include "support/program.h"

/* Sums over all traces. */
struct sums {
	uint64_t traces, states, steps, equal, differing, bytes, capacity, squares;
};

/* ---- equal forms, equal futures ---- */

static void print_log(const struct taken *t)
{
	for (size_t k = 0; k < t->log.n; k++) {
		const struct gb_event *ev = &t->log.list[k];

		print_message("  %s req %d other %d: %ld %ld %ld %ld %s\n", gb_event_name(ev->type), (int)ev->req, (int)ev->other,
			      (long)ev->a, (long)ev->b, (long)ev->c, (long)ev->d, ev->text ? ev->text : "");
	}
	for (uint32_t k = 0; k < t->asked.n; k++)
		print_message("  [%s.%u %d]\n", gb_actor_name(t->asked.alt[k].kind), t->asked.alt[k].index, (int)t->asked.alt[k].req);
	print_message("  run %d\n", t->run);
}

/* The test fails, after saying what two steps did. */
static void differ(const struct explored *e, const struct gb_alternative *alt, const struct taken *a,
		   const struct taken *b)
{
	print_log(a);
	print_message("and the other:\n");
	print_log(b);
	fail_msg("%s: equal forms, but a step of %s does two things", e->name, gb_actor_name(alt->kind));
}

/* The world as it is and state `twin` have equal forms: whatever the one can do the other does the same way. */
static void check_twin(struct explored *e, uint32_t twin, uint64_t seed, struct sums *sums)
{
	struct explored other = *e;
	struct state here = {.size = gb_world_size(e->world), .run = e->run};
	struct enabled enabled;

	here.snapshot = malloc(here.size);
	assert_non_null(here.snapshot);
	gb_world_snapshot(e->world, here.snapshot);
	explored_enabled(e, &here, &enabled);
	other.form = malloc(gb_world_canonical_capacity(e->world));
	assert_non_null(other.form);
	for (uint32_t k = 0; k < enabled.n; k++) {
		struct taken a, b;

		explored_go(e, &here);
		explored_step(e, &enabled.alt[k], seed, &a);
		explored_form(e, NULL);
		memcpy(other.form, e->form, e->length);
		other.length = e->length;
		explored_go(e, &e->states[twin]);
		explored_step(e, &enabled.alt[k], seed, &b);
		explored_form(e, NULL);
		if (!same_step(&a, &b, NULL))
			differ(e, &enabled.alt[k], &a, &b);
		if (e->length != other.length || memcmp(e->form, other.form, e->length) != 0)
			fail_msg("%s: equal forms, but a step of %s leads to different ones", e->name,
				 gb_actor_name(enabled.alt[k].kind));
		taken_free(&a);
		taken_free(&b);
	}
	free(other.form);
	free(here.snapshot);
	sums->differing++;
}

/* Takes every step of a state; new forms are new states, old ones are compared. */
static void expand(struct explored *e, uint32_t number, uint64_t *random, struct sums *sums)
{
	struct enabled enabled;

	e->states[number].expanded = true;
	explored_enabled(e, &e->states[number], &enabled);
	for (uint32_t k = 0; k < enabled.n; k++) {
		struct taken taken;
		struct state *old;

		explored_go(e, &e->states[number]);
		explored_step(e, &enabled.alt[k], next_random(random), &taken);
		taken_free(&taken);
		explored_form(e, NULL);
		sums->steps++;
		old = explored_find(e, e->form, e->length);
		if (!old) {
			explored_add(e);
			continue;
		}
		sums->equal++;
		if (!explored_same_bytes(e, old))
			check_twin(e, (uint32_t)(old - e->states), next_random(random), sums);
	}
}

/* Expands up to `limit` states of a trace, the newest and random ones in turn: deep and wide. */
static void explore(const char *name, const struct gb_trace *trace, const struct gb_config *config, uint32_t limit,
		    uint64_t seed, struct sums *sums)
{
	uint64_t random = seed;
	struct explored e;

	explored_init(&e, name, trace, config, seed & 1 ? GB_CANONICAL_CQ_UNORDERED : 0);
	for (uint32_t k = 0; k < limit; k++) {
		uint32_t number = k & 1 ? e.n - 1 : random_below(&random, e.n);
		uint32_t looked = 0;

		while (e.states[number].expanded && looked++ < e.n)
			number = (number + 1) % e.n;
		if (e.states[number].expanded)
			break;
		expand(&e, number, &random, sums);
	}
	for (uint32_t k = 0; k < e.n; k++) {
		sums->bytes += e.states[k].size;
		sums->capacity += e.states[k].length;
	}
	sums->traces++;
	sums->states += e.n;
	explored_free(&e);
}

static void print_sums(const char *what, const struct sums *s)
{
	print_message("%s: %lu traces, %lu states, %lu steps, %lu to a form there was, %lu of them other worlds; "
		      "%lu bytes of state, %lu of form\n",
		      what, (unsigned long)s->traces, (unsigned long)s->states, (unsigned long)s->steps,
		      (unsigned long)s->equal, (unsigned long)s->differing, (unsigned long)(s->bytes / (s->states + 1)),
		      (unsigned long)(s->capacity / (s->states + 1)));
}

static void random_programs(void **state)
{
	const uint64_t programs = getenv("GB_PROGRAMS") ? strtoull(getenv("GB_PROGRAMS"), NULL, 10) :
				  build_is_slow()	? 60 :
							  1000;
	struct sums sums = {0};

	(void)state;
	for (uint64_t seed = 1; seed <= programs; seed++) {
		char *text = random_program(seed), name[32];
		struct gb_trace *trace = NULL;
		struct gb_error err;

		snprintf(name, sizeof(name), "program %lu", (unsigned long)seed);
		if (gb_trace_parse(text, strlen(text), &trace, &err) == GB_OK)
			explore(name, trace, &(struct gb_config){0}, 100, seed, &sums);
		gb_trace_free(trace);
		free(text);
	}
	print_sums("random programs", &sums);
	assert_true(sums.differing * 20 > sums.steps);
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
	assert_true(sums.differing * 20 > sums.steps);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_programs),
		cmocka_unit_test(corpus_traces),
	};

	return cmocka_run_group_tests_name("canonical", tests, NULL, NULL);
}
