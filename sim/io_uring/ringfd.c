/* SPDX-License-Identifier: MIT */
/*
 * The ring as a file of its own requests: polling it, and the tracking that
 * keeps a task from exiting before they are gone (I61, S9.8).
 */
#include "io_uring/io_uring.h"

#define POLL_IN	 (GB_POLLIN | GB_POLLRDNORM)
#define POLL_OUT (GB_POLLOUT | GB_POLLWRNORM)

/* Overflown CQEs and local task work count as events: a trip to the kernel turns them into CQEs. */
uint32_t io_uring_poll(const struct gb_world *w)
{
	const struct io_ring_ctx *ctx = gb_ctx(w);
	const struct gb_app *app = &gb_state(w)->app;
	uint32_t mask = 0;

	if (app->sq_tail - ctx->cached_sq_head < ctx->sq_entries)
		mask |= POLL_OUT;
	if (ctx->cq_tail != app->cq_head || ctx->overflow_count || ctx->work_llist.first)
		mask |= POLL_IN;
	return mask;
}

/*
 * EPOLL_URING_WAKE: what waits for many events gets this one only, for its own
 * CQE would be the next.
 */
void io_poll_wq_wake(struct gb_world *w)
{
	struct wait_queue_head *wq = &gb_ctx(w)->poll_wq;

	for (uint16_t k = wq->first; k; k = io_req(w, k)->wait_next) {
		struct io_kiocb *req = io_req(w, k);

		if (req->poll_owned)
			continue;
		if (req->opcode == IORING_OP_POLL_ADD)
			req->cmd.poll.multi = 0;
		else
			req->flags &= ~REQ_F_APOLL_MULTISHOT;
	}
	gb_wake_up(w, wq, GB_POLLIN);
}

void io_req_track_inflight(struct gb_world *w, struct io_kiocb *req)
{
	if (req->flags & REQ_F_INFLIGHT)
		return;
	req->flags |= REQ_F_INFLIGHT;
	gb_ctx(w)->inflight_tracked++;
}

void io_req_untrack_inflight(struct gb_world *w, struct io_kiocb *req)
{
	req->flags &= ~REQ_F_INFLIGHT;
	gb_ctx(w)->inflight_tracked--;
	gb_app_wake(w);
}

/*
 * Timeouts and deferred requests are left out: only a request that was issued
 * has its file, and so is tracked.
 */
bool io_uring_cancel_tracked(struct gb_world *w)
{
	const struct io_cancel_data cd = {.everything = true, .tracked = true};
	struct io_kiocb *victim = NULL;
	bool any = io_wq_cancel(w, &cd, true, &victim) != -GB_ENOENT;

	for (uint16_t k = gb_ctx(w)->cancel_first; k; k = io_req(w, k)->poll_next) {
		struct io_kiocb *req = io_req(w, k);

		if (io_cancel_req_match(w, req, &cd) && !req->poll_canceled)
			any |= io_poll_cancel_req(w, req);
	}
	any |= io_uring_try_cancel_uring_cmd(w);
	return any;
}

void io_report_tracked(struct gb_world *w)
{
	for (uint32_t k = 1; k <= gb_ctx(w)->reqs_used; k++) {
		const struct io_kiocb *req = io_req(w, k);

		if (req->opcode != GB_OP_BAD && req->flags & REQ_F_INFLIGHT)
			gb_hazard(w, GB_HAZARD_LEAK, "io_uring_cancel_generic", gb_label(req),
				  "the task cannot exit: it waits for a request that no cancellation finds");
	}
}

void io_uring_release(struct gb_world *w)
{
	struct io_ring_ctx *ctx = gb_ctx(w);

	ctx->dying = true;
	io_flush_fallback(w);
	ctx->exit_due = true;
	ctx->exit_since = ++gb_state(w)->wake_seq;
	gb_emit(w, GB_EV_DYING, GB_NO_REQ, GB_NO_REQ, 0, 0, 0, 0);
}
