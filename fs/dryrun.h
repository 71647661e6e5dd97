/* SPDX-License-Identifier: MIT */
/*
 * A configuration tried out without a mount: a monitor whose front does
 * nothing, and discovery if it is to look for disks. Single-threaded process;
 * openings have threads of their own.
 */
#ifndef MPATHFS_FS_DRYRUN_H
#define MPATHFS_FS_DRYRUN_H

#include "core/base.h"
#include "core/errmsg.h"
#include "core/monitor.h"
#include "fs/keep.h"

struct daemon;
struct discovery;
struct engine;

struct dryrun {
	/* for those who look */
	struct monitor *monitor;
	struct discovery *discovery; /* NULL: only what is named by hand */
	/* private to dryrun.c */
	struct monitor_front front;
	struct engine *engine;
	uint32_t next_volume, next_path;
	_Atomic(struct volume *) table[KEEP_MAX_VOLUMES];
};

/* read_only: no device is opened for writing. -errno with the reason in e. */
int dryrun_new(const struct daemon *daemon, bool read_only,
	       struct dryrun **ret, struct errmsg *e) MUST_CHECK;

/*
 * Runs what there is until each path has been checked and its priority is known,
 * ms at most. As finding_settle() does for what is found.
 */
void dryrun_settle(struct dryrun *d, unsigned int ms);

/*
 * Ends and frees it. False: a device hangs, on a thread that needs the memory
 * as long as the process lives.
 */
bool dryrun_end(struct dryrun *d);

#endif
