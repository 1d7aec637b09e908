/* SPDX-License-Identifier: MIT */
/*
 * How good the estimate of the share of the space seen is: searches of traces
 * of the corpus are asked on the way, and what they say is held against what there was in the end.
 * Counted is what is within a factor of two, for each order; for each half of
 * the traces, by a hash of the name, as the constant of model/check/sample.c is
 * fitted to one half; and for small and large spaces. Takes some minutes.
 */
#include "groupbuf/check.h"

#include "bench.h"

#define LEAST  3000U
#define MOST   300000U
#define LARGE  20000U
#define POINTS 19 /* 5, 10, ... 95 % */

enum { ORDERS = 3, GROUPS = 4 };

static const char *const order_name[ORDERS] = {"preemptions", "depth", "newest"};
static const char *const group_name[GROUPS] = {"half 1", "half 2", "below 20,000", "above"};

struct tally {
	unsigned n, good, low, high;
};

/* One search. */
struct search {
	struct gb_check *check;
	uint64_t states; /* there will be in the end; 0: it is being counted */
	unsigned next;	 /* of POINTS, from 1 */
	unsigned every;
	struct tally *tally;
	unsigned half;
};

static void count(struct tally *t, double factor)
{
	t->n++;
	t->good += factor >= 0.5 && factor <= 2;
	t->low += factor < 0.5;
	t->high += factor > 2;
}

static bool on_the_way(void *user, const struct gb_check_progress *p)
{
	struct search *s = user;
	double truth, says;

	if (!s->states)
		return p->states > MOST;
	if (s->next > POINTS || p->states < s->states * s->next / (POINTS + 1) || p->states >= s->states)
		return false;
	truth = (double)p->states / (double)s->states;
	says = gb_check_estimate(s->check, 0);
	count(&s->tally[s->half], says / truth);
	count(&s->tally[s->states < LARGE ? 2 : 3], says / truth);
	while (p->states >= s->states * s->next / (POINTS + 1))
		s->next += s->every;
	return false;
}

/* States of a search, 0 if there are too many or few. */
static uint64_t run(const struct gb_trace *trace, struct gb_check_config *config, struct search *s)
{
	struct gb_check_stats stats;
	struct gb_error err;
	enum gb_check_end end;

	config->stop = on_the_way;
	config->user = s;
	if (gb_check_new(trace, config, &s->check, &err) != GB_OK)
		return 0;
	end = gb_check_run(s->check);
	stats = gb_check_stats(s->check);
	gb_check_free(s->check);
	return end == GB_CHECK_COMPLETE && stats.at.states >= LEAST ? stats.at.states : 0;
}

static unsigned half_of(const char *name)
{
	uint32_t hash = 2166136261U;

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 16777619U;
	return hash >> 16 & 1U;
}

static struct gb_trace *read_trace(const char *name)
{
	static char text[1 << 16];
	char path[1024];
	struct gb_trace *trace = NULL;
	struct gb_error err;
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", GB_SOURCE_DIR, name);
	f = fopen(path, "r");
	if (!f)
		bench_die(path);
	n = fread(text, 1, sizeof(text), f);
	fclose(f);
	if (gb_trace_parse(text, n, &trace, &err) != GB_OK)
		bench_die(err.text);
	return trace;
}

/* One trace, all orders; true if it has as many states as are wanted. */
static bool measure(const char *name, struct gb_check_config config, unsigned every, struct tally tally[][GROUPS])
{
	struct gb_trace *trace = read_trace(name);
	bool any = false;

	for (unsigned i = 0; i < ORDERS; i++) {
		struct search s = {.next = 1, .every = every, .tally = tally[i], .half = half_of(name)};

		config.order = (enum gb_check_order)i;
		/* by depth no chain of steps is cut, so there may be fewer */
		s.states = run(trace, &config, &s);
		if (!s.states)
			continue;
		run(trace, &config, &s);
		any = true;
	}
	gb_trace_free(trace);
	return any;
}

static void print(const char *setting, unsigned traces, struct tally tally[][GROUPS])
{
	printf("%s: %u traces\n", setting, traces);
	for (unsigned i = 0; i < ORDERS; i++) {
		printf("  %-12s", order_name[i]);
		for (unsigned k = 0; k < GROUPS; k++) {
			const struct tally *t = &tally[i][k];

			if (t->n)
				printf("  %s: %5.1f %% of %u (%u below, %u above)", group_name[k],
				       100.0 * t->good / t->n, t->n, t->low, t->high);
		}
		printf("\n");
	}
	fflush(stdout);
}

/* The names of the list, up to an empty string; those for other settings if `other`. */
static void of_list(const char *setting, const struct gb_check_config *config, bool other, unsigned every)
{
	struct tally tally[ORDERS][GROUPS] = {0};
	char line[256];
	bool second = false;
	unsigned n = 0;
	FILE *f = fopen(GB_SOURCE_DIR "/tests/bench/estimate.txt", "r");

	if (!f)
		bench_die("estimate.txt");
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (strcmp(line, "other") == 0)
			second = true;
		else if (*line != '#' && second == other)
			n += measure(line, *config, every, tally);
	}
	fclose(f);
	print(setting, n, tally);
}

/* An argument names the one setting to measure. */
int main(int argc, char **argv)
{
	static const char *const setting[] = {"default", "--outcomes none", "--time-races", "--no-reduction=commute"};
	struct gb_check_config config;

	printf("Estimates of the share of the space seen that are within a factor of two\n");
	for (unsigned i = 0; i < sizeof(setting) / sizeof(setting[0]); i++) {
		if (argc > 1 && strcmp(argv[1], setting[i]) != 0)
			continue;
		gb_check_defaults(&config);
		if (i == 1)
			config.outcomes = GB_CHECK_NONE;
		config.time_races = i == 2;
		if (i == 3)
			config.reductions &= ~(uint32_t)GB_CHECK_COMMUTE;
		of_list(setting[i], &config, i > 0, i ? 4 : 1);
	}
	return 0;
}
