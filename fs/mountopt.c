// SPDX-License-Identifier: MIT
/*
 * One table says what becomes of each word; see mountopt.h. No state.
 *
 * What mount(8) and its helpers add on their own account (defaults, nofail,
 * x-…) is passed over; what would break the daemon (max_read, auto_unmount) or
 * means nothing here is refused, as a silent word is worse than none.
 */
#include "fs/mountopt.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum fate { IGNORE, PASS, CONFIG, STATE_DIR };

static const struct {
	const char *word; /* ending in '=': takes a value; in '-': a prefix */
	enum fate fate;
} words[] = {
	{"config=", CONFIG},
	{"state_dir=", STATE_DIR},
	{"allow_other", PASS},
	{"ro", PASS},
	{"rw", PASS},
	{"exec", PASS},
	{"noexec", PASS},
	{"nodev", PASS},
	{"nosuid", PASS},
	{"sync", PASS},
	{"async", PASS},
	{"dirsync", PASS},
	{"atime", PASS},
	{"noatime", PASS},
	{"context=", PASS},
	{"fscontext=", PASS},
	{"defcontext=", PASS},
	{"rootcontext=", PASS},
	/* always so, or of no consequence on a tree without such files */
	{"default_permissions", IGNORE},
	{"dev", IGNORE},
	{"suid", IGNORE},
	{"relatime", IGNORE},
	{"norelatime", IGNORE},
	{"strictatime", IGNORE},
	{"nostrictatime", IGNORE},
	{"diratime", IGNORE},
	{"nodiratime", IGNORE},
	{"lazytime", IGNORE},
	{"nolazytime", IGNORE},
	/* of mount(8) and of fstab */
	{"defaults", IGNORE},
	{"auto", IGNORE},
	{"noauto", IGNORE},
	{"user", IGNORE},
	{"nouser", IGNORE},
	{"users", IGNORE},
	{"user=", IGNORE},
	{"group", IGNORE},
	{"nogroup", IGNORE},
	{"owner", IGNORE},
	{"noowner", IGNORE},
	{"nofail", IGNORE},
	{"_netdev", IGNORE},
	{"comment=", IGNORE},
	{"x-", IGNORE},
	{"X-", IGNORE},
};

static bool word_matches(const char *word, const char *text)
{
	size_t n = strlen(word);

	if (word[n - 1] == '=' || word[n - 1] == '-')
		return strncmp(text, word, n) == 0;
	return strcmp(text, word) == 0;
}

static int set_text(char **to, const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		return -ENOMEM;
	free(*to);
	*to = copy;
	return 0;
}

static int pass(struct mountopt *o, const char *text)
{
	char *list;

	if (asprintf(&list, "%s%s%s", o->fuse ? o->fuse : "",
		     o->fuse && *o->fuse ? "," : "", text) < 0)
		return -ENOMEM;
	free(o->fuse);
	o->fuse = list;
	return 0;
}

static int set_file(char **to, const char *text, struct errmsg *e)
{
	const char *value = strchr(text, '=') + 1;

	if (value[0] != '/')
		return errmsg_set(e, EINVAL,
				  "-o %s: an absolute path is needed", text);
	return set_text(to, value);
}

static int add_word(struct mountopt *o, const char *text, struct errmsg *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (!word_matches(words[i].word, text))
			continue;
		switch (words[i].fate) {
		case IGNORE:
			return 0;
		case PASS:
			return pass(o, text);
		case CONFIG:
			return set_file(&o->config, text, e);
		case STATE_DIR:
			return set_file(&o->state_dir, text, e);
		}
	}
	return errmsg_set(e, EINVAL, "-o %s: no such option of mpathfs", text);
}

int mountopt_add(struct mountopt *o, const char *list, struct errmsg *e)
{
	CLEANUP_FREE char *copy = strdup(list);
	char *save = NULL;
	char *text;
	int r = copy ? 0 : -ENOMEM;

	if (r == 0 && !o->fuse)
		r = set_text(&o->fuse, "");
	for (text = r ? NULL : strtok_r(copy, ",", &save); text && r == 0;
	     text = strtok_r(NULL, ",", &save))
		r = add_word(o, text, e);
	if (r == -ENOMEM)
		errmsg_set(e, ENOMEM, "-o: out of memory");
	return r;
}

void mountopt_free(struct mountopt *o)
{
	free(o->config);
	free(o->state_dir);
	free(o->fuse);
	*o = (struct mountopt){0};
}
