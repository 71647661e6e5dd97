// SPDX-License-Identifier: MIT
/*
 * Shaky and marginal paths on a volume (census 6.6): held out, released, used
 * as the last resort, and the reads that decide. The machines themselves are in
 * core_shaky.c and core_marginal.c.
 */
#include "tests/unit/monitor_rig.h"
#include "core/sample.h"

#define SHAKY                                                                  \
	"path_grouping_policy = multibus\nsan_path_err_threshold = 2\n"        \
	"san_path_err_forget_rate = 10\nsan_path_err_recovery_time = 60\n"
#define MARGINAL                                                               \
	"path_grouping_policy = multibus\n"                                    \
	"marginal_path_double_failed_time = 60\n"                              \
	"marginal_path_err_sample_time = 120\n"                                \
	"marginal_path_err_rate_threshold = 10\n"                              \
	"marginal_path_err_recheck_gap_time = 300\n"

/* I/O fails on the path, and its next check finds it well. */
static void flap(struct rig *r, const char *path, unsigned int times)
{
	while (times--) {
		rig_fault(r, path);
		rig_pass(r, 5 * SEC + 1);
	}
}

static void expect_checker(struct rig *r, const char *path, const char *want)
{
	assert_string_equal(path_checker_text(rig_path(r, path)), want);
}

/* When the clock began: the check that found it well. */
static uint64_t held_since(struct rig *r, const char *path)
{
	return rig_path(r, path)->doubt.shaky.since;
}

static void test_held_out(void **state)
{
	struct rig *r = *state;

	rig_start(r, SHAKY);
	flap(r, "a", 2);
	rig_expect_state(r, "a", "active");
	r->log[0] = '\0';
	flap(r, "a", 1);
	rig_expect_state(r, "a", "marginal");
	expect_checker(r, "a", "delayed");
	rig_expect_log(r, "path-failed v a: EIO on write at sector 2048\n"
			  "volume-state v: at-risk\n"
			  "path-marginal v a: san_path_err: 3 failures, no "
			  "more than 2 allowed\n");
	assert_int_equal(volume_stats(rig_volume(r, "v"))->path_faults, 3);
	rig_until(r, held_since(r, "a") + 60 * SEC - 1);
	rig_expect_state(r, "a", "marginal");
	rig_pass(r, 1);
	rig_expect_state(r, "a", "active");
	expect_checker(r, "a", "ready");
	rig_expect_log(r, "path-reinstated v a: san_path_err: good for 60 s\n"
			  "volume-state v: optimal\n");
	/* and counts from nothing */
	flap(r, "a", 2);
	rig_expect_state(r, "a", "active");
}

/* The time of grace is one of good checks without a break. */
static void test_clock_restarts(void **state)
{
	struct rig *r = *state;

	rig_start(r, SHAKY);
	flap(r, "a", 3);
	rig_pass(r, 40 * SEC);
	r->log[0] = '\0';
	verdict_of("a")->state = CHECK_DOWN;
	rig_pass(r, 5 * SEC);
	rig_expect_state(r, "a", "failed");
	expect_checker(r, "a", "faulty");
	assert_int_equal(strncmp(r->log, "path-failed v a: checker", 24), 0);
	assert_int_equal(volume_stats(rig_volume(r, "v"))->path_faults, 3);
	verdict_of("a")->state = CHECK_UP;
	rig_pass(r, 5 * SEC);
	rig_expect_state(r, "a", "marginal");
	rig_until(r, held_since(r, "a") + 60 * SEC - 1);
	rig_expect_state(r, "a", "marginal");
	rig_pass(r, 1);
	rig_expect_state(r, "a", "active");
}

/* It is no longer the time, but a check of it is under way: that decides. */
static void test_check_under_way(void **state)
{
	struct rig *r = *state;

	rig_start(r, SHAKY);
	flap(r, "a", 3);
	rig_until(r, held_since(r, "a") + 54 * SEC);
	verdict_of("a")->state = CHECK_PENDING;
	rig_until(r, held_since(r, "a") + 61 * SEC);
	rig_expect_state(r, "a", "marginal");
	verdict_of("a")->state = CHECK_UP;
	rig_turn(r);
	rig_expect_state(r, "a", "active");
}

/* No other path is left: at once, before any I/O has failed. */
static void test_rescue(void **state)
{
	struct rig *r = *state;

	rig_start(r, SHAKY "no_path_retry = fail\n");
	flap(r, "a", 3);
	r->log[0] = '\0';
	rig_fault(r, "b");
	rig_expect_state(r, "a", "active");
	rig_expect_log(r, "path-failed v b: EIO on write at sector 2048\n"
			  "path-reinstated v a: no other path is left\n");
	assert_int_equal(volume_stats(rig_volume(r, "v"))->map_failures, 0);
	assert_int_equal(rig_group(r), 1);
}

/* One that is bad as well cannot help; the first that is good again does. */
static void test_no_rescue(void **state)
{
	struct rig *r = *state;

	rig_start(r, SHAKY "no_path_retry = queue\n");
	flap(r, "a", 3);
	verdict_of("a")->state = verdict_of("b")->state = CHECK_DOWN;
	rig_pass(r, 20 * SEC);
	assert_int_equal(rig_group(r), 0);
	verdict_of("a")->state = CHECK_UP;
	rig_pass(r, 5 * SEC);
	rig_expect_state(r, "a", "active");
}

/* Of an operator's held path there is no help either. */
static void test_rescue_held(void **state)
{
	struct rig *r = *state;

	rig_start(r, SHAKY);
	flap(r, "a", 3);
	rig_word(r, "a", "offline");
	rig_word(r, "b", "offline");
	assert_int_equal(rig_group(r), 0);
	rig_word(r, "a", "online");
	rig_expect_state(r, "a", "active");
}

static void test_words(void **state)
{
	struct rig *r = *state;

	rig_start(r, SHAKY);
	flap(r, "a", 3);
	r->log[0] = '\0';
	rig_word(r, "a", "reinstate");
	rig_expect_state(r, "a", "active");
	rig_expect_log(r, "path-reinstated v a: operator\n"
			  "volume-state v: optimal\n");
	flap(r, "a", 2);
	rig_expect_state(r, "a", "active");
	flap(r, "a", 1);
	rig_expect_state(r, "a", "marginal");
	/* the settings change */
	rig_set(r, OPT_SAN_PATH_ERR_THRESHOLD, "no");
	rig_expect_state(r, "a", "active");
	flap(r, "a", 9);
	rig_expect_state(r, "a", "active");
}

static void test_recovery_changes(void **state)
{
	struct rig *r = *state;

	rig_start(r, SHAKY);
	flap(r, "a", 3);
	rig_set(r, OPT_SAN_PATH_ERR_RECOVERY_TIME, "20");
	rig_until(r, held_since(r, "a") + 20 * SEC - 1);
	rig_expect_state(r, "a", "marginal");
	rig_pass(r, 1);
	rig_expect_state(r, "a", "active");
}

/* The group that a path is in, by name; "-": none. */
static void expect_groups(struct rig *r, unsigned int a, unsigned int b)
{
	struct volume *v = rig_volume(r, "v");

	assert_int_equal(volume_group_of(v, rig_path(r, "a"))->id, a);
	assert_int_equal(volume_group_of(v, rig_path(r, "b"))->id, b);
}

static void test_pathgroups(void **state)
{
	struct rig *r = *state;

	rig_start(r, SHAKY "marginal_pathgroups = on\n");
	flap(r, "a", 2);
	expect_groups(r, 1, 1);
	r->log[0] = '\0';
	flap(r, "a", 1);
	expect_groups(r, 2, 1);
	assert_int_equal(path_state(rig_path(r, "a")), PATH_MARGINAL);
	expect_checker(r, "a", "ready");
	assert_true(atomic_load(&rig_path(r, "a")->usable));
	assert_int_equal(rig_group(r), 1);
	rig_fault(r, "b"); /* and it is there when needed */
	assert_int_equal(rig_group(r), 2);
	rig_pass(r, 5 * SEC + 1);
	rig_until(r, held_since(r, "a") + 60 * SEC);
	expect_groups(r, 1, 1);
	rig_expect_state(r, "a", "active");
	assert_non_null(strstr(r->log, "path-marginal v a: san_path_err"));
	assert_non_null(strstr(r->log, "path-reinstated v a: san_path_err: "
				       "good for 60 s\n"));
}

/* A group that is marginal altogether is left for another. */
static void test_leaves_group(void **state)
{
	struct rig *r = *state;

	rig_start(r, SHAKY);
	rig_set(r, OPT_PATH_GROUPING_POLICY, "failover");
	rig_set(r, OPT_MARGINAL_PATHGROUPS, "on");
	assert_int_equal(rig_group(r), 1);
	rig_word(r, "a", "marginal");
	expect_groups(r, 2, 1);
	assert_int_equal(rig_group(r), 1); /* b */
	rig_expect_log(r, "setting-changed v: operator\n"
			  "setting-changed v: operator\n"
			  "path-marginal v a: operator\n"
			  "group-active v: the group before is marginal\n");
	rig_word(r, "a", "reinstate");
	expect_groups(r, 1, 2);
	assert_int_equal(rig_group(r), 2); /* failback manual */
}

/* By hand: whatever the settings, and until he says otherwise. */
static void test_by_hand(void **state)
{
	struct rig *r = *state;

	rig_start(r, "path_grouping_policy = multibus\n");
	rig_word(r, "a", "marginal");
	expect_groups(r, 2, 1);
	rig_pass(r, 1000 * SEC);
	assert_int_equal(path_state(rig_path(r, "a")), PATH_MARGINAL);
	rig_word(r, "a", "marginal"); /* twice is once */
	rig_fault(r, "a");
	rig_expect_state(r, "a", "failed");
	rig_pass(r, 6 * SEC);
	assert_int_equal(path_state(rig_path(r, "a")), PATH_MARGINAL);
	rig_word(r, "a", "reinstate");
	expect_groups(r, 1, 1);
	rig_expect_state(r, "a", "active");
}

/* marginal_path */

/* All that is out ends; `bad` of them with an error. Returns how many. */
static unsigned int answer_reads(struct rig *r, unsigned int bad)
{
	unsigned int n = r->engine.n;

	for (unsigned int i = 0; i < n; i++)
		fake_complete(&r->engine, 0, i < bad ? -EIO : ALL);
	rig_turn(r);
	return n;
}

static void begin_sample(struct rig *r)
{
	rig_start(r, MARGINAL);
	flap(r, "a", 1);
	rig_expect_state(r, "a", "active");
	flap(r, "a", 1);
	rig_expect_state(r, "a", "marginal");
	assert_int_equal(r->engine.n, 32);
}

/* In cycles of 100 ms; errors of the first reads. Returns the reads. */
static unsigned int run_sample(struct rig *r, unsigned int bad)
{
	unsigned int sum = answer_reads(r, MIN(bad, 32)), n;

	bad -= MIN(bad, 32);
	for (unsigned int i = 1; i < 1200; i++) {
		rig_pass(r, 100 * NSEC_PER_MSEC);
		n = answer_reads(r, MIN(bad, 32));
		bad -= MIN(bad, n);
		sum += n;
		rig_expect_state(r, "a", "marginal");
	}
	rig_pass(r, 100 * NSEC_PER_MSEC);
	return sum;
}

static void test_sample_well(void **state)
{
	struct rig *r = *state;
	char want[128];
	unsigned int n;

	begin_sample(r);
	r->log[0] = '\0';
	/* 32 reads in each cycle of the first minute, none in the second */
	n = run_sample(r, 192);
	assert_int_equal(n, 600 * 32);
	snprintf(want, sizeof(want),
		 "path-reinstated v a: marginal_path: 192 errors in %u reads, "
		 "10 in a thousand allowed\nvolume-state v: optimal\n", n);
	rig_expect_log(r, want);
	rig_expect_state(r, "a", "active");
	rig_pass(r, 100 * SEC);
	assert_int_equal(r->engine.n, 0);
}

static void test_sample_badly(void **state)
{
	struct rig *r = *state;

	begin_sample(r);
	r->log[0] = '\0';
	run_sample(r, 193);
	rig_expect_log(r, "path-sampled v a: marginal_path: 193 errors in "
			  "19200 reads, 10 in a thousand allowed\n");
	rig_expect_state(r, "a", "marginal");
	rig_until(r, rig_path(r, "a")->doubt.marginal.since + 300 * SEC - 1);
	assert_int_equal(r->engine.n, 0);
	rig_pass(r, 1);
	assert_int_equal(r->engine.n, 32); /* once more */
	run_sample(r, 0);
	rig_expect_state(r, "a", "active");
}

/* Nothing comes back: an error each, and the path stays the kernel's. */
static void test_sample_hangs(void **state)
{
	struct rig *r = *state;

	begin_sample(r);
	rig_pass(r, 120 * SEC);
	assert_int_equal(r->engine.n, 32);
	assert_non_null(strstr(r->log, "path-sampled v a: marginal_path: 32 "
				       "errors in 32 reads"));
	assert_false(path_idle(rig_path(r, "a")));
	rig_pass(r, 400 * SEC); /* no second sample while that is out */
	assert_int_equal(r->engine.n, 32);
	rig_expect_state(r, "a", "marginal");
	answer_reads(r, 0);
	rig_pass(r, SEC);
	assert_int_equal(r->engine.n, 32);
	answer_reads(r, 0);
}

/* Slower than a minute is an error too. */
static void test_sample_slow(void **state)
{
	struct rig *r = *state;

	begin_sample(r);
	rig_pass(r, 60 * SEC + 1);
	answer_reads(r, 0);
	rig_pass(r, 60 * SEC);
	assert_non_null(strstr(r->log, "path-sampled v a: marginal_path: 32 "
				       "errors in 32 reads"));
}

static void test_sample_rescue(void **state)
{
	struct rig *r = *state;

	begin_sample(r);
	rig_fault(r, "b");
	rig_expect_state(r, "a", "active");
	answer_reads(r, 0);
	rig_pass(r, 10 * SEC);
	assert_int_equal(r->engine.n, 0);
}

/* The sum of all that are sampled has a bound; whoever waits has his turn. */
static void test_sample_bound(void **state)
{
	struct rig *r = *state;

	rig_start(r, MARGINAL);
	r->m->sample_reads = SAMPLE_READS_MAX - 31;
	flap(r, "a", 2);
	rig_expect_state(r, "a", "marginal");
	rig_pass(r, 20 * SEC);
	assert_int_equal(r->engine.n, 0);
	r->m->sample_reads = SAMPLE_READS_MAX - 32;
	rig_pass(r, SEC);
	assert_int_equal(r->engine.n, 32);
	answer_reads(r, 0);
	rig_set(r, OPT_MARGINAL_PATH_ERR_SAMPLE_TIME, "no");
	assert_int_equal(r->m->sample_reads, SAMPLE_READS_MAX - 32);
	rig_expect_state(r, "a", "active");
}

/* The volume goes while a sample is taken: the path waits for its reads. */
static void test_sample_removed(void **state)
{
	struct rig *r = *state;
	struct errmsg e;

	begin_sample(r);
	assert_int_equal(rig_apply(r, "[volume w]\npath = b @b\n", true, &e),
			 0);
	rig_turn(r);
	assert_false(cds_list_empty(&r->m->retired_volumes));
	answer_reads(r, 0);
	rig_turn(r);
	assert_true(cds_list_empty(&r->m->retired_volumes));
	assert_int_equal(r->m->sample_reads, 0);
}

/* marginal_path goes before san_path_err. */
static void test_precedence(void **state)
{
	struct rig *r = *state;

	rig_start(r, MARGINAL "san_path_err_threshold = 1\n"
			      "san_path_err_forget_rate = 10\n"
			      "san_path_err_recovery_time = 60\n");
	flap(r, "a", 1);
	rig_pass(r, 61 * SEC);
	flap(r, "a", 1); /* the second failure, but too late */
	rig_expect_state(r, "a", "active");
}

/* A passive path of an array that alone decides is no help (census 4.5). */
static void test_ghost_alone(void **state)
{
	struct rig *r = *state;

	rig_start(r, "path_grouping_policy = multibus\nno_path_retry = queue\n");
	rig_path(r, "a")->said.implicit_only = true;
	verdict_of("a")->state = CHECK_GHOST;
	verdict_of("b")->state = CHECK_DOWN;
	rig_pass(r, 20 * SEC);
	rig_expect_state(r, "a", "standby"); /* nothing has failed there */
	rig_fault(r, "a");
	rig_pass(r, 100 * SEC);
	rig_expect_state(r, "a", "failed");
	assert_int_equal(rig_group(r), 0);
	verdict_of("b")->state = CHECK_UP; /* with another it is */
	rig_pass(r, 40 * SEC);
	rig_expect_state(r, "a", "standby");
	/* where an activation helps, alone too */
	rig_path(r, "a")->said.implicit_only = false;
	verdict_of("b")->state = CHECK_DOWN;
	rig_pass(r, 40 * SEC);
	rig_fault(r, "a");
	rig_pass(r, 20 * SEC);
	rig_expect_state(r, "a", "standby");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		RIG_TEST(test_held_out),
		RIG_TEST(test_clock_restarts),
		RIG_TEST(test_check_under_way),
		RIG_TEST(test_rescue),
		RIG_TEST(test_no_rescue),
		RIG_TEST(test_rescue_held),
		RIG_TEST(test_words),
		RIG_TEST(test_recovery_changes),
		RIG_TEST(test_pathgroups),
		RIG_TEST(test_leaves_group),
		RIG_TEST(test_by_hand),
		RIG_TEST(test_sample_well),
		RIG_TEST(test_sample_badly),
		RIG_TEST(test_sample_hangs),
		RIG_TEST(test_sample_slow),
		RIG_TEST(test_sample_rescue),
		RIG_TEST(test_sample_bound),
		RIG_TEST(test_sample_removed),
		RIG_TEST(test_precedence),
		RIG_TEST(test_ghost_alone),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
