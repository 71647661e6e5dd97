/* SPDX-License-Identifier: MIT */
/*
 * Puts right what the kernel believes to be the size of a volume's file, or of
 * a partition's.
 *
 * With FUSE_WRITEBACK_CACHE the kernel trusts its own i_size. A buffered write
 * past the end, which the worker answers with ENOSPC, or a LUN or partition that
 * has been resized leaves it wrong, and only the answer to a SETATTR of the size mends
 * it. So somebody has to truncate the file through the mount. The worker must
 * not, as it would wait for itself; a child of the supervisor does.
 */
#ifndef MPATHFS_FS_FIXSIZE_H
#define MPATHFS_FS_FIXSIZE_H

#include <sys/types.h>
#include "core/base.h"
#include "fs/child.h"

struct fixsize; /* the files that wait for it; the supervisor's */

/* NULL: no memory. mountpoint must live as long as it does. */
struct fixsize *fixsize_new(const char *mountpoint);
void fixsize_free(struct fixsize *f); /* children that run are not waited for */

/*
 * Mends the size of that file, named from the top of the mount, soon: at most
 * FIXSIZE_CHILDREN at a time, and never two of one file. -ENOMEM.
 */
#define FIXSIZE_CHILDREN 4
#define FIXSIZE_NAME CHILD_FILE_SIZE
int fixsize_add(struct fixsize *f, const char *file);

/* A child of the process has ended. Was it one of ours? */
bool fixsize_reaped(struct fixsize *f, pid_t pid);

#endif
