/* SPDX-License-Identifier: MIT */
/*
 * What goes wrong in a run, against what the trace states. As `run` compares
 * them: a line of the trace stands for one hazard or violation of a run, of any
 * request if it names none. What no line is left for is a finding of its own,
 * for every request. Which line stands for which does not depend on the order in
 * which things went wrong, so the findings do not depend on the way through the
 * space.
 */
#include <stdlib.h>
#include <string.h>

#include "groupbuf/room.h"

#include "matching.h"
#include "search.h"

#define MOST_REQUESTS 16U /* findings of one kind that no line stands for */

/* ---- the lines ---- */

/* Does a line or an observation of this kind take part in the comparison? */
static bool counts(const struct gb_check *c, const struct gb_obs *obs)
{
	if (obs->kind == GB_OBS_HAZARD)
		return !c->config.visible || gb_word_stops(obs->word);
	return obs->kind == GB_OBS_INVARIANT && !c->config.visible;
}

/* The sentence of an invariant counts steps, of which the runs of one outcome take different numbers. */
static bool copy_lines(struct gb_check *c)
{
	const struct gb_trace *t = c->trace;
	bool ok;

	c->expect = calloc(t->n_expect + 1UL, sizeof(*c->expect));
	ok = c->expect;
	for (uint32_t i = 0; ok && i < t->n_expect; i++) {
		struct gb_obs *obs = &c->expect[i];

		*obs = t->expect[i];
		c->n_lines += counts(c, obs);
		if (obs->kind != GB_OBS_INVARIANT || !obs->text)
			continue;
		obs->text = strdup(obs->text);
		ok = obs->text;
		if (ok)
			gb_violation_strip(obs->text);
	}
	return ok;
}

bool ck_stated_init(struct gb_check *c)
{
	bool ok = copy_lines(c);

	c->stated = *c->trace;
	c->stated.expect = c->expect;
	ok = ok && (!c->n_lines || ck_visited_init(&c->wrongs, false));
	c->observer = ok ? gb_observer_new(&c->stated) : NULL;
	if (ok && c->config.invariants)
		c->monitor = gb_monitor_new(c->trace);
	return ok && c->observer && (c->monitor || !c->config.invariants);
}

void ck_stated_free(struct gb_check *c)
{
	for (uint32_t i = 0; c->expect && i < c->trace->n_expect; i++)
		if (c->expect[i].kind == GB_OBS_INVARIANT)
			free(c->expect[i].text);
	free(c->expect);
	ck_visited_free(&c->wrongs);
	gb_observer_free(c->observer);
	gb_monitor_free(c->monitor);
}

static bool is_name_char(char ch)
{
	return (ch >= '0' && ch <= '9') || (ch >= 'A' && ch <= 'Z') || (ch >= 'a' && ch <= 'z') || ch == '_' ||
	       ch == '-';
}

/* Is the word in the text? */
static bool has_word(const char *text, const char *word)
{
	const size_t n = strlen(word);

	for (const char *at = strstr(text, word); at; at = strstr(at + 1, word))
		if ((at == text || !is_name_char(at[-1])) && !is_name_char(at[n]))
			return true;
	return false;
}

bool ck_stated_names(const struct gb_check *c, uint32_t sqe)
{
	for (uint32_t i = 0; i < c->trace->n_expect; i++) {
		const struct gb_obs *obs = &c->expect[i];

		if (counts(c, obs) && (obs->of == sqe + 1 || (obs->kind == GB_OBS_INVARIANT && obs->text &&
							      has_word(obs->text, c->trace->sqes[sqe].label))))
			return true;
	}
	return false;
}

/* "I32 violated..." */
static bool is_number(const char *text, const char *number)
{
	const size_t n = strlen(number);

	return text && strncmp(text, number, n) == 0 && text[n] == ' ';
}

uint32_t ck_stated_lines(const struct gb_check *c, const struct ck_finding *f)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < c->trace->n_expect; i++) {
		const struct gb_obs *obs = &c->expect[i];

		if (!counts(c, obs))
			continue;
		if (f->kind == GB_CLAIM_HAZARD)
			n += obs->kind == GB_OBS_HAZARD &&
			     strcmp(obs->word, gb_hazard_name((enum gb_hazard_kind)f->id)) == 0 &&
			     strcmp(obs->function, f->function) == 0;
		else
			n += obs->kind == GB_OBS_INVARIANT && is_number(obs->text, gb_invariant_at(f->id)->number);
	}
	return n;
}

/* ---- findings ---- */

static bool same_kind(const struct ck_finding *a, const struct ck_finding *b)
{
	return a->kind == b->kind && a->id == b->id && a->stated == b->stated &&
	       (a->kind != GB_CLAIM_HAZARD || strcmp(a->function, b->function) == 0);
}

bool ck_keep_finding(struct gb_check *c, const struct ck_finding *f)
{
	struct ck_finding *first = NULL, *list;
	bool is_known = false;
	uint32_t n = 0;

	for (uint32_t i = 0; i < c->n_findings; i++) {
		struct ck_finding *known = &c->finding[i];

		if (!same_kind(known, f))
			continue;
		is_known |= f->stated || ck_symmetry_first(c, known->req) == ck_symmetry_first(c, f->req);
		first = first ? first : known;
		n++;
	}
	if (first && f->more)
		first->more = true;
	if (is_known)
		return true;
	if (n == MOST_REQUESTS) {
		first->more = true;
		return true;
	}
	list = gb_room_for(c->finding, c->n_findings, &c->findings_room, sizeof(*list));
	if (!list)
		return false;
	c->finding = list;
	list[c->n_findings++] = *f;
	return true;
}

bool ck_has_violation(const struct gb_check *c)
{
	for (uint32_t i = 0; i < c->n_findings; i++)
		if (!c->finding[i].stated)
			return true;
	return false;
}

/* ---- one run ---- */

bool ck_observe(struct gb_check *c, struct gb_check_path path, enum gb_run_state *state)
{
	struct gb_watch watch = {.trace = c->trace, .observer = c->observer, .monitor = c->monitor, .stripped = true};
	const struct ck_repeat repeat = {
		.event = c->monitor ? gb_watch_event : gb_observer_event,
		.event_user = c->monitor ? (void *)&watch : (void *)c->observer,
	};

	gb_observer_reset(c->observer);
	if (c->monitor)
		gb_monitor_reset(c->monitor);
	if (!ck_path_repeat(c, path, &repeat, state))
		return false;
	if (c->monitor)
		gb_watch_finish(&watch, *state);
	else
		gb_observer_finish(c->observer);
	return !gb_observer_failed(c->observer);
}

/* The finding behind observation i, which is the nth invariant if it is one. */
static struct ck_finding finding_of(const struct gb_check *c, uint32_t i, uint32_t nth)
{
	const struct gb_event *hazard = gb_observer_hazard(c->observer, i);

	return hazard ? ck_hazard_finding(hazard) : ck_violation_finding(&gb_monitor_list(c->monitor)[nth]);
}

/* Fills in what there is to match. */
static void collect(const struct gb_check *c, struct ck_matching *m)
{
	const struct gb_obs *list = gb_observer_list(c->observer);

	for (uint32_t i = 0; i < c->trace->n_expect; i++)
		if (counts(c, &c->expect[i]))
			m->line[m->n_lines++] = &c->expect[i];
	for (uint32_t i = 0; i < gb_observer_count(c->observer); i++)
		if (counts(c, &list[i]))
			m->wrong[m->n_wrong++] = &list[i];
}

/* Keeps what went wrong in the run of the path, and whether the trace states it. */
static bool look_into(struct gb_check *c, struct gb_check_path path)
{
	struct ck_matching m = {0};
	enum gb_run_state state;
	uint32_t at = 0, nth = 0;
	bool ok = ck_observe(c, path, &state) && ck_matching_init(&m, c->n_lines, gb_observer_count(c->observer));

	if (ok) {
		collect(c, &m);
		ck_matching_find(&m);
	}
	for (uint32_t i = 0; ok && i < gb_observer_count(c->observer); i++) {
		const struct gb_obs *obs = &gb_observer_list(c->observer)[i];
		struct ck_finding f;

		if (at < m.n_wrong && obs == m.wrong[at]) {
			f = finding_of(c, i, nth);
			f.path = path;
			f.stated = !m.left[at++];
			ok = ck_keep_finding(c, &f);
		}
		nth += obs->kind == GB_OBS_INVARIANT;
	}
	ck_matching_free(&m);
	return ok;
}

bool ck_add_finding(struct gb_check *c, const struct ck_finding *finding)
{
	struct ck_finding f = *finding;

	if (!c->n_lines || (c->config.visible && !f.stops)) {
		f.stated = c->config.visible && !f.stops;
		return ck_keep_finding(c, &f);
	}
	if (ck_visited_find(&c->wrongs, f.run, NULL, 0))
		return true;
	/* in this order: without memory for the one the other is to be done again */
	return look_into(c, f.path) && ck_visited_insert(&c->wrongs, f.run, NULL, 0, 1);
}

bool ck_forget_findings(struct gb_check *c)
{
	c->n_findings = 0;
	if (!c->n_lines)
		return true;
	ck_visited_free(&c->wrongs);
	return ck_visited_init(&c->wrongs, false);
}
