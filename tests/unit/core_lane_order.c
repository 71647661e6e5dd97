// SPDX-License-Identifier: MIT
/*
 * What waits for a path is issued in the order in which it arrived when one
 * returns, and fails in that order when none does, however it came to wait.
 */
#include "tests/unit/lane_rig.h"

#define KB 1024ULL

static void expect_offsets(struct rig *r, unsigned int n, const uint64_t *kb)
{
	assert_int_equal(r->eng[0].n, n);
	for (unsigned int i = 0; i < n; i++)
		if (r->eng[0].out[i].io->off != kb[i] * KB)
			fail_msg("I/O %u: got offset %llu KB, expected %llu",
				 i, (unsigned long long)
				 (r->eng[0].out[i].io->off / KB),
				 (unsigned long long)kb[i]);
}

/*
 * Three are out on a path when it fails, two more arrive before their errors
 * come back, in another order.
 */
static void late_errors(struct rig *r, struct treq *t[5])
{
	rig_init(r, 1, 1, 512, 64 * KB);
	for (unsigned int i = 0; i < 3; i++)
		t[i] = rig_submit(r, 0, IO_READ, i * 64 * KB, 4096);
	rig_set_path(r, 0, false);
	t[3] = rig_submit(r, 0, IO_READ, 3 * 64 * KB, 4096);
	t[4] = rig_submit(r, 0, IO_READ, 4 * 64 * KB, 4096);
	rig_end(r, 0, 1, -EIO);
	rig_end(r, 0, 1, -EIO);
	rig_end(r, 0, 0, -EIO);
	assert_int_equal(volume_parked(r->v), 5);
}

static void test_issued_in_order(void **state)
{
	static const uint64_t want[] = {0, 64, 128, 192, 256};
	static struct rig r;
	struct treq *t[5];

	(void)state;
	late_errors(&r, t);
	rig_settle(&r); /* looking in vain keeps the order */
	rig_set_path(&r, 0, true);
	expect_offsets(&r, 5, want);
	for (unsigned int i = 0; i < 5; i++) {
		rig_end(&r, 0, 0, ALL);
		assert_int_equal(t[i]->order, i + 1);
	}
	rig_free(&r);
}

static void test_fails_in_order(void **state)
{
	static struct rig r;
	struct treq *t[5];

	(void)state;
	late_errors(&r, t);
	r.v->run->queueing.on = false;
	rig_settle(&r);
	for (unsigned int i = 0; i < 5; i++) {
		assert_int_equal(t[i]->err, EIO);
		assert_int_equal(t[i]->order, i + 1);
	}
	rig_free(&r);
}

/* The path is back, the lane not yet poked: who comes now goes behind. */
static void test_nobody_overtakes(void **state)
{
	static const uint64_t want[] = {0, 64, 128};
	static struct rig r;
	struct treq *t;

	(void)state;
	rig_init(&r, 1, 1, 512, 64 * KB);
	rig_set_path(&r, 0, false);
	rig_submit(&r, 0, IO_READ, 0, 4096);
	rig_submit(&r, 0, IO_READ, 64 * KB, 4096);
	r.v->paths[0]->health.active = true;
	volume_offer_paths(r.v);
	volume_choose_group(r.v);
	volume_publish(r.v, false, true);
	t = rig_new_req(&r, IO_READ, 128 * KB, 4096);
	lane_submit(r.lane[0], &t->req, r.now);
	expect_offsets(&r, 3, want);
	rig_run(&r);
	while (r.eng[0].n)
		rig_end(&r, 0, 0, ALL);
	assert_int_equal(t->order, 3);
	rig_free(&r);
}

/* Pieces of large requests, of which some were out, are not mixed either. */
static void test_pieces_in_order(void **state)
{
	static const uint64_t want[] = {0, 64, 128, 512, 576};
	static struct rig r;
	struct treq *a, *b;

	(void)state;
	rig_init(&r, 1, 1, 512, 64 * KB);
	a = rig_submit(&r, 0, IO_READ, 0, 192 * KB);
	rig_set_path(&r, 0, false);
	b = rig_submit(&r, 0, IO_READ, 512 * KB, 128 * KB);
	while (r.eng[0].n)
		rig_end(&r, 0, 0, -EIO);
	rig_set_path(&r, 0, true);
	expect_offsets(&r, 5, want);
	while (r.eng[0].n)
		rig_end(&r, 0, 0, ALL);
	assert_int_equal(a->order, 1);
	assert_int_equal(b->order, 2);
	rig_free(&r);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_issued_in_order),
		cmocka_unit_test(test_fails_in_order),
		cmocka_unit_test(test_nobody_overtakes),
		cmocka_unit_test(test_pieces_in_order),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
