// SPDX-License-Identifier: MIT
/*
 * The options: what each one is called, where it may stand, what it may say
 * and what holds when nothing is said. One table drives the parser of the
 * files, the files of the tree that can be written, and the check of the man
 * page.
 *
 * Most options are a choice of words, a number in bounds, or both; those need
 * a row and no code. The others name a parser in their row.
 */
#include "core/option_private.h"

/*
 * A wait is at most retries x interval, and nanoseconds of it fit int64_t:
 * 10^5 x 86400 x 10^9 = 8.64e18 < 9.22e18. The words below repeat the bounds.
 */
enum { SECONDS_MAX = 86400, RETRIES_MAX = 100000 };
#define SECONDS_WORDS "seconds, 1 to 86400"

static const struct opt_word opt_lanes[] = {{"auto", 0}, {0}};
static const struct opt_word opt_cache[] = {
	{"auto", CACHE_AUTO},
	{"direct", CACHE_DIRECT},
	{"writethrough", CACHE_WRITETHROUGH},
	{0},
};
static const struct opt_word opt_grouping[] = {
	{"failover", POLICY_FAILOVER},
	{"multibus", POLICY_MULTIBUS},
	{"group_by_prio", POLICY_GROUP_BY_PRIO},
	{"group_by_serial", POLICY_GROUP_BY_SERIAL},
	{"group_by_node_name", POLICY_GROUP_BY_NODE_NAME},
	{"group_by_tpg", POLICY_GROUP_BY_TPG},
	{0},
};
static const struct opt_word opt_no_path_retry[] = {
	{"fail", NO_PATH_FAIL},
	{"0", NO_PATH_FAIL},
	{"queue", NO_PATH_QUEUE},
	{0},
};
static const struct opt_word opt_failback[] = {
	{"manual", FAILBACK_MANUAL},
	{"immediate", FAILBACK_IMMEDIATE},
	{"followover", FAILBACK_FOLLOWOVER},
	{0},
};
static const struct opt_word opt_max_polling[] = {{"auto", 0}, {0}};
static const struct opt_word opt_timeout[] = {{CHECKER_TIMEOUT_AUTO, 30}, {0}};
static const struct opt_word opt_replay[] = {
	{"wait", REPLAY_WAIT},
	{"quarantine", REPLAY_QUARANTINE},
	{0},
};
static const struct opt_word opt_no[] = {{"no", 0}, {"off", 0}, {"0", 0}, {0}};
/* Where a number has to stand for "nothing said". */
static const struct opt_word opt_unset_0[] = {{"unset", 0}, {0}};
static const struct opt_word opt_tmo[] = {{"off", TMO_OFF}, {0}};
static const struct opt_word opt_tmo_unset[] = {
	{"unset", TMO_UNSET},
	{"off", TMO_OFF},
	{0},
};
static const struct opt_word opt_dev_loss[] = {
	{"unset", 0},
	{"infinity", UINT32_MAX},
	{"4294967295", UINT32_MAX},
	{0},
};
static const struct opt_word opt_max_fds[] = {{"max", 0}, {0}};
static const struct opt_word opt_yes_no[] = {
	{"no", false}, {"yes", true}, {"off", false}, {"on", true},
	{"0", false},  {"1", true},   {0},
};
static const struct opt_word opt_find[] = {
	{"strict", FIND_STRICT}, {"no", FIND_OFF},	   {"off", FIND_OFF},
	{"yes", FIND_ON},	 {"on", FIND_ON},	   {"greedy", FIND_GREEDY},
	{"smart", FIND_SMART},	 {"0", FIND_OFF},	   {"1", FIND_ON},
	{0},
};
static const struct opt_word opt_flush[] = {
	{"unused", FLUSH_UNUSED}, {"no", FLUSH_UNUSED},	 {"always", FLUSH_ALWAYS},
	{"yes", FLUSH_ALWAYS},	  {"never", FLUSH_NEVER}, {"0", FLUSH_UNUSED},
	{"1", FLUSH_ALWAYS},	  {0},
};
static const struct opt_word opt_resize[] = {
	{"never", RESIZE_NEVER},
	{"grow_only", RESIZE_GROW_ONLY},
	{"grow_shrink", RESIZE_GROW_SHRINK},
	{0},
};
static const struct opt_word opt_log_checker[] = {
	{"always", false}, {"once", true}, {0}};
static const struct opt_word opt_rr_weight[] = {
	{"uniform", false}, {"priorities", true}, {0}};
static const struct opt_word opt_vpd_vendor[] = {{"hp3par", 0}, {0}};
static const struct opt_word opt_off_on[] = {
	{"off", false}, {"on", true}, {"no", false}, {"yes", true},
	{"0", false},	{"1", true},  {0},
};

/*
 * Where an option may stand; beside the sections of multipath.conf, nearly all
 * are good for a [volume NAME].
 */
#define D IN_DEFAULTS
#define DVOM (D | IN_VOLUME | IN_DEVICE | IN_OVERRIDES | IN_MULTIPATH)
#define DVO (D | IN_VOLUME | IN_DEVICE | IN_OVERRIDES)
#define TRANSPORT (D | IN_VOLUME | IN_DEVICE | IN_OVERRIDES | IN_PROTOCOL)
#define DM (D | IN_VOLUME | IN_MULTIPATH)
#define DAEMON .sections = D
#define SECTIONS(WHICH) .sections = (WHICH)
#define LIVE(WHICH) .sections = (WHICH), .live = true
/* 0: no */
#define NO_OR(MIN, MAX) .choice = opt_no, .min = (MIN), .max = (MAX)

/* It would indent each row twice. */
/* clang-format off */
static const struct opt_row opt_table[OPT_COUNT] = {
	[OPT_VERBOSITY] = {
		.info = {.name = "verbosity", .builtin = "2", DAEMON,
			 .words = "0 to 6"},
		.max = 6,
	},
	[OPT_LANES] = {
		.info = {.name = "lanes", .builtin = "auto", DAEMON,
			 .words = "auto or 1 to 16"},
		.choice = opt_lanes,
		.min = 1,
		.max = 16,
	},
	[OPT_CACHE] = {
		.info = {.name = "cache", .builtin = "auto", DAEMON,
			 .words = "auto, direct or writethrough"},
		.choice = opt_cache,
	},
	[OPT_PATH_SELECTOR] = {
		.info = {.name = "path_selector", .builtin = "service-time 0", LIVE(DVOM),
			 .words = "NAME [COUNT ARGUMENT...]"},
		.parse = option_parse_selector,
	},
	[OPT_PATH_GROUPING_POLICY] = {
		.info = {.name = "path_grouping_policy", .builtin = "failover", LIVE(DVOM),
			 .words = "failover, multibus, group_by_prio, group_by_serial, "
				  "group_by_node_name or group_by_tpg"},
		.choice = opt_grouping,
	},
	[OPT_NO_PATH_RETRY] = {
		.info = {.name = "no_path_retry", .builtin = "fail", LIVE(DVOM),
			 .words = "fail, queue or retries, 1 to 100000"},
		.choice = opt_no_path_retry,
		.min = 1,
		.max = RETRIES_MAX,
	},
	[OPT_FAILBACK] = {
		.info = {.name = "failback", .builtin = "manual", LIVE(DVOM),
			 .words = "manual, immediate, followover or " SECONDS_WORDS},
		.choice = opt_failback,
		.min = 1,
		.max = SECONDS_MAX,
	},
	[OPT_POLLING_INTERVAL] = {
		.info = {.name = "polling_interval", .builtin = "5", LIVE(D | IN_VOLUME),
			 .words = SECONDS_WORDS},
		.min = 1,
		.max = SECONDS_MAX,
	},
	[OPT_MAX_POLLING_INTERVAL] = {
		.info = {.name = "max_polling_interval", .builtin = "auto", LIVE(D | IN_VOLUME),
			 .words = "auto or " SECONDS_WORDS},
		.choice = opt_max_polling,
		.min = 1,
		.max = SECONDS_MAX,
	},
	[OPT_CHECKER_TIMEOUT] = {
		.info = {.name = "checker_timeout", .builtin = CHECKER_TIMEOUT_AUTO,
			 LIVE(D | IN_VOLUME), .words = "auto or " SECONDS_WORDS},
		.choice = opt_timeout,
		.min = 1,
		.max = SECONDS_MAX,
	},
	[OPT_PATH_CHECKER] = {
		.info = {.name = "path_checker", .builtin = CHECKER_AUTO, LIVE(DVO),
			 .words = "auto or a checker's name"},
		.parse = option_parse_checker,
	},
	[OPT_REPLAY_WRITES] = {
		.info = {.name = "replay_writes", .builtin = "wait", LIVE(DVOM),
			 .words = "wait or quarantine"},
		.choice = opt_replay,
	},
	[OPT_MODE] = {
		.info = {.name = "mode", .builtin = "0660", LIVE(DM),
			 .words = "octal, 0 to 0777"},
		.parse = option_parse_mode,
	},
	[OPT_UID] = {
		.info = {.name = "uid", .builtin = "root", LIVE(DM),
			 .words = "a user's name or number"},
		.parse = option_parse_uid,
	},
	[OPT_GID] = {
		.info = {.name = "gid", .builtin = "disk", LIVE(DM),
			 .words = "a group's name or number"},
		.parse = option_parse_gid,
	},
	[OPT_WWID] = {
		.info = {.name = "wwid", .builtin = "", SECTIONS(IN_VOLUME),
			 .words = "a name without blanks and slashes"},
		.parse = option_parse_wwid,
	},
	[OPT_PRIO] = {
		.info = {.name = "prio", .builtin = "const", LIVE(DVOM),
			 .words = "a prioritizer's name"},
		.parse = option_parse_prioritizer,
	},
	[OPT_PRIO_ARGS] = {
		.info = {.name = "prio_args", .builtin = "", LIVE(DVOM),
			 .words = "words for the prioritizer"},
		.parse = option_parse_words,
	},
	[OPT_HARDWARE_HANDLER] = {
		.info = {.name = "hardware_handler", .builtin = "0", LIVE(D | IN_VOLUME | IN_DEVICE),
			 .words = "0, or COUNT NAME [ARGUMENT...]"},
		.parse = option_parse_handler,
	},
	[OPT_FEATURES] = {
		.info = {.name = "features", .builtin = "0", LIVE(DVOM),
			 .words = "0, or COUNT WORD..."},
		.parse = option_parse_features,
	},
	[OPT_SAN_PATH_ERR_THRESHOLD] = {
		.info = {.name = "san_path_err_threshold", .builtin = "no", LIVE(DVOM),
			 .words = "no or failures, 1 to 100000"},
		NO_OR(1, RETRIES_MAX),
	},
	[OPT_SAN_PATH_ERR_FORGET_RATE] = {
		.info = {.name = "san_path_err_forget_rate", .builtin = "no", LIVE(DVOM),
			 .words = "no or checks, 1 to 100000"},
		NO_OR(1, RETRIES_MAX),
	},
	[OPT_SAN_PATH_ERR_RECOVERY_TIME] = {
		.info = {.name = "san_path_err_recovery_time", .builtin = "no", LIVE(DVOM),
			 .words = "no or " SECONDS_WORDS},
		NO_OR(1, SECONDS_MAX),
	},
	[OPT_MARGINAL_PATH_ERR_SAMPLE_TIME] = {
		.info = {.name = "marginal_path_err_sample_time", .builtin = "no", LIVE(DVOM),
			 .words = "no or seconds, 120 to 86400"},
		NO_OR(120, SECONDS_MAX),
	},
	[OPT_MARGINAL_PATH_ERR_RATE_THRESHOLD] = {
		.info = {.name = "marginal_path_err_rate_threshold", .builtin = "no", LIVE(DVOM),
			 .words = "no or errors in a thousand reads, 1 to 1000"},
		NO_OR(1, 1000),
	},
	[OPT_MARGINAL_PATH_ERR_RECHECK_GAP_TIME] = {
		.info = {.name = "marginal_path_err_recheck_gap_time", .builtin = "no", LIVE(DVOM),
			 .words = "no or " SECONDS_WORDS},
		NO_OR(1, SECONDS_MAX),
	},
	[OPT_MARGINAL_PATH_DOUBLE_FAILED_TIME] = {
		.info = {.name = "marginal_path_double_failed_time", .builtin = "no", LIVE(DVOM),
			 .words = "no or " SECONDS_WORDS},
		NO_OR(1, SECONDS_MAX),
	},
	[OPT_MARGINAL_PATHGROUPS] = {
		.info = {.name = "marginal_pathgroups", .builtin = "off", LIVE(D | IN_VOLUME),
			 .words = "off or on"},
		.choice = opt_off_on,
	},
	[OPT_GHOST_DELAY] = {
		.info = {.name = "ghost_delay", .builtin = "no", LIVE(DVOM),
			 .words = "no or " SECONDS_WORDS},
		NO_OR(1, SECONDS_MAX),
	},
	[OPT_DELAY_WATCH_CHECKS] = {
		.info = {.name = "delay_watch_checks", .builtin = "no", LIVE(DVOM),
			 .words = "no or checks, 1 to 100000"},
		NO_OR(1, RETRIES_MAX),
	},
	[OPT_DELAY_WAIT_CHECKS] = {
		.info = {.name = "delay_wait_checks", .builtin = "no", LIVE(DVOM),
			 .words = "no or checks, 1 to 100000"},
		NO_OR(1, RETRIES_MAX),
	},
	[OPT_FIND_MULTIPATHS] = {
		.info = {.name = "find_multipaths", .builtin = "strict", DAEMON,
			 .words = "strict, no, yes, greedy or smart"},
		.choice = opt_find,
	},
	[OPT_FIND_MULTIPATHS_TIMEOUT] = {
		.info = {.name = "find_multipaths_timeout", .builtin = "-10", DAEMON,
			 .words = "seconds, -86400 to 86400"},
		.min = -SECONDS_MAX,
		.max = SECONDS_MAX,
	},
	[OPT_ALLOW_USB_DEVICES] = {
		.info = {.name = "allow_usb_devices", .builtin = "no", SECTIONS(D),
			 .words = "yes or no"},
		.choice = opt_yes_no,
	},
	[OPT_UID_ATTRIBUTE] = {
		.info = {.name = "uid_attribute", .builtin = "auto", SECTIONS(D | IN_DEVICE | IN_OVERRIDES),
			 .words = "auto, none or the name of a udev property"},
		.parse = option_parse_word,
	},
	[OPT_UID_ATTRS] = {
		.info = {.name = "uid_attrs", .builtin = "", DAEMON,
			 .words = "PREFIX:PROPERTY..."},
		.parse = option_parse_uid_attrs,
	},
	[OPT_RECHECK_WWID] = {
		.info = {.name = "recheck_wwid", .builtin = "yes", SECTIONS(D | IN_DEVICE | IN_OVERRIDES),
			 .words = "yes or no"},
		.choice = opt_yes_no,
	},
	[OPT_USER_FRIENDLY_NAMES] = {
		.info = {.name = "user_friendly_names", .builtin = "no", SECTIONS(D | IN_DEVICE | IN_OVERRIDES | IN_MULTIPATH),
			 .words = "yes or no"},
		.choice = opt_yes_no,
	},
	[OPT_ALIAS_PREFIX] = {
		.info = {.name = "alias_prefix", .builtin = "mpath", SECTIONS(D | IN_DEVICE | IN_OVERRIDES),
			 .words = "the beginning of a name"},
		.parse = option_parse_name,
	},
	[OPT_ALIAS] = {
		.info = {.name = "alias", .builtin = "", SECTIONS(IN_MULTIPATH),
			 .words = "a volume's name"},
		.parse = option_parse_name,
	},
	[OPT_RETRIGGER_TRIES] = {
		.info = {.name = "retrigger_tries", .builtin = "3", DAEMON,
			 .words = "0 to 1000"},
		.max = 1000,
	},
	[OPT_RETRIGGER_DELAY] = {
		.info = {.name = "retrigger_delay", .builtin = "10", DAEMON,
			 .words = SECONDS_WORDS},
		.min = 1,
		.max = SECONDS_MAX,
	},
	[OPT_FLUSH_ON_LAST_DEL] = {
		.info = {.name = "flush_on_last_del", .builtin = "unused", SECTIONS(DVOM),
			 .words = "always, unused or never"},
		.choice = opt_flush,
	},
	[OPT_DEFERRED_REMOVE] = {
		.info = {.name = "deferred_remove", .builtin = "no", SECTIONS(DVOM),
			 .words = "yes or no"},
		.choice = opt_yes_no,
	},
	[OPT_AUTO_RESIZE] = {
		.info = {.name = "auto_resize", .builtin = "never", DAEMON,
			 .words = "never, grow_only or grow_shrink"},
		.choice = opt_resize,
	},
	[OPT_PURGE_DISCONNECTED] = {
		.info = {.name = "purge_disconnected", .builtin = "no", SECTIONS(DVOM),
			 .words = "yes or no"},
		.choice = opt_yes_no,
	},
	[OPT_SKIP_KPARTX] = {
		.info = {.name = "skip_kpartx", .builtin = "no", SECTIONS(DVOM),
			 .words = "yes or no"},
		.choice = opt_yes_no,
	},
	[OPT_MAX_SECTORS_KB] = {
		.info = {.name = "max_sectors_kb", .builtin = "unset", SECTIONS(DVOM),
			 .words = "unset or 4 to 1048576"},
		.choice = opt_unset_0,
		.min = 4,
		.max = 1 << 20,
	},
	[OPT_MAX_FDS] = {
		.info = {.name = "max_fds", .builtin = "max", DAEMON,
			 .words = "max or 64 to 1048576"},
		.choice = opt_max_fds,
		.min = 64,
		.max = 1 << 20,
	},
	[OPT_LOG_CHECKER_ERR] = {
		.info = {.name = "log_checker_err", .builtin = "always", DAEMON,
			 .words = "always or once"},
		.choice = opt_log_checker,
	},
	[OPT_DETECT_PRIO] = {
		.info = {.name = "detect_prio", .builtin = "yes", SECTIONS(DVO),
			 .words = "yes or no"},
		.choice = opt_yes_no,
	},
	[OPT_DETECT_CHECKER] = {
		.info = {.name = "detect_checker", .builtin = "yes", SECTIONS(DVO),
			 .words = "yes or no"},
		.choice = opt_yes_no,
	},
	[OPT_DETECT_PGPOLICY] = {
		.info = {.name = "detect_pgpolicy", .builtin = "yes", SECTIONS(DVO),
			 .words = "yes or no"},
		.choice = opt_yes_no,
	},
	[OPT_DETECT_PGPOLICY_USE_TPG] = {
		.info = {.name = "detect_pgpolicy_use_tpg", .builtin = "no", SECTIONS(DVO),
			 .words = "yes or no"},
		.choice = opt_yes_no,
	},
	[OPT_RETAIN_ATTACHED_HW_HANDLER] = {
		.info = {.name = "retain_attached_hw_handler", .builtin = "yes", SECTIONS(D | IN_DEVICE | IN_OVERRIDES),
			 .words = "yes or no"},
		.choice = opt_yes_no,
	},
	[OPT_FAST_IO_FAIL_TMO] = {
		.info = {.name = "fast_io_fail_tmo", .builtin = "5", SECTIONS(TRANSPORT),
			 .words = "off or seconds, 0 to 86400"},
		.choice = opt_tmo,
		.min = 0,
		.max = SECONDS_MAX,
	},
	[OPT_DEV_LOSS_TMO] = {
		.info = {.name = "dev_loss_tmo", .builtin = "unset", SECTIONS(TRANSPORT),
			 .words = "unset, infinity or seconds, 1 to 4294967294"},
		.choice = opt_dev_loss,
		.min = 1,
		.max = (int64_t)UINT32_MAX - 1,
	},
	[OPT_EH_DEADLINE] = {
		.info = {.name = "eh_deadline", .builtin = "unset", SECTIONS(TRANSPORT),
			 .words = "unset, off or seconds, 0 to 86400"},
		.choice = opt_tmo_unset,
		.min = 0,
		.max = SECONDS_MAX,
	},
	[OPT_MAX_RETRIES] = {
		.info = {.name = "max_retries", .builtin = "unset", DAEMON,
			 .words = "unset, off or 0 to 5"},
		.choice = opt_tmo_unset,
		.min = 0,
		.max = 5,
	},
	[OPT_RR_WEIGHT] = {
		.info = {.name = "rr_weight", .builtin = "uniform", LIVE(DVOM),
			 .words = "uniform or priorities"},
		.choice = opt_rr_weight,
	},
	[OPT_RR_MIN_IO_RQ] = {
		.info = {.name = "rr_min_io_rq", .builtin = "1", SECTIONS(DVOM),
			 .words = "1 to 2147483647"},
		.min = 1,
		.max = INT32_MAX,
	},
	[OPT_RESERVATION_KEY] = {
		.info = {.name = "reservation_key", .builtin = "", SECTIONS(DM),
			 .words = "file, or up to 16 hexadecimal digits, with :aptpl or not"},
		.parse = option_parse_reservation_key,
	},
	[OPT_ALL_TG_PT] = {
		.info = {.name = "all_tg_pt", .builtin = "no", SECTIONS(D | IN_DEVICE | IN_OVERRIDES),
			 .words = "yes or no"},
		.choice = opt_yes_no,
	},
	[OPT_VPD_VENDOR] = {
		.info = {.name = "vpd_vendor", .builtin = "", SECTIONS(IN_DEVICE),
			 .words = "hp3par"},
		.choice = opt_vpd_vendor,
	},
	[OPT_PARTITION_DELIMITER] = {
		.info = {.name = "partition_delimiter", .builtin = "", DAEMON,
			 .words = "1 to 16 characters without blanks and slashes"},
		.parse = option_parse_delimiter,
	},
	[OPT_UXSOCK_TIMEOUT] = {
		.info = {.name = "uxsock_timeout", .builtin = "4000", DAEMON,
			 .words = "milliseconds, 1000 to 86400000"},
		.min = 1000,
		.max = (int64_t)SECONDS_MAX * 1000,
	},
	[OPT_FORCE_SYNC] = {
		.info = {.name = "force_sync", .builtin = "no", DAEMON,
			 .words = "yes or no"},
		.choice = opt_yes_no,
	},
	[OPT_STRICT_TIMING] = {
		.info = {.name = "strict_timing", .builtin = "no", DAEMON,
			 .words = "yes or no"},
		.choice = opt_yes_no,
	},
};
/* clang-format on */

const struct opt_row *option_row(enum opt o)
{
	assert((int)o >= 0 && o < OPT_COUNT);
	return &opt_table[o];
}
