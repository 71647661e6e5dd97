/* SPDX-License-Identifier: MIT */
/* What monitor.c, check.c, apply.c and operator.c share; nobody else. */
#ifndef MPATHFS_CORE_MONITOR_PRIVATE_H
#define MPATHFS_CORE_MONITOR_PRIVATE_H

#include "core/monitor.h"
#include "core/volume_private.h"

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
	uint64_t now; /* of the call that runs */
	uint64_t next_stall_look;
};

/* monitor.c: what follows from a change */

/* Why a path's state changed, for events and `why`. */
void monitor_path_failed(struct monitor *m, struct path *p, const char *cause);
void monitor_path_reinstated(struct monitor *m, struct path *p,
			     const char *cause);
/*
 * To be called after any change of a volume: offers paths, chooses a group,
 * runs the queueing and failback rules, publishes, reports. force: publish
 * even if nothing that lanes see has changed.
 */
void monitor_settle(struct monitor *m, struct volume *v, bool force);
void monitor_switch_group(struct monitor *m, struct volume *v,
			  struct group *g, const char *cause);
/* Starts no_path_retry's rules anew from the setting. */
void monitor_reset_queueing(struct monitor *m, struct volume *v);
/* detail: printf-like, or NULL. bad: worth a warning in the log. */
void monitor_event(struct monitor *m, bool bad, const char *name,
		   const char *volume, const char *path, const char *cause,
		   const char *detail, ...) PRINTF_LIKE(7, 8);
/* A new path: its reports come here. */
void monitor_watch_path(struct path *p);

/* check.c */
void check_init(struct path *p, const struct checker_ops *ops, uint64_t now);
/* Does what is due; returns when the next thing is. */
uint64_t check_run(struct monitor *m, struct path *p);
/* A path has failed on I/O: look at it soon. */
void check_soon(struct monitor *m, struct path *p);
void check_set_checker(struct monitor *m, struct path *p,
		       const struct checker_ops *ops);
/*
 * Closes what p, which is idle, has open and opens its device anew, on a
 * thread; the end of it is a check. -EAGAIN: not now.
 */
int check_open(struct monitor *m, struct path *p);
/* Closes it only, likewise. */
int check_close(struct monitor *m, struct path *p);

/* apply.c */
/* New groups for v's paths by settings s; nothing has changed on failure. */
int apply_regroup(struct monitor *m, struct volume *v,
		  const struct settings *s, struct errmsg *e);
/* Frees what was taken out and is idle now. */
void apply_free_retired(struct monitor *m);

#endif
