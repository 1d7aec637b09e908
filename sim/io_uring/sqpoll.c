/* SPDX-License-Identifier: MIT */
/*
 * The thread of an SQPOLL ring (S4.2, S11.9): submits, polls if the ring is
 * an IOPOLL one, runs task work, spins for a while, sleeps. It has one ring
 * only, so the cap of 8 SQEs a round does not apply.
 */
#include "io_uring/io_uring.h"

#define IORING_TW_CAP_ENTRIES_VALUE 32

static struct io_sq_data *gb_sqd(const struct gb_world *w)
{
	return &gb_state(w)->sqd;
}

/* What user space has published and nobody has taken. */
static uint32_t io_sqring_entries(const struct gb_world *w)
{
	const struct io_ring_ctx *ctx = gb_ctx(w);

	if (ctx->dying || ctx->flags & IORING_SETUP_R_DISABLED)
		return 0;
	return gb_min(gb_state(w)->app.sq_seen - ctx->cached_sq_head, ctx->sq_entries);
}

/* ---- a round ---- */

static void io_sq_round(struct gb_world *w)
{
	struct io_sq_data *sqd = gb_sqd(w);
	struct io_ring_ctx *ctx = gb_ctx(w);

	sqd->spin = ctx->iopoll_list.first != 0;
	sqd->taken = false;
	sqd->tw = 0;
	io_do_iopoll(w);
	sqd->left = io_sqring_entries(w);
	sqd->phase = sqd->left ? IO_SQ_SUBMIT : IO_SQ_TW;
	if (sqd->left)
		ctx->submit_state.link = ctx->submit_state.group = (struct io_submit_chain){0, 0};
}

static void io_sq_submit(struct gb_world *w)
{
	struct io_sq_data *sqd = gb_sqd(w);
	struct io_ring_ctx *ctx = gb_ctx(w);
	struct io_kiocb *req = io_alloc_req(w);
	int ret = io_submit_sqe(w, req, &w->trace->sqes[ctx->cached_sq_head++]);

	sqd->spin = true;
	sqd->left--;
	if (!sqd->left || (ret && !(ctx->flags & IORING_SETUP_SUBMIT_ALL)))
		sqd->phase = IO_SQ_SUBMIT_END;
}

/* S4.3 in portions: what a round does not come to is the first the next one does. */
static void io_sq_tw(struct gb_world *w)
{
	struct io_sq_data *sqd = gb_sqd(w);
	struct io_ring_ctx *ctx = gb_ctx(w);

	if (sqd->retry_list.first && sqd->tw < IORING_TW_CAP_ENTRIES_VALUE) {
		sqd->tw++;
		io_run_tw_func(w, tw_list_pop(w, &sqd->retry_list));
		return;
	}
	io_submit_flush_completions(w);
	if (!sqd->taken && sqd->tw < IORING_TW_CAP_ENTRIES_VALUE) {
		sqd->taken = true;
		sqd->retry_list = ctx->task_list;
		ctx->task_list = (struct io_list){0, 0};
		if (sqd->retry_list.first)
			return;
	}
	if (sqd->spin || sqd->tw)
		sqd->idle_us = gb_state(w)->now_us + GB_SQ_THREAD_IDLE_US;
	sqd->phase = IO_SQ_SPIN;
}

void io_sq_thread_step(struct gb_world *w)
{
	struct io_sq_data *sqd = gb_sqd(w);

	switch ((enum io_sq_phase)sqd->phase) {
	case IO_SQ_SUBMIT:
		io_sq_submit(w);
		break;
	case IO_SQ_SUBMIT_END:
		io_submit_state_end(w);
		gb_app_wake(w);
		sqd->phase = IO_SQ_TW;
		break;
	case IO_SQ_TW:
		io_sq_tw(w);
		break;
	default:
		io_sq_round(w);
		break;
	}
}

/* ---- spinning, sleeping, waking ---- */

static bool io_sq_has_work(const struct gb_world *w)
{
	return io_sqring_entries(w) || gb_sqd(w)->retry_list.first || gb_ctx(w)->task_list.first || io_iopoll_done(w);
}

bool io_sq_thread_runnable(const struct gb_world *w)
{
	switch ((enum io_sq_phase)gb_sqd(w)->phase) {
	case IO_SQ_NONE:
	case IO_SQ_SLEEP:
		return false;
	case IO_SQ_SPIN:
		return io_sq_has_work(w);
	default:
		return true;
	}
}

uint64_t io_sq_thread_idle(const struct gb_world *w)
{
	const struct io_sq_data *sqd = gb_sqd(w);

	/* as long as something is polled for it does not sleep */
	if (sqd->phase != IO_SQ_SPIN || gb_ctx(w)->iopoll_list.first)
		return UINT64_MAX;
	return sqd->idle_us;
}

void io_sq_thread_sleep(struct gb_world *w)
{
	gb_sqd(w)->phase = IO_SQ_SLEEP;
	gb_ctx(w)->sq_flags |= GB_FAULT(w, SQ_THREAD_SLEEPS_UNSEEN) ? 0 : IORING_SQ_NEED_WAKEUP;
}

void io_sq_thread_see(struct gb_world *w)
{
	if (gb_sqd(w)->phase != IO_SQ_SPIN)
		return;
	gb_sqd(w)->since = ++gb_state(w)->wake_seq;
	gb_state(w)->need_resched = true;
}

void io_sq_thread_wake(struct gb_world *w)
{
	struct io_sq_data *sqd = gb_sqd(w);

	if (sqd->phase == IO_SQ_SLEEP) {
		gb_ctx(w)->sq_flags &= ~IORING_SQ_NEED_WAKEUP;
		sqd->phase = IO_SQ_SPIN;
		sqd->idle_us = gb_state(w)->now_us + GB_SQ_THREAD_IDLE_US;
	}
	io_sq_thread_see(w);
}
