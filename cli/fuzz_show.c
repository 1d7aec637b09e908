/* SPDX-License-Identifier: MIT */
/* A defect as text, as JSON, and as files. */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "groupbuf/world.h"

#include "cli.h"
#include "fuzz.h"
#include "variant.h"

/* Every line of a text behind a prefix. */
static void put_lines(FILE *f, const char *prefix, const char *text)
{
	while (*text) {
		const size_t n = strcspn(text, "\n");

		fprintf(f, "%s%.*s\n", prefix, (int)n, text);
		text += n + (text[n] == '\n');
	}
}

/* What there is to say besides the program, one sentence a line. */
static void put_notes(FILE *f, const char *prefix, const struct gb_defect *d)
{
	char names[128];

	for (uint32_t k = 0; k < d->n_findings; k++) {
		enum gb_cause cause;

		fprintf(f, "%s%s", prefix, gb_finding_name(&d->findings[k], names, sizeof(names)));
		cause = gb_defect_cause(d, k, names, sizeof(names));
		if (cause != GB_CAUSE_NONE)
			fprintf(f, " (V9: %s%s)", cause == GB_CAUSE_SURE ? "" : "may be ", names);
		fputc('\n', f);
	}
	if (d->repairs) {
		fprintf(f, "%srepaired by --variant ", prefix);
		variant_print(f, d->repairs);
		fputc('\n', f);
	} else {
		fprintf(f, "%sno switch of --variant repairs it\n", prefix);
	}
	if (d->schedule)
		fprintf(f, "%sthe kernel-like order does not show it; this one does:\n", prefix);
}

void show_defect(const struct fuzz_options *o, const struct gb_defect *d, bool is_known)
{
	(void)o;
	printf("defect %016" PRIx64 "%s\n", d->name, is_known ? " (known)" : "");
	printf("  run %" PRIu64 ", shrunk in %u runs\n", d->run, d->shrinks);
	put_notes(stdout, "  ", d);
	if (d->schedule)
		put_lines(stdout, "    ", d->schedule);
	put_lines(stdout, "  | ", d->program);
}

static json_t *json_finding(const struct gb_defect *d, uint32_t k)
{
	const struct gb_finding *finding = &d->findings[k];
	char name[128];
	json_t *object = json_object();
	enum gb_cause cause;

	json_object_set_new(object, "finding", json_string(gb_finding_name(finding, name, sizeof(name))));
	json_object_set_new(object, "function", json_string(finding->function));
	cause = gb_defect_cause(d, k, name, sizeof(name));
	json_object_set_new(object, "v9", json_string(name));
	json_object_set_new(object, "v9_sure", json_boolean(cause == GB_CAUSE_SURE));
	return object;
}

void json_defect(const struct fuzz_options *o, const struct gb_defect *d, bool is_known)
{
	char name[128];
	json_t *object = json_object(), *repairs = json_array(), *findings = json_array();

	(void)o;
	snprintf(name, sizeof(name), "%016" PRIx64, d->name);
	json_object_set_new(object, "defect", json_string(name));
	for (uint32_t k = 0; k < d->n_findings; k++)
		json_array_append_new(findings, json_finding(d, k));
	json_object_set_new(object, "findings", findings);
	json_object_set_new(object, "known", json_boolean(is_known));
	for (uint32_t k = 0; k < GB_VARIANT_COUNT; k++)
		if (d->repairs >> k & 1)
			json_array_append_new(repairs, json_string(variant_name(k)));
	json_object_set_new(object, "repaired_by", repairs);
	json_object_set_new(object, "run", json_integer((json_int_t)d->run));
	json_object_set_new(object, "program", json_string(d->program));
	json_object_set_new(object, "observed", json_string(d->observed));
	if (d->schedule)
		json_object_set_new(object, "schedule", json_string(d->schedule));
	json_dumpf(object, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(object);
}

/* ---- files ---- */

static void put_origin(FILE *f, const struct fuzz_options *o, const struct gb_defect *d)
{
	fprintf(f,
		"# defect %016" PRIx64 "\n# found by groupbuf " GB_VERSION " fuzz --seed %" PRIu64
		" --strategy %s --max-sqes %u --variant %s, run %" PRIu64 "\n",
		d->name, o->config.seed, o->strategy_name, o->config.max_sqes, o->variant_name, d->run);
}

/* The command that shows the findings, from the directory of the trace. */
static void put_command(FILE *f, const struct fuzz_options *o, const struct gb_defect *d)
{
	bool spec = false;

	for (uint32_t k = 0; k < d->n_findings; k++)
		spec = spec || d->findings[k].judge == GB_JUDGE_SPECIFICATION;
	fputs("# groupbuf run", f);
	if (spec)
		fputs(" --spec", f);
	if (o->config.variant)
		fprintf(f, " --variant %s", o->variant_name);
	if (d->schedule)
		fprintf(f, " --replay %016" PRIx64 ".schedule", d->name);
	fprintf(f, " %016" PRIx64 ".trace\n", d->name);
}

static void put_trace(FILE *f, const struct fuzz_options *o, const struct gb_defect *d)
{
	char name[128];

	fprintf(f, "title %s\n", gb_finding_name(&d->findings[0], name, sizeof(name)));
	put_origin(f, o, d);
	put_notes(f, "# ", d);
	put_command(f, o, d);
	fprintf(f, "%s\n%s", d->program, d->observed);
}

static void put_schedule(FILE *f, const struct fuzz_options *o, const struct gb_defect *d)
{
	put_origin(f, o, d);
	fprintf(f, "# variant %s\n", o->variant_name);
	fputs(d->schedule, f);
}

static bool save(const struct fuzz_options *o, const struct gb_defect *d, const char *ending,
		 void (*put)(FILE *f, const struct fuzz_options *o, const struct gb_defect *d))
{
	const size_t size = strlen(o->out) + 40;
	char *path = malloc(size);
	FILE *f = NULL;
	bool good;

	if (path) {
		snprintf(path, size, "%s/%016" PRIx64 ".%s", o->out, d->name, ending);
		f = fopen(path, "w");
	}
	good = f != NULL;
	if (f) {
		put(f, o, d);
		good = !ferror(f);
		good = fclose(f) == 0 && good;
	}
	if (!good)
		cli_complain(path ? path : o->out, "%s", strerror(errno));
	free(path);
	return good;
}

bool save_defect(const struct fuzz_options *o, const struct gb_defect *d)
{
	return save(o, d, "trace", put_trace) && (!d->schedule || save(o, d, "schedule", put_schedule));
}
