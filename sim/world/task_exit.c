/* SPDX-License-Identifier: MIT */
/*
 * The submitting task exits, or executes another program, while somebody else
 * keeps the ring open (9.2 of semantics.md). From then on the other holder is
 * the application: it looks at the CQ ring and never enters the kernel for it.
 */
#include "io_uring/io_uring.h"

#define GB_EXEC_STUCK_MS  400
#define GB_EXIT_LINGER_MS 200

static struct gb_app *gb_app(const struct gb_world *w)
{
	return &gb_state(w)->app;
}

/* io_uring_clean_tctx: io-wq goes. */
static void gb_exit_wq(struct gb_world *w)
{
	io_wq_exit_start(w);
	io_wq_exit_workers(w);
	gb_app(w)->phase = GB_APP_EXIT_WQ;
}

void gb_task_die(struct gb_world *w)
{
	gb_emit(w, GB_EV_TASK_EXIT, GB_NO_REQ, GB_NO_REQ, 0, 0, 0, 0);
	io_wq_exit_start(w);
	gb_app(w)->timed_out = false;
	gb_app(w)->phase = GB_APP_EXIT_CANCEL;
}

/* After the close the ring is torn down now, in its own time; a task that dies goes on with its io-wq. */
static void gb_exit_cancelled(struct gb_world *w)
{
	struct gb_app *app = gb_app(w);

	if (app->ending != GB_APP_CLOSED) {
		gb_exit_wq(w);
		return;
	}
	app->ending = GB_APP_EXITED;
	gb_app_sleep(w, GB_APP_LINGER, gb_ctx(w)->inflight_tracked ? 0 : GB_EXIT_LINGER_MS);
	gb_app_wake(w);
}

/*
 * io_uring_cancel_generic without "cancel all" (S9.8): it waits for what holds
 * the ring's file, and cancels that, if it can be found: a leader whose members
 * are still running cannot (D4).
 */
static void gb_exit_cancel_step(struct gb_world *w)
{
	struct gb_app *app = gb_app(w);
	const struct io_ring_ctx *ctx = gb_ctx(w);

	if (!ctx->inflight_tracked) {
		gb_exit_cancelled(w);
	} else if (ctx->work_llist.first) {
		gb_tw_begin(w, true, UINT32_MAX, GB_APP_EXIT_CANCEL);
	} else if (io_uring_cancel_tracked(w) || io_task_work_pending(w)) {
		gb_tw_begin(w, false, 0, GB_APP_EXIT_CANCEL);
	} else if (app->timed_out) {
		gb_emit(w, GB_EV_STUCK, GB_NO_REQ, GB_NO_REQ, 0, 0, 0, 0);
		io_report_tracked(w);
		gb_exit_cancelled(w);
	} else {
		gb_app_sleep(w, GB_APP_EXIT_SLEEP, GB_EXEC_STUCK_MS);
	}
}

void gb_task_exec(struct gb_world *w)
{
	gb_emit(w, GB_EV_TASK_EXIT, GB_NO_REQ, GB_NO_REQ, 1, 0, 0, 0);
	io_wq_exit_start(w);
	gb_app(w)->timed_out = false;
	gb_app(w)->phase = GB_APP_EXEC;
}

/* io_uring_cancel_generic with "cancel all": goes on until nothing of the task is in flight. */
static void gb_exec_step(struct gb_world *w)
{
	struct gb_app *app = gb_app(w);
	const struct io_ring_ctx *ctx = gb_ctx(w);

	if (!ctx->refs) {
		gb_exit_wq(w);
	} else if (ctx->work_llist.first) {
		gb_tw_begin(w, true, UINT32_MAX, GB_APP_EXEC);
	} else if (io_uring_try_cancel_requests(w) || io_task_work_pending(w)) {
		gb_tw_begin(w, false, 0, GB_APP_EXEC);
	} else if (app->timed_out) {
		gb_emit(w, GB_EV_STUCK, GB_NO_REQ, GB_NO_REQ, 0, 0, 0, 0);
		gb_exit_wq(w);
	} else {
		gb_app_sleep(w, GB_APP_EXEC_SLEEP, GB_EXEC_STUCK_MS);
	}
}

/* What is left to run for the task is run by the fallback worker, before the task is gone (S4.10). */
static void gb_exit_tw(struct gb_world *w)
{
	struct gb_app *app = gb_app(w);

	app->phase = GB_APP_EXIT_TW;
	if (io_task_work_pending(w)) {
		io_fallback_tw(w);
		io_flush_fallback(w);
		return;
	}
	app->gone = true;
	app->pc++;
	app->phase = GB_APP_USER;
}

void gb_task_exit_step(struct gb_world *w)
{
	switch (gb_app(w)->phase) {
	case GB_APP_EXIT_WQ:
		io_wq_destroy(w);
		gb_exit_tw(w);
		break;
	case GB_APP_EXIT_TW:
		gb_exit_tw(w);
		break;
	case GB_APP_EXIT_CANCEL:
	case GB_APP_EXIT_SLEEP:
		gb_exit_cancel_step(w);
		break;
	default:
		gb_exec_step(w);
		break;
	}
}

bool gb_task_exit_runnable(const struct gb_world *w)
{
	return gb_app(w)->phase == GB_APP_EXIT_WQ ? !io_wq_alive(w) : !gb_ctx(w)->fallback_llist.first;
}
