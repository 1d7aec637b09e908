/* SPDX-License-Identifier: MIT */
/* `groupbuf check`: arguments. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "cli.h"
#include "input.h"
#include "variant.h"

enum {
	OPT_ORDER = 256,
	OPT_SHORTEST,
	OPT_OUTCOMES,
	OPT_NO_REDUCTION,
	OPT_EXACT,
	OPT_NO_INVARIANTS,
	OPT_MAX_STATES,
	OPT_MAX_MEMORY,
	OPT_MAX_SECONDS,
	OPT_DEPTH,
	OPT_PREEMPTIONS,
	OPT_FIRST,
	OPT_WITNESS,
	OPT_SCHEDULES,
	OPT_TIME,
	OPT_CHECKPOINT,
	OPT_RESUME,
	OPT_SHARD,
	OPT_VARIANT,
	OPT_TIME_RACES,
};

static const struct option long_options[] = {
	{"order", required_argument, NULL, OPT_ORDER},
	{"shortest", no_argument, NULL, OPT_SHORTEST},
	{"outcomes", required_argument, NULL, OPT_OUTCOMES},
	{"no-reduction", optional_argument, NULL, OPT_NO_REDUCTION},
	{"exact", no_argument, NULL, OPT_EXACT},
	{"invariants", no_argument, NULL, 'i'},
	{"no-invariants", no_argument, NULL, OPT_NO_INVARIANTS},
	{"max-states", required_argument, NULL, OPT_MAX_STATES},
	{"max-memory", required_argument, NULL, OPT_MAX_MEMORY},
	{"max-seconds", required_argument, NULL, OPT_MAX_SECONDS},
	{"depth", required_argument, NULL, OPT_DEPTH},
	{"preemptions", required_argument, NULL, OPT_PREEMPTIONS},
	{"first", no_argument, NULL, OPT_FIRST},
	{"witness", required_argument, NULL, OPT_WITNESS},
	{"schedules", required_argument, NULL, OPT_SCHEDULES},
	{"jobs", required_argument, NULL, 'J'},
	{"checkpoint", required_argument, NULL, OPT_CHECKPOINT},
	{"resume", required_argument, NULL, OPT_RESUME},
	{"shard", required_argument, NULL, OPT_SHARD},
	{"visible", no_argument, NULL, 'v'},
	{"ignore-expected", no_argument, NULL, CHECK_IGNORE_EXPECTED},
	{"time-races", no_argument, NULL, OPT_TIME_RACES},
	{"variant", required_argument, NULL, OPT_VARIANT},
	{"quiet", no_argument, NULL, 'q'},
	{"json", no_argument, NULL, 'j'},
	{"time", no_argument, NULL, OPT_TIME},
	{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0},
};

static void help(void)
{
	puts("Usage: groupbuf check [OPTION]... FILE...\n"
	     "\n"
	     "Explores every schedule and every I/O outcome of each trace. Interrupts and timers\n"
	     "wait until nobody else can act (but see --time-races). Prints the distinct\n"
	     "outcomes (* marks what the trace states), whether what the trace states can\n"
	     "happen, whether each property and each invariant holds, and herd's Observation\n"
	     "line. A violation comes with a schedule for 'groupbuf run --replay'.\n"
	     "\n"
	     "What is explored:\n"
	     "      --outcomes WHAT   what makes two outcomes: order (default), every line in its\n"
	     "                        order; results, the lines in any order; none, only what\n"
	     "                        the properties ask about: the smallest space\n"
	     "      --order ORDER     preemptions (default): schedules with fewer preemptions\n"
	     "                        first; depth: fewer decisions first; newest: little memory\n"
	     "      --shortest        --order depth: witnesses with as few decisions as can be,\n"
	     "                        but for steps that commute (--no-reduction=commute)\n"
	     "      --time-races      devices and timers keep no time: every interrupt, and the next\n"
	     "                        timer, may come whenever somebody can act\n"
	     "      --no-invariants   properties, outcomes and hazards only\n"
	     "      --no-reduction[=NAME,...]\n"
	     "                        without visited, commute, symmetry, or all of them\n"
	     "      --exact           keeps whole states instead of fingerprints\n"
	     "  -v, --visible         what a real kernel does not show is no violation\n"
	     "      --ignore-expected without what the trace states of its runs, for another\n"
	     "                        --variant than it was written for; properties stay\n"
	     "      --variant NAME[,NAME]...\n"
	     "                        the design, see 'groupbuf run --help'\n"
	     "Bounds (verdict 'undecided', exit status 3, unless a violation is found):\n"
	     "      --max-states N    --max-seconds S    --depth N    --preemptions N\n"
	     "      --first           stops at the first violation of an invariant, a forall or a never,\n"
	     "                        and at the first hazard\n"
	     "The report says how many schedules it stands for: exactly, with a standard error,\n"
	     "or, where that cannot be told, at least how many.\n"
	     "What is printed:\n"
	     "  -i, --invariants      every invariant, not only the violated ones\n"
	     "      --witness N       the schedules of N outcomes, in words and as files\n"
	     "      --schedules DIR   where schedule files go (-: nowhere)\n"
	     "  -q, --quiet           the Observation lines alone; no schedule is counted or written\n"
	     "  -j, --json            one JSON object a file, on one line\n"
	     "      --time            times as well, on standard output\n"
	     "Large spaces:\n"
	     "      --max-memory SIZE bytes, or with K, M, G: what is above it waits in a temporary\n"
	     "                        file ($TMPDIR); a bound only if that is not enough\n"
	     "  -J, --jobs N          threads; the report does not depend on it\n"
	     "      --checkpoint FILE what has been explored goes there when a bound or Ctrl-C stops it\n"
	     "      --resume FILE     goes on from there, in the same way; bounds are new ones\n"
	     "      --shard I/N       the I-th of N parts; its result goes to --checkpoint, and\n"
	     "                        'groupbuf merge' puts the parts together and judges them:\n"
	     "                        the verdicts of one part are about that part only\n"
	     "\n"
	     "  -h, --help            this text\n"
	     "\n"
	     "Exit status: 0 all as expected; 1 something is violated; 2 bad arguments or bad\n"
	     "input; 3 not decided; 77 not simulated. With several files the worst: 2 over 1 over\n"
	     "3 over 77 over 0.");
}

static bool parse_seconds(const char *text, double *out)
{
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	*out = strtod(text, &end);
	return !*end && *out > 0 && *out < 1e9;
}

/* I/N, I from 1. */
static bool parse_shard(const char *text, struct gb_check_config *config)
{
	char *end;
	const unsigned long i = strtoul(text, &end, 10);
	const char *const second = *end == '/' ? end + 1 : "";
	const unsigned long n = strtoul(second, &end, 10);

	if (*text < '0' || *text > '9' || *second < '0' || *second > '9' || *end || !i || i > n || n > 65535)
		return false;
	config->shard = (uint32_t)i;
	config->shards = (uint32_t)n;
	return true;
}

static const char *const orders[] = {"preemptions", "depth", "newest", NULL};
static const char *const outcomes[] = {"order", "results", "none", NULL};
static const char *const reductions[] = {"visited", "commute", "symmetry", NULL};

/* The reductions to do without; without a list all of them. */
static int drop_reductions(const char *command, struct gb_check_config *c)
{
	uint32_t without = optarg ? 0 : UINT32_MAX;
	const int code = optarg ? cli_names(command, "no-reduction", optarg, reductions, &without) : CODE_OK;

	c->reductions &= ~without;
	return code;
}

static int set_number(const char *command, struct check_options *o, int option)
{
	static const char *const names[] = {"max-states", "depth", "preemptions", "witness", "jobs"};
	static const uint64_t least[] = {1, 0, 0, 0, 1};
	static const uint64_t most[] = {UINT64_MAX, UINT32_MAX - 1, UINT32_MAX - 1, UINT32_MAX, 1024};
	const int which = option == OPT_MAX_STATES    ? 0
			  : option == OPT_DEPTH	      ? 1
			  : option == OPT_PREEMPTIONS ? 2
			  : option == OPT_WITNESS     ? 3
						      : 4;
	struct gb_check_config *c = &o->config;
	uint64_t n;
	const int code = cli_number(command, names[which], optarg, least[which], most[which], &n);

	if (code != CODE_OK)
		return code;
	if (which == 0)
		c->max_states = n;
	else if (which == 3)
		o->witnesses = (uint32_t)n;
	else if (which == 4)
		c->jobs = (uint32_t)n;
	else {
		o->by_depth = o->by_depth || which == 1;
		o->by_preemptions = o->by_preemptions || which == 2;
		c->max_level = (uint32_t)n;
	}
	return CODE_OK;
}

static int set_value(const char *command, struct check_options *o, int option)
{
	uint32_t which = 0;
	int code = CODE_OK;

	switch (option) {
	case OPT_ORDER:
		o->ordered = true;
		code = cli_name(command, "order", optarg, orders, &which);
		o->config.order = (enum gb_check_order)which;
		break;
	case OPT_OUTCOMES:
		o->by_outcomes = true;
		code = cli_name(command, "outcomes", optarg, outcomes, &which);
		o->config.outcomes = (enum gb_check_outcomes)which;
		break;
	case OPT_NO_REDUCTION:
		return drop_reductions(command, &o->config);
	case OPT_MAX_MEMORY:
		if (!check_parse_size(optarg, &o->config.max_memory))
			return cli_wrong(command, "max-memory", optarg, "expected a number of bytes, K, M or G");
		break;
	case OPT_MAX_SECONDS:
		if (!parse_seconds(optarg, &o->max_seconds))
			return cli_wrong(command, "max-seconds", optarg, "expected seconds, as 0.5 or 60");
		break;
	case OPT_SHARD:
		if (!parse_shard(optarg, &o->config))
			return cli_wrong(command, "shard", optarg, "expected I/N, I from 1 to N");
		break;
	case OPT_VARIANT:
		return variant_set(command, optarg, &o->config.variant);
	default:
		return set_number(command, o, option);
	}
	return code;
}

bool check_set_flag(struct check_options *o, int option)
{
	switch (option) {
	case OPT_SHORTEST:
		o->config.order = GB_CHECK_DEPTH;
		return o->ordered = true;
	case OPT_EXACT:
		return o->config.exact = true;
	case OPT_NO_INVARIANTS:
		o->config.invariants = false;
		return true;
	case OPT_TIME_RACES:
		return o->config.time_races = true;
	case CHECK_IGNORE_EXPECTED:
		return o->ignore_expected = true;
	case OPT_FIRST:
		return o->config.first = true;
	case OPT_TIME:
		return o->time = true;
	case 'i':
		return o->list_invariants = true;
	case 'v':
		return o->config.visible = true;
	case 'q':
		return o->quiet = true;
	case 'j':
		return o->json = true;
	case 'h':
		return o->help = true;
	default:
		return false;
	}
}

static int set_option(const char *command, struct check_options *o, int option)
{
	if (option == '?')
		return cli_usage(command);
	if (check_set_flag(o, option))
		return CODE_OK;
	switch (option) {
	case OPT_SCHEDULES:
		o->schedules = optarg;
		break;
	case OPT_CHECKPOINT:
		o->checkpoint = optarg;
		break;
	case OPT_RESUME:
		o->resume = optarg;
		break;
	default:
		return set_value(command, o, option);
	}
	return CODE_OK;
}

/* A bound goes with an order. */
static const char *settle_order(struct check_options *o)
{
	const enum gb_check_order order = o->by_depth ? GB_CHECK_DEPTH : GB_CHECK_PREEMPTIONS;

	if (!o->by_depth && !o->by_preemptions)
		return NULL;
	if (o->by_depth && o->by_preemptions)
		return "only one of --depth and --preemptions can be had";
	if (o->ordered && o->config.order != order)
		return o->by_depth ? "--depth needs --order depth" : "--preemptions needs --order preemptions";
	o->config.order = order;
	return NULL;
}

/* What cannot be asked for together. */
static int check_options(const char *command, struct check_options *o, size_t files)
{
	const char *both = settle_order(o);

	if (both)
		;
	else if (o->quiet && o->json)
		both = "only one of --quiet and --json can be had";
	else if (files > 1 && (o->checkpoint || o->resume || o->config.shards))
		both = "checkpoints and shards are for one trace at a time";
	else if (o->config.shards && !o->checkpoint)
		both = "--shard needs --checkpoint FILE for its result";
	if (!both)
		return CODE_OK;
	cli_complain(command, "%s", both);
	return cli_usage(command);
}

int cmd_check(int argc, char **argv)
{
	struct check_options o = {0};
	struct inputs in = {0};
	int code = CODE_OK;
	int option;

	gb_check_defaults(&o.config);
	while ((option = getopt_long(argc, argv, "ivqjJ:h", long_options, NULL)) != -1) {
		const int bad = set_option(argv[0], &o, option);

		if (bad != CODE_OK)
			return bad;
	}
	if (o.help) {
		help();
		return CODE_OK;
	}
	code = inputs_given(argc, argv, &in);
	if (in.n && (check_options(argv[0], &o, in.n) != CODE_OK || check_find_places(&o) != CODE_OK)) {
		inputs_free(&in);
		return CODE_BAD;
	}
	check_catch_signals();
	for (size_t i = 0; i < in.n && !check_was_interrupted(); i++)
		code = cli_worse(code, check_file(&o, in.name[i]));
	inputs_free(&in);
	return code;
}
