// SPDX-License-Identifier: MIT
/* What becomes of the words after -o. */
#include "fs/mountopt.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *list;
	int want; /* of mountopt_add() */
	const char *fuse;
	const char *config; /* NULL: none */
	const char *state_dir;
} cases[] = {
	{"", 0, "", NULL, NULL},
	{"ro,noexec", 0, "ro,noexec", NULL, NULL},
	{"rw,dev,suid,_netdev,nofail,x-systemd.automount,X-mount.mkdir", 0,
	 "rw", NULL, NULL},
	{"defaults,config=/etc/a.conf,allow_other,state_dir=/var/s", 0,
	 "allow_other", "/etc/a.conf", "/var/s"},
	{"config=/a,config=/b", 0, "", "/b", NULL},
	{"user=root,noauto", 0, "", NULL, NULL},
	{"config=a.conf", -EINVAL, NULL, NULL, NULL},
	{"config=", -EINVAL, NULL, NULL, NULL},
	{"config", -EINVAL, NULL, NULL, NULL},
	{"ro=1", -EINVAL, NULL, NULL, NULL},
	{"auto_unmount", -EINVAL, NULL, NULL, NULL},
	{"max_read=4096", -EINVAL, NULL, NULL, NULL},
	{"nonsense", -EINVAL, NULL, NULL, NULL},
};

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static void all_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct mountopt o = {0};
		struct errmsg e = {""};
		int r = mountopt_add(&o, cases[i].list, &e);

		if (r != cases[i].want ||
		    (r == 0 && (!same(o.fuse, cases[i].fuse) ||
				!same(o.config, cases[i].config) ||
				!same(o.state_dir, cases[i].state_dir))))
			fail_msg("'%s': got %d '%s' '%s' '%s'", cases[i].list,
				 r, o.fuse, o.config, o.state_dir);
		if (r < 0)
			assert_non_null(strstr(e.text, "-o "));
		mountopt_free(&o);
	}
}

static void lists_add_up(void **state)
{
	struct mountopt o = {0};
	struct errmsg e;

	(void)state;
	assert_int_equal(mountopt_add(&o, "ro", &e), 0);
	assert_int_equal(mountopt_add(&o, "noexec,noatime", &e), 0);
	assert_string_equal(o.fuse, "ro,noexec,noatime");
	mountopt_free(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_cases),
		cmocka_unit_test(lists_add_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
