/* SPDX-License-Identifier: MIT */
/* A search as a file: to go on later, or to put the shards of one together. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "search.h"

#define LOG_BLOCK (1U << 16)

static const char magic[16] = "groupbuf check3";

/* What shapes a search, and the numbers it has come to. */
struct head {
	char magic[sizeof(magic)];
	char sources[sizeof(ck_sources)];
	uint8_t pointer, order_of_bytes; /* of the machine; with the sources they decide what every struct looks like */
	struct ck_hash identity, start;	 /* of the trace, and of the first state */
	uint64_t blob_room;
	uint32_t variant, fault, order, outcomes, reductions, shard, shards, level, max_level;
	uint8_t exact, time_races, invariants, visible, divided, more_levels,
		step_limit; /* a bool of a broken file is none */
	uint8_t taken;
	uint32_t n_nodes, n_outcomes, n_findings, n_invariants;
	uint32_t n_items, chunks_done, stored; /* a batch that was not stored as a whole */
	uint64_t packed_used;
	struct gb_check_stats stats;
};

static struct head head_of(const struct gb_check *c)
{
	const uint16_t one = 1;
	struct head h;

	memset(&h, 0, sizeof(h));
	memcpy(h.magic, magic, sizeof(magic));
	memcpy(h.sources, ck_sources, sizeof(ck_sources));
	h.pointer = sizeof(void *);
	memcpy(&h.order_of_bytes, &one, 1);
	h.identity = c->identity;
	h.start = ck_hash_bytes(c->start, c->blob_room, 0);
	h.blob_room = c->blob_room;
	h.variant = c->config.variant;
	h.fault = c->config.fault;
	h.order = c->config.order;
	h.outcomes = c->outcomes;
	h.reductions = c->config.reductions;
	h.shard = c->config.shard;
	h.shards = c->config.shards;
	h.level = c->level;
	h.max_level = c->config.max_level;
	h.exact = c->config.exact;
	h.time_races = c->config.time_races;
	h.invariants = c->config.invariants;
	h.visible = c->config.visible;
	h.divided = c->divided;
	h.more_levels = c->more_levels;
	h.step_limit = c->step_limit;
	h.n_nodes = c->n_nodes;
	h.n_outcomes = c->n_outcomes;
	h.n_findings = c->n_findings;
	h.n_invariants = ck_invariants();
	h.taken = c->taken;
	h.n_items = c->n_items;
	h.chunks_done = c->chunks_done;
	h.stored = c->stored;
	h.packed_used = c->n_items ? c->packed_used : 0;
	h.stats = c->stats;
	return h;
}

/* A finding without pointers. */
struct flat_finding {
	uint32_t kind, id, req;
	uint8_t stops, stated, more;
	struct gb_violation violation;
	struct gb_check_path path;
	uint32_t function, text; /* lengths of the strings behind it, with their end */
};

static bool put_string(struct ck_file *f, const char *text, uint32_t size)
{
	return ck_put(f, text, size);
}

static bool save_findings(const struct gb_check *c, struct ck_file *f)
{
	bool ok = true;

	for (uint32_t i = 0; ok && i < c->n_findings; i++) {
		const struct ck_finding *from = &c->finding[i];
		struct flat_finding flat;

		memset(&flat, 0, sizeof(flat));
		flat.kind = from->kind;
		flat.id = from->id;
		flat.req = from->req;
		flat.stops = from->stops;
		flat.stated = from->stated;
		flat.more = from->more;
		flat.violation = from->violation;
		flat.path = from->path;
		flat.function = from->function ? (uint32_t)strlen(from->function) + 1 : 0;
		flat.text = from->text ? (uint32_t)strlen(from->text) + 1 : 0;
		ok = ck_put(f, &flat, sizeof(flat)) && put_string(f, from->function, flat.function) &&
		     put_string(f, from->text, flat.text);
	}
	return ok;
}

static bool save_outcomes(const struct gb_check *c, struct ck_file *f)
{
	bool ok = true;

	for (uint32_t i = 0; ok && i < c->n_outcomes; i++)
		ok = ck_put(f, &c->outcome[i], sizeof(c->outcome[i]));
	return ok;
}

static bool save_log(const struct gb_check *c, struct ck_file *f)
{
	bool ok = true;

	for (uint32_t at = 0; ok && at < c->n_nodes; at += LOG_BLOCK) {
		const uint32_t n = c->n_nodes - at < LOG_BLOCK ? c->n_nodes - at : LOG_BLOCK;

		ok = ck_put(f, c->log->parent[at / LOG_BLOCK], n * sizeof(uint32_t)) &&
		     ck_put(f, c->log->edge[at / LOG_BLOCK], n * sizeof(uint16_t));
	}
	return ok;
}

static bool save_exercised(const struct gb_check *c, struct ck_file *f)
{
	bool ok = true;

	for (uint32_t i = 0; ok && i < ck_invariants(); i++) {
		const uint8_t was = ck_was_exercised(c, i);

		ok = ck_put(f, &was, sizeof(was));
	}
	return ok;
}

static bool save_batch(const struct gb_check *c, struct ck_file *f)
{
	bool ok = true;

	for (uint32_t i = 0; ok && i < c->n_items; i++)
		ok = ck_put(f, &c->item[i], sizeof(c->item[i]));
	return ok && (!c->n_items || ck_put(f, c->packed, c->packed_used));
}

bool gb_check_save(const struct gb_check *c, FILE *file)
{
	struct ck_file f = {file, {0, 0}, 0};
	const struct head head = head_of(c);
	struct ck_hash sum;
	bool ok;

	if (c->lost) {
		errno = ENOMEM;
		return false;
	}
	ok = ck_put(&f, &head, sizeof(head)) && save_log(c, &f) && save_exercised(c, &f) && save_findings(c, &f) &&
	     save_outcomes(c, &f) && save_batch(c, &f) && ck_visited_save(&c->visited, &f) &&
	     ck_frontier_save(&c->frontier, &f) && ck_division_save(c, &f);
	sum = f.sum;
	return ok && ck_put(&f, &sum, sizeof(sum));
}

/* ---- reading ---- */

static bool load_log(struct gb_check *c, struct ck_file *f, uint32_t n_nodes)
{
	uint32_t *parent = malloc(LOG_BLOCK * sizeof(*parent));
	uint16_t *edge = malloc(LOG_BLOCK * sizeof(*edge));
	bool ok = parent && edge;

	c->n_nodes = 0;
	while (ok && c->n_nodes < n_nodes) {
		const uint32_t n = n_nodes - c->n_nodes < LOG_BLOCK ? n_nodes - c->n_nodes : LOG_BLOCK;

		ok = ck_get(f, parent, n * sizeof(*parent)) && ck_get(f, edge, n * sizeof(*edge));
		for (uint32_t i = 0; ok && i < n; i++)
			ok = (parent[i] < c->n_nodes || parent[i] == CK_NO_NODE) && ck_log_add(c, parent[i], edge[i]);
	}
	free(parent);
	free(edge);
	return ok;
}

/* A string of a finding; it lives as long as the search. */
static bool get_string(struct gb_check *c, struct ck_file *f, uint32_t size, const char **out)
{
	char **list;
	char *text;

	*out = NULL;
	if (!size)
		return true;
	text = size < 4096 ? ck_get_array(f, size) : NULL;
	list = realloc(c->string, (c->n_strings + 1UL) * sizeof(*list));
	if (list)
		c->string = list;
	if (!list || !text) {
		free(text);
		return false;
	}
	text[size - 1] = '\0';
	c->string[c->n_strings++] = text;
	*out = text;
	return true;
}

static bool load_findings(struct gb_check *c, struct ck_file *f, uint32_t n)
{
	bool ok = true;

	for (uint32_t i = 0; ok && i < n; i++) {
		struct flat_finding flat;
		struct ck_finding finding = {0};

		ok = ck_get(f, &flat, sizeof(flat)) && flat.kind <= GB_CLAIM_INVARIANT &&
		     flat.kind >= GB_CLAIM_HAZARD && (flat.kind == GB_CLAIM_INVARIANT || flat.function) &&
		     get_string(c, f, flat.function, &finding.function) && get_string(c, f, flat.text, &finding.text);
		if (!ok)
			break;
		finding.kind = (enum gb_check_claim_kind)flat.kind;
		finding.id = flat.id;
		finding.req = flat.req;
		finding.stops = flat.stops;
		finding.stated = flat.stated;
		finding.more = flat.more;
		finding.violation = flat.violation;
		finding.path = flat.path;
		ok = flat.path.state < c->n_nodes && ck_keep_finding(c, &finding);
	}
	return ok;
}

static bool load_outcomes(struct gb_check *c, struct ck_file *f, uint32_t n)
{
	bool ok = true;

	for (uint32_t i = 0; ok && i < n; i++) {
		struct ck_outcome outcome;

		ok = ck_get(f, &outcome, sizeof(outcome)) && outcome.path.state < c->n_nodes &&
		     ck_add_outcome(c, &outcome);
	}
	return ok;
}

static bool load_exercised(struct gb_check *c, struct ck_file *f)
{
	bool ok = true;

	for (uint32_t i = 0; ok && i < ck_invariants(); i++) {
		uint8_t was;

		ok = ck_get(f, &was, sizeof(was));
		c->worker[0].exercised[i] = ok && was;
	}
	return ok;
}

static bool load_batch(struct gb_check *c, struct ck_file *f, const struct head *h)
{
	bool ok = h->n_items <= CK_BATCH && h->chunks_done <= CK_CHUNKS;

	for (uint32_t i = 0; ok && i < h->n_items; i++)
		ok = ck_get(f, &c->item[i], sizeof(c->item[i])) && c->item[i].at <= h->packed_used &&
		     c->item[i].entry.bytes <= h->packed_used - c->item[i].at && c->item[i].entry.node < c->n_nodes;
	if (!ok || !h->n_items)
		return ok;
	c->packed = ck_get_array(f, h->packed_used);
	c->packed_used = c->packed_room = h->packed_used;
	c->n_items = h->n_items;
	c->taken = h->taken;
	c->chunks_done = h->chunks_done;
	c->stored = h->stored;
	return c->packed;
}

/* In place of the start; with a bound of memory no more than a half of it is taken for what waits. */
static bool load_frontier(struct gb_check *c, struct ck_file *f)
{
	ck_frontier_free(&c->frontier);
	ck_frontier_init(&c->frontier);
	return (!c->config.spill || ck_frontier_use_file(&c->frontier, c->config.spill)) &&
	       ck_frontier_load(&c->frontier, f, c->config.max_memory / 2);
}

static bool load_body(struct gb_check *c, struct ck_file *f, const struct head *h)
{
	struct ck_hash sum, said;

	if (!load_log(c, f, h->n_nodes) || !load_exercised(c, f) || !load_findings(c, f, h->n_findings) ||
	    !load_outcomes(c, f, h->n_outcomes) || !load_batch(c, f, h) || !ck_visited_load(&c->visited, f) ||
	    !load_frontier(c, f) || !ck_division_load(c, f))
		return false;
	sum = f->sum;
	return ck_get(f, &said, sizeof(said)) && said.a == sum.a && said.b == sum.b;
}

static struct gb_check_config config_of(const struct gb_check_config *config, const struct head *h)
{
	struct gb_check_config c = *config;

	c.variant = h->variant;
	c.fault = h->fault;
	c.order = (enum gb_check_order)h->order;
	c.outcomes = (enum gb_check_outcomes)h->outcomes;
	c.reductions = h->reductions;
	c.shard = h->shard;
	c.shards = h->shards;
	c.exact = h->exact;
	c.time_races = h->time_races;
	c.invariants = h->invariants;
	c.visible = h->visible;
	/* what lay beyond a bound is gone, and parts have to be divided by the same one */
	if (config->max_level == UINT32_MAX || h->more_levels || h->shards)
		c.max_level = h->max_level;
	return c;
}

/* The same sources on a machine of the same kind. */
static bool same_build(const struct head *h)
{
	const uint16_t one = 1;

	return memcmp(h->sources, ck_sources, sizeof(ck_sources)) == 0 && h->pointer == sizeof(void *) &&
	       memcmp(&h->order_of_bytes, &one, 1) == 0;
}

/* Bytes of a file; 0 if it does not tell. */
static size_t size_of(FILE *file)
{
	const long at = ftell(file);
	long end;

	if (at < 0 || fseek(file, 0, SEEK_END) != 0)
		return 0;
	end = ftell(file);
	return fseek(file, at, SEEK_SET) == 0 && end > 0 ? (size_t)end : 0;
}

enum gb_status gb_check_load(const struct gb_trace *trace, const struct gb_check_config *config, FILE *file,
			     struct gb_check **out, struct gb_error *err)
{
	struct ck_file f = {file, {0, 0}, size_of(file)};
	struct gb_check_config shape;
	struct gb_check *c;
	struct head h, own;
	enum gb_status status;

	*out = NULL;
	if (!ck_get(&f, &h, sizeof(h)) || memcmp(h.magic, magic, sizeof(magic)) != 0)
		return gb_error_set(err, GB_BAD_INPUT, 0, 0, "no checkpoint of this version");
	if (!same_build(&h))
		return gb_error_set(err, GB_BAD_INPUT, 0, 0, "the checkpoint is of another build of groupbuf");
	if (h.order > GB_CHECK_LIFO || h.outcomes > GB_CHECK_NONE || h.shard > h.shards || !h.shard != !h.shards ||
	    h.n_invariants != ck_invariants())
		return gb_error_set(err, GB_BAD_INPUT, 0, 0, "the checkpoint is broken");
	shape = config_of(config, &h);
	status = gb_check_new(trace, &shape, &c, err);
	if (status != GB_OK)
		return status;
	own = head_of(c);
	if (h.blob_room != own.blob_room || h.start.a != own.start.a || h.identity.a != own.identity.a) {
		gb_check_free(c);
		return gb_error_set(err, GB_BAD_INPUT, 0, 0, "the checkpoint is of another trace or version");
	}
	c->divided = h.divided;
	if (h.divided)
		ck_division_free(c);
	if (!load_body(c, &f, &h)) {
		gb_check_free(c);
		return gb_error_set(err, GB_BAD_INPUT, 0, 0, "the checkpoint is broken");
	}
	c->level = h.level;
	c->more_levels = h.more_levels;
	c->step_limit = h.step_limit;
	c->stats = h.stats;
	c->space = h.stats.at.fraction > 0 ? (double)h.stats.at.states / h.stats.at.fraction : 0;
	*out = c;
	return GB_OK;
}

/* ---- merging ---- */

static bool same_search(const struct gb_check *a, const struct gb_check *b)
{
	struct head x = head_of(a), y = head_of(b);

	/* reductions as well: they decide which states there were to divide */
	return x.identity.a == y.identity.a && x.start.a == y.start.a && x.variant == y.variant && x.fault == y.fault &&
	       x.order == y.order && x.outcomes == y.outcomes && x.reductions == y.reductions && x.exact == y.exact &&
	       x.time_races == y.time_races && x.invariants == y.invariants && x.visible == y.visible &&
	       x.shards == y.shards && x.max_level == y.max_level;
}

/* Remembers which shards there are in `into`; an error if that of `from` is. */
static enum gb_status merge_part(struct gb_check *into, const struct gb_check *from, struct gb_error *err)
{
	if (!into->part) {
		into->part = calloc(into->config.shards + 1UL, sizeof(*into->part));
		if (!into->part)
			return gb_error_set(err, GB_NO_MEMORY, 0, 0, "no memory left");
		into->part[into->config.shard] = true;
	}
	if (into->part[from->config.shard])
		return gb_error_set(err, GB_BAD_INPUT, 0, 0, "this part is given twice");
	into->part[from->config.shard] = true;
	return GB_OK;
}

static bool merge_log(struct gb_check *into, const struct gb_check *from, uint32_t offset)
{
	bool ok = true;

	for (uint32_t i = 0; ok && i < from->n_nodes; i++) {
		const uint32_t parent = from->log->parent[i / LOG_BLOCK][i % LOG_BLOCK];

		ok = ck_log_add(into, parent == CK_NO_NODE ? parent : parent + offset,
				from->log->edge[i / LOG_BLOCK][i % LOG_BLOCK]);
	}
	return ok;
}

static bool merge_findings(struct gb_check *into, const struct gb_check *from, uint32_t offset)
{
	bool ok = true;

	for (uint32_t i = 0; ok && i < from->n_findings; i++) {
		struct ck_finding finding = from->finding[i];

		finding.path.state += offset;
		ok = ck_keep_finding(into, &finding);
	}
	for (uint32_t i = 0; ok && i < from->n_outcomes; i++) {
		struct ck_outcome outcome = from->outcome[i];

		outcome.path.state += offset;
		ok = ck_add_outcome(into, &outcome);
	}
	return ok;
}

/* What several shards have seen counts as often as they have seen it. */
static void merge_space(struct gb_check *into, const struct gb_check *from)
{
	into->space = into->space > 0 && from->space > 0 ? into->space + from->space : 0;
	into->stats.at.fraction = into->space > 0 ? (double)into->stats.at.states / into->space : 0;
}

static void merge_stats(struct gb_check *into, const struct gb_check *from)
{
	struct gb_check_stats *a = &into->stats;
	const struct gb_check_stats *b = &from->stats;

	a->at.states += b->at.states;
	a->at.transitions += b->at.transitions;
	a->at.steps += b->at.steps;
	a->at.frontier += b->at.frontier;
	a->revisits += b->revisits;
	a->terminals += b->terminals;
	merge_space(into, from);
	into->pairs += (double)from->visited.n * (double)from->visited.n / 2;
	a->depth = b->depth > a->depth ? b->depth : a->depth;
	a->at.level = b->at.level > a->at.level ? b->at.level : a->at.level;
	/* a bound of levels says the least of why it is not complete: all below it is decided */
	if (a->end == GB_CHECK_COMPLETE || (a->end == GB_CHECK_MAX_LEVEL && b->end != GB_CHECK_COMPLETE))
		a->end = b->end;
	for (uint32_t i = 0; i < ck_invariants(); i++)
		into->worker[0].exercised[i] = into->worker[0].exercised[i] || ck_was_exercised(from, i);
}

enum gb_status gb_check_merge(struct gb_check *into, const struct gb_check *from, struct gb_error *err)
{
	const uint32_t offset = into->n_nodes;
	enum gb_status status;

	if (!same_search(into, from))
		return gb_error_set(err, GB_BAD_INPUT, 0, 0, "this is a part of another search");
	status = merge_part(into, from, err);
	if (status != GB_OK)
		return status;
	into->merged = true;
	if (!merge_log(into, from, offset) || !merge_findings(into, from, offset))
		return gb_error_set(err, GB_NO_MEMORY, 0, 0, "no memory left");
	merge_stats(into, from);
	return GB_OK;
}
