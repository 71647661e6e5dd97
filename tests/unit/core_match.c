// SPDX-License-Identifier: MIT
/* Patterns: anywhere in the text, turned round by '!'. */
#include "core/match.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static const struct {
	const char *pattern, *text;
	int rc; /* of match_init() */
	bool want;
} cases[] = {
	{"sd", "sdb", 0, true},
	{"sd", "nvsd0", 0, true},
	{"^sd", "nvsd0", 0, false},
	{"^(sda|sdb)$", "sdb", 0, true},
	{"^(sda|sdb)$", "sdbb", 0, false},
	{"", "anything", 0, true},
	{"!^sd", "sdb", 0, false},
	{"!^sd", "nvme0n1", 0, true},
	{"!^sd", "", 0, true},
	{"\\!x", "!x", 0, true},
	{"\\!x", "x", 0, false},
	{"\\!x", "a!x", 0, true},
	{"(", "x", -EINVAL, false},
	{"!(", "x", -EINVAL, false},
	{"[a-", "x", -EINVAL, false},
	{"\"x\"", "\"x\"", -EINVAL, false},
	{"2.5\" SSD", "2.5\" SSD", 0, true},
	{"\"", "\"", 0, true},
	{"a{2000}", "a", 0, false},
	{"a{2001}", "a", -EINVAL, false},
	{"a{99999999999999999999}", "a", -EINVAL, false},
	{"(a{44}){44}", "a", 0, false},
	{"((a{99}){99}){2}", "a", -EINVAL, false},
	{"(a{,101}){2,100}", "a", -EINVAL, false},
	{"a++++++++++", "aa", 0, true},
	{"a++++++++++++++++++++++++++++++++", "a", -EINVAL, false},
	{"a{1,}{1,}{1,}{1,}{1,}{1,}{1,}{1,}{1,}{1,}{1,}{1,}{1,}{1,}", "a",
	 -EINVAL, false},
	{"(((((((a+)+)+)+b)+)+)+)+", "aab", 0, true},
	{"a+b+c+d+e+f+g+h+i+j+k+l+m+n+o+p+q+r+s+t+u+v+w+x+y+z+", "b", 0,
	 false},
	{"[]+{999}]{999}", "a", 0, false},
	{"[[:digit:]{1999}]{2}", "12", 0, true},
	{"\\({9}\\+{9}\\){9}", "(", 0, false},
	{"a){2}", "a))", 0, true},
	{"x\\{,x-99999,5", "x{,x-99999,5", 0, true},
	{"a{2}", "aa", 0, true},
	{"a{2}", "a", 0, false},
	{"Universal Xport", "Universal Xport", 0, true},
};

static void test_cases(void **state)
{
	int bad = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct errmsg e = {""};
		struct match m;
		int rc = match_init(&m, cases[i].pattern, &e);
		bool got = rc == 0 && match_text(&m, cases[i].text);

		if (rc == 0)
			match_fini(&m);
		if (rc == cases[i].rc && got == cases[i].want &&
		    (rc == 0) == !e.text[0])
			continue;
		print_message("'%s' on '%s': got %d, %d, '%s'; expected %d, %d\n",
			      cases[i].pattern, cases[i].text, rc, got, e.text,
			      cases[i].rc, cases[i].want);
		bad++;
	}
	assert_int_equal(bad, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
