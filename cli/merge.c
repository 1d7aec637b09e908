/* SPDX-License-Identifier: MIT */
/* `groupbuf merge`: the parts of a check, one report. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "cli.h"
#include "input.h"
#include "recorded.h"

enum { OPT_SCHEDULES = 1024 }; /* no option of `check` */

static void help(void)
{
	puts("Usage: groupbuf merge [OPTION]... TRACE PART...\n"
	     "\n"
	     "Puts the results of 'groupbuf check --shard I/N --checkpoint PART TRACE' for all I\n"
	     "together and prints the report of the whole. States that several parts came to,\n"
	     "which are few, are counted by each.\n"
	     "\n"
	     "  -i, --invariants      every invariant, not only the violated ones\n"
	     "      --schedules DIR   where schedule files go (-: nowhere)\n"
	     "      --ignore-expected if the parts were made with it\n"
	     "  -q, --quiet           the Observation lines alone\n"
	     "  -j, --json            one JSON object, on one line\n"
	     "  -h, --help            this text\n"
	     "\n"
	     "Exit status: as that of 'groupbuf check'.");
}

static int set_option(const char *command, struct check_options *o, int option)
{
	if (option == OPT_SCHEDULES)
		o->schedules = optarg;
	else if (!check_set_flag(o, option))
		return cli_usage(command);
	return CODE_OK;
}

/* A part from its file. */
static int load(const struct check_run *r, const char *name, struct gb_check **out)
{
	static char standard_input[RECORDED_STDIN_MAX];
	struct gb_check_config config = r->opt->config;
	struct gb_error err = {0};
	enum gb_status status;
	FILE *f = fopen(name, "rb");

	*out = NULL;
	if (!f) {
		cli_complain(name, "%s", strerror(errno));
		return CODE_BAD;
	}
	config.standard_input = standard_input;
	config.standard_input_size = recorded_stdin(r->file, standard_input);
	status = gb_check_load(r->trace, &config, f, out, &err);
	fclose(f);
	return status == GB_OK ? CODE_OK : cli_complain_at(name, &err);
}

/* Every part there is, once. */
static int complete(const struct check_run *r, char **parts, int n)
{
	const uint32_t shards = gb_check_stats(r->check).shards;

	if (shards == (uint32_t)n)
		return CODE_OK;
	if (!shards) {
		cli_complain(parts[0], "is no part of a search (check --shard)");
		return CODE_BAD;
	}
	cli_complain(parts[0], "is one of %u parts, %d are given", (unsigned)shards, n);
	return CODE_BAD;
}

static int merge(struct check_run *r, char **parts, int n)
{
	int code = load(r, parts[0], &r->check);

	if (code == CODE_OK)
		code = complete(r, parts, n);
	for (int i = 1; code == CODE_OK && i < n; i++) {
		struct gb_check *part;
		struct gb_error err = {0};

		code = load(r, parts[i], &part);
		if (code == CODE_OK && gb_check_merge(r->check, part, &err) != GB_OK)
			code = cli_complain_at(parts[i], &err);
		if (part)
			r->part[r->n_parts++] = part;
	}
	return code == CODE_OK ? check_report(r) : code;
}

static int merge_file(const struct check_options *o, char **names, int n)
{
	struct check_run r = {.opt = o, .file = names[0]};
	struct gb_error err = {0};
	int code = check_open(&r, &err);

	if (code == CODE_OK) {
		r.part = calloc((size_t)n, sizeof(struct gb_check *));
		code = r.part ? merge(&r, names + 1, n - 1) : CODE_LIMIT;
	}
	for (uint32_t i = 0; r.part && i < r.n_parts; i++)
		gb_check_free(r.part[i]);
	free(r.part);
	check_close(&r);
	return code;
}

int cmd_merge(int argc, char **argv)
{
	static const struct option long_options[] = {
		{"invariants", no_argument, NULL, 'i'},
		{"schedules", required_argument, NULL, OPT_SCHEDULES},
		{"ignore-expected", no_argument, NULL, CHECK_IGNORE_EXPECTED},
		{"quiet", no_argument, NULL, 'q'},
		{"json", no_argument, NULL, 'j'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct check_options o = {0};
	int code = CODE_OK;

	gb_check_defaults(&o.config);
	for (int c; code == CODE_OK && (c = getopt_long(argc, argv, "iqjh", long_options, NULL)) != -1;)
		code = set_option(argv[0], &o, c);
	if (code == CODE_OK && o.help) {
		help();
		return code;
	}
	if (code != CODE_OK)
		return code;
	if (argc - optind < 2) {
		cli_complain(argv[0], "a trace and the parts of its check are needed");
		return cli_usage(argv[0]);
	}
	code = check_find_places(&o);
	return code == CODE_OK ? merge_file(&o, argv + optind, argc - optind) : code;
}
