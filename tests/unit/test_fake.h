/* SPDX-License-Identifier: MIT */
/*
 * A small world built by hand, for the tests of sim/fake: two files' areas,
 * a pipe, a stream and a datagram pair, two mems, one lease. Events, hazards
 * and wake-ups are recorded here instead of going to the core.
 */
#ifndef GROUPBUF_TEST_FAKE_H
#define GROUPBUF_TEST_FAKE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake/fake.h"
#include "io_uring/io_uring.h"
#include "world/emit.h"
#include "world/state.h"

/* The objects of the trace, which are also the users' numbers of their memory. */
enum { OBJ_FILE, OBJ_PIPE, OBJ_SOCK, OBJ_DGRAM, OBJ_LESSOR, OBJ_MEM, OBJ_SMALL, N_OBJECTS };
/* Indices of the file table. */
enum { F_FILE = 1, F_PIPE_R, F_PIPE_W, F_SOCK0, F_SOCK1, F_DGRAM0, F_DGRAM1, F_LESSOR, N_FILES = F_LESSOR };

#define FILE_CAP   16384U
#define MEM_SIZE   8192U
#define SMALL_SIZE 100U
#define DG_CAP	   4U
#define N_BVECS	   64U
#define N_PAGES	   64U
#define LEASE_CAP  65536U
#define POLL_IN	   (GB_POLLIN | GB_POLLRDNORM)
#define POLL_OUT   (GB_POLLOUT | GB_POLLWRNORM)
#define SOCK_IN	   (POLL_IN | GB_POLLPRI | GB_POLLRDBAND)
#define SOCK_OUT   (POLL_OUT | GB_POLLWRBAND)

struct seen_wake {
	const struct wait_queue_head *wq;
	uint32_t mask;
};

struct seen_event {
	enum gb_event_type type;
	uint32_t req;
	int64_t a, b, c;
	uint64_t d;
};

static struct {
	struct seen_wake wake[64];
	struct seen_event event[64];
	enum gb_hazard_kind hazard[64];
	const char *function;
	uint32_t hazard_sqe;
	uint32_t n_wakes, n_events, n_hazards;
} seen;

/* ---- the seams to the core ---- */

void gb_wake_up(struct gb_world *w, struct wait_queue_head *wq, uint32_t mask)
{
	assert_non_null(w);
	seen.wake[seen.n_wakes++ % 64U] = (struct seen_wake){wq, mask};
}

/* No file here is the ring, and no send a zero-copy one. */
uint32_t io_uring_poll(const struct gb_world *w)
{
	(void)w;
	fail();
	return 0;
}

void io_uring_release(struct gb_world *w)
{
	(void)w;
	fail();
}

void io_tx_ubuf_complete(struct gb_world *w, struct io_kiocb *notif, bool skb, bool success)
{
	(void)w, (void)notif, (void)skb, (void)success;
	fail();
}

void gb_emit_event(struct gb_world *w, enum gb_event_type type, uint32_t req, uint32_t other, int64_t a, int64_t b,
		   int64_t c, uint64_t d)
{
	assert_true(w->events);
	assert_int_equal(other, GB_NO_REQ);
	seen.event[seen.n_events++ % 64U] = (struct seen_event){type, req, a, b, c, d};
}

void gb_hazard(struct gb_world *w, enum gb_hazard_kind kind, const char *function, uint32_t sqe, const char *text)
{
	assert_non_null(w);
	assert_non_null(text);
	seen.function = function;
	seen.hazard_sqe = sqe;
	seen.hazard[seen.n_hazards++ % 64U] = kind;
}

static inline void forget(void)
{
	memset(&seen, 0, sizeof(seen));
}

/* The k-th wake-up since the last forget() was this one. */
static inline void assert_wake(uint32_t k, const struct wait_queue_head *wq, uint32_t mask)
{
	assert_true(k < seen.n_wakes);
	assert_ptr_equal(seen.wake[k].wq, wq);
	assert_int_equal(seen.wake[k].mask, mask);
}

static inline void assert_event(uint32_t k, enum gb_event_type type, int64_t lo, int64_t hi, int64_t c, uint64_t d)
{
	assert_true(k < seen.n_events);
	assert_int_equal(seen.event[k].type, type);
	assert_int_equal(seen.event[k].a, lo);
	assert_int_equal(seen.event[k].b, hi);
	assert_int_equal(seen.event[k].c, c);
	assert_int_equal(seen.event[k].d, d);
}

/* ---- the world ---- */

struct fixture {
	struct gb_world w;
	struct gb_trace trace;
	struct gb_object objects[N_OBJECTS];
	uint32_t free_bytes; /* offset of the first byte nobody has yet */
};

/* Room for `size` bytes behind *end; its offset. */
static inline uint32_t place(uint32_t *end, size_t size)
{
	uint32_t at = (*end + 63U) & ~63U;

	*end = at + (uint32_t)size;
	return at;
}

static inline void fixture_layout(struct gb_layout *at)
{
	uint32_t end = sizeof(struct gb_state);

	at->n_files = N_FILES;
	at->n_pipes = 1;
	at->n_socks = 4;
	at->n_leases = 2;
	at->n_bvecs = N_BVECS;
	at->n_pages = N_PAGES;
	at->files = place(&end, sizeof(struct gb_file) * (N_FILES + 1U));
	at->areas = place(&end, sizeof(struct gb_area) * (N_OBJECTS + 1U));
	at->pipes = place(&end, sizeof(struct gb_pipe) * 2U);
	at->socks = place(&end, sizeof(struct gb_sock) * 5U);
	at->leases = place(&end, sizeof(struct gb_lease) * 3U);
	at->bvecs = place(&end, sizeof(struct bio_vec) * N_BVECS);
	at->bytes = place(&end, FILE_CAP + MEM_SIZE + GB_PAGE_SIZE + LEASE_CAP * 2U);
	at->pages = place(&end, sizeof(struct gb_page) * N_PAGES);
	at->end = end;
}

static inline void fixture_area(struct fixture *fx, uint32_t object, enum gb_object_kind kind, uint32_t cap,
				uint32_t size)
{
	struct gb_area *area = gb_area(&fx->w, object + 1U);

	fx->objects[object].kind = kind;
	*area = (struct gb_area){.bytes = fx->free_bytes, .cap = cap, .size = size};
	gb_seq_fill(gb_bytes(&fx->w, area->bytes), 0, size);
	fx->free_bytes += cap;
}

static inline void fixture_file(struct fixture *fx, uint32_t index, enum gb_file_kind kind, uint8_t object,
				uint16_t stands_for)
{
	*gb_file(&fx->w, index) = (struct gb_file){
		.kind = (uint8_t)kind,
		.object = object,
		.mode = GB_FMODE_OPEN,
		.index = stands_for,
	};
}

static inline void fixture_socks(struct fixture *fx)
{
	for (uint16_t k = 1; k <= 4; k++) {
		struct gb_sock *s = gb_sock(&fx->w, k);

		s->peer = (uint16_t)(k % 2U ? k + 1U : k - 1U);
		s->dgram = k > 2;
		if (s->dgram) {
			s->dg_area = fx->free_bytes;
			s->dg_cap = DG_CAP;
			fx->free_bytes += DG_CAP * 4U;
		}
	}
}

static inline struct fixture *fixture_new(void)
{
	struct fixture *fx = calloc(1, sizeof(*fx));

	assert_non_null(fx);
	fixture_layout(&fx->w.at);
	fx->w.base = calloc(1, fx->w.at.end);
	assert_non_null(fx->w.base);
	fx->trace.objects = fx->objects;
	fx->trace.n_objects = N_OBJECTS;
	fx->w.trace = &fx->trace;
	fx->w.events = UINT64_MAX;
	for (uint32_t k = 0; k < N_OBJECTS; k++)
		fx->objects[k].kind = GB_LESSOR;
	fixture_area(fx, OBJ_FILE, GB_FILE, FILE_CAP, 5000);
	fixture_area(fx, OBJ_MEM, GB_MEM, MEM_SIZE, MEM_SIZE);
	fixture_area(fx, OBJ_SMALL, GB_MEM, GB_PAGE_SIZE, SMALL_SIZE);
	gb_pipe(&fx->w, 1)->readers = gb_pipe(&fx->w, 1)->writers = 1;
	fixture_socks(fx);
	fixture_file(fx, F_FILE, GB_FK_REGULAR, OBJ_FILE, OBJ_FILE + 1);
	fixture_file(fx, F_PIPE_R, GB_FK_PIPE_READ, OBJ_PIPE, 1);
	fixture_file(fx, F_PIPE_W, GB_FK_PIPE_WRITE, OBJ_PIPE, 1);
	fixture_file(fx, F_SOCK0, GB_FK_SOCK, OBJ_SOCK, 1);
	fixture_file(fx, F_SOCK1, GB_FK_SOCK, OBJ_SOCK, 2);
	fixture_file(fx, F_DGRAM0, GB_FK_SOCK, OBJ_DGRAM, 3);
	fixture_file(fx, F_DGRAM1, GB_FK_SOCK, OBJ_DGRAM, 4);
	fixture_file(fx, F_LESSOR, GB_FK_LESSOR, OBJ_LESSOR, 0);
	forget();
	return fx;
}

static inline void fixture_free(struct fixture *fx)
{
	free(fx->w.base);
	free(fx);
}

static inline int fixture_setup(void **state)
{
	*state = fixture_new();
	return 0;
}

static inline int fixture_teardown(void **state)
{
	fixture_free(*state);
	return 0;
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, fixture_setup, fixture_teardown)

/* Lease 1 over segments of the given lengths, from bvec 2 on; poisoned, nothing written. */
static inline struct gb_lease *fixture_lease(struct fixture *fx, uint8_t dir, uint32_t offset, const uint32_t *lens,
					     uint16_t n)
{
	struct gb_lease *lease = gb_lease(&fx->w, 1);
	uint32_t total = 0;

	for (uint16_t k = 0; k < n; k++) {
		*gb_bvec(&fx->w, 2U + k) = (struct bio_vec){.bytes = fx->free_bytes + total, .bv_len = lens[k]};
		total += lens[k];
	}
	assert_true(total >= offset && total <= LEASE_CAP);
	*lease = (struct gb_lease){
		.seg = 2,
		.nr_bvecs = n,
		.offset = offset,
		.len = total - offset,
		.dir = dir,
		.kbuf = 1,
		.kbuf_ack = 1,
		.state = GB_LEASE_OUT,
		.bytes = fx->free_bytes,
		.written = fx->free_bytes + LEASE_CAP,
	};
	memset(gb_bytes(&fx->w, lease->bytes), GB_POISON, total);
	memset(gb_bytes(&fx->w, lease->written), 0, total / 8U + 1U);
	if (dir == ITER_SOURCE)
		gb_seq_fill(gb_bytes(&fx->w, lease->bytes + offset), 0, lease->len);
	return lease;
}

/* What io_import_kbuf does: n bytes from `off` of lease 1, for SQE 7. */
static inline void fixture_import(struct fixture *fx, struct iov_iter *i, uint32_t off, uint32_t n)
{
	const struct gb_lease *lease = gb_lease(&fx->w, 1);

	iov_iter_bvec(i, lease->dir, 1, lease->seg, lease->nr_bvecs, lease->offset + off + n);
	i->owner = 8;
	iov_iter_advance(&fx->w, i, lease->offset + off);
}

static inline uint64_t mem_addr(uint8_t object, uint64_t at)
{
	struct gb_addr addr = {.is_mem = true, .mem = object, .value = at};

	return gb_user_addr(&addr);
}

static inline unsigned char *mem_bytes(struct fixture *fx, uint32_t object)
{
	return gb_bytes(&fx->w, gb_area(&fx->w, object + 1U)->bytes);
}

/* Pages taken from the pool and not put back. */
static inline uint32_t pages_out(const struct fixture *fx)
{
	const struct gb_state *s = gb_state(&fx->w);
	uint32_t n = s->pages_used;

	for (uint16_t page = s->page_free; page; page = gb_page(&fx->w, page - 1U)->next)
		n--;
	return n;
}

/* FNV-1a-64 of n seq bytes. */
static inline uint64_t seq_hash(uint32_t n)
{
	unsigned char byte;
	uint64_t hash = GB_FNV_START;

	for (uint32_t k = 0; k < n; k++) {
		byte = gb_seq_byte(k);
		hash = gb_fnv(hash, &byte, 1);
	}
	return hash;
}

/* Random numbers for tests (Knuth's MMIX constants). */
static inline uint32_t below(uint64_t *rng, uint32_t n)
{
	*rng = *rng * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(*rng >> 33) % n;
}

#endif
