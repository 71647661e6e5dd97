// SPDX-License-Identifier: MIT
/*
 * Requests whose process is killed, in every place where they may stand, and
 * requests that are submitted from within done().
 */
#include "tests/unit/lane_rig.h"

#define KB 1024ULL

static void test_kill_parked(void **state)
{
	static struct rig r;
	struct treq *t, *other;

	(void)state;
	rig_init(&r, 1, 1, 512, 64 * KB);
	rig_set_path(&r, 0, false);
	t = rig_submit(&r, 0, IO_WRITE, 0, 6 * 64 * KB);
	other = rig_submit(&r, 0, IO_WRITE, 0, 4096);
	assert_int_equal(volume_parked(r.v), 5);
	lane_kill(r.lane[0], &t->req);
	assert_int_equal(t->answers, 1);
	assert_int_equal(t->err, EINTR);
	assert_int_equal(volume_parked(r.v), 1);
	lane_kill(r.lane[0], &t->req); /* has ended: nothing */
	rig_set_path(&r, 0, true);
	rig_end(&r, 0, 0, ALL);
	assert_int_equal(other->err, 0);
	rig_free(&r);
}

/* What is on a path is waited for; what is not begun will not be. */
static void test_kill_in_flight(void **state)
{
	static const struct {
		uint64_t len;
		unsigned int out;
		int64_t res;
		int err;
	} rows[] = {
		{4096, 1, ALL, 0}, /* all of it was done */
		{4096, 1, -EIO, EINTR},
		{4096, 1, 512, EINTR},
		{4096, 1, -ENOSPC, ENOSPC},
		{6 * 64 * KB, 4, ALL, EINTR},
	};
	static struct rig r;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct treq *t;

		rig_init(&r, 2, 1, 512, 64 * KB);
		t = rig_submit(&r, 0, IO_WRITE, 0, rows[i].len);
		lane_kill(r.lane[0], &t->req);
		for (unsigned int k = 0; k < rows[i].out; k++) {
			assert_int_equal(t->answers, 0);
			rig_end(&r, 0, 0, rows[i].res);
		}
		if (t->answers != 1 || t->err != rows[i].err)
			fail_msg("row %zu: got %u answers, error %d; "
				 "expected %d",
				 i + 1, t->answers, t->err, rows[i].err);
		rig_free(&r);
	}
}

/* Part of it is out, part waits for a path. */
static void test_kill_both(void **state)
{
	static struct rig r;
	struct treq *t;

	(void)state;
	rig_init(&r, 1, 1, 512, 64 * KB);
	t = rig_submit(&r, 0, IO_READ, 0, 2 * 64 * KB);
	rig_end(&r, 0, 0, -EIO);
	rig_settle(&r);
	assert_int_equal(volume_parked(r.v), 1);
	lane_kill(r.lane[0], &t->req);
	assert_int_equal(t->answers, 0); /* the other piece's buffer */
	assert_int_equal(volume_parked(r.v), 0);
	rig_end(&r, 0, 0, ALL);
	assert_int_equal(t->answers, 1);
	assert_int_equal(t->err, EINTR);
	rig_free(&r);
}

/* done() may use the request again, and may submit another, at once. */
static void test_submit_in_done(void **state)
{
	static struct rig r;
	struct treq *t[4];

	(void)state;
	rig_init(&r, 1, 1, 512, 64 * KB);
	rig_set_path(&r, 0, false);
	t[0] = rig_submit(&r, 0, IO_READ, 0, 4096);
	t[1] = rig_submit(&r, 0, IO_READ, 4096, 4096);
	t[2] = rig_new_req(&r, IO_READ, 8192, 4096);
	r.again = t[2];
	lane_kill(r.lane[0], &t[0]->req);
	assert_int_equal(t[0]->err, EINTR);
	assert_int_equal(volume_parked(r.v), 2);
	/* From within the turn that ends those who wait, too. */
	t[3] = rig_new_req(&r, IO_READ, 8192, 4096);
	r.again = t[3];
	r.v->run->queueing.on = false;
	rig_settle(&r);
	for (int i = 1; i < 4; i++)
		assert_int_equal(t[i]->err, EIO);
	rig_free(&r);
}

/* The same request, in the call that says it has ended: a new one. */
static void test_same_again_in_done(void **state)
{
	static struct rig r;
	struct treq *t;

	(void)state;
	rig_init(&r, 1, 1, 512, 64 * KB);
	rig_set_path(&r, 0, false);
	t = rig_submit(&r, 0, IO_READ, 0, 128 * KB);
	r.again = t;
	lane_kill(r.lane[0], &t->req);
	assert_int_equal(t->ends, 0);
	assert_int_equal(volume_parked(r.v), 2);
	rig_set_path(&r, 0, true);
	rig_end(&r, 0, 0, ALL);
	rig_end(&r, 0, 0, ALL);
	assert_int_equal(t->answers, 1);
	assert_int_equal(t->err, 0);
	rig_free(&r);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kill_parked),
		cmocka_unit_test(test_kill_in_flight),
		cmocka_unit_test(test_kill_both),
		cmocka_unit_test(test_submit_in_done),
		cmocka_unit_test(test_same_again_in_done),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
