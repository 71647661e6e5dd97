/* SPDX-License-Identifier: MIT */
/*
 * Going to the background: whoever started the daemon gets its prompt back
 * when the mount is served, or hears why it is not.
 */
#ifndef MPATHFS_FS_BACKGROUND_H
#define MPATHFS_FS_BACKGROUND_H

#include "core/base.h"

/*
 * Forks. In the daemon: returns the pipe that wants a NUL byte once all is
 * well (supervisor_run() writes it); stderr is gone, the log goes also to who
 * started it. In the parent: does not return but exits, 0 after that byte; 1,
 * with the daemon's errors and warnings on stderr, if it ends without.
 * -errno: nothing has been forked.
 */
int background(void);

#endif
