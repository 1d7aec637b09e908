/* SPDX-License-Identifier: MIT */
/* From a shrunk program to all there is to say about it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "groupbuf/monitor.h"
#include "groupbuf/schedule.h"

#include "shrinker.h"

void gb_defect_clear(struct gb_defect *defect)
{
	free(defect->program);
	free(defect->observed);
	free(defect->schedule);
	defect->program = defect->observed = defect->schedule = NULL;
}

static uint64_t fnv(uint64_t hash, const char *text)
{
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3ULL;
	return hash;
}

/* A run of the shrunk program, with everything written down. */
struct showing {
	const struct gb_trace *trace;
	struct gb_watch watch; /* an observer, and the monitor beside it */
	struct gb_schedule *schedule;
	const struct shrunk *shrunk;
	uint32_t choices;
	bool no_memory;
};

static void on_event(void *user, const struct gb_event *ev)
{
	struct showing *s = user;

	gb_watch_event(&s->watch, ev);
}

static uint32_t choose(void *user, const struct gb_choice *choice)
{
	struct showing *s = user;
	const bool picked = s->choices < s->shrunk->n_picks;
	uint32_t taken = picked ? s->shrunk->picks[s->choices] : 0;

	s->choices++;
	taken = taken < choice->n ? taken : 0;
	if (picked && !gb_schedule_add(s->schedule, s->trace, choice, taken))
		s->no_memory = true;
	return taken;
}

/* The lines of the observations; those of a run without end would have none. */
static char *observed(const struct showing *s)
{
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);
	bool good = f != NULL;

	for (uint32_t k = 0; good && k < gb_observer_count(s->watch.observer); k++) {
		char *line = gb_obs_print(s->trace, &gb_observer_list(s->watch.observer)[k]);

		good = line && fprintf(f, "%s\n", line) >= 0;
		free(line);
	}
	if (f && fclose(f) != 0)
		good = false;
	if (good)
		return text;
	free(text);
	return NULL;
}

static bool show(struct showing *s, const struct gb_shrink_task *task, struct gb_defect *out)
{
	const struct gb_config config = {
		.strategy = s->shrunk->picks ? GB_STRATEGY_CALLBACK : GB_STRATEGY_DEFAULT,
		.choose = choose,
		.choose_user = s,
		.event = on_event,
		.event_user = s,
		.variant = task->variant,
		.max_steps = GB_FUZZ_MAX_STEPS,
	};
	struct gb_world *world = NULL;
	struct gb_error err;

	s->watch.trace = s->trace;
	s->watch.observer = gb_observer_new(s->trace);
	s->watch.monitor = gb_monitor_new(s->trace);
	s->schedule = gb_schedule_new();
	if (!s->watch.observer || !s->watch.monitor || !s->schedule ||
	    gb_world_create(s->trace, &config, &world, &err) != GB_OK)
		return false;
	gb_watch_finish(&s->watch, gb_world_run(world));
	gb_world_destroy(world);
	out->observed = observed(s);
	out->schedule = s->shrunk->picks ? gb_schedule_print(s->schedule) : NULL;
	return out->observed && (out->schedule || !s->shrunk->picks) && !s->no_memory;
}

/* Which of the findings the repairs make go away. */
static bool find_gone(struct runner *runner, const struct gb_trace *trace, const struct gb_shrink_task *task,
		      const struct order *order, struct gb_defect *out)
{
	struct gb_error err;

	if (!out->repairs)
		return true;
	if (runner_run(runner, trace, task->variant | out->repairs, order, GB_JUDGE_ALL, &err) != GB_OK)
		return false;
	for (uint32_t k = 0; k < out->n_findings; k++) {
		bool there = false;

		for (uint32_t i = 0; i < runner_findings(runner)->n; i++)
			there = there || gb_finding_same(&runner_findings(runner)->list[i], &out->findings[k]);
		out->gone |= (uint32_t)!there << k;
	}
	return true;
}

/* Everything the program shows, what it was shrunk for first. */
static bool list_findings(struct runner *runner, const struct gb_trace *trace, const struct gb_shrink_task *task,
			  const struct shrunk *shrunk, struct gb_defect *out)
{
	const struct order order = {
		.kind = shrunk->picks ? ORDER_PICKS : ORDER_DEFAULT, .picks = shrunk->picks, .n = shrunk->n_picks};
	struct findings all = {.n = 1, .list = {task->finding}};
	struct gb_error err;

	if (runner_run(runner, trace, task->variant, &order, GB_JUDGE_ALL, &err) != GB_OK)
		return false;
	for (uint32_t k = 0; k < runner_findings(runner)->n; k++)
		findings_add(&all, &runner_findings(runner)->list[k]);
	out->n_findings = all.n;
	memcpy(out->findings, all.list, all.n * sizeof(all.list[0]));
	return find_gone(runner, trace, task, &order, out);
}

static bool describe(struct runner *runner, const struct gb_shrink_task *task, struct shrunk *shrunk,
		     struct gb_defect *out)
{
	struct showing s = {.shrunk = shrunk};
	struct gb_trace *trace = NULL;
	struct gb_error err;
	bool good;

	*out = (struct gb_defect){.repairs = shrunk->repairs, .shrinks = shrunk->runs};
	out->program = shrunk->text;
	shrunk->text = NULL;
	out->name = fnv(0xcbf29ce484222325ULL, out->program);
	good = gb_trace_parse(out->program, strlen(out->program), &trace, &err) == GB_OK;
	s.trace = trace;
	good = good && show(&s, task, out) && list_findings(runner, trace, task, shrunk, out);
	gb_observer_free(s.watch.observer);
	gb_monitor_free(s.watch.monitor);
	gb_schedule_free(s.schedule);
	gb_trace_free(trace);
	return good;
}

/* The program as the printer has it; no title, which is no part of a program. */
static char *plain_text(struct gb_trace *trace)
{
	char *title = trace->title;
	const uint32_t n_expect = trace->n_expect, n_seen = trace->n_seen, n_props = trace->n_props;
	char *text;

	trace->title = NULL;
	trace->n_expect = trace->n_seen = trace->n_props = 0;
	text = gb_trace_print(trace);
	trace->title = title;
	trace->n_expect = n_expect;
	trace->n_seen = n_seen;
	trace->n_props = n_props;
	return text;
}

static enum gb_status shrink_trace(struct runner *runner, const struct gb_shrink_task *task, struct gb_trace *trace,
				   struct gb_defect *out, struct gb_error *err)
{
	const struct order order = {.kind = task->picks ? ORDER_PICKS : ORDER_DEFAULT,
				    .picks = task->picks,
				    .n = task->picks ? task->n_picks : 0};
	struct shrinker_task inner = {
		.finding = task->finding,
		.variant = task->variant,
		.order = &order,
		.max_runs = task->max_runs ? task->max_runs : GB_SHRINK_RUNS,
	};
	struct shrunk shrunk = {0};
	uint32_t runs = 0;
	char *text = plain_text(trace);
	bool shown, good;

	if (!text)
		return gb_error_set(err, GB_NO_MEMORY, 0, 0, "no memory to shrink a program");
	inner.text = text;
	shrunk.no_memory = !shrinker_repairs(runner, trace, &inner, &inner.repairs, &runs);
	shown = !shrunk.no_memory && shrinker_run(runner, &inner, &shrunk);
	free(text);
	if (!shown && !shrunk.no_memory)
		return gb_error_set(err, GB_BAD_INPUT, 0, 0, "the program does not show the finding");
	shrunk.runs += runs;
	good = shown && describe(runner, task, &shrunk, out);
	free(shrunk.text);
	free(shrunk.picks);
	if (good)
		return GB_OK;
	gb_defect_clear(out);
	return gb_error_set(err, GB_NO_MEMORY, 0, 0, "no memory to shrink a program");
}

enum gb_status gb_shrink(const struct gb_shrink_task *task, struct gb_defect *out, struct gb_error *err)
{
	struct runner *runner;
	struct gb_trace *trace = NULL;
	enum gb_status status = gb_trace_parse(task->program, strlen(task->program), &trace, err);

	memset(out, 0, sizeof(*out));
	if (status != GB_OK)
		return status;
	runner = runner_new(GB_JUDGE_ALL, GB_FAULT_NONE);
	if (runner)
		status = shrink_trace(runner, task, trace, out, err);
	else
		status = gb_error_set(err, GB_NO_MEMORY, 0, 0, "no memory to shrink a program");
	runner_free(runner);
	gb_trace_free(trace);
	return status;
}
