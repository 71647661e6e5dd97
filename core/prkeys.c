// SPDX-License-Identifier: MIT
/*
 * The file of reservation keys; see prkeys.h. Every change is made under the
 * lock, to what the file says then.
 */
#include "core/prkeys.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/alias.h"
#include "core/reserver.h"
#include "core/textlist.h"

#define APTPL ":aptpl"

struct key_set {
	struct textlist wwid; /* sorted */
	struct prkey *key;    /* of each */
	struct textlist odd;  /* lines that say no key */
};

struct prkeys {
	struct statetable state; /* of a struct key_set */
};

bool prkey_parse(const char *word, struct prkey *ret)
{
	const char *colon = strchr(word, ':');
	size_t len = colon ? (size_t)(colon - word) : strlen(word);
	struct prkey k = {.aptpl = colon != NULL};
	char digits[32];

	if (len >= sizeof(digits) || (colon && strcmp(colon, APTPL)))
		return false;
	memcpy(digits, word, len);
	digits[len] = '\0';
	if (!reserve_key_parse(digits, &k.key))
		return false;
	*ret = k;
	return true;
}

static int insert(struct key_set *s, size_t pos, const char *wwid,
		  struct prkey key)
{
	struct prkey *room = reallocarray(s->key, s->wwid.n + 1, sizeof(*room));

	if (!room)
		return -ENOMEM;
	s->key = room;
	if (textlist_insert(&s->wwid, pos, wwid) < 0)
		return -ENOMEM;
	memmove(room + pos + 1, room + pos,
		(s->wwid.n - 1 - pos) * sizeof(*room));
	room[pos] = key;
	return 0;
}

/* Of several lines for one LUN the first counts, and the others are odd. */
static int add_line(void *content, char *line, struct errmsg *e)
{
	struct key_set *s = content;
	const char *word = strsep(&line, STATE_BLANKS);
	const char *wwid = line ? line + strspn(line, STATE_BLANKS) : "";
	struct prkey key;
	size_t pos;

	if (!prkey_parse(word, &key) || !key.key)
		return errmsg_set(e, EINVAL, "'%s' is no key", word);
	if (wwid_check(wwid, e) < 0) {
		errmsg_prefix(e, "WWID '%s'", wwid);
		return -EINVAL;
	}
	if (textlist_find(&s->wwid, wwid, &pos))
		return errmsg_set(e, EINVAL, "WWID '%s' has a key already",
				  wwid);
	return insert(s, pos, wwid, key);
}

static void print(const void *content, FILE *out)
{
	const struct key_set *s = content;

	for (size_t i = 0; i < s->wwid.n; i++)
		fprintf(out, "0x%016llx%s %s\n",
			(unsigned long long)s->key[i].key,
			s->key[i].aptpl ? APTPL : "", s->wwid.text[i]);
}

static const struct state_form form = {
	.header = "# Keys of persistent reservations: 0xKEY[:aptpl] "
		  "WWID. Kept by mpathfs,\n"
		  "# sorted; other comments are not kept.\n",
	.odd = "say no key",
	.add = add_line,
	.print = print,
};

static int set_parse(void *content, char *text, size_t len, const char *file,
		     const struct state_warn *w)
{
	struct key_set *s = content;

	return state_parse(&form, s, &s->odd, text, len, file, w);
}

static int set_render(const void *content, char **ret, size_t *len)
{
	const struct key_set *s = content;

	return state_render(&form, s, &s->odd, ret, len);
}

static void set_clear(void *content)
{
	struct key_set *s = content;

	textlist_clear(&s->wwid);
	textlist_clear(&s->odd);
	free(s->key);
	s->key = NULL;
}

static const struct statetable_ops prkeys_ops = {
	.name = "prkeys",
	.size = sizeof(struct key_set),
	.parse = set_parse,
	.render = set_render,
	.clear = set_clear,
};

struct prkeys *prkeys_new(const char *dir, const struct state_warn *warn)
{
	struct prkeys *p = calloc(1, sizeof(*p));

	if (p && statetable_init(&p->state, &prkeys_ops, dir, warn) < 0) {
		free(p);
		p = NULL;
	}
	return p;
}

void prkeys_free(struct prkeys *p)
{
	statetable_fini(&p->state);
	free(p);
}

int prkeys_refresh(struct prkeys *p, struct errmsg *e)
{
	return statetable_refresh(&p->state, e);
}

struct prkey prkeys_get(const struct prkeys *p, const char *wwid)
{
	const struct key_set *s = p->state.content;
	size_t pos;

	return textlist_find(&s->wwid, wwid, &pos) ? s->key[pos]
						   : (struct prkey){0};
}

/* The change, of statetable_update(). */

struct change {
	const char *wwid;
	struct prkey key;
};

static int change_key(void *content, const void *arg, struct errmsg *e)
{
	const struct change *c = arg;
	struct key_set *s = content;
	size_t pos;
	bool there = textlist_find(&s->wwid, c->wwid, &pos);

	if (!c->key.key && !there)
		return STATE_AS_IS;
	if (!c->key.key) {
		textlist_remove(&s->wwid, pos);
		memmove(s->key + pos, s->key + pos + 1,
			(s->wwid.n - pos) * sizeof(*s->key));
		return 0;
	}
	if (!there && wwid_check(c->wwid, e) < 0) {
		errmsg_prefix(e, "WWID '%s'", c->wwid);
		return -EINVAL;
	}
	if (!there)
		return insert(s, pos, c->wwid, c->key) < 0
			       ? errmsg_set(e, ENOMEM, "out of memory")
			       : 0;
	if (s->key[pos].key == c->key.key && s->key[pos].aptpl == c->key.aptpl)
		return STATE_AS_IS;
	s->key[pos] = c->key;
	return 0;
}

int prkeys_set(struct prkeys *p, const char *wwid, struct prkey key,
	       struct errmsg *e)
{
	const struct change c = {wwid, key};

	return statetable_update(&p->state, change_key, &c, e);
}
