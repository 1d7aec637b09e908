/* SPDX-License-Identifier: MIT */
/* The step loop: who can act, who does, and how time passes when nobody can. */
#include <stdlib.h>
#include <string.h>

#include "io_uring/io_uring.h"
#include "world/touch.h"

#define GB_EXIT_PERIOD_US 50000 /* S9.11 */

/* Actors that can take a step, with the moments at which they became able to. */
struct gb_candidates {
	struct gb_choice *choice;
	uint32_t since[GB_MAX_ALTERNATIVES];
};

static inline void gb_candidate_add(struct gb_candidates *c, enum gb_actor_kind kind, uint16_t index, uint32_t since,
				    uint32_t req)
{
	struct gb_alternative *alt = c->choice->alt;
	const uint32_t n = c->choice->n;
	uint32_t k = n;

	if (n == GB_MAX_ALTERNATIVES)
		return;
	/* on one CPU a task that has just been woken runs before those that wait for longer */
	for (; k && c->since[k - 1] < since; k--) {
		alt[k] = alt[k - 1];
		c->since[k] = c->since[k - 1];
	}
	alt[k] = (struct gb_alternative){(uint8_t)kind, index, req};
	c->since[k] = since;
	c->choice->n = n + 1;
}

static bool gb_is_interrupt(uint8_t kind)
{
	return kind == GB_ACTOR_IRQ || kind == GB_ACTOR_TIMER;
}

/* The timer or interrupt whose time has come, NULL if there is none. */
static const struct io_kiocb *gb_due(const struct gb_world *w)
{
	const struct gb_state *s = gb_state(w);
	const struct io_kiocb *req = io_req_at(w, s->timers.first);

	return req && req->event_us <= s->now_us ? req : NULL;
}

/*
 * With time races, what is to come is not waited for: every interrupt, for a
 * device may be as fast as it likes, and the first timer, for the others may be
 * slow. They stand last, for nobody has been woken yet.
 */
static void gb_candidates_early(const struct gb_world *w, struct gb_candidates *c)
{
	const struct io_kiocb *due = gb_due(w);
	bool timer = due && gb_timer_actor(due) == GB_ACTOR_TIMER;

	for (uint16_t k = gb_state(w)->timers.first; k; k = io_req(w, k)->event_next) {
		const struct io_kiocb *req = io_req(w, k);
		enum gb_actor_kind actor = gb_timer_actor(req);

		if (req == due || (actor == GB_ACTOR_TIMER && timer))
			continue;
		timer |= actor == GB_ACTOR_TIMER;
		gb_candidate_add(c, actor, 0, 0, req->sqe);
	}
}

static void gb_find_candidates(const struct gb_world *w, struct gb_candidates *c)
{
	const struct gb_state *s = gb_state(w);
	const struct io_kiocb *due = gb_due(w);

	if (due)
		gb_candidate_add(c, gb_timer_actor(due), 0, UINT32_MAX, due->sqe);
	if (s->app.phase < GB_APP_SLEEP || gb_app_runnable(w))
		gb_candidate_add(c, GB_ACTOR_APP, 0, s->app.since, GB_NO_REQ);
	if (s->sqd.phase != IO_SQ_NONE && io_sq_thread_runnable(w))
		gb_candidate_add(c, GB_ACTOR_SQ_THREAD, 0, s->sqd.since, GB_NO_REQ);
	for (uint16_t k = 1; k <= s->wq.nr_workers; k++) {
		const struct io_worker *worker = gb_worker(w, k);

		if (io_wq_worker_runnable(worker))
			gb_candidate_add(c, GB_ACTOR_WORKER, k, worker->since, gb_label(io_req_at(w, worker->cur)));
	}
	if (s->ctx.fallback_llist.first && io_fallback_due(w))
		gb_candidate_add(c, GB_ACTOR_FALLBACK, 0, s->ctx.fallback_since,
				 gb_label(io_req_at(w, s->ctx.fallback_llist.first)));
	/* it waits for the fallback work it has flushed */
	else if (s->ctx.exit_due)
		gb_candidate_add(c, GB_ACTOR_EXIT, 0, s->ctx.exit_since, GB_NO_REQ);
	if (w->config.time_races && c->choice->n)
		gb_candidates_early(w, c);
}

/* Interrupts come first, then the running actor as long as it can go on, then whoever was woken last. */
static void gb_running_first(const struct gb_state *s, struct gb_choice *choice)
{
	struct gb_alternative *alt = choice->alt, first;
	uint32_t k = 0;

	if (gb_is_interrupt(alt[0].kind))
		return;
	while (k < choice->n && (alt[k].kind != s->running || alt[k].index != s->running_index))
		k++;
	if (k == choice->n)
		return;
	for (first = alt[k]; k; k--)
		alt[k] = alt[k - 1];
	alt[0] = first;
}

uint32_t gb_world_enabled(const struct gb_world *w, struct gb_choice *choice)
{
	struct gb_candidates c;

	c.choice = choice;
	choice->n = 0;
	gb_find_candidates(w, &c);
	if (!choice->n)
		return 0;
	choice->kind = GB_CHOICE_ACTOR;
	gb_running_first(gb_state(w), choice);
	return choice->n;
}

/* S9.11, S9.12: a round of the exit worker. */
static void gb_exit_step(struct gb_world *w)
{
	struct io_ring_ctx *ctx = gb_ctx(w);

	io_move_task_work_from_local(w);
	gb_app_wake(w);
	ctx->exit_due = io_uring_try_cancel_requests(w);
	ctx->exit_due |= io_flush_fallback(w);
	/* io_ring_ctx_free: nothing is in flight any more */
	if (!ctx->refs)
		io_sqe_files_unregister(w);
	ctx->exit_us = gb_state(w)->now_us + GB_EXIT_PERIOD_US;
}

/* The timer or interrupt of the request `sqe`. A timer that was not due yet: time has passed; an interrupt: none. */
static void gb_event_step(struct gb_world *w, enum gb_actor_kind kind, uint32_t sqe)
{
	struct gb_state *s = gb_state(w);
	struct io_kiocb *req = io_req(w, s->timers.first);

	while (gb_timer_actor(req) != kind || req->sqe != sqe)
		req = io_req(w, req->event_next);
	if (kind == GB_ACTOR_TIMER && req->event_us > s->now_us) {
		s->now_us = req->event_us;
		gb_emit(w, GB_EV_CLOCK, GB_NO_REQ, GB_NO_REQ, (int64_t)s->now_us, 0, 0, 0);
	}
	gb_timer_fire(w, req);
}

static void gb_actor_step(struct gb_world *w, const struct gb_alternative *alt)
{
	struct gb_state *s = gb_state(w);
	enum gb_actor_kind kind = (enum gb_actor_kind)alt->kind;
	uint16_t index = alt->index;

	s->actor = (uint8_t)kind;
	s->actor_index = index;
	if (!gb_is_interrupt((uint8_t)kind)) {
		s->running = (uint8_t)kind;
		s->running_index = index;
	}
	if (w->config.footprints)
		gb_footprint_begin(w, kind, index);
	if (kind == GB_ACTOR_APP)
		gb_app_step(w);
	else if (kind == GB_ACTOR_WORKER)
		io_wq_worker_step(w, index);
	else if (kind == GB_ACTOR_SQ_THREAD)
		io_sq_thread_step(w);
	else if (kind == GB_ACTOR_FALLBACK)
		io_fallback_req_func(w);
	else if (kind == GB_ACTOR_EXIT)
		gb_exit_step(w);
	else
		gb_event_step(w, kind, alt->req);
	if (w->config.footprints)
		gb_footprint_end(w);
}

/* Nobody can act: the clock moves on to the next thing that happens by itself. */
static void gb_pass_time(struct gb_world *w)
{
	struct gb_state *s = gb_state(w);
	const struct io_kiocb *req = io_req_at(w, s->timers.first);
	uint64_t app = gb_app_deadline(w);
	uint64_t idle = io_sq_thread_idle(w);
	uint64_t exit = s->ctx.dying ? s->ctx.exit_us : UINT64_MAX;
	uint64_t next = req ? req->event_us : UINT64_MAX;

	next = app < next ? app : next;
	next = exit < next ? exit : next;
	next = idle < next ? idle : next;
	if (s->ctx.fallback_llist.first && s->ctx.fallback_us < next)
		next = s->ctx.fallback_us;
	s->actor = s->running = GB_ACTOR_TIMER;
	s->actor_index = 0;
	if (next > s->now_us) {
		s->now_us = next;
		gb_emit(w, GB_EV_CLOCK, GB_NO_REQ, GB_NO_REQ, (int64_t)next, 0, 0, 0);
	}
	if (idle == next)
		io_sq_thread_sleep(w);
	if (app == next)
		gb_app_timeout(w);
	if (exit == next) {
		s->ctx.exit_due = true;
		s->ctx.exit_since = ++s->wake_seq;
	}
}

/* True if the default order lets the application go on, whoever else could. */
static bool gb_app_goes_on(const struct gb_world *w)
{
	const struct gb_state *s = gb_state(w);

	return w->config.strategy == GB_STRATEGY_DEFAULT && s->running == GB_ACTOR_APP && gb_app_runnable(w) &&
	       !gb_due(w);
}

static void gb_any_step(struct gb_world *w)
{
	struct gb_choice choice;

	if (gb_world_enabled(w, &choice)) {
		gb_actor_step(w, &choice.alt[gb_choose(w, &choice)]);
		return;
	}
	gb_touch_everything(&w->footprint);
	gb_pass_time(w);
}

/* False if the world has stopped, or has taken all the steps it may take. */
static bool gb_begin_step(struct gb_world *w)
{
	struct gb_state *s = gb_state(w);

	if (s->run_state != GB_RUNNING)
		return false;
	if (s->step >= w->max_steps) {
		s->run_state = GB_EXHAUSTED;
		return false;
	}
	s->step++;
	return true;
}

static enum gb_run_state gb_end_step(struct gb_world *w)
{
	struct gb_state *s = gb_state(w);

	if (s->run_state == GB_RUNNING && s->app.phase == GB_APP_DONE)
		s->run_state = GB_FINISHED;
	return s->run_state;
}

enum gb_run_state gb_world_step(struct gb_world *w)
{
	if (!gb_begin_step(w))
		return gb_state(w)->run_state;
	if (gb_app_goes_on(w))
		gb_actor_step(w, &(const struct gb_alternative){.kind = GB_ACTOR_APP, .req = GB_NO_REQ});
	else
		gb_any_step(w);
	return gb_end_step(w);
}

enum gb_run_state gb_world_take(struct gb_world *w, const struct gb_choice *choice, uint32_t taken)
{
	if (!gb_begin_step(w))
		return gb_state(w)->run_state;
	if (choice->n > 1)
		gb_emit(w, GB_EV_CHOICE, GB_NO_REQ, GB_NO_REQ, choice->kind, choice->n, taken, 0);
	gb_actor_step(w, &choice->alt[taken]);
	return gb_end_step(w);
}

enum gb_run_state gb_world_run(struct gb_world *w)
{
	struct gb_state *s = gb_state(w);
	enum gb_run_state state;

	do {
		/* the bulk of a run, kept tight: steps of the application with nobody else to ask */
		while (gb_app_goes_on(w) && s->run_state == GB_RUNNING && s->step < w->max_steps &&
		       s->app.phase < GB_APP_END) {
			s->step++;
			s->actor = GB_ACTOR_APP;
			if (s->app.phase == GB_APP_SUBMIT)
				gb_app_submit_batch(w);
			else
				gb_app_step(w);
		}
		state = gb_world_step(w);
	} while (state == GB_RUNNING);
	return state;
}

uint64_t gb_world_steps(const struct gb_world *w)
{
	return gb_state(w)->step;
}

/* ---- snapshots ---- */

size_t gb_world_size(const struct gb_world *w)
{
	return w->at.reqs + (gb_ctx(w)->reqs_used + 1U) * sizeof(struct io_kiocb);
}

size_t gb_world_capacity(const struct gb_world *w)
{
	return w->at.end;
}

void gb_world_snapshot(const struct gb_world *w, void *to)
{
	memcpy(to, w->base, gb_world_size(w));
}

const void *gb_world_bytes(const struct gb_world *w)
{
	return w->base;
}

void gb_world_restore(struct gb_world *w, const void *from, size_t size)
{
	memcpy(w->base, from, size);
}

void gb_world_reset(struct gb_world *w)
{
	memcpy(w->base, w->start, w->start_size);
}
