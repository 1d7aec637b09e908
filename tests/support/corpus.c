/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recorded.h"
#include "support/corpus.h"

#define CORPUS "traces/conformance/"

const char *const corpus_folders[GB_CORPUS_FOLDERS] = {
	"nop", "raw", "lease", "async", "io", "ioasync", "wait", "cancel",
};

static char *format(const char *fmt, const char *a, const char *b)
{
	size_t n = strlen(fmt) + strlen(a) + strlen(b);
	char *text = malloc(n + 1);

	assert_non_null(text);
	snprintf(text, n + 1, fmt, a, b);
	return text;
}

char *corpus_read(const char *path, size_t *size)
{
	char *full = format("%s/%s", GB_SOURCE_DIR, path);
	FILE *f = fopen(full, "rb");
	size_t room = 1 << 12;
	char *text = malloc(room);

	if (!f || !text) {
		fail_msg("%s: %s", full, strerror(errno));
		abort(); /* not reached, which the linter does not know */
	}
	for (*size = 0;; room *= 2) {
		*size += fread(text + *size, 1, room - 1 - *size, f);
		if (*size < room - 1)
			break;
		text = realloc(text, room * 2);
		assert_non_null(text);
	}
	text = realloc(text, *size + 1);
	assert_non_null(text);
	text[*size] = '\0';
	assert_false(ferror(f));
	fclose(f);
	free(full);
	return text;
}

struct gb_trace *trace_of(const char *name, const char *text, size_t size)
{
	struct gb_trace *trace = NULL;
	struct gb_error err;

	if (gb_trace_parse(text, size, &trace, &err) != GB_OK)
		fail_msg("%s:%u:%u: %s\n%s", name, err.line, err.column, err.text, text);
	return trace;
}

struct gb_world *world_of(const struct gb_trace *trace, const struct gb_config *config)
{
	struct gb_world *world = NULL;
	struct gb_error err;

	if (gb_world_create(trace, config, &world, &err) != GB_OK)
		fail_msg("%s", err.text);
	return world;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct corpus_trace *)a)->name, ((const struct corpus_trace *)b)->name);
}

static void add_trace(struct corpus *corpus, const char *where, const char *folder, const char *file)
{
	static char standard_input[RECORDED_STDIN_MAX];
	struct corpus_trace t = {.name = format("%s/%s", folder, file)};
	char *path = format("%s%s", where, t.name);

	if (corpus->n == corpus->room) {
		corpus->room = corpus->room ? corpus->room * 2 : 256;
		corpus->list = realloc(corpus->list, corpus->room * sizeof(*corpus->list));
		assert_non_null(corpus->list);
	}
	t.text = corpus_read(path, &t.size);
	t.trace = trace_of(path, t.text, t.size);
	t.config.standard_input_size = recorded_stdin(path, standard_input);
	t.standard_input = malloc(t.config.standard_input_size + 1);
	assert_non_null(t.standard_input);
	memcpy(t.standard_input, standard_input, t.config.standard_input_size);
	t.config.standard_input = t.standard_input;
	corpus->list[corpus->n++] = t;
	free(path);
}

/* Adds what lies in the folder below `where` ("traces/"). */
static void add_folder(struct corpus *corpus, const char *where, const char *folder)
{
	char *below = format(GB_SOURCE_DIR "/%s%s", where, folder);
	const size_t before = corpus->n;
	DIR *dir = opendir(below);

	if (!dir) {
		fail_msg("%s: %s", below, strerror(errno));
		abort();
	}
	for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
		const char *end = strstr(entry->d_name, ".trace");

		if (end && end[6] == '\0')
			add_trace(corpus, where, folder, entry->d_name);
	}
	closedir(dir);
	if (corpus->n == before)
		fail_msg("%s holds no trace", below);
	qsort(corpus->list + before, corpus->n - before, sizeof(*corpus->list), by_name);
	free(below);
}

void corpus_add_room(struct corpus *corpus, const char *room)
{
	add_folder(corpus, "traces/", room);
}

void corpus_add(struct corpus *corpus, const char *folder)
{
	add_folder(corpus, CORPUS, folder);
}

void corpus_add_all(struct corpus *corpus)
{
	for (size_t k = 0; k < GB_CORPUS_FOLDERS; k++)
		corpus_add(corpus, corpus_folders[k]);
}

void corpus_free(struct corpus *corpus)
{
	for (size_t k = 0; k < corpus->n; k++) {
		free(corpus->list[k].name);
		free(corpus->list[k].text);
		free(corpus->list[k].standard_input);
		gb_trace_free(corpus->list[k].trace);
	}
	free(corpus->list);
	*corpus = (struct corpus){0};
}

/* ---- events ---- */

void log_event(void *user, const struct gb_event *event)
{
	struct event_log *log = user;

	if (log->n == log->room) {
		log->room = log->room ? log->room * 2 : 1024;
		log->list = realloc(log->list, log->room * sizeof(*log->list));
		if (!log->list)
			abort();
	}
	log->list[log->n++] = *event;
}

void log_free(struct event_log *log)
{
	free(log->list);
	*log = (struct event_log){0};
}

static bool same_word(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

bool same_event(const struct gb_event *a, const struct gb_event *b)
{
	return a->step == b->step && a->time_us == b->time_us && a->type == b->type && a->actor == b->actor &&
	       a->actor_index == b->actor_index && a->req == b->req && a->other == b->other && a->reason == b->reason &&
	       a->reason_req == b->reason_req && a->reason_n[0] == b->reason_n[0] && a->reason_n[1] == b->reason_n[1] &&
	       a->a == b->a && a->b == b->b && a->c == b->c && a->d == b->d && same_word(a->function, b->function) &&
	       same_word(a->text, b->text);
}

void follow_event(void *user, const struct gb_event *event)
{
	struct follower *f = user;

	if (!f->differs && (f->next >= f->log->n || !same_event(&f->log->list[f->next], event))) {
		f->differs = true;
		f->differs_at = f->next;
	}
	f->next++;
}

void follower_check(const struct follower *follower, size_t end, const char *name, const char *what)
{
	if (follower->differs)
		fail_msg("%s, %s: event %zu of %zu is another", name, what, follower->differs_at + 1, follower->log->n);
	if (follower->next != end)
		fail_msg("%s, %s: %zu events instead of %zu", name, what, follower->next, end);
}

/* ---- chance, and the build ---- */

#define PRIORITY_SPAN 1000000U
#define CHANGE_SPAN   60U /* about as many choices as a trace of the corpus has */

void priorities_init(struct priorities *p, uint64_t seed)
{
	*p = (struct priorities){.random = seed, .lowest = PRIORITY_SPAN};
	for (size_t kind = 0; kind < 8; kind++)
		for (size_t k = 0; k < 64; k++)
			p->of[kind][k] = PRIORITY_SPAN + random_below(&p->random, PRIORITY_SPAN);
	for (size_t k = 0; k < 4; k++)
		p->change[k] = random_below(&p->random, CHANGE_SPAN);
}

static uint32_t *priority_of(struct priorities *p, const struct gb_alternative *alt)
{
	return &p->of[alt->kind % 8][alt->index % 64];
}

static uint32_t highest(struct priorities *p, const struct gb_choice *choice)
{
	uint32_t best = 0;

	for (uint32_t k = 1; k < choice->n; k++)
		if (*priority_of(p, &choice->alt[k]) > *priority_of(p, &choice->alt[best]))
			best = k;
	return best;
}

uint32_t priorities_choose(void *user, const struct gb_choice *choice)
{
	struct priorities *p = user;

	if (choice->kind != GB_CHOICE_ACTOR)
		return random_below(&p->random, choice->n);
	for (size_t k = 0; k < 4; k++)
		if (p->change[k] == p->choices)
			*priority_of(p, &choice->alt[highest(p, choice)]) = --p->lowest;
	p->choices++;
	return highest(p, choice);
}

bool build_is_slow(void)
{
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
	return true;
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__OPTIMIZE__)
	return true;
#else
	return false;
#endif
}
