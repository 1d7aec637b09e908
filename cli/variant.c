/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "groupbuf/world.h"

#include "cli.h"
#include "variant.h"

/* X(id, name, doc) of the switches as a table. */
static const struct {
	const char *name, *doc;
} switches[GB_VARIANT_COUNT] = {
#define X(id, name, doc) [GB_VARIANT_##id] = {(name), (doc)},
	GB_VARIANT_LIST(X)
#undef X
};

bool variant_parse(const char *text, uint32_t *variant)
{
	for (;;) {
		const size_t n = strcspn(text, ",");
		size_t i = 0;

		while (i < GB_VARIANT_COUNT &&
		       (strlen(switches[i].name) != n || memcmp(switches[i].name, text, n) != 0))
			i++;
		if (i < GB_VARIANT_COUNT)
			*variant |= 1U << i;
		else if (n == 8 && memcmp(text, "repaired", 8) == 0)
			*variant |= (1U << GB_VARIANT_COUNT) - 1;
		else if (n != 2 || memcmp(text, "v9", 2) != 0)
			return false;
		if (!text[n])
			return true;
		text += n + 1;
	}
}

int variant_set(const char *command, const char *argument, uint32_t *variant)
{
	char list[512] = "";
	size_t n = 0;

	if (variant_parse(argument, variant))
		return CODE_OK;
	for (size_t i = 0; i < GB_VARIANT_COUNT && n < sizeof(list); i++)
		n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%s", i ? ", " : "", switches[i].name);
	return cli_wrong(command, "variant", argument, "no such variant; expected v9, repaired, or some of %s", list);
}

const char *variant_name(uint32_t i)
{
	return switches[i].name;
}

void variant_print(FILE *f, uint32_t variant)
{
	const char *between = "";

	if (!variant || variant == (1U << GB_VARIANT_COUNT) - 1) {
		fputs(variant ? "repaired" : "v9", f);
		return;
	}
	for (size_t i = 0; i < GB_VARIANT_COUNT; i++) {
		if (!(variant >> i & 1U))
			continue;
		fprintf(f, "%s%s", between, switches[i].name);
		between = ",";
	}
}

void variant_help(void)
{
	for (size_t i = 0; i < GB_VARIANT_COUNT; i++)
		printf("    %-27s %s\n", switches[i].name, switches[i].doc);
}
