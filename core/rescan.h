/* SPDX-License-Identifier: MIT */
/*
 * A disk says that it is another LUN than the kernel and udev have it for. The
 * kernel keeps a copy of what a disk says of itself, and udev what it has made
 * of that: both are asked anew. What comes of it is an event of the disk.
 *
 * The monitor's.
 */
#ifndef MPATHFS_CORE_RESCAN_H
#define MPATHFS_CORE_RESCAN_H

#include <sys/types.h>
#include "core/errmsg.h"

struct discovery;
struct disk;

/*
 * Has the kernel look at the disk of that number; on a thread of the pool, may
 * block. -ENOTTY: there is nothing to look at; -errno; with the reason in e.
 * Made by fs/main.c; see discovery_params.
 */
extern int (*const disk_rescan)(dev_t devt, struct errmsg *e);

/* Begins; disk may go meanwhile. */
void rescan_begin(struct discovery *d, const struct disk *disk);

#endif
