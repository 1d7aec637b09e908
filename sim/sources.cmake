# SPDX-License-Identifier: MIT
# Writes OUT, a C file with one hash of all FILES and of their names below TOP.
set(all "")
list(SORT FILES)
foreach(file IN LISTS FILES)
	file(SHA256 ${file} hash)
	file(RELATIVE_PATH name ${TOP} ${file})
	string(APPEND all "${name} ${hash}\n")
endforeach()
string(SHA256 hash "${all}")
file(WRITE ${OUT} "extern const char ck_sources[65];\nconst char ck_sources[65] = \"${hash}\";\n")
