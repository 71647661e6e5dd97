// SPDX-License-Identifier: MIT
/*
 * historical-service-time: its weights, its average, each branch of its
 * comparison, arguments and status, and an oracle that is the comparison as a
 * signed number, in 128-bit arithmetic.
 */
#include "tests/unit/selector_model.h"

#include <errno.h>
#include <inttypes.h>
#include "selectors/selectors.h"

/* Of base 972, period by period. */
static const unsigned int weights[64] = {
	972, 923, 876, 832, 790, 750, 712, 676, 642, 609,
	578, 549, 522, 495, 470, 446, 423, 402, 382, 362,
	344, 327, 310, 294, 280, 265, 252, 239, 227, 216,
	205, 194, 184, 175, 166, 158, 150, 142, 135, 128,
	122, 115, 110, 104, 99, 94, 89, 84, 80, 76,
	72, 69, 65, 62, 59, 56, 53, 50, 48, 45,
	43, 41, 39, 0,
};

/* hst, outstanding, stale_after, read back from the status. */
struct words {
	uint64_t hst, out, stale;
};

static struct words words_of(const struct model *m, unsigned int i)
{
	struct words w;
	char buf[128];

	m->s.ops->status(&m->s, &m->path[i], buf, sizeof(buf));
	if (sscanf(buf, "%" SCNu64 " %" SCNu64 " %" SCNu64, &w.hst, &w.out,
		   &w.stale) != 3)
		fail_msg("status '%s'", buf);
	return w;
}

/* An I/O on path i that takes ns and ends ns after now. */
static void one_io(struct model *m, unsigned int i, uint64_t ns)
{
	uint64_t start;

	model_start(m, i, 4096);
	start = m->now;
	model_end_at(m, i, 4096, start, start + ns);
}

/* The average after a service of that long, by its definition. */
static uint64_t average(uint64_t hst, uint64_t service, unsigned int weight)
{
	unsigned __int128 limit = ((unsigned __int128)1 << 54) - 1;
	unsigned __int128 fresh = (unsigned __int128)service * 1024;

	fresh = MIN(fresh, limit);
	return (uint64_t)((hst * (unsigned __int128)weight +
			   fresh * (1024 - weight) + 512) / 1024);
}

static unsigned int weight_of(uint64_t service)
{
	return weights[MIN(service / 16777216, 63)];
}

static void test_weights(void **state)
{
	(void)state;
	for (uint64_t period = 0; period < 70; period++) {
		for (uint64_t odd = 0; odd < 2; odd++) {
			uint64_t ns = period * 16777216 + odd * 16777215;
			uint64_t want = average(1024, ns, weight_of(ns));
			struct model m;
			struct words w;

			model_init(&m, &sel_historical_service_time, 3);
			one_io(&m, 1, ns);
			w = words_of(&m, 1);
			if (w.hst != want)
				fail_msg("%" PRIu64 " ns: got %" PRIu64
					 ", expected %" PRIu64,
					 ns, w.hst, want);
			assert_int_equal(w.stale, m.now + 3 * (want / 1024));
			model_destroy(&m);
		}
	}
}

/* 512 is a half: exact powers. 0: the last I/O is all. */
static void test_base_weight(void **state)
{
	static const char *const half[] = {"512"}, *const none[] = {"0"};
	struct errmsg e;
	struct model m;

	(void)state;
	for (unsigned int period = 0; period < 10; period++) {
		uint64_t ns = period * 16777216ULL + 1000;

		model_create_args(&m, &sel_historical_service_time, 1, half);
		assert_int_equal(model_add(&m, 0, NULL, &e), 0);
		one_io(&m, 0, ns);
		assert_int_equal(words_of(&m, 0).hst,
				 average(1024, ns, 512u >> period));
		model_destroy(&m);
	}
	model_create_args(&m, &sel_historical_service_time, 1, none);
	assert_int_equal(model_add(&m, 0, NULL, &e), 0);
	one_io(&m, 0, 5000);
	one_io(&m, 0, 300);
	assert_int_equal(words_of(&m, 0).hst, 300 * 1024);
	model_destroy(&m);
}

/* One after the other: what overlapped the I/O before does not count. */
static void test_serial(void **state)
{
	uint64_t t, hst;
	struct model m;

	(void)state;
	model_init(&m, &sel_historical_service_time, 1);
	for (int i = 0; i < 3; i++)
		model_start(&m, 0, 4096);
	t = m.now;
	model_end_at(&m, 0, 4096, t, t + 1000);
	hst = average(1024, 1000, 972);
	assert_int_equal(words_of(&m, 0).hst, hst);
	model_end_at(&m, 0, 4096, t, t + 1700);
	hst = average(hst, 700, 972);
	assert_int_equal(words_of(&m, 0).hst, hst);
	/* a clock that does not move, or an odd start: no time */
	model_end_at(&m, 0, 4096, t + 9000, t + 1700);
	hst = average(hst, 0, 972);
	assert_int_equal(words_of(&m, 0).hst, hst);
	/* as long as there is */
	model_start(&m, 0, 4096);
	model_end_at(&m, 0, 4096, 0, UINT64_MAX / 2);
	assert_int_equal(words_of(&m, 0).hst, (1ULL << 54) - 1);
	model_destroy(&m);
}

/* It is rounded, not cut. */
static void test_rounding(void **state)
{
	uint64_t hst = 1024;
	struct model m;

	(void)state;
	model_init(&m, &sel_historical_service_time, 1);
	for (uint64_t ns = 1; ns < 50; ns++) {
		one_io(&m, 0, ns * 37);
		hst = average(hst, ns * 37, 972);
		assert_int_equal(words_of(&m, 0).hst, hst);
	}
	model_destroy(&m);
}

/*
 * Both busy with as much, neither stale: which is chosen of the first, which
 * takes 1000 ns, and the second?
 */
static const struct {
	const char *multiplier;
	unsigned int out;
	uint64_t second;
	int want;
} ties[] = {
	{"1", 1, 1000, 0}, /* equal is not over: by what is in flight */
	{"0", 1, 1000, 1}, /* any is over: and equal times are the later's */
	{"0", 1, 1001, 0},
	{"0", 1, 999, 1},
	{"0", 2000, 1001, 0}, /* in bits that a shift would lose */
};

static void test_ties(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ties); i++) {
		const char *argv[] = {"972", ties[i].multiplier};
		struct errmsg e;
		struct model m;
		int got;

		model_create_args(&m, &sel_historical_service_time, 2, argv);
		for (unsigned int p = 0; p < 2; p++)
			assert_int_equal(model_add(&m, 0, NULL, &e), 0);
		for (unsigned int p = 0; p < 2; p++)
			model_start(&m, p, 4096);
		model_end_at(&m, 0, 4096, m.now, m.now + 1000);
		model_end_at(&m, 1, 4096, m.now - ties[i].second, m.now);
		atomic_store(&m.load[0].ios, ties[i].out);
		atomic_store(&m.load[1].ios, ties[i].out);
		got = model_select(&m, 4096);
		if (got != ties[i].want)
			fail_msg("case %zu: got %d, expected %d", i + 1, got,
				 ties[i].want);
		model_destroy(&m);
	}
}

static const struct scenario scenarios[] = {
	{"no path", 0, {NULL}, STEPS(PICK(-1))},
	{"strangers take turns", 3, {NULL},
	 STEPS(IO(0, 512), IO(1, 512), IO(2, 512), IO(0, 512), IO(1, 512))},
	{"a reinstated path is the last", 3, {NULL},
	 STEPS(FAIL(0), BACK(0), PICK(1), PICK(2), PICK(0))},
	{"a fail does not reset what is out", 2, {NULL},
	 STEPS(IO(0, 512), FAIL(0), BACK(0), IO(1, 512), PICK(0))},
};

static void test_scenarios(void **state)
{
	(void)state;
	scenarios_run(&sel_historical_service_time, scenarios,
		      ARRAY_SIZE(scenarios));
}

/* What the oracle knows of a path, and the rule's parameters. */
static struct history {
	uint64_t hst, stale, finish;
} history[MODEL_PATHS];
static uint64_t multiplier;

static void oracle_end(const struct model *m, unsigned int i, uint64_t start,
		       uint64_t now)
{
	struct history *h = &history[i];
	uint64_t from = start > h->finish ? start : h->finish;
	uint64_t ns = from < now ? now - from : 0;

	h->hst = average(h->hst, ns, weight_of(ns));
	h->finish = now;
	h->stale = now + m->s.nr_valid * (h->hst / 1024);
}

/* Negative: p is better than q. */
static __int128 compare(const struct model *m, unsigned int p, unsigned int q)
{
	const struct history *hp = &history[p], *hq = &history[q];
	uint64_t now = m->now;
	__int128 small = MIN(hp->hst, hq->hst), large = MAX(hp->hst, hq->hst);
	__int128 out_p = m->load[p].ios, out_q = m->load[q].ios;
	__int128 by_out = out_p - out_q, cost_p, cost_q;
	bool q_wins;

	if (large <= small * multiplier)
		return by_out;
	if ((out_p == 0 && hp->stale < now) ||
	    (out_q == 0 && hq->stale < now) ||
	    (out_p == 0 && out_q == 0)) {
		/* the one that has never ended anything: see the selector */
		__int128 stale_p = MAX(hp->stale, 1);
		__int128 stale_q = MAX(hq->stale, 1);

		return (out_q == 0 ? stale_p : 0) - (out_p == 0 ? stale_q : 0);
	}
	cost_p = (1 + out_p) * hp->hst;
	cost_q = (1 + out_q) * hq->hst;
	q_wins = out_p == out_q ? hq->hst < hp->hst : cost_q < cost_p;
	if ((q_wins ? hq->stale : hp->stale) < now)
		return by_out;
	return q_wins ? 1 : -1;
}

static unsigned int hst_oracle(const struct oracle *o, const struct model *m,
			       size_t bytes)
{
	unsigned int best = 0;

	(void)bytes;
	for (unsigned int i = 1; i < o->n; i++)
		if (compare(m, o->order[i], o->order[best]) < 0)
			best = i;
	return best;
}

/* Times of many sizes, so that averages, staleness and multipliers matter. */
static uint64_t random_ns(uint64_t *seed, unsigned int path)
{
	return (uint64_t)seed_below(seed, 1000) << (path % 4 * 3 +
						    seed_below(seed, 12));
}

static void random_step(struct oracle *o, struct model *m, uint64_t *seed)
{
	unsigned int p = seed_below(seed, m->n);
	int got, want;

	if (seed_below(seed, 16) == 0)
		oracle_flip(o, m, p);
	if (m->load[p].ios && seed_below(seed, 3)) {
		uint64_t now = m->now + random_ns(seed, p);
		uint64_t start = now - MIN(now, random_ns(seed, p));

		model_end_at(m, p, 512, start, now);
		oracle_end(m, p, start, now);
	}
	m->now++; /* as model_select() does */
	want = oracle_select(o, m, 512);
	m->now--;
	got = model_select(m, 512);
	if (got != want)
		fail_msg("%u paths, multiplier %u: got %d, expected %d", m->n,
			 (unsigned int)multiplier, got, want);
	if (got >= 0 && seed_below(seed, 4))
		model_start(m, (unsigned int)got, 512);
}

static void test_random(void **state)
{
	static const char *const words[] = {"0", "1", "2", "10"};
	uint64_t seed = seed_init();
	struct errmsg e;
	struct model m;

	(void)state;
	for (unsigned int i = 0; i < 200; i++) {
		const char *argv[] = {"972", words[i % 4]};
		struct oracle o = {.pick = hst_oracle};
		unsigned int n = 1 + seed_below(&seed, 6);

		multiplier = (uint64_t)atoi(argv[1]);
		model_create_args(&m, &sel_historical_service_time, 2, argv);
		for (unsigned int p = 0; p < n; p++) {
			assert_int_equal(model_add(&m, 0, NULL, &e), 0);
			history[p] = (struct history){.hst = 1024};
			o.order[o.n++] = p;
		}
		for (unsigned int k = 0; k < 300; k++)
			random_step(&o, &m, &seed);
		model_destroy(&m);
	}
}

/* Products that would not fit 64 bits. */
static void test_shift(void **state)
{
	struct model m;

	(void)state;
	model_init(&m, &sel_historical_service_time, 2);
	model_start(&m, 0, 512);
	model_end_at(&m, 0, 512, 0, 1ULL << 50);
	model_start(&m, 1, 512);
	model_end_at(&m, 1, 512, (1ULL << 50) - (1ULL << 40), 1ULL << 50);
	/* Neither stale nor idle: 1025 * 2^54 against 1024 * 2^50. The first
	 * would wrap to 2^54. */
	atomic_store(&m.load[0].ios, 1024);
	atomic_store(&m.load[1].ios, 1023);
	assert_int_equal(model_select(&m, 512), 1);
	atomic_store(&m.load[0].ios, 0);
	atomic_store(&m.load[1].ios, 0);
	model_destroy(&m);
}

static void test_status(void **state)
{
	static const char *const argv[] = {"1000", "3"};
	struct errmsg e;
	struct model m;

	(void)state;
	model_init(&m, &sel_historical_service_time, 1);
	model_check_status(&m, -1, "2 972 0");
	model_check_status(&m, 0, "1024 0 0");
	model_start(&m, 0, 512);
	model_check_status(&m, 0, "1024 1 0");
	model_destroy(&m);
	model_create_args(&m, &sel_historical_service_time, 2, argv);
	assert_int_equal(model_add(&m, 0, NULL, &e), 0);
	model_check_status(&m, -1, "2 1000 3");
	model_destroy(&m);
}

static const struct {
	const char *text;
	const char *error; /* NULL: good */
} args[] = {
	{"historical-service-time 1 0", NULL},
	{"historical-service-time 1 1023", NULL},
	{"historical-service-time 2 972 4294967295", NULL},
	{"historical-service-time 1 1024",
	 "historical-service-time ps: invalid base_weight value: '1024' "
	 "(0..1023)"},
	{"historical-service-time 1 -1",
	 "historical-service-time ps: invalid base_weight value: '-1' "
	 "(0..1023)"},
	{"historical-service-time 2 1 x",
	 "historical-service-time ps: invalid threshold_multiplier value: 'x' "
	 "(0..4294967295)"},
	{"historical-service-time 2 1 4294967296",
	 "historical-service-time ps: invalid threshold_multiplier value: "
	 "'4294967296' (0..4294967295)"},
	{"historical-service-time 3 1 1 1",
	 "historical-service-time ps: incorrect number of arguments: 3 given, "
	 "at most 2 taken"},
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_weights),
		cmocka_unit_test(test_base_weight),
		cmocka_unit_test(test_serial),
		cmocka_unit_test(test_rounding),
		cmocka_unit_test(test_ties),
		cmocka_unit_test(test_scenarios),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_shift),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_args),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
