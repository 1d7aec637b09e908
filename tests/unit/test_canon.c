/* SPDX-License-Identifier: MIT */
/* What the canonical form and footprints must not forget. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "io_uring/io_uring.h"
#include "world/canon.h"

/* An opcode that is new has to be looked at: what does a request of it keep that the SQE does not say? */
static void every_opcode_is_known(void **state)
{
	(void)state;
	for (uint32_t op = 0; op < IORING_OP_LAST; op++)
		if (io_issue_defs[op].issue && !canon_knows((uint8_t)op))
			fail_msg("canon_req.c does not know %s", io_issue_defs[op].name);
	assert_false(canon_knows(GB_OP_BAD));
}

static struct gb_world *world_of(const char *text, struct gb_trace **trace, const struct gb_config *config)
{
	struct gb_world *world = NULL;

	assert_int_equal(gb_trace_parse(text, strlen(text), trace, NULL), GB_OK);
	assert_int_equal(gb_world_create(*trace, config, &world, NULL), GB_OK);
	return world;
}

/* Without gb_config.footprints nothing is recorded; with it, the last step is. */
static void footprints_are_asked_for(void **state)
{
	struct gb_footprint f, nothing = {{0}, {0}};
	struct gb_trace *trace;

	(void)state;
	for (unsigned int on = 0; on < 2; on++) {
		const struct gb_config config = {.footprints = on, .strategy = GB_STRATEGY_RANDOM};
		struct gb_world *world = world_of("sqe a NOP\nsubmit\n", &trace, &config);

		gb_world_step(world);
		gb_world_footprint(world, &f);
		assert_int_equal(memcmp(&f, &nothing, sizeof(f)) != 0, on);
		assert_int_equal(gb_footprint_conflict(&f, &f), on);
		gb_world_destroy(world);
		gb_trace_free(trace);
	}
}

/* Of rings with more actors, and of timers, everything is assumed. */
static void future_of_the_unknown(void **state)
{
	static const char *const texts[] = {"ring flags=SQPOLL\nsqe a NOP\nsubmit\n", "sqe a NOP\nsubmit\nexit\n",
					    "file f size=8\nsqe a READ fd=0 len=1 flags=FIXED_FILE\nsubmit\n"};
	const struct gb_alternative timer = {.kind = GB_ACTOR_TIMER}, worker = {.kind = GB_ACTOR_WORKER, .index = 1};
	const struct gb_config config = {.footprints = true, .strategy = GB_STRATEGY_RANDOM};
	struct gb_footprint all, f;
	struct gb_trace *trace;

	(void)state;
	memset(&all, 0xff, sizeof(all));
	for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]); k++) {
		struct gb_world *world = world_of(texts[k], &trace, &config);

		gb_world_future(world, &timer, &f);
		assert_memory_equal(&f, &all, sizeof(f));
		gb_world_future(world, &worker, &f);
		assert_true(f.write[0] & 1);
		gb_world_destroy(world);
		gb_trace_free(trace);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_opcode_is_known),
		cmocka_unit_test(footprints_are_asked_for),
		cmocka_unit_test(future_of_the_unknown),
	};

	return cmocka_run_group_tests_name("canon", tests, NULL, NULL);
}
