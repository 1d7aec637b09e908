/* SPDX-License-Identifier: MIT */
/*
 * One leased SQE group in Promela, for the comparison of bench_check with SPIN:
 * a leader that leases a buffer and completes at once, fails, or completes from
 * an interrupt, and N members that read into it. Each issue of a member ends in
 * one of the ways a file with `outcomes=any` can answer.
 *
 * spin -a -DN=5 group.pml && gcc -O3 -DSAFETY -o pan pan.c && ./pan -m1000000
 *
 * The steps are those of the simulator: one item of task work, one flush, one
 * pick, issue, completion or put of a worker, one interrupt, one wake-up.
 */
#ifndef N
#define N 3
#endif
#define LEADER N	/* members are 0 .. N-1 */
#define WORKERS 2

mtype = { issue, complete };	/* what an item of task work does */

chan tw = [2 * N + 2] of { mtype, byte };	/* task work, FIFO */
chan wq = [N + 1] of { byte };			/* io-wq, FIFO */

bit flight[N + 1];	/* an interrupt is to come */
bit armed[N];		/* waits for poll */
bit polled[N];		/* has waited: may not wait again */
bit fail[N + 1];	/* marked failed */
bit done[N];		/* its CQE is posted */
bit using[N];		/* somebody moves bytes of the buffer for it */
byte reqs[N];		/* references that keep the request */

byte comp[N + 1];	/* completion list of the task */
byte comps;
byte refs = N + 1;	/* the leader's group count */
bit leased, leader_cqe, over;
byte acks;
byte cqes;

inline ack() {
	leased = 0;
	acks++;
	assert(acks == 1);
	assert(refs == 0 && leader_cqe)
}

/* The two-pass flush: CQEs and counts first, then members are queued, the buffer goes back. */
inline flush() {
	d_step {
		i = 0;
		do
		:: i < comps ->
			if
			:: comp[i] == LEADER -> refs--
			:: else ->
				assert(!done[comp[i]] && !leader_cqe);
				done[comp[i]] = 1;
				cqes++;
				if
				:: fail[comp[i]] -> fail[LEADER] = 1
				:: else
				fi;
				refs--;
				if
				:: refs == 0 -> leader_cqe = 1; cqes++; assert(cqes == N + 1)
				:: else
				fi
			fi;
			i++
		:: else -> break
		od;
		i = 0;
		do
		:: i < comps ->
			if
			:: comp[i] == LEADER ->
				j = 0;
				do
				:: j < N ->
					if
					:: fail[LEADER] -> fail[j] = 1; tw!complete(j)
					:: else -> tw!issue(j)
					fi;
					j++
				:: else -> break
				od
			:: else
			fi;
			comp[i] = 0;
			i++
		:: else -> break
		od;
		comps = 0;
		i = 0;
		j = 0;
		if
		:: refs == 0 && leased -> ack()
		:: else
		fi
	}
}

/* The bytes of member m move: the buffer must still be ours. */
inline touch(m) {
	assert(leased && acks == 0)
}

active proctype task() {
	byte m, i, j, left;
	mtype what;

	/* the leader is issued: leases, then answers */
	leased = 1;
	if
	:: comp[comps] = LEADER; comps++
	:: fail[LEADER] = 1; comp[comps] = LEADER; comps++
	:: flight[LEADER] = 1
	fi;
	flush();
	do
	:: atomic { len(tw) > 0 -> left = len(tw) };	/* takes the list, runs it, flushes */
		do
		:: left > 0 ->
			atomic {
				tw?what(m);
				left--;
				if
				:: what == complete -> comp[comps] = m; comps++
				:: what == issue ->
					if
					:: touch(m); comp[comps] = m; comps++
					:: fail[m] = 1; comp[comps] = m; comps++		/* error */
					:: flight[m] = 1					/* asynchronous */
					:: !polled[m] -> polled[m] = 1; armed[m] = 1		/* would block: poll */
					:: reqs[m] = 2; wq!m					/* would block: io-wq */
					fi
				fi;
				m = 0;
				what = 0
			}
		:: else -> break
		od;
		flush()
	:: leader_cqe && len(tw) == 0 -> break
	od;
	over = 1;
	assert(acks == 1 && !leased && cqes == N + 1)
}

/* The interrupt of a device, the waker of a pipe: one alternative for each request. */
#define IRQ(m)                                                        \
	:: atomic { flight[m] ->                                      \
		flight[m] = 0;                                        \
		if                                                    \
		:: m != LEADER -> assert(leased && acks == 0)         \
		:: else                                               \
		fi;                                                   \
		if                                                    \
		:: tw!complete(m)                                     \
		:: fail[m] = 1; tw!complete(m)                        \
		fi }
#define WAKE(m) :: atomic { armed[m] -> armed[m] = 0; tw!issue(m) }

#if N >= 4
#define EACH4(X) X(3)
#else
#define EACH4(X)
#endif
#if N >= 5
#define EACH5(X) X(4)
#else
#define EACH5(X)
#endif
#if N >= 6
#define EACH6(X) X(5)
#else
#define EACH6(X)
#endif
#if N >= 7
#define EACH7(X) X(6)
#else
#define EACH7(X)
#endif
#if N >= 8
#define EACH8(X) X(7)
#else
#define EACH8(X)
#endif
#define EACH(X) X(0) X(1) X(2) EACH4(X) EACH5(X) EACH6(X) EACH7(X) EACH8(X)

active proctype irq() {
end:
	do
	EACH(IRQ)
	IRQ(LEADER)
	od
}

active proctype outside() {
end:
	do
	EACH(WAKE)
	od
}

/* An io-wq worker: pick, issue, completion, put. */
active [WORKERS] proctype worker() {
	byte m;
end:
	do
	:: wq?m;
		touch(m);
		tw!complete(m);
		atomic { reqs[m]--; m = 0 }
	od
}
