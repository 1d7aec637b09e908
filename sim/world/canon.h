/* SPDX-License-Identifier: MIT */
/*
 * The canonical form (groupbuf/explore.h): how it is written. Everything is a
 * number in LEB128; what follows a number depends on numbers before it and on
 * the trace only, so two forms are equal only if all numbers are. What a later
 * step writes before it reads it is left out.
 */
#ifndef GROUPBUF_SIM_CANON_H
#define GROUPBUF_SIM_CANON_H

#include <stdbool.h>
#include <stdint.h>

#include "groupbuf/explore.h"
#include "world/state.h"

#define GB_CANON_NUMBER 10U /* bytes of the longest number */
#define GB_CANON_HASH	16U /* bytes of a hash of contents */

struct gb_canon {
	const struct gb_world *w;
	const uint16_t *rename;
	uint32_t flags;	  /* enum gb_canonical_flags */
	uint16_t *req_of; /* per SQE: the request it became, 0 if there is none; no more than cached_sq_head of them */
	uint16_t *notif_of; /* the same: its notification */
	uint32_t only;	    /* SQE + 1: no other request is written; 0: all are */
	unsigned char *at;
};

static inline void canon_put(struct gb_canon *c, uint64_t value)
{
	while (value >= 0x80U) {
		*c->at++ = (unsigned char)(value | 0x80U);
		value >>= 7;
	}
	*c->at++ = (unsigned char)value;
}

/* A difference, which may be negative. */
static inline uint64_t canon_signed(int64_t value)
{
	return (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0);
}

static inline void canon_put_signed(struct gb_canon *c, int64_t value)
{
	canon_put(c, canon_signed(value));
}

/* Up to 64 numbers most of which are 0: which are not, then those. */
void canon_put_sparse(struct gb_canon *c, const uint64_t *field, uint32_t n);
#define CANON_PUT_SPARSE(c, field) canon_put_sparse((c), (field), sizeof(field) / sizeof((field)[0]))

/* The name of an SQE, from 1. */
static inline uint64_t canon_sqe(const struct gb_canon *c, uint32_t sqe)
{
	return (c->rename ? c->rename[sqe] : sqe) + 1ULL;
}

/*
 * The name of a request, 0 for none; one that is gone has none of its own. A
 * notification stands behind all of them, by the SQE of its send.
 */
static inline uint64_t canon_ref(const struct gb_canon *c, uint16_t ref)
{
	const struct io_kiocb *req = io_req(c->w, ref);

	if (!ref)
		return 0;
	if (req->opcode == GB_OP_BAD)
		return c->w->trace->n_sqes + 1ULL;
	return canon_sqe(c, req->origin) + (req->flags & REQ_F_NOTIF ? c->w->trace->n_sqes + 1ULL : 0);
}

/* The name of a leased buffer: that of the command that can lease it. */
static inline uint64_t canon_lease(const struct gb_canon *c, uint32_t lease)
{
	return lease ? canon_sqe(c, gb_lease(c->w, lease)->sqe - 1U) : 0;
}

/* A moment as seen from now; all that have passed are alike. */
static inline void canon_put_due(struct gb_canon *c, uint64_t at_us)
{
	uint64_t now = gb_state(c->w)->now_us;

	canon_put(c, at_us > now ? at_us - now : 0);
}

/* A list of requests linked through a field, in its order, ended by a 0. */
#define CANON_PUT_LIST(c, first_ref, field)                                                 \
	do {                                                                                \
		for (uint16_t ref_ = (first_ref); ref_; ref_ = io_req((c)->w, ref_)->field) \
			canon_put((c), canon_ref((c), ref_));                               \
		canon_put((c), 0);                                                          \
	} while (0)

/* canon_req.c: what a request has beside the lists it is on. */
void canon_put_req(struct gb_canon *c, const struct io_kiocb *req);
/* Does canon_put_req know what requests of this opcode keep? */
bool canon_knows(uint8_t opcode);

/* canon_buffers.c: provided and registered buffers, leases, block requests. */
void canon_put_kbuf(struct gb_canon *c, uint32_t ref);
void canon_put_buffers(struct gb_canon *c);
void canon_put_leases(struct gb_canon *c);
void canon_put_ublk(struct gb_canon *c);

/* canon_files.c: open files, and what they stand for; contents. */
void canon_put_files(struct gb_canon *c);
void canon_put_areas(struct gb_canon *c);
/* n bytes: as they are if there are few, else their hash. */
void canon_put_bytes(struct gb_canon *c, const unsigned char *bytes, uint32_t n);
/* n bytes of gb_bytes() at `offset`: only what is no longer as it was at the start. */
void canon_put_changed(struct gb_canon *c, uint32_t offset, uint32_t n);

#endif
