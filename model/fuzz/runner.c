/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "groupbuf/random.h"

#include "runner.h"

struct runner {
	struct gb_world *world;
	struct judges *judges;
	const struct order *order;
	struct gb_uniform uniform;
	struct gb_pct pct;
	uint8_t *picks; /* made in this run */
	uint32_t n_picks, room;
	bool no_memory;
	uint32_t fault;
	uint64_t stream;
	enum gb_run_state state;
};

struct runner *runner_new(uint32_t judges, uint32_t fault)
{
	struct runner *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->fault = fault;
	r->judges = judges_new(judges);
	if (!r->judges) {
		free(r);
		return NULL;
	}
	return r;
}

void runner_free(struct runner *r)
{
	if (!r)
		return;
	gb_world_destroy(r->world);
	judges_free(r->judges);
	free(r->picks);
	free(r);
}

/* Mixes one word into a hash; a stream of 64-bit words needs no more. */
static uint64_t mix(uint64_t h, uint64_t word)
{
	h = (h ^ word) * 0x9fb21c651e98df25ULL;
	return h ^ h >> 28;
}

static void on_event(void *user, const struct gb_event *ev)
{
	struct runner *r = user;
	uint64_t h = r->stream;

	h = mix(h, (uint64_t)ev->type << 32 | (uint64_t)ev->actor << 16 | ev->actor_index);
	h = mix(h, (uint64_t)ev->req << 32 | ev->other);
	h = mix(h, ev->time_us);
	h = mix(h, ev->reason);
	h = mix(h, (uint64_t)ev->a);
	h = mix(h, (uint64_t)ev->b);
	h = mix(h, (uint64_t)ev->c);
	r->stream = mix(h, ev->d);
	judges_event(r->judges, ev);
}

static void record(struct runner *r, uint32_t taken)
{
	if (r->n_picks == r->room) {
		const uint32_t room = r->room ? 2 * r->room : 1024;
		uint8_t *picks = realloc(r->picks, room);

		if (!picks) {
			r->no_memory = true;
			return;
		}
		r->picks = picks;
		r->room = room;
	}
	r->picks[r->n_picks++] = (uint8_t)taken;
}

static uint32_t choose(void *user, const struct gb_choice *choice)
{
	struct runner *r = user;
	uint32_t taken = 0;

	if (r->order->kind == ORDER_RANDOM)
		taken = gb_uniform_choose(&r->uniform, choice);
	else if (r->order->kind == ORDER_PCT)
		taken = gb_pct_choose(&r->pct, choice);
	else if (r->n_picks < r->order->n)
		taken = r->order->picks[r->n_picks];
	taken = taken < choice->n ? taken : 0;
	record(r, taken);
	return taken;
}

/* How many choices a run will come to is not known; all magnitudes are tried. */
static void prepare(struct runner *r, const struct order *order)
{
	uint64_t random = order->seed;
	const uint32_t length = 8U << 2 * random_below(&random, 4);

	r->order = order;
	r->n_picks = 0;
	r->no_memory = false;
	r->stream = 0;
	r->uniform.random = order->seed;
	gb_pct_init(&r->pct, order->seed, 1 + random_below(&random, GB_PCT_DEPTH), length);
}

enum gb_status runner_run(struct runner *r, const struct gb_trace *trace, uint32_t variant, const struct order *order,
			  uint32_t judges, struct gb_error *err)
{
	const struct gb_config config = {
		.strategy = order->kind == ORDER_DEFAULT ? GB_STRATEGY_DEFAULT : GB_STRATEGY_CALLBACK,
		.choose = choose,
		.choose_user = r,
		.event = on_event,
		.event_user = r,
		.variant = variant,
		.max_steps = GB_FUZZ_MAX_STEPS,
		.fault = r->fault,
	};
	enum gb_status status = gb_world_rebuild(&r->world, trace, &config, err);

	if (status != GB_OK)
		return status;
	prepare(r, order);
	if (!judges_begin(r->judges, trace, judges))
		return gb_error_set(err, GB_NO_MEMORY, 0, 0, "no memory for the judges of a run");
	r->state = gb_world_run(r->world);
	judges_finish(r->judges, r->state);
	if (r->no_memory)
		return gb_error_set(err, GB_NO_MEMORY, 0, 0, "no memory for the choices of a run");
	return GB_OK;
}

enum gb_run_state runner_state(const struct runner *r)
{
	return r->state;
}

uint64_t runner_steps(const struct runner *r)
{
	return gb_world_steps(r->world);
}

uint64_t runner_stream(const struct runner *r)
{
	return r->stream;
}

const struct findings *runner_findings(const struct runner *r)
{
	return judges_findings(r->judges);
}

const uint8_t *runner_picks(const struct runner *r, uint32_t *n)
{
	*n = r->n_picks;
	return r->picks;
}
