/* SPDX-License-Identifier: MIT */
/* The names in a program, and those that every program of its form has. */
#include <ctype.h>
#include <string.h>

#include "lines.h"

/* What declares an object, and the object's name. */
static const struct {
	const char *kind, *name;
} kinds[] = {
	{"file", "f"},	   {"block", "b"}, {"pipe", "p"}, {"sock", "s"},
	{"lessor", "dev"}, {"mem", "m"},   {"ublk", "u"}, {"listen", "l"},
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* What a word of a line holds. */
enum names { NO_NAMES, OBJECTS, LABEL, BLK_LABEL };

static enum names names_of(const struct line *line, uint32_t index)
{
	static const char *const of_end[] = {"write", "read", "shutdown", "close"};
	const char *word = line->word[index];

	if (line_is(line, "sqe")) {
		if (index == 1 || word_value(word, "target") || word_value(word, "new"))
			return LABEL;
		return word_value(word, "fd") || word_value(word, "addr") || word_value(word, "iov") ||
				       word_value(word, "to")
			       ? OBJECTS
			       : NO_NAMES;
	}
	if (line_is(line, "blkreq"))
		return index == 1 ? BLK_LABEL : index == 2 ? OBJECTS : NO_NAMES;
	for (size_t k = 0; k < sizeof(of_end) / sizeof(of_end[0]); k++)
		if (line_is(line, of_end[k]))
			return index == 1 ? OBJECTS : NO_NAMES;
	if (line_is(line, "connect"))
		return index == 1 || index == 2 ? OBJECTS : NO_NAMES;
	if (line_is(line, "register"))
		return index == 2 && !strchr(word, '=') ? OBJECTS : NO_NAMES;
	if (line_is(line, "provide"))
		return index == 2 ? OBJECTS : NO_NAMES;
	return line_declares(line) && index == 1 ? OBJECTS : NO_NAMES;
}

bool line_declares(const struct line *line)
{
	for (size_t k = 0; k < KINDS; k++)
		if (line_is(line, kinds[k].kind))
			return true;
	return false;
}

static bool is_name_char(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-';
}

/* Length of the name that begins at p, 0 if it is a number or nothing. */
static size_t name_length(const char *p)
{
	size_t n = 0;

	if (!isalpha((unsigned char)*p) && *p != '_')
		return 0;
	while (is_name_char(p[n]))
		n++;
	return n;
}

/* The part behind `key=`, or all of the word. */
static const char *names_begin(const char *word)
{
	const char *equals = strchr(word, '=');

	return equals ? equals + 1 : word;
}

bool word_names_label(const struct line *line, uint32_t index, const char *label)
{
	return names_of(line, index) == LABEL && strcmp(names_begin(line->word[index]), label) == 0;
}

bool word_names_object(const struct line *line, uint32_t index, const char *name)
{
	if (names_of(line, index) != OBJECTS)
		return false;
	/* a list has its names at the beginning and behind each comma */
	for (const char *p = names_begin(line->word[index]); p; p = strchr(p, ',')) {
		p += *p == ',';
		if (name_length(p) == strlen(name) && strncmp(p, name, strlen(name)) == 0)
			return true;
	}
	return false;
}

/* New names, in the order of the old ones. */
struct names_map {
	uint32_t n;
	const char *old[320], *new[320];
};

static void map_add(struct names_map *map, const char *old, const char *new)
{
	if (map->n < sizeof(map->old) / sizeof(map->old[0])) {
		map->old[map->n] = old;
		map->new[map->n++] = new;
	}
}

static const char *map_find(const struct names_map *map, const char *p, size_t n)
{
	for (uint32_t k = 0; k < map->n; k++)
		if (strlen(map->old[k]) == n && strncmp(map->old[k], p, n) == 0)
			return map->new[k];
	return NULL;
}

static const char *rename_word(const struct names_map *map, struct pool *pool, const char *word)
{
	char text[512];
	const char *p = names_begin(word);
	size_t at = (size_t)(p - word);
	bool changed = false;

	if (strlen(word) > sizeof(text) / 4)
		return word;
	memcpy(text, word, at);
	while (*p) {
		const size_t n = name_length(p);
		const char *new = n ? map_find(map, p, n) : NULL;
		const size_t rest = strcspn(p + n, ",") + n;

		if (new &&at + strlen(new) + rest + 2 < sizeof(text)) {
			changed = changed || strlen(new) != n || strncmp(new, p, n) != 0;
			memcpy(text + at, new, strlen(new));
			at += strlen(new);
			memcpy(text + at, p + n, rest - n);
			at += rest - n;
		} else if (at + rest + 2 < sizeof(text)) {
			memcpy(text + at, p, rest);
			at += rest;
		} else {
			return word;
		}
		p += rest;
		if (*p == ',')
			text[at++] = *p++;
	}
	return changed ? pool_copy(pool, text, at) : word;
}

static void collect(struct names_map map[4], const struct lines *lines, struct pool *pool)
{
	uint32_t of_kind[KINDS] = {0}, labels = 0, blks = 0;

	for (uint32_t i = 0; i < lines->n; i++) {
		const struct line *line = &lines->line[i];

		if (line->n < 2)
			continue;
		for (size_t k = 0; k < KINDS; k++) {
			if (!line_is(line, kinds[k].kind))
				continue;
			map_add(&map[OBJECTS], line->word[1],
				of_kind[k] ? pool_print(pool, "%s%u", kinds[k].name, (unsigned int)of_kind[k] + 1)
					   : kinds[k].name);
			of_kind[k]++;
		}
		if (line_is(line, "sqe")) {
			map_add(&map[LABEL], line->word[1],
				labels < 26 ? pool_print(pool, "%c", 'a' + (char)labels)
					    : pool_print(pool, "a%u", (unsigned int)labels));
			labels++;
		}
		if (line_is(line, "blkreq")) {
			map_add(&map[BLK_LABEL], line->word[1],
				blks ? pool_print(pool, "rq%u", (unsigned int)blks + 1) : "rq");
			blks++;
		}
	}
}

/* The drain bit is written as what it means: GROUP_BUF on members, IO_DRAIN elsewhere. */
static const char *spell(struct pool *pool, const char *word, bool member)
{
	static const char *const names[] = {"IO_DRAIN", "GROUP_BUF"};
	const char *old = names[!member], *at = strstr(word, old);

	if (!at || strstr(word, names[member]))
		return word;
	/* as the printer orders them the bit has one place, whatever its name */
	return pool_print(pool, "%.*s%s%s", (int)(at - word), word, names[member], at + strlen(old));
}

static void spell_flags(struct lines *lines, struct pool *pool)
{
	bool member = false;

	for (uint32_t i = 0; i < lines->n; i++) {
		struct line *line = &lines->line[i];
		bool group = false;

		if (line_is(line, "submit"))
			member = false;
		if (!line_is(line, "sqe"))
			continue;
		for (uint32_t k = 3; k < line->n; k++) {
			if (!word_value(line->word[k], "flags"))
				continue;
			line->word[k] = spell(pool, line->word[k], member);
			group = strstr(line->word[k], "SQE_GROUP") != NULL;
		}
		member = group;
	}
}

void lines_rename(struct lines *lines, struct pool *pool)
{
	struct names_map map[4];

	for (int k = 0; k < 4; k++)
		map[k].n = 0;
	collect(map, lines, pool);
	for (uint32_t i = 0; i < lines->n; i++) {
		struct line *line = &lines->line[i];

		for (uint32_t k = 1; k < line->n; k++) {
			const enum names names = names_of(line, k);

			if (names != NO_NAMES)
				line->word[k] = rename_word(&map[names], pool, line->word[k]);
		}
	}
	spell_flags(lines, pool);
}
