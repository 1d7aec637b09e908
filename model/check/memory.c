/* SPDX-License-Identifier: MIT */
/* How much memory the search holds, and what to do when that is too much. */
#include <stdlib.h>

#include "search.h"

uint64_t ck_memory(const struct gb_check *c)
{
	uint64_t n = c->visited.bytes + c->frontier.held + c->packed_room;

	if (c->division)
		n += c->division->aside.held + c->division->seen.bytes;
	/* of the log whole blocks */
	n += ((uint64_t)c->n_nodes + 0xffff) / 0x10000 * 0x10000 * (sizeof(uint32_t) + sizeof(uint16_t));
	n += (uint64_t)c->outcomes_room * (sizeof(struct ck_outcome) + 2 * sizeof(uint32_t));
	for (uint32_t i = 0; i < CK_CHUNKS; i++)
		n += c->chunk[i].room * sizeof(struct ck_result) + c->chunk[i].size;
	return n;
}

bool ck_memory_keep(struct gb_check *c, uint64_t most)
{
	while (ck_memory(c) > most)
		if (!ck_frontier_spill(&c->frontier))
			return false;
	return true;
}

bool ck_memory_give_back(struct gb_check *c)
{
	const uint64_t held = c->frontier.held;

	while (c->frontier.held > held / 2 && ck_frontier_spill(&c->frontier))
		;
	return c->frontier.held < held;
}

void ck_memory_drop_results(struct gb_check *c)
{
	for (uint32_t i = 0; i < CK_CHUNKS; i++) {
		free(c->chunk[i].result);
		free(c->chunk[i].bytes);
		free(c->chunk[i].finding);
		c->chunk[i] = (struct ck_chunk){0};
	}
}
