#!/bin/sh
# SPDX-License-Identifier: MIT
# Verifies group.pml with N members: pan.sh N SECONDS MIB, prints
#   RESULT SECONDS STATES TRANSITIONS BYTES_PER_STATE
# RESULT is ok, errors, time or memory: what ended it. Exit code 77: no spin.
set -eu
command -v spin >/dev/null && command -v gcc >/dev/null || exit 77
model=$(cd "$(dirname "$0")" && pwd)/group.pml
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cp "$model" .
spin -a "-DN=$1" group.pml >/dev/null
gcc -O3 -DSAFETY -DMEMLIM="$3" -w -o pan pan.c
start=$(date +%s.%N)
timeout "$2" ./pan -m1000000 -w24 >out 2>&1 && code=0 || code=$?
end=$(date +%s.%N)
awk -v code="$code" -v t="$start $end" '
	/states, stored/ { states = $1 }
	/transitions \(/ { transitions = $1 }
	/errors: / { errors = $NF }
	/total actual memory usage/ { mib = $1 }
	/memory used for hash table|memory used for DFS stack/ { rest += $1 }
	/reached -DMEMLIM|out of memory/ { memory = 1 }
	END {
		split(t, at, " ")
		printf "%s %.3f %.0f %.0f %.1f\n",
			code == 124 ? "time" : memory ? "memory" : errors ? "errors" : "ok", at[2] - at[1], states,
			transitions, states ? (mib - rest) * 1048576 / states : 0
	}' out
