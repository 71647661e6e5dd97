/* SPDX-License-Identifier: MIT */
/*
 * Puts right what the kernel believes to be the size of a volume's file.
 *
 * With FUSE_WRITEBACK_CACHE the kernel trusts its own i_size. A buffered write
 * past the end, which the worker answers with ENOSPC, or a LUN that has been
 * resized leaves it wrong, and only the answer to a SETATTR of the size mends
 * it. So somebody has to truncate the file through the mount. The worker must
 * not, as it would wait for itself; a child of the supervisor does.
 */
#ifndef MPATHFS_FS_FIXSIZE_H
#define MPATHFS_FS_FIXSIZE_H

#include <sys/types.h>
#include "core/base.h"

struct fixsize; /* the volumes that wait for it; the supervisor's */

/* NULL: no memory. mountpoint must live as long as it does. */
struct fixsize *fixsize_new(const char *mountpoint);
void fixsize_free(struct fixsize *f); /* children that run are not waited for */

/*
 * Mends the size of that volume, soon: at most FIXSIZE_CHILDREN at a time,
 * and never two of one volume. -ENOMEM.
 */
#define FIXSIZE_CHILDREN 4
int fixsize_add(struct fixsize *f, const char *volume);

/* A child of the process has ended. Was it one of ours? */
bool fixsize_reaped(struct fixsize *f, pid_t pid);

#endif
