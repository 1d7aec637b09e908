/* SPDX-License-Identifier: MIT */
/*
 * Every rule of the specification bites: for each there is a program whose
 * run breaks it, either because V9 does (and then the switch that repairs it
 * makes the finding go away), or because the events of an honest run are
 * falsified here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "groupbuf/spec.h"

#include "support/corpus.h"

#define RUN "submit\nreap\n"

/* What the programs have in common. */
#define WORLD                       \
	"file f size=100\npipe p\n" \
	"sock s\nlessor dev\n"      \
	"mem m size=4096\n"
#define LEASE_OF(dir) WORLD "sqe l LEASE fd=dev dir=" dir " len=4096 flags=SQE_GROUP\n"
#define FILLED	      LEASE_OF("dest") "sqe r READ fd=f off=0 len=100 addr=0 flags=GROUP_BUF\n" RUN
#define SHORT	      LEASE_OF("dest") "sqe r READ fd=f off=0 len=200 addr=0 flags=GROUP_BUF\n" RUN
#define BROKEN_CHAIN                                                                           \
	"sqe a NOP res=-5 flags=IO_LINK|CQE_SKIP_SUCCESS\nsqe b NOP flags=SQE_GROUP|IO_LINK\n" \
	"sqe c NOP flags=SQE_GROUP\nsqe d NOP\nsqe e NOP\n" RUN
#define LOUD_CHAIN                                                            \
	"sqe a NOP res=-5 flags=IO_LINK\nsqe b NOP flags=SQE_GROUP|IO_LINK\n" \
	"sqe c NOP flags=SQE_GROUP\nsqe d NOP\nsqe e NOP\n" RUN
/* The command that ends the block request waits in the group whose lease holds that request. */
#define WAITING_SERVER                                                                            \
	"ublk u depth=1 flags=SUPPORT_ZERO_COPY|USER_COPY\nsqe f UBLK_FETCH fd=u tag=0\nsubmit\n" \
	"blkreq b u read len=4096\nwait 1\nsqe l UBLK_PROVIDE fd=u tag=0 flags=SQE_GROUP\n"       \
	"sqe c UBLK_COMMIT_AND_FETCH fd=u tag=0 res=4096\n" RUN
#define LATE_FAILURE                                                                              \
	"sqe a NOP flags=IO_LINK\nsqe b NOP flags=SQE_GROUP|IO_LINK\nsqe c BAD flags=SQE_GROUP\n" \
	"sqe d NOP\nsqe e NOP\n" RUN

/*
 * A rule, a program, and what is falsified: commands of the form
 * `drop|copy|first|last EVENT LABEL`, `set EVENT LABEL a|b|c NUMBER`, and
 * `add EVENT LABEL NUMBER NUMBER`; `-` is no request. A trace of traces/ is
 * named instead of written out.
 */
static const struct bite {
	enum gb_spec_rule_id rule;
	const char *program, *lies;
} bites[] = {
	{GB_SPEC_INIT, "sqe a NOP\n" RUN, "set init a b -22"},
	{GB_SPEC_INIT, "sqe a NOP op_flags=2\n" RUN, "set init a b 0"},
	{GB_SPEC_INIT, "sqe a POLL_ADD len=2\n" RUN, "set init a b 0"},
	{GB_SPEC_INIT, WORLD "sqe a READ fd=f addr=0x7ffffffff000 len=1\n" RUN, "set init a b 0"},
	{GB_SPEC_INIT, WORLD "sqe a READ fd=f addr=m len=1 ioprio=1\n" RUN, "set init a b 0"},
	{GB_SPEC_INIT, WORLD "sqe a FSYNC fd=f op_flags=2\n" RUN, "set init a b 0"},
	{GB_SPEC_INIT, WORLD "sqe l LEASE fd=dev dir=dest len=1 op_flags=1\n" RUN, "set init l b 0"},
	{GB_SPEC_INIT, WORLD "sqe l LEASE fd=dev dir=dest len=1 op_flags=2\n" RUN, "set init l b 0"},
	{GB_SPEC_INIT, "sqe a NOP ioprio=1\n" RUN, "set init a b 0"},
	{GB_SPEC_INIT, "sqe a NOP flags=BUFFER_SELECT\n" RUN, "set init a b 0"},
	{GB_SPEC_INIT, "sqe a NOP flags=CQE_SKIP_SUCCESS\nsqe b NOP flags=IO_DRAIN\n" RUN, "set init b b 0"},
	{GB_SPEC_INIT, "ring flags=IOPOLL\nsqe a TIMEOUT ms=1\n" RUN, "set init a b 0"},
	{GB_SPEC_INIT,
	 "ring flags=R_DISABLED\nregister restrictions sqe_op=READ register_op=ENABLE_RINGS\nregister enable\n"
	 "sqe a NOP\n" RUN,
	 "set init a b 0"},
	{GB_SPEC_INIT,
	 WORLD "sqe a NOP flags=SQE_GROUP\nsqe r READ fd=f addr=m len=1 flags=BUFFER_SELECT|GROUP_BUF\n" RUN,
	 "set init r b 0"},
	{GB_SPEC_INIT, "sqe t LINK_TIMEOUT ms=1\n" RUN, "set init t b 0"},
	{GB_SPEC_PREP, "sqe a TIMEOUT ms=1\n" RUN, "set init a b -5"},
	{GB_SPEC_INIT, WORLD "sqe a SEND fd=s.0 addr=m len=1 ioprio=2\n" RUN, "set init a b 0"},
	{GB_SPEC_INIT, WORLD "sqe a SEND fd=s.0 addr=0x7ffffffff000 len=1\n" RUN, "set init a b 0"},
	{GB_SPEC_INIT, WORLD "sqe a RECV fd=s.0 addr=m len=1 ioprio=8\n" RUN, "set init a b 0"},
	{GB_SPEC_INIT, WORLD "sqe a RECV fd=s.0 addr=0x7ffffffff000 len=1\n" RUN, "set init a b 0"},
	{GB_SPEC_PREP_USER, LEASE_OF("dest") "sqe r READ fd=f addr=0x7ffffffff000 len=1 flags=GROUP_BUF\n" RUN, ""},
	{GB_SPEC_BATCH, "sqe a NOP\n" RUN, "set submitted - a 2"},
	{GB_SPEC_BATCH, "sqe a BAD\nsqe b NOP\n" RUN RUN, "first init b"},
	{GB_SPEC_BATCH, "ring flags=SUBMIT_ALL\nsqe a BAD\nsqe b NOP\n" RUN, "set submitted - a 1"},
	{GB_SPEC_BATCH, "sqe a NOP\nsqe b NOP\n" RUN, "set init a b -22"},
	{GB_SPEC_BATCH, "sqe a NOP\nsqe b NOP\n" RUN, "drop init b; set submitted - a 1"},
	{GB_SPEC_ISSUED_FAILED, "sqe a BAD\n" RUN, "add issue a 1 0"},
	{GB_SPEC_ISSUED_FAILED, "sqe a NOP flags=SQE_GROUP\nsqe b BAD\n" RUN, "add issue b 1 0"},
	{GB_SPEC_ISSUED_LEADER, LATE_FAILURE, ""},
	{GB_SPEC_CHAIN_RUNS, "sqe a NOP flags=IO_LINK\nsqe b BAD\n" RUN, "add issue a 1 0"},
	{GB_SPEC_CHAIN_RUNS_GROUP, LATE_FAILURE, ""},
	{GB_SPEC_ASSEMBLY, "sqe a NOP flags=SQE_GROUP\nsqe b BAD\n" RUN, "set cqe a a -5"},
	{GB_SPEC_ASSEMBLY, "sqe a NOP flags=SQE_GROUP\nsqe b BAD\n" RUN, "set cqe b a -5"},
	{GB_SPEC_EARLY_ISSUE, "sqe a NOP flags=SQE_GROUP\nsqe b NOP\n" RUN, "first issue a"},
	{GB_SPEC_EARLY_ISSUE, "sqe a NOP flags=IO_LINK\nsqe b NOP\n" RUN, "first issue a"},
	{GB_SPEC_MEMBER_RUNS, "sqe a NOP res=-5 flags=SQE_GROUP\nsqe b NOP\n" RUN, "add issue b 1 0"},
	{GB_SPEC_MEMBER_IDLE, "sqe a NOP flags=SQE_GROUP\nsqe b NOP\n" RUN,
	 "drop issue b; drop done b; set cqe b a -125"},
	{GB_SPEC_MEMBER_ERRNO, "sqe a NOP res=-5 flags=SQE_GROUP\nsqe b NOP\n" RUN, "set cqe b a -5"},
	{GB_SPEC_MEMBER_NODE,
	 WORLD "register buffers m:64\nsqe l LEASE fd=dev dir=dest len=64 flags=SQE_GROUP\n"
	       "sqe r READ_FIXED fd=f addr=m len=1 flags=GROUP_BUF\n" RUN,
	 "set cqe r a 1"},
	{GB_SPEC_NEXT_RUNS, "sqe a NOP res=-5 flags=IO_LINK\nsqe b NOP\n" RUN, "add issue b 1 0"},
	{GB_SPEC_NEXT_ERRNO, "sqe a NOP res=-5 flags=IO_LINK\nsqe b NOP\n" RUN, "set cqe b a 0"},
	{GB_SPEC_NO_FAILURE, WORLD "sqe a FSYNC fd=p.r flags=IO_LINK\nsqe b NOP\n" RUN, ""},
	{GB_SPEC_NO_FAILURE, WORLD "sqe a FSYNC fd=p.r flags=SQE_GROUP\nsqe b NOP\n" RUN, ""},
	{GB_SPEC_NO_FAILURE,
	 WORLD "sqe l NOP flags=SQE_GROUP|IO_LINK\nsqe a FSYNC fd=p.r flags=SQE_GROUP\nsqe c NOP\nsqe b NOP\n" RUN, ""},
	{GB_SPEC_NO_FAILURE, WORLD "sqe a FSYNC fd=p.r flags=IO_LINK\nsqe b READ fd=99 addr=m len=1\n" RUN, ""},
	{GB_SPEC_NO_FAILURE_ABI, WORLD "sqe a SHUTDOWN fd=s.0 len=3 flags=IO_LINK\nsqe b NOP\n" RUN, ""},
	{GB_SPEC_NO_FAILURE_IOPOLL,
	 "ring flags=IOPOLL\nfile f size=512 direct=1\nmem m size=4096\n"
	 "sqe a READ fd=f off=0 addr=m len=1024 flags=IO_LINK\nsqe b NOP\n" RUN,
	 ""},
	{GB_SPEC_UNISSUED, "sqe a NOP\n" RUN, "drop issue a; drop done a; set cqe a a -125"},
	{GB_SPEC_UNISSUED, "sqe a NOP\n" RUN, "drop issue a; drop done a; set cqe a a -14"},
	{GB_SPEC_UNISSUED, "sqe a NOP\n" RUN, "drop issue a; drop done a; set cqe a a -9"},
	{GB_SPEC_UNISSUED, "sqe a NOP\n" RUN, "drop issue a; drop done a; set cqe a a 0"},
	{GB_SPEC_NO_FILE, WORLD "sqe a READ fd=99 addr=m len=1\n" RUN, "add issue a 1 0"},
	{GB_SPEC_LINK_TIMEOUT, "sqe a NOP flags=IO_LINK\nsqe t LINK_TIMEOUT ms=5\n" RUN, "set cqe t a -5"},
	{GB_SPEC_LEADER_TIMEOUT, "sqe a NOP flags=SQE_GROUP|IO_LINK\nsqe b NOP\nsqe t LINK_TIMEOUT ms=5\n" RUN, ""},
	{GB_SPEC_RESULT, WORLD "sqe a READ fd=f off=0 addr=m len=1\n" RUN, "set done a a -1; set cqe a a -1"},
	{GB_SPEC_RESULT, WORLD "sqe a READ fd=f off=0 addr=m len=1\n" RUN, "set done a a 2; set cqe a a 2"},
	{GB_SPEC_RESULT, WORLD "sqe a READ fd=f off=0 addr=m len=1\n" RUN, "set done a a -125; set cqe a a -125"},
	{GB_SPEC_RESULT, WORLD "sqe a FSYNC fd=f\n" RUN, "set done a a 1; set cqe a a 1"},
	{GB_SPEC_RESULT, WORLD "sqe a POLL_ADD fd=p.w op_flags=4\n" RUN, "set done a a 0; set cqe a a 0"},
	{GB_SPEC_RESULT, WORLD "sqe a READV fd=f off=0 iov=m:4,m+8:4\n" RUN, "set done a a 9; set cqe a a 9"},
	{GB_SPEC_EXACT, "sqe a NOP\n" RUN, "set done a a 5; set cqe a a 5"},
	{GB_SPEC_OWN_RESULT, "sqe a NOP\n" RUN, "set cqe a a 5"},
	{GB_SPEC_LOST, "sqe a NOP\n" RUN, "drop cqe a"},
	{GB_SPEC_LOST_LONE, "sqe a NOP flags=SQE_GROUP\n" RUN, ""},
	{GB_SPEC_LOST_CHAIN, "sqe a NOP flags=IO_LINK\nsqe b NOP flags=SQE_GROUP\nsqe c NOP flags=SQE_GROUP\n" RUN, ""},
	{GB_SPEC_LOST_FETCH, "traces/defects/a07-refused-lease.trace", ""},
	{GB_SPEC_LOST_TRACKED,
	 "pipe p\nmem m size=8\nsqe L POLL_ADD fd=ring op_flags=4 flags=SQE_GROUP\n"
	 "sqe b READ fd=p.r addr=m len=8\nsubmit\nexit\n",
	 ""},
	{GB_SPEC_LOST_WAITING, WAITING_SERVER, ""},
	{GB_SPEC_ACK_WAITS, WAITING_SERVER, ""},
	{GB_SPEC_TWICE, "sqe a NOP\n" RUN, "copy cqe a"},
	{GB_SPEC_POSTS, "sqe a NOP flags=CQE_SKIP_SUCCESS\n" RUN, "drop skip a; add cqe a 0 0"},
	{GB_SPEC_POSTS_SILENT, "sqe a NOP res=-5 flags=IO_LINK|CQE_SKIP_SUCCESS\nsqe b NOP\n" RUN,
	 "drop skip b; add cqe b -125 0"},
	{GB_SPEC_POSTS_GROUP, BROKEN_CHAIN, ""},
	{GB_SPEC_SILENT, "sqe a NOP\n" RUN, "drop cqe a; add skip a 0 0"},
	{GB_SPEC_LEADER_LAST, "sqe a NOP flags=SQE_GROUP\nsqe b NOP\n" RUN, "last cqe b"},
	{GB_SPEC_BACK_TO_BACK, "sqe a NOP flags=SQE_GROUP\nsqe b NOP\n" RUN, "set cqe a c 9"},
	{GB_SPEC_NOTIFIED, WORLD "sock z zc=hold\nsqe a SEND_ZC fd=z.0 addr=m len=1\n" RUN "read z.1 1\nreap\n",
	 "first cqe a"},
	{GB_SPEC_NOTIFIED_LEADER,
	 WORLD "sock z zc=hold\nsqe a SEND_ZC fd=z.0 addr=m len=1 flags=SQE_GROUP\nsqe b READ fd=p.r addr=m len=1\n" RUN
	       "read z.1 1\nwrite p.w 1\nreap\n",
	 ""},
	{GB_SPEC_CHAIN_ORDER, "sqe a NOP flags=IO_LINK\nsqe b NOP\n" RUN, "last cqe a"},
	{GB_SPEC_CHAIN_ORDER_GROUP, LOUD_CHAIN, ""},
	{GB_SPEC_MEMBER_EARLY, "sqe a NOP flags=SQE_GROUP\nsqe b NOP\n" RUN, "first issue b"},
	{GB_SPEC_NEXT_EARLY, "sqe a NOP flags=IO_LINK\nsqe b NOP\n" RUN, "first issue b"},
	{GB_SPEC_DRAIN_EARLY,
	 WORLD "sqe z READ fd=p.r addr=m len=1\nsqe a NOP flags=IO_DRAIN\nsubmit\nwrite p.w 1\nreap\n",
	 "first issue a"},
	{GB_SPEC_DRAIN_COUNT,
	 WORLD "ring flags=SUBMIT_ALL\nsqe z READ fd=p.r addr=m len=1\nsqe a NOP flags=IO_DRAIN\nsqe b BAD\n" RUN
	       "write p.w 1\nreap\n",
	 ""},
	{GB_SPEC_DRAIN_MEMBER,
	 "sqe a NOP flags=IO_LINK\nsqe b NOP flags=IO_DRAIN\nsqe l NOP flags=SQE_GROUP|BUFFER_SELECT\nsqe c NOP\n" RUN,
	 ""},
	{GB_SPEC_DRAIN_NEXT, "sqe a NOP flags=IO_LINK\nsqe b NOP flags=IO_DRAIN\nsqe c NOP\n" RUN, "first issue c"},
	{GB_SPEC_LEASE, LEASE_OF("dest") "sqe b NOP\n" RUN, "set done l a -5; set cqe l a -5"},
	{GB_SPEC_LEASE, WORLD "sqe l LEASE fd=dev dir=dest len=1\n" RUN, "set done l a 0; set cqe l a 0"},
	{GB_SPEC_LEASE, WORLD "sqe l LEASE fd=dev dir=dest len=1 mode=no_vec flags=SQE_GROUP\nsqe b NOP\n" RUN,
	 "set done l a 0; set cqe l a 0"},
	{GB_SPEC_LEASE, WORLD "sqe l LEASE fd=dev dir=dest len=1 mode=fail_after flags=SQE_GROUP\nsqe b NOP\n" RUN,
	 "set done l a 0; set cqe l a 0"},
	{GB_SPEC_LEASE,
	 "ring flags=IOPOLL\n" WORLD "sqe l LEASE fd=dev dir=dest len=1 flags=SQE_GROUP\nsqe b NOP\n" RUN,
	 "set done l a 0; set cqe l a 0"},
	{GB_SPEC_LEASE_TWICE, WORLD "sqe l LEASE fd=dev dir=dest len=1 mode=twice flags=SQE_GROUP\nsqe b NOP\n" RUN,
	 ""},
	{GB_SPEC_NO_IMPORT, FILLED, "drop import r"},
	{GB_SPEC_IMPORT_ARGS, FILLED, "set import r c 50"},
	{GB_SPEC_IMPORT_ARGS, FILLED, "set import r b 1"},
	{GB_SPEC_IMPORT_TWICE, FILLED, "copy import r"},
	{GB_SPEC_IMPORT_LEASE,
	 WORLD "sqe l NOP flags=SQE_GROUP\nsqe r READ fd=f off=0 len=1 addr=0 flags=GROUP_BUF\n" RUN,
	 "set import r a 0"},
	{GB_SPEC_IMPORT_DIR, LEASE_OF("source") "sqe r READ fd=f off=0 len=1 addr=0 flags=GROUP_BUF\n" RUN,
	 "set import r a 0"},
	{GB_SPEC_IMPORT_BOUNDS, LEASE_OF("dest") "sqe r READ fd=f off=0 len=1 addr=4096 flags=GROUP_BUF\n" RUN,
	 "set import r a 0"},
	{GB_SPEC_IMPORT_RESULT, LEASE_OF("dest") "sqe r READ fd=f off=0 len=1 addr=4096 flags=GROUP_BUF\n" RUN,
	 "set done r a 0; set cqe r a 0"},
	{GB_SPEC_IGNORES, LEASE_OF("dest") "sqe r NOP flags=GROUP_BUF\n" RUN, ""},
	{GB_SPEC_IGNORES_VECTOR, LEASE_OF("dest") "sqe r READV fd=f off=0 iov=m:4 flags=GROUP_BUF\n" RUN, ""},
	{GB_SPEC_DEAD_NO_LEASE, "traces/defects/a04-null-deref.trace", ""},
	{GB_SPEC_DEAD_LEADER, LATE_FAILURE, "add hazard b 0 1"},
	{GB_SPEC_DEAD_SLOT,
	 WORLD "sock z zc=hold\nregister buffers m:64\nsqe l LEASE fd=dev dir=source len=64 flags=SQE_GROUP\n"
	       "sqe r SEND_ZC fd=z.0 addr=m len=1 ioprio=4 flags=GROUP_BUF\n" RUN,
	 ""},
	{GB_SPEC_DEAD, "sqe a NOP\n" RUN, "add hazard a 0 1"},
	{GB_SPEC_SOURCE, LEASE_OF("source") "sqe r WRITE fd=f off=0 len=1 addr=0 flags=GROUP_BUF\n" RUN,
	 "set ack l c 1"},
	{GB_SPEC_MOVED, FILLED, "set ack l b 4096"},
	{GB_SPEC_OUTSIDE, FILLED, "set ack l b 0"},
	{GB_SPEC_USER_ZEROED, "traces/defects/a05-user-memory-zeroed.trace", ""},
	{GB_SPEC_TAIL, SHORT, "set ack l b 3996"},
	{GB_SPEC_TAIL_ERROR, "traces/defects/a11-error-leaves-tail.trace", ""},
	{GB_SPEC_BYTES, FILLED, "set ack l c 1"},
	{GB_SPEC_BYTES_DIRECT, "traces/defects/a06-direct-bio-not-advanced.trace", ""},
	{GB_SPEC_ACKS, FILLED, "copy ack l"},
	{GB_SPEC_ACKS, FILLED, "drop ack l"},
	{GB_SPEC_ACK_EARLY, FILLED, "first ack l"},
	{GB_SPEC_ACK_USED, FILLED, "last io r"},
};

#define BITES (sizeof(bites) / sizeof(bites[0]))

/* ---- falsified events ---- */

static uint32_t label_of(const struct gb_trace *trace, const char *label)
{
	for (uint32_t k = 0; k < trace->n_sqes; k++)
		if (strcmp(trace->sqes[k].label, label) == 0)
			return k;
	return GB_NO_REQ;
}

static enum gb_event_type type_of(const char *name)
{
	for (unsigned int k = 0; k < GB_EV_COUNT; k++)
		if (strcmp(gb_event_name((enum gb_event_type)k), name) == 0)
			return (enum gb_event_type)k;
	fail_msg("no event %s", name);
	return GB_EV_COUNT;
}

static void put_in(struct event_log *log, size_t at, struct gb_event event)
{
	log_event(log, &event);
	memmove(&log->list[at + 1], &log->list[at], (log->n - 1 - at) * sizeof(*log->list));
	log->list[at] = event;
}

static struct gb_event take_out(struct event_log *log, size_t at)
{
	struct gb_event event = log->list[at];

	memmove(&log->list[at], &log->list[at + 1], (log->n - 1 - at) * sizeof(*log->list));
	log->n--;
	return event;
}

/* Does to the event at a place what the command says; the place to go on at. */
static size_t falsify(struct event_log *log, size_t at, const char *command, char field, long number)
{
	struct gb_event *event = &log->list[at];

	if (strcmp(command, "set") == 0)
		*(field == 'a' ? &event->a : field == 'b' ? &event->b : &event->c) = number;
	else if (strcmp(command, "copy") == 0)
		put_in(log, at++, *event);
	else if (strcmp(command, "drop") == 0)
		take_out(log, at--);
	else if (strcmp(command, "first") == 0)
		put_in(log, 0, take_out(log, at));
	else
		put_in(log, log->n - 1, take_out(log, at));
	return at;
}

/* One command; the test fails if it changes nothing. */
static void lie(const struct gb_trace *trace, struct event_log *log, const char *text)
{
	char command[8] = "", name[16] = "", label[16] = "", field[8] = "", value[24] = "0";
	long number;
	unsigned int done = 0;
	enum gb_event_type type;
	uint32_t req;

	if (sscanf(text, "%7s %15s %15s %7s %23s", command, name, label, field, value) < 3)
		fail_msg("bad lie: %s", text);
	number = strtol(value, NULL, 10);
	type = type_of(name);
	req = label_of(trace, label);
	if (strcmp(command, "add") == 0) {
		log_event(log, &(struct gb_event){.type = type, .req = req, .a = strtol(field, NULL, 10), .b = number});
		return;
	}
	for (size_t k = log->n; k-- > 0 && !(done && (*command == 'l' || *command == 'f'));)
		if (log->list[k].type == type && log->list[k].req == req) {
			k = falsify(log, k, command, *field, number);
			done++;
			if (*command == 'c' || *command == 'd')
				break;
		}
	if (!done)
		fail_msg("the lie changes nothing: %s", text);
}

static void lies(const struct gb_trace *trace, struct event_log *log, const char *text)
{
	char *copy = strdup(text), *save = NULL;

	assert_non_null(copy);
	for (char *one = strtok_r(copy, ";", &save); one; one = strtok_r(NULL, ";", &save))
		lie(trace, log, one);
	free(copy);
}

/* ---- the judgement of a run ---- */

static uint32_t count(const struct gb_trace *trace, const char *text, uint32_t variant, enum gb_spec_rule_id rule)
{
	struct gb_config config = {.variant = variant};
	struct gb_spec *spec = gb_spec_new(trace);
	struct event_log log = {0};
	struct gb_world *world;
	enum gb_run_state state;
	uint32_t n, found = 0;

	assert_non_null(spec);
	config.event = log_event;
	config.event_user = &log;
	world = world_of(trace, &config);
	state = gb_world_run(world);
	gb_world_destroy(world);
	lies(trace, &log, text);
	for (size_t k = 0; k < log.n; k++)
		gb_spec_event(spec, &log.list[k]);
	n = gb_spec_judge(spec, state);
	for (uint32_t k = 0; k < n; k++) {
		char *words = gb_spec_print(trace, &gb_spec_list(spec)[k]);

		assert_non_null(words);
		assert_null(strchr(words, '?'));
		free(words);
		found += gb_spec_list(spec)[k].rule == rule;
	}
	gb_spec_free(spec);
	log_free(&log);
	return found;
}

static struct gb_trace *trace_for(const struct bite *bite)
{
	struct gb_trace *trace;
	size_t size;
	char *text;

	if (strncmp(bite->program, "traces/", 7) != 0)
		return trace_of(gb_spec_rule_at(bite->rule)->name, bite->program, strlen(bite->program));
	text = corpus_read(bite->program, &size);
	trace = trace_of(bite->program, text, size);
	free(text);
	return trace;
}

static void every_rule(void **state)
{
	bool bitten[GB_SPEC_RULES] = {false};

	(void)state;
	for (size_t k = 0; k < BITES; k++) {
		const struct bite *bite = &bites[k];
		const struct gb_spec_rule *rule = gb_spec_rule_at(bite->rule);
		struct gb_trace *trace = trace_for(bite);

		if (!count(trace, bite->lies, 0, bite->rule))
			fail_msg("%s does not bite: %s%s", rule->name, bite->program, bite->lies);
		if (*bite->lies && count(trace, "", 0, bite->rule))
			fail_msg("%s bites without a reason: %s", rule->name, bite->program);
		if (!*bite->lies && !rule->known[0])
			fail_msg("%s: V9 does it, but no deviation is known", rule->name);
		if (!*bite->lies && rule->variant && count(trace, "", rule->variant, bite->rule))
			fail_msg("%s: a switch repairs it, but the finding stays: %s", rule->name, bite->program);
		bitten[bite->rule] = true;
		gb_trace_free(trace);
	}
	/* from WORKER_POSTS on tests/faults shows it (model/spec/conduct.c) */
	for (uint32_t k = 0; k < GB_SPEC_WORKER_POSTS; k++)
		if (!bitten[k])
			fail_msg("nothing shows that %s bites", gb_spec_rule_at(k)->name);
	assert_null(gb_spec_rule_at(GB_SPEC_RULES));
}

/* A run that did not come to its end is not blamed for what is missing. */
static void unfinished(void **state)
{
	static const char text[] = "sqe a NOP\nsqe b NOP flags=IO_LINK\nsqe c NOP\n" RUN;
	struct gb_trace *trace = trace_of("unfinished", text, strlen(text));
	struct gb_spec *spec = gb_spec_new(trace);
	struct event_log log = {0};
	struct gb_config config = {.event = log_event, .event_user = &log};
	struct gb_world *world = world_of(trace, &config);

	(void)state;
	assert_non_null(spec);
	gb_world_run(world);
	gb_world_destroy(world);
	for (size_t n = 0; n <= log.n; n++) {
		gb_spec_reset(spec);
		for (size_t k = 0; k < n; k++)
			gb_spec_event(spec, &log.list[k]);
		assert_int_equal(gb_spec_judge(spec, GB_RUNNING), 0);
	}
	/* a word for each opcode that is simulated, none for others */
	assert_string_equal(gb_spec_opcode_rule(IORING_OP_READV), "as READ");
	assert_null(gb_spec_opcode_rule(IORING_OP_TEE));
	assert_null(gb_spec_print(trace, &(struct gb_spec_finding){.rule = GB_SPEC_RULES}));
	gb_spec_free(spec);
	gb_spec_free(NULL);
	log_free(&log);
	gb_trace_free(trace);
}

/* More findings than there is room for: the first ones stay. */
static void too_many(void **state)
{
	static const char text[] = "sqe a NOP\n" RUN;
	struct gb_trace *trace = trace_of("too many", text, strlen(text));
	struct gb_spec *spec = gb_spec_new(trace);
	struct gb_event event = {.type = GB_EV_SUBMITTED, .req = GB_NO_REQ, .a = 7};
	uint32_t n = 0;

	(void)state;
	assert_non_null(spec);
	for (unsigned int k = 0; k < 100; k++) {
		gb_spec_event(spec, &event);
		n = gb_spec_judge(spec, GB_RUNNING);
	}
	assert_in_range(n, 1, 20);
	gb_spec_free(spec);
	gb_trace_free(trace);
}

/* The page has a line for each rule and each opcode, in these words. */
static void the_page_has_them_all(void **state)
{
	size_t size;
	char *page = corpus_read("docs/specification.md", &size);

	(void)state;
	for (uint32_t k = 0; k < GB_SPEC_RULES; k++) {
		const struct gb_spec_rule *rule = gb_spec_rule_at(k);
		char line[400];

		snprintf(line, sizeof(line), "| %s | %s | %s%s| ", rule->number, rule->sentence, rule->known,
			 rule->known[0] ? " " : "");
		if (!strstr(page, line))
			fail_msg("docs/specification.md does not have: %s", line);
	}
	for (unsigned int op = 0; op < IORING_OP_LAST; op++) {
		const struct gb_sqe sqe = {.opcode = (uint8_t)op};
		const char *words = gb_spec_opcode_rule((uint8_t)op);
		char line[400];

		snprintf(line, sizeof(line), "| `%s` | %s |\n", words ? gb_opcode_name(&sqe) : "", words ? words : "");
		if (words && !strstr(page, line))
			fail_msg("docs/specification.md does not have: %s", line);
	}
	free(page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_rule),
		cmocka_unit_test(unfinished),
		cmocka_unit_test(too_many),
		cmocka_unit_test(the_page_has_them_all),
	};

	return cmocka_run_group_tests_name("spec_bites", tests, NULL, NULL);
}
