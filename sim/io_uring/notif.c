/* SPDX-License-Identifier: MIT */
/*
 * Notifications of zero-copy sends: a request of its own, which posts a CQE
 * when nobody needs the memory any more (io_uring/notif.c). Linking the
 * notifications of one skb (io_link_skb) is not simulated: here every send has
 * its own bytes.
 */
#include <string.h>

#include "io_uring/io_uring.h"

struct io_kiocb *io_alloc_notif(struct gb_world *w, const struct io_kiocb *req, bool report)
{
	struct io_kiocb *notif = io_alloc_req(w);

	memset(notif, 0, offsetof(struct io_kiocb, comp_next));
	notif->sqe = req->sqe;
	notif->origin = req->origin;
	notif->opcode = IORING_OP_NOP;
	notif->flags = REQ_F_NOTIF;
	notif->cqe_fd_or_flags = IORING_CQE_F_NOTIF;
	notif->cmd.notif = (struct io_notif_data){.refs = 1, .zc_report = report};
	return notif;
}

void io_tx_ubuf_complete(struct gb_world *w, struct io_kiocb *notif, bool skb, bool success)
{
	struct io_notif_data *nd = &notif->cmd.notif;

	if (success && skb)
		nd->zc_used = 1;
	else if (!success)
		nd->zc_copied = 1;
	nd->refs--;
	if (!nd->refs)
		io_req_task_work_add(w, notif, IO_TW_NOTIF);
}

void io_notif_flush(struct gb_world *w, struct io_kiocb *notif)
{
	io_tx_ubuf_complete(w, notif, false, true);
}

void io_notif_tw_complete(struct gb_world *w, struct io_kiocb *notif)
{
	const struct io_notif_data *nd = &notif->cmd.notif;

	if (nd->zc_report && (nd->zc_copied || !nd->zc_used)) {
		notif->cqe_res = (int32_t)IORING_NOTIF_USAGE_ZC_COPIED;
		gb_why(w, notif, GB_R_NOTIF_COPIED, NULL, 0, 0);
	} else {
		gb_why(w, notif, GB_R_NOTIF_DONE, NULL, 0, 0);
	}
	comp_list_push(w, &gb_ctx(w)->submit_state.compl_reqs, notif);
}
