/* SPDX-License-Identifier: MIT */
/* The end of a run: what is left in files, memory, pipes and sockets, and what was lost. */
#include "io_uring/io_uring.h"

/* The requests that are left, in the order of their SQEs, not of the memory they happened to get; linked by list_next.
 */
static struct io_list gb_lost_requests(struct gb_world *w)
{
	struct io_list lost = {0, 0};
	uint16_t after = 0;

	for (uint16_t k = 1; k <= gb_ctx(w)->reqs_used; k++) {
		struct io_kiocb *req = io_req(w, k);

		/* a notification waits for its send, or for a peer that does not read */
		if (req->opcode == GB_OP_BAD || req->flags & REQ_F_NOTIF)
			continue;
		/* as a rule each belongs directly behind the one before */
		if (after && io_req(w, after)->origin > req->origin)
			after = 0;
		for (uint16_t next = after ? io_req(w, after)->list_next : lost.first;
		     next && io_req(w, next)->origin < req->origin; next = io_req(w, next)->list_next)
			after = next;
		req->list_next = after ? io_req(w, after)->list_next : lost.first;
		*(after ? &io_req(w, after)->list_next : &lost.first) = k;
		after = k;
	}
	return lost;
}

static void gb_report_lost(struct gb_world *w)
{
	for (uint32_t k = 1; k <= w->at.n_leases; k++) {
		const struct gb_lease *lease = gb_lease(w, k);

		if (lease->leases > lease->acks)
			gb_hazard(w, GB_HAZARD_ACK_MISSING, "io_drop_group_buf", lease->sqe - 1U,
				  "a leased buffer never goes back");
	}
	/* what keeps the ring open has been reported by the task that could not exit */
	if (!gb_ctx(w)->dying)
		return;
	for (uint16_t k = gb_lost_requests(w).first; k; k = io_req(w, k)->list_next)
		gb_hazard(w, GB_HAZARD_LEAK, "io_ring_exit_work", gb_label(io_req(w, k)),
			  "the request is lost: nobody will ever free it");
}

static void gb_report_file(struct gb_world *w, uint32_t object, uint32_t end)
{
	const struct gb_file *f = gb_file(w, w->file_of[2 * object + end]);
	uint64_t hash = 0;
	uint64_t n = gb_file_unread(w, f, &hash);

	if (n)
		gb_emit(w, GB_EV_FINAL, GB_NO_REQ, GB_NO_REQ, (int64_t)(object << 8 | end), (int64_t)n, (int64_t)hash,
			0);
}

/* The data of block requests: what their owner finds in his pages. */
static void gb_report_blk(struct gb_world *w, uint32_t k)
{
	const struct ublk_rq *rq = gb_ublk_rq(w, k + 1);
	const unsigned char *bytes = gb_bytes(w, rq->bytes);
	uint32_t len = rq->nr_bvecs ? w->trace->blkreqs[k].len : 0, untouched = 0;

	for (uint32_t i = 0; i < len; i++)
		untouched += bytes[i] == GB_POISON;
	gb_emit(w, GB_EV_BLK_FINAL, GB_NO_REQ, GB_NO_REQ, rq->refs, untouched,
		(int64_t)gb_fnv(GB_FNV_START, bytes, len), k);
}

void gb_report_end(struct gb_world *w)
{
	gb_report_lost(w);
	if (!w->events)
		return;
	for (uint32_t k = 0; k < w->trace->n_objects; k++) {
		const struct gb_area *area = gb_area(w, k + 1);
		enum gb_object_kind kind = w->trace->objects[k].kind;

		switch (kind) {
		case GB_FILE:
		case GB_BLOCK:
		case GB_MEM:
			gb_emit(w, GB_EV_FINAL, GB_NO_REQ, GB_NO_REQ, (int64_t)(k << 8),
				kind == GB_MEM ? 0 : area->size,
				(int64_t)gb_fnv(GB_FNV_START, gb_bytes(w, area->bytes), area->size), 0);
			break;
		case GB_PIPE:
			gb_report_file(w, k, 0);
			break;
		case GB_SOCK:
			gb_report_file(w, k, 0);
			gb_report_file(w, k, 1);
			break;
		case GB_LESSOR:
		case GB_LISTEN:
		case GB_UBLK:
			break;
		}
	}
	for (uint32_t k = 0; k < w->trace->n_blkreqs; k++)
		gb_report_blk(w, k);
}
