/* SPDX-License-Identifier: MIT */
/*
 * The explorer against the dumbest search there is: one run after the other,
 * every sequence of choices, nothing remembered. Every order, reduction and
 * number of threads must give the same outcomes and verdicts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "groupbuf/check.h"
#include "support/corpus.h"
#include "support/program.h"
#include "support/tape.h"

#define MOST_RUNS 4000U

/* A set of texts. */
struct texts {
	char **list;
	size_t n, room;
};

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Takes the text over. */
static void add_text(struct texts *t, char *text)
{
	assert_non_null(text);
	if (t->n == t->room) {
		t->room = t->room * 2 + 64;
		t->list = realloc(t->list, t->room * sizeof(*t->list));
		assert_non_null(t->list);
	}
	t->list[t->n++] = text;
}

static void make_set(struct texts *t)
{
	size_t n = 0;

	if (t->n) /* qsort wants a list even of nothing */
		qsort(t->list, t->n, sizeof(*t->list), by_bytes);
	for (size_t i = 0; i < t->n; i++) {
		if (n && strcmp(t->list[n - 1], t->list[i]) == 0)
			free(t->list[i]);
		else
			t->list[n++] = t->list[i];
	}
	t->n = n;
}

static void free_texts(struct texts *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->list[i]);
	free(t->list);
	*t = (struct texts){0};
}

static char *join(char **line, size_t n, bool sorted, unsigned int state)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	if (sorted)
		qsort(line, n, sizeof(*line), by_bytes);
	for (size_t i = 0; i < n; i++)
		fprintf(f, "%s\n", line[i]);
	fprintf(f, "state %u\n", state);
	fclose(f);
	return text;
}

/* ---- every run, one after the other ---- */

static char *text_of_run(struct gb_watch *watch, enum gb_run_state state, bool sorted)
{
	char *line[256];
	const uint32_t n = gb_observer_count(watch->observer);
	char *text;

	assert_true(n <= 256);
	for (uint32_t i = 0; i < n; i++) {
		line[i] = gb_obs_print(watch->trace, &gb_observer_list(watch->observer)[i]);
		assert_non_null(line[i]);
	}
	text = join(line, n, sorted, (unsigned int)state);
	for (uint32_t i = 0; i < n; i++)
		free(line[i]);
	return text;
}

/* False if there are too many. */
static bool all_runs(const struct gb_trace *trace, struct texts *out)
{
	struct tape tape = {.n = 0};
	struct gb_watch watch = {
		.trace = trace, .observer = gb_observer_new(trace), .monitor = gb_monitor_new(trace), .stripped = true};
	const struct gb_config config = {.strategy = GB_STRATEGY_CALLBACK,
					 .choose = tape_choose,
					 .choose_user = &tape,
					 .event = gb_watch_event,
					 .event_user = &watch};
	struct gb_world *world = world_of(trace, &config);
	uint32_t runs = 0;
	bool more = true;

	for (; more && runs < MOST_RUNS; runs++) {
		enum gb_run_state state;

		gb_world_reset(world);
		gb_observer_reset(watch.observer);
		gb_monitor_reset(watch.monitor);
		watch.told = 0;
		tape.at = 0;
		state = gb_world_run(world);
		gb_watch_finish(&watch, state);
		add_text(out, text_of_run(&watch, state, false));
		more = tape_next(&tape);
	}
	make_set(out);
	gb_world_destroy(world);
	gb_observer_free(watch.observer);
	gb_monitor_free(watch.monitor);
	return !more;
}

/* ---- the explorer ---- */

struct result {
	struct texts outcomes, verdicts;
	struct gb_check_stats stats;
};

static void free_result(struct result *r)
{
	free_texts(&r->outcomes);
	free_texts(&r->verdicts);
}

/* An invariant that no run tests holds as well: which runs do is a matter of the way through the space. */
static void add_claim(struct texts *to, const struct gb_check_claim *claim)
{
	const bool invariant = claim->kind == GB_CLAIM_INVARIANT;
	const enum gb_check_verdict verdict =
		invariant && claim->verdict == GB_CHECK_VACUOUS ? GB_CHECK_HOLDS : claim->verdict;
	char *text = malloc(strlen(claim->text) + 16);

	assert_non_null(text);
	sprintf(text, "%d %s", verdict, claim->text);
	add_text(to, text);
}

static void explore(const struct gb_trace *trace, const struct gb_check_config *config, struct result *r)
{
	struct gb_check *check;
	struct gb_error err;

	*r = (struct result){0};
	assert_int_equal(gb_check_new(trace, config, &check, &err), GB_OK);
	gb_check_run(check);
	assert_true(gb_check_judge(check));
	r->stats = gb_check_stats(check);
	for (uint32_t i = 0; i < gb_check_outcome_count(check); i++) {
		const struct gb_check_outcome *o = gb_check_outcome_at(check, i);

		add_text(&r->outcomes, join(o->line, o->n, false, (unsigned int)o->state));
	}
	for (uint32_t i = 0; i < gb_check_claim_count(check); i++)
		add_claim(&r->verdicts, gb_check_claim_at(check, i));
	make_set(&r->outcomes);
	make_set(&r->verdicts);
	gb_check_free(check);
}

static void same_texts(const char *name, const char *what, const struct texts *a, const struct texts *b)
{
	for (size_t i = 0; i < a->n || i < b->n; i++) {
		const char *x = i < a->n ? a->list[i] : "(nothing)";
		const char *y = i < b->n ? b->list[i] : "(nothing)";

		if (strcmp(x, y) != 0)
			fail_msg("%s\n%s: %zu and %zu texts, the first that differs:\n%s\nand\n%s", name, what, a->n,
				 b->n, x, y);
	}
}

/* ---- small programs ---- */

/* So few requests that all schedules can be run, but with everything that makes them meet. */
static char *small_program(uint64_t seed)
{
	static const char *const rings[] = {"", "ring flags=DEFER_TASKRUN|SINGLE_ISSUER\n",
					    "ring flags=COOP_TASKRUN\n"};
	static const char *const ops[] = {
		"NOP",
		"NOP",
		"NOP res=-5",
		"READ fd=f off=0 addr=m len=8",
		"READ fd=d off=0 addr=m len=8",
		"WRITE fd=f off=0 addr=m len=8",
		"READ fd=p.r addr=m len=8",
		"WRITE fd=p.w addr=m len=8",
		"LEASE fd=dev dir=dest len=16",
		"LEASE fd=dev dir=dest len=16 mode=async",
		"TIMEOUT ms=10",
		"TIMEOUT ms=10 off=1",
		"POLL_ADD fd=p.r op_flags=1",
		"ASYNC_CANCEL target=a",
	};
	static const char *const flags[] = {"ASYNC",	 "IO_LINK",  "SQE_GROUP",	"IO_HARDLINK",
					    "GROUP_BUF", "IO_DRAIN", "CQE_SKIP_SUCCESS"};
	uint64_t random = seed * 0x9e3779b97f4a7c15ULL;
	const uint32_t n = 1 + random_below(&random, 3);
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	fprintf(f, "%sfile f size=32\nfile d size=32 direct=1\npipe p\nlessor dev\nmem m size=64\n",
		rings[random_below(&random, 3)]);
	for (uint32_t i = 0; i < n; i++) {
		const char *between = " flags=";

		fprintf(f, "sqe %c %s", 'a' + (int)i, ops[random_below(&random, sizeof(ops) / sizeof(ops[0]))]);
		for (uint32_t k = 0; k < 7; k++) {
			if (random_below(&random, k == 0 ? 3 : 5))
				continue;
			fprintf(f, "%s%s", between, flags[k]);
			between = "|";
		}
		fputc('\n', f);
		if (!random_below(&random, 4))
			fputs(random_below(&random, 2) ? "submit\n" : "submit\nwrite p.w 8\n", f);
	}
	fputs(random_below(&random, 2) ? "submit\nreap\n" : "submit\nwrite p.w 4\nwait 1\n", f);
	fputs("exists a.cqe = 1\nforall a.res >= 0\nnever a.cqe > 1\n", f);
	fclose(f);
	return text;
}

static struct gb_check_config config_with(enum gb_check_order order, uint32_t reductions, bool exact, uint32_t jobs)
{
	struct gb_check_config config;

	gb_check_defaults(&config);
	config.order = order;
	config.reductions = reductions;
	config.exact = exact;
	config.jobs = jobs;
	return config;
}

/* Where there are too many runs: the outcomes by whole states, without any other reduction; none if it takes too long.
 */
static void all_states(const struct gb_trace *trace, struct texts *out)
{
	struct gb_check_config config = config_with(GB_CHECK_LIFO, GB_CHECK_VISITED, true, 1);
	struct result r;

	free_texts(out);
	config.max_states = 2000;
	explore(trace, &config, &r);
	if (r.stats.end == GB_CHECK_COMPLETE) {
		*out = r.outcomes;
		r.outcomes = (struct texts){0};
	}
	free_result(&r);
}

/* What every combination must give. */
static void compare_all(const char *text, const struct gb_trace *trace, const struct texts *runs, bool few,
			uint64_t *states)
{
	static const uint32_t reductions[] = {7, 5, 0, 4, 1};
	struct result first = {0};

	for (uint32_t k = 0; k < 15; k++) {
		const struct gb_check_config config =
			config_with((enum gb_check_order)(k % 3), reductions[k / 3], k % 2, 1 + k % 4 / 3);
		struct result r;
		char what[64];

		/* without visited states the search is a tree */
		if (!few && !(reductions[k / 3] & GB_CHECK_VISITED))
			continue;
		snprintf(what, sizeof(what), "order %u, reductions %u, exact %u", k % 3, reductions[k / 3], k % 2);
		explore(trace, &config, &r);
		assert_int_equal(r.stats.end, GB_CHECK_COMPLETE);
		same_texts(text, what, runs, &r.outcomes);
		if (!k)
			first = r;
		else
			same_texts(text, what, &first.verdicts, &r.verdicts);
		states[k / 3] += r.stats.at.states;
		if (k)
			free_result(&r);
	}
	free_result(&first);
}

/* The same lines in any order; and the same verdicts with nothing but the properties to look at. */
static void compare_outcomes(const char *text, const struct gb_trace *trace, const struct texts *runs, uint64_t *states)
{
	struct gb_check_config config = config_with(GB_CHECK_PREEMPTIONS, GB_CHECK_ALL_REDUCTIONS, false, 1);
	struct result order, results, none;
	struct gb_trace bare = *trace; /* by results a property that asks for an order is refused */
	struct texts sorted = {0};

	bare.n_props = 0;
	for (size_t i = 0; i < runs->n; i++) {
		char *copy = strdup(runs->list[i]), *line[256], *state = strstr(copy, "state ");
		size_t n = 0;

		for (char *at = copy; at < state; at = strchr(at, '\n') + 1)
			line[n++] = at;
		for (size_t k = 0; k < n; k++)
			line[k][strcspn(line[k], "\n")] = '\0';
		add_text(&sorted, join(line, n, true, (unsigned int)strtoul(state + 6, NULL, 10)));
		free(copy);
	}
	make_set(&sorted);
	explore(trace, &config, &order);
	config.outcomes = GB_CHECK_RESULTS;
	explore(&bare, &config, &results);
	config.outcomes = GB_CHECK_NONE;
	explore(trace, &config, &none);
	same_texts(text, "outcomes by results", &sorted, &results.outcomes);
	same_texts(text, "verdicts without outcomes", &order.verdicts, &none.verdicts);
	/* mostly; which of several steps is taken alone is luck */
	states[0] += order.stats.at.states;
	states[1] += none.stats.at.states;
	free_texts(&sorted);
	free_result(&order);
	free_result(&results);
	free_result(&none);
}

static void small_programs(void **state)
{
	const uint64_t programs = programs_asked(build_is_slow() ? 60 : 1000);
	uint64_t compared = 0, dumb = 0, outcomes = 0, states[5] = {0}, seen[2] = {0};

	(void)state;
	for (uint64_t seed = 1; seed <= programs; seed++) {
		char *text = small_program(seed);
		struct gb_trace *trace = NULL;
		struct gb_error err;
		struct texts runs = {0};

		if (gb_trace_parse(text, strlen(text), &trace, &err) == GB_OK) {
			const bool few = all_runs(trace, &runs);

			if (!few)
				all_states(trace, &runs);
			if (runs.n) {
				compare_all(text, trace, &runs, few, states);
				compare_outcomes(text, trace, &runs, seen);
				dumb += few;
				compared++;
				outcomes += runs.n;
			}
		}
		free_texts(&runs);
		gb_trace_free(trace);
		free(text);
	}
	print_message("%lu programs, of %lu every run, %lu outcomes, states: all reductions %lu, without commute %lu\n",
		      (unsigned long)compared, (unsigned long)dumb, (unsigned long)outcomes, (unsigned long)states[0],
		      (unsigned long)states[1]);
	assert_true(compared * 2 > programs && dumb * 4 > programs);
	assert_true(outcomes > compared + compared / 10);
	assert_true(states[0] < states[1] && seen[1] < seen[0]);
}

/* ---- what the trace states of what goes wrong ---- */

static bool is_wrong(const char *line)
{
	return strncmp(line, "hazard ", 7) == 0 || strncmp(line, "invariant ", 10) == 0;
}

/* The lines of a run that say what went wrong; `copy` is cut into them. */
static size_t wrong_lines(char *copy, char **line)
{
	size_t n = 0;

	for (char *at = strtok(copy, "\n"); at; at = strtok(NULL, "\n"))
		if (is_wrong(at))
			line[n++] = at;
	return n;
}

/* Does the line, which may leave out label and text, stand for what went wrong? */
static bool stands_for(const char *line, const char *wrong)
{
	const size_t head = strcspn(line, ":"), other = strcspn(wrong, ":");
	const char *of = strstr(wrong, " of ");

	if (line[head] && strcmp(line + head, wrong + other) != 0)
		return false;
	if (head == other && memcmp(line, wrong, head) == 0)
		return true;
	return of && of < wrong + other && (size_t)(of - wrong) == head && memcmp(line, wrong, head) == 0;
}

/* A line for each: every way to find one is tried. */
static bool covered(char **wrong, size_t n, char **line, size_t lines, bool *used)
{
	if (!n)
		return true;
	for (size_t i = 0; i < lines; i++) {
		if (used[i] || !stands_for(line[i], wrong[0]))
			continue;
		used[i] = true;
		if (covered(wrong + 1, n - 1, line, lines, used))
			return true;
		used[i] = false;
	}
	return false;
}

static bool all_covered(const struct texts *runs, char **line, size_t lines)
{
	bool all = true;

	for (size_t i = 0; i < runs->n; i++) {
		char *copy = strdup(runs->list[i]), *wrong[256];
		bool used[256] = {false};
		const size_t n = wrong_lines(copy, wrong);

		all = all && covered(wrong, n, line, lines, used);
		free(copy);
	}
	return all;
}

/* States some of what went wrong in one of the runs, as a whole or less. */
static size_t choose_lines(const struct texts *runs, uint64_t *random, char *copy, char **line)
{
	size_t n, kept = 0;

	strcpy(copy, runs->list[random_below(random, (uint32_t)runs->n)]);
	n = wrong_lines(copy, line);
	for (size_t i = 0; i < n; i++) {
		char *of = strstr(line[i], " of ");
		const uint32_t how = random_below(random, 8);

		if (how == 0)
			continue;
		if (how < 5)
			line[i][strcspn(line[i], ":")] = '\0';
		if (how < 3 && of && line[i][0] == 'h')
			*of = '\0';
		line[kept++] = line[i];
	}
	return kept;
}

/* Violations that are none of the trace's properties or expectations. */
static uint32_t beyond_stated(const struct result *r)
{
	uint32_t n = 0;

	for (size_t i = 0; i < r->verdicts.n; i++) {
		const char *text = r->verdicts.list[i];

		n += text[0] == '0' + GB_CHECK_VIOLATED && (text[2] == 'I' || strncmp(text + 2, "hazard", 6) == 0);
	}
	return n;
}

static void compare_stated(const char *program, const struct texts *runs, uint64_t *random, uint32_t *verdicts)
{
	static const uint32_t reductions[] = {7, 1, 5};
	char *copy = malloc(65536), *text = malloc(65536), *line[256];
	struct result first = {0};
	struct gb_trace *trace;
	size_t n, at;
	bool good;

	assert_true(copy && text);
	n = choose_lines(runs, random, copy, line);
	good = all_covered(runs, line, n);
	at = (size_t)snprintf(text, 65536, "%s", program);
	for (size_t i = 0; i < n; i++)
		at += (size_t)snprintf(text + at, 65536 - at, "%s\n", line[i]);
	assert_int_equal(gb_trace_parse(text, at, &trace, NULL), GB_OK);
	for (uint32_t k = 0; k < 6; k++) {
		struct gb_check_config config = config_with((enum gb_check_order)(k % 3), reductions[k % 3], k % 2, 1);
		struct result r;

		config.outcomes = k < 3 ? GB_CHECK_ORDER : GB_CHECK_NONE;
		explore(trace, &config, &r);
		if ((beyond_stated(&r) == 0) != good)
			fail_msg("%s\nstated as it should be: %d, but %u violations", text, good, beyond_stated(&r));
		if (k % 3 == 0) {
			free_result(&first);
			first = r;
		} else {
			same_texts(text, "what is not stated", &first.verdicts, &r.verdicts);
			free_result(&r);
		}
	}
	verdicts[good]++;
	free_result(&first);
	gb_trace_free(trace);
	free(copy);
	free(text);
}

static bool any_wrong(const struct texts *runs)
{
	for (size_t i = 0; i < runs->n; i++)
		if (strstr(runs->list[i], "hazard ") || strstr(runs->list[i], "invariant "))
			return true;
	return false;
}

/* Every hazard and violation of every run needs a line of its own, as `run` has it. */
static void stated_lines(void **state)
{
	const uint64_t programs = build_is_slow() ? 150 : 1200;
	uint32_t verdicts[2] = {0};

	(void)state;
	for (uint64_t seed = 1; seed <= programs; seed++) {
		uint64_t random = seed;
		char *text = small_program(seed);
		struct gb_trace *trace = NULL;
		struct gb_error err;
		struct texts runs = {0};

		if (gb_trace_parse(text, strlen(text), &trace, &err) == GB_OK && all_runs(trace, &runs) &&
		    any_wrong(&runs))
			for (int k = 0; k < 3; k++)
				compare_stated(text, &runs, &random, verdicts);
		free_texts(&runs);
		gb_trace_free(trace);
		free(text);
	}
	print_message("%u traces that state what goes wrong, %u that do not\n", verdicts[1], verdicts[0]);
	assert_true(verdicts[0] * 20 > programs && verdicts[1] * 20 > programs);
}

/*
 * A step that is tried and taken back has found nothing. The member takes a
 * hazard with it, so it is not taken alone; one line is stated, so the first run
 * with it tells what no line is there for.
 */
static void tried_steps(void **state)
{
	static const char text[] = "file f size=16\nsock s\nmem buf size=16\nregister buffers buf:16\n"
				   "sqe lead READ_FIXED fd=f addr=buf len=16 off=0 buf_index=0 flags=SQE_GROUP\n"
				   "sqe recv RECV fd=s.1 len=16 addr=0 flags=GROUP_BUF\nsubmit\nreap\n"
				   "invariant I67 violated\n";
	static const uint32_t reductions[] = {GB_CHECK_ALL_REDUCTIONS, GB_CHECK_VISITED};
	struct gb_trace *trace = trace_of("tried steps", text, strlen(text));

	(void)state;
	for (uint32_t k = 0; k < 2; k++) {
		const struct gb_check_config config = config_with(GB_CHECK_PREEMPTIONS, reductions[k], false, 1);
		struct result result;

		explore(trace, &config, &result);
		assert_int_equal(beyond_stated(&result), 2);
		free_result(&result);
	}
	gb_trace_free(trace);
}

/* What others may do before a worker's next step. */
static const struct {
	size_t outcomes;
	const char *text;
} reached[] = {
	/* the task gets past a reap when a timeout ends the wait without a CQE, */
	{3, "pipe p\nmem m size=8\nwrite p.w 8\nsqe t TIMEOUT ms=0 op_flags=0x20 flags=CQE_SKIP_SUCCESS\n"
	    "sqe r READ fd=p.r addr=m len=8 flags=ASYNC\nsubmit\nreap\nread p.r 8\n"},
	/* or closes the ring */
	{3, "file f size=8\nmem m size=8 fill=0x3c\nsqe t TIMEOUT ms=0 op_flags=0x20 flags=CQE_SKIP_SUCCESS\n"
	    "sqe w WRITE fd=f off=0 addr=m len=8 flags=ASYNC\nsubmit\n"},
	/* with the last member of another group goes its leader, and the end of the pipe it was the last to hold */
	{4, "pipe p\nmem m size=8\nmem n size=8\nwrite p.w 8\nsqe w WRITE fd=p.w addr=n len=8 flags=ASYNC\n"
	    "sqe l READ fd=p.r addr=m len=8 flags=SQE_GROUP\nsqe a NOP\nsqe c CLOSE fd=p.r\nsubmit\nreap\n"},
};

static void others_go_on(void **state)
{
	(void)state;
	for (size_t k = 0; k < sizeof(reached) / sizeof(reached[0]); k++) {
		const char *text = reached[k].text;
		struct gb_trace *trace = trace_of("others go on", text, strlen(text));
		struct gb_check_config config = config_with(GB_CHECK_PREEMPTIONS, GB_CHECK_VISITED, false, 1);
		struct result all, reduced;

		explore(trace, &config, &all);
		config.reductions |= GB_CHECK_COMMUTE;
		explore(trace, &config, &reduced);
		assert_int_equal(all.outcomes.n, reached[k].outcomes);
		same_texts(text, "steps that commute", &all.outcomes, &reduced.outcomes);
		assert_true(reduced.stats.at.states < all.stats.at.states);
		free_result(&all);
		free_result(&reduced);
		gb_trace_free(trace);
	}
}

/* ---- alike members: too many orders without symmetry, so the groups are small ---- */

/* A leased group whose members are two or three of one kind, and perhaps one of another. */
static char *alike_program(uint64_t seed)
{
	static const char *const world[] = {
		"file x size=4096 nowait=1 outcomes=any\n",
		"file x size=4096 direct=1 outcomes=async,error\n",
		"pipe x\n",
		"file x size=4096 outcomes=short,error\n",
	};
	static const char *const member[] = {
		"READ fd=x off=0 len=512 addr=0 flags=GROUP_BUF",
		"READ fd=x off=0 len=512 addr=0 flags=GROUP_BUF|ASYNC",
		"READ fd=x.r len=64 addr=8 flags=GROUP_BUF",
		"NOP flags=ASYNC",
	};
	static const char *const other[] = {"", "NOP", "READ fd=x off=8 len=64 addr=64 flags=GROUP_BUF", "NOP res=-5"};
	static const char *const behind[] = {"", "reap\n", "write x.w 64\nreap\n",
					     "sqe k ASYNC_CANCEL target=l\nsubmit\n"};
	const unsigned int w = seed % 4, m = w == 2 ? 2 + seed / 4 % 2 : (unsigned int)(seed / 4 % 2),
			   o = (unsigned int)(seed / 8 % 4) * (w != 2),
			   b = (unsigned int)(seed / 32 % 4) * (w == 2 || seed / 32 % 4 != 2);
	const unsigned int n = seed % 5 ? 2 : 3;
	char *text = malloc(2048);
	size_t at;

	assert_non_null(text);
	at = (size_t)snprintf(text, 2048,
			      "lessor dev\n%ssqe l LEASE fd=dev dir=dest len=4096 mode=%s flags=SQE_GROUP\n", world[w],
			      seed / 128 % 2 ? "any" : "sync");
	for (unsigned int k = 0; k < n; k++)
		at += (size_t)snprintf(text + at, 2048 - at, "sqe m%u %s%s\n", k, member[m],
				       o || k < n - 1 ? "|SQE_GROUP" : "");
	if (o)
		at += (size_t)snprintf(text + at, 2048 - at, "sqe o %s\n", other[o]);
	snprintf(text + at, 2048 - at, "submit\n%s", behind[b]);
	return text;
}

/* "1 I6 of m0", "1 hazard leak at io_free_req of m0": without the last two words. */
static void forget_labels(struct texts *verdicts)
{
	for (size_t i = 0; i < verdicts->n; i++) {
		char *of = strstr(verdicts->list[i], " of m");

		if (of)
			*of = '\0';
	}
	make_set(verdicts);
}

static void alike_members(void **state)
{
	const uint64_t programs = build_is_slow() ? 24 : 256;
	uint64_t with = 0, without = 0, compared = 0;

	(void)state;
	for (uint64_t seed = 0; seed < programs; seed++) {
		struct gb_check_config config = config_with(GB_CHECK_PREEMPTIONS, GB_CHECK_ALL_REDUCTIONS, false, 1);
		char *text = alike_program(build_is_slow() ? seed * 37 : seed);
		struct result sorted, plain;
		struct gb_trace *trace;
		struct gb_error err;

		assert_int_equal(gb_trace_parse(text, strlen(text), &trace, &err), GB_OK);
		config.outcomes = GB_CHECK_NONE;
		config.time_races = seed / 3 % 2;
		config.max_states = 10000;
		explore(trace, &config, &sorted);
		config.reductions &= ~(uint32_t)GB_CHECK_SYMMETRY;
		explore(trace, &config, &plain);
		if (plain.stats.end == GB_CHECK_COMPLETE) {
			assert_int_equal(sorted.stats.end, GB_CHECK_COMPLETE);
			/* of members that are alike one stands for all */
			forget_labels(&plain.verdicts);
			forget_labels(&sorted.verdicts);
			same_texts(text, "alike members", &plain.verdicts, &sorted.verdicts);
			with += sorted.stats.at.states;
			without += plain.stats.at.states;
			compared++;
		}
		free_result(&sorted);
		free_result(&plain);
		gb_trace_free(trace);
		free(text);
	}
	print_message("%lu programs, states with symmetry %lu, without %lu\n", (unsigned long)compared,
		      (unsigned long)with, (unsigned long)without);
	assert_true(compared * 2 > programs);
	assert_true(with < without && (build_is_slow() || with * 3 < without * 2));
}

/* ---- the corpus: too large for the dumb search, but every reduction must agree ---- */

static void corpus_traces(void **state)
{
	struct corpus corpus = {0};
	size_t compared = 0;

	(void)state;
	corpus_add_all(&corpus);
	for (size_t k = 0; k < corpus.n; k += build_is_slow() ? 40 : 4) {
		const struct corpus_trace *t = &corpus.list[k];
		struct result all, other;
		struct gb_check_config config = config_with(GB_CHECK_LIFO, GB_CHECK_ALL_REDUCTIONS, false, 1);

		config.standard_input = t->config.standard_input;
		config.standard_input_size = t->config.standard_input_size;
		config.max_states = build_is_slow() ? 1000 : 10000;
		explore(t->trace, &config, &all);
		if (all.stats.end == GB_CHECK_COMPLETE) {
			config.max_states = 0;
			config.reductions = GB_CHECK_VISITED;
			config.order = GB_CHECK_PREEMPTIONS;
			config.exact = true;
			config.jobs = 2;
			explore(t->trace, &config, &other);
			same_texts(t->name, "outcomes", &all.outcomes, &other.outcomes);
			same_texts(t->name, "verdicts", &all.verdicts, &other.verdicts);
			free_result(&other);
			compared++;
		}
		free_result(&all);
	}
	print_message("%zu traces of the corpus\n", compared);
	assert_true(compared > 10);
	corpus_free(&corpus);
}

/*
 * A search that keeps fingerprints leaves out a state it has reached in the same
 * batch already, one that keeps forms does not: at any bound both have come as far.
 */
static void bounded(void **state)
{
	struct corpus corpus = {0};
	size_t cut = 0;

	(void)state;
	corpus_add_all(&corpus);
	for (size_t k = 0; k < corpus.n; k += build_is_slow() ? 40 : 10) {
		const struct corpus_trace *t = &corpus.list[k];
		struct result result[2];

		for (int exact = 0; exact < 2; exact++) {
			struct gb_check_config config =
				config_with(GB_CHECK_PREEMPTIONS, GB_CHECK_ALL_REDUCTIONS, exact != 0, 1);

			config.standard_input = t->config.standard_input;
			config.standard_input_size = t->config.standard_input_size;
			config.max_states = 5000;
			config.max_level = 2;
			explore(t->trace, &config, &result[exact]);
		}
		if (result[0].stats.at.states != result[1].stats.at.states ||
		    result[0].stats.at.transitions != result[1].stats.at.transitions ||
		    result[0].stats.at.steps != result[1].stats.at.steps)
			fail_msg("%s: %lu states by fingerprints, %lu by forms", t->name,
				 (unsigned long)result[0].stats.at.states, (unsigned long)result[1].stats.at.states);
		cut += result[0].stats.end != GB_CHECK_COMPLETE;
		free_result(&result[0]);
		free_result(&result[1]);
	}
	print_message("%zu searches cut short\n", cut);
	assert_true(cut > 5);
	corpus_free(&corpus);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_programs), cmocka_unit_test(stated_lines), cmocka_unit_test(tried_steps),
		cmocka_unit_test(others_go_on),	  cmocka_unit_test(bounded),	  cmocka_unit_test(alike_members),
		cmocka_unit_test(corpus_traces),
	};

	return cmocka_run_group_tests_name("check", tests, NULL, NULL);
}
