/* SPDX-License-Identifier: MIT */
/*
 * The supervisor: keeps a worker alive as long as the mount is there.
 */
#ifndef MPATHFS_FS_SUPERVISOR_H
#define MPATHFS_FS_SUPERVISOR_H

#include "core/base.h"

struct daemon;

/*
 * Serves d->mount through one worker after the other until the mount is gone
 * or a signal ends it; returns the daemon's exit code. d->mount is closed
 * then. ready_fd: a pipe that gets one NUL byte when the first worker serves,
 * and is closed then, or at the end; -1: none.
 *
 * Single-threaded process, SIGTERM, SIGINT, SIGHUP and SIGCHLD blocked by
 * supervisor_block_signals() before there was anything to clean up.
 */
int supervisor_run(struct daemon *d, int ready_fd);
void supervisor_block_signals(void);

#endif
