/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lines.h"

#define POOL_BLOCK 16384U

struct pool_block {
	struct pool_block *next;
	size_t used, size;
	char text[];
};

void pool_free(struct pool *pool)
{
	struct pool_block *block = pool->blocks;

	while (block) {
		struct pool_block *next = block->next;

		free(block);
		block = next;
	}
	pool->blocks = NULL;
}

const char *pool_copy(struct pool *pool, const char *text, size_t n)
{
	struct pool_block *block = pool->blocks;
	char *at;

	if (!block || block->size - block->used < n + 1) {
		const size_t size = n + 1 > POOL_BLOCK ? n + 1 : POOL_BLOCK;

		block = malloc(sizeof(*block) + size);
		if (!block) {
			pool->no_memory = true;
			return "";
		}
		*block = (struct pool_block){.next = pool->blocks, .size = size};
		pool->blocks = block;
	}
	at = block->text + block->used;
	memcpy(at, text, n);
	at[n] = '\0';
	block->used += n + 1;
	return at;
}

const char *pool_print(struct pool *pool, const char *fmt, ...)
{
	char text[512];
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return pool_copy(pool, text, n < 0 ? 0 : (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1);
}

static struct line *lines_add(struct lines *lines)
{
	if (lines->n == lines->room) {
		const uint32_t room = lines->room ? 2 * lines->room : 32;
		struct line *more = realloc(lines->line, room * sizeof(*more));

		if (!more)
			return NULL;
		lines->line = more;
		lines->room = room;
	}
	lines->line[lines->n].n = 0;
	return &lines->line[lines->n++];
}

static bool read_words(struct line *line, struct pool *pool, const char *at, const char *end)
{
	while (at < end) {
		const size_t n = strcspn(at, " \n");

		if (n && line->n == LINE_WORDS)
			return false;
		if (n)
			line->word[line->n++] = pool_copy(pool, at, n);
		at += n + 1;
	}
	return true;
}

bool lines_read(struct lines *lines, struct pool *pool, const char *text)
{
	lines->n = 0;
	while (*text) {
		const size_t n = strcspn(text, "\n");
		struct line *line = n ? lines_add(lines) : NULL;

		if (n && (!line || !read_words(line, pool, text, text + n)))
			return false;
		text += n + (text[n] != '\0');
	}
	return !pool->no_memory;
}

bool lines_assign(struct lines *to, const struct lines *from)
{
	if (to->room < from->n) {
		struct line *more = realloc(to->line, from->room * sizeof(*more));

		if (!more)
			return false;
		to->line = more;
		to->room = from->room;
	}
	to->n = from->n;
	if (from->n)
		memcpy(to->line, from->line, from->n * sizeof(*to->line));
	return true;
}

void lines_free(struct lines *lines)
{
	free(lines->line);
	*lines = (struct lines){0};
}

const char *lines_text(const struct lines *lines, char **text, size_t *room)
{
	size_t n = 1, at = 0;

	for (uint32_t i = 0; i < lines->n; i++)
		for (uint32_t k = 0; k < lines->line[i].n; k++)
			n += strlen(lines->line[i].word[k]) + 1;
	if (n > *room) {
		char *more = realloc(*text, 2 * n);

		if (!more)
			return NULL;
		*text = more;
		*room = 2 * n;
	}
	for (uint32_t i = 0; i < lines->n; i++) {
		const struct line *line = &lines->line[i];

		for (uint32_t k = 0; k < line->n; k++) {
			const size_t len = strlen(line->word[k]);

			memcpy(*text + at, line->word[k], len);
			at += len;
			(*text)[at++] = k + 1 < line->n ? ' ' : '\n';
		}
	}
	(*text)[at] = '\0';
	return *text;
}

void lines_cut(struct lines *lines, uint32_t from, uint32_t n)
{
	memmove(lines->line + from, lines->line + from + n, (lines->n - from - n) * sizeof(*lines->line));
	lines->n -= n;
}

void line_cut(struct line *line, uint32_t from, uint32_t n)
{
	memmove(line->word + from, line->word + from + n, (line->n - from - n) * sizeof(*line->word));
	line->n -= n;
}

const char *word_value(const char *word, const char *key)
{
	const size_t n = strlen(key);

	return strncmp(word, key, n) == 0 && word[n] == '=' ? word + n + 1 : NULL;
}

bool line_is(const struct line *line, const char *statement)
{
	return line->n && strcmp(line->word[0], statement) == 0;
}
