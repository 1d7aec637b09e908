/* SPDX-License-Identifier: MIT */
/* Leased buffers: imports, what they hold when they go back, and when that is (sections I to M of invariants.md). */
#include <string.h>

#include "judge.h"

/* How a byte of a dest buffer is accounted for. */
enum mark {
	MARK_MOVED = 1, /* a member's result counts it */
	MARK_TAIL = 2,	/* a member ended short of it */
	MARK_KNOWN = 4, /* the same, in one of the ways V9 is known to leave alone */
	MARK_MAY = 8,	/* in the range of a member that imported */
};

/* ---- imports ---- */

/* Does the opcode import a group buffer (6.5)? */
static bool imports(uint8_t op)
{
	return op == IORING_OP_READ || op == IORING_OP_WRITE || op == IORING_OP_READV || op == IORING_OP_WRITEV ||
	       op == IORING_OP_SEND || op == IORING_OP_RECV;
}

static bool is_vector(uint8_t op)
{
	return op == IORING_OP_READV || op == IORING_OP_WRITEV;
}

int spec_import_due(const struct gb_spec *s, uint32_t r, enum gb_spec_rule_id *rule)
{
	const struct fact *l = &s->fact[s->place[r].leader], *f = &s->fact[r];
	enum gb_lease_dir dir = spec_fills(s->trace->sqes[r].opcode) ? GB_DIR_DEST : GB_DIR_SOURCE;

	*rule = GB_SPEC_IMPORT_LEASE;
	if (!l->leases)
		return -GB_EINVAL;
	*rule = GB_SPEC_IMPORT_DIR;
	if (l->lease_dir != dir)
		return -GB_EINVAL;
	*rule = GB_SPEC_IMPORT_BOUNDS;
	if (f->off > l->lease_len || f->import_len > l->lease_len - f->off)
		return -GB_EFAULT;
	return 0;
}

/* I66 to I69, I80 to I84 */
static void judge_import(struct gb_spec *s, uint32_t r)
{
	const struct gb_sqe *sqe = &s->trace->sqes[r];
	const struct fact *f = &s->fact[r];
	uint32_t leader = s->place[r].leader;
	enum gb_spec_rule_id rule;
	int due;

	if (!imports(sqe->opcode)) {
		spec_find(s, GB_SPEC_IGNORES, r, leader, 0, 0);
		return;
	}
	if (is_vector(sqe->opcode))
		spec_find(s, GB_SPEC_IGNORES_VECTOR, r, leader, 0, 0);
	if (!f->import_seen) {
		if (sqe->opcode != IORING_OP_SEND && sqe->opcode != IORING_OP_RECV)
			spec_find(s, GB_SPEC_NO_IMPORT, r, leader, 0, 0);
		return;
	}
	if (!is_vector(sqe->opcode) && f->import_len != sqe->len)
		spec_find(s, GB_SPEC_IMPORT_ARGS, r, leader, f->import_len, sqe->len);
	if (!is_vector(sqe->opcode) && !sqe->addr.is_mem && f->off != sqe->addr.value)
		spec_find(s, GB_SPEC_IMPORT_ARGS, r, leader, (int64_t)f->off, (int64_t)sqe->addr.value);
	if (f->imports > 1)
		spec_find(s, GB_SPEC_IMPORT_TWICE, r, leader, 0, 0);
	due = spec_import_due(s, r, &rule);
	if (f->import_err != due)
		spec_find(s, rule, r, leader, f->import_err, due);
}

/* ---- contents ---- */

/* Byte i of the pattern that files and leases are filled with. */
static unsigned char seq(uint64_t i)
{
	return (unsigned char)((7 * i + i / 256) % 165);
}

static uint64_t fnv(const unsigned char *bytes, uint32_t n)
{
	uint64_t hash = 0xcbf29ce484222325ULL;

	for (uint32_t k = 0; k < n; k++)
		hash = (hash ^ bytes[k]) * 0x100000001b3ULL;
	return hash;
}

/* I87: did the member end in one of the ways in which V9 is known to leave its tail alone? */
static bool known_tail(const struct gb_spec *s, uint32_t m)
{
	const struct gb_sqe *sqe = &s->trace->sqes[m];
	const struct gb_object *o = sqe->fd.is_object ? &s->trace->objects[sqe->fd.object] : NULL;

	/* MSG_WAITALL: what ends it after some bytes may be an error (S8.20) */
	if ((sqe->opcode == IORING_OP_RECV || sqe->opcode == IORING_OP_RECVMSG) && sqe->op_flags & GB_MSG_WAITALL)
		return true;
	return s->fact[m].res < 0 || spec_hunted(s, m) || spec_late(s, m) ||
	       s->trace->setup_flags & IORING_SETUP_IOPOLL || !o || o->direct || o->kind == GB_BLOCK || o->file.err ||
	       sqe->flags & IOSQE_FIXED_FILE;
}

/* Puts what a READ of an unchanging file moved into the expected bytes; false if it is not known. */
static bool expect_bytes(struct gb_spec *s, uint32_t m, uint32_t moved)
{
	const struct gb_sqe *sqe = &s->trace->sqes[m];
	const struct gb_object *o = &s->trace->objects[sqe->fd.object];

	if (!moved)
		return true;
	if (sqe->opcode != IORING_OP_READ || !sqe->fd.is_object || sqe->flags & IOSQE_FIXED_FILE ||
	    !s->pure[sqe->fd.object] || sqe->off > o->size || s->place[m].failed)
		return false;
	for (uint32_t k = 0; k < moved; k++)
		s->bytes[s->fact[m].off + k] = o->fill == GB_FILL_SEQ ? seq(sqe->off + k) : (unsigned char)o->fill;
	return true;
}

/* Accounts for one member's range; false if what it put there is not known. */
static bool account(struct gb_spec *s, uint32_t m)
{
	const struct fact *f = &s->fact[m];
	uint32_t moved = f->res > 0 ? (uint32_t)f->res : 0;
	unsigned char tail = known_tail(s, m) ? MARK_KNOWN : MARK_TAIL;
	bool known = true;

	if (moved > f->import_len)
		moved = f->import_len;
	for (uint32_t k = 0; k < f->import_len; k++) {
		unsigned char *mark = &s->marks[f->off + k];

		known &= !*mark; /* two members on one byte: any order */
		*mark |= (unsigned char)((k < moved ? MARK_MOVED : tail) | MARK_MAY);
		s->bytes[f->off + k] = 0;
	}
	return expect_bytes(s, m, moved) && known;
}

static uint32_t count_marks(const struct gb_spec *s, uint32_t len, unsigned int which)
{
	uint32_t n = 0;

	for (uint32_t k = 0; k < len; k++)
		n += (s->marks[k] & which) != 0;
	return n;
}

/* The member whose tail is missing, for the words: the first that ended short in the given way. */
static uint32_t short_member(const struct gb_spec *s, uint32_t leader, bool known)
{
	for (uint32_t m = s->place[leader].first; m != SPEC_NONE; m = s->place[m].next) {
		const struct fact *f = &s->fact[m];

		if (f->imports && (f->res < 0 || (uint32_t)f->res < f->import_len) && known_tail(s, m) == known)
			return m;
	}
	return SPEC_NONE;
}

/* A member that read from a block device opened O_DIRECT. */
static uint32_t direct_member(const struct gb_spec *s, uint32_t leader)
{
	for (uint32_t m = s->place[leader].first; m != SPEC_NONE; m = s->place[m].next) {
		const struct gb_sqe *sqe = &s->trace->sqes[m];

		if (s->fact[m].imports && sqe->fd.is_object && s->trace->objects[sqe->fd.object].kind == GB_BLOCK &&
		    s->trace->objects[sqe->fd.object].direct)
			return m;
	}
	return SPEC_NONE;
}

/* I83, I87, I88, I88a */
static void judge_dest(struct gb_spec *s, uint32_t r)
{
	const struct fact *l = &s->fact[r];
	const uint32_t len = l->lease_len;
	const int64_t written = (int64_t)len - l->untouched;
	bool known = true;
	uint32_t moved, direct = direct_member(s, r);
	int64_t missing;

	memset(s->bytes, SPEC_POISON, len);
	memset(s->marks, 0, len);
	for (uint32_t m = s->place[r].first; m != SPEC_NONE; m = s->place[m].next) {
		/* an import beyond the buffer has been found already */
		if (s->fact[m].imports && spec_fills(s->trace->sqes[m].opcode) && s->fact[m].off <= len &&
		    s->fact[m].import_len <= len - s->fact[m].off)
			known &= account(s, m);
	}
	moved = count_marks(s, len, MARK_MOVED);
	if (written > count_marks(s, len, MARK_MAY))
		spec_find(s, GB_SPEC_OUTSIDE, r, SPEC_NONE, written, count_marks(s, len, MARK_MAY));
	if (s->poison)
		return;
	if (written < moved) {
		spec_find(s, GB_SPEC_MOVED, r, SPEC_NONE, written, moved);
		return;
	}
	missing = (int64_t)count_marks(s, len, MARK_MOVED | MARK_TAIL) - written;
	if (missing > 0) {
		spec_find(s, GB_SPEC_TAIL, r, short_member(s, r, false), missing, 0);
		return;
	}
	missing = (int64_t)count_marks(s, len, MARK_MOVED | MARK_TAIL | MARK_KNOWN) - written;
	if (missing > 0)
		spec_find(s, GB_SPEC_TAIL_ERROR, r, short_member(s, r, true), missing, 0);
	else if (known && l->hash != fnv(s->bytes, len))
		spec_find(s, direct == SPEC_NONE ? GB_SPEC_BYTES : GB_SPEC_BYTES_DIRECT, r, direct, 0, 0);
}

/* I88b: nobody writes into a buffer that is only read. */
static void judge_source(struct gb_spec *s, uint32_t r)
{
	const struct fact *l = &s->fact[r];

	for (uint32_t k = 0; k < l->lease_len; k++)
		s->bytes[k] = seq(k);
	if (l->hash != fnv(s->bytes, l->lease_len))
		spec_find(s, GB_SPEC_SOURCE, r, SPEC_NONE, 0, 0);
}

/* ---- giving back (I89, I90) ---- */

static void judge_acks(struct gb_spec *s, uint32_t r)
{
	const struct fact *l = &s->fact[r];

	if (l->acks > l->leases || (s->state == GB_FINISHED && l->acks != l->leases))
		spec_find(s, l->acks < l->leases && spec_waits(s, r) ? GB_SPEC_ACK_WAITS : GB_SPEC_ACKS, r, SPEC_NONE,
			  l->acks, l->leases);
	if (!l->acks)
		return;
	if (l->posted_at > l->ack_at)
		spec_find(s, GB_SPEC_ACK_EARLY, r, r, 0, 0);
	for (uint32_t m = s->place[r].first; m != SPEC_NONE; m = s->place[m].next) {
		if (s->fact[m].posted_at > l->ack_at && !s->known[m].loose)
			spec_find(s, GB_SPEC_ACK_EARLY, r, m, 0, 0);
		if (s->fact[m].imports && s->fact[m].touched_at > l->ack_at)
			spec_find(s, GB_SPEC_ACK_USED, m, r, 0, 0);
	}
}

/* What V9 is known to die of; `r` is where it did. */
static enum gb_spec_rule_id cause_of_death(const struct gb_spec *s, uint32_t r)
{
	const struct gb_sqe *sqe = r < s->n ? &s->trace->sqes[r] : NULL;
	const struct place *p = r < s->n ? &s->place[r] : NULL;

	if (!p)
		return GB_SPEC_DEAD;
	/* I104: its buffer word is taken for the mark of an import */
	if (p->wants_buf && sqe->opcode == IORING_OP_SEND_ZC && sqe->ioprio & IORING_RECVSEND_FIXED_BUF)
		return GB_SPEC_DEAD_SLOT;
	if (p->failed && spec_is_leader(s, r) && p->prev != SPEC_NONE)
		return GB_SPEC_DEAD_LEADER;
	if (p->wants_buf && (sqe->opcode == IORING_OP_RECV || sqe->opcode == IORING_OP_RECVMSG) &&
	    !s->fact[p->leader].leases)
		return GB_SPEC_DEAD_NO_LEASE;
	return GB_SPEC_DEAD;
}

void spec_buffers(struct gb_spec *s)
{
	for (uint32_t k = 0; k < s->consumed; k++) {
		uint32_t r = s->order[k];
		const struct fact *f = &s->fact[r];

		if (!s->blind && spec_issued(s, r) && s->place[r].wants_buf)
			judge_import(s, r);
		if (f->zeroed)
			spec_find(s, GB_SPEC_USER_ZEROED, r, SPEC_NONE, f->zeroed, 0);
		if (f->leases || f->acks)
			judge_acks(s, r);
		if (s->blind || !f->acks || !s->trace->sqes[r].lease || f->lease_len > s->longest)
			continue;
		if (f->lease_dir == GB_DIR_DEST)
			judge_dest(s, r);
		else
			judge_source(s, r);
	}
	if (s->dead)
		spec_find(s, cause_of_death(s, s->dead_in), s->dead_in, SPEC_NONE, 0, 0);
}
