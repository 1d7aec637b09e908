/* SPDX-License-Identifier: MIT */
/*
 * Single changes to a program, made to be combined: where no change alone
 * leads to a simpler program that shows the defect, two at a time often do.
 */
#ifndef GB_MODEL_EDITS_H
#define GB_MODEL_EDITS_H

#include "lines.h"

enum edit_kind {
	EDIT_CUT_LINE,	/* with the words that name what it declares */
	EDIT_CUT_USERS, /* with the lines that do */
	EDIT_CUT_WORD,
	EDIT_FLAG, /* an SQE flag that was there is not, or the other way round */
	EDIT_OP,   /* another opcode with few fields; flags stay */
	EDIT_STMT, /* what the outside may do in place of it */
	EDIT_WORD, /* another value of a word that has few */
	EDIT_NUMBER,
	EDIT_OBJECT, /* another object's end in a word that names one */
	EDIT_SWAP,   /* a line and the next one */
	EDIT_LESSOR, /* a ublk device and what belongs to it become a lessor and leases */
};

struct edit {
	enum edit_kind kind;
	uint32_t line, word;
	uint32_t arg, at; /* which of several */
};

/* The edits of a program, at most `max` of them; returns how many there are. */
uint32_t edits_list(const struct lines *lines, struct edit *list, uint32_t max);

/* Makes one; false if it changes nothing or there is no memory. The lines must be those of the list. */
bool edits_make(struct lines *lines, struct pool *pool, const struct edit *edit);

/* Cuts the words that name what `gone` declares. */
void edits_cut_words(struct lines *lines, const struct line *gone);
/* Cuts the lines that name an object. */
void edits_cut_users(struct lines *lines, const char *name);

#endif
