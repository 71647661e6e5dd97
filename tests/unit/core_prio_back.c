// SPDX-License-Identifier: MIT
/* A path that comes back is asked what it is worth before it is used. */
#include "tests/unit/prio_rig.h"

/* b was down, and is well again. */
static void come_back(struct rig *r)
{
	start(r, "path_grouping_policy = group_by_prio\nprio = slow\n"
		 "failback = immediate\npolling_interval = 100\n");
	answer(r, 3);
	expect_groups(r, "c|b|a");
	verdict_of("b")->state = CHECK_DOWN;
	check_now_path(r, "b");
	verdict_of("b")->state = CHECK_UP;
	said[1].priority = 10;
	r->log[0] = '\0';
	check_now_path(r, "b");
	rig_expect_state(r, "b", "failed");
	assert_int_equal(pool.n, 3);
}

/* A path that comes back is used once it is known what it is worth: at no time
 * in the group that it was in. */
static void test_back(void **state)
{
	struct rig *r = *state;

	come_back(r);
	answer(r, 2);
	rig_expect_state(r, "b", "failed");
	answer(r, 1);
	rig_expect_state(r, "b", "active");
	expect_groups(r, "c|ab");
	rig_expect_log(r, "path-priority v b: prioritizer slow\n"
			  "path-reinstated v b: checker directio: ready, "
			  "check 3\n"
			  "volume-state v: optimal\n");
}

/* It fails meanwhile: the answer brings nothing back, but the next check asks
 * again. */
static void test_back_and_gone(void **state)
{
	struct rig *r = *state;

	come_back(r);
	verdict_of("b")->state = CHECK_DOWN;
	check_now_path(r, "b");
	answer(r, 3);
	rig_expect_state(r, "b", "failed");
	verdict_of("b")->state = CHECK_UP;
	check_now_path(r, "b");
	rig_expect_state(r, "b", "failed");
	answer(r, pool.n);
	rig_expect_state(r, "b", "active");
}

/* Whoever does not answer in time is used all the same. */
static void test_back_late(void **state)
{
	struct rig *r = *state;

	come_back(r);
	answer(r, 1);
	pool.begun[0] = true;
	answer(r, 0);
	rig_pass(r, 30 * SEC);
	rig_expect_state(r, "b", "active");
	assert_int_equal(rig_path(r, "b")->priority, 20);
	while (pool.n)
		answer(r, 1);
}

/* A path that waits is better than none. */
static void test_back_alone(void **state)
{
	struct rig *r = *state;

	come_back(r);
	rig_fault(r, "a");
	rig_expect_state(r, "b", "failed");
	rig_fault(r, "c");
	rig_expect_state(r, "b", "active");
	assert_int_equal(rig_path(r, "b")->priority, 20);
	answer(r, 3);
	assert_int_equal(rig_path(r, "b")->priority, 10);
}

static void check_b(struct rig *r, enum check_state s)
{
	verdict_of("b")->state = s;
	check_now_path(r, "b");
}

/* It is held out while it waits: an answer does not bring it back. */
static void test_back_held_out(void **state)
{
	struct rig *r = *state;

	start(r, "prio = slow\npolling_interval = 100\n"
		 "marginal_pathgroups = on\n"
		 "marginal_path_double_failed_time = 60\n"
		 "marginal_path_err_sample_time = 120\n"
		 "marginal_path_err_rate_threshold = 10\n"
		 "marginal_path_err_recheck_gap_time = 60\n");
	answer(r, 3);
	for (int i = 0; i < 2; i++) {
		check_b(r, CHECK_DOWN);
		if (i == 0) {
			check_b(r, CHECK_UP);
			answer(r, pool.n);
			rig_expect_state(r, "b", "active");
		}
	}
	check_b(r, CHECK_UP);
	assert_true(rig_path(r, "b")->prio.awaited);
	rig_set(r, OPT_MARGINAL_PATHGROUPS, "off");
	assert_true(rig_path(r, "b")->health.delayed);
	answer(r, pool.n);
	assert_false(rig_path(r, "b")->prio.awaited);
	assert_false(rig_path(r, "b")->health.active);
	assert_true(rig_path(r, "b")->health.delayed);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		PRIO_TEST(test_back),
		PRIO_TEST(test_back_and_gone),
		PRIO_TEST(test_back_late),
		PRIO_TEST(test_back_alone),
		PRIO_TEST(test_back_held_out),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
