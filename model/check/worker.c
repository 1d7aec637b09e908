/* SPDX-License-Identifier: MIT */
/* One thread's world: put into a state, moved along an edge. */
#include <stdlib.h>
#include <string.h>

#include "groupbuf/explore.h"

#include "search.h"

/* Who acts is decided before the step; what is asked within the edge the odometer answers. */
static uint32_t choose(void *user, const struct gb_choice *choice)
{
	struct ck_worker *w = user;
	struct ck_odometer *o = &w->odo;

	if (o->at == CK_MAX_ASKED) {
		o->full = true;
		return 0;
	}
	if (o->at == o->n) {
		o->value[o->n] = 0;
		o->base[o->n++] = (uint8_t)choice->n;
	}
	if (w->record)
		ck_picks_add(w->record, o->value[o->at]);
	return o->value[o->at++];
}

bool ck_odometer_next(struct ck_odometer *odo)
{
	odo->n = odo->at;
	odo->at = 0;
	while (odo->n && odo->value[odo->n - 1] + 1 == odo->base[odo->n - 1])
		odo->n--;
	if (odo->n)
		odo->value[odo->n - 1]++;
	return odo->n;
}

bool ck_worker_init(struct gb_check *check, struct ck_worker *w, struct gb_error *err)
{
	w->monitor = check->config.invariants ? gb_monitor_new(check->trace) : NULL;

	const struct gb_config config = {
		.strategy = GB_STRATEGY_CALLBACK,
		.choose = choose,
		.choose_user = w,
		.event = ck_watch,
		.event_user = w,
		.heard = CK_OBSERVED | (w->monitor ? gb_monitor_hears(w->monitor) : 0),
		.variant = check->config.variant,
		.fault = check->config.fault,
		.standard_input = check->config.standard_input,
		.standard_input_size = check->config.standard_input_size,
		.time_races = check->config.time_races,
		.footprints = check->config.reductions & GB_CHECK_COMMUTE,
	};
	enum gb_status status;

	w->check = check;
	status = gb_world_create(check->trace, &config, &w->world, err);
	if (status != GB_OK)
		return false;
	gb_world_record_footprints(w->world, false);
	w->head = sizeof(struct ck_ctx) + (w->monitor ? gb_monitor_brief_size(w->monitor) : 0);
	w->head = (w->head + CK_LINE - 1) / CK_LINE * CK_LINE;
	check->blob_room = w->head + gb_world_capacity(w->world) + CK_LINE;
	check->form_room = sizeof(struct ck_ctx) + (w->monitor ? gb_monitor_size(w->monitor) : 0) +
			   gb_world_canonical_capacity(w->world);
	w->exercised = calloc(ck_invariants() + 1UL, sizeof(*w->exercised));
	w->blob.bytes = calloc(1, check->blob_room);
	w->blob.line = calloc(ck_unpacked_lines(check->blob_room), sizeof(*w->blob.line));
	w->next = calloc(1, w->head);
	w->trial = calloc(1, check->blob_room);
	w->form = calloc(1, check->form_room);
	w->exact = calloc(1, check->config.exact ? ck_squeeze_bound(check->form_room) : 1);
	w->recent = calloc(CK_RECENT, sizeof(*w->recent));
	if (check->n_classes) {
		w->rename = calloc(check->trace->n_sqes, sizeof(*w->rename));
		w->names = calloc(check->trace->n_sqes, sizeof(*w->names));
		w->alike = calloc(check->trace->n_sqes, sizeof(*w->alike));
	}
	if (w->blob.bytes && w->blob.line && w->next && w->trial && w->form && w->exact && w->recent && w->exercised &&
	    (w->monitor || !check->config.invariants) && (!check->n_classes || (w->rename && w->names && w->alike)))
		return true;
	gb_error_set(err, GB_NO_MEMORY, 0, 0, "no memory left");
	return false;
}

void ck_worker_free(struct ck_worker *w)
{
	if (w->world)
		gb_world_destroy(w->world);
	gb_monitor_free(w->monitor);
	free(w->exercised);
	free(w->blob.bytes);
	free(w->blob.line);
	free(w->next);
	free(w->trial);
	free(w->form);
	free(w->exact);
	free(w->recent);
	free(w->rename);
	free(w->names);
	free(w->alike);
}

void ck_worker_restore(struct ck_worker *w, const unsigned char *blob, size_t size)
{
	memcpy(&w->ctx, blob, sizeof(w->ctx));
	if (w->monitor) {
		gb_monitor_load_brief(w->monitor, blob + sizeof(w->ctx));
		w->violations = gb_monitor_count(w->monitor);
	}
	gb_world_restore(w->world, blob + w->head, size - w->head);
}

void ck_worker_again(struct ck_worker *w)
{
	if (w->at_blob)
		return;
	ck_worker_restore(w, w->blob.bytes, w->blob.size);
	w->at_blob = true;
}

void ck_worker_save_head(const struct ck_worker *w, unsigned char *blob)
{
	memcpy(blob, &w->ctx, sizeof(w->ctx));
	if (w->monitor)
		memcpy(blob + sizeof(w->ctx), gb_monitor_brief(w->monitor), gb_monitor_brief_size(w->monitor));
}

size_t ck_worker_save(const struct ck_worker *w, unsigned char *blob)
{
	ck_worker_save_head(w, blob);
	gb_world_snapshot(w->world, blob + w->head);
	return w->head + gb_world_size(w->world);
}

void ck_worker_load(struct ck_worker *w, const unsigned char *packed)
{
	ck_unpack(packed, w->check->start, &w->blob);
	w->at_blob = false;
	ck_worker_again(w);
}

uint32_t ck_invariants(void)
{
	uint32_t n = 0;

	while (gb_invariant_at(n))
		n++;
	return n;
}

static bool is_interrupt(uint8_t kind)
{
	return kind == GB_ACTOR_IRQ || kind == GB_ACTOR_TIMER;
}

static void note_actor(struct ck_worker *w, const struct gb_alternative *alt)
{
	if (is_interrupt(alt->kind))
		return;
	w->ctx.last_kind = (uint8_t)(alt->kind + 1);
	w->ctx.last_index = alt->index;
}

/* The step of one alternative of the choice that has just been asked for; with none the clock moves. */
static enum gb_run_state take(struct ck_worker *w, const struct gb_choice *choice, uint32_t pick)
{
	if (!choice->n)
		return gb_world_step(w->world);
	if (choice->n > 1 && w->record)
		ck_picks_add(w->record, pick);
	return gb_world_take(w->world, choice, pick);
}

/* ---- steps that commute with whatever the others do ---- */

/* Does the step just taken conflict with the others' future, or show where its place among theirs counts? */
static bool is_alone(const struct ck_worker *w, const struct gb_footprint *future, const struct ck_ctx *before)
{
	struct gb_footprint did;

	gb_world_footprint(w->world, &did);
	return !gb_footprint_conflict(&did, future) && !w->odo.at && w->ctx.hazards == before->hazards &&
	       memcmp(&w->ctx.story, &before->story, sizeof(before->story)) == 0;
}

/*
 * Takes the step of one alternative if nothing that others can do before it
 * has to do with it: then it is a persistent set of its own (gb_world_future).
 */
static bool take_alone(struct ck_worker *w, const struct gb_choice *choice, uint32_t i)
{
	struct gb_footprint future, reach;
	const struct ck_ctx before = w->ctx;
	const uint32_t picks = w->record ? w->record->n : 0, findings = w->to ? w->to->n_findings : 0;
	enum gb_run_state state;

	gb_world_reach(w->world, &choice->alt[i], &reach);
	gb_world_future(w->world, &choice->alt[i], &future);
	if (gb_footprint_conflict(&reach, &future))
		return false;
	w->trial_size = ck_worker_save(w, w->trial);
	gb_world_record_footprints(w->world, true);
	state = take(w, choice, i);
	gb_world_record_footprints(w->world, false);
	if (state == GB_RUNNING && is_alone(w, &future, &before)) {
		if (w->to)
			w->to->steps++;
		return true;
	}
	ck_worker_restore(w, w->trial, w->trial_size);
	w->odo.at = 0;
	if (w->record)
		ck_picks_drop(w->record, picks);
	/* what it found it has not found here */
	if (w->to)
		w->to->n_findings = findings;
	return false;
}

static bool take_any_alone(struct ck_worker *w, const struct gb_choice *choice)
{
	if (!(w->check->config.reductions & GB_CHECK_COMMUTE))
		return false;
	for (uint32_t i = 0; i < choice->n; i++)
		if (gb_world_may_be_alone(w->world, &choice->alt[i]) && take_alone(w, choice, i))
			return true;
	return false;
}

/* ---- an edge ---- */

/*
 * On to the next state that is worth storing: past steps nobody else could
 * take, and past those that commute with everything. False if the run has ended.
 */
static bool go_on(struct ck_worker *w, enum gb_run_state *state)
{
	struct gb_choice *choice = &w->choice;

	for (uint32_t length = 1;; length++) {
		const uint32_t n = gb_world_enabled(w->world, choice);

		if (w->odo.at)
			return true;
		if (n > 1) {
			if (take_any_alone(w, choice))
				continue;
			return true;
		}
		if (length >= CK_CHAIN && w->check->config.order != GB_CHECK_DEPTH)
			return true;
		if (n)
			note_actor(w, &choice->alt[0]);
		*state = take(w, choice, 0);
		if (w->to)
			w->to->steps++;
		if (*state != GB_RUNNING)
			return false;
	}
}

enum ck_target ck_worker_edge(struct ck_worker *w, const struct gb_choice *choice, uint32_t pick,
			      enum gb_run_state *state)
{
	w->odo.at = 0;
	w->at_blob = false;
	w->ctx.depth += choice->n > 1;
	if (choice->n)
		note_actor(w, &choice->alt[pick]);
	*state = take(w, choice, pick);
	if (w->to)
		w->to->steps++;
	if (*state != GB_RUNNING || !go_on(w, state))
		return *state == GB_EXHAUSTED ? CK_LIMIT : CK_END;
	w->ctx.depth += w->odo.at > 0;
	return CK_STATE;
}
