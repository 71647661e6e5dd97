// SPDX-License-Identifier: MIT
/* What an operator may ask for: done when asked, or refused with a reason. */
#include "tests/unit/monitor_rig.h"

/* From each state each word: the state that follows. */
static void test_path_words(void **state)
{
	static const struct {
		const char *before[2], *word, *want;
	} rows[] = {
		{{"reinstate", "online"}, "fail", "failed"},
		{{"reinstate", "online"}, "offline", "offline"},
		{{"reinstate", "online"}, "online", "active"},
		{{"reinstate", "online"}, "reinstate", "active"},
		{{"fail", "online"}, "fail", "failed"},
		{{"fail", "online"}, "offline", "offline"},
		{{"fail", "online"}, "online", "failed"},
		{{"fail", "online"}, "reinstate", "active"},
		{{"reinstate", "offline"}, "fail", "offline"},
		{{"reinstate", "offline"}, "reinstate", "offline"},
		{{"reinstate", "offline"}, "offline", "offline"},
		{{"reinstate", "offline"}, "online", "active"},
		{{"fail", "offline"}, "online", "failed"},
		{{"fail", "offline"}, "reinstate", "offline"},
	};
	struct rig *r = *state;

	rig_start(r, "");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t seq = rig_view(r)->seq;

		rig_word(r, "a", rows[i].before[0]);
		rig_word(r, "a", rows[i].before[1]);
		rig_word(r, "a", rows[i].word);
		rig_expect_state(r, "a", rows[i].want);
		/* In effect on return: lanes have seen it. */
		assert_true(rig_view(r)->seq > seq);
	}
	assert_true(r->kept > 0);
}

static void test_path_words_refused(void **state)
{
	static const char *const words[] = {"", "Fail", "fail ", "failed", "x"};
	struct rig *r = *state;

	rig_start(r, "");
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		struct errmsg e;
		char want[64];

		assert_int_equal(monitor_path_state(r->m, rig_path(r, "a"),
						    words[i], r->now, &e),
				 -EINVAL);
		snprintf(want, sizeof(want),
			 "'%s': fail, reinstate, marginal, offline or online", words[i]);
		assert_string_equal(e.text, want);
	}
	rig_expect_state(r, "a", "active");
	rig_expect_log(r, "");
}

/* words: "control text", or "N word" of a group. */
static const struct {
	const char *words;
	int rc;
	unsigned int current;
	const char *states; /* of groups 1, 2, 3: A, E, D */
} group_words[] = {
	{"switch-group 2", 0, 2, "EAE"},
	{"switch-group 2", 0, 2, "EAE"},
	{"3 active", 0, 3, "EEA"},
	{"1 disabled", 0, 2, "DAE"}, /* dm: chosen anew */
	{"2 disabled", 0, 3, "DDA"},
	{"3 disabled", 0, 1, "DDD"}, /* better that than none */
	{"2 enabled", 0, 2, "DAD"},
	{"2 enabled", 0, 2, "DAD"},
	{"switch-group 1", 0, 1, "AEE"}, /* dm: enables all */
	{"switch-group 0", -EINVAL, 1, "AEE"},
	{"switch-group 4", -EINVAL, 1, "AEE"},
	{"switch-group", -EINVAL, 1, "AEE"},
	{"switch-group ", -EINVAL, 1, "AEE"},
	{"switch-group 1 2", -EINVAL, 1, "AEE"},
	{"switch-group -1", -EINVAL, 1, "AEE"},
	{"2 bypassed", -EINVAL, 1, "AEE"},
	{"Switch-group 1", -EINVAL, 1, "AEE"},
	{"switch", -EINVAL, 1, "AEE"},
	{"", -EINVAL, 1, "AEE"},
};

static void group_states(const struct volume *v, char *buf)
{
	for (unsigned int i = 0; i < v->ngroups; i++) {
		const char *s = monitor_group_state_text(v, v->groups[i]);

		*buf++ = !strcmp(s, "active")	? 'A'
			 : !strcmp(s, "enabled") ? 'E'
						 : 'D';
	}
	*buf = '\0';
}

static void test_groups(void **state)
{
	struct rig *r = *state;
	struct volume *v;

	rig_start(r, "path = c @c 1\n");
	v = rig_volume(r, "v");
	for (size_t i = 0; i < ARRAY_SIZE(group_words); i++) {
		const char *w = group_words[i].words;
		struct errmsg e = {.text = ""};
		char got[8];
		int rc;

		if (*w >= '1' && *w <= '3')
			rc = monitor_group_state(r->m, v, v->groups[*w - '1'],
						 w + 2, r->now, &e);
		else
			rc = monitor_volume_control(r->m, v, w, r->now, &e);
		group_states(v, got);
		if (rc != group_words[i].rc || strcmp(got, group_words[i].states) ||
		    rig_group(r) != group_words[i].current)
			fail_msg("%zu, '%s': got %d, %s, group %u; expected "
				 "%d, %s, group %u",
				 i + 1, w, rc, got, rig_group(r),
				 group_words[i].rc, group_words[i].states,
				 group_words[i].current);
		assert_int_equal(e.text[0] != '\0', rc != 0);
	}
}

static int set_selector(struct rig *r, unsigned int group, const char *text,
			struct errmsg *e)
{
	struct volume *v = rig_volume(r, "v");

	return monitor_group_selector(r->m, v, v->groups[group - 1], text,
				      r->now, e);
}

static void expect_selectors(struct rig *r, const char *first,
			     const char *second)
{
	const struct volume *v = rig_volume(r, "v");

	assert_string_equal(v->groups[0]->selector, first);
	assert_string_equal(v->groups[1]->selector, second);
}

/* Of one group, as long as it is that group. */
static void test_group_selector(void **state)
{
	struct rig *r = *state;
	struct errmsg e = {.text = ""};

	rig_start(r, "");
	rig_word(r, "a", "fail");
	r->log[0] = '\0';
	assert_int_equal(set_selector(r, 2, "round-robin 0", &e), 0);
	rig_expect_log(r, "setting-changed v: operator\n");
	expect_selectors(r, "service-time 0", "round-robin 0");
	assert_int_equal(rig_group(r), 2); /* and it is current still */
	assert_int_equal(set_selector(r, 1, "queue-length 1", &e), -EINVAL);
	assert_string_not_equal(e.text, "");
	expect_selectors(r, "service-time 0", "round-robin 0");
	rig_word(r, "a", "reinstate");
	assert_int_equal(rig_apply(r,
				   "[volume v]\npath = a @a 2\npath = b @b 1\n"
				   "path = c @c 1\n",
				   true, &e),
			 0);
	expect_selectors(r, "service-time 0", "round-robin 0");
	rig_set(r, OPT_PATH_GROUPING_POLICY, "multibus");
	assert_string_equal(rig_volume(r, "v")->groups[0]->selector,
			    "service-time 0");
	rig_set(r, OPT_PATH_GROUPING_POLICY, "failover");
	expect_selectors(r, "service-time 0", "service-time 0");
	assert_int_equal(set_selector(r, 1, "round-robin 0", &e), 0);
	assert_int_equal(set_selector(r, 2, "round-robin 0", &e), 0);
	assert_int_equal(set_selector(r, 2, "default", &e), 0);
	expect_selectors(r, "round-robin 0", "service-time 0");
	rig_set(r, OPT_PATH_SELECTOR, "service-time 0");
	expect_selectors(r, "service-time 0", "service-time 0");
}

/* To a group without a path: the first that has one. */
static void test_switch_to_none(void **state)
{
	struct rig *r = *state;

	rig_start(r, "");
	rig_word(r, "b", "fail");
	rig_control(r, "switch-group 2");
	assert_int_equal(rig_group(r), 1);
	rig_word(r, "b", "reinstate"); /* the wish was consumed */
	assert_int_equal(rig_group(r), 1);
}

/* fail-if-no-path and queue-if-no-path hold until the setting is written. */
static void test_pin(void **state)
{
	static const struct {
		const char *no_path_retry;
		const char *words;
		bool queue;
	} rows[] = {
		{"fail", "queue-if-no-path", true},
		{"queue", "fail-if-no-path", false},
		{"3", "fail-if-no-path", false},
		{"3", "queue-if-no-path", true},
	};
	struct rig *r = *state;

	rig_start(r, "polling_interval = 1000\n");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		rig_set(r, OPT_NO_PATH_RETRY, rows[i].no_path_retry);
		rig_control(r, rows[i].words);
		for (int round = 0; round < 2; round++) {
			rig_word(r, "a", "offline");
			rig_word(r, "b", "offline");
			rig_pass(r, 5000 * SEC);
			if (rig_view(r)->queue != rows[i].queue)
				fail_msg("%s, %s: got queue %d",
					 rows[i].no_path_retry, rows[i].words,
					 rig_view(r)->queue);
			rig_word(r, "a", "online");
			rig_word(r, "b", "online");
		}
		rig_set(r, OPT_NO_PATH_RETRY, "default");
		assert_false(rig_view(r)->queue);
	}
}

/* While nothing is there: at once, or counted from now. */
static void test_retry_changes(void **state)
{
	struct rig *r = *state;

	rig_start(r, "");
	rig_word(r, "a", "offline");
	rig_word(r, "b", "offline");
	assert_false(rig_view(r)->queue);
	rig_pass(r, 100 * SEC);
	rig_set(r, OPT_NO_PATH_RETRY, "2");
	assert_true(rig_view(r)->queue);
	rig_pass(r, 10 * SEC - 1);
	assert_true(rig_view(r)->queue);
	rig_pass(r, 1);
	assert_false(rig_view(r)->queue);
	rig_set(r, OPT_NO_PATH_RETRY, "queue");
	rig_pass(r, 1000 * SEC);
	assert_true(rig_view(r)->queue);
	rig_control(r, "fail-if-no-path");
	assert_false(rig_view(r)->queue);
}

static void test_stop_queueing(void **state)
{
	struct rig *r = *state;

	rig_start(r, "no_path_retry = queue\n");
	rig_word(r, "a", "offline");
	rig_word(r, "b", "offline");
	assert_true(rig_view(r)->queue);
	monitor_stop_queueing(r->m, r->now);
	assert_false(rig_view(r)->queue);
}

/* Settings */

static void test_settings(void **state)
{
	static const struct {
		enum opt o;
		const char *text;
		int rc;
		const char *want; /* the canonical text afterwards */
	} rows[] = {
		{OPT_FAILBACK, "immediate", 0, "immediate"},
		{OPT_FAILBACK, "7", 0, "7"},
		{OPT_FAILBACK, "-7", -EINVAL, "7"},
		{OPT_FAILBACK, "default", 0, "manual"},
		{OPT_POLLING_INTERVAL, "0", -EINVAL, "9"},
		{OPT_POLLING_INTERVAL, "11", 0, "11"},
		{OPT_POLLING_INTERVAL, "default", 0, "9"}, /* of the file */
		{OPT_PATH_SELECTOR, "round-robin 0", 0, "round-robin 0"},
		{OPT_PATH_SELECTOR, "nonsense 0", -EINVAL, "round-robin 0"},
		{OPT_PATH_CHECKER, "tur", -EINVAL, "auto"},
		{OPT_PATH_CHECKER, "none", 0, "none"},
		{OPT_PATH_CHECKER, "auto", 0, "auto"},
		{OPT_WWID, "x", -EPERM, "v"},
		{OPT_LANES, "2", -EPERM, "auto"},
		{OPT_REPLAY_WRITES, "quarantine", 0, "quarantine"},
		{OPT_REPLAY_WRITES, "", -EINVAL, "quarantine"},
		{OPT_MODE, "0600", 0, "0600"},
	};
	struct rig *r = *state;
	struct volume *v;

	rig_start(r, "polling_interval = 9\n");
	v = rig_volume(r, "v");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct setting *s = &v->settings.v[rows[i].o];
		struct errmsg e = {.text = ""};
		unsigned int kept = r->kept;
		bool origin;
		int rc;

		rc = monitor_set(r->m, v, rows[i].o, rows[i].text, r->now, &e);
		if (rc != rows[i].rc || strcmp(s->text, rows[i].want))
			fail_msg("%s = '%s': got %d, '%s'; expected %d, '%s'",
				 option_info(rows[i].o)->name, rows[i].text, rc,
				 s->text, rows[i].rc, rows[i].want);
		assert_int_equal(e.text[0] != '\0', rc != 0);
		assert_int_equal(r->kept > kept, rc == 0);
		origin = s->origin == ORIGIN_LIVE;
		if (!rc)
			assert_int_equal(origin, !!strcmp(rows[i].text,
							  "default"));
	}
	assert_true(rig_view(r)->quarantine);
}

/* New groups: the same paths stay in use, and what is out counts on. */
static void test_regroup(void **state)
{
	static const struct {
		enum opt o;
		const char *text;
		unsigned int ngroups, current;
	} rows[] = {
		{OPT_PATH_GROUPING_POLICY, "multibus", 1, 1},
		{OPT_PATH_SELECTOR, "queue-length 0", 1, 1},
		{OPT_PATH_GROUPING_POLICY, "group_by_prio", 2, 1},
		{OPT_PATH_GROUPING_POLICY, "failover", 3, 1},
		{OPT_PATH_GROUPING_POLICY, "default", 3, 1},
	};
	struct rig *r = *state;
	struct volume *v;

	rig_start(r, "path = c @c 1\n");
	v = rig_volume(r, "v");
	atomic_store(&rig_path(r, "b")->load.ios, 5);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t loads = volume_stats(v)->map_loads;

		rig_set(r, rows[i].o, rows[i].text);
		assert_int_equal(v->ngroups, rows[i].ngroups);
		assert_int_equal(rig_group(r), rows[i].current);
		assert_string_equal(v->groups[0]->selector,
				    v->settings.v[OPT_PATH_SELECTOR].text);
		assert_int_equal(volume_stats(v)->map_loads, loads + 1);
	}
	assert_int_equal(rig_path(r, "b")->load.ios, 5);
	atomic_store(&rig_path(r, "b")->load.ios, 0);
	/* Stays with the group that has the paths of the one in use. */
	rig_control(r, "switch-group 3");
	rig_set(r, OPT_PATH_SELECTOR, "round-robin 0");
	assert_int_equal(rig_group(r), 3);
}

static void test_reset_stats(void **state)
{
	struct rig *r = *state;
	struct errmsg e;

	rig_start(r, "");
	rig_word(r, "a", "fail");
	assert_int_equal(volume_stats(rig_volume(r, "v"))->path_faults, 1);
	rig_control(r, "reset-stats");
	assert_int_equal(volume_stats(rig_volume(r, "v"))->path_faults, 0);
	assert_int_equal(monitor_volume_control(r->m, rig_volume(r, "v"),
						"reset-stats now", r->now, &e),
			 -EINVAL);
	assert_string_equal(e.text, "reset-stats takes no word");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		RIG_TEST(test_path_words),
		RIG_TEST(test_path_words_refused),
		RIG_TEST(test_groups),
		RIG_TEST(test_group_selector),
		RIG_TEST(test_switch_to_none),
		RIG_TEST(test_pin),
		RIG_TEST(test_retry_changes),
		RIG_TEST(test_stop_queueing),
		RIG_TEST(test_settings),
		RIG_TEST(test_regroup),
		RIG_TEST(test_reset_stats),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
