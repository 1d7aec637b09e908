/* SPDX-License-Identifier: MIT */
/* One trace: read, played once for its facts, and once to be told. */
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli.h"
#include "explain.h"
#include "input.h"
#include "recorded.h"

/* Everything of one file. */
struct telling {
	const struct explain_options *opt;
	const char *file;
	struct gb_trace *trace;
	struct play play;
	struct story story;
	char standard_input[RECORDED_STDIN_MAX];
};

static int prepare(struct telling *t)
{
	const struct run_options *run = &t->opt->run;
	struct gb_error err = {0};
	size_t size = 0;
	char *text = input_read(t->file, &size);
	enum gb_status status;

	if (!text)
		return CODE_BAD;
	status = gb_trace_parse(text, size, &t->trace, &err);
	free(text);
	if (status == GB_OK) {
		t->play = (struct play){
			.trace = t->trace,
			.config = {.seed = run->seed,
				   .variant = run->variant,
				   .fault = run->fault,
				   .time_races = run->time_races,
				   .standard_input = t->standard_input,
				   .standard_input_size = recorded_stdin(t->file, t->standard_input)},
			.schedule = run->schedule,
			.seeded = run->seeded,
		};
		status = play_open(&t->play, &err);
	}
	if (status == GB_OK && !facts_new(&t->story.facts, t->trace))
		status = gb_error_set(&err, GB_NO_MEMORY, 0, 0, "no memory left");
	return status == GB_OK ? CODE_OK : cli_complain_at(t->file, &err);
}

/* The schedule, and where it and the run part company. */
static void put_schedule(const struct telling *t)
{
	const uint32_t has = gb_schedule_count(t->play.schedule), asked = t->play.replay.asked;

	printf("schedule %s", t->opt->run.replay_file);
	if (asked > has)
		printf(", %" PRIu32 " of %" PRIu32 " choices, then kernel-like order", has, asked);
	else if (asked < has)
		printf(", %" PRIu32 " of its %" PRIu32 " choices", asked, has);
}

static void put_head(const struct telling *t)
{
	const struct run_options *run = &t->opt->run;

	puts(t->file);
	if (t->trace->title)
		printf("\"%s\"\n", t->trace->title);
	printf("variant %s, ", run->variant_name);
	if (run->seeded)
		printf("seed %" PRIu64, run->seed);
	else if (run->replay_file)
		put_schedule(t);
	else
		printf("kernel-like order");
	puts(run->time_races ? ", time races\n" : "\n");
	if (t->story.facts.n_marks)
		puts("Steps that matter for what went wrong have a *, what went wrong a !, choices a ?.\n");
}

static int tell(struct telling *t)
{
	const struct play_listener collect = facts_listener(&t->story.facts);
	const struct explain_text how = {
		.all = t->opt->all, .colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR"), .indent = ""};
	int code = CODE_OK;

	t->story.play = &t->play;
	play_run(&t->play, &collect);
	if (t->play.replay.diverged)
		return cli_complain_at(t->opt->run.replay_file, &t->play.replay.error);
	put_head(t);
	if (!explain_steps(stdout, &t->story, &how) || t->story.facts.no_memory) {
		cli_complain(t->file, "no memory left");
		return CODE_LIMIT;
	}
	if (t->play.state == GB_EXHAUSTED) {
		cli_complain(t->file, "the run does not end: stopped after %" PRIu64 " steps", t->play.steps);
		code = CODE_LIMIT;
	}
	explain_end(stdout, &t->story, t->file);
	return code;
}

int explain_file(const struct explain_options *options, const char *file)
{
	struct telling t = {.opt = options, .file = file};
	int code = prepare(&t);

	if (code == CODE_OK)
		code = tell(&t);
	facts_free(&t.story.facts);
	play_close(&t.play);
	gb_trace_free(t.trace);
	return code;
}
