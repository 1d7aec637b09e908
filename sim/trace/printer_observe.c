/* SPDX-License-Identifier: MIT */
/* Observations and `seen` lines. */
#include <inttypes.h>
#include <stdio.h>

#include "trace/printer.h"

static void print_ack(struct gb_text *text, const struct gb_trace *trace, const struct gb_obs *obs)
{
	gb_text_add(text,
		    "ack %s leases=%" PRIu32 " acks=%" PRIu32 " after=%" PRIu32 " bytes=%016" PRIx64
		    " untouched=%" PRIu64,
		    gb_print_label(trace, obs->sqe), obs->leases, obs->acks, obs->after, obs->hash, obs->untouched);
}

/* A pipe's unread bytes are those of its end 0, under which number they have always been reported. */
static void print_final(struct gb_text *text, const struct gb_trace *trace, const struct gb_obs *obs)
{
	const struct gb_object *object = NULL;
	char name[GB_FD_SIZE];

	if (obs->end.is_object && obs->end.object < trace->n_objects)
		object = &trace->objects[obs->end.object];
	if (object && object->kind == GB_PIPE)
		gb_text_add(text, "final %s.%u", object->name, obs->end.end ? 1U : 0U);
	else
		gb_text_add(text, "final %s", gb_fd_name(trace, obs->end, name, sizeof(name)));
	if (object && (object->kind == GB_FILE || object->kind == GB_BLOCK))
		gb_text_add(text, " size=%" PRIu64, obs->bytes);
	else if (!object || object->kind != GB_MEM)
		gb_text_add(text, " bytes=%" PRIu64, obs->bytes);
	gb_text_add(text, " %016" PRIx64, obs->hash);
}

static void print_hazard(struct gb_text *text, const struct gb_trace *trace, const struct gb_obs *obs)
{
	gb_text_add(text, "hazard %s at %s", obs->word ? obs->word : "?", obs->function ? obs->function : "?");
	if (obs->of)
		gb_text_add(text, " of %s", gb_print_label(trace, obs->of - 1));
	if (obs->text)
		gb_text_add(text, ": %s", obs->text);
}

static void print_blk(struct gb_text *text, const struct gb_trace *trace, const struct gb_obs *obs)
{
	const struct gb_blkreq *blk = obs->blk < trace->n_blkreqs ? &trace->blkreqs[obs->blk] : NULL;

	gb_text_add(text, "blk %s done=%d res=%" PRId32 " after=%" PRIu32 " refs=%" PRIu32, blk ? blk->label : "?",
		    obs->done, obs->res, obs->after, obs->refs);
	if (blk && blk->op == GB_BLK_read)
		gb_text_add(text, " bytes=%016" PRIx64 " untouched=%" PRIu64, obs->hash, obs->untouched);
}

void gb_print_obs(struct gb_text *text, const struct gb_trace *trace, const struct gb_obs *obs)
{
	char name[GB_FD_SIZE];

	switch (obs->kind) {
	case GB_OBS_CQE:
		gb_text_add(text, "cqe %s %" PRId32, gb_print_label(trace, obs->sqe), obs->res);
		if (obs->flags)
			gb_text_add(text, " flags=0x%" PRIx32, obs->flags);
		break;
	case GB_OBS_CQE_NONE:
		gb_text_add(text, "cqe none");
		break;
	case GB_OBS_REGISTERED:
		gb_text_add(text, "registered %" PRId32, obs->res);
		break;
	case GB_OBS_SUBMITTED:
		gb_text_add(text, "submitted %" PRId32, obs->res);
		break;
	case GB_OBS_STUCK:
		gb_text_add(text, "stuck");
		break;
	case GB_OBS_ACK:
		print_ack(text, trace, obs);
		break;
	case GB_OBS_GOT:
		gb_text_add(text, "got %s %" PRId32 " %016" PRIx64, gb_fd_name(trace, obs->end, name, sizeof(name)),
			    obs->res, obs->hash);
		break;
	case GB_OBS_WROTE:
	case GB_OBS_CONNECTED:
		gb_text_add(text, "%s %s %" PRId32, obs->kind == GB_OBS_WROTE ? "wrote" : "connected",
			    gb_fd_name(trace, obs->end, name, sizeof(name)), obs->res);
		break;
	case GB_OBS_FINAL:
		print_final(text, trace, obs);
		break;
	case GB_OBS_BLK:
		print_blk(text, trace, obs);
		break;
	case GB_OBS_HAZARD:
		print_hazard(text, trace, obs);
		break;
	case GB_OBS_INVARIANT:
		gb_text_add(text, "invariant %s", obs->text ? obs->text : "?");
		break;
	}
}

void gb_print_seen(struct gb_text *text, const struct gb_trace *trace, const struct gb_seen *seen)
{
	gb_text_add(text, "seen %" PRIu32, seen->runs);
	for (uint32_t i = 0; i < seen->n; i++)
		gb_text_add(text, " %s:%" PRId32, gb_print_label(trace, seen->cqe[i].sqe), seen->cqe[i].res);
}
