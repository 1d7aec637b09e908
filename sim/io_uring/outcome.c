/* SPDX-License-Identifier: MIT */
/*
 * How a transfer on a file with `outcomes=` turns out: a choice, made once for
 * each request, at the first call of the file's method. Everything offered is
 * what some file or device may do there.
 */
#include "io_uring/io_uring.h"

/* Can a call turn out like this? */
static bool io_outcome_possible(const struct gb_world *w, const struct io_kiocb *req, enum gb_outcome outcome,
				bool nonblock, bool write)
{
	const struct gb_file *f = gb_file(w, req->file);
	const struct io_rw *rw = &req->cmd.rw;
	const bool direct = f->mode & GB_FMODE_DIRECT, iter = f->mode & GB_FMODE_CAN_READ_ITER;

	switch (outcome) {
	case GB_OUTCOME_INLINE:
		return direct && !gb_file_class_of(w, f)->ram;
	case GB_OUTCOME_BLOCK:
		/* a worker only ever waits for pages */
		return iter && (nonblock || (!direct && !write));
	case GB_OUTCOME_ASYNC:
		/* a direct one is asynchronous unless it is told otherwise, and polled for on an IOPOLL ring */
		return iter && (!direct || gb_file_class_of(w, f)->ram);
	case GB_OUTCOME_SHORT:
		return iov_iter_count(&rw->iter) >= (f->mode & GB_FMODE_BLK ? 2 * GB_SECTOR : 2);
	case GB_OUTCOME_ERROR:
		return true;
	default:
		return false;
	}
}

static enum gb_outcome io_rw_choose(struct gb_world *w, struct io_kiocb *req, bool nonblock, bool write)
{
	const uint8_t outcomes = gb_file_class_of(w, gb_file(w, req->file))->outcomes;
	struct gb_choice choice = {.kind = GB_CHOICE_OUTCOME, .n = 1, .alt = {{.req = gb_label(req)}}};

	/* a transfer of nothing is nothing */
	for (uint8_t k = 1; k < GB_OUTCOMES && iov_iter_count(&req->cmd.rw.iter); k++) {
		if (outcomes >> k & 1 && io_outcome_possible(w, req, k, nonblock, write))
			choice.alt[choice.n++] = (struct gb_alternative){.kind = k, .req = gb_label(req)};
	}
	return choice.alt[gb_choose(w, &choice)].kind;
}

enum gb_outcome io_rw_outcome(struct gb_world *w, struct io_kiocb *req, bool nonblock, bool write)
{
	struct io_rw *rw = &req->cmd.rw;

	if (!gb_file_class_of(w, gb_file(w, req->file))->outcomes)
		return GB_OUTCOME_AS_IS;
	if (!rw->chosen)
		rw->chosen = (uint8_t)(io_rw_choose(w, req, nonblock, write) + 1);
	return rw->chosen - 1;
}

void io_rw_outcome_done(struct io_kiocb *req)
{
	if (req->cmd.rw.chosen)
		req->cmd.rw.chosen = GB_OUTCOME_AS_IS + 1;
}

void io_rw_set_outcome(const struct gb_world *w, struct io_kiocb *req, enum gb_outcome outcome, struct kiocb *k)
{
	uint32_t half = iov_iter_count(&req->cmd.rw.iter) / 2;

	if (outcome == GB_OUTCOME_AS_IS)
		return;
	if (outcome == GB_OUTCOME_SHORT)
		k->most = gb_file(w, req->file)->mode & GB_FMODE_BLK ? half / GB_SECTOR * GB_SECTOR : half;
	if (outcome == GB_OUTCOME_ERROR)
		k->err = -GB_EIO;
	k->inside = outcome == GB_OUTCOME_INLINE;
	io_rw_outcome_done(req);
}

enum gb_lease_mode gb_lessor_mode(struct gb_world *w, const struct io_kiocb *req, const struct gb_sqe *sqe)
{
	static const uint8_t modes[] = {GB_LEASE_sync, GB_LEASE_async, GB_LEASE_fail_after};
	struct gb_choice choice = {.kind = GB_CHOICE_OUTCOME};

	if (sqe->mode != GB_LEASE_any)
		return sqe->mode;
	for (; choice.n < sizeof(modes); choice.n++)
		choice.alt[choice.n] = (struct gb_alternative){.kind = modes[choice.n], .req = gb_label(req)};
	return choice.alt[gb_choose(w, &choice)].kind;
}
