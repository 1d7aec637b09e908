/* SPDX-License-Identifier: MIT */
/*
 * Property expressions. Operators bind as in the order of the rules: | weakest,
 * then &, !, comparisons. Nodes are made bottom up, so the root is the last.
 * Chains are left recursive and take no room on the stack; nesting is limited
 * by the scanner, hence the fixed depth of the stack.
 */
%define api.pure full
%define api.prefix {gb_prop_}
%define api.token.prefix {GB_TOKEN_}
%define parse.error custom
%define parse.lac full
%param { struct gb_prop_reader *in }

%code requires {
#include "groupbuf/trace.h"

struct gb_prop_reader;
}

%code {
#include <stdio.h>

#include "trace/reader.h"

#define YYINITDEPTH 2048
#define YYMAXDEPTH  2048

int gb_prop_lex(GB_PROP_STYPE *value, struct gb_prop_reader *in);
static void gb_prop_error(struct gb_prop_reader *in, const char *message);

/* Makes a node of rule $$; there is no way on without. */
#define NODE(result, ...)                                                           \
	do {                                                                        \
		if (!gb_prop_node(in, (struct gb_expr){__VA_ARGS__}, &(result)))    \
			YYABORT;                                                    \
	} while (0)
}

%union {
	uint32_t node;
	enum gb_expr_op op;
}

%token OR "'|'" AND "'&'" NOT "'!'" OPEN "'('" CLOSE "')'"
%token <op> COMPARE "a comparison (= != < <= > >=)"
%token <node> VALUE "a number, -ERRNO or LABEL.cqe, .res, .ack, .acks"
%token END 0 "the end of the line"
%type <node> property or and not

%%

property: or;

or: and
  | or OR and { NODE($$, .op = GB_EXPR_OR, .left = $1, .right = $3); }
  ;

and: not
   | and AND not { NODE($$, .op = GB_EXPR_AND, .left = $1, .right = $3); }
   ;

not: NOT not { NODE($$, .op = GB_EXPR_NOT, .left = $2); }
   | OPEN or CLOSE { $$ = $2; }
   | VALUE COMPARE VALUE { NODE($$, .op = $2, .left = $1, .right = $3); }
   ;

%%

/* What bison itself runs out of: memory, for the scanner sees to it that its stack suffices. */
static void gb_prop_error(struct gb_prop_reader *in, const char *message)
{
	(void)message;
	gb_no_memory(in->r);
}

/* What stands there and all that could. */
static int yyreport_syntax_error(const yypcontext_t *context, struct gb_prop_reader *in)
{
	yysymbol_kind_t expected[8];
	int n = yypcontext_expected_tokens(context, expected, 8);
	char text[160] = "";
	size_t used = 0;

	if (n < 0)
		return n;
	for (int i = 0; i < n; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", i ? ", " : "",
					 yysymbol_name(expected[i]));
	gb_fail(in->r, in->token.column, "unexpected %s; expected %s",
		in->token.len ? GB_QUOTE(&in->token) : "end of the line", text);
	return 0;
}
