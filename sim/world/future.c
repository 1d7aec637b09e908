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

bool gb_world_may_be_alone(struct gb_world *w, const struct gb_alternative *alt)
{
	struct gb_footprint reach;

	if (gb_touch_unknown(w) || (alt->kind != GB_ACTOR_WORKER && alt->kind != GB_ACTOR_APP))
		return false;
	gb_world_reach(w, alt, &reach);
	return !(reach.read[0] & (alt->kind == GB_ACTOR_APP ? OTHERS : TASK));
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
