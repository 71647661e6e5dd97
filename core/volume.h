/* SPDX-License-Identifier: MIT */
/*
 * A volume: one LUN, its paths, their grouping, and what to do when no path is
 * left. The monitor owns it and is the only one to change it. Lanes see of it
 * an immutable struct view, the paths' atomics and their own struct
 * volume_lane.
 */
#ifndef MPATHFS_CORE_VOLUME_H
#define MPATHFS_CORE_VOLUME_H

#include <stdatomic.h>
#include <urcu/list.h>
#include "core/base.h"
#include "core/config.h"
#include "core/holds.h"

struct checker_ops;
struct errmsg;
struct group;
struct monitor;
struct path;
struct rounds;
struct selector_ops;

/* What lanes may know. Constant; replaced whole, freed after a grace period. */
struct view {
	uint64_t seq;	     /* grows with each view of the volume */
	uint64_t size;	     /* bytes */
	uint32_t block;	     /* logical block of the volume, bytes */
	uint32_t max_io;     /* largest piece that every path takes, bytes */
	bool read_only;
	bool quarantine;     /* replay_writes */
	bool queue;	     /* no usable path: wait (true) or fail */
	bool gone;	     /* removed: everything fails with ENODEV */
	struct group *group; /* the current one; NULL: no usable path, or not
			      * ready yet: then `queue` is set */
	struct group **groups; /* all: an I/O may end in one that is not it */
	unsigned int ngroups;
	uint64_t retry_limit; /* ns a request may keep meeting path errors
			       * before it fails; UINT64_MAX: for ever */
	/* ns: since then there is a group, but it is not ready for I/O; who
	 * waits for it sets volume.wanted. 0: it is ready, or there is none */
	uint64_t unready_since;
	uint64_t unready_ns; /* all such times before; no retry_limit in them */
};

/* What one lane keeps of a volume; touched by that lane only. */
struct volume_lane {
	struct cds_list_head parked; /* pieces with no path, oldest first */
	struct cds_list_head held;   /* requests that wait for a hold */
	struct cds_list_head link;   /* in the lane's list, while one waits */
	bool linked;
	uint64_t tried; /* the view by which what is parked found no path */
	/* read by others, relaxed: */
	_Atomic uint32_t requests; /* that this lane has begun and not ended */
	_Atomic uint32_t parked_n;
	_Atomic uint64_t writes;   /* that ended well: is there aught to flush? */
} CACHE_ALIGNED;

enum volume_state {
	VOLUME_OPTIMAL,
	VOLUME_DEGRADED,
	VOLUME_AT_RISK, /* one path left */
	VOLUME_QUEUEING,
	VOLUME_FAILED,
};

/* Counters of census 6.5. The monitor's. */
struct volume_stats {
	uint64_t path_faults;
	uint64_t switch_grp;
	uint64_t map_loads;
	uint64_t total_q_time_ns;
	uint64_t q_timeouts;
	uint64_t map_failures;
	uint64_t activations;	      /* of paths, by the hardware handler */
	uint64_t activation_failures; /* those that did not end well */
};

/* Who decides what happens with no path; the monitor's. */
struct volume_queueing {
	bool on;	    /* dm's queue_if_no_path, as it stands */
	bool pinned_off;    /* fail-if-no-path by hand, until undone */
	uint64_t since;	    /* ns: no usable path since then; 0: there is one */
	uint64_t deadline;  /* ns: queueing ends then; 0: no countdown */
	uint64_t counted_from; /* ns, of total_q_time; 0: not counting */
	uint64_t from;	    /* ns: the countdown has begun; 0: not yet */
	int64_t rule;	    /* no_path_retry, as it is in force */
	bool known;	    /* it is */
	bool fresh;	    /* no path has been usable since it was configured */
};

struct volume {
	/* identity; the name may become another one */
	char name[NAME_SIZE];
	char key[VOLUME_KEY_SIZE]; /* what is kept of it is kept by that */
	bool found;		   /* see struct volume_config */
	char wwid[OPT_TEXT_SIZE];
	uint32_t id; /* in inode numbers; index in the lanes' table */
	unsigned int nr_lanes;
	/* shared with lanes */
	_Atomic(struct view *) view;
	struct volume_lane *lanes; /* [nr_lanes] */
	struct holds holds;
	_Atomic uint64_t flushed; /* sum of lanes[].writes known on the medium */
	_Atomic bool wanted; /* a lane holds I/O until the group is ready */
	/* the monitor's */
	struct settings settings; /* effective, live values in them */
	struct path **paths;	  /* in the order of the configuration */
	unsigned int npaths;
	struct group **groups; /* best first */
	unsigned int ngroups;
	struct group *current; /* dm's current_pg; NULL: none */
	struct group *next;    /* dm's next_pg: consumed by the next choice */
	struct volume_run *run; /* see volume_private.h */
};

/* Lane. The view's group of that serial; NULL: it is no longer there. */
struct group *view_group(const struct view *view, uint64_t serial);

/* Monitor. What `state` shows. */
enum volume_state volume_state(const struct volume *v);
const char *volume_state_text(enum volume_state s);
/* Monitor. Paths that are not failed, held or stalled. */
unsigned int volume_usable(const struct volume *v);
/* Monitor. Those, and the stalled ones. */
unsigned int volume_up(const struct volume *v);
/* Monitor. What no_path_retry is; where it is set nowhere, `features` may say
 * queue_if_no_path. */
int64_t volume_no_path_retry(const struct volume *v);
const char *volume_no_path_retry_text(const struct volume *v);
const struct volume_queueing *volume_queueing(const struct volume *v);
const struct volume_stats *volume_stats(const struct volume *v);
uint64_t volume_size(const struct volume *v);
uint32_t volume_block(const struct volume *v);
bool volume_read_only(const struct volume *v);
/* Requests that wait for a path, over all lanes (a moment's figure). */
unsigned int volume_parked(const struct volume *v);
struct path *volume_path(const struct volume *v, const char *name);
struct path *volume_path_by_id(const struct volume *v, uint32_t id);
/* Monitor. How the hardware handler stands. */
const struct rounds *volume_rounds(const struct volume *v);
/* The group p is in now; NULL: none. */
struct group *volume_group_of(const struct volume *v, const struct path *p);

#endif
