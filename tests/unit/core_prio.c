// SPDX-License-Identifier: MIT
/* The refresh of priorities, on a monitor in simulated time. */
#include "tests/unit/prio_rig.h"

/* const: what the lines say, and at once. */
static void test_const(void **state)
{
	struct rig *r = *state;

	start(r, "path_grouping_policy = group_by_prio\n");
	expect_prios(r, 3, 2, 1);
	expect_groups(r, "a|b|c");
	assert_int_equal(rig_group(r), 1);
}

/* What does not block is known before anything is grouped. */
static void test_quick_start(void **state)
{
	struct rig *r = *state;

	start(r, "path_grouping_policy = group_by_prio\nprio = quick\n");
	expect_prios(r, 10, 20, 30);
	expect_groups(r, "c|b|a");
	assert_null(strstr(r->log, "path-priority"));
	assert_int_equal(rig_volume(r, "v")->run->stats.map_loads, 1);
}

/* What blocks is not; when it is known, it is grouped by, whatever failback. */
static void test_slow_start(void **state)
{
	struct rig *r = *state;

	start(r, "path_grouping_policy = group_by_prio\nprio = slow\n"
		 "failback = manual\n");
	expect_prios(r, PRIO_UNDEF, PRIO_UNDEF, PRIO_UNDEF);
	expect_groups(r, "abc");
	assert_int_equal(group_priority(rig_volume(r, "v")->groups[0]),
			 PRIO_UNDEF);
	assert_int_equal(pool.n, 3);
	r->log[0] = '\0';
	answer(r, 2);
	expect_prios(r, PRIO_UNDEF, PRIO_UNDEF, PRIO_UNDEF);
	answer(r, 1);
	expect_prios(r, 10, 20, 30);
	expect_groups(r, "c|b|a");
	rig_expect_log(r, "path-priority v a: prioritizer slow\n"
			  "path-priority v b: prioritizer slow\n"
			  "path-priority v c: prioritizer slow\n");
}

/* Only who was checked is asked, but if that one has changed, all are. */
static void test_who(void **state)
{
	struct rig *r = *state;

	start(r, "prio = quick\n");
	forget_asked();
	check_now_path(r, "b");
	expect_asked(0, 1, 0);
	said[0].priority = 11;
	check_now_path(r, "b");
	expect_asked(0, 1, 0);
	expect_prios(r, 10, 20, 30);
	said[1].priority = 21;
	check_now_path(r, "b");
	expect_asked(1, 1, 1);
	expect_prios(r, 11, 21, 30);
}

/* One that comes up: all. One that is down is not asked, and keeps its own. */
static void test_newly_up(void **state)
{
	struct rig *r = *state;

	start(r, "prio = quick\n");
	verdict_of("b")->state = CHECK_DOWN;
	check_now_path(r, "b");
	forget_asked();
	said[1].priority = 5;
	said[0].priority = 6;
	check_now_path(r, "b");
	expect_asked(0, 0, 0);
	expect_prios(r, 10, 20, 30);
	check_now_path(r, "a"); /* has changed: the others that are up */
	expect_asked(1, 0, 1);
	expect_prios(r, 6, 20, 30);
	verdict_of("b")->state = CHECK_GHOST;
	check_now_path(r, "b");
	expect_asked(1, 1, 1);
	expect_prios(r, 6, 5, 30);
}

/* Unknown: of a path that is up, so it is; the mean is of the others. */
static void test_undefined(void **state)
{
	struct rig *r = *state;
	struct group *g;

	start(r, "prio = quick\npath_grouping_policy = multibus\n");
	g = rig_volume(r, "v")->groups[0];
	assert_int_equal(group_priority(g), 20);
	said[0].priority = PRIO_UNDEF;
	r->log[0] = '\0';
	check_now_path(r, "a");
	expect_prios(r, PRIO_UNDEF, 20, 30);
	assert_int_equal(group_priority(g), 25);
	rig_expect_log(r, "path-priority v a: prioritizer quick\n");
	check_now_path(r, "a"); /* no news */
	rig_expect_log(r, "");
}

/* An answer that was on its way when the path went down: see next_priority. */
static void test_undefined_down(void **state)
{
	struct rig *r = *state;

	start(r, "prio = slow\n");
	answer(r, 3);
	expect_prios(r, 10, 20, 30);
	check_now_path(r, "a");
	assert_int_equal(pool.n, 1);
	verdict_of("a")->state = CHECK_DOWN;
	check_now_path(r, "a");
	said[0].priority = PRIO_UNDEF;
	answer(r, 1);
	expect_prios(r, 10, 20, 30);
}

/* The change is followed at once only with failback = immediate. */
static void test_regroup(void **state)
{
	struct rig *r = *state;
	uint64_t loads;

	start(r, "path_grouping_policy = group_by_prio\nprio = quick\n");
	expect_groups(r, "c|b|a");
	loads = rig_volume(r, "v")->run->stats.map_loads;
	said[0].priority = 40;
	check_now_path(r, "a");
	expect_prios(r, 40, 20, 30);
	expect_groups(r, "c|b|a");
	assert_int_equal(rig_group(r), 1);
	assert_int_equal(rig_volume(r, "v")->run->stats.map_loads, loads);
	rig_set(r, OPT_FAILBACK, "immediate");
	said[1].priority = 30;
	check_now_path(r, "b");
	expect_groups(r, "a|bc");
	assert_int_equal(rig_group(r), 1);
}

/* Other policies: the groups stay, and failback sees which is best now. */
static void test_failback(void **state)
{
	struct rig *r = *state;

	start(r, "prio = quick\nfailback = manual\n");
	expect_groups(r, "c|b|a");
	said[0].priority = 50;
	check_now_path(r, "a");
	expect_groups(r, "c|b|a");
	assert_int_equal(rig_group(r), 1);
	assert_int_equal(volume_best_group(rig_volume(r, "v"))->id, 3);
	rig_set(r, OPT_FAILBACK, "immediate");
	check_now_path(r, "a");
	rig_pass(r, 1); /* putting the groups in order has its own turn */
	assert_string_equal(rig_volume(r, "v")->current->paths[0]->name, "a");
	expect_groups(r, "a|c|b");
}

/* Late: the old one stays, it is counted and told once, and while it is out no
 * other is sent. */
static void test_late(void **state)
{
	struct rig *r = *state;
	struct path *a;

	start(r, "prio = slow\npolling_interval = 100\n");
	answer(r, 3);
	a = rig_path(r, "a");
	said[0].priority = 99;
	said[1].priority = 21;
	check_now_path(r, "a");
	check_now_path(r, "b"); /* the round is under way: in the next one */
	assert_int_equal(pool.n, 1);
	pool.begun[0] = true;
	r->log[0] = '\0';
	rig_pass(r, 30 * SEC - 1);
	assert_int_equal(a->prio.timeouts, 0);
	rig_pass(r, 1);
	assert_int_equal(a->prio.timeouts, 1);
	assert_int_equal(pool.late, 1);
	assert_false(path_idle(a)); /* the device stays open */
	assert_int_equal(pool.n, 2); /* and now b */
	rig_expect_log(r, "priority-late v a: prioritizer timeout\n");
	check_now_path(r, "a");
	assert_int_equal(pool.n, 2);
	/* The hung one ends at last: not what it says counts, but it is asked
	 * again. */
	said[0].priority = 98;
	answer(r, 1);
	assert_int_equal(a->priority, 10);
	assert_int_equal(said[0].asked, 2);
	while (pool.n)
		answer(r, 1);
	expect_prios(r, 98, 21, 30);
	assert_true(path_idle(a));
}

/* Late before any thread has begun it: taken back. */
static void test_late_in_queue(void **state)
{
	struct rig *r = *state;

	start(r, "prio = slow\npolling_interval = 100\n");
	answer(r, 3);
	check_now_path(r, "a");
	assert_int_equal(pool.n, 1);
	rig_pass(r, 30 * SEC);
	assert_int_equal(pool.n, 0);
	assert_int_equal(pool.late, 0);
	assert_int_equal(rig_path(r, "a")->prio.timeouts, 1);
	assert_true(path_idle(rig_path(r, "a")));
}

/* A live change: what does not block holds when the write returns. */
static void test_live(void **state)
{
	struct rig *r = *state;

	start(r, "path_grouping_policy = group_by_prio\n");
	expect_groups(r, "a|b|c");
	rig_set(r, OPT_PRIO, "quick");
	expect_prios(r, 10, 20, 30);
	expect_groups(r, "c|b|a");
	rig_set(r, OPT_PRIO, "slow");
	expect_prios(r, 10, 20, 30);
	said[0].priority = 90;
	answer(r, 3);
	expect_prios(r, 90, 20, 30);
	expect_groups(r, "a|c|b");
	rig_set(r, OPT_PRIO, "default");
	expect_prios(r, 3, 2, 1);
	expect_groups(r, "a|b|c");
}

static void expect_weights(struct rig *r, unsigned int a, unsigned int b,
			   unsigned int c)
{
	unsigned int got[3] = {rig_path(r, "a")->load.weight,
			       rig_path(r, "b")->load.weight,
			       rig_path(r, "c")->load.weight};

	if (got[0] != a || got[1] != b || got[2] != c)
		fail_msg("weights: got %u %u %u, expected %u %u %u", got[0],
			 got[1], got[2], a, b, c);
}

/* rr_weight = priorities: they follow, within 1 and 100, at once. */
static void test_weight(void **state)
{
	struct rig *r = *state;

	start(r, "path_grouping_policy = multibus\nrr_weight = priorities\n");
	expect_weights(r, 3, 2, 1);
	said[2].priority = 5000;
	rig_set(r, OPT_PRIO, "quick");
	expect_weights(r, 10, 20, 100);
	said[0].priority = PRIO_UNDEF;
	said[1].priority = 0;
	check_now_path(r, "a");
	check_now_path(r, "b");
	expect_weights(r, 1, 1, 100);
	said[1].priority = 40;
	check_now_path(r, "b");
	expect_weights(r, 1, 40, 100);
	rig_set(r, OPT_RR_WEIGHT, "uniform");
	expect_weights(r, 0, 0, 0);
}

/* What the former prioritizer is still asked is not the new one's answer. */
static void test_live_while_out(void **state)
{
	struct rig *r = *state;

	start(r, "prio = slow\n");
	assert_int_equal(pool.n, 3);
	pool.begun[0] = true;
	rig_set(r, OPT_PRIO, "const");
	expect_prios(r, 3, 2, 1);
	assert_int_equal(pool.n, 1); /* what had not begun was taken back */
	assert_int_equal(pool.late, 1);
	answer(r, 1);
	expect_prios(r, 3, 2, 1);
	/* and what cannot be asked now has none: not const's */
	verdict_of("c")->state = CHECK_DOWN;
	check_now_path(r, "c");
	rig_set(r, OPT_PRIO, "slow");
	answer(r, 2);
	expect_prios(r, 10, 20, PRIO_UNDEF);
}

static void test_refused(void **state)
{
	static const struct {
		enum opt o;
		const char *text, *why;
	} rows[] = {
		{OPT_PRIO, "nosuch",
		 "prio: 'nosuch': there is no such prioritizer; there are: "
		 "quick, slow, const"},
		{OPT_PRIO_ARGS, "odd", "prio = quick, prio_args = odd: odd"},
	};
	struct rig *r = *state;
	struct errmsg e;

	start(r, "prio = quick\nprio_args = even\n");
	r->log[0] = '\0';
	forget_asked();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(monitor_set(r->m, rig_volume(r, "v"),
					     rows[i].o, rows[i].text, r->now,
					     &e),
				 -EINVAL);
		assert_string_equal(e.text, rows[i].why);
	}
	rig_expect_log(r, "");
	expect_asked(0, 0, 0);
	/* The pair must fit when either is written. */
	rig_set(r, OPT_PRIO, "const");
	rig_set(r, OPT_PRIO_ARGS, "odd");
	assert_int_equal(monitor_set(r->m, rig_volume(r, "v"), OPT_PRIO,
				     "quick", r->now, &e),
			 -EINVAL);
	assert_string_equal(e.text, "prio = quick, prio_args = odd: odd");
	assert_string_equal(rig_volume(r, "v")->settings.v[OPT_PRIO].text,
			    "const");
}

/* A kept live value that no longer fits the file's: both are the file's. */
static void test_kept(void **state)
{
	struct rig *r = *state;

	r->live = "odd";
	r->live_opt = OPT_PRIO_ARGS;
	start(r, "prio = quick\nprio_args = even\n");
	assert_string_equal(rig_volume(r, "v")->settings.v[OPT_PRIO_ARGS].text,
			    "even");
	assert_non_null(strstr(r->log, "setting-dropped v: odd\n"));
}

/* A reconfiguration: a path's line has changed; the device stays open. */
static void test_line(void **state)
{
	static const char text[] =
		"[volume v]\npath = a @a 3 serial=x tpg=1\n"
		"path = b @b 2 serial=y tpg=2\npath = c @c 9 serial=x tpg=2\n"
		"path_grouping_policy = group_by_serial\n";
	struct rig *r = *state;
	const struct device *dev;
	struct errmsg e;

	start(r, "path_grouping_policy = group_by_serial\n");
	expect_groups(r, "abc");
	dev = rig_path(r, "a")->dev;
	assert_int_equal(rig_apply(r, text, true, &e), 0);
	rig_turn(r);
	expect_prios(r, 3, 2, 9);
	expect_groups(r, "ac|b");
	assert_ptr_equal(rig_path(r, "a")->dev, dev);
	assert_string_equal(path_serial(rig_path(r, "b")), "y");
	assert_int_equal(path_tpg(rig_path(r, "c")), 2);
	rig_set(r, OPT_PATH_GROUPING_POLICY, "group_by_tpg");
	expect_groups(r, "bc|a");
	/* One that fails changes nothing. */
	assert_true(rig_apply(r, "[volume v]\npath = a @a 1 serial=z\n"
				 "path = d @nosuch\n", true, &e) < 0);
	assert_string_equal(path_serial(rig_path(r, "a")), "x");
	expect_prios(r, 3, 2, 9);
}

static void test_tpg_fallback(void **state)
{
	struct rig *r = *state;

	start(r, "path_grouping_policy = group_by_tpg\n");
	expect_groups(r, "a|b|c");
	assert_non_null(strstr(r->log, "grouping-fallback v: a path without a "
				       "target port group\n"));
}

/* What an operator has disabled stays so when the groups are made anew. */
static void test_disabled_stays(void **state)
{
	struct rig *r = *state;
	struct volume *v;
	struct errmsg e;

	start(r, "path_grouping_policy = group_by_prio\nprio = quick\n"
		 "failback = immediate\n");
	v = rig_volume(r, "v");
	expect_groups(r, "c|b|a");
	assert_int_equal(monitor_group_state(r->m, v, v->groups[0], "disabled",
					     r->now, &e),
			 0);
	said[0].priority = 40;
	check_now_path(r, "a");
	expect_groups(r, "a|c|b");
	assert_false(v->groups[0]->bypassed);
	assert_true(v->groups[1]->bypassed);
	assert_false(v->groups[2]->bypassed);
}

/* A path, and then the volume, goes while a question is out. */
static void test_retired(void **state)
{
	struct rig *r = *state;
	struct errmsg e;

	start(r, "prio = slow\n");
	assert_int_equal(pool.n, 3);
	pool.begun[0] = pool.begun[1] = true;
	assert_int_equal(rig_apply(r, "[volume v]\npath = b @b\npath = c @c\n"
				      "prio = slow\n", true, &e),
			 0);
	rig_turn(r);
	assert_int_equal(r->m->nretired_paths, 1);
	assert_int_equal(rig_apply(r, "[volume w]\npath = x @x\n", false, &e),
			 0);
	rig_open_all(r);
	assert_int_equal(pool.n, 2); /* the third was taken back */
	assert_int_equal(r->m->nretired_paths, 1);
	assert_false(monitor_quiet(r->m));
	answer(r, 2);
	rig_open_all(r);
	assert_int_equal(r->m->nretired_paths, 0);
	assert_true(cds_list_empty(&r->m->retired_volumes));
	assert_true(cds_list_empty(&r->m->prio_rounds));
}

static void expect_access(struct rig *r, const char *path, const char *want)
{
	char got[64];

	path_access_state(rig_path(r, path), got, sizeof(got));
	assert_string_equal(got, want);
}

/* What it has found beside the priority; what the checker finds goes first. */
static void test_access_state(void **state)
{
	struct rig *r = *state;

	said[0].access_state = said[1].access_state = "optimized";
	verdict_of("b")->access_state = "change";
	start(r, "prio = slow\n");
	expect_access(r, "a", "unknown");
	answer(r, 3);
	expect_access(r, "a", "optimized");
	expect_access(r, "b", "change");
	expect_access(r, "c", "unknown");
	said[0].access_state = "inaccessible";
	check_now_path(r, "a");
	expect_access(r, "a", "optimized");
	answer(r, 1);
	expect_access(r, "a", "inaccessible");
	rig_set(r, OPT_PRIO, "const"); /* it does not say */
	expect_access(r, "a", "unknown");
	expect_access(r, "b", "change");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		PRIO_TEST(test_const),	     PRIO_TEST(test_quick_start),
		PRIO_TEST(test_slow_start),  PRIO_TEST(test_who),
		PRIO_TEST(test_newly_up),    PRIO_TEST(test_undefined),
		PRIO_TEST(test_undefined_down), PRIO_TEST(test_regroup),
		PRIO_TEST(test_failback),    PRIO_TEST(test_late),
		PRIO_TEST(test_late_in_queue), PRIO_TEST(test_live),
		PRIO_TEST(test_weight),
		PRIO_TEST(test_live_while_out), PRIO_TEST(test_refused),
		PRIO_TEST(test_kept),	     PRIO_TEST(test_line),
		PRIO_TEST(test_tpg_fallback), PRIO_TEST(test_disabled_stays),
		PRIO_TEST(test_retired),     PRIO_TEST(test_access_state),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
