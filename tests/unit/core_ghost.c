// SPDX-License-Identifier: MIT
/* ghost_delay: a volume of passive paths waits for one that is up. */
#include "tests/unit/monitor_rig.h"

static void start(struct rig *r, enum check_state a, enum check_state b)
{
	struct errmsg e = {.text = ""};

	verdict_of("a")->state = a;
	verdict_of("b")->state = b;
	if (rig_apply(r, "[volume v]\npath = a @a 2\npath = b @b 1\n"
			 "ghost_delay = 30\nno_path_retry = fail\n", true, &e))
		fail_msg("%s", e.text);
	/* Before anything is known of the paths, too. */
	assert_null(rig_view(r)->group);
	assert_true(rig_view(r)->queue);
	r->log[0] = '\0';
	rig_turn(r);
}

static bool holds(struct rig *r)
{
	assert_true(!rig_view(r)->group || !rig_view(r)->unready_since);
	return !rig_view(r)->group && rig_view(r)->queue;
}

/* What the first checks find, and for how long I/O is held then (s). */
static const struct {
	enum check_state a, b;
	unsigned int held;
	bool fails; /* afterwards */
} rows[] = {
	{CHECK_UP, CHECK_UP, 0, false},
	{CHECK_GHOST, CHECK_UP, 0, false},
	{CHECK_GHOST, CHECK_GHOST, 30, false},
	{CHECK_DOWN, CHECK_GHOST, 30, false},
	{CHECK_DOWN, CHECK_DOWN, 0, true},
	{CHECK_PENDING, CHECK_GHOST, 30, false},
};

static void check_row(struct rig *r, size_t i)
{
	start(r, rows[i].a, rows[i].b);
	assert_int_equal(holds(r), rows[i].held > 0);
	if (rows[i].held) {
		rig_pass(r, rows[i].held * SEC - 1);
		assert_true(holds(r));
		rig_pass(r, 1);
	}
	assert_false(holds(r));
	assert_int_equal(!rig_view(r)->group, rows[i].fails);
	if (verdict_of("a")->out) { /* what is out comes back */
		verdict_of("a")->state = CHECK_DOWN;
		rig_turn(r);
	}
}

static void test_rows(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		void *r = *state;

		check_row(r, i);
		assert_int_equal(rig_teardown(&r), 0);
		assert_int_equal(rig_setup(state), 0);
	}
}

static void test_up_in_time(void **state)
{
	struct rig *r = *state;
	struct errmsg e;

	start(r, CHECK_GHOST, CHECK_GHOST);
	rig_expect_log(r, "ghost-delay v: all usable paths are passive\n");
	rig_pass(r, 12 * SEC);
	assert_true(holds(r));
	verdict_of("b")->state = CHECK_UP;
	assert_int_equal(monitor_path_check(r->m, rig_path(r, "b"), r->now,
					    &e),
			 0);
	rig_turn(r);
	assert_false(holds(r));
	assert_non_null(rig_view(r)->group);
	assert_non_null(strstr(r->log, "ghost-delay-ended v: a path is up\n"));
}

static void test_runs_out(void **state)
{
	struct rig *r = *state;

	start(r, CHECK_GHOST, CHECK_GHOST);
	rig_pass(r, 30 * SEC);
	assert_int_equal(rig_view(r)->group->id, 1);
	assert_non_null(strstr(r->log, "ghost-delay-ended v: ghost_delay has "
				       "run out\n"));
	/* It is of a volume that comes up; later it is another matter. */
	verdict_of("a")->state = CHECK_UP;
	rig_pass(r, 40 * SEC);
	verdict_of("a")->state = CHECK_GHOST;
	rig_pass(r, 40 * SEC);
	assert_false(holds(r));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		RIG_TEST(test_rows),
		RIG_TEST(test_up_in_time),
		RIG_TEST(test_runs_out),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
