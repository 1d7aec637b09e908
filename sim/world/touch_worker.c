/* SPDX-License-Identifier: MIT */
/* What a step of a worker, of a timer or of an interrupt may touch. */
#include "world/touch_parts.h"

static void touch_pick(const struct gb_world *w, struct gb_footprint *f, uint16_t index)
{
	const struct io_wq *wq = &gb_state(w)->wq;

	gb_touch(f->read, GB_T_WQ);
	gb_touch(f->read, GB_T_IDLE);
	gb_touch(f->read, GB_T_DYING);
	for (uint16_t k = wq->acct[gb_worker(w, index)->acct].work_list.first; k; k = io_req(w, k)->wq_next)
		gb_touch_req(f->read, io_req(w, k));
}

/* The last reference is dropped: what is linked behind goes on, and the request is freed. */
static void touch_last_put(const struct gb_world *w, struct gb_footprint *f, const struct io_kiocb *req)
{
	gb_touch_tw_add(f);
	if (!req->link)
		return;
	gb_touch_links(w, f, req);
	gb_touch_enqueue(w, f);
}

static void touch_put(struct gb_world *w, struct gb_footprint *f, const struct io_worker *worker)
{
	const struct io_kiocb *req = io_req(w, worker->cur);

	gb_touch_refs(f->read, req);
	gb_touch_req(f->read, io_req_at(w, worker->chain.first));
	if (worker->hash)
		gb_touch(f->read, GB_T_WQ);
	/* not the last reference: whoever has that goes on */
	if (req->refs > 1)
		return;
	gb_touch_req(f->read, req);
	touch_last_put(w, f, req);
}

static void touch_complete(const struct gb_world *w, struct gb_footprint *f, const struct io_kiocb *req)
{
	gb_touch_req(f->read, req);
	if (gb_ctx(w)->lockless_cq || req->flags & REQ_F_GROUP)
		gb_touch_tw_add(f);
	else
		gb_touch_commit(w, f);
}

/* Are all references those of workers? One may still have to let go when another has got the request again. */
static bool is_held_by_workers(const struct gb_world *w, const struct io_kiocb *req)
{
	uint32_t holders = 0;

	for (uint32_t k = 1; k <= gb_state(w)->wq.nr_workers; k++)
		holders += gb_worker(w, k)->cur == io_req_ref(w, req);
	return req->refs <= holders;
}

bool gb_touch_work(struct gb_world *w, struct gb_footprint *f, const struct io_kiocb *req, enum io_worker_phase phase)
{
	const bool by_task = gb_ctx(w)->lockless_cq || req->flags & REQ_F_GROUP;
	/* what a worker lets the task complete the task lets go of */
	const bool last = phase == IO_WORKER_PUT ? is_held_by_workers(w, req) : !by_task;

	gb_touch_refs(f->read, req);
	if (phase < IO_WORKER_PUT || last)
		gb_touch_req(f->read, req);
	if (phase < IO_WORKER_COMPLETE) {
		gb_touch(f->read, GB_T_DYING);
		gb_touch_tw_add(f);
		gb_touch_issue(w, f, req);
	}
	if (phase < IO_WORKER_PUT)
		touch_complete(w, f, req);
	if (last)
		touch_last_put(w, f, req);
	return last && req->link;
}

void gb_touch_worker_step(struct gb_world *w, struct gb_footprint *f, uint16_t index)
{
	const struct io_worker *worker = gb_worker(w, index);

	gb_touch_worker(f->read, index);
	/* it is counted from its first step on */
	if (!worker->running)
		gb_touch(f->read, GB_T_WQ);
	switch ((enum io_worker_phase)worker->phase) {
	case IO_WORKER_PICK:
		touch_pick(w, f, index);
		break;
	case IO_WORKER_SUBMIT:
		gb_touch(f->read, GB_T_DYING);
		gb_touch_tw_add(f);
		gb_touch_issue(w, f, io_req(w, worker->cur));
		break;
	case IO_WORKER_COMPLETE:
		touch_complete(w, f, io_req(w, worker->cur));
		break;
	case IO_WORKER_PUT:
		touch_put(w, f, worker);
		break;
	default:
		gb_touch_everything(f);
		break;
	}
}

/* ---- timers and interrupts ---- */

void gb_touch_event(struct gb_world *w, struct gb_footprint *f, const struct io_kiocb *req)
{
	const struct gb_issue i = {.sqe = &w->trace->sqes[req->origin], .req = req};

	gb_touch(f->read, GB_T_TIMERS);
	gb_touch_req(f->read, req);
	gb_touch_tw_add(f);
	switch ((enum io_event_kind)req->event) {
	case IO_EVENT_TIMEOUT:
		gb_touch(f->read, GB_T_TIMEOUTS);
		gb_touch(f->read, GB_T_CQ);
		break;
	case IO_EVENT_LINK_TIMEOUT:
		gb_touch(f->read, GB_T_TIMEOUTS);
		gb_touch_req(f->read, io_req_at(w, req->cmd.timeout.head));
		break;
	case IO_EVENT_RW_DONE:
		/* the rest of the buffer may be zeroed */
		gb_touch_buffer(w, f, &i, true);
		gb_touch_file(f->read, req->file);
		break;
	case IO_EVENT_PAGE:
		if (req->worker)
			gb_touch_worker(f->read, req->worker);
		gb_touch(f->read, GB_T_RESCHED);
		break;
	case IO_EVENT_CMD_DONE:
		gb_touch(f->read, GB_T_TIMEOUTS);
		break;
	default:
		gb_touch_everything(f);
		break;
	}
}
