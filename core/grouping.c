// SPDX-License-Identifier: MIT
/*
 * Which paths make a group, and which group is better (census 6.4). By the
 * volume's policy:
 *
 *   failover            each path a group of its own
 *   multibus            all paths in one
 *   group_by_prio       those of equal priority
 *   group_by_serial     of equal serial,
 *   group_by_node_name  of one target,
 *   group_by_tpg        of one target port group; failover, if one has none
 *
 * Marginal paths are grouped likewise, but apart. Of two groups the one that is
 * not all marginal is better, then the one of the higher priority (the mean
 * over its enabled paths), then that with more of those; equals stand in the
 * order of the configuration. What nothing is known of is equal: all paths
 * without a serial are one group.
 *
 * Within a group adapters take turns, so that round-robin does too.
 */
#include <errno.h>
#include <string.h>

#include "core/group.h"
#include "core/path.h"
#include "core/prioritizer.h"
#include "core/volume_private.h"

/* A set of paths, to be a group. */
struct bucket {
	struct path **paths;
	unsigned int n;
	bool marginal;
	int priority;
	unsigned int enabled;
};

/* One that I/O may be sent to; those of a new volume are not offered yet. */
static bool enabled(const struct path *p)
{
	return p->health.active && !p->health.held && p->dev;
}

static bool alike(const struct path *a, const struct path *b,
		  enum grouping_policy policy)
{
	switch (policy) {
	case POLICY_FAILOVER:
		return false;
	case POLICY_MULTIBUS:
		return true;
	case POLICY_GROUP_BY_PRIO:
		return a->priority == b->priority;
	case POLICY_GROUP_BY_SERIAL:
		return !strcmp(path_serial(a), path_serial(b));
	case POLICY_GROUP_BY_NODE_NAME:
		return !strcmp(path_node(a), path_node(b));
	case POLICY_GROUP_BY_TPG:
		return path_tpg(a) == path_tpg(b);
	}
	return false;
}

bool volume_tpgs_known(struct path *const *paths, unsigned int npaths)
{
	for (unsigned int i = 0; i < npaths; i++)
		if (path_tpg(paths[i]) == TPG_UNKNOWN)
			return false;
	return true;
}

/* As group_priority() and group_marginal(), of paths not offered yet. */
static void weigh(struct bucket *b)
{
	int64_t sum = 0;
	unsigned int known = 0;

	b->enabled = 0;
	b->marginal = true;
	for (unsigned int i = 0; i < b->n; i++) {
		const struct path *p = b->paths[i];

		b->marginal &= p->health.marginal;
		if (!enabled(p))
			continue;
		b->enabled++;
		if (p->priority == PRIO_UNDEF)
			continue;
		sum += p->priority;
		known++;
	}
	b->priority = b->enabled ? PRIO_UNDEF : 0;
	if (known)
		b->priority = (int)(sum / known);
}

static bool better(const struct bucket *a, const struct bucket *b)
{
	if (a->marginal != b->marginal)
		return b->marginal;
	if (a->priority != b->priority)
		return a->priority > b->priority;
	return a->enabled > b->enabled;
}

/* By insertion: stable, and there are few. */
static void sort(struct bucket *b, unsigned int n)
{
	for (unsigned int i = 1; i < n; i++) {
		struct bucket x = b[i];
		unsigned int j = i;

		for (; j > 0 && better(&x, &b[j - 1]); j--)
			b[j] = b[j - 1];
		b[j] = x;
	}
}

static bool same_adapter(const struct path *a, const struct path *b)
{
	return !strcmp(a->said.adapter, b->said.adapter);
}

static bool one_adapter(const struct bucket *b)
{
	for (unsigned int i = 1; i < b->n; i++)
		if (!same_adapter(b->paths[0], b->paths[i]))
			return false;
	return true;
}

/* How many before i are of i's adapter? */
static unsigned int turn_of(struct path *const *paths, unsigned int i)
{
	unsigned int turn = 0;

	for (unsigned int k = 0; k < i; k++)
		turn += same_adapter(paths[k], paths[i]);
	return turn;
}

/*
 * First the first path of each adapter, then the second of each, and so on.
 * spare: room for as many paths.
 */
static void take_turns(struct bucket *b, struct path **spare)
{
	unsigned int n = 0;

	if (b->n <= 2 || one_adapter(b))
		return;
	for (unsigned int turn = 0; n < b->n; turn++)
		for (unsigned int i = 0; i < b->n; i++)
			if (turn_of(b->paths, i) == turn)
				spare[n++] = b->paths[i];
	memcpy(b->paths, spare, n * sizeof(*spare));
}

/* space: (npaths + 1) * npaths pointers, the buckets' own and one to spare. */
static unsigned int fill(struct bucket *b, struct path **space,
			 struct path *const *paths, unsigned int npaths,
			 enum grouping_policy policy)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < npaths; i++) {
		const struct path *p = paths[i];
		unsigned int k = 0;

		while (k < n && (b[k].paths[0]->health.marginal !=
					 p->health.marginal ||
				 !alike(b[k].paths[0], p, policy)))
			k++;
		if (k == n) {
			b[n].paths = space + (size_t)n * npaths;
			b[n++].n = 0;
		}
		b[k].paths[b[k].n++] = paths[i];
	}
	for (unsigned int k = 0; k < n; k++) {
		take_turns(&b[k], space + (size_t)npaths * npaths);
		weigh(&b[k]);
	}
	sort(b, n);
	return n;
}

static enum grouping_policy policy_of(const struct settings *s,
				      struct path *const *paths,
				      unsigned int npaths)
{
	enum grouping_policy policy =
		(enum grouping_policy)s->v[OPT_PATH_GROUPING_POLICY].num;

	if (policy == POLICY_GROUP_BY_TPG && !volume_tpgs_known(paths, npaths))
		return POLICY_FAILOVER;
	return policy;
}

/* The group whose selector was set by hand, if all of b's paths are of it. */
static const struct group *chosen_for(const struct volume *v,
				      const struct bucket *b)
{
	const struct group *g = volume_group_of(v, b->paths[0]);

	if (!g || !g->own_selector)
		return NULL;
	for (unsigned int i = 1; i < b->n; i++)
		if (volume_group_of(v, b->paths[i]) != g)
			return NULL;
	return g;
}

static int make_group(const struct volume *v, unsigned int id,
		      const struct bucket *b, const struct settings *s,
		      const struct selector_ops *const *table,
		      struct group **ret, struct errmsg *e)
{
	const struct group *own = chosen_for(v, b);
	int r = group_new(id, table,
			  own ? own->selector : s->v[OPT_PATH_SELECTOR].text,
			  b->paths, b->n, v->nr_lanes, ret, e);

	if (!r)
		(*ret)->own_selector = own != NULL;
	return r;
}

int volume_group_paths(struct volume *v, struct path *const *paths,
		       unsigned int npaths, const struct settings *s,
		       const struct selector_ops *const *table,
		       struct group ***ret, unsigned int *nret,
		       struct errmsg *e)
{
	CLEANUP_FREE struct bucket *b = calloc(npaths + 1, sizeof(*b));
	CLEANUP_FREE struct path **space =
		calloc((size_t)(npaths + 1) * (npaths + 1),
		       sizeof(struct path *));
	struct group **groups = calloc(npaths + 1, sizeof(struct group *));
	unsigned int n, i;
	int r = 0;

	if (!b || !space || !groups) {
		free(groups);
		return errmsg_set(e, ENOMEM, "%s: no memory", v->name);
	}
	n = fill(b, space, paths, npaths, policy_of(s, paths, npaths));
	for (i = 0; !r && i < n; i++)
		r = make_group(v, i + 1, &b[i], s, table, &groups[i], e);
	if (r) {
		volume_free_groups(groups, i - 1);
		return r;
	}
	*ret = groups;
	*nret = n;
	return 0;
}

void volume_free_groups(struct group **groups, unsigned int n)
{
	for (unsigned int i = 0; groups && i < n; i++)
		group_free(groups[i]);
	free(groups);
}

static struct bucket now(const struct group *g)
{
	return (struct bucket){
		.marginal = group_marginal(g),
		.priority = group_priority(g),
		.enabled = group_usable(g),
	};
}

struct group *volume_best_group(const struct volume *v)
{
	struct group *best = NULL;
	struct bucket best_now = { .n = 0 };

	for (unsigned int i = 0; i < v->ngroups; i++) {
		struct group *g = v->groups[i];
		struct bucket b = now(g);

		if (g->bypassed || !b.enabled)
			continue;
		if (best && !better(&b, &best_now))
			continue;
		best = g;
		best_now = b;
	}
	return best;
}

/*
 * Where a group stands of which no path is enabled makes no difference, nor
 * how many of another's are: a path that fails is no reason to group anew.
 */
bool volume_groups_ordered(const struct volume *v)
{
	struct bucket before = { .n = 0 };

	for (unsigned int i = 0; i < v->ngroups; i++) {
		struct bucket b = {
			.paths = v->groups[i]->paths,
			.n = v->groups[i]->npaths,
		};

		weigh(&b);
		if (!b.enabled)
			continue;
		b.enabled = before.enabled = 1;
		if (before.paths && better(&b, &before))
			return false;
		before = b;
	}
	return true;
}
