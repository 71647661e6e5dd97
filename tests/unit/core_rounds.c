// SPDX-License-Identifier: MIT
/* Groups are made ready by a scripted handler, and I/O waits meanwhile. */
#include "tests/unit/activation_rig.h"

static struct volume *vol(void)
{
	return rig_volume(arig.r, "v");
}

static bool holds(void)
{
	const struct view *view = rig_view(arig.r);

	if (view->unready_since) {
		assert_null(view->group);
		assert_true(view->queue);
	} else {
		assert_ptr_equal(view->group, vol()->current);
	}
	return view->unready_since != 0;
}

static unsigned int current(void)
{
	return vol()->current ? vol()->current->id : 0;
}

/* Two hosts that do no I/O do not fight over a controller. */
static void test_begins_with_io(void **state)
{
	(void)state;
	arig_start("");
	assert_int_equal(current(), 1);
	assert_true(holds());
	arig_pass(100 * SEC);
	arig_expect_jobs("");
	arig.r->log[0] = '\0';
	arig_write();
	arig_expect_jobs("a");
	arig_expect_io("");
	rig_expect_log(arig.r, "group-activating v: handler script\n");
	arig_answer("a", ACTIVATE_OK);
	assert_false(holds());
	rig_expect_log(arig.r, "group-activated v: handler script\n");
	arig_expect_io("a");
	arig_finish();
	assert_string_equal(handler_args, "arg");
	assert_int_equal(handler_timeout, 30 * SEC);
	assert_int_equal(volume_stats(vol())->activations, 1);
	/* Once is enough. */
	arig_write();
	arig_expect_jobs("");
	arig_finish();
}

static void test_held_io_keeps_its_order(void **state)
{
	(void)state;
	arig_start("");
	for (int i = 0; i < 4; i++)
		arig_write();
	assert_int_equal(volume_parked(vol()), 4);
	assert_int_equal(volume_state(vol()), VOLUME_OPTIMAL);
	arig_answer("a", ACTIVATE_OK);
	assert_int_equal(arig.eng.n, 4);
	for (unsigned int i = 0; i < 4; i++)
		assert_int_equal(arig.eng.out[i].io->off, i * 4096);
	arig_finish();
}

static void test_lead_fails_other_group(void **state)
{
	(void)state;
	arig_start("");
	arig_write();
	arig.r->log[0] = '\0';
	arig_answer("a", ACTIVATE_IO);
	rig_expect_log(
		arig.r,
		"path-activation-failed v a: handler script: failed, answer 1\n"
		"path-failed v a: handler script: failed, answer 1\n"
		"group-activating v: handler script\n"
		"group-active v: the first with a usable path\n"
		"volume-state v: at-risk\n");
	assert_int_equal(current(), 2);
	arig_expect_jobs("b");
	arig_answer("b", ACTIVATE_OK);
	arig_expect_io("b");
	arig_finish();
	assert_int_equal(volume_stats(vol())->activation_failures, 1);
}

static void test_nothing_left_fails(void **state)
{
	(void)state;
	arig_start("");
	arig_write();
	arig_answer("a", ACTIVATE_OFFLINED);
	arig_answer("b", ACTIVATE_NOSYS);
	assert_int_equal(arig.err[0], EIO);
	assert_int_equal(current(), 0);
	assert_false(holds());
}

/* The countdown of no_path_retry runs from when no path is left, not before. */
static void test_nothing_left_waits(void **state)
{
	struct rig *r = arig.r;

	(void)state;
	arig_start("no_path_retry = 2\npolling_interval = 5\n");
	arig_write();
	arig_pass(4 * SEC); /* held, no countdown */
	assert_int_equal(volume_queueing(vol())->deadline, 0);
	verdict_of("a")->state = verdict_of("b")->state = CHECK_DOWN;
	arig_answer("a", ACTIVATE_IO);
	arig_answer("b", ACTIVATE_IO);
	assert_int_equal(volume_state(vol()), VOLUME_QUEUEING);
	assert_int_equal(volume_queueing(vol())->deadline, r->now + 10 * SEC);
	arig_pass(9 * SEC);
	assert_int_equal(arig.err[0], -1);
	arig_pass(2 * SEC);
	assert_int_equal(arig.err[0], EIO);
	assert_int_equal(volume_stats(vol())->total_q_time_ns / SEC, 10);
}

/* What comes back is activated before the held I/O goes there. */
static void test_path_comes_back(void **state)
{
	(void)state;
	arig_start("no_path_retry = queue\n");
	verdict_of("a")->state = verdict_of("b")->state = CHECK_DOWN;
	arig_write();
	arig_answer("a", ACTIVATE_IO);
	arig_answer("b", ACTIVATE_IO);
	rig_word(arig.r, "b", "reinstate");
	arig_run();
	arig_expect_io("");
	arig_expect_jobs("b");
	arig_answer("b", ACTIVATE_OK);
	arig_expect_io("b");
	arig_finish();
}

static void test_retry_after_a_while(void **state)
{
	(void)state;
	arig_start("features = 2 pg_init_retries 1\n");
	arig_write();
	arig_answer("a", ACTIVATE_RETRY);
	arig_pass(1999 * NSEC_PER_MSEC);
	arig_expect_jobs("");
	assert_true(holds());
	arig_pass(NSEC_PER_MSEC);
	arig_expect_jobs("a");
	/* The second time it is one too many. */
	arig_answer("a", ACTIVATE_RETRY);
	rig_expect_state(arig.r, "a", "failed");
	arig_expect_jobs("b");
	arig_answer("b", ACTIVATE_OK);
	arig_finish();
}

static void test_retry_at_once(void **state)
{
	(void)state;
	arig_start(
		"features = 4 pg_init_retries 2 pg_init_delay_msecs 60000\n");
	arig_write();
	arig_answer("a", ACTIVATE_IMM_RETRY);
	arig_expect_jobs("a");
	arig_answer("a", ACTIVATE_RES_TEMP_UNAVAIL);
	arig_expect_jobs("a");
	arig_answer("a", ACTIVATE_OK);
	arig_finish();
}

/* However many paths ask for another round, it is one. */
static void test_round_of_two_paths(void **state)
{
	(void)state;
	arig_start("path_grouping_policy = multibus\n"
		   "features = 2 pg_init_retries 1\n");
	arig_write();
	arig_expect_jobs("a b");
	arig_answer("a", ACTIVATE_IMM_RETRY);
	arig_expect_jobs("b");
	arig_answer("b", ACTIVATE_IMM_RETRY);
	arig_expect_jobs("a b");
	arig_answer("b", ACTIVATE_OK);
	assert_true(holds());
	arig_answer("a", ACTIVATE_OK);
	assert_int_equal(volume_usable(vol()), 2);
	arig_finish();
}

/* One that fails and is not the lead leaves the group as it is. */
static void test_other_path_fails(void **state)
{
	(void)state;
	arig_start("path_grouping_policy = multibus\n");
	arig_write();
	arig_answer("b", ACTIVATE_IO);
	assert_true(holds());
	arig_answer("a", ACTIVATE_OK);
	arig_expect_io("a");
	assert_int_equal(volume_rounds(vol())->a.count, 1);
	arig_finish();
}

/* The lead fails: the group is chosen anew, and made ready anew. */
static void test_lead_fails_same_group(void **state)
{
	(void)state;
	arig_start("path_grouping_policy = multibus\n");
	arig_write();
	arig_answer("a", ACTIVATE_IO);
	arig_answer("b", ACTIVATE_OK);
	assert_true(holds());
	arig_expect_jobs("b");
	arig_answer("b", ACTIVATE_OK);
	arig_expect_io("b");
	arig_finish();
}

/* Not the lead's word only: its group is left. */
static void test_other_path_is_busy(void **state)
{
	struct errmsg e;

	(void)state;
	if (rig_apply(arig.r,
		      "[volume v]\npath = a @a 2\npath = b @b 2\n"
		      "path = c @c 1\npath_grouping_policy = group_by_prio\n"
		      "hardware_handler = 1 script\n",
		      true, &e))
		fail_msg("%s", e.text);
	arig_run();
	arig_write();
	arig_expect_jobs("a b");
	arig_answer("b", ACTIVATE_TEMP_BUSY);
	arig_answer("a", ACTIVATE_OK);
	assert_int_equal(current(), 2);
	arig_expect_jobs("c");
	arig_answer("c", ACTIVATE_OK);
	arig_finish();
}

static void test_busy_controllers(void **state)
{
	struct volume *v;

	(void)state;
	arig_start("");
	v = vol();
	arig_write();
	arig.r->log[0] = '\0';
	arig_answer("a", ACTIVATE_TEMP_BUSY);
	rig_expect_log(
		arig.r,
		"path-activation-failed v a: handler script: controller busy, "
		"answer 1\n"
		"group-disabled v: handler script: controller busy, answer 1\n"
		"group-activating v: handler script\n"
		"group-active v: the first with a usable path\n");
	rig_expect_state(arig.r, "a", "active");
	assert_string_equal(monitor_group_state_text(v, v->groups[0]),
			    "disabled");
	arig_expect_jobs("b");
	/* Both: the first is tried again, after a while. */
	arig_answer("b", ACTIVATE_TEMP_BUSY);
	assert_int_equal(current(), 1);
	arig_expect_jobs("");
	arig_pass(2 * SEC);
	arig_expect_jobs("a");
	arig.r->log[0] = '\0';
	arig_answer("a", ACTIVATE_OK);
	rig_expect_log(arig.r, "group-enabled v: handler script: ok, answer 1\n"
			       "group-activated v: handler script\n");
	assert_string_equal(monitor_group_state_text(v, v->groups[0]),
			    "active");
	assert_string_equal(monitor_group_state_text(v, v->groups[1]),
			    "disabled");
	arig_expect_io("a");
	arig_finish();
	/* A path that comes up tells that its controller is back. */
	verdict_of("b")->state = CHECK_DOWN;
	arig_pass(40 * SEC);
	verdict_of("b")->state = CHECK_UP;
	arig_pass(10 * SEC);
	assert_string_equal(monitor_group_state_text(v, v->groups[1]),
			    "enabled");
	assert_int_equal(current(), 1);
}

/* The operator has enabled it: there is nothing to take back any more. */
static void test_busy_then_by_hand(void **state)
{
	struct errmsg e;

	(void)state;
	arig_start("");
	arig_write();
	arig_answer("a", ACTIVATE_TEMP_BUSY);
	assert_int_equal(current(), 2);
	assert_int_equal(monitor_volume_control(arig.r->m, vol(),
						"switch-group 1", arig.r->now,
						&e),
			 0);
	assert_string_equal(monitor_group_state_text(vol(), vol()->groups[0]),
			    "active");
	arig_answer("b", ACTIVATE_OK);
	arig_run();
	arig.r->log[0] = '\0';
	arig_answer("a", ACTIVATE_OK);
	rig_expect_log(arig.r, "group-activated v: handler script\n");
	arig_finish();
}

/* A group that an operator has disabled stays so, also if it must be used. */
static void test_disabled_by_hand_stays(void **state)
{
	struct volume *v;
	struct errmsg e;

	(void)state;
	arig_start("");
	v = vol();
	assert_int_equal(monitor_group_state(arig.r->m, v, v->groups[1],
					     "disabled", arig.r->now, &e),
			 0);
	arig_write();
	arig_answer("a", ACTIVATE_IO);
	arig_expect_jobs("");
	arig_pass(2 * SEC);
	arig_expect_jobs("b");
	arig_answer("b", ACTIVATE_OK);
	arig_expect_io("b");
	arig_finish();
	assert_string_equal(monitor_group_state_text(v, v->groups[1]),
			    "disabled");
}

static void test_delay_of_nothing(void **state)
{
	(void)state;
	arig_start("features = 2 pg_init_delay_msecs 0\n");
	arig_write();
	arig_answer("a", ACTIVATE_TEMP_BUSY);
	arig_answer("b", ACTIVATE_TEMP_BUSY);
	arig_pass(NSEC_PER_MSEC);
	arig_answer("a", ACTIVATE_OK);
	arig_finish();
}

/* A path that comes up in the group that is ready: that one, nothing waits. */
static void test_join(void **state)
{
	(void)state;
	arig_start("path_grouping_policy = multibus\n");
	arig_write();
	arig_answer("a", ACTIVATE_OK);
	arig_answer("b", ACTIVATE_OK);
	arig_finish();
	rig_word(arig.r, "b", "fail");
	arig_run();
	arig_expect_jobs("");
	rig_word(arig.r, "b", "reinstate");
	arig_run();
	arig_expect_jobs("b");
	assert_false(holds());
	arig_write();
	arig_write();
	assert_int_equal(arig.eng.n, 2);
	/* What it answers counts as in any round. */
	arig_answer("b", ACTIVATE_IO);
	rig_expect_state(arig.r, "b", "failed");
	arig_finish();
	rig_word(arig.r, "b", "offline");
	rig_word(arig.r, "b", "reinstate");
	arig_expect_jobs("");
	rig_word(arig.r, "b", "online");
	arig_expect_jobs("b");
	arig_answer("b", ACTIVATE_OK);
}

/* What is under way on the old group goes on, what comes waits. */
static void test_switch_group(void **state)
{
	(void)state;
	arig_start("");
	arig_write();
	arig_answer("a", ACTIVATE_OK);
	arig_expect_io("a");
	rig_control(arig.r, "switch-group 2");
	arig_run();
	assert_true(holds());
	arig_expect_jobs("");
	arig_write();
	arig_expect_jobs("b");
	arig_expect_io("a");
	arig_end_io(0, ALL);
	assert_int_equal(arig.err[0], 0);
	arig_answer("b", ACTIVATE_OK);
	arig_expect_io("b");
	arig_finish();
}

/* While its activation runs another group is chosen: it ends first. */
static void test_switch_during_a_round(void **state)
{
	(void)state;
	arig_start("");
	arig_write();
	rig_control(arig.r, "switch-group 2");
	arig_run();
	arig_expect_jobs("a");
	arig_answer("a", ACTIVATE_TEMP_BUSY);
	assert_int_equal(current(), 2);
	arig_expect_jobs("b");
	arig_answer("b", ACTIVATE_OK);
	arig_expect_io("b");
	arig_finish();
}

/* Chosen away from while it waits for its delay: it is left alone. */
static void test_switch_during_a_delay(void **state)
{
	(void)state;
	arig_start("features = 2 pg_init_retries 5\n");
	arig_write();
	arig_answer("a", ACTIVATE_RETRY);
	rig_control(arig.r, "switch-group 2");
	arig_pass(2 * SEC);
	arig_expect_jobs("b");
	assert_int_equal(script_of("a")->asked, 1);
	arig_answer("b", ACTIVATE_OK);
	arig_finish();
}

static void test_killed_while_held(void **state)
{
	(void)state;
	arig_start("");
	arig_write();
	lane_kill(arig.lane, &arig.req[0]);
	assert_int_equal(arig.err[0], EINTR);
	arig_answer("a", ACTIVATE_OK);
	arig_expect_io("");
}

/* Makes group n the current one, and ready. */
static void use_group(unsigned int n, const char *path)
{
	char words[32];

	snprintf(words, sizeof(words), "switch-group %u", n);
	rig_control(arig.r, words);
	arig_write();
	arig_answer(path, ACTIVATE_OK);
	arig_finish();
}

/* New groups of paths that are ready are ready. */
static void test_regroup(void **state)
{
	(void)state;
	arig_start("path_grouping_policy = multibus\n");
	arig_write();
	arig_answer("a", ACTIVATE_OK);
	arig_answer("b", ACTIVATE_OK);
	arig_finish();
	rig_set(arig.r, OPT_PATH_SELECTOR, "queue-length 0");
	assert_false(holds());
	rig_set(arig.r, OPT_PATH_GROUPING_POLICY, "failover");
	assert_false(holds());
	use_group(2, "b");
	use_group(1, "a");
	/* The current group gets b, which was ready no longer. */
	rig_set(arig.r, OPT_PATH_GROUPING_POLICY, "multibus");
	assert_true(holds());
	arig_write();
	arig_expect_jobs("a b");
	arig_answer("a", ACTIVATE_OK);
	arig_answer("b", ACTIVATE_OK);
	arig_finish();
}

/* The time that I/O is held is not time in which it met errors. */
static void test_holding_is_no_error_time(void **state)
{
	struct errmsg e;

	(void)state;
	if (rig_apply(arig.r,
		      "[volume v]\npath = a @a\npath = b @b\npath = c @c\n"
		      "hardware_handler = 1 script\n"
		      "features = 4 pg_init_retries 1 pg_init_delay_msecs "
		      "60000\n",
		      true, &e))
		fail_msg("%s", e.text);
	arig_run();
	arig_write();
	arig_answer("a", ACTIVATE_OK);
	verdict_of("a")->state = CHECK_DOWN;
	arig_end_io(0, -EIO);
	arig_answer("b", ACTIVATE_RETRY);
	arig_pass(60 * SEC);
	arig_answer("b", ACTIVATE_OK);
	arig_expect_io("b");
	verdict_of("b")->state = CHECK_DOWN;
	arig_end_io(0, -EIO);
	arig_answer("c", ACTIVATE_OK);
	arig_expect_io("c");
	arig_finish();
}

static void test_settings_live(void **state)
{
	struct rig *r = arig.r;

	(void)state;
	rig_start(r, "");
	arig_run();
	assert_false(holds());
	rig_set(r, OPT_HARDWARE_HANDLER, "1 none");
	assert_false(holds());
	rig_set(r, OPT_HARDWARE_HANDLER, "1 script");
	assert_true(holds());
	arig_write();
	arig_expect_jobs("a");
	rig_set(r, OPT_HARDWARE_HANDLER, "0");
	arig_run();
	assert_false(holds());
	arig_expect_io("a");
	arig_answer("a", ACTIVATE_NOSYS); /* no handler: no matter */
	rig_expect_state(r, "a", "active");
	arig_finish();
}

/* Unless no_path_retry says what to do. */
static void test_queue_if_no_path(void **state)
{
	struct rig *r = arig.r;

	(void)state;
	rig_start(r, "");
	verdict_of("a")->state = verdict_of("b")->state = CHECK_DOWN;
	rig_word(r, "a", "fail");
	rig_word(r, "b", "fail");
	arig_run();
	assert_int_equal(volume_state(vol()), VOLUME_FAILED);
	rig_set(r, OPT_FEATURES, "1 queue_if_no_path");
	assert_int_equal(volume_state(vol()), VOLUME_QUEUEING);
	assert_int_equal(volume_queueing(vol())->deadline, 0);
	rig_set(r, OPT_NO_PATH_RETRY, "fail");
	assert_int_equal(volume_state(vol()), VOLUME_FAILED);
	rig_set(r, OPT_NO_PATH_RETRY, "default");
	assert_int_equal(volume_state(vol()), VOLUME_QUEUEING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ARIG_TEST(test_begins_with_io),
		ARIG_TEST(test_held_io_keeps_its_order),
		ARIG_TEST(test_lead_fails_other_group),
		ARIG_TEST(test_nothing_left_fails),
		ARIG_TEST(test_nothing_left_waits),
		ARIG_TEST(test_path_comes_back),
		ARIG_TEST(test_retry_after_a_while),
		ARIG_TEST(test_retry_at_once),
		ARIG_TEST(test_round_of_two_paths),
		ARIG_TEST(test_other_path_fails),
		ARIG_TEST(test_lead_fails_same_group),
		ARIG_TEST(test_other_path_is_busy),
		ARIG_TEST(test_busy_controllers),
		ARIG_TEST(test_busy_then_by_hand),
		ARIG_TEST(test_disabled_by_hand_stays),
		ARIG_TEST(test_delay_of_nothing),
		ARIG_TEST(test_join),
		ARIG_TEST(test_switch_group),
		ARIG_TEST(test_switch_during_a_round),
		ARIG_TEST(test_switch_during_a_delay),
		ARIG_TEST(test_killed_while_held),
		ARIG_TEST(test_regroup),
		ARIG_TEST(test_holding_is_no_error_time),
		ARIG_TEST(test_settings_live),
		ARIG_TEST(test_queue_if_no_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
