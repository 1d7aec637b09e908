/* SPDX-License-Identifier: MIT */
/* Who runs, who is cancelled and with which errno (sections B, C and F of invariants.md). */
#include "judge.h"

#define ACCEPTED 65536

/* What the judgement of a chain carries from one unit to the next. */
struct chain {
	struct gb_spec *s;
	enum tri dead; /* has something in front failed? */
	uint32_t by;   /* what */
	bool silent;   /* and it asked for silence, which spreads (S5.23) */
};

/* ---- failure of what ran ---- */

static enum tri own_failure(const struct gb_spec *s, uint32_t r)
{
	const struct fact *f = &s->fact[r];

	if (s->place[r].failed)
		return YES;
	if (spec_issued(s, r) && f->done_at != SPEC_NEVER)
		return spec_failure(s, r, f->done_res);
	if (!spec_completed(s, r))
		return MAYBE;
	return f->res < 0 ? YES : NO;
}

/* A failure that V9 does not count as one: FSYNC and its like, after they ran. */
static bool forgotten(const struct gb_spec *s, uint32_t r)
{
	return spec_forgets_failure(s, r) != GB_SPEC_RULES && spec_issued(s, r) && own_failure(s, r) == YES;
}

/* I44: a group has failed if its leader or any member has. `known` leaves out what V9 forgets. */
enum tri spec_unit_failure(const struct gb_spec *s, uint32_t unit, bool known)
{
	enum tri failed = known && forgotten(s, unit) ? MAYBE : own_failure(s, unit);

	if (!spec_is_leader(s, unit))
		return failed;
	for (uint32_t m = s->place[unit].first; m != SPEC_NONE; m = s->place[m].next)
		failed = tri_or(failed, known && forgotten(s, m) ? MAYBE : own_failure(s, m));
	return failed;
}

/* The request of a unit whose failure V9 forgets. */
static uint32_t forgotten_of(const struct gb_spec *s, uint32_t unit)
{
	uint32_t m = forgotten(s, unit) || !spec_is_leader(s, unit) ? SPEC_NONE : s->place[unit].first;

	while (m != SPEC_NONE && !forgotten(s, m))
		m = s->place[m].next;
	return m == SPEC_NONE ? unit : m;
}

/* ---- what never ran ---- */

/* The descriptor is a number, and none is open. */
static bool no_file(const struct gb_spec *s, uint32_t r)
{
	const struct gb_sqe *sqe = &s->trace->sqes[r];

	/* descriptors from ACCEPTED on are those that ACCEPT gives */
	return spec_needs_file(sqe->opcode) && !sqe->fd.is_object && !sqe->fd.is_ring &&
	       !(sqe->flags & IOSQE_FIXED_FILE) && sqe->fd.number < ACCEPTED;
}

/* May a request end with this without ever having been issued? S3.2, S3.17, S4.12, S9.5, S9.13. */
static bool unissued(const struct gb_spec *s, uint32_t r, int32_t res)
{
	switch (-res) {
	case GB_EBADF:
		return spec_needs_file(s->trace->sqes[r].opcode);
	case GB_ECANCELED:
		return spec_hunted(s, r) || spec_late(s, r);
	case GB_EFAULT:
		return spec_late(s, r);
	default:
		return s->known[r].loose;
	}
}

/* Was a request begun, be it that its file was not there or that it came too late? */
static bool begun(const struct gb_spec *s, uint32_t r)
{
	const struct fact *f = &s->fact[r];

	return spec_issued(s, r) ||
	       (spec_completed(s, r) && !s->place[r].failed && f->res != -GB_ECANCELED && unissued(s, r, f->res));
}

/* A request that was to run: it did, or something explains why not. */
static void must_run(struct gb_spec *s, uint32_t r, enum gb_spec_rule_id idle, uint32_t other)
{
	const struct fact *f = &s->fact[r];

	if (!spec_issued(s, r)) {
		if (spec_completed(s, r) && !unissued(s, r, f->res))
			spec_find(s, idle, r, other, f->res, 0);
		return;
	}
	if (no_file(s, r))
		spec_find(s, GB_SPEC_NO_FILE, r, SPEC_NONE, s->trace->sqes[r].fd.number, 0);
	if (f->done_at != SPEC_NEVER)
		spec_result(s, r);
}

/* ---- members (I24, I43, I48, I65) ---- */

/* I65: refused when it is queued; a chain that is cancelled does not come to that (S5.27). */
static void judge_node(struct gb_spec *s, uint32_t m, uint32_t leader)
{
	const struct place *l = &s->place[leader];
	bool cancelled = (l->dead || l->failed) && l->prev != SPEC_NONE;
	int32_t res = s->fact[m].res;

	if (spec_issued(s, m) || (spec_completed(s, m) && res != -GB_EINVAL && !(cancelled && res == -GB_ECANCELED)))
		spec_find(s, GB_SPEC_MEMBER_NODE, m, leader, res, 0);
}

static void member_of_failed(struct gb_spec *s, uint32_t m, uint32_t leader, int32_t due)
{
	bool forgot = forgotten(s, leader);

	if (spec_issued(s, m) && forgot)
		spec_find(s, spec_forgets_failure(s, leader), m, leader, s->fact[leader].done_res, 0);
	else if (spec_issued(s, m))
		spec_find(s, GB_SPEC_MEMBER_RUNS, m, leader, 0, 0);
	else if (spec_completed(s, m) && s->fact[m].res != due && !forgot)
		spec_find(s, GB_SPEC_MEMBER_ERRNO, m, leader, s->fact[m].res, due);
}

static void judge_members(struct gb_spec *s, uint32_t leader)
{
	const struct place *l = &s->place[leader];
	enum tri failed = l->dead ? YES : own_failure(s, leader);

	for (uint32_t m = l->first; m != SPEC_NONE; m = s->place[m].next) {
		struct place *p = &s->place[m];

		p->dead = l->dead;
		p->silenced = l->silenced;
		p->unsure = l->unsure;
		if (p->failed) {
			if (spec_issued(s, m))
				spec_find(s, GB_SPEC_ISSUED_FAILED, m, SPEC_NONE, 0, 0);
			else if (spec_completed(s, m) && s->fact[m].res != p->err)
				spec_find(s, GB_SPEC_ASSEMBLY, m, SPEC_NONE, s->fact[m].res, p->err);
		} else if (p->wants_buf && p->node) {
			judge_node(s, m, leader);
		} else if (failed == YES) {
			member_of_failed(s, m, leader, -GB_ECANCELED);
		} else if (failed == NO || spec_issued(s, m) || s->fact[m].res != -GB_ECANCELED) {
			must_run(s, m, GB_SPEC_MEMBER_IDLE, leader);
		}
	}
}

/* ---- units of a chain ---- */

/* The failure in front of r is one that the kernel forgets, so the chain goes on. */
static void goes_on(struct chain *c, uint32_t r)
{
	uint32_t why = forgotten_of(c->s, c->by);

	c->dead = NO;
	c->s->place[r].dead = c->s->place[r].silenced = false;

	spec_find(c->s, spec_forgets_failure(c->s, why), r, why, c->s->fact[why].done_res, 0);
}

/* What failed in assembly, or behind a failure, and did not run. */
static void judge_cancelled(struct chain *c, uint32_t r)
{
	struct gb_spec *s = c->s;
	struct place *p = &s->place[r];
	int32_t due = p->failed ? p->err : -GB_ECANCELED;
	bool assembly = p->failed || s->place[p->head].chain_failed;
	bool forgot = c->by != SPEC_NONE && spec_unit_failure(s, c->by, true) != YES;

	p->dead = c->dead != NO;
	/* the one that fails posts, and so does the head of a chain that failed in assembly (S2.16) */
	p->silenced = p->dead && c->silent && r != c->by;
	p->unsure = p->dead && (forgot || c->dead == MAYBE);
	if (!spec_completed(s, r) || s->fact[r].res == due)
		return;
	if (p->failed && p->prev != SPEC_NONE && spec_late(s, r)) /* its turn came too late (S4.12) */
		return;
	if (p->drains_next && s->fact[r].res == -GB_EINVAL)
		spec_find(s, GB_SPEC_DRAIN_MEMBER, r, SPEC_NONE, -GB_EINVAL, due);
	else if (p->failed && p->prev != SPEC_NONE && spec_is_leader(s, r) && s->fact[r].res == -GB_EBADF)
		spec_find(s, GB_SPEC_ISSUED_LEADER, r, SPEC_NONE, 0, 0); /* its file was looked up at least */
	else if (assembly)
		spec_find(s, GB_SPEC_ASSEMBLY, r, c->by, s->fact[r].res, due);
	else if (forgot && unissued(s, r, s->fact[r].res))
		goes_on(c, r);
	else
		spec_find(s, GB_SPEC_NEXT_ERRNO, r, c->by, s->fact[r].res, due);
}

/* Something ran that was not to run. */
static void judge_intruder(struct chain *c, uint32_t r)
{
	struct gb_spec *s = c->s;
	const struct place *p = &s->place[r];

	if (p->failed) {
		bool behind = spec_is_leader(s, r) && p->prev != SPEC_NONE;

		spec_find(s, behind ? GB_SPEC_ISSUED_LEADER : GB_SPEC_ISSUED_FAILED, r, SPEC_NONE, 0, 0);
		return;
	}
	if (spec_unit_failure(s, c->by, true) == YES)
		spec_find(s, GB_SPEC_NEXT_RUNS, r, c->by, 0, 0);
	else
		goes_on(c, r);
}

/* I13, S8.32: a link timeout is not issued; it says what became of it and of its target. */
static void judge_link_timeout(const struct chain *c, uint32_t r)
{
	struct gb_spec *s = c->s;
	uint32_t target = spec_is_leader(s, r) ? r : s->place[r].prev;
	int32_t res = s->fact[r].res;

	s->place[r].silenced = c->silent;
	if (target != SPEC_NONE && spec_is_leader(s, target))
		spec_find(s, GB_SPEC_LEADER_TIMEOUT, r, target, 0, 0);
	if (spec_completed(s, r) && res != -GB_ETIME && res != -GB_ECANCELED && res != -GB_ENOENT &&
	    res != -GB_EALREADY && !spec_late(s, r) && !(s->place[r].failed && res == s->place[r].err))
		spec_find(s, GB_SPEC_LINK_TIMEOUT, r, target, res, 0);
}

static void judge_unit(struct chain *c, uint32_t r)
{
	struct gb_spec *s = c->s;
	const struct place *p = &s->place[r];

	if (spec_issued(s, r)) {
		if (p->failed || c->dead == YES)
			judge_intruder(c, r);
		c->dead = NO;
		if (!p->failed)
			must_run(s, r, GB_SPEC_UNISSUED, SPEC_NONE);
	} else if (p->failed || c->dead == YES || (c->dead == MAYBE && s->fact[r].res == -GB_ECANCELED)) {
		judge_cancelled(c, r);
	} else {
		c->dead = NO;
		must_run(s, r, GB_SPEC_UNISSUED, SPEC_NONE);
	}
	if (spec_is_leader(s, r))
		judge_members(s, r);
}

/* I46, S5.20, S5.23: what the end of a unit means for the next one. */
static void hand_on(struct chain *c, uint32_t r)
{
	struct gb_spec *s = c->s;
	const struct gb_sqe *sqe = &s->trace->sqes[r];
	bool hard = sqe->flags & IOSQE_IO_HARDLINK;
	enum tri failed;

	if (s->place[r].dead)
		return;
	failed = spec_unit_failure(s, r, false);
	if (hard && s->place[r].failed) /* I19 or the hard link: V9 has both */
		failed = MAYBE;
	else if (hard)
		failed = NO;
	c->dead = failed;
	c->by = r;
	c->silent = failed != NO && sqe->flags & IOSQE_CQE_SKIP_SUCCESS;
}

/* I17, I19: a chain that failed in assembly ends with its head; else it is what the head ended with that counts. */
static void begin_chain(struct chain *c, uint32_t head)
{
	struct gb_spec *s = c->s;
	const struct place *p = &s->place[head];
	uint32_t culprit = p->culprit, closer;
	bool group;

	if (!p->chain_failed)
		return;
	if (!begun(s, head)) {
		/* a head that came too late ends with ECANCELED too, and may have been good */
		c->dead = spec_late(s, head) ? MAYBE : YES;
		c->by = head;
		c->silent = s->trace->sqes[head].flags & IOSQE_CQE_SKIP_SUCCESS;
	} else if (culprit != head) {
		/* as posted, the head is told only if the SQE that closes the group is at fault */
		closer = s->place[culprit].closer;
		group = spec_is_leader(s, culprit) &&
			(s->place[culprit].cut || closer == culprit || !s->fact[closer].init_err);
		spec_find(s, group ? GB_SPEC_CHAIN_RUNS_GROUP : GB_SPEC_CHAIN_RUNS, head, culprit, 0, 0);
	}
}

static void judge_chain(struct gb_spec *s, uint32_t head)
{
	struct chain c = {.s = s, .dead = NO, .by = SPEC_NONE};

	begin_chain(&c, head);
	for (uint32_t r = head; r != SPEC_NONE; r = s->place[r].link) {
		if (s->trace->sqes[r].opcode == IORING_OP_LINK_TIMEOUT && !s->fact[r].init_err &&
		    s->place[r].prev != SPEC_NONE) {
			judge_link_timeout(&c, r);
			continue;
		}
		judge_unit(&c, r);
		hand_on(&c, r);
	}
}

void spec_fates(struct gb_spec *s)
{
	for (uint32_t k = 0; k < s->consumed && !s->blind; k++) {
		uint32_t r = s->order[k];

		if (!spec_is_member(s, r) && s->place[r].head == r)
			judge_chain(s, r);
	}
}
