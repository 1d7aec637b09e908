/* SPDX-License-Identifier: MIT */
/*
 * Changes of a program whose effect is known. World declarations in another
 * order change nothing; a NOP that is over before the program begins, or some
 * time that passes, shift positions and nothing else; the members of a group
 * in another order swap their CQEs. And every kind of statement and of object
 * can be printed and read again. (Another order of keys, other labels, running
 * twice: test_roundtrip_run.c.)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "groupbuf/observe.h"

#include "support/corpus.h"
#include "support/program.h"

#define PROGRAMS 3000U
#define GROUPS	 2000U
#define SEEDS	 3U
#define MEMBERS	 6U
#define LINES	 400U

static uint64_t compared, skipped;

/* ---- what a run shows, as lines ---- */

struct outcome {
	char *line[LINES];
	uint32_t n;
	bool dead;
};

static void outcome_free(struct outcome *o)
{
	for (uint32_t k = 0; k < o->n; k++)
		free(o->line[k]);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Cuts " after=N", the position of an ack. */
static void cut_position(char *line)
{
	char *at = strstr(line, " after=");
	char *end = at ? strchr(at + 1, ' ') : NULL;

	if (end)
		memmove(at, end, strlen(end) + 1);
}

/* Hazards name what a request's memory held before, which a request more may change. */
static struct outcome run(const struct gb_trace *trace, struct gb_config config)
{
	struct gb_observer *observer = gb_observer_new(trace);
	struct outcome o = {0};
	struct gb_world *world;

	assert_non_null(observer);
	config.event = gb_observer_event;
	config.event_user = observer;
	world = world_of(trace, &config);
	o.dead = gb_world_run(world) == GB_DEAD;
	gb_world_destroy(world);
	gb_observer_finish(observer);
	for (uint32_t k = 0; k < gb_observer_count(observer) && o.n < LINES; k++) {
		const struct gb_obs *obs = &gb_observer_list(observer)[k];

		if (obs->kind == GB_OBS_HAZARD)
			continue;
		o.line[o.n] = gb_obs_print(trace, obs);
		assert_non_null(o.line[o.n]);
		cut_position(o.line[o.n++]);
	}
	gb_observer_free(observer);
	return o;
}

static void sort_lines(struct outcome *o, uint32_t from)
{
	if (from < o->n)
		qsort(&o->line[from], o->n - from, sizeof(o->line[0]), by_text);
}

/* End state comes in the order of declaration; sorted, it does not. */
static void sort_finals(struct outcome *o)
{
	uint32_t from = 0;

	while (from < o->n && strncmp(o->line[from], "final ", 6) != 0)
		from++;
	sort_lines(o, from);
}

/* The same lines, but for the first of b if that is `extra`; `cqe none` goes away with an extra CQE. */
static void same(const char *name, const char *what, const struct outcome *a, const struct outcome *b,
		 const char *extra)
{
	uint32_t i = 0, k = 0;

	compared++;
	if (extra && b->n && strcmp(b->line[0], extra) == 0)
		k++;
	for (;; i++, k++) {
		const char *left, *right;

		if (extra && i < a->n && strcmp(a->line[i], "cqe none") == 0)
			i++;
		if (i >= a->n && k >= b->n)
			return;
		left = i < a->n && a->line[i] ? a->line[i] : "nothing";
		right = k < b->n && b->line[k] ? b->line[k] : "nothing";
		if (strcmp(left, right) != 0)
			fail_msg("%s, %s: %s | %s", name, what, left, right);
	}
}

/* ---- texts, line by line ---- */

enum line_kind { LINE_OTHER, LINE_WORLD, LINE_OBJECT };

static enum line_kind kind_of(const char *line)
{
	static const char *const objects[] = {"file ", "block ", "pipe ", "sock ", "lessor ", "mem ", "ublk "};

	for (size_t k = 0; k < sizeof(objects) / sizeof(objects[0]); k++)
		if (strncmp(line, objects[k], strlen(objects[k])) == 0)
			return LINE_OBJECT;
	if (strncmp(line, "title", 5) == 0 || strncmp(line, "ring", 4) == 0 || *line == '#' || *line == '\n')
		return LINE_WORLD;
	return LINE_OTHER;
}

static const char *next_line(const char *line)
{
	const char *end = strchr(line, '\n');

	return end ? end + 1 : line + strlen(line);
}

/* The text with `insert` between the world and the program. */
static char *with_prefix(const char *text, const char *insert)
{
	const char *at = text;
	size_t head, size = strlen(text) + strlen(insert) + 1;
	char *out = malloc(size);

	assert_non_null(out);
	while (*at && kind_of(at) != LINE_OTHER)
		at = next_line(at);
	head = (size_t)(at - text);
	snprintf(out, size, "%.*s%s%s", (int)head, text, insert, at);
	return out;
}

/* The text with its objects in another order. */
static char *with_objects_shuffled(const char *text, uint64_t *random)
{
	const char *object[64] = {NULL};
	uint32_t n = 0, used = 0;
	char *out = NULL;
	size_t size;
	FILE *f = open_memstream(&out, &size);

	assert_non_null(f);
	for (const char *at = text; *at; at = next_line(at))
		if (kind_of(at) == LINE_OBJECT && n < 64)
			object[n++] = at;
	for (uint32_t k = n; k > 1; k--) {
		uint32_t other = random_below(random, k);
		const char *swap = object[k - 1];

		object[k - 1] = object[other];
		object[other] = swap;
	}
	for (const char *at = text; *at; at = next_line(at)) {
		const char *from = kind_of(at) == LINE_OBJECT && used < n ? object[used++] : at;

		fprintf(f, "%.*s", (int)(next_line(from) - from), from);
	}
	assert_int_equal(fclose(f), 0);
	return out;
}

/* ---- declarations, NOPs, time ---- */

/* Does the program ask for a moment of the clock, or look at a ring that is not there yet? */
static bool absolute(const struct gb_trace *trace)
{
	if (trace->setup_flags & (IORING_SETUP_R_DISABLED | IORING_SETUP_SQPOLL))
		return true;
	for (uint32_t k = 0; k < trace->n_sqes; k++)
		if ((trace->sqes[k].opcode == IORING_OP_TIMEOUT || trace->sqes[k].opcode == IORING_OP_LINK_TIMEOUT ||
		     trace->sqes[k].opcode == IORING_OP_TIMEOUT_REMOVE) &&
		    trace->sqes[k].op_flags & IORING_TIMEOUT_ABS)
			return true;
	return false;
}

/* The descriptors that ACCEPT gives count the files there are. */
static bool accepts(const struct gb_trace *trace)
{
	for (uint32_t k = 0; k < trace->n_sqes; k++)
		if (trace->sqes[k].opcode == IORING_OP_ACCEPT)
			return true;
	return false;
}

/* What dies of a stale pointer dies otherwise with other requests around. */
static void check(const char *name, const char *what, const struct gb_trace *trace, char *other_text,
		  const struct gb_config *config, const char *extra)
{
	struct gb_trace *other = trace_of(name, other_text, strlen(other_text));
	struct outcome a = run(trace, *config), b = run(other, *config);

	if (a.dead || b.dead) {
		skipped++;
	} else {
		sort_finals(&a);
		sort_finals(&b);
		same(name, what, &a, &b, extra);
	}
	outcome_free(&a);
	outcome_free(&b);
	gb_trace_free(other);
	free(other_text);
}

static void change(const char *name, const char *text, const struct gb_trace *trace, struct gb_config config,
		   uint64_t *random)
{
	for (uint32_t seed = 0; seed <= SEEDS && !accepts(trace); seed++) {
		config.strategy = seed ? GB_STRATEGY_RANDOM : GB_STRATEGY_DEFAULT;
		config.seed = seed;
		check(name, "declarations in another order", trace, with_objects_shuffled(text, random), &config, NULL);
	}
	config.strategy = GB_STRATEGY_DEFAULT;
	if (absolute(trace))
		return;
	check(name, "after a NOP", trace, with_prefix(text, "sqe unrelated NOP\nsubmit\nreap\n"), &config,
	      "cqe unrelated 0");
	check(name, "37 ms later", trace, with_prefix(text, "reap ms=37\n"), &config, NULL);
}

static void corpus_changed(void **state)
{
	struct corpus corpus = {0};
	uint64_t random = 1;

	(void)state;
	compared = skipped = 0;
	corpus_add_all(&corpus);
	for (size_t k = 0; k < corpus.n; k += build_is_slow() ? 7 : 1)
		change(corpus.list[k].name, corpus.list[k].text, corpus.list[k].trace, corpus.list[k].config, &random);
	corpus_free(&corpus);
	print_message("%lu runs compared, %lu died\n", (unsigned long)compared, (unsigned long)skipped);
	assert_true(compared > 50 * skipped);
}

static void programs_changed(void **state)
{
	const struct gb_config config = {.strategy = GB_STRATEGY_DEFAULT};
	uint64_t random = 2;

	(void)state;
	compared = skipped = 0;
	for (uint64_t seed = 1; seed <= PROGRAMS / (build_is_slow() ? 7 : 1); seed++) {
		char *text = random_program(seed);
		char name[48];
		struct gb_trace *trace;
		struct gb_error err;

		snprintf(name, sizeof(name), "random program %lu", (unsigned long)seed);
		if (gb_trace_parse(text, strlen(text), &trace, &err) == GB_OK)
			change(name, text, trace, config, &random);
		gb_trace_free(trace);
		free(text);
	}
	print_message("%lu runs compared, %lu died\n", (unsigned long)compared, (unsigned long)skipped);
	assert_true(compared > 10 * skipped);
}

/* ---- members ---- */

/* A member that has nothing to do with the others: its own bytes of file, memory and buffer. */
static void member_text(char *to, size_t size, uint32_t slot, bool lease, uint64_t *random)
{
	uint32_t len = 1 + random_below(random, 600), at = slot * 600;

	switch (random_below(random, lease ? 7 : 5)) {
	case 0:
		snprintf(to, size, "NOP res=%d", (int)random_below(random, 9) - 4);
		break;
	case 1:
		snprintf(to, size, "READ fd=f off=%u len=%u addr=m+%u", random_below(random, 5000), len, at);
		break;
	case 2:
		snprintf(to, size, "WRITE fd=g off=%u len=%u addr=n+%u", at, len, at);
		break;
	case 3:
		snprintf(to, size, "FSYNC fd=%s", random_below(random, 2) ? "f" : "p.r");
		break;
	case 4:
		snprintf(to, size, "READ fd=%u addr=m len=1", 90 + slot);
		break;
	default:
		/* some are a byte too long, some read over the end of the file */
		snprintf(to, size, "READ fd=f off=%u len=%u addr=%u flags=GROUP_BUF", 4000 + random_below(random, 1200),
			 slot == 5 ? 1097 : len, at);
		break;
	}
}

/* The program with its members in the given order. */
static struct gb_trace *group_of(char member[MEMBERS][96], const uint32_t *order, uint32_t n, const char *leader,
				 const char *ring)
{
	char text[2048];
	struct gb_trace *trace;
	int size = snprintf(text, sizeof(text),
			    "ring flags=%s\nfile f size=5000\nfile g size=4096\npipe p\nlessor dev\nmem m size=4096\n"
			    "mem n size=4096\nsqe lead %s\n",
			    ring, leader);

	for (uint32_t k = 0; k < n; k++) {
		const char *flags = strstr(member[order[k]], "flags=");

		size += snprintf(text + size, sizeof(text) - (size_t)size, "sqe m%u %s%s%s\n", order[k],
				 member[order[k]], k + 1 == n || flags ? "" : " flags=SQE_GROUP",
				 k + 1 == n || !flags ? "" : "|SQE_GROUP");
	}
	snprintf(text + size, sizeof(text) - (size_t)size, "sqe next NOP\nsubmit\nreap\n");
	trace = trace_of("group", text, strlen(text));
	return trace;
}

static uint32_t place_of(const struct outcome *o, const char *start)
{
	for (uint32_t k = 0; k < o->n; k++)
		if (strncmp(o->line[k], start, strlen(start)) == 0)
			return k;
	return UINT32_MAX;
}

/* The leader's CQE comes behind all of its members, of which there are n. */
static void leader_is_last(const struct outcome *o, uint32_t n)
{
	uint32_t lead = place_of(o, "cqe lead "), before = 0;

	for (uint32_t k = 0; k < o->n && k < lead; k++)
		before += strncmp(o->line[k], "cqe m", 5) == 0;
	assert_int_equal(before, n);
}

static struct outcome run_group(char member[MEMBERS][96], const uint32_t *order, uint32_t n, const char *leader,
				const char *ring, uint64_t seed)
{
	struct gb_config config = {.strategy = seed ? GB_STRATEGY_RANDOM : GB_STRATEGY_DEFAULT, .seed = seed};
	struct gb_trace *trace = group_of(member, order, n, leader, ring);
	struct outcome o = run(trace, config);

	assert_false(o.dead);
	leader_is_last(&o, n);
	sort_lines(&o, 0);
	gb_trace_free(trace);
	return o;
}

static void members_permuted(void **state)
{
	static const char *const leaders[] = {
		"LEASE fd=dev dir=dest len=4096 offset=100 segs=3 flags=SQE_GROUP",
		"LEASE fd=dev dir=dest len=4096 flags=SQE_GROUP|IO_LINK",
		"NOP flags=SQE_GROUP|IO_LINK",
		"NOP res=-5 flags=SQE_GROUP|IO_HARDLINK",
		"LEASE fd=dev dir=dest len=4096 mode=async flags=SQE_GROUP|IO_LINK|ASYNC",
	};
	static const char *const rings[] = {"0", "COOP_TASKRUN", "DEFER_TASKRUN|SINGLE_ISSUER"};
	uint64_t random = 3;

	(void)state;
	for (uint32_t k = 0; k < GROUPS / (build_is_slow() ? 5 : 1); k++) {
		const char *leader = leaders[random_below(&random, 5)], *ring = rings[random_below(&random, 3)];
		const uint32_t n = 2 + random_below(&random, MEMBERS - 1);
		uint32_t order[MEMBERS] = {0, 1, 2, 3, 4, 5};
		char member[MEMBERS][96], name[160];

		for (uint32_t i = 0; i < n; i++)
			member_text(member[i], sizeof(member[i]), i, *leader == 'L', &random);
		for (uint32_t turn = 0; turn <= SEEDS; turn++) {
			struct outcome a = run_group(member, order, n, leader, ring, 0), b;

			snprintf(name, sizeof(name), "group %u of %u members, %s, ring %s, turn %u", k, n, leader, ring,
				 turn);
			for (uint32_t i = n; i > 1; i--) {
				uint32_t j = random_below(&random, i), swap = order[i - 1];

				order[i - 1] = order[j];
				order[j] = swap;
			}
			b = run_group(member, order, n, leader, ring, turn);
			same(name, "members in another order", &a, &b, NULL);
			outcome_free(&a);
			outcome_free(&b);
		}
	}
}

/* ---- every statement ---- */

/* clang-format off: a line is a line */
static const char every_statement[] = "title All there is\n"
				      "ring entries=8 cq=32 flags=R_DISABLED\n"
				      "file f size=100 fill=0x3c direct=1\n"
				      "file h size=9000 nowait=1 rasync=0 wasync=1 cached=0-4096,8192-9000 flush=1\n"
				      "file i size=100 iter=0 poll=1 append=1 err=-5@50 once=1\n"
				      "file k size=100 nowait=1 cold=1\n"
				      "block b size=1024 direct=1 ram=1 short=512\n"
				      "pipe p\n"
				      "sock s type=dgram sndbuf=100\n"
				      "lessor dev\n"
				      "listen x\n"
				      "sock y connected=0\n"
				      "ublk u depth=2 flags=SUPPORT_ZERO_COPY|USER_COPY\n"
				      "mem m size=64 fill=seq\n"
				      "register restrictions register_op=BUFFERS,FILES sqe_op=NOP,READ "
				      "sqe_flags_allowed=IO_LINK|SQE_GROUP sqe_flags_required=0\n"
				      "register enable\n"
				      "register buffers m:64\n"
				      "register files f,-1,s.0\n"
				      "buffers 7 entries=2 inc=1\n"
				      "provide 7 m:8 bid=3 n=2\n"
				      "sqe a NOP res=1 flags=SQE_GROUP\n"
				      "sqe c READ fd=0 off=-1 addr=m+8 len=4 op_flags=8 ioprio=1 flags=FIXED_FILE\n"
				      "sqe d TIMEOUT ms=1 off=1\n"
				      "sqe e POLL_REMOVE target=a new=d len=6\n"
				      "sqe g READV fd=f iov=m:4,m+8:4\n"
				      "sqe j LEASE fd=dev dir=source len=9 offset=3 segs=2 mode=async res=2\n"
				      "sqe l UBLK_FETCH fd=u tag=1 q_id=0\n"
				      "submit\n"
				      "wait 1\n"
				      "sqe n UBLK_CMD fd=u tag=0 cmd_op=5\n"
				      "submit\n"
				      "reap ms=5\n"
				      "reap\n"
				      "connect y.0 x\n"
				      "blkreq r u write off=512 len=1024 bios=512,512 segs=1\n"
				      "write p.w 3\n"
				      "read s.1 4\n"
				      "shutdown s.0\n"
				      "close p.r\n";
/* clang-format on */

static void note_kinds(const struct gb_trace *trace, bool *stmts, bool *objects)
{
	for (uint32_t k = 0; k < trace->n_stmts; k++)
		stmts[trace->stmts[k].kind] = true;
	for (uint32_t k = 0; k < trace->n_objects; k++)
		objects[trace->objects[k].kind] = true;
}

/* Printing is the inverse of reading; and what comes behind `exit`, `die` and `exec` too. */
static void every_kind_is_printed(void **state)
{
	static const char *const ends[] = {"exit\n", "die\n", "exec\n"};
	bool stmts[GB_STMT_CONNECT + 1] = {false}, objects[GB_LISTEN + 1] = {false};

	(void)state;
	for (size_t k = 0; k < 3; k++) {
		char text[4096];
		struct gb_trace *trace, *again;
		char *once, *twice;

		snprintf(text, sizeof(text), "%s%s", every_statement, ends[k]);
		trace = trace_of("every statement", text, strlen(text));
		note_kinds(trace, stmts, objects);
		once = gb_trace_print(trace);
		assert_non_null(once);
		again = trace_of("printed", once, strlen(once));
		twice = gb_trace_print(again);
		assert_non_null(twice);
		assert_string_equal(once, twice);
		assert_int_equal(trace->n_stmts, again->n_stmts);
		for (uint32_t i = 0; i < trace->n_stmts; i++) {
			char *line = gb_stmt_print(trace, &trace->stmts[i]);

			assert_non_null(line);
			if (!strstr(text, line))
				fail_msg("'%s' is not what was read", line);
			free(line);
		}
		gb_trace_free(trace);
		gb_trace_free(again);
		free(once);
		free(twice);
	}
	for (size_t k = 0; k < sizeof(stmts); k++)
		assert_true(stmts[k]);
	for (size_t k = 0; k < sizeof(objects); k++)
		assert_true(objects[k]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_is_printed),
		cmocka_unit_test(members_permuted),
		cmocka_unit_test(corpus_changed),
		cmocka_unit_test(programs_changed),
	};

	return cmocka_run_group_tests_name("metamorphic", tests, NULL, NULL);
}
