// SPDX-License-Identifier: MIT
/*
 * The options whose values are neither a choice of words nor a number in
 * bounds; see the table in option.c.
 *
 * No state and no locks; the lookups of users and groups are the re-entrant
 * ones.
 */
#include "core/option_private.h"

#include <errno.h>
#include <grp.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include "core/features.h"
#include "core/number.h"

/* (uid_t)-1 means "leave alone" to chown(2), so it is nobody's. */
#define ID_MAX ((int64_t)UINT32_MAX - 1)

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

static int opt_too_long(size_t max, struct errmsg *e)
{
	return errmsg_set(e, EINVAL,
			  "longer than %zu bytes, or a word of it begins with ';'",
			  max);
}

int option_parse_selector(const char *text,
			      const struct config_registry *reg,
			      struct setting *ret, struct errmsg *e)
{
	char name[OPT_TEXT_SIZE];
	char canonical[OPT_TEXT_SIZE];

	/* Room for the " 0" that a name alone gets. */
	if (opt_squeeze(text, canonical, sizeof(canonical) - 2) < 0)
		return opt_too_long(sizeof(canonical) - 4, e);
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

/* names NULL: any will do. */
static int opt_parse_name(const char *text, const char *const *names,
			  const char *what, struct setting *ret,
			  struct errmsg *e)
{
	if (names && !opt_listed(names, text))
		return opt_unlisted(names, what, e);
	if (strlen(text) >= sizeof(ret->text))
		return -EINVAL;
	strcpy(ret->text, text);
	ret->num = 0;
	return 0;
}

int option_parse_checker(const char *text, const struct config_registry *reg,
			 struct setting *ret, struct errmsg *e)
{
	if (!strcmp(text, CHECKER_AUTO))
		reg = NULL;
	return opt_parse_name(text, reg ? reg->checkers : NULL, "checker", ret,
			      e);
}

int option_parse_prioritizer(const char *text,
			     const struct config_registry *reg,
			     struct setting *ret, struct errmsg *e)
{
	return opt_parse_name(text, reg ? reg->prioritizers : NULL,
			      "prioritizer", ret, e);
}

int option_parse_words(const char *text, const struct config_registry *reg,
		       struct setting *ret, struct errmsg *e)
{
	char canonical[OPT_TEXT_SIZE];

	(void)reg;
	if (opt_squeeze(text, canonical, sizeof(canonical)) < 0)
		return opt_too_long(sizeof(canonical) - 2, e);
	strcpy(ret->text, canonical);
	ret->num = 0;
	return 0;
}

/* "N NAME ARGS...", N counting the name too; "0": none. */
int option_parse_handler(const char *text, const struct config_registry *reg,
			 struct setting *ret, struct errmsg *e)
{
	char canonical[OPT_TEXT_SIZE], name[OPT_TEXT_SIZE];
	int64_t n, words = 0;

	if (opt_squeeze(text, canonical, sizeof(canonical)) < 0)
		return opt_too_long(sizeof(canonical) - 2, e);
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(canonical, " "),
		 canonical);
	for (const char *p = canonical; (p = strchr(p, ' ')); p++)
		words++;
	if (number_parse(name, 10, 0, OPT_TEXT_SIZE, &n) < 0)
		return -EINVAL;
	if (n != words)
		return errmsg_set(e, EINVAL,
				  "says %lld words, but there are %lld",
				  (long long)n, (long long)words);
	if (n) {
		const char *p = strchr(canonical, ' ') + 1;

		snprintf(name, sizeof(name), "%.*s", (int)strcspn(p, " "), p);
		if (reg && reg->handlers && !opt_listed(reg->handlers, name))
			return opt_unlisted(reg->handlers, "handler", e);
	}
	strcpy(ret->text, canonical);
	ret->num = n;
	return 0;
}

int option_parse_features(const char *text, const struct config_registry *reg,
			  struct setting *ret, struct errmsg *e)
{
	struct features f;
	int r = option_parse_words(text, reg, ret, e);

	return r ? r : features_parse(ret->text, &f, e);
}

int option_parse_mode(const char *text, const struct config_registry *reg,
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

void option_set_number(struct setting *ret, int64_t num)
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
		option_set_number(ret, num);
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

int option_parse_uid(const char *text, const struct config_registry *reg,
			 struct setting *ret, struct errmsg *e)
{
	(void)reg;
	return opt_parse_id(text, opt_lookup_user, "user", ret, e);
}

int option_parse_gid(const char *text, const struct config_registry *reg,
			 struct setting *ret, struct errmsg *e)
{
	(void)reg;
	return opt_parse_id(text, opt_lookup_group, "group", ret, e);
}

/* A file's name under by-wwid/, so what holds for a path's name holds here. */
int option_parse_wwid(const char *text, const struct config_registry *reg,
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

int option_parse_word(const char *text, const struct config_registry *reg,
		      struct setting *ret, struct errmsg *e)
{
	if (!*text || strpbrk(text, " \t;"))
		return -EINVAL;
	return option_parse_words(text, reg, ret, e);
}

/* A volume's name, or the beginning of one. */
int option_parse_name(const char *text, const struct config_registry *reg,
		      struct setting *ret, struct errmsg *e)
{
	int rc = volume_name_check(text, e);

	(void)reg;
	if (rc < 0)
		return rc;
	snprintf(ret->text, sizeof(ret->text), "%s", text);
	ret->num = 0;
	return 0;
}

/* "sd:ID_SERIAL nvme:ID_WWN" */
int option_parse_uid_attrs(const char *text, const struct config_registry *reg,
			   struct setting *ret, struct errmsg *e)
{
	int rc = option_parse_words(text, reg, ret, e);

	for (const char *p = ret->text; rc == 0 && *p; p += strspn(p, " ")) {
		size_t len = strcspn(p, " "), colon = strcspn(p, ":");

		if (colon == 0 || colon + 1 >= len)
			return errmsg_set(e, EINVAL,
					  "'%.*s' is not PREFIX:PROPERTY",
					  (int)len, p);
		p += len;
	}
	return rc;
}

/* Something between two parts of a file's name; "" in the table: none. */
int option_parse_delimiter(const char *text, const struct config_registry *reg,
			   struct setting *ret, struct errmsg *e)
{
	if (strlen(text) > 16 || strchr(text, '/'))
		return -EINVAL;
	return option_parse_word(text, reg, ret, e);
}

/* "file", or a key of 8 bytes: "0x123abc", "123abc:aptpl". */
int option_parse_reservation_key(const char *text,
				 const struct config_registry *reg,
				 struct setting *ret, struct errmsg *e)
{
	const char *p = text + (text[0] == '0' && text[1] == 'x' ? 2 : 0);
	size_t digits = strspn(p, "0123456789abcdefABCDEF");
	bool key = digits > 0 && digits <= 16 &&
		   (!p[digits] || !strcmp(p + digits, ":aptpl")) &&
		   strspn(p, "0") < digits;

	(void)reg;
	if (!key && strcmp(text, "file") != 0)
		return errmsg_set(e, EINVAL,
				  "neither 'file' nor up to 16 hexadecimal digits, not all 0, with :aptpl or not");
	snprintf(ret->text, sizeof(ret->text), "%s", text);
	ret->num = 0;
	return 0;
}
