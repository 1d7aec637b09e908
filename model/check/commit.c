/* SPDX-License-Identifier: MIT */
/* What a batch found, stored in its order by one thread. */
#include <stdlib.h>

#include "search.h"

#define LOG_BLOCK (1U << 16)

bool ck_log_add(struct gb_check *c, uint32_t parent, uint16_t edge)
{
	const uint32_t block = c->n_nodes / LOG_BLOCK, at = c->n_nodes % LOG_BLOCK;

	if (c->n_nodes == CK_NO_NODE)
		return false;
	if (!c->log->parent[block]) {
		c->log->parent[block] = malloc(LOG_BLOCK * sizeof(*c->log->parent[0]));
		c->log->edge[block] = malloc(LOG_BLOCK * sizeof(*c->log->edge[0]));
		if (!c->log->parent[block] || !c->log->edge[block])
			return false;
	}
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
	uint32_t *table;

	if (!list)
		return false;
	c->outcome = list;
	c->outcomes_room = room;
	for (c->outcome_mask = 127; c->outcome_mask < 2 * room;)
		c->outcome_mask = c->outcome_mask * 2 + 1;
	table = calloc(c->outcome_mask + 1UL, sizeof(*table));
	if (!table)
		return false;
	free(c->outcome_table);
	c->outcome_table = table;
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

	c->stats.terminals++;
	return ck_add_outcome(c, &outcome);
}

/* ---- states ---- */

static bool push(struct gb_check *c, const struct ck_chunk *chunk, const struct ck_result *r, uint32_t level,
		 uint8_t mask, bool waits, double weight)
{
	const struct ck_entry entry = {
		.hash = r->hash,
		.weight = weight,
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

/* A state that was not known, or steps of one that were not. The steps in `now` belong to `level`. */
static bool add_entries(struct gb_check *c, const struct ck_chunk *chunk, const struct ck_result *r, uint8_t now,
			uint8_t later, double weight)
{
	const uint32_t level = c->config.order == GB_CHECK_DEPTH ? c->level + 1 : c->level;
	const bool visited = c->config.reductions & GB_CHECK_VISITED;

	if (!ck_log_add(c, c->item[r->item].entry.node, r->edge))
		return false;
	if (later && !push(c, chunk, r, level + 1, later, visited, weight / 2))
		return false;
	return push(c, chunk, r, level, now, false, later ? weight / 2 : weight);
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

static bool add_state(struct gb_check *c, const struct ck_chunk *chunk, const struct ck_result *r, double weight)
{
	bool is_new;
	uint8_t todo;

	/* what needs no storing was covered already when the batch began */
	if (!r->bytes) {
		c->stats.revisits++;
		c->done += weight;
		return true;
	}
	todo = claim_steps(c, chunk, r, &is_new);
	if (!is_new) {
		c->stats.revisits++;
		if (!todo)
			c->done += weight;
		return !todo || add_entries(c, chunk, r, todo, 0, weight);
	}
	c->stats.at.states++;
	if (c->config.reductions & GB_CHECK_VISITED &&
	    !ck_visited_insert(&c->visited, r->hash, chunk->bytes + r->at + r->bytes, r->form, todo))
		return false;
	return add_entries(c, chunk, r, todo, r->later, weight);
}

/* ---- a batch ---- */

/* Results that come from the same entry share its weight. */
static double share(const struct gb_check *c, const struct ck_chunk *chunk, uint32_t i)
{
	uint32_t first = i, last = i;

	while (first && chunk->result[first - 1].item == chunk->result[i].item)
		first--;
	while (last + 1 < chunk->n && chunk->result[last + 1].item == chunk->result[i].item)
		last++;
	return c->item[chunk->result[i].item].entry.weight / (double)(last - first + 1);
}

static bool commit_result(struct gb_check *c, const struct ck_chunk *chunk, uint32_t i)
{
	const struct ck_result *r = &chunk->result[i];
	const double weight = share(c, chunk, i);

	c->stats.at.transitions++;
	c->stats.depth = r->depth > c->stats.depth ? r->depth : c->stats.depth;
	if (r->target == CK_STATE)
		return add_state(c, chunk, r, weight);
	c->done += weight;
	if (r->target == CK_END)
		return add_end(c, r);
	c->step_limit = true;
	return true;
}

bool ck_commit(struct gb_check *c)
{
	const uint32_t chunks = (c->n_items + CK_CHUNK - 1) / CK_CHUNK;

	for (uint32_t k = 0; k < chunks; k++) {
		const struct ck_chunk *chunk = &c->chunk[k];

		if (chunk->no_memory)
			return false;
		c->stats.at.steps += chunk->steps;
		for (uint32_t i = 0; i < chunk->n_findings; i++)
			if (!ck_add_finding(c, &chunk->finding[i]))
				return false;
		for (uint32_t i = 0; i < chunk->n; i++) {
			if (i + 8 < chunk->n && chunk->result[i + 8].bytes)
				ck_visited_prefetch(&c->visited, chunk->result[i + 8].hash);
			if (!commit_result(c, chunk, i))
				return false;
		}
	}
	return true;
}
