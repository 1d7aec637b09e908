/* SPDX-License-Identifier: MIT */
/*
 * The canonical form, field by field. In states of many traces every field of
 * every thing that lives is changed by itself, and so is the padding. If the
 * form does not change with it, nothing that comes later may either: both
 * worlds are run on with the same choices. And a field that is said to be in
 * the form has to change it somewhere. So whoever leaves one out is noticed
 * twice, and whoever adds one to a struct as soon as it matters.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "canon_fields.h"
#include "support/corpus.h"
#include "support/explored.h"
#include "support/program.h"

#define MAX_FIELDS 80U
#define BUF_INDEX  39U	/* place of that field in its table */
#define MAX_STATES 40U	/* of one walk */
#define FUTURE	   500U /* steps a change has to show itself */

/* How often a field was changed, how often the form changed with it, how often the two futures were compared. */
struct count {
	uint64_t tried, noticed, compared;
};

/* A trace under test: the world that is looked at, another one to run ahead in, and what it does there. */
struct probe {
	const char *name;
	struct gb_world *world, *ahead;
	unsigned char *form, *other;
	size_t length;
	unsigned char *snapshot;
	size_t size;
	uint64_t random; /* what is looked at */
	uint64_t begin;	 /* of the choices ahead: the same for a state and all its changes */
	uint64_t seed;
	uint64_t chance; /* of what is chosen ahead beside actors */
	uint64_t digest; /* of the events ahead */
	uint64_t future; /* that of the state as it is; 0: not known yet */
	bool listens;
	unsigned char *known; /* per SQE and registered buffer: what fields held, MAX_FIELDS * 8 bytes */
	bool *seen;
};

static struct count counts[N_TABLES][MAX_FIELDS];
static uint64_t states, changes, futures;

/* Complaints are collected: one for each field, the last place being that of the padding. */
static bool complained[N_TABLES][MAX_FIELDS + 1];
static uint32_t complaints;

static void complain(const struct probe *p, enum table_id id, uint32_t nth, const char *how)
{
	const struct table *t = &tables[id];

	if (complained[id][nth])
		return;
	complained[id][nth] = true;
	complaints++;
	print_message("%s, step %lu: %s.%s (%u) %s\n", p->name, (unsigned long)gb_world_steps(p->world), t->name,
		      nth < t->n ? t->field[nth].name : "padding", id, how);
	/* for whoever only wants to know whether there is one (tests/mutate.py) */
	if (getenv("GB_FIRST"))
		exit(1);
}

/* ---- what comes later ---- */

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15ULL;
	return hash ^ hash >> 29;
}

/* The alternative with the highest number, whatever the order in which they are told. */
static uint32_t choose(void *user, const struct gb_choice *choice)
{
	struct probe *p = user;
	uint64_t best = 0;
	uint32_t taken = 0;

	if (choice->kind != GB_CHOICE_ACTOR)
		return random_below(&p->chance, choice->n);
	p->seed = mix(p->seed, 1);
	for (uint32_t k = 0; k < choice->n; k++) {
		const struct gb_alternative *alt = &choice->alt[k];
		const uint64_t hash = mix(mix(mix(p->seed, alt->kind), alt->index), alt->req);

		p->digest += hash;
		if (hash < best)
			continue;
		best = hash;
		taken = k;
	}
	return taken;
}

/* All of an event that depends on the state and not on the way there. */
static void on_event(void *user, const struct gb_event *ev)
{
	struct probe *p = user;

	if (!p->listens || ev->type == GB_EV_CHOICE)
		return;
	p->digest = mix(mix(mix(mix(p->digest, ev->type), ev->actor), ev->req), ev->other);
	p->digest = mix(mix(p->digest, ev->actor_index), ev->type == GB_EV_CLOCK ? 0 : (uint64_t)ev->a);
	p->digest = mix(mix(mix(p->digest, (uint64_t)ev->b), (uint64_t)ev->c), ev->d);
	for (const char *s = ev->function; s && *s; s++)
		p->digest = mix(p->digest, (unsigned char)*s);
}

/* Runs the other world on from the snapshot, nearly always to the end. Returns a number for all that was seen of it. */
static uint64_t run_ahead(struct probe *p)
{
	enum gb_run_state run = GB_RUNNING;

	gb_world_restore(p->ahead, p->snapshot, p->size);
	p->seed = p->begin;
	p->chance = p->begin;
	p->digest = 1;
	p->listens = true;
	for (uint32_t k = 0; k < FUTURE && run == GB_RUNNING; k++) {
		run = gb_world_step(p->ahead);
		p->digest = mix(p->digest, run);
	}
	p->listens = false;
	return p->digest;
}

/* ---- changes ---- */

static uint64_t read_number(const unsigned char *at, uint32_t size)
{
	uint64_t value = 0;

	memcpy(&value, at, size);
	return value;
}

/* As many as there are ways to change the field; k is which. False if there is no such way, or no such value. */
static bool changed(const struct probe *p, const struct field *f, uint64_t old, uint32_t k, uint64_t *new)
{
	const uint64_t all = f->size == 8 ? UINT64_MAX : (1ULL << 8 * f->size) - 1;
	const uint16_t reqs = gb_ctx(p->world)->reqs_used;

	*new = old + 1;
	switch (f->change) {
	case ANY:
		if (k == 1)
			*new = ~old;
		*new &= all;
		return k < 2;
	case MORE:
		*new &= all;
		return k == 0;
	case LESS:
		*new = old - 1;
		return k == 0 && old;
	case TURN:
		*new = !old;
		return k == 0;
	case CUT:
		*new = 0;
		return k == 0 && old;
	case NEXT:
		*new = (old + 1) % f->n;
		return k == 0 && old < f->n;
	case REQ:
		*new = k ? 0 : old % (reqs + 1U) + 1;
		return *new <= reqs &&*new != old &&k < 2;
	case BITS:
		for (uint32_t bit = 0, n = k; bit < 64; bit++) {
			*new = old ^ 1ULL << bit;
			if (f->n >> bit & 1 && !n--)
				return true;
		}
		return false;
	case NEVER:
		break;
	}
	return false;
}

/* Where `at` is in the arena: the same place of the snapshot. */
static unsigned char *in_snapshot(const struct probe *p, const unsigned char *at)
{
	return p->snapshot + (at - p->world->base);
}

/* The form has not noticed: nobody ever may. */
static void compare_futures(struct probe *p, const unsigned char *at, uint32_t size, uint64_t new, enum table_id id,
			    uint32_t nth)
{
	const uint64_t old = read_number(at, size);
	char how[128];

	if (!p->future)
		p->future = run_ahead(p);
	memcpy(in_snapshot(p, at), &new, size);
	futures++;
	snprintf(how, sizeof(how), "is %lu; with %lu the canonical form is the same, but not what comes then",
		 (unsigned long)old, (unsigned long)new);
	if (run_ahead(p) != p->future)
		complain(p, id, nth, how);
	memcpy(in_snapshot(p, at), &old, size);
}

/* Is the form of the world as it is now another one? */
static bool form_differs(struct probe *p)
{
	const size_t n = gb_world_canonical(p->world, NULL, 0, p->other);

	return n != p->length || memcmp(p->form, p->other, n) != 0;
}

static bool sampled(struct probe *p, uint64_t compared)
{
	return compared < 4 || random_below(&p->random, build_is_slow() ? 100 : 16) == 0;
}

/* What is known of a field of request or registered buffer `number`: the value it had when it was seen first. */
static void check_constant(struct probe *p, enum table_id id, uint32_t nth, const unsigned char *at, uint32_t number)
{
	const struct field *f = &tables[id].field[nth];
	unsigned char *known = p->known + (number * MAX_FIELDS + nth) * (size_t)8;
	bool *seen = &p->seen[number * MAX_FIELDS + nth];

	if (*seen && memcmp(known, at, f->size) != 0)
		complain(p, id, nth, "is not always the same");
	memcpy(known, at, f->size);
	*seen = true;
}

/* What prep has copied from the SQE, unless it failed. */
static void check_prepared(struct probe *p, enum table_id id, uint32_t nth, const unsigned char *at,
			   const struct io_kiocb *req)
{
	if (!(req->flags & REQ_F_FAIL))
		check_constant(p, id, nth, at, req->origin);
}

static void change_field(struct probe *p, enum table_id id, uint32_t nth, unsigned char *thing,
			 const struct io_kiocb *req)
{
	const struct field *f = &tables[id].field[nth];
	struct count *count = &counts[id][nth];
	unsigned char *at = thing + f->at;
	const uint64_t old = read_number(at, f->size);
	uint64_t new;

	for (uint32_t k = 0; changed(p, f, old, k, &new); k++) {
		bool differs;

		memcpy(at, &new, f->size);
		differs = form_differs(p);
		memcpy(at, &old, f->size);
		count->tried++;
		changes++;
		count->noticed += differs;
		if (!differs && f->claim == PREP)
			check_prepared(p, id, nth, at, req);
		if (differs && f->claim > PREP)
			complain(p, id, nth, "is in the canonical form; the table does not say so");
		if (differs || f->claim == PREP || (f->claim == ZERO && !old) || !sampled(p, count->compared))
			continue;
		count->compared++;
		compare_futures(p, at, f->size, new, id, nth);
	}
}

/* ---- things ---- */

/* Is `buf_index` what the SQE says, and not in the form? */
static bool has_fixed_index(const struct io_kiocb *req)
{
	return !(req->flags & (REQ_F_BUFFER_SELECT | REQ_F_BUFFER_SELECTED | REQ_F_BUFFER_RING)) &&
	       (req->opcode == IORING_OP_READ_FIXED || req->opcode == IORING_OP_WRITE_FIXED ||
		req->opcode == IORING_OP_SEND_ZC || req->opcode == IORING_OP_URING_CMD);
}

/* Fields that may not be changed in this state, for the form would not end, or leave the arena. */
static bool out_of_bounds(const struct probe *p, enum table_id id, const struct field *f, const unsigned char *thing)
{
	const struct gb_world *w = p->world;
	const struct io_ring_ctx *ctx = gb_ctx(w);

	if (id == T_APP && strcmp(f->name, "cq_head") == 0)
		return gb_state(w)->app.cq_head == ctx->cached_cq_tail;
	if (id == T_CTX && strcmp(f->name, "cached_cq_tail") == 0)
		return ctx->cached_cq_tail - gb_state(w)->app.cq_head > ctx->cq_mask;
	if (id == T_APP && strcmp(f->name, "phase") == 0)
		return gb_state(w)->app.phase >= GB_APP_TW;
	if (id == T_REQ && strcmp(f->name, "buf_index") == 0)
		return has_fixed_index((const struct io_kiocb *)(const void *)thing);
	if (id == T_REQ && ((const struct io_kiocb *)(const void *)thing)->opcode == GB_OP_BAD)
		return strcmp(f->name, "comp_next") == 0 || strcmp(f->name, "buf") == 0;
	return false;
}

static bool is_fixed(const struct probe *p, const struct field *f, const unsigned char *at)
{
	const size_t offset = (size_t)(at - p->world->base);

	return offset + f->size > p->world->start_size || !memcmp(at, p->world->start + offset, f->size);
}

/* A number that a statement of the trace sets, once and for all. */
static void check_once(struct probe *p, enum table_id id, uint32_t nth, const unsigned char *at)
{
	const struct field *f = &tables[id].field[nth];
	const uint32_t size = tables[id].size;

	if (!is_fixed(p, f, at))
		check_constant(p, id, nth, at,
			       p->world->trace->n_sqes + (uint32_t)(at - (unsigned char *)gb_imu(p->world, 0)) / size);
}

static void look_at(struct probe *p, enum table_id id, void *part, const struct io_kiocb *req)
{
	const struct table *t = &tables[id];
	unsigned char *thing = part;

	for (uint32_t k = 0; k < t->n; k++) {
		const struct field *f = &t->field[k];

		if (f->claim == FIXED && !is_fixed(p, f, thing + f->at))
			complain(p, id, k, "has changed");
		if (f->claim == ONCE)
			check_once(p, id, k, thing + f->at);
		if (f->claim == SQE && req)
			check_prepared(p, id, k, thing + f->at, req);
		if (f->change != NEVER && !out_of_bounds(p, id, f, thing))
			change_field(p, id, k, thing, req);
	}
}

/* A byte no field covers. */
static void look_at_padding(struct probe *p, enum table_id id, void *part, uint32_t at)
{
	unsigned char *byte = (unsigned char *)part + at;
	const unsigned char old = *byte;
	bool differs;

	*byte = (unsigned char)~old;
	differs = form_differs(p);
	*byte = old;
	if (differs)
		complain(p, id, MAX_FIELDS, "is in the canonical form");
	if (sampled(p, 100))
		compare_futures(p, byte, 1, (unsigned char)~old, id, MAX_FIELDS);
}

/* One of the bytes of a thing that no field covers; `n` bytes from `first` on belong to it. */
static void look_between(struct probe *p, enum table_id id, void *part)
{
	const struct table *t = &tables[id];
	const uint32_t at = random_below(&p->random, t->size);

	for (uint32_t k = 0; k < t->n; k++)
		if (at >= t->field[k].at && at < t->field[k].at + (uint32_t)t->field[k].size)
			return;
	look_at_padding(p, id, part, at);
}

static void look(struct probe *p, enum table_id id, void *part)
{
	look_at(p, id, part, NULL);
	look_between(p, id, part);
}

static enum table_id command_table(const struct io_kiocb *req)
{
	if (req->flags & REQ_F_NOTIF)
		return T_NOTIF;
	switch (req->opcode) {
	case IORING_OP_READ:
	case IORING_OP_WRITE:
	case IORING_OP_READV:
	case IORING_OP_WRITEV:
	case IORING_OP_READ_FIXED:
	case IORING_OP_WRITE_FIXED:
	case IORING_OP_READ_MULTISHOT:
		return T_RW;
	case IORING_OP_SEND:
	case IORING_OP_SENDMSG:
	case IORING_OP_RECV:
	case IORING_OP_RECVMSG:
	case IORING_OP_SEND_ZC:
	case IORING_OP_SENDMSG_ZC:
		return T_SR;
	case IORING_OP_TIMEOUT:
	case IORING_OP_LINK_TIMEOUT:
		return T_TIMEOUT;
	case IORING_OP_POLL_ADD:
		return T_POLL;
	case IORING_OP_URING_CMD:
		return T_URING;
	default:
		return N_TABLES;
	}
}

/* A request, what its opcode keeps, the buffer it holds, and the iovec prep has copied. */
static void look_at_req(struct probe *p, struct io_kiocb *req)
{
	const struct gb_world *w = p->world;
	const enum table_id id = command_table(req);

	look_at(p, T_REQ, req, req);
	look_between(p, T_REQ, req);
	if (req->opcode == GB_OP_BAD)
		return;
	if (has_fixed_index(req) && !(req->flags & REQ_F_FAIL))
		check_constant(p, T_REQ, BUF_INDEX, (const unsigned char *)&req->buf_index, req->origin);
	if (id != N_TABLES) {
		look_at(p, id, &req->cmd, req);
		look_between(p, id, &req->cmd);
	}
	if (req->buf_owner == IO_BUF_KBUF && req->buf)
		look(p, T_HELD_KBUF, gb_kbuf(w, req->buf));
	if ((id == T_RW || id == T_SR) && !w->trace->sqes[req->origin].iov) {
		const uint32_t last =
			req->origin + 1U < w->trace->n_sqes ? w->uvec_of[req->origin + 1U] : w->at.n_uvecs;

		for (uint32_t k = w->uvec_of[req->origin]; k < last; k++)
			look(p, T_UVEC, gb_uvec(w, k));
	}
}

static void look_at_bytes(struct probe *p, enum table_id id, uint32_t offset, uint32_t n)
{
	if (n)
		look_at(p, id, gb_bytes(p->world, offset + random_below(&p->random, n)), NULL);
}

static void look_at_ring(struct probe *p)
{
	const struct gb_world *w = p->world;
	struct gb_state *s = gb_state(w);

	look(p, T_STATE, s);
	look(p, T_APP, &s->app);
	look(p, T_CTX, &s->ctx);
	look(p, T_SQD, &s->sqd);
	look(p, T_WQ, &s->wq);
	for (uint32_t k = 1; k <= s->wq.nr_workers; k++)
		look(p, T_WORKER, gb_worker(w, k));
	for (uint16_t k = 1; k <= s->ctx.reqs_used; k++)
		look_at_req(p, io_req(w, k));
	look(p, T_CQE, gb_cqe(w, random_below(&p->random, s->ctx.cq_mask + 1)));
	if (w->at.n_overflow)
		look(p, T_OVERFLOW, gb_overflow_cqe(w, random_below(&p->random, w->at.n_overflow)));
}

static void look_at_buffers(struct probe *p)
{
	const struct gb_world *w = p->world;

	for (uint32_t k = 1; k <= w->at.n_lists; k++)
		look(p, T_LIST, gb_buffer_list(w, k));
	for (uint32_t k = 1; k <= gb_ctx(w)->kbufs_used; k++)
		look(p, T_KBUF, gb_kbuf(w, k));
	for (uint32_t k = 0; k < w->at.n_rings; k++)
		look(p, T_RING_BUF, gb_ring_buf(w, k));
	for (uint32_t k = 0; k < w->at.n_imus; k++)
		look(p, T_IMU, gb_imu(w, k));
	for (uint32_t k = 0; k < gb_ctx(w)->nr_user_files; k++)
		look(p, T_FILE_SLOT, gb_file_slot(w, gb_ctx(w)->user_files + k));
}

static void look_at_leases(struct probe *p)
{
	const struct gb_world *w = p->world;

	for (uint32_t k = 1; k <= w->at.n_leases; k++) {
		struct gb_lease *lease = gb_lease(w, k);
		const struct gb_sqe *sqe = &w->trace->sqes[lease->sqe - 1U];
		const uint32_t total = sqe->offset + sqe->len;

		look(p, sqe->lease ? T_LESSOR : T_BLK_LEASE, lease);
		if (!sqe->lease)
			continue;
		look_at_bytes(p, T_LEASE_BYTES, lease->bytes, total);
		look_at_bytes(p, T_LEASE_SHADOW, lease->written, (total + 7) / 8);
		for (uint32_t i = lease->seg; i < lease->seg + lease->nr_bvecs; i++)
			look(p, T_BVEC, gb_bvec(w, i));
	}
}

static void look_at_ublk(struct probe *p)
{
	const struct gb_world *w = p->world;

	for (uint32_t k = 1; k <= w->at.n_ublks; k++)
		look(p, T_UBLK, gb_ublk(w, k));
	for (uint32_t k = 0; k < w->at.n_ublk_ios; k++)
		look(p, T_UBLK_IO, gb_ublk_io(w, k));
	for (uint32_t k = 1; k <= w->at.n_ublk_rqs; k++) {
		struct ublk_rq *rq = gb_ublk_rq(w, k);
		const struct gb_blkreq *blk = &w->trace->blkreqs[k - 1];

		look(p, T_UBLK_RQ, rq);
		if (!rq->nr_bvecs)
			continue;
		look_at_bytes(p, T_BLK_BYTES, rq->bytes, blk->len);
		look_at_bytes(p, T_BLK_SHADOW, rq->written, blk->len / 8);
		for (uint32_t i = rq->fresh; blk->n_bios > 1 && i < rq->fresh + rq->nr_bvecs; i++)
			look(p, T_FRESH_BVEC, gb_bvec(w, i));
	}
}

/* Slots in use and others, and a byte of a page in use. */
static void look_at_pipe(struct probe *p, struct gb_pipe *pipe)
{
	const uint32_t slot = random_below(&p->random, GB_PIPE_SLOTS);
	const uint32_t used = (pipe->head + random_below(&p->random, pipe->count + 1U)) % GB_PIPE_SLOTS;

	look(p, T_PIPE, pipe);
	look(p, T_PIPE_OFF, &pipe->off[slot]);
	look(p, T_PIPE_LEN, &pipe->len[used]);
	if (pipe->count)
		look(p, T_PAGE,
		     gb_page_data(p->world, pipe->page[pipe->head]) +
			     random_below(&p->random, pipe->len[pipe->head] + 8U));
}

static void look_at_sock(struct probe *p, struct gb_sock *s)
{
	const struct gb_world *w = p->world;

	look(p, T_SOCK, s);
	for (uint32_t k = 0; k < s->dg_count; k++)
		look(p, T_DATAGRAM,
		     gb_bytes(w, s->dg_area + (s->dg_head + k) % s->dg_cap * (uint32_t)sizeof(uint32_t)));
	if (s->first)
		look(p, T_PAGE, gb_page_data(w, s->first) + random_below(&p->random, s->last_len + 8U));
}

static void look_at_files(struct probe *p)
{
	const struct gb_world *w = p->world;

	for (uint32_t k = 1; k <= w->at.n_files; k++)
		look(p, T_FILE, gb_file(w, k));
	for (uint32_t k = 1; k <= w->at.n_pipes; k++)
		look_at_pipe(p, gb_pipe(w, k));
	for (uint32_t k = 1; k <= w->at.n_socks; k++)
		look_at_sock(p, gb_sock(w, k));
	for (uint32_t k = 1; k <= w->trace->n_objects; k++) {
		struct gb_area *area = gb_area(w, k);

		if (!area->cap)
			continue;
		look(p, T_AREA, area);
		look_at_bytes(p, T_MEM, area->bytes, area->cap);
		for (uint32_t page = 0; page < area->pages && page < 4; page++)
			look(p, T_CACHE, gb_bytes(w, area->cache + page * (uint32_t)sizeof(uint64_t)));
	}
}

/* What is counted in two ways. */
static void check_counts(const struct probe *p)
{
	const struct gb_world *w = p->world;
	const struct io_ring_ctx *ctx = gb_ctx(w);
	uint32_t live = 0;

	for (uint16_t k = 1; k <= ctx->reqs_used; k++) {
		const struct io_kiocb *req = io_req(w, k);

		if (req->opcode == GB_OP_BAD)
			continue;
		live++;
		if (req->worker && gb_worker(w, req->worker)->cur != k)
			fail_msg("%s: a request has a worker that has another request", p->name);
	}
	if (live != ctx->refs)
		fail_msg("%s: %u requests, said to be %u", p->name, live, ctx->refs);
	for (uint32_t k = 1; k <= w->at.n_socks; k++) {
		const struct gb_accept_queue *q = &gb_sock(w, k)->accept;
		uint32_t n = 0;

		for (uint16_t at = q->first; at; at = gb_sock(w, at)->accept_next)
			n++;
		if (gb_sock(w, k)->state == GB_SOCK_LISTEN && n != q->count)
			fail_msg("%s: %u connections, said to be %u", p->name, n, q->count);
	}
}

static void look_at_state(struct probe *p)
{
	states++;
	p->length = gb_world_canonical(p->world, NULL, 0, p->form);
	p->size = gb_world_size(p->world);
	gb_world_snapshot(p->world, p->snapshot);
	p->future = 0;
	p->begin = random_next(&p->random);
	check_counts(p);
	look_at_ring(p);
	look_at_buffers(p);
	look_at_leases(p);
	look_at_ublk(p);
	look_at_files(p);
}

/* ---- traces ---- */

static void walk(const char *name, const struct gb_trace *trace, const struct gb_config *config, uint64_t seed,
		 uint32_t rarely)
{
	struct gb_config mine = *config;
	struct probe p = {.name = name, .random = seed};
	uint32_t looked = 0;

	mine.strategy = seed & 1 ? GB_STRATEGY_RANDOM : GB_STRATEGY_DEFAULT;
	mine.seed = seed;
	p.world = world_of(trace, &mine);
	mine.strategy = GB_STRATEGY_CALLBACK;
	mine.choose = choose;
	mine.choose_user = &p;
	mine.event = on_event;
	mine.event_user = &p;
	p.ahead = world_of(trace, &mine);
	p.form = malloc(2 * gb_world_canonical_capacity(p.world) + 4096);
	p.other = malloc(2 * gb_world_canonical_capacity(p.world) + 4096);
	p.snapshot = malloc(gb_world_capacity(p.world));
	p.known = calloc((size_t)trace->n_sqes + p.world->at.n_imus + 1, MAX_FIELDS * 8);
	p.seen = calloc((size_t)trace->n_sqes + p.world->at.n_imus + 1, MAX_FIELDS * sizeof(bool));
	assert_true(p.form && p.other && p.snapshot && p.known && p.seen);
	do {
		if (looked < MAX_STATES && random_below(&p.random, rarely) == 0) {
			look_at_state(&p);
			looked++;
		}
	} while (gb_world_step(p.world) == GB_RUNNING);
	free(p.form);
	free(p.other);
	free(p.snapshot);
	free(p.known);
	free(p.seen);
	gb_world_destroy(p.world);
	gb_world_destroy(p.ahead);
}

static void print_counts(const char *what)
{
	print_message("%s: %lu states, %lu changes, %lu of them run on\n", what, (unsigned long)states,
		      (unsigned long)changes, (unsigned long)futures);
	states = changes = futures = 0;
	assert_int_equal(complaints, 0);
}

static void traces_by_hand(void **state)
{
	static const char *const rooms[] = {"tutorial", "scenarios", "ublk", "rules", "defects"};
	struct corpus corpus = {0};

	(void)state;
	for (size_t k = 0; k < sizeof(rooms) / sizeof(rooms[0]); k++)
		corpus_add_room(&corpus, rooms[k]);
	for (size_t k = 0; k < corpus.n; k++)
		for (uint64_t seed = 0; seed < (build_is_slow() ? 2 : 4); seed++)
			walk(corpus.list[k].name, corpus.list[k].trace, &corpus.list[k].config, 7 * k + seed,
			     build_is_slow() ? 12 : 4);
	corpus_free(&corpus);
	print_counts("traces by hand");
}

static void corpus_traces(void **state)
{
	struct corpus corpus = {0};

	(void)state;
	corpus_add_all(&corpus);
	for (size_t k = 0; k < corpus.n; k += build_is_slow() ? 20 : 3)
		walk(corpus.list[k].name, corpus.list[k].trace, &corpus.list[k].config, k / 2, 10);
	corpus_free(&corpus);
	print_counts("corpus");
}

static void one_program(void *user, const char *name, const struct gb_trace *trace, uint64_t seed)
{
	(void)user;
	walk(name, trace, &(struct gb_config){.time_races = seed % 3 == 0}, seed, 6);
}

static void random_programs(void **state)
{
	(void)state;
	each_program(programs_asked(build_is_slow() ? 60 : 600), one_program, NULL);
	for (size_t k = 0; open_traces[k]; k++) {
		struct gb_trace *trace = trace_of("open trace", open_traces[k], strlen(open_traces[k]));

		for (uint64_t seed = 1; seed <= (build_is_slow() ? 4 : 40); seed++)
			walk("open trace", trace, &(struct gb_config){.time_races = seed % 3 == 0}, seed, 4);
		gb_trace_free(trace);
	}
	print_counts("random programs");
}

/* What the other traces hardly ever come to. */
static const char *const rare[] = {
	/* an iovec that lies in memory, of more than one segment */
	"pipe p\nmem m size=4096 fill=0\nsqe a READV fd=p.r addr=m len=2 flags=ASYNC\nsqe b WRITEV fd=p.w addr=m+64 "
	"len=3\n"
	"submit\nwait 2\n",
	/* registered a second time, for the first was refused */
	"file f size=64\nmem m size=64\nregister buffers m:16,64:1\nregister buffers m:32\nregister files 99\n"
	"register files f\nsqe a READ_FIXED fd=f addr=m len=8 buf_index=0\nsqe b READ fd=0 addr=m len=8 "
	"flags=FIXED_FILE\nsubmit\nwait 2\n",
	"ring entries=16 flags=IOPOLL|SUBMIT_ALL\nfile f size=64 direct=1\nmem m size=64\nsqe a READ fd=f addr=m "
	"len=16\n"
	"sqe b READ fd=f addr=m len=16\nsqe c READ fd=f addr=m len=16 flags=ASYNC\nsubmit\nwait 3\n",
	/* no room among the connections nobody has accepted */
	"listen l backlog=0\nsock c connected=0\nsock d connected=0\nsock e connected=0\nmem m size=64\n"
	"sqe a CONNECT fd=c.1 to=l\nsqe b CONNECT fd=d.1 to=l flags=ASYNC\nsqe g CONNECT fd=e.1 to=l "
	"flags=ASYNC\nsubmit\n"
	"reap\nsqe h ACCEPT fd=l\nsubmit\nreap\n",
	/* more block requests than tags, and several for one round of the daemon */
	"file disk size=16384\nublk dev depth=2 flags=SUPPORT_ZERO_COPY|USER_COPY\nsqe f UBLK_FETCH fd=dev tag=0\n"
	"sqe g UBLK_FETCH fd=dev tag=1\nsubmit\nblkreq a dev read off=0 len=4096\nblkreq b dev read off=4096 len=4096\n"
	"blkreq c dev read off=8192 len=4096\nblkreq d dev read off=8192 len=4096\nwait 2\n"
	"sqe h UBLK_COMMIT_AND_FETCH fd=dev tag=0 res=4096\nsqe i UBLK_COMMIT_AND_FETCH fd=dev tag=1 res=4096\nsubmit\n"
	"wait 2\n",
	/* a provided buffer in the hands of a request that waits for a device */
	"file f size=64 direct=1\nmem m size=64\nsqe p PROVIDE_BUFFERS fd=4 addr=m len=16 off=3 "
	"buf_group=7\nsubmit\nwait 1\n"
	"sqe a READ fd=f len=16 flags=BUFFER_SELECT buf_group=7\nsqe b READ fd=f len=8 off=8 flags=BUFFER_SELECT|ASYNC "
	"buf_group=7\nsubmit\nwait 2\n",
	NULL,
};

static void rare_states(void **state)
{
	(void)state;
	for (size_t k = 0; rare[k]; k++) {
		struct gb_trace *trace = trace_of("rare states", rare[k], strlen(rare[k]));

		for (uint64_t seed = 1; seed <= (build_is_slow() ? 4 : 20); seed++)
			walk("rare states", trace, &(struct gb_config){.time_races = seed % 3 == 0}, seed, 1);
		gb_trace_free(trace);
	}
	print_counts("rare states");
}

/* After all others: what is said to be in the form has been noticed there. */
static void every_field(void **state)
{
	uint32_t missing = 0, fields = 0;

	(void)state;
	for (uint32_t id = 0; id < N_TABLES; id++) {
		for (uint32_t k = 0; k < tables[id].n; k++) {
			const struct field *f = &tables[id].field[k];

			fields += f->claim <= PREP;
			assert_true(f->claim != PLACE || f->why);
			if (f->claim > PREP || counts[id][k].noticed)
				continue;
			print_message("%s.%s (%u): changed %lu times, and the form never with it\n", tables[id].name,
				      f->name, id, (unsigned long)counts[id][k].tried);
			missing++;
		}
	}
	print_message("%u fields in the form\n", fields);
	assert_int_equal(missing, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rare_states),	   cmocka_unit_test(traces_by_hand), cmocka_unit_test(corpus_traces),
		cmocka_unit_test(random_programs), cmocka_unit_test(every_field),
	};

	return cmocka_run_group_tests_name("canonical fields", tests, NULL, NULL);
}
