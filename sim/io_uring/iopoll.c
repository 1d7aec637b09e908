/* SPDX-License-Identifier: MIT */
/*
 * Rings that poll for completions: the parts of rw.c and io_uring.c that
 * belong to IORING_SETUP_IOPOLL (S11.9).
 */
#include "io_uring/io_uring.h"

void io_iopoll_req_issued(struct gb_world *w, struct io_kiocb *req)
{
	struct io_list *list = &gb_ctx(w)->iopoll_list;

	/* what is done already is found first */
	if (req->iopoll_completed)
		comp_list_push_front(w, list, req);
	else
		comp_list_push(w, list, req);
	io_sq_thread_wake(w);
}

void io_complete_rw_iopoll(struct gb_world *w, struct io_kiocb *req, int64_t res)
{
	struct io_ring_ctx *ctx = gb_ctx(w);

	/* neither a failure mark nor zeroing, however it ended (S6.16) */
	req->cqe_res = (int32_t)res;
	req->iopoll_completed = 1;
	gb_app_wake(w);
	io_sq_thread_see(w);
	if (!ctx->dying)
		return;
	ctx->exit_due = true;
	ctx->exit_since = ++gb_state(w)->wake_seq;
}

bool io_iopoll_done(const struct gb_world *w)
{
	for (uint16_t k = gb_ctx(w)->iopoll_list.first; k; k = io_req(w, k)->comp_next)
		if (io_req(w, k)->iopoll_completed)
			return true;
	return false;
}

uint32_t io_do_iopoll(struct gb_world *w)
{
	struct io_list *list = &gb_ctx(w)->iopoll_list;
	uint16_t k = list->first;
	uint32_t n = 0;

	while (k && !io_req(w, k)->iopoll_completed)
		k = io_req(w, k)->comp_next;
	while (k && io_req(w, k)->iopoll_completed) {
		struct io_kiocb *req = io_req(w, k);

		k = req->comp_next;
		comp_list_remove(w, list, req);
		req->cqe_fd_or_flags = io_put_kbuf(w, req, req->cqe_res, 0);
		io_req_complete_defer(w, req);
		n++;
	}
	if (n)
		io_submit_flush_completions(w);
	return n;
}
