/* SPDX-License-Identifier: MIT */
/*
 * The lessor: a device with one command, which leases a kernel buffer to the
 * group of the command, in every way a driver can get it right or wrong.
 */
#include "io_uring/io_uring.h"

#define GB_LESSOR_US 2000 /* how long mode=async takes */

int gb_lease_to_group(struct gb_world *w, struct io_kiocb *req, uint16_t index)
{
	struct gb_lease *lease = gb_lease(w, index);
	int ret = io_lease_group_kbuf(w, req, index);

	if (!ret && lease->leases) {
		gb_hazard(w, GB_HAZARD_ACK_MISSING, "io_lease_group_kbuf", gb_label(req),
			  "a second lease replaces the first, which will never be acked");
		return 0;
	}
	if (!ret) {
		lease->leases++;
		lease->state = GB_LEASE_OUT;
	}
	gb_emit_ret(w, GB_EV_LEASE, req, ret, lease->len, lease->dir, index);
	return ret;
}

/* What the command ends with if nothing went wrong. */
static int gb_lessor_result(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe, enum gb_lease_mode mode)
{
	bool given = sqe->given & (1U << GB_F_res) && sqe->mode != GB_LEASE_any;
	int32_t res = mode == GB_LEASE_fail_after && !given ? -GB_EIO : sqe->res;

	gb_why(w, req, GB_R_CMD_DONE, NULL, res, 0);
	return res;
}

int gb_lessor_cmd(struct gb_world *w, struct io_kiocb *req)
{
	const struct gb_sqe *sqe = &w->trace->sqes[req->sqe];
	uint16_t index = w->lease_of[req->sqe];
	enum gb_lease_mode mode;
	int ret;

	if (!sqe->lease)
		return gb_why(w, req, GB_R_CMD_BAD_OP, NULL, 0, 0);
	ret = gb_lease_to_group(w, req, index);
	if (!ret && sqe->mode == GB_LEASE_twice)
		ret = gb_lease_to_group(w, req, index);
	if (ret)
		return ret;
	mode = gb_lessor_mode(w, req, sqe);
	if (mode == GB_LEASE_async) {
		gb_timer_add(w, req, IO_EVENT_CMD_DONE, gb_state(w)->now_us + GB_LESSOR_US);
		return -GB_EIOCBQUEUED;
	}
	return gb_lessor_result(w, req, sqe, mode);
}

void gb_lessor_done(struct gb_world *w, struct io_kiocb *req)
{
	const struct gb_sqe *sqe = &w->trace->sqes[req->sqe];

	io_uring_cmd_done(w, req, gb_lessor_result(w, req, sqe, GB_LEASE_async), IO_URING_F_UNLOCKED);
}

void gb_lessor_ack(struct gb_world *w, uint16_t index)
{
	struct gb_lease *lease = gb_lease(w, index);

	lease->acks++;
	if (lease->acks > lease->leases)
		gb_hazard(w, GB_HAZARD_DOUBLE_ACK, "io_drop_group_buf", lease->sqe - 1U,
			  "the buffer goes back more often than it was leased");
	lease->state = GB_LEASE_BACK;
	gb_emit(w, GB_EV_ACK, lease->sqe - 1U, GB_NO_REQ, gb_ctx(w)->cq_tail, gb_lease_untouched(w, lease),
		(int64_t)gb_lease_hash(w, lease), index);
}
