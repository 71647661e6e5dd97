// SPDX-License-Identifier: MIT
/*
 * What no line of the configuration shows by itself: names and identities that
 * are given twice, and options that do not fit each other. All files have been
 * read; see config_load.h.
 */
#include "core/config_load.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Volumes that are named by hand */

/* by-wwid/ has one link per WWID: one LUN is one volume. */
static void check_wwid(struct load *l, size_t volume)
{
	const struct volume_config *v = &l->config->volumes[volume];
	const struct setting *wwid = &v->settings.v[OPT_WWID];
	size_t i;

	for (i = 0; i < volume; i++) {
		const struct volume_config *other = &l->config->volumes[i];

		/* An empty one was refused, and so was a second name. */
		if (!wwid->text[0] || strcmp(v->name, other->name) == 0 ||
		    strcmp(wwid->text, other->settings.v[OPT_WWID].text) != 0)
			continue;
		l->file = wwid->where[0] ? wwid->where : v->where;
		load_error(l, 0,
			   "[volume %s]: wwid: '%s' is that of [volume %s] at "
			   "%s already",
			   v->name, wwid->text, other->name, other->where);
	}
}

/* The two may come from different sections: only here they are a pair. */
static void check_volume_prio(struct load *l, const struct volume_config *v)
{
	const struct setting *prio = &v->settings.v[OPT_PRIO];
	const struct setting *args = &v->settings.v[OPT_PRIO_ARGS];
	struct errmsg e;

	if (!l->reg->check_prio || !l->reg->check_prio(prio->text, args->text, &e))
		return;
	l->file = args->where[0] ? args->where : prio->where;
	load_error(l, 0, "[volume %s]: prio = %s, prio_args = %s: %s", v->name,
		   prio->text, args->text, e.text);
}

/* LUNs that are found */

/* What the section calls its LUN; NULL: nothing, or a later one of the same LUN
 * says otherwise. */
static const struct setting *alias_of(const struct config *c, size_t i)
{
	const struct config_entry *t = &c->entries[i];
	const struct config_value *v =
		t->kind == ENTRY_MULTIPATH ? entry_find(t, OPT_ALIAS) : NULL;

	for (size_t k = i + 1; v && k < c->nentries; k++)
		if (c->entries[k].kind == ENTRY_MULTIPATH &&
		    !strcmp(c->entries[k].name, t->name) &&
		    entry_find(&c->entries[k], OPT_ALIAS))
			return NULL;
	return v ? &v->s : NULL;
}

static void check_alias(struct load *l, size_t entry)
{
	const struct config *c = l->config;
	const struct setting *alias = alias_of(c, entry);
	const struct volume_config *hand =
		alias ? config_volume(c, alias->text) : NULL;

	if (!alias)
		return;
	l->file = alias->where;
	if (hand)
		load_error(l, 0,
			   "alias: '%s' is the name of the volume at %s already",
			   alias->text, hand->where);
	for (size_t i = 0; i < entry; i++) {
		const struct setting *other = alias_of(c, i);

		if (other && !strcmp(other->text, alias->text))
			load_error(l, 0,
				   "alias: '%s' is that of [multipath %s] at %s "
				   "already",
				   alias->text, c->entries[i].name,
				   other->where);
	}
}

static const char *said_text(const struct config_entry *t, enum opt o)
{
	const struct config_value *v = entry_find(t, o);

	return v ? v->s.text : NULL;
}

/* Each section's prio and prio_args; the first are those of [defaults]. */
static struct prio_pair *prio_pairs(const struct config *c)
{
	struct prio_pair *p = calloc(c->nentries + 1, sizeof(*p));

	if (!p)
		return NULL;
	p[0].prio = c->defaults.v[OPT_PRIO].text;
	p[0].args = c->defaults.v[OPT_PRIO_ARGS].text;
	for (size_t i = 0; i < c->nentries; i++) {
		p[i + 1].prio = said_text(&c->entries[i], OPT_PRIO);
		p[i + 1].args = said_text(&c->entries[i], OPT_PRIO_ARGS);
	}
	return p;
}

int config_check_prio(const struct config_registry *reg,
		      const struct prio_pair *pairs, size_t n, size_t i,
		      struct errmsg *e)
{
	const struct prio_pair *p = &pairs[i];
	int r;

	if (!reg->check_prio || !p->prio)
		return 0;
	/* Those of [defaults] may be another section's too. */
	r = reg->check_prio(p->prio, p->args ? p->args : "", e);
	if (!r || (p->args && *p->args))
		return r;
	for (size_t k = 0; k < n; k++)
		if (pairs[k].args && *pairs[k].args &&
		    !reg->check_prio(p->prio, pairs[k].args, NULL))
			return 0;
	return r;
}

static void check_prios(struct load *l)
{
	struct config *c = l->config;
	CLEANUP_FREE struct prio_pair *p = prio_pairs(c);

	if (!p) {
		load_fail(l, -ENOMEM);
		return;
	}
	for (size_t i = 0; i <= c->nentries; i++) {
		const struct setting *s = &c->defaults.v[OPT_PRIO];
		struct errmsg e;

		if (!config_check_prio(l->reg, p, c->nentries + 1, i, &e))
			continue;
		if (i)
			s = &entry_find(&c->entries[i - 1], OPT_PRIO)->s;
		l->file = s->where[0] ? s->where :
					c->defaults.v[OPT_PRIO_ARGS].where;
		load_error(l, 0, "prio = %s, prio_args = %s: %s", p[i].prio,
			   p[i].args ? p[i].args : "", e.text);
	}
}

void load_check(struct load *l)
{
	for (size_t i = 0; i < l->config->nvolumes; i++) {
		check_wwid(l, i);
		check_volume_prio(l, &l->config->volumes[i]);
	}
	for (size_t i = 0; i < l->config->nentries; i++)
		check_alias(l, i);
	check_prios(l);
}
