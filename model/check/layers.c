/* SPDX-License-Identifier: MIT */
#include "layers.h"

#include <stdlib.h>
#include <string.h>

#include "groupbuf/explore.h"

static struct gb_check_config config_of(const struct gb_check *c, bool bounded)
{
	struct gb_check_config config;

	gb_check_defaults(&config);
	/* who acted last has a name of its own where preemptions are counted */
	config.reductions = bounded ? 0 : GB_CHECK_SYMMETRY;
	config.outcomes = GB_CHECK_NONE;
	config.invariants = false;
	config.variant = c->config.variant;
	config.fault = c->config.fault;
	config.time_races = c->config.time_races;
	config.standard_input = c->config.standard_input;
	config.standard_input_size = c->config.standard_input_size;
	return config;
}

bool ck_layers_init(struct ck_layers *l, const struct gb_check *c)
{
	/* a bound that nothing lay beyond is none */
	const bool bounded = c->config.max_level != UINT32_MAX && c->stats.end != GB_CHECK_COMPLETE;
	const struct gb_check_config config = config_of(c, bounded);

	*l = (struct ck_layers){.trace = *c->trace,
				.max_decisions = UINT32_MAX,
				.max_preemptions = UINT32_MAX,
				.random = c->identity.a};
	l->trace.n_props = 0;
	if (bounded && c->config.order == GB_CHECK_DEPTH)
		l->max_decisions = c->config.max_level;
	else if (bounded)
		l->max_preemptions = c->config.max_level;
	if (gb_check_new(&l->trace, &config, &l->tree, NULL) != GB_OK)
		return false;
	l->packed = malloc(ck_pack_bound(l->tree->blob_room));
	return l->packed;
}

static void forget(struct ck_layers *l)
{
	for (uint32_t i = 0; i < l->n_waiting; i++)
		free(l->waiting[i].packed);
	for (uint32_t i = 0; i < l->n_now; i++)
		free(l->now[i].packed);
	l->n_waiting = l->n_now = 0;
}

void ck_layers_free(struct ck_layers *l)
{
	forget(l);
	gb_check_free(l->tree);
	free(l->waiting);
	free(l->now);
	free(l->node);
	free(l->link);
	free(l->packed);
	free(l->score);
	free(l->cells.cell);
}

/* Room for `need` elements of a list. */
static bool have_room(struct ck_layers *l, void *list, uint32_t need, uint32_t *room, size_t size)
{
	const uint32_t more = *room * 2 + 64 > need ? *room * 2 + 64 : need;
	void *old, *new;

	if (need <= *room)
		return true;
	memcpy(&old, list, sizeof(old));
	new = realloc(old, more * size);
	if (!new) {
		l->no_memory = true;
		return false;
	}
	memcpy(list, &new, sizeof(new));
	*room = more;
	return true;
}

/* ---- states ---- */

static uint32_t able(const struct gb_choice *choice)
{
	uint32_t app = 0, worker = 0, interrupt = 0;

	for (uint32_t i = 0; i < choice->n; i++) {
		app += choice->alt[i].kind == GB_ACTOR_APP;
		worker += choice->alt[i].kind == GB_ACTOR_WORKER;
		interrupt += choice->alt[i].kind == GB_ACTOR_IRQ || choice->alt[i].kind == GB_ACTOR_TIMER;
	}
	return ((choice->n * 2 + app) * 128 + worker) * 128 + interrupt;
}

/* States with the same have the same future, as far as the bounds go. */
static struct ck_hash hash_of(struct ck_layers *l, const struct ck_place *place)
{
	struct ck_worker *w = &l->tree->worker[0];
	struct ck_hash hash;

	ck_symmetry_names(w);
	hash = ck_hash_bytes(w->form, gb_world_canonical(w->world, w->rename, l->tree->canonical, w->form), 0);
	if (l->max_decisions != UINT32_MAX)
		ck_hash_add(&hash, place->decisions, 0);
	if (l->max_preemptions != UINT32_MAX)
		ck_hash_add(&hash, place->preempted, (uint64_t)place->last_kind << 16 | place->last_index);
	return hash;
}

/* The world as it is now, at l->packed. */
static size_t pack(struct ck_layers *l, bool first)
{
	struct ck_worker *w = &l->tree->worker[0];
	const struct ck_pieces child = {w->next, w->head, gb_world_bytes(w->world), gb_world_size(w->world)};

	if (first) /* it is the base of all differences */
		return ck_pack(l->tree->start, w->head + gb_world_size(w->world), l->tree->start, l->packed);
	ck_worker_save_head(w, w->next);
	return ck_pack_child(&child, l->tree->start, &w->blob, l->packed);
}

/* The world as it is now, to be explored when its layer comes. */
static void add_state(struct ck_layers *l, const struct ck_particle *from)
{
	struct ck_worker *w = &l->tree->worker[0];
	struct ck_particle p = *from;
	struct gb_choice choice;

	if (!have_room(l, &l->waiting, l->n_waiting + 1, &l->waiting_room, sizeof(*l->waiting)))
		return;
	gb_world_enabled(w->world, &choice);
	p.place.able = able(&choice);
	p.hash = hash_of(l, &p.place);
	p.factor = 1;
	p.order = l->created++;
	p.bytes = (uint32_t)pack(l, p.parent == CK_NO_NODE);
	p.packed = malloc(p.bytes);
	if (!p.packed) {
		l->no_memory = true;
		return;
	}
	memcpy(p.packed, l->packed, p.bytes);
	l->bytes += p.bytes;
	l->waiting[l->n_waiting++] = p;
}

/* The end of as many schedules as lead to it. */
static void add_end(struct ck_layers *l, const struct ck_particle *from)
{
	l->total += from->weight;
	if (!l->keep_nodes)
		return;
	l->node[from->parent].value += 1;
	for (uint32_t i = 0; i < l->draw; i++)
		if (ck_layers_random(l) * l->total < from->weight)
			l->drawn[i] = (struct ck_drawn){from->parent, from->edge};
}

/* ---- a layer ---- */

/* Moves the states of the lowest layer from those that wait. */
static bool take_layer(struct ck_layers *l)
{
	uint32_t lowest = UINT32_MAX, n = 0;

	l->n_now = 0;
	for (uint32_t i = 0; i < l->n_waiting; i++)
		lowest = l->waiting[i].place.level < lowest ? l->waiting[i].place.level : lowest;
	for (uint32_t i = 0; i < l->n_waiting; i++) {
		if (l->waiting[i].place.level != lowest) {
			l->waiting[n++] = l->waiting[i];
			continue;
		}
		if (!have_room(l, &l->now, l->n_now + 1, &l->now_room, sizeof(*l->now)))
			return false;
		l->now[l->n_now++] = l->waiting[i];
		l->waiting[i].packed = NULL;
	}
	l->n_waiting = n;
	return l->n_now;
}

static int compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* Those that are alike side by side, equal ones in the order in which they came. */
static int by_kind(const void *x, const void *y)
{
	const struct ck_particle *a = x, *b = y;
	int d = compare(a->place.app, b->place.app);

	d = d ? d : compare(a->place.able, b->place.able);
	d = d ? d : compare(a->hash.a, b->hash.a);
	d = d ? d : compare(a->hash.b, b->hash.b);
	return d ? d : compare(a->order, b->order);
}

static bool is_same(const struct ck_particle *a, const struct ck_particle *b)
{
	return a->place.app == b->place.app && a->hash.a == b->hash.a && a->hash.b == b->hash.b;
}

/* Adds `p` to `to`, which has the same future. Of the ways there one stays, drawn by weight. */
static void merge(struct ck_layers *l, struct ck_particle *to, const struct ck_particle *p)
{
	const double weight = to->weight + p->weight;
	unsigned char *gone = p->packed;
	uint32_t bytes = p->bytes;

	if (l->keep_nodes && ck_layers_random(l) * weight < p->weight) {
		gone = to->packed;
		bytes = to->bytes;
		to->packed = p->packed;
		to->bytes = p->bytes;
		to->parent = p->parent;
		to->edge = p->edge;
	}
	free(gone);
	l->bytes -= bytes;
	to->weight = weight;
}

static bool join(struct ck_layers *l)
{
	uint32_t n = 0;

	if (l->keep_nodes && !have_room(l, &l->link, l->n_links + l->n_now, &l->links_room, sizeof(*l->link)))
		return false;
	qsort(l->now, l->n_now, sizeof(*l->now), by_kind);
	for (uint32_t i = 0; i < l->n_now; i++) {
		const struct ck_particle p = l->now[i];

		if (n && is_same(&l->now[n - 1], &p)) {
			merge(l, &l->now[n - 1], &p);
		} else {
			l->now[n] = p;
			l->now[n++].link = l->n_links;
		}
		if (l->keep_nodes) {
			l->link[l->n_links++] = p.parent;
			l->now[n - 1].n_links++;
		}
	}
	l->n_now = n;
	return true;
}

/* ---- a pass ---- */

/* The children of a state; `from` has its weight and number. */
static void expand(struct ck_layers *l, struct ck_particle *from, const struct ck_place *place)
{
	struct ck_worker *w = &l->tree->worker[0];
	struct gb_choice choice;
	const uint32_t n = gb_world_enabled(w->world, &choice);

	for (uint32_t pick = 0; pick < (n > 1 ? n : 1); pick++) {
		uint32_t nth = 0;

		w->odo = (struct ck_odometer){0};
		do {
			enum ck_target target;

			ck_worker_again(w);
			from->place = *place;
			from->edge = CK_EDGE(pick, nth);
			target = ck_layers_edge(l, n, pick, &from->place, NULL);
			l->endless = l->endless || target == CK_LIMIT || ++nth == 1U << CK_EDGE_BITS;
			if (l->endless)
				return;
			if (from->place.decisions > l->max_decisions || from->place.preempted > l->max_preemptions)
				continue;
			if (target == CK_END)
				add_end(l, from);
			else
				add_state(l, from);
		} while (ck_odometer_next(&w->odo));
	}
}

/* Explores one state of the layer; false if the pass cannot go on. */
static bool explore(struct ck_layers *l, struct ck_particle *p)
{
	struct ck_particle child = {.weight = p->weight, .parent = l->n_nodes};

	if (l->keep_nodes) {
		if (!have_room(l, &l->node, l->n_nodes + 1, &l->nodes_room, sizeof(*l->node)))
			return false;
		l->node[l->n_nodes++] = (struct ck_layer_node){.hash = p->hash,
							       .factor = p->factor,
							       .weight = p->weight,
							       .place = p->place,
							       .parent = p->parent,
							       .edge = p->edge,
							       .link = p->link,
							       .n_links = p->n_links};
	}
	ck_worker_load(&l->tree->worker[0], p->packed);
	expand(l, &child, &p->place);
	free(p->packed); /* its children are packed as differences to it */
	p->packed = NULL;
	l->bytes -= p->bytes;
	l->over = l->steps > l->max_steps || l->bytes > l->max_bytes;
	l->huge = p->weight > CK_TOO_MANY || l->total > CK_TOO_MANY;
	return !l->over && !l->huge && !l->endless && !l->no_memory;
}

static bool explore_layer(struct ck_layers *l)
{
	bool ok = join(l);

	if (ok)
		ck_layers_thin(l);
	for (uint32_t i = 0; ok && !l->no_memory && i < l->n_now; i++)
		ok = explore(l, &l->now[i]);
	return ok && !l->no_memory;
}

bool ck_layers_pass(struct ck_layers *l)
{
	struct ck_worker *w = &l->tree->worker[0];
	bool ok = true;

	forget(l);
	l->total = 0;
	l->steps = l->bytes = 0;
	l->thinned = l->over = l->huge = l->endless = l->no_memory = false;
	l->created = l->n_nodes = l->n_links = 0;
	gb_world_reset(w->world);
	w->ctx = (struct ck_ctx){0};
	add_state(l, &(struct ck_particle){.weight = 1, .parent = CK_NO_NODE});
	while (ok && !l->no_memory && take_layer(l))
		ok = explore_layer(l);
	return ok && !l->no_memory;
}
