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

static void on_open(struct gb_monitor *m, struct mon_req *r)
{
	struct mon_state *s = mon_state(m);

	r->bits |= MON_LEADER;
	r->due_fail = r->init_err;
	s->group = mon_ref_of(m, r);
	s->group_done = false;
	s->must_join = 0;
}

static void on_join(struct gb_monitor *m, struct mon_req *r, struct mon_req *leader)
{
	struct mon_state *s = mon_state(m);

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

static void on_link(struct gb_monitor *m, struct mon_req *r, struct mon_req *before)
{
	struct mon_state *s = mon_state(m);
	struct mon_req *head;

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

static void on_start(struct gb_monitor *m, struct mon_req *r)
{
	struct mon_state *s = mon_state(m);

	r->bits |= MON_STARTED | (r->bits & MON_ASSIGNED ? MON_CHAIN_BAD : 0);
	if (r->bits & MON_LEADER && r->bits & MON_ASSIGNED && r->next && !r->broken_by)
		r->broken_by = mon_ref_of(m, r);
	s->unstarted = 0;
}

static void on_batch_end(struct gb_monitor *m)
{
	struct mon_state *s = mon_state(m);

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

static void on_ack(struct gb_monitor *m, struct mon_req *r)
{
	if (r->bits & MON_LEASED && mon_sqe(m, r)->ublk && m->trace->n_blkreqs)
		mon_blk(m, r->blk)->acked++;
	r->bits &= ~(uint32_t)MON_LEASED;
}

static void on_import(const struct gb_event *ev, struct mon_req *r)
{
	if (ev->a) {
		r->bits |= MON_REFUSED;
		return;
	}
	r->bits |= MON_IMPORTED;
	r->lo = r->io_hi = (uint32_t)ev->b;
	r->len = (uint32_t)ev->c;
	r->zero_lo = r->zero_hi = 0;
}

static void on_io(const struct gb_event *ev, struct mon_req *r)
{
	if (ev->a != r->io_hi)
		r->bits |= MON_RAGGED;
	r->io_hi = (uint32_t)ev->b;
}

static void on_zero(const struct gb_event *ev, struct mon_req *r)
{
	if (ev->c)
		return;
	if (r->zero_hi == r->zero_lo)
		r->zero_lo = (uint32_t)ev->a;
	else if (ev->a != r->zero_hi)
		r->bits |= MON_RAGGED;
	r->zero_hi = (uint32_t)ev->b;
}

/* ---- block requests ---- */

static void on_blk_ref(struct gb_monitor *m, const struct gb_event *ev)
{
	struct mon_blk *b = mon_blk(m, (uint32_t)ev->d);
	const uint32_t refs = (uint32_t)ev->a;

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

static void on_blk(struct gb_monitor *m, const struct gb_event *ev)
{
	struct mon_blk *b = mon_blk(m, (uint32_t)ev->d);

	switch (ev->type) {
	case GB_EV_BLK_QUEUE:
		b->tag = (uint16_t)ev->a;
		break;
	case GB_EV_BLK_DISPATCH:
		b->begun = true;
		break;
	case GB_EV_BLK_REF:
		on_blk_ref(m, ev);
		break;
	default:
		break;
	}
}

/* ---- by type ---- */

static void of_ring(struct gb_monitor *m, const struct gb_event *ev)
{
	struct mon_state *s = mon_state(m);

	switch (ev->type) {
	case GB_EV_BATCH_END:
		on_batch_end(m);
		break;
	case GB_EV_FLUSH:
		s->overflow = s->posted - (uint32_t)ev->a;
		break;
	case GB_EV_TASK_EXIT:
		s->execing = ev->a != 0;
		break;
	case GB_EV_DYING:
		s->dying = true;
		break;
	default:
		break;
	}
}

static void of_submission(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	switch (ev->type) {
	case GB_EV_INIT:
		on_init(m, ev, r);
		break;
	case GB_EV_OPEN:
		on_open(m, r);
		break;
	case GB_EV_JOIN:
		on_join(m, r, mon_req(m, ev->other));
		break;
	case GB_EV_CLOSE_GROUP:
		on_close(m, ev, r);
		break;
	case GB_EV_LINK:
		on_link(m, r, mon_req(m, ev->other));
		break;
	case GB_EV_START:
		on_start(m, r);
		break;
	case GB_EV_DEFER:
		r->bits |= MON_DEFERRED;
		break;
	case GB_EV_RELEASE:
		r->bits &= ~(uint32_t)MON_DEFERRED;
		break;
	default:
		break;
	}
}

static void of_execution(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	switch (ev->type) {
	case GB_EV_ISSUE:
		r->bits |= MON_ISSUED;
		break;
	case GB_EV_FAIL:
		r->bits |= MON_FAIL;
		if (ev->b) {
			r->bits |= MON_ASSIGNED;
			r->fail_res = (int32_t)ev->a;
		}
		break;
	case GB_EV_TW_ADD:
		on_tw_add(m, ev, r);
		break;
	case GB_EV_TW_RUN:
		r->bits &= ~(uint32_t)MON_TW_DUE;
		break;
	case GB_EV_WORK:
		r->bits |= MON_STARTED;
		break;
	case GB_EV_CANCEL:
		if (ev->a == 0)
			r->bits |= MON_CANCELED;
		break;
	case GB_EV_REQ_REF:
		r->bits |= MON_REFS;
		r->refs = (uint16_t)ev->a;
		break;
	default:
		break;
	}
}

static void of_completion(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	switch (ev->type) {
	case GB_EV_DONE:
		on_done(m, ev, r);
		break;
	case GB_EV_FIRST:
		r->bits |= MON_FIRST;
		break;
	case GB_EV_QMEMBER:
		on_qmember(m, ev, r);
		break;
	case GB_EV_GRP:
		on_grp(m, ev, r);
		break;
	case GB_EV_SKIP:
		on_final(m, ev, r);
		break;
	case GB_EV_FREE:
		r->bits |= MON_FREED;
		break;
	default:
		break;
	}
}

static void of_buffers(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	switch (ev->type) {
	case GB_EV_LEASE:
		on_lease(m, ev, r);
		break;
	case GB_EV_ACK:
		on_ack(m, r);
		break;
	case GB_EV_IMPORT:
		on_import(ev, r);
		break;
	case GB_EV_IO:
		on_io(ev, r);
		break;
	case GB_EV_ZERO:
		on_zero(ev, r);
		break;
	default:
		break;
	}
}

/* At which moment of a request an event is remembered; MON_MOMENTS: at none. */
static enum mon_moment moment_of(enum gb_event_type type)
{
	switch (type) {
	case GB_EV_INIT:
		return MON_AT_INIT;
	case GB_EV_FAIL:
		return MON_AT_FAIL;
	case GB_EV_ISSUE:
		return MON_AT_ISSUE;
	case GB_EV_DONE:
		return MON_AT_DONE;
	case GB_EV_QMEMBER:
	case GB_EV_FIRST:
		return MON_AT_QUEUED;
	case GB_EV_CQE:
	case GB_EV_SKIP:
		return MON_AT_FINAL;
	case GB_EV_FREE:
		return MON_AT_FREE;
	case GB_EV_LEASE:
	case GB_EV_IMPORT:
		return MON_AT_BUFFER;
	case GB_EV_ACK:
	case GB_EV_ZERO:
		return MON_AT_ACK;
	case GB_EV_CLOSE_GROUP:
		return MON_AT_CLOSE;
	default:
		return MON_MOMENTS;
	}
}

void mon_mirror(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r)
{
	enum mon_moment moment = moment_of(ev->type);

	if (ev->type == GB_EV_CQE) {
		on_cqe(m, ev, r);
	} else if (ev->type >= GB_EV_BLK_NEW && ev->type <= GB_EV_BLK_FINAL) {
		if (ev->d < m->trace->n_blkreqs)
			on_blk(m, ev);
	} else if (!r) {
		of_ring(m, ev);
	} else {
		of_submission(m, ev, r);
		of_execution(m, ev, r);
		of_completion(m, ev, r);
		of_buffers(m, ev, r);
	}
	if (r && moment != MON_MOMENTS)
		mon_steps(m, mon_index(m, r))[moment] = (uint32_t)ev->step;
}
