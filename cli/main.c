/* SPDX-License-Identifier: MIT */
/* groupbuf COMMAND [OPTION]... [FILE]... */
#include <stdio.h>
#include <string.h>

#include "cli.h"

static const struct command {
	const char *name;
	const char *full; /* argv[0] of the command, so that getopt's messages name it */
	const char *summary;
	int (*main)(int argc, char **argv);
} commands[] = {
	{"run", "groupbuf run", "run traces once and compare what is observed with what they expect", cmd_run},
	{"check", "groupbuf check", "explore all schedules of traces and say what holds", cmd_check},
	{"merge", "groupbuf merge", "put the parts of a check together (check --shard)", cmd_merge},
	{"explain", "groupbuf explain", "tell one run of traces in words", cmd_explain},
	{"invariants", "groupbuf invariants", "print what is watched while a trace runs", cmd_invariants},
	{"fuzz", "groupbuf fuzz", "run random programs and schedules and look for what must not be", cmd_fuzz},
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void help(void)
{
	puts("Usage: groupbuf COMMAND [OPTION]... [FILE]...\n"
	     "\n"
	     "A deterministic simulator of io_uring SQE groups with leased group buffers.\n"
	     "\n"
	     "Commands:");
	for (size_t i = 0; i < COMMANDS; i++)
		printf("  %-10s %s\n", commands[i].name, commands[i].summary);
	puts("\n"
	     "'groupbuf COMMAND --help' tells about a command. A FILE may be a directory (all\n"
	     "*.trace below it) or - for standard input; '--' ends the options.\n"
	     "\n"
	     "Options:\n"
	     "  -h, --help     this text\n"
	     "  -V, --version  the version\n"
	     "\n"
	     "Exit status:\n"
	     "   0  all as expected\n"
	     "   1  an expectation failed, or a hazard or a violated invariant was not expected\n"
	     "   2  bad arguments or bad input\n"
	     "   3  a limit was reached before a verdict\n"
	     "  77  this machine, or the simulator, cannot do it\n"
	     "With several files the worst: 2 over 1 over 3 over 77 over 0.");
}

int main(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : "";

	if (!strcmp(word, "--help") || !strcmp(word, "-h")) {
		help();
		return cli_finish(CODE_OK);
	}
	if (!strcmp(word, "--version") || !strcmp(word, "-V")) {
		puts("groupbuf " GB_VERSION);
		return cli_finish(CODE_OK);
	}
	for (size_t i = 0; i < COMMANDS; i++) {
		if (strcmp(word, commands[i].name) != 0)
			continue;
		argv[1] = (char *)commands[i].full;
		return cli_finish(commands[i].main(argc - 1, argv + 1));
	}
	if (!*word)
		cli_complain("groupbuf", "a command is missing");
	else
		cli_complain("groupbuf", "%s '%s'", *word == '-' ? "unknown option" : "unknown command", word);
	return cli_usage("groupbuf");
}
