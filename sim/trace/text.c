/* SPDX-License-Identifier: MIT */
/* Text that grows. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "trace/printer.h"

static bool make_room(struct gb_text *text, size_t more)
{
	size_t room = text->room ? text->room : 256;
	char *moved;

	while (room - text->len <= more)
		room *= 2;
	if (room == text->room)
		return true;
	moved = realloc(text->p, room);
	if (!moved) {
		text->failed = true;
		return false;
	}
	text->p = moved;
	text->room = room;
	return true;
}

void gb_text_add(struct gb_text *text, const char *fmt, ...)
{
	va_list args;
	int len;

	if (text->failed)
		return;
	va_start(args, fmt);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (len < 0 || !make_room(text, (size_t)len))
		return;
	va_start(args, fmt);
	vsnprintf(text->p + text->len, (size_t)len + 1, fmt, args);
	va_end(args);
	text->len += (size_t)len;
}

/* The text, now the caller's to free; NULL if memory ran out on the way. */
char *gb_text_take(struct gb_text *text)
{
	char *p;

	gb_text_add(text, "%s", ""); /* nothing was added to an empty text */
	p = text->p;
	if (text->failed) {
		free(p);
		p = NULL;
	}
	*text = (struct gb_text){0};
	return p;
}

void gb_text_add_flags(struct gb_text *text, uint32_t flags, const struct gb_flag_name *names, size_t n)
{
	const char *bar = "";

	for (size_t i = 0; i < n; i++) {
		if (!(flags & names[i].bit))
			continue;
		gb_text_add(text, "%s%s", bar, names[i].name);
		flags &= ~names[i].bit;
		bar = "|";
	}
	if (flags || !*bar)
		gb_text_add(text, flags ? "%s0x%x" : "%s%x", bar, (unsigned int)flags);
}
