/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "support/tape.h"

uint32_t tape_choose(void *user, const struct gb_choice *choice)
{
	struct tape *t = user;

	if (t->at == t->n) {
		assert_true(t->n < TAPE_LENGTH);
		t->value[t->n] = 0;
		t->base[t->n++] = choice->n;
	}
	return t->value[t->at++];
}

bool tape_next(struct tape *t)
{
	t->n = t->at;
	t->at = 0;
	while (t->n && t->value[t->n - 1] + 1 == t->base[t->n - 1])
		t->n--;
	if (t->n)
		t->value[t->n - 1]++;
	return t->n;
}
