/* SPDX-License-Identifier: MIT */
/*
 * The extents of partitions, as the mount's inode numbers mean them. They lie
 * in the shared mapping (fs/keep.h), so that a request for a partition finds
 * its place in the next worker before that has read any table.
 *
 * A slice is one partition at one start, and its id is never that of another
 * soon. A partition that moves gets another slice, and with it another inode:
 * the one that is open goes on meaning the old place, and no page cached of the
 * one is taken for a page of the other. One that only grows or shrinks keeps
 * its slice.
 *
 * Threads: the monitor changes slices; lanes call slice_extent() alone. A
 * worker may be killed between any two stores.
 */
#ifndef MPATHFS_FS_SLICE_H
#define MPATHFS_FS_SLICE_H

#include <stdatomic.h>
#include "core/base.h"

/* An id: a place in the table, and how often it was used. */
#define SLICE_PLACE_BITS 15
#define SLICES_MAX (1u << SLICE_PLACE_BITS)

struct slice {
	_Atomic uint32_t id; /* last to be set; 0: is none */
	_Atomic uint32_t volume;
	_Atomic uint32_t number; /* of the partition */
	_Atomic uint32_t opens;
	_Atomic bool shown; /* in the table now; else only for who has it open */
	_Atomic uint64_t start, size; /* bytes; start holds as long as the id */
	_Atomic uint32_t uses;	      /* of this place */
};

struct slices {
	_Atomic uint32_t next; /* where a free place is looked for */
	_Atomic uint32_t used; /* places below that have been used */
	struct slice v[SLICES_MAX];
};

/* The slice of that id in that volume; NULL: there is none (any more). */
struct slice *slice_find(struct slices *all, uint32_t volume, uint32_t id);
/* Lane. Where it lies; false: there is none. */
bool slice_extent(const struct slices *all, uint32_t volume, uint32_t id,
		  uint64_t *start, uint64_t *size);
/* What of [start, start + size) lies within so many bytes. */
static inline uint64_t slice_within(uint64_t start, uint64_t size,
				    uint64_t bytes)
{
	return start >= bytes ? 0 : MIN(size, bytes - start);
}

/* The next one of the volume after s (NULL: the first); NULL: no more. */
struct slice *slice_next(struct slices *all, uint32_t volume, struct slice *s);
/*
 * The slice of that partition, shown: the one there is or was, else a new one.
 * *resized: it had another size, which the kernel may still believe in. NULL:
 * all places are taken.
 */
struct slice *slice_show(struct slices *all, uint32_t volume, uint32_t number,
			 uint64_t start, uint64_t size, bool *resized);
void slice_hide(struct slice *s);
/* Opens of all files of the volume's partitions. */
uint32_t slices_opens(struct slices *all, uint32_t volume);

/* The inode number of its file, and the one that stat(2) shows. */
uint64_t slice_ino(const struct slice *s);
uint64_t slice_ino_shown(const struct slice *s);

#endif
