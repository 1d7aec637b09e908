/* SPDX-License-Identifier: MIT */
/*
 * The steps of a run as text: one line for each thing a request does. What a
 * step does with one request is one line as long as it fits.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "groupbuf/reason.h"

#include "explain_lines.h"
#include "explain_words.h"

#define LABEL_WIDTH 12U
#define LIST_MOST   8U /* names in one line */

struct teller {
	struct story *story;
	const struct explain_text *how;
	struct lines lines;
	struct gb_event *event; /* of the step */
	uint32_t n, room;
	int64_t *grp_refs;  /* per SQE, what was told last; -1: nothing */
	uint16_t *why_told; /* per SQE, the reason its result was told with */
	enum gb_actor_kind ran;
	uint32_t ran_index;
	bool stopped; /* what was looked for has come */
};

static const struct gb_trace *trace_of(const struct teller *t)
{
	return t->story->play->trace;
}

static char mark_of(const struct teller *t, uint64_t step)
{
	return facts_mark(&t->story->facts, step) ? '*' : ' ';
}

static void say(struct teller *t, const struct gb_event *ev, const char *subject, char *text)
{
	line_say(&t->lines, ev, mark_of(t, ev->step), subject, text);
}

/* ---- events ---- */

static char *words_of(struct teller *t, const struct gb_event *ev)
{
	const bool known = ev->req < trace_of(t)->n_sqes;
	const bool ends = ev->type == GB_EV_CQE || ev->type == GB_EV_SKIP || ev->type == GB_EV_REAP;
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	words_put(f, &t->story->facts, ev, !(ends && known && t->why_told[ev->req] == ev->reason));
	if (known && (ends || ev->type == GB_EV_DONE || ev->type == GB_EV_QMEMBER || ev->type == GB_EV_INIT))
		t->why_told[ev->req] = ev->reason;
	if (fclose(f) == 0)
		return text;
	free(text);
	return NULL;
}

GB_PRINTF(1, 2) static char *format(const char *fmt, ...)
{
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);
	va_list args;

	if (!f)
		return NULL;
	va_start(args, fmt);
	vfprintf(f, fmt, args);
	va_end(args);
	if (fclose(f) == 0)
		return text;
	free(text);
	return NULL;
}

/* The count of a group: behind what changed it, or in a line of its own. */
static void tell_grp(struct teller *t, uint32_t i)
{
	const struct gb_event *ev = &t->event[i];
	const enum gb_event_type before = i ? t->event[i - 1].type : GB_EV_COUNT;
	const bool behind = t->lines.line.subject && (before == GB_EV_OPEN || before == GB_EV_JOIN ||
						      before == GB_EV_CQE || before == GB_EV_SKIP);
	const char *leader = words_label(trace_of(t), ev->req);
	const bool own = strcmp(leader, t->lines.line.subject ? t->lines.line.subject : "") == 0;
	int64_t old = -1;
	char *text;

	if (ev->req < trace_of(t)->n_sqes) {
		old = t->grp_refs[ev->req];
		t->grp_refs[ev->req] = ev->a;
	}
	text = old < 0		? format("grp_refs %" PRId64, ev->a)
	       : behind && !own ? format("grp_refs of %s %" PRId64 " -> %" PRId64, leader, old, ev->a)
				: format("grp_refs %" PRId64 " -> %" PRId64, old, ev->a);
	if (behind)
		line_add(&t->lines, ", ", text);
	else
		say(t, ev, leader, text);
}

/* A leader has completed: which members may start. */
static void tell_first(struct teller *t, uint32_t i)
{
	uint32_t n = 0;

	say(t, &t->event[i], words_subject(trace_of(t), &t->event[i]), words_of(t, &t->event[i]));
	for (uint32_t k = i + 1; k < t->n; k++) {
		const struct gb_event *ev = &t->event[k];

		if (ev->type != GB_EV_QMEMBER || ev->other != t->event[i].req || ev->a)
			continue;
		if (n++ < LIST_MOST)
			line_add(&t->lines, n == 1 ? ": " : ", ", format("%s", words_label(trace_of(t), ev->req)));
	}
	if (n > LIST_MOST)
		line_add(&t->lines, ", ", format("and %" PRIu32 " more", n - LIST_MOST));
	if (!n)
		line_add(&t->lines, ": ", format("none"));
}

static char *result_text(int64_t res)
{
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	words_put_result(f, res);
	if (fclose(f) == 0)
		return text;
	free(text);
	return NULL;
}

/* All CQEs the application takes in the step, by the first of them. */
static void tell_reap(struct teller *t, uint32_t i)
{
	uint32_t n = 0;

	if (i && t->event[i - 1].type == GB_EV_REAP && t->event[i - 1].step == t->event[i].step)
		return;
	line_begin(&t->lines, &t->event[i], mark_of(t, t->event[i].step), "");
	line_add(&t->lines, "", format("the application reaps"));
	for (uint32_t k = i; k < t->n && t->event[k].type == GB_EV_REAP; k++) {
		if (++n > LIST_MOST)
			continue;
		line_add(&t->lines, n == 1 ? " " : ", ", format("%s ", words_label(trace_of(t), t->event[k].req)));
		line_add(&t->lines, "", result_text(t->event[k].a));
	}
	if (n > LIST_MOST)
		line_add(&t->lines, ", ", format("and %" PRIu32 " more", n - LIST_MOST));
}

/* Does the trace state this hazard or violation? */
static bool is_stated(const struct teller *t, const struct gb_obs *obs)
{
	const struct gb_trace *trace = trace_of(t);

	for (uint32_t i = 0; i < trace->n_expect; i++)
		if (gb_obs_equal(&trace->expect[i], obs))
			return true;
	return false;
}

/* What is looked for, by its name or by that and the request it is about, has come: the story ends here. */
static void look_for(struct teller *t, const char *name, uint32_t sqe)
{
	const char *until = t->how->until;
	const size_t n = strlen(name);

	if (!until || strncmp(until, name, n) != 0)
		return;
	t->stopped = t->stopped || !until[n] ||
		     (strncmp(until + n, " of ", 4) == 0 && strcmp(until + n + 4, words_label(trace_of(t), sqe)) == 0);
}

static void tell_hazard(struct teller *t, const struct gb_event *ev)
{
	const struct gb_obs obs = {.kind = GB_OBS_HAZARD,
				   .word = (char *)gb_hazard_name((enum gb_hazard_kind)ev->a),
				   .function = (char *)ev->function,
				   .of = ev->req < trace_of(t)->n_sqes ? ev->req + 1 : 0,
				   .text = (char *)ev->text};
	char name[160];

	snprintf(name, sizeof(name), "hazard %s at %s", obs.word, ev->function ? ev->function : "?");
	line_begin(&t->lines, ev, '!', words_subject(trace_of(t), ev));
	line_add(&t->lines, "", words_of(t, ev));
	if (ev->b)
		line_add(&t->lines, " ", format("-- the kernel dies here"));
	else if (is_stated(t, &obs))
		line_add(&t->lines, " ", format("(the trace states it)"));
	line_end(&t->lines);
	look_for(t, name, ev->req);
}

static bool is_told(const struct teller *t, uint32_t i)
{
	const struct gb_event *ev = &t->event[i];
	const struct fact_mark *m = facts_mark(&t->story->facts, ev->step);

	if (ev->type == GB_EV_CLOCK || ev->type == GB_EV_CHOICE)
		return false;
	if (t->how->all)
		return true;
	if (ev->type == GB_EV_FILE || ev->type == GB_EV_FLUSH)
		return false;
	/* the queueing of a member is told with its leader's completion */
	if (ev->type == GB_EV_TW_ADD && i && t->event[i - 1].type == GB_EV_QMEMBER)
		return t->event[i - 1].a;
	return !words_are_dull(ev) || (m && m->named);
}

static void tell_event(struct teller *t, uint32_t i)
{
	const struct gb_event *ev = &t->event[i];

	switch (ev->type) {
	case GB_EV_GRP:
		tell_grp(t, i);
		break;
	case GB_EV_FIRST:
		tell_first(t, i);
		break;
	case GB_EV_REAP:
		tell_reap(t, i);
		break;
	case GB_EV_HAZARD:
		tell_hazard(t, ev);
		break;
	default:
		say(t, ev, words_subject(trace_of(t), ev), words_of(t, ev));
		break;
	}
}

/* Tells what has been collected of a step. */
static void tell_step(struct teller *t)
{
	for (uint32_t i = 0; i < t->n && !t->stopped; i++)
		if (is_told(t, i))
			tell_event(t, i);
	t->n = 0;
	line_end(&t->lines);
}

static void on_event(void *user, const struct gb_event *ev)
{
	struct teller *t = user;

	if (t->n && t->event[0].step != ev->step)
		tell_step(t);
	if (t->stopped)
		return;
	if (t->n == t->room) {
		const uint32_t room = t->room ? t->room * 2 : 64;
		struct gb_event *more = realloc(t->event, room * sizeof(*more));

		t->lines.no_memory = t->lines.no_memory || !more;
		if (!more)
			return;
		t->event = more;
		t->room = room;
	}
	t->event[t->n++] = *ev;
	t->ran = line_run_as(ev->actor);
	t->ran_index = ev->actor_index;
}

/* ---- violations ---- */

static void tell_violation(struct teller *t, const struct gb_event *at, const struct gb_violation *v, char *sentence)
{
	const struct gb_invariant *info = gb_invariant_at(v->invariant);
	const struct gb_obs obs = {.kind = GB_OBS_INVARIANT, .text = sentence};
	const bool stated = is_stated(t, &obs), ended = t->story->play->state != GB_RUNNING;
	const char *detail = strstr(sentence, ": ");

	line_begin(&t->lines, at, '!', v->req < trace_of(t)->n_sqes ? words_label(trace_of(t), v->req) : "");
	if (ended)
		memcpy(t->lines.line.actor, t->lines.actor, sizeof(t->lines.actor));
	line_add(&t->lines, "",
		 format("%s broken%s: %s", info->number, ended ? ", as the end shows" : "", info->statement));
	line_begin(&t->lines, at, '!', "");
	line_add(&t->lines, "", format("%s", detail ? detail + 2 : sentence));
	line_begin(&t->lines, at, '!', "");
	line_add(&t->lines, "", format("rule %s, %s", info->rule, info->function));
	if (*info->broken)
		line_add(&t->lines, "; ", format("V9 as posted breaks it: %s", info->broken));
	if (stated)
		line_add(&t->lines, "; ", format("the trace states it"));
	line_end(&t->lines);
	look_for(t, info->number, v->req);
}

static void on_violation(void *user, const struct gb_violation *v)
{
	struct teller *t = user;
	char *sentence = gb_violation_print(trace_of(t), v);
	/* behind the event that shows it */
	struct gb_event at = {.step = t->lines.step, .time_us = t->lines.time_us};

	if (t->n)
		at = t->event[t->n - 1];
	tell_step(t);
	if (!sentence)
		t->lines.no_memory = true;
	else if (!t->stopped)
		tell_violation(t, &at, v, sentence);
	free(sentence);
}

/* ---- choices ---- */

static void put_others(struct teller *t, const struct gb_choice *choice, uint32_t taken)
{
	char name[128];
	uint32_t n = 0;

	for (uint32_t i = 0; i < choice->n; i++) {
		if (i == taken)
			continue;
		if (++n > LIST_MOST)
			break;
		if (choice->kind == GB_CHOICE_ACTOR)
			line_add(&t->lines, n == 1 ? " " : ", ",
				 format("%s", gb_alternative_name(trace_of(t), choice, i, name, sizeof(name))));
		else
			line_add(&t->lines, n == 1 ? " " : ", ",
				 format("%s", words_outcome(trace_of(t), &choice->alt[i])));
	}
	if (choice->n - 1 > LIST_MOST)
		line_add(&t->lines, ", ", format("or %" PRIu32 " others", choice->n - 1 - LIST_MOST));
}

static bool is_running(const struct teller *t, const struct gb_alternative *alt)
{
	return (enum gb_actor_kind)alt->kind == t->ran && alt->index == t->ran_index;
}

static void tell_actor(struct teller *t, const struct gb_event *at, const struct gb_choice *choice, uint32_t taken)
{
	const bool goes_on = is_running(t, &choice->alt[taken]);
	const bool could = choice->n == 2 && taken && is_running(t, &choice->alt[0]);

	line_begin(&t->lines, at, '?',
		   choice->alt[taken].req < trace_of(t)->n_sqes ? words_label(trace_of(t), choice->alt[taken].req)
								: "");
	line_add(&t->lines, "", format("%s here;", goes_on ? "goes on" : "comes first"));
	put_others(t, choice, taken);
	line_add(&t->lines, " ", format("could have%s", goes_on ? " come first" : could ? " gone on" : ""));
}

static void tell_outcome(struct teller *t, const struct gb_event *at, const struct gb_choice *choice, uint32_t taken)
{
	const struct gb_alternative *alt = &choice->alt[taken];

	line_begin(&t->lines, at, '?', words_label(trace_of(t), alt->req));
	line_add(&t->lines, "", format("turns out %s; could have been:", words_outcome(trace_of(t), alt)));
	put_others(t, choice, taken);
}

/*
 * Of the choices of an actor those are told in which somebody else goes on
 * than the one that ran: what was chosen there makes the schedule.
 */
static void on_choice(void *user, uint64_t step, const struct gb_choice *choice, uint32_t taken)
{
	struct teller *t = user;
	const struct gb_alternative *alt = &choice->alt[taken];
	const bool outcome = choice->kind == GB_CHOICE_OUTCOME;
	struct gb_event at = {.step = step, .time_us = t->n ? t->event[t->n - 1].time_us : t->lines.time_us};

	if (outcome && t->n)
		at = t->event[t->n - 1];
	tell_step(t);
	if (!outcome) {
		at.actor = (enum gb_actor_kind)alt->kind;
		at.actor_index = alt->index;
	}
	if (!t->stopped && (outcome || t->how->all || taken || !is_running(t, alt))) {
		line_drop_choice(&t->lines);
		(outcome ? tell_outcome : tell_actor)(t, &at, choice, taken);
		if (outcome || t->how->all) {
			line_end(&t->lines);
		} else {
			line_keep_choice(&t->lines, alt);
		}
	}
	if (!outcome) {
		t->ran = (enum gb_actor_kind)alt->kind;
		t->ran_index = alt->index;
	}
}

/* ---- the whole ---- */

static bool teller_new(struct teller *t)
{
	const uint32_t n = trace_of(t)->n_sqes;

	t->grp_refs = calloc(n ? n : 1, sizeof(*t->grp_refs));
	t->why_told = calloc(n ? n : 1, sizeof(*t->why_told));
	for (uint32_t i = 0; t->grp_refs && i < n; i++) {
		const size_t length = strlen(trace_of(t)->sqes[i].label);

		t->grp_refs[i] = -1;
		if (length > t->lines.label_width && length <= LABEL_WIDTH)
			t->lines.label_width = (unsigned int)length;
	}
	return t->grp_refs && t->why_told;
}

static void teller_free(struct teller *t)
{
	free(t->grp_refs);
	free(t->why_told);
	free(t->event);
	line_free(&t->lines);
}

/* Plays the run once and tells all but the first `skip` lines of it; returns how many there are. */
static uint64_t tell_run(FILE *out, struct story *story, const struct explain_text *how, uint64_t skip, bool *ok)
{
	struct teller t = {.story = story,
			   .how = how,
			   .ran = GB_ACTOR_APP,
			   .lines = {.how = how, .out = out, .label_width = 4, .skip = skip}};
	const struct play_listener listener = {
		.user = &t, .choice = on_choice, .event = on_event, .violation = on_violation};

	*ok = teller_new(&t);
	if (*ok) {
		if (!how->last)
			fprintf(out, "%s   step  who         %-*s  what\n", how->indent, (int)t.lines.label_width, "");
		play_run(story->play, &listener);
		tell_step(&t);
		*ok = !t.lines.no_memory;
	}
	teller_free(&t);
	return t.lines.n;
}

bool explain_steps(FILE *out, struct story *story, const struct explain_text *how)
{
	uint64_t skip = 0;
	bool ok = true;

	if (how->last) {
		const uint64_t lines = tell_run(out, story, how, UINT64_MAX, &ok);

		skip = lines > how->last ? lines - how->last : 0;
	}
	if (ok && skip)
		fprintf(out, "%s        ... %" PRIu64 " lines before\n", how->indent, skip);
	if (ok)
		tell_run(out, story, how, skip, &ok);
	return ok;
}
