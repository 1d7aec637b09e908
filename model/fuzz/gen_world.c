/* SPDX-License-Identifier: MIT */
/* The ring, the objects, and what is registered before the program begins. */
#include "gen.h"

static void ring_flags(struct gen *g)
{
	static const uint32_t flags[] = {
		0,
		IORING_SETUP_SUBMIT_ALL,
		IORING_SETUP_COOP_TASKRUN,
		IORING_SETUP_COOP_TASKRUN | IORING_SETUP_SUBMIT_ALL,
		IORING_SETUP_COOP_TASKRUN | IORING_SETUP_TASKRUN_FLAG,
		IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SINGLE_ISSUER,
		IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_SUBMIT_ALL,
		IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_TASKRUN_FLAG,
		IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_COOP_TASKRUN,
		IORING_SETUP_SINGLE_ISSUER,
		IORING_SETUP_CLAMP | IORING_SETUP_SUBMIT_ALL,
		IORING_SETUP_R_DISABLED | IORING_SETUP_NO_SQARRAY,
		IORING_SETUP_SQPOLL,
		IORING_SETUP_SQPOLL | IORING_SETUP_SQ_AFF | IORING_SETUP_SUBMIT_ALL,
		IORING_SETUP_IOPOLL,
		IORING_SETUP_IOPOLL | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SINGLE_ISSUER,
		IORING_SETUP_SQE128 | IORING_SETUP_CQE32 | IORING_SETUP_NO_MMAP,
	};

	g->trace->setup_flags = GEN_PICK(g, flags);
	g->trace->flags_given = true;
}

static uint32_t power_of_two(uint32_t n)
{
	uint32_t p = 1;

	while (p < n)
		p *= 2;
	return p;
}

static void gen_ring(struct gen *g)
{
	static const uint32_t entries[] = {1, 2, 3, 4, 8, 16, 32};
	struct gb_trace *t = g->trace;

	g->enabled = true;
	if (gen_has(g, GEN_RESTRICTIONS)) {
		t->ring_given = t->flags_given = true;
		t->setup_flags = IORING_SETUP_R_DISABLED;
		g->enabled = false;
	}
	if (!gen_has(g, GEN_ODD_RING)) {
		/* task work runs in two ways, and that is no odd choice */
		if (!t->ring_given && gen_once_in(g, 3)) {
			t->ring_given = t->flags_given = true;
			t->setup_flags = IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SINGLE_ISSUER;
		}
		return;
	}
	t->ring_given = true;
	if (!gen_has(g, GEN_RESTRICTIONS) && !gen_once_in(g, 4))
		ring_flags(g);
	g->enabled = !(t->setup_flags & IORING_SETUP_R_DISABLED);
	if (gen_once_in(g, 2)) {
		t->entries = GEN_PICK(g, entries);
		t->entries_given = true;
	}
	g->sq_entries = power_of_two(t->entries);
	if (gen_once_in(g, 3)) {
		t->cq_entries = g->sq_entries + gen_below(g, 2 * g->sq_entries);
		t->cq_given = true;
		t->setup_flags |= IORING_SETUP_CQSIZE;
	}
}

static void file_faults(struct gen *g, struct gb_object *o)
{
	static const int32_t errors[] = {-GB_EIO, -GB_EAGAIN, -GB_ENOSPC, -GB_EINTR};
	struct gb_file_class *c = &o->file;

	if (gen_once_in(g, 8)) {
		c->err = GEN_PICK(g, errors);
		c->err_at = gen_once_in(g, 2) ? 0 : 512 * gen_below(g, 8);
	}
	if (gen_once_in(g, 8)) {
		c->most = 1 + gen_below(g, 600);
		c->short_at = gen_once_in(g, 2) ? 0 : 512 * gen_below(g, 8);
	}
	c->once = (c->err || c->most) && gen_once_in(g, 2);
}

static void file_cache(struct gen *g, struct gb_object *o)
{
	if (gen_once_in(g, 3)) {
		o->file.cold = true;
	} else if (o->size > GB_CACHE_PAGE) {
		o->file.cached[0] = (struct gb_range){0, GB_CACHE_PAGE};
		o->file.n_cached = 1;
	}
}

static void file_class(struct gen *g, struct gb_object *o)
{
	struct gb_file_class *c = &o->file;

	switch (gen_below(g, 6)) {
	case 0:
	case 1:
		break;
	case 2:
		o->direct = true;
		break;
	case 3:
		c->no_iter = true;
		c->poll = gen_once_in(g, 2);
		break;
	default:
		c->nowait = true;
		c->no_rasync = gen_once_in(g, 4);
		c->wasync = gen_once_in(g, 3);
		if (gen_once_in(g, 2))
			file_cache(g, o);
		break;
	}
	if (gen_once_in(g, 6))
		c->outcomes = (uint8_t)(gen_once_in(g, 2) ? GB_OUTCOMES_ANY : 2U << gen_below(g, GB_OUTCOMES - 1));
	c->append = gen_once_in(g, 12);
	c->flush = gen_once_in(g, 12);
}

static void gen_files(struct gen *g)
{
	static const uint32_t sizes[] = {0, 1, 100, 512, 1024, 4096, 4097, 8192};
	static const char *const names[] = {"f", "g"};
	const uint32_t n = 1 + gen_once_in(g, 3);

	for (uint32_t k = 0; k < n; k++) {
		struct gb_object *o = draft_object(g->draft, GB_FILE, names[k]);

		o->size = GEN_PICK(g, sizes);
		o->size_given = true;
		file_class(g, o);
		if (g->trace->setup_flags & IORING_SETUP_IOPOLL && !gen_once_in(g, 4))
			o->file = (struct gb_file_class){0}, o->direct = true;
		file_faults(g, o);
		if (gen_once_in(g, 8))
			o->fill = 0x3c, o->fill_given = true;
		g->file[k] = (uint8_t)(g->trace->n_objects - 1);
	}
	if (n == 1)
		g->file[1] = g->file[0];
}

static void gen_block(struct gen *g)
{
	struct gb_object *o = draft_object(g->draft, GB_BLOCK, "bd");

	o->size = GB_SECTOR * (1 + gen_below(g, 16));
	o->size_given = true;
	o->direct = !gen_once_in(g, 4);
	o->file.ram = o->direct && gen_once_in(g, 3);
	if (!o->direct && gen_once_in(g, 2))
		o->file.cold = true;
	file_faults(g, o);
	g->block = (uint8_t)(g->trace->n_objects - 1);
}

static void gen_sock(struct gen *g)
{
	struct gb_object *o = draft_object(g->draft, GB_SOCK, "s");

	o->dgram = o->type_given = gen_once_in(g, 4);
	if (gen_once_in(g, 5))
		o->sndbuf = 1 + gen_below(g, 6000);
	if (gen_once_in(g, 6))
		o->zc = gen_once_in(g, 2) ? GB_ZC_COPY : GB_ZC_HOLD, o->zc_given = true;
	if (!o->dgram && gen_once_in(g, 6))
		o->inq = o->inq_given = true;
	if (!o->dgram && gen_once_in(g, gen_has(g, GEN_LISTEN) ? 2 : 24))
		o->unconnected = o->connected_given = true;
	g->sock = (uint8_t)(g->trace->n_objects - 1);
}

static void gen_ublk_device(struct gen *g)
{
	static const uint32_t extra[] = {0,
					 0,
					 0,
					 UBLK_F_URING_CMD_COMP_IN_TASK,
					 UBLK_F_NEED_GET_DATA,
					 UBLK_F_USER_RECOVERY,
					 UBLK_F_USER_RECOVERY | UBLK_F_USER_RECOVERY_REISSUE,
					 UBLK_F_CMD_IOCTL_ENCODE};
	struct gb_object *o = draft_object(g->draft, GB_UBLK, "ub");

	o->depth = 1 + gen_below(g, 2);
	if (!gen_once_in(g, 6))
		o->flags = UBLK_F_SUPPORT_ZERO_COPY | UBLK_F_USER_COPY;
	else if (gen_once_in(g, 2))
		o->flags = gen_once_in(g, 2) ? UBLK_F_USER_COPY : UBLK_F_UNPRIVILEGED_DEV;
	o->flags |= GEN_PICK(g, extra);
	o->flags_given = o->flags != 0;
	g->ublk = (uint8_t)(g->trace->n_objects - 1);
}

void gen_world(struct gen *g)
{
	static const uint32_t sizes[] = {16, 512, 4096, 4096, 8192};
	struct gb_object *mem;

	g->file[0] = g->file[1] = g->block = g->pipe = g->sock = g->listen = g->lessor = g->mem = g->ublk = GEN_NONE;
	gen_ring(g);
	if (gen_has(g, GEN_FILES))
		gen_files(g);
	if (gen_has(g, GEN_BLOCK))
		gen_block(g);
	if (gen_has(g, GEN_PIPE)) {
		draft_object(g->draft, GB_PIPE, "p");
		g->pipe = (uint8_t)(g->trace->n_objects - 1);
	}
	if (gen_has(g, GEN_SOCK))
		gen_sock(g);
	if (gen_has(g, GEN_LISTEN)) {
		struct gb_object *o = draft_object(g->draft, GB_LISTEN, "l");

		o->backlog = gen_once_in(g, 3) ? gen_below(g, 2) : GB_SOMAXCONN;
		o->backlog_given = o->backlog != GB_SOMAXCONN;
		g->listen = (uint8_t)(g->trace->n_objects - 1);
	}
	if (gen_has(g, GEN_LESSOR)) {
		draft_object(g->draft, GB_LESSOR, "dev");
		g->lessor = (uint8_t)(g->trace->n_objects - 1);
	}
	if (gen_has(g, GEN_UBLK))
		gen_ublk_device(g);
	mem = draft_object(g->draft, GB_MEM, "m");
	mem->size = GEN_PICK(g, sizes);
	mem->size_given = true;
	if (gen_once_in(g, 2))
		mem->fill = 0x77, mem->fill_given = true;
	g->mem = (uint8_t)(g->trace->n_objects - 1);
}

/* ---- registrations ---- */

static void register_buffers(struct gen *g)
{
	const uint32_t n = 1 + gen_below(g, 2);
	struct gb_stmt *stmt = draft_stmt(g->draft, GB_STMT_REGISTER);

	stmt->n = IORING_REGISTER_BUFFERS;
	stmt->n_list = n;
	stmt->range = draft_segments(g->draft, n);
	for (uint32_t k = 0; k < n; k++)
		stmt->range[k] = (struct gb_segment){
			.addr = gen_mem(g, gen_once_in(g, 2) ? 0 : gen_below(g, 4096)),
			.len = gen_nonsense(g) ? UINT64_MAX : 1 + gen_below(g, 4096),
		};
	g->reg_buffers = n;
}

static void register_files(struct gen *g)
{
	const uint32_t n = 1 + gen_below(g, 3);
	struct gb_stmt *stmt = draft_stmt(g->draft, GB_STMT_REGISTER);

	stmt->n = IORING_REGISTER_FILES;
	stmt->n_list = n;
	stmt->fds = draft_fds(g->draft, n);
	for (uint32_t k = 0; k < n; k++) {
		const uint32_t object = gen_below(g, g->trace->n_objects);
		const enum gb_object_kind kind = g->trace->objects[object].kind;

		if (kind == GB_MEM)
			stmt->fds[k] = (struct gb_fd){.number = -1};
		else
			stmt->fds[k] = gen_object_fd(
				(uint8_t)object, (uint8_t)((kind == GB_PIPE || kind == GB_SOCK) && gen_once_in(g, 2)));
	}
	g->reg_files = n;
}

static void provide_ring(struct gen *g)
{
	struct gb_stmt *stmt = draft_stmt(g->draft, GB_STMT_BUFFERS);

	g->ring_group = 7;
	g->has_ring_group = true;
	stmt->bgid = g->ring_group;
	stmt->n = 1U << gen_below(g, 3);
	stmt->inc = gen_once_in(g, 3);
	for (uint32_t k = gen_below(g, 3); k; k--) {
		stmt = draft_stmt(g->draft, GB_STMT_PROVIDE);
		stmt->bgid = g->ring_group;
		stmt->range = draft_segments(g->draft, 1);
		stmt->range[0] = (struct gb_segment){gen_mem(g, gen_below(g, 1024)), 1 + gen_below(g, 512)};
		stmt->n_list = 1;
		stmt->n = 1 + gen_below(g, 2);
		stmt->n_given = stmt->n > 1;
		stmt->bid = (uint16_t)gen_below(g, 3);
		stmt->bid_given = true;
	}
}

static void restrictions(struct gen *g)
{
	static const uint32_t flags[] = {0x7f, 0x7e, 0xff, IOSQE_ASYNC, IOSQE_SQE_GROUP | IOSQE_IO_DRAIN};
	struct gb_restrictions *r = draft_restrictions(g->draft);

	for (uint32_t k = 1 + gen_below(g, 16); k; k--)
		r->sqe_op |= 1ULL << gen_below(g, IORING_OP_LAST);
	r->sqe_op |= 1ULL << IORING_OP_NOP | 1ULL << IORING_OP_URING_CMD | 1ULL << IORING_OP_READ;
	r->register_op = 1ULL << IORING_REGISTER_ENABLE_RINGS | 1ULL << IORING_REGISTER_BUFFERS;
	r->given = 1U << GB_RESTRICTION_sqe_op | 1U << GB_RESTRICTION_register_op;
	if (gen_once_in(g, 2)) {
		r->sqe_flags_allowed = GEN_PICK(g, flags);
		r->given |= 1U << GB_RESTRICTION_sqe_flags_allowed;
	}
	if (gen_once_in(g, 8)) {
		r->sqe_flags_required = IOSQE_ASYNC;
		r->given |= 1U << GB_RESTRICTION_sqe_flags_required;
	}
}

/* A request merged from two bios. */
static bool gen_blk_splits(struct gen *g, struct gb_blkreq *blk)
{
	uint32_t *bios = g->draft->bios[g->trace->n_blkreqs - 1];

	if (!gb_blk_has_data(blk->op) || blk->len < 2 * GB_SECTOR || !gen_once_in(g, 4))
		return false;
	bios[0] = GB_SECTOR;
	bios[1] = blk->len - GB_SECTOR;
	blk->bios = bios;
	blk->n_bios = 2;
	return true;
}

/* Every tag is fetched, so that the device runs; then block requests arrive. */
static void start_ublk(struct gen *g)
{
	static const uint32_t lens[] = {512, 512, 1024, 4096, 6144};

	for (uint32_t tag = 0; tag < g->trace->objects[g->ublk].depth && gen_room(g); tag++) {
		struct gb_sqe *sqe = draft_sqe(g->draft);

		gen_ublk(g, sqe, GB_UBLK_FETCH);
		GIVE(sqe, tag, (uint16_t)tag);
		g->queued++;
	}
	draft_stmt(g->draft, GB_STMT_SUBMIT);
	g->queued = g->enabled ? 0 : g->queued;
	for (uint32_t k = 1 + gen_below(g, 2); k; k--) {
		struct gb_blkreq *blk = draft_blkreq(g->draft);

		blk->object = g->ublk;
		blk->op = gen_once_in(g, 8)   ? (enum gb_blk_op)gen_below(g, 4)
			  : gen_once_in(g, 2) ? GB_BLK_read
					      : GB_BLK_write;
		if (blk->op == GB_BLK_flush)
			continue;
		blk->len = GEN_PICK(g, lens);
		blk->len_given = true;
		if (gen_blk_splits(g, blk))
			continue;
		if (gb_blk_has_data(blk->op) && blk->len <= 4096 && gen_once_in(g, 4))
			blk->segs = 1;
	}
}

void gen_prelude(struct gen *g)
{
	g->legacy_group = 8;
	if (gen_has(g, GEN_RESTRICTIONS))
		restrictions(g);
	if (gen_has(g, GEN_REG_BUFFERS))
		register_buffers(g);
	if (gen_has(g, GEN_REG_FILES))
		register_files(g);
	if (gen_has(g, GEN_SELECT) && !gen_once_in(g, 3))
		provide_ring(g);
	if (!g->enabled && !gen_once_in(g, 8)) {
		draft_stmt(g->draft, GB_STMT_REGISTER)->n = IORING_REGISTER_ENABLE_RINGS;
		g->enabled = true;
	}
	if (gen_has(g, GEN_UBLK))
		start_ublk(g);
}
