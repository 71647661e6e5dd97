/* SPDX-License-Identifier: MIT */
/*
 * The configuration: one table of options, and immutable snapshots of what a
 * set of INI files says.
 *
 * An option's value is kept twice: as canonical text (what the tree and the
 * `config` file show, and what may be written back) and as a number (what the
 * code reads). Which number means what stands at each enum below.
 *
 * Precedence for a volume: live (written through the tree) > [volume NAME] >
 * [defaults] > built in.
 *
 * Threads: a struct config is never changed once loaded; config_put() frees
 * it. All functions may be called by one thread at a time per object.
 */
#ifndef MPATHFS_CORE_CONFIG_H
#define MPATHFS_CORE_CONFIG_H

#include "core/base.h"
#include "core/errmsg.h"

enum opt {
	/* of the daemon: [defaults] only */
	OPT_VERBOSITY,		  /* 0..6 */
	OPT_LANES,		  /* 1..16; 0 = auto, one per CPU up to 4 */
	OPT_CACHE,		  /* enum cache_mode */
	/* of a volume: [defaults], [volume NAME]; live where the table says */
	OPT_PATH_SELECTOR,	  /* num unused; text "service-time 0" */
	OPT_PATH_GROUPING_POLICY, /* enum grouping_policy */
	OPT_NO_PATH_RETRY,	  /* NO_PATH_FAIL, NO_PATH_QUEUE or N > 0 */
	OPT_FAILBACK,		  /* FAILBACK_MANUAL, _IMMEDIATE, or N > 0 s */
	OPT_POLLING_INTERVAL,	  /* s, 1.. */
	OPT_MAX_POLLING_INTERVAL, /* s; 0 = auto: 4 x polling_interval; less
				     than polling_interval counts as that */
	OPT_CHECKER_TIMEOUT,	  /* s, 1..; default 30 */
	OPT_PATH_CHECKER,	  /* num unused; text is the checker's name */
	OPT_REPLAY_WRITES,	  /* enum replay_writes */
	OPT_MODE,		  /* octal, 0..0777 */
	OPT_UID,		  /* text: name or number as written */
	OPT_GID,
	/* of a volume: [volume NAME] only */
	OPT_WWID,		  /* text; default: the volume's name */
	OPT_COUNT
};

enum { NO_PATH_FAIL = 0, NO_PATH_QUEUE = -1 };
enum { FAILBACK_MANUAL = 0, FAILBACK_IMMEDIATE = -1 };
enum cache_mode { CACHE_AUTO, CACHE_DIRECT, CACHE_WRITETHROUGH };
enum grouping_policy { POLICY_FAILOVER, POLICY_MULTIBUS, POLICY_GROUP_BY_PRIO };
enum replay_writes { REPLAY_WAIT, REPLAY_QUARANTINE };

/* Where a value comes from; higher wins. */
enum origin { ORIGIN_BUILTIN, ORIGIN_DEFAULTS, ORIGIN_VOLUME, ORIGIN_LIVE };

#define OPT_TEXT_SIZE 128
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
	bool defaults;	      /* may stand in [defaults] */
	bool volume;	      /* may stand in [volume NAME] */
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
	/* Full check of "NAME NARGS ARGS..."; NULL: the name only. */
	int (*check_selector)(const char *text, struct errmsg *e);
};
int option_parse(enum opt o, const char *text,
		 const struct config_registry *reg, struct setting *ret,
		 struct errmsg *e) MUST_CHECK;

enum { PATH_PRIORITY_MAX = 65535 };

/* One `path = NAME DEVICE [PRIORITY]` line. */
struct path_config {
	char name[NAME_SIZE];
	char *device; /* absolute path, owned by the config */
	int priority; /* 1..PATH_PRIORITY_MAX, default 1 */
	char where[WHERE_SIZE];
};

struct volume_config {
	char name[NAME_SIZE];
	char where[WHERE_SIZE];	  /* of its section's first line */
	struct settings settings; /* effective, without live values */
	struct path_config *paths;
	size_t npaths;
};

struct config {
	struct settings defaults; /* built-in and [defaults] */
	struct volume_config *volumes; /* in the order of the files */
	size_t nvolumes;
};

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
 * with '-' or ';' (a shell or the INI would misread it); a volume's also not a
 * word that the mount's top level reserves (the files of it, by-wwid, paths,
 * candidates). -EINVAL with the reason in e.
 */
int volume_name_check(const char *name, struct errmsg *e);
int path_name_check(const char *name, struct errmsg *e);

#endif
