/* SPDX-License-Identifier: MIT */
/* `groupbuf fuzz`: what its parts share. */
#ifndef GROUPBUF_CLI_FUZZ_H
#define GROUPBUF_CLI_FUZZ_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "groupbuf/fuzz.h"

struct fuzz_options {
	struct gb_fuzz_config config;
	uint64_t runs;	  /* 0: no limit */
	uint64_t seconds; /* 0: no limit */
	const char *strategy_name, *variant_name;
	const char *out;   /* directory for traces, NULL: none */
	const char *known; /* file of defects that are known, NULL: none */
	bool json, help;
};

/* Defects and kinds of findings that need no attention, from a file. */
struct known {
	uint64_t *names;
	char **findings; /* "hazard leak at io_ring_exit_work" */
	uint32_t n_names, n_findings, names_room, findings_room;
};

/* Reads a file; the exit code. */
int known_read(struct known *known, const char *file);
bool known_has(const struct known *known, const struct gb_defect *defect);
void known_free(struct known *known);

/* Text and JSON of a defect, and its files in options->out; false if a file could not be written. */
void show_defect(const struct fuzz_options *options, const struct gb_defect *defect, bool is_known);
void json_defect(const struct fuzz_options *options, const struct gb_defect *defect, bool is_known);
bool save_defect(const struct fuzz_options *options, const struct gb_defect *defect);

#endif
