/* SPDX-License-Identifier: MIT */
/* Events, hazards, reasons. */
#include "world/emit.h"

static void gb_send(struct gb_world *w, struct gb_event *ev)
{
	const struct gb_state *s = gb_state(w);

	if (!w->config.event || s->run_state == GB_DEAD)
		return;
	ev->step = s->step;
	ev->time_us = s->now_us;
	ev->actor = s->actor;
	ev->actor_index = s->actor_index;
	w->config.event(w->config.event_user, ev);
}

void gb_emit_event(struct gb_world *w, enum gb_event_type type, uint32_t req, uint32_t other, int64_t a, int64_t b,
		   int64_t c, uint64_t d)
{
	struct gb_event ev = {
		.type = type,
		.req = req,
		.other = other,
		.reason_req = GB_NO_REQ,
		.a = a,
		.b = b,
		.c = c,
		.d = d,
	};

	gb_send(w, &ev);
}

void gb_emit_reason(struct gb_world *w, enum gb_event_type type, const struct io_kiocb *why, uint32_t other, int64_t a,
		    int64_t b, int64_t c, uint64_t d)
{
	struct gb_event ev = {
		.type = type,
		.req = why->sqe,
		.other = other,
		.reason = why->reason,
		.reason_req = why->reason_req ? why->reason_req - 1U : GB_NO_REQ,
		.reason_n = {why->reason_n[0], why->reason_n[1]},
		.a = a,
		.b = b,
		.c = c,
		.d = d,
	};

	gb_send(w, &ev);
}

void gb_emit_cqe(struct gb_world *w, enum gb_event_type type, const struct io_cqe *cqe, int64_t pos)
{
	struct gb_event ev = {
		.type = type,
		.req = cqe->sqe,
		.other = GB_NO_REQ,
		.reason = cqe->reason,
		.reason_req = cqe->reason_req ? cqe->reason_req - 1U : GB_NO_REQ,
		.reason_n = {cqe->reason_n[0], cqe->reason_n[1]},
		.a = cqe->res,
		.b = cqe->flags,
		.c = pos,
	};

	gb_send(w, &ev);
}

void gb_hazard(struct gb_world *w, enum gb_hazard_kind kind, const char *function, uint32_t sqe, const char *text)
{
	bool stops = gb_hazard_stops(kind);
	struct gb_event ev = {
		.type = GB_EV_HAZARD,
		.req = sqe,
		.other = GB_NO_REQ,
		.reason_req = GB_NO_REQ,
		.a = kind,
		.b = stops,
		.function = function,
		.text = text,
	};

	gb_send(w, &ev);
	if (stops)
		gb_state(w)->run_state = GB_DEAD;
}

int gb_why(struct gb_world *w, struct io_kiocb *req, enum gb_reason reason, const struct io_kiocb *other, int64_t n,
	   int64_t m)
{
	(void)w;
	req->reason = (uint16_t)reason;
	req->reason_req = other ? (uint16_t)(other->sqe + 1) : 0;
	req->reason_n[0] = (int32_t)n;
	req->reason_n[1] = (int32_t)m;
	return -gb_reason_info(reason)->err;
}
