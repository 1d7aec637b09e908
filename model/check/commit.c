/* SPDX-License-Identifier: MIT */
/* What a batch found, stored in its order by one thread. */
#include <stdlib.h>

#include "search.h"

#define LOG_BLOCK (1U << 16)

bool ck_log_reserve(struct gb_check *c)
{
	const uint32_t block = c->n_nodes / LOG_BLOCK;

	if (c->n_nodes == CK_NO_NODE)
		return false;
	if (!c->log->parent[block])
		c->log->parent[block] = malloc(LOG_BLOCK * sizeof(*c->log->parent[0]));
	if (!c->log->edge[block])
		c->log->edge[block] = malloc(LOG_BLOCK * sizeof(*c->log->edge[0]));
	return c->log->parent[block] && c->log->edge[block];
}

bool ck_log_add(struct gb_check *c, uint32_t parent, uint16_t edge)
{
	const uint32_t block = c->n_nodes / LOG_BLOCK, at = c->n_nodes % LOG_BLOCK;

	if (!ck_log_reserve(c))
		return false;
	c->log->parent[block][at] = parent;
	c->log->edge[block][at] = edge;
	c->n_nodes++;
	return true;
}

/* ---- outcomes ---- */

static bool grow_outcomes(struct gb_check *c)
{
	const uint32_t room = c->outcomes_room * 2 + 64;
	struct ck_outcome *list = realloc(c->outcome, room * sizeof(*list));
	uint32_t mask = 127;
	uint32_t *table;

	if (!list)
		return false;
	c->outcome = list;
	while (mask < 2 * room)
		mask = mask * 2 + 1;
	table = calloc(mask + 1UL, sizeof(*table));
	if (!table)
		return false;
	free(c->outcome_table);
	c->outcome_table = table;
	c->outcome_mask = mask;
	c->outcomes_room = room;
	for (uint32_t i = 0; i < c->n_outcomes; i++) {
		uint32_t at = (uint32_t)list[i].hash.a & c->outcome_mask;

		while (table[at])
			at = (at + 1) & c->outcome_mask;
		table[at] = i + 1;
	}
	return true;
}

bool ck_add_outcome(struct gb_check *c, const struct ck_outcome *new)
{
	uint32_t at;

	if (c->n_outcomes == c->outcomes_room && !grow_outcomes(c))
		return false;
	for (at = (uint32_t) new->hash.a & c->outcome_mask; c->outcome_table[at]; at = (at + 1) & c->outcome_mask) {
		struct ck_outcome *o = &c->outcome[c->outcome_table[at] - 1];

		if (o->hash.a == new->hash.a && o->hash.b == new->hash.b) {
			o->count += new->count;
			return true;
		}
	}
	c->outcome[c->n_outcomes++] = *new;
	c->outcome_table[at] = c->n_outcomes;
	return true;
}

static bool add_end(struct gb_check *c, const struct ck_result *r)
{
	const struct ck_outcome outcome = {
		.hash = r->hash,
		.path = {c->item[r->item].entry.node, r->edge},
		.count = 1,
		.state = r->state,
	};

	if (!ck_add_outcome(c, &outcome))
		return false;
	c->stats.terminals++;
	return true;
}

/* ---- states ---- */

static bool push(struct gb_check *c, const struct ck_chunk *chunk, const struct ck_result *r, uint32_t level,
		 uint8_t mask, bool waits)
{
	const struct ck_entry entry = {
		.hash = r->hash,
		.node = c->n_nodes - 1,
		.bytes = r->bytes,
		.form = r->form,
		.mask = mask,
		.waits = waits,
	};

	if (level > c->config.max_level) {
		c->more_levels = true;
		return true;
	}
	return ck_frontier_push(&c->frontier, level, &entry, chunk->bytes + r->at);
}

/* The level of states one edge behind those of the batch. */
static uint32_t next_level(const struct gb_check *c)
{
	return c->config.order == GB_CHECK_DEPTH ? c->level + 1 : c->level;
}

/* Room for all that a result may add but its place in the set: what is marked as seen there must not get lost. */
static bool have_room(struct gb_check *c, const struct ck_result *r)
{
	const size_t bytes = (size_t)r->bytes + r->form;

	return ck_log_reserve(c) && ck_frontier_reserve(&c->frontier, next_level(c), bytes) &&
	       (!r->later || ck_frontier_reserve(&c->frontier, next_level(c) + 1, bytes));
}

/* A state that was not known, or steps of one that were not. The steps in `now` belong to `level`. */
static bool add_entries(struct gb_check *c, const struct ck_chunk *chunk, const struct ck_result *r, uint8_t now,
			uint8_t later)
{
	const uint32_t level = next_level(c);
	const bool visited = c->config.reductions & GB_CHECK_VISITED;

	if (!ck_log_add(c, c->item[r->item].entry.node, r->edge))
		return false;
	if (later && !push(c, chunk, r, level + 1, later, visited))
		return false;
	return push(c, chunk, r, level, now, false);
}

/* Has the state to be explored, as far as it was reached? Marks what is going to be done. */
static uint8_t claim_steps(struct gb_check *c, const struct ck_chunk *chunk, const struct ck_result *r, bool *is_new)
{
	const void *form = chunk->bytes + r->at + r->bytes;
	uint64_t *slot;
	uint8_t todo = r->now;

	*is_new = true;
	if (!(c->config.reductions & GB_CHECK_VISITED))
		return todo;
	slot = ck_visited_find(&c->visited, r->hash, form, r->form);
	*is_new = !slot;
	if (slot) {
		todo = (uint8_t)(r->now & ~*slot);
		*slot |= todo;
	}
	return todo;
}

/* A state behind the place where the search is going to be divided. */
static bool put_aside(struct gb_check *c, const struct ck_chunk *chunk, const struct ck_result *r)
{
	const struct ck_entry entry = {
		.hash = r->hash,
		.node = c->n_nodes,
		.bytes = r->bytes,
		.form = r->form,
		.mask = r->now,
		.later = r->later,
		.group = r->group,
	};

	if (next_level(c) > c->config.max_level) {
		c->more_levels = true;
		return true;
	}
	return ck_log_reserve(c) && ck_division_put(c, &entry, chunk->bytes + r->at, next_level(c)) &&
	       ck_log_add(c, c->item[r->item].entry.node, r->edge);
}

static bool add_state(struct gb_check *c, const struct ck_chunk *chunk, const struct ck_result *r)
{
	bool is_new;
	uint8_t todo;

	/* what needs no storing was covered already when the batch began */
	if (!r->bytes) {
		c->stats.revisits++;
		return true;
	}
	if (r->group)
		return put_aside(c, chunk, r);
	if (!have_room(c, r))
		return false;
	todo = claim_steps(c, chunk, r, &is_new);
	if (!is_new) {
		c->stats.revisits++;
		return !todo || add_entries(c, chunk, r, todo, 0);
	}
	if (c->config.reductions & GB_CHECK_VISITED &&
	    !ck_visited_insert(&c->visited, r->hash, chunk->bytes + r->at + r->bytes, r->form, todo))
		return false;
	c->stats.at.states++;
	return add_entries(c, chunk, r, todo, r->later);
}

/* ---- a batch ---- */

/* All of a result or, if there is no memory, nothing. */
static bool store_result(struct gb_check *c, const struct ck_chunk *chunk, const struct ck_result *r)
{
	if (r->target == CK_STATE)
		return add_state(c, chunk, r);
	if (r->target == CK_END && !add_end(c, r))
		return false;
	c->step_limit = c->step_limit || r->target == CK_LIMIT;
	return true;
}

/* The results of a chunk from the first on that is not stored yet. */
static bool store_chunk(struct gb_check *c, const struct ck_chunk *chunk)
{
	for (uint32_t i = 0; i < chunk->n_findings; i++)
		if (!ck_add_finding(c, &chunk->finding[i]))
			return false;
	for (; c->stored < chunk->n; c->stored++) {
		const struct ck_result *r = &chunk->result[c->stored];

		if (c->stored + 8 < chunk->n && r[8].bytes)
			ck_visited_prefetch(&c->visited, r[8].hash);
		if (!store_result(c, chunk, r))
			return false;
		c->stats.at.transitions++;
		c->stats.depth = r->depth > c->stats.depth ? r->depth : c->stats.depth;
	}
	c->stats.at.steps += chunk->steps;
	return true;
}

bool ck_commit(struct gb_check *c)
{
	const uint32_t chunks = (c->n_items + CK_CHUNK - 1) / CK_CHUNK;

	for (; c->chunks_done < chunks; c->chunks_done++) {
		const struct ck_chunk *chunk = &c->chunk[c->chunks_done];

		if (chunk->no_memory || !store_chunk(c, chunk))
			return false;
		c->stored = 0;
	}
	c->n_items = c->chunks_done = 0;
	c->taken = false;
	return true;
}
