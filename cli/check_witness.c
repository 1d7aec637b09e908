/* SPDX-License-Identifier: MIT */
/* A path of the search as a schedule file, and told in words. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "cli.h"
#include "explain.h"
#include "show.h"
#include "variant.h"

#define LAST_LINES 12U	/* if there is a file from which all of it can be told */
#define MOST_LINES 200U /* if there is none */

/* How short it is, and whether that is proven. */
static const char *how_short(const struct check_run *r)
{
	const bool all = !(r->stats.reductions & GB_CHECK_COMMUTE); /* else steps that commute come in one order only */

	if (r->stats.shards) /* another part may have less */
		return "not minimal";
	switch (r->stats.order) {
	case GB_CHECK_DEPTH:
		return all ? "the fewest decisions: proven" : "the fewest decisions but for steps that commute";
	case GB_CHECK_PREEMPTIONS:
		return all ? "the fewest preemptions: proven; decisions: not minimal"
			   : "the fewest preemptions but for steps that commute; decisions: not minimal";
	case GB_CHECK_LIFO:
		break;
	}
	return "not minimal";
}

static bool write_schedule(struct check_run *r, FILE *f, const char *what, struct gb_check_path path)
{
	struct gb_schedule *schedule = gb_check_schedule(r->check, path);
	char *text = schedule ? gb_schedule_print(schedule) : NULL;
	bool ok = text;

	if (text) {
		fputs("# groupbuf schedule of ", f);
		show_name(f, r->file);
		fputs("\n# variant ", f);
		variant_print(f, gb_check_config_of(r->check)->variant);
		fprintf(f, "%s; %s\n# %s\n", gb_check_config_of(r->check)->time_races ? " --time-races" : "", what,
			how_short(r));
		ok = fputs(text, f) >= 0;
	}
	gb_schedule_free(schedule);
	free(text);
	return ok;
}

char *check_save_schedule(struct check_run *r, const char *what, struct gb_check_path path, bool violation)
{
	const char *directory = r->opt->schedules ? r->opt->schedules : ".";
	const size_t size = strlen(directory) + strlen(r->name) + 40;
	char *name = malloc(size);
	FILE *f = NULL;
	bool ok = name;

	if (ok) {
		const char *slash = strcmp(directory, ".") == 0 ? "" : "/";

		snprintf(name, size, "%s%s%s.%s-%" PRIu32 ".schedule", *slash ? directory : "", slash, r->name,
			 violation ? "violation" : "witness", ++r->saved);
		f = fopen(name, "w");
		ok = f && write_schedule(r, f, what, path);
	}
	if (f && fclose(f) != 0)
		ok = false;
	if (ok)
		return name;
	cli_complain(name ? name : r->file, "%s", strerror(errno ? errno : ENOMEM));
	free(name);
	return NULL;
}

/* A word of a command as a shell takes it. */
static void put_word(FILE *out, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/+=:,@%";

	if (*word && !word[strspn(word, plain)]) {
		fputs(word, out);
		return;
	}
	fputc('\'', out);
	for (; *word; word++)
		fputs(*word == '\'' ? "'\\''" : (const char[]){*word, '\0'}, out);
	fputc('\'', out);
}

/* The command that tells all of it. */
static void put_command(const struct check_run *r, FILE *out, const char *schedule)
{
	const struct gb_check_config *config = gb_check_config_of(r->check);

	fputs("  The whole story: groupbuf explain ", out);
	if (config->time_races)
		fputs("--time-races ", out);
	if (config->variant) {
		fputs("--variant ", out);
		variant_print(out, config->variant);
		fputc(' ', out);
	}
	if (r->opt->ignore_expected)
		fputs("--ignore-expected ", out);
	fputs("--replay ", out);
	put_word(out, schedule);
	fputc(' ', out);
	put_word(out, r->file);
	fputc('\n', out);
}

static bool tell(struct check_run *r, FILE *out, const struct gb_schedule *schedule, const struct explain_text *how)
{
	const struct gb_check_config *config = gb_check_config_of(r->check);
	struct play play = {.trace = r->trace,
			    .config = {.variant = config->variant,
				       .fault = config->fault,
				       .time_races = config->time_races,
				       .standard_input = config->standard_input,
				       .standard_input_size = config->standard_input_size},
			    .schedule = schedule};
	struct story story = {.play = &play};
	const struct play_listener collect = facts_listener(&story.facts);
	struct gb_error err;
	bool ok = facts_new(&story.facts, r->trace) && play_open(&play, &err) == GB_OK;

	if (ok) {
		play_run(&play, &collect);
		ok = explain_steps(out, &story, how) && !story.facts.no_memory;
	}
	play_close(&play);
	facts_free(&story.facts);
	return ok;
}

void check_tell(struct check_run *r, FILE *out, struct gb_check_path path, const struct check_telling *what)
{
	const struct explain_text how = {
		.indent = "  ", .last = what->schedule ? LAST_LINES : MOST_LINES, .until = what->until};
	struct gb_schedule *schedule = gb_check_schedule(r->check, path);

	if (!schedule || !tell(r, out, schedule, &how))
		cli_complain(r->file, "no memory left");
	else if (what->schedule)
		put_command(r, out, what->schedule);
	gb_schedule_free(schedule);
}
