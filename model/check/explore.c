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
	struct ck_entry entry = {.mask = CK_MASK_ALL};
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
	if (c->config.spill && !ck_frontier_use_file(&c->frontier, c->config.spill))
		return gb_error_set(err, GB_NO_MEMORY, 0, 0, "no memory left");
	c->jobs = c->config.jobs ? c->config.jobs : 1;
	c->canonical = c->config.reductions & GB_CHECK_SYMMETRY ? GB_CANONICAL_WORKERS : 0;
	c->outcomes = c->config.outcomes;
	if (c->outcomes == GB_CHECK_RESULTS && (c->trace->n_seen || find_positions(c->trace)))
		return gb_error_set(
			err, GB_BAD_INPUT, 0, 0,
			"a 'seen' line or a property asks for the order of CQEs, outcomes by results have none");
	if (c->outcomes == GB_CHECK_RESULTS || (c->outcomes == GB_CHECK_NONE && !find_positions(c->trace)))
		c->canonical |= GB_CANONICAL_CQ_UNORDERED;
	c->worker = calloc(c->jobs, sizeof(*c->worker));
	c->log = calloc(1, sizeof(*c->log));
	if (!c->worker || !c->log || !find_relevant(c) || !ck_stated_init(c) || !ck_symmetry_find(c) ||
	    !ck_visited_init(&c->visited, c->config.exact))
		return gb_error_set(err, GB_NO_MEMORY, 0, 0, "no memory left");
	for (uint32_t i = 0; i < c->jobs; i++)
		if (!ck_worker_init(c, &c->worker[i], err))
			return err ? err->status : GB_NO_MEMORY;
	if (!add_root(c) || !ck_team_start(c) || (c->config.shards && !ck_division_init(c)))
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
	ck_frontier_init(&c->frontier);
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
	ck_memory_drop_results(c);
	for (uint32_t i = 0; c->log && i < 1U << 16 && (c->log->parent[i] || c->log->edge[i]); i++) {
		free(c->log->parent[i]);
		free(c->log->edge[i]);
	}
	ck_judge_free(c);
	ck_stated_free(c);
	ck_division_free(c);
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

/*
 * A state that was put aside before the search was divided comes into the set
 * of visited ones. It may lie there several times, and the entry that came first, with the
 * steps for later, need not be the first one here.
 */
static bool arrive(struct gb_check *c, struct ck_entry *e, const unsigned char *packed)
{
	const bool visited = c->config.reductions & GB_CHECK_VISITED, beyond = c->level == c->config.max_level;
	struct ck_entry later = *e;
	uint64_t *slot = NULL;

	if (e->later && !beyond && !ck_frontier_reserve(&c->frontier, c->level + 1, (size_t)e->bytes + e->form))
		return false;
	if (visited)
		slot = ck_visited_find(&c->visited, e->hash, packed + e->bytes, e->form);
	if (slot) {
		e->mask &= (uint8_t) ~*slot;
		*slot |= e->mask;
	} else if (visited && !ck_visited_insert(&c->visited, e->hash, packed + e->bytes, e->form, e->mask)) {
		return false;
	}
	c->stats.at.states += !slot;
	e->arrives = later.arrives = false;
	later.mask = e->later;
	later.waits = visited;
	c->more_levels = c->more_levels || (later.mask && beyond);
	return !later.mask || beyond || ck_frontier_push(&c->frontier, c->level + 1, &later, packed);
}

/* One entry more for the batch; false if there is no memory, then it stays where it was. */
static bool take_entry(struct gb_check *c)
{
	struct ck_item *item = &c->item[c->n_items];
	const unsigned char *packed = ck_frontier_pop(&c->frontier, c->level, &item->entry);
	const size_t need = (item->entry.bytes + 15U) & ~15U;

	if (!packed)
		return false;
	if (item->entry.arrives && !arrive(c, &item->entry, packed)) {
		ck_frontier_push(&c->frontier, c->level, &item->entry, packed);
		return false;
	}
	if (item->entry.waits) {
		item->entry.mask = steps_left(c, &item->entry, packed);
		item->entry.waits = false;
	}
	if (!item->entry.mask)
		return true;
	if (!ck_batch_room(c, need)) {
		ck_frontier_push(&c->frontier, c->level, &item->entry, packed);
		return false;
	}
	item->at = c->packed_used;
	memcpy(c->packed + item->at, packed, item->entry.bytes);
	c->packed_used += need;
	c->n_items++;
	return true;
}

/* Takes up to CK_BATCH entries of the lowest level; 0: nothing is left, negative: no memory, to be called again. */
static int take_batch(struct gb_check *c)
{
	uint32_t level;

	if (c->taken)
		return 1;
	if (!c->n_items) {
		c->packed_used = 0;
		if (!ck_frontier_lowest(&c->frontier, &level))
			return 0;
		c->level = level;
	}
	while (c->n_items < (c->division ? CK_COMMON_BATCH : CK_BATCH) && c->frontier.bucket[c->level].entries)
		if (!take_entry(c))
			return -1;
	c->taken = true;
	return 1;
}

void ck_fraction(struct gb_check *c)
{
	struct gb_check_progress *p = &c->stats.at;

	p->fraction = c->space > 0 ? (double)p->states / c->space : 0;
	if (p->fraction > 0.99) /* the estimate is older than that */
		p->fraction = 0.99;
	if (!p->frontier)
		p->fraction = c->more_levels ? 0 : 1;
}

static const struct gb_check_progress *progress(struct gb_check *c)
{
	struct gb_check_progress *p = &c->stats.at;
	uint32_t level;

	p->frontier = c->frontier.entries + (c->division ? c->division->aside.entries : 0);
	p->outcomes = c->n_outcomes;
	p->level =
		c->division && ck_frontier_lowest(&c->division->aside, &level) && level < c->level ? level : c->level;
	ck_fraction(c);
	return p;
}

/* A hazard, an invariant or a property that is violated, whatever else may come. False: no memory. */
static bool find_violation(struct gb_check *c, bool *violated)
{
	*violated = c->config.first && ck_has_violation(c);
	if (!c->config.first || *violated || !c->trace->n_props || c->n_tested == c->n_outcomes)
		return true;
	return ck_test_properties(c, violated);
}

/* Is there a reason to stop between two batches? */
static bool is_over(struct gb_check *c, enum gb_check_end *end)
{
	const struct gb_check_progress *p = progress(c);
	const uint64_t memory = ck_memory(c);
	bool violated;

	c->memory_peak = memory > c->memory_peak ? memory : c->memory_peak;
	if (!find_violation(c, &violated))
		*end = GB_CHECK_OUT_OF_MEMORY;
	else if (violated)
		*end = GB_CHECK_FIRST;
	else if (c->config.max_states && p->states >= c->config.max_states && c->frontier.entries)
		*end = GB_CHECK_MAX_STATES;
	else if (c->config.stop && c->config.stop(c->config.user, p))
		*end = GB_CHECK_STOPPED;
	else if (c->config.max_memory && !ck_memory_keep(c, c->config.max_memory) && c->frontier.entries)
		*end = GB_CHECK_MAX_MEMORY;
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

/* Has it ended before the next batch? */
static bool next_batch(struct gb_check *c, enum gb_check_end *end)
{
	int taken;

	*end = GB_CHECK_OUT_OF_MEMORY;
	if (c->lost || (!c->n_items && !ck_division_go_on(c)))
		return false;
	taken = take_batch(c);
	if (taken == 0)
		*end = end_of(c);
	return taken > 0;
}

enum gb_check_end gb_check_run(struct gb_check *c)
{
	enum gb_check_end end;

	for (;;) {
		if (next_batch(c, &end)) {
			c->batch++;
			ck_team_expand(c);
			if (ck_commit(c)) {
				if (is_over(c, &end))
					break;
				continue;
			}
			end = GB_CHECK_OUT_OF_MEMORY;
		}
		if (end != GB_CHECK_OUT_OF_MEMORY || !ck_memory_give_back(c))
			break;
	}
	progress(c);
	c->stats.end = end;
	if (end == GB_CHECK_OUT_OF_MEMORY)
		ck_memory_drop_results(c);
	return end;
}

struct gb_check_stats gb_check_stats(const struct gb_check *c)
{
	struct gb_check_stats s = c->stats;
	const double n = (double)c->visited.n;

	s.frontier_peak = c->frontier.peak;
	s.visited_bytes = c->visited.bytes + (uint64_t)c->n_nodes * 6;
	s.log_bytes = (uint64_t)c->n_nodes * 6;
	s.spilled_bytes = c->frontier.spill.written;
	s.memory_peak = c->memory_peak;
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
