/* SPDX-License-Identifier: MIT */
/* `groupbuf invariants`: the table of what the monitor watches. */
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>

#include "groupbuf/monitor.h"

#include "cli.h"

static const struct option long_options[] = {
	{"json", no_argument, NULL, 'j'},
	{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0},
};

static void help(void)
{
	puts("Usage: groupbuf invariants [OPTION]...\n"
	     "\n"
	     "Prints the invariants that 'groupbuf run' watches: number, statement, rules of\n"
	     "semantics.md, the kernel function that keeps or breaks it, where the patch as posted\n"
	     "does not keep it, and for the few that no run can decide why not.\n"
	     "\n"
	     "  -j, --json            an array of objects, on one line\n"
	     "  -h, --help            this text");
}

static void print_text(const struct gb_invariant *v)
{
	printf("%-5s %s\n      (%s, %s)\n", v->number, v->statement, v->rule, v->function);
	if (*v->broken)
		printf("      V9 as posted: %s\n", v->broken);
	if (v->undecided)
		printf("      not decided: %s\n", v->undecided);
}

static int print_json(void)
{
	json_t *list = json_array();
	int code;

	for (uint32_t i = 0; gb_invariant_at(i); i++) {
		const struct gb_invariant *v = gb_invariant_at(i);
		json_t *object = json_object();

		json_object_set_new(object, "number", json_string(v->number));
		json_object_set_new(object, "statement", json_string(v->statement));
		json_object_set_new(object, "rule", json_string(v->rule));
		json_object_set_new(object, "function", json_string(v->function));
		json_object_set_new(object, "broken", json_string(v->broken));
		json_object_set_new(object, "undecided", v->undecided ? json_string(v->undecided) : json_null());
		json_array_append_new(list, object);
	}
	code = json_dumpf(list, stdout, JSON_COMPACT) ? CODE_LIMIT : CODE_OK;
	putchar('\n');
	json_decref(list);
	return code;
}

int cmd_invariants(int argc, char **argv)
{
	bool json = false;

	for (int c; (c = getopt_long(argc, argv, "jh", long_options, NULL)) != -1;) {
		switch (c) {
		case 'j':
			json = true;
			break;
		case 'h':
			help();
			return CODE_OK;
		default:
			return cli_usage(argv[0]);
		}
	}
	if (optind != argc) {
		cli_complain(argv[0], "unexpected argument '%s'", argv[optind]);
		return cli_usage(argv[0]);
	}
	if (json)
		return print_json();
	for (uint32_t i = 0; gb_invariant_at(i); i++)
		print_text(gb_invariant_at(i));
	return CODE_OK;
}
