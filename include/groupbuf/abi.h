/* SPDX-License-Identifier: MIT */
/*
 * The values user space and the kernel agree on (S11.11 to S11.17). They are
 * uapi facts and keep the kernel's names; the trace language uses them with
 * the prefix cut. Errnos are spelled out here because <errno.h> differs
 * between platforms and our output must not.
 */
#ifndef GROUPBUF_ABI_H
#define GROUPBUF_ABI_H

#include <stdint.h>

/* X(name, number): every errno the simulated kernel can answer (S1.10). */
#define GB_ERRNO_LIST(X)     \
	X(EPERM, 1)          \
	X(ENOENT, 2)         \
	X(EINTR, 4)          \
	X(EIO, 5)            \
	X(ENXIO, 6)          \
	X(E2BIG, 7)          \
	X(EBADF, 9)          \
	X(EAGAIN, 11)        \
	X(ENOMEM, 12)        \
	X(EACCES, 13)        \
	X(EFAULT, 14)        \
	X(EBUSY, 16)         \
	X(EEXIST, 17)        \
	X(ENODEV, 19)        \
	X(EINVAL, 22)        \
	X(ENFILE, 23)        \
	X(EFBIG, 27)         \
	X(ENOSPC, 28)        \
	X(ESPIPE, 29)        \
	X(EPIPE, 32)         \
	X(ETIME, 62)         \
	X(EOVERFLOW, 75)     \
	X(EBADFD, 77)        \
	X(EBADR, 53)         \
	X(ENOTSOCK, 88)      \
	X(EMSGSIZE, 90)      \
	X(EPROTOTYPE, 91)    \
	X(EOPNOTSUPP, 95)    \
	X(ECONNRESET, 104)   \
	X(ENOBUFS, 105)      \
	X(EISCONN, 106)      \
	X(ENOTCONN, 107)     \
	X(ETIMEDOUT, 110)    \
	X(ECONNREFUSED, 111) \
	X(EALREADY, 114)     \
	X(EINPROGRESS, 115)  \
	X(ECANCELED, 125)    \
	X(EOWNERDEAD, 130)

enum gb_errno {
#define X(name, number) GB_##name = (number),
	GB_ERRNO_LIST(X)
#undef X
};

/* X(name, number): IORING_OP_* (sections 8 and S11.15). */
#define GB_OPCODE_LIST(X)       \
	X(NOP, 0)               \
	X(READV, 1)             \
	X(WRITEV, 2)            \
	X(FSYNC, 3)             \
	X(READ_FIXED, 4)        \
	X(WRITE_FIXED, 5)       \
	X(POLL_ADD, 6)          \
	X(POLL_REMOVE, 7)       \
	X(SYNC_FILE_RANGE, 8)   \
	X(SENDMSG, 9)           \
	X(RECVMSG, 10)          \
	X(TIMEOUT, 11)          \
	X(TIMEOUT_REMOVE, 12)   \
	X(ACCEPT, 13)           \
	X(ASYNC_CANCEL, 14)     \
	X(LINK_TIMEOUT, 15)     \
	X(CONNECT, 16)          \
	X(FALLOCATE, 17)        \
	X(OPENAT, 18)           \
	X(CLOSE, 19)            \
	X(FILES_UPDATE, 20)     \
	X(STATX, 21)            \
	X(READ, 22)             \
	X(WRITE, 23)            \
	X(FADVISE, 24)          \
	X(MADVISE, 25)          \
	X(SEND, 26)             \
	X(RECV, 27)             \
	X(OPENAT2, 28)          \
	X(EPOLL_CTL, 29)        \
	X(SPLICE, 30)           \
	X(PROVIDE_BUFFERS, 31)  \
	X(REMOVE_BUFFERS, 32)   \
	X(TEE, 33)              \
	X(SHUTDOWN, 34)         \
	X(RENAMEAT, 35)         \
	X(UNLINKAT, 36)         \
	X(MKDIRAT, 37)          \
	X(SYMLINKAT, 38)        \
	X(LINKAT, 39)           \
	X(MSG_RING, 40)         \
	X(FSETXATTR, 41)        \
	X(SETXATTR, 42)         \
	X(FGETXATTR, 43)        \
	X(GETXATTR, 44)         \
	X(SOCKET, 45)           \
	X(URING_CMD, 46)        \
	X(SEND_ZC, 47)          \
	X(SENDMSG_ZC, 48)       \
	X(READ_MULTISHOT, 49)   \
	X(WAITID, 50)           \
	X(FUTEX_WAIT, 51)       \
	X(FUTEX_WAKE, 52)       \
	X(FUTEX_WAITV, 53)      \
	X(FIXED_FD_INSTALL, 54) \
	X(FTRUNCATE, 55)        \
	X(BIND, 56)             \
	X(LISTEN, 57)

enum io_uring_op {
#define X(name, number) IORING_OP_##name = (number),
	GB_OPCODE_LIST(X)
#undef X
		IORING_OP_LAST = 58,
	/* The trace language's BAD: an opcode no kernel knows. */
	GB_OP_BAD = 200,
};

/* X(name, bit): IOSQE_* (S11.12). */
#define GB_SQE_FLAG_LIST(X)    \
	X(FIXED_FILE, 0)       \
	X(IO_DRAIN, 1)         \
	X(IO_LINK, 2)          \
	X(IO_HARDLINK, 3)      \
	X(ASYNC, 4)            \
	X(BUFFER_SELECT, 5)    \
	X(CQE_SKIP_SUCCESS, 6) \
	X(SQE_GROUP, 7)

enum io_uring_sqe_flags {
#define X(name, bit) IOSQE_##name = 1U << (bit),
	GB_SQE_FLAG_LIST(X)
#undef X
};

/* X(name, bit): IORING_SETUP_* (S11.2). */
#define GB_SETUP_FLAG_LIST(X)     \
	X(IOPOLL, 0)              \
	X(SQPOLL, 1)              \
	X(SQ_AFF, 2)              \
	X(CQSIZE, 3)              \
	X(CLAMP, 4)               \
	X(ATTACH_WQ, 5)           \
	X(R_DISABLED, 6)          \
	X(SUBMIT_ALL, 7)          \
	X(COOP_TASKRUN, 8)        \
	X(TASKRUN_FLAG, 9)        \
	X(SQE128, 10)             \
	X(CQE32, 11)              \
	X(SINGLE_ISSUER, 12)      \
	X(DEFER_TASKRUN, 13)      \
	X(NO_MMAP, 14)            \
	X(REGISTERED_FD_ONLY, 15) \
	X(NO_SQARRAY, 16)

enum io_uring_setup_flags {
#define X(name, bit) IORING_SETUP_##name = 1U << (bit),
	GB_SETUP_FLAG_LIST(X)
#undef X
};

/* X(name, number): IORING_REGISTER_* (S11.16). */
#define GB_REGISTER_OP_LIST(X)        \
	X(BUFFERS, 0)                 \
	X(UNREGISTER_BUFFERS, 1)      \
	X(FILES, 2)                   \
	X(UNREGISTER_FILES, 3)        \
	X(EVENTFD, 4)                 \
	X(UNREGISTER_EVENTFD, 5)      \
	X(FILES_UPDATE, 6)            \
	X(EVENTFD_ASYNC, 7)           \
	X(PROBE, 8)                   \
	X(PERSONALITY, 9)             \
	X(UNREGISTER_PERSONALITY, 10) \
	X(RESTRICTIONS, 11)           \
	X(ENABLE_RINGS, 12)           \
	X(FILES2, 13)                 \
	X(FILES_UPDATE2, 14)          \
	X(BUFFERS2, 15)               \
	X(BUFFERS_UPDATE, 16)         \
	X(IOWQ_AFF, 17)               \
	X(UNREGISTER_IOWQ_AFF, 18)    \
	X(IOWQ_MAX_WORKERS, 19)       \
	X(RING_FDS, 20)               \
	X(UNREGISTER_RING_FDS, 21)    \
	X(PBUF_RING, 22)              \
	X(UNREGISTER_PBUF_RING, 23)   \
	X(SYNC_CANCEL, 24)            \
	X(FILE_ALLOC_RANGE, 25)       \
	X(PBUF_STATUS, 26)            \
	X(NAPI, 27)                   \
	X(UNREGISTER_NAPI, 28)        \
	X(CLOCK, 29)                  \
	X(CLONE_BUFFERS, 30)

enum io_uring_register_op {
#define X(name, number) IORING_REGISTER_##name = (number),
	GB_REGISTER_OP_LIST(X)
#undef X
};

#define IORING_MAX_ENTRIES    32768U
#define IORING_MAX_CQ_ENTRIES (2U * IORING_MAX_ENTRIES)

/* cqe.flags (S11.13) */
#define IORING_CQE_F_BUFFER	   (1U << 0)
#define IORING_CQE_F_MORE	   (1U << 1)
#define IORING_CQE_F_SOCK_NONEMPTY (1U << 2)
#define IORING_CQE_F_NOTIF	   (1U << 3)
#define IORING_CQE_F_BUF_MORE	   (1U << 4)
#define IORING_CQE_BUFFER_SHIFT	   16

/* SQ ring flags (S11.10) */
#define IORING_SQ_NEED_WAKEUP (1U << 0)
#define IORING_SQ_CQ_OVERFLOW (1U << 1)
#define IORING_SQ_TASKRUN     (1U << 2)

/* io_uring_enter flags (S11.5) */
#define IORING_ENTER_GETEVENTS (1U << 0)

/* sqe.nop_flags */
#define IORING_NOP_INJECT_RESULT (1U << 0)

/* sqe.fsync_flags */
#define IORING_FSYNC_DATASYNC (1U << 0)

/* sqe.timeout_flags (S8.26) */
#define IORING_TIMEOUT_ABS	     (1U << 0)
#define IORING_TIMEOUT_UPDATE	     (1U << 1)
#define IORING_TIMEOUT_BOOTTIME	     (1U << 2)
#define IORING_TIMEOUT_REALTIME	     (1U << 3)
#define IORING_LINK_TIMEOUT_UPDATE   (1U << 4)
#define IORING_TIMEOUT_ETIME_SUCCESS (1U << 5)
#define IORING_TIMEOUT_MULTISHOT     (1U << 6)

/* sqe.len of POLL_ADD and POLL_REMOVE (S8.22, S8.25) */
#define IORING_POLL_ADD_MULTI	     (1U << 0)
#define IORING_POLL_UPDATE_EVENTS    (1U << 1)
#define IORING_POLL_UPDATE_USER_DATA (1U << 2)
#define IORING_POLL_ADD_LEVEL	     (1U << 3)

/* sqe.cancel_flags (S9.1) */
#define IORING_ASYNC_CANCEL_ALL	     (1U << 0)
#define IORING_ASYNC_CANCEL_FD	     (1U << 1)
#define IORING_ASYNC_CANCEL_ANY	     (1U << 2)
#define IORING_ASYNC_CANCEL_FD_FIXED (1U << 3)
#define IORING_ASYNC_CANCEL_USERDATA (1U << 4)
#define IORING_ASYNC_CANCEL_OP	     (1U << 5)

/* sqe.ioprio of send and receive (S8.11) */
#define IORING_RECVSEND_POLL_FIRST  (1U << 0)
#define IORING_RECV_MULTISHOT	    (1U << 1)
#define IORING_RECVSEND_FIXED_BUF   (1U << 2)
#define IORING_SEND_ZC_REPORT_USAGE (1U << 3)
#define IORING_RECVSEND_BUNDLE	    (1U << 4)

/* sqe.ioprio of ACCEPT, its file_index that asks for a free slot, and its flags that are not its own (S8.38) */
#define IORING_ACCEPT_MULTISHOT	 (1U << 0)
#define IORING_ACCEPT_DONTWAIT	 (1U << 1)
#define IORING_ACCEPT_POLL_FIRST (1U << 2)
#define IORING_FILE_INDEX_ALLOC	 UINT32_MAX
#define GB_SOCK_NONBLOCK	 0x800U
#define GB_SOCK_CLOEXEC		 0x80000U

/* The result of a notification: some of the bytes were copied (REPORT_USAGE). */
#define IORING_NOTIF_USAGE_ZC_COPIED (1U << 31)

/* sqe.uring_cmd_flags (S8.35) */
#define IORING_URING_CMD_FIXED (1U << 0)

/* The commands of a ublk server (S10.2): the number is the low byte, the rest says "ublk" and the payload's size. */
#define UBLK_U_IO_FETCH_REQ	       0xC0107520U
#define UBLK_U_IO_COMMIT_AND_FETCH_REQ 0xC0107521U
#define UBLK_U_IO_NEED_GET_DATA	       0xC0107522U
#define UBLK_U_IO_PROVIDE_IO_BUF       0xC0107523U

/* CQE results of a fetch command besides errors (S10.2) */
#define UBLK_IO_RES_OK		  0
#define UBLK_IO_RES_NEED_GET_DATA 1

/* X(name, bit): UBLK_F_* (S10.1). */
#define GB_UBLK_FLAG_LIST(X)         \
	X(SUPPORT_ZERO_COPY, 0)      \
	X(URING_CMD_COMP_IN_TASK, 1) \
	X(NEED_GET_DATA, 2)          \
	X(USER_RECOVERY, 3)          \
	X(USER_RECOVERY_REISSUE, 4)  \
	X(UNPRIVILEGED_DEV, 5)       \
	X(CMD_IOCTL_ENCODE, 6)       \
	X(USER_COPY, 7)              \
	X(ZONED, 8)

enum ublk_flags {
#define X(name, bit) UBLK_F_##name = 1U << (bit),
	GB_UBLK_FLAG_LIST(X)
#undef X
};

#define UBLK_MAX_QUEUE_DEPTH 4096U

/* sqe.msg_flags */
#define GB_MSG_OOB	0x1U
#define GB_MSG_PEEK	0x2U
#define GB_MSG_TRUNC	0x20U
#define GB_MSG_DONTWAIT 0x40U
#define GB_MSG_WAITALL	0x100U
#define GB_MSG_ERRQUEUE 0x2000U
#define GB_MSG_NOSIGNAL 0x4000U

/* sqe.rw_flags */
#define GB_RWF_HIPRI	0x1U
#define GB_RWF_DSYNC	0x2U
#define GB_RWF_SYNC	0x4U
#define GB_RWF_NOWAIT	0x8U
#define GB_RWF_APPEND	0x10U
#define GB_RWF_NOAPPEND 0x20U

/* poll events */
#define GB_POLLIN	 0x0001U
#define GB_POLLPRI	 0x0002U
#define GB_POLLOUT	 0x0004U
#define GB_POLLERR	 0x0008U
#define GB_POLLHUP	 0x0010U
#define GB_POLLNVAL	 0x0020U
#define GB_POLLRDNORM	 0x0040U
#define GB_POLLRDBAND	 0x0080U
#define GB_POLLWRNORM	 0x0100U
#define GB_POLLWRBAND	 0x0200U
#define GB_POLLMSG	 0x0400U
#define GB_POLLRDHUP	 0x2000U
#define GB_POLLEXCLUSIVE (1U << 28)

#endif
