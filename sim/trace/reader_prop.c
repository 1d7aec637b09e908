/* SPDX-License-Identifier: MIT */
/* `forall`, `exists` and `never`: the scanner of their expressions; property.y is the parser. */
#include <string.h>

#include "trace/reader.h"

#include "property.tab.h"

int gb_prop_lex(GB_PROP_STYPE *value, struct gb_prop_reader *in);

/* What X.NAME asks for. */
static const struct gb_keyword attributes[] = {
	{"cqe", GB_EXPR_CQE}, {"res", GB_EXPR_RES}, {"ack", GB_EXPR_ACK}, {"acks", GB_EXPR_ACKS}};

/* Signs; longer ones first. op is that of a comparison. */
static const struct {
	const char *sign;
	int token;
	enum gb_expr_op op;
} signs[] = {
	{"!=", GB_TOKEN_COMPARE, GB_EXPR_NE}, {"<=", GB_TOKEN_COMPARE, GB_EXPR_LE},
	{">=", GB_TOKEN_COMPARE, GB_EXPR_GE}, {"=", GB_TOKEN_COMPARE, GB_EXPR_EQ},
	{"<", GB_TOKEN_COMPARE, GB_EXPR_LT},  {">", GB_TOKEN_COMPARE, GB_EXPR_GT},
	{"|", GB_TOKEN_OR, GB_EXPR_OR},	      {"&", GB_TOKEN_AND, GB_EXPR_AND},
	{"!", GB_TOKEN_NOT, GB_EXPR_NOT},     {"(", GB_TOKEN_OPEN, GB_EXPR_OR},
	{")", GB_TOKEN_CLOSE, GB_EXPR_OR},
};

#define N_SIGNS	 (sizeof(signs) / sizeof(signs[0]))
#define MAX_NOTS 8U /* in a row: no sense in more, but room on the parser's stack */

bool gb_prop_node(struct gb_prop_reader *in, struct gb_expr expr, uint32_t *index)
{
	struct gb_prop *prop = in->prop;
	struct gb_expr *node;

	if (prop->n == GB_MAX_EXPR)
		return gb_fail(in->r, in->token.column, "the expression is too long; expected at most %u parts",
			       GB_MAX_EXPR);
	node = gb_room(in->r, prop->node, prop->n, &in->room, sizeof(*node));
	if (!node)
		return false;
	prop->node = node;
	node[prop->n] = expr;
	*index = prop->n++;
	return true;
}

/* A value: LABEL.cqe and so on. */
static bool read_attribute(struct gb_prop_reader *in, uint32_t *node)
{
	const struct gb_word *w = &in->token;
	const char *dot = memchr(w->p, '.', w->len);
	struct gb_expr expr = {0};
	struct gb_word label, name;
	uint32_t op;

	if (!dot)
		return gb_fail(in->r, w->column, "unexpected %s; expected LABEL.cqe, .res, .ack or .acks", GB_QUOTE(w));
	label = gb_part(w, 0, (size_t)(dot - w->p));
	name = gb_part(w, label.len + 1, w->len - label.len - 1);
	if (!gb_read_label(in->r, &label, &expr.sqe) ||
	    !gb_read_keyword(in->r, "attribute", &name, attributes, sizeof(attributes) / sizeof(attributes[0]), &op))
		return false;
	expr.op = (enum gb_expr_op)op;
	return gb_prop_node(in, expr, node);
}

static bool read_constant(struct gb_prop_reader *in, uint32_t *node)
{
	struct gb_expr expr = {.op = GB_EXPR_CONST};
	int32_t value;

	if (!gb_read_result(in->r, &in->token, &value))
		return false;
	expr.value = value;
	return gb_prop_node(in, expr, node);
}

/* Counts what the parser has to keep: its stack is of a fixed depth. */
static bool check_nesting(struct gb_prop_reader *in, int token)
{
	if (token == GB_TOKEN_CLOSE && in->nesting)
		in->nesting--;
	in->nots = token == GB_TOKEN_NOT ? in->nots + 1 : 0;
	if (in->nots > MAX_NOTS)
		return gb_fail(in->r, in->token.column, "too many '!' in a row; expected at most %u", MAX_NOTS);
	/* The printer puts a pair of parentheses behind '!', which must be readable again. */
	if ((token == GB_TOKEN_OPEN || token == GB_TOKEN_NOT) && in->nesting == GB_MAX_NESTING)
		return gb_fail(in->r, in->token.column,
			       "the expression is nested too deeply; expected at most %u levels", GB_MAX_NESTING);
	if (token == GB_TOKEN_OPEN)
		in->nesting++;
	return true;
}

/* A sign at the start of w, which is cut to it; 0 if there is none. */
static int find_sign(struct gb_word *w, enum gb_expr_op *op)
{
	for (size_t i = 0; i < N_SIGNS; i++) {
		size_t len = strlen(signs[i].sign);

		if (w->len < len || memcmp(w->p, signs[i].sign, len) != 0)
			continue;
		w->len = len;
		*op = signs[i].op;
		return signs[i].token;
	}
	return 0;
}

/* How far a number or LABEL.NAME reaches. */
static size_t value_length(const struct gb_word *w)
{
	size_t len = 1;

	while (len < w->len && (gb_is_name_char(w->p[len], false) || w->p[len] == '.'))
		len++;
	return len;
}

int gb_prop_lex(GB_PROP_STYPE *value, struct gb_prop_reader *in)
{
	struct gb_reader *r = in->r;
	struct gb_word *w = &in->token;
	enum gb_expr_op op = GB_EXPR_CONST;
	bool ok;
	int token;

	while (r->p < r->line_end && gb_is_blank(*r->p))
		r->p++;
	*w = (struct gb_word){r->p, (size_t)(r->line_end - r->p), (uint32_t)(r->p - r->line_start) + 1, 0};
	if (!w->len)
		return GB_TOKEN_END;
	token = find_sign(w, &op);
	if (!token)
		w->len = value_length(w);
	r->p += w->len;
	if (token) {
		value->op = op;
		return check_nesting(in, token) ? token : GB_TOKEN_GB_PROP_error;
	}
	in->nots = 0;
	if (gb_is_name_char(w->p[0], true))
		ok = read_attribute(in, &value->node);
	else if (w->p[0] == '-' || (w->p[0] >= '0' && w->p[0] <= '9'))
		ok = read_constant(in, &value->node);
	else
		ok = gb_fail(r, w->column, "unexpected %s; expected a number, -ERRNO, LABEL.cqe or a sign",
			     GB_QUOTE(w));
	return ok ? GB_TOKEN_VALUE : GB_TOKEN_GB_PROP_error;
}

static bool read_property(struct gb_reader *r, enum gb_quantifier quantifier, const struct gb_word *verb)
{
	struct gb_trace *trace = r->trace;
	struct gb_prop *prop = gb_room(r, trace->props, trace->n_props, &r->props_room, sizeof(*prop));
	struct gb_prop_reader in = {.r = r};

	if (!prop)
		return false;
	trace->props = prop;
	prop += trace->n_props++;
	*prop = (struct gb_prop){.quantifier = quantifier, .pos = {r->line, verb->column}};
	in.prop = prop;
	if (gb_prop_parse(&in) == 0)
		return true;
	return gb_no_memory(r); /* unless there was an error before */
}

bool gb_read_forall(struct gb_reader *r, const struct gb_word *verb)
{
	return read_property(r, GB_FORALL, verb);
}

bool gb_read_exists(struct gb_reader *r, const struct gb_word *verb)
{
	return read_property(r, GB_EXISTS, verb);
}

bool gb_read_never(struct gb_reader *r, const struct gb_word *verb)
{
	return read_property(r, GB_NEVER, verb);
}
