// SPDX-License-Identifier: MIT
/*
 * The wwids file; see wwids.h. Every change is made under the lock, to what
 * the file says then.
 */
#include "core/wwids.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/alias.h"
#include "core/textlist.h"

struct wwid_set {
	struct textlist wwid; /* sorted */
	struct textlist odd;  /* lines that say no WWID */
};

struct wwids {
	struct statetable state; /* of a struct wwid_set */
};

static int set_add(struct wwid_set *s, const char *wwid, struct errmsg *e)
{
	size_t pos;

	if (wwid_check(wwid, e) < 0) {
		errmsg_prefix(e, "WWID '%s'", wwid);
		return -EINVAL;
	}
	if (textlist_find(&s->wwid, wwid, &pos))
		return 0;
	return textlist_insert(&s->wwid, pos, wwid) < 0
		       ? errmsg_set(e, ENOMEM, "out of memory")
		       : 0;
}

/* "/WWID/", where another '/' has no place. */
static int add_line(void *content, char *line, struct errmsg *e)
{
	size_t len = strlen(line);
	CLEANUP_FREE char *wwid = NULL;

	if (len < 2 || line[0] != '/' || line[len - 1] != '/')
		return errmsg_set(e, EINVAL, "'%s' is not a WWID between '/'",
				  line);
	wwid = strndup(line + 1, len - 2);
	return wwid ? set_add(content, wwid, e) : -ENOMEM;
}

static void print(const void *content, FILE *out)
{
	const struct wwid_set *s = content;

	for (size_t i = 0; i < s->wwid.n; i++)
		fprintf(out, "/%s/\n", s->wwid.text[i]);
}

static const struct state_form form = {
	.header = "# LUNs to take: /WWID/. Kept by mpathfs, sorted; other comments are\n"
		  "# not kept.\n",
	.odd = "say no WWID",
	.add = add_line,
	.print = print,
};

static int set_parse(void *content, char *text, size_t len, const char *file,
		     const struct state_warn *w)
{
	struct wwid_set *s = content;

	return state_parse(&form, s, &s->odd, text, len, file, w);
}

static int set_render(const void *content, char **ret, size_t *len)
{
	const struct wwid_set *s = content;

	return state_render(&form, s, &s->odd, ret, len);
}

static void set_clear(void *content)
{
	struct wwid_set *s = content;

	textlist_clear(&s->wwid);
	textlist_clear(&s->odd);
}

static const struct statetable_ops wwids_ops = {
	.name = "wwids",
	.size = sizeof(struct wwid_set),
	.parse = set_parse,
	.render = set_render,
	.clear = set_clear,
};

struct wwids *wwids_new(const char *dir, const struct state_warn *warn)
{
	struct wwids *w = calloc(1, sizeof(*w));

	if (w && statetable_init(&w->state, &wwids_ops, dir, warn) < 0) {
		free(w);
		w = NULL;
	}
	return w;
}

void wwids_free(struct wwids *w)
{
	statetable_fini(&w->state);
	free(w);
}

int wwids_refresh(struct wwids *w, struct errmsg *e)
{
	return statetable_refresh(&w->state, e);
}

static bool set_has(const struct wwid_set *s, const char *wwid)
{
	size_t pos;

	return textlist_find(&s->wwid, wwid, &pos);
}

bool wwids_has(const struct wwids *w, const char *wwid)
{
	return set_has(w->state.content, wwid);
}

/* The changes, of statetable_update(). */

static int change_add(void *content, const void *wwid, struct errmsg *e)
{
	return set_has(content, wwid) ? STATE_AS_IS : set_add(content, wwid, e);
}

int wwids_add(struct wwids *w, const char *wwid, struct errmsg *e)
{
	return statetable_update(&w->state, change_add, wwid, e);
}

static int change_remove(void *content, const void *wwid, struct errmsg *e)
{
	struct wwid_set *s = content;
	size_t pos;

	(void)e;
	if (!textlist_find(&s->wwid, wwid, &pos))
		return STATE_AS_IS;
	textlist_remove(&s->wwid, pos);
	return 0;
}

int wwids_remove(struct wwids *w, const char *wwid, struct errmsg *e)
{
	return statetable_update(&w->state, change_remove, wwid, e);
}

struct reset {
	const char *const *wwid;
	size_t n;
};

static int change_reset(void *content, const void *arg, struct errmsg *e)
{
	const struct reset *to = arg;
	int r = 0;

	set_clear(content);
	for (size_t i = 0; i < to->n && r == 0; i++)
		r = set_add(content, to->wwid[i], e);
	return r;
}

int wwids_reset(struct wwids *w, const char *const *wwid, size_t n,
		struct errmsg *e)
{
	struct reset to = {wwid, n};

	return statetable_update(&w->state, change_reset, &to, e);
}
