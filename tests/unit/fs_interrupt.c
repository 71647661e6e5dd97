// SPDX-License-Identifier: MIT
/*
 * Who is being killed: the texts of /proc/TID/status, and processes that there
 * are, that there are no more, and that cannot be looked at. What a killed one
 * does to its request is tests/mount/nopath.t's.
 */
#include "fs/interrupt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static const struct {
	const char *text;
	bool want;
} texts[] = {
	{"Name:\tdd\nSigPnd:\t0000000000000000\nShdPnd:\t0000000000000000\n",
	 false},
	{"Name:\tdd\nSigPnd:\t0000000000000100\nShdPnd:\t0000000000000000\n",
	 true},
	{"Name:\tdd\nSigPnd:\t0000000000000000\nShdPnd:\t0000000000000100\n",
	 true},
	{"Name:\tdd\nSigPnd:\t0000000000002000\nShdPnd:\t0000000000004200\n",
	 false}, /* SIGALRM; SIGTERM and SIGUSR1 */
	{"Name:\tdd\nSigPnd:\t0000000000006300\nShdPnd:\t0000000000000000\n",
	 true},
	{"", false},
};

static void all_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		bool got = interrupt_kill_pending(texts[i].text);

		if (got != texts[i].want)
			fail_msg("text %zu: got %d, expected %d", i, got,
				 texts[i].want);
	}
}

static void nobody_kills_us(void **state)
{
	(void)state;
	assert_false(interrupt_killed((uint32_t)getpid()));
}

static void who_is_gone_is_as_good_as_killed(void **state)
{
	pid_t pid = fork();

	(void)state;
	if (pid == 0)
		_exit(0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_true(interrupt_killed((uint32_t)pid));
}

/* Somebody of another pid name space. */
static void who_has_no_number_is_not_known_to_be_killed(void **state)
{
	(void)state;
	assert_false(interrupt_killed(0));
}

static void without_a_descriptor_nobody_is_known_to_be_killed(void **state)
{
	struct rlimit old, none;
	bool killed;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	none = (struct rlimit){0, old.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	killed = interrupt_killed((uint32_t)getpid());
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_false(killed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_texts),
		cmocka_unit_test(nobody_kills_us),
		cmocka_unit_test(who_is_gone_is_as_good_as_killed),
		cmocka_unit_test(who_has_no_number_is_not_known_to_be_killed),
		cmocka_unit_test(
			without_a_descriptor_nobody_is_known_to_be_killed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
