/* SPDX-License-Identifier: MIT */
/*
 * Who uses a disk already, so that it is left alone: file systems, swap, and
 * what is stacked on it (dm, md, bcache). A snapshot of the moment; who holds
 * a disk open and is none of these is found out by opening it (O_EXCL). What
 * this process holds open itself does not count.
 */
#ifndef MPATHFS_CORE_DISK_HOLDERS_H
#define MPATHFS_CORE_DISK_HOLDERS_H

#include "core/base.h"

struct disk_holders;

/*
 * Reads the tables of mounts and of swap; NULL stands for /proc's, which are
 * those of this mount namespace. -EIO: one cannot be read; -ENOMEM.
 */
int disk_holders_new(const char *mountinfo, const char *swaps,
		     struct disk_holders **ret) MUST_CHECK;
void disk_holders_free(struct disk_holders *h);

/*
 * Who holds the disk whose directory in sysfs is dir, or a partition of it:
 * "dm-3", "mounted at /data", "swap"; "" nobody.
 */
void disk_holders_find(const struct disk_holders *h, const char *dir,
		       char *buf, size_t size);

#endif
