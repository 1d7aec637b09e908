/* SPDX-License-Identifier: MIT */
/* The classes of files, in the order of the keys in reader_file.c. */
#include <inttypes.h>

#include "trace/printer.h"

static void print_outcomes(struct gb_text *text, const struct gb_file_class *c)
{
	const char *name = gb_errno_name(-c->err);

	if (c->err && name)
		gb_text_add(text, " err=-%s", name);
	else if (c->err)
		gb_text_add(text, " err=%" PRId32, c->err);
	if (c->err && c->err_at)
		gb_text_add(text, "@%" PRIu32, c->err_at);
	if (c->most)
		gb_text_add(text, " short=%" PRIu32, c->most);
	if (c->most && c->short_at)
		gb_text_add(text, "@%" PRIu32, c->short_at);
	if (c->once)
		gb_text_add(text, " once=1");
}

static void print_choices(struct gb_text *text, uint8_t outcomes)
{
	static const char *const names[] = {
#define X(id, name) (name),
		GB_OUTCOME_LIST(X)
#undef X
	};
	const char *before = " outcomes=";

	if (outcomes == GB_OUTCOMES_ANY)
		gb_text_add(text, "%sany", before);
	for (uint32_t k = 1; k < GB_OUTCOMES && outcomes != GB_OUTCOMES_ANY; k++) {
		if (!(outcomes >> k & 1))
			continue;
		gb_text_add(text, "%s%s", before, names[k]);
		before = ",";
	}
}

void gb_print_file_class(struct gb_text *text, const struct gb_file_class *c)
{
	if (c->nowait)
		gb_text_add(text, " nowait=1");
	if (c->no_rasync)
		gb_text_add(text, " rasync=0");
	if (c->wasync)
		gb_text_add(text, " wasync=1");
	for (uint32_t k = 0; k < c->n_cached; k++)
		gb_text_add(text, "%s%" PRIu32 "-%" PRIu32, k ? "," : " cached=", c->cached[k].lo, c->cached[k].hi);
	if (c->cold)
		gb_text_add(text, " cold=1");
	if (c->no_iter)
		gb_text_add(text, " iter=0");
	if (c->poll)
		gb_text_add(text, " poll=1");
	if (c->append)
		gb_text_add(text, " append=1");
	if (c->flush)
		gb_text_add(text, " flush=1");
	if (c->ram)
		gb_text_add(text, " ram=1");
	print_outcomes(text, c);
	print_choices(text, c->outcomes);
}
