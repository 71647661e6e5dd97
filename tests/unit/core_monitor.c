// SPDX-License-Identifier: MIT
/*
 * What follows from what, on simulated time: faults, queueing, failback,
 * stalls (census 1.2, 6.5).
 */
#include "tests/unit/monitor_rig.h"

static void test_fault(void **state)
{
	struct rig *r = *state;
	struct volume *v;
	unsigned int pokes;
	uint64_t seq;

	rig_start(r, "path_grouping_policy = multibus\n");
	rig_pass(r, 100 * SEC);
	v = rig_volume(r, "v");
	pokes = r->pokes;
	seq = rig_view(r)->seq;
	rig_fault(r, "a");
	rig_expect_log(r, "path-failed v a: EIO on write at sector 2048\n"
			  "volume-state v: at-risk\n");
	rig_expect_state(r, "a", "failed");
	assert_int_equal(volume_stats(v)->path_faults, 1);
	assert_int_equal(rig_path(r, "a")->health.fail_count, 1);
	assert_true(r->pokes > pokes && r->graces > 0 && r->kept > 0);
	assert_true(rig_view(r)->seq > seq);
	assert_string_equal(rig_path(r, "a")->health.why,
			    "EIO on write at sector 2048");
	/* A second report of a path that is out says nothing new. */
	rig_fault(r, "a");
	rig_expect_log(r, "");
	/* The checker brings it back, a polling interval later. */
	rig_pass(r, 5 * SEC);
	rig_expect_log(r, "path-reinstated v a: checker directio: ready, "
			  "check 9\nvolume-state v: optimal\n");
	rig_expect_state(r, "a", "active");
	assert_int_equal(rig_path(r, "a")->health.fail_count, 1);
}

/* The next group takes over; the best comes back only when it may. */
static void test_failover(void **state)
{
	struct rig *r = *state;

	rig_start(r, "");
	assert_int_equal(rig_group(r), 1);
	rig_fault(r, "a");
	assert_int_equal(rig_group(r), 2);
	rig_expect_log(r, "path-failed v a: EIO on write at sector 2048\n"
			  "group-active v: group 1 has no usable path\n"
			  "volume-state v: at-risk\n");
	rig_word(r, "a", "reinstate");
	assert_int_equal(rig_group(r), 2);
	rig_pass(r, 1000 * SEC);
	assert_int_equal(rig_group(r), 2); /* failback manual */
	assert_int_equal(volume_stats(rig_volume(r, "v"))->switch_grp, 0);
}

/* no_path_retry, both paths failed at time 0. */
static const struct {
	const char *options;
	bool queues;
	uint64_t until; /* s; 0: for ever */
} queueing[] = {
	{"no_path_retry = fail\n", false, 0},
	{"no_path_retry = queue\n", true, 0},
	{"no_path_retry = 1\n", true, 5},
	{"no_path_retry = 3\npolling_interval = 7\n", true, 21},
	/* counted from the loss, whatever the checks' intervals are */
	{"no_path_retry = 12\nmax_polling_interval = 300\n", true, 60},
};

static void lose_all(struct rig *r)
{
	verdict_of("a")->state = verdict_of("b")->state = CHECK_DOWN;
	rig_fault(r, "a");
	rig_fault(r, "b");
	assert_int_equal(rig_group(r), 0);
}

static void test_no_path_retry(void **state)
{
	struct rig *r = *state;

	for (size_t i = 0; i < ARRAY_SIZE(queueing); i++) {
		const struct volume_stats *s;
		bool ends = queueing[i].until != 0, fails;

		rig_start(r, queueing[i].options);
		s = volume_stats(rig_volume(r, "v"));
		rig_control(r, "reset-stats");
		rig_pass(r, 333 * SEC);
		lose_all(r);
		if (rig_view(r)->queue != queueing[i].queues)
			fail_msg("%s: got queue %d", queueing[i].options,
				 rig_view(r)->queue);
		if (ends) {
			rig_pass(r, queueing[i].until * SEC - 1);
			assert_true(rig_view(r)->queue);
			rig_pass(r, 1);
		} else {
			rig_pass(r, 10000 * SEC);
		}
		if (rig_view(r)->queue != (queueing[i].queues && !ends))
			fail_msg("%s, in the end: got queue %d",
				 queueing[i].options, rig_view(r)->queue);
		fails = !queueing[i].queues || ends;
		assert_int_equal(s->q_timeouts, ends);
		assert_int_equal(s->map_failures, fails);
		/* A path comes back: as it was in the beginning. */
		verdict_of("b")->state = CHECK_UP;
		rig_pass(r, 300 * SEC);
		assert_int_equal(rig_group(r), 2);
		assert_int_equal(rig_view(r)->queue, queueing[i].queues);
		verdict_of("a")->state = CHECK_UP;
		rig_pass(r, 300 * SEC);
	}
}

/* It came back in time: the count begins anew with the next loss. */
static void test_countdown_restarts(void **state)
{
	struct rig *r = *state;
	const struct volume_stats *s;

	rig_start(r, "no_path_retry = 4\n");
	s = volume_stats(rig_volume(r, "v"));
	lose_all(r);
	rig_pass(r, 19 * SEC);
	rig_word(r, "a", "reinstate");
	rig_fault(r, "a");
	rig_pass(r, 20 * SEC - 1);
	assert_true(rig_view(r)->queue);
	assert_int_equal(s->q_timeouts, 0);
	rig_pass(r, 1);
	assert_false(rig_view(r)->queue);
	assert_int_equal(s->q_timeouts, 1);
	/* What was queued for, and how long. */
	rig_word(r, "a", "reinstate");
	assert_int_equal(s->total_q_time_ns, 39 * SEC);
	rig_expect_state(r, "a", "active");
}

static void test_queueing_events(void **state)
{
	struct rig *r = *state;

	rig_start(r, "no_path_retry = 2\n");
	lose_all(r);
	rig_pass(r, 10 * SEC);
	rig_word(r, "b", "reinstate");
	rig_expect_log(
		r, "path-failed v a: EIO on write at sector 2048\n"
		   "group-active v: group 1 has no usable path\n"
		   "volume-state v: at-risk\n"
		   "path-failed v b: EIO on write at sector 2048\n"
		   "all-paths-failed v: no usable path\n"
		   "volume-state v: queueing\n"
		   "queueing-ended v: no_path_retry has run out\n"
		   "volume-state v: failed\n"
		   "path-reinstated v b: operator\n"
		   "group-active v: the first with a usable path\n"
		   "volume-state v: at-risk\n");
}

/* Offline paths are as good as none. */
static void test_offline_all(void **state)
{
	struct rig *r = *state;

	rig_start(r, "no_path_retry = 2\n");
	rig_word(r, "a", "offline");
	rig_word(r, "b", "offline");
	assert_true(rig_view(r)->queue);
	rig_pass(r, 10 * SEC);
	assert_false(rig_view(r)->queue);
	rig_word(r, "b", "online");
	assert_true(rig_view(r)->queue);
	assert_int_equal(rig_group(r), 2);
}

/* Failback */

static void test_failback_immediate(void **state)
{
	struct rig *r = *state;

	rig_start(r, "failback = immediate\n");
	rig_fault(r, "a");
	assert_int_equal(rig_group(r), 2);
	r->log[0] = '\0';
	rig_word(r, "a", "reinstate");
	assert_int_equal(rig_group(r), 1);
	rig_expect_log(r, "path-reinstated v a: operator\n"
			  "switch-group v: failback immediate\n"
			  "group-active v: failback immediate\n"
			  "volume-state v: optimal\n");
	assert_int_equal(volume_stats(rig_volume(r, "v"))->switch_grp, 1);
}

/*
 * A timer of 10 s. What happens at a time (s), and the group afterwards. All
 * begin with the path of group 1 out, and come back with "1 reinstated".
 */
static const struct {
	const char *name;
	struct {
		unsigned int at;
		const char *path, *word;
	} acts[4];
	unsigned int back; /* the first second in which group 1 is current */
} timers[] = {
	{"simply", {{0, "a", "reinstate"}}, 10},
	{"armed when it comes back", {{7, "a", "reinstate"}}, 17},
	{"armed anew by a path that comes up",
	 {{0, "a", "reinstate"}, {4, "c", "fail"}, {6, "c", "reinstate"}}, 16},
	{"stopped by a failure, and armed again",
	 {{0, "a", "reinstate"}, {4, "c", "fail"}}, 14},
	{"it goes again in time",
	 {{0, "a", "reinstate"}, {9, "a", "fail"}, {15, "a", "reinstate"}}, 25},
	{"not when a failure leaves nothing to do",
	 {{0, "a", "reinstate"}, {5, "a", "offline"}}, 0},
};

static void test_failback_timer(void **state)
{
	struct rig *r = *state;

	for (size_t i = 0; i < ARRAY_SIZE(timers); i++) {
		unsigned int k = 0, got = 0;

		/* checks too rare to matter */
		rig_start(r, "path = c @c 1\nfailback = 10\n"
			     "path_grouping_policy = group_by_prio\n"
			     "polling_interval = 1000\n");
		rig_word(r, "a", "fail");
		assert_int_equal(rig_group(r), 2);
		for (unsigned int s = 0; s < 40; s++) {
			for (; k < 4 && timers[i].acts[k].path &&
			       timers[i].acts[k].at == s; k++)
				rig_word(r, timers[i].acts[k].path,
					 timers[i].acts[k].word);
			rig_turn(r);
			if (!got && rig_group(r) == 1)
				got = s;
			rig_pass(r, SEC - 1);
			assert_int_equal(rig_group(r), got ? 1 : 2);
			rig_pass(r, 1);
		}
		if (got != timers[i].back)
			fail_msg("%s: got back after %u s, expected %u",
				 timers[i].name, got, timers[i].back);
		rig_word(r, "a", "online");
		rig_word(r, "a", "reinstate");
		rig_word(r, "c", "reinstate");
		rig_control(r, "switch-group 1");
	}
}

/* The setting changes while the timer runs. */
static void test_failback_changes(void **state)
{
	struct rig *r = *state;

	rig_start(r, "failback = 10\n");
	rig_fault(r, "a");
	rig_word(r, "a", "reinstate");
	rig_set(r, OPT_FAILBACK, "manual");
	rig_pass(r, 100 * SEC);
	assert_int_equal(rig_group(r), 2);
	rig_set(r, OPT_FAILBACK, "3");
	rig_pass(r, 3 * SEC - 1);
	assert_int_equal(rig_group(r), 2);
	rig_pass(r, 1);
	assert_int_equal(rig_group(r), 1);
	rig_control(r, "switch-group 2");
	assert_int_equal(rig_group(r), 2);
	rig_set(r, OPT_FAILBACK, "immediate");
	assert_int_equal(rig_group(r), 1);
}

/* A disabled group is not gone back to. */
static void test_failback_disabled(void **state)
{
	struct rig *r = *state;
	struct volume *v;
	struct errmsg e;

	rig_start(r, "failback = immediate\n");
	v = rig_volume(r, "v");
	assert_int_equal(monitor_group_state(r->m, v, v->groups[0], "disabled",
					     r->now, &e),
			 0);
	assert_int_equal(rig_group(r), 2);
	rig_pass(r, 100 * SEC);
	assert_int_equal(rig_group(r), 2);
	assert_int_equal(monitor_group_state(r->m, v, v->groups[0], "enabled",
					     r->now, &e),
			 0);
	assert_int_equal(rig_group(r), 1);
}

/* What an operator disabled stays so when another group is gone back to. */
static void test_failback_leaves_disabled(void **state)
{
	struct rig *r = *state;
	struct volume *v;
	struct errmsg e;

	rig_start(r, "failback = immediate\n");
	v = rig_volume(r, "v");
	rig_fault(r, "a");
	assert_int_equal(monitor_group_state(r->m, v, v->groups[1], "disabled",
					     r->now, &e),
			 0);
	rig_word(r, "a", "reinstate");
	assert_int_equal(rig_group(r), 1);
	assert_true(v->groups[1]->bypassed);
}

/* Stalls */

static void test_stalled(void **state)
{
	struct rig *r = *state;
	struct path *a;

	rig_start(r, "path_grouping_policy = multibus\n");
	rig_pass(r, 10 * SEC);
	a = rig_path(r, "a");
	r->log[0] = '\0';
	atomic_store(&a->load.ios, 3);
	for (int i = 0; i < 20; i++) { /* slow, but it moves */
		rig_pass(r, SEC);
		path_count(a, 1, IO_READ, 512, SEC);
		rig_expect_state(r, "a", "active");
	}
	rig_pass(r, 3 * SEC); /* looked at twice a second */
	rig_expect_state(r, "a", "stalled");
	rig_expect_log(r, "path-stalled v a: no I/O has come back for 2 s\n"
			  "volume-state v: at-risk\n");
	path_count(a, 1, IO_READ, 512, SEC);
	rig_pass(r, SEC);
	rig_expect_state(r, "a", "active");
	rig_expect_log(r, "path-moving v a: I/O comes back again\n"
			  "volume-state v: optimal\n");
	atomic_store(&a->load.ios, 0); /* nothing to come back: not stalled */
	rig_pass(r, 100 * SEC);
	rig_expect_state(r, "a", "active");
}

/* All are stalled: better those than none, and nothing is queued. */
static void test_all_stalled(void **state)
{
	struct rig *r = *state;
	struct path *a, *b;

	rig_start(r, "path_grouping_policy = multibus\nno_path_retry = fail\n");
	a = rig_path(r, "a");
	b = rig_path(r, "b");
	atomic_store(&a->load.ios, 1);
	atomic_store(&b->load.ios, 1);
	rig_pass(r, 10 * SEC);
	assert_int_equal(path_state(a), PATH_STALLED);
	assert_int_equal(path_state(b), PATH_STALLED);
	assert_true(atomic_load(&a->usable) && atomic_load(&b->usable));
	assert_int_equal(rig_group(r), 1);
	assert_int_equal(volume_stats(rig_volume(r, "v"))->map_failures, 0);
	path_count(b, 0, IO_READ, 512, SEC);
	rig_pass(r, SEC);
	rig_expect_state(r, "a", "stalled");
	rig_expect_state(r, "b", "active");
	atomic_store(&a->load.ios, 0);
	atomic_store(&b->load.ios, 0);
}

/* A path fails while its report has to wait for the operator's word. */
static void test_report_and_word(void **state)
{
	struct rig *r = *state;

	rig_start(r, "path_grouping_policy = multibus\n");
	path_fail(rig_path(r, "a"), monitor_mailbox(r->m), EIO, IO_READ, 0);
	rig_word(r, "a", "offline");
	rig_word(r, "a", "online");
	rig_turn(r);
	rig_expect_log(r, "path-offline v a: operator\n"
			  "volume-state v: at-risk\n"
			  "path-online v a: operator\n"
			  "volume-state v: optimal\n"
			  "path-failed v a: EIO on read at sector 0\n"
			  "volume-state v: at-risk\n"
			  "path-reinstated v a: checker directio: ready, check "
			  "2\n"
			  "volume-state v: optimal\n");
	rig_expect_state(r, "a", "active");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		RIG_TEST(test_fault),
		RIG_TEST(test_failover),
		RIG_TEST(test_no_path_retry),
		RIG_TEST(test_countdown_restarts),
		RIG_TEST(test_queueing_events),
		RIG_TEST(test_offline_all),
		RIG_TEST(test_failback_immediate),
		RIG_TEST(test_failback_timer),
		RIG_TEST(test_failback_changes),
		RIG_TEST(test_failback_disabled),
		RIG_TEST(test_failback_leaves_disabled),
		RIG_TEST(test_stalled),
		RIG_TEST(test_all_stalled),
		RIG_TEST(test_report_and_word),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
