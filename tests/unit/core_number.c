// SPDX-License-Identifier: MIT
/* Numbers, and what looks like one. */
#include "core/number.h"

#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static const struct {
	const char *text;
	int base;
	int64_t min, max;
	int rc;
	int64_t num;
} number_cases[] = {
	{"0", 10, 0, 10, 0, 0},
	{"10", 10, 0, 10, 0, 10},
	{"0000000000000000000000000000010", 10, 0, 10, 0, 10},
	{"777", 8, 0, 0777, 0, 0777},
	{"4294967295", 10, 0, UINT32_MAX, 0, UINT32_MAX},
	{"4294967296", 10, 0, UINT32_MAX, -ERANGE, 0},
	{"99999999999999999999999999999999", 10, 0, UINT32_MAX, -ERANGE, 0},
	{"0", 10, 1, 10, -ERANGE, 0},
	{"11", 10, 1, 10, -ERANGE, 0},
	{"8", 8, 0, 10, -EINVAL, 0},
	{"", 10, 0, 10, -EINVAL, 0},
	{" 1", 10, 0, 10, -EINVAL, 0},
	{"1 ", 10, 0, 10, -EINVAL, 0},
	{"-1", 10, 0, 10, -EINVAL, 0},
	{"+1", 10, 0, 10, -EINVAL, 0},
	{"1.0", 10, 0, 10, -EINVAL, 0},
	{"1e1", 10, 0, 10, -EINVAL, 0},
	{"99999999999999999999x", 10, 0, 10, -EINVAL, 0},
};

static void test_numbers(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(number_cases); i++) {
		int64_t num = -7;
		int64_t expected =
			number_cases[i].rc ? -7 : number_cases[i].num;
		int rc = number_parse(number_cases[i].text,
				      number_cases[i].base, number_cases[i].min,
				      number_cases[i].max, &num);

		if (rc != number_cases[i].rc || num != expected)
			fail_msg("'%s': got %d, %" PRId64 "; expected %d, "
				 "%" PRId64,
				 number_cases[i].text, rc, num,
				 number_cases[i].rc, expected);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
