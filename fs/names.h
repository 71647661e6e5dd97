/* SPDX-License-Identifier: MIT */
/*
 * The names in paths/ of the root, over all volumes. A path is there under its
 * own name; where several volumes have a path of that name, which one is meant
 * would be a guess, so each is there as VOLUME:PATH and the bare name is not.
 *
 * Sorted once after each change, as there may be tens of thousands.
 * Monitor's thread.
 */
#ifndef MPATHFS_FS_NAMES_H
#define MPATHFS_FS_NAMES_H

#include "core/base.h"

struct monitor;
struct names;

/* NULL: no memory. */
struct names *names_new(void);
void names_free(struct names *n);
/* Something may have changed: look again when next asked. */
void names_stale(struct names *n);
/*
 * The i-th name into buf, and whose it is; false past the end (or if memory is
 * short: then there is none).
 */
bool names_get(struct names *n, struct monitor *m, size_t i, char *buf,
	       size_t size, uint32_t *volume_id, uint32_t *path_id);

#endif
