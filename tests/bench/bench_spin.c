/* SPDX-License-Identifier: MIT */
/*
 * Time to the verdict on one leased group: groupbuf check on the implementation
 * against SPIN on a Promela model of the same protocol (spin/group.pml), in one
 * run. SPIN has its partial order reduction on and knows no symmetry, so ours
 * is measured with and without it. Interrupts come in any order in both
 * (time_races), and the invariants are watched.
 *
 * GB_BENCH_SPIN_SECONDS and GB_BENCH_SPIN_MIB bound each run of SPIN.
 */
#include "groupbuf/check.h"

#include "bench.h"

enum { LEAST = 3, MOST = 8, MOST_SPIN = 6, MOST_PLAIN = 5 };

/* A verdict, and what it took. */
struct verdict {
	char result[16];
	double seconds, states, transitions, bytes;
};

static struct gb_trace *group_trace(int members)
{
	struct bench_text t = {0};

	bench_line(&t, "lessor dev\nfile disk size=4096 nowait=1 outcomes=any");
	bench_line(&t, "sqe l LEASE fd=dev dir=dest len=4096 mode=any flags=SQE_GROUP");
	for (int k = 0; k < members; k++)
		bench_line(&t, "sqe m%d READ fd=disk off=0 len=512 addr=0 flags=GROUP_BUF%s", k,
			   k < members - 1 ? "|SQE_GROUP" : "");
	bench_line(&t, "submit\nreap");
	return bench_parse(&t);
}

static void check(int members, uint32_t reductions, struct verdict *out)
{
	struct gb_trace *trace = group_trace(members);
	struct gb_check_config config;
	struct gb_check_stats stats;
	struct gb_check *check = NULL;
	struct gb_error err;
	uint64_t start = bench_now();
	enum gb_check_end end;

	gb_check_defaults(&config);
	config.outcomes = GB_CHECK_NONE;
	config.time_races = true;
	config.reductions = reductions;
	if (gb_check_new(trace, &config, &check, &err) != GB_OK)
		bench_die(err.text);
	end = gb_check_run(check);
	stats = gb_check_stats(check);
	snprintf(out->result, sizeof(out->result), "%s", end == GB_CHECK_COMPLETE ? "ok" : "ended");
	out->seconds = (double)(bench_now() - start) / 1e9;
	out->states = (double)stats.at.states;
	out->transitions = (double)stats.at.transitions;
	out->bytes = (double)stats.visited_bytes / out->states;
	gb_check_free(check);
	gb_trace_free(trace);
}

static const char *setting(const char *name, const char *otherwise)
{
	const char *value = getenv(name);

	return value && *value ? value : otherwise;
}

/* RESULT SECONDS STATES TRANSITIONS BYTES */
static bool read_verdict(const char *line, struct verdict *out)
{
	double *const number[] = {&out->seconds, &out->states, &out->transitions, &out->bytes};
	const size_t n = strcspn(line, " \n");
	const char *at = line + n;

	if (!n || n >= sizeof(out->result))
		return false;
	memcpy(out->result, line, n);
	out->result[n] = '\0';
	for (size_t k = 0; k < sizeof(number) / sizeof(number[0]); k++) {
		char *end;

		*number[k] = strtod(at, &end);
		if (end == at)
			return false;
		at = end;
	}
	return true;
}

/* False if there is no SPIN on this machine. */
static bool spin(int members, struct verdict *out)
{
	char command[512];
	FILE *pipe;
	char line[128];
	bool ok;

	snprintf(command, sizeof(command), "'%s/tests/bench/spin/pan.sh' %d '%s' '%s'", GB_SOURCE_DIR, members,
		 setting("GB_BENCH_SPIN_SECONDS", "120"), setting("GB_BENCH_SPIN_MIB", "6000"));
	fflush(NULL);
	pipe = popen(command, "r");
	if (!pipe)
		return false;
	ok = fgets(line, sizeof(line), pipe) && read_verdict(line, out);
	return pclose(pipe) == 0 && ok;
}

static void print(const char *who, int members, const struct verdict *v)
{
	printf("%-32s %2d  %-7s %9.2f s %12.0f %12.0f %8.1f\n", who, members, v->result, v->seconds, v->states,
	       v->transitions, v->bytes);
	fflush(stdout);
}

int main(void)
{
	bool have_spin = true;

	printf("%-32s %2s  %-7s %11s %12s %12s %8s\n", "a leased group and its members", "N", "verdict", "time",
	       "states", "transitions", "B/state");
	for (int n = LEAST; n <= MOST; n++) {
		struct verdict ours = {0}, plain = {0}, theirs = {0};

		check(n, GB_CHECK_ALL_REDUCTIONS, &ours);
		print("groupbuf check", n, &ours);
		if (n <= MOST_PLAIN) {
			check(n, GB_CHECK_VISITED | GB_CHECK_COMMUTE, &plain);
			print("the same without symmetry", n, &plain);
		}
		have_spin = have_spin && n <= MOST_SPIN && spin(n, &theirs);
		if (!have_spin)
			continue;
		print("SPIN", n, &theirs);
		printf("SPIN takes %s%.0f times as long", strcmp(theirs.result, "ok") == 0 ? "" : "more than ",
		       theirs.seconds / ours.seconds);
		if (plain.seconds > 0)
			printf(", %.1f times without symmetry", theirs.seconds / plain.seconds);
		printf("\n");
	}
	return 0;
}
