/* SPDX-License-Identifier: MIT */
/* What a trace expects against what a run showed. */
#include <stddef.h>

#include "trace/observer.h"

/* Which lines of both sides take part. */
struct view {
	bool visible; /* only what a real kernel shows */
	bool story;   /* cqe, submitted, registered, stuck, got, wrote */
	bool cqes;    /* cqe lines of the story */
	bool acks;
	bool blks;
	bool finals;
};

static bool takes_part(const struct view *v, const struct gb_obs *obs)
{
	switch (obs->kind) {
	case GB_OBS_CQE:
	case GB_OBS_CQE_NONE:
		return v->cqes;
	case GB_OBS_SUBMITTED:
	case GB_OBS_REGISTERED:
	case GB_OBS_STUCK:
	case GB_OBS_GOT:
	case GB_OBS_WROTE:
	case GB_OBS_CONNECTED:
		return v->story;
	case GB_OBS_ACK:
		return v->acks;
	case GB_OBS_BLK:
		return v->blks;
	case GB_OBS_FINAL:
		return v->finals;
	case GB_OBS_HAZARD:
		return !v->visible || gb_word_stops(obs->word);
	case GB_OBS_INVARIANT:
		return !v->visible;
	}
	return true;
}

/* The next line that takes part, from i on; NULL at the end. */
static const struct gb_obs *next(const struct view *v, const struct gb_obs *list, uint32_t n, uint32_t *i)
{
	while (*i < n && !takes_part(v, &list[*i]))
		++*i;
	return *i < n ? &list[*i] : NULL;
}

/*
 * A trace that states one line of a kind states them all: what happens while
 * it runs, the acks, the block requests, the end state. Who states the end state
 * leaves no ack and no block request out.
 */
static struct view view_of(const struct gb_trace *trace, bool visible)
{
	struct view v = {.visible = visible};

	for (uint32_t i = 0; i < trace->n_expect; i++) {
		switch (trace->expect[i].kind) {
		case GB_OBS_ACK:
			v.acks = true;
			break;
		case GB_OBS_BLK:
			v.blks = true;
			break;
		case GB_OBS_FINAL:
			v.acks = v.blks = v.finals = true;
			break;
		case GB_OBS_HAZARD:
		case GB_OBS_INVARIANT:
			break;
		case GB_OBS_CQE:
		case GB_OBS_CQE_NONE:
			v.cqes = v.story = true;
			break;
		case GB_OBS_SUBMITTED:
		case GB_OBS_REGISTERED:
		case GB_OBS_STUCK:
		case GB_OBS_GOT:
		case GB_OBS_WROTE:
		case GB_OBS_CONNECTED:
			v.story = true;
			/* Without orders to choose from, the CQEs belong to the story. */
			v.cqes = v.cqes || !trace->n_seen;
			break;
		}
	}
	return v;
}

static struct gb_diff in_order(const struct gb_observer *o, const struct view *v)
{
	const struct gb_trace *t = o->trace;

	for (uint32_t i = 0, k = 0;; i++, k++) {
		const struct gb_obs *expected = next(v, t->expect, t->n_expect, &i);
		const struct gb_obs *observed = next(v, o->lines.obs, o->lines.n, &k);

		if (!expected && !observed)
			return (struct gb_diff){0};
		if (!expected || !observed || !gb_obs_equal(expected, observed))
			return (struct gb_diff){true, expected, observed, k};
	}
}

/* Every stated line, in order, with anything between them: the machine died on the way. */
static struct gb_diff among(const struct gb_observer *o, const struct view *v)
{
	const struct gb_trace *t = o->trace;
	uint32_t k = 0;

	for (uint32_t i = 0;; i++) {
		const struct gb_obs *expected = next(v, t->expect, t->n_expect, &i);
		uint32_t from = k;

		if (!expected)
			return (struct gb_diff){0};
		while (k < o->lines.n && !gb_obs_equal(expected, &o->lines.obs[k]))
			k++;
		if (k++ == o->lines.n)
			return (struct gb_diff){true, expected, from < o->lines.n ? &o->lines.obs[from] : NULL, from};
	}
}

static bool same_cqe(const struct gb_obs *a, const struct gb_obs *b)
{
	return a->sqe == b->sqe && a->res == b->res; /* `seen` lines do not state flags */
}

/* Compares the CQEs with one `seen` line; *agreed counts the CQEs up to the difference. */
static struct gb_diff one_order(const struct gb_observer *o, uint32_t line, uint32_t *agreed)
{
	const struct gb_seen *seen = &o->trace->seen[line];
	uint32_t k = 0;

	for (*agreed = 0;; ++*agreed, k++) {
		while (k < o->lines.n && o->lines.obs[k].kind != GB_OBS_CQE)
			k++;

		const struct gb_obs *expected = *agreed < seen->n ? &o->seen[line][*agreed] : NULL;
		const struct gb_obs *observed = k < o->lines.n ? &o->lines.obs[k] : NULL;

		if (!expected && !observed)
			return (struct gb_diff){0};
		if (!expected || !observed || !same_cqe(expected, observed))
			return (struct gb_diff){true, expected, observed, k};
	}
}

/* Any of the orders will do; if none does, the one that agrees longest shows where it broke. */
static struct gb_diff any_order(const struct gb_observer *o)
{
	struct gb_diff best = {0};
	uint32_t longest = 0;

	for (uint32_t i = 0; i < o->trace->n_seen; i++) {
		uint32_t agreed;
		const struct gb_diff diff = one_order(o, i, &agreed);

		if (!diff.differs)
			return diff;
		if (i == 0 || agreed > longest) {
			best = diff;
			longest = agreed;
		}
	}
	return best;
}

static bool states_death(const struct gb_trace *trace)
{
	for (uint32_t i = 0; i < trace->n_expect; i++)
		if (trace->expect[i].kind == GB_OBS_HAZARD && gb_word_stops(trace->expect[i].word))
			return true;
	return false;
}

struct gb_diff gb_observer_compare(const struct gb_observer *observer, bool visible)
{
	const struct gb_trace *t = observer->trace;
	const struct view v = view_of(t, visible);
	struct gb_diff diff;

	if (observer->no_memory)
		return (struct gb_diff){.differs = true};
	if (states_death(t))
		return among(observer, &v);
	diff = in_order(observer, &v);
	if (diff.differs || !t->n_seen || v.cqes)
		return diff;
	return any_order(observer);
}
