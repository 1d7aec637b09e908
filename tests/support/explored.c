/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/explored.h"

const char *const open_traces[] = {
	"file f size=512 outcomes=any\nfile g size=512 nowait=1 outcomes=any\nmem m size=4096\n"
	"sqe a READ fd=f off=0 addr=m len=100\nsqe b READ fd=g off=0 addr=m len=100\n"
	"sqe c WRITE fd=f off=0 addr=m len=40 flags=IO_LINK\nsqe d READ fd=f off=0 addr=m len=40\nsubmit\nwait 4\n",
	"file d size=1024 direct=1 outcomes=any\nmem m size=4096\nlessor l\n"
	"sqe a LEASE fd=l dir=dest len=512 mode=any flags=SQE_GROUP\n"
	"sqe b READ fd=d off=0 addr=0 len=256 flags=GROUP_BUF|SQE_GROUP\n"
	"sqe c READ fd=d off=256 addr=256 len=256 flags=GROUP_BUF\nsqe e WRITE fd=d off=0 addr=m len=64\n"
	"submit\nwait 4\n",
	"pipe p\nmem m size=4096\nsqe a READ fd=p.r addr=m len=16 flags=IO_LINK\nsqe t LINK_TIMEOUT ms=1\n"
	"sqe b READ fd=p.r addr=m len=16 flags=ASYNC\nsqe p POLL_ADD fd=p.r op_flags=1\nsubmit\n"
	"sqe c ASYNC_CANCEL target=b\nsubmit\nwrite p.w 16\nwait 4\nwrite p.w 16\nreap\n",
	"ring entries=8 flags=DEFER_TASKRUN|SINGLE_ISSUER\nfile f size=512 outcomes=short,error\nmem m size=4096\n"
	"sqe a TIMEOUT ms=1\nsqe b TIMEOUT ms=30 off=2\nsqe c READ fd=f addr=m len=16 flags=ASYNC\n"
	"sqe d NOP flags=IO_DRAIN\nsubmit\nwait 3\nsqe e NOP flags=ASYNC\nsubmit\nreap\n",
	/* a buffer word that is left over from a lease, or none, is followed: whose memory does the leader get? */
	"sock s\nmem m size=64\nlessor l\nsqe x LEASE fd=l dir=dest len=8 flags=SQE_GROUP\nsqe n NOP\n"
	"sqe y NOP flags=ASYNC\nsubmit\nwait 3\nsqe g NOP flags=SQE_GROUP\n"
	"sqe r RECV fd=s.0 addr=m len=8 flags=GROUP_BUF\nsubmit\nwrite s.1 8\nwait 2\n",
	/* its time is over for the reap as well as for the disk, whose CQE is skipped, and what is linked behind reads
	 */
	"pipe p\nmem m size=8\nmem n size=8\nfile d size=8 direct=1\nwrite p.w 8\n"
	"sqe l READ fd=d off=0 addr=n len=8 flags=IO_LINK|CQE_SKIP_SUCCESS\n"
	"sqe r READ fd=p.r addr=m len=8 flags=ASYNC\nsubmit\nreap ms=1\nread p.r 8\n",
	/* a timeout without a CQE ends a reap, and the ring is closed */
	"file f size=8\nmem m size=8 fill=0x3c\nsqe t TIMEOUT ms=0 op_flags=0x20 flags=CQE_SKIP_SUCCESS\n"
	"sqe w WRITE fd=f off=0 addr=m len=8 flags=ASYNC\nsubmit\n",
	NULL,
};

static const struct gb_alternative no_choice = {.kind = UINT8_MAX, .req = GB_NO_REQ};

static int compare_alternatives(const void *left, const void *right)
{
	const struct gb_alternative *a = left, *b = right;

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->index != b->index)
		return a->index < b->index ? -1 : 1;
	return a->req == b->req ? 0 : a->req < b->req ? -1 : 1;
}

static bool same_alternative(const struct gb_alternative *a, const struct gb_alternative *b)
{
	return compare_alternatives(a, b) == 0;
}

/* ---- choices and events ---- */

static uint32_t choose(void *user, const struct gb_choice *choice)
{
	struct explored *e = user;

	if (choice->kind != GB_CHOICE_ACTOR)
		return random_below(&e->random, choice->n);
	if (e->taken) {
		e->taken->asked.n = choice->n;
		memcpy(e->taken->asked.alt, choice->alt, choice->n * sizeof(choice->alt[0]));
		qsort(e->taken->asked.alt, choice->n, sizeof(choice->alt[0]), compare_alternatives);
	}
	for (uint32_t k = 0; k < choice->n; k++)
		if (same_alternative(&choice->alt[k], &e->wanted))
			return k;
	if (!e->ask_only)
		fail_msg("%s: an actor that could act no longer can", e->name);
	return 0;
}

static void on_event(void *user, const struct gb_event *event)
{
	struct explored *e = user;

	/* which CQE comes first is what such forms leave out */
	if (event->type == GB_EV_REAP && e->flags & GB_CANONICAL_CQ_UNORDERED)
		return;
	if (e->taken && event->type != GB_EV_CHOICE)
		log_event(&e->taken->log, event);
}

static uint32_t label_of(uint32_t sqe, const uint16_t *rename)
{
	return rename && sqe != GB_NO_REQ ? rename[sqe] : sqe;
}

static bool same_step_event(const struct gb_event *a, const struct gb_event *b, const uint16_t *rename)
{
	struct gb_event copy = *a;

	copy.step = b->step;
	copy.time_us = b->time_us;
	copy.reason = b->reason;
	copy.reason_req = b->reason_req;
	memcpy(copy.reason_n, b->reason_n, sizeof(copy.reason_n));
	copy.req = label_of(copy.req, rename);
	copy.other = label_of(copy.other, rename);
	if (a->type == GB_EV_CLOCK)
		copy.a = b->a;
	return same_event(&copy, b);
}

bool same_step(const struct taken *a, const struct taken *b, const uint16_t *rename)
{
	struct enabled asked = a->asked;

	if (a->run != b->run || a->log.n != b->log.n || asked.n != b->asked.n)
		return false;
	for (uint32_t k = 0; k < asked.n; k++)
		asked.alt[k].req = label_of(asked.alt[k].req, rename);
	qsort(asked.alt, asked.n, sizeof(asked.alt[0]), compare_alternatives);
	for (uint32_t k = 0; k < asked.n; k++)
		if (!same_alternative(&asked.alt[k], &b->asked.alt[k]))
			return false;
	for (size_t k = 0; k < a->log.n; k++)
		if (!same_step_event(&a->log.list[k], &b->log.list[k], rename))
			return false;
	return true;
}

void taken_free(struct taken *taken)
{
	log_free(&taken->log);
}

/* ---- states ---- */

static uint64_t hash_of(const unsigned char *form, size_t length)
{
	uint64_t hash = 0xcbf29ce484222325ULL;

	for (size_t k = 0; k < length; k++)
		hash = (hash ^ form[k]) * 0x100000001b3ULL;
	return hash ^ hash >> 32;
}

static bool has_form(const struct state *s, const unsigned char *form, size_t length)
{
	return s->length == length && memcmp(s->form, form, length) == 0;
}

/* Where the state with this form is in the table, or would be. */
static uint32_t *slot_of(struct explored *e, const unsigned char *form, size_t length)
{
	uint32_t at = (uint32_t)hash_of(form, length) & (e->index_size - 1);

	while (e->index[at] && !has_form(&e->states[e->index[at] - 1], form, length))
		at = (at + 1) & (e->index_size - 1);
	return &e->index[at];
}

struct state *explored_find(struct explored *e, const unsigned char *form, size_t length)
{
	uint32_t found = *slot_of(e, form, length);

	return found ? &e->states[found - 1] : NULL;
}

static void grow(struct explored *e)
{
	e->room = e->room ? e->room * 2 : 256;
	e->states = realloc(e->states, e->room * sizeof(*e->states));
	free(e->index);
	e->index_size = e->room * 2;
	e->index = calloc(e->index_size, sizeof(*e->index));
	assert_non_null(e->states);
	assert_non_null(e->index);
	for (uint32_t k = 0; k < e->n; k++)
		*slot_of(e, e->states[k].form, e->states[k].length) = k + 1;
}

static unsigned char *copy_of(const void *bytes, size_t size)
{
	unsigned char *copy = malloc(size + 1);

	assert_non_null(copy);
	memcpy(copy, bytes, size);
	return copy;
}

struct state *explored_add(struct explored *e)
{
	struct state *s;

	if (e->n == e->room)
		grow(e);
	*slot_of(e, e->form, e->length) = e->n + 1;
	s = &e->states[e->n++];
	*s = (struct state){.size = gb_world_size(e->world), .length = e->length, .run = e->run};
	s->form = copy_of(e->form, e->length);
	s->snapshot = malloc(s->size);
	assert_non_null(s->snapshot);
	gb_world_snapshot(e->world, s->snapshot);
	return s;
}

void explored_go(struct explored *e, const struct state *s)
{
	gb_world_restore(e->world, s->snapshot, s->size);
	e->run = s->run;
}

bool explored_same_bytes(const struct explored *e, const struct state *s)
{
	const size_t size = gb_world_size(e->world);
	unsigned char *bytes = malloc(size);
	bool same;

	assert_non_null(bytes);
	gb_world_snapshot(e->world, bytes);
	same = size == s->size && memcmp(bytes, s->snapshot, size) == 0;
	free(bytes);
	return same;
}

void explored_form(struct explored *e, const uint16_t *rename)
{
	e->length = gb_world_canonical(e->world, rename, e->flags, e->form);
	if (e->length > gb_world_canonical_capacity(e->world))
		fail_msg("%s: a canonical form of %zu bytes, said to be %zu at most", e->name, e->length,
			 gb_world_canonical_capacity(e->world));
}

void explored_init(struct explored *e, const char *name, const struct gb_trace *trace, const struct gb_config *config,
		   uint32_t flags)
{
	struct gb_config mine = *config;

	*e = (struct explored){.name = name, .trace = trace, .flags = flags, .run = GB_RUNNING};
	mine.strategy = GB_STRATEGY_CALLBACK;
	mine.choose = choose;
	mine.choose_user = e;
	mine.event = on_event;
	mine.event_user = e;
	e->world = world_of(trace, &mine);
	e->form = malloc(gb_world_canonical_capacity(e->world));
	assert_non_null(e->form);
	explored_form(e, NULL);
	explored_add(e);
}

void explored_free(struct explored *e)
{
	for (uint32_t k = 0; k < e->n; k++) {
		free(e->states[k].snapshot);
		free(e->states[k].form);
	}
	free(e->states);
	free(e->index);
	free(e->form);
	gb_world_destroy(e->world);
}

/* ---- steps ---- */

void explored_enabled(struct explored *e, const struct state *s, struct enabled *enabled)
{
	struct taken taken = {0};

	explored_go(e, s);
	enabled->n = 0;
	if (s->run != GB_RUNNING)
		return;
	e->taken = &taken;
	e->ask_only = true;
	gb_world_step(e->world);
	e->ask_only = false;
	e->taken = NULL;
	*enabled = taken.asked;
	if (!enabled->n)
		*enabled = (struct enabled){.alt = {no_choice}, .n = 1};
	taken_free(&taken);
	explored_go(e, s);
}

void explored_step(struct explored *e, const struct gb_alternative *alt, uint64_t seed, struct taken *taken)
{
	*taken = (struct taken){0};
	e->wanted = *alt;
	e->random = seed;
	e->taken = taken;
	e->run = taken->run = gb_world_step(e->world);
	e->taken = NULL;
}

bool explored_next(struct explored *e, uint32_t k, uint64_t *random, uint32_t *number)
{
	*number = k & 1 ? e->n - 1 : random_below(random, e->n);
	for (uint32_t looked = 0; e->states[*number].expanded && looked < e->n; looked++)
		*number = (*number + 1) % e->n;
	return !e->states[*number].expanded;
}
