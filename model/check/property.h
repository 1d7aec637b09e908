/* SPDX-License-Identifier: MIT */
/* What a property says of one finished run. */
#ifndef GROUPBUF_MODEL_CHECK_PROPERTY_H
#define GROUPBUF_MODEL_CHECK_PROPERTY_H

#include <stdbool.h>

#include "groupbuf/observe.h"
#include "groupbuf/trace.h"

/* What X.cqe, X.res, X.ack and X.acks are, per SQE. */
struct ck_values {
	int64_t cqe, res, ack, acks;
};

/* From the observations of a finished run; `values` has one element per SQE. */
void ck_values_of(const struct gb_trace *trace, const struct gb_observer *observer, struct ck_values *values);

int64_t ck_value(const struct gb_expr *atom, const struct ck_values *values);

/* Is the expression true? `work` has room for one number per node. */
bool ck_property_true(const struct gb_prop *prop, const struct ck_values *values, int64_t *work);

/* Are the CQEs those of the `seen` line, in its order? */
bool ck_is_seen(const struct gb_seen *seen, const struct gb_observer *observer);

#endif
