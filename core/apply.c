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

#include "core/choice.h"
#include "core/device.h"
#include "core/group.h"
#include "core/keybook.h"
#include "core/monitor_private.h"
#include "core/opening.h"
#include "core/path.h"
#include "core/plan.h"

/* by: what it is if it follows from the files. */
static const char *cause_of(const struct plan *plan, const char *by)
{
	return plan->cause ? plan->cause : by;
}

static void retire_path(struct monitor *m, struct path *p)
{
	check_end(m, p);
	doubt_end(m, p);
	p->health.active = false;
	p->health.offered = false;
	if (p->health.opening) /* its end is for nobody */
		p->health.opening->path = NULL;
	p->health.opening = NULL;
	prio_drop_path(m, p);
	errands_drop(m, p);
	rounds_drop_path(m, p);
	reservation_drop_path(p);
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

/*
 * Which of the new groups is the one that is current now, if any? It stays
 * current: whether a better one takes over is for failback to say. A table that
 * multipathd loads begins with the best group even with failback = manual.
 */
static struct group *successor(const struct volume *v, struct group **groups,
			       unsigned int n)
{
	for (unsigned int i = 0; v->current && i < n; i++)
		for (unsigned int k = 0; k < v->current->npaths; k++)
			if (groups[i]->paths[0] == v->current->paths[k])
				return groups[i];
	return NULL;
}

/* What an operator has disabled stays so, in whatever groups it is now. */
static bool was_bypassed(const struct volume *v, const struct group *g)
{
	for (unsigned int i = 0; i < g->npaths; i++) {
		const struct group *old = volume_group_of(v, g->paths[i]);

		if (!old || !old->bypassed)
			return false;
	}
	return true;
}

/* Not the operator's choice, but all that can be done. */
static void note_fallback(struct monitor *m, const struct volume *v,
			  const struct settings *s)
{
	if (s->v[OPT_PATH_GROUPING_POLICY].num == POLICY_GROUP_BY_TPG &&
	    !volume_tpgs_known(v->paths, v->npaths))
		monitor_event(m, true, "grouping-fallback", v->name, NULL,
			      "a path without a target port group",
			      "each path is a group of its own");
}

static void exchange_groups(struct monitor *m, struct volume *v,
			    struct group **groups, unsigned int n)
{
	struct group **old = v->groups;
	unsigned int nold = v->ngroups;
	struct group *current = successor(v, groups, n);

	for (unsigned int i = 0; i < n; i++) {
		struct group *g = groups[i];

		g->bypassed = was_bypassed(v, g);
		g->busy = g->bypassed && volume_group_of(v, g->paths[0])->busy;
	}
	v->groups = groups;
	v->ngroups = n;
	v->current = current;
	v->next = NULL;
	rounds_regrouped(v);
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
	note_fallback(m, v, s);
	exchange_groups(m, v, groups, n);
	return 0;
}

int apply_selector(struct monitor *m, struct volume *v, const struct group *g,
		   const char *text, bool own, struct errmsg *e)
{
	struct group **groups = calloc(v->ngroups + 1, sizeof(*groups));
	unsigned int i, n = v->ngroups;
	int r = 0;

	if (!groups)
		return errmsg_set(e, ENOMEM, "no memory");
	for (i = 0; !r && i < n; i++) {
		const struct group *old = v->groups[i];

		r = group_new(old->id, m->p.selectors,
			      old == g ? text : old->selector, old->paths,
			      old->npaths, v->nr_lanes, &groups[i], e);
		if (!r)
			groups[i]->own_selector =
				old == g ? own : old->own_selector;
	}
	if (r) {
		volume_free_groups(groups, i - 1);
		return r;
	}
	exchange_groups(m, v, groups, n);
	return 0;
}

static void take_name(const struct plan *plan, const struct planned_volume *pv)
{
	struct volume *v = pv->v;
	char was[NAME_SIZE];

	if (!strcmp(v->name, pv->c->name))
		return;
	strcpy(was, v->name);
	strcpy(v->name, pv->c->name);
	monitor_event(plan->m, false, "volume-renamed", v->name, NULL,
		      cause_of(plan, "reconfigure"), "was %s", was);
}

static void lose_path(struct plan *plan, struct path *p)
{
	retire_path(plan->m, p);
	monitor_event(plan->m, false, "path-removed", p->volume->name, p->name,
		      cause_of(plan, "reconfigure"), "%s", p->dev_path);
}

/* Devices that were opened beforehand are theirs now. */
static void note_new_paths(struct plan *plan, struct planned_volume *pv)
{
	for (unsigned int i = 0; i < pv->npaths; i++) {
		struct planned_path *pp = &pv->paths[i];

		if (!pp->fresh)
			continue;
		if (pp->c->opened && pp->path->dev)
			*pp->c->opened = NULL;
		if (!pv->fresh)
			monitor_event(plan->m, false, "path-added",
				      pv->v->name, pp->path->name,
				      cause_of(plan, "reconfigure"), "%s",
				      pp->path->dev_path);
	}
}

/* New paths have theirs; the others are to have it now, not at their next
 * check. */
static void check_by_others(struct monitor *m, const struct volume *v)
{
	for (unsigned int i = 0; i < v->npaths; i++) {
		struct path *p = v->paths[i];

		if (path_checker(m, p).ops != p->check.checker.ops)
			check_now(m, p);
	}
}

static void commit_volume(struct plan *plan, struct planned_volume *pv)
{
	struct monitor *m = plan->m;
	struct volume *v = pv->v;
	struct path **old = v->paths;
	unsigned int nold = v->npaths;
	bool other_prio;

	v->paths = pv->list;
	v->npaths = pv->npaths;
	pv->list = NULL;
	other_prio = !pv->fresh && prio_differs(&v->settings, &pv->settings);
	v->settings = pv->settings;
	v->run->base = pv->c->settings;
	snprintf(v->wwid, sizeof(v->wwid), "%s",
		 v->settings.v[OPT_WWID].text);
	for (unsigned int i = 0; i < pv->npaths; i++)
		if (pv->paths[i].fresh)
			check_init(m, pv->paths[i].path);
	check_by_others(m, v);
	for (unsigned int i = 0; i < nold; i++)
		if (!has_path(v, old[i]))
			lose_path(plan, old[i]);
	free(old);
	note_new_paths(plan, pv);
	volume_measure(v);
	if (pv->fresh && !v->npaths) {
		v->run->size = pv->c->size;
		v->run->block = pv->c->block;
	}
	rounds_configure(m, v);
	queueing_configure(m, v);
	reservation_configure(m, v);
	if (pv->fresh)
		ghost_begin(m, v);
	note_fallback(m, v, &v->settings);
	exchange_groups(m, v, pv->groups, pv->ngroups);
	pv->groups = NULL;
	doubt_configure(m, v);
	doubt_regroup(m, v);
	transport_configure(m, v);
	if (other_prio)
		prio_changed(m, v);
	if (pv->fresh)
		atomic_store_explicit(&m->p.table[v->id], v,
				      memory_order_release);
}

void apply_end_timers(struct monitor *m, struct volume *v)
{
	timer_clear(&m->timers, &v->run->timer);
	for (unsigned int i = 0; i < v->npaths; i++) {
		check_end(m, v->paths[i]);
		doubt_end(m, v->paths[i]);
		errands_drop(m, v->paths[i]);
	}
	rounds_end(m, v);
	reservation_end(m, v);
}

static void retire_volume(struct monitor *m, struct volume *v,
			  const char *cause)
{
	struct monitor_front *f = m->p.front;

	monitor_event(m, false, "volume-removed", v->name, NULL, cause, NULL);
	atomic_store_explicit(&m->p.table[v->id], NULL, memory_order_release);
	volume_publish(v, true, true);
	f->grace(f);
	f->poke_lanes(f);
	apply_end_timers(m, v);
	for (unsigned int i = 0; i < v->npaths; i++)
		prio_drop_path(m, v->paths[i]);
	prio_drop_volume(v);
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

	for (unsigned int i = 0; i < plan->n; i++) {
		plan->volumes[i] = plan->v[i].v;
		if (!plan->v[i].same)
			take_name(plan, &plan->v[i]);
	}
	qsort(plan->volumes, plan->n, sizeof(struct volume *), by_name);
	m->volumes = plan->volumes;
	m->nvolumes = plan->n;
	free(m->retired_paths); /* copied into the larger room */
	m->retired_paths = plan->retired_paths;
	for (unsigned int i = 0; i < plan->n; i++) {
		if (!plan->v[i].same)
			commit_volume(plan, &plan->v[i]);
		if (!plan->v[i].fresh)
			continue;
		monitor_event(m, false, "volume-added", plan->v[i].v->name,
			      NULL, cause_of(plan, "configuration"),
			      "%u paths, %llu bytes",
			      plan->v[i].npaths,
			      (unsigned long long)plan->v[i].v->run->size);
		f->volume_changed(f, plan->v[i].v);
	}
	for (unsigned int i = 0; i < nold; i++)
		if (!old[i]->run->planned)
			retire_volume(m, old[i],
				      cause_of(plan, "reconfigure"));
	free(old);
	f->keep_changed(f);
}

void monitor_drop_volume(struct monitor *m, struct volume *v,
			 const char *cause, uint64_t now)
{
	unsigned int i = 0;

	m->now = now;
	assert(!v->npaths);
	while (m->volumes[i] != v)
		i++;
	memmove(&m->volumes[i], &m->volumes[i + 1],
		(--m->nvolumes - i) * sizeof(v));
	retire_volume(m, v, cause);
	m->p.front->keep_changed(m->p.front);
}

int monitor_apply(struct monitor *m, const struct config *c, bool strict,
		  uint64_t now, struct errmsg *e)
{
	struct plan plan = { .m = m, .strict = strict, .cause = c->cause };
	struct errmsg ignored;
	int r;

	m->now = now;
	r = plan_make(&plan, c, e ? e : &ignored);
	if (r) {
		plan_undo(&plan);
	} else {
		transport_rules_of(c, &m->rules);
		commit(&plan);
		transport_configure_all(m);
	}
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

		if (path_idle(p) && reopen_close(m, p) == 0)
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

bool apply_left_behind(const struct monitor *m, const char *key,
		       const char *wwid)
{
	const struct volume_run *run;

	cds_list_for_each_entry (run, &m->retired_volumes, retired) {
		const struct volume *v = run->volume;

		if ((!strcmp(v->key, key) || !strcmp(v->wwid, wwid)) &&
		    volume_has_requests(v))
			return true;
	}
	return false;
}

static void free_volume_now(struct monitor *m, struct volume *v)
{
	apply_end_timers(m, v);
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
		free_volume_now(m, m->volumes[i]);
	free(m->volumes);
	free(m->retired_paths);
	keybook_free(m->keybook);
	if (m->own_pool)
		pool_free(m->p.pool);
	mailbox_fini(&m->mailbox);
	free(m);
}
