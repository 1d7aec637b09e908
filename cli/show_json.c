/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "groupbuf/reason.h"

#include "show.h"

/* Names of an event's numbers; "" is a number it does not carry. */
static const char *const keys[GB_EV_COUNT][4] = {
#define X(id, name, a, b, c, d, sentence) [GB_EV_##id] = {(a), (b), (c), (d)},
	GB_EVENT_LIST(X)
#undef X
};

static const char *const obs_names[] = {
	[GB_OBS_CQE] = "cqe",
	[GB_OBS_CQE_NONE] = "cqe none",
	[GB_OBS_SUBMITTED] = "submitted",
	[GB_OBS_REGISTERED] = "registered",
	[GB_OBS_STUCK] = "stuck",
	[GB_OBS_ACK] = "ack",
	[GB_OBS_GOT] = "got",
	[GB_OBS_WROTE] = "wrote",
	[GB_OBS_CONNECTED] = "connected",
	[GB_OBS_FINAL] = "final",
	[GB_OBS_BLK] = "blk",
	[GB_OBS_HAZARD] = "hazard",
	[GB_OBS_INVARIANT] = "invariant",
};

/* Length of the UTF-8 sequence at s, 0 if there is none. json_stringn knows what is valid. */
static size_t sequence(const char *s)
{
	for (size_t n = 1; n <= 4; n++) {
		if (n > 1 && !s[n - 1])
			return 0;

		json_t *one = json_stringn(s, n);

		json_decref(one);
		if (one)
			return n;
	}
	return 0;
}

json_t *json_text(const char *text)
{
	static const char unknown[] = "\xef\xbf\xbd";
	json_t *whole = json_string(text);
	char *clean = whole ? NULL : malloc(3 * strlen(text) + 1);
	size_t n = 0;

	if (!clean)
		return whole;
	while (*text) {
		const size_t good = sequence(text);

		memcpy(clean + n, good ? text : unknown, good ? good : 3);
		n += good ? good : 3;
		text += good ? good : 1;
	}
	whole = json_stringn(clean, n);
	free(clean);
	return whole;
}

static void set_hash(json_t *object, const char *key, uint64_t hash)
{
	char text[20];

	snprintf(text, sizeof(text), "%016" PRIx64, hash);
	json_object_set_new(object, key, json_string(text));
}

static void set_number(json_t *object, const char *key, int64_t number)
{
	json_object_set_new(object, key, json_integer(number));
}

static void set_end(json_t *object, const struct gb_trace *trace, struct gb_fd fd)
{
	char name[GB_MAX_NAME + 16];

	json_object_set_new(object, "end", json_text(gb_fd_name(trace, fd, name, sizeof(name))));
}

static void set_label(json_t *object, const char *key, const struct gb_trace *trace, uint32_t req)
{
	if (req < trace->n_sqes)
		json_object_set_new(object, key, json_text(trace->sqes[req].label));
}

static void set_reason(json_t *object, const struct gb_trace *trace, const struct gb_event *ev)
{
	char text[512];

	if (!ev->reason)
		return;
	json_object_set_new(object, "reason", json_string(gb_reason_info(ev->reason)->name));
	json_object_set_new(object, "why", json_text(gb_reason_text(trace, ev, text, sizeof(text))));
}

static void set_blk(json_t *object, const struct gb_trace *trace, uint64_t blk)
{
	json_object_set_new(object, "blk", json_string(blk < trace->n_blkreqs ? trace->blkreqs[blk].label : "?"));
}

/* One named number of an event. Hashes do not fit a JSON number, ends have names. */
static void set_event_number(json_t *object, const struct gb_trace *trace, const char *key, int64_t number)
{
	if (!*key)
		return;
	if (strcmp(key, "hash") == 0)
		set_hash(object, key, (uint64_t)number);
	else if (strcmp(key, "blk") == 0)
		set_blk(object, trace, (uint64_t)number);
	else if (strcmp(key, "end") == 0)
		set_end(object, trace,
			(struct gb_fd){
				.is_object = true, .object = (uint8_t)((uint64_t)number >> 8), .end = (uint8_t)number});
	else
		set_number(object, key, number);
}

json_t *json_event(const struct gb_trace *trace, const struct gb_event *ev)
{
	const char *const *key = keys[ev->type];
	json_t *object = json_object();

	set_number(object, "step", (int64_t)ev->step);
	set_number(object, "time_us", (int64_t)ev->time_us);
	json_object_set_new(object, "actor", json_string(gb_actor_name(ev->actor)));
	set_number(object, "actor_index", ev->actor_index);
	json_object_set_new(object, "event", json_string(gb_event_name(ev->type)));
	set_label(object, "req", trace, ev->req);
	set_label(object, "other", trace, ev->other);
	if (ev->type == GB_EV_HAZARD) {
		json_object_set_new(object, "kind", json_string(gb_hazard_name((enum gb_hazard_kind)ev->a)));
		json_object_set_new(object, "stops", json_boolean(ev->b));
		json_object_set_new(object, "function", json_text(ev->function ? ev->function : ""));
		json_object_set_new(object, "text", json_text(ev->text ? ev->text : ""));
		return object;
	}
	set_event_number(object, trace, key[0], ev->a);
	set_event_number(object, trace, key[1], ev->b);
	set_event_number(object, trace, key[2], ev->c);
	set_event_number(object, trace, key[3], (int64_t)ev->d);
	set_reason(object, trace, ev);
	return object;
}

static void set_line(json_t *object, const char *key, const struct gb_trace *trace, const struct gb_obs *obs)
{
	char *line = obs ? gb_obs_print(trace, obs) : NULL;

	json_object_set_new(object, key, line ? json_text(line) : json_null());
	free(line);
}

/* The fields an observation of this kind has. */
static void set_fields(json_t *object, const struct gb_trace *trace, const struct gb_obs *obs)
{
	switch (obs->kind) {
	case GB_OBS_CQE:
		set_label(object, "label", trace, obs->sqe);
		set_number(object, "res", obs->res);
		set_number(object, "flags", obs->flags);
		break;
	case GB_OBS_SUBMITTED:
	case GB_OBS_REGISTERED:
		set_number(object, "res", obs->res);
		break;
	case GB_OBS_ACK:
		set_label(object, "label", trace, obs->sqe);
		set_number(object, "leases", obs->leases);
		set_number(object, "acks", obs->acks);
		set_number(object, "after", obs->after);
		set_hash(object, "hash", obs->hash);
		set_number(object, "untouched", (int64_t)obs->untouched);
		break;
	case GB_OBS_GOT:
	case GB_OBS_WROTE:
	case GB_OBS_CONNECTED:
		set_end(object, trace, obs->end);
		set_number(object, "res", obs->res);
		if (obs->kind == GB_OBS_GOT)
			set_hash(object, "hash", obs->hash);
		break;
	case GB_OBS_FINAL:
		set_end(object, trace, obs->end);
		set_number(object, "bytes", (int64_t)obs->bytes);
		set_hash(object, "hash", obs->hash);
		break;
	case GB_OBS_BLK:
		set_blk(object, trace, obs->blk);
		json_object_set_new(object, "done", json_boolean(obs->done));
		set_number(object, "res", obs->res);
		set_number(object, "after", obs->after);
		set_number(object, "refs", obs->refs);
		if (obs->blk < trace->n_blkreqs && trace->blkreqs[obs->blk].op == GB_BLK_read) {
			set_hash(object, "hash", obs->hash);
			set_number(object, "untouched", (int64_t)obs->untouched);
		}
		break;
	case GB_OBS_HAZARD:
		json_object_set_new(object, "hazard", json_text(obs->word));
		json_object_set_new(object, "function", json_text(obs->function));
		if (obs->of)
			set_label(object, "label", trace, obs->of - 1);
		json_object_set_new(object, "text", obs->text ? json_text(obs->text) : json_null());
		break;
	case GB_OBS_INVARIANT:
		json_object_set_new(object, "text", obs->text ? json_text(obs->text) : json_null());
		break;
	case GB_OBS_CQE_NONE:
	case GB_OBS_STUCK:
		break;
	}
}

json_t *json_observation(const struct gb_trace *trace, const struct gb_observer *observer, uint32_t i, bool why)
{
	const struct gb_obs *obs = &gb_observer_list(observer)[i];
	const struct gb_event *ev = why ? gb_observer_why(observer, i) : NULL;
	json_t *object = json_object();

	json_object_set_new(object, "kind", json_string(obs_names[obs->kind]));
	set_line(object, "line", trace, obs);
	set_fields(object, trace, obs);
	if (ev)
		set_reason(object, trace, ev);
	return object;
}

json_t *json_diff(const struct gb_trace *trace, const struct gb_diff *diff)
{
	json_t *object = json_object();

	if (diff->expected && diff->expected->pos.line)
		set_number(object, "at_line", diff->expected->pos.line);
	set_line(object, "expected", trace, diff->expected);
	set_line(object, "observed", trace, diff->observed);
	return object;
}

void json_not_run(const char *file, const struct gb_error *err)
{
	json_t *object = json_object();

	json_object_set_new(object, "file", json_text(file));
	json_object_set_new(object, "verdict",
			    json_string(err->status == GB_NOT_SIMULATED ? "not-simulated" : "bad-input"));
	set_number(object, "line", err->line);
	set_number(object, "column", err->column);
	json_object_set_new(object, "error", json_text(err->text));
	json_dumpf(object, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(object);
}
