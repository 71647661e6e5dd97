// SPDX-License-Identifier: MIT
/*
 * Which paths make a group (census 6.4), by the volume's policy:
 *
 *   failover       each path a group of its own
 *   multibus       all paths in one
 *   group_by_prio  those of equal priority
 *
 * Groups stand best first: priority, then the number of paths, then the order
 * of the configuration.
 */
#include <errno.h>
#include <string.h>

#include "core/group.h"
#include "core/path.h"
#include "core/volume_private.h"

/* A group to be: a set of paths and what they have in common. */
struct bucket {
	struct path **paths;
	unsigned int n;
	int priority; /* integer mean */
};

static bool same_bucket(const struct bucket *b, const struct path *p,
			enum grouping_policy policy)
{
	switch (policy) {
	case POLICY_FAILOVER:
		return false;
	case POLICY_MULTIBUS:
		return true;
	case POLICY_GROUP_BY_PRIO:
		return b->paths[0]->priority == p->priority;
	}
	return false;
}

static void set_priority(struct bucket *b)
{
	int64_t sum = 0;

	for (unsigned int i = 0; i < b->n; i++)
		sum += b->paths[i]->priority;
	b->priority = (int)(sum / b->n);
}

static bool before(const struct bucket *a, const struct bucket *b)
{
	if (a->priority != b->priority)
		return a->priority > b->priority;
	return a->n > b->n;
}

/* By insertion: stable, and there are few. */
static void sort(struct bucket *b, unsigned int n)
{
	for (unsigned int i = 1; i < n; i++) {
		struct bucket x = b[i];
		unsigned int j = i;

		for (; j > 0 && before(&x, &b[j - 1]); j--)
			b[j] = b[j - 1];
		b[j] = x;
	}
}

/* space: npaths * npaths pointers, the buckets' own. */
static unsigned int fill(struct bucket *b, struct path **space,
			 struct path *const *paths, unsigned int npaths,
			 enum grouping_policy policy)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < npaths; i++) {
		unsigned int k = 0;

		while (k < n && !same_bucket(&b[k], paths[i], policy))
			k++;
		if (k == n) {
			b[n].paths = space + (size_t)n * npaths;
			b[n++].n = 0;
		}
		b[k].paths[b[k].n++] = paths[i];
	}
	for (unsigned int k = 0; k < n; k++)
		set_priority(&b[k]);
	sort(b, n);
	return n;
}

int volume_group_paths(struct volume *v, struct path *const *paths,
		       unsigned int npaths, const struct settings *s,
		       const struct selector_ops *const *table,
		       struct group ***ret, unsigned int *nret,
		       struct errmsg *e)
{
	enum grouping_policy policy =
		(enum grouping_policy)s->v[OPT_PATH_GROUPING_POLICY].num;
	CLEANUP_FREE struct bucket *b = calloc(npaths, sizeof(*b));
	CLEANUP_FREE struct path **space =
		calloc((size_t)npaths * npaths, sizeof(struct path *));
	struct group **groups = calloc(npaths, sizeof(struct group *));
	unsigned int n, i;
	int r = 0;

	assert(npaths > 0);
	if (!b || !space || !groups) {
		free(groups);
		return errmsg_set(e, ENOMEM, "%s: no memory", v->name);
	}
	n = fill(b, space, paths, npaths, policy);
	for (i = 0; !r && i < n; i++)
		r = group_new(i + 1, table, s->v[OPT_PATH_SELECTOR].text,
			      b[i].paths, b[i].n, v->nr_lanes, &groups[i], e);
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
