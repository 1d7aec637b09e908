/* SPDX-License-Identifier: MIT */
/* The table of rules, and findings in words. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "judge.h"

static const struct gb_spec_rule rules[] = {
#define X(id, number, known, variant, sentence) {#id, number, known, variant, sentence},
	GB_SPEC_RULE_LIST(X)
#undef X
};

const struct gb_spec_rule *gb_spec_rule_at(uint32_t rule)
{
	return rule < GB_SPEC_RULES ? &rules[rule] : NULL;
}

static void put_label(FILE *out, const struct gb_trace *trace, uint32_t r)
{
	fputs(r < trace->n_sqes ? trace->sqes[r].label : "?", out);
}

char *gb_spec_print(const struct gb_trace *trace, const struct gb_spec_finding *finding)
{
	const struct gb_spec_rule *rule = gb_spec_rule_at(finding->rule);
	char *text = NULL;
	size_t size = 0;
	FILE *out = rule ? open_memstream(&text, &size) : NULL;

	if (!out)
		return NULL;
	fprintf(out, "%s: ", rule->number);
	for (const char *c = rule->sentence; *c; c++) {
		if (*c != '%') {
			fputc(*c, out);
			continue;
		}
		c++;
		if (*c == 'r' || *c == 'o')
			put_label(out, trace, *c == 'r' ? finding->req : finding->other);
		else
			fprintf(out, "%" PRId64, finding->n[*c == 'b']);
	}
	if (rule->known[0])
		fprintf(out, " (%s)", rule->known);
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	return text;
}
