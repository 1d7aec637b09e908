/* SPDX-License-Identifier: MIT */
/*
 * io_uring_enter with GETEVENTS on an IOPOLL ring: the waiter asks the device
 * itself, and only for what has been issued; nothing else is waited for
 * (S11.9, io_iopoll_check).
 */
#include "io_uring/io_uring.h"

static struct gb_app *gb_app(const struct gb_world *w)
{
	return &gb_state(w)->app;
}

static void gb_iopoll_begin(struct gb_world *w)
{
	struct gb_app *app = gb_app(w);
	struct io_ring_ctx *ctx = gb_ctx(w);

	if (ctx->overflow_count)
		io_cqring_do_overflow_flush(w);
	app->iopoll_events = 0;
	app->phase = ctx->cq_tail != app->cq_head ? GB_APP_RETURN : GB_APP_IOPOLL_LOOP;
}

static void gb_iopoll_loop(struct gb_world *w)
{
	struct gb_app *app = gb_app(w);
	const struct io_ring_ctx *ctx = gb_ctx(w);
	bool pending = ctx->work_llist.first || io_task_work_pending(w);

	app->iopoll_tail = ctx->cached_cq_tail;
	if (ctx->work_llist.first)
		gb_tw_begin(w, true, app->min_complete, GB_APP_IOPOLL_WORKED);
	else if (pending)
		gb_tw_begin(w, false, 0, GB_APP_IOPOLL_WORKED);
	else
		app->phase = ctx->iopoll_list.first ? GB_APP_IOPOLL_POLL : GB_APP_RETURN;
}

static void gb_iopoll_poll(struct gb_world *w)
{
	struct gb_app *app = gb_app(w);

	app->iopoll_events += io_do_iopoll(w);
	if (app->iopoll_events >= app->min_complete)
		app->phase = GB_APP_RETURN;
	else
		app->phase = GB_APP_IOPOLL_SPIN;
}

void gb_app_iopoll_step(struct gb_world *w)
{
	struct gb_app *app = gb_app(w);
	const struct io_ring_ctx *ctx = gb_ctx(w);

	switch (app->phase) {
	case GB_APP_IOPOLL:
		gb_iopoll_begin(w);
		break;
	case GB_APP_IOPOLL_WORKED:
		/* what does not go through the list is not polled for */
		if (app->iopoll_tail != ctx->cached_cq_tail || !ctx->iopoll_list.first)
			app->phase = GB_APP_RETURN;
		else
			app->phase = GB_APP_IOPOLL_POLL;
		break;
	case GB_APP_IOPOLL_POLL:
		gb_iopoll_poll(w);
		break;
	default:
		gb_iopoll_loop(w);
		break;
	}
}

bool gb_app_iopoll_runnable(const struct gb_world *w)
{
	const struct io_ring_ctx *ctx = gb_ctx(w);

	return io_iopoll_done(w) || !ctx->iopoll_list.first || ctx->work_llist.first || io_task_work_pending(w);
}
