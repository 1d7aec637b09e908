/* SPDX-License-Identifier: MIT */
/*
 * The arena of a world. Everything a running simulation changes lies in one
 * block of memory without pointers: struct gb_state first, then the tables it
 * names by offset, then the pages that are taken while the trace runs. Tables
 * are sized from the trace when the world is built, so a run allocates nothing.
 *
 * References are indices, 0 meaning none; the accessors below turn them into
 * pointers that are good until the step ends (the arena never moves within a
 * step).
 */
#ifndef GROUPBUF_SIM_STATE_H
#define GROUPBUF_SIM_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "groupbuf/explore.h"
#include "groupbuf/reason.h"
#include "groupbuf/world.h"

#include "fake/fake.h"
#include "fake/ublk.h"
#include "io_uring/io_uring_types.h"
#include "world/app.h"

/* Offsets and sizes of the tables behind struct gb_state. */
struct gb_layout {
	uint32_t files;	   /* struct gb_file[n_files + 1], index 0 unused */
	uint32_t areas;	   /* struct gb_area[n_areas + 1]: runs of bytes */
	uint32_t pipes;	   /* struct gb_pipe[n_pipes + 1] */
	uint32_t socks;	   /* struct gb_sock[n_socks + 1]: one per end */
	uint32_t leases;   /* struct gb_lease[n_leases + 1] */
	uint32_t bvecs;	   /* struct bio_vec[n_bvecs] */
	uint32_t ublks;	   /* struct ublk_queue[n_ublks + 1] */
	uint32_t ublk_ios; /* struct ublk_io[n_ublk_ios] */
	uint32_t ublk_rqs; /* struct ublk_rq[n_ublk_rqs + 1]: one per block request of the trace */
	uint32_t uvecs;	   /* struct iovec_seg[n_uvecs]: iovecs as prep copied them */
	uint32_t lists;	   /* struct io_buffer_list[n_lists + 1], by group number */
	uint32_t kbufs;	   /* struct io_buffer[n_kbufs + 1]: legacy provided buffers */
	uint32_t rings;	   /* struct io_uring_buf[n_rings]: entries of buffer rings */
	uint32_t imus;	   /* struct io_mapped_ubuf[n_imus]: registered buffers */
	uint32_t slots;	   /* uint16_t[n_slots]: registered files */
	uint32_t cqes;	   /* struct io_cqe[cq_entries]: the CQ ring */
	uint32_t overflow; /* struct io_cqe[n_overflow]: the overflow list */
	uint32_t workers;  /* struct io_worker[n_workers + 1] */
	uint32_t bytes;	   /* bytes of areas and lease shadows */
	uint32_t pages;	   /* struct gb_page[n_pages]: taken from the front */
	uint32_t reqs;	   /* struct io_kiocb[n_reqs + 1], last: a snapshot ends behind those ever used */
	uint32_t n_files, n_areas, n_pipes, n_socks, n_leases, n_bvecs, n_reqs, n_overflow, n_workers, n_pages;
	uint32_t n_ublks, n_ublk_ios, n_ublk_rqs;
	uint32_t reg_bvecs; /* the first bvec of registered buffers */
	uint32_t n_uvecs, n_lists, n_kbufs, n_rings, n_imus, n_slots;
	uint32_t end; /* capacity of the arena */
};

/* The fixed part of the arena. */
struct gb_state {
	uint64_t step;
	uint64_t now_us;   /* virtual clock */
	uint32_t wake_seq; /* numbers the moments at which actors became runnable */
	uint64_t rng;	   /* state of the random strategy */
	uint8_t run_state; /* enum gb_run_state */
	uint8_t actor;	   /* enum gb_actor_kind: who acts */
	uint16_t actor_index;
	uint8_t running; /* enum gb_actor_kind: who has the CPU */
	uint16_t running_index;
	bool need_resched;   /* the task that has the CPU has woken another */
	uint32_t pages_used; /* high-water mark of the page pool */
	uint16_t page_free;  /* free list through gb_page.next, index + 1 */
	struct gb_app app;
	struct io_ring_ctx ctx;
	struct io_sq_data sqd;
	struct io_wq wq;
	struct gb_timers timers;
};

/* Bytes the blocks of a handle have, for the next trace to use (gb_world_rebuild). */
struct gb_rooms {
	size_t base, start, lease_of, uvec_of, place_of, file_of, names, before;
};

/* The handle: nothing in it changes while a trace runs. */
struct gb_world {
	unsigned char *base;
	const struct gb_trace *trace;
	struct gb_config config;
	struct gb_layout at;
	unsigned char *start; /* snapshot of the beginning, for gb_world_reset */
	uint32_t start_size;
	uint64_t max_steps;
	uint16_t *lease_of;    /* per SQE: its lease, 0 if it cannot lease */
	uint32_t *uvec_of;     /* per SQE: its first iovec segment */
	uint32_t *place_of;    /* per statement: where what it registers begins in its table */
	uint16_t *file_of;     /* per object and end (2 * object + end): its file */
	uint16_t stdin_file;   /* descriptor 0 */
	uint16_t *names;       /* room for gb_world_canonical: three numbers per SQE */
	unsigned char *before; /* the state before the last step, NULL: nobody asks for footprints */
	struct gb_footprint footprint;
	uint64_t events;    /* which types somebody listens to */
	uint16_t ring_file; /* the ring itself */
	bool intricate;	    /* the trace has what gb_touch_step does not look into */
	uint8_t traits;	    /* enum gb_canon_trait */
	struct gb_rooms rooms;
};

static inline struct gb_state *gb_state(const struct gb_world *w)
{
	return (struct gb_state *)(void *)w->base;
}

#define GB_TABLE(name, type, field)                                        \
	static inline type *name(const struct gb_world *w, uint32_t index) \
	{                                                                  \
		return (type *)(void *)(w->base + w->at.field) + index;    \
	}

GB_TABLE(gb_file, struct gb_file, files)
GB_TABLE(gb_area, struct gb_area, areas)
GB_TABLE(gb_pipe, struct gb_pipe, pipes)
GB_TABLE(gb_sock, struct gb_sock, socks)
GB_TABLE(gb_lease, struct gb_lease, leases)
GB_TABLE(gb_bvec, struct bio_vec, bvecs)
GB_TABLE(gb_ublk, struct ublk_queue, ublks)
GB_TABLE(gb_ublk_io, struct ublk_io, ublk_ios)
GB_TABLE(gb_ublk_rq, struct ublk_rq, ublk_rqs)
GB_TABLE(gb_uvec, struct iovec_seg, uvecs)
GB_TABLE(gb_buffer_list, struct io_buffer_list, lists)
GB_TABLE(gb_kbuf, struct io_buffer, kbufs)
GB_TABLE(gb_ring_buf, struct io_uring_buf, rings)
GB_TABLE(gb_imu, struct io_mapped_ubuf, imus)
GB_TABLE(gb_file_slot, uint16_t, slots)
GB_TABLE(gb_page, struct gb_page, pages)
GB_TABLE(io_req, struct io_kiocb, reqs)
GB_TABLE(gb_cqe, struct io_cqe, cqes)
GB_TABLE(gb_overflow_cqe, struct io_cqe, overflow)
GB_TABLE(gb_worker, struct io_worker, workers)

static inline unsigned char *gb_bytes(const struct gb_world *w, uint32_t offset)
{
	return w->base + w->at.bytes + offset;
}

static inline struct io_ring_ctx *gb_ctx(const struct gb_world *w)
{
	return &gb_state(w)->ctx;
}

/* Index of a request in its table, 0 for NULL. */
static inline uint16_t io_req_ref(const struct gb_world *w, const struct io_kiocb *req)
{
	return req ? (uint16_t)(req - io_req(w, 0)) : 0;
}

/* The request behind a reference, NULL for 0. */
static inline struct io_kiocb *io_req_at(const struct gb_world *w, uint16_t ref)
{
	return ref ? io_req(w, ref) : (struct io_kiocb *)0;
}

#endif
