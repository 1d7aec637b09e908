/* SPDX-License-Identifier: MIT */
/* Observations: reading, printing, comparing; and the names of things. */
#include "trace_test.h"

static const char world[] = "file f size=1\npipe p\nsock s\nlessor dev\nmem m size=1\nsqe a NOP\nsqe b NOP\n";

/* Reads one observation behind the world above. */
static struct gb_trace *observe(const char *line)
{
	char text[4096];

	snprintf(text, sizeof(text), "%s%s", world, line);
	return read_good(text);
}

/* The line must be printed as `printed` (NULL: as it is), which must be equal to it. */
static void check_line(const char *line, const char *printed)
{
	struct gb_trace *trace = observe(line), *again;
	char *text;

	assert_int_equal(trace->n_expect, 1);
	text = gb_obs_print(trace, &trace->expect[0]);
	assert_non_null(text);
	assert_string_equal(text, printed ? printed : line);
	again = observe(text);
	assert_true(gb_obs_equal(&trace->expect[0], &again->expect[0]));
	assert_int_equal(trace->expect[0].pos.line, 8);
	free(text);
	gb_trace_free(trace);
	gb_trace_free(again);
}

static void lines(void **state)
{
	(void)state;
	check_line("cqe a 0", NULL);
	check_line("cqe b -125", NULL);
	check_line("cqe b -ECANCELED", "cqe b -125");
	check_line("cqe a -2147483648 flags=2", "cqe a -2147483648 flags=0x2");
	check_line("cqe a 1 flags=0", "cqe a 1");
	check_line("cqe none", NULL);
	check_line("submitted 3", NULL);
	check_line("submitted -9", NULL);
	check_line("stuck", NULL);
	check_line("ack a leases=1 acks=2 after=3 bytes=cd93f93b45a68acc untouched=4096", NULL);
	check_line("ack a untouched=0 bytes=CD93F93B45A68ACC after=3 acks=2 leases=1",
		   "ack a leases=1 acks=2 after=3 bytes=cd93f93b45a68acc untouched=0");
	check_line("got p.r -11 0000000000000000", NULL);
	check_line("got s.1 512 d3950ddfaff16dd4", NULL);
	check_line("wrote p.w 17", NULL);
	check_line("wrote s.0 -EPIPE", "wrote s.0 -32");
	check_line("final f size=10000 12612ea26809a14e", NULL);
	check_line("final f 12612ea26809a14e size=10000", "final f size=10000 12612ea26809a14e");
	check_line("final m 81984cdd10029478", NULL);
	check_line("final p.0 bytes=200 ae07ce57e3719031", NULL);
	check_line("final p.r bytes=200 ae07ce57e3719031", "final p.0 bytes=200 ae07ce57e3719031");
	check_line("final p.w bytes=1 ae07ce57e3719031", "final p.1 bytes=1 ae07ce57e3719031");
	check_line("final s.1 bytes=100 1fc05eb337858375", NULL);
}

static void hazards(void **state)
{
	struct gb_trace *trace = observe("hazard null-deref at io_use_group_kbuf:  lead is  NULL : really  # so");
	const struct gb_obs *obs = &trace->expect[0];

	(void)state;
	assert_string_equal(obs->word, "null-deref");
	assert_string_equal(obs->function, "io_use_group_kbuf");
	assert_string_equal(obs->text, "lead is  NULL : really");
	gb_trace_free(trace);
	check_line("hazard null-deref at io_use_group_kbuf", NULL);
	check_line("hazard leak at io_free.part.0: 1 request", NULL);
	check_line("hazard leak at io_free:", "hazard leak at io_free");
	check_line("hazard leak at io_free of a", NULL);
	check_line("hazard leak at io_free of a: of b: really", NULL);
	check_line("hazard leak at io_free of a:", "hazard leak at io_free of a");
	check_line("invariant I32 violated: the leader of a is freed", NULL);
	check_line("invariant  I5 violated", "invariant I5 violated");
}

static void invariant_text(void **state)
{
	struct gb_trace *trace = observe("invariant I32 violated: a  b");

	(void)state;
	assert_string_equal(trace->expect[0].text, "I32 violated: a  b");
	gb_trace_free(trace);
}

static void seen(void **state)
{
	struct gb_trace *trace = observe("seen 3 a:-22 b:0 a:-ECANCELED\nseen 1 b:5\n");
	char *text;

	(void)state;
	assert_int_equal(trace->n_seen, 2);
	assert_true(trace->seen[0].runs == 3 && trace->seen[0].n == 3);
	assert_true(trace->seen[0].cqe[0].sqe == 0 && trace->seen[0].cqe[0].res == -22);
	assert_true(trace->seen[0].cqe[2].sqe == 0 && trace->seen[0].cqe[2].res == -125);
	assert_int_equal(trace->seen[1].pos.line, 9);
	text = gb_seen_print(trace, &trace->seen[0]);
	assert_string_equal(text, "seen 3 a:-22 b:0 a:-125");
	free(text);
	gb_trace_free(trace);
}

/* Observations come in the order of their lines, behind the program, and may name later SQEs. */
static void order(void **state)
{
	(void)state;
	check_canonical("pipe p\nforall b.res = 0\nseen 1 a:0\ncqe b 0\nsqe a NOP\nstuck\nsubmit\nsqe b NOP\ncqe a 0",
			"pipe p\nsqe a NOP\nsubmit\nsqe b NOP\n\ncqe b 0\nstuck\ncqe a 0\nseen 1 a:0\n"
			"forall b.res = 0\n");
	check_canonical("cqe none\nstuck", "cqe none\nstuck\n");
}

/* Each observation differs from every other of the list, and equals itself. */
static void equal(void **state)
{
	struct gb_trace *trace = observe("submitted 1\nsubmitted 2\nstuck\ncqe a 0\ncqe b 0\ncqe a 1\ncqe a 0 flags=2\n"
					 "ack a leases=1 acks=1 after=1 bytes=0000000000000000 untouched=0\n"
					 "ack b leases=1 acks=1 after=1 bytes=0000000000000000 untouched=0\n"
					 "ack a leases=2 acks=1 after=1 bytes=0000000000000000 untouched=0\n"
					 "ack a leases=1 acks=2 after=1 bytes=0000000000000000 untouched=0\n"
					 "ack a leases=1 acks=1 after=2 bytes=0000000000000000 untouched=0\n"
					 "ack a leases=1 acks=1 after=1 bytes=0000000000000001 untouched=0\n"
					 "ack a leases=1 acks=1 after=1 bytes=0000000000000000 untouched=1\n"
					 "got p.r 1 0000000000000000\ngot s.0 1 0000000000000000\n"
					 "got s.1 1 0000000000000000\ngot p.r 2 0000000000000000\n"
					 "got p.r 1 0000000000000001\nwrote p.w 1\nwrote p.w 2\nwrote s.1 1\n"
					 "final f size=1 0000000000000000\nfinal f size=2 0000000000000000\n"
					 "final f size=1 0000000000000001\nfinal m 0000000000000000\n"
					 "final p.0 bytes=1 0000000000000000\nfinal p.1 bytes=1 0000000000000000\n"
					 "hazard leak at f: x\nhazard leak at f: y\nhazard leak at g: x\n"
					 "hazard double-ack at f: x\nhazard leak at h of a: x\n"
					 "hazard leak at h of b: x\nhazard leak at i of a: x\n"
					 "invariant I3 violated: x\ninvariant I3 violated: y\n"
					 "invariant I32 violated: x\n");

	(void)state;
	for (uint32_t i = 0; i < trace->n_expect; i++)
		for (uint32_t j = 0; j < trace->n_expect; j++)
			if (gb_obs_equal(&trace->expect[i], &trace->expect[j]) != (i == j))
				fail_msg("observations %u and %u", i, j);
	gb_trace_free(trace);
}

/* What an expectation leaves open matches anything. */
static void equal_open(void **state)
{
	struct gb_trace *trace =
		observe("hazard leak at f\nhazard leak at f of a: x\nhazard leak at g: x\n"
			"invariant I3 violated\ninvariant I3 violated: x\ninvariant I32 violated: x\n");
	const struct gb_obs *obs = trace->expect;

	(void)state;
	assert_true(gb_obs_equal(&obs[0], &obs[1]));
	assert_true(gb_obs_equal(&obs[1], &obs[0]));
	assert_false(gb_obs_equal(&obs[0], &obs[2]));
	assert_true(gb_obs_equal(&obs[3], &obs[4]));
	assert_true(gb_obs_equal(&obs[4], &obs[3]));
	assert_false(gb_obs_equal(&obs[3], &obs[5]));
	gb_trace_free(trace);
}

/* Descriptors that are numbers never occur in a trace's observations, but compare all the same. */
static void equal_numbers(void **state)
{
	const struct gb_obs a = {.kind = GB_OBS_WROTE, .end = {.number = 5}};
	struct gb_obs b = a;

	(void)state;
	assert_true(gb_obs_equal(&a, &b));
	b.end.number = 6;
	assert_false(gb_obs_equal(&a, &b));
	b.end = (struct gb_fd){.is_object = true, .number = 5};
	assert_false(gb_obs_equal(&a, &b));
}

static void clear(void **state)
{
	struct gb_obs obs = {.kind = GB_OBS_HAZARD};

	(void)state;
	obs.word = calloc(1, 2);
	obs.text = calloc(1, 2);
	gb_obs_clear(&obs);
	assert_true(!obs.word && !obs.function && !obs.text);
	gb_obs_clear(&obs);
}

/* An observation made by hand may be odd; printing it must not fail. */
static void odd(void **state)
{
	struct gb_trace *trace = observe("");
	const struct gb_obs list[] = {
		{.kind = GB_OBS_CQE, .sqe = 7},
		{.kind = GB_OBS_HAZARD},
		{.kind = GB_OBS_FINAL, .end = {.number = 3}},
		{.kind = GB_OBS_GOT, .end = {.is_object = true, .object = 99, .number = -1}},
	};
	static const char *const printed[] = {"cqe ? 0", "hazard ? at ?", "final 3 bytes=0 0000000000000000",
					      "got -1 0 0000000000000000"};

	(void)state;
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		char *text = gb_obs_print(trace, &list[i]);

		assert_non_null(text);
		assert_string_equal(text, printed[i]);
		free(text);
	}
	gb_trace_free(trace);
}

static void names(void **state)
{
	static const char *const expected[] = {"f", "p.r", "p.w", "s.0", "s.1", "dev", "m", "-7", "ring"};
	static const struct gb_fd fds[] = {{true, 0, 0, -1, false}, {true, 1, 0, -1, false},  {true, 1, 1, -1, false},
					   {true, 2, 0, -1, false}, {true, 2, 1, -1, false},  {true, 3, 0, -1, false},
					   {true, 4, 0, -1, false}, {false, 0, 0, -7, false}, {false, 0, 0, -1, true}};
	struct gb_sqe sqe = {.opcode = IORING_OP_URING_CMD};
	struct gb_trace *trace = observe("");
	char buf[80];

	(void)state;
	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		assert_ptr_equal(gb_fd_name(trace, fds[i], buf, sizeof(buf)), buf);
		assert_string_equal(buf, expected[i]);
	}
	assert_string_equal(gb_fd_name(trace, fds[5], buf, 3), "de");
	gb_trace_free(trace);

	assert_string_equal(gb_opcode_name(&sqe), "URING_CMD");
	sqe.lease = true;
	assert_string_equal(gb_opcode_name(&sqe), "LEASE");
	sqe = (struct gb_sqe){.opcode = GB_OP_BAD};
	assert_string_equal(gb_opcode_name(&sqe), "BAD");
	sqe.opcode = IORING_OP_LAST;
	assert_null(gb_opcode_name(&sqe));
	assert_string_equal(gb_errno_name(125), "ECANCELED");
	assert_null(gb_errno_name(0));
	assert_null(gb_errno_name(-125));
}

static void statement(void **state)
{
	struct gb_trace *trace = observe("sqe c NOP len=1\nwrite p.w 5");
	char *sqe = gb_stmt_print(trace, &trace->stmts[2]), *write = gb_stmt_print(trace, &trace->stmts[3]);

	(void)state;
	assert_string_equal(sqe, "sqe c NOP len=1");
	assert_string_equal(write, "write p.w 5");
	free(sqe);
	free(write);
	gb_trace_free(trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),      cmocka_unit_test(hazards),       cmocka_unit_test(invariant_text),
		cmocka_unit_test(seen),	      cmocka_unit_test(order),	       cmocka_unit_test(equal),
		cmocka_unit_test(equal_open), cmocka_unit_test(equal_numbers), cmocka_unit_test(clear),
		cmocka_unit_test(odd),	      cmocka_unit_test(names),	       cmocka_unit_test(statement),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
