/* SPDX-License-Identifier: MIT */
/* What drivers use of io_uring: completion, task work, cancelable commands (8.8, S9.12 of semantics.md). */
#include "io_uring/io_uring.h"

/* The newest stands first. */
void io_uring_cmd_mark_cancelable(struct gb_world *w, struct io_kiocb *req)
{
	req->cmd.uring.cancelable = 1;
	timeout_list_push_front(w, &gb_ctx(w)->cancelable_uring_cmd, req);
}

void io_uring_cmd_complete_in_task(struct gb_world *w, struct io_kiocb *req, enum io_uring_cmd_cb cb)
{
	req->cmd.uring.task_work_cb = (uint8_t)cb;
	io_req_task_work_add(w, req, IO_TW_CMD);
}

void io_uring_cmd_work(struct gb_world *w, struct io_kiocb *req)
{
	if (req->cmd.uring.task_work_cb == IO_CMD_DISPATCH)
		ublk_rq_task_work_cb(w, req, IO_URING_F_COMPLETE_DEFER);
	else
		ublk_ch_uring_cmd_cb(w, req, IO_URING_F_COMPLETE_DEFER);
}

/* S8.37 */
void io_uring_cmd_done(struct gb_world *w, struct io_kiocb *req, int32_t res, unsigned int issue_flags)
{
	if (req->cmd.uring.cancelable) {
		req->cmd.uring.cancelable = 0;
		timeout_list_remove(w, &gb_ctx(w)->cancelable_uring_cmd, req);
	}
	if (res < 0)
		req_set_fail(w, req);
	io_req_set_res(req, res, 0);
	if (issue_flags & IO_URING_F_COMPLETE_DEFER)
		io_req_complete_defer(w, req);
	else
		io_req_task_work_add(w, req, IO_TW_COMPLETE);
}

/* The kernel asks again at once as long as there is such a command, even if the driver keeps it; we only if it helps.
 */
bool io_uring_try_cancel_uring_cmd(struct gb_world *w)
{
	bool any = false;

	for (uint16_t k = gb_ctx(w)->cancelable_uring_cmd.first, next; k; k = next) {
		struct io_kiocb *req = io_req(w, k);

		next = req->list_next;
		any |= ublk_uring_cmd_cancel_fn(w, req, IO_URING_F_COMPLETE_DEFER);
	}
	if (any)
		io_submit_flush_completions(w);
	return any;
}
