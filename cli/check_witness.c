/* SPDX-License-Identifier: MIT */
/* A path of the search as a schedule file, and told in words. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "cli.h"
#include "show.h"
#include "variant.h"

#define MOST_LINES 200U

/* How short it is, and whether that is proven. */
static const char *how_short(const struct check_run *r)
{
	if (r->stats.shards) /* another part may have less */
		return "not minimal";
	switch (r->stats.order) {
	case GB_CHECK_DEPTH:
		return "the fewest decisions: proven";
	case GB_CHECK_PREEMPTIONS:
		return "the fewest preemptions: proven; decisions: not minimal";
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

struct story {
	FILE *out;
	const struct gb_trace *trace;
	uint32_t lines;
};

/* Bookkeeping that a reader of a counterexample does not miss. */
static bool is_dull(enum gb_event_type type)
{
	return type == GB_EV_CHOICE || type == GB_EV_GRP || type == GB_EV_REQ_REF || type == GB_EV_FILE ||
	       type == GB_EV_CLOCK || type == GB_EV_FINAL;
}

static void tell(void *user, const struct gb_event *ev)
{
	struct story *s = user;

	if (is_dull(ev->type) || s->lines++ >= MOST_LINES)
		return;
	fputs("  ", s->out);
	show_event(s->out, s->trace, ev);
}

void check_tell(struct check_run *r, FILE *out, struct gb_check_path path)
{
	struct story s = {out, r->trace, 0};

	gb_check_replay(r->check, path, tell, &s);
	if (s.lines > MOST_LINES)
		fprintf(out, "  ... and %" PRIu32 " events more\n", s.lines - MOST_LINES);
}
