/* SPDX-License-Identifier: MIT */
/*
 * FIFO lists of requests, linked by index through one of their next fields.
 * A request is on several lists at a time, each through its own field.
 */
#ifndef GROUPBUF_SIM_LIST_H
#define GROUPBUF_SIM_LIST_H

#include "world/state.h"

#define GB_LIST_OPS(name, field)                                                                                   \
	static inline void name##_push(const struct gb_world *w, struct io_list *list, struct io_kiocb *req)       \
	{                                                                                                          \
		uint16_t ref = io_req_ref(w, req);                                                                 \
                                                                                                                   \
		req->field = 0;                                                                                    \
		if (list->last)                                                                                    \
			io_req(w, list->last)->field = ref;                                                        \
		else                                                                                               \
			list->first = ref;                                                                         \
		list->last = ref;                                                                                  \
	}                                                                                                          \
	static inline void name##_push_front(const struct gb_world *w, struct io_list *list, struct io_kiocb *req) \
	{                                                                                                          \
		req->field = list->first;                                                                          \
		list->first = io_req_ref(w, req);                                                                  \
		if (!list->last)                                                                                   \
			list->last = list->first;                                                                  \
	}                                                                                                          \
	static inline struct io_kiocb *name##_pop(const struct gb_world *w, struct io_list *list)                  \
	{                                                                                                          \
		struct io_kiocb *req = io_req_at(w, list->first);                                                  \
                                                                                                                   \
		if (req) {                                                                                         \
			list->first = req->field;                                                                  \
			if (!list->first)                                                                          \
				list->last = 0;                                                                    \
			req->field = 0;                                                                            \
		}                                                                                                  \
		return req;                                                                                        \
	}                                                                                                          \
	static inline bool name##_remove(const struct gb_world *w, struct io_list *list, struct io_kiocb *req)     \
	{                                                                                                          \
		uint16_t ref = io_req_ref(w, req);                                                                 \
		uint16_t prev = 0;                                                                                 \
                                                                                                                   \
		for (uint16_t k = list->first; k; prev = k, k = io_req(w, k)->field) {                             \
			if (k != ref)                                                                              \
				continue;                                                                          \
			if (prev)                                                                                  \
				io_req(w, prev)->field = req->field;                                               \
			else                                                                                       \
				list->first = req->field;                                                          \
			if (list->last == ref)                                                                     \
				list->last = prev;                                                                 \
			req->field = 0;                                                                            \
			return true;                                                                               \
		}                                                                                                  \
		return false;                                                                                      \
	}                                                                                                          \
	struct io_list

GB_LIST_OPS(comp_list, comp_next);
GB_LIST_OPS(tw_list, tw_next);
GB_LIST_OPS(wq_list, wq_next);
GB_LIST_OPS(timeout_list, list_next);

#endif
