/* SPDX-License-Identifier: MIT */
/*
 * The file of --known. What `groupbuf fuzz` prints is one: a line that begins
 * with `defect` names a defect, those that are indented are about it, and the
 * summary says nothing. A person may write kinds of findings as well.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "groupbuf/room.h"

#include "cli.h"
#include "fuzz.h"
#include "input.h"

static int out_of_memory(const char *file)
{
	cli_complain(file, "no memory left");
	return CODE_LIMIT;
}

static int bad_line(const char *file, uint32_t number, uint32_t column, const char *what)
{
	struct gb_error err;

	gb_error_set(&err, GB_BAD_INPUT, number, column, "%s", what);
	return cli_complain_at(file, &err);
}

static int add_name(struct known *k, const char *file, uint32_t number, const char *line)
{
	const char *name = line + strlen("defect ");
	uint64_t *names;
	char *end;
	uint64_t value;

	if (!isxdigit((unsigned char)*name))
		return bad_line(file, number, 8, "expected the name of a defect, 16 hexadecimal digits");
	value = strtoull(name, &end, 16);
	if (end - name != 16 || (*end && *end != ' '))
		return bad_line(file, number, 8, "expected the name of a defect, 16 hexadecimal digits");
	names = gb_room_for(k->names, k->n_names, &k->names_room, sizeof(*names));
	if (!names)
		return out_of_memory(file);
	k->names = names;
	k->names[k->n_names++] = value;
	return CODE_OK;
}

static int add_finding(struct known *k, const char *file, const char *line)
{
	char **findings = gb_room_for(k->findings, k->n_findings, &k->findings_room, sizeof(*findings));
	char *copy = strdup(line);

	if (findings)
		k->findings = findings;
	if (!findings || !copy) {
		free(copy);
		return out_of_memory(file);
	}
	k->findings[k->n_findings++] = copy;
	return CODE_OK;
}

static bool begins(const char *line, const char *word)
{
	return strncmp(line, word, strlen(word)) == 0;
}

static int add_line(struct known *k, const char *file, uint32_t number, char *line)
{
	static const char *const kinds[] = {"hazard ", "invariant ", "specification ", "endless"};
	size_t n = strlen(line);

	while (n && isspace((unsigned char)line[n - 1]))
		line[--n] = '\0';
	if (!n || *line == '#' || isspace((unsigned char)*line) || begins(line, "runs "))
		return CODE_OK;
	if (begins(line, "defect "))
		return add_name(k, file, number, line);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (begins(line, kinds[i]))
			return add_finding(k, file, line);
	return bad_line(file, number, 1,
			"expected 'defect NAME', 'hazard KIND at FUNCTION', 'invariant IN at FUNCTION', "
			"'specification RULE NAME' or a comment");
}

int known_read(struct known *k, const char *file)
{
	size_t size = 0;
	char *text = input_read(file, &size), *copy = text ? strndup(text, size) : NULL;
	int code = text ? CODE_OK : CODE_BAD;
	uint32_t number = 0;

	if (text && !copy)
		code = out_of_memory(file);
	for (char *at = copy, *next; code == CODE_OK && at; at = next) {
		next = strchr(at, '\n');
		if (next)
			*next++ = '\0';
		code = add_line(k, file, ++number, at);
	}
	free(copy);
	free(text);
	return code;
}

bool known_has(const struct known *k, const struct gb_defect *defect)
{
	char name[128];

	for (uint32_t i = 0; i < k->n_names; i++)
		if (k->names[i] == defect->name)
			return true;
	for (uint32_t j = 0; j < defect->n_findings; j++) {
		gb_finding_name(&defect->findings[j], name, sizeof(name));
		for (uint32_t i = 0; i < k->n_findings; i++)
			if (strcmp(k->findings[i], name) == 0)
				return true;
	}
	return false;
}

void known_free(struct known *k)
{
	for (uint32_t i = 0; i < k->n_findings; i++)
		free(k->findings[i]);
	free(k->findings);
	free(k->names);
}
