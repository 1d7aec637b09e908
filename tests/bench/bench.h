/* SPDX-License-Identifier: MIT */
/* What every benchmark needs: a clock, medians, and a world made from a text. They print numbers and judge nothing. */
#ifndef GROUPBUF_TESTS_BENCH_H
#define GROUPBUF_TESTS_BENCH_H

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "groupbuf/world.h"

#define BENCH_ROUNDS 25
#define BENCH_CANNOT 77

static inline uint64_t bench_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000U + (uint64_t)ts.tv_nsec;
}

static inline _Noreturn void bench_die(const char *what)
{
	fprintf(stderr, "bench: %s\n", what);
	exit(2);
}

/* Nanoseconds per piece of work, one number a round. */
struct bench_sample {
	double ns[BENCH_ROUNDS];
	int n;
};

static inline int bench_less(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static inline void bench_add(struct bench_sample *s, uint64_t start, uint64_t end, double pieces)
{
	if (s->n < BENCH_ROUNDS)
		s->ns[s->n++] = (double)(end - start) / pieces;
}

static inline double bench_median(struct bench_sample *s)
{
	qsort(s->ns, (size_t)s->n, sizeof(s->ns[0]), bench_less);
	return s->ns[s->n / 2];
}

/* One line: name, minimum, median, and how many pieces a second the median is. */
static inline void bench_print(const char *name, struct bench_sample *s)
{
	const double median = bench_median(s);

	printf("%-46s %9.1f %9.1f ns %12.0f /s\n", name, s->ns[0], median, 1e9 / median);
}

static inline void bench_head(const char *what)
{
	printf("%-46s %9s %9s    %12s\n", what, "min", "median", "");
}

/* A text that grows. */
struct bench_text {
	char *text;
	size_t n, room;
};

static inline __attribute__((format(printf, 2, 3))) void bench_line(struct bench_text *t, const char *fmt, ...)
{
	va_list args;

	if (t->room - t->n < 256) {
		t->room = t->room * 2 + 4096;
		t->text = realloc(t->text, t->room);
		if (!t->text)
			bench_die("no memory left");
	}
	va_start(args, fmt);
	t->n += (size_t)vsnprintf(t->text + t->n, t->room - t->n, fmt, args);
	va_end(args);
	t->text[t->n++] = '\n';
}

static inline struct gb_trace *bench_parse(struct bench_text *t)
{
	struct gb_trace *trace = NULL;
	struct gb_error err;

	if (gb_trace_parse(t->text, t->n, &trace, &err) != GB_OK)
		bench_die(err.text);
	free(t->text);
	return trace;
}

/* Events off, the default order. */
static inline struct gb_world *bench_world(const struct gb_trace *trace)
{
	const struct gb_config config = {.strategy = GB_STRATEGY_DEFAULT};
	struct gb_world *world = NULL;
	struct gb_error err;

	if (gb_world_create(trace, &config, &world, &err) != GB_OK)
		bench_die(err.text);
	return world;
}

/* One run from the start. */
static inline void bench_run(struct gb_world *world)
{
	gb_world_reset(world);
	if (gb_world_run(world) != GB_FINISHED)
		bench_die("a run did not come to its end");
}

#endif
