#!/bin/sh
# SPDX-License-Identifier: MIT
# The rules of the house that no compiler checks: who may include whom, what
# the simulation must not call, and that every reason is given in one place.
#   tidy.sh [ROOT]      prints the offenders, exit code 1 if there are any
set -u
LC_ALL=C
export LC_ALL
cd "${1:-$(dirname "$0")/..}" || exit 2
found=$(mktemp) || exit 2
trap 'rm -f "$found"' EXIT

sources() { # DIRECTORY...: the C files below
	find "$@" \( -name '*.c' -o -name '*.h' -o -name '*.y' \) -type f 2>/dev/null | sort
}

# Prints FILE:LINE:text without comments and the contents of strings.
code() {
	sources "$@" | while read -r f; do
		awk -v f="$f" '{
			s = $0; out = ""
			while (s != "") {
				if (inside) {
					i = index(s, "*/")
					if (!i) { s = ""; break }
					s = substr(s, i + 2); inside = 0
				} else if (match(s, /"([^"\\]|\\.)*"|\/\*|\/\//)) {
					out = out substr(s, 1, RSTART - 1)
					t = substr(s, RSTART, 2)
					if (t == "/*") { inside = 1; s = substr(s, RSTART + 2) }
					else if (t == "//") s = ""
					else { out = out "\"\""; s = substr(s, RSTART + RLENGTH) }
				} else { out = out s; s = "" }
			}
			print f ":" NR ":" out
		}' "$f"
	done
}

# 1. Arrows: cli -> model -> include <- sim. Each room includes groupbuf/ and what lies in it.
arrows() { # ROOM FROM...: files of ROOM may include what lies below one of FROM
	room=$1
	shift
	sources "$room" | xargs -r grep -nH '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' |
		while IFS=: read -r file line text; do
			name=${text#*\"}
			name=${name%%\"*}
			case $name in
			*..*) echo "$file:$line: \"$name\" climbs out of its directory"; continue ;;
			groupbuf/*) continue ;;
			property.tab.h) case $file in sim/trace/*) continue ;; esac ;;
			recorded.h) case $file in tests/support/*) continue ;; esac ;;
			esac
			ok=
			for from in "$@" "$(dirname "$file")"; do
				[ -e "$from/$name" ] && ok=1
			done
			[ -n "$ok" ] || echo "$file:$line: \"$name\" is not for $room/"
		done
}
{
	arrows include
	arrows sim sim
	arrows model model
	arrows cli cli
	for room in property conformance cli bench fuzz faults support; do arrows tests/$room tests; done
	arrows tests/unit tests sim model
} >>"$found"

# 2. Determinism: no clock, no chance, no environment; and no allocation where a trace runs.
calls() { # WHY NAME|NAME... DIRECTORY...
	why=$1 names=$2
	shift 2
	code "$@" | grep -E "(^|[^A-Za-z0-9_>.])($names)[[:space:]]*\(" |
		sed -E "s/^([^:]*:[0-9]+):[[:space:]]*(.*)/\1: $why: \2/"
}
{
	calls 'not deterministic' \
		'time|clock|clock_gettime|gettimeofday|rand|srand|rand_r|random|srandom|drand48|arc4random[a-z_]*|getenv|getpid|getrandom' \
		sim model
	calls 'allocates while a trace runs' \
		'malloc|calloc|realloc|reallocarray|free|strdup|strndup|aligned_alloc|alloca|mmap' \
		sim/io_uring sim/fake
	calls 'the library does not print' 'printf|puts|putchar|perror|abort|exit' sim model
} >>"$found"

# 3. Every reason of the table is given in exactly one place of sim/.
if [ -e include/groupbuf/reason.def ]; then
	code sim | awk -F: -v table=include/groupbuf/reason.def '
		BEGIN {
			while ((getline row < table) > 0)
				if (match(row, /^[[:space:]]*X\([[:space:]]*[A-Z0-9_]+/)) {
					id = substr(row, RSTART, RLENGTH)
					sub(/.*[( \t]/, "", id)
					if (id in known) print table ": " id " stands there twice"
					known[id] = 1
				}
		}
		{
			text = $0
			while (match(text, /GB_R_[A-Z0-9_]+/)) {
				id = substr(text, RSTART + 5, RLENGTH - 5)
				n[id]++
				where[id] = where[id] " " $1 ":" $2
				text = substr(text, RSTART + RLENGTH)
			}
		}
		END {
			for (id in known) {
				if (!n[id]) print table ": GB_R_" id " is never given"
				if (n[id] > 1) print table ": GB_R_" id " is given in " n[id] " places:" where[id]
			}
		}' | sort >>"$found"
fi

# 4. The licence stands in every file.
find include sim model cli tests docs CMakeLists.txt x .ci .clang-format .clang-tidy -type f \
	\( -name '*.[chy]' -o -name '*.def' -o -name '*.sh' -o -name 'CMakeLists.txt' -o -name '*.py' \
	-o -name x -o -name run \) 2>/dev/null | sort | while read -r f; do
	head -n 3 "$f" | grep -q 'SPDX-License-Identifier: MIT' || echo "$f: no SPDX-License-Identifier: MIT"
done >>"$found"

cat "$found"
[ ! -s "$found" ]
