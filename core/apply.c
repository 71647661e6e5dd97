// SPDX-License-Identifier: MIT
/*
 * A configuration becomes volumes, as a transaction; see monitor_apply().
 *
 *   plan     what each volume will be: which paths it keeps, which are new;
 *            devices are opened, sizes compared, groups made. Anything that
 *            can fail happens here, and is undone if it does.
 *   commit   cannot fail: paths and groups are exchanged, views published.
 *
 * What is taken out (paths, volumes) is freed once nothing of it is in flight.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/device.h"
#include "core/group.h"
#include "core/monitor_private.h"
#include "core/opening.h"
#include "core/path.h"

/* How long a device may take to open, before it counts as hung. */
#define OPEN_WAIT_STRICT_MS 10000
#define OPEN_WAIT_MS 1000

struct planned_path {
	const struct path_config *c;
	struct path *path;
	bool fresh;
	int old_priority;
};

struct planned_volume {
	const struct volume_config *c;
	struct volume *v;
	bool fresh;
	struct planned_path *paths;
	unsigned int npaths;
	struct path **list; /* of paths[].path */
	struct group **groups;
	unsigned int ngroups;
	struct settings settings;
};

struct plan {
	struct monitor *m;
	bool strict;
	struct planned_volume *v;
	unsigned int n;
	struct volume **volumes;     /* room for the new table */
	struct path **retired_paths; /* room for all that may be retired */
};

/* Settings of the file with the kept live values over them. */
static void effective(struct monitor *m, const struct volume_config *c,
		      struct settings *ret)
{
	struct monitor_front *f = m->p.front;

	*ret = c->settings;
	for (enum opt o = 0; o < OPT_COUNT; o++) {
		const char *live = option_info(o)->live ?
					   f->kept_live(f, c->name, o) :
					   NULL;

		if (live && !option_parse(o, live, m->p.registry, &ret->v[o],
					  NULL))
			ret->v[o].origin = ORIGIN_LIVE;
	}
}

static const struct checker_ops *checker_of(const struct monitor *m,
					    const struct settings *s)
{
	return checker_find(m->p.checkers, s->v[OPT_PATH_CHECKER].text);
}

static struct path *reusable(const struct volume *v,
			     const struct path_config *c)
{
	struct path *p = volume_path(v, c->name);

	return p && !strcmp(p->dev_path, c->device) ? p : NULL;
}

static struct path *fresh_path(struct plan *plan, struct planned_volume *pv,
			       const struct path_config *c)
{
	struct monitor *m = plan->m;
	struct monitor_front *f = m->p.front;
	struct path *p;

	p = path_new(pv->v, c->name, c->device, c->priority,
		     f->path_id(f, pv->c->name, c->name), m->p.nr_lanes);
	if (!p)
		return NULL;
	monitor_watch_path(p);
	p->health.held = f->kept_held(f, pv->c->name, c->name);
	p->health.active = !f->kept_failed(f, pv->c->name, c->name);
	snprintf(p->health.why, sizeof(p->health.why), "%s",
		 p->health.held ? "operator" : "");
	return p;
}

static int plan_paths(struct plan *plan, struct planned_volume *pv)
{
	for (unsigned int i = 0; i < pv->c->npaths; i++) {
		struct planned_path *pp = &pv->paths[i];

		pp->c = &pv->c->paths[i];
		pp->path = pv->fresh ? NULL : reusable(pv->v, pp->c);
		pp->fresh = !pp->path;
		if (pp->fresh)
			pp->path = fresh_path(plan, pv, pp->c);
		if (!pp->path)
			return -ENOMEM;
		pv->list[i] = pp->path;
		pv->npaths = i + 1;
		pp->old_priority = pp->path->priority;
		pp->path->priority = pp->c->priority;
	}
	return 0;
}

static int plan_volume(struct plan *plan, const struct volume_config *c)
{
	struct planned_volume *pv = &plan->v[plan->n++];
	struct monitor *m = plan->m;
	struct monitor_front *f = m->p.front;

	pv->c = c;
	pv->v = monitor_volume_by_name(m, c->name);
	pv->fresh = !pv->v;
	if (pv->fresh)
		pv->v = volume_new(c->name, f->volume_id(f, c->name),
				   m->p.nr_lanes);
	pv->paths = calloc(c->npaths, sizeof(*pv->paths));
	pv->list = calloc(c->npaths, sizeof(struct path *));
	if (!pv->v || !pv->paths || !pv->list)
		return -ENOMEM;
	if (pv->v->id >= m->p.max_volumes)
		return -ENOSPC;
	effective(m, c, &pv->settings);
	return plan_paths(plan, pv);
}

/* Opening */

static int open_error(const struct planned_path *pp, const char *text,
		      int error, struct errmsg *e)
{
	return errmsg_set(e, error, "%s: volume %s: path %s: %s", pp->c->where,
			  pp->path->volume->name, pp->path->name, text);
}

/* Takes the device of an opening that has ended. */
static int take_opened(struct planned_path *pp, struct errmsg *e)
{
	struct path_health *h = &pp->path->health;
	struct opening *o = h->opening;

	h->opening = NULL;
	o->path = NULL; /* its mail, when it comes, is for nobody */
	pp->path->dev = o->dev;
	o->dev = NULL;
	if (!pp->path->dev)
		return open_error(pp, o->why.text, ENODEV, e);
	return 0;
}

static int wait_opened(struct plan *plan, struct planned_path *pp,
		       struct errmsg *e)
{
	struct path_health *h = &pp->path->health;
	unsigned int ms = plan->strict ? OPEN_WAIT_STRICT_MS : OPEN_WAIT_MS;
	int r;

	if (!h->opening)
		return 0;
	if (!opening_wait(h->opening, ms)) {
		r = open_error(pp, "opening the device hangs", ETIMEDOUT, e);
		return plan->strict ? r : 0; /* it may come later, by mail */
	}
	r = take_opened(pp, e);
	if (r && !plan->strict) {
		snprintf(h->why, sizeof(h->why), "device: %.140s", e->text);
		return 0;
	}
	return r;
}

/* All at once, so that hung devices cost one wait and not the sum. */
static int open_devices(struct plan *plan, struct planned_volume *pv,
			struct errmsg *e)
{
	int r = 0;

	for (unsigned int i = 0; i < pv->npaths; i++) {
		if (!pv->paths[i].fresh)
			continue;
		r = check_open(plan->m, pv->paths[i].path);
		if (r == -EAGAIN && i) {
			/* as many as may run: let the first ones end */
			for (unsigned int k = 0; k < i && r == -EAGAIN; k++)
				r = wait_opened(plan, &pv->paths[k], e) ? r :
									  -EAGAIN;
			mailbox_deliver(&plan->m->mailbox);
			r = check_open(plan->m, pv->paths[i].path);
		}
		if (r && plan->strict)
			return open_error(&pv->paths[i],
					  "no thread to open it", -r, e);
	}
	r = 0;
	for (unsigned int i = 0; !r && i < pv->npaths; i++)
		r = wait_opened(plan, &pv->paths[i], e);
	return r;
}

static uint64_t expected_size(const struct planned_volume *pv)
{
	if (!pv->fresh && pv->v->run->size)
		return pv->v->run->size;
	for (unsigned int i = 0; i < pv->npaths; i++)
		if (pv->list[i]->dev)
			return pv->list[i]->dev->limits.size;
	return 0;
}

static int compare_sizes(struct plan *plan, struct planned_volume *pv,
			 struct errmsg *e)
{
	uint64_t size = expected_size(pv);

	for (unsigned int i = 0; i < pv->npaths; i++) {
		struct path *p = pv->list[i];
		char text[160];

		if (!p->dev || p->dev->limits.size == size)
			continue;
		if (!pv->paths[i].fresh) /* the checker looks after it */
			continue;
		snprintf(text, sizeof(text),
			 "size is %llu bytes, the other paths' %llu",
			 (unsigned long long)p->dev->limits.size,
			 (unsigned long long)size);
		if (plan->strict)
			return open_error(&pv->paths[i], text, EINVAL, e);
		snprintf(p->health.why, sizeof(p->health.why), "device: %.140s",
			 text);
		device_close(p->dev);
		p->dev = NULL;
	}
	return 0;
}

static bool same_device(const struct device *a, const struct device *b)
{
	if (a->limits.is_block != b->limits.is_block)
		return false;
	if (a->limits.is_block)
		return a->id.rdev == b->id.rdev;
	return a->id.dev == b->id.dev && a->id.ino == b->id.ino;
}

/* A file may be named twice in one volume (two paths for a try-out); a device
 * or file in two volumes would be two masters of the same data. */
static int find_shared(struct plan *plan, const struct planned_volume *pv,
		       const struct path *p, struct errmsg *e)
{
	for (unsigned int i = 0; i < plan->n; i++) {
		const struct planned_volume *o = &plan->v[i];

		for (unsigned int k = 0; k < o->npaths && o != pv; k++)
			if (o->list[k]->dev &&
			    same_device(o->list[k]->dev, p->dev))
				return errmsg_set(
					e, EBUSY,
					"volume %s: path %s: %s is path %s of volume %s already",
					pv->v->name, p->name, p->dev_path,
					o->list[k]->name, o->v->name);
	}
	return 0;
}

static int check_sharing(struct plan *plan, struct errmsg *e)
{
	int r = 0;

	for (unsigned int i = 0; !r && i < plan->n; i++)
		for (unsigned int k = 0; !r && k < plan->v[i].npaths; k++)
			if (plan->v[i].list[k]->dev)
				r = find_shared(plan, &plan->v[i],
						plan->v[i].list[k], e);
	return r;
}

/* Removal */

static bool is_planned(const struct plan *plan, const struct volume *v)
{
	for (unsigned int i = 0; i < plan->n; i++)
		if (plan->v[i].v == v)
			return true;
	return false;
}

static int check_removals(struct plan *plan, struct errmsg *e)
{
	struct monitor *m = plan->m;
	struct monitor_front *f = m->p.front;

	for (unsigned int i = 0; i < m->nvolumes; i++) {
		struct volume *v = m->volumes[i];

		if (!is_planned(plan, v) && f->volume_busy(f, v))
			return errmsg_set(
				e, EBUSY,
				"volume %s is not in the configuration any more, but its files are open",
				v->name);
	}
	return 0;
}

/* Undoing */

static void drop_fresh_path(struct path *p)
{
	if (p->health.opening) {
		p->health.opening->path = NULL;
		p->health.opening = NULL;
	}
	path_free(p);
}

static void undo_volume(struct planned_volume *pv)
{
	for (unsigned int i = 0; i < pv->npaths; i++) {
		struct planned_path *pp = &pv->paths[i];

		if (pp->fresh)
			drop_fresh_path(pp->path);
		else
			pp->path->priority = pp->old_priority;
	}
	volume_free_groups(pv->groups, pv->ngroups);
	if (pv->fresh && pv->v)
		volume_free(pv->v);
}

static void plan_free(struct plan *plan)
{
	for (unsigned int i = 0; i < plan->n; i++) {
		free(plan->v[i].paths);
		free(plan->v[i].list);
	}
	free(plan->v);
}

/* Committing */

static void retire_path(struct monitor *m, struct path *p)
{
	p->health.active = false;
	p->health.offered = false;
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
		if (!is_planned(plan, old[i]))
			retire_volume(m, old[i]);
	free(old);
	f->keep_changed(f);
}

static int make_room(struct plan *plan)
{
	struct monitor *m = plan->m;
	size_t n = m->nretired_paths;

	for (unsigned int i = 0; i < m->nvolumes; i++)
		n += m->volumes[i]->npaths;
	plan->volumes = calloc(plan->n + 1, sizeof(struct volume *));
	plan->retired_paths = calloc(n + 1, sizeof(struct path *));
	if (!plan->volumes || !plan->retired_paths)
		return -ENOMEM;
	if (m->nretired_paths)
		memcpy(plan->retired_paths, m->retired_paths,
		       m->nretired_paths * sizeof(struct path *));
	return 0;
}

static int make_plan(struct plan *plan, const struct config *c,
		     struct errmsg *e)
{
	int r = 0;

	plan->v = calloc(c->nvolumes + 1, sizeof(*plan->v));
	if (!plan->v)
		return errmsg_set(e, ENOMEM, "no memory");
	for (unsigned int i = 0; !r && i < c->nvolumes; i++)
		r = plan_volume(plan, &c->volumes[i]);
	if (r)
		return errmsg_set(e, -r, "volume %s: %s",
				  c->volumes[plan->n - 1].name, strerror(-r));
	for (unsigned int i = 0; !r && i < plan->n; i++) {
		struct planned_volume *pv = &plan->v[i];

		r = open_devices(plan, pv, e);
		if (!r)
			r = compare_sizes(plan, pv, e);
		if (!r)
			r = volume_group_paths(pv->v, pv->list, pv->npaths,
					       &pv->settings,
					       plan->m->p.selectors,
					       &pv->groups, &pv->ngroups, e);
	}
	if (!r)
		r = check_sharing(plan, e);
	if (!r)
		r = check_removals(plan, e);
	if (!r && make_room(plan))
		r = errmsg_set(e, ENOMEM, "no memory");
	return r;
}

int monitor_apply(struct monitor *m, const struct config *c, bool strict,
		  uint64_t now, struct errmsg *e)
{
	struct plan plan = { .m = m, .strict = strict };
	struct errmsg ignored;
	int r;

	m->now = now;
	r = make_plan(&plan, c, e ? e : &ignored);
	if (r) {
		for (unsigned int i = 0; i < plan.n; i++)
			undo_volume(&plan.v[i]);
		free(plan.volumes);
		free(plan.retired_paths);
	} else {
		commit(&plan);
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

		if (path_idle(p))
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
	while (m->nopening) {
		mailbox_wait(&m->mailbox);
		mailbox_deliver(&m->mailbox);
	}
	apply_free_retired(m);
	for (unsigned int i = 0; i < m->nvolumes; i++)
		free_volume_now(m->volumes[i]);
	free(m->volumes);
	free(m->retired_paths);
	mailbox_fini(&m->mailbox);
	free(m);
}
