/* SPDX-License-Identifier: MIT */
/*
 * What the kernel itself says of the way to a disk, by sysfs (census 4.2):
 *
 *   SCSI disk         running: CHECK_UP; blocked, quiesce: CHECK_PENDING;
 *                     offline and all others: CHECK_DOWN
 *   NVMe controller   live: CHECK_UP; new, deleting: CHECK_PENDING;
 *                     dead and all others: CHECK_DOWN
 *
 * Anything else, and what has no such attribute, is CHECK_UP: let a checker
 * find out.
 */
#ifndef MPATHFS_HW_DISK_STATE_H
#define MPATHFS_HW_DISK_STATE_H

#include <sys/types.h>
#include "core/base.h"
#include "core/checker.h"

/* message: "", or the kernel's word for it. Sends nothing to the disk. */
enum check_state disk_state_of(const char *root, dev_t dev, char *message,
			       size_t size);
/* The same of an open device; of a file, CHECK_UP. */
enum check_state disk_state(const struct device *d, char *message, size_t size);

#endif
