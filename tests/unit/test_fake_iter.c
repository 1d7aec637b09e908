/* SPDX-License-Identifier: MIT */
/* iov_iter, user memory, leases and shadow bits: S6.1, S7.1 to S7.5. */
#include "test_fake.h"

static unsigned char scratch[LEASE_CAP], other[LEASE_CAP];

/* ---- bytes ---- */

static void test_fnv(void **state)
{
	(void)state;
	assert_true(gb_fnv(GB_FNV_START, NULL, 0) == 0xcbf29ce484222325ULL);
	assert_true(gb_fnv(GB_FNV_START, (const unsigned char *)"a", 1) == 0xaf63dc4c8601ec8cULL);
	assert_true(gb_fnv(GB_FNV_START, (const unsigned char *)"foobar", 6) == 0x85944171f73967e8ULL);
}

/* The pattern, from any place; hashes as the corpus has them for files of 100, 5000 and 10000 bytes. */
static void test_seq(void **state)
{
	static const uint32_t from[] = {0, 1, 255, 256, 511, 4095, 42239, 42240, 16777215};

	(void)state;
	for (size_t f = 0; f < sizeof(from) / sizeof(from[0]); f++) {
		gb_seq_fill(scratch, from[f], 1000);
		for (uint32_t k = 0; k < 1000; k++)
			assert_int_equal(scratch[k], gb_seq_byte(from[f] + k));
	}
	gb_seq_fill(scratch, 0, 10000);
	assert_true(gb_fnv(GB_FNV_START, scratch, 100) == 0xe252983e5a73e9dfULL);
	assert_true(gb_fnv(GB_FNV_START, scratch, 5000) == 0xa1cd897146d256a8ULL);
	assert_true(gb_fnv(GB_FNV_START, scratch, 10000) == 0x12612ea26809a14eULL);
}

static void test_shadow(void **state)
{
	unsigned char bits[24];

	(void)state;
	for (uint32_t lo = 0; lo <= 160; lo++) {
		for (uint32_t hi = lo; hi <= 160; hi++) {
			memset(bits, 0, sizeof(bits));
			gb_shadow_set(bits, lo, hi);
			for (uint32_t k = 0; k < 192; k++)
				assert_int_equal(bits[k / 8] >> k % 8 & 1, k >= lo && k < hi);
			assert_true(gb_shadow_all(bits, lo, hi));
			assert_true(gb_shadow_all(bits, hi, hi));
			assert_false(gb_shadow_all(bits, lo, hi + 1));
			assert_int_equal(gb_shadow_all(bits, lo ? lo - 1 : 0, hi), lo == 0);
			if (hi > lo) { /* a hole anywhere is seen */
				uint32_t hole = lo + (hi - lo) / 2;

				bits[hole / 8] &= (unsigned char)~(1U << hole % 8);
				assert_false(gb_shadow_all(bits, lo, hi));
			}
		}
	}
}

static void test_pages(void **state)
{
	struct fixture *fx = *state;
	uint16_t page[N_PAGES];

	for (uint32_t k = 0; k < N_PAGES; k++) {
		page[k] = gb_page_get(&fx->w);
		assert_int_equal(page[k], k + 1);
		memset(gb_page_data(&fx->w, page[k]), 0xEE, GB_PAGE_SIZE);
	}
	assert_int_equal(gb_page_get(&fx->w), 0);
	gb_page_put(&fx->w, page[3]);
	gb_page_put(&fx->w, page[5]);
	assert_int_equal(pages_out(fx), N_PAGES - 2);
	assert_int_equal(gb_page_get(&fx->w), page[5]);
	assert_int_equal(gb_page(&fx->w, page[5] - 1U)->next, 0);
	assert_int_equal(gb_page_get(&fx->w), page[3]);
	assert_int_equal(gb_page_get(&fx->w), 0);
	assert_int_equal(gb_state(&fx->w)->pages_used, N_PAGES);
}

/* ---- user memory ---- */

static void test_access_ok(void **state)
{
	(void)state;
	assert_true(gb_access_ok(0, 0));
	assert_true(gb_access_ok(0, GB_TASK_SIZE));
	assert_false(gb_access_ok(0, GB_TASK_SIZE + 1));
	assert_true(gb_access_ok(GB_TASK_SIZE, 0));
	assert_false(gb_access_ok(GB_TASK_SIZE, 1));
	assert_false(gb_access_ok(GB_TASK_SIZE + 1, 0));
	assert_true(gb_access_ok(GB_TASK_SIZE - 10, 10));
	assert_false(gb_access_ok(GB_TASK_SIZE - 10, 11));
	assert_false(gb_access_ok(UINT64_MAX, 0));
	assert_false(gb_access_ok(UINT64_MAX, 1));
	assert_false(gb_access_ok(UINT64_MAX - 5, UINT64_MAX));
	assert_false(gb_access_ok(10, UINT64_MAX));
	assert_true(gb_access_ok(GB_USER_BASE, 1));
	assert_true(gb_access_ok(mem_addr(GB_MAX_OBJECTS - 1, GB_MAX_BYTES), GB_MAX_BYTES));
}

static void test_user_addr(void **state)
{
	struct gb_addr plain = {.value = 4096};

	(void)state;
	assert_int_equal(gb_user_addr(&plain), 4096);
	assert_int_equal(mem_addr(0, 0), GB_USER_BASE);
	assert_int_equal(mem_addr(3, 17), GB_USER_BASE + 3 * GB_USER_STRIDE + 17);
}

static void test_user_bytes(void **state)
{
	struct fixture *fx = *state;
	struct gb_world *w = &fx->w;
	unsigned char *at;

	assert_int_equal(gb_user_bytes(w, mem_addr(OBJ_MEM, 0), 10, &at), 10);
	assert_ptr_equal(at, mem_bytes(fx, OBJ_MEM));
	assert_int_equal(gb_user_bytes(w, mem_addr(OBJ_MEM, MEM_SIZE - 1), 10, &at), 1);
	assert_ptr_equal(at, mem_bytes(fx, OBJ_MEM) + MEM_SIZE - 1);
	assert_int_equal(gb_user_bytes(w, mem_addr(OBJ_MEM, 0), UINT32_MAX, &at), MEM_SIZE);
	assert_int_equal(gb_user_bytes(w, mem_addr(OBJ_MEM, MEM_SIZE), 10, &at), 0);
	assert_null(at);
	/* the rest of the last page is mapped */
	assert_int_equal(gb_user_bytes(w, mem_addr(OBJ_SMALL, SMALL_SIZE), 10000, &at), GB_PAGE_SIZE - SMALL_SIZE);
	/* below, not a mem, behind the last object */
	assert_int_equal(gb_user_bytes(w, 0, 10, &at), 0);
	assert_int_equal(gb_user_bytes(w, GB_USER_BASE - 1, 10, &at), 0);
	assert_int_equal(gb_user_bytes(w, mem_addr(OBJ_FILE, 0), 10, &at), 0);
	assert_int_equal(gb_user_bytes(w, mem_addr(N_OBJECTS, 0), 10, &at), 0);
	assert_int_equal(gb_user_bytes(w, UINT64_MAX, 10, &at), 0);
}

/* ---- user iterators ---- */

static void test_ubuf(void **state)
{
	struct fixture *fx = *state;
	struct gb_world *w = &fx->w;
	struct iov_iter_state saved;
	struct iov_iter i;

	memset(scratch, 0x11, sizeof(scratch));
	iov_iter_ubuf(&i, ITER_DEST, mem_addr(OBJ_MEM, 100), 1000);
	assert_true(iov_iter_is_dest(&i));
	assert_int_equal(iov_iter_count(&i), 1000);
	assert_int_equal(copy_to_iter(w, scratch, 0, &i), 0);
	assert_int_equal(copy_to_iter(w, scratch, 10, &i), 10);
	iov_iter_save_state(&i, &saved);
	assert_int_equal(copy_to_iter(w, scratch, 5000, &i), 990);
	assert_int_equal(copy_to_iter(w, scratch, 1, &i), 0);
	assert_int_equal(mem_bytes(fx, OBJ_MEM)[99], gb_seq_byte(99));
	assert_int_equal(mem_bytes(fx, OBJ_MEM)[100], 0x11);
	assert_int_equal(mem_bytes(fx, OBJ_MEM)[1099], 0x11);
	assert_int_equal(mem_bytes(fx, OBJ_MEM)[1100], gb_seq_byte(1100));
	iov_iter_restore(&i, &saved);
	assert_int_equal(i.iov_offset, 10);
	assert_int_equal(i.count, 990);
	assert_int_equal(i.nr_segs, 1);
	iov_iter_advance(w, &i, 20);
	iov_iter_revert(w, &i, 5);
	assert_int_equal(i.iov_offset, 25);
	assert_int_equal(i.count, 975);
	iov_iter_revert(w, &i, 1000); /* no further than to the start */
	assert_int_equal(i.iov_offset, 0);
	assert_int_equal(i.count, 1000);
	iov_iter_advance(w, &i, 5000);
	assert_int_equal(i.iov_offset, 1000);
	assert_int_equal(i.count, 0);
	assert_int_equal(seen.n_events, 0);
	assert_int_equal(seen.n_hazards, 0);
}

static void test_ubuf_zero(void **state)
{
	struct fixture *fx = *state;
	struct gb_world *w = &fx->w;
	struct iov_iter i;

	iov_iter_ubuf(&i, ITER_DEST, mem_addr(OBJ_MEM, 50), 100);
	i.owner = 3;
	iov_iter_advance(w, &i, 10);
	assert_int_equal(iov_iter_zero(w, 20, &i), 20);
	assert_event(0, GB_EV_ZERO, 60, 80, 1, OBJ_MEM);
	assert_int_equal(seen.event[0].req, 2);
	assert_int_equal(mem_bytes(fx, OBJ_MEM)[60], 0);
	assert_int_equal(mem_bytes(fx, OBJ_MEM)[79], 0);
	assert_int_equal(mem_bytes(fx, OBJ_MEM)[80], gb_seq_byte(80));
	/* address 0 is not mapped: nothing happens, quietly */
	iov_iter_ubuf(&i, ITER_DEST, 0, 100);
	assert_int_equal(iov_iter_zero(w, 20, &i), 0);
	assert_int_equal(seen.n_events, 1);
	assert_int_equal(i.count, 100);
	/* nobody listens */
	w->events = 0;
	iov_iter_ubuf(&i, ITER_DEST, mem_addr(OBJ_MEM, 0), 100);
	assert_int_equal(iov_iter_zero(w, 200, &i), 100);
	assert_int_equal(seen.n_events, 1);
}

/* User memory that ends cuts the copy short; the iterator stands at the fault. */
static void test_ubuf_fault(void **state)
{
	struct fixture *fx = *state;
	struct gb_world *w = &fx->w;
	struct iov_iter i;

	iov_iter_ubuf(&i, ITER_DEST, mem_addr(OBJ_MEM, MEM_SIZE - 30), 100);
	memset(scratch, 0x22, 100);
	assert_int_equal(copy_to_iter(w, scratch, 100, &i), 30);
	assert_int_equal(i.count, 70);
	assert_int_equal(i.iov_offset, 30);
	assert_int_equal(copy_to_iter(w, scratch, 100, &i), 0);
	assert_int_equal(mem_bytes(fx, OBJ_MEM)[MEM_SIZE - 1], 0x22);
	iov_iter_ubuf(&i, ITER_SOURCE, mem_addr(OBJ_MEM, MEM_SIZE - 30), 100);
	assert_int_equal(copy_from_iter(w, other, 50, &i), 30);
	assert_int_equal(other[29], 0x22);
}

static void test_wrong_direction(void **state)
{
	struct fixture *fx = *state;
	struct iov_iter i;

	iov_iter_ubuf(&i, ITER_DEST, mem_addr(OBJ_MEM, 0), 100);
	assert_int_equal(copy_from_iter(&fx->w, scratch, 10, &i), 0);
	iov_iter_ubuf(&i, ITER_SOURCE, mem_addr(OBJ_MEM, 0), 100);
	assert_false(iov_iter_is_dest(&i));
	assert_int_equal(copy_to_iter(&fx->w, scratch, 10, &i), 0);
	assert_int_equal(i.count, 100);
}

static void test_outside_iter(void **state)
{
	struct fixture *fx = *state;
	struct iov_iter i;

	iov_iter_seq(&i, 1000);
	assert_int_equal(copy_from_iter(&fx->w, scratch, 300, &i), 300);
	assert_int_equal(copy_from_iter(&fx->w, scratch + 300, 5000, &i), 700);
	for (uint32_t k = 0; k < 1000; k++)
		assert_int_equal(scratch[k], gb_seq_byte(k));
	iov_iter_seq(&i, 10);
	assert_int_equal(iov_iter_zero(&fx->w, 10, &i), 0);
	iov_iter_hash(&i, 1000);
	assert_int_equal(copy_to_iter(&fx->w, scratch, 100, &i), 100);
	assert_int_equal(iov_iter_zero(&fx->w, 10, &i), 0);
	assert_int_equal(copy_to_iter(&fx->w, scratch + 100, 900, &i), 900);
	assert_true(i.ubuf == seq_hash(1000));
	memset(&i, 0, sizeof(i)); /* ITER_NONE */
	i.count = 10;
	assert_int_equal(copy_to_iter(&fx->w, scratch, 10, &i), 0);
}

/* ---- segment iterators ---- */

/* Random segments, some of them empty; their number. */
static uint16_t random_segs(uint64_t *rng, uint32_t *lens, uint32_t *total)
{
	uint16_t n = (uint16_t)(1 + below(rng, 12));

	*total = 0;
	for (uint16_t k = 0; k < n; k++) {
		lens[k] = below(rng, 3) ? 1 + below(rng, below(rng, 4) ? 20 : 3000) : 0;
		*total += lens[k];
	}
	return n;
}

/* The position of an iterator in its lease: what its segments say must be what the model says. */
static void assert_position(struct fixture *fx, const struct iov_iter *i, uint32_t pos, uint32_t count)
{
	const struct gb_lease *lease = gb_lease(&fx->w, 1);
	uint32_t at = i->iov_offset;

	assert_int_equal(i->count, count);
	assert_int_equal(i->seg + i->nr_segs, lease->seg + lease->nr_bvecs);
	if (i->nr_segs)
		assert_true(i->iov_offset == 0 || i->iov_offset < gb_bvec(&fx->w, i->seg)->bv_len);
	for (uint32_t seg = lease->seg; seg < i->seg; seg++)
		at += gb_bvec(&fx->w, seg)->bv_len;
	assert_int_equal(at, pos);
}

struct model {
	struct fixture *fx;
	struct iov_iter i;
	uint32_t pos, count, total;
	uint32_t first; /* lease->offset */
	unsigned char bytes[LEASE_CAP], written[LEASE_CAP];
};

static struct model m;

static void model_copy(uint64_t *rng, uint32_t n)
{
	uint32_t done = n < m.count ? n : m.count;

	seen.n_events = 0;
	if (below(rng, 3)) {
		for (uint32_t k = 0; k < n; k++)
			scratch[k] = (unsigned char)below(rng, 256);
		assert_int_equal(copy_to_iter(&m.fx->w, scratch, n, &m.i), done);
		memcpy(m.bytes + m.pos, scratch, done);
		if (done)
			assert_event(0, GB_EV_IO, (int64_t)m.pos - m.first, (int64_t)m.pos + done - m.first, 1, 1);
	} else {
		assert_int_equal(iov_iter_zero(&m.fx->w, n, &m.i), done);
		memset(m.bytes + m.pos, 0, done);
		if (done)
			assert_event(0, GB_EV_ZERO, (int64_t)m.pos - m.first, (int64_t)m.pos + done - m.first, 0, 1);
	}
	assert_int_equal(seen.n_events, done != 0);
	memset(m.written + m.pos, 1, done);
	m.pos += done;
	m.count -= done;
}

static void model_save(uint64_t *rng)
{
	uint32_t pos = m.pos, count = m.count;
	struct iov_iter_state saved;

	iov_iter_save_state(&m.i, &saved);
	for (uint32_t k = below(rng, 4); k; k--)
		model_copy(rng, below(rng, 500));
	if (below(rng, 2)) {
		iov_iter_restore(&m.i, &saved);
		m.pos = pos;
		m.count = count;
	}
}

static void model_move(uint64_t *rng)
{
	uint32_t n = below(rng, below(rng, 2) ? 40 : 4000), cut;

	switch (below(rng, 5)) {
	case 0:
		iov_iter_advance(&m.fx->w, &m.i, n);
		cut = n < m.count ? n : m.count;
		m.pos += cut;
		m.count -= cut;
		break;
	case 1:
		iov_iter_revert(&m.fx->w, &m.i, n);
		cut = n < m.pos ? n : m.pos;
		m.pos -= cut;
		m.count += cut;
		break;
	case 2:
		model_save(rng);
		break;
	case 3: /* a read that is limited for a while */
		iov_iter_truncate(&m.i, n);
		cut = m.count - iov_iter_count(&m.i);
		assert_int_equal(m.i.count, n < m.count ? n : m.count);
		m.count -= cut;
		model_copy(rng, below(rng, 4000));
		iov_iter_reexpand(&m.i, m.count + cut);
		m.count += cut;
		break;
	default:
		model_copy(rng, n);
	}
	assert_position(m.fx, &m.i, m.pos, m.count);
}

static void model_compare(void)
{
	const struct gb_lease *lease = gb_lease(&m.fx->w, 1);

	assert_memory_equal(gb_bytes(&m.fx->w, lease->bytes), m.bytes, m.total);
	for (uint32_t k = 0; k < m.total; k++)
		assert_int_equal(gb_lease_written(&m.fx->w, lease, k, k + 1), m.written[k]);
}

/* Byte i of the buffer is byte i of a flat array, whatever the segments and the order of the operations. */
static void test_bvec_random(void **state)
{
	uint32_t lens[16];
	uint64_t rng = 20240611;

	m.fx = *state;
	for (uint32_t round = 0; round < 3000; round++) {
		uint16_t n = random_segs(&rng, lens, &m.total);

		m.first = below(&rng, m.total + 1);
		fixture_lease(m.fx, ITER_DEST, m.first, lens, n);
		memset(m.bytes, GB_POISON, m.total);
		memset(m.written, 0, m.total);
		m.pos = m.first + below(&rng, m.total - m.first + 1);
		m.count = m.total - m.pos;
		fixture_import(m.fx, &m.i, m.pos - m.first, m.count);
		assert_position(m.fx, &m.i, m.pos, m.count);
		for (uint32_t k = 0; k < 12; k++)
			model_move(&rng);
		model_compare();
	}
	assert_int_equal(seen.n_hazards, 0);
}

/* A source gives the bytes of the flat array, for any import. */
static void test_bvec_source(void **state)
{
	struct fixture *fx = *state;
	struct iov_iter i;
	uint32_t lens[16], total;
	uint64_t rng = 7;

	for (uint32_t round = 0; round < 500; round++) {
		uint16_t n = random_segs(&rng, lens, &total);
		uint32_t first = below(&rng, total + 1), off = below(&rng, total - first + 1);
		uint32_t len = below(&rng, total - first - off + 1), part = below(&rng, len + 1);

		fixture_lease(fx, ITER_SOURCE, first, lens, n);
		fixture_import(fx, &i, off, len);
		forget();
		assert_int_equal(copy_from_iter(&fx->w, scratch, part, &i), part);
		assert_int_equal(copy_from_iter(&fx->w, scratch + part, UINT32_MAX, &i), len - part);
		for (uint32_t k = 0; k < len; k++)
			assert_int_equal(scratch[k], gb_seq_byte(off + k));
		if (part)
			assert_event(0, GB_EV_IO, off, off + part, 0, 1);
	}
	assert_int_equal(seen.n_hazards, 0); /* a source was filled by its owner */
}

/* S7.2: landing exactly on a segment end goes to the next one, possibly past the last; empty ones are skipped. */
static void test_bvec_ends(void **state)
{
	static const uint32_t lens[] = {0, 10, 0, 0, 5, 0};
	struct fixture *fx = *state;
	struct iov_iter i;

	fixture_lease(fx, ITER_DEST, 0, lens, 6);
	iov_iter_bvec(&i, ITER_DEST, 1, 2, 6, 15);
	iov_iter_advance(&fx->w, &i, 0);
	assert_int_equal(i.seg, 3);
	iov_iter_advance(&fx->w, &i, 9);
	assert_int_equal(i.iov_offset, 9);
	iov_iter_advance(&fx->w, &i, 1);
	assert_int_equal(i.seg, 6);
	assert_int_equal(i.iov_offset, 0);
	assert_int_equal(i.nr_segs, 2);
	iov_iter_revert(&fx->w, &i, 1);
	assert_int_equal(i.seg, 3);
	assert_int_equal(i.iov_offset, 9);
	iov_iter_advance(&fx->w, &i, 100);
	assert_int_equal(i.count, 0);
	assert_int_equal(i.nr_segs, 0);
	assert_int_equal(i.seg, 8);
	iov_iter_advance(&fx->w, &i, 1); /* with count 0 nothing happens */
	assert_int_equal(i.seg, 8);
	iov_iter_revert(&fx->w, &i, 0);
	assert_int_equal(i.seg, 8);
	iov_iter_revert(&fx->w, &i, 15);
	assert_int_equal(i.seg, 3);
	assert_int_equal(i.iov_offset, 0);
	/* a copy that ends on a segment end does not step over the empty ones yet */
	memset(scratch, 1, sizeof(scratch));
	assert_int_equal(copy_to_iter(&fx->w, scratch, 10, &i), 10);
	assert_int_equal(i.seg, 4);
	assert_int_equal(copy_to_iter(&fx->w, scratch, 10, &i), 5);
	assert_int_equal(i.seg, 7);
	assert_int_equal(i.count, 0);
}

/* S7.4: restore finds the segment by the difference of the segments left. */
static void test_bvec_restore(void **state)
{
	static const uint32_t lens[] = {10, 20, 30};
	struct fixture *fx = *state;
	struct iov_iter_state saved;
	struct iov_iter i;

	fixture_lease(fx, ITER_DEST, 4, lens, 3);
	fixture_import(fx, &i, 10, 40);
	iov_iter_save_state(&i, &saved);
	assert_int_equal(saved.nr_segs, 2);
	assert_int_equal(saved.iov_offset, 4);
	assert_int_equal(saved.count, 40);
	assert_int_equal(iov_iter_zero(&fx->w, 39, &i), 39);
	assert_int_equal(i.seg, 4);
	iov_iter_restore(&i, &saved);
	assert_int_equal(i.seg, 3);
	assert_int_equal(i.nr_segs, 2);
	assert_int_equal(i.iov_offset, 4);
	assert_int_equal(i.count, 40);
}

/* ---- hazards ---- */

static void test_use_after_ack(void **state)
{
	static const uint32_t lens[] = {100};
	struct fixture *fx = *state;
	struct gb_lease *lease = fixture_lease(fx, ITER_DEST, 0, lens, 1);
	struct iov_iter i;

	fixture_import(fx, &i, 0, 100);
	lease->state = GB_LEASE_BACK;
	assert_int_equal(copy_to_iter(&fx->w, scratch, 0, &i), 0);
	assert_int_equal(seen.n_hazards, 0);
	assert_int_equal(copy_to_iter(&fx->w, scratch, 10, &i), 0);
	assert_int_equal(seen.n_hazards, 1);
	assert_int_equal(seen.hazard[0], GB_HAZARD_USE_AFTER_FREE);
	assert_int_equal(seen.hazard_sqe, 7);
	assert_string_equal(seen.function, "copy_to_iter");
	i.owner = 0;
	assert_int_equal(iov_iter_zero(&fx->w, 10, &i), 0);
	assert_int_equal(seen.n_hazards, 2);
	assert_int_equal(seen.hazard_sqe, GB_NO_REQ);
	assert_string_equal(seen.function, "iov_iter_zero");
	assert_int_equal(seen.n_events, 0);
	assert_int_equal(gb_lease_untouched(&fx->w, lease), 100);
}

/* Only a read that takes unwritten bytes along is one of uninitialised memory. */
static void test_uninitialised(void **state)
{
	static const uint32_t lens[] = {100, 100};
	struct fixture *fx = *state;
	struct iov_iter in, out;

	fixture_lease(fx, ITER_DEST, 10, lens, 2);
	fixture_import(fx, &in, 50, 60);
	memset(scratch, 3, sizeof(scratch));
	assert_int_equal(copy_to_iter(&fx->w, scratch, 60, &in), 60);
	iov_iter_bvec(&out, ITER_SOURCE, 1, 2, 2, 200);
	iov_iter_advance(&fx->w, &out, 60);
	assert_int_equal(copy_from_iter(&fx->w, scratch, 60, &out), 60);
	assert_int_equal(seen.n_hazards, 0);
	assert_event(1, GB_EV_IO, 50, 110, 0, 1);
	iov_iter_revert(&fx->w, &out, 1);
	assert_int_equal(copy_from_iter(&fx->w, scratch, 2, &out), 2);
	assert_int_equal(seen.n_hazards, 1);
	assert_int_equal(seen.hazard[0], GB_HAZARD_UNINITIALISED_READ);
	assert_string_equal(seen.function, "copy_from_iter");
	assert_int_equal(scratch[1], GB_POISON);
}

/* A count beyond the segments, and a stale state put into a foreign iterator, stay inside the arena. */
static void test_wild(void **state)
{
	static const uint32_t lens[] = {10, 20};
	struct iov_iter_state stale = {.iov_offset = 100, .count = 50, .nr_segs = 9};
	struct fixture *fx = *state;
	struct iov_iter i;

	fixture_lease(fx, ITER_DEST, 0, lens, 2);
	iov_iter_bvec(&i, ITER_DEST, 1, 2, 2, 50);
	assert_int_equal(iov_iter_zero(&fx->w, 50, &i), 30);
	assert_int_equal(seen.n_hazards, 1);
	assert_int_equal(seen.hazard[0], GB_HAZARD_WILD_POINTER);
	assert_event(0, GB_EV_ZERO, 0, 30, 0, 1);
	iov_iter_bvec(&i, ITER_DEST, 1, 2, 2, 50);
	iov_iter_advance(&fx->w, &i, 40);
	assert_int_equal(i.nr_segs, 0);
	assert_int_equal(i.iov_offset, 0);
	/* segment index wraps below zero */
	iov_iter_bvec(&i, ITER_DEST, 1, 2, 2, 50);
	iov_iter_restore(&i, &stale);
	assert_int_equal(iov_iter_zero(&fx->w, 10, &i), 0);
	assert_int_equal(seen.n_hazards, 2);
	iov_iter_advance(&fx->w, &i, 10);
	iov_iter_revert(&fx->w, &i, 1000);
	/* an offset behind the segment's end: the next one goes on */
	iov_iter_bvec(&i, ITER_DEST, 1, 2, 2, 50);
	i.iov_offset = 11;
	assert_int_equal(iov_iter_zero(&fx->w, 20, &i), 20);
	assert_int_equal(i.seg, 4);
	/* no lease: bytes move, nothing is accounted */
	forget();
	iov_iter_bvec(&i, ITER_DEST, 0, 2, 2, 30);
	assert_int_equal(iov_iter_zero(&fx->w, 30, &i), 30);
	iov_iter_revert(&fx->w, &i, 30);
	assert_int_equal(i.count, 30);
	assert_int_equal(seen.n_events + seen.n_hazards, 0);
}

static void test_events_off(void **state)
{
	static const uint32_t lens[] = {100};
	struct fixture *fx = *state;
	struct gb_lease *lease = fixture_lease(fx, ITER_DEST, 0, lens, 1);
	struct iov_iter i;

	fx->w.events = 0;
	fixture_import(fx, &i, 0, 100);
	assert_int_equal(copy_to_iter(&fx->w, scratch, 50, &i), 50);
	assert_int_equal(iov_iter_zero(&fx->w, 20, &i), 20);
	assert_int_equal(seen.n_events, 0);
	assert_true(gb_lease_written(&fx->w, lease, 0, 70));
	assert_false(gb_lease_written(&fx->w, lease, 0, 71));
}

/* ---- leases ---- */

static void test_lease(void **state)
{
	static const uint32_t lens[] = {2096, 2096};
	struct fixture *fx = *state;
	struct gb_lease *lease = fixture_lease(fx, ITER_SOURCE, 96, lens, 2);
	struct iov_iter i;

	/* the hash the corpus has for a source of 4096 bytes */
	assert_true(gb_lease_hash(&fx->w, lease) == 0xde1f62bb573c56cbULL);
	assert_int_equal(gb_lease_untouched(&fx->w, lease), 0);
	lease = fixture_lease(fx, ITER_DEST, 96, lens, 2);
	assert_int_equal(gb_lease_untouched(&fx->w, lease), 4096);
	fixture_import(fx, &i, 1000, 3000);
	assert_int_equal(iov_iter_zero(&fx->w, 3000, &i), 3000);
	assert_int_equal(gb_lease_untouched(&fx->w, lease), 1096);
	assert_false(gb_lease_written(&fx->w, lease, 1095, 1097));
	assert_true(gb_lease_written(&fx->w, lease, 1096, 4096));
	assert_false(gb_lease_written(&fx->w, lease, 1096, 4097));
	/* out of range is cut */
	assert_true(gb_lease_written(&fx->w, lease, 5000, 6000));
	assert_true(gb_lease_written(&fx->w, lease, -20, 0));
	gb_lease_mark(&fx->w, lease, -50, 10);
	gb_lease_mark(&fx->w, lease, 4096, 60000);
	gb_lease_mark(&fx->w, lease, 60000, 70000);
	assert_true(gb_lease_written(&fx->w, lease, -5, 10));
	assert_true(gb_lease_written(&fx->w, lease, 4000, 9000));
	assert_false(gb_lease_written(&fx->w, lease, 10, 11));
}

/* S10.8: the rest of a block request is leased with a buffer that begins further in; the shadow bits are the same. */
static void test_shadow_of_a_later_lease(void **state)
{
	static const uint32_t lens[] = {512, 512};
	struct fixture *fx = *state;
	struct gb_lease *whole = fixture_lease(fx, ITER_DEST, 0, lens, 2);
	struct gb_lease rest = *whole;

	rest.seg++;
	rest.nr_bvecs = 1;
	rest.bytes += 512;
	rest.skip = 512;
	rest.offset = 3;
	rest.len = 509;
	gb_lease_mark(&fx->w, &rest, 3, 9);
	assert_true(gb_lease_written(&fx->w, whole, 515, 521));
	assert_false(gb_lease_written(&fx->w, whole, 514, 515));
	assert_false(gb_lease_written(&fx->w, whole, 521, 522));
	assert_true(gb_lease_written(&fx->w, &rest, 3, 9));
	assert_false(gb_lease_written(&fx->w, &rest, 3, 10));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_shadow_of_a_later_lease),
		cmocka_unit_test(test_fnv),
		cmocka_unit_test(test_seq),
		cmocka_unit_test(test_shadow),
		cmocka_unit_test(test_access_ok),
		cmocka_unit_test(test_user_addr),
		TEST(test_pages),
		TEST(test_user_bytes),
		TEST(test_ubuf),
		TEST(test_ubuf_zero),
		TEST(test_ubuf_fault),
		TEST(test_wrong_direction),
		TEST(test_outside_iter),
		TEST(test_bvec_random),
		TEST(test_bvec_source),
		TEST(test_bvec_ends),
		TEST(test_bvec_restore),
		TEST(test_use_after_ack),
		TEST(test_uninitialised),
		TEST(test_wild),
		TEST(test_events_off),
		TEST(test_lease),
	};

	return cmocka_run_group_tests_name("iov_iter", tests, NULL, NULL);
}
