/* SPDX-License-Identifier: MIT */
#include "host.h"

#ifdef GB_HAVE_LIBURING
#include <liburing.h>

static struct io_uring ring;

bool host_open(void)
{
	return io_uring_queue_init(64, &ring, 0) == 0;
}

void host_close(void)
{
	io_uring_queue_exit(&ring);
}

static bool host_batch(unsigned int batch)
{
	struct io_uring_cqe *cqe;

	for (unsigned int i = 0; i < batch; i++) {
		struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);

		if (!sqe)
			return false;
		io_uring_prep_nop(sqe);
	}
	if (io_uring_submit(&ring) != (int)batch)
		return false;
	for (unsigned int taken = 0; taken < batch;) {
		unsigned int head, n = 0;

		if (io_uring_wait_cqe(&ring, &cqe) < 0)
			return false;
		io_uring_for_each_cqe(&ring, head, cqe) n++;
		io_uring_cq_advance(&ring, n);
		taken += n;
	}
	return true;
}

bool host_nops(unsigned int batches, unsigned int batch)
{
	while (batches--) {
		if (!host_batch(batch))
			return false;
	}
	return true;
}
#else
bool host_open(void)
{
	return false;
}

void host_close(void)
{
}

bool host_nops(unsigned int batches, unsigned int batch)
{
	(void)batches;
	(void)batch;
	return false;
}
#endif
