/* SPDX-License-Identifier: MIT */
/*
 * Inode numbers. They say what a file is of, not where something lies in
 * memory, so that the kernel's mean the same to the next worker:
 *
 *   63..56  kind of the directory whose table names the file
 *   55..32  volume id
 *   31..8   id of the object in the volume: a path's, a group's, an option's,
 *           a slice's (fs/slice.h; stat(2) shows the partition's number in its
 *           place, which stays when a partition moves); 0: none
 *    7..0   INO_SELF, the object itself, or INO_ENTRY + place in the table
 *
 * The kinds' numbers and the places in the tables are part of the ABI between
 * two versions of the daemon: new ones go to the end, none is used again.
 */
#ifndef MPATHFS_FS_INO_H
#define MPATHFS_FS_INO_H

#include "core/base.h"

enum ino_kind {
	KIND_ROOT = 0,
	KIND_DATA = 1,	    /* VOLUME/volume: the lanes' */
	KIND_PARTITION = 2, /* VOLUME/partitions/N: the lanes' */
	KIND_BY_WWID = 3,
	KIND_PATHS = 4, /* paths/ of the root */
	KIND_VOLUME = 5,
	KIND_SETTING = 6, /* the files of VOLUME/ that are options */
	KIND_GROUPS = 7,
	KIND_GROUP = 8,
	KIND_GROUP_PATHS = 9,
	KIND_VOLUME_PATHS = 10,
	KIND_PATH = 11,
	KIND_PARTITIONS = 12,
	KIND_DISK = 13, /* paths/DEV of the root, where that is no path */
	KIND_RESERVATION = 14,
	KIND_COUNT
};

/* 0 would be no inode number at all; the root's must be FUSE_ROOT_ID, 1. */
enum { INO_SELF = 1, INO_ENTRY = 2 };

#define INO_ID_MAX ((1u << 24) - 1)

static inline uint64_t ino_make(enum ino_kind kind, uint32_t volume,
				uint32_t object, unsigned int index)
{
	assert(volume <= INO_ID_MAX && object <= INO_ID_MAX);
	assert(index >= INO_SELF && index <= UINT8_MAX);
	return (uint64_t)kind << 56 | (uint64_t)volume << 32 |
	       (uint64_t)object << 8 | index;
}

/* May be KIND_COUNT or more: numbers come from outside. */
static inline unsigned int ino_kind(uint64_t ino)
{
	return (unsigned int)(ino >> 56);
}

static inline uint32_t ino_volume(uint64_t ino)
{
	return (uint32_t)(ino >> 32) & INO_ID_MAX;
}

static inline uint32_t ino_object(uint64_t ino)
{
	return (uint32_t)(ino >> 8) & INO_ID_MAX;
}

static inline unsigned int ino_index(uint64_t ino)
{
	return ino & UINT8_MAX;
}

#endif
