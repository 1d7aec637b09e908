/* SPDX-License-Identifier: MIT */
#include "explain_words.h"

#include <inttypes.h>
#include <string.h>

#include "groupbuf/abi.h"
#include "groupbuf/reason.h"

/*
 * In a sentence %a %b %c are the numbers, %n and %m are a and b as results, %o
 * is the other request, %l the leader of the request's group, %O the opcode,
 * %w the reason, %F the function of task work, %D a direction (c), %P poll
 * events, %E an end of an object, %R what was registered, %B the operation of
 * a block request, %Q flags and fate of a CQE.
 */
struct form {
	const char *function; /* NULL: the sentence names it, or nobody */
	const char *says;
};

static const struct words {
	bool dull;
	struct form usual, other; /* the other: the number that uses_other asks about is not 0 */
} words[GB_EV_COUNT] = {
	[GB_EV_ENTER] = {.usual = {NULL, "io_uring_enter: %a to submit, min_complete %b"}},
	[GB_EV_LEAVE] = {.dull = true, .usual = {NULL, "io_uring_enter returns %a"}},
	[GB_EV_INIT] = {.dull = true,
			.usual = {"io_init_req", "is taken from the SQ ring: %O"},
			.other = {"io_init_req", "is refused when it is read: %m%w"}},
	[GB_EV_OPEN] = {.usual = {"io_group_sqe", "leads a group from here on"}},
	[GB_EV_JOIN] = {.usual = {"io_group_sqe", "joins the group of %o"}},
	[GB_EV_CLOSE_GROUP] = {.usual = {"io_group_sqe", "has its group complete, members: %a"},
			       .other = {"io_submit_state_end",
					 "has its group cut by the end of the batch, members: %a"}},
	[GB_EV_BATCH_END] = {.dull = true, .usual = {"io_submit_state_end", "the batch is over"}},
	[GB_EV_LINK] = {.usual = {"io_link_sqe", "is chained behind %o"}},
	[GB_EV_START] = {.dull = true,
			 .usual = {"io_queue_sqe", "is queued"},
			 .other = {"io_queue_sqe_fallback", "is not issued inline"}},
	[GB_EV_DEFER] = {.usual = {"io_drain_req", "has to drain: waits for all that was submitted before it"}},
	[GB_EV_RELEASE] = {.usual = {"io_queue_deferred", "has drained and may go on"}},
	[GB_EV_FILE] = {.dull = true, .usual = {"io_assign_file", "gets its file"}},
	[GB_EV_ISSUE] = {.usual = {"io_issue_sqe", "is issued: %O"}, .other = {"io_issue_sqe", "is issued again"}},
	[GB_EV_FAIL] = {.usual = {"req_set_fail", "is marked failed"},
			.other = {"req_set_fail", "is marked failed with %n"}},
	[GB_EV_DONE] = {.usual = {NULL, "is done with %n%w"}},
	[GB_EV_PUNT] = {.usual = {"io_queue_iowq", "goes to io-wq"}},
	[GB_EV_WORK] = {.dull = true, .usual = {"io_worker_handle_work", "is taken by the worker"}},
	[GB_EV_WORK_PUT] = {.dull = true, .usual = {"io_wq_free_work", "is let go by the worker"}},
	[GB_EV_TW_ADD] = {.usual = {NULL, "gets task work queued (%F)"}},
	[GB_EV_TW_RUN] = {.dull = true, .usual = {NULL, "has its task work run (%F)"}},
	[GB_EV_FALLBACK] = {.usual = {"io_fallback_tw", "has its task work moved to the fallback worker"}},
	[GB_EV_ARM_POLL] = {.usual = {"__io_arm_poll_handler", "waits for %P of its file"}},
	[GB_EV_WAKE] = {.usual = {NULL, "is woken"}, .other = {"io_poll_wake", "is woken by %P"}},
	[GB_EV_DISARM_POLL] = {.dull = true, .usual = {"io_poll_remove_entries", "no longer waits"}},
	[GB_EV_ARM_TIMER] = {.usual = {"hrtimer_start", "starts its timer, %a ms"}},
	[GB_EV_FIRE] = {.usual = {"io_timeout_fn", "has its timer expire"}},
	[GB_EV_CANCEL] = {.usual = {"io_try_cancel", "is cancelled by %o"},
			  .other = {"io_try_cancel", "cannot be cancelled by %o: %n"}},
	[GB_EV_FIRST] = {.usual = {"io_queue_group_members", "has completed, so its members may start"}},
	[GB_EV_QMEMBER] = {.dull = true,
			   .usual = {"io_queue_group_members", "may start"},
			   .other = {"io_queue_group_members", "is not to start: %n%w"}},
	[GB_EV_GRP] = {.usual = {NULL, "group references: %a"}},
	[GB_EV_REQ_REF] = {.dull = true, .usual = {NULL, "refs %a"}},
	[GB_EV_CQE] = {.usual = {NULL, "posts CQE %c: %n%Q%w"}},
	[GB_EV_SKIP] = {.usual = {NULL, "completes without a CQE: %n%w"}},
	[GB_EV_FLUSH] = {.dull = true, .usual = {"io_commit_cqring", "the CQEs up to %a are published"}},
	[GB_EV_FREE] = {.dull = true, .usual = {"io_free_batch_list", "is freed"}},
	[GB_EV_SELECT] = {.usual = {"io_buffer_select", "takes provided buffer %a, %b bytes"},
			  .other = {"io_buffer_select", "finds no provided buffer"}},
	[GB_EV_LEASE] = {.usual = {"io_lease_group_kbuf", "leases a buffer of %b bytes to its group, dir=%D"},
			 .other = {"io_lease_group_kbuf", "is refused the lease of a buffer: %n%w"}},
	[GB_EV_IMPORT] = {.usual = {"io_import_group_buf", "imports %c bytes at offset %b of the buffer of %l"},
			  .other = {"io_import_group_buf", "is refused the buffer of %l: %n%w"}},
	[GB_EV_IO] = {.usual = {NULL, "reads bytes %a to %b of the leased buffer"},
		      .other = {NULL, "writes bytes %a to %b of the leased buffer"}},
	[GB_EV_ZERO] = {.usual = {NULL, "zeroes bytes %a to %b of the leased buffer"},
			.other = {NULL, "zeroes bytes %a to %b of USER memory"}},
	[GB_EV_ACK] = {.usual = {"io_drop_group_buf", "gives the buffer back to the lessor, CQEs published: %a"}},
	[GB_EV_REAP] = {.usual = {NULL, "is reaped from CQE %c: %n"}},
	[GB_EV_SUBMITTED] = {.usual = {NULL, "io_uring_submit returns %n, of SQEs given: %b"}},
	[GB_EV_STUCK] = {.usual = {NULL, "the wait is in vain: no CQE comes any more"}},
	[GB_EV_GOT] = {.usual = {NULL, "the outside reads %m at %E"}},
	[GB_EV_WROTE] = {.usual = {NULL, "the outside writes %m of %c bytes to %E"}},
	[GB_EV_CONNECTED] = {.usual = {NULL, "the outside connects %E: %m"}},
	[GB_EV_FINAL] = {.dull = true, .usual = {NULL, "in the end %E has %b bytes"}},
	[GB_EV_BLK_NEW] = {.usual = {"blk_mq_submit_bio", "arrives: a block %B of %c bytes at %b"}},
	[GB_EV_BLK_QUEUE] = {.usual = {"ublk_queue_rq", "gets tag %a"}},
	[GB_EV_BLK_DISPATCH] = {.usual = {"ubq_complete_io_cmd",
					  "goes to the server by the command of tag %a, %c bytes"}},
	[GB_EV_BLK_REF] = {.usual = {NULL, "refs %a"}},
	[GB_EV_BLK_REQUEUE] = {.usual = {"blk_mq_requeue_request", "is queued again, bytes done: %a"}},
	[GB_EV_BLK_DONE] = {.usual = {"blk_mq_end_request", "is completed for its submitter: %n"}},
	[GB_EV_BLK_FINAL] = {.dull = true, .usual = {NULL, "in the end: refs %a"}},
	[GB_EV_CLOCK] = {.dull = true, .usual = {NULL, "time passes"}},
	[GB_EV_CHOICE] = {.dull = true, .usual = {NULL, "alternative %c of %b is taken"}},
	[GB_EV_REGISTERED] = {.usual = {"io_uring_register", "register %R: %n"}},
	[GB_EV_TASK_EXIT] = {.usual = {"io_uring_files_cancel", "the submitting task exits"},
			     .other = {"io_uring_task_cancel", "the submitting task execs"}},
	[GB_EV_DYING] = {.usual = {"io_ring_ctx_wait_and_kill", "the ring is closed"}},
	[GB_EV_HAZARD] = {.usual = {NULL, "hazard %h at %f: %t"}},
};

static bool uses_other(const struct gb_event *ev)
{
	switch (ev->type) {
	case GB_EV_INIT:
	case GB_EV_CLOSE_GROUP:
		return ev->b;
	case GB_EV_ISSUE:
		return ev->a > 1;
	case GB_EV_SELECT:
		return !ev->c;
	case GB_EV_IO:
	case GB_EV_ZERO:
		return ev->c;
	default:
		return ev->a && words[ev->type].other.says;
	}
}

bool words_are_dull(const struct gb_event *ev)
{
	switch (ev->type) {
	case GB_EV_INIT:
	case GB_EV_START:
	case GB_EV_QMEMBER:
		return !uses_other(ev);
	case GB_EV_ENTER:
		return !ev->a;
	case GB_EV_SUBMITTED:
		return ev->a == ev->b;
	default:
		return words[ev->type].dull;
	}
}

const char *words_label(const struct gb_trace *trace, uint32_t sqe)
{
	return sqe < trace->n_sqes ? trace->sqes[sqe].label : "?";
}

static bool is_blk(const struct gb_event *ev)
{
	return ev->type >= GB_EV_BLK_NEW && ev->type <= GB_EV_BLK_FINAL;
}

const char *words_subject(const struct gb_trace *trace, const struct gb_event *ev)
{
	if (is_blk(ev))
		return ev->d < trace->n_blkreqs ? trace->blkreqs[ev->d].label : "?";
	return ev->req < trace->n_sqes ? trace->sqes[ev->req].label : "";
}

const char *words_actor(enum gb_actor_kind kind, uint32_t index, char *buf, size_t size)
{
	snprintf(buf, size, kind == GB_ACTOR_WORKER ? "%s.%" PRIu32 : "%s", gb_actor_name(kind), index);
	return buf;
}

const char *words_outcome(const struct gb_trace *trace, const struct gb_alternative *alt)
{
	static const char *const transfer[] = {"as its file has it", "inline", "would block",
					       "asynchronous",	     "short",  "error"};
	static const char *const lease[] = {"sync", "async", "fail_after"};
	const bool is_lease = alt->req < trace->n_sqes && trace->sqes[alt->req].lease;
	const size_t n = is_lease ? sizeof(lease) / sizeof(*lease) : sizeof(transfer) / sizeof(*transfer);

	return alt->kind >= n ? "?" : is_lease ? lease[alt->kind] : transfer[alt->kind];
}

/* ---- what stands for a placeholder ---- */

void words_put_result(FILE *f, int64_t res)
{
	const char *name = res < 0 && res > -4096 ? gb_errno_name((int)-res) : NULL;

	if (name)
		fprintf(f, "-%s", name);
	else
		fprintf(f, "%" PRId64, res);
}

static void put_poll(FILE *f, uint64_t mask)
{
	static const struct {
		uint32_t bit;
		const char *name;
	} names[] = {{GB_POLLIN, "POLLIN"}, {GB_POLLOUT, "POLLOUT"}, {GB_POLLPRI, "POLLPRI"}};
	const char *between = "";

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (!(mask & names[i].bit))
			continue;
		fprintf(f, "%s%s", between, names[i].name);
		between = "|";
	}
	if (!*between)
		fprintf(f, "events 0x%" PRIx64, mask & UINT32_MAX);
}

static void put_end(FILE *f, const struct gb_trace *trace, int64_t packed)
{
	const struct gb_fd fd = {.is_object = true, .object = (uint8_t)((uint64_t)packed >> 8), .end = (uint8_t)packed};
	char name[256];

	fputs(fd.object < trace->n_objects ? gb_fd_name(trace, fd, name, sizeof(name)) : "?", f);
}

static void put_cqe(FILE *f, const struct gb_event *ev)
{
	if (ev->b & IORING_CQE_F_NOTIF)
		fputs(", the notification", f);
	if (ev->b & IORING_CQE_F_BUFFER)
		fprintf(f, ", buffer %" PRId64, ev->b >> IORING_CQE_BUFFER_SHIFT);
	if (ev->b & IORING_CQE_F_MORE)
		fputs(", more to come", f);
	if (ev->d)
		fputs(", which waits on the overflow list", f);
}

static void put_why(FILE *f, const struct gb_trace *trace, const struct gb_event *ev)
{
	char text[512];

	fprintf(f, ", %s", gb_reason_text(trace, ev, text, sizeof(text)));
}

/* That a request is complete is no reason. */
static bool has_reason(const struct gb_event *ev)
{
	return ev->reason && ev->reason != GB_R_DONE;
}

static const char *name_of(int64_t number, const char *const *names, size_t n)
{
	return number >= 0 && (uint64_t)number < n ? names[number] : "?";
}

#define NAMES(list) (list), sizeof(list) / sizeof(*(list))

static const char *name_for(const struct facts *facts, const struct gb_event *ev, char which)
{
	static const char *const functions[] = {
#define X(id, function) (function),
		GB_TW_LIST(X)
#undef X
	};
	static const char *const directions[] = {"dest", "source"};
	static const char *const operations[] = {
#define X(name) #name,
		GB_BLK_OP_LIST(X)
#undef X
	};
	const struct gb_trace *trace = facts->trace;
	const bool known = ev->req < trace->n_sqes;

	switch (which) {
	case 'o':
		return words_label(trace, ev->other);
	case 'l':
		return known ? words_label(trace, facts->request[ev->req].leader) : "?";
	case 'O':
		return known && gb_opcode_name(&trace->sqes[ev->req]) ? gb_opcode_name(&trace->sqes[ev->req]) : "?";
	case 'F':
		return name_of(ev->a, NAMES(functions));
	case 'D':
		return name_of(ev->c, NAMES(directions));
	case 'B':
		return name_of(ev->a, NAMES(operations));
	case 'h':
		return gb_hazard_name((enum gb_hazard_kind)ev->a);
	case 'f':
		return ev->function ? ev->function : "?";
	default:
		return ev->text ? ev->text : "";
	}
}

static const char *register_name(int64_t number)
{
	switch (number) {
#define X(word, name)                \
	case IORING_REGISTER_##name: \
		return #word;
		GB_REGISTER_LIST(X)
#undef X
	default:
		return "?";
	}
}

static void put_placeholder(FILE *f, const struct facts *facts, const struct gb_event *ev, char which, bool why)
{
	switch (which) {
	case 'a':
	case 'b':
	case 'c':
		fprintf(f, "%" PRId64, which == 'a' ? ev->a : which == 'b' ? ev->b : ev->c);
		break;
	case 'n':
	case 'm':
		words_put_result(f, which == 'n' ? ev->a : ev->b);
		break;
	case 'w':
		if (why && has_reason(ev))
			put_why(f, facts->trace, ev);
		break;
	case 'P':
		put_poll(f, (uint64_t)ev->a);
		break;
	case 'E':
		put_end(f, facts->trace, ev->a);
		break;
	case 'Q':
		put_cqe(f, ev);
		break;
	case 'R':
		fputs(register_name(ev->b), f);
		break;
	default:
		fputs(name_for(facts, ev, which), f);
		break;
	}
}

void words_put(FILE *f, const struct facts *facts, const struct gb_event *ev, bool why)
{
	const struct words *w = &words[ev->type];
	const struct form *form = uses_other(ev) ? &w->other : &w->usual;
	const char *function = form->function;

	/* the same functions under other names */
	if (ev->type == GB_EV_FAIL && ev->b)
		function = "req_fail_link_node";
	else if (ev->type == GB_EV_FIRE && ev->req < facts->trace->n_sqes &&
		 facts->trace->sqes[ev->req].opcode == IORING_OP_LINK_TIMEOUT)
		function = "io_link_timeout_fn";
	for (const char *s = form->says; *s; s++) {
		if (*s == '%' && s[1])
			put_placeholder(f, facts, ev, *++s, why);
		else
			fputc(*s, f);
	}
	/* a reason names its own function */
	if (function && !(why && has_reason(ev) && strstr(form->says, "%w")))
		fprintf(f, " (%s)", function);
}
