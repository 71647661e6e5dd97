// SPDX-License-Identifier: MIT
/*
 * paths/DEV of the root for a disk that is a path of no volume: why it is none.
 * No locks: the monitor's thread.
 */
#include <inttypes.h>
#include "core/disk.h"
#include "fs/node.h"

static int show(const char *text, FILE *out)
{
	fprintf(out, "%s\n", text);
	return 0;
}

static int disk_show_reason(const struct node *n, FILE *out)
{
	return show(n->disk.reason, out);
}

static int disk_show_remedy(const struct node *n, FILE *out)
{
	return show(*n->disk.remedy ? n->disk.remedy : "none", out);
}

static int disk_show_wwid(const struct node *n, FILE *out)
{
	return show(*n->disk.wwid ? n->disk.wwid : "unknown", out);
}

static int disk_show_device(const struct node *n, FILE *out)
{
	return show(n->disk.disk->node, out);
}

static int disk_show_size(const struct node *n, FILE *out)
{
	fprintf(out, "%" PRIu64 "\n", n->disk.disk->size);
	return 0;
}

/* Places are part of the inode numbers: new entries go to the end. */
static const struct dir_entry disk_entries[] = {
	{.name = "reason", .show = disk_show_reason},
	{.name = "remedy", .show = disk_show_remedy},
	{.name = "wwid", .show = disk_show_wwid},
	{.name = "device", .show = disk_show_device},
	{.name = "size", .show = disk_show_size},
};

const struct dir dir_disk = {
	.self = SCOPE_DISK,
	.entries_scope = SCOPE_DISK,
	.parent = KIND_PATHS,
	.entries = disk_entries,
	.nentries = ARRAY_SIZE(disk_entries),
};
