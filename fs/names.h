/* SPDX-License-Identifier: MIT */
/*
 * The names in paths/ of the root, over all volumes. A path is there under its
 * own name; where several volumes have a path of that name, which one is meant
 * would be a guess, so each is there as VOLUME:PATH and the bare name is not. A
 * disk that is no path is there by its name, unless that is a path's.
 *
 * Sorted once after each change, as there may be tens of thousands.
 * Monitor's thread.
 */
#ifndef MPATHFS_FS_NAMES_H
#define MPATHFS_FS_NAMES_H

#include "core/base.h"

struct names;
struct tree;

/* NULL: no memory. */
struct names *names_new(void);
void names_free(struct names *n);
/* Something may have changed: look again when next asked. */
void names_stale(struct names *n);
/*
 * The i-th name into buf, and the inode number of what is there; false past the
 * end (or if memory is short: then there is none).
 */
bool names_get(struct names *n, struct tree *t, size_t i, char *buf,
	       size_t size, uint64_t *ino);

#endif
