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

#include "core/choice.h"
#include "core/device.h"
#include "core/group.h"
#include "core/monitor_private.h"
#include "core/opening.h"
#include "core/path.h"

/* How long a device may take to open, before it counts as hung. */
#define OPEN_WAIT_STRICT_MS 10000
#define OPEN_WAIT_MS 1000

/*
 * A live value of prio or prio_args may no longer fit what the file says of the
 * other one: then both are the file's, which do.
 */
static void fit_prio(struct monitor *m, const struct volume_config *c,
		     struct settings *s)
{
	const struct config_registry *reg = m->p.registry;
	struct errmsg e;

	if (!reg || !reg->check_prio ||
	    !reg->check_prio(s->v[OPT_PRIO].text, s->v[OPT_PRIO_ARGS].text, &e))
		return;
	s->v[OPT_PRIO] = c->settings.v[OPT_PRIO];
	s->v[OPT_PRIO_ARGS] = c->settings.v[OPT_PRIO_ARGS];
	monitor_event(m, true, "setting-dropped", c->name, NULL, e.text,
		      "prio = %s, as configured", s->v[OPT_PRIO].text);
}

/* Settings of the file with the kept live values over them. */
static void effective(struct monitor *m, const struct volume_config *c,
		      struct settings *ret)
{
	struct monitor_front *f = m->p.front;

	*ret = c->settings;
	for (enum opt o = 0; o < OPT_COUNT; o++) {
		const char *live = option_info(o)->live ?
					   f->kept_live(f, config_key(c), o) :
					   NULL;

		if (live && !option_parse(o, live, m->p.registry, &ret->v[o],
					  NULL))
			ret->v[o].origin = ORIGIN_LIVE;
	}
	fit_prio(m, c, ret);
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
	const char *key = config_key(pv->c);
	struct path *p;

	p = path_new(pv->v, c->name, c->device, c->priority,
		     f->path_id(f, key, c->name), m->p.nr_lanes);
	if (!p)
		return NULL;
	monitor_watch_path(p);
	p->health.held = f->kept_held(f, key, c->name);
	p->health.active = !f->kept_failed(f, key, c->name);
	/* By what is not known: a read is owed, to be safe. */
	p->health.io_failed = p->health.active ? 0 : m->now;
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
		pp->old_line = pp->path->line;
		pp->path->line = (struct path_line){ pp->c->priority,
						     pp->c->facts };
	}
	return 0;
}

static struct volume *fresh_volume(struct monitor *m,
				   const struct volume_config *c)
{
	struct monitor_front *f = m->p.front;
	struct volume *v = volume_new(c->name, f->volume_id(f, config_key(c)),
				      m->p.nr_lanes);

	if (!v)
		return NULL;
	snprintf(v->key, sizeof(v->key), "%s", config_key(c));
	v->found = c->found;
	return v;
}

static int plan_volume(struct plan *plan, const struct volume_config *c)
{
	struct planned_volume *pv = &plan->v[plan->n++];
	struct monitor *m = plan->m;

	pv->c = c;
	pv->same = c->as_it_is;
	pv->v = pv->same ? c->as_it_is :
			   monitor_volume_by_key(m, config_key(c));
	pv->fresh = !pv->v;
	if (pv->fresh)
		pv->v = fresh_volume(m, c);
	if (pv->v)
		pv->v->run->planned = true;
	if (pv->same)
		return 0;
	pv->paths = calloc(c->npaths + 1, sizeof(*pv->paths));
	pv->list = calloc(c->npaths + 1, sizeof(struct path *));
	if (!pv->v || !pv->paths || !pv->list)
		return -ENOMEM;
	monitor_watch_volume(pv->v);
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

/* What is found is taken as it is. */
static bool is_strict(const struct plan *plan, const struct planned_volume *pv)
{
	return plan->strict && !pv->c->found;
}

/* Takes the device of an opening that has ended. */
static int take_opened(struct monitor *m, struct planned_path *pp,
		       struct errmsg *e)
{
	struct path_health *h = &pp->path->health;
	struct opening *o = h->opening;

	h->opening = NULL;
	reopen_tell_limit(m, o, pp->path->volume->name, pp->path->name);
	o->path = NULL; /* its mail, when it comes, is for nobody */
	pp->path->dev = o->dev;
	o->dev = NULL;
	if (!pp->path->dev)
		return open_error(pp, o->why.text, ENODEV, e);
	(void)path_learn(pp->path);
	return 0;
}

static int wait_opened(struct monitor *m, bool strict, struct planned_path *pp,
		       struct errmsg *e)
{
	struct path_health *h = &pp->path->health;
	unsigned int ms = strict ? OPEN_WAIT_STRICT_MS : OPEN_WAIT_MS;
	int r;

	if (!pp->fresh || !h->opening)
		return 0; /* what reopens is the checker's, and its size too */
	if (!opening_wait(h->opening, ms)) {
		r = open_error(pp, "opening the device hangs", ETIMEDOUT, e);
		return strict ? r : 0; /* it may come later, by mail */
	}
	r = take_opened(m, pp, e);
	if (r && !strict) {
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
	bool strict = is_strict(plan, pv);
	int r = reopen_start(plan->m, pv->paths[i].path, &pv->settings);

	if (r == -EAGAIN) {
		for (unsigned int k = 0; k < i; k++) {
			r = wait_opened(plan->m, strict, &pv->paths[k], e);
			if (r)
				return r;
		}
		mailbox_deliver(&plan->m->mailbox);
		r = reopen_start(plan->m, pv->paths[i].path, &pv->settings);
	}
	if (r && strict)
		return open_error(&pv->paths[i], "no thread to open it", -r, e);
	return 0;
}

/*
 * All at once, so that hung devices cost one wait and not the sum. One that was
 * opened beforehand is its owner's until the commit.
 */
static int open_devices(struct plan *plan, struct planned_volume *pv,
			struct errmsg *e)
{
	int r = 0;

	for (unsigned int i = 0; !r && i < pv->npaths; i++) {
		struct planned_path *pp = &pv->paths[i];

		if (!pp->fresh)
			continue;
		pp->path->dev = pp->c->opened ? *pp->c->opened :
						handover_find(plan, pp->path);
		if (pp->path->dev)
			(void)path_learn(pp->path);
		else if (!pp->c->opened)
			r = begin_open(plan, pv, i, e);
	}
	for (unsigned int i = 0; !r && i < pv->npaths; i++)
		r = wait_opened(plan->m, is_strict(plan, pv), &pv->paths[i], e);
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

static void drop_device(const struct planned_path *pp, const char *why)
{
	struct path *p = pp->path;

	snprintf(p->health.why, sizeof(p->health.why), "device: %.140s", why);
	if (!pp->c->opened)
		device_close(p->dev);
	p->dev = NULL;
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
		if (is_strict(plan, pv))
			return open_error(&pv->paths[i], text, EINVAL, e);
		drop_device(&pv->paths[i], text);
	}
	return 0;
}

/* The WWID that new paths must have, and whose it is; "": any. */
static const char *expected_wwid(const struct planned_volume *pv,
				 const char **whose)
{
	const char *own = pv->settings.v[OPT_WWID].text;

	*whose = "the volume";
	if (!pv->fresh && *identity_of(pv->v))
		return identity_of(pv->v);
	for (unsigned int i = 0; i < pv->npaths; i++) {
		const char *wwid = pv->list[i]->said.wwid;

		*whose = pv->list[i]->name;
		if (pv->list[i]->dev && *wwid &&
		    (!pv->c->found || !strcmp(wwid, own)))
			return wwid;
	}
	return "";
}

/* What is found was put together by its WWID, as udev has it. */
static bool wwids_count(const struct planned_volume *pv)
{
	return !pv->c->found || pv->settings.v[OPT_RECHECK_WWID].num;
}

static int compare_wwids(struct plan *plan, struct planned_volume *pv,
			 struct errmsg *e)
{
	const char *whose, *wwid = expected_wwid(pv, &whose);

	for (unsigned int i = 0; wwids_count(pv) && i < pv->npaths; i++) {
		struct path *p = pv->list[i];
		char text[3 * NAME_SIZE + 32];

		if (!pv->paths[i].fresh || !p->dev || !*p->said.wwid ||
		    !*wwid || !strcmp(p->said.wwid, wwid))
			continue;
		snprintf(text, sizeof(text), "its WWID is %s, that of %s %s",
			 p->said.wwid, whose, wwid);
		if (is_strict(plan, pv))
			return open_error(&pv->paths[i], text, EINVAL, e);
		drop_device(&pv->paths[i], text);
		p->said = PATH_FACTS_NONE; /* what it said is another's */
	}
	return 0;
}

/* Devices in use, sorted so that equal ones are neighbours. */
struct use {
	const struct planned_volume *pv;
	const struct planned_path *pp; /* NULL: of one that stays as it is */
	const struct path *path;
};

static int compare_ids(const struct device *a, const struct device *b)
{
	/* Of a block device, its number; of a file, where it lies. */
	uint64_t ida[3] = {a->limits.is_block, a->id.rdev, 0};
	uint64_t idb[3] = {b->limits.is_block, b->id.rdev, 0};

	if (!a->limits.is_block) {
		ida[1] = a->id.dev;
		ida[2] = a->id.ino;
	}
	if (!b->limits.is_block) {
		idb[1] = b->id.dev;
		idb[2] = b->id.ino;
	}
	for (size_t i = 0; i < ARRAY_SIZE(ida); i++)
		if (ida[i] != idb[i])
			return ida[i] < idb[i] ? -1 : 1;
	return 0;
}

static int by_device(const void *a, const void *b)
{
	const struct use *ua = a, *ub = b;
	int r = compare_ids(ua->path->dev, ub->path->dev);

	if (r || ua->pv == ub->pv)
		return r;
	return ua->pv < ub->pv ? -1 : 1; /* the order of the configuration */
}

/* Of two, the later one is told. */
static int shared_error(const struct use *u, const struct use *first,
			struct errmsg *e)
{
	char text[OPT_TEXT_SIZE * 3];

	snprintf(text, sizeof(text),
		 "its device is path %s of volume %s already",
		 first->path->name, first->pv->v->name);
	if (!u->pp)
		return errmsg_set(e, EBUSY, "volume %s: path %s: %s",
				  u->pv->v->name, u->path->name, text);
	return open_error(u->pp, text, EBUSY, e);
}

/* Adds pv's to u, which has n. Returns how many there are now. */
static size_t take_uses(struct use *u, size_t n, const struct planned_volume *pv)
{
	struct path *const *list = pv->same ? pv->v->paths : pv->list;
	unsigned int npaths = pv->same ? pv->v->npaths : pv->npaths;

	for (unsigned int k = 0; k < npaths; k++)
		if (list[k]->dev)
			u[n++] = (struct use){
				.pv = pv,
				.pp = pv->same ? NULL : &pv->paths[k],
				.path = list[k],
			};
	return n;
}

/* A file may be named twice in one volume (two paths for a try-out); a device
 * or file in two volumes would be two masters of the same data. */
static int check_sharing(struct plan *plan, struct errmsg *e)
{
	CLEANUP_FREE struct use *u = NULL;
	size_t n = 0;

	for (unsigned int i = 0; i < plan->n; i++)
		n += plan->v[i].same ? plan->v[i].v->npaths :
				       plan->v[i].npaths;
	u = calloc(n + 1, sizeof(*u));
	if (!u)
		return errmsg_set(e, ENOMEM, "no memory");
	n = 0;
	for (unsigned int i = 0; i < plan->n; i++)
		n = take_uses(u, n, &plan->v[i]);
	qsort(u, n, sizeof(*u), by_device);
	for (size_t i = 1; i < n; i++)
		if (u[i].pv != u[i - 1].pv &&
		    compare_ids(u[i].path->dev, u[i - 1].path->dev) == 0)
			return shared_error(&u[i], &u[i - 1], e);
	return 0;
}

/* Removal */

static int check_removals(struct plan *plan, struct errmsg *e)
{
	struct monitor *m = plan->m;
	struct monitor_front *f = m->p.front;

	for (unsigned int i = 0; i < m->nvolumes; i++) {
		struct volume *v = m->volumes[i];

		if (!v->run->planned && f->volume_busy(f, v))
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

static void undo_line(struct planned_path *pp)
{
	pp->path->priority = pp->old_priority;
	pp->path->line = pp->old_line;
}

static void undo_volume(struct planned_volume *pv)
{
	for (unsigned int i = 0; i < pv->npaths; i++) {
		struct planned_path *pp = &pv->paths[i];

		if (pp->fresh && pp->c->opened)
			pp->path->dev = NULL; /* its owner has it */
		if (pp->fresh)
			drop_fresh_path(pp->path);
		else
			undo_line(pp);
	}
	volume_free_groups(pv->groups, pv->ngroups);
	if (pv->fresh && pv->v)
		volume_free(pv->v);
	if (pv->fresh)
		pv->v = NULL;
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
		if (plan->v[i].v)
			plan->v[i].v->run->planned = false;
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

/* Before they are grouped. */
static void plan_priorities(struct plan *plan, struct planned_volume *pv)
{
	bool other = pv->fresh || prio_differs(&pv->v->settings, &pv->settings);

	for (unsigned int i = 0; i < pv->npaths; i++)
		prio_begin(plan->m, pv->list[i], &pv->settings,
			   other || pv->paths[i].fresh);
}

static int check_left_behind(const struct plan *plan, struct errmsg *e)
{
	for (unsigned int i = 0; i < plan->n; i++) {
		const struct planned_volume *pv = &plan->v[i];

		if (pv->fresh &&
		    apply_left_behind(plan->m, config_key(pv->c),
				      pv->settings.v[OPT_WWID].text))
			return errmsg_set(e, EBUSY,
					  "volume %s: it was removed, and I/O of before has not come back",
					  pv->c->name);
	}
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
	r = check_left_behind(plan, e);
	for (unsigned int i = 0; !r && i < plan->n; i++) {
		struct planned_volume *pv = &plan->v[i];

		if (pv->same)
			continue;
		r = open_devices(plan, pv, e);
		if (!r)
			r = compare_sizes(plan, pv, e);
		if (!r)
			r = compare_wwids(plan, pv, e);
		if (r)
			break;
		choose_policy(plan->m->p.prioritizers, pv->list, pv->npaths,
			      &pv->c->settings, &pv->settings);
		plan_priorities(plan, pv);
		r = volume_group_paths(pv->v, pv->list, pv->npaths,
				       &pv->settings, plan->m->p.selectors,
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
