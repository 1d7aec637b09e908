/* SPDX-License-Identifier: MIT */
/* What comes with time: expiring timers and the interrupts of asynchronous I/O. */
#include "io_uring/io_uring.h"

void gb_timer_add(struct gb_world *w, struct io_kiocb *req, enum io_event_kind kind, uint64_t at_us)
{
	uint16_t *at = &gb_state(w)->timers.first;

	/* drivers complete from the timer wheel, where the last one of a tick comes first */
	while (*at &&
	       (io_req(w, *at)->event_us < at_us || (io_req(w, *at)->event_us == at_us && kind != IO_EVENT_CMD_DONE)))
		at = &io_req(w, *at)->event_next;
	req->event = (uint8_t)kind;
	req->event_us = at_us;
	req->event_next = *at;
	*at = io_req_ref(w, req);
}

bool gb_timer_del(struct gb_world *w, struct io_kiocb *req)
{
	uint16_t *at = &gb_state(w)->timers.first;

	if (!req->event)
		return false;
	while (*at != io_req_ref(w, req))
		at = &io_req(w, *at)->event_next;
	*at = req->event_next;
	req->event = IO_EVENT_NONE;
	return true;
}

enum gb_actor_kind gb_timer_actor(const struct io_kiocb *req)
{
	return req->event == IO_EVENT_TIMEOUT || req->event == IO_EVENT_LINK_TIMEOUT ? GB_ACTOR_TIMER : GB_ACTOR_IRQ;
}

void gb_timer_fire(struct gb_world *w, struct io_kiocb *req)
{
	enum io_event_kind kind = req->event;

	gb_timer_del(w, req);
	switch (kind) {
	case IO_EVENT_TIMEOUT:
		io_timeout_fn(w, req);
		break;
	case IO_EVENT_LINK_TIMEOUT:
		io_link_timeout_fn(w, req);
		break;
	case IO_EVENT_CMD_DONE:
		gb_lessor_done(w, req);
		break;
	case IO_EVENT_RW_DONE:
		io_complete_rw_irq(w, req);
		break;
	case IO_EVENT_PAGE:
		io_async_buf_func(w, req);
		break;
	case IO_EVENT_NONE:
		break;
	}
}
