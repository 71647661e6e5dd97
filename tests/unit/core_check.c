// SPDX-License-Identifier: MIT
/*
 * When paths are checked, and what a verdict does (census 4.4, 6.5): the
 * checker's answers are scripted, the devices files.
 */
#include "tests/unit/monitor_rig.h"

static void rig_expect_message(struct rig *r, const char *path,
			       const char *want)
{
	assert_string_equal(rig_path(r, path)->check.checker.message, want);
}

/* The times (s from the start) of the next checks of path a. */
static void expect_checks(struct rig *r, const char *what,
			  const unsigned int *want, unsigned int n)
{
	struct verdict *v = verdict_of("a");
	uint64_t start = r->now;

	for (unsigned int i = 0; i < n; i++) {
		unsigned int before = v->starts;
		uint64_t s = 0;

		rig_until(r, start + want[i] * SEC - 1);
		s = v->starts - before;
		rig_until(r, start + want[i] * SEC);
		if (s || v->starts != before + 1)
			fail_msg("%s, check %u: got %llu before second %u, %u "
				 "in it; expected 0, 1",
				 what, i + 1, (unsigned long long)s, want[i],
				 v->starts - before - (unsigned int)s);
	}
}

#define CHECKS(r, what, ...)                                                   \
	expect_checks(r, what, (const unsigned int[]){__VA_ARGS__},            \
		      sizeof((const unsigned int[]){__VA_ARGS__}) /            \
			      sizeof(unsigned int))

/* The interval doubles while all is well, and falls back when it is not. */
static void test_intervals(void **state)
{
	struct rig *r = *state;

	rig_start(r, "");
	/* Its own moment is 0 modulo 20 s, as is the start: on the way there
	 * the second interval is cut from 10 s to 5, the third from 20 to 10. */
	CHECKS(r, "well", 5, 10, 20, 40, 60);
	verdict_of("a")->state = CHECK_DOWN;
	CHECKS(r, "down", 20, 25, 30, 35);
	verdict_of("a")->state = CHECK_UP;
	CHECKS(r, "up again", 5, 10, 15, 25, 45);
	rig_word(r, "a", "fail"); /* looked at soon */
	CHECKS(r, "failed by hand", 5, 10, 20, 40);
}

static void test_max_interval(void **state)
{
	struct rig *r = *state;

	rig_start(r, "polling_interval = 4\nmax_polling_interval = 10\n");
	CHECKS(r, "4, 10 at most", 4, 8, 10, 20, 30, 40);
	rig_set(r, OPT_MAX_POLLING_INTERVAL, "1"); /* less than the least */
	rig_pass(r, SEC);
	CHECKS(r, "4 at most", 3, 7, 11);
	/* Raised: not more often than that from now on. */
	rig_set(r, OPT_MAX_POLLING_INTERVAL, "auto");
	rig_set(r, OPT_POLLING_INTERVAL, "60");
	CHECKS(r, "60", 28, 148, 388);
	rig_set(r, OPT_POLLING_INTERVAL, "default");
	CHECKS(r, "4 again", 16, 32);
}

/* What each verdict does to a path that was up, and to one that was down. */
static const struct {
	enum check_state verdict;
	const char *of_up, *of_down;
} verdict_rows[] = {
	{CHECK_UP, "active", "active"},
	{CHECK_GHOST, "standby", "standby"},
	{CHECK_DOWN, "failed", "failed"},
	{CHECK_TIMEOUT, "failed", "failed"},
	{CHECK_UNCHECKED, "active", "failed"},
	{CHECK_PENDING, "active", "failed"},
};

static void test_verdicts(void **state)
{
	struct rig *r = *state;

	rig_start(r, "path_grouping_policy = multibus\n");
	for (size_t i = 0; i < ARRAY_SIZE(verdict_rows); i++) {
		struct verdict *v = verdict_of("a");

		v->state = CHECK_UP;
		rig_pass(r, 50 * SEC);
		rig_expect_state(r, "a", "active");
		v->state = verdict_rows[i].verdict;
		rig_pass(r, 25 * SEC);
		rig_expect_state(r, "a", verdict_rows[i].of_up);
		v->state = CHECK_DOWN;
		rig_pass(r, 25 * SEC);
		rig_expect_state(r, "a", "failed");
		v->state = verdict_rows[i].verdict;
		rig_pass(r, 25 * SEC);
		rig_expect_state(r, "a", verdict_rows[i].of_down);
	}
}

/* Nothing comes back: old state kept until the timeout, then no new one. */
static void test_timeout(void **state)
{
	struct rig *r = *state;
	struct verdict *v = verdict_of("a");
	unsigned int starts;

	rig_start(r, "checker_timeout = 7\n");
	v->state = CHECK_PENDING;
	rig_pass(r, 5 * SEC + 7 * SEC - 1);
	rig_expect_state(r, "a", "active");
	rig_pass(r, 1);
	rig_expect_state(r, "a", "failed");
	rig_expect_log(r, "path-failed v a: checker directio: i/o timeout, "
			  "nothing has come back for 7 s\n"
			  "group-active v: group 1 has no usable path\n"
			  "volume-state v: at-risk\n");
	starts = v->starts;
	assert_int_equal(monitor_late_probes(r->m), 1);
	rig_pass(r, 100 * SEC); /* still out: none is started */
	assert_int_equal(v->starts, starts);
	rig_expect_state(r, "a", "failed");
	rig_expect_state(r, "b", "active"); /* it held up nobody else */
	rig_expect_message(r, "a", "nothing has come back for 105 s");
	v->state = CHECK_UP;
	rig_turn(r); /* counts for nothing */
	rig_expect_state(r, "a", "failed");
	rig_expect_message(r, "a", "answered too late: ready");
	assert_int_equal(monitor_late_probes(r->m), 0);
	rig_pass(r, 5 * SEC);
	rig_expect_state(r, "a", "active");
}

/* Offline stays, whatever the checker says, and the checker goes on. */
static void test_offline_held(void **state)
{
	struct rig *r = *state;
	struct verdict *v = verdict_of("a");
	unsigned int starts;

	rig_start(r, "failback = immediate\n");
	rig_word(r, "a", "offline");
	assert_int_equal(rig_group(r), 2);
	starts = v->starts;
	rig_pass(r, 100 * SEC);
	assert_true(v->starts > starts);
	v->state = CHECK_DOWN;
	rig_pass(r, 100 * SEC);
	rig_expect_state(r, "a", "offline");
	v->state = CHECK_UP;
	rig_pass(r, 100 * SEC);
	rig_expect_state(r, "a", "offline");
	assert_int_equal(rig_group(r), 2);
	rig_word(r, "a", "online");
	rig_expect_state(r, "a", "active");
	assert_int_equal(rig_group(r), 1);
	/* Bad meanwhile: seen at once. */
	rig_word(r, "a", "offline");
	v->state = CHECK_DOWN;
	rig_word(r, "a", "online");
	rig_turn(r);
	rig_expect_state(r, "a", "failed");
}

static void test_asked(void **state)
{
	struct rig *r = *state;
	struct errmsg e;
	unsigned int starts;

	rig_start(r, "");
	starts = verdict_of("a")->starts;
	assert_int_equal(monitor_path_check(r->m, rig_path(r, "a"), r->now, &e),
			 0);
	assert_int_equal(r->checked, 0);
	rig_turn(r);
	assert_int_equal(verdict_of("a")->starts, starts + 1);
	assert_int_equal(r->checked, 1);
	verdict_of("a")->state = CHECK_PENDING;
	assert_int_equal(monitor_path_check(r->m, rig_path(r, "a"), r->now, &e),
			 0);
	rig_pass(r, SEC);
	assert_int_equal(r->checked, 1);
	verdict_of("a")->state = CHECK_DOWN;
	rig_turn(r);
	assert_int_equal(r->checked, 2);
	rig_expect_state(r, "a", "failed");
}

/* The checker is exchanged, but not while something of it is out. */
static void test_exchange(void **state)
{
	struct rig *r = *state;
	struct verdict *v = verdict_of("a");

	rig_start(r, "checker_timeout = 2\n");
	v->state = CHECK_DOWN;
	rig_pass(r, 5 * SEC);
	rig_expect_state(r, "a", "failed");
	rig_set(r, OPT_PATH_CHECKER, "none");
	rig_expect_state(r, "a", "active");
	assert_ptr_equal(rig_path(r, "a")->check.checker.ops, &plain_checker);
	rig_set(r, OPT_PATH_CHECKER, "default");
	rig_expect_state(r, "a", "failed");
	v->state = CHECK_PENDING;
	rig_pass(r, 10 * SEC);
	assert_non_null(v->out);
	rig_set(r, OPT_PATH_CHECKER, "none");
	assert_ptr_equal(rig_path(r, "a")->check.checker.ops,
			 &script_checker);
	rig_expect_state(r, "a", "failed");
	v->state = CHECK_DOWN;
	rig_pass(r, 5 * SEC);
	assert_ptr_equal(rig_path(r, "a")->check.checker.ops, &plain_checker);
	rig_expect_state(r, "a", "active");
}

/* Devices that change under us */

static void test_size_changes(void **state)
{
	struct rig *r = *state;

	rig_start(r, "");
	rig_device(r, "a", FILE_SIZE / 2);
	rig_pass(r, 5 * SEC);
	rig_open_all(r);
	rig_expect_state(r, "a", "failed");
	rig_expect_log(r, "path-failed v a: device: size is 524288 now, it was "
			  "1048576 bytes\n"
			  "group-active v: group 1 has no usable path\n"
			  "volume-state v: at-risk\n");
	assert_int_equal(volume_size(rig_volume(r, "v")), FILE_SIZE);
	rig_pass(r, 5 * SEC); /* opened anew, and still too small */
	rig_open_all(r);
	rig_expect_state(r, "a", "failed");
	assert_null(rig_path(r, "a")->dev);
	rig_device(r, "a", FILE_SIZE);
	rig_pass(r, 5 * SEC);
	rig_open_all(r);
	rig_expect_state(r, "a", "active");
}

static void remove_file(struct rig *r, const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s%s", r->f->dir, name);
	assert_int_equal(unlink(path), 0);
}

/* Nothing may be closed while an attempt is out, however it ends. */
static void test_gone_and_back(void **state)
{
	struct rig *r = *state;
	struct path *a;
	struct device *old;
	struct errmsg e = {.text = ""};

	rig_start(r, "");
	a = rig_path(r, "a");
	old = a->dev;
	atomic_store(&a->load.ios, 1);
	rig_device(r, "a", FILE_SIZE + 4096);
	remove_file(r, "a");
	rig_pass(r, 5 * SEC);
	rig_expect_state(r, "a", "failed");
	assert_int_equal(monitor_path_state(r->m, a, "reinstate", r->now, &e),
			 -ENODEV);
	rig_pass(r, 100 * SEC);
	assert_ptr_equal(a->dev, old);
	atomic_store(&a->load.ios, 0);
	rig_pass(r, 5 * SEC);
	rig_open_all(r);
	assert_null(a->dev);
	rig_pass(r, 20 * SEC);
	rig_open_all(r);
	rig_expect_state(r, "a", "failed");
	rig_device(r, "a", FILE_SIZE);
	rig_pass(r, 5 * SEC);
	rig_open_all(r);
	rig_expect_state(r, "a", "active");
	assert_int_equal(a->dev->limits.size, FILE_SIZE);
}

/* A volume is taken out while a device of it is being opened anew, in vain. */
static void test_lost_when_removed(void **state)
{
	struct rig *r = *state;
	struct errmsg e = {.text = ""};

	rig_start(r, "");
	rig_device(r, "a", FILE_SIZE + 4096);
	remove_file(r, "a");
	for (int ms = 0; !r->m->nopening; ms++) {
		assert_true(ms < 60000);
		rig_pass(r, NSEC_PER_MSEC);
	}
	rig_device(r, "c", FILE_SIZE);
	assert_int_equal(
		rig_apply(r, "[volume w]\npath = c @c\n", true, &e), 0);
	rig_open_all(r);
	rig_pass(r, 60 * SEC);
	rig_open_all(r);
	assert_true(cds_list_empty(&r->m->retired_volumes));
}

/* The worker began without its devices: what comes first says the size. */
static void test_size_comes_later(void **state)
{
	struct rig *r = *state;
	struct errmsg e = {.text = ""};
	unsigned int changed;

	remove_file(r, "a");
	remove_file(r, "b");
	assert_int_equal(rig_apply(r,
				   "[volume v]\npath = a @a\npath = b @b\n"
				   "no_path_retry = queue\n",
				   false, &e),
			 0);
	rig_open_all(r);
	assert_int_equal(volume_size(rig_volume(r, "v")), 0);
	assert_true(rig_view(r)->queue);
	changed = r->changed;
	rig_device(r, "b", 2 * FILE_SIZE);
	rig_pass(r, 5 * SEC);
	rig_open_all(r);
	rig_expect_state(r, "b", "active");
	assert_int_equal(volume_size(rig_volume(r, "v")), 2 * FILE_SIZE);
	assert_int_equal(rig_view(r)->size, 2 * FILE_SIZE);
	assert_true(rig_view(r)->max_io > 4096);
	assert_true(r->changed > changed);
	rig_device(r, "a", FILE_SIZE); /* another one: not a path of this */
	rig_pass(r, 20 * SEC);
	rig_open_all(r);
	rig_expect_state(r, "a", "failed");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		RIG_TEST(test_intervals),
		RIG_TEST(test_max_interval),
		RIG_TEST(test_verdicts),
		RIG_TEST(test_timeout),
		RIG_TEST(test_offline_held),
		RIG_TEST(test_asked),
		RIG_TEST(test_exchange),
		RIG_TEST(test_size_changes),
		RIG_TEST(test_gone_and_back),
		RIG_TEST(test_lost_when_removed),
		RIG_TEST(test_size_comes_later),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
