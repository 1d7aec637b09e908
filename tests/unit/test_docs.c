/* SPDX-License-Identifier: MIT */
/* The manual says what is: generated tables are up to date, every word of the language stands in it, links lead
 * somewhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "groupbuf/fault.h"
#include "groupbuf/trace.h"
#include "groupbuf/world.h"
#include "trace/simulated.h"

static const char *const pages[] = {
	"README.md",	      "docs/trace-language.md", "docs/command.md",   "docs/scheduling.md",
	"docs/reasons.md",    "docs/events.md",		"docs/functions.md", "docs/trace-language-ublk.md",
	"docs/invariants.md", "docs/specification.md",	"docs/testing.md",
};
#define PAGES (sizeof(pages) / sizeof(pages[0]))

static char *page(const char *name)
{
	char path[512];
	char *text = calloc(1, 1 << 18);
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", GB_SOURCE_DIR, name);
	f = fopen(path, "rb");
	if (!f || !text)
		fail_msg("%s cannot be read", path);
	assert_true(fread(text, 1, (1 << 18) - 1, f) < (1 << 18) - 1);
	fclose(f);
	return text;
}

/* Runs a piece of shell at the root of the repository; its output goes to `said`. */
static int shell(const char *command, char *said, size_t size)
{
	char line[2048];
	size_t n;
	FILE *f;

	assert_true((size_t)snprintf(line, sizeof(line), "cd '%s' && { %s ; } 2>&1", GB_SOURCE_DIR, command) <
		    sizeof(line));
	f = popen(line, "r"); /* NOLINT(cert-env33-c) */
	assert_non_null(f);
	n = fread(said, 1, size - 1, f);
	said[n] = '\0';
	while (fgetc(f) != EOF)
		;
	return WEXITSTATUS(pclose(f));
}

static void generated_pages_are_up_to_date(void **state)
{
	char said[4096];

	(void)state;
	if (shell("sh docs/generate.sh --check", said, sizeof(said)) != 0)
		fail_msg("%s", said);
}

/* Changes a copy of what the generator reads and looks for what it says. */
static void bites(const char *change, const char *complaint)
{
	char command[1024], said[8192];
	int code;

	snprintf(command, sizeof(command),
		 "t=$(mktemp -d) && mkdir -p \"$t/sim\" \"$t/include\" && cp -r docs model \"$t\" && cp -r sim/. "
		 "\"$t/sim\" "
		 "&& "
		 "cp -r include/. \"$t/include\" && cd \"$t\" && { %s ; } && { sh docs/generate.sh --check; c=$?; }; "
		 "cd /; rm -rf \"$t\"; exit $c",
		 change);
	code = shell(command, said, sizeof(said));
	if (code != 1 || !strstr(said, complaint))
		fail_msg("after '%s': exit code %d, not '%s' but\n%s", change, code, complaint, said);
}

static void the_generator_bites(void **state)
{
	(void)state;
	bites("printf 'void io_new(void)\\n{\\n}\\n' >>sim/io_uring/kbuf.c",
	      "io_new has no line in docs/functions.txt");
	bites("echo 'io_gone | = | S1.1 |' >>docs/functions.txt", "io_gone is not in sim/io_uring");
	bites("echo 'X(NEW, 0, \"a new one\", \"f\", \"S1.1\")' >>include/groupbuf/reason.def",
	      "docs/reasons.md is not up to date");
	bites("sed -i 's/the ring is being closed/it ends/' include/groupbuf/event.h",
	      "docs/events.md is not up to date");
}

/* A word has to stand in the page in backquotes. */
static void named(const char *text, const char *name, const char *behind)
{
	char quoted[96];

	snprintf(quoted, sizeof(quoted), "`%s%s", name, behind);
	if (!strstr(text, quoted))
		fail_msg("%s` is not in the manual", quoted);
}

static void the_language_is_described(void **state)
{
	char *text = page("docs/trace-language.md");

	(void)state;
#define X(name) named(text, #name, "`");
	GB_SIMULATED_OPCODES(X)
	GB_LEASE_MODE_LIST(X)
#undef X
#define X(name) named(text, #name, "=");
	GB_SQE_FIELD_LIST(X)
#undef X
#define X(name, bit) named(text, #name, "`");
	GB_SQE_FLAG_LIST(X)
#undef X
#define X(name, bit)                                \
	if (GB_SIMULATED_SETUP_FLAGS & 1U << (bit)) \
		named(text, #name, "`");
	GB_SETUP_FLAG_LIST(X)
#undef X
	free(text);
}

static void ublk_is_described(void **state)
{
	char *text = page("docs/trace-language-ublk.md");

	(void)state;
#define X(id, name, cmd_op) named(text, name, "`");
	GB_UBLK_COMMAND_LIST(X)
#undef X
#define X(name, bit) named(text, #name, "`");
	GB_UBLK_FLAG_LIST(X)
#undef X
	free(text);
}

static void the_variants_are_described(void **state)
{
	char *text = page("docs/command.md");

	(void)state;
#define X(id, name, doc) named(text, name, "`");
	GB_VARIANT_LIST(X)
#undef X
	free(text);
}

/* Blocks that begin with ```trace are traces. */
static void examples_can_be_read(void **state)
{
	int n = 0;

	(void)state;
	for (size_t i = 0; i < PAGES; i++) {
		char *text = page(pages[i]);

		for (const char *at = strstr(text, "```trace\n"); at; at = strstr(at, "```trace\n")) {
			struct gb_trace *trace = NULL;
			struct gb_error err;
			const char *end;

			at += strlen("```trace\n");
			end = strstr(at, "```");
			assert_non_null(end);
			if (gb_trace_parse(at, (size_t)(end - at), &trace, &err) != GB_OK)
				fail_msg("%s: line %u of an example: %s", pages[i], (unsigned int)err.line, err.text);
			gb_trace_free(trace);
			at = end + 3;
			n++;
		}
		free(text);
	}
	assert_true(n >= 2);
}

/* [text](path): the file is there, as seen from the page. */
static void links_lead_somewhere(void **state)
{
	(void)state;
	for (size_t i = 0; i < PAGES; i++) {
		char *text = page(pages[i]);
		const char *slash = strrchr(pages[i], '/');

		for (const char *at = strstr(text, "]("); at; at = strstr(at + 2, "](")) {
			char path[512];
			int n = (int)strcspn(at + 2, ")#");
			FILE *f;

			if (!n || strncmp(at + 2, "http", 4) == 0)
				continue;
			snprintf(path, sizeof(path), "%s/%.*s%.*s", GB_SOURCE_DIR,
				 slash ? (int)(slash - pages[i]) + 1 : 0, pages[i], n, at + 2);
			f = fopen(path, "rb");
			if (!f)
				fail_msg("%s: link to %.*s leads nowhere", pages[i], n, at + 2);
			fclose(f);
		}
		free(text);
	}
}

/* docs/testing.md has a row for every fault (`faults-faults --alone --markdown` prints them). */
static void every_fault_has_a_row(void **state)
{
	static const char *const faults[] = {
#define X(id, name, rules, doc) "| `" name "` | " rules " | " doc " |",
		GB_FAULT_LIST(X)
#undef X
	};
	char *text = page("docs/testing.md");

	(void)state;
	for (size_t k = 0; k < sizeof(faults) / sizeof(faults[0]); k++)
		if (!strstr(text, faults[k]))
			fail_msg("docs/testing.md has no row %s", faults[k]);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(generated_pages_are_up_to_date),
		cmocka_unit_test(every_fault_has_a_row),
		cmocka_unit_test(the_generator_bites),
		cmocka_unit_test(the_language_is_described),
		cmocka_unit_test(the_variants_are_described),
		cmocka_unit_test(ublk_is_described),
		cmocka_unit_test(examples_can_be_read),
		cmocka_unit_test(links_lead_somewhere),
	};

	return cmocka_run_group_tests_name("docs", tests, NULL, NULL);
}
