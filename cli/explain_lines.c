/* SPDX-License-Identifier: MIT */
#include "explain_lines.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "explain_words.h"

#define TEXT_WIDTH 66U /* of what happens; columns stand in front of it */

/* The columns in front of a text; what is as in the line before is left out. */
static void put_columns(struct lines *l, FILE *f, const struct line *line)
{
	const bool same = line->step == l->step;
	char step[24] = "";

	if (line->time_us != l->time_us)
		fprintf(f, "%s        -- %" PRIu64 ".%03" PRIu64 " ms\n", l->how->indent, line->time_us / 1000,
			line->time_us % 1000);
	if (!same)
		snprintf(step, sizeof(step), "%" PRIu64, line->step);
	fprintf(f, "%s%c %5s  %-10s  %-*s  ", l->how->indent, line->mark, step,
		same && strcmp(line->actor, l->actor) == 0 ? "" : line->actor, (int)l->label_width, line->subject);
	l->step = line->step;
	l->time_us = line->time_us;
	memcpy(l->actor, line->actor, sizeof(l->actor));
}

static const char *colour_of(const struct lines *l, char mark)
{
	if (!l->how->colour)
		return "";
	return mark == '!' ? "\033[1;31m" : mark == '*' ? "\033[1m" : mark == '?' ? "\033[2m" : "";
}

/* The text, broken where it is too long. */
static void put_text(const struct lines *l, FILE *f, const char *text)
{
	const size_t most = TEXT_WIDTH + 14;

	while (strlen(text) > most) {
		size_t n = most;

		while (n && text[n] != ' ')
			n--;
		if (!n)
			n = most + strcspn(text + most, " ");
		fprintf(f, "%.*s", (int)n, text);
		text += n;
		if (!*text)
			break;
		text++;
		fprintf(f, "\n%s%*s", l->how->indent, (int)l->label_width + 23, "");
	}
	fprintf(f, "%s\n", text);
}

void line_end(struct lines *l)
{
	struct line *line = &l->line;

	if (!line->subject)
		return;
	if (!line->text) {
		l->no_memory = true;
	} else if (l->n++ >= l->skip) {
		const char *colour = colour_of(l, line->mark);

		fputs(colour, l->out);
		put_columns(l, l->out, line);
		put_text(l, l->out, line->text);
		fputs(*colour ? "\033[0m" : "", l->out);
	}
	free(line->text);
	*line = (struct line){0};
}

enum gb_actor_kind line_run_as(enum gb_actor_kind kind)
{
	return kind == GB_ACTOR_TW ? GB_ACTOR_APP : kind;
}

void line_drop_choice(struct lines *l)
{
	free(l->choice.text);
	l->choice = (struct line){0};
}

void line_begin(struct lines *l, const struct gb_event *ev, char mark, const char *subject)
{
	line_end(l);
	if (l->choice.subject) {
		if (line_run_as(ev->actor) == (enum gb_actor_kind)l->chosen.kind &&
		    ev->actor_index == l->chosen.index) {
			l->line = l->choice;
			l->choice = (struct line){0};
			line_end(l);
		}
		line_drop_choice(l);
	}
	l->line = (struct line){.mark = mark, .subject = subject, .step = ev->step, .time_us = ev->time_us};
	words_actor(ev->actor, ev->actor_index, l->line.actor, sizeof(l->line.actor));
}

void line_add(struct lines *l, const char *between, char *text)
{
	struct line *line = &l->line;
	const size_t before = line->text ? strlen(line->text) : 0, more = text ? strlen(text) : 0;
	char *whole = text ? realloc(line->text, before + strlen(between) + more + 1) : NULL;

	if (whole) {
		line->text = whole;
		sprintf(whole + before, "%s%s", before ? between : "", text);
	} else {
		l->no_memory = true;
	}
	free(text);
}

void line_say(struct lines *l, const struct gb_event *ev, char mark, const char *subject, char *text)
{
	const struct line *line = &l->line;
	const bool goes_on = !l->how->all && line->subject && line->text && text &&
			     strcmp(line->subject, subject) == 0 && line->step == ev->step &&
			     strlen(line->text) + strlen(text) + 2 <= TEXT_WIDTH;

	if (!goes_on)
		line_begin(l, ev, mark, subject);
	line_add(l, "; ", text);
}

void line_keep_choice(struct lines *l, const struct gb_alternative *chosen)
{
	l->choice = l->line;
	l->chosen = *chosen;
	l->line = (struct line){0};
}

void line_free(struct lines *l)
{
	free(l->line.text);
	free(l->choice.text);
}
