// SPDX-License-Identifier: MIT
/*
 * service-time: scenarios, its formula case by case, the overflow shift, its
 * status and arguments, and an oracle in 128-bit arithmetic.
 */
#include "tests/unit/selector_model.h"

#include <errno.h>
#include "selectors/selectors.h"

static const struct scenario scenarios[] = {
	{"equals take turns when idle", 3, {NULL},
	 STEPS(PICK(0), PICK(1), PICK(2), PICK(0))},
	{"no path", 0, {NULL}, STEPS(PICK(-1))},
	{"one path", 1, {NULL}, STEPS(IO(0, 512), IO(0, 512), PICK(0))},
	{"fewest bytes, not I/Os", 2, {NULL},
	 STEPS(IO(0, 8192), IO(1, 1024), IO(1, 1024), IO(1, 1024),
	       END(0, 8192), IO(0, 512))},
	{"equals take turns when busy", 2, {NULL},
	 STEPS(IO(0, 512), IO(1, 512), PICK(0), PICK(1), PICK(0))},
	{"a reinstated path is the last", 3, {NULL},
	 STEPS(FAIL(0), BACK(0), PICK(1), PICK(2), PICK(0))},
	{"a fail does not reset the bytes", 2, {NULL},
	 STEPS(IO(0, 512), FAIL(0), IO(1, 512), END(1, 512), BACK(0), PICK(1),
	       PICK(1), END(0, 512), PICK(0))},
	{"all failed, one back", 2, {NULL},
	 STEPS(FAIL(0), FAIL(1), PICK(-1), BACK(1), PICK(1), PICK(1))},
	{"shares follow the throughput 1:3", 2, {"1", "3"},
	 /* bytes 0/0: faster; 0/4K: 4K*3 > 8K*1; 0/8K: 12K = 12K: faster;
	  * 0/12K: 12K < 16K */
	 STEPS(IO(1, 4096), IO(1, 4096), IO(1, 4096), IO(0, 4096),
	       /* 4K/12K: 8K*3 > 16K */
	       IO(1, 4096))},
	{"the size of the I/O counts", 2, {"1", "2"},
	 /* 0/8K with 1K: 1K*2 < 9K; with 16K: 16K*2 > 24K */
	 STEPS(IO(1, 8192), PICK_BYTES(0, 1024), PICK_BYTES(1, 16384))},
	{"equal bytes: the faster", 3, {"10", "100", "50"},
	 STEPS(PICK(1), PICK(1), FAIL(1), PICK(2), FAIL(2), PICK(0))},
	{"throughput 0: only if there is no other", 3, {"0", "1", "0"},
	 STEPS(IO(1, 1048576), IO(1, 1048576), FAIL(1),
	       /* two of 0 are equals: the fewer bytes */
	       IO(0, 512), IO(2, 1024), IO(0, 512), PICK(2), PICK(0), BACK(1),
	       PICK(1))},
};

static void test_scenarios(void **state)
{
	(void)state;
	scenarios_run(&sel_service_time, scenarios, ARRAY_SIZE(scenarios));
}

/* n I/Os of 4 KiB that do not end: how many of them does path i get? */
static unsigned int share(struct model *m, unsigned int n, unsigned int i)
{
	unsigned int got = 0;

	while (n--) {
		unsigned int k = (unsigned int)model_select(m, 4096);

		model_start(m, k, 4096);
		got += k == i;
	}
	return got;
}

/* rr_weight: what core says goes before the arguments, from one I/O to the
 * next. */
static void test_weights(void **state)
{
	static const char *const args[] = {"1", "50"};
	char buf[64];
	struct errmsg e;
	struct model m;

	(void)state;
	model_create(&m, &sel_service_time);
	assert_int_equal(model_add(&m, 2, args, &e), 0);
	assert_int_equal(model_add(&m, 0, NULL, &e), 0);
	m.load[0].weight = 1;
	m.load[1].weight = 3;
	assert_int_equal(share(&m, 40, 1), 30);
	sel_service_time.status(&m.s, &m.path[1], buf, sizeof(buf));
	assert_string_equal(buf, "122880 3");
	m.load[0].weight = 3; /* what it lacks to be even comes first */
	assert_int_equal(share(&m, 40, 1), 10);
	m.load[0].weight = m.load[1].weight = 0;
	assert_int_equal(share(&m, 22, 1), 0); /* 50 to 1 */
	model_destroy(&m);
}

#define SHIFT_AT (SIZE_MAX >> 7)

/*
 * Which of two paths: a is before b in the list, so b must be strictly
 * better to win.
 */
static const struct {
	const char *name;
	uint64_t bytes_a, bytes_b;
	const char *tp_a, *tp_b;
	size_t incoming;
	int want;
} pairs[] = {
	{"equal in all", 4096, 4096, "5", "5", 512, 0},
	{"same throughput, fewer bytes", 4096, 4095, "5", "5", 512, 1},
	{"same throughput, more bytes", 4096, 4097, "5", "5", 512, 0},
	{"same bytes, faster", 4096, 4096, "5", "6", 512, 1},
	{"same bytes, slower", 4096, 4096, "6", "5", 512, 0},
	{"a is 0, b busy", 0, SIZE_MAX / 2, "0", "1", 512, 1},
	{"b is 0, a busy", SIZE_MAX / 2, 0, "1", "0", 512, 0},
	{"both 0", 512, 0, "0", "0", 512, 1},
	/* (1000 + 24) * 3 = 3072 = (3048 + 24) * 1 */
	{"equal times, a is slower", 1000, 3048, "1", "3", 24, 1},
	{"equal times, a is faster", 3048, 1000, "3", "1", 24, 0},
	{"b a byte slower", 1000, 3049, "1", "3", 24, 0},
	{"a a byte faster", 3047, 1000, "3", "1", 24, 0},
	{"a a byte slower", 3049, 1000, "3", "1", 24, 1},
	/*
	 * Over the limit both sums lose 7 bits; without that, or with it on
	 * one side only, a product wraps or shrinks, and the other path wins.
	 */
	{"both over: 2^60 * 100 would wrap", 1ULL << 60, 1ULL << 63, "1",
	 "100", 0, 1},
	{"a over: 2^62 * 100 would wrap", 1ULL << 62, 1ULL << 56, "1", "100",
	 0, 1},
	{"a over: b is shifted too", 1ULL << 60, 1ULL << 56, "2", "1", 0, 1},
	{"b over: a is shifted too", 1ULL << 56, 1ULL << 60, "1", "2", 0, 0},
	{"the incoming byte counts too", (1ULL << 62) - 1, 1ULL << 56, "1",
	 "100", 1, 1},
	/*
	 * The shifted bits do not count: a's time is the shorter one by those
	 * only, so both are equal and the faster path wins.
	 */
	{"63 bytes do not count", 1ULL << 61, (1ULL << 62) + 63, "1", "2", 0,
	 1},
	{"128 bytes do", 1ULL << 61, (1ULL << 62) + 128, "1", "2", 0, 0},
	{"63 bytes count below", 1ULL << 51, (1ULL << 52) + 63, "1", "2", 0,
	 0},
	/* 3 * a is the limit but for 127 bytes; it is shifted from there on */
	{"at the limit", (SHIFT_AT >> 7) / 3 * 128, SHIFT_AT, "1", "3", 0, 1},
	{"at the limit, a", SHIFT_AT, (SHIFT_AT >> 7) / 3 * 128, "3", "1", 0,
	 0},
	{"a byte below it, a", SHIFT_AT - 1, (SHIFT_AT >> 7) / 3 * 128, "3",
	 "1", 0, 1},
	{"a byte below the limit", (SHIFT_AT >> 7) / 3 * 128, SHIFT_AT - 1,
	 "1", "3", 0, 0},
};

static void test_pairs(void **state)
{
	struct errmsg e = {.text = ""};
	struct model m;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		const char *a[] = {"1", pairs[i].tp_a};
		const char *b[] = {"1", pairs[i].tp_b};
		int got;

		model_create(&m, &sel_service_time);
		assert_int_equal(model_add(&m, 2, a, &e), 0);
		assert_int_equal(model_add(&m, 2, b, &e), 0);
		atomic_store(&m.load[0].bytes, pairs[i].bytes_a);
		atomic_store(&m.load[1].bytes, pairs[i].bytes_b);
		got = model_select(&m, pairs[i].incoming);
		if (got != pairs[i].want)
			fail_msg("%s: got path %d, expected %d", pairs[i].name,
				 got, pairs[i].want);
		model_destroy(&m);
	}
}

static void test_status(void **state)
{
	const char *fast[] = {"1", "100"};
	struct model m;

	(void)state;
	model_init(&m, &sel_service_time, 1);
	assert_int_equal(model_add(&m, 2, fast, NULL), 0);
	model_start(&m, 1, 4096);
	model_start(&m, 1, 512);
	model_check_status(&m, -1, "0");
	model_check_status(&m, 0, "0 1");
	model_check_status(&m, 1, "4608 100");
	atomic_store(&m.load[0].bytes, UINT64_MAX);
	model_check_status(&m, 0, "18446744073709551615 1");
	model_destroy(&m);
}

static const struct path_args path_args[] = {
	{0, {NULL}, 0, ""},
	{1, {"1000"}, 0, ""},
	{2, {"1", "1"}, 0, ""},
	{2, {"0", "0"}, 0, ""},
	{2, {"1", "100"}, 0, ""},
	{1, {"-1"}, -EINVAL, "service-time ps: invalid repeat count: '-1'"},
	{2, {"", "1"}, -EINVAL, "service-time ps: invalid repeat count: ''"},
	{2, {"1", "101"}, -EINVAL,
	 "service-time ps: invalid relative_throughput value: '101' "
	 "(0..100)"},
	{2, {"1", "-1"}, -EINVAL,
	 "service-time ps: invalid relative_throughput value: '-1' (0..100)"},
	{2, {"1", "1.5"}, -EINVAL,
	 "service-time ps: invalid relative_throughput value: '1.5' "
	 "(0..100)"},
	{2, {"1", "18446744073709551617"}, -EINVAL,
	 "service-time ps: invalid relative_throughput value: "
	 "'18446744073709551617' (0..100)"},
	{3, {"1", "1", "1"}, -EINVAL,
	 "service-time ps: incorrect number of arguments: 3 given, at most 2 "
	 "taken"},
};

static void test_path_args(void **state)
{
	static const char *const want[] = {"0 1", "0 1", "0 1", "0 0", "0 100"};
	struct model m;

	(void)state;
	model_create(&m, &sel_service_time);
	path_args_run(&m, path_args, ARRAY_SIZE(path_args));
	/* those that were refused are not in the list */
	assert_int_equal(m.s.nr_valid, ARRAY_SIZE(want));
	for (size_t i = 0; i < ARRAY_SIZE(want); i++)
		model_check_status(&m, (int)i, want[i]);
	model_destroy(&m);
}

/* One throughput of a path by its index; the model's are made alike. */
static const char *const tp_words[] = {"0", "1", "1", "2", "3", "10", "99",
				       "100"};
static unsigned int tp_of[MODEL_PATHS];

/*
 * The time of a path, (inflight + incoming) / throughput, with the other's
 * throughput as the common factor and room for the whole product. The shift
 * is a division.
 */
static bool st_oracle_better(const struct model *m, unsigned int a,
			     unsigned int b, size_t bytes)
{
	unsigned __int128 in_a = m->load[a].bytes, in_b = m->load[b].bytes;
	unsigned __int128 sum_a = in_a + bytes, sum_b = in_b + bytes;
	unsigned int ta = tp_of[a], tb = tp_of[b];

	if (ta == tb)
		return in_a < in_b;
	if (in_a == in_b || ta == 0 || tb == 0)
		return ta > tb;
	if (MAX(sum_a, sum_b) >= SHIFT_AT) {
		sum_a /= 128;
		sum_b /= 128;
	}
	if (sum_a * tb == sum_b * ta)
		return ta > tb;
	return sum_a * tb < sum_b * ta;
}

static unsigned int st_oracle(const struct oracle *o, const struct model *m,
			      size_t bytes)
{
	unsigned int best = 0;

	for (unsigned int i = 1; i < o->n; i++)
		if (st_oracle_better(m, o->order[i], o->order[best], bytes))
			best = i;
	return best;
}

/* Few sizes, so that times are often equal. */
static size_t size_small(uint64_t *seed)
{
	return 512 * (1 + (size_t)seed_below(seed, 4));
}

static size_t size_any(uint64_t *seed)
{
	return 1 + (size_t)seed_below(seed, 64u << 20);
}

/* Round the limit of the shift; ORACLE_DEPTH of them fit 64 bits. */
static size_t size_huge(uint64_t *seed)
{
	return SHIFT_AT - 256 + (size_t)seed_below(seed, 512);
}

static void test_random(void **state)
{
	static size_t (*const sizes[])(uint64_t *) = {size_small, size_any,
						      size_huge};
	uint64_t seed = seed_init();
	struct errmsg e;
	struct model m;

	(void)state;
	for (unsigned int i = 0; i < 300; i++) {
		struct oracle o = {.pick = st_oracle};
		unsigned int n = 1 + seed_below(&seed, 8);

		model_create(&m, &sel_service_time);
		for (unsigned int p = 0; p < n; p++) {
			const char *word = tp_words[seed_below(
				&seed, ARRAY_SIZE(tp_words))];
			const char *argv[] = {"1", word};

			tp_of[p] = (unsigned int)atoi(word);
			assert_int_equal(model_add(&m, 2, argv, &e), 0);
		}
		oracle_run(&o, &m, &seed, sizes[i % ARRAY_SIZE(sizes)], 200);
		model_destroy(&m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scenarios),
		cmocka_unit_test(test_weights),
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_path_args),
		cmocka_unit_test(test_random),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
