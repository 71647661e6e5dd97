// SPDX-License-Identifier: MIT
/*
 * stripe: homes of regions, with and without failed paths, the spill, its
 * arguments and status, and what it is for: sequential streams over two equal
 * paths, beside the selectors that deal out I/O by I/O.
 */
#include "tests/unit/selector_race.h"

#include <errno.h>
#include "selectors/selectors.h"

#define MIB (1ULL << 20)

static int pick_at(struct model *m, uint64_t off)
{
	m->off = off;
	return model_select(m, 4096);
}

/* Every byte of a region has the same home, and neighbours have others. */
static void test_homes(void **state)
{
	(void)state;
	for (unsigned int n = 1; n <= 5; n++) {
		struct model m;

		model_init(&m, &sel_stripe, n);
		for (uint64_t region = 0; region < 40; region++) {
			int want = (int)(region % n);

			assert_int_equal(pick_at(&m, region * MIB), want);
			assert_int_equal(pick_at(&m, region * MIB + 4096),
					 want);
			assert_int_equal(pick_at(&m, region * MIB + MIB - 1),
					 want);
		}
		/* the last byte there can be */
		assert_int_equal(pick_at(&m, UINT64_MAX),
				 (int)(((1ULL << 44) - 1) % n));
		model_destroy(&m);
	}
}

/* A failed path's regions go to all others; those of the others stay. */
static void test_failed(void **state)
{
	unsigned int taken[4] = {0};
	struct model m;

	(void)state;
	model_init(&m, &sel_stripe, 4);
	model_fail(&m, 1);
	for (uint64_t region = 0; region < 120; region++) {
		int got = pick_at(&m, region * MIB);

		assert_int_equal(pick_at(&m, region * MIB + 4096), got);
		if (region % 4 == 1)
			taken[got]++;
		else
			assert_int_equal(got, region % 4);
	}
	for (unsigned int p = 0; p < 4; p++)
		assert_int_equal(taken[p], p == 1 ? 0 : 10);
	model_fail(&m, 0);
	model_fail(&m, 2);
	for (uint64_t region = 0; region < 8; region++)
		assert_int_equal(pick_at(&m, region * MIB), 3);
	model_fail(&m, 3);
	assert_int_equal(pick_at(&m, 0), -1);
	/* they come back in another order, and have their regions again */
	for (unsigned int p = 4; p-- > 0;)
		model_reinstate(&m, p);
	for (uint64_t region = 0; region < 8; region++)
		assert_int_equal(pick_at(&m, region * MIB), region % 4);
	model_destroy(&m);
}

static void test_spill(void **state)
{
	struct model m;

	(void)state;
	model_init(&m, &sel_stripe, 3);
	atomic_store(&m.load[0].bytes, 2 * MIB);
	assert_int_equal(pick_at(&m, 0), 0);
	atomic_store(&m.load[0].bytes, 2 * MIB + 1);
	assert_int_equal(pick_at(&m, 0), 1);
	atomic_store(&m.load[1].bytes, 1);
	assert_int_equal(pick_at(&m, 0), 2);
	atomic_store(&m.load[2].bytes, 1);
	assert_int_equal(pick_at(&m, 0), 0);
	/* more than size_t's half is no sign */
	atomic_store(&m.load[0].bytes, UINT64_MAX);
	assert_int_equal(pick_at(&m, 0), 1);
	/* a failed path is not the least */
	model_fail(&m, 1);
	assert_int_equal(pick_at(&m, 0), 2);
	model_destroy(&m);
}

static void test_size(void **state)
{
	static const char *const argv[] = {"64"};
	struct errmsg e;
	struct model m;

	(void)state;
	model_create_args(&m, &sel_stripe, 1, argv);
	for (int i = 0; i < 2; i++)
		assert_int_equal(model_add(&m, 0, NULL, &e), 0);
	for (uint64_t region = 0; region < 8; region++)
		assert_int_equal(pick_at(&m, region * 65536 + 65535),
				 region % 2);
	atomic_store(&m.load[1].bytes, 131073);
	assert_int_equal(pick_at(&m, 65536), 0);
	model_check_status(&m, -1, "1 64");
	model_check_status(&m, 1, "131073");
	model_destroy(&m);
}

static const struct {
	const char *text;
	const char *error; /* NULL: good */
} args[] = {
	{"stripe 0", NULL},
	{"stripe 1 64", NULL},
	{"stripe 1 1048576", NULL},
	{"stripe 1 63",
	 "stripe ps: invalid region size: '63' (64..1048576 KiB)"},
	{"stripe 1 1048577",
	 "stripe ps: invalid region size: '1048577' (64..1048576 KiB)"},
	{"stripe 1 1M",
	 "stripe ps: invalid region size: '1M' (64..1048576 KiB)"},
	{"stripe 2 64 64",
	 "stripe ps: incorrect number of arguments: 2 given, at most 1 taken"},
};

static void test_args(void **state)
{
	static const struct selector_ops *const table[] = SELECTOR_TABLE;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(args); i++) {
		struct errmsg e = {.text = ""};
		int rc = selector_check(table, args[i].text, &e);

		assert_int_equal(rc, args[i].error ? -EINVAL : 0);
		if (args[i].error)
			assert_string_equal(e.text, args[i].error);
	}
}

/*
 * 128 KiB take 100 us, and 400 more where the port cannot read ahead. The best
 * is both paths at 100 us. A region is 8 I/Os, of which the first has to miss.
 */
static const struct race sequential[] = {
	{"one stream", {{100000, 400000, 1}, {100000, 400000, 1}}, 1, 32,
	 20000, 0, 2.0 / 100000},
	{"four streams", {{100000, 400000, 1}, {100000, 400000, 1}}, 4, 8,
	 20000, 0, 2.0 / 100000},
};

static void test_sequential(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sequential); i++) {
		double ours = race(&sequential[i], &sel_stripe);
		double rr = race(&sequential[i], &sel_round_robin);
		double st = race(&sequential[i], &sel_service_time);

		assert_true(ours > 0.5);
		assert_true(rr < 0.3 && st < 0.4);
	}
}

/* Equal paths are what it is for; on others it is not to fall behind. */
static void test_unequal(void **state)
{
	static const struct race unequal = {
		"four times slower, 64 in flight", {{100000, 0, 1},
		{400000, 0, 1}}, 4, 16, 20000, 0, 1.25 / 100000};

	(void)state;
	assert_true(race(&unequal, &sel_stripe) > 0.85);
	assert_true(race(&unequal, &sel_round_robin) < 0.5);
	race(&unequal, &sel_service_time);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_homes),
		cmocka_unit_test(test_failed),
		cmocka_unit_test(test_spill),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_args),
		cmocka_unit_test(test_sequential),
		cmocka_unit_test(test_unequal),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
