/* SPDX-License-Identifier: MIT */
/* What the machine of the corpus had and its traces do not say. */
#include "recorded.h"

#include <stdio.h>
#include <string.h>

/*
 * The list of a kind: its traces of seed 1, then those of seed 2, in lines like
 * this one. Known from what requests read there.
 */
#define CORPUS_LINE  "/mnt/tr/%s-%u-%04u.trace\n"
#define CORPUS_SEEDS 2U

struct corpus_kind {
	const char *name;
	unsigned int traces; /* of each seed */
	/* Where the machine was started again with the rest of the list, after a trace that killed it; 0: never. */
	unsigned int restart;
};

static const struct corpus_kind kinds[] = {
	{"nop", 250, 0}, {"raw", 250, 0},	{"lease", 250, 0}, {"async", 250, 0},
	{"io", 250, 0},	 {"ioasync", 250, 144}, {"wait", 200, 0},  {"cancel", 200, 0},
};

/* A number of at most four digits; returns what is behind it. */
static const char *digits(const char *text, unsigned int *number)
{
	*number = 0;
	for (int k = 0; k < 4 && *text >= '0' && *text <= '9'; k++)
		*number = 10 * *number + (unsigned int)(*text++ - '0');
	return text;
}

/* Reads "KIND-SEED-NNNN.trace"; *number counts through all seeds of the kind. NULL if the name is no such one. */
static const struct corpus_kind *corpus_name(const char *name, unsigned int *number)
{
	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		size_t n = strlen(kinds[k].name);
		unsigned int seed, at;

		if (strncmp(name, kinds[k].name, n) != 0 || name[n] != '-')
			continue;
		name = digits(name + n + 1, &seed);
		if (*name != '-')
			return NULL;
		name = digits(name + 1, &at);
		*number = seed ? (seed - 1) * kinds[k].traces + at : 0;
		return strcmp(name, ".trace") == 0 ? &kinds[k] : NULL;
	}
	return NULL;
}

uint32_t recorded_stdin(const char *path, char *buf)
{
	const char *slash = strrchr(path, '/');
	unsigned int number = 0;
	const struct corpus_kind *kind = corpus_name(slash ? slash + 1 : path, &number);
	uint32_t n = 0;

	if (!kind)
		return 0;
	for (unsigned int k = number < kind->restart ? 0 : kind->restart; k < CORPUS_SEEDS * kind->traces; k++)
		n += (uint32_t)snprintf(buf + n, RECORDED_STDIN_MAX - n, CORPUS_LINE, kind->name, 1 + k / kind->traces,
					k % kind->traces);
	return n;
}
