/* SPDX-License-Identifier: MIT */
/*
 * The cheat sheet of semantics.md, section 12, row by row. Every row was seen
 * on a kernel with the patches.
 */
#include "rules.h"

struct row {
	const char *sqes;    /* as on the sheet: letters with L H G D A S, (-5), bad-; or a description */
	const char *program; /* NULL: made from `sqes` */
	const char *cqes;    /* default ring, default order */
	const char *dtr;     /* DTR: what is visible after which enter; NULL: the sheet does not say */
	const char *any;     /* default ring, whatever the order; NULL: only `cqes` */
	const char *skipped; /* what the trace language lacks */
	bool no_submit_all;
};

#define SEEDS_PER_ROW 24U

/* ---- from the notation to a program ---- */

static const struct {
	char letter;
	const char *flag;
} letters[] = {
	{'L', "IO_LINK"},  {'H', "IO_HARDLINK"}, {'G', "SQE_GROUP"},
	{'D', "IO_DRAIN"}, {'A', "ASYNC"},	 {'S', "CQE_SKIP_SUCCESS"},
};

/* One SQE: `b(-5)GL`, `bad-bG`. */
static const char *add_sqe(struct text *t, const char *s)
{
	bool bad = !strncmp(s, "bad-", 4);
	const char *separator = " flags=";

	s += bad ? 4 : 0;
	text_add(t, "sqe %c %s", *s++, bad ? "BAD" : "NOP");
	if (*s == '(') {
		size_t len = strcspn(s, ")");

		text_add(t, " res=%.*s", (int)len - 1, s + 1);
		s += len + 1;
	}
	for (; *s && *s != ' '; s++) {
		size_t k = 0;

		while (k < sizeof(letters) / sizeof(letters[0]) && letters[k].letter != *s)
			k++;
		assert_true(k < sizeof(letters) / sizeof(letters[0]));
		text_add(t, "%s%s", separator, letters[k].flag);
		separator = "|";
	}
	text_add(t, ";");
	return s;
}

static void add_sqes(struct text *t, const char *s)
{
	while (*(s += strspn(s, " ;")))
		s = add_sqe(t, s);
	text_add(t, "submit;");
}

static void program_of(struct text *t, const struct row *row, const char *ring)
{
	t->n = 0;
	text_add(t, "%s", row->no_submit_all ? "" : ring);
	if (row->program)
		text_add(t, "%s", row->program);
	else
		add_sqes(t, row->sqes);
}

static void check_row(const struct row *row)
{
	struct text program;
	struct run r;

	program_of(&program, row, ALL);
	run(&r, program.s);
	run_cqes(&r, row->cqes);
	run_free(&r);
	for (uint64_t seed = 1; seed <= SEEDS_PER_ROW; seed++) {
		run_variant(&r, program.s, seed, 0);
		run_cqes(&r, row->any ? row->any : row->cqes);
		run_free(&r);
	}
	if (!row->dtr)
		return;
	program_of(&program, row, DTR);
	run(&r, program.s);
	run_split(&r, row->dtr);
	run_free(&r);
}

static void check_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (rows[i].skipped)
			print_message("skipped: %s: %s\n", rows[i].sqes, rows[i].skipped);
		else
			check_row(&rows[i]);
	}
}

#define CHECK_ROWS(rows) check_rows((rows), sizeof(rows) / sizeof((rows)[0]))

/* A pipe with nothing in it, and how a request waits for it. */
#define PIPE "pipe p;mem m size=64;"
#define READ " READ fd=p.r addr=m len=16"

static void links(void **state)
{
	static const struct row rows[] = {
		{"aL bL c", .cqes = "a=0 b=0 c=0", .dtr = "s: a=0 / b=0 / c=0"},
		{"aL b(-5)L cL d", .cqes = "a=0 b=-5 c=-125 d=-125", .dtr = "s: a=0 / b=-5 / c=-125 d=-125"},
		{"aH b(-5)H cH d", .cqes = "a=0 b=-5 c=0 d=0", .dtr = "s: a=0 / b=-5 / c=0 / d=0"},
		{"a(-5)L bH c", .cqes = "a=-5 b=-125 c=-125", .dtr = "s: a=-5 / b=-125 c=-125"},
		{"a(-5)H b(-6)L c ; d", .cqes = "a=-5 d=0 b=-6 c=-125", .dtr = "s: a=-5 d=0 / b=-6 / c=-125"},
		{"aL b ; c", .cqes = "a=0 c=0 b=0", .dtr = "s: a=0 c=0 / b=0"},
		{"aL bL", .cqes = "a=0 b=0", .dtr = "s: none / a=0 / b=0"},
		{"aL bad-bL c ; d", .cqes = "a=-125 d=0 b=-22 c=-125", .dtr = "s: a=-125 d=0 / b=-22 c=-125"},
		{"aL bL bad-c ; d", .cqes = "a=-125 d=0 b=-125 c=-22", .dtr = "s: a=-125 d=0 / b=-125 c=-22"},
		{"bad-aH bH c", .cqes = "a=-22 b=-125 c=-125", .dtr = "s: a=-22 / b=-125 c=-125"},
		{"aLS bLS c", .cqes = "c=0", .dtr = "s: none / c=0"},
		{"a(-5)LS bLS c", .cqes = "a=-5", .dtr = "s: a=-5"},
		{"a(-5)L bLS cS", .cqes = "a=-5 b=-125 c=-125", .dtr = "s: a=-5 / b=-125 c=-125"},
		{"aLS bad-bL c", .cqes = "a=-125", .dtr = "s: a=-125"},
		{"aLS bLS c(-7)S", .cqes = "c=-7", .dtr = "s: none / c=-7"},
		{"aLA bL c", .cqes = "a=0 b=0 c=0", .dtr = "s: none / a=0 / b=0 / c=0"},
		{"aA b c", .cqes = "b=0 c=0 a=0", .any = "{a=0 [b=0 c=0]}", .dtr = "s: b=0 c=0 / a=0"},
		{"fsync-error L, n", PIPE "sqe f FSYNC fd=p.r flags=IO_LINK;sqe n NOP;submit", .cqes = "f=-22 n=0",
		 .dtr = "s: none / f=-22 / n=0"},
		{"short pipe read (16 of 32) L, n",
		 PIPE "sqe r READ fd=p.r addr=m len=32 flags=IO_LINK;sqe n NOP;submit;write p.w 16",
		 .cqes = "r=16 n=-125", .dtr = "s: none / r=16 / n=-125"},
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void single_groups(void **state)
{
	static const struct row rows[] = {
		{"aG b", .cqes = "b=0 a=0", .dtr = "s: none / b=0 a=0"},
		{"aG bG c", .cqes = "b=0 c=0 a=0", .dtr = "s: none / b=0 c=0 a=0"},
		{"aG bG c ; d", .cqes = "d=0 b=0 c=0 a=0", .dtr = "s: d=0 / b=0 c=0 a=0"},
		{"a(-5)G bG c", .cqes = "b=-125 c=-125 a=-5", .dtr = "s: none / b=-125 c=-125 a=-5"},
		{"aG b(-5)G c", .cqes = "b=-5 c=0 a=0", .dtr = "s: none / b=-5 c=0 a=0"},
		{"aG bG c(-5)", .cqes = "b=0 c=-5 a=0", .dtr = "s: none / b=0 c=-5 a=0"},
		{"aGS bG c", .cqes = "b=0 c=0", .dtr = "s: none / b=0 c=0"},
		{"a(-5)GS bG c", .cqes = "b=-125 c=-125 a=-5", .dtr = "s: none / b=-125 c=-125 a=-5"},
		{"aGS b(-5)G c", .cqes = "b=-5 c=0 a=0", .dtr = "s: none / b=-5 c=0 a=0"},
		{"aG bG cG", .cqes = "b=0 c=0 a=0", .dtr = "s: none / b=0 c=0 a=0"},
		{"aG", .cqes = "!leak(a)", .dtr = "s: none"},
		{"aGA bG c", .cqes = "b=0 c=0 a=0", .dtr = "s: none / b=0 c=0 a=0"},
		{"aG bGA c", .cqes = "c=0 b=0 a=0", .dtr = "s: none / c=0 / b=0 a=0"},
		{"aG bGA cA", .cqes = "b=0 c=0 a=0", .any = "{b=0 c=0} a=0"},
		{"aG b(pipe read, pending)G c, then data",
		 PIPE "sqe a NOP flags=SQE_GROUP;sqe b" READ " flags=SQE_GROUP;sqe c NOP;submit;write p.w 16",
		 .cqes = "c=0 b=16 a=0", .dtr = "s: none / b=16 c=0 a=0"},
		{"a(pipe read, pending)G bG c, then data",
		 PIPE "sqe a" READ " flags=SQE_GROUP;sqe b NOP flags=SQE_GROUP;sqe c NOP;submit;write p.w 16",
		 .cqes = "b=0 c=0 a=16", .dtr = "s: none / b=0 c=0 a=16"},
		{"aG read(bad fd)G write(bad fd)",
		 "mem m size=64;sqe a NOP flags=SQE_GROUP;sqe b READ fd=99 addr=m len=16 flags=SQE_GROUP;"
		 "sqe c WRITE fd=99 addr=m len=16;submit",
		 .cqes = "b=-9 c=-9 a=0", .dtr = "s: none / b=-9 c=-9 a=0"},
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void assembly_errors(void **state)
{
	static const struct row rows[] = {
		{"aG bGL c", .cqes = "b=-125 c=-125 a=-22"},
		{"aG bGS c", .cqes = "b=-125 c=-125 a=-22"},
		{"aG bG cL ; d", .cqes = "d=0 b=-125 c=-125 a=-22"},
		{"aG bGD c", .cqes = "b=0 c=0 a=0"},
		{"aG read(GROUP, DRAIN, BUFFER_SELECT) c",
		 PIPE "sqe a NOP flags=SQE_GROUP;sqe b" READ " flags=SQE_GROUP|IO_DRAIN|BUFFER_SELECT;sqe c NOP;submit",
		 .cqes = "b=-22 c=-125 a=-22"},
		{"aG bad-bG c ; d", .cqes = "d=0 b=-22 c=-125 a=-125"},
		{"aG bG bad-c ; d", .cqes = "d=0 b=-125 c=-22 a=-125"},
		{"aG bad-bGD c ; d", .cqes = "d=0 b=-22 c=-125 a=-22"},
		{"bad-aG bG c ; d", .cqes = "d=0 b=-125 c=-125 a=-22"},
		{"aG link-timeout(G) c",
		 "sqe a NOP flags=SQE_GROUP;sqe b LINK_TIMEOUT ms=5 flags=SQE_GROUP;sqe c NOP;submit",
		 .cqes = "b=-22 c=-125 a=-125"},
		{"without SUBMIT_ALL: aG bG bad-c d",
		 "sqe a NOP flags=SQE_GROUP;sqe b NOP flags=SQE_GROUP;sqe c BAD;sqe d NOP;submit;reap;submit",
		 .cqes = "submitted:3 b=-125 c=-22 a=-125 submitted:1 d=0", .no_submit_all = true},
		{"without SUBMIT_ALL: aG bad-bG c d",
		 "sqe a NOP flags=SQE_GROUP;sqe b BAD flags=SQE_GROUP;sqe c NOP;sqe d NOP;submit",
		 .cqes = "d=0 b=-22 c=-125 a=-125", .no_submit_all = true},
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void groups_in_chains(void **state)
{
	static const struct row rows[] = {
		{"aL bGL cG d ; e", .cqes = "a=0 c=0 d=0 b=0 e=0", .dtr = "s: a=0 / c=0 d=0 b=0 / e=0"},
		{"aL bG cG d ; e", .cqes = "a=0 e=0 c=0 d=0 b=0", .dtr = "s: a=0 e=0 / c=0 d=0 b=0"},
		{"aGL bG c d", .cqes = "b=0 c=0 a=0 d=0", .dtr = "s: none / b=0 c=0 a=0 / d=0"},
		{"aGL bG c dG eG f", .cqes = "b=0 c=0 a=0 e=0 f=0 d=0", .dtr = "s: none / b=0 c=0 a=0 / e=0 f=0 d=0"},
		{"a(-5)GL bG c dG eG f", .cqes = "b=-125 c=-125 a=-5 e=-125 f=-125 d=-125",
		 .dtr = "s: none / b=-125 c=-125 a=-5 / e=-125 f=-125 d=-125"},
		{"aGL bG c(-5) dG eG f", .cqes = "b=0 c=-5 a=0 e=-125 f=-125 d=-125",
		 .dtr = "s: none / b=0 c=-5 a=0 / e=-125 f=-125 d=-125"},
		{"aL bGL c(-5)G d e", .cqes = "a=0 c=-5 d=0 b=0 e=-125", .dtr = "s: a=0 / c=-5 d=0 b=0 / e=-125"},
		{"aL bGH c(-5)G d e", .cqes = "a=0 c=-5 d=0 b=0 e=0", .dtr = "s: a=0 / c=-5 d=0 b=0 / e=0"},
		{"aL b(-5)GL cG d e", .cqes = "a=0 c=-125 d=-125 b=-5 e=-125",
		 .dtr = "s: a=0 / c=-125 d=-125 b=-5 / e=-125"},
		{"aL b(-5)GH cG d e", .cqes = "a=0 c=-125 d=-125 b=-5 e=0", .dtr = "s: a=0 / c=-125 d=-125 b=-5 / e=0"},
		{"a(-5)L bGL cG d e", .cqes = "a=-5 e=-125 c=-125 d=-125 b=-125",
		 .dtr = "s: a=-5 / e=-125 / c=-125 d=-125 b=-125"},
		{"a(-5)LS bGL cG d e", .cqes = "a=-5 c=-125 d=-125 b=-125", .dtr = "s: a=-5 / c=-125 d=-125 b=-125"},
		{"aGL bad-bG c d", .cqes = "b=-22 c=-125 a=-125 d=-125",
		 .dtr = "s: none / b=-22 c=-125 a=-125 / d=-125"},
		{"aGL bG bad-c d", .cqes = "b=-125 c=-22 a=-125 d=-125",
		 .dtr = "s: none / b=-125 c=-22 a=-125 / d=-125"},
		{"aL bGL bad-cG d e", .cqes = "!failed-request-runs(b) a=0 c=-22 d=-125 b=0 e=-125",
		 .dtr = "s: a=0 / c=-22 d=-125 b=0 / e=-125"},
		{"aL bad-bGL cG d e", .cqes = "!failed-request-runs(b) a=0 c=-125 d=-125 b=0 e=-125",
		 .dtr = "s: a=0 / c=-125 d=-125 b=0 / e=-125"},
		{"aL bGL cG bad-d e", .cqes = "a=-125 e=-125 c=-125 d=-22 b=-125",
		 .dtr = "s: a=-125 / e=-125 / c=-125 d=-22 b=-125"},
		{"aL bGL cG", .cqes = "a=0 c=0 b=0", .dtr = "s: none / a=0 / c=0 b=0"},
		{"aL bG cG", .cqes = "!leak(a) !leak(b) !leak(c)", .dtr = "s: none"},
		{"aGL b, link-timeout, d unlinked",
		 "sqe a NOP flags=SQE_GROUP|IO_LINK;sqe b NOP;sqe t LINK_TIMEOUT ms=5;sqe d NOP;submit",
		 .cqes = "d=0 b=0 a=0 t=-125", .dtr = "s: d=0 / b=0 a=0 / t=-125"},
		{"aGL read-pending b, link-timeout fires",
		 PIPE "sqe a NOP flags=SQE_GROUP|IO_LINK;sqe b" READ
		      ";sqe t LINK_TIMEOUT ms=5;submit;wait 1;write p.w 16",
		 .cqes = "t=-2 b=16 a=0", .dtr = "s: none / t=-2 / b=16 a=0"},
		{"a(read pending)GL b, link-timeout fires",
		 PIPE "sqe a" READ " flags=SQE_GROUP|IO_LINK;sqe b NOP;sqe t LINK_TIMEOUT ms=5;submit",
		 .cqes = "t=-62 b=-125 a=-125", .dtr = "s: none / t=-62 / b=-125 a=-125"},
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void drain(void **state)
{
	static const struct row rows[] = {
		{"aG bG c dD e", .cqes = "b=0 c=0 a=0 {d=0 e=0}"},
		{"aG b(pending)G c dD !",
		 PIPE "sqe a NOP flags=SQE_GROUP;sqe b" READ
		      " flags=SQE_GROUP;sqe c NOP;sqe d NOP flags=IO_DRAIN;submit;"
		      "write p.w 16",
		 .cqes = "c=0 b=16 a=0 d=0"},
		{"aD b", .cqes = "b=0 a=0"},
		{"z a bD c d !",
		 PIPE "sqe z" READ ";sqe a NOP;sqe b NOP flags=IO_DRAIN;sqe c NOP;sqe d NOP;submit;write p.w 16",
		 .cqes = "a=0 z=16 {b=0 c=0 d=0}"},
		{"z aL bD c d !",
		 PIPE "sqe z" READ ";sqe a NOP flags=IO_LINK;sqe b NOP flags=IO_DRAIN;sqe c NOP;sqe d NOP;submit;"
		      "write p.w 16",
		 .cqes = "z=16 a=0 b=0 {c=0 d=0}"},
		{"z aGD bG c d !",
		 PIPE "sqe z" READ ";sqe a NOP flags=SQE_GROUP|IO_DRAIN;sqe b NOP flags=SQE_GROUP;sqe c NOP;sqe d NOP;"
		      "submit;write p.w 16",
		 .cqes = "z=16 {d=0 [{b=0 c=0} a=0]}"},
		{"z aL bGD cG d e !",
		 PIPE "sqe z" READ ";sqe a NOP flags=IO_LINK;sqe b NOP flags=SQE_GROUP|IO_DRAIN;"
		      "sqe c NOP flags=SQE_GROUP;sqe d NOP;sqe e NOP;submit;write p.w 16",
		 .cqes = "z=16 a=0 {c=0 d=0} b=0 e=0"},
		{"aS bD", .cqes = "b=-95"},
		{"aGS bG c dD", .cqes = "d=-95 b=0 c=0"},
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void cancel_and_timeouts(void **state)
{
	static const struct row rows[] = {
		{"cancel of nothing", "sqe c ASYNC_CANCEL addr=77;submit", .cqes = "c=-2", .dtr = "s: c=-2"},
		{"pending read z, cancel z", PIPE "sqe z" READ ";submit;sqe c ASYNC_CANCEL target=z;submit",
		 .cqes = "c=0 z=-125", .dtr = "s: none s: c=0 / z=-125"},
		{"z linked to n, cancel z",
		 PIPE "sqe z" READ " flags=IO_LINK;sqe n NOP;submit;sqe c ASYNC_CANCEL target=z;submit",
		 .cqes = "c=0 z=-125 n=-125", .dtr = "s: none s: c=0 / z=-125 / n=-125"},
		{"two pending with same user_data, cancel / cancel ALL",
		 .skipped = "the label is the user_data, so no two are the same; by FD in test_rules_cancel.c"},
		{"read z, timeout y, poll q, cancel ANY",
		 PIPE "sqe z" READ ";sqe y TIMEOUT ms=900;sqe q POLL_ADD fd=p.r op_flags=1;submit;"
		      "sqe c ASYNC_CANCEL op_flags=4;submit",
		 .cqes = "c=3 {z=-125 q=-125} y=-125", .dtr = "s: none s: c=3 / {z=-125 q=-125} y=-125"},
		{"group aG b(pending), cancel a",
		 PIPE "sqe a NOP flags=SQE_GROUP;sqe b" READ ";submit;sqe c ASYNC_CANCEL target=a;submit;write p.w 16",
		 .cqes = "c=-2 b=16 a=0", .dtr = "s: none s: c=-2 / b=16 a=0"},
		{"group aG b(pending), cancel b",
		 PIPE "sqe a NOP flags=SQE_GROUP;sqe b" READ ";submit;sqe c ASYNC_CANCEL target=b;submit",
		 .cqes = "c=0 b=-125 a=0", .dtr = "s: none s: c=-2"},
		{"group a(pending)G bG d, cancel a",
		 PIPE "sqe a" READ " flags=SQE_GROUP;sqe b NOP flags=SQE_GROUP;sqe d NOP;submit;"
		      "sqe c ASYNC_CANCEL target=a;submit",
		 .cqes = "c=0 b=-125 d=-125 a=-125", .dtr = "s: none s: c=0 / b=-125 d=-125 a=-125"},
		{"z(pending)L, link-timeout, n unlinked",
		 PIPE "sqe z" READ " flags=IO_LINK;sqe t LINK_TIMEOUT ms=5;sqe n NOP;submit",
		 .cqes = "n=0 t=-62 z=-125", .dtr = "s: n=0 / t=-62 / z=-125"},
		{"z(pending)L, link-timeout, n chained",
		 PIPE "sqe z" READ " flags=IO_LINK;sqe t LINK_TIMEOUT ms=5 flags=IO_LINK;sqe n NOP;submit",
		 .cqes = "t=-62 z=-125 n=-125", .dtr = "s: none / t=-62 / z=-125 / n=-125"},
		{"z(pending)H, link-timeout L, n",
		 PIPE "sqe z" READ " flags=IO_HARDLINK;sqe t LINK_TIMEOUT ms=5 flags=IO_LINK;sqe n NOP;submit",
		 .cqes = "t=-62 z=-125 n=0", .dtr = "s: none / t=-62 / z=-125 / n=0"},
		{"NOP L, link-timeout L, n",
		 "sqe z NOP flags=IO_LINK;sqe t LINK_TIMEOUT ms=5 flags=IO_LINK;sqe n NOP;submit",
		 .cqes = "z=0 t=-125 n=0", .dtr = "s: z=0 / t=-125 n=0"},
		{"NOP(-5)L, link-timeout L, n",
		 "sqe z NOP res=-5 flags=IO_LINK;sqe t LINK_TIMEOUT ms=5 flags=IO_LINK;sqe n NOP;submit",
		 .cqes = "z=-5 t=-125 n=-125", .dtr = "s: z=-5 / t=-125 n=-125"},
		{"bad fd L, link-timeout L, n",
		 "mem m size=64;sqe z READ fd=99 addr=m len=16 flags=IO_LINK;sqe t LINK_TIMEOUT ms=5 flags=IO_LINK;"
		 "sqe n NOP;submit",
		 .cqes = "z=-9 t=-125 n=-125", .dtr = "s: z=-9 / t=-125 n=-125"},
		{"link-timeout alone", "sqe t LINK_TIMEOUT ms=5;submit", .cqes = "t=-22", .dtr = "s: t=-22"},
		{"timeout off=1, NOP", "sqe z TIMEOUT ms=900 off=1;sqe n NOP;submit", .cqes = "n=0 z=0",
		 .dtr = "s: n=0 / z=0"},
		{"timeout as leader, two members",
		 "sqe a TIMEOUT ms=5 flags=SQE_GROUP;sqe b NOP flags=SQE_GROUP;sqe c NOP;submit;wait 3",
		 .cqes = "b=-125 c=-125 a=-62", .dtr = "s: none / b=-125 c=-125 a=-62"},
		{"timeout as member", "sqe a NOP flags=SQE_GROUP;sqe b TIMEOUT ms=5 flags=SQE_GROUP;sqe c NOP;submit",
		 .cqes = "c=0 b=-62 a=0", .dtr = "s: none / c=0 / b=-62 a=0"},
	};

	(void)state;
	CHECK_ROWS(rows);
}

/* The event comes when the task is gone. */
#define GONE ";submit;reap;die;write p.w 16;reap"

static void task_gone(void **state)
{
	static const struct row rows[] = {
		{"a(pending)L b", PIPE "sqe a" READ " flags=IO_LINK;sqe b NOP" GONE, .cqes = "a=-125 b=-125"},
		{"aG b(pending)G c", PIPE "sqe a NOP flags=SQE_GROUP;sqe b" READ " flags=SQE_GROUP;sqe c NOP" GONE,
		 .cqes = "c=0 b=-125 a=0"},
		{"a(pending)G bG c", PIPE "sqe a" READ " flags=SQE_GROUP;sqe b NOP flags=SQE_GROUP;sqe c NOP" GONE,
		 .cqes = "c=-125 b=-125 a=-125"},
		{"a(pending)GL bG c, d",
		 PIPE "sqe a" READ " flags=SQE_GROUP|IO_LINK;sqe b NOP flags=SQE_GROUP;sqe c NOP;sqe d NOP" GONE,
		 .cqes = "c=-125 b=-125 a=-125 d=-125"},
		{"z(pending), aD, b", PIPE "sqe z" READ ";sqe a NOP flags=IO_DRAIN;sqe b NOP" GONE,
		 .cqes = "z=-125 b=-14 a=-14"},
	};

	(void)state;
	CHECK_ROWS(rows);
}

/* ---- 12.8: the lessor stands in for ublk ---- */

struct leased {
	const char *members; /* the words of the sheet */
	const char *program; /* behind the leader L, which leases 4096 bytes */
	const char *cqes;
	const char *bytes; /* of the lease at its ack; NULL: the sheet does not say */
	const char *skipped;
	const char *dir; /* NULL: dest, a block READ */
};

#define UNTOUCHED "xa5:4096"
#define NO_UBLK	  "needs tags and commits, see test_rules_ublk.c"

static void check_leased(const struct leased *row)
{
	struct text t = {.n = 0};
	struct run r;

	if (row->skipped) {
		print_message("skipped: %s: %s\n", row->members, row->skipped);
		return;
	}
	text_add(&t,
		 ALL "lessor dev;file f size=8192;file g size=1000;file h size=64 iter=0;pipe p;sock s;mem m size=4096 "
		     "fill=0xEE;"
		     "sqe L LEASE fd=dev dir=%s len=4096 flags=SQE_GROUP;%s;",
		 row->dir ? row->dir : "dest", row->program);
	if (!strstr(row->program, "submit"))
		text_add(&t, "submit");
	run(&r, t.s);
	run_cqes(&r, row->cqes);
	if (row->bytes)
		run_bytes(&r, "L", row->bytes);
	run_events(&r, "lease", "lease(L)=0");
	run_free(&r);
}

#define BUF "|SQE_GROUP"

static void leased_buffers(void **state)
{
	static const struct leased rows[] = {
		{"READ 0+4096", .program = "sqe a READ fd=f len=4096 flags=GROUP_BUF", .cqes = "a=4096 L=0",
		 .bytes = "seq@0:4096"},
		{"READ of 4096 at 100 bytes before EOF", .program = "sqe a READ fd=g off=900 len=4096 flags=GROUP_BUF",
		 .cqes = "a=100 L=0", .bytes = "seq@900:100 x00:3996"},
		{"READ 16 bytes ready in a pipe, len 4096",
		 .program = "write p.w 16;sqe a READ fd=p.r len=4096 flags=GROUP_BUF", .cqes = "a=16 L=0",
		 .bytes = "seq@0:16 x00:4080"},
		{"RECV offset 8 len 100, 16 bytes come",
		 .program = "sqe a RECV fd=s.0 addr=8 len=100 flags=GROUP_BUF;submit;write s.1 16", .cqes = "a=16 L=0",
		 .bytes = "xa5:8 seq@0:16 x00:84 xa5:3988"},
		{"READ off=4086 len=20 / off=4097 len=0 / off=4096 len=0",
		 .program =
			 "sqe a READ fd=f addr=4086 len=20 flags=GROUP_BUF" BUF
			 ";sqe b READ fd=f addr=4097 flags=GROUP_BUF" BUF ";sqe c READ fd=f addr=4096 flags=GROUP_BUF",
		 .cqes = "{a=-14 b=-14 c=0} L=0", .bytes = UNTOUCHED},
		{"WRITE member (wrong direction)", .program = "sqe a WRITE fd=f len=16 flags=GROUP_BUF",
		 .cqes = "a=-22 L=0", .bytes = UNTOUCHED},
		{"SEND member (wrong direction)", .program = "sqe a SEND fd=s.0 len=16 flags=GROUP_BUF",
		 .cqes = "a=-22 L=0", .bytes = UNTOUCHED},
		{"two READ halves",
		 .program =
			 "sqe a READ fd=f len=2048 flags=GROUP_BUF" BUF ";sqe b READ fd=f off=2048 addr=2048 len=2048 "
			 "flags=GROUP_BUF",
		 .cqes = "{a=2048 b=2048} L=0", .bytes = "seq@0:4096"},
		{"READ_FIXED with the flag",
		 .program = "register buffers m:64;sqe a READ_FIXED fd=f addr=m len=16 flags=GROUP_BUF",
		 .cqes = "a=-22 L=0", .bytes = UNTOUCHED},
		{"READV with the flag", .program = "sqe a READV fd=f iov=m:16 flags=GROUP_BUF", .cqes = "a=-14 L=0",
		 .bytes = UNTOUCHED},
		{"read-method-only file", .program = "sqe a READ fd=h len=16 flags=GROUP_BUF", .cqes = "a=-95 L=0",
		 .bytes = UNTOUCHED},
		{"PROVIDE on an ACTIVE tag as leader", .skipped = NO_UBLK},
		{"block WRITE: SEND 64 + WRITE 4096",
		 .program = "sqe a SEND fd=s.0 len=64 flags=GROUP_BUF" BUF ";sqe b WRITE fd=f len=4096 flags=GROUP_BUF",
		 .cqes = "{a=64 b=4096} L=0", .bytes = "seq@0:4096", .dir = "source"},
		{"COMMIT submitted behind a group with a pending member", .skipped = NO_UBLK},
		{"RECVMSG with the flag, 16 of 100 bytes come",
		 .program = "sqe a RECVMSG fd=s.0 iov=m:100 flags=GROUP_BUF;submit;write s.1 16",
		 .cqes = "!user-memory-zeroed(a) a=16 L=0", .bytes = UNTOUCHED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_leased(&rows[i]);
}

/* Rows of 12.8 with another leader than L, or two. */
static void other_leaders(void **state)
{
	static const struct row rows[] = {
		{"member without lease (leader NOP), READ/WRITE/SEND",
		 "file f size=4096;sock s;sqe a NOP flags=SQE_GROUP;sqe b READ fd=f len=16 flags=GROUP_BUF|SQE_GROUP;"
		 "sqe c WRITE fd=f len=16 flags=GROUP_BUF|SQE_GROUP;sqe d SEND fd=s.0 len=16 flags=GROUP_BUF|SQE_GROUP;"
		 "sqe e NOP;submit",
		 .cqes = "{b=-22 c=-22 d=-22 e=0} a=0"},
		{"two groups leasing in one batch",
		 "lessor dev;pipe p;pipe q;write p.w 16;write q.w 16;"
		 "sqe L LEASE fd=dev dir=dest len=4096 flags=SQE_GROUP;sqe a READ fd=p.r len=16 flags=GROUP_BUF;"
		 "sqe M LEASE fd=dev dir=dest len=4096 flags=SQE_GROUP;sqe b READ fd=q.r len=16 flags=GROUP_BUF;submit",
		 .cqes = "a=16 L=0 b=16 M=0"},
		{"PROVIDE without a group", "lessor dev;sqe L LEASE fd=dev dir=dest len=4096;submit", .cqes = "L=-22"},
	};

	(void)state;
	CHECK_ROWS(rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(links),	   cmocka_unit_test(single_groups),
		cmocka_unit_test(assembly_errors), cmocka_unit_test(groups_in_chains),
		cmocka_unit_test(drain),	   cmocka_unit_test(cancel_and_timeouts),
		cmocka_unit_test(task_gone),	   cmocka_unit_test(leased_buffers),
		cmocka_unit_test(other_leaders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
