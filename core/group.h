/* SPDX-License-Identifier: MIT */
/*
 * A priority group: paths that are used together, and one selector instance a
 * lane. Which paths belong to it never changes: a new grouping makes new
 * groups. Published to lanes inside a struct view, freed after a grace period.
 */
#ifndef MPATHFS_CORE_GROUP_H
#define MPATHFS_CORE_GROUP_H

#include "core/base.h"
#include "core/config.h"
#include "core/selector.h"

struct path;

/* One lane's instance: touched by that lane only, once published. */
struct group_lane {
	struct selector sel;
	struct sel_path *sp;  /* [npaths] */
	bool *valid;	      /* [npaths]: in sel's valid list */
	uint64_t synced;      /* the view this instance was last matched with */
} CACHE_ALIGNED;

struct group {
	/* constant */
	uint64_t serial; /* unique in the process: an ended I/O may ask whether
			  * the group it began in is still the one it knows */
	unsigned int id; /* 1.. in the volume's order, as dm numbers them */
	const struct selector_ops *ops;
	char selector[OPT_TEXT_SIZE]; /* canonical text */
	unsigned int npaths;
	struct path **paths;
	unsigned int nr_lanes;
	struct group_lane *lanes; /* [nr_lanes] */
	/* the monitor's */
	bool bypassed; /* `disabled` */
	bool busy;     /* by the handler's answer, not by hand: until it is well */
	bool own_selector; /* by hand: not that of the volume */
};

/* -ENOMEM, or -EINVAL with the reason in e. paths[] is copied. */
int group_new(unsigned int id, const struct selector_ops *const *table,
	      const char *selector, struct path *const *paths,
	      unsigned int npaths, unsigned int nr_lanes, struct group **ret,
	      struct errmsg *e) MUST_CHECK;
void group_free(struct group *g);

/*
 * Lane: the index in g->paths of the path for an I/O of that many bytes at off,
 * or -1 if none is usable. Matches the instance with the paths' usable flags
 * first when view (a view's seq) is not the one it saw last.
 */
int group_pick(struct group *g, unsigned int lane, uint64_t view, uint64_t off,
	       size_t bytes, uint64_t now);
/* Lane: bracket the I/O for the selector; index as group_pick() gave it. */
void group_start_io(struct group *g, unsigned int lane, int index,
		    size_t bytes, uint64_t now);
void group_end_io(struct group *g, unsigned int lane, int index, size_t bytes,
		  uint64_t start, uint64_t now);

/* Monitor: paths that lanes may use, now. */
unsigned int group_usable(const struct group *g);
/*
 * Monitor, census 6.4: the integer mean of what is known of the priorities of
 * its usable paths. None is usable: 0; nothing is known of them: PRIO_UNDEF.
 */
int group_priority(const struct group *g);
/* Monitor: all of its paths are marginal. */
bool group_marginal(const struct group *g);

#endif
