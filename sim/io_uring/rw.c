/* SPDX-License-Identifier: MIT */
/* READ and WRITE (7.2 to 7.4 and 8.2 of semantics.md). */
#include "io_uring/io_uring.h"

#define RWF_KNOWN	0x7fU
#define RWF_SUPPORTED	0x3fU				  /* no file here takes atomic writes (0x40) */
#define RWF_APPEND_BOTH (GB_RWF_APPEND | GB_RWF_NOAPPEND) /* APPEND and NOAPPEND */
#define IO_POS_CURRENT	UINT64_MAX

/* ---- prep ---- */

/* ioprio_check_cap, for a privileged task. */
static bool io_ioprio_valid(uint16_t ioprio)
{
	unsigned int class = ioprio >> 13;

	/* the bits between class and level are hints, and none is refused */
	return class ? class <= 3 : !(ioprio & 7U);
}

static int io_prep_rw_common(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe)
{
	struct io_rw *rw = &req->cmd.rw;

	if (!io_ioprio_valid(sqe->ioprio))
		return gb_why(w, req, GB_R_PREP_RW_IOPRIO, NULL, sqe->ioprio, 0);
	rw->addr = gb_sqe_addr(w, sqe);
	rw->pos = sqe->off;
	rw->len = sqe->len;
	rw->rw_flags = sqe->op_flags;
	rw->bytes_done = 0;
	rw->blocked = 0;
	rw->cur_pos = 0;
	rw->unmoved = 0;
	rw->chosen = 0;
	req->buf_index = sqe->buf_index;
	req->flags |= REQ_F_ASYNC_DATA;
	return 0;
}

/* import_ubuf into the request's iterator */
static bool io_rw_import_ubuf(struct io_kiocb *req, unsigned int dir)
{
	struct io_rw *rw = &req->cmd.rw;

	if (!import_ubuf(dir, rw->addr, rw->len, &rw->iter))
		return false;
	rw->iter.owner = (uint16_t)(req->sqe + 1);
	iov_iter_save_state(&rw->iter, &rw->iter_state);
	return true;
}

static int io_prep_rw(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe, unsigned int dir)
{
	int ret = io_prep_rw_common(w, req, sqe);

	if (ret || req->flags & REQ_F_BUFFER_SELECT)
		return ret;
	return io_rw_import_ubuf(req, dir) ? 0 : gb_why(w, req, GB_R_PREP_RW_ADDR, NULL, 0, 0);
}

int io_prep_read(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe)
{
	return io_prep_rw(w, req, sqe, ITER_DEST);
}

int io_prep_write(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe)
{
	return io_prep_rw(w, req, sqe, ITER_SOURCE);
}

/* S8.5: of the iovec only the length counts, the buffer is chosen later. */
static int io_iov_buffer_select_prep(struct gb_world *w, struct io_kiocb *req)
{
	struct io_rw *rw = &req->cmd.rw;
	uint64_t len;

	if (rw->len != 1)
		return gb_why(w, req, GB_R_PREP_RWV_SELECT, NULL, rw->len, 0);
	if (!gb_user_word(w, rw->addr + 8, &len))
		return gb_why(w, req, GB_R_PREP_RWV_SELECT_FAULT, NULL, 0, 0);
	rw->len = (uint32_t)len;
	return 0;
}

/* S8.5 */
static int io_prep_rwv(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe, unsigned int dir)
{
	struct io_rw *rw = &req->cmd.rw;
	int ret = io_prep_rw_common(w, req, sqe);

	if (ret)
		return ret;
	if (req->flags & REQ_F_BUFFER_SELECT)
		return io_iov_buffer_select_prep(w, req);
	ret = io_import_vec(w, req, dir, rw->addr, rw->len, &rw->iter);
	iov_iter_save_state(&rw->iter, &rw->iter_state);
	return ret;
}

int io_prep_readv(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe)
{
	return io_prep_rwv(w, req, sqe, ITER_DEST);
}

int io_prep_writev(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe)
{
	return io_prep_rwv(w, req, sqe, ITER_SOURCE);
}

/* S8.6 */
static int io_prep_rw_fixed(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe, unsigned int dir)
{
	struct io_rw *rw = &req->cmd.rw;
	int ret = io_prep_rw_common(w, req, sqe);

	if (ret)
		return ret;
	if (!io_req_set_imu(w, req))
		return gb_why(w, req, GB_R_PREP_RW_FIXED, NULL, req->buf_index, 0);
	if (!io_import_fixed(w, req, dir, &rw->iter, rw->addr, rw->len))
		return gb_why(w, req, GB_R_PREP_RW_FIXED_RANGE, NULL, req->buf_index, 0);
	iov_iter_save_state(&rw->iter, &rw->iter_state);
	return 0;
}

int io_prep_read_fixed(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe)
{
	return io_prep_rw_fixed(w, req, sqe, ITER_DEST);
}

int io_prep_write_fixed(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe)
{
	return io_prep_rw_fixed(w, req, sqe, ITER_SOURCE);
}

int io_read_mshot_prep(struct gb_world *w, struct io_kiocb *req, const struct gb_sqe *sqe)
{
	int ret;

	if (!(req->flags & REQ_F_BUFFER_SELECT))
		return gb_why(w, req, GB_R_PREP_MSHOT_SELECT, NULL, 0, 0);
	ret = io_prep_rw_common(w, req, sqe);
	if (ret)
		return ret;
	if (req->cmd.rw.addr || req->cmd.rw.len)
		return gb_why(w, req, GB_R_PREP_MSHOT_FIELDS, NULL, 0, 0);
	req->flags |= REQ_F_APOLL_MULTISHOT;
	return 0;
}

/* ---- the checks before a transfer ---- */

static int io_rw_init_file(struct gb_world *w, struct io_kiocb *req, uint16_t mode)
{
	const struct gb_file *f = gb_file(w, req->file);
	uint32_t flags = req->cmd.rw.rw_flags;

	if (!(f->mode & mode))
		return gb_why(w, req, GB_R_RW_MODE, NULL, 0, 0);
	if (!(flags & ~RWF_KNOWN) && (flags & RWF_APPEND_BOTH) == RWF_APPEND_BOTH)
		return gb_why(w, req, GB_R_RW_APPEND_BOTH, NULL, 0, 0);
	if (flags & ~RWF_SUPPORTED || (flags & GB_RWF_NOWAIT && !(f->mode & GB_FMODE_NOWAIT)))
		return gb_why(w, req, GB_R_RW_FLAGS, NULL, flags, 0);
	if (flags & GB_RWF_NOWAIT)
		req->flags |= REQ_F_NOWAIT;
	req->iopoll_completed = 0;
	if (gb_ctx(w)->flags & IORING_SETUP_IOPOLL) {
		if (!(f->mode & GB_FMODE_DIRECT))
			return gb_why(w, req, GB_R_RW_NOT_POLLABLE, NULL, 0, 0);
	} else if (flags & GB_RWF_HIPRI) {
		return gb_why(w, req, GB_R_RW_HIPRI, NULL, 0, 0);
	}
	return 0;
}

/* S7.7 */
static bool io_file_supports_nowait(const struct gb_world *w, const struct io_kiocb *req, uint32_t mask)
{
	if (req->flags & REQ_F_SUPPORT_NOWAIT)
		return true;
	return req->flags & REQ_F_CAN_POLL && gb_file_poll(w, gb_file(w, req->file)) & mask;
}

/* IOCB_APPEND */
static bool io_kiocb_appends(const struct gb_file *f, uint32_t rw_flags)
{
	bool opened = f->mode & GB_FMODE_APPEND && !(rw_flags & GB_RWF_NOAPPEND);

	return f->mode & GB_FMODE_REG && (opened || rw_flags & GB_RWF_APPEND);
}

/* The position of the transfer; the file's own one if the SQE gave none. */
static uint64_t io_kiocb_update_pos(struct gb_world *w, struct io_kiocb *req)
{
	const struct gb_file *f = gb_file(w, req->file);
	struct io_rw *rw = &req->cmd.rw;

	if (rw->pos == IO_POS_CURRENT) {
		rw->cur_pos = !(f->mode & GB_FMODE_STREAM);
		rw->pos = rw->cur_pos ? f->f_pos : 0;
	}
	if (io_kiocb_appends(f, rw->rw_flags) && rw->iter.data_source == ITER_SOURCE)
		rw->pos = gb_area(w, f->index)->size;
	return rw->pos;
}

static bool rw_verify_area(uint64_t pos, uint32_t count)
{
	return pos <= INT64_MAX - (uint64_t)count;
}

/* S6.13, S7.4: the import, and the state a retry goes back to. */
static int rw_import_group_buf(struct gb_world *w, struct io_kiocb *req, unsigned int dir)
{
	struct io_rw *rw = &req->cmd.rw;
	int ret = io_import_group_buf(w, req, dir, &rw->iter, rw->addr, rw->len);

	if (!ret && !GB_FAULT(w, IMPORT_NOT_SAVED))
		iov_iter_save_state(&rw->iter, &rw->iter_state);
	return ret;
}

/* ---- completion ---- */

/* The reason of an error the file itself gave. */
static int io_rw_error(struct gb_world *w, struct io_kiocb *req, int64_t err)
{
	const struct gb_file *f = gb_file(w, req->file);

	/* the driver has said why */
	if (f->kind == GB_FK_UBLK)
		return (int)err;
	switch (-err) {
	case GB_EAGAIN:
		return gb_why(w, req, GB_R_RW_WOULD_BLOCK, NULL, 0, 0);
	case GB_EFAULT:
		return gb_why(w, req, GB_R_RW_FAULT, NULL, 0, 0);
	case GB_EPIPE:
		return gb_why(w, req, GB_R_RW_PIPE_BROKEN, NULL, 0, 0);
	case GB_EFBIG:
		return gb_why(w, req, GB_R_RW_TOO_BIG, NULL, 0, 0);
	case GB_EINVAL:
		if (f->mode & GB_FMODE_BLK)
			return gb_why(w, req, GB_R_RW_ALIGN, NULL, 0, 0);
		return gb_why(w, req, GB_R_RW_NO_METHOD, NULL, 0, 0);
	case GB_EOPNOTSUPP:
		return gb_why(w, req, GB_R_RW_NO_KBUF, NULL, 0, 0);
	case GB_EINTR:
		return gb_why(w, req, GB_R_INTERRUPTED, NULL, 0, 0);
	default:
		gb_why(w, req, GB_R_RW_ERROR, NULL, err, 0);
		return (int)err;
	}
}

/* S7.9 */
static int32_t io_fixup_rw_res(const struct io_kiocb *req, int64_t res)
{
	uint32_t done = req->cmd.rw.bytes_done;

	if (!done)
		return (int32_t)res;
	return (int32_t)(res < 0 ? done : res + done);
}

/* How a transfer ended, against the count that was expected. */
static void io_rw_reason(struct gb_world *w, struct io_kiocb *req, int64_t res, int32_t expected)
{
	if (res == expected)
		gb_why(w, req, GB_R_RW_FULL, NULL, res + req->cmd.rw.bytes_done, 0);
	else if (res >= 0)
		gb_why(w, req, GB_R_RW_SHORT, NULL, res, expected);
	else
		io_rw_error(w, req, res);
}

/* S7.13: may a completion with EAGAIN send the request back to its issue? */
static bool io_rw_should_reissue(const struct gb_world *w, const struct io_kiocb *req)
{
	uint8_t actor = gb_state(w)->actor;

	if (!(gb_file(w, req->file)->mode & (GB_FMODE_REG | GB_FMODE_BLK)))
		return false;
	return !(req->flags & REQ_F_NOWAIT) && !gb_ctx(w)->dying && (actor == GB_ACTOR_APP || actor == GB_ACTOR_TW);
}

/* S6.16, S8.2: `res` against the count that was expected; true if the request is to be issued again. */
static bool __io_complete_rw_common(struct gb_world *w, struct io_kiocb *req, int64_t res)
{
	int32_t expected = req->cqe_res;

	if (res != expected && (res == -GB_EAGAIN || res == -GB_EOPNOTSUPP) && io_rw_should_reissue(w, req)) {
		req->flags |= REQ_F_REISSUE;
		return true;
	}
	io_rw_reason(w, req, res, expected);
	if (res == expected)
		return false;
	if (res < 0 || !GB_FAULT(w, SHORT_READ_IS_NO_FAILURE))
		req_set_fail(w, req);
	req->cqe_res = (int32_t)res;
	if (!io_use_group_kbuf(w, req))
		return false;
	if (res > 0 && req->cmd.rw.unmoved && iov_iter_is_dest(&req->cmd.rw.iter))
		gb_hazard(w, GB_HAZARD_OVERWRITTEN, "io_req_zero_remained", gb_label(req),
			  "the iterator was not advanced: bytes that were read are zeroed");
	if (GB_FAULT(w, ZERO_FROM_START))
		iov_iter_restore(&req->cmd.rw.iter, &req->cmd.rw.iter_state);
	io_req_zero_remained(w, req, &req->cmd.rw.iter);
	return false;
}

/* The completion callback: the CQE goes through task work (S7.13). */
static void io_complete_rw(struct gb_world *w, struct io_kiocb *req, int64_t res)
{
	if (__io_complete_rw_common(w, req, res))
		return;
	io_req_set_res(req, io_fixup_rw_res(req, res), 0);
	io_req_task_work_add(w, req, IO_TW_RW_COMPLETE);
}

/* The callback of the file, whichever the ring has. */
static void io_rw_done(struct gb_world *w, struct io_kiocb *req, int64_t res)
{
	if (!(gb_ctx(w)->flags & IORING_SETUP_IOPOLL)) {
		io_complete_rw(w, req, res);
		return;
	}
	io_rw_reason(w, req, res, req->cqe_res);
	io_complete_rw_iopoll(w, req, io_fixup_rw_res(req, res));
}

void io_complete_rw_irq(struct gb_world *w, struct io_kiocb *req)
{
	io_rw_done(w, req, req->cmd.rw.result);
}

void io_req_rw_complete(struct gb_world *w, struct io_kiocb *req)
{
	req->cqe_fd_or_flags |= io_put_kbuf(w, req, req->cqe_res, 0);
	io_req_complete_defer(w, req);
}

/* S8.41: the provided buffer of a read. */
static int io_rw_select(struct gb_world *w, struct io_kiocb *req, struct io_br_sel *sel, unsigned int issue_flags)
{
	struct io_rw *rw = &req->cmd.rw;
	uint32_t len = rw->len;

	*sel = io_buffer_select(w, req, &len, issue_flags);
	if (!sel->addr)
		return gb_why(w, req, GB_R_RW_NO_BUFFERS, NULL, req->buf_index, 0);
	rw->addr = sel->addr;
	rw->len = len;
	return io_rw_import_ubuf(req, ITER_DEST) ? 0 : gb_why(w, req, GB_R_RW_BUFFER_ADDR, NULL, 0, 0);
}

/* ---- the transfer ---- */

/* Sleeps in the operation of a worker, or says that a signal forbids it. */
static int64_t io_rw_block(struct gb_world *w, struct io_kiocb *req)
{
	if (io_wq_interrupted(w, req))
		return -GB_EINTR;
	io_wait_queue_add(w, req, true);
	return IOU_BLOCKED;
}

/* How a call of a read or write method is made. */
struct io_rw_call {
	bool nonblock; /* the issue must not sleep */
	bool waitq;    /* IOCB_WAITQ: a callback when the page is there */
};

/* need_complete_io: is less than asked no end? */
static bool need_complete_io(const struct gb_world *w, const struct io_kiocb *req)
{
	if (GB_FAULT(w, PIPE_READ_GOES_ON) && gb_file(w, req->file)->kind == GB_FK_PIPE_READ)
		return true;
	return gb_file(w, req->file)->mode & (GB_FMODE_REG | GB_FMODE_BLK);
}

/*
 * The file has the request now: it completes from an interrupt, or has done so
 * already. -GB_EAGAIN if that completion wants it issued again.
 */
static int64_t io_rw_queued(struct gb_world *w, struct io_kiocb *req, const struct kiocb *k)
{
	struct io_rw *rw = &req->cmd.rw;

	rw->result = (int32_t)k->result;
	rw->unmoved = k->unmoved;
	if (k->inside)
		io_rw_done(w, req, k->result);
	else
		gb_timer_add(w, req, IO_EVENT_RW_DONE, gb_state(w)->now_us + GB_DISK_US);
	iov_iter_reexpand(&rw->iter, iov_iter_count(&rw->iter) + (GB_FAULT(w, EOF_TAIL_CUT) ? 0 : k->shorted));
	if (!(req->flags & REQ_F_REISSUE))
		return -GB_EIOCBQUEUED;
	req->flags &= ~REQ_F_REISSUE;
	return -GB_EAGAIN;
}

/*
 * A page is missing: waits for it in the call (a worker), through a callback
 * (IOCB_WAITQ), or not at all.
 */
static int64_t io_rw_page(struct gb_world *w, struct io_kiocb *req, const struct io_rw_call *call, uint64_t due_us)
{
	if (!due_us || (call->nonblock && !call->waitq))
		return -GB_EAGAIN;
	gb_timer_add(w, req, IO_EVENT_PAGE, due_us);
	return call->nonblock ? -GB_EIOCBQUEUED : IOU_BLOCKED;
}

/* Outcome `block`: the page is missing until somebody has waited for it. */
static int64_t io_rw_missing_page(struct gb_world *w, struct io_kiocb *req, const struct io_rw_call *call)
{
	int64_t ret = io_rw_page(w, req, call, gb_state(w)->now_us + GB_DISK_US);

	if (ret != -GB_EAGAIN)
		io_rw_outcome_done(req);
	return ret;
}

/* Outcome `async`: the file takes the transfer over, the data move at once, an interrupt says so later. */
static int64_t io_rw_async(struct gb_world *w, struct io_kiocb *req, bool write)
{
	struct gb_file *f = gb_file(w, req->file);
	struct io_rw *rw = &req->cmd.rw;
	struct kiocb k = {.ki_pos = rw->pos};

	io_rw_outcome_done(req);
	if (write)
		k.result = gb_buffered_write(w, f, &k, &rw->iter);
	else
		k.result = gb_regular_read(w, f, &k.ki_pos, &rw->iter);
	return k.result < 0 ? k.result : io_rw_queued(w, req, &k);
}

static int64_t io_buffered_read(struct gb_world *w, struct io_kiocb *req, const struct io_rw_call *call)
{
	enum gb_outcome outcome = io_rw_outcome(w, req, call->nonblock, false);
	struct io_rw *rw = &req->cmd.rw;
	struct kiocb k = {.ki_pos = rw->pos, .nowait = call->nonblock, .noio = rw->rw_flags & GB_RWF_NOWAIT};
	int64_t ret;

	if (outcome == GB_OUTCOME_BLOCK)
		return io_rw_missing_page(w, req, call);
	if (outcome == GB_OUTCOME_ASYNC)
		return io_rw_async(w, req, false);
	io_rw_set_outcome(w, req, outcome, &k);
	ret = gb_buffered_read(w, gb_file(w, req->file), &k, &rw->iter);
	rw->pos = k.ki_pos;
	if (call->nonblock)
		return ret == -GB_EAGAIN ? io_rw_page(w, req, call, k.due_us) : ret;
	if (ret > 0)
		rw->blocked += (uint32_t)ret;
	if (k.due_us && (ret > 0 || ret == -GB_EAGAIN))
		return io_rw_page(w, req, call, k.due_us);
	if (rw->blocked) {
		ret = rw->blocked;
		rw->blocked = 0;
	}
	return ret;
}

static int64_t io_direct(struct gb_world *w, struct io_kiocb *req, const struct io_rw_call *call, bool write)
{
	enum gb_outcome outcome = io_rw_outcome(w, req, call->nonblock, write);
	struct gb_file *f = gb_file(w, req->file);
	struct io_rw *rw = &req->cmd.rw;
	struct kiocb k = {.ki_pos = rw->pos};
	int64_t ret;

	io_rw_set_outcome(w, req, outcome, &k);
	if (outcome == GB_OUTCOME_BLOCK)
		return -GB_EAGAIN;
	k.later = outcome == GB_OUTCOME_ASYNC;
	ret = write ? gb_direct_write(w, f, &k, &rw->iter) : gb_direct_read(w, f, &k, &rw->iter);
	if (ret == -GB_EIOCBQUEUED)
		return io_rw_queued(w, req, &k);
	iov_iter_reexpand(&rw->iter, iov_iter_count(&rw->iter) + k.shorted);
	return ret;
}

/*
 * S6.15: a file without iterator methods is read and written through user
 * addresses, which a leased buffer does not have. It does not know IOCB_NOWAIT.
 */
static int64_t loop_rw_iter(struct gb_world *w, struct io_kiocb *req, const struct io_rw_call *call, bool write)
{
	struct gb_file *f = gb_file(w, req->file);
	struct io_rw *rw = &req->cmd.rw;
	struct kiocb k = {.ki_pos = rw->pos};
	int64_t ret;

	if (rw->iter.iter_type == ITER_BVEC && rw->iter.lease && !GB_FAULT(w, NO_ITER_FILE_TAKES_KBUF))
		return -GB_EOPNOTSUPP;
	if (call->nonblock || rw->rw_flags & GB_RWF_NOWAIT)
		return -GB_EAGAIN;
	io_rw_set_outcome(w, req, io_rw_outcome(w, req, false, write), &k);
	ret = write ? gb_buffered_write(w, f, &k, &rw->iter) : gb_buffered_read(w, f, &k, &rw->iter);
	rw->pos = k.ki_pos;
	return ret;
}

/* Regular files and block devices. */
static int64_t io_disk_read(struct gb_world *w, struct io_kiocb *req, const struct io_rw_call *call)
{
	uint16_t mode = gb_file(w, req->file)->mode;

	if (!(mode & GB_FMODE_CAN_READ_ITER))
		return loop_rw_iter(w, req, call, false);
	return mode & GB_FMODE_DIRECT ? io_direct(w, req, call, false) : io_buffered_read(w, req, call);
}

static int64_t io_disk_write(struct gb_world *w, struct io_kiocb *req, const struct io_rw_call *call)
{
	struct gb_file *f = gb_file(w, req->file);
	struct kiocb k = {.ki_pos = req->cmd.rw.pos, .nowait = call->nonblock};
	enum gb_outcome outcome;
	int64_t ret;

	if (!(f->mode & GB_FMODE_CAN_READ_ITER))
		return loop_rw_iter(w, req, call, true);
	if (f->mode & GB_FMODE_DIRECT)
		return io_direct(w, req, call, true);
	outcome = io_rw_outcome(w, req, call->nonblock, true);
	if (outcome == GB_OUTCOME_ASYNC)
		return io_rw_async(w, req, true);
	io_rw_set_outcome(w, req, outcome, &k);
	if (outcome == GB_OUTCOME_BLOCK)
		return -GB_EAGAIN;
	ret = gb_buffered_write(w, f, &k, &req->cmd.rw.iter);
	req->cmd.rw.pos = k.ki_pos;
	return ret;
}

/* A pipe or socket; a blocking read is over as soon as it has something. */
static int64_t io_stream_read(struct gb_world *w, struct io_kiocb *req)
{
	struct gb_file *f = gb_file(w, req->file);
	struct io_rw *rw = &req->cmd.rw;
	bool trunc, more;

	switch ((enum gb_file_kind)f->kind) {
	case GB_FK_PIPE_READ:
		return req->resumed ? gb_pipe_read_slept(w, f, &rw->iter) : gb_pipe_read(w, f, &rw->iter);
	case GB_FK_SOCK:
		if (rw->pos)
			return -GB_ESPIPE;
		if (!iov_iter_count(&rw->iter))
			return 0;
		return gb_sock_recv(w, f, &rw->iter, false, &trunc, &more);
	case GB_FK_UBLK:
		return ublk_ch_rw_iter(w, req, rw->pos, &rw->iter);
	default:
		return -GB_EINVAL;
	}
}

static int64_t io_stream_write(struct gb_world *w, struct io_kiocb *req)
{
	struct gb_file *f = gb_file(w, req->file);
	struct io_rw *rw = &req->cmd.rw;

	switch ((enum gb_file_kind)f->kind) {
	case GB_FK_PIPE_WRITE:
		return req->resumed ? gb_pipe_write_slept(w, f, &rw->iter) : gb_pipe_write(w, f, &rw->iter);
	case GB_FK_SOCK:
		if (rw->pos)
			return -GB_ESPIPE;
		return gb_sock_send(w, f, &rw->iter);
	case GB_FK_UBLK:
		return ublk_ch_rw_iter(w, req, rw->pos, &rw->iter);
	default:
		return -GB_EINVAL;
	}
}

static int64_t io_iter_do_read(struct gb_world *w, struct io_kiocb *req, const struct io_rw_call *call)
{
	int64_t ret;

	if (gb_file(w, req->file)->kind == GB_FK_REGULAR)
		return io_disk_read(w, req, call);
	ret = io_stream_read(w, req);
	if (ret == -GB_EAGAIN && !call->nonblock)
		ret = io_rw_block(w, req);
	return ret;
}

/* A blocking write goes on until everything is written, an error or a signal. */
static int64_t io_iter_do_write(struct gb_world *w, struct io_kiocb *req, const struct io_rw_call *call)
{
	struct io_rw *rw = &req->cmd.rw;
	int64_t ret;

	if (gb_file(w, req->file)->kind == GB_FK_REGULAR)
		return io_disk_write(w, req, call);
	ret = io_stream_write(w, req);
	if (call->nonblock || !(gb_file(w, req->file)->mode & GB_FMODE_STREAM))
		return ret;
	if (ret > 0)
		rw->blocked += (uint32_t)ret;
	if (ret == -GB_EAGAIN || (ret > 0 && iov_iter_count(&rw->iter)))
		ret = io_rw_block(w, req);
	if (ret != IOU_BLOCKED && rw->blocked) {
		ret = rw->blocked;
		rw->blocked = 0;
	}
	return ret;
}

/* ---- the end of a transfer inside the issue ---- */

static int kiocb_done(struct gb_world *w, struct io_kiocb *req, int64_t ret, uint32_t bl)
{
	struct io_rw *rw = &req->cmd.rw;
	uint32_t cflags;

	if (ret < 0 && GB_FAULT(w, WRITE_ERROR_INLINE))
		return io_rw_error(w, req, ret);
	if (ret < 0) {
		io_rw_done(w, req, ret);
		return IOU_ISSUE_SKIP_COMPLETE;
	}
	if (rw->cur_pos && !GB_FAULT(w, READ_POSITION_KEPT))
		gb_file(w, req->file)->f_pos = rw->pos;
	__io_complete_rw_common(w, req, ret);
	cflags = io_put_kbuf(w, req, ret, bl);
	io_req_set_res(req, io_fixup_rw_res(req, ret), cflags);
	return IOU_OK;
}

void io_rw_fail(struct gb_world *w, struct io_kiocb *req)
{
	/* what prep has refused still holds what the request did in an earlier life */
	if (!(req->flags & REQ_F_ASYNC_DATA) || !req->cmd.rw.bytes_done || GB_FAULT(w, PARTIAL_READ_FAILS))
		return;
	gb_why(w, req, GB_R_RW_PARTIAL, NULL, req->cmd.rw.bytes_done, 0);
	io_req_set_res(req, (int32_t)req->cmd.rw.bytes_done, 0);
}

/* IO_EVENT_PAGE: the page is there, whoever waits goes on. */
void io_async_buf_func(struct gb_world *w, struct io_kiocb *req)
{
	if (req->worker)
		io_wq_wake_blocked(w, req);
	else
		io_req_task_queue(w, req);
}

/* ---- issue ---- */

/* The steps in front of a transfer, not taken again by a worker that slept in it. */
static int io_rw_start(struct gb_world *w, struct io_kiocb *req, unsigned int dir, struct io_br_sel *sel,
		       unsigned int issue_flags)
{
	struct io_rw *rw = &req->cmd.rw;
	int ret = 0;

	if (io_do_buffer_select(req))
		ret = io_rw_select(w, req, sel, issue_flags);
	else if (io_use_group_buf(req))
		ret = rw_import_group_buf(w, req, dir);
	if (!ret)
		ret = io_rw_init_file(w, req, dir == ITER_DEST ? GB_FMODE_READ : GB_FMODE_WRITE);
	if (!ret)
		io_req_set_res(req, (int32_t)iov_iter_count(&rw->iter), 0);
	return ret;
}

/* S7.8: is a read that met a missing page tried again with a callback? */
static bool io_rw_should_retry(const struct gb_world *w, const struct io_kiocb *req)
{
	uint16_t mode = gb_file(w, req->file)->mode;

	return !(req->flags & (REQ_F_NOWAIT | REQ_F_CAN_POLL)) && !(mode & GB_FMODE_DIRECT) && mode & GB_FMODE_RASYNC;
}

/*
 * S7.8: a read that is not complete, of which `ret` more bytes are there, goes
 * on behind them until all is there, it ends, or it has to wait.
 */
static int64_t io_read_retry(struct gb_world *w, struct io_kiocb *req, int64_t ret)
{
	const struct io_rw_call call = {.nonblock = true, .waitq = true};
	struct io_rw *rw = &req->cmd.rw;

	if (!GB_FAULT(w, RESTORE_MISSING))
		iov_iter_restore(&rw->iter, &rw->iter_state);
	do {
		iov_iter_advance(w, &rw->iter, (uint32_t)ret);
		if (!iov_iter_count(&rw->iter))
			break;
		rw->bytes_done += GB_FAULT(w, READ_PROGRESS_LOST) ? 0 : (uint32_t)ret;
		iov_iter_save_state(&rw->iter, &rw->iter_state);
		if (!io_rw_should_retry(w, req))
			return -GB_EAGAIN;
		req->cqe_res = (int32_t)iov_iter_count(&rw->iter);
		ret = io_iter_do_read(w, req, &call);
		if (ret == -GB_EIOCBQUEUED)
			break;
		iov_iter_restore(&rw->iter, &rw->iter_state);
	} while (ret > 0);
	return ret;
}

/* The call of the read method, and what its outcome means. */
static int64_t io_read_outcome(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags)
{
	bool nonblock = issue_flags & IO_URING_F_NONBLOCK;
	const struct io_rw_call call = {.nonblock = nonblock};
	int64_t ret = io_iter_do_read(w, req, &call);

	req->resumed = 0;
	if (ret == -GB_EOPNOTSUPP && nonblock)
		ret = -GB_EAGAIN;
	if (ret == -GB_EAGAIN) {
		if (req->flags & (REQ_F_CAN_POLL | REQ_F_NOWAIT) || !nonblock)
			return ret;
		ret = 0;
	} else if (ret == req->cqe_res || ret <= 0 || !nonblock || req->flags & REQ_F_NOWAIT ||
		   !need_complete_io(w, req) || issue_flags & IO_URING_F_MULTISHOT) {
		return ret;
	}
	return io_read_retry(w, req, ret);
}

/* One issue of a read: the bytes, IOU_ISSUE_SKIP_COMPLETE, IOU_BLOCKED or an error with its reason. */
static int64_t __io_read(struct gb_world *w, struct io_kiocb *req, struct io_br_sel *sel, unsigned int issue_flags)
{
	int64_t ret;

	if (!req->resumed) {
		ret = io_rw_start(w, req, ITER_DEST, sel, issue_flags);
		if (ret)
			return ret;
		if (issue_flags & IO_URING_F_NONBLOCK && !io_file_supports_nowait(w, req, GB_POLLIN))
			return gb_why(w, req, GB_R_RW_NO_NOWAIT, NULL, 0, 0);
		if (!rw_verify_area(io_kiocb_update_pos(w, req), (uint32_t)req->cqe_res))
			return gb_why(w, req, GB_R_RW_POSITION, NULL, 0, 0);
	}
	ret = io_read_outcome(w, req, issue_flags);
	if (ret == -GB_EIOCBQUEUED)
		return IOU_ISSUE_SKIP_COMPLETE;
	if (ret >= 0 || ret == IOU_BLOCKED)
		return ret;
	if (ret != -GB_EAGAIN && gb_variant(w, GB_VARIANT_ERROR_ZEROES) && io_use_group_kbuf(w, req))
		io_req_zero_remained(w, req, &req->cmd.rw.iter);
	return io_rw_error(w, req, ret);
}

int io_read(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags)
{
	struct io_br_sel sel = {0};
	int64_t ret = __io_read(w, req, &sel, issue_flags);

	if (ret >= 0)
		return kiocb_done(w, req, ret, sel.bl);
	/* S8.8: a ring takes its buffer back, a legacy one is kept for the retry */
	if (req->flags & REQ_F_BUFFERS_COMMIT)
		io_kbuf_recycle(w, req, sel.bl);
	return (int)ret;
}

/* What a multishot read goes on with after `ret` bytes: true if it does. */
static bool io_read_mshot_post(struct gb_world *w, struct io_kiocb *req, int64_t ret, uint32_t cflags)
{
	gb_why(w, req, GB_R_MSHOT_READ, NULL, ret, 0);
	if (!(req->flags & REQ_F_APOLL_MULTISHOT))
		return false;
	req->cmd.rw.len = 0;
	return io_post_aux_cqe(w, req, (int32_t)ret, cflags | IORING_CQE_F_MORE);
}

int io_read_mshot(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags)
{
	bool multishot = issue_flags & IO_URING_F_MULTISHOT;
	struct io_br_sel sel = {0};
	uint32_t cflags = 0;
	int64_t ret;

	if (!(req->flags & REQ_F_CAN_POLL))
		return gb_why(w, req, GB_R_MSHOT_NO_POLL, NULL, 0, 0);
	ret = __io_read(w, req, &sel, issue_flags);
	if (ret == IOU_BLOCKED)
		return IOU_BLOCKED;
	if (ret == -GB_EAGAIN) {
		if (io_kbuf_recycle(w, req, sel.bl))
			req->cmd.rw.len = 0;
		return multishot ? IOU_ISSUE_SKIP_COMPLETE : -GB_EAGAIN;
	}
	if (ret <= 0) {
		io_kbuf_recycle(w, req, sel.bl);
		if (ret < 0)
			req_set_fail(w, req);
		else
			gb_why(w, req, GB_R_MSHOT_EOF, NULL, 0, 0);
	} else {
		cflags = io_put_kbuf(w, req, ret, sel.bl);
		if (io_read_mshot_post(w, req, ret, cflags)) {
			if (!multishot)
				return -GB_EAGAIN;
			io_poll_multishot_retry(req);
			return IOU_ISSUE_SKIP_COMPLETE;
		}
	}
	io_req_set_res(req, (int32_t)ret, cflags);
	return multishot ? IOU_STOP_MULTISHOT : IOU_OK;
}

/* The restore in front of a retry from a worker (S7.12). */
static int io_write_eagain(struct io_kiocb *req)
{
	iov_iter_restore(&req->cmd.rw.iter, &req->cmd.rw.iter_state);
	return -GB_EAGAIN;
}

/* S7.12: may a write be tried where it must not wait? */
static bool io_write_nowait(const struct gb_world *w, const struct io_kiocb *req)
{
	uint16_t mode = gb_file(w, req->file)->mode;

	if (GB_FAULT(w, BUFFERED_WRITE_INLINE))
		return true;
	if (!io_file_supports_nowait(w, req, GB_POLLOUT))
		return false;
	return !(mode & GB_FMODE_REG) || mode & (GB_FMODE_DIRECT | GB_FMODE_WASYNC);
}

static int io_write_done(struct gb_world *w, struct io_kiocb *req, int64_t ret, bool nonblock)
{
	struct io_rw *rw = &req->cmd.rw;

	if (ret == -GB_EOPNOTSUPP && nonblock)
		ret = -GB_EAGAIN;
	if (ret == -GB_EAGAIN && nonblock && !(req->flags & REQ_F_NOWAIT))
		return io_write_eagain(req);
	if (ret >= 0 && ret != req->cqe_res && need_complete_io(w, req)) {
		iov_iter_save_state(&rw->iter, &rw->iter_state);
		rw->bytes_done += (uint32_t)ret;
		return gb_why(w, req, GB_R_RW_BLOCKED_WRITE_SHORT, NULL, 0, 0);
	}
	return kiocb_done(w, req, ret, 0);
}

int io_write(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags)
{
	bool nonblock = issue_flags & IO_URING_F_NONBLOCK;
	const struct io_rw_call call = {.nonblock = nonblock};
	struct io_br_sel none = {0}; /* writes select no buffer */
	int64_t ret;

	if (!req->resumed) {
		ret = io_rw_start(w, req, ITER_SOURCE, &none, issue_flags);
		if (ret)
			return (int)ret;
		if (nonblock && !io_write_nowait(w, req))
			return io_write_eagain(req);
		if (!rw_verify_area(io_kiocb_update_pos(w, req), (uint32_t)req->cqe_res))
			return gb_why(w, req, GB_R_RW_WRITE_POSITION, NULL, 0, 0);
	}
	ret = io_iter_do_write(w, req, &call);
	req->resumed = 0;
	if (ret == -GB_EIOCBQUEUED)
		return IOU_ISSUE_SKIP_COMPLETE;
	if (ret == IOU_BLOCKED)
		return IOU_BLOCKED;
	return io_write_done(w, req, ret, nonblock);
}
