// SPDX-License-Identifier: MIT
/* san_path_err as a machine (census 6.6), and what the settings make of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "core/config.h"
#include "core/shaky.h"

#define SEC NSEC_PER_SEC

static const struct shaky_rules rules = {
	.threshold = 2, .forget_rate = 3, .recovery = 60 * SEC};

/*
 * g: a good check, b: bad, t: the timer, a: no other path is left; before each
 * a second passes, 9 passes nine more, 5 fifty. In `want` what followed of each:
 * a dot, H(old) or R(elease).
 */
static const struct {
	const char *name, *events, *want;
	enum shaky_state state;
	uint64_t failures;
} cases[] = {
	{"a good path", "gggg", "....", SHAKY_GOOD, 0},
	{"a path that fails once", "gbg", "...", SHAKY_GOOD, 1},
	{"bad for long is one failure", "bbbbg", ".....", SHAKY_GOOD, 1},
	{"two are tolerated", "bgbg", "....", SHAKY_GOOD, 2},
	{"the third is not", "bgbgbg", ".....H", SHAKY_OUT, 3},
	{"each fourth good check forgets one", "bgggg", ".....", SHAKY_GOOD, 1},
	{"and not the third", "bggggg", "......", SHAKY_GOOD, 0},
	{"forgotten in time", "bgbgggggbg", "..........", SHAKY_GOOD, 2},
	{"not in time", "bgbggggbg", "........H", SHAKY_OUT, 3},
	{"all are forgotten at last", "bgbggggggggggg", "..............",
	 SHAKY_GOOD, 0},
	{"out: a check does not release before", "bgbgbg5g", ".....H..",
	 SHAKY_OUT, 3},
	{"out: the timer does", "bgbgbg59t", ".....H..R", SHAKY_GOOD, 0},
	{"out: not too early", "bgbgbg5t", ".....H..", SHAKY_OUT, 3},
	{"out: a check does when it is over", "bgbgbg59g", ".....H..R",
	 SHAKY_GOOD, 0},
	{"out: bad again, the clock begins anew", "bgbgbg5bg5t",
	 ".....H.....", SHAKY_OUT, 3},
	{"out: and runs to its end", "bgbgbg5bg59t", ".....H.....R",
	 SHAKY_GOOD, 0},
	{"out: bad for long", "bgbgbgbbb5t", ".....H.....", SHAKY_OUT_BAD, 3},
	{"out: alone", "bgbgbga", ".....HR", SHAKY_GOOD, 0},
	{"out and bad: alone is no help", "bgbgbgba", ".....H..",
	 SHAKY_OUT_BAD, 3},
	{"a good path alone", "ga", "..", SHAKY_GOOD, 0},
	{"a bad path alone", "ba", "..", SHAKY_BAD, 0},
	{"no timer without a reason", "gtbt", "....", SHAKY_BAD, 0},
	{"released: it counts from nothing", "bgbgbg59tbgbg",
	 ".....H..R....", SHAKY_GOOD, 2},
	{"and is held out again", "bgbgbgabgbgbg", ".....HR.....H",
	 SHAKY_OUT, 3},
};

static char step(struct shaky *s, char c, uint64_t *now)
{
	static const char results[] = {'.', 'H', 'R'};
	static const char letters[] = "gbta";

	if (c == '9' || c == '5') {
		*now += (c == '9' ? 9 : 50) * SEC;
		return '.';
	}
	*now += SEC;
	return results[shaky_step(
		s, &rules,
		(enum shaky_event)(strchr(letters, c) - letters), *now)];
}

static uint32_t reached; /* over all cases */

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct shaky s = {0};
		uint64_t now = 1000 * SEC;
		char got[32] = "";

		for (size_t k = 0; cases[i].events[k]; k++)
			got[k] = step(&s, cases[i].events[k], &now);
		if (strcmp(got, cases[i].want) || s.state != cases[i].state ||
		    s.failures != cases[i].failures)
			fail_msg("%s: got %s, state %d, failures %llu; "
				 "expected %s, %d, %llu",
				 cases[i].name, got, s.state,
				 (unsigned long long)s.failures, cases[i].want,
				 cases[i].state,
				 (unsigned long long)cases[i].failures);
		assert_int_equal(shaky_out(&s), s.state >= SHAKY_OUT);
		reached |= s.reached;
	}
}

/* The cases go through every row of the table. */
static void test_coverage(void **state)
{
	(void)state;
	for (int i = 0; i < SROW_COUNT; i++)
		if (!(reached & 1u << i))
			fail_msg("not reached: %s",
				 shaky_row_name((enum shaky_row)i));
}

/* To the nanosecond, and bad results move it. */
static void test_due(void **state)
{
	struct shaky s = {0};
	uint64_t now = 0;

	(void)state;
	assert_true(shaky_due(&s, &rules) == UINT64_MAX);
	for (const char *c = "bgbgbg"; *c; c++)
		step(&s, *c, &now);
	assert_int_equal(shaky_due(&s, &rules), now + 60 * SEC);
	assert_int_equal(shaky_step(&s, &rules, SHAKY_TIME,
				    now + 60 * SEC - 1), SHAKY_STAYS);
	step(&s, 'b', &now);
	assert_true(shaky_due(&s, &rules) == UINT64_MAX);
	step(&s, 'g', &now);
	assert_int_equal(shaky_due(&s, &rules), now + 60 * SEC);
	assert_int_equal(shaky_step(&s, &rules, SHAKY_TIME, now + 60 * SEC),
			 SHAKY_RELEASE);
}

static void set(struct settings *s, enum opt o, int64_t num)
{
	s->v[o].num = num;
}

/* threshold, forget_rate, recovery_time, watch, wait, max; then the rules. */
static const struct {
	int64_t in[6];
	uint64_t out[3]; /* all 0: none */
} settings[] = {
	{{0, 0, 0, 0, 0, 0}, {0}},
	{{2, 3, 60, 0, 0, 0}, {2, 3, 60}},
	{{2, 3, 0, 0, 0, 0}, {0}},
	{{2, 0, 60, 0, 0, 0}, {0}},
	{{0, 3, 60, 0, 0, 0}, {0}},
	/* the older options, in the place of those */
	{{0, 0, 0, 12, 4, 0}, {1, 12, 80}},
	{{0, 0, 0, 12, 4, 30}, {1, 12, 120}},
	{{0, 0, 0, 12, 4, 2}, {1, 12, 20}}, /* not below polling_interval */
	{{0, 0, 0, 12, 0, 0}, {0}},
	{{0, 0, 0, 0, 4, 0}, {0}},
	/* one of the newer is enough to put the older out of force */
	{{2, 3, 60, 12, 4, 0}, {2, 3, 60}},
	{{2, 0, 0, 12, 4, 0}, {0}},
	{{0, 0, 60, 12, 4, 0}, {0}},
};

static void test_settings(void **state)
{
	static const enum opt opts[] = {
		OPT_SAN_PATH_ERR_THRESHOLD, OPT_SAN_PATH_ERR_FORGET_RATE,
		OPT_SAN_PATH_ERR_RECOVERY_TIME, OPT_DELAY_WATCH_CHECKS,
		OPT_DELAY_WAIT_CHECKS, OPT_MAX_POLLING_INTERVAL};
	static struct settings s;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		const uint64_t *want = settings[i].out;
		struct shaky_rules r = {0};
		bool got;

		set(&s, OPT_POLLING_INTERVAL, 5);
		for (size_t k = 0; k < ARRAY_SIZE(opts); k++)
			set(&s, opts[k], settings[i].in[k]);
		got = shaky_rules(&s, &r);
		if (got != (want[0] != 0) || r.threshold != want[0] ||
		    r.forget_rate != want[1] || r.recovery != want[2] * SEC)
			fail_msg("row %zu: got %d: %llu %llu %llu s", i, got,
				 (unsigned long long)r.threshold,
				 (unsigned long long)r.forget_rate,
				 (unsigned long long)(r.recovery / SEC));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_coverage),
		cmocka_unit_test(test_due),
		cmocka_unit_test(test_settings),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
