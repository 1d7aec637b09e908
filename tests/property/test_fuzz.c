/* SPDX-License-Identifier: MIT */
/*
 * The fuzzer: its programs are programs of the language, all of the language
 * comes up, a run is the same whatever came before it; what it finds shows
 * again, and one defect shrinks to one program whatever it was found with.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "groupbuf/fuzz.h"
#include "groupbuf/monitor.h"
#include "groupbuf/observe.h"
#include "groupbuf/schedule.h"

#include "support/corpus.h"

#define ALL_REPAIRS ((1U << GB_VARIANT_COUNT) - 1U)

static struct gb_trace *parse(const char *text)
{
	struct gb_trace *trace = NULL;
	struct gb_error err;

	if (gb_trace_parse(text, strlen(text), &trace, &err) != GB_OK)
		fail_msg("%u:%u: %s in\n%s", (unsigned int)err.line, (unsigned int)err.column, err.text, text);
	return trace;
}

static struct gb_fuzz *fuzzer(uint64_t seed, enum gb_fuzz_strategy strategy, uint32_t max_sqes, uint32_t judges)
{
	const struct gb_fuzz_config config = {
		.seed = seed, .strategy = strategy, .max_sqes = max_sqes, .judges = judges};
	struct gb_fuzz *fuzz = gb_fuzz_new(&config);

	assert_non_null(fuzz);
	return fuzz;
}

static struct gb_fuzz_run run_of(struct gb_fuzz *fuzz, uint64_t k)
{
	struct gb_fuzz_run run;
	struct gb_error err;

	assert_int_equal(gb_fuzz_run(fuzz, k, &run, &err), GB_OK);
	return run;
}

/* ---- programs ---- */

static void sum_event(void *user, const struct gb_event *ev)
{
	uint64_t *sum = user;

	*sum = (*sum ^ (uint64_t)ev->type) * 0x100000001b3ULL;
	*sum = (*sum ^ ev->req) * 0x100000001b3ULL;
	*sum = (*sum ^ (uint64_t)ev->a) * 0x100000001b3ULL;
	*sum = (*sum ^ (uint64_t)ev->b) * 0x100000001b3ULL;
}

static uint64_t sum_of_run(const struct gb_trace *trace)
{
	uint64_t sum = 0xcbf29ce484222325ULL;
	const struct gb_config config = {.event = sum_event, .event_user = &sum, .max_steps = GB_FUZZ_MAX_STEPS};
	struct gb_world *world = NULL;
	struct gb_error err;

	assert_int_equal(gb_world_create(trace, &config, &world, &err), GB_OK);
	gb_world_run(world);
	gb_world_destroy(world);
	return sum;
}

/* What is built in memory is what its text says, to the last event. */
static void test_programs_are_of_the_language(void **state)
{
	const uint32_t sizes[] = {12, 1, 40};

	(void)state;
	for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
		struct gb_fuzz *fuzz = fuzzer(s, GB_FUZZ_RANDOM, sizes[s], 0);

		for (uint64_t k = 0; k < (build_is_slow() ? 1000 : 5000); k++) {
			const struct gb_trace *trace = gb_fuzz_generate(fuzz, k);
			char *text = gb_trace_print(trace), *again;
			struct gb_trace *read = parse(text);

			assert_true(trace->n_sqes <= sizes[s]);
			again = gb_trace_print(read);
			assert_string_equal(text, again);
			assert_int_equal(sum_of_run(trace), sum_of_run(read));
			free(text);
			free(again);
			gb_trace_free(read);
		}
		gb_fuzz_free(fuzz);
	}
}

/* How often what the language has comes up. */
struct counts {
	uint64_t opcode[256], ublk[GB_UBLK_COMMANDS], mode[9], flag[8], stmt[32], kind[9], setup[17], field[GB_F_COUNT];
	uint64_t dir[2], blk_op[4], registered[32];
	uint64_t direct, cold, cached, err, most, once, ram, no_iter, poll, append, flush, wasync, no_rasync, dgram,
		sndbuf;
};

static void count_object(struct counts *c, const struct gb_object *o)
{
	c->kind[o->kind]++;
	c->direct += o->direct;
	c->cold += o->file.cold;
	c->cached += o->file.n_cached > 0;
	c->err += o->file.err != 0;
	c->most += o->file.most != 0;
	c->once += o->file.once;
	c->ram += o->file.ram;
	c->no_iter += o->file.no_iter;
	c->poll += o->file.poll;
	c->append += o->file.append;
	c->flush += o->file.flush;
	c->wasync += o->file.wasync;
	c->no_rasync += o->file.no_rasync;
	c->dgram += o->dgram;
	c->sndbuf += o->sndbuf > 0;
}

static void count_sqe(struct counts *c, const struct gb_sqe *sqe)
{
	c->opcode[sqe->opcode]++;
	c->ublk[sqe->ublk]++;
	if (sqe->lease) {
		c->mode[sqe->mode]++;
		c->dir[sqe->dir]++;
	}
	for (uint32_t k = 0; k < 8; k++)
		c->flag[k] += sqe->flags >> k & 1;
	for (uint32_t k = 0; k < GB_F_COUNT; k++)
		c->field[k] += sqe->given >> k & 1;
}

static void count_program(struct counts *c, const struct gb_trace *t)
{
	for (uint32_t k = 0; k < 17; k++)
		c->setup[k] += t->setup_flags >> k & 1;
	for (uint32_t k = 0; k < t->n_objects; k++)
		count_object(c, &t->objects[k]);
	for (uint32_t k = 0; k < t->n_sqes; k++)
		count_sqe(c, &t->sqes[k]);
	for (uint32_t k = 0; k < t->n_blkreqs; k++)
		c->blk_op[t->blkreqs[k].op]++;
	for (uint32_t k = 0; k < t->n_stmts; k++) {
		c->stmt[t->stmts[k].kind]++;
		if (t->stmts[k].kind == GB_STMT_REGISTER)
			c->registered[t->stmts[k].n]++;
	}
}

#define AT_LEAST 10U
#define OCCURS(count)                                                                        \
	do {                                                                                 \
		if ((count) < AT_LEAST)                                                      \
			fail_msg("%s came up %" PRIu64 " times", #count, (uint64_t)(count)); \
	} while (0)

static void check_world(const struct counts *c)
{
	static const uint32_t setup[] = {0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16};

	for (size_t k = 0; k < sizeof(setup) / sizeof(setup[0]); k++)
		OCCURS(c->setup[setup[k]]);
	for (int k = 0; k <= GB_LISTEN; k++)
		OCCURS(c->kind[k]);
	OCCURS(c->direct);
	OCCURS(c->cold);
	OCCURS(c->cached);
	OCCURS(c->err);
	OCCURS(c->most);
	OCCURS(c->once);
	OCCURS(c->ram);
	OCCURS(c->no_iter);
	OCCURS(c->poll);
	OCCURS(c->append);
	OCCURS(c->flush);
	OCCURS(c->wasync);
	OCCURS(c->no_rasync);
	OCCURS(c->dgram);
	OCCURS(c->sndbuf);
}

static void check_program(const struct counts *c)
{
	static const uint8_t opcodes[] = {IORING_OP_NOP,
					  IORING_OP_READ,
					  IORING_OP_WRITE,
					  IORING_OP_READ_FIXED,
					  IORING_OP_WRITE_FIXED,
					  IORING_OP_FSYNC,
					  IORING_OP_POLL_ADD,
					  IORING_OP_POLL_REMOVE,
					  IORING_OP_TIMEOUT,
					  IORING_OP_TIMEOUT_REMOVE,
					  IORING_OP_LINK_TIMEOUT,
					  IORING_OP_ASYNC_CANCEL,
					  IORING_OP_SHUTDOWN,
					  IORING_OP_CLOSE,
					  IORING_OP_SEND,
					  IORING_OP_RECV,
					  IORING_OP_READV,
					  IORING_OP_WRITEV,
					  IORING_OP_SENDMSG,
					  IORING_OP_RECVMSG,
					  IORING_OP_PROVIDE_BUFFERS,
					  IORING_OP_REMOVE_BUFFERS,
					  IORING_OP_READ_MULTISHOT,
					  IORING_OP_URING_CMD,
					  IORING_OP_SEND_ZC,
					  IORING_OP_SENDMSG_ZC,
					  IORING_OP_ACCEPT,
					  IORING_OP_CONNECT,
					  GB_OP_BAD};

	for (size_t k = 0; k < sizeof(opcodes); k++)
		OCCURS(c->opcode[opcodes[k]]);
	for (int k = GB_UBLK_NONE + 1; k < GB_UBLK_COMMANDS; k++)
		OCCURS(c->ublk[k]);
	for (int k = GB_LEASE_sync; k <= GB_LEASE_any; k++)
		OCCURS(c->mode[k]);
	for (uint32_t k = 0; k < 8; k++)
		OCCURS(c->flag[k]);
	for (int k = GB_STMT_SQE; k <= GB_STMT_CONNECT; k++)
		OCCURS(c->stmt[k]);
	for (int k = 0; k < GB_F_COUNT; k++)
		OCCURS(c->field[k]);
	for (uint32_t k = 0; k < 4; k++)
		OCCURS(c->blk_op[k]);
	OCCURS(c->dir[0]);
	OCCURS(c->dir[1]);
	OCCURS(c->registered[IORING_REGISTER_BUFFERS]);
	OCCURS(c->registered[IORING_REGISTER_FILES]);
	OCCURS(c->registered[IORING_REGISTER_RESTRICTIONS]);
	OCCURS(c->registered[IORING_REGISTER_ENABLE_RINGS]);
}

static void test_all_of_the_language_comes_up(void **state)
{
	struct gb_fuzz *fuzz = fuzzer(7, GB_FUZZ_RANDOM, 0, 0);
	struct counts c = {0};

	(void)state;
	for (uint64_t k = 0; k < 20000; k++)
		count_program(&c, gb_fuzz_generate(fuzz, k));
	check_world(&c);
	check_program(&c);
	print_message("20000 programs: %" PRIu64 " leases, %" PRIu64 " groups' flags, %" PRIu64 " exits\n",
		      c.mode[GB_LEASE_sync], c.flag[7], c.stmt[GB_STMT_EXIT]);
	gb_fuzz_free(fuzz);
}

/* ---- runs ---- */

static void test_a_run_does_not_know_the_others(void **state)
{
	struct gb_fuzz *all = fuzzer(3, GB_FUZZ_PCT, 0, 0), *some = fuzzer(3, GB_FUZZ_PCT, 0, 0);
	uint64_t different = 0, last = 0;

	(void)state;
	for (uint64_t k = 0; k < 300; k++) {
		const struct gb_fuzz_run run = run_of(all, k);

		different += run.stream != last;
		last = run.stream;
		if (k % 7)
			continue;

		const struct gb_fuzz_run alone = run_of(some, k);

		assert_int_equal(run.stream, alone.stream);
		assert_int_equal(run.steps, alone.steps);
		assert_int_equal(run.n, alone.n);
		for (uint32_t i = 0; i < run.n; i++)
			assert_true(gb_finding_same(&run.finding[i], &alone.finding[i]));
	}
	assert_true(different > 290);
	gb_fuzz_free(all);
	gb_fuzz_free(some);
}

/* Another seed, another strategy, other runs; a size beyond the limit is the limit. */
static void test_what_makes_a_run(void **state)
{
	struct gb_fuzz *a = fuzzer(1, GB_FUZZ_RANDOM, 0, 0), *b = fuzzer(2, GB_FUZZ_RANDOM, 0, 0);
	struct gb_fuzz *c = fuzzer(1, GB_FUZZ_PCT, 0, 0), *d = fuzzer(1, GB_FUZZ_PCT, 100000, 0);
	uint32_t seeds = 0, orders = 0;

	(void)state;
	for (uint64_t k = 0; k < 100; k++) {
		seeds += run_of(a, k).stream != run_of(b, k).stream;
		orders += run_of(a, k).stream != run_of(c, k).stream;
		assert_true(gb_fuzz_generate(d, k)->n_sqes <= GB_FUZZ_MAX_SQES);
	}
	assert_true(seeds > 95 && orders > 10 && orders < 90);
	gb_fuzz_free(a);
	gb_fuzz_free(b);
	gb_fuzz_free(c);
	gb_fuzz_free(d);
}

static struct gb_choice choice_of(uint32_t n)
{
	struct gb_choice choice = {.kind = GB_CHOICE_ACTOR, .n = n};

	for (uint32_t k = 0; k < n; k++)
		choice.alt[k] = (struct gb_alternative){.kind = GB_ACTOR_WORKER, .index = (uint16_t)k};
	return choice;
}

/* Without a change one actor goes on for ever; each change ends its turn; every actor is the first one sometimes. */
static void test_pct(void **state)
{
	struct gb_choice choice = choice_of(5);
	uint32_t first[5] = {0};

	(void)state;
	for (uint64_t seed = 0; seed < 500; seed++) {
		struct gb_pct pct;
		uint32_t changes = 0, last;

		gb_pct_init(&pct, seed, 1, 100);
		last = gb_pct_choose(&pct, &choice);
		first[last]++;
		for (int k = 0; k < 100; k++)
			assert_int_equal(gb_pct_choose(&pct, &choice), last);
		gb_pct_init(&pct, seed, 4, 100);
		for (int k = 0; k < 101; k++) {
			const uint32_t now = gb_pct_choose(&pct, &choice);

			changes += k && now != last;
			last = now;
		}
		assert_true(changes <= 3);
	}
	for (uint32_t k = 0; k < 5; k++)
		assert_true(first[k] > 50);
	/* other kinds of choices have no actors */
	choice.kind = GB_CHOICE_OUTCOME;
	for (uint64_t seed = 0; seed < 100; seed++) {
		struct gb_pct pct;

		gb_pct_init(&pct, seed, 99, 8);
		assert_int_equal(pct.depth, GB_PCT_DEPTH);
		assert_true(gb_pct_choose(&pct, &choice) < 5);
	}
}

static void test_uniform(void **state)
{
	const struct gb_choice choice = choice_of(3);
	struct gb_uniform uniform = {.random = 5};
	uint32_t n[3] = {0};

	(void)state;
	for (uint32_t k = 0; k < 3000; k++)
		n[gb_uniform_choose(&uniform, &choice)]++;
	for (uint32_t k = 0; k < 3; k++)
		assert_in_range(n[k], 900, 1100);
}

/* ---- shrinking ---- */

/* One defect, and what the programs it was found with have become. */
struct sort {
	enum gb_hazard_kind hazard;
	uint32_t repair; /* what it has to take to repair it */
	uint32_t wanted; /* programs */
	bool slow;	 /* takes too long with sanitizers */
	uint32_t n, forms, count[32];
	uint64_t name[32];
};

static void sort_add(struct sort *sort, uint64_t name)
{
	uint32_t k = 0;

	while (k < sort->forms && sort->name[k] != name)
		k++;
	if (k == 32)
		return;
	sort->name[k] = name;
	sort->forms += k == sort->forms;
	sort->count[k]++;
	sort->n++;
}

static void shrink_into(struct sort *sorts, uint32_t n, struct gb_fuzz *fuzz, uint64_t k)
{
	const struct gb_fuzz_run run = run_of(fuzz, k);
	uint32_t n_picks;
	const uint8_t *picks = gb_fuzz_picks(fuzz, &n_picks);
	char *text = run.n ? gb_trace_print(gb_fuzz_generate(fuzz, k)) : NULL;

	for (uint32_t i = 0; i < run.n * n; i++) {
		struct sort *sort = &sorts[i % n];
		const struct gb_shrink_task task = {.program = text,
						    .finding = run.finding[i / n],
						    .picks = n_picks ? picks : NULL,
						    .n_picks = n_picks};
		struct gb_defect defect;
		struct gb_error err;

		if (sort->hazard != run.finding[i / n].what || sort->n == sort->wanted ||
		    (sort->slow && build_is_slow()))
			continue;
		assert_int_equal(gb_shrink(&task, &defect, &err), GB_OK);
		if (defect.repairs == sort->repair)
			sort_add(sort, defect.name);
		gb_defect_clear(&defect);
	}
	free(text);
}

#define REPAIR(id) (1U << GB_VARIANT_##id)

/* The same defect found with different programs ends as the same program. */
static void test_one_defect_one_program(void **state)
{
	struct sort sorts[] = {
		{.hazard = GB_HAZARD_LEAK, .repair = REPAIR(LONE_LEADER_EINVAL), .wanted = 12},
		{.hazard = GB_HAZARD_FAILED_REQUEST_RUNS, .repair = REPAIR(FAILED_LEADER_STAYS), .wanted = 10},
		{.hazard = GB_HAZARD_ACK_MISSING, .repair = REPAIR(ONE_LEASE), .wanted = 12},
		{.hazard = GB_HAZARD_NULL_DEREF, .repair = REPAIR(NO_LEASE_EINVAL), .wanted = 10, .slow = true},
		{.hazard = GB_HAZARD_STALE_ITERATOR, .repair = REPAIR(ZERO_ONLY_LEASE), .wanted = 10, .slow = true},
	};
	const uint32_t n = sizeof(sorts) / sizeof(sorts[0]);
	struct gb_fuzz *fuzz = fuzzer(11, GB_FUZZ_RANDOM, 0, 1U << GB_JUDGE_HAZARD);
	uint32_t all = 0, same = 0;

	(void)state;
	for (uint64_t k = 0; k < 16000; k++)
		shrink_into(sorts, n, fuzz, k);
	for (uint32_t k = 0; k < n; k++) {
		uint32_t best = 0;

		for (uint32_t i = 0; i < sorts[k].forms; i++)
			best = sorts[k].count[i] > best ? sorts[k].count[i] : best;
		if (!sorts[k].slow || !build_is_slow())
			assert_true(sorts[k].n >= 10);
		all += sorts[k].n;
		same += best;
	}
	print_message("%u of %u programs became the one of their defect\n", same, all);
	assert_true(same * 10 >= all * 9);
	gb_fuzz_free(fuzz);
}

/* Runs a trace, replaying a schedule if there is one; it must see what it states. */
static void check_shows(const struct gb_defect *defect, const char *schedule_text)
{
	const size_t size = strlen(defect->program) + strlen(defect->observed) + 2;
	char *text = malloc(size);
	struct gb_trace *trace;
	struct gb_schedule *schedule = NULL;
	struct gb_watch watch = {0};
	struct gb_replay replay = {0};
	struct gb_config config = {.strategy = GB_STRATEGY_DEFAULT, .event = gb_watch_event, .event_user = &watch};
	struct gb_world *world = NULL;
	struct gb_error err;

	assert_non_null(text);
	snprintf(text, size, "%s\n%s", defect->program, defect->observed);
	trace = parse(text);
	if (schedule_text) {
		assert_int_equal(gb_schedule_parse(schedule_text, strlen(schedule_text), &schedule, &err), GB_OK);
		replay = (struct gb_replay){.schedule = schedule, .trace = trace};
		config.strategy = GB_STRATEGY_CALLBACK;
		config.choose = gb_replay_choose;
		config.choose_user = &replay;
	}
	watch = (struct gb_watch){.trace = trace, .observer = gb_observer_new(trace), .monitor = gb_monitor_new(trace)};
	assert_int_equal(gb_world_create(trace, &config, &world, &err), GB_OK);
	gb_watch_finish(&watch, gb_world_run(world));
	if (gb_observer_compare(watch.observer, false).differs || replay.diverged)
		fail_msg("it does not show again:\n%s", text);
	gb_world_destroy(world);
	gb_observer_free(watch.observer);
	gb_monitor_free(watch.monitor);
	gb_schedule_free(schedule);
	gb_trace_free(trace);
	free(text);
}

/* A defect shows again, is found again, and cannot be shrunk further. */
static void check_defect(const struct gb_defect *defect)
{
	struct gb_shrink_task task = {.program = defect->program, .finding = defect->findings[0]};
	struct gb_defect again;
	struct gb_error err;

	check_shows(defect, defect->schedule);
	if (defect->schedule || defect->shrinks > 3000)
		return;
	assert_int_equal(gb_shrink(&task, &again, &err), GB_OK);
	assert_string_equal(again.program, defect->program);
	assert_int_equal(again.name, defect->name);
	gb_defect_clear(&again);
}

static struct gb_hunt *hunt(uint64_t runs, uint32_t variant, uint32_t judges)
{
	const struct gb_fuzz_config config = {.seed = 5, .variant = variant, .judges = judges};
	struct gb_hunt *h = gb_hunt_new(&config);
	struct gb_error err;

	assert_non_null(h);
	for (uint64_t k = 0; k < runs; k++)
		assert_int_equal(gb_hunt_run(h, &err), GB_OK);
	return h;
}

static void test_a_hunt(void **state)
{
	const uint32_t judges = build_is_slow() ? 1U << GB_JUDGE_HAZARD : 0;
	const uint64_t runs = build_is_slow() ? 300 : 1500;
	struct gb_hunt *a = hunt(runs, 0, judges), *b = hunt(runs, 0, judges);
	const struct gb_defect *one, *other;
	uint32_t n = 0;

	(void)state;
	for (; (one = gb_hunt_defect(a, n)); n++) {
		other = gb_hunt_defect(b, n);
		assert_non_null(other);
		assert_string_equal(one->program, other->program);
		assert_int_equal(one->run, other->run);
		check_defect(one);
		for (uint32_t k = 0; k < n; k++)
			assert_true(gb_hunt_defect(a, k)->name != one->name);
	}
	assert_null(gb_hunt_defect(b, n));
	assert_true(n >= 3);
	assert_int_equal(gb_hunt_stats(a).runs, runs);
	assert_int_equal(gb_hunt_stats(a).streams, gb_hunt_stats(b).streams);
	assert_true(gb_hunt_stats(a).streams > runs * 9 / 10);
	gb_hunt_free(a);
	gb_hunt_free(b);
}

/* FSYNC fails nobody, whatever it is asked to sync: what the object is makes no other defect of it. */
static void test_objects_that_do_not_matter(void **state)
{
	static const char *const programs[] = {
		"sock s\nsqe a FSYNC fd=s.1\nsubmit\n",
		"lessor d\nsqe a FSYNC fd=d\nsubmit\n",
		"pipe p\nsqe a FSYNC fd=p.w\nsubmit\n",
		"sock s\npipe p\nsqe a FSYNC fd=s.0\nsqe b FSYNC fd=p.r\nsubmit\n",
	};
	uint64_t name = 0;

	(void)state;
	for (size_t k = 0; k < sizeof(programs) / sizeof(programs[0]); k++) {
		struct gb_shrink_task task = {.program = programs[k], .finding.judge = GB_JUDGE_INVARIANT};
		struct gb_defect defect;
		struct gb_error err;

		while (strcmp(gb_invariant_at(task.finding.what)->number, "I47") != 0)
			task.finding.what++;
		task.finding.function = gb_invariant_at(task.finding.what)->function;
		task.finding.known = gb_invariant_at(task.finding.what)->broken;
		assert_int_equal(gb_shrink(&task, &defect, &err), GB_OK);
		if (!k)
			name = defect.name;
		assert_int_equal(defect.name, name);
		assert_string_equal(defect.program, "pipe p\nsqe a FSYNC fd=p.r\nsubmit\n");
		gb_defect_clear(&defect);
	}
}

/* The defect of a program, and what it says of the invariant with this number. */
static void expect_cause(const char *program, uint32_t hazard, const char *function, const char *number,
			 enum gb_cause cause, const char *names)
{
	const struct gb_shrink_task task = {.program = program,
					    .finding = {GB_JUDGE_HAZARD, hazard, function, "", GB_NO_REQ}};
	struct gb_defect defect;
	struct gb_error err;
	uint32_t k = 0;
	char buf[64];

	assert_int_equal(gb_shrink(&task, &defect, &err), GB_OK);
	assert_int_equal(gb_defect_cause(&defect, 0, buf, sizeof(buf)), GB_CAUSE_NONE); /* hazards have no record */
	while (k < defect.n_findings && (defect.findings[k].judge != GB_JUDGE_INVARIANT ||
					 strcmp(gb_invariant_at(defect.findings[k].what)->number, number) != 0))
		k++;
	assert_true(k < defect.n_findings);
	assert_int_equal(gb_defect_cause(&defect, k, buf, sizeof(buf)), cause);
	assert_string_equal(buf, names);
	gb_defect_clear(&defect);
}

/* I6 and I60 are broken in several ways; what repairs them says in which. */
static void test_causes(void **state)
{
	static const char lone[] = "sqe a NOP flags=SQE_GROUP\nsubmit\n";
	static const char chain[] = "sqe a NOP flags=IO_LINK\nsqe b NOP flags=SQE_GROUP\nsqe c NOP flags=SQE_GROUP\n"
				    "submit\n";
	struct gb_defect defect = {.n_findings = 2, .repairs = 0};
	char buf[64];

	(void)state;
	expect_cause(lone, GB_HAZARD_LEAK, "io_ring_exit_work", "I3", GB_CAUSE_SURE, "D1");
	expect_cause(lone, GB_HAZARD_LEAK, "io_ring_exit_work", "I6", GB_CAUSE_SURE, "D1");
	expect_cause(chain, GB_HAZARD_LEAK, "io_ring_exit_work", "I6", GB_CAUSE_SURE, "D2");
	expect_cause(chain, GB_HAZARD_LEAK, "io_ring_exit_work", "I60", GB_CAUSE_SURE, "D2");
	/* no switch repairs it: neither of those that have one */
	defect.findings[0].known = defect.findings[1].known = "D1, D6, D2, D36";
	assert_int_equal(gb_defect_cause(&defect, 0, buf, sizeof(buf)), GB_CAUSE_POSSIBLE);
	assert_string_equal(buf, "D6");
	assert_int_equal(gb_defect_cause(&defect, 1, buf, sizeof(buf)), GB_CAUSE_POSSIBLE);
	assert_string_equal(buf, "D1, D6, D2, D36");
	defect.findings[0].known = "D1, D2";
	assert_int_equal(gb_defect_cause(&defect, 0, buf, sizeof(buf)), GB_CAUSE_NONE);
	assert_string_equal(buf, "");
	/* another one's switch does */
	defect.repairs = REPAIR(LONE_LEADER_EINVAL);
	defect.gone = 1;
	defect.findings[0].known = "D2";
	assert_int_equal(gb_defect_cause(&defect, 0, buf, sizeof(buf)), GB_CAUSE_NONE);
}

/* What a repair is for is not found with it. */
static void test_repairs(void **state)
{
	struct gb_hunt *h = hunt(build_is_slow() ? 200 : 2000, ALL_REPAIRS, 1U << GB_JUDGE_HAZARD);
	const struct gb_defect *defect;

	(void)state;
	for (uint32_t k = 0; (defect = gb_hunt_defect(h, k)); k++) {
		assert_int_equal(defect->repairs, 0);
		assert_true(defect->findings[0].what == GB_HAZARD_LEAK ||
			    defect->findings[0].what == GB_HAZARD_ACK_MISSING);
	}
	gb_hunt_free(h);
}

/* ---- what the default order does not show ---- */

struct recorder {
	struct gb_uniform uniform;
	uint8_t picks[4096];
	uint32_t n;
	bool dead;
};

static uint32_t record(void *user, const struct gb_choice *choice)
{
	struct recorder *r = user;
	const uint32_t taken = gb_uniform_choose(&r->uniform, choice);

	assert_true(r->n < sizeof(r->picks));
	r->picks[r->n++] = (uint8_t)taken;
	return taken;
}

static void see_hazard(void *user, const struct gb_event *ev)
{
	struct recorder *r = user;

	r->dead |= ev->type == GB_EV_HAZARD;
}

/* In the default order the cancellation comes before the worker has begun with the leader. */
static const char racy[] = "sock s\n"
			   "sqe a NOP flags=ASYNC|SQE_GROUP\n"
			   "sqe b RECV fd=s.0 flags=GROUP_BUF\n"
			   "sqe c ASYNC_CANCEL target=a\n"
			   "submit\n";

static void test_another_order(void **state)
{
	struct gb_trace *trace = parse(racy);
	struct recorder r = {.n = 0};
	const struct gb_finding finding = {
		.judge = GB_JUDGE_HAZARD, .what = GB_HAZARD_NULL_DEREF, .function = "io_use_group_kbuf", .known = ""};
	struct gb_shrink_task task = {.program = racy, .finding = finding, .picks = r.picks};
	struct gb_defect defect;
	struct gb_error err;

	(void)state;
	for (uint64_t seed = 0; !r.dead; seed++) {
		const struct gb_config config = {.strategy = GB_STRATEGY_CALLBACK,
						 .choose = record,
						 .choose_user = &r,
						 .event = see_hazard,
						 .event_user = &r};
		struct gb_world *world = NULL;

		r = (struct recorder){.uniform.random = seed};
		assert_int_equal(gb_world_create(trace, &config, &world, &err), GB_OK);
		gb_world_run(world);
		gb_world_destroy(world);
	}
	task.n_picks = r.n;
	/* stopped at once, the program stays as it is and only the choices are shrunk */
	task.max_runs = 1;
	assert_int_equal(gb_shrink(&task, &defect, &err), GB_OK);
	assert_string_equal(defect.program, racy);
	assert_non_null(defect.schedule);
	check_shows(&defect, defect.schedule);
	gb_defect_clear(&defect);
	/* not stopped, it ends where every program of this defect ends */
	task.max_runs = 0;
	assert_int_equal(gb_shrink(&task, &defect, &err), GB_OK);
	assert_string_equal(defect.program, "sock s\nsqe a NOP flags=SQE_GROUP\n"
					    "sqe b RECV fd=s.0 flags=GROUP_BUF\nsubmit\n");
	assert_null(defect.schedule);
	assert_int_equal(defect.repairs, REPAIR(NO_LEASE_EINVAL));
	gb_defect_clear(&defect);
	gb_trace_free(trace);
}

static void test_wrong_tasks(void **state)
{
	struct gb_shrink_task task = {
		.program = "sqe a NOP\nsubmit\n",
		.finding = {.judge = GB_JUDGE_HAZARD, .what = GB_HAZARD_LEAK, .function = "io_ring_exit_work"}};
	struct gb_defect defect;
	struct gb_error err;

	(void)state;
	assert_int_equal(gb_shrink(&task, &defect, &err), GB_BAD_INPUT);
	assert_null(defect.program);
	task.program = "sqe a NOPE\n";
	assert_int_equal(gb_shrink(&task, &defect, &err), GB_BAD_INPUT);
	assert_int_equal(err.line, 1);
	gb_fuzz_free(NULL);
	gb_hunt_free(NULL);
}

/* Found by the fuzzer: the memory of datagrams' lengths and of pages overlapped. */
static void test_room_for_datagrams(void **state)
{
	static const char text[] = "sock s type=dgram\nmem m size=4096\nsqe a SEND fd=s.0 addr=m len=4096\nsubmit\n"
				   "read s.1 4096\n\ngot s.1 4096 ";
	struct gb_trace *trace = parse("sock s\nmem m size=4096\nsqe a SEND fd=s.0 addr=m len=4096\nsubmit\n"
				       "read s.1 4096\n");
	struct gb_observer *observer = gb_observer_new(trace);
	const struct gb_config config = {.event = gb_observer_event, .event_user = observer};
	struct gb_world *world = NULL;
	struct gb_error err;
	char both[400] = "";

	(void)state;
	/* what a stream delivers, a datagram has to deliver */
	assert_int_equal(gb_world_create(trace, &config, &world, &err), GB_OK);
	gb_world_run(world);
	gb_observer_finish(observer);
	for (uint32_t k = 0; k < gb_observer_count(observer); k++)
		if (gb_observer_list(observer)[k].kind == GB_OBS_GOT)
			snprintf(both, sizeof(both), "%s%016" PRIx64 "\ncqe a 4096\n", text,
				 gb_observer_list(observer)[k].hash);
	gb_world_destroy(world);
	gb_observer_free(observer);
	gb_trace_free(trace);

	trace = parse(both);
	observer = gb_observer_new(trace);

	const struct gb_config again = {.event = gb_observer_event, .event_user = observer};

	assert_int_equal(gb_world_create(trace, &again, &world, &err), GB_OK);
	gb_world_run(world);
	gb_observer_finish(observer);
	assert_false(gb_observer_compare(observer, true).differs);
	gb_world_destroy(world);
	gb_observer_free(observer);
	gb_trace_free(trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_programs_are_of_the_language),
		cmocka_unit_test(test_all_of_the_language_comes_up),
		cmocka_unit_test(test_a_run_does_not_know_the_others),
		cmocka_unit_test(test_what_makes_a_run),
		cmocka_unit_test(test_pct),
		cmocka_unit_test(test_uniform),
		cmocka_unit_test(test_one_defect_one_program),
		cmocka_unit_test(test_a_hunt),
		cmocka_unit_test(test_objects_that_do_not_matter),
		cmocka_unit_test(test_causes),
		cmocka_unit_test(test_repairs),
		cmocka_unit_test(test_another_order),
		cmocka_unit_test(test_wrong_tasks),
		cmocka_unit_test(test_room_for_datagrams),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
