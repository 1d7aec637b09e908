/* SPDX-License-Identifier: MIT */
/*
 * The simulator against the specification, which is written without looking at
 * it: the whole corpus and the traces people read, in the default order and
 * under random ones, and thousands of random programs. Every finding must be a
 * known deviation of V9 (a D- or A-number), and with the switch that repairs
 * it none may come up. GB_SPEC_SHOW=1 prints every finding; GB_SPEC_FIRST,
 * GB_SPEC_PROGRAMS and GB_SPEC_SEEDS choose the random programs and how many
 * random orders each is run in.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "groupbuf/fuzz.h"
#include "groupbuf/spec.h"

#include "support/corpus.h"
#include "support/program.h"

#define ALL_SWITCHES ((1U << GB_VARIANT_COUNT) - 1)

/* Findings by rule, and runs. */
static uint64_t tally[GB_SPEC_RULES], runs, unknown;

static bool show(void)
{
	return getenv("GB_SPEC_SHOW") != NULL;
}

static uint64_t number_of(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 10) : otherwise;
}

/* A finding is allowed if V9 is known for it and nothing that is switched on repairs it. */
static bool allowed(const struct gb_spec_finding *finding, uint32_t variant)
{
	const struct gb_spec_rule *rule = gb_spec_rule_at(finding->rule);

	return rule->known[0] && !(rule->variant & variant);
}

static void note(const struct gb_trace *trace, const struct gb_spec_finding *finding, const struct gb_config *config,
		 const char *name)
{
	bool ok = allowed(finding, config->variant);
	char *text;

	tally[finding->rule]++;
	unknown += !ok;
	if (ok && !show())
		return;
	text = gb_spec_print(trace, finding);
	assert_non_null(text);
	print_message("%s, %s %lu, variant %x: %s\n", name,
		      config->strategy == GB_STRATEGY_RANDOM ? "seed" : "default order", (unsigned long)config->seed,
		      config->variant, text);
	free(text);
}

/* One run of a trace, judged. */
static void judge(const char *name, const struct gb_trace *trace, struct gb_spec *spec, const struct gb_config *config)
{
	struct gb_config watched = *config;
	struct gb_world *world;
	uint32_t n;

	watched.event = gb_spec_event;
	watched.event_user = spec;
	gb_spec_reset(spec);
	world = world_of(trace, &watched);
	n = gb_spec_judge(spec, gb_world_run(world));
	gb_world_destroy(world);
	for (uint32_t k = 0; k < n; k++)
		note(trace, &gb_spec_list(spec)[k], config, name);
	runs++;
}

/* The default order and some seeds, as posted and with everything repaired. */
static void judge_trace(const char *name, const struct gb_trace *trace, const struct gb_config *base, uint32_t seeds)
{
	struct gb_spec *spec = gb_spec_new(trace);
	struct gb_config config = *base;

	assert_non_null(spec);
	for (uint32_t repaired = 0; repaired < 2; repaired++) {
		config.variant = repaired ? ALL_SWITCHES : 0;
		for (uint32_t seed = 0; seed <= seeds; seed++) {
			config.strategy = seed ? GB_STRATEGY_RANDOM : GB_STRATEGY_DEFAULT;
			config.seed = seed;
			judge(name, trace, spec, &config);
		}
	}
	gb_spec_free(spec);
}

static void print_tally(void)
{
	for (uint32_t k = 0; k < GB_SPEC_RULES; k++)
		if (tally[k])
			print_message("%8lu %s %s %s\n", (unsigned long)tally[k], gb_spec_rule_at(k)->number,
				      gb_spec_rule_at(k)->known, gb_spec_rule_at(k)->name);
	print_message("%lu runs, %lu findings that are no known deviation\n", (unsigned long)runs,
		      (unsigned long)unknown);
	memset(tally, 0, sizeof(tally));
	runs = 0;
}

static void corpus_agrees(void **state)
{
	struct corpus corpus = {0};

	(void)state;
	corpus_add_all(&corpus);
	for (size_t k = 0; k < corpus.n; k++)
		judge_trace(corpus.list[k].name, corpus.list[k].trace, &corpus.list[k].config, build_is_slow() ? 1 : 4);
	corpus_free(&corpus);
	print_tally();
	assert_int_equal(unknown, 0);
}

/* The traces people read, with the other kinds of files and ublk. */
static void readable_traces_agree(void **state)
{
	static const char *const folders[] = {"traces/tutorial", "traces/scenarios", "traces/defects", "traces/ublk",
					      "traces/rules"};
	const struct gb_config config = {.strategy = GB_STRATEGY_DEFAULT};

	(void)state;
	for (size_t k = 0; k < sizeof(folders) / sizeof(folders[0]); k++) {
		struct dirent **entry = NULL;
		int n = scandir(folders[k], &entry, NULL, alphasort);

		assert_true(n > 2);
		for (int i = 0; i < n; i++) {
			const char *end = strrchr(entry[i]->d_name, '.');
			char path[320];
			struct gb_trace *trace;
			size_t size;
			char *text;

			if (end && strcmp(end, ".trace") == 0) {
				snprintf(path, sizeof(path), "%s/%s", folders[k], entry[i]->d_name);
				text = corpus_read(path, &size);
				trace = trace_of(path, text, size);
				judge_trace(path, trace, &config, 20);
				gb_trace_free(trace);
				free(text);
			}
			free(entry[i]);
		}
		free(entry);
	}
	print_tally();
	assert_int_equal(unknown, 0);
}

static void random_programs_agree(void **state)
{
	const uint64_t first = number_of("GB_SPEC_FIRST", 1);
	const uint64_t n = number_of("GB_SPEC_PROGRAMS", build_is_slow() ? 1000 : 5000);
	struct gb_config config = {.strategy = GB_STRATEGY_DEFAULT};

	(void)state;
	for (uint64_t seed = first; seed < first + n; seed++) {
		struct gb_trace *trace = random_trace(seed);
		char name[48];

		snprintf(name, sizeof(name), "random program %lu", (unsigned long)seed);
		/* some ask for what is not simulated */
		if (trace)
			judge_trace(name, trace, &config, (uint32_t)number_of("GB_SPEC_SEEDS", 2));
		gb_trace_free(trace);
	}
	print_tally();
	assert_int_equal(unknown, 0);
}

/* The programs of the fuzzer, which know better what is worth trying. */
static void generated_programs_agree(void **state)
{
	const uint64_t first = number_of("GB_SPEC_FIRST", 1);
	const uint64_t n = number_of("GB_SPEC_PROGRAMS", build_is_slow() ? 1000 : 5000);
	const struct gb_config config = {.strategy = GB_STRATEGY_DEFAULT};
	const struct gb_fuzz_config fuzz_config = {.seed = 7};
	struct gb_fuzz *fuzz = gb_fuzz_new(&fuzz_config);

	(void)state;
	assert_non_null(fuzz);
	for (uint64_t k = first; k < first + n; k++) {
		char name[48];

		snprintf(name, sizeof(name), "random generated program %lu", (unsigned long)k);
		judge_trace(name, gb_fuzz_generate(fuzz, k), &config, (uint32_t)number_of("GB_SPEC_SEEDS", 2));
	}
	gb_fuzz_free(fuzz);
	print_tally();
	assert_int_equal(unknown, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(corpus_agrees),
		cmocka_unit_test(readable_traces_agree),
		cmocka_unit_test(random_programs_agree),
		cmocka_unit_test(generated_programs_agree),
	};

	return cmocka_run_group_tests_name("spec", tests, NULL, NULL);
}
