/* SPDX-License-Identifier: MIT */
/*
 * The children that read partition tables (fs/scan.h), as the supervisor has
 * them: it forks them, as it has one thread only, and reaps them. What they
 * say goes to the worker, through a pipe of its making.
 */
#ifndef MPATHFS_FS_SCANNER_H
#define MPATHFS_FS_SCANNER_H

#include <sys/types.h>
#include "core/base.h"

struct scan;
struct scanner;

/* NULL: no memory. mountpoint must live as long as it does. */
struct scanner *scanner_new(const char *mountpoint);
void scanner_free(struct scanner *s); /* children that run are not waited for */

/*
 * A child that writes to pipe, which is taken. One volume has one child at a
 * time: a second order waits for its end, and gives way to a third. Where there
 * is no child, as too many are at work, the pipe ends with nothing in it.
 */
#define SCANNER_CHILDREN 16
void scanner_start(struct scanner *s, const struct scan *what, int pipe);
/* The worker that wanted to know is gone, or the mount is to go. */
void scanner_kill(struct scanner *s);
/* A child of the process has ended. Was it one of ours? */
bool scanner_reaped(struct scanner *s, pid_t pid);

#endif
