/* SPDX-License-Identifier: MIT */
/* `groupbuf invariants`, and what `run` makes of a violated one. */
#include <jansson.h>

#include "cli.h"

/* A leader alone at the end of its batch. */
#define LONE "title x\nsqe a NOP flags=SQE_GROUP\nsubmit\n"
#define LEAK "hazard leak at io_ring_exit_work of a: the request is lost: nobody will ever free it\n"
#define I3   "invariant I3 violated: a, a leader alone (step 4), never posts its -EINVAL\n"
#define I6   "invariant I6 violated: a (step 3) never posts its CQE\n"
#define I60  "invariant I60 violated: the ring is closed and a (step 3) is still there\n"

static void violations_are_observations(void **state)
{
	(void)state;
	write_file("a.trace", LONE);
	expect("run --bare a.trace", 1, LEAK I3 I6 I60 "cqe none\n", "");
	expect("run --quiet a.trace", 1, "FAIL a.trace\n", "");
	expect("run --quiet --visible a.trace", 0, "ok a.trace\n", "");
	write_file("a.trace", LONE "\n" LEAK I3 I6 I60 "cqe none\n");
	expect("run --quiet a.trace", 0, "ok a.trace\n", "");
	/* without its text it is the same line */
	write_file("a.trace",
		   LONE "\n" LEAK "invariant I3 violated\ninvariant I6 violated\ninvariant I60 violated\ncqe none\n");
	expect("run --quiet a.trace", 0, "ok a.trace\n", "");
	/* repaired it is missing, and so is what is stated and does not come */
	expect("run --quiet --variant lone-leader-einval a.trace", 1, "FAIL a.trace\n", "");
	write_file("a.trace", LONE "\n" LEAK "invariant I3 violated\ninvariant I60 violated\ncqe none\n");
	expect("run --quiet a.trace", 1, "FAIL a.trace\n", "");
}

static void json_has_them(void **state)
{
	json_t *run, *list;

	(void)state;
	write_file("a.trace", LONE);
	expect("run --json a.trace", 1, NULL, "");
	run = json_loads(out_text, 0, NULL);
	assert_non_null(run);
	list = json_object_get(run, "observations");
	assert_int_equal(json_array_size(list), 5);
	assert_string_equal(json_string_value(json_object_get(json_array_get(list, 1), "kind")), "invariant");
	assert_string_equal(json_string_value(json_object_get(json_array_get(list, 1), "text")),
			    "I3 violated: a, a leader alone (step 4), never posts its -EINVAL");
	json_decref(run);
}

static void the_table_is_printed(void **state)
{
	json_t *list;
	size_t decided = 0;

	(void)state;
	expect("invariants", 0, NULL, "");
	assert_non_null(strstr(out_text, "I36   the leader's CQE is the last of its group\n"
					 "      (S5.15, B2, io_complete_group_req)\n"));
	assert_non_null(strstr(out_text, "      V9 as posted: D1\n"));
	assert_non_null(strstr(out_text, "      not decided: a freedom: every order keeps it\n"));
	expect("invariants --json", 0, NULL, "");
	list = json_loads(out_text, 0, NULL);
	assert_non_null(list);
	for (size_t i = 0; i < json_array_size(list); i++)
		decided += json_is_null(json_object_get(json_array_get(list, i), "undecided"));
	/* I1 to I106, and I88a to I88c */
	assert_int_equal(json_array_size(list), 109);
	assert_true(decided > 90);
	json_decref(list);
	expect("invariants --help", 0, NULL, "");
	assert_non_null(strstr(out_text, "Usage: groupbuf invariants"));
	expect("invariants I36", 2, "", "unexpected argument 'I36'");
	expect("invariants --nonsense", 2, "", "Try 'groupbuf invariants --help'.");
	expect("invariants >/dev/full", 2, "", "standard output: ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(violations_are_observations),
		cmocka_unit_test(json_has_them),
		cmocka_unit_test(the_table_is_printed),
	};

	return cmocka_run_group_tests_name("cli-invariants", tests, enter_scratch, leave_scratch);
}
