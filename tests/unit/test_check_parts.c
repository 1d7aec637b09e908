/* SPDX-License-Identifier: MIT */
/* The parts of the explorer: the set of states, the frontier, packing, files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "groupbuf/check.h"

#include "groupbuf/random.h"

#include "check/file.h"
#include "check/frontier.h"
#include "check/hash.h"
#include "check/visited.h"

static struct ck_hash hash_of(uint64_t n)
{
	return ck_hash_bytes(&n, sizeof(n), 0);
}

#define MANY 200000U

static void set_of_states(void **state)
{
	struct ck_visited v;

	(void)state;
	assert_true(ck_visited_init(&v, false));
	assert_null(ck_visited_find(&v, hash_of(0), NULL, 0));
	for (uint64_t i = 0; i < MANY; i++) {
		assert_null(ck_visited_find(&v, hash_of(i), NULL, 0));
		assert_true(ck_visited_insert(&v, hash_of(i), NULL, 0, 1));
	}
	for (uint64_t i = 0; i < MANY; i++) {
		uint64_t *slot = ck_visited_find(&v, hash_of(i), NULL, 0);

		assert_non_null(slot);
		assert_int_equal(*slot & CK_MASK_ALL, 1);
		*slot |= 0x80 | i % 64;
	}
	for (uint64_t i = 0; i < 2ULL * MANY; i++) {
		const uint64_t *slot = ck_visited_find(&v, hash_of(i), NULL, 0);

		assert_int_equal(slot != NULL, i < MANY);
		if (slot)
			assert_int_equal(*slot & CK_MASK_ALL, 0x81 | i % 64);
	}
	assert_int_equal(v.n, MANY);
	/* 8 bytes each in tables that are four fifths full, and a little at the ends of 4096 tables */
	assert_true(v.bytes < 12ULL * MANY);
	ck_visited_free(&v);
}

/* Fingerprints that agree: only whole forms tell these states apart. */
static void exact_set(void **state)
{
	const struct ck_hash same = {0x1234567812345678ULL, 42};
	struct ck_visited v;
	char form[24];

	(void)state;
	assert_true(ck_visited_init(&v, true));
	for (int i = 0; i < 100; i++) {
		snprintf(form, sizeof(form), "state %d", i);
		assert_null(ck_visited_find(&v, same, form, strlen(form)));
		assert_true(ck_visited_insert(&v, same, form, strlen(form), (uint8_t)(i + 1)));
	}
	for (int i = 0; i < 100; i++) {
		const uint64_t *slot;

		snprintf(form, sizeof(form), "state %d", i);
		slot = ck_visited_find(&v, same, form, strlen(form));
		assert_non_null(slot);
		assert_int_equal(*slot & CK_MASK_ALL, i + 1);
	}
	assert_null(ck_visited_find(&v, same, "state", 5));
	ck_visited_free(&v);
}

/* All of a table at its very end. */
static void crowded_table(void **state)
{
	struct ck_visited v;

	(void)state;
	assert_true(ck_visited_init(&v, false));
	for (uint64_t i = 0; i < 500; i++)
		assert_true(ck_visited_insert(&v, (struct ck_hash){UINT64_MAX - (i << 8), 7}, NULL, 0, 1));
	for (uint64_t i = 0; i < 501; i++)
		assert_int_equal(ck_visited_find(&v, (struct ck_hash){UINT64_MAX - (i << 8), 7}, NULL, 0) != NULL,
				 i < 500);
	ck_visited_free(&v);
}

enum { SIZE = 3000 };

/* A state that differs from `parent` here and there, and may be shorter or longer: the same packed form on both ways.
 */
static void check_child(const unsigned char *base, unsigned char *bytes, const struct ck_unpacked *parent,
			uint64_t *random)
{
	unsigned char packed[2 * SIZE], child[2 * SIZE];
	struct ck_pieces pieces = {.head = bytes};
	size_t size = random_next(random) % 4 ? parent->size : random_next(random) % SIZE, n;

	assert_true(ck_unpacked_lines(parent->size) <= SIZE);
	if (size < parent->size)
		memset(bytes + size, 0, parent->size - size);
	for (uint64_t k = random_next(random) % 20; size && k; k--)
		bytes[random_next(random) % size] ^= (unsigned char)(1 + random_next(random) % 255);
	size = size / 8 * 8;
	n = ck_pack(bytes, size, base, packed);
	pieces.head_size = random_next(random) % (size / CK_LINE + 1) * CK_LINE;
	pieces.body = bytes + pieces.head_size;
	pieces.body_size = size - pieces.head_size;
	assert_int_equal(ck_pack_child(&pieces, base, parent, child), n);
	assert_memory_equal(child, packed, n);
}

static void packing(void **state)
{
	unsigned char base[SIZE + 16], bytes[SIZE + 16], back[SIZE + 16], packed[2 * SIZE];
	uint32_t line[SIZE];
	struct ck_unpacked to = {.bytes = back, .line = line};
	uint64_t random = 1;

	(void)state;
	for (int round = 0; round < 500; round++) {
		const size_t size = random_next(&random) % SIZE;
		const uint64_t changes = random_next(&random) % 40;
		size_t n;

		assert_true(ck_pack_bound(size) <= sizeof(packed));
		memset(base, 0, sizeof(base));
		memset(back, 0x55, sizeof(back));
		for (size_t i = 0; i < size / 2; i++)
			base[i] = (unsigned char)random_next(&random);
		memcpy(bytes, base, sizeof(bytes));
		for (uint64_t k = 0; size && k < changes; k++)
			bytes[random_next(&random) % size] ^= (unsigned char)(1 + random_next(&random) % 255);
		n = ck_pack(bytes, size, base, packed);
		assert_true(n <= ck_pack_bound(size));
		ck_unpack(packed, base, &to);
		assert_int_equal(to.size, size);
		assert_memory_equal(back, bytes, size);
		check_child(base, bytes, &to, &random);
	}
}

/* Sequences of few bytes, most of them 0: no two look alike. */
static void squeezing(void **state)
{
	enum { N = 400, ROOM = 24 };
	unsigned char bytes[N][ROOM] = {{0}}, squeezed[N][2 * ROOM];
	size_t size[N], n[N];
	uint64_t random = 1;

	(void)state;
	for (int i = 0; i < N; i++) {
		size[i] = random_next(&random) % (ROOM + 1);
		for (size_t k = 0; k < size[i]; k++)
			bytes[i][k] = random_next(&random) % 8 ? 0 : (unsigned char)(1 + random_next(&random) % 2);
		n[i] = ck_squeeze(bytes[i], size[i], squeezed[i]);
		assert_true(n[i] <= ck_squeeze_bound(size[i]));
		for (int k = 0; k < i; k++)
			assert_int_equal(size[i] == size[k] && memcmp(bytes[i], bytes[k], size[i]) == 0,
					 n[i] == n[k] && memcmp(squeezed[i], squeezed[k], n[i]) == 0);
	}
}

static void push(struct ck_frontier *f, uint32_t level, uint32_t node, uint32_t bytes)
{
	const struct ck_entry entry = {.node = node, .bytes = bytes, .mask = 3};
	unsigned char *data = malloc(bytes + 1);

	assert_non_null(data);
	memset(data, (int)node, bytes);
	assert_true(ck_frontier_push(f, level, &entry, data));
	free(data);
}

static void pop(struct ck_frontier *f, uint32_t level, uint32_t node, uint32_t bytes)
{
	struct ck_entry entry;
	const unsigned char *data;
	uint32_t lowest;

	assert_true(ck_frontier_lowest(f, &lowest));
	assert_int_equal(lowest, level);
	data = ck_frontier_pop(f, level, &entry);
	assert_int_equal(entry.node, node);
	assert_int_equal(entry.bytes, bytes);
	for (uint32_t i = 0; i < bytes; i++)
		assert_int_equal(data[i], (unsigned char)node);
}

static void waiting_states(void **state)
{
	struct ck_frontier f;
	uint32_t level;

	(void)state;
	ck_frontier_init(&f);
	assert_false(ck_frontier_lowest(&f, &level));
	for (uint32_t i = 0; i < 1000; i++)
		push(&f, i % 3 * 20, i, i % 7 * 1000);
	push(&f, 0, 5000, 1 << 20); /* more than a segment */
	pop(&f, 0, 5000, 1 << 20);
	for (uint32_t i = 1000; i-- > 0;)
		if (i % 3 == 0)
			pop(&f, 0, i, i % 7 * 1000);
	push(&f, 1, 7, 1);
	pop(&f, 1, 7, 1);
	for (uint32_t k = 1; k < 3; k++)
		for (uint32_t i = 1000; i-- > 0;)
			if (i % 3 == k)
				pop(&f, k * 20, i, i % 7 * 1000);
	assert_false(ck_frontier_lowest(&f, &level));
	assert_int_equal(f.entries, 0);
	assert_int_equal(f.bytes, 0);
	assert_true(f.peak > 1 << 20);
	ck_frontier_free(&f);
}

/* Room that was made for a state and not used, and then not enough: what is held is still known. */
static void empty_segments(void **state)
{
	static const uint32_t size[] = {200000, 300000, 300000};
	static unsigned char bytes[300000];
	FILE *file = tmpfile();
	struct ck_frontier f;
	struct ck_entry entry;

	(void)state;
	assert_non_null(file);
	ck_frontier_init(&f);
	assert_true(ck_frontier_use_file(&f, file));
	for (uint32_t i = 0; i < 3; i++) {
		entry = (struct ck_entry){.bytes = size[i], .mask = 1};
		assert_true(ck_frontier_push(&f, 0, &entry, bytes));
		assert_true(i || ck_frontier_reserve(&f, 0, 100000));
	}
	while (ck_frontier_spill(&f))
		;
	for (uint32_t i = 3; i-- > 0;) {
		assert_non_null(ck_frontier_pop(&f, 0, &entry));
		assert_int_equal(entry.bytes, size[i]);
	}
	assert_int_equal(f.held, CK_SEGMENT);
	assert_int_equal(f.bucket[0].spilled, 0);
	ck_frontier_free(&f);
	fclose(file);
}

static void to_a_file_and_back(void **state)
{
	FILE *file = tmpfile();
	struct ck_file f = {file, {0, 0}, 0};
	struct ck_visited v, w;
	struct ck_frontier a, b;
	struct ck_hash sum;

	(void)state;
	assert_non_null(file);
	ck_frontier_init(&a);
	ck_frontier_init(&b);
	assert_true(ck_visited_init(&v, true) && ck_visited_init(&w, true));
	for (uint64_t i = 0; i < 5000; i++)
		assert_true(ck_visited_insert(&v, hash_of(i), &i, sizeof(i), (uint8_t)(1 + i % 255)));
	for (uint32_t i = 0; i < 2000; i++)
		push(&a, i % 2, i, 500);
	assert_true(ck_visited_save(&v, &f) && ck_frontier_save(&a, &f));
	sum = f.sum;
	rewind(file);
	f.sum = (struct ck_hash){0, 0};
	assert_true(ck_visited_load(&w, &f) && ck_frontier_load(&b, &f, 0));
	assert_true(sum.a == f.sum.a && sum.b == f.sum.b);
	for (uint64_t i = 0; i < 5001; i++) {
		const uint64_t *slot = ck_visited_find(&w, hash_of(i), &i, sizeof(i));

		assert_int_equal(slot != NULL, i < 5000);
		assert_true(!slot || (*slot & CK_MASK_ALL) == 1 + i % 255);
	}
	for (uint32_t i = 2000; i-- > 0;)
		if (i % 2 == 0)
			pop(&b, 0, i, 500);
	fclose(file);
	ck_visited_free(&v);
	ck_visited_free(&w);
	ck_frontier_free(&a);
	ck_frontier_free(&b);
}

/* Numbers of a file that is broken are not believed, for memory is asked for before its checksum is known. */
static void believes_no_number(void **state)
{
	const uint32_t many[] = {UINT32_MAX, 0xaaaaaab0, 1U << 28};
	const uint64_t none = 0, huge = 1ULL << 42;

	(void)state;
	for (uint32_t i = 0; i < 4; i++) {
		FILE *file = tmpfile();
		struct ck_file f = {file, {0, 0}, 0};
		const uint32_t n = i < 3 ? many[i] : 1, segments = 1;
		struct ck_frontier a;

		assert_non_null(file);
		assert_true(ck_put(&f, &n, sizeof(n)));
		for (uint32_t k = 0; k < 4; k++)
			assert_true(ck_put(&f, &none, sizeof(none)));
		assert_true(ck_put(&f, &segments, sizeof(segments)) && ck_put(&f, &huge, sizeof(huge)));
		f.size = (size_t)ftell(file);
		rewind(file);
		ck_frontier_init(&a);
		assert_false(ck_frontier_load(&a, &f, 0));
		assert_true(a.n < 100);
		ck_frontier_free(&a);
		fclose(file);
	}
}

struct writing {
	struct gb_check *check;
	struct gb_trace *trace;
};

/* Writes the search as the periodic checkpoint does, while it goes on. */
static bool write_now(void *user, const struct gb_check_progress *progress)
{
	const struct writing *w = user;
	FILE *file = tmpfile();
	struct gb_check *read;
	struct gb_check_config config;
	struct gb_error err;

	(void)progress;
	gb_check_defaults(&config);
	assert_non_null(file);
	assert_true(gb_check_save(w->check, file));
	rewind(file);
	assert_int_equal(gb_check_load(w->trace, &config, file, &read, &err), GB_OK);
	/* if nobody ever goes on, what it has is not everything */
	assert_int_not_equal(gb_check_stats(read).end, GB_CHECK_COMPLETE);
	gb_check_free(read);
	fclose(file);
	return false;
}

static void unfinished_is_not_complete(void **state)
{
	static const char text[] = "sqe a NOP flags=ASYNC\nsqe b NOP flags=ASYNC\nsubmit\nreap\n";

	(void)state;
	for (uint32_t shard = 0; shard <= 2; shard++) {
		struct gb_check_config config;
		struct writing w;
		struct gb_error err;

		gb_check_defaults(&config);
		config.shard = shard;
		config.shards = shard ? 2 : 0;
		config.stop = write_now;
		config.user = &w;
		assert_int_equal(gb_trace_parse(text, sizeof(text) - 1, &w.trace, &err), GB_OK);
		assert_int_equal(gb_check_new(w.trace, &config, &w.check, &err), GB_OK);
		assert_int_equal(gb_check_run(w.check), GB_CHECK_COMPLETE);
		assert_int_equal(gb_check_stats(w.check).end, GB_CHECK_COMPLETE);
		gb_check_free(w.check);
		gb_trace_free(w.trace);
	}
}

static void hashes_differ(void **state)
{
	unsigned char bytes[64] = {0};
	uint64_t seen[64 * 8 + 65];
	size_t n = 0;

	(void)state;
	for (size_t size = 0; size <= sizeof(bytes); size++)
		seen[n++] = ck_hash_bytes(bytes, size, 0).a;
	for (size_t bit = 0; bit < 8 * sizeof(bytes); bit++) {
		bytes[bit / 8] ^= (unsigned char)(1U << bit % 8);
		seen[n++] = ck_hash_bytes(bytes, sizeof(bytes), 0).a;
		bytes[bit / 8] ^= (unsigned char)(1U << bit % 8);
	}
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i; k++)
			assert_true(seen[i] != seen[k]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_of_states),
		cmocka_unit_test(exact_set),
		cmocka_unit_test(crowded_table),
		cmocka_unit_test(packing),
		cmocka_unit_test(squeezing),
		cmocka_unit_test(waiting_states),
		cmocka_unit_test(empty_segments),
		cmocka_unit_test(to_a_file_and_back),
		cmocka_unit_test(believes_no_number),
		cmocka_unit_test(hashes_differ),
		cmocka_unit_test(unfinished_is_not_complete),
	};

	return cmocka_run_group_tests_name("check parts", tests, NULL, NULL);
}
