// SPDX-License-Identifier: MIT
/*
 * A configuration becomes volumes, as a transaction; see monitor_apply(). What
 * can fail happens in plan.c; here it is carried out, which cannot: paths and
 * groups are exchanged, views published. What is taken out (paths, volumes) is
 * freed once nothing of it is in flight.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/device.h"
#include "core/group.h"
#include "core/monitor_private.h"
#include "core/opening.h"
#include "core/path.h"
#include "core/plan.h"

static const struct checker_ops *checker_of(const struct monitor *m,
					    const struct settings *s)
{
	return checker_find(m->p.checkers, s->v[OPT_PATH_CHECKER].text);
}

static void retire_path(struct monitor *m, struct path *p)
{
	p->health.active = false;
	p->health.offered = false;
	if (p->health.opening) /* its end is for nobody */
		p->health.opening->path = NULL;
	p->health.opening = NULL;
	atomic_store_explicit(&p->usable, false, memory_order_release);
	m->retired_paths[m->nretired_paths++] = p;
}

static bool has_path(const struct volume *v, const struct path *p)
{
	for (unsigned int i = 0; i < v->npaths; i++)
		if (v->paths[i] == p)
			return true;
	return false;
}

/* Which of the new groups is the one that is current now, if any? */
static struct group *successor(const struct volume *v, struct group **groups,
			       unsigned int n)
{
	for (unsigned int i = 0; v->current && i < n; i++)
		for (unsigned int k = 0; k < v->current->npaths; k++)
			if (groups[i]->paths[0] == v->current->paths[k])
				return groups[i];
	return NULL;
}

static void exchange_groups(struct monitor *m, struct volume *v,
			    struct group **groups, unsigned int n)
{
	struct group **old = v->groups;
	unsigned int nold = v->ngroups;
	struct group *current = successor(v, groups, n);

	v->groups = groups;
	v->ngroups = n;
	v->current = current;
	v->next = NULL;
	v->run->stats.map_loads++;
	monitor_settle(m, v, true); /* and a grace period */
	volume_free_groups(old, nold);
}

int apply_regroup(struct monitor *m, struct volume *v,
		  const struct settings *s, struct errmsg *e)
{
	struct group **groups;
	unsigned int n;
	int r;

	r = volume_group_paths(v, v->paths, v->npaths, s, m->p.selectors,
			       &groups, &n, e);
	if (r)
		return r;
	exchange_groups(m, v, groups, n);
	return 0;
}

static void commit_volume(struct plan *plan, struct planned_volume *pv)
{
	struct monitor *m = plan->m;
	struct volume *v = pv->v;
	struct path **old = v->paths;
	unsigned int nold = v->npaths;

	v->paths = pv->list;
	v->npaths = pv->npaths;
	pv->list = NULL;
	v->settings = pv->settings;
	v->run->base = pv->c->settings;
	snprintf(v->wwid, sizeof(v->wwid), "%s",
		 v->settings.v[OPT_WWID].text);
	for (unsigned int i = 0; i < pv->npaths; i++)
		if (pv->paths[i].fresh)
			check_init(pv->paths[i].path,
				   checker_of(m, &v->settings), m->now);
	for (unsigned int i = 0; i < nold; i++)
		if (!has_path(v, old[i]))
			retire_path(m, old[i]);
	free(old);
	volume_measure(v);
	monitor_reset_queueing(m, v);
	exchange_groups(m, v, pv->groups, pv->ngroups);
	pv->groups = NULL;
	if (pv->fresh)
		atomic_store_explicit(&m->p.table[v->id], v,
				      memory_order_release);
}

static void retire_volume(struct monitor *m, struct volume *v)
{
	struct monitor_front *f = m->p.front;

	monitor_event(m, false, "volume-removed", v->name, NULL,
		      "reconfigure", NULL);
	atomic_store_explicit(&m->p.table[v->id], NULL, memory_order_release);
	volume_publish(v, true, true);
	f->grace(f);
	f->poke_lanes(f);
	cds_list_add_tail(&v->run->retired, &m->retired_volumes);
	f->volume_changed(f, v);
}

static int by_name(const void *a, const void *b)
{
	const struct volume *const *va = a, *const *vb = b;

	return strcmp((*va)->name, (*vb)->name);
}

static void commit(struct plan *plan)
{
	struct monitor *m = plan->m;
	struct monitor_front *f = m->p.front;
	struct volume **old = m->volumes;
	unsigned int nold = m->nvolumes;

	for (unsigned int i = 0; i < plan->n; i++)
		plan->volumes[i] = plan->v[i].v;
	qsort(plan->volumes, plan->n, sizeof(struct volume *), by_name);
	m->volumes = plan->volumes;
	m->nvolumes = plan->n;
	free(m->retired_paths); /* copied into the larger room */
	m->retired_paths = plan->retired_paths;
	for (unsigned int i = 0; i < plan->n; i++) {
		commit_volume(plan, &plan->v[i]);
		if (!plan->v[i].fresh)
			continue;
		monitor_event(m, false, "volume-added", plan->v[i].v->name,
			      NULL, NULL, "%u paths, %llu bytes",
			      plan->v[i].npaths,
			      (unsigned long long)plan->v[i].v->run->size);
		f->volume_changed(f, plan->v[i].v);
	}
	for (unsigned int i = 0; i < nold; i++)
		if (!plan_has(plan, old[i]))
			retire_volume(m, old[i]);
	free(old);
	f->keep_changed(f);
}

int monitor_apply(struct monitor *m, const struct config *c, bool strict,
		  uint64_t now, struct errmsg *e)
{
	struct plan plan = { .m = m, .strict = strict };
	struct errmsg ignored;
	int r;

	m->now = now;
	r = plan_make(&plan, c, e ? e : &ignored);
	if (r)
		plan_undo(&plan);
	else
		commit(&plan);
	plan_free(&plan);
	return r;
}

/* Freeing what was taken out */

void apply_free_retired(struct monitor *m)
{
	struct volume_run *run, *next;
	unsigned int n = 0;

	for (unsigned int i = 0; i < m->nretired_paths; i++) {
		struct path *p = m->retired_paths[i];

		if (path_idle(p) && check_close(m, p) == 0)
			path_free(p);
		else
			m->retired_paths[n++] = p;
	}
	m->nretired_paths = n;
	cds_list_for_each_entry_safe(run, next, &m->retired_volumes, retired) {
		struct volume *v = run->volume;

		if (!volume_idle(v))
			continue;
		cds_list_del(&run->retired);
		volume_free(v);
	}
}

static void free_volume_now(struct volume *v)
{
	for (unsigned int i = 0; i < v->npaths; i++)
		if (v->paths[i]->health.opening)
			v->paths[i]->health.opening->path = NULL;
	for (unsigned int i = 0; i < v->npaths; i++)
		v->paths[i]->health.opening = NULL;
	volume_free(v);
}

void monitor_free(struct monitor *m)
{
	/* What is under way ends first: openings, checks. The engine's owner
	 * has seen to the latter. */
	apply_free_retired(m);
	while (m->nopening) {
		mailbox_wait(&m->mailbox);
		mailbox_deliver(&m->mailbox);
		apply_free_retired(m);
	}
	for (unsigned int i = 0; i < m->nvolumes; i++)
		free_volume_now(m->volumes[i]);
	free(m->volumes);
	free(m->retired_paths);
	mailbox_fini(&m->mailbox);
	free(m);
}
