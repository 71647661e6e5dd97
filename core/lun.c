// SPDX-License-Identifier: MIT
/*
 * The LUNs that disks lead to: their settings, and what the state directory
 * says of them; see discovery.h.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/discovery_private.h"
#include "core/monitor_private.h"

/* LUNs that are asked about at once: each may cost a write to a disk. */
#define BATCH 64
/* When what could not be written is tried again. */
#define RETRY (60 * NSEC_PER_SEC)

/* The table */

static size_t position(const struct discovery *d, const char *wwid)
{
	size_t from = 0, to = d->nluns;

	while (from < to) {
		size_t mid = (from + to) / 2;

		if (strcmp(d->luns[mid]->wwid, wwid) < 0)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

struct lun *lun_find(const struct discovery *d, const char *wwid)
{
	size_t i = position(d, wwid);

	return i < d->nluns && !strcmp(d->luns[i]->wwid, wwid) ? d->luns[i]
							       : NULL;
}

struct lun *lun_get(struct discovery *d, const char *wwid)
{
	struct lun *l = lun_find(d, wwid), **all;
	size_t i = position(d, wwid);

	if (l)
		return l;
	all = reallocarray(d->luns, d->nluns + 1, sizeof(*all));
	if (!all)
		return NULL;
	d->luns = all;
	l = calloc(1, sizeof(*l));
	if (!l)
		return NULL;
	snprintf(l->wwid, sizeof(l->wwid), "%s", wwid);
	snprintf(l->c.key, sizeof(l->c.key), "/%s", wwid);
	l->c.found = true;
	l->needs = NAMER_KNOWN;
	memmove(&all[i + 1], &all[i], (d->nluns - i) * sizeof(*all));
	all[i] = l;
	d->nluns++;
	return l;
}

static void free_lun(struct lun *l)
{
	free(l->c.paths);
	free(l);
}

static bool is_referred_to(const struct discovery *d, const struct lun *l)
{
	for (size_t i = 0; i < d->ndisks; i++) {
		const struct found *f = d->disks[i];

		if (f->of == l || f->path_of == l ||
		    !strcmp(f->a.wwid, l->wwid))
			return true;
	}
	return false;
}

void lun_prune(struct discovery *d)
{
	size_t n = 0;

	for (size_t i = 0; i < d->nluns; i++) {
		struct lun *l = d->luns[i];

		if (lun_is_used(l) || l->wanted || is_referred_to(d, l))
			d->luns[n++] = l;
		else
			free_lun(l);
	}
	d->nluns = n;
}

void lun_free_all(struct discovery *d)
{
	for (size_t i = 0; i < d->nluns; i++)
		free_lun(d->luns[i]);
	free(d->luns);
}

/* Settings */

/*
 * The two may come from different sections: only here they are a pair. In a
 * multipath.conf words go with the prio of their own section; here those of a
 * section that goes behind the prio's count if they are some for it.
 */
static void fit_prio(struct discovery *d, struct lun *l)
{
	const struct config_registry *reg = d->m->p.registry;
	struct setting *prio = &l->c.settings.v[OPT_PRIO];
	struct setting *args = &l->c.settings.v[OPT_PRIO_ARGS];
	struct errmsg e;

	if (!reg || !reg->check_prio ||
	    !reg->check_prio(prio->text, args->text, &e))
		return;
	if (args->origin < prio->origin &&
	    !reg->check_prio(prio->text, "", NULL)) {
		option_builtin(OPT_PRIO_ARGS, args);
		return;
	}
	errmsg_prefix(&e, "prio = %s, prio_args = %s", prio->text, args->text);
	option_builtin(OPT_PRIO, prio);
	option_builtin(OPT_PRIO_ARGS, args);
	monitor_event(d->m, true, "setting-dropped",
		      *l->name ? l->name : l->wwid, NULL, e.text, "prio = %s",
		      prio->text);
}

static bool take_text(char *to, size_t size, const char *from)
{
	if (!strcmp(to, from))
		return false;
	snprintf(to, size, "%s", from);
	return true;
}

/* By its first disk; true: it is a LUN of another kind than before. */
static bool take_identity(struct lun *l, const struct disk *disk)
{
	bool other = false;

	other |= take_text(l->vendor, sizeof(l->vendor), disk->facts.vendor);
	other |= take_text(l->product, sizeof(l->product), disk->facts.product);
	other |= take_text(l->revision, sizeof(l->revision),
			   disk->facts.revision);
	return other;
}

static void make_settings(struct discovery *d, struct lun *l)
{
	const struct lun_identity id = {
		.wwid = l->wwid,
		.vendor = l->vendor,
		.product = l->product,
		.revision = l->revision,
		.protocol = "", /* transport.h: of each path */
	};

	config_for_lun(d->config, &id, &l->c.settings);
	fit_prio(d, l);
	l->by = d->config;
	l->settled = false;
	d->renaming = true;
}

void lun_settings(struct discovery *d)
{
	for (size_t i = 0; i < d->nluns; i++)
		d->luns[i]->ndisks = 0;
	for (size_t i = 0; i < d->ndisks; i++) {
		struct lun *l = d->disks[i]->of;

		if (l && ++l->ndisks == 1 &&
		    take_identity(l, d->disks[i]->disk))
			l->by = NULL;
	}
	for (size_t i = 0; i < d->nluns; i++) {
		struct lun *l = d->luns[i];

		if (lun_is_used(l) && (l->by != d->config || d->afresh))
			make_settings(d, l);
	}
}

/* The state directory */

void lun_ask_all(struct discovery *d)
{
	for (size_t i = 0; i < d->nluns; i++) {
		struct lun *l = d->luns[i];

		l->needs |= NAMER_KNOWN;
		if (l->owed && (l->v || l->wanted))
			l->needs |= NAMER_ADD;
		if (*l->friendly)
			l->needs |= NAMER_NAME;
	}
}

static void fill_query(const struct lun *l, unsigned int what,
		       struct namer_query *q)
{
	q->what = what;
	strcpy(q->wwid, l->wwid);
	/* The WWID, which is no name of that kind, says nothing. */
	strcpy(q->current, l->name);
	snprintf(q->prefix, sizeof(q->prefix), "%s",
		 l->c.settings.v[OPT_ALIAS_PREFIX].text);
}

static void take_name(struct namer_batch *b, const char *name, const char *wwid,
		      bool yields)
{
	struct namer_taken *t = &b->taken[b->ntaken++];

	t->yields = yields;
	strcpy(t->name, name);
	strcpy(t->wwid, wwid);
}

static void fill_taken(const struct discovery *d, struct namer_batch *b)
{
	for (size_t i = 0; i < d->config->nvolumes; i++)
		take_name(b, d->config->volumes[i].name, "", false);
	for (size_t i = 0; i < d->config->nentries; i++) {
		const struct config_entry *t = &d->config->entries[i];

		for (size_t k = 0; t->kind == ENTRY_MULTIPATH && k < t->nvalues;
		     k++)
			if (t->values[k].o == OPT_ALIAS)
				take_name(b, t->values[k].s.text, t->name,
					  false);
	}
	for (size_t i = 0; i < d->nluns; i++)
		if (d->luns[i]->name[0])
			take_name(b, d->luns[i]->name, d->luns[i]->wwid, true);
}

/* What to ask for now: names are waited for, the rest is not. */
static unsigned int urgent_needs(const struct discovery *d)
{
	unsigned int needs = 0;

	for (size_t i = 0; i < d->nluns; i++)
		needs |= d->luns[i]->needs;
	return needs & ~NAMER_ADD ? needs & ~NAMER_ADD : needs;
}

void lun_ask(struct discovery *d)
{
	unsigned int what = urgent_needs(d);
	struct namer_batch b = {NULL};

	if (d->stopping || namer_busy(d->namer) || !what)
		return;
	b.query = calloc(BATCH, sizeof(*b.query));
	b.taken = calloc(d->config->nvolumes + d->config->nentries + d->nluns,
			 sizeof(*b.taken));
	if (!b.query || !b.taken) {
		namer_batch_fini(&b); /* at the next step */
		return;
	}
	fill_taken(d, &b);
	for (size_t i = 0; i < d->nluns && b.n < BATCH; i++) {
		struct lun *l = d->luns[i];

		if (!(l->needs & what))
			continue;
		fill_query(l, l->needs & what, &b.query[b.n++]);
		l->asked = l->needs & what;
		l->needs &= ~what;
	}
	namer_ask(d->namer, &b);
}

static void take_answer(struct discovery *d, struct lun *l,
			const struct namer_query *q)
{
	l->asked = 0;
	if (q->what & NAMER_ADD)
		l->owed = !q->known;
	if (l->owed)
		discovery_reread(d, d->m->now + RETRY);
	if (l->known != q->known) {
		found_spoil(d, l->wwid);
		l->known = q->known;
	}
	if (q->what & NAMER_NAME && strcmp(l->friendly, q->name)) {
		strcpy(l->friendly, q->name);
		d->renaming = true;
	}
	if (q->why.text[0] && strcmp(l->told_file.text, q->why.text) != 0)
		monitor_event(d->m, true, "state-file",
			      *l->name ? l->name : l->wwid, NULL, q->why.text,
			      q->what & NAMER_NAME ? "it is called %s" : "",
			      q->name);
	/* What is still owed has been told, and is told once. */
	if (!l->owed || q->what & NAMER_ADD)
		l->told_file = q->why;
}

void lun_answered(void *ctx, const struct namer_batch *b)
{
	struct discovery *d = ctx;

	d->todo = true;
	for (size_t i = 0; i < b->n; i++) {
		struct lun *l = lun_find(d, b->query[i].wwid);

		if (l)
			take_answer(d, l, &b->query[i]);
	}
}
