/* SPDX-License-Identifier: MIT */
/* --variant of the commands. */
#ifndef GROUPBUF_CLI_VARIANT_H
#define GROUPBUF_CLI_VARIANT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Names of switches, commas between; v9 is none, repaired all. False if one is unknown. */
bool variant_parse(const char *text, uint32_t *variant);

/* The argument of --variant: CODE_OK, or complains and says what there is. */
int variant_set(const char *command, const char *argument, uint32_t *variant);

/* The name of a switch, by its number. */
const char *variant_name(uint32_t i);

/* The same names for a bit set. */
void variant_print(FILE *f, uint32_t variant);

/* A line of help for each switch. */
void variant_help(void);

#endif
