/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <string.h>

#include "cost.h"

/* From simple to involved. What is not here comes behind all others. */
static const char *const ranks[] = {
	"NOP",
	"BAD",
	"READ",
	"WRITE",
	"RECV",
	"SEND",
	"LEASE",
	"TIMEOUT",
	"POLL_ADD",
	"FSYNC",
	"READV",
	"WRITEV",
	"RECVMSG",
	"SENDMSG",
	"READ_FIXED",
	"WRITE_FIXED",
	"ASYNC_CANCEL",
	"LINK_TIMEOUT",
	"TIMEOUT_REMOVE",
	"POLL_REMOVE",
	"CLOSE",
	"SHUTDOWN",
	"PROVIDE_BUFFERS",
	"REMOVE_BUFFERS",
	"READ_MULTISHOT",
	"UBLK_PROVIDE",
	"UBLK_FETCH",
	"UBLK_COMMIT_AND_FETCH",
	"UBLK_NEED_GET_DATA",
	"UBLK_CMD",
	/* statements; objects come with what needs them */
	"sqe",
	"mem",
	"file",
	"pipe",
	"sock",
	"lessor",
	"block",
	"ublk",
	"listen",
	"submit",
	"reap",
	"exit",
	"wait",
	"write",
	"read",
	"close",
	"shutdown",
	"connect",
	"die",
	"exec",
	"blkreq",
	"register",
	"buffers",
	"provide",
	"ring",
};

uint32_t rank_of_word(const char *word)
{
	uint32_t k = 0;

	while (k < sizeof(ranks) / sizeof(ranks[0]) && strcmp(ranks[k], word) != 0)
		k++;
	return k;
}

static uint32_t digit(char c)
{
	if (c >= '0' && c <= '9')
		return (uint32_t)(c - '0');
	return (uint32_t)(tolower((unsigned char)c) - 'a' + 10);
}

/* The value saturates far above anything that matters. */
static uint64_t read_value(const char *p, size_t n, uint32_t base)
{
	uint64_t value = 0;

	for (size_t i = 0; i < n; i++)
		value = value > UINT64_MAX / 32 ? UINT64_MAX : value * base + digit(p[i]);
	return value;
}

bool number_find(const char *word, size_t from, struct number *number)
{
	for (size_t i = 0; word[i]; i++) {
		const char before = i ? word[i - 1] : '\0';

		/* a digit within a name is no number */
		if (i < from || !isdigit((unsigned char)word[i]) || isalnum((unsigned char)before) || before == '_' ||
		    before == '.')
			continue;
		*number = (struct number){.at = i};
		number->hex = word[i] == '0' && word[i + 1] == 'x';
		number->n = number->hex ? 2 : 0;
		while (number->hex ? isxdigit((unsigned char)word[i + number->n])
				   : isdigit((unsigned char)word[i + number->n]))
			number->n++;
		number->value =
			number->hex ? read_value(word + i + 2, number->n - 2, 16) : read_value(word + i, number->n, 10);
		return true;
	}
	return false;
}

bool number_is_negative(const char *word, const struct number *number)
{
	return number->at > 1 && word[number->at - 1] == '-' && word[number->at - 2] == '=';
}

static void add_word(struct cost *cost, const char *word)
{
	struct number number;

	cost->parts++;
	for (const char *p = word; *p; p++)
		cost->parts += *p == '|' || *p == ',' || *p == '+';
	for (size_t at = 0; number_find(word, at, &number); at = number.at + number.n) {
		/* 2^24 of such numbers make no overflow; beyond 2^39 they are alike but for their text */
		cost->value += number.value < 1ULL << 39 ? number.value : 1ULL << 39;
	}
}

void cost_of(const struct lines *lines, const char *text, struct cost *cost)
{
	*cost = (struct cost){.lines = lines->n, .length = strlen(text)};
	for (uint32_t i = 0; i < lines->n; i++) {
		const struct line *line = &lines->line[i];

		cost->rank += rank_of_word(line->word[0]);
		cost->places += line_is(line, "ring") ? 2U * i : line_declares(line) ? i : 0;
		if (line_is(line, "sqe") && line->n > 2)
			cost->rank += rank_of_word(line->word[2]);
		for (uint32_t k = 0; k < line->n; k++)
			add_word(cost, line->word[k]);
	}
}

int cost_compare(const struct cost *a, const char *a_text, const struct cost *b, const char *b_text)
{
	if (a->lines != b->lines)
		return a->lines < b->lines ? -1 : 1;
	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	if (a->parts != b->parts)
		return a->parts < b->parts ? -1 : 1;
	if (a->value != b->value)
		return a->value < b->value ? -1 : 1;
	if (a->length != b->length)
		return a->length < b->length ? -1 : 1;
	/* what is declared comes first */
	if (a->places != b->places)
		return a->places < b->places ? -1 : 1;
	return strcmp(a_text, b_text);
}
