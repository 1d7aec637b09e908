/* SPDX-License-Identifier: MIT */
/* One trace: read, explore, judge, report. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "cli.h"
#include "input.h"
#include "recorded.h"
#include "show.h"

#define CHECKPOINT_SECONDS 300.0
#define PROGRESS_SECONDS   1.0
#define ESTIMATE_SECONDS   10.0
#define ESTIMATE_EFFORT	   50000U /* transitions */

static volatile sig_atomic_t interrupted, asked;

static void on_signal(int number)
{
	if (number == SIGUSR1)
		asked = 1;
	else
		interrupted = 1;
}

void check_catch_signals(void)
{
	struct sigaction action = {.sa_handler = on_signal};

	sigemptyset(&action.sa_mask);
	action.sa_flags = (int)SA_RESETHAND; /* a second Ctrl-C ends it at once */
	sigaction(SIGINT, &action, NULL);
	action.sa_flags = SA_RESTART;
	sigaction(SIGTERM, &action, NULL); /* batch systems, and they may send it more than once */
	sigaction(SIGUSR1, &action, NULL);
}

bool check_was_interrupted(void)
{
	return interrupted;
}

double check_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

/* ---- progress ---- */

/* It takes some tenths of a second. */
static void estimate(struct check_run *r, double now)
{
	if (r->estimated > r->started && now - r->estimated < ESTIMATE_SECONDS)
		return;
	gb_check_estimate(r->check, ESTIMATE_EFFORT);
	r->estimated = now;
}

static void show_progress(const struct check_run *r, const struct gb_check_progress *p, double seconds, bool over)
{
	char seen[64];

	check_seen(p->fraction, seen, sizeof(seen));
	fprintf(stderr,
		"%s%s: %" PRIu64 " states, %" PRIu64 " to explore, %" PRIu64 " transitions (%.0f /s), %" PRIu64
		" outcomes, level %" PRIu32 "%s, %.0f s%s",
		over ? "\r" : "", r->name, p->states, p->frontier, p->transitions,
		seconds > 0 ? (double)p->transitions / seconds : 0, p->outcomes, p->level, seen, seconds,
		over ? " " : "\n");
}

/*
 * A temporary file first, so that a checkpoint is always a whole one. Without a
 * search it is only tried whether it could be written.
 */
static int save_checkpoint(const char *name, const struct gb_check *check)
{
	const size_t size = strlen(name) + 5;
	char *temporary = malloc(size);
	struct stat is;
	FILE *f = NULL;
	bool ok = temporary;

	if (stat(name, &is) == 0 && !S_ISREG(is.st_mode)) { /* rename() would replace a device by a file */
		free(temporary);
		cli_complain(name, "no regular file");
		return CODE_BAD;
	}
	if (ok) {
		snprintf(temporary, size, "%s.new", name);
		f = fopen(temporary, "wb");
		ok = f && (!check || gb_check_save(check, f));
	}
	if (f && fclose(f) != 0)
		ok = false;
	ok = ok && (check ? rename(temporary, name) : unlink(temporary)) == 0;
	if (!ok) {
		cli_complain(name, "%s", strerror(errno));
		if (f)
			unlink(temporary);
	}
	free(temporary);
	return ok ? CODE_OK : CODE_BAD;
}

bool check_watch(void *user, const struct gb_check_progress *progress)
{
	struct check_run *r = user;
	const double now = check_clock();
	const double seconds = now - r->started;

	if (asked || (r->on_terminal && now - r->shown > PROGRESS_SECONDS)) {
		estimate(r, now);
		show_progress(r, progress, seconds, !asked);
		r->shown = now;
		asked = 0;
	}
	if (r->opt->checkpoint && now - r->kept > CHECKPOINT_SECONDS) {
		estimate(r, now);
		save_checkpoint(r->opt->checkpoint, r->check);
		r->kept = now;
	}
	if (interrupted)
		r->interrupted = true;
	return interrupted || (r->opt->max_seconds > 0 && seconds >= r->opt->max_seconds);
}

/* ---- preparing ---- */

static char *name_of(const char *file)
{
	const char *base = strrchr(file, '/') ? strrchr(file, '/') + 1 : file;
	size_t n = strlen(base);

	if (strcmp(file, "-") == 0)
		return strdup("stdin");
	if (n > 6 && strcmp(base + n - 6, ".trace") == 0)
		n -= 6;
	return strndup(base, n);
}

static int out_of_memory(const struct check_run *r)
{
	cli_complain(r->file, "no memory left");
	return CODE_LIMIT;
}

static int reject(const struct check_run *r, const struct gb_error *err)
{
	if (r->opt->json && err->status != GB_NO_MEMORY)
		json_not_run(r->file, err);
	return cli_complain_at(r->file, err);
}

static int read_trace(struct check_run *r, struct gb_error *err)
{
	const int code = input_trace(r->file, r->opt->ignore_expected, &r->trace, err);

	return code == CODE_OK || err->status == GB_OK ? code : reject(r, err);
}

int check_open(struct check_run *r, struct gb_error *err)
{
	r->name = name_of(r->file);
	return r->name ? read_trace(r, err) : out_of_memory(r);
}

void check_close(struct check_run *r)
{
	gb_check_free(r->check);
	if (r->spill)
		fclose(r->spill);
	gb_trace_free(r->trace);
	free(r->name);
}

/* A search that goes on is that of its file; who asks for another one is told. */
static int same_shape(const struct check_run *r)
{
	const struct gb_check_config *is = gb_check_config_of(r->check), *want = &r->opt->config;
	struct gb_check_config no;
	const char *what = NULL;

	gb_check_defaults(&no);
	if (want->variant != no.variant && want->variant != is->variant)
		what = "variant";
	else if ((want->order != no.order || want->max_level != no.max_level) && want->order != is->order)
		what = "order";
	else if (want->max_level != no.max_level && want->max_level != is->max_level)
		what = want->order == GB_CHECK_DEPTH ? "depth" : "preemptions";
	else if (want->time_races && !is->time_races)
		what = "time-races";
	else if (r->opt->by_outcomes && want->outcomes != is->outcomes)
		what = "outcomes";
	else if (want->reductions != no.reductions && want->reductions != is->reductions)
		what = "no-reduction";
	else if (want->exact && !is->exact)
		what = "exact";
	else if (!want->invariants && is->invariants)
		what = "no-invariants";
	else if (want->visible && !is->visible)
		what = "visible";
	else if (want->shards && (want->shards != is->shards || want->shard != is->shard))
		what = "shard";
	if (!what)
		return CODE_OK;
	cli_complain(r->opt->resume, "the search was begun with another --%s", what);
	return CODE_BAD;
}

static int open_search(struct check_run *r, char *standard_input, struct gb_error *err)
{
	struct gb_check_config config = r->opt->config;
	enum gb_status status;
	FILE *f;

	config.standard_input = standard_input;
	config.standard_input_size = recorded_stdin(r->file, standard_input);
	config.stop = check_watch;
	config.user = r;
	/* without a file the search stops at the bound */
	config.spill = r->spill = config.max_memory ? check_spill_file() : NULL;
	if (!r->opt->resume) {
		status = gb_check_new(r->trace, &config, &r->check, err);
		return status == GB_OK ? CODE_OK : reject(r, err);
	}
	f = fopen(r->opt->resume, "rb");
	if (!f) {
		cli_complain(r->opt->resume, "%s", strerror(errno));
		return CODE_BAD;
	}
	status = gb_check_load(r->trace, &config, f, &r->check, err);
	fclose(f);
	return status == GB_OK ? same_shape(r) : cli_complain_at(r->opt->resume, err);
}

/* ---- the verdict ---- */

static int code_of(const struct check_run *r)
{
	int code = CODE_OK;

	for (uint32_t i = 0; i < gb_check_claim_count(r->check); i++) {
		const struct gb_check_claim *claim = gb_check_claim_at(r->check, i);

		/* an invariant that nothing exercised is no failure of this trace */
		if (claim->verdict == GB_CHECK_VIOLATED ||
		    (claim->verdict == GB_CHECK_VACUOUS && claim->kind != GB_CLAIM_INVARIANT))
			return CODE_FAILED;
	}
	if (r->stats.end != GB_CHECK_COMPLETE)
		code = CODE_LIMIT;
	return code;
}

int check_report(struct check_run *r)
{
	int code;

	if (!r->opt->quiet)
		(void)gb_check_count(r->check); /* without memory for it the report says "not counted" */
	r->stats = gb_check_stats(r->check);
	if (!gb_check_judge(r->check))
		return out_of_memory(r);
	code = code_of(r);
	if (r->opt->json)
		check_print_json(r, code);
	else
		check_print_text(r, code);
	return code;
}

/* Writes the checkpoint at the end, if there is one to write. */
static int keep(const struct check_run *r, enum gb_check_end end)
{
	if (!r->opt->checkpoint || (end == GB_CHECK_COMPLETE && !gb_check_stats(r->check).shards))
		return CODE_OK;
	return save_checkpoint(r->opt->checkpoint, r->check);
}

static int explore(struct check_run *r)
{
	enum gb_check_end end;
	int code = CODE_OK;

	r->started = r->shown = r->kept = check_clock();
	r->on_terminal = isatty(STDERR_FILENO);
	end = gb_check_run(r->check);
	r->seconds = check_clock() - r->started;
	if (r->interrupted) {
		cli_complain(r->file, "stopping; the report needs some seconds");
		code = keep(r, end); /* who is in a hurry has it at least */
	}
	if (end != GB_CHECK_COMPLETE && end != GB_CHECK_OUT_OF_MEMORY)
		gb_check_estimate(r->check, 0);
	if (r->on_terminal && r->shown > r->started)
		fputc('\n', stderr);
	if (end == GB_CHECK_OUT_OF_MEMORY)
		out_of_memory(r);
	if (!r->interrupted)
		code = keep(r, end);
	return cli_worse(code, check_report(r));
}

int check_find_places(const struct check_options *o)
{
	struct stat is;

	if (o->schedules && strcmp(o->schedules, "-") != 0) {
		const bool found = stat(o->schedules, &is) == 0;

		if (!found || !S_ISDIR(is.st_mode)) {
			cli_complain(o->schedules, "%s", strerror(found ? ENOTDIR : errno));
			return CODE_BAD;
		}
	}
	return o->checkpoint ? save_checkpoint(o->checkpoint, NULL) : CODE_OK;
}

int check_file(const struct check_options *options, const char *file)
{
	struct check_run r = {.opt = options, .file = file};
	char standard_input[RECORDED_STDIN_MAX];
	struct gb_error err = {0};
	int code = check_open(&r, &err);

	if (code == CODE_OK)
		code = open_search(&r, standard_input, &err);
	if (code == CODE_OK)
		code = explore(&r);
	check_close(&r);
	return code;
}
