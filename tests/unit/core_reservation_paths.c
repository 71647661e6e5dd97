// SPDX-License-Identifier: MIT
/*
 * Paths of a volume that is registered: they come, go, hang, and take I/O only
 * while they are registered too; another host may be faster.
 */
#include "tests/unit/reservation_rig.h"

/* Another host is faster, while b is being registered; and then that cannot be
 * undone. */
static bool is_faster;

static enum reserve_verdict preempted(struct reserve_request *q)
{
	const struct reserve_command *c = &q->command;

	if (is_faster && c->verb == RESERVE_REGISTER_IGNORE) {
		model_set(&res.lun, "B=9");
		res.lun.generation = 1000;
	}
	if (is_faster && c->verb == RESERVE_REGISTER && !c->other)
		res.lun.fault[1] = LOST_BEFORE;
	return res_reserve(q);
}

/* A path that comes up is registered before it takes I/O. */
static void test_path_comes_up(void **state)
{
	(void)state;
	res_start_registered("");
	rig_fault(res.r, "b");
	res_run();
	res.lun.key[1] = 0; /* as a new way to the LUN */
	res.hangs = "b";
	rig_word(res.r, "b", "reinstate");
	res_run();
	assert_false(atomic_load(&rig_path(res.r, "b")->usable));
	assert_true(atomic_load(&rig_path(res.r, "a")->usable));
	res.hangs = NULL;
	res_run();
	assert_true(atomic_load(&rig_path(res.r, "b")->usable));
	res_expect_lun("a=1 b=1 c=1");
	res_expect_sent("REG b 1>1; RK b; REGI b 0>1; RK b");
	/* as one that is put online, where it has been all the time */
	rig_word(res.r, "b", "offline");
	res_run();
	rig_word(res.r, "b", "online");
	res_run();
	res_expect_sent("REG b 1>1");
	rig_expect_state(res.r, "b", "active");
}

/* A path that joins, likewise; one that goes is of no account. */
static void test_path_joins(void **state)
{
	struct errmsg e;

	(void)state;
	assert_int_equal(rig_apply(res.r,
				   "[volume v]\npath = a @a\npath = b @b\n"
				   "path_grouping_policy = multibus\n" KEY,
				   true, &e),
			 0);
	res_run();
	assert_int_equal(res_ask(RESERVE_OP_REGISTER, "1"), 0);
	res.sent[0] = '\0';
	res_start(KEY);
	assert_false(atomic_load(&rig_path(res.r, "c")->usable));
	res_run();
	assert_true(atomic_load(&rig_path(res.r, "c")->usable));
	res_expect_sent("REG c 1>1; RK c; REGI c 0>1; RK c");
}

/* It cannot be: it takes no I/O, and each good check tries again. */
static void test_path_cannot(void **state)
{
	struct path *b;

	(void)state;
	res_start_registered("polling_interval = 5\n"
			     "max_polling_interval = 5\n");
	b = rig_path(res.r, "b");
	rig_fault(res.r, "b");
	res_run();
	res.lun.key[1] = 0;
	res.lun.fault[1] = NO_ROOM;
	res.r->log[0] = '\0';
	rig_word(res.r, "b", "reinstate");
	res_run();
	rig_expect_state(res.r, "b", "failed");
	assert_string_equal(b->health.why,
			    "not registered: REGISTER AND IGNORE EXISTING "
			    "KEY: why");
	assert_int_equal(volume_state(res_volume()), VOLUME_DEGRADED);
	assert_non_null(strstr(res.r->log, "path-not-registered v b: not "));
	res.r->log[0] = '\0';
	res_pass(20 * SEC);
	rig_expect_log(res.r, ""); /* told once */
	rig_expect_state(res.r, "b", "failed");
	res.lun.fault[1] = WELL;
	res_pass(6 * SEC);
	rig_expect_state(res.r, "b", "active");
	assert_non_null(strstr(res.r->log, "path-registered v b: "));
	res_expect_lun("a=1 b=1 c=1");
}

/* Another host has ended our registration while it was down: it stays so. */
static void test_preempted(void **state)
{
	(void)state;
	res_start_registered("");
	rig_fault(res.r, "b");
	res_run();
	model_set(&res.lun, "B=9 held=B:5");
	rig_word(res.r, "b", "reinstate");
	res_run();
	res_expect_sent("REG b 1>1; RK b");
	res_expect_lun("B=9 held=B:5");
	assert_int_equal(volume_reservation(res_volume())->key, 0);
	assert_non_null(strstr(res.r->log,
			       "reservation-lost v: another host has ended our "
			       "registration\n"));
	/* I/O goes on, and meets what is there */
	rig_expect_state(res.r, "b", "active");
	res_write();
	res_end_io(0, -EBADE);
	assert_int_equal(res.err[0], EBADE);
	rig_expect_state(res.r, "a", "active");
	res_expect_sent("");
}

/* I/O meets a conflict: that is the caller's to know, and no path fails; the
 * path is looked at. */
static void test_conflict(void **state)
{
	(void)state;
	res_start_registered("polling_interval = 5\n");
	model_set(&res.lun, "B=9 held=B:5");
	res_write();
	res_expect_io("a");
	res_end_io(0, -EBADE);
	assert_int_equal(res.err[0], EBADE);
	res_expect_sent("REG a 1>1; RK a");
	assert_int_equal(volume_reservation(res_volume())->key, 0);
	res_expect_lun("B=9 held=B:5");
	assert_int_equal(volume_usable(res_volume()), 3);
}

/* A path alone has lost its registration: it gets it back. */
static void test_conflict_of_one(void **state)
{
	(void)state;
	res_start_registered("polling_interval = 5\n");
	res.lun.key[0] = 0;
	res_write();
	res_end_io(0, -EBADE);
	assert_int_equal(res.err[0], EBADE);
	res_expect_lun("a=1 b=1 c=1");
	rig_expect_state(res.r, "a", "active");
	res_expect_sent("REG a 1>1; RK a; REGI a 0>1; RK a");
	/* Where it is another host's right each I/O meets it: not each asks. */
	res_write();
	while (strcmp(device_name(res.eng.out[0].io->dev), "a")) {
		res_end_io(0, ALL);
		res_write();
	}
	res_end_io(0, -EBADE);
	res_expect_sent("");
	res_pass(6 * SEC);
	for (int i = 0; i < 3; i++)
		res_write();
	while (res.eng.n)
		res_end_io(0, -EBADE);
	res_expect_sent("REG b 1>1; REG c 1>1; REG a 1>1");
}

/* While one path cannot be registered another host ends it for all: then it
 * need not be. */
static void test_preempted_with_one_out(void **state)
{
	(void)state;
	res_start_registered("polling_interval = 5\n");
	res.lun.key[2] = 0;
	rig_fault(res.r, "c");
	res_run();
	res.lun.fault[2] = LOST_BEFORE;
	rig_word(res.r, "c", "reinstate");
	res_run();
	rig_expect_state(res.r, "c", "failed");
	model_set(&res.lun, "B=9 held=B:5");
	res.lun.fault[2] = LOST_BEFORE;
	res_write();
	res_end_io(0, -EBADE);
	assert_int_equal(volume_reservation(res_volume())->key, 0);
	rig_expect_state(res.r, "c", "active");
	res.lun.fault[2] = WELL;
	res_pass(21 * SEC);
	assert_int_equal(volume_usable(res_volume()), 3);
	res_expect_lun("B=9 held=B:5");
}

/* A path that hangs costs its command's time, and is not registered. */
static void test_hangs(void **state)
{
	uint64_t ticket;

	(void)state;
	res_start("checker_timeout = 7\n" KEY);
	res_run();
	res.hangs = "b";
	ticket = res_begin(RESERVE_OP_REGISTER, "1");
	res_pass(6 * SEC);
	assert_int_equal(res.result[ticket], 1);
	res_pass(2 * SEC);
	assert_int_equal(res.result[ticket], 0);
	assert_int_equal(res.late, 1);
	assert_false(atomic_load(&rig_path(res.r, "b")->usable));
	assert_true(atomic_load(&rig_path(res.r, "a")->usable));
	/* others go on; it is tried when it has come back */
	assert_int_equal(res_ask(RESERVE_OP_RESERVE, "5"), 0);
	res.hangs = NULL;
	res_pass(30 * SEC);
	assert_true(atomic_load(&rig_path(res.r, "b")->usable));
	res_expect_lun("a=1 b=1 c=1 held=a:5");
}

/* A path hangs with a registration, and fails, and the registration comes to
 * nothing: what lands late is taken away when it comes back. */
static void test_hangs_and_fails(void **state)
{
	uint64_t ticket;

	(void)state;
	res_start("checker_timeout = 7\npolling_interval = 5\n" KEY);
	res_run();
	res.hangs = "c";
	res.lun.fault[1] = NO_ROOM;
	ticket = res_begin(RESERVE_OP_REGISTER, "1");
	res_run();
	rig_fault(res.r, "c");
	res_pass(8 * SEC);
	assert_int_equal(res.result[ticket], -ENOSPC);
	res_expect_lun("");
	res.hangs = NULL;
	res_run();
	res_expect_lun("c=1");
	res_pass(21 * SEC);
	rig_expect_state(res.r, "c", "active");
	res_expect_lun("");
}

/* Ended twice, and a path has not heard of it: it is not forgotten. */
static void test_leaves_after_two_ends(void **state)
{
	(void)state;
	res_start_registered("polling_interval = 5\n");
	res.lun.fault[0] = LOST_BEFORE;
	assert_int_equal(res_ask(RESERVE_OP_REGISTER, "0"), 0);
	assert_int_equal(res_ask(RESERVE_OP_REGISTER, "0"), 0);
	res_expect_lun("a=1");
	res.lun.fault[0] = WELL;
	res_pass(21 * SEC);
	res_expect_lun("");
}

/* The path is back before the end is over: it had no part in it all the same. */
static void test_leaves_after_it_came_back(void **state)
{
	uint64_t ticket;

	(void)state;
	res_start_registered("checker_timeout = 7\npolling_interval = 5\n");
	rig_fault(res.r, "a");
	res_run();
	res.hangs = "b";
	ticket = res_begin(RESERVE_OP_REGISTER, "0");
	res_run();
	rig_word(res.r, "a", "reinstate");
	res_run();
	res.hangs = NULL;
	res_run();
	assert_int_equal(res.result[ticket], 0);
	res_pass(21 * SEC);
	res_expect_lun("");
}

/* The key was changed, and then the registration ended, while a path was down:
 * it has the key that it had. */
static void test_leaves_with_its_key(void **state)
{
	(void)state;
	res_start("reservation_key = file\n");
	res_run();
	assert_int_equal(res_ask(RESERVE_OP_REGISTER, "2"), 0);
	rig_fault(res.r, "c");
	res_run();
	assert_int_equal(res_ask(RESERVE_OP_REGISTER, "1"), 0);
	assert_int_equal(res_ask(RESERVE_OP_REGISTER, "0"), 0);
	res_expect_lun("c=2");
	rig_word(res.r, "c", "reinstate");
	res_run();
	res_expect_lun("");
}

/* Its registration ended while a path was down: when it comes it goes too, and
 * keeps nobody waiting. */
static void test_leaves(void **state)
{
	(void)state;
	res_start_registered("");
	rig_fault(res.r, "b");
	res_run();
	assert_int_equal(res_ask(RESERVE_OP_REGISTER, "0"), 0);
	res_expect_lun("b=1");
	res.sent[0] = '\0';
	res.lun.fault[1] = LOST_BEFORE;
	rig_word(res.r, "b", "reinstate");
	res_run();
	rig_expect_state(res.r, "b", "active");
	res_expect_sent("REG b 1>0");
	res.lun.fault[1] = WELL;
	res_pass(21 * SEC);
	res_expect_lun("");
	res_expect_sent("REG b 1>0");
	res_pass(60 * SEC);
	res_expect_sent("");
}

static void test_preempted_meanwhile(void **state)
{
	(void)state;
	res.r->m->p.reserve = preempted;
	res_start_registered("");
	rig_fault(res.r, "b");
	res_run();
	res.lun.key[1] = 0;
	is_faster = true;
	rig_word(res.r, "b", "reinstate");
	res_run();
	is_faster = false;
	res_expect_lun("b=1 B=9");
	rig_expect_state(res.r, "b", "failed");
	rig_expect_state(res.r, "a", "active");
	res.lun.fault[1] = WELL;
	res.sent[0] = '\0';
	res_pass(21 * SEC);
	/* what it may have is taken away before it is asked */
	res_expect_sent("REG b 1>0; REG b 1>1; RK b");
	res_expect_lun("B=9");
	assert_int_equal(volume_reservation(res_volume())->key, 0);
	rig_expect_state(res.r, "b", "active");
}

/* A path goes with a command out: the operation goes on without. */
static void test_path_goes(void **state)
{
	struct errmsg e;
	uint64_t ticket;

	(void)state;
	res_start_registered("");
	res.hangs = "a";
	ticket = res_begin(RESERVE_OP_RESERVE, "5");
	res_run();
	res_expect_sent("");
	assert_int_equal(rig_apply(res.r,
				   "[volume v]\npath = b @b\npath = c @c\n" KEY,
				   true, &e),
			 0);
	res_pass(31 * SEC);
	assert_int_equal(res.result[ticket], 0);
	res_expect_lun("a=1 b=1 c=1 held=b:5");
	res.hangs = NULL;
	res_run();
}

/* It hangs, goes, and comes back while the operation is still at it. */
static void test_path_goes_late(void **state)
{
	struct errmsg e;
	uint64_t ticket;

	(void)state;
	res_start_registered("checker_timeout = 7\n");
	assert_int_equal(res_ask(RESERVE_OP_RESERVE, "5"), 0);
	res_expect_lun("a=1 b=1 c=1 held=a:5");
	res.hangs = "a";
	ticket = res_begin(RESERVE_OP_RELEASE, "5");
	res_run();
	res_write();
	res_write();
	res_write();
	res_expect_io("a b c");
	res_end_io(0, ALL);
	res_pass(8 * SEC); /* late, and now I/O on the others is waited for */
	assert_int_equal(res.result[ticket], 1);
	assert_int_not_equal(rig_view(res.r)->unready_since, 0);
	assert_int_equal(rig_apply(res.r,
				   "[volume v]\npath = b @b\npath = c @c\n"
				   "path_grouping_policy = multibus\n" KEY,
				   true, &e),
			 0);
	res.hangs = NULL;
	res_run(); /* the path is freed */
	res_end_io(0, ALL);
	res_end_io(0, ALL);
	res_pass(SEC);
	assert_int_equal(res.result[ticket], 0);
	res_expect_lun("b=1 c=1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RES_TEST(test_path_comes_up),
		RES_TEST(test_path_joins),
		RES_TEST(test_path_cannot),
		RES_TEST(test_preempted),
		RES_TEST(test_conflict),
		RES_TEST(test_conflict_of_one),
		RES_TEST(test_preempted_with_one_out),
		RES_TEST(test_hangs),
		RES_TEST(test_hangs_and_fails),
		RES_TEST(test_leaves_after_two_ends),
		RES_TEST(test_leaves_after_it_came_back),
		RES_TEST(test_leaves_with_its_key),
		RES_TEST(test_leaves),
		RES_TEST(test_preempted_meanwhile),
		RES_TEST(test_path_goes),
		RES_TEST(test_path_goes_late),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
