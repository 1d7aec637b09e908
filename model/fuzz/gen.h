/* SPDX-License-Identifier: MIT */
/*
 * Random programs. Every program has a taste of its own: a random subset of
 * the features with random weights (swarm testing), for what all programs have
 * a little of, none has enough of.
 */
#ifndef GB_MODEL_GEN_H
#define GB_MODEL_GEN_H

#include "groupbuf/random.h"

#include "draft.h"

/* X(name, often): what a program may have; one in how many has it. */
#define GEN_FEATURE_LIST(X)                                                    \
	X(GROUPS, 0) /* nearly all have groups, see taste_draw */              \
	X(CHAINS, 2)                                                           \
	X(HARDLINKS, 3)                                                        \
	X(DRAIN, 3)                                                            \
	X(SKIP, 4)                                                             \
	X(ASYNC, 2)                                                            \
	X(SELECT, 4) /* provided buffers */                                    \
	X(REG_BUFFERS, 5)                                                      \
	X(REG_FILES, 5)                                                        \
	X(LESSOR, 0) /* most have leases, too */                               \
	X(UBLK, 6)                                                             \
	X(FILES, 2)                                                            \
	X(BLOCK, 3)                                                            \
	X(PIPE, 2)                                                             \
	X(SOCK, 2)                                                             \
	X(LISTEN, 8)                                                           \
	X(OUTSIDE, 2)                                                          \
	X(MULTISHOT, 3) /* timeouts, with a count; else updates of timeouts */ \
	X(RESTRICTIONS, 24)                                                    \
	X(ODD_RING, 3) /* flags and sizes of the ring */                       \
	X(GONE, 8)     /* die or exec */                                       \
	X(BATCHES, 2)

enum gen_feature {
#define X(name, often) GEN_##name,
	GEN_FEATURE_LIST(X)
#undef X
		GEN_FEATURES,
};

/* Kinds of SQEs: an opcode each, in the order of gen_ops. */
enum { GEN_MAX_OPS = 32 };

/* The object that is not there. */
#define GEN_NONE UINT8_MAX

struct gen {
	uint64_t random;
	struct draft *draft;
	struct gb_trace *trace;
	uint32_t features; /* bit set of enum gen_feature */
	uint8_t weight[GEN_MAX_OPS];
	uint32_t weights;  /* their sum */
	uint32_t nonsense; /* one value in so many is any */
	uint32_t sqes;	   /* wanted */
	uint32_t sq_entries, queued;
	bool enabled, gone, closed;
	/* objects by kind */
	uint8_t file[2], block, pipe, sock, listen, lessor, mem, ublk;
	uint32_t reg_buffers, reg_files;
	uint16_t ring_group, legacy_group; /* groups of provided buffers */
	bool has_ring_group;
	/* the group that is being built */
	bool leased;
	bool dest;
	uint32_t lease_len;
	/* what later SQEs aim at */
	uint32_t last_timeout, last_poll;
};

static inline uint32_t gen_below(struct gen *g, uint32_t n)
{
	return random_below(&g->random, n);
}

static inline bool gen_once_in(struct gen *g, uint32_t n)
{
	return random_once_in(&g->random, n);
}

/* True for a value that makes no sense, as often as the taste has it. */
static inline bool gen_nonsense(struct gen *g)
{
	return g->nonsense && gen_once_in(g, g->nonsense);
}

static inline bool gen_has(const struct gen *g, enum gen_feature feature)
{
	return g->features & 1U << feature;
}

#define GEN_COUNT(list)	  (sizeof(list) / sizeof((list)[0]))
#define GEN_PICK(g, list) ((list)[gen_below((g), GEN_COUNT(list))])

/* Builds the program of a random state in `draft`; at most max_sqes SQEs. */
void gen_program(struct draft *draft, uint64_t random, uint32_t max_sqes);

/* ---- the parts ---- */

/* Draws the taste: features, weights, nonsense (gen.c). */
void gen_taste(struct gen *g);

/* The ring, the objects, and what is registered first (gen_world.c). */
void gen_world(struct gen *g);
void gen_prelude(struct gen *g);

/* An SQE of a kind the taste likes, fields but for flags; NULL if there is no room (gen_sqe.c). */
struct gb_sqe *gen_sqe(struct gen *g, bool group_buf);
struct gb_sqe *gen_lease(struct gen *g);
struct gb_sqe *gen_member(struct gen *g);
void gen_weights(struct gen *g);
/* How many more SQEs there may be in this batch, and whether there may be one. */
uint32_t gen_rooms(const struct gen *g);
bool gen_room(const struct gen *g);

/* The makers of gen_sqe's table. */
void gen_rw(struct gen *g, struct gb_sqe *sqe, bool group_buf);
void gen_net(struct gen *g, struct gb_sqe *sqe, bool group_buf);
void gen_connect(struct gen *g, struct gb_sqe *sqe, bool group_buf);
void gen_poll(struct gen *g, struct gb_sqe *sqe, bool group_buf);
void gen_timeout(struct gen *g, struct gb_sqe *sqe, bool group_buf);
void gen_cancel(struct gen *g, struct gb_sqe *sqe, bool group_buf);
void gen_ublk(struct gen *g, struct gb_sqe *sqe, enum gb_ublk_command command);

/* Fields that several opcodes share (gen_fields.c). */
void gen_fd(struct gen *g, struct gb_sqe *sqe, uint8_t object, uint8_t end);
void gen_wrong_fd(struct gen *g, struct gb_sqe *sqe);
void gen_any_fd(struct gen *g, struct gb_sqe *sqe);
void gen_off(struct gen *g, struct gb_sqe *sqe, uint32_t usual);
void gen_range(struct gen *g, struct gb_sqe *sqe, bool group_buf);
void gen_iov(struct gen *g, struct gb_sqe *sqe);
void gen_op_flags(struct gen *g, struct gb_sqe *sqe, const uint32_t *list, uint32_t n);
void gen_select(struct gen *g, struct gb_sqe *sqe);
struct gb_fd gen_object_fd(uint8_t object, uint8_t end);
struct gb_addr gen_mem(const struct gen *g, uint64_t offset);

#endif
