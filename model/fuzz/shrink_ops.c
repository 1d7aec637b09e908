/* SPDX-License-Identifier: MIT */
/* Simpler opcodes and statements, and other objects. */
#include <stdio.h>
#include <string.h>

#include "shrink.h"

/* ---- opcodes and statements ---- */

/* The SQE with another opcode and these words alone; its flags stay. */
static bool try_op(struct shrink *s, uint32_t i, const char *const *words, uint32_t n)
{
	struct line *line;
	const char *flags = NULL;

	if (!shrink_begin(s))
		return false;
	line = &s->next.line[i];
	for (uint32_t k = 3; k < line->n; k++)
		if (word_value(line->word[k], "flags"))
			flags = line->word[k];
	line->n = 2;
	for (uint32_t k = 0; k < n; k++)
		line->word[line->n++] = words[k];
	if (flags)
		line->word[line->n++] = flags;
	return shrink_try(s);
}

/* What bytes can be moved to or from with an opcode of files, and of sockets. */
static bool op_on_objects(struct shrink *s, uint32_t i, const char *op, bool socket)
{
	for (uint32_t k = 0; k < s->now.n; k++) {
		const struct line object = s->now.line[k];
		const bool pipe = line_is(&object, "pipe"), sock = line_is(&object, "sock");
		const bool file = line_is(&object, "file") || line_is(&object, "block");

		if (object.n < 2 || !(sock || (!socket && (pipe || file))))
			continue;
		for (int end = 0; end < (file ? 1 : 2); end++) {
			static const char *const tails[2][3] = {{"", ".0", ".1"}, {"", ".r", ".w"}};
			const char *words[3] = {
				op,
				pool_print(&s->pool, "fd=%s%s", object.word[1], tails[pipe][file ? 0 : end + 1]),
				"len=1",
			};

			if (try_op(s, i, words, 2) || try_op(s, i, words, 3))
				return true;
		}
	}
	return false;
}

static bool simpler_op(struct shrink *s, uint32_t i)
{
	static const char *const nop[] = {"NOP", "res=-1"}, *const bad[] = {"BAD"};
	static const char *const moves[] = {"READ", "WRITE", "RECV", "SEND"};
	static const char *const timeout[] = {"TIMEOUT", "ms=0"};

	if (try_op(s, i, nop, 1) || try_op(s, i, nop, 2) || try_op(s, i, bad, 1))
		return true;
	for (uint32_t k = 0; k < 4; k++)
		if (rank_of_word(moves[k]) <= rank_of_word(s->now.line[i].word[2]) &&
		    op_on_objects(s, i, moves[k], k >= 2))
			return true;
	return try_op(s, i, timeout, 2);
}

/* The opcode alone is another one, the fields stay. */
static bool other_op(struct shrink *s, uint32_t i)
{
	static const char *const ops[] = {"NOP",     "READ",	 "WRITE", "RECV",  "SEND",
					  "TIMEOUT", "POLL_ADD", "FSYNC", "READV", "RECVMSG"};
	const uint32_t rank = rank_of_word(s->now.line[i].word[2]);

	for (size_t k = 0; k < sizeof(ops) / sizeof(ops[0]) && rank_of_word(ops[k]) < rank; k++) {
		if (!shrink_begin(s))
			return false;
		s->next.line[i].word[2] = ops[k];
		if (shrink_try(s))
			return true;
	}
	return false;
}

static bool other_statement(struct shrink *s, uint32_t i)
{
	static const char *const words[] = {"submit", "reap", "exit", "die"};
	const uint32_t rank = rank_of_word(s->now.line[i].word[0]);

	for (size_t k = 0; k < sizeof(words) / sizeof(words[0]); k++) {
		if (rank_of_word(words[k]) >= rank || !shrink_begin(s))
			continue;
		s->next.line[i].word[0] = words[k];
		s->next.line[i].n = 1;
		if (shrink_try(s))
			return true;
	}
	return false;
}

bool shrink_ops(struct shrink *s)
{
	bool any = false;

	for (uint32_t i = 0; i < s->now.n; i++) {
		const struct line *line = &s->now.line[i];

		if (line_is(line, "sqe") && line->n > 2) {
			while (simpler_op(s, i) || other_op(s, i))
				any = true;
		} else if (rank_of_word(line->word[0]) > rank_of_word("submit") && !line_is(line, "ring")) {
			any |= other_statement(s, i);
		}
	}
	return any;
}

/* ---- objects ---- */

/* A word that names an object (or an end of one) names another, in the form `prefix` has. */
static bool other_object(struct shrink *s, uint32_t i, uint32_t k)
{
	const char *word = s->now.line[i].word[k];
	const char *value = strchr(word, '=');
	const int prefix = value ? (int)(value - word) + 1 : 0;
	static const char *const ends[] = {"", ".0", ".1", ".r", ".w"};

	for (uint32_t j = 0; j < s->now.n; j++) {
		const struct line object = s->now.line[j];

		for (size_t e = 0; line_declares(&object) && object.n > 1 && e < 5; e++) {
			const char *other = pool_print(&s->pool, "%.*s%s%s", prefix, word, object.word[1], ends[e]);

			if (strcmp(other, word) == 0)
				continue;
			if (!shrink_begin(s))
				return false;
			s->next.line[i].word[k] = other;
			if (shrink_try(s))
				return true;
		}
	}
	return false;
}

static bool is_object_word(const struct line *line, uint32_t k, const struct lines *lines)
{
	for (uint32_t j = 0; !line_declares(line) && j < lines->n; j++)
		if (line_declares(&lines->line[j]) && lines->line[j].n > 1 &&
		    word_names_object(line, k, lines->line[j].word[1]))
			return true;
	return false;
}

/* Both ends of a socket change their names, all over the program. */
static bool swap_ends(struct shrink *s)
{
	bool any = false;

	if (!shrink_begin(s))
		return false;
	for (uint32_t i = 0; i < s->next.n; i++) {
		for (uint32_t k = 1; k < s->next.line[i].n; k++) {
			const char *word = s->next.line[i].word[k];
			const size_t n = strlen(word);

			if (n < 3 || word[n - 2] != '.' || (word[n - 1] != '0' && word[n - 1] != '1'))
				continue;
			s->next.line[i].word[k] =
				pool_print(&s->pool, "%.*s%c", (int)n - 1, word, word[n - 1] == '0' ? '1' : '0');
			any = true;
		}
	}
	return any && shrink_try(s);
}

/* The word with the same object, which is of a kind with these ends now; NULL if there is more in it. */
static const char *with_end(struct shrink *s, const char *word, const char *name, const char *const *ends)
{
	const char *value = strchr(word, '=') ? strchr(word, '=') + 1 : word;
	const char *end = value + strlen(name);
	const bool second = strcmp(end, ".1") == 0 || strcmp(end, ".w") == 0;

	if (strncmp(value, name, strlen(name)) != 0 || (*end && (*end != '.' || strlen(end) != 2)))
		return NULL;
	return pool_print(&s->pool, "%.*s%s", (int)(end - word), word, ends[second]);
}

/* An object is of a simpler kind, all over the program: some defects do not care what they happen to. */
static bool other_kind(struct shrink *s, uint32_t i)
{
	static const struct {
		const char *word, *ends[2];
	} kinds[] = {{"pipe", {".r", ".w"}}, {"sock", {".0", ".1"}}, {"lessor", {"", ""}}};
	const char *name = s->now.line[i].word[1];

	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		bool possible = !line_is(&s->now.line[i], kinds[k].word);

		if (!possible || !shrink_begin(s))
			continue;
		s->next.line[i] = (struct line){2, {kinds[k].word, name}};
		for (uint32_t j = 0; j < s->next.n; j++) {
			struct line *line = &s->next.line[j];

			for (uint32_t w = 1; w < line->n && j != i; w++) {
				if (!word_names_object(line, w, name))
					continue;
				line->word[w] = with_end(s, line->word[w], name, kinds[k].ends);
				possible = possible && line->word[w];
				line->word[w] = line->word[w] ? line->word[w] : "";
			}
		}
		if (possible && shrink_try(s))
			return true;
	}
	return false;
}

/* One object takes the place of another, all over the program. */
static bool merge_objects(struct shrink *s, uint32_t keep, uint32_t gone)
{
	const char *name = s->now.line[keep].word[1], *old = s->now.line[gone].word[1];

	if (strcmp(s->now.line[keep].word[0], s->now.line[gone].word[0]) != 0 || !shrink_begin(s))
		return false;
	for (uint32_t i = 0; i < s->next.n; i++) {
		for (uint32_t k = 1; k < s->next.line[i].n; k++) {
			const char *word = s->next.line[i].word[k];
			const char *value = strchr(word, '=') ? strchr(word, '=') + 1 : word;

			if (i == gone || !word_names_object(&s->next.line[i], k, old) || strchr(word, ','))
				continue;
			s->next.line[i].word[k] =
				pool_print(&s->pool, "%.*s%s%s", (int)(value - word), word, name, value + strlen(old));
		}
	}
	lines_cut(&s->next, gone, 1);
	return shrink_try(s);
}

bool shrink_names(struct shrink *s)
{
	bool any = swap_ends(s);

	for (uint32_t i = 0; i < s->now.n; i++)
		for (uint32_t k = 0; k < s->now.n && i < s->now.n; k++)
			if (i != k && line_declares(&s->now.line[i]) && line_declares(&s->now.line[k]))
				any |= merge_objects(s, i, k);
	for (uint32_t i = 0; i < s->now.n; i++)
		if (line_declares(&s->now.line[i]) && s->now.line[i].n > 1)
			any |= other_kind(s, i);
	for (uint32_t i = 0; i < s->now.n; i++)
		for (uint32_t k = 1; k < s->now.line[i].n; k++)
			if (is_object_word(&s->now.line[i], k, &s->now))
				any |= other_object(s, i, k);
	return any;
}
