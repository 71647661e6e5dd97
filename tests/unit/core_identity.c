// SPDX-License-Identifier: MIT
/*
 * Who a path's device is: asked when it is opened and when the path comes back,
 * and what another LUN under the same name and of the same size comes to.
 */
#include "core/identity.h"
#include "tests/unit/prio_rig.h"

/* What the devices of a, b and c say when opened, and when they are asked. */
static const char *opened[3], *now[3];
static int now_result;

static unsigned int index_of(const struct device *d)
{
	return (unsigned int)(d->path[strlen(d->path) - 1] - 'a');
}

static void tell(const struct device *d, struct path_facts *ret)
{
	ret->kind = DEVICE_SCSI;
	strcpy(ret->wwid, opened[index_of(d)]);
}

static int ask(const struct device *d, char *buf, size_t size, struct errmsg *e)
{
	assert_true(d->fd >= 0);
	if (now_result)
		return errmsg_set(e, -now_result, "no answer");
	snprintf(buf, size, "%s", now[index_of(d)]);
	return 0;
}

static int identity_setup(void **state)
{
	struct rig *r;

	assert_int_equal(prio_setup(state), 0);
	r = *state;
	r->m->p.identify = tell;
	r->m->p.device_wwid = ask;
	r->m->p.prioritizers = NULL;
	for (int i = 0; i < 3; i++)
		opened[i] = now[i] = "3one";
	now_result = 0;
	return 0;
}

#define IDENTITY_TEST(test)                                                    \
	cmocka_unit_test_setup_teardown(test, identity_setup, prio_teardown)

#define FAST "polling_interval = 5\nmax_polling_interval = 5\n"

static bool has_event(struct rig *r, const char *text)
{
	return strstr(r->log, text) != NULL;
}

/* b fails, and its checker finds it well. */
static void fail_and_check(struct rig *r)
{
	rig_fault(r, "b");
	rig_expect_state(r, "b", "failed");
	check_now_path(r, "b");
}

static void test_agree(void **state)
{
	struct rig *r = *state;

	opened[2] = ""; /* one that has none is taken as it is said to be */
	start(r, FAST);
	rig_expect_state(r, "c", "active");
	assert_string_equal(identity_of(rig_volume(r, "v")), "3one");
	assert_int_equal(pool.n, 0);
}

static void test_disagree(void **state)
{
	struct rig *r = *state;
	struct errmsg e = {.text = ""};
	const char *text = "[volume v]\npath = a @a\npath = b @b\npath = c @c\n";

	opened[1] = "3two";
	assert_int_equal(rig_apply(r, text, true, &e), -EINVAL);
	assert_string_equal(e.text, "main:3: volume v: path b: its WWID is "
				    "3two, that of a 3one");
	assert_null(monitor_volume(r->m, 0));
	/* After a restart: without it, and it does not come in later. */
	assert_int_equal(rig_apply(r, text, false, &e), 0);
	rig_pass(r, 30 * SEC);
	rig_open_all(r);
	rig_pass(r, 30 * SEC);
	rig_open_all(r);
	rig_expect_state(r, "a", "active");
	rig_expect_state(r, "b", "failed");
	assert_null(rig_path(r, "b")->dev);
	opened[1] = "3one";
	rig_pass(r, 30 * SEC);
	rig_open_all(r);
	while (pool.n)
		answer(r, 1);
	rig_expect_state(r, "b", "active");
}

/* A path comes back: not before it has said who it is. */
static void test_same(void **state)
{
	struct rig *r = *state;

	start(r, FAST);
	fail_and_check(r);
	assert_int_equal(pool.n, 1);
	rig_expect_state(r, "b", "failed");
	rig_pass(r, 12 * SEC); /* more checks: it is asked once */
	assert_int_equal(pool.n, 1);
	rig_expect_state(r, "b", "failed");
	answer(r, 1);
	rig_expect_state(r, "b", "active");
	/* And each time that it has failed. */
	fail_and_check(r);
	assert_int_equal(pool.n, 1);
	answer(r, 1);
	rig_expect_state(r, "b", "active");
}

/* It fails once more while it is asked: it may be another since then. */
static void test_fails_meanwhile(void **state)
{
	struct rig *r = *state;

	start(r, FAST);
	fail_and_check(r);
	rig_fault(r, "b"); /* one of those that were out */
	answer(r, 1);
	rig_expect_state(r, "b", "failed");
	check_now_path(r, "b");
	answer(r, 1);
	rig_expect_state(r, "b", "active");
}

/* Another LUN under its name and number, of the same size. */
static void test_another(void **state)
{
	struct rig *r = *state;

	start(r, FAST);
	now[1] = opened[1] = "3two";
	fail_and_check(r);
	answer(r, 1);
	rig_expect_state(r, "b", "failed");
	assert_true(has_event(r, "path-wwid-changed v b: its WWID is 3two, not "
				 "3one\n"));
	for (int i = 0; i < 5; i++) {
		rig_pass(r, 6 * SEC);
		rig_open_all(r);
		rig_expect_state(r, "b", "failed");
	}
	assert_null(rig_path(r, "b")->dev);
	assert_string_equal(rig_path(r, "b")->said.wwid, "3one");
	opened[1] = "3one"; /* the array has it as it was */
	rig_pass(r, 6 * SEC);
	rig_open_all(r);
	while (pool.n)
		answer(r, 1);
	rig_pass(r, 6 * SEC);
	while (pool.n)
		answer(r, 1);
	now[1] = "3one";
	rig_pass(r, 12 * SEC);
	rig_open_all(r);
	while (pool.n)
		answer(r, 1);
	rig_expect_state(r, "b", "active");
}

/* It has none any more: that is another, too. */
static void test_nameless(void **state)
{
	struct rig *r = *state;

	start(r, FAST);
	now[1] = opened[1] = "";
	fail_and_check(r);
	answer(r, 1);
	rig_pass(r, 12 * SEC);
	rig_open_all(r);
	rig_expect_state(r, "b", "failed");
	assert_true(has_event(r, "path-wwid-changed v b: its WWID is none, not "
				 "3one\n"));
}

/* No answer: it waits for one. */
static void test_silent(void **state)
{
	struct rig *r = *state;

	start(r, FAST);
	now_result = -EIO;
	fail_and_check(r);
	answer(r, 1);
	rig_expect_state(r, "b", "failed");
	assert_true(has_event(r, "path-still-failed v b: who it is: no "
				 "answer\n"));
	r->log[0] = '\0';
	check_now_path(r, "b");
	answer(r, 1);
	assert_false(has_event(r, "path-still-failed")); /* said once */
	now_result = 0;
	check_now_path(r, "b");
	answer(r, 1);
	rig_expect_state(r, "b", "active");
}

/* The device was gone, and what is there now has its size but is another. */
static void test_reopened(void **state)
{
	struct rig *r = *state;

	start(r, FAST);
	opened[0] = "3two";
	rig_device(r, "a", FILE_SIZE / 2);
	rig_pass(r, 12 * SEC);
	rig_open_all(r);
	rig_device(r, "a", FILE_SIZE);
	rig_pass(r, 12 * SEC);
	rig_open_all(r);
	rig_expect_state(r, "a", "failed");
	assert_true(has_event(r, "path-wwid-changed v a: its WWID is 3two, not "
				 "3one\n"));
	assert_string_equal(rig_path(r, "a")->health.why,
			    "device: its WWID is 3two, not 3one");
	opened[0] = "3one";
	rig_pass(r, 12 * SEC);
	rig_open_all(r);
	while (pool.n)
		answer(r, 1);
	rig_expect_state(r, "a", "active");
}

/* A volume stays the LUN that it is, whatever its paths are to be. */
static void test_reconfigured(void **state)
{
	struct rig *r = *state;
	struct errmsg e = {.text = ""};

	opened[2] = "3two";
	assert_int_equal(rig_apply(r, "[volume v]\npath = a @a\npath = b @b\n",
				   true, &e),
			 0);
	assert_int_equal(rig_apply(r, "[volume v]\npath = c @c\n", true, &e),
			 -EINVAL);
	assert_string_equal(e.text, "main:2: volume v: path c: its WWID is "
				    "3two, that of the volume 3one");
	assert_non_null(volume_path(rig_volume(r, "v"), "a"));
}

/* Something makes it doubtful while it is in use. */
static void test_doubt(void **state)
{
	struct rig *r = *state;

	start(r, FAST);
	identity_doubt(r->m, rig_path(r, "b"));
	answer(r, 1);
	rig_expect_state(r, "b", "active");
	now[1] = opened[1] = "3two";
	identity_doubt(r->m, rig_path(r, "b"));
	answer(r, 1);
	rig_expect_state(r, "b", "failed");
	assert_true(has_event(r, "path-failed v b: device: its WWID is 3two, "
				 "not 3one\n"));
}

/* It has failed, and says who it is: only its next check brings it back, the
 * last one was before that. */
static void test_doubt_when_failed(void **state)
{
	struct rig *r = *state;

	start(r, FAST);
	rig_fault(r, "b");
	identity_doubt(r->m, rig_path(r, "b"));
	answer(r, 1);
	rig_expect_state(r, "b", "failed");
	check_now_path(r, "b");
	rig_expect_state(r, "b", "active");
}

/* A check of it is out then: what that finds is of no use. */
static void test_doubt_when_checked(void **state)
{
	struct rig *r = *state;

	start(r, FAST);
	verdict_of("b")->state = CHECK_PENDING;
	check_now_path(r, "b");
	assert_non_null(verdict_of("b")->out);
	now[1] = opened[1] = "3two";
	identity_doubt(r->m, rig_path(r, "b"));
	answer(r, 1);
	rig_expect_state(r, "b", "failed");
	verdict_of("b")->state = CHECK_UP;
	rig_turn(r);
	assert_null(verdict_of("b")->out);
	rig_expect_state(r, "b", "failed");
	rig_open_all(r);
	rig_expect_state(r, "b", "failed");
}

/* What was found is not asked without recheck_wwid. */
static void test_found(void **state)
{
	struct rig *r = *state;
	struct volume *v;

	start(r, FAST);
	v = rig_volume(r, "v");
	v->found = true;
	v->settings.v[OPT_RECHECK_WWID].num = false;
	fail_and_check(r);
	assert_int_equal(pool.n, 0);
	rig_expect_state(r, "b", "active");
	v->settings.v[OPT_RECHECK_WWID].num = true;
	now[1] = "3two";
	fail_and_check(r);
	answer(r, 1);
	rig_expect_state(r, "b", "failed");
	v->found = false;
}

static int reinstate(struct rig *r, struct errmsg *e)
{
	return monitor_path_state(r->m, rig_path(r, "b"), "reinstate", r->now,
				  e);
}

/* An operator's word: before its checker's, but not before its own. */
static void test_by_hand(void **state)
{
	struct rig *r = *state;
	struct errmsg e = {.text = ""};

	start(r, FAST);
	rig_fault(r, "b");
	assert_int_equal(reinstate(r, &e), 0);
	assert_int_equal(reinstate(r, &e), 0);
	assert_int_equal(pool.n, 1);
	rig_expect_state(r, "b", "failed");
	answer(r, 1);
	rig_expect_state(r, "b", "active");
	assert_true(has_event(r, "path-reinstated v b: operator\n"));
	assert_int_equal(reinstate(r, &e), 0); /* it is used already */
	assert_int_equal(pool.n, 0);
	/* He thinks better of it. */
	rig_fault(r, "b");
	assert_int_equal(reinstate(r, &e), 0);
	rig_word(r, "b", "fail");
	answer(r, 1);
	rig_expect_state(r, "b", "failed");
	assert_int_equal(pool.n, 0);
	/* It fails a check meanwhile: what it said may be of before. */
	assert_int_equal(reinstate(r, &e), 0);
	identity_forget(rig_path(r, "b"));
	answer(r, 1);
	rig_expect_state(r, "b", "failed");
	answer(r, 1);
	rig_expect_state(r, "b", "active");
	/* It does not say it: the word is over. */
	now_result = -EIO;
	rig_fault(r, "b");
	assert_int_equal(reinstate(r, &e), 0);
	if (pool.n)
		answer(r, 1);
	rig_expect_state(r, "b", "failed");
}

/* It is another: it gets no I/O, whoever says so. */
static void test_by_hand_another(void **state)
{
	struct rig *r = *state;
	struct errmsg e = {.text = ""};

	start(r, FAST);
	rig_fault(r, "b");
	now[1] = opened[1] = "3two";
	assert_int_equal(reinstate(r, &e), 0);
	answer(r, 1);
	rig_expect_state(r, "b", "failed");
	for (int i = 0; i < 5; i++) {
		assert_int_equal(reinstate(r, &e), -ENODEV);
		assert_string_equal(e.text,
				    "b: its device is not there or not its own: "
				    "device: its WWID is 3two, not 3one");
		rig_pass(r, 6 * SEC);
		rig_open_all(r);
		rig_expect_state(r, "b", "failed");
	}
}

/* It goes while it is asked. */
static void test_goes(void **state)
{
	struct rig *r = *state;
	struct errmsg e = {.text = ""};

	start(r, FAST);
	fail_and_check(r);
	pool.begun[0] = true;
	assert_int_equal(rig_apply(r, "[volume v]\npath = a @a 3\n", true, &e),
			 0);
	rig_turn(r);
	answer(r, 1);
	rig_open_all(r);
	assert_int_equal(r->m->nretired_paths, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		IDENTITY_TEST(test_agree),    IDENTITY_TEST(test_disagree),
		IDENTITY_TEST(test_same),     IDENTITY_TEST(test_another),
		IDENTITY_TEST(test_fails_meanwhile),
		IDENTITY_TEST(test_doubt_when_checked),
		IDENTITY_TEST(test_doubt_when_failed),
		IDENTITY_TEST(test_nameless), IDENTITY_TEST(test_silent),
		IDENTITY_TEST(test_reopened), IDENTITY_TEST(test_reconfigured),
		IDENTITY_TEST(test_doubt),    IDENTITY_TEST(test_found),
		IDENTITY_TEST(test_goes),     IDENTITY_TEST(test_by_hand),
		IDENTITY_TEST(test_by_hand_another),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
