// SPDX-License-Identifier: MIT
/*
 * VOLUME/partitions/: a file for each partition, named by its number; and where
 * partition_delimiter is set a link to it, VOLUME<delimiter>NUMBER, the name
 * that kpartx would give. No locks: the monitor's thread.
 */
#include <stdio.h>

#include "core/volume.h"
#include "fs/node.h"
#include "fs/partitions.h"
#include "fs/slice.h"

/* The i-th link; false past the end, or if there are none. */
static bool link_child(const struct node *dir, const struct partition *p,
		       size_t n, size_t i, struct child *ret)
{
	const struct volume *v = dir->volume;
	const char *delimiter = v->settings.v[OPT_PARTITION_DELIMITER].text;

	if (!*delimiter || i >= n)
		return false;
	snprintf(ret->name, sizeof(ret->name), "%s%s%u", v->name, delimiter,
		 p[i].is.number);
	ret->ino = ino_make(KIND_PARTITIONS, v->id, ino_object(slice_ino(p[i].slice)),
			    INO_ENTRY);
	return true;
}

static void link_target(const struct node *n, char *buf, size_t size)
{
	snprintf(buf, size, "%u", n->slice->number);
}

static bool partitions_child(const struct node *dir, size_t i,
			     struct child *ret)
{
	const struct partition *p;
	size_t n;

	p = partitions_of(dir->tree->env.partitions, dir->volume, &n);
	if (i >= n)
		return link_child(dir, p, n, i - n, ret);
	snprintf(ret->name, sizeof(ret->name), "%u", p[i].is.number);
	ret->ino = slice_ino(p[i].slice);
	ret->shown = slice_ino_shown(p[i].slice);
	return true;
}

static const struct dir_entry partitions_entries[] = {
	{.type = NODE_LINK, .target = link_target},
};

const struct dir dir_partitions = {
	.self = SCOPE_VOLUME,
	.entries_scope = SCOPE_SLICE,
	.entries = partitions_entries,
	.nentries = ARRAY_SIZE(partitions_entries),
	.parent = KIND_VOLUME,
	.child = partitions_child,
};

/* No directory: a part of the LUN. */
const struct dir dir_partition = {
	.self = SCOPE_SLICE,
	.parent = KIND_PARTITIONS,
};
