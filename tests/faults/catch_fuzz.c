/* SPDX-License-Identifier: MIT */
/* The fuzzer with all its judges: a kind of finding that V9 is not known for and that no run without the fault has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "groupbuf/fuzz.h"

#include "faults/catcher.h"

#define RUNS	  20000U /* with a fault */
#define BASE_RUNS 1000U	 /* without one, beforehand */
#define MAX_KNOWN 128U

static struct gb_finding known[MAX_KNOWN];
static size_t n_known;

static struct gb_fuzz *fuzzer(enum gb_fault fault)
{
	const struct gb_fuzz_config config = {.seed = 1, .strategy = GB_FUZZ_PCT, .fault = fault};
	struct gb_fuzz *fuzz = gb_fuzz_new(&config);

	assert_non_null(fuzz);
	return fuzz;
}

static void run(struct gb_fuzz *fuzz, uint64_t k, struct gb_fuzz_run *out)
{
	struct gb_error err;

	if (gb_fuzz_run(fuzz, k, out, &err) != GB_OK)
		fail_msg("%s", err.text);
}

static bool has(const struct gb_finding *list, size_t n, const struct gb_finding *finding)
{
	for (size_t k = 0; k < n; k++)
		if (gb_finding_same(&list[k], finding))
			return true;
	return false;
}

void catch_fuzz_prepare(void)
{
	struct gb_fuzz *fuzz = fuzzer(GB_FAULT_NONE);

	for (uint64_t k = 0; k < BASE_RUNS; k++) {
		struct gb_fuzz_run out;

		run(fuzz, k, &out);
		for (uint32_t i = 0; i < out.n; i++) {
			if (!has(known, n_known, &out.finding[i]) && n_known < MAX_KNOWN)
				known[n_known++] = out.finding[i];
		}
	}
	gb_fuzz_free(fuzz);
}

/* The same run without the fault. */
static bool base_has(struct gb_fuzz *base, uint64_t k, const struct gb_finding *finding)
{
	struct gb_fuzz_run out;

	run(base, k, &out);
	return has(out.finding, out.n, finding);
}

bool catch_fuzz(enum gb_fault fault, char text[CATCH_TEXT])
{
	struct gb_fuzz *fuzz = fuzzer(fault), *base = fuzzer(GB_FAULT_NONE);
	bool caught = false;

	for (uint64_t k = 0; k < RUNS && !caught; k++) {
		struct gb_fuzz_run out;

		run(fuzz, k, &out);
		for (uint32_t i = 0; i < out.n && !caught; i++) {
			const struct gb_finding *f = &out.finding[i];
			char name[128];

			if (*f->known || has(known, n_known, f) || base_has(base, k, f))
				continue;
			caught = true;
			snprintf(text, CATCH_TEXT, "%.70s in run %u", gb_finding_name(f, name, sizeof(name)),
				 (unsigned int)k);
		}
	}
	gb_fuzz_free(fuzz);
	gb_fuzz_free(base);
	return caught;
}
