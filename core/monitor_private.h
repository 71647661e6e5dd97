/* SPDX-License-Identifier: MIT */
/* What monitor.c, check.c, apply.c and operator.c share; nobody else. */
#ifndef MPATHFS_CORE_MONITOR_PRIVATE_H
#define MPATHFS_CORE_MONITOR_PRIVATE_H

#include "core/monitor.h"
#include "core/timer.h"
#include "core/volume_private.h"

struct keybook;
struct opening;

struct monitor {
	struct monitor_params p;
	struct mailbox mailbox;
	struct volume **volumes; /* by name */
	unsigned int nvolumes;
	/* Taken out of their volume, freed once nothing is in flight. */
	struct path **retired_paths;
	unsigned int nretired_paths;
	struct cds_list_head retired_volumes; /* volume_run.retired */
	unsigned int nopening;
	struct keybook *keybook; /* NULL: no state directory */
	uint64_t tickets;	 /* given so far; see reservation.h */
	struct cds_list_head prio_rounds; /* volume_run.prio.link */
	struct timer_queue timers; /* run by monitor_run(); owner: m */
	struct timer stall_look;
	unsigned int sample_reads; /* those of core/sample.h, out or to come */
	unsigned int nr_late_reads; /* of checks, past their time */
	struct transport_rules rules; /* those in force */
	char untimed[8][24]; /* protocols without timers, that were told of */
	unsigned int nuntimed;
	bool own_pool;
	bool keep_soon; /* which paths have failed is to be kept */
	bool stopping; /* the mount goes away: nothing waits any more */
	uint64_t now; /* of the call that runs */
};

/* monitor.c: what follows from a change */

/* `why` of a path, and when. */
void monitor_set_why(struct path *p, const char *cause);
/* cause: why a path's state changed, for events and `why`. */
void monitor_path_failed(struct monitor *m, struct path *p, const char *cause);
void monitor_path_reinstated(struct monitor *m, struct path *p,
			     const char *cause);
/*
 * To be called after any change of a volume: offers paths, chooses a group,
 * runs the queueing and failback rules, publishes, reports. force: publish
 * even if nothing that lanes see has changed.
 */
void monitor_settle(struct monitor *m, struct volume *v, bool force);
/* detail: printf-like, or NULL. bad: worth a warning in the log. */
void monitor_event(struct monitor *m, bool bad, const char *name,
		   const char *volume, const char *path, const char *cause,
		   const char *detail, ...) PRINTF_LIKE(7, 8);
/* A new path: its reports come here. A new volume: its timer does. */
void monitor_watch_path(struct path *p);
void monitor_watch_volume(struct volume *v);

/* operator.c: whatever is known against it but who its device is */
void monitor_reinstate_by_hand(struct monitor *m, struct path *p);

/* queueing.c */
/* Has the last path gone, the first come back, the time run out? */
void queueing_step(struct monitor *m, struct volume *v);
/* no_path_retry begins anew: the operator has said something. */
void queueing_restart(struct monitor *m, struct volume *v, const char *cause);
/* What waits fails, and what comes, until a path is back. */
void queueing_end(struct monitor *m, struct volume *v, const char *cause);
/* Its settings may be others now; what is under way goes on if they are not. */
void queueing_configure(struct monitor *m, struct volume *v);

/* failback.c */
void failback_step(struct monitor *m, struct volume *v);
/* Not in the course of settling: if the groups are to be put in order, does it
 * and settles; else false. */
bool failback_regroup(struct monitor *m, struct volume *v);
/* By hand: g is the next choice, and every group is enabled again. */
void monitor_switch_group(struct monitor *m, struct volume *v,
			  struct group *g, const char *cause);

/* verdict.c: a final verdict, which check.state has */
void monitor_path_good(struct monitor *m, struct path *p, const char *cause);
void monitor_path_bad(struct monitor *m, struct path *p, const char *cause);
/* It is good and trusted. */
void monitor_path_usable(struct monitor *m, struct path *p, const char *cause);

/* stall.c */
/* From now on, for as long as there is a monitor. */
void stall_watch(struct monitor *m);

/* check.c */
/* A new path; its first check is due at once. */
void check_init(struct monitor *m, struct path *p);
/* The path goes: no more checks. What is out is late. */
void check_end(struct monitor *m, struct path *p);
/* Unless one runs already, whose answer will do. */
void check_now(struct monitor *m, struct path *p);
/* It had failed before, and what would bring it back did not, for that cause:
 * said when that is another one. */
void check_still_failed(struct monitor *m, struct path *p, const char *cause);
/* A path has failed on I/O: look at it within polling_interval. */
void check_soon(struct monitor *m, struct path *p);
/* The device is another, or gone: no more I/O, open what is there now. */
void check_lost(struct monitor *m, struct path *p, const char *why);

/* schedule.c; all in ns */
/* polling_interval. */
uint64_t schedule_least(const struct path *p);
/* checker_timeout: of the volume as it is, and with other settings. */
uint64_t schedule_timeout(const struct path *p);
uint64_t schedule_timeout_by(const struct path *p, const struct settings *s);
/* The next interval after check.interval. well: all is as good as before. */
uint64_t schedule_interval(const struct path *p, bool well);
/*
 * When the check is due that comes check.interval after the one that began at
 * from and ended now; or sooner, to spread them.
 */
uint64_t schedule_at(const struct path *p, uint64_t now, uint64_t from);

/* reopen.c */
/*
 * Closes what p, which is idle, has open and opens its device anew, on a
 * thread; the end of it is a check. s: of its volume. -EAGAIN: not now.
 */
int reopen_start(struct monitor *m, struct path *p, const struct settings *s);
/* What was opened, and max_sectors_kb could not be set. */
void reopen_tell_limit(struct monitor *m, const struct opening *o,
		       const char *volume, const char *path);
/* Closes it only, likewise. */
int reopen_close(struct monitor *m, struct path *p);

/* apply.c */
/* New groups for v's paths by settings s; nothing has changed on failure. */
int apply_regroup(struct monitor *m, struct volume *v,
		  const struct settings *s, struct errmsg *e);
/* The same groups, one of them with another selector, of its own or the
 * volume's; likewise. */
int apply_selector(struct monitor *m, struct volume *v, const struct group *g,
		   const char *text, bool own, struct errmsg *e);
/* Nothing of v's is to happen by itself any more. */
void apply_end_timers(struct monitor *m, struct volume *v);
/* Frees what was taken out and is idle now. */
void apply_free_retired(struct monitor *m);
/*
 * Has a volume of that key or WWID been taken out, and I/O of it has not come
 * back? A write that hangs may still land: what is written to that LUN next must
 * not be before it, and the new volume's holds know nothing of it.
 */
bool apply_left_behind(const struct monitor *m, const char *key,
		       const char *wwid);

#endif
