/* SPDX-License-Identifier: MIT */
/* `groupbuf fuzz`: arguments, and the hunt. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "fuzz.h"
#include "variant.h"

#define DEFAULT_RUNS	 100000U
#define MAX_SECONDS	 (1U << 30)
#define PROGRESS_SECONDS 0.2
#define CLOCK_EVERY	 64U /* runs between two looks at the clock */

enum { OPT_RUNS = 256, OPT_SECONDS, OPT_STRATEGY, OPT_MAX_SQES, OPT_OUT, OPT_KNOWN, OPT_VARIANT, OPT_JUDGE };

static const struct option long_options[] = {
	{"runs", required_argument, NULL, OPT_RUNS},
	{"seconds", required_argument, NULL, OPT_SECONDS},
	{"seed", required_argument, NULL, 's'},
	{"strategy", required_argument, NULL, OPT_STRATEGY},
	{"max-sqes", required_argument, NULL, OPT_MAX_SQES},
	{"judge", required_argument, NULL, OPT_JUDGE},
	{"out", required_argument, NULL, OPT_OUT},
	{"known", required_argument, NULL, OPT_KNOWN},
	{"variant", required_argument, NULL, OPT_VARIANT},
	{"json", no_argument, NULL, 'j'},
	{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0},
};

static const char *const strategies[] = {
#define X(id, name) [GB_FUZZ_##id] = (name),
	GB_FUZZ_STRATEGY_LIST(X)
#undef X
		NULL,
};

static const char *const judges[] = {
#define X(id, name) [GB_JUDGE_##id] = (name),
	GB_JUDGE_LIST(X)
#undef X
		NULL,
};

static void help(void)
{
	puts("Usage: groupbuf fuzz [OPTION]...\n"
	     "\n"
	     "Runs random programs under random schedules and judges each run: hazards, the\n"
	     "invariants, the specification. What is found is shrunk to the simplest program\n"
	     "that shows it, and each defect is reported once, under a name that does not depend\n"
	     "on how it was found.\n"
	     "\n"
	     "How long:\n"
	     "      --runs N          so many runs (100000 unless --seconds is given)\n"
	     "      --seconds N       so long\n"
	     "What is run:\n"
	     "  -s, --seed N          run K of a seed is the same everywhere (0)\n"
	     "      --strategy NAME   random: uniform choices (default); pct: priorities\n"
	     "      --max-sqes N      of a program, 1 to 256 (12)\n"
	     "What is found:\n"
	     "      --judge NAME[,NAME]...\n"
	     "                        hazard, endless, invariant, specification; all of them if left out\n"
	     "      --known FILE      defects that are known: lines 'defect NAME', as this command prints\n"
	     "                        them, or kinds: 'hazard leak at io_ring_exit_work'\n"
	     "      --out DIR         writes NAME.trace for each defect, and NAME.schedule if the\n"
	     "                        kernel-like order does not show it\n"
	     "  -j, --json            one object a line\n"
	     "Which design:\n"
	     "      --variant NAME[,NAME]...\n"
	     "                        v9, the patch as posted (default); repaired, all of these repairs;\n"
	     "                        or some of them:");
	variant_help();
	puts("\n"
	     "  -h, --help            this text\n"
	     "\n"
	     "Exit status: 0 nothing was found that is not known; 1 something was; 2 bad arguments,\n"
	     "or a file could not be written; 3 no memory left.");
}

static int set_value(const char *command, struct fuzz_options *o, int option)
{
	uint64_t number = 0;
	uint32_t which = 0;
	int code;

	switch (option) {
	case OPT_RUNS:
		return cli_number(command, "runs", optarg, 1, UINT64_MAX, &o->runs);
	case OPT_SECONDS:
		return cli_number(command, "seconds", optarg, 1, MAX_SECONDS, &o->seconds);
	case 's':
		return cli_number(command, "seed", optarg, 0, UINT64_MAX, &o->config.seed);
	case OPT_STRATEGY:
		code = cli_name(command, "strategy", optarg, strategies, &which);
		o->config.strategy = (enum gb_fuzz_strategy)which;
		o->strategy_name = strategies[which];
		return code;
	case OPT_MAX_SQES:
		code = cli_number(command, "max-sqes", optarg, 1, GB_FUZZ_MAX_SQES, &number);
		o->config.max_sqes = (uint32_t)number;
		return code;
	case OPT_JUDGE:
		return cli_names(command, "judge", optarg, judges, &o->config.judges);
	case OPT_VARIANT:
		o->variant_name = optarg;
		return variant_set(command, optarg, &o->config.variant);
	case OPT_OUT:
		o->out = optarg;
		return CODE_OK;
	default:
		o->known = optarg;
		return CODE_OK;
	}
}

static int set_option(const char *command, struct fuzz_options *o, int option)
{
	switch (option) {
	case 'j':
		o->json = true;
		return CODE_OK;
	case 'h':
		o->help = true;
		return CODE_OK;
	case '?':
		return cli_usage(command);
	default:
		return set_value(command, o, option);
	}
}

/* ---- the hunt ---- */

struct hunt {
	const struct fuzz_options *options;
	struct gb_hunt *hunt;
	struct known known;
	uint32_t shown, of_them_known; /* defects */
	double begin, last_progress;
	bool terminal;
};

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

static void progress(struct hunt *h, double time)
{
	const struct gb_hunt_stats s = gb_hunt_stats(h->hunt);
	const double seconds = time - h->begin;

	fprintf(stderr, "\r\033[Kfuzz: %" PRIu64 " runs, %.0f/s, %" PRIu64 " event streams, %u defects", s.runs,
		(double)s.runs / (seconds > 0 ? seconds : 1), s.streams, h->shown);
	h->last_progress = time;
}

static int show_new(struct hunt *h)
{
	const struct gb_defect *defect;
	int code = CODE_OK;

	while ((defect = gb_hunt_defect(h->hunt, h->shown))) {
		const bool is_known = known_has(&h->known, defect);

		if (h->terminal)
			fputs("\r\033[K", stderr);
		if (h->options->json)
			json_defect(h->options, defect, is_known);
		else
			show_defect(h->options, defect, is_known);
		fflush(stdout);
		h->shown++;
		h->of_them_known += is_known;
		if (h->options->out && !save_defect(h->options, defect))
			code = CODE_BAD;
	}
	return code;
}

/* True if time or runs are up. */
static bool is_over(struct hunt *h, uint64_t runs)
{
	double time;

	if (h->options->runs && runs >= h->options->runs)
		return true;
	if (runs % CLOCK_EVERY || (!h->options->seconds && !h->terminal))
		return false;
	time = now();
	if (h->terminal && time - h->last_progress > PROGRESS_SECONDS)
		progress(h, time);
	return h->options->seconds && time - h->begin >= (double)h->options->seconds;
}

static void summary(const struct hunt *h)
{
	const struct gb_hunt_stats s = gb_hunt_stats(h->hunt);
	const double seconds = now() - h->begin;

	if (h->terminal)
		fputs("\r\033[K", stderr);
	printf(h->options->json ? "{\"runs\":%" PRIu64 ",\"streams\":%" PRIu64 ",\"with_findings\":%" PRIu64
				  ",\"defects\":%u,\"known\":%u}\n"
				: "runs %" PRIu64 ", event streams %" PRIu64 ", with findings %" PRIu64
				  ", defects %u, known %u\n",
	       s.runs, s.streams, s.found, h->shown, h->of_them_known);
	fflush(stdout);
	fprintf(stderr, "fuzz: %.1f s, %.0f runs/s, %" PRIu64 " more runs to look into what was found\n", seconds,
		(double)s.runs / (seconds > 0 ? seconds : 1), s.other_runs);
}

static int hunt(struct hunt *h)
{
	struct gb_error err = {0};
	int code = CODE_OK;

	h->terminal = isatty(STDERR_FILENO) == 1;
	h->begin = h->last_progress = now();
	for (uint64_t runs = 0; code == CODE_OK && !is_over(h, runs); runs++) {
		if (gb_hunt_run(h->hunt, &err) != GB_OK)
			return cli_complain_at("groupbuf fuzz", &err);
		code = show_new(h);
	}
	summary(h);
	return cli_worse(code, h->shown > h->of_them_known ? CODE_FAILED : CODE_OK);
}

static int begin(const struct fuzz_options *o)
{
	struct hunt h = {.options = o};
	int code = o->known ? known_read(&h.known, o->known) : CODE_OK;

	if (code == CODE_OK && o->out && mkdir(o->out, 0777) != 0 && errno != EEXIST) {
		cli_complain(o->out, "%s", strerror(errno));
		code = CODE_BAD;
	}
	if (code == CODE_OK) {
		h.hunt = gb_hunt_new(&o->config);
		if (h.hunt) {
			code = hunt(&h);
		} else {
			cli_complain("groupbuf fuzz", "no memory left");
			code = CODE_LIMIT;
		}
	}
	gb_hunt_free(h.hunt);
	known_free(&h.known);
	return code;
}

int cmd_fuzz(int argc, char **argv)
{
	struct fuzz_options o = {.strategy_name = "random", .variant_name = "v9", .config.max_sqes = GB_FUZZ_SQES};
	int code = CODE_OK;

	for (int c; code == CODE_OK && (c = getopt_long(argc, argv, "s:jh", long_options, NULL)) != -1;)
		code = set_option(argv[0], &o, c);
	if (code != CODE_OK)
		return code;
	if (o.help) {
		help();
		return CODE_OK;
	}
	if (optind < argc) {
		cli_complain(argv[0], "'%s': programs are made, not read; expected options alone", argv[optind]);
		return cli_usage(argv[0]);
	}
	if (!o.runs && !o.seconds)
		o.runs = DEFAULT_RUNS;
	return begin(&o);
}
