/* SPDX-License-Identifier: MIT */
/*
 * How a search is divided among shards. The story of what was observed is part
 * of the state, and CQEs stay in the ring or in the story in the order in which
 * they were posted. So two states whose histories, of lines or of CQEs, begin in
 * another way never become equal again. Every shard explores in the same way what
 * lies before, puts aside the states behind, and then takes those of its
 * groups, where a group is what begins in the same way. A group that is too
 * large is opened: one more line, or CQE, tells its states apart.
 *
 * Outcomes by results, or none, have no such histories: there the groups are the
 * sets of the first CQEs, and what is behind them may be explored by several.
 */
#include <stdlib.h>
#include <string.h>

#include "search.h"

#define PARTS	 2U   /* a group is too large if it has more than this part of a shard's */
#define FIRST	 64U  /* states for the first attempts to open groups */
#define COMMON	 256U /* states for each shard that all explore, if it takes as many */
#define MOST	 32U  /* times as many at most */
#define LOPSIDED 8U   /* times more is explored while a shard would have almost all */
#define ROOT	 1ULL /* the group of everything */

bool ck_division_init(struct gb_check *c)
{
	struct ck_division *d = calloc(1, sizeof(*d));

	c->division = d;
	if (!d)
		return false;
	ck_frontier_init(&d->aside);
	d->by = c->outcomes == GB_CHECK_ORDER ? CK_BY_LINE : CK_BY_POST;
	d->open = calloc(1, sizeof(*d->open));
	d->opening = true;
	d->lopsided = c->outcomes == GB_CHECK_ORDER;
	d->allowance = FIRST;
	if (d->open)
		d->open[d->n_open++] = (struct ck_opened){ROOT, d->by};
	return d->open && ck_visited_init(&d->seen, c->config.exact);
}

void ck_division_free(struct gb_check *c)
{
	struct ck_division *d = c->division;

	if (!d)
		return;
	ck_frontier_free(&d->aside);
	ck_visited_free(&d->seen);
	free(d->group);
	free(d->open);
	free(d);
	c->division = NULL;
}

void ck_division_note(struct ck_ctx *ctx, enum ck_note kind, struct ck_hash digest)
{
	if (ctx->n_notes[kind] < CK_NOTES)
		ctx->note[kind][ctx->n_notes[kind]++] = (uint32_t)(digest.a >> 32);
}

static const struct ck_opened *opened(const struct ck_division *d, uint64_t key)
{
	for (uint32_t i = 0; i < d->n_open; i++)
		if (d->open[i].key == key)
			return &d->open[i];
	return NULL;
}

uint64_t ck_division_group(const struct gb_check *c, const struct ck_ctx *ctx)
{
	const bool ordered = c->outcomes == GB_CHECK_ORDER;
	uint32_t at[2] = {0};
	uint64_t key = ROOT;

	for (;;) {
		const struct ck_opened *o = opened(c->division, key);
		uint64_t step;

		if (!o)
			return key;
		if (at[o->by] == ctx->n_notes[o->by])
			return 0;
		step = ck_fold(ctx->note[o->by][at[o->by]++] ^ CK_K0, o->by ^ CK_K1);
		key = (ordered ? ck_fold(key ^ CK_K2, step ^ CK_K3) : key + step) | 2; /* neither 0 nor the root */
	}
}

/* Group `key`, which is added if it is new; NULL if there is no memory. */
static struct ck_group *group_of(struct ck_division *d, uint64_t key)
{
	struct ck_group *list;

	for (uint32_t i = 0; i < d->n_groups; i++)
		if (d->group[i].key == key)
			return &d->group[i];
	list = realloc(d->group, (d->n_groups + 1UL) * sizeof(*list));
	if (!list)
		return NULL;
	d->group = list;
	list[d->n_groups] = (struct ck_group){.key = key};
	return &list[d->n_groups++];
}

/* The steps of the entry that no other one has put aside; the rest is the other's. */
static bool claim(struct ck_division *d, struct ck_entry *e, const void *form)
{
	uint64_t *slot = ck_visited_find(&d->seen, e->hash, form, e->form);

	if (!slot)
		return ck_visited_insert(&d->seen, e->hash, form, e->form, e->mask);
	e->mask &= (uint8_t) ~*slot;
	e->later = 0;
	*slot |= e->mask;
	return true;
}

bool ck_division_put(struct gb_check *c, const struct ck_entry *entry, const void *packed, uint32_t level)
{
	struct ck_division *d = c->division;
	const void *form = (const unsigned char *)packed + entry->bytes;
	struct ck_group *group = group_of(d, entry->group);
	struct ck_entry e = *entry;

	if (!group || !ck_frontier_reserve(&d->aside, level, (size_t)e.bytes + e.form) ||
	    (c->config.reductions & GB_CHECK_VISITED && !claim(d, &e, form)))
		return false;
	if (!e.mask)
		return true;
	e.arrives = true;
	group->entries++;
	return ck_frontier_push(&d->aside, level, &e, packed);
}

/* ---- opening groups ---- */

static uint64_t entries_of(const struct ck_division *d)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < d->n_groups; i++)
		n += d->group[i].entries;
	return n;
}

/* Opens the groups that are too large; how many, or negative if there is no memory. */
static int choose_open(struct gb_check *c)
{
	struct ck_division *d = c->division;
	const uint64_t all = entries_of(d);
	struct ck_opened *open = realloc(d->open, (d->n_open + d->n_groups + 1UL) * sizeof(*open));
	int n = 0;

	if (!open)
		return -1;
	d->open = open;
	d->n_before = d->n_open;
	for (uint32_t i = 0; i < d->n_groups; i++) {
		if (d->group[i].entries * PARTS * c->config.shards <= all)
			continue;
		open[d->n_open++] = (struct ck_opened){d->group[i].key, d->by};
		d->group[i].entries = 0;
		n++;
	}
	return n;
}

/* The group of an entry as groups are now. */
static uint64_t group_now(struct gb_check *c, const unsigned char *packed)
{
	struct ck_worker *w = &c->worker[0];
	struct ck_ctx ctx;

	ck_unpack(packed, c->start, &w->blob);
	w->at_blob = false;
	memcpy(&ctx, w->blob.bytes, sizeof(ctx));
	return ck_division_group(c, &ctx);
}

/* Puts what lies in groups that were opened where it belongs now. */
static bool sort_again(struct gb_check *c)
{
	struct ck_division *d = c->division;
	struct ck_frontier old = d->aside;
	struct ck_entry entry;
	uint32_t level;
	bool ok;

	/* what lies aside may now be reached at a lower level: let it lie there twice */
	ck_visited_free(&d->seen);
	ok = ck_visited_init(&d->seen, c->config.exact);
	ck_frontier_init(&d->aside);
	while (ok && ck_frontier_lowest(&old, &level)) {
		const unsigned char *packed = ck_frontier_pop(&old, level, &entry);
		const bool was_open = opened(d, entry.group);
		struct ck_group *group;

		if (was_open)
			entry.group = group_now(c, packed);
		if (!entry.group) {
			ok = ck_frontier_push(&c->frontier, level, &entry, packed);
			continue;
		}
		group = group_of(d, entry.group);
		ok = group && ck_frontier_push(&d->aside, level, &entry, packed);
		if (ok && was_open)
			group->entries++;
	}
	ck_frontier_free(&old);
	return ok;
}

/* ---- dividing ---- */

static int by_size(const void *a, const void *b)
{
	const struct ck_group *x = a, *y = b;

	if (x->entries != y->entries)
		return x->entries > y->entries ? -1 : 1;
	return x->key < y->key ? -1 : x->key > y->key;
}

/* The largest group first, each to the shard that has least so far; the most that one has, 0 if there is no memory. */
static uint64_t choose_owners(struct gb_check *c)
{
	struct ck_division *d = c->division;
	uint64_t *load = calloc(c->config.shards, sizeof(*load));
	uint64_t most = 1;

	if (!load)
		return 0;
	if (d->n_groups)
		qsort(d->group, d->n_groups, sizeof(*d->group), by_size);
	for (uint32_t i = 0; i < d->n_groups; i++) {
		uint32_t least = 0;

		for (uint32_t k = 1; k < c->config.shards; k++)
			least = load[k] < load[least] ? k : least;
		load[least] += d->group[i].entries;
		most = load[least] > most ? load[least] : most;
		d->group[i].owner = least + 1;
	}
	free(load);
	return most;
}

/* Has no shard a quarter more than its part? Nor one almost all? */
static bool is_balanced(struct gb_check *c)
{
	const uint64_t most = choose_owners(c), all = entries_of(c->division);

	/* where histories are forgotten there is nothing to be gained */
	c->division->lopsided = c->outcomes == GB_CHECK_ORDER && most * 8 > all * 7;
	return most * c->config.shards * 4 <= all * 5;
}

/* Puts all that waits into its group, where it has one. */
static bool count_again(struct gb_check *c, struct ck_frontier *from)
{
	struct ck_division *d = c->division;
	struct ck_entry entry;
	uint32_t level;
	bool ok = true;

	while (ok && ck_frontier_lowest(from, &level)) {
		const unsigned char *packed = ck_frontier_pop(from, level, &entry);
		struct ck_group *group;

		entry.group = group_now(c, packed);
		group = entry.group ? group_of(d, entry.group) : NULL;
		ok = (group || !entry.group) && ck_frontier_push(&d->aside, level, &entry, packed);
		if (group)
			group->entries++;
	}
	return ok;
}

/*
 * The groups that were opened last could not be explored as far as to the next
 * CQE: they are groups again, with all that was found in them.
 */
static bool close_last(struct gb_check *c)
{
	struct ck_division *d = c->division;
	struct ck_frontier aside = d->aside;
	bool ok;

	ck_frontier_init(&d->aside);
	d->n_open = d->n_before;
	d->n_groups = 0;
	ok = count_again(c, &aside) && count_again(c, &c->frontier);
	ck_frontier_free(&aside);
	return ok;
}

/* Keeps of what lies aside what is this shard's; what has no group is dealt out. */
static bool keep_own(struct gb_check *c)
{
	struct ck_entry entry;
	uint32_t level;
	uint64_t nth = 0;
	bool ok = true;

	while (ok && ck_frontier_lowest(&c->division->aside, &level)) {
		const void *packed = ck_frontier_pop(&c->division->aside, level, &entry);
		const struct ck_group *group = entry.group ? group_of(c->division, entry.group) : NULL;
		const uint32_t owner = group ? group->owner : (uint32_t)nth++ % c->config.shards + 1;

		if (owner == c->config.shard)
			ok = ck_frontier_push(&c->frontier, level, &entry, packed);
	}
	return ok;
}

/* What was found until now belongs to the first. */
static bool forget(struct gb_check *c)
{
	c->stats = (struct gb_check_stats){.end = GB_CHECK_STOPPED};
	c->n_outcomes = c->n_tested = 0;
	if (c->outcome_table)
		memset(c->outcome_table, 0, (c->outcome_mask + 1UL) * sizeof(*c->outcome_table));
	return ck_forget_findings(c);
}

/* Ends the common beginning. */
static bool divide(struct gb_check *c)
{
	const bool ok = choose_owners(c) > 0;
	c->lost = !ok || !keep_own(c);
	ck_division_free(c);
	c->divided = true;
	if (c->config.shard != 1 && !forget(c))
		c->lost = true;
	return !c->lost;
}

/* Has everybody explored so much that more does not pay? What waits says how large the space may be. */
static bool is_enough(const struct gb_check *c)
{
	const struct ck_division *d = c->division;
	const uint64_t states = c->stats.at.states, waiting = c->frontier.entries + d->aside.entries;
	const uint64_t least = (uint64_t)COMMON * c->config.shards;

	return states >= least * MOST || (states >= least && states >= waiting * (d->lopsided ? LOPSIDED : 1));
}

/*
 * Another kind of note tells the states apart; if all have been tried, with more
 * patience. What one attempt has explored another one reaches at a lower level, which
 * makes no difference but to a bound of levels.
 */
static void try_another(struct gb_check *c)
{
	struct ck_division *d = c->division;
	const bool both = c->outcomes == GB_CHECK_ORDER && c->config.max_level == UINT32_MAX;

	d->failed++;
	if (both)
		d->by = d->by == CK_BY_LINE ? CK_BY_POST : CK_BY_LINE;
	if (!both || d->failed == 2) {
		d->allowance *= 2;
		d->failed = 0;
	}
}

/* Ends an attempt to open groups. */
static bool end_attempt(struct gb_check *c)
{
	struct ck_division *d = c->division;

	d->opening = false;
	if (!c->frontier.entries) {
		d->failed = 0;
		return true;
	}
	try_another(c);
	return close_last(c);
}

static bool next_attempt(struct gb_check *c)
{
	struct ck_division *d = c->division;
	const int n = is_balanced(c) || is_enough(c) ? 0 : choose_open(c);

	if (n < 0)
		return false;
	if (!n)
		return divide(c);
	d->opening = true;
	d->since = c->stats.at.states;
	return sort_again(c);
}

bool ck_division_go_on(struct gb_check *c)
{
	while (c->division && !c->lost) {
		const struct ck_division *d = c->division;

		if (!d->opening)
			c->lost = !next_attempt(c);
		else if (c->frontier.entries && c->stats.at.states - d->since < d->allowance && !is_enough(c))
			return true;
		else
			c->lost = !end_attempt(c);
	}
	return !c->lost;
}

/* ---- to a file and back ---- */

struct flat {
	uint32_t n_groups, n_open, n_before, by, failed;
	uint64_t since, allowance;
	uint8_t opening, lopsided;
};

bool ck_division_save(const struct gb_check *c, struct ck_file *f)
{
	const struct ck_division *d = c->division;
	struct flat flat;

	if (!d)
		return true;
	memset(&flat, 0, sizeof(flat));
	flat.n_groups = d->n_groups;
	flat.n_open = d->n_open;
	flat.n_before = d->n_before;
	flat.by = d->by;
	flat.failed = d->failed;
	flat.since = d->since;
	flat.allowance = d->allowance;
	flat.opening = d->opening;
	flat.lopsided = d->lopsided;
	return ck_put(f, &flat, sizeof(flat)) && ck_put(f, d->group, d->n_groups * sizeof(*d->group)) &&
	       ck_put(f, d->open, d->n_open * sizeof(*d->open)) && ck_visited_save(&d->seen, f) &&
	       ck_frontier_save(&d->aside, f);
}

bool ck_division_load(struct gb_check *c, struct ck_file *f)
{
	struct ck_division *d = c->division;
	struct flat flat;
	bool ok = true;

	if (!d)
		return true;
	if (!ck_get(f, &flat, sizeof(flat)) || flat.by > CK_BY_POST || flat.n_before > flat.n_open)
		return false;
	free(d->open);
	d->group = ck_get_array(f, flat.n_groups * sizeof(*d->group));
	d->open = d->group ? ck_get_array(f, flat.n_open * sizeof(*d->open)) : NULL;
	ok = d->open;
	for (uint32_t i = 0; ok && i < flat.n_open; i++)
		ok = d->open[i].by <= CK_BY_POST;
	d->n_groups = ok ? flat.n_groups : 0;
	d->n_open = ok ? flat.n_open : 0;
	d->n_before = flat.n_before;
	d->by = flat.by;
	d->failed = flat.failed;
	d->since = flat.since;
	d->allowance = flat.allowance;
	d->opening = flat.opening;
	d->lopsided = flat.lopsided;
	return ok && ck_visited_load(&d->seen, f) && ck_frontier_load(&d->aside, f, 0);
}
