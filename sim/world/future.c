/* SPDX-License-Identifier: MIT */
/*
 * What everybody but one actor can touch before that one takes its next step.
 * Time cannot pass until then, so no wait ends by timeout, and the trace ends
 * with a reap that does: neither is the ring closed before.
 */
#include "io_uring/io_uring.h"
#include "world/touch.h"

/* Things of the ring that the submitting task, and that workers, timers and interrupts, touch. */
#define BIT(thing) (1ULL << (thing))
#define OTHERS                                                                                                    \
	(BIT(GB_T_WAKE) | BIT(GB_T_CQ) | BIT(GB_T_TW) | BIT(GB_T_TIMERS) | BIT(GB_T_TIMEOUTS) | BIT(GB_T_POLLS) | \
	 BIT(GB_T_KBUFS) | BIT(GB_T_RESCHED) | BIT(GB_T_WQ) | BIT(GB_T_IDLE))
#define TASK \
	(OTHERS | BIT(GB_T_APP) | BIT(GB_T_SQ) | BIT(GB_T_COMPL) | BIT(GB_T_FREE) | BIT(GB_T_REG) | BIT(GB_T_DEFER))

struct future {
	struct gb_world *w;
	struct gb_footprint *f;
	const struct io_kiocb *own; /* a request that is known to the worker only that is about to issue it */
	bool task;		    /* the step is the task's */
};

/* Does one of the SQEs that are not over set these flags? */
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
	gb_touch(u->f->write, GB_T_REQ + (uint32_t)(sqe - u->w->trace->sqes) % 64U);
	/* it may lease, and give back what it leased */
	gb_touch(u->f->write, GB_T_BUF + (uint32_t)(sqe - u->w->trace->sqes) % 32U);
	if (u->w->lease_of[sqe - u->w->trace->sqes])
		gb_touch_lease(u->f->write, u->w->lease_of[sqe - u->w->trace->sqes]);
}

/* The group of a member goes on until the member is done. */
static bool is_own_leader(const struct future *u, const struct io_kiocb *req)
{
	return u->own && req_is_group_member(u->own) && io_req_at(u->w, u->own->grp) == req;
}

/* Requests that are still being put together: nobody else knows them. */
static bool is_open(const struct gb_world *w, const struct io_kiocb *req)
{
	const struct io_submit_state *state = &gb_ctx(w)->submit_state;
	const uint16_t heads[] = {state->link.head, state->group.head};

	for (uint32_t h = 0; h < 2; h++) {
		for (const struct io_kiocb *l = io_req_at(w, heads[h]); l; l = io_req_at(w, l->link)) {
			if (l == req)
				return true;
			for (const struct io_kiocb *m = io_req_at(w, l->grp); m; m = io_req_at(w, m->grp))
				if (m == req)
					return true;
		}
	}
	return false;
}

static void add_requests(const struct future *u)
{
	const struct gb_world *w = u->w;
	uint32_t head = gb_ctx(w)->cached_sq_head;

	for (uint16_t k = 1; k <= gb_ctx(w)->reqs_used; k++) {
		const struct io_kiocb *req = io_req(w, k);

		if (req->opcode == GB_OP_BAD || req == u->own || (u->task && is_open(w, req)))
			continue;
		if (is_own_leader(u, req))
			gb_touch_req(u->f->write, req);
		else
			add_sqe(u, &w->trace->sqes[req->origin], req);
	}
	for (uint32_t k = head; !u->task && k < w->trace->n_sqes; k++)
		add_sqe(u, &w->trace->sqes[k], NULL);
}

/* What the task does beside its requests. */
static void add_statements(const struct future *u)
{
	const struct gb_world *w = u->w;

	for (uint32_t k = gb_state(w)->app.pc; k < w->trace->n_stmts; k++) {
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

static void add_workers(const struct future *u, uint32_t own)
{
	uint32_t n = gb_state(u->w)->wq.nr_workers;

	u->f->write[0] |= ~0ULL << GB_T_WORKER;
	/* others share the bit of the 33rd */
	if (own && n < 32)
		u->f->write[0] &= ~(1ULL << (GB_T_WORKER + own % 32));
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

/* A request from where a worker is with it, and what is linked behind it. */
static void add_work(struct others *o, const struct io_kiocb *req, enum io_worker_phase phase)
{
	for (bool more = true; req && more; req = io_req_at(o->w, req->link)) {
		const struct gb_sqe *sqe = &o->w->trace->sqes[req->origin];

		/* timers that it arms might be due at once; the rest needs no look */
		if (req->opcode == IORING_OP_TIMEOUT ||
		    req->flags & (REQ_F_ARM_LTIMEOUT | REQ_F_LINK_TIMEOUT | REQ_F_FIXED_FILE)) {
			gb_touch_everything(&o->touched);
			return;
		}
		more = gb_touch_work(o->w, &o->touched, req, phase);
		gb_touch_buf(o->touched.write, req);
		if (req->file &&
		    (changes_with_use(o->w, req->file, sqe) || !(gb_file(o->w, req->file)->mode & GB_FMODE_OPEN)))
			for (uint32_t end = 0; end < 2; end++)
				gb_touch_file(o->touched.write,
					      o->w->file_of[2 * gb_file(o->w, req->file)->object + end]);
		if (sqe->lease)
			gb_touch_lease(o->touched.write, o->w->lease_of[req->origin]);
		if (phase < IO_WORKER_COMPLETE)
			o->streams |= is_stream(o->w, req);
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
		if (io_wq_worker_runnable(w, k))
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
	const bool worker = alt->kind == GB_ACTOR_WORKER;
	struct future u = {.w = w, .f = out, .task = alt->kind == GB_ACTOR_APP};

	memset(out, 0, sizeof(*out));
	if (gb_touch_unknown(w) || w->config.time_races || (!worker && !u.task)) {
		gb_touch_everything(out);
		return;
	}
	if (u.task) {
		others_future(w, out);
		return;
	}
	if (worker && gb_worker(w, alt->index)->phase == IO_WORKER_SUBMIT)
		u.own = io_req_at(w, gb_worker(w, alt->index)->cur);
	add_requests(&u);
	if (u.task)
		out->write[0] |= OTHERS | (any_flag(w, IOSQE_IO_DRAIN) ? BIT(GB_T_DEFER) : 0);
	else
		add_statements(&u);
	add_workers(&u, worker ? alt->index : 0);
	for (uint32_t k = 0; k < 4; k++)
		out->read[k] |= out->write[k];
	gb_touch(out->read, GB_T_DYING);
}
