/* SPDX-License-Identifier: MIT */
/* What the reader says about broken observations and properties. */
#include "trace_test.h"

static const struct broken broken_cqes_and_acks[] = {
	{"cqe", GB_BAD_INPUT, 1, 4, "the line ends too early; expected a label or 'none'"},
	{"sqe a NOP\ncqe a", GB_BAD_INPUT, 2, 6, "the line ends too early; expected a result"},
	{"cqe a 0", GB_BAD_INPUT, 1, 5, "'a' is not declared; expected the label of an sqe"},
	{"sqe a NOP\ncqe a x", GB_BAD_INPUT, 2, 7,
	 "'x' is no result; expected a number or a negative errno like -EINVAL"},
	{"sqe a NOP\ncqe a 0 flag=1", GB_BAD_INPUT, 2, 9, "unknown key 'flag' (did you mean flags?); expected flags"},
	{"sqe a NOP\ncqe a 0 1", GB_BAD_INPUT, 2, 9, "unexpected '1'; expected KEY=VALUE with one of the keys flags"},
	{"sqe a NOP\ncqe a 0\ncqe none", GB_BAD_INPUT, 3, 5, "'none' contradicts line 2; expected 'cqe none' alone"},
	{"sqe a NOP\ncqe none\ncqe a 0", GB_BAD_INPUT, 3, 5, "'a' contradicts line 2; expected 'cqe none' alone"},
	{"cqe none\ncqe none", GB_BAD_INPUT, 2, 5, "'none' contradicts line 1; expected 'cqe none' alone"},
	{"cqe none 0", GB_BAD_INPUT, 1, 10, "unexpected '0'; expected the end of the line"},
	{"submitted", GB_BAD_INPUT, 1, 10, "the line ends too early; expected a number of SQEs or an error"},
	{"submitted many", GB_BAD_INPUT, 1, 11,
	 "'many' is no result; expected a number or a negative errno like -EINVAL"},
	{"stuck here", GB_BAD_INPUT, 1, 7, "unexpected 'here'; expected the end of the line"},
	{"sqe a NOP\nack a", GB_BAD_INPUT, 2, 5, "the line ends too early; expected leases="},
	{"sqe a NOP\nack a leases=1", GB_BAD_INPUT, 2, 14, "the line ends too early; expected acks="},
	{"sqe a NOP\nack a leases=1 acks=1 after=1 bytes=12 untouched=0", GB_BAD_INPUT, 2, 37,
	 "bytes=12 is not a hash; expected 16 hexadecimal digits"},
	{"sqe a NOP\nack a leases=1 acks=1 after=1 bytes=000000000000000g untouched=0", GB_BAD_INPUT, 2, 37,
	 "bytes=000000000000000g is not a hash; expected 16 hexadecimal digits"},
	{"sqe a NOP\nack a lease=1", GB_BAD_INPUT, 2, 7,
	 "unknown key 'lease' (did you mean leases?); expected leases, acks, after, bytes, untouched"},
	{"sqe a NOP\nack a leases=1 acks=1 after=1 untouched=0", GB_BAD_INPUT, 2, 41,
	 "the line ends too early; expected bytes="},
	{"sqe a NOP\nack a 3", GB_BAD_INPUT, 2, 7,
	 "unexpected '3'; expected KEY=VALUE with one of the keys leases, acks, after, bytes, untouched"},
	{"ack a leases=1", GB_BAD_INPUT, 1, 5, "'a' is not declared; expected the label of an sqe"},
	{"seen", GB_BAD_INPUT, 1, 5, "the line ends too early; expected a number of runs"},
	{"seen 0 a:0", GB_BAD_INPUT, 1, 6, "'0' is out of range; expected 1 to 4294967295"},
	{"seen x a:0", GB_BAD_INPUT, 1, 6, "'x' is not a number; expected 1 to 4294967295"},
	{"seen 1", GB_BAD_INPUT, 1, 7, "the line ends too early; expected LABEL:RESULT"},
	{"sqe a NOP\nseen 1 a", GB_BAD_INPUT, 2, 8, "unexpected 'a'; expected LABEL:RESULT"},
	{"sqe a NOP\nseen 1 b:0", GB_BAD_INPUT, 2, 8, "'b' is not declared; expected the label of an sqe"},
	{"sqe a NOP\nseen 1 a:", GB_BAD_INPUT, 2, 10, "'' is not a number; expected -2147483648 to 2147483647"},
	{"sqe a NOP\nseen 1 a:0 a:x", GB_BAD_INPUT, 2, 14,
	 "'x' is no result; expected a number or a negative errno like -EINVAL"},
};

static const struct broken broken_outside_and_final[] = {
	{"pipe p\ngot p.r 1", GB_BAD_INPUT, 2, 10, "the line ends too early; expected a hash"},
	{"pipe p\ngot p.r 1 00", GB_BAD_INPUT, 2, 11, "'00' is not a hash; expected 16 hexadecimal digits"},
	{"got p.r 1 0000000000000000", GB_BAD_INPUT, 1, 5, "'p' is not declared; expected a pipe or socket end"},
	{"pipe p\nwrote p.w", GB_BAD_INPUT, 2, 10, "the line ends too early; expected a number of bytes or an error"},
	{"file f size=1\nwrote f 1", GB_BAD_INPUT, 2, 7, "'f' is a file; expected a pipe or socket end"},
	{"final x size=1 0000000000000000", GB_BAD_INPUT, 1, 7,
	 "'x' is not declared; expected a file, a mem, a pipe or socket end"},
	{"file f size=1\nfinal f bytes=1 0000000000000000", GB_BAD_INPUT, 2, 9, "unknown key 'bytes'; expected size"},
	{"file f size=1\nfinal f 0000000000000000", GB_BAD_INPUT, 2, 9, "the line ends too early; expected size=N"},
	{"file f size=1\nfinal f size=1", GB_BAD_INPUT, 2, 14, "the line ends too early; expected a hash"},
	{"file f size=1\nfinal f size=1 0000000000000000 0000000000000001", GB_BAD_INPUT, 2, 33,
	 "unexpected '0000000000000001'; expected one hash"},
	{"mem m size=1\nfinal m size=1 0000000000000000", GB_BAD_INPUT, 2, 9, "unexpected 'size=1'; expected a hash"},
	{"mem m size=1\nfinal m bytes=1 0000000000000000", GB_BAD_INPUT, 2, 9, "unexpected 'bytes=1'; expected a hash"},
	{"pipe p\nfinal p bytes=1 0000000000000000", GB_BAD_INPUT, 2, 7,
	 "'p' names no end of pipe p; expected p.r or p.w"},
	{"lessor d\nfinal d 0000000000000000", GB_BAD_INPUT, 2, 7,
	 "'d' is a lessor, which has no end state; expected a file, a mem, a pipe or socket end"},
	{"sock s\nfinal s.2 bytes=1 0000000000000000", GB_BAD_INPUT, 2, 7,
	 "'s.2' names no end of sock s; expected s.0 or s.1"},
};

static const struct broken broken_hazards[] = {
	{"hazard", GB_BAD_INPUT, 1, 7, "the line ends too early; expected a kind of hazard"},
	{"hazard nul-deref at x", GB_BAD_INPUT, 1, 8,
	 "unknown hazard 'nul-deref' (did you mean null-deref?); expected null-deref, use-after-free, *"},
	{"hazard leak", GB_BAD_INPUT, 1, 12, "the line ends too early; expected 'at' and a function"},
	{"hazard leak in x", GB_BAD_INPUT, 1, 13, "unexpected 'in'; expected 'at' and a function"},
	{"hazard leak at", GB_BAD_INPUT, 1, 15, "the line ends too early; expected a function"},
	{"hazard leak at :", GB_BAD_INPUT, 1, 16, "a function is missing; expected the name of a kernel function"},
	{"hazard leak at 9x", GB_BAD_INPUT, 1, 16, "'9x' is no function; expected the name of a kernel function"},
	{"hazard leak at io_free of", GB_BAD_INPUT, 1, 26, "the line ends too early; expected a label"},
	{"hazard leak at io_free of nobody: x", GB_BAD_INPUT, 1, 27,
	 "'nobody' is not declared; expected the label of an sqe"},
	{"hazard leak at io_free x", GB_BAD_INPUT, 1, 24,
	 "unexpected 'x'; expected 'of' and a label, or the end of the line"},
	{"invariant", GB_BAD_INPUT, 1, 10, "the line ends too early; expected the number of an invariant"},
	{"invariant Ia violated", GB_BAD_INPUT, 1, 11, "'Ia' is no invariant; expected its number, like I32"},
	{"invariant 32 violated", GB_BAD_INPUT, 1, 11, "'32' is no invariant; expected its number, like I32"},
	{"invariant I violated", GB_BAD_INPUT, 1, 11, "'I' is no invariant; expected its number, like I32"},
	{"invariant I3xy violated", GB_BAD_INPUT, 1, 11, "'I3xy' is no invariant; expected its number, like I32"},
	{"invariant I32", GB_BAD_INPUT, 1, 14, "the line ends too early; expected 'violated'"},
	{"invariant I32 holds", GB_BAD_INPUT, 1, 15, "unexpected 'holds'; expected 'violated'"},
	{"invariant I32 violated always", GB_BAD_INPUT, 1, 24, "unexpected 'always'; expected the end of the line"},
};

static const struct broken broken_properties[] = {
	{"forall", GB_BAD_INPUT, 1, 7,
	 "unexpected end of the line; expected '!', '(', a number, -ERRNO or LABEL.cqe, .res, .ack, .acks"},
	{"sqe a NOP\nexists a.cqe", GB_BAD_INPUT, 2, 13,
	 "unexpected end of the line; expected a comparison (= != < <= > >=)"},
	{"sqe a NOP\nnever a", GB_BAD_INPUT, 2, 7, "unexpected 'a'; expected LABEL.cqe, .res, .ack or .acks"},
	{"sqe a NOP\nforall a.pos = 1", GB_BAD_INPUT, 2, 10, "unknown attribute 'pos'; expected cqe, res, ack, acks"},
	{"sqe a NOP\nforall b.cqe = 1", GB_BAD_INPUT, 2, 8, "'b' is not declared; expected the label of an sqe"},
	{"sqe a NOP\nforall a.cqe = 1 = 2", GB_BAD_INPUT, 2, 18,
	 "unexpected '='; expected the end of the line, '|', '&'"},
	{"sqe a NOP\nforall a.cqe == 1", GB_BAD_INPUT, 2, 15,
	 "unexpected '='; expected a number, -ERRNO or LABEL.cqe, .res, .ack, .acks"},
	{"sqe a NOP\nforall a.cqe = 1 && a.res = 0", GB_BAD_INPUT, 2, 19,
	 "unexpected '&'; expected '!', '(', a number, -ERRNO or LABEL.cqe, .res, .ack, .acks"},
	{"sqe a NOP\nforall (a.cqe = 1", GB_BAD_INPUT, 2, 18, "unexpected end of the line; expected '|', '&', ')'"},
	{"sqe a NOP\nforall a.cqe = 1)", GB_BAD_INPUT, 2, 17, "unexpected ')'; expected the end of the line, '|', '&'"},
	{"sqe a NOP\nforall a.cqe = 1 a.res", GB_BAD_INPUT, 2, 18,
	 "unexpected 'a.res'; expected the end of the line, '|', '&'"},
	{"sqe a NOP\nforall a.cqe ~ 1", GB_BAD_INPUT, 2, 14,
	 "unexpected '~'; expected a number, -ERRNO, LABEL.cqe or a sign"},
	{"sqe a NOP\nforall a.res = -EFOO", GB_BAD_INPUT, 2, 16,
	 "unknown errno '-EFOO' (did you mean -EIO?); expected -EPERM, -ENOENT, *"},
	{"sqe a NOP\nforall a.res = 99999999999", GB_BAD_INPUT, 2, 16,
	 "'99999999999' is out of range; expected -2147483648 to 2147483647"},
	{"sqe a NOP\nforall a.res = ECANCELED", GB_BAD_INPUT, 2, 16,
	 "unexpected 'ECANCELED'; expected LABEL.cqe, .res, .ack or .acks"},
	{"sqe a NOP\nforall () = 1", GB_BAD_INPUT, 2, 9,
	 "unexpected ')'; expected '!', '(', a number, -ERRNO or LABEL.cqe, .res, .ack, .acks"},
	{"sqe a NOP\nforall !", GB_BAD_INPUT, 2, 9,
	 "unexpected end of the line; expected '!', '(', a number, -ERRNO or LABEL.cqe, .res, .ack, .acks"},
	{"sqe a NOP\nforall a.cqe = 1 |", GB_BAD_INPUT, 2, 19,
	 "unexpected end of the line; expected '!', '(', a number, -ERRNO or LABEL.cqe, .res, .ack, .acks"},
	{"sqe a NOP\nforall a.cqe.res = 1", GB_BAD_INPUT, 2, 10,
	 "unknown attribute 'cqe.res'; expected cqe, res, ack, acks"},
	{"sqe a NOP\nforall !!!!!!!!!a.cqe = 1", GB_BAD_INPUT, 2, 16, "too many '!' in a row; expected at most 8"},
	{"sqe a NOP\nforall 1", GB_BAD_INPUT, 2, 9,
	 "unexpected end of the line; expected a comparison (= != < <= > >=)"},
	{"sqe a NOP\nforall (1) = 1", GB_BAD_INPUT, 2, 10, "unexpected ')'; expected a comparison (= != < <= > >=)"},
};

static void cqes_and_acks(void **state)
{
	(void)state;
	CHECK_BROKEN(broken_cqes_and_acks);
}

static void outside_and_final(void **state)
{
	(void)state;
	CHECK_BROKEN(broken_outside_and_final);
}

static void hazards(void **state)
{
	(void)state;
	CHECK_BROKEN(broken_hazards);
}

static void properties(void **state)
{
	(void)state;
	CHECK_BROKEN(broken_properties);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cqes_and_acks),
		cmocka_unit_test(outside_and_final),
		cmocka_unit_test(hazards),
		cmocka_unit_test(properties),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
