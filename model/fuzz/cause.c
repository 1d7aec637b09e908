/* SPDX-License-Identifier: MIT */
/* Which of the defects that are on record for V9 a finding is: what repairs it tells some of them apart. */
#include <stdio.h>
#include <string.h>

#include "groupbuf/fuzz.h"
#include "groupbuf/spec.h"

/* Is the name one of "D1, D2, D36"? */
static bool has_name(const char *list, const char *name, size_t n)
{
	while (*list) {
		const size_t own = strcspn(list, ",");

		if (own == n && strncmp(list, name, n) == 0)
			return true;
		list += own;
		list += strspn(list, ", ");
	}
	return false;
}

/* The switches that repair a defect on record; *without: there are forms of it that none repairs. */
static uint32_t switches_of(const char *name, size_t n, bool *without)
{
	uint32_t set = 0;

	*without = false;
	for (uint32_t i = 0; gb_spec_rule_at(i); i++) {
		const struct gb_spec_rule *rule = gb_spec_rule_at(i);

		if (!has_name(rule->known, name, n))
			continue;
		set |= rule->variant;
		*without = *without || !rule->variant;
	}
	return set;
}

static enum gb_cause cause_of(const struct gb_defect *d, uint32_t k, const char *name, size_t n)
{
	const bool gone = d->gone >> k & 1U;
	bool without;
	const uint32_t set = switches_of(name, n, &without);

	if (gone && set & d->repairs)
		return GB_CAUSE_SURE;
	if (!set)
		return GB_CAUSE_POSSIBLE;
	/* its switch would have repaired it, or another one does */
	if (gone || (k == 0 && !without))
		return GB_CAUSE_NONE;
	return GB_CAUSE_POSSIBLE;
}

enum gb_cause gb_defect_cause(const struct gb_defect *d, uint32_t k, char *buf, size_t size)
{
	enum gb_cause best = GB_CAUSE_NONE;
	size_t used = 0;

	buf[0] = '\0';
	for (const char *at = d->findings[k].known; *at;) {
		const size_t n = strcspn(at, ",");
		const enum gb_cause cause = cause_of(d, k, at, n);

		if (cause > best)
			used = 0;
		if (cause != GB_CAUSE_NONE && cause >= best && used < size) {
			used += (size_t)snprintf(buf + used, size - used, "%s%.*s", used ? ", " : "", (int)n, at);
			best = cause;
		}
		at += n;
		at += strspn(at, ", ");
	}
	return best;
}
