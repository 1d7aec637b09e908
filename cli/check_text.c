/* SPDX-License-Identifier: MIT */
/* The report of a check as text. Nothing in it depends on time or on the number of threads. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "cli.h"

static void print_outcomes(const struct check_run *r)
{
	const uint32_t n = gb_check_outcome_count(r->check);

	printf("Outcomes %" PRIu32 "\n", n);
	for (uint32_t i = 0; i < n; i++) {
		const struct gb_check_outcome *o = gb_check_outcome_at(r->check, i);
		const bool stated = r->stats.outcomes == GB_CHECK_ORDER && (r->trace->n_expect || r->trace->n_seen);

		printf("%-8" PRIu64 "%s>", o->count, stated && o->expected ? "*" : ":");
		for (uint32_t k = 0; k < o->n; k++)
			printf(" %s%s", o->line[k], k + 1 < o->n ? ";" : "");
		printf("%s\n", o->state == GB_DEAD ? " (dead)" : "");
	}
}

/* A hazard or a violated invariant that came up and fails nothing. */
static bool is_expected(const struct gb_check_claim *claim)
{
	return claim->kind >= GB_CLAIM_HAZARD && claim->has_path && claim->expected;
}

static bool is_shown(const struct check_run *r, const struct gb_check_claim *claim)
{
	return claim->kind != GB_CLAIM_INVARIANT || r->opt->list_invariants || claim->has_path;
}

static void print_claim(const struct check_run *r, const struct gb_check_claim *claim)
{
	printf("  %-9s  ", is_expected(claim) ? "expected" : check_verdict_name(claim->verdict));
	if (claim->pos.line)
		printf("%s:%" PRIu32 ": ", r->file, claim->pos.line);
	fputs(claim->text, stdout);
	if (claim->invariant)
		printf("%s: %s", is_expected(claim) ? " violated" : "", claim->invariant->statement);
	if (claim->beyond)
		fputs("  (beyond what the trace states)", stdout);
	if (claim->more)
		fputs("  (and of more requests)", stdout);
	if (claim->kind <= GB_CLAIM_PROPERTY)
		printf("  (%" PRIu64 " of %" PRIu64 " outcomes)", claim->yes, claim->yes + claim->no);
	else if (is_expected(claim))
		printf("  (%s)", gb_check_config_of(r->check)->visible ? "not visible" : "as stated");
	putchar('\n');
	if (claim->detail && claim->verdict == GB_CHECK_VIOLATED)
		printf("             %s\n", claim->detail);
}

/* How many claims from i on are about the same invariant; is one of them a violation? */
static bool more_claims(const struct check_run *r, uint32_t i, uint32_t *n)
{
	const struct gb_invariant *invariant = gb_check_claim_at(r->check, i)->invariant;
	bool violated = false;

	for (*n = 0; i + *n < gb_check_claim_count(r->check); ++*n) {
		const struct gb_check_claim *claim = gb_check_claim_at(r->check, i + *n);

		if (*n && (!invariant || claim->invariant != invariant))
			break;
		violated = violated || claim->verdict == GB_CHECK_VIOLATED;
	}
	return violated;
}

static void print_invariants(const struct check_run *r)
{
	uint32_t n[4] = {0}, expected = 0, more;

	if (!gb_check_config_of(r->check)->invariants)
		return;
	for (uint32_t i = 0; i < gb_check_claim_count(r->check); i += more) {
		const struct gb_check_claim *claim = gb_check_claim_at(r->check, i);
		const bool violated = more_claims(r, i, &more);

		if (claim->kind != GB_CLAIM_INVARIANT)
			continue;
		if (is_expected(claim) && !violated)
			expected++;
		else
			n[violated ? GB_CHECK_VIOLATED : claim->verdict]++;
	}
	printf("  invariants: %" PRIu32 " hold, %" PRIu32 " violated, ", n[GB_CHECK_HOLDS], n[GB_CHECK_VIOLATED]);
	if (expected)
		printf("%" PRIu32 " violated as expected, ", expected);
	printf("%" PRIu32 " undecided, %" PRIu32 " not put to the test\n", n[GB_CHECK_UNDECIDED], n[GB_CHECK_VACUOUS]);
}

static void print_verdict(const struct check_run *r)
{
	puts("Verdict");
	for (uint32_t i = 0; i < gb_check_claim_count(r->check); i++)
		if (is_shown(r, gb_check_claim_at(r->check, i)))
			print_claim(r, gb_check_claim_at(r->check, i));
	print_invariants(r);
}

/* Does a violation have an execution that shows it? That nothing shows it is what violates an `exists`. */
static bool has_witness(const struct gb_check_claim *claim)
{
	return claim->verdict == GB_CHECK_VIOLATED && claim->has_path;
}

static void print_counterexample(struct check_run *r, const struct gb_check_claim *claim, const char *last)
{
	const bool none = r->opt->schedules && strcmp(r->opt->schedules, "-") == 0;
	char *file = none ? NULL : check_save_schedule(r, claim->text, claim->path, true);

	printf("Counterexample of %s%s%s\n", claim->text, file ? ": " : "", file ? file : "");
	if (last)
		printf("  the same execution as for %s\n", last);
	else
		check_tell(r, stdout, claim->path,
			   &(struct check_telling){file, claim->kind >= GB_CLAIM_HAZARD ? claim->text : NULL});
	free(file);
}

static void print_counterexamples(struct check_run *r)
{
	const struct gb_check_claim *last = NULL;

	for (uint32_t i = 0; i < gb_check_claim_count(r->check); i++) {
		const struct gb_check_claim *claim = gb_check_claim_at(r->check, i);
		bool same;

		if (!has_witness(claim))
			continue;
		same = last && last->path.state == claim->path.state && last->path.edge == claim->path.edge;
		print_counterexample(r, claim, same ? last->text : NULL);
		last = same ? last : claim;
	}
}

static void print_witnesses(struct check_run *r)
{
	const bool none = r->opt->schedules && strcmp(r->opt->schedules, "-") == 0;

	for (uint32_t i = 0; i < gb_check_outcome_count(r->check) && i < r->opt->witnesses; i++) {
		const struct gb_check_outcome *o = gb_check_outcome_at(r->check, i);
		char what[32];
		char *file;

		snprintf(what, sizeof(what), "outcome %" PRIu32, i + 1);
		file = none ? NULL : check_save_schedule(r, what, o->path, false);
		printf("Witness of %s%s%s\n", what, file ? ": " : "", file ? file : "");
		check_tell(r, stdout, o->path, &(struct check_telling){.schedule = file});
		free(file);
	}
}

static void print_reductions(const struct check_run *r)
{
	static const char *const names[] = {"visited", "commute", "symmetry"};
	const char *between = "";

	printf("  reductions: ");
	for (uint32_t i = 0; i < 3; i++) {
		if (!(r->stats.reductions >> i & 1U))
			continue;
		printf("%s%s", between, names[i]);
		between = ", ";
	}
	puts(*between ? "" : "none");
}

/* What it stands for. */
static void print_schedules(const struct check_run *r)
{
	const struct gb_check_stats *s = &r->stats;
	const uint32_t bound = gb_check_config_of(r->check)->max_level;
	char buf[64];

	printf("  schedules %s", check_schedules(s, buf, sizeof(buf)));
	if (bound != UINT32_MAX && s->end != GB_CHECK_COMPLETE)
		printf(" with at most %" PRIu32 " %s%s", bound, s->order == GB_CHECK_DEPTH ? "decision" : "preemption",
		       bound == 1 ? "" : "s");
	if (s->explored >= 1 || !(s->schedules > 0) || s->explored < 0)
		putchar('\n');
	else if (s->explored > 0 && !isfinite(s->explored_error))
		printf("; of some drawn, not evenly, %.0f %% are explored\n", s->explored * 100);
	else if (s->explored > 0)
		printf(", at least %.0f %% of them explored, standard error %.0f %%\n", s->explored * 100,
		       ceil(s->explored_error * 100));
	else
		puts(", of those drawn at random none is explored");
}

static void print_search(const struct check_run *r)
{
	static const char *const outcomes[] = {"order", "results", "none"};
	const struct gb_check_stats *s = &r->stats;
	char buf[96];
	const char *decided = check_decided(r, buf, sizeof(buf));

	printf("Search %s: %s decided\n", check_end_name(s), decided ? decided : "nothing is");
	printf("  states %" PRIu64 ", transitions %" PRIu64 ", steps %" PRIu64 ", ends %" PRIu64 ", depth %" PRIu32
	       ", levels %" PRIu32 ", outcomes by %s\n",
	       s->at.states, s->at.transitions, s->at.steps, s->terminals, s->depth, s->at.level,
	       outcomes[s->outcomes]);
	if (s->end != GB_CHECK_COMPLETE)
		printf("  to explore %" PRIu64 "%s\n", s->at.frontier, check_seen(s->at.fraction, buf, sizeof(buf)));
	print_schedules(r);
	puts(gb_check_config_of(r->check)->time_races
		     ? "  interrupts and timers may come in any order"
		     : "  time is no choice: interrupts and timers come in its order (else --time-races)");
	print_reductions(r);
	if (!(s->reductions & GB_CHECK_VISITED))
		return;
	if (s->fingerprint_bits)
		printf("  fingerprints of %" PRIu32 " bits: a state is missed with a probability below %.1e\n",
		       s->fingerprint_bits, s->collision);
	else
		puts("  whole states are compared, histories as digests of 128 bits");
}

static void print_time(const struct check_run *r)
{
	FILE *out = r->opt->time ? stdout : stderr;
	const double seconds = r->seconds > 0 ? r->seconds : 1e-9;

	if (!r->opt->time && (r->opt->quiet || seconds < 1))
		return;
	fprintf(out,
		"Time %s %.2f: %.0f states/s, %.0f transitions/s, %.0f steps/s, %.1f bytes/state, frontier %.1f MB, "
		"written to a file %.1f MB, memory %.1f MB\n",
		r->name, seconds, (double)r->stats.at.states / seconds, (double)r->stats.at.transitions / seconds,
		(double)r->stats.at.steps / seconds,
		r->stats.at.states ? (double)r->stats.visited_bytes / (double)r->stats.at.states : 0,
		(double)r->stats.frontier_peak / 1e6, (double)r->stats.spilled_bytes / 1e6,
		(double)r->stats.memory_peak / 1e6);
}

void check_print_text(struct check_run *r, int code)
{
	struct check_observation o;

	if (!r->opt->quiet) {
		printf("Test %s\n", r->file);
		if (r->trace->title)
			printf("\"%s\"\n", r->trace->title);
		print_outcomes(r);
		print_verdict(r);
		print_counterexamples(r);
		print_witnesses(r);
		print_search(r);
		puts(check_word(r, code));
	}
	for (uint32_t i = 0; check_observation(r, i, &o); i++) {
		printf("Observation %s", r->name);
		if (o.property)
			printf("#%" PRIu32, o.property);
		printf(" %s %" PRIu64 " %" PRIu64 "\n", o.word, o.yes, o.no);
	}
	fflush(stdout);
	print_time(r);
}
