// SPDX-License-Identifier: MIT
/*
 * What LUNs are called (census 6.3): the alias of their section, else with
 * user_friendly_names what the bindings file says, else their WWID.
 *
 * A name that is another's gives way to the one it has, else to the WWID: a volume named by hand goes
 * before one that is found, of those the one that has the name, then the one
 * whose WWID it is, then the one that comes first. All are chosen together, so that two may exchange names.
 */
#include <stdio.h>
#include <string.h>

#include "core/alias.h"
#include "core/discovery_private.h"
#include "core/monitor_private.h"

static bool is_free(const struct discovery *d, const struct lun *l,
		    const char *name, struct errmsg *why)
{
	const struct volume_config *v = config_volume(d->config, name);

	if (v)
		errmsg_put(why, "'%s' is the name of [volume %s]", name,
			   v->name);
	for (size_t i = 0; !v && i < d->nluns; i++) {
		const struct lun *o = d->luns[i];

		if (o == l || !lun_is_used(o) || strcmp(o->next, name))
			continue;
		errmsg_put(why, "'%s' is the name of %s", name, o->wwid);
		return false;
	}
	return !v;
}

/* "": it is not known yet. */
static const char *wish(struct lun *l)
{
	const struct setting *s = l->c.settings.v;

	if (s[OPT_ALIAS].text[0])
		return s[OPT_ALIAS].text;
	if (!s[OPT_USER_FRIENDLY_NAMES].num)
		return l->wwid;
	if (l->friendly[0])
		return l->friendly;
	if (!((l->asked | l->needs) & NAMER_NAME))
		l->needs |= NAMER_NAME;
	return l->name;
}

static bool may_have(const struct discovery *d, const struct lun *l,
		     const char *name, struct errmsg *why)
{
	if (volume_name_check(name, why)) {
		errmsg_prefix(why, "'%s'", name);
		return false;
	}
	return is_free(d, l, name, why);
}

static void choose(struct discovery *d, struct lun *l)
{
	const char *name = wish(l);
	struct errmsg why = {.text = ""}, other;

	if (!*name)
		return;
	if (may_have(d, l, name, &why))
		strcpy(l->next, name);
	else if (l->v && may_have(d, l, l->name, &other))
		strcpy(l->next, l->name);
	else if (may_have(d, l, l->wwid, &other))
		strcpy(l->next, l->wwid);
	l->no_name = why;
}

void lun_tell_names(struct discovery *d, const char *event)
{
	for (size_t i = 0; i < d->nluns; i++) {
		struct lun *l = d->luns[i];
		const char *name = *l->name ? l->name : l->wwid;

		if (!strcmp(l->no_name.text, l->told_name.text))
			continue;
		if (!d->comparing)
			l->told_name = l->no_name;
		if (l->no_name.text[0])
			monitor_event(d->m, true, event, name, NULL,
				      l->no_name.text,
				      *l->name ? "it is called %s" :
						 "%s stays without a volume",
				      name);
	}
}

void lun_names(struct discovery *d)
{
	if (!d->renaming)
		return;
	d->renaming = false;
	for (size_t i = 0; i < d->nluns; i++)
		d->luns[i]->next[0] = '\0';
	for (size_t i = 0; i < d->nluns; i++) {
		struct lun *l = d->luns[i];

		if (lun_is_used(l) && *l->name && !strcmp(wish(l), l->name))
			choose(d, l);
	}
	/* Who is called by the WWID has no other name to fall back on. */
	for (size_t i = 0; i < d->nluns; i++) {
		struct lun *l = d->luns[i];

		if (lun_is_used(l) && !*l->next && !strcmp(wish(l), l->wwid))
			choose(d, l);
	}
	for (size_t i = 0; i < d->nluns; i++) {
		struct lun *l = d->luns[i];

		if (lun_is_used(l) && !*l->next)
			choose(d, l);
		strcpy(l->name, l->next);
	}
}
