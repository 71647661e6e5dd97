// SPDX-License-Identifier: MIT
/*
 * What the kernel says of a device before it is checked; a LUN that the array
 * does not have; and what the checkers of a volume's paths share.
 */
#include "tests/unit/monitor_rig.h"

static enum check_state kernel_says;

/* Of the device a; of others, all is well. */
static enum check_state says(const struct device *d, char *message, size_t size)
{
	message[0] = '\0';
	if (d->path[strlen(d->path) - 1] != 'a' || kernel_says == CHECK_UP)
		return CHECK_UP;
	snprintf(message, size, "the kernel says so");
	return kernel_says;
}

static void start_said(struct rig *r)
{
	kernel_says = CHECK_UP;
	r->m->p.device_state = says;
	rig_start(r, "path_grouping_policy = multibus\n");
}

/* Nobody is asked, whatever he would answer. */
static void test_down(void **state)
{
	struct rig *r = *state;
	unsigned int starts;

	start_said(r);
	starts = verdict_of("a")->starts;
	assert_true(starts > 0);
	kernel_says = CHECK_DOWN;
	rig_pass(r, 25 * SEC);
	rig_expect_state(r, "a", "failed");
	rig_expect_state(r, "b", "active");
	assert_int_equal(verdict_of("a")->starts, starts);
	rig_expect_log(r, "path-failed v a: checker directio: faulty, the "
			  "kernel says so\n"
			  "volume-state v: at-risk\n");
	kernel_says = CHECK_UP;
	rig_pass(r, 25 * SEC);
	rig_expect_state(r, "a", "active");
	assert_true(verdict_of("a")->starts > starts);
}

/* The old state is kept, and it is looked at again in a second. */
static void test_pending(void **state)
{
	struct rig *r = *state;
	unsigned int starts;

	start_said(r);
	kernel_says = CHECK_PENDING;
	verdict_of("a")->state = CHECK_DOWN;
	starts = verdict_of("a")->starts;
	rig_pass(r, 25 * SEC);
	rig_expect_state(r, "a", "active");
	assert_int_equal(verdict_of("a")->starts, starts);
	assert_int_equal(monitor_late_probes(r->m), 0);
	kernel_says = CHECK_UP;
	rig_pass(r, SEC);
	rig_expect_state(r, "a", "failed");
	kernel_says = CHECK_PENDING;
	verdict_of("a")->state = CHECK_UP;
	rig_pass(r, 25 * SEC);
	rig_expect_state(r, "a", "failed");
}

/* A check that an operator asked for ends with that, too. */
static void test_asked(void **state)
{
	struct rig *r = *state;
	struct errmsg e;

	start_said(r);
	kernel_says = CHECK_DOWN;
	assert_int_equal(monitor_path_check(r->m, rig_path(r, "a"), r->now, &e),
			 0);
	rig_turn(r);
	assert_int_equal(r->checked, 1);
	rig_expect_state(r, "a", "failed");
}

static void test_disconnected(void **state)
{
	struct rig *r = *state;

	rig_start(r, "path_grouping_policy = multibus\n");
	verdict_of("a")->state = CHECK_DISCONNECTED;
	rig_pass(r, 25 * SEC);
	rig_expect_state(r, "a", "failed");
	assert_int_equal(rig_path(r, "a")->check.state, CHECK_DOWN);
	assert_string_equal(path_checker_text(rig_path(r, "a")), "faulty");
	assert_non_null(strstr(r->log, "checker directio: disconnected, "));
	verdict_of("a")->state = CHECK_UP;
	rig_pass(r, 25 * SEC);
	rig_expect_state(r, "a", "active");
}

/* Counts the checks of a volume's paths. */
static enum check_state counts(struct checker *c)
{
	unsigned int *n = c->shared;

	++*n;
	return CHECK_UP;
}

static const struct checker_ops counting = {
	.name = "directio",
	.shared_size = sizeof(unsigned int),
	.reads = true,
	.start = counts,
};
static const struct checker_ops *const with_counting[] = {
	&counting, &plain_checker, &slow_checker, NULL};

static unsigned int *counter_of(struct rig *r, const char *volume,
				unsigned int path)
{
	return rig_volume(r, volume)->paths[path]->check.checker.shared;
}

static void test_shared(void **state)
{
	static const char two[] = "[volume v]\npath = a @a\npath = b @b\n"
				  "[volume w]\npath = c @c\n";
	static const char one[] = "[volume v]\npath = b @b\n"
				  "[volume w]\npath = c @c\n";
	struct rig *r = *state;
	struct errmsg e = {.text = ""};
	unsigned int n;

	r->m->p.checkers = with_counting;
	assert_int_equal(rig_apply(r, two, true, &e), 0);
	rig_turn(r);
	assert_non_null(counter_of(r, "v", 0));
	assert_ptr_equal(counter_of(r, "v", 0), counter_of(r, "v", 1));
	assert_ptr_not_equal(counter_of(r, "v", 0), counter_of(r, "w", 0));
	assert_int_equal(*counter_of(r, "v", 0), 2); /* it was zeroed */
	assert_int_equal(*counter_of(r, "w", 0), 1);
	/* The first of them goes: the rest keep what there is. */
	assert_int_equal(rig_apply(r, one, true, &e), 0);
	rig_turn(r);
	n = *counter_of(r, "v", 0);
	assert_in_range(n, 2, 3);
	/* Another checker shares nothing; the first one begins anew. */
	rig_set(r, OPT_PATH_CHECKER, "none");
	rig_pass(r, 25 * SEC);
	assert_null(counter_of(r, "v", 0));
	rig_set(r, OPT_PATH_CHECKER, "directio");
	rig_pass(r, 25 * SEC);
	assert_in_range(*counter_of(r, "v", 0), 1, 25);
}

static void expect_access(struct rig *r, const char *want)
{
	char got[64];

	path_access_state(rig_path(r, "a"), got, sizeof(got));
	assert_string_equal(got, want);
}

/* What the last check has found; while one is under way, still that. */
static void test_access_state(void **state)
{
	struct rig *r = *state;
	struct verdict *v;

	start_said(r);
	expect_access(r, "unknown");
	v = verdict_of("a");
	v->state = CHECK_GHOST;
	v->access_state = "inaccessible";
	rig_pass(r, 25 * SEC);
	expect_access(r, "inaccessible");
	v->access_state = "optimized";
	v->state = CHECK_PENDING; /* it is out, for less than 30 s */
	rig_pass(r, 25 * SEC);
	assert_non_null(v->out);
	expect_access(r, "inaccessible");
	v->state = CHECK_UP;
	rig_turn(r);
	expect_access(r, "optimized");
	kernel_says = CHECK_DOWN;
	rig_pass(r, 25 * SEC);
	expect_access(r, "unknown");
}

/* The same of a checker that has a thread. */
static void test_access_state_of_run(void **state)
{
	struct rig *r = *state;

	rig_start(r, "");
	pthread_mutex_lock(&slow.lock);
	slow.let_go = UINT_MAX;
	pthread_mutex_unlock(&slow.lock);
	rig_set(r, OPT_PATH_CHECKER, "slow");
	rig_pass(r, 25 * SEC);
	while (rig_path(r, "a")->check.out) {
		mailbox_wait(&r->m->mailbox);
		rig_turn(r);
	}
	expect_access(r, "by slow");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		RIG_TEST(test_down),   RIG_TEST(test_pending),
		RIG_TEST(test_asked),  RIG_TEST(test_disconnected),
		RIG_TEST(test_shared), RIG_TEST(test_access_state),
		RIG_TEST(test_access_state_of_run),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
