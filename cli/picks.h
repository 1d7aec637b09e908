/* SPDX-License-Identifier: MIT */
/*
 * The choices of a random run. The simulator draws them itself; to write them
 * down by name, the run is done once to collect them and again to follow them.
 */
#ifndef GROUPBUF_CLI_PICKS_H
#define GROUPBUF_CLI_PICKS_H

#include <stdbool.h>

#include "groupbuf/world.h"

struct picks {
	uint32_t *taken;
	uint32_t n, room, next;
	bool no_memory;
};

/* Runs the trace with the random strategy of config->seed and keeps what it chose. */
enum gb_status picks_collect(struct picks *picks, const struct gb_trace *trace, const struct gb_config *config,
			     struct gb_error *err);

/* The next choice; the default behind the last. */
uint32_t picks_next(struct picks *picks);
void picks_free(struct picks *picks);

#endif
