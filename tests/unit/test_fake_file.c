/* SPDX-License-Identifier: MIT */
/* Regular files, and files of any kind: polling, closing, the outside. */
#include "test_fake.h"

static struct gb_file *the_file(struct fixture *fx)
{
	return gb_file(&fx->w, F_FILE);
}

static unsigned char *content(struct fixture *fx)
{
	return mem_bytes(fx, OBJ_FILE);
}

static int64_t read_at(struct fixture *fx, uint64_t *pos, uint64_t addr, uint32_t n)
{
	struct iov_iter i;

	iov_iter_ubuf(&i, ITER_DEST, addr, n);
	return gb_regular_read(&fx->w, the_file(fx), pos, &i);
}

static int64_t write_at(struct fixture *fx, uint64_t *pos, uint64_t addr, uint32_t n)
{
	struct iov_iter i;

	iov_iter_ubuf(&i, ITER_SOURCE, addr, n);
	return gb_regular_write(&fx->w, the_file(fx), pos, &i);
}

static void test_read(void **state)
{
	struct fixture *fx = *state;
	unsigned char *mem = mem_bytes(fx, OBJ_MEM);
	uint64_t pos = 4900;

	memset(mem, 0x33, MEM_SIZE);
	assert_int_equal(read_at(fx, &pos, mem_addr(OBJ_MEM, 10), 512), 100); /* ends at the size */
	assert_int_equal(pos, 5000);
	for (uint32_t k = 0; k < 100; k++)
		assert_int_equal(mem[10 + k], gb_seq_byte(4900 + k));
	assert_int_equal(mem[110], 0x33);
	assert_int_equal(read_at(fx, &pos, mem_addr(OBJ_MEM, 10), 512), 0);
	pos = UINT64_MAX;
	assert_int_equal(read_at(fx, &pos, mem_addr(OBJ_MEM, 10), 512), 0);
	assert_int_equal(pos, UINT64_MAX);
	pos = 0;
	assert_int_equal(read_at(fx, &pos, 0, 0), 0);
	assert_int_equal(read_at(fx, &pos, 0, 10), -GB_EFAULT);
	assert_int_equal(pos, 0);
	assert_int_equal(read_at(fx, &pos, mem_addr(OBJ_MEM, MEM_SIZE - 7), 10), 7);
	assert_int_equal(pos, 7);
}

static void test_write(void **state)
{
	struct fixture *fx = *state;
	struct gb_area *area = gb_area(&fx->w, OBJ_FILE + 1);
	uint64_t pos = 100;

	memset(mem_bytes(fx, OBJ_MEM), 0x44, MEM_SIZE);
	assert_int_equal(write_at(fx, &pos, mem_addr(OBJ_MEM, 0), 50), 50);
	assert_int_equal(pos, 150);
	assert_int_equal(area->size, 5000);
	assert_int_equal(content(fx)[99], gb_seq_byte(99));
	assert_int_equal(content(fx)[100], 0x44);
	assert_int_equal(content(fx)[150], gb_seq_byte(150));
	pos = 4990;
	assert_int_equal(write_at(fx, &pos, mem_addr(OBJ_MEM, 0), 50), 50);
	assert_int_equal(area->size, 5040);
	assert_int_equal(write_at(fx, &pos, 0, 0), 0);
	assert_int_equal(write_at(fx, &pos, 0, 10), -GB_EFAULT);
	assert_int_equal(write_at(fx, &pos, mem_addr(OBJ_MEM, MEM_SIZE - 7), 10), 7);
	assert_int_equal(area->size, 5047);
}

/* A gap reads as zeros, whatever lay there; a write that fails leaves none. */
static void test_hole(void **state)
{
	struct fixture *fx = *state;
	struct gb_area *area = gb_area(&fx->w, OBJ_FILE + 1);
	uint64_t pos = 6000;

	memset(content(fx) + 5000, 0x55, FILE_CAP - 5000);
	assert_int_equal(write_at(fx, &pos, 0, 10), -GB_EFAULT);
	assert_int_equal(write_at(fx, &pos, 0, 0), 0);
	assert_int_equal(area->size, 5000);
	assert_int_equal(write_at(fx, &pos, mem_addr(OBJ_MEM, 0), 10), 10);
	assert_int_equal(area->size, 6010);
	assert_int_equal(content(fx)[4999], gb_seq_byte(4999));
	for (uint32_t k = 5000; k < 6000; k++)
		assert_int_equal(content(fx)[k], 0);
	for (uint32_t k = 0; k < 10; k++)
		assert_int_equal(content(fx)[6000 + k], gb_seq_byte(k));
}

static void test_capacity(void **state)
{
	struct fixture *fx = *state;
	uint64_t pos = FILE_CAP - 10;

	assert_int_equal(write_at(fx, &pos, mem_addr(OBJ_MEM, 0), 100), 10);
	assert_int_equal(pos, FILE_CAP);
	assert_int_equal(write_at(fx, &pos, mem_addr(OBJ_MEM, 0), 100), -GB_EFBIG);
	pos = UINT64_MAX - 5;
	assert_int_equal(write_at(fx, &pos, mem_addr(OBJ_MEM, 0), 100), -GB_EFBIG);
}

/* Members read into and write from a leased buffer. */
static void test_lease(void **state)
{
	static const uint32_t lens[] = {2048, 2048};
	struct fixture *fx = *state;
	struct gb_lease *lease = fixture_lease(fx, ITER_DEST, 0, lens, 2);
	uint64_t pos = 4900;
	struct iov_iter i;

	fixture_import(fx, &i, 2000, 512);
	assert_int_equal(gb_regular_read(&fx->w, the_file(fx), &pos, &i), 100);
	assert_event(0, GB_EV_IO, 2000, 2100, 1, 1);
	assert_int_equal(iov_iter_count(&i), 412);
	assert_int_equal(gb_lease_untouched(&fx->w, lease), 3996);
	fixture_lease(fx, ITER_SOURCE, 0, lens, 2);
	fixture_import(fx, &i, 2048, 2048);
	pos = 0;
	gb_area(&fx->w, OBJ_FILE + 1)->size = 0;
	assert_int_equal(gb_regular_write(&fx->w, the_file(fx), &pos, &i), 2048);
	assert_event(1, GB_EV_IO, 2048, 4096, 0, 1);
	pos = 0;
	fixture_import(fx, &i, 0, 64);
	assert_int_equal(gb_regular_write(&fx->w, the_file(fx), &pos, &i), 64);
	/* wait-1-0024 */
	assert_int_equal(gb_area(&fx->w, OBJ_FILE + 1)->size, 2048);
	assert_true(gb_fnv(GB_FNV_START, content(fx), 2048) == 0x8ac1bf83a4801d93ULL);
}

/* Files without a poll method are always ready, cannot be shut down, and hold nothing unread. */
static void test_other_kinds(void **state)
{
	static const uint32_t files[] = {F_FILE, F_LESSOR};
	struct fixture *fx = *state;
	uint64_t hash;

	for (size_t k = 0; k < 2; k++) {
		struct gb_file *f = gb_file(&fx->w, files[k]);

		assert_int_equal(gb_file_poll(&fx->w, f), POLL_IN | POLL_OUT);
		assert_null(gb_file_wait_queue(&fx->w, f));
		assert_int_equal(gb_file_shutdown(&fx->w, f), -GB_ENOTSOCK);
		assert_int_equal(gb_outside_write(&fx->w, f, 10), -GB_EBADF);
		assert_int_equal(gb_outside_read(&fx->w, f, 10, &hash), -GB_EBADF);
		assert_true(hash == 0);
		assert_int_equal(gb_file_unread(&fx->w, f, &hash), 0);
		assert_int_equal(gb_file_close(&fx->w, f), 0);
		assert_int_equal(gb_file_close(&fx->w, f), -GB_EBADF);
		assert_int_equal(gb_file_shutdown(&fx->w, f), -GB_EBADF);
	}
	assert_int_equal(seen.n_wakes, 0);
}

/* The outside has the rights of the end it uses. */
static void test_wrong_end(void **state)
{
	struct fixture *fx = *state;
	uint64_t hash;

	assert_int_equal(gb_outside_write(&fx->w, gb_file(&fx->w, F_PIPE_R), 10), -GB_EBADF);
	assert_int_equal(gb_outside_read(&fx->w, gb_file(&fx->w, F_PIPE_W), 10, &hash), -GB_EBADF);
	assert_int_equal(gb_outside_write(&fx->w, gb_file(&fx->w, F_PIPE_W), 10), 10);
	assert_int_equal(gb_file_unread(&fx->w, gb_file(&fx->w, F_PIPE_W), &hash), 0);
	assert_int_equal(gb_file_shutdown(&fx->w, gb_file(&fx->w, F_PIPE_W)), -GB_ENOTSOCK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_read),  TEST(test_write),	  TEST(test_hole),	TEST(test_capacity),
		TEST(test_lease), TEST(test_other_kinds), TEST(test_wrong_end),
	};

	return cmocka_run_group_tests_name("file", tests, NULL, NULL);
}
