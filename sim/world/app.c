/* SPDX-License-Identifier: MIT */
/*
 * The submitting task: executes the statements of the trace, and the system
 * calls they make, one step at a time (sections 4 and 11.2 of semantics.md).
 */
#include "io_uring/io_uring.h"

#define GB_REAP_MS   60
#define GB_STUCK_MS  400
#define GB_LINGER_MS 200

static struct gb_app *gb_app(const struct gb_world *w)
{
	return &gb_state(w)->app;
}

static const struct gb_stmt *gb_app_stmt(const struct gb_world *w)
{
	const struct gb_app *app = gb_app(w);

	return app->pc < w->trace->n_stmts ? &w->trace->stmts[app->pc] : NULL;
}

static void gb_app_done(struct gb_world *w)
{
	gb_app(w)->pc++;
	gb_app(w)->phase = GB_APP_USER;
}

/* ---- descriptors ---- */

uint16_t gb_fd_file(const struct gb_world *w, int32_t fd)
{
	uint16_t file = 0;

	if (fd >= GB_FD_BASE)
		file = (uint16_t)(fd - GB_FD_BASE);
	else if (!fd)
		file = w->stdin_file;
	return file && gb_file(w, file)->mode & GB_FMODE_OPEN ? file : 0;
}

int32_t gb_sqe_fd(const struct gb_world *w, const struct gb_sqe *sqe)
{
	if (sqe->fd.is_ring)
		return GB_FD_BASE + w->ring_file;
	if (sqe->fd.is_object)
		return GB_FD_BASE + w->file_of[2 * sqe->fd.object + sqe->fd.end];
	/* a bare number is not open by definition, 0 included */
	return sqe->fd.number > 0 && sqe->fd.number < GB_FD_BASE ? sqe->fd.number : -1;
}

int32_t gb_sqe_fd_raw(const struct gb_world *w, const struct gb_sqe *sqe)
{
	return sqe->fd.is_object || sqe->fd.is_ring ? gb_sqe_fd(w, sqe) : sqe->fd.number;
}

/* ---- sleeping and waking ---- */

bool gb_app_takes(const struct gb_world *w)
{
	const struct gb_stmt *stmt = gb_app_stmt(w);

	return stmt ? stmt->kind == GB_STMT_WAIT || stmt->kind == GB_STMT_REAP
		    : gb_state(w)->app.ending == GB_APP_LAST_REAP;
}

static bool gb_app_asleep(const struct gb_app *app)
{
	return app->phase >= GB_APP_SLEEP && app->phase <= GB_APP_EXEC_SLEEP;
}

void gb_app_sleep(struct gb_world *w, enum gb_app_phase phase, uint32_t ms)
{
	struct gb_app *app = gb_app(w);

	app->woken = false;
	app->timed_out = false;
	app->deadline_us = gb_state(w)->now_us + (uint64_t)ms * 1000;
	app->phase = (uint8_t)phase;
}

void gb_app_wake(struct gb_world *w)
{
	struct gb_app *app = gb_app(w);

	if (app->woken || !gb_app_asleep(app))
		return;
	app->woken = true;
	app->since = ++gb_state(w)->wake_seq;
}

static bool gb_sq_full(const struct gb_world *w)
{
	const struct io_ring_ctx *ctx = gb_ctx(w);

	return gb_app(w)->sq_tail - ctx->cached_sq_head >= ctx->sq_entries;
}

bool gb_app_runnable(const struct gb_world *w)
{
	const struct gb_app *app = gb_app(w);

	if (app->phase < GB_APP_SLEEP)
		return true;
	switch ((enum gb_app_phase)app->phase) {
	case GB_APP_IOPOLL_SPIN:
		return gb_app_iopoll_runnable(w);
	case GB_APP_SQ_WAIT:
		return !gb_sq_full(w) && gb_state(w)->sqd.phase != IO_SQ_SUBMIT;
	case GB_APP_EXIT_WQ:
	case GB_APP_EXIT_TW:
		return gb_task_exit_runnable(w);
	case GB_APP_END:
		return true;
	case GB_APP_DONE:
		return false;
	default:
		return app->woken;
	}
}

uint64_t gb_app_deadline(const struct gb_world *w)
{
	const struct gb_app *app = gb_app(w);

	return gb_app_asleep(app) ? app->deadline_us : UINT64_MAX;
}

void gb_app_timeout(struct gb_world *w)
{
	gb_app(w)->timed_out = true;
	gb_app_wake(w);
}

/* ---- task work ---- */

static void gb_tw_take(struct gb_world *w)
{
	struct io_ring_ctx *ctx = gb_ctx(w);
	struct gb_tw_run *tw = &gb_app(w)->tw;

	if (tw->local) {
		tw->batch = ctx->work_llist;
		ctx->work_llist = (struct io_list){0, 0};
	} else {
		tw->batch = ctx->task_list;
		ctx->task_list = (struct io_list){0, 0};
	}
	ctx->sq_flags &= ~IORING_SQ_TASKRUN;
}

void gb_tw_begin(struct gb_world *w, bool local, uint32_t min_events, enum gb_app_phase back_to)
{
	struct gb_app *app = gb_app(w);

	app->tw = (struct gb_tw_run){.back_to = (uint8_t)back_to, .local = local, .min_events = min_events};
	app->phase = GB_APP_TW;
	gb_tw_take(w);
}

static bool gb_tw_again(const struct gb_world *w)
{
	const struct gb_tw_run *tw = &gb_app(w)->tw;

	if (!tw->local)
		return io_task_work_pending(w);
	return gb_ctx(w)->work_llist.first && tw->run < tw->min_events + GB_FAULT(w, LOCAL_RUN_ONE_MORE);
}

/* Lets those run whom the task has woken: between two items of task work, and on the way to user space. */
static void gb_app_yield(struct gb_world *w)
{
	gb_state(w)->need_resched = false;
	gb_app(w)->since = 0;
	gb_state(w)->running = GB_ACTOR_TIMER;
}

/* One item, or what comes at the end of a list. */
static void gb_app_tw(struct gb_world *w)
{
	struct gb_app *app = gb_app(w);
	struct io_kiocb *req = tw_list_pop(w, &app->tw.batch);

	gb_state(w)->actor = GB_ACTOR_TW;
	if (req) {
		app->tw.run++;
		io_run_tw_func(w, req);
		if (!app->tw.local && gb_state(w)->need_resched) {
			io_submit_flush_completions(w);
			gb_app_yield(w);
		}
		return;
	}
	if (app->tw.local && gb_tw_again(w)) {
		gb_tw_take(w);
		return;
	}
	io_submit_flush_completions(w);
	if (gb_tw_again(w))
		gb_tw_take(w);
	else
		app->phase = app->tw.back_to;
}

/* ---- io_uring_enter ---- */

static void gb_enter(struct gb_world *w, uint32_t to_submit, uint32_t min_complete, bool getevents, uint32_t ms)
{
	struct gb_app *app = gb_app(w);

	app->in_enter = true;
	app->to_submit = to_submit;
	app->left = to_submit;
	app->submitted = 0;
	app->min_complete = min_complete;
	app->getevents = getevents;
	app->timed_out = false;
	app->timeout_us = (uint64_t)ms * 1000;
	app->phase = to_submit ? GB_APP_SUBMIT : GB_APP_SUBMITTED;
	if (to_submit)
		gb_ctx(w)->submit_state.link = gb_ctx(w)->submit_state.group = (struct io_submit_chain){0, 0};
	gb_emit(w, GB_EV_ENTER, GB_NO_REQ, GB_NO_REQ, to_submit, min_complete, getevents, 0);
}

/* S2.2, S2.3: one SQE. */
static void gb_app_submit(struct gb_world *w)
{
	struct io_ring_ctx *ctx = gb_ctx(w);
	struct gb_app *app = gb_app(w);
	struct io_kiocb *req = io_alloc_req(w);
	const struct gb_sqe *sqe = &w->trace->sqes[ctx->cached_sq_head++];
	int ret = io_submit_sqe(w, req, sqe);

	app->left--;
	app->submitted++;
	if (!app->left || (ret && (!(ctx->flags & IORING_SETUP_SUBMIT_ALL) || GB_FAULT(w, SUBMIT_ALL_IGNORED))))
		app->phase = GB_APP_SUBMIT_END;
}

void gb_app_submit_batch(struct gb_world *w)
{
	struct gb_state *s = gb_state(w);

	gb_app_submit(w);
	while (s->app.phase == GB_APP_SUBMIT && s->run_state == GB_RUNNING && s->step < w->max_steps &&
	       !s->timers.first) {
		s->step++;
		gb_app_submit(w);
	}
}

/* S11.6, and the first of the three local runs of S4.6. */
static void gb_app_submitted(struct gb_world *w)
{
	struct gb_app *app = gb_app(w);
	struct io_ring_ctx *ctx = gb_ctx(w);

	if (!app->getevents || (app->submitted < app->to_submit && !GB_FAULT(w, PARTIAL_SUBMIT_WAITS)))
		app->phase = GB_APP_RETURN;
	else if (io_syscall_iopoll(ctx))
		app->phase = GB_APP_IOPOLL;
	else if (app->to_submit && ctx->work_llist.first)
		gb_tw_begin(w, true, app->min_complete, GB_APP_WAIT);
	else
		app->phase = GB_APP_WAIT;
}

static void gb_app_wait(struct gb_world *w)
{
	struct gb_app *app = gb_app(w);

	if (gb_ctx(w)->work_llist.first)
		gb_tw_begin(w, true, app->min_complete, GB_APP_WAIT_CHECK);
	else if (io_task_work_pending(w))
		gb_tw_begin(w, false, 0, GB_APP_WAIT_CHECK);
	else
		app->phase = GB_APP_WAIT_CHECK;
}

/* S11.7: what lies in the ring may be enough already. */
static void gb_app_wait_check(struct gb_world *w)
{
	struct gb_app *app = gb_app(w);
	struct io_ring_ctx *ctx = gb_ctx(w);
	uint32_t min = app->min_complete < ctx->cq_entries ? app->min_complete : ctx->cq_entries;

	if (ctx->overflow_count && !GB_FAULT(w, OVERFLOW_NOT_FLUSHED))
		io_cqring_do_overflow_flush(w);
	if (ctx->cq_tail - app->cq_head >= min) {
		app->phase = GB_APP_RETURN;
		return;
	}
	app->cq_target = app->cq_head + min - GB_FAULT(w, WAIT_ONE_CQE_LESS);
	app->cq_timeouts_seen = ctx->cq_timeouts;
	app->deadline_us = gb_state(w)->now_us + app->timeout_us;
	app->phase = GB_APP_WAIT_SCHEDULE;
}

static bool io_should_wake(const struct gb_world *w)
{
	const struct gb_app *app = gb_app(w);
	const struct io_ring_ctx *ctx = gb_ctx(w);

	return (int32_t)(ctx->cq_tail - app->cq_target) >= 0 || ctx->cq_timeouts != app->cq_timeouts_seen;
}

static void gb_app_wait_schedule(struct gb_world *w)
{
	struct gb_app *app = gb_app(w);
	const struct io_ring_ctx *ctx = gb_ctx(w);

	if (ctx->overflow_count || ctx->work_llist.first || io_task_work_pending(w) || io_should_wake(w)) {
		app->phase = GB_APP_WAIT_WOKEN;
		return;
	}
	app->woken = false;
	app->phase = GB_APP_SLEEP;
}

/* Task work comes before the look at the ring (S11.7). */
static void gb_app_wait_woken(struct gb_world *w)
{
	struct gb_app *app = gb_app(w);

	app->woken = false;
	if (gb_ctx(w)->work_llist.first)
		gb_tw_begin(w, true, app->cq_target - gb_ctx(w)->cq_tail, GB_APP_WAIT_AFTER);
	else if (io_task_work_pending(w))
		gb_tw_begin(w, false, 0, GB_APP_WAIT_AFTER);
	else
		app->phase = GB_APP_WAIT_AFTER;
}

static void gb_app_wait_after(struct gb_world *w)
{
	struct gb_app *app = gb_app(w);
	struct io_ring_ctx *ctx = gb_ctx(w);

	if (app->timed_out) {
		app->phase = GB_APP_RETURN;
		return;
	}
	if (ctx->overflow_count && !GB_FAULT(w, OVERFLOW_NOT_FLUSHED))
		io_cqring_do_overflow_flush(w);
	/* what still does not fit takes the application to make room */
	app->phase = ctx->overflow_count || io_should_wake(w) ? GB_APP_RETURN : GB_APP_WAIT_SCHEDULE;
}

static void gb_app_return(struct gb_world *w)
{
	struct gb_app *app = gb_app(w);
	const struct gb_stmt *stmt = gb_app_stmt(w);

	if (gb_state(w)->need_resched) {
		gb_app_yield(w);
		return;
	}
	if (io_task_work_pending(w)) {
		gb_tw_begin(w, false, 0, GB_APP_RETURN);
		return;
	}
	if (app->in_enter)
		gb_emit(w, GB_EV_LEAVE, GB_NO_REQ, GB_NO_REQ, app->submitted, 0, 0, 0);
	app->in_enter = false;
	if (app->ending >= GB_APP_CLOSED) {
		app->phase = GB_APP_LINGER;
		return;
	}
	if (stmt && stmt->kind == GB_STMT_SUBMIT)
		gb_emit(w, GB_EV_SUBMITTED, GB_NO_REQ, GB_NO_REQ, app->submitted, app->given, 0, 0);
	if (stmt && stmt->kind != GB_STMT_REAP && stmt->kind != GB_STMT_WAIT)
		gb_app_done(w);
	else
		app->phase = GB_APP_TAKE;
}

/* ---- statements ---- */

/* Nothing lies in the ring: waits for more, in the kernel; or beside it, if that is not the submitting task. */
static void gb_app_wait_more(struct gb_world *w, uint32_t ms, bool any)
{
	struct gb_app *app = gb_app(w);

	if (app->gone)
		gb_app_sleep(w, GB_APP_PEEK, ms);
	else if (app->entered && !any && io_syscall_iopoll(gb_ctx(w)))
		gb_app_sleep(w, GB_APP_NAP, 1);
	else
		gb_enter(w, 0, 1, true, ms);
	if (any || !app->entered)
		app->reap_until_us = gb_state(w)->now_us + (uint64_t)ms * 1000;
	app->entered = true;
}

/* Is its time not over? An IOPOLL ring does not keep it: the application does. */
static bool gb_app_waits_on(const struct gb_world *w, bool wait)
{
	const struct gb_app *app = gb_app(w);

	if (!app->entered)
		return true;
	if (io_syscall_iopoll(gb_ctx(w)) && !app->gone)
		return gb_state(w)->now_us < app->reap_until_us;
	return wait && !app->timed_out;
}

/* Takes what lies in the ring; enters for more until that finds nothing. */
static void gb_app_take(struct gb_world *w)
{
	struct gb_app *app = gb_app(w);
	const struct io_ring_ctx *ctx = gb_ctx(w);
	const struct gb_stmt *stmt = gb_app_stmt(w);
	bool wait = stmt && stmt->kind == GB_STMT_WAIT;
	bool any = app->cq_head != ctx->cq_tail;

	while (app->cq_head != ctx->cq_tail && !(wait && app->taken == stmt->n)) {
		if (gb_heard(w, GB_EV_REAP))
			gb_emit_cqe(w, GB_EV_REAP, gb_cqe(w, app->cq_head & ctx->cq_mask), app->cq_head + 1LL);
		app->cq_head++;
		app->taken++;
	}
	if (wait && app->taken == stmt->n) {
		gb_app_done(w);
	} else if (app->gone && !any && app->entered && !app->timed_out) {
		app->phase = GB_APP_PEEK; /* woken for nothing */
	} else if (!(ctx->flags & IORING_SETUP_R_DISABLED) && (any || gb_app_waits_on(w, wait))) {
		gb_app_wait_more(w, wait ? GB_STUCK_MS : stmt ? stmt->n : GB_REAP_MS, any);
	} else {
		if (wait)
			gb_emit(w, GB_EV_STUCK, GB_NO_REQ, GB_NO_REQ, 0, 0, 0, 0);
		gb_app_done(w);
	}
}

static void gb_app_begin_take(struct gb_world *w)
{
	struct gb_app *app = gb_app(w);

	app->taken = 0;
	app->entered = false;
	app->timed_out = false;
	app->phase = GB_APP_TAKE;
}

/* SQPOLL: the thread takes what user space publishes; the system call is needed only to wake it. */
static bool gb_app_publish(struct gb_world *w)
{
	bool enter = gb_ctx(w)->sq_flags & IORING_SQ_NEED_WAKEUP;
	if (enter && !(gb_ctx(w)->flags & IORING_SETUP_R_DISABLED))
		io_sq_thread_wake(w);
	else
		io_sq_thread_see(w);
	return enter;
}

/* io_uring_submit: GETEVENTS only if the ring's flags ask for it. */
static void gb_app_stmt_submit(struct gb_world *w)
{
	struct gb_app *app = gb_app(w);
	const struct io_ring_ctx *ctx = gb_ctx(w);
	uint32_t n = app->sq_tail - ctx->cached_sq_head;
	bool getevents =
		ctx->sq_flags & (IORING_SQ_CQ_OVERFLOW | IORING_SQ_TASKRUN) || ctx->flags & IORING_SETUP_IOPOLL;
	bool enter = false;

	app->given = app->sq_tail - app->sq_seen;
	app->sq_seen = app->sq_tail;
	if (ctx->flags & IORING_SETUP_SQPOLL) {
		enter = gb_app_publish(w);
		n = 0;
	}
	enter |= getevents || n;
	if (enter && ctx->flags & IORING_SETUP_R_DISABLED)
		gb_emit(w, GB_EV_SUBMITTED, GB_NO_REQ, GB_NO_REQ, -GB_EBADFD, app->given, 0, 0);
	if (!enter || (ctx->flags & IORING_SETUP_R_DISABLED && !GB_FAULT(w, DISABLED_RING_SUBMITS))) {
		gb_app_done(w);
		return;
	}
	gb_enter(w, n, 0, getevents, 0);
	if (ctx->flags & IORING_SETUP_SQPOLL)
		app->submitted = app->given;
}

/* What the outside does; it is a system call of the same task, so task work runs on the way back. */
static void gb_app_outside(struct gb_world *w, const struct gb_stmt *stmt)
{
	uint16_t file = w->file_of[2 * stmt->end.object + stmt->end.end];
	struct gb_file *f = gb_file(w, file);
	int64_t end = stmt->end.object << 8 | stmt->end.end;
	uint64_t hash = 0;
	int64_t ret;

	gb_state(w)->actor = GB_ACTOR_OUTSIDE;
	switch (stmt->kind) {
	case GB_STMT_WRITE:
		ret = gb_outside_write(w, f, stmt->n);
		gb_emit(w, GB_EV_WROTE, GB_NO_REQ, GB_NO_REQ, end, ret, stmt->n, 0);
		break;
	case GB_STMT_READ:
		ret = gb_outside_read(w, f, stmt->n, &hash);
		gb_emit(w, GB_EV_GOT, GB_NO_REQ, GB_NO_REQ, end, ret, (int64_t)hash, 0);
		break;
	case GB_STMT_SHUTDOWN:
		gb_file_shutdown(w, f);
		break;
	case GB_STMT_CONNECT:
		ret = f->mode & GB_FMODE_OPEN ? gb_sock_connect(w, f, gb_file(w, w->file_of[2 * stmt->n])) : -GB_EBADF;
		gb_emit(w, GB_EV_CONNECTED, GB_NO_REQ, GB_NO_REQ, end, ret, 0, 0);
		break;
	default:
		gb_file_close(w, f);
		break;
	}
	gb_app(w)->phase = GB_APP_RETURN;
}

static void gb_app_blkreq(struct gb_world *w, const struct gb_stmt *stmt)
{
	gb_state(w)->actor = GB_ACTOR_OUTSIDE;
	gb_ublk_new_rq(w, (uint16_t)(stmt->sqe + 1));
	gb_app(w)->phase = GB_APP_RETURN;
}

/* S9.11: the close; what is left is up to the exit worker. */
static void gb_app_exit(struct gb_world *w)
{
	struct gb_app *app = gb_app(w);

	app->ending = GB_APP_CLOSED;
	app->deadline_us = gb_state(w)->now_us + GB_LINGER_MS * 1000;
	app->timed_out = false;
	/* requests on the ring itself keep it open */
	gb_file_close(w, gb_file(w, w->ring_file));
	app->phase = GB_APP_RETURN;
}

/* Consecutive `sqe` statements are one step: nobody can see the difference. */
static void gb_app_queue_sqes(struct gb_world *w)
{
	struct gb_app *app = gb_app(w);
	const struct gb_stmt *stmt;

	while ((stmt = gb_app_stmt(w)) && stmt->kind == GB_STMT_SQE) {
		if (gb_ctx(w)->flags & IORING_SETUP_SQPOLL && gb_sq_full(w)) {
			app->phase = GB_APP_SQ_WAIT;
			return;
		}
		app->sq_tail++;
		app->pc++;
	}
}

static void gb_app_register(struct gb_world *w, const struct gb_stmt *stmt)
{
	int ret = io_uring_register(w, stmt, w->place_of[gb_app(w)->pc]);

	gb_emit(w, GB_EV_REGISTERED, GB_NO_REQ, GB_NO_REQ, ret, gb_register_op(stmt), 0, 0);
	gb_app(w)->phase = GB_APP_RETURN;
}

static void gb_app_user(struct gb_world *w)
{
	struct gb_app *app = gb_app(w);
	const struct gb_stmt *stmt = gb_app_stmt(w);
	bool interrupts = !(gb_ctx(w)->flags & IORING_SETUP_COOP_TASKRUN);

	if (interrupts && io_task_work_pending(w)) {
		gb_tw_begin(w, false, 0, GB_APP_USER);
		return;
	}
	if (!stmt) {
		if (app->ending == GB_APP_RUNS) {
			app->ending = GB_APP_LAST_REAP;
			gb_app_begin_take(w);
		} else {
			gb_app_exit(w);
		}
		return;
	}
	switch (stmt->kind) {
	case GB_STMT_SQE:
		gb_app_queue_sqes(w);
		break;
	case GB_STMT_SUBMIT:
		gb_app_stmt_submit(w);
		break;
	case GB_STMT_WAIT:
	case GB_STMT_REAP:
		gb_app_begin_take(w);
		break;
	case GB_STMT_WRITE:
	case GB_STMT_READ:
	case GB_STMT_CONNECT:
	case GB_STMT_SHUTDOWN:
	case GB_STMT_CLOSE:
		gb_app_outside(w, stmt);
		break;
	case GB_STMT_BLKREQ:
		gb_app_blkreq(w, stmt);
		break;
	case GB_STMT_PROVIDE:
		gb_buf_ring_add(w, stmt);
		gb_app_done(w);
		break;
	case GB_STMT_EXIT:
		gb_app_exit(w);
		break;
	case GB_STMT_DIE:
		gb_task_die(w);
		break;
	case GB_STMT_EXEC:
		gb_task_exec(w);
		break;
	case GB_STMT_REGISTER:
	case GB_STMT_BUFFERS:
		gb_app_register(w, stmt);
		break;
	}
}

/* The close, or what the outside did after it, is over: on to the next statement. */
static void gb_app_after_close(struct gb_world *w)
{
	struct gb_app *app = gb_app(w);

	if (gb_app_stmt(w))
		app->pc++;
	app->phase = gb_app_stmt(w) ? GB_APP_USER : GB_APP_END;
}

/* Does something of the closed ring still have to run? A chain of groups takes a round of the exit worker for each. */
static bool gb_ring_goes_on(const struct gb_world *w)
{
	const struct io_ring_ctx *ctx = gb_ctx(w);

	/* a ring that a request of its own keeps open is not torn down, and nobody comes to its work */
	return ctx->dying && ctx->refs &&
	       (ctx->work_llist.first || ctx->task_list.first || ctx->fallback_llist.first ||
		gb_state(w)->timers.first);
}

/* After the close: runs task work until everything is gone or the time is over. */
static void gb_app_linger(struct gb_world *w)
{
	struct gb_app *app = gb_app(w);

	app->woken = false;
	if (io_task_work_pending(w)) {
		gb_tw_begin(w, false, 0, GB_APP_RETURN);
	} else if (app->timed_out && gb_ring_goes_on(w)) {
		app->timed_out = false;
		app->deadline_us = gb_state(w)->now_us + GB_LINGER_MS * 1000;
	} else if (app->timed_out && gb_ctx(w)->inflight_tracked && !app->gone && app->ending == GB_APP_CLOSED) {
		gb_task_die(w);
	} else if (app->timed_out || !gb_ctx(w)->refs) {
		gb_app_after_close(w);
	}
}

/* The phases of the rarer kinds of rings, and of a task that exits. */
static void gb_app_rare_step(struct gb_world *w)
{
	struct gb_app *app = gb_app(w);

	switch ((enum gb_app_phase)app->phase) {
	case GB_APP_IOPOLL:
	case GB_APP_IOPOLL_LOOP:
	case GB_APP_IOPOLL_WORKED:
	case GB_APP_IOPOLL_POLL:
	case GB_APP_IOPOLL_SPIN:
		gb_app_iopoll_step(w);
		break;
	case GB_APP_NAP:
		app->woken = false;
		gb_enter(w, 0, 1, true, 0);
		break;
	case GB_APP_SQ_WAIT:
		app->phase = GB_APP_USER;
		break;
	case GB_APP_PEEK:
		app->woken = false;
		app->phase = GB_APP_TAKE;
		break;
	case GB_APP_EXEC:
	case GB_APP_EXEC_SLEEP:
	case GB_APP_EXIT_CANCEL:
	case GB_APP_EXIT_SLEEP:
	case GB_APP_EXIT_WQ:
	case GB_APP_EXIT_TW:
		gb_task_exit_step(w);
		break;
	default:
		break;
	}
}

void gb_app_step(struct gb_world *w)
{
	struct gb_app *app = gb_app(w);

	switch ((enum gb_app_phase)app->phase) {
	case GB_APP_USER:
		gb_app_user(w);
		break;
	case GB_APP_SUBMIT:
		gb_app_submit(w);
		break;
	case GB_APP_SUBMIT_END:
		io_submit_state_end(w);
		app->phase = GB_APP_SUBMITTED;
		break;
	case GB_APP_SUBMITTED:
		gb_app_submitted(w);
		break;
	case GB_APP_WAIT:
		gb_app_wait(w);
		break;
	case GB_APP_WAIT_CHECK:
		gb_app_wait_check(w);
		break;
	case GB_APP_WAIT_SCHEDULE:
		gb_app_wait_schedule(w);
		break;
	case GB_APP_SLEEP:
	case GB_APP_WAIT_WOKEN:
		gb_app_wait_woken(w);
		break;
	case GB_APP_WAIT_AFTER:
		gb_app_wait_after(w);
		break;
	case GB_APP_TW:
		gb_app_tw(w);
		break;
	case GB_APP_RETURN:
		gb_app_return(w);
		break;
	case GB_APP_TAKE:
		gb_app_take(w);
		break;
	case GB_APP_LINGER:
		gb_app_linger(w);
		break;
	case GB_APP_END:
		gb_report_end(w);
		app->phase = GB_APP_DONE;
		break;
	default:
		gb_app_rare_step(w);
		break;
	}
}
