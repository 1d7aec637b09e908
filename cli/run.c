/* SPDX-License-Identifier: MIT */
/* `groupbuf run`: arguments. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "groupbuf/world.h"

#include "cli.h"
#include "input.h"
#include "run.h"
#include "variant.h"

static const struct option long_options[] = {
	{"bare", no_argument, NULL, 'b'},
	{"quiet", no_argument, NULL, 'q'},
	{"visible", no_argument, NULL, 'v'},
	{"ignore-expected", no_argument, NULL, RUN_OPT_IGNORE},
	{"why", no_argument, NULL, 'w'},
	{"events", no_argument, NULL, 'e'},
	{"json", no_argument, NULL, 'j'},
	{"spec", no_argument, NULL, 'S'},
	{"seed", required_argument, NULL, 's'},
	{"replay", required_argument, NULL, RUN_OPT_REPLAY},
	{"save-schedule", required_argument, NULL, RUN_OPT_SAVE},
	{"time-races", no_argument, NULL, RUN_OPT_TIME_RACES},
	{"variant", required_argument, NULL, RUN_OPT_VARIANT},
	RUN_FAULT_OPTION{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0},
};

#ifdef GB_FAULTS
/* Faults of groupbuf/fault.h: only the command that the tests build can make them. */
static const char *const faults[GB_FAULT_COUNT] = {
#define X(id, name, rules, doc) [GB_FAULT_##id] = (name),
	GB_FAULT_LIST(X)
#undef X
};

static bool parse_fault(const char *text, uint32_t *fault)
{
	for (*fault = 1; *fault < GB_FAULT_COUNT; ++*fault)
		if (!strcmp(faults[*fault], text))
			return true;
	return false;
}
#endif

static void help(void)
{
	puts("Usage: groupbuf run [OPTION]... FILE...\n"
	     "\n"
	     "Runs each trace once and prints what the application and the outside observe, in\n"
	     "the trace language, then 'ok FILE' or 'FAIL FILE'. Where the trace states\n"
	     "expectations they are compared, and the first differing line is shown. A FILE may\n"
	     "be a directory (all *.trace below it) or - for standard input.\n"
	     "\n"
	     "What is printed:\n"
	     "  -b, --bare            the observations alone, to be put into the trace\n"
	     "  -q, --quiet           the last line alone\n"
	     "  -w, --why             behind each CQE the reason of its result\n"
	     "  -e, --events          every event of the run as well\n"
	     "  -j, --json            one JSON object a file, on one line\n"
	     "What is compared:\n"
	     "  -v, --visible         only what a real kernel shows: no hazard that it survives,\n"
	     "                        no violated invariant\n"
	     "      --spec            the specification judges the run as well (docs/specification.md)\n"
	     "      --ignore-expected nothing that the trace states: for another --variant than it was\n"
	     "                        written for. Hazards and violated invariants fail it\n"
	     "Which order:\n"
	     "  -s, --seed N          random choices from this seed, not the kernel-like order\n"
	     "      --replay FILE     the choices of a schedule; where it ends, the kernel-like order\n"
	     "      --save-schedule FILE\n"
	     "                        writes the choices that were made (- for standard output)\n"
	     "      --time-races      devices and timers keep no time: each may come whenever somebody\n"
	     "                        can act (with --seed and --replay)\n"
	     "Which design:\n"
	     "      --variant NAME[,NAME]...\n"
	     "                        v9, the patch as posted (default); repaired, all of these\n"
	     "                        repairs; or some of them:");
	variant_help();
#ifdef GB_FAULTS
	puts("      --fault NAME      a mistake of include/groupbuf/fault.h");
#endif
	puts("\n"
	     "  -h, --help            this text\n"
	     "\n"
	     "Exit status: 0 all as expected; 1 an expectation failed, a hazard or a violated\n"
	     "invariant was not expected, or --spec found something; 2 bad arguments or bad\n"
	     "input, FILE:LINE:COLUMN: message; 3 a limit was reached before a verdict; 77\n"
	     "something is not simulated. With several files the worst: 2 over 1 over 3 over 77\n"
	     "over 0.");
}

int run_set_value(const char *command, struct run_options *o, int option)
{
	switch (option) {
	case 's':
		o->seeded = true;
		return cli_number(command, "seed", optarg, 0, UINT64_MAX, &o->seed);
	case RUN_OPT_VARIANT:
		o->variant_name = optarg;
		return variant_set(command, optarg, &o->variant);
	case RUN_OPT_REPLAY:
		o->replay_file = optarg;
		break;
	case RUN_OPT_TIME_RACES:
		o->time_races = true;
		break;
	case RUN_OPT_IGNORE:
		o->ignore_expected = true;
		break;
#ifdef GB_FAULTS
	case RUN_OPT_FAULT:
		if (!parse_fault(optarg, &o->fault))
			return cli_wrong(command, "fault", optarg, "no such fault");
		break;
#endif
	default:
		o->save_file = optarg;
		break;
	}
	return CODE_OK;
}

static int set_option(const char *command, struct run_options *o, int option)
{
	switch (option) {
	case 'b':
		o->bare = true;
		break;
	case 'q':
		o->quiet = true;
		break;
	case 'v':
		o->visible = true;
		break;
	case 'w':
		o->why = true;
		break;
	case 'e':
		o->events = true;
		break;
	case 'j':
		o->json = true;
		break;
	case 'S':
		o->spec = true;
		break;
	case 'h':
		o->help = true;
		break;
	case '?':
		return cli_usage(command);
	default:
		return run_set_value(command, o, option);
	}
	return CODE_OK;
}

/* What cannot be asked for together. */
static int check_options(const char *command, const struct run_options *o)
{
	const char *both = NULL;

	if (o->bare + o->quiet + o->json > 1)
		both = "only one of --bare, --quiet and --json can be had";
	else if (o->events && (o->bare || o->quiet))
		both = "--events prints more than --bare or --quiet allow";
	else if (o->seeded && o->replay_file)
		both = "--seed and --replay both say what to choose";
	if (!both)
		return CODE_OK;
	cli_complain(command, "%s", both);
	return cli_usage(command);
}

/* The line of the head that says how the schedule was made: "# variant NAME[, or ;]..." */
static bool find_head(const char *text, size_t size, char *line, size_t room)
{
	static const char begin[] = "# variant ";
	const size_t n = sizeof(begin) - 1;
	const char *const end = text + size;

	for (const char *at = text; at && (size_t)(end - at) > n;) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const size_t length = (size_t)((newline ? newline : end) - at);

		if (length > n && memcmp(at, begin, n) == 0) {
			snprintf(line, room, "%.*s", (int)(length - n), at + n);
			return true;
		}
		at = newline ? newline + 1 : NULL;
	}
	return false;
}

/* A schedule that was made otherwise may still fit, and that may be what is wanted: a note. */
static void note_head(const struct run_options *o, const char *text, size_t size)
{
	char line[1024], *blank;
	uint32_t variant = 0;
	bool races;

	if (!find_head(text, size, line, sizeof(line)))
		return;
	line[strcspn(line, ";")] = '\0';
	races = strstr(line, "--time-races");
	blank = line + strcspn(line, " ");
	*blank = '\0';
	if (blank > line && blank[-1] == ',')
		blank[-1] = '\0';
	if (!variant_parse(line, &variant) || variant != o->variant)
		cli_complain(o->replay_file, "note: it was made with --variant %s, this run has %s", line,
			     o->variant_name);
	if (races != o->time_races)
		cli_complain(o->replay_file, "note: it was made with%s --time-races, this run is with%s",
			     races ? "" : "out", races ? "out" : "");
}

int run_load_schedule(struct run_options *o, struct gb_schedule **schedule)
{
	struct gb_error err = {0};
	size_t size = 0;
	char *text;
	enum gb_status status;

	if (!o->replay_file)
		return CODE_OK;
	text = input_read(o->replay_file, &size);
	if (!text)
		return CODE_BAD;
	status = gb_schedule_parse(text, size, schedule, &err);
	if (status == GB_OK)
		note_head(o, text, size);
	free(text);
	o->schedule = *schedule;
	return status == GB_OK ? CODE_OK : cli_complain_at(o->replay_file, &err);
}

static int run_inputs(const char *command, struct run_options *o, const struct inputs *in)
{
	struct gb_schedule *schedule = NULL;
	int code;

	if (in->n > 1 && (o->replay_file || o->save_file)) {
		cli_complain(command, "a schedule belongs to one trace, not to %zu", in->n);
		return cli_usage(command);
	}
	code = run_load_schedule(o, &schedule);
	for (size_t i = 0; i < in->n && (schedule || !o->replay_file); i++)
		code = cli_worse(code, run_file(o, in->name[i]));
	gb_schedule_free(schedule);
	return code;
}

int cmd_run(int argc, char **argv)
{
	struct run_options o = {.variant_name = "v9"};
	struct inputs in = {0};
	int code = CODE_OK;

	for (int c; code == CODE_OK && (c = getopt_long(argc, argv, "bqvwejs:h", long_options, NULL)) != -1;)
		code = set_option(argv[0], &o, c);
	if (code == CODE_OK && o.help) {
		help();
		return code;
	}
	if (code == CODE_OK)
		code = check_options(argv[0], &o);
	if (code != CODE_OK)
		return code;
	code = inputs_given(argc, argv, &in);
	code = cli_worse(code, run_inputs(argv[0], &o, &in));
	inputs_free(&in);
	return code;
}
