/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>

#include "groupbuf/reason.h"

#include "show.h"

static const char *const sentences[GB_EV_COUNT] = {
#define X(id, name, a, b, c, d, sentence) [GB_EV_##id] = (sentence),
	GB_EVENT_LIST(X)
#undef X
};

static const char *label(const struct gb_trace *trace, uint32_t req)
{
	return req < trace->n_sqes ? trace->sqes[req].label : "-";
}

static void show_reason(FILE *out, const struct gb_trace *trace, const struct gb_event *ev)
{
	char text[512];

	if (ev->reason)
		fprintf(out, "   # %s", gb_reason_text(trace, ev, text, sizeof(text)));
}

/* What stands for one placeholder of an event's sentence (see GB_EVENT_LIST). */
static void show_placeholder(FILE *out, const struct gb_trace *trace, const struct gb_event *ev, char which)
{
	switch (which) {
	case 'r':
		fputs(label(trace, ev->req), out);
		break;
	case 'o':
		fputs(label(trace, ev->other), out);
		break;
	case 'a':
		fprintf(out, "%" PRId64, ev->a);
		break;
	case 'b':
		fprintf(out, "%" PRId64, ev->b);
		break;
	case 'c':
		fprintf(out, "%" PRId64, ev->c);
		break;
	case 'd':
		fprintf(out, "%" PRIu64, ev->d);
		break;
	case 'k':
		fputs(ev->d < trace->n_blkreqs ? trace->blkreqs[ev->d].label : "?", out);
		break;
	case 'x':
		fprintf(out, "%" PRIx64, ev->d);
		break;
	case 'f':
		fputs(ev->function ? ev->function : "?", out);
		break;
	case 't':
		fputs(ev->text ? ev->text : "", out);
		break;
	case 'h':
		fputs(gb_hazard_name((enum gb_hazard_kind)ev->a), out);
		break;
	case 'w':
		show_reason(out, trace, ev);
		break;
	default:
		fputc(which, out);
		break;
	}
}

void show_event(FILE *out, const struct gb_trace *trace, const struct gb_event *ev)
{
	char actor[32];

	snprintf(actor, sizeof(actor), ev->actor == GB_ACTOR_WORKER ? "%s.%" PRIu32 : "%s", gb_actor_name(ev->actor),
		 ev->actor_index);
	fprintf(out, "%6" PRIu64 " %7" PRIu64 ".%03" PRIu64 "  %-9s  %-11s  ", ev->step, ev->time_us / 1000,
		ev->time_us % 1000, actor, gb_event_name(ev->type));
	for (const char *s = sentences[ev->type]; *s; s++) {
		if (*s == '%' && s[1])
			show_placeholder(out, trace, ev, *++s);
		else
			fputc(*s, out);
	}
	fputc('\n', out);
}

void show_observation(FILE *out, const struct gb_trace *trace, const struct gb_observer *observer, uint32_t i, bool why)
{
	const struct gb_event *ev = why ? gb_observer_why(observer, i) : NULL;
	char *line = gb_obs_print(trace, &gb_observer_list(observer)[i]);

	fputs(line ? line : "?", out);
	free(line);
	if (ev)
		show_reason(out, trace, ev);
	fputc('\n', out);
}

void show_diff(FILE *out, const char *file, const struct gb_trace *trace, const struct gb_diff *diff)
{
	char *expected = diff->expected ? gb_obs_print(trace, diff->expected) : NULL;
	char *observed = diff->observed ? gb_obs_print(trace, diff->observed) : NULL;

	fputs(file, out);
	if (diff->expected && diff->expected->pos.line)
		fprintf(out, ":%" PRIu32, diff->expected->pos.line);
	fprintf(out, ": expected  %s  |  observed  %s\n", expected ? expected : "(nothing more)",
		observed ? observed : "(nothing more)");
	free(expected);
	free(observed);
}

void show_name(FILE *out, const char *name)
{
	for (; *name; name++)
		fputc(*name == '\n' ? '?' : *name, out);
}
