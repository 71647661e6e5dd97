/* SPDX-License-Identifier: MIT */
/* Having the kernel look at a disk anew; see core/rescan.h. */
#ifndef MPATHFS_HW_RESCAN_H
#define MPATHFS_HW_RESCAN_H

#include <sys/types.h>
#include "core/errmsg.h"

/*
 * The kernel asks the disk of that number for its size and its VPD pages, or
 * the controller for its namespaces. May block. -ENOTTY: there is no such disk,
 * or the kernel keeps nothing of that kind of disk; what write(2) says; with
 * the reason in e. root stands before /sys: "" but in tests.
 */
int rescan_disk(const char *root, dev_t devt, struct errmsg *e);
/* As disk_rescan(). */
int rescan_device(dev_t devt, struct errmsg *e);

#endif
