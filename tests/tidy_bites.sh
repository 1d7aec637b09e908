#!/bin/sh
# SPDX-License-Identifier: MIT
# tidy.sh has to find what it is there for: each rule is broken once in a small tree.
set -u
here=$(cd "$(dirname "$0")" && pwd)
top=$(mktemp -d) || exit 2
trap 'rm -rf "$top"' EXIT
failed=0
passed=0

fresh() {
	rm -rf "$top/t"
	mkdir -p "$top/t/include/groupbuf" "$top/t/sim/io_uring" "$top/t/sim/trace" "$top/t/model/spec" "$top/t/cli" \
		"$top/t/tests/unit" "$top/t/tests/property" || exit 2
	cd "$top/t" || exit 2
	spdx='/* SPDX-License-Identifier: MIT */'
	printf '%s\nX(ONE, 1, "a b", "f", "S1")\nX(TWO, 2, "b", "f", "S2")\n' "$spdx" >include/groupbuf/reason.def
	echo "$spdx" >include/groupbuf/a.h
	echo "$spdx" >sim/io_uring/kbuf.h
	echo "$spdx" >model/spec/spec.h
	printf '%s\n#include "groupbuf/a.h"\n#include "io_uring/kbuf.h"\nint f(void) { return GB_R_ONE; } /* GB_R_ONE time() */\nint g = GB_R_TWO;\nchar *s = "malloc(";\n' \
		"$spdx" >sim/io_uring/kbuf.c
	printf '%s\n#include "spec/spec.h"\n' "$spdx" >model/spec/spec.c
	printf '%s\n#include "io_uring/kbuf.h"\n' "$spdx" >tests/unit/test_a.c
}

expect() { # WHAT PATTERN: tidy.sh must complain with a line that matches
	code=0
	out=$("$here/tidy.sh" "$top/t") || code=$?
	lines=$(printf '%s' "$out" | grep -c '') || :
	if { [ -z "$2" ] && [ "$code $lines" = '0 0' ]; } ||
		{ [ -n "$2" ] && [ "$code $lines" = '1 1' ] && printf '%s' "$out" | grep -q "$2"; }; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'not found: %s; said: %s\n' "$1" "$out"
	fi
}

fresh && expect 'nothing is wrong' ''
fresh && echo '#include "model/spec/spec.h"' >>sim/io_uring/kbuf.c && expect 'sim includes model' 'not for sim'
fresh && echo '#include "spec/spec.h"' >>sim/io_uring/kbuf.c && expect 'sim includes model' 'not for sim'
fresh && echo '#include "io_uring/kbuf.h"' >>model/spec/spec.c && expect 'model includes sim' 'not for model'
fresh && echo '#include "../sim/io_uring/kbuf.h"' >>model/spec/spec.c && expect 'a path upward' 'climbs out'
fresh && printf '%s\n#include "io_uring/kbuf.h"\n' "$spdx" >cli/a.c && expect 'cli includes sim' 'not for cli'
fresh && printf '%s\n#include "spec/spec.h"\n' "$spdx" >cli/a.c && expect 'cli includes inside of model' 'not for cli'
fresh && printf '%s\n#include "io_uring/kbuf.h"\n' "$spdx" >tests/property/test_b.c &&
	expect 'a property test includes sim' 'not for tests/property'
fresh && echo '#include "io_uring/kbuf.h"' >>include/groupbuf/a.h && expect 'include/ includes sim' 'not for include'
fresh && echo 'int t(void) { return time(0); }' >>sim/trace/a.c &&
	sed -i "1i $spdx" sim/trace/a.c && : && expect 'a clock' 'not deterministic'
fresh && echo 'int t(void) { return rand(); }' >>model/spec/spec.c && expect 'chance' 'not deterministic'
fresh && echo 'void *t(void) { return malloc(1); }' >>sim/io_uring/kbuf.c && expect 'allocation' 'allocates'
fresh && echo 'void t(void) { printf("x"); }' >>sim/io_uring/kbuf.c && expect 'printing' 'does not print'
fresh && echo 'int h = GB_R_TWO;' >>sim/io_uring/kbuf.c && expect 'a reason given twice' 'GB_R_TWO is given in 2'
fresh && sed -i 's/GB_R_TWO/0/' sim/io_uring/kbuf.c && expect 'a reason not given' 'GB_R_TWO is never given'
fresh && echo 'X(TWO, 2, "b", "f", "S2")' >>include/groupbuf/reason.def && expect 'a row twice' 'twice'
fresh && : >sim/trace/b.c && expect 'no licence' 'no SPDX'

printf '%s passed, %s failed\n' $passed $failed
[ $failed -eq 0 ]
