/* SPDX-License-Identifier: MIT */
/* Life and dispatch of the monitor: one block of state, a list of checkers for each type of event. */
#include <stdlib.h>
#include <string.h>

#include "mon.h"

/* ---- the table ---- */

#define E(type) (uint8_t)(GB_EV_##type + 1)
#define END	(uint8_t)(MON_FINISH + 1)

const struct mon_row mon_table[] = {
#define X(id, broken, rule, function, statement, ...) \
	{{#id, (statement), (rule), (function), NULL, (broken)}, mon_check_##id, {__VA_ARGS__}},
#define U(id, broken, rule, function, statement, why) \
	{{#id, (statement), (rule), (function), (why), (broken)}, NULL, {0}},
#include "table.def"
#undef U
#undef X
};
const uint32_t mon_rows = sizeof(mon_table) / sizeof(mon_table[0]);

const struct gb_invariant *gb_invariant_at(uint32_t i)
{
	return i < mon_rows ? &mon_table[i].info : NULL;
}

/* ---- life ---- */

static size_t align(size_t n)
{
	return (n + 7) & ~(size_t)7;
}

static struct mon_layout layout_of(const struct gb_trace *trace)
{
	struct mon_layout at = {.room = 16 + 2 * trace->n_sqes};

	at.violated = align(sizeof(struct mon_state));
	at.reqs = at.violated + 2 * sizeof(uint64_t) * (trace->n_sqes + 1);
	at.blks = at.reqs + align(sizeof(struct mon_req) * trace->n_sqes);
	at.judged = at.blks + align(sizeof(struct mon_blk) * trace->n_blkreqs);
	at.exercised = at.judged;
	at.steps = at.exercised + 2 * sizeof(uint64_t);
	at.list = at.steps + align(sizeof(uint32_t) * MON_MOMENTS * trace->n_sqes);
	at.end = at.list + sizeof(struct gb_violation) * at.room;
	return at;
}

/*
 * Could SQE i - 1 and SQE i be of one chain or group? Wherever batches end: a
 * chain goes on behind the group of a leader with a link flag.
 */
static void find_joints(const struct gb_trace *t, uint8_t *joined)
{
	const uint8_t link = IOSQE_IO_LINK | IOSQE_IO_HARDLINK;
	bool group = false, linked = false;

	for (uint32_t i = 0; i + 1 < t->n_sqes; i++) {
		const uint8_t flags = t->sqes[i].flags;

		linked = flags & link || (group && linked);
		group = flags & IOSQE_SQE_GROUP;
		joined[i + 1] = linked || group;
		if (!group)
			linked = false;
	}
}

/* Requests of which a user_data may come to mean another one (S8.25), and what is tied to them: events cannot tell. */
static void find_blind(struct gb_monitor *m, uint8_t *joined)
{
	const struct gb_trace *t = m->trace;

	for (uint32_t i = 0; i < t->n_sqes; i++) {
		const struct gb_sqe *sqe = &t->sqes[i];

		if (sqe->opcode != IORING_OP_POLL_REMOVE || !(sqe->len & IORING_POLL_UPDATE_USER_DATA))
			continue;
		if (sqe->target < t->n_sqes)
			m->blind[sqe->target] = 1;
		if (sqe->new_data < t->n_sqes)
			m->blind[sqe->new_data] = 1;
	}
	find_joints(t, joined);
	for (uint32_t i = 1; i < t->n_sqes; i++)
		m->blind[i] |= joined[i] & m->blind[i - 1];
	for (uint32_t i = t->n_sqes; i-- > 1;)
		m->blind[i - 1] |= joined[i] & m->blind[i];
}

static void list_checks(struct gb_monitor *m)
{
	for (uint32_t i = 0; i < mon_rows; i++) {
		for (size_t k = 0; k < sizeof(mon_table[i].on) && mon_table[i].on[k]; k++) {
			unsigned int type = mon_table[i].on[k] - 1U;

			if (m->n_checks[type] < MON_MAX_CHECKS)
				m->checks[type][m->n_checks[type]++] = (uint8_t)i;
		}
	}
}

struct gb_monitor *gb_monitor_new(const struct gb_trace *trace)
{
	struct gb_monitor *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->trace = trace;
	m->at = layout_of(trace);
	m->base = calloc(1, m->at.end);
	m->blind = calloc((size_t)2 * trace->n_sqes + 1, 1);
	if (!m->base || !m->blind) {
		gb_monitor_free(m);
		return NULL;
	}
	find_blind(m, m->blind + trace->n_sqes);
	list_checks(m);
	return m;
}

void gb_monitor_free(struct gb_monitor *monitor)
{
	if (!monitor)
		return;
	free(monitor->base);
	free(monitor->blind);
	free(monitor);
}

void gb_monitor_reset(struct gb_monitor *monitor)
{
	memset(monitor->base, 0, monitor->at.list);
}

/* ---- dispatch ---- */

static void judge(struct gb_monitor *m, const struct gb_event *ev, struct mon_req *r, unsigned int type)
{
	m->event = ev;
	for (uint32_t k = 0; k < m->n_checks[type]; k++) {
		m->current = m->checks[type][k];
		mon_table[m->current].check(m, ev, r);
	}
}

/* Is `other` of this event a request that must be known? */
static bool names_other(enum gb_event_type type)
{
	return type == GB_EV_JOIN || type == GB_EV_LINK || type == GB_EV_QMEMBER;
}

/* Can this event be judged without a request? */
static bool of_nobody(enum gb_event_type type)
{
	return type == GB_EV_BATCH_END || type == GB_EV_CANCEL || type == GB_EV_STUCK || type == GB_EV_TASK_EXIT ||
	       (type >= GB_EV_BLK_NEW && type <= GB_EV_BLK_FINAL);
}

/* A request that is not followed still takes its place in the rings. */
static void skip_event(struct gb_monitor *m, const struct gb_event *ev)
{
	if (ev->type == GB_EV_INIT) {
		mon_state(m)->consumed++;
		mon_state(m)->drain_next = false;
	} else if (ev->type == GB_EV_CQE) {
		mon_mirror(m, ev, NULL);
	}
}

void gb_monitor_event(void *user, const struct gb_event *event)
{
	struct gb_monitor *m = user;
	struct mon_req *r = NULL;
	bool known = event->req == GB_NO_REQ;

	if (event->req < m->trace->n_sqes) {
		known = !m->blind[event->req];
		r = known ? mon_req(m, event->req) : NULL;
	}
	if (known && names_other(event->type))
		known = event->other < m->trace->n_sqes && !m->blind[event->other];
	if (!known) {
		skip_event(m, event);
		return;
	}
	if (event->type >= GB_EV_BLK_NEW && event->type <= GB_EV_BLK_FINAL && event->d >= m->trace->n_blkreqs)
		return;
	if (m->n_checks[event->type] && (r || of_nobody(event->type)))
		judge(m, event, r, event->type);
	mon_mirror(m, event, r);
}

uint64_t gb_monitor_hears(const struct gb_monitor *monitor)
{
	uint64_t set = mon_mirrored();

	for (unsigned int type = 0; type < GB_EV_COUNT; type++)
		set |= (uint64_t)(monitor->n_checks[type] != 0) << type;
	return set;
}

void gb_monitor_finish(struct gb_monitor *monitor, enum gb_run_state state)
{
	const struct gb_event end = {.req = GB_NO_REQ, .other = GB_NO_REQ};

	if (state != GB_FINISHED || mon_state(monitor)->done)
		return;
	mon_state(monitor)->done = true;
	/* a ring that a request of its own keeps open (S9.8) has no end to be judged */
	if (!mon_state(monitor)->dying)
		return;
	judge(monitor, &end, NULL, MON_FINISH);
}

/* ---- violations ---- */

static uint64_t *violated(const struct gb_monitor *m, const struct mon_req *r)
{
	return (uint64_t *)(void *)(m->base + m->at.violated) + (size_t)2 * (r ? mon_index(m, r) : m->trace->n_sqes);
}

void mon_violate(struct gb_monitor *m, const struct mon_case *c)
{
	uint64_t *set = &violated(m, c->req)[m->current / 64];
	struct mon_state *s = mon_state(m);
	struct gb_violation *v;

	mon_exercise(m);
	if (*set >> m->current % 64 & 1)
		return;
	*set |= 1ULL << m->current % 64;
	if (s->n_violations == m->at.room)
		return;
	v = (struct gb_violation *)(void *)(m->base + m->at.list) + s->n_violations++;
	*v = (struct gb_violation){
		.invariant = (uint16_t)m->current,
		.sentence = (uint16_t)c->say,
		.req = c->req ? mon_index(m, c->req) : GB_NO_REQ,
		.other = c->other ? mon_index(m, c->other) : GB_NO_REQ,
		.step = {m->event->step, c->since ? mon_steps(m, mon_index(m, c->since))[c->moment] : 0},
		.n = {c->n[0], c->n[1]},
	};
}

uint32_t gb_monitor_count(const struct gb_monitor *monitor)
{
	return mon_state(monitor)->n_violations;
}

const struct gb_violation *gb_monitor_list(const struct gb_monitor *monitor)
{
	return (const struct gb_violation *)(const void *)(monitor->base + monitor->at.list);
}

const uint64_t *gb_monitor_exercised_set(const struct gb_monitor *monitor)
{
	return (const uint64_t *)(const void *)(monitor->base + monitor->at.exercised);
}

bool gb_monitor_exercised(const struct gb_monitor *monitor, uint32_t i)
{
	return i < mon_rows && gb_monitor_exercised_set(monitor)[i / 64] >> i % 64 & 1;
}

/* ---- saving ---- */

size_t gb_monitor_size(const struct gb_monitor *monitor)
{
	return monitor->at.end;
}

/* Only the part of the list that is used counts. */
static size_t used(const struct gb_monitor *m)
{
	return m->at.list + mon_state(m)->n_violations * sizeof(struct gb_violation);
}

void gb_monitor_save(const struct gb_monitor *monitor, void *to)
{
	memcpy(to, monitor->base, used(monitor));
}

void gb_monitor_load(struct gb_monitor *monitor, const void *from)
{
	struct mon_state s;

	memcpy(&s, from, sizeof(s));
	memcpy(monitor->base, from, monitor->at.list + s.n_violations * sizeof(struct gb_violation));
}

size_t gb_monitor_brief_size(const struct gb_monitor *monitor)
{
	return monitor->at.list;
}

const void *gb_monitor_brief(const struct gb_monitor *monitor)
{
	return monitor->base;
}

void gb_monitor_load_brief(struct gb_monitor *monitor, const void *from)
{
	memcpy(monitor->base, from, monitor->at.list);
}

/* ---- what several checkers need ---- */

struct mon_req *mon_before(const struct gb_monitor *m, const struct mon_req *r)
{
	struct mon_req *before = mon_ref(m, r->prev);

	while (before && before->prev && mon_sqe(m, before)->opcode == IORING_OP_LINK_TIMEOUT)
		before = mon_ref(m, before->prev);
	return before;
}

bool mon_is_final(const struct gb_monitor *m, const struct gb_event *ev)
{
	uint8_t opcode = ev->req < m->trace->n_sqes ? m->trace->sqes[ev->req].opcode : 0;

	if (ev->b & IORING_CQE_F_NOTIF)
		return false;
	/* a zero-copy send announces its notification with MORE */
	return !(ev->b & IORING_CQE_F_MORE) || opcode == IORING_OP_SEND_ZC || opcode == IORING_OP_SENDMSG_ZC;
}

bool mon_forbidden(const struct mon_req *r)
{
	/* a failed initialisation has undone the skip by then (S1.11) */
	return r->flags & (MON_F_LINK | MON_F_DRAIN) || (r->flags & MON_F_CQE_SKIP && !r->init_err);
}

bool mon_always_async(uint8_t opcode)
{
	switch (opcode) {
	case IORING_OP_FSYNC:
	case IORING_OP_SYNC_FILE_RANGE:
	case IORING_OP_FALLOCATE:
	case IORING_OP_SHUTDOWN:
	case IORING_OP_SPLICE:
	case IORING_OP_TEE:
		return true;
	default:
		return false;
	}
}
