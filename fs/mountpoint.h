/* SPDX-License-Identifier: MIT */
/*
 * The place of the mount in the name space: is it free, and giving it back.
 */
#ifndef MPATHFS_FS_MOUNTPOINT_H
#define MPATHFS_FS_MOUNTPOINT_H

#include <sys/types.h>
#include "core/base.h"
#include "core/errmsg.h"

/*
 * The absolute path of text, links resolved, malloc'ed, into *ret: a directory
 * on which no mpathfs is mounted. Does not look into a mount of ours, as that
 * would wait for its daemon. -errno with the reason in e.
 */
int mountpoint_resolve(const char *text, char **ret,
		       struct errmsg *e) MUST_CHECK;

/*
 * Is something of ours mounted there already? -EBUSY with the reason in e; 0.
 */
int mountpoint_check_free(const char *mountpoint, struct errmsg *e);

/* The device number of the mpathfs that is mounted there. 0 or -errno. */
int mountpoint_device(const char *mountpoint, dev_t *ret,
		      struct errmsg *e) MUST_CHECK;

/*
 * Unmounts dev, wherever its mount point has been moved to, but nothing that is
 * mounted over it (-EBUSY): as root by umount2(2), else through fusermount3.
 * Busy: detaches it, and it lives until the last user closes its file. May wait for the
 * worker, which writes back what is dirty: only for a child_fork(). 0:
 * unmounted; 1: detached; or -errno with the reason in e.
 */
int mountpoint_leave(const char *mountpoint, dev_t dev, struct errmsg *e);

#endif
