/* SPDX-License-Identifier: MIT */
/* What volume.c, monitor.c, check.c and apply.c share of a volume. */
#ifndef MPATHFS_CORE_VOLUME_PRIVATE_H
#define MPATHFS_CORE_VOLUME_PRIVATE_H

#include "core/failback.h"
#include "core/ghost.h"
#include "core/prio.h"
#include "core/reservation.h"
#include "core/rounds.h"
#include "core/timer.h"
#include "core/volume.h"

/* What an operator said of queueing by hand; until no_path_retry is set. */
enum queue_pin { PIN_NONE, PIN_FAIL, PIN_QUEUE };

/* The monitor's private part of a volume. */
struct volume_run {
	struct volume *volume;
	struct volume_queueing queueing;
	struct volume_stats stats;
	enum queue_pin pin;
	struct failback failback;
	struct ghost ghost;
	struct timer timer;   /* monitor_settle() sets it to the first of these */
	enum volume_state shown; /* last reported */
	uint64_t size;
	uint32_t block;
	uint32_t max_io;
	bool read_only;
	/* Two views in turn: one is published, the other free. */
	struct view views[2];
	uint64_t view_seq;
	struct settings base; /* of the configuration, without live values */
	struct cds_list_head retired; /* in the monitor's list; removed */
	struct prio_round prio;
	struct rounds rounds;
	struct reservation reservation;
	bool planned; /* by the configuration at hand; plan.c's */
	bool resize_wanted; /* by hand; see resize.h */
	bool regroup; /* marginal paths are not where they belong; doubt.c's */
};

/* paths, groups and the view are not there yet. NULL: no memory. */
struct volume *volume_new(const char *name, uint32_t id, unsigned int nr_lanes);
/* No lane can see it, nothing is under way. Frees paths and groups. */
void volume_free(struct volume *v);

/*
 * Groups paths by policy, best first: a new array of new groups. The paths'
 * order decides between equals. What stays in one of the groups that v has now
 * keeps that one's own selector. -errno with the reason in e.
 */
int volume_group_paths(struct volume *v, struct path *const *paths,
		       unsigned int npaths, const struct settings *s,
		       const struct selector_ops *const *table,
		       struct group ***ret, unsigned int *nret,
		       struct errmsg *e);
void volume_free_groups(struct group **groups, unsigned int n);

/* Census 1.2: current, next, the others in order, the bypassed. */
void volume_choose_group(struct volume *v);
/* Census 6.4: where the paths would be best; NULL: no usable path. */
struct group *volume_best_group(const struct volume *v);
/* Do they stand in the order that grouping anew would give them? */
bool volume_groups_ordered(const struct volume *v);
/*
 * group_by_tpg needs the target port group of every path. Without it: failover.
 */
bool volume_tpgs_known(struct path *const *paths, unsigned int npaths);
/* Stores what lanes may use; true if anything changed. */
bool volume_offer_paths(struct volume *v);
/* Size, block, limits from the paths' devices. */
void volume_measure(struct volume *v);
/*
 * Publishes a view of the volume as it is, if it differs from the published
 * one or force is set; true if it did. The other view must be free: a grace
 * period has passed since the last call that returned true.
 */
bool volume_publish(struct volume *v, bool gone, bool force);
/* Is a request of it under way on any lane? */
bool volume_has_requests(const struct volume *v);
/* Nor anything else: a check, an opening. */
bool volume_idle(const struct volume *v);

#endif
