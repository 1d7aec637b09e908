/* SPDX-License-Identifier: MIT */
/* What the steps of the task, of workers and of timers have in common (touch.c, touch_task.c, touch_worker.c). */
#ifndef GROUPBUF_SIM_TOUCH_PARTS_H
#define GROUPBUF_SIM_TOUCH_PARTS_H

#include "io_uring/io_uring.h"
#include "world/touch.h"

/* io_req_task_work_add */
void gb_touch_tw_add(struct gb_footprint *f);
/* io_wq_enqueue, and the worker it wakes or creates */
void gb_touch_enqueue(const struct gb_world *w, struct gb_footprint *f);
/* All memory of the application: that of a call with an iovec or a provided buffer. */
void gb_touch_memory(const struct gb_world *w, struct gb_footprint *f, bool write);
/* Requests linked behind one, their timeouts, and what their start or failure takes. */
void gb_touch_links(const struct gb_world *w, struct gb_footprint *f, const struct io_kiocb *req);
/* io_commit_cqring_flush */
void gb_touch_commit(const struct gb_world *w, struct gb_footprint *f);
/* The end of a request: what it holds goes back. */
void gb_touch_free(struct gb_world *w, struct gb_footprint *f, const struct io_kiocb *req);
/* io_submit_flush_completions */
void gb_touch_flush(struct gb_world *w, struct gb_footprint *f);
/* The memory a transfer goes to or comes from. */
void gb_touch_buffer(const struct gb_world *w, struct gb_footprint *f, const struct gb_issue *i, bool write);
/* A call that may sleep in a worker, or wait through a poll. */
void gb_touch_wait(const struct gb_world *w, struct gb_footprint *f);
/* io_issue_sqe, by a worker or inline */
void gb_touch_issue(struct gb_world *w, struct gb_footprint *f, const struct io_kiocb *req);
/* io_req_task_submit */
void gb_touch_queue_sqe(struct gb_world *w, struct gb_footprint *f, const struct io_kiocb *req);

/* What the task's next step may touch, and a worker's. */
void gb_touch_app_step(struct gb_world *w, struct gb_footprint *f);
void gb_touch_worker_step(struct gb_world *w, struct gb_footprint *f, uint16_t index);

#endif
