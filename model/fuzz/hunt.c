/* SPDX-License-Identifier: MIT */
/*
 * A hunt counts every finding and looks into some: what would repair it, and,
 * the first time a kind of finding is repaired in its way and then now and
 * again, what it shrinks to. How often is counted in runs, not in time, so
 * that a hunt is the same every time.
 */
#include <stdlib.h>
#include <string.h>

#include "groupbuf/room.h"

#include "fuzzer.h"
#include "shrinker.h"

/*
 * The first findings of every kind are looked into; later ones as long as that
 * takes no more than a share of the hunt's runs, and so is shrinking again.
 */
#define LOOKS_SURE   4U
#define REPAIR_SHARE 4U
#define SHRINK_SHARE 1U

#define STREAMS_MAX (1U << 24) /* beyond it they are not told apart */

/* A kind of finding, and how often it came up. */
struct kind {
	struct gb_finding finding;
	uint64_t count;
};

/* A kind of finding with what repairs it. */
struct sort {
	struct gb_finding finding;
	uint32_t repairs;
	uint64_t count;
	bool shrunk;
};

struct gb_hunt {
	struct gb_fuzz_config config;
	struct gb_fuzz *fuzz;
	struct runner *runner;
	struct gb_hunt_stats stats;
	uint64_t repair_runs, shrink_runs;
	struct kind *kinds;
	uint32_t n_kinds, kinds_room;
	struct sort *sorts;
	uint32_t n_sorts, sorts_room;
	struct gb_defect *defects;
	uint32_t n_defects, defects_room;
	uint64_t *streams; /* open addressing, 0 is free */
	uint32_t streams_room;
};

struct gb_hunt *gb_hunt_new(const struct gb_fuzz_config *config)
{
	struct gb_hunt *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	h->config = *config;
	h->fuzz = gb_fuzz_new(config);
	h->runner = runner_new(config->judges ? config->judges : GB_JUDGE_ALL, config->fault);
	if (!h->fuzz || !h->runner) {
		gb_hunt_free(h);
		return NULL;
	}
	return h;
}

void gb_hunt_free(struct gb_hunt *h)
{
	if (!h)
		return;
	gb_fuzz_free(h->fuzz);
	runner_free(h->runner);
	for (uint32_t k = 0; k < h->n_defects; k++)
		gb_defect_clear(&h->defects[k]);
	free(h->defects);
	free(h->kinds);
	free(h->sorts);
	free(h->streams);
	free(h);
}

/* ---- different streams ---- */

static void streams_put(uint64_t *table, uint32_t room, uint64_t stream)
{
	uint32_t at = (uint32_t)stream & (room - 1);

	while (table[at] && table[at] != stream)
		at = (at + 1) & (room - 1);
	table[at] = stream;
}

static bool streams_has(const struct gb_hunt *h, uint64_t stream)
{
	uint32_t at = (uint32_t)stream & (h->streams_room - 1);

	while (h->streams_room && h->streams[at] && h->streams[at] != stream)
		at = (at + 1) & (h->streams_room - 1);
	return h->streams_room && h->streams[at] == stream;
}

/* Counts a stream that was not there before; false if there is no memory. */
static bool count_stream(struct gb_hunt *h, uint64_t stream)
{
	stream |= !stream;
	if (h->stats.streams >= STREAMS_MAX || streams_has(h, stream))
		return true;
	if (2 * (h->stats.streams + 1) > h->streams_room) {
		const uint32_t room = h->streams_room ? 2 * h->streams_room : 4096;
		uint64_t *table = calloc(room, sizeof(*table));

		if (!table)
			return false;
		for (uint32_t k = 0; k < h->streams_room; k++)
			if (h->streams[k])
				streams_put(table, room, h->streams[k]);
		free(h->streams);
		h->streams = table;
		h->streams_room = room;
	}
	streams_put(h->streams, h->streams_room, stream);
	h->stats.streams++;
	return true;
}

/* ---- sorts and defects ---- */

static struct kind *kind_of(struct gb_hunt *h, const struct gb_finding *finding)
{
	struct kind *kinds;

	for (uint32_t k = 0; k < h->n_kinds; k++)
		if (gb_finding_same(&h->kinds[k].finding, finding))
			return &h->kinds[k];
	kinds = gb_room_for(h->kinds, h->n_kinds, &h->kinds_room, sizeof(*kinds));
	if (!kinds)
		return NULL;
	h->kinds = kinds;
	kinds[h->n_kinds] = (struct kind){.finding = *finding};
	return &kinds[h->n_kinds++];
}

static struct sort *sort_of(struct gb_hunt *h, const struct gb_finding *finding, uint32_t repairs)
{
	struct sort *sorts;

	for (uint32_t k = 0; k < h->n_sorts; k++)
		if (h->sorts[k].repairs == repairs && gb_finding_same(&h->sorts[k].finding, finding))
			return &h->sorts[k];
	sorts = gb_room_for(h->sorts, h->n_sorts, &h->sorts_room, sizeof(*sorts));
	if (!sorts)
		return NULL;
	h->sorts = sorts;
	sorts[h->n_sorts] = (struct sort){.finding = *finding, .repairs = repairs};
	return &sorts[h->n_sorts++];
}

/* Takes the defect over. */
static bool defect_add(struct gb_hunt *h, struct gb_defect *defect)
{
	struct gb_defect *defects;

	for (uint32_t k = 0; k < h->n_defects; k++) {
		if (h->defects[k].name != defect->name)
			continue;
		h->defects[k].programs++;
		gb_defect_clear(defect);
		return true;
	}
	defects = gb_room_for(h->defects, h->n_defects, &h->defects_room, sizeof(*defects));
	if (!defects) {
		gb_defect_clear(defect);
		return false;
	}
	h->defects = defects;
	defect->programs = 1;
	defects[h->n_defects++] = *defect;
	return true;
}

/* ---- one finding ---- */

/* What a run did, so that it can be done again. */
struct case_of_run {
	const struct gb_trace *trace;
	uint64_t run;
	struct order order; /* its choices */
};

static enum gb_status shrink_case(struct gb_hunt *h, const struct case_of_run *c, const struct gb_finding *finding,
				  struct gb_error *err)
{
	char *text = gb_trace_print(c->trace);
	struct gb_defect defect;
	enum gb_status status;
	const struct gb_shrink_task task = {
		.program = text,
		.finding = *finding,
		.variant = h->config.variant,
		.picks = c->order.kind == ORDER_PICKS ? c->order.picks : NULL,
		.n_picks = c->order.n,
	};

	if (!text)
		return gb_error_set(err, GB_NO_MEMORY, 0, 0, "no memory for a program");
	status = gb_shrink(&task, &defect, err);
	free(text);
	if (status != GB_OK)
		return status;
	h->shrink_runs += defect.shrinks;
	defect.run = c->run;
	return defect_add(h, &defect) ? GB_OK : gb_error_set(err, GB_NO_MEMORY, 0, 0, "no memory for a defect");
}

static bool is_power_of_two(uint64_t n)
{
	return !(n & (n - 1));
}

static enum gb_status look_into(struct gb_hunt *h, const struct case_of_run *c, const struct gb_finding *finding,
				struct gb_error *err)
{
	const struct shrinker_task task = {.finding = *finding, .variant = h->config.variant, .order = &c->order};
	struct kind *kind = kind_of(h, finding);
	struct sort *sort = NULL;
	uint32_t runs = 0, repairs;

	if (kind && ++kind->count > LOOKS_SURE && h->repair_runs > h->stats.runs / REPAIR_SHARE)
		return GB_OK;
	if (kind && shrinker_repairs(h->runner, c->trace, &task, &repairs, &runs))
		sort = sort_of(h, finding, repairs);
	h->repair_runs += runs;
	if (!sort)
		return gb_error_set(err, GB_NO_MEMORY, 0, 0, "no memory for a finding");
	sort->count++;
	if (sort->shrunk && (!is_power_of_two(sort->count) || h->shrink_runs > h->stats.runs / SHRINK_SHARE))
		return GB_OK;
	sort->shrunk = true;
	return shrink_case(h, c, finding, err);
}

enum gb_status gb_hunt_run(struct gb_hunt *h, struct gb_error *err)
{
	struct case_of_run c = {.run = h->stats.runs};
	struct gb_fuzz_run run;
	enum gb_status status = gb_fuzz_run(h->fuzz, c.run, &run, err);

	if (status != GB_OK)
		return status;
	h->stats.runs++;
	h->stats.found += run.n > 0;
	if (!count_stream(h, run.stream))
		return gb_error_set(err, GB_NO_MEMORY, 0, 0, "no memory to tell event streams apart");
	if (!run.n)
		return GB_OK;
	c.trace = gb_fuzz_generate(h->fuzz, c.run);
	c.order = fuzz_order(h->fuzz, c.run);
	if (c.order.kind != ORDER_DEFAULT) {
		c.order.kind = ORDER_PICKS;
		c.order.picks = gb_fuzz_picks(h->fuzz, &c.order.n);
	}
	for (uint32_t k = 0; status == GB_OK && k < run.n; k++)
		status = look_into(h, &c, &run.finding[k], err);
	return status;
}

struct gb_hunt_stats gb_hunt_stats(const struct gb_hunt *h)
{
	struct gb_hunt_stats stats = h->stats;

	stats.other_runs = h->repair_runs + h->shrink_runs;
	return stats;
}

const struct gb_defect *gb_hunt_defect(const struct gb_hunt *h, uint32_t i)
{
	return i < h->n_defects ? &h->defects[i] : NULL;
}
