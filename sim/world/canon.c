/* SPDX-License-Identifier: MIT */
/* The canonical form of a world: the ring, the actors, the requests in the order of their names. */
#include "world/canon.h"
#include "io_uring/io_uring.h"

_Static_assert(sizeof(struct gb_app) == 120, "the submitting task has changed: see put_app");
_Static_assert(sizeof(struct io_ring_ctx) == 208, "the ring has changed: see put_ring, put_lists");
_Static_assert(sizeof(struct io_sq_data) == 32, "see put_sq_thread");
_Static_assert(sizeof(struct io_wq) == 26, "see put_wq");
_Static_assert(sizeof(struct io_worker) == 24, "see put_worker");

uint8_t gb_canon_traits(const struct gb_trace *trace)
{
	const uint32_t all = IORING_ASYNC_CANCEL_ALL | IORING_ASYNC_CANCEL_ANY;
	uint8_t traits = 0;

	for (uint32_t k = 0; k < trace->n_sqes; k++) {
		const struct gb_sqe *sqe = &trace->sqes[k];

		if (sqe->opcode == IORING_OP_TIMEOUT && sqe->off)
			traits |= GB_CANON_COUNTING;
		if (sqe->opcode == IORING_OP_ASYNC_CANCEL && sqe->op_flags && !(sqe->op_flags & all))
			traits |= GB_CANON_OLDEST;
		if (sqe->flags & IOSQE_IO_DRAIN)
			traits |= GB_CANON_DRAINS;
	}
	return traits;
}

/* ---- the submitting task ---- */

static void put_task_work(struct gb_canon *c, const struct gb_tw_run *tw)
{
	canon_put(c, tw->back_to);
	canon_put(c, tw->local);
	CANON_PUT_LIST(c, tw->batch.first, tw_next);
	if (!tw->local)
		return;
	canon_put(c, tw->min_events);
	canon_put(c, tw->run);
}

static bool app_asleep(enum gb_app_phase at)
{
	return at >= GB_APP_SLEEP && at <= GB_APP_EXEC_SLEEP;
}

/* Of IORING_SETUP_IOPOLL rings. */
static void put_iopoll(struct gb_canon *c, const struct gb_app *app, bool takes)
{
	enum gb_app_phase at = gb_app_position(app);

	canon_put(c, at == GB_APP_IOPOLL_WORKED ? app->iopoll_tail : 0);
	canon_put(c, app->in_enter ? app->iopoll_events : 0);
	if (takes && app->entered)
		canon_put_due(c, app->reap_until_us);
}

/* What a statement, or the system call it makes, has to remember. */
static void put_call(struct gb_canon *c, const struct gb_app *app)
{
	const struct io_ring_ctx *ctx = gb_ctx(c->w);
	enum gb_app_phase at = gb_app_position(app);
	const bool enters = app->in_enter, takes = gb_app_takes(c->w), waits = gb_app_waits(at);
	const bool exec =
		at == GB_APP_EXEC || at == GB_APP_EXEC_SLEEP || at == GB_APP_EXIT_CANCEL || at == GB_APP_EXIT_SLEEP;
	const bool closed = app->ending >= GB_APP_CLOSED;
	const uint64_t field[] = {
		enters,
		enters || takes || exec || closed ? app->timed_out : 0,
		enters && !takes ? app->given : 0,
		takes ? app->entered : 0,
		takes ? app->taken : 0,
		enters ? app->to_submit : 0,
		enters ? app->submitted : 0,
		enters ? app->min_complete : 0,
		enters ? app->getevents : 0,
		enters ? app->timeout_us : 0,
		at == GB_APP_SUBMIT ? app->left : 0,
		app_asleep(at) ? app->woken : 0,
		waits ? app->cq_target : 0,
		waits ? canon_signed((int64_t)ctx->cq_timeouts - app->cq_timeouts_seen) : 0,
		waits || app_asleep(at) || closed ? canon_signed((int64_t)(app->deadline_us - gb_state(c->w)->now_us))
						  : 0,
	};

	CANON_PUT_SPARSE(c, field);
	if (ctx->flags & IORING_SETUP_IOPOLL)
		put_iopoll(c, app, takes);
}

static void put_app(struct gb_canon *c)
{
	const struct gb_app *app = &gb_state(c->w)->app;
	const uint32_t where = app->phase | (uint32_t)app->ending << 8 | (uint32_t)app->gone << 16;

	c->at = canon_word(c->at, canon_pair(app->pc, where));
	c->at = canon_word(c->at, canon_pair(app->sq_tail, app->sq_seen));
	canon_put(c, app->cq_head);
	if (app->phase == GB_APP_TW)
		put_task_work(c, &app->tw);
	/* between two statements all of it is over; after the close a time is still running */
	if (gb_app_position(app) != GB_APP_USER || app->ending >= GB_APP_CLOSED)
		put_call(c, app);
}

/* ---- the ring ---- */

/* Everything that is true or false of a ring. */
static uint64_t ring_flags(const struct io_ring_ctx *ctx)
{
	return (uint64_t)ctx->drain_active | (uint64_t)ctx->drain_next << 1 | (uint64_t)ctx->drain_disabled << 2 |
	       (uint64_t)ctx->submit_state.cq_flush << 3 | (uint64_t)ctx->dying << 4 | (uint64_t)ctx->exit_due << 5 |
	       (uint64_t)ctx->restricted << 6 | (uint64_t)ctx->restrictions.registered << 7 |
	       (uint64_t) !!(ctx->flags & IORING_SETUP_R_DISABLED) << 8;
}

static void put_ring(struct gb_canon *c)
{
	const struct io_ring_ctx *ctx = gb_ctx(c->w);
	const struct io_submit_state *state = &ctx->submit_state;
	unsigned char *at = c->at;

	at = canon_word(at, canon_pair(ctx->cached_sq_head, ctx->cached_cq_tail));
	at = canon_word(at, canon_pair(ctx->cached_cq_tail - ctx->cq_tail, ctx->posted));
	at = canon_word(at, canon_pair(ctx->sq_flags, ctx->cq_extra));
	at = canon_word(at, canon_pair(ring_flags(ctx), ctx->inflight_tracked));
	if (c->w->traits & GB_CANON_COUNTING)
		at = canon_word(at, canon_pair(ctx->cq_timeouts, ctx->cq_last_tm_flush));
	at = canon_word(
		at, canon_pair(canon_ref(c, state->link.head), state->link.head ? canon_ref(c, state->link.last) : 0));
	at = canon_word(at, canon_pair(canon_ref(c, state->group.head),
				       state->group.head ? canon_ref(c, state->group.last) : 0));
	c->at = at;
	if (ctx->restrictions.registered) {
		canon_put(c, ctx->restrictions.sqe_op);
		canon_put(c, ctx->restrictions.register_op);
		canon_put(c, ctx->restrictions.sqe_flags_allowed);
		canon_put(c, ctx->restrictions.sqe_flags_required);
	}
	if (ctx->dying && !ctx->exit_due)
		canon_put_signed(c, (int64_t)(ctx->exit_us - gb_state(c->w)->now_us));
}

static void put_lists(struct gb_canon *c)
{
	const struct io_ring_ctx *ctx = gb_ctx(c->w);

	CANON_PUT_LIST(c, ctx->submit_state.compl_reqs.first, comp_next);
	CANON_PUT_LIST(c, ctx->task_list.first, tw_next);
	CANON_PUT_LIST(c, ctx->work_llist.first, tw_next);
	CANON_PUT_LIST(c, ctx->timeout_list.first, list_next);
	CANON_PUT_LIST(c, ctx->ltimeout_list.first, list_next);
	CANON_PUT_LIST(c, ctx->cancelable_uring_cmd.first, list_next);
	CANON_PUT_LIST(c, ctx->cancel_first, poll_next);
	CANON_PUT_LIST(c, ctx->iopoll_list.first, comp_next);
	CANON_PUT_LIST(c, ctx->poll_wq.first, wait_next);
	for (uint16_t k = ctx->defer_list.first; k; k = io_req(c->w, k)->wq_next) {
		canon_put(c, canon_ref(c, k));
		canon_put(c, io_req(c->w, k)->defer_seq);
	}
	canon_put(c, 0);
	for (uint16_t k = gb_state(c->w)->timers.first; k; k = io_req(c->w, k)->event_next) {
		canon_put(c, canon_ref(c, k));
		canon_put_due(c, io_req(c->w, k)->event_us);
	}
	canon_put(c, 0);
	CANON_PUT_LIST(c, ctx->fallback_llist.first, tw_next);
	if (ctx->fallback_llist.first)
		canon_put_due(c, ctx->fallback_us);
}

/* ---- CQEs ---- */

static void put_cqe(struct gb_canon *c, const struct io_cqe *cqe)
{
	c->at = canon_word(c->at, canon_pair(canon_sqe(c, cqe->sqe), (uint32_t)cqe->res));
	canon_put(c, cqe->flags);
}

/* n CQEs of a ring of `size` entries, from `first` on. What they say changes nothing but who reads it. */
static void put_cqes(struct gb_canon *c, const struct io_cqe *ring, uint32_t first, uint32_t n, uint32_t size)
{
	canon_put(c, n);
	for (uint32_t k = 0; k < n && !(c->flags & GB_CANONICAL_CQ_UNORDERED); k++)
		put_cqe(c, &ring[(first + k) % size]);
}

static void put_cq_ring(struct gb_canon *c)
{
	const struct gb_world *w = c->w;
	const struct io_ring_ctx *ctx = gb_ctx(w);
	uint32_t head = gb_state(w)->app.cq_head;

	put_cqes(c, gb_cqe(w, 0), head, ctx->cached_cq_tail - head, ctx->cq_mask + 1);
	put_cqes(c, gb_overflow_cqe(w, 0), ctx->overflow_first, ctx->overflow_count, w->at.n_overflow);
}

/* ---- the other actors ---- */

static void put_sq_thread(struct gb_canon *c)
{
	const struct io_sq_data *sqd = &gb_state(c->w)->sqd;
	bool in_round = sqd->phase == IO_SQ_SUBMIT || sqd->phase == IO_SQ_SUBMIT_END || sqd->phase == IO_SQ_TW;

	canon_put(c, sqd->phase);
	if (sqd->phase == IO_SQ_NONE)
		return;
	CANON_PUT_LIST(c, sqd->retry_list.first, tw_next);
	if (in_round) {
		canon_put(c, sqd->spin);
		canon_put(c, sqd->taken);
		canon_put(c, sqd->tw);
		canon_put(c, sqd->phase == IO_SQ_SUBMIT ? sqd->left : 0);
	}
	/* a round that did something sets it anew */
	if (sqd->phase != IO_SQ_SLEEP && !(in_round && (sqd->spin || sqd->tw)))
		canon_put_signed(c, (int64_t)(sqd->idle_us - gb_state(c->w)->now_us));
}

static void put_worker(struct gb_canon *c, const struct io_worker *worker)
{
	const uint32_t is = worker->phase | (uint32_t)worker->acct << 8 | (uint32_t)worker->free << 12 |
			    (uint32_t)worker->running << 13 | (uint32_t)worker->fresh << 14 |
			    (uint32_t)worker->signalled << 15 | (uint32_t)worker->hash << 16;

	c->at = canon_word(c->at, canon_pair(canon_ref(c, worker->cur), is));
	if (worker->hash)
		CANON_PUT_LIST(c, worker->chain.first, wq_next);
}

/*
 * All that counts of a worker without a request, in one number. Only one with a request is signalled, until it has let
 * go of that, or all at once when the task exits; and whoever takes one has it fresh.
 */
static uint32_t worker_kind(const struct io_worker *worker)
{
	return (uint32_t)worker->phase << 8 | (uint32_t)worker->acct << 4 | worker->running;
}

static bool worker_before(const struct gb_canon *c, const struct io_worker *a, const struct io_worker *b)
{
	uint64_t ra = canon_ref(c, a->cur), rb = canon_ref(c, b->cur);

	return ra != rb ? ra < rb : worker_kind(a) < worker_kind(b);
}

/* Workers in the order of their requests; free ones of an account in the order in which they are woken. */
static void put_workers_unnumbered(struct gb_canon *c)
{
	const struct gb_world *w = c->w;
	const struct io_wq *wq = &gb_state(w)->wq;
	const struct io_worker *sorted[GB_MAX_ALTERNATIVES];
	uint32_t n = 0;

	for (uint32_t k = 1; k <= wq->nr_workers; k++) {
		const struct io_worker *worker = gb_worker(w, k);
		uint32_t at = n;

		if (worker->free)
			continue;
		for (; at && worker_before(c, worker, sorted[at - 1]); at--)
			sorted[at] = sorted[at - 1];
		sorted[at] = worker;
		n++;
	}
	canon_put(c, n);
	for (uint32_t k = 0; k < n; k++)
		put_worker(c, sorted[k]);
	for (uint32_t acct = 0; acct < IO_WQ_ACCT_NR; acct++) {
		for (uint16_t k = wq->free_list; k; k = gb_worker(w, k)->free_next)
			if (gb_worker(w, k)->acct == acct)
				canon_put(c, worker_kind(gb_worker(w, k)) + 1U);
		canon_put(c, 0);
	}
}

static void put_workers(struct gb_canon *c)
{
	const struct gb_world *w = c->w;
	const struct io_wq *wq = &gb_state(w)->wq;

	for (uint32_t k = 1; k <= wq->nr_workers; k++)
		put_worker(c, gb_worker(w, k));
	for (uint16_t k = wq->free_list; k; k = gb_worker(w, k)->free_next)
		canon_put(c, k);
	canon_put(c, 0);
}

static void put_wq(struct gb_canon *c)
{
	const struct gb_world *w = c->w;
	const struct io_wq *wq = &gb_state(w)->wq;

	canon_put(c, (uint32_t)wq->nr_workers << 1 | wq->exiting);
	for (uint32_t a = 0; a < IO_WQ_ACCT_NR; a++) {
		CANON_PUT_LIST(c, wq->acct[a].work_list.first, wq_next);
		canon_put(c, wq->acct[a].nr_workers);
		canon_put(c, wq->acct[a].nr_running);
	}
	if (c->flags & GB_CANONICAL_WORKERS && !(w->traits & GB_CANON_OLDEST))
		put_workers_unnumbered(c);
	else
		put_workers(c);
}

/* ---- requests ---- */

/* Which requests there are, and under a renaming which SQE has which name. */
static void name_requests(struct gb_canon *c)
{
	const struct gb_world *w = c->w;
	const struct io_ring_ctx *ctx = gb_ctx(w);
	uint32_t n = w->trace->n_sqes;

	memset(c->req_of, 0, ctx->cached_sq_head * sizeof(*c->req_of));
	memset(c->notif_of, 0, ctx->cached_sq_head * sizeof(*c->notif_of));
	for (uint16_t k = 1; k <= ctx->reqs_used; k++) {
		const struct io_kiocb *req = io_req(w, k);

		if (req->opcode != GB_OP_BAD)
			(req->flags & REQ_F_NOTIF ? c->notif_of : c->req_of)[req->origin] = k;
	}
	for (uint32_t k = 0; c->rename && k < n; k++)
		c->req_of[n + c->rename[k]] = (uint16_t)k;
}

static void put_named(struct gb_canon *c, uint16_t ref)
{
	canon_put(c, canon_ref(c, ref));
	canon_put_req(c, io_req(c->w, ref));
}

static void put_reqs(struct gb_canon *c)
{
	uint32_t head = gb_ctx(c->w)->cached_sq_head, n = c->w->trace->n_sqes;

	if (c->only) {
		canon_put_req(c, io_req(c->w, c->req_of[c->only - 1]));
		return;
	}
	/* a renaming may give what has been taken a name beyond */
	for (uint32_t k = 0; k < (c->rename ? n : head); k++) {
		uint32_t sqe = c->rename ? c->req_of[n + k] : k;

		if (sqe >= head)
			continue;
		if (c->req_of[sqe])
			put_named(c, c->req_of[sqe]);
		if (c->notif_of[sqe])
			put_named(c, c->notif_of[sqe]);
	}
	canon_put(c, 0);
}

/* The free list, as far as requests to come take from it: which of them have a buffer word that is not 0. */
static void put_free_list(struct gb_canon *c)
{
	const struct gb_world *w = c->w;
	const struct io_ring_ctx *ctx = gb_ctx(w);
	/* each may need a notification as well */
	uint32_t left = 2 * (w->trace->n_sqes - ctx->cached_sq_head), clean = 0;

	if (!(w->traits & GB_CANON_DRAINS))
		return;
	for (uint16_t k = ctx->free_list; k && left; k = io_req(w, k)->comp_next, left--) {
		if (!io_req(w, k)->buf) {
			clean++;
			continue;
		}
		canon_put(c, clean + 1);
		clean = 0;
	}
	canon_put(c, 0);
}

/* ---- all of it ---- */

size_t gb_world_canonical(const struct gb_world *w, const uint16_t *rename, uint32_t flags, unsigned char *to)
{
	struct gb_canon c = {.w = w, .rename = rename, .flags = flags, .req_of = w->names, .at = to};
	const struct gb_state *s = gb_state(w);

	c.notif_of = w->names + 2U * w->trace->n_sqes;
	name_requests(&c);
	canon_put(&c, s->run_state);
	canon_put(&c, s->need_resched);
	put_app(&c);
	put_ring(&c);
	put_lists(&c);
	put_cq_ring(&c);
	put_sq_thread(&c);
	put_wq(&c);
	put_reqs(&c);
	put_free_list(&c);
	canon_put_buffers(&c);
	canon_put_leases(&c);
	canon_put_ublk(&c);
	canon_put_files(&c);
	canon_put_areas(&c);
	return (size_t)(c.at - to);
}

size_t gb_world_signature(const struct gb_world *w, uint32_t sqe, const uint16_t *names, uint32_t flags,
			  unsigned char *to)
{
	struct gb_canon c = {.w = w, .rename = names, .flags = flags, .req_of = w->names, .only = sqe + 1, .at = to};

	c.notif_of = w->names + 2U * w->trace->n_sqes;
	name_requests(&c);
	put_lists(&c);
	put_cq_ring(&c);
	put_wq(&c);
	canon_put_files(&c);
	if (c.req_of[sqe])
		put_reqs(&c);
	return (size_t)(c.at - to);
}

bool gb_world_members_queued(const struct gb_world *w, uint32_t leader, uint32_t last)
{
	const struct io_ring_ctx *ctx = gb_ctx(w);

	if (ctx->cached_sq_head <= last)
		return false;
	for (uint16_t k = 1; k <= ctx->reqs_used; k++) {
		const struct io_kiocb *req = io_req(w, k);

		if (req->opcode != GB_OP_BAD && req->origin == leader)
			return !req->grp;
	}
	return true;
}

/* Upper bounds, in numbers of GB_CANON_NUMBER bytes. */
size_t gb_world_canonical_capacity(const struct gb_world *w)
{
	const struct gb_layout *at = &w->at;
	uint64_t cqes = gb_ctx(w)->cq_mask + 1ULL;
	uint64_t n = 128;

	/* a word of several fields counts for each; a request: its fields, what it does, and its place on a dozen
	 * lists; its name on the free list */
	n += at->n_reqs * 80ULL + at->n_uvecs * 2ULL;
	n += (cqes + at->n_overflow) * 3ULL + at->n_workers * 12ULL;
	n += at->n_lists * 4ULL + at->n_kbufs * 5ULL + at->n_rings * 3ULL + at->n_slots;
	n += at->n_leases * 18ULL + at->n_ublks * 8ULL + at->n_ublk_ios * 6ULL + at->n_ublk_rqs * 18ULL;
	n += at->n_bvecs * 2ULL + (at->n_files + at->n_areas) * 8ULL;
	n += at->n_pipes * (8ULL + 4ULL * GB_PIPE_SLOTS) + at->n_socks * 16ULL + at->n_pages * 4ULL;
	/* lengths of datagrams and pages of the cache lie among the bytes */
	n += (at->pages - at->bytes) / 4U;
	return n * GB_CANON_NUMBER;
}
