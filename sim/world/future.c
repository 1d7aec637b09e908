/* SPDX-License-Identifier: MIT */
/*
 * What everybody but one actor can touch before that one takes its next step.
 * Time cannot pass until then, so no wait ends by timeout, and the trace ends
 * with a reap that does: neither is the ring closed before.
 */
#include "io_uring/io_uring.h"
#include "world/touch.h"

#define BIT(thing) (1ULL << (thing))

/* Things of the ring that the submitting task touches in any case; workers, timers and interrupts touch fewer. */
#define TASK                                                                                                      \
	(BIT(GB_T_WAKE) | BIT(GB_T_CQ) | BIT(GB_T_TW) | BIT(GB_T_TIMERS) | BIT(GB_T_TIMEOUTS) | BIT(GB_T_POLLS) | \
	 BIT(GB_T_KBUFS) | BIT(GB_T_RESCHED) | BIT(GB_T_APP) | BIT(GB_T_SQ) | BIT(GB_T_COMPL) | BIT(GB_T_FREE) |  \
	 BIT(GB_T_REG) | BIT(GB_T_DEFER))

struct future {
	struct gb_world *w;
	struct gb_footprint *f;
	const struct io_kiocb *own; /* the request that the worker is about to issue: nobody else knows it */
	uint16_t index;		    /* the worker */
	uint32_t stmts, sqes;	    /* the first statement and SQE that are out of reach */
	bool wq;		    /* items may be queued or taken, workers woken or created */
	bool closes;		    /* the task may close the ring */
};

/* Does one of the SQEs set these flags? */
static bool any_flag(const struct gb_world *w, uint8_t flags)
{
	for (uint32_t k = 0; k < w->trace->n_sqes; k++)
		if (w->trace->sqes[k].flags & flags)
			return true;
	return false;
}

/* A file whose position, kind of end or errors change with use. */
static bool changes_with_use(const struct gb_world *w, uint16_t file, const struct gb_sqe *sqe)
{
	const struct gb_file *f = gb_file(w, file);

	return f->kind != GB_FK_REGULAR || sqe->off == UINT64_MAX || gb_file_class_of(w, f)->once;
}

static void add_sqe(const struct future *u, const struct gb_sqe *sqe, const struct io_kiocb *req)
{
	struct gb_issue i = {.sqe = sqe, .req = req, .file = req ? req->file : 0};

	if (sqe->flags & IOSQE_FIXED_FILE) {
		gb_touch_everything(u->f);
		return;
	}
	if (!i.file && sqe->fd.is_object)
		i.file = u->w->file_of[2 * sqe->fd.object + sqe->fd.end];
	if (i.file && changes_with_use(u->w, i.file, sqe)) {
		for (uint32_t end = 0; end < 2; end++)
			gb_touch_file(u->f->write, u->w->file_of[2 * sqe->fd.object + end]);
	}
	gb_touch_file(u->f->read, i.file);
	gb_touch_handler(u->w, u->f, &i);
	gb_touch_sqe(u->f->write, (uint32_t)(sqe - u->w->trace->sqes));
	/* it may lease, and give back what it leased */
	gb_touch(u->f->write, GB_T_BUF + (uint32_t)(sqe - u->w->trace->sqes) % 32U);
	if (u->w->lease_of[sqe - u->w->trace->sqes])
		gb_touch_lease(u->f->write, u->w->lease_of[sqe - u->w->trace->sqes]);
}

/* May a wait end because of a timeout, though that posts nothing? One that is over has had its effect. */
static bool ends_early(const struct gb_world *w)
{
	const struct gb_app *app = &gb_state(w)->app;
	const enum gb_app_phase at = gb_app_position(app);

	if (gb_app_waits(at) && gb_ctx(w)->cq_timeouts != app->cq_timeouts_seen)
		return true;
	/* the wait is over already, and there is nothing to take */
	if ((at == GB_APP_RETURN || at == GB_APP_TAKE) && gb_app_takes(w) && app->entered &&
	    gb_ctx(w)->cq_tail == app->cq_head)
		return true;
	for (uint16_t k = 1; k <= gb_ctx(w)->reqs_used; k++)
		if (io_req(w, k)->opcode == IORING_OP_TIMEOUT)
			return true;
	for (uint32_t k = gb_ctx(w)->cached_sq_head; k < w->trace->n_sqes; k++)
		if (w->trace->sqes[k].opcode == IORING_OP_TIMEOUT)
			return true;
	return false;
}

/*
 * How far the task may come. A reap, and the one at the end, is over when time has passed; or for a timeout
 * that posts nothing.
 */
static void find_reach(struct future *u)
{
	const struct gb_trace *t = u->w->trace;
	const struct gb_app *app = &gb_state(u->w)->app;
	const bool early = ends_early(u->w);

	u->sqes = app->sq_tail;
	for (u->stmts = app->pc; u->stmts < t->n_stmts; u->stmts++) {
		const enum gb_stmt_kind kind = t->stmts[u->stmts].kind;

		u->sqes += kind == GB_STMT_SQE;
		if (kind == GB_STMT_REAP && !early && !(u->stmts == app->pc && app->timed_out))
			return;
	}
	u->closes = early || app->pc > t->n_stmts || (app->pc == t->n_stmts && app->timed_out);
}

/* Does an item of io-wq wait for this worker, and for no other, for there is none awake in its account? */
static bool is_own_item(const struct future *u, const struct io_kiocb *req)
{
	const bool unbound = req->work_flags & IO_WQ_WORK_UNBOUND;

	return !u->wq && req->work_pending &&
	       gb_worker(u->w, u->index)->acct == (unbound ? IO_WQ_ACCT_UNBOUND : IO_WQ_ACCT_BOUND);
}

static bool is_own(const struct future *u, const struct io_kiocb *req)
{
	return req == u->own || is_own_item(u, req);
}

/*
 * The group of a member goes on until the member is done, and the leader's lease with it. What the leader is
 * otherwise the worker does not ask; that it is touched is said all the same, for caution.
 */
static bool is_own_leader(const struct future *u, const struct io_kiocb *leader)
{
	const uint16_t ref = io_req_ref(u->w, leader);

	for (uint16_t k = 1; k <= gb_ctx(u->w)->reqs_used; k++) {
		const struct io_kiocb *req = io_req(u->w, k);

		if (req->opcode != GB_OP_BAD && req->grp == ref && req_is_group_member(req) && is_own(u, req))
			return true;
	}
	return false;
}

/* Is its result known, so that nobody will issue it again? */
static bool is_over(const struct gb_world *w, const struct io_kiocb *req)
{
	if (req->tw_func == IO_TW_CANCEL || req->tw_func == IO_TW_COMPLETE || req->tw_func == IO_TW_RW_COMPLETE)
		return true;
	for (uint16_t k = gb_ctx(w)->submit_state.compl_reqs.first; k; k = io_req(w, k)->comp_next)
		if (io_req(w, k) == req)
			return true;
	/* a leader that has queued its members waits for their end */
	return req_is_group_leader(req) && !(req->flags & REQ_F_GROUP);
}

/* Does it go to io-wq if it would have to wait? Those that never wait do only if that is asked for. */
static bool may_wait(uint8_t opcode)
{
	return opcode != IORING_OP_NOP && opcode != IORING_OP_TIMEOUT && opcode != IORING_OP_POLL_ADD &&
	       opcode != IORING_OP_URING_CMD;
}

/* What stands behind a drain is punted, and a chain or group that the end of a batch cuts off. */
static bool sqes_may_be_punted(const struct future *u)
{
	const uint8_t flags = IOSQE_ASYNC | IOSQE_IO_LINK | IOSQE_IO_HARDLINK | IOSQE_SQE_GROUP;
	const uint32_t head = gb_ctx(u->w)->cached_sq_head;

	for (uint32_t k = head; k < u->sqes; k++)
		if (u->w->trace->sqes[k].flags & flags || may_wait(u->w->trace->sqes[k].opcode))
			return true;
	return head < u->sqes && any_flag(u->w, IOSQE_IO_DRAIN);
}

/* Does anybody but the worker have to do with io-wq before its next step? */
static bool wq_goes_on(const struct future *u)
{
	const struct gb_world *w = u->w;
	const struct io_submit_state *state = &gb_ctx(w)->submit_state;

	if (state->link.head || state->group.head || sqes_may_be_punted(u))
		return true;
	for (uint16_t k = 1; k <= gb_state(w)->wq.nr_workers; k++)
		if (k != u->index && gb_worker(w, k)->phase > IO_WORKER_IDLE)
			return true;
	for (uint16_t k = 1; k <= gb_ctx(w)->reqs_used; k++) {
		const struct io_kiocb *req = io_req(w, k);

		if (req->opcode != GB_OP_BAD && req != u->own && !req->work_pending && !is_over(w, req) &&
		    (req->flags & REQ_F_FORCE_ASYNC || may_wait(req->opcode)))
			return true;
	}
	return false;
}

/* A request that is over is freed, and with the last member its leader; not that of a request in the worker's hands. */
static void add_end(const struct future *u, const struct io_kiocb *req)
{
	const uint64_t files = 0xffffffffULL, areas = files << 32;
	struct gb_footprint end = {0};

	if (req_is_group_member(req) && is_own_leader(u, io_req_at(u->w, req->grp))) {
		gb_touch_req(end.read, req);
		gb_touch_buf(end.read, req);
	} else {
		gb_touch_end(u->w, &end, req);
	}
	/* that a file is held by one less counts when it has been closed */
	if (!req->file || gb_file(u->w, req->file)->mode & GB_FMODE_OPEN)
		end.read[2] &= ~files;
	end.read[2] &= ~areas;
	end.read[0] &= ~(BIT(GB_T_DYING) | BIT(GB_T_REG));
	for (uint32_t k = 0; k < 4; k++)
		u->f->write[k] |= end.read[k];
}

static void add_requests(const struct future *u)
{
	const struct gb_world *w = u->w;

	for (uint16_t k = 1; k <= gb_ctx(w)->reqs_used; k++) {
		const struct io_kiocb *req = io_req(w, k);

		if (req->opcode == GB_OP_BAD || is_own(u, req))
			continue;
		if (is_own_leader(u, req))
			gb_touch_req(u->f->write, req);
		else if (is_over(w, req))
			add_end(u, req);
		else
			add_sqe(u, &w->trace->sqes[req->origin], req);
	}
	for (uint32_t k = gb_ctx(w)->cached_sq_head; k < u->sqes; k++)
		add_sqe(u, &w->trace->sqes[k], NULL);
}

/* What the task does beside its requests. */
static void add_statements(const struct future *u)
{
	const struct gb_world *w = u->w;

	for (uint32_t k = gb_state(w)->app.pc; k < u->stmts; k++) {
		const struct gb_stmt *stmt = &w->trace->stmts[k];

		switch (stmt->kind) {
		case GB_STMT_SQE:
		case GB_STMT_SUBMIT:
		case GB_STMT_WAIT:
		case GB_STMT_REAP:
			break;
		case GB_STMT_WRITE:
		case GB_STMT_READ:
			for (uint32_t end = 0; end < 2; end++)
				gb_touch_file(u->f->write, w->file_of[2 * stmt->end.object + end]);
			break;
		default:
			gb_touch_everything(u->f);
			return;
		}
	}
	u->f->write[0] |= TASK;
}

static void add_workers(const struct future *u)
{
	if (!u->wq)
		return;
	u->f->write[0] |= BIT(GB_T_WQ) | BIT(GB_T_IDLE) | ~0ULL << GB_T_WORKER;
	/* others share the bit of the 33rd */
	if (gb_state(u->w)->wq.nr_workers < 32)
		u->f->write[0] &= ~(1ULL << (GB_T_WORKER + u->index % 32));
}

/* ---- what goes on while the task stands still ---- */

/*
 * Only what io-wq has or is given by itself, and what is due: time does not
 * pass while the task can go on. What the task works on nobody else touches.
 */
struct others {
	struct gb_world *w;
	struct gb_footprint touched; /* `read`: all of it; `write`: contents, and what is not told from reading below */
	bool acct[IO_WQ_ACCT_NR];    /* items of it may be taken */
	bool streams;		     /* somebody who sleeps in an operation may be woken */
};

/* Does a request have to do with files that others sleep at? */
static bool is_stream(const struct gb_world *w, const struct io_kiocb *req)
{
	return io_issue_defs[req->opcode].needs_file && (!req->file || gb_file(w, req->file)->kind != GB_FK_REGULAR);
}

/* What the issue of a request changes, beside what it touches. */
static void add_issue(struct others *o, const struct io_kiocb *req)
{
	const struct gb_sqe *sqe = &o->w->trace->sqes[req->origin];
	const struct gb_file *file = req->file ? gb_file(o->w, req->file) : NULL;

	gb_touch_buf(o->touched.write, req);
	if (file && (changes_with_use(o->w, req->file, sqe) || !(file->mode & GB_FMODE_OPEN)))
		for (uint32_t end = 0; end < 2; end++)
			gb_touch_file(o->touched.write, o->w->file_of[2 * file->object + end]);
	if (sqe->lease)
		gb_touch_lease(o->touched.write, o->w->lease_of[req->origin]);
	o->streams |= is_stream(o->w, req);
}

/* A request from where a worker is with it, and what is linked behind it. */
static void add_work(struct others *o, const struct io_kiocb *req, enum io_worker_phase phase)
{
	for (bool more = true; req && more; req = io_req_at(o->w, req->link)) {
		/* timers that it arms might be due at once; the rest needs no look */
		if (req->opcode == IORING_OP_TIMEOUT ||
		    req->flags & (REQ_F_ARM_LTIMEOUT | REQ_F_LINK_TIMEOUT | REQ_F_FIXED_FILE)) {
			gb_touch_everything(&o->touched);
			return;
		}
		more = gb_touch_work(o->w, &o->touched, req, phase);
		if (phase < IO_WORKER_COMPLETE)
			add_issue(o, req);
		if (more)
			o->acct[0] = o->acct[1] = true;
		phase = IO_WORKER_SUBMIT;
	}
}

/* A worker that takes part: where it is, and what it goes on with. */
static void add_worker(struct others *o, uint16_t k)
{
	const struct io_worker *worker = gb_worker(o->w, k);

	gb_touch_worker(o->touched.read, k);
	gb_touch(o->touched.read, GB_T_WQ);
	gb_touch(o->touched.read, GB_T_IDLE);
	if (worker->phase != IO_WORKER_PICK)
		add_work(o, io_req(o->w, worker->cur), worker->phase);
	for (uint16_t c = worker->chain.first; c; c = io_req(o->w, c)->wq_next)
		add_work(o, io_req(o->w, c), IO_WORKER_SUBMIT);
	o->acct[worker->acct] = true;
}

/* Items that wait, and whoever may be woken or created for them. */
static void add_pending(struct others *o)
{
	const struct io_wq *wq = &gb_state(o->w)->wq;

	for (uint32_t a = 0; a < IO_WQ_ACCT_NR; a++)
		for (uint16_t k = wq->acct[a].work_list.first; k && o->acct[a]; k = io_req(o->w, k)->wq_next)
			add_work(o, io_req(o->w, k), IO_WORKER_SUBMIT);
	/* an item of one account may be followed by one of the other */
	if (o->acct[0] && o->acct[1]) {
		for (uint16_t k = wq->acct[0].work_list.first; k; k = io_req(o->w, k)->wq_next)
			add_work(o, io_req(o->w, k), IO_WORKER_SUBMIT);
	}
	/* whoever enqueues, or sleeps, wakes or creates a worker */
	if (o->touched.read[0] & BIT(GB_T_RESCHED))
		o->touched.read[0] |= ~0ULL << GB_T_WORKER;
}

/* Whose time has come; false if there is none. */
static bool add_due(struct others *o)
{
	const struct gb_state *s = gb_state(o->w);
	const struct io_kiocb *req = io_req_at(o->w, s->timers.first);
	bool any = false;

	for (; req && req->event_us <= s->now_us; req = io_req_at(o->w, req->event_next)) {
		gb_touch_event(o->w, &o->touched, req);
		gb_touch_buf(o->touched.write, req);
		any = true;
	}
	return any;
}

static void others_future(struct gb_world *w, struct gb_footprint *out)
{
	const uint64_t read_only = BIT(GB_T_DYING) | BIT(GB_T_REG);
	struct others o = {.w = w};

	o.streams = add_due(&o);
	for (uint16_t k = 1; k <= gb_state(w)->wq.nr_workers; k++)
		if (io_wq_worker_runnable(gb_worker(w, k)))
			add_worker(&o, k);
	add_pending(&o);
	for (uint16_t k = 1; k <= gb_state(w)->wq.nr_workers && o.streams; k++)
		if (gb_worker(w, k)->phase == IO_WORKER_BLOCKED)
			add_worker(&o, k);
	add_pending(&o);
	*out = o.touched;
	/* of files, contents and buffer words it has been told who changes them */
	out->write[0] |= out->read[0] & ~read_only;
	out->write[1] |= out->read[1];
	for (uint32_t k = 0; k < 4; k++)
		out->read[k] |= out->write[k];
}

bool gb_world_may_be_alone(struct gb_world *w, const struct gb_alternative *alt)
{
	struct gb_footprint reach;

	if (gb_touch_unknown(w) || w->config.time_races)
		return false;
	if (alt->kind == GB_ACTOR_APP)
		return true;
	if (alt->kind != GB_ACTOR_WORKER)
		return false;
	gb_world_reach(w, alt, &reach);
	return !(reach.read[0] & TASK);
}

void gb_world_future(struct gb_world *w, const struct gb_alternative *alt, struct gb_footprint *out)
{
	struct future u = {.w = w, .f = out, .index = alt->index};

	memset(out, 0, sizeof(*out));
	if (gb_touch_unknown(w) || w->config.time_races ||
	    (alt->kind != GB_ACTOR_WORKER && alt->kind != GB_ACTOR_APP)) {
		gb_touch_everything(out);
		return;
	}
	if (alt->kind == GB_ACTOR_APP) {
		others_future(w, out);
		return;
	}
	if (gb_worker(w, alt->index)->phase == IO_WORKER_SUBMIT)
		u.own = io_req_at(w, gb_worker(w, alt->index)->cur);
	find_reach(&u);
	if (u.closes) {
		gb_touch_everything(out);
		return;
	}
	u.wq = wq_goes_on(&u);
	add_requests(&u);
	add_statements(&u);
	add_workers(&u);
	for (uint32_t k = 0; k < 4; k++)
		out->read[k] |= out->write[k];
	gb_touch(out->read, GB_T_DYING);
}
