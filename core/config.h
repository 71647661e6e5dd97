/* SPDX-License-Identifier: MIT */
/*
 * The configuration: one table of options, and immutable snapshots of what a
 * set of INI files says.
 *
 * An option's value is kept twice: as canonical text (what the tree and the
 * `config` file show, and what may be written back) and as a number (what the
 * code reads). Which number means what stands at each enum below.
 *
 * Precedence for a volume: live (written through the tree) > detected (core/
 * choice.h; not here) > [volume NAME] or [multipath WWID] > [protocol PROTOCOL]
 * > [overrides] > [device NAME] and the hardware table > [defaults] > built in.
 *
 * Threads: a struct config is never changed once loaded; config_put() frees
 * it. All functions may be called by one thread at a time per object.
 */
#ifndef MPATHFS_CORE_CONFIG_H
#define MPATHFS_CORE_CONFIG_H

#include "core/base.h"
#include "core/errmsg.h"
#include "core/facts.h"

struct device;
struct filter;
struct match;
struct volume;

enum opt {
	/* of the daemon: [defaults] only */
	OPT_VERBOSITY,		  /* 0..6 */
	OPT_LANES,		  /* 1..16; 0 = auto, one per CPU up to 4 */
	OPT_CACHE,		  /* enum cache_mode */
	/* of a volume: [defaults], [volume NAME]; live where the table says */
	OPT_PATH_SELECTOR,	  /* num unused; text "service-time 0" */
	OPT_PATH_GROUPING_POLICY, /* enum grouping_policy */
	OPT_NO_PATH_RETRY,	  /* NO_PATH_FAIL, NO_PATH_QUEUE or N > 0 */
	OPT_FAILBACK,		  /* FAILBACK_..., or N > 0 s */
	OPT_POLLING_INTERVAL,	  /* s, 1.. */
	OPT_MAX_POLLING_INTERVAL, /* s; 0 = auto: 4 x polling_interval; less
				     than polling_interval counts as that */
	OPT_CHECKER_TIMEOUT,	  /* s, 1..; default 30 */
	OPT_PATH_CHECKER,	  /* num unused; a checker's name or "auto" */
	OPT_REPLAY_WRITES,	  /* enum replay_writes */
	OPT_MODE,		  /* octal, 0..0777 */
	OPT_UID,		  /* text: name or number as written */
	OPT_GID,
	/* of a volume: [volume NAME] only */
	OPT_WWID,		  /* text; default: the volume's name */
	/* of a volume, as above; those with "no": 0 */
	OPT_PRIO,		  /* num unused; text is the prioritizer's name */
	OPT_PRIO_ARGS,		  /* num unused; words */
	OPT_HARDWARE_HANDLER,	  /* how many words; text "1 alua" or "0" */
	OPT_FEATURES,		  /* num unused; text for features_parse() */
	OPT_SAN_PATH_ERR_THRESHOLD,
	OPT_SAN_PATH_ERR_FORGET_RATE,	/* good checks */
	OPT_SAN_PATH_ERR_RECOVERY_TIME, /* s */
	OPT_MARGINAL_PATH_ERR_SAMPLE_TIME,	/* s */
	OPT_MARGINAL_PATH_ERR_RATE_THRESHOLD,	/* of a thousand */
	OPT_MARGINAL_PATH_ERR_RECHECK_GAP_TIME, /* s */
	OPT_MARGINAL_PATH_DOUBLE_FAILED_TIME,	/* s */
	OPT_MARGINAL_PATHGROUPS,  /* bool */
	OPT_GHOST_DELAY,	  /* s */
	OPT_DELAY_WATCH_CHECKS,	  /* checks; see shaky.h */
	OPT_DELAY_WAIT_CHECKS,
	/* which devices, and what they are called */
	OPT_FIND_MULTIPATHS,	     /* enum find_multipaths */
	OPT_FIND_MULTIPATHS_TIMEOUT, /* s; < 0: known hardware only */
	OPT_ALLOW_USB_DEVICES,	     /* bool */
	OPT_UID_ATTRIBUTE,	     /* text; "auto" or "none" */
	OPT_UID_ATTRS,		     /* text; words */
	OPT_RECHECK_WWID,	     /* bool */
	OPT_USER_FRIENDLY_NAMES,     /* bool */
	OPT_ALIAS_PREFIX,
	OPT_ALIAS,
	OPT_RETRIGGER_TRIES,
	OPT_RETRIGGER_DELAY,	     /* s */
	/* when devices come, go and change */
	OPT_FLUSH_ON_LAST_DEL,	     /* enum flush_on_last_del */
	OPT_DEFERRED_REMOVE,	     /* bool */
	OPT_AUTO_RESIZE,	     /* enum auto_resize */
	OPT_PURGE_DISCONNECTED,	     /* bool */
	OPT_SKIP_KPARTX,	     /* bool */
	OPT_MAX_SECTORS_KB,	     /* 0: unset */
	OPT_MAX_FDS,		     /* 0: max */
	OPT_LOG_CHECKER_ERR,	     /* bool: once */
	/* of arrays and transports */
	OPT_DETECT_PRIO,	     /* bool, these five */
	OPT_DETECT_CHECKER,
	OPT_DETECT_PGPOLICY,
	OPT_DETECT_PGPOLICY_USE_TPG,
	OPT_RETAIN_ATTACHED_HW_HANDLER,
	OPT_FAST_IO_FAIL_TMO,	     /* s; -1: off */
	OPT_DEV_LOSS_TMO,	     /* s; 0: unset, UINT32_MAX: infinity */
	OPT_EH_DEADLINE,	     /* s; -1: off, -2: unset */
	OPT_MAX_RETRIES,	     /* 0..5; -1: off, -2: unset */
	OPT_RR_WEIGHT,		     /* bool: priorities */
	OPT_RR_MIN_IO_RQ,
	OPT_RESERVATION_KEY,	     /* text */
	OPT_ALL_TG_PT,		     /* bool */
	OPT_VPD_VENDOR,		     /* text */
	OPT_PARTITION_DELIMITER,     /* text; "": unset */
	OPT_UXSOCK_TIMEOUT,	     /* ms */
	OPT_FORCE_SYNC,		     /* bool, these two */
	OPT_STRICT_TIMING,
	OPT_COUNT
};

enum { NO_PATH_FAIL = 0, NO_PATH_QUEUE = -1 };
enum {
	FAILBACK_MANUAL = 0,
	FAILBACK_IMMEDIATE = -1,
	FAILBACK_FOLLOWOVER = -2,
};
enum cache_mode { CACHE_AUTO, CACHE_DIRECT, CACHE_WRITETHROUGH };
enum grouping_policy {
	POLICY_FAILOVER,
	POLICY_MULTIBUS,
	POLICY_GROUP_BY_PRIO,
	POLICY_GROUP_BY_SERIAL,
	POLICY_GROUP_BY_NODE_NAME,
	POLICY_GROUP_BY_TPG,
};
enum replay_writes { REPLAY_WAIT, REPLAY_QUARANTINE };

enum find_multipaths { FIND_STRICT, FIND_OFF, FIND_ON, FIND_GREEDY, FIND_SMART };
enum flush_on_last_del { FLUSH_UNUSED, FLUSH_ALWAYS, FLUSH_NEVER };
enum auto_resize { RESIZE_NEVER, RESIZE_GROW_ONLY, RESIZE_GROW_SHRINK };
enum { TMO_OFF = -1, TMO_UNSET = -2 };
/* The checker that suits the device; see choice.h. */
#define CHECKER_AUTO "auto"
/* checker_timeout: as the kernel has it for the disk, else the number, 30 s. */
#define CHECKER_TIMEOUT_AUTO "auto"

/* Where a value comes from; higher wins. */
enum origin {
	ORIGIN_BUILTIN,
	ORIGIN_DEFAULTS,
	ORIGIN_DEVICE, /* the hardware table, or [device NAME] */
	ORIGIN_OVERRIDES,
	ORIGIN_PROTOCOL,
	ORIGIN_VOLUME, /* [volume NAME] or [multipath WWID] */
	ORIGIN_DETECTED, /* `where` says by what */
	ORIGIN_LIVE,
};

/* "built in", "[defaults]", "detected", ... */
const char *origin_text(enum origin o);

/* Sections in which an option may stand: bits. */
enum section_bit {
	IN_DEFAULTS = 1,
	IN_VOLUME = 2,
	IN_DEVICE = 4,
	IN_OVERRIDES = 8,
	IN_PROTOCOL = 16,
	IN_MULTIPATH = 32,
};

#define OPT_TEXT_SIZE 128
#define VOLUME_KEY_SIZE (NAME_SIZE + 1)
#define WHERE_SIZE 96 /* of a longer FILE:LINE the tail is kept */

struct setting {
	int64_t num;
	char text[OPT_TEXT_SIZE]; /* canonical */
	enum origin origin;
	char where[WHERE_SIZE]; /* "FILE:LINE", or "" */
};

/* The effective value of every option for one volume (or for the daemon). */
struct settings {
	struct setting v[OPT_COUNT];
};

struct option_info {
	const char *name;
	const char *builtin;  /* the default, as the man page says it */
	unsigned int sections; /* enum section_bit */
	bool live;	      /* a read-write file of VOLUME/ */
	const char *words;    /* what may be written, for errors and docs */
};

/* Never NULL for 0 <= o < OPT_COUNT. */
const struct option_info *option_info(enum opt o);

/* The option of that name, or -1. */
int option_find(const char *name);

/*
 * The built-in value itself, all of *ret. It is info's text but for: uid and
 * gid, which are the running user's unless that is root, and 0 where the name
 * does not exist; and wwid, empty here, which is the volume's name.
 */
void option_builtin(enum opt o, struct setting *ret);

/*
 * Parses text as a value of o into *ret (num and canonical text; origin and
 * where untouched). -EINVAL with "NAME: 'TEXT': what is allowed" in e.
 * A selector or checker is checked against the names in reg; reg NULL: any
 * name will do.
 */
struct config_registry {
	/* NULL-terminated; the tables that fs/main.c hands to core. */
	const char *const *selectors;
	const char *const *checkers;
	const char *const *prioritizers; /* these two, NULL: any */
	const char *const *handlers;
	/* Full check of "NAME NARGS ARGS..."; NULL: the name only. */
	int (*check_selector)(const char *text, struct errmsg *e);
	/* Do args fit that prioritizer? NULL: any do. */
	int (*check_prio)(const char *prio, const char *args,
			  struct errmsg *e);
	/* The hardware table, as INI text; NULL: none. */
	const char *hardware;
	size_t hardware_len;
};
int option_parse(enum opt o, const char *text,
		 const struct config_registry *reg, struct setting *ret,
		 struct errmsg *e) MUST_CHECK;

enum { PATH_PRIORITY_MAX = 65535 };

/*
 * One line `path = NAME DEVICE [PRIORITY] [serial=TEXT] [node=TEXT] [tpg=N]`.
 * The last three are for devices that cannot say themselves what they lead to;
 * they go before what a device says.
 */
struct path_config {
	char name[NAME_SIZE];
	char *device; /* absolute path, owned by the config */
	int priority; /* 1..PATH_PRIORITY_MAX, default 1 */
	struct path_facts facts; /* as given, else empty */
	char where[WHERE_SIZE];
	/*
	 * NULL: the device is to be opened. Else it has been, and is taken over
	 * from there; or, NULL there, that has failed, and its checker will try
	 * again.
	 */
	struct device **opened;
};

/* Three that select a device, and what is no disk of such an array. */
enum device_pattern {
	DEVICE_VENDOR,
	DEVICE_PRODUCT,
	DEVICE_REVISION,
	DEVICE_PRODUCT_BLACKLIST,
	DEVICE_PATTERNS
};

struct volume_config {
	char name[NAME_SIZE];
	char where[WHERE_SIZE];	  /* of its section's first line */
	struct settings settings; /* effective, without live values */
	struct path_config *paths;
	size_t npaths;
	/* What it is known by, whatever it is called; "": by its name. */
	char key[VOLUME_KEY_SIZE];
	/* It was found, not named by hand; see discovery.h. */
	bool found;
	/* It is there, as that, and nothing of it is to change: all this counts
	 * for nothing. */
	struct volume *as_it_is;
	/* Of one that is found and has no path yet: what it was like. */
	uint64_t size;
	uint32_t block;
	/* For config_render(): comments on it, a line each; NULL: none. */
	char *notes;
};

/* An option that a section sets, and to what. */
struct config_value {
	enum opt o;
	struct setting s;
};

enum entry_kind { ENTRY_DEVICE, ENTRY_OVERRIDES, ENTRY_PROTOCOL, ENTRY_MULTIPATH };

/*
 * A section that sets options for the LUNs it fits: [device NAME], [overrides],
 * [protocol PROTOCOL], [multipath WWID].
 */
struct config_entry {
	enum entry_kind kind;
	bool builtin;	      /* of the hardware table */
	char name[NAME_SIZE]; /* a device's own, a protocol, a WWID, or "" */
	char where[WHERE_SIZE];
	/* of a device: as written, NULL where nothing is said */
	char *pattern[DEVICE_PATTERNS];
	struct match *match[DEVICE_PATTERNS];
	struct config_value *values;
	size_t nvalues;
};

struct config {
	struct settings defaults; /* built-in and [defaults] */
	struct volume_config *volumes; /* in the order of the files */
	size_t nvolumes;
	/* The hardware table first, then the files in their order. */
	struct config_entry *entries;
	size_t nentries;
	struct filter *filter;
	/* Why the volumes are to be others, for events; NULL: the files. */
	const char *cause;
};

/* What is known of a LUN and of one path to it; "": unknown. */
struct lun_identity {
	const char *wwid, *vendor, *product, *revision;
	const char *protocol; /* "scsi:fcp" */
};

/* "scsi:fcp", "nvme:tcp", "undef": may that stand in [protocol ...]? */
bool config_protocol_known(const char *name);

/*
 * The effective settings of a LUN: each option from the first that says it, of
 * [multipath WWID], [protocol ...], [overrides], the devices that match, from
 * the last one to the first, and the defaults.
 */
void config_for_lun(const struct config *c, const struct lun_identity *id,
		    struct settings *ret);

/* What a section says of the two; NULL: nothing. */
struct prio_pair {
	const char *prio, *args;
};

/*
 * Can the prioritizer of pairs[i] be meant? Its own words must fit it; where it
 * has none, those of one of the n sections must, or none. -EINVAL with the
 * reason in e.
 */
int config_check_prio(const struct config_registry *reg,
		      const struct prio_pair *pairs, size_t n, size_t i,
		      struct errmsg *e) MUST_CHECK;

/* What v is known by. */
static inline const char *config_key(const struct volume_config *v)
{
	return v->key[0] ? v->key : v->name;
}

/* Every mistake, in the order found; no limit but memory. */
struct config_errors {
	struct errmsg *v;
	size_t n;
};
void config_errors_free(struct config_errors *errs);

/*
 * Loads main_file and, where conf_dir is not NULL, conf_dir's *.conf in
 * alphabetical order (a directory that does not exist is empty). 0 and *ret
 * (free with config_free), or -errno, *ret untouched, and at least one text
 * in errs (only -ENOMEM may come without one); texts begin with "FILE:LINE: ",
 * or "FILE: " where the whole file is meant. All mistakes are reported, not
 * the first only. *errs is emptied first and the caller frees it, always.
 * -EINVAL: mistakes in the files, or one in conf_dir that cannot be read; else
 * why main_file or conf_dir cannot be read (-ENOENT: there is no main_file).
 */
int config_load(const char *main_file, const char *conf_dir,
		const struct config_registry *reg, struct config **ret,
		struct config_errors *errs) MUST_CHECK;
void config_free(struct config *c);

/* NULL if there is none of that name. */
const struct volume_config *config_volume(const struct config *c,
					  const char *name);

/*
 * The effective configuration as INI text that config_load() would take
 * again: every option with its value and, as a comment, its origin. live[i]
 * are the effective settings of c->volumes[i] with the live values in them
 * (NULL: there are none). Returns malloc'ed text, NULL: no memory.
 */
char *config_render(const struct config *c,
		    const struct settings *const *live);

/*
 * A name that may stand for a volume or a path in the tree: 1..127 bytes, no
 * '/' or ']', no blank or control character, not "." or "..", not beginning
 * with '-', ';' or '"' (a shell or the INI would misread it); a volume's also not a
 * word that the mount's top level reserves (the files of it, by-wwid, paths,
 * candidates). -EINVAL with the reason in e.
 */
int volume_name_check(const char *name, struct errmsg *e);
int path_name_check(const char *name, struct errmsg *e);

#endif
