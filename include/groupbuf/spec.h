/* SPDX-License-Identifier: MIT */
/*
 * The specification: what every request of a program may end with, in which
 * order, and what a leased buffer must hold when it goes back. It is written
 * from the rules of the design and knows nothing of sim/; it judges one run by
 * the program and by what an outside observer sees of it (docs/specification.md).
 */
#ifndef GROUPBUF_SPEC_H
#define GROUPBUF_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "groupbuf/event.h"
#include "groupbuf/trace.h"
#include "groupbuf/world.h"

#define GB_SPEC_VARIANT(id) (1U << GB_VARIANT_##id)

/*
 * X(ID, number, known, variant, sentence): what can be found. `known` names the
 * deviation of V9 as posted (D-numbers of invariants.md, A-numbers of
 * semantics.md), "" if there is none: then the run, or this specification, is
 * wrong. With a switch of `variant` on the finding must not come up. In the
 * sentence %r is the request, %o another one, %a and %b are numbers.
 */
#define GB_SPEC_RULE_LIST(X)                                                                                           \
	/* submission */                                                                                               \
	X(INIT, "S2.6", "", 0, "the initialisation of %r gives %a, the rules say %b")                                  \
	X(PREP, "S2.6", "", 0, "the initialisation of %r gives %a, which its opcode does not")                         \
	X(PREP_USER, "I69", "D31", 0, "%r takes its offset in the group buffer for a user address and fails with %a")  \
	X(BATCH, "S2.4", "", 0, "a submission consumed %a SQEs, the rules say %b")                                     \
	X(ISSUED_FAILED, "I18", "", 0, "%r failed in assembly and is issued")                                          \
	X(ISSUED_LEADER, "I18", "D3", GB_SPEC_VARIANT(FAILED_LEADER_STAYS),                                            \
	  "leader %r failed in assembly and is issued behind the head of its chain")                                   \
	X(CHAIN_RUNS, "S2.13", "", 0, "%r is issued although %o of its chain failed in assembly")                      \
	X(CHAIN_RUNS_GROUP, "I17", "D3", 0, "%r is issued although the group of %o in its chain failed in assembly")   \
	X(ASSEMBLY, "I16", "", 0, "%r ends with %a, a failed assembly gives it %b")                                    \
	X(EARLY_ISSUE, "I7", "", 0, "%r is issued before %o, the last SQE of its group or chain, was read")            \
	/* failure across requests */                                                                                  \
	X(MEMBER_RUNS, "I43", "", 0, "member %r is issued although leader %o failed")                                  \
	X(MEMBER_IDLE, "I24", "", 0, "member %r is not issued although leader %o succeeded: %a")                       \
	X(MEMBER_ERRNO, "I24", "", 0, "member %r of failed leader %o ends with %a instead of %b")                      \
	X(MEMBER_NODE, "I65", "", 0, "%r asks for the group buffer and holds a registered one: %a")                    \
	X(NEXT_RUNS, "I46", "", 0, "%r is issued although %o in front of it failed")                                   \
	X(NEXT_ERRNO, "S5.24", "", 0, "%r behind the failed %o ends with %a instead of %b")                            \
	X(NO_FAILURE, "I47", "A10", GB_SPEC_VARIANT(FSYNC_FAILS), "%r goes on although %o ended with %a")              \
	X(NO_FAILURE_ABI, "I47", "A10", 0, "%r goes on although %o ended with %a")                                     \
	X(NO_FAILURE_IOPOLL, "I47", "IOPOLL", 0, "%r goes on although %o ended with %a")                               \
	X(UNISSUED, "S3.2", "", 0, "%r ends with %a without having been issued, and nothing explains it")              \
	X(NO_FILE, "S3.2", "", 0, "%r is issued although descriptor %a is not open")                                   \
	X(LINK_TIMEOUT, "S8.32", "", 0, "link timeout %r ends with %a")                                                \
	X(LEADER_TIMEOUT, "I13", "D6", 0, "link timeout %r is accepted for the group of %o")                           \
	/* completion entries */                                                                                       \
	X(RESULT, "S8", "", 0, "%r ends with %a, which its opcode does not allow here")                                \
	X(EXACT, "S8", "", 0, "%r ends with %a instead of %b")                                                         \
	X(OWN_RESULT, "I38", "", 0, "the CQE of %r says %a, its operation ended with %b")                              \
	X(LOST, "I6", "", 0, "%r has no completion")                                                                   \
	X(LOST_LONE, "I3", "D1", GB_SPEC_VARIANT(LONE_LEADER_EINVAL),                                                  \
	  "%r has no completion: %o is a leader without members")                                                      \
	X(LOST_CHAIN, "I8", "D2", GB_SPEC_VARIANT(CUT_CHAIN_DISPATCH),                                                 \
	  "%r has no completion: its chain ends in the group of %o, which the end of the batch cut")                   \
	X(LOST_FETCH, "I77", "D50", GB_SPEC_VARIANT(LEASE_REFUSED_PUTS),                                               \
	  "%r has no completion: a refused lease kept its block request")                                              \
	X(LOST_TRACKED, "I61", "D4", 0, "%r has no completion: %o keeps the ring open and nothing finds it")           \
	X(LOST_WAITING, "I97", "D37", 0, "%r has no completion: it waits for a command that its driver keeps")         \
	X(TWICE, "I6", "", 0, "%r has %a final CQEs")                                                                  \
	X(POSTS, "I39", "", 0, "%r posts %a although it succeeded and its success was to be skipped")                  \
	X(POSTS_SILENT, "S5.23", "", 0, "%r posts %a although the failure of %o silences the chain behind it")         \
	X(POSTS_GROUP, "I41", "D5", 0, "%r posts %a although the failure of %o silences the chain behind it")          \
	X(SILENT, "I6", "", 0, "%r posts no CQE for %a, and nothing silences it")                                      \
	X(LEADER_LAST, "I36", "", 0, "leader %r posts before its member %o")                                           \
	X(BACK_TO_BACK, "S5.15", "", 0, "leader %r posts at %a, its last member %o at %b")                             \
	X(NOTIFIED, "I40", "", 0, "the notification of %r comes before its result")                                    \
	X(NOTIFIED_LEADER, "I40", "D9", 0, "the notification of leader %r comes before its result")                    \
	X(CHAIN_ORDER, "B7", "", 0, "%r posts before %o, which it is linked behind")                                   \
	X(CHAIN_ORDER_GROUP, "I48", "D45", 0, "%r of a cancelled chain posts before the group of %o in front of it")   \
	X(MEMBER_EARLY, "I20", "", 0, "member %r is issued before leader %o is done")                                  \
	X(NEXT_EARLY, "I49", "", 0, "%r is issued before %o, which it is linked behind, has completed")                \
	X(DRAIN_EARLY, "I51", "", 0, "%r drains and is issued before %o has completed")                                \
	X(DRAIN_COUNT, "I51", "S2.37", 0, "%r drains and is issued before %o has completed, for later CQEs count")     \
	X(DRAIN_MEMBER, "I53", "D7", 0, "%r ends with %a instead of %b: a member inherits the drain that was its own") \
	X(DRAIN_NEXT, "I53", "D7", 0, "%r inherits a drain and is issued before %o has completed")                     \
	/* leased buffers */                                                                                           \
	X(LEASE, "I73", "", 0, "the lease of %r gives %a instead of %b")                                               \
	X(LEASE_TWICE, "I75", "D36", GB_SPEC_VARIANT(ONE_LEASE), "leader %r leases a second time and ends with %a")    \
	X(NO_IMPORT, "I69", "", 0, "%r is issued and does not ask for the buffer of %o")                               \
	X(IMPORT_ARGS, "I68", "", 0, "%r imports %a bytes, its SQE says %b")                                           \
	X(IMPORT_TWICE, "I84", "", 0, "%r imports the buffer of %o again")                                             \
	X(IMPORT_LEASE, "I67", "", 0, "the import of %r gives %a instead of %b: %o has leased nothing")                \
	X(IMPORT_DIR, "I81", "", 0, "the import of %r gives %a instead of %b for the direction of the buffer")         \
	X(IMPORT_BOUNDS, "I82", "", 0, "the import of %r gives %a instead of %b for its bounds")                       \
	X(IMPORT_RESULT, "I86", "", 0, "%r was refused the buffer of its leader and ends with %a")                     \
	X(IGNORES, "I66", "D30", 0, "the opcode of %r ignores the group buffer it asks for")                           \
	X(IGNORES_VECTOR, "I66", "D32", 0, "%r takes a user's iovec for an offset in the group buffer")                \
	X(DEAD_NO_LEASE, "I67", "D20", GB_SPEC_VARIANT(NO_LEASE_EINVAL), "the kernel dies: %r has no lease to use")    \
	X(DEAD_LEADER, "I18", "D3", GB_SPEC_VARIANT(FAILED_LEADER_STAYS),                                              \
	  "the kernel dies: leader %r failed in assembly and is issued")                                               \
	X(DEAD_SLOT, "I104", "A9", 0, "the kernel dies: the registered buffer of %r is taken for a mark")              \
	X(DEAD, "I6", "", 0, "the kernel dies in %r")                                                                  \
	X(SOURCE, "I88b", "", 0, "the buffer of %r is a source and is not what was leased")                            \
	X(MOVED, "I83", "", 0, "%a bytes of the buffer of %r have been written, its members say they moved %b")        \
	X(OUTSIDE, "I88a", "", 0, "%a bytes of the buffer of %r have been written, its members may write %b")          \
	X(USER_ZEROED, "I88a", "D21, D22", GB_SPEC_VARIANT(ZERO_ONLY_LEASE), "%r zeroes %a bytes of user memory")      \
	X(TAIL, "I87", "", 0, "%a bytes of the buffer of %r are neither written nor zeroed by %o")                     \
	X(TAIL_ERROR, "I87", "D24 to D29, A11", 0,                                                                     \
	  "%a bytes of the buffer of %r are neither written nor zeroed by %o")                                         \
	X(BYTES, "I83", "", 0, "the buffer of %r does not hold what its members read")                                 \
	X(BYTES_DIRECT, "I88", "D23", GB_SPEC_VARIANT(DIRECT_ITER_CONSUMED),                                           \
	  "the buffer of %r does not hold what %o read from a block device")                                           \
	X(ACKS, "I89", "", 0, "the buffer of %r was leased %b times and came back %a times")                           \
	X(ACK_WAITS, "I97", "D37", 0,                                                                                  \
	  "the buffer of %r was leased %b times and came back %a times, for a member waits")                           \
	X(ACK_EARLY, "I90", "", 0, "the buffer of %r goes back before %o has completed")                               \
	X(ACK_USED, "I90", "", 0, "%r touches the buffer of %o after it went back")                                    \
	/* conduct: what a single step can break */                                                                    \
	X(WORKER_POSTS, "S5.12", "", 0, "a worker posts the CQE of %r itself")                                         \
	X(EARLY_POST, "S2.5", "", 0, "%r posts before its batch has been read")                                        \
	X(MEMBER_ORDER, "I22", "", 0, "member %r of %o was queued as number %a and runs as number %b")                 \
	X(NOWAIT_WAITS, "S3.6", "", 0, "%r must not wait and waits for its file")                                      \
	X(POLL_FIRST, "S8.12", "", 0, "%r wants to be polled first and ends with %a at its first issue")               \
	X(RESTRICTED_AGAIN, "S11.17", "", 0, "restrictions are registered a second time")                              \
	X(INLINE, "S7.7", "", 0, "%r is done by an issue that must not wait, on a file that always waits")             \
	X(ERROR_INLINE, "S7.12", "", 0, "the write error %a of %r does not come through task work")                    \
	X(DEAD_POLL, "S3.11", "", 0, "%r waited for its file when its task or ring went away and ends with %a")        \
	X(DEAD_MEMBER, "S4.12", "", 0, "member %r of %o could not be issued for a dead task and ends with %a")         \
	X(HASHED, "S3.14", "", 0, "%r writes to a regular file and goes to io-wq without its hash")                    \
	X(EVENTS, "S8.23", "", 0, "poll %r reports %a, it asked for %b")                                               \
	X(MULTISHOT_ENDS, "S8.24", "", 0, "multishot poll %r ends with %a")                                            \
	X(CANCEL_MATCH, "S9.1", "", 0, "%o cancels %r, which is not what it asks for")                                 \
	X(CANCEL_COUNT, "S9.3", "", 0, "cancellation %r says %a, it took %b")                                          \
	X(CANCEL_LEFT, "S9.3", "", 0, "%r waits on although %o cancels all that is like it")                           \
	X(CANCEL_ORDER, "S9.2", "", 0, "%o cancels %r, which waits for a file, behind a timeout")                      \
	X(REMOVED_FIRES, "S8.30", "", 0, "timeout %r fires after it was taken away")                                   \
	X(LTIMEOUT_RESULT, "S8.32", "", 0, "linked timeout %r of %o ends with %a instead of %b")                       \
	X(LTIMEOUT_BLIND, "S8.32", "", 0, "linked timeout %o does not find %r, which waits for its file")              \
	X(BUFFER_ORDER, "S8.41", "", 0, "%r gets provided buffer %a, the next one is %b")                              \
	X(BUFFER_LENGTH, "S8.41", "", 0, "%r uses %a bytes of a provided buffer of %b")                                \
	X(BUFFER_ID, "S8.41", "", 0, "the CQE of %r names provided buffer %a, it has %b")                              \
	X(BUFFER_COUNT, "S8.40", "", 0, "%r removes %a buffers, it should be %b")                                      \
	X(BLK_RESULT, "S10.15", "", 0, "block request number %a ends, or goes on, with %b, which was not committed")   \
	X(BLK_OFFSET, "S10.8", "", 0, "the buffer of a block request begins at byte %a, %b are done")

enum gb_spec_rule_id {
#define X(id, ...) GB_SPEC_##id,
	GB_SPEC_RULE_LIST(X)
#undef X
		GB_SPEC_RULES,
};

/* One row of the table. */
struct gb_spec_rule {
	const char *name;     /* "MEMBER_RUNS" */
	const char *number;   /* invariant or rule: "I43", "S5.24" */
	const char *known;    /* deviation of V9 as posted, "" if none */
	uint32_t variant;     /* switches that repair it, 0 if none does */
	const char *sentence; /* with %r, %o, %a, %b */
};

/* The row of a rule; NULL behind the last one. */
const struct gb_spec_rule *gb_spec_rule_at(uint32_t rule);

/* What a run did against a rule. */
struct gb_spec_finding {
	uint16_t rule;	     /* enum gb_spec_rule_id */
	uint32_t req, other; /* SQEs, or GB_NO_REQ */
	int64_t n[2];
};

struct gb_spec;

/* The specification of runs of `trace`, which must outlive it; NULL if there is no memory. */
struct gb_spec *gb_spec_new(const struct gb_trace *trace);
void gb_spec_free(struct gb_spec *spec);

/* Forgets everything seen, for the next run. */
void gb_spec_reset(struct gb_spec *spec);

/* A gb_event_fn; `user` is the specification. It collects; nothing is allocated. */
void gb_spec_event(void *user, const struct gb_event *event);

/*
 * Judges the run, which is over in this state, and returns the number of
 * findings. A run that did not finish is judged by what it did, not by what
 * it did not come to. The list belongs to the specification, until reset.
 */
uint32_t gb_spec_judge(struct gb_spec *spec, enum gb_run_state state);
const struct gb_spec_finding *gb_spec_list(const struct gb_spec *spec);

/* The finding in words, "I43: member b is issued although leader a failed", malloced; NULL if there is no memory. */
char *gb_spec_print(const struct gb_trace *trace, const struct gb_spec_finding *finding);

/*
 * How the specification judges results of an opcode: a sentence of the table
 * in docs/specification.md. NULL for an opcode that is not simulated.
 */
const char *gb_spec_opcode_rule(uint8_t opcode);

#endif
