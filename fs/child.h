/* SPDX-License-Identifier: MIT */
/*
 * A throw-away child of the supervisor, for what may block: unmounting, and
 * anything that looks into the daemon's own mount.
 */
#ifndef MPATHFS_FS_CHILD_H
#define MPATHFS_FS_CHILD_H

#include <sys/types.h>
#include "core/base.h"

/*
 * fork(2) for such a child: it has the default signals and no descriptor but
 * 0, 1, 2 and *keep (NULL: none), which has another number there. A channel of
 * the mount left open in it would keep the connection alive that everybody else
 * has let go of; the lock of the state directory would shut out the next
 * daemon. Single-threaded process; -errno on failure.
 */
pid_t child_fork(int *keep);

/*
 * A descriptor of the mount's root, for openat(2); -ENOTCONN: it is not mounted
 * there any more, and what lies below is none of our business. Where the kernel
 * allows, what is opened through it does not keep others from unmounting.
 */
int child_open_mount(const char *mountpoint);

/* The same signals as before the daemon: for a worker, too. */
void child_reset_signals(void);
/*
 * Makes the kernel learn the true size of a file of data below that root. It
 * may wait. -errno.
 */
#define CHILD_FILE_SIZE (NAME_SIZE + 32) /* "VOLUME/partitions/N" */
int child_mend_size(int root, const char *file);

#endif
