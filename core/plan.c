// SPDX-License-Identifier: MIT
/*
 * Planning a change of configuration: which paths each volume keeps, which are
 * new; devices are opened, sizes compared, groups made. Anything that can fail
 * happens here, and can be undone; see plan.h.
 */
#include "core/plan.h"

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

	if (!pp->fresh || !h->opening)
		return 0; /* what reopens is the checker's, and its size too */
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

/*
 * Begins to open path i of pv. When as many run as may, those that were begun
 * before end first; of the volumes before, they have, and only their mail is
 * still to be read.
 */
static int begin_open(struct plan *plan, struct planned_volume *pv,
		      unsigned int i, struct errmsg *e)
{
	int r = check_open(plan->m, pv->paths[i].path);

	if (r == -EAGAIN) {
		for (unsigned int k = 0; k < i; k++) {
			r = wait_opened(plan, &pv->paths[k], e);
			if (r)
				return r;
		}
		mailbox_deliver(&plan->m->mailbox);
		r = check_open(plan->m, pv->paths[i].path);
	}
	if (r && plan->strict)
		return open_error(&pv->paths[i], "no thread to open it", -r, e);
	return 0;
}

/* All at once, so that hung devices cost one wait and not the sum. */
static int open_devices(struct plan *plan, struct planned_volume *pv,
			struct errmsg *e)
{
	int r = 0;

	for (unsigned int i = 0; !r && i < pv->npaths; i++)
		if (pv->paths[i].fresh)
			r = begin_open(plan, pv, i, e);
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
		       const struct planned_path *pp, struct errmsg *e)
{
	const struct path *p = pp->path;
	char text[OPT_TEXT_SIZE * 3];

	/* Of two, the later one is told. */
	for (const struct planned_volume *o = plan->v; o != pv; o++)
		for (unsigned int k = 0; k < o->npaths; k++) {
			const struct path *q = o->list[k];

			if (!q->dev || !same_device(q->dev, p->dev))
				continue;
			snprintf(text, sizeof(text),
				 "its device is path %s of volume %s already",
				 q->name, o->v->name);
			return open_error(pp, text, EBUSY, e);
		}
	return 0;
}

static int check_sharing(struct plan *plan, struct errmsg *e)
{
	int r = 0;

	for (unsigned int i = 0; !r && i < plan->n; i++) {
		struct planned_volume *pv = &plan->v[i];

		for (unsigned int k = 0; !r && k < pv->npaths; k++)
			if (pv->list[k]->dev)
				r = find_shared(plan, pv, &pv->paths[k], e);
	}
	return r;
}

/* Removal */

bool plan_has(const struct plan *plan, const struct volume *v)
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

		if (!plan_has(plan, v) && f->volume_busy(f, v))
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

void plan_undo(struct plan *plan)
{
	for (unsigned int i = 0; i < plan->n; i++)
		undo_volume(&plan->v[i]);
	free(plan->volumes);
	free(plan->retired_paths);
}

void plan_free(struct plan *plan)
{
	for (unsigned int i = 0; i < plan->n; i++) {
		free(plan->v[i].paths);
		free(plan->v[i].list);
	}
	free(plan->v);
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

int plan_make(struct plan *plan, const struct config *c,
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
