// SPDX-License-Identifier: MIT
/* One path's activation: its thread, its time, and what goes meanwhile. */
#include "tests/unit/activation_rig.h"

static struct volume *vol(void)
{
	return rig_volume(arig.r, "v");
}

static void test_timeout(void **state)
{
	(void)state;
	arig_start("checker_timeout = 7\n");
	arig_write();
	arig_pass(7 * SEC - 1);
	assert_true(rig_view(arig.r)->unready_since != 0);
	arig.r->log[0] = '\0';
	verdict_of("a")->state = CHECK_DOWN;
	arig_pass(1);
	assert_int_equal(arig.late, 1);
	assert_non_null(strstr(arig.r->log, "path-failed v a: handler script: "
					    "failed, activation timed out\n"));
	arig_expect_jobs("a b");
	arig_answer("b", ACTIVATE_OK);
	arig_expect_io("b");
	arig_finish();
	/* Back, and wanted again, while the old one hangs: counts as failed. */
	rig_word(arig.r, "a", "reinstate");
	rig_control(arig.r, "switch-group 1");
	arig_write();
	assert_non_null(
		strstr(arig.r->log, "the one before has not come back"));
	rig_expect_state(arig.r, "a", "failed");
	arig_expect_jobs("a b");
	arig_answer("b", ACTIVATE_OK);
	arig_finish();
	/* Its answer means nothing. */
	arig.r->log[0] = '\0';
	arig_answer("a", ACTIVATE_TEMP_BUSY);
	rig_expect_log(arig.r, "");
	assert_int_equal(vol()->current->id, 2);
}

/* It waits for the array: no thread, no limit, no other try. */
static void test_wait(void **state)
{
	(void)state;
	arig_start("checker_timeout = 7\n");
	arig_write();
	assert_int_equal(volume_stats(vol())->activations, 1);
	for (int i = 0; i < 20; i++) {
		arig_answer("a", ACTIVATE_WAIT);
		assert_true(handler_since == 0 || i > 0);
		arig_expect_jobs("");
		arig_pass(2 * SEC - 1);
		arig_expect_jobs("");
		arig_pass(1);
		arig_expect_jobs("a");
	}
	assert_true(arig.r->now - handler_since >= 38 * SEC);
	assert_int_equal(volume_stats(vol())->activations, 1);
	assert_int_equal(volume_stats(vol())->activation_failures, 0);
	arig_answer("a", ACTIVATE_OK);
	arig_expect_io("a");
	arig_finish();
}

/* The path fails while its handler waits: that ends it. */
static void test_wait_for_nothing(void **state)
{
	(void)state;
	arig_start("");
	arig_write();
	arig_answer("a", ACTIVATE_WAIT);
	rig_word(arig.r, "a", "fail");
	arig_pass(2 * SEC);
	arig_expect_jobs("b");
	arig_answer("b", ACTIVATE_OK);
	arig_expect_io("b");
	arig_finish();
}

/* Out of use meanwhile, but not failed: I/O of before does not come back. That
 * ends it, and is nothing to fail the path for. */
static void test_wait_stalls(void **state)
{
	(void)state;
	arig_start("");
	arig_write();
	arig_answer("a", ACTIVATE_OK);
	arig_expect_io("a");
	rig_control(arig.r, "switch-group 1");
	arig_write();
	arig_expect_jobs("a");
	arig_answer("a", ACTIVATE_WAIT);
	arig_pass(3 * SEC);
	rig_expect_state(arig.r, "a", "stalled");
	arig_expect_jobs("a");
	arig.r->log[0] = '\0';
	arig_answer("a", ACTIVATE_WAIT);
	arig_pass(2 * SEC);
	rig_expect_state(arig.r, "a", "stalled");
	assert_null(strstr(arig.r->log, "path-activation-failed"));
	assert_int_equal(volume_stats(vol())->activation_failures, 0);
	arig_expect_jobs("b");
	arig_answer("b", ACTIVATE_OK);
	arig_expect_io("a b");
	arig_finish();
}

/* An operator switches to another group meanwhile: that one does not wait for
 * what the array makes of the first. */
static void test_wait_and_switch(void **state)
{
	(void)state;
	arig_start("");
	arig_write();
	arig_answer("a", ACTIVATE_WAIT);
	rig_control(arig.r, "switch-group 2");
	arig_run();
	arig_pass(2 * SEC);
	arig_expect_jobs("b");
	arig_answer("b", ACTIVATE_OK);
	arig_expect_io("b");
	rig_expect_state(arig.r, "a", "active");
	assert_int_equal(volume_stats(vol())->activation_failures, 0);
	arig_finish();
}

/* Another handler is set meanwhile: the first one is not asked any more. */
static void test_wait_for_another_handler(void **state)
{
	struct setting *handler;

	(void)state;
	arig_start("");
	handler = &vol()->settings.v[OPT_HARDWARE_HANDLER];
	arig_write();
	arig_answer("a", ACTIVATE_WAIT);
	snprintf(handler->text, sizeof(handler->text), "1 patient");
	rounds_configure(arig.r->m, vol());
	arig_pass(2 * SEC);
	arig_expect_jobs("a");
	assert_int_equal(rig_path(arig.r, "a")->activation->handler->patience,
			 60 * SEC);
	arig_answer("a", ACTIVATE_OK);
	arig_expect_io("a");
	assert_int_equal(volume_stats(vol())->activation_failures, 0);
	arig_finish();
}

/* A call of several is too late as well; its "wait" means nothing then. */
static void test_wait_too_late(void **state)
{
	(void)state;
	arig_start("checker_timeout = 7\n");
	arig_write();
	arig_answer("a", ACTIVATE_WAIT);
	arig_pass(2 * SEC);
	arig_pass(7 * SEC);
	assert_int_equal(arig.late, 1);
	arig_answer("a", ACTIVATE_WAIT);
	arig_expect_jobs("b");
	arig_answer("b", ACTIVATE_OK);
	arig_finish();
}

/* It goes while its handler waits. */
static void test_wait_is_removed(void **state)
{
	struct errmsg e;

	(void)state;
	arig_start("");
	arig_write();
	arig_answer("a", ACTIVATE_WAIT);
	if (rig_apply(arig.r, "[volume w]\npath = c @c\n", true, &e))
		fail_msg("%s", e.text);
	arig_run();
	assert_int_equal(arig.err[0], ENODEV);
	assert_true(monitor_quiet(arig.r->m));
	arig_pass(3 * SEC);
	arig_expect_jobs("");
}

/* What its commands need, where checker_timeout is less. */
static void test_patience(void **state)
{
	(void)state;
	rig_start(arig.r, "checker_timeout = 7\n"
			  "hardware_handler = 1 patient\n");
	arig_run();
	arig_write();
	arig_pass(255 * SEC - 1); /* one of them */
	assert_int_equal(arig.late, 0);
	arig_answer("a", ACTIVATE_OK);
	assert_true(handler_timeout == 60 * SEC);
	assert_true(handler_retain);
	arig_finish();
}

/* No handler is named: it goes by the array, unless it is told not to. */
static void test_by_array(void **state)
{
	struct setting *retain;

	(void)state;
	rig_start(arig.r, "");
	retain = &vol()->settings.v[OPT_RETAIN_ATTACHED_HW_HANDLER];
	arig_run();
	assert_string_equal(volume_rounds(vol())->handler_text, "0");
	strcpy(rig_path(arig.r, "b")->said.vendor, "ACME");
	rig_set(arig.r, OPT_FEATURES, "1 queue_if_no_path");
	assert_string_equal(volume_rounds(vol())->handler_text, "1 patient");
	arig_write();
	arig_expect_jobs("a");
	arig_answer("a", ACTIVATE_OK);
	arig_finish();
	rig_set(arig.r, OPT_HARDWARE_HANDLER, "1 none");
	assert_null(volume_rounds(vol())->handler);
	rig_set(arig.r, OPT_HARDWARE_HANDLER, "1 script");
	assert_string_equal(volume_rounds(vol())->cause, "handler script");
	retain->num = 0;
	rig_set(arig.r, OPT_HARDWARE_HANDLER, "0");
	assert_null(volume_rounds(vol())->handler);
}

/* The pool has been full: that is not the path's fault. */
static void test_pool_is_full(void **state)
{
	(void)state;
	arig_start("");
	arig_write();
	arig.full = true;
	arig_pass(40 * SEC);
	arig_expect_jobs("a");
	rig_expect_state(arig.r, "a", "active");
	arig.full = false;
	arig_answer("a", ACTIVATE_OK);
	arig_finish();
}

/* The path goes while its handler is at work. */
static void test_path_is_removed(void **state)
{
	struct errmsg e;

	(void)state;
	arig_start("path_grouping_policy = multibus\n");
	arig_write();
	arig_expect_jobs("a b");
	if (rig_apply(arig.r,
		      "[volume v]\npath = b @b 1\n"
		      "path_grouping_policy = multibus\n"
		      "hardware_handler = 2 script arg\n",
		      true, &e))
		fail_msg("%s", e.text);
	arig_run();
	arig_expect_jobs("? b");
	arig_end_job(1);
	arig_expect_io("b");
	arig_finish();
	assert_int_equal(arig.r->m->nretired_paths, 1);
	arig_end_job(0);
	rig_open_all(arig.r);
	assert_int_equal(arig.r->m->nretired_paths, 0);
}

/* Within the same turn, and as often as pg_init_retries says. */
static void test_at_once(void **state)
{
	(void)state;
	rig_start(arig.r, "hardware_handler = 1 at-once\n"
			  "features = 2 pg_init_retries 2\n");
	say("a", ACTIVATE_IMM_RETRY);
	say("a", ACTIVATE_IMM_RETRY);
	say("a", ACTIVATE_IMM_RETRY);
	say("b", ACTIVATE_TEMP_BUSY);
	say("b", ACTIVATE_OK);
	arig_run();
	assert_int_equal(script_of("a")->asked, 0);
	arig_write();
	assert_int_equal(script_of("a")->asked, 3);
	rig_expect_state(arig.r, "a", "failed");
	assert_int_equal(script_of("b")->asked, 1);
	arig_pass(2 * SEC);
	assert_int_equal(script_of("b")->asked, 2);
	arig_expect_io("b");
	arig_finish();
}

/* The mount goes away: no other try, no busy controller is waited for. */
static void test_stopping(void **state)
{
	(void)state;
	arig_start("features = 2 pg_init_retries 50\nno_path_retry = queue\n");
	arig_write();
	monitor_stop_queueing(arig.r->m, arig.r->now);
	arig_run();
	arig_answer("a", ACTIVATE_RETRY);
	arig_answer("b", ACTIVATE_TEMP_BUSY);
	assert_int_equal(arig.err[0], EIO);
}

/* Nor does a handler wait for the array. */
static void test_stopping_ends_a_wait(void **state)
{
	(void)state;
	arig_start("path_grouping_policy = multibus\nno_path_retry = queue\n");
	arig_write();
	arig_answer("a", ACTIVATE_WAIT);
	monitor_stop_queueing(arig.r->m, arig.r->now);
	arig_run();
	arig_answer("b", ACTIVATE_WAIT);
	arig_pass(2 * SEC);
	arig_expect_jobs("");
	assert_int_equal(arig.err[0], EIO);
}

/* On a thread of the monitor's own. */
static void test_on_a_thread(void **state)
{
	struct mailbox *m = monitor_mailbox(arig.r->m);

	(void)state;
	arig.r->m->p.pool = arig.own_pool;
	arig_start("path_grouping_policy = multibus\n");
	arig_write();
	while (!arig.eng.n) {
		mailbox_wait(m);
		arig_run();
	}
	arig_finish();
	assert_int_equal(volume_stats(vol())->activations, 2);
	while (volume_rounds(vol())->a.in_progress) {
		mailbox_wait(m);
		arig_run();
	}
}

/* A volume goes while its handler is at work. */
static void test_volume_is_removed(void **state)
{
	struct errmsg e;

	(void)state;
	arig_start("");
	arig_write();
	if (rig_apply(arig.r, "[volume w]\npath = c @c\n", true, &e))
		fail_msg("%s", e.text);
	assert_non_null(strstr(arig.r->log, "volume-removed v: reconfigure\n"));
	arig_run();
	assert_int_equal(arig.err[0], ENODEV);
	assert_false(monitor_quiet(arig.r->m));
	arig.r->log[0] = '\0';
	arig_end_job(0);
	rig_expect_log(arig.r, "");
	assert_true(monitor_quiet(arig.r->m));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ARIG_TEST(test_timeout),	   ARIG_TEST(test_pool_is_full),
		ARIG_TEST(test_path_is_removed),   ARIG_TEST(test_at_once),
		ARIG_TEST(test_stopping),	   ARIG_TEST(test_on_a_thread),
		ARIG_TEST(test_volume_is_removed), ARIG_TEST(test_wait),
		ARIG_TEST(test_wait_for_nothing),
		ARIG_TEST(test_wait_stalls),
		ARIG_TEST(test_wait_and_switch),
		ARIG_TEST(test_wait_for_another_handler),
		ARIG_TEST(test_wait_too_late),	   ARIG_TEST(test_patience),
		ARIG_TEST(test_wait_is_removed),   ARIG_TEST(test_by_array),
		ARIG_TEST(test_stopping_ends_a_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
