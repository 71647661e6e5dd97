// SPDX-License-Identifier: MIT
/*
 * From texts to settings by the table of options (option.c); declared in
 * config.h. No state and no locks.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "core/number.h"
#include "core/option_private.h"

const struct option_info *option_info(enum opt o)
{
	return &option_row(o)->info;
}

int option_find(const char *name)
{
	int o;

	for (o = 0; o < OPT_COUNT; o++)
		if (strcmp(option_info((enum opt)o)->name, name) == 0)
			return o;
	return -1;
}

static int opt_parse_choice(const struct opt_row *row, const char *text,
			    struct setting *ret)
{
	const struct opt_word *w = row->choice;
	int64_t num = 0;
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
	if (row->min < 0 && *text == '-') {
		rc = number_parse(text + 1, 10, 0, -row->min, &num);
		num = -num;
	} else {
		rc = number_parse(text, 10, MAX(row->min, 0), row->max, &num);
	}
	if (rc < 0)
		return rc;
	option_set_number(ret, num);
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
	const struct opt_row *row = option_row(o);
	struct errmsg why = {""};
	struct setting s = {0};
	int rc;

	if (opt_has_control(text))
		rc = errmsg_set(&why, EINVAL, "has a control character in it");
	else if (*text == '"') /* it is so in multipath.conf */
		rc = errmsg_set(&why, EINVAL,
				"is in quotes: it is to be without");
	else if (row->parse)
		rc = row->parse(text, reg, &s, &why);
	else
		rc = opt_parse_choice(row, text, &s);
	if (rc == 0) {
		ret->num = s.num;
		memcpy(ret->text, s.text, sizeof(s.text));
		return 0;
	}
	/* A written text may be long: the reason must not be what is cut. */
	return errmsg_set(e, EINVAL, "%s: '%.128s': %s", row->info.name, text,
			  why.text[0] ? why.text : row->info.words);
}

void option_builtin(enum opt o, struct setting *ret)
{
	uid_t user = geteuid();
	bool id = o == OPT_UID || o == OPT_GID;

	memset(ret, 0, sizeof(*ret));
	if (!*option_info(o)->builtin)
		return;
	if (id && user != 0)
		option_set_number(ret, o == OPT_UID ? user : getegid());
	else if (option_parse(o, option_info(o)->builtin, NULL, ret, NULL) < 0)
		option_set_number(ret, 0); /* only a name that does not exist */
}
