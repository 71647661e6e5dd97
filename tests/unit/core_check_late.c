// SPDX-License-Identifier: MIT
/*
 * Checks that take their time: a checker that blocks a thread of the pool, and
 * the read that a path owes which has failed on I/O.
 */
#include "tests/unit/monitor_rig.h"

static struct path_check *check_of(struct rig *r, const char *path)
{
	return &rig_path(r, path)->check;
}

static void expect_message(struct rig *r, const char *path, const char *want)
{
	assert_string_equal(check_of(r, path)->checker.message, want);
}

static void ask(struct rig *r, const char *path)
{
	struct errmsg e;

	assert_int_equal(monitor_path_check(r->m, rig_path(r, path), r->now,
					    &e),
			 0);
	rig_turn(r);
}

/* A checker that blocks */

/* Until n checks have got their threads. */
static void wait_begun(unsigned int n)
{
	pthread_mutex_lock(&slow.lock);
	while (slow.begun < n)
		pthread_cond_wait(&slow.changed, &slow.lock);
	assert_int_equal(slow.begun, n);
	pthread_mutex_unlock(&slow.lock);
}

/* The first n that were begun may end, with s. */
static void let_go(unsigned int n, enum check_state s)
{
	pthread_mutex_lock(&slow.lock);
	slow.let_go = n;
	slow.state = s;
	pthread_cond_broadcast(&slow.changed);
	pthread_mutex_unlock(&slow.lock);
}

static void wait_back(struct rig *r, const char *path)
{
	while (check_of(r, path)->out) {
		mailbox_wait(&r->m->mailbox);
		rig_turn(r);
	}
}

/* Both paths have been checked once, well. */
static void start_slow(struct rig *r, const char *options)
{
	char text[256];

	snprintf(text, sizeof(text), "path_checker = slow\n%s", options);
	let_go(2, CHECK_UP);
	rig_start(r, text);
	wait_back(r, "a");
	wait_back(r, "b");
	rig_expect_state(r, "a", "active");
	rig_expect_state(r, "b", "active");
	rig_expect_log(r, "");
}

static void test_blocking(void **state)
{
	struct rig *r = *state;

	start_slow(r, "");
	ask(r, "a");
	wait_begun(3);
	assert_int_equal(r->checked, 0);
	rig_expect_state(r, "a", "active"); /* the old state is kept */
	ask(r, "a"); /* one that runs will do */
	let_go(3, CHECK_DOWN);
	wait_back(r, "a");
	assert_int_equal(r->checked, 1);
	rig_expect_log(r, "path-failed v a: checker slow: faulty, run 3\n"
			  "group-active v: group 1 has no usable path\n"
			  "volume-state v: at-risk\n");
	assert_int_equal(monitor_late_probes(r->m), 0);
	/* Its device is busy with something: no verdict, again in a second. */
	let_go(4, CHECK_PENDING);
	ask(r, "a");
	wait_back(r, "a");
	assert_int_equal(r->checked, 2);
	rig_expect_state(r, "a", "failed");
	assert_int_equal(timer_at(&check_of(r, "a")->timer), r->now + SEC);
}

/* Past its time: down, and nothing but its end is awaited. */
static void test_blocking_late(void **state)
{
	struct rig *r = *state;

	start_slow(r, "checker_timeout = 7\npolling_interval = 100\n");
	ask(r, "a");
	wait_begun(3);
	rig_pass(r, 7 * SEC - 1);
	rig_expect_state(r, "a", "active");
	assert_int_equal(monitor_late_probes(r->m), 0);
	rig_pass(r, 1);
	rig_expect_log(r, "path-failed v a: checker slow: i/o timeout, nothing "
			  "has come back for 7 s\n"
			  "group-active v: group 1 has no usable path\n"
			  "volume-state v: at-risk\n");
	assert_int_equal(monitor_late_probes(r->m), 1);
	assert_int_equal(r->checked, 1);
	ask(r, "a"); /* no second one */
	assert_int_equal(r->checked, 2);
	assert_int_equal(slow.begun, 3);
	let_go(4, CHECK_UP);
	wait_back(r, "a"); /* it counts for nothing */
	rig_expect_state(r, "a", "failed");
	expect_message(r, "a", "answered too late: ready");
	assert_int_equal(monitor_late_probes(r->m), 0);
	ask(r, "a");
	wait_back(r, "a");
	rig_expect_state(r, "a", "active");
	rig_expect_log(r, "path-reinstated v a: checker slow: ready, run 4\n"
			  "volume-state v: optimal\n");
}

/* Many paths are dead, and some live that have to wait for a thread. */
static void test_dead_ones_hold_up_nobody(void **state)
{
	char text[2048] = "[volume v]\npath_checker = slow\n"
			  "checker_timeout = 7\npolling_interval = 100\n";
	static const char names[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	struct rig *r = *state;
	unsigned int unserved = 0;
	struct errmsg e;

	for (const char *c = names; *c; c++) {
		rig_device(r, (char[]){*c, '\0'}, FILE_SIZE);
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 "path = %c @%c\n", *c, *c);
	}
	assert_int_equal(rig_apply(r, text, true, &e), 0);
	rig_turn(r);
	wait_begun(16);
	rig_pass(r, 7 * SEC);
	/* 16 threads. The others are not to blame, be it that they have got a
	 * place just now or none at all. */
	assert_int_equal(monitor_late_probes(r->m), 16);
	for (const char *c = names; *c; c++) {
		const char *path = (char[]){*c, '\0'};
		bool dead = c < names + 16;

		rig_expect_state(r, path, dead ? "failed" : "active");
		if (dead || check_of(r, path)->out)
			continue;
		expect_message(r, path, "no thread was free for it");
		assert_int_equal(check_of(r, path)->state, CHECK_UNCHECKED);
		unserved++;
	}
	assert_true(unserved >= 4);
	let_go(UINT_MAX, CHECK_UP);
	for (const char *c = names + 16; *c; c++) {
		const char *path = (char[]){*c, '\0'};

		ask(r, path);
		wait_back(r, path);
		assert_int_equal(check_of(r, path)->state, CHECK_UP);
	}
}

/* The path goes while its check is out: memory and device stay until then. */
static void test_blocking_removed(void **state)
{
	struct rig *r = *state;
	struct errmsg e;

	start_slow(r, "");
	ask(r, "a");
	wait_begun(3);
	assert_int_equal(rig_apply(r, "[volume v]\npath = b @b\n", true, &e),
			 0);
	rig_turn(r);
	assert_int_equal(r->m->nretired_paths, 1);
	assert_int_equal(monitor_late_probes(r->m), 1);
	let_go(3, CHECK_UP);
	while (r->m->nretired_paths || r->m->nopening) {
		mailbox_wait(&r->m->mailbox);
		rig_turn(r);
	}
	assert_int_equal(monitor_late_probes(r->m), 0);
}

/* The read that is owed */

static void start_none(struct rig *r, const char *options)
{
	char text[256];

	snprintf(text, sizeof(text), "path_checker = none\n%s", options);
	rig_start(r, text);
	rig_fault(r, "a");
	rig_expect_log(r, "path-failed v a: EIO on write at sector 2048\n"
			  "group-active v: group 1 has no usable path\n"
			  "volume-state v: at-risk\n");
}

static void end_read(struct rig *r, int64_t res)
{
	const struct io *io;

	assert_int_equal(r->engine.n, 1);
	io = r->engine.out[0].io;
	assert_int_equal(io->op, IO_READ);
	assert_ptr_equal(io->dev, rig_path(r, "a")->dev);
	fake_complete(&r->engine, 0, res);
	rig_turn(r);
}

static const struct {
	int64_t res;
	const char *cause; /* NULL: it comes back */
} reads[] = {
	{-EIO, "ready, but EIO on read of block 0"},
	{0, "ready, but short read of block 0"},
	{ALL, NULL},
};

static void test_read_owed(void **state)
{
	struct rig *r = *state;

	start_none(r, "");
	for (size_t i = 0; i < ARRAY_SIZE(reads); i++) {
		const char *cause = reads[i].cause;
		char want[128];

		rig_pass(r, 5 * SEC);
		rig_expect_state(r, "a", "failed");
		end_read(r, reads[i].res);
		snprintf(want, sizeof(want), "%s v a: checker none: %s\n%s",
			 cause ? "path-still-failed" : "path-reinstated",
			 cause ? cause : "ready, and block 0 was read",
			 cause ? "" : "volume-state v: optimal\n");
		rig_expect_log(r, want);
		assert_int_equal(check_of(r, "a")->state,
				 cause ? CHECK_DOWN : CHECK_UP);
		if (!cause)
			break;
		rig_pass(r, 5 * SEC);
		end_read(r, reads[i].res); /* the same again is no news */
		rig_expect_log(r, "");
	}
	/* Paid: from here on the checker's word will do. */
	rig_word(r, "a", "fail");
	r->log[0] = '\0';
	rig_pass(r, 5 * SEC);
	assert_int_equal(r->engine.n, 0);
	rig_expect_state(r, "a", "active");
}

/* What the LUN would answer by any path fails none: it is I/O's to meet. */
static void test_read_answered_by_the_lun(void **state)
{
	static const struct {
		int64_t res;
		const char *name;
	} answers[] = {{-EBADE, "EBADE"}, {-ENODATA, "ENODATA"}};
	struct rig *r = *state;

	start_none(r, "");
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		char want[128];

		if (i)
			rig_fault(r, "a");
		r->log[0] = '\0';
		rig_pass(r, 5 * SEC);
		end_read(r, answers[i].res);
		snprintf(want, sizeof(want),
			 "path-reinstated v a: checker none: ready, and %s on "
			 "read of block 0\nvolume-state v: optimal\n",
			 answers[i].name);
		rig_expect_log(r, want);
		rig_expect_state(r, "a", "active");
	}
}

/*
 * Of two reads that are out the engine has room for one: the other begins when
 * it has ended, also where nothing is waited for but the end.
 */
static void test_read_behind(void **state)
{
	struct rig *r = *state;

	start_none(r, "");
	rig_fault(r, "b");
	r->engine.depth = 1;
	rig_pass(r, 6 * SEC);
	assert_int_equal(r->engine.n, 2);
	assert_false(r->engine.out[1].flushed);
	fake_complete(&r->engine, 0, ALL);
	assert_false(monitor_quiet(r->m));
	assert_int_equal(r->engine.n, 1);
	assert_true(r->engine.out[0].flushed);
}

static void test_read_late(void **state)
{
	struct rig *r = *state;

	start_none(r, "checker_timeout = 2\n");
	rig_pass(r, 7 * SEC);
	rig_expect_log(r, "path-still-failed v a: checker none: ready, but of a "
			  "read of block 0 nothing has come back for 2 s\n");
	assert_int_equal(check_of(r, "a")->state, CHECK_TIMEOUT);
	assert_int_equal(monitor_late_probes(r->m), 1);
	assert_false(path_idle(rig_path(r, "a")));
	rig_pass(r, 50 * SEC);
	assert_int_equal(r->engine.submitted, 1); /* no second one */
	end_read(r, ALL); /* too late to count */
	rig_expect_state(r, "a", "failed");
	assert_int_equal(monitor_late_probes(r->m), 0);
	rig_pass(r, 3 * SEC);
	end_read(r, ALL);
	rig_expect_state(r, "a", "active");
}

/* The operator knows better; so does a passive path's checker. */
static void test_read_not_owed(void **state)
{
	struct rig *r = *state;

	start_none(r, "");
	rig_word(r, "a", "reinstate");
	rig_expect_state(r, "a", "active");
	rig_word(r, "a", "fail");
	rig_pass(r, 5 * SEC);
	rig_expect_state(r, "a", "active");
	assert_int_equal(r->engine.submitted, 0);
	rig_fault(r, "a");
	verdict_of("a")->state = CHECK_GHOST;
	rig_set(r, OPT_PATH_CHECKER, "directio");
	rig_expect_state(r, "a", "standby");
	assert_int_equal(r->engine.submitted, 0);
}

/* What was read before I/O failed says nothing of now. */
static void test_read_before(void **state)
{
	struct rig *r = *state;
	struct verdict *v = verdict_of("a");

	rig_start(r, "");
	v->state = CHECK_PENDING;
	ask(r, "a");
	rig_pass(r, SEC);
	rig_fault(r, "a");
	v->state = CHECK_UP;
	rig_turn(r);
	rig_expect_state(r, "a", "failed");
	end_read(r, -EIO);
	rig_expect_state(r, "a", "failed");
	rig_pass(r, 5 * SEC); /* one that was begun later does */
	assert_int_equal(r->engine.submitted, 1);
	rig_expect_state(r, "a", "active");
}

/* By what it had failed before the worker died is not known. */
static void test_read_after_restart(void **state)
{
	struct rig *r = *state;

	r->failed = "a";
	rig_start(r, "path_checker = none\n");
	rig_expect_state(r, "a", "failed");
	end_read(r, ALL);
	rig_expect_state(r, "a", "active");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		RIG_TEST(test_blocking),
		RIG_TEST(test_blocking_late),
		RIG_TEST(test_dead_ones_hold_up_nobody),
		RIG_TEST(test_blocking_removed),
		RIG_TEST(test_read_owed),
		RIG_TEST(test_read_answered_by_the_lun),
		RIG_TEST(test_read_behind),
		RIG_TEST(test_read_late),
		RIG_TEST(test_read_not_owed),
		RIG_TEST(test_read_before),
		RIG_TEST(test_read_after_restart),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
