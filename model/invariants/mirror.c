/* SPDX-License-Identifier: MIT */
/* What is known of a run, kept from its events: each event is applied after it has been judged. */
#include "groupbuf/reason.h"

#include "mon.h"

static bool has_link(const struct gb_monitor *m, const struct mon_req *r)
{
	return mon_sqe(m, r)->flags & (IOSQE_IO_LINK | IOSQE_IO_HARDLINK);
}

/* A request or a closed group takes its place in a chain, or is to be handed over. */
static void unit_ready(struct gb_monitor *m, struct mon_req *r)
{
	struct mon_state *s = mon_state(m);

	if (s->chain_head) {
		s->must_link = mon_ref_of(m, r);
		return;
	}
	/* S2.33: a group that the end of the batch closes opens no chain */
	if (has_link(m, r) && !(r->bits & MON_CUT_GROUP))
		s->chain_head = s->chain_last = mon_ref_of(m, r);
	s->unstarted = mon_ref_of(m, r);
}

/* ---- submission ---- */

static void drain_mark(struct gb_monitor *m, struct mon_req *r, const struct gb_event *ev)
{
	struct mon_state *s = mon_state(m);

	if (!(r->flags & MON_F_DRAIN))
		return;
	r->bits |= MON_DRAIN;
	if (s->drain_next && !s->chain_head)
		s->drain_next = false;
	if (!s->chain_head || s->group || !(mon_sqe(m, r)->flags & IOSQE_IO_DRAIN) || ev->reason == GB_R_BAD_OPCODE ||
	    ev->reason == GB_R_NO_BUFFER_SELECT || ev->reason == GB_R_DRAIN_DISABLED)
		return;
	/* S2.34 */
	mon_ref(m, s->chain_head)->bits |= MON_DRAIN;
	s->drain_next = true;
}

static void on_init(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	struct mon_state *s = mon_state(m);
	uint8_t flags = mon_sqe(m, r)->flags;

	r->flags = (uint64_t)ev->a;
	r->init_err = (int32_t)ev->b;
	r->seq = s->consumed++;
	r->bits |= MON_INIT;
	if (flags & IOSQE_CQE_SKIP_SUCCESS && ev->reason != GB_R_BAD_OPCODE && ev->reason != GB_R_NO_BUFFER_SELECT)
		s->skip_used = true;
	drain_mark(m, r, ev);
	s->must_link = s->must_join = 0;
	if (!s->chain_head)
		s->unstarted = 0;
	if (s->group || flags & IOSQE_SQE_GROUP)
		s->must_join = mon_ref_of(m, r);
	else
		unit_ready(m, r);
}

static void on_open(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	struct mon_state *s = mon_state(m);

	(void)ev;

	r->bits |= MON_LEADER;
	r->due_fail = r->init_err;
	s->group = mon_ref_of(m, r);
	s->group_done = false;
	s->must_join = 0;
}

static void on_join(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	struct mon_state *s = mon_state(m);
	struct mon_req *leader = mon_req(m, ev->other);

	if (r->leader || r == leader)
		return;
	r->leader = mon_ref_of(m, leader);
	r->bits &= ~(uint32_t)MON_DRAIN;
	if (leader->last)
		mon_ref(m, leader->last)->next_member = mon_ref_of(m, r);
	else
		leader->first = leader->next_queued = mon_ref_of(m, r);
	leader->last = mon_ref_of(m, r);
	leader->members++;
	if (r->init_err && !leader->due_fail)
		leader->due_fail = -GB_ECANCELED;
	if (mon_forbidden(r))
		leader->due_fail = -GB_EINVAL;
	s->must_join = 0;
	s->group_done = !(mon_sqe(m, r)->flags & IOSQE_SQE_GROUP);
}

static void on_close(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	r->bits |= MON_CLOSED | (ev->b ? MON_CUT_GROUP : 0);
	mon_state(m)->group = 0;
	unit_ready(m, r);
}

static void on_link(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	struct mon_state *s = mon_state(m);
	struct mon_req *before = mon_req(m, ev->other), *head;

	if (r == before || r->prev || r->next)
		return;
	r->prev = mon_ref_of(m, before);
	before->next = mon_ref_of(m, r);
	r->head = before->head ? before->head : mon_ref_of(m, before);
	r->pos = (uint16_t)(before->pos + 1);
	head = mon_ref(m, r->head);
	if (r->bits & MON_LEADER && r->bits & MON_ASSIGNED && !head->broken_by)
		head->broken_by = mon_ref_of(m, r);
	s->must_link = 0;
	s->chain_last = mon_ref_of(m, r);
	if (!has_link(m, r))
		s->chain_head = 0;
}

static void on_start(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	struct mon_state *s = mon_state(m);

	(void)ev;
	r->bits |= MON_STARTED | (r->bits & MON_ASSIGNED ? MON_CHAIN_BAD : 0);
	if (r->bits & MON_LEADER && r->bits & MON_ASSIGNED && r->next && !r->broken_by)
		r->broken_by = mon_ref_of(m, r);
	s->unstarted = 0;
}

static void on_batch_end(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	struct mon_state *s = mon_state(m);

	(void)ev;
	(void)r;
	s->group = s->chain_head = s->chain_last = s->unstarted = s->must_link = s->must_join = 0;
	s->group_done = false;
}

/* ---- completion ---- */

static void pend(struct gb_monitor *m, struct mon_req *r)
{
	struct mon_state *s = mon_state(m);

	if (s->pend_last)
		mon_ref(m, s->pend_last)->pend_next = mon_ref_of(m, r);
	else
		s->pend_first = mon_ref_of(m, r);
	s->pend_last = mon_ref_of(m, r);
	r->pend_next = 0;
	r->bits |= MON_PENDING;
	s->pending++;
}

static void unpend(struct gb_monitor *m, struct mon_req *r)
{
	struct mon_state *s = mon_state(m);
	uint16_t self = mon_ref_of(m, r), before = 0;

	if (!(r->bits & MON_PENDING))
		return;
	for (uint16_t k = s->pend_first; k != self; k = mon_ref(m, k)->pend_next)
		before = k;
	if (before)
		mon_ref(m, before)->pend_next = r->pend_next;
	else
		s->pend_first = r->pend_next;
	if (s->pend_last == self)
		s->pend_last = before;
	r->pend_next = 0;
	r->bits &= ~(uint32_t)MON_PENDING;
	s->pending--;
}

static void on_done(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	struct mon_req *leader = mon_ref(m, r->leader);

	if (r->bits & MON_DONE)
		return;
	r->bits |= MON_DONE | (ev->b ? MON_FAIL : 0);
	r->done_res = (int32_t)ev->a;
	if (leader && ev->b)
		leader->failed_members++;
	/* what a worker completes it posts at once */
	if (ev->actor != GB_ACTOR_WORKER)
		pend(m, r);
}

/* A cut chain: the first group of it, from `k` on, that has not posted. */
static uint16_t next_cut_group(const struct gb_monitor *m, uint16_t k)
{
	while (k && (!mon_ref(m, k)->members || mon_ref(m, k)->bits & (MON_FINAL | MON_ISSUED)))
		k = mon_ref(m, k)->next;
	return k;
}

static void on_final(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	struct mon_req *leader = mon_ref(m, r->leader), *head = mon_head(m, r);

	if (r->bits & MON_FINAL)
		return;
	r->bits |= MON_FINAL | (ev->type == GB_EV_SKIP ? MON_SILENT : 0);
	unpend(m, r);
	mon_state(m)->last_final = mon_ref_of(m, r);
	if (leader)
		leader->finals++;
	if (head->cut_group == mon_ref_of(m, r))
		head->cut_group = next_cut_group(m, r->next);
}

static void on_cqe(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	struct mon_state *s = mon_state(m);

	s->posted++;
	s->overflow += ev->d != 0;
	if (r && mon_is_final(m, ev))
		on_final(m, ev, r);
}

static void on_grp(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	struct mon_req *last = mon_ref(m, mon_state(m)->last_final);

	r->grp = (int32_t)ev->a;
	if (!(r->bits & MON_CLOSED))
		return;
	if (!(r->bits & MON_SHARE)) {
		r->bits |= MON_SHARE;
		unpend(m, r);
	} else if (last && last->leader == mon_ref_of(m, r)) {
		last->bits |= MON_COUNTED;
	}
}

static void on_qmember(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	struct mon_req *leader = mon_ref(m, r->leader);

	r->bits |= MON_QUEUED | MON_TW_DUE;
	r->fate = (int32_t)ev->a;
	if (leader)
		leader->next_queued = r->next_member;
}

/* The rest of a chain is to fail because of what stands in front of it. */
static void cut_chain(struct gb_monitor *m, struct mon_req *first)
{
	struct mon_req *by = mon_before(m, first);
	struct mon_req *head = mon_head(m, first);

	for (struct mon_req *r = first; by && r; r = mon_ref(m, r->next))
		r->cut_by = mon_ref_of(m, by);
	head->cut_group = next_cut_group(m, mon_ref_of(m, first));
}

static void on_tw_add(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	if (ev->a != MON_TW_SUBMIT && ev->a != MON_TW_FAIL_LINKS)
		return;
	r->bits |= MON_STARTED;
	if (ev->a == MON_TW_FAIL_LINKS)
		cut_chain(m, r);
}

/* ---- buffers ---- */

static void on_lease(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	const struct mon_state *s = mon_state(m);
	struct mon_blk *b = NULL;

	if (mon_sqe(m, r)->ublk && s->last_blk) {
		r->blk = (uint16_t)(s->last_blk - 1);
		b = mon_blk(m, r->blk);
		b->raised = b->raised ? (uint16_t)(b->raised - 1) : 0;
	}
	if (ev->a) {
		if (b) {
			r->bits |= MON_LEASE_REFUSED;
			b->refused++;
		}
		return;
	}
	r->bits |= MON_LEASED | MON_EVER_LEASED;
	r->lease_len = (uint32_t)ev->b;
	r->lease_dir = (uint16_t)ev->c;
	r->lease = (uint32_t)ev->d;
	if (b)
		b->live++;
}

static void on_ack(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	(void)ev;
	if (r->bits & MON_LEASED && mon_sqe(m, r)->ublk && m->trace->n_blkreqs)
		mon_blk(m, r->blk)->acked++;
	r->bits &= ~(uint32_t)MON_LEASED;
}

static void on_import(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	(void)m;
	if (ev->a) {
		r->bits |= MON_REFUSED;
		return;
	}
	r->bits |= MON_IMPORTED;
	r->lo = r->io_hi = (uint32_t)ev->b;
	r->len = (uint32_t)ev->c;
	r->zero_lo = r->zero_hi = 0;
}

static void on_io(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	(void)m;
	if (ev->a != r->io_hi)
		r->bits |= MON_RAGGED;
	r->io_hi = (uint32_t)ev->b;
}

static void on_zero(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	(void)m;
	if (ev->c)
		return;
	if (r->zero_hi == r->zero_lo)
		r->zero_lo = (uint32_t)ev->a;
	else if (ev->a != r->zero_hi)
		r->bits |= MON_RAGGED;
	r->zero_hi = (uint32_t)ev->b;
}

/* ---- block requests ---- */

static void on_blk_ref(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	struct mon_blk *b = mon_blk(m, (uint32_t)ev->d);
	const uint32_t refs = (uint32_t)ev->a;

	(void)r;
	mon_state(m)->last_blk = (uint16_t)(ev->d + 1);
	if (refs > b->refs && b->begun && !b->server && !b->refs) {
		b->server = true;
	} else if (refs > b->refs) {
		b->raised++;
	} else if (b->acked) {
		b->acked--;
		b->live--;
	} else if (b->refused) {
		b->refused--;
	} else if (b->raised) {
		b->raised--; /* a user copy is over */
	} else {
		b->server = false;
	}
	b->refs = refs;
}

static void on_blk_queue(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	(void)r;
	mon_blk(m, (uint32_t)ev->d)->tag = (uint16_t)ev->a;
}

static void on_blk_dispatch(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	(void)r;
	mon_blk(m, (uint32_t)ev->d)->begun = true;
}

/* ---- the rest: marks ---- */

static void on_defer(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	(void)m;
	r->bits = ev->type == GB_EV_DEFER ? r->bits | MON_DEFERRED : r->bits & ~(uint32_t)MON_DEFERRED;
}

static void on_issue(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	(void)m;
	(void)ev;
	r->bits |= MON_ISSUED;
}

static void on_fail(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	(void)m;
	r->bits |= MON_FAIL;
	if (!ev->b)
		return;
	r->bits |= MON_ASSIGNED;
	r->fail_res = (int32_t)ev->a;
}

static void on_tw_run(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	(void)m;
	(void)ev;
	r->bits &= ~(uint32_t)MON_TW_DUE;
}

static void on_work(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	(void)m;
	(void)ev;
	r->bits |= MON_STARTED;
}

static void on_cancel(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	(void)m;
	if (r && ev->a == 0)
		r->bits |= MON_CANCELED;
}

static void on_req_ref(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	(void)m;
	r->bits |= MON_REFS;
	r->refs = (uint16_t)ev->a;
}

static void on_first(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	(void)m;
	(void)ev;
	r->bits |= MON_FIRST;
}

static void on_free(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	(void)m;
	(void)ev;
	r->bits |= MON_FREED;
}

static void on_flush(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	(void)r;
	mon_state(m)->overflow = mon_state(m)->posted - (uint32_t)ev->a;
}

static void on_exit(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	(void)r;
	if (ev->type == GB_EV_DYING)
		mon_state(m)->dying = true;
	else
		mon_state(m)->execing = ev->a != 0;
}

/* What an event does, whether it needs a request, and the moment as which it is remembered. */
static const struct {
	void (*apply)(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r);
	bool of_request;
	uint8_t moment;
} rows[GB_EV_COUNT] = {
	[GB_EV_INIT] = {on_init, true, MON_AT_INIT},
	[GB_EV_OPEN] = {on_open, true, MON_MOMENTS},
	[GB_EV_JOIN] = {on_join, true, MON_MOMENTS},
	[GB_EV_CLOSE_GROUP] = {on_close, true, MON_AT_CLOSE},
	[GB_EV_BATCH_END] = {on_batch_end, false, MON_MOMENTS},
	[GB_EV_LINK] = {on_link, true, MON_MOMENTS},
	[GB_EV_START] = {on_start, true, MON_MOMENTS},
	[GB_EV_DEFER] = {on_defer, true, MON_MOMENTS},
	[GB_EV_RELEASE] = {on_defer, true, MON_MOMENTS},
	[GB_EV_ISSUE] = {on_issue, true, MON_AT_ISSUE},
	[GB_EV_FAIL] = {on_fail, true, MON_AT_FAIL},
	[GB_EV_DONE] = {on_done, true, MON_AT_DONE},
	[GB_EV_WORK] = {on_work, true, MON_MOMENTS},
	[GB_EV_TW_ADD] = {on_tw_add, true, MON_MOMENTS},
	[GB_EV_TW_RUN] = {on_tw_run, true, MON_MOMENTS},
	[GB_EV_CANCEL] = {on_cancel, false, MON_MOMENTS},
	[GB_EV_FIRST] = {on_first, true, MON_AT_QUEUED},
	[GB_EV_QMEMBER] = {on_qmember, true, MON_AT_QUEUED},
	[GB_EV_GRP] = {on_grp, true, MON_MOMENTS},
	[GB_EV_REQ_REF] = {on_req_ref, true, MON_MOMENTS},
	[GB_EV_CQE] = {on_cqe, false, MON_AT_FINAL},
	[GB_EV_SKIP] = {on_final, true, MON_AT_FINAL},
	[GB_EV_FLUSH] = {on_flush, false, MON_MOMENTS},
	[GB_EV_FREE] = {on_free, true, MON_AT_FREE},
	[GB_EV_LEASE] = {on_lease, true, MON_AT_BUFFER},
	[GB_EV_IMPORT] = {on_import, true, MON_AT_BUFFER},
	[GB_EV_IO] = {on_io, true, MON_MOMENTS},
	[GB_EV_ZERO] = {on_zero, true, MON_AT_ACK},
	[GB_EV_ACK] = {on_ack, true, MON_AT_ACK},
	[GB_EV_BLK_QUEUE] = {on_blk_queue, false, MON_MOMENTS},
	[GB_EV_BLK_DISPATCH] = {on_blk_dispatch, false, MON_MOMENTS},
	[GB_EV_BLK_REF] = {on_blk_ref, false, MON_MOMENTS},
	[GB_EV_TASK_EXIT] = {on_exit, false, MON_MOMENTS},
	[GB_EV_DYING] = {on_exit, false, MON_MOMENTS},
};

void mon_mirror(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	if (!rows[ev->type].apply || (rows[ev->type].of_request && !r))
		return;
	rows[ev->type].apply(m, ev, r);
	if (r && rows[ev->type].moment != MON_MOMENTS)
		mon_steps(m, mon_index(m, r))[rows[ev->type].moment] = (uint32_t)ev->step;
}

uint64_t mon_mirrored(void)
{
	uint64_t set = 0;

	for (unsigned int type = 0; type < GB_EV_COUNT; type++)
		set |= (uint64_t)(rows[type].apply != NULL) << type;
	return set;
}
