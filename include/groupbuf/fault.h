/* SPDX-License-Identifier: MIT */
/*
 * Faults: plausible mistakes, each one a small mutation of the simulated kernel
 * and each against one rule. tests/faults switches them on one at a time and
 * requires that the checks notice; how else would anybody know that they can
 * fail? They exist only in a build with GB_FAULTS (which tests/ makes for
 * itself); in any other one gb_config.fault is ignored and costs nothing.
 */
#ifndef GROUPBUF_FAULT_H
#define GROUPBUF_FAULT_H

/*
 * X(ID, name, rules, doc): rules are the numbers of semantics.md (S) and
 * invariants.md (I) it breaks. In the order of the rules.
 */
/* clang-format off */
#define GB_FAULT_LIST(X) \
	/* 2.2: initialisation */ \
	X(BAD_OPCODE_EOPNOTSUPP, "bad-opcode-eopnotsupp", "S2.6", "an unknown opcode gives EOPNOTSUPP, not EINVAL") \
	X(BUFFER_SELECT_UNCHECKED, "buffer-select-unchecked", "S2.6", "BUFFER_SELECT is taken by opcodes that cannot use it") \
	X(SKIP_KEEPS_DRAIN, "skip-keeps-drain", "S2.6, I54", "CQE_SKIP_SUCCESS does not switch drain off") \
	X(GROUP_BUF_WITH_SELECT, "group-buf-with-select", "S2.6, I64", "a member may have BUFFER_SELECT together with the group buffer") \
	X(MEMBER_KEEPS_DRAIN, "member-keeps-drain", "S2.6, I12", "IO_DRAIN of a member is not cleared when it becomes the group-buffer flag") \
	X(DRAIN_DISABLED_HITS_MEMBER, "drain-disabled-hits-member", "S2.6, I54", "where drain is disabled, members may not ask for the group buffer either") \
	X(RESTRICTED_OPCODE_TAKEN, "restricted-opcode-taken", "S2.6, S11.17", "a restricted ring takes opcodes that are not allowed") \
	X(RESTRICTED_FLAGS_TAKEN, "restricted-flags-taken", "S2.6, S11.17", "a restricted ring takes SQE flags that are not allowed") \
	X(REQUIRED_FLAGS_OPTIONAL, "required-flags-optional", "S2.6, S11.17", "a restricted ring does not insist on the required SQE flags") \
	X(DRAIN_NEXT_IN_CHAIN, "drain-next-in-chain", "S2.6, I53", "the postponed drain is consumed by the rest of the chain it was postponed behind") \
	X(DRAIN_WITHOUT_ASYNC, "drain-without-async", "S2.35", "while a drain is active, later requests are not forced to wait behind it") \
	X(IOPRIO_UNCHECKED, "ioprio-unchecked", "S2.6", "ioprio is taken by opcodes that have no use for it") \
	X(IOPOLL_UNCHECKED, "iopoll-unchecked", "S2.6", "an IOPOLL ring takes opcodes that cannot be polled for") \
	/* 2.3: links */ \
	X(HARDLINK_ENDS_CHAIN, "hardlink-ends-chain", "S2.10", "HARDLINK does not open or continue a chain") \
	X(ASYNC_HEAD_INLINE, "async-head-inline", "S2.11", "a chain whose head has ASYNC is issued inline") \
	X(BROKEN_CHAIN_RUNS, "broken-chain-runs", "S2.13", "a request that fails its initialisation does not fail the head of its chain") \
	X(BROKEN_CHAIN_ERRNO, "broken-chain-errno", "S2.13", "the head of a broken chain gets the errno of the culprit, not ECANCELED") \
	X(FAILED_REQUEST_LEFT_OUT, "failed-request-left-out", "S2.13", "a request that fails its initialisation is not appended to its chain") \
	X(FAILED_HARDLINK_GOES_ON, "failed-hardlink-goes-on", "S2.20, I19", "a head that failed during assembly keeps HARDLINK: its chain runs") \
	X(BATCH_NOT_STOPPED, "batch-not-stopped", "S2.3, S2.21", "an error does not end the batch of a ring without SUBMIT_ALL") \
	X(BATCH_STOPS_INSIDE_CHAIN, "batch-stops-inside-chain", "S2.21", "an error in the middle of a chain ends the batch") \
	X(SUBMIT_ALL_IGNORED, "submit-all-ignored", "S2.3", "an error ends the batch of a ring with SUBMIT_ALL") \
	/* 2.5: groups */ \
	X(GROUP_COUNT_STARTS_AT_TWO, "group-count-starts-at-two", "S2.23, I28", "the group count is one too high") \
	X(LAST_MEMBER_NOT_COUNTED, "last-member-not-counted", "S2.23, I28", "the member that closes the group is not counted") \
	X(LAST_MEMBER_NOT_MARKED, "last-member-not-marked", "S2.23", "the member that closes the group does not get the group mark") \
	X(MEMBER_MAY_LINK, "member-may-link", "S2.24, I10", "a member may have IO_LINK or IO_HARDLINK") \
	X(MEMBER_MAY_SKIP, "member-may-skip", "S2.24, I11", "a member may have CQE_SKIP_SUCCESS") \
	X(MEMBER_FLAGS_COME_SECOND, "member-flags-come-second", "S2.24, I16", "forbidden flags of a member do not replace an earlier errno of the leader") \
	X(FAILED_MEMBER_SPARES_LEADER, "failed-member-spares-leader", "S2.26, I14", "a member that fails its initialisation does not fail the leader") \
	X(LEADER_ERRNO_OF_MEMBER, "leader-errno-of-member", "S2.26, I14", "the leader gets the errno of the member that failed, not ECANCELED") \
	X(LAST_MEMBER_SPARES_HEAD, "last-member-spares-head", "S2.28, I17", "when the last member fails its initialisation, the chain of the group is not failed") \
	X(GROUP_HEAD_ASYNC_LOST, "group-head-async-lost", "S2.31", "a leader with ASYNC is issued inline") \
	/* 2.6: leftovers */ \
	X(CUT_CHAIN_INLINE, "cut-chain-inline", "S2.32", "a chain cut by the end of the batch is issued inline") \
	X(CUT_GROUP_FORGOTTEN, "cut-group-forgotten", "S2.33, I2", "a group cut by the end of the batch is forgotten") \
	/* 2.7: drain */ \
	X(DRAIN_NOT_ON_HEAD, "drain-not-on-head", "S2.34, I52", "a drain in the middle of a chain does not make its head wait") \
	X(DRAIN_NEXT_LOST, "drain-next-lost", "S2.34, I52", "after a drain in the middle of a chain, the next request does not drain") \
	X(DRAIN_SEQUENCE_WITHOUT_MEMBERS, "drain-sequence-without-members", "S2.36, I50", "in the drain sequence a group counts as one SQE") \
	X(DRAIN_OVERTAKES, "drain-overtakes", "S2.38", "a request that need not wait overtakes those on the defer list") \
	X(DRAIN_STAYS_ACTIVE, "drain-stays-active", "S2.38", "drain mode is never left") \
	X(DRAIN_RELEASES_ALL, "drain-releases-all", "S2.39, I51", "the first commit releases the whole defer list") \
	X(AUX_CQE_NOT_COUNTED, "aux-cqe-not-counted", "S5.13, I55", "drain counts the CQEs of a multishot request as those of SQEs") \
	/* 3: issue */ \
	X(BAD_FD_ENOENT, "bad-fd-enoent", "S3.2", "a bad descriptor gives ENOENT, not EBADF") \
	X(FIXED_SLOT_AS_FD, "fixed-slot-as-fd", "S3.2", "FIXED_FILE is ignored: the slot is looked up as a descriptor") \
	X(LINK_TIMEOUT_NEVER_FIRES, "link-timeout-never-fires", "S3.3", "the timer of a linked timeout is not started") \
	X(EAGAIN_IS_FINAL, "eagain-is-final", "S3.6", "a request that would block fails instead of waiting") \
	X(NOWAIT_WAITS, "nowait-waits", "S3.6", "a request that must not wait waits for its file") \
	X(READY_POLL_LOST, "ready-poll-lost", "S3.8, S3.12", "when the event came before the poll was armed, the request is forgotten") \
	X(HANGUP_WAKES_NOBODY, "hangup-wakes-nobody", "S3.10", "a wake-up without a mask, that of a hang-up, is lost") \
	X(SECOND_WAKE_LOST, "second-wake-lost", "S3.10", "a poll that has been woken once is taken out of the queue even if it stays armed") \
	X(CANCELED_POLL_RUNS_ON, "canceled-poll-runs-on", "S3.11", "a cancelled poll goes on as if it had been woken") \
	X(POLL_OF_DEAD_TASK_EFAULT, "poll-of-dead-task-efault", "S3.11, S9.13", "an armed poll of a dying ring ends with EFAULT, not ECANCELED") \
	X(PUNT_NOT_HASHED, "punt-not-hashed", "S3.14", "writes to the same file run at the same time in several workers") \
	X(WORKER_WITHOUT_REFERENCE, "worker-without-reference", "S3.16, I33", "a worker takes no reference of its own") \
	X(ASYNC_POLLABLE_BLOCKS, "async-pollable-blocks", "S3.19", "a worker sleeps in a pollable file instead of arming a poll") \
	X(WORKER_KEEPS_REFERENCE, "worker-keeps-reference", "S3.24, I33", "a worker does not drop its reference") \
	X(WORKER_DROPS_TWO_REFERENCES, "worker-drops-two-references", "S3.24, I33", "a worker drops its reference twice") \
	X(REFERENCES_IGNORED, "references-ignored", "S3.24, I33", "a request is freed at its completion although others hold it") \
	X(WORKER_FORGETS_LINK, "worker-forgets-link", "S3.21", "when the worker drops the last reference, the next request of the chain is not started") \
	/* 4: task work */ \
	X(TASK_WORK_LIFO, "task-work-lifo", "S4.3", "task work runs newest first") \
	X(DEFER_TASKRUN_IGNORED, "defer-taskrun-ignored", "S4.4", "task work of a DEFER_TASKRUN ring runs at every return to user space") \
	X(LOCAL_RUN_ONE_MORE, "local-run-one-more", "S4.5", "a local run takes one list more than it was asked for") \
	X(TASKRUN_FLAG_NOT_SET, "taskrun-flag-not-set", "S4.2", "pending task work is not announced by the TASKRUN flag") \
	X(FALLBACK_FIFO, "fallback-fifo", "S4.10", "orphaned task work runs oldest first") \
	X(EXIT_LIST_REVERSED, "exit-list-reversed", "S4.10", "the list of an exiting task is handed over in reverse") \
	X(FALLBACK_RUNS_REQUESTS, "fallback-runs-requests", "S4.11, I26", "the fallback worker issues requests of a task that is gone") \
	X(DEAD_SUBMIT_ECANCELED, "dead-submit-ecanceled", "S4.12, I26", "a request that cannot be issued for a dead task gives ECANCELED, not EFAULT") \
	X(TASK_WORK_FORGETS_ASYNC, "task-work-forgets-async", "S4.12, I27", "what task work issues is issued inline although it has ASYNC") \
	X(LOCAL_WORK_STRANDED, "local-work-stranded", "S4.15", "local task work of a closed ring is not moved to where it can run") \
	/* 5.1: completion */ \
	X(CQE_INSIDE_BATCH, "cqe-inside-batch", "S2.5, S5.1", "inline completions are published before the batch is over") \
	X(FAILURE_STAYS_SILENT, "failure-stays-silent", "S1.11", "a failing request with CQE_SKIP_SUCCESS posts no CQE") \
	X(SILENT_FREE_POSTS, "silent-free-posts", "S5.9", "a request that is freed outside the ring lock posts a second CQE") \
	X(OVERFLOW_OVERTAKEN, "overflow-overtaken", "S5.11, I42", "a CQE that fits goes to the ring past overflown ones") \
	X(OVERFLOW_DROPPED, "overflow-dropped", "S5.11", "a CQE that does not fit is dropped") \
	X(OVERFLOW_FLAG_NOT_SET, "overflow-flag-not-set", "S5.11, S11.10", "an overflow is not announced by the CQ_OVERFLOW flag") \
	X(WORKER_POSTS_DEFER_TASKRUN, "worker-posts-defer-taskrun", "S5.12", "a worker posts CQEs of a DEFER_TASKRUN ring itself") \
	X(WORKER_POSTS_GROUP, "worker-posts-group", "S5.12, I31", "a worker posts the CQE of a group's request itself") \
	X(WORKER_CQE_NOT_PUBLISHED, "worker-cqe-not-published", "S5.12", "a CQE that a worker posts is not published") \
	/* 5.3: groups */ \
	X(LEADER_CQE_FIRST, "leader-cqe-first", "S5.14, I36", "the CQE of the leader comes before its members run") \
	X(LEADER_CQE_BEFORE_LAST_MEMBER, "leader-cqe-before-last-member", "S5.15, I36", "the CQE of the leader comes before that of its last member") \
	X(MEMBER_FAILURE_STAYS_BELOW, "member-failure-stays-below", "S5.15, I44", "a failing member does not mark the leader failed") \
	X(MEMBER_FAILURE_CHANGES_RESULT, "member-failure-changes-result", "S5.18, I38", "a failing member changes the result of the leader") \
	X(LEADER_SKIP_NOT_UNDONE, "leader-skip-not-undone", "S5.15, I39", "a failing member does not bring back the CQE of a silent leader") \
	X(BACK_POINTER_KEPT, "back-pointer-kept", "S5.15, I35", "every member keeps its pointer to the leader, not the last one alone") \
	X(LEADER_FREED_WITH_MEMBERS_OUT, "leader-freed-with-members-out", "S5.16, I32", "the leader is freed when its members start") \
	X(GROUP_MARK_KEPT, "group-mark-kept", "S5.16, I30", "the group mark outlives the group completion of a member") \
	X(MEMBER_ACKS, "member-acks", "S5.16", "a member keeps its group-buffer flag and gives the buffer back as if it were its own") \
	X(MEMBERS_IN_REVERSE, "members-in-reverse", "S5.17, I22", "members are queued in reverse order") \
	X(MEMBERS_INLINE, "members-inline", "S5.17, I22", "members are issued where the leader is freed, not from task work") \
	X(MEMBER_ERRNO_LOST, "member-errno-lost", "S5.17, I24", "a member that failed its initialisation ends with ECANCELED") \
	X(MEMBER_BUF_NODE_LATE, "member-buf-node-late", "S5.17, I24", "a failed leader comes before a registered buffer in the fate of a member") \
	X(MEMBERS_OF_FAILED_LEADER_RUN, "members-of-failed-leader-run", "S5.17, I43", "members run although their leader has failed") \
	X(IMPORTED_MARK_STALE, "imported-mark-stale", "S5.17, I105", "the imported mark of a member is not reset, and holds what an earlier request left") \
	/* 5.4: links */ \
	X(LINK_NOT_BROKEN, "link-not-broken", "S5.21, I46", "a failing request does not break its chain") \
	X(HARDLINK_BROKEN, "hardlink-broken", "S5.21, S5.28", "a failing request breaks its chain although it has HARDLINK") \
	X(SILENCE_LOST, "silence-lost", "S5.23, I41", "the chain behind a failing request with CQE_SKIP_SUCCESS is not silent") \
	X(SKIP_KEPT_IN_BROKEN_CHAIN, "skip-kept-in-broken-chain", "S5.23", "in a broken chain, requests with CQE_SKIP_SUCCESS stay silent") \
	X(BROKEN_LINK_ERRNO_LOST, "broken-link-errno-lost", "S5.24", "in a broken chain, a request that failed its initialisation gives ECANCELED") \
	X(BROKEN_LINK_SPARES_MEMBERS, "broken-link-spares-members", "S5.24, I48", "when a chain breaks, the members of a group in it run") \
	X(BROKEN_GROUP_ERRNO_LOST, "broken-group-errno-lost", "S5.24", "when a chain breaks, members that failed their initialisation give ECANCELED") \
	X(LINK_TIMEOUT_NOT_DISARMED, "link-timeout-not-disarmed", "S5.21", "a linked timeout whose target has completed stays in the chain") \
	X(FAILED_REQUEST_SUCCEEDED_BY_TWO, "failed-request-succeeded-by-two", "S5.20", "the successor of a request is started although its chain was failed") \
	/* 6: the leased buffer */ \
	X(LEASE_BY_MEMBER, "lease-by-member", "S6.3, I71", "a request that is no leader may lease") \
	X(LEASE_WITH_REGISTERED_BUFFER, "lease-with-registered-buffer", "S6.3, I72", "a leader with a registered buffer may lease") \
	X(LEASE_WITHOUT_ACK, "lease-without-ack", "S6.3, I73", "a descriptor without a give-back callback is taken") \
	X(IMPORT_WITHOUT_LEASE, "import-without-lease", "S6.9, I67", "an import from a leader that has leased nothing succeeds") \
	X(IMPORT_DIRECTION_IGNORED, "import-direction-ignored", "S6.9, I81", "members may read a buffer that they are to fill, and the other way round") \
	X(IMPORT_OFFSET_OFF_BY_ONE, "import-offset-off-by-one", "S6.9, I82", "an import of nothing at the end of the buffer is refused") \
	X(IMPORT_LENGTH_OFF_BY_ONE, "import-length-off-by-one", "S6.9, I82", "an import may be one byte longer than the buffer") \
	X(IMPORT_BOUNDS_EINVAL, "import-bounds-einval", "S6.9, I82", "an import out of bounds gives EINVAL, not EFAULT") \
	X(IMPORT_WITHOUT_OFFSET, "import-without-offset", "S6.11, I83", "the offset of the buffer in its first segment is ignored") \
	X(IMPORT_SECOND_SEGMENT, "import-second-segment", "S6.11, I83", "an import that begins behind the first segment ignores the offset of the buffer") \
	X(IMPORT_AGAIN, "import-again", "S6.12, I84", "a retry imports again and so starts from the beginning") \
	X(IMPORT_NOT_SAVED, "import-not-saved", "S6.5, I85", "the state a retry goes back to is still that of prep") \
	X(SEND_IMPORTS_NOTHING, "send-imports-nothing", "S6.5, I68", "SEND with the flag sends user memory") \
	X(NO_ITER_FILE_TAKES_KBUF, "no-iter-file-takes-kbuf", "S6.15, I70", "a file without iterator methods takes a leased buffer") \
	X(READ_TAIL_NOT_ZEROED, "read-tail-not-zeroed", "S6.16, I87", "a short READ leaves its tail as it was") \
	X(RECV_TAIL_NOT_ZEROED, "recv-tail-not-zeroed", "S6.18, I87", "a short RECV leaves its tail as it was") \
	X(ZERO_ONE_SHORT, "zero-one-short", "S6.16, I87", "the last byte of the tail is not zeroed") \
	X(ZERO_TOO_FAR, "zero-too-far", "S6.16, I88a", "zeroing goes on behind the range of the member") \
	X(ZERO_FROM_START, "zero-from-start", "S6.16, I88", "zeroing begins at the start of the range, not behind what was transferred") \
	X(WRITE_ZEROES, "write-zeroes", "S6.20, I88b", "a short WRITE zeroes the source it has not sent") \
	X(ACK_WHEN_LEADER_DONE, "ack-when-leader-done", "S6.21, I90", "the buffer goes back when the leader's operation is over") \
	X(ACK_BEFORE_LAST_MEMBER, "ack-before-last-member", "S6.21, I90", "the buffer goes back before the last member has completed") \
	X(ACK_BEFORE_LEADER_CQE, "ack-before-leader-cqe", "S6.21, I92", "the buffer goes back before the leader's CQE is there") \
	X(ACK_TWICE, "ack-twice", "S6.22, I89", "the buffer goes back twice") \
	X(ACK_NEVER, "ack-never", "S6.22, I89", "the buffer never goes back") \
	X(ACK_IF_ALL_WELL, "ack-if-all-well", "S6.22, I89", "the buffer of a failed leader does not go back") \
	/* 7: files */ \
	X(RESTORE_MISSING, "restore-missing", "S7.8, I85", "a read that goes on does not go back to the saved iterator first") \
	X(READ_PROGRESS_LOST, "read-progress-lost", "S7.8", "a read that goes on forgets what it has read") \
	X(SHORT_READ_IS_NO_FAILURE, "short-read-is-no-failure", "S7.9, I47", "a short read does not set the failure mark") \
	X(READ_POSITION_KEPT, "read-position-kept", "S7.9", "reading at the current position does not move it") \
	X(PARTIAL_READ_FAILS, "partial-read-fails", "S7.10", "an error behind partial progress hides the progress") \
	X(PIPE_READ_GOES_ON, "pipe-read-goes-on", "S7.11", "a short read of a pipe waits for the rest") \
	X(BUFFERED_WRITE_INLINE, "buffered-write-inline", "S7.12", "a buffered write to a regular file does not go to io-wq") \
	X(WRITE_ERROR_INLINE, "write-error-inline", "S7.12", "a write error completes inline, not through task work") \
	X(EOF_TAIL_CUT, "eof-tail-cut", "S7.14", "a direct read at the end of the file forgets the part of its range that lies behind it") \
	X(PIPE_READ_WAKES_NOBODY, "pipe-read-wakes-nobody", "S7.15", "taking bytes out of a full pipe wakes no writer") \
	X(PIPE_EOF_BLOCKS, "pipe-eof-blocks", "S7.15", "a pipe without writers gives EAGAIN, not end of file") \
	X(FILE_PUT_EARLY, "file-put-early", "S5.3, I34", "a request that waits for an event has dropped its file") \
	X(FIXED_FILE_PUT, "fixed-file-put", "S5.3", "a request drops the file of a slot, which it has not taken") \
	/* 8.1 to 8.3 */ \
	X(NOP_ERROR_IS_NO_FAILURE, "nop-error-is-no-failure", "S8.1, I47", "a NOP with a negative result does not set the failure mark") \
	X(FSYNC_ERROR_IS_FAILURE, "fsync-error-is-failure", "S8.10", "a failing FSYNC sets the failure mark") \
	/* 8.2: registered buffers */ \
	X(FIXED_BUFFER_OF_NEIGHBOUR, "fixed-buffer-of-neighbour", "S8.6", "the registered buffer in front of the one named is used") \
	X(FIXED_RANGE_UNCHECKED, "fixed-range-unchecked", "S8.6", "a range that leaves the registered buffer is taken") \
	/* 8.4: sockets */ \
	X(POLL_FIRST_IGNORED, "poll-first-ignored", "S8.12", "POLL_FIRST is ignored") \
	X(WAITALL_IGNORED, "waitall-ignored", "S8.13", "MSG_WAITALL of a receive is ignored") \
	X(WAITALL_PROGRESS_LOST, "waitall-progress-lost", "S8.14", "a transfer that goes on after a poll forgets what it has moved") \
	X(SHORT_RECV_IS_FAILURE, "short-recv-is-failure", "S8.14, I47", "a short receive without MSG_WAITALL sets the failure mark") \
	X(TRUNCATED_RECV_IS_NO_FAILURE, "truncated-recv-is-no-failure", "S8.15", "a truncated message with MSG_WAITALL does not set the failure mark") \
	X(PARTIAL_SEND_FAILS, "partial-send-fails", "S8.20", "a cancelled transfer hides its partial progress") \
	/* 8.5: polls */ \
	X(POLL_MASK_UNFILTERED, "poll-mask-unfiltered", "S8.23", "a poll reports events that were not asked for") \
	X(MULTISHOT_WITHOUT_MORE, "multishot-without-more", "S8.24", "the CQEs of a multishot poll do not say that more will come") \
	X(MULTISHOT_POLL_ENDS, "multishot-poll-ends", "S8.24", "a multishot poll ends with its first event") \
	X(POLL_REMOVE_TAKES_READS, "poll-remove-takes-reads", "S8.25", "POLL_REMOVE finds requests that are no polls") \
	X(POLL_UPDATE_KEEPS_EVENTS, "poll-update-keeps-events", "S8.25", "an update of a poll does not change its events") \
	X(CLOSE_SLOT_KEEPS_FILE, "close-slot-keeps-file", "S8.38", "CLOSE of a slot empties it and does not let the file go") \
	X(CLOSE_SLOT_STAYS, "close-slot-stays", "S8.38", "CLOSE of a slot lets the file go and leaves it in the slot") \
	/* 8.6: timeouts */ \
	X(TIMEOUT_COUNT_OFF_BY_ONE, "timeout-count-off-by-one", "S8.27", "a timeout completes one CQE too late") \
	X(TIMEOUT_ABS_RELATIVE, "timeout-abs-relative", "S8.26", "the moment of an absolute timeout counts from now") \
	X(TIMEOUT_ABS_PAST_LOST, "timeout-abs-past-lost", "S8.26", "an absolute timeout whose moment is over never expires") \
	X(TIMEOUT_IS_NO_FAILURE, "timeout-is-no-failure", "S8.27, I47", "a timeout that fired does not set the failure mark") \
	X(ETIME_SUCCESS_IGNORED, "etime-success-ignored", "S8.27", "a timeout that fired is a failure even with ETIME_SUCCESS") \
	X(TIMEOUT_LIST_UNSORTED, "timeout-list-unsorted", "S8.28", "timeouts are kept in the order of their issue") \
	X(TIMEOUT_DOES_NOT_COUNT, "timeout-does-not-count", "S8.29", "a fired timeout does not wake those who wait for CQEs") \
	X(TIMEOUT_REMOVE_SPARES, "timeout-remove-spares", "S8.30", "TIMEOUT_REMOVE says 0 and removes nothing") \
	X(LINK_TIMEOUT_IN_GROUP, "link-timeout-in-group", "S8.31, I13", "a linked timeout may be a member") \
	X(LINK_TIMEOUT_WRONG_TARGET, "link-timeout-wrong-target", "S8.32", "a linked timeout cancels another request than the one it guards") \
	X(LINK_TIMEOUT_ALWAYS_ETIME, "link-timeout-always-etime", "S8.32", "a linked timeout says ETIME although it did not find its target") \
	/* 8.10: provided buffers */ \
	X(PROVIDED_IDS_ALL_EQUAL, "provided-ids-all-equal", "S8.39", "all buffers of one PROVIDE_BUFFERS get the same id") \
	X(REMOVE_BUFFERS_ONE_LESS, "remove-buffers-one-less", "S8.40", "REMOVE_BUFFERS removes one buffer less than it was asked for") \
	X(SELECTED_LENGTH_UNCHECKED, "selected-length-unchecked", "S8.41", "the length of a selected buffer does not bound the transfer") \
	X(SELECTED_BUFFER_KEPT, "selected-buffer-kept", "S8.8, S8.41", "a buffer that was not used is not given back") \
	X(RECYCLED_TO_THE_TAIL, "recycled-to-the-tail", "S8.41", "a buffer that is given back goes to the end of its group") \
	X(RING_HEAD_MOVED_TWICE, "ring-head-moved-twice", "S8.41", "the head of a buffer ring moves on by two") \
	X(RING_HEAD_NOT_MOVED, "ring-head-not-moved", "S8.41", "the head of a buffer ring does not move") \
	X(BUFFER_ID_NOT_REPORTED, "buffer-id-not-reported", "S8.41", "the CQE says that a buffer was used but not which") \
	X(INCREMENTAL_BUFFER_WHOLE, "incremental-buffer-whole", "S8.41", "a ring that is consumed bit by bit loses the rest of a buffer") \
	/* 9: cancellation */ \
	X(CANCEL_FD_IGNORED, "cancel-fd-ignored", "S9.1", "cancellation by file matches every file") \
	X(CANCEL_OP_IGNORED, "cancel-op-ignored", "S9.1", "cancellation by opcode matches every opcode") \
	X(CANCEL_TIMEOUTS_FIRST, "cancel-timeouts-first", "S9.2", "cancellation looks at timeouts before polls") \
	X(CANCEL_MISS_IS_SUCCESS, "cancel-miss-is-success", "S9.3", "a cancellation that finds nothing says 0") \
	X(CANCEL_MISS_IS_NO_FAILURE, "cancel-miss-is-no-failure", "S9.3", "a cancellation that finds nothing does not set the failure mark") \
	X(CANCEL_RUNNING_IS_SUCCESS, "cancel-running-is-success", "S9.3", "cancelling a request that runs in a worker says 0, not EALREADY") \
	X(CANCEL_ALL_COUNTS_ONE_MORE, "cancel-all-counts-one-more", "S9.3", "the count of a cancellation of all is one too high") \
	X(CANCEL_ALL_STOPS, "cancel-all-stops", "S9.3", "a cancellation of all stops after the first") \
	X(CANCELED_TIMEOUT_ENOENT, "canceled-timeout-enoent", "S9.5", "a cancelled timeout ends with ENOENT, not ECANCELED") \
	X(DEAD_POOL_TAKES_WORK, "dead-pool-takes-work", "S9.8", "an exiting io-wq still takes work") \
	X(EXIT_SPARES_DEFERRED, "exit-spares-deferred", "S9.12, I60", "the exit of a ring does not cancel deferred requests") \
	X(EXIT_SPARES_POLLS, "exit-spares-polls", "S9.12, I60", "the exit of a ring does not cancel armed polls") \
	X(EXIT_SPARES_WORKERS, "exit-spares-workers", "S9.12, I60", "the exit of a ring does not signal workers: their leases stay out") \
	X(EXIT_SPARES_TIMEOUTS, "exit-spares-timeouts", "S9.12, I60", "the exit of a ring does not kill timeouts") \
	X(EXIT_SPARES_COMMANDS, "exit-spares-commands", "S9.12, I60", "the exit of a ring does not ask drivers to cancel their commands") \
	/* 10: ublk */ \
	X(UBLK_ACTIVE_UNCHECKED, "ublk-active-unchecked", "S10.5", "commands on a tag that the driver owns are not refused with EBUSY") \
	X(UBLK_DIRECTION_SWAPPED, "ublk-direction-swapped", "S10.8, I103", "a block READ is leased as a source, a WRITE as a destination") \
	X(UBLK_REMAINDER_OFFSET, "ublk-remainder-offset", "S10.8, S10.15", "the buffer of a request that was served in part begins at its first byte again") \
	X(UBLK_ZERO_COPY_UNCHECKED, "ublk-zero-copy-unchecked", "S10.10, I99", "buffers are provided by a device without zero copy") \
	X(UBLK_LEASE_TAKES_NO_REFERENCE, "ublk-lease-takes-no-reference", "S10.11, I101", "a lease does not hold its block request") \
	X(UBLK_ACK_KEEPS_REFERENCE, "ublk-ack-keeps-reference", "S10.11, I101", "an ack does not let its block request go") \
	X(UBLK_ACK_OVERWRITES_RESULT, "ublk-ack-overwrites-result", "S10.11, I101", "an ack overwrites the result that was committed") \
	X(UBLK_COMMIT_COMPLETES, "ublk-commit-completes", "S10.12, I101", "a commit completes the block request although leases are out") \
	X(UBLK_EMPTY_READ_SUCCEEDS, "ublk-empty-read-succeeds", "S10.15", "a block READ committed with 0 bytes is no error") \
	X(UBLK_REST_DROPPED, "ublk-rest-dropped", "S10.15", "the rest of a block request that was served in part is dropped") \
	X(UBLK_ABORT_LOSES_REQUEST, "ublk-abort-loses-request", "S10.17", "a request of a killed server is never completed") \
	X(UBLK_ABORT_NOT_MARKED, "ublk-abort-not-marked", "S10.17", "a request of a killed server completes as if it had been served") \
	X(UBLK_FETCH_NOT_COMPLETED, "ublk-fetch-not-completed", "S10.17", "the fetch commands of a killed server stay with the driver") \
	X(UBLK_COPY_DIRECTION_UNCHECKED, "ublk-copy-direction-unchecked", "S10.19", "user copy reads from a block READ and writes to a WRITE") \
	X(UBLK_COPY_KEEPS_REFERENCE, "ublk-copy-keeps-reference", "S10.19, I101", "a refused user copy keeps its reference on the block request") \
	X(UBLK_COPY_IGNORES_OFFSET, "ublk-copy-ignores-offset", "S10.19", "user copy begins at byte 0 of the request, whatever the position says") \
	X(UBLK_COPY_WITHOUT_FLAG, "ublk-copy-without-flag", "S10.19", "a device without USER_COPY can be copied from and to") \
	/* 11: setup, enter, waiting */ \
	X(DISABLED_RING_SUBMITS, "disabled-ring-submits", "S11.3", "a ring that is not enabled yet takes submissions") \
	X(PARTIAL_SUBMIT_WAITS, "partial-submit-waits", "S11.6", "after a submission that was cut short local work is run nevertheless") \
	X(WAIT_ONE_CQE_LESS, "wait-one-cqe-less", "S11.7", "waiting for CQEs ends one too early") \
	X(OVERFLOW_NOT_FLUSHED, "overflow-not-flushed", "S11.7", "waiting does not move overflown CQEs to the ring") \
	X(SQ_THREAD_SLEEPS_UNSEEN, "sq-thread-sleeps-unseen", "S11.9, S11.10", "the SQ thread falls asleep without setting NEED_WAKEUP") \
	X(RESTRICTIONS_TWICE, "restrictions-twice", "S11.17", "restrictions can be registered twice")
/* clang-format on */

/* Values of gb_config.fault. */
enum gb_fault {
	GB_FAULT_NONE,
#define X(id, name, rules, doc) GB_FAULT_##id,
	GB_FAULT_LIST(X)
#undef X
		GB_FAULT_COUNT,
};

#endif
