/* SPDX-License-Identifier: MIT */
/* The specification as an observer: what it remembers of a run, and the judgement. */
#include <stdlib.h>
#include <string.h>

#include "conduct.h"

#define FINDINGS_PER_SQE 4U

/* ---- what is known before a run ---- */

/* Who may be cancelled, and by what. */
static void note_hunters(struct gb_spec *s)
{
	for (uint32_t k = 0; k < s->n; k++) {
		const struct gb_sqe *sqe = &s->trace->sqes[k];

		/* what holds the ring itself is cancelled before the ring can go away (I61) */
		s->known[k].hunted |= sqe->fd.is_ring;
		switch (sqe->opcode) {
		case IORING_OP_ASYNC_CANCEL:
			s->hunt_all |= sqe->op_flags || sqe->target == GB_NO_TARGET;
			break;
		case IORING_OP_LINK_TIMEOUT:
			/* what stands in front of it in the queue, or the leader of that */
			for (uint32_t b = k; b-- > 0 && !s->known[b].hunted;)
				s->known[b].hunted = true;
			continue;
		case IORING_OP_TIMEOUT_REMOVE:
		case IORING_OP_POLL_REMOVE:
			break;
		default:
			continue;
		}
		if (sqe->target < s->n)
			s->known[sqe->target].hunted = true;
	}
}

/* Requests whose CQEs come under another name, or in any number. */
static void note_loose(struct gb_spec *s)
{
	bool renames = false;

	for (uint32_t k = 0; k < s->n; k++) {
		const struct gb_sqe *sqe = &s->trace->sqes[k];

		renames |= sqe->opcode == IORING_OP_POLL_REMOVE && sqe->len & IORING_POLL_UPDATE_USER_DATA;
		if (sqe->opcode == IORING_OP_READ_MULTISHOT ||
		    (sqe->opcode == IORING_OP_POLL_ADD && sqe->len & IORING_POLL_ADD_MULTI) ||
		    (sqe->opcode == IORING_OP_TIMEOUT && sqe->op_flags & IORING_TIMEOUT_MULTISHOT) ||
		    ((sqe->opcode == IORING_OP_RECV || sqe->opcode == IORING_OP_RECVMSG) &&
		     sqe->ioprio & IORING_RECV_MULTISHOT) ||
		    ((sqe->opcode == IORING_OP_SEND || sqe->opcode == IORING_OP_RECV) &&
		     sqe->ioprio & IORING_RECVSEND_BUNDLE) ||
		    (sqe->opcode == IORING_OP_ACCEPT && sqe->ioprio))
			s->known[k].loose = true;
	}
	for (uint32_t k = 0; renames && k < s->n; k++) {
		const struct gb_sqe *sqe = &s->trace->sqes[k];

		if (sqe->opcode == IORING_OP_POLL_ADD)
			s->known[k].loose = true;
		if (sqe->opcode == IORING_OP_POLL_REMOVE && sqe->new_data < s->n)
			s->known[sqe->new_data].loose = true;
	}
}

/* Objects whose bytes stay what they are, and whether 0xA5 can be data. */
static void note_objects(struct gb_spec *s)
{
	for (uint32_t k = 0; k < s->trace->n_objects; k++) {
		const struct gb_object *object = &s->trace->objects[k];

		s->pure[k] = object->kind == GB_FILE || object->kind == GB_BLOCK;
		s->poison |= object->fill == SPEC_POISON;
	}
	for (uint32_t k = 0; k < s->n; k++)
		if (spec_drains_buf(s->trace->sqes[k].opcode) && s->trace->sqes[k].fd.is_object)
			s->pure[s->trace->sqes[k].fd.object] = false;
}

static uint32_t longest_lease(const struct gb_trace *trace)
{
	uint32_t most = 1;

	for (uint32_t k = 0; k < trace->n_sqes; k++)
		if (trace->sqes[k].lease && trace->sqes[k].len > most)
			most = trace->sqes[k].len;
	return most;
}

/* ---- life ---- */

struct gb_spec *gb_spec_new(const struct gb_trace *trace)
{
	struct gb_spec *s = calloc(1, sizeof(*s));
	const size_t n = trace->n_sqes ? trace->n_sqes : 1;
	const size_t objects = trace->n_objects ? trace->n_objects : 1;

	if (!s)
		return NULL;
	s->trace = trace;
	s->n = trace->n_sqes;
	s->room = FINDINGS_PER_SQE * s->n + 16;
	s->fact = calloc(n, sizeof(*s->fact));
	s->place = calloc(n, sizeof(*s->place));
	s->known = calloc(n, sizeof(*s->known));
	s->order = calloc(n, sizeof(*s->order));
	s->batch = calloc((size_t)trace->n_stmts + 1, sizeof(*s->batch));
	s->list = calloc(s->room, sizeof(*s->list));
	s->longest = longest_lease(trace);
	s->bytes = malloc(s->longest);
	s->marks = malloc(s->longest);
	s->pure = calloc(objects, sizeof(*s->pure));
	if (!conduct_new(s) || !s->fact || !s->place || !s->known || !s->order || !s->batch || !s->list || !s->bytes ||
	    !s->marks || !s->pure) {
		gb_spec_free(s);
		return NULL;
	}
	note_hunters(s);
	note_loose(s);
	note_objects(s);
	gb_spec_reset(s);
	return s;
}

void gb_spec_free(struct gb_spec *spec)
{
	if (!spec)
		return;
	conduct_free(spec);
	free(spec->fact);
	free(spec->place);
	free(spec->known);
	free(spec->order);
	free(spec->batch);
	free(spec->list);
	free(spec->bytes);
	free(spec->marks);
	free(spec->pure);
	free(spec);
}

void gb_spec_reset(struct gb_spec *spec)
{
	for (uint32_t k = 0; k < spec->n; k++) {
		spec->fact[k] = (struct fact){
			.init_at = SPEC_NEVER,
			.issued_at = SPEC_NEVER,
			.done_at = SPEC_NEVER,
			.posted_at = SPEC_NEVER,
			.ack_at = SPEC_NEVER,
			.notified_at = SPEC_NEVER,
			.touched_at = 0,
		};
	}
	spec->n_list = spec->consumed = spec->batches = 0;
	spec->now = 0;
	spec->ending_at = SPEC_NEVER;
	spec->given = 0;
	spec->next_register = spec->bufs = 0;
	spec->restrict_seen = spec->restricted = 0;
	spec->dead_in = SPEC_NONE;
	spec->dead = spec->blind = spec->drain_disabled = false;
	spec->batch[0] = (struct batch){.ret = INT64_MIN};
	conduct_reset(spec);
}

/* ---- what is seen ---- */

/* The next batch begins; on an SQPOLL ring nobody outside knows where one does. */
static void end_batch(struct gb_spec *s, const struct gb_event *ev)
{
	struct batch *batch = &s->batch[s->batches];

	s->given += (uint64_t)ev->b;
	if (ev->a < 0 || s->trace->setup_flags & IORING_SETUP_SQPOLL)
		return;
	batch->ret = ev->a;
	batch->given = s->given;
	if (s->batches < s->trace->n_stmts)
		s->batch[++s->batches] = (struct batch){.first = s->consumed, .ret = INT64_MIN};
}

/* A registration that succeeded: which one it was says the program. */
static void registered(struct gb_spec *s, const struct gb_event *ev)
{
	const struct gb_trace *trace = s->trace;
	const struct gb_stmt *stmt;

	for (;; s->next_register++) {
		if (s->next_register >= trace->n_stmts)
			return;
		stmt = &trace->stmts[s->next_register];
		if (stmt->kind == GB_STMT_REGISTER || stmt->kind == GB_STMT_BUFFERS)
			break;
	}
	s->next_register++;
	if (ev->a || stmt->kind != GB_STMT_REGISTER)
		return;
	switch (stmt->n) {
	case IORING_REGISTER_BUFFERS:
		s->bufs = stmt->n_list;
		break;
	case IORING_REGISTER_RESTRICTIONS:
		s->restrict_seen = (uint16_t)(stmt->arg + 1);
		break;
	case IORING_REGISTER_ENABLE_RINGS:
		s->restricted = s->restrict_seen;
		break;
	default:
		break;
	}
}

static void read_sqe(struct gb_spec *s, struct fact *f, const struct gb_event *ev)
{
	f->init_at = s->now;
	f->init_err = (int32_t)ev->b;
	f->order = s->consumed;
	f->batch = s->batches;
	f->bufs = s->bufs;
	f->restricted = s->restricted;
	if (s->consumed < s->n)
		s->order[s->consumed++] = ev->req;
	s->batch[s->batches].n++;
}

static void completed(struct gb_spec *s, struct fact *f, const struct gb_event *ev)
{
	if (ev->type == GB_EV_CQE && ev->b & IORING_CQE_F_NOTIF) {
		if (f->notified_at == SPEC_NEVER)
			f->notified_at = s->now;
		return;
	}
	/* of a zero-copy send MORE announces the notification (I40) */
	if (ev->type == GB_EV_CQE && ev->b & IORING_CQE_F_MORE && !spec_notifies(s->trace->sqes[ev->req].opcode))
		return;
	/* a request that is only being freed passes the completion list once more (S5.9) */
	if (ev->type == GB_EV_SKIP && f->posted_at != SPEC_NEVER)
		return;
	f->posted_at = s->now;
	f->res = (int32_t)ev->a;
	if (ev->type == GB_EV_SKIP) {
		f->silent = true;
		return;
	}
	f->finals++;
	f->pos = ev->c;
}

static void imported(struct fact *f, const struct gb_event *ev)
{
	f->import_seen = true;
	f->imports += ev->a == 0;
	f->import_err = (int16_t)ev->a;
	f->off = (uint64_t)ev->b;
	f->import_len = (uint32_t)ev->c;
	f->import_dir = (uint8_t)ev->d;
}

static void leased(struct fact *f, const struct gb_event *ev)
{
	f->lease_seen = true;
	f->lease_err = (int16_t)ev->a;
	if (ev->a)
		return;
	f->leases++;
	f->lease_len = (uint32_t)ev->b;
	f->lease_dir = (uint8_t)ev->c;
}

static void acked(const struct gb_spec *s, struct fact *f, const struct gb_event *ev)
{
	if (f->acks++)
		return;
	f->ack_at = s->now;
	f->untouched = ev->b;
	f->hash = (uint64_t)ev->c;
}

/* Events of one request. */
static void of_request(struct gb_spec *s, struct fact *f, const struct gb_event *ev)
{
	switch (ev->type) {
	case GB_EV_INIT:
		read_sqe(s, f, ev);
		break;
	case GB_EV_ISSUE:
		if (f->issued_at == SPEC_NEVER)
			f->issued_at = s->now;
		break;
	case GB_EV_DONE:
		if (f->posted_at != SPEC_NEVER)
			break;
		f->done_at = s->now;
		f->done_res = (int32_t)ev->a;
		break;
	case GB_EV_CQE:
	case GB_EV_SKIP:
		completed(s, f, ev);
		break;
	case GB_EV_SELECT:
		f->select_seen = ev->c != 0;
		f->selected = (uint32_t)ev->b;
		break;
	case GB_EV_LEASE:
		leased(f, ev);
		break;
	case GB_EV_IMPORT:
		imported(f, ev);
		break;
	case GB_EV_IO:
		f->touched_at = s->now;
		f->writes |= ev->c != 0;
		break;
	case GB_EV_ZERO:
		if (ev->c)
			f->zeroed += ev->b - ev->a;
		break;
	case GB_EV_ACK:
		acked(s, f, ev);
		break;
	default:
		break;
	}
}

void gb_spec_event(void *user, const struct gb_event *event)
{
	struct gb_spec *s = user;

	s->now++;
	conduct_event(s, event);
	if (event->type == GB_EV_SUBMITTED) {
		end_batch(s, event);
	} else if (event->type == GB_EV_REGISTERED) {
		registered(s, event);
	} else if (event->type == GB_EV_DYING || event->type == GB_EV_TASK_EXIT) {
		if (s->ending_at == SPEC_NEVER)
			s->ending_at = s->now;
	} else if (event->type == GB_EV_HAZARD) {
		if (event->b) {
			s->dead = true;
			s->dead_in = event->req;
		}
	} else if (event->req < s->n) {
		of_request(s, &s->fact[event->req], event);
	}
}

/* ---- the judgement ---- */

void spec_find(struct gb_spec *s, enum gb_spec_rule_id rule, uint32_t req, uint32_t other, int64_t a, int64_t b)
{
	if (s->n_list == s->room || (req < s->n && s->known[req].loose))
		return;
	s->list[s->n_list++] = (struct gb_spec_finding){
		.rule = (uint16_t)rule,
		.req = req,
		.other = other,
		.n = {a, b},
	};
}

uint32_t gb_spec_judge(struct gb_spec *spec, enum gb_run_state state)
{
	spec->state = state;
	spec->n_list = 0;
	spec_assemble(spec);
	spec_fates(spec);
	spec_postings(spec);
	spec_orders(spec);
	spec_buffers(spec);
	conduct_judge(spec);
	return spec->n_list;
}

const struct gb_spec_finding *gb_spec_list(const struct gb_spec *spec)
{
	return spec->list;
}
