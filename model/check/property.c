/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "groupbuf/check.h"

#include "property.h"

void ck_values_of(const struct gb_trace *trace, const struct gb_observer *observer, struct ck_values *values)
{
	const struct gb_obs *list = gb_observer_list(observer);
	int64_t position = 0;

	for (uint32_t i = 0; i < trace->n_sqes; i++)
		values[i] = (struct ck_values){.ack = -1};
	for (uint32_t i = 0; i < gb_observer_count(observer); i++) {
		struct ck_values *v = list[i].sqe < trace->n_sqes ? &values[list[i].sqe] : NULL;

		if (v && list[i].kind == GB_OBS_CQE) {
			v->cqe = ++position;
			v->res = list[i].res;
		} else if (v && list[i].kind == GB_OBS_ACK) {
			v->acks = list[i].acks;
			v->ack = list[i].acks ? (int64_t)list[i].after : -1;
		}
	}
}

int64_t ck_value(const struct gb_expr *atom, const struct ck_values *values)
{
	const struct ck_values *v = &values[atom->sqe];

	switch (atom->op) {
	case GB_EXPR_CQE:
		return v->cqe;
	case GB_EXPR_RES:
		return v->res;
	case GB_EXPR_ACK:
		return v->ack;
	case GB_EXPR_ACKS:
		return v->acks;
	default:
		return atom->value;
	}
}

static bool compare(enum gb_expr_op op, int64_t a, int64_t b)
{
	switch (op) {
	case GB_EXPR_EQ:
		return a == b;
	case GB_EXPR_NE:
		return a != b;
	case GB_EXPR_LT:
		return a < b;
	case GB_EXPR_LE:
		return a <= b;
	case GB_EXPR_GT:
		return a > b;
	default:
		return a >= b;
	}
}

bool ck_property_true(const struct gb_prop *prop, const struct ck_values *values, int64_t *work)
{
	for (uint32_t i = 0; i < prop->n; i++) {
		const struct gb_expr *e = &prop->node[i];

		if (e->op >= GB_EXPR_CONST)
			work[i] = ck_value(e, values);
		else if (e->op == GB_EXPR_NOT)
			work[i] = !work[e->left];
		else if (e->op == GB_EXPR_AND)
			work[i] = work[e->left] && work[e->right];
		else if (e->op == GB_EXPR_OR)
			work[i] = work[e->left] || work[e->right];
		else
			work[i] = compare(e->op, work[e->left], work[e->right]);
	}
	return work[prop->n - 1];
}

bool ck_is_seen(const struct gb_seen *seen, const struct gb_observer *observer)
{
	const struct gb_obs *list = gb_observer_list(observer);
	uint32_t k = 0;

	for (uint32_t i = 0; i < gb_observer_count(observer); i++) {
		if (list[i].kind != GB_OBS_CQE)
			continue;
		if (k == seen->n || list[i].sqe != seen->cqe[k].sqe || list[i].res != seen->cqe[k].res)
			return false;
		k++;
	}
	return k == seen->n;
}

enum gb_status gb_check_property(const struct gb_trace *trace, const struct gb_prop *prop,
				 const struct gb_observer *observer, int64_t *values, bool *is_true)
{
	struct ck_values *of = calloc(trace->n_sqes ? trace->n_sqes : 1, sizeof(*of));

	if (!of)
		return GB_NO_MEMORY;
	ck_values_of(trace, observer, of);
	*is_true = ck_property_true(prop, of, values);
	free(of);
	return GB_OK;
}
