/* SPDX-License-Identifier: MIT */
/*
 * Footprints of steps (groupbuf/explore.h). What a step reads or may write is
 * told beforehand, from who acts and where he is (touch.c): too much rather
 * than too little, and everything where it is hard to tell. What it has written
 * is found afterwards by comparison with a copy (footprint.c), so nothing of
 * that can be forgotten.
 */
#ifndef GROUPBUF_SIM_TOUCH_H
#define GROUPBUF_SIM_TOUCH_H

#include <string.h>

#include "groupbuf/explore.h"
#include "world/state.h"

/* Things there is one of. Those with an index share the bits behind them. */
enum gb_thing {
	GB_T_APP,      /* where the submitting task is */
	GB_T_WAKE,     /* whether it sleeps, whether it has been woken */
	GB_T_SQ,       /* the SQ, the open chain and group */
	GB_T_CQ,       /* the CQ ring, overflown CQEs, their counters, its head */
	GB_T_COMPL,    /* the completion list */
	GB_T_TW,       /* task work that waits */
	GB_T_FALLBACK, /* the fallback list */
	GB_T_TIMERS,   /* armed timers and interrupts */
	GB_T_TIMEOUTS, /* the lists of timeouts and of cancelable commands */
	GB_T_POLLS,    /* the cancel table */
	GB_T_DEFER,    /* the defer list and what drains need */
	GB_T_FREE,     /* free requests */
	GB_T_KBUFS,    /* provided buffers */
	GB_T_REG,      /* registered buffers and files, restrictions, iovecs */
	GB_T_IOPOLL,   /* requests that are polled for */
	GB_T_DYING,    /* is the ring, the task, io-wq on its way out? */
	GB_T_SQ_THREAD,
	GB_T_RESCHED, /* does the task have to give way? */
	GB_T_WQ,      /* items, hashes and numbers of workers of either account */
	GB_T_IDLE,    /* free workers */
	GB_T_UBLK,
	GB_T_COUNT,
	GB_T_WORKER = 32, /* 32 bits */
	GB_T_REQ = 64,	  /* 32 bits: what a request is, not the lists it is on */
	GB_T_REFS = 96,	  /* 32 bits: who holds a request */
	GB_T_FILE = 128,  /* 32 bits: an open file with the end of the pipe or socket it stands for */
	GB_T_AREA = 160,  /* 32 bits: contents of files and of user memory */
	GB_T_LEASE = 192, /* 32 bits: an eighth of a leased buffer, or all eight of them the lease itself */
	GB_T_BUF = 224,	  /* 32 bits: the buffer word of a request */
};

static inline void gb_touch(uint64_t set[4], uint32_t bit)
{
	set[bit / 64] |= 1ULL << bit % 64;
}

static inline void gb_touch_worker(uint64_t set[4], uint32_t k)
{
	gb_touch(set, GB_T_WORKER + k % 32);
}

static inline void gb_touch_refs(uint64_t set[4], const struct io_kiocb *req)
{
	gb_touch(set, GB_T_REFS + req->origin % 32U);
}

static inline void gb_touch_sqe(uint64_t set[4], uint32_t sqe)
{
	gb_touch(set, GB_T_REQ + sqe % 32U);
	gb_touch(set, GB_T_REFS + sqe % 32U);
}

/* A request in every respect; or but for who holds it. */
static inline void gb_touch_req(uint64_t set[4], const struct io_kiocb *req)
{
	if (req)
		gb_touch_sqe(set, req->origin);
}

static inline void gb_touch_result(uint64_t set[4], const struct io_kiocb *req)
{
	gb_touch(set, GB_T_REQ + req->origin % 32U);
}

static inline void gb_touch_file(uint64_t set[4], uint32_t file)
{
	if (file)
		gb_touch(set, GB_T_FILE + file % 32);
}

static inline void gb_touch_area(uint64_t set[4], uint32_t area)
{
	gb_touch(set, GB_T_AREA + area % 32);
}

#define GB_LEASE_PARTS 8U

static inline void gb_touch_lease(uint64_t set[4], uint32_t lease)
{
	for (uint32_t part = 0; part < GB_LEASE_PARTS; part++)
		gb_touch(set, GB_T_LEASE + (lease * GB_LEASE_PARTS + part) % 32);
}

/* The buffer word of a request, by which its group finds the lease. */
static inline void gb_touch_buf(uint64_t set[4], const struct io_kiocb *req)
{
	gb_touch(set, GB_T_BUF + req->origin % 32U);
}

static inline void gb_touch_everything(struct gb_footprint *f)
{
	memset(f, 0xff, sizeof(*f));
}

/* What the next step of an actor may touch: all of it in `read`, contents it may write in `write` as well. */
void gb_touch_step(struct gb_world *w, enum gb_actor_kind kind, uint16_t index, struct gb_footprint *f);

/* An SQE that is to be issued, and the request if there is one already. */
struct gb_issue {
	const struct gb_sqe *sqe;
	const struct io_kiocb *req;
	uint16_t file;
};

/* What the handler of an opcode may touch. */
void gb_touch_handler(struct gb_world *w, struct gb_footprint *f, const struct gb_issue *i);
/*
 * What a worker may touch from where it is with a request until it has let go
 * of it, if the task takes no step meanwhile; true if what is linked behind may
 * be run by the worker as well.
 */
bool gb_touch_work(struct gb_world *w, struct gb_footprint *f, const struct io_kiocb *req, enum io_worker_phase phase);
/* What is left to do with a request whose result is known, but for what is linked behind it. */
void gb_touch_end(struct gb_world *w, struct gb_footprint *f, const struct io_kiocb *req);
/* What the timer or interrupt of a request may touch. */
void gb_touch_event(struct gb_world *w, struct gb_footprint *f, const struct io_kiocb *req);
/* Is nothing known but that everything may be touched? */
bool gb_touch_unknown(const struct gb_world *w);

/* Does the task's next step only add to the lists it touches? Of an SQE, or an item of task work. */
static inline bool gb_touch_only_adds(const struct gb_app *app)
{
	return app->phase == GB_APP_SUBMIT || (app->phase == GB_APP_TW && app->tw.batch.first);
}

/* And does it ask whether it has to give way? */
static inline bool gb_touch_asks_resched(const struct gb_app *app)
{
	return app->phase == GB_APP_TW && !app->tw.local;
}

/* Around a step, if the configuration asks for footprints. */
void gb_footprint_begin(struct gb_world *w, enum gb_actor_kind kind, uint16_t index);
void gb_footprint_end(struct gb_world *w);

#endif
