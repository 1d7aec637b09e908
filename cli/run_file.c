/* SPDX-License-Identifier: MIT */
/* One trace: read, run, print, compare. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "groupbuf/monitor.h"
#include "groupbuf/observe.h"
#include "groupbuf/spec.h"
#include "groupbuf/world.h"

#include "cli.h"
#include "input.h"
#include "picks.h"
#include "recorded.h"
#include "run.h"
#include "show.h"

/* One run. */
struct run {
	const struct run_options *opt;
	const char *file;
	struct gb_trace *trace;
	struct gb_observer *observer;
	struct gb_watch watch; /* the observer, and the monitor beside it */
	struct gb_spec *spec;  /* --spec */
	uint32_t n_found;      /* what it found */
	struct gb_world *world;
	struct gb_replay replay;    /* --replay */
	struct picks picks;	    /* --seed with --save-schedule */
	struct gb_schedule *record; /* --save-schedule */
	bool no_memory;
	bool any_event; /* one has been printed */
	char standard_input[RECORDED_STDIN_MAX];
};

static int out_of_memory(const struct run *r)
{
	cli_complain(r->file, "no memory left");
	return CODE_LIMIT;
}

static void on_event(void *user, const struct gb_event *ev)
{
	struct run *r = user;

	gb_watch_event(&r->watch, ev);
	if (r->spec)
		gb_spec_event(r->spec, ev);
	if (!r->opt->events)
		return;
	if (!r->opt->json) {
		show_event(stdout, r->trace, ev);
		return;
	}

	json_t *object = json_event(r->trace, ev);

	if (r->any_event)
		fputc(',', stdout);
	r->any_event = true;
	r->no_memory = r->no_memory || json_dumpf(object, stdout, JSON_COMPACT) != 0;
	json_decref(object);
}

static uint32_t choose(void *user, const struct gb_choice *choice)
{
	struct run *r = user;
	uint32_t taken = r->opt->schedule ? gb_replay_choose(&r->replay, choice) : picks_next(&r->picks);

	if (taken >= choice->n)
		taken = 0;
	if (r->record && !gb_schedule_add(r->record, r->trace, choice, taken))
		r->no_memory = true;
	return taken;
}

static int reject(const struct run *r, const struct gb_error *err)
{
	if (r->opt->json)
		json_not_run(r->file, err);
	return cli_complain_at(r->file, err);
}

static struct gb_config config_of(struct run *r)
{
	const struct run_options *opt = r->opt;
	struct gb_config config = {
		.strategy = GB_STRATEGY_DEFAULT,
		.seed = opt->seed,
		.choose = choose,
		.choose_user = r,
		.event = on_event,
		.event_user = r,
		.variant = opt->variant,
		.fault = opt->fault,
		.time_races = opt->time_races,
		.standard_input = r->standard_input,
		.standard_input_size = recorded_stdin(r->file, r->standard_input),
	};

	if (opt->schedule || r->record)
		config.strategy = GB_STRATEGY_CALLBACK;
	else if (opt->seeded)
		config.strategy = GB_STRATEGY_RANDOM;
	return config;
}

/* Everything a run needs; the exit code. */
static int prepare(struct run *r)
{
	const struct run_options *opt = r->opt;
	struct gb_error err;
	enum gb_status status = GB_OK;
	const int code = input_trace(r->file, opt->ignore_expected, &r->trace, &err);

	if (code != CODE_OK)
		return err.status == GB_OK ? code : reject(r, &err);
	r->observer = gb_observer_new(r->trace);
	r->watch = (struct gb_watch){.trace = r->trace, .observer = r->observer, .monitor = gb_monitor_new(r->trace)};
	if (opt->save_file)
		r->record = gb_schedule_new();
	if (opt->spec)
		r->spec = gb_spec_new(r->trace);
	if (!r->observer || !r->watch.monitor || (opt->save_file && !r->record) || (opt->spec && !r->spec))
		return out_of_memory(r);
	r->replay = (struct gb_replay){.schedule = opt->schedule, .trace = r->trace};

	struct gb_config config = config_of(r);

	if (r->record && opt->seeded)
		status = picks_collect(&r->picks, r->trace, &config, &err);
	if (status == GB_OK)
		status = gb_world_create(r->trace, &config, &r->world, &err);
	return status == GB_OK ? CODE_OK : reject(r, &err);
}

static void head(const struct run *r)
{
	json_t *name;

	if (!r->opt->json)
		return;
	name = json_text(r->file);
	fputs("{\"file\":", stdout);
	json_dumpf(name, stdout, JSON_ENCODE_ANY);
	json_decref(name);
	if (r->opt->events)
		fputs(",\"events\":[", stdout);
}

/* Runs until the end, or until a replayed schedule no longer fits. */
static enum gb_run_state simulate(struct run *r)
{
	enum gb_run_state state;

	if (!r->opt->schedule)
		return gb_world_run(r->world);
	do
		state = gb_world_step(r->world);
	while (state == GB_RUNNING && !r->replay.diverged);
	return state;
}

static const char *verdict_of(int code)
{
	switch (code) {
	case CODE_OK:
		return "ok";
	case CODE_FAILED:
		return "FAIL";
	case CODE_BAD:
		return "DIVERGED";
	default:
		return "LIMIT";
	}
}

static json_t *json_found(const struct run *r)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < r->n_found; i++) {
		const struct gb_spec_rule *rule = gb_spec_rule_at(gb_spec_list(r->spec)[i].rule);
		char *text = gb_spec_print(r->trace, &gb_spec_list(r->spec)[i]);
		json_t *object = json_object();

		json_object_set_new(object, "finding", json_text(text ? text : "?"));
		json_object_set_new(object, "rule", json_string(rule->number));
		json_object_set_new(object, "name", json_string(rule->name));
		json_object_set_new(object, "v9", json_string(rule->known));
		json_array_append_new(list, object);
		free(text);
	}
	return list;
}

static void print_found(const struct run *r)
{
	for (uint32_t i = 0; i < r->n_found; i++) {
		char *text = gb_spec_print(r->trace, &gb_spec_list(r->spec)[i]);

		printf("specification %s\n", text ? text : "?");
		free(text);
	}
}

static void print_json(const struct run *r, int code, const struct gb_diff *diff)
{
	static const char *const names[] = {"ok", "fail", "diverged", "limit"};
	json_t *object = json_object();
	json_t *list = json_array();

	for (uint32_t i = 0; i < gb_observer_count(r->observer); i++)
		json_array_append_new(list, json_observation(r->trace, r->observer, i, r->opt->why));
	json_object_set_new(object, "observations", list);
	if (r->spec)
		json_object_set_new(object, "specification", json_found(r));
	json_object_set_new(object, "steps", json_integer((json_int_t)gb_world_steps(r->world)));
	json_object_set_new(object, "verdict", json_string(names[code]));
	if (diff->differs)
		json_object_set_new(object, "difference", json_diff(r->trace, diff));
	fputs(r->opt->events ? "]," : ",", stdout);
	json_dumpf(object, stdout, JSON_COMPACT | JSON_EMBED);
	fputs("}\n", stdout);
	json_decref(object);
}

static void print_text(const struct run *r, int code, const struct gb_diff *diff)
{
	const struct run_options *opt = r->opt;

	for (uint32_t i = 0; !opt->quiet && i < gb_observer_count(r->observer); i++)
		show_observation(stdout, r->trace, r->observer, i, opt->why);
	if (opt->bare)
		return;
	if (!opt->quiet)
		print_found(r);
	if (diff->differs && !opt->quiet)
		show_diff(stdout, r->file, r->trace, diff);
	printf("%s %s\n", verdict_of(code), r->file);
}

/* What the schedule had to say about the run. */
static int check_replay(const struct run *r)
{
	const struct gb_replay *replay = &r->replay;

	if (!r->opt->schedule)
		return CODE_OK;
	if (replay->diverged)
		return cli_complain_at(r->opt->replay_file, &replay->error);
	if (replay->asked > gb_schedule_count(r->opt->schedule))
		cli_complain(r->opt->replay_file,
			     "note: %" PRIu32 " choices of %" PRIu32 " the run came to; then the kernel-like order",
			     gb_schedule_count(r->opt->schedule), replay->asked);
	else if (replay->asked < gb_schedule_count(r->opt->schedule))
		cli_complain(r->opt->replay_file, "note: the run ended after %" PRIu32 " of %" PRIu32 " choices",
			     replay->asked, gb_schedule_count(r->opt->schedule));
	return CODE_OK;
}

static int judge(struct run *r, enum gb_run_state state, struct gb_diff *diff)
{
	const int code = check_replay(r);

	if (code != CODE_OK)
		return code;
	if (r->spec)
		r->n_found = gb_spec_judge(r->spec, state);
	if (state == GB_EXHAUSTED) {
		cli_complain(r->file, "no verdict: stopped after %" PRIu64 " steps", gb_world_steps(r->world));
		return CODE_LIMIT;
	}
	gb_watch_finish(&r->watch, state);
	*diff = gb_observer_compare(r->observer, r->opt->visible);
	return diff->differs || r->n_found ? CODE_FAILED : CODE_OK;
}

/* What a person needs to know about a schedule, as comments. */
static void put_head(const struct run *r, FILE *f)
{
	const struct run_options *opt = r->opt;

	fputs("# groupbuf schedule of ", f);
	show_name(f, r->file);
	fprintf(f, "\n# variant %s, %s", opt->variant_name, opt->time_races ? "--time-races, " : "");
	if (opt->seeded)
		fprintf(f, "seed %" PRIu64 "\n", opt->seed);
	else
		fputs(opt->schedule ? "from another schedule\n" : "kernel-like order\n", f);
	fputs("# KIND TAKEN of ALTERNATIVES, the kernel-like one first. To choose otherwise,\n"
	      "# put another alternative before 'of'; what follows may then no longer fit: cut it.\n",
	      f);
}

static int save_schedule(const struct run *r)
{
	const char *name = r->opt->save_file;
	char *text = gb_schedule_print(r->record);
	FILE *f = strcmp(name, "-") == 0 ? stdout : fopen(name, "w");
	bool saved = f && text;

	if (saved) {
		put_head(r, f);
		saved = fputs(text, f) >= 0;
	}
	if (f && f != stdout && fclose(f) != 0)
		saved = false;
	if (!saved && text)
		cli_complain(name, "%s", strerror(errno));
	free(text);
	if (!text)
		return out_of_memory(r);
	return saved ? CODE_OK : CODE_BAD;
}

static int execute(struct run *r)
{
	struct gb_diff diff = {0};
	int code;

	head(r);

	const enum gb_run_state state = simulate(r);

	code = judge(r, state, &diff);
	if (r->opt->json)
		print_json(r, code, &diff);
	else
		print_text(r, code, &diff);
	if (r->no_memory)
		code = cli_worse(code, out_of_memory(r));
	if (r->record)
		code = cli_worse(code, save_schedule(r));
	return code;
}

int run_file(const struct run_options *options, const char *file)
{
	struct run r = {.opt = options, .file = file};
	int code = prepare(&r);

	if (code == CODE_OK)
		code = execute(&r);
	if (r.world)
		gb_world_destroy(r.world);
	gb_monitor_free(r.watch.monitor);
	gb_observer_free(r.observer);
	gb_spec_free(r.spec);
	gb_schedule_free(r.record);
	picks_free(&r.picks);
	gb_trace_free(r.trace);
	return code;
}
