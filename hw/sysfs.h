/* SPDX-License-Identifier: MIT */
/*
 * Attributes of a disk in sysfs. Reading them sends nothing to the device. root
 * stands before "/sys"; it is "" but in tests. Any thread.
 */
#ifndef MPATHFS_HW_SYSFS_H
#define MPATHFS_HW_SYSFS_H

#include <sys/types.h>
#include "core/base.h"

/*
 * The directory of the disk that dev is, or is a partition of, without links:
 * "/sys/devices/pci0000:00/.../block/sdb". NULL: there is none. Free it.
 */
char *sysfs_disk(const char *root, dev_t dev);
/* The same of what `link` in dir leads to. */
char *sysfs_follow(const char *dir, const char *link);

/* Reads dir/name; returns the bytes read, 0 where there are none. */
size_t sysfs_bytes(const char *dir, const char *name, void *buf, size_t size);
/* As text, without the blanks around it; "" where there is none, or it does
 * not fit. True: it is not empty. */
bool sysfs_text(const char *dir, const char *name, char *buf, size_t size);

/* Writes text to dir/name; may block. 0 or -errno. */
int sysfs_write(const char *dir, const char *name, const char *text) MUST_CHECK;

#endif
