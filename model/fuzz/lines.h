/* SPDX-License-Identifier: MIT */
/*
 * A program as lines of words, the form in which the shrinker cuts it. What a
 * cut means is for the reader of the language to say: whatever it takes is a
 * program, so the shrinker knows all the language has without being told.
 */
#ifndef GB_MODEL_LINES_H
#define GB_MODEL_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINE_WORDS 28U

/* Words belong to a pool and are never changed. */
struct line {
	uint32_t n;
	const char *word[LINE_WORDS];
};

struct lines {
	uint32_t n, room;
	struct line *line;
};

/* Where words live until all of them are given back. */
struct pool {
	struct pool_block *blocks;
	bool no_memory;
};

void pool_free(struct pool *pool);
/* A copy of n bytes with a 0 behind them; "" if there is no memory. */
const char *pool_copy(struct pool *pool, const char *text, size_t n);
const char *pool_print(struct pool *pool, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* False if there is no memory, or a line has too many words. */
bool lines_read(struct lines *lines, struct pool *pool, const char *text);
bool lines_assign(struct lines *to, const struct lines *from);
void lines_free(struct lines *lines);
/* The text, in *text, which has *room bytes and grows; NULL if there is no memory. */
const char *lines_text(const struct lines *lines, char **text, size_t *room);

void lines_cut(struct lines *lines, uint32_t from, uint32_t n);
void line_cut(struct line *line, uint32_t from, uint32_t n);

/* The value of `key=value`, NULL if the word has another key. */
const char *word_value(const char *word, const char *key);
bool line_is(const struct line *line, const char *statement);
/* Does the line declare an object? */
bool line_declares(const struct line *line);

/*
 * Gives labels and objects the names they have in every program of this form:
 * a, b, c ... in the order of their lines, and a short one for each kind.
 */
void lines_rename(struct lines *lines, struct pool *pool);

/* Does the word name the object, or the label? */
bool word_names_object(const struct line *line, uint32_t index, const char *name);
bool word_names_label(const struct line *line, uint32_t index, const char *label);

#endif
