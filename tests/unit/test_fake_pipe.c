/* SPDX-License-Identifier: MIT */
/* Pipes: the slot rules and wake-ups of fs/pipe.c (S7.15). */
#include "test_fake.h"

static unsigned char scratch[70000];

static struct gb_pipe *the_pipe(struct fixture *fx)
{
	return gb_pipe(&fx->w, 1);
}

static int64_t put(struct fixture *fx, uint32_t n)
{
	return gb_outside_write(&fx->w, gb_file(&fx->w, F_PIPE_W), n);
}

static int64_t get(struct fixture *fx, uint32_t n, uint64_t *hash)
{
	return gb_outside_read(&fx->w, gb_file(&fx->w, F_PIPE_R), n, hash);
}

static uint64_t unread(struct fixture *fx, uint64_t *hash)
{
	return gb_file_unread(&fx->w, gb_file(&fx->w, F_PIPE_R), hash);
}

static uint32_t poll_of(struct fixture *fx, uint32_t file)
{
	return gb_file_poll(&fx->w, gb_file(&fx->w, file));
}

/* A member's write of n bytes from offset `off` of a source lease. */
static int64_t write_lease(struct fixture *fx, uint32_t off, uint32_t n)
{
	static const uint32_t lens[] = {4096, 4096, 4096, 4096};
	struct iov_iter i;

	fixture_lease(fx, ITER_SOURCE, 0, lens, 4);
	fixture_import(fx, &i, off, n);
	return gb_pipe_write(&fx->w, gb_file(&fx->w, F_PIPE_W), &i);
}

static void test_numbers(void **state)
{
	struct fixture *fx = *state;
	uint64_t hash;

	assert_int_equal(get(fx, 100, &hash), -GB_EAGAIN);
	assert_true(hash == 0);
	assert_int_equal(put(fx, 0), 0);
	assert_int_equal(put(fx, 65536), 65536);
	assert_int_equal(put(fx, 1), -GB_EAGAIN);
	assert_int_equal(unread(fx, &hash), 65536);
	assert_true(hash == 0x31df68f379512b2bULL);
	assert_int_equal(get(fx, 0, &hash), 0);
	assert_int_equal(get(fx, 100, &hash), 100);
	assert_true(hash == 0xe252983e5a73e9dfULL);
	assert_int_equal(unread(fx, &hash), 65436);
	assert_true(hash == 0x6e1eb76e0a07a2a9ULL);
	assert_int_equal(get(fx, 70000, &hash), 65436);
	assert_int_equal(unread(fx, &hash), 0);
	assert_int_equal(pages_out(fx), 0);
	assert_int_equal(put(fx, 70000), 65536); /* what fits */
}

/*
 * What a write to a nearly full pipe does, as the real kernel did it: the
 * corpus' traces wait-1-0146, -0063, -0022, -0062, -0099.
 */
static void test_corpus_small_writes(void **state)
{
	static const struct {
		uint32_t off, n;
		uint64_t bytes, hash;
	} fits[] = {
		{100, 512, 63512, 0x1fa4defa4cbcfbabULL}, /* wait-1-0146 */
		{0, 64, 63064, 0xfc3fe449f61d157eULL},	  /* wait-1-0063 */
		{0, 512, 63512, 0xcca2dd4cca6982f3ULL},	  /* wait-1-0054 */
	};
	uint64_t hash;

	(void)state;
	for (size_t k = 0; k < sizeof(fits) / sizeof(fits[0]); k++) {
		struct fixture *fx = fixture_new();

		assert_int_equal(put(fx, 63000), 63000);
		assert_int_equal(poll_of(fx, F_PIPE_W), 0); /* no slot is free, and yet: */
		assert_int_equal(write_lease(fx, fits[k].off, fits[k].n), fits[k].n);
		assert_int_equal(unread(fx, &hash), fits[k].bytes);
		assert_true(hash == fits[k].hash);
		fixture_free(fx);
	}
}

/* wait-1-0062: only the remainder modulo 4096 may go into the last slot, and 8192 has none. */
static void test_corpus_no_remainder(void **state)
{
	struct fixture *fx = *state;
	uint64_t hash;

	assert_int_equal(put(fx, 63000), 63000);
	assert_int_equal(write_lease(fx, 0, 8192), -GB_EAGAIN);
	assert_int_equal(unread(fx, &hash), 63000);
	assert_true(hash == 0x699ab2f5be993ce6ULL);
	/* a remainder that does not fit as a whole does not go there in parts either */
	assert_int_equal(write_lease(fx, 0, 2537), -GB_EAGAIN);
	/* one that does leaves the whole pages waiting */
	assert_int_equal(write_lease(fx, 0, 4096 + 2536), 2536);
	assert_int_equal(unread(fx, &hash), 65536);
}

/* wait-1-0022 and -0099: room made by reads. */
static void test_corpus_after_read(void **state)
{
	struct fixture *fx = *state;
	uint64_t hash;

	assert_int_equal(put(fx, 63000), 63000);
	assert_int_equal(write_lease(fx, 256, 256), 256);
	assert_int_equal(get(fx, 20000, &hash), 20000);
	assert_true(hash == 0xca716d675846018bULL);
	assert_int_equal(unread(fx, &hash), 43256);
	assert_true(hash == 0x8d61ea738cbf85a2ULL);
	assert_int_equal(get(fx, 50000, &hash), 43256);
	assert_int_equal(put(fx, 65536), 65536);
	assert_int_equal(write_lease(fx, 0, 512), -GB_EAGAIN);
	assert_int_equal(get(fx, 20000, &hash), 20000);
	assert_int_equal(write_lease(fx, 0, 512), 512);
	assert_int_equal(unread(fx, &hash), 46048);
	assert_true(hash == 0xc07c51aeaa8baf5cULL);
}

/* Every write of less than a page takes a slot when it does not fit the last one. */
static void test_slots(void **state)
{
	struct fixture *fx = *state;
	uint64_t hash;

	for (uint32_t k = 0; k < GB_PIPE_SLOTS; k++)
		assert_int_equal(put(fx, 3000), 3000);
	assert_int_equal(the_pipe(fx)->count, GB_PIPE_SLOTS);
	assert_int_equal(put(fx, 3000), -GB_EAGAIN);
	assert_int_equal(put(fx, 1096), 1096);
	assert_int_equal(put(fx, 1), -GB_EAGAIN);
	/* reading part of the first slot frees nothing; its front is never used again */
	assert_int_equal(get(fx, 2999, &hash), 2999);
	assert_int_equal(put(fx, 1), -GB_EAGAIN);
	assert_int_equal(get(fx, 1, &hash), 1);
	assert_int_equal(poll_of(fx, F_PIPE_W), POLL_OUT);
	assert_int_equal(put(fx, 8192), 4096);
	assert_int_equal(the_pipe(fx)->count, GB_PIPE_SLOTS);
	assert_int_equal(get(fx, 1 << 20, &hash), 3000 * 15 + 1096 + 4096);
	assert_int_equal(the_pipe(fx)->count, 0);
	assert_int_equal(pages_out(fx), 0);
	/* the last slot is what was not read of it, even when it is the only one */
	assert_int_equal(put(fx, 100), 100);
	assert_int_equal(get(fx, 50, &hash), 50);
	assert_int_equal(put(fx, 3996), 3996);
	assert_int_equal(the_pipe(fx)->count, 1);
	assert_int_equal(put(fx, 1), 1);
	assert_int_equal(the_pipe(fx)->count, 2);
}

/* Random writes and reads against a flat queue of bytes and the slot rule. */
static void test_random(void **state)
{
	struct fixture *fx = *state;
	uint64_t rng = 99, hash, written = 0, taken = 0;
	struct iov_iter i;

	for (uint32_t k = 0; k < 5000; k++) {
		uint32_t n = 1 + below(&rng, below(&rng, 2) ? 300 : 20000);
		int64_t ret;

		if (below(&rng, 2)) {
			bool full = the_pipe(fx)->count == GB_PIPE_SLOTS;

			iov_iter_seq(&i, n + (uint32_t)(written % 42240U));
			i.iov_offset = (uint32_t)(written % 42240U); /* the pattern has this period */
			i.count = n;
			ret = gb_pipe_write(&fx->w, gb_file(&fx->w, F_PIPE_W), &i);
			assert_true(ret == -GB_EAGAIN || (ret > 0 && ret <= n));
			assert_true(full || ret > 0);
			if (ret > 0)
				written += (uint64_t)ret;
			assert_true(ret == n || the_pipe(fx)->count == GB_PIPE_SLOTS);
		} else {
			uint64_t want = GB_FNV_START, left = written - taken;

			ret = get(fx, n, &hash);
			assert_int_equal(ret, left ? (int64_t)(left < n ? left : n) : -GB_EAGAIN);
			for (int64_t b = 0; b < ret; b++) {
				unsigned char byte = gb_seq_byte((taken + (uint64_t)b) % 42240U);

				want = gb_fnv(want, &byte, 1);
			}
			assert_true(hash == (ret > 0 ? want : 0));
			taken += ret > 0 ? (uint64_t)ret : 0;
		}
		assert_int_equal(unread(fx, &hash), written - taken);
		assert_int_equal(pages_out(fx), the_pipe(fx)->count);
	}
	assert_true(written > 1000000);
}

static void test_wake_reader(void **state)
{
	struct fixture *fx = *state;
	struct gb_pipe *p = the_pipe(fx);

	assert_ptr_equal(gb_file_wait_queue(&fx->w, gb_file(&fx->w, F_PIPE_R)), &p->rd_wait);
	assert_ptr_equal(gb_file_wait_queue(&fx->w, gb_file(&fx->w, F_PIPE_W)), &p->wr_wait);
	put(fx, 0);
	assert_int_equal(seen.n_wakes, 0);
	put(fx, 5);
	assert_wake(0, &p->rd_wait, POLL_IN);
	put(fx, 5); /* not empty before: poll_usage */
	assert_wake(1, &p->rd_wait, POLL_IN);
	put(fx, 70000);
	assert_wake(2, &p->rd_wait, POLL_IN);
	put(fx, 10000); /* even without a byte moved */
	assert_wake(3, &p->rd_wait, POLL_IN);
	assert_int_equal(seen.n_wakes, 4);
}

static void test_wake_writer(void **state)
{
	struct fixture *fx = *state;
	struct gb_pipe *p = the_pipe(fx);
	uint64_t hash;

	put(fx, 61440);
	forget();
	get(fx, 4096, &hash); /* was not full */
	assert_int_equal(seen.n_wakes, 0);
	put(fx, 8192);
	forget();
	get(fx, 100, &hash); /* was full, though nothing got free */
	assert_int_equal(seen.n_wakes, 1);
	assert_wake(0, &p->wr_wait, POLL_OUT);
	get(fx, 4000, &hash);
	assert_wake(1, &p->wr_wait, POLL_OUT);
	get(fx, 4096, &hash);
	assert_int_equal(seen.n_wakes, 2);
}

/* One that has slept wakes the next of its own side. */
static void test_slept(void **state)
{
	struct fixture *fx = *state;
	struct gb_file *r = gb_file(&fx->w, F_PIPE_R), *wr = gb_file(&fx->w, F_PIPE_W);
	struct gb_pipe *p = the_pipe(fx);
	struct iov_iter i;

	put(fx, 100);
	forget();
	iov_iter_hash(&i, 60);
	assert_int_equal(gb_pipe_read_slept(&fx->w, r, &i), 60);
	assert_int_equal(seen.n_wakes, 1);
	assert_wake(0, &p->rd_wait, POLL_IN);
	iov_iter_hash(&i, 60);
	assert_int_equal(gb_pipe_read_slept(&fx->w, r, &i), 40); /* nothing left */
	assert_int_equal(gb_pipe_read_slept(&fx->w, r, &i), -GB_EAGAIN);
	assert_int_equal(seen.n_wakes, 1);
	put(fx, 100);
	forget();
	/* no merging: a slot of its own */
	iov_iter_seq(&i, 100);
	assert_int_equal(gb_pipe_write_slept(&fx->w, wr, &i), 100);
	assert_int_equal(p->count, 2);
	assert_int_equal(seen.n_wakes, 2);
	assert_wake(0, &p->rd_wait, POLL_IN);
	assert_wake(1, &p->wr_wait, POLL_OUT);
	forget();
	/* sleeps on: the pipe was not empty, so nobody hears of it yet */
	iov_iter_seq(&i, 4096 * 14 + 1);
	assert_int_equal(gb_pipe_write_slept(&fx->w, wr, &i), 4096 * 14);
	assert_int_equal(gb_pipe_write_slept(&fx->w, wr, &i), -GB_EAGAIN);
	assert_int_equal(seen.n_wakes, 0);
	/* ends, and leaves no slot to the next */
	iov_iter_hash(&i, 100);
	gb_pipe_read(&fx->w, r, &i);
	forget();
	iov_iter_seq(&i, 1);
	assert_int_equal(gb_pipe_write_slept(&fx->w, wr, &i), 1);
	assert_int_equal(seen.n_wakes, 1);
	assert_wake(0, &p->rd_wait, POLL_IN);
	/* was empty: readers hear of what is there although the writer sleeps on */
	iov_iter_hash(&i, 1 << 20);
	gb_pipe_read(&fx->w, r, &i);
	forget();
	iov_iter_seq(&i, 65537);
	assert_int_equal(gb_pipe_write_slept(&fx->w, wr, &i), 65536);
	assert_int_equal(seen.n_wakes, 1);
}

static void test_poll(void **state)
{
	struct fixture *fx = *state;
	uint64_t hash;

	assert_int_equal(poll_of(fx, F_PIPE_R), 0);
	assert_int_equal(poll_of(fx, F_PIPE_W), POLL_OUT);
	put(fx, 61440);
	assert_int_equal(poll_of(fx, F_PIPE_R), POLL_IN);
	assert_int_equal(poll_of(fx, F_PIPE_W), POLL_OUT);
	put(fx, 1);
	assert_int_equal(poll_of(fx, F_PIPE_W), 0);
	assert_int_equal(gb_file_close(&fx->w, gb_file(&fx->w, F_PIPE_W)), 0);
	assert_int_equal(poll_of(fx, F_PIPE_R), POLL_IN | GB_POLLHUP);
	get(fx, 70000, &hash);
	assert_int_equal(poll_of(fx, F_PIPE_R), GB_POLLHUP);
}

static void test_close_writer(void **state)
{
	struct fixture *fx = *state;
	struct gb_pipe *p = the_pipe(fx);
	uint64_t hash;

	put(fx, 100);
	forget();
	assert_int_equal(gb_file_close(&fx->w, gb_file(&fx->w, F_PIPE_W)), 0);
	assert_int_equal(seen.n_wakes, 2);
	assert_wake(0, &p->rd_wait, 0);
	assert_wake(1, &p->wr_wait, 0);
	assert_int_equal(put(fx, 1), -GB_EBADF);
	assert_int_equal(unread(fx, &hash), 100);
	assert_int_equal(get(fx, 200, &hash), 100);
	assert_int_equal(get(fx, 200, &hash), 0);
	assert_true(hash == 0);
	put(fx, 100);
	assert_int_equal(gb_file_close(&fx->w, gb_file(&fx->w, F_PIPE_R)), 0);
	assert_int_equal(seen.n_wakes, 2); /* nobody is left */
	assert_int_equal(get(fx, 200, &hash), -GB_EBADF);
	assert_int_equal(pages_out(fx), 0);
}

static void test_close_reader(void **state)
{
	struct fixture *fx = *state;
	struct gb_pipe *p = the_pipe(fx);
	uint64_t hash;

	put(fx, 5000);
	forget();
	assert_int_equal(gb_file_close(&fx->w, gb_file(&fx->w, F_PIPE_R)), 0);
	assert_wake(0, &p->rd_wait, 0);
	assert_wake(1, &p->wr_wait, 0);
	assert_int_equal(poll_of(fx, F_PIPE_W), POLL_OUT | GB_POLLERR);
	assert_int_equal(put(fx, 1), -GB_EPIPE);
	assert_int_equal(put(fx, 0), 0);
	assert_wake(2, &p->rd_wait, POLL_IN);
	assert_int_equal(unread(fx, &hash), 0); /* wait-1-0002: a closed end is not listed */
	assert_int_equal(pages_out(fx), 2);
	assert_int_equal(gb_file_close(&fx->w, gb_file(&fx->w, F_PIPE_W)), 0);
	assert_int_equal(pages_out(fx), 0);
}

/* Requests hold their file: the end dies with the last of them. */
static void test_close_late(void **state)
{
	struct fixture *fx = *state;
	struct gb_file *r = gb_file(&fx->w, F_PIPE_R);

	gb_file_get(r);
	gb_file_get(r);
	gb_file_put(&fx->w, r);
	assert_int_equal(the_pipe(fx)->readers, 1);
	assert_int_equal(gb_file_close(&fx->w, r), 0);
	assert_int_equal(gb_file_close(&fx->w, r), -GB_EBADF);
	assert_int_equal(the_pipe(fx)->readers, 1);
	assert_int_equal(put(fx, 10), 10);
	gb_file_put(&fx->w, r);
	assert_int_equal(the_pipe(fx)->readers, 0);
	assert_int_equal(put(fx, 10), -GB_EPIPE);
}

/* A faulting read leaves the slot as it was; what went before it counts. */
static void test_read_fault(void **state)
{
	struct fixture *fx = *state;
	struct gb_file *r = gb_file(&fx->w, F_PIPE_R);
	uint64_t hash;
	struct iov_iter i;

	put(fx, 5000);
	iov_iter_ubuf(&i, ITER_DEST, 0, 100);
	assert_int_equal(gb_pipe_read(&fx->w, r, &i), -GB_EFAULT);
	iov_iter_ubuf(&i, ITER_DEST, mem_addr(OBJ_MEM, MEM_SIZE - 50), 100);
	assert_int_equal(gb_pipe_read(&fx->w, r, &i), -GB_EFAULT);
	assert_int_equal(i.count, 50);
	assert_int_equal(unread(fx, &hash), 5000);
	iov_iter_ubuf(&i, ITER_DEST, mem_addr(OBJ_MEM, MEM_SIZE - 4196), 5000);
	assert_int_equal(gb_pipe_read(&fx->w, r, &i), 4096);
	assert_int_equal(i.count, 5000 - 4196);
	assert_int_equal(unread(fx, &hash), 904);
}

/* A faulting write loses the page it was at, and leaves an empty slot behind. */
static void test_write_fault(void **state)
{
	struct fixture *fx = *state;
	struct gb_file *wr = gb_file(&fx->w, F_PIPE_W);
	struct gb_pipe *p = the_pipe(fx);
	uint64_t hash;
	struct iov_iter i;

	iov_iter_ubuf(&i, ITER_SOURCE, mem_addr(OBJ_MEM, MEM_SIZE - 50), 100);
	assert_int_equal(gb_pipe_write(&fx->w, wr, &i), -GB_EFAULT);
	assert_int_equal(p->count, 1);
	assert_int_equal(poll_of(fx, F_PIPE_R), POLL_IN); /* it looks readable ... */
	assert_int_equal(unread(fx, &hash), 0);
	assert_int_equal(get(fx, 10, &hash), -GB_EAGAIN); /* ... and is not */
	assert_int_equal(p->count, 0);
	/* merge faults: the bytes behind the end do not count */
	put(fx, 10);
	iov_iter_ubuf(&i, ITER_SOURCE, mem_addr(OBJ_MEM, MEM_SIZE - 50), 100);
	assert_int_equal(gb_pipe_write(&fx->w, wr, &i), -GB_EFAULT);
	assert_int_equal(unread(fx, &hash), 10);
	/* a whole page, then the fault */
	iov_iter_ubuf(&i, ITER_SOURCE, mem_addr(OBJ_MEM, MEM_SIZE - 4100), 8192);
	assert_int_equal(gb_pipe_write(&fx->w, wr, &i), 4096);
	assert_int_equal(p->count, 3);
	assert_int_equal(unread(fx, &hash), 4106);
	/* the empty slot takes the next small write */
	assert_int_equal(put(fx, 5), 5);
	assert_int_equal(p->count, 3);
	assert_int_equal(get(fx, 9999, &hash), 4111);
	assert_int_equal(pages_out(fx), 0);
}

static void test_user_copy(void **state)
{
	struct fixture *fx = *state;
	struct iov_iter i;

	iov_iter_ubuf(&i, ITER_SOURCE, mem_addr(OBJ_MEM, 0), 5000);
	assert_int_equal(gb_pipe_write(&fx->w, gb_file(&fx->w, F_PIPE_W), &i), 5000);
	memcpy(scratch, mem_bytes(fx, OBJ_MEM), 5000);
	memset(mem_bytes(fx, OBJ_MEM), 0, MEM_SIZE);
	iov_iter_ubuf(&i, ITER_DEST, mem_addr(OBJ_MEM, 100), 6000);
	assert_int_equal(gb_pipe_read(&fx->w, gb_file(&fx->w, F_PIPE_R), &i), 5000);
	assert_int_equal(i.count, 1000);
	assert_memory_equal(mem_bytes(fx, OBJ_MEM) + 100, scratch, 5000);
}

static void test_no_pages(void **state)
{
	struct fixture *fx = *state;

	fx->w.at.n_pages = 2;
	assert_int_equal(put(fx, 10000), 8192);
	assert_int_equal(put(fx, 10000), -GB_ENOMEM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_numbers),
		cmocka_unit_test(test_corpus_small_writes),
		TEST(test_corpus_no_remainder),
		TEST(test_corpus_after_read),
		TEST(test_slots),
		TEST(test_random),
		TEST(test_wake_reader),
		TEST(test_wake_writer),
		TEST(test_slept),
		TEST(test_poll),
		TEST(test_close_writer),
		TEST(test_close_reader),
		TEST(test_close_late),
		TEST(test_read_fault),
		TEST(test_write_fault),
		TEST(test_user_copy),
		TEST(test_no_pages),
	};

	return cmocka_run_group_tests_name("pipe", tests, NULL, NULL);
}
