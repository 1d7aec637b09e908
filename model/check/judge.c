/* SPDX-License-Identifier: MIT */
/* From digests to words: the text of every outcome, and what the properties of the trace say about them. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "property.h"
#include "search.h"

/* What judging a run needs. */
struct judge {
	struct gb_check *check;
	struct ck_values *values;
	int64_t *work;
};

static uint32_t longest_property(const struct gb_trace *trace)
{
	uint32_t n = 1;

	for (uint32_t i = 0; i < trace->n_props; i++)
		n = trace->props[i].n > n ? trace->props[i].n : n;
	return n;
}

static bool judge_init(struct judge *j, struct gb_check *c)
{
	j->check = c;
	j->values = calloc(c->trace->n_sqes + 1UL, sizeof(*j->values));
	j->work = calloc(longest_property(c->trace), sizeof(*j->work));
	return j->values && j->work;
}

static void judge_clear(struct judge *j)
{
	free(j->values);
	free(j->work);
}

/* ---- one outcome ---- */

static void outcome_clear(struct gb_check_outcome *o)
{
	for (uint32_t i = 0; o->line && i < o->n; i++)
		free(o->line[i]);
	free(o->line);
	free(o->holds);
	free(o->seen);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool print_lines(const struct judge *j, struct gb_check_outcome *o)
{
	const uint32_t n = gb_observer_count(j->check->observer);

	o->line = calloc(n + 1UL, sizeof(*o->line));
	for (o->n = 0; o->line && o->n < n; o->n++) {
		const struct gb_obs *obs = &gb_observer_list(j->check->observer)[o->n];
		char *line = gb_obs_print(j->check->trace, obs);

		if (!line)
			return false;
		o->line[o->n] = line;
	}
	if (o->line && j->check->outcomes == GB_CHECK_RESULTS)
		qsort(o->line, o->n, sizeof(*o->line), by_text);
	return o->line;
}

/* "a.cqe = 2": what a property asks about, once each. */
static bool print_atom(const struct judge *j, struct gb_check_outcome *o, const struct gb_expr *atom)
{
	static const char *const names[] = {"cqe", "res", "ack", "acks"};
	const char *label = j->check->trace->sqes[atom->sqe].label;
	const size_t size = strlen(label) + 40;
	char *line = malloc(size);

	if (!line)
		return false;
	snprintf(line, size, "%s.%s = %" PRId64, label, names[atom->op - GB_EXPR_CQE], ck_value(atom, j->values));
	for (uint32_t i = 0; i < o->n; i++) {
		if (strcmp(o->line[i], line) == 0) {
			free(line);
			return true;
		}
	}
	o->line[o->n++] = line;
	return true;
}

static bool print_atoms(const struct judge *j, struct gb_check_outcome *o)
{
	const struct gb_trace *t = j->check->trace;
	uint32_t n = 0;

	for (uint32_t i = 0; i < t->n_props; i++)
		n += t->props[i].n;
	o->line = calloc(n + 1UL, sizeof(*o->line));
	for (uint32_t i = 0; o->line && i < t->n_props; i++)
		for (uint32_t k = 0; k < t->props[i].n; k++)
			if (t->props[i].node[k].op >= GB_EXPR_CQE && !print_atom(j, o, &t->props[i].node[k]))
				return false;
	return o->line;
}

static bool fill_outcome(struct judge *j, struct gb_check_outcome *o)
{
	const struct gb_trace *t = j->check->trace;

	ck_values_of(t, j->check->observer, j->values);
	o->holds = calloc(t->n_props + 1UL, sizeof(*o->holds));
	o->seen = calloc(t->n_seen + 1UL, sizeof(*o->seen));
	if (!o->holds || !o->seen)
		return false;
	for (uint32_t i = 0; i < t->n_props; i++)
		o->holds[i] = ck_property_true(&t->props[i], j->values, j->work);
	for (uint32_t i = 0; i < t->n_seen; i++)
		o->seen[i] = ck_is_seen(&t->seen[i], j->check->observer);
	if (j->check->outcomes == GB_CHECK_ORDER || (!t->n_expect && !t->n_seen))
		o->expected = !gb_observer_compare(j->check->observer, j->check->config.visible).differs;
	else /* not judged: that it came to an end has to do */
		o->expected = o->state == GB_FINISHED;
	return j->check->outcomes == GB_CHECK_NONE ? print_atoms(j, o) : print_lines(j, o);
}

static bool judge_outcome(struct judge *j, const struct ck_outcome *from, struct gb_check_outcome *o)
{
	enum gb_run_state state;

	*o = (struct gb_check_outcome){.path = from->path, .count = from->count};
	if (!ck_observe(j->check, from->path, &state))
		return false;
	o->state = state;
	return fill_outcome(j, o);
}

/* Would this outcome alone violate a property? */
static bool violates(const struct judge *j)
{
	const struct gb_trace *t = j->check->trace;

	ck_values_of(t, j->check->observer, j->values);
	for (uint32_t i = 0; i < t->n_props; i++) {
		const enum gb_quantifier quantifier = t->props[i].quantifier;

		if (quantifier != GB_EXISTS &&
		    ck_property_true(&t->props[i], j->values, j->work) == (quantifier == GB_NEVER))
			return true;
	}
	return false;
}

bool ck_test_properties(struct gb_check *c, bool *violated)
{
	struct judge j;
	bool ok = judge_init(&j, c);

	for (*violated = false; ok && !*violated && c->n_tested < c->n_outcomes; c->n_tested++) {
		enum gb_run_state state;

		ok = ck_observe(c, c->outcome[c->n_tested].path, &state);
		*violated = ok && state == GB_FINISHED && violates(&j);
	}
	judge_clear(&j);
	return ok;
}

/* ---- all outcomes ---- */

static int compare_outcomes(const void *x, const void *y)
{
	const struct gb_check_outcome *a = x, *b = y;
	int d = 0;

	for (uint32_t i = 0; !d && i < a->n && i < b->n; i++)
		d = strcmp(a->line[i], b->line[i]);
	if (!d)
		d = (a->n > b->n) - (a->n < b->n);
	return d ? d : (a->state > b->state) - (a->state < b->state);
}

/* Digests are finer than the text: outcomes that read the same are one. */
static void merge(struct gb_check *c)
{
	uint32_t n = 0;

	qsort(c->judged, c->n_judged, sizeof(*c->judged), compare_outcomes);
	for (uint32_t i = 0; i < c->n_judged; i++) {
		struct gb_check_outcome *o = &c->judged[i];

		if (n && compare_outcomes(&c->judged[n - 1], o) == 0) {
			struct gb_check_outcome *kept = &c->judged[n - 1];

			kept->count += o->count;
			/* the witness that was found first, however they were sorted */
			if (o->path.state < kept->path.state)
				kept->path = o->path;
			outcome_clear(o);
			continue;
		}
		c->judged[n++] = *o;
	}
	c->n_judged = n;
}

static bool judge_outcomes(struct gb_check *c)
{
	struct judge j;
	bool ok = judge_init(&j, c);

	c->judged = calloc(c->n_outcomes + 1UL, sizeof(*c->judged));
	ok = ok && c->judged;
	for (c->n_judged = 0; ok && c->n_judged < c->n_outcomes; c->n_judged++)
		ok = judge_outcome(&j, &c->outcome[c->n_judged], &c->judged[c->n_judged]);
	judge_clear(&j);
	if (ok)
		merge(c);
	return ok;
}

/* ---- claims ---- */

/* Of one shard of several nothing is decided but that something is possible, or has gone wrong. */
static bool is_complete(const struct gb_check *c)
{
	return c->stats.end == GB_CHECK_COMPLETE && (c->config.shards <= 1 || c->merged);
}

static struct gb_check_claim *new_claim(struct gb_check *c, enum gb_check_claim_kind kind, char *text)
{
	struct gb_check_claim *list = realloc(c->claim, (c->n_claims + 1UL) * sizeof(*list));

	if (!list || !text) {
		c->claim = list ? list : c->claim;
		free(text);
		return NULL;
	}
	c->claim = list;
	list[c->n_claims] = (struct gb_check_claim){.kind = kind, .text = text, .req = GB_NO_REQ};
	return &list[c->n_claims++];
}

/* Counts an outcome for a claim; `wanted` is the kind of which the claim needs a witness. */
static void count(struct gb_check_claim *claim, const struct gb_check_outcome *o, bool is, bool wanted)
{
	if (is)
		claim->yes++;
	else
		claim->no++;
	if (is == wanted && (!claim->has_path || o->path.state < claim->path.state)) {
		claim->has_path = true;
		claim->path = o->path;
	}
}

/* Something that has to be possible. */
static void decide_possible(const struct gb_check *c, struct gb_check_claim *claim)
{
	if (claim->yes)
		claim->verdict = GB_CHECK_HOLDS;
	else
		claim->verdict = is_complete(c) ? GB_CHECK_VIOLATED : GB_CHECK_UNDECIDED;
}

/* Something that must not happen. */
static void decide_never(const struct gb_check *c, struct gb_check_claim *claim, uint64_t bad)
{
	if (bad)
		claim->verdict = GB_CHECK_VIOLATED;
	else
		claim->verdict = is_complete(c) ? GB_CHECK_HOLDS : GB_CHECK_UNDECIDED;
}

/* An outcome without an order stands for runs of which only some may be what the trace states. */
static bool judge_expected(struct gb_check *c)
{
	struct gb_check_claim *claim;

	if (c->outcomes != GB_CHECK_ORDER || (!c->trace->n_expect && !c->trace->n_seen))
		return true;
	claim = new_claim(c, GB_CLAIM_EXPECTED, strdup("what the trace states"));
	if (!claim)
		return false;
	if (c->trace->n_expect)
		claim->pos = c->trace->expect[0].pos;
	for (uint32_t i = 0; i < c->n_judged; i++)
		count(claim, &c->judged[i], c->judged[i].expected, true);
	decide_possible(c, claim);
	return true;
}

static bool judge_seen(struct gb_check *c)
{
	for (uint32_t k = 0; c->outcomes == GB_CHECK_ORDER && k < c->trace->n_seen; k++) {
		struct gb_check_claim *claim = new_claim(c, GB_CLAIM_SEEN, gb_seen_print(c->trace, &c->trace->seen[k]));

		if (!claim)
			return false;
		claim->pos = c->trace->seen[k].pos;
		for (uint32_t i = 0; i < c->n_judged; i++)
			count(claim, &c->judged[i], c->judged[i].seen[k], true);
		decide_possible(c, claim);
	}
	return true;
}

static bool judge_properties(struct gb_check *c)
{
	for (uint32_t k = 0; k < c->trace->n_props; k++) {
		const struct gb_prop *prop = &c->trace->props[k];
		struct gb_check_claim *claim = new_claim(c, GB_CLAIM_PROPERTY, gb_prop_print(c->trace, prop));

		if (!claim)
			return false;
		claim->pos = prop->pos;
		for (uint32_t i = 0; i < c->n_judged; i++)
			/* a run that a hazard stopped says nothing about its end */
			if (c->judged[i].state == GB_FINISHED)
				count(claim, &c->judged[i], c->judged[i].holds[k], prop->quantifier != GB_FORALL);
		if (prop->quantifier == GB_EXISTS)
			decide_possible(c, claim);
		else
			decide_never(c, claim, prop->quantifier == GB_NEVER ? claim->yes : claim->no);
		if (is_complete(c) && !claim->yes && !claim->no)
			claim->verdict = GB_CHECK_VACUOUS;
	}
	return true;
}

/* "hazard leak at io_free_req of a", "I32 of a". Of what the trace states one finding may stand for several requests.
 */
static char *finding_text(const struct gb_check *c, const struct ck_finding *f)
{
	const bool hazard = f->kind == GB_CLAIM_HAZARD;
	const char *name = hazard ? gb_hazard_name((enum gb_hazard_kind)f->id) : gb_invariant_at(f->id)->number;
	const char *label = !f->stated && f->req < c->trace->n_sqes ? c->trace->sqes[f->req].label : NULL;
	const size_t size = strlen(name) + (hazard ? strlen(f->function) : 0) + (label ? strlen(label) : 0) + 20;
	char *text = malloc(size);

	if (text && hazard)
		snprintf(text, size, "hazard %s at %s%s%s", name, f->function, label ? " of " : "", label ? label : "");
	else if (text)
		snprintf(text, size, "%s%s%s", name, label ? " of " : "", label ? label : "");
	return text;
}

/* What came up, with the path to it. */
static bool add_found(struct gb_check *c, const struct ck_finding *f)
{
	struct gb_check_claim *claim = new_claim(c, f->kind, finding_text(c, f));

	if (!claim)
		return false;
	claim->expected = f->stated;
	claim->verdict = f->stated ? GB_CHECK_HOLDS : GB_CHECK_VIOLATED;
	claim->req = f->stated ? GB_NO_REQ : f->req;
	claim->beyond = !f->stated && ck_stated_lines(c, f);
	claim->more = f->more;
	claim->has_path = true;
	claim->path = f->path;
	claim->yes = 1;
	if (f->kind == GB_CLAIM_INVARIANT) {
		claim->invariant = gb_invariant_at(f->id);
		claim->detail = gb_violation_print(c->trace, &f->violation);
	} else {
		claim->detail = f->text ? strdup(f->text) : NULL;
	}
	return claim->detail || (f->kind == GB_CLAIM_HAZARD && !f->text);
}

static bool judge_hazards(struct gb_check *c)
{
	for (uint32_t i = 0; i < c->n_findings; i++)
		if (c->finding[i].kind == GB_CLAIM_HAZARD && !add_found(c, &c->finding[i]))
			return false;
	return true;
}

bool ck_was_exercised(const struct gb_check *c, uint32_t invariant)
{
	for (uint32_t i = 0; i < c->jobs; i++)
		if (c->worker[i].exercised[invariant])
			return true;
	return false;
}

/* One invariant: what was found of it, else that it holds. */
static bool judge_invariant(struct gb_check *c, uint32_t k)
{
	struct gb_check_claim *claim;
	bool found = false;

	for (uint32_t i = 0; i < c->n_findings; i++) {
		if (c->finding[i].kind != GB_CLAIM_INVARIANT || c->finding[i].id != k)
			continue;
		found = true;
		if (!add_found(c, &c->finding[i]))
			return false;
	}
	if (found)
		return true;
	claim = new_claim(c, GB_CLAIM_INVARIANT, strdup(gb_invariant_at(k)->number));
	if (!claim)
		return false;
	claim->invariant = gb_invariant_at(k);
	claim->expected = true;
	decide_never(c, claim, 0);
	if (is_complete(c) && !ck_was_exercised(c, k))
		claim->verdict = GB_CHECK_VACUOUS;
	return true;
}

/* Every invariant the monitor decides. */
static bool judge_invariants(struct gb_check *c)
{
	for (uint32_t k = 0; c->config.invariants && gb_invariant_at(k); k++)
		if (!gb_invariant_at(k)->undecided && !judge_invariant(c, k))
			return false;
	return true;
}

void ck_judge_free(struct gb_check *c)
{
	for (uint32_t i = 0; i < c->n_judged; i++)
		outcome_clear(&c->judged[i]);
	for (uint32_t i = 0; i < c->n_claims; i++) {
		free(c->claim[i].text);
		free(c->claim[i].detail);
	}
	free(c->judged);
	free(c->claim);
	c->judged = NULL;
	c->claim = NULL;
	c->n_judged = c->n_claims = 0;
}

bool gb_check_judge(struct gb_check *c)
{
	ck_judge_free(c);
	return judge_outcomes(c) && judge_expected(c) && judge_seen(c) && judge_properties(c) && judge_hazards(c) &&
	       judge_invariants(c);
}

uint32_t gb_check_outcome_count(const struct gb_check *c)
{
	return c->n_judged;
}

const struct gb_check_outcome *gb_check_outcome_at(const struct gb_check *c, uint32_t i)
{
	return &c->judged[i];
}

uint32_t gb_check_claim_count(const struct gb_check *c)
{
	return c->n_claims;
}

const struct gb_check_claim *gb_check_claim_at(const struct gb_check *c, uint32_t i)
{
	return &c->claim[i];
}
