/* SPDX-License-Identifier: MIT */
/*
 * ublk: a block device whose requests a server in user space answers (section
 * 10 of semantics.md). One queue, whose daemon is the submitting task. The
 * names are those of drivers/block/ublk_drv.c.
 */
#ifndef GROUPBUF_SIM_UBLK_H
#define GROUPBUF_SIM_UBLK_H

#include <stdbool.h>
#include <stdint.h>

struct gb_world;
struct io_kiocb;
struct iov_iter;

/* Flags of a tag's slot (S10.4); CANCELED is not needed, a command is cancelled when it leaves the ring's list. */
enum {
	UBLK_IO_FLAG_ACTIVE = 1,       /* the driver owns a fetch command */
	UBLK_IO_FLAG_OWNED_BY_SRV = 2, /* a request was handed to the server */
	UBLK_IO_FLAG_ABORTED = 4,
	UBLK_IO_FLAG_NEED_GET_DATA = 8,
};

struct ublk_io {
	uint8_t flags;
	int32_t res;   /* what the server has committed */
	uint16_t cmd;  /* ACTIVE: the fetch command */
	uint16_t rq;   /* the request that has this tag, 0: it is free */
	uint64_t addr; /* without user copy: the server's buffer */
};

enum ublk_rq_state {
	UBLK_RQ_NONE,	  /* has not arrived yet */
	UBLK_RQ_WAITING,  /* for the device to start, or for a tag */
	UBLK_RQ_STARTED,  /* with the driver or the server */
	UBLK_RQ_REQUEUED, /* waits for a new server, which never comes here */
	UBLK_RQ_ENDED,
};

/* The buffer of a dispatched request (S10.8), immutable until its completion. */
struct ublk_buf {
	uint32_t seg;	   /* first bvec */
	uint16_t nr_bvecs; /* 0: no data */
	uint32_t offset;   /* where it begins in the first bvec */
	uint32_t skip;	   /* bytes of the request in front of the first bvec */
	uint32_t len;
};

/* A block request; that of gb_trace.blkreqs[k] has index k + 1. */
struct ublk_rq {
	uint32_t bytes, written; /* its data, and their shadow bits: offsets for gb_bytes() */
	uint32_t seg;		 /* bvecs of its bios, back to back */
	uint32_t fresh;		 /* room for a segment array of all bios */
	uint16_t nr_bvecs;
	uint16_t queue; /* of which device, index + 1 */
	uint16_t tag;
	uint16_t next;
	uint8_t state; /* enum ublk_rq_state */
	uint32_t done; /* bytes completed so far */
	uint32_t refs; /* S10.11 */
	struct ublk_buf buf;
};

struct ublk_rq_list {
	uint16_t first, last;
};

struct ublk_queue {
	uint32_t flags; /* UBLK_F_* */
	uint32_t ios;	/* its first slot */
	uint16_t q_depth;
	uint16_t nr_io_ready;
	bool canceling;
	struct ublk_rq_list waiting; /* for a tag, or for the device to start */
	struct ublk_rq_list io_cmds; /* for the daemon's task work */
};

/* A block request arrives (the outside). */
void gb_ublk_new_rq(struct gb_world *w, uint16_t index);

/* S10.5 to S10.7: a command; -GB_EIOCBQUEUED if the driver keeps it. */
int ublk_ch_uring_cmd(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags);
/* Task work: a command that came from io-wq, and block requests that wait for the daemon. */
void ublk_ch_uring_cmd_cb(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags);
void ublk_rq_task_work_cb(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags);
/* S10.17: the server is gone; true if something came of it. */
bool ublk_uring_cmd_cancel_fn(struct gb_world *w, struct io_kiocb *req, unsigned int issue_flags);
/*
 * S10.19: a read or write of the character device, which copies between the
 * pages of a block request and user memory; `pos` says which request and where
 * in it. Bytes, or a negative errno with its reason.
 */
int64_t ublk_ch_rw_iter(struct gb_world *w, struct io_kiocb *req, uint64_t pos, struct iov_iter *iter);
/* Takes and drops a reference on a block request; the last one completes it (S10.11). */
void ublk_get_req_ref(struct gb_world *w, struct ublk_rq *rq);
void ublk_put_req_ref(struct gb_world *w, struct ublk_rq *rq);
/* The give-back callback of a lease. */
void ublk_io_buf_ack(struct gb_world *w, uint16_t lease);

#endif
