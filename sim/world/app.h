/* SPDX-License-Identifier: MIT */
/*
 * The submitting task: what it does in user space (the trace) and where it is
 * inside the kernel. It never waits on a C stack; its position is this state.
 */
#ifndef GROUPBUF_SIM_APP_H
#define GROUPBUF_SIM_APP_H

#include <stdbool.h>
#include <stdint.h>

#include "io_uring/io_uring_types.h"

enum gb_app_phase {
	GB_APP_USER,	      /* about to execute the statement at pc */
	GB_APP_SUBMIT,	      /* io_submit_sqes: about to take an SQE */
	GB_APP_SUBMIT_END,    /* io_submit_sqes: leftovers and the flush */
	GB_APP_SUBMITTED,     /* io_submit_sqes has returned */
	GB_APP_WAIT,	      /* io_cqring_wait: at its start */
	GB_APP_WAIT_CHECK,    /* io_cqring_wait: first look at the CQ ring */
	GB_APP_WAIT_SCHEDULE, /* io_cqring_wait: about to sleep */
	GB_APP_WAIT_WOKEN,    /* io_cqring_wait: no longer asleep */
	GB_APP_WAIT_AFTER,    /* io_cqring_wait: task work has been run */
	GB_APP_TW,	      /* running task work */
	GB_APP_RETURN,	      /* on the way back to user space */
	GB_APP_TAKE,	      /* in user space, taking CQEs of a reap or wait */
	GB_APP_IOPOLL,	      /* io_iopoll_check: at its start */
	GB_APP_IOPOLL_LOOP,   /* io_iopoll_check: about to look for work in front of a poll */
	GB_APP_IOPOLL_WORKED, /* io_iopoll_check: task work has been run */
	GB_APP_IOPOLL_POLL,   /* io_iopoll_check: about to ask the device */
	GB_APP_EXEC,	      /* exec: cancels until nothing is in flight */
	GB_APP_EXIT_CANCEL,   /* task exit: cancels until nothing holds the ring's file */
	/* it waits: these may have no next step */
	GB_APP_SLEEP,	    /* io_cqring_wait: asleep */
	GB_APP_LINGER,	    /* after the end: waits for leases to come back */
	GB_APP_PEEK,	    /* the other holder of the ring: asleep until a CQE comes */
	GB_APP_NAP,	    /* in user space of an IOPOLL ring: asks again soon */
	GB_APP_EXIT_SLEEP,  /* task exit: asleep until something of that completes */
	GB_APP_EXEC_SLEEP,  /* exec: asleep until something in flight completes */
	GB_APP_IOPOLL_SPIN, /* io_iopoll_check: the device is not done */
	GB_APP_SQ_WAIT,	    /* SQPOLL: the queue is full, waits for the thread (SQ_WAIT) */
	GB_APP_EXIT_WQ,	    /* task exit: waits for its io-wq workers to be gone */
	GB_APP_EXIT_TW,	    /* task exit: waits for the fallback worker to run its task work */
	/* the end */
	GB_APP_END, /* about to report the end state */
	GB_APP_DONE,
};

/* How far the end of the trace has come: a last reap, then the close. */
enum gb_app_ending {
	GB_APP_RUNS,
	GB_APP_LAST_REAP,
	GB_APP_CLOSED,
	GB_APP_EXITED, /* requests kept the ring open, so the process has exited */
};

/* Task work being run (S4.3, S4.5). */
struct gb_tw_run {
	struct io_list batch; /* the items taken, in FIFO order */
	uint8_t back_to;      /* phase to continue with */
	uint8_t local;	      /* the ring's list (DTR), else the task's */
	uint32_t min_events;  /* local: run at least so many */
	uint32_t run;	      /* local: items run so far */
};

struct gb_app {
	uint32_t pc;	  /* statement */
	uint8_t phase;	  /* enum gb_app_phase */
	bool entered;	  /* this reap has looked into the kernel */
	bool in_enter;	  /* inside io_uring_enter */
	uint8_t ending;	  /* enum gb_app_ending */
	bool woken;	  /* a wake-up came while asleep */
	bool gone;	  /* the task has exited; who acts from now on is another holder of the ring */
	uint32_t sq_tail; /* SQEs queued by user space so far; the SQ ring is this counter */
	uint32_t sq_seen; /* of these, queued when it last submitted */
	uint32_t given;	  /* queued since the submit before */
	uint32_t cq_head; /* CQEs taken so far */
	uint32_t taken;	  /* of this wait statement */
	/* this io_uring_enter */
	uint32_t to_submit, submitted, left;
	uint32_t min_complete;
	bool getevents;
	uint32_t cq_target; /* io_cqring_wait: cq.tail that ends it */
	uint32_t cq_timeouts_seen;
	bool timed_out;
	uint32_t since;	      /* when it became runnable */
	uint64_t deadline_us; /* of the sleep */
	uint64_t timeout_us;  /* of the enter */
	uint32_t iopoll_tail; /* io_iopoll_check: CQ tail before the task work */
	uint32_t iopoll_events;
	uint64_t reap_until_us; /* IOPOLL: the end of this reap if nothing comes */
	struct gb_tw_run tw;
};

struct gb_world;

/* Where it goes on after the task work it runs. */
static inline enum gb_app_phase gb_app_position(const struct gb_app *app)
{
	return app->phase == GB_APP_TW ? (enum gb_app_phase)app->tw.back_to : (enum gb_app_phase)app->phase;
}

/* Does it wait for CQEs there, with a target and an end? */
static inline bool gb_app_waits(enum gb_app_phase at)
{
	return at == GB_APP_WAIT_SCHEDULE || at == GB_APP_SLEEP || at == GB_APP_WAIT_WOKEN || at == GB_APP_WAIT_AFTER;
}

/* Is it taking CQEs, for a statement or at the end of the trace? */
bool gb_app_takes(const struct gb_world *w);
/* Can the submitting task take a step now? */
bool gb_app_runnable(const struct gb_world *w);
/* Its next step. */
void gb_app_step(struct gb_world *w);
/* The steps of a batch that nobody can come between: the default order, and no timer runs. */
void gb_app_submit_batch(struct gb_world *w);
/* The moment until which it sleeps, UINT64_MAX if it does not; and that this moment has come. */
uint64_t gb_app_deadline(const struct gb_world *w);
void gb_app_timeout(struct gb_world *w);
/* Runs task work, that of the ring (local) or that of the task, and goes on in phase `back_to` (S4.3, S4.5). */
void gb_tw_begin(struct gb_world *w, bool local, uint32_t min_events, enum gb_app_phase back_to);
/* Asleep for at most that long, in one of the phases that are sleep. */
void gb_app_sleep(struct gb_world *w, enum gb_app_phase phase, uint32_t ms);
/* app_iopoll.c: one step of a wait that polls; can it be taken? */
void gb_app_iopoll_step(struct gb_world *w);
bool gb_app_iopoll_runnable(const struct gb_world *w);
/*
 * task_exit.c: the statements `die` (S9.8) and `exec` (S9.9), and the steps that
 * follow. A process that has closed its ring dies too if requests still hold
 * the ring; it goes on in LINGER once they do not.
 */
void gb_task_die(struct gb_world *w);
void gb_task_exec(struct gb_world *w);
void gb_task_exit_step(struct gb_world *w);
/* Can a task that exits take its next step? */
bool gb_task_exit_runnable(const struct gb_world *w);
/* Reports the end state and what was lost (final.c). */
void gb_report_end(struct gb_world *w);

#endif
