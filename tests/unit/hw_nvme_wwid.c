// SPDX-License-Identifier: MIT
/* NVMe's WWIDs: as they are, without NULs, or refused; never cut. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "hw/vpd.h"

#define ZERO_10 "00000000000000000000"
#define BYTE_10 "41424344454647484950"

static const struct {
	const char *text;
	size_t size;
	int r;
	const char *want;
} cases[] = {
	/* fits */
	{"eui.0025385971b01234", 128, 0, "eui.0025385971b01234"},
	{"nvme.8086-4100-4200-00000001", 29, 0, "nvme.8086-4100-4200-00000001"},
	{"", 1, 0, ""},
	/* does not fit: NULs at the end of serial and model only */
	{"nvme.8086-4100-4200-00000001", 28, 0, "nvme.8086-41-42-00000001"},
	{"nvme.8086-41004200-4200-00000001", 29, 0,
	 "nvme.8086-410042-42-00000001"},
	{"nvme.8086-4000-5000-00000001", 28, 0, "nvme.8086-40-50-00000001"},
	{"nvme.8086-0000-0000-00000001", 28, 0, "nvme.8086---00000001"},
	{"nvme.0000-" BYTE_10 BYTE_10 "-4c696e7578" ZERO_10 ZERO_10 ZERO_10
	 "-00000002",
	 128, 0, "nvme.0000-" BYTE_10 BYTE_10 "-4c696e7578-00000002"},
	/* to the byte */
	{"nvme.8086-4100-4200-00000001", 25, 0, "nvme.8086-41-42-00000001"},
	{"nvme.8086-4100-4200-00000001", 24, -EOVERFLOW, NULL},
	/* no NULs: full length fields are longer than a WWID may be */
	{"nvme.8086-" BYTE_10 BYTE_10 "-" BYTE_10 BYTE_10 BYTE_10 BYTE_10
	 "-00000001",
	 128, -EOVERFLOW, NULL},
	/* of another form */
	{"eui.0025385971b00000", 20, -EOVERFLOW, NULL},
	{"nvme.808-4100-4200-00000001", 25, -EOVERFLOW, NULL},
	{"nvme.80866-4100-4200-00000001", 25, -EOVERFLOW, NULL},
	{"nvme.80g6-4100-4200-00000001", 25, -EOVERFLOW, NULL},
	{"nvme.8086-41000-42000-00000001", 28, -EOVERFLOW, NULL},
	{"nvme.8086-41g0-4200-00000001", 28, -EOVERFLOW, NULL},
	{"nvme.8086-4100-42g0-00000001", 28, -EOVERFLOW, NULL},
	{"nvme.8086-4100-4200-0000000x", 28, -EOVERFLOW, NULL},
	{"nvme.8086-4100-4200-4300-0001", 28, -EOVERFLOW, NULL},
	{"nvme.8086-4100-420000000000", 25, -EOVERFLOW, NULL},
	{"nvme.8086-41000000000000", 24, -EOVERFLOW, NULL},
	{"nvme.8086", 5, -EOVERFLOW, NULL},
	{"nvme.", 5, -EOVERFLOW, NULL},
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *ret = malloc(cases[i].size);
		int r;

		memset(ret, '?', cases[i].size);
		r = nvme_wwid(cases[i].text, ret, cases[i].size);
		if (r != cases[i].r ||
		    (r == 0 ? strcmp(ret, cases[i].want) != 0 : *ret != '?'))
			fail_msg("'%s', size %zu: got %d '%.*s', expected %d "
				 "'%s'",
				 cases[i].text, cases[i].size, r,
				 (int)cases[i].size, ret, cases[i].r,
				 cases[i].want ? cases[i].want : "");
		free(ret);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
