/* SPDX-License-Identifier: MIT */
/* How the simulation speaks: events, hazards and choices. */
#ifndef GROUPBUF_SIM_EMIT_H
#define GROUPBUF_SIM_EMIT_H

#include "world/state.h"

/* Index of the SQE of a request as events carry it. */
static inline uint32_t gb_label(const struct io_kiocb *req)
{
	return req ? req->sqe : GB_NO_REQ;
}

/* Fills in step, time and actor and hands the event out; call through gb_emit. */
void gb_emit_event(struct gb_world *w, enum gb_event_type type, uint32_t req, uint32_t other, int64_t a, int64_t b,
		   int64_t c, uint64_t d);

/* As gb_emit_event, with the reason stored in `why`. */
void gb_emit_reason(struct gb_world *w, enum gb_event_type type, const struct io_kiocb *why, uint32_t other, int64_t a,
		    int64_t b, int64_t c, uint64_t d);

_Static_assert(GB_EV_COUNT <= 64, "a set of types does not fit into a word");

static inline bool gb_heard(const struct gb_world *w, enum gb_event_type type)
{
	return w->events >> type & 1U;
}

/* Emits an event if anybody listens; the arguments are not evaluated otherwise. */
#define gb_emit(w, type, ...)                                    \
	do {                                                     \
		if (gb_heard((w), (type)))                       \
			gb_emit_event((w), (type), __VA_ARGS__); \
	} while (0)

/* As gb_emit_event, for a CQE as it lies in the ring. */
void gb_emit_cqe(struct gb_world *w, enum gb_event_type type, const struct io_cqe *cqe, int64_t pos);

/* Does the real kernel die of it? */
bool gb_hazard_stops(enum gb_hazard_kind kind);

#define gb_emit_why(w, type, ...)                                 \
	do {                                                      \
		if (gb_heard((w), (type)))                        \
			gb_emit_reason((w), (type), __VA_ARGS__); \
	} while (0)

/* As gb_emit_event for a call of `req` that returned `a`; with the reason if that is an error. */
#define gb_emit_ret(w, type, req, a, b, c, d)                                                   \
	do {                                                                                    \
		if (gb_heard((w), (type)) && (a))                                               \
			gb_emit_reason((w), (type), (req), GB_NO_REQ, (a), (b), (c), (d));      \
		else if (gb_heard((w), (type)))                                                 \
			gb_emit_event((w), (type), gb_label(req), GB_NO_REQ, 0, (b), (c), (d)); \
	} while (0)

/*
 * The simulated kernel does what a kernel must not do. `function` is the
 * kernel function, `sqe` the request's label or GB_NO_REQ; both strings are
 * static. If the real kernel dies there the world stops with this step; the
 * caller goes on harmlessly until then.
 */
void gb_hazard(struct gb_world *w, enum gb_hazard_kind kind, const char *function, uint32_t sqe, const char *text);

/* Answers a choice point with the world's strategy; n >= 1 (choose.c). */
uint32_t gb_choose(struct gb_world *w, const struct gb_choice *choice);

/* Descriptors: the numbers of objects begin here, so that a bare number never names one by chance. */
#define GB_FD_BASE 0x10000

/* The open file behind a descriptor, 0 if there is none (app.c). */
uint16_t gb_fd_file(const struct gb_world *w, int32_t fd);

/* The descriptor an SQE carries. */
int32_t gb_sqe_fd(const struct gb_world *w, const struct gb_sqe *sqe);
/* The fd word of an SQE where it is no descriptor: a slot, a count. */
int32_t gb_sqe_fd_raw(const struct gb_world *w, const struct gb_sqe *sqe);

/* user_data + 1 of the request an SQE aims at, 0 if it aims at none. */
static inline uint16_t gb_sqe_target(const struct gb_sqe *sqe)
{
	return sqe->target == GB_NO_TARGET ? 0 : (uint16_t)(sqe->target + 1);
}

/* Is a switch of the design variant on? */
static inline bool gb_variant(const struct gb_world *w, enum gb_variant_switch variant)
{
	return w->config.variant >> variant & 1U;
}

/* Is this fault of the catalogue on? Constant false, and so no code at all, in a build without GB_FAULTS. */
#ifdef GB_FAULTS
#define GB_FAULT(w, id) ((w)->config.fault == GB_FAULT_##id)
#else
#define GB_FAULT(w, id) ((void)(w), false)
#endif

/*
 * Records why `req` will end as it does and returns the negative errno of the
 * reason (0 if it has none). `other` is another request or NULL, n and m the
 * numbers of the sentence.
 */
int gb_why(struct gb_world *w, struct io_kiocb *req, enum gb_reason reason, const struct io_kiocb *other, int64_t n,
	   int64_t m);

#endif
