/* SPDX-License-Identifier: MIT */
/*
 * purge_disconnected (census 6.5): an array that has taken a LUN away from this
 * host says so to each command, and its disks stay for ever. Such a disk is
 * deleted, and the event of that takes the path out.
 *
 * Only the disk that was checked: its descriptor is held open until it is done,
 * so that no other one can have its number, and what stands in sysfs under that
 * number must be it. Never a path of whose identity anything is in doubt.
 * Once for each time that a path has been well, or its device been opened; one
 * that is well again before it was done stays.
 */
#ifndef MPATHFS_CORE_PURGE_H
#define MPATHFS_CORE_PURGE_H

#include "core/errmsg.h"

struct device;
struct monitor;
struct path;

/* Deletes the disk that d is; on a thread of the pool, may block. -errno with
 * the reason in e: it is not done. Made by fs/main.c; see monitor_params. */
extern int (*const disk_delete)(const struct device *d, struct errmsg *e);

/* A check of p has ended with CHECK_DISCONNECTED, as cause says. */
void purge_disconnected(struct monitor *m, struct path *p, const char *cause);
/* One has found it well. */
void purge_no_more(struct monitor *m, struct path *p);

#endif
