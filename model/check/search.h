/* SPDX-License-Identifier: MIT */
/*
 * The search. A state is a world between two steps at which more than one
 * actor could go on, with the monitor that watches it and a digest of what has
 * been observed. An edge is one decision and everything that follows from it up to the
 * next state, or to the end of the run.
 *
 * States are taken from the frontier in batches. Threads expand a batch, which
 * changes nothing they share; then one of them puts what they found into the
 * set of visited states, in the order of the batch. So nothing depends on the
 * number of threads.
 */
#ifndef GROUPBUF_MODEL_CHECK_SEARCH_H
#define GROUPBUF_MODEL_CHECK_SEARCH_H

#include "groupbuf/check.h"
#include "groupbuf/monitor.h"
#include "groupbuf/observe.h"

#include "frontier.h"
#include "hash.h"
#include "visited.h"

#define CK_BATCH	512U /* states expanded before their successors are stored */
#define CK_CHUNK	16U  /* of them, for one thread at a time */
#define CK_CHUNKS	(CK_BATCH / CK_CHUNK)
#define CK_NOTES	16U /* of each kind, what is remembered of a path to divide the search */
#define CK_COMMON_BATCH 64U /* states, instead of CK_BATCH, before it is divided */
#define CK_CHAIN	32U /* steps without a decision before the state is stored all the same */
#define CK_MAX_ASKED	32U /* decisions within one edge */
#define CK_NO_NODE	UINT32_MAX

/* An edge: the alternative of the actor, and which combination of the decisions behind it. */
#define CK_EDGE_BITS	   10U
#define CK_EDGE(pick, nth) ((uint16_t)((pick) << CK_EDGE_BITS | (nth)))

/* What travels with a world. Zero is its start. Everything up to `hazards` belongs to the state. */
struct ck_ctx {
	struct ck_hash wrong; /* hazards and violations: a sum; left alone if the trace states none */
	struct ck_hash story; /* observations in order */
	struct ck_hash side;  /* observations whose order does not count: a sum */
	uint32_t reaped;      /* CQEs taken */
	uint32_t hazards;     /* of this path */
	uint32_t depth;	      /* decisions so far */
	uint16_t last_index;  /* who took the last step but for interrupts: its number, and its kind + 1 */
	uint8_t last_kind;
	uint8_t n_notes[2];	    /* before the search is divided: how many, by enum ck_note, up to CK_NOTES, */
	uint32_t note[2][CK_NOTES]; /* and digests of them */
};

/* What a state never forgets. */
enum ck_note {
	CK_BY_LINE, /* a line of the story */
	CK_BY_POST, /* a CQE that was posted: it is in the ring or in the story */
};

/* Something that went wrong on an edge. */
struct ck_finding {
	enum gb_check_claim_kind kind;
	uint32_t id;		       /* HAZARD: its kind; INVARIANT: its index */
	uint32_t req;		       /* SQE, or GB_NO_REQ */
	const char *function;	       /* HAZARD: where; static */
	bool stops;		       /* HAZARD: the world ends there */
	const char *text;	       /* HAZARD: what; static */
	struct gb_violation violation; /* INVARIANT */
	bool stated;		       /* a line of the trace stands for it, or it does not count */
	bool more;		       /* more requests than are kept */
	struct ck_hash run;	       /* what went wrong in the run so far, from a search */
	struct gb_check_path path;
};

/* What an edge led to. */
enum ck_target { CK_STATE, CK_END, CK_LIMIT };

/* A result of the expansion of one entry. */
struct ck_result {
	struct ck_hash hash; /* of the state, or of the outcome */
	uint16_t item;	     /* of the batch: where it comes from */
	uint16_t edge;
	uint8_t target; /* enum ck_target */
	uint8_t state;	/* enum gb_run_state, at an end */
	uint8_t now;	/* steps that belong to this level */
	uint8_t later;	/* steps that need one preemption more */
	uint32_t depth;
	uint32_t steps; /* of the run so far */
	uint32_t bytes; /* packed form, at `at` of the chunk's bytes; 0 if it was not needed */
	uint32_t form;	/* length of the exact form behind it */
	size_t at;
	uint64_t group; /* to put it aside in, before the search is divided; 0: to explore */
};

/* What one chunk of a batch came to. */
struct ck_chunk {
	struct ck_result *result;
	uint32_t n, room;
	unsigned char *bytes;
	size_t used, size;
	struct ck_finding *finding;
	uint32_t n_findings, findings_room;
	uint64_t steps;
	bool no_memory;
};

/* An entry of the batch. */
struct ck_item {
	struct ck_entry entry;
	size_t at; /* packed bytes */
};

/* The decisions of one edge behind its actor, counted through like an odometer. */
struct ck_odometer {
	uint8_t value[CK_MAX_ASKED], base[CK_MAX_ASKED];
	uint32_t n, at;
	bool full; /* more was asked than it can count */
};

/* The alternatives taken, in the order in which a run is asked. */
struct ck_picks {
	uint32_t *list;
	uint32_t n, room;
	bool no_memory;
};

void ck_picks_add(struct ck_picks *picks, uint32_t pick);
/* Forgets all but the first n. */
void ck_picks_drop(struct ck_picks *picks, uint32_t n);

#define CK_RECENT 1024U /* a power of two */

/* A state that a thread has reached in this batch already, and the steps that will be claimed for it. */
struct ck_recent {
	struct ck_hash hash;
	uint64_t batch;
	uint8_t now;
};

/* One thread's world. */
struct ck_worker {
	struct gb_check *check;
	struct gb_world *world;
	struct gb_monitor *monitor; /* NULL: no invariants */
	uint32_t violations;	    /* of the monitor that have been told */
	size_t head;		    /* bytes of a blob before the world's: ctx and monitor, whole lines */
	bool *exercised;	    /* per invariant: some run has put it to the test */
	uint64_t exercised_set[2];  /* those that this worker has noted there */
	struct ck_ctx ctx;
	struct ck_odometer odo;
	struct gb_choice choice; /* who can act in the state ck_worker_edge has reached */
	struct ck_chunk *to;	 /* where findings go */
	struct gb_check_path edge;
	struct ck_unpacked blob; /* a state unpacked: ctx, monitor, world */
	unsigned char *next;	 /* the head of the state reached */
	unsigned char *trial;	 /* the state before a step that may have to be taken back */
	size_t trial_size;
	struct ck_picks *record; /* of everything that is chosen; NULL: nobody wants to know */
	unsigned char *form;	 /* what is hashed */
	unsigned char *exact;	 /* exact: what is kept of it */
	uint16_t *rename;	 /* names of SQEs in the state it is in; NULL: no members are alike */
	uint16_t *names;	 /* for signatures */
	struct ck_alike *alike;	 /* room to sort a class */
	struct ck_recent *recent;
	bool at_blob; /* it is in that state */
};

/* An outcome as the search knows it. */
struct ck_outcome {
	struct ck_hash hash;
	struct gb_check_path path;
	uint64_t count;
	uint8_t state;
};

/* Members of one group that are alike: `n` SQEs from `first` of gb_check.members on. */
struct ck_class {
	uint32_t leader, last; /* SQEs: of the group */
	uint32_t first, n;
};

/* A member, by what the state says of it. */
struct ck_alike {
	struct ck_hash hash;
	uint16_t sqe;
};

/* How every entry of the frontier was reached. */
struct ck_log {
	uint32_t *parent[1U << 16];
	uint16_t *edge[1U << 16];
};

/* Entries put aside that begin with the same CQEs. */
struct ck_group {
	uint64_t key, entries;
	uint32_t owner; /* shard, from 1 */
};

/* A group that was opened, and what tells its states apart. */
struct ck_opened {
	uint64_t key;
	uint32_t by;
};

/* A search that is not divided yet: divide.c. */
struct ck_division {
	struct ck_frontier aside;
	struct ck_visited seen; /* states put aside, with the steps */
	struct ck_group *group;
	uint32_t n_groups;
	struct ck_opened *open;
	uint32_t n_open, n_before; /* all of them; those before the last round */
	bool opening;		   /* some are being explored as far as to the next line or CQE, */
	uint32_t by;		   /* enum ck_note, */
	uint64_t since, allowance; /* since there were so many states, for so many */
	uint32_t failed;	   /* kinds that did not do */
	bool lopsided;		   /* one shard would have almost all */
};

struct gb_check {
	const struct gb_trace *trace;
	struct gb_check_config config;
	struct ck_hash identity; /* of the trace, as it is printed */
	enum gb_check_outcomes outcomes;
	bool *relevant;		  /* outcomes NONE: SQEs the properties speak of */
	bool positions;		  /* and they ask for positions of CQEs */
	struct ck_class *classes; /* of alike members */
	uint32_t n_classes;
	uint16_t *members;
	uint32_t canonical; /* flags for gb_world_canonical */
	struct ck_visited visited;
	struct ck_frontier frontier;
	struct ck_log *log;
	uint32_t n_nodes;
	uint32_t level;
	struct ck_outcome *outcome;
	uint32_t n_outcomes, outcomes_room;
	uint32_t n_tested;	 /* first: outcomes of which the properties have been asked */
	uint32_t *outcome_table; /* by hash: index + 1 */
	uint32_t outcome_mask;
	struct ck_finding *finding;
	uint32_t n_findings, findings_room;
	struct gb_trace stated;	      /* the trace; its invariants without their steps */
	struct gb_obs *expect;	      /* of it */
	uint32_t n_lines;	      /* hazards and invariants that it states and that count */
	struct ck_visited wrongs;     /* what went wrong in runs that have been looked into */
	struct gb_observer *observer; /* of one run, and the monitor beside it */
	struct gb_monitor *monitor;
	char **string; /* of findings that came from a file */
	uint32_t n_strings;
	unsigned char *start; /* the blob of the start, zeros behind it */
	size_t blob_room, form_room;
	struct ck_worker *worker;
	uint32_t jobs;
	struct ck_item item[CK_BATCH];
	uint32_t n_items;
	bool taken;		      /* the batch is what it is going to be, but not all of it is stored */
	uint32_t chunks_done, stored; /* what is: chunks, and results of the next one */
	uint64_t batch;		      /* its number, from 1 */
	unsigned char *packed;
	size_t packed_used, packed_room;
	struct ck_chunk chunk[CK_CHUNKS];
	uint32_t next_chunk; /* the next one a thread takes */
	struct ck_team *team;
	struct gb_check_stats stats;
	uint64_t memory_peak;	      /* of ck_memory, between batches */
	struct ck_division *division; /* of a shard that does not have its part yet */
	bool divided;		      /* this shard has its part */
	bool lost;		      /* no memory while states were being moved: it cannot go on */
	bool merged;		      /* of several shards: cannot go on */
	bool *part;		      /* merged: which shards are in, from 1 */
	double pairs;		      /* merged: of states of the other shards that could be taken for one */
	bool more_levels;
	bool step_limit;
	double space; /* states there are, as estimated last; 0: it was not */
	/* the judgement */
	struct gb_check_outcome *judged;
	uint32_t n_judged;
	struct gb_check_claim *claim;
	uint32_t n_claims;
};

/* ---- worker.c: one world ---- */

/* How many invariants there are. */
uint32_t ck_invariants(void);

bool ck_worker_init(struct gb_check *check, struct ck_worker *worker, struct gb_error *err);
void ck_worker_free(struct ck_worker *worker);

/* The state as bytes; returns their number. */
size_t ck_worker_save(const struct ck_worker *worker, unsigned char *blob);

/* Its part before the world: worker->head bytes, those of them that are not padding. */
void ck_worker_save_head(const struct ck_worker *worker, unsigned char *blob);

/* Puts a packed state into the worker's world. */
void ck_worker_load(struct ck_worker *worker, const unsigned char *packed);
/* Back to the state in worker->blob. */
void ck_worker_again(struct ck_worker *worker);
void ck_worker_restore(struct ck_worker *worker, const unsigned char *blob, size_t size);

/* Takes the step of alternative `pick` (0 if there is none) and goes on to the next state or the end. */
enum ck_target ck_worker_edge(struct ck_worker *worker, const struct gb_choice *choice, uint32_t pick,
			      enum gb_run_state *state);

/* The next combination of decisions within an edge; false behind the last. */
bool ck_odometer_next(struct ck_odometer *odo);

/* ---- explore.c ---- */

/* Room for so many packed bytes more in the batch. */
bool ck_batch_room(struct gb_check *check, size_t need);
/* Tells by check->space how much has been seen. */
void ck_fraction(struct gb_check *check);

/* ---- symmetry.c ---- */

/* Finds the members that are alike; false if there is no memory. */
bool ck_symmetry_find(struct gb_check *check);
/* The first of the SQEs that are like this one: itself, if none is. */
uint32_t ck_symmetry_first(const struct gb_check *check, uint32_t sqe);
/* The names under which states that differ by alike members only have one form: worker->rename. */
void ck_symmetry_names(struct ck_worker *worker);

/* ---- watch.c: what is observed ---- */

/* What an event or a violation says that went wrong. */
struct ck_finding ck_hazard_finding(const struct gb_event *event);
struct ck_finding ck_violation_finding(const struct gb_violation *violation);

/* Tells the monitor's violations that are new. */
void ck_watch_violations(struct ck_worker *worker);

/* The events that are observed, without those the monitor needs: a set of GB_EV_BITs. */
#define CK_OBSERVED                                                                                           \
	(GB_EV_BIT(REAP) | GB_EV_BIT(SUBMITTED) | GB_EV_BIT(REGISTERED) | GB_EV_BIT(STUCK) | GB_EV_BIT(GOT) | \
	 GB_EV_BIT(WROTE) | GB_EV_BIT(LEASE) | GB_EV_BIT(ACK) | GB_EV_BIT(BLK_DONE) | GB_EV_BIT(BLK_FINAL) |  \
	 GB_EV_BIT(FINAL) | GB_EV_BIT(HAZARD))

/* A gb_event_fn; `user` is a worker. */
void ck_watch(void *user, const struct gb_event *event);

/* ---- generated ---- */

/* A hash of all sources of the library: who has another one has other states. */
extern const char ck_sources[65];

/* ---- divide.c ---- */

bool ck_division_init(struct gb_check *check);
void ck_division_free(struct gb_check *check);
void ck_division_note(struct ck_ctx *ctx, enum ck_note kind, struct ck_hash digest);
/* The group in which a state is put aside; 0: it has to be explored before the search can be divided. */
uint64_t ck_division_group(const struct gb_check *check, const struct ck_ctx *ctx);
/* Puts a state aside; false if there is no memory, then nothing has changed. */
bool ck_division_put(struct gb_check *check, const struct ck_entry *entry, const void *packed, uint32_t level);
/* Between batches: opens groups or divides, if it is time to. False if there is no memory. */
bool ck_division_go_on(struct gb_check *check);
/* Nothing if it is divided. */
bool ck_division_save(const struct gb_check *check, struct ck_file *file);
bool ck_division_load(struct gb_check *check, struct ck_file *file);

/* ---- memory.c ---- */

/* Bytes of what grows with the search. */
uint64_t ck_memory(const struct gb_check *check);
/* Moves waiting states to the file until `most` bytes are held; false if that cannot be reached. */
bool ck_memory_keep(struct gb_check *check, uint64_t most);
/* What a batch has found, which expanding it again finds again: room for the report. */
void ck_memory_drop_results(struct gb_check *check);
/* Half of what is held in memory, because there is no more to be had; false if nothing could be given back. */
bool ck_memory_give_back(struct gb_check *check);

/* ---- expand.c ---- */

/* Explores the entries of chunk `index` of the batch. */
void ck_expand(struct ck_worker *worker, uint32_t index);
/*
 * The word of the state the worker is in, NULL if it is not known; its hash; and
 * the bits that are set there once alternative `pick` has been taken care of.
 */
const uint64_t *ck_state_mark(struct ck_worker *worker, uint32_t pick, struct ck_hash *hash, uint8_t *mark);

/* ---- team.c: threads ---- */

/* Expands the batch with all workers. */
void ck_team_expand(struct gb_check *check);
bool ck_team_start(struct gb_check *check);
void ck_team_stop(struct gb_check *check);

/* ---- commit.c ---- */

/* Stores what the batch found; false if there is no memory: called again after expanding it again, it goes on there. */
bool ck_commit(struct gb_check *check);
/* Makes room for one more: adding it cannot fail. */
bool ck_log_reserve(struct gb_check *check);
bool ck_log_add(struct gb_check *check, uint32_t parent, uint16_t edge);
/* Adds an outcome, or counts it if it is known. */
bool ck_add_outcome(struct gb_check *check, const struct ck_outcome *outcome);

/* ---- stated.c: what went wrong, and what of it the trace states ---- */

bool ck_stated_init(struct gb_check *check);
void ck_stated_free(struct gb_check *check);
/* Does the trace state something of this SQE? */
bool ck_stated_names(const struct gb_check *check, uint32_t sqe);
/* How many lines of the trace state findings of this kind. */
uint32_t ck_stated_lines(const struct gb_check *check, const struct ck_finding *finding);
/* A finding of the search: keeps what is new in it. The node of its path must be logged. False: no memory. */
bool ck_add_finding(struct gb_check *check, const struct ck_finding *finding);
/* Keeps a finding that has been looked into, unless it is known. */
bool ck_keep_finding(struct gb_check *check, const struct ck_finding *finding);
bool ck_forget_findings(struct gb_check *check);
/* Has anything been found that the trace does not state? */
bool ck_has_violation(const struct gb_check *check);
/* Repeats a run for check->observer and check->monitor, up to its end or that of the path. False: no memory. */
bool ck_observe(struct gb_check *check, struct gb_check_path path, enum gb_run_state *state);

/* ---- judge.c ---- */

/* Is a property false of an outcome that is new since the last call? False: no memory. */
bool ck_test_properties(struct gb_check *check, bool *violated);
/* Has any run put the invariant to the test? */
bool ck_was_exercised(const struct gb_check *check, uint32_t invariant);
void ck_judge_free(struct gb_check *check);

/* ---- path.c ---- */

/* Repeats a path: every choice is told to `choose`, every event to `event`. Returns how it ended. */
struct ck_repeat {
	gb_event_fn event;
	void *event_user;
	bool (*choice)(void *user, const struct gb_choice *choice, uint32_t taken); /* false: stop */
	void *choice_user;
};
bool ck_path_repeat(struct gb_check *check, struct gb_check_path path, const struct ck_repeat *repeat,
		    enum gb_run_state *state);

#endif
