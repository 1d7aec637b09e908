/* SPDX-License-Identifier: MIT */
/*
 * Every trace that is there: those of the repository and, where they lie
 * elsewhere, those a real kernel answered. Each must be read, printed, and be
 * the same after having been read again, down to every field.
 */
#include <dirent.h>

#include "trace_test.h"

#ifndef GB_SOURCE_DIR
#define GB_SOURCE_DIR "."
#endif

static char *read_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	size_t room = 1 << 16, len = 0, n;
	char *text = malloc(room);

	assert_non_null(file);
	assert_non_null(text);
	while ((n = fread(text + len, 1, room - len - 1, file)) > 0) {
		len += n;
		if (len < room - 1)
			continue;
		room *= 2;
		text = realloc(text, room);
		assert_non_null(text);
	}
	text[len] = '\0';
	fclose(file);
	return text;
}

static bool same_fd(struct gb_fd a, struct gb_fd b)
{
	return a.is_object == b.is_object && a.object == b.object && a.end == b.end && a.number == b.number;
}

static bool same_object(const struct gb_object *a, const struct gb_object *b)
{
	return a->kind == b->kind && strcmp(a->name, b->name) == 0 && a->size == b->size && a->fill == b->fill &&
	       a->direct == b->direct && a->dgram == b->dgram && a->sndbuf == b->sndbuf &&
	       a->size_given == b->size_given && a->fill_given == b->fill_given && a->type_given == b->type_given;
}

static bool same_sqe(const struct gb_sqe *a, const struct gb_sqe *b)
{
	return strcmp(a->label, b->label) == 0 && a->opcode == b->opcode && a->lease == b->lease &&
	       a->flags == b->flags && a->ioprio == b->ioprio && a->buf_index == b->buf_index &&
	       same_fd(a->fd, b->fd) && a->off == b->off && a->addr.is_mem == b->addr.is_mem &&
	       a->addr.mem == b->addr.mem && a->addr.value == b->addr.value && a->len == b->len &&
	       a->op_flags == b->op_flags && a->res == b->res && a->ms == b->ms && a->target == b->target &&
	       a->dir == b->dir && a->mode == b->mode && a->offset == b->offset && a->segs == b->segs &&
	       a->given == b->given && a->group_buf_spelling == b->group_buf_spelling;
}

static bool same_stmt(const struct gb_stmt *a, const struct gb_stmt *b)
{
	return a->kind == b->kind && a->sqe == b->sqe && a->n == b->n && a->n_given == b->n_given &&
	       same_fd(a->end, b->end);
}

static bool same_string(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_obs(const struct gb_obs *a, const struct gb_obs *b)
{
	return a->kind == b->kind && a->sqe == b->sqe && a->res == b->res && a->flags == b->flags &&
	       a->leases == b->leases && a->acks == b->acks && a->after == b->after && a->untouched == b->untouched &&
	       a->bytes == b->bytes && a->hash == b->hash && same_fd(a->end, b->end) && same_string(a->word, b->word) &&
	       same_string(a->function, b->function) && same_string(a->text, b->text) && gb_obs_equal(a, b);
}

static bool same_seen(const struct gb_seen *a, const struct gb_seen *b)
{
	if (a->runs != b->runs || a->n != b->n)
		return false;
	for (uint32_t i = 0; i < a->n; i++)
		if (a->cqe[i].sqe != b->cqe[i].sqe || a->cqe[i].res != b->cqe[i].res)
			return false;
	return true;
}

static bool same_prop(const struct gb_prop *a, const struct gb_prop *b)
{
	if (a->quantifier != b->quantifier || a->n != b->n)
		return false;
	for (uint32_t i = 0; i < a->n; i++)
		if (a->node[i].op != b->node[i].op || a->node[i].left != b->node[i].left ||
		    a->node[i].right != b->node[i].right || a->node[i].value != b->node[i].value ||
		    a->node[i].sqe != b->node[i].sqe)
			return false;
	return true;
}

static bool same_head(const struct gb_trace *a, const struct gb_trace *b)
{
	return same_string(a->title, b->title) && a->ring_given == b->ring_given && a->entries == b->entries &&
	       a->cq_entries == b->cq_entries && a->setup_flags == b->setup_flags &&
	       a->entries_given == b->entries_given && a->cq_given == b->cq_given && a->flags_given == b->flags_given;
}

static void check_same(const struct gb_trace *a, const struct gb_trace *b)
{
	assert_true(same_head(a, b));
#define EACH(array, count, same)                                             \
	do {                                                                 \
		assert_int_equal(a->count, b->count);                        \
		for (uint32_t i = 0; i < a->count; i++)                      \
			if (!same(&a->array[i], &b->array[i]))               \
				fail_msg("%s number %u differs", #array, i); \
	} while (0)
	EACH(objects, n_objects, same_object);
	EACH(sqes, n_sqes, same_sqe);
	EACH(stmts, n_stmts, same_stmt);
	EACH(expect, n_expect, same_obs);
	EACH(seen, n_seen, same_seen);
	EACH(props, n_props, same_prop);
#undef EACH
}

static void check_file(const char *path)
{
	char *text = read_file(path), *first, *second;
	struct gb_trace *trace, *again;
	struct gb_error err;

	if (gb_trace_parse(text, strlen(text), &trace, &err) != GB_OK)
		fail_msg("%s:%u:%u: %s", path, err.line, err.column, err.text);
	first = gb_trace_print(trace);
	assert_non_null(first);
	if (gb_trace_parse(first, strlen(first), &again, &err) != GB_OK)
		fail_msg("%s, printed: %u:%u: %s\n%s", path, err.line, err.column, err.text, first);
	check_same(trace, again);
	second = gb_trace_print(again);
	assert_non_null(second);
	assert_string_equal(first, second);
	gb_trace_free(trace);
	gb_trace_free(again);
	free(text);
	free(first);
	free(second);
}

/* All *.trace below a directory; how many. */
static unsigned int check_directory(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	unsigned int n = 0;

	if (!dir)
		return 0;
	while ((entry = readdir(dir))) {
		size_t len = strlen(entry->d_name);
		char below[4096];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(below, sizeof(below), "%s/%s", path, entry->d_name);
		if (len > 6 && strcmp(entry->d_name + len - 6, ".trace") == 0) {
			check_file(below);
			n++;
		} else if (!strchr(entry->d_name, '.')) {
			n += check_directory(below); /* nothing comes of what is no directory */
		}
	}
	closedir(dir);
	return n;
}

static void round_trip(void **state)
{
	const char *corpus = getenv("GB_CORPUS");
	unsigned int n = check_directory(GB_SOURCE_DIR "/traces");

	(void)state;
	if (corpus)
		n += check_directory(corpus);
	if (!n)
		skip();
	print_message("%u traces\n", n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
