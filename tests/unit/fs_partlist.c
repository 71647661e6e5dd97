// SPDX-License-Identifier: MIT
/* How two lists of partitions differ, in words. */
#include "fs/partlist.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

static void test_diff(void **state)
{
	struct partition v[] = {
		{.is = {.number = 1, .start = 0, .size = 1}},
		{.is = {.number = 2, .start = 1, .size = 1}},
		{.is = {.number = 3, .start = 2, .size = 1}},
	};
	struct partition w[] = {
		{.is = {.number = 2, .start = 5, .size = 7}},
		{.is = {.number = 3, .start = 2, .size = 2}},
		{.is = {.number = 4, .start = 9, .size = 1}},
		{.is = {.number = 5, .start = 9, .size = 1}},
	};
	const struct partlist old = {.v = v, .n = 3}, new = {.v = w, .n = 4};
	const struct partlist none = {.n = 0};
	char text[PARTLIST_DIFF];

	(void)state;
	partlist_diff(&old, &new, text);
	assert_string_equal(text, "appeared: 4 5; vanished: 1; moved: 2; "
				  "resized: 3");
	partlist_diff(&old, &old, text);
	assert_string_equal(text, "");
	partlist_diff(&none, &none, text);
	assert_string_equal(text, "");
	partlist_diff(&old, &none, text);
	assert_string_equal(text, "vanished: 1 2 3");
}

static struct partition *many(uint32_t first)
{
	struct partition *v = calloc(PARTS_MAX, sizeof(*v));

	assert_non_null(v);
	for (uint32_t i = 0; i < PARTS_MAX; i++)
		v[i].is.number = first + i;
	return v;
}

/* The longest there is comes whole. */
static void test_longest(void **state)
{
	const struct partlist old = {.v = many(200), .n = PARTS_MAX};
	const struct partlist new = {
		.v = many(PART_NUMBER_MAX - PARTS_MAX + 1),
		.n = PARTS_MAX,
	};
	char text[PARTLIST_DIFF];
	const char *end = text;

	(void)state;
	partlist_diff(&old, &new, text);
	for (; *end; end++)
		;
	assert_in_range(end - text, 2000, PARTLIST_DIFF - 2);
	assert_int_equal(end[-1], '5'); /* of 455 */
	free(old.v);
	free(new.v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_diff),
		cmocka_unit_test(test_longest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
