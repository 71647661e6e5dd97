/* SPDX-License-Identifier: MIT */
/*
 * Failback (census 6.5): when does I/O go back to the best group? What is done
 * follows from the mode and the situation by one table, which knows no clock and
 * no locks; failback_step() looks at the volume and carries it out.
 *
 *   manual      never
 *   immediate   as soon as another group is better
 *   followover  only when a path of the best group comes up that its checker had
 *               found bad, and all others of that group are down: so a host
 *               does not undo what another host or an operator has chosen
 *   N           N seconds after; each path that comes up begins them anew, any
 *               path failure in the volume ends them, and at their end it is
 *               looked again whether there is anything to do
 *
 * Groups that do not stand in their order are put in order on that occasion. As
 * long as priorities of a path that came up are being asked, nothing is decided.
 *
 * Other than upstream: groups that an operator has disabled stay so, and a
 * switch by hand ends a timer that runs.
 */
#ifndef MPATHFS_CORE_FAILBACK_H
#define MPATHFS_CORE_FAILBACK_H

#include "core/base.h"

struct group;
struct path;

/* Of a volume; in volume_run. Private to failback.c but for what is said. */
struct failback {
	uint64_t at;   /* ns: the timer's end; 0: it does not run */
	bool newly_up; /* set by who brings a path up */
	const struct path *came_up; /* its checker had found it bad until now */
	bool waiting;	/* for priorities; who has them sets refreshed */
	bool refreshed;
	bool regroup;	/* failback_regroup() is to be called, soon */
	const struct group *asked; /* v->next, as it was set last, */
	const char *cause;	   /* by whom; for the event */
	uint32_t reached; /* 1 << enum failback_row: for coverage */
};

enum failback_action {
	FAILBACK_STAY,
	FAILBACK_DISARM,
	FAILBACK_ARM, /* for N seconds from now */
	FAILBACK_SWITCH,
	FAILBACK_REGROUP, /* and switch */
};

struct failback_situation {
	bool need;	/* another group is better, or the order is wrong */
	bool disorder;	/* that */
	bool newly_up;	/* a path has come up since the last time */
	bool first_up;	/* and is the first of the best group */
	bool armed;
	bool due;	/* it was, and that time has come */
};

/* The rows of the table. */
enum failback_row {
	FROW_MANUAL,
	FROW_NO_NEED_DUE,
	FROW_NO_NEED,
	FROW_IMMEDIATE_DISORDER,
	FROW_IMMEDIATE,
	FROW_FOLLOW_DISORDER,
	FROW_FOLLOW,
	FROW_FOLLOW_NOT,
	FROW_TIMER_UP,
	FROW_TIMER_BEGINS,
	FROW_TIMER_DISORDER,
	FROW_TIMER_DUE,
	FROW_TIMER_RUNS,
	FROW_COUNT
};

/* mode: OPT_FAILBACK's number. *row: which one it was. */
enum failback_action failback_decide(int64_t mode,
				     const struct failback_situation *s,
				     enum failback_row *row);
/* For coverage: "followover, first path", ... */
const char *failback_row_name(enum failback_row row);

#endif
