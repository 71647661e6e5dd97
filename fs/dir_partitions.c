// SPDX-License-Identifier: MIT
/*
 * VOLUME/partitions/: a file for each partition, named by its number. No locks:
 * the monitor's thread.
 */
#include <stdio.h>

#include "core/volume.h"
#include "fs/node.h"
#include "fs/partitions.h"
#include "fs/slice.h"

static bool partitions_child(const struct node *dir, size_t i,
			     struct child *ret)
{
	const struct partition *p;
	size_t n;

	p = partitions_of(dir->tree->env.partitions, dir->volume, &n);
	if (i >= n)
		return false;
	snprintf(ret->name, sizeof(ret->name), "%u", p[i].is.number);
	ret->ino = slice_ino(p[i].slice);
	ret->shown = slice_ino_shown(p[i].slice);
	return true;
}

const struct dir dir_partitions = {
	.self = SCOPE_VOLUME,
	.parent = KIND_VOLUME,
	.child = partitions_child,
};

/* No directory: a part of the LUN. */
const struct dir dir_partition = {
	.self = SCOPE_SLICE,
	.parent = KIND_PARTITIONS,
};
