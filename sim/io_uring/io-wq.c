/* SPDX-License-Identifier: MIT */
/*
 * The worker pool: two accounts, workers that are created on demand, hashed
 * items, cancellation (3.3 and 3.4 of semantics.md). A worker's steps are:
 * take an item, issue it, post its completion, drop its reference; in between
 * others can run.
 */
#include "io_uring/io_uring.h"

static struct io_wq *gb_wq(const struct gb_world *w)
{
	return &gb_state(w)->wq;
}

static struct io_wq_acct *io_work_get_acct(const struct gb_world *w, const struct io_kiocb *req)
{
	return &gb_wq(w)->acct[req->work_flags & IO_WQ_WORK_UNBOUND ? IO_WQ_ACCT_UNBOUND : IO_WQ_ACCT_BOUND];
}

/* ---- workers come and go ---- */

static void io_worker_set(struct gb_world *w, struct io_worker *worker, enum io_worker_phase phase)
{
	bool asleep = worker->phase <= IO_WORKER_IDLE || worker->phase == IO_WORKER_BLOCKED;

	worker->phase = (uint8_t)phase;
	if (asleep && phase != IO_WORKER_IDLE && phase != IO_WORKER_BLOCKED) {
		gb_state(w)->need_resched = true;
		worker->since = ++gb_state(w)->wake_seq;
	}
}

static void io_worker_free_add(struct gb_world *w, uint16_t k)
{
	struct io_worker *worker = gb_worker(w, k);

	if (worker->free)
		return;
	worker->free = true;
	worker->free_next = gb_wq(w)->free_list;
	gb_wq(w)->free_list = k;
}

static void io_worker_free_del(struct gb_world *w, uint16_t k)
{
	uint16_t *at = &gb_wq(w)->free_list;

	if (!gb_worker(w, k)->free)
		return;
	while (*at != k)
		at = &gb_worker(w, *at)->free_next;
	*at = gb_worker(w, k)->free_next;
	gb_worker(w, k)->free = false;
}

static void io_wq_create_worker(struct gb_world *w, struct io_wq_acct *acct)
{
	struct io_wq *wq = gb_wq(w);
	uint16_t k;

	if (acct->nr_workers >= acct->max_workers || wq->nr_workers >= w->at.n_workers)
		return;
	acct->nr_workers++;
	acct->nr_running++;
	k = ++wq->nr_workers;
	gb_worker(w, k)->running = true;
	gb_worker(w, k)->acct = (uint8_t)(acct - wq->acct);
	io_worker_set(w, gb_worker(w, k), IO_WORKER_PICK);
	/* until it runs it counts as free, so that a second item does not create another */
	io_worker_free_add(w, k);
}

/* True if an idle worker was found and woken. */
static bool io_wq_activate_free_worker(struct gb_world *w, struct io_wq_acct *acct)
{
	struct io_wq *wq = gb_wq(w);

	for (uint16_t k = wq->free_list; k; k = gb_worker(w, k)->free_next) {
		struct io_worker *worker = gb_worker(w, k);

		if (&wq->acct[worker->acct] != acct)
			continue;
		if (worker->phase == IO_WORKER_IDLE)
			io_worker_set(w, worker, IO_WORKER_PICK);
		return true;
	}
	return false;
}

/* A worker goes to sleep; if it was the last one running, pending work needs another. */
static void io_wq_dec_running(struct gb_world *w, struct io_worker *worker)
{
	struct io_wq_acct *acct = &gb_wq(w)->acct[worker->acct];

	worker->running = false;
	acct->nr_running--;
	if (!acct->nr_running && worker->phase == IO_WORKER_BLOCKED && acct->work_list.first)
		io_wq_create_worker(w, acct);
}

/* ---- queueing ---- */

/* Fails an item, and what its end lets loose, instead of running it. */
static void io_run_cancel(struct gb_world *w, struct io_kiocb *req)
{
	if (req->flags & REQ_F_REFCOUNT)
		req_ref_get(w, req);
	else
		io_req_set_refcount(w, req, 2);
	io_req_task_queue_fail(w, req, gb_why(w, req, GB_R_WORK_CANCELED, NULL, 0, 0));
	/* the completion still holds one, so the chain goes on from there */
	req_ref_put_and_test(w, req);
}

/* Behind the last item of the same hash, so that they are taken together; else at the tail. */
static void io_wq_insert_work(struct gb_world *w, struct io_wq_acct *acct, struct io_kiocb *req)
{
	struct io_kiocb *after = NULL;

	if (req->work_flags & IO_WQ_WORK_HASHED) {
		for (uint16_t k = acct->work_list.first; k; k = io_req(w, k)->wq_next)
			if (io_req(w, k)->work_hash == req->work_hash)
				after = io_req(w, k);
	}
	if (!after || !after->wq_next) {
		wq_list_push(w, &acct->work_list, req);
		return;
	}
	req->wq_next = after->wq_next;
	after->wq_next = io_req_ref(w, req);
}

void io_wq_enqueue(struct gb_world *w, struct io_kiocb *req)
{
	struct io_wq_acct *acct = io_work_get_acct(w, req);

	if ((gb_wq(w)->exiting && !GB_FAULT(w, DEAD_POOL_TAKES_WORK)) || req->work_flags & IO_WQ_WORK_CANCEL) {
		io_run_cancel(w, req);
		return;
	}
	gb_emit(w, GB_EV_PUNT, gb_label(req), GB_NO_REQ, acct - gb_wq(w)->acct, req->work_hash, 0, 0);
	req->work_pending = 1;
	io_wq_insert_work(w, acct, req);
	if (!io_wq_activate_free_worker(w, acct) && ((req->work_flags & IO_WQ_WORK_CONCURRENT) || !acct->nr_running))
		io_wq_create_worker(w, acct);
}

static bool io_hash_busy(const struct gb_world *w, uint16_t hash)
{
	for (uint16_t k = 1; k <= gb_wq(w)->nr_workers; k++)
		if (gb_worker(w, k)->hash == hash)
			return true;
	return false;
}

/* The next item an account can start: the first whose hash is not busy. */
static struct io_kiocb *io_get_next_work(const struct gb_world *w, const struct io_wq_acct *acct)
{
	for (uint16_t k = acct->work_list.first; k; k = io_req(w, k)->wq_next) {
		struct io_kiocb *req = io_req(w, k);

		if (!req->work_hash || !io_hash_busy(w, req->work_hash))
			return req;
	}
	return NULL;
}

/* Takes an item, and with a hashed one all of its hash, from the queue. */
static void io_worker_take(struct gb_world *w, struct io_worker *worker, struct io_kiocb *req)
{
	struct io_wq_acct *acct = &gb_wq(w)->acct[worker->acct];
	uint16_t k = req->wq_next;

	wq_list_remove(w, &acct->work_list, req);
	req->work_pending = 0;
	worker->hash = req->work_hash;
	while (worker->hash && k) {
		struct io_kiocb *more = io_req(w, k);

		k = more->wq_next;
		if (more->work_hash != worker->hash)
			continue;
		wq_list_remove(w, &acct->work_list, more);
		more->work_pending = 0;
		wq_list_push(w, &worker->chain, more);
	}
}

static void io_worker_assign(struct gb_world *w, uint16_t k, struct io_kiocb *req)
{
	struct io_worker *worker = gb_worker(w, k);

	worker->cur = io_req_ref(w, req);
	worker->fresh = true;
	if (req) {
		req->worker = k;
		gb_emit(w, GB_EV_WORK, gb_label(req), GB_NO_REQ, 0, 0, 0, 0);
	}
}

/* ---- the steps of a worker ---- */

static void io_worker_exit(struct gb_world *w, uint16_t k)
{
	struct io_worker *worker = gb_worker(w, k);
	struct io_wq_acct *acct = &gb_wq(w)->acct[worker->acct];

	io_worker_free_del(w, k);
	acct->nr_workers--;
	acct->nr_running--;
	*worker = (struct io_worker){.phase = IO_WORKER_UNUSED};
}

static void io_worker_pick(struct gb_world *w, uint16_t k)
{
	struct io_worker *worker = gb_worker(w, k);
	struct io_kiocb *req = io_get_next_work(w, &gb_wq(w)->acct[worker->acct]);

	if (!req) {
		if (gb_wq(w)->exiting) {
			io_worker_exit(w, k);
			return;
		}
		io_worker_free_add(w, k);
		io_worker_set(w, worker, IO_WORKER_IDLE);
		io_wq_dec_running(w, worker);
		return;
	}
	io_worker_free_del(w, k);
	io_worker_take(w, worker, req);
	io_worker_assign(w, k, req);
	io_worker_set(w, worker, IO_WORKER_SUBMIT);
}

/* S3.16, S3.17: what happens once before an item is issued; false if it is failed. */
static bool io_wq_prepare_work(struct gb_world *w, struct io_kiocb *req)
{
	if (req->flags & REQ_F_REFCOUNT)
		req_ref_get(w, req);
	else
		io_req_set_refcount(w, req, GB_FAULT(w, WORKER_WITHOUT_REFERENCE) ? 1 : 2);
	if (req->work_flags & IO_WQ_WORK_CANCEL) {
		io_req_task_queue_fail(w, req, gb_why(w, req, GB_R_WORK_FLAGGED, NULL, 0, 0));
		return false;
	}
	if (io_req_stays_failed(w, req)) {
		io_req_task_queue_fail(w, req, req->cqe_res);
		return false;
	}
	if (!io_assign_file(w, req)) {
		req->work_flags |= IO_WQ_WORK_CANCEL;
		io_req_task_queue_fail(w, req,
				       gb_why(w, req, GB_R_WORKER_NO_FILE, NULL, (int32_t)req->cqe_fd_or_flags, 0));
		return false;
	}
	return true;
}

/* S3.18: a multishot request waits for its file instead; true if it was one. */
static bool io_wq_multishot(struct gb_world *w, struct io_kiocb *req)
{
	if (!(req->flags & (REQ_F_MULTISHOT | REQ_F_APOLL_MULTISHOT)))
		return false;
	if (!(req->flags & REQ_F_CAN_POLL)) {
		io_req_task_queue_fail(w, req, gb_why(w, req, GB_R_MSHOT_WORKER_NO_POLL, NULL, 0, 0));
		return true;
	}
	if (!(req->flags & REQ_F_SUPPORT_NOWAIT)) {
		req->flags &= ~(REQ_F_MULTISHOT | REQ_F_APOLL_MULTISHOT);
		return false;
	}
	if (io_arm_poll_handler(w, req, IO_URING_F_UNLOCKED | IO_URING_F_IOWQ) != IO_APOLL_OK)
		io_req_task_queue_fail(w, req, gb_why(w, req, GB_R_MSHOT_WORKER, NULL, 0, 0));
	return true;
}

/* S3.19, S3.20: issues an item; true if it is to be completed with its result. */
static bool io_wq_issue(struct gb_world *w, struct io_worker *worker, struct io_kiocb *req)
{
	const struct io_issue_def *def = &io_issue_defs[req->opcode];
	bool needs_poll = worker->fresh && (req->flags & REQ_F_FORCE_ASYNC) && (def->pollin || def->pollout) &&
			  (req->flags & REQ_F_CAN_POLL) && !GB_FAULT(w, ASYNC_POLLABLE_BLOCKS);
	unsigned int flags = IO_URING_F_UNLOCKED | IO_URING_F_IOWQ;
	int ret;

	worker->fresh = false;
	ret = io_issue_sqe(w, req, needs_poll ? flags | IO_URING_F_NONBLOCK : flags);
	if (ret == -GB_EAGAIN && needs_poll && !(req->flags & REQ_F_NOWAIT)) {
		if (io_arm_poll_handler(w, req, flags) == IO_APOLL_OK)
			return false;
		ret = io_issue_sqe(w, req, flags);
	}
	if (ret == IOU_COMPLETE)
		return true;
	if (ret == IOU_BLOCKED)
		io_worker_set(w, worker, IO_WORKER_BLOCKED);
	else if (ret)
		io_req_task_queue_fail(w, req, ret);
	return false;
}

static void io_worker_submit(struct gb_world *w, struct io_worker *worker)
{
	struct io_kiocb *req = io_req(w, worker->cur);
	bool complete;

	if (worker->fresh && gb_wq(w)->exiting) {
		/* what may wait for ever is not begun any more, what begins now does not sleep */
		if (req->work_flags & IO_WQ_WORK_UNBOUND)
			req->work_flags |= IO_WQ_WORK_CANCEL;
		worker->signalled = true;
	}
	if (worker->fresh && (!io_wq_prepare_work(w, req) || io_wq_multishot(w, req))) {
		io_worker_set(w, worker, IO_WORKER_PUT);
		return;
	}
	complete = io_wq_issue(w, worker, req);
	if (worker->phase == IO_WORKER_BLOCKED)
		io_wq_dec_running(w, worker);
	else
		io_worker_set(w, worker, complete ? IO_WORKER_COMPLETE : IO_WORKER_PUT);
}

/* S3.21: drops the worker's reference; what the chain goes on with is run here if it can be. */
static void io_worker_put(struct gb_world *w, uint16_t k)
{
	struct io_worker *worker = gb_worker(w, k);
	struct io_kiocb *req = io_req(w, worker->cur);
	struct io_kiocb *next = wq_list_pop(w, &worker->chain);
	struct io_kiocb *linked = NULL;
	bool last;

	gb_emit(w, GB_EV_WORK_PUT, gb_label(req), GB_NO_REQ, 0, 0, 0, 0);
	req->worker = 0;
	worker->signalled = false;
	last = !GB_FAULT(w, WORKER_KEEPS_REFERENCE) && req_ref_put_and_test(w, req);
	if (GB_FAULT(w, WORKER_DROPS_TWO_REFERENCES) && !last)
		last = req_ref_put_and_test(w, req);
	if (last && req->flags & IO_REQ_LINK_FLAGS && !GB_FAULT(w, WORKER_FORGETS_LINK))
		linked = io_req_find_next(w, req);
	if (!next) {
		worker->hash = 0;
		if (linked && !linked->work_hash) {
			next = linked;
			linked = NULL;
		}
	}
	io_worker_assign(w, k, next);
	if (linked)
		io_wq_enqueue(w, linked);
	if (last)
		io_free_req(w, req);
	io_worker_set(w, worker, next ? IO_WORKER_SUBMIT : IO_WORKER_PICK);
}

void io_wq_worker_step(struct gb_world *w, uint16_t k)
{
	struct io_worker *worker = gb_worker(w, k);

	/* io_wq_worker_running: a woken worker counts once it is on a CPU */
	if (!worker->running) {
		worker->running = true;
		gb_wq(w)->acct[worker->acct].nr_running++;
	}
	switch ((enum io_worker_phase)worker->phase) {
	case IO_WORKER_PICK:
		io_worker_pick(w, k);
		break;
	case IO_WORKER_SUBMIT:
		io_worker_submit(w, worker);
		break;
	case IO_WORKER_COMPLETE:
		io_req_complete_post(w, io_req(w, worker->cur));
		io_worker_set(w, worker, IO_WORKER_PUT);
		break;
	case IO_WORKER_PUT:
		io_worker_put(w, k);
		break;
	case IO_WORKER_UNUSED:
	case IO_WORKER_IDLE:
	case IO_WORKER_BLOCKED:
		break;
	}
}

bool io_wq_interrupted(const struct gb_world *w, const struct io_kiocb *req)
{
	return gb_worker(w, req->worker)->signalled;
}

void io_wq_wake_blocked(struct gb_world *w, struct io_kiocb *req)
{
	struct io_worker *worker = gb_worker(w, req->worker);

	io_wait_queue_del(w, req);
	req->resumed = 1;
	gb_emit(w, GB_EV_WAKE, gb_label(req), GB_NO_REQ, 0, 0, 0, 0);
	io_worker_set(w, worker, IO_WORKER_SUBMIT);
}

/* ---- cancellation ---- */

static bool io_wq_cancel_pending(struct gb_world *w, const struct io_cancel_data *cd, struct io_kiocb **victim)
{
	for (int a = 0; a < IO_WQ_ACCT_NR; a++) {
		struct io_list *list = &gb_wq(w)->acct[a].work_list;

		for (uint16_t k = list->first; k; k = io_req(w, k)->wq_next) {
			struct io_kiocb *req = io_req(w, k);

			if (!io_cancel_req_match(w, req, cd))
				continue;
			wq_list_remove(w, list, req);
			req->work_pending = 0;
			*victim = req;
			io_run_cancel(w, req);
			return true;
		}
	}
	return false;
}

/* Marks an item if it is meant; true if it is. What was marked in an earlier round is left alone. */
static bool io_wq_flag_cancel(const struct gb_world *w, struct io_kiocb *req, const struct io_cancel_data *cd,
			      struct io_kiocb **victim)
{
	if (!req || !io_cancel_req_match(w, req, cd) || (cd->everything && req->work_flags & IO_WQ_WORK_CANCEL))
		return false;
	req->work_flags |= IO_WQ_WORK_CANCEL;
	*victim = req;
	return true;
}

/*
 * Signals a worker that runs what is meant. Items of the same hash that it has
 * taken along and not begun yet are marked: they fail when it is their turn.
 */
static bool io_wq_worker_cancel(struct gb_world *w, struct io_worker *worker, const struct io_cancel_data *cd, bool all,
				struct io_kiocb **victim)
{
	struct io_kiocb *cur = io_req_at(w, worker->cur);
	bool any = io_wq_flag_cancel(w, cur, cd, victim);

	if (any) {
		worker->signalled = true;
		/* a wait for a page is not interrupted */
		if (worker->phase == IO_WORKER_BLOCKED && cur->wait_file)
			io_wq_wake_blocked(w, cur);
	}
	for (uint16_t k = worker->chain.first; k && (all || !any); k = io_req(w, k)->wq_next)
		any |= io_wq_flag_cancel(w, io_req(w, k), cd, victim);
	return any;
}

static bool io_wq_cancel_running(struct gb_world *w, const struct io_cancel_data *cd, bool all,
				 struct io_kiocb **victim)
{
	bool any = false;

	for (uint16_t k = 1; k <= gb_wq(w)->nr_workers && (all || !any); k++)
		any |= io_wq_worker_cancel(w, gb_worker(w, k), cd, all, victim);
	return any;
}

int io_wq_cancel(struct gb_world *w, const struct io_cancel_data *cd, bool all, struct io_kiocb **victim)
{
	bool pending = false;

	while (io_wq_cancel_pending(w, cd, victim)) {
		pending = true;
		if (!all)
			return 0;
	}
	if (io_wq_cancel_running(w, cd, all, victim))
		return -GB_EALREADY;
	return pending ? 0 : -GB_ENOENT;
}

/* ---- the end ---- */

void io_wq_exit_start(struct gb_world *w)
{
	gb_wq(w)->exiting = true;
}

void io_wq_exit_workers(struct gb_world *w)
{
	for (uint16_t k = 1; k <= gb_wq(w)->nr_workers; k++) {
		struct io_worker *worker = gb_worker(w, k);

		worker->signalled = true;
		if (worker->phase == IO_WORKER_BLOCKED) {
			/* as above: a wait for a page is not interrupted, the page comes */
			if (io_req(w, worker->cur)->wait_file)
				io_wq_wake_blocked(w, io_req(w, worker->cur));
		} else if (worker->phase == IO_WORKER_IDLE) {
			gb_wq(w)->acct[worker->acct].nr_running++;
			io_worker_set(w, worker, IO_WORKER_PICK);
		}
	}
}

bool io_wq_alive(const struct gb_world *w)
{
	for (uint16_t k = 1; k <= gb_wq(w)->nr_workers; k++)
		if (gb_worker(w, k)->phase != IO_WORKER_UNUSED)
			return true;
	return false;
}

void io_wq_destroy(struct gb_world *w)
{
	const struct io_cancel_data cd = {.everything = true};
	struct io_kiocb *victim = NULL;

	while (io_wq_cancel_pending(w, &cd, &victim))
		continue;
}
