/* SPDX-License-Identifier: MIT */
/*
 * What the tests of the rules of semantics.md share: runs a program and
 * compares what it shows with what the rule says.
 *
 * A program is a trace, with ';' for the end of a line. What is expected is a
 * row of words separated by blanks, in order:
 *
 *     a=0            the application takes this CQE
 *     a=0:REASON     and that is why (reason.def)
 *     a=-62+2        with CQE flags 2
 *     submitted:3    a submit that took another number than it was given
 *     stuck          a wait that cannot be satisfied
 *     got:p.r=16     what the outside has read
 *     wrote:p.w=16   an outside write that took less than asked
 *     !leak(a)       a hazard
 *     { ... }        the items in braces in any order
 *     [ ... ]        in this order, though others may come in between
 *     ... | ...      the one or the other
 */
#ifndef GB_TESTS_RULES_H
#define GB_TESTS_RULES_H

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "groupbuf/reason.h"
#include "groupbuf/world.h"

#include "io_uring/io_uring_types.h"

#define ALL "ring entries=64 flags=SUBMIT_ALL;"
#define DTR "ring entries=64 flags=SUBMIT_ALL|SINGLE_ISSUER|DEFER_TASKRUN;"

#define RULE_TEXT  8192
#define RULE_WORDS 64U

/* One run: the program as it was read, and every event. */
struct run {
	char *program;
	struct gb_trace *trace;
	struct gb_event *event;
	size_t n, room;
	enum gb_run_state state;
	uint64_t seed; /* 0: the default order */
};

/* Text that grows in a buffer of fixed size. */
struct text {
	char s[RULE_TEXT];
	size_t n;
};

static inline void text_add(struct text *t, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(t->s + t->n, sizeof(t->s) - t->n, format, args);
	va_end(args);
	assert_true(n >= 0 && t->n + (size_t)n < sizeof(t->s));
	t->n += (size_t)n;
}

/* ---- running ---- */

static inline void run_event(void *user, const struct gb_event *ev)
{
	struct run *r = user;

	if (r->n == r->room) {
		r->room = r->room ? 2 * r->room : 256;
		r->event = realloc(r->event, r->room * sizeof(*r->event));
		assert_non_null(r->event);
	}
	r->event[r->n++] = *ev;
}

static inline void run_free(struct run *r)
{
	gb_trace_free(r->trace);
	free(r->event);
	free(r->program);
	memset(r, 0, sizeof(*r));
}

static inline void run_read(struct run *r, const char *program)
{
	struct gb_error err = {0};
	char *text = strdup(program);

	assert_non_null(text);
	memset(r, 0, sizeof(*r));
	for (char *p = text; (p = strchr(p, ';'));)
		*p = '\n';
	if (gb_trace_parse(text, strlen(text), &r->trace, &err) != GB_OK) {
		print_error("%u:%u: %s\nin\n%s", err.line, err.column, err.text, text);
		free(text);
		fail();
	}
	r->program = text;
}

/* Runs with a configuration of one's own; its event sink is set here. */
static inline void run_config(struct run *r, const char *program, struct gb_config config)
{
	struct gb_world *world;

	run_read(r, program);
	r->seed = config.seed;
	config.event = run_event;
	config.event_user = r;
	assert_int_equal(gb_world_create(r->trace, &config, &world, NULL), GB_OK);
	r->state = gb_world_run(world);
	gb_world_destroy(world);
	if (r->state != GB_FINISHED && r->state != GB_DEAD) {
		print_error("does not come to an end:\n%s\n", r->program);
		run_free(r);
		fail();
	}
}

/* Runs with the switches of a variant on; seed 0 is the default order. */
static inline void run_variant(struct run *r, const char *program, uint64_t seed, uint32_t variant)
{
	run_config(r, program,
		   (struct gb_config){.strategy = seed ? GB_STRATEGY_RANDOM : GB_STRATEGY_DEFAULT,
				      .seed = seed,
				      .variant = variant});
}

static inline void run(struct run *r, const char *program)
{
	run_variant(r, program, 0, 0);
}

/* ---- what was observed, as words ---- */

static inline const char *run_label(const struct run *r, uint32_t req)
{
	return req == GB_NO_REQ ? "-" : r->trace->sqes[req].label;
}

static inline const char *run_end(const struct run *r, int64_t end, char *buf, size_t size)
{
	const struct gb_fd fd = {.is_object = true, .object = (uint8_t)(end >> 8), .end = (uint8_t)(end & 0xff)};

	return gb_fd_name(r->trace, fd, buf, size);
}

/* The word of an event, and behind it its reason; false if it has none. */
static inline bool run_word(const struct run *r, const struct gb_event *ev, struct text *t)
{
	char end[80];

	switch (ev->type) {
	case GB_EV_REAP:
	case GB_EV_CQE:
		text_add(t, "%s=%" PRId64, run_label(r, ev->req), ev->a);
		if (ev->b)
			text_add(t, "+%" PRIx64, (uint64_t)ev->b);
		if (ev->reason)
			text_add(t, ":%s", gb_reason_info(ev->reason)->name);
		return true;
	case GB_EV_SUBMITTED:
		if (ev->a != ev->b)
			text_add(t, "submitted:%" PRId64, ev->a);
		return ev->a != ev->b;
	case GB_EV_STUCK:
		text_add(t, "stuck");
		return true;
	case GB_EV_GOT:
		text_add(t, "got:%s=%" PRId64, run_end(r, ev->a, end, sizeof(end)), ev->b);
		return true;
	case GB_EV_WROTE:
		if (ev->b != ev->c)
			text_add(t, "wrote:%s=%" PRId64, run_end(r, ev->a, end, sizeof(end)), ev->b);
		return ev->b != ev->c;
	case GB_EV_HAZARD:
		text_add(t, "!%s(%s)", gb_hazard_name((enum gb_hazard_kind)ev->a), run_label(r, ev->req));
		return true;
	default:
		return false;
	}
}

/* ---- expectation and observation ---- */

/* The words expected, each with the set of those that have to come before it. */
struct pattern {
	const char *word[RULE_WORDS];
	size_t len[RULE_WORDS];
	uint64_t before[RULE_WORDS];
	uint32_t n;
};

static inline uint64_t words_from(uint32_t from, uint32_t to)
{
	uint64_t below = to < 64 ? (UINT64_C(1) << to) - 1 : UINT64_MAX;

	return below & ~((UINT64_C(1) << from) - 1);
}

/* Reads items until `end`; each item follows those before it, in braces only those before the brace. */
static inline const char *pattern_items(struct pattern *p, const char *s, char end, uint64_t before)
{
	bool any_order = end == '}';
	uint64_t after = before;

	for (;;) {
		uint32_t first = p->n;

		s += strspn(s, " ");
		if (!*s || *s == end)
			break;
		if (*s == '{' || *s == '[') {
			s = pattern_items(p, s + 1, *s == '{' ? '}' : ']', any_order ? before : after);
			assert_true(*s == '}' || *s == ']');
			s++;
		} else {
			assert_true(p->n < RULE_WORDS - 1);
			p->word[p->n] = s;
			p->len[p->n] = strcspn(s, " {}[]");
			s += p->len[p->n];
			p->before[p->n++] = any_order ? before : after;
		}
		after |= words_from(first, p->n);
	}
	return s;
}

/* An expected word without a reason is content with any. */
static inline bool word_matches(const char *expected, size_t len, const char *word, size_t word_len)
{
	const char *reason = memchr(word, ':', word_len);

	if (len == word_len && !memcmp(expected, word, len))
		return true;
	return !memchr(expected, ':', len) && reason && (size_t)(reason - word) == len && !memcmp(expected, word, len);
}

static inline bool words_match_one(const char *expected, const char *observed)
{
	struct pattern p = {.n = 0};
	uint64_t seen = 0;

	pattern_items(&p, expected, 0, 0);
	while (*(observed += strspn(observed, " "))) {
		size_t len = strcspn(observed, " ");
		uint32_t k = 0;

		while (k < p.n &&
		       (seen >> k & 1 || p.before[k] & ~seen || !word_matches(p.word[k], p.len[k], observed, len)))
			k++;
		if (k == p.n)
			return false;
		seen |= UINT64_C(1) << k;
		observed += len;
	}
	return seen == words_from(0, p.n);
}

static inline bool words_match(const char *expected, const char *observed)
{
	const char *bar;
	char one[1024];

	while ((bar = strchr(expected, '|'))) {
		snprintf(one, sizeof(one), "%.*s", (int)(bar - expected), expected);
		if (words_match_one(one, observed))
			return true;
		expected = bar + 1;
	}
	return words_match_one(expected, observed);
}

#define run_expect(r, expected, observed) run_expect_at((r), (expected), (observed), __FILE__, __LINE__)

static inline void run_expect_at(struct run *r, const char *expected, const char *observed, const char *file, int line)
{
	if (words_match(expected, observed))
		return;
	print_error("%s\n", r->program);
	if (r->seed)
		print_error("seed     %" PRIu64 "\n", r->seed);
	print_error("expected %s\nobserved %s\n", expected, observed);
	run_free(r);
	_fail(file, line);
}

/* ---- checks of a run ---- */

/* What the application saw. */
#define run_cqes(r, expected) run_cqes_at((r), (expected), __FILE__, __LINE__)

static inline void run_cqes_at(struct run *r, const char *expected, const char *file, int line)
{
	struct text t = {.n = 0};

	for (size_t i = 0; i < r->n; i++) {
		if (r->event[i].type != GB_EV_CQE && run_word(r, &r->event[i], &t))
			text_add(&t, " ");
	}
	run_expect_at(r, expected, t.s, file, line);
}

/*
 * Is the name of the type among the words? 0: no; '=' if it stands alone, '+'
 * and '@' if that stands behind it.
 */
static inline char type_listed(const char *types, enum gb_event_type type)
{
	const char *name = gb_event_name(type);
	size_t len = strlen(name);

	for (; *(types += strspn(types, " ")); types += strcspn(types, " ")) {
		if (strncmp(types, name, len) != 0)
			continue;
		if (!types[len] || types[len] == ' ')
			return '=';
		if (types[len] == '+' || types[len] == '@')
			return types[len];
	}
	return 0;
}

static inline const char *tw_name(int64_t function)
{
	static const char *const names[] = {
#define X(id, function) #id,
		GB_TW_LIST(X)
#undef X
	};

	assert_true(function >= 0 && (size_t)function < sizeof(names) / sizeof(names[0]));
	return names[function];
}

static inline void event_word(const struct run *r, const struct gb_event *ev, char listed, struct text *t)
{
	bool tw = ev->type == GB_EV_TW_ADD || ev->type == GB_EV_TW_RUN;

	text_add(t, "%s", gb_event_name(ev->type));
	if (ev->req != GB_NO_REQ)
		text_add(t, "(%s", run_label(r, ev->req));
	if (listed == '+' && ev->other != GB_NO_REQ)
		text_add(t, ",%s", run_label(r, ev->other));
	if (ev->req != GB_NO_REQ)
		text_add(t, ")");
	if (listed == '@')
		text_add(t, "@%s", gb_actor_name(ev->actor));
	else if (tw)
		text_add(t, "=%s", tw_name(ev->a));
	else
		text_add(t, "=%" PRId64, ev->a);
	if (listed == '+')
		text_add(t, ",%" PRId64 ",%" PRId64, ev->b, ev->c);
	if (ev->reason)
		text_add(t, ":%s", gb_reason_info(ev->reason)->name);
	text_add(t, " ");
}

/*
 * The events whose names are in `types`, as NAME(REQ)=A. With a '+' behind the
 * name there as NAME(REQ,OTHER)=A,B,C; with a '@' as NAME(REQ)@ACTOR. A reason
 * comes last.
 */
#define run_events(r, types, expected) run_events_at((r), (types), (expected), __FILE__, __LINE__)

static inline void run_events_at(struct run *r, const char *types, const char *expected, const char *file, int line)
{
	struct text t = {.n = 0};

	for (size_t i = 0; i < r->n; i++) {
		char listed = type_listed(types, r->event[i].type);

		if (listed)
			event_word(r, &r->event[i], listed, &t);
	}
	run_expect_at(r, expected, t.s, file, line);
}

/*
 * The CQEs by the io_uring_enter that posted them: `s:` for one that submits,
 * with `none` if it posted none, `/` for one that only waits and posted some.
 */
#define run_split(r, expected) run_split_at((r), (expected), __FILE__, __LINE__)

static inline void run_split_at(struct run *r, const char *expected, const char *file, int line)
{
	struct text t = {.n = 0};
	bool submits = false, any = true;

	for (size_t i = 0; i < r->n; i++) {
		const struct gb_event *ev = &r->event[i];

		/* nobody sees what comes after the close */
		if (ev->type == GB_EV_DYING)
			break;
		if (ev->type == GB_EV_LEAVE && submits && !any)
			text_add(&t, "none ");
		if (ev->type == GB_EV_ENTER) {
			submits = ev->a != 0;
			any = false;
			if (submits)
				text_add(&t, "s: ");
		}
		if (ev->type != GB_EV_CQE)
			continue;
		if (!any && !submits)
			text_add(&t, "/ ");
		any = true;
		if (run_word(r, ev, &t))
			text_add(&t, " ");
	}
	run_expect_at(r, expected, t.s, file, line);
}

static inline uint64_t fnv_byte(uint64_t hash, uint8_t byte)
{
	return (hash ^ byte) * UINT64_C(0x100000001b3);
}

/*
 * FNV-1a-64 of bytes described as `seq@OFF:N` (what fill=seq has from OFF on)
 * and `xHH:N` (N times that byte), separated by blanks.
 */
static inline uint64_t bytes_hash(const char *s)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	while (*(s += strspn(s, " "))) {
		bool seq = !strncmp(s, "seq@", 4);
		char *end;
		uint64_t at = strtoull(s + (seq ? 4 : 1), &end, seq ? 10 : 16);
		uint64_t n;

		assert_int_equal(*end, ':');
		n = strtoull(end + 1, &end, 10);
		for (uint64_t i = at; i < at + n; i++)
			hash = fnv_byte(hash, (uint8_t)(seq ? (7 * i + i / 256) % 165 : at));
		s = end;
	}
	return hash;
}

/* The bytes at the end in a file, a mem, unread in an end; or in the lease of a leader at its last ack. */
#define run_bytes(r, name, bytes) run_bytes_at((r), (name), (bytes), __FILE__, __LINE__)

static inline void run_bytes_at(struct run *r, const char *name, const char *bytes, const char *file, int line)
{
	uint64_t hash = 0;
	bool found = false;
	char end[80];

	for (size_t i = 0; i < r->n; i++) {
		const struct gb_event *ev = &r->event[i];

		if ((ev->type == GB_EV_FINAL && !strcmp(run_end(r, ev->a, end, sizeof(end)), name)) ||
		    (ev->type == GB_EV_ACK && !strcmp(run_label(r, ev->req), name))) {
			found = true;
			hash = (uint64_t)ev->c;
		}
	}
	if (found ? hash == bytes_hash(bytes) : !*bytes)
		return;
	print_error("%s\nexpected %s to hold %s\n%s\n", r->program, name, bytes,
		    found ? "observed something else" : "observed nothing");
	run_free(r);
	_fail(file, line);
}

/* ---- whole checks in one line ---- */

/* In the default order the application sees this. */
#define CQES(program, expected)            \
	do {                               \
		struct run _r;             \
		run(&_r, (program));       \
		run_cqes(&_r, (expected)); \
		run_free(&_r);             \
	} while (0)

/* In the default order these are the events of these types. */
#define EVENTS(program, types, expected)              \
	do {                                          \
		struct run _r;                        \
		run(&_r, (program));                  \
		run_events(&_r, (types), (expected)); \
		run_free(&_r);                        \
	} while (0)

/* In the default order these CQEs come with these calls. */
#define SPLIT(program, expected)            \
	do {                                \
		struct run _r;              \
		run(&_r, (program));        \
		run_split(&_r, (expected)); \
		run_free(&_r);              \
	} while (0)

/* Whatever the order (of so many that chance picks), the application sees this. */
#define SEEDS(seeds, program, expected)                      \
	do {                                                 \
		for (uint64_t _s = 0; _s <= (seeds); _s++) { \
			struct run _r;                       \
			run_variant(&_r, (program), _s, 0);  \
			run_cqes(&_r, (expected));           \
			run_free(&_r);                       \
		}                                            \
	} while (0)

/* With a repaired variant, in the default order. */
#define REPAIRED(variant_switch, program, expected)                                \
	do {                                                                       \
		struct run _r;                                                     \
		run_variant(&_r, (program), 0, 1U << GB_VARIANT_##variant_switch); \
		run_cqes(&_r, (expected));                                         \
		run_free(&_r);                                                     \
	} while (0)

#endif
