/* SPDX-License-Identifier: MIT */
/*
 * Builds a world: sizes every table from the trace, so that a run never has
 * to allocate, and fills in the beginning.
 */
#include <stdlib.h>
#include <string.h>

#include "io_uring/io_uring.h"
#include "world/build.h"
#include "world/canon.h"

#define GB_MAX_WORKERS	 60U /* a choice has at most GB_MAX_ALTERNATIVES, the application among them */
#define GB_BOUND_WORKERS 4U  /* four times one CPU (S1.6) */
#define GB_MAX_ARENA	 (1U << 30)
#define GB_STEPS_BASE	 1000000U /* no honest trace needs so many */
#define GB_STEPS_PER_SQE 2000U
#define GB_CLEAR_MAX	 (128U << 10)
#define GB_MAX_SEGMENTS	 (1U << 20) /* of iovecs; provided buffers */

static uint32_t gb_pow2(uint32_t n)
{
	uint32_t p = 1;

	while (p < n)
		p <<= 1;
	return p;
}

static uint64_t gb_round(uint64_t n, uint64_t to)
{
	return (n + to - 1) / to * to;
}

/* ---- how much there can be ---- */

/* What a trace can move at most; everything here is an upper bound. */
struct gb_plan {
	const struct gb_trace *trace;
	uint64_t max_source; /* bytes one request can read from memory */
	uint64_t bytes;	     /* of all areas, leases and datagram lengths */
	uint64_t pages;
	uint64_t provided; /* bytes of all provided buffers, which one bundle may send */
	uint32_t n_provided;
	uint32_t n_files, n_pipes, n_socks, n_leases, n_bvecs, n_ublks, n_ublk_ios;
	uint64_t area_cap[GB_MAX_OBJECTS];
	uint64_t cache_pages[GB_MAX_OBJECTS]; /* pages whose state in the page cache is kept */
	uint32_t dgrams[2 * GB_MAX_OBJECTS];  /* messages that can be queued at an end */
	struct gb_buffer_plan buffers;
};

static bool gb_aims_at(const struct gb_fd *fd, uint32_t object)
{
	return fd->is_object && fd->object == object;
}

/* Can an SQE move bytes into an object? A registered file may be any. */
static bool gb_writes(const struct gb_sqe *sqe, uint32_t object)
{
	if (!gb_aims_at(&sqe->fd, object) && !(sqe->flags & IOSQE_FIXED_FILE))
		return false;
	switch (sqe->opcode) {
	case IORING_OP_WRITE:
	case IORING_OP_WRITEV:
	case IORING_OP_WRITE_FIXED:
	case IORING_OP_SEND:
	case IORING_OP_SENDMSG:
	case IORING_OP_SEND_ZC:
	case IORING_OP_SENDMSG_ZC:
		return true;
	default:
		return false;
	}
}

/* The largest size a file can reach. */
static uint64_t gb_plan_file(const struct gb_plan *p, uint32_t object)
{
	uint64_t size = p->trace->objects[object].size;
	uint64_t end = size, appended = 0;

	for (uint32_t k = 0; k < p->trace->n_sqes; k++) {
		const struct gb_sqe *sqe = &p->trace->sqes[k];
		uint64_t n;

		if (!gb_writes(sqe, object))
			continue;
		n = gb_sqe_bytes(sqe, p->max_source);
		appended += n;
		if (sqe->off < GB_MAX_BYTES && sqe->off + n > end)
			end = sqe->off + n;
	}
	/* APPEND and the current position may stack the writes */
	end += appended;
	return end < GB_MAX_BYTES ? end : size > GB_MAX_BYTES ? size : GB_MAX_BYTES;
}

/* A bundle sends whatever was provided, in as many messages as it likes. */
static bool gb_is_bundle(const struct gb_sqe *sqe)
{
	return sqe->opcode == IORING_OP_SEND && sqe->flags & IOSQE_BUFFER_SELECT &&
	       sqe->ioprio & IORING_RECVSEND_BUNDLE;
}

static uint64_t gb_min64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Messages are counted in 16 bits: more of them than that wait for room. */
static void gb_count(uint32_t *n, uint32_t more)
{
	*n = gb_min(*n + gb_min(more, UINT16_MAX), UINT16_MAX);
}

/* Provided buffers, each of at most what memory can hold. */
static void gb_plan_provided(struct gb_plan *p)
{
	for (uint32_t k = 0; k < p->trace->n_stmts; k++) {
		const struct gb_stmt *stmt = &p->trace->stmts[k];

		if (stmt->kind != GB_STMT_PROVIDE)
			continue;
		gb_count(&p->n_provided, stmt->n);
		p->provided += stmt->n * gb_min64(stmt->range->len, p->max_source);
	}
	for (uint32_t k = 0; k < p->trace->n_sqes; k++) {
		const struct gb_sqe *sqe = &p->trace->sqes[k];
		uint32_t n = sqe->opcode == IORING_OP_PROVIDE_BUFFERS && sqe->fd.number > 0
				     ? gb_min((uint32_t)sqe->fd.number, 65536)
				     : 0;

		gb_count(&p->n_provided, n);
		p->provided += n * gb_min64(sqe->len, p->max_source);
	}
}

/* Pages and messages that writes into one object can take. */
static uint64_t gb_plan_queue(struct gb_plan *p, uint32_t object)
{
	uint64_t pages = 0;

	for (uint32_t k = 0; k < p->trace->n_sqes; k++) {
		const struct gb_sqe *sqe = &p->trace->sqes[k];

		if (gb_writes(sqe, object)) {
			bool bundle = gb_is_bundle(sqe);
			uint64_t n = bundle ? p->provided : gb_sqe_bytes(sqe, p->max_source);

			pages += n / GB_PAGE_SIZE + 2;
			gb_count(&p->dgrams[2 * object], bundle ? p->n_provided + 1 : 1);
			gb_count(&p->dgrams[2 * object + 1], bundle ? p->n_provided + 1 : 1);
		}
	}
	for (uint32_t k = 0; k < p->trace->n_stmts; k++) {
		const struct gb_stmt *stmt = &p->trace->stmts[k];

		if (stmt->kind == GB_STMT_WRITE && gb_aims_at(&stmt->end, object)) {
			pages += stmt->n / GB_PAGE_SIZE + 2;
			gb_count(&p->dgrams[2 * object + !stmt->end.end], 1);
		}
	}
	return pages;
}

static void gb_plan_object(struct gb_plan *p, uint32_t k)
{
	const struct gb_object *o = &p->trace->objects[k];
	uint64_t pages;

	if (o->file.cold || o->file.n_cached)
		p->cache_pages[k] = gb_round(o->size, GB_PAGE_SIZE) / GB_PAGE_SIZE;
	p->bytes += p->cache_pages[k] * sizeof(uint64_t);
	switch (o->kind) {
	case GB_FILE:
		p->n_files++;
		p->area_cap[k] = gb_plan_file(p, k);
		break;
	case GB_BLOCK:
		p->n_files++;
		p->area_cap[k] = o->size;
		break;
	case GB_MEM:
		p->area_cap[k] = gb_round(o->size, GB_PAGE_SIZE);
		break;
	case GB_PIPE:
		p->n_files += 2;
		p->n_pipes++;
		pages = gb_plan_queue(p, k);
		p->pages += pages < GB_PIPE_SLOTS ? pages : GB_PIPE_SLOTS;
		break;
	case GB_SOCK:
		p->n_files += 2;
		p->n_socks += 2;
		p->pages += gb_plan_queue(p, k);
		if (o->dgram)
			p->bytes += gb_round(4ULL * p->dgrams[2 * k], 8) + gb_round(4ULL * p->dgrams[2 * k + 1], 8);
		break;
	case GB_LESSOR:
		p->n_files++;
		break;
	case GB_LISTEN:
		p->n_files += 2;
		p->n_socks++;
		break;
	case GB_UBLK:
		p->n_files++;
		p->n_ublks++;
		p->n_ublk_ios += o->depth;
		break;
	}
	p->bytes += gb_round(p->area_cap[k], 8);
}

/* Data, shadow bits and segments of the block requests; several bios get an array of all segments. */
static void gb_plan_blkreqs(struct gb_plan *p)
{
	for (uint32_t k = 0; k < p->trace->n_blkreqs; k++) {
		const struct gb_blkreq *blk = &p->trace->blkreqs[k];

		if (!gb_blk_has_data(blk->op))
			continue;
		for (uint32_t i = 0; i < blk->n_bios; i++)
			p->n_bvecs += gb_blkreq_segs(blk, i) * (blk->n_bios > 1 ? 2 : 1);
		p->bytes += blk->len + blk->len / 8;
		if (blk->len > p->max_source)
			p->max_source = blk->len;
	}
}

static void gb_plan_source(struct gb_plan *p)
{
	for (uint32_t k = 0; k < p->trace->n_objects; k++) {
		const struct gb_object *o = &p->trace->objects[k];

		if (o->kind == GB_MEM && gb_round(o->size, GB_PAGE_SIZE) > p->max_source)
			p->max_source = gb_round(o->size, GB_PAGE_SIZE);
	}
	for (uint32_t k = 0; k < p->trace->n_sqes; k++) {
		const struct gb_sqe *sqe = &p->trace->sqes[k];
		uint64_t total = (uint64_t)sqe->offset + sqe->len;

		if (sqe->ublk)
			p->n_leases++;
		if (!sqe->lease)
			continue;
		p->n_leases++;
		p->n_bvecs += sqe->segs;
		p->bytes += gb_round(total, 8) + gb_round((total + 7) / 8, 8);
		if (total > p->max_source)
			p->max_source = total;
	}
}

static uint32_t gb_place(uint64_t *at, uint64_t n, size_t size)
{
	uint64_t here = gb_round(*at, 16);

	*at = here + n * size;
	return here <= UINT32_MAX ? (uint32_t)here : 0;
}

static bool gb_multishot(const struct gb_sqe *sqe)
{
	switch (sqe->opcode) {
	case IORING_OP_TIMEOUT:
		return sqe->op_flags & IORING_TIMEOUT_MULTISHOT;
	case IORING_OP_SEND:
		return sqe->ioprio & IORING_RECVSEND_BUNDLE;
	case IORING_OP_RECV:
	case IORING_OP_RECVMSG:
		return sqe->ioprio & IORING_RECV_MULTISHOT;
	default:
		return sqe->opcode == IORING_OP_READ_MULTISHOT ||
		       (sqe->opcode == IORING_OP_ACCEPT && sqe->ioprio & IORING_ACCEPT_MULTISHOT);
	}
}

/* Zero-copy sends: each has a notification, a request of its own. */
static uint32_t gb_notifs(const struct gb_trace *trace)
{
	uint32_t n = 0;

	for (uint32_t k = 0; k < trace->n_sqes; k++)
		n += trace->sqes[k].opcode == IORING_OP_SEND_ZC || trace->sqes[k].opcode == IORING_OP_SENDMSG_ZC;
	return n;
}

/* CQEs the ring has to store: all the trace can post, if that is less than its size. */
static uint32_t gb_stored_cqes(const struct gb_trace *trace, uint32_t cq_entries)
{
	uint32_t n = gb_pow2(trace->n_sqes + gb_notifs(trace) + 1);

	for (uint32_t k = 0; k < trace->n_sqes; k++) {
		/* a multishot request posts without limit */
		if (gb_multishot(&trace->sqes[k]))
			return cq_entries;
		if (trace->sqes[k].opcode == IORING_OP_POLL_ADD && trace->sqes[k].len & IORING_POLL_ADD_MULTI)
			return cq_entries;
	}
	return n < cq_entries ? n : cq_entries;
}

static void gb_lay_out_buffers(struct gb_layout *at, const struct gb_buffer_plan *p, uint64_t *end)
{
	at->n_uvecs = (uint32_t)p->uvecs;
	at->n_lists = p->lists;
	at->n_kbufs = (uint32_t)p->kbufs;
	at->n_rings = (uint32_t)p->rings;
	at->n_imus = p->imus;
	at->n_slots = p->slots;
	at->uvecs = gb_place(end, at->n_uvecs, sizeof(struct iovec_seg));
	at->lists = gb_place(end, at->n_lists + 1ULL, sizeof(struct io_buffer_list));
	at->kbufs = gb_place(end, at->n_kbufs + 1ULL, sizeof(struct io_buffer));
	at->rings = gb_place(end, at->n_rings, sizeof(struct io_uring_buf));
	at->imus = gb_place(end, at->n_imus, sizeof(struct io_mapped_ubuf));
	at->slots = gb_place(end, at->n_slots, sizeof(uint16_t));
}

static enum gb_status gb_lay_out(struct gb_layout *at, const struct gb_plan *p, uint32_t cqes, struct gb_error *err)
{
	uint64_t end = sizeof(struct gb_state);
	uint32_t n_sqes = p->trace->n_sqes, n_reqs = n_sqes + gb_notifs(p->trace);

	at->n_files = p->n_files + 2;
	at->n_areas = p->trace->n_objects + 1;
	at->n_pipes = p->n_pipes;
	at->n_socks = p->n_socks;
	at->n_leases = p->n_leases;
	at->reg_bvecs = p->n_bvecs;
	at->n_bvecs = p->n_bvecs + p->buffers.imus;
	at->n_ublks = p->n_ublks;
	at->n_ublk_ios = p->n_ublk_ios;
	at->n_ublk_rqs = p->trace->n_blkreqs;
	at->n_reqs = n_reqs;
	at->n_overflow = n_reqs + 1;
	at->n_workers = n_sqes < GB_MAX_WORKERS ? n_sqes : GB_MAX_WORKERS;
	if (p->pages > UINT16_MAX || p->bytes > GB_MAX_ARENA)
		return gb_error_set(err, GB_BAD_INPUT, 1, 1,
				    "the trace moves more data than a world holds; expected at most %u MiB",
				    (unsigned int)(UINT16_MAX / 256U));
	if (n_reqs > GB_MAX_SQES)
		return gb_error_set(err, GB_BAD_INPUT, 1, 1,
				    "the trace has more SQEs and notifications than a world holds; expected at most %u",
				    GB_MAX_SQES);
	if (p->buffers.uvecs > GB_MAX_SEGMENTS || p->buffers.kbufs + p->buffers.rings > GB_MAX_SEGMENTS)
		return gb_error_set(err, GB_BAD_INPUT, 1, 1,
				    "the trace has more iovec segments or provided buffers than a world holds; "
				    "expected at most %u",
				    GB_MAX_SEGMENTS);
	at->n_pages = (uint32_t)p->pages;
	at->files = gb_place(&end, at->n_files + 1ULL, sizeof(struct gb_file));
	at->areas = gb_place(&end, at->n_areas + 1ULL, sizeof(struct gb_area));
	at->pipes = gb_place(&end, at->n_pipes + 1ULL, sizeof(struct gb_pipe));
	at->socks = gb_place(&end, at->n_socks + 1ULL, sizeof(struct gb_sock));
	at->leases = gb_place(&end, at->n_leases + 1ULL, sizeof(struct gb_lease));
	at->bvecs = gb_place(&end, at->n_bvecs, sizeof(struct bio_vec));
	at->ublks = gb_place(&end, at->n_ublks + 1ULL, sizeof(struct ublk_queue));
	at->ublk_ios = gb_place(&end, at->n_ublk_ios, sizeof(struct ublk_io));
	at->ublk_rqs = gb_place(&end, at->n_ublk_rqs + 1ULL, sizeof(struct ublk_rq));
	gb_lay_out_buffers(at, &p->buffers, &end);
	at->workers = gb_place(&end, at->n_workers + 1ULL, sizeof(struct io_worker));
	at->cqes = gb_place(&end, cqes, sizeof(struct io_cqe));
	at->overflow = gb_place(&end, at->n_overflow, sizeof(struct io_cqe));
	at->bytes = gb_place(&end, p->bytes, 1);
	at->pages = gb_place(&end, at->n_pages, sizeof(struct gb_page));
	at->reqs = gb_place(&end, at->n_reqs + 1ULL, sizeof(struct io_kiocb));
	at->end = (uint32_t)end;
	return GB_OK;
}

/* ---- the beginning ---- */

static void gb_fill(unsigned char *to, uint64_t n, int fill)
{
	if (fill == GB_FILL_SEQ)
		gb_seq_fill(to, 0, (uint32_t)n);
	else
		memset(to, fill, n);
}

/* Hands out files, pipes, sockets and bytes in the order of declaration. */
struct gb_builder {
	struct gb_world *w;
	const struct gb_plan *plan;
	uint16_t files, pipes, socks, leases, ublks;
	uint32_t ublk_ios;
	uint32_t bvecs;
	uint32_t bytes;
};

static struct gb_file *gb_build_file(struct gb_builder *b, uint32_t object, uint8_t end, enum gb_file_kind kind,
				     unsigned int mode, uint16_t index)
{
	struct gb_file *f = gb_file(b->w, ++b->files);

	*f = (struct gb_file){
		.kind = (uint8_t)kind,
		.object = (uint8_t)object,
		.end = end,
		.mode = (uint16_t)(mode | GB_FMODE_OPEN),
		.index = index,
	};
	b->w->file_of[2 * object + end] = b->files;
	return f;
}

static uint32_t gb_build_bytes(struct gb_builder *b, uint64_t n)
{
	uint32_t at = b->bytes;

	b->bytes += (uint32_t)gb_round(n, 8);
	return at;
}

static void gb_build_area(struct gb_builder *b, uint32_t k)
{
	const struct gb_object *o = &b->plan->trace->objects[k];
	struct gb_area *area = gb_area(b->w, k + 1);

	area->cap = (uint32_t)b->plan->area_cap[k];
	area->size = (uint32_t)o->size;
	area->bytes = gb_build_bytes(b, area->cap);
	gb_fill(gb_bytes(b->w, area->bytes), area->size, o->fill);
	area->pages = (uint32_t)b->plan->cache_pages[k];
	area->cache = gb_build_bytes(b, area->pages * sizeof(uint64_t));
	gb_cache_init(b->w, area, &o->file);
}

/* The classes of 7.5. */
static void gb_build_disk(struct gb_builder *b, uint32_t k)
{
	const struct gb_object *o = &b->plan->trace->objects[k];
	const struct gb_file_class *c = &o->file;
	bool block = o->kind == GB_BLOCK, nowait = block || o->direct || c->nowait;
	unsigned int mode = GB_FMODE_READ | GB_FMODE_WRITE;

	mode |= block ? GB_FMODE_BLK : GB_FMODE_REG;
	mode |= c->no_iter ? 0 : GB_FMODE_CAN_READ_ITER;
	mode |= o->direct ? GB_FMODE_DIRECT : 0;
	mode |= nowait ? GB_FMODE_NOWAIT : 0;
	mode |= nowait && !c->no_rasync ? GB_FMODE_RASYNC : 0;
	mode |= c->wasync ? GB_FMODE_WASYNC : 0;
	mode |= c->poll ? GB_FMODE_POLL : 0;
	mode |= c->append ? GB_FMODE_APPEND : 0;
	mode |= c->flush ? GB_FMODE_FLUSH : 0;
	gb_build_area(b, k);
	gb_build_file(b, k, 0, GB_FK_REGULAR, mode, (uint16_t)(k + 1));
}

static void gb_build_pipe(struct gb_builder *b, uint32_t k)
{
	const unsigned int mode = GB_FMODE_NOWAIT | GB_FMODE_STREAM | GB_FMODE_POLL | GB_FMODE_CAN_READ_ITER;
	struct gb_pipe *pipe = gb_pipe(b->w, ++b->pipes);

	pipe->readers = pipe->writers = 1;
	gb_build_file(b, k, 0, GB_FK_PIPE_READ, mode | GB_FMODE_READ, b->pipes);
	gb_build_file(b, k, 1, GB_FK_PIPE_WRITE, mode | GB_FMODE_WRITE, b->pipes);
}

/* connected=0: one end has no peer, the other one is there when the connection is. */
static void gb_build_unconnected(struct gb_sock *sock, struct gb_file *f)
{
	sock->state = GB_SOCK_CLOSE;
	sock->peer = 0;
	if (!f->end)
		f->mode &= (uint16_t)~GB_FMODE_OPEN;
}

static void gb_build_sock(struct gb_builder *b, uint32_t k)
{
	const unsigned int mode = GB_FMODE_NOWAIT | GB_FMODE_STREAM | GB_FMODE_POLL | GB_FMODE_CAN_READ_ITER |
				  GB_FMODE_READ | GB_FMODE_WRITE;
	const struct gb_object *o = &b->plan->trace->objects[k];

	for (uint8_t end = 0; end < 2; end++) {
		struct gb_sock *sock = gb_sock(b->w, ++b->socks);

		sock->peer = (uint16_t)(end ? b->socks - 1 : b->socks + 1);
		sock->sndbuf = (uint32_t)o->sndbuf;
		sock->dgram = o->dgram;
		sock->zc = (uint8_t)o->zc;
		sock->inq = o->inq;
		if (o->dgram) {
			sock->dg_cap = b->plan->dgrams[2 * k + end];
			sock->dg_area = gb_build_bytes(b, 4ULL * sock->dg_cap);
		}
		gb_build_file(b, k, end, GB_FK_SOCK, mode, b->socks);
		if (o->unconnected)
			gb_build_unconnected(sock, gb_file(b->w, b->files));
	}
}

/* A listener, and behind it the place where those wait that find its queue full. */
static void gb_build_listen(struct gb_builder *b, uint32_t k)
{
	const unsigned int mode = GB_FMODE_NOWAIT | GB_FMODE_STREAM | GB_FMODE_POLL | GB_FMODE_CAN_READ_ITER |
				  GB_FMODE_READ | GB_FMODE_WRITE;
	struct gb_sock *sock = gb_sock(b->w, ++b->socks);

	sock->state = GB_SOCK_LISTEN;
	sock->accept.backlog = (uint16_t)b->plan->trace->objects[k].backlog;
	gb_build_file(b, k, 0, GB_FK_SOCK, mode, b->socks);
	gb_build_file(b, k, 1, GB_FK_PEER_WAIT, 0, b->socks)->mode = 0;
}

static void gb_build_ublk(struct gb_builder *b, uint32_t k)
{
	const struct gb_object *o = &b->plan->trace->objects[k];

	*gb_ublk(b->w, ++b->ublks) =
		(struct ublk_queue){.flags = o->flags, .ios = b->ublk_ios, .q_depth = (uint16_t)o->depth};
	b->ublk_ios += o->depth;
	gb_build_file(b, k, 0, GB_FK_UBLK, GB_FMODE_READ | GB_FMODE_WRITE, b->ublks);
}

static void gb_build_object(struct gb_builder *b, uint32_t k)
{
	const struct gb_object *o = &b->plan->trace->objects[k];
	const unsigned int rw = GB_FMODE_READ | GB_FMODE_WRITE;

	switch (o->kind) {
	case GB_FILE:
	case GB_BLOCK:
		gb_build_disk(b, k);
		break;
	case GB_MEM:
		gb_build_area(b, k);
		break;
	case GB_PIPE:
		gb_build_pipe(b, k);
		break;
	case GB_SOCK:
		gb_build_sock(b, k);
		break;
	case GB_LESSOR:
		gb_build_file(b, k, 0, GB_FK_LESSOR, rw, 0);
		break;
	case GB_LISTEN:
		gb_build_listen(b, k);
		break;
	case GB_UBLK:
		gb_build_ublk(b, k);
		break;
	}
}

/* offset + len bytes spread evenly over the bvecs (trace-language.md, LEASE). */
static void gb_build_lease(struct gb_builder *b, uint32_t k)
{
	const struct gb_sqe *sqe = &b->plan->trace->sqes[k];
	struct gb_lease *lease = gb_lease(b->w, ++b->leases);
	uint32_t total = sqe->offset + sqe->len;
	uint32_t each = (total + sqe->segs - 1) / sqe->segs;
	unsigned char *bytes;

	*lease = (struct gb_lease){
		.seg = b->bvecs,
		.nr_bvecs = sqe->mode == GB_LEASE_no_vec ? 0 : (uint16_t)sqe->segs,
		.sqe = (uint16_t)(k + 1),
		.offset = sqe->offset,
		.len = sqe->len,
		.dir = sqe->dir == GB_DIR_DEST ? ITER_DEST : ITER_SOURCE,
		.kbuf = sqe->mode != GB_LEASE_not_kbuf,
		.kbuf_ack = sqe->mode != GB_LEASE_no_ack,
		.bytes = gb_build_bytes(b, total),
	};
	lease->written = gb_build_bytes(b, (total + 7) / 8);
	bytes = gb_bytes(b->w, lease->bytes);
	memset(bytes, GB_POISON, total);
	if (sqe->dir == GB_DIR_SOURCE) {
		gb_seq_fill(bytes + sqe->offset, 0, sqe->len);
		gb_lease_mark(b->w, lease, 0, total);
	}
	for (uint32_t s = 0, done = 0; s < sqe->segs; s++) {
		uint32_t n = gb_min(each, total - done);

		*gb_bvec(b->w, b->bvecs++) = (struct bio_vec){.bytes = lease->bytes + done, .bv_len = n};
		done += n;
	}
	b->w->lease_of[k] = b->leases;
}

/* Bytes and bvecs of a block request; its data are there from the beginning. */
static void gb_build_blkreq(struct gb_builder *b, uint32_t k)
{
	const struct gb_blkreq *blk = &b->plan->trace->blkreqs[k];
	struct ublk_rq *rq = gb_ublk_rq(b->w, k + 1);
	uint32_t at = 0;

	rq->queue = gb_file(b->w, b->w->file_of[2 * blk->object])->index;
	if (!gb_blk_has_data(blk->op))
		return;
	rq->bytes = gb_build_bytes(b, blk->len);
	rq->written = gb_build_bytes(b, blk->len / 8);
	rq->seg = b->bvecs;
	if (blk->op == GB_BLK_write) {
		gb_seq_fill(gb_bytes(b->w, rq->bytes), 0, blk->len);
		gb_shadow_set(gb_bytes(b->w, rq->written), 0, blk->len);
	} else {
		memset(gb_bytes(b->w, rq->bytes), GB_POISON, blk->len);
	}
	for (uint32_t i = 0; i < blk->n_bios; i++) {
		for (uint32_t s = 0; s < gb_blkreq_segs(blk, i); s++) {
			uint32_t n = gb_blkreq_seg_len(blk, i, s);

			*gb_bvec(b->w, b->bvecs++) = (struct bio_vec){.bytes = rq->bytes + at, .bv_len = n};
			at += n;
		}
	}
	rq->nr_bvecs = (uint16_t)(b->bvecs - rq->seg);
	rq->fresh = b->bvecs;
	if (blk->n_bios > 1)
		b->bvecs += rq->nr_bvecs;
}

static void gb_build_ctx(struct gb_world *w, uint32_t stored)
{
	const struct gb_trace *trace = w->trace;
	struct io_ring_ctx *ctx = gb_ctx(w);
	struct io_wq *wq = &gb_state(w)->wq;

	ctx->flags = trace->setup_flags;
	ctx->sq_entries = gb_pow2(gb_min(trace->entries, IORING_MAX_ENTRIES));
	ctx->cq_entries =
		trace->cq_entries ? gb_pow2(gb_min(trace->cq_entries, IORING_MAX_CQ_ENTRIES)) : 2 * ctx->sq_entries;
	ctx->cq_mask = stored - 1;
	ctx->task_complete =
		ctx->flags & IORING_SETUP_DEFER_TASKRUN && !(ctx->flags & (IORING_SETUP_IOPOLL | IORING_SETUP_SQPOLL));
	ctx->lockless_cq = ctx->task_complete || ctx->flags & IORING_SETUP_IOPOLL;
	if (ctx->flags & IORING_SETUP_SQPOLL)
		gb_state(w)->sqd = (struct io_sq_data){.phase = IO_SQ_ROUND, .idle_us = GB_SQ_THREAD_IDLE_US};
	wq->acct[IO_WQ_ACCT_BOUND].max_workers = (uint16_t)gb_min(ctx->sq_entries, GB_BOUND_WORKERS);
	wq->acct[IO_WQ_ACCT_UNBOUND].max_workers = GB_MAX_WORKERS - GB_BOUND_WORKERS;
}

static uint32_t gb_cq_entries(const struct gb_trace *trace)
{
	if (trace->cq_entries)
		return gb_pow2(gb_min(trace->cq_entries, IORING_MAX_CQ_ENTRIES));
	return 2 * gb_pow2(gb_min(trace->entries, IORING_MAX_ENTRIES));
}

/* Descriptor 0, which no trace names; a request whose descriptor was overwritten reads it (S2.29). */
static void gb_build_stdin(struct gb_builder *b)
{
	struct gb_world *w = b->w;
	uint32_t index = b->plan->trace->n_objects + 1;
	struct gb_area *area = gb_area(w, index);

	area->size = area->cap = w->config.standard_input_size;
	area->bytes = gb_build_bytes(b, area->cap);
	if (area->size)
		memcpy(gb_bytes(w, area->bytes), w->config.standard_input, area->size);
	w->ring_file = ++b->files;
	*gb_file(w, w->ring_file) = (struct gb_file){
		.kind = GB_FK_RING,
		.mode = GB_FMODE_READ | GB_FMODE_WRITE | GB_FMODE_POLL | GB_FMODE_OPEN,
	};
	w->stdin_file = ++b->files;
	*gb_file(w, w->stdin_file) = (struct gb_file){
		.kind = GB_FK_REGULAR,
		.object = (uint8_t)(index - 1),
		.mode = GB_FMODE_READ | GB_FMODE_REG | GB_FMODE_CAN_READ_ITER | GB_FMODE_OPEN,
		.index = (uint16_t)index,
	};
}

static void gb_build(struct gb_world *w, const struct gb_plan *plan, uint32_t stored)
{
	struct gb_builder b = {.w = w, .plan = plan};

	for (uint32_t k = 0; k < plan->trace->n_objects; k++)
		gb_build_object(&b, k);
	for (uint32_t k = 0; k < plan->trace->n_sqes; k++) {
		if (plan->trace->sqes[k].lease)
			gb_build_lease(&b, k);
		if (!plan->trace->sqes[k].ublk)
			continue;
		gb_lease(w, ++b.leases)->sqe = (uint16_t)(k + 1);
		w->lease_of[k] = b.leases;
	}
	for (uint32_t k = 0; k < plan->trace->n_blkreqs; k++)
		gb_build_blkreq(&b, k);
	gb_build_stdin(&b);
	gb_build_buffers(w);
	gb_build_ctx(w, stored);
	gb_state(w)->rng = w->config.seed;
}

/* ---- the handle ---- */

void gb_world_destroy(struct gb_world *w)
{
	if (!w)
		return;
	free(w->base);
	free(w->start);
	free(w->lease_of);
	free(w->uvec_of);
	free(w->place_of);
	free(w->file_of);
	free(w->names);
	free(w->before);
	free(w);
}

/* A block of n bytes, all 0, in place of `block`, which has *room; NULL if the host has no memory left. */
static void *gb_room(void *block, size_t *room, uint64_t n)
{
	/* beyond it new pages of the host, of which few are touched, are cheaper than old ones made clean */
	if (block && n <= *room && n <= GB_CLEAR_MAX)
		return memset(block, 0, n);
	free(block);
	block = calloc(1, n ? n : 1);
	*room = block ? n : 0;
	return block;
}

#define GB_ROOM(w, block, n) \
	((w)->block = gb_room((w)->block, &(w)->rooms.block, (n) * sizeof(*(w)->block)), (w)->block != NULL)

/* Takes what the handle owns; false if the host has no memory left. */
static bool gb_world_alloc(struct gb_world *w)
{
	if (w->config.footprints && !GB_ROOM(w, before, w->at.end + 1ULL))
		return false;
	return GB_ROOM(w, base, w->at.end + 1ULL) && GB_ROOM(w, lease_of, w->trace->n_sqes + 1ULL) &&
	       GB_ROOM(w, uvec_of, w->trace->n_sqes + 1ULL) && GB_ROOM(w, place_of, w->trace->n_stmts + 1ULL) &&
	       GB_ROOM(w, file_of, 2ULL * w->trace->n_objects + 2) && GB_ROOM(w, names, 3ULL * w->trace->n_sqes + 1);
}

static void gb_plan_make(struct gb_plan *p, const struct gb_trace *trace, const struct gb_config *config)
{
	memset(p, 0, sizeof(*p));
	p->trace = trace;
	p->bytes = gb_round(config->standard_input_size, 8);
	gb_plan_source(p);
	gb_plan_blkreqs(p);
	gb_plan_buffers(&p->buffers, trace);
	gb_plan_provided(p);
	for (uint32_t k = 0; k < trace->n_objects; k++)
		gb_plan_object(p, k);
}

/* What steps touch in traces with these is not told apart (gb_touch_step). */
static bool gb_intricate(const struct gb_trace *trace)
{
	for (uint32_t k = 0; k < trace->n_objects; k++)
		if (trace->objects[k].kind == GB_UBLK || trace->objects[k].kind == GB_LISTEN)
			return true;
	for (uint32_t k = 0; k < trace->n_stmts; k++)
		if (trace->stmts[k].kind == GB_STMT_REGISTER && trace->stmts[k].fds)
			return true;
	for (uint32_t k = 0; k < trace->n_sqes; k++) {
		const struct gb_sqe *sqe = &trace->sqes[k];

		if (sqe->fd.is_ring || sqe->opcode == IORING_OP_SEND_ZC || sqe->opcode == IORING_OP_SENDMSG_ZC ||
		    sqe->opcode == IORING_OP_ACCEPT || sqe->opcode == IORING_OP_CONNECT)
			return true;
	}
	return false;
}

/* Makes `w` the world of a trace; what it was before is gone, its memory stays. */
static enum gb_status gb_world_make(struct gb_world *w, const struct gb_trace *trace, const struct gb_config *config,
				    struct gb_error *err)
{
	uint32_t stored = gb_stored_cqes(trace, gb_cq_entries(trace));
	struct gb_plan plan;
	enum gb_status status;

	gb_plan_make(&plan, trace, config);
	w->trace = trace;
	w->config = *config;
	w->events = !config->event ? 0 : config->heard ? config->heard : UINT64_MAX;
	w->intricate = gb_intricate(trace);
	w->traits = gb_canon_traits(trace);
	w->max_steps =
		config->max_steps ? config->max_steps : GB_STEPS_BASE + (uint64_t)GB_STEPS_PER_SQE * trace->n_sqes;
	w->start_size = 0;
	status = gb_lay_out(&w->at, &plan, stored, err);
	if (status == GB_OK && !gb_world_alloc(w))
		return gb_error_set(err, GB_NO_MEMORY, 0, 0, "no memory for a world of %u bytes", w->at.end);
	if (status == GB_OK)
		gb_build(w, &plan, stored);
	return status;
}

enum gb_status gb_world_create(const struct gb_trace *trace, const struct gb_config *config, struct gb_world **out,
			       struct gb_error *err)
{
	struct gb_world *w = calloc(1, sizeof(*w));
	enum gb_status status;

	*out = NULL;
	if (!w)
		return gb_error_set(err, GB_NO_MEMORY, 0, 0, "no memory for a world");
	status = gb_world_make(w, trace, config, err);
	if (status == GB_OK && !GB_ROOM(w, start, w->at.reqs + sizeof(struct io_kiocb)))
		status = gb_error_set(err, GB_NO_MEMORY, 0, 0, "no memory for a world of %u bytes", w->at.end);
	if (status != GB_OK) {
		gb_world_destroy(w);
		return status;
	}
	w->start_size = (uint32_t)gb_world_size(w);
	gb_world_snapshot(w, w->start);
	*out = w;
	return GB_OK;
}

enum gb_status gb_world_rebuild(struct gb_world **world, const struct gb_trace *trace, const struct gb_config *config,
				struct gb_error *err)
{
	struct gb_world *w = *world ? *world : calloc(1, sizeof(*w));
	enum gb_status status;

	if (!w)
		return gb_error_set(err, GB_NO_MEMORY, 0, 0, "no memory for a world");
	status = gb_world_make(w, trace, config, err);
	if (status != GB_OK) {
		gb_world_destroy(w);
		w = NULL;
	}
	*world = w;
	return status;
}
