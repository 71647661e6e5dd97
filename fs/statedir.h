/* SPDX-License-Identifier: MIT */
/*
 * The state directory: what has to outlive the daemon. One daemon at a time
 * uses it.
 */
#ifndef MPATHFS_FS_STATEDIR_H
#define MPATHFS_FS_STATEDIR_H

#include "core/base.h"
#include "core/errmsg.h"

/*
 * Where it is when nobody says so: /var/lib/mpathfs for root, else
 * $XDG_STATE_HOME/mpathfs or ~/.local/state/mpathfs. malloc'ed, NULL: no
 * memory, or no home is known.
 */
char *statedir_default(void);

/*
 * Makes it (mode 0700, and what is missing above it) and takes its lock, for
 * this process and all that it forks: the lock is free again when the last of
 * them is gone. Its absolute path, malloc'ed, into *ret. -EBUSY if another
 * daemon has it; the reason in e.
 */
int statedir_take(const char *dir, char **ret, struct errmsg *e) MUST_CHECK;

/* Writes this process into the lock: in the daemon, after all forks. */
void statedir_note_pid(const char *path);

#endif
