/* SPDX-License-Identifier: MIT */
/* The rows of test_invariants.c. */
#ifndef GB_TESTS_INVARIANTS_TABLE_H
#define GB_TESTS_INVARIANTS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct row {
	const char *number;
	bool tests; /* the honest script puts the invariant to the test */
	const char *trace, *script;
};

/* ---- traces ---- */

#define PAIR	   "sqe a NOP flags=SQE_GROUP\nsqe b NOP\nsqe c NOP\nsqe d NOP\nsubmit\n"
#define DRAINED	   "sqe a NOP flags=SQE_GROUP\nsqe b NOP flags=IO_DRAIN\nsubmit\n"
#define THREE	   "sqe a NOP flags=SQE_GROUP\nsqe b NOP flags=SQE_GROUP\nsqe c NOP\nsubmit\n"
#define CHAIN	   "sqe a NOP flags=IO_LINK\nsqe b NOP flags=SQE_GROUP|IO_LINK\nsqe c NOP\nsqe d NOP\nsubmit\n"
#define MIXED	   "sqe a NOP flags=IO_LINK\nsqe b NOP flags=SQE_GROUP\nsqe c NOP flags=SQE_GROUP\nsqe d NOP\nsubmit\n"
#define LEAD_CHAIN "sqe a NOP flags=SQE_GROUP|IO_LINK\nsqe b NOP\nsqe c NOP\nsubmit\n"
#define LEASE(mode, b)                                                                                     \
	"file f size=64\nsock s\nlessor dev\nsqe a LEASE fd=dev dir=dest len=64 " mode "flags=SQE_GROUP\n" \
	"sqe b " b " flags=GROUP_BUF\nsqe c NOP\nsubmit\n"
#define READS LEASE("", "READ fd=f addr=0 len=16")
#define UBLK(flags)                                                                                     \
	"ublk dev depth=2 flags=" flags "USER_COPY\nblkreq k dev read len=512\n"                        \
	"sqe a UBLK_PROVIDE fd=dev tag=0 flags=SQE_GROUP\nsqe b NOP\nsqe c UBLK_PROVIDE fd=dev tag=0\n" \
	"sqe d UBLK_PROVIDE fd=dev tag=0 flags=SQE_GROUP\nsqe e NOP\nsubmit\n"

/* ---- pieces of scripts ---- */

#define A_OPENS "init a 0x80 0; open a; grp a 1; "
#define B_ENDS	"join b>a; grp a 2; close a 1 0; start a; "
#define B_JOINS "init b 0 0; " B_ENDS
#define A_DONE	"issue a 1; done a 0 0; batch_end; grp a 1; "
/* the group of a and b, up to the task work of b */
#define QUEUED A_OPENS B_JOINS A_DONE "first a; qmember b>a 0; tw_add b 1; "
#define RUNS   QUEUED "tw_run b 1; issue b 1; "
#define B_DONE RUNS "done b 0 0; "
#define POSTED B_DONE "cqe b 0 0 1; grp a 0; cqe a 0 0 2; flush - 2; "
#define WHOLE  POSTED "free b; free a; "
/* three, the second of which fails its initialisation */
#define REFUSED                                                                                  \
	A_OPENS "init b 0x80 -22; fail b -22 1; fail a -125 1; join b>a; grp a 2; init c 0 0; "  \
		"join c>a; grp a 3; close a 2 0; start a 1; done a -125 1; batch_end; grp a 2; " \
		"first a; qmember b>a -22; tw_add b 2; qmember c>a -125; tw_add c 2; tw_run b 2; "
/* a alone */
#define PLAIN_C "init c 0 0; start c; issue c 1; "
#define CUT                                                                                        \
	"init a 4 0; init b 0x84 0; open b; grp b 1; init c 0 0; join c>b; grp b 2; close b 1 0; " \
	"link b>a; init d 0 0; link d>b; start a; issue a 1; fail a 0 0; done a -5 1; batch_end; " \
	"cqe a -5 0 1; flush - 1; tw_add b 6; free a; tw_run b 6; fail c -125 1; done b -125 0; "  \
	"grp b 1; "
#define CUT_GROUP "first b; qmember c>b -125; tw_add c 2; tw_run c 2; done c -125 1; cqe c -125 0 3; fail b; grp b 0; "
#define BEHIND                                                                                     \
	"init a 0x84 0; open a; grp a 1; init b 0 0; join b>a; grp a 2; close a 1 0; init c 0 0; " \
	"link c>a; start a; issue a 1; done a 0 0; batch_end; grp a 1; first a; qmember b>a 0; "   \
	"tw_add b 1; tw_run b 1; issue b 1; "
#define BUF "0x8000000000"
#define LEASED                                                                                     \
	A_OPENS "init b " BUF " 0; " B_ENDS "issue a 1; lease a 0 64 0 1; done a 0 0; batch_end; " \
		"grp a 1; first a; qmember b>a 0; tw_add b 1; tw_run b 1; issue b 1; "
#define IMPORTED   LEASED "import b 0 0 16 0; "
#define FILLED	   IMPORTED "io b 0 16 1 1; done b 16 0; cqe b 16 0 1; grp a 0; cqe a 0 0 2; flush - 2; free b; "
#define DISPATCHED "blk_queue - 0 0 0 0; blk_dispatch - 0 0 0 0; blk_ref - 1 0 0 0; "
#define PROVIDED                                                                                   \
	DISPATCHED A_OPENS B_JOINS "issue a 1; blk_ref - 2 0 0 0; lease a 0 512 0 1; done a 0 0; " \
				   "batch_end; grp a 1; first a; qmember b>a 0; tw_add b 1; tw_run b 1; "

static const struct row rows[] = {
	/* forming a group */
	{"I1", true, PAIR, A_OPENS "init b 0 0; {" B_ENDS "|}batch_end"},
	{"I1", true, PAIR, A_OPENS "init b 0 0; join b>a; grp a 2; {close a 1 0; start a|init c 0 0}"},
	{"I1", true, PAIR, A_OPENS "init b 0 0; join b>a; grp a 2; close a 1 {0|1}; start a {0|1}"},
	{"I1", true, PAIR, A_OPENS B_JOINS "init c 0 0; {|open c; }start c"},
	{"I1", true, PAIR, A_OPENS B_JOINS "init c 0 0; {|join c>a; }start c"},
	{"I2", true, THREE, A_OPENS "init b 0x80 0; join b>a; grp a 2; {close a 1 1; start a 1; |}batch_end"},
	{"I2", false, PAIR, A_OPENS B_JOINS "batch_end; init c 0 0; {|join c>a; }start c"},
	{"I3", true, PAIR,
	 A_OPENS "close a 0 1; fail a -22 1; start a 1; batch_end; done a -22 1; cqe a {-22|-125} 0 1"},
	{"I3", true, PAIR,
	 A_OPENS "close a 0 1; fail a -22 1; start a 1; batch_end; {done a -22 1; cqe a -22 0 1; free a; |}finish"},
	{"I4", true, THREE, A_OPENS "init b 0x80 0; {|open b; }join b>a; grp a 2"},
	{"I5", true, CHAIN,
	 "init a 4 0; init b 0x84 0; open b; grp b 1; init c 0 0; join c>b; grp b 2; close b 1 0; {link b>a; |}"
	 "init d 0 0; {link d>b; start a|}"},
	{"I5", true, CHAIN,
	 "init a 4 0; init b 0x84 0; open b; grp b 1; init c 0 0; join c>b; grp b 2; close b 1 0; link b>a; "
	 "init d 0 0; link d>{b|c}; start a"},
	{"I5", false, CHAIN, "init a 4 0; init b 0x84 0; open b; {|link b>a; }grp b 1"},
	{"I6", true, PAIR, POSTED "free b; {free a; |}dying; finish"},
	{"I6", true, PAIR, POSTED "{free b; |}free a; dying; finish"},
	{"I6", true, PAIR, B_DONE "{cqe b 0 0 1; grp a 0; cqe a 0 0 2; free b; free a; |}finish"},
	{"I6", false, PAIR, POSTED "{|cqe b 0 0 3; }free b"},
	{"I6", false, PAIR, PLAIN_C "done c 0 0; {cqe|skip} c 0 0 1"},
	{"I6", false, "sqe a NOP\nsqe b NOP\nsqe c NOP flags=CQE_SKIP_SUCCESS\nsubmit\n",
	 "init c 0x40 0; start c; issue c 1; done c 0 0; {skip|cqe} c 0 0 1"},
	{"I6", false, PAIR, PLAIN_C "done c 0 0; {cqe c 0 0 1; |}free c"},
	{"I6", false, PAIR, PLAIN_C "done c 0 0; cqe c 0 0 1; free c; {|free c}"},
	{"I7", true, PAIR, A_OPENS "{|issue a 1; }" B_JOINS "{issue a 1|}"},
	{"I8", true, "sqe a NOP flags=IO_LINK\nsqe b NOP flags=SQE_GROUP\nsqe c NOP flags=SQE_GROUP\nsubmit\n",
	 "init a 4 0; init b 0x80 0; open b; grp b 1; init c 0x80 0; join c>b; grp b 2; close b 1 1; link b>a; "
	 "{start a 1; |}batch_end"},
	{"I8", false, PAIR, "init c 0 0; {start c; |}init d 0 0"},
	{"I8", false, PAIR, "init c 0 0; start c; {|start c}"},
	{"I9", true, THREE, A_OPENS "init b 0x80 -22; fail b -22 1; fail a -125 1; {join b>a; grp a 2; |}init c 0 0"},

	/* flags and errnos */
	{"I10", true, "sqe a NOP flags=SQE_GROUP\nsqe b NOP flags=IO_LINK|SQE_GROUP\nsqe c NOP\nsubmit\n",
	 A_OPENS "init b 0x84 0; {fail a -22 1; |}join b>a; grp a 2; init c 0 0; join c>a; grp a 3; close a 2 0"},
	{"I10", true, "sqe a NOP flags=SQE_GROUP\nsqe b NOP flags=IO_LINK|SQE_GROUP\nsqe c NOP\nsubmit\n",
	 A_OPENS "init b 0x84 0; fail a -22 1; join b>a; grp a 2; init c 0 0; join c>a; grp a 3; close a 2 0; "
		 "start a 1; done a -22 1; batch_end; grp a 2; first a; qmember b>a -125; tw_add b 2; tw_run b 2; "
		 "done b -125 1; cqe b {-125|-22} 0 1"},
	{"I11", true, "sqe a NOP flags=SQE_GROUP\nsqe b NOP flags=CQE_SKIP_SUCCESS|SQE_GROUP\nsqe c NOP\nsubmit\n",
	 A_OPENS "init b 0xc0 0; {fail a -22 1; |}join b>a; grp a 2; init c 0 0; join c>a; grp a 3; close a 2 0"},
	{"I12", true, "sqe a NOP flags=SQE_GROUP\nsqe b NOP flags=IO_DRAIN\nsubmit\n",
	 A_OPENS "init b {" BUF "|2} 0; {|fail a -22 1; }join b>a; grp a 2"},
	{"I13", true, "sqe a NOP flags=SQE_GROUP\nsqe b LINK_TIMEOUT ms=1\nsubmit\n",
	 A_OPENS "init b 0 {-22; fail b -22 1; fail a -125 1|0}; join b>a"},
	{"I13", true, "sqe a NOP flags=IO_LINK\nsqe b LINK_TIMEOUT ms=1 flags=SQE_GROUP\nsqe c NOP\nsubmit\n",
	 "init a 4 0; init b 0x80 {-22|0}; open b"},
	{"I13", false, "sqe a NOP flags=SQE_GROUP|IO_LINK\nsqe b NOP\nsqe c LINK_TIMEOUT ms=1\nsubmit\n",
	 "init a 0x84 0; open a; grp a 1; init b 0 0; join b>a; grp a 2; close a 1 0; init c 0 0; link c>a; start a; "
	 "issue a 1; {|arm_timer c 1}"},
	{"I14", true, THREE, REFUSED "done b -22 1; cqe b {-22|-125} 0 1"},
	{"I14", false, THREE, REFUSED "done b -22 1; tw_run c 2; {|issue c 1; }done c -125 1"},
	{"I15", true, PAIR,
	 "init a 0x80 -95; fail a -95 1; open a; grp a 1; " B_JOINS "done a -95 1; batch_end; grp a 1; first a; "
	 "qmember b>a -125; tw_add b 2; tw_run b 2; done b -125 1; cqe b -125 0 1; grp a 0; cqe a {-95|-125} 0 2"},
	{"I15", false, PAIR, "init a 0x80 -95; fail a -95 1; open a; grp a 1; init b 0 0; {" B_ENDS "|}batch_end"},
	{"I16", true, THREE,
	 A_OPENS "init b 0x80 -9; fail b -9 1; fail a {-125|-9} 1; join b>a; grp a 2; init c 0 0; join c>a; grp a 3; "
		 "close a 2 0"},
	{"I17", true, MIXED,
	 "init a 4 0; init b 0x80 0; open b; grp b 1; init c 0x80 -22; fail c -22 1; fail b -125 1; join c>b; grp b 2; "
	 "init d 0 0; join d>b; grp b 3; close b 2 0; {fail a -125 1; |}link b>a; start a 1"},
	{"I17", true, MIXED,
	 "init a 4 0; init b 0x80 0; open b; grp b 1; init c 0x80 -22; fail c -22 1; fail b -125 1; join c>b; grp b 2; "
	 "init d 0 0; join d>b; grp b 3; close b 2 0; fail a -125 1; link b>a; start a 1; {done a -125 1|issue a 1}"},
	{"I18", true, PAIR, "init c 0 -22; fail c -22 1; start c 1; {|issue c 1; }done c -22 1"},
	{"I19", true, "sqe a NOP flags=IO_HARDLINK\nsqe b NOP\nsubmit\n",
	 "init a 8 -22; fail a -22 1; init b 0 0; link b>a; start a 1; done a -22 1; batch_end; cqe a -22 0 1; "
	 "flush - 1; tw_add b 6; free a; tw_run b 6; {|issue b 1; }done b -125 0"},

	/* order in a group */
	{"I20", true, PAIR, A_OPENS B_JOINS A_DONE "{first a; |}qmember b>a 0"},
	{"I20", true, PAIR, A_OPENS B_JOINS A_DONE "first a; {qmember b>a 0; tw_add b 1; tw_run b 1; |}issue b 1"},
	{"I20", true, PAIR, A_OPENS B_JOINS "issue a 1; {done a 0 0; |}batch_end; grp a 1; first a"},
	{"I21", true, PAIR,
	 A_OPENS B_JOINS "issue a 1; done a 0 0; " PLAIN_C "done c 0 0; batch_end; grp a 1; {cqe c 0 0 1; flush - 1; |}"
			 "first a"},
	{"I22", true, THREE,
	 A_OPENS "init b 0x80 0; join b>a; grp a 2; init c 0 0; join c>a; grp a 3; close a 2 0; start a; issue a 1; "
		 "done a 0 0; batch_end; grp a 2; first a; qmember {b|c}>a 0"},
	{"I22", true, PAIR, QUEUED "{tw_run b 1; |}issue b 1"},
	{"I24", true, PAIR, A_OPENS B_JOINS A_DONE "first a; qmember b>a {0|-125}"},
	{"I24", true, DRAINED, A_OPENS "init b 0xc000000000 0; " B_ENDS A_DONE "first a; qmember b>a {-22|0}"},
	{"I25", true,
	 "file f size=16\nmem m size=64\nsqe a READ fd=f addr=m len=32 flags=SQE_GROUP\nsqe b NOP\nsubmit\n",
	 A_OPENS B_JOINS "issue a 1; fail a; done a 16 1; batch_end; grp a 1; first a; qmember b>a {-125|0}"},
	{"I26", true, PAIR, QUEUED "tw_run@fallback b 1; {|issue@fallback b 1; }done@fallback b -14 1"},
	{"I26", true, PAIR, QUEUED "dying; tw_run b 1; done b {-14|-5} 1"},
	{"I27", true, PAIR, QUEUED "tw_run b 1; {issue|issue@io-wq} b 1"},

	/* counting and freeing */
	{"I28", true, PAIR, A_OPENS "init b 0 0; join b>a; grp a {2|3}"},
	{"I28", true, PAIR, A_OPENS B_JOINS "issue a 1; done a 0 0; batch_end; grp a {1|0}"},
	{"I28", true, PAIR, B_DONE "{cqe b 0 0 1; |}grp a 0"},
	{"I28", true, PAIR, A_OPENS B_JOINS "issue a 1; {done a 0 0; |}batch_end; grp a 1"},
	{"I29", true, PAIR, B_DONE "cqe b 0 0 1; {grp|grp@irq} a 0"},
	{"I30", false, PAIR, QUEUED "{|first a; }tw_run b 1"},
	{"I30", false, PAIR, QUEUED "{|qmember b>a 0; }tw_run b 1"},
	{"I30", true, PAIR, "{" POSTED "|" B_DONE "cqe b 0 0 1; grp a 0; grp a -1; }req_ref a 0; free a"},
	{"I31", true, PAIR, B_DONE "{cqe|cqe@io-wq} b 0 0 1"},
	{"I32", true, PAIR, B_DONE "{cqe b 0 0 1; grp a 0; cqe a 0 0 2; |}free a"},
	{"I33", true, PAIR, POSTED "req_ref a {0|1}; free a"},
	{"I35", true, PAIR, WHOLE "{|import b -22 0 0 0}"},
	{"I35", false, PAIR, RUNS "{|hazard b 1 1}"},

	/* completion entries */
	{"I36", true, PAIR, B_DONE "{cqe b 0 0 1; grp a 0; cqe a 0 0 2|cqe a 0 0 1}"},
	{"I37", true, PAIR, B_DONE "{cqe b 0 0 1; |}grp a 0"},
	{"I37", true, PAIR,
	 PLAIN_C "done c 0 0; init d 0 0; start d; issue d 1; done d 0 0; batch_end; {cqe c 0 0 1|cqe d 0 0 1}"},
	{"I38", true, PAIR, B_DONE "cqe b 0 0 1; grp a 0; cqe a {0|-5} 0 2"},
	{"I39", true, "sqe a NOP flags=SQE_GROUP|CQE_SKIP_SUCCESS\nsqe b NOP\nsubmit\n",
	 "init a 0xc0 0; open a; grp a 1; " B_JOINS A_DONE "first a; qmember b>a 0; tw_add b 1; tw_run b 1; issue b 1; "
	 "done b 0 0; cqe b 0 0 1; grp a 0; {skip|cqe} a 0"},
	{"I39", true, "sqe a NOP flags=SQE_GROUP|CQE_SKIP_SUCCESS\nsqe b NOP\nsubmit\n",
	 "init a 0xc0 0; open a; grp a 1; " B_JOINS A_DONE "first a; qmember b>a 0; tw_add b 1; tw_run b 1; issue b 1; "
	 "fail b; done b -5 1; cqe b -5 0 1; fail a; grp a 0; {cqe|skip} a 0"},
	{"I40", true, PAIR,
	 A_OPENS B_JOINS "issue a 1; {cqe a 4 2 1; |}done a 0 0; batch_end; grp a 1; first a; {|cqe a 4 2 1}"},
	{"I40", true, PAIR, PLAIN_C "{done c 0 0; cqe c 0 0 1; |}cqe c 0 8 2"},
	{"I41", true, "sqe a NOP res=-5 flags=IO_LINK|CQE_SKIP_SUCCESS\nsqe b NOP\nsubmit\n",
	 "init a 0x44 0; init b 0 0; link b>a; start a; issue a 1; fail a; done a -5 1; batch_end; cqe a -5 0 1; "
	 "tw_add b 6; free a; tw_run b 6; done b -125 0; {skip|cqe} b -125"},
	{"I42", true, PAIR,
	 PLAIN_C "done c 0 0; init d 0 0; start d; issue d 1; done d 0 0; batch_end; cqe c 0 0 1 1; cqe d 0 0 2 {1|0}"},

	/* failure */
	{"I43", true, PAIR,
	 A_OPENS B_JOINS "issue a 1; fail a; done a -5 1; batch_end; grp a 1; first a; qmember b>a -125; tw_add b 2; "
			 "tw_run b 2; {|issue b 1; }done b -125 1"},
	{"I43", true, PAIR,
	 A_OPENS B_JOINS "issue a 1; fail a; done a -5 1; batch_end; grp a 1; first a; qmember b>a -125; tw_add b 2; "
			 "tw_run b 2; done b {-125|-5} 1"},
	{"I44", true, PAIR, RUNS "fail b; done b -5 1; cqe b -5 0 1; {fail a; |}grp a 0; cqe a 0 0 2"},
	{"I45", true, PAIR, RUNS "init c 0 0; start c; fail b; done b -5 1; cqe b -5 0 1; fail {a|c}; grp a 0"},
	{"I46", true, LEAD_CHAIN, BEHIND "done b 0 0; cqe b 0 0 1; grp a 0; cqe a 0 0 2; free b; tw_add c {1|6}"},
	{"I46", true, LEAD_CHAIN,
	 BEHIND "fail b; done b -5 1; cqe b -5 0 1; fail a; grp a 0; cqe a 0 0 2; free b; tw_add c {6|1}"},
	{"I47", true, PAIR, PLAIN_C "done c -5 {1|0}"},
	{"I47", true, PAIR, PLAIN_C "done c 0 {0|1}"},
	{"I47", true, "file f size=16\nmem m size=64\nsqe a READ fd=f addr=m len=32\nsubmit\n",
	 "init a 0 0; start a; issue a 1; done a 16 {1|0}"},
	{"I47", true, "sock s\nmem m size=64\nsqe a RECV fd=s.0 addr=m len=32\nsubmit\n",
	 "init a 0 0; start a; issue a 1; done a 16 {0|1}"},
	{"I47", true, "sock s\nmem m size=64\nsqe a RECV fd=s.0 addr=m len=32 op_flags=0x100\nsubmit\n",
	 "init a 0 0; start a; issue a 1; done a 16 {1|0}"},
	{"I47", true, "sqe a TIMEOUT ms=1 op_flags={0|32}\nsubmit\n", "init a 0 0; start a; issue a 1; done a -62 1"},
	{"I48", false, CHAIN, CUT "{|done d -125 0; cqe d -125 0 2; }" CUT_GROUP "cqe b -125 0 4"},
	{"I48", true, CHAIN, CUT CUT_GROUP "cqe b {-125|-5} 0 4"},
	{"I49", true, LEAD_CHAIN, BEHIND "{done b 0 0; cqe b 0 0 1; grp a 0; cqe a 0 0 2; |}tw_add c 1"},
	{"I49", true, LEAD_CHAIN, BEHIND "{done b 0 0; cqe b 0 0 1; grp a 0; cqe a 0 0 2; |}work@io-wq c"},

	/* drain */
	{"I50", true, "sqe a NOP\nsqe b NOP flags=IO_DRAIN\nsubmit\n",
	 "init a 0 0; start a; init b 0x12 0; start b 1; defer b {1|0}"},
	{"I51", false, "sqe a NOP\nsqe b NOP flags=IO_DRAIN\nsubmit\n",
	 "init a 0 0; start a; issue a 1; init b 0x12 0; start b 1; defer b 1; {done a 0 0; cqe a 0 0 1; |}release b "
	 "1; "
	 "tw_add b 1; tw_run b 1; issue b 1"},
	{"I52", true, "sqe a NOP\nsqe b NOP flags=IO_DRAIN\nsubmit\n", "init b 0x12 0; start b {1|0}"},
	{"I52", true, "sqe a NOP flags=IO_LINK\nsqe b NOP flags=IO_DRAIN\nsqe c NOP\nsubmit\n",
	 "init a 4 0; init b 0x12 0; link b>a; start a 1; init c {0x12|0x10} 0"},
	{"I53", true,
	 "sqe a NOP flags=IO_LINK\nsqe b NOP flags=IO_DRAIN\nsqe c NOP flags=BUFFER_SELECT|SQE_GROUP\nsqe d "
	 "NOP\nsubmit\n",
	 "init a 4 0; init b 0x12 0; link b>a; start a 1; init c 0xa0 -95 !NO_BUFFER_SELECT; fail c -95 1; open c; grp "
	 "c 1; "
	 "init d {0|0x12} 0; join d>c"},
	{"I54", true, "sqe a NOP flags=CQE_SKIP_SUCCESS\nsqe b NOP flags=IO_DRAIN\nsubmit\n",
	 "init a 0x40 0; start a; init b {2 -95 !DRAIN_DISABLED|0x12 0}"},
	{"I54", true, "sqe a NOP flags=CQE_SKIP_SUCCESS|SQE_GROUP\nsqe b NOP flags=IO_DRAIN\nsubmit\n",
	 "init a 0xc0 0; open a; grp a 1; init b {" BUF " 0|2 -95 !DRAIN_DISABLED}"},
	{"I55", true, "sqe a NOP\nsqe b NOP flags=IO_DRAIN\nsubmit\n",
	 "init a 0 0; start a; init b 0x12 0; start b 1; defer b 1; {issue a 1; done a 0 0; cqe a 0 0 1; release b 1; "
	 "free a; done b 0 0; cqe b 0 0 2; free b; |}finish"},

	/* cancellation and exit */
	{"I56", true, PAIR,
	 A_OPENS B_JOINS "issue a 1; cancel a>c 0; {fail a; |}done a {-125 1|0 0}; batch_end; grp a 1; first a; "
			 "qmember b>a {-125|0}"},
	{"I56", true, PAIR,
	 A_OPENS B_JOINS
	 "issue a 1; cancel a>c 0; fail a; done a {-125|-5} 1; batch_end; grp a 1; first a; "
	 "qmember b>a -125; tw_add b 2; tw_run b 2; done b -125 1; cqe b -125 0 1; grp a 0; cqe a {-125|-5} 0 2"},
	{"I57", true, "sqe a NOP flags=SQE_GROUP\nsqe b NOP\nsqe c ASYNC_CANCEL target=b\nsubmit\n",
	 A_OPENS B_JOINS "issue a 1; cancel {->c -2|b>c 0}"},
	{"I58", true, "sqe a NOP flags=SQE_GROUP\nsqe b NOP\nsqe c ASYNC_CANCEL target=a\nsubmit\n",
	 QUEUED "cancel {->c -2|a>c 0}"},
	{"I59", true, PAIR, RUNS "cancel b>c 0; done b -125 {1|0}"},
	{"I60", true, PAIR, POSTED "{free b; free a; |}dying; finish"},
	{"I60", true, READS, FILLED "{ack a 2 48 0 1; |}free a; dying; finish"},
	{"I62", true, PAIR, PLAIN_C "done c 0 0; cqe c 0 0 1; {free c; |}task_exit - 1; stuck"},

	/* asking for the buffer */
	{"I63", true, "sqe a NOP flags=SQE_GROUP\nsqe b NOP flags=IO_DRAIN\nsubmit\n", A_OPENS "init b {" BUF "|0} 0"},
	{"I63", false, PAIR, "init c {0|" BUF "} 0"},
	{"I64", true, "sock s\nsqe a NOP flags=SQE_GROUP\nsqe b RECV fd=s.0 flags=IO_DRAIN|BUFFER_SELECT\nsubmit\n",
	 A_OPENS "init b {0x22 -22|" BUF " 0}"},
	{"I65", true, DRAINED, A_OPENS "init b 0xc000000000 0; " B_ENDS A_DONE "first a; qmember b>a {-22|0}"},
	{"I66", true, LEASE("", "{READ fd=f addr=0 len=16|NOP}"), LEASED},
	{"I67", true, READS,
	 A_OPENS "init b " BUF " 0; " B_ENDS A_DONE "first a; qmember b>a 0; tw_add b 1; tw_run b 1; issue b 1; "
		 "import b {-22|0} 0 16 0"},
	{"I67", false, READS,
	 A_OPENS "init b " BUF " 0; " B_ENDS A_DONE "first a; qmember b>a 0; tw_add b 1; tw_run b 1; issue b 1; "
		 "{|hazard b 0 1 =io_use_group_kbuf}"},
	{"I67", true, READS,
	 A_OPENS "init b " BUF " 0; " B_ENDS A_DONE "first a; qmember b>a 0; tw_add b 1; tw_run b 1; issue b 1; "
		 "import b -22 0 16 0; fail b; done b {-22|-14} 1"},
	{"I68", true, READS, LEASED "import b 0 0 {16|8} 0"},
	{"I68", true, READS, LEASED "import b 0 {0|8} 16 0"},
	{"I69", true, READS, A_OPENS "init b " BUF " {0|-14}"},
	{"I70", true,
	 "file f size=64 {iter=0|iter=0}\n"
	 "lessor dev\nsqe a LEASE fd=dev dir=dest len=64 flags=SQE_GROUP\n"
	 "sqe b READ fd=f addr=0 len=16 flags=GROUP_BUF\nsubmit\n",
	 IMPORTED "{zero b 0 16 0 1; fail b; done b -95 1|io b 0 16 1 1; done b 16 0}"},

	/* leasing */
	{"I71", true, "lessor dev\nsqe a NOP\nsqe b NOP\nsqe c LEASE fd=dev dir=dest len=64\nsubmit\n",
	 PLAIN_C "lease c {-22|0} 64 0 1"},
	{"I72", true, READS,
	 "init a 0xa0 0; open a; grp a 1; init b " BUF " 0; " B_ENDS "issue a 1; lease a {-22|0} 64 0 1"},
	{"I73", true, LEASE("mode=no_ack ", "READ fd=f addr=0 len=16"),
	 A_OPENS "init b " BUF " 0; " B_ENDS "issue a 1; lease a {-22|0} 64 0 1"},
	{"I74", true, READS, A_OPENS "init b " BUF " 0; " B_ENDS "{issue a 1; |}lease a 0 64 0 1"},
	{"I75", true, READS, A_OPENS "init b " BUF " 0; " B_ENDS "issue a 1; lease a 0 64 0 1; lease a {-22|0} 64 0 1"},
	{"I75", false, READS,
	 A_OPENS "init b " BUF " 0; " B_ENDS "issue a 1; lease a 0 64 0 1; {|hazard a 4 0 =io_lease_group_kbuf}"},
	{"I77", true, UBLK("SUPPORT_ZERO_COPY|"),
	 DISPATCHED PLAIN_C "blk_ref - 2 0 0 0; lease c -22 512 0 1; {blk_ref - 1 0 0 0; |}done c -22 1"},
	{"I78", true, READS,
	 A_OPENS "init b " BUF " 0; " B_ENDS "issue a 1; lease a 0 64 0 1; fail a; done a -5 1; batch_end; grp a 1; "
		 "first a; qmember b>a {-125|0}"},

	/* importing */
	{"I80", true, READS,
	 A_OPENS "init b " BUF " 0; " B_ENDS "issue a 1; {lease a 0 64 0 1; |}done a 0 0; batch_end; grp a 1; first a; "
		 "qmember b>a 0; tw_add b 1; tw_run b 1; issue b 1; import b 0 0 16 0"},
	{"I81", true, LEASE("", "{READ fd=f|SEND fd=s.0} addr=0 len=16"), LEASED "import b 0 0 16 {0|1}"},
	{"I82", true, LEASE("", "READ fd=f addr={0|60} len=16"), LEASED "import b 0 {0|60} 16 0"},
	{"I82", true, LEASE("", "READ fd=f addr=48 len=16"), LEASED "import b {0|-14} 48 16 0"},
	{"I83", true, READS, IMPORTED "io b 0 {16|20} 1 1"},
	{"I83", true, READS, IMPORTED "io b 0 16 1 {1|2}"},
	{"I84", true, READS, IMPORTED "io b 0 8 1 1; io b {8|9} 16 1 1"},
	{"I84", false, READS, IMPORTED "{|import b 0 0 16 0}"},
	{"I85", true, READS, IMPORTED "io b 0 8 1 1; {zero b 8 16 0 1; fail b; done b 8 1|done b 16 0}"},
	{"I86", true, LEASE("", "READ fd=f addr=60 len=16"), LEASED "import b -14 60 16 0; {|io b 60 64 1 1}"},

	/* zeroing */
	{"I87", true, READS, IMPORTED "io b 0 8 1 1; {zero b 8 16 0 1; |}fail b; done b 8 1"},
	{"I87", true, READS, IMPORTED "{zero b 0 16 0 1; |}fail b; done b -5 1"},
	{"I88", true, READS, IMPORTED "io b 0 8 1 1; zero b {8|4} 16 0 1; fail b; done b 8 1"},
	{"I88", false, READS, IMPORTED "io b 0 8 1 1; {|hazard b 11 0}"},
	{"I88a", true, READS, IMPORTED "io b 0 8 1 1; zero b 8 16 {0|1} 1"},
	{"I88a", true, READS, IMPORTED "io b 0 8 1 1; zero b 8 {16|17} 0 1"},
	{"I88b", true, READS, IMPORTED "io b 0 16 {1|0} 1"},
	{"I88b", true, LEASE("", "{READ fd=f|SEND fd=s.0} addr=0 len=16"),
	 A_OPENS "init b " BUF " 0; " B_ENDS
		 "issue a 1; lease a 0 64 {0|1} 1; done a 0 0; batch_end; grp a 1; first a; "
		 "qmember b>a 0; tw_add b 1; tw_run b 1; issue b 1; import b 0 0 16 {0|1}; zero b 0 16 0 1"},

	/* giving back */
	{"I89", true, READS, FILLED "ack a 2 48 0 1; {|ack a 2 48 0 1}"},
	{"I89", true, READS, FILLED "{ack a 2 48 0 1; |}free a; finish"},
	{"I89", false, READS, FILLED "{|hazard a 4 0 =io_lease_group_kbuf}"},
	{"I89", false, READS, FILLED "{|hazard a 3 0}"},
	{"I90", true, READS,
	 IMPORTED "io b 0 16 1 1; done b 16 0; {cqe b 16 0 1; grp a 0; cqe a 0 0 2; |}ack a 2 48 0 1"},
	{"I90", false, READS, FILLED "ack a 2 48 0 1; {|io b 0 16 1 1}"},
	{"I91", false,
	 "sock s\nsqe a NOP flags=SQE_GROUP\nsqe b SEND_ZC fd=s.0 addr=0 len=16 flags=GROUP_BUF\nsubmit\n",
	 A_OPENS "init b " BUF " 0; " B_ENDS A_DONE "first a; qmember b>a 0; tw_add b 1; tw_run b 1; {|issue b 1}"},
	{"I92", true, READS,
	 IMPORTED "io b 0 16 1 1; done b 16 0; cqe b 16 0 1; grp a 0; {cqe a 0 0 2; |}ack a 2 48 0 1"},
	{"I94", true, READS, FILLED "{ack|ack@irq} a 2 48 0 1"},
	{"I96", true, UBLK("SUPPORT_ZERO_COPY|"),
	 PROVIDED "blk_ref - 1 0 0 0; {issue b 1; done b 0 0; cqe b 0 0 1; grp a 0; cqe a 0 0 2; ack a 2 0 0 1; "
		  "blk_ref - 0 0 0 0; |}blk_done - 0 0 0 0"},

	/* ublk */
	{"I99", true, UBLK(""), PLAIN_C "done c {-22 1|0 0}"},
	{"I100", true, UBLK("SUPPORT_ZERO_COPY|"),
	 DISPATCHED A_OPENS B_JOINS
	 "issue a 1; blk_ref - 2 0 0 0; {|lease a -22 512 0 1; blk_ref - 1 0 0 0; blk_ref - 0 0 0 0; "
	 "blk_ref - 1 0 0 0; blk_ref - 0 0 0 0; }lease a 0 512 0 1"},
	{"I101", true, UBLK("SUPPORT_ZERO_COPY|"), DISPATCHED "blk_ref - {2|3} 0 0 0"},
	{"I101", true, UBLK("SUPPORT_ZERO_COPY|"), DISPATCHED "{blk_ref - 0 0 0 0; |}blk_done - 0 0 0 0"},
	{"I101", true, UBLK("SUPPORT_ZERO_COPY|"), DISPATCHED "blk_final - {0|1} 0 0 0"},
	{"I102", true, UBLK("SUPPORT_ZERO_COPY|"),
	 PROVIDED "init d 0x80 0; open d; grp d 1; init e 0 0; join e>d; grp d 2; close d 1 0; start d; issue d 1; "
		  "blk_ref - 3 0 0 0; {lease d 0 512 0 2; |}done d {0 0|-22 1}"},
	{"I103", true, UBLK("SUPPORT_ZERO_COPY|"),
	 DISPATCHED A_OPENS B_JOINS "issue a 1; blk_ref - 2 0 0 0; lease a 0 512 {0|1} 1"},

	/* storage */
	{"I104", true, READS, IMPORTED "{|hazard b 13 0}"},
	{"I105", true, PAIR, "init c {0|0x100} 0"},
	{"I105", false, READS, LEASED "{|hazard b 2 1 =io_use_group_kbuf}"},
};
static const size_t n_rows = sizeof(rows) / sizeof(rows[0]);

#endif
