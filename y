#!/bin/sh
# SPDX-License-Identifier: MIT
# The one door to the project: builds, tests and runs it on a fresh Debian machine.
set -eu

usage() {
	cat <<'END'
Usage: ./x COMMAND [ARGUMENT]...

  run [OPTION]... FILE...  build, then `groupbuf run` (./x run --help)
  test [REGEX]             build with sanitizers and run every test (or those REGEX names)
  build                    build everything with -O3
  format                   clang-format every file
  lint                     clang-format, gcc and clang with -Werror, clang-tidy, the rules of the house
  coverage                 lines and branches per directory; fails below tests/coverage-floor
  bench [NAME]...          the benchmarks
  help                     this text

What is missing is installed with apt-get. JOBS=N sets the number of jobs.
END
}

top=$(cd "$(dirname "$0")" && pwd)
jobs=${JOBS:-$(nproc 2>/dev/null || echo 2)}
log=

say() { printf '%s\n' "$*" >&2; }

die() {
	say "x: $*"
	exit 2
}

# --- what has to be installed ------------------------------------------------

has_header() { # Not every compiler is there yet, so look for the file
	for dir in /usr/include /usr/include/*-linux-gnu /usr/local/include; do
		[ -e "$dir/$1" ] && return 0
	done
	return 1
}

# Names the packages that are missing for a purpose: build, test, lint, coverage, bench.
missing() {
	command -v gcc >/dev/null || printf 'gcc libc6-dev '
	command -v cmake >/dev/null || printf 'cmake '
	command -v ninja >/dev/null || printf 'ninja-build '
	command -v bison >/dev/null || printf 'bison '
	has_header jansson.h || printf 'libjansson-dev '
	[ "$1" = build ] && return
	has_header cmocka.h || printf 'libcmocka-dev '
	case $1 in
	lint)
		command -v clang >/dev/null || printf 'clang '
		command -v clang-format >/dev/null || printf 'clang-format '
		command -v clang-tidy >/dev/null || printf 'clang-tidy '
		;;
	coverage) command -v lcov >/dev/null || printf 'lcov ' ;;
	bench) has_header liburing.h || printf 'liburing-dev ' ;;
	esac
}

apt() {
	if [ "$(id -u)" -eq 0 ]; then
		DEBIAN_FRONTEND=noninteractive apt-get "$@"
	else
		sudo -n env DEBIAN_FRONTEND=noninteractive apt-get "$@"
	fi </dev/null
}

need() { # PURPOSE
	packages=$(missing "$1")
	[ -n "$packages" ] || return 0
	command -v apt-get >/dev/null || die "please install: $packages"
	say "x: installing $packages"
	out=$(mktemp)
	# shellcheck disable=SC2086 # a list of words
	if ! { apt install -y --no-install-recommends $packages ||
		{ apt update && apt install -y --no-install-recommends $packages; }; } >"$out" 2>&1; then
		tail -n 20 "$out" >&2
		rm -f "$out"
		die "could not install: $packages"
	fi
	rm -f "$out"
}

# --- building ------------------------------------------------------------------

quietly() { # Runs a command; what it said comes out only if it failed
	[ -n "$log" ] || log=$(mktemp)
	trap 'rm -f "$log"' EXIT
	if ! "$@" >"$log" 2>&1 </dev/null; then
		cat "$log" >&2
		return 1
	fi
}

# A build directory belongs to one generator and one place; another one is started anew.
usable() { # DIRECTORY
	cache=$1/CMakeCache.txt
	[ -e "$cache" ] || return 1
	grep -qxF "CMAKE_GENERATOR:INTERNAL=$generator" "$cache" &&
		grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$top" "$cache" && return 0
	rm -rf "$1"
	return 1
}

configure() { # PRESET DIRECTORY
	command -v ninja >/dev/null && generator=Ninja || generator='Unix Makefiles'
	usable "$2" || :
	quietly cmake --preset "$1" -G "$generator"
}

build() { # PRESET [TARGET]...
	preset=$1
	dir=build/$1
	shift
	configure "$preset" "$dir"
	quietly cmake --build "$dir" -j "$jobs" ${1:+--target "$@"}
}

# --- the commands ----------------------------------------------------------------

cmd_run() {
	here=$PWD
	cd "$top"
	need build
	command -v ninja >/dev/null && generator=Ninja || generator='Unix Makefiles'
	# The tests need cmocka, running does not; a directory that has both will do.
	if ! usable build/release; then
		say 'x: building'
		quietly cmake --preset run -G "$generator" || exit 2
	fi
	quietly cmake --build build/release -j "$jobs" --target groupbuf-cli || exit 2
	cd "$here"
	exec "$top/build/release/groupbuf" run "$@"
}

# Counts test cases in ctest's log: cmocka's own sums, or one for a program
# that prints none. A program that dies counts as one failure more.
count() {
	awk '
		/^[0-9]+\/[0-9]+ Testing: / { name = $3; ok = bad = 0 }
		/\[  PASSED  \] [0-9]+ test/ { ok += $4 }
		/\[  FAILED  \] [0-9]+ test/ { bad += $4 }
		/^[0-9]+ passed, [0-9]+ failed$/ { ok += $1; bad += $3 }
		/^Test Passed\.$/ { if (!ok && !bad) ok = 1; passed += ok; failed += bad; name = "" }
		/^Test Failed\.$/ { if (!bad) bad = 1; passed += ok; failed += bad; print "failed: " name; name = "" }
		END { if (name != "") { print "failed: " name; failed++ }; print passed + 0 " passed, " failed + 0 " failed" }
	' "$1"
}

run_tests() { # PRESET [REGEX]: ends with `N passed, N failed`
	build "$1" || {
		echo '0 passed, 1 failed'
		return 1
	}
	rm -f "build/$1/Testing/Temporary/LastTest.log"
	ctest --test-dir "build/$1" -j "$jobs" --output-on-failure ${2:+-R "$2"} </dev/null || :
	[ -e "build/$1/Testing/Temporary/LastTest.log" ] || {
		echo '0 passed, 1 failed'
		return 1
	}
	count "build/$1/Testing/Temporary/LastTest.log" | {
		sum=
		while read -r line; do
			printf '%s\n' "$line"
			sum=$line
		done
		[ "${sum#*, }" = '0 failed' ] && [ "${sum%% *}" -gt 0 ]
	}
}

cmd_test() {
	need test
	run_tests debug "${1:-}"
}

cmd_build() {
	need test
	build release
}

c_files() {
	find include sim model cli tests -type f \( -name '*.c' -o -name '*.h' \) 2>/dev/null | sort
}

cmd_format() {
	need lint
	c_files | xargs -r clang-format -i
}

# clang-tidy looks at what the release build compiles, without bison's output.
tidy() {
	sed -n 's/^ *"file": "\(.*\)",\{0,1\}$/\1/p' build/clang/compile_commands.json | grep -v '/build/' | sort -u |
		xargs -r -P "$jobs" -n 4 clang-tidy --quiet --warnings-as-errors='*' -p build/clang
}

# Simulation state lives in a world: the library may own no variable.
no_globals() {
	size -A build/gcc/sim/libgroupbuf.a | awk '
		/:$/ || / +\(ex / { file = $1 }
		($1 ~ /^\.(data|bss|tdata|tbss)(\.|$)/ && $1 !~ /^\.data\.rel\.ro/ || $1 == "COMMON") && $2 > 0 {
			print "libgroupbuf.a: " file " has " $2 " bytes of variables in " $1; bad = 1
		}
		END { exit bad }'
}

check() { # NAME COMMAND...: one line, and on failure what the command said
	name=$1
	shift
	out=$(mktemp)
	if "$@" >"$out" 2>&1 </dev/null; then
		printf 'ok    %s\n' "$name"
		checks_passed=$((checks_passed + 1))
	else
		grep -vE '^[0-9]+ warnings? (generated|treated)' "$out" || :
		printf 'FAIL  %s\n' "$name"
		checks_failed=$((checks_failed + 1))
	fi
	rm -f "$out"
}

checks_passed=0
checks_failed=0

# clang-format quotes every blank it misses; the first place of each file is enough.
format_check() {
	bad=$(c_files | xargs -r clang-format --dry-run 2>&1 |
		sed -n 's/^\([^:]*:[0-9]*\):.*clang-format-violations.*/\1: not formatted, try .\/x format/p' |
		sort -t: -k1,1 -u)
	printf '%s\n' "$bad"
	[ -z "$bad" ]
}

cmd_lint() {
	need lint
	check 'clang-format' format_check
	check 'gcc -Werror' build gcc
	check 'clang -Werror' build clang
	check 'clang-tidy' tidy
	check 'rules of the house' tests/tidy.sh
	check 'no variables in the library' no_globals
	printf '%s passed, %s failed\n' "$checks_passed" "$checks_failed"
	[ "$checks_failed" -eq 0 ]
}

# Sums an lcov tracefile per directory and holds it against the floors.
coverage_table() {
	awk -v top="$top/" '
		FILENAME != "-" { if ($1 !~ /^#/ && NF == 2) floor[$1] = $2; next }
		/^SF:/ { f = substr($0, 4); sub(top, "", f); n = split(f, part, "/"); room = part[1]
			dir = n > 2 ? part[1] "/" part[2] : part[1] }
		/^LF:/ { v = substr($0, 4); missed[f] += v; lf[dir] += v; if (dir != room) lf[room] += v }
		/^LH:/ { v = substr($0, 4); missed[f] -= v; lh[dir] += v; if (dir != room) lh[room] += v }
		/^BRF:/ { v = substr($0, 5); bf[dir] += v; if (dir != room) bf[room] += v }
		/^BRH:/ { v = substr($0, 5); bh[dir] += v; if (dir != room) bh[room] += v }
		END {
			printf "%-16s %8s %8s %8s %8s\n", "directory", "lines", "", "branches", ""
			sort = "sort"
			for (d in lf)
				printf "%-16s %8d %7.1f%% %8d %7.1f%%\n", d, lf[d], 100 * lh[d] / (lf[d] ? lf[d] : 1), bf[d],
					100 * bh[d] / (bf[d] ? bf[d] : 1) | sort
			close(sort)
			for (d in floor) {
				has = lf[d] ? 100 * lh[d] / lf[d] : 0
				if (has >= floor[d]) continue
				printf "%s: %.2f%% of the lines, the floor is %s%%; lines never run:\n", d, has, floor[d]
				for (f in missed)
					if (missed[f] && index(f, d "/") == 1) printf "%6d  %s\n", missed[f], f | "sort -rn"
				close("sort -rn")
				bad = 1
			}
			exit bad
		}' tests/coverage-floor -
}

coverage() {
	find build/coverage -name '*.gcda' -delete 2>/dev/null || :
	run_tests coverage || :
	quietly lcov --rc lcov_branch_coverage=1 --quiet --capture --directory build/coverage --output-file \
		build/coverage/all.info
	quietly lcov --rc lcov_branch_coverage=1 --quiet --output-file build/coverage/ours.info \
		--extract build/coverage/all.info "$top/sim/*" "$top/model/*" "$top/cli/*"
	coverage_table <build/coverage/ours.info
}

cmd_coverage() {
	need coverage
	coverage
}

cmd_bench() {
	need bench
	build release
	code=0
	for program in build/release/bench/bench-*; do
		[ -x "$program" ] || die 'there are no benchmarks'
		name=${program##*/bench-}
		case " $* " in
		'  ' | *" $name "*)
			"$program" </dev/null || code=$?
			[ "$code" -eq 0 ] || [ "$code" -eq 77 ] || return "$code" # 77: nothing to compare with
			code=0
			;;
		esac
	done
}

# Every build says the same about every trace: compilers, optimisation and sanitizers must not show.
same_output() {
	for preset in debug gcc clang; do
		code=0
		"build/$preset/groupbuf" run --events --json traces >"build/$preset/output.json" 2>&1 || code=$?
		[ $code -lt 128 ] || return 1
		cmp build/debug/output.json "build/$preset/output.json" || return 1
	done
}

# Everything that has to hold before a change goes in; called by .ci/run.
cmd_ci() {
	need test
	need lint
	need coverage
	out=$(mktemp)
	run_tests debug 2>&1 | tee "$out" || :
	last=$(tail -n 1 "$out")
	checks_passed=$(printf '%s' "$last" | sed -n 's/^\([0-9]*\) passed.*/\1/p')
	checks_failed=$(printf '%s' "$last" | sed -n 's/.* \([0-9]*\) failed$/\1/p')
	checks_passed=${checks_passed:-0}
	checks_failed=${checks_failed:-1}
	rm -f "$out"
	cmd_lint | sed '$d' >build/lint.txt || :
	cat build/lint.txt
	checks_passed=$((checks_passed + $(grep -c '^ok    ' build/lint.txt)))
	checks_failed=$((checks_failed + $(grep -c '^FAIL  ' build/lint.txt)))
	[ ! -d traces ] || check 'same output of every build' same_output
	coverage >build/coverage.txt 2>&1 && floor=0 || floor=1
	sed -n '/^directory /,$p' build/coverage.txt
	check 'coverage floor' [ "$floor" -eq 0 ]
	printf '%s passed, %s failed\n' "$checks_passed" "$checks_failed"
	[ "$checks_failed" -eq 0 ]
}

[ $# -gt 0 ] || {
	usage >&2
	exit 2
}
command=$1
shift
case $command in
run) cmd_run "$@" ;;
test | build | format | lint | coverage | bench | ci)
	cd "$top"
	"cmd_$command" "$@"
	;;
help | -h | --help) usage ;;
*)
	usage >&2
	exit 2
	;;
esac
