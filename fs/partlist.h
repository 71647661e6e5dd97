/* SPDX-License-Identifier: MIT */
/*
 * The partitions of one volume that are in force: what its table said last, and
 * the slices that follow from it. Monitor's thread.
 */
#ifndef MPATHFS_FS_PARTLIST_H
#define MPATHFS_FS_PARTLIST_H

#include "core/base.h"
#include "fs/parttable.h"

struct event;
struct slice;
struct slices;
struct volume;

struct partition {
	struct part is; /* type, uuid, name: "" until the table was read */
	struct slice *slice;
};

struct partlist {
	char table[PART_TYPE_SIZE]; /* "": none, or not read yet */
	struct partition *v;	    /* by number */
	size_t n;
};

struct partlist_host {
	struct slices *slices;
	void (*event)(void *arg, const struct event *ev);
	/* The kernel's idea of that slice's size is wrong. */
	void (*resized)(void *arg, const struct volume *v,
			const struct slice *s);
	void *arg;
};

/* What the last worker has left of that volume. -ENOMEM. */
int partlist_load(struct partlist *ret, struct slices *slices,
		  uint32_t volume) MUST_CHECK;
void partlist_free(struct partlist *l);
/*
 * The table is t now: cuts what lies beyond the volume, shows and hides slices
 * and says what has changed. What is as it was is not disturbed. -ENOMEM: all
 * is as before.
 */
int partlist_apply(struct partlist *l, const struct partlist_host *h,
		   const struct volume *v, struct part_table *t) MUST_CHECK;
/* The volume has gone: none of its slices is shown. */
void partlist_hide(struct slices *slices, uint32_t volume);

/* NULL: there is none of that number. */
const struct partition *partlist_find(const struct partlist *l,
				      uint32_t number);
/*
 * "appeared: 5 6; vanished: 1; moved: 2; resized: 3", for people; "": nothing.
 * PARTLIST_DIFF bytes hold the longest.
 */
#define PARTLIST_DIFF 3072
void partlist_diff(const struct partlist *old, const struct partlist *new,
		   char buf[PARTLIST_DIFF]);

#endif
