// SPDX-License-Identifier: MIT
/*
 * The options: what each one is called, where it may stand, what it may say
 * and what holds when nothing is said. One table drives the parser of the
 * files, the files of the tree that can be written, and the check of the man
 * page.
 *
 * Most options are a choice of words, a number in bounds, or both; those need
 * a row and no code. The others name a parser in their row.
 *
 * No state and no locks; the lookups of users and groups are the re-entrant
 * ones.
 */
#include "core/config.h"

#include <errno.h>
#include <grp.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include "core/number.h"

/*
 * A wait is at most retries x interval, and nanoseconds of it fit int64_t:
 * 10^5 x 86400 x 10^9 = 8.64e18 < 9.22e18. The words below repeat the bounds.
 */
enum { SECONDS_MAX = 86400, RETRIES_MAX = 100000 };
#define SECONDS_WORDS "seconds, 1 to 86400"

/* (uid_t)-1 means "leave alone" to chown(2), so it is nobody's. */
#define ID_MAX ((int64_t)UINT32_MAX - 1)

struct opt_word {
	const char *text; /* NULL ends the list */
	int64_t num;
};

struct opt_row {
	struct option_info info;
	/* Of several words for one number the first is the canonical one. */
	const struct opt_word *choice; /* NULL: no words */
	int64_t min, max;	       /* both 0: no numbers */
	/* NULL: by choice, min and max. The errors' text is set by the caller
	 * unless the parser has better. */
	int (*parse)(const char *text, const struct config_registry *reg,
		     struct setting *ret, struct errmsg *e);
};

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
	{0},
};
static const struct opt_word opt_max_polling[] = {{"auto", 0}, {0}};
static const struct opt_word opt_replay[] = {
	{"wait", REPLAY_WAIT},
	{"quarantine", REPLAY_QUARANTINE},
	{0},
};

static bool opt_listed(const char *const *names, const char *name)
{
	for (; *names; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

/* "there is no such WHAT; there are: A, B, C" */
static int opt_unlisted(const char *const *names, const char *what,
			struct errmsg *e)
{
	char list[256] = "";
	size_t used = 0;

	for (; *names && used < sizeof(list); names++)
		used += (size_t)snprintf(list + used, sizeof(list) - used,
					 "%s%s", used ? ", " : "", *names);
	return errmsg_set(e, EINVAL, "there is no such %s; there are: %s", what,
			  list);
}

/*
 * The words of text with one blank between them. A word that the INI would
 * take for a comment could not be rendered and loaded again: refused.
 */
static int opt_squeeze(const char *text, char *buf, size_t size)
{
	size_t used = 0;

	for (text += strspn(text, " \t"); *text; text += strspn(text, " \t")) {
		size_t len = strcspn(text, " \t");

		if (used + len + 2 > size || *text == ';')
			return -EINVAL;
		if (used > 0)
			buf[used++] = ' ';
		memcpy(buf + used, text, len);
		used += len;
		text += len;
	}
	buf[used] = '\0';
	return 0;
}

static int opt_parse_selector(const char *text,
			      const struct config_registry *reg,
			      struct setting *ret, struct errmsg *e)
{
	char name[OPT_TEXT_SIZE];
	char canonical[OPT_TEXT_SIZE];

	/* Room for the " 0" that a name alone gets. */
	if (opt_squeeze(text, canonical, sizeof(canonical) - 2) < 0)
		return errmsg_set(e, EINVAL,
				  "longer than %zu bytes, or a word of it "
				  "begins with ';'",
				  sizeof(canonical) - 4);
	strcpy(name, canonical);
	name[strcspn(name, " ")] = '\0';
	if (reg && !opt_listed(reg->selectors, name))
		return opt_unlisted(reg->selectors, "selector", e);
	if (strlen(name) == strlen(canonical))
		strcat(canonical, " 0");
	if (reg && reg->check_selector) {
		int rc = reg->check_selector(canonical, e);

		if (rc < 0)
			return rc;
	}
	strcpy(ret->text, canonical);
	ret->num = 0;
	return 0;
}

static int opt_parse_checker(const char *text,
			     const struct config_registry *reg,
			     struct setting *ret, struct errmsg *e)
{
	if (reg && !opt_listed(reg->checkers, text))
		return opt_unlisted(reg->checkers, "checker", e);
	if (strlen(text) >= sizeof(ret->text))
		return -EINVAL;
	strcpy(ret->text, text);
	ret->num = 0;
	return 0;
}

static int opt_parse_mode(const char *text, const struct config_registry *reg,
			  struct setting *ret, struct errmsg *e)
{
	int64_t num;

	(void)reg;
	(void)e;
	if (number_parse(text, 8, 0, 0777, &num) < 0)
		return -EINVAL;
	ret->num = num;
	snprintf(ret->text, sizeof(ret->text), "%04o", (unsigned int)num);
	return 0;
}

static int opt_lookup_user(const char *name, char *buf, size_t size,
			   int64_t *ret)
{
	struct passwd pw, *found;
	int rc = getpwnam_r(name, &pw, buf, size, &found);

	if (found)
		*ret = pw.pw_uid;
	return found ? 0 : rc ? -rc : -ENOENT;
}

static int opt_lookup_group(const char *name, char *buf, size_t size,
			    int64_t *ret)
{
	struct group gr, *found;
	int rc = getgrnam_r(name, &gr, buf, size, &found);

	if (found)
		*ret = gr.gr_gid;
	return found ? 0 : rc ? -rc : -ENOENT;
}

typedef int (*opt_lookup)(const char *name, char *buf, size_t size,
			  int64_t *ret);

/* A group's entry holds its members' names: any size, so it is tried. */
static int opt_lookup_id(opt_lookup lookup, const char *name, int64_t *ret)
{
	size_t size;

	for (size = 4096; size <= 4u << 20; size *= 4) {
		CLEANUP_FREE char *buf = malloc(size);
		int rc = buf ? lookup(name, buf, size, ret) : -ENOMEM;

		if (rc != -ERANGE)
			return rc;
	}
	return -ERANGE;
}

static void opt_set_number(struct setting *ret, int64_t num)
{
	ret->num = num;
	snprintf(ret->text, sizeof(ret->text), "%" PRId64, num);
}

static int opt_parse_id(const char *text, opt_lookup lookup, const char *what,
			struct setting *ret, struct errmsg *e)
{
	int64_t num;
	int rc = number_parse(text, 10, 0, ID_MAX, &num);

	if (rc == 0) {
		opt_set_number(ret, num);
		return 0;
	}
	/* All digits and too large: not the name of anybody. */
	if (rc == -ERANGE || !*text || strlen(text) >= sizeof(ret->text))
		return -EINVAL;
	rc = opt_lookup_id(lookup, text, &num);
	if (rc == -ENOENT)
		return errmsg_set(e, EINVAL, "there is no such %s", what);
	if (rc < 0)
		return errmsg_set(e, EINVAL, "cannot look up the %s: %s", what,
				  strerror(-rc));
	strcpy(ret->text, text);
	ret->num = num;
	return 0;
}

static int opt_parse_uid(const char *text, const struct config_registry *reg,
			 struct setting *ret, struct errmsg *e)
{
	(void)reg;
	return opt_parse_id(text, opt_lookup_user, "user", ret, e);
}

static int opt_parse_gid(const char *text, const struct config_registry *reg,
			 struct setting *ret, struct errmsg *e)
{
	(void)reg;
	return opt_parse_id(text, opt_lookup_group, "group", ret, e);
}

/* A file's name under by-wwid/, so what holds for a path's name holds here. */
static int opt_parse_wwid(const char *text, const struct config_registry *reg,
			  struct setting *ret, struct errmsg *e)
{
	int rc = path_name_check(text, e);

	(void)reg;
	if (rc < 0)
		return rc;
	snprintf(ret->text, sizeof(ret->text), "%s", text);
	ret->num = 0;
	return 0;
}

#define DAEMON .defaults = true
#define VOLUME_LIVE .defaults = true, .volume = true, .live = true

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
		.info = {.name = "path_selector", .builtin = "service-time 0", VOLUME_LIVE,
			 .words = "NAME [COUNT ARGUMENT...]"},
		.parse = opt_parse_selector,
	},
	[OPT_PATH_GROUPING_POLICY] = {
		.info = {.name = "path_grouping_policy", .builtin = "failover", VOLUME_LIVE,
			 .words = "failover, multibus or group_by_prio"},
		.choice = opt_grouping,
	},
	[OPT_NO_PATH_RETRY] = {
		.info = {.name = "no_path_retry", .builtin = "fail", VOLUME_LIVE,
			 .words = "fail, queue or retries, 1 to 100000"},
		.choice = opt_no_path_retry,
		.min = 1,
		.max = RETRIES_MAX,
	},
	[OPT_FAILBACK] = {
		.info = {.name = "failback", .builtin = "manual", VOLUME_LIVE,
			 .words = "manual, immediate or " SECONDS_WORDS},
		.choice = opt_failback,
		.min = 1,
		.max = SECONDS_MAX,
	},
	[OPT_POLLING_INTERVAL] = {
		.info = {.name = "polling_interval", .builtin = "5", VOLUME_LIVE,
			 .words = SECONDS_WORDS},
		.min = 1,
		.max = SECONDS_MAX,
	},
	[OPT_MAX_POLLING_INTERVAL] = {
		.info = {.name = "max_polling_interval", .builtin = "auto", VOLUME_LIVE,
			 .words = "auto or " SECONDS_WORDS},
		.choice = opt_max_polling,
		.min = 1,
		.max = SECONDS_MAX,
	},
	[OPT_CHECKER_TIMEOUT] = {
		.info = {.name = "checker_timeout", .builtin = "30", VOLUME_LIVE,
			 .words = SECONDS_WORDS},
		.min = 1,
		.max = SECONDS_MAX,
	},
	[OPT_PATH_CHECKER] = {
		.info = {.name = "path_checker", .builtin = "directio", VOLUME_LIVE,
			 .words = "a checker's name"},
		.parse = opt_parse_checker,
	},
	[OPT_REPLAY_WRITES] = {
		.info = {.name = "replay_writes", .builtin = "wait", VOLUME_LIVE,
			 .words = "wait or quarantine"},
		.choice = opt_replay,
	},
	[OPT_MODE] = {
		.info = {.name = "mode", .builtin = "0660", VOLUME_LIVE,
			 .words = "octal, 0 to 0777"},
		.parse = opt_parse_mode,
	},
	[OPT_UID] = {
		.info = {.name = "uid", .builtin = "root", VOLUME_LIVE,
			 .words = "a user's name or number"},
		.parse = opt_parse_uid,
	},
	[OPT_GID] = {
		.info = {.name = "gid", .builtin = "disk", VOLUME_LIVE,
			 .words = "a group's name or number"},
		.parse = opt_parse_gid,
	},
	[OPT_WWID] = {
		.info = {.name = "wwid", .builtin = "", .volume = true,
			 .words = "a name without blanks and slashes"},
		.parse = opt_parse_wwid,
	},
};
/* clang-format on */

const struct option_info *option_info(enum opt o)
{
	assert((int)o >= 0 && o < OPT_COUNT);
	return &opt_table[o].info;
}

int option_find(const char *name)
{
	int o;

	for (o = 0; o < OPT_COUNT; o++)
		if (strcmp(opt_table[o].info.name, name) == 0)
			return o;
	return -1;
}

static int opt_parse_choice(const struct opt_row *row, const char *text,
			    struct setting *ret)
{
	const struct opt_word *w = row->choice;
	int64_t num;
	int rc;

	while (w && w->text && strcmp(w->text, text) != 0)
		w++;
	if (w && w->text) {
		num = w->num;
		for (w = row->choice; w->num != num;)
			w++;
		snprintf(ret->text, sizeof(ret->text), "%s", w->text);
		ret->num = num;
		return 0;
	}
	if (row->max == 0)
		return -EINVAL;
	rc = number_parse(text, 10, row->min, row->max, &num);
	if (rc < 0)
		return rc;
	opt_set_number(ret, num);
	return 0;
}

static bool opt_has_control(const char *text)
{
	for (; *text; text++)
		if (((unsigned char)*text < ' ' && *text != '\t') ||
		    *text == 0x7f)
			return true;
	return false;
}

int option_parse(enum opt o, const char *text,
		 const struct config_registry *reg, struct setting *ret,
		 struct errmsg *e)
{
	const struct opt_row *row = &opt_table[o];
	struct errmsg why = {""};
	int rc;

	assert((int)o >= 0 && o < OPT_COUNT);
	if (opt_has_control(text))
		rc = errmsg_set(&why, EINVAL, "has a control character in it");
	else if (row->parse)
		rc = row->parse(text, reg, ret, &why);
	else
		rc = opt_parse_choice(row, text, ret);
	if (rc == 0)
		return 0;
	/* A written text may be long: the reason must not be what is cut. */
	return errmsg_set(e, EINVAL, "%s: '%.128s': %s", row->info.name, text,
			  why.text[0] ? why.text : row->info.words);
}

void option_builtin(enum opt o, struct setting *ret)
{
	uid_t user = geteuid();
	bool id = o == OPT_UID || o == OPT_GID;

	memset(ret, 0, sizeof(*ret));
	if (o == OPT_WWID)
		return;
	if (id && user != 0)
		opt_set_number(ret, o == OPT_UID ? user : getegid());
	else if (option_parse(o, option_info(o)->builtin, NULL, ret, NULL) < 0)
		opt_set_number(ret, 0); /* only a name that does not exist */
}
