/* SPDX-License-Identifier: MIT */
/*
 * Every result has a reason, it is the one the errno says, and its sentence is
 * complete: over the corpus and random programs, under many schedules. Which
 * reasons never came up is printed, for information.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "groupbuf/reason.h"

#include "support/corpus.h"
#include "support/program.h"

#define SEEDS	 8U
#define PROGRAMS 4000U

struct watch {
	const char *name;
	const struct gb_trace *trace;
	struct event_log cqes; /* CQEs in the order of the ring */
	size_t reaped;
	uint32_t failing; /* index of a request that has to fail, or GB_NO_REQ */
};

static uint64_t in_corpus[GB_R_COUNT], in_programs[GB_R_COUNT];
static uint64_t *counted = in_corpus;
static uint64_t wrongs;

static void complain(struct watch *w, const struct gb_event *event, const char *what)
{
	char text[256];

	if (wrongs++ < 20)
		print_error("%s: %s of %s with %" PRId64 ", reason %s, '%s': %s\n", w->name, gb_event_name(event->type),
			    event->req < w->trace->n_sqes ? w->trace->sqes[event->req].label : "?", event->a,
			    gb_reason_info(event->reason)->name, gb_reason_text(w->trace, event, text, sizeof(text)),
			    what);
}

/* Is there anything in the sentence that was not filled in? No sentence of the table asks. */
static bool is_complete(const char *text)
{
	return *text && !strchr(text, '%') && !strchr(text, '?');
}

static void check_reason(struct watch *w, const struct gb_event *event)
{
	char text[512];

	if (event->reason >= GB_R_COUNT)
		complain(w, event, "no such reason");
	else if (event->reason && !is_complete(gb_reason_text(w->trace, event, text, sizeof(text))))
		complain(w, event, "the sentence is not complete");
}

static void check_result(struct watch *w, const struct gb_event *event)
{
	const int err = gb_reason_info(event->reason)->err;

	counted[event->reason < GB_R_COUNT ? event->reason : 0]++;
	if (event->reason == GB_R_NONE)
		complain(w, event, "no reason");
	else if (err && event->a != -err)
		complain(w, event, "the reason has another errno");
	else if (event->req == w->failing && event->a >= 0)
		complain(w, event, "it was refused");
	else if (event->a < 0 && event->reason == GB_R_DONE)
		complain(w, event, "an error is no success");
}

/* What the application takes is what was posted. */
static void check_reap(struct watch *w, const struct gb_event *event)
{
	const struct gb_event *cqe = w->reaped < w->cqes.n ? &w->cqes.list[w->reaped] : NULL;

	w->reaped++;
	if (!cqe || cqe->req != event->req || cqe->a != event->a || cqe->reason != event->reason ||
	    cqe->reason_req != event->reason_req || cqe->reason_n[0] != event->reason_n[0] ||
	    cqe->reason_n[1] != event->reason_n[1])
		complain(w, event, "that is not the CQE that was posted");
}

static void watch_event(void *user, const struct gb_event *event)
{
	struct watch *w = user;

	check_reason(w, event);
	if (event->type == GB_EV_CQE || event->type == GB_EV_SKIP)
		check_result(w, event);
	if (event->type == GB_EV_CQE)
		log_event(&w->cqes, event);
	if (event->type == GB_EV_REAP)
		check_reap(w, event);
}

static void run(const char *name, const struct gb_trace *trace, struct gb_config config, uint32_t failing)
{
	struct watch w = {.name = name, .trace = trace, .failing = failing};
	struct gb_world *world;

	config.event = watch_event;
	config.event_user = &w;
	world = world_of(trace, &config);
	gb_world_run(world);
	gb_world_destroy(world);
	log_free(&w.cqes);
}

static void corpus_reasons(void **state)
{
	struct corpus corpus = {0};

	(void)state;
	corpus_add_all(&corpus);
	for (size_t k = 0; k < corpus.n; k++) {
		const struct corpus_trace *t = &corpus.list[k];
		struct gb_config config = t->config;

		run(t->name, t->trace, config, GB_NO_REQ);
		config.strategy = GB_STRATEGY_RANDOM;
		for (config.seed = 0; config.seed < SEEDS; config.seed++)
			run(t->name, t->trace, config, GB_NO_REQ);
	}
	corpus_free(&corpus);
	assert_int_equal(wrongs, 0);
}

static void program_reasons(void **state)
{
	uint64_t refused = 0;

	(void)state;
	counted = in_programs;
	for (uint64_t seed = 0; seed < PROGRAMS; seed++) {
		struct gb_config config = {.strategy = seed & 1 ? GB_STRATEGY_RANDOM : GB_STRATEGY_DEFAULT,
					   .seed = seed};
		char *text = random_program(seed);
		struct gb_trace *trace;
		struct gb_error err;

		if (gb_trace_parse(text, strlen(text), &trace, &err) == GB_OK)
			run("a random program", trace, config, GB_NO_REQ);
		else
			refused++;
		gb_trace_free(trace);
		free(text);
	}
	assert_true(refused < PROGRAMS / 10);
	assert_int_equal(wrongs, 0);
}

/* A request that prep has refused says so, whatever its memory was used for before. */
static void refused_after_use(void **state)
{
	static const char *const before[] = {
		"SEND fd=s.0 addr=m len=10 ioprio=1",
		"READ fd=p.r addr=m len=10",
		"TIMEOUT ms=1",
		"WRITE fd=f addr=m+256 len=512",
	};
	static const char *const refused[] = {"READ_FIXED fd=f len=10", "READ fd=f ioprio=65535",
					      "SEND fd=s.0 len=4294967295", "RECV fd=s.0 off=1"};

	(void)state;
	for (size_t k = 0; k < 16; k++) {
		char text[512];
		struct gb_trace *trace;

		snprintf(text, sizeof(text),
			 "file f size=100\nsock s\npipe p\nmem m size=512\nwrite p.w 5\nsqe a %s\nsubmit\nreap\n"
			 "sqe b %s flags=IO_LINK\nsqe c NOP\nsubmit\n",
			 before[k / 4], refused[k % 4]);
		trace = trace_of("refused", text, strlen(text));
		run(text, trace, (struct gb_config){0}, 1);
		gb_trace_free(trace);
	}
	assert_int_equal(wrongs, 0);
}

static void print_unseen(const char *where, const uint64_t *counts)
{
	size_t n = 0, used = 0;
	char line[120] = "";

	for (unsigned int k = GB_R_NONE + 1; k < GB_R_COUNT; k++)
		n += counts[k] == 0;
	print_message("%zu of %u reasons never ended a request in %s:\n", n, GB_R_COUNT - 1U, where);
	for (unsigned int k = GB_R_NONE + 1; k < GB_R_COUNT; k++) {
		const char *name = gb_reason_info(k)->name;

		if (counts[k])
			continue;
		if (used + strlen(name) + 2 > 100) {
			print_message("   %s\n", line);
			used = 0;
		}
		used += (size_t)snprintf(line + used, sizeof(line) - used, " %.60s", name);
	}
	if (used)
		print_message("   %s\n", line);
}

/* A table that says nothing about what runs would be useless: most of it must come up. */
static void table(void **state)
{
	size_t seen = 0;

	(void)state;
	print_unseen("the corpus", in_corpus);
	print_unseen("random programs", in_programs);
	for (unsigned int k = GB_R_NONE + 1; k < GB_R_COUNT; k++) {
		const struct gb_reason_info *info = gb_reason_info(k);

		assert_true(*info->name && *info->sentence && *info->function && *info->rule);
		assert_null(strchr(info->sentence, '?'));
		seen += in_corpus[k] || in_programs[k];
	}
	assert_true(seen * 2 > GB_R_COUNT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(corpus_reasons),
		cmocka_unit_test(program_reasons),
		cmocka_unit_test(refused_after_use),
		cmocka_unit_test(table),
	};

	return cmocka_run_group_tests_name("reasons", tests, NULL, NULL);
}
