/* SPDX-License-Identifier: MIT */
/* What a run came to, as text: behind its steps. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "groupbuf/check.h"
#include "groupbuf/reason.h"

#include "explain.h"
#include "explain_words.h"
#include "show.h"

struct ending {
	FILE *out;
	const struct gb_trace *trace;
	const struct facts *facts;
	const struct play *play;
	int width; /* of labels */
};

static void put_act(const struct ending *e, const struct fact_act *act)
{
	char actor[32];

	fprintf(e->out, "step %" PRIu64 " (%s)", act->step,
		words_actor(act->actor, act->actor_index, actor, sizeof(actor)));
}

/* ---- requests ---- */

static void put_place(const struct ending *e, const struct fact_request *r)
{
	if (r->leader != GB_NO_REQ)
		fprintf(e->out, ", member of %s", words_label(e->trace, r->leader));
	else if (r->members)
		fprintf(e->out, ", leads %" PRIu32 " member%s", r->members, r->members == 1 ? "" : "s");
	if (r->behind != GB_NO_REQ)
		fprintf(e->out, ", behind %s", words_label(e->trace, r->behind));
}

static void put_issues(const struct ending *e, const struct fact_request *r)
{
	if (!r->issues) {
		fputs("; never issued", e->out);
		return;
	}
	fputs("; issued in ", e->out);
	put_act(e, &r->first_issue);
	if (r->issues == 1)
		return;
	fputs(r->issues == 2 ? " and " : " to ", e->out);
	put_act(e, &r->last_issue);
	if (r->issues > 2)
		fprintf(e->out, ", %" PRIu32 " times", r->issues);
}

static void put_reason(const struct ending *e, const struct gb_event *ev)
{
	char text[512];

	if (ev->reason && ev->reason != GB_R_DONE)
		fprintf(e->out, ", %s", gb_reason_text(e->trace, ev, text, sizeof(text)));
}

static void put_completion(const struct ending *e, const struct fact_request *r)
{
	const bool dead = e->play->state == GB_DEAD;
	FILE *out = e->out;

	fprintf(out, "\n    %-*s  ", e->width, "");
	if (!r->cqes && !r->silent) {
		fputs(r->freed ? "freed without a completion\n"
		      : dead   ? "no completion when the kernel died\n"
			       : "NO completion, never freed\n",
		      out);
		return;
	}
	if (r->cqes > 1)
		fprintf(out, "%" PRIu32 " CQEs, the last ", r->cqes);
	if (r->cqes)
		fprintf(out, "CQE %" PRId64 ": ", r->position);
	else
		fputs("no CQE, silently ", out);
	words_put_result(out, r->last.a);
	put_reason(e, &r->last);
	fputs(r->freed || dead ? "\n" : "; NEVER FREED\n", out);
}

static void put_requests(const struct ending *e)
{
	bool any = false;

	for (uint32_t i = 0; i < e->trace->n_sqes; i++) {
		const struct fact_request *r = &e->facts->request[i];
		const char *opcode = gb_opcode_name(&e->trace->sqes[i]);

		if (!any)
			fputs("\nRequests\n", e->out);
		any = true;
		fprintf(e->out, "    %-*s  %s", e->width, e->trace->sqes[i].label, opcode ? opcode : "?");
		if (!r->begun) {
			fputs("; never taken from the SQ ring\n", e->out);
			continue;
		}
		put_place(e, r);
		put_issues(e, r);
		put_completion(e, r);
	}
}

/* ---- leases ---- */

static void put_imports(const struct ending *e, const struct fact_lease *l)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < e->trace->n_sqes; i++) {
		const struct fact_request *r = &e->facts->request[i];

		if (!r->imported.step || r->leader != l->leader)
			continue;
		fprintf(e->out, "%s %s in step %" PRIu64 "%s", n++ ? "," : "imported by", e->trace->sqes[i].label,
			r->imported.step, r->import_result ? " (refused)" : "");
	}
	if (!n)
		fputs("imported by nobody", e->out);
}

static void put_return(const struct ending *e, const struct fact_lease *l)
{
	if (l->last_put.step) {
		fprintf(e->out, "\n    %-*s  last reference put by the completion of %s in ", e->width, "",
			words_label(e->trace, l->last_holder));
		put_act(e, &l->last_put);
	}
	fprintf(e->out, "\n    %-*s  ", e->width, "");
	if (!l->acks) {
		fputs(e->play->state == GB_DEAD ? "not given back when the kernel died\n" : "NEVER given back\n",
		      e->out);
		return;
	}
	fputs("given back in ", e->out);
	put_act(e, &l->back);
	fprintf(e->out, " after %" PRId64 " CQEs", l->after);
	if (!l->dir && l->untouched)
		fprintf(e->out, ", %" PRId64 " of its bytes never written", l->untouched);
	if (l->leases != 1 || l->acks != 1)
		fprintf(e->out, "; leases %" PRIu32 ", acks %" PRIu32, l->leases, l->acks);
	fputc('\n', e->out);
}

static void put_leases(const struct ending *e)
{
	for (uint32_t i = 0; i < e->facts->n_leases; i++) {
		const struct fact_lease *l = &e->facts->lease[i];

		if (!i)
			fputs("\nLeases\n", e->out);
		fprintf(e->out, "    %-*s  %" PRId64 " bytes, dir=%s, ", e->width, words_label(e->trace, l->leader),
			l->len, l->dir ? "source" : "dest");
		if (l->error) {
			fputs("refused in ", e->out);
			put_act(e, &l->leased);
			fputs(" with ", e->out);
			words_put_result(e->out, l->error);
			fputc('\n', e->out);
			continue;
		}
		fputs("leased in ", e->out);
		put_act(e, &l->leased);
		fprintf(e->out, "\n    %-*s  ", e->width, "");
		put_imports(e, l);
		put_return(e, l);
	}
}

static void put_blk(const struct ending *e)
{
	for (uint32_t i = 0; i < e->trace->n_blkreqs; i++) {
		const struct fact_blk *b = &e->facts->blk[i];

		if (!i)
			fputs("\nBlock requests\n", e->out);
		fprintf(e->out, "    %-*s  ", e->width, e->trace->blkreqs[i].label);
		if (!b->arrived.step) {
			fputs("never arrived\n", e->out);
			continue;
		}
		fputs("arrived in ", e->out);
		put_act(e, &b->arrived);
		if (b->done.step) {
			fputs("; completed in ", e->out);
			put_act(e, &b->done);
			fputs(" with ", e->out);
			words_put_result(e->out, b->result);
		} else {
			fputs("; NEVER completed", e->out);
		}
		if (b->refs)
			fprintf(e->out, "; %" PRId64 " references LEFT", b->refs);
		fputc('\n', e->out);
	}
}

/* ---- what the trace says about it ---- */

static bool has_value(const struct gb_expr *e)
{
	return e->op == GB_EXPR_CQE || e->op == GB_EXPR_RES || e->op == GB_EXPR_ACK || e->op == GB_EXPR_ACKS;
}

static bool stands_before(const struct gb_prop *prop, uint32_t node)
{
	for (uint32_t i = 0; i < node; i++)
		if (prop->node[i].op == prop->node[node].op && prop->node[i].sqe == prop->node[node].sqe)
			return true;
	return false;
}

#define MOST_VALUES 8U

static void put_values(const struct ending *e, const struct gb_prop *prop, const int64_t *values)
{
	static const char *const names[] = {
		[GB_EXPR_CQE] = "cqe", [GB_EXPR_RES] = "res", [GB_EXPR_ACK] = "ack", [GB_EXPR_ACKS] = "acks"};
	uint32_t n = 0;

	for (uint32_t i = 0; i < prop->n && n <= MOST_VALUES; i++) {
		const struct gb_expr *x = &prop->node[i];

		if (!has_value(x) || stands_before(prop, i))
			continue;
		fputs(n ? ", " : ": ", e->out);
		if (n++ == MOST_VALUES) {
			fputs("...", e->out);
			return;
		}
		fprintf(e->out, "%s.%s = ", words_label(e->trace, x->sqe), names[x->op]);
		if (x->op == GB_EXPR_RES)
			words_put_result(e->out, values[i]);
		else
			fprintf(e->out, "%" PRId64, values[i]);
	}
}

static void put_properties(const struct ending *e)
{
	for (uint32_t i = 0; i < e->trace->n_props; i++) {
		const struct gb_prop *prop = &e->trace->props[i];
		int64_t *values = calloc(prop->n, sizeof(*values));
		char *text = gb_prop_print(e->trace, prop);
		bool is_true;

		if (values && text && gb_check_property(e->trace, prop, e->play->observer, values, &is_true) == GB_OK) {
			fprintf(e->out, "    %s -- %s in this run", text, is_true ? "true" : "false");
			put_values(e, prop, values);
			fputc('\n', e->out);
		}
		free(text);
		free(values);
	}
}

/* Once each, in the order in which they broke. */
static void put_broken(const struct ending *e)
{
	const struct gb_violation *list = gb_monitor_list(e->play->watch.monitor);
	uint32_t told = 0;

	for (uint32_t i = 0; i < gb_monitor_count(e->play->watch.monitor); i++) {
		bool before = false;

		for (uint32_t k = 0; k < i; k++)
			before = before || list[k].invariant == list[i].invariant;
		if (!before)
			fprintf(e->out, "%s%s",
				told++ ? ", " : "    violated: ", gb_invariant_at(list[i].invariant)->number);
	}
	if (told)
		fputc('\n', e->out);
	if (e->facts->hazards)
		fprintf(e->out, "    hazards: %" PRIu32 "\n", e->facts->hazards);
}

static void put_verdict(const struct ending *e, const char *file)
{
	const struct gb_diff diff = gb_observer_compare(e->play->observer, false);

	fputs("\nVerdict\n", e->out);
	if (e->play->state == GB_DEAD)
		fputs("    the kernel died: what was in flight then has no end\n", e->out);
	put_broken(e);
	if (diff.differs) {
		fputs("    ", e->out);
		show_diff(e->out, file, e->trace, &diff);
	} else {
		fprintf(e->out, "    %s\n",
			e->trace->n_expect || e->trace->n_seen
				? "all as the trace states it"
				: "no hazard, no violated invariant; the trace states nothing");
	}
	put_properties(e);
}

void explain_end(FILE *out, const struct story *story, const char *file)
{
	struct ending e = {
		.out = out, .trace = story->play->trace, .facts = &story->facts, .play = story->play, .width = 4};

	for (uint32_t i = 0; i < e.trace->n_sqes; i++) {
		const size_t n = strlen(e.trace->sqes[i].label);

		if (n > (size_t)e.width && n <= 12)
			e.width = (int)n;
	}
	put_requests(&e);
	put_leases(&e);
	put_blk(&e);
	put_verdict(&e, file);
}
