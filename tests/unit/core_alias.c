// SPDX-License-Identifier: MIT
/* User friendly names: ids to names and back, their order, what is a name. */
#include "core/alias.h"

#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "tests/unit/seed.h"

/* 120, 121, 126 and 127 bytes. */
#define X10 "xxxxxxxxxx"
#define X120 X10 X10 X10 X10 X10 X10 X10 X10 X10 X10 X10 X10
#define X121 X120 "x"
#define X126 X120 "xxxxxx"
#define X127 X120 "xxxxxxx"

static void test_format(void **state)
{
	static const struct {
		const char *prefix;
		int id, rc;
		const char *want;
	} rows[] = {
		{"mpath", 1, 0, "mpatha"},
		{"mpath", 2, 0, "mpathb"},
		{"mpath", 25, 0, "mpathy"},
		{"mpath", 26, 0, "mpathz"},
		{"mpath", 27, 0, "mpathaa"},
		{"mpath", 28, 0, "mpathab"},
		{"mpath", 52, 0, "mpathaz"},
		{"mpath", 53, 0, "mpathba"},
		{"mpath", 676, 0, "mpathyz"},
		{"mpath", 677, 0, "mpathza"},
		{"mpath", 702, 0, "mpathzz"},
		{"mpath", 703, 0, "mpathaaa"},
		{"mpath", 704, 0, "mpathaab"},
		{"mpath", 18278, 0, "mpathzzz"},
		{"mpath", 18279, 0, "mpathaaaa"},
		{"mpath", 475254, 0, "mpathzzzz"},
		{"mpath", 475255, 0, "mpathaaaaa"},
		{"mpath", 12356630, 0, "mpathzzzzz"},
		{"mpath", 12356631, 0, "mpathaaaaaa"},
		{"mpath", 321272406, 0, "mpathzzzzzz"},
		{"mpath", 321272407, 0, "mpathaaaaaaa"},
		{"mpath", INT_MAX - 1, 0, "mpathfxshrxv"},
		{"mpath", INT_MAX, 0, "mpathfxshrxw"},
		{"mpath", 0, -ERANGE, ""},
		{"mpath", -1, -ERANGE, ""},
		{"mpath", INT_MIN, -ERANGE, ""},
		{"", 3, 0, "c"},
		{"san-", 30, 0, "san-ad"},
		{"Lun_7.", 1, 0, "Lun_7.a"},
		{X126, 1, 0, X126 "a"},
		{X126, 27, -ENAMETOOLONG, ""},
		{X127, 1, -ENAMETOOLONG, ""},
		{X120, INT_MAX, 0, X120 "fxshrxw"},
		{X121, INT_MAX, -ENAMETOOLONG, ""},
	};
	int bad = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char got[NAME_SIZE] = "";
		int r = alias_format(rows[i].prefix, rows[i].id, got);

		if (r == rows[i].rc && strcmp(got, rows[i].want) == 0)
			continue;
		print_message("%s, %d: got %d '%s'; expected %d '%s'\n",
			      rows[i].prefix, rows[i].id, r, got, rows[i].rc,
			      rows[i].want);
		bad++;
	}
	assert_int_equal(bad, 0);
}

static void test_parse(void **state)
{
	enum { UNTOUCHED = -7 };
	static const struct {
		const char *prefix, *alias;
		int rc, want;
	} rows[] = {
		{"mpath", "mpatha", 0, 1},
		{"mpath", "mpathz", 0, 26},
		{"mpath", "mpathaa", 0, 27},
		{"mpath", "mpathaz", 0, 52},
		{"mpath", "mpathzy", 0, 701},
		{"mpath", "mpathzz", 0, 702},
		{"mpath", "mpathaaa", 0, 703},
		{"mpath", "mpathzzzzz", 0, 12356630},
		{"mpath", "mpathfxshrxv", 0, INT_MAX - 1},
		{"mpath", "mpathfxshrxw", 0, INT_MAX},
		{"mpath", "mpathfxshrxx", -ERANGE, UNTOUCHED},
		{"mpath", "mpathfxshrya", -ERANGE, UNTOUCHED},
		{"mpath", "mpathzzzzzzz", -ERANGE, UNTOUCHED},
		{"mpath", "mpathaaaaaaaa", -ERANGE, UNTOUCHED},
		/* 2^32 + 1 and 2^64 + 1 must not come round to 1 */
		{"mpath", "mpathmwlqkww", -ERANGE, UNTOUCHED},
		{"mpath", "mpathgkgwbylwrxtlpq", -ERANGE, UNTOUCHED},
		{"mpath", "mpathzzzzzzzzzzzzzzzzzzzzzzzzzz", -ERANGE,
		 UNTOUCHED},
		{"mpath", "mpathzzzzzzzzzzzzzzz1", -EINVAL, UNTOUCHED},
		{"mpath", "", -EINVAL, UNTOUCHED},
		{"mpath", "m", -EINVAL, UNTOUCHED},
		{"mpath", "mpat", -EINVAL, UNTOUCHED},
		{"mpath", "mpath", -EINVAL, UNTOUCHED},
		{"mpath", "Mpatha", -EINVAL, UNTOUCHED},
		{"mpath", "xmpatha", -EINVAL, UNTOUCHED},
		{"mpath", "lunaa", -EINVAL, UNTOUCHED},
		{"mpath", "mpathA", -EINVAL, UNTOUCHED},
		{"mpath", "mpathaB", -EINVAL, UNTOUCHED},
		{"mpath", "mpath1", -EINVAL, UNTOUCHED},
		{"mpath", "mpatha1", -EINVAL, UNTOUCHED},
		{"mpath", "mpath-a", -EINVAL, UNTOUCHED},
		{"mpath", "mpatha-b", -EINVAL, UNTOUCHED},
		{"mpath", "mpath a", -EINVAL, UNTOUCHED},
		{"mpath", "mpatha ", -EINVAL, UNTOUCHED},
		{"mpath", "mpatha\n", -EINVAL, UNTOUCHED},
		{"mpath", "mpath`", -EINVAL, UNTOUCHED},
		{"mpath", "mpath{", -EINVAL, UNTOUCHED},
		{"mpath", "mpath\xc3\xa4", -EINVAL, UNTOUCHED},
		{"mpath", "3600a098038303634", -EINVAL, UNTOUCHED},
		{"", "a", 0, 1},
		{"", "mpatha", 0, 161800809},
		{"", "", -EINVAL, UNTOUCHED},
		{"mpatha", "mpathab", 0, 2},
		{"san-", "san-ad", 0, 30},
		{X126, X126 "a", 0, 1},
		{X126, X126 "aa", -ENAMETOOLONG, UNTOUCHED},
		{"mpath", X127 "y", -ENAMETOOLONG, UNTOUCHED},
	};
	int bad = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int got = UNTOUCHED;
		int r = alias_parse(rows[i].prefix, rows[i].alias, &got);

		if (r == rows[i].rc && got == rows[i].want)
			continue;
		print_message("'%s' of %s: got %d, %d; expected %d, %d\n",
			      rows[i].alias, rows[i].prefix, r, got,
			      rows[i].rc, rows[i].want);
		bad++;
	}
	assert_int_equal(bad, 0);
}

static void expect_back(int id)
{
	char name[NAME_SIZE];
	int back = 0;

	assert_int_equal(alias_format("lun", id, name), 0);
	assert_int_equal(alias_parse("lun", name, &back), 0);
	if (back != id)
		fail_msg("id %d: '%s' is %d", id, name, back);
}

/* Every id there and back, and names ordered as their ids are. */
static void test_bijective(void **state)
{
	uint64_t seed = seed_init();
	char a[NAME_SIZE], b[NAME_SIZE];

	(void)state;
	for (int id = 1; id <= 20000; id++) {
		expect_back(id);
		expect_back(INT_MAX - id + 1);
	}
	for (int i = 0; i < 20000; i++) {
		int x = 1 + (int)seed_below(&seed, INT_MAX);
		int y = 1 + (int)(seed_next(&seed) % INT_MAX) %
				    (1 << (1 + seed_below(&seed, 30)));

		expect_back(x);
		expect_back(y);
		assert_int_equal(alias_format("lun", x, a), 0);
		assert_int_equal(alias_format("lun", y, b), 0);
		if ((alias_compare(a, b) < 0) != (x < y) ||
		    (alias_compare(b, a) < 0) != (y < x))
			fail_msg("%d '%s', %d '%s': wrong order", x, a, y, b);
	}
}

static void test_order(void **state)
{
	static const struct {
		const char *a, *b;
		int want; /* its sign */
	} rows[] = {
		{"mpatha", "mpatha", 0},   {"mpatha", "mpathb", -1},
		{"mpathb", "mpatha", 1},   {"mpathz", "mpathaa", -1},
		{"mpathaa", "mpathz", 1},  {"mpathaz", "mpathba", -1},
		{"mpathzz", "mpathaaa", -1}, {"mpathaaa", "mpathzz", 1},
		{"luna", "mpatha", -1},	   {"lunaaa", "mpatha", -1},
		{"lunaaaa", "mpatha", 1},  {"", "a", -1},
		{"a", "", 1},		   {"", "", 0},
		{"B", "a", -1},		   {"\xc3\xa4", "az", 1},
	};
	int bad = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int got = alias_compare(rows[i].a, rows[i].b);

		got = (got > 0) - (got < 0);
		if (got == rows[i].want)
			continue;
		print_message("'%s', '%s': got %d, expected %d\n", rows[i].a,
			      rows[i].b, got, rows[i].want);
		bad++;
	}
	assert_int_equal(bad, 0);
}

static void test_check(void **state)
{
	static const struct {
		const char *name;
		bool alias, wwid;
		const char *reason;
	} rows[] = {
		{"mpatha", true, true, NULL},
		{"3600508b400105e210000900000490000", true, true, NULL},
		{"1ATA_disk#7", true, true, NULL},
		{"eui.0025385b71b0b4f6", true, true, NULL},
		{"a", true, true, NULL},
		{X127, true, true, NULL},
		{X127 "x", false, false, "longer"},
		{"", false, false, "empty"},
		{".", false, false, "directory"},
		{"..", false, false, "directory"},
		{"a/b", false, false, "'/'"},
		{"a b", false, false, "blank"},
		{"a\tb", false, false, "blank"},
		{"a\n", false, false, "blank"},
		{"a\1", false, false, "control"},
		{"#a", false, false, "'#'"},
		{"-a", false, false, "'-'"},
		{"paths", false, true, "reserved"},
		{"by-wwid", false, true, "reserved"},
		{"events", false, true, "reserved"},
	};
	int bad = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct errmsg e = {""};
		int a = alias_check(rows[i].name, &e);
		int w = wwid_check(rows[i].name, NULL);

		if (a == (rows[i].alias ? 0 : -EINVAL) &&
		    w == (rows[i].wwid ? 0 : -EINVAL) &&
		    (rows[i].alias || strstr(e.text, rows[i].reason)))
			continue;
		print_message("'%s': got %d, %d, '%s'; expected %d, %d, %s\n",
			      rows[i].name, a, w, e.text, rows[i].alias,
			      rows[i].wwid, rows[i].alias ? "" : rows[i].reason);
		bad++;
	}
	assert_int_equal(bad, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_bijective),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_check),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
