/* SPDX-License-Identifier: MIT */
/*
 * Holds on disk: STATE_DIR/holds, lines "held VOLUME PATH". Written by a thread
 * of its own, to a temporary file that is renamed: the state directory may lie
 * on a disk that waits for us. What cannot be written is tried again.
 */
#ifndef MPATHFS_FS_HOLDFILE_H
#define MPATHFS_FS_HOLDFILE_H

#include "core/base.h"

struct holdfile;

/* NULL: no memory. dir is copied. */
struct holdfile *holdfile_new(const char *dir);
/* Waits for what is being written; what could not be is given up. */
void holdfile_free(struct holdfile *h);
/* Calls hold for each line; a file that is not there has none. */
void holdfile_load(struct holdfile *h,
		   void (*hold)(void *arg, const char *volume, const char *path),
		   void *arg);
/* Takes text (malloc'ed) over; the file will say that, some time soon. */
void holdfile_save(struct holdfile *h, char *text);

#endif
