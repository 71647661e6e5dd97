// SPDX-License-Identifier: MIT
/*
 * When checks are due (census 6.5): intervals are cut short and never made
 * longer, and paths that came up together end up apart.
 */
#include "tests/unit/config_fixture.h"

#include "core/monitor_private.h"
#include "core/path.h"

#define SEC NSEC_PER_SEC
#define TICKS 16 /* a second */

struct subject {
	struct volume v;
	struct path p;
};

static void init(struct subject *s, uint32_t volume, uint32_t path, int least,
		 int most)
{
	memset(s, 0, sizeof(*s));
	s->v.id = volume;
	s->p.id = path;
	s->p.volume = &s->v;
	s->v.settings.v[OPT_POLLING_INTERVAL].num = least;
	s->v.settings.v[OPT_MAX_POLLING_INTERVAL].num = most;
	s->p.check.interval = schedule_least(&s->p);
}

static const struct {
	const char *what;
	uint32_t volume, path;
	unsigned int checks[8]; /* when, in ticks; well all the time */
} lives[] = {
	/* Its moment is 0: the intervals 10 and 20 s are cut once. */
	{"0:0", 0, 0, {0, 80, 160, 320, 640, 960, 1280, 1600}},
	/* 132 ticks after whole 320. */
	{"0:1", 0, 1, {0, 52, 132, 452, 772, 1092, 1412, 1732}},
	/* 197 ticks. */
	{"1:0", 1, 0, {0, 37, 197, 517, 837, 1157, 1477, 1797}},
};

static void test_lives(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lives); i++) {
		uint64_t now = 1000 * SEC;
		struct subject s;

		init(&s, lives[i].volume, lives[i].path, 5, 20);
		for (size_t k = 1; k < 8; k++) {
			unsigned int got;

			now = schedule_at(&s.p, now, now);
			s.p.check.interval = schedule_interval(&s.p, true);
			got = (unsigned int)((now - 1000 * SEC) / (SEC / TICKS));
			if (got != lives[i].checks[k])
				fail_msg("%s, check %zu: got tick %u, expected "
					 "%u", lives[i].what, k, got,
					 lives[i].checks[k]);
		}
	}
}

/* The time that a check took is taken off, but for a second. */
static const struct {
	uint64_t took, next; /* s; the next after the end */
} pendings[] = {{0, 20}, {1, 19}, {12, 8}, {19, 1}, {20, 1}, {30, 1}};

static void test_pending(void **state)
{
	struct subject s;

	(void)state;
	init(&s, 0, 0, 5, 20);
	s.p.check.interval = 20 * SEC;
	for (size_t i = 0; i < ARRAY_SIZE(pendings); i++) {
		uint64_t start = 1000 * SEC, end = start + pendings[i].took * SEC;

		assert_int_equal(schedule_at(&s.p, end, start),
				 end + pendings[i].next * SEC);
	}
}

static void test_bounds(void **state)
{
	static const int most[] = {0, 3, 7, 20, 3600};

	(void)state;
	for (uint32_t id = 0; id < 4000; id++) {
		uint64_t now = 1000 * SEC + id * 7919 * NSEC_PER_USEC;
		struct subject s;

		init(&s, id / 8, id % 8, 3, most[id % 5]);
		for (int k = 0; k < 50; k++) {
			uint64_t due = schedule_at(&s.p, now, now);

			assert_true(due <= now + s.p.check.interval);
			assert_true(due > now);
			assert_int_equal(due % (SEC / TICKS), 0);
			/* It has found its moment: nothing is cut any more. */
			if (k > 40)
				assert_true(due > now + s.p.check.interval -
							  SEC / TICKS);
			now = due;
			s.p.check.interval = schedule_interval(&s.p, true);
		}
	}
}

/* 8,000 paths come up at once: how many are checked in one tick? */
static void test_spread(void **state)
{
	static unsigned int ticks[60 * TICKS];
	unsigned int most = 0;

	(void)state;
	memset(ticks, 0, sizeof(ticks));
	for (uint32_t id = 0; id < 8000; id++) {
		uint64_t now = 1000 * SEC;
		struct subject s;

		init(&s, id / 8, 1 + id % 8, 5, 20);
		for (;;) {
			now = schedule_at(&s.p, now, now);
			if (now >= 1060 * SEC)
				break;
			ticks[(now - 1000 * SEC) / (SEC / TICKS)]++;
			s.p.check.interval = schedule_interval(&s.p, true);
		}
	}
	for (size_t i = 40 * TICKS; i < ARRAY_SIZE(ticks); i++)
		most = MAX(most, ticks[i]);
	/* 25 on the average once all have doubled their intervals. */
	if (most > 30)
		fail_msg("%u checks in one tick", most);
	for (size_t i = 0; i < ARRAY_SIZE(ticks); i++)
		if (ticks[i] > 400) /* on the way there */
			fail_msg("%u checks in tick %zu", ticks[i], i);
}

/* What the administrator says, else the kernel, else 30 s. */
static void test_timeout(void **state)
{
	static const struct {
		const char *setting; /* NULL: not said */
		uint32_t kernel;
		uint64_t seconds;
	} rows[] = {
		{NULL, 0, 30},	 {NULL, 60, 60},     {NULL, 7, 7},
		{"auto", 60, 60}, {"auto", 0, 30},    {"30", 60, 30},
		{"90", 60, 90},	 {"86400", 0, 86400},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct subject s;
		struct setting *t = &s.v.settings.v[OPT_CHECKER_TIMEOUT];

		init(&s, 0, 0, 5, 20);
		option_builtin(OPT_CHECKER_TIMEOUT, t);
		if (rows[i].setting &&
		    option_parse(OPT_CHECKER_TIMEOUT, rows[i].setting, NULL, t,
				 NULL))
			fail_msg("row %zu: not taken", i);
		s.p.said.timeout = rows[i].kernel;
		if (schedule_timeout(&s.p) != rows[i].seconds * SEC)
			fail_msg("row %zu: got %llu ns, expected %llu s", i,
				 (unsigned long long)schedule_timeout(&s.p),
				 (unsigned long long)rows[i].seconds);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lives),
		cmocka_unit_test(test_pending),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_spread),
		cmocka_unit_test(test_timeout),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
