/* SPDX-License-Identifier: MIT */
/*
 * A group of a leader that leases 16 KiB for reading into, and three READ
 * members that fill it from a file, as a ublk server would: nanoseconds per
 * group. Reads of a regular file go to io-wq, so that is in it as well. As a
 * measure of what the bytes alone cost: the same groups with members that
 * read nothing.
 */
#include "bench.h"

enum { GROUPS = 64, RUNS = 4, SIZE = 16384 };

static struct gb_trace *lease_trace(const int len[3])
{
	struct bench_text t = {0};

	bench_line(&t, "file f size=%d", SIZE);
	bench_line(&t, "lessor dev");
	for (int g = 0; g < GROUPS; g++) {
		int at = 0;

		bench_line(&t, "sqe l%d LEASE fd=dev dir=dest len=%d segs=4 flags=SQE_GROUP", g, SIZE);
		for (int m = 0; m < 3; m++) {
			bench_line(&t, "sqe m%d_%d READ fd=f off=%d addr=%d len=%d flags=GROUP_BUF%s", g, m, at, at,
				   len[m], m < 2 ? "|SQE_GROUP" : "");
			at += len[m];
		}
		bench_line(&t, "submit\nwait 4");
	}
	return bench_parse(&t);
}

static void measure(const char *name, const int len[3])
{
	struct bench_sample sample = {0};
	struct gb_trace *trace = lease_trace(len);
	struct gb_world *world = bench_world(trace);

	for (int r = 0; r < BENCH_ROUNDS; r++) {
		const uint64_t start = bench_now();

		for (int k = 0; k < RUNS; k++)
			bench_run(world);
		bench_add(&sample, start, bench_now(), (double)RUNS * GROUPS);
	}
	bench_print(name, &sample);
	gb_world_destroy(world);
	gb_trace_free(trace);
}

int main(void)
{
	static const int thirds[3] = {5464, 5464, 5456}, nothing[3] = {0, 0, 0};

	bench_head("leader leasing 16 KiB, 3 READ members");
	measure("per group", thirds);
	measure("per group, members of length 0", nothing);
	return 0;
}
