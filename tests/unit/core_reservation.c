// SPDX-License-Identifier: MIT
/*
 * A volume's reservation: operators' words, the file of keys, and what was there
 * before.
 */
#include "tests/unit/reservation_rig.h"

static void expect_file(const char *want)
{
	char path[256], got[256] = "-", line[256];
	FILE *f;

	snprintf(path, sizeof(path), "%sprkeys", res.r->f->dir);
	f = fopen(path, "re");
	if (f)
		got[0] = '\0';
	while (f && fgets(line, sizeof(line), f))
		if (line[0] != '#')
			strcat(got, line);
	if (f)
		fclose(f);
	assert_string_equal(got, want);
}

/* All at once, through all paths; then it is reserved, and so on. */
static void test_words(void **state)
{
	(void)state;
	res_start(KEY);
	res_run();
	res_expect_sent("RK a");
	res.r->log[0] = '\0';
	assert_int_equal(res_ask(RESERVE_OP_REGISTER, "0x1"), 0);
	res_expect_sent("REG a 0>1; REG b 0>1; REG c 0>1");
	assert_int_equal(volume_reservation(res_volume())->key, 1);
	assert_int_equal(res_ask(RESERVE_OP_RESERVE, "5"), 0);
	res_expect_sent("RES a 1>0");
	res_expect_lun("a=1 b=1 c=1 held=a:5");
	assert_int_equal(res_ask(RESERVE_OP_RELEASE, ""), 0);
	res_expect_lun("a=1 b=1 c=1");
	res.lun.key[MODEL_B] = 9;
	assert_int_equal(res_ask(RESERVE_OP_PREEMPT,
				 "0x9 write-exclusive-registrants-only"),
			 0);
	res_expect_lun("a=1 b=1 c=1");
	res.lun.key[MODEL_B] = 9;
	res.sent[0] = '\0';
	assert_int_equal(res_ask(RESERVE_OP_PREEMPT_ABORT, "9  6"), 0);
	res_expect_sent("PREA a 1>9");
	assert_int_equal(res_ask(RESERVE_OP_CLEAR, "now"), 0);
	res_expect_lun("");
	assert_int_equal(volume_reservation(res_volume())->key, 0);
	assert_int_equal(res_ask(RESERVE_OP_REGISTER_IGNORE, "1"), 0);
	assert_int_equal(res_ask(RESERVE_OP_REGISTER, "0"), 0);
	res_expect_lun("");
	rig_expect_log(res.r, "reservation v: operator\n"
			      "reservation v: operator\n"
			      "reservation v: operator\n"
			      "reservation v: operator\n"
			      "reservation v: operator\n"
			      "reservation v: operator\n"
			      "reservation v: operator\n"
			      "reservation v: operator\n");
}

static void test_refused_words(void **state)
{
	static const struct {
		enum reserve_op op;
		const char *words;
		int r;
		const char *why;
	} rows[] = {
		{RESERVE_OP_REGISTER, "2", -EINVAL, "reservation_key is 0x1"},
		{RESERVE_OP_REGISTER, "", -EINVAL, "a key"},
		{RESERVE_OP_REGISTER, "one", -EINVAL, "'one': a key"},
		{RESERVE_OP_REGISTER, "0x12345678901234567", -EINVAL, "a key"},
		{RESERVE_OP_REGISTER, "1:apt", -EINVAL, "a key"},
		{RESERVE_OP_REGISTER_IGNORE, "2", -EINVAL, "0x1"},
		{RESERVE_OP_RESERVE, "", -EINVAL, "no type"},
		{RESERVE_OP_RESERVE, "2", -EINVAL, "'2': no type"},
		{RESERVE_OP_RESERVE, "none", -EINVAL, "'none': no type"},
		{RESERVE_OP_RELEASE, "x", -EINVAL, "'x': no type"},
		{RESERVE_OP_PREEMPT, "9", -EINVAL, "no type"},
		{RESERVE_OP_PREEMPT, "x 5", -EINVAL, "KEY TYPE"},
		{RESERVE_OP_PREEMPT_ABORT, "9 2", -EINVAL, "'2': no type"},
	};
	char why[512];

	(void)state;
	res_start(KEY);
	res_run();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int r = res_refused(rows[i].op, rows[i].words, why,
				    sizeof(why));

		if (r != rows[i].r || !strstr(why, rows[i].why))
			fail_msg("%s '%s': got %d, '%s'",
				 reserve_op_text(rows[i].op), rows[i].words, r,
				 why);
	}
	/* what only the LUN can say */
	assert_int_equal(res_ask(RESERVE_OP_RESERVE, "5"), -EBADE);
	assert_int_equal(res_ask(RESERVE_OP_CLEAR, "1"), -EBADE);
	assert_non_null(strstr(res.r->log,
			       "reservation-failed v: the volume is not "
			       "registered\n"));
	rig_word(res.r, "a", "fail");
	rig_word(res.r, "b", "fail");
	rig_word(res.r, "c", "offline");
	assert_int_equal(res_refused(RESERVE_OP_REGISTER, "1", why,
				     sizeof(why)),
			 -ENODEV);
}

static void test_no_key_configured(void **state)
{
	char why[512];

	(void)state;
	res_start("");
	res_run();
	res_expect_sent("");
	assert_int_equal(res_refused(RESERVE_OP_REGISTER, "1", why,
				     sizeof(why)),
			 -EPERM);
	assert_non_null(strstr(why, "reservation_key is not set"));
}

/* The setting is taken away first: the registration can be ended all the same,
 * and no other be made. */
static void test_key_configured_no_more(void **state)
{
	char why[512];

	(void)state;
	res_start_registered("");
	res_start("");
	res_run();
	res_expect_lun("a=1 b=1 c=1");
	assert_int_equal(res_refused(RESERVE_OP_REGISTER, "2", why,
				     sizeof(why)),
			 -EPERM);
	assert_int_equal(res_ask(RESERVE_OP_REGISTER, "0"), 0);
	res_expect_lun("");
	assert_int_equal(volume_reservation(res_volume())->key, 0);
}

/* The key may be said with or without; the flags go with each registration. */
static void test_flags(void **state)
{
	(void)state;
	res_start("reservation_key = 0x1:aptpl\n"
		  "[defaults]\nall_tg_pt = yes\n");
	res_run();
	res.sent[0] = '\0';
	assert_int_equal(res_ask(RESERVE_OP_REGISTER, "1"), 0);
	res_expect_sent("REG a 0>1 aptpl all; REG b 0>1 aptpl all; "
			"REG c 0>1 aptpl all");
	res.lun.key[1] = 0;
	rig_fault(res.r, "b");
	res_run();
	res.sent[0] = '\0';
	rig_word(res.r, "b", "reinstate");
	res_run();
	res_expect_sent("REG b 1>1 aptpl all; RK b; REGI b 0>1 aptpl all; "
			"RK b");
}

/* The holder is down: I/O is held while the others take it from there. */
static void test_release_with_holder_down(void **state)
{
	uint64_t ticket;

	(void)state;
	res_start_registered("");
	assert_int_equal(res_ask(RESERVE_OP_RESERVE, "5"), 0);
	rig_fault(res.r, "a");
	res_run();
	res_write();
	res_expect_io("b");
	res.sent[0] = '\0';
	ticket = res_begin(RESERVE_OP_RELEASE, "5");
	res_run();
	/* not while I/O is out */
	res_expect_sent("RH b; REL b 1>0; REL c 1>0; RH b");
	assert_int_equal(res.result[ticket], 1);
	res_write();
	res_expect_io("b");
	assert_int_not_equal(rig_view(res.r)->unready_since, 0);
	res_end_io(0, ALL);
	res_pass(NSEC_PER_SEC);
	assert_int_equal(res.result[ticket], 0);
	res_expect_sent("PRE b 1>1; REL b 1>0; REG b 1>1; REG c 1>1; RK b; "
			"REGI c 0>1; RK b");
	res_expect_lun("b=1 c=1");
	assert_int_equal(rig_view(res.r)->unready_since, 0);
	res_expect_io("c");
	/* the dead one comes back */
	rig_word(res.r, "a", "reinstate");
	res_run();
	res_expect_lun("a=1 b=1 c=1");
}

/* So is I/O of the path that is down: it is registered no more, and what it
 * sends late would meet a conflict that nobody else has caused. */
static void test_release_waits_for_the_dead(void **state)
{
	uint64_t ticket;

	(void)state;
	res_start_registered("");
	assert_int_equal(res_ask(RESERVE_OP_RESERVE, "5"), 0);
	res_write();
	res_expect_io("a");
	rig_fault(res.r, "a");
	res_run();
	res.sent[0] = '\0';
	ticket = res_begin(RESERVE_OP_RELEASE, "5");
	res_pass(SEC);
	res_expect_sent("RH b; REL b 1>0; REL c 1>0; RH b");
	assert_int_equal(res.result[ticket], 1);
	res_end_io(0, -EIO); /* it goes elsewhere once that is over */
	res_pass(SEC);
	assert_int_equal(res.result[ticket], 0);
	res_expect_lun("b=1 c=1");
	assert_int_equal(res.eng.n, 1);
}

/* I/O does not come back: nothing is changed, and it goes on. */
static void test_release_does_not_drain(void **state)
{
	uint64_t ticket;

	(void)state;
	res_start_registered("checker_timeout = 7\n");
	assert_int_equal(res_ask(RESERVE_OP_RESERVE, "5"), 0);
	rig_fault(res.r, "a");
	res_run();
	res_write();
	ticket = res_begin(RESERVE_OP_RELEASE, "5");
	res_pass(6 * SEC);
	assert_int_equal(res.result[ticket], 1);
	res_pass(2 * SEC);
	assert_int_equal(res.result[ticket], -EBUSY);
	res_expect_lun("a=1 b=1 c=1 held=a:5");
	assert_int_equal(rig_view(res.r)->unready_since, 0);
}

/* The LUN has ended the registrations, and hangs on the commands. I/O goes on,
 * on that path too; who waits is told what is known. */
static void test_preempt_abort_hangs(void **state)
{
	uint64_t ticket;

	(void)state;
	res_start_registered("checker_timeout = 7\n");
	res.lun.key[MODEL_B] = 9;
	res.hangs = "a";
	ticket = res_begin(RESERVE_OP_PREEMPT_ABORT, "9 5");
	res_run();
	res.lun.key[MODEL_B] = 0;
	for (int i = 0; i < MODEL_OURS; i++)
		res_write();
	res_expect_io("a b c");
	while (res.eng.n)
		res_end_io(0, ALL);
	assert_int_equal(rig_view(res.r)->unready_since, 0);
	assert_int_equal(volume_usable(res_volume()), 3);
	res_pass(6 * SEC);
	assert_int_equal(res.result[ticket], 1);
	res_pass(2 * SEC);
	assert_int_equal(res.result[ticket], -EIO);
	res_expect_sent("PREA b 1>9; PREA c 1>9; RK b");
	assert_int_equal(res.late, 1);
	assert_non_null(strstr(res.r->log, "reservation-failed v: its "
					   "registrations have ended, but "));
	assert_int_equal(volume_usable(res_volume()), 3);
	/* on the others, that path's command being out still */
	assert_int_equal(res_ask(RESERVE_OP_RESERVE, "5"), 0);
	res_expect_sent("RES b 1>0");
	res.hangs = NULL;
	res_run();
	res_expect_lun("a=1 b=1 c=1 held=b:5");
}

/* The answer to each CLEAR is lost, done or not. */
static bool clears;

static enum reserve_verdict clear_lost(struct reserve_request *q)
{
	if (q->command.verb != RESERVE_CLEAR)
		return res_reserve(q);
	if (clears)
		(void)res_reserve(q);
	clears = false;
	snprintf(q->message, sizeof(q->message), "lost");
	return RESERVE_NO_ANSWER;
}

static void test_clear_unanswered(void **state)
{
	(void)state;
	res.r->m->p.reserve = clear_lost;
	res_start_registered("");
	clears = false;
	assert_int_equal(res_ask(RESERVE_OP_CLEAR, "now"), -EIO);
	res_expect_lun("a=1 b=1 c=1");
	assert_int_equal(volume_reservation(res_volume())->key, 1);
	clears = true;
	assert_int_equal(res_ask(RESERVE_OP_CLEAR, "now"), 0);
	res_expect_lun("");
	assert_int_equal(volume_reservation(res_volume())->key, 0);
}

/* A worker after a crash: by what was kept, without the file. */
static void test_kept(void **state)
{
	char text[64];

	(void)state;
	res.kept = "0x1:aptpl";
	model_set(&res.lun, "a=1 b=1 c=1");
	res_start("reservation_key = file\n");
	assert_true(reservation_kept(res_volume(), text, sizeof(text)));
	assert_string_equal(text, "0x1:aptpl");
	res_run();
	res_expect_sent("RK a; REG a 1>1 aptpl; REG b 1>1 aptpl; "
			"REG c 1>1 aptpl");
	assert_true(reservation_kept(res_volume(), text, sizeof(text)));
	assert_string_equal(text, "0x1:aptpl");
}

static void test_kept_none(void **state)
{
	char text[64];

	(void)state;
	res.kept = "none";
	res_start("reservation_key = file\n");
	res_run();
	res_expect_sent("");
	assert_true(reservation_kept(res_volume(), text, sizeof(text)));
	assert_string_equal(text, "none");
}

/* The file of keys: there before it is registered, gone when that has ended. */
static void test_file(void **state)
{
	(void)state;
	res_start("reservation_key = file\n");
	res_run();
	res_expect_sent("");
	assert_int_equal(res_ask(RESERVE_OP_REGISTER, "0x1:aptpl"), 0);
	expect_file("0x0000000000000001:aptpl v\n");
	res_expect_sent("REG a 0>1 aptpl; REG b 0>1 aptpl; REG c 0>1 aptpl");
	/* another one, refused: it is as it was */
	res.lun.fault[1] = NO_ROOM;
	assert_int_equal(res_ask(RESERVE_OP_REGISTER, "0x2"), -ENOSPC);
	expect_file("0x0000000000000001:aptpl v\n");
	res_expect_lun("a=1 b=1 c=1");
	res.lun.fault[1] = WELL;
	assert_int_equal(res_ask(RESERVE_OP_REGISTER, "0x2"), 0);
	expect_file("0x0000000000000002 v\n");
	assert_int_equal(res_ask(RESERVE_OP_CLEAR, "1"), 0);
	expect_file("");
	assert_int_equal(res_ask(RESERVE_OP_REGISTER, "3"), 0);
	expect_file("0x0000000000000003 v\n");
	assert_int_equal(res_ask(RESERVE_OP_REGISTER, "0"), 0);
	expect_file("");
}

static void test_adopts_by_file(void **state)
{
	char path[256];
	FILE *f;

	(void)state;
	snprintf(path, sizeof(path), "%sprkeys", res.r->f->dir);
	f = fopen(path, "we");
	assert_non_null(f);
	fputs("0x1 v\nodd\n", f);
	fclose(f);
	model_set(&res.lun, "a=1 b=1 c=1");
	res_start("reservation_key = file\n");
	assert_int_not_equal(rig_view(res.r)->unready_since, 0);
	res_run();
	assert_int_equal(volume_reservation(res_volume())->key, 1);
	res_expect_sent("RK a; REG a 1>1; REG b 1>1; REG c 1>1");
	assert_non_null(strstr(res.r->log, "state-file"));
}

/* Readers who come together have one answer. */
static void test_look(void **state)
{
	const struct reservation *rs;
	uint64_t one, two, three;
	struct errmsg e;

	(void)state;
	res_start_registered("");
	res.lun.key[MODEL_B] = 9;
	assert_int_equal(reservation_look(res.r->m, res_volume(), res.r->now,
					  &one, &e),
			 0);
	assert_int_equal(reservation_look(res.r->m, res_volume(), res.r->now,
					  &two, &e),
			 0);
	assert_int_equal(one, two);
	res.r->next = res.r->now;
	res_run();
	assert_int_equal(res.result[one], 0);
	rs = volume_reservation(res_volume());
	assert_int_equal(rs->seen.nkeys, 4);
	assert_int_equal(rs->seen.type, RESERVE_NONE);
	assert_int_equal(reservation_look(res.r->m, res_volume(), res.r->now,
					  &three, &e),
			 0);
	assert_int_not_equal(three, one);
	for (int i = 0; i < MODEL_OURS; i++)
		res.lun.fault[i] = LOST_BEFORE;
	res.r->next = res.r->now;
	res_run();
	assert_int_equal(res.result[three], -EIO);
}

/* The volume goes with an operation under way: who waits is told. */
static void test_volume_goes(void **state)
{
	struct errmsg e;
	uint64_t one, two;

	(void)state;
	res_start_registered("");
	res.hangs = "a";
	one = res_begin(RESERVE_OP_RESERVE, "5");
	res_run();
	two = res_begin(RESERVE_OP_CLEAR, "1");
	assert_int_equal(rig_apply(res.r, "", true, &e), 0);
	assert_int_equal(res.result[one], -ENODEV);
	assert_int_equal(res.result[two], -ENODEV);
	res.hangs = NULL;
	res_run();
}

/* The device has no such commands: nothing is held back for that. */
static enum reserve_verdict unsupported(struct reserve_request *q)
{
	snprintf(q->message, sizeof(q->message), "no such thing");
	return RESERVE_UNSUPPORTED;
}

static void test_unsupported(void **state)
{
	(void)state;
	res.r->m->p.reserve = unsupported;
	res_start(KEY);
	res_run();
	rig_expect_state(res.r, "a", "active");
	assert_non_null(strstr(res.r->log, "reservation-failed v: a: READ "
					   "KEYS: no such thing\n"));
	assert_int_equal(res_ask(RESERVE_OP_REGISTER, "1"), -EOPNOTSUPP);
	rig_expect_state(res.r, "a", "active");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RES_TEST(test_words),
		RES_TEST(test_refused_words),
		RES_TEST(test_no_key_configured),
		RES_TEST(test_key_configured_no_more),
		RES_TEST(test_flags),
		RES_TEST(test_release_with_holder_down),
		RES_TEST(test_release_waits_for_the_dead),
		RES_TEST(test_release_does_not_drain),
		RES_TEST(test_preempt_abort_hangs),
		RES_TEST(test_clear_unanswered),
		RES_TEST(test_kept),
		RES_TEST(test_kept_none),
		RES_TEST(test_file),
		RES_TEST(test_adopts_by_file),
		RES_TEST(test_look),
		RES_TEST(test_volume_goes),
		RES_TEST(test_unsupported),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
