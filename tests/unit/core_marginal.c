// SPDX-License-Identifier: MIT
/* marginal_path as a machine (census 6.6). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "core/config.h"
#include "core/marginal.h"

#define SEC NSEC_PER_SEC

static const struct marginal_rules rules = {
	.double_failed = 60 * SEC, .sample = 120 * SEC, .gap = 300 * SEC,
	.rate = 10};

/*
 * f: the path fails, g: a good check, w: the sample ends well, b: badly, u: there
 * can be none, t: the timer, a: no other path is left. A second passes before
 * each; 6: sixty more, 3: three hundred. In `want`: a dot, H(old), S(ample),
 * R(elease).
 */
static const struct {
	const char *name, *events, *want;
	enum marginal_state state;
} cases[] = {
	{"a good path", "ggg", "...", MARGINAL_TRUSTED},
	{"fails once", "fggg", "....", MARGINAL_ONCE},
	{"twice in time", "fgf", "..H", MARGINAL_WAITING},
	{"twice, too far apart", "f6f", "...", MARGINAL_ONCE},
	{"the first of two is the last one then", "f6fgf", "....H",
	 MARGINAL_WAITING},
	{"sampled when it is good", "ffg", ".HS", MARGINAL_SAMPLING},
	{"not before", "fft", ".H.", MARGINAL_WAITING},
	{"failures count no more", "ffgff", ".HS..", MARGINAL_SAMPLING},
	{"well", "ffgw", ".HSR", MARGINAL_TRUSTED},
	{"and trusted from the beginning", "ffgwf", ".HSR.", MARGINAL_ONCE},
	{"badly", "ffgb", ".HS.", MARGINAL_GAP},
	{"the gap lasts", "ffgbgt", ".HS...", MARGINAL_GAP},
	{"the gap ends", "ffgb3t", ".HS...", MARGINAL_WAITING},
	{"and it is sampled again", "ffgb3tgw", ".HS...SR",
	 MARGINAL_TRUSTED},
	{"no sample now", "ffgu", ".HS.", MARGINAL_WAITING},
	{"later", "ffgug", ".HS.S", MARGINAL_SAMPLING},
	{"alone: waiting", "ffa", ".HR", MARGINAL_TRUSTED},
	{"alone: sampling", "ffga", ".HSR", MARGINAL_TRUSTED},
	{"alone: gap", "ffgba", ".HS.R", MARGINAL_TRUSTED},
	{"alone: a trusted one", "a", ".", MARGINAL_TRUSTED},
	{"alone: once", "fa", "..", MARGINAL_ONCE},
};

static char step(struct marginal *s, char c, uint64_t *now)
{
	static const char results[] = {'.', 'H', 'S', 'R'};
	struct sampled sampled = {.reads = 1000, .errors = c == 'b' ? 11 : 10};
	enum marginal_event ev = c == 'f' ? MARGINAL_FAILED :
				 c == 'g' ? MARGINAL_GOOD :
				 c == 'u' ? MARGINAL_UNABLE :
				 c == 't' ? MARGINAL_TIME :
				 c == 'a' ? MARGINAL_ALONE :
					    MARGINAL_SAMPLED;

	if (c == '6' || c == '3') {
		*now += (c == '6' ? 60 : 300) * SEC;
		return '.';
	}
	*now += SEC;
	return results[marginal_step(s, &rules, ev,
				     ev == MARGINAL_SAMPLED ? &sampled : NULL,
				     *now)];
}

static uint32_t reached; /* over all cases */

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct marginal s = {0};
		uint64_t now = 1000 * SEC;
		char got[32] = "";

		for (size_t k = 0; cases[i].events[k]; k++)
			got[k] = step(&s, cases[i].events[k], &now);
		if (strcmp(got, cases[i].want) || s.state != cases[i].state)
			fail_msg("%s: got %s, state %d; expected %s, %d",
				 cases[i].name, got, s.state, cases[i].want,
				 cases[i].state);
		assert_int_equal(marginal_out(&s),
				 s.state >= MARGINAL_WAITING);
		reached |= s.reached;
	}
}

/* The cases go through every row of the table. */
static void test_coverage(void **state)
{
	(void)state;
	for (int i = 0; i < MROW_COUNT; i++)
		if (!(reached & 1u << i))
			fail_msg("not reached: %s",
				 marginal_row_name((enum marginal_row)i));
}

/* Where the line is: errors x 1000 / reads against the threshold. */
static void test_rate(void **state)
{
	static const struct {
		uint64_t reads, errors;
		bool well;
	} rows[] = {
		{0, 0, true},	   {1, 0, true},	{1, 1, false},
		{99, 1, false},	   {100, 1, true},	{38400, 384, true},
		{38400, 385, false}, {38400, 38400, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct marginal s = {.state = MARGINAL_SAMPLING};
		const struct sampled sum = {rows[i].reads, rows[i].errors};
		bool got = marginal_step(&s, &rules, MARGINAL_SAMPLED, &sum,
					 SEC) == MARGINAL_RELEASE;

		if (got != rows[i].well)
			fail_msg("%llu of %llu: got well %d",
				 (unsigned long long)sum.errors,
				 (unsigned long long)sum.reads, got);
	}
}

/* Exactly double_failed_time apart is in time; the gap is exact. */
static void test_times(void **state)
{
	struct marginal s = {0};
	const struct sampled bad = {1, 1};

	(void)state;
	marginal_step(&s, &rules, MARGINAL_FAILED, NULL, SEC);
	assert_true(marginal_due(&s, &rules) == UINT64_MAX);
	assert_int_equal(marginal_step(&s, &rules, MARGINAL_FAILED, NULL,
				       61 * SEC), MARGINAL_HOLD);
	marginal_step(&s, &rules, MARGINAL_GOOD, NULL, 62 * SEC);
	marginal_step(&s, &rules, MARGINAL_SAMPLED, &bad, 200 * SEC);
	assert_int_equal(marginal_due(&s, &rules), 500 * SEC);
	marginal_step(&s, &rules, MARGINAL_TIME, NULL, 500 * SEC - 1);
	assert_int_equal(s.state, MARGINAL_GAP);
	marginal_step(&s, &rules, MARGINAL_TIME, NULL, 500 * SEC);
	assert_int_equal(s.state, MARGINAL_WAITING);
	s = (struct marginal){0};
	marginal_step(&s, &rules, MARGINAL_FAILED, NULL, SEC);
	marginal_step(&s, &rules, MARGINAL_FAILED, NULL, 61 * SEC + 1);
	assert_int_equal(s.state, MARGINAL_ONCE);
}

/* All four must be set. */
static void test_settings(void **state)
{
	static const enum opt opts[] = {
		OPT_MARGINAL_PATH_DOUBLE_FAILED_TIME,
		OPT_MARGINAL_PATH_ERR_SAMPLE_TIME,
		OPT_MARGINAL_PATH_ERR_RECHECK_GAP_TIME,
		OPT_MARGINAL_PATH_ERR_RATE_THRESHOLD};
	static struct settings s;
	struct marginal_rules r;

	(void)state;
	for (unsigned int set = 0; set < 16; set++) {
		for (unsigned int k = 0; k < 4; k++)
			s.v[opts[k]].num = set & 1 << k ? 120 + k : 0;
		assert_int_equal(marginal_rules(&s, &r), set == 15);
	}
	assert_int_equal(r.double_failed, 120 * SEC);
	assert_int_equal(r.sample, 121 * SEC);
	assert_int_equal(r.gap, 122 * SEC);
	assert_int_equal(r.rate, 123);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_coverage),
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_settings),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
