/* SPDX-License-Identifier: MIT */
/* What an event says of its request, in the words of the field: the sentences of `explain`, without their subject. */
#ifndef GROUPBUF_CLI_EXPLAIN_WORDS_H
#define GROUPBUF_CLI_EXPLAIN_WORDS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "groupbuf/event.h"
#include "groupbuf/trace.h"
#include "groupbuf/world.h"

#include "explain_facts.h"

/* Bookkeeping, which a reader does not miss. */
bool words_are_dull(const struct gb_event *ev);

/* Who it is about: the label of a request or of a block request; "" if it is about none. */
const char *words_subject(const struct gb_trace *trace, const struct gb_event *ev);

/*
 * "joins the group of lead (io_group_sqe)": what it does and the kernel
 * function at work. `why`: with the reason of a result. `facts` knows the groups.
 */
void words_put(FILE *f, const struct facts *facts, const struct gb_event *ev, bool why);

/* A result: "3000", or "-EINVAL". */
void words_put_result(FILE *f, int64_t res);

/* "io-wq.1", in buf. */
const char *words_actor(enum gb_actor_kind kind, uint32_t index, char *buf, size_t size);

/* An outcome that was, or could have been: "short". */
const char *words_outcome(const struct gb_trace *trace, const struct gb_alternative *alt);

/* The label of an SQE, "?" if there is none. */
const char *words_label(const struct gb_trace *trace, uint32_t sqe);

#endif
