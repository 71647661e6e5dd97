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
#include "core/base.h"
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

/*
 * The WWID of the SCSI disk that node is and devt its number, by its own word:
 * it is opened for reading, and asked by INQUIRY. On a thread of the pool, may
 * block. -ENODATA, -ENOTTY: it has none; -errno with the reason in e. Made by
 * fs/main.c; see discovery_params.
 */
extern int (*const disk_inquire)(const char *node, dev_t devt, char *buf,
				 size_t size, struct errmsg *e);

/*
 * Likewise, for a disk of which neither udev nor the kernel knows a WWID: what
 * it says becomes its own word. False: it cannot be asked now.
 */
bool inquire_begin(struct discovery *d, const struct disk *disk);

#endif
