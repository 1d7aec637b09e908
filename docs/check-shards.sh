#!/bin/sh
# SPDX-License-Identifier: MIT
# One check in N parts, put together again.
#   check-shards.sh N TRACE [OPTION]...           on this machine, with GNU parallel
#   sbatch --array=1-N check-shards.sh N TRACE    one part as a task of a Slurm job array; afterwards:
#   check-shards.sh merge N TRACE
# GROUPBUF is the command (groupbuf), PARTS the directory of the parts (parts).
set -eu

groupbuf=${GROUPBUF:-groupbuf}
parts=${PARTS:-parts}

merge() { # N TRACE
	n=$1 trace=$2
	set --
	i=1
	while [ "$i" -le "$n" ]; do
		set -- "$@" "$parts/$i"
		i=$((i + 1))
	done
	"$groupbuf" merge --schedules - "$trace" "$@"
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

case ${1:-} in
merge)
	merge "$2" "$3"
	;;
part)
	shift
	part "$@"
	;;
[1-9]*)
	n=$1 trace=$2
	shift 2
	mkdir -p "$parts"
	if [ -n "${SLURM_ARRAY_TASK_ID:-}" ]; then
		part "$SLURM_ARRAY_TASK_ID" "$n" "$trace" "$@"
	else
		seq "$n" | parallel --halt now,fail=1 "$0" part '{}' "$n" "$trace" "$@"
		merge "$n" "$trace"
	fi
	;;
*)
	echo "usage: ${0##*/} N TRACE [OPTION]... | merge N TRACE" >&2
	exit 2
	;;
esac
