// SPDX-License-Identifier: MIT
/*
 * Is our key registered already? What a volume finds when it appears, and when
 * its reservation_key is another.
 */
#include "tests/unit/reservation_rig.h"

/* What was there when this daemon came. */
static void test_adopts(void **state)
{
	(void)state;
	model_set(&res.lun, "a=1 B=9 held=a:5");
	res_start(KEY);
	assert_false(atomic_load(&rig_path(res.r, "a")->usable));
	assert_int_not_equal(rig_view(res.r)->unready_since, 0);
	res_write();
	res_expect_io("");
	res_run();
	res_expect_sent("RK a; REG a 1>1; REG b 1>1; REG c 1>1; RK a; "
			"REGI b 0>1; REGI c 0>1; RK a");
	res_expect_lun("a=1 b=1 c=1 B=9 held=a:5");
	assert_non_null(strstr(res.r->log, "reservation v: our key is "));
	assert_int_equal(res.eng.n, 1);
	assert_int_equal(volume_usable(res_volume()), 3);
}

/* No path has told yet: it is asked again at each good check. */
static void test_adopts_later(void **state)
{
	(void)state;
	model_set(&res.lun, "a=1");
	for (int i = 0; i < MODEL_OURS; i++)
		res.lun.fault[i] = LOST_BEFORE;
	res_start("polling_interval = 5\nno_path_retry = fail\n" KEY);
	res_run();
	assert_int_equal(volume_usable(res_volume()), 0);
	res_write();
	assert_int_equal(res.err[0], EIO);
	for (int i = 0; i < MODEL_OURS; i++)
		res.lun.fault[i] = WELL;
	res_pass(21 * SEC);
	res_expect_lun("a=1 b=1 c=1");
	assert_int_equal(volume_usable(res_volume()), 3);
}

/* The setting is changed while nobody knows yet, by now or by the old key. */
static void test_adopts_by_new_setting(void **state)
{
	(void)state;
	model_set(&res.lun, "a=2");
	for (int i = 0; i < MODEL_OURS; i++)
		res.lun.fault[i] = LOST_BEFORE;
	res_start("polling_interval = 5\n" KEY);
	res_run();
	res_start("polling_interval = 5\nreservation_key = 0x2\n");
	res_run();
	for (int i = 0; i < MODEL_OURS; i++)
		res.lun.fault[i] = WELL;
	res_pass(21 * SEC);
	res_expect_lun("a=2 b=2 c=2");
	assert_int_equal(volume_reservation(res_volume())->key, 2);
	assert_int_equal(volume_usable(res_volume()), 3);
}

/* The same while the question for the old one is out. */
static void test_setting_changes_with_question_out(void **state)
{
	(void)state;
	model_set(&res.lun, "a=2");
	res.hangs = "a";
	res_start(KEY);
	res_run();
	assert_int_equal(res.njobs, 1);
	res_start("reservation_key = 0x2\n");
	res.hangs = NULL;
	res_run();
	res_expect_lun("a=2 b=2 c=2");
	assert_int_equal(volume_reservation(res_volume())->key, 2);
}

/* The same while it is being registered: that is what counts. */
static void test_setting_changes_with_registration_out(void **state)
{
	uint64_t ticket;

	(void)state;
	res_start(KEY);
	res_run();
	res.hangs = "b";
	ticket = res_begin(RESERVE_OP_REGISTER, "1");
	res_run();
	res_start("reservation_key = 0x2\n");
	res_run();
	res.hangs = NULL;
	res_run();
	assert_int_equal(res.result[ticket], 0);
	res_expect_lun("a=1 b=1 c=1");
	assert_int_equal(volume_reservation(res_volume())->key, 1);
	assert_int_equal(volume_usable(res_volume()), 3);
}

/* What the old key tells counts more. */
static void test_setting_changes_and_old_is_there(void **state)
{
	(void)state;
	model_set(&res.lun, "a=1");
	res.hangs = "a";
	res_start(KEY);
	res_run();
	res_start("reservation_key = 0x2\n");
	res.hangs = NULL;
	res_run();
	res_expect_lun("a=1 b=1 c=1");
	assert_int_equal(volume_reservation(res_volume())->key, 1);
}

/* No path has told at first, then one does: it is nothing, for all of them. */
static void test_adopts_nothing_later(void **state)
{
	(void)state;
	for (int i = 0; i < MODEL_OURS; i++)
		res.lun.fault[i] = LOST_BEFORE;
	res_start("polling_interval = 5\n" KEY);
	res_run();
	rig_expect_state(res.r, "b", "failed");
	for (int i = 0; i < MODEL_OURS; i++)
		res.lun.fault[i] = WELL;
	res.r->log[0] = '\0';
	res_pass(21 * SEC);
	assert_int_equal(volume_reservation(res_volume())->key, 0);
	assert_int_equal(volume_usable(res_volume()), 3);
	for (const char *p = "abc"; *p; p++)
		rig_expect_state(res.r, (char[]){*p, 0}, "active");
	assert_non_null(strstr(res.r->log, "path-registered v c: "));
}

static void test_adopts_nothing(void **state)
{
	(void)state;
	model_set(&res.lun, "B=9");
	res_start(KEY);
	res_run();
	res_expect_sent("RK a");
	assert_int_equal(volume_reservation(res_volume())->key, 0);
	rig_expect_state(res.r, "a", "active");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RES_TEST(test_adopts),
		RES_TEST(test_adopts_later),
		RES_TEST(test_adopts_by_new_setting),
		RES_TEST(test_setting_changes_with_question_out),
		RES_TEST(test_setting_changes_with_registration_out),
		RES_TEST(test_setting_changes_and_old_is_there),
		RES_TEST(test_adopts_nothing_later),
		RES_TEST(test_adopts_nothing),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
