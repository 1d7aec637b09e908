/* SPDX-License-Identifier: MIT */
/* Schedules as text, and following one. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "groupbuf/schedule.h"

#define NAME_SIZE 128

/* One choice. Both strings are of the schedule. */
struct step {
	enum gb_choice_kind kind;
	char *taken;
	char *of; /* the alternatives, blank between them; NULL if not given */
	struct gb_pos pos;
};

struct gb_schedule {
	struct step *steps;
	uint32_t n, room;
};

static const char *const kind_names[] = {
#define X(id, name) [GB_CHOICE_##id] = (name),
	GB_CHOICE_LIST(X)
#undef X
};
#define KINDS (sizeof(kind_names) / sizeof(kind_names[0]))

static const char *kind_name(enum gb_choice_kind kind)
{
	return (size_t)kind < KINDS ? kind_names[kind] : "?";
}

struct gb_schedule *gb_schedule_new(void)
{
	return calloc(1, sizeof(struct gb_schedule));
}

void gb_schedule_free(struct gb_schedule *schedule)
{
	if (!schedule)
		return;
	for (uint32_t i = 0; i < schedule->n; i++) {
		free(schedule->steps[i].taken);
		free(schedule->steps[i].of);
	}
	free(schedule->steps);
	free(schedule);
}

uint32_t gb_schedule_count(const struct gb_schedule *schedule)
{
	return schedule->n;
}

/* Takes the strings over, also when it fails. */
static bool add(struct gb_schedule *s, struct step step)
{
	if (step.taken && s->n == s->room) {
		uint32_t room = s->room ? s->room * 2 : 64;
		struct step *steps = realloc(s->steps, room * sizeof(*steps));

		if (steps) {
			s->steps = steps;
			s->room = room;
		}
	}
	if (!step.taken || s->n == s->room) {
		free(step.taken);
		free(step.of);
		return false;
	}
	s->steps[s->n++] = step;
	return true;
}

static bool same_alternative(const struct gb_alternative *a, const struct gb_alternative *b)
{
	return a->kind == b->kind && a->index == b->index && a->req == b->req;
}

const char *gb_alternative_name(const struct gb_trace *trace, const struct gb_choice *choice, uint32_t i, char *buf,
				size_t size)
{
	const struct gb_alternative *alt = &choice->alt[i];
	const bool about = alt->req < trace->n_sqes;
	char number[16] = "";
	char twin[16] = "";
	uint32_t before = 0;

	for (uint32_t k = 0; k < i; k++)
		before += same_alternative(&choice->alt[k], alt);
	if (before)
		snprintf(twin, sizeof(twin), "/%" PRIu32, before + 1);
	if (choice->kind != GB_CHOICE_ACTOR)
		snprintf(number, sizeof(number), "%u", alt->kind);
	else if (alt->kind == GB_ACTOR_WORKER || alt->index)
		snprintf(number, sizeof(number), ".%u", alt->index);
	snprintf(buf, size, "%s%s%s%s%s",
		 choice->kind == GB_CHOICE_ACTOR ? gb_actor_name((enum gb_actor_kind)alt->kind) : "", number,
		 about ? ":" : "", about ? trace->sqes[alt->req].label : "", twin);
	return buf;
}

bool gb_schedule_add(struct gb_schedule *schedule, const struct gb_trace *trace, const struct gb_choice *choice,
		     uint32_t taken)
{
	char name[NAME_SIZE];
	char *of = malloc((size_t)choice->n * NAME_SIZE + 1);
	size_t n = 0;

	if (!of)
		return false;
	for (uint32_t i = 0; i < choice->n; i++)
		n += (size_t)snprintf(of + n, NAME_SIZE + 1, "%s%s", i ? " " : "",
				      gb_alternative_name(trace, choice, i, name, sizeof(name)));
	return add(schedule,
		   (struct step){.kind = choice->kind,
				 .taken = strdup(gb_alternative_name(trace, choice, taken, name, sizeof(name))),
				 .of = of});
}

char *gb_schedule_print(const struct gb_schedule *schedule)
{
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	for (uint32_t i = 0; i < schedule->n; i++) {
		const struct step *s = &schedule->steps[i];

		fprintf(f, "%s %s%s%s\n", kind_name(s->kind), s->taken, s->of ? " of " : "", s->of ? s->of : "");
	}
	if (fclose(f) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

/* A word of a line; text is not terminated there. */
struct word {
	const char *text;
	size_t n;
	uint32_t column;
};

/* Cuts the next word off the line. A word that starts with # is a comment and ends the line. */
static struct word next_word(const char **at, const char *end, const char *line)
{
	while (*at < end && (**at == ' ' || **at == '\t' || **at == '\r'))
		++*at;

	struct word w = {*at, 0, (uint32_t)(*at - line) + 1};

	if (*at < end && **at == '#')
		*at = end;
	while (*at < end && **at != ' ' && **at != '\t' && **at != '\r')
		++*at, w.n++;
	return w;
}

static bool word_is(struct word w, const char *text)
{
	return strlen(text) == w.n && memcmp(w.text, text, w.n) == 0;
}

/* A word in an error message: short and without control characters. */
static const char *shown(struct word w, char *buf, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < w.n && n + 4 < size; i++)
		buf[n++] = isprint((unsigned char)w.text[i]) ? w.text[i] : '?';
	memcpy(buf + n, "...", 4);
	if (n == w.n)
		buf[n] = '\0';
	return buf;
}

struct reader {
	struct gb_schedule *schedule;
	struct gb_error *err;
	const char *line;
	uint32_t number;
};

static enum gb_status bad(const struct reader *r, struct word at, const char *what)
{
	char word[48];

	if (!at.n)
		return gb_error_set(r->err, GB_BAD_INPUT, r->number, at.column, "%s", what);
	return gb_error_set(r->err, GB_BAD_INPUT, r->number, at.column, "'%s': %s", shown(at, word, sizeof(word)),
			    what);
}

/* Reads the alternatives behind `of`; the one taken must be among them. */
static enum gb_status read_alternatives(const struct reader *r, const char *at, const char *end, struct step *step,
					struct word taken)
{
	bool found = false;
	size_t n = 0;

	step->of = malloc((size_t)(end - at) + 1);
	if (!step->of)
		return GB_NO_MEMORY;
	for (struct word w = next_word(&at, end, r->line); w.n; w = next_word(&at, end, r->line)) {
		if (n)
			step->of[n++] = ' ';
		memcpy(step->of + n, w.text, w.n);
		n += w.n;
		found = found || (w.n == taken.n && memcmp(w.text, taken.text, w.n) == 0);
	}
	step->of[n] = '\0';
	return found ? GB_OK : bad(r, taken, "not among the alternatives of this line");
}

static enum gb_status read_step(const struct reader *r, const char *at, const char *end, struct word kind)
{
	const struct word taken = next_word(&at, end, r->line);
	struct step step = {.pos = {r->number, taken.column}};
	enum gb_status status = GB_OK;
	size_t k = 0;

	while (k < KINDS && !word_is(kind, kind_names[k]))
		k++;
	if (k == KINDS)
		return bad(r, kind, "no kind of choice (actor, outcome)");
	if (!taken.n)
		return bad(r, taken, "the alternative to take is missing");

	const struct word of = next_word(&at, end, r->line);

	if (of.n && !word_is(of, "of"))
		return bad(r, of, "expected 'of' and the alternatives, or the end of the line");
	if (of.n)
		status = read_alternatives(r, at, end, &step, taken);
	if (status != GB_OK) {
		free(step.of);
		return status;
	}
	step.kind = (enum gb_choice_kind)k;
	step.taken = strndup(taken.text, taken.n);
	return add(r->schedule, step) ? GB_OK : GB_NO_MEMORY;
}

static enum gb_status read_all(struct reader *r, const char *text, size_t size)
{
	const char *const end = text + size;

	for (r->line = text, r->number = 1; r->line < end; r->number++) {
		const char *stop = memchr(r->line, '\n', (size_t)(end - r->line));
		const char *at = r->line;

		if (!stop)
			stop = end;

		const struct word kind = next_word(&at, stop, r->line);
		const enum gb_status status = kind.n ? read_step(r, at, stop, kind) : GB_OK;

		if (status == GB_NO_MEMORY)
			return gb_error_set(r->err, status, 0, 0, "no memory left");
		if (status != GB_OK)
			return status;
		r->line = stop < end ? stop + 1 : end;
	}
	return GB_OK;
}

enum gb_status gb_schedule_parse(const char *text, size_t size, struct gb_schedule **out, struct gb_error *err)
{
	struct reader r = {.schedule = gb_schedule_new(), .err = err};
	enum gb_status status;

	*out = NULL;
	if (!r.schedule)
		return gb_error_set(err, GB_NO_MEMORY, 0, 0, "no memory left");
	status = read_all(&r, text, size);
	if (status != GB_OK) {
		gb_schedule_free(r.schedule);
		return status;
	}
	*out = r.schedule;
	return GB_OK;
}

static uint32_t diverge(struct gb_replay *r, const struct step *step, const struct gb_choice *choice)
{
	char name[NAME_SIZE];
	char list[200] = "";
	size_t n = 0;

	for (uint32_t i = 0; i < choice->n && n < sizeof(list); i++)
		n += (size_t)snprintf(list + n, sizeof(list) - n, " %s",
				      gb_alternative_name(r->trace, choice, i, name, sizeof(name)));
	r->diverged = true;
	gb_error_set(&r->error, GB_BAD_INPUT, step->pos.line, step->pos.column,
		     "the run parts from the schedule: it has to choose %s of%s", kind_name(choice->kind), list);
	return 0;
}

uint32_t gb_replay_choose(void *user, const struct gb_choice *choice)
{
	struct gb_replay *r = user;
	char name[NAME_SIZE];

	if (r->diverged || r->asked >= r->schedule->n)
		return r->asked++, 0;

	const struct step *step = &r->schedule->steps[r->asked++];

	if (step->kind != choice->kind)
		return diverge(r, step, choice);
	for (uint32_t i = 0; i < choice->n; i++)
		if (strcmp(step->taken, gb_alternative_name(r->trace, choice, i, name, sizeof(name))) == 0)
			return i;
	return diverge(r, step, choice);
}
