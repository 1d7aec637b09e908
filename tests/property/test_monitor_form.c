/* SPDX-License-Identifier: MIT */
/*
 * The canonical form of the monitor (gb_monitor_canonical) is a monitor itself:
 * put in the place of the one it was taken from, it has to judge whatever comes
 * as that one does. What comes is the rest of the run, and the rest with one event
 * lost, repeated, of another request, or with other numbers, for a run without
 * a defect hardly asks for what has been. Only nothing happens to the dead:
 * that what has been freed comes up again is a defect that needs no past to be
 * one, but it may be another number of them.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "groupbuf/monitor.h"
#include "support/corpus.h"
#include "support/program.h"

struct sums {
	uint64_t runs, places, forgotten, violations;
};

/* A monitor, what its form makes of it, and a run. */
struct pair {
	const char *name;
	const struct gb_trace *trace;
	struct gb_monitor *whole, *form;
	unsigned char *bytes, *saved;
	struct event_log log;
	bool *freed; /* per SQE: a FREE has been seen */
	uint32_t n_sqes;
	uint64_t random;
	enum gb_run_state end;
};

/* The form in the place of what it was taken from. True if it has forgotten something that can be judged by. */
static bool take_form(struct pair *p, const struct gb_monitor *from)
{
	size_t length;
	bool forgot;

	gb_monitor_save(from, p->saved);
	length = gb_monitor_canonical(from, NULL, p->bytes);
	forgot = memcmp(p->saved, p->bytes, length) != 0;
	memcpy(p->saved, p->bytes, length);
	gb_monitor_load(p->form, p->saved);
	return forgot;
}

static bool is_dead(const struct pair *p, uint32_t req)
{
	return req < p->n_sqes && p->freed[req];
}

static void see_free(struct pair *p, const struct gb_event *ev)
{
	if (ev->type == GB_EV_FREE && ev->req < p->n_sqes)
		p->freed[ev->req] = true;
}

/* An event in which something has gone wrong; what is left of it if it would be lost means nothing. */
static struct gb_event wrong(struct pair *p, size_t k)
{
	const struct gb_event told = p->log.list[k];
	struct gb_event ev = told;

	switch (random_below(&p->random, 8)) {
	case 0:
		ev = p->log.list[k ? k - 1 : 0];
		break;
	case 1:
		ev.a += random_below(&p->random, 2) ? 1 : -1;
		break;
	case 2:
		ev.b ^= 1;
		break;
	case 3:
		ev.b = 0;
		break;
	case 4:
		ev.d ^= 1;
		break;
	case 5:
		ev.a ^= 1LL << random_below(&p->random, 8);
		break;
	case 6:
		ev.req = p->log.list[random_below(&p->random, (uint32_t)p->log.n)].req;
		break;
	default:
		ev.type = GB_EV_CHOICE;
		break;
	}
	return is_dead(p, ev.req) || is_dead(p, ev.other) ? told : ev;
}

/* The violations a monitor has found since it had `first` of them, as one number. */
static uint64_t found(const struct gb_monitor *m, uint32_t first)
{
	uint64_t sum = 0;

	for (uint32_t k = first; k < gb_monitor_count(m); k++) {
		const struct gb_violation *v = &gb_monitor_list(m)[k];

		sum = sum * 31 + (v->invariant + 1) * 1000003ULL + v->req;
	}
	return sum;
}

static void print_found(const struct gb_monitor *m, uint32_t first, const struct gb_trace *t)
{
	for (uint32_t k = first; k < gb_monitor_count(m); k++) {
		const struct gb_violation *v = &gb_monitor_list(m)[k];
		char *text = gb_violation_print(t, v);

		print_message("  %s\n", text ? text : "?");
		free(text);
	}
}

/* The test fails, after saying what either has found. */
static void differ(const struct pair *p, uint32_t had, uint32_t has, const char *where)
{
	print_message("the monitor:\n");
	print_found(p->whole, had, p->trace);
	print_message("its form:\n");
	print_found(p->form, has, p->trace);
	fail_msg("%s, %s: the form of a monitor judges otherwise", p->name, where);
}

/* Where it goes wrong: any type of event is as likely, those of which a run has few as well. */
static size_t where_wrong(struct pair *p, size_t from)
{
	const uint32_t type = random_below(&p->random, GB_EV_COUNT), left = (uint32_t)(p->log.n - from);
	const uint32_t first = random_below(&p->random, left);

	for (uint32_t k = 0; k < left; k++)
		if (p->log.list[from + (first + k) % left].type == type)
			return from + (first + k) % left;
	return from + first;
}

/* From place `k` of the run on both see the same. */
static void go_on(struct pair *p, size_t k, bool wild, struct sums *sums)
{
	const size_t at = wild ? where_wrong(p, k) : p->log.n;
	uint32_t had, has;

	sums->forgotten += take_form(p, p->whole);
	had = gb_monitor_count(p->whole);
	has = gb_monitor_count(p->form);
	sums->places++;
	for (; k < p->log.n; k++) {
		const struct gb_event ev = k == at ? wrong(p, k) : p->log.list[k];

		gb_monitor_event(p->whole, &ev);
		gb_monitor_event(p->form, &ev);
		see_free(p, &ev);
		if (k >= at && gb_monitor_count(p->whole) > had && gb_monitor_count(p->form) > has)
			break;
		if (found(p->whole, had) != found(p->form, has))
			differ(p, had, has, gb_event_name(ev.type));
	}
	sums->violations += gb_monitor_count(p->whole) - had;
	/* what is wrong has been seen; what it is called from then on may differ */
	if (k < p->log.n)
		return;
	gb_monitor_finish(p->whole, p->end);
	gb_monitor_finish(p->form, p->end);
	if (found(p->whole, had) != found(p->form, has))
		differ(p, had, has, "at the end");
}

/* The monitors and the events of one run. */
static struct pair pair_of(const char *name, const struct gb_trace *t, struct gb_config config, uint64_t seed)
{
	struct pair p = {
		.name = name, .trace = t, .random = seed, .whole = gb_monitor_new(t), .form = gb_monitor_new(t)};
	struct gb_world *world;

	assert_true(p.whole && p.form);
	p.bytes = malloc(gb_monitor_size(p.whole));
	p.saved = malloc(gb_monitor_size(p.whole));
	p.n_sqes = t->n_sqes;
	p.freed = calloc((size_t)t->n_sqes + 1, sizeof(bool));
	assert_true(p.bytes && p.saved && p.freed);
	config.event = log_event;
	config.event_user = &p.log;
	world = world_of(t, &config);
	p.end = gb_world_run(world);
	gb_world_destroy(world);
	return p;
}

static void pair_free(struct pair *p)
{
	log_free(&p->log);
	free(p->bytes);
	free(p->saved);
	free(p->freed);
	gb_monitor_free(p->whole);
	gb_monitor_free(p->form);
}

/* Both from the start up to a random place, then apart. */
static void check_run(const char *name, const struct gb_trace *t, const struct gb_config *config, uint64_t seed,
		      uint32_t places, struct sums *sums)
{
	struct gb_config mine = *config;
	struct pair p;

	mine.strategy = seed & 1 ? GB_STRATEGY_RANDOM : GB_STRATEGY_DEFAULT;
	mine.seed = seed;
	p = pair_of(name, t, mine, seed);
	for (uint32_t n = 0; p.log.n && n < places; n++) {
		/* runs of many thousand events would be all there is */
		const size_t at = random_below(&p.random, (uint32_t)p.log.n);
		const size_t from = p.log.n > 3000 ? p.log.n - 3000 : 0;

		if (at < from)
			continue;
		gb_monitor_reset(p.whole);
		memset(p.freed, 0, p.n_sqes * sizeof(bool));
		for (size_t k = 0; k < at; k++) {
			gb_monitor_event(p.whole, &p.log.list[k]);
			see_free(&p, &p.log.list[k]);
		}
		go_on(&p, at, n & 1, sums);
	}
	sums->runs++;
	pair_free(&p);
}

static void print_sums(const char *what, const struct sums *s)
{
	print_message("%s: %lu runs, %lu forms, %lu of them had forgotten something, %lu violations behind them\n",
		      what, (unsigned long)s->runs, (unsigned long)s->places, (unsigned long)s->forgotten,
		      (unsigned long)s->violations);
	assert_true(s->forgotten * 10 > s->places && s->violations * 2 > s->runs);
}

static void traces(void **state)
{
	static const char *const rooms[] = {"tutorial", "scenarios", "ublk", "rules", "defects"};
	struct corpus corpus = {0};
	struct sums sums = {0};
	size_t by_hand;

	(void)state;
	for (size_t k = 0; k < sizeof(rooms) / sizeof(rooms[0]); k++)
		corpus_add_room(&corpus, rooms[k]);
	by_hand = corpus.n;
	corpus_add_all(&corpus);
	/* those by hand first, and more often: they come to more */
	for (size_t k = 0; k < corpus.n; k += k >= by_hand && build_is_slow() ? 8 : 1)
		check_run(corpus.list[k].name, corpus.list[k].trace, &corpus.list[k].config, k,
			  (k < by_hand ? 300U : 40U) / (build_is_slow() ? 4 : 1), &sums);
	corpus_free(&corpus);
	print_sums("traces", &sums);
}

static void one_program(void *user, const char *name, const struct gb_trace *trace, uint64_t seed)
{
	check_run(name, trace, &(struct gb_config){0}, seed, 40, user);
}

static void random_programs(void **state)
{
	struct sums sums = {0};

	(void)state;
	each_program(programs_asked(build_is_slow() ? 100 : 1500), one_program, &sums);
	print_sums("random programs", &sums);
}

/* ---- what hardly any run asks for ---- */

/* One event of a run is wrong, and the form is taken before another one, or the same; then an invariant is violated. */
static const struct remembered {
	const char *program, *invariant;
	enum gb_event_type form; /* before the first one of `form_of` */
	uint32_t form_of;
	enum gb_event_type wrong; /* the first one of `wrong_of` */
	uint32_t wrong_of;
	enum gb_event_type becomes; /* GB_EV_CHOICE: it is lost */
	int64_t a;
} remembered[] = {
	/* that CQEs lie in the overflow list: the last one overtakes them */
	{"ring entries=2 cq=2\nsqe a NOP\nsqe b NOP\nsubmit\nsqe c NOP\nsqe d NOP\nsubmit\nreap\n", "I42", GB_EV_CQE, 3,
	 GB_EV_CQE, 3, GB_EV_CQE, 0},
	/* the members of a group: one has a flag that has to fail the leader */
	{"sqe l NOP flags=SQE_GROUP\nsqe m NOP flags=IO_LINK\nsubmit\n", "I10", GB_EV_CLOSE_GROUP, 0, GB_EV_FAIL, 0,
	 GB_EV_CHOICE, 0},
	/* that there was a request, though it is freed: without a CQE it still holds up what drains */
	{"sqe a NOP\nsubmit\nsqe b NOP flags=IO_DRAIN\nsubmit\n", "I51", GB_EV_START, 1, GB_EV_CQE, 0, GB_EV_CHOICE, 0},
	/* the tag of a block request: it is refused to a second group */
	{"sock s\nublk dev depth=2 flags=SUPPORT_ZERO_COPY|USER_COPY\n"
	 "sqe f UBLK_FETCH fd=dev tag=0\nsqe g UBLK_FETCH fd=dev tag=1\nsubmit\n"
	 "blkreq x dev read len=4096\nblkreq y dev read len=4096\nwait 2\n"
	 "sqe l UBLK_PROVIDE fd=dev tag=1 flags=SQE_GROUP\nsqe m RECV fd=s.0 len=16 addr=0 flags=GROUP_BUF\n"
	 "sqe k UBLK_PROVIDE fd=dev tag=1 flags=SQE_GROUP\nsqe n RECV fd=s.0 len=16 addr=0 flags=GROUP_BUF\nsubmit\n",
	 "I102", GB_EV_DONE, 4, GB_EV_DONE, 4, GB_EV_DONE, -EBUSY},
};

/* The place of the first event of this type and SQE; one must exist. */
static size_t place_of(const struct pair *p, enum gb_event_type type, uint32_t sqe)
{
	for (size_t k = 0; k < p->log.n; k++)
		if (p->log.list[k].type == type && p->log.list[k].req == sqe)
			return k;
	fail_msg("%s: no event %s of SQE %u", p->name, gb_event_name(type), sqe);
	return 0;
}

static bool has_found(const struct gb_monitor *m, const char *invariant)
{
	for (uint32_t k = 0; k < gb_monitor_count(m); k++)
		if (strcmp(gb_invariant_at(gb_monitor_list(m)[k].invariant)->number, invariant) == 0)
			return true;
	return false;
}

static void rare_violations(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(remembered) / sizeof(remembered[0]); i++) {
		const struct remembered *r = &remembered[i];
		struct gb_trace *trace = trace_of(r->invariant, r->program, strlen(r->program));
		struct pair p = pair_of(r->invariant, trace, (struct gb_config){0}, i);
		const size_t at = place_of(&p, r->form, r->form_of);
		struct gb_event *wrong = &p.log.list[place_of(&p, r->wrong, r->wrong_of)];

		wrong->type = r->becomes;
		wrong->a = r->a;
		wrong->d = 0;
		for (size_t k = 0; k < at; k++)
			gb_monitor_event(p.whole, &p.log.list[k]);
		assert_false(has_found(p.whole, r->invariant));
		take_form(&p, p.whole);
		for (size_t k = at; k < p.log.n; k++) {
			gb_monitor_event(p.whole, &p.log.list[k]);
			gb_monitor_event(p.form, &p.log.list[k]);
		}
		gb_monitor_finish(p.whole, p.end);
		gb_monitor_finish(p.form, p.end);
		if (!has_found(p.whole, r->invariant) || !has_found(p.form, r->invariant))
			differ(&p, 0, 0, "rare violations");
		pair_free(&p);
		gb_trace_free(trace);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(traces),
		cmocka_unit_test(random_programs),
		cmocka_unit_test(rare_violations),
	};

	return cmocka_run_group_tests_name("form of the monitor", tests, NULL, NULL);
}
