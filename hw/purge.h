/* SPDX-License-Identifier: MIT */
/* Deleting the SCSI device under a disk; see core/purge.h. */
#ifndef MPATHFS_HW_PURGE_H
#define MPATHFS_HW_PURGE_H

#include "core/errmsg.h"

struct device;

/*
 * The disk d, which is open: 1 is written to its `delete`. May block. -ENOTTY:
 * it is no SCSI disk; -ESTALE: it is not what sysfs has under its number; what
 * write(2) says; with the reason in e. root stands before /sys: "" but in
 * tests.
 */
int purge_disk(const char *root, const struct device *d, struct errmsg *e);
/* As disk_delete(). */
int purge_device(const struct device *d, struct errmsg *e);

#endif
