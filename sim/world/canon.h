/* SPDX-License-Identifier: MIT */
/*
 * The canonical form (groupbuf/explore.h): how it is written. What is seldom
 * there, names and lengths are numbers in LEB128; what is always there are words
 * of several fields each, which cost no branch. What follows a number depends on
 * numbers before it and on the trace only, so two forms are equal only if all
 * numbers are. What a later step writes before it reads it is left out.
 */
#ifndef GROUPBUF_SIM_CANON_H
#define GROUPBUF_SIM_CANON_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

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

/* A word at `at`; returns what is behind it. */
static inline unsigned char *canon_word(unsigned char *at, uint64_t word)
{
	memcpy(at, &word, sizeof(word));
	return at + sizeof(word);
}

static inline uint64_t canon_pair(uint64_t low, uint64_t high)
{
	return (uint32_t)low | high << 32;
}

/* Up to 64 numbers most of which are 0: which are not, then those. */
static inline void canon_put_sparse(struct gb_canon *c, const uint64_t *field, uint32_t n)
{
	unsigned char *at = c->at + sizeof(uint64_t);
	uint64_t which = 0;

	for (uint32_t k = 0; k < n; k++) {
		const uint64_t there = field[k] != 0;

		/* what is 0 is overwritten by the next one */
		canon_word(at, field[k]);
		at += there * sizeof(uint64_t);
		which |= there << k;
	}
	canon_word(c->at, which);
	c->at = at;
}
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

/* What a form asks of the trace, found once: gb_world.traits. */
enum gb_canon_trait {
	GB_CANON_COUNTING = 1U, /* there are timeouts that count completions */
	GB_CANON_OLDEST = 2U,	/* a cancellation of one request of several depends on the numbers of workers */
	GB_CANON_DRAINS = 4U, /* a buffer word of an earlier life can be followed (S6.19): by a member with GROUP_BUF */
};

uint8_t gb_canon_traits(const struct gb_trace *trace);

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
