/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "groupbuf/abi.h"

#include "cost.h"
#include "edits.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* In the order of preference. */
static const char *const flag_names[] = {"SQE_GROUP",	"IO_LINK",	    "IO_DRAIN",	  "ASYNC",
					 "IO_HARDLINK", "CQE_SKIP_SUCCESS", "FIXED_FILE", "BUFFER_SELECT"};

static const char *const enums[] = {"dir=dest",	  "dir=source",	     "read",	   "write",
				    "mode=async", "mode=fail_after", "mode=twice", "mode=no_ack"};
static const struct {
	uint8_t from, to; /* enums[from] to enums[to - 1] are values of one word */
} enum_groups[] = {{0, 2}, {2, 4}, {4, 8}};

static const uint64_t values[] = {0, 1, 2, 512};
#define VALUES (COUNT(values) + 2) /* and half, and one less */

static const char *const ends[] = {"", ".0", ".1", ".r", ".w"};

/* Opcodes with their fields; OBJECT stands for an end the program has. */
#define OBJECT "fd="
static const char *const ops[][3] = {
	{"NOP"},
	{"NOP", "res=-1"},
	{"BAD"},
	{"READ", OBJECT},
	{"READ", OBJECT, "len=1"},
	{"WRITE", OBJECT},
	{"WRITE", OBJECT, "len=1"},
	{"RECV", OBJECT},
	{"RECV", OBJECT, "len=1"},
	{"SEND", OBJECT, "len=1"},
	{"TIMEOUT", "ms=0"},
	{"FSYNC", OBJECT},
	{"UBLK_PROVIDE", OBJECT, "tag=0"},
};

/* What statements may take the place of one, with an end the program has. */
static const struct {
	const char *word, *tail;
} stmts[] = {{"write", "1"}, {"close", NULL}, {"shutdown", NULL}};

/* ---- the list ---- */

struct list {
	const struct lines *lines;
	struct edit *edit;
	uint32_t n, max;
};

static void add(struct list *l, enum edit_kind kind, uint32_t line, uint32_t word, uint32_t arg, uint32_t at)
{
	if (l->n < l->max)
		l->edit[l->n] = (struct edit){kind, line, word, arg, at};
	l->n++;
}

static void list_objects(struct list *l, uint32_t i, uint32_t k, enum edit_kind kind, uint32_t op)
{
	for (uint32_t j = 0; j < l->lines->n; j++) {
		const struct line *object = &l->lines->line[j];
		const bool pipe = line_is(object, "pipe"), sock = line_is(object, "sock");

		if (!line_declares(object) || line_is(object, "mem") || (kind == EDIT_STMT && !pipe && !sock))
			continue;
		for (uint32_t e = 0; e < COUNT(ends); e++)
			if (e == 0 ? !pipe && !sock : e < 3 ? sock : pipe)
				add(l, kind, i, kind == EDIT_OBJECT ? k : j, kind == EDIT_OBJECT ? j : op, e);
	}
}

static void list_word(struct list *l, uint32_t i, uint32_t k)
{
	const struct line *line = &l->lines->line[i];
	const char *word = line->word[k];
	struct number number;

	if (k > 1)
		add(l, EDIT_CUT_WORD, i, k, 0, 0);
	for (uint32_t g = 0; g < COUNT(enum_groups); g++) {
		bool is = false;

		for (uint32_t v = enum_groups[g].from; v < enum_groups[g].to; v++)
			is = is || strcmp(word, enums[v]) == 0;
		for (uint32_t v = enum_groups[g].from; is && v < enum_groups[g].to; v++)
			if (strcmp(word, enums[v]) != 0)
				add(l, EDIT_WORD, i, k, v, 0);
	}
	for (size_t at = 0; number_find(word, at, &number); at = number.at + number.n)
		for (uint32_t v = 0; v < VALUES; v++)
			add(l, EDIT_NUMBER, i, k, v, (uint32_t)number.at);
	if (word_value(word, "fd") && !line_declares(line))
		list_objects(l, i, k, EDIT_OBJECT, 0);
}

static void list_sqe(struct list *l, uint32_t i)
{
	for (uint32_t f = 0; f < COUNT(flag_names); f++)
		add(l, EDIT_FLAG, i, 0, f, 0);
	for (uint32_t op = 0; op < COUNT(ops); op++) {
		if (strncmp(ops[op][0], "UBLK", 4) == 0 && strncmp(l->lines->line[i].word[2], "UBLK", 4) != 0)
			continue;
		if (ops[op][1] && strcmp(ops[op][1], OBJECT) == 0)
			list_objects(l, i, 0, EDIT_OP, op);
		else
			add(l, EDIT_OP, i, UINT32_MAX, op, 0);
	}
}

uint32_t edits_list(const struct lines *lines, struct edit *list, uint32_t max)
{
	struct list l = {lines, list, 0, max};

	for (uint32_t i = 0; i < lines->n; i++) {
		const struct line *line = &lines->line[i];

		add(&l, EDIT_CUT_LINE, i, 0, 0, 0);
		if (line_declares(line))
			add(&l, EDIT_CUT_USERS, i, 0, 0, 0);
		if (line_is(line, "ublk"))
			for (uint32_t v = 0; v < 8; v++)
				add(&l, EDIT_LESSOR, i, 0, v, 0);
		if (i + 1 < lines->n)
			add(&l, EDIT_SWAP, i, 0, 0, 0);
		if (line_is(line, "sqe") && line->n > 2)
			list_sqe(&l, i);
		for (uint32_t v = 0; !line_declares(line) && !line_is(line, "submit") && v < COUNT(stmts); v++)
			list_objects(&l, i, 0, EDIT_STMT, v);
		for (uint32_t k = 1; k < line->n; k++)
			list_word(&l, i, k);
	}
	return l.n < max ? l.n : max;
}

/* ---- making them ---- */

void edits_cut_words(struct lines *lines, const struct line *gone)
{
	const char *name = gone->word[1];
	const bool object = line_declares(gone);

	for (uint32_t i = 0; gone->n > 1 && i < lines->n; i++) {
		struct line *line = &lines->line[i];

		for (uint32_t k = line->n; k-- > 2;)
			if (object ? word_names_object(line, k, name) : word_names_label(line, k, name))
				line_cut(line, k, 1);
	}
}

void edits_cut_users(struct lines *lines, const char *name)
{
	for (uint32_t i = lines->n; i--;) {
		bool names = false;

		for (uint32_t k = 1; k < lines->line[i].n; k++)
			names = names || word_names_object(&lines->line[i], k, name);
		if (names)
			lines_cut(lines, i, 1);
	}
}

static uint32_t flags_at(const struct line *line)
{
	uint32_t k = 3;

	while (k < line->n && !word_value(line->word[k], "flags"))
		k++;
	return k;
}

/* A part of a list of flags; the drain bit has two names. */
static bool part_is(const char *part, const char *name, size_t n)
{
	const size_t own = strcspn(part, "|");

	if (own == strlen("GROUP_BUF") && strncmp(part, "GROUP_BUF", own) == 0)
		return strcmp(name, "IO_DRAIN") == 0;
	return own == n && strncmp(part, name, n) == 0;
}

/* The names of the flags in the order in which they are printed, f turned round. */
static bool make_flag(struct line *line, struct pool *pool, uint32_t f)
{
	static const char *const printed[] = {"FIXED_FILE",    "GROUP_BUF",	   "IO_DRAIN",
					      "IO_LINK",       "IO_HARDLINK",	   "ASYNC",
					      "BUFFER_SELECT", "CQE_SKIP_SUCCESS", "SQE_GROUP"};
	const uint32_t at = flags_at(line);
	const char *old = at < line->n ? line->word[at] + strlen("flags=") : "";
	const char *word = "";

	for (size_t p = 0; p < COUNT(printed); p++) {
		const size_t n = strlen(printed[p]);
		bool on = false;

		for (const char *part = old; *part && !on; part += strcspn(part, "|"), part += *part == '|')
			on = part_is(part, printed[p], n);
		if (strcmp(printed[p], flag_names[f]) == 0)
			on = !on;
		if (on)
			word = pool_print(pool, "%s%s%s", word, *word ? "|" : "flags=", printed[p]);
	}
	if (!*word) {
		if (at < line->n)
			line_cut(line, at, 1);
		return true;
	}
	if (at == LINE_WORDS)
		return false;
	line->word[at] = word;
	line->n += at == line->n;
	return true;
}

static bool make_op(struct lines *lines, struct pool *pool, const struct edit *e)
{
	struct line *line = &lines->line[e->line];
	const uint32_t at = flags_at(line);
	const char *flags = at < line->n ? line->word[at] : NULL;

	line->n = 2;
	for (uint32_t k = 0; k < 3 && ops[e->arg][k]; k++) {
		const char *word = ops[e->arg][k];

		if (strcmp(word, OBJECT) == 0)
			word = pool_print(pool, "fd=%s%s", lines->line[e->word].word[1], ends[e->at]);
		line->word[line->n++] = word;
	}
	if (flags)
		line->word[line->n++] = flags;
	return true;
}

static bool make_number(struct line *line, struct pool *pool, const struct edit *e)
{
	const char *word = line->word[e->word];
	struct number number;
	uint64_t value;

	if (!number_find(word, e->at, &number))
		return false;
	value = e->arg < COUNT(values)	  ? values[e->arg]
		: e->arg == COUNT(values) ? number.value / 2
					  : number.value - (number.value > 0);
	if (value >= number.value)
		return false;
	line->word[e->word] =
		pool_print(pool, "%.*s%" PRIu64 "%s", (int)(number.at - (!value && number_is_negative(word, &number))),
			   word, value, word + number.at + number.n);
	return true;
}

/* PROVIDE becomes LEASE; the device and everything else that is about it go. */
static bool make_lessor(struct lines *lines, struct pool *pool, const struct edit *e)
{
	static const char *const lens[] = {"len=1", "len=512", "len=1024", "len=4096"};
	const char *name = lines->line[e->line].word[1];

	for (uint32_t i = 0; i < lines->n; i++) {
		struct line *line = &lines->line[i];
		const uint32_t at = flags_at(line);
		const char *flags = at < line->n ? line->word[at] : NULL;

		if (!line_is(line, "sqe") || line->n < 4 || strcmp(line->word[2], "UBLK_PROVIDE") != 0)
			continue;
		line->word[2] = "LEASE";
		line->word[3] = "fd=lessor-of-all";
		line->word[4] = e->arg & 1 ? "dir=source" : "dir=dest";
		line->word[5] = lens[e->arg / 2];
		line->n = 6;
		if (flags)
			line->word[line->n++] = flags;
	}
	edits_cut_users(lines, name);
	for (uint32_t i = 0; i < lines->n; i++)
		if (line_is(&lines->line[i], "lessor"))
			return false;
	if (lines->n == lines->room)
		return false;
	memmove(lines->line + 1, lines->line, lines->n * sizeof(*lines->line));
	lines->line[0] = (struct line){2, {"lessor", "lessor-of-all"}};
	lines->n++;
	(void)pool;
	return true;
}

static bool make_cut(struct lines *lines, const struct edit *e)
{
	const struct line gone = lines->line[e->line];

	lines_cut(lines, e->line, 1);
	if (e->kind == EDIT_CUT_USERS)
		edits_cut_users(lines, gone.word[1]);
	else
		edits_cut_words(lines, &gone);
	return true;
}

bool edits_make(struct lines *lines, struct pool *pool, const struct edit *e)
{
	struct line *line = &lines->line[e->line];
	struct line other;
	const char *word = line->word[e->word < line->n ? e->word : 0];
	const char *value = strchr(word, '=');

	switch (e->kind) {
	case EDIT_CUT_LINE:
	case EDIT_CUT_USERS:
		return make_cut(lines, e);
	case EDIT_CUT_WORD:
		line_cut(line, e->word, 1);
		break;
	case EDIT_FLAG:
		return make_flag(line, pool, e->arg);
	case EDIT_OP:
		return make_op(lines, pool, e);
	case EDIT_WORD:
		line->word[e->word] = enums[e->arg];
		break;
	case EDIT_NUMBER:
		return make_number(line, pool, e);
	case EDIT_OBJECT:
		line->word[e->word] = pool_print(pool, "%.*s%s%s", value ? (int)(value - word) + 1 : 0, word,
						 lines->line[e->arg].word[1], ends[e->at]);
		break;
	case EDIT_STMT:
		line->n = 2;
		line->word[0] = stmts[e->arg].word;
		line->word[1] = pool_print(pool, "%s%s", lines->line[e->word].word[1], ends[e->at]);
		if (stmts[e->arg].tail)
			line->word[line->n++] = stmts[e->arg].tail;
		break;
	case EDIT_SWAP:
		other = line[0];
		line[0] = line[1];
		line[1] = other;
		break;
	case EDIT_LESSOR:
		return make_lessor(lines, pool, e);
	}
	return true;
}
