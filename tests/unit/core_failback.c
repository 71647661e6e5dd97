// SPDX-License-Identifier: MIT
/*
 * Failback (census 6.5): the table alone, then on a volume: which path coming
 * up is followed. Timers on a volume are in core_monitor.c.
 */
#include "tests/unit/monitor_rig.h"

enum { TEN = 10 };

/* need, disorder, newly_up, first_up, armed, due */
static const struct {
	const char *name;
	int64_t mode;
	bool s[6];
	enum failback_action want;
} cases[] = {
	{"manual: never", FAILBACK_MANUAL, {1, 1, 1, 1, 0, 0}, FAILBACK_DISARM},
	{"manual: ends a timer", FAILBACK_MANUAL, {1, 0, 0, 0, 1, 0},
	 FAILBACK_DISARM},
	{"immediate", FAILBACK_IMMEDIATE, {1, 0, 0, 0, 0, 0}, FAILBACK_SWITCH},
	{"immediate, order", FAILBACK_IMMEDIATE, {1, 1, 0, 0, 0, 0},
	 FAILBACK_REGROUP},
	{"immediate, nothing to do", FAILBACK_IMMEDIATE, {0, 0, 1, 1, 0, 0},
	 FAILBACK_STAY},
	{"followover: the first", FAILBACK_FOLLOWOVER, {1, 0, 1, 1, 0, 0},
	 FAILBACK_SWITCH},
	{"followover: the first, order", FAILBACK_FOLLOWOVER,
	 {1, 1, 1, 1, 0, 0}, FAILBACK_REGROUP},
	{"followover: another", FAILBACK_FOLLOWOVER, {1, 0, 1, 0, 0, 0},
	 FAILBACK_STAY},
	{"followover: nobody", FAILBACK_FOLLOWOVER, {1, 0, 0, 0, 0, 0},
	 FAILBACK_STAY},
	{"followover: order alone", FAILBACK_FOLLOWOVER, {1, 1, 0, 0, 0, 0},
	 FAILBACK_STAY},
	{"timer begins", TEN, {1, 0, 0, 0, 0, 0}, FAILBACK_ARM},
	{"timer runs", TEN, {1, 0, 0, 0, 1, 0}, FAILBACK_STAY},
	{"timer begins anew", TEN, {1, 0, 1, 0, 1, 0}, FAILBACK_ARM},
	{"timer begins anew in its last moment", TEN, {1, 0, 1, 0, 1, 1},
	 FAILBACK_ARM},
	{"timer ends", TEN, {1, 0, 0, 0, 1, 1}, FAILBACK_SWITCH},
	{"timer ends, order", TEN, {1, 1, 0, 0, 1, 1}, FAILBACK_REGROUP},
	{"timer: order begins one", TEN, {1, 1, 0, 0, 0, 0}, FAILBACK_ARM},
	{"timer goes on without a need", TEN, {0, 0, 1, 0, 1, 0},
	 FAILBACK_STAY},
	{"timer ends without a need", TEN, {0, 0, 0, 0, 1, 1},
	 FAILBACK_DISARM},
	{"nothing", TEN, {0, 0, 0, 0, 0, 0}, FAILBACK_STAY},
};

static void test_table(void **state)
{
	uint32_t reached = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const bool *b = cases[i].s;
		const struct failback_situation s = {b[0], b[1], b[2],
						     b[3], b[4], b[5]};
		enum failback_row row;
		enum failback_action got =
			failback_decide(cases[i].mode, &s, &row);

		if (got != cases[i].want)
			fail_msg("%s: got %d (%s), expected %d", cases[i].name,
				 got, failback_row_name(row), cases[i].want);
		reached |= 1u << row;
	}
	for (int i = 0; i < FROW_COUNT; i++)
		if (!(reached & 1u << i))
			fail_msg("not reached: %s",
				 failback_row_name((enum failback_row)i));
}

/* Groups 1: a and c, 2: b; the current one is 2 as an operator wants it. */
static void start(struct rig *r, const char *options)
{
	char text[512];

	snprintf(text, sizeof(text),
		 "path = c @c 2\npath_grouping_policy = group_by_prio\n"
		 "max_polling_interval = 5\nfailback = followover\n%s",
		 options);
	rig_start(r, text);
	rig_control(r, "switch-group 2");
	r->log[0] = '\0';
}

static void set_check(struct rig *r, const char *path, enum check_state s)
{
	verdict_of(path)->state = s;
	rig_pass(r, 6 * SEC); /* it has been looked at since */
}

static void expect_group(struct rig *r, unsigned int want, const char *what)
{
	if (rig_group(r) != want)
		fail_msg("%s: got group %u, expected %u", what, rig_group(r),
			 want);
}

static void test_followover(void **state)
{
	struct rig *r = *state;

	start(r, "");
	rig_pass(r, 100 * SEC);
	expect_group(r, 2, "what an operator has switched stays");
	set_check(r, "a", CHECK_DOWN);
	set_check(r, "a", CHECK_UP);
	expect_group(r, 2, "c was up all the time");
	set_check(r, "a", CHECK_DOWN);
	set_check(r, "c", CHECK_DOWN);
	set_check(r, "c", CHECK_UP);
	expect_group(r, 1, "the first path of the group");
	assert_int_equal(volume_stats(rig_volume(r, "v"))->switch_grp, 1);
	rig_control(r, "switch-group 2");
	set_check(r, "a", CHECK_UP);
	expect_group(r, 2, "the second path of the group");
}

/* A path that I/O has failed, and its checker has not, is no news to it. */
static void test_followover_io(void **state)
{
	struct rig *r = *state;

	start(r, "");
	rig_word(r, "a", "offline");
	rig_fault(r, "c");
	expect_group(r, 2, "failed");
	rig_pass(r, 20 * SEC);
	rig_expect_state(r, "c", "active");
	expect_group(r, 2, "back");
}

/* Nor is one of another group. */
static void test_followover_other(void **state)
{
	struct rig *r = *state;

	start(r, "");
	rig_control(r, "switch-group 1");
	set_check(r, "b", CHECK_DOWN);
	set_check(r, "b", CHECK_UP);
	expect_group(r, 1, "b came up");
	rig_control(r, "switch-group 2");
	set_check(r, "b", CHECK_DOWN);
	expect_group(r, 1, "b is down");
	set_check(r, "b", CHECK_UP);
	expect_group(r, 1, "b is up again");
}

/* A switch by hand gets the full time, and is not counted as a failback. */
static void test_switch_by_hand(void **state)
{
	struct rig *r = *state;

	start(r, "");
	rig_set(r, OPT_FAILBACK, "10");
	rig_pass(r, 4 * SEC);
	rig_control(r, "switch-group 1");
	rig_control(r, "switch-group 2");
	rig_pass(r, 10 * SEC - 1);
	expect_group(r, 2, "not yet");
	rig_pass(r, 1);
	expect_group(r, 1, "over");
	assert_int_equal(volume_stats(rig_volume(r, "v"))->switch_grp, 1);
}

/* b's, also when it is asked again. */
static void set_priority(struct rig *r, int priority)
{
	rig_path(r, "b")->line.priority = priority;
	rig_path(r, "b")->priority = priority;
}

/* Groups that are no longer in their order are put in order. */
static void test_disorder(void **state)
{
	static const struct {
		const char *failback;
		unsigned int after; /* s */
	} modes[] = {{"immediate", 0}, {"10", 10}};
	struct rig *r = *state;

	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		struct volume *v;
		uint64_t loads;

		rig_start(r, "path_grouping_policy = failover\n");
		rig_set(r, OPT_FAILBACK, "manual");
		v = rig_volume(r, "v");
		assert_string_equal(v->groups[0]->paths[0]->name, "a");
		set_priority(r, 7);
		rig_pass(r, SEC);
		assert_string_equal(v->groups[0]->paths[0]->name, "a");
		loads = v->run->stats.map_loads;
		rig_set(r, OPT_FAILBACK, modes[i].failback);
		rig_pass(r, modes[i].after * SEC + 1);
		assert_string_equal(v->groups[0]->paths[0]->name, "b");
		assert_int_equal(v->run->stats.map_loads, loads + 1);
		expect_group(r, 1, modes[i].failback);
		set_priority(r, 1);
		rig_set(r, OPT_FAILBACK, "immediate");
		rig_pass(r, 1);
		assert_string_equal(v->groups[0]->paths[0]->name, "a");
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		RIG_TEST(test_followover),
		RIG_TEST(test_followover_io),
		RIG_TEST(test_followover_other),
		RIG_TEST(test_switch_by_hand),
		RIG_TEST(test_disorder),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
