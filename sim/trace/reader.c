/* SPDX-License-Identifier: MIT */
/* Reading a trace: lines, the function of each, and what all of those need. */
#include <stdlib.h>
#include <string.h>

#include "trace/reader.h"

/* What a line may begin with, in the order of an error text that lists it. */
static const struct {
	const char *word;
	bool (*read)(struct gb_reader *r, const struct gb_word *verb);
} statements[] = {
	{"title", gb_read_title},
	{"ring", gb_read_ring},
	{"file", gb_read_file},
	{"block", gb_read_block},
	{"pipe", gb_read_pipe},
	{"sock", gb_read_sock},
	{"listen", gb_read_listen},
	{"lessor", gb_read_lessor},
	{"mem", gb_read_mem},
	{"ublk", gb_read_ublk},
	{"sqe", gb_read_sqe},
	{"submit", gb_read_submit},
	{"wait", gb_read_wait},
	{"reap", gb_read_reap},
	{"write", gb_read_write},
	{"read", gb_read_read},
	{"connect", gb_read_connect},
	{"shutdown", gb_read_shutdown},
	{"close", gb_read_close},
	{"exit", gb_read_exit},
	{"die", gb_read_die},
	{"exec", gb_read_exec},
	{"register", gb_read_register},
	{"blkreq", gb_read_blkreq},
	{"buffers", gb_read_buffers},
	{"provide", gb_read_provide},
	{"cqe", gb_read_cqe},
	{"submitted", gb_read_submitted},
	{"registered", gb_read_registered},
	{"stuck", gb_read_stuck},
	{"ack", gb_read_ack},
	{"got", gb_read_got},
	{"wrote", gb_read_wrote},
	{"connected", gb_read_connected},
	{"blk", gb_read_blk},
	{"final", gb_read_final},
	{"hazard", gb_read_hazard},
	{"invariant", gb_read_invariant},
	{"seen", gb_read_seen},
	{"forall", gb_read_forall},
	{"exists", gb_read_exists},
	{"never", gb_read_never},
};

#define N_STATEMENTS (sizeof(statements) / sizeof(statements[0]))

bool gb_fail(struct gb_reader *r, uint32_t column, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	if (r->error.status == GB_OK)
		gb_error_vset(&r->error, GB_BAD_INPUT, r->line, column, fmt, args);
	va_end(args);
	return false;
}

bool gb_not_simulated(struct gb_reader *r, uint32_t column, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	if (r->error.status == GB_OK)
		gb_error_vset(&r->error, GB_NOT_SIMULATED, r->line, column, fmt, args);
	va_end(args);
	return false;
}

bool gb_no_memory(struct gb_reader *r)
{
	if (r->error.status == GB_OK)
		gb_error_set(&r->error, GB_NO_MEMORY, r->line, 0, "out of memory");
	return false;
}

void *gb_room(struct gb_reader *r, void *array, uint32_t n, uint32_t *room, size_t size)
{
	uint32_t more = *room ? *room * 2 : 16; /* the limits keep this far from overflow */
	void *moved;

	if (n < *room)
		return array;
	moved = realloc(array, more * size);
	if (!moved) {
		gb_no_memory(r);
		return NULL;
	}
	*room = more;
	return moved;
}

char *gb_copy(struct gb_reader *r, const char *p, size_t len)
{
	char *s = malloc(len + 1);

	if (!s) {
		gb_no_memory(r);
		return NULL;
	}
	memcpy(s, p, len);
	s[len] = '\0';
	return s;
}

/*
 * Length of the UTF-8 sequence at p, 0 if it is none. Control characters are
 * none either, of both sets: a title goes to terminals.
 */
static size_t character(const char *p, const char *end)
{
	const unsigned char *s = (const unsigned char *)p;
	size_t left = (size_t)(end - p);
	size_t len;
	uint32_t code;

	if (s[0] < 0x80)
		return (s[0] >= ' ' && s[0] != 0x7f) || s[0] == '\t';
	len = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
	if (s[0] < 0xc2 || s[0] > 0xf4 || left < len)
		return 0;
	code = s[0] & (0x7fU >> len);
	for (size_t i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (s[i] & 0x3f);
	}
	if (code < 0xa0 || (len == 3 && code < 0x800) || (len == 4 && code < 0x10000))
		return 0;
	return code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? 0 : len;
}

/* Of what `character` refuses: broken UTF-8, or a control character, the second set of which has two bytes? */
static bool is_control(const char *p, const char *end)
{
	const unsigned char *s = (const unsigned char *)p;

	return s[0] < 0x80 || (s[0] == 0xc2 && end - p > 1 && (s[1] & 0xe0) == 0x80);
}

static bool check_characters(struct gb_reader *r)
{
	for (const char *p = r->line_start; p < r->line_end;) {
		size_t len = character(p, r->line_end);

		if (!len)
			return gb_fail(r, (uint32_t)(p - r->line_start) + 1,
				       is_control(p, r->line_end)
					       ? "byte \\x%02x is of a control character; expected text"
					       : "byte \\x%02x is no UTF-8; expected text",
				       (unsigned int)(unsigned char)*p);
		p += len;
	}
	return true;
}

/* Takes the next line; comment, line end and trailing blanks are cut off. */
static bool take_line(struct gb_reader *r)
{
	const char *newline = memchr(r->text, '\n', (size_t)(r->text_end - r->text));
	const char *end = newline ? newline : r->text_end;
	const char *comment;

	r->line_start = r->text;
	r->text = newline ? newline + 1 : r->text_end;
	r->line++;
	if (end > r->line_start && end[-1] == '\r')
		end--;
	r->p = r->line_start;
	r->line_end = end;
	if (r->line > GB_MAX_LINES)
		return gb_fail(r, 1, "the trace is too long; expected at most %u lines", GB_MAX_LINES);
	if (!check_characters(r))
		return false;
	comment = memchr(r->p, '#', (size_t)(end - r->p));
	if (comment)
		end = comment;
	while (end > r->p && gb_is_blank(end[-1]))
		end--;
	r->line_end = end;
	return true;
}

static bool read_line(struct gb_reader *r)
{
	struct gb_keyword names[N_STATEMENTS];
	struct gb_word verb;

	if (!gb_next_word(r, &verb))
		return true;
	for (size_t i = 0; i < N_STATEMENTS; i++)
		if (gb_word_is(&verb, statements[i].word))
			return statements[i].read(r, &verb) && gb_want_end(r);
	for (size_t i = 0; i < N_STATEMENTS; i++)
		names[i] = (struct gb_keyword){statements[i].word, 0};
	return gb_unknown(r, "statement", &verb, names, N_STATEMENTS);
}

static bool read_trace(struct gb_reader *r, size_t size)
{
	static const char bom[] = "\xef\xbb\xbf";

	r->trace = calloc(1, sizeof(*r->trace));
	if (!r->trace)
		return gb_no_memory(r);
	r->trace->entries = 64;
	r->sq_entries = 64;
	if (size > GB_MAX_TEXT)
		return gb_fail(r, 0, "the trace is too long; expected at most %u bytes", GB_MAX_TEXT);
	if (size >= 3 && memcmp(r->text, bom, 3) == 0)
		r->text += 3;
	if (!gb_collect_labels(r))
		return false;
	while (r->text < r->text_end)
		if (!take_line(r) || !read_line(r))
			return false;
	return true;
}

enum gb_status gb_trace_parse(const char *text, size_t size, struct gb_trace **out, struct gb_error *err)
{
	struct gb_reader r = {0};

	if (!size)
		text = ""; /* a caller without bytes may come without a pointer */
	r.text = text;
	r.text_end = text + size;
	*out = NULL;
	if (read_trace(&r, size))
		*out = r.trace;
	else
		gb_trace_free(r.trace);
	free(r.labels);
	if (err)
		*err = r.error;
	return r.error.status;
}
