/* SPDX-License-Identifier: MIT */
/*
 * The reader of the trace language, shared by its files. It makes two passes:
 * labels.c collects the labels, so that a line may name an SQE of a later one;
 * then every line is read by the function of its first word. Functions return
 * false after the first error, which is then in reader.error.
 */
#ifndef GB_TRACE_READER_H
#define GB_TRACE_READER_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "groupbuf/trace.h"

/* A word of the line being read, or a part of one. */
struct gb_word {
	const char *p;
	size_t len;
	uint32_t column;
	size_t prefix; /* bytes in front of p that belong to it: "len=" */
};

/* A label and the index of its SQE. */
struct gb_label {
	const char *p;
	uint32_t len;
	uint32_t sqe;
};

struct gb_reader {
	struct gb_trace *trace;
	struct gb_error error;
	const char *text, *text_end; /* text: the first line not yet read */
	const char *line_start, *line_end;
	const char *p; /* the next byte of the line */
	uint32_t line;
	uint32_t objects_room, sqes_room, blkreqs_room, stmts_room, restrictions_room, expect_room, seen_room,
		props_room;
	struct gb_label *labels; /* sorted by name, then by sqe */
	uint32_t n_labels;
	uint32_t sq_entries;	   /* what the ring's submission queue has */
	uint32_t batch;		   /* SQEs queued since the last submit */
	uint32_t program_line;	   /* first statement of the program, 0 if none yet */
	uint32_t exit_line;	   /* `exit`, 0 if none yet */
	bool enabled;		   /* `register enable` came */
	uint32_t gone_line;	   /* `die` or `exec`, 0 if none yet */
	uint32_t cqe_line;	   /* last `cqe` with a label, 0 if none yet */
	uint32_t none_line;	   /* `cqe none`, 0 if none yet */
	unsigned char rings[8192]; /* one bit per buffer group: has it a ring? */
};

/* error.c: gb_error_set for a va_list. */
void gb_error_vset(struct gb_error *err, enum gb_status status, uint32_t line, uint32_t column, const char *fmt,
		   va_list args) GB_PRINTF(5, 0);

/* reader.c: errors of the current line; all return false, the first one counts. */
bool gb_fail(struct gb_reader *r, uint32_t column, const char *fmt, ...) GB_PRINTF(3, 4);
bool gb_not_simulated(struct gb_reader *r, uint32_t column, const char *fmt, ...) GB_PRINTF(3, 4);
bool gb_no_memory(struct gb_reader *r);

/* reader.c: room for one more element behind n; the (moved) array or NULL. */
void *gb_room(struct gb_reader *r, void *array, uint32_t n, uint32_t *room, size_t size);

/* reader.c: a copy of `len` bytes as a string, or NULL. */
char *gb_copy(struct gb_reader *r, const char *p, size_t len);

/* labels.c */
bool gb_collect_labels(struct gb_reader *r);
bool gb_find_label(const struct gb_reader *r, const struct gb_word *w, uint32_t *sqe);
bool gb_read_label(struct gb_reader *r, const struct gb_word *w, uint32_t *sqe);

/*
 * words.c: a word for an error text, in quotes or with its "key=", escaped and
 * cut, in buf. GB_QUOTE gives it a buffer that lives as long as the block.
 */
#define GB_QUOTE_SIZE 64
const char *gb_quote(char buf[static GB_QUOTE_SIZE], const struct gb_word *w);
#define GB_QUOTE(w) gb_quote((char[GB_QUOTE_SIZE]){0}, (w))

/* words.c: taking the line apart. */
bool gb_is_blank(char c);
bool gb_is_name_char(char c, bool first);
bool gb_word_is(const struct gb_word *w, const char *s);
bool gb_next_word(struct gb_reader *r, struct gb_word *w);
bool gb_want_word(struct gb_reader *r, struct gb_word *w, const char *expected);
bool gb_want_end(struct gb_reader *r);
struct gb_word gb_rest(struct gb_reader *r);
struct gb_word gb_part(const struct gb_word *w, size_t from, size_t len);
bool gb_check_name(struct gb_reader *r, const struct gb_word *w);

/* numbers.c: a number from min to max, negative ones in two's complement. */
bool gb_read_number(struct gb_reader *r, const struct gb_word *w, int64_t min, uint64_t max, uint64_t *out);
bool gb_read_u32(struct gb_reader *r, const struct gb_word *w, uint32_t min, uint32_t max, uint32_t *out);
bool gb_read_i32(struct gb_reader *r, const struct gb_word *w, int32_t *out);
bool gb_read_result(struct gb_reader *r, const struct gb_word *w, int32_t *out);
bool gb_read_hash(struct gb_reader *r, const struct gb_word *w, uint64_t *out);

/* keywords.c: one of a set of words. */
struct gb_keyword {
	const char *name;
	uint32_t value;
};

bool gb_find_keyword(const struct gb_word *w, const struct gb_keyword *table, size_t n, uint32_t *value);
bool gb_unknown(struct gb_reader *r, const char *what, const struct gb_word *w, const struct gb_keyword *table,
		size_t n);
bool gb_read_keyword(struct gb_reader *r, const char *what, const struct gb_word *w, const struct gb_keyword *table,
		     size_t n, uint32_t *value);
bool gb_read_flags(struct gb_reader *r, const char *what, const struct gb_word *w, const struct gb_keyword *table,
		   size_t n, uint32_t max, uint32_t *value);

/* keywords.c: of the names tried, the one that w was most likely meant to be. */
struct gb_suggestion {
	const char *name; /* NULL: none */
	size_t distance;
};
void gb_suggest(struct gb_suggestion *best, const struct gb_word *w, const char *name);

/* keywords.c: `key=value` pairs in any order; keys have the values 0, 1, ... */
struct gb_pairs {
	const struct gb_keyword *keys;
	size_t n;
	const char *bare; /* what a word without '=' is, NULL if there may be none */
	uint32_t given;	  /* bit set of the keys found so far */
};

enum gb_item { GB_ITEM_ERROR, GB_ITEM_END, GB_ITEM_PAIR, GB_ITEM_BARE };
enum gb_item gb_next_item(struct gb_reader *r, struct gb_pairs *pairs, uint32_t *key, struct gb_word *value);

/* objects.c: what names the things of the world. */
const char *gb_kind_name(enum gb_object_kind kind);    /* "sock" */
const char *gb_kind_article(enum gb_object_kind kind); /* "a socket pair" */
bool gb_read_fd(struct gb_reader *r, const struct gb_word *w, struct gb_fd *fd);
bool gb_read_addr(struct gb_reader *r, const struct gb_word *w, struct gb_addr *addr);
bool gb_read_end(struct gb_reader *r, const struct gb_word *w, bool listener, struct gb_fd *fd);
bool gb_read_listener(struct gb_reader *r, const struct gb_word *w, uint8_t *object);
bool gb_read_ranges(struct gb_reader *r, const struct gb_word *w, uint32_t max, struct gb_segment **list, uint32_t *n);
bool gb_read_fds(struct gb_reader *r, const struct gb_word *w, uint32_t max, struct gb_fd **list, uint32_t *n);
bool gb_read_final_name(struct gb_reader *r, const struct gb_word *w, struct gb_fd *fd);
int gb_find_object(const struct gb_trace *trace, const char *name, size_t len);

/* reader_world.c: an object with the name that comes next; NULL after an error. */
struct gb_object *gb_new_object(struct gb_reader *r, enum gb_object_kind kind, const struct gb_word *verb);

/* reader_world.c, reader_file.c, reader_sqe.c, reader_program.c, reader_blk.c, reader_observe.c, reader_prop.c: one
 * function per first word. */
bool gb_read_title(struct gb_reader *r, const struct gb_word *verb);
bool gb_read_ring(struct gb_reader *r, const struct gb_word *verb);
bool gb_read_file(struct gb_reader *r, const struct gb_word *verb);
bool gb_read_block(struct gb_reader *r, const struct gb_word *verb);
bool gb_read_pipe(struct gb_reader *r, const struct gb_word *verb);
bool gb_read_sock(struct gb_reader *r, const struct gb_word *verb);
bool gb_read_listen(struct gb_reader *r, const struct gb_word *verb);
bool gb_read_connect(struct gb_reader *r, const struct gb_word *verb);
bool gb_read_lessor(struct gb_reader *r, const struct gb_word *verb);
bool gb_read_mem(struct gb_reader *r, const struct gb_word *verb);
bool gb_read_ublk(struct gb_reader *r, const struct gb_word *verb);
bool gb_read_sqe(struct gb_reader *r, const struct gb_word *verb);
bool gb_read_submit(struct gb_reader *r, const struct gb_word *verb);
bool gb_read_wait(struct gb_reader *r, const struct gb_word *verb);
bool gb_read_reap(struct gb_reader *r, const struct gb_word *verb);
bool gb_read_write(struct gb_reader *r, const struct gb_word *verb);
bool gb_read_read(struct gb_reader *r, const struct gb_word *verb);
bool gb_read_shutdown(struct gb_reader *r, const struct gb_word *verb);
bool gb_read_close(struct gb_reader *r, const struct gb_word *verb);
bool gb_read_exit(struct gb_reader *r, const struct gb_word *verb);
bool gb_read_die(struct gb_reader *r, const struct gb_word *verb);
bool gb_read_exec(struct gb_reader *r, const struct gb_word *verb);
bool gb_read_register(struct gb_reader *r, const struct gb_word *verb);
bool gb_read_blkreq(struct gb_reader *r, const struct gb_word *verb);
bool gb_read_blk(struct gb_reader *r, const struct gb_word *verb);
bool gb_read_buffers(struct gb_reader *r, const struct gb_word *verb);
bool gb_read_provide(struct gb_reader *r, const struct gb_word *verb);
bool gb_read_cqe(struct gb_reader *r, const struct gb_word *verb);
bool gb_read_submitted(struct gb_reader *r, const struct gb_word *verb);
bool gb_read_registered(struct gb_reader *r, const struct gb_word *verb);
bool gb_read_stuck(struct gb_reader *r, const struct gb_word *verb);
bool gb_read_ack(struct gb_reader *r, const struct gb_word *verb);
bool gb_read_got(struct gb_reader *r, const struct gb_word *verb);
bool gb_read_wrote(struct gb_reader *r, const struct gb_word *verb);
bool gb_read_connected(struct gb_reader *r, const struct gb_word *verb);
bool gb_read_final(struct gb_reader *r, const struct gb_word *verb);
bool gb_read_hazard(struct gb_reader *r, const struct gb_word *verb);
bool gb_read_invariant(struct gb_reader *r, const struct gb_word *verb);
bool gb_read_seen(struct gb_reader *r, const struct gb_word *verb);
bool gb_read_forall(struct gb_reader *r, const struct gb_word *verb);
bool gb_read_exists(struct gb_reader *r, const struct gb_word *verb);
bool gb_read_never(struct gb_reader *r, const struct gb_word *verb);

/* reader_program.c: a statement only the submitting task can do; NULL after an error. */
struct gb_stmt *gb_task_stmt(struct gb_reader *r, enum gb_stmt_kind kind, const struct gb_word *verb);
/* reader_program.c: is the ring open, the task there? An error if not. */
bool gb_check_open(struct gb_reader *r, const struct gb_word *verb);
bool gb_check_task(struct gb_reader *r, const struct gb_word *verb);

/* reader_program.c: the next statement; notes where the program begins. NULL after an error. */
struct gb_stmt *gb_new_stmt(struct gb_reader *r, enum gb_stmt_kind kind, const struct gb_word *verb);

/* reader_observe.c: the next expectation; NULL after an error. */
struct gb_obs *gb_new_obs(struct gb_reader *r, enum gb_obs_kind kind, const struct gb_word *verb);

/* property.y and reader_prop.c: one expression while it is read. */
struct gb_prop_reader {
	struct gb_reader *r;
	struct gb_prop *prop;
	uint32_t room;
	struct gb_word token; /* the token last read */
	uint32_t nesting;     /* open parentheses */
	uint32_t nots;	      /* '!' in a row */
};

/* A new node and its index, or false. */
bool gb_prop_node(struct gb_prop_reader *in, struct gb_expr expr, uint32_t *index);

#endif
