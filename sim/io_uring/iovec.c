/* SPDX-License-Identifier: MIT */
/* The iovec of a vectored request, copied and checked at prep (S8.5). */
#include "io_uring/io_uring.h"

int io_import_vec(struct gb_world *w, struct io_kiocb *req, unsigned int dir, uint64_t uvec, uint64_t nr,
		  struct iov_iter *iter)
{
	enum gb_import ret = import_iovec(w, dir, uvec, nr, w->uvec_of[req->sqe], iter);

	iter->owner = (uint16_t)(req->sqe + 1);
	switch (ret) {
	case GB_IMPORT_COUNT:
		return gb_why(w, req, GB_R_IOVEC_COUNT, NULL, (int64_t)nr, 0);
	case GB_IMPORT_FAULT:
		return gb_why(w, req, GB_R_IOVEC_FAULT, NULL, 0, 0);
	case GB_IMPORT_LEN:
		return gb_why(w, req, GB_R_IOVEC_LEN, NULL, 0, 0);
	case GB_IMPORT_ADDR:
		return gb_why(w, req, GB_R_IOVEC_ADDR, NULL, 0, 0);
	case GB_IMPORT_OK:
		break;
	}
	return 0;
}
