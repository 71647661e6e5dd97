/* SPDX-License-Identifier: MIT */
/*
 * Inode numbers of disks that are no paths, by their device numbers: the major
 * one (12 bits) stands in the volume's place, the minor one (20) in the
 * object's.
 */
#ifndef MPATHFS_FS_DISK_INO_H
#define MPATHFS_FS_DISK_INO_H

#include <sys/sysmacros.h>
#include "fs/ino.h"

static inline uint64_t disk_ino(dev_t devt)
{
	return ino_make(KIND_DISK, major(devt), minor(devt), INO_SELF);
}

static inline dev_t disk_devt(uint64_t ino)
{
	return makedev(ino_volume(ino), ino_object(ino));
}

#endif
