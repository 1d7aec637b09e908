/* SPDX-License-Identifier: MIT */
/* Giving a trace back. */
#include <stdlib.h>

#include "groupbuf/trace.h"

void gb_obs_clear(struct gb_obs *obs)
{
	free(obs->word);
	free(obs->function);
	free(obs->text);
	obs->word = obs->function = obs->text = NULL;
}

void gb_trace_forget(struct gb_trace *trace)
{
	for (uint32_t i = 0; i < trace->n_expect; i++)
		gb_obs_clear(&trace->expect[i]);
	for (uint32_t i = 0; i < trace->n_seen; i++)
		free(trace->seen[i].cqe);
	trace->n_expect = trace->n_seen = 0;
}

void gb_trace_free(struct gb_trace *trace)
{
	if (!trace)
		return;
	for (uint32_t i = 0; i < trace->n_objects; i++)
		free(trace->objects[i].name);
	for (uint32_t i = 0; i < trace->n_sqes; i++) {
		free(trace->sqes[i].label);
		free(trace->sqes[i].iov);
	}
	for (uint32_t i = 0; i < trace->n_stmts; i++) {
		free(trace->stmts[i].range);
		free(trace->stmts[i].fds);
	}
	for (uint32_t i = 0; i < trace->n_blkreqs; i++) {
		free(trace->blkreqs[i].label);
		free(trace->blkreqs[i].bios);
	}
	gb_trace_forget(trace);
	for (uint32_t i = 0; i < trace->n_props; i++)
		free(trace->props[i].node);
	free(trace->title);
	free(trace->objects);
	free(trace->sqes);
	free(trace->blkreqs);
	free(trace->stmts);
	free(trace->restrictions);
	free(trace->expect);
	free(trace->seen);
	free(trace->props);
	free(trace);
}
