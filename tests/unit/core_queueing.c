// SPDX-License-Identifier: MIT
/*
 * no_path_retry's finer points (census 6.5): live changes, words by hand, first
 * checks that run, and the counters. Its main rows are in core_monitor.c.
 */
#include "tests/unit/monitor_rig.h"

static void lose_all(struct rig *r)
{
	verdict_of("a")->state = verdict_of("b")->state = CHECK_DOWN;
	rig_fault(r, "a");
	rig_fault(r, "b");
	assert_int_equal(rig_group(r), 0);
}

static const struct volume_stats *stats(struct rig *r)
{
	return volume_stats(rig_volume(r, "v"));
}

/* I/O waits until s seconds from now, and not a nanosecond longer. */
static void expect_wait(struct rig *r, uint64_t s)
{
	rig_pass(r, s * SEC - 1);
	assert_true(rig_view(r)->queue);
	rig_pass(r, 1);
	assert_false(rig_view(r)->queue);
}

/* What has passed of the countdown counts with another polling_interval. */
static void test_polling_changes(void **state)
{
	static const struct {
		const char *interval;
		uint64_t left; /* s, after 12 s of 4 x 5 s */
	} rows[] = {{"5", 8}, {"10", 28}, {"4", 4}, {"3", 0}, {"1", 0}};
	struct rig *r = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		rig_start(r, "no_path_retry = 4\nmax_polling_interval = 300\n");
		rig_set(r, OPT_POLLING_INTERVAL, "5");
		lose_all(r);
		rig_pass(r, 12 * SEC);
		rig_set(r, OPT_POLLING_INTERVAL, rows[i].interval);
		if (rows[i].left)
			expect_wait(r, rows[i].left);
		assert_false(rig_view(r)->queue);
		rig_word(r, "a", "reinstate");
		rig_word(r, "b", "reinstate");
	}
}

/* Once it has run out, only a path or the operator brings it back. */
static void test_stays_over(void **state)
{
	struct rig *r = *state;
	struct errmsg e;

	rig_start(r, "no_path_retry = 1\n");
	lose_all(r);
	expect_wait(r, 5);
	rig_set(r, OPT_POLLING_INTERVAL, "60");
	assert_false(rig_view(r)->queue);
	rig_set(r, OPT_POLLING_INTERVAL, "5");
	assert_int_equal(monitor_apply(r->m, r->f->config, true, r->now, &e),
			 0);
	assert_false(rig_view(r)->queue);
	rig_set(r, OPT_NO_PATH_RETRY, "2"); /* the word begins it anew */
	expect_wait(r, 10);
	rig_set(r, OPT_NO_PATH_RETRY, "2");
	expect_wait(r, 10);
	assert_int_equal(stats(r)->q_timeouts, 3);
	assert_int_equal(stats(r)->map_failures, 3);
}

/* A reconfiguration that does not touch it does not begin it anew. */
static void test_reconfigure(void **state)
{
	struct rig *r = *state;
	struct errmsg e;

	rig_start(r, "no_path_retry = 4\n");
	lose_all(r);
	rig_pass(r, 12 * SEC);
	assert_int_equal(monitor_apply(r->m, r->f->config, true, r->now, &e),
			 0);
	rig_turn(r);
	expect_wait(r, 8);
}

/* By hand, and back by writing the setting; who waited hears why. */
static void test_by_hand(void **state)
{
	struct rig *r = *state;

	rig_start(r, "no_path_retry = queue\n");
	lose_all(r);
	r->log[0] = '\0';
	rig_control(r, "fail-if-no-path");
	assert_false(rig_view(r)->queue);
	rig_expect_log(r, "queueing v: operator\nqueueing-ended v: operator\n"
			  "volume-state v: failed\n");
	assert_int_equal(stats(r)->map_failures, 1);
	rig_control(r, "fail-if-no-path"); /* twice is once */
	assert_int_equal(stats(r)->map_failures, 1);
	rig_word(r, "a", "reinstate");
	assert_false(rig_view(r)->queue); /* it is the operator's word */
	rig_fault(r, "a");
	assert_int_equal(stats(r)->map_failures, 2);
	rig_set(r, OPT_NO_PATH_RETRY, "queue");
	assert_true(rig_view(r)->queue);
	rig_pass(r, 10000 * SEC);
	assert_true(rig_view(r)->queue);
	rig_set(r, OPT_NO_PATH_RETRY, "fail");
	assert_false(rig_view(r)->queue);
	rig_control(r, "queue-if-no-path");
	rig_pass(r, 10000 * SEC);
	assert_true(rig_view(r)->queue);
}

/* queue-if-no-path ends a countdown; the setting's own begins from there. */
static void test_pin_over_countdown(void **state)
{
	struct rig *r = *state;

	rig_start(r, "no_path_retry = 4\n");
	lose_all(r);
	rig_pass(r, 15 * SEC);
	rig_control(r, "queue-if-no-path");
	rig_pass(r, 1000 * SEC);
	assert_true(rig_view(r)->queue);
	rig_set(r, OPT_NO_PATH_RETRY, "4");
	expect_wait(r, 20);
}

/*
 * A volume that comes up without a path that is known to be good: its first
 * checks run, the countdown waits for them, but not for ever.
 */
static void start_failed(struct rig *r, const char *options)
{
	r->failed = "a";
	verdict_of("a")->state = CHECK_PENDING;
	r->held = "b";
	rig_start(r, options);
}

static void test_first_check_bad(void **state)
{
	struct rig *r = *state;

	start_failed(r, "no_path_retry = 2\nchecker_timeout = 60\n");
	rig_pass(r, 20 * SEC);
	assert_true(rig_view(r)->queue);
	verdict_of("a")->state = CHECK_DOWN;
	rig_turn(r);
	expect_wait(r, 10);
}

static void test_first_check_good(void **state)
{
	struct rig *r = *state;

	start_failed(r, "no_path_retry = 2\nchecker_timeout = 60\n");
	rig_pass(r, 20 * SEC);
	verdict_of("a")->state = CHECK_UP;
	rig_turn(r);
	rig_expect_state(r, "a", "active");
	assert_int_equal(stats(r)->q_timeouts, 0);
}

static void test_first_check_hangs(void **state)
{
	struct rig *r = *state;

	start_failed(r, "no_path_retry = 2\nchecker_timeout = 60\n");
	rig_pass(r, 69 * SEC);
	assert_true(rig_view(r)->queue);
	rig_pass(r, 2 * SEC);
	assert_false(rig_view(r)->queue);
	verdict_of("a")->state = CHECK_DOWN; /* what is out comes back */
	rig_turn(r);
}

/* Seconds of queueing, in countdowns or not, and none of failing. */
static void test_queue_time(void **state)
{
	struct rig *r = *state;

	rig_start(r, "no_path_retry = 2\n");
	lose_all(r);
	rig_pass(r, 100 * SEC);
	rig_word(r, "a", "reinstate");
	assert_int_equal(stats(r)->total_q_time_ns, 10 * SEC);
	rig_set(r, OPT_NO_PATH_RETRY, "queue");
	rig_fault(r, "a");
	rig_pass(r, 7 * SEC);
	rig_word(r, "a", "reinstate");
	assert_int_equal(stats(r)->total_q_time_ns, 17 * SEC);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		RIG_TEST(test_polling_changes),
		RIG_TEST(test_stays_over),
		RIG_TEST(test_reconfigure),
		RIG_TEST(test_by_hand),
		RIG_TEST(test_pin_over_countdown),
		RIG_TEST(test_first_check_bad),
		RIG_TEST(test_first_check_good),
		RIG_TEST(test_first_check_hangs),
		RIG_TEST(test_queue_time),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
