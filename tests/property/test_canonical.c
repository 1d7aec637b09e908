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

static void print_step(const struct taken *t)
{
	for (size_t k = 0; k < t->log.n; k++) {
		const struct gb_event *ev = &t->log.list[k];

		print_message("  %s of %d: %ld %ld %ld\n", gb_event_name(ev->type), (int)ev->req, (long)ev->a,
			      (long)ev->b, (long)ev->c);
	}
	print_message("  with %u alternatives, then %d\n", t->asked.n, (int)t->run);
}

/* The test fails, after saying what two steps did. */
static void differ(const struct explored *e, const struct gb_alternative *alt, const struct taken *a,
		   const struct taken *b, const char *how)
{
	print_step(a);
	print_message("and the other:\n");
	print_step(b);
	fail_msg("%s: equal forms, but a step of %s %s", e->name, gb_actor_name(alt->kind), how);
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
			differ(e, &enabled.alt[k], &a, &b, "does two things");
		if (e->length != other.length || memcmp(e->form, other.form, e->length) != 0)
			differ(e, &enabled.alt[k], &a, &b, "leads to different ones");
		taken_free(&a);
		taken_free(&b);
	}
	free(other.form);
	free(here.snapshot);
	sums->differing++;
}

/* Forms without numbers of workers are compared in their own way. */
static bool unnumbered;
static void check_unnumbered(struct explored *e, uint32_t twin, uint64_t seed, struct sums *sums);

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
		explored_step(e, &enabled.alt[k], random_next(random), &taken);
		taken_free(&taken);
		explored_form(e, NULL);
		sums->steps++;
		old = explored_find(e, e->form, e->length);
		if (!old) {
			explored_add(e);
			continue;
		}
		sums->equal++;
		if (unnumbered)
			check_unnumbered(e, (uint32_t)(old - e->states), random_next(random), sums);
		else if (!explored_same_bytes(e, old))
			check_twin(e, (uint32_t)(old - e->states), random_next(random), sums);
	}
}

/* Expands up to `limit` states of a trace. */
static void explore(const char *name, const struct gb_trace *trace, const struct gb_config *config, uint32_t limit,
		    uint64_t seed, struct sums *sums)
{
	uint64_t random = seed;
	struct explored e;
	uint32_t number;

	explored_init(&e, name, trace, config,
		      (seed & 1 ? GB_CANONICAL_CQ_UNORDERED : 0) | (unnumbered ? GB_CANONICAL_WORKERS : 0));
	for (uint32_t k = 0; k < limit && explored_next(&e, k, &random, &number); k++)
		expand(&e, number, &random, sums);
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

/* ---- where a world lies ---- */

/* A world at another address that was full of rubbish has the same form, and a form fits where it is said to. */
static void check_elsewhere(const struct gb_trace *trace, const struct gb_config *config, uint64_t seed)
{
	struct gb_config mine = *config;
	struct gb_world *world, *other;
	unsigned char *form, *again, *rubbish;
	size_t room;

	mine.strategy = GB_STRATEGY_RANDOM;
	mine.seed = seed;
	world = world_of(trace, &mine);
	other = world_of(trace, &mine);
	room = gb_world_canonical_capacity(world);
	form = malloc(room);
	again = malloc(room);
	rubbish = malloc(gb_world_capacity(world));
	assert_true(form && again && rubbish);
	do {
		size_t n = gb_world_canonical(world, NULL, 0, form);

		memset(rubbish, 0xa5, gb_world_capacity(world));
		gb_world_restore(other, rubbish, gb_world_capacity(world));
		gb_world_snapshot(world, rubbish);
		gb_world_restore(other, rubbish, gb_world_size(world));
		assert_true(n <= room);
		assert_int_equal(gb_world_canonical(other, NULL, 0, again), n);
		assert_memory_equal(form, again, n);
	} while (gb_world_step(world) == GB_RUNNING);
	free(form);
	free(again);
	free(rubbish);
	gb_world_destroy(world);
	gb_world_destroy(other);
}

static void elsewhere(void **state)
{
	struct corpus corpus = {0};

	(void)state;
	corpus_add_all(&corpus);
	for (size_t k = 0; k < corpus.n; k += build_is_slow() ? 20 : 4)
		check_elsewhere(corpus.list[k].trace, &corpus.list[k].config, k);
	corpus_free(&corpus);
}

/* ---- workers without numbers ---- */

/* What a step leads to, compared without numbers of workers and without order within a step. */
struct outcome {
	struct gb_alternative alt;
	uint64_t events;
	uint64_t form;
};

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15ULL;
	return hash ^ hash >> 29;
}

/* A sum, so that the order of the events does not count. */
static uint64_t digest_events(const struct taken *t)
{
	uint64_t sum = t->run;

	for (size_t k = 0; k < t->log.n; k++) {
		const struct gb_event *ev = &t->log.list[k];
		uint64_t hash = mix(mix(mix(ev->type, ev->actor), ev->req), ev->other);

		if (ev->type != GB_EV_CLOCK)
			hash = mix(mix(mix(mix(hash, (uint64_t)ev->a), (uint64_t)ev->b), (uint64_t)ev->c), ev->d);
		sum += hash;
	}
	return sum;
}

static uint32_t outcomes_of(struct explored *e, const struct state *s, uint64_t seed, struct outcome *list)
{
	struct enabled enabled;

	explored_enabled(e, s, &enabled);
	for (uint32_t k = 0; k < enabled.n; k++) {
		struct taken taken;

		explored_go(e, s);
		explored_step(e, &enabled.alt[k], seed, &taken);
		explored_form(e, NULL);
		list[k] = (struct outcome){.alt = enabled.alt[k], .events = digest_events(&taken), .form = 1};
		for (size_t b = 0; b < e->length; b++)
			list[k].form = mix(list[k].form, e->form[b]);
		taken_free(&taken);
	}
	return enabled.n;
}

/* Every step of one state has its like in the other. */
static void check_simulates(const struct explored *e, const struct outcome *a, uint32_t n, const struct outcome *b,
			    uint32_t m)
{
	if (n != m)
		fail_msg("%s: equal forms, but %u and %u steps", e->name, n, m);
	for (uint32_t k = 0; k < n; k++) {
		uint32_t at = 0;

		while (at < m && (a[k].alt.kind != b[at].alt.kind || a[k].alt.req != b[at].alt.req ||
				  a[k].events != b[at].events || a[k].form != b[at].form))
			at++;
		if (at == m)
			fail_msg("%s: equal forms, but a step of %s has not its like", e->name,
				 gb_actor_name(a[k].alt.kind));
	}
}

static void check_unnumbered(struct explored *e, uint32_t twin, uint64_t seed, struct sums *sums)
{
	static struct outcome a[GB_MAX_ALTERNATIVES], b[GB_MAX_ALTERNATIVES];
	struct state here = {.size = gb_world_size(e->world), .run = e->run};
	uint32_t n, m;

	here.snapshot = malloc(here.size);
	assert_non_null(here.snapshot);
	gb_world_snapshot(e->world, here.snapshot);
	n = outcomes_of(e, &here, seed, a);
	m = outcomes_of(e, &e->states[twin], seed, b);
	check_simulates(e, a, n, b, m);
	check_simulates(e, b, m, a, n);
	free(here.snapshot);
	sums->differing++;
}

static void unnumbered_workers(void **state)
{
	struct corpus corpus = {0};
	struct sums sums = {0}, numbered = {0};

	(void)state;
	unnumbered = true;
	corpus_add_all(&corpus);
	for (size_t k = 0; k < corpus.n; k += build_is_slow() ? 20 : 2)
		explore(corpus.list[k].name, corpus.list[k].trace, &corpus.list[k].config, 100, 2 * k, &sums);
	corpus_free(&corpus);
	print_sums("corpus, workers without numbers", &sums);
	memset(&sums, 0, sizeof(sums));
	for (uint32_t k = 0; k < 2; k++) {
		const char *text = "sqe a NOP flags=ASYNC\nsqe b NOP flags=ASYNC\nsubmit\nwait 2\n";
		struct gb_trace *trace = trace_of("two workers", text, strlen(text));

		unnumbered = k == 0;
		explore("two workers", trace, &(struct gb_config){0}, 100000, 3, k ? &numbered : &sums);
		gb_trace_free(trace);
	}
	print_message("two workers: %lu states, with their numbers %lu\n", (unsigned long)sums.states,
		      (unsigned long)numbered.states);
	assert_true(sums.states < numbered.states);
	unnumbered = false;
}

/* ---- symmetry ---- */

/* State s with its SQEs renamed is state t: what s does t does, renamed. */
static void check_renamed(struct explored *e, uint32_t s, uint32_t t, const uint16_t *rename, uint64_t seed)
{
	struct enabled enabled;

	explored_enabled(e, &e->states[s], &enabled);
	for (uint32_t k = 0; k < enabled.n; k++) {
		struct gb_alternative alt = enabled.alt[k];
		struct taken a, b;
		unsigned char *form;
		size_t length;

		explored_go(e, &e->states[s]);
		explored_step(e, &alt, seed, &a);
		explored_form(e, rename);
		length = e->length;
		form = malloc(length);
		assert_non_null(form);
		memcpy(form, e->form, length);
		if (alt.req != GB_NO_REQ)
			alt.req = rename[alt.req];
		explored_go(e, &e->states[t]);
		explored_step(e, &alt, seed, &b);
		explored_form(e, NULL);
		if (!same_step(&a, &b, rename) || length != e->length || memcmp(form, e->form, length) != 0)
			differ(e, &enabled.alt[k], &a, &b, "does something else when the SQEs are renamed");
		free(form);
		taken_free(&a);
		taken_free(&b);
	}
}

/* A leader and `members` that are all alike: SQEs 1 to n of the trace. Returns how many states are others renamed. */
static uint64_t check_alike(const char *text, uint16_t first, uint16_t second)
{
	struct gb_trace *trace = trace_of("alike members", text, strlen(text));
	uint16_t rename[16];
	uint64_t found = 0, random = 1;
	struct sums sums = {0};
	struct explored e;
	uint32_t number;

	assert_true(trace->n_sqes <= 16);
	for (uint16_t k = 0; k < 16; k++)
		rename[k] = k;
	rename[first] = second;
	rename[second] = first;
	explored_init(&e, "alike members", trace, &(struct gb_config){0}, GB_CANONICAL_CQ_UNORDERED);
	for (uint32_t k = 0; k < 2000 && explored_next(&e, k, &random, &number); k++)
		expand(&e, number, &random, &sums);
	for (uint32_t k = 0; k < e.n; k++) {
		const struct state *twin;

		explored_go(&e, &e.states[k]);
		explored_form(&e, rename);
		twin = explored_find(&e, e.form, e.length);
		if (!twin || twin == &e.states[k])
			continue;
		found++;
		check_renamed(&e, k, (uint32_t)(twin - e.states), rename, k);
	}
	explored_free(&e);
	gb_trace_free(trace);
	return found;
}

static void alike_members(void **state)
{
	uint64_t found;

	(void)state;
	found = check_alike("sqe l NOP flags=SQE_GROUP\nsqe a NOP flags=SQE_GROUP|ASYNC\nsqe b NOP flags=ASYNC\n"
			    "submit\nwait 3\n",
			    1, 2);
	print_message("alike NOPs: %lu states are others renamed\n", (unsigned long)found);
	assert_true(found > 10);
	found = check_alike("file f size=4096\nlessor dev\n"
			    "sqe l LEASE fd=dev dir=dest len=512 flags=SQE_GROUP\n"
			    "sqe a READ fd=f off=0 addr=0 len=512 flags=GROUP_BUF|SQE_GROUP|ASYNC\n"
			    "sqe b READ fd=f off=0 addr=0 len=512 flags=GROUP_BUF|SQE_GROUP|ASYNC\n"
			    "sqe c READ fd=f off=0 addr=0 len=512 flags=GROUP_BUF|ASYNC\n"
			    "submit\nwait 4\n",
			    1, 3);
	print_message("alike READs: %lu states are others renamed\n", (unsigned long)found);
	assert_true(found > 10);
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
		cmocka_unit_test(random_programs),    cmocka_unit_test(corpus_traces),
		cmocka_unit_test(open_choices),	      cmocka_unit_test(elsewhere),
		cmocka_unit_test(unnumbered_workers), cmocka_unit_test(alike_members),
	};

	return cmocka_run_group_tests_name("canonical", tests, NULL, NULL);
}
