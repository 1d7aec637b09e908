/* SPDX-License-Identifier: MIT */
/*
 * Can the checks fail? Each fault of groupbuf/fault.h is switched on by itself,
 * and one of the checks has to notice. A fault that none notices is a hole in
 * the checks, and fails this test. Prints the table fault -> who noticed it
 * first; docs/testing.md has it.
 *   faults-faults [--alone] [--time] [--markdown] [--CATCHER]... [FAULT]...
 * --alone asks every catcher about every fault and counts; --CATCHER asks only
 * that one; --markdown prints the rows of docs/testing.md.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "faults/catcher.h"

#define SECONDS 60U /* after which a fault counts as one that never ends */

static const struct {
	const char *name, *rules, *doc;
} faults[GB_FAULT_COUNT] = {
#define X(id, name, rules, doc) [GB_FAULT_##id] = {(name), (rules), (doc)},
	GB_FAULT_LIST(X)
#undef X
};

static const struct {
	const char *name, *doc;
	bool (*run)(enum gb_fault fault, char text[CATCH_TEXT]);
} catchers[CATCHERS] = {
#define X(id, name, doc) [CATCHER_##id] = {(name), (doc), catch_##id},
	CATCHER_LIST(X)
#undef X
};

/* What came of a fault; shared with the processes that find it out. */
struct result {
	char text[CATCHERS][CATCH_TEXT]; /* "": not noticed, or not asked */
	unsigned int took[CATCHERS];	 /* milliseconds */
	char died[32];			 /* "": the process came to its end */
};

static struct result *results;
static bool alone, times, markdown, wanted[GB_FAULT_COUNT];
static unsigned int catcher_mask = (1U << CATCHERS) - 1U;

static unsigned int now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (unsigned int)(t.tv_sec * 1000 + t.tv_nsec / 1000000);
}

/* ---- one fault, in a process of its own: whatever it breaks, the others are safe ---- */

static void ask(enum gb_fault fault)
{
	struct result *r = &results[fault];

	/* cmocka's handlers would make an exit of a crash */
	signal(SIGSEGV, SIG_DFL);
	signal(SIGABRT, SIG_DFL);
	signal(SIGBUS, SIG_DFL);
	signal(SIGFPE, SIG_DFL);
	alarm(SECONDS);
	if (!freopen("/dev/null", "w", stderr))
		_exit(1);
	for (unsigned int c = 0; c < CATCHERS; c++) {
		const unsigned int start = now_ms();
		const bool caught = catcher_mask >> c & 1 && catchers[c].run(fault, r->text[c]);

		r->took[c] = now_ms() - start;
		if (caught && !alone)
			break;
	}
	_exit(0);
}

static pid_t start(enum gb_fault fault)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (!pid)
		ask(fault);
	return pid;
}

/* Waits for one of the processes and notes how it ended. */
static void wait_one(const pid_t *of)
{
	int status;
	const pid_t pid = wait(&status);

	for (unsigned int f = 1; f < GB_FAULT_COUNT; f++) {
		if (of[f] != pid)
			continue;
		if (WIFSIGNALED(status))
			snprintf(results[f].died, sizeof(results[f].died), "%s",
				 WTERMSIG(status) == SIGALRM ? "never ends" : "the simulator crashes");
		else if (WEXITSTATUS(status))
			snprintf(results[f].died, sizeof(results[f].died), "a sanitizer objects");
	}
}

static void ask_all(void)
{
	const long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	static pid_t of[GB_FAULT_COUNT];
	long running = 0;

	for (unsigned int f = 1; f < GB_FAULT_COUNT; f++) {
		if (!wanted[f])
			continue;
		of[f] = start((enum gb_fault)f);
		if (++running < cpus)
			continue;
		wait_one(of);
		running--;
	}
	while (running--)
		wait_one(of);
}

/* ---- the table ---- */

static bool was_caught(const struct result *r)
{
	for (unsigned int c = 0; c < CATCHERS; c++)
		if (*r->text[c])
			return true;
	return false;
}

static void print_fault(enum gb_fault f)
{
	const struct result *r = &results[f];

	printf("%-32s", faults[f].name);
	for (unsigned int c = 0; c < CATCHERS; c++) {
		if (*r->text[c])
			printf(" %s: %s", catchers[c].name, r->text[c]);
		if (times && r->took[c])
			printf(" [%s %u ms]", catchers[c].name, r->took[c]);
	}
	if (*r->died)
		printf(" %s", r->died);
	else if (!was_caught(r))
		printf(" NOTHING: %s (%s)", faults[f].doc, faults[f].rules);
	putchar('\n');
}

/* Who notices it: one column each. */
static void print_row(enum gb_fault f)
{
	const struct result *r = &results[f];

	printf("| `%s` | %s | %s |", faults[f].name, faults[f].rules, faults[f].doc);
	for (unsigned int c = 0; c < CATCHERS; c++)
		printf(" %s |", *r->text[c] ? r->text[c] : "");
	putchar('\n');
}

static void print_counts(void)
{
	unsigned int n = 0, by[CATCHERS] = {0};

	for (unsigned int f = 1; f < GB_FAULT_COUNT; f++) {
		n += wanted[f];
		for (unsigned int c = 0; c < CATCHERS; c++)
			by[c] += *results[f].text[c] != '\0';
	}
	for (unsigned int c = 0; c < CATCHERS; c++)
		printf("%-10s %3u of %u %s  (%s)\n", catchers[c].name, by[c], n, alone ? "by itself" : "first",
		       catchers[c].doc);
}

static void every_fault_is_noticed(void **state)
{
	unsigned int missed = 0, used = 0;

	(void)state;
	ask_all();
	for (unsigned int f = 1; f < GB_FAULT_COUNT; f++) {
		if (!wanted[f])
			continue;
		if (markdown)
			print_row((enum gb_fault)f);
		else
			print_fault((enum gb_fault)f);
		missed += !was_caught(&results[f]) && !*results[f].died;
		used++;
	}
	print_counts();
	assert_true(used > 0);
	assert_int_equal(missed, 0);
}

/* ---- arguments ---- */

static bool take_argument(const char *word)
{
	if (strcmp(word, "--alone") == 0)
		return alone = true;
	if (strcmp(word, "--markdown") == 0)
		return markdown = true;
	if (strcmp(word, "--time") == 0)
		return times = true;
	for (unsigned int c = 0; c < CATCHERS; c++) {
		if (strncmp(word, "--", 2) == 0 && strcmp(word + 2, catchers[c].name) == 0) {
			catcher_mask = catcher_mask == (1U << CATCHERS) - 1U ? 0 : catcher_mask;
			return catcher_mask |= 1U << c;
		}
	}
	for (unsigned int f = 1; f < GB_FAULT_COUNT; f++)
		if (strcmp(word, faults[f].name) == 0)
			return wanted[f] = true;
	return false;
}

static int prepare(void **state)
{
	(void)state;
	results = mmap(NULL, sizeof(*results) * GB_FAULT_COUNT, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		       0);
	if (results == MAP_FAILED)
		return 1;
	catch_traces_prepare();
	catch_corpus_prepare();
	catch_random_prepare();
	catch_fuzz_prepare();
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_fault_is_noticed)};
	bool some = false;

	for (int a = 1; a < argc; a++) {
		if (!take_argument(argv[a])) {
			fprintf(stderr, "%s: no option and no fault: %s\n", argv[0], argv[a]);
			return 2;
		}
	}
	for (unsigned int f = 1; f < GB_FAULT_COUNT; f++)
		some = some || wanted[f];
	for (unsigned int f = 1; f < GB_FAULT_COUNT; f++)
		wanted[f] = wanted[f] || !some;
	return cmocka_run_group_tests_name("faults", tests, prepare, NULL);
}
