/* SPDX-License-Identifier: MIT */
/* What a step may touch, told from who acts and where he is. */
#include "world/touch_parts.h"

/* ---- what several steps have in common ---- */

void gb_touch_tw_add(struct gb_footprint *f)
{
	gb_touch(f->read, GB_T_TW);
	gb_touch(f->read, GB_T_WAKE);
	gb_touch(f->read, GB_T_DYING);
}

void gb_touch_enqueue(const struct gb_world *w, struct gb_footprint *f)
{
	const struct io_wq *wq = &gb_state(w)->wq;

	gb_touch(f->read, GB_T_WQ);
	gb_touch(f->read, GB_T_IDLE);
	gb_touch(f->read, GB_T_DYING);
	gb_touch(f->read, GB_T_RESCHED);
	gb_touch_worker(f->read, wq->nr_workers + 1U);
	for (uint16_t k = wq->free_list; k; k = gb_worker(w, k)->free_next)
		gb_touch_worker(f->read, k);
	gb_touch_tw_add(f);
}

/* gb_wake_up */
static void touch_waiters(const struct gb_world *w, struct gb_footprint *f, uint16_t first)
{
	for (uint16_t k = first; k; k = io_req(w, k)->wait_next) {
		const struct io_kiocb *req = io_req(w, k);

		gb_touch_req(f->read, req);
		if (req->wait_blocked)
			gb_touch_worker(f->read, req->worker);
		gb_touch(f->read, GB_T_RESCHED);
		gb_touch_tw_add(f);
	}
}

/* A file, and both ends of the pipe or socket it stands for with everybody who waits there. */
static void touch_stream(struct gb_world *w, struct gb_footprint *f, uint16_t file)
{
	uint32_t object = gb_file(w, file)->object;

	gb_touch_file(f->read, file);
	if (!gb_file_wait_queue(w, gb_file(w, file)))
		return;
	for (uint32_t end = 0; end < 2; end++) {
		uint16_t k = w->file_of[2 * object + end];

		gb_touch_file(f->read, k);
		touch_waiters(w, f, gb_file_wait_queue(w, gb_file(w, k))->first);
	}
}

static void touch_contents(struct gb_footprint *f, uint32_t area, bool write)
{
	gb_touch_area(f->read, area);
	if (write)
		gb_touch_area(f->write, area);
}

void gb_touch_memory(const struct gb_world *w, struct gb_footprint *f, bool write)
{
	for (uint32_t k = 0; k < w->trace->n_objects; k++)
		if (w->trace->objects[k].kind == GB_MEM)
			touch_contents(f, k + 1, write);
}

static void touch_user(const struct gb_world *w, struct gb_footprint *f, uint64_t addr, bool write)
{
	uint64_t object = (addr - GB_USER_BASE) / GB_USER_STRIDE;

	if (addr >= GB_USER_BASE && object < w->trace->n_objects)
		touch_contents(f, (uint32_t)object + 1, write);
}

static void touch_leased(struct gb_footprint *f, uint32_t lease, bool write)
{
	gb_touch_lease(f->read, lease);
	if (write)
		gb_touch_lease(f->write, lease);
}

/* Bytes off to off + len of a leased buffer. */
static void touch_leased_part(const struct gb_world *w, struct gb_footprint *f, uint32_t index, uint64_t off,
			      uint32_t len, bool write)
{
	const struct gb_lease *lease = gb_lease(w, index);
	uint32_t part, last;

	if (!len || off >= lease->len || len > lease->len - off) {
		touch_leased(f, index, write);
		return;
	}
	part = (uint32_t)(off * GB_LEASE_PARTS / lease->len);
	last = (uint32_t)((off + len - 1) * GB_LEASE_PARTS / lease->len);
	for (; part <= last; part++) {
		uint32_t bit = GB_T_LEASE + (index * GB_LEASE_PARTS + part) % 32;

		gb_touch(f->read, bit);
		if (write)
			gb_touch(f->write, bit);
	}
}

/* The buffer a member to come may be given: its leader is one of the SQEs in front of it. */
static void touch_group_leases(const struct gb_world *w, struct gb_footprint *f, const struct gb_sqe *sqe, bool write)
{
	for (const struct gb_sqe *s = sqe; s > w->trace->sqes && s[-1].flags & IOSQE_SQE_GROUP; s--)
		if (w->lease_of[s - 1 - w->trace->sqes])
			touch_leased(f, w->lease_of[s - 1 - w->trace->sqes], write);
}

void gb_touch_links(const struct gb_world *w, struct gb_footprint *f, const struct io_kiocb *req)
{
	if (!req->link)
		return;
	for (const struct io_kiocb *l = io_req_at(w, req->link); l; l = io_req_at(w, l->link))
		gb_touch_req(f->read, l);
	gb_touch(f->read, GB_T_TIMERS);
	gb_touch(f->read, GB_T_TIMEOUTS);
	gb_touch_tw_add(f);
}

/* ---- completion ---- */

void gb_touch_commit(const struct gb_world *w, struct gb_footprint *f)
{
	const struct io_ring_ctx *ctx = gb_ctx(w);

	gb_touch(f->read, GB_T_CQ);
	gb_touch(f->read, GB_T_WAKE);
	gb_touch(f->read, GB_T_TIMEOUTS);
	gb_touch(f->read, GB_T_DEFER);
	for (uint16_t k = ctx->timeout_list.first; k; k = io_req(w, k)->list_next) {
		gb_touch_req(f->read, io_req(w, k));
		gb_touch(f->read, GB_T_TIMERS);
		gb_touch_tw_add(f);
	}
	for (uint16_t k = ctx->defer_list.first; k; k = io_req(w, k)->wq_next) {
		gb_touch_req(f->read, io_req(w, k));
		gb_touch_tw_add(f);
	}
}

void gb_touch_free(struct gb_world *w, struct gb_footprint *f, const struct io_kiocb *req)
{
	gb_touch_req(f->read, req);
	gb_touch_links(w, f, req);
	/* its members are queued */
	if (req_is_group_leader(req))
		gb_touch_tw_add(f);
	if (req->file && !(gb_file(w, req->file)->mode & GB_FMODE_OPEN))
		touch_stream(w, f, req->file);
	else
		gb_touch_file(f->read, req->file);
	gb_touch_buf(f->read, req);
	if (req->flags & REQ_F_GROUP_BUF && req->buf_owner == IO_BUF_GRP_BUF)
		touch_leased(f, req->buf, false);
	if (req->flags & (REQ_F_BUFFER_SELECTED | REQ_F_BUFFER_RING))
		gb_touch(f->read, GB_T_KBUFS);
	for (const struct io_kiocb *m = io_req_at(w, req->grp); m;
	     m = req_is_group_leader(m) ? NULL : io_req_at(w, m->grp)) {
		gb_touch_req(f->read, m);
		gb_touch_buf(f->read, m);
		if (req_is_group_leader(m)) {
			gb_touch_links(w, f, m);
			gb_touch_file(f->read, m->file);
			if (m->buf_owner == IO_BUF_GRP_BUF)
				touch_leased(f, m->buf, false);
		}
	}
}

void gb_touch_end(struct gb_world *w, struct gb_footprint *f, const struct io_kiocb *req)
{
	gb_touch(f->read, GB_T_COMPL);
	gb_touch(f->read, GB_T_FREE);
	gb_touch_free(w, f, req);
	gb_touch_commit(w, f);
	gb_touch_tw_add(f);
}

void gb_touch_flush(struct gb_world *w, struct gb_footprint *f)
{
	const struct io_submit_state *state = &gb_ctx(w)->submit_state;

	gb_touch(f->read, GB_T_COMPL);
	if (!state->compl_reqs.first && !state->cq_flush)
		return;
	for (uint16_t k = state->compl_reqs.first; k; k = io_req(w, k)->comp_next)
		gb_touch_free(w, f, io_req(w, k));
	gb_touch(f->read, GB_T_FREE);
	gb_touch_commit(w, f);
}

/* ---- issue ---- */

void gb_touch_buffer(const struct gb_world *w, struct gb_footprint *f, const struct gb_issue *i, bool write)
{
	const struct io_kiocb *leader = i->req && req_is_group_member(i->req) ? io_req_at(w, i->req->grp) : NULL;
	const bool plain = i->sqe->opcode == IORING_OP_READ || i->sqe->opcode == IORING_OP_WRITE ||
			   i->sqe->opcode == IORING_OP_SEND || i->sqe->opcode == IORING_OP_RECV;

	if (i->req)
		gb_touch_buf(f->read, i->req);
	if (leader && i->req->flags & REQ_F_GROUP_BUF) {
		gb_touch_buf(f->read, leader);
		if (leader->buf_owner == IO_BUF_GRP_BUF)
			touch_leased_part(w, f, leader->buf, plain ? gb_sqe_addr(w, i->sqe) : 0,
					  plain ? i->sqe->len : 0, write);
	} else if (!i->req && i->sqe->flags & IOSQE_IO_DRAIN) {
		touch_group_leases(w, f, i->sqe, write);
	}
	if (i->sqe->flags & IOSQE_BUFFER_SELECT) {
		gb_touch(f->read, GB_T_KBUFS);
		gb_touch_memory(w, f, true);
	} else if (plain) {
		touch_user(w, f, gb_sqe_addr(w, i->sqe), write);
	} else {
		gb_touch(f->read, GB_T_REG);
		gb_touch_memory(w, f, write);
	}
}

void gb_touch_wait(const struct gb_world *w, struct gb_footprint *f)
{
	gb_touch(f->read, GB_T_POLLS);
	gb_touch_enqueue(w, f);
}

static void touch_disk(const struct gb_world *w, struct gb_footprint *f, uint16_t file, bool write)
{
	const struct gb_file *disk = gb_file(w, file);
	const struct gb_area *area = gb_area(w, disk->index);

	gb_touch_file(f->read, file);
	touch_contents(f, disk->index, write || area->pages);
	if (disk->mode & GB_FMODE_DIRECT || area->pages || gb_file_class_of(w, disk)->outcomes) {
		gb_touch(f->read, GB_T_TIMERS);
		gb_touch_enqueue(w, f);
	}
}

static void touch_transfer(struct gb_world *w, struct gb_footprint *f, const struct gb_issue *i, bool write)
{
	gb_touch_buffer(w, f, i, !write);
	gb_touch_tw_add(f);
	if (!i->file)
		return;
	if (gb_file(w, i->file)->kind == GB_FK_REGULAR) {
		touch_disk(w, f, i->file, write);
		return;
	}
	touch_stream(w, f, i->file);
	gb_touch_wait(w, f);
}

/* The handler of an opcode. */
void gb_touch_handler(struct gb_world *w, struct gb_footprint *f, const struct gb_issue *i)
{
	switch (i->sqe->opcode) {
	case IORING_OP_NOP:
		break;
	case IORING_OP_READ:
	case IORING_OP_READV:
	case IORING_OP_READ_FIXED:
		touch_transfer(w, f, i, false);
		break;
	case IORING_OP_WRITE:
	case IORING_OP_WRITEV:
	case IORING_OP_WRITE_FIXED:
	case IORING_OP_SEND:
	case IORING_OP_SENDMSG:
		touch_transfer(w, f, i, true);
		break;
	case IORING_OP_RECV:
	case IORING_OP_RECVMSG:
		/* a multishot one posts CQEs from here */
		if (i->sqe->ioprio & IORING_RECV_MULTISHOT)
			gb_touch_everything(f);
		else
			touch_transfer(w, f, i, false);
		break;
	case IORING_OP_FSYNC:
		gb_touch_file(f->read, i->file);
		break;
	case IORING_OP_URING_CMD:
		if (!i->sqe->lease)
			gb_touch_everything(f);
		gb_touch_file(f->read, i->file);
		touch_leased(f, w->lease_of[i->sqe - w->trace->sqes], false);
		gb_touch(f->read, GB_T_BUF + (uint32_t)(i->sqe - w->trace->sqes) % 32);
		gb_touch(f->read, GB_T_TIMERS);
		break;
	case IORING_OP_TIMEOUT:
		gb_touch(f->read, GB_T_CQ);
		gb_touch(f->read, GB_T_TIMEOUTS);
		gb_touch(f->read, GB_T_TIMERS);
		break;
	case IORING_OP_POLL_ADD:
		gb_touch_tw_add(f);
		gb_touch(f->read, GB_T_POLLS);
		if (i->file)
			touch_stream(w, f, i->file);
		break;
	case IORING_OP_PROVIDE_BUFFERS:
	case IORING_OP_REMOVE_BUFFERS:
		gb_touch(f->read, GB_T_KBUFS);
		break;
	default:
		gb_touch_everything(f);
		break;
	}
}

/* io_assign_file: the file a request has or will find. */
static uint16_t touch_assign(const struct gb_world *w, struct gb_footprint *f, const struct io_kiocb *req)
{
	int32_t fd = (int32_t)req->cqe_fd_or_flags;

	if (req->file || !io_issue_defs[req->opcode].needs_file)
		return req->file;
	if (req->flags & REQ_F_FIXED_FILE) {
		gb_touch(f->read, GB_T_REG);
		return io_file_get_fixed(w, (uint32_t)fd);
	}
	gb_touch_file(f->read, fd >= GB_FD_BASE ? (uint32_t)(fd - GB_FD_BASE) : w->stdin_file);
	return gb_fd_file(w, fd);
}

void gb_touch_issue(struct gb_world *w, struct gb_footprint *f, const struct io_kiocb *req)
{
	struct gb_issue i = {.sqe = &w->trace->sqes[req->origin], .req = req};

	gb_touch_req(f->read, req);
	i.file = touch_assign(w, f, req);
	if (req->flags & (REQ_F_ARM_LTIMEOUT | REQ_F_LINK_TIMEOUT))
		gb_touch_links(w, f, req);
	gb_touch_handler(w, f, &i);
}

/* io_queue_iowq */
static void touch_punt(const struct gb_world *w, struct gb_footprint *f, const struct io_kiocb *req)
{
	gb_touch_req(f->read, req);
	gb_touch_file(f->read, touch_assign(w, f, req));
	for (const struct io_kiocb *l = io_req_at(w, req->link); l; l = io_req_at(w, l->link))
		gb_touch_req(f->read, l);
	gb_touch_enqueue(w, f);
}

void gb_touch_queue_sqe(struct gb_world *w, struct gb_footprint *f, const struct io_kiocb *req)
{
	gb_touch(f->read, GB_T_DYING);
	gb_touch(f->read, GB_T_COMPL);
	/* one that cannot be tried without waiting goes there as well */
	if (req->flags & REQ_F_FORCE_ASYNC || req->opcode != IORING_OP_NOP)
		touch_punt(w, f, req);
	if (req->flags & REQ_F_FORCE_ASYNC)
		return;
	gb_touch_issue(w, f, req);
	gb_touch(f->read, GB_T_POLLS);
	if (req->flags & (REQ_F_BUFFER_SELECTED | REQ_F_BUFFER_RING))
		gb_touch(f->read, GB_T_KBUFS);
}

/* ---- who acts ---- */

bool gb_touch_unknown(const struct gb_world *w)
{
	const uint32_t rare = IORING_SETUP_SQPOLL | IORING_SETUP_IOPOLL | IORING_SETUP_R_DISABLED;

	/* what has more than two actors on the ring, or is on its way out, is not looked into */
	return gb_ctx(w)->flags & rare || gb_ctx(w)->dying || gb_state(w)->app.gone || gb_state(w)->wq.exiting ||
	       w->intricate;
}

void gb_touch_step(struct gb_world *w, enum gb_actor_kind kind, uint16_t index, struct gb_footprint *f)
{
	if (gb_touch_unknown(w)) {
		gb_touch_everything(f);
		return;
	}
	switch (kind) {
	case GB_ACTOR_APP:
		gb_touch_app_step(w, f);
		break;
	case GB_ACTOR_WORKER:
		gb_touch_worker_step(w, f, index);
		break;
	case GB_ACTOR_IRQ:
	case GB_ACTOR_TIMER:
		/* which of them it is is not told here */
		if (w->config.time_races)
			gb_touch_everything(f);
		else
			gb_touch_event(w, f, io_req(w, gb_state(w)->timers.first));
		break;
	default:
		gb_touch_everything(f);
		break;
	}
}
