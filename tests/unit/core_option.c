// SPDX-License-Identifier: MIT
/* The option table: what each option takes, refuses and is by default. */
#include "core/config.h"

#include <errno.h>
#include <grp.h>
#include <inttypes.h>
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <cmocka.h>
#include "core/number.h"
#include "tests/unit/fake_registry.h"

static const struct good_case {
	enum opt o;
	const char *text;
	int64_t num;
	const char *canonical;
} good_cases[] = {
	{OPT_VERBOSITY, "0", 0, "0"},
	{OPT_VERBOSITY, "6", 6, "6"},
	{OPT_LANES, "auto", 0, "auto"},
	{OPT_LANES, "1", 1, "1"},
	{OPT_LANES, "16", 16, "16"},
	{OPT_CACHE, "auto", CACHE_AUTO, "auto"},
	{OPT_CACHE, "direct", CACHE_DIRECT, "direct"},
	{OPT_CACHE, "writethrough", CACHE_WRITETHROUGH, "writethrough"},
	{OPT_PATH_SELECTOR, "round-robin 0", 0, "round-robin 0"},
	{OPT_PATH_SELECTOR, "round-robin", 0, "round-robin 0"},
	{OPT_PATH_SELECTOR, " queue-length \t 1  x ", 0, "queue-length 1 x"},
	{OPT_PATH_GROUPING_POLICY, "failover", POLICY_FAILOVER, "failover"},
	{OPT_PATH_GROUPING_POLICY, "multibus", POLICY_MULTIBUS, "multibus"},
	{OPT_PATH_GROUPING_POLICY, "group_by_prio", POLICY_GROUP_BY_PRIO,
	 "group_by_prio"},
	{OPT_NO_PATH_RETRY, "fail", NO_PATH_FAIL, "fail"},
	{OPT_NO_PATH_RETRY, "0", NO_PATH_FAIL, "fail"},
	{OPT_NO_PATH_RETRY, "queue", NO_PATH_QUEUE, "queue"},
	{OPT_NO_PATH_RETRY, "1", 1, "1"},
	{OPT_NO_PATH_RETRY, "012", 12, "12"},
	{OPT_NO_PATH_RETRY, "100000", 100000, "100000"},
	{OPT_FAILBACK, "manual", FAILBACK_MANUAL, "manual"},
	{OPT_FAILBACK, "immediate", FAILBACK_IMMEDIATE, "immediate"},
	{OPT_FAILBACK, "86400", 86400, "86400"},
	{OPT_POLLING_INTERVAL, "1", 1, "1"},
	{OPT_POLLING_INTERVAL, "86400", 86400, "86400"},
	{OPT_MAX_POLLING_INTERVAL, "auto", 0, "auto"},
	{OPT_MAX_POLLING_INTERVAL, "20", 20, "20"},
	{OPT_CHECKER_TIMEOUT, "30", 30, "30"},
	{OPT_PATH_CHECKER, "none", 0, "none"},
	{OPT_REPLAY_WRITES, "wait", REPLAY_WAIT, "wait"},
	{OPT_REPLAY_WRITES, "quarantine", REPLAY_QUARANTINE, "quarantine"},
	{OPT_MODE, "660", 0660, "0660"},
	{OPT_MODE, "0", 0, "0000"},
	{OPT_MODE, "0777", 0777, "0777"},
	{OPT_UID, "0", 0, "0"},
	{OPT_UID, "root", 0, "root"},
	{OPT_UID, "4294967294", 4294967294, "4294967294"},
	{OPT_GID, "root", 0, "root"},
	{OPT_GID, "4711", 4711, "4711"},
	{OPT_WWID, "3600a098038303634722b4d59646c4436", 0,
	 "3600a098038303634722b4d59646c4436"},
};

static void test_good(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(good_cases); i++) {
		const struct good_case *c = &good_cases[i];
		struct setting s = {.origin = ORIGIN_LIVE, .where = "here"};
		struct errmsg e = {""};
		int rc = option_parse(c->o, c->text, &fake_registry, &s, &e);

		if (rc || s.num != c->num || strcmp(s.text, c->canonical) != 0)
			fail_msg("%s '%s': got %d, %" PRId64 ", '%s' (%s); "
				 "expected 0, %" PRId64 ", '%s'",
				 option_info(c->o)->name, c->text, rc, s.num,
				 s.text, e.text, c->num, c->canonical);
		assert_int_equal(s.origin, ORIGIN_LIVE);
		assert_string_equal(s.where, "here");
	}
}

/* What is canonical is taken again and stays what it is. */
static void test_canonical_again(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(good_cases); i++) {
		const struct good_case *c = &good_cases[i];
		struct setting s = {0};

		assert_int_equal(option_parse(c->o, c->canonical,
					      &fake_registry, &s, NULL),
				 0);
		assert_int_equal(s.num, c->num);
		assert_string_equal(s.text, c->canonical);
	}
}

#define TEXT_127                                                               \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"     \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct bad_case {
	enum opt o;
	const char *text;
	const char *reason; /* after "NAME: 'TEXT': " */
} bad_cases[] = {
	{OPT_VERBOSITY, "7", "0 to 6"},
	{OPT_VERBOSITY, "", "0 to 6"},
	{OPT_VERBOSITY, "+1", "0 to 6"},
	{OPT_VERBOSITY, "1 ", "0 to 6"},
	{OPT_VERBOSITY, "0x1", "0 to 6"},
	{OPT_LANES, "0", "auto or 1 to 16"},
	{OPT_LANES, "17", "auto or 1 to 16"},
	{OPT_LANES, "AUTO", "auto or 1 to 16"},
	{OPT_CACHE, "none", "auto, direct or writethrough"},
	{OPT_CACHE, "1", "auto, direct or writethrough"},
	{OPT_PATH_SELECTOR, "random",
	 "there is no such selector; there are: round-robin, queue-length, "
	 "service-time"},
	{OPT_PATH_SELECTOR, "",
	 "there is no such selector; there are: round-robin, queue-length, "
	 "service-time"},
	{OPT_PATH_SELECTOR, "round-robin 2 x", "fake: arguments"},
	{OPT_PATH_SELECTOR, "round-robin 1 ;x",
	 "longer than 124 bytes, or a word of it begins with ';'"},
	{OPT_PATH_SELECTOR, "round-robin 1 " TEXT_127,
	 "longer than 124 bytes, or a word of it begins with ';'"},
	{OPT_PATH_SELECTOR, "round-robin\n0", "has a control character in it"},
	{OPT_PATH_GROUPING_POLICY, "group_by_serial",
	 "failover, multibus or group_by_prio"},
	{OPT_NO_PATH_RETRY, "-1", "fail, queue or retries, 1 to 100000"},
	{OPT_NO_PATH_RETRY, "100001", "fail, queue or retries, 1 to 100000"},
	{OPT_NO_PATH_RETRY, "18446744073709551617",
	 "fail, queue or retries, 1 to 100000"},
	{OPT_NO_PATH_RETRY, "queue ", "fail, queue or retries, 1 to 100000"},
	{OPT_FAILBACK, "0", "manual, immediate or seconds, 1 to 86400"},
	{OPT_FAILBACK, "soon", "manual, immediate or seconds, 1 to 86400"},
	{OPT_POLLING_INTERVAL, "0", "seconds, 1 to 86400"},
	{OPT_POLLING_INTERVAL, "86401", "seconds, 1 to 86400"},
	{OPT_POLLING_INTERVAL, "5s", "seconds, 1 to 86400"},
	{OPT_MAX_POLLING_INTERVAL, "0", "auto or seconds, 1 to 86400"},
	{OPT_CHECKER_TIMEOUT, "0", "seconds, 1 to 86400"},
	{OPT_PATH_CHECKER, "tur",
	 "there is no such checker; there are: directio, none"},
	{OPT_REPLAY_WRITES, "never", "wait or quarantine"},
	{OPT_MODE, "888", "octal, 0 to 0777"},
	{OPT_MODE, "01000", "octal, 0 to 0777"},
	{OPT_MODE, "rw", "octal, 0 to 0777"},
	{OPT_UID, "nobody-of-that-name", "there is no such user"},
	{OPT_UID, "4294967295", "a user's name or number"},
	{OPT_UID, "", "a user's name or number"},
	{OPT_UID, "-1", "there is no such user"},
	{OPT_GID, "nobody-of-that-name", "there is no such group"},
	{OPT_WWID, "", "not a name: empty"},
	{OPT_WWID, "a/b", "not a name: has '/' or ']' in it"},
	{OPT_WWID, "a b",
	 "not a name: has a blank or a control character in it"},
};

static void test_bad(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bad_cases); i++) {
		const struct bad_case *c = &bad_cases[i];
		struct setting s = {.num = 42, .text = "kept"};
		struct errmsg e = {""};
		char expected[sizeof(e.text)];
		int rc = option_parse(c->o, c->text, &fake_registry, &s, &e);

		snprintf(expected, sizeof(expected), "%s: '%.128s': %s",
			 option_info(c->o)->name, c->text, c->reason);
		if (rc != -EINVAL || strcmp(e.text, expected) != 0)
			fail_msg("got %d, \"%s\"; expected %d, \"%s\"", rc,
				 e.text, -EINVAL, expected);
		if (s.num != 42 || strcmp(s.text, "kept") != 0)
			fail_msg("%s: '%s' was refused and changed the "
				 "setting",
				 option_info(c->o)->name, c->text);
		assert_int_equal(
			option_parse(c->o, c->text, &fake_registry, &s, NULL),
			-EINVAL);
	}
}

/* A control file takes up to 4096 bytes: the reason must survive that. */
static void test_long_text(void **state)
{
	char text[4097];
	struct setting s;
	struct errmsg e;
	int o;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (o = 0; o < OPT_COUNT; o++) {
		int rc = option_parse(o, text, &fake_registry, &s, &e);
		size_t len = strlen(e.text);

		if (rc != -EINVAL || len < 130 || len > 300 ||
		    e.text[len - 1] == 'x')
			fail_msg("%s: got %d, \"%s\"", option_info(o)->name, rc,
				 e.text);
	}
}

static void test_any_name_without_registry(void **state)
{
	struct setting s;

	(void)state;
	assert_int_equal(
		option_parse(OPT_PATH_SELECTOR, "mine", NULL, &s, NULL), 0);
	assert_string_equal(s.text, "mine 0");
	assert_int_equal(option_parse(OPT_PATH_CHECKER, "mine", NULL, &s, NULL),
			 0);
	assert_string_equal(s.text, "mine");
}

static void test_table(void **state)
{
	int o, other;

	(void)state;
	for (o = 0; o < OPT_COUNT; o++) {
		const struct option_info *info = option_info(o);

		assert_non_null(info->name);
		assert_non_null(info->builtin);
		assert_true(info->words && *info->words);
		assert_int_equal(option_find(info->name), o);
		/* It stands somewhere, and what is live belongs to a volume. */
		assert_true(info->defaults || info->volume);
		assert_true(!info->live || info->volume);
		for (other = 0; other < o; other++)
			assert_string_not_equal(info->name,
						option_info(other)->name);
	}
	assert_int_equal(option_find("path"), -1);
	assert_int_equal(option_find(""), -1);
	assert_int_equal(option_find("Verbosity"), -1);
}

static void test_live(void **state)
{
	static const char *const live[] = {
		"path_selector",
		"path_grouping_policy",
		"no_path_retry",
		"failback",
		"polling_interval",
		"max_polling_interval",
		"checker_timeout",
		"path_checker",
		"replay_writes",
		"mode",
		"uid",
		"gid",
	};
	size_t i, n = 0;
	int o;

	(void)state;
	for (o = 0; o < OPT_COUNT; o++)
		n += option_info(o)->live;
	assert_int_equal(n, ARRAY_SIZE(live));
	for (i = 0; i < ARRAY_SIZE(live); i++)
		assert_true(option_info(option_find(live[i]))->live);
}

static const struct {
	enum opt o;
	int64_t num;
	const char *text;
} builtin_cases[] = {
	{OPT_VERBOSITY, 2, "2"},
	{OPT_LANES, 0, "auto"},
	{OPT_CACHE, CACHE_AUTO, "auto"},
	{OPT_PATH_SELECTOR, 0, "service-time 0"},
	{OPT_PATH_GROUPING_POLICY, POLICY_FAILOVER, "failover"},
	{OPT_NO_PATH_RETRY, NO_PATH_FAIL, "fail"},
	{OPT_FAILBACK, FAILBACK_MANUAL, "manual"},
	{OPT_POLLING_INTERVAL, 5, "5"},
	{OPT_MAX_POLLING_INTERVAL, 0, "auto"},
	{OPT_CHECKER_TIMEOUT, 30, "30"},
	{OPT_PATH_CHECKER, 0, "directio"},
	{OPT_REPLAY_WRITES, REPLAY_WAIT, "wait"},
	{OPT_MODE, 0660, "0660"},
	{OPT_WWID, 0, ""},
};

static void test_builtin(void **state)
{
	size_t i;

	(void)state;
	/* All but uid and gid. */
	assert_int_equal(ARRAY_SIZE(builtin_cases), OPT_COUNT - 2);
	for (i = 0; i < ARRAY_SIZE(builtin_cases); i++) {
		enum opt o = builtin_cases[i].o;
		struct setting s;

		memset(&s, 0xa5, sizeof(s));
		option_builtin(o, &s);
		if (s.num != builtin_cases[i].num ||
		    strcmp(s.text, builtin_cases[i].text) != 0)
			fail_msg("%s: got %" PRId64 ", '%s'; expected %" PRId64
				 ", '%s'",
				 option_info(o)->name, s.num, s.text,
				 builtin_cases[i].num, builtin_cases[i].text);
		assert_string_equal(s.text, option_info(o)->builtin);
		assert_int_equal(s.origin, ORIGIN_BUILTIN);
		assert_string_equal(s.where, "");
	}
}

static void assert_builtin(enum opt o, int64_t num, const char *text)
{
	struct setting s;

	option_builtin(o, &s);
	if (s.num != num || (text && strcmp(s.text, text) != 0))
		fail_msg("%s: got %" PRId64 ", '%s'; expected %" PRId64
			 ", '%s'",
			 option_info(o)->name, s.num, s.text, num,
			 text ? text : "");
}

/* root:disk, but a daemon of another user can give its files to itself only. */
static void test_builtin_ids(void **state)
{
	const struct group *disk = getgrnam("disk");
	int64_t gid = disk ? disk->gr_gid : 0;

	(void)state;
	if (geteuid() != 0) {
		assert_builtin(OPT_UID, geteuid(), NULL);
		assert_builtin(OPT_GID, getegid(), NULL);
		return;
	}
	assert_builtin(OPT_UID, 0, getpwuid(0) ? "root" : "0");
	assert_builtin(OPT_GID, gid, disk ? "disk" : "0");
	assert_int_equal(setegid(4711), 0);
	assert_int_equal(seteuid(4711), 0);
	assert_builtin(OPT_UID, 4711, "4711");
	assert_builtin(OPT_GID, 4711, "4711");
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(setegid(0), 0);
}

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
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_canonical_again),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_long_text),
		cmocka_unit_test(test_any_name_without_registry),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_live),
		cmocka_unit_test(test_builtin),
		cmocka_unit_test(test_builtin_ids),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_numbers),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
