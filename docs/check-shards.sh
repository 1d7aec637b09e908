#!/bin/sh
# SPDX-License-Identifier: MIT
# One check in N parts, put together again.
#   check-shards.sh N TRACE [OPTION]...           on this machine, with GNU parallel
#   sbatch --array=1-N check-shards.sh N TRACE    one part as a task of a Slurm job array; afterwards:
#   check-shards.sh merge N TRACE [OPTION]...     with --ignore-expected if the parts had it
# GROUPBUF is the command (groupbuf), PARTS the directory of the parts (parts).
set -eu

groupbuf=${GROUPBUF:-groupbuf}
parts=${PARTS:-parts}

merge() { # N TRACE [OPTION]...: the options of the parts; --ignore-expected is the one their files do not keep
	n=$1 trace=$2
	shift 2
	ignore=
	for option; do
		[ "$option" != --ignore-expected ] || ignore=$option
	done
	set -- ${ignore:+"$ignore"} "$trace"
	i=1
	while [ "$i" -le "$n" ]; do
		set -- "$@" "$parts/$i"
		i=$((i + 1))
	done
	"$groupbuf" merge --schedules - "$@"
}

# A part that finds a violation ends with 1, one that meets a bound with 3: both have a result.
part() { # I N TRACE [OPTION]...
	i=$1 n=$2 trace=$3
	shift 3
	code=0
	"$groupbuf" check --quiet --schedules - --shard "$i/$n" --checkpoint "$parts/$i" "$@" "$trace" >/dev/null || code=$?
	case $code in
	0 | 1 | 3) ;;
	*) exit "$code" ;;
	esac
}

usage() {
	echo "usage: ${0##*/} N TRACE [OPTION]... | merge N TRACE [OPTION]..." >&2
	exit 2
}

case ${1:-} in
merge)
	shift
	[ $# -ge 2 ] || usage
	merge "$@"
	;;
part)
	shift
	part "$@"
	;;
[1-9]*)
	[ $# -ge 2 ] || usage
	n=$1 trace=$2
	shift 2
	mkdir -p "$parts"
	if [ -n "${SLURM_ARRAY_TASK_ID:-}" ]; then
		part "$SLURM_ARRAY_TASK_ID" "$n" "$trace" "$@"
	else
		seq "$n" | parallel --halt now,fail=1 "$0" part '{}' "$n" "$trace" "$@"
		merge "$n" "$trace" "$@"
	fi
	;;
*)
	usage
	;;
esac
