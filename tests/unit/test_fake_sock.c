/* SPDX-License-Identifier: MIT */
/* Socket pairs: net/unix/af_unix.c as far as these traces see it. */
#include "test_fake.h"

static unsigned char scratch[70000];

static struct gb_file *end(struct fixture *fx, uint32_t file)
{
	return gb_file(&fx->w, file);
}

static struct gb_sock *sock(struct fixture *fx, uint32_t file)
{
	return gb_sock(&fx->w, end(fx, file)->index);
}

static int64_t put(struct fixture *fx, uint32_t file, uint32_t n)
{
	return gb_outside_write(&fx->w, end(fx, file), n);
}

static int64_t get(struct fixture *fx, uint32_t file, uint32_t n)
{
	uint64_t hash;

	return gb_outside_read(&fx->w, end(fx, file), n, &hash);
}

/* A receive into the mem, as recv(2) does it. */
static int64_t receive(struct fixture *fx, uint32_t file, uint32_t n, bool peek, bool *trunc, bool *more)
{
	struct iov_iter i;

	iov_iter_ubuf(&i, ITER_DEST, mem_addr(OBJ_MEM, 0), n);
	return gb_sock_recv(&fx->w, end(fx, file), &i, peek, trunc, more);
}

static uint64_t unread(struct fixture *fx, uint32_t file, uint64_t *hash)
{
	return gb_file_unread(&fx->w, end(fx, file), hash);
}

static uint32_t poll_of(struct fixture *fx, uint32_t file)
{
	return gb_file_poll(&fx->w, end(fx, file));
}

/* ---- stream ---- */

static void test_stream(void **state)
{
	struct fixture *fx = *state;
	uint64_t hash;

	assert_int_equal(get(fx, F_SOCK0, 100), -GB_EAGAIN);
	assert_int_equal(put(fx, F_SOCK1, 5), 5);
	assert_int_equal(put(fx, F_SOCK1, 200), 200);
	assert_int_equal(unread(fx, F_SOCK0, &hash), 205);
	assert_true(hash == 0x08db1ff8455d7bcfULL); /* the corpus: each write starts its pattern anew */
	assert_int_equal(unread(fx, F_SOCK1, &hash), 0);
	assert_int_equal(get(fx, F_SOCK0, 0), 0);
	assert_int_equal(get(fx, F_SOCK0, 1000), 205); /* boundaries are not kept */
	assert_int_equal(unread(fx, F_SOCK0, &hash), 0);
	assert_true(hash == GB_FNV_START);
	assert_int_equal(pages_out(fx), 0);
}

static void test_stream_wakes(void **state)
{
	struct fixture *fx = *state;

	assert_ptr_equal(gb_file_wait_queue(&fx->w, end(fx, F_SOCK0)), &sock(fx, F_SOCK0)->wait);
	put(fx, F_SOCK1, 0);
	assert_int_equal(seen.n_wakes, 0);
	put(fx, F_SOCK1, 10);
	assert_int_equal(seen.n_wakes, 1);
	assert_wake(0, &sock(fx, F_SOCK0)->wait, SOCK_IN);
	put(fx, F_SOCK1, GB_SKB_MAX + 1); /* two skbs, each announced */
	assert_int_equal(seen.n_wakes, 3);
	assert_wake(2, &sock(fx, F_SOCK0)->wait, SOCK_IN);
	forget();
	get(fx, F_SOCK0, 100000); /* without a limit nobody waits for room */
	assert_int_equal(seen.n_wakes, 0);
}

/* A flat queue of bytes is the model. */
static void test_stream_random(void **state)
{
	struct fixture *fx = *state;
	uint64_t rng = 4711, sent = 0, taken = 0, hash;
	bool trunc, more;

	for (uint32_t k = 0; k < 5000; k++) {
		uint32_t n = 1 + below(&rng, below(&rng, 2) ? 100 : 9000);
		struct iov_iter i;

		if (below(&rng, 2) && sent - taken < 100000) {
			iov_iter_seq(&i, 0);
			i.iov_offset = (uint32_t)(sent % 42240U);
			i.count = n;
			assert_int_equal(gb_sock_send(&fx->w, end(fx, F_SOCK0), &i), n);
			sent += n;
		} else {
			uint64_t left = sent - taken, want = left < n ? left : n;
			bool peek = below(&rng, 4) == 0;

			if (want > MEM_SIZE)
				want = n = MEM_SIZE;
			assert_int_equal(receive(fx, F_SOCK1, n, peek, &trunc, &more),
					 want ? (int64_t)want : -GB_EAGAIN);
			for (uint64_t b = 0; b < want; b++)
				assert_int_equal(mem_bytes(fx, OBJ_MEM)[b], gb_seq_byte((taken + b) % 42240U));
			taken += peek ? 0 : want;
			assert_int_equal(more, sent != taken);
			assert_false(trunc);
		}
		assert_int_equal(unread(fx, F_SOCK1, &hash), sent - taken);
		assert_true(pages_out(fx) <= (sent - taken) / GB_PAGE_SIZE + 2);
	}
}

/* A receive of nothing waits like any other, and takes nothing. */
static void test_stream_recv_nothing(void **state)
{
	struct fixture *fx = *state;
	bool trunc, more;

	assert_int_equal(receive(fx, F_SOCK0, 0, false, &trunc, &more), -GB_EAGAIN);
	assert_false(more);
	put(fx, F_SOCK1, 10);
	assert_int_equal(receive(fx, F_SOCK0, 0, false, &trunc, &more), 0);
	assert_true(more);
	assert_int_equal(get(fx, F_SOCK0, 100), 10);
}

static void test_stream_sndbuf(void **state)
{
	struct fixture *fx = *state;

	sock(fx, F_SOCK0)->sndbuf = 1000;
	assert_int_equal(poll_of(fx, F_SOCK0), SOCK_OUT);
	assert_int_equal(put(fx, F_SOCK0, 250), 250);
	assert_int_equal(poll_of(fx, F_SOCK0), SOCK_OUT); /* 4 * 250 <= 1000 */
	assert_int_equal(put(fx, F_SOCK0, 1), 1);
	assert_int_equal(poll_of(fx, F_SOCK0), 0);
	assert_int_equal(put(fx, F_SOCK0, 5000), 749); /* what fits, though POLLOUT is not set */
	assert_int_equal(put(fx, F_SOCK0, 1), -GB_EAGAIN);
	forget();
	assert_int_equal(get(fx, F_SOCK1, 749), 749);
	assert_int_equal(seen.n_wakes, 0); /* there is room, but no POLLOUT yet */
	assert_int_equal(get(fx, F_SOCK1, 1), 1);
	assert_int_equal(seen.n_wakes, 1);
	assert_wake(0, &sock(fx, F_SOCK0)->wait, SOCK_OUT);
	assert_int_equal(poll_of(fx, F_SOCK0), SOCK_OUT);
	/* the limit is one direction's */
	assert_int_equal(put(fx, F_SOCK1, 30000), 30000);
}

static void test_stream_shutdown(void **state)
{
	struct fixture *fx = *state;

	put(fx, F_SOCK1, 10);
	forget();
	assert_int_equal(gb_file_shutdown(&fx->w, end(fx, F_SOCK0)), 0);
	assert_int_equal(seen.n_wakes, 2);
	assert_wake(0, &sock(fx, F_SOCK0)->wait, 0);
	assert_wake(1, &sock(fx, F_SOCK1)->wait, 0);
	for (uint32_t file = F_SOCK0; file <= F_SOCK1; file++) {
		assert_int_equal(put(fx, file, 10), -GB_EPIPE);
		assert_int_equal(put(fx, file, 0), -GB_EPIPE);
		assert_int_equal(poll_of(fx, file), SOCK_OUT | POLL_IN | GB_POLLRDHUP | GB_POLLHUP);
	}
	assert_int_equal(get(fx, F_SOCK0, 100), 10); /* what was there can still be read */
	assert_int_equal(get(fx, F_SOCK0, 100), 0);
	assert_int_equal(get(fx, F_SOCK1, 100), 0);
}

static void test_stream_close(void **state)
{
	struct fixture *fx = *state;

	put(fx, F_SOCK1, 10);
	get(fx, F_SOCK0, 10);
	put(fx, F_SOCK0, 20);
	forget();
	assert_int_equal(gb_file_close(&fx->w, end(fx, F_SOCK0)), 0);
	assert_int_equal(seen.n_wakes, 1);
	assert_wake(0, &sock(fx, F_SOCK1)->wait, 0);
	assert_int_equal(poll_of(fx, F_SOCK1), SOCK_OUT | POLL_IN | GB_POLLRDHUP | GB_POLLHUP);
	assert_int_equal(put(fx, F_SOCK1, 10), -GB_EPIPE);
	assert_int_equal(get(fx, F_SOCK1, 100), 20);
	assert_int_equal(get(fx, F_SOCK1, 100), 0); /* nothing was lost: a clean end */
	assert_int_equal(gb_file_shutdown(&fx->w, end(fx, F_SOCK1)), 0);
	assert_int_equal(gb_file_close(&fx->w, end(fx, F_SOCK1)), 0);
	assert_int_equal(pages_out(fx), 0);
	assert_int_equal(gb_file_close(&fx->w, end(fx, F_SOCK1)), -GB_EBADF);
	assert_int_equal(gb_file_shutdown(&fx->w, end(fx, F_SOCK1)), -GB_EBADF);
	assert_int_equal(put(fx, F_SOCK1, 1), -GB_EBADF);
	assert_int_equal(get(fx, F_SOCK1, 1), -GB_EBADF);
}

/* Closing with unread bytes resets the connection: told once, after what is there. */
static void test_stream_reset(void **state)
{
	struct fixture *fx = *state;
	uint64_t hash;

	put(fx, F_SOCK1, 10000);
	put(fx, F_SOCK0, 20);
	assert_int_equal(gb_file_close(&fx->w, end(fx, F_SOCK0)), 0);
	assert_int_equal(unread(fx, F_SOCK0, &hash), 0);
	assert_int_equal(pages_out(fx), 1);
	assert_int_equal(poll_of(fx, F_SOCK1), SOCK_OUT | POLL_IN | GB_POLLRDHUP | GB_POLLHUP | GB_POLLERR);
	assert_int_equal(put(fx, F_SOCK1, 10), -GB_EPIPE);
	assert_int_equal(get(fx, F_SOCK1, 100), 20);
	assert_int_equal(get(fx, F_SOCK1, 100), -GB_ECONNRESET);
	assert_int_equal(get(fx, F_SOCK1, 100), 0);
	assert_int_equal(poll_of(fx, F_SOCK1), SOCK_OUT | POLL_IN | GB_POLLRDHUP | GB_POLLHUP);
}

/* Room that a closing end frees is told to a sender with a limit. */
static void test_close_gives_room(void **state)
{
	struct fixture *fx = *state;

	sock(fx, F_SOCK1)->sndbuf = 100;
	put(fx, F_SOCK1, 100);
	forget();
	gb_file_close(&fx->w, end(fx, F_SOCK0));
	assert_int_equal(seen.n_wakes, 2);
	assert_wake(0, &sock(fx, F_SOCK1)->wait, 0);
	assert_wake(1, &sock(fx, F_SOCK1)->wait, SOCK_OUT);
}

static void test_close_late(void **state)
{
	struct fixture *fx = *state;
	uint64_t hash;

	gb_file_get(end(fx, F_SOCK0));
	gb_file_close(&fx->w, end(fx, F_SOCK0));
	assert_int_equal(put(fx, F_SOCK1, 10), 10); /* a request still receives there */
	assert_int_equal(unread(fx, F_SOCK0, &hash), 0);
	gb_file_put(&fx->w, end(fx, F_SOCK0));
	assert_int_equal(put(fx, F_SOCK1, 10), -GB_EPIPE);
}

/* A send that faults queues whole pieces only; a receive that faults takes nothing. */
static void test_stream_fault(void **state)
{
	struct fixture *fx = *state;
	uint64_t hash;
	struct iov_iter i;
	bool trunc, more;

	iov_iter_ubuf(&i, ITER_SOURCE, mem_addr(OBJ_MEM, MEM_SIZE - 5000), 6000);
	assert_int_equal(gb_sock_send(&fx->w, end(fx, F_SOCK0), &i), -GB_EFAULT);
	assert_int_equal(unread(fx, F_SOCK1, &hash), 0);
	assert_int_equal(pages_out(fx), 0);
	put(fx, F_SOCK0, 100);
	iov_iter_ubuf(&i, ITER_SOURCE, mem_addr(OBJ_MEM, MEM_SIZE - 5000), 6000);
	assert_int_equal(gb_sock_send(&fx->w, end(fx, F_SOCK0), &i), -GB_EFAULT);
	assert_int_equal(unread(fx, F_SOCK1, &hash), 100);
	assert_true(hash == seq_hash(100));
	assert_int_equal(pages_out(fx), 1);
	assert_int_equal(put(fx, F_SOCK0, 5000), 5000);
	iov_iter_ubuf(&i, ITER_DEST, mem_addr(OBJ_MEM, MEM_SIZE - 5000), 6000);
	assert_int_equal(gb_sock_recv(&fx->w, end(fx, F_SOCK1), &i, false, &trunc, &more), -GB_EFAULT);
	assert_int_equal(i.count, 6000);
	assert_true(more);
	assert_int_equal(unread(fx, F_SOCK1, &hash), 5100);
}

static void test_no_pages(void **state)
{
	struct fixture *fx = *state;

	fx->w.at.n_pages = 11;
	assert_int_equal(put(fx, F_SOCK0, 70000), GB_SKB_MAX); /* the second piece does not fit as a whole */
	assert_int_equal(pages_out(fx), 9);
	assert_int_equal(put(fx, F_SOCK0, GB_SKB_MAX), -GB_ENOMEM);
}

/* A member receives into its part of a leased buffer, across segments. */
static void test_stream_lease(void **state)
{
	static const uint32_t lens[] = {300, 0, 300, 400};
	struct fixture *fx = *state;
	struct gb_lease *lease = fixture_lease(fx, ITER_DEST, 100, lens, 4);
	struct iov_iter i;
	bool trunc, more;

	put(fx, F_SOCK1, 600);
	fixture_import(fx, &i, 50, 800);
	forget();
	assert_int_equal(gb_sock_recv(&fx->w, end(fx, F_SOCK0), &i, false, &trunc, &more), 600);
	assert_event(0, GB_EV_IO, 50, 650, 1, 1);
	assert_int_equal(iov_iter_zero(&fx->w, iov_iter_count(&i), &i), 200);
	assert_event(1, GB_EV_ZERO, 650, 850, 0, 1);
	assert_int_equal(gb_lease_untouched(&fx->w, lease), 100);
	gb_seq_fill(scratch, 0, 600);
	assert_memory_equal(gb_bytes(&fx->w, lease->bytes + 150), scratch, 600);
}

/* ---- datagrams ---- */

static void test_dgram(void **state)
{
	struct fixture *fx = *state;
	bool trunc, more;
	uint64_t hash;

	assert_int_equal(receive(fx, F_DGRAM0, 10, false, &trunc, &more), -GB_EAGAIN);
	assert_int_equal(put(fx, F_DGRAM1, 5000), 5000);
	assert_wake(0, &sock(fx, F_DGRAM0)->wait, SOCK_IN);
	assert_int_equal(put(fx, F_DGRAM1, 0), 0); /* an empty message is one */
	assert_int_equal(put(fx, F_DGRAM1, 20), 20);
	assert_int_equal(poll_of(fx, F_DGRAM0), SOCK_OUT | POLL_IN);
	assert_int_equal(unread(fx, F_DGRAM0, &hash), 5020);
	forget();
	assert_int_equal(receive(fx, F_DGRAM0, 100, true, &trunc, &more), 100);
	assert_int_equal(seen.n_wakes, 0);
	assert_true(trunc);
	assert_int_equal(receive(fx, F_DGRAM0, 100, false, &trunc, &more), 100);
	assert_wake(0, &sock(fx, F_DGRAM1)->wait, SOCK_OUT);
	assert_true(trunc && more); /* 4900 bytes are lost */
	assert_int_equal(receive(fx, F_DGRAM0, 100, false, &trunc, &more), 0);
	assert_true(!trunc && more);
	assert_int_equal(receive(fx, F_DGRAM0, 100, false, &trunc, &more), 20);
	assert_true(!trunc && !more);
	assert_int_equal(mem_bytes(fx, OBJ_MEM)[19], gb_seq_byte(19));
	assert_int_equal(pages_out(fx), 0);
	/* only an empty message: readable, and room for nothing suffices */
	assert_int_equal(put(fx, F_DGRAM1, 0), 0);
	assert_int_equal(poll_of(fx, F_DGRAM0), SOCK_OUT | POLL_IN);
	assert_int_equal(receive(fx, F_DGRAM0, 0, false, &trunc, &more), 0);
	assert_int_equal(poll_of(fx, F_DGRAM0), SOCK_OUT);
}

/* Boundaries over many laps of the ring of lengths. */
static void test_dgram_ring(void **state)
{
	struct fixture *fx = *state;
	uint64_t rng = 5;
	bool trunc, more;

	for (uint32_t k = 0; k < 200; k++) {
		uint32_t n[DG_CAP], count = 1 + below(&rng, DG_CAP);

		for (uint32_t d = 0; d < count; d++) {
			n[d] = below(&rng, 3000);
			assert_int_equal(put(fx, F_DGRAM0, n[d]), n[d]);
		}
		if (count == DG_CAP) {
			assert_int_equal(put(fx, F_DGRAM0, 1), -GB_EAGAIN);
			assert_int_equal(poll_of(fx, F_DGRAM0), 0);
		}
		for (uint32_t d = 0; d < count; d++)
			assert_int_equal(receive(fx, F_DGRAM1, 3000, false, &trunc, &more), n[d]);
		assert_false(more);
	}
}

static void test_dgram_sndbuf(void **state)
{
	struct fixture *fx = *state;

	sock(fx, F_DGRAM0)->sndbuf = 1000;
	assert_int_equal(put(fx, F_DGRAM0, 1001), -GB_EMSGSIZE);
	assert_int_equal(put(fx, F_DGRAM0, 300), 300);
	assert_int_equal(poll_of(fx, F_DGRAM0), 0);
	assert_int_equal(put(fx, F_DGRAM0, 1000), 1000); /* below the limit the whole message goes */
	assert_int_equal(put(fx, F_DGRAM0, 1), -GB_EAGAIN);
	forget();
	assert_int_equal(get(fx, F_DGRAM1, 300), 300);
	assert_int_equal(seen.n_wakes, 0);
	assert_int_equal(get(fx, F_DGRAM1, 300), 300);
	assert_wake(0, &sock(fx, F_DGRAM0)->wait, SOCK_OUT);
}

static void test_dgram_shutdown(void **state)
{
	struct fixture *fx = *state;
	bool trunc, more;

	put(fx, F_DGRAM1, 10);
	forget();
	assert_int_equal(gb_file_shutdown(&fx->w, end(fx, F_DGRAM0)), 0);
	assert_int_equal(seen.n_wakes, 1); /* the peer hears nothing */
	assert_wake(0, &sock(fx, F_DGRAM0)->wait, 0);
	assert_int_equal(poll_of(fx, F_DGRAM1), SOCK_OUT);
	assert_int_equal(poll_of(fx, F_DGRAM0), SOCK_OUT | POLL_IN | GB_POLLRDHUP | GB_POLLHUP);
	assert_int_equal(put(fx, F_DGRAM0, 1), -GB_EPIPE);
	assert_int_equal(put(fx, F_DGRAM1, 1), -GB_EPIPE);
	assert_int_equal(receive(fx, F_DGRAM0, 100, false, &trunc, &more), 10);
	assert_int_equal(receive(fx, F_DGRAM0, 100, false, &trunc, &more), 0);
	assert_int_equal(receive(fx, F_DGRAM1, 100, false, &trunc, &more), -GB_EAGAIN);
}

/* unix_dgram_disconnected: refused once and bereft of what came in, then alone. */
static void test_dgram_close(void **state)
{
	struct fixture *fx = *state;
	bool trunc, more;

	put(fx, F_DGRAM0, 10);
	put(fx, F_DGRAM0, 10);
	put(fx, F_DGRAM1, 10);
	forget();
	assert_int_equal(gb_file_close(&fx->w, end(fx, F_DGRAM0)), 0);
	assert_int_equal(seen.n_wakes, 1);
	assert_wake(0, &sock(fx, F_DGRAM1)->wait, SOCK_OUT);
	assert_int_equal(receive(fx, F_DGRAM1, 100, false, &trunc, &more), 10);
	assert_true(more);
	assert_int_equal(poll_of(fx, F_DGRAM1), SOCK_OUT | POLL_IN);
	assert_int_equal(put(fx, F_DGRAM1, 10), -GB_ECONNREFUSED);
	assert_int_equal(poll_of(fx, F_DGRAM1), SOCK_OUT);
	assert_int_equal(put(fx, F_DGRAM1, 10), -GB_ENOTCONN);
	assert_int_equal(receive(fx, F_DGRAM1, 100, false, &trunc, &more), -GB_EAGAIN);
	assert_int_equal(gb_file_shutdown(&fx->w, end(fx, F_DGRAM1)), 0);
	assert_int_equal(gb_file_close(&fx->w, end(fx, F_DGRAM1)), 0);
	assert_int_equal(pages_out(fx), 0);
}

static void test_dgram_fault(void **state)
{
	struct fixture *fx = *state;
	struct iov_iter i;
	bool trunc, more;

	iov_iter_ubuf(&i, ITER_SOURCE, 0, 10);
	assert_int_equal(gb_sock_send(&fx->w, end(fx, F_DGRAM0), &i), -GB_EFAULT);
	assert_int_equal(sock(fx, F_DGRAM1)->dg_count, 0);
	put(fx, F_DGRAM0, 10);
	put(fx, F_DGRAM0, 20);
	iov_iter_ubuf(&i, ITER_DEST, 0, 10);
	assert_int_equal(gb_sock_recv(&fx->w, end(fx, F_DGRAM1), &i, true, &trunc, &more), -GB_EFAULT);
	assert_int_equal(gb_sock_recv(&fx->w, end(fx, F_DGRAM1), &i, false, &trunc, &more), -GB_EFAULT);
	assert_true(more);
	assert_int_equal(receive(fx, F_DGRAM1, 100, false, &trunc, &more), 20); /* the first one is gone */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_stream),	     TEST(test_stream_wakes),
		TEST(test_stream_random),    TEST(test_stream_recv_nothing),
		TEST(test_stream_sndbuf),    TEST(test_stream_shutdown),
		TEST(test_stream_close),     TEST(test_stream_reset),
		TEST(test_close_gives_room), TEST(test_close_late),
		TEST(test_stream_fault),     TEST(test_no_pages),
		TEST(test_stream_lease),     TEST(test_dgram),
		TEST(test_dgram_ring),	     TEST(test_dgram_sndbuf),
		TEST(test_dgram_shutdown),   TEST(test_dgram_close),
		TEST(test_dgram_fault),
	};

	return cmocka_run_group_tests_name("sock", tests, NULL, NULL);
}
