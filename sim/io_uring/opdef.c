/* SPDX-License-Identifier: MIT */
/* The capability table of section 8 of semantics.md. */
#include "io_uring/io_uring.h"

#define F .needs_file = 1
#define I .pollin = 1
#define O .pollout = 1
#define H .hash_reg_file = 1
#define U .unbound_nonreg_file = 1
#define B .buffer_select = 1
#define P .ioprio = 1
#define L .iopoll = 1
#define Q .iopoll_queue = 1

const struct io_issue_def io_issue_defs[IORING_OP_LAST] = {
	[IORING_OP_NOP] = {.name = "NOP", L, .prep = io_nop_prep, .issue = io_nop},
	[IORING_OP_READV] =
		{.name = "READV", F, I, U, B, P, L, Q, .prep = io_prep_readv, .issue = io_read, .fail = io_rw_fail},
	[IORING_OP_WRITEV] =
		{.name = "WRITEV", F, O, H, U, P, L, Q, .prep = io_prep_writev, .issue = io_write, .fail = io_rw_fail},
	[IORING_OP_FSYNC] = {.name = "FSYNC", F, .prep = io_fsync_prep, .issue = io_fsync},
	[IORING_OP_READ_FIXED] = {.name = "READ_FIXED",
				  F,
				  I,
				  U,
				  P,
				  L,
				  Q,
				  .prep = io_prep_read_fixed,
				  .issue = io_read,
				  .fail = io_rw_fail},
	[IORING_OP_WRITE_FIXED] = {.name = "WRITE_FIXED",
				   F,
				   O,
				   H,
				   U,
				   P,
				   L,
				   Q,
				   .prep = io_prep_write_fixed,
				   .issue = io_write,
				   .fail = io_rw_fail},
	[IORING_OP_POLL_ADD] = {.name = "POLL_ADD", F, U, .prep = io_poll_add_prep, .issue = io_poll_add},
	[IORING_OP_POLL_REMOVE] = {.name = "POLL_REMOVE", .prep = io_poll_remove_prep, .issue = io_poll_remove},
	[IORING_OP_SENDMSG] =
		{.name = "SENDMSG", F, O, U, P, .prep = io_send_prep, .issue = io_send, .fail = io_sendrecv_fail},
	[IORING_OP_RECVMSG] =
		{.name = "RECVMSG", F, I, U, B, P, .prep = io_recv_prep, .issue = io_recvmsg, .fail = io_sendrecv_fail},
	[IORING_OP_TIMEOUT] = {.name = "TIMEOUT", .prep = io_timeout_prep, .issue = io_timeout},
	[IORING_OP_TIMEOUT_REMOVE] = {.name = "TIMEOUT_REMOVE",
				      .prep = io_timeout_remove_prep,
				      .issue = io_timeout_remove},
	[IORING_OP_ASYNC_CANCEL] = {.name = "ASYNC_CANCEL", .prep = io_async_cancel_prep, .issue = io_async_cancel},
	[IORING_OP_LINK_TIMEOUT] = {.name = "LINK_TIMEOUT",
				    .prep = io_link_timeout_prep,
				    .issue = io_link_timeout_issue},
	[IORING_OP_READ] =
		{.name = "READ", F, I, U, B, P, L, Q, .prep = io_prep_read, .issue = io_read, .fail = io_rw_fail},
	[IORING_OP_WRITE] =
		{.name = "WRITE", F, O, H, U, P, L, Q, .prep = io_prep_write, .issue = io_write, .fail = io_rw_fail},
	[IORING_OP_SEND] =
		{.name = "SEND", F, O, U, B, P, .prep = io_send_prep, .issue = io_send, .fail = io_sendrecv_fail},
	[IORING_OP_RECV] =
		{.name = "RECV", F, I, U, B, P, .prep = io_recv_prep, .issue = io_recv, .fail = io_sendrecv_fail},
	[IORING_OP_SEND_ZC] =
		{.name = "SEND_ZC", F, O, U, P, .prep = io_send_zc_prep, .issue = io_send_zc, .fail = io_send_zc_fail},
	[IORING_OP_SENDMSG_ZC] = {.name = "SENDMSG_ZC",
				  F,
				  O,
				  U,
				  P,
				  .prep = io_send_zc_prep,
				  .issue = io_send_zc,
				  .fail = io_send_zc_fail},
	[IORING_OP_ACCEPT] =
		{.name = "ACCEPT", F, I, U, P, .poll_exclusive = 1, .prep = io_accept_prep, .issue = io_accept},
	[IORING_OP_CONNECT] = {.name = "CONNECT", F, O, U, .prep = io_connect_prep, .issue = io_connect},
	[IORING_OP_SHUTDOWN] = {.name = "SHUTDOWN", F, .prep = io_shutdown_prep, .issue = io_shutdown},
	[IORING_OP_CLOSE] = {.name = "CLOSE", .prep = io_close_prep, .issue = io_close},
	[IORING_OP_PROVIDE_BUFFERS] = {.name = "PROVIDE_BUFFERS",
				       L,
				       .prep = io_provide_buffers_prep,
				       .issue = io_provide_buffers},
	[IORING_OP_REMOVE_BUFFERS] = {.name = "REMOVE_BUFFERS",
				      L,
				      .prep = io_remove_buffers_prep,
				      .issue = io_remove_buffers},
	[IORING_OP_READ_MULTISHOT] =
		{.name = "READ_MULTISHOT", F, I, U, B, .prep = io_read_mshot_prep, .issue = io_read_mshot},
	[IORING_OP_URING_CMD] = {.name = "URING_CMD", F, L, Q, .prep = io_uring_cmd_prep, .issue = io_uring_cmd},
};
