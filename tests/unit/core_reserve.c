// SPDX-License-Identifier: MIT
/* Operations on a LUN's reservation: who is asked what, and what comes of it. */
#include "tests/unit/reserve_model.h"

/*
 * Keys are 1 and 2 (ours) and 9. paths: those that are up, in their order;
 * faults: "b<" what b is asked is lost, "b>" its answer is, "b!" it has no room
 * for a registration. trace: each command, whom it is sent to, its two keys;
 * HOLD. in: the paths that are registered at the end with the volume's key,
 * and behind '-' those that may have one that they must not have.
 */
static const struct {
	enum reserve_op op;
	uint64_t key, other;
	const char *type, *paths, *before, *faults;
	const char *trace, *after;
	int error;
	uint64_t key_after;
	const char *in;
	bool lost;
} rows[] = {
	/* register */
	{RESERVE_OP_REGISTER, 0, 1, "", "abc", "", "", "REG abc 0>1",
	 "a=1 b=1 c=1", 0, 1, "abc", 0},
	{RESERVE_OP_REGISTER, 0, 1, "", "ab", "", "", "REG ab 0>1", "a=1 b=1",
	 0, 1, "ab", 0},
	{RESERVE_OP_REGISTER, 0, 1, "", "abc", "b=7", "",
	 "REG abc 0>1; REGI b 0>1", "a=1 b=1 c=1", 0, 1, "abc", 0},
	{RESERVE_OP_REGISTER, 0, 1, "", "abc", "a=7 b=7 c=7", "",
	 "REG abc 0>1", "a=7 b=7 c=7", EBADE, 0, "", 0},
	{RESERVE_OP_REGISTER, 1, 2, "", "abc", "B=9", "",
	 "REG abc 1>2; RK a", "B=9", EBADE, 0, "", 1},
	/* those that have it are down */
	{RESERVE_OP_REGISTER, 1, 1, "", "c", "a=1 b=1 B=9", "",
	 "REG c 1>1; RK c; REGI c 0>1", "a=1 b=1 c=1 B=9", 0, 1, "c", 0},
	{RESERVE_OP_REGISTER, 1, 1, "", "c", "a=7 B=9", "",
	 "REG c 1>1; RK c", "a=7 B=9", EBADE, 0, "", 1},
	{RESERVE_OP_REGISTER, 0, 1, "", "abc", "", "b!",
	 "REG abc 0>1; REG ac 1>0", "", ENOSPC, 0, "", 0},
	{RESERVE_OP_REGISTER, 1, 2, "", "abc", "a=1 b=1 c=1", "b!",
	 "REG abc 1>2; REG ac 2>1", "a=1 b=1 c=1", ENOSPC, 1, "abc", 0},
	{RESERVE_OP_REGISTER, 0, 1, "", "abc", "", "a!b!c!", "REG abc 0>1", "",
	 ENOSPC, 0, "", 0},
	{RESERVE_OP_REGISTER, 0, 1, "", "abc", "", "b<", "REG abc 0>1",
	 "a=1 c=1", 0, 1, "ac-b", 0},
	{RESERVE_OP_REGISTER, 0, 1, "", "abc", "", "b>", "REG abc 0>1",
	 "a=1 b=1 c=1", 0, 1, "ac-b", 0},
	{RESERVE_OP_REGISTER, 0, 1, "", "abc", "", "a<b<c<", "REG abc 0>1", "",
	 EIO, 0, "-a-b-c", 0},
	{RESERVE_OP_REGISTER, 0, 1, "", "abc", "", "a>b!",
	 "REG abc 0>1; REG c 1>0", "a=1", ENOSPC, 0, "-a", 0},
	{RESERVE_OP_REGISTER, 0, 1, "", "abc", "b=7", "c!",
	 "REG abc 0>1; REG a 1>0", "b=7", ENOSPC, 0, "", 0},
	{RESERVE_OP_REGISTER_IGNORE, 0, 1, "", "abc", "a=7 b=8", "",
	 "REGI abc 0>1", "a=1 b=1 c=1", 0, 1, "abc", 0},
	/* another key, and a path that is down has the old one */
	{RESERVE_OP_REGISTER, 1, 2, "", "abc", "a=1 b=1 c=1 held=a:5", "",
	 "REG abc 1>2", "a=2 b=2 c=2 held=a:5", 0, 2, "abc", 0},
	{RESERVE_OP_REGISTER, 1, 2, "", "bc", "a=1 b=1 c=1 held=a:5", "",
	 "REG bc 1>2; RH b; PRE b 2>1", "b=2 c=2 held=b:5", 0, 2, "bc", 0},
	{RESERVE_OP_REGISTER, 1, 2, "", "bc", "a=1 b=1 c=1", "",
	 "REG bc 1>2; RH b", "a=1 b=2 c=2", 0, 2, "bc", 0},
	{RESERVE_OP_REGISTER, 1, 2, "", "bc", "a=1 b=1 c=1 B=9 held=B:5", "",
	 "REG bc 1>2; RH b", "a=1 b=2 c=2 B=9 held=B:5", 0, 2, "bc", 0},
	{RESERVE_OP_REGISTER, 1, 2, "", "abc", "a=1 b=1 c=1 held=a:5", "a<",
	 "REG abc 1>2; RH a; RH b; PRE a 2>1; PRE b 2>1", "b=2 c=2 held=b:5",
	 0, 2, "bc", 0},
	/* its end */
	{RESERVE_OP_REGISTER, 1, 0, "", "abc", "a=1 b=1 c=1 B=9 held=a:5", "",
	 "REG abc 1>0", "B=9", 0, 0, "", 0},
	{RESERVE_OP_REGISTER, 1, 0, "", "abc", "a=1 c=1", "", "REG abc 1>0",
	 "", 0, 0, "", 0},
	{RESERVE_OP_REGISTER, 1, 0, "", "abc", "B=9", "", "REG abc 1>0", "B=9",
	 0, 0, "", 0},
	{RESERVE_OP_REGISTER, 0, 0, "", "abc", "", "", "REG abc 0>0", "", 0, 0,
	 "", 0},
	{RESERVE_OP_REGISTER_IGNORE, 0, 0, "", "abc", "a=7 b=8", "",
	 "REGI abc 0>0", "", 0, 0, "", 0},
	{RESERVE_OP_REGISTER, 1, 0, "", "abc", "a=1 b=1 c=1", "b<",
	 "REG abc 1>0", "b=1", 0, 0, "-b", 0},
	{RESERVE_OP_REGISTER, 1, 0, "", "bc", "a=1 b=1 c=1", "",
	 "RH b; REG bc 1>0", "a=1", 0, 0, "", 0},
	{RESERVE_OP_REGISTER, 1, 0, "", "bc", "a=1 b=1 c=1 held=b:5", "",
	 "RH b; REL bc 1>0; RH b; REG bc 1>0", "a=1", 0, 0, "", 0},
	{RESERVE_OP_REGISTER, 1, 0, "", "bc", "a=1 b=1 c=1 held=a:5", "",
	 "RH b; REL bc 1>0; RH b; HOLD; PRE b 1>1; REL b 1>0; REG bc 1>0", "",
	 0, 0, "", 0},
	{RESERVE_OP_REGISTER, 1, 0, "", "bc", "a=1 b=1 c=1 shared=7", "",
	 "RH b; REG bc 1>0", "a=1 shared=7", 0, 0, "", 0},
	/* reserve */
	{RESERVE_OP_RESERVE, 1, 0, "5", "abc", "a=1 b=1 c=1", "",
	 "RES a 1>0", "a=1 b=1 c=1 held=a:5", 0, 1, "abc", 0},
	{RESERVE_OP_RESERVE, 1, 0, "8", "abc", "a=1 b=1 c=1", "",
	 "RES a 1>0", "a=1 b=1 c=1 shared=8", 0, 1, "abc", 0},
	{RESERVE_OP_RESERVE, 1, 0, "5", "abc", "a=1 b=1 c=1", "a<",
	 "RES a 1>0; RES b 1>0", "a=1 b=1 c=1 held=b:5", 0, 1, "abc", 0},
	{RESERVE_OP_RESERVE, 1, 0, "5", "abc", "a=1 b=1 c=1", "a>",
	 "RES a 1>0; RES b 1>0; RES c 1>0; RH a; RH b",
	 "a=1 b=1 c=1 held=a:5", 0, 1, "abc", 0},
	{RESERVE_OP_RESERVE, 1, 0, "5", "abc", "b=1 c=1", "",
	 "RES a 1>0; RES b 1>0", "b=1 c=1 held=b:5", 0, 1, "abc", 0},
	{RESERVE_OP_RESERVE, 1, 0, "5", "abc", "a=1 b=1 c=1 held=c:5", "",
	 "RES a 1>0; RES b 1>0; RES c 1>0", "a=1 b=1 c=1 held=c:5", 0, 1,
	 "abc", 0},
	{RESERVE_OP_RESERVE, 1, 0, "5", "ab", "a=1 b=1 c=1 held=c:5", "",
	 "RES a 1>0; RES b 1>0; RH a", "a=1 b=1 c=1 held=c:5", 0, 1, "ab", 0},
	{RESERVE_OP_RESERVE, 1, 0, "6", "ab", "a=1 b=1 c=1 held=c:5", "",
	 "RES a 1>0; RES b 1>0; RH a", "a=1 b=1 c=1 held=c:5", EBADE, 1, "ab",
	 0},
	{RESERVE_OP_RESERVE, 1, 0, "5", "ab", "a=1 b=1 B=9 held=B:5", "",
	 "RES a 1>0; RES b 1>0; RH a", "a=1 b=1 B=9 held=B:5", EBADE, 1, "ab",
	 0},
	{RESERVE_OP_RESERVE, 1, 0, "5", "ab", "B=9", "",
	 "RES a 1>0; RES b 1>0; RH a", "B=9", EBADE, 1, "ab", 0},
	{RESERVE_OP_RESERVE, 1, 0, "5", "ab", "a=1 b=1", "a<b<",
	 "RES a 1>0; RES b 1>0", "a=1 b=1", EIO, 1, "ab", 0},
	/* release */
	{RESERVE_OP_RELEASE, 1, 0, "5", "abc", "a=1 b=1 c=1 held=b:5", "",
	 "RH a; REL abc 1>0; RH a", "a=1 b=1 c=1", 0, 1, "abc", 0},
	{RESERVE_OP_RELEASE, 1, 0, "", "abc", "a=1 b=1 c=1 held=b:6", "",
	 "RH a; REL abc 1>0; RH a", "a=1 b=1 c=1", 0, 1, "abc", 0},
	{RESERVE_OP_RELEASE, 1, 0, "", "abc", "a=1 b=1 c=1 shared=7", "",
	 "RH a; REL abc 1>0; RH a", "a=1 b=1 c=1", 0, 1, "abc", 0},
	{RESERVE_OP_RELEASE, 1, 0, "6", "abc", "a=1 b=1 c=1 held=b:5", "",
	 "RH a", "a=1 b=1 c=1 held=b:5", EINVAL, 1, "abc", 0},
	{RESERVE_OP_RELEASE, 1, 0, "5", "abc", "a=1 b=1 c=1", "", "RH a",
	 "a=1 b=1 c=1", 0, 1, "abc", 0},
	{RESERVE_OP_RELEASE, 1, 0, "5", "ab", "a=1 b=1 B=9 held=B:5", "",
	 "RH a", "a=1 b=1 B=9 held=B:5", 0, 1, "ab", 0},
	{RESERVE_OP_RELEASE, 1, 0, "5", "abc", "a=1 b=1 c=1 held=b:5", "a>",
	 "RH a; RH b; REL abc 1>0; RH a; RH b", "a=1 b=1 c=1", 0, 1, "abc",
	 0},
	/* the holder is down */
	{RESERVE_OP_RELEASE, 1, 0, "5", "bc", "a=1 b=1 c=1 held=a:5", "",
	 "RH b; REL bc 1>0; RH b; HOLD; PRE b 1>1; REL b 1>0; REG bc 1>1; "
	 "RK b; REGI c 0>1; RK b",
	 "b=1 c=1", 0, 1, "bc", 0},
	{RESERVE_OP_RELEASE, 1, 0, "5", "abc", "a=1 b=1 c=1 B=9 held=a:5",
	 "a<",
	 "RH a; RH b; REL abc 1>0; RH a; RH b; HOLD; PRE a 1>1; PRE b 1>1; "
	 "REL b 1>0; REG abc 1>1; RK a; RK b; REGI c 0>1; RK a; RK b",
	 "b=1 c=1 B=9", 0, 1, "bc", 0},
	{RESERVE_OP_RELEASE, 1, 0, "5", "b", "a=1 b=1 held=a:5", "",
	 "RH b; REL b 1>0; RH b; HOLD; PRE b 1>1; REL b 1>0; REG b 1>1",
	 "b=1", 0, 1, "b", 0},
	/* clear */
	{RESERVE_OP_CLEAR, 1, 0, "", "abc", "a=1 b=1 c=1 B=9 held=B:5", "",
	 "CLR a 1>0", "", 0, 0, "", 0},
	{RESERVE_OP_CLEAR, 1, 0, "", "abc", "a=1 b=1 c=1 B=9", "a>",
	 "CLR a 1>0; CLR b 1>0; CLR c 1>0; RK a; RK b", "", 0, 0, "", 0},
	{RESERVE_OP_CLEAR, 1, 0, "", "abc", "B=9", "",
	 "CLR a 1>0; CLR b 1>0; CLR c 1>0", "B=9", EBADE, 1, "abc", 0},
	{RESERVE_OP_CLEAR, 1, 0, "", "abc", "B=9", "a<",
	 "CLR a 1>0; CLR b 1>0; CLR c 1>0; RK a; RK b", "B=9", EBADE, 1,
	 "abc", 0},
	/* preempt */
	{RESERVE_OP_PREEMPT, 1, 9, "5", "abc", "a=1 b=1 c=1 B=9 held=B:5", "",
	 "PRE a 1>9", "a=1 b=1 c=1 held=a:5", 0, 1, "abc", 0},
	{RESERVE_OP_PREEMPT_ABORT, 1, 9, "6", "abc",
	 "a=1 b=1 c=1 B=9 held=B:5", "", "PREA a 1>9", "a=1 b=1 c=1 held=a:6",
	 0, 1, "abc", 0},
	{RESERVE_OP_PREEMPT, 1, 9, "5", "abc", "a=1 b=1 c=1 B=9", "",
	 "PRE a 1>9", "a=1 b=1 c=1", 0, 1, "abc", 0},
	{RESERVE_OP_PREEMPT, 1, 9, "5", "abc", "a=1 b=1 c=1", "",
	 "PRE a 1>9; PRE b 1>9; PRE c 1>9", "a=1 b=1 c=1", EBADE, 1, "abc",
	 0},
	{RESERVE_OP_PREEMPT, 1, 9, "5", "abc", "a=1 b=1 c=1 B=9 held=B:5",
	 "a>", "PRE a 1>9; PRE b 1>9; PRE c 1>9; RK a; RK b",
	 "a=1 b=1 c=1 held=a:5", 0, 1, "abc", 0},
	{RESERVE_OP_PREEMPT_ABORT, 1, 9, "5", "abc",
	 "a=1 b=1 c=1 B=9 held=B:5", "a>",
	 "PREA a 1>9; PREA b 1>9; PREA c 1>9; RK a; RK b",
	 "a=1 b=1 c=1 held=a:5", EIO, 1, "abc", 0},
	{RESERVE_OP_PREEMPT_ABORT, 1, 9, "5", "abc",
	 "a=1 b=1 c=1 B=9 held=B:5", "a<", "PREA a 1>9; PREA b 1>9",
	 "a=1 b=1 c=1 held=b:5", 0, 1, "abc", 0},
	{RESERVE_OP_PREEMPT, 1, 9, "5", "abc", "a=1 b=1 c=1 B=9 held=B:5",
	 "a<", "PRE a 1>9; PRE b 1>9", "a=1 b=1 c=1 held=b:5", 0, 1, "abc",
	 0},
	{RESERVE_OP_PREEMPT, 1, 9, "5", "ab", "B=9", "",
	 "PRE a 1>9; PRE b 1>9", "B=9", EBADE, 1, "ab", 0},
	/* our own key; of all registrants */
	{RESERVE_OP_PREEMPT, 1, 1, "5", "abc", "a=1 b=1 c=1 held=b:6", "",
	 "HOLD; PRE a 1>1; REG abc 1>1; RK a; REGI bc 0>1; RK a",
	 "a=1 b=1 c=1 held=a:5", 0, 1, "abc", 0},
	{RESERVE_OP_PREEMPT, 1, 0, "7", "abc", "a=1 b=1 c=1 B=9 shared=7", "",
	 "HOLD; PRE a 1>0; REG abc 1>1; RK a; REGI bc 0>1; RK a",
	 "a=1 b=1 c=1 shared=7", 0, 1, "abc", 0},
	{RESERVE_OP_PREEMPT, 1, 1, "5", "abc", "a=1 b=1 c=1", "",
	 "HOLD; PRE a 1>1; REG abc 1>1; RK a", "", 0, 0, "", 1},
	/* join, adopt, leave */
	{RESERVE_OP_JOIN, 1, 0, "", "b", "a=1 c=1", "",
	 "REG b 1>1; RK b; REGI b 0>1; RK b", "a=1 b=1 c=1", 0, 1, "b", 0},
	{RESERVE_OP_JOIN, 1, 0, "", "b", "a=1 b=1 c=1", "", "REG b 1>1",
	 "a=1 b=1 c=1", 0, 1, "b", 0},
	{RESERVE_OP_JOIN, 1, 0, "", "b", "a=1 b=7 c=1", "",
	 "REG b 1>1; RK b; REGI b 0>1; RK b", "a=1 b=1 c=1", 0, 1, "b", 0},
	{RESERVE_OP_JOIN, 1, 0, "", "bc", "a=1 b=1", "",
	 "REG bc 1>1; RK b; REGI c 0>1; RK b", "a=1 b=1 c=1", 0, 1, "bc", 0},
	{RESERVE_OP_JOIN, 1, 0, "", "b", "B=9 held=B:5", "", "REG b 1>1; RK b",
	 "B=9 held=B:5", 0, 0, "", 1},
	{RESERVE_OP_JOIN, 1, 0, "", "b", "a=1", "b<", "REG b 1>1", "a=1", 0, 1,
	 "", 0},
	{RESERVE_OP_JOIN, 1, 0, "", "b", "a=1", "b!",
	 "REG b 1>1; RK b; REGI b 0>1", "a=1", 0, 1, "", 0},
	{RESERVE_OP_ADOPT, 1, 0, "", "abc", "a=1 b=1 B=9", "",
	 "RK a; REG abc 1>1; RK a; REGI c 0>1; RK a", "a=1 b=1 c=1 B=9", 0, 1,
	 "abc", 0},
	{RESERVE_OP_ADOPT, 1, 0, "", "abc", "B=9", "", "RK a", "B=9", 0, 0, "",
	 0},
	{RESERVE_OP_ADOPT, 1, 0, "", "abc", "", "a<b<c<", "RK a; RK b; RK c",
	 "", EIO, 1, "", 0},
	{RESERVE_OP_LEAVE, 0, 1, "", "b", "a=1 b=1", "", "REG b 1>0", "a=1", 0,
	 0, "", 0},
	{RESERVE_OP_LEAVE, 0, 1, "", "b", "b=7", "", "REG b 1>0", "b=7", 0, 0,
	 "", 0},
	{RESERVE_OP_LEAVE, 0, 1, "", "b", "b=1", "b<", "REG b 1>0", "b=1", 0,
	 0, "-b", 0},
	/* look */
	{RESERVE_OP_LOOK, 0, 0, "", "ab", "B=9 held=B:5", "a<",
	 "RK a; RK b; RH a; RH b", "B=9 held=B:5", 0, 0, "", 0},
	{RESERVE_OP_LOOK, 0, 0, "", "ab", "", "a<b<", "RK a; RK b", "", EIO, 0,
	 "", 0},
	/* nobody is there */
	{RESERVE_OP_RESERVE, 1, 0, "5", "", "a=1 b=1", "", "", "a=1 b=1",
	 ENODEV, 1, "", 0},
};

static void set_faults(struct model *m, const char *text)
{
	for (; *text; text += 2)
		m->fault[text[0] - 'a'] = text[1] == '<' ? LOST_BEFORE :
					  text[1] == '>' ? LOST_AFTER :
							   NO_ROOM;
}

static void expect_text(size_t row, const char *what, const char *got,
			const char *want)
{
	if (strcmp(got, want))
		fail_msg("row %zu, %s: %s: got '%s', expected '%s'", row,
			 rows[row].trace, what, got, want);
}

static void expect_in(size_t row, const struct run *run)
{
	char got[16] = "";
	size_t n = 0;

	for (unsigned int i = 0; i < run->r.n; i++)
		if (run->target[i].in && run->r.key_after)
			got[n++] = run->target[i].name[0];
	for (unsigned int i = 0; i < run->r.n; i++)
		if (run->target[i].stale) {
			got[n++] = '-';
			got[n++] = run->target[i].name[0];
		}
	expect_text(row, "in", got, rows[row].in);
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct run run = {.r = {.op = rows[i].op,
					.key = rows[i].key,
					.other = rows[i].other}};
		bool joins = rows[i].op == RESERVE_OP_JOIN ||
			     rows[i].op == RESERVE_OP_ADOPT;
		char after[128];

		model_set(&run.m, rows[i].before);
		set_faults(&run.m, rows[i].faults);
		if (*rows[i].type)
			run.r.type = reserve_type_parse(rows[i].type);
		set_up(&run, rows[i].paths, !joins && rows[i].key);
		play(&run);
		model_text(&run.m, after, sizeof(after));
		expect_text(i, "trace", run.trace, rows[i].trace);
		expect_text(i, "after", after, rows[i].after);
		expect_in(i, &run);
		if (run.r.error != rows[i].error ||
		    run.r.key_after != rows[i].key_after ||
		    run.r.lost != rows[i].lost)
			fail_msg("row %zu, %s: got %s, key %llx, lost %d", i,
				 rows[i].trace, strerrorname_np(run.r.error),
				 (unsigned long long)run.r.key_after,
				 run.r.lost);
		assert_true(!run.r.error || run.r.message[0]);
		reserve_fini(&run.r);
	}
}

/* Whoever looks sees what there is. */
static void test_look(void **state)
{
	struct run run = {.r = {.op = RESERVE_OP_LOOK}};

	(void)state;
	model_set(&run.m, "a=1 b=1 B=9 held=B:6");
	set_up(&run, "ab", false);
	play(&run);
	assert_int_equal(run.r.error, 0);
	assert_int_equal(run.r.seen.nkeys, 3);
	assert_int_equal(run.r.seen.keys[0], 1);
	assert_int_equal(run.r.seen.keys[2], 9);
	assert_int_equal(run.r.seen.holder, 9);
	assert_int_equal(run.r.seen.type, RESERVE_EXCLUSIVE_ACCESS_RO);
	reserve_fini(&run.r);
}

/* I/O that does not come back: nothing is changed. */
static void test_not_drained(void **state)
{
	struct run run = {.r = {.op = RESERVE_OP_PREEMPT, .key = 1, .other = 1}};
	char after[128];

	(void)state;
	model_set(&run.m, "a=1 b=1 held=a:5");
	set_up(&run, "ab", true);
	reserve_begin(&run.r);
	assert_int_equal(run.r.next, RESERVE_HOLD);
	reserve_held(&run.r, false);
	assert_int_equal(run.r.next, RESERVE_END);
	assert_int_equal(run.r.error, EBUSY);
	assert_int_equal(run.r.key_after, 1);
	model_text(&run.m, after, sizeof(after));
	assert_string_equal(after, "a=1 b=1 held=a:5");
}

/* A path with I/O of before is not registered while that is out. */
static void test_busy_joins_later(void **state)
{
	struct run run = {.r = {.op = RESERVE_OP_JOIN, .key = 1}};

	(void)state;
	model_set(&run.m, "a=1");
	set_up(&run, "bc", false);
	run.target[0].busy = true;
	play(&run);
	assert_string_equal(run.trace,
			    "REG bc 1>1; RK b; REGI c 0>1; RK b");
	assert_false(run.target[0].in);
	assert_true(run.target[1].in);
	reserve_fini(&run.r);
}

/* Some arrays name a key once, however many ways have it. */
static void test_key_named_once(void **state)
{
	struct run run = {.r = {.op = RESERVE_OP_JOIN, .key = 1}};

	(void)state;
	model_set(&run.m, "a=1");
	run.m.merges = true;
	set_up(&run, "b", false);
	play(&run);
	assert_true(run.target[0].in);
	assert_false(run.r.lost);
	reserve_fini(&run.r);
}

/* Of what went wrong the LUN's own word is told. */
static void test_message(void **state)
{
	struct run run = {
		.r = {.op = RESERVE_OP_REGISTER, .key = 0, .other = 1}};

	(void)state;
	model_set(&run.m, "");
	set_faults(&run.m, "a<b!");
	set_up(&run, "abc", false);
	play(&run);
	assert_int_equal(run.r.error, ENOSPC);
	assert_string_equal(run.r.message, "b: REGISTER: why");
	assert_string_equal(run.target[0].why, "REGISTER: why");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_look),
		cmocka_unit_test(test_not_drained),
		cmocka_unit_test(test_busy_joins_later),
		cmocka_unit_test(test_key_named_once),
		cmocka_unit_test(test_message),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
