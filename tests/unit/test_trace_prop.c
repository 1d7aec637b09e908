/* SPDX-License-Identifier: MIT */
/* Properties: how expressions are read, and that printing keeps their meaning. */
#include "trace_test.h"

static const char program[] = "sqe a NOP\nsqe b-2 NOP\nsqe ECANCELED NOP\n";

static struct gb_trace *read_prop(const char *line)
{
	size_t size = sizeof(program) + strlen(line);
	char *text = malloc(size);
	struct gb_trace *trace;

	assert_non_null(text);
	snprintf(text, size, "%s%s", program, line);
	trace = read_good(text);
	assert_int_equal(trace->n_props, 1);
	free(text);
	return trace;
}

static bool same_tree(const struct gb_prop *a, const struct gb_prop *b)
{
	if (a->n != b->n || a->quantifier != b->quantifier)
		return false;
	for (uint32_t i = 0; i < a->n; i++) {
		const struct gb_expr *x = &a->node[i], *y = &b->node[i];

		if (x->op != y->op || x->left != y->left || x->right != y->right || x->value != y->value ||
		    x->sqe != y->sqe)
			return false;
	}
	return true;
}

/* The line must be printed as `printed` (NULL: as it is), which must be the same tree. */
static void check_prop(const char *line, const char *printed)
{
	struct gb_trace *trace = read_prop(line), *again;
	char *text = gb_prop_print(trace, &trace->props[0]);

	assert_non_null(text);
	assert_string_equal(text, printed ? printed : line);
	again = read_prop(text);
	assert_true(same_tree(&trace->props[0], &again->props[0]));
	free(text);
	gb_trace_free(trace);
	gb_trace_free(again);
}

static void nodes(void **state)
{
	struct gb_trace *trace = read_prop("  never a.cqe<b-2.ack|!a.acks>=-3");
	const struct gb_prop *prop = &trace->props[0];
	const struct gb_expr *n = prop->node;

	(void)state;
	assert_int_equal(prop->quantifier, GB_NEVER);
	assert_true(prop->pos.line == 4 && prop->pos.column == 3);
	assert_int_equal(prop->n, 8);
	assert_true(n[0].op == GB_EXPR_CQE && n[0].sqe == 0);
	assert_true(n[1].op == GB_EXPR_ACK && n[1].sqe == 1);
	assert_true(n[2].op == GB_EXPR_LT && n[2].left == 0 && n[2].right == 1);
	assert_true(n[3].op == GB_EXPR_ACKS && n[3].sqe == 0);
	assert_true(n[4].op == GB_EXPR_CONST && n[4].value == -3);
	assert_true(n[5].op == GB_EXPR_GE && n[5].left == 3 && n[5].right == 4);
	assert_true(n[6].op == GB_EXPR_NOT && n[6].left == 5);
	assert_true(n[7].op == GB_EXPR_OR && n[7].left == 2 && n[7].right == 6);
	gb_trace_free(trace);
}

static void forms(void **state)
{
	(void)state;
	check_prop("forall a.cqe = 1", NULL);
	check_prop("exists a.cqe != b-2.cqe", NULL);
	check_prop("never a.ack<=b-2.acks", "never a.ack <= b-2.acks");
	check_prop("forall 1<2", "forall 1 < 2");
	check_prop("forall a.cqe>0x10", "forall a.cqe > 16");
	check_prop("forall a.res=-125", "forall a.res = -ECANCELED");
	check_prop("forall -ECANCELED=a.res", "forall -ECANCELED = a.res");
	check_prop("forall a.res = -4000", NULL);
	check_prop("forall a.ack = -1", NULL); /* not an errno */
	check_prop("forall a.res < -2147483648", NULL);
	check_prop("forall ECANCELED.res >= 2147483647", NULL);
	check_prop("forall\t( a.cqe\t=\t1 )", "forall a.cqe = 1");
}

static void precedence(void **state)
{
	(void)state;
	check_prop("forall 1=1 | 2=2 & 3=3", "forall 1 = 1 | 2 = 2 & 3 = 3");
	check_prop("forall (1=1 | 2=2) & 3=3", "forall (1 = 1 | 2 = 2) & 3 = 3");
	check_prop("forall (1=1 & 2=2) | 3=3", "forall 1 = 1 & 2 = 2 | 3 = 3");
	check_prop("forall ((1=1 | 2=2) | 3=3)", "forall 1 = 1 | 2 = 2 | 3 = 3");
	check_prop("forall 1=1 | (2=2 | 3=3)", "forall 1 = 1 | (2 = 2 | 3 = 3)");
	check_prop("forall 1=1 & (2=2 & 3=3)", "forall 1 = 1 & (2 = 2 & 3 = 3)");
	check_prop("forall !1=1 & 2=2", "forall !(1 = 1) & 2 = 2");
	check_prop("forall !(1=1 & 2=2)", "forall !(1 = 1 & 2 = 2)");
	check_prop("forall !!1=1", "forall !!(1 = 1)");
	check_prop("forall 1=1 & !(2=2 | !3=3)", "forall 1 = 1 & !(2 = 2 | !(3 = 3))");
}

static char *repeat(const char *head, const char *part, size_t n, const char *tail)
{
	size_t len = strlen(part);
	char *text = malloc(strlen(head) + n * len + strlen(tail) + 1);
	char *p = text;

	assert_non_null(text);
	p += sprintf(p, "%s", head);
	for (size_t i = 0; i < n; i++, p += len)
		memcpy(p, part, len);
	strcpy(p, tail);
	return text;
}

/* A chain is as deep as it is long, but nobody recurses into it. */
static void chain(void **state)
{
	char *line = repeat("forall 1 = 1", " & 1 = 1", 10000, "");
	struct gb_trace *trace = read_prop(line);

	(void)state;
	assert_int_equal(trace->props[0].n, 4 * 10000 + 3);
	gb_trace_free(trace);
	check_prop(line, NULL);
	free(line);
}

/* Nests n times, with as much in front of each parenthesis as the parser may have to remember. */
static char *nest(size_t n)
{
	char *open = repeat("never ", "1=1|2=2&!!!!!!!!(", n, "3=3");
	char *line = repeat(open, ")", n, "");

	free(open);
	return line;
}

static void nesting(void **state)
{
	static const struct broken deep = {"", GB_BAD_INPUT, 1, 1715,
					   "the expression is nested too deeply; expected at most 100 levels"};
	struct gb_trace *trace;
	char *line = nest(GB_MAX_NESTING), *text;

	(void)state;
	trace = read_prop(line);
	text = gb_prop_print(trace, &trace->props[0]);
	check_prop(text, NULL);
	free(text);
	gb_trace_free(trace);
	free(line);

	line = nest(GB_MAX_NESTING + 1);
	check_error(line, strlen(line), &deep);
	free(line);
	line = nest(200000);
	check_error(line, strlen(line), &deep);
	free(line);
}

/* The parentheses that the printer adds behind a '!' count before they are there. */
static void nesting_of_not(void **state)
{
	static const struct broken deep = {"", GB_BAD_INPUT, 1, 108,
					   "the expression is nested too deeply; expected at most 100 levels"};
	char *open = repeat("forall ", "(", 100, "!1=1"), *line = repeat(open, ")", 100, "");

	(void)state;
	check_error(line, strlen(line), &deep);
	free(open);
	free(line);
	/* One level less is fine, as is closing and opening for ever. */
	open = repeat("forall ", "(", 99, "!1=1");
	line = repeat(open, ")", 99, "");
	check_prop(line, "forall !(1 = 1)");
	free(open);
	free(line);
	line = repeat("forall 1 = 1", " & !(1 = 1)", 1000, "");
	check_prop(line, NULL);
	free(line);
}

static void too_long(void **state)
{
	static const struct broken limit = {"", GB_BAD_INPUT, 1, 65544,
					    "the expression is too long; expected at most 65535 parts"};
	char *line = repeat("forall 1=1", "|1=1", 100000, "");

	(void)state;
	check_error(line, strlen(line), &limit);
	free(line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nodes),    cmocka_unit_test(forms),   cmocka_unit_test(precedence),
		cmocka_unit_test(chain),    cmocka_unit_test(nesting), cmocka_unit_test(nesting_of_not),
		cmocka_unit_test(too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
