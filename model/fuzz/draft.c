/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "draft.h"

/* A program has so many statements besides its SQEs. */
#define STMTS_BASE 48U

void draft_clear(struct draft *d)
{
	d->trace = (struct gb_trace){
		.entries = 64,
		.objects = d->objects,
		.sqes = d->sqes,
		.blkreqs = d->blkreqs,
		.stmts = d->stmts,
		.restrictions = d->restrictions,
	};
	d->n_segments = d->n_fds = 0;
}

struct draft *draft_new(uint32_t max_sqes)
{
	struct draft *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->max_sqes = max_sqes;
	d->max_stmts = 3 * max_sqes + STMTS_BASE;
	d->max_segments = 4 * max_sqes + 16;
	d->max_fds = 16;
	d->sqes = calloc(d->max_sqes, sizeof(*d->sqes));
	d->labels = calloc(d->max_sqes, sizeof(*d->labels));
	d->stmts = calloc(d->max_stmts, sizeof(*d->stmts));
	d->segments = calloc(d->max_segments, sizeof(*d->segments));
	d->fds = calloc(d->max_fds, sizeof(*d->fds));
	if (!d->sqes || !d->labels || !d->stmts || !d->segments || !d->fds) {
		draft_free(d);
		return NULL;
	}
	for (uint32_t k = 0; k < max_sqes; k++) {
		if (k < 26)
			snprintf(d->labels[k], DRAFT_NAME, "%c", (char)('a' + k));
		else
			snprintf(d->labels[k], DRAFT_NAME, "a%u", (unsigned int)(k % 1000000));
	}
	draft_clear(d);
	return d;
}

void draft_free(struct draft *d)
{
	if (!d)
		return;
	free(d->sqes);
	free(d->labels);
	free(d->stmts);
	free(d->segments);
	free(d->fds);
	free(d);
}

struct gb_object *draft_object(struct draft *d, enum gb_object_kind kind, const char *name)
{
	struct gb_object *o;
	char *own;

	if (d->trace.n_objects == DRAFT_OBJECTS)
		return NULL;
	own = d->names[d->trace.n_objects];
	snprintf(own, DRAFT_NAME, "%s", name);
	o = &d->objects[d->trace.n_objects++];
	*o = (struct gb_object){.kind = kind, .name = own, .fill = GB_FILL_SEQ};
	return o;
}

struct gb_stmt *draft_stmt(struct draft *d, enum gb_stmt_kind kind)
{
	struct gb_stmt *s;

	if (d->trace.n_stmts == d->max_stmts)
		return NULL;
	s = &d->stmts[d->trace.n_stmts++];
	*s = (struct gb_stmt){.kind = kind, .end = {.number = -1}};
	return s;
}

struct gb_sqe *draft_sqe(struct draft *d)
{
	struct gb_stmt *stmt;
	struct gb_sqe *sqe;

	if (d->trace.n_sqes == d->max_sqes)
		return NULL;
	stmt = draft_stmt(d, GB_STMT_SQE);
	if (!stmt)
		return NULL;
	stmt->sqe = d->trace.n_sqes;
	sqe = &d->sqes[d->trace.n_sqes];
	*sqe = (struct gb_sqe){
		.label = d->labels[d->trace.n_sqes++],
		.fd = {.number = -1},
		.segs = 1,
		.target = GB_NO_TARGET,
		.new_data = GB_NO_TARGET,
	};
	return sqe;
}

struct gb_blkreq *draft_blkreq(struct draft *d)
{
	const uint32_t k = d->trace.n_blkreqs;
	struct gb_stmt *stmt;

	if (k == DRAFT_BLKREQS)
		return NULL;
	stmt = draft_stmt(d, GB_STMT_BLKREQ);
	if (!stmt)
		return NULL;
	stmt->sqe = k;
	snprintf(d->blk_labels[k], DRAFT_NAME, "rq%u", (unsigned int)(k % 10));
	d->blkreqs[k] = (struct gb_blkreq){.label = d->blk_labels[k], .n_bios = 1};
	d->trace.n_blkreqs++;
	return &d->blkreqs[k];
}

struct gb_restrictions *draft_restrictions(struct draft *d)
{
	struct gb_stmt *stmt;

	if (d->trace.n_restrictions == DRAFT_RESTRICTIONS)
		return NULL;
	stmt = draft_stmt(d, GB_STMT_REGISTER);
	if (!stmt)
		return NULL;
	stmt->n = IORING_REGISTER_RESTRICTIONS;
	stmt->arg = d->trace.n_restrictions;
	d->restrictions[stmt->arg] = (struct gb_restrictions){0};
	return &d->restrictions[d->trace.n_restrictions++];
}

struct gb_segment *draft_segments(struct draft *d, uint32_t n)
{
	struct gb_segment *list = d->segments + d->n_segments;

	if (n > d->max_segments - d->n_segments)
		return NULL;
	memset(list, 0, n * sizeof(*list));
	d->n_segments += n;
	return list;
}

struct gb_fd *draft_fds(struct draft *d, uint32_t n)
{
	struct gb_fd *list = d->fds + d->n_fds;

	if (n > d->max_fds - d->n_fds)
		return NULL;
	memset(list, 0, n * sizeof(*list));
	d->n_fds += n;
	return list;
}
