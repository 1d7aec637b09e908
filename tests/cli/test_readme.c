/* SPDX-License-Identifier: MIT */
/* What the README shows is what the command prints. */
#include "cli.h"

/* Copies the first indented block behind *at to a malloced text without its indentation; *at moves behind it. */
static char *block(const char **at)
{
	const char *s = strstr(*at, "\n\n    ");
	char *text = malloc(strlen(*at) + 1);
	size_t n = 0;

	assert_non_null(s);
	assert_non_null(text);
	for (s += 2; strncmp(s, "    ", 4) == 0; s += strcspn(s, "\n") + 1) {
		const size_t length = strcspn(s, "\n") + 1;

		memcpy(text + n, s + 4, length - 4);
		n += length - 4;
	}
	text[n] = '\0';
	*at = s;
	return text;
}

static void the_trace_and_its_output(void **state)
{
	char *readme = read_whole(GB_SOURCE_DIR "/README.md");
	const char *at = strstr(readme, "## One trace");
	char *trace, *output;

	(void)state;
	assert_non_null(at);
	trace = block(&at);
	assert_non_null(strstr(at, "`./x run --why cut.trace` prints\n"));
	output = block(&at);
	write_file("cut.trace", trace);
	expect("run --why cut.trace", 0, output, "");
	free(output);
	output = block(&at);
	expect("explain cut.trace", 0, NULL, "");
	assert_non_null(strstr(out_text, output));
	free(output);
	free(trace);
	free(readme);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_trace_and_its_output),
	};

	return cmocka_run_group_tests_name("readme", tests, enter_scratch, leave_scratch);
}
