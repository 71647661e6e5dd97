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
	{OPT_CHECKER_TIMEOUT, "auto", 30, "auto"},
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
	{OPT_FAILBACK, "followover", FAILBACK_FOLLOWOVER, "followover"},
	{OPT_PATH_GROUPING_POLICY, "group_by_tpg", POLICY_GROUP_BY_TPG,
	 "group_by_tpg"},
	{OPT_PRIO_ARGS, "", 0, ""},
	{OPT_PRIO_ARGS, " hbtl  1:.* 10 ", 0, "hbtl 1:.* 10"},
	{OPT_HARDWARE_HANDLER, "0", 0, "0"},
	{OPT_HARDWARE_HANDLER, " 2 emc  1", 2, "2 emc 1"},
	{OPT_FEATURES, "3 queue_if_no_path pg_init_retries 50", 0,
	 "3 queue_if_no_path pg_init_retries 50"},
	{OPT_FEATURES, "2 queue_mode bio", 0, "2 queue_mode bio"},
	{OPT_SAN_PATH_ERR_THRESHOLD, "off", 0, "no"},
	{OPT_SAN_PATH_ERR_THRESHOLD, "3", 3, "3"},
	{OPT_MARGINAL_PATH_ERR_SAMPLE_TIME, "120", 120, "120"},
	{OPT_MARGINAL_PATHGROUPS, "on", true, "on"},
	{OPT_FIND_MULTIPATHS, "off", FIND_OFF, "no"},
	{OPT_FIND_MULTIPATHS, "on", FIND_ON, "yes"},
	{OPT_FIND_MULTIPATHS_TIMEOUT, "-86400", -86400, "-86400"},
	{OPT_FIND_MULTIPATHS_TIMEOUT, "10", 10, "10"},
	{OPT_ALLOW_USB_DEVICES, "1", true, "yes"},
	{OPT_UID_ATTRIBUTE, "ID_SERIAL", 0, "ID_SERIAL"},
	{OPT_UID_ATTRS, "sd:ID_SERIAL  nvme:ID_WWN", 0,
	 "sd:ID_SERIAL nvme:ID_WWN"},
	{OPT_ALIAS_PREFIX, "san", 0, "san"},
	{OPT_FLUSH_ON_LAST_DEL, "yes", FLUSH_ALWAYS, "always"},
	{OPT_FLUSH_ON_LAST_DEL, "no", FLUSH_UNUSED, "unused"},
	{OPT_FAST_IO_FAIL_TMO, "off", TMO_OFF, "off"},
	{OPT_FAST_IO_FAIL_TMO, "0", 0, "0"},
	{OPT_DEV_LOSS_TMO, "infinity", UINT32_MAX, "infinity"},
	{OPT_DEV_LOSS_TMO, "4294967295", UINT32_MAX, "infinity"},
	{OPT_DEV_LOSS_TMO, "4294967294", 4294967294, "4294967294"},
	{OPT_EH_DEADLINE, "unset", TMO_UNSET, "unset"},
	{OPT_RESERVATION_KEY, "file", 0, "file"},
	{OPT_RESERVATION_KEY, "0x123abc:aptpl", 0, "0x123abc:aptpl"},
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
	{OPT_PATH_GROUPING_POLICY, "group_by_name",
	 "failover, multibus, group_by_prio, group_by_serial, "
	 "group_by_node_name or group_by_tpg"},
	{OPT_PRIO_ARGS, "a ;b",
	 "longer than 126 bytes, or a word of it begins with ';'"},
	{OPT_HARDWARE_HANDLER, "alua", "0, or COUNT NAME [ARGUMENT...]"},
	{OPT_HARDWARE_HANDLER, "1", "says 1 words, but there are 0"},
	{OPT_HARDWARE_HANDLER, "1 alua x", "says 1 words, but there are 2"},
	{OPT_HARDWARE_HANDLER, "0 alua", "says 0 words, but there are 1"},
	{OPT_FEATURES, "", "begins with how many words follow, 0 to 8"},
	{OPT_FEATURES, "1", "says 1 words, but there are 0"},
	{OPT_FEATURES, "1 no_such", "there is no feature 'no_such'"},
	{OPT_FEATURES, "2 pg_init_retries 0",
	 "pg_init_retries wants a number, 1 to 50"},
	{OPT_FEATURES, "2 pg_init_retries 51",
	 "pg_init_retries wants a number, 1 to 50"},
	{OPT_FEATURES, "1 pg_init_retries",
	 "pg_init_retries wants a number, 1 to 50"},
	{OPT_FEATURES, "2 pg_init_delay_msecs 60001",
	 "pg_init_delay_msecs wants a number, 0 to 60000"},
	{OPT_FEATURES, "2 queue_mode tape", "queue_mode wants bio, rq or mq"},
	{OPT_SAN_PATH_ERR_THRESHOLD, "-1", "no or failures, 1 to 100000"},
	{OPT_MARGINAL_PATH_ERR_SAMPLE_TIME, "119",
	 "no or seconds, 120 to 86400"},
	{OPT_MARGINAL_PATH_ERR_RATE_THRESHOLD, "1001",
	 "no or errors in a thousand reads, 1 to 1000"},
	{OPT_MARGINAL_PATHGROUPS, "fpin", "off or on"},
	{OPT_FIND_MULTIPATHS, "lazy", "strict, no, yes, greedy or smart"},
	{OPT_FIND_MULTIPATHS_TIMEOUT, "-86401",
	 "seconds, -86400 to 86400"},
	{OPT_FIND_MULTIPATHS_TIMEOUT, "--1", "seconds, -86400 to 86400"},
	{OPT_FIND_MULTIPATHS_TIMEOUT, "-", "seconds, -86400 to 86400"},
	{OPT_UID_ATTRIBUTE, "ID_A ID_B",
	 "auto, none or the name of a udev property"},
	{OPT_UID_ATTRIBUTE, "", "auto, none or the name of a udev property"},
	{OPT_UID_ATTRS, "sd", "'sd' is not PREFIX:PROPERTY"},
	{OPT_UID_ATTRS, "sd:ID_SERIAL :x", "':x' is not PREFIX:PROPERTY"},
	{OPT_UID_ATTRS, "sd: nvme:ID_WWN", "'sd:' is not PREFIX:PROPERTY"},
	{OPT_ALIAS_PREFIX, "a/b", "not a name: has '/' or ']' in it"},
	{OPT_ALIAS, "paths", "reserved: the mount has a file of that name"},
	{OPT_DEV_LOSS_TMO, "0",
	 "unset, infinity or seconds, 1 to 4294967294"},
	{OPT_MAX_RETRIES, "6", "unset, off or 0 to 5"},
	{OPT_RESERVATION_KEY, "0",
	 "neither 'file' nor up to 16 hexadecimal digits, not all 0, with "
	 ":aptpl or not"},
	{OPT_RESERVATION_KEY, "12345678901234567",
	 "neither 'file' nor up to 16 hexadecimal digits, not all 0, with "
	 ":aptpl or not"},
	{OPT_RESERVATION_KEY, "0x12:aptp",
	 "neither 'file' nor up to 16 hexadecimal digits, not all 0, with "
	 ":aptpl or not"},
	{OPT_NO_PATH_RETRY, "-1", "fail, queue or retries, 1 to 100000"},
	{OPT_NO_PATH_RETRY, "100001", "fail, queue or retries, 1 to 100000"},
	{OPT_NO_PATH_RETRY, "18446744073709551617",
	 "fail, queue or retries, 1 to 100000"},
	{OPT_NO_PATH_RETRY, "queue ", "fail, queue or retries, 1 to 100000"},
	{OPT_FAILBACK, "0", "manual, immediate, followover or seconds, 1 to 86400"},
	{OPT_FAILBACK, "soon", "manual, immediate, followover or seconds, 1 to 86400"},
	{OPT_POLLING_INTERVAL, "0", "seconds, 1 to 86400"},
	{OPT_POLLING_INTERVAL, "86401", "seconds, 1 to 86400"},
	{OPT_POLLING_INTERVAL, "5s", "seconds, 1 to 86400"},
	{OPT_MAX_POLLING_INTERVAL, "0", "auto or seconds, 1 to 86400"},
	{OPT_CHECKER_TIMEOUT, "0", "auto or seconds, 1 to 86400"},
	{OPT_PATH_CHECKER, "tur",
	 "there is no such checker; there are: directio, none, slow"},
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
		assert_true(info->sections != 0);
		assert_true(!info->live || info->sections & IN_VOLUME);
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
		"prio",
		"prio_args",
		"hardware_handler",
		"features",
		"san_path_err_threshold",
		"san_path_err_forget_rate",
		"san_path_err_recovery_time",
		"marginal_path_err_sample_time",
		"marginal_path_err_rate_threshold",
		"marginal_path_err_recheck_gap_time",
		"marginal_path_double_failed_time",
		"marginal_pathgroups",
		"ghost_delay",
		"delay_watch_checks",
		"delay_wait_checks",
		"rr_weight",
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
	{OPT_CHECKER_TIMEOUT, 30, "auto"},
	{OPT_PATH_CHECKER, 0, "auto"},
	{OPT_REPLAY_WRITES, REPLAY_WAIT, "wait"},
	{OPT_MODE, 0660, "0660"},
	{OPT_WWID, 0, ""},
	{OPT_PRIO, 0, "const"},
	{OPT_PRIO_ARGS, 0, ""},
	{OPT_HARDWARE_HANDLER, 0, "0"},
	{OPT_FEATURES, 0, "0"},
	{OPT_SAN_PATH_ERR_THRESHOLD, 0, "no"},
	{OPT_SAN_PATH_ERR_FORGET_RATE, 0, "no"},
	{OPT_SAN_PATH_ERR_RECOVERY_TIME, 0, "no"},
	{OPT_MARGINAL_PATH_ERR_SAMPLE_TIME, 0, "no"},
	{OPT_MARGINAL_PATH_ERR_RATE_THRESHOLD, 0, "no"},
	{OPT_MARGINAL_PATH_ERR_RECHECK_GAP_TIME, 0, "no"},
	{OPT_MARGINAL_PATH_DOUBLE_FAILED_TIME, 0, "no"},
	{OPT_MARGINAL_PATHGROUPS, false, "off"},
	{OPT_GHOST_DELAY, 0, "no"},
	{OPT_DELAY_WATCH_CHECKS, 0, "no"},
	{OPT_DELAY_WAIT_CHECKS, 0, "no"},
	{OPT_FIND_MULTIPATHS, FIND_STRICT, "strict"},
	{OPT_FIND_MULTIPATHS_TIMEOUT, -10, "-10"},
	{OPT_ALLOW_USB_DEVICES, false, "no"},
	{OPT_UID_ATTRIBUTE, 0, "auto"},
	{OPT_UID_ATTRS, 0, ""},
	{OPT_RECHECK_WWID, true, "yes"},
	{OPT_USER_FRIENDLY_NAMES, false, "no"},
	{OPT_ALIAS_PREFIX, 0, "mpath"},
	{OPT_ALIAS, 0, ""},
	{OPT_RETRIGGER_TRIES, 3, "3"},
	{OPT_RETRIGGER_DELAY, 10, "10"},
	{OPT_FLUSH_ON_LAST_DEL, FLUSH_UNUSED, "unused"},
	{OPT_DEFERRED_REMOVE, false, "no"},
	{OPT_AUTO_RESIZE, RESIZE_NEVER, "never"},
	{OPT_PURGE_DISCONNECTED, false, "no"},
	{OPT_SKIP_KPARTX, false, "no"},
	{OPT_MAX_SECTORS_KB, 0, "unset"},
	{OPT_MAX_FDS, 0, "max"},
	{OPT_LOG_CHECKER_ERR, false, "always"},
	{OPT_DETECT_PRIO, true, "yes"},
	{OPT_DETECT_CHECKER, true, "yes"},
	{OPT_DETECT_PGPOLICY, true, "yes"},
	{OPT_DETECT_PGPOLICY_USE_TPG, false, "no"},
	{OPT_RETAIN_ATTACHED_HW_HANDLER, true, "yes"},
	{OPT_FAST_IO_FAIL_TMO, 5, "5"},
	{OPT_DEV_LOSS_TMO, 0, "unset"},
	{OPT_EH_DEADLINE, TMO_UNSET, "unset"},
	{OPT_MAX_RETRIES, TMO_UNSET, "unset"},
	{OPT_RR_WEIGHT, false, "uniform"},
	{OPT_RR_MIN_IO_RQ, 1, "1"},
	{OPT_RESERVATION_KEY, 0, ""},
	{OPT_ALL_TG_PT, false, "no"},
	{OPT_VPD_VENDOR, 0, ""},
	{OPT_PARTITION_DELIMITER, 0, ""},
	{OPT_UXSOCK_TIMEOUT, 4000, "4000"},
	{OPT_FORCE_SYNC, 0, "no"},
	{OPT_STRICT_TIMING, 0, "no"},
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
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
