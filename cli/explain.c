/* SPDX-License-Identifier: MIT */
/* `groupbuf explain`: arguments. */
#include <getopt.h>
#include <stdio.h>

#include "cli.h"
#include "explain.h"
#include "input.h"
#include "variant.h"

enum { OPT_TEXT = 512 };

static const struct option long_options[] = {
	{"text", no_argument, NULL, OPT_TEXT},
	{"all", no_argument, NULL, 'a'},
	{"seed", required_argument, NULL, 's'},
	{"replay", required_argument, NULL, RUN_OPT_REPLAY},
	{"time-races", no_argument, NULL, RUN_OPT_TIME_RACES},
	{"ignore-expected", no_argument, NULL, RUN_OPT_IGNORE},
	{"variant", required_argument, NULL, RUN_OPT_VARIANT},
	RUN_FAULT_OPTION{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0},
};

static void help(void)
{
	puts("Usage: groupbuf explain [OPTION]... FILE...\n"
	     "\n"
	     "Tells one run of each trace as a story: who took which step, in which order, with\n"
	     "the kernel function at work, what was chosen and what could have happened instead,\n"
	     "where an invariant broke, and in the end what came of every request and lease.\n"
	     "\n"
	     "What is told:\n"
	     "      --text            as text, the default\n"
	     "  -a, --all             every event and every choice, not only what matters\n"
	     "      --ignore-expected nothing that the trace states\n"
	     "Which run, as with run:\n"
	     "  -s, --seed N          random choices from this seed\n"
	     "      --replay FILE     the choices of a schedule, as check writes it for a violation\n"
	     "      --time-races      devices and timers keep no time\n"
	     "      --variant NAME[,NAME]...\n"
	     "                        v9 (default), repaired, or some of these repairs:");
	variant_help();
	puts("\n"
	     "  -h, --help            this text\n"
	     "\n"
	     "Exit status: 0 it is told, whatever the run came to (run is the judge, and the\n"
	     "story ends with its verdict); 2 bad arguments, bad input, or a schedule that does not\n"
	     "fit; 3 the run has no end, or no memory; 77 something is not simulated. With several\n"
	     "files the worst: 2 over 3 over 77 over 0.");
}

static int set_option(const char *command, struct explain_options *o, int option)
{
	switch (option) {
	case OPT_TEXT:
		return CODE_OK;
	case 'a':
		o->all = true;
		return CODE_OK;
	case 'h':
		o->help = true;
		return CODE_OK;
	case '?':
		return cli_usage(command);
	default:
		return run_set_value(command, &o->run, option);
	}
}

static int explain_inputs(const char *command, struct explain_options *o, const struct inputs *in)
{
	struct gb_schedule *schedule = NULL;
	int code;

	if (in->n > 1 && o->run.replay_file) {
		cli_complain(command, "a schedule belongs to one trace, not to %zu", in->n);
		return cli_usage(command);
	}
	code = run_load_schedule(&o->run, &schedule);
	for (size_t i = 0; i < in->n && (schedule || !o->run.replay_file); i++) {
		if (i)
			putchar('\n');
		code = cli_worse(code, explain_file(o, in->name[i]));
	}
	gb_schedule_free(schedule);
	return code;
}

int cmd_explain(int argc, char **argv)
{
	struct explain_options o = {.run = {.variant_name = "v9"}};
	struct inputs in = {0};
	int code = CODE_OK;

	for (int c; code == CODE_OK && (c = getopt_long(argc, argv, "as:h", long_options, NULL)) != -1;)
		code = set_option(argv[0], &o, c);
	if (code == CODE_OK && o.help) {
		help();
		return code;
	}
	if (code == CODE_OK && o.run.seeded && o.run.replay_file) {
		cli_complain(argv[0], "--seed and --replay both say what to choose");
		code = cli_usage(argv[0]);
	}
	if (code != CODE_OK)
		return code;
	code = inputs_given(argc, argv, &in);
	code = cli_worse(code, explain_inputs(argv[0], &o, &in));
	inputs_free(&in);
	return code;
}
