/* SPDX-License-Identifier: MIT */
/*
 * The refresh of priorities (census 6.5). After the checks of a turn the paths
 * that were checked and are up are asked, in one round a volume; if one has
 * changed, so are the others. When all have answered, or are late, the new
 * priorities hold, all at once. A path that comes back while another is used
 * waits for that: where it belongs now may not be where it was.
 *
 * The monitor calls all of it. What may block is asked on the pool.
 */
#ifndef MPATHFS_CORE_PRIO_H
#define MPATHFS_CORE_PRIO_H

#include <urcu/list.h>
#include "core/base.h"

struct monitor;
struct path;
struct settings;
struct volume;
struct prio_job;

/* Of a path. Private to prio.c but for access_state and timeouts. */
struct path_prio {
	bool due;	      /* is to be asked in the next round */
	bool answered;	      /* in this one */
	bool foreign;	      /* its priority is another prioritizer's */
	bool fallback;	      /* its own cannot work there; has been told */
	bool known;	      /* asked since it failed last */
	bool awaited;	      /* it is used once that is so */
	char cause[160];      /* awaited: what its checker said */
	int answer;
	char why[96];	      /* it is unknown, for people; "" */
	const char *access_state; /* by its last answer; NULL: it says none */
	struct prio_job *job; /* out; NULL: none */
	uint64_t timeouts;    /* answers that came too late, ever */
};

/* Of a volume. Private to prio.c. */
struct prio_round {
	struct cds_list_head link; /* in the monitor's list, if linked */
	bool linked;
	bool gone; /* the volume is: no round begins */
	bool under_way;
	bool all;     /* everybody has been asked */
	bool regroup; /* group anew at its end, whatever failback says */
};

/* May the prioritizer, or its words, be another in b? */
bool prio_differs(const struct settings *a, const struct settings *b);
/*
 * A path to be, by the settings s to be: what can be known at once becomes its
 * priority. changed: what it has is another prioritizer's.
 */
void prio_begin(struct monitor *m, struct path *p, const struct settings *s,
		bool changed);
/* p's device, which is open, tells of itself: what it suggests holds. */
void prio_learn(struct monitor *m, struct path *p);
/* A check of p has ended. newly_up: and it was not up before. */
void prio_checked(struct monitor *m, struct path *p, bool newly_up);
/*
 * p could be used again, for that cause. False: it is asked first what it is
 * worth, and monitor_path_usable() comes again, in at most checker_timeout.
 */
bool prio_is_known(struct monitor *m, struct path *p, const char *cause);
/* p has failed: what it was worth may hold no more. */
void prio_forget(struct path *p);
/* If no path is used: one that waits is better than none. */
void prio_rescue(struct monitor *m, struct volume *v);
/* Asks all paths that are up; regroup: and groups them anew afterwards. */
void prio_refresh(struct monitor *m, struct volume *v, bool regroup);
/* prio or prio_args is another one now. */
void prio_changed(struct monitor *m, struct volume *v);
/*
 * Does what is due; to be called after the checks of a turn. Returns when it
 * must be called again (ns), UINT64_MAX: after the next check.
 */
uint64_t prio_run(struct monitor *m);

/* Does somebody still have to answer, or to be asked? */
bool prio_under_way(const struct volume *v);

/* p, which is taken out, asks nothing more. */
void prio_drop_path(struct monitor *m, struct path *p);
/* The volume is taken out. */
void prio_drop_volume(struct volume *v);

#endif
