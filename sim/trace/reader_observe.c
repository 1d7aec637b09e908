/* SPDX-License-Identifier: MIT */
/* Observation lines. */
#include <inttypes.h>
#include <string.h>

#include "groupbuf/event.h"
#include "trace/reader.h"

/* The next expectation. It is part of the trace at once, so that freeing the trace frees it. */
struct gb_obs *gb_new_obs(struct gb_reader *r, enum gb_obs_kind kind, const struct gb_word *verb)
{
	struct gb_trace *trace = r->trace;
	struct gb_obs *obs = gb_room(r, trace->expect, trace->n_expect, &r->expect_room, sizeof(*obs));

	if (!obs)
		return NULL;
	trace->expect = obs;
	obs += trace->n_expect++;
	*obs = (struct gb_obs){.kind = kind, .pos = {r->line, verb->column}, .end = {.number = -1}};
	return obs;
}

/* `cqe none` says that there is no CQE at all: it cannot stand beside any other cqe line. */
static bool check_none(struct gb_reader *r, bool none, const struct gb_word *w)
{
	uint32_t other = none && r->cqe_line ? r->cqe_line : r->none_line;

	if (other)
		return gb_fail(r, w->column, "%s contradicts line %" PRIu32 "; expected 'cqe none' alone", GB_QUOTE(w),
			       other);
	if (none)
		r->none_line = r->line;
	else
		r->cqe_line = r->line;
	return true;
}

bool gb_read_cqe(struct gb_reader *r, const struct gb_word *verb)
{
	static const struct gb_keyword keys[] = {{"flags", 0}};
	struct gb_pairs pairs = {keys, 1, NULL, 0};
	struct gb_obs *obs = gb_new_obs(r, GB_OBS_CQE, verb);
	struct gb_word label, res, value;
	enum gb_item item;
	uint32_t key;

	if (!obs || !gb_want_word(r, &label, "a label or 'none'"))
		return false;
	if (gb_word_is(&label, "none"))
		obs->kind = GB_OBS_CQE_NONE;
	if (!check_none(r, obs->kind == GB_OBS_CQE_NONE, &label))
		return false;
	if (obs->kind == GB_OBS_CQE_NONE)
		return true;
	if (!gb_read_label(r, &label, &obs->sqe) || !gb_want_word(r, &res, "a result") ||
	    !gb_read_result(r, &res, &obs->res))
		return false;
	while ((item = gb_next_item(r, &pairs, &key, &value)) == GB_ITEM_PAIR)
		if (!gb_read_u32(r, &value, 0, UINT32_MAX, &obs->flags))
			return false;
	return item == GB_ITEM_END;
}

bool gb_read_submitted(struct gb_reader *r, const struct gb_word *verb)
{
	struct gb_obs *obs = gb_new_obs(r, GB_OBS_SUBMITTED, verb);
	struct gb_word res;

	return obs && gb_want_word(r, &res, "a number of SQEs or an error") && gb_read_result(r, &res, &obs->res);
}

bool gb_read_registered(struct gb_reader *r, const struct gb_word *verb)
{
	struct gb_obs *obs = gb_new_obs(r, GB_OBS_REGISTERED, verb);
	struct gb_word res;

	return obs && gb_want_word(r, &res, "an error") && gb_read_result(r, &res, &obs->res);
}

bool gb_read_stuck(struct gb_reader *r, const struct gb_word *verb)
{
	return gb_new_obs(r, GB_OBS_STUCK, verb) != NULL;
}

enum { ACK_LEASES, ACK_ACKS, ACK_AFTER, ACK_BYTES, ACK_UNTOUCHED, ACK_COUNT };

static const struct gb_keyword ack_keys[] = {{"leases", ACK_LEASES},
					     {"acks", ACK_ACKS},
					     {"after", ACK_AFTER},
					     {"bytes", ACK_BYTES},
					     {"untouched", ACK_UNTOUCHED}};

static bool read_ack_pair(struct gb_reader *r, struct gb_obs *obs, uint32_t key, const struct gb_word *value)
{
	switch (key) {
	case ACK_LEASES:
		return gb_read_u32(r, value, 0, UINT32_MAX, &obs->leases);
	case ACK_ACKS:
		return gb_read_u32(r, value, 0, UINT32_MAX, &obs->acks);
	case ACK_AFTER:
		return gb_read_u32(r, value, 0, UINT32_MAX, &obs->after);
	case ACK_BYTES:
		return gb_read_hash(r, value, &obs->hash);
	default:
		return gb_read_number(r, value, 0, UINT64_MAX, &obs->untouched);
	}
}

bool gb_read_ack(struct gb_reader *r, const struct gb_word *verb)
{
	struct gb_pairs pairs = {ack_keys, ACK_COUNT, NULL, 0};
	struct gb_obs *obs = gb_new_obs(r, GB_OBS_ACK, verb);
	struct gb_word label, value;
	enum gb_item item;
	uint32_t key;

	if (!obs || !gb_want_word(r, &label, "a label") || !gb_read_label(r, &label, &obs->sqe))
		return false;
	value = label; /* where the line ends if nothing follows */
	while ((item = gb_next_item(r, &pairs, &key, &value)) == GB_ITEM_PAIR)
		if (!read_ack_pair(r, obs, key, &value))
			return false;
	if (item == GB_ITEM_ERROR)
		return false;
	for (key = 0; key < ACK_COUNT; key++)
		if (!(pairs.given & 1U << key))
			return gb_fail(r, value.column, "the line ends too early; expected %s=", ack_keys[key].name);
	return true;
}

bool gb_read_got(struct gb_reader *r, const struct gb_word *verb)
{
	struct gb_obs *obs = gb_new_obs(r, GB_OBS_GOT, verb);
	struct gb_word end, res, hash;

	return obs && gb_want_word(r, &end, "a pipe or socket end") && gb_read_end(r, &end, false, &obs->end) &&
	       gb_want_word(r, &res, "a number of bytes or an error") && gb_read_result(r, &res, &obs->res) &&
	       gb_want_word(r, &hash, "a hash") && gb_read_hash(r, &hash, &obs->hash);
}

bool gb_read_wrote(struct gb_reader *r, const struct gb_word *verb)
{
	struct gb_obs *obs = gb_new_obs(r, GB_OBS_WROTE, verb);
	struct gb_word end, res;

	return obs && gb_want_word(r, &end, "a pipe or socket end") && gb_read_end(r, &end, false, &obs->end) &&
	       gb_want_word(r, &res, "a number of bytes or an error") && gb_read_result(r, &res, &obs->res);
}

bool gb_read_connected(struct gb_reader *r, const struct gb_word *verb)
{
	struct gb_obs *obs = gb_new_obs(r, GB_OBS_CONNECTED, verb);
	struct gb_word end, res;

	return obs && gb_want_word(r, &end, "a socket end") && gb_read_end(r, &end, false, &obs->end) &&
	       gb_want_word(r, &res, "an error") && gb_read_result(r, &res, &obs->res);
}

/* NAME, then a hash, and for all but memory how many bytes. */
bool gb_read_final(struct gb_reader *r, const struct gb_word *verb)
{
	static const struct gb_keyword bytes_keys[] = {{"bytes", 0}}, size_keys[] = {{"size", 0}};
	struct gb_pairs pairs = {bytes_keys, 1, "a hash", 0};
	struct gb_obs *obs = gb_new_obs(r, GB_OBS_FINAL, verb);
	struct gb_word name, value;
	enum gb_object_kind kind;
	bool hashed = false;
	enum gb_item item;
	uint32_t key;

	if (!obs || !gb_want_word(r, &name, "a file, a mem, a pipe or socket end") ||
	    !gb_read_final_name(r, &name, &obs->end))
		return false;
	kind = r->trace->objects[obs->end.object].kind;
	if (kind == GB_FILE || kind == GB_BLOCK)
		pairs.keys = size_keys;
	if (kind == GB_MEM)
		pairs.n = 0;
	value = name;
	while ((item = gb_next_item(r, &pairs, &key, &value)) > GB_ITEM_END) {
		if (item == GB_ITEM_BARE && hashed)
			return gb_fail(r, value.column, "unexpected %s; expected one hash", GB_QUOTE(&value));
		hashed |= item == GB_ITEM_BARE;
		if (item == GB_ITEM_PAIR ? !gb_read_number(r, &value, 0, UINT64_MAX, &obs->bytes)
					 : !gb_read_hash(r, &value, &obs->hash))
			return false;
	}
	if (item == GB_ITEM_ERROR)
		return false;
	if (!hashed)
		return gb_fail(r, value.column, "the line ends too early; expected a hash");
	if (kind != GB_MEM && !pairs.given)
		return gb_fail(r, value.column, "the line ends too early; expected %s=N", pairs.keys[0].name);
	return true;
}

static const struct gb_keyword hazards[] = {
#define X(id, name, stops) {(name), GB_HAZARD_##id},
	GB_HAZARD_LIST(X)
#undef X
};

/* The text behind a colon; there may be none. */
static bool read_text(struct gb_reader *r, bool colon, char **text)
{
	struct gb_word rest;

	if (!colon)
		return true; /* whoever reads lines finds what is too much */
	rest = gb_rest(r);
	if (!rest.len)
		return true;
	*text = gb_copy(r, rest.p, rest.len);
	return *text != NULL;
}

/* Cuts the colon off the end of a word. */
static bool cut_colon(struct gb_word *w)
{
	if (!w->len || w->p[w->len - 1] != ':')
		return false;
	w->len--;
	return true;
}

static bool check_function(struct gb_reader *r, const struct gb_word *w)
{
	for (size_t i = 0; i < w->len; i++)
		if (!gb_is_name_char(w->p[i], i == 0) && (w->p[i] != '.' || i == 0))
			return gb_fail(r, w->column, "%s is no function; expected the name of a kernel function",
				       GB_QUOTE(w));
	if (!w->len)
		return gb_fail(r, w->column, "a function is missing; expected the name of a kernel function");
	return true;
}

/* `of LABEL` behind the function, if anything is there; the label may end in the colon. */
static bool read_of(struct gb_reader *r, bool *colon, uint32_t *of)
{
	struct gb_word word, label;
	uint32_t sqe;

	if (*colon || !gb_next_word(r, &word))
		return true;
	if (!gb_word_is(&word, "of"))
		return gb_fail(r, word.column, "unexpected %s; expected 'of' and a label, or the end of the line",
			       GB_QUOTE(&word));
	if (!gb_want_word(r, &label, "a label"))
		return false;
	*colon = cut_colon(&label);
	if (!gb_read_label(r, &label, &sqe))
		return false;
	*of = sqe + 1;
	return true;
}

/* `hazard KIND at FUNCTION [of LABEL][: TEXT]` */
bool gb_read_hazard(struct gb_reader *r, const struct gb_word *verb)
{
	struct gb_obs *obs = gb_new_obs(r, GB_OBS_HAZARD, verb);
	struct gb_word kind, at, function;
	uint32_t value;
	bool colon;

	if (!obs || !gb_want_word(r, &kind, "a kind of hazard") ||
	    !gb_read_keyword(r, "hazard", &kind, hazards, sizeof(hazards) / sizeof(hazards[0]), &value) ||
	    !gb_want_word(r, &at, "'at' and a function"))
		return false;
	if (!gb_word_is(&at, "at"))
		return gb_fail(r, at.column, "unexpected %s; expected 'at' and a function", GB_QUOTE(&at));
	if (!gb_want_word(r, &function, "a function"))
		return false;
	colon = cut_colon(&function);
	if (!check_function(r, &function))
		return false;
	obs->word = gb_copy(r, kind.p, kind.len);
	obs->function = gb_copy(r, function.p, function.len);
	return obs->word && obs->function && read_of(r, &colon, &obs->of) && read_text(r, colon, &obs->text);
}

/* I32, I88a */
static bool is_invariant(const struct gb_word *word)
{
	size_t n = 1;

	while (n < word->len && word->p[n] >= '0' && word->p[n] <= '9')
		n++;
	if (word->p[0] != 'I' || n == 1)
		return false;
	return n == word->len || (n + 1 == word->len && word->p[n] >= 'a' && word->p[n] <= 'z');
}

/* `invariant I32 violated[: TEXT]`; all of it behind the first word is the text. */
bool gb_read_invariant(struct gb_reader *r, const struct gb_word *verb)
{
	struct gb_obs *obs = gb_new_obs(r, GB_OBS_INVARIANT, verb);
	struct gb_word number, violated, text;
	bool colon;

	if (!obs || !gb_want_word(r, &number, "the number of an invariant"))
		return false;
	if (!is_invariant(&number))
		return gb_fail(r, number.column, "%s is no invariant; expected its number, like I32",
			       GB_QUOTE(&number));
	if (!gb_want_word(r, &violated, "'violated'"))
		return false;
	colon = cut_colon(&violated);
	if (!gb_word_is(&violated, "violated"))
		return gb_fail(r, violated.column, "unexpected %s; expected 'violated'", GB_QUOTE(&violated));
	if (!colon && !gb_want_end(r))
		return false;
	text = gb_part(&number, 0, (size_t)(r->line_end - number.p));
	r->p = r->line_end;
	obs->text = gb_copy(r, text.p, text.len);
	return obs->text != NULL;
}

/* LABEL:RES */
static bool read_seen_cqe(struct gb_reader *r, const struct gb_word *w, struct gb_seen_cqe *cqe)
{
	const char *colon = memchr(w->p, ':', w->len);
	struct gb_word label, res;

	if (!colon)
		return gb_fail(r, w->column, "unexpected %s; expected LABEL:RESULT", GB_QUOTE(w));
	label = gb_part(w, 0, (size_t)(colon - w->p));
	res = gb_part(w, label.len + 1, w->len - label.len - 1);
	return gb_read_label(r, &label, &cqe->sqe) && gb_read_result(r, &res, &cqe->res);
}

bool gb_read_seen(struct gb_reader *r, const struct gb_word *verb)
{
	struct gb_trace *trace = r->trace;
	struct gb_seen *seen = gb_room(r, trace->seen, trace->n_seen, &r->seen_room, sizeof(*seen));
	uint32_t room = 0;
	struct gb_word w;

	if (!seen)
		return false;
	trace->seen = seen;
	seen += trace->n_seen++;
	*seen = (struct gb_seen){.pos = {r->line, verb->column}};
	if (!gb_want_word(r, &w, "a number of runs") || !gb_read_u32(r, &w, 1, UINT32_MAX, &seen->runs) ||
	    !gb_want_word(r, &w, "LABEL:RESULT"))
		return false;
	do {
		struct gb_seen_cqe *cqe = gb_room(r, seen->cqe, seen->n, &room, sizeof(*cqe));

		if (!cqe)
			return false;
		seen->cqe = cqe;
		if (!read_seen_cqe(r, &w, &cqe[seen->n]))
			return false;
		seen->n++;
	} while (gb_next_word(r, &w));
	return true;
}
