/* SPDX-License-Identifier: MIT */
/* The search as a whole: its beginning, its batches, its end. */
#include <stdlib.h>
#include <string.h>

#include "groupbuf/abi.h"
#include "groupbuf/explore.h"

#include "search.h"

void gb_check_defaults(struct gb_check_config *config)
{
	*config = (struct gb_check_config){
		.reductions = GB_CHECK_ALL_REDUCTIONS,
		.max_level = UINT32_MAX,
		.invariants = true,
		.jobs = 1,
	};
}

/* May this SQE end up with several CQEs under its label? Then its result is that of the last one. */
static bool may_post_again(const struct gb_trace *trace, uint32_t sqe)
{
	const struct gb_sqe *s = &trace->sqes[sqe];

	for (uint32_t i = 0; i < trace->n_sqes; i++) /* a poll that takes its user_data */
		if (trace->sqes[i].opcode == IORING_OP_POLL_REMOVE && trace->sqes[i].new_data == sqe)
			return true;
	switch (s->opcode) {
	case IORING_OP_SEND_ZC:
	case IORING_OP_SENDMSG_ZC:
	case IORING_OP_READ_MULTISHOT:
		return true;
	case IORING_OP_RECV:
	case IORING_OP_RECVMSG:
	case IORING_OP_ACCEPT:
		return s->ioprio;
	case IORING_OP_POLL_ADD:
		return s->len;
	case IORING_OP_TIMEOUT:
		return s->op_flags;
	default:
		return false;
	}
}

/* Does a property ask for the position of a CQE, or for the last one of several? */
static bool find_positions(const struct gb_trace *trace)
{
	for (uint32_t i = 0; i < trace->n_props; i++) {
		for (uint32_t k = 0; k < trace->props[i].n; k++) {
			const struct gb_expr *node = &trace->props[i].node[k];

			if (node->op == GB_EXPR_CQE || (node->op == GB_EXPR_RES && may_post_again(trace, node->sqe)))
				return true;
		}
	}
	return false;
}

/* Which SQEs the properties speak of, if nothing else counts. */
static bool find_relevant(struct gb_check *c)
{
	c->positions = find_positions(c->trace);
	c->relevant = calloc(c->trace->n_sqes + 1UL, sizeof(*c->relevant));
	for (uint32_t i = 0; c->relevant && i < c->trace->n_props; i++) {
		const struct gb_prop *prop = &c->trace->props[i];

		for (uint32_t k = 0; k < prop->n; k++) {
			if (prop->node[k].op >= GB_EXPR_CQE)
				c->relevant[prop->node[k].sqe] = true;
		}
	}
	return c->relevant;
}

/* The state everything begins with. */
static bool add_root(struct gb_check *c)
{
	struct ck_worker *w = &c->worker[0];
	const size_t size = w->head + gb_world_size(w->world);
	unsigned char *packed = malloc(ck_pack_bound(size));
	struct ck_entry entry = {.weight = 1, .mask = CK_MASK_ALL};
	bool ok = packed;

	c->start = calloc(1, c->blob_room);
	if (ok && c->start) {
		ck_worker_save(w, c->start);
		entry.bytes = (uint32_t)ck_pack(c->start, size, c->start, packed);
		ok = ck_log_add(c, CK_NO_NODE, 0) && ck_frontier_push(&c->frontier, 0, &entry, packed);
	}
	free(packed);
	return ok && c->start;
}

static enum gb_status fill(struct gb_check *c, struct gb_error *err)
{
	char *text = gb_trace_print(c->trace);

	if (!text)
		return gb_error_set(err, GB_NO_MEMORY, 0, 0, "no memory left");
	c->identity = ck_hash_bytes(text, strlen(text), 0);
	free(text);
	c->jobs = c->config.jobs ? c->config.jobs : 1;
	c->canonical = c->config.reductions & GB_CHECK_SYMMETRY ? GB_CANONICAL_WORKERS : 0;
	c->outcomes = c->config.outcomes == GB_CHECK_AUTO ? GB_CHECK_ORDER : c->config.outcomes;
	if (c->outcomes == GB_CHECK_RESULTS && (c->trace->n_seen || find_positions(c->trace)))
		return gb_error_set(
			err, GB_BAD_INPUT, 0, 0,
			"a 'seen' line or a property asks for the order of CQEs, outcomes by results have none");
	if (c->outcomes == GB_CHECK_RESULTS || (c->outcomes == GB_CHECK_NONE && !find_positions(c->trace)))
		c->canonical |= GB_CANONICAL_CQ_UNORDERED;
	c->worker = calloc(c->jobs, sizeof(*c->worker));
	c->log = calloc(1, sizeof(*c->log));
	if (!c->worker || !c->log || !find_relevant(c) || !ck_symmetry_find(c) ||
	    !ck_visited_init(&c->visited, c->config.exact))
		return gb_error_set(err, GB_NO_MEMORY, 0, 0, "no memory left");
	for (uint32_t i = 0; i < c->jobs; i++)
		if (!ck_worker_init(c, &c->worker[i], err))
			return err ? err->status : GB_NO_MEMORY;
	if (!add_root(c) || !ck_team_start(c))
		return gb_error_set(err, GB_NO_MEMORY, 0, 0, "no memory left");
	return GB_OK;
}

enum gb_status gb_check_new(const struct gb_trace *trace, const struct gb_check_config *config, struct gb_check **out,
			    struct gb_error *err)
{
	struct gb_check *c = calloc(1, sizeof(*c));
	struct gb_error own;
	enum gb_status status;

	*out = NULL;
	if (!c)
		return gb_error_set(err, GB_NO_MEMORY, 0, 0, "no memory left");
	c->trace = trace;
	c->config = *config;
	c->stats.end = GB_CHECK_STOPPED; /* until it has come to its end: a file written on the way must say so */
	status = fill(c, err ? err : &own);
	if (status != GB_OK) {
		gb_check_free(c);
		return status;
	}
	*out = c;
	return GB_OK;
}

void gb_check_free(struct gb_check *c)
{
	if (!c)
		return;
	ck_team_stop(c);
	for (uint32_t i = 0; c->worker && i < c->jobs; i++)
		ck_worker_free(&c->worker[i]);
	for (uint32_t i = 0; i < CK_CHUNKS; i++) {
		free(c->chunk[i].result);
		free(c->chunk[i].bytes);
		free(c->chunk[i].finding);
	}
	for (uint32_t i = 0; c->log && i < 1U << 16 && (c->log->parent[i] || c->log->edge[i]); i++) {
		free(c->log->parent[i]);
		free(c->log->edge[i]);
	}
	ck_judge_free(c);
	ck_visited_free(&c->visited);
	ck_frontier_free(&c->frontier);
	for (uint32_t i = 0; i < c->n_strings; i++)
		free(c->string[i]);
	free(c->string);
	free(c->log);
	free(c->worker);
	free(c->relevant);
	free(c->classes);
	free(c->members);
	free(c->outcome);
	free(c->outcome_table);
	free(c->finding);
	free(c->packed);
	free(c->start);
	free(c->part);
	free(c);
}

const struct gb_check_config *gb_check_config_of(const struct gb_check *c)
{
	return &c->config;
}

/* ---- batches ---- */

bool ck_batch_room(struct gb_check *c, size_t need)
{
	unsigned char *packed;

	if (c->packed_room - c->packed_used >= need)
		return true;
	packed = realloc(c->packed, c->packed_room * 2 + need);
	if (!packed)
		return false;
	c->packed = packed;
	c->packed_room = c->packed_room * 2 + need;
	return true;
}

/* An entry that was put off: the steps nobody has come to in the meantime. */
static uint8_t steps_left(struct gb_check *c, const struct ck_entry *entry, const unsigned char *packed)
{
	uint64_t *slot = ck_visited_find(&c->visited, entry->hash, packed + entry->bytes, entry->form);
	const uint8_t left = entry->mask & (uint8_t) ~*slot;

	*slot |= left;
	return left;
}

/* Takes up to CK_BATCH entries of the lowest level; 0: nothing is left, negative: no memory. */
static int take_batch(struct gb_check *c)
{
	uint32_t level;

	c->n_items = 0;
	c->packed_used = 0;
	if (!ck_frontier_lowest(&c->frontier, &level))
		return 0;
	c->level = level;
	while (c->n_items < CK_BATCH && c->frontier.bucket[c->level].entries) {
		struct ck_item *item = &c->item[c->n_items];
		const unsigned char *packed = ck_frontier_pop(&c->frontier, c->level, &item->entry);
		const size_t need = (item->entry.bytes + 15U) & ~15U;

		if (item->entry.waits)
			item->entry.mask = steps_left(c, &item->entry, packed);
		if (!item->entry.mask) {
			c->done += item->entry.weight;
			continue;
		}
		if (!ck_batch_room(c, need))
			return -1;
		item->at = c->packed_used;
		memcpy(c->packed + item->at, packed, item->entry.bytes);
		c->packed_used += need;
		c->n_items++;
	}
	return 1;
}

void ck_fraction(struct gb_check *c)
{
	struct gb_check_progress *p = &c->stats.at;

	p->fraction = c->space > 0 ? (double)p->states / c->space : 0;
	if (p->fraction > 0.99) /* the estimate is older than that */
		p->fraction = 0.99;
	if (!c->frontier.entries)
		p->fraction = c->more_levels ? 0 : 1;
}

static const struct gb_check_progress *progress(struct gb_check *c)
{
	struct gb_check_progress *p = &c->stats.at;

	p->frontier = c->frontier.entries;
	p->outcomes = c->n_outcomes;
	p->level = c->level;
	ck_fraction(c);
	return p;
}

/* Is there a reason to stop between two batches? */
static bool is_over(struct gb_check *c, enum gb_check_end *end)
{
	const struct gb_check_progress *p = progress(c);

	if (c->config.max_states && p->states >= c->config.max_states && c->frontier.entries)
		*end = GB_CHECK_MAX_STATES;
	else if (c->config.first && ck_has_violation(c))
		*end = GB_CHECK_FIRST;
	else if (c->config.stop && c->config.stop(c->config.user, p))
		*end = GB_CHECK_STOPPED;
	else
		return false;
	return true;
}

static enum gb_check_end end_of(const struct gb_check *c)
{
	if (c->more_levels)
		return GB_CHECK_MAX_LEVEL;
	return c->step_limit ? GB_CHECK_STEP_LIMIT : GB_CHECK_COMPLETE;
}

/*
 * A shard begins as every other one does, until there is enough to divide;
 * then it keeps its part. What was found until then belongs to the first.
 */
static bool divide(struct gb_check *c)
{
	struct ck_frontier all = c->frontier;
	uint32_t i = 0, level;
	bool ok = true;

	c->frontier = (struct ck_frontier){0};
	while (ok && ck_frontier_lowest(&all, &level)) {
		struct ck_entry entry;
		const void *packed = ck_frontier_pop(&all, level, &entry);

		if (i++ % c->config.shards + 1 == c->config.shard)
			ok = ck_frontier_push(&c->frontier, level, &entry, packed);
	}
	ck_frontier_free(&all);
	c->divided = true;
	if (c->config.shard == 1)
		return ok;
	c->stats = (struct gb_check_stats){.end = GB_CHECK_STOPPED};
	c->n_findings = c->n_outcomes = 0;
	if (c->outcome_table)
		memset(c->outcome_table, 0, (c->outcome_mask + 1UL) * sizeof(*c->outcome_table));
	return ok;
}

enum gb_check_end gb_check_run(struct gb_check *c)
{
	enum gb_check_end end = GB_CHECK_OUT_OF_MEMORY;

	for (;;) {
		if (c->config.shards && !c->divided && c->frontier.entries >= CK_PARTS * (uint64_t)c->config.shards &&
		    !divide(c))
			break;

		const int taken = take_batch(c);

		/* too little to divide: the first has it all */
		if (taken == 0 && c->config.shards && !c->divided && !divide(c))
			break;
		if (taken == 0)
			end = end_of(c);
		if (taken <= 0)
			break;
		ck_team_expand(c);
		if (!ck_commit(c))
			break;
		if (is_over(c, &end))
			break;
	}
	progress(c);
	c->stats.end = end;
	return end;
}

struct gb_check_stats gb_check_stats(const struct gb_check *c)
{
	struct gb_check_stats s = c->stats;
	const double n = (double)c->visited.n;

	s.frontier_peak = c->frontier.peak;
	s.visited_bytes = c->visited.bytes + (uint64_t)c->n_nodes * 6;
	s.fingerprint_bits = c->config.exact ? 0 : CK_FINGERPRINT_BITS;
	s.outcomes = c->outcomes;
	s.order = c->config.order;
	s.shards = c->config.shards;
	s.reductions = c->config.reductions;
	s.level_is_exact = true;
	/* at most one in 2^bits for each pair */
	s.collision = c->config.exact ? 0 : n * n / 2 + c->pairs;
	for (uint32_t i = 0; i < s.fingerprint_bits; i++)
		s.collision /= 2;
	return s;
}
