/* SPDX-License-Identifier: MIT */
/*
 * Shrinking to a canonical form: every change that makes the program simpler
 * (cost.h) and still shows the defect is made, until none is left.
 *
 * "The defect" is more than "the same hazard at the same function": what it
 * takes to repair it must stay the same, or a rare leak would shrink into the
 * most common one.
 */
#include <stdlib.h>
#include <string.h>

#include "groupbuf/random.h"

#include "edits.h"
#include "shrink.h"
#include "shrinker.h"

#define ALL_REPAIRS ((1U << GB_VARIANT_COUNT) - 1U)

/* Orders that are tried if the default one does not show it. */
#define PCT_ORDERS    24U
#define RANDOM_ORDERS 8U

static bool has_finding(const struct findings *findings, const struct gb_finding *finding)
{
	for (uint32_t k = 0; k < findings->n; k++)
		if (gb_finding_same(&findings->list[k], finding))
			return true;
	return false;
}

/* Does a run show the finding? A world that cannot be built shows nothing. */
static bool run_shows(struct shrink *s, const struct gb_trace *trace, uint32_t variant, const struct order *order)
{
	struct gb_error err = {0};
	const enum gb_status status = runner_run(s->runner, trace, variant, order, 1U << s->finding.judge, &err);

	s->runs++;
	s->no_memory = s->no_memory || status == GB_NO_MEMORY;
	return status == GB_OK && has_finding(runner_findings(s->runner), &s->finding);
}

/* The k-th of the orders that are tried in turn, after the picks at hand; false behind the last one. */
static bool order_at(const struct shrink *s, uint32_t k, struct order *order)
{
	if (k == 0)
		*order = (struct order){.kind = ORDER_DEFAULT};
	else if (k == 1)
		*order = (struct order){.kind = ORDER_PICKS, .picks = s->picks, .n = s->n_picks};
	else
		*order = (struct order){.kind = k < 2 + PCT_ORDERS ? ORDER_PCT : ORDER_RANDOM,
					.seed = random_of_run(0, k, 0)};
	return k < 2 + PCT_ORDERS + RANDOM_ORDERS;
}

/* Does any order show it? The default one alone decides where it is the one that counts. */
static bool any_order_shows(struct shrink *s, const struct gb_trace *trace, uint32_t variant, bool default_alone)
{
	struct order order;

	for (uint32_t k = 0; order_at(s, k, &order) && !(k && default_alone); k++)
		if (run_shows(s, trace, variant, &order))
			return true;
	return false;
}

/* The right repairs make it go away, or none does. */
static bool repairs_fit(struct shrink *s, const struct gb_trace *trace, const struct order *order)
{
	const bool default_alone = order->kind == ORDER_DEFAULT;

	if (s->repairs)
		return !any_order_shows(s, trace, s->variant | s->repairs, default_alone);
	return s->variant == ALL_REPAIRS || any_order_shows(s, trace, ALL_REPAIRS, default_alone);
}

static bool keep_picks(struct shrink *s)
{
	uint32_t n;
	const uint8_t *picks = runner_picks(s->runner, &n);
	uint8_t *copy = malloc(n + 1U);

	if (!copy) {
		s->no_memory = true;
		return false;
	}
	if (n)
		memcpy(copy, picks, n);
	free(s->picks);
	s->picks = copy;
	s->n_picks = n;
	return true;
}

static bool shows_in(struct shrink *s, const struct gb_trace *trace, const struct order *order)
{
	uint8_t *old = s->picks;
	const uint32_t n = s->n_picks;

	if (!run_shows(s, trace, s->variant, order))
		return false;
	if (order->kind == ORDER_DEFAULT) {
		if (!repairs_fit(s, trace, order))
			return false;
		s->any_order = false;
		return true;
	}
	/* the picks belong to the first run, the second may make others */
	s->picks = NULL;
	if (keep_picks(s) && repairs_fit(s, trace, order)) {
		free(old);
		return true;
	}
	free(s->picks);
	s->picks = old;
	s->n_picks = n;
	return false;
}

static bool shows(struct shrink *s, const struct gb_trace *trace)
{
	struct order order;

	for (uint32_t k = 0; order_at(s, k, &order); k++) {
		if (shows_in(s, trace, &order))
			return true;
		if (!s->any_order)
			return false;
	}
	return false;
}

/* ---- candidates ---- */

bool shrink_begin(struct shrink *s)
{
	if (s->no_memory || s->runs >= s->max_runs)
		return false;
	if (lines_assign(&s->next, &s->now))
		return true;
	s->no_memory = true;
	return false;
}

static struct gb_trace *read_trace(struct shrink *s, const char *text)
{
	struct gb_trace *trace = NULL;
	struct gb_error err;

	if (gb_trace_parse(text, strlen(text), &trace, &err) == GB_NO_MEMORY)
		s->no_memory = true;
	return trace;
}

static uint64_t hash_of(const char *text)
{
	uint64_t hash = 0xcbf29ce484222325ULL;

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3ULL;
	return hash | !hash;
}

/* Forgets what was tried; a table that is half full forgets, too. */
static void forget(struct shrink *s)
{
	memset(s->seen, 0, SHRINK_SEEN * sizeof(*s->seen));
	s->n_seen = 0;
}

/* True if the text was tried before. */
static bool seen_before(struct shrink *s, const char *text)
{
	const uint64_t hash = hash_of(text);
	uint32_t at = (uint32_t)hash % SHRINK_SEEN;

	if (s->n_seen > SHRINK_SEEN / 2)
		forget(s);
	while (s->seen[at] && s->seen[at] != hash)
		at = (at + 1) % SHRINK_SEEN;
	if (s->seen[at])
		return true;
	s->seen[at] = hash;
	s->n_seen++;
	return false;
}

static void accept(struct shrink *s, const struct cost *cost)
{
	const struct lines lines = s->now;
	char *text = s->now_text;
	const size_t room = s->now_room;

	s->now = s->next;
	s->next = lines;
	s->now_text = s->next_text;
	s->now_room = s->next_room;
	s->next_text = text;
	s->next_room = room;
	s->now_cost = *cost;
	/* with other choices other programs may show it */
	if (s->any_order)
		forget(s);
}

bool shrink_try(struct shrink *s)
{
	struct gb_trace *trace;
	struct cost cost;
	const char *text;
	bool good;

	lines_rename(&s->next, &s->pool);
	text = lines_text(&s->next, &s->next_text, &s->next_room);
	if (!text || s->pool.no_memory) {
		s->no_memory = true;
		return false;
	}
	cost_of(&s->next, text, &cost);
	if (cost_compare(&cost, text, &s->now_cost, s->now_text) >= 0 || seen_before(s, text))
		return false;
	trace = read_trace(s, text);
	if (!trace)
		return false;
	good = shows(s, trace);
	gb_trace_free(trace);
	if (good)
		accept(s, &cost);
	return good;
}

/* If several repairs are needed, two defects may have been at work; one of them will do. */
static void tighten(struct shrink *s)
{
	struct gb_trace *trace = s->repairs & (s->repairs - 1) ? read_trace(s, s->now_text) : NULL;

	for (uint32_t k = 0; trace && s->repairs & (s->repairs - 1) && k < GB_VARIANT_COUNT; k++)
		if (s->repairs >> k & 1 && !any_order_shows(s, trace, s->variant | 1U << k, !s->any_order))
			s->repairs = 1U << k;
	gb_trace_free(trace);
}

static bool unrepaired(struct shrink *s, const char *text)
{
	const struct order order = {.kind = ORDER_DEFAULT};
	struct gb_trace *trace = read_trace(s, text);
	const bool shown = trace && run_shows(s, trace, s->variant, &order) && run_shows(s, trace, ALL_REPAIRS, &order);

	gb_trace_free(trace);
	return shown;
}

/*
 * A repair may hide a finding by the way: what comes before goes otherwise. If
 * a program that is simpler by one change shows the finding in spite of all
 * repairs, that is what was found.
 */
static bool look_past_repairs(struct shrink *s)
{
	const uint32_t max = 400;
	const bool looks = s->repairs && !s->any_order;
	struct edit *list = looks ? malloc(max * sizeof(*list)) : NULL;
	const uint32_t n = list ? edits_list(&s->now, list, max) : 0;
	bool found = false;

	s->no_memory = s->no_memory || (looks && !list);
	for (uint32_t k = 0; k < n && !found && shrink_begin(s); k++) {
		struct cost cost;
		const char *text;

		if (!edits_make(&s->next, &s->pool, &list[k]))
			continue;
		lines_rename(&s->next, &s->pool);
		text = lines_text(&s->next, &s->next_text, &s->next_room);
		s->no_memory = s->no_memory || !text || s->pool.no_memory;
		if (s->no_memory)
			break;
		cost_of(&s->next, text, &cost);
		found = cost_compare(&cost, text, &s->now_cost, s->now_text) < 0 && unrepaired(s, text);
		if (found) {
			s->repairs = 0;
			forget(s);
			accept(s, &cost);
		}
	}
	free(list);
	return found;
}

static void to_the_bottom(struct shrink *s)
{
	static bool (*const passes[])(struct shrink *) = {shrink_lines,	  shrink_words, shrink_ops,  shrink_names,
							  shrink_numbers, shrink_order, shrink_pairs};
	bool any;

	do {
		any = false;
		tighten(s);
		for (size_t k = 0; k < sizeof(passes) / sizeof(passes[0]); k++)
			/* pairs are for the bottom */
			if (passes[k] != shrink_pairs || !any)
				any |= passes[k](s);
		any = any || look_past_repairs(s);
	} while (any && !s->no_memory && s->runs < s->max_runs);
}

/* ---- the schedule ---- */

static bool picks_show(struct shrink *s, const struct gb_trace *trace, const uint8_t *picks, uint32_t n)
{
	const struct order order = {.kind = ORDER_PICKS, .picks = picks, .n = n};

	return run_shows(s, trace, s->variant, &order) && repairs_fit(s, trace, &order);
}

/* The shortest beginning that shows it, then as few choices as can be that are not the default. */
static void shrink_picks(struct shrink *s, const struct gb_trace *trace)
{
	uint8_t *picks = s->picks;
	uint32_t n = s->n_picks;

	for (uint32_t k = 0; k < n; k++)
		if (picks_show(s, trace, picks, k))
			n = k;
	for (uint32_t k = n; k--;) {
		const uint8_t old = picks[k];

		for (picks[k] = 0; picks[k] < old && !picks_show(s, trace, picks, n);)
			picks[k]++;
	}
	while (n && !picks[n - 1])
		n--;
	s->n_picks = n;
}

/* ---- from outside ---- */

static bool start(struct shrink *s, const struct shrinker_task *task)
{
	struct gb_trace *trace;
	bool good;

	/* no line the printer writes has more words than there is room for */
	s->no_memory = true;
	s->seen = calloc(SHRINK_SEEN, sizeof(*s->seen));
	if (!s->seen || !lines_read(&s->now, &s->pool, task->text))
		return false;
	lines_rename(&s->now, &s->pool);
	if (!lines_text(&s->now, &s->now_text, &s->now_room) || s->pool.no_memory)
		return false;
	cost_of(&s->now, s->now_text, &s->now_cost);
	s->any_order = task->order->kind != ORDER_DEFAULT;
	if (s->any_order && task->order->n) {
		s->picks = malloc(task->order->n);
		if (!s->picks)
			return false;
		s->n_picks = task->order->n;
		memcpy(s->picks, task->order->picks, s->n_picks);
	}
	s->no_memory = false;
	trace = read_trace(s, s->now_text);
	good = trace && shows(s, trace);
	gb_trace_free(trace);
	return good;
}

bool shrinker_run(struct runner *runner, const struct shrinker_task *task, struct shrunk *out)
{
	struct shrink s = {
		.runner = runner,
		.finding = task->finding,
		.variant = task->variant,
		.repairs = task->repairs,
		.max_runs = task->max_runs,
	};
	struct gb_trace *trace = NULL;
	bool good = start(&s, task);

	if (good) {
		to_the_bottom(&s);
		trace = read_trace(&s, s.now_text);
	}
	if (trace && s.any_order)
		shrink_picks(&s, trace);
	gb_trace_free(trace);
	*out = (struct shrunk){.runs = s.runs, .repairs = s.repairs, .no_memory = s.no_memory};
	if (good && !s.no_memory) {
		out->text = s.now_text;
		s.now_text = NULL;
		if (s.any_order) {
			out->picks = s.picks;
			out->n_picks = s.n_picks;
			s.picks = NULL;
		}
	}
	free(s.now_text);
	free(s.next_text);
	free(s.picks);
	free(s.seen);
	lines_free(&s.now);
	lines_free(&s.next);
	pool_free(&s.pool);
	return out->text != NULL;
}

bool shrinker_repairs(struct runner *runner, const struct gb_trace *trace, const struct shrinker_task *task,
		      uint32_t *out, uint32_t *runs)
{
	const struct order plain = {.kind = ORDER_DEFAULT};
	uint8_t none = 0;
	struct shrink s = {
		.runner = runner,
		.finding = task->finding,
		.variant = task->variant,
		.picks = task->order->n ? (uint8_t *)task->order->picks : &none,
		.n_picks = task->order->n,
	};
	uint32_t repairs = ALL_REPAIRS & ~task->variant;
	const bool alone = run_shows(&s, trace, task->variant, &plain);
	uint32_t single = 0;

	if (!repairs || any_order_shows(&s, trace, ALL_REPAIRS, alone))
		repairs = 0;
	for (uint32_t k = 0; repairs && !single && k < GB_VARIANT_COUNT; k++)
		if (repairs >> k & 1 && !any_order_shows(&s, trace, task->variant | 1U << k, alone))
			single = 1U << k;
	/* no single one: take away what is not needed */
	for (uint32_t k = GB_VARIANT_COUNT; !single && k--;)
		if (repairs >> k & 1 && !any_order_shows(&s, trace, task->variant | (repairs & ~(1U << k)), alone))
			repairs &= ~(1U << k);
	*runs += s.runs;
	*out = single ? single : repairs;
	return !s.no_memory;
}
