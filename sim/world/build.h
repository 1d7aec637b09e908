/* SPDX-License-Identifier: MIT */
/* What the files that build a world share. */
#ifndef GROUPBUF_SIM_BUILD_H
#define GROUPBUF_SIM_BUILD_H

#include "world/state.h"

/* How many entries the tables of buffers need. */
struct gb_buffer_plan {
	uint64_t uvecs, kbufs, rings;
	uint32_t lists, imus, slots;
};

/* build_buffers.c */
void gb_plan_buffers(struct gb_buffer_plan *p, const struct gb_trace *trace);
/* Fills in the buffer groups and what uvec_of and place_of say. */
void gb_build_buffers(struct gb_world *w);

/* Bytes an SQE can move at most, if no memory it uses has more than `max`. */
uint64_t gb_sqe_bytes(const struct gb_sqe *sqe, uint64_t max);
/* Segments of an iovec prep may have to copy. */
uint32_t gb_sqe_uvecs(const struct gb_sqe *sqe);

#endif
