// SPDX-License-Identifier: MIT
/*
 * From inode numbers to what they stand for, and from names to inode numbers;
 * see node.h. Nothing is remembered between two calls: every number is looked
 * up again in the monitor's objects. No locks: the monitor's thread.
 */
#include "fs/node.h"

#include <errno.h>
#include <string.h>
#include "core/group.h"
#include "core/path.h"
#include "core/volume.h"
#include "fs/disk_ino.h"
#include "fs/keep.h"
#include "fs/slice.h"

static const struct dir *const node_dirs[KIND_COUNT] = {
	[KIND_ROOT] = &dir_root,
	[KIND_DATA] = &dir_data,
	[KIND_BY_WWID] = &dir_by_wwid,
	[KIND_PATHS] = &dir_paths,
	[KIND_VOLUME] = &dir_volume,
	[KIND_SETTING] = &dir_setting,
	[KIND_GROUPS] = &dir_groups,
	[KIND_GROUP] = &dir_group,
	[KIND_GROUP_PATHS] = &dir_group_paths,
	[KIND_VOLUME_PATHS] = &dir_volume_paths,
	[KIND_PATH] = &dir_path,
	[KIND_PARTITIONS] = &dir_partitions,
	[KIND_PARTITION] = &dir_partition,
	[KIND_DISK] = &dir_disk,
	[KIND_RESERVATION] = &dir_reservation,
};

/* NULL: no such kind. */
static const struct dir *node_dir(uint64_t ino)
{
	unsigned int kind = ino_kind(ino);

	return kind < KIND_COUNT ? node_dirs[kind] : NULL;
}

static struct group *node_group(const struct volume *v, uint32_t id)
{
	for (unsigned int i = 0; i < v->ngroups; i++)
		if (v->groups[i]->id == id)
			return v->groups[i];
	return NULL;
}

static bool node_find_objects(struct node *n, enum scope scope, uint32_t id)
{
	if (scope == SCOPE_NONE)
		return true;
	if (scope == SCOPE_DISK)
		return discovery_disk_by_devt(n->tree->env.discovery,
					      disk_devt(n->ino), &n->disk);
	n->volume =
		monitor_volume_by_id(n->tree->env.monitor, ino_volume(n->ino));
	if (!n->volume)
		return false;
	switch (scope) {
	case SCOPE_GROUP:
		n->group = node_group(n->volume, id);
		return n->group != NULL;
	case SCOPE_PATH:
		n->path = volume_path_by_id(n->volume, id);
		return n->path != NULL;
	case SCOPE_SLICE:
		n->slice = slice_find(keep_slices(n->tree->keep),
				      n->volume->id, id);
		return n->slice != NULL;
	case SCOPE_OPTION:
		n->opt = (enum opt)id;
		return id < OPT_COUNT && option_info(n->opt)->live;
	default:
		return true;
	}
}

int node_resolve(struct tree *t, uint64_t ino, struct node *ret)
{
	const struct dir *d = node_dir(ino);
	struct node n = {.tree = t, .ino = ino};
	unsigned int index = ino_index(ino);
	enum scope scope;

	if (!d || index < INO_SELF || index >= INO_ENTRY + d->nentries)
		return -ESTALE;
	scope = d->self;
	if (index != INO_SELF) {
		n.entry = &d->entries[index - INO_ENTRY];
		scope = d->entries_scope;
	}
	if (!node_find_objects(&n, scope, ino_object(ino)))
		return -ESTALE;
	*ret = n;
	return 0;
}

enum node_type node_type(uint64_t ino)
{
	const struct dir *d = node_dir(ino);

	assert(d && ino_index(ino) < INO_ENTRY + d->nentries);
	if (ino_index(ino) != INO_SELF)
		return d->entries[ino_index(ino) - INO_ENTRY].type;
	return ino_kind(ino) == KIND_DATA || ino_kind(ino) == KIND_PARTITION
		       ? NODE_DATA
		       : NODE_DIR;
}

/* An entry that leads elsewhere has the number of what stands there. */
static uint64_t node_entry_ino(const struct node *dir, size_t index)
{
	const struct dir_entry *e = &node_dir(dir->ino)->entries[index];
	bool elsewhere = e->type == NODE_DIR || e->type == NODE_DATA;

	return ino_make(elsewhere ? e->kind : ino_kind(dir->ino),
			ino_volume(dir->ino), ino_object(dir->ino),
			elsewhere ? INO_SELF : INO_ENTRY + (unsigned int)index);
}

/* Templates, which have no name, stand alone in their tables. */
static size_t node_named(const struct dir *d)
{
	return d->nentries > 0 && d->entries[0].name ? d->nentries : 0;
}

bool node_child(const struct node *dir, size_t i, struct child *ret)
{
	const struct dir *d = node_dir(dir->ino);
	size_t named = node_named(d);

	if (i >= named) {
		ret->shown = 0;
		if (!d->child || !d->child(dir, i - named, ret))
			return false;
		ret->shown = ret->shown ? ret->shown : ret->ino;
		return true;
	}
	strcpy(ret->name, d->entries[i].name);
	ret->shown = ret->ino = node_entry_ino(dir, i);
	return true;
}

int node_lookup(const struct node *dir, const char *name, uint64_t *ret)
{
	struct child c;

	if (dir->entry || node_type(dir->ino) != NODE_DIR)
		return -ENOTDIR;
	for (size_t i = 0; node_child(dir, i, &c); i++) {
		if (strcmp(c.name, name) == 0) {
			*ret = c.ino;
			return 0;
		}
	}
	return -ENOENT;
}

uint64_t node_shown(const struct node *n)
{
	return n->slice && !n->entry ? slice_ino_shown(n->slice) : n->ino;
}

uint64_t node_parent(const struct node *dir)
{
	const struct dir *d = node_dir(dir->ino);
	bool same_object = d->parent == KIND_GROUP;
	bool of_all = d->parent == KIND_ROOT || d->parent == KIND_PATHS;

	return ino_make(d->parent, of_all ? 0 : ino_volume(dir->ino),
			same_object ? ino_object(dir->ino) : 0, INO_SELF);
}

void node_name(const struct node *n, char *buf, size_t size)
{
	const char *name = n->entry && n->entry->name ? n->entry->name : "";

	if (ino_kind(n->ino) == KIND_SETTING)
		name = option_info(n->opt)->name;
	if (n->slice)
		snprintf(buf, size, "partitions/%u", n->slice->number);
	else if (n->group)
		snprintf(buf, size, "groups/%u/%s", n->group->id, name);
	else if (ino_kind(n->ino) == KIND_RESERVATION)
		snprintf(buf, size, "reservation/%s", name);
	else
		snprintf(buf, size, "%s", name);
}
