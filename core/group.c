// SPDX-License-Identifier: MIT
/*
 * A priority group and its selector instances, one a lane; see group.h.
 *
 * A selector is told of failures and returns late, by the lane that owns the
 * instance: when a new view comes (sync), and when it offers a path that
 * another lane has just failed (pick). So an instance is touched by one thread.
 */
#include "core/group.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/path.h"
#include "core/prioritizer.h"

#define MAX_SELECTOR_ARGS 16

static void lane_fini(struct group *g, struct group_lane *gl)
{
	for (unsigned int i = 0; gl->sp && i < g->npaths; i++)
		free(gl->sp[i].priv);
	free(gl->sp);
	free(gl->valid);
	free(gl->sel.priv);
}

static int alloc_priv(size_t size, void **ret)
{
	if (!size)
		return 0;
	*ret = calloc(1, size);
	return *ret ? 0 : -ENOMEM;
}

static int lane_init(struct group *g, struct group_lane *gl, int argc,
		     const char *const *argv, struct errmsg *e)
{
	const struct selector_ops *ops = g->ops;
	int r;

	gl->sel.ops = ops;
	sel_lists_init(&gl->sel);
	gl->sp = calloc(g->npaths, sizeof(*gl->sp));
	gl->valid = calloc(g->npaths, sizeof(*gl->valid));
	if (!gl->sp || !gl->valid || alloc_priv(ops->state_size, &gl->sel.priv))
		return errmsg_set(e, ENOMEM, "no memory");
	r = ops->create(&gl->sel, argc, argv, e);
	for (unsigned int i = 0; !r && i < g->npaths; i++) {
		struct sel_path *sp = &gl->sp[i];

		sp->load = &g->paths[i]->load;
		sp->index = i;
		sp->priority = g->paths[i]->priority;
		if (alloc_priv(ops->path_size, &sp->priv))
			return errmsg_set(e, ENOMEM, "no memory");
		r = ops->add_path(&gl->sel, sp, 0, NULL, e);
		gl->valid[i] = true;
	}
	return r;
}

static int alloc_arrays(struct group *g, struct path *const *paths)
{
	size_t lanes = g->nr_lanes * sizeof(*g->lanes);

	g->paths = calloc(g->npaths, sizeof(struct path *));
	g->lanes = aligned_alloc(CACHELINE, lanes);
	if (!g->paths || !g->lanes)
		return -ENOMEM;
	memcpy(g->paths, paths, g->npaths * sizeof(struct path *));
	memset(g->lanes, 0, lanes);
	return 0;
}

int group_new(unsigned int id, const struct selector_ops *const *table,
	      const char *selector, struct path *const *paths,
	      unsigned int npaths, unsigned int nr_lanes, struct group **ret,
	      struct errmsg *e)
{
	static uint64_t last_serial; /* the monitor's, as are all groups */
	const char *argv[MAX_SELECTOR_ARGS];
	char words[OPT_TEXT_SIZE];
	struct group *g = calloc(1, sizeof(*g));
	int argc = 0, r;

	assert(npaths > 0 && nr_lanes > 0);
	if (!g)
		return errmsg_set(e, ENOMEM, "no memory");
	g->serial = ++last_serial;
	g->id = id;
	g->npaths = npaths;
	g->nr_lanes = nr_lanes;
	snprintf(g->selector, sizeof(g->selector), "%s", selector);
	r = selector_parse(table, selector, words, sizeof(words), &g->ops,
			   &argc, argv, MAX_SELECTOR_ARGS, e);
	if (!r && alloc_arrays(g, paths))
		r = errmsg_set(e, ENOMEM, "no memory");
	for (unsigned int i = 0; !r && i < nr_lanes; i++)
		r = lane_init(g, &g->lanes[i], argc, argv, e);
	if (r) {
		group_free(g);
		return r;
	}
	*ret = g;
	return 0;
}

void group_free(struct group *g)
{
	for (unsigned int i = 0; g->lanes && i < g->nr_lanes; i++)
		lane_fini(g, &g->lanes[i]);
	free(g->lanes);
	free(g->paths);
	free(g);
}

static bool usable(const struct path *p)
{
	/* acquire: the monitor has set p->dev before. */
	return atomic_load_explicit(&p->usable, memory_order_acquire);
}

static void set_valid(struct group *g, struct group_lane *gl, unsigned int i,
		      bool valid)
{
	if (gl->valid[i] == valid)
		return;
	gl->valid[i] = valid;
	if (valid)
		g->ops->reinstate(&gl->sel, &gl->sp[i]);
	else
		g->ops->fail(&gl->sel, &gl->sp[i]);
}

static void sync_lane(struct group *g, struct group_lane *gl, uint64_t view)
{
	gl->synced = view;
	for (unsigned int i = 0; i < g->npaths; i++)
		set_valid(g, gl, i, usable(g->paths[i]));
}

int group_pick(struct group *g, unsigned int lane, uint64_t view, uint64_t off,
	       size_t bytes, uint64_t now)
{
	struct group_lane *gl = &g->lanes[lane];
	struct sel_path *sp;

	assert(lane < g->nr_lanes);
	if (gl->synced != view)
		sync_lane(g, gl, view);
	/* Each turn but the last takes one path out: bounded by npaths. */
	while ((sp = g->ops->select(&gl->sel, off, bytes, now))) {
		assert(sp->index < g->npaths && gl->valid[sp->index]);
		if (usable(g->paths[sp->index]))
			return (int)sp->index;
		set_valid(g, gl, sp->index, false);
	}
	return -1;
}

void group_start_io(struct group *g, unsigned int lane, int index,
		    size_t bytes, uint64_t now)
{
	struct group_lane *gl = &g->lanes[lane];

	assert(index >= 0 && (unsigned int)index < g->npaths);
	if (g->ops->start_io)
		g->ops->start_io(&gl->sel, &gl->sp[index], bytes, now);
}

void group_end_io(struct group *g, unsigned int lane, int index, size_t bytes,
		  uint64_t start, uint64_t now)
{
	struct group_lane *gl = &g->lanes[lane];

	assert(index >= 0 && (unsigned int)index < g->npaths);
	if (g->ops->end_io)
		g->ops->end_io(&gl->sel, &gl->sp[index], bytes, start, now);
}

unsigned int group_usable(const struct group *g)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < g->npaths; i++)
		n += usable(g->paths[i]);
	return n;
}

int group_priority(const struct group *g)
{
	int64_t sum = 0;
	unsigned int n = 0, known = 0;

	for (unsigned int i = 0; i < g->npaths; i++) {
		if (!usable(g->paths[i]))
			continue;
		n++;
		if (g->paths[i]->priority == PRIO_UNDEF)
			continue;
		sum += g->paths[i]->priority;
		known++;
	}
	if (!known)
		return n ? PRIO_UNDEF : 0;
	return (int)(sum / known);
}

bool group_marginal(const struct group *g)
{
	for (unsigned int i = 0; i < g->npaths; i++)
		if (!g->paths[i]->health.marginal)
			return false;
	return true;
}
