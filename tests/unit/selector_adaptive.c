// SPDX-License-Identifier: MIT
/*
 * adaptive: strangers, pace, silence, probes and their bounds, its status, an
 * oracle in 128-bit arithmetic, and what it is for: two paths of which one is
 * four times slower, beside the other selectors.
 */
#include "tests/unit/selector_race.h"

#include <inttypes.h>
#include "selectors/selectors.h"

#define US NSEC_PER_USEC
#define MS NSEC_PER_MSEC

/* One I/O of 4 KiB on path i that takes ns, with nothing beside it. */
static void one_io(struct model *m, unsigned int i, uint64_t ns)
{
	uint64_t start;

	model_start(m, i, 4096);
	start = m->now;
	model_end_at(m, i, 4096, start, start + ns);
}

/* Every path has been seen: path i takes ns[i]. */
static void seen(struct model *m, unsigned int n, const uint64_t *ns)
{
	model_init(m, &sel_adaptive, n);
	for (unsigned int i = 0; i < n; i++)
		one_io(m, i, ns[i]);
}

static const struct scenario scenarios[] = {
	{"no path", 0, {NULL}, STEPS(PICK(-1))},
	{"strangers first", 3, {NULL},
	 STEPS(IO(0, 4096), IO(1, 4096), END(0, 4096), IO(2, 4096))},
	{"strangers that are busy: the fewest", 2, {NULL},
	 STEPS(IO(0, 4096), IO(1, 4096), IO(0, 4096), IO(1, 65536),
	       PICK(0))},
	{"equals take turns", 2, {NULL},
	 STEPS(IO(0, 4096), END(0, 4096), IO(1, 4096), END(1, 4096), PICK(0),
	       PICK(1), PICK(0))},
	{"a reinstated path is a stranger again", 2, {NULL},
	 STEPS(IO(0, 4096), END(0, 4096), IO(1, 4096), END(1, 4096), FAIL(1),
	       BACK(1), PICK(1), PICK(1), IO(1, 4096), END(1, 4096), PICK(0))},
	{"back with I/O in flight", 2, {NULL},
	 STEPS(IO(0, 4096), FAIL(0), BACK(0), IO(1, 4096), END(0, 4096),
	       PICK(0))},
};

static void test_scenarios(void **state)
{
	(void)state;
	scenarios_run(&sel_adaptive, scenarios, ARRAY_SIZE(scenarios));
}

/* A pace is of 4 KiB, whatever the size of the I/O that showed it. */
static void test_pace(void **state)
{
	static const struct {
		size_t bytes;
		uint64_t ns;
		const char *status;
	} rows[] = {
		{4096, 1000, "1000 0"},	 {0, 1000, "2000 0"},
		{65536, 8500, "1000 0"}, {4096, 0, "1 0"},
		{SIZE_MAX, 1000, "1 0"}, {512, UINT64_MAX / 2, "2147483648 0"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct model m;
		uint64_t start;

		model_init(&m, &sel_adaptive, 1);
		model_check_status(&m, 0, "0 0");
		model_check_status(&m, -1, "0");
		model_start(&m, 0, rows[i].bytes);
		start = m.now;
		model_end_at(&m, 0, rows[i].bytes, start, start + rows[i].ns);
		model_check_status(&m, 0, rows[i].status);
		model_destroy(&m);
	}
}

/* An eighth of the difference; pipelined I/O counts from the end before. */
static void test_average(void **state)
{
	struct model m;
	uint64_t t;

	(void)state;
	model_init(&m, &sel_adaptive, 1);
	one_io(&m, 0, 8000);
	one_io(&m, 0, 16000);
	model_check_status(&m, 0, "9000 0");
	one_io(&m, 0, 1000);
	model_check_status(&m, 0, "8000 0");
	model_start(&m, 0, 4096);
	model_start(&m, 0, 4096);
	t = m.now;
	model_end_at(&m, 0, 4096, t, t + 8000);
	model_end_at(&m, 0, 4096, t, t + 8000 + 16000);
	model_check_status(&m, 0, "9000 0");
	/* it arrives, in spite of the rounding */
	for (int i = 0; i < 200; i++)
		one_io(&m, 0, 9003);
	model_check_status(&m, 0, "9003 0");
	model_destroy(&m);
}

/* Four times faster: four times as much in flight, and it is preferred. */
static void test_shares(void **state)
{
	static const uint64_t ns[] = {100 * US, 400 * US};
	unsigned int used[2] = {0};
	struct model m;

	(void)state;
	seen(&m, 2, ns);
	for (int i = 0; i < 3; i++)
		assert_int_equal(model_select(&m, 4096), 0);
	for (int i = 0; i < 50; i++) {
		int p = model_select(&m, 4096);

		used[p]++;
		model_start(&m, (unsigned int)p, 4096);
	}
	assert_int_equal(used[0], 40);
	assert_int_equal(used[1], 10);
	model_destroy(&m);
}

/* A path that stalls costs what it has kept us waiting. */
static void test_silence(void **state)
{
	static const uint64_t ns[] = {100 * US, 400 * US};
	struct model m;

	(void)state;
	seen(&m, 2, ns);
	model_start(&m, 0, 4096);
	m.now += 300 * US;
	assert_int_equal(model_select(&m, 4096), 0);
	m.now += 200 * US;
	assert_int_equal(model_select(&m, 4096), 1);
	/* its end ends that */
	model_end_at(&m, 0, 4096, m.now - 100 * US, m.now);
	assert_int_equal(model_select(&m, 4096), 0);
	model_destroy(&m);
}

/* The slow one is idle: when is it tried again? */
static void test_probe(void **state)
{
	static const struct {
		uint64_t slow, wait;
	} rows[] = {
		{150 * US, 10 * MS},	 /* not less */
		{1 * MS, 64 * MS},
		{100 * MS, 6400 * MS},
		{1000 * MS, 10000 * MS}, /* not more */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const uint64_t ns[] = {10 * US, rows[i].slow};
		struct model m;
		uint64_t end;

		seen(&m, 2, ns);
		end = m.now;
		while (m.now < end + rows[i].wait - 2 * US) {
			model_start(&m, 0, 4096);
			model_end_at(&m, 0, 4096, m.now,
				     MIN(m.now + 10 * US + rows[i].wait / 1000,
					 end + rows[i].wait - 2 * US));
			assert_int_equal(model_select(&m, 4096), 0);
		}
		m.now = end + rows[i].wait;
		model_start(&m, 0, 4096);
		assert_int_equal(model_select(&m, 0), 0); /* a flush: no */
		assert_int_equal(model_select(&m, 4096), 1);
		assert_int_equal(model_select(&m, 4096), 0); /* only once */
		model_start(&m, 1, 4096);
		m.now += 10 * MS;
		model_end_at(&m, 0, 4096, m.now - 10 * US, m.now);
		assert_int_equal(model_select(&m, 4096), 0); /* not idle */
		model_destroy(&m);
	}
}

/*
 * What the oracle knows. It has the formula of the cost as it is written down,
 * without a limit on any product.
 */
static struct history {
	uint64_t pace, progress, probe_at;
	unsigned int out;
} history[MODEL_PATHS];
static uint64_t group_pace;

static uint64_t average(uint64_t old, uint64_t fresh)
{
	__int128 diff = (__int128)fresh - (__int128)old;

	if (!old)
		return fresh;
	/* away from zero */
	return (uint64_t)(old + (diff + (diff > 0 ? 7 : -7)) / 8);
}

static unsigned __int128 units(unsigned __int128 bytes, unsigned int ios)
{
	return bytes / 512 + 8 * ios;
}

static void oracle_start(unsigned int i, uint64_t now)
{
	if (!history[i].out++)
		history[i].progress = now;
}

static void oracle_end(unsigned int i, size_t bytes, uint64_t start,
		       uint64_t now)
{
	struct history *h = &history[i];
	uint64_t from = h->progress > start ? h->progress : start;
	uint64_t ns = now > from ? now - from : 0, again = 64 * ns;
	uint64_t pace = (uint64_t)(ns * (unsigned __int128)16 /
				   units(bytes, 1));

	pace = pace ? pace : 1;
	h->out--;
	h->progress = now;
	again = again < 10 * MS ? 10 * MS : again;
	h->probe_at = now + (again > 10000 * MS ? 10000 * MS : again);
	group_pace = average(group_pace, pace);
	h->pace = average(h->pace, pace);
}

static unsigned __int128 cost(const struct model *m, unsigned int i,
			      size_t bytes)
{
	const struct history *h = &history[i];
	unsigned __int128 work = units(bytes, 1) + units(m->load[i].bytes,
							 m->load[i].ios);
	uint64_t pace = h->pace, silence = m->now - h->progress;
	unsigned __int128 ns;

	if (!pace && !h->out)
		return 0;
	if (!pace)
		pace = group_pace ? group_pace : 1 * MS;
	ns = work * pace / 16;
	return h->out && ns < silence ? silence : ns;
}

static unsigned int ad_oracle(const struct oracle *o, const struct model *m,
			      size_t bytes)
{
	unsigned int best = 0;

	for (unsigned int i = 0; i < o->n; i++) {
		struct history *h = &history[o->order[i]];

		if (!bytes || !h->pace || m->load[o->order[i]].ios ||
		    m->now < h->probe_at)
			continue;
		h->probe_at = m->now + 10 * MS;
		return i;
	}
	for (unsigned int i = 1; i < o->n; i++)
		if (cost(m, o->order[i], bytes) <
		    cost(m, o->order[best], bytes))
			best = i;
	return best;
}

static void random_step(struct oracle *o, struct model *m, uint64_t *seed)
{
	unsigned int p = seed_below(seed, m->n);
	size_t bytes = (size_t)seed_below(seed, 5) * 2048;
	int got, want;

	if (seed_below(seed, 16) == 0) {
		if (!m->valid[p])
			history[p].pace = 0;
		oracle_flip(o, m, p);
	}
	if (m->load[p].ios && seed_below(seed, 3)) {
		uint64_t ns = (uint64_t)seed_below(seed, 1000)
			      << (p % 4 * 3 + seed_below(seed, 10));
		uint64_t now = m->now + ns;

		/* all I/Os are counted as of one size: any may end */
		model_end_at(m, p, 2048, now - ns / 2, now);
		oracle_end(p, 2048, now - ns / 2, now);
	}
	m->now++; /* as model_select() does */
	want = oracle_select(o, m, bytes);
	m->now--;
	got = model_select(m, bytes);
	if (got != want)
		fail_msg("%u paths: got %d, expected %d", m->n, got, want);
	if (got >= 0 && seed_below(seed, 4)) {
		model_start(m, (unsigned int)got, 2048);
		oracle_start((unsigned int)got, m->now);
	}
}

static void test_random(void **state)
{
	uint64_t seed = seed_init();
	struct model m;

	(void)state;
	for (unsigned int i = 0; i < 200; i++) {
		struct oracle o = {.pick = ad_oracle};

		memset(history, 0, sizeof(history));
		group_pace = 0;
		model_init(&m, &sel_adaptive, 1 + seed_below(&seed, 6));
		while (o.n < m.n) {
			o.order[o.n] = o.n;
			o.n++;
		}
		for (unsigned int k = 0; k < 300; k++)
			random_step(&o, &m, &seed);
		model_destroy(&m);
	}
}

/*
 * Two paths, the second four times slower. The best: one at a time, the fast
 * path alone; where more are in flight than it takes at once, the sum of both;
 * where a path takes any number at once (it is far, not narrow), all on the
 * near one. The last: the paths change places half way.
 */
static const struct {
	struct race r;
	/* at least; at most */
	double ours, rr, st;
} races[] = {
	{{"one at a time", {{100000, 0, 1}, {400000, 0, 1}}, 1, 1, 20000, 0,
	  1.0 / 100000}, 0.9, 0.6, 0.6},
	{{"16 at a time", {{100000, 0, 1}, {400000, 0, 1}}, 4, 4, 20000, 0,
	  1.25 / 100000}, 0.95, 0.6, 1.01},
	{{"16 at a time, far", {{100000, 0, 64}, {400000, 0, 64}}, 4, 4, 20000,
	  0, 16.0 / 100000}, 0.9, 0.7, 0.8},
	{{"one at a time, places change", {{100000, 0, 1}, {400000, 0, 1}}, 1,
	  1, 20000, 10000, 1.0 / 100000}, 0.85, 0.6, 0.6},
};

static void test_races(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(races); i++) {
		const struct race *r = &races[i].r;

		assert_true(race(r, &sel_adaptive) > races[i].ours);
		assert_true(race(r, &sel_round_robin) < races[i].rr);
		assert_true(race(r, &sel_service_time) < races[i].st);
		race(r, &sel_historical_service_time);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scenarios),
		cmocka_unit_test(test_pace),
		cmocka_unit_test(test_average),
		cmocka_unit_test(test_shares),
		cmocka_unit_test(test_silence),
		cmocka_unit_test(test_probe),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_races),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
