/* SPDX-License-Identifier: MIT */
/*
 * A trace under construction, in memory that is taken once: building the next
 * program allocates nothing. The trace is good until draft_clear and must not
 * go to gb_trace_free.
 */
#ifndef GB_MODEL_DRAFT_H
#define GB_MODEL_DRAFT_H

#include <stdbool.h>
#include <stdint.h>

#include "groupbuf/trace.h"

#define DRAFT_OBJECTS	   12U
#define DRAFT_BLKREQS	   4U
#define DRAFT_RESTRICTIONS 2U
#define DRAFT_NAME	   8U

struct draft {
	struct gb_trace trace;
	uint32_t max_sqes, max_stmts, max_segments, max_fds;
	struct gb_object objects[DRAFT_OBJECTS];
	struct gb_blkreq blkreqs[DRAFT_BLKREQS];
	struct gb_restrictions restrictions[DRAFT_RESTRICTIONS];
	struct gb_sqe *sqes;
	struct gb_stmt *stmts;
	struct gb_segment *segments; /* of iovecs and registered buffers */
	uint32_t n_segments;
	struct gb_fd *fds; /* of registered files */
	uint32_t n_fds;
	uint32_t bios[DRAFT_BLKREQS][2];
	char (*labels)[DRAFT_NAME];
	char names[DRAFT_OBJECTS][DRAFT_NAME];
	char blk_labels[DRAFT_BLKREQS][DRAFT_NAME];
};

/* Room for programs of that many SQEs; NULL if there is no memory. */
struct draft *draft_new(uint32_t max_sqes);
void draft_free(struct draft *draft);

/* An empty trace. */
void draft_clear(struct draft *draft);

/*
 * Each of these adds one element with the values a reader starts from and
 * returns it; NULL if there is no room.
 */
struct gb_object *draft_object(struct draft *draft, enum gb_object_kind kind, const char *name);
struct gb_stmt *draft_stmt(struct draft *draft, enum gb_stmt_kind kind);
struct gb_sqe *draft_sqe(struct draft *draft);
struct gb_blkreq *draft_blkreq(struct draft *draft);
struct gb_restrictions *draft_restrictions(struct draft *draft);
struct gb_segment *draft_segments(struct draft *draft, uint32_t n);
struct gb_fd *draft_fds(struct draft *draft, uint32_t n);

/* Sets a field of an SQE and says that the line has it. */
#define GIVE(sqe, name, value)                     \
	do {                                       \
		(sqe)->name = (value);             \
		(sqe)->given |= 1U << GB_F_##name; \
	} while (0)

#endif
