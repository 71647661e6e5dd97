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
 * 0, 1 and 2. A channel of the mount left open in it would keep the connection
 * alive that everybody else has let go of; the lock of the state directory
 * would shut out the next daemon. Single-threaded process; -errno on failure.
 */
pid_t child_fork(void);

/* The same signals as before the daemon: for a worker, too. */
void child_reset_signals(void);

#endif
