/* SPDX-License-Identifier: MIT */
/*
 * A parsed trace: what the world holds, what the application and the outside
 * do, and what must be observed (trace-language.md). Immutable once read; many
 * worlds may share one trace.
 */
#ifndef GROUPBUF_TRACE_H
#define GROUPBUF_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "groupbuf/abi.h"
#include "groupbuf/error.h"

/* Limits of what one trace may ask for; the reader refuses more. */
#define GB_MAX_SQES    60000U /* an index fits 16 bits with room for markers */
#define GB_MAX_OBJECTS 64U
#define GB_MAX_BYTES   (16U << 20) /* a file, a memory area, one outside write */
#define GB_MAX_MS      86400000U   /* a day */
#define GB_MAX_SEGS    256U
#define GB_MAX_BLKREQS 4096U
#define GB_MAX_SEG_LEN 4096U /* a segment lies within a page of its own */
#define GB_MAX_NAME    63U
#define GB_MAX_TEXT    (16U << 20) /* the text itself */
#define GB_MAX_LINES   1000000U
#define GB_MAX_EXPR    65535U /* nodes of one property */
#define GB_MAX_NESTING 100U   /* parentheses in parentheses in a property */
#define GB_MAX_IOV     1025U  /* segments of one iovec: one more than the kernel takes */
#define GB_MAX_REG     1024U  /* buffers or files of one `register` */

/* Where something stands in the file; both count from 1. */
struct gb_pos {
	uint32_t line;
	uint32_t column;
};

enum gb_object_kind { GB_FILE, GB_PIPE, GB_SOCK, GB_LESSOR, GB_MEM, GB_BLOCK, GB_UBLK, GB_LISTEN };

#define GB_MAX_RANGES 8U
#define GB_MAX_ERRNO  4095
#define GB_SECTOR     512U  /* of a block device, of a block request */
#define GB_CACHE_PAGE 4096U /* of the page cache */

/* Bytes lo <= x < hi. */
struct gb_range {
	uint32_t lo, hi;
};

/*
 * X(ID, name): how a READ or WRITE on a file with `outcomes=` may turn out.
 * The alternatives of a GB_CHOICE_OUTCOME have these numbers; the first is
 * what the file does without it.
 */
#define GB_OUTCOME_LIST(X)  \
	X(AS_IS, "as-is")   \
	X(INLINE, "inline") \
	X(BLOCK, "block")   \
	X(ASYNC, "async")   \
	X(SHORT, "short")   \
	X(ERROR, "error")

enum gb_outcome {
#define X(id, name) GB_OUTCOME_##id,
	GB_OUTCOME_LIST(X)
#undef X
		GB_OUTCOMES,
};
#define GB_OUTCOMES_ANY ((1U << GB_OUTCOMES) - 2U) /* all but AS_IS */

/*
 * What a `file` or `block` is beyond its bytes (7.5 of semantics.md), and what
 * goes wrong with it: calls that begin at byte short_at or beyond move at most
 * `most` bytes, none goes beyond byte err_at, and those that begin there fail
 * with err.
 */
struct gb_file_class {
	bool nowait;	  /* FMODE_NOWAIT */
	bool no_rasync;	  /* rasync=0: no FOP_BUFFER_RASYNC */
	bool wasync;	  /* FOP_BUFFER_WASYNC */
	bool cold;	  /* nothing is in the page cache */
	bool no_iter;	  /* iter=0: read and write methods instead of read_iter and write_iter */
	bool poll;	  /* has a poll method */
	bool append;	  /* opened O_APPEND */
	bool flush;	  /* has a flush method */
	bool ram;	  /* BLOCK, direct: I/O is over when the submission returns */
	bool once;	  /* what goes wrong goes wrong once */
	uint8_t outcomes; /* bit set of enum gb_outcome: what each transfer may be besides AS_IS */
	uint8_t n_cached;
	struct gb_range cached[GB_MAX_RANGES]; /* in the page cache, the rest is not */
	int32_t err;			       /* negative, 0: none */
	uint32_t err_at;
	uint32_t most; /* 0: any number */
	uint32_t short_at;
};

/* `zc=`: what becomes of the memory of a zero-copy send, if the protocol has any (SOCK_SUPPORT_ZC). */
enum gb_zero_copy {
	GB_ZC_NONE, /* it has not, as AF_UNIX */
	GB_ZC_COPY, /* the network copies it on the way out, as loopback does */
	GB_ZC_HOLD, /* it is what the peer reads: until then nobody may change it */
};

#define GB_SOMAXCONN 4096U /* the backlog of a `listen` that does not say */

/* `file`, `block`, `pipe`, `sock`, `listen`, `lessor`, `mem` and `ublk` statements. */
struct gb_object {
	enum gb_object_kind kind;
	char *name;
	uint64_t size;		   /* FILE, BLOCK, MEM: bytes */
	int fill;		   /* FILE, BLOCK, MEM: GB_FILL_SEQ or a byte */
	bool direct;		   /* FILE, BLOCK: opened O_DIRECT */
	struct gb_file_class file; /* FILE, BLOCK */
	bool dgram;		   /* SOCK: type=dgram */
	uint64_t sndbuf;	   /* SOCK: bytes of buffer in each direction; 0 = unlimited */
	enum gb_zero_copy zc;	   /* SOCK */
	bool inq;		   /* SOCK: a receive learns how many bytes are left (msg_get_inq), as with TCP */
	bool unconnected;	   /* SOCK: connected=0 */
	uint32_t backlog;	   /* LISTEN */
	uint32_t depth;		   /* UBLK: tags of its queue */
	uint32_t flags;		   /* UBLK: UBLK_F_* */
	struct gb_pos pos;
	bool size_given, fill_given, type_given, flags_given, zc_given, inq_given, connected_given,
		backlog_given; /* printed only if written */
};
#define GB_FILL_SEQ (-1)

/*
 * What a descriptor names: an end of an object, the ring itself, or a number
 * that is not open. Ends: FILE, BLOCK, LISTEN, LESSOR and UBLK have end 0; PIPE 0 is NAME.r, 1 is NAME.w; SOCK 0 and
 * 1 are NAME.0 and NAME.1.
 */
struct gb_fd {
	bool is_object;
	uint8_t object; /* index into gb_trace.objects */
	uint8_t end;
	int32_t number; /* if !is_object; -1 for the ring */
	bool is_ring;
};

/* `addr=`: a number, or a place in a mem object. */
struct gb_addr {
	bool is_mem;
	uint8_t mem;	/* index into gb_trace.objects */
	uint64_t value; /* the number, or the offset in the mem */
};

/* `ADDR:LEN`: a segment of an iovec, or a buffer. */
struct gb_segment {
	struct gb_addr addr;
	uint64_t len;
};

enum gb_lease_dir { GB_DIR_DEST = 0, GB_DIR_SOURCE = 1 };

/* X(name): what a lessor does with a LEASE command. */
#define GB_LEASE_MODE_LIST(X) \
	X(sync)               \
	X(async)              \
	X(fail_after)         \
	X(no_ack)             \
	X(no_vec)             \
	X(not_kbuf)           \
	X(twice)              \
	X(any)

enum gb_lease_mode {
#define X(name) GB_LEASE_##name,
	GB_LEASE_MODE_LIST(X)
#undef X
};

/* Which fields an `sqe` line gave; the printer writes exactly those, in this order. */
#define GB_SQE_FIELD_LIST(X) \
	X(fd)                \
	X(to)                \
	X(target)            \
	X(new)               \
	X(dir)               \
	X(ms)                \
	X(off)               \
	X(addr)              \
	X(iov)               \
	X(len)               \
	X(offset)            \
	X(segs)              \
	X(mode)              \
	X(tag)               \
	X(q_id)              \
	X(cmd_op)            \
	X(res)               \
	X(op_flags)          \
	X(ioprio)            \
	X(buf_index)         \
	X(buf_group)         \
	X(file_index)        \
	X(flags)

enum gb_sqe_field {
#define X(name) GB_F_##name,
	GB_SQE_FIELD_LIST(X)
#undef X
		GB_F_COUNT,
};

#define GB_NO_TARGET UINT32_MAX

/* X(ID, name, cmd_op): the commands of a ublk server; UBLK_CMD is any other, its number in cmd_op=. */
#define GB_UBLK_COMMAND_LIST(X)                                            \
	X(FETCH, "UBLK_FETCH", UBLK_U_IO_FETCH_REQ)                        \
	X(COMMIT, "UBLK_COMMIT_AND_FETCH", UBLK_U_IO_COMMIT_AND_FETCH_REQ) \
	X(GET_DATA, "UBLK_NEED_GET_DATA", UBLK_U_IO_NEED_GET_DATA)         \
	X(PROVIDE, "UBLK_PROVIDE", UBLK_U_IO_PROVIDE_IO_BUF)               \
	X(RAW, "UBLK_CMD", 0)

enum gb_ublk_command {
	GB_UBLK_NONE,
#define X(id, name, cmd_op) GB_UBLK_##id,
	GB_UBLK_COMMAND_LIST(X)
#undef X
		GB_UBLK_COMMANDS,
};

/* One `sqe` line. Its index in gb_trace.sqes is its user_data. */
struct gb_sqe {
	char *label;
	uint8_t opcode; /* enum io_uring_op; LEASE is IORING_OP_URING_CMD with lease set */
	bool lease;
	uint8_t ublk;  /* enum gb_ublk_command: IORING_OP_URING_CMD for a ublk device */
	uint8_t flags; /* IOSQE_*; GROUP_BUF is IO_DRAIN */
	uint16_t ioprio;
	uint16_t buf_index; /* buf_group as well: one word of the SQE with two names */
	struct gb_fd fd;    /* number -1 if not given */
	uint64_t off;
	struct gb_addr addr;
	struct gb_segment *iov; /* READV, WRITEV, SENDMSG, RECVMSG: what the application has at addr */
	uint32_t n_iov;
	uint32_t len;
	uint32_t op_flags;
	int32_t res;	     /* NOP, LEASE, UBLK_COMMIT_AND_FETCH; BAD takes it and means nothing by it */
	uint32_t ms;	     /* TIMEOUT, LINK_TIMEOUT; TIMEOUT_REMOVE: the new time of an update */
	uint8_t to;	     /* CONNECT: index of a listener into gb_trace.objects */
	uint32_t file_index; /* ACCEPT, CLOSE: slot + 1, IORING_FILE_INDEX_ALLOC, or 0 */
	uint32_t target;     /* index of the SQE whose user_data is meant, or GB_NO_TARGET */
	uint32_t new_data;   /* POLL_REMOVE: the same, the user_data an update gives */
	enum gb_lease_dir dir;
	enum gb_lease_mode mode;
	uint32_t offset;	 /* LEASE: bytes into the first bvec */
	uint32_t segs;		 /* LEASE: number of bvecs, 1 if not given */
	uint16_t tag, q_id;	 /* UBLK_* */
	uint32_t cmd_op;	 /* UBLK_*: what the kernel sees */
	uint32_t given;		 /* bit set of enum gb_sqe_field */
	bool group_buf_spelling; /* the drain bit was written GROUP_BUF */
	struct gb_pos pos;
};

/* X(name): what a block request does. */
#define GB_BLK_OP_LIST(X) \
	X(read)           \
	X(write)          \
	X(flush)          \
	X(discard)

enum gb_blk_op {
#define X(name) GB_BLK_##name,
	GB_BLK_OP_LIST(X)
#undef X
};

/* Does it carry data? */
static inline bool gb_blk_has_data(enum gb_blk_op op)
{
	return op == GB_BLK_read || op == GB_BLK_write;
}

/* One `blkreq` line: a request of the block layer for a ublk device. */
struct gb_blkreq {
	char *label;
	uint8_t object; /* index into gb_trace.objects */
	enum gb_blk_op op;
	uint64_t off;
	uint32_t len;
	uint32_t *bios; /* lengths, which add up to len; NULL for one bio */
	uint32_t n_bios;
	uint32_t segs; /* segments of each bio; 0 if not given: as few as there can be */
	bool off_given, len_given;
	struct gb_pos pos;
};

/* Segments of the i-th bio, and the length of one of them: whole sectors, the first ones one more. */
uint32_t gb_blkreq_segs(const struct gb_blkreq *blk, uint32_t bio);
uint32_t gb_blkreq_seg_len(const struct gb_blkreq *blk, uint32_t bio, uint32_t seg);
/* Length of the i-th bio. */
static inline uint32_t gb_blkreq_bio(const struct gb_blkreq *blk, uint32_t bio)
{
	return blk->bios ? blk->bios[bio] : blk->len;
}

enum gb_stmt_kind {
	GB_STMT_SQE,
	GB_STMT_SUBMIT,
	GB_STMT_WAIT,
	GB_STMT_REAP,
	GB_STMT_WRITE,
	GB_STMT_READ,
	GB_STMT_SHUTDOWN,
	GB_STMT_CLOSE,
	GB_STMT_EXIT,
	GB_STMT_DIE,
	GB_STMT_EXEC,
	GB_STMT_REGISTER,
	GB_STMT_BLKREQ,
	GB_STMT_BUFFERS,
	GB_STMT_PROVIDE,
	GB_STMT_CONNECT,
};

/* X(word, name): what `register` can do, and the call's name. */
#define GB_REGISTER_LIST(X)           \
	X(restrictions, RESTRICTIONS) \
	X(enable, ENABLE_RINGS)       \
	X(buffers, BUFFERS)           \
	X(files, FILES)

/* X(name): keys of `register restrictions`; the printer writes those given, in this order. */
#define GB_RESTRICTION_LIST(X) \
	X(register_op)         \
	X(sqe_op)              \
	X(sqe_flags_allowed)   \
	X(sqe_flags_required)

enum gb_restriction_key {
#define X(name) GB_RESTRICTION_##name,
	GB_RESTRICTION_LIST(X)
#undef X
		GB_RESTRICTION_COUNT,
};

/* One `register restrictions`. */
struct gb_restrictions {
	uint64_t register_op, sqe_op; /* bit per opcode */
	uint32_t sqe_flags_allowed, sqe_flags_required;
	uint32_t given; /* bit set of enum gb_restriction_key */
};

/* One statement of the program, in order. */
struct gb_stmt {
	enum gb_stmt_kind kind;
	uint32_t sqe; /* SQE: index into gb_trace.sqes; BLKREQ: into gb_trace.blkreqs */
	uint32_t n;   /* WAIT: CQEs; REAP: ms (60 if left out); READ, WRITE: bytes; REGISTER: enum io_uring_register_op;
		      BUFFERS: entries; PROVIDE: buffers;
		      CONNECT: index of the listener into gb_trace.objects */
	uint32_t arg; /* REGISTER restrictions: index into gb_trace.restrictions */
	bool n_given;
	struct gb_fd end;	  /* WRITE, READ, SHUTDOWN, CLOSE, CONNECT */
	uint16_t bgid;		  /* BUFFERS, PROVIDE: the buffer group */
	uint16_t bid;		  /* PROVIDE: id of the first buffer */
	bool bid_given, inc;	  /* inc: BUFFERS, consumed incrementally */
	struct gb_segment *range; /* REGISTER buffers; PROVIDE: the first buffer */
	struct gb_fd *fds;	  /* REGISTER files */
	uint32_t n_list;	  /* elements of range or fds */
	struct gb_pos pos;
};

enum gb_obs_kind {
	GB_OBS_CQE, /* sqe, res, flags */
	GB_OBS_CQE_NONE,
	GB_OBS_SUBMITTED,  /* res */
	GB_OBS_REGISTERED, /* res */
	GB_OBS_STUCK,
	GB_OBS_ACK,	  /* sqe, leases, acks, after, hash, untouched */
	GB_OBS_GOT,	  /* end, res, hash */
	GB_OBS_WROTE,	  /* end, res */
	GB_OBS_CONNECTED, /* end, res */
	GB_OBS_FINAL,	  /* end (or the object), size/bytes, hash */
	GB_OBS_HAZARD,	  /* hazard kind, function, of, text */
	GB_OBS_BLK,	  /* blk, done, res, after, refs, hash, untouched */
	GB_OBS_INVARIANT, /* text: the line after "invariant ", "I32 violated: ..." or just "I32 violated" */
};

/*
 * One observation: a line the trace expects, or one that a run produced. The
 * same structure serves both so that comparing is comparing fields.
 */
struct gb_obs {
	enum gb_obs_kind kind;
	uint32_t sqe;		      /* CQE, ACK: index into gb_trace.sqes */
	int32_t res;		      /* CQE, SUBMITTED, REGISTERED, GOT, WROTE, BLK */
	uint32_t flags;		      /* CQE */
	uint32_t leases, acks, after; /* ACK */
	uint64_t untouched;	      /* ACK */
	uint64_t bytes;		      /* FINAL: size of a file, unread bytes of an end */
	uint64_t hash;		      /* ACK, GOT, FINAL, BLK (read): FNV-1a-64 */
	struct gb_fd end;	      /* GOT, WROTE, FINAL (a mem or file has end 0) */
	uint32_t blk;		      /* BLK: index into gb_trace.blkreqs */
	uint32_t of;		      /* HAZARD: 1 + index of the SQE it is about, 0 if none is named */
	uint32_t refs;		      /* BLK: references that are left */
	bool done;		      /* BLK: the block layer has it back */
	char *word;		      /* HAZARD: kind, e.g. "null-deref" (see GB_HAZARD_LIST) */
	char *function;		      /* HAZARD: kernel function, e.g. "io_use_group_kbuf" */
	char *text;		      /* HAZARD, INVARIANT: the rest of the line, may be NULL in an expectation */
	struct gb_pos pos;	      /* expectation: where it stands */
};

/* One `seen N LABEL:RES ...` line. */
struct gb_seen {
	uint32_t runs;
	uint32_t n;
	struct gb_seen_cqe {
		uint32_t sqe;
		int32_t res;
	} * cqe;
	struct gb_pos pos;
};

enum gb_quantifier { GB_FORALL, GB_EXISTS, GB_NEVER };

/* Operators of property expressions, in the order of rising precedence. */
enum gb_expr_op {
	GB_EXPR_OR,
	GB_EXPR_AND,
	GB_EXPR_NOT,
	GB_EXPR_EQ,
	GB_EXPR_NE,
	GB_EXPR_LT,
	GB_EXPR_LE,
	GB_EXPR_GT,
	GB_EXPR_GE,
	GB_EXPR_CONST, /* value */
	GB_EXPR_CQE,   /* X.cqe: position of X's CQE, from 1; 0 if it has none */
	GB_EXPR_RES,   /* X.res */
	GB_EXPR_ACK,   /* X.ack: CQEs posted before the (first) ack; -1 if none */
	GB_EXPR_ACKS,  /* X.acks: how often it came */
};

/*
 * One node of a property expression; children are indices into gb_prop.node.
 * Children stand before their parents: evaluate by one pass over the array,
 * not by recursion, for a chain of `&` is as deep as it is long.
 */
struct gb_expr {
	enum gb_expr_op op;
	uint32_t left, right;
	int64_t value;
	uint32_t sqe;
};

/* One `forall`, `exists` or `never` line; root is the last node. */
struct gb_prop {
	enum gb_quantifier quantifier;
	struct gb_expr *node;
	uint32_t n;
	struct gb_pos pos;
};

/* A trace. Everything it points to belongs to it. */
struct gb_trace {
	char *title; /* NULL if none */
	bool ring_given;
	uint32_t entries;     /* 64 if not given */
	uint32_t cq_entries;  /* 0 if not given */
	uint32_t setup_flags; /* with CQSIZE if cq= was given */
	bool entries_given, cq_given, flags_given;
	struct gb_pos ring_pos;
	struct gb_object *objects;
	uint32_t n_objects;
	struct gb_sqe *sqes;
	uint32_t n_sqes;
	struct gb_blkreq *blkreqs;
	uint32_t n_blkreqs;
	struct gb_stmt *stmts;
	uint32_t n_stmts;
	struct gb_restrictions *restrictions;
	uint32_t n_restrictions;
	struct gb_obs *expect;
	uint32_t n_expect;
	struct gb_seen *seen;
	uint32_t n_seen;
	struct gb_prop *props;
	uint32_t n_props;
};

/*
 * Reads a trace from `size` bytes at `text` (need not be terminated). On
 * success *out is a new trace, to be freed with gb_trace_free. On failure
 * *out is NULL and *err says where and what was expected: GB_BAD_INPUT for a
 * broken trace, GB_NOT_SIMULATED for one that asks for what the simulator
 * does not do. Columns count bytes. Labels may be used before they are
 * declared, everything else only afterwards.
 */
enum gb_status gb_trace_parse(const char *text, size_t size, struct gb_trace **out, struct gb_error *err);

/* Frees a trace; NULL is allowed. */
void gb_trace_free(struct gb_trace *trace);

/* Takes out what the trace states of its runs: observations and `seen` lines. Properties stay. */
void gb_trace_forget(struct gb_trace *trace);

/*
 * The text of a trace in canonical form: declarations, program, then, after an
 * empty line, observations, `seen` lines and properties; one blank between
 * words, fields in the order of GB_SQE_FIELD_LIST, only what was given, no
 * comments. Parsing it again gives an equal trace. The result is malloced;
 * NULL if there is no memory.
 */
char *gb_trace_print(const struct gb_trace *trace);

/*
 * One observation as a line without newline, malloced. Names come from
 * `trace`. flags=0 is not printed, other numbers as the language has them.
 */
char *gb_obs_print(const struct gb_trace *trace, const struct gb_obs *obs);

/* Other lines of the trace, in the same way: a statement, a `seen` line, a property with its quantifier. */
char *gb_stmt_print(const struct gb_trace *trace, const struct gb_stmt *stmt);
char *gb_seen_print(const struct gb_trace *trace, const struct gb_seen *seen);
char *gb_prop_print(const struct gb_trace *trace, const struct gb_prop *prop);

/*
 * True if two observations say the same. An absent text (NULL) matches any,
 * and so does an invariant that says no more than "I32 violated".
 */
bool gb_obs_equal(const struct gb_obs *a, const struct gb_obs *b);

/* Frees what an observation owns, not the structure itself. */
void gb_obs_clear(struct gb_obs *obs);

/* Name of a descriptor ("f", "p.r", "s.0", "99") in buf; returns buf. */
const char *gb_fd_name(const struct gb_trace *trace, struct gb_fd fd, char *buf, size_t size);

/* Name of an opcode with the prefix cut, NULL if there is none; LEASE for a lease, UBLK_FETCH and so on. */
const char *gb_opcode_name(const struct gb_sqe *sqe);

/* Name of an errno without sign ("ECANCELED"), NULL if unknown. */
const char *gb_errno_name(int number);

#endif
