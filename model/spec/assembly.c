/* SPDX-License-Identifier: MIT */
/* The extent of groups and chains from the flags of the SQEs, and what a failed assembly gives (I1 to I19). */
#include "judge.h"

/* What is open while a batch is read. */
struct assembly {
	struct gb_spec *s;
	uint32_t leader;     /* of the open group */
	uint32_t head, last; /* of the open chain */
	bool drain_next;
	bool stops; /* the SQE just read ends the batch of a ring without SUBMIT_ALL (S2.21) */
};

static void fail(struct place *p, int32_t err)
{
	p->failed = true;
	p->err = err;
}

/* I17: one failed element fails the chain. */
static void fail_chain(struct assembly *a, uint32_t r)
{
	struct place *head = &a->s->place[a->head];

	if (head->chain_failed)
		return;
	head->chain_failed = true;
	head->culprit = r;
}

/* I5: a group, or a request without one, takes its place in the chain; true if the chain is over with it. */
static bool append(struct assembly *a, uint32_t r, uint32_t closer, bool opens)
{
	struct place *p = &a->s->place[r];
	bool goes_on = spec_linked(&a->s->trace->sqes[r]);

	if (a->head == SPEC_NONE && !(goes_on && opens)) {
		p->head = r;
		p->closer = closer;
		return true;
	}
	if (a->head == SPEC_NONE) {
		a->head = r;
	} else {
		p->prev = a->last;
		a->s->place[a->last].link = r;
	}
	a->last = r;
	p->head = a->head;
	a->s->place[a->head].closer = closer;
	if (p->failed)
		fail_chain(a, r);
	if (!goes_on)
		a->head = a->last = SPEC_NONE;
	return !goes_on;
}

/* I3 */
static void close_group(struct assembly *a, uint32_t closer, bool by_batch_end)
{
	struct place *leader = &a->s->place[a->leader];
	uint32_t r = a->leader;

	a->leader = SPEC_NONE;
	leader->cut = by_batch_end;
	leader->closer = closer;
	if (!leader->members)
		fail(leader, -GB_EINVAL);
	/* S2.33: a leader whose group the end of the batch closes begins no chain */
	a->stops = append(a, r, closer, !by_batch_end) && a->s->fact[closer].init_err;
	a->s->place[r].closer = closer;
}

/* I10 to I16: the leader's errno by the flags and the initialisation of a member. */
static void join(struct assembly *a, uint32_t r, bool drain_left)
{
	struct place *p = &a->s->place[r], *leader = &a->s->place[a->leader];
	uint8_t flags = a->s->trace->sqes[r].flags;

	p->leader = a->leader;
	if (leader->first == SPEC_NONE)
		leader->first = r;
	else
		a->s->place[leader->last].next = r;
	leader->last = r;
	leader->members++;
	if (p->failed && !leader->failed)
		fail(leader, -GB_ECANCELED);
	if (p->failed) /* S1.11: a request that fails is not to be skipped any more */
		flags &= (uint8_t)~IOSQE_CQE_SKIP_SUCCESS;
	if (flags & (IOSQE_IO_LINK | IOSQE_IO_HARDLINK | IOSQE_CQE_SKIP_SUCCESS) || drain_left)
		fail(leader, -GB_EINVAL);
	if (!(flags & IOSQE_SQE_GROUP))
		close_group(a, r, false);
}

/* S2.34, I52, I53: whom a drain holds back. */
static void note_drain(struct assembly *a, uint32_t r, bool drained)
{
	struct place *p = &a->s->place[r];

	if (drained && a->head != SPEC_NONE) {
		a->s->place[a->head].drains = true;
		a->drain_next = true;
	} else if (drained) {
		p->drains = true;
	}
	if (a->drain_next && a->head == SPEC_NONE) {
		a->drain_next = false;
		p->drains = p->drains_next = true;
	}
}

/* The rules of S2.6 against what came out; the rest follows from what came out. */
static struct init_rule check_init(const struct assembly *a, uint32_t r)
{
	struct gb_spec *s = a->s;
	const struct init_context context = {
		.group_open = a->leader != SPEC_NONE,
		.drain_disabled = s->drain_disabled,
		.chain_last = a->head == SPEC_NONE ? SPEC_NONE : a->last,
	};
	struct init_rule rule = spec_init(s, r, &context);
	int32_t err = s->fact[r].init_err;

	if (s->blind)
		return rule;
	if (rule.any && err && err != -GB_EINVAL && err != -GB_EFAULT && err != -GB_E2BIG && err != -GB_EOVERFLOW &&
	    err != -GB_EBADF)
		spec_find(s, GB_SPEC_PREP, r, SPEC_NONE, err, 0);
	else if (!rule.any && err != rule.exact)
		spec_find(s, GB_SPEC_INIT, r, SPEC_NONE, err, rule.exact);
	return rule;
}

/* One SQE takes its place. */
static void take(struct assembly *a, uint32_t r)
{
	struct gb_spec *s = a->s;
	const struct gb_sqe *sqe = &s->trace->sqes[r];
	struct init_rule rule = check_init(a, r);
	struct place *p = &s->place[r];
	bool member = a->leader != SPEC_NONE;

	a->stops = false;
	if (s->fact[r].init_err)
		fail(p, s->fact[r].init_err);
	s->drain_disabled |= rule.skip_seen;
	p->wants_buf = member && sqe->flags & IOSQE_IO_DRAIN && !rule.drain_left;
	p->node = !p->failed && (sqe->opcode == IORING_OP_READ_FIXED || sqe->opcode == IORING_OP_WRITE_FIXED ||
				 (sqe->opcode == IORING_OP_URING_CMD && sqe->op_flags & IORING_URING_CMD_FIXED));
	if (p->wants_buf && s->fact[r].init_err == -GB_EFAULT && !s->blind)
		spec_find(s, GB_SPEC_PREP_USER, r, SPEC_NONE, -GB_EFAULT, 0);
	if (member) {
		join(a, r, rule.drain_left);
		return;
	}
	note_drain(a, r, rule.drained);
	if (sqe->flags & IOSQE_SQE_GROUP) {
		p->leader = a->leader = r;
		return;
	}
	a->stops = append(a, r, r, true) && p->failed;
}

/* I2, S2.32: the end of a batch ends everything. */
static void end_batch(struct assembly *a, uint32_t last)
{
	if (a->leader != SPEC_NONE)
		close_group(a, last, true);
	if (a->head != SPEC_NONE)
		a->s->place[a->head].closer = last;
	a->head = a->last = SPEC_NONE;
}

/* S2.1, S2.3, S2.4: how many SQEs a submission takes. */
static void check_batch(struct gb_spec *s, const struct batch *b, bool stopped)
{
	uint64_t waiting = b->given - b->first;

	if (b->ret == INT64_MIN)
		return;
	if (b->ret != b->n)
		spec_find(s, GB_SPEC_BATCH, SPEC_NONE, SPEC_NONE, b->ret, b->n);
	else if (b->n != waiting && !stopped)
		spec_find(s, GB_SPEC_BATCH, SPEC_NONE, SPEC_NONE, b->n, (int64_t)waiting);
}

static void assemble_batch(struct assembly *a, const struct batch *b)
{
	bool all = a->s->trace->setup_flags & IORING_SETUP_SUBMIT_ALL;
	bool stopped = false;

	for (uint32_t k = b->first; k < b->first + b->n; k++) {
		if (stopped)
			spec_find(a->s, GB_SPEC_BATCH, SPEC_NONE, SPEC_NONE, b->n, k - b->first);
		take(a, a->s->order[k]);
		stopped = a->stops && !all;
	}
	if (b->n)
		end_batch(a, a->s->order[b->first + b->n - 1]);
	check_batch(a->s, b, stopped);
}

/*
 * On an SQPOLL ring a batch is what the thread finds. One may end wherever a
 * `submit` does, so what is open there could be cut or not: behind it nothing
 * can be told from outside.
 */
static void assemble_sqpoll(struct assembly *a)
{
	const struct gb_trace *trace = a->s->trace;
	uint32_t k = 0;

	for (uint32_t i = 0; i < trace->n_stmts && k < a->s->consumed; i++) {
		if (trace->stmts[i].kind == GB_STMT_SQE) {
			take(a, a->s->order[k++]);
			a->s->blind |= a->stops && !(trace->setup_flags & IORING_SETUP_SUBMIT_ALL);
		} else if (trace->stmts[i].kind == GB_STMT_SUBMIT && k) {
			a->s->blind |= a->leader != SPEC_NONE || a->head != SPEC_NONE;
			end_batch(a, a->s->order[k - 1]);
		}
	}
	if (k)
		end_batch(a, a->s->order[k - 1]);
}

void spec_assemble(struct gb_spec *s)
{
	struct assembly a = {.s = s, .leader = SPEC_NONE, .head = SPEC_NONE, .last = SPEC_NONE};

	s->drain_disabled = false;
	for (uint32_t k = 0; k < s->n; k++)
		s->place[k] = (struct place){
			.leader = SPEC_NONE,
			.first = SPEC_NONE,
			.last = SPEC_NONE,
			.next = SPEC_NONE,
			.link = SPEC_NONE,
			.prev = SPEC_NONE,
			.head = SPEC_NONE,
			.closer = SPEC_NONE,
			.culprit = SPEC_NONE,
		};
	if (s->trace->setup_flags & IORING_SETUP_SQPOLL) {
		assemble_sqpoll(&a);
		return;
	}
	for (uint32_t k = 0; k <= s->batches; k++)
		assemble_batch(&a, &s->batch[k]);
}
