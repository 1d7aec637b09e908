/* SPDX-License-Identifier: MIT */
/*
 * What the simulator can do, in one place: the kernel side adds a name here
 * when it learns an opcode or a ring flag, and the reader stops refusing it.
 */
#ifndef GB_TRACE_SIMULATED_H
#define GB_TRACE_SIMULATED_H

#include "groupbuf/abi.h"

/* X(name): opcodes; LEASE (URING_CMD on a lessor) and BAD are always there. */
#define GB_SIMULATED_OPCODES(X) \
	X(NOP)                  \
	X(READ)                 \
	X(WRITE)                \
	X(READ_FIXED)           \
	X(WRITE_FIXED)          \
	X(FSYNC)                \
	X(POLL_ADD)             \
	X(POLL_REMOVE)          \
	X(TIMEOUT)              \
	X(TIMEOUT_REMOVE)       \
	X(LINK_TIMEOUT)         \
	X(ASYNC_CANCEL)         \
	X(SHUTDOWN)             \
	X(CLOSE)                \
	X(SEND)                 \
	X(RECV)                 \
	X(READV)                \
	X(WRITEV)               \
	X(SENDMSG)              \
	X(RECVMSG)              \
	X(PROVIDE_BUFFERS)      \
	X(REMOVE_BUFFERS)       \
	X(READ_MULTISHOT)       \
	X(ACCEPT)               \
	X(CONNECT)              \
	X(SEND_ZC)              \
	X(SENDMSG_ZC)

/* Ring flags. */
#define GB_SIMULATED_SETUP_FLAGS                                                                              \
	(IORING_SETUP_SUBMIT_ALL | IORING_SETUP_COOP_TASKRUN | IORING_SETUP_TASKRUN_FLAG |                    \
	 IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP | \
	 IORING_SETUP_R_DISABLED | IORING_SETUP_SQE128 | IORING_SETUP_CQE32 | IORING_SETUP_NO_MMAP |          \
	 IORING_SETUP_NO_SQARRAY | IORING_SETUP_IOPOLL | IORING_SETUP_SQPOLL | IORING_SETUP_SQ_AFF)

#endif
