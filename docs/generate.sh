#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes docs/reasons.md, docs/events.md, docs/functions.md and docs/invariants.md from the tables of the source.
#   generate.sh            writes them
#   generate.sh --check    changes nothing; exit code 1 and a diff if they are not up to date
# Needs nothing but a POSIX shell and awk.
set -u
LC_ALL=C
export LC_ALL
cd "$(dirname "$0")/.." || exit 2
new=$(mktemp -d) || exit 2
trap 'rm -rf "$new"' EXIT
failed=0

note='<!-- Made by docs/generate.sh; do not edit. -->'

# Rows X(...) of the macro lists in a header, joined to one line each, with the comment behind them.
# Prints the words between the parentheses one field a tab, strings without their quotes.
rows() { # FILE [MACRO]: without a macro every row of the file
	awk -v macro="${2:-}" '
		function row(text,    out, field, depth, c, i, comment) {
			depth = 0
			field = out = ""
			for (i = 3; i <= length(text); i++) {
				c = substr(text, i, 1)
				if (c == "\"") {
					for (i++; (c = substr(text, i, 1)) != "\""; i++) {
						if (c == "\\") c = substr(text, ++i, 1)
						field = field c
					}
				} else if (c == "(") { depth++; field = field c }
				else if (c == ")" && depth-- == 0) break
				else if (c == "," && !depth) { out = out field "\t"; field = "" }
				else if (c != " " && c != "\t") field = field c
			}
			comment = substr(text, i + 1)
			gsub(/^[ \t]*(\/\*)?[ \t]*|[ \t]*(\*\/)?[ \t]*$/, "", comment)
			print out field "\t" comment
		}
		macro != "" && index($0, "#define " macro "(") { on = 1; next }
		macro == "" { on = 1 }
		macro == "" && /^\/\*.*\*\/$/ { t = $0; gsub(/^\/\* *| *\*\/$/, "", t); print "# " t; next }
		!on { next }
		{
			line = $0
			more = sub(/[ \t]*\\$/, "", line)
			sub(/^[ \t]+/, "", line)
			if (line ~ /^X\(/) { if (text != "") row(text); text = line }
			else if (text != "" && macro != "") text = text " " line
			if (macro != "" && !more) { if (text != "") row(text); text = ""; on = 0 }
			if (macro == "" && text != "") { row(text); text = "" }
		}
	' "$1"
}

reasons() {
	cat <<END
# Reasons

$note

Every cause for which a request can end as it does has a code. It is given in exactly one place of \`sim/\`, mapped to
its errno there, and carried by the events; \`run --why\` prints its sentence. The table is
\`include/groupbuf/reason.def\`; rules are those of semantics.md.

In a sentence \`%r\` is another request, \`%a\` and \`%b\` are numbers, \`%x\` is \`%a\` in hex, \`%e\` the errno name of \`%a\`. A dash
as errno means success, or a result that is not a fixed errno.
END
	rows include/groupbuf/reason.def | awk -F '\t' '
		/^# / {
			t = substr($0, 3)
			if (t ~ /^SPDX/) next
			printf "\n## %s\n\n| code | errno | sentence | kernel function | rule |\n| --- | --- | --- | --- | --- |\n",
				toupper(substr(t, 1, 1)) substr(t, 2)
			next
		}
		{
			sub(/^GB_/, "-", $2)
			if ($2 == "0") $2 = "-"
			gsub(/\|/, "\\|", $3)
			printf "| %s | %s | %s | `%s` | %s |\n", $1, $2, $3, $4, $5
		}'
}

events() {
	cat <<END
# Events

$note

Events are the only output of a simulation: observations, JSON, reasons and tests are readers of one stream
(\`include/groupbuf/event.h\`). \`run --events\` prints it, \`run --events --json\` as objects:

| key | meaning |
| --- | --- |
| \`step\`, \`time_us\` | number of the step, from 1, and virtual time in microseconds |
| \`actor\`, \`actor_index\` | who acts, and which of the workers |
| \`event\` | the type, from the table below |
| \`req\`, \`other\` | labels of the request it is about and of a second one |
| \`reason\`, \`why\` | code and sentence of the reason, where there is one (docs/reasons.md) |

and the numbers of the type under the names of the last column.

## Actors

| name | who |
| --- | --- |
END
	rows include/groupbuf/event.h GB_ACTOR_LIST | awk -F '\t' '{ printf "| `%s` | %s |\n", $2, $3 }'
	cat <<'END'

## Types

`%r` is `req`, `%o` is `other`, `%a` to `%d` are the numbers in their order, `%w` is the reason, if any, `%f` a kernel function,
`%h` and `%t` kind and text of a hazard.

| type | sentence | numbers |
| --- | --- | --- |
END
	rows include/groupbuf/event.h GB_EVENT_LIST | awk -F '\t' '{
		n = ""
		for (i = 3; i <= 6; i++)
			if ($i != "") n = n (n == "" ? "" : ", ") "`" $i "`"
		printf "| `%s` | %s | %s |\n", $2, $7, n
	}'
	cat <<'END'

## Hazards

What the simulated kernel did and a kernel must not do. Where the real one would die, the world stops with that step.

| kind | the world stops | found in |
| --- | --- | --- |
END
	rows include/groupbuf/event.h GB_HAZARD_LIST | while IFS='	' read -r id name stops _; do
		where=$(grep -rl "GB_HAZARD_$id\>" sim --include='*.c' | sort | sed 's/.*/`&`/' | paste -s -d , - | sed 's/,/, /g')
		[ "$stops" = 1 ] && stops=yes || stops=no
		printf '| `%s` | %s | %s |\n' "$name" "$stops" "${where:-nowhere yet}"
	done
	printf '\n## Choices\n\nKinds of choice points, as schedules name them (docs/scheduling.md).\n\n| kind | about |\n| --- | --- |\n'
	rows include/groupbuf/world.h GB_CHOICE_LIST | awk -F '\t' '{ printf "| `%s` | %s |\n", $2, $3 }'
}

# Functions a C file defines: `global NAME` or `static NAME`.
defined() {
	awk '/^[a-z_].*\(/ && !/;$/ {
		s = $0
		sub(/\(.*/, "", s)
		n = split(s, word, /[ *]+/)
		print (s ~ /^static/ ? "static" : "global"), word[n]
	}' "$1"
}

functions() {
	cat <<END
# Functions of sim/io_uring

$note

What to lay beside each function when a hunk of the patch changes. *Kernel*: \`=\` is the kernel's function of the same name;
"in f" a part of f that is a function of its own here; a dash has no counterpart. *Rules* are those of semantics.md. In
italics: static. Edit docs/functions.txt, not this file.
END
	for file in sim/io_uring/*.c; do
		[ -n "$(defined "$file")" ] || continue
		printf '\n## %s\n\n| function | kernel | rules | |\n| --- | --- | --- | --- |\n' "${file#sim/io_uring/}"
		defined "$file" | awk -F ' *[|] *' -v file="$file" '
			FILENAME != "-" { if ($0 !~ /^#/ && NF >= 3) { kernel[$1] = $2; rules[$1] = $3; note[$1] = $4 }; next }
			{
				split($0, w, " ")
				name = w[2]
				if (!(name in kernel)) {
					if (w[1] == "global")
						print file ": " name " has no line in docs/functions.txt" >"/dev/stderr"
					next
				}
				k = kernel[name]
				if (k != "=" && k != "-") {
					n = split(k, f, /, | /)
					k = ""
					for (i = 1; i <= n; i++)
						k = k (i > 1 ? " " : "") (f[i] == "in" ? "in" : "`" f[i] "`")
				}
				mark = w[1] == "static" ? "*" : ""
				printf "| %s`%s`%s | %s | %s | %s |\n", mark, name, mark, k == "-" ? "-" : k, rules[name], note[name]
			}' docs/functions.txt -
	done
}

# Lines of functions.txt that name nothing.
stale() {
	for file in sim/io_uring/*.c; do defined "$file"; done | awk -F ' *[|] *' '
		FILENAME == "-" { split($0, w, " "); known[w[2]] = 1; next }
		/^#/ || NF < 3 { next }
		!($1 in known) { print "docs/functions.txt: " $1 " is not in sim/io_uring" }
		n[$1]++ { print "docs/functions.txt: " $1 " stands there twice" }' - docs/functions.txt
}

invariants() {
	cat <<END
# Invariants

$note

What the design promises, what its reviewers asked for, and what every run is checked against: the monitor
(\`include/groupbuf/monitor.h\`, \`model/invariants\`) reads the events of a run, keeps its own picture of requests, groups and
buffers, and judges each invariant at the event that can break it. It knows nothing of the simulator. A violation is an
observation of \`groupbuf run\`, \`invariant I36 violated: ...\`, with the steps that show it; a trace that does not state it
fails. \`groupbuf invariants\` prints this table.

Rules are those of [semantics.md](semantics.md); the function is the kernel's that keeps the invariant or breaks it. *V9* says where
the patch as posted does not keep it, with the numbers explained [below](#where-v9-breaks-them). Requests whose user_data an
update of a poll changes, and the chains and groups they are in, are left out: the events cannot tell them apart.

END
	sed 's/^\([XU]\)(/X(\1, /' model/invariants/table.def >"$new/table"
	rows "$new/table" | awk -F '\t' '
		/^# / {
			t = substr($0, 3)
			if (t ~ /^SPDX|^clang-format/) next
			printf "\n## %s\n\n| | invariant | V9 | rules | kernel function |\n| --- | --- | --- | --- | --- |\n", t
			next
		}
		{
			gsub(/\|/, "\\|", $6)
			note = $1 == "U" ? " *Not decided: " $7 ".*" : ""
			printf "| %s | %s.%s | %s | %s | `%s` |\n", $2, toupper(substr($6, 1, 1)) substr($6, 2), note, $3, $4, $5
		}'
	cat docs/broken.txt
}

for name in reasons events functions invariants; do
	$name >"$new/$name.md" 2>"$new/errors" || failed=1
	cat "$new/errors"
	[ ! -s "$new/errors" ] || failed=1
done
stale >"$new/errors"
cat "$new/errors"
[ ! -s "$new/errors" ] || failed=1

if [ "${1:-}" = --check ]; then
	for name in reasons events functions invariants; do
		diff -u "docs/$name.md" "$new/$name.md" || {
			echo "docs/$name.md is not up to date: run docs/generate.sh"
			failed=1
		}
	done
elif [ $failed -eq 0 ]; then
	for name in reasons events functions invariants; do
		cp "$new/$name.md" "docs/$name.md" || failed=1
	done
fi
exit $failed
