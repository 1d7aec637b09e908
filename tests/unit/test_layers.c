/* SPDX-License-Identifier: MIT */
/* Counting schedules: what thinned passes give on average, what is drawn, and what counts as explored. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "groupbuf/check.h"
#include "groupbuf/observe.h"

#include "check/layers.h"
#include "support/corpus.h"

/* Workers, a group, a lease that turns out in three ways, a timer. */
static const char *const traces[] = {
	"sqe a NOP flags=ASYNC\nsqe b NOP flags=ASYNC\nsubmit\nreap\n",
	"lessor d\nsqe l LEASE fd=d dir=dest len=16 mode=any flags=SQE_GROUP\nsqe m NOP flags=GROUP_BUF|ASYNC\n"
	"submit\nreap\n",
	"file f size=64 nowait=1 outcomes=any\nmem m size=64\nsqe t TIMEOUT ms=1\n"
	"sqe a READ fd=f off=0 addr=m len=32 flags=IO_LINK\nsqe b NOP flags=ASYNC\nsubmit\nreap\n",
	/* many outcomes, some of which are found late */
	"file f size=64 outcomes=short,error,async\nmem m size=64\nsqe a READ fd=f off=0 addr=m len=32\n"
	"sqe b READ fd=f off=0 addr=m len=32\nsubmit\nreap\n",
};

#define TRACES (sizeof(traces) / sizeof(traces[0]))

/* So narrow that much is left out, and so wide that some hundred passes tell the mean. */
static const uint32_t widths[] = {100, 8, 20};

#define PASSES	200U
#define THINNED (sizeof(widths) / sizeof(widths[0]))

/* ---- on average ---- */

static void same_mean(const double *x, uint32_t n, double exact, const char *what)
{
	double mean = 0, error = 0;

	for (uint32_t i = 0; i < n; i++)
		mean += x[i] / n;
	for (uint32_t i = 0; i < n; i++)
		error += (x[i] - mean) * (x[i] - mean);
	error = sqrt(error / n / (n - 1));
	print_message("%s: %g, exactly %g, standard error %.1f %%\n", what, mean / exact, exact, 100 * error / exact);
	assert_true(error > 0 && error < exact / 4);
	assert_true(fabs(mean - exact) < 4 * error);
}

static void thinned_passes(void **state)
{
	double *x = calloc(PASSES, sizeof(*x));

	(void)state;
	assert_non_null(x);
	for (uint32_t i = 0; i < THINNED; i++) {
		/* the narrow one is quick, and a few passes may all miss what is rare */
		const uint32_t n = build_is_slow() && i != 1 ? PASSES / 6 : PASSES;
		struct gb_trace *trace = trace_of("trace", traces[i], strlen(traces[i]));
		struct gb_check_config config;
		struct gb_check *check;
		struct ck_layers l;
		double exact;

		gb_check_defaults(&config);
		assert_int_equal(gb_check_new(trace, &config, &check, NULL), GB_OK);
		assert_true(ck_layers_init(&l, check));
		l.max_steps = l.max_bytes = UINT64_MAX;
		assert_true(ck_layers_pass(&l));
		assert_false(l.thinned);
		exact = l.total;
		l.width = widths[i] * (build_is_slow() && !i ? 3 : 1); /* fewer passes */
		for (uint32_t k = 0; k < n; k++) {
			assert_true(ck_layers_pass(&l));
			assert_true(l.thinned);
			x[k] = l.total;
		}
		same_mean(x, n, exact, "without learning");
		l.keep_nodes = true;
		for (uint32_t k = 0; k < n; k++) {
			assert_true(ck_layers_pass(&l));
			x[k] = l.total;
			ck_layers_learn(&l);
		}
		same_mean(x + 8, n - 8, exact, "with learning");
		ck_layers_free(&l);
		gb_check_free(check);
		gb_trace_free(trace);
	}
	free(x);
}

/* ---- what can be told of the error ---- */

#define SAMPLES 5U

/* A number that is 1 on average: a product of `factors` of them that are 1/2 or 3, the latter once in five times. */
static double long_tail(uint64_t *state, uint32_t factors)
{
	double x = 1;

	while (factors--)
		x *= random_next(state) % 5 ? 0.5 : 3;
	return x;
}

/* The bound is wrong at most once in 20 times, whatever the tail; without one it is not far below. */
static void bounds_of_passes(void **state)
{
	static const double same[SAMPLES] = {3, 3, 3, 3, 3}, none[SAMPLES] = {0, 0, 5, 0, 0};
	const uint32_t n = 20000;
	uint64_t random = 1;

	(void)state;
	assert_true(ck_tail_least(same, SAMPLES, 3) > 1.5 && ck_tail_least(same, SAMPLES, 3) < 3 / 1.8);
	assert_true(ck_tail_least(none, SAMPLES, 1) > 0.003 && ck_tail_least(none, SAMPLES, 1) < 1 / CK_DOUBT);
	for (uint32_t factors = 0; factors < 16; factors += 3) {
		uint32_t wrong = 0, low = 0;

		for (uint32_t i = 0; i < n; i++) {
			double x[SAMPLES], mean = 0;

			for (uint32_t k = 0; k < SAMPLES; k++) {
				x[k] = long_tail(&random, factors);
				mean += x[k] / SAMPLES;
			}
			wrong += ck_tail_least(x, SAMPLES, mean) > 1;
			low += mean < 0.5;
		}
		print_message("%u factors: %.2f %% of the bounds are wrong, %.0f %% of the means less than half\n",
			      factors, 100.0 * wrong / n, 100.0 * low / n);
		assert_true(wrong <= n / 20);
		assert_true(factors < 9 || low > n / 4);
		assert_true(factors != 3 || wrong > n / 1000); /* it is no more careful than it has to be */
	}
}

static void tails_of_passes(void **state)
{
	static const double near[SAMPLES] = {1, 1.2, 0.9, 1.1, 1}, far[SAMPLES] = {1, 1, 4, 1, 1};
	static const double calm[SAMPLES] = {0.1, 0.2, 0.1, 0, 0.1}, one[SAMPLES] = {0.1, 0.1, 0.1, 0.1, 0.7};

	(void)state;
	assert_true(ck_tail_is_light(near, calm, SAMPLES));
	assert_false(ck_tail_is_light(far, calm, SAMPLES));
	assert_false(ck_tail_is_light(near, one, SAMPLES));
}

static bool at_once(void *user, const struct gb_check_progress *progress)
{
	(void)user;
	(void)progress;
	return true;
}

/* Traces whose number of schedules is known, and of which an estimate with the least effort is good, or far too low. */
static const struct known {
	const char *name;
	double exact;
	bool told; /* it has a standard error */
} exactly[] = {
	{"lease/lease-1-0034", 165612726014660, true},
	{"io/io-1-0243", 100450304201904, true},
	{"ioasync/ioasync-1-0012", 1.1008025450681947e25, false},
	{"io/io-1-0097", 1.5117947991101137e29, false},
};

static void known_numbers(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < sizeof(exactly) / sizeof(exactly[0]); i++) {
		struct gb_check_config config;
		struct gb_check_stats s;
		struct gb_trace *trace;
		struct gb_check *check;
		char path[512], text[1U << 14];
		FILE *f;

		snprintf(path, sizeof(path), "%s/traces/conformance/%s.trace", GB_SOURCE_DIR, exactly[i].name);
		f = fopen(path, "r");
		assert_non_null(f);
		assert_int_equal(gb_trace_parse(text, fread(text, 1, sizeof(text), f), &trace, NULL), GB_OK);
		fclose(f);
		gb_check_defaults(&config);
		config.stop = at_once;
		assert_int_equal(gb_check_new(trace, &config, &check, NULL), GB_OK);
		gb_check_run(check);
		assert_true(gb_check_count(check));
		s = gb_check_stats(check);
		print_message("%s: %.3g of it, error %.3g, at least %.3g of it\n", exactly[i].name,
			      s.schedules / exactly[i].exact, s.schedules_error, s.schedules_least / exactly[i].exact);
		assert_int_equal(isfinite(s.schedules_error), exactly[i].told);
		assert_true(s.schedules_error > 0);
		assert_true(s.schedules_least > 0 && s.schedules_least <= exactly[i].exact);
		assert_true(s.schedules_least < s.schedules);
		if (exactly[i].told)
			assert_true(s.schedules > exactly[i].exact / 2 && s.schedules < exactly[i].exact * 2);
		gb_check_free(check);
		gb_trace_free(trace);
	}
}

/* ---- what is drawn, and what of it has been explored ---- */

/* Repeats the steps of a schedule. */
struct repeat {
	struct ck_acts acts;
	uint32_t at, pick, asked;
};

static uint32_t choose(void *user, const struct gb_choice *choice)
{
	struct repeat *r = user;

	if (choice->kind == GB_CHOICE_ACTOR)
		return r->pick;
	assert_true(r->asked < r->acts.list[r->at].asked);
	return r->acts.list[r->at].outcome[r->asked++];
}

static bool is_same(const struct gb_alternative *a, const struct gb_alternative *b)
{
	return a->kind == b->kind && a->index == b->index && a->req == b->req;
}

/* The observations of a drawn schedule, which must be one: every step can be taken, and they lead to the end. */
static char *text_of(const struct gb_trace *trace, struct repeat *r)
{
	struct gb_observer *observer = gb_observer_new(trace);
	const struct gb_config config = {.strategy = GB_STRATEGY_CALLBACK,
					 .choose = choose,
					 .choose_user = r,
					 .event = gb_observer_event,
					 .event_user = observer};
	struct gb_world *world = NULL;
	enum gb_run_state state = GB_RUNNING;
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_int_equal(gb_world_create(trace, &config, &world, NULL), GB_OK);
	for (r->at = 0; state == GB_RUNNING;) {
		struct gb_choice choice;
		const uint32_t n = gb_world_enabled(world, &choice);

		r->pick = r->asked = 0;
		if (n) {
			const struct gb_alternative *who = &r->acts.list[r->at].who;

			assert_true(r->at < r->acts.n);
			while (r->pick < n && !is_same(&choice.alt[r->pick], who))
				r->pick++;
			assert_true(r->pick < n);
		}
		state = gb_world_step(world);
		assert_true(!n || r->asked == r->acts.list[r->at].asked);
		r->at += n > 0;
	}
	assert_int_equal(r->at, r->acts.n);
	gb_observer_finish(observer);
	for (uint32_t i = 0; i < gb_observer_count(observer); i++) {
		char *line = gb_obs_print(trace, &gb_observer_list(observer)[i]);

		fprintf(f, "%s\n", line);
		free(line);
	}
	fclose(f);
	gb_world_destroy(world);
	gb_observer_free(observer);
	return text;
}

static bool has_outcome(const struct gb_check *check, const char *text)
{
	for (uint32_t i = 0; i < gb_check_outcome_count(check); i++) {
		const struct gb_check_outcome *o = gb_check_outcome_at(check, i);
		const char *at = text;
		uint32_t k = 0;

		for (; k < o->n && strncmp(at, o->line[k], strlen(o->line[k])) == 0; k++)
			at += strlen(o->line[k]) + 1;
		if (k == o->n && !*at)
			return true;
	}
	return false;
}

/* Draws schedules of the trace and looks at them: how many there are, how many are explored. */
static void draw(const struct gb_trace *trace, struct gb_check *check, bool judged, uint32_t *drawn, uint32_t *explored)
{
	struct repeat r = {.at = 0};
	struct ck_explored *e;
	struct ck_layers l;
	char *text[4 * CK_DRAWN];
	uint32_t n = 0;

	assert_true(ck_layers_init(&l, check));
	l.max_steps = l.max_bytes = UINT64_MAX;
	l.keep_nodes = true;
	l.draw = CK_DRAWN;
	l.width = 40;
	e = ck_explored_new(check, &l);
	assert_non_null(e);
	for (uint32_t i = 0; i < 4; i++) {
		assert_true(ck_layers_pass(&l));
		for (uint32_t k = 0; k < CK_DRAWN; k++) {
			assert_true(ck_layers_acts(&l, l.drawn[k], &r.acts));
			text[n++] = text_of(trace, &r);
		}
		assert_true(ck_explored_add(e));
		ck_layers_learn(&l);
	}
	assert_true(ck_explored_end(e));
	for (uint32_t i = 0; i < n; i++) {
		if (judged && ck_explored_is(e, i) && !has_outcome(check, text[i]))
			fail_msg("explored, but its outcome is not known:\n%s", text[i]);
		*explored += ck_explored_is(e, i);
		free(text[i]);
	}
	*drawn += n;
	free(r.acts.list);
	ck_explored_free(e);
	ck_layers_free(&l);
}

/* A search that is stopped when it has nothing left to do: it does not know. */
static bool at_the_end(void *user, const struct gb_check_progress *progress)
{
	(void)user;
	return !progress->frontier;
}

/* Nothing waits any more; and then every step of every known state has been taken care of. Both are lies. */
static void forget_frontier(struct gb_check *check)
{
	ck_frontier_free(&check->frontier);
	memset(&check->frontier, 0, sizeof(check->frontier));
}

static void mark_all(struct gb_check *check)
{
	for (uint32_t i = 0; i < CK_SHARDS; i++) {
		const struct ck_shard *s = &check->visited.shard[i];

		for (uint32_t k = 0; s->cap && k < s->cap + s->pad; k++)
			if (s->slot[k])
				s->slot[k] |= CK_MASK_ALL;
	}
}

static struct gb_check *search(const struct gb_trace *trace, uint32_t k)
{
	struct gb_check_config config;
	struct gb_check *check;

	gb_check_defaults(&config);
	config.order = (enum gb_check_order)(k % 3);
	config.reductions = k % 4 < 2 ? GB_CHECK_ALL_REDUCTIONS : GB_CHECK_VISITED;
	config.exact = k % 5 == 4;
	config.max_states = 500 * (k + 1);
	config.stop = at_the_end;
	config.invariants = false;
	assert_int_equal(gb_check_new(trace, &config, &check, NULL), GB_OK);
	gb_check_run(check);
	assert_true(gb_check_judge(check));
	return check;
}

static void explored_schedules(void **state)
{
	uint32_t all = 0, known = 0, if_none_waits = 0, if_marked = 0;

	(void)state;
	for (uint32_t i = 0; i < TRACES; i++) {
		struct gb_trace *trace = trace_of("trace", traces[i], strlen(traces[i]));

		for (uint32_t k = 0; k < 9; k++) {
			struct gb_check *check = search(trace, k);
			const bool whole = !check->frontier.entries;
			uint32_t drawn = 0, n = 0;

			draw(trace, check, true, &drawn, &n);
			assert_true(!whole || n == drawn);
			all += drawn;
			known += n;
			forget_frontier(check);
			draw(trace, check, false, &drawn, &if_none_waits);
			mark_all(check);
			draw(trace, check, false, &drawn, &if_marked);
			gb_check_free(check);
		}
		gb_trace_free(trace);
	}
	print_message("of %u schedules %u explored; %u if nothing waited, %u if no step were put off\n", all, known,
		      if_none_waits, if_marked);
	assert_true(known > all / 10 && known < all - all / 10);
	assert_true(known < if_none_waits && if_none_waits < if_marked);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(thinned_passes),     cmocka_unit_test(bounds_of_passes),
		cmocka_unit_test(tails_of_passes),    cmocka_unit_test(known_numbers),
		cmocka_unit_test(explored_schedules),
	};

	return cmocka_run_group_tests_name("layers", tests, NULL, NULL);
}
