/* SPDX-License-Identifier: MIT */
/* `check --max-memory`: the size, and the file for what is above it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"

bool check_parse_size(const char *text, uint64_t *out)
{
	static const char units[] = "KMG";
	const char *unit;
	char *end;
	unsigned int shift;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*out = strtoull(text, &end, 10);
	if (errno || !*out)
		return false;
	unit = *end ? strchr(units, *end) : NULL;
	shift = unit ? 10 * (unsigned int)(unit - units + 1) : 0;
	if (*end && (!unit || end[1] || *out > UINT64_MAX >> shift))
		return false;
	*out <<= shift;
	return true;
}

/* In a directory, without a name from now on. */
static FILE *nameless_in(const char *directory)
{
	char name[4096];
	FILE *file;
	int fd;

	if ((size_t)snprintf(name, sizeof(name), "%s/groupbuf-XXXXXX", directory) >= sizeof(name))
		return NULL;
	fd = mkstemp(name);
	if (fd < 0)
		return NULL;
	unlink(name);
	file = fdopen(fd, "w+b");
	if (!file)
		close(fd);
	return file;
}

FILE *check_spill_file(void)
{
	const char *const directories[] = {getenv("TMPDIR"), "/var/tmp", "/tmp"};
	FILE *file = NULL;

	for (size_t i = 0; !file && i < sizeof(directories) / sizeof(*directories); i++)
		file = directories[i] && *directories[i] ? nameless_in(directories[i]) : NULL;
	return file;
}
