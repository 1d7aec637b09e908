/* SPDX-License-Identifier: MIT */
/* What a step has written: a comparison with the state before it, thing by thing. */
#include <stddef.h>

#include "io_uring/io_uring.h"
#include "world/touch.h"

#define STATE(member) offsetof(struct gb_state, member)
#define FIELD(member, thing)                                                   \
	{                                                                      \
		STATE(member), sizeof(((struct gb_state *)0)->member), (thing) \
	}
#define FIELDS_FROM_TO(first, end, thing)                        \
	{                                                        \
		STATE(first), STATE(end) - STATE(first), (thing) \
	}

/* The fields of struct gb_state. A change that none of them shows is a change of everything. */
static const struct state_field {
	size_t at, size;
	enum gb_thing thing;
} state_fields[] = {
	FIELD(need_resched, GB_T_RESCHED),
	FIELDS_FROM_TO(app.pc, app.woken, GB_T_APP),
	FIELD(app.gone, GB_T_DYING),
	FIELDS_FROM_TO(app.sq_tail, app.cq_head, GB_T_SQ),
	FIELD(app.cq_head, GB_T_CQ),
	FIELDS_FROM_TO(app.taken, app.since, GB_T_APP),
	FIELDS_FROM_TO(app.deadline_us, ctx, GB_T_APP),
	FIELDS_FROM_TO(ctx.flags, ctx.cached_sq_head, GB_T_REG),
	FIELD(ctx.cached_sq_head, GB_T_SQ),
	FIELDS_FROM_TO(ctx.cached_cq_tail, ctx.cq_extra, GB_T_CQ),
	FIELD(ctx.cq_extra, GB_T_CQ),
	FIELDS_FROM_TO(ctx.overflow_first, ctx.drain_active, GB_T_CQ),
	FIELDS_FROM_TO(ctx.drain_active, ctx.restricted, GB_T_DEFER),
	FIELD(ctx.restricted, GB_T_REG),
	FIELD(ctx.dying, GB_T_DYING),
	FIELD(ctx.submit_state.compl_reqs, GB_T_COMPL),
	FIELDS_FROM_TO(ctx.submit_state.link, ctx.submit_state.cq_flush, GB_T_SQ),
	FIELD(ctx.submit_state.cq_flush, GB_T_COMPL),
	FIELD(ctx.defer_list, GB_T_DEFER),
	FIELDS_FROM_TO(ctx.task_list, ctx.timeout_list, GB_T_TW),
	FIELDS_FROM_TO(ctx.timeout_list, ctx.cancel_first, GB_T_TIMEOUTS),
	FIELDS_FROM_TO(ctx.cancel_first, ctx.free_list, GB_T_POLLS),
	FIELDS_FROM_TO(ctx.free_list, ctx.fallback_llist, GB_T_FREE),
	FIELD(ctx.fallback_llist, GB_T_FALLBACK),
	FIELD(ctx.kbufs_used, GB_T_KBUFS),
	FIELDS_FROM_TO(ctx.user_bufs, ctx.fallback_us, GB_T_REG),
	FIELD(ctx.fallback_us, GB_T_FALLBACK),
	FIELD(ctx.iopoll_list, GB_T_IOPOLL),
	FIELD(ctx.restrictions, GB_T_REG),
	FIELDS_FROM_TO(ctx.exit_us, ctx.exit_since, GB_T_DYING),
	FIELD(sqd, GB_T_SQ_THREAD),
	FIELD(wq.acct, GB_T_WQ),
	FIELDS_FROM_TO(wq.free_list, wq.exiting, GB_T_IDLE),
	FIELD(wq.exiting, GB_T_DYING),
	FIELD(timers, GB_T_TIMERS),
};

static struct gb_state *before(const struct gb_world *w)
{
	return (struct gb_state *)(void *)w->before;
}

/* ---- the fixed part ---- */

static bool asleep(const struct gb_app *app)
{
	return app->phase >= GB_APP_SLEEP && app->phase <= GB_APP_EXEC_SLEEP;
}

static void compare_state(const struct gb_world *w, uint64_t *set)
{
	const struct gb_state *old = before(w), *now = gb_state(w);
	uint32_t flags = old->ctx.sq_flags ^ now->ctx.sq_flags;

	for (size_t k = 0; k < sizeof(state_fields) / sizeof(state_fields[0]); k++) {
		const struct state_field *f = &state_fields[k];

		if (memcmp(w->before + f->at, w->base + f->at, f->size) != 0)
			gb_touch(set, f->thing);
	}
	if (asleep(&old->app) != asleep(&now->app) || old->app.woken != now->app.woken)
		gb_touch(set, GB_T_WAKE);
	if (flags & IORING_SQ_CQ_OVERFLOW)
		gb_touch(set, GB_T_CQ);
	if (flags & IORING_SQ_TASKRUN)
		gb_touch(set, GB_T_TW);
	if (flags & IORING_SQ_NEED_WAKEUP)
		gb_touch(set, GB_T_SQ_THREAD);
}

/* ---- tables ---- */

static const void *old_at(const struct gb_world *w, const void *now)
{
	return w->before + ((const unsigned char *)now - w->base);
}

/* Byte by byte: a structure is written as a whole or not at all, its padding with it. */
static bool differs(const void *old, const void *now, size_t n)
{
	return memcmp(old, now, n) != 0;
}

static bool changed(const struct gb_world *w, uint32_t at, size_t n)
{
	return memcmp(w->before + at, w->base + at, n) != 0;
}

/* How many requests hold a file is asked for only when it is closed, which changes its mode. */
static bool file_changed(const struct gb_file *old, const struct gb_file *now)
{
	if (old->users != now->users && !(now->mode & GB_FMODE_OPEN))
		return true;
	return old->mode != now->mode || old->f_pos != now->f_pos || old->spent != now->spent;
}

/* Files, and the ends they stand for. */
static void compare_files(const struct gb_world *w, uint64_t *set)
{
	for (uint32_t k = 1; k <= w->at.n_files; k++) {
		const struct gb_file *f = gb_file(w, k);
		const void *end = NULL;
		size_t size = 0;

		if (f->kind == GB_FK_PIPE_READ || f->kind == GB_FK_PIPE_WRITE) {
			end = gb_pipe(w, f->index);
			size = sizeof(struct gb_pipe);
		} else if (f->kind == GB_FK_SOCK) {
			end = gb_sock(w, f->index);
			size = sizeof(struct gb_sock);
		}
		if (file_changed(old_at(w, f), f) || (end && memcmp(old_at(w, end), end, size) != 0))
			gb_touch_file(set, k);
	}
}

static void compare_tables(const struct gb_world *w, uint64_t *set)
{
	const struct gb_layout *at = &w->at;

	compare_files(w, set);
	for (uint32_t k = 1; k < at->n_areas; k++)
		if (memcmp(old_at(w, gb_area(w, k)), gb_area(w, k), sizeof(struct gb_area)) != 0)
			gb_touch_area(set, k);
	for (uint32_t k = 1; k <= at->n_leases; k++)
		if (differs(old_at(w, gb_lease(w, k)), gb_lease(w, k), sizeof(struct gb_lease)))
			gb_touch_lease(set, k);
	if (changed(w, at->bvecs, at->uvecs - at->bvecs))
		gb_touch(set, GB_T_UBLK);
	if (changed(w, at->uvecs, at->lists - at->uvecs) || changed(w, at->imus, at->workers - at->imus))
		gb_touch(set, GB_T_REG);
	if (changed(w, at->lists, at->imus - at->lists))
		gb_touch(set, GB_T_KBUFS);
	if (changed(w, at->cqes, at->bytes - at->cqes))
		gb_touch(set, GB_T_CQ);
}

static void compare_workers(const struct gb_world *w, uint64_t *set)
{
	for (uint32_t k = 1; k <= gb_state(w)->wq.nr_workers; k++) {
		struct io_worker old = *(const struct io_worker *)old_at(w, gb_worker(w, k)), now = *gb_worker(w, k);

		if (old.free_next != now.free_next || old.free != now.free)
			gb_touch(set, GB_T_IDLE);
		/* whoever looks for work asks which hashes are busy */
		if (old.hash != now.hash)
			gb_touch(set, GB_T_WQ);
		old.hash = now.hash;
		old.free_next = now.free_next;
		old.free = now.free;
		old.since = now.since;
		if (differs(&old, &now, sizeof(now)))
			gb_touch_worker(set, k);
	}
}

/* ---- requests ---- */

/*
 * Lists that share their links with others are compared from the head on: the
 * defer list with those of io-wq, task work that waits with what the task has
 * taken already.
 */
static bool list_changed(const struct gb_world *w, struct io_list was, struct io_list is, size_t link)
{
	uint16_t old = was.first, now = is.first;

	while (old && old == now) {
		memcpy(&old, w->before + w->at.reqs + old * sizeof(struct io_kiocb) + link, sizeof(old));
		memcpy(&now, w->base + w->at.reqs + now * sizeof(struct io_kiocb) + link, sizeof(now));
	}
	return old != now;
}

static void compare_lists(const struct gb_world *w, uint64_t *set)
{
	const struct io_ring_ctx *old = &before(w)->ctx, *now = gb_ctx(w);

	if (list_changed(w, old->defer_list, now->defer_list, offsetof(struct io_kiocb, wq_next)))
		gb_touch(set, GB_T_DEFER);
	if (list_changed(w, old->task_list, now->task_list, offsetof(struct io_kiocb, tw_next)) ||
	    list_changed(w, old->work_llist, now->work_llist, offsetof(struct io_kiocb, tw_next)))
		gb_touch(set, GB_T_TW);
}

/* Links belong to the lists. */
static void compare_links(const struct io_kiocb *old, const struct io_kiocb *now, uint64_t *set)
{
	if (old->comp_next != now->comp_next)
		gb_touch(set, GB_T_COMPL);
	/* what a worker has taken along is the worker's */
	if (old->wq_next != now->wq_next && (old->work_pending || now->work_pending))
		gb_touch(set, GB_T_WQ);
	if (old->wait_file != now->wait_file || old->wait_next != now->wait_next || old->wait_prev != now->wait_prev) {
		gb_touch_file(set, old->wait_file);
		gb_touch_file(set, now->wait_file);
	}
	if (old->poll_next != now->poll_next || old->poll_prev != now->poll_prev)
		gb_touch(set, GB_T_POLLS);
	if (old->event_next != now->event_next || old->event_us != now->event_us)
		gb_touch(set, GB_T_TIMERS);
	if (old->list_next != now->list_next)
		gb_touch(set, GB_T_TIMEOUTS);
}

/* The lease of a group is found through the buffer word of its leader. */
static void compare_buf(const struct io_kiocb *old, const struct io_kiocb *now, uint64_t *set)
{
	const uint64_t flags = (old->flags ^ now->flags) & (REQ_F_GROUP_BUF | REQ_F_GROUP_LEADER);

	if (flags || old->buf != now->buf || old->buf_owner != now->buf_owner) {
		gb_touch_buf(set, old);
		gb_touch_buf(set, now);
	}
}

/* What says nothing about what a request will do, or is said by a list. */
static void forget_links(struct io_kiocb *req)
{
	req->comp_next = req->tw_next = req->wq_next = req->wait_next = req->wait_prev = 0;
	req->poll_next = req->poll_prev = req->event_next = req->list_next = 0;
	req->event_us = 0;
	req->reason = req->reason_req = req->worker = 0;
	req->reason_n[0] = req->reason_n[1] = 0;
	req->cancel_seq = req->poll_mask = 0;
}

static void compare_reqs(const struct gb_world *w, uint64_t *set)
{
	uint16_t known = before(w)->ctx.reqs_used;

	for (uint16_t k = 1; k <= gb_ctx(w)->reqs_used; k++) {
		struct io_kiocb old, now = *io_req(w, k);

		if (k > known) {
			gb_touch_req(set, &now);
			continue;
		}
		old = *(const struct io_kiocb *)old_at(w, io_req(w, k));
		if (!differs(&old, &now, sizeof(now)))
			continue;
		compare_links(&old, &now, set);
		compare_buf(&old, &now, set);
		forget_links(&old);
		forget_links(&now);
		if (old.refs != now.refs)
			gb_touch_refs(set, &now);
		old.refs = now.refs;
		if (!differs(&old, &now, sizeof(now)))
			continue;
		/* it comes into being, or goes */
		if ((old.opcode == GB_OP_BAD) != (now.opcode == GB_OP_BAD) || old.origin != now.origin)
			gb_touch_refs(set, &now);
		if (old.opcode != GB_OP_BAD)
			gb_touch_result(set, &old);
		gb_touch_result(set, &now);
	}
}

/* ---- around a step ---- */

/* All but contents, which may be large and which touch.c answers for. */
static void copy_state(struct gb_world *w)
{
	memcpy(w->before, w->base, w->at.bytes);
	memcpy(w->before + w->at.reqs, w->base + w->at.reqs, gb_world_size(w) - w->at.reqs);
}

void gb_footprint_begin(struct gb_world *w, enum gb_actor_kind kind, uint16_t index)
{
	copy_state(w);
	memset(&w->footprint, 0, sizeof(w->footprint));
	gb_touch_step(w, kind, index, &w->footprint);
}

/* Was the step one that only adds to lists, if it touches them at all? */
static bool only_adds(const struct gb_world *w)
{
	const struct gb_state *now = gb_state(w), *old = before(w);
	uint8_t phase;

	if (now->actor == GB_ACTOR_APP || now->actor == GB_ACTOR_TW)
		return gb_touch_only_adds(&old->app);
	if (now->actor != GB_ACTOR_WORKER || now->wq.nr_workers > 31)
		return false;
	phase = ((const struct io_worker *)old_at(w, gb_worker(w, now->actor_index)))->phase;
	return phase == IO_WORKER_SUBMIT || phase == IO_WORKER_PUT;
}

/*
 * What a step may have touched by adding to it, and has not changed, it has not
 * touched. The marks that go with an addition may have been set before.
 */
static void forget_untouched(const struct gb_world *w, struct gb_footprint *f)
{
	static const enum gb_thing lists[] = {GB_T_TIMERS, GB_T_TIMEOUTS, GB_T_POLLS, GB_T_TW, GB_T_WQ};
	const uint64_t cq = 1ULL << GB_T_CQ, tw = 1ULL << GB_T_TW, wq = 1ULL << GB_T_WQ;
	uint64_t workers = f->write[0] >> GB_T_WORKER << GB_T_WORKER;

	if (gb_state(w)->actor == GB_ACTOR_WORKER)
		workers &= ~(1ULL << (GB_T_WORKER + gb_state(w)->actor_index % 32U));
	/* a commit looks through the timeouts */
	if (f->write[0] & cq)
		return;
	for (size_t k = 0; k < sizeof(lists) / sizeof(lists[0]); k++)
		if (!(f->write[0] >> lists[k] & 1))
			f->read[0] &= ~(1ULL << lists[k]);
	if (!(f->write[0] & tw))
		f->read[0] &= ~(1ULL << GB_T_WAKE);
	if (!(f->write[0] & wq) && !workers)
		f->read[0] &=
			~(1ULL << GB_T_IDLE | (gb_touch_asks_resched(&before(w)->app) ? 0 : 1ULL << GB_T_RESCHED));
}

void gb_footprint_end(struct gb_world *w)
{
	const struct gb_state *now = gb_state(w);

	if (now->run_state != GB_RUNNING || now->app.phase >= GB_APP_END || now->now_us != before(w)->now_us) {
		gb_touch_everything(&w->footprint);
		return;
	}
	compare_state(w, w->footprint.write);
	compare_tables(w, w->footprint.write);
	compare_workers(w, w->footprint.write);
	compare_reqs(w, w->footprint.write);
	compare_lists(w, w->footprint.write);
	if (only_adds(w))
		forget_untouched(w, &w->footprint);
}

void gb_world_footprint(const struct gb_world *w, struct gb_footprint *out)
{
	*out = w->footprint;
}

void gb_world_record_footprints(struct gb_world *w, bool on)
{
	w->config.footprints = on && w->before;
}

void gb_world_reach(struct gb_world *w, const struct gb_alternative *alt, struct gb_footprint *out)
{
	const struct gb_app *app = &gb_state(w)->app;
	uint64_t lists = 1ULL << GB_T_TIMERS | 1ULL << GB_T_TIMEOUTS | 1ULL << GB_T_POLLS | 1ULL << GB_T_TW |
			 1ULL << GB_T_WQ | 1ULL << GB_T_WAKE | 1ULL << GB_T_IDLE;
	bool adds = alt->kind == GB_ACTOR_APP && gb_touch_only_adds(app);

	memset(out, 0, sizeof(*out));
	gb_touch_step(w, (enum gb_actor_kind)alt->kind, alt->index, out);
	if (alt->kind == GB_ACTOR_WORKER)
		adds = gb_worker(w, alt->index)->phase == IO_WORKER_SUBMIT ||
		       gb_worker(w, alt->index)->phase == IO_WORKER_PUT;
	/* see forget_untouched */
	if (alt->kind != GB_ACTOR_APP || !gb_touch_asks_resched(app))
		lists |= 1ULL << GB_T_RESCHED;
	if (adds)
		out->read[0] &= ~lists;
}
