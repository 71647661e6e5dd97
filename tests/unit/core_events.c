// SPDX-License-Identifier: MIT
/*
 * Every transition leaves an event: a tour through all that the monitor itself
 * does with a volume, each step with the names that it must leave. That each
 * has a cause is checked by the rig, of every test.
 */
#include "tests/unit/monitor_rig.h"

static void fail_a(struct rig *r)
{
	rig_fault(r, "a");
}

static void check_down(struct rig *r)
{
	verdict_of("b")->state = CHECK_DOWN;
	rig_pass(r, 100 * SEC);
}

static void checks_up(struct rig *r)
{
	verdict_of("b")->state = CHECK_UP;
	rig_pass(r, 100 * SEC);
}

static void offline(struct rig *r)
{
	rig_word(r, "a", "offline");
	rig_word(r, "a", "online");
	rig_pass(r, 1);
}

static void marginal(struct rig *r)
{
	rig_word(r, "a", "marginal");
	rig_word(r, "a", "reinstate");
}

static void stall(struct rig *r)
{
	struct path *a = rig_path(r, "a");

	atomic_store(&a->load.ios, 1);
	rig_pass(r, 3 * SEC);
	atomic_store(&a->load.ios, 0);
	rig_pass(r, SEC);
}

static void group_words(struct rig *r)
{
	struct volume *v = rig_volume(r, "v");
	struct errmsg e;

	assert_int_equal(monitor_group_state(r->m, v, v->groups[1],
					     "disabled", r->now, &e), 0);
	assert_int_equal(monitor_group_state(r->m, v, v->groups[1],
					     "enabled", r->now, &e), 0);
}

static void switch_group(struct rig *r)
{
	rig_control(r, "switch-group 2");
}

static void failback(struct rig *r)
{
	rig_set(r, OPT_FAILBACK, "immediate");
}

static void queue_by_hand(struct rig *r)
{
	rig_control(r, "queue-if-no-path");
	rig_set(r, OPT_NO_PATH_RETRY, "1");
}

static void lose_all(struct rig *r)
{
	verdict_of("a")->state = verdict_of("b")->state = CHECK_DOWN;
	rig_fault(r, "a");
	rig_fault(r, "b");
	rig_pass(r, 100 * SEC);
}

static void other_volume(struct rig *r)
{
	struct errmsg e;

	assert_int_equal(rig_apply(r, "[volume w]\npath = c @c\n", true, &e),
			 0);
	rig_turn(r);
}

static const struct {
	void (*act)(struct rig *r);
	const char *names[4]; /* in this order, others between them or not */
} steps[] = {
	{fail_a, {"path-failed v a: EIO", "group-active v: group 1 has",
		  "volume-state v: at-risk"}},
	{checks_up, {"path-reinstated v a: checker"}},
	{check_down, {"path-failed v b: checker"}},
	{checks_up, {"path-reinstated v b: checker"}},
	{offline, {"path-offline v a: operator", "path-online v a: operator"}},
	{marginal, {"path-marginal v a: operator",
		    "path-reinstated v a: operator"}},
	{stall, {"path-stalled v a: ", "path-moving v a: "}},
	{group_words, {"group-disabled v: operator",
		       "group-enabled v: operator"}},
	{switch_group, {"switch-group v: operator", "group-active v: operator"}},
	{failback, {"setting-changed v: operator",
		    "switch-group v: failback immediate",
		    "group-active v: failback immediate"}},
	{queue_by_hand, {"queueing v: operator", "setting-changed v: operator"}},
	{lose_all, {"all-paths-failed v: no usable path",
		    "volume-state v: queueing",
		    "queueing-ended v: no_path_retry has run out",
		    "volume-state v: failed"}},
	{other_volume, {"volume-added w: configuration",
			"volume-removed v: reconfigure"}},
};

static void test_tour(void **state)
{
	struct rig *r = *state;

	rig_start(r, "");
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		const char *at = r->log;

		r->log[0] = '\0';
		steps[i].act(r);
		for (size_t k = 0; k < 4 && steps[i].names[k]; k++) {
			at = strstr(at, steps[i].names[k]);
			if (!at)
				fail_msg("step %zu: got\n%sexpected %s", i,
					 r->log, steps[i].names[k]);
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		RIG_TEST(test_tour),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
