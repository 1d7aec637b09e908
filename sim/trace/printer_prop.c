/* SPDX-License-Identifier: MIT */
/*
 * Properties. A chain of `&` is a tree as deep as the chain is long, so the
 * way down is kept on a stack of our own.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "trace/printer.h"

/* A node on the way from the root and how many of its children are printed. */
struct step {
	uint32_t node;
	uint32_t printed;
	bool parentheses;
};

static const char *const signs[] = {
	[GB_EXPR_OR] = "|", [GB_EXPR_AND] = "&", [GB_EXPR_NOT] = "!", [GB_EXPR_EQ] = "=",  [GB_EXPR_NE] = "!=",
	[GB_EXPR_LT] = "<", [GB_EXPR_LE] = "<=", [GB_EXPR_GT] = ">",  [GB_EXPR_GE] = ">=",
};

/* Whether a child of this kind needs parentheses: after a `!` for the eye, else where it would bind otherwise. */
static bool needs_parentheses(enum gb_expr_op parent, enum gb_expr_op child, bool right)
{
	if (parent == GB_EXPR_NOT)
		return child != GB_EXPR_NOT;
	return child < parent || (right && child == parent);
}

/* errno: a constant that is compared to a result. */
static void print_leaf(struct gb_text *text, const struct gb_trace *trace, const struct gb_expr *leaf, bool is_errno)
{
	static const char *const attributes[] = {
		[GB_EXPR_CQE] = "cqe", [GB_EXPR_RES] = "res", [GB_EXPR_ACK] = "ack", [GB_EXPR_ACKS] = "acks"};
	const char *name = NULL;

	if (leaf->op != GB_EXPR_CONST) {
		gb_text_add(text, "%s.%s", gb_print_label(trace, leaf->sqe), attributes[leaf->op]);
		return;
	}
	if (is_errno && leaf->value < 0 && leaf->value > -4096)
		name = gb_errno_name((int)-leaf->value);
	if (name)
		gb_text_add(text, "-%s", name);
	else
		gb_text_add(text, "%" PRId64, leaf->value);
}

static void print_comparison(struct gb_text *text, const struct gb_trace *trace, const struct gb_prop *prop,
			     const struct gb_expr *node)
{
	const struct gb_expr *left = &prop->node[node->left], *right = &prop->node[node->right];

	print_leaf(text, trace, left, right->op == GB_EXPR_RES);
	gb_text_add(text, " %s ", signs[node->op]);
	print_leaf(text, trace, right, left->op == GB_EXPR_RES);
}

/* Prints what stands in front of the next child; returns that child, or prop->n after the last. */
static uint32_t next_child(struct gb_text *text, const struct gb_prop *prop, struct step *step)
{
	const struct gb_expr *node = &prop->node[step->node];
	bool binary = node->op == GB_EXPR_AND || node->op == GB_EXPR_OR;

	switch (step->printed++) {
	case 0:
		if (!binary)
			gb_text_add(text, "!");
		return node->left;
	case 1:
		if (binary) {
			gb_text_add(text, " %s ", signs[node->op]);
			return node->right;
		}
		return prop->n;
	default:
		return prop->n;
	}
}

static void print_tree(struct gb_text *text, const struct gb_trace *trace, const struct gb_prop *prop,
		       struct step *stack)
{
	uint32_t depth = 0;

	stack[depth++] = (struct step){prop->n - 1, 0, false};
	while (depth) {
		struct step *top = &stack[depth - 1];
		const struct gb_expr *node = &prop->node[top->node];
		uint32_t child = prop->n;

		if (node->op > GB_EXPR_NOT)
			print_comparison(text, trace, prop, node);
		else
			child = next_child(text, prop, top);
		if (child == prop->n) {
			gb_text_add(text, "%s", top->parentheses ? ")" : "");
			depth--;
			continue;
		}
		stack[depth] = (struct step){child, 0, false};
		stack[depth].parentheses =
			needs_parentheses(node->op, prop->node[child].op, child == node->right && top->printed == 2);
		gb_text_add(text, "%s", stack[depth].parentheses ? "(" : "");
		depth++;
	}
}

void gb_print_prop(struct gb_text *text, const struct gb_trace *trace, const struct gb_prop *prop)
{
	static const char *const quantifiers[] = {[GB_FORALL] = "forall", [GB_EXISTS] = "exists", [GB_NEVER] = "never"};
	struct step *stack = malloc(((size_t)prop->n + 1) * sizeof(*stack));

	if (!stack) {
		text->failed = true;
		return;
	}
	gb_text_add(text, "%s ", quantifiers[prop->quantifier]);
	if (prop->n)
		print_tree(text, trace, prop, stack);
	free(stack);
}
