/* SPDX-License-Identifier: MIT */
/*
 * Who is alike. Members of a group may change places only if nothing tells them
 * apart; for each thing that does there is a group here in which nothing else
 * does. Taken for alike, they would make the space smaller than it is: it is
 * compared with that of the same group while somebody, much later, asks for one
 * of them by name. And wherever the difference decides what somebody else sees,
 * both answers must be found.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "groupbuf/check.h"
#include "support/corpus.h"

/* Searches a trace; `violated` gets the number of properties that fail. */
static uint64_t states_of(const char *text, uint32_t reductions, uint32_t *violated)
{
	struct gb_trace *trace = trace_of(text, text, strlen(text));
	struct gb_check_config config;
	struct gb_check *check;
	struct gb_error err;
	uint64_t states;

	gb_check_defaults(&config);
	config.outcomes = GB_CHECK_NONE;
	config.order = GB_CHECK_LIFO;
	config.reductions = reductions;
	config.invariants = false;
	assert_int_equal(gb_check_new(trace, &config, &check, &err), GB_OK);
	if (gb_check_run(check) != GB_CHECK_COMPLETE)
		fail_msg("the search of\n%s\ndoes not end", text);
	assert_true(gb_check_judge(check));
	states = gb_check_stats(check).at.states;
	*violated = 0;
	for (uint32_t i = 0; i < gb_check_claim_count(check); i++) {
		const struct gb_check_claim *claim = gb_check_claim_at(check, i);

		*violated += claim->kind == GB_CLAIM_PROPERTY && claim->verdict != GB_CHECK_HOLDS;
	}
	gb_check_free(check);
	gb_trace_free(trace);
	return states;
}

/* ---- every field ---- */

/*
 * Two members that differ in one field. Where the opcode allows it, one that
 * shows in the request only once it has been issued: what the canonical form
 * shows keeps states apart whoever is taken for alike.
 */
struct pair {
	const char *field;
	const char *a, *b;
	const char *more; /* lines in front */
	bool never;	  /* these are not alike even if nothing differs */
};

#define PROVIDE "PROVIDE_BUFFERS fd=1 off=0 "

static const struct pair pairs[] = {
	{"opcode", "NOP fd=-1", "CLOSE fd=-1", "", false},
	{"fd, the object", "CLOSE fd=f", "CLOSE fd=g", "", false},
	{"fd, the end", "CLOSE fd=s.0", "CLOSE fd=s.1", "", false},
	{"fd, the number", "READ fd=50 addr=m len=8", "READ fd=51 addr=m len=8", "", false},
	{"fd, an object or none", "NOP fd=f", "NOP fd=-1", "", false},
	{"fd, the ring or none", "CLOSE fd=ring", "CLOSE fd=-1", "", false},
	{"off", "READ fd=f off=0 addr=m len=8", "READ fd=f off=8 addr=m len=8", "", false},
	{"len", "SHUTDOWN fd=s.0 len=0", "SHUTDOWN fd=s.0 len=1", "", false},
	{"addr, the memory", PROVIDE "len=8 buf_group=1 addr=m", PROVIDE "len=8 buf_group=1 addr=n", "", false},
	{"addr, the place", PROVIDE "len=8 buf_group=1 addr=m", PROVIDE "len=8 buf_group=1 addr=m+8", "", false},
	{"addr, memory or none", "NOP addr=z", "NOP addr=0", "", false},
	{"flags", "READ fd=f addr=m len=8", "READ fd=f addr=m len=8 flags=GROUP_BUF", "", false},
	{"op_flags", "NOP len=5 op_flags=0", "NOP len=5 op_flags=1", "", false},
	{"ioprio", "READ fd=f off=0 addr=m len=8 ioprio=0", "READ fd=f off=0 addr=m len=8 ioprio=0x4000", "", false},
	{"buf_index", PROVIDE "len=8 buf_group=1 addr=m", PROVIDE "len=8 buf_group=2 addr=m", "", false},
	{"file_index", "CLOSE fd=0 file_index=1", "CLOSE fd=0 file_index=2", "register files f,g\n", false},
	{"res", "NOP res=-5", "NOP res=-7", "", false},
	{"ms", "TIMEOUT ms=5", "TIMEOUT ms=6", "", false},
	{"to", "CONNECT fd=s.1 to=l0", "CONNECT fd=s.1 to=l1", "listen l0\nlisten l1\n", false},
	{"given", "NOP len=5 op_flags=1", "NOP len=5 op_flags=1 res=0", "", false},
	{"target", "ASYNC_CANCEL target=x", "ASYNC_CANCEL target=y",
	 "sqe x READ fd=p.r addr=m len=8\nsqe y READ fd=p.r addr=m len=8\nsubmit\n", true},
	{"dir of a lease", "LEASE fd=dev dir=dest len=8", "LEASE fd=dev dir=source len=8", "", true},
	{"tag of a ublk command", "UBLK_FETCH fd=dsk tag=0", "UBLK_FETCH fd=dsk tag=1", "ublk dsk depth=2\n", true},
	{"iov", "READV fd=f off=0 iov=m:8", "READV fd=f off=0 iov=n:8", "", true},
};

/* Both members go to io-wq, so that either may be first. Long after, somebody asks for SQE `named`. */
static char *group_of(const struct pair *p, bool same, const char *named)
{
	const char *b = same ? p->a : p->b;
	char *text = malloc(2048);

	assert_non_null(text);
	snprintf(text, 2048,
		 "%s\nfile g size=32\nsock s\npipe p\nlessor dev\nmem m size=64\nmem n size=64\n%s"
		 "sqe lead NOP flags=SQE_GROUP\nsqe a %s%sASYNC|SQE_GROUP\nsqe b %s%sASYNC\nsubmit\nreap\n"
		 "sqe late ASYNC_CANCEL target=%s\nsubmit\nreap\n",
		 /* the first object: that of number 0, as in a field that is not given */
		 strstr(p->a, "addr=z") ? "mem z size=64\nfile f size=64" : "file f size=64\nmem z size=64", p->more,
		 p->a, strstr(p->a, "flags=G") ? "|" : " flags=", b, strstr(b, "flags=G") ? "|" : " flags=", named);
	return text;
}

static void every_field(void **state)
{
	(void)state;
	for (size_t k = 0; k < sizeof(pairs) / sizeof(pairs[0]); k += build_is_slow() ? 4 : 1) {
		char *differ = group_of(&pairs[k], false, "lead"), *apart = group_of(&pairs[k], false, "a");
		char *alike = group_of(&pairs[k], true, "lead"), *named = group_of(&pairs[k], true, "a");
		uint32_t violated;
		const uint64_t n = states_of(differ, GB_CHECK_VISITED | GB_CHECK_SYMMETRY, &violated);
		const uint64_t right = states_of(apart, GB_CHECK_VISITED | GB_CHECK_SYMMETRY, &violated);
		const uint64_t fewer = states_of(alike, GB_CHECK_VISITED | GB_CHECK_SYMMETRY, &violated);
		const uint64_t all = states_of(named, GB_CHECK_VISITED | GB_CHECK_SYMMETRY, &violated);

		if (n != right)
			fail_msg("%s: members that differ are taken for alike: %lu states, not %lu", pairs[k].field,
				 (unsigned long)n, (unsigned long)right);
		/* nothing else keeps them apart, so this pair would show it */
		if (!pairs[k].never && fewer >= all)
			fail_msg("%s: members that are alike are not taken so: %lu states of %lu", pairs[k].field,
				 (unsigned long)fewer, (unsigned long)all);
		free(differ);
		free(apart);
		free(alike);
		free(named);
	}
}

/* ---- what others see ---- */

/* The first of two members decides what comes to `r`; whichever it is. All properties hold. */
static const char *const seen_by_others[] = {
	/* len */
	"pipe p\nmem m size=64\nmem n size=64\nsqe r READ fd=p.r addr=n len=64\nsubmit\nsqe lead NOP flags=SQE_GROUP\n"
	"sqe a WRITE fd=p.w addr=m len=8 flags=ASYNC|SQE_GROUP\nsqe b WRITE fd=p.w addr=m len=16 flags=ASYNC\n"
	"submit\nreap\nexists r.res = 8\nexists r.res = 16\n",
	/* fd: the pipe or another */
	"pipe p\npipe q\nmem m size=64\nmem n size=64\nsqe r READ fd=p.r addr=n len=64\nsqe s READ fd=q.r addr=n "
	"len=64\n"
	"submit\nsqe lead NOP flags=SQE_GROUP\nsqe a WRITE fd=p.w addr=m len=8 flags=ASYNC|SQE_GROUP\n"
	"sqe b WRITE fd=q.w addr=m len=8 flags=ASYNC\nsubmit\nreap\nexists r.cqe < s.cqe\nexists s.cqe < r.cqe\n",
	/* opcode: data, or the end */
	"sock s\nmem m size=64\nmem n size=64\nsqe r RECV fd=s.1 addr=n len=64\nsubmit\nsqe lead NOP flags=SQE_GROUP\n"
	"sqe a SEND fd=s.0 len=1 addr=m flags=ASYNC|SQE_GROUP\nsqe b SHUTDOWN fd=s.0 len=1 flags=ASYNC\n"
	"submit\nreap\nexists r.res = 1\nexists r.res = 0\n",
	/* named by a property */
	"file f size=64\nmem m size=64\nsqe lead NOP flags=SQE_GROUP\n"
	"sqe a READ fd=f off=0 addr=m len=8 flags=ASYNC|SQE_GROUP\nsqe b READ fd=f off=0 addr=m len=8 flags=ASYNC\n"
	"submit\nreap\nexists a.cqe < b.cqe\nexists b.cqe < a.cqe\n",
	NULL,
};

static void both_answers(void **state)
{
	(void)state;
	for (size_t k = 0; seen_by_others[k]; k++) {
		for (uint32_t reductions = 0; reductions <= GB_CHECK_ALL_REDUCTIONS; reductions++) {
			uint32_t violated;

			/* without visited states the search is a tree */
			if (!(reductions & GB_CHECK_VISITED))
				continue;
			states_of(seen_by_others[k], reductions, &violated);
			if (violated)
				fail_msg("reductions %u: %u properties fail of\n%s", reductions, violated,
					 seen_by_others[k]);
		}
	}
}

/* An order of CQEs tells all of them apart: no outcome may be missing. */
static void orders(void **state)
{
	static const char text[] = "file f size=64\nmem m size=64\nsqe lead NOP flags=SQE_GROUP\n"
				   "sqe a READ fd=f off=0 addr=m len=8 flags=ASYNC|SQE_GROUP\n"
				   "sqe b READ fd=f off=0 addr=m len=8 flags=ASYNC\nsubmit\nreap\n";
	struct gb_trace *trace = trace_of("orders", text, sizeof(text) - 1);

	(void)state;
	for (uint32_t symmetry = 0; symmetry < 2; symmetry++) {
		struct gb_check_config config;
		struct gb_check *check;
		struct gb_error err;

		gb_check_defaults(&config);
		config.reductions = GB_CHECK_VISITED | (symmetry ? GB_CHECK_SYMMETRY : 0);
		assert_int_equal(gb_check_new(trace, &config, &check, &err), GB_OK);
		assert_int_equal(gb_check_run(check), GB_CHECK_COMPLETE);
		assert_true(gb_check_judge(check));
		assert_int_equal(gb_check_outcome_count(check), 2);
		gb_check_free(check);
	}
	gb_trace_free(trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field),
		cmocka_unit_test(both_answers),
		cmocka_unit_test(orders),
	};

	return cmocka_run_group_tests_name("symmetry", tests, NULL, NULL);
}
