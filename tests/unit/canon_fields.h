/* SPDX-License-Identifier: MIT */
/*
 * Every field of what a world holds, and what the canonical form makes of it.
 * Bytes that no field covers are padding, and may not matter.
 */
#ifndef GB_TESTS_CANON_FIELDS_H
#define GB_TESTS_CANON_FIELDS_H

#include <stddef.h>

#include "io_uring/io_uring.h"
#include "world/state.h"

/* What is claimed of a field. */
enum claim {
	FORM,  /* in the form. Where it is not, a later step writes it before it reads it */
	ZERO,  /* in the form; where it is not, it is 0, or a later step writes it */
	PREP,  /* in the form; where it is not, the SQE says it, or the request has failed */
	TOLD,  /* not in the form, for no step depends on it; events may */
	FIXED, /* the same in all states */
	SQE,   /* the same in all states, of a request that has not failed */
	ONCE,  /* as at the start, until a statement of the trace sets it */
	PLACE, /* not in the form: implied by others, or the number of a slot. Why stands beside it */
};

/* How it can be changed so that the form of what results can be written. */
enum change {
	NEVER,
	ANY,  /* one more, and all bits turned */
	MORE, /* one more */
	LESS, /* one less, if it is not 0 */
	TURN, /* a truth value */
	CUT,  /* 0, if it is not */
	NEXT, /* the next of `n` values */
	REQ,  /* another request, or none */
	BITS, /* one of the bits `n`, a mask */
};

struct field {
	const char *name;
	uint16_t at, size;
	enum claim claim;
	enum change change;
	uint64_t n;
	const char *why;
};

struct table {
	const char *name;
	const struct field *field;
	uint16_t n, size;
	uint16_t first; /* where it begins in the thing it is a part of */
};

#define F(field, claim, change)                                                             \
	{                                                                                   \
#field, offsetof(T, field), sizeof(((T *)0)->field), claim, change, 0, NULL \
	}
#define FN(field, claim, change, n)                                                         \
	{                                                                                   \
#field, offsetof(T, field), sizeof(((T *)0)->field), claim, change, n, NULL \
	}
#define FP(field, why)                                                                    \
	{                                                                                 \
#field, offsetof(T, field), sizeof(((T *)0)->field), PLACE, NEVER, 0, why \
	}
#define PART(field)                                                                                        \
	{                                                                                                  \
#field, offsetof(T, field), sizeof(((T *)0)->field), PLACE, NEVER, 0, "a table of its own" \
	}
#define TABLE(type, list, first)                                                   \
	{                                                                          \
#type, list, sizeof(list) / sizeof((list)[0]), sizeof(type), first \
	}

#define IN_A_LIST "the list, seen from its other side"

#define T struct gb_state
static const struct field state_fields[] = {
	F(step, TOLD, MORE),
	F(now_us, FORM, MORE),
	F(wake_seq, TOLD, MORE),
	F(rng, TOLD, ANY),
	FN(run_state, FORM, NEXT, GB_EXHAUSTED + 1),
	F(actor, TOLD, MORE),
	F(actor_index, TOLD, MORE),
	FN(running, TOLD, NEXT, 4),
	F(running_index, TOLD, MORE),
	F(need_resched, FORM, TURN),
	FP(pages_used, "which pages of the pool have been taken"),
	FP(page_free, "which page is taken next"),
	PART(app),
	PART(ctx),
	PART(sqd),
	PART(wq),
	F(timers.first, FORM, CUT),
};
#undef T

#define T struct gb_app
static const struct field app_fields[] = {
	F(pc, FORM, MORE),
	FN(phase, FORM, NEXT, GB_APP_TW),
	F(entered, FORM, TURN),
	F(in_enter, ZERO, TURN),
	FN(ending, FORM, NEXT, GB_APP_EXITED + 1),
	F(woken, ZERO, TURN),
	F(gone, FORM, TURN),
	F(sq_tail, FORM, ANY),
	F(sq_seen, FORM, ANY),
	F(given, FORM, ANY),
	F(cq_head, FORM, MORE),
	F(taken, FORM, ANY),
	F(to_submit, FORM, ANY),
	F(submitted, FORM, ANY),
	F(left, FORM, ANY),
	F(min_complete, FORM, ANY),
	F(getevents, FORM, TURN),
	F(cq_target, FORM, ANY),
	F(cq_timeouts_seen, FORM, ANY),
	F(timed_out, FORM, TURN),
	F(since, TOLD, ANY),
	F(deadline_us, FORM, ANY),
	F(timeout_us, FORM, ANY),
	F(iopoll_tail, FORM, ANY),
	F(iopoll_events, FORM, ANY),
	F(reap_until_us, FORM, ANY),
	F(tw.batch.first, FORM, CUT),
	FP(tw.batch.last, IN_A_LIST),
	FN(tw.back_to, FORM, NEXT, GB_APP_TW),
	F(tw.local, FORM, TURN),
	F(tw.min_events, FORM, ANY),
	F(tw.run, FORM, ANY),
};
#undef T

#define T struct io_ring_ctx
static const struct field ctx_fields[] = {
	FN(flags, FORM, BITS, IORING_SETUP_R_DISABLED),
	F(sq_entries, FIXED, NEVER),
	F(cq_entries, FIXED, NEVER),
	F(cq_mask, FIXED, NEVER),
	F(cached_sq_head, FORM, LESS),
	F(cached_cq_tail, FORM, MORE),
	F(cq_tail, FORM, ANY),
	F(cq_extra, FORM, ANY),
	F(sq_flags, FORM, ANY),
	F(overflow_first, FORM, MORE),
	F(overflow_count, FORM, LESS),
	F(cq_timeouts, FORM, ANY),
	F(cq_last_tm_flush, FORM, ANY),
	F(posted, FORM, ANY),
	F(drain_active, FORM, TURN),
	F(drain_next, FORM, TURN),
	F(drain_disabled, FORM, TURN),
	F(restricted, FORM, TURN),
	F(task_complete, FIXED, NEVER),
	F(lockless_cq, FIXED, NEVER),
	F(dying, FORM, TURN),
	F(submit_state.compl_reqs.first, FORM, CUT),
	FP(submit_state.compl_reqs.last, IN_A_LIST),
	F(submit_state.link.head, FORM, CUT),
	F(submit_state.link.last, FORM, REQ),
	F(submit_state.group.head, FORM, CUT),
	F(submit_state.group.last, FORM, REQ),
	F(submit_state.cq_flush, FORM, TURN),
	F(cancel_seq, TOLD, MORE),
	F(defer_list.first, FORM, CUT),
	FP(defer_list.last, IN_A_LIST),
	F(task_list.first, FORM, CUT),
	FP(task_list.last, IN_A_LIST),
	F(work_llist.first, FORM, CUT),
	FP(work_llist.last, IN_A_LIST),
	F(timeout_list.first, FORM, CUT),
	FP(timeout_list.last, IN_A_LIST),
	F(ltimeout_list.first, FORM, CUT),
	FP(ltimeout_list.last, IN_A_LIST),
	F(cancelable_uring_cmd.first, FORM, CUT),
	FP(cancelable_uring_cmd.last, IN_A_LIST),
	F(cancel_first, FORM, CUT),
	FP(cancel_last, IN_A_LIST),
	FP(free_list, "which slot a request gets; the buffer words it finds there are in the form"),
	FP(reqs_used, "how many slots have been used"),
	FP(refs, "how many requests there are: counted below"),
	F(fallback_llist.first, FORM, CUT),
	FP(fallback_llist.last, IN_A_LIST),
	FP(kbufs_used, "which slot a legacy buffer gets; there are enough for all"),
	F(user_bufs, FORM, LESS),
	F(nr_user_bufs, FORM, LESS),
	F(user_files, FORM, LESS),
	F(nr_user_files, FORM, LESS),
	F(fallback_us, FORM, MORE),
	F(fallback_since, TOLD, ANY),
	F(iopoll_list.first, FORM, CUT),
	FP(iopoll_list.last, IN_A_LIST),
	F(restrictions.sqe_op, FORM, ANY),
	F(restrictions.register_op, FORM, ANY),
	F(restrictions.sqe_flags_allowed, FORM, ANY),
	F(restrictions.sqe_flags_required, FORM, ANY),
	F(restrictions.registered, FORM, TURN),
	F(exit_us, FORM, MORE),
	F(poll_wq.first, FORM, CUT),
	F(inflight_tracked, FORM, ANY),
	F(exit_due, FORM, TURN),
	F(exit_since, TOLD, ANY),
};
#undef T

#define T struct io_sq_data
static const struct field sqd_fields[] = {
	FN(phase, FORM, NEXT, IO_SQ_SLEEP + 1),
	F(spin, FORM, TURN),
	F(taken, FORM, TURN),
	F(left, FORM, ANY),
	F(tw, FORM, ANY),
	F(retry_list.first, FORM, CUT),
	FP(retry_list.last, IN_A_LIST),
	F(idle_us, FORM, MORE),
	F(since, TOLD, ANY),
};
#undef T

#define T struct io_wq
static const struct field wq_fields[] = {
	F(acct[0].work_list.first, FORM, CUT),
	FP(acct[0].work_list.last, IN_A_LIST),
	F(acct[0].nr_workers, FORM, ANY),
	F(acct[0].max_workers, FIXED, NEVER),
	F(acct[0].nr_running, FORM, ANY),
	F(acct[1].work_list.first, FORM, CUT),
	FP(acct[1].work_list.last, IN_A_LIST),
	F(acct[1].nr_workers, FORM, ANY),
	F(acct[1].max_workers, FIXED, NEVER),
	F(acct[1].nr_running, FORM, ANY),
	F(free_list, FORM, CUT),
	F(nr_workers, FORM, LESS),
	F(exiting, FORM, TURN),
};
#undef T

#define T struct io_worker
static const struct field worker_fields[] = {
	FN(phase, FORM, NEXT, IO_WORKER_PUT + 1),
	FN(acct, FORM, NEXT, IO_WQ_ACCT_NR),
	F(free, FORM, TURN),
	F(running, FORM, TURN),
	F(fresh, FORM, TURN),
	F(signalled, FORM, TURN),
	F(since, TOLD, ANY),
	F(free_next, FORM, CUT),
	F(cur, FORM, REQ),
	F(hash, FORM, CUT),
	F(chain.first, FORM, CUT),
	FP(chain.last, IN_A_LIST),
};
#undef T

/* Not REQ_F_NOTIF, without which a request is another thing. */
#define REQ_FLAGS                                                                                             \
	(REQ_F_LINK | REQ_F_HARDLINK | REQ_F_FORCE_ASYNC | REQ_F_CQE_SKIP | REQ_F_GROUP | REQ_F_FAIL |        \
	 REQ_F_INFLIGHT | REQ_F_NOWAIT | REQ_F_POLLED | REQ_F_REISSUE | REQ_F_REFCOUNT | REQ_F_ARM_LTIMEOUT | \
	 REQ_F_SKIP_LINK_CQES | REQ_F_APOLL_MULTISHOT | REQ_F_BL_EMPTY | REQ_F_GROUP_LEADER)

#define T struct io_kiocb
static const struct field req_fields[] = {
	FN(flags, FORM, BITS, REQ_FLAGS),
	F(cqe_res, FORM, ANY),
	F(cqe_fd_or_flags, FORM, ANY),
	F(sqe, FORM, MORE),
	FP(opcode, "the SQE says it"),
	FN(tw_func, FORM, NEXT, IO_TW_NOTIF + 1),
	F(file, FORM, MORE),
	F(buf_owner, FORM, CUT),
	F(resumed, FORM, TURN),
	F(link, FORM, REQ),
	F(grp, FORM, REQ),
	F(refs, FORM, MORE),
	F(reason, TOLD, CUT),
	F(grp_refs, FORM, MORE),
	F(nr_issued, FORM, MORE),
	F(reason_n, TOLD, NEVER),
	F(reason_req, TOLD, CUT),
	FP(worker, "the one whose `cur` it is"),
	F(work_hash, FORM, MORE),
	F(wait_file, FORM, MORE),
	F(work_flags, FORM, MORE),
	F(work_pending, FORM, TURN),
	F(wait_blocked, FORM, TURN),
	F(poll_hashed, FORM, TURN),
	FN(poll_owned, FORM, NEXT, 3),
	F(poll_canceled, FORM, TURN),
	F(poll_retries, FORM, MORE),
	FN(event, FORM, NEXT, IO_EVENT_PAGE + 1),
	F(cancel_seq, TOLD, CUT),
	F(poll_events, FORM, ANY),
	F(comp_next, FORM, CUT),
	F(tw_next, FORM, CUT),
	F(wq_next, FORM, CUT),
	F(wait_next, FORM, CUT),
	FP(wait_prev, IN_A_LIST),
	F(poll_next, FORM, CUT),
	FP(poll_prev, IN_A_LIST),
	F(event_next, FORM, CUT),
	F(list_next, FORM, CUT),
	F(buf_index, FORM, MORE),
	F(wait_exclusive, FORM, TURN),
	FP(origin, "the name of the request"),
	F(buf, FORM, CUT),
	F(poll_mask, TOLD, ANY),
	F(defer_seq, FORM, MORE),
	F(event_us, FORM, MORE),
	PART(cmd),
};
#undef T

#define ITER(part)                                                                                                 \
	F(part.iter_type, FORM, CUT), F(part.data_source, FORM, TURN), F(part.lease, FORM, CUT),                   \
		FP(part.owner, "the request it is part of"), F(part.nr_segs, FORM, MORE), F(part.seg, FORM, MORE), \
		F(part.iov_offset, FORM, MORE), F(part.count, FORM, MORE), F(part.ubuf, FORM, ANY)

#define T struct io_rw
static const struct field rw_fields[] = {
	F(addr, FORM, ANY),
	F(pos, FORM, ANY),
	F(len, FORM, ANY),
	F(rw_flags, PREP, ANY),
	F(bytes_done, FORM, ANY),
	F(blocked, FORM, ANY),
	F(result, FORM, ANY),
	F(cur_pos, FORM, TURN),
	F(unmoved, FORM, TURN),
	F(chosen, FORM, MORE),
	ITER(iter),
	F(iter_state.iov_offset, FORM, ANY),
	F(iter_state.count, FORM, ANY),
	F(iter_state.nr_segs, FORM, ANY),
};
#undef T

#define T struct io_sr_msg
static const struct field sr_fields[] = {
	F(addr, FORM, ANY),	   F(len, FORM, ANY),	  F(msg_flags, PREP, ANY),  F(done_io, FORM, ANY),
	F(blocked, FORM, ANY),	   F(flags, PREP, ANY),	  F(buf_group, SQE, NEVER), F(nr_multishot_loops, FORM, ANY),
	F(retry_flags, FORM, ANY), F(nr_iovs, FORM, ANY), F(notif, FORM, CUT),	    ITER(iter),
};
#undef T

#define T struct io_notif_data
static const struct field notif_fields[] = {
	F(refs, FORM, MORE),	  F(zc_report, FORM, TURN), F(zc_used, FORM, TURN),
	F(zc_copied, FORM, TURN), F(held, FORM, TURN),	    F(end, FORM, MORE),
};
#undef T

#define T struct io_timeout
static const struct field timeout_fields[] = {
	F(period_us, FORM, MORE), F(off, FORM, MORE), F(target_seq, FORM, MORE), F(repeats, FORM, MORE),
	F(flags, FORM, MORE),	  F(head, FORM, REQ), F(prev, FORM, REQ),
};
#undef T

#define T struct io_poll_cmd
static const struct field poll_fields[] = {
	F(events, FORM, ANY),
	F(multi, SQE, NEVER),
	F(result, TOLD, ANY),
};
#undef T

#define T struct io_uring_cmd
static const struct field uring_fields[] = {
	F(task_work_cb, FORM, TURN),
	F(cancelable, FORM, TURN),
	F(tag, FORM, MORE),
};
#undef T

#define T struct io_cqe
static const struct field cqe_fields[] = {
	F(sqe, FORM, MORE), F(reason, TOLD, CUT), F(reason_req, TOLD, CUT), F(zero, FIXED, NEVER),
	F(res, FORM, ANY),  F(flags, FORM, ANY),  F(reason_n, TOLD, NEVER),
};
#undef T

#define T struct gb_file
static const struct field file_fields[] = {
	F(kind, FIXED, NEVER),	F(object, FIXED, NEVER), F(end, FIXED, NEVER), FN(mode, FORM, BITS, GB_FMODE_OPEN),
	F(index, FIXED, NEVER), F(spent, FORM, MORE),	 F(users, FORM, MORE), F(f_pos, FORM, MORE),
};
#undef T

#define T struct gb_area
static const struct field area_fields[] = {
	F(bytes, FIXED, NEVER), F(cap, FIXED, NEVER),	F(size, FORM, LESS),
	F(cache, FIXED, NEVER), F(pages, FIXED, NEVER),
};
#undef T

#define T struct gb_pipe
static const struct field pipe_fields[] = {
	FP(page, "which pages it has"), FP(off, "a table of its own"),
	FP(len, "a table of its own"),	FP(head, "which slot is the oldest"),
	F(count, FORM, LESS),		F(readers, FORM, MORE),
	F(writers, FORM, MORE),		F(rd_wait.first, FORM, CUT),
	F(wr_wait.first, FORM, CUT),
};
#undef T

#define T struct gb_sock
static const struct field sock_fields[] = {
	F(peer, FORM, MORE),
	F(first, FORM, CUT),
	FP(last, IN_A_LIST),
	F(first_off, FORM, LESS),
	FP(last_len, "what is unread, and where it begins"),
	F(queued, FORM, MORE),
	F(sndbuf, FIXED, NEVER),
	F(dgram, FIXED, NEVER),
	F(shut, FORM, MORE),
	F(closed, FORM, TURN),
	F(err, FORM, MORE),
	FN(state, FORM, NEXT, GB_SOCK_LISTEN + 1),
	F(zc, FIXED, NEVER),
	F(inq, FIXED, NEVER),
	F(accept_next, FORM, CUT),
	F(zc_first, FORM, CUT),
	FP(zc_last, IN_A_LIST),
	F(taken, FORM, MORE),
	F(accept.backlog, FIXED, NEVER),
	FP(accept.count, "how many there are on the list: counted below"),
	F(accept.first, FORM, CUT),
	FP(accept.last, IN_A_LIST),
	F(accept.peer_wait.first, FORM, CUT),
	F(wait.first, FORM, CUT),
	FP(dg_head, "which length is the oldest"),
	F(dg_count, FORM, LESS),
	F(dg_area, FIXED, NEVER),
	F(dg_cap, FIXED, NEVER),
};
#undef T

/* The buffer of a lessor's command, which is that of its SQE. */
#define T struct gb_lease
static const struct field lessor_fields[] = {
	F(seg, FIXED, NEVER),	  F(nr_bvecs, FIXED, NEVER), F(sqe, FIXED, NEVER), F(offset, FIXED, NEVER),
	F(len, FIXED, NEVER),	  F(dir, FORM, TURN),	     F(kbuf, FORM, TURN),  F(kbuf_ack, FORM, TURN),
	F(state, FORM, MORE),	  F(leases, FORM, MORE),     F(acks, FORM, MORE),  F(bytes, FIXED, NEVER),
	F(written, FIXED, NEVER), F(skip, FIXED, NEVER),     F(rq, FIXED, NEVER),
};
static const struct field blk_lease_fields[] = {
	F(seg, FORM, MORE),
	F(nr_bvecs, FORM, MORE),
	F(sqe, FIXED, NEVER),
	F(offset, FORM, MORE),
	F(len, FORM, MORE),
	F(dir, FORM, TURN),
	F(kbuf, FORM, TURN),
	F(kbuf_ack, FORM, TURN),
	F(state, FORM, MORE),
	F(leases, FORM, MORE),
	F(acks, FORM, MORE),
	FP(bytes, "those of the block request"),
	FP(written, "those of the block request"),
	F(skip, FORM, MORE),
	F(rq, FORM, MORE),
};
#undef T

#define T struct ublk_queue
static const struct field ublk_fields[] = {
	F(flags, FIXED, NEVER),	     F(ios, FIXED, NEVER),	  F(q_depth, FIXED, NEVER),
	F(nr_io_ready, FORM, MORE),  F(canceling, FORM, TURN),	  F(waiting.first, FORM, CUT),
	FP(waiting.last, IN_A_LIST), F(io_cmds.first, FORM, CUT), FP(io_cmds.last, IN_A_LIST),
};
#undef T

#define T struct ublk_io
static const struct field ublk_io_fields[] = {
	F(flags, FORM, ANY), F(res, FORM, MORE), F(cmd, FORM, REQ), F(rq, FORM, MORE), F(addr, FORM, ANY),
};
#undef T

#define T struct ublk_rq
static const struct field ublk_rq_fields[] = {
	F(bytes, FIXED, NEVER),	     F(written, FIXED, NEVER),	F(seg, FIXED, NEVER),
	F(fresh, FIXED, NEVER),	     F(nr_bvecs, FIXED, NEVER), F(queue, FIXED, NEVER),
	F(tag, FORM, MORE),	     F(next, FORM, CUT),	FN(state, FORM, NEXT, UBLK_RQ_ENDED + 1),
	F(done, FORM, MORE),	     F(refs, FORM, MORE),	F(buf.seg, FORM, MORE),
	F(buf.nr_bvecs, FORM, MORE), F(buf.offset, FORM, MORE), F(buf.skip, FORM, MORE),
	F(buf.len, FORM, MORE),
};
#undef T

#define T struct io_buffer_list
static const struct field list_fields[] = {
	F(bgid, FIXED, NEVER),
	FN(flags, FORM, BITS, IOBL_INC),
	F(head, FORM, MORE),
	F(tail, FORM, MORE),
	FP(mask, "the size of the ring, which stands where the trace has registered it"),
	F(ring, FORM, MORE),
	F(first, FORM, CUT),
	FP(last, IN_A_LIST),
};
#undef T

#define T struct io_buffer
static const struct field kbuf_fields[] = {
	F(addr, FORM, ANY),
	F(len, FORM, MORE),
	F(next, FORM, CUT),
	F(bid, FORM, MORE),
	FP(bgid, "that of the list it is on; of one that a request holds below"),
};
static const struct field held_kbuf_fields[] = {
	F(addr, FORM, ANY), F(len, FORM, MORE), FP(next, "on no list"), F(bid, FORM, MORE), F(bgid, FORM, MORE),
};
#undef T

#define T struct io_uring_buf
static const struct field ring_buf_fields[] = {F(addr, FORM, ANY), F(len, FORM, MORE), F(bid, FORM, MORE)};
#undef T

#define T struct io_mapped_ubuf
static const struct field imu_fields[] = {
	F(ubuf, ONCE, NEVER),
	F(len, ONCE, NEVER),
	F(seg, ONCE, NEVER),
	F(nr_bvecs, ONCE, NEVER),
};
#undef T

#define T struct bio_vec
static const struct field bvec_fields[] = {F(bytes, FIXED, NEVER), F(bv_len, FIXED, NEVER)};
/* of a block request, cut anew when it is dispatched */
static const struct field fresh_bvec_fields[] = {F(bytes, FORM, MORE), F(bv_len, FORM, MORE)};
#undef T

#define T struct iovec_seg
static const struct field uvec_fields[] = {F(iov_base, FORM, ANY), F(iov_len, FORM, ANY)};
#undef T

/* A thing of one number, and a byte of contents. */
struct number16 {
	uint16_t value;
};
struct number32 {
	uint32_t value;
};
struct number64 {
	uint64_t value;
};
struct content {
	unsigned char value;
};
#define T struct number16
static const struct field pipe_slot_fields[] = {F(value, FORM, LESS)};
static const struct field file_slot_fields[] = {F(value, FORM, MORE)};
#undef T
#define T struct number32
static const struct field datagram_fields[] = {F(value, FORM, MORE)};
#undef T
#define T struct number64
static const struct field cache_fields[] = {F(value, FORM, ANY)};
#undef T
#define T struct content
static const struct field content_fields[] = {F(value, FORM, ANY)};
static const struct field page_fields[] = {F(value, FORM, ANY)};
#undef T

#undef F
#undef FN
#undef FP
#undef PART

enum table_id {
	T_STATE,
	T_APP,
	T_CTX,
	T_SQD,
	T_WQ,
	T_WORKER,
	T_REQ,
	T_RW,
	T_SR,
	T_NOTIF,
	T_TIMEOUT,
	T_POLL,
	T_URING,
	T_CQE,
	T_OVERFLOW,
	T_FILE,
	T_AREA,
	T_PIPE,
	T_PIPE_OFF,
	T_PIPE_LEN,
	T_SOCK,
	T_DATAGRAM,
	T_LESSOR,
	T_BLK_LEASE,
	T_UBLK,
	T_UBLK_IO,
	T_UBLK_RQ,
	T_LIST,
	T_KBUF,
	T_HELD_KBUF,
	T_RING_BUF,
	T_IMU,
	T_BVEC,
	T_FRESH_BVEC,
	T_UVEC,
	T_FILE_SLOT,
	T_CACHE,
	T_MEM,
	T_LEASE_BYTES,
	T_LEASE_SHADOW,
	T_BLK_BYTES,
	T_BLK_SHADOW,
	T_PAGE,
	N_TABLES
};

#define CMD offsetof(struct io_kiocb, cmd)
static const struct table tables[N_TABLES] = {
	[T_STATE] = TABLE(struct gb_state, state_fields, 0),
	[T_APP] = TABLE(struct gb_app, app_fields, 0),
	[T_CTX] = TABLE(struct io_ring_ctx, ctx_fields, 0),
	[T_SQD] = TABLE(struct io_sq_data, sqd_fields, 0),
	[T_WQ] = TABLE(struct io_wq, wq_fields, 0),
	[T_WORKER] = TABLE(struct io_worker, worker_fields, 0),
	[T_REQ] = TABLE(struct io_kiocb, req_fields, 0),
	[T_RW] = TABLE(struct io_rw, rw_fields, CMD),
	[T_SR] = TABLE(struct io_sr_msg, sr_fields, CMD),
	[T_NOTIF] = TABLE(struct io_notif_data, notif_fields, CMD),
	[T_TIMEOUT] = TABLE(struct io_timeout, timeout_fields, CMD),
	[T_POLL] = TABLE(struct io_poll_cmd, poll_fields, CMD),
	[T_URING] = TABLE(struct io_uring_cmd, uring_fields, CMD),
	[T_CQE] = TABLE(struct io_cqe, cqe_fields, 0),
	[T_OVERFLOW] = TABLE(struct io_cqe, cqe_fields, 0),
	[T_FILE] = TABLE(struct gb_file, file_fields, 0),
	[T_AREA] = TABLE(struct gb_area, area_fields, 0),
	[T_PIPE] = TABLE(struct gb_pipe, pipe_fields, 0),
	[T_PIPE_OFF] = TABLE(struct number16, pipe_slot_fields, 0),
	[T_PIPE_LEN] = TABLE(struct number16, pipe_slot_fields, 0),
	[T_SOCK] = TABLE(struct gb_sock, sock_fields, 0),
	[T_DATAGRAM] = TABLE(struct number32, datagram_fields, 0),
	[T_LESSOR] = TABLE(struct gb_lease, lessor_fields, 0),
	[T_BLK_LEASE] = TABLE(struct gb_lease, blk_lease_fields, 0),
	[T_UBLK] = TABLE(struct ublk_queue, ublk_fields, 0),
	[T_UBLK_IO] = TABLE(struct ublk_io, ublk_io_fields, 0),
	[T_UBLK_RQ] = TABLE(struct ublk_rq, ublk_rq_fields, 0),
	[T_LIST] = TABLE(struct io_buffer_list, list_fields, 0),
	[T_KBUF] = TABLE(struct io_buffer, kbuf_fields, 0),
	[T_HELD_KBUF] = TABLE(struct io_buffer, held_kbuf_fields, 0),
	[T_RING_BUF] = TABLE(struct io_uring_buf, ring_buf_fields, 0),
	[T_IMU] = TABLE(struct io_mapped_ubuf, imu_fields, 0),
	[T_BVEC] = TABLE(struct bio_vec, bvec_fields, 0),
	[T_FRESH_BVEC] = TABLE(struct bio_vec, fresh_bvec_fields, 0),
	[T_UVEC] = TABLE(struct iovec_seg, uvec_fields, 0),
	[T_FILE_SLOT] = TABLE(struct number16, file_slot_fields, 0),
	[T_CACHE] = TABLE(struct number64, cache_fields, 0),
	[T_MEM] = TABLE(struct content, content_fields, 0),
	[T_LEASE_BYTES] = TABLE(struct content, content_fields, 0),
	[T_LEASE_SHADOW] = TABLE(struct content, content_fields, 0),
	[T_BLK_BYTES] = TABLE(struct content, content_fields, 0),
	[T_BLK_SHADOW] = TABLE(struct content, content_fields, 0),
	[T_PAGE] = TABLE(struct content, page_fields, 0),
};
#undef CMD
#undef TABLE

#endif
