// SPDX-License-Identifier: MIT
/*
 * A volume as the monitor sees it: which group is current, what lanes may
 * know, and what people are told; see volume.h. Grouping is in grouping.c.
 */
#include "core/volume.h"

#include <stdio.h>
#include <string.h>

#include "core/device.h"
#include "core/group.h"
#include "core/path.h"
#include "core/volume_private.h"

static int alloc_parts(struct volume *v)
{
	size_t lanes = v->nr_lanes * sizeof(*v->lanes);

	v->run = calloc(1, sizeof(*v->run));
	v->lanes = aligned_alloc(CACHELINE, lanes);
	if (!v->run || !v->lanes)
		return -1;
	memset(v->lanes, 0, lanes);
	for (unsigned int i = 0; i < v->nr_lanes; i++) {
		CDS_INIT_LIST_HEAD(&v->lanes[i].parked);
		CDS_INIT_LIST_HEAD(&v->lanes[i].held);
	}
	return 0;
}

struct volume *volume_new(const char *name, uint32_t id, unsigned int nr_lanes)
{
	struct volume *v = calloc(1, sizeof(*v));

	if (!v)
		return NULL;
	snprintf(v->name, sizeof(v->name), "%s", name);
	snprintf(v->key, sizeof(v->key), "%s", name);
	v->id = id;
	v->nr_lanes = nr_lanes;
	holds_init(&v->holds);
	if (alloc_parts(v)) {
		volume_free(v);
		return NULL;
	}
	v->run->volume = v;
	reservation_init(v);
	v->run->shown = VOLUME_OPTIMAL;
	return v;
}

void volume_free(struct volume *v)
{
	assert(!v->lanes || volume_idle(v));
	volume_free_groups(v->groups, v->ngroups);
	for (unsigned int i = 0; i < v->npaths; i++)
		path_free(v->paths[i]);
	free(v->paths);
	holds_fini(&v->holds);
	free(v->lanes);
	if (v->run)
		reservation_fini(v);
	free(v->run);
	free(v);
}

static bool path_is_up(const struct path *p)
{
	return reservation_is_up(p) && !p->reserve.out;
}

static bool path_is_good(const struct path *p)
{
	return path_is_up(p) && !p->health.stalled;
}

/* I/O may be sent down it. */
static bool path_is_open(const struct path *p)
{
	return path_is_good(p) && !reservation_bars(p);
}

static unsigned int count(const struct volume *v,
			  bool (*is)(const struct path *))
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < v->npaths; i++)
		n += is(v->paths[i]);
	return n;
}

unsigned int volume_usable(const struct volume *v)
{
	return count(v, path_is_good);
}

unsigned int volume_up(const struct volume *v)
{
	return count(v, path_is_up);
}

/* rr_weight: by its priority, as far as selectors go by that. */
static void weigh(const struct volume *v, struct path *p)
{
	uint32_t weight = 0;

	if (v->settings.v[OPT_RR_WEIGHT].num)
		weight = (uint32_t)MIN(MAX(p->priority, 1), SEL_WEIGHT_MAX);
	atomic_store_explicit(&p->load.weight, weight, memory_order_relaxed);
}

bool volume_offer_paths(struct volume *v)
{
	/* A stalled path is better than none. */
	bool take_stalled = count(v, path_is_open) == 0;
	bool changed = false;

	for (unsigned int i = 0; i < v->npaths; i++) {
		struct path *p = v->paths[i];
		bool offer = (take_stalled ? path_is_up(p) : path_is_good(p)) &&
			     !reservation_bars(p);

		weigh(v, p);
		/* A lane has failed it: not before its report was read. For
		 * the same reason only changes are stored. */
		if (atomic_load_explicit(&p->fault.reported,
					 memory_order_acquire))
			offer = false;
		if (offer == p->health.offered)
			continue;
		p->health.offered = offer;
		atomic_store_explicit(&p->usable, offer, memory_order_release);
		changed = true;
	}
	return changed;
}

static struct group *first_usable(const struct volume *v, bool bypassed)
{
	for (unsigned int i = 0; i < v->ngroups; i++)
		if (v->groups[i]->bypassed == bypassed &&
		    group_usable(v->groups[i]))
			return v->groups[i];
	return NULL;
}

/* `next` is not consumed before there is a choice. */
static struct group *choose(struct volume *v)
{
	struct group *g = v->next;

	if (!first_usable(v, false) && !first_usable(v, true))
		return NULL;
	v->next = NULL;
	if (!g || !group_usable(g))
		g = first_usable(v, false);
	return g ? g : first_usable(v, true);
}

void volume_choose_group(struct volume *v)
{
	if (v->current && group_usable(v->current))
		return;
	v->current = choose(v);
	rounds_chosen(v, v->current);
}

void volume_measure(struct volume *v)
{
	struct volume_run *run = v->run;
	bool any = false;

	for (unsigned int i = 0; i < v->npaths; i++) {
		const struct device *d = v->paths[i]->dev;

		if (!d || v->paths[i]->health.other_size)
			continue;
		if (!any) {
			run->size = d->limits.size;
			run->block = d->limits.block;
			run->max_io = d->limits.max_io;
			run->read_only = d->limits.read_only;
			any = true;
		}
		run->block = MAX(run->block, d->limits.block);
		run->max_io = MIN(run->max_io, d->limits.max_io);
		run->read_only |= d->limits.read_only;
	}
}

/*
 * How long one request may go on meeting path errors while its paths come and
 * go: without a bound, a sector that no path can read would be tried for ever
 * when the checker's sector is well. The grace covers a failover as such.
 */
static uint64_t retry_limit(const struct volume *v)
{
	const uint64_t grace = 30 * NSEC_PER_SEC;
	int64_t n = volume_no_path_retry(v);
	uint64_t interval = (uint64_t)v->settings.v[OPT_POLLING_INTERVAL].num;

	if (n == NO_PATH_QUEUE || v->run->pin == PIN_QUEUE)
		return UINT64_MAX;
	return (uint64_t)n * interval * NSEC_PER_SEC + grace;
}

/* Field by field: padding has no value. */
static bool same_view(const struct view *a, const struct view *b)
{
	return a->seq == b->seq && a->size == b->size && a->block == b->block &&
	       a->max_io == b->max_io && a->read_only == b->read_only &&
	       a->quarantine == b->quarantine && a->queue == b->queue &&
	       a->gone == b->gone && a->group == b->group &&
	       a->groups == b->groups && a->ngroups == b->ngroups &&
	       a->retry_limit == b->retry_limit &&
	       a->unready_since == b->unready_since &&
	       a->unready_ns == b->unready_ns;
}

bool volume_publish(struct volume *v, bool gone, bool force)
{
	struct volume_run *run = v->run;
	bool ready = !run->rounds.unready_since;
	struct view *old = atomic_load_explicit(&v->view, memory_order_relaxed);
	struct view *new = old == &run->views[0] ? &run->views[1] :
						   &run->views[0];

	*new = (struct view){
		.seq = run->view_seq,
		.size = run->size,
		.block = MAX(run->block, 1u),
		.max_io = MAX(run->max_io, 4096u),
		.read_only = run->read_only,
		.quarantine = v->settings.v[OPT_REPLAY_WRITES].num ==
			      REPLAY_QUARANTINE,
		.queue = run->queueing.on || !ready,
		.gone = gone,
		.group = ready ? v->current : NULL,
		.groups = v->groups,
		.ngroups = v->ngroups,
		.retry_limit = retry_limit(v),
		.unready_since = run->rounds.unready_since,
		.unready_ns = run->rounds.unready_ns,
	};
	if (old && !force && same_view(old, new))
		return false;
	new->seq = ++run->view_seq;
	atomic_store_explicit(&v->view, new, memory_order_release);
	return true;
}

struct group *view_group(const struct view *view, uint64_t serial)
{
	for (unsigned int i = 0; i < view->ngroups; i++)
		if (view->groups[i]->serial == serial)
			return view->groups[i];
	return NULL;
}

bool volume_has_requests(const struct volume *v)
{
	for (unsigned int i = 0; i < v->nr_lanes; i++)
		if (atomic_load_explicit(&v->lanes[i].requests,
					 memory_order_acquire))
			return true;
	return false;
}

bool volume_idle(const struct volume *v)
{
	if (volume_has_requests(v))
		return false;
	for (unsigned int i = 0; i < v->npaths; i++)
		if (!path_idle(v->paths[i]))
			return false;
	return true;
}

enum volume_state volume_state(const struct volume *v)
{
	unsigned int n = volume_usable(v);

	if (n == 0 && v->current)
		return VOLUME_AT_RISK; /* what is left is stalled */
	if (n == 0)
		return v->run->queueing.on ? VOLUME_QUEUEING : VOLUME_FAILED;
	if (n == 1)
		return VOLUME_AT_RISK;
	return n < v->npaths ? VOLUME_DEGRADED : VOLUME_OPTIMAL;
}

const char *volume_state_text(enum volume_state s)
{
	static const char *const text[] = {
		[VOLUME_OPTIMAL] = "optimal",
		[VOLUME_DEGRADED] = "degraded",
		[VOLUME_AT_RISK] = "at-risk",
		[VOLUME_QUEUEING] = "queueing",
		[VOLUME_FAILED] = "failed",
	};

	return text[s];
}

int64_t volume_no_path_retry(const struct volume *v)
{
	const struct setting *s = &v->settings.v[OPT_NO_PATH_RETRY];

	if (s->origin == ORIGIN_BUILTIN &&
	    v->run->rounds.features.queue_if_no_path)
		return NO_PATH_QUEUE;
	return s->num;
}

const char *volume_no_path_retry_text(const struct volume *v)
{
	return volume_no_path_retry(v) == NO_PATH_QUEUE ?
		       "queue" :
		       v->settings.v[OPT_NO_PATH_RETRY].text;
}

const struct rounds *volume_rounds(const struct volume *v)
{
	return &v->run->rounds;
}

const struct volume_queueing *volume_queueing(const struct volume *v)
{
	return &v->run->queueing;
}

const struct volume_stats *volume_stats(const struct volume *v)
{
	return &v->run->stats;
}

uint64_t volume_size(const struct volume *v)
{
	return v->run->size;
}

uint32_t volume_block(const struct volume *v)
{
	return v->run->block;
}

bool volume_read_only(const struct volume *v)
{
	return v->run->read_only;
}

unsigned int volume_parked(const struct volume *v)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < v->nr_lanes; i++)
		n += atomic_load_explicit(&v->lanes[i].parked_n,
					  memory_order_relaxed);
	return n;
}

struct path *volume_path(const struct volume *v, const char *name)
{
	for (unsigned int i = 0; i < v->npaths; i++)
		if (!strcmp(v->paths[i]->name, name))
			return v->paths[i];
	return NULL;
}

struct path *volume_path_by_id(const struct volume *v, uint32_t id)
{
	for (unsigned int i = 0; i < v->npaths; i++)
		if (v->paths[i]->id == id)
			return v->paths[i];
	return NULL;
}

struct group *volume_group_of(const struct volume *v, const struct path *p)
{
	for (unsigned int i = 0; i < v->ngroups; i++)
		for (unsigned int j = 0; j < v->groups[i]->npaths; j++)
			if (v->groups[i]->paths[j] == p)
				return v->groups[i];
	return NULL;
}
