/* SPDX-License-Identifier: MIT */
/*
 * How good the number of schedules is where it is estimated: traces of the corpus whose number is known, counted
 * exactly with more effort, are estimated with the least effort, each with several seeds. Counted is what has a
 * standard error, and of it what lies within two of these or a factor of two; and how many bounds hold.
 */
#include <math.h>

#include "groupbuf/check.h"

#include "bench.h"

#define SEEDS 3U

struct tally {
	unsigned n, told, within, good, held;
	double low, high; /* of those with an error, the worst */
};

static struct gb_trace *read_trace(const char *name)
{
	static char text[1U << 20];
	struct gb_error err;
	struct gb_trace *trace;
	char path[512];
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), GB_SOURCE_DIR "/%s", name);
	f = fopen(path, "r");
	if (!f)
		bench_die(path);
	n = fread(text, 1, sizeof(text), f);
	fclose(f);
	if (gb_trace_parse(text, n, &trace, &err) != GB_OK)
		bench_die(err.text);
	return trace;
}

static void add(struct tally *t, const struct gb_check_stats *s, double exact)
{
	const double ratio = s->schedules / exact;
	const bool within = ratio >= 0.5 && ratio <= 2;

	t->n++;
	t->within += within;
	t->held += s->schedules_least <= exact;
	if (isinf(s->schedules_error))
		return;
	t->told++;
	t->good += within || fabs(ratio - 1) <= 2 * s->schedules_error * ratio;
	t->low = ratio < t->low ? ratio : t->low;
	t->high = ratio > t->high ? ratio : t->high;
}

static bool at_once(void *user, const struct gb_check_progress *progress)
{
	(void)user;
	(void)progress;
	return true;
}

static struct gb_check_stats count(const struct gb_trace *trace)
{
	struct gb_check_config config;
	struct gb_check_stats s;
	struct gb_check *check;
	struct gb_error err;

	gb_check_defaults(&config);
	config.stop = at_once;
	if (gb_check_new(trace, &config, &check, &err) != GB_OK)
		bench_die(err.text);
	gb_check_run(check);
	if (!gb_check_count(check))
		bench_die("no memory");
	s = gb_check_stats(check);
	gb_check_free(check);
	return s;
}

static void measure(const char *name, double exact, struct tally *tally)
{
	struct gb_trace *trace = read_trace(name);
	char title[] = "seed 0", *own = trace->title;

	printf("%s %.2e", name, exact);
	for (unsigned i = 0; i < SEEDS; i++) {
		struct gb_check_stats s;

		title[5] = (char)('0' + i);
		trace->title = i ? title : own; /* the seed comes from the text of the trace */
		s = count(trace);
		add(tally, &s, exact);
		printf("  %.3g (%.2f, from %.2g)", s.schedules / exact, s.schedules_error, s.schedules_least / exact);
	}
	printf("\n");
	fflush(stdout);
	trace->title = own;
	gb_trace_free(trace);
}

static void print(const char *which, const struct tally *t)
{
	if (!t->n)
		return;
	printf("%s: %u estimates, %u within a factor of two; %u with a standard error, %u of them within two of it or "
	       "a "
	       "factor of two, from %.2f to %.2f of the number; %u bounds hold\n",
	       which, t->n, t->within, t->told, t->good, t->low, t->high, t->held);
}

int main(void)
{
	struct tally tally[2] = {{.low = INFINITY}, {.low = INFINITY}};
	char line[256];
	bool second = false;
	FILE *f = fopen(GB_SOURCE_DIR "/tests/bench/schedules.txt", "r");

	if (!f)
		bench_die("schedules.txt");
	while (fgets(line, sizeof(line), f)) {
		second = second || strncmp(line, "other", 5) == 0;
		char *name = strtok(line, " \n"), *number = strtok(NULL, " \n");

		if (number && *line != '#')
			measure(name, strtod(number, NULL), &tally[second]);
	}
	fclose(f);
	print("used for tuning", &tally[0]);
	print("not used", &tally[1]);
	return 0;
}
