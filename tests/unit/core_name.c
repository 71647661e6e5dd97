// SPDX-License-Identifier: MIT
/* What may name a volume or a path. */
#include "core/config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define TEXT_127                                                               \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"     \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct {
	const char *name;
	bool path, volume; /* may it name one? */
} name_cases[] = {
	{"a", true, true},
	{"sda", true, true},
	{"nvme.1234-56", true, true},
	{"a:b=c;d#e", true, true},
	{"\xc3\xa4", true, true},
	{TEXT_127, true, true},
	{TEXT_127 "a", false, false},
	{"", false, false},
	{".", false, false},
	{"..", false, false},
	{"...", true, true},
	{"-a", false, false},
	{";a", false, false},
	{"a-", true, true},
	{"a/b", false, false},
	{"/", false, false},
	{"a]", false, false},
	{"a b", false, false},
	{"a\tb", false, false},
	{"a\n", false, false},
	{"a\x7f", false, false},
	{"status", true, false},
	{"status.json", true, false},
	{"events", true, false},
	{"metrics", true, false},
	{"config", true, false},
	{"daemon", true, false},
	{"control", true, false},
	{"by-wwid", true, false},
	{"paths", true, false},
	{"candidates", true, false},
	{"Status", true, true},
};

static void test_names(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(name_cases); i++) {
		const char *name = name_cases[i].name;
		struct errmsg e = {""};
		int path = path_name_check(name, &e);
		int volume = volume_name_check(name, &e);

		if (path != (name_cases[i].path ? 0 : -EINVAL) ||
		    volume != (name_cases[i].volume ? 0 : -EINVAL))
			fail_msg("'%s': got path %d, volume %d; expected %d, "
				 "%d",
				 name, path, volume, name_cases[i].path,
				 name_cases[i].volume);
		if (volume < 0 && !e.text[0])
			fail_msg("'%s': refused without a reason", name);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
